/* One person's and one certificate's whole history: all sources, in order, however it is paged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/proposal/sanction.h"
#include "core/report/history.h"
#include "tests/core/desk.h"
#include "tests/core/panel.h"

static struct testdb *testdb;
static const uint64_t one[] = {52};

/* LEAVER: imported, suspended and given back by two people, then left the city. */
static int set_up(void **state)
{
    struct panel panel;
    struct proposal proposal;
    struct filing filing;

    (void)state;
    testdb_sql(testdb, "DELETE FROM person_change");
    testdb_sql(testdb, "DELETE FROM attachment");
    testdb_sql(testdb, "DELETE FROM outbox");
    testdb_clear(testdb);
    panel_staff(testdb);
    desk_people(testdb);
    panel = panel_of(testdb);
    testdb_exam(testdb, 901, LOCAL, LEAVER, "B", "07", "2025-12-01");
    testdb_educated(testdb, 902, LEAVER, "B", 24, "2025-11-01");
    testdb_insured(testdb, LOCAL, LEAVER, "2025-10-01");
    testdb_sql(testdb, "UPDATE person SET capture_id = (SELECT MIN(id) FROM identity_capture"
                       " WHERE person_id = %d) WHERE id = %d",
               LEAVER, LEAVER);
    testdb_paper(testdb, 903, LOCAL, LEAVER, "沪建安B（2019）0000903", testdb_today);
    struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    panel_do(&panel, &what, &proposal);
    what = panel_sanction(&sanction_give_back, one, 1);
    panel_do(&panel, &what, &proposal);
    testdb_sql(testdb,
               "INSERT INTO attachment (matter_id, kind, name_sealed, type, pages, size, sha256,"
               " sent_sha256, body_sealed, added_by, added_at) VALUES (%d, 'letter', 'x',"
               " 'application/pdf', 3, 1, REPEAT('x', 32), REPEAT('x', 32), 'x', %d, NOW(3))",
               (int)proposal.matter_id, CLERK);
    testdb_sql(testdb,
               "INSERT INTO outbox (event, event_key, channel, enterprise_id, contact_id, matter_id,"
               " address_sealed, address_hash, state, run_at, created_at, sent_at)"
               " VALUES ('sanction', 'k', 'mail', %d, 1, %d, 'x', REPEAT('x', 32), 'sent', NOW(3),"
               " NOW(3), '2026-03-01 01:00:00')",
               LOCAL, (int)proposal.matter_id);
    struct desk desk = desk_of(testdb, LOCAL);
    static const uint64_t all[] = {51, 52, 53};
    desk_do(&desk, ITEM_DEPARTURE, LEAVER, NULL, all, 3, &filing);
    return 0;
}

static void scope_of(bool person, uint64_t id, struct history_scope *scope)
{
    struct history_head head;
    struct err err = {0};
    int found = (person ? history_person : history_certificate)(
        testdb->db, testdb->pool, &testdb->core, id, &head, scope, &err);

    if (found != 1)
        fail_msg("%llu: %d %s", (unsigned long long)id, found, err.text);
    scope->audit = true;
}

static struct history_page list(const struct history_scope *scope, const char *after, size_t limit)
{
    struct history_page page;
    struct history_key key;
    struct err err = {0};

    if (after)
        assert_true(history_key_parse(after, &key));
    if (history_list(testdb->db, testdb->pool, scope, after ? &key : NULL, limit, &page, &err) < 0)
        fail_msg("%s", err.text);
    return page;
}

/* The first row that says so. */
static const struct history_row *said(const struct history_page *page, const char *kind,
                                      const char *words)
{
    for (size_t i = 0; i < page->count; i++)
        if (strcmp(page->rows[i].kind, kind) == 0 && strstr(page->rows[i].words, words))
            return &page->rows[i];
    for (size_t i = 0; i < page->count; i++)
        print_message("%s %s (%s)\n", page->rows[i].kind, page->rows[i].words, page->rows[i].more);
    fail_msg("nothing says %s: %s", kind, words);
    return NULL;
}

static size_t count_of(const struct history_page *page, const char *kind)
{
    size_t count = 0;

    for (size_t i = 0; i < page->count; i++)
        count += strcmp(page->rows[i].kind, kind) == 0;
    return count;
}

