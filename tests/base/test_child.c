/* A program that is run for one answer: how it may end, and that nobody waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/child.h"
#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"

static struct pool *pool;

static enum child_end ask(const char *script, struct bytes question, int64_t timeout_ms, size_t most,
                          struct bytes *answer)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const struct child_bounds bounds = {timeout_ms, most};
    struct err err = {0};
    enum child_end end;

    if (child_ask(pool, argv, question, &bounds, answer, &end, &err) < 0)
        fail_msg("%s", err.text);
    /* Nothing is left of it. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    return end;
}

static const struct bytes nothing = {NULL, 0}, word = {(const uint8_t *)"question", 8};

static void test_ends(void **state)
{
    static const struct {
        const char *script;
        int64_t timeout_ms;
        size_t most;
        enum child_end end;
    } rows[] = {
        {"exit 0", 5000, 10, CHILD_DONE},
        {"cat >/dev/null; exit 3", 5000, 10, CHILD_FAILED},
        {"exit 3", 5000, 10, CHILD_FAILED},
        {"kill -SEGV $$", 5000, 10, CHILD_KILLED},
        {"printf half; kill -KILL $$", 5000, 10, CHILD_KILLED},
        {"sleep 20", 100, 10, CHILD_LATE},
        {"exec <&- >&-; sleep 20", 100, 10, CHILD_LATE},
        {"trap '' TERM INT HUP; sleep 20", 100, 10, CHILD_LATE},
        {"printf 0123456789", 5000, 10, CHILD_DONE},
        {"printf 01234567890", 5000, 10, CHILD_ENDLESS},
        {"while :; do printf 0123456789; done", 5000, 1 << 20, CHILD_ENDLESS},
    };
    struct bytes answer;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t start = clock_tick_us();
        enum child_end end = ask(rows[i].script, word, rows[i].timeout_ms, rows[i].most, &answer);

        if (end != rows[i].end)
            fail_msg("%s: %d, not %d", rows[i].script, (int)end, (int)rows[i].end);
        if (end != CHILD_DONE)
            assert_int_equal(answer.size, 0);
        assert_true(clock_tick_us() - start < 15000000);
    }
}

/* More than a socket holds, both ways at once. */
static void test_large(void **state)
{
    enum { LARGE = 5 * 1024 * 1024 };
    uint8_t *data = pool_alloc(pool, LARGE);
    struct bytes answer;

    (void)state;
    for (size_t i = 0; i < LARGE; i++)
        data[i] = (uint8_t)(i * 31 >> 3);
    assert_int_equal(ask("exec cat", (struct bytes){data, LARGE}, 20000, LARGE, &answer),
                     CHILD_DONE);
    assert_int_equal(answer.size, LARGE);
    assert_memory_equal(answer.data, data, LARGE);
}

static void test_does_not_listen(void **state)
{
    enum { LARGE = 5 * 1024 * 1024 };
    struct bytes answer;

    (void)state;
    assert_int_equal(ask("printf no", (struct bytes){pool_alloc(pool, LARGE), LARGE}, 5000, 10,
                         &answer),
                     CHILD_DONE);
    assert_int_equal(answer.size, 2);
}

/* It has neither our files nor our environment. */
static void test_alone(void **state)
{
    int file = open("/dev/null", O_RDONLY);
    struct bytes answer;
    char script[128];

    (void)state;
    setenv("ECERT_SECRET", "secret", 1);
    snprintf(script, sizeof(script), "[ -e /proc/self/fd/%d ] && echo file; echo \"[$ECERT_SECRET]\"",
             file);
    assert_int_equal(ask(script, nothing, 5000, 100, &answer), CHILD_DONE);
    assert_int_equal(answer.size, 3);
    assert_memory_equal(answer.data, "[]\n", 3);
    close(file);
}

static void test_missing(void **state)
{
    const char *const argv[] = {"/nonexistent/program", NULL};
    const struct child_bounds bounds = {1000, 10};
    struct err err = {0};
    struct bytes answer;
    enum child_end end;

    (void)state;
    assert_int_equal(child_ask(pool, argv, nothing, &bounds, &answer, &end, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.text, "/nonexistent/program"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),  cmocka_unit_test(test_large),
        cmocka_unit_test(test_does_not_listen), cmocka_unit_test(test_alone),
        cmocka_unit_test(test_missing),
    };
    int failed;

    pool = pool_new(0, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
