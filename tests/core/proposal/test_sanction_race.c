/* Staff decide while a firm's clerk confirms, and while other staff do: one outcome, whoever is faster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <pthread.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/proposal/sanction.h"
#include "tests/core/desk.h"
#include "tests/core/panel.h"

enum { PULLS = 1, HOLDS = 2, ROUNDS = 12 };

static struct testdb *testdb;
static const struct bytes photo = {(const uint8_t *)"photo", 5};
static const uint64_t id[] = {11};

/* One of two, in a thread of his own. */
struct side {
    enum { CONFIRMS, DECIDES, WITHDRAWS, PROPOSES } does;
    uint64_t who; /* a firm, or a member of staff */
    enum item item;
    const char *wish;
    const struct proposal_kind *kind; /* of what is proposed */
    /* Made ready. */
    struct testdb *guest;
    struct desk desk;
    struct panel panel;
    struct filing draft;
    char number[MATTER_NUMBER_SIZE];
    pthread_t thread;
    pthread_barrier_t *barrier;
    /* What comes of it. */
    bool done;
    int result;
    enum proposal_answer answer;
    struct err err;
};

static void confirm(struct side *side)
{
    bool choice = side->item != ITEM_APPLY;
    const struct filing_choice chosen = {.ids = id,
                                         .count = choice,
                                         .seen = side->draft.seen,
                                         .reason_code = "01",
                                         .reason_text = "已与聘用企业解除聘用合同关系",
                                         .province = ""};
    struct filing out;

    side->result = desk_confirm(&side->desk, side->item, side->draft.matter.number, &chosen, &out,
                                &side->err);
    side->done = side->result == 1;
}

static void *run(void *context)
{
    struct side *side = context;
    struct proposal out;

    pthread_barrier_wait(side->barrier);
    if (side->does == CONFIRMS) {
        confirm(side);
        return NULL;
    }
    if (side->does == PROPOSES) {
        const struct proposal_new what = panel_sanction(side->kind, id, 1);

        side->result = panel_propose(&side->panel, side->who, &what, &out, &side->answer,
                                     &side->err);
    } else if (side->does == WITHDRAWS) {
        side->result = panel_withdraw(&side->panel, side->who, side->number, &out, &side->answer,
                                      &side->err);
    } else {
        side->result = panel_decide(&side->panel, side->who, side->number, true, &out,
                                    &side->answer, &side->err);
    }
    side->done = side->result == 0 && side->answer == PROPOSAL_DONE;
    return NULL;
}

/* A person whose B 11 ends soon, and whom another firm may take. */
static void prepare(void)
{
    testdb_clear(testdb);
    panel_staff(testdb);
    testdb_person(testdb, 1, "111", "张三丰", photo);
    for (uint64_t firm = PULLS; firm <= HOLDS; firm++) {
        testdb_firm(testdb, firm);
        testdb_insured(testdb, firm, 1, "2026-02-01");
    }
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = 11, .firm = HOLDS, .person = 1, .from = {2023, 3, 15}});
    testdb_educated(testdb, 1, 1, "B", 24, "2026-01-01");
}

