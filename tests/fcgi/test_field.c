/* Fields by kind: what is refused, with its sentence, and what is read. */
#include "fcgi/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "fcgi/request.h"

#define FIELD(kind, low, high, flags) {{"f", kind, low, high, flags, "项"}, {0}}

static const struct {
    struct field fields[2];
    const char *form;
    const char *wrong; /* part of the sentence; NULL: right */
    int status;        /* -1: ERR_INPUT */
} cases[] = {
    {FIELD(FIELD_TEXT, 2, 3, 0), "f=1&f=2", NULL, -1},
    {FIELD(FIELD_FLAG, 0, 0, 0), "f=1&f=1", NULL, -1},
    {FIELD(FIELD_TEXT, 2, 3, FIELD_REQUIRED), "", "错误：请填写项", 1},
    {FIELD(FIELD_TEXT, 2, 3, FIELD_REQUIRED), "f=+%E3%80%80+", "错误：请填写项", 1},
    {FIELD(FIELD_TEXT, 2, 3, 0), "f=%E6%9D%8E", "不能少于2个字符", 1},
    {FIELD(FIELD_TEXT, 2, 3, 0), "f=abcd", "不能超过3个字符", 1},
    {FIELD(FIELD_TEXT, 1, 9, 0), "f=a%0Ab", "不能使用的字符", 1},
    {FIELD(FIELD_TEXT, 1, 9, 0), "f=a%E2%80%AEb", "不能使用的字符", 1},
    {FIELD(FIELD_LINES, 1, 9, 0), "f=a%08b", "不能使用的字符", 1},
    {FIELD(FIELD_LINES, 1, 9, 0), "f=a%0Ab%E2%80%AE", "不能使用的字符", 1},
    {FIELD(FIELD_LINES, 1, 9, 0), "f=a%0Db", "不能使用的字符", 1},
    {FIELD(FIELD_LINES, 2, 3, 0), "f=ab%0D%0Ac", "不能超过3个字符", 1},
    {FIELD(FIELD_LINES, 1, 9, 0), "f=a%0D%0A%0D%0Ab%0Ac", NULL, 0},
    {FIELD(FIELD_CODE, 1, 9, 0), "f=a/b", "格式不正确", 1},
    {FIELD(FIELD_CODE, 1, 9, 0), "f=%E6%9D%8E", "格式不正确", 1},
    {FIELD(FIELD_CODE, 1, 3, 0), "f=abcd", "不能超过3个字符", 1},
    {FIELD(FIELD_TOKEN, 1, 9, 0), "f=a.b", "格式不正确", 1},
    {FIELD(FIELD_ID, 0, 0, 0), "f=0", "格式不正确", 1},
    {FIELD(FIELD_ID, 0, 0, 0), "f=-1", "格式不正确", 1},
    {FIELD(FIELD_ID, 0, 0, 0), "f=9223372036854775808", "格式不正确", 1},
    {FIELD(FIELD_CODE, 1, 8, FIELD_REQUIRED), "f=", "请填写项", 1},
    {FIELD(FIELD_CODE, 1, 8, FIELD_REQUIRED | FIELD_CHOSEN), "f=", "请选择项", 1},
    {FIELD(FIELD_ID, 0, 0, FIELD_REQUIRED), "f=", "请选择项", 1},
    {FIELD(FIELD_ID_LIST, 1, 2, FIELD_REQUIRED), "", "请选择项", 1},
    {FIELD(FIELD_ID_LIST, 2, 3, 0), "f=1&f=1", "至少选择2项", 1},
    {FIELD(FIELD_ID_LIST, 1, 2, 0), "f=1&f=2&f=3", "至多选择2项", 1},
    {FIELD(FIELD_ID_LIST, 1, 2, 0), "f=1&f=", "格式不正确", 1},
    {FIELD(FIELD_INT, 1, 9, 0), "f=x", "应为整数", 1},
    {FIELD(FIELD_INT, 1, 9, 0), "f=10", "应在1至9之间", 1},
    {FIELD(FIELD_INT, (size_t)-5, 9, 0), "f=-6", "应在-5至9之间", 1},
    {FIELD(FIELD_DATE, 0, 0, 0), "f=2026-02-29", "应为日期", 1},
    {FIELD(FIELD_DATE, 0, 0, 0), "f=2026-2-1", "应为日期", 1},
    {FIELD(FIELD_FLAG, 0, 0, 0), "f=yes", "格式不正确", 1},
    {FIELD(FIELD_UPLOAD, 1, 9, 0), "f=text", "应为文件", 1},
    {FIELD(FIELD_TEXT, 2, 3, 0), "", NULL, 0},
    {FIELD(FIELD_TEXT, 2, 3, 0), "other=1&f=", NULL, 0},
    {FIELD(FIELD_TEXT, 2, 3, 0), "f=+%E6%9D%8E%E5%9B%9B+", NULL, 0},
    {FIELD(FIELD_CODE, 1, 9, 0), "f=aZ09._-", NULL, 0},
    {FIELD(FIELD_TOKEN, 1, 9, 0), "f=aZ09_-", NULL, 0},
    {FIELD(FIELD_ID, 0, 0, FIELD_REQUIRED), "f=9223372036854775807", NULL, 0},
    {FIELD(FIELD_ID_LIST, 1, 2, 0), "f=1&f=2&f=1", NULL, 0},
    {FIELD(FIELD_INT, (size_t)-5, 9, 0), "f=-5", NULL, 0},
    {FIELD(FIELD_DATE, 0, 0, 0), "f=2028-02-29", NULL, 0},
    {FIELD(FIELD_FLAG, 0, 0, 0), "f=1", NULL, 0},
};

