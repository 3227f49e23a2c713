#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *text;
    bool good;
} parses[] = {
    {"",            false},
    {"2024-2-29",   false},
    {"2023-02-29",  false},
    {"2024-13-01",  false},
    {"2024-00-10",  false},
    {"2024-04-31",  false},
    {"0000-01-01",  false},
    {"2024-01-00",  false},
    {"2024/01/01",  false},
    {"2024-01-01 ", false},
    {" 2024-01-1",  false},
    {"+024-01-01",  false},
    {"1900-02-29",  false},
    {"20240101",    false},
    {"2024-01",     false},
    {"2024-01-0",   false},
    {"2024-02-29",  true },
    {"2000-02-29",  true },
    {"0001-01-01",  true },
    {"9999-12-31",  true },
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(parses) / sizeof(*parses); i++) {
        struct date date = {1, 1, 1};
        char back[11];
        assert_int_equal(date_parse(parses[i].text, &date), parses[i].good);
        date_format(date, back);
        assert_string_equal(back, parses[i].good ? parses[i].text : "0001-01-01");
    }
}

static void test_format(void **state)
{
    char text[24];

    (void)state;
    date_format((struct date){0, 0, 0}, text);
    assert_string_equal(text, "");
    date_format((struct date){2024, 2, 30}, text);
    assert_string_equal(text, "");
    date_chinese((struct date){0, 0, 0}, text);
    assert_string_equal(text, "");
    date_chinese((struct date){2024, 2, 9}, text);
    assert_string_equal(text, "2024年2月9日");
    date_chinese((struct date){2024, 12, 31}, text);
    assert_string_equal(text, "2024年12月31日");
}

/* Every day from 0001-01-01 to 9999-12-31 follows the one before it. */
static void test_all_days(void **state)
{
    struct date date = {1, 1, 1};
    int32_t last = date_days((struct date){9999, 12, 31});

    (void)state;
    assert_int_equal(date_days((struct date){1970, 1, 1}), 0);
    assert_int_equal(date_days((struct date){2000, 3, 1}), 11017);
    for (int32_t day = date_days(date); day <= last; day++) {
        struct date found = date_from_days(day);
        if (!date_valid(found) || date_days(found) != day)
            fail_msg("day %d", (int)day);
        if (day > date_days((struct date){1, 1, 1}) && date_compare(date, found) >= 0)
            fail_msg("order at day %d", (int)day);
        date = found;
    }
    assert_true(date_is_none(date_from_days(last + 1)));
    assert_true(date_is_none(date_from_days(date_days((struct date){1, 1, 1}) - 1)));
    assert_true(date_is_none(date_from_days(INT32_MIN)));
    assert_true(date_is_none(date_from_days(INT32_MAX)));
}

static const struct {
    struct date from;
    int months;
    struct date to;
} additions[] = {
    {{2024, 1, 31},  1,           {2024, 2, 29} },
    {{2023, 1, 31},  1,           {2023, 2, 28} },
    {{2024, 2, 29},  12,          {2025, 2, 28} },
    {{2024, 2, 29},  48,          {2028, 2, 29} },
    {{2024, 3, 31},  -1,          {2024, 2, 29} },
    {{2024, 1, 15},  -1,          {2023, 12, 15}},
    {{2024, 12, 31}, 2,           {2025, 2, 28} },
    {{2024, 6, 30},  0,           {2024, 6, 30} },
    {{9999, 12, 1},  1,           {0, 0, 0}     },
    {{1, 1, 1},      -1,          {0, 0, 0}     },
    {{2024, 5, 31},  1200,        {2124, 5, 31} },
    {{2024, 1, 1},   -2000000000, {0, 0, 0}     },
};

static void test_add(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(additions) / sizeof(*additions); i++)
        assert_int_equal(
            date_compare(date_add_months(additions[i].from, additions[i].months), additions[i].to),
            0);
    assert_int_equal(
        date_compare(date_add_years((struct date){2024, 2, 29}, 3), (struct date){2027, 2, 28}), 0);
    assert_true(date_is_none(date_add_years((struct date){2024, 1, 1}, INT32_MAX)));
    assert_true(date_is_none(date_add_days((struct date){2024, 1, 1}, INT32_MAX)));
    assert_int_equal(
        date_compare(date_add_days((struct date){2024, 2, 28}, 2), (struct date){2024, 3, 1}), 0);
}

