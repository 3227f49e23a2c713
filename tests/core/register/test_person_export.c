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
#include "core/audit/audit.h"
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
