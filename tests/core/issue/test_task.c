/* Tasks: what becomes of certificates that can't be changed, and of the others beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/issue/task.h"
#include "core/item/rename.h"
#include "core/register/identifier.h"
#include "tests/core/desk.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FIRM = 1, FEW = 10, OUTDATED = 120, LEASE_MS = 60000 };
#define OLD "旧名有限公司"

static struct testdb *testdb;
static struct pool *pool; /* of the issuer: a batch resets it */
static int64_t now_ms;

/* A firm that is called otherwise than on its certificates. */
static int set_up_of(uint64_t count)
{
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    testdb_person(testdb, 1, "111", "张三", (struct bytes){(const uint8_t *)"photo", 5});
    for (uint64_t id = 1; id <= count; id++)
        testdb_certificate(testdb, &(struct testdb_certificate){.id = id,
                                                                .firm = FIRM,
                                                                .person = 1,
                                                                .firm_name = OLD,
                                                                .held = {2025, 6, 7},
                                                                .version = 2});
    now_ms = DESK_NOW;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return set_up_of(FEW);
}

static int set_up_many(void **state)
{
    (void)state;
    return set_up_of(OUTDATED);
}

/* A start or a retry, for the transaction around it. */
struct step {
    const char *retry; /* a matter's number; NULL: it starts */
    struct rename out;
    int outcome;
};

static int work(void *context, struct err *err)
{
    struct step *step = context;
    const struct actor actor = {ACTOR_FIRM, FIRM, "request-1"};
    const struct desk desk = desk_of(testdb, FIRM);
    struct change change = desk_change(&desk, &actor);
    bool held;

    step->outcome = step->retry ? rename_retry(&change, step->retry, &held, err)
                                : rename_start(&change, &step->out, err);
    return step->outcome < 0 ? -1 : 0;
}

static struct rename started(void)
{
    struct step step = {.retry = NULL};
    struct err err = {0};

    if (db_transact(testdb->db, work, &step, &err) < 0 || step.outcome != 1)
        fail_msg("%s", err.text);
    return step.out;
}

static int retry(const char *number)
{
    struct step step = {.retry = number};
    struct err err = {0};

    if (db_transact(testdb->db, work, &step, &err) < 0)
        fail_msg("%s", err.text);
    return step.outcome;
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

/* Another certificate already has the identifier that this one's next version would get. */
static void block(uint64_t id, uint64_t serial)
{
    char identifier[IDENTIFIER_SIZE];

    identifier_make("11430000006122244L", 2024, (uint32_t)serial, 3, identifier);
    testdb_sql(testdb, "UPDATE certificate_version SET identifier = '%s'"
                       " WHERE certificate_id = %d AND version = 1", identifier, (int)id);
}

/* What is due now, until nothing is; how many certificates were renamed. */
static size_t work_off(void)
{
    size_t all = 0, renamed;

    while (advance(&renamed) == 1)
        all += renamed;
    return all;
}

/* One that can't be renamed holds up none of the others, and nobody for ever. */
static void test_conflict(void **state)
{
    static const int64_t waits[] = {2000, 8000, 32000, 128000};
    struct rename rename;

    (void)state;
    block(5, 33);
    rename = started();
    assert_int_equal(work_off(), OUTDATED - 1);
    assert_int_equal(certificates("version = 3"), OUTDATED - 1);
    for (size_t i = 0; i < COUNT(waits); i++) {
        assert_int_equal(children("waiting"), 1);
        assert_int_equal(testdb_number(testdb, "SELECT tries FROM matter_certificate"
                                               " WHERE certificate_id = 33"),
                         i + 1);
        now_ms += waits[i] - 1;
        assert_int_equal(work_off(), 0);
        now_ms += 1;
        assert_int_equal(work_off(), 0);
    }
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate WHERE"
                                           " certificate_id = 33 AND state = 'failed' AND"
                                           " cause = 'conflict' AND explanation LIKE '数据%%'"),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'done'"), 1);
    assert_int_equal(rows_of("task"), 0);
    assert_int_equal(certificates("pending_matter_id IS NOT NULL"), 0);
    assert_int_equal(certificates("id = 33 AND version = 2 AND enterprise_name = '" OLD "'"), 1);

    assert_int_equal(retry(rename.matter.number), 1);
    assert_int_equal(work_off(), 0);
    assert_int_equal(children("waiting"), 1);
    testdb_sql(testdb, "UPDATE certificate_version SET identifier = 'mended'"
                       " WHERE certificate_id = 5 AND version = 1");
    now_ms += waits[0];
    assert_int_equal(work_off(), 1);
    assert_int_equal(certificates("version = 3"), OUTDATED);
    assert_int_equal(rows_of("certificate_event"), OUTDATED);
    assert_int_equal(children("done"), OUTDATED);
    testdb_audited(testdb, OUTDATED + 4);
}

