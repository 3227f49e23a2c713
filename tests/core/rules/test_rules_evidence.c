/* Rules about exam, insurance and education: R4 R5 R6 R7 R8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/register/certificate.h"
#include "tests/core/rules/ruling.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TAKE_EXAM "请以本企业名义参加该类别的安全生产考核，合格后再申领"

static void test_r4_age(void **state)
{
    static const struct {
        struct date today, taken;
        int months;
        const char *fact, *advice;
    } rows[] = {
        {{2026, 3, 2}, {2024, 3, 1}, 24,
         "2024-03-01 考核合格，成绩 85 分，准考证号 KS001，已超过 24 个月", TAKE_EXAM},
        {{2026, 3, 1}, {2024, 3, 1}, 24, "2024-03-01 考核合格，成绩 85 分，准考证号 KS001", ""},
        {{2026, 2, 28}, {2024, 2, 29}, 24, "2024-02-29 考核合格，成绩 85 分，准考证号 KS001", ""},
        {{2026, 3, 1}, {2024, 2, 29}, 24,
         "2024-02-29 考核合格，成绩 85 分，准考证号 KS001，已超过 24 个月", TAKE_EXAM},
        {{2028, 2, 29}, {2026, 2, 28}, 24,
         "2026-02-28 考核合格，成绩 85 分，准考证号 KS001，已超过 24 个月", TAKE_EXAM},
        {{2026, 2, 28}, {2025, 8, 31}, 6, "2025-08-31 考核合格，成绩 85 分，准考证号 KS001", ""},
        {{2026, 3, 1}, {2025, 8, 31}, 6,
         "2025-08-31 考核合格，成绩 85 分，准考证号 KS001，已超过 6 个月", TAKE_EXAM},
        {{2026, 3, 1}, {2026, 3, 1}, 1, "2026-03-01 考核合格，成绩 85 分，准考证号 KS001", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_ISSUE, rows[i].today);
        r.policy.exam_months = rows[i].months;
        r.exams[0].date = rows[i].taken;
        ruling_expect(&r, "R4", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

static void test_r4_none_and_used(void **state)
{
    struct ruling r;

    (void)state;
    ruling_make(&r, ACT_ISSUE, ruling_today);
    ruling_expect(&r, "R4", "该成绩尚未使用", "", 0);
    r.exams[0].certificate_id = 9;
    ruling_expect(&r, "R4", "准考证号 KS001 的成绩已用于申领证书", TAKE_EXAM, 0);
    r.facts.exam = NULL;
    ruling_expect(&r, "R4", "没有查询到本企业该类别的合格成绩", TAKE_EXAM, 0);
    ruling_expect(&r, "R4", "没有需要核对的成绩", "", 1);
    ruling_free(&r);
}

/* The newest of the class counts, used or not. */
static void test_r4_which(void **state)
{
    static const struct exam exams[] = {
        {4, "C2", "C2", "08", {2026, 1, 1}, 80, 0},
        {3, "B new", "B", "07", {2025, 12, 1}, 80, 9},
        {2, "B old", "B", "07", {2025, 6, 1}, 80, 0},
        {1, "C1", "C1", "08", {2025, 5, 1}, 80, 0},
    };
    static const struct {
        const char *class_code;
        uint64_t id; /* 0: none */
    } rows[] = {{"A", 0}, {"", 0}, {"C3", 0}, {"B", 3}, {"C", 4}, {"C1", 1}, {"C2", 4}};
    const struct facts facts = {.exams = exams, .exam_count = COUNT(exams)};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct exam *exam = rules_exam(&facts, rows[i].class_code);

        if (rows[i].id == 0)
            assert_null(exam);
        else
            assert_true(exam && exam->id == rows[i].id);
    }
}

#define NEVER_PAID "没有查询到本企业为该人员缴纳社会保险的记录"

