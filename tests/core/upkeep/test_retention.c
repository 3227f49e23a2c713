/* Data keeping: of each rule what goes and what stays, and that nothing else is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/upkeep/retention.h"
#include "tests/core/desk.h"
#include "tests/core/testdb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          DESK_NOW
/* One is older than ten days, the other has ten. */
#define OLD   "'2026-02-18 23:59:59.999'"
#define YOUNG "'2026-02-19 00:00:00.000'"

static struct testdb *testdb;
static const struct actor operator_ = {ACTOR_OPERATOR, 7, ""};
static struct retention_settings settings;

/* Every table that there is, with its rows, in one line of text. */
static const char *tables(void)
{
    static const struct db_query names = {
        "names", "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
                 " AND table_name NOT IN ('audit_event', 'audit_head') ORDER BY table_name"};
    struct db_rows rows;
    struct err err = {0};
    struct text out;

    text_init(&out, testdb->pool, 65536);
    if (db_select(testdb->db, testdb->pool, &names, DB_NO_ARGS, &rows, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(rows.count > 40);
    for (size_t i = 0; i < rows.count; i++) {
        const char *name = db_as_text(db_row(&rows, i));

        text_printf(&out, "%s=%d ", name, (int)testdb_number(testdb, "SELECT COUNT(*) FROM `%s`", name));
    }
    return out.data;
}

static uint64_t apply(enum retention rule, int64_t days)
{
    uint64_t deleted;
    struct err err = {0};

    memset(&settings, 0, sizeof(settings));
    settings.days[rule] = days;
    if (retention_apply(testdb->db, &testdb->core, &operator_, &settings, rule, NOW, &deleted, &err) < 0)
        fail_msg("%s", err.text);
    return deleted;
}

static struct retention_plan plan(enum retention rule, int64_t days)
{
    struct retention_plan out;
    struct err err = {0};

    settings.days[rule] = days;
    if (retention_look(testdb->db, testdb->pool, &settings, rule, NOW, &out, &err) < 0)
        fail_msg("%s", err.text);
    return out;
}

/* What is put there for a rule, ten days old and a moment more: the first row goes, the rest stay. */
static const struct {
    enum retention rule;
    const char *goes;
    const char *stays[9];
} rules[] = {
    {RETENTION_SESSIONS,
     "INSERT INTO session (token_hash, subject_kind, subject_id, label, created_at, seen_at, expires_at)"
     " VALUES (UNHEX(SHA2('a', 256)), 1, 1, 'x', " OLD ", " OLD ", " OLD ")",
     {"INSERT INTO session (token_hash, subject_kind, subject_id, label, created_at, seen_at, expires_at)"
      " VALUES (UNHEX(SHA2('b', 256)), 1, 1, 'x', " OLD ", " OLD ", " YOUNG ")"}},
    {RETENTION_TICKETS,
     "INSERT INTO login_ticket (ticket_hash, subject_kind, subject_id, label, expires_at)"
     " VALUES (UNHEX(SHA2('a', 256)), 1, 1, 'x', " OLD ")",
     {"INSERT INTO login_ticket (ticket_hash, subject_kind, subject_id, label, expires_at)"
      " VALUES (UNHEX(SHA2('b', 256)), 1, 1, 'x', " YOUNG ")"}},
    {RETENTION_KEYS,
     "INSERT INTO idempotency (subject_kind, subject_id, request_key, route, body_hash, created_at)"
     " VALUES (1, 1, 'a', 'r', UNHEX(SHA2('a', 256)), " OLD ")",
     {"INSERT INTO idempotency (subject_kind, subject_id, request_key, route, body_hash, created_at)"
      " VALUES (1, 1, 'b', 'r', UNHEX(SHA2('a', 256)), " YOUNG ")"}},
    {RETENTION_LOGINS,
     "INSERT INTO login_delay (kind, key_hash, failures, tried_at, until_at)"
     " VALUES (1, UNHEX(SHA2('a', 256)), 1, " OLD ", " OLD ")",
     {"INSERT INTO login_delay (kind, key_hash, failures, tried_at, until_at)"
      " VALUES (2, UNHEX(SHA2('a', 256)), 1, " YOUNG ", " YOUNG ")"}},
    {RETENTION_BROWSERS,
     "INSERT INTO known_browser (token_hash, staff_id, created_at, expires_at)"
     " VALUES (UNHEX(SHA2('a', 256)), 1, " OLD ", " OLD ")",
     {"INSERT INTO known_browser (token_hash, staff_id, created_at, expires_at)"
      " VALUES (UNHEX(SHA2('b', 256)), 1, " OLD ", " YOUNG ")"}},
#define OUTBOX(key, state, at)                                                                     \
    "INSERT INTO outbox (event, event_key, channel, enterprise_id, contact_id, address_sealed,"    \
    " address_hash, state, run_at, created_at) VALUES ('left', '" key "', 'mail', 1, 1, 'x',"      \
    " REPEAT('x', 32), '" state "', " at ", " at ")"
    {RETENTION_OUTBOX, OUTBOX("a", "sent", OLD),
     {OUTBOX("b", "sent", YOUNG), OUTBOX("c", "waiting", OLD), OUTBOX("d", "leased", OLD)}},
    {RETENTION_OUTBOX, OUTBOX("a", "dropped", OLD), {OUTBOX("b", "dropped", YOUNG)}},
    {RETENTION_OUTBOX, OUTBOX("a", "failed", OLD), {OUTBOX("b", "failed", YOUNG)}},
#define CONTACT(firm, confirmed, at)                                                               \
    "INSERT INTO contact (enterprise_id, channel, events, confirmed_at, created_at, updated_at)"   \
    " VALUES (" firm ", 'mail', '', " confirmed ", " OLD ", " at ")"
    {RETENTION_CONTACTS, CONTACT("1", "NULL", OLD),
     {CONTACT("2", OLD, OLD), CONTACT("3", "NULL", YOUNG)}},
#define ATTACHMENT(matter, at)                                                                     \
    "INSERT INTO attachment (matter_id, kind, name_sealed, type, pages, size, sha256, sent_sha256,"\
    " body_sealed, added_by, added_at) VALUES (" matter ", 'letter', 'x', 'application/pdf', 1, 1,"\
    " REPEAT('x', 32), REPEAT('x', 32), 'x', 1, " at ")"
    {RETENTION_ATTACHMENTS, ATTACHMENT("NULL", OLD),
     {ATTACHMENT("NULL", YOUNG), "INSERT INTO matter (id, item, opened_on, state, items, opened_by_kind,"
      " opened_at) VALUES (900, 'name_change', '2020-01-01', 'open', 1, 2, " OLD ")",
      ATTACHMENT("900", OLD)}},
#define MATTER(id, item, state, by, closed)                                                        \
    "INSERT INTO matter (id, item, opened_on, enterprise_id, state, items, opened_by_kind, opened_at,"\
    " closed_at, person_id) VALUES (" id ", '" item "', '2020-01-01', 1, '" state "', 1, " by ", " OLD\
    ", " closed ", 1)"
    {RETENTION_ABANDONED, MATTER("901", "apply", "abandoned", "1", OLD),
     {MATTER("902", "apply", "abandoned", "1", YOUNG), MATTER("903", "apply", "refused", "1", OLD),
      MATTER("904", "apply", "done", "1", OLD), MATTER("905", "apply", "draft", "1", "NULL"),
      MATTER("906", "sanction", "abandoned", "2", OLD)}},
    {RETENTION_REFUSED, MATTER("901", "transfer", "refused", "1", OLD),
     {MATTER("902", "transfer", "refused", "1", YOUNG), MATTER("903", "apply", "abandoned", "1", OLD),
      MATTER("904", "apply", "done", "1", OLD), MATTER("905", "name_change", "refused", "2", OLD)}},
#define PROPOSAL(id, state, decided, by)                                                           \
    "INSERT INTO proposal (matter_id, kind, reason, proposed_by, proposed_at, deadline, state, decided_by,"\
    " decided_at) VALUES (" id ", 'name_change', 'x', 1, " OLD ", '2020-01-01', '" state "', " by ", " decided ")"
    {RETENTION_SCANS, ATTACHMENT("901", OLD),
     {MATTER("901", "name_change", "refused", "2", OLD), PROPOSAL("901", "refused", OLD, "2"),
      MATTER("902", "name_change", "abandoned", "2", YOUNG), PROPOSAL("902", "withdrawn", YOUNG, "NULL"),
      ATTACHMENT("902", OLD),
      MATTER("903", "name_change", "done", "2", OLD), PROPOSAL("903", "applied", OLD, "2"),
      ATTACHMENT("903", OLD)}},
    {RETENTION_SCANS, ATTACHMENT("901", OLD),
     {MATTER("901", "name_change", "abandoned", "2", OLD), PROPOSAL("901", "withdrawn", OLD, "NULL"),
      MATTER("902", "name_change", "open", "2", "NULL"), PROPOSAL("902", "waiting", "NULL", "NULL"),
      ATTACHMENT("902", OLD)}},
#define IMPORT(id, state, at)                                                                      \
    "INSERT INTO import_run (id, kind, file_sha256, file_rows, added, changed, created_at, state)" \
    " VALUES (" id ", 'people', REPEAT('x', 32), 1, 0, 0, " at ", '" state "')"
#define FAULT(id) "INSERT INTO import_problem (import_id, number, line, said) VALUES (" id ", 1, 1, 'x')"
    {RETENTION_FAULTS, FAULT("901"),
     {IMPORT("901", "dropped", OLD), IMPORT("902", "dropped", YOUNG), FAULT("902"),
      IMPORT("903", "faulty", OLD), FAULT("903"), IMPORT("904", "failed", OLD), FAULT("904")}},
#define ERRAND(state, at)                                                                          \
    "INSERT INTO errand (kind, state, run_at, actor_kind, actor_id, ordered_at)"                   \
    " VALUES ('audit', '" state "', " at ", 4, 1, " OLD ")"
    {RETENTION_ERRANDS, ERRAND("done", OLD), {ERRAND("done", YOUNG), ERRAND("waiting", OLD)}},
    {RETENTION_ERRANDS, ERRAND("failed", OLD), {ERRAND("failed", YOUNG)}},
};

/* No table is forgotten, in either direction. */
static void test_every_table(void **state)
{
    static const struct db_query names = {
        "names", "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
                 " AND table_type = 'BASE TABLE' ORDER BY table_name"};
    unsigned used = 0;
    struct db_rows rows;
    struct err err = {0};
    size_t i = 0;

    (void)state;
    if (db_select(testdb->db, testdb->pool, &names, DB_NO_ARGS, &rows, &err) < 0)
        fail_msg("%s", err.text);
    for (const struct retention_table *table = retention_tables; table->name; table++, i++) {
        char *list = pool_text(testdb->pool, table->rules), *rule;

        if (i == rows.count || strcmp(db_as_text(db_row(&rows, i)), table->name) != 0)
            fail_msg("the schema and the plan differ: %s, %s", table->name,
                     i < rows.count ? db_as_text(db_row(&rows, i)) : "no more");
        assert_true(*table->rules || *table->kept);
        while ((rule = strsep(&list, " ")) != NULL)
            if (*rule) {
                assert_int_not_equal(retention_by_name(rule), RETENTION_RULES);
                used |= 1u << retention_by_name(rule);
            }
    }
    assert_int_equal(i, rows.count);
    assert_int_equal(used, (1u << RETENTION_RULES) - 1);
}

static void test_each_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        testdb_clear(testdb);
        testdb_sql(testdb, "DELETE FROM attachment");
        testdb_sql(testdb, "DELETE FROM errand");
        testdb_sql(testdb, "DELETE FROM login_delay");
        testdb_sql(testdb, "DELETE FROM known_browser");
        desk_people(testdb);
        for (size_t k = 0; k < COUNT(rules[i].stays) && rules[i].stays[k]; k++)
            testdb_sql(testdb, "%s", rules[i].stays[k]);
        const char *before = tables();

        testdb_sql(testdb, "%s", rules[i].goes);
        assert_string_not_equal(tables(), before);
        assert_int_equal(plan(rules[i].rule, 0).rows, 0);
        if (plan(rules[i].rule, 10).rows != 1 || plan(rules[i].rule, 10).oldest_ms == 0)
            fail_msg("row %zu: not in the plan", i);
        assert_int_equal(plan(rules[i].rule, 11).rows, 0);
        assert_int_equal(apply(rules[i].rule, 0), 0);
        assert_int_equal(apply(rules[i].rule, 11), 0);
        if (apply(rules[i].rule, 10) != 1)
            fail_msg("row %zu: not deleted", i);
        if (strcmp(tables(), before) != 0)
            fail_msg("row %zu:\n%s\n%s", i, before, tables());
        assert_int_equal(apply(rules[i].rule, 10), 0);
        testdb_audited(testdb, 1);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE actor_id = 7"
                                               " AND action = 'retention.purge' AND INSTR(detail, '%s')",
                                       retention_rules[rules[i].rule].name), 1);
    }
}

