/* The certificates of a sanction as they are listed, pasted and uploaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/proposal/proposal.h"
#include "core/proposal/sanction_lines.h"
#include "tests/core/desk.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct testdb *testdb;

static int prepare(void **state)
{
    (void)state;
    testdb_clear(testdb);
    desk_people(testdb);
    return 0;
}

static struct sanction_lines read_lines(const char *text)
{
    struct sanction_lines lines;
    struct err err = {0};

    if (sanction_lines_read(testdb->db, testdb->pool, &testdb->core, text, &lines, &err) < 0)
        fail_msg("%s", err.text);
    return lines;
}

static void test_lines(void **state)
{
    static const struct {
        const char *number, *reason;
        size_t line;
        uint64_t id;
        const char *wrong;
    } rows[] = {
        {"沪建安B（2024）0000052", "", 1, 52, NULL},
        {"沪建安C2（2024）0000053", "另案处理，从重", 3, 53, NULL},
        {"沪建安A（2024）0000051", "一个原因", 4, 51, NULL},
        {"沪建安B（2024）0000052", "又一次", 5, 0, "编号重复"},
        {"沪建安B（2024）0009999", "", 6, 0, "没有这本证书"},
        {"沪建安123", "", 7, 0, "不是完整的证书编号"},
        {"沪建安B（2024）0000041", "", 8, 41, NULL},
        {"", "没有编号", 9, 0, "不是完整的证书编号"},
    };
    const struct sanction_lines lines = read_lines("沪建安B(2024)0000052\n"
                                                   "  \n"
                                                   " 沪建安C2（2024）0000053 ,另案处理，从重\n"
                                                   "沪建安A（2024） 0000051，一个原因\n"
                                                   "沪建安B（2024）0000052\t又一次\n"
                                                   "沪建安B（2024）0009999\n"
                                                   "沪建安123\n"
                                                   "沪建安B（2024）0000041,\n"
                                                   ",没有编号");

    (void)state;
    assert_int_equal(lines.count, COUNT(rows));
    assert_int_equal(lines.right, 4);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_string_equal(lines.lines[i].number, rows[i].number);
        assert_string_equal(lines.lines[i].reason, rows[i].reason);
        assert_int_equal(lines.lines[i].line, rows[i].line);
        assert_int_equal(rows[i].wrong ? 0 : lines.lines[i].id, rows[i].id);
        if (rows[i].wrong)
            assert_string_equal(lines.lines[i].wrong, rows[i].wrong);
        else
            assert_null(lines.lines[i].wrong);
    }
}

static void test_long_reason(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, testdb->pool, 4096);
    text_add(&text, "沪建安B（2024）0000052,");
    for (int i = 0; i < SANCTION_REASON; i++)
        text_add(&text, "长");
    assert_int_equal(read_lines(text.data).right, 1);
    text_add(&text, "长");
    assert_int_equal(read_lines(text.data).right, 0);
    assert_string_equal(read_lines(text.data).lines[0].wrong, "原因不能超过100个字符");
}

static void test_too_many(void **state)
{
    struct sanction_lines lines;
    struct text text;
    struct err err = {0};

    (void)state;
    text_init(&text, testdb->pool, SIZE_MAX / 2);
    for (int i = 0; i <= 2 * PROPOSAL_CERTIFICATES; i++)
        text_printf(&text, "沪建安B（2024）%07d\n", i);
    assert_int_equal(sanction_lines_read(testdb->db, testdb->pool, &testdb->core, text.data, &lines,
                                         &err),
                     -1);
    assert_int_equal(err.kind, ERR_LIMIT);
}

static bool not_53(void *context, uint64_t id)
{
    (void)context;
    return id != 53;
}

static void test_picked(void **state)
{
    const struct sanction_lines lines = read_lines("沪建安B（2024）0000052,甲\n"
                                                   "沪建安C2（2024）0000053,乙\n"
                                                   "沪建安123\n"
                                                   "沪建安A（2024）0000051\n");
    struct proposal_row *rows;
    size_t count, row_count;
    uint64_t *ids;

    (void)state;
    sanction_lines_pick(testdb->pool, &lines, not_53, NULL, &ids, &rows, &count, &row_count);
    assert_int_equal(count, 2);
    assert_int_equal(ids[0], 52);
    assert_int_equal(ids[1], 51);
    assert_int_equal(row_count, 1);
    assert_string_equal(rows[0].key, "52");
    assert_string_equal(rows[0].after, "甲");
    sanction_lines_pick(testdb->pool, &lines, NULL, NULL, &ids, &rows, &count, &row_count);
    assert_int_equal(count, 3);
    /* What is written is read the same. */
    assert_string_equal(sanction_lines_text(testdb->pool, &lines, not_53, NULL),
                        "沪建安B（2024）0000052,甲\n沪建安A（2024）0000051\n");
    assert_int_equal(
        read_lines(sanction_lines_text(testdb->pool, &lines, NULL, NULL)).right, 3);
}