static void together(struct side sides[2], const char *number)
{
    pthread_barrier_t barrier;

    pthread_barrier_init(&barrier, NULL, 2);
    for (int i = 0; i < 2; i++) {
        sides[i].guest = testdb_guest(testdb);
        sides[i].desk = desk_of(sides[i].guest, sides[i].who);
        sides[i].panel = panel_of(sides[i].guest);
        sides[i].barrier = &barrier;
        if (number)
            memcpy(sides[i].number, number, MATTER_NUMBER_SIZE);
        if (sides[i].does == CONFIRMS)
            desk_draft(&sides[i].desk, sides[i].item, 1, sides[i].wish, &sides[i].draft);
    }
    for (int i = 0; i < 2; i++)
        pthread_create(&sides[i].thread, NULL, run, &sides[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(sides[i].thread, NULL);
    for (int i = 0; i < 2; i++) {
        if (sides[i].result < 0 && sides[i].err.kind != ERR_CONFLICT)
            fail_msg("side %d: %s", i, sides[i].err.text);
        testdb_leave(&sides[i].guest);
    }
    pthread_barrier_destroy(&barrier);
}

static int64_t number_of(const char *sql)
{
    return testdb_number(testdb, "%s", sql);
}

/* Version, state and history say the same; nothing waits for a matter that is over. */
static void assert_sound(const char *state)
{
    assert_int_equal(testdb_number(testdb, "SELECT state = '%s' FROM certificate WHERE id = 11",
                                   state),
                     1);
    assert_int_equal(number_of("SELECT COUNT(*) FROM certificate c JOIN certificate_version v"
                               " ON v.certificate_id = c.id WHERE (v.voided_at IS NULL) <>"
                               " (v.version = c.version AND c.state IN ('01', '02'))"),
                     0);
    assert_int_equal(number_of("SELECT COUNT(*) FROM certificate c JOIN matter m"
                               " ON m.id = c.pending_matter_id"
                               " WHERE m.state NOT IN ('signing', 'open')"),
                     0);
    assert_int_equal(number_of("SELECT COUNT(*) FROM matter m JOIN matter_certificate mc"
                               " ON mc.matter_id = m.id JOIN certificate c"
                               " ON c.id = mc.certificate_id WHERE m.state = 'signing'"
                               " AND NOT (c.pending_matter_id <=> m.id)"),
                     0);
    assert_int_equal(number_of("SELECT COUNT(*) FROM proposal p JOIN matter m ON m.id = p.matter_id"
                               " WHERE (p.state = 'waiting') <> (m.state = 'open')"),
                     0);
    testdb_audited(testdb, (uint64_t)number_of("SELECT COUNT(*) FROM audit_event"));
}

/* What may come of the two: the firm's clerk first, and the decision finds what he left; or the
 * decision first, and he is told. */
static const struct pair {
    enum item item;
    uint64_t firm;
    const char *wish;
    bool both; /* the decision is possible after it, too */
} pairs[] = {
    {ITEM_TRANSFER, PULLS, "", true},
    {ITEM_CANCEL, HOLDS, "", true}, /* it waits for its signature, and is refused */
    {ITEM_APPLY, HOLDS, "B", true}, /* a renewal */
    {ITEM_DEPARTURE, HOLDS, "", false},
};

static void race(const struct pair *pair, const struct proposal_kind *kind, const char *state)
{
    const struct proposal_new what = panel_sanction(kind, id, 1);
    const struct panel panel = panel_of(testdb);
    struct proposal proposal;

    prepare();
    panel_proposed(&panel, &what, &proposal);
    struct side sides[2] = {
        {.does = CONFIRMS, .who = pair->firm, .item = pair->item, .wish = pair->wish},
        {.does = DECIDES, .who = DECIDER},
    };
    together(sides, proposal.number);
    if (!pair->both) {
        assert_int_equal(sides[0].done + sides[1].done, 1);
        assert_sound(sides[1].done ? state : "06");
        return;
    }
    assert_true(sides[1].done);
    assert_sound(state);
    assert_int_equal(number_of("SELECT COUNT(*) FROM certificate WHERE pending_matter_id"
                               " IS NOT NULL"),
                     0);
    assert_int_equal(number_of("SELECT COUNT(*) FROM matter WHERE state = 'signing'"), 0);
}

static void test_decision_and_filing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        for (int round = 0; round < ROUNDS; round++) {
            race(&pairs[i], &sanction_suspend, "02");
            race(&pairs[i], &sanction_revoke, "07");
        }
}

/* Whatever two members of staff do with one proposal: one of them did. */
static void test_one_ending(void **state)
{
    (void)state;
    for (int round = 0; round < 2 * ROUNDS; round++) {
        const struct proposal_new what = panel_sanction(&sanction_suspend, id, 1);
        const struct panel panel = panel_of(testdb);
        struct proposal proposal;

        prepare();
        panel_proposed(&panel, &what, &proposal);
        struct side sides[2] = {
            {.does = DECIDES, .who = DECIDER},
            {.does = round % 2 ? DECIDES : WITHDRAWS,
             .who = round % 2 ? OTHER_DECIDER : REVIEWER},
        };
        together(sides, proposal.number);
        assert_int_equal(sides[0].done + sides[1].done, 1);
        assert_sound(sides[0].done || round % 2 ? "02" : "01");
        assert_int_equal(number_of("SELECT COUNT(*) FROM certificate_event"),
                         sides[0].done || round % 2);
    }
}

static void test_one_proposal(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct side sides[2] = {
            {.does = PROPOSES, .who = REVIEWER, .kind = &sanction_suspend},
            {.does = PROPOSES, .who = OTHER_REVIEWER, .kind = &sanction_suspend},
        };

        prepare();
        together(sides, NULL);
        assert_int_equal(sides[0].done + sides[1].done, 1);
        assert_int_equal(number_of("SELECT COUNT(*) FROM proposal"), 1);
        assert_sound("01");
    }
}

/* Two proposals about one certificate, decided at once: the second finds what the first left. */
static void test_two_kinds(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        const struct proposal_new suspend = panel_sanction(&sanction_suspend, id, 1);
        const struct proposal_new revoke = panel_sanction(&sanction_revoke, id, 1);
        const struct panel panel = panel_of(testdb);
        struct proposal first, second;

        prepare();
        panel_proposed(&panel, &suspend, &first);
        panel_proposed(&panel, &revoke, &second);
        struct side sides[2] = {
            {.does = DECIDES, .who = DECIDER},
            {.does = DECIDES, .who = OTHER_DECIDER},
        };
        memcpy(sides[0].number, first.number, MATTER_NUMBER_SIZE);
        memcpy(sides[1].number, second.number, MATTER_NUMBER_SIZE);
        together(sides, NULL);
        /* What is suspended may be revoked, and not the other way round. */
        assert_true(sides[1].done);
        assert_sound("07");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decision_and_filing),
        cmocka_unit_test(test_one_ending),
        cmocka_unit_test(test_one_proposal),
        cmocka_unit_test(test_two_kinds),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
