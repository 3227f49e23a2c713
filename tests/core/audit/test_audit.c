/* The audit: each kind of tampering is found, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/audit/audit.h"
#include "tests/core/testdb.h"

enum { FIRM = 19, CHAIN = FIRM % AUDIT_CHAINS, OTHER_FIRM = 36, OTHER = OTHER_FIRM % AUDIT_CHAINS };

static struct testdb *testdb;

struct lines {
    size_t count;
    char text[4096];
};

static void collect(void *context, const char *line)
{
    struct lines *lines = context;
    size_t length = strlen(lines->text);

    lines->count++;
    snprintf(lines->text + length, sizeof(lines->text) - length, "%s\n", line);
}

struct adding {
    uint64_t firm;
    size_t count;
};

static int add(void *context, struct err *err)
{
    const struct adding *adding = context;
    struct audit_event events[8] = {{.enterprise_id = 0}};

    for (size_t i = 0; i < adding->count; i++)
        events[i] = (struct audit_event){
            .actor = {ACTOR_FIRM, adding->firm, "request-1"},
            .enterprise_id = adding->firm,
            .action = "certificate.exchange",
            .object_kind = "certificate",
            .object_id = 100 + i,
            .matter_id = 5,
            .detail = i % 2 ? NULL : "{\"paper\":1}",
        };
    return audit_add(testdb->db, testdb->pool, &testdb->core, events, adding->count, err);
}

static void add_events(uint64_t firm, size_t count)
{
    struct adding adding = {firm, count};
    struct err err = {0};

    if (db_transact(testdb->db, add, &adding, &err) < 0)
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    add_events(FIRM, 3);
    add_events(FIRM, 2);
    add_events(OTHER_FIRM, 2);
    return 0;
}

static struct audit_totals verify(const char *anchors, struct lines *lines)
{
    struct audit_totals totals;
    struct err err = {0};

    *lines = (struct lines){0};
    if (audit_verify(testdb->db, &testdb->core, anchors, collect, lines, &totals, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(totals.faults, lines->count);
    return totals;
}

static void test_tampering_found(void **state)
{
    static const struct {
        const char *sql;
        const char *line; /* stands in the report */
    } rows[] = {
        {"UPDATE audit_event SET happened_at = happened_at + INTERVAL 1000 MICROSECOND"
         " WHERE chain = 3 AND sequence = 2",
         "chain 3: event 2 was changed"},
        {"UPDATE audit_event SET actor_kind = 2 WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        {"UPDATE audit_event SET actor_id = 8 WHERE chain = 3 AND sequence = 1",
         "event 1 was changed"},
        {"UPDATE audit_event SET action = 'certificate.exchangf' WHERE chain = 3 AND sequence = 5",
         "event 5 was changed"},
        {"UPDATE audit_event SET object_kind = 'certificatf' WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        {"UPDATE audit_event SET object_id = object_id + 1 WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        {"UPDATE audit_event SET matter_id = 0 WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        {"UPDATE audit_event SET request = 'request-2' WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        {"UPDATE audit_event SET detail = CONCAT(detail, ' ') WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        {"UPDATE audit_event SET detail = '' WHERE chain = 3 AND sequence = 1",
         "event 1 was changed"},
        /* Behind a zero byte, where texts of C end. */
        {"UPDATE audit_event SET detail = CONCAT(detail, CHAR(0), 'x')"
         " WHERE chain = 3 AND sequence = 1",
         "event 1 was changed"},
        {"UPDATE audit_event SET request = CONCAT(request, CHAR(0))"
         " WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        {"UPDATE audit_event SET hash = REPEAT('x', 32) WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        /* The same characters, cut between two columns elsewhere. */
        {"UPDATE audit_event SET action = 'certificate.exchang', object_kind = 'ecertificate'"
         " WHERE chain = 3 AND sequence = 2",
         "event 2 was changed"},
        {"DELETE FROM audit_event WHERE chain = 3 AND sequence = 2",
         "gap: events 2 to 2 are missing"},
        {"DELETE FROM audit_event WHERE chain = 3 AND sequence <= 3",
         "gap: events 1 to 3 are missing"},
        {"DELETE FROM audit_event WHERE chain = 3 AND sequence >= 4",
         "the end was cut: events 4 to 5 are missing"},
        {"DELETE FROM audit_event WHERE chain = 3", "the end was cut: events 1 to 5 are missing"},
        {"UPDATE audit_event SET sequence = 9 WHERE chain = 3 AND sequence = 5",
         "gap: events 5 to 8 are missing"},
        {"UPDATE audit_event SET chain = 5, sequence = 1 WHERE chain = 3 AND sequence = 5",
         "chain 5: event 1 was changed"},
        {"UPDATE audit_event SET chain = 16 WHERE chain = 3 AND sequence = 5",
         "chain 16: no such chain"},
        {"UPDATE audit_head SET sequence = 4 WHERE chain = 3",
         "the head's keyed hash is wrong\nchain 3: events 5 to 5 stand beyond the head"},
        {"UPDATE audit_head SET mac = REPEAT('x', 32) WHERE chain = 3",
         "the head's keyed hash is wrong"},
        {"UPDATE audit_head SET hash = REPEAT('x', 32) WHERE chain = 3",
         "the head points at another event"},
        {"UPDATE audit_head SET sequence = 0, hash = REPEAT(CHAR(0), 32),"
         " mac = REPEAT(CHAR(0), 32) WHERE chain = 3",
         "events 1 to 5 stand beyond the head"},
        /* The head of another chain, keyed hash and all. */
        {"UPDATE audit_head a JOIN audit_head b ON b.chain = 4 SET a.sequence = b.sequence,"
         " a.hash = b.hash, a.mac = b.mac WHERE a.chain = 3",
         "the head's keyed hash is wrong"},
        {"UPDATE audit_head SET mac = REPEAT('x', 32) WHERE chain = 0",
         "chain 0: the head's keyed hash is wrong"},
        {"DELETE FROM audit_head WHERE chain = 3", "chain 3: the head is missing"},
    };

    (void)state;
    assert_int_equal(CHAIN, 3);
    assert_int_equal(OTHER, 4);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lines lines;

        set_up(NULL);
        testdb_sql(testdb, "%s", rows[i].sql);
        verify(NULL, &lines);
        if (!strstr(lines.text, rows[i].line))
            fail_msg("%s\nreported: %s", rows[i].sql, lines.text);
    }
}

static void test_untouched(void **state)
{
    struct lines lines;
    struct audit_totals totals = verify("", &lines);

    (void)state;
    assert_string_equal(lines.text, "");
    assert_int_equal(totals.events, 7);
    assert_int_equal(testdb_number(testdb, "SELECT sequence FROM audit_head WHERE chain = 3"), 5);
}

/* Cut together with its head, put back as it was: only who noted it elsewhere can tell. */
static void test_anchor_betrays_cut_end(void **state)
{
    struct lines anchors = {0}, lines;
    struct err err = {0};

    (void)state;
    assert_int_equal(audit_anchors(testdb->db, collect, &anchors, &err), 0);
    assert_int_equal(anchors.count, AUDIT_CHAINS);
    verify(anchors.text, &lines);
    assert_int_equal(lines.count, 0);
    add_events(FIRM, 1);
    verify(anchors.text, &lines);
    assert_int_equal(lines.count, 0);

    testdb_sql(testdb, "DELETE FROM audit_event WHERE chain = 3");
    testdb_sql(testdb, "UPDATE audit_head SET sequence = 0, hash = REPEAT(CHAR(0), 32),"
                       " mac = REPEAT(CHAR(0), 32) WHERE chain = 3");
    verify(NULL, &lines);
    assert_int_equal(lines.count, 0);
    verify(anchors.text, &lines);
    assert_string_equal(lines.text, "chain 3: event 5, noted by an anchor, is missing\n");

    /* Made anew up to the same length it is still another chain. */
    add_events(FIRM, 5);
    verify(NULL, &lines);
    assert_int_equal(lines.count, 0);
    verify(anchors.text, &lines);
    assert_string_equal(lines.text, "chain 3: event 5 is not the one an anchor noted\n");
}

static void test_bad_anchors(void **state)
{
    static const char *const bad[] = {
        "3",
        "3 5",
        "3 5 abc",
        "16 5 0000000000000000000000000000000000000000000000000000000000000000",
        "x 5 0000000000000000000000000000000000000000000000000000000000000000",
        "3 5  0000000000000000000000000000000000000000000000000000000000000000",
        "3 5 00000000000000000000000000000000000000000000000000000000000000000",
    };
    struct audit_totals totals;
    struct lines lines = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err err = {0};
        char text[160];

        snprintf(text, sizeof(text), "\n%s", bad[i]);
        assert_int_equal(
            audit_verify(testdb->db, &testdb->core, text, collect, &lines, &totals, &err), -1);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_non_null(strstr(err.text, "line 2"));
    }
}

