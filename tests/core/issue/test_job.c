/* Jobs: who gets a lease, how long, and what follows a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <pthread.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/core.h"
#include "core/issue/job.h"
#include "core/register/certificate.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, LEASE_MS = 60000 };
#define NOW INT64_C(1772323200000) /* 2026-03-01 UTC */

static struct testdb *testdb;

struct leased {
    uint8_t lease[LEASE_SIZE];
    const struct job *jobs;
    size_t count;
};

static struct leased lease_at(int64_t now_ms, size_t limit)
{
    struct leased leased;
    struct err err = {0};

    if (job_lease(testdb->db, testdb->pool, "host:0", now_ms, LEASE_MS, limit, leased.lease,
                  &leased.jobs, &leased.count, &err) < 0)
        fail_msg("%s", err.text);
    return leased;
}

static void add_jobs(size_t count)
{
    for (size_t i = 1; i <= count; i++) {
        struct err err = {0};

        testdb_sql(testdb,
                   "INSERT INTO certificate (id, number, issue_year, serial, class, person_id,"
                   " enterprise_id, state, version, holder_name, enterprise_name, post,"
                   " first_issued, valid_from, valid_until, held_since, generation, created_at,"
                   " updated_at) VALUES (%d, 'n%d', 2026, %d, 'B', 1, 1, '01', 1, '张三', '测试',"
                   " '07', '2020-01-01', '2024-01-01', '2027-01-01', '2020-01-01', 0, NOW(3),"
                   " NOW(3))",
                   (int)i, (int)i, (int)i);
        if (job_add(testdb->db,
                    &(struct job_new){.kind = "certificate",
                                      .certificate_id = i,
                                      .version = 1,
                                      .enterprise_id = FIRM},
                    NOW, &err) < 0)
            fail_msg("%s", err.text);
    }
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    add_jobs(3);
    return 0;
}

static int64_t generation(uint64_t certificate)
{
    return testdb_number(testdb, "SELECT generation FROM certificate WHERE id = %d",
                         (int)certificate);
}

struct retrying {
    uint64_t id;
    int found;
};

static int retry_work(void *context, struct err *err)
{
    struct retrying *retrying = context;
    const struct actor actor = {ACTOR_OPERATOR, 0, ""};

    retrying->found =
        job_retry(testdb->db, testdb->pool, &testdb->core, &actor, retrying->id, NOW, err);
    return retrying->found < 0 ? -1 : 0;
}

static int retry(uint64_t id, struct err *err)
{
    struct retrying retrying = {.id = id};

    return db_transact(testdb->db, retry_work, &retrying, err) < 0 ? -1 : retrying.found;
}

static void test_not_due(void **state)
{
    (void)state;
    assert_int_equal(lease_at(NOW - 1, 10).count, 0);
    assert_int_equal(lease_at(NOW, 10).count, 3);
}

static void test_leased_once(void **state)
{
    struct leased first = lease_at(NOW, 2), second = lease_at(NOW, 10);

    (void)state;
    assert_int_equal(first.count, 2);
    assert_int_equal(second.count, 1);
    assert_int_equal(lease_at(NOW, 10).count, 0);
    assert_int_equal(first.jobs[0].attempts, 1);
    assert_int_equal(generation(first.jobs[0].certificate_id), GENERATION_RUNNING);
    /* One lease is not another. */
    assert_int_equal(job_done(testdb->db, first.jobs[0].id, second.lease, NOW, NULL), 0);
    assert_int_equal(job_done(testdb->db, first.jobs[0].id, first.lease, NOW, NULL), 1);
    assert_int_equal(job_done(testdb->db, first.jobs[0].id, first.lease, NOW, NULL), 0);
    assert_int_equal(generation(first.jobs[0].certificate_id), GENERATION_DONE);
}

static void test_lease_runs_out(void **state)
{
    struct leased first = lease_at(NOW, 10), second;

    (void)state;
    assert_int_equal(lease_at(NOW + LEASE_MS - 1, 10).count, 0);
    second = lease_at(NOW + LEASE_MS, 10);
    assert_int_equal(second.count, 3);
    assert_int_equal(second.jobs[0].attempts, 2);
    assert_int_equal(job_done(testdb->db, first.jobs[0].id, first.lease, NOW, NULL), 0);
    assert_int_equal(job_fail(testdb->db, &first.jobs[0], first.lease, "late", 1, NOW, NULL), 0);
    assert_int_equal(job_done(testdb->db, first.jobs[0].id, second.lease, NOW, NULL), 1);
}

