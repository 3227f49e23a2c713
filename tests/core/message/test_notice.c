/* Notices: who sees them when, and that no wording is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/message/notice.h"
#include "core/core.h"
#include "tests/core/panel.h"
#include "tests/core/testdb.h"

#define NOW  INT64_C(1772323200000) /* 2026-03-01 UTC */
#define HOUR INT64_C(3600000)

static struct testdb *testdb;

static int set_up(void **state)
{
    (void)state;
    testdb_sql(testdb, "DELETE FROM notice_revision");
    testdb_sql(testdb, "DELETE FROM notice");
    testdb_clear(testdb);
    panel_staff(testdb);
    return 0;
}

struct step {
    enum { ADD, CHANGE, END } kind;
    struct notice what;
    uint64_t id;
    unsigned revision;
    int64_t now_ms;
    int answer;
};

static int work(void *context, struct err *err)
{
    struct step *step = context;
    const struct actor actor = {ACTOR_STAFF, REVIEWER, "r"};
    const struct core *core = &testdb->core;

    if (step->kind == ADD)
        step->answer = notice_add(testdb->db, testdb->pool, core, &actor, &step->what, step->now_ms,
                                  &step->id, err);
    else if (step->kind == CHANGE)
        step->answer = notice_change(testdb->db, testdb->pool, core, &actor, step->id,
                                     step->revision, &step->what, step->now_ms, err);
    else
        step->answer = notice_end(testdb->db, testdb->pool, core, &actor, step->id, step->now_ms,
                                  err);
    return step->answer < 0 ? -1 : 0;
}

static int take(struct step *step, struct err *err)
{
    return db_transact(testdb->db, work, step, err);
}

static uint64_t add(const char *title, bool important, int64_t from_ms, int64_t until_ms)
{
    struct step step = {.kind = ADD,
                        .what = {.title = title,
                                 .body = "第一段\n\n第二段",
                                 .important = important,
                                 .from_ms = from_ms,
                                 .until_ms = until_ms},
                        .now_ms = NOW};
    struct err err = {0};

    if (take(&step, &err) < 0)
        fail_msg("%s", err.text);
    return step.id;
}

/* The titles that are shown at an instant, each with a blank behind it. */
static const char *shown(int64_t now_ms)
{
    const struct notice *notices;
    const char *text = "";
    struct err err = {0};
    size_t count;

    assert_int_equal(notice_shown(testdb->db, testdb->pool, now_ms, &notices, &count, &err), 0);
    for (size_t i = 0; i < count; i++)
        text = pool_printf(testdb->pool, "%s%s ", text, notices[i].title);
    return text;
}

static void test_while_valid(void **state)
{
    (void)state;
    add("a", false, NOW, NOW + 2 * HOUR);
    add("b", true, NOW - HOUR, NOW + HOUR);
    add("c", false, NOW + HOUR, NOW + 3 * HOUR);
    assert_string_equal(shown(NOW - HOUR - 1), "");
    assert_string_equal(shown(NOW - 1), "b ");
    assert_string_equal(shown(NOW), "b a ");
    assert_string_equal(shown(NOW + HOUR), "c a ");
    assert_string_equal(shown(NOW + 2 * HOUR), "c ");
    assert_string_equal(shown(NOW + 3 * HOUR), "");
    for (int i = 0; i < 9; i++)
        add("d", false, NOW, NOW + HOUR);
    assert_int_equal(strlen(shown(NOW)), 2 * NOTICE_SHOWN);
}

static void test_changed_before_it_begins(void **state)
{
    uint64_t id = add("a", false, NOW + HOUR, NOW + 2 * HOUR);
    struct step step = {.kind = CHANGE,
                        .id = id,
                        .revision = 1,
                        .what = {.title = "b",
                                 .body = "另一段",
                                 .important = true,
                                 .from_ms = NOW + HOUR,
                                 .until_ms = NOW + 3 * HOUR},
                        .now_ms = NOW};
    const struct notice *rows;
    struct err err = {0};
    size_t count;

    (void)state;
    assert_int_equal(take(&step, &err), 0);
    assert_int_equal(step.answer, 1);
    assert_string_equal(shown(NOW + 2 * HOUR), "b ");
    /* Somebody else's change of the first wording. */
    assert_int_equal(take(&step, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    /* It has begun. */
    step.revision = 2;
    step.now_ms = NOW + HOUR;
    assert_int_equal(take(&step, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    step.id = 99999;
    assert_int_equal(take(&step, &err), 0);
    assert_int_equal(step.answer, 0);
    assert_int_equal(notice_revisions(testdb->db, testdb->pool, id, &rows, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].title, "b");
    assert_string_equal(rows[1].title, "a");
    assert_string_equal(rows[1].body, "第一段\n\n第二段");
    assert_string_equal(rows[1].written_by, "职员103");
    testdb_audited(testdb, 2);
}

static void test_ended_early(void **state)
{
    uint64_t id = add("a", false, NOW - HOUR, NOW + HOUR);
    uint64_t coming = add("b", false, NOW + HOUR, NOW + 2 * HOUR);
    struct step step = {.kind = END, .id = id, .now_ms = NOW};
    struct notice notice;
    struct err err = {0};

    (void)state;
    assert_int_equal(take(&step, &err), 0);
    assert_string_equal(shown(NOW), "");
    assert_int_equal(notice_find(testdb->db, testdb->pool, id, &notice, &err), 1);
    assert_string_equal(notice.ended_by, "职员103");
    assert_int_equal(notice.until_ms, NOW);
    assert_int_equal(notice_phase(&notice, NOW), NOTICE_OVER);
    assert_int_equal(take(&step, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    step.id = coming;
    assert_int_equal(take(&step, &err), 0);
    assert_string_equal(shown(NOW + HOUR), "");
    assert_int_equal(notice_find(testdb->db, testdb->pool, coming, &notice, &err), 1);
    assert_int_equal(notice_phase(&notice, NOW), NOTICE_OVER);
    testdb_audited(testdb, 4);
}

static void test_listed(void **state)
{
    struct notice_page page;
    struct err err = {0};
    uint64_t ids[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        ids[i] = add("a", false, NOW, NOW + HOUR);
    assert_int_equal(notice_list(testdb->db, testdb->pool, 0, 2, &page, &err), 0);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.rows[0].id, ids[2]);
    assert_int_equal(notice_list(testdb->db, testdb->pool, page.next, 2, &page, &err), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].id, ids[0]);
    assert_int_equal(page.next, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_while_valid, set_up),
    cmocka_unit_test_setup(test_changed_before_it_begins, set_up),
    cmocka_unit_test_setup(test_ended_early, set_up),
    cmocka_unit_test_setup(test_listed, set_up),
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
