/* The board: what waits and failed and why, and who lets it run again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/issue/job_board.h"
#include "tests/core/testdb.h"

#define NOW INT64_C(1772323200000) /* 2026-03-01 UTC */
enum { FAILED = 1250 };

static struct testdb *testdb;

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, 1);
    testdb_person(testdb, 1, "111", "张三", (struct bytes){NULL, 0});
    testdb_certificate(testdb, &(struct testdb_certificate){.id = 1, .firm = 1, .person = 1});
    testdb_sql(testdb, "DELETE FROM document");
    testdb_sql(testdb, "DELETE FROM job");
    testdb_sql(testdb, "UPDATE certificate SET generation = 3");
    testdb_sql(testdb,
               "INSERT INTO job (id, kind, certificate_id, version, enterprise_id, state, attempts,"
               " run_at, cause, created_at) SELECT seq, 'certificate', IF(seq = 1, 1, 1000 + seq), 1,"
               " 1, 'failed', 8, '2026-02-28', IF(seq > 1200, 'no glyph for U+20BB7',"
               " 'the key is \"away\"'), NOW(3) FROM seq_1_to_%d",
               FAILED);
    testdb_sql(testdb, "INSERT INTO job (id, kind, certificate_id, version, enterprise_id, state,"
                       " run_at, created_at) VALUES (9001, 'form', 0, 0, 1, 'waiting', NOW(3), NOW(3))");
    return 0;
}

