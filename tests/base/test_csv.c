#include "base/csv.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/text.h"

static const char *const columns[] = {"id", "name"};
static struct err err;

static struct csv *open_ok(const void *data, size_t size)
{
    struct csv *csv = NULL;

    if (csv_open_memory(data, size, columns, 2, &csv, &err) < 0)
        fail_msg("%s", err.text);
    return csv;
}

static const struct {
    const char *data;
    const char *says;
} bad_headers[] = {
    {"",                 "empty"                   },
    {"\n\r\n",           "empty"                   },
    {"id\n",             "column name is missing"  },
    {"id,name,id\n",     "column id is there twice"},
    {"id,name,age\n",    "unknown column age"      },
    {"id,Name\n",        "unknown column Name"     },
    {"id,name,\n",       "unknown column"          },
    {"id,\"name\n1,2\n", "a quote is not closed"   },
    {"id;name\n",        "unknown column id;name"  },
    {"id,n\xff\n",       "a broken character"      },
    {"\nx,id,id,y\n",
     "line 2: unknown column x; column id is there twice; unknown column y; column name is missing"},
};

/* Behind a mark only what is broken is broken. */
static void test_marked(void **state)
{
    static const char data[] = "\xef\xbb\xbfid,name\n1,张\n2,\xff\n3,\xe6\xb2\n4,三\n";
    const char *fields[2];
    struct csv *csv = open_ok(data, sizeof(data) - 1);

    (void)state;
    assert_int_equal(csv_next(csv, fields, &err), 1);
    assert_string_equal(fields[1], "张");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(csv_next(csv, fields, &err), -1);
        assert_int_equal(err.kind, ERR_INPUT);
    }
    assert_int_equal(csv_next(csv, fields, &err), 1);
    assert_string_equal(fields[1], "三");
    assert_int_equal(csv_next(csv, fields, &err), 0);
    csv_close(&csv);
}

/* However many columns with however long names are wrong, the message is whole characters. */
static void test_long_header(void **state)
{
    char header[CSV_COLUMN_LIMIT * 64 * 3 + 64] = "";
    struct csv *csv = NULL;

    (void)state;
    for (int i = 0; i < CSV_COLUMN_LIMIT * 64; i++)
        snprintf(header + strlen(header), 4, "%s", i % 64 ? "证" : i ? ",a" : "a");
    assert_int_equal(csv_open_memory(header, strlen(header), columns, 2, &csv, &err), -1);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_true(utf8_valid(err.text, strlen(err.text)));
    assert_true(strlen(err.text) > 1000);
}

