/* Renaming 企业名称变更: all and only the outdated, in batches, whatever stops it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/issue/task.h"
#include "core/item/rename.h"
#include "tests/core/desk.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FIRM = 1, OTHER_FIRM = 2, OUTDATED = 120, LEASE_MS = 60000 };
#define OLD "旧名有限公司"

static struct testdb *testdb;
static struct pool *pool; /* of the issuer: a batch resets it */
static int64_t now_ms;
static const struct bytes photo = {(const uint8_t *)"photo", 5};

static void hold(uint64_t id, uint64_t firm, const char *name)
{
    testdb_certificate(testdb, &(struct testdb_certificate){.id = id,
                                                            .firm = firm,
                                                            .person = 1,
                                                            .firm_name = name,
                                                            .held = {2025, 6, 7},
                                                            .version = 2});
}

static int set_up_of(uint64_t count)
{
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER_FIRM);
    testdb_person(testdb, 1, "111", "张三", photo);
    for (uint64_t id = 1; id <= count; id++)
        hold(id, FIRM, OLD);
    now_ms = DESK_NOW;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return set_up_of(10);
}

/* A start or a retry, for the transaction around it. */
struct step {
    uint64_t firm;
    const char *retry; /* a matter's number; NULL: it starts */
    struct rename out;
    int outcome;
    bool held;
};

static int work(void *context, struct err *err)
{
    struct step *step = context;
    const struct actor actor = {ACTOR_FIRM, step->firm, "request-1"};
    const struct desk desk = desk_of(testdb, step->firm);
    struct change change = desk_change(&desk, &actor);

    step->outcome = step->retry ? rename_retry(&change, step->retry, &step->held, err)
                                : rename_start(&change, &step->out, err);
    return step->outcome < 0 ? -1 : 0;
}

static int start(uint64_t firm, struct rename *out, struct err *err)
{
    struct step step = {.firm = firm};

    if (db_transact(testdb->db, work, &step, err) < 0)
        return -1;
    *out = step.out;
    return step.outcome;
}

static int retry_of(uint64_t firm, const char *number, bool *held)
{
    struct step step = {.firm = firm, .retry = number};
    struct err err = {0};

    if (db_transact(testdb->db, work, &step, &err) < 0)
        fail_msg("%s", err.text);
    *held = step.held;
    return step.outcome;
}

static int retry(uint64_t firm, const char *number)
{
    bool held;

    return retry_of(firm, number, &held);
}

static struct rename started(uint64_t firm)
{
    struct rename rename;
    struct err err = {0};

    if (start(firm, &rename, &err) != 1)
        fail_msg("%s", err.text);
    return rename;
}

static int advance(size_t *renamed)
{
    struct err err = {0};
    int found = task_advance(testdb->db, pool, &testdb->core, testdb_today, now_ms, LEASE_MS,
                             renamed, &err);

    if (found < 0)
        fail_msg("%s", err.text);
    return found;
}

/* All batches; how many there were. */
static size_t finish(void)
{
    size_t batches = 0, renamed;

    while (advance(&renamed) == 1) {
        assert_true(++batches < 20);
        now_ms += 1000;
    }
    return batches;
}

static int64_t rows_of(const char *table)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM %s", table);
}

static int64_t certificates(const char *where)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM certificate WHERE %s", where);
}

static int64_t children(const char *state)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate WHERE state = '%s'",
                         state);
}

