/* Captures: at once by the reader, else by two; the same photo twice; what was seen is still so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/matter/change.h"
#include "core/proposal/capture_take.h"
#include "core/register/capture.h"
#include "core/register/person.h"
#include "core/staff/staff.h"
#include "tests/core/panel.h"
#include "tests/core/testdb.h"

enum { RESIDENT = 1, FOREIGNER = 2 };

static struct testdb *testdb;
static const struct scan first = {"image/jpeg", 1, 295, 413, {(const uint8_t *)"first", 5}},
                         second = {"image/jpeg", 1, 295, 413, {(const uint8_t *)"second", 6}};

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    panel_staff(testdb);
    testdb_person(testdb, RESIDENT, "111", "张三", (struct bytes){NULL, 0});
    testdb_person(testdb, FOREIGNER, "414", "JOHN SMITH", (struct bytes){NULL, 0});
    return 0;
}

/* As the page does it: a transaction of its own, gone where it was refused. */
static enum capture_end take(uint64_t staff_id, uint64_t person_id, const char *source,
                             const struct scan *photo, struct proposal *proposal)
{
    const struct actor actor = {ACTOR_STAFF, staff_id, "request-1"};
    struct change change = {.db = testdb->db,
                            .pool = testdb->pool,
                            .core = &testdb->core,
                            .actor = &actor,
                            .today = testdb_today,
                            .now_ms = clock_now_ms()};
    struct person person;
    struct err err = {0};
    enum capture_end end = CAPTURE_REFUSED;

    *proposal = (struct proposal){0};
    if (db_begin(testdb->db, &err) < 0 ||
        person_lock(testdb->db, testdb->pool, &testdb->core, person_id, &person, &err) != 1 ||
        capture_take(&change, panel_role(staff_id), &person, source, photo, proposal, &end, &err) < 0)
        fail_msg("%s", err.text);
    if (end == CAPTURE_REFUSED)
        db_rollback(testdb->db);
    else if (db_commit(testdb->db, &err) < 0)
        fail_msg("%s", err.text);
    return end;
}

static struct person person_now(uint64_t id)
{
    struct person person;
    struct err err = {0};

    assert_int_equal(person_find(testdb->db, testdb->pool, &testdb->core, id, &person, &err), 1);
    return person;
}

static const char *state_of(uint64_t id)
{
    const char *states[] = {"", "taken", "waiting", "refused"};

    return states[testdb_number(testdb, "SELECT state + 0 FROM identity_capture WHERE id = %d", (int)id)];
}

static void test_reader(void **state)
{
    struct proposal proposal;
    uint64_t old;

    (void)state;
    assert_int_equal(take(CLERK, RESIDENT, CAPTURE_READER, &first, &proposal), CAPTURE_USED);
    testdb_audited(testdb, 1);
    old = person_now(RESIDENT).capture_id;
    assert_int_not_equal(old, 0);
    assert_int_equal(take(CLERK, RESIDENT, CAPTURE_READER, &first, &proposal), CAPTURE_SAME);
    testdb_audited(testdb, 1);
    assert_int_equal(take(CLERK, RESIDENT, CAPTURE_READER, &second, &proposal), CAPTURE_USED);
    assert_int_not_equal(person_now(RESIDENT).capture_id, old);
    /* The old one is kept, and comes back as itself. */
    assert_int_equal(take(CLERK, RESIDENT, CAPTURE_READER, &first, &proposal), CAPTURE_USED);
    assert_int_equal(person_now(RESIDENT).capture_id, old);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM identity_capture"), 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM identity_capture WHERE"
                                           " INSTR(photo_sealed, 'first')"),
                     0);
}

