/* Proposals: who may, what two people make of them, and that nothing happens otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/places.h"
#include "core/proposal/capture_take.h"
#include "core/proposal/correction.h"
#include "core/proposal/enterprise_register.h"
#include "core/proposal/hold_kinds.h"
#include "core/proposal/name_change.h"
#include "core/proposal/sanction.h"
#include "core/register/certificate.h"
#include "core/staff/staff.h"
#include "tests/core/desk.h"
#include "tests/core/panel.h"

static struct testdb *testdb;
static struct panel panel;
static const uint64_t one[] = {52}, other[] = {53}, several[] = {53, 51, 52, 51};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int prepare(void **state)
{
    (void)state;
    testdb_clear(testdb);
    panel_staff(testdb);
    desk_people(testdb);
    panel = panel_of(testdb);
    return 0;
}

static int64_t rows_of(const char *table)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM %s", table);
}

static void assert_state(uint64_t id, const char *state)
{
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM certificate WHERE id = %d AND state = '%s'",
                                   (int)id, state),
                     1);
}

static void assert_stands(const struct proposal *proposal, const char *state, const char *matter)
{
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM proposal p JOIN matter m ON m.id = p.matter_id"
                      " WHERE p.matter_id = %d AND p.state = '%s' AND m.state = '%s'"
                      " AND m.enterprise_id IS NULL AND m.item = 'sanction'"
                      " AND m.opened_by_kind = 2",
                      (int)proposal->matter_id, state, matter),
        1);
}

static void test_proposing_changes_nothing(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, several, COUNT(several));
    struct proposal proposal;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    assert_memory_equal(proposal.number, "CF20260301-", 11);
    assert_stands(&proposal, "waiting", "open");
    assert_int_equal(proposal.count, 3);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate"
                                           " WHERE state = 'waiting' AND version = 1"),
                     3);
    assert_int_equal(rows_of("proposal_object"), 3);
    for (uint64_t id = 51; id <= 53; id++)
        assert_state(id, "01");
    assert_int_equal(rows_of("certificate_event"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"
                                           " WHERE pending_matter_id IS NOT NULL"),
                     0);
    testdb_audited(testdb, 1);
}

static void test_another_decides(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, several, COUNT(several));
    struct proposal proposal, done;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    panel_decided(&panel, proposal.number, true, &done);
    assert_stands(&proposal, "applied", "done");
    assert_string_equal(done.state, PROPOSAL_APPLIED);
    for (uint64_t id = 51; id <= 53; id++)
        assert_state(id, "02");
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM proposal WHERE decided_by = %d"
                                   " AND decision_text = '同意所请' AND decided_at IS NOT NULL",
                                   DECIDER),
                     1);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM certificate_event WHERE actor_kind = 2"
                                   " AND actor_id = %d AND matter_id = %d AND action = 'suspend'",
                                   DECIDER, (int)proposal.matter_id),
                     3);
    assert_int_equal(rows_of("proposal_object"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate"
                                           " WHERE state = 'done'"),
                     3);
    testdb_audited(testdb, 5);
}

static void test_refused(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_revoke, one, 1);
    struct proposal proposal, done;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    panel_decided(&panel, proposal.number, false, &done);
    assert_stands(&proposal, "refused", "refused");
    assert_state(52, "01");
    assert_int_equal(rows_of("certificate_event"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate"
                                           " WHERE state = 'failed' AND cause = 'refused'"),
                     1);
    testdb_audited(testdb, 2);
    /* The object is free for another. */
    panel_proposed(&panel, &what, &proposal);
}