static void test_nothing_to_rename(void **state)
{
    static const char *const nothing[] = {
        "UPDATE certificate SET enterprise_name = '测试建筑1有限公司'",
        "UPDATE certificate SET state = '02'",
        "UPDATE certificate SET valid_until = '2026-02-28'",
        "UPDATE certificate SET pending_matter_id = 999",
        "UPDATE certificate SET enterprise_id = 2, enterprise_name = '测试建筑2有限公司'",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(nothing); i++) {
        struct rename rename;
        struct err err = {0};

        set_up(NULL);
        testdb_sql(testdb, "%s", nothing[i]);
        assert_int_equal(start(FIRM, &rename, &err), 0);
        assert_false(rename.verdict.allowed);
        assert_false(rename.running);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE item = 'rename'"
                                               " AND state = 'refused' AND enterprise_id = 1"),
                         1);
        assert_int_equal(rows_of("matter_finding"), 3);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_finding"
                                               " WHERE rule = 'R16' AND NOT passed"),
                         1);
        assert_int_equal(rows_of("task"), 0);
        assert_int_equal(rows_of("matter_certificate"), 0);
        testdb_audited(testdb, 1);
        assert_int_equal(finish(), 0);
    }
}

static void test_no_such_firm(void **state)
{
    struct rename rename;
    struct err err = {0};

    (void)state;
    assert_int_equal(start(99, &rename, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(rows_of("matter"), 0);
}

/* All of them wait, and nothing else does. */
static void test_start(void **state)
{
    struct rename rename;

    (void)state;
    hold(21, FIRM, NULL); /* has the name already */
    hold(22, FIRM, OLD);
    hold(23, FIRM, OLD);
    hold(24, FIRM, OLD);
    hold(25, OTHER_FIRM, OLD);
    testdb_sql(testdb, "UPDATE certificate SET state = '02' WHERE id = 22");
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 23");
    testdb_sql(testdb, "UPDATE certificate SET pending_matter_id = 999 WHERE id = 24");
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-03-01' WHERE id = 1");
    rename = started(FIRM);
    assert_false(rename.running);
    assert_string_equal(rename.matter.state, MATTER_OPEN);
    assert_int_equal(rename.matter.items, 10);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM certificate c JOIN matter_certificate mc"
                                   " ON mc.certificate_id = c.id WHERE c.id <= 10"
                                   " AND c.pending_matter_id = %d AND mc.matter_id = %d"
                                   " AND mc.state = 'waiting' AND mc.version = 2",
                                   (int)rename.matter.id, (int)rename.matter.id),
                     10);
    assert_int_equal(rows_of("matter_certificate"), 10);
    assert_int_equal(certificates("pending_matter_id IS NOT NULL"), 11);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'open'"
                                           " AND items = 10 AND closed_at IS NULL"
                                           " AND enterprise_name = '测试建筑1有限公司'"),
                     1);
    assert_int_equal(rows_of("task"), 1);
    assert_int_equal(rows_of("certificate_event"), 0);
    testdb_audited(testdb, 1);
}

static void test_start_twice(void **state)
{
    struct rename first = started(FIRM), second = started(FIRM);
    char number[MATTER_NUMBER_SIZE];
    struct err err = {0};

    (void)state;
    assert_true(second.running);
    assert_string_equal(second.matter.number, first.matter.number);
    assert_int_equal(rows_of("matter"), 1);
    assert_int_equal(rows_of("task"), 1);
    assert_int_equal(rename_running(testdb->db, testdb->pool, FIRM, number, &err), 1);
    assert_string_equal(number, first.matter.number);
    assert_int_equal(rename_running(testdb->db, testdb->pool, OTHER_FIRM, number, &err), 0);
    assert_int_equal(finish(), 1);
    assert_int_equal(rename_running(testdb->db, testdb->pool, FIRM, number, &err), 0);
    assert_int_equal(start(FIRM, &second, &err), 0); /* nothing is left */
}

