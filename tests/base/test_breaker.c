/* The breaker: steps of outcomes and instants, and what it says behind each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/breaker.h"

enum outcome { LOOK, GOOD, BAD };

static void test_states(void **state)
{
    static const struct {
        int64_t now_ms;
        enum outcome outcome;
        enum breaker_state then;
    } steps[] = {
        {100, LOOK, BREAKER_CLOSED},
        {100, BAD,  BREAKER_CLOSED},
        {200, BAD,  BREAKER_CLOSED},
        {300, GOOD, BREAKER_CLOSED},
        {400, BAD,  BREAKER_CLOSED},
        {500, BAD,  BREAKER_CLOSED},
        {600, BAD,  BREAKER_OPEN  },
        {601, LOOK, BREAKER_OPEN  },
        {1599, LOOK, BREAKER_OPEN },
        {1600, LOOK, BREAKER_TRIAL},
        {1700, BAD, BREAKER_OPEN  },
        {2699, LOOK, BREAKER_OPEN },
        {2700, LOOK, BREAKER_TRIAL},
        {2800, GOOD, BREAKER_CLOSED},
        {2800, BAD, BREAKER_CLOSED},
    };
    struct breaker breaker = {.most = 3, .open_ms = 1000};

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        if (steps[i].outcome != LOOK)
            breaker_note(&breaker, steps[i].outcome == GOOD, steps[i].now_ms);
        if (breaker_state(&breaker, steps[i].now_ms) != steps[i].then)
            fail_msg("step %zu", i);
    }
}

static void test_one_is_enough(void **state)
{
    struct breaker breaker = {.most = 1, .open_ms = 10};

    (void)state;
    breaker_note(&breaker, false, 5);
    assert_int_equal(breaker_state(&breaker, 14), BREAKER_OPEN);
    assert_int_equal(breaker_state(&breaker, 15), BREAKER_TRIAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_one_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
