/* Filings that are done, taken back, or swept: what each leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "tests/core/desk.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct testdb *testdb;
static struct desk local, previous, outside;

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    desk_people(testdb);
    local = desk_of(testdb, LOCAL);
    previous = desk_of(testdb, PREVIOUS);
    outside = desk_of(testdb, OUTSIDE);
    return 0;
}

static int64_t rows_of(const char *table)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM %s", table);
}

/* The matter is done, each of its certificates changed once, with event, job and audit. */
static void assert_done(const struct filing *filing, enum item item, unsigned items, unsigned jobs,
                        uint64_t events)
{
    assert_string_equal(filing->matter.state, MATTER_DONE);
    assert_int_equal(filing->matter.item, item);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM matter WHERE id = %d AND state = 'done'"
                                   " AND items = %u AND closed_at IS NOT NULL"
                                   " AND moved_on = '2026-03-01'",
                                   (int)filing->matter.id, items),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate"
                                           " WHERE matter_id = %d AND state = 'done'",
                                   (int)filing->matter.id),
                     items);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(DISTINCT certificate_id)"
                                           " FROM certificate_event WHERE matter_id = %d",
                                   (int)filing->matter.id),
                     items);
    assert_int_equal(rows_of("certificate_event"), items);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM job WHERE matter_id = %d"
                                   " AND state = 'waiting'",
                                   (int)filing->matter.id),
                     jobs);
    assert_int_equal(rows_of("job"), jobs);
    testdb_audited(testdb, events);
}

static void test_issue(void **state)
{
    struct filing done, again;
    struct err err = {0};

    (void)state;
    desk_do(&local, ITEM_APPLY, NEWCOMER, "B", NULL, 0, &done);
    assert_done(&done, ITEM_APPLY, 1, 1, 2);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM certificate c JOIN certificate_version v"
                      " ON v.certificate_id = c.id AND v.version = 1"
                      " JOIN exam_result x ON x.certificate_id = c.id"
                      " WHERE c.number = '沪建安B（2026）0000001' AND c.state = '01' AND c.class = 'B'"
                      " AND c.post = '07' AND c.person_id = %d AND c.enterprise_id = %d"
                      " AND c.enterprise_name = '测试建筑1有限公司' AND c.holder_name = '张三丰'"
                      " AND c.first_issued = '2026-03-01' AND c.valid_from = '2026-03-01'"
                      " AND c.valid_until = '2029-02-28' AND c.held_since = '2026-03-01'"
                      " AND c.generation = 0 AND c.pending_matter_id IS NULL"
                      " AND v.matter_id = %d AND v.capture_id IS NOT NULL AND x.id = 21",
                      NEWCOMER, LOCAL, (int)done.matter.id),
        1);
    /* The exam is used, and a B held. */
    assert_int_equal(desk_open(&local, ITEM_APPLY, NEWCOMER, "B", &again, &err), 0);
    assert_string_equal(desk_failed(&local, &again), "R6 R6 ");
}

static void test_issue_any_c(void **state)
{
    struct filing done;

    (void)state;
    testdb_exam(testdb, 22, LOCAL, NEWCOMER, "C1", "08", "2026-01-04");
    testdb_exam(testdb, 23, LOCAL, NEWCOMER, "C2", "08", "2026-01-06");
    desk_do(&local, ITEM_APPLY, NEWCOMER, "C", NULL, 0, &done);
    assert_done(&done, ITEM_APPLY, 1, 1, 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate c JOIN exam_result x"
                                           " ON x.certificate_id = c.id WHERE c.class = 'C2'"
                                           " AND c.number = '沪建安C2（2026）0000001' AND x.id = 23"),
                     1);
}