static void test_batches(void **state)
{
    static const size_t expected[] = {50, 50, 20};
    size_t renamed;

    (void)state;
    set_up_of(OUTDATED);
    started(FIRM);
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_int_equal(advance(&renamed), 1);
        assert_int_equal(renamed, expected[i]);
        now_ms += 1000;
    }
    assert_int_equal(advance(&renamed), 0);
    assert_int_equal(renamed, 0);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM certificate c JOIN certificate_version v"
                      " ON v.certificate_id = c.id AND v.version = c.version"
                      " JOIN certificate_version o ON o.certificate_id = c.id AND o.version = 2"
                      " JOIN person p ON p.id = c.person_id"
                      " WHERE c.version = 3 AND c.state = '01' AND c.pending_matter_id IS NULL"
                      " AND c.enterprise_name = '测试建筑1有限公司'"
                      " AND v.enterprise_name = c.enterprise_name AND c.enterprise_id = 1"
                      " AND c.number = CONCAT('沪建安B（2024）', LPAD(c.id, 7, '0'))"
                      " AND c.holder_name = '张三' AND v.holder_name = '张三' AND v.sex = p.sex"
                      " AND v.birth = p.birth AND v.capture_id = p.capture_id"
                      " AND c.post = '07' AND c.first_issued = '2024-01-10'"
                      " AND c.valid_from = '2024-01-10' AND c.valid_until = '2027-01-09'"
                      " AND c.held_since = '2025-06-07' AND c.generation = 0"
                      " AND o.voided_at IS NOT NULL AND o.enterprise_name = '" OLD "'"),
        OUTDATED);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(DISTINCT certificate_id)"
                                           " FROM certificate_event WHERE action = 'rename'"
                                           " AND version = 3 AND actor_kind = 1 AND actor_id = 1"),
                     OUTDATED);
    assert_int_equal(rows_of("certificate_event"), OUTDATED);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job j JOIN matter m"
                                           " ON m.id = j.matter_id WHERE j.kind = 'certificate'"
                                           " AND j.version = 3 AND j.state = 'waiting'"),
                     OUTDATED);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate"
                                           " WHERE state = 'done' AND version = 3"),
                     OUTDATED);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'done'"
                                           " AND items = 120 AND closed_at IS NOT NULL"),
                     1);
    assert_int_equal(rows_of("task"), 0);
    testdb_audited(testdb, OUTDATED + 2);
}

/* A batch that is exactly full is not the last; the next finds nothing, and ends it. */
static void test_full_batch(void **state)
{
    (void)state;
    set_up_of(50);
    started(FIRM);
    assert_int_equal(finish(), 2);
    assert_int_equal(certificates("version = 3"), 50);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'done'"), 1);
}

/* The photo in use is taken, or that of the version before. */
static void test_without_photo(void **state)
{
    (void)state;
    testdb_sql(testdb, "UPDATE person SET capture_id = NULL");
    testdb_sql(testdb, "UPDATE certificate_version SET capture_id = 77");
    started(FIRM);
    finish();
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"
                                           " WHERE version = 3 AND capture_id = 77"),
                     10);
}

/* What changed in spite of waiting fails alone, is free, and is taken up again when it can be. */
static void test_child_fails(void **state)
{
    static const struct {
        const char *meanwhile, *cause, *mended;
    } rows[] = {
        {"UPDATE certificate SET enterprise_id = 2, pending_matter_id = NULL WHERE id = 3", "left",
         "UPDATE certificate SET enterprise_id = 1 WHERE id = 3"},
        {"UPDATE certificate SET enterprise_id = 2 WHERE id = 3", "left",
         "UPDATE certificate SET enterprise_id = 1 WHERE id = 3"},
        {"UPDATE certificate SET state = '02' WHERE id = 3", "state",
         "UPDATE certificate SET state = '01' WHERE id = 3"},
        {"UPDATE certificate SET state = '04', pending_matter_id = NULL WHERE id = 3", "pending",
         "UPDATE certificate SET state = '01' WHERE id = 3"},
        {"UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 3", "state",
         "UPDATE certificate SET valid_until = '2027-02-28' WHERE id = 3"},
        {"UPDATE certificate SET pending_matter_id = 999 WHERE id = 3", "pending",
         "UPDATE certificate SET pending_matter_id = NULL WHERE id = 3"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rename rename;

        set_up(NULL);
        rename = started(FIRM);
        testdb_sql(testdb, "%s", rows[i].meanwhile);
        finish();
        assert_int_equal(certificates("version = 3"), 9);
        assert_int_equal(certificates("id = 3 AND version = 2 AND enterprise_name = '" OLD "'"), 1);
        assert_int_equal(testdb_number(testdb,
                                       "SELECT COUNT(*) FROM matter_certificate WHERE state ="
                                       " 'failed' AND certificate_id = 3 AND cause = '%s'",
                                       rows[i].cause),
                         1);
        assert_int_equal(
            certificates("pending_matter_id = (SELECT MAX(id) FROM matter)"), 0);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'done'"),
                         1);

        testdb_sql(testdb, "%s", rows[i].mended);
        assert_int_equal(retry(FIRM, rename.matter.number), 1);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'open'"
                                               " AND closed_at IS NULL"),
                         1);
        assert_int_equal(finish(), 1);
        assert_int_equal(certificates("version = 3 AND enterprise_name = '测试建筑1有限公司'"), 10);
        assert_int_equal(children("done"), 10);
        assert_int_equal(rows_of("certificate_event"), 10);
        testdb_audited(testdb, 14); /* 10, and twice its begin and its end */
    }
}