static void test_bad_headers(void **state)
{
    struct csv *csv = NULL;
    FILE *file;

    (void)state;
    for (size_t i = 0; i < sizeof(bad_headers) / sizeof(*bad_headers); i++) {
        assert_int_equal(csv_open_memory(bad_headers[i].data, strlen(bad_headers[i].data), columns,
                                         2, &csv, &err),
                         -1);
        assert_int_equal(err.kind, ERR_INPUT);
        if (!strstr(err.text, bad_headers[i].says))
            fail_msg("case %zu: %s", i, err.text);
        assert_null(csv);
    }
    file = fopen("/tmp", "r");
    assert_non_null(file);
    assert_int_equal(csv_open_file(file, "/tmp", columns, 2, &csv, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    fclose(file);
}

/* A bad record between two good ones. */
static const struct {
    const char *record;
    size_t size;
    const char *says;
    size_t next_line;
} bad_records[] = {
#define BAD(record, says, line)                                                                    \
    {                                                                                              \
        record, sizeof(record) - 1, says, line                                                     \
    }
    BAD("1\n", "line 3: 1 fields where the header has 2", 4),
    BAD("1,2,3\n", "line 3: 3 fields where the header has 2", 4),
    BAD("1,\"a\"b\n", "line 3: text behind a closing quote", 4),
    BAD("1,a\"b\n", "line 3: a quote inside an unquoted field", 4),
    BAD("1,a\0b\n", "line 3: a zero byte", 4),
    BAD("\"1\n\n\",a\"b\n", "line 3: a quote inside", 6),
    BAD(",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n",
        "more columns", 4),
};

static void test_bad_records(void **state)
{
    char data[1024];
    const char *fields[2];

    (void)state;
    for (size_t i = 0; i < sizeof(bad_records) / sizeof(*bad_records); i++) {
        size_t size = 0;
        memcpy(data, "id,name\n0,before\n", 17);
        memcpy(data + 17, bad_records[i].record, bad_records[i].size);
        size = 17 + bad_records[i].size;
        memcpy(data + size, "9,after\n", 8);
        struct csv *csv = open_ok(data, size + 8);
        assert_int_equal(csv_next(csv, fields, &err), 1);
        assert_int_equal(csv_line(csv), 2);
        assert_int_equal(csv_next(csv, fields, &err), -1);
        assert_int_equal(err.kind, ERR_INPUT);
        if (!strstr(err.text, bad_records[i].says))
            fail_msg("case %zu: %s", i, err.text);
        assert_int_equal(csv_line(csv), 3);
        assert_int_equal(csv_next(csv, fields, &err), 1);
        assert_string_equal(fields[1], "after");
        assert_int_equal(csv_line(csv), bad_records[i].next_line);
        assert_int_equal(csv_next(csv, fields, &err), 0);
        csv_close(&csv);
        assert_null(csv);
    }
}

static void test_open_quote_ends_with_the_file(void **state)
{
    static const char data[] = "id,name\n1,\"a\n2,b\n";
    const char *fields[2];

    (void)state;
    struct csv *csv = open_ok(data, sizeof(data) - 1);
    assert_int_equal(csv_next(csv, fields, &err), -1);
    assert_string_equal(err.text, "line 2: a quote is not closed");
    assert_int_equal(csv_next(csv, fields, &err), 0);
    csv_close(&csv);
}

static const struct {
    const char *data;
    const char *id, *name;
} records[] = {
    {"id,name\n1,a",                              "1", "a"         },
    {"id,name\r\n1,a\r\n",                        "1", "a"         },
    {"name,id\na,1\n",                            "1", "a"         },
    {"\xef\xbb\xbfid,name\n1,a\n",                "1", "a"         },
    {"\xef\xbb\xbf\"id\",\"name\"\n1,a\n",        "1", "a"         },
    {" id , name \n 1 ,　a b　\n",              "1", "a b"       },
    {"id,name\n\n\r\n1,a\n",                      "1", "a"         },
    {"id,name\n\"1\",\"a \"\"b\"\", c\"\n",       "1", "a \"b\", c"},
    {"id,name\n1,\"a\nb\"\n",                     "1", "a\nb"      },
    {"id,name\n1,\n",                             "1", ""          },
    {"id,name\n,\"\"",                            "",  ""          },
    {"id,name\n1,a\rb\n",                         "1", "a\rb"      },
    {"id,name\n1,𠮷龘\n",                      "1", "𠮷龘"   },
 /* GB18030: two and four bytes, the last ones ASCII digits. */
    {"id,name\n1,\xd5\xc5\xc8\xfd\n",             "1", "张三"    },
    {"\x84\x31\x95\x33id,name\n1,\xd5\xc5\xc8\xfd\n", "1", "张三"},
    {"id,name\n1,\x95\x32\xb7\x33\xd5\xc5\n",     "1", NULL        },
    {"id,name\n1,\"\x82\x34\xf4\x30\xd5\xc5\"\n", "1", NULL        },
};

static void test_records(void **state)
{
    const char *fields[2];

    (void)state;
    for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
        struct csv *csv = open_ok(records[i].data, strlen(records[i].data));
        if (csv_next(csv, fields, &err) != 1)
            fail_msg("case %zu: %s", i, err.text);
        assert_string_equal(fields[0], records[i].id);
        if (records[i].name)
            assert_string_equal(fields[1], records[i].name);
        else
            assert_non_null(strstr(fields[1], "张"));
        assert_int_equal(csv_next(csv, fields, &err), 0);
        assert_int_equal(csv_next(csv, fields, &err), 0);
        csv_close(&csv);
    }
}

/* One broken byte in a file of UTF-8 makes it GB18030, where the byte is broken, too. */
static void test_broken_character(void **state)
{
    static const char data[] = "id,name\n1,\xff\n2,b\n";
    const char *fields[2];

    (void)state;
    struct csv *csv = open_ok(data, sizeof(data) - 1);
    assert_int_equal(csv_next(csv, fields, &err), -1);
    assert_string_equal(err.text, "line 2: a broken character");
    assert_int_equal(csv_next(csv, fields, &err), 1);
    assert_string_equal(fields[1], "b");
    csv_close(&csv);
}

static void test_field_limit(void **state)
{
    static char data[CSV_FIELD_LIMIT * 4 + 100];
    const char *fields[2];

    (void)state;
    for (int over = 0; over < 2; over++) {
        int head = snprintf(data, sizeof(data), "id,name\n1,");
        memset(data + head, 'x', CSV_FIELD_LIMIT + (size_t)over);
        data[head + CSV_FIELD_LIMIT + over] = '\n';
        struct csv *csv = open_ok(data, (size_t)head + CSV_FIELD_LIMIT + (size_t)over + 1);
        assert_int_equal(csv_next(csv, fields, &err), over ? -1 : 1);
        if (over)
            assert_string_equal(err.text, "line 2: a field is too long");
        else
            assert_int_equal(strlen(fields[1]), CSV_FIELD_LIMIT);
        csv_close(&csv);
    }
}

/* A long field of GB18030 must not overflow where UTF-8 is longer. */
static void test_conversion_grows(void **state)
{
    static char data[CSV_FIELD_LIMIT + 100];
    const char *fields[2];

    (void)state;
    memcpy(data, "id,name\n1,", 10);
    for (size_t i = 0; i < CSV_FIELD_LIMIT; i += 2)
        memcpy(data + 10 + i, "\xd5\xc5", 2);
    struct csv *csv = open_ok(data, 10 + CSV_FIELD_LIMIT);
    assert_int_equal(csv_next(csv, fields, &err), 1);
    assert_int_equal(strlen(fields[1]), CSV_FIELD_LIMIT / 2 * 3);
    csv_close(&csv);
}

static void test_pipe_is_refused(void **state)
{
    int ends[2];
    struct csv *csv = NULL;
    FILE *file;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "id,name\n", 8), 8);
    file = fdopen(ends[0], "r");
    assert_non_null(file);
    assert_int_equal(csv_open_file(file, "pipe", columns, 2, &csv, &err), -1);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.text, "no pipe"));
    fclose(file);
    close(ends[1]);
}