static void test_r5(void **state)
{
    static const struct {
        struct date today;
        int grace;
        struct date paid;
        const char *fact, *advice;
    } rows[] = {
        {{2026, 3, 1}, 1, {2025, 12, 1}, "本企业最近一次缴费月份为 2025年12月",
         "须有 2026年1月或以后的缴费记录，请缴费到账后再办理"},
        {{2026, 3, 1}, 1, {2026, 1, 1}, "本企业最近一次缴费月份为 2026年1月", ""},
        {{2026, 3, 1}, 1, {2026, 2, 1}, "本企业最近一次缴费月份为 2026年2月", ""},
        {{2026, 3, 1}, 1, {2026, 3, 1}, "本企业最近一次缴费月份为 2026年3月", ""},
        {{2026, 3, 31}, 1, {2025, 12, 1}, "本企业最近一次缴费月份为 2025年12月",
         "须有 2026年1月或以后的缴费记录，请缴费到账后再办理"},
        {{2026, 3, 31}, 1, {2026, 1, 1}, "本企业最近一次缴费月份为 2026年1月", ""},
        {{2026, 5, 31}, 1, {2026, 2, 1}, "本企业最近一次缴费月份为 2026年2月",
         "须有 2026年3月或以后的缴费记录，请缴费到账后再办理"},
        {{2026, 5, 31}, 1, {2026, 3, 1}, "本企业最近一次缴费月份为 2026年3月", ""},
        {{2026, 2, 28}, 1, {2025, 12, 1}, "本企业最近一次缴费月份为 2025年12月", ""},
        {{2024, 2, 29}, 1, {2023, 11, 1}, "本企业最近一次缴费月份为 2023年11月",
         "须有 2023年12月或以后的缴费记录，请缴费到账后再办理"},
        {{2026, 1, 1}, 1, {2025, 10, 1}, "本企业最近一次缴费月份为 2025年10月",
         "须有 2025年11月或以后的缴费记录，请缴费到账后再办理"},
        {{2026, 1, 1}, 1, {2025, 11, 1}, "本企业最近一次缴费月份为 2025年11月", ""},
        {{2026, 1, 31}, 1, {2025, 11, 1}, "本企业最近一次缴费月份为 2025年11月", ""},
        {{2026, 3, 1}, 0, {2026, 1, 1}, "本企业最近一次缴费月份为 2026年1月",
         "须有 2026年2月或以后的缴费记录，请缴费到账后再办理"},
        {{2026, 3, 1}, 0, {2026, 2, 1}, "本企业最近一次缴费月份为 2026年2月", ""},
        {{2026, 1, 31}, 0, {2025, 11, 1}, "本企业最近一次缴费月份为 2025年11月",
         "须有 2025年12月或以后的缴费记录，请缴费到账后再办理"},
        {{2026, 1, 31}, 0, {2025, 12, 1}, "本企业最近一次缴费月份为 2025年12月", ""},
        {{2026, 3, 1}, 2, {2025, 11, 1}, "本企业最近一次缴费月份为 2025年11月",
         "须有 2025年12月或以后的缴费记录，请缴费到账后再办理"},
        {{2026, 3, 1}, 2, {2025, 12, 1}, "本企业最近一次缴费月份为 2025年12月", ""},
        {{2026, 1, 31}, 2, {2025, 10, 1}, "本企业最近一次缴费月份为 2025年10月", ""},
        {{2026, 3, 1}, 1, {0, 0, 0}, NEVER_PAID,
         "请由本企业为该人员缴纳社会保险，2026年1月或以后的缴费到账后再办理"},
        {{2026, 1, 31}, 0, {0, 0, 0}, NEVER_PAID,
         "请由本企业为该人员缴纳社会保险，2025年12月或以后的缴费到账后再办理"},
    };
    static const enum act acts[] = {ACT_ISSUE, ACT_RENEW, ACT_TRANSFER};

    (void)state;
    for (size_t a = 0; a < COUNT(acts); a++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct ruling r;

            ruling_make(&r, acts[a], rows[i].today);
            r.policy.insurance_grace_months = rows[i].grace;
            r.facts.insured = rows[i].paid;
            ruling_expect(&r, "R5", rows[i].fact, rows[i].advice, 0);
            ruling_free(&r);
        }
}

static void test_r5_outside(void **state)
{
    static const enum act acts[] = {ACT_ISSUE, ACT_RENEW, ACT_TRANSFER};

    (void)state;
    for (size_t a = 0; a < COUNT(acts); a++) {
        struct ruling r;

        ruling_make(&r, acts[a], ruling_today);
        r.facts.firm.local = false;
        r.facts.insured = (struct date){0, 0, 0};
        if (acts[a] == ACT_TRANSFER) {
            r.holdings[0].state = STATE_CANCELLED; /* R15 */
            r.holdings[0].moves = true;
        }
        ruling_expect(&r, "R5", "外省市企业，不核对社会保险", "", 0);
        ruling_free(&r);
    }
}