/* R21: nothing is taken up for a firm that is held; what has begun goes on. */
static void test_retry_of_a_held_firm(void **state)
{
    struct rename rename = started(FIRM);
    bool held;

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET pending_matter_id = NULL WHERE id = 3");
    testdb_sql(testdb, "INSERT INTO hold (subject_kind, subject_id, matter_id, number, legal_basis,"
                       " reason, period_from, period_until, placed_at) SELECT 'enterprise', %d, id,"
                       " 'x', 'x', 'x', '2026-03-01', '2026-03-01', NOW(3) FROM matter",
               (int)FIRM);
    testdb_sql(testdb, "UPDATE enterprise SET held = 1 WHERE id = %d", (int)FIRM);
    finish();
    assert_int_equal(children("done"), 9);
    assert_int_equal(retry_of(FIRM, rename.matter.number, &held), 0);
    assert_true(held);
    assert_int_equal(children("failed"), 1);
    testdb_sql(testdb, "UPDATE hold SET period_from = '2026-02-28', period_until = '2026-02-28'");
    assert_int_equal(retry_of(FIRM, rename.matter.number, &held), 1);
    assert_false(held);
}

/* Nothing to take up: not over, nothing failed, not this firm's, no such matter. */
static void test_retry_of_nothing(void **state)
{
    struct rename rename = started(FIRM);
    struct rename refused;
    struct err err = {0};

    (void)state;
    assert_int_equal(retry(FIRM, rename.matter.number), 0);
    finish();
    assert_int_equal(retry(FIRM, rename.matter.number), 0);
    assert_int_equal(retry(OTHER_FIRM, rename.matter.number), 0);
    assert_int_equal(retry(FIRM, "MC20260301-99999999"), 0);
    assert_int_equal(retry(FIRM, ""), 0);
    assert_int_equal(start(FIRM, &refused, &err), 0);
    assert_int_equal(retry(FIRM, refused.matter.number), 0);
    assert_int_equal(rows_of("task"), 0);
}

/* It fails again while nothing has changed, and is free again. */
static void test_retry_in_vain(void **state)
{
    struct rename rename = started(FIRM);

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET state = '02' WHERE id = 3");
    finish();
    assert_int_equal(retry(FIRM, rename.matter.number), 1);
    finish();
    assert_int_equal(children("failed"), 1);
    assert_int_equal(certificates("pending_matter_id IS NOT NULL"), 0);
    assert_int_equal(certificates("version = 3"), 9);
}

/* The register has gone on: a certificate never gets back a name that is out of date, and one that
 * has the name gets no further version. */
