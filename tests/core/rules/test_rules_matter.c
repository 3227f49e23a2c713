/* Rules about what the matter itself demands: R3 R13 R14 R15 R16 R17 R18. */
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

#define CALL "请联系管理部门处理"

static void test_r3(void **state)
{
    static const struct {
        bool exchanged, taken;
        struct date until;
        const char *fact, *advice;
    } rows[] = {
        {1, 0, {2026, 3, 14}, "该纸质证书已换领电子证书", "请在“三类人员电子证书查询”中查看"},
        {0, 1, {2026, 3, 14}, "证书编号的年份和序号已被其他电子证书占用，或编号不合规范", CALL},
        {0, 0, {2026, 2, 28}, "有效期至 2026-02-28，已过期",
         "证书已失效，请重新参加安全生产考核，合格后申领电子证书"},
        {0, 0, {0, 0, 0}, "有效期至 ，已过期",
         "证书已失效，请重新参加安全生产考核，合格后申领电子证书"},
        {0, 0, {2026, 3, 1}, "有效期至 2026-03-01", ""},
        {0, 0, {2026, 3, 14}, "尚未换领", ""},
        {0, 0, {2026, 3, 14}, "证书编号可用", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_EXCHANGE, ruling_today);
        r.facts.paper_exchanged = rows[i].exchanged;
        r.facts.identifier_free = !rows[i].taken;
        r.holdings[0].valid_until = rows[i].until;
        ruling_expect(&r, "R3", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

static void test_r13(void **state)
{
    static const struct {
        const char *class_code, *post;
        bool legal;
    } rows[] = {
        {"A", "01", 1}, {"A", "02", 0}, {"A", "99", 0}, {"B", "07", 0}, {"C1", "08", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_TRANSFER, ruling_today);
        ruling_class(&r, rows[i].class_code);
        r.holdings[0].post = rows[i].post;
        ruling_expect(&r, "R13", rows[i].legal ? "该证书是法定代表人A证" : "不是法定代表人A证",
                      rows[i].legal ? "请由原企业注销该证书，再在本企业重新申领" : "", 0);
        ruling_free(&r);
    }
}

static void test_r14(void **state)
{
    static const struct {
        struct date today, since;
        int months;
        const char *fact, *advice;
    } rows[] = {
        {{2026, 3, 1}, {2025, 9, 1}, 6, "乙公司自 2025-09-01 起持有该证书，须大于 6 个月",
         "请在 2026-03-01 之后办理"},
        {{2026, 3, 2}, {2025, 9, 1}, 6, "乙公司自 2025-09-01 起持有该证书，须大于 6 个月", ""},
        {{2026, 2, 28}, {2025, 8, 31}, 6, "乙公司自 2025-08-31 起持有该证书，须大于 6 个月",
         "请在 2026-02-28 之后办理"},
        {{2026, 3, 1}, {2025, 8, 31}, 6, "乙公司自 2025-08-31 起持有该证书，须大于 6 个月", ""},
        {{2024, 2, 29}, {2023, 8, 31}, 6, "乙公司自 2023-08-31 起持有该证书，须大于 6 个月",
         "请在 2024-02-29 之后办理"},
        {{2024, 3, 1}, {2023, 8, 31}, 6, "乙公司自 2023-08-31 起持有该证书，须大于 6 个月", ""},
        {{2026, 3, 1}, {2026, 3, 1}, 6, "乙公司自 2026-03-01 起持有该证书，须大于 6 个月",
         "请在 2026-09-01 之后办理"},
        {{2026, 3, 1}, {2026, 3, 1}, 0, "乙公司自 2026-03-01 起持有该证书，须大于 0 个月",
         "请在 2026-03-01 之后办理"},
        {{2026, 3, 1}, {2026, 2, 28}, 0, "乙公司自 2026-02-28 起持有该证书，须大于 0 个月", ""},
        {{2026, 3, 1}, {2025, 3, 1}, 12, "乙公司自 2025-03-01 起持有该证书，须大于 12 个月",
         "请在 2026-03-01 之后办理"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_TRANSFER, rows[i].today);
        r.policy.transfer_months = rows[i].months;
        r.holdings[0].held_since = rows[i].since;
        ruling_expect(&r, "R14", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

#define EXPIRED "证书已失效，请重新参加安全生产考核，合格后申领"
#define STAYS   "注销原因不是解除聘用合同关系，不能转入；请重新参加考核，合格后申领"
#define FREE_IT                                                                                    \
    "转入外省市企业的，须由原企业先以“已与聘用企业解除聘用合同关系”为由注销该证书"

/* A firm of this city or from elsewhere, every state, the reason, the last day and the day after. */
static void test_r15(void **state)
{
    static const struct {
        const char *state;
        bool moves;
        const char *local, *outside, *expired; /* advice */
    } rows[] = {
        {"01", 0, "", FREE_IT, EXPIRED}, {"02", 0, CALL, CALL, EXPIRED},
        {"03", 0, CALL, CALL, EXPIRED},  {"04", 0, STAYS, STAYS, EXPIRED},
        {"04", 1, "", "", EXPIRED},      {"06", 0, CALL, CALL, EXPIRED},
        {"07", 0, CALL, CALL, EXPIRED},  {"99", 0, CALL, CALL, EXPIRED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int local = 0; local <= 1; local++)
            for (int late = 0; late <= 1; late++) {
                bool back = rows[i].moves && !late;
                char fact[128];
                struct ruling r;

                ruling_make(&r, ACT_TRANSFER, ruling_today);
                r.facts.firm.local = local;
                r.holdings[0].state = rows[i].state;
                r.holdings[0].moves = rows[i].moves;
                r.holdings[0].valid_until = date_add_days(ruling_today, -late);
                snprintf(fact, sizeof(fact), "%s%s，有效期至 %s",
                         back ? "原企业已因解除聘用合同关系注销" : "证书状态为",
                         back ? "" : state_label(rows[i].state), late ? "2026-02-28" : "2026-03-01");
                ruling_expect(&r, "R15", fact,
                              late    ? rows[i].expired
                              : local ? rows[i].local
                                      : rows[i].outside,
                              0);
                ruling_free(&r);
            }
}

static void test_r16(void **state)
{
    struct ruling r;

    (void)state;
    ruling_make(&r, ACT_RENAME, ruling_today);
    ruling_expect(&r, "R16", "登记名称为甲公司，3 本有效证书上为原名称", "", 0);
    r.facts.outdated = 1;
    ruling_expect(&r, "R16", "登记名称为甲公司，1 本有效证书上为原名称", "", 0);
    r.facts.outdated = 0;
    ruling_expect(&r, "R16", "登记名称为甲公司，有效证书上的名称与其一致",
                  "企业名称已变更而登记未更新的，请先办理企业资质证书的变更，再办理本事项", 0);
    ruling_free(&r);
}

#define IN_FORCE "只有状态为有效的证书可以办理"

/* Of R17 and R18. */
static void test_in_force(void **state)
{
    static const struct {
        const char *state, *fact, *advice;
    } rows[] = {
        {"02", "证书状态为暂扣，有效期至 2026-03-14", IN_FORCE},
        {"03", "证书状态为撤销，有效期至 2026-03-14", IN_FORCE},
        {"04", "证书状态为注销，有效期至 2026-03-14", IN_FORCE},
        {"05", "证书状态为失效，有效期至 2026-03-14", IN_FORCE},
        {"06", "证书状态为办理转出，有效期至 2026-03-14", IN_FORCE},
        {"07", "证书状态为吊销，有效期至 2026-03-14", IN_FORCE},
        {"99", "证书状态为其他，有效期至 2026-03-14", IN_FORCE},
        {"01", "证书状态为有效，有效期至 2026-03-14", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_CANCEL, ruling_today);
        r.holdings[0].state = rows[i].state;
        ruling_expect(&r, "R17", rows[i].fact, rows[i].advice, 0);
        r.act = ACT_DEPART;
        ruling_expect(&r, "R18", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

static void test_r17_reason_and_signature(void **state)
{
    static const struct {
        bool reason, wanted, signed_form;
        const char *fact, *advice;
    } rows[] = {
        {0, 1, 1, "没有选择注销原因", "请从列表中选择注销原因，选择其他的须说明"},
        {1, 1, 0, "没有本企业对本申请表的有效签名", "请使用本企业的法人一证通重新签署"},
        {1, 1, 1, "已选择注销原因", ""},
        {1, 1, 1, "签名有效，签署的正是本申请表", ""},
        {1, 0, 0, "将在签署步骤核对", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ruling r;

        ruling_make(&r, ACT_CANCEL, ruling_today);
        r.facts.reason_given = rows[i].reason;
        r.facts.signature_wanted = rows[i].wanted;
        r.facts.signed_form = rows[i].signed_form;
        ruling_expect(&r, "R17", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

#define ALL_LEAVE "B证、C证已全部选择"

static void test_r18(void **state)
{
    static const struct {
        const char *locked, *class_code;
        uint64_t firm;
        bool paper, chosen;
        const char *state, *fact, *advice;
    } rows[] = {
        {"B C1 C2 C3", "C1", OWN, 0, 0, "01", "没有选择C1证 沪建安C1（2023）0000002",
         "B证、C证不能取消选择，请返回后重新提交"},
        {"B C1 C2 C3", "C3", OWN, 0, 0, "01", "没有选择C3证 沪建安C3（2023）0000002",
         "B证、C证不能取消选择，请返回后重新提交"},
        {"B C1 C2 C3", "C2", OWN, 0, 0, "02", "C2证 沪建安C2（2023）0000002 状态为暂扣", CALL},
        {"A B", "A", OWN, 0, 0, "01", "没有选择A证 沪建安A（2023）0000002",
         "B证、C证不能取消选择，请返回后重新提交"},
        {"B C1 C2 C3", "C1", OWN, 0, 1, "01", ALL_LEAVE, ""},
        {"B C1 C2 C3", "A", OWN, 0, 0, "01", ALL_LEAVE, ""},
        {"B C1 C2 C3", "A", OWN, 0, 0, "02", ALL_LEAVE, ""},
        {"B C1 C2 C3", "C1", SECOND, 0, 0, "01", ALL_LEAVE, ""},
        {"B C1 C2 C3", "C1", OWN, 1, 0, "01", ALL_LEAVE, ""},
        {"B C1 C2 C3", "C1", OWN, 0, 0, "04", ALL_LEAVE, ""},
        {"B C1 C2 C3", "C1", OWN, 0, 0, "05", ALL_LEAVE, ""},
        {"B C2 C3", "C1", OWN, 0, 0, "01", ALL_LEAVE, ""},
        {"", "C1", OWN, 0, 0, "01", ALL_LEAVE, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct holding *other;
        struct ruling r;

        ruling_make(&r, ACT_DEPART, ruling_today);
        r.policy.departure_locked = rows[i].locked;
        other = ruling_hold(&r, rows[i].class_code, rows[i].firm, rows[i].state);
        other->paper = rows[i].paper;
        other->chosen = rows[i].chosen;
        ruling_expect(&r, "R18", rows[i].fact, rows[i].advice, 0);
        ruling_free(&r);
    }
}

static void test_departure_locked(void **state)
{
    static const struct {
        const char *locked, *class_code;
        bool expected;
    } rows[] = {
        {"", "B", 0},         {"B", "C1", 0},      {"C1", "C", 0},      {"C1", "1", 0},
        {"C C1", "C2", 0},    {"AB C1", "B", 0},   {"AB C1", "A", 0},   {"B C1 C2 C3", "A", 0},
        {"B", "B", 1},        {"A B", "B", 1},     {"A B", "A", 1},     {"C1 C", "C", 1},
        {"B C1 C2 C3", "C1", 1}, {"B C1 C2 C3", "C2", 1}, {"B C1 C2 C3", "C3", 1},
        {"B  C3", "C3", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct policy policy = {.departure_locked = rows[i].locked};

        if (rules_departure_locked(&policy, rows[i].class_code) != rows[i].expected)
            fail_msg("%s of \"%s\"", rows[i].class_code, rows[i].locked);
    }
}

static void test_covered(void **state)
{
    (void)state;
    ruling_assert_covered(" R3 R13 R14 R15 R16 R17 R18 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r3),
        cmocka_unit_test(test_r13),
        cmocka_unit_test(test_r14),
        cmocka_unit_test(test_r15),
        cmocka_unit_test(test_r16),
        cmocka_unit_test(test_in_force),
        cmocka_unit_test(test_r17_reason_and_signature),
        cmocka_unit_test(test_r18),
        cmocka_unit_test(test_departure_locked),
        cmocka_unit_test(test_covered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
