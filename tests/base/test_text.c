#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"

static struct pool *pool;

static void test_builder_grows_to_its_cap(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, pool, 1000);
    assert_string_equal(text.data, "");
    for (int i = 0; i < 100; i++)
        text_printf(&text, "%09d,", i);
    assert_int_equal(text.length, 1000);
    assert_false(text.overflow);
    text_add(&text, "");
    assert_false(text.overflow);
    text_char(&text, 'x');
    assert_true(text.overflow);
    assert_int_equal(strlen(text.data), 1000);
}

static void test_builder_is_cut_and_stays_cut(void **state)
{
    char array[8];
    struct text text;

    (void)state;
    text_init_fixed(&text, array, sizeof(array));
    text_add(&text, "abcdefghij");
    assert_true(text.overflow);
    assert_string_equal(text.data, "abcdefg");
    text_init(&text, pool, 3);
    text_printf(&text, "%s", "12345");
    assert_string_equal(text.data, "123");
    text_init(&text, pool, 10);
    text_add(&text, "12345678");
    text_add(&text, "too long");
    text_add(&text, "!");
    assert_string_equal(text.data, "12345678to");
    text_init(&text, pool, 0);
    text_printf(&text, "%d", 1);
    assert_string_equal(text.data, "");
    assert_true(text.overflow);
}

static const struct {
    const char *in;
    const char *out;
} json[] = {
    {"plain",              "plain"                               },
    {"\"\\/",              "\\\"\\\\/"                           },
    {"\b\f\n\r\t\x01\x1f", "\\b\\f\\n\\r\\t\\u0001\\u001f"       },
    {"沪龘𠮷",         "沪龘𠮷"                          },
    {"a\xff"
     "b",             "a\xef\xbf\xbd"
     "b"                                           },
    {"\xed\xa0\x80",       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"cut \xe6\xb2",       "cut \xef\xbf\xbd\xef\xbf\xbd"        },
};

static void test_json(void **state)
{
    struct text text;
    char array[6];

    (void)state;
    for (size_t i = 0; i < sizeof(json) / sizeof(*json); i++) {
        text_init(&text, pool, 1000);
        text_json(&text, json[i].in, strlen(json[i].in));
        assert_string_equal(text.data, json[i].out);
    }
    text_init(&text, pool, 10);
    text_json(&text, "a\0b", 3);
    assert_string_equal(text.data, "a\\u0000b");
    /* Cut between characters and between escapes. */
    text_init_fixed(&text, array, sizeof(array));
    text_json(&text, "沪沪", strlen("沪沪"));
    assert_string_equal(array, "沪");
    text_init_fixed(&text, array, sizeof(array));
    text_json(&text, "\x01\x01", 2);
    assert_string_equal(array, "");
    assert_true(text.overflow);
}

static void test_fixed(void **state)
{
    char array[4] = "old";

    (void)state;
    assert_false(text_copy(array, sizeof(array), "long"));
    assert_string_equal(array, "");
    assert_true(text_copy(array, sizeof(array), "abc"));
    assert_string_equal(array, "abc");
    assert_false(text_format(array, sizeof(array), "%d", 1000));
    assert_string_equal(array, "");
    assert_true(text_format(array, sizeof(array), "%d", 999));
    assert_string_equal(array, "999");
    assert_true(bytes_equal_secret("abc", "abc", 3));
    assert_true(bytes_equal_secret("abc", "abd", 2));
    assert_false(bytes_equal_secret("abc", "abd", 3));
}

static const struct {
    const char *text;
    bool valid;
} utf8[] = {
    {"\x80",             false},
    {"\xbf",             false},
    {"\xc0\x80",         false},
    {"\xc1\xbf",         false},
    {"\xc2",             false},
    {"\xe0\x9f\xbf",     false},
    {"\xed\xa0\x80",     false},
    {"\xed\xbf\xbf",     false},
    {"\xf0\x8f\xbf\xbf", false},
    {"\xf4\x90\x80\x80", false},
    {"\xf5\x80\x80\x80", false},
    {"\xfe",             false},
    {"\xe6\xb2",         false},
    {"a\xf0\xa0\xae",    false},
    {"\xe6\xb2\x2a",     false},
    {"",                 true },
    {"\x7f",             true },
    {"\xc2\x80",         true },
    {"\xdf\xbf",         true },
    {"\xe0\xa0\x80",     true },
    {"\xed\x9f\xbf",     true },
    {"\xee\x80\x80",     true },
    {"\xef\xbf\xbf",     true },
    {"\xf0\x90\x80\x80", true },
    {"\xf4\x8f\xbf\xbf", true },
};