static void test_retry_of_old_name(void **state)
{
    static const char *const names[] = {"测试建筑1有限公司", "更新名有限公司"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct rename rename;

        set_up(NULL);
        rename = started(FIRM);
        testdb_sql(testdb, "UPDATE certificate SET state = '02' WHERE id = 3");
        finish();
        testdb_sql(testdb, "UPDATE certificate SET state = '01' WHERE id = 3");
        testdb_sql(testdb, "UPDATE enterprise SET name = '%s' WHERE id = 1", names[i]);
        started(FIRM);
        finish();
        assert_int_equal(testdb_number(testdb, "SELECT version FROM certificate WHERE id = 3"), 3);
        assert_int_equal(retry(FIRM, rename.matter.number), 0);
        finish();
        assert_int_equal(testdb_number(testdb,
                                       "SELECT COUNT(*) FROM certificate WHERE version = %d"
                                       " AND enterprise_name = '%s'",
                                       i == 0 ? 3 : 4, names[i]),
                         i == 0 ? 10 : 9);
        assert_int_equal(testdb_number(testdb,
                                       "SELECT COUNT(*) FROM certificate WHERE id = 3 AND version"
                                       " = 3 AND enterprise_name = '%s'",
                                       names[i]),
                         1);
    }
}

/* A lease keeps others away until it ends, whether its holder lives or not. */
static void test_lease(void **state)
{
    size_t renamed;

    (void)state;
    set_up_of(60);
    started(FIRM);
    testdb_sql(testdb, "UPDATE task SET run_at = '2026-03-01 00:01:00'"); /* somebody's, who died */
    assert_int_equal(advance(&renamed), 0);
    now_ms += LEASE_MS - 1;
    assert_int_equal(advance(&renamed), 0);
    now_ms += 1;
    assert_int_equal(advance(&renamed), 1);
    assert_int_equal(renamed, 50);
    assert_int_equal(finish(), 1);
    assert_int_equal(certificates("version = 3"), 60);
    assert_int_equal(rows_of("certificate_event"), 60);
}

/* A batch that breaks off leaves nothing of itself; another goes on after the lease. */
static void test_broken_off(void **state)
{
    struct err err = {0};
    size_t renamed;

    (void)state;
    set_up_of(60);
    started(FIRM);
    assert_int_equal(advance(&renamed), 1);
    testdb_sql(testdb, "UPDATE audit_head SET mac = REPEAT('x', 32) WHERE chain = 2");
    testdb_sql(testdb, "CREATE TRIGGER breaks BEFORE INSERT ON audit_event FOR EACH ROW"
                       " SIGNAL SQLSTATE '45000'");
    assert_int_equal(task_advance(testdb->db, pool, &testdb->core, testdb_today, now_ms, LEASE_MS,
                                    &renamed, &err),
                     -1);
    assert_int_equal(renamed, 0);
    assert_int_equal(certificates("version = 3"), 50);
    assert_int_equal(children("waiting"), 10);
    testdb_sql(testdb, "DROP TRIGGER breaks");
    testdb_sql(testdb, "UPDATE audit_head SET mac = REPEAT(CHAR(0), 32) WHERE chain = 2");
    assert_int_equal(advance(&renamed), 0);
    now_ms += LEASE_MS;
    assert_int_equal(advance(&renamed), 1);
    assert_int_equal(renamed, 10);
    assert_int_equal(certificates("version = 3"), 60);
    assert_int_equal(rows_of("certificate_event"), 60);
    testdb_audited(testdb, 62);
}

/* Somebody who takes the first `taken` certificates away, and is not done before a start waits. */
struct rival {
    struct db *db;
    struct pool *pool;
    uint64_t taken;
    pthread_barrier_t barrier;
    bool waited;
};