/* With all that hangs on it: findings, certificates, a form and how it was made ready. */
static void test_matter_with_its_parts(void **state)
{
    const char *before = tables();

    (void)state;
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, enterprise_id, state, items, opened_by_kind,"
                       " opened_at, closed_at) VALUES (901, 'cancel', '2020-01-01', 1, 'abandoned', 1, 1, " OLD
                       ", " OLD ")");
    testdb_sql(testdb, "INSERT INTO matter_finding VALUES (901, 0, 'x', 'R1', 0, 'd', 'f', 'a')");
    testdb_sql(testdb, "INSERT INTO matter_certificate (matter_id, certificate_id, version) VALUES (901, 52, 1)");
    testdb_sql(testdb, "INSERT INTO form_preparation (matter_id, algorithm, certificate, chain, serial, digest, prepared_at)"
                       " VALUES (901, 'ES256', 'x', '', 'x', REPEAT('x', 32), " OLD ")");
    testdb_sql(testdb, "INSERT INTO form_box VALUES (901, 1, 2, 3, 4)");
    testdb_sql(testdb, "INSERT INTO document (kind, proof_id, matter_id, enterprise_id, intent_id, sha256, size,"
                       " body, created_at) VALUES ('form', 901, 901, 1, NULL, REPEAT('x', 32), 1, 'x', " OLD ")");
    testdb_sql(testdb, "INSERT INTO job (kind, proof_id, matter_id, enterprise_id, state, run_at, created_at)"
                       " VALUES ('form', 901, 901, 1, 'done', " OLD ", " OLD ")");
    assert_int_equal(apply(RETENTION_ABANDONED, 10), 1);
    assert_string_equal(tables(), before);
}

