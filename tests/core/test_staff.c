/* Staff: who may be one, and what disabling ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "core/staff.h"
#include "tests/core/testdb.h"

static struct testdb *testdb;

static int add(const char *login, const char *name, const char *role, struct err *err)
{
    const struct actor actor = {ACTOR_OPERATOR, 1000, ""};
    const struct staff staff = {.login = login, .name = name, .role = role};

    return staff_add(testdb->db, testdb->pool, &testdb->core, &actor, &staff, err);
}

static void test_staff(void **state)
{
    static const char *const bad[][3] = {
        {"x", "王五", "window"},     {"Wang", "王五", "window"}, {"wang wu", "王五", "window"},
        {"wang", "", "window"},      {"wang", "王\n五", "window"}, {"wang", "王五", "boss"},
        {"wang", "\xe7\x8e", "window"}, {"a123456789012345678901234567890123", "王五", "window"},
    };
    const struct actor actor = {ACTOR_OPERATOR, 1000, ""};
    const struct staff *staff;
    struct err err = {0};
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(add(bad[i][0], bad[i][1], bad[i][2], &err), -1);
        assert_int_equal(err.kind, ERR_INPUT);
    }
    assert_int_equal(add("wang", "王五", "window", &err), 0);
    assert_int_equal(add("wang", "王六", "auditor", &err), -1);
    assert_int_equal(err.kind, ERR_DB_DUPLICATE);
    assert_int_equal(staff_list(testdb->db, testdb->pool, &staff, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(staff[0].name, "王五");
    testdb_sql(testdb,
               "INSERT INTO session VALUES (REPEAT('a', 32), 2, %u, 'x', NOW(3), NOW(3), NOW(3), 1),"
               " (REPEAT('b', 32), 1, %u, 'x', NOW(3), NOW(3), NOW(3), 0)",
               (unsigned)staff[0].id, (unsigned)staff[0].id);
    assert_int_equal(staff_disable(testdb->db, testdb->pool, &testdb->core, &actor, "li", &err), 0);
    assert_int_equal(staff_disable(testdb->db, testdb->pool, &testdb->core, &actor, "wang", &err),
                     1);
    assert_int_equal(staff_disable(testdb->db, testdb->pool, &testdb->core, &actor, "wang", &err),
                     0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM session"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM session WHERE subject_kind = 1"),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE object_kind = 'staff' AND actor_id = 1000"),
                     2);
}

static void test_roles(void **state)
{
    (void)state;
    assert_int_equal(staff_role_bit("window"), STAFF_WINDOW);
    assert_int_equal(staff_role_bit("administrator"), STAFF_ADMINISTRATOR);
    assert_int_equal(staff_role_bit("boss"), 0);
    assert_int_equal(staff_role_bit(""), 0);
    assert_string_equal(staff_role_label(STAFF_AUDITOR), "审计");
    assert_string_equal(staff_role_label(0), "");
    assert_string_equal(staff_role_label(STAFF_WINDOW | STAFF_AUDITOR), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_roles), cmocka_unit_test(test_staff)};
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
