/* A person's data export: all of it, opened, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"
#include "base/vault.h"
#include "core/audit/audit.h"
#include "core/places.h"
#include "core/queries.h"
#include "core/register/person_export.h"
#include "tests/core/desk.h"
#include "tests/core/testdb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct testdb *testdb;
static char taken[1 << 20];
static size_t size, most;

static int take(void *context, const void *data, size_t length)
{
    (void)context;
    if (size + length > most)
        return -1;
    memcpy(taken + size, data, length);
    size += length;
    return 0;
}

static int export(uint64_t person, struct err *err)
{
    const struct sink sink = {take, NULL};

    size = 0;
    return person_export(testdb->db, &testdb->core, person, DESK_NOW, &sink, err);
}

static bool holds(const char *text)
{
    return memmem(taken, size, text, strlen(text)) != NULL;
}

static void test_all_of_it(void **state)
{
    static const struct {
        const char *section;
        size_t rows;
    } sections[] = {
        {"person", 1},       {"photos", 1},    {"certificates", 2},       {"certificate_versions", 4},
        {"documents", 0},    {"insurance", 1}, {"certificate_events", 2}, {"matters", 2},
        {"exam_results", 0}, {"holds", 0},     {"paper_certificates", 0}, {"audit", 1},
        {"proposals", 0},    {"education", 0}, {"changes", 0}, {"audit_of_certificates", 2},
    };
    struct desk desk = desk_of(testdb, LOCAL);
    const uint64_t ids[] = {11, 12};
    struct audit_event event = {.action = "person.reveal", .object_kind = "person", .object_id = HOLDER};
    struct filing filing;
    struct err err = {0};
    json_t *whole, *person;

    (void)state;
    desk_do(&desk, ITEM_TRANSFER, HOLDER, NULL, ids, 2, &filing);
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(audit_add(testdb->db, testdb->pool, &testdb->core, &event, 1, &err), 0);
    assert_int_equal(db_commit(testdb->db, &err), 0);
    if (export(HOLDER, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(memcmp(taken, "PK", 2), 0);
    const char *json = memmem(taken, size, "{\"exported_at\"", 14);
    assert_non_null(json);
    whole = json_loadb(json, size - (size_t)(json - taken), JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(whole);
    for (size_t i = 0; i < COUNT(sections); i++) {
        json_t *rows = json_object_get(whole, sections[i].section);

        if (!json_is_array(rows) || json_array_size(rows) < sections[i].rows)
            fail_msg("%s: %zu", sections[i].section, json_array_size(rows));
    }
    person = json_array_get(json_object_get(whole, "person"), 0);
    assert_string_equal(json_string_value(json_object_get(person, "id_no")), "110105000000000001");
    assert_true(json_is_null(json_object_get(person, "phone")));
    json_decref(whole);
    /* Stored, so its bytes stand there. */
    assert_true(holds("person.json"));
    assert_true(holds("photo-"));
    assert_false(holds("110105000000000002"));
    assert_false(holds("沪建安B（2024）0000052"));
}