static void test_preparations(void **state)
{
    static const struct {
        const char *matter_state, *closed, *prepared;
        int signed_there, goes;
    } rows[] = {
        {"signing", "NULL", OLD, 0, 0},   {"done", OLD, OLD, 0, 0},
        {"done", YOUNG, OLD, 1, 0},       {"done", OLD, YOUNG, 1, 0},
        {"done", OLD, OLD, 1, 1},         {"abandoned", OLD, OLD, 0, 1},
        {"refused", OLD, OLD, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        testdb_clear(testdb);
        testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, enterprise_id, state, items, opened_by_kind,"
                           " opened_at, closed_at) VALUES (901, 'cancel', '2020-01-01', 1, '%s', 1, 1, " OLD ", %s)",
                   rows[i].matter_state, rows[i].closed);
        testdb_sql(testdb, "INSERT INTO form_preparation (matter_id, algorithm, certificate, chain, serial, digest, prepared_at)"
                       " VALUES (901, 'ES256', 'x', '', 'x', REPEAT('x', 32), %s)",
                   rows[i].prepared);
        if (rows[i].signed_there)
            testdb_sql(testdb, "INSERT INTO document (kind, proof_id, matter_id, enterprise_id, intent_id, sha256,"
                               " size, body, created_at) VALUES ('signed', 901, 901, 1, NULL, REPEAT('x', 32), 1,"
                               " 'x', " OLD ")");
        if (plan(RETENTION_PREPARATIONS, 10).rows != (uint64_t)rows[i].goes ||
            apply(RETENTION_PREPARATIONS, 10) != (uint64_t)rows[i].goes)
            fail_msg("row %zu", i);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter"), 1);
    }
}

