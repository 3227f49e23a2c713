/* Reasons of cancellations: a table that the authority edits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "core/item/cancel.h"
#include "tests/core/testdb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct testdb *testdb;

static void test_reasons(void **state)
{
    static const struct {
        const char *code, *label;
        bool needs_text;
    } expected[] = {
        {"01", "已与聘用企业解除聘用合同关系", 0},
        {"02", "不再从事安全生产管理工作", 0},
        {"03", "持证人死亡或不具有完全民事行为能力", 0},
        {"04", "聘用企业破产、被吊销营业执照或资质", 0},
        {"99", "其他", 1},
    };
    const struct cancel_reason *reasons;
    struct cancel_reason reason;
    struct err err = {0};
    size_t count;

    (void)state;
    assert_int_equal(cancel_reasons(testdb->db, testdb->pool, &reasons, &count, &err), 0);
    assert_int_equal(count, COUNT(expected));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(reasons[i].code, expected[i].code);
        assert_string_equal(reasons[i].label, expected[i].label);
        assert_int_equal(reasons[i].needs_text, expected[i].needs_text);
        assert_int_equal(
            cancel_reason_find(testdb->db, testdb->pool, expected[i].code, &reason, &err), 1);
        assert_string_equal(reason.label, expected[i].label);
    }
    assert_int_equal(cancel_reason_find(testdb->db, testdb->pool, "05", &reason, &err), 0);
    assert_int_equal(cancel_reason_find(testdb->db, testdb->pool, "", &reason, &err), 0);

    testdb_sql(testdb, "UPDATE cancellation_reason SET retired = TRUE WHERE code = '02'");
    testdb_sql(testdb, "UPDATE cancellation_reason SET position = 0 WHERE code = '04'");
    assert_int_equal(cancel_reason_find(testdb->db, testdb->pool, "02", &reason, &err), 0);
    assert_int_equal(cancel_reasons(testdb->db, testdb->pool, &reasons, &count, &err), 0);
    assert_int_equal(count, COUNT(expected) - 1);
    assert_string_equal(reasons[0].code, "04");
    testdb_sql(testdb, "UPDATE cancellation_reason SET retired = FALSE, position = code");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reasons)};
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