static const struct {
    struct date first;
    int years;
    struct date end;
} terms[] = {
    {{2026, 3, 15}, 3,         {2029, 3, 14}},
    {{2026, 1, 1},  3,         {2028, 12, 31}},
    {{2025, 3, 1},  3,         {2028, 2, 29}},
    {{2028, 3, 1},  3,         {2031, 2, 28}},
    {{2028, 2, 28}, 3,         {2031, 2, 27}},
    {{2028, 2, 29}, 3,         {2031, 2, 28}},
    {{2028, 2, 29}, 4,         {2032, 2, 28}},
    {{2028, 2, 29}, INT32_MAX, {0, 0, 0}    },
};

static void test_term(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(terms) / sizeof(*terms); i++)
        assert_int_equal(date_compare(date_term_end(terms[i].first, terms[i].years), terms[i].end),
                         0);
}

static const struct {
    struct date birth, on;
    int age;
} ages[] = {
    {{2000, 2, 29}, {2018, 2, 28}, 17},
    {{2000, 2, 29}, {2018, 3, 1},  18},
    {{2000, 2, 29}, {2020, 2, 29}, 20},
    {{1965, 6, 15}, {2025, 6, 14}, 59},
    {{1965, 6, 15}, {2025, 6, 15}, 60},
    {{1965, 6, 15}, {1965, 6, 15}, 0 },
};

static void test_age(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ages) / sizeof(*ages); i++)
        assert_int_equal(date_age(ages[i].birth, ages[i].on), ages[i].age);
}

static void test_compare(void **state)
{
    (void)state;
    assert_true(date_compare((struct date){0, 0, 0}, (struct date){1, 1, 1}) < 0);
    assert_true(date_compare((struct date){2024, 1, 31}, (struct date){2024, 2, 1}) < 0);
    assert_true(date_compare((struct date){2025, 1, 1}, (struct date){2024, 12, 31}) > 0);
    assert_int_equal(date_compare((struct date){2024, 5, 5}, (struct date){2024, 5, 5}), 0);
}

static const struct {
    int64_t ms;
    const char *iso, *shanghai;
} instants[] = {
    {0,             "1970-01-01T00:00:00.000Z", "1970-01-01 08:00:00"},
    {-1,            "1969-12-31T23:59:59.999Z", "1970-01-01 07:59:59"},
    {1709222399999, "2024-02-29T15:59:59.999Z", "2024-02-29 23:59:59"},
    {1709222400000, "2024-02-29T16:00:00.000Z", "2024-03-01 00:00:00"},
};

static void test_instants(void **state)
{
    char text[25];

    (void)state;
    for (size_t i = 0; i < sizeof(instants) / sizeof(*instants); i++) {
        clock_iso(instants[i].ms, text);
        assert_string_equal(text, instants[i].iso);
        clock_shanghai(instants[i].ms, text);
        assert_string_equal(text, instants[i].shanghai);
    }
    clock_iso(INT64_MAX, text);
    clock_iso(INT64_MIN, text);
    assert_int_equal(strlen(text), 24);
}

static void test_today(void **state)
{
    char before[20], after[20], today[11];

    (void)state;
    /* Midnight may pass between the two. */
    do {
        clock_shanghai(clock_now_ms(), before);
        date_format(date_today(), today);
        clock_shanghai(clock_now_ms(), after);
    } while (memcmp(before, after, 10) != 0);
    assert_memory_equal(today, before, 10);
    clock_fix((struct date){2024, 2, 29});
    assert_int_equal(date_compare(date_today(), (struct date){2024, 2, 29}), 0);
    clock_fix((struct date){0, 0, 0});
    int64_t tick = clock_tick_us();
    assert_true(clock_tick_us() >= tick);
}

static void test_days_of_instants(void **state)
{
    static const struct {
        struct date date;
        int64_t begins_ms;
    } cases[] = {
        {{1970, 1, 1}, INT64_C(-28800000)},
        {{1969, 12, 31}, INT64_C(-115200000)},
        {{2026, 11, 23}, INT64_C(1795363200000)}, /* date -ud "2026-11-22 16:00" +%s */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int64_t begins = date_begins_ms(cases[i].date);

        assert_int_equal(begins, cases[i].begins_ms);
        assert_int_equal(date_compare(date_at(begins), cases[i].date), 0);
        assert_int_equal(date_compare(date_at(begins + DAY_MS - 1), cases[i].date), 0);
        assert_true(date_compare(date_at(begins - 1), cases[i].date) < 0);
        assert_true(date_compare(date_at(begins + DAY_MS), cases[i].date) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_of_instants),
        cmocka_unit_test(test_parse),    cmocka_unit_test(test_format),
        cmocka_unit_test(test_all_days), cmocka_unit_test(test_add),
        cmocka_unit_test(test_term),
        cmocka_unit_test(test_age),      cmocka_unit_test(test_compare),
        cmocka_unit_test(test_instants), cmocka_unit_test(test_today),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