static void reads_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pool *pool = pool_new(0, 0);
        struct field_value values[ROUTE_FIELDS];
        struct field_error errors[ROUTE_FIELDS];
        const char *captures[ROUTE_FIELDS] = {NULL};
        struct form form;
        struct err err;
        form_init(&form, pool);
        assert_int_equal(form_urlencoded(&form, pool_text(pool, cases[i].form),
                                         strlen(cases[i].form), &err), 0);
        int wrong = field_read(pool, cases[i].fields, &form, captures, values, errors, &err);
        if (wrong != cases[i].status)
            fail_msg("%s: %d", cases[i].form, wrong);
        if (wrong < 0)
            assert_int_equal(err.kind, ERR_INPUT);
        if (wrong > 0 && (!strstr(errors[0].text, cases[i].wrong) ||
                          strncmp(errors[0].text, "错误：", strlen("错误：")) != 0))
            fail_msg("%s: %s", cases[i].form, errors[0].text);
        pool_free(&pool);
    }
}

static void types_values(void **state)
{
    static const struct field fields[] = {
        {"text", FIELD_TEXT, 1, 9, 0, "x"}, {"ids", FIELD_ID_LIST, 0, 9, 0, "x"},
        {"int", FIELD_INT, 0, 9, 0, "x"},   {"date", FIELD_DATE, 0, 0, 0, "x"},
        {"id", FIELD_ID, 0, 0, FIELD_IN_PATH, NULL}, {"lines", FIELD_LINES, 0, 99, 0, "x"},
        {"word", FIELD_TEXT, 1, 9, FIELD_SECRET, "x"}, {0},
    };
    struct pool *pool = pool_new(0, 0);
    char text[] = "text=+a+b+&ids=3&ids=1&ids=3&int=7&date=2026-01-02&id=5&word=+w+"
                  "&lines=%0D%0Aa%09b%0D%0A%0D%0Ac%0Ad%0D%0A";
    const char *captures[ROUTE_FIELDS] = {[4] = "42"};
    struct field_value values[ROUTE_FIELDS];
    struct field_error errors[ROUTE_FIELDS];
    struct form form;
    struct err err;

    (void)state;
    form_init(&form, pool);
    assert_int_equal(form_urlencoded(&form, text, sizeof(text) - 1, &err), 0);
    assert_int_equal(field_read(pool, fields, &form, captures, values, errors, &err), 0);
    assert_string_equal(values[0].text, "a b");
    assert_int_equal(values[1].count, 2);
    assert_int_equal(values[1].ids[0], 3);
    assert_int_equal(values[1].ids[1], 1);
    assert_int_equal(values[2].integer, 7);
    assert_int_equal(date_days(values[3].date), date_days((struct date){2026, 1, 2}));
    assert_string_equal(values[6].text, " w "); /* not trimmed */
    assert_int_equal(values[4].id, 42); /* of the path, whatever the form says */
    assert_string_equal(values[5].text, "a\tb\n\nc\nd");
    captures[4] = "x";
    assert_int_equal(field_read(pool, fields, &form, captures, values, errors, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_fields),
        cmocka_unit_test(types_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