static void test_release(void **state)
{
    struct leased first = lease_at(NOW, 10);

    (void)state;
    assert_int_equal(job_release(testdb->db, "host:1", NOW, NULL), 0);
    assert_int_equal(lease_at(NOW, 10).count, 0);
    assert_int_equal(job_release(testdb->db, "host:0", NOW, NULL), 0);
    assert_int_equal(generation(1), GENERATION_WAITING);
    assert_int_equal(job_done(testdb->db, first.jobs[0].id, first.lease, NOW, NULL), 0);
    assert_int_equal(lease_at(NOW, 10).count, 3);
}

/* A version that is no longer in force must not speak for the one that is. */
static void test_generation_of_another_version(void **state)
{
    struct leased leased;

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET version = 2, generation = 2 WHERE id = 1");
    leased = lease_at(NOW, 1);
    assert_int_equal(generation(1), GENERATION_DONE);
    assert_int_equal(job_fail(testdb->db, &leased.jobs[0], leased.lease, "x", 1, NOW, NULL), 1);
    assert_int_equal(generation(1), GENERATION_DONE);
    assert_int_equal(retry(leased.jobs[0].id, NULL), 1);
    assert_int_equal(generation(1), GENERATION_DONE);
    leased = lease_at(NOW, 1);
    testdb_sql(testdb, "UPDATE certificate SET generation = 0 WHERE id = 1");
    assert_int_equal(job_done(testdb->db, leased.jobs[0].id, leased.lease, NOW, NULL), 1);
    assert_int_equal(generation(1), GENERATION_WAITING);
}

static void test_growing_pauses(void **state)
{
    static const int64_t pauses[] = {5000, 15000, 45000, 120000, 300000, 600000, 600000};
    int64_t now = NOW;
    struct job job;
    struct leased leased;
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "DELETE FROM job WHERE certificate_id > 1");
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        leased = lease_at(now, 1);
        assert_int_equal(leased.count, 1);
        assert_int_equal(
            job_fail(testdb->db, &leased.jobs[0], leased.lease, "a reason", 0, now, &err), 1);
        assert_int_equal(generation(1), GENERATION_WAITING);
        assert_int_equal(lease_at(now + pauses[i] - 1, 1).count, 0);
        now += pauses[i];
    }
    leased = lease_at(now, 1);
    assert_int_equal(leased.jobs[0].attempts, JOB_ATTEMPTS);
    assert_int_equal(job_fail(testdb->db, &leased.jobs[0], leased.lease, "the end", 0, now, &err),
                     1);
    assert_int_equal(generation(1), GENERATION_FAILED);
    assert_int_equal(lease_at(now + 86400000, 1).count, 0);
    assert_int_equal(job_find(testdb->db, testdb->pool, leased.jobs[0].id, FIRM, &job, &err), 1);
    assert_string_equal(job.state, "failed");
    assert_string_equal(job.cause, "the end");
}

static void test_final_and_retry(void **state)
{
    struct leased leased = lease_at(NOW, 1);
    char cause[2048];
    struct job job;
    struct err err = {0};

    (void)state;
    memset(cause, 'x', sizeof(cause) - 1);
    cause[sizeof(cause) - 1] = '\0';
    memcpy(cause, "\xe5\xbc", 2); /* half a character */
    assert_int_equal(retry(leased.jobs[0].id, &err), 0);
    assert_int_equal(job_fail(testdb->db, &leased.jobs[0], leased.lease, cause, 1, NOW, &err), 1);
    assert_int_equal(generation(1), GENERATION_FAILED);
    assert_int_equal(job_find(testdb->db, testdb->pool, leased.jobs[0].id, 0, &job, &err), 1);
    assert_int_equal(strlen(job.cause), 512);
    assert_int_equal(retry(leased.jobs[0].id, &err), 1);
    assert_int_equal(generation(1), GENERATION_WAITING);
    leased = lease_at(NOW, 10);
    assert_int_equal(leased.count, 3);
    assert_int_equal(leased.jobs[0].attempts, 1);
}