/* The run stays, what it showed goes; of a file that may still be taken nothing. */
static void test_previews(void **state)
{
    (void)state;
    testdb_sql(testdb, "%s", IMPORT("901", "taken", OLD));
    testdb_sql(testdb, "%s", IMPORT("902", "undone", OLD));
    testdb_sql(testdb, "%s", IMPORT("903", "unchanged", YOUNG));
    testdb_sql(testdb, "%s", IMPORT("904", "checked", OLD));
    testdb_sql(testdb, "UPDATE import_run SET preview = '[]' WHERE id > 901");
    assert_int_equal(plan(RETENTION_PREVIEWS, 10).rows, 1);
    assert_int_equal(apply(RETENTION_PREVIEWS, 10), 1);
    assert_int_equal(apply(RETENTION_PREVIEWS, 10), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM import_run"), 4);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM import_run WHERE preview IS NOT NULL"
                                           " AND id IN (903, 904)"), 2);
}

/* Of people who never had a certificate, and nothing is under way for. */
static void test_photos(void **state)
{
    (void)state;
    testdb_sql(testdb, "UPDATE identity_capture SET captured_at = " OLD);
    testdb_sql(testdb, "DELETE FROM matter");
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, enterprise_id, state, items, opened_by_kind,"
                       " opened_at, person_id) VALUES (901, 'apply', '2020-01-01', 1, 'draft', 1, 1, " OLD ", %d)",
               NEWCOMER);
    int64_t photos = testdb_number(testdb, "SELECT COUNT(*) FROM identity_capture");

    assert_int_equal(apply(RETENTION_PHOTOS, 10), 0);
    testdb_person(testdb, 77, "111", "某某", (struct bytes){(const uint8_t *)"photo", 5});
    testdb_person(testdb, 78, "111", "某某", (struct bytes){(const uint8_t *)"photo", 5});
    testdb_sql(testdb, "UPDATE identity_capture SET captured_at = " OLD " WHERE person_id = 77");
    testdb_sql(testdb, "UPDATE identity_capture SET captured_at = " YOUNG " WHERE person_id = 78");
    assert_int_equal(apply(RETENTION_PHOTOS, 10), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM person WHERE id = 77 AND capture_id IS NULL"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM identity_capture"), photos + 1);
    testdb_sql(testdb, "UPDATE matter SET state = 'abandoned'");
    assert_int_equal(apply(RETENTION_PHOTOS, 10), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM person WHERE capture_id IS NOT NULL"
                                           " AND NOT EXISTS (SELECT 1 FROM identity_capture i"
                                           " WHERE i.id = person.capture_id)"), 0);
}