/* As a word of the statement. */
static bool says(const char *sql, const char *table)
{
    size_t length = strlen(table);

    for (const char *at = sql; (at = strstr(at, table)) != NULL; at += length)
        if ((at == sql || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

/* Every table of the schema is read, or stands here with the reason why there is nobody in it. */
static void test_no_table_is_forgotten(void **state)
{
    static const char *const without[][2] = {
        {"audit_head", "the ends of the chains"},
        {"cancellation_reason", "words of a list"},
        {"contact", "addresses of firms"},
        {"counter", "numbers"},
        {"errand", "work on the whole register"},
        {"form_box", "a place on a page"},
        {"form_preparation", "of a firm's key, until it has signed"},
        {"idempotency", "keys of forms"},
        {"import_chunk", "a file that is not taken yet, sealed as a whole"},
        {"import_problem", "values of a file that was not taken, masked"},
        {"job", "work on documents, which are given"},
        {"known_browser", "of staff"},
        {"login_delay", "hashes of what was tried"},
        {"login_ticket", "of firms"},
        {"notice", "to everybody"},
        {"notice_revision", "to everybody"},
        {"proposal_object", "points at a proposal, which is given"},
        {"schema_migration", "of the schema"},
        {"seal_intent", "digests of documents, which are given"},
        {"session", "of firms and staff"},
        {"staff", "of staff"},
        {"staff_factor", "of staff"},
        {"statistic", "figures"},
        {"statistic_firm", "figures"},
        {"task", "points at a matter, which is given"},
    };
    static const struct db_query names = {
        "names", "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
                 " AND table_type = 'BASE TABLE'"};
    struct db_rows rows;
    struct err err = {0};

    (void)state;
    if (db_select(testdb->db, testdb->pool, &names, DB_NO_ARGS, &rows, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(rows.count > 40);
    for (size_t i = 0; i < rows.count; i++) {
        const char *name = db_as_text(db_row(&rows, i));
        bool read = false, excused = false;

        for (size_t q = 0; q < person_export_area.count; q++)
            read = read || says(person_export_area.queries[q].sql, name);
        for (size_t w = 0; w < COUNT(without); w++)
            excused = excused || strcmp(without[w][0], name) == 0;
        if (read == excused)
            fail_msg("%s: %s", name, read ? "read, and excused" : "a person is not given what it has");
    }
}

/* What is about many at once is given to each of them, without the others. */
static void test_what_is_about_many(void **state)
{
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, state, items, opened_by_kind, opened_at, closed_at)"
                       " VALUES (900, 'sanction', '2026-03-01', 'done', 2, 2, NOW(3), NOW(3))");
    testdb_sql(testdb, "INSERT INTO matter_certificate (matter_id, certificate_id, version, state)"
                       " VALUES (900, 11, 1, 'done'), (900, 52, 1, 'done')");
    testdb_sql(testdb, "INSERT INTO proposal (matter_id, kind, legal_basis, reason, proposed_by, proposed_at, deadline,"
                       " state, decided_by, decided_at) VALUES (900, 'suspend', '第六十六条', '整批暂扣的原因', 1, NOW(3),"
                       " '2026-03-09', 'applied', 2, NOW(3))");
    assert_int_equal(export(HOLDER, &err), 0);
    assert_true(holds("整批暂扣的原因"));
    assert_false(holds("沪建安B（2024）0000052"));
}

/* The files themselves, each as it was kept. */
static void test_files(void **state)
{
    struct bytes body, name;
    struct err err = {0};

    (void)state;
    assert_int_equal(vault_seal(testdb->core.vault, testdb->pool, PLACE_ATTACHMENT_BODY,
                                (struct bytes){(const uint8_t *)"a scanned paper", 15}, &body, &err), 0);
    assert_int_equal(vault_seal(testdb->core.vault, testdb->pool, PLACE_ATTACHMENT_NAME,
                                (struct bytes){(const uint8_t *)"说明.pdf", 10}, &name, &err), 0);
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, state, items, opened_by_kind, opened_at, person_id)"
                       " VALUES (900, 'name_change', '2026-03-01', 'open', 2, 2, NOW(3), %d)", HOLDER);
    static const struct db_query add = {
        "add", "INSERT INTO attachment (id, matter_id, kind, name_sealed, type, pages, size, sha256, sent_sha256,"
               " body_sealed, added_by, added_at) VALUES (77, 900, 'statement', ?, 'application/pdf', 1, 15,"
               " REPEAT('x', 32), REPEAT('x', 32), ?, 1, NOW(3))"};
    assert_int_equal(db_run(testdb->db, &add, DB_ARGS(db_bytes(name.data, name.size), db_bytes(body.data, body.size)),
                            NULL, &err), 0);
    testdb_sql(testdb, "INSERT INTO document (id, kind, proof_id, matter_id, enterprise_id, sha256, size, body,"
                       " created_at) VALUES (78, 'departure', 900, 900, 1, REPEAT('x', 32), 1, 'a proof of leaving', NOW(3)),"
                       " (79, 'departure', 901, 901, 1, REPEAT('x', 32), 1, 'of somebody else', NOW(3))");
    assert_int_equal(export(HOLDER, &err), 0);
    assert_true(holds("paper-77.pdf") && holds("a scanned paper") && holds("说明.pdf"));
    assert_true(holds("document-78.pdf") && holds("a proof of leaving"));
    assert_false(holds("of somebody else"));
}

static void test_nobody(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(export(4711, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(size, 0);
}

static void test_nobody_reads(void **state)
{
    struct err err = {0};

    (void)state;
    most = 100;
    assert_int_equal(export(HOLDER, &err), -1);
}

/* A value that was moved there from elsewhere does not open. */
static void test_moved(void **state)
{
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "UPDATE person SET phone_sealed = id_no_sealed WHERE id = %d", HOLDER);
    assert_int_equal(export(HOLDER, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    assert_int_equal(size, 0);
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    desk_people(testdb);
    most = sizeof(taken);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_all_of_it, set_up),
        cmocka_unit_test_setup(test_no_table_is_forgotten, set_up),
        cmocka_unit_test_setup(test_what_is_about_many, set_up),
        cmocka_unit_test_setup(test_files, set_up),
        cmocka_unit_test_setup(test_nobody, set_up),
        cmocka_unit_test_setup(test_nobody_reads, set_up),
        cmocka_unit_test_setup(test_moved, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