/* A head that somebody else moved is not sealed by the next event. */
static void test_changed_head_refused(void **state)
{
    struct adding adding = {FIRM, 1};
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "DELETE FROM audit_event WHERE chain = 3 AND sequence = 5");
    testdb_sql(testdb, "UPDATE audit_head h JOIN audit_event e ON e.chain = 3 AND e.sequence = 4"
                       " SET h.sequence = 4, h.hash = e.hash WHERE h.chain = 3");
    assert_int_equal(db_transact(testdb->db, add, &adding, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    testdb_sql(testdb, "DELETE FROM audit_head WHERE chain = 3");
    assert_int_equal(db_transact(testdb->db, add, &adding, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    adding.firm = OTHER_FIRM;
    assert_int_equal(db_transact(testdb->db, add, &adding, &err), 0);
}

static int add_and_fail(void *context, struct err *err)
{
    if (add(context, err) < 0)
        return -1;
    return err_set(err, ERR_CONFLICT, 0, "the change did not happen");
}

/* No change, no event. */
static void test_rolled_back(void **state)
{
    struct adding adding = {FIRM, 2};
    struct lines lines;
    struct err err = {0};

    (void)state;
    assert_int_equal(db_transact(testdb->db, add_and_fail, &adding, &err), -1);
    assert_int_equal(verify(NULL, &lines).events, 7);
    assert_int_equal(lines.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_tampering_found, set_up),
        cmocka_unit_test_setup(test_changed_head_refused, set_up),
        cmocka_unit_test_setup(test_bad_anchors, set_up),
        cmocka_unit_test_setup(test_anchor_betrays_cut_end, set_up),
        cmocka_unit_test_setup(test_rolled_back, set_up),
        cmocka_unit_test_setup(test_untouched, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