/* More than a batch; stopped by an audit that can't be written, nothing of the batch is gone. */
static void test_batches(void **state)
{
    uint64_t deleted;
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "DELETE FROM matter");
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, enterprise_id, state, items, opened_by_kind,"
                       " opened_at, closed_at) SELECT seq, 'apply', '2020-01-01', 1, 'refused', 1, 1, " OLD ", " OLD
                       " FROM seq_1000_to_1349");
    testdb_sql(testdb, "UPDATE audit_head SET mac = REPEAT('x', 32)");
    settings.days[RETENTION_REFUSED] = 10;
    assert_int_equal(retention_apply(testdb->db, &testdb->core, &operator_, &settings, RETENTION_REFUSED, NOW,
                                     &deleted, &err), -1);
    assert_int_equal(deleted, 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter"), 350);
    testdb_sql(testdb, "UPDATE audit_head SET mac = REPEAT(CHAR(0), 32)");
    assert_int_equal(apply(RETENTION_REFUSED, 10), 350);
    testdb_audited(testdb, 4);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < RETENTION_RULES; i++) {
        assert_non_null(retention_rules[i].name);
        assert_int_equal(retention_by_name(retention_rules[i].name), i);
        assert_int_equal(strncmp(retention_rules[i].key, "Retention.", 10), 0);
        assert_true(retention_rules[i].step_count > 0);
    }
    assert_int_equal(retention_by_name("certificates"), RETENTION_RULES);
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    desk_people(testdb);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_names, set_up),
        cmocka_unit_test_setup(test_every_table, set_up),
        cmocka_unit_test_setup(test_each_rule, set_up),
        cmocka_unit_test_setup(test_matter_with_its_parts, set_up),
        cmocka_unit_test_setup(test_preparations, set_up),
        cmocka_unit_test_setup(test_previews, set_up),
        cmocka_unit_test_setup(test_photos, set_up),
        cmocka_unit_test_setup(test_batches, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