/* Dates are taken over from the A that is held elsewhere; it stays as it is. */
static void test_legal_taken_over(void **state)
{
    struct filing done;

    (void)state;
    desk_do(&local, ITEM_APPLY, LEADER, "L", NULL, 0, &done);
    assert_done(&done, ITEM_APPLY, 1, 1, 2);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM certificate n JOIN certificate o ON o.id = 31"
                                   " WHERE n.number = '沪建安A（2026）0000001' AND n.post = '01'"
                                   " AND n.enterprise_id = %d AND n.first_issued = o.first_issued"
                                   " AND n.valid_from = o.valid_from"
                                   " AND n.valid_until = o.valid_until"
                                   " AND n.held_since = '2026-03-01' AND o.state = '01'"
                                   " AND o.version = 1 AND o.enterprise_id = %d",
                                   LOCAL, PREVIOUS),
                     1);
}

static void test_legal_by_exam(void **state)
{
    struct filing done;

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 31");
    testdb_exam(testdb, 32, LOCAL, LEADER, "A", "02", "2026-01-05");
    desk_do(&local, ITEM_APPLY, LEADER, "L", NULL, 0, &done);
    assert_done(&done, ITEM_APPLY, 1, 1, 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate c JOIN exam_result x"
                                           " ON x.certificate_id = c.id WHERE x.id = 32"
                                           " AND c.post = '01' AND c.first_issued = '2026-03-01'"
                                           " AND c.valid_until = '2029-02-28'"),
                     1);
}

static void test_renew(void **state)
{
    static const struct {
        uint64_t firm, person, id;
        const char *action;
    } rows[] = {
        {LOCAL, RENEWER, 41, "renew"},
        {OUTSIDE, RENEWER_OUTSIDE, 42, "renew_outside"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct desk desk = desk_of(testdb, rows[i].firm);
        struct filing done;

        set_up(NULL);
        desk_do(&desk, ITEM_APPLY, rows[i].person, "B", NULL, 0, &done);
        assert_done(&done, ITEM_RENEW, 1, 1, 2);
        assert_int_equal(
            testdb_number(testdb,
                          "SELECT COUNT(*) FROM certificate c JOIN certificate_version o"
                          " ON o.certificate_id = c.id AND o.version = 1"
                          " JOIN certificate_event e ON e.certificate_id = c.id"
                          " WHERE c.id = %d AND c.version = 2 AND c.state = '01'"
                          " AND c.number = '沪建安B（2024）%07d' AND c.first_issued = '2023-03-15'"
                          " AND c.valid_from = '2026-03-15' AND c.valid_until = '2029-03-14'"
                          " AND c.held_since = '2024-06-07' AND c.enterprise_id = %d"
                          " AND o.voided_at IS NOT NULL AND o.valid_until = '2026-03-14'"
                          " AND e.action = '%s' AND e.from_state = '01' AND e.to_state = '01'",
                          (int)rows[i].id, (int)rows[i].id, (int)rows[i].firm, rows[i].action),
            1);
    }
}

static void test_transfer(void **state)
{
    const uint64_t ids[] = {12, 11};
    struct filing done, found;
    struct err err = {0};

    (void)state;
    desk_do(&local, ITEM_TRANSFER, HOLDER, "", ids, COUNT(ids), &done);
    assert_done(&done, ITEM_TRANSFER, 2, 2, 5); /* query, 2 came, 2 left */
    assert_int_equal(
        testdb_number(testdb, "SELECT COUNT(*) FROM certificate WHERE id IN (11, 12)"
                              " AND version = 2 AND enterprise_id = 1 AND state = '01'"
                              " AND enterprise_name = '测试建筑1有限公司'"
                              " AND held_since = '2026-03-01' AND first_issued = '2024-01-10'"
                              " AND valid_from = '2024-01-10' AND valid_until = '2027-01-09'"
                              " AND generation = 0"),
        2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"
                                           " WHERE certificate_id IN (11, 12) AND version = 1"
                                           " AND voided_at IS NOT NULL AND enterprise_id = 2"),
                     2);
    /* The other firm's matter shows the versions that left, and is nothing to be confirmed. */
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM matter m JOIN matter_certificate c"
                                   " ON c.matter_id = m.id WHERE m.parent_id = %d"
                                   " AND m.enterprise_id = 2 AND m.item = 'transfer'"
                                   " AND m.state = 'done' AND m.items = 2 AND c.version = 1"
                                   " AND m.enterprise_name = '测试建筑2有限公司'",
                                   (int)done.matter.id),
                     2);
    char number[MATTER_NUMBER_SIZE];
    matter_number_make(ITEM_TRANSFER, testdb_today,
                       (uint64_t)testdb_number(testdb, "SELECT id FROM matter"
                                                       " WHERE parent_id IS NOT NULL"),
                       number);
    assert_int_equal(desk_find(&previous, ITEM_TRANSFER, number, &found, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE action = 'certificate.left' AND chain = 2"),
                     2);
}