static void test_a_person(void **state)
{
    const struct history_row *row;
    struct history_scope scope;
    struct history_page page;

    (void)state;
    scope_of(true, LEAVER, &scope);
    assert_int_equal(scope.count, 3);
    page = list(&scope, NULL, 500);
    assert_string_equal(page.next, "");
    said(&page, "登记", "居民身份证");
    assert_string_equal(said(&page, "采集", "采集照片")->more, "现用照片");
    row = said(&page, "材料", "收存材料，3 页");
    assert_string_equal(row->who, "受理窗口 职员101");
    assert_int_equal(row->link, HISTORY_ATTACHMENT);
    assert_non_null(strstr(said(&page, "通知", "通知企业")->more, "2026-03-01 09:00:00"));
    assert_string_equal(said(&page, "导入", "考核成绩")->more, "成绩编号 KS901，测试建筑1有限公司");
    said(&page, "导入", "24 学时");
    said(&page, "导入", "社会保险缴费：2025-10");
    said(&page, "导入", "纸质证书");
    row = said(&page, "提请", "提请暂扣，期限 2026-03-01 至 2026-04-01");
    assert_string_equal(row->who, "审核 职员103");
    assert_string_equal(row->more, "未履行安全生产管理职责；依据：《测试条例》第三条");
    assert_int_equal(row->link, HISTORY_MATTER);
    assert_memory_equal(row->link_text, "CF20260301-", 11);
    row = said(&page, "决定", "提请暂扣：已同意");
    assert_string_equal(row->who, "决定 职员105");
    row = said(&page, "状态", "状态由有效变为暂扣");
    assert_string_equal(row->subject, "沪建安B（2024）0000052");
    assert_non_null(strstr(row->more, "依据：《测试条例》第三条"));
    said(&page, "状态", "状态由暂扣变为有效");
    said(&page, "状态", "状态由有效变为办理转出");
    said(&page, "事项", "出具离沪证明：已办结");
    said(&page, "版本", "第 001 版");
    assert_non_null(strstr(said(&page, "审计", "证书：暂扣")->more, "certificate.suspend"));
    /* A proposal is told as one, and not as a matter, too. */
    assert_int_equal(count_of(&page, "提请"), 2);
    assert_int_equal(count_of(&page, "决定"), 2);
    for (size_t i = 1; i < page.count; i++)
        assert_true(page.rows[i - 1].when_ms <= page.rows[i].when_ms);
}

/* What was put right of a person: in words, and of what is sealed no more than that it was. */
static void test_what_was_put_right(void **state)
{
    const struct history_row *row;
    struct history_scope scope;
    struct history_page page;

    (void)state;
    testdb_sql(testdb,
               "INSERT INTO person_change (person_id, field, before_text, after_text, before_id_type,"
               " matter_id, changed_at) SELECT %d, x.field, x.old, x.new, x.type, MAX(q.matter_id), NOW(3)"
               " FROM proposal q, (SELECT 'name' AS field, '王五' AS old, '王武' AS new, NULL AS type"
               " UNION SELECT 'sex', '2', '1', NULL UNION SELECT 'education', '03', '01', NULL"
               " UNION SELECT 'technical_title', '', '02', NULL UNION SELECT 'phone', NULL, NULL, NULL"
               " UNION SELECT 'document', NULL, NULL, '414') x GROUP BY x.field",
               LEAVER);
    scope_of(true, LEAVER, &scope);
    page = list(&scope, NULL, 500);
    row = said(&page, "变更", "姓名由“王五”改为“王武”");
    assert_string_equal(row->who, "决定 职员105");
    assert_int_equal(row->link, HISTORY_MATTER);
    assert_string_equal(row->proposal, "give_back");
    said(&page, "变更", "性别由“女”改为“男”");
    said(&page, "变更", "文化程度由“本科”改为“博士”");
    said(&page, "变更", "技术职称由“（无）”改为“高级工程师”");
    assert_string_equal(said(&page, "变更", "电话已更正")->more, "");
    assert_string_equal(said(&page, "变更", "证件已更正")->more, "更正前的证件类型：护照");
    assert_int_equal(count_of(&page, "变更"), 6);
    /* A page may tell who may follow a link. */
    assert_string_equal(said(&page, "材料", "收存材料")->proposal, "give_back");
    assert_string_equal(said(&page, "提请", "提请暂扣")->proposal, "suspend");
    assert_string_equal(said(&page, "状态", "状态由有效变为暂扣")->proposal, "suspend");
    assert_string_equal(said(&page, "事项", "出具离沪证明：已办结")->proposal, "");
    scope_of(false, 52, &scope);
    page = list(&scope, NULL, 500);
    assert_int_equal(count_of(&page, "变更"), 0);
}