/* A passport, and a resident's number that was typed. */
static void test_second_look(void **state)
{
    static const struct {
        uint64_t person;
        const char *source;
        uint64_t decider;
    } rows[] = {{FOREIGNER, CAPTURE_WINDOW, OTHER_CLERK},
                {FOREIGNER, CAPTURE_READER, REVIEWER},
                {RESIDENT, CAPTURE_WINDOW, OTHER_CLERK}};
    struct panel panel = panel_of(testdb);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct proposal proposal, after;
        enum proposal_answer answer;
        struct err err = {0};
        uint64_t before, taken;

        set_up(NULL);
        assert_int_equal(take(CLERK, rows[i].person, rows[i].source, &first, &proposal),
                         CAPTURE_PROPOSED);
        capture_of_proposal(&proposal, &before, &taken);
        assert_int_equal(before, 0);
        assert_string_equal(state_of(taken), "waiting");
        assert_int_equal(person_now(rows[i].person).capture_id, 0);
        /* Not by who took it, and not by who only looks. */
        assert_int_equal(panel_decide(&panel, CLERK, proposal.number, true, &after, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_YOURS);
        assert_int_equal(panel_decide(&panel, AUDITOR, proposal.number, true, &after, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_YOURS);
        assert_int_equal(
            panel_decide(&panel, rows[i].decider, proposal.number, true, &after, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_DONE);
        assert_int_equal(person_now(rows[i].person).capture_id, taken);
        assert_string_equal(state_of(taken), "taken");
    }
}

static void test_one_at_a_time(void **state)
{
    struct panel panel = panel_of(testdb);
    struct proposal proposal, again, after;
    enum proposal_answer answer;
    struct err err = {0};
    uint64_t before, one, two;

    (void)state;
    assert_int_equal(take(CLERK, FOREIGNER, CAPTURE_WINDOW, &first, &proposal), CAPTURE_PROPOSED);
    capture_of_proposal(&proposal, &before, &one);
    assert_int_equal(take(OTHER_CLERK, FOREIGNER, CAPTURE_WINDOW, &second, &again), CAPTURE_REFUSED);
    assert_true(again.refusal_count > 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM identity_capture"), 1);
    /* Refused: nothing changes, and the next may come. */
    assert_int_equal(panel_decide(&panel, REVIEWER, proposal.number, false, &after, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_DONE);
    assert_int_equal(person_now(FOREIGNER).capture_id, 0);
    assert_string_equal(state_of(one), "refused");
    assert_int_equal(take(OTHER_CLERK, FOREIGNER, CAPTURE_WINDOW, &second, &again), CAPTURE_PROPOSED);
    capture_of_proposal(&again, &before, &two);
    assert_string_equal(state_of(two), "waiting");
    assert_int_equal(panel_withdraw(&panel, OTHER_CLERK, again.number, &after, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_DONE);
    assert_string_equal(state_of(two), "refused");
}

/* The person's name, or his photo, changed while the proposal waited. */
static void test_changed_meanwhile(void **state)
{
    struct panel panel = panel_of(testdb);
    struct proposal proposal, after;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    assert_int_equal(take(CLERK, RESIDENT, CAPTURE_WINDOW, &first, &proposal), CAPTURE_PROPOSED);
    testdb_sql(testdb, "UPDATE person SET name = '张三丰' WHERE id = %d", RESIDENT);
    assert_int_equal(panel_decide(&panel, REVIEWER, proposal.number, true, &after, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_int_equal(after.refusal_count, 1);
    assert_non_null(strstr(after.refusals[0], "姓名"));
    testdb_sql(testdb, "UPDATE person SET name = '张三' WHERE id = %d", RESIDENT);
    assert_int_equal(take(CLERK, RESIDENT, CAPTURE_READER, &second, &after), CAPTURE_USED);
    assert_int_equal(panel_decide(&panel, REVIEWER, proposal.number, true, &after, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_non_null(strstr(after.refusals[0], "照片"));
    assert_int_equal(panel_decide(&panel, REVIEWER, proposal.number, false, &after, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_DONE);
}

static void test_whose(void **state)
{
    const struct capture *rows;
    struct proposal proposal;
    struct err err = {0};
    struct bytes jpeg;
    size_t count;

    (void)state;
    assert_int_equal(take(CLERK, RESIDENT, CAPTURE_READER, &first, &proposal), CAPTURE_USED);
    assert_int_equal(take(CLERK, RESIDENT, CAPTURE_READER, &second, &proposal), CAPTURE_USED);
    assert_int_equal(capture_list(testdb->db, testdb->pool, RESIDENT, &rows, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].id, person_now(RESIDENT).capture_id);
    assert_string_equal(rows[1].source, "reader");
    assert_true(*rows[1].taken_by != '\0');
    assert_int_equal(capture_photo(testdb->db, testdb->pool, &testdb->core, RESIDENT, rows[1].id,
                                      &jpeg, &err),
                     1);
    assert_memory_equal(jpeg.data, "first", 5);
    assert_int_equal(capture_photo(testdb->db, testdb->pool, &testdb->core, FOREIGNER, rows[1].id,
                                      &jpeg, &err),
                     0);
    /* Who is no window clerk proposes nothing. */
    assert_int_equal(take(DECIDER, FOREIGNER, CAPTURE_WINDOW, &first, &proposal), CAPTURE_REFUSED);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reader),            TEST(test_second_look), TEST(test_one_at_a_time),
        TEST(test_changed_meanwhile), TEST(test_whose),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed;
}