/* Characters that straddle the detection's pieces, at each of their bytes. */
static void test_long_files(void **state)
{
    enum { ROWS = 20000 };
    char path[] = "/tmp/ecert-csv-XXXXXX";
    const char *fields[2];
    struct csv *csv;
    struct rusage before, after;

    (void)state;
    close(mkstemp(path));
    for (int shift = 0; shift < 4; shift++) {
        FILE *file = fopen(path, "w");
        fprintf(file, "%.*sname,id\n", shift, "    ");
        for (int i = 0; i < ROWS; i++)
            fprintf(file, "龘𠮷𬭚䶮龘𠮷,%d\n", i);
        fclose(file);
        getrusage(RUSAGE_SELF, &before);
        file = fopen(path, "r");
        assert_non_null(file);
        assert_int_equal(csv_open_file(file, path, columns, 2, &csv, &err), 0);
        for (int i = 0; i < ROWS; i++) {
            assert_int_equal(csv_next(csv, fields, &err), 1);
            assert_int_equal(strtol(fields[0], NULL, 10), i);
            assert_string_equal(fields[1], "龘𠮷𬭚䶮龘𠮷");
        }
        assert_int_equal(csv_next(csv, fields, &err), 0);
        csv_close(&csv);
        fclose(file);
        getrusage(RUSAGE_SELF, &after);
        assert_true(after.ru_maxrss - before.ru_maxrss < 4096);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_headers), cmocka_unit_test(test_long_header), cmocka_unit_test(test_marked),
        cmocka_unit_test(test_bad_records),
        cmocka_unit_test(test_open_quote_ends_with_the_file),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_broken_character),
        cmocka_unit_test(test_field_limit),
        cmocka_unit_test(test_conversion_grows),
        cmocka_unit_test(test_pipe_is_refused),
        cmocka_unit_test(test_long_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
