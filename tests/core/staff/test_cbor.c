/* CBOR: what is read, what is refused, and that nothing makes it work long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/staff/cbor.h"

#define OF(array) {(const uint8_t *)(array), sizeof(array) - 1}

/* RFC 8949, appendix A. */
static const struct {
    const char *item;
    size_t size;
    bool whole;
} items[] = {
    {"\x00", 1, true},
    {"\x18\x64", 2, true},
    {"\x1b\xff\xff\xff\xff\xff\xff\xff\xff", 9, true},
    {"\x38\x63", 2, true},
    {"\x40", 1, true},
    {"\x44\x01\x02\x03\x04", 5, true},
    {"\x64IETF", 5, true},
    {"\x80", 1, true},
    {"\x83\x01\x82\x02\x03\x82\x04\x05", 8, true},
    {"\xa2\x61" "a\x01\x61" "b\x82\x02\x03", 9, true},
    {"\xf4", 1, true},
    {"\xf6", 1, true},
    {"", 0, false},
    {"\x18", 1, false},
    {"\x1c", 1, false},                                         /* reserved */
    {"\x44\x01\x02", 3, false},                                 /* cut */
    {"\x5f\x41\x01\xff", 4, false},                             /* of no definite length */
    {"\x9f\xff", 2, false},
    {"\xc1\x00", 2, false},                                     /* a tag */
    {"\xf9\x3c\x00", 3, false},                                 /* a float */
    {"\x82\x01", 2, false},
    {"\x9a\x10\x00\x00\x00", 5, false},                         /* 268,435,456 items */
    {"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9, false},
    {"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff", 9, false},
    {"\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 9, false},
    {"\x81\x81\x81\x81\x81\x81\x81\x00", 8, true},
    {"\x81\x81\x81\x81\x81\x81\x81\x81\x00", 9, false},         /* deeper than eight */
};

static void skips_items(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        struct cbor cbor = cbor_of((struct bytes){(const uint8_t *)items[i].item, items[i].size});
        bool whole = cbor_skip(&cbor) && cbor.at == cbor.end;

        if (whole != items[i].whole)
            fail_msg("item %zu", i);
    }
}

static void reads_numbers(void **state)
{
    static const struct {
        struct bytes item;
        int64_t value;
    } numbers[] = {
        {OF("\x17"), 23},
        {OF("\x19\x03\xe8"), 1000},
        {OF("\x26"), -7},
        {OF("\x39\x01\x00"), -257},
        {OF("\x1b\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MAX},
        {OF("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MIN},
    };
    static const struct bytes none[] = {OF("\x1b\x80\x00\x00\x00\x00\x00\x00\x00"), OF("\x40"),
                                        OF("\x3b\x80\x00\x00\x00\x00\x00\x00\x00"), OF("")};
    int64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct cbor cbor = cbor_of(numbers[i].item);
        assert_true(cbor_int(&cbor, &value));
        assert_true(value == numbers[i].value);
        assert_ptr_equal(cbor.at, cbor.end);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        struct cbor cbor = cbor_of(none[i]);
        assert_false(cbor_int(&cbor, &value));
    }
}

static void reads_strings_and_maps(void **state)
{
    const struct bytes all = OF("\x43\x01\x02\x03\x62hi\xa1\x00\x00");
    struct cbor cbor = cbor_of(all);
    struct bytes bytes;
    uint64_t pairs;

    (void)state;
    assert_true(cbor_bytes(&cbor, &bytes));
    assert_int_equal(bytes.size, 3);
    assert_int_equal(bytes.data[2], 3);
    struct cbor again = cbor;
    assert_false(cbor_bytes(&again, &bytes));
    assert_true(cbor_text(&cbor, &bytes));
    assert_memory_equal(bytes.data, "hi", 2);
    assert_true(cbor_map(&cbor, &pairs));
    assert_int_equal(pairs, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skips_items),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(reads_strings_and_maps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