static void test_causes(void **state)
{
    const struct board_cause *causes;
    struct err err = {0};
    uint64_t failed;
    size_t count;

    (void)state;
    assert_int_equal(board_causes(testdb->db, testdb->pool, 10, &causes, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_int_equal(causes[0].count, 1200);
    assert_string_equal(causes[0].cause, "the key is \"away\"");
    assert_int_equal(causes[1].count, 50);
    assert_int_equal(board_failed(testdb->db, testdb->pool, &failed, &err), 0);
    assert_int_equal(failed, FAILED);
}

static struct board_page list(struct board_filter filter)
{
    struct board_page page;
    struct err err = {0};

    if (board_jobs(testdb->db, testdb->pool, &filter, &page, &err) < 0)
        fail_msg("%s", err.text);
    return page;
}

static void test_jobs(void **state)
{
    struct board_page page = list((struct board_filter){.state = "failed", .limit = 20});

    (void)state;
    assert_int_equal(page.count, 20);
    assert_int_equal(page.next, 20);
    assert_string_equal(page.rows[0].number, "沪建安B（2024）0000001");
    assert_string_equal(page.rows[0].enterprise_name, "测试建筑1有限公司");
    assert_string_equal(page.rows[1].number, "");
    page = list((struct board_filter){.state = "failed", .after = 20, .limit = 20});
    assert_int_equal(page.rows[0].job.id, 21);
    page = list((struct board_filter){.state = "failed", .cause = "no glyph for U+20BB7", .limit = 100});
    assert_int_equal(page.count, 50);
    assert_int_equal(page.next, 0);
    assert_int_equal(list((struct board_filter){.state = "failed", .kind = "form", .limit = 9}).count, 0);
    page = list((struct board_filter){.state = "waiting", .limit = 9});
    assert_int_equal(page.count, 1);
    assert_string_equal(page.rows[0].job.kind, "form");
}

struct retrying {
    uint64_t id;
    const char *cause;
    uint64_t retried;
    int answer;
};

static int work(void *context, struct err *err)
{
    struct retrying *retrying = context;
    const struct actor actor = {ACTOR_STAFF, 9, "r"};

    retrying->answer =
        retrying->cause
            ? board_retry_cause(testdb->db, testdb->pool, &testdb->core, &actor, "certificate",
                                retrying->cause, NOW, &retrying->retried, err)
            : job_retry(testdb->db, testdb->pool, &testdb->core, &actor, retrying->id, NOW, err);
    return retrying->answer < 0 ? -1 : 0;
}

static int retry(struct retrying *retrying)
{
    struct err err = {0};

    if (db_transact(testdb->db, work, retrying, &err) < 0)
        fail_msg("%s", err.text);
    return retrying->answer;
}

static void test_one_runs_again(void **state)
{
    struct retrying one = {.id = 1}, waiting = {.id = 9001};

    (void)state;
    assert_int_equal(retry(&one), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job WHERE id = 1"
                                           " AND state = 'waiting' AND attempts = 0"),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT generation FROM certificate WHERE id = 1"), 0);
    assert_int_equal(retry(&one), 0);
    assert_int_equal(retry(&waiting), 0);
    testdb_audited(testdb, 1);
}

/* At most so many at once: the rest the next time. */
static void test_all_of_a_cause(void **state)
{
    struct retrying all = {.cause = "the key is \"away\""}, none = {.cause = "the key"};

    (void)state;
    assert_int_equal(retry(&none), 0);
    assert_int_equal(retry(&all), 1);
    assert_int_equal(all.retried, BOARD_RETRIES);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job WHERE state = 'failed'"), 250);
    assert_int_equal(retry(&all), 1);
    assert_int_equal(all.retried, 200);
    assert_int_equal(retry(&all), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job WHERE state = 'failed'"), 50);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE action = 'job.retry_cause' AND JSON_VALID(detail)"),
                     2);
    testdb_audited(testdb, 2);
}

static void test_changes_of_names(void **state)
{
    const struct board_task *tasks;
    struct err err = {0};
    uint64_t next;
    size_t count;

    (void)state;
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, enterprise_id, state, items,"
                       " opened_by_kind, opened_at, enterprise_name) VALUES"
                       " (5, 'rename', '2026-02-01', 1, 'done', 1, 1, NOW(3), '新名称'),"
                       " (6, 'rename', '2026-02-02', 1, 'open', 1, 1, NOW(3), '新名称')");
    testdb_sql(testdb, "INSERT INTO matter_certificate (matter_id, certificate_id, version, state,"
                       " cause) VALUES (5, 1, 1, 'failed', 'changed'), (6, 1, 1, 'waiting', NULL)");
    testdb_sql(testdb, "INSERT INTO task (matter_id, run_at) VALUES (6, '2026-02-02')");
    assert_int_equal(board_tasks(testdb->db, testdb->pool, 0, 1, &tasks, &count, &next, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(tasks[0].matter, "MC20260202-00000006");
    assert_int_equal(tasks[0].waiting, 1);
    assert_true(tasks[0].due_ms > 0);
    assert_int_equal(next, 6);
    assert_int_equal(board_tasks(testdb->db, testdb->pool, next, 1, &tasks, &count, &next, &err), 0);
    assert_int_equal(tasks[0].failed, 1);
    assert_int_equal(tasks[0].due_ms, 0);
    assert_int_equal(next, 0);
}

/* What is carried out batch by batch: while it is. */
static void test_decisions(void **state)
{
    const struct board_task *tasks;
    struct err err = {0};
    size_t count;

    (void)state;
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, state, items, opened_by_kind,"
                       " opened_by_id, opened_at) VALUES"
                       " (7, 'sanction', '2026-02-01', 'open', 2, 2, 103, NOW(3)),"
                       " (8, 'sanction', '2026-02-02', 'done', 2, 2, 103, NOW(3))");
    testdb_sql(testdb, "INSERT INTO proposal (matter_id, kind, reason, proposed_by, proposed_at,"
                       " deadline, state, decided_by, decided_at) SELECT id, 'revoke', 'x', 103,"
                       " NOW(3), '2026-03-01', 'applied', 105, NOW(3) FROM matter WHERE id IN (7, 8)");
    testdb_sql(testdb, "INSERT INTO matter_certificate (matter_id, certificate_id, version, state)"
                       " VALUES (7, 1, 1, 'waiting')");
    testdb_sql(testdb, "INSERT INTO task (matter_id, run_at) VALUES (7, '2026-02-02')");
    assert_int_equal(board_decisions(testdb->db, testdb->pool, 9, &tasks, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(tasks[0].matter, "CF20260201-00000007");
    assert_string_equal(tasks[0].kind, "吊销");
    assert_int_equal(tasks[0].items, 2);
    assert_int_equal(tasks[0].waiting, 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_causes, set_up),
    cmocka_unit_test_setup(test_jobs, set_up),
    cmocka_unit_test_setup(test_one_runs_again, set_up),
    cmocka_unit_test_setup(test_all_of_a_cause, set_up),
    cmocka_unit_test_setup(test_changes_of_names, set_up),
    cmocka_unit_test_setup(test_decisions, set_up),
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
