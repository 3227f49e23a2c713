/* Filings: opened, refused, confirmed in vain; what each leaves behind. Done: test_filing_done,
 * at the same moment: test_filing_race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/memo.h"
#include "base/pool.h"
#include "core/evidence/evidence.h"
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

/* What a refusal at `number` left: the matter, all findings, one event; and nothing else. */
static void assert_refused(const struct filing *filing, size_t opened_before)
{
    size_t findings = 0;

    for (size_t i = 0; i < filing->count; i++)
        findings += filing->subjects[i].verdict.count;
    assert_false(filing->allowed);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM matter WHERE id = %d AND state = 'refused'"
                                   " AND closed_at IS NOT NULL",
                                   (int)filing->matter.id),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_finding WHERE matter_id = %d",
                                   (int)filing->matter.id),
                     findings);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE matter_id = %d"
                                           " AND action LIKE '%%.refused'",
                                   (int)filing->matter.id),
                     1);
    testdb_audited(testdb, opened_before + 1);
}

static void test_open_nothing_there(void **state)
{
    static const struct {
        uint64_t firm, person;
        enum item item;
        const char *wish;
    } rows[] = {
        {LOCAL, 99, ITEM_APPLY, "B"},      {99, HOLDER, ITEM_APPLY, "B"},
        {LOCAL, 0, ITEM_TRANSFER, ""},     {LOCAL, RENEWER, ITEM_TRANSFER, ""},
        {LOCAL, HOLDER, ITEM_CANCEL, ""},  {LOCAL, NEWCOMER, ITEM_CANCEL, ""},
        {LOCAL, FORMER, ITEM_CANCEL, ""},  {LOCAL, HOLDER, ITEM_DEPARTURE, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct desk desk = desk_of(testdb, rows[i].firm);
        struct filing filing;
        struct err err = {0};

        assert_int_equal(
            desk_open(&desk, rows[i].item, rows[i].person, rows[i].wish, &filing, &err), -1);
        assert_int_equal(err.kind, ERR_NOT_FOUND);
    }
    assert_int_equal(rows_of("matter"), 0);
    desk_untouched(testdb);
    testdb_audited(testdb, 0);
}

static void test_open_refused(void **state)
{
    static const struct {
        uint64_t firm, person;
        enum item item, recorded;
        const char *wish, *before, *failed;
    } rows[] = {
        {LOCAL, NEWCOMER, ITEM_APPLY, ITEM_APPLY, "A", NULL, "R4 "},
        {LOCAL, NEWCOMER, ITEM_APPLY, ITEM_APPLY, "C", NULL, "R4 "},
        {LOCAL, FACELESS, ITEM_APPLY, ITEM_APPLY, "C", NULL, "R2 "},
        {LOCAL, NEWCOMER, ITEM_APPLY, ITEM_APPLY, "L", NULL, "R8 R8 "},
        {LOCAL, NEWCOMER, ITEM_APPLY, ITEM_APPLY, "B", "DELETE FROM insurance", "R5 "},
        {LOCAL, NEWCOMER, ITEM_APPLY, ITEM_APPLY, "B",
         "UPDATE exam_result SET exam_date = '2024-02-29'", "R4 "},
        {PREVIOUS, HOLDER, ITEM_APPLY, ITEM_RENEW, "B", NULL, "R5 R6 R6 "},
        {LOCAL, RENEWER, ITEM_APPLY, ITEM_RENEW, "B", "DELETE FROM education", "R6 "},
        /* What has ended is not renewed, nor does it count the hours after its end. */
        {LOCAL, RENEWER, ITEM_APPLY, ITEM_RENEW, "B",
         "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 41", "R6 R6 "},
        {OUTSIDE, RENEWER_OUTSIDE, ITEM_APPLY, ITEM_RENEW, "B",
         "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 42", "R7 R7 "},
        {LOCAL, RENEWER, ITEM_APPLY, ITEM_APPLY, "C",
         "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 41", "R4 "},
        {OUTSIDE, RENEWER_OUTSIDE, ITEM_RENEW, ITEM_RENEW, "B", "DELETE FROM education", "R7 "},
        {LOCAL, HOLDER, ITEM_TRANSFER, ITEM_TRANSFER, "",
         "UPDATE certificate SET held_since = '2025-09-01'", "R14 R14 "},
        {OUTSIDE, HOLDER, ITEM_TRANSFER, ITEM_TRANSFER, "", NULL, "R15 R15 "},
        {LOCAL, FORMER, ITEM_TRANSFER, ITEM_TRANSFER, "",
         "UPDATE certificate SET state_reason = '02' WHERE id = 61", "R15 "},
        {LOCAL, LEADER, ITEM_TRANSFER, ITEM_TRANSFER, "",
         "UPDATE certificate SET post = '01' WHERE id = 31", "R13 "},
        {LOCAL, RENEWER, ITEM_CANCEL, ITEM_CANCEL, "",
         "UPDATE certificate SET state = '02' WHERE id = 41", "R17 "},
        {LOCAL, RENEWER, ITEM_DEPARTURE, ITEM_DEPARTURE, "",
         "UPDATE certificate SET state = '02' WHERE id = 41", "R18 "},
        /* What ended here is what there is to speak of; and what is final elsewhere. */
        {PREVIOUS, FORMER, ITEM_CANCEL, ITEM_CANCEL, "", NULL, "R17 "},
        {PREVIOUS, FORMER, ITEM_DEPARTURE, ITEM_DEPARTURE, "", NULL, "R18 "},
        {LOCAL, RENEWER, ITEM_CANCEL, ITEM_CANCEL, "",
         "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 41", "R17 "},
        {LOCAL, HOLDER, ITEM_TRANSFER, ITEM_TRANSFER, "",
         "UPDATE certificate SET state = '07' WHERE id IN (11, 12)", "R15 R15 "},
        /* A suspended B holds back all. */
        {LOCAL, LEAVER, ITEM_DEPARTURE, ITEM_DEPARTURE, "",
         "UPDATE certificate SET state = '02' WHERE id = 52", "R18 R18 R18 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct desk desk = desk_of(testdb, rows[i].firm);
        struct filing filing;
        struct err err = {0};

        set_up(NULL);
        if (rows[i].before)
            testdb_sql(testdb, "%s", rows[i].before);
        assert_int_equal(
            desk_open(&desk, rows[i].item, rows[i].person, rows[i].wish, &filing, &err), 0);
        if (strcmp(desk_failed(&desk, &filing), rows[i].failed) != 0)
            fail_msg("row %zu: %s", i, desk_failed(&desk, &filing));
        assert_int_equal(filing.matter.item, rows[i].recorded);
        assert_refused(&filing, 0);
        desk_untouched(testdb);
    }
}

static void test_evidence(void **state)
{
    (void)state;
    assert_int_equal(filing_evidence(ITEM_APPLY), EVIDENCE_ALL);
    assert_int_equal(filing_evidence(ITEM_RENEW), EVIDENCE_ALL);
    assert_int_equal(filing_evidence(ITEM_TRANSFER), EVIDENCE_BIT(EVIDENCE_INSURANCE));
    assert_int_equal(filing_evidence(ITEM_CANCEL), 0);
    assert_int_equal(filing_evidence(ITEM_DEPARTURE), 0);
}

static void test_draft(void **state)
{
    static const struct {
        uint64_t firm, person;
        enum item item, recorded, other;
        const char *wish;
        unsigned items;
    } rows[] = {
        {LOCAL, NEWCOMER, ITEM_APPLY, ITEM_APPLY, ITEM_TRANSFER, "B", 1},
        {LOCAL, RENEWER, ITEM_APPLY, ITEM_RENEW, ITEM_CANCEL, "B", 1},
        {LOCAL, HOLDER, ITEM_TRANSFER, ITEM_TRANSFER, ITEM_APPLY, "", 2},
        {LOCAL, LEAVER, ITEM_CANCEL, ITEM_CANCEL, ITEM_DEPARTURE, "", 3},
        {LOCAL, LEAVER, ITEM_DEPARTURE, ITEM_DEPARTURE, ITEM_CANCEL, "", 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct desk desk = desk_of(testdb, rows[i].firm);
        struct filing draft, found;
        struct err err = {0};

        set_up(NULL);
        desk_draft(&desk, rows[i].item, rows[i].person, rows[i].wish, &draft);
        assert_int_equal(draft.matter.item, rows[i].recorded);
        assert_int_equal(draft.matter.items, rows[i].items);
        assert_int_equal(draft.count, rows[i].items);
        assert_int_equal(strlen(draft.seen), SEEN_SIZE - 1);
        assert_int_equal(rows_of("matter_finding"), 0);
        desk_untouched(testdb);
        testdb_audited(testdb, 1);

        assert_int_equal(desk_find(&desk, rows[i].item, draft.matter.number, &found, &err), 1);
        assert_string_equal(found.matter.state, MATTER_DRAFT);
        assert_string_equal(found.seen, draft.seen);
        assert_int_equal(desk_find(&outside, rows[i].item, draft.matter.number, &found, &err), 0);
        assert_int_equal(desk_find(&desk, rows[i].other, draft.matter.number, &found, &err), 0);
        assert_int_equal(desk_find(&desk, rows[i].item, "SL20260301-99999999", &found, &err), 0);
        assert_int_equal(desk_find(&desk, rows[i].item, "", &found, &err), 0);
    }
}

/* Whoever leaves so many begins no more of this item; others, and other items, are not concerned. */
static void test_too_many_drafts(void **state)
{
    struct filing draft, second, filing;
    struct err err = {0};
    size_t before;

    (void)state;
    testdb->policy.drafts_max = 2;
    desk_draft(&local, ITEM_CANCEL, LEAVER, "", &draft);
    desk_draft(&local, ITEM_CANCEL, RENEWER, "", &second);
    before = (size_t)rows_of("matter");
    assert_int_equal(desk_open(&local, ITEM_CANCEL, LEAVER, "", &filing, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(err.code, FILING_DRAFTS);
    assert_int_equal(rows_of("matter"), before);
    desk_draft(&local, ITEM_DEPARTURE, LEAVER, "", &filing);
    assert_int_equal(desk_abandon(&local, ITEM_CANCEL, draft.matter.number, &err), 1);
    desk_draft(&local, ITEM_CANCEL, LEAVER, "", &filing);
    testdb->policy.drafts_max = 0;
    desk_draft(&local, ITEM_CANCEL, LEAVER, "", &filing);
}

static void test_not_the_matters(void **state)
{
    static const struct {
        uint64_t ids[4];
        size_t count;
    } rows[] = {
        {{0}, 0}, {{41}, 1}, {{11}, 1}, {{52, 53, 41}, 3}, {{52, 52}, 2}, {{52, 53, 0}, 3},
        {{9999}, 1},
    };
    struct filing draft, out;

    (void)state;
    desk_draft(&local, ITEM_DEPARTURE, LEAVER, "", &draft);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct filing_choice choice = {
            .ids = rows[i].ids, .count = rows[i].count, .seen = draft.seen, .province = ""};
        struct err err = {0};

        assert_int_equal(
            desk_confirm(&local, ITEM_DEPARTURE, draft.matter.number, &choice, &out, &err), -1);
        assert_int_equal(err.kind, ERR_NOT_FOUND);
    }
    desk_untouched(testdb);
    testdb_audited(testdb, 1);
}

static void test_confirm_not_there(void **state)
{
    const uint64_t ids[] = {52, 53};
    const struct {
        const struct desk *desk;
        enum item item;
        const char *number; /* NULL: the draft's */
    } rows[] = {
        {&previous, ITEM_DEPARTURE, NULL},
        {&local, ITEM_CANCEL, NULL},
        {&local, ITEM_DEPARTURE, ""},
        {&local, ITEM_DEPARTURE, "LH20260301-99999999"},
    };
    struct filing draft, out;

    (void)state;
    desk_draft(&local, ITEM_DEPARTURE, LEAVER, "", &draft);
    const struct filing_choice choice = {
        .ids = ids, .count = COUNT(ids), .seen = draft.seen, .province = ""};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err err = {0};

        assert_int_equal(desk_confirm(rows[i].desk, rows[i].item,
                                      rows[i].number ? rows[i].number : draft.matter.number,
                                      &choice, &out, &err),
                         -1);
        assert_int_equal(err.kind, ERR_NOT_FOUND);
    }
    desk_untouched(testdb);
}

/* The rules allow it, but it is not what the clerk has seen. */
static void test_confirm_other_than_seen(void **state)
{
    static const char *const changes[] = {
        "UPDATE enterprise SET name = '新名有限公司' WHERE id = 1",
        "UPDATE person SET name = '张四' WHERE id = 1",
        "UPDATE person SET capture_id = capture_id + 100 WHERE id = 1",
        "UPDATE person SET sex = 3 - sex WHERE id = 1",
        "UPDATE person SET birth = birth + INTERVAL 1 DAY WHERE id = 1",
        "UPDATE person SET id_type = '114' WHERE id = 1",
        "UPDATE certificate SET version = 2 WHERE id = 11",
        "UPDATE certificate SET valid_until = '2026-12-31' WHERE id = 11",
        "UPDATE certificate SET held_since = '2024-02-01' WHERE id = 12",
        "UPDATE certificate SET post = '99' WHERE id = 12",
        "INSERT INTO insurance VALUES (1, 1, '2026-03-01', NOW(3), NULL)",
    };
    const uint64_t ids[] = {11, 12};
    struct filing draft, out;

    (void)state;
    for (size_t i = 0; i < COUNT(changes) + 2; i++) {
        struct err err = {0};

        set_up(NULL);
        desk_draft(&local, ITEM_TRANSFER, HOLDER, "", &draft);
        if (i < COUNT(changes))
            testdb_sql(testdb, "%s", changes[i]);
        const struct filing_choice choice = {.ids = ids,
                                             .count = COUNT(ids),
                                             .seen = i == COUNT(changes)       ? NULL
                                                     : i == COUNT(changes) + 1 ? "ffff"
                                                                               : draft.seen};
        assert_int_equal(
            desk_confirm(&local, ITEM_TRANSFER, draft.matter.number, &choice, &out, &err), -1);
        assert_int_equal(err.kind, ERR_CONFLICT);
        assert_int_equal(
            testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE state = 'draft'"), 1);
        desk_untouched(testdb);
    }
}

static void test_confirm_refused(void **state)
{
    static const struct {
        enum item item;
        uint64_t person;
        const char *wish;
        uint64_t ids[3];
        size_t count;
        const char *before, *failed;
    } rows[] = {
        {ITEM_APPLY, NEWCOMER, "B", {0}, 0, "DELETE FROM insurance", "R5 "},
        {ITEM_APPLY, NEWCOMER, "B", {0}, 0, "UPDATE exam_result SET certificate_id = 41"
                                            " WHERE id = 21", "R4 "},
        {ITEM_APPLY, NEWCOMER, "B", {0}, 0, "UPDATE person SET capture_id = NULL", "R2 "},
        {ITEM_APPLY, RENEWER, "B", {0}, 0, "DELETE FROM education", "R6 "},
        {ITEM_TRANSFER, HOLDER, "", {11, 12}, 2, "UPDATE certificate SET state = '02' WHERE id = 12",
         "R15 "},
        {ITEM_TRANSFER, HOLDER, "", {11, 12}, 2,
         "UPDATE certificate SET pending_matter_id = (SELECT MAX(id) FROM matter) WHERE id = 11",
         "R19 "},
        {ITEM_TRANSFER, HOLDER, "", {11}, 1, NULL, "R12 "}, /* the C1 would stay behind */
        {ITEM_TRANSFER, HOLDER, "", {12}, 1, NULL, "R12 "},
        {ITEM_DEPARTURE, LEAVER, "", {52, 53}, 2, "UPDATE certificate SET state = '02' WHERE id = 53",
         "R18 "},
        {ITEM_DEPARTURE, LEAVER, "", {51}, 1, NULL, "R18 "}, /* B and C were unticked */
        {ITEM_DEPARTURE, LEAVER, "", {51, 52}, 2, NULL, "R18 R18 "},
        {ITEM_CANCEL, LEAVER, "", {52}, 1, "UPDATE certificate SET state = '02' WHERE id = 52",
         "R17 R17 "}, /* and no reason was given */
        {ITEM_CANCEL, LEAVER, "", {52}, 1, NULL, "R17 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct filing draft, out;
        struct err err = {0};

        set_up(NULL);
        desk_draft(&local, rows[i].item, rows[i].person, rows[i].wish, &draft);
        if (rows[i].before)
            testdb_sql(testdb, "%s", rows[i].before);
        const struct filing_choice choice = {
            .ids = rows[i].ids, .count = rows[i].count, .seen = draft.seen, .province = ""};
        if (desk_confirm(&local, rows[i].item, draft.matter.number, &choice, &out, &err) != 0 ||
            strcmp(desk_failed(&local, &out), rows[i].failed) != 0)
            fail_msg("row %zu: %s%s", i, err.text, desk_failed(&local, &out));
        assert_int_equal(out.count, rows[i].count ? rows[i].count : 1);
        assert_refused(&out, 1);
        assert_int_equal(rows_of("job"), 0);
        assert_int_equal(rows_of("certificate_event"), 0);
        assert_int_equal(rows_of("certificate_version"), 9);
        assert_int_equal(
            desk_confirm(&local, rows[i].item, draft.matter.number, &choice, &out, &err), -1);
        assert_int_equal(err.kind, ERR_CONFLICT);
    }
}

/* What a draft shows after its facts have changed is no way around the rules. */
static void test_confirm_seen_anew(void **state)
{
    static const struct {
        enum item item;
        uint64_t person, ids[3];
        size_t count;
        const char *before;
    } rows[] = {
        {ITEM_APPLY, NEWCOMER, {0}, 0, "DELETE FROM insurance"},
        {ITEM_APPLY, RENEWER, {0}, 0, "DELETE FROM education"},
        {ITEM_TRANSFER, HOLDER, {11, 12}, 2, "UPDATE certificate SET held_since = '2026-02-01'"},
        {ITEM_DEPARTURE, LEAVER, {52, 53}, 2,
         "UPDATE certificate SET pending_matter_id = (SELECT MAX(id) FROM matter)"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct filing draft, again, out;
        struct err err = {0};

        set_up(NULL);
        desk_draft(&local, rows[i].item, rows[i].person, "B", &draft);
        testdb_sql(testdb, "%s", rows[i].before);
        assert_int_equal(desk_find(&local, rows[i].item, draft.matter.number, &again, &err), 1);
        assert_false(again.allowed);
        const struct filing_choice choice = {
            .ids = rows[i].ids, .count = rows[i].count, .seen = again.seen, .province = ""};
        assert_int_equal(
            desk_confirm(&local, rows[i].item, draft.matter.number, &choice, &out, &err), 0);
        assert_refused(&out, 1);
        assert_int_equal(rows_of("certificate_event"), 0);
    }
}

static void test_gone_meanwhile(void **state)
{
    const uint64_t ids[] = {11, 12};
    struct filing draft, out;
    struct err err = {0};

    (void)state;
    desk_draft(&local, ITEM_TRANSFER, HOLDER, "", &draft);
    testdb_sql(testdb, "UPDATE certificate SET enterprise_id = %d WHERE person_id = %d", (int)LOCAL,
               (int)HOLDER);
    const struct filing_choice choice = {.ids = ids, .count = 2, .seen = draft.seen};
    assert_int_equal(desk_confirm(&local, ITEM_TRANSFER, draft.matter.number, &choice, &out, &err),
                     -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(rows_of("certificate_event"), 0);
}

/* A page that hints at its draft has all of it with the look-up of the session, once somebody of this
 * machine has seen the draft; and sees the same either way. */
static void test_ahead(void **state)
{
    static const struct {
        enum item item;
        uint64_t person;
        const char *wish;
    } rows[] = {
        {ITEM_APPLY, NEWCOMER, "B"}, {ITEM_TRANSFER, HOLDER, ""}, {ITEM_CANCEL, LEAVER, ""},
        {ITEM_DEPARTURE, LEAVER, ""}};
    static const struct actor actor = {ACTOR_FIRM, LOCAL, ""};
    struct desk desk = desk_of(testdb, LOCAL);
    struct change change = desk_change(&desk, &actor);
    struct memo *memo = NULL;
    struct facts firm;
    struct err err = {0};

    (void)state;
    assert_int_equal(memo_new(64, &memo, &err), 0);
    testdb->core.persons = memo;
    for (int round = 0; round < 4; round++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct filing draft, found;

            desk_draft(&desk, rows[i].item, rows[i].person, rows[i].wish, &draft);
            if (round == 3) /* told by the draft's page, not by the query */
                memo_put(memo, draft.matter.id, 0);
            testdb->core.persons = round == 2 ? NULL : memo;
            filing_ahead(&change, rows[i].item, "nonsense");
            if (round == 3)
                assert_int_equal(filing_find(&change, rows[i].item, draft.matter.number, &found,
                                             &err), 1);
            filing_ahead(&change, rows[i].item, draft.matter.number);
            assert_int_equal(
                facts_load_firm(desk.db, desk.pool, LOCAL, testdb_today, &firm, &err), 1);
            uint64_t before = db_round_trips(desk.db);
            assert_int_equal(filing_find(&change, rows[i].item, draft.matter.number, &found, &err),
                             1);
            if (round > 0) /* all prepared */
                assert_int_equal(db_round_trips(desk.db) - before, round == 2 ? 1 : 0);
            assert_string_equal(found.seen, draft.seen);
            db_ahead_drop(desk.db);
        }
    testdb->core.persons = NULL;
    memo_free(&memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_open_nothing_there, set_up),
        cmocka_unit_test_setup(test_open_refused, set_up),
        cmocka_unit_test(test_evidence),
        cmocka_unit_test_setup(test_draft, set_up),
        cmocka_unit_test_setup(test_too_many_drafts, set_up),
        cmocka_unit_test_setup(test_not_the_matters, set_up),
        cmocka_unit_test_setup(test_confirm_not_there, set_up),
        cmocka_unit_test_setup(test_confirm_other_than_seen, set_up),
        cmocka_unit_test_setup(test_confirm_refused, set_up),
        cmocka_unit_test_setup(test_confirm_seen_anew, set_up),
        cmocka_unit_test_setup(test_gone_meanwhile, set_up),
        cmocka_unit_test_setup(test_ahead, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