static void *take_away(void *context)
{
    static const struct db_query take = {"take", "UPDATE certificate SET state = '04' WHERE id <= ?"};
    /* Who waits for us: the server has tests of others, too. */
    static const struct db_query waits = {"waits",
        "SELECT 1 FROM information_schema.innodb_lock_waits w"
        " JOIN information_schema.innodb_trx t ON t.trx_id = w.blocking_trx_id"
        " WHERE t.trx_mysql_thread_id = CONNECTION_ID()"};
    struct rival *rival = context;
    const struct db_value *row;
    struct err err = {0};

    bool held = db_begin(rival->db, &err) == 0 &&
                db_run(rival->db, &take, DB_ARGS(db_uint(rival->taken)), NULL, &err) == 0;
    pthread_barrier_wait(&rival->barrier);
    /* The server looks anew only where nobody has asked for 100 ms. */
    for (int i = 0; held && !rival->waited && i < 200; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 150000000}, NULL);
        rival->waited = db_find(rival->db, rival->pool, &waits, DB_NO_ARGS, &row, &err) == 1;
    }
    held = db_commit(rival->db, &err) == 0;
    return held ? rival : NULL;
}

static int start_against(uint64_t taken, struct rename *out, struct err *err)
{
    struct rival rival = {
        .db = testdb_connect(testdb), .pool = pool_new(0, 0), .taken = taken};
    void *result;
    pthread_t thread;
    int started;

    pthread_barrier_init(&rival.barrier, NULL, 2);
    pthread_create(&thread, NULL, take_away, &rival);
    pthread_barrier_wait(&rival.barrier);
    started = start(FIRM, out, err);
    pthread_join(thread, &result);
    assert_non_null(result);
    assert_true(rival.waited);
    pthread_barrier_destroy(&rival.barrier);
    pool_free(&rival.pool);
    db_free(&rival.db);
    return started;
}

static void test_taken_meanwhile(void **state)
{
    struct rename rename;
    struct err err = {0};

    (void)state;
    assert_int_equal(start_against(4, &rename, &err), 1);
    assert_int_equal(rename.matter.items, 6);
    assert_int_equal(children("waiting"), 6);
    assert_int_equal(certificates("pending_matter_id IS NOT NULL AND id > 4"), 6);
    assert_int_equal(finish(), 1);
    assert_int_equal(certificates("version = 3"), 6);
    assert_int_equal(certificates("id <= 4 AND version = 2 AND pending_matter_id IS NULL"), 4);
}

static void test_all_taken_meanwhile(void **state)
{
    struct rename rename;
    struct err err = {0};

    (void)state;
    assert_int_equal(start_against(10, &rename, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(rows_of("matter") + rows_of("matter_certificate") + rows_of("task"), 0);
}

/* Several firms at once: one batch of one of them each time, first come first served. */
static void test_several_firms(void **state)
{
    (void)state;
    for (uint64_t id = 21; id <= 25; id++)
        hold(id, OTHER_FIRM, OLD);
    started(OTHER_FIRM);
    started(FIRM);
    assert_int_equal(finish(), 2);
    assert_int_equal(certificates("version = 3 AND enterprise_name = '测试建筑2有限公司'"), 5);
    assert_int_equal(certificates("version = 3 AND enterprise_name = '测试建筑1有限公司'"), 10);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE chain = 2"), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_to_rename, set_up),
        cmocka_unit_test_setup(test_no_such_firm, set_up),
        cmocka_unit_test_setup(test_start, set_up),
        cmocka_unit_test_setup(test_start_twice, set_up),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_full_batch),
        cmocka_unit_test_setup(test_without_photo, set_up),
        cmocka_unit_test_setup(test_child_fails, set_up),
        cmocka_unit_test_setup(test_retry_of_a_held_firm, set_up),
        cmocka_unit_test_setup(test_retry_of_nothing, set_up),
        cmocka_unit_test_setup(test_retry_in_vain, set_up),
        cmocka_unit_test_setup(test_retry_of_old_name, set_up),
        cmocka_unit_test(test_lease),
        cmocka_unit_test(test_broken_off),
        cmocka_unit_test_setup(test_taken_meanwhile, set_up),
        cmocka_unit_test_setup(test_all_taken_meanwhile, set_up),
        cmocka_unit_test_setup(test_several_firms, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    pool = pool_new(0, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