/* Several at once, of several kinds: each alone is stood aside. */
static void test_conflicts(void **state)
{
    (void)state;
    block(5, 1);
    block(6, 50);
    block(7, 51);
    block(8, OUTDATED);
    testdb_sql(testdb, "UPDATE certificate SET number = '沪建安B二〇二四' WHERE id = 70");
    started();
    assert_int_equal(work_off(), OUTDATED - 5);
    for (int i = 0; i < TASK_TRIES; i++) {
        now_ms += 128000;
        assert_int_equal(work_off(), 0);
    }
    assert_int_equal(children("failed"), 5);
    assert_int_equal(children("done"), OUTDATED - 5);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'done'"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate WHERE"
                                           " cause = 'conflict' AND certificate_id IN"
                                           " (1, 50, 51, 70, %d)", OUTDATED),
                     5);
    testdb_audited(testdb, OUTDATED - 5 + 2);
}

/* A certificate of which no further version can be made. */
static void test_no_version_left(void **state)
{
    (void)state;
    testdb_sql(testdb, "UPDATE certificate_version SET version = 999"
                       " WHERE certificate_id = 4 AND version = 2");
    testdb_sql(testdb, "UPDATE certificate SET version = 999 WHERE id = 4");
    started();
    assert_int_equal(work_off(), FEW - 1);
    for (int i = 0; i < TASK_TRIES; i++) {
        now_ms += 128000;
        work_off();
    }
    assert_int_equal(children("failed"), 1);
    assert_int_equal(rows_of("task"), 0);
}

/* Every try is in the log, with its cause; and the last one by a name of its own. */
static void test_conflict_is_told(void **state)
{
    FILE *log = tmpfile();
    char line[1024];
    int repeated = 0, aside = 0;

    (void)state;
    assert_non_null(log);
    log_open("test_task", LOG_ERROR, fileno(log));
    block(5, 3);
    started();
    for (int i = 0; i < TASK_TRIES; i++) {
        work_off();
        now_ms += 128000;
    }
    log_open("test_task", LOG_ERROR, STDERR_FILENO);
    rewind(log);
    while (fgets(line, sizeof(line), log)) {
        assert_non_null(strstr(line, "\"kind\":\"conflict\""));
        assert_non_null(strstr(line, "change_version_add"));
        repeated += strstr(line, "\"event\":\"task_repeated\"") != NULL &&
                    strstr(line, "certificate 3, try") != NULL;
        aside += strstr(line, "\"event\":\"task_stood_aside\"") != NULL &&
                 strstr(line, "certificate 3, try 5 of 5") != NULL;
    }
    fclose(log);
    assert_int_equal(repeated, TASK_TRIES - 1);
    assert_int_equal(aside, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_conflict, set_up_many),
        cmocka_unit_test_setup(test_conflicts, set_up_many),
        cmocka_unit_test_setup(test_no_version_left, set_up),
        cmocka_unit_test_setup(test_conflict_is_told, set_up),
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