/* From several firms: each has a matter of its own. */
static void test_transfer_from_two_firms(void **state)
{
    const uint64_t ids[] = {11, 13};
    struct filing done;

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET state = '05' WHERE id = 12");
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = 13, .firm = OUTSIDE, .person = HOLDER, .class_code = "A"});
    desk_do(&local, ITEM_TRANSFER, HOLDER, "", ids, COUNT(ids), &done);
    assert_done(&done, ITEM_TRANSFER, 2, 2, 5);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(DISTINCT enterprise_id) FROM matter"
                                           " WHERE parent_id IS NOT NULL AND items = 1"),
                     2);
}

/* One that was let go comes back, into firms of any kind. */
static void test_transfer_of_cancelled(void **state)
{
    const uint64_t ids[] = {61};
    const struct desk *const desks[] = {&local, &outside};

    (void)state;
    for (size_t i = 0; i < COUNT(desks); i++) {
        struct filing done;

        set_up(NULL);
        desk_do(desks[i], ITEM_TRANSFER, FORMER, "", ids, 1, &done);
        assert_done(&done, ITEM_TRANSFER, 1, 1, 3);
        assert_int_equal(testdb_number(testdb,
                                       "SELECT COUNT(*) FROM certificate c JOIN certificate_event e"
                                       " ON e.certificate_id = c.id WHERE c.id = 61"
                                       " AND c.state = '01' AND c.state_reason IS NULL"
                                       " AND c.enterprise_id = %d AND e.from_state = '04'"
                                       " AND e.to_state = '01'",
                                       (int)desks[i]->firm),
                         1);
    }
}

static void test_departure(void **state)
{
    static const struct {
        uint64_t ids[3];
        size_t count;
    } rows[] = {{{52, 53}, 2}, {{53, 51, 52}, 3}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct filing draft, done;
        struct err err = {0};

        set_up(NULL);
        desk_draft(&local, ITEM_DEPARTURE, LEAVER, "", &draft);
        for (size_t s = 0; s < draft.count; s++)
            assert_int_equal(draft.subjects[s].locked, draft.subjects[s].holding->id != 51);
        const struct filing_choice choice = {.ids = rows[i].ids,
                                             .count = rows[i].count,
                                             .seen = draft.seen,
                                             .province = "江苏省"};
        assert_int_equal(
            desk_confirm(&local, ITEM_DEPARTURE, draft.matter.number, &choice, &done, &err), 1);
        assert_done(&done, ITEM_DEPARTURE, (unsigned)rows[i].count, 1, 1 + rows[i].count);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"
                                               " WHERE state = '06' AND version = 1"
                                               " AND enterprise_id = 1"),
                         rows[i].count);
        assert_int_equal(
            testdb_number(testdb, "SELECT COUNT(*) FROM certificate WHERE id = 51 AND state = '%s'",
                          rows[i].count == 3 ? "06" : "01"),
            1);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"
                                               " WHERE voided_at IS NOT NULL"),
                         rows[i].count);
        assert_int_equal(testdb_number(testdb,
                                       "SELECT COUNT(*) FROM matter m JOIN job j"
                                       " ON j.proof_id = m.id WHERE m.id = %d"
                                       " AND m.province = '江苏省' AND LENGTH(m.verify_token) = 16"
                                       " AND j.kind = 'departure' AND j.certificate_id = 0"
                                       " AND j.enterprise_id = 1",
                                       (int)done.matter.id),
                         1);
    }
}