static void test_utf8_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(utf8) / sizeof(*utf8); i++) {
        const char *next = utf8[i].text;
        bool broken = false;
        uint32_t point;
        assert_int_equal(utf8_valid(utf8[i].text, strlen(utf8[i].text)), utf8[i].valid);
        while ((point = utf8_next(&next)) != 0)
            broken |= point == UINT32_MAX;
        assert_int_equal(!broken, utf8[i].valid);
        assert_ptr_equal(next, utf8[i].text + strlen(utf8[i].text));
    }
}

/* Every code point goes in and comes out. */
static void test_utf8_round(void **state)
{
    (void)state;
    for (uint32_t point = 1; point <= 0x10ffff; point++) {
        char array[8];
        struct text text;
        const char *next = array;
        if (point == 0xd800)
            point = 0xe000;
        text_init_fixed(&text, array, sizeof(array));
        utf8_add(&text, point);
        if (utf8_next(&next) != point || *next || utf8_count(array) != 1)
            fail_msg("U+%04X", (unsigned)point);
    }
    assert_int_equal(utf8_count("a龘𠮷"), 3);
    assert_int_equal(utf8_prefix("a龘𠮷b", 0), 0);
    assert_int_equal(utf8_prefix("a龘𠮷b", 3), 8);
    assert_int_equal(utf8_prefix("a龘𠮷b", 9), 9);
}

static void test_utf8_control(void **state)
{
    static const char *const bad[] = {"\n",           "a\x7f",        "\xc2\x85",
                                      "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6",
                                      "\xe2\x80\xa9", "a\x1b",        "\xff"};
    static const char *const good[] = {"", "张三", "A b", "\xc2\xa0", "𠮷", "\xe3\x80\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_true(utf8_has_control(bad[i]));
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        assert_false(utf8_has_control(good[i]));
}

static const struct {
    const char *text;
    int64_t low, high;
    bool good;
    int64_t value;
} numbers[] = {
    {"",                     INT64_MIN, INT64_MAX, false, 0        },
    {"-",                    INT64_MIN, INT64_MAX, false, 0        },
    {"+1",                   INT64_MIN, INT64_MAX, false, 0        },
    {" 1",                   INT64_MIN, INT64_MAX, false, 0        },
    {"1 ",                   INT64_MIN, INT64_MAX, false, 0        },
    {"1.0",                  INT64_MIN, INT64_MAX, false, 0        },
    {"0x1",                  INT64_MIN, INT64_MAX, false, 0        },
    {"--1",                  INT64_MIN, INT64_MAX, false, 0        },
    {"9223372036854775808",  INT64_MIN, INT64_MAX, false, 0        },
    {"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0        },
    {"99999999999999999999", INT64_MIN, INT64_MAX, false, 0        },
    {"0",                    1,         10,        false, 0        },
    {"11",                   1,         10,        false, 0        },
    {"１",                  0,         10,        false, 0        },
    {"10",                   1,         10,        true,  10       },
    {"-5",                   -5,        10,        true,  -5       },
    {"9223372036854775807",  INT64_MIN, INT64_MAX, true,  INT64_MAX},
    {"-9223372036854775808", INT64_MIN, INT64_MAX, true,  INT64_MIN},
    {"007",                  0,         10,        true,  7        },
};

static void test_numbers(void **state)
{
    uint64_t natural = 5;

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        int64_t value = 77;
        if (parse_int(numbers[i].text, numbers[i].low, numbers[i].high, &value) != numbers[i].good)
            fail_msg("%s", numbers[i].text);
        assert_true(value == (numbers[i].good ? numbers[i].value : 77));
    }
    assert_false(parse_uint("-1", 0, UINT64_MAX, &natural));
    assert_false(parse_uint("18446744073709551616", 0, UINT64_MAX, &natural));
    assert_false(parse_uint("4", 5, 9, &natural));
    assert_int_equal(natural, 5);
    assert_true(parse_uint("18446744073709551615", 0, UINT64_MAX, &natural));
    assert_true(natural == UINT64_MAX);
}

static void test_trim(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"",               ""         },
        {" \t\r\n",        ""         },
        {"　　",         ""         },
        {"a",              "a"        },
        {" 　a 　b　 ", "a 　b"   },
        {"\xc2\xa0x",      "\xc2\xa0x"},
        {"a\x80",          "a\x80"    },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(text_trim(pool_text(pool, cases[i].in)), cases[i].out);
}

