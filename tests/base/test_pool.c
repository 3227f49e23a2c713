#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEEP = 1024, LIMIT = 64 * 1024 };

static void out_of_limit(void)
{
    struct pool *pool = pool_new(0, LIMIT);
    for (int i = 0; i < 100; i++)
        pool_alloc(pool, LIMIT / 50);
}

static void too_large_at_once(void)
{
    pool_alloc(pool_new(0, LIMIT), LIMIT + 1);
}

static void array_overflows(void)
{
    pool_array(pool_new(0, 0), SIZE_MAX / 4, 8);
}

static void absurd_size(void)
{
    pool_alloc(pool_new(0, 0), SIZE_MAX - 5);
}

static void test_exhaustion_aborts(void **state)
{
    static void (*const cases[])(void) = {out_of_limit, too_large_at_once, array_overflows,
                                          absurd_size};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            signal(SIGABRT, SIG_DFL);
            if (!freopen("/dev/null", "w", stderr))
                _exit(1);
            cases[i]();
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

static void test_limit_is_reached_not_passed(void **state)
{
    struct pool *pool = pool_new(KEEP, LIMIT);

    (void)state;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 40; i++)
            pool_alloc(pool, 1000);
        pool_reset(pool);
    }
    pool_free(&pool);
}

static void test_zeroed_and_aligned(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 4096, 5000, 20000, 1000000};
    struct pool *pool = pool_new(KEEP, 0);

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
            unsigned char *data = pool_alloc(pool, sizes[i]);
            assert_non_null(data);
            assert_int_equal((uintptr_t)data % 16, 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(data[k], 0);
            memset(data, 0xaa, sizes[i]);
        }
        pool_reset(pool);
        assert_int_equal(pool_used(pool), 0);
    }
    pool_free(&pool);
    assert_null(pool);
    pool_free(&pool);
}

static void test_pieces_do_not_overlap(void **state)
{
    enum { COUNT = 2000 };
    struct pool *pool = pool_new(KEEP, 0);
    unsigned char *pieces[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        pieces[i] = pool_alloc(pool, i % 97 + 1);
        memset(pieces[i], (int)(i % 251), i % 97 + 1);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < i % 97 + 1; k++)
            assert_int_equal(pieces[i][k], i % 251);
    assert_true(pool_used(pool) >= COUNT * 49);
    pool_free(&pool);
}

static void test_keeps_first_block(void **state)
{
    struct pool *pool = pool_new(KEEP, 0);
    void *first = pool_alloc(pool, 64);

    (void)state;
    pool_alloc(pool, 100000);
    pool_reset(pool);
    assert_ptr_equal(pool_alloc(pool, 64), first);
    pool_free(&pool);
}

static void test_copies(void **state)
{
    struct pool *pool = pool_new(0, 0);
    char big[20000];

    (void)state;
    assert_null(pool_text(pool, NULL));
    assert_string_equal(pool_text(pool, ""), "");
    assert_string_equal(pool_text(pool, "abc"), "abc");
    assert_string_equal(pool_text_n(pool, "abcdef", 3), "abc");
    assert_string_equal(pool_text_n(pool, NULL, 0), "");
    assert_string_equal(pool_printf(pool, "%d-%s", 7, "x"), "7-x");
    assert_memory_equal(pool_copy(pool, "a\0b", 4), "a\0b", 4);
    memset(big, 'b', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    assert_string_equal(pool_printf(pool, "%s", big), big);
    pool_free(&pool);
}

static char order[8];

static void note(void *handle)
{
    size_t length = strlen(order);
    order[length] = *(char *)handle;
    order[length + 1] = '\0';
}

static void test_hooks_run_in_reverse(void **state)
{
    struct pool *pool = pool_new(KEEP, 0);

    (void)state;
    order[0] = '\0';
    /* The handles are in the pool: they must be there still when the hooks run. */
    pool_on_reset(pool, note, pool_text(pool, "a"));
    pool_on_reset(pool, note, pool_text(pool, "b"));
    pool_reset(pool);
    assert_string_equal(order, "ba");
    pool_reset(pool);
    assert_string_equal(order, "ba");
    pool_on_reset(pool, note, pool_text(pool, "c"));
    pool_free(&pool);
    assert_string_equal(order, "bac");
}

/* Reads what a pool has taken back: its kept block is still there. */
static void test_secrets_are_overwritten(void **state)
{
#if defined(__SANITIZE_ADDRESS__)
    (void)state;
    skip();
#else
    struct pool *pool = pool_new(4096, 0);
    volatile char *kept = pool_text(pool, "a secret word");

    (void)state;
    pool_reset(pool);
    assert_int_equal(kept[0], 'a');
    kept = pool_text(pool, "a secret word");
    pool_secret(pool);
    pool_reset(pool);
    for (int i = 0; i < 13; i++)
        assert_int_equal(kept[i], 0);
    kept = pool_text(pool, "no secret");
    pool_reset(pool);
    assert_int_equal(kept[0], 'n');
    pool_free(&pool);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exhaustion_aborts),
        cmocka_unit_test(test_limit_is_reached_not_passed),
        cmocka_unit_test(test_zeroed_and_aligned),
        cmocka_unit_test(test_pieces_do_not_overlap),
        cmocka_unit_test(test_keeps_first_block),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_hooks_run_in_reverse),
        cmocka_unit_test(test_secrets_are_overwritten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
