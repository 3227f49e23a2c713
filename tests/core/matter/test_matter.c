/* Matter numbers and items; matters in the database: tests/core/item/test_exchange.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/matter/matter.h"

static void test_parse_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "JZ",
        "JZ20261123",
        "JZ20261123-",
        "JZ20261123-0000042",   /* seven digits */
        "JZ20261123-00000000",  /* no id */
        "JZ20261123-000000042", /* a zero too many */
        "jz20261123-00000042",
        "XX20261123-00000042",
        "JZ20261323-00000042", /* month 13 */
        "JZ20260229-00000042", /* no such day */
        "JZ00000101-00000042", /* no year 0 */
        "JZ2026-123-00000042",
        "JZ20261123_00000042",
        "JZ20261123-0000004a",
        "JZ20261123-+0000042",
        "JZ20261123--0000042",
        "JZ20261123-00000042 ",
        " JZ20261123-00000042",
        "JZ20261123-18446744073709551616", /* above 64 bits */
        "JZ20261123-99999999999999999999999999",
    };
    enum item item;
    struct date date;
    uint64_t id;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (matter_number_parse(bad[i], &item, &date, &id))
            fail_msg("accepted: \"%s\"", bad[i]);
}

static void test_parse_accepted(void **state)
{
    static const struct {
        const char *number;
        enum item item;
        struct date date;
        uint64_t id;
    } rows[] = {
        {"JZ20261123-00000042", ITEM_EXCHANGE, {2026, 11, 23}, 42},
        {"JZ20261123-00000001", ITEM_EXCHANGE, {2026, 11, 23}, 1},
        {"LH20280229-99999999", ITEM_DEPARTURE, {2028, 2, 29}, 99999999},
        {"ZX20261231-100000000", ITEM_CANCEL, {2026, 12, 31}, 100000000},
        {"GZ20260101-18446744073709551615", ITEM_CORRECTION, {2026, 1, 1}, UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char made[MATTER_NUMBER_SIZE];
        struct date date;
        enum item item;
        uint64_t id;

        assert_true(matter_number_parse(rows[i].number, &item, &date, &id));
        assert_int_equal(item, rows[i].item);
        assert_int_equal(date_compare(date, rows[i].date), 0);
        assert_true(id == rows[i].id);
        matter_number_make(item, date, id, made);
        assert_string_equal(made, rows[i].number);
    }
}

/* Every item has letters of its own, a name and a label. */
static void test_items(void **state)
{
    const struct date date = {2026, 3, 1};

    (void)state;
    for (int i = 0; i < ITEM_COUNT; i++) {
        char number[MATTER_NUMBER_SIZE];
        struct date parsed;
        enum item item;
        uint64_t id;

        matter_number_make((enum item)i, date, 5, number);
        assert_true(matter_number_parse(number, &item, &parsed, &id));
        assert_int_equal(item, i);
        assert_int_equal(item_by_name(item_name(item)), i);
        assert_non_null(item_label(item));
    }
    assert_null(item_name(ITEM_COUNT));
    assert_null(item_label(ITEM_COUNT));
    assert_int_equal(item_by_name(""), ITEM_COUNT);
    assert_int_equal(item_by_name("Exchange"), ITEM_COUNT);
    assert_null(matter_state_label("closed"));
    assert_string_equal(matter_state_label("open"), "办理中");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_refused),
        cmocka_unit_test(test_parse_accepted),
        cmocka_unit_test(test_items),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
