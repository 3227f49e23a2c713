/* The rules of an exchange, each at its boundary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/pool.h"
#include "core/rules.h"

static const struct facts good = {
    .item = ITEM_EXCHANGE,
    .today = {2026, 3, 1},
    .enterprise_id = 7,
    .paper_enterprise_id = 7,
    .identifier_free = true,
    .paper_valid_until = {2026, 3, 1},
    .id_type = "111",
    .has_photo = true,
};

static const char reader[] = "请携带二代身份证原件，就近到建设工程企业资质受理服务窗口"
                             "通过读卡机自助完成个人身份信息采集";
static const char window[] = "请携带本人证件原件，到市级建设工程企业资质受理服务窗口，"
                             "由窗口工作人员完成个人身份信息采集";

/* The only finding that failed; NULL when there is none or more than one. */
static const struct finding *only_failure(const struct verdict *verdict)
{
    const struct finding *failure = NULL;

    for (size_t i = 0; i < verdict->count; i++) {
        if (verdict->findings[i].passed)
            continue;
        if (failure)
            return NULL;
        failure = &verdict->findings[i];
    }
    return failure;
}

static struct facts foreign(struct facts f)
{
    f.paper_enterprise_id = 8;
    return f;
}
static struct facts no_photo(struct facts f)
{
    f.has_photo = false;
    return f;
}
static struct facts no_photo_passport(struct facts f)
{
    f.has_photo = false;
    f.id_type = "414";
    return f;
}
static struct facts no_photo_unknown(struct facts f)
{
    f.has_photo = false;
    f.id_type = NULL;
    return f;
}
static struct facts exchanged(struct facts f)
{
    f.paper_exchanged = true;
    return f;
}
static struct facts expired(struct facts f)
{
    f.paper_valid_until = (struct date){2026, 2, 28};
    return f;
}
static struct facts without_end(struct facts f)
{
    f.paper_valid_until = (struct date){0, 0, 0};
    return f;
}
static struct facts taken(struct facts f)
{
    f.identifier_free = false;
    return f;
}

static void test_refused(void **state)
{
    static const struct {
        struct facts (*change)(struct facts f);
        const char *rule, *fact, *advice;
    } rows[] = {
        {foreign, "R1", "证书不属于本企业", "请联系管理部门处理"},
        {no_photo, "R2", "未采集照片", reader},
        {no_photo_passport, "R2", "未采集照片", window},
        {no_photo_unknown, "R2", "未采集照片", window},
        {exchanged, "R3", "该纸质证书已换领电子证书", "请在“三类人员电子证书查询”中查看"},
        {expired, "R3", "有效期至 2026-02-28，已过期",
         "证书已失效，请重新参加安全生产考核，合格后申领电子证书"},
        {without_end, "R3", "有效期至 ，已过期",
         "证书已失效，请重新参加安全生产考核，合格后申领电子证书"},
        {taken, "R3", "证书编号的年份和序号已被其他电子证书占用，或编号不合规范",
         "请联系管理部门处理"},
    };
    const struct policy policy = {.valid_years = 3};
    struct pool *pool = pool_new(0, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct facts facts = rows[i].change(good);
        struct verdict verdict;
        const struct finding *finding;

        rules_judge(pool, &policy, &facts, &verdict);
        assert_false(verdict.allowed);
        finding = only_failure(&verdict);
        assert_non_null(finding);
        assert_string_equal(finding->rule, rows[i].rule);
        assert_string_equal(finding->fact, rows[i].fact);
        assert_string_equal(finding->advice, rows[i].advice);
    }
    pool_free(&pool);
}

/* All that is wrong is told at once. */
static void test_all_failures_told(void **state)
{
    const struct policy policy = {.valid_years = 3};
    struct facts facts = foreign(expired(no_photo(exchanged(taken(good)))));
    struct pool *pool = pool_new(0, 0);
    struct verdict verdict;

    (void)state;
    rules_judge(pool, &policy, &facts, &verdict);
    assert_false(verdict.allowed);
    assert_int_equal(verdict.count, 5);
    for (size_t i = 0; i < verdict.count; i++)
        assert_false(verdict.findings[i].passed);
    pool_free(&pool);
}

static void test_item_without_rules(void **state)
{
    const struct policy policy = {.valid_years = 3};
    struct facts facts = good;
    struct pool *pool = pool_new(0, 0);
    struct verdict verdict;

    (void)state;
    facts.item = ITEM_SANCTION;
    rules_judge(pool, &policy, &facts, &verdict);
    assert_false(verdict.allowed);
    pool_free(&pool);
}

static void test_allowed(void **state)
{
    const struct policy policy = {.valid_years = 3};
    struct pool *pool = pool_new(0, 0);
    struct verdict verdict;

    (void)state;
    rules_judge(pool, &policy, &good, &verdict);
    assert_true(verdict.allowed);
    assert_int_equal(verdict.count, 5);
    for (size_t i = 0; i < verdict.count; i++) {
        assert_true(verdict.findings[i].passed);
        assert_string_not_equal(verdict.findings[i].demand, "");
        assert_string_not_equal(verdict.findings[i].fact, "");
        assert_string_equal(verdict.findings[i].advice, "");
    }
    pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_all_failures_told),
        cmocka_unit_test(test_item_without_rules),
        cmocka_unit_test(test_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
