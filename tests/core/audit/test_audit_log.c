/* The audit as people read it: filters, order across chains, pages, the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"
#include "base/text.h"
#include "core/audit/audit.h"
#include "core/audit/audit_log.h"
#include "tests/core/panel.h"
#include "tests/core/testdb.h"

enum { EVENTS = 40 };
#define T0 INT64_C(1772323200000) /* 2026-03-01 UTC */

static struct testdb *testdb;

/* Event n: a minute behind the one before, in any chain; every fourth by a firm, every third another
 * action. Two share each instant. */
static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    panel_staff(testdb);
    testdb_firm(testdb, 7);
    testdb_sql(testdb,
               "INSERT INTO matter (id, item, opened_on, state, opened_by_kind, opened_at)"
               " VALUES (9, 'cancel', '2026-03-01', 'done', 1, NOW(3))");
    testdb_sql(testdb,
               "INSERT INTO audit_event SELECT seq MOD 5, seq,"
               " '2026-03-01' + INTERVAL (seq DIV 2) MINUTE, IF(seq MOD 4, 2, 1),"
               " IF(seq MOD 4, %d, 7), IF(seq MOD 3, 'certificate.apply', 'login.refused'),"
               " IF(seq MOD 5, 'certificate', 'person'), seq MOD 6, IF(seq MOD 10, 0, 9),"
               " CONCAT('r', seq), '{\"n\":1}', REPEAT('x', 32) FROM seq_1_to_%d",
               AUDITOR, EVENTS);
    return 0;
}

static struct audit_page list(const struct audit_filter *filter)
{
    struct audit_page page;
    struct err err = {0};

    if (audit_log_list(testdb->db, testdb->pool, filter, &page, &err) < 0)
        fail_msg("%s", err.text);
    return page;
}

static void test_newest_first(void **state)
{
    const struct audit_filter filter = {.limit = 100};
    struct audit_page page = list(&filter);

    (void)state;
    assert_int_equal(page.count, EVENTS);
    assert_false(page.more);
    for (size_t i = 1; i < page.count; i++)
        assert_true(page.rows[i - 1].happened_ms >= page.rows[i].happened_ms);
    assert_int_equal(page.rows[0].sequence, EVENTS);
    assert_string_equal(page.rows[0].matter, "ZX20260301-00000009");
    assert_string_equal(page.rows[0].who, "测试建筑7有限公司");
    assert_string_equal(page.rows[1].who, "职员107");
    assert_string_equal(page.rows[1].role, "auditor");
    assert_string_equal(page.rows[1].detail, "{\"n\":1}");
}

static void test_filters(void **state)
{
    static const struct {
        struct audit_filter filter;
        size_t count;
    } rows[] = {
        {{.from_ms = T0 + 10 * 60000}, EVENTS - 19},
        {{.until_ms = T0 + 10 * 60000}, 19},
        {{.from_ms = T0 + 60000, .until_ms = T0 + 3 * 60000}, 4},
        {{.by_actor = true, .actor_kind = ACTOR_FIRM, .actor_id = 7}, 10},
        {{.by_actor = true, .actor_kind = ACTOR_FIRM, .actor_id = 8}, 0},
        {{.by_actor = true, .actor_kind = ACTOR_STAFF, .actor_id = AUDITOR}, 30},
        {{.action = "login.refused"}, 13},
        {{.action = "login"}, 0},
        {{.object_kind = "person", .object_id = 0}, 1},
        {{.object_kind = "certificate", .object_id = 1}, 6},
        {{.matter_id = 9}, 4},
        {{.matter_id = 9, .action = "login.refused"}, 1},
        {{.action = "login.refused", .by_actor = true, .actor_kind = ACTOR_FIRM, .actor_id = 7}, 3},
        {{.object_kind = "certificate", .object_id = 1, .from_ms = T0 + 10 * 60000}, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct audit_filter filter = rows[i].filter;

        filter.limit = 100;
        if (list(&filter).count != rows[i].count)
            fail_msg("row %zu: %zu instead of %zu", i, list(&filter).count, rows[i].count);
    }
}

static void test_pages(void **state)
{
    struct audit_filter filter = {.limit = 100};
    const struct audit_page whole = list(&filter);

    (void)state;
    for (size_t limit = 1; limit < 12; limit += 3) {
        struct audit_page page = {.more = true};
        size_t at = 0;

        filter = (struct audit_filter){.limit = limit};
        while (page.more) {
            char text[AUDIT_KEY_SIZE];

            page = list(&filter);
            for (size_t i = 0; i < page.count; i++, at++)
                assert_string_equal(page.rows[i].request, whole.rows[at].request);
            const struct audit_row *last = &page.rows[page.count - 1];
            audit_key_make(&(struct audit_key){last->happened_ms, last->chain, last->sequence}, text);
            filter.begun = true;
            assert_true(audit_key_parse(text, &filter.after));
        }
        assert_int_equal(at, EVENTS);
    }
    assert_false(audit_key_parse("", &filter.after));
    assert_false(audit_key_parse("5.300.1", &filter.after));
    assert_false(audit_key_parse("5.1", &filter.after));
    assert_false(audit_key_parse("x.1.1", &filter.after));
}

static void test_actions(void **state)
{
    const char *const *actions;
    struct err err = {0};
    size_t count;

    (void)state;
    assert_int_equal(audit_log_actions(testdb->db, testdb->pool, &actions, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_string_equal(actions[0], "certificate.apply");
    assert_string_equal(actions[1], "login.refused");
}

static int take(void *context, const void *data, size_t size)
{
    text_add_n(context, data, size);
    return 0;
}

static void test_the_table(void **state)
{
    const struct audit_filter filter = {.action = "login.refused"};
    struct text out;
    const struct sink sink = {take, &out};
    struct err err = {0};
    size_t lines = 0;

    (void)state;
    text_init(&out, testdb->pool, 1 << 20);
    assert_int_equal(audit_log_export(testdb->db, &filter, &sink, &err), 0);
    for (const char *at = out.data; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 14);
    assert_non_null(strstr(out.data, "2026-03-01 08:19:00,4,39,工作人员,107,职员107,login.refused"));
}

/* What an action says in words: whole, of two parts, or not at all. */
static void test_words(void **state)
{
    struct pool *pool = pool_new(0, 0);

    (void)state;
    assert_string_equal(audit_action_label(pool, "certificate.exchange"), "证书：换领");
    assert_string_equal(audit_action_label(pool, "staff.login.refused"), "工作人员登录：未通过");
    assert_string_equal(audit_action_label(pool, "staff.code"), "工作人员账户：签发登记码");
    assert_string_equal(audit_action_label(pool, "import"), "数据导入：由运维导入");
    assert_null(audit_action_label(pool, "certificate.unheard"));
    assert_null(audit_action_label(pool, "unheard.exchange"));
    assert_null(audit_action_label(pool, "certificate"));
    assert_null(audit_action_label(pool, ""));
    assert_string_equal(audit_object_label("import_run"), "数据导入");
    assert_string_equal(audit_object_label("enterprise"), "企业");
    assert_null(audit_object_label("unheard"));
    pool_free(&pool);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_newest_first, set_up),
    cmocka_unit_test_setup(test_filters, set_up),
    cmocka_unit_test_setup(test_pages, set_up),
    cmocka_unit_test_setup(test_actions, set_up),
    cmocka_unit_test_setup(test_the_table, set_up),
    cmocka_unit_test(test_words),
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