static void test_confirm_twice(void **state)
{
    struct filing draft, out;
    struct err err = {0};

    (void)state;
    desk_draft(&local, ITEM_APPLY, NEWCOMER, "B", &draft);
    const struct filing_choice choice = {.seen = draft.seen};
    assert_int_equal(desk_confirm(&local, ITEM_APPLY, draft.matter.number, &choice, &out, &err), 1);
    assert_done(&out, ITEM_APPLY, 1, 1, 2);
    assert_int_equal(desk_confirm(&local, ITEM_APPLY, draft.matter.number, &choice, &out, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(rows_of("certificate"), 10);
    assert_int_equal(desk_find(&local, ITEM_APPLY, draft.matter.number, &out, &err), 1);
    assert_string_equal(out.matter.state, MATTER_DONE);
}

/* The second draft of one clerk's finds what the first has done. */
static void test_two_drafts(void **state)
{
    struct filing first, second, out;
    struct err err = {0};

    (void)state;
    desk_draft(&local, ITEM_APPLY, RENEWER, "B", &first);
    desk_draft(&local, ITEM_APPLY, RENEWER, "B", &second);
    assert_int_equal(desk_confirm(&local, ITEM_APPLY, first.matter.number,
                                  &(struct filing_choice){.seen = first.seen}, &out, &err),
                     1);
    assert_int_equal(desk_confirm(&local, ITEM_APPLY, second.matter.number,
                                  &(struct filing_choice){.seen = second.seen}, &out, &err),
                     0);
    assert_string_equal(desk_failed(&local, &out), "R6 R6 ");
    assert_int_equal(rows_of("certificate_event"), 1);
}

static void test_abandon(void **state)
{
    struct filing draft, out;
    struct err err = {0};

    (void)state;
    desk_draft(&local, ITEM_APPLY, NEWCOMER, "B", &draft);
    assert_int_equal(desk_abandon(&previous, ITEM_APPLY, draft.matter.number, &err), 0);
    assert_int_equal(desk_abandon(&local, ITEM_CANCEL, draft.matter.number, &err), 0);
    assert_int_equal(desk_abandon(&local, ITEM_APPLY, "SL20260301-99999999", &err), 0);
    assert_int_equal(desk_abandon(&local, ITEM_APPLY, draft.matter.number, &err), 1);
    assert_int_equal(desk_abandon(&local, ITEM_APPLY, draft.matter.number, &err), 0);
    assert_int_equal(desk_confirm(&local, ITEM_APPLY, draft.matter.number,
                                  &(struct filing_choice){.seen = draft.seen}, &out, &err),
                     -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    desk_untouched(testdb);
    testdb_audited(testdb, 2);
    desk_do(&local, ITEM_APPLY, NEWCOMER, "B", NULL, 0, &out);
    assert_int_equal(desk_abandon(&local, ITEM_APPLY, out.matter.number, &err), 0);
}

/* A form that was not signed frees its certificates. */
static void test_abandon_form(void **state)
{
    const uint64_t ids[] = {52, 53};
    struct filing done;
    struct err err = {0};

    (void)state;
    desk_do(&local, ITEM_CANCEL, LEAVER, "", ids, COUNT(ids), &done);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"
                                           " WHERE pending_matter_id IS NOT NULL"),
                     2);
    assert_int_equal(desk_abandon(&local, ITEM_CANCEL, done.matter.number, &err), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"
                                           " WHERE pending_matter_id IS NOT NULL"),
                     0);
    assert_int_equal(rows_of("certificate_event"), 0);
    testdb_audited(testdb, 3);
}