/* Whatever the length of a page, all rows come, once each, in one order. */
static void test_pages(void **state)
{
    struct history_scope scope;
    struct history_page whole;

    (void)state;
    scope_of(true, LEAVER, &scope);
    whole = list(&scope, NULL, 500);
    assert_true(whole.count > 25);
    for (size_t limit = 1; limit < 8; limit++) {
        const char *after = NULL;
        size_t at = 0;

        do {
            struct history_page page = list(&scope, after, limit);

            for (size_t i = 0; i < page.count; i++, at++) {
                assert_true(at < whole.count);
                assert_string_equal(page.rows[i].words, whole.rows[at].words);
                assert_string_equal(page.rows[i].more, whole.rows[at].more);
            }
            after = *page.next ? pool_text(testdb->pool, page.next) : NULL;
        } while (after);
        assert_int_equal(at, whole.count);
    }
}

static void test_a_certificate(void **state)
{
    struct history_scope scope;
    struct history_page page;

    (void)state;
    scope_of(false, 52, &scope);
    assert_int_equal(scope.count, 1);
    page = list(&scope, NULL, 500);
    said(&page, "状态", "状态由有效变为暂扣");
    said(&page, "导入", "考核成绩：B 类");
    assert_non_null(strstr(said(&page, "审计", "证书：暂扣")->more, "certificate.suspend"));
    assert_int_equal(count_of(&page, "采集"), 0);
    assert_int_equal(count_of(&page, "版本"), 1);
    for (size_t i = 0; i < page.count; i++)
        if (*page.rows[i].subject && strcmp(page.rows[i].kind, "导入") != 0)
            assert_string_equal(page.rows[i].subject, "沪建安B（2024）0000052");
    /* Nothing of the class's evidence is told of another class. */
    scope_of(false, 51, &scope);
    page = list(&scope, NULL, 500);
    for (size_t i = 0; i < page.count; i++)
        assert_null(strstr(page.rows[i].words, "考核成绩"));
}

static void test_without_the_audit(void **state)
{
    struct history_scope scope;
    struct history_page page;

    (void)state;
    scope_of(true, LEAVER, &scope);
    scope.audit = false;
    page = list(&scope, NULL, 500);
    assert_int_equal(count_of(&page, "审计"), 0);
    assert_true(page.count > 10);
}

static void test_refusals_name_their_rules(void **state)
{
    struct desk desk = desk_of(testdb, LOCAL);
    struct history_scope scope;
    struct history_page page;
    struct filing filing;
    struct err err = {0};

    (void)state;
    assert_int_equal(desk_open(&desk, ITEM_APPLY, FACELESS, "C", &filing, &err), 0);
    scope_of(true, FACELESS, &scope);
    assert_int_equal(scope.count, 0);
    page = list(&scope, NULL, 500);
    said(&page, "未通过", "未通过规则 R2");
    said(&page, "事项", "电子证书申领：未通过");
}

static void test_nobody(void **state)
{
    struct history_scope scope;
    struct history_head head;
    struct document document;
    struct history_key key;
    struct err err = {0};

    (void)state;
    assert_int_equal(history_person(testdb->db, testdb->pool, &testdb->core, 99999, &head, &scope,
                                    &err),
                     0);
    assert_int_equal(history_certificate(testdb->db, testdb->pool, &testdb->core, 99999, &head,
                                         &scope, &err),
                     0);
    assert_int_equal(history_version_document(testdb->db, testdb->pool, 52, 9, &document, &err), 0);
    assert_false(history_key_parse("", &key));
    assert_false(history_key_parse("1.2", &key));
    assert_false(history_key_parse("1.99.3", &key));
    assert_false(history_key_parse("-1.1.1", &key));
    assert_true(history_key_parse("1.0.3", &key));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_a_person, set_up),
    cmocka_unit_test_setup(test_what_was_put_right, set_up),
    cmocka_unit_test_setup(test_pages, set_up),
    cmocka_unit_test_setup(test_a_certificate, set_up),
    cmocka_unit_test_setup(test_without_the_audit, set_up),
    cmocka_unit_test_setup(test_refusals_name_their_rules, set_up),
    cmocka_unit_test_setup(test_nobody, set_up),
};

int main(void)
{
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
