/* Numbers by numbers, between processes. */
#include "base/memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"

enum { PLACES = 64, MANY = 1000 };

static struct memo *made(void)
{
    struct memo *memo = NULL;
    struct err err;

    assert_int_equal(memo_new(PLACES, &memo, &err), 0);
    return memo;
}

static void test_put_and_get(void **state)
{
    struct memo *memo = made();

    (void)state;
    assert_int_equal(memo_get(memo, 0), 0);
    assert_int_equal(memo_get(memo, 7), 0);
    memo_put(memo, 7, 70);
    memo_put(memo, UINT64_MAX, UINT64_MAX);
    assert_int_equal(memo_get(memo, 7), 70);
    assert_true(memo_get(memo, UINT64_MAX) == UINT64_MAX);
    memo_put(memo, 7, 71);
    assert_int_equal(memo_get(memo, 7), 71);
    /* On the same place the later one stays, and is nobody else's. */
    memo_put(memo, 7 + PLACES, 5);
    assert_int_equal(memo_get(memo, 7), 0);
    assert_int_equal(memo_get(memo, 7 + PLACES), 5);
    memo_free(&memo);
    assert_null(memo);
    memo_free(&memo);
}

static void test_without_memo(void **state)
{
    (void)state;
    memo_put(NULL, 1, 2);
    assert_int_equal(memo_get(NULL, 1), 0);
}

static void test_no_room(void **state)
{
    struct memo *memo = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(memo_new((size_t)1 << 56, &memo, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_null(memo);
}

/* Children put, the parent reads meanwhile: what it reads is what was put under the key. */
static void test_between_processes(void **state)
{
    enum { CHILDREN = 2 };
    struct memo *memo = made();
    size_t known = 0;

    (void)state;
    for (int child = 0; child < CHILDREN; child++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid > 0)
            continue;
        for (uint64_t round = 0; round < MANY; round++)
            for (uint64_t key = 1; key <= 2 * PLACES; key++)
                memo_put(memo, key, key << 32);
        _exit(0);
    }
    for (uint64_t round = 0; round < MANY; round++)
        for (uint64_t key = 1; key <= 2 * PLACES; key++) {
            uint64_t value = memo_get(memo, key);
            assert_true(value == 0 || value == key << 32);
        }
    for (int child = 0; child < CHILDREN; child++) {
        int status = -1;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    for (uint64_t key = 1; key <= 2 * PLACES; key++)
        known += memo_get(memo, key) == key << 32;
    assert_true(known > 0 && known <= PLACES);
    memo_free(&memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_and_get),
        cmocka_unit_test(test_without_memo),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_between_processes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
