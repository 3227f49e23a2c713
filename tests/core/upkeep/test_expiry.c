/* Expiry: the day after the last one, once, with event and audit, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "core/audit/audit.h"
#include "core/upkeep/expiry.h"
#include "tests/core/testdb.h"

#define NOW INT64_C(1772323200000) /* 2026-03-01 UTC */

static struct testdb *testdb;

static void add_certificate(unsigned id, unsigned firm, const char *state, const char *until)
{
    testdb_sql(testdb,
               "INSERT INTO certificate (id, number, issue_year, serial, class, person_id,"
               " enterprise_id, state, version, holder_name, enterprise_name, post, first_issued,"
               " valid_from, valid_until, held_since, generation, created_at, updated_at)"
               " VALUES (%u, 'n%u', 2020, %u, 'B', 1, %u, '%s', 2, '张三', '测试', '07',"
               " '2020-01-01', '2024-01-01', '%s', '2020-01-01', 2, NOW(3), NOW(3))",
               id, id, id, firm, state, until);
    for (unsigned version = 1; version <= 2; version++)
        testdb_sql(testdb,
                   "INSERT INTO certificate_version (certificate_id, version, identifier,"
                   " verify_token, enterprise_id, class, holder_name, sex, birth,"
                   " enterprise_name, post, first_issued, valid_from, valid_until, issued_on,"
                   " issuer_name, made_at, voided_at) VALUES (%u, %u, 'i%u.%u',"
                   " UNHEX(MD5('%u.%u')), %u, 'B', '张三', 1, '1980-01-01', '测试', '07',"
                   " '2020-01-01', '2024-01-01', '%s', '2020-01-01', '机关', NOW(3),"
                   " IF(%u = 1, '2024-01-01', NULL))",
                   id, version, id, version, id, version, firm, until, version);
}

static uint64_t expire(struct date today)
{
    uint64_t expired;
    struct err err = {0};

    if (expiry_run(testdb->db, &testdb->core, today, NOW, &expired, &err) < 0)
        fail_msg("%s", err.text);
    return expired;
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    return 0;
}

static void test_who_expires(void **state)
{
    static const struct {
        const char *state, *until;
        struct date today;
        int expires;
    } rows[] = {
        {"02", "2026-02-28", {2026, 3, 1}, 0}, /* the authority's states stay */
        {"03", "2026-02-28", {2026, 3, 1}, 0},
        {"04", "2026-02-28", {2026, 3, 1}, 0},
        {"06", "2026-02-28", {2026, 3, 1}, 0},
        {"07", "2026-02-28", {2026, 3, 1}, 0},
        {"01", "2026-03-01", {2026, 3, 1}, 0}, /* the last day counts */
        {"01", "2026-02-28", {2026, 3, 1}, 1},
        {"01", "2028-02-29", {2028, 2, 29}, 0},
        {"01", "2028-02-29", {2028, 3, 1}, 1},
        {"01", "2027-12-31", {2028, 1, 1}, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_up(NULL);
        add_certificate(1, 1, rows[i].state, rows[i].until);
        if (expire(rows[i].today) != (uint64_t)rows[i].expires)
            fail_msg("%s until %s", rows[i].state, rows[i].until);
        assert_int_equal(testdb_number(testdb,
                                       "SELECT COUNT(*) FROM certificate WHERE state = '%s'",
                                       rows[i].expires ? "05" : rows[i].state),
                         1);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_event"),
                         rows[i].expires);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"
                                               " WHERE version = 2 AND voided_at IS NOT NULL"),
                         rows[i].expires);
    }
}

static void ignore(void *context, const char *line)
{
    (void)context;
    print_error("%s\n", line);
}

/* More than a round takes, of several firms, one of which can not be audited at first. */
static void test_stopped_and_run_again(void **state)
{
    enum { FIRMS = 3, EACH = 400 };
    struct audit_totals totals;
    struct err err = {0};
    uint64_t expired;

    (void)state;
    for (unsigned i = 0; i < FIRMS * EACH; i++)
        add_certificate(i + 1, i % FIRMS + 1, "01", "2026-02-01");
    testdb_sql(testdb, "UPDATE audit_head SET mac = REPEAT('x', 32) WHERE chain = 2");
    assert_int_equal(
        expiry_run(testdb->db, &testdb->core, testdb_today, NOW, &expired, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate WHERE state = '05'"),
                     EACH);
    testdb_sql(testdb, "UPDATE audit_head SET mac = REPEAT(CHAR(0), 32) WHERE chain = 2");
    assert_int_equal(expire(testdb_today), (FIRMS - 1) * EACH);
    assert_int_equal(expire(testdb_today), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(DISTINCT certificate_id)"
                                           " FROM certificate_event WHERE action = 'expire'"
                                           " AND from_state = '01' AND to_state = '05'"),
                     FIRMS * EACH);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_event"), FIRMS * EACH);
    assert_int_equal(
        audit_verify(testdb->db, &testdb->core, NULL, ignore, NULL, &totals, &err), 0);
    assert_int_equal(totals.events, FIRMS * EACH);
    assert_int_equal(totals.faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_who_expires, set_up),
        cmocka_unit_test_setup(test_stopped_and_run_again, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
