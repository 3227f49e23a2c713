/* Staff: who may be one, and what disabling ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/date.h"
#include "base/err.h"
#include "core/staff/staff.h"
#include "core/staff/staff_login.h"
#include "tests/core/testdb.h"

static struct testdb *testdb;
static const struct actor actor = {ACTOR_OPERATOR, 1000, ""};

static struct staff_change change(void)
{
    return (struct staff_change){.db = testdb->db,
                                 .pool = testdb->pool,
                                 .core = &testdb->core,
                                 .actor = &actor,
                                 .now_ms = clock_now_ms()};
}

static int add(const char *login, const char *name, const char *role, uint64_t *id, struct err *err)
{
    const struct staff staff = {.login = login, .name = name, .role = role};
    const struct staff_change by = change();
    char code[STAFF_CODE];
    int result;

    staff_code_make(code);
    assert_int_equal(db_begin(testdb->db, err), 0);
    result = staff_add(&by, &staff, code, id, err);
    if (result == 0)
        assert_int_equal(db_commit(testdb->db, err), 0);
    db_rollback(testdb->db);
    return result;
}

enum what { DISABLE, ENABLE, ROLE, RESET, LOG_OUT };

static int step(enum what what, uint64_t id, const char *role, struct err *err)
{
    const struct staff_change by = change();
    uint64_t sessions;
    int done = -1;

    assert_int_equal(db_begin(testdb->db, err), 0);
    switch (what) {
    case DISABLE:
        done = staff_disable(&by, id, err);
        break;
    case ENABLE:
        done = staff_enable(&by, id, err);
        break;
    case ROLE:
        done = staff_role_change(&by, id, role, err);
        break;
    case RESET:
        done = staff_reset(&by, id, "AAAA-BBBB-CCCC-DDDD", err);
        break;
    case LOG_OUT:
        done = staff_log_out(&by, id, &sessions, err);
        break;
    }
    if (done >= 0)
        assert_int_equal(db_commit(testdb->db, err), 0);
    db_rollback(testdb->db);
    return done;
}

static void log_in(uint64_t id)
{
    testdb_sql(testdb, "DELETE FROM session");
    testdb_sql(testdb,
               "INSERT INTO session VALUES (REPEAT('a', 32), 2, %u, 'x', NOW(3), NOW(3), NOW(3), 1),"
               " (REPEAT('b', 32), 1, %u, 'x', NOW(3), NOW(3), NOW(3), 0)",
               (unsigned)id, (unsigned)id);
}

/* Of the member of staff, and of the firm with the same id. */
static void assert_sessions(int64_t staff)
{
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM session WHERE subject_kind = 2"),
                     staff);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM session WHERE subject_kind = 1"),
                     1);
}

static void test_accounts(void **state)
{
    static const char *const bad[][3] = {
        {"x", "王五", "window"},     {"Wang", "王五", "window"}, {"wang wu", "王五", "window"},
        {"wang", "", "window"},      {"wang", "王\n五", "window"}, {"wang", "王五", "boss"},
        {"wang", "\xe7\x8e", "window"}, {"a123456789012345678901234567890123", "王五", "window"},
    };
    const struct staff *staff;
    struct staff one;
    struct err err = {0};
    uint64_t id;
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(add(bad[i][0], bad[i][1], bad[i][2], &id, &err), -1);
        assert_int_equal(err.kind, ERR_INPUT);
    }
    assert_int_equal(add("wang", "王五", "window", &id, &err), 0);
    assert_int_equal(add("wang", "王六", "auditor", &id, &err), -1);
    assert_int_equal(err.kind, ERR_DB_DUPLICATE);
    assert_int_equal(staff_list(testdb->db, testdb->pool, &staff, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(staff[0].name, "王五");
    assert_false(staff[0].ready);
    assert_int_equal(staff_find_login(testdb->db, testdb->pool, "li", &one, &err), 0);
    assert_int_equal(staff_find_login(testdb->db, testdb->pool, "wang", &one, &err), 1);
    assert_int_equal(staff_find(testdb->db, testdb->pool, one.id + 1, &one, &err), 0);
    assert_int_equal(staff_find(testdb->db, testdb->pool, one.id, &one, &err), 1);
    assert_string_equal(one.login, "wang");
    testdb_audited(testdb, 1);
}

static void test_changes_end_sessions(void **state)
{
    struct err err = {0};
    uint64_t id;

    (void)state;
    assert_int_equal(add("wang", "王五", "window", &id, &err), 0);
    log_in(id);
    assert_int_equal(step(ROLE, id, "boss", &err), -1);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_int_equal(step(ROLE, id, "window", &err), 0);
    assert_sessions(1);
    assert_int_equal(step(ROLE, id, "auditor", &err), 1);
    assert_sessions(0);
    log_in(id);
    assert_int_equal(step(RESET, id, NULL, &err), 1);
    assert_sessions(0);
    log_in(id);
    assert_int_equal(step(LOG_OUT, id, NULL, &err), 1);
    assert_sessions(0);
    log_in(id);
    assert_int_equal(step(DISABLE, id + 7, NULL, &err), 0);
    assert_int_equal(step(DISABLE, id, NULL, &err), 1);
    assert_sessions(0);
    assert_int_equal(step(DISABLE, id, NULL, &err), 0);
    assert_int_equal(step(ENABLE, id, NULL, &err), 1);
    assert_int_equal(step(ENABLE, id, NULL, &err), 0);
    testdb_audited(testdb, 6);
}

static void test_an_administrator_is_left(void **state)
{
    struct err err = {0};
    uint64_t first, second;

    (void)state;
    assert_int_equal(add("one", "甲", "administrator", &first, &err), 0);
    assert_int_equal(step(DISABLE, first, NULL, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(step(ROLE, first, "auditor", &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(add("two", "乙", "administrator", &second, &err), 0);
    assert_int_equal(step(DISABLE, first, NULL, &err), 1);
    assert_int_equal(step(ROLE, second, "window", &err), -1);
    assert_int_equal(step(ENABLE, first, NULL, &err), 1);
    assert_int_equal(step(ROLE, second, "window", &err), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM staff WHERE role = 'administrator'"
                                           " AND disabled_at IS NULL"), 1);
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

static int clear(void **state)
{
    (void)state;
    testdb_clear(testdb);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles),
        cmocka_unit_test_setup(test_accounts, clear),
        cmocka_unit_test_setup(test_changes_end_sessions, clear),
        cmocka_unit_test_setup(test_an_administrator_is_left, clear),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