static const struct {
    const char *text;
    long size;
} base64[] = {
    {"A",            -1},
    {"AAAAA",        -1},
    {"AB",           -1},
    {"AAB",          -1},
    {"AA==",         -1},
    {"A+AA",         -1},
    {"A/AA",         -1},
    {"AA A",         -1},
    {"AA\nA",        -1},
    {"AAAAAAAAAAAA", -1},
    {"",             0 },
    {"AA",           1 },
    {"_-8",          2 },
    {"____",         3 },
};

static void test_base64url(void **state)
{
    uint8_t data[64], back[64];
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(base64) / sizeof(*base64); i++)
        assert_int_equal(base64url_decode(base64[i].text, back, 8), base64[i].size);
    for (size_t size = 0; size <= sizeof(data); size++) {
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t)(i * 37 + size);
        base64url_encode(data, size, text);
        assert_int_equal(strlen(text), (size * 4 + 2) / 3);
        assert_int_equal(base64url_decode(text, back, sizeof(back)), size);
        assert_memory_equal(back, data, size);
    }
    base64url_encode("\xfb\xff", 2, text);
    assert_string_equal(text, "-_8");
}

static void test_base64_padded(void **state)
{
    static const struct {
        const char *text;
        long size;
    } rows[] = {
        {"A",    -1}, {"AA",   -1}, {"AA=",      -1}, {"A===",     -1}, {"====", -1},
        {"AB==", -1}, {"_-8=", -1}, {"AA==AA==", -1}, {"AA==\n",   -1}, {"=AA=", -1},
        {"",     0 }, {"AA==", 1 }, {"+/8=",     2 }, {"////AA==", 4 },
    };
    uint8_t data[64], back[64];
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(base64_decode(rows[i].text, back, 8), rows[i].size);
    assert_int_equal(base64_decode("AAAA", back, 2), -1);
    for (size_t size = 0; size <= sizeof(data); size++) {
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t)(i * 37 + size);
        base64_encode(data, size, text);
        assert_int_equal(strlen(text), (size + 2) / 3 * 4);
        assert_int_equal(base64_decode(text, back, sizeof(back)), size);
        assert_memory_equal(back, data, size);
    }
}

static void test_hex(void **state)
{
    static const char *const bad[] = {"a", "0g", "AB", "0x", " 0", "0102030405"};
    uint8_t back[4];
    char text[9];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(hex_decode(bad[i], back, sizeof(back)), -1);
    hex_encode("\x00\xff\x1a\x80", 4, text);
    assert_string_equal(text, "00ff1a80");
    assert_int_equal(hex_decode(text, back, sizeof(back)), 4);
    assert_memory_equal(back, "\x00\xff\x1a\x80", 4);
    assert_int_equal(hex_decode("", back, 0), 0);
}

static int setup(void **state)
{
    (void)state;
    pool = pool_new(4096, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builder_grows_to_its_cap),
        cmocka_unit_test(test_builder_is_cut_and_stays_cut),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_utf8_valid),
        cmocka_unit_test(test_utf8_round),
        cmocka_unit_test(test_utf8_control),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_base64url),
        cmocka_unit_test(test_base64_padded),
        cmocka_unit_test(test_hex),
    };

    return cmocka_run_group_tests(tests, setup, teardown) ? 1 : 0;
}
