#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/text.h"

static int ends[2];
static char line[20000];

/* What one write left in the pipe. */
static const char *logged(void)
{
    ssize_t got = read(ends[0], line, sizeof(line) - 1);

    assert_true(got > 0);
    line[got] = '\0';
    return line;
}

static void test_below_the_least_level(void **state)
{
    (void)state;
    log_event(LOG_DEBUG, "unseen", log_int("n", 1));
    log_event(LOG_INFO, "seen", log_int("n", 2));
    assert_non_null(strstr(logged(), "\"event\":\"seen\""));
    assert_null(strstr(line, "unseen"));
}

static void test_shape(void **state)
{
    char expected[200];

    (void)state;
    log_event(LOG_WARN, "some\nthing", log_text("a\"b", "c\\d\x01"), log_int("n", INT64_MIN),
              log_text("none", NULL));
    assert_memory_equal(logged(), "{\"ts\":\"", 7);
    assert_int_equal(line[30], 'Z');
    snprintf(expected, sizeof(expected),
             "Z\",\"level\":\"warn\",\"program\":\"test\",\"pid\":%d,\"event\":\"some\\nthing\","
             "\"a\\\"b\":\"c\\\\d\\u0001\",\"n\":-9223372036854775808,\"none\":\"\"}\n",
             (int)getpid());
    assert_string_equal(line + 30, expected);
}

static void test_err(void **state)
{
    struct err err;

    (void)state;
    err_set(&err, ERR_DB, 1062, "row");
    log_err("failed", "r-1", &err);
    assert_non_null(strstr(logged(), "\"level\":\"error\""));
    assert_non_null(strstr(line, "\"request\":\"r-1\",\"kind\":\"db\",\"code\":1062,\"file\":"));
    assert_non_null(strstr(line, "\"text\":\"row\"}\n"));
    log_err("failed", NULL, &err);
    assert_null(strstr(logged(), "request"));
}

/* A cut line ends where a character, and the object, ends: quotes pair, no half escape. */
static void assert_whole(const char *text, size_t length)
{
    bool inside = false;

    assert_true(utf8_valid(text, length));
    for (size_t i = 0; i < length; i++) {
        if (inside && text[i] == '\\')
            i += text[i + 1] == 'u' ? 5 : 1;
        else if (text[i] == '"')
            inside = !inside;
    }
    assert_false(inside);
    assert_memory_equal(text + length - 2, "}\n", 2);
}

static void test_long_lines_are_cut_whole(void **state)
{
    static const char *const units[] = {"x", "\"", "\x01", "沪", "𠮷", "\xff"};
    static char huge[16000], key[16000];

    (void)state;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        for (size_t size = 7900; size < 8200; size++) {
            size_t step = strlen(units[i]), used = 0;
            for (; used + step <= size; used += step)
                memcpy(huge + used, units[i], step);
            huge[used] = '\0';
            log_event(LOG_INFO, "long", log_text("v", huge), log_int("after", 1),
                      log_text("more", "z"));
            size_t length = strlen(logged());
            assert_true(length <= 8192);
            assert_whole(line, length);
            if (strstr(line, "\"cut\":true"))
                continue;
            assert_non_null(strstr(line, "\"after\":1,\"more\":\"z\"}"));
        }
    }
    memset(key, 'k', sizeof(key) - 1);
    log_event(LOG_INFO, "key", log_int(key, 1));
    assert_non_null(strstr(logged(), "\"event\":\"key\",\"cut\":true}\n"));
}

static int setup(void **state)
{
    (void)state;
    log_open("test", LOG_INFO, ends[1]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_below_the_least_level),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_err),
        cmocka_unit_test(test_long_lines_are_cut_whole),
    };

    if (pipe(ends) < 0)
        return 1;
    return cmocka_run_group_tests(tests, setup, NULL) ? 1 : 0;
}