/* Whoever may do one thing may not do the other. */
static void test_roles(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct proposal proposal, out;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    for (uint64_t id = CLERK; id <= OTHER_ADMINISTRATOR; id++) {
        if (panel_role(id) == STAFF_REVIEWER)
            continue;
        assert_int_equal(panel_propose(&panel, id, &what, &out, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    }
    assert_int_equal(rows_of("proposal"), 0);
    panel_proposed(&panel, &what, &proposal);
    for (uint64_t id = CLERK; id <= OTHER_ADMINISTRATOR; id++) {
        for (int approve = 0; approve < 2 && panel_role(id) != STAFF_DECISION; approve++) {
            assert_int_equal(
                panel_decide(&panel, id, proposal.number, approve, &out, &answer, &err), 0);
            assert_int_equal(answer, PROPOSAL_NOT_YOURS);
        }
        if (id == REVIEWER)
            continue;
        assert_int_equal(panel_withdraw(&panel, id, proposal.number, &out, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    }
    assert_stands(&proposal, "waiting", "open");
    testdb_audited(testdb, 1);
}

/* Even with both roles, and even past the code. */
static void test_two_people(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct proposal proposal, out;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    testdb_sql(testdb, "UPDATE proposal SET proposed_by = %d", DECIDER);
    for (int approve = 0; approve < 2; approve++) {
        assert_int_equal(
            panel_decide(&panel, DECIDER, proposal.number, approve, &out, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    }
    assert_stands(&proposal, "waiting", "open");
    assert_int_equal(db_script(testdb->db,
                               "UPDATE proposal SET decided_by = proposed_by, state = 'applied'",
                               &err),
                     -1);
    assert_non_null(strstr(err.text, "proposal_two_people"));
    assert_int_equal(db_script(testdb->db, "UPDATE proposal SET state = 'applied'", &err), -1);
    assert_non_null(strstr(err.text, "proposal_decided"));
    panel_decide(&panel, OTHER_DECIDER, proposal.number, true, &out, &answer, &err);
    assert_int_equal(answer, PROPOSAL_DONE);
}

/* Nor by another account of somebody who is called the same: it is neither offered nor taken. */
static void test_one_person_with_two_accounts(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct proposal_filter filter = {.show = PROPOSALS_FOR_ME, .staff_id = DECIDER, .roles = STAFF_DECISION, .limit = 10};
    struct proposal proposal, out;
    struct proposal_page page;
    enum proposal_answer answer;
    struct err err = {0};
    uint64_t count;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    testdb_sql(testdb, "UPDATE staff SET name = (SELECT name FROM staff WHERE id = %d) WHERE id = %d", REVIEWER, DECIDER);
    for (int approve = 0; approve < 2; approve++) {
        assert_int_equal(
            panel_decide(&panel, DECIDER, proposal.number, approve, &out, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    }
    for (int second = 0; second < 2; second++) {
        filter.staff_id = second ? OTHER_DECIDER : DECIDER;
        assert_int_equal(proposal_list(testdb->db, testdb->pool, &filter, &page, &err), 0);
        assert_int_equal(page.count, second);
        assert_int_equal(proposal_count(testdb->db, testdb->pool, filter.staff_id, filter.roles, &count, &err), 0);
        assert_int_equal(count, second);
    }
    testdb_sql(testdb, "DELETE FROM staff WHERE id = %d", DECIDER);
    panel_decide(&panel, DECIDER, proposal.number, true, &out, &answer, &err);
    assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    assert_stands(&proposal, "waiting", "open");
    panel_decide(&panel, OTHER_DECIDER, proposal.number, true, &out, &answer, &err);
    assert_int_equal(answer, PROPOSAL_DONE);
    panel_staff(testdb);
}

static void test_decided_once(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct proposal proposal, out;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    panel_do(&panel, &what, &proposal);
    for (int approve = 0; approve < 2; approve++) {
        assert_int_equal(
            panel_decide(&panel, OTHER_DECIDER, proposal.number, approve, &out, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_OVER);
    }
    assert_int_equal(panel_withdraw(&panel, REVIEWER, proposal.number, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_OVER);
    assert_int_equal(rows_of("certificate_event"), 1);
    testdb_audited(testdb, 3);
}

static void test_withdrawn(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct proposal proposal, out;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    assert_int_equal(panel_withdraw(&panel, OTHER_REVIEWER, proposal.number, &out, &answer, &err),
                     0);
    assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    assert_int_equal(panel_withdraw(&panel, REVIEWER, proposal.number, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_DONE);
    assert_stands(&proposal, "withdrawn", "abandoned");
    assert_int_equal(panel_decide(&panel, DECIDER, proposal.number, true, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_OVER);
    assert_state(52, "01");
    assert_int_equal(rows_of("proposal_object"), 0);
    testdb_audited(testdb, 2);
}

/* What changed since it was proposed: the decision is not made, and the proposal waits. */
static void test_object_changed(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, several, COUNT(several));
    struct proposal proposal, out;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    testdb_sql(testdb, "UPDATE certificate SET state = '04' WHERE id = 52");
    assert_int_equal(panel_decide(&panel, DECIDER, proposal.number, true, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_null(out.certificates[0].refusal);
    assert_string_equal(out.certificates[1].refusal, "证书状态为注销，不能暂扣");
    assert_stands(&proposal, "waiting", "open");
    assert_state(51, "01");
    assert_int_equal(rows_of("certificate_event"), 0);
    testdb_audited(testdb, 1);
    /* Not to do it is always possible. */
    panel_decided(&panel, proposal.number, false, &out);
}

static void test_one_of_a_kind(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    const struct proposal_new all = panel_sanction(&sanction_suspend, several, COUNT(several));
    const struct proposal_new revoke = panel_sanction(&sanction_revoke, one, 1);
    struct proposal first, out;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    panel_proposed(&panel, &what, &first);
    assert_int_equal(panel_propose(&panel, OTHER_REVIEWER, &all, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_null(out.certificates[0].refusal);
    assert_string_equal(out.certificates[1].refusal,
                        pool_printf(testdb->pool, "已有待决定的同类提请 %s", first.number));
    assert_int_equal(rows_of("proposal"), 1);
    /* Of another kind there may be one; the first that is decided counts. */
    panel_proposed(&panel, &revoke, &out);
    panel_decided(&panel, out.number, true, &out);
    assert_int_equal(panel_decide(&panel, DECIDER, first.number, true, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_state(52, "07");
}

static void test_not_there(void **state)
{
    static const uint64_t nobody[] = {52, 9999};
    const struct proposal_new what = panel_sanction(&sanction_suspend, nobody, 2);
    struct proposal out;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(panel_decide(&panel, DECIDER, "CF20260301-00009999", true, &out, &answer, &err),
                     -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(panel_decide(&panel, DECIDER, "nothing", true, &out, &answer, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void test_too_many(void **state)
{
    uint64_t ids[PROPOSAL_CERTIFICATES + 1] = {0};
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, COUNT(ids));
    struct proposal out;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++)
        ids[i] = 1000 + i;
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
}

/* What it is about can't be read in the table, and comes back whole. */
static void test_rows_are_sealed(void **state)
{
    static const struct proposal_row rows[] = {
        {"name", "姓名", "张三丰", "张君宝"}, {.key = "empty"}, {"long", "说明", "一", "二 三"}};
    struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct proposal proposal, found;
    struct err err = {0};

    (void)state;
    what.rows = rows;
    what.row_count = COUNT(rows);
    panel_proposed(&panel, &what, &proposal);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM proposal"
                                           " WHERE INSTR(payload_sealed, '张') > 0"),
                     0);
    assert_int_equal(proposal_find(testdb->db, testdb->pool, &testdb->core, proposal.number,
                                   &found, &err),
                     1);
    assert_int_equal(found.row_count, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_string_equal(found.rows[i].key, rows[i].key);
        assert_string_equal(found.rows[i].label, rows[i].label ? rows[i].label : "");
        assert_string_equal(found.rows[i].before, rows[i].before ? rows[i].before : "");
        assert_string_equal(found.rows[i].after, rows[i].after ? rows[i].after : "");
        /* And were so when it was opened. */
        assert_string_equal(proposal.rows[i].label, found.rows[i].label);
    }
    assert_string_equal(proposal_row(&found, "name")->after, "张君宝");
    assert_null(proposal_row(&found, "nothing"));
    assert_string_equal(found.proposer, "职员103");
    assert_string_equal(found.decider, "");
    assert_string_equal(found.legal_basis, what.legal_basis);
    assert_string_equal(found.holder_name, "张三丰");
    assert_int_equal(date_compare(found.deadline, date_add_days(testdb_today, 15)), 0);
}

/* What was proposed, and looked at by whoever decides, is not exchanged for what another proposal says. */
static void test_rows_of_another(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    const struct proposal_new what_else = panel_sanction(&sanction_revoke, one, 1);
    struct proposal proposal, second, found;
    struct err err = {0};

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    panel_proposed(&panel, &what_else, &second);
    testdb_sql(testdb, "UPDATE proposal a JOIN proposal b ON b.kind = 'revoke'"
                       " SET a.payload_sealed = b.payload_sealed WHERE a.kind = 'suspend'");
    assert_int_equal(proposal_find(testdb->db, testdb->pool, &testdb->core, second.number, &found,
                                   &err),
                     1);
    assert_int_equal(proposal_find(testdb->db, testdb->pool, &testdb->core, proposal.number, &found,
                                   &err),
                     -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
}

/* Bytes that are sealed, and not by us. */
static void test_broken_rows(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    static const char plain[] = "key\0label\0before\0after without an end";
    struct proposal proposal, found;
    struct bytes sealed;
    struct err err = {0};

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    assert_int_equal(vault_seal(testdb->vault, testdb->pool, PLACE_PROPOSAL_PAYLOAD,
                                (struct bytes){(const uint8_t *)plain, sizeof(plain) - 1}, &sealed,
                                &err),
                     0);
    char *hex = pool_alloc(testdb->pool, 2 * sealed.size + 1);
    hex_encode(sealed.data, sealed.size, hex);
    testdb_sql(testdb, "UPDATE proposal SET payload_sealed = UNHEX('%s')", hex);
    assert_int_equal(proposal_find(testdb->db, testdb->pool, &testdb->core, proposal.number,
                                   &found, &err),
                     -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
}

static size_t listed(enum proposal_show show, uint64_t staff_id, uint64_t after, size_t limit,
                     struct proposal_page *page)
{
    const struct proposal_filter filter = {
        .show = show,
        .staff_id = staff_id,
        .roles = panel_role(staff_id),
        .after = after,
        .limit = limit,
    };
    struct err err = {0};

    if (proposal_list(testdb->db, testdb->pool, &filter, page, &err) < 0)
        fail_msg("%s", err.text);
    return page->count;
}

static void test_lists(void **state)
{
    const struct proposal_new first = panel_sanction(&sanction_suspend, one, 1);
    const struct proposal_new second = panel_sanction(&sanction_suspend, other, 1);
    const struct proposal_new third = panel_sanction(&sanction_revoke, other, 1);
    struct proposal_page page;
    struct proposal a, b, c;
    struct err err = {0};
    uint64_t count;

    (void)state;
    panel_proposed(&panel, &first, &a);
    panel_proposed(&panel, &second, &b);
    panel_proposed(&panel, &third, &c);
    panel_decided(&panel, a.number, true, &a);
    assert_int_equal(listed(PROPOSALS_FOR_ME, DECIDER, 0, 10, &page), 2);
    assert_string_equal(page.rows[0].number, c.number);
    assert_string_equal(page.rows[0].kind->label, "吊销");
    assert_int_equal(page.next, 0);
    assert_int_equal(listed(PROPOSALS_FOR_ME, DECIDER, 0, 1, &page), 1);
    assert_int_equal(page.next, c.matter_id);
    assert_int_equal(listed(PROPOSALS_FOR_ME, DECIDER, page.next, 1, &page), 1);
    assert_string_equal(page.rows[0].number, b.number);
    assert_int_equal(page.next, 0);
    assert_int_equal(listed(PROPOSALS_FOR_ME, REVIEWER, 0, 10, &page), 0);
    assert_int_equal(listed(PROPOSALS_MINE, REVIEWER, 0, 10, &page), 3);
    assert_int_equal(listed(PROPOSALS_MINE, OTHER_REVIEWER, 0, 10, &page), 0);
    assert_int_equal(listed(PROPOSALS_WAITING, AUDITOR, 0, 10, &page), 2);
    assert_int_equal(listed(PROPOSALS_WAITING, CLERK, 0, 10, &page), 0);
    assert_int_equal(listed(PROPOSALS_OVER, AUDITOR, 0, 10, &page), 1);
    assert_string_equal(page.rows[0].decider, "职员105");
    assert_int_equal(listed(PROPOSALS_OVER, ADMINISTRATOR, 0, 10, &page), 0);
    assert_int_equal(proposal_count(testdb->db, testdb->pool, DECIDER, STAFF_DECISION, &count, &err),
                     0);
    assert_int_equal(count, 2);
    assert_int_equal(proposal_about(testdb->db, testdb->pool, "certificate", 53, &page, &err), 0);
    assert_int_equal(page.count, 2);
    assert_int_equal(proposal_about(testdb->db, testdb->pool, "certificate", 52, &page, &err), 0);
    assert_int_equal(page.count, 0);
    /* What one proposed is not for oneself to decide. */
    testdb_sql(testdb, "UPDATE proposal SET proposed_by = %d WHERE matter_id = %d", DECIDER,
               (int)b.matter_id);
    assert_int_equal(listed(PROPOSALS_FOR_ME, DECIDER, 0, 10, &page), 1);
    assert_int_equal(listed(PROPOSALS_FOR_ME, OTHER_DECIDER, 0, 10, &page), 2);
}

/* The authority says how long a decision may take; what waits keeps its own deadline. */
static void test_deadlines(void **state)
{
    static const struct {
        const struct proposal_kind *kind;
        int days;
    } rows[] = {
        {&sanction_suspend, 15}, {&sanction_withdraw, 15}, {&sanction_revoke, 15},
        {&sanction_cancel, 15},  {&sanction_take_back, 15}, {&sanction_give_back, 5},
        {&hold_place, 15},       {&hold_release, 15},      {&capture_kind, 5},
        {&correction_person_kind, 10}, {&correction_certificate_kind, 10},
        {&name_change_kind, 10}, {&enterprise_correct, 15},
    };
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct proposal before, after;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(testdb->policy.deadline_days[rows[i].kind->deadline], rows[i].days);
    panel_proposed(&panel, &what, &before);
    assert_int_equal(date_compare(before.deadline, date_add_days(testdb_today, 15)), 0);
    testdb->policy.deadline_days[DEADLINE_SANCTION] = 3;
    assert_int_equal(proposal_find(testdb->db, testdb->pool, &testdb->core, before.number, &after,
                                   &err),
                     1);
    assert_int_equal(date_compare(after.deadline, before.deadline), 0);
    panel_decided(&panel, before.number, false, &after);
    panel_proposed(&panel, &what, &after);
    testdb->policy.deadline_days[DEADLINE_SANCTION] = 15;
    assert_int_equal(date_compare(after.deadline, date_add_days(testdb_today, 3)), 0);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(proposal_state_label(PROPOSAL_WAITING), "待决定");
    assert_null(proposal_state_label("unknown"));
    assert_null(proposal_kind_find("unknown"));
    for (const struct proposal_kind *const *at = proposal_kinds; *at; at++) {
        assert_ptr_equal(proposal_kind_find((*at)->name), *at);
        assert_true(strlen((*at)->name) <= 24 && *(*at)->label);
        assert_true((*at)->propose && (*at)->decide && (*at)->deadline < DEADLINE_COUNT);
        assert_true((*at)->judge && (*at)->apply);
        /* Whoever administers or audits neither proposes nor decides. */
        assert_false(((*at)->propose | (*at)->decide) & (STAFF_AUDITOR | STAFF_ADMINISTRATOR));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_proposing_changes_nothing, prepare),
        cmocka_unit_test_setup(test_another_decides, prepare),
        cmocka_unit_test_setup(test_refused, prepare),
        cmocka_unit_test_setup(test_roles, prepare),
        cmocka_unit_test_setup(test_two_people, prepare),
        cmocka_unit_test_setup(test_one_person_with_two_accounts, prepare),
        cmocka_unit_test_setup(test_decided_once, prepare),
        cmocka_unit_test_setup(test_withdrawn, prepare),
        cmocka_unit_test_setup(test_object_changed, prepare),
        cmocka_unit_test_setup(test_one_of_a_kind, prepare),
        cmocka_unit_test_setup(test_not_there, prepare),
        cmocka_unit_test_setup(test_too_many, prepare),
        cmocka_unit_test_setup(test_rows_are_sealed, prepare),
        cmocka_unit_test_setup(test_rows_of_another, prepare),
        cmocka_unit_test_setup(test_broken_rows, prepare),
        cmocka_unit_test_setup(test_lists, prepare),
        cmocka_unit_test_setup(test_deadlines, prepare),
        cmocka_unit_test(test_words),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