/* The event is there exactly when the change is. */
static void test_retry_with_its_event(void **state)
{
    static const char events[] = "SELECT COUNT(*) FROM audit_event WHERE action = 'job.retry'";
    struct leased leased = lease_at(NOW, 1);
    uint64_t id = leased.jobs[0].id;
    struct err err = {0};

    (void)state;
    assert_int_equal(job_fail(testdb->db, &leased.jobs[0], leased.lease, "x", 1, NOW, &err), 1);
    testdb_sql(testdb, "UPDATE audit_head SET mac = REPEAT('x', 32)");
    assert_int_equal(retry(id, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    assert_int_equal(generation(1), GENERATION_FAILED);
    testdb_sql(testdb, "UPDATE audit_head SET mac = REPEAT(CHAR(0), 32)");
    assert_int_equal(testdb_number(testdb, "%s", events), 0);
    assert_int_equal(retry(id, &err), 1);
    assert_int_equal(retry(id, &err), 0);
    assert_int_equal(testdb_number(testdb, "%s", events), 1);
}

/* What ends its issuers again and again is taken alone, and in the end not at all. */
static void test_suspects(void **state)
{
    struct leased leased;

    (void)state;
    testdb_sql(testdb, "UPDATE job SET attempts = 3 WHERE certificate_id = 2");
    leased = lease_at(NOW, 10);
    assert_int_equal(leased.count, 2);
    leased = lease_at(NOW, 10);
    assert_int_equal(leased.count, 1);
    assert_int_equal(leased.jobs[0].certificate_id, 2);
    testdb_sql(testdb, "UPDATE job SET attempts = 8 WHERE certificate_id = 2");
    leased = lease_at(NOW + LEASE_MS, 1);
    assert_int_equal(leased.count, 1);
    testdb_sql(testdb, "DELETE FROM job WHERE certificate_id <> 2");
    leased = lease_at(NOW + LEASE_MS, 10);
    assert_int_equal(leased.count, 1);
    assert_true(leased.jobs[0].attempts > JOB_ATTEMPTS);
}

static void test_find_and_depth(void **state)
{
    struct queue_depth depth;
    const struct job *jobs;
    struct err err = {0};
    struct job job;
    size_t count;
    uint64_t id = (uint64_t)testdb_number(testdb, "SELECT MIN(id) FROM job");

    (void)state;
    assert_int_equal(job_find(testdb->db, testdb->pool, id, FIRM + 1, &job, &err), 0);
    assert_int_equal(job_find(testdb->db, testdb->pool, id + 999, FIRM, &job, &err), 0);
    assert_int_equal(job_find(testdb->db, testdb->pool, id, FIRM, &job, &err), 1);
    assert_int_equal(job_find(testdb->db, testdb->pool, id, 0, &job, &err), 1);
    lease_at(NOW, 1);
    assert_int_equal(job_depth(testdb->db, testdb->pool, NOW + 500, &depth, &err), 0);
    assert_int_equal(depth.waiting, 2);
    assert_int_equal(depth.leased, 1);
    assert_int_equal(depth.failed, 0);
    assert_int_equal(depth.oldest_ms, 500);
    assert_int_equal(job_list(testdb->db, testdb->pool, "waiting", 0, 1, &jobs, &count, &err), 0);
    assert_int_equal(count, 1);
    id = jobs[0].id;
    assert_int_equal(job_list(testdb->db, testdb->pool, "waiting", id, 5, &jobs, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_true(jobs[0].id > id);
}

enum { THREADS = 8, JOBS = 400 };

struct racer {
    pthread_t thread;
    struct db *db;
    unsigned char seen[JOBS + 1];
    struct err err;
    int failed;
};

static void *race(void *context)
{
    struct racer *racer = context;
    struct pool *pool = pool_new(0, 0);
    uint8_t lease[LEASE_SIZE];
    const struct job *jobs;
    size_t count;

    for (;;) {
        racer->failed = job_lease(racer->db, pool, "host:0", NOW, LEASE_MS, 7, lease, &jobs, &count,
                                  &racer->err) < 0;
        if (racer->failed)
            break;
        for (size_t i = 0; i < count; i++)
            racer->seen[jobs[i].certificate_id]++;
        /* Nothing more may mean that others were faster; the queue tells. */
        if (count == 0) {
            struct queue_depth depth;

            if (job_depth(racer->db, pool, NOW, &depth, &racer->err) < 0 || depth.waiting == 0)
                break;
        }
        pool_reset(pool);
    }
    pool_free(&pool);
    return NULL;
}

static void test_race(void **state)
{
    static struct racer racers[THREADS];

    (void)state;
    testdb_clear(testdb);
    add_jobs(JOBS);
    memset(racers, 0, sizeof(racers));
    for (int i = 0; i < THREADS; i++)
        racers[i].db = testdb_connect(testdb);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        if (racers[i].failed)
            fail_msg("%s", racers[i].err.text);
        db_free(&racers[i].db);
    }
    for (int job = 1; job <= JOBS; job++) {
        int owners = 0;

        for (int i = 0; i < THREADS; i++)
            owners += racers[i].seen[job];
        assert_int_equal(owners, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_not_due, set_up),
        cmocka_unit_test_setup(test_lease_runs_out, set_up),
        cmocka_unit_test_setup(test_generation_of_another_version, set_up),
        cmocka_unit_test_setup(test_growing_pauses, set_up),
        cmocka_unit_test_setup(test_final_and_retry, set_up),
        cmocka_unit_test_setup(test_retry_with_its_event, set_up),
        cmocka_unit_test_setup(test_suspects, set_up),
        cmocka_unit_test_setup(test_release, set_up),
        cmocka_unit_test_setup(test_leased_once, set_up),
        cmocka_unit_test_setup(test_find_and_depth, set_up),
        cmocka_unit_test_setup(test_race, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
