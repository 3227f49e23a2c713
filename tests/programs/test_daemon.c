/* A daemon's child: rounds until it is told to stop, and what it does in trouble. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "programs/daemon.h"
#include "tests/core/testdb.h"

static struct testdb *testdb;
static volatile sig_atomic_t stop;
static char folder[512];

/* What each round is to return, and what was seen of them. */
static struct script {
    const long *results;
    size_t count, rounds, releases;
    int release_fails; /* so often */
} script;

static int release(struct db *db, const char *owner, int64_t now_ms, struct err *err)
{
    assert_ptr_equal(db, testdb->db);
    assert_string_equal(owner, "host:1");
    assert_true(now_ms > 0);
    script.releases++;
    return script.release_fails-- > 0 ? err_set(err, ERR_DB, 0, "gone") : 0;
}

static long play(struct worker *worker, struct err *err)
{
    const struct script *told = worker->context;
    long result = told->results[script.rounds++];

    assert_true(worker->attached);
    if (script.rounds == told->count)
        stop = 1;
    return result < 0 ? err_set(err, ERR_DB, 0, "no round") : result;
}

static struct worker run(const long *results, size_t count, int release_fails)
{
    static struct score score;
    static struct setup setup;
    struct worker worker = {
        .setup = &setup,
        .score = &score,
        .stop = &stop,
        .db = testdb->db,
        .owner = "host:1",
        .poll_ms = 1,
        .trouble = "trouble",
        .release = release,
        .round = play,
        .context = &script,
    };

    setup.settings.schema_folder = folder;
    score.ready = 0;
    stop = 0;
    script = (struct script){.results = results, .count = count, .release_fails = release_fails};
    worker_run(&worker);
    assert_int_equal(score.ready, 1);
    assert_int_equal(script.rounds, count);
    return worker;
}

static void test_rounds(void **state)
{
    static const long results[] = {1, 0, 3, 0};
    struct worker worker;

    (void)state;
    worker = run(results, 4, 0);
    assert_int_equal(script.releases, 1);
    assert_false(worker.told);
}

/* After trouble the place is taken anew: what our own lost connection left is given back. */
static void test_trouble(void **state)
{
    static const long results[] = {1, -1, 2, 1};
    struct worker worker;

    (void)state;
    worker = run(results, 4, 0);
    assert_int_equal(script.releases, 2);
    assert_false(worker.told);
}

static void test_trouble_at_the_end(void **state)
{
    static const long results[] = {-1};
    struct worker worker;

    (void)state;
    worker = run(results, 1, 0);
    assert_true(worker.told);
    assert_false(worker.attached);
}

/* No round before the place is ours. */
static void test_not_attached(void **state)
{
    static const long results[] = {1};

    (void)state;
    run(results, 1, 1);
    assert_int_equal(script.releases, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_trouble),
        cmocka_unit_test(test_trouble_at_the_end),
        cmocka_unit_test(test_not_attached),
    };
    const char *top = getenv("TOP_SRCDIR");
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    snprintf(folder, sizeof(folder), "%s/schema", top ? top : ".");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
