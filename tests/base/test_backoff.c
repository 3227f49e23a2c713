#include "base/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/date.h"

enum { TRIES = 200 };

static void test_doubles(void **state)
{
    static const struct {
        int64_t first, most, doublings, whole;
    } cases[] = {
        {1000, 8000, 0, 1000},
        {1000, 8000, 1, 2000},
        {1000, 8000, 3, 8000},
        {1000, 8000, 4, 8000},
        {1000, 8000, INT64_MAX, 8000},
        {1000, 5000, 3, 5000},
        {5000, 2000, 0, 2000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (int n = 0; n < TRIES; n++) {
            int64_t us = backoff_us(cases[i].first, cases[i].most, cases[i].doublings);

            assert_in_range(us, cases[i].whole / 2, cases[i].whole - 1);
        }
    }
}

static void test_chance(void **state)
{
    int64_t first = backoff_us(1000000, 1000000, 0);
    bool other = false;

    (void)state;
    for (int n = 0; n < TRIES; n++)
        other = other || backoff_us(1000000, 1000000, 0) != first;
    assert_true(other);
}

static void test_wait(void **state)
{
    int64_t begun = clock_tick_us();

    (void)state;
    backoff_wait(2000);
    assert_true(clock_tick_us() - begun >= 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_chance),
        cmocka_unit_test(test_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