static void test_files(void **state)
{
    static const struct {
        const char *file, *text, *wrong;
    } rows[] = {
        {"number\n沪建安B（2024）0000052\n", "沪建安B（2024）0000052\n", NULL},
        {"reason,number\r\n,甲\r\n\"一,二\",乙\r\n", "甲\n乙,一,二\n", NULL},
        {"\xEF\xBB\xBFnumber,reason\n甲,\"两\n行\"\n", "甲,两 行\n", NULL},
        {"编号\n甲\n", NULL, "第一行须为列名：number，或者 number,reason"},
        {"number,other\n甲,乙\n", NULL, "第一行须为列名：number，或者 number,reason"},
        {"", NULL, "第一行须为列名：number，或者 number,reason"},
        {"number,reason\n甲\n", NULL, "第 2 行的格式不正确"},
        {"number\n甲\n\"乙\n", NULL, "第 3 行的格式不正确"},
        {"number\n甲\n乙\x01\n", NULL, "第 3 行含有不能使用的字符"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct bytes file = {(const uint8_t *)rows[i].file, strlen(rows[i].file)};
        const char *text = NULL, *wrong = NULL;
        bool good = sanction_lines_csv(testdb->pool, file, &text, &wrong);

        assert_int_equal(good, rows[i].wrong == NULL);
        if (good)
            assert_string_equal(text, rows[i].text);
        else
            assert_string_equal(wrong, rows[i].wrong);
    }
}

static void test_large_file(void **state)
{
    const char *text, *wrong = NULL;
    struct text file;

    (void)state;
    text_init(&file, testdb->pool, SIZE_MAX / 2);
    text_add(&file, "number\n");
    while (file.length < 2 * SANCTION_TEXT)
        text_add(&file, "沪建安B（2024）0000052\n");
    assert_false(sanction_lines_csv(testdb->pool,
                                    (struct bytes){(const uint8_t *)file.data, file.length}, &text,
                                    &wrong));
    assert_string_equal(wrong, "文件过大，请分批提请");
}

static void test_found(void **state)
{
    static const uint64_t ids[] = {53, 51, 9999};
    const char *text;
    struct err err = {0};

    (void)state;
    assert_int_equal(sanction_lines_of(testdb->db, testdb->pool, ids, 3, &text, &err), 0);
    assert_string_equal(text, "沪建安A（2024）0000051\n沪建安C2（2024）0000053\n");
    assert_int_equal(sanction_lines_of(testdb->db, testdb->pool, ids, 0, &text, &err), 0);
    assert_string_equal(text, "");
    /* What is over in a firm is nothing to act upon. */
    testdb_sql(testdb, "UPDATE certificate SET state = '05' WHERE id = 52");
    assert_int_equal(sanction_lines_of_firm(testdb->db, testdb->pool, LOCAL, 10, &text, &err), 0);
    assert_int_equal(read_lines(text).right, 3);
    assert_null(strstr(text, "0000052"));
    assert_int_equal(sanction_lines_of_firm(testdb->db, testdb->pool, LOCAL, 1, &text, &err), 0);
    assert_int_equal(read_lines(text).right, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_lines, prepare),
        cmocka_unit_test_setup(test_long_reason, prepare),
        cmocka_unit_test_setup(test_too_many, prepare),
        cmocka_unit_test_setup(test_picked, prepare),
        cmocka_unit_test_setup(test_files, prepare),
        cmocka_unit_test_setup(test_large_file, prepare),
        cmocka_unit_test_setup(test_found, prepare),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
