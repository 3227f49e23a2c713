/* CSV as it is written: to the byte, and read back by our own reader. */
#include "base/csv.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/sink.h"

enum { ROOM = 256 * 1024, ROWS = 2000 };

static char data[ROOM];
static size_t size, room;
static struct err err;

static int take(void *context, const void *piece, size_t length)
{
    (void)context;
    if (length > room - size)
        return -1;
    memcpy(data + size, piece, length);
    size += length;
    return 0;
}

static const struct sink sink = {take, NULL};

static int set_up(void **state)
{
    (void)state;
    size = 0;
    room = ROOM;
    return 0;
}

static void test_the_reader_goes_away(void **state)
{
    const char *const cells[] = {"a name", "another"};
    struct csv_writer writer;

    (void)state;
    for (room = 0; room < 4 * CSV_WRITER_SIZE; room += 1000) {
        int result = 0;
        size = 0;
        csv_writer_init(&writer, &sink);
        for (int i = 0; i < ROWS + 2000 && result == 0; i++)
            result = csv_write(&writer, cells, 2, &err);
        if (result == 0)
            result = csv_flush(&writer, &err);
        assert_int_equal(result, -1);
        assert_int_equal(err.kind, ERR_SYSTEM);
        assert_int_equal(err.code, EPIPE);
        /* It stays so. */
        assert_int_equal(csv_flush(&writer, &err), -1);
        assert_true(size <= room);
    }
}

static void test_cells(void **state)
{
    static const struct {
        const char *cell, *written;
    } rows[] = {
        {NULL, ""},
        {"", ""},
        {"张三", "张三"},
        {" x ", " x "},
        {"a,b", "\"a,b\""},
        {"\"", "\"\"\"\""},
        {"a\"b\"\"c", "\"a\"\"b\"\"\"\"c\""},
        {"a\nb", "\"a\nb\""},
        {"a\r\nb", "\"a\r\nb\""},
        {"=1+1", "'=1+1"},
        {"+86", "'+86"},
        {"-1", "'-1"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"\t=1", "'\t=1"},
        {"\r=1", "\"'\r=1\""},
        {"=cmd|' /C calc'!A0,\"x\"", "\"'=cmd|' /C calc'!A0,\"\"x\"\"\""},
        {"\n=1", "\"'\n=1\""},
        {" =1+1", "' =1+1"},
        {"\xe3\x80\x80 -1", "'\xe3\x80\x80 -1"},
        {"＝1+1", "'＝1+1"},
        {"＋86", "'＋86"},
        {"－1", "'－1"},
        {"＠SUM(A1)", "'＠SUM(A1)"},
        {"a=1", "a=1"},
        {"（一）", "（一）"},
        {"2026-01-31", "2026-01-31"},
    };
    char expected[256];
    struct csv_writer writer;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const cells[] = {rows[i].cell, "end"};

        size = 0;
        csv_writer_init(&writer, &sink);
        assert_int_equal(csv_write(&writer, cells, 2, &err), 0);
        assert_int_equal(csv_flush(&writer, &err), 0);
        snprintf(expected, sizeof(expected), "\xef\xbb\xbf%s,end\r\n", rows[i].written);
        assert_int_equal(size, strlen(expected));
        assert_memory_equal(data, expected, size);
    }
}

static void test_what_is_written_can_be_read(void **state)
{
    static const char *const names[] = {"编号", "name"};
    struct csv_writer writer;
    struct csv *csv = NULL;
    const char *fields[2];
    char number[32], name[64];
    const char *const cells[] = {number, name};

    (void)state;
    csv_writer_init(&writer, &sink);
    assert_int_equal(csv_write(&writer, names, 2, &err), 0);
    for (int i = 0; i < ROWS; i++) {
        snprintf(number, sizeof(number), "沪建安B（2020）%07d", i);
        snprintf(name, sizeof(name), "\"%d\",\n𠮷", i);
        assert_int_equal(csv_write(&writer, cells, 2, &err), 0);
    }
    assert_int_equal(csv_flush(&writer, &err), 0);
    assert_int_equal(csv_open_memory(data, size, names, 2, &csv, &err), 0);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(csv_next(csv, fields, &err), 1);
        snprintf(number, sizeof(number), "沪建安B（2020）%07d", i);
        snprintf(name, sizeof(name), "\"%d\",\n𠮷", i);
        assert_string_equal(fields[0], number);
        assert_string_equal(fields[1], name);
    }
    assert_int_equal(csv_next(csv, fields, &err), 0);
    csv_close(&csv);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(test_the_reader_goes_away),
        TEST(test_cells),
        TEST(test_what_is_written_can_be_read),
    };

    return cmocka_run_group_tests_name("csv_write", tests, NULL, NULL);
}
