#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_set(void **state)
{
    struct err err = {.kind = ERR_NONE};

    (void)state;
    assert_int_equal(err_set(NULL, ERR_INPUT, 1, "nobody looks"), -1);
    assert_int_equal(err_set(&err, ERR_DB, 1062, "%s %d", "row", 3), -1);
    assert_int_equal(err.kind, ERR_DB);
    assert_int_equal(err.code, 1062);
    assert_string_equal(err.text, "row 3");
    assert_non_null(strstr(err.file, "test_err.c"));
    assert_true(err.line > 0);
    /* The old text may be an argument of the new. */
    err_set(&err, ERR_SYSTEM, 0, "again: %s", err.text);
    assert_string_equal(err.text, "again: row 3");
    err_clear(&err);
    assert_int_equal(err.kind, ERR_NONE);
    assert_string_equal(err.text, "");
    err_clear(NULL);
}

static void test_context(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(err_context(NULL, "nobody"), -1);
    err_set(&err, ERR_LIMIT, 7, "too long");
    int line = err.line;
    assert_int_equal(err_context(&err, "line %d", 12), -1);
    assert_string_equal(err.text, "line 12: too long");
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(err.code, 7);
    assert_int_equal(err.line, line);
}

static void test_long_texts_are_cut(void **state)
{
    char huge[3 * sizeof(((struct err *)0)->text)];
    struct err err;

    (void)state;
    memset(huge, 'x', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    err_set(&err, ERR_INPUT, 0, "%s", huge);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    for (int i = 0; i < 20; i++)
        err_context(&err, "%s", huge);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    err_set(&err, ERR_INPUT, 0, "y");
    err_context(&err, "%s", huge);
    assert_int_equal(err.text[strlen(err.text) - 1], 'y');
}

static void test_kind_names(void **state)
{
    (void)state;
    assert_string_equal(err_kind_name(ERR_DB_RETRY), "db_retry");
    assert_string_equal(err_kind_name((enum err_kind)999), "unknown");
    assert_string_equal(err_kind_name((enum err_kind) - 1), "unknown");
    for (int a = ERR_NONE; a <= ERR_CRYPTO; a++)
        for (int b = a + 1; b <= ERR_CRYPTO; b++)
            assert_string_not_equal(err_kind_name((enum err_kind)a),
                                    err_kind_name((enum err_kind)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_kind_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