static void test_sweep(void **state)
{
    static const struct {
        const char *state, *opened_on, *moved_on; /* since when it is what it is */
        bool swept;
    } rows[] = {
        {"draft", "2026-02-21", "2026-02-21", 1},   {"draft", "2026-02-22", "2026-02-22", 0},
        {"signing", "2026-01-29", "2026-01-29", 1}, {"signing", "2026-01-30", "2026-01-30", 0},
        {"signing", "2026-02-21", "2026-02-21", 0}, {"signing", "2026-01-24", "2026-01-30", 0},
        {"signing", "2026-01-24", "2026-01-29", 1},
    };
    const uint64_t ids[] = {52, 53};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool form = strcmp(rows[i].state, "signing") == 0;
        uint64_t count;
        struct filing filing;
        struct err err = {0};

        set_up(NULL);
        if (form)
            desk_do(&local, ITEM_CANCEL, LEAVER, "", ids, COUNT(ids), &filing);
        else
            desk_draft(&local, ITEM_APPLY, NEWCOMER, "B", &filing);
        testdb_sql(testdb, "UPDATE matter SET opened_on = '%s', moved_on = '%s'",
                   rows[i].opened_on, rows[i].moved_on);
        assert_int_equal(
            filing_sweep(testdb->db, &testdb->core, testdb_today, DESK_NOW, &count, &err), 0);
        assert_int_equal(count, rows[i].swept);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = '%s'",
                                       rows[i].swept ? "abandoned" : rows[i].state),
                         1);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"
                                               " WHERE pending_matter_id IS NOT NULL"),
                         form && !rows[i].swept ? 2 : 0);
        testdb_audited(testdb, (form ? 2 : 1) + rows[i].swept);
    }
}

/* More than one round takes; done, refused and taken-back ones stay. */
static void test_sweep_many(void **state)
{
    uint64_t count;
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "INSERT INTO matter (item, opened_on, enterprise_id, state, person_id,"
                       " opened_by_kind, opened_at) SELECT 'apply', '2026-01-01', 1 + seq MOD 3,"
                       " IF(seq <= 450, 'draft', ELT(1 + seq MOD 4, 'done', 'open', 'refused',"
                       " 'abandoned')), 1 + seq MOD 3, 1, NOW(3) FROM seq_1_to_500");
    assert_int_equal(filing_sweep(testdb->db, &testdb->core, testdb_today, DESK_NOW, &count, &err),
                     0);
    assert_int_equal(count, 450);
    assert_int_equal(filing_sweep(testdb->db, &testdb->core, testdb_today, DESK_NOW, &count, &err),
                     0);
    assert_int_equal(count, 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'draft'"), 0);
    testdb_audited(testdb, 450);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_issue, set_up),
        cmocka_unit_test_setup(test_issue_any_c, set_up),
        cmocka_unit_test_setup(test_legal_taken_over, set_up),
        cmocka_unit_test_setup(test_legal_by_exam, set_up),
        cmocka_unit_test_setup(test_renew, set_up),
        cmocka_unit_test_setup(test_transfer, set_up),
        cmocka_unit_test_setup(test_transfer_from_two_firms, set_up),
        cmocka_unit_test_setup(test_transfer_of_cancelled, set_up),
        cmocka_unit_test_setup(test_departure, set_up),
        cmocka_unit_test_setup(test_confirm_twice, set_up),
        cmocka_unit_test_setup(test_two_drafts, set_up),
        cmocka_unit_test_setup(test_abandon, set_up),
        cmocka_unit_test_setup(test_abandon_form, set_up),
        cmocka_unit_test_setup(test_sweep, set_up),
        cmocka_unit_test_setup(test_sweep_many, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