#define EXPIRED "证书已失效，请重新参加安全生产考核，合格后申领"
#define CALL    "请联系管理部门处理"

static void test_window(void **state)
{
    static const struct {
        struct date until;
        int days;
        const char *state, *fact, *advice;
    } rows[] = {
        {{2026, 5, 30}, 90, "01", "有效期至 2026-05-30", "请在 2026-03-02 至 2026-05-30 之间办理"},
        {{2026, 5, 31}, 90, "01", "有效期至 2026-05-31", "请在 2026-03-03 至 2026-05-31 之间办理"},
        {{2026, 5, 29}, 90, "01", "有效期至 2026-05-29，自 2026-03-01 起可以办理", ""},
        {{2026, 3, 2}, 90, "01", "有效期至 2026-03-02，自 2025-12-03 起可以办理", ""},
        {{2026, 3, 1}, 90, "01", "有效期至 2026-03-01，自 2025-12-02 起可以办理", ""},
        {{2026, 2, 28}, 90, "05", "有效期至 2026-02-28，已失效", EXPIRED},
        {{2026, 3, 2}, 1, "01", "有效期至 2026-03-02", "请在 2026-03-02 至 2026-03-02 之间办理"},
        {{2026, 3, 1}, 1, "01", "有效期至 2026-03-01，自 2026-03-01 起可以办理", ""},
        {{2026, 3, 14}, 90, "02", "证书状态为暂扣", CALL},
        {{2026, 3, 14}, 90, "03", "证书状态为撤销", CALL},
        {{2026, 3, 14}, 90, "04", "证书状态为注销", CALL},
        {{2026, 3, 14}, 90, "06", "证书状态为办理转出", CALL},
        {{2026, 3, 14}, 90, "07", "证书状态为吊销", CALL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_RENEW, ruling_today);
        r.policy.renew_days = rows[i].days;
        r.holdings[0].valid_until = rows[i].until;
        r.holdings[0].state = rows[i].state;
        ruling_expect(&r, "R6", rows[i].fact, rows[i].advice, 0);
        r.act = ACT_RENEW_OUTSIDE;
        r.facts.firm.local = false;
        ruling_expect(&r, "R7", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

/* The last day counts, so that there are exactly as many days as the policy says. */
static void test_window_opens(void **state)
{
    static const struct {
        int days;
        struct date until, opens;
    } rows[] = {
        {90, {2026, 3, 31}, {2026, 1, 1}},   {90, {2024, 3, 30}, {2024, 1, 1}},
        {90, {2026, 12, 31}, {2026, 10, 3}}, {1, {2026, 3, 1}, {2026, 3, 1}},
        {365, {2026, 12, 31}, {2026, 1, 1}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct policy policy = {.renew_days = rows[i].days};

        assert_int_equal(
            date_compare(rules_renewal_opens(&policy, rows[i].until), rows[i].opens), 0);
        assert_int_equal(date_days(rows[i].until) - date_days(rows[i].opens) + 1, rows[i].days);
    }
}

static void test_education(void **state)
{
    static const struct {
        unsigned hours, wanted;
        const char *fact, *advice;
    } rows[] = {
        {0, 24, "2023-03-15 至 2026-03-14 已完成 0 学时，要求 24 学时",
         "请在有效期内再完成 24 学时的继续教育"},
        {23, 24, "2023-03-15 至 2026-03-14 已完成 23 学时，要求 24 学时",
         "请在有效期内再完成 1 学时的继续教育"},
        {24, 24, "2023-03-15 至 2026-03-14 已完成 24 学时，要求 24 学时", ""},
        {100, 24, "2023-03-15 至 2026-03-14 已完成 100 学时，要求 24 学时", ""},
        {24, 72, "2023-03-15 至 2026-03-14 已完成 24 学时，要求 72 学时",
         "请在有效期内再完成 48 学时的继续教育"},
        {0, 0, "2023-03-15 至 2026-03-14 已完成 0 学时，要求 0 学时", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_RENEW, ruling_today);
        r.holdings[0].hours = rows[i].hours;
        r.policy.education_hours = rows[i].wanted;
        ruling_expect(&r, "R6", rows[i].fact, rows[i].advice, 0);
        r.act = ACT_RENEW_OUTSIDE;
        r.facts.firm.local = false;
        ruling_expect(&r, "R7", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

static void test_r7_outside(void **state)
{
    struct ruling r;

    (void)state;
    ruling_make(&r, ACT_RENEW_OUTSIDE, ruling_today);
    r.facts.insured = (struct date){0, 0, 0};
    ruling_expect(&r, "R7", "企业登记为外省市企业", "", 0);
    r.facts.firm.local = true;
    ruling_expect(&r, "R7", "企业登记为本市企业", "本市企业请按延期办理", 0);
    ruling_free(&r);
}

/* An A elsewhere, or an exam, or neither. */
static void test_r8(void **state)
{
    static const struct {
        uint64_t firm; /* of the A; 0: there is none */
        bool paper;
        const char *state;
        struct date exam; /* none: there is none */
        uint64_t used;
        const char *fact, *advice;
    } rows[] = {
        {0, 0, NULL, {0, 0, 0}, 0, "没有可用的考核成绩", TAKE_EXAM},
        {SECOND, 0, "05", {0, 0, 0}, 0, "没有可用的考核成绩", TAKE_EXAM},
        {SECOND, 0, "02", {0, 0, 0}, 0, "没有可用的考核成绩", TAKE_EXAM},
        {SECOND, 0, "04", {0, 0, 0}, 0, "没有可用的考核成绩", TAKE_EXAM},
        {SECOND, 1, "01", {0, 0, 0}, 0, "没有可用的考核成绩", TAKE_EXAM},
        {0, 0, NULL, {2026, 1, 1}, 9, "准考证号 KS001 的成绩已用于申领证书", TAKE_EXAM},
        {0, 0, NULL, {2024, 2, 28}, 0,
         "2024-02-28 考核合格，成绩 85 分，准考证号 KS001，已超过 24 个月", TAKE_EXAM},
        {SECOND, 0, "05", {2024, 2, 28}, 0,
         "2024-02-28 考核合格，成绩 85 分，准考证号 KS001，已超过 24 个月", TAKE_EXAM},
        {0, 0, NULL, {2024, 3, 1}, 0, "2024-03-01 考核合格，成绩 85 分，准考证号 KS001", ""},
        {SECOND, 0, "05", {2026, 1, 1}, 0, "2026-01-01 考核合格，成绩 85 分，准考证号 KS001", ""},
        {SECOND, 0, "01", {0, 0, 0}, 0, "在乙公司持有有效的A证 沪建安A（2023）0000001", ""},
        {SECOND, 0, "01", {2026, 1, 1}, 9, "在乙公司持有有效的A证 沪建安A（2023）0000001", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_LEGAL, ruling_today);
        if (rows[i].firm)
            ruling_hold(&r, "A", rows[i].firm, rows[i].state)->paper = rows[i].paper;
        r.exams[0].date = rows[i].exam;
        r.exams[0].certificate_id = rows[i].used;
        if (date_is_none(rows[i].exam))
            r.facts.exam = NULL;
        ruling_expect(&r, "R8", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

/* The firm's own A, of another post, stands in for nothing. */
static void test_r8_own_a(void **state)
{
    struct ruling r;

    (void)state;
    ruling_make(&r, ACT_LEGAL, ruling_today);
    ruling_hold(&r, "A", OWN, STATE_VALID);
    r.facts.exam = NULL;
    ruling_expect(&r, "R8", "没有可用的考核成绩", TAKE_EXAM, 1); /* R9 */
    ruling_free(&r);
}

static void test_r8_representative(void **state)
{
    struct ruling r;

    (void)state;
    ruling_make(&r, ACT_LEGAL, ruling_today);
    ruling_expect(&r, "R8", "姓名和证件号码与企业登记的法定代表人一致", "", 0);
    r.facts.firm.led_by_person = false;
    ruling_expect(&r, "R8", "姓名或证件号码与企业登记的法定代表人不一致",
                  "请先在企业登记中变更法定代表人；登记已变更的，请联系管理部门处理", 0);
    ruling_free(&r);
}

static void test_covered(void **state)
{
    (void)state;
    ruling_assert_covered(" R4 R5 R6 R7 R8 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r4_age),
        cmocka_unit_test(test_r4_none_and_used),
        cmocka_unit_test(test_r4_which),
        cmocka_unit_test(test_r5),
        cmocka_unit_test(test_r5_outside),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_window_opens),
        cmocka_unit_test(test_education),
        cmocka_unit_test(test_r7_outside),
        cmocka_unit_test(test_r8),
        cmocka_unit_test(test_r8_own_a),
        cmocka_unit_test(test_r8_representative),
        cmocka_unit_test(test_covered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
