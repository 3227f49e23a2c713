/* Sanctions of more certificates than one transaction holds: one decision, each certificate once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/issue/task.h"
#include "core/message/outbox.h"
#include "core/message/outbox_text.h"
#include "core/proposal/sanction.h"
#include "tests/core/desk.h"
#include "tests/core/panel.h"

enum { FIRST = 1001, MANY = PROPOSAL_AT_ONCE + 20, LEASE_MS = 60000 };
enum { BATCHES = MANY / TASK_BATCH + 1 };

static struct testdb *testdb;
static struct panel panel;
static struct pool *pool;
static uint64_t ids[MANY];
static int64_t now_ms;

static int prepare(void **state)
{
    (void)state;
    testdb_clear(testdb);
    panel_staff(testdb);
    desk_people(testdb);
    panel_crowd(testdb, FIRST, MANY);
    panel = panel_of(testdb);
    testdb->policy.notify = "";
    now_ms = DESK_NOW + 1000;
    for (size_t i = 0; i < MANY; i++)
        ids[i] = FIRST + i;
    return 0;
}

static int64_t number(const char *sql)
{
    return testdb_number(testdb, "%s", sql);
}

/* A batch; 0: nothing is due. */
static int advance(size_t *done)
{
    struct err err = {0};
    int found = task_advance(testdb->db, pool, &testdb->core, testdb_today, now_ms, LEASE_MS, done,
                             &err);

    if (found < 0)
        fail_msg("%s", err.text);
    return found;
}

static size_t finish(size_t *batches)
{
    size_t all = 0, done;

    for (*batches = 0; advance(&done) == 1; ++*batches)
        all += done;
    return all;
}

static struct proposal found(const char *matter)
{
    struct proposal proposal;
    struct err err = {0};

    if (proposal_find(testdb->db, testdb->pool, &testdb->core, matter, &proposal, &err) != 1)
        fail_msg("%s", err.text);
    return proposal;
}

/* The most that is done at once: in one transaction; how long it takes is told. */
static void test_at_once(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, PROPOSAL_AT_ONCE);
    struct proposal proposal, out;
    size_t done;

    (void)state;
    int64_t begin = clock_tick_us();
    panel_proposed(&panel, &what, &proposal);
    int64_t proposed = clock_tick_us();
    panel_decided(&panel, proposal.number, true, &out);
    printf("# %d certificates: proposed in %.0f ms, decided in %.0f ms\n", PROPOSAL_AT_ONCE,
           (double)(proposed - begin) / 1000, (double)(clock_tick_us() - proposed) / 1000);
    assert_false(proposal_spread(&out));
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE state = '02'"), PROPOSAL_AT_ONCE);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_event"), PROPOSAL_AT_ONCE);
    assert_int_equal(number("SELECT COUNT(*) FROM matter_certificate WHERE state = 'done'"),
                     PROPOSAL_AT_ONCE);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal_object"), 0);
    assert_int_equal(advance(&done), 0);
    testdb_audited(testdb, PROPOSAL_AT_ONCE + 2);
}

/* Decided at once, by another than who proposed it; carried out after that, as the decider's act. */
static void test_spread(void **state)
{
    const struct proposal_row own[] = {{.key = "1003", .after = "从重，另案"}};
    struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    enum proposal_answer answer;
    struct proposal proposal, out;
    struct err err = {0};
    size_t batches;

    (void)state;
    what.rows = own;
    what.row_count = 1;
    panel_proposed(&panel, &what, &proposal);
    assert_int_equal(proposal.items, MANY);
    assert_int_equal(panel_decide(&panel, REVIEWER, proposal.number, true, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    panel_decided(&panel, proposal.number, true, &out);
    assert_true(proposal_spread(&out));
    assert_int_equal(out.progress.waiting, MANY);
    assert_int_equal(number("SELECT COUNT(*) FROM matter WHERE state = 'open'"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE state = '02'"), 0);
    assert_int_equal(panel_decide(&panel, OTHER_DECIDER, proposal.number, true, &out, &answer, &err),
                     0);
    assert_int_equal(answer, PROPOSAL_OVER);
    /* Until its turn has come, nothing of the kind is proposed about any of them. */
    const struct proposal_new again = panel_sanction(&sanction_suspend, ids + MANY - 1, 1);
    assert_int_equal(panel_propose(&panel, OTHER_REVIEWER, &again, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_int_equal(finish(&batches), MANY);
    assert_int_equal(batches, BATCHES);
    out = found(proposal.number);
    assert_string_equal(out.state, PROPOSAL_APPLIED);
    assert_int_equal(out.decided_by, DECIDER);
    assert_int_equal(out.progress.done, MANY);
    assert_int_equal(out.progress.waiting + out.progress.failed, 0);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE state = '02'"), MANY);
    assert_int_equal(number("SELECT COUNT(DISTINCT certificate_id) FROM certificate_event"), MANY);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_event WHERE actor_kind ="
                                           " %d AND actor_id = %d", ACTOR_STAFF, DECIDER),
                     MANY);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_event WHERE reason_text LIKE '%从重%'"
                            " AND certificate_id = 1003"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_event WHERE reason_text LIKE '%从重%'"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM matter WHERE state = 'done' AND closed_at IS NOT"
                            " NULL AND reason_text LIKE '依据：%'"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal_object"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM task"), 0);
    /* Each certificate, the proposal, the decision, the end. */
    testdb_audited(testdb, MANY + 3);
}

/* What changed in between fails alone, and says why; the rest is done. */
static void test_single_failures(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    const struct proposal_certificate *failed;
    struct proposal proposal, out;
    struct err err = {0};
    size_t batches, count;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    testdb_sql(testdb, "UPDATE certificate SET state = '07' WHERE id = 1002");
    panel_decided(&panel, proposal.number, true, &out);
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 1500");
    assert_int_equal(finish(&batches), MANY - 2);
    out = found(proposal.number);
    assert_int_equal(out.progress.done, MANY - 2);
    assert_int_equal(out.progress.failed, 2);
    assert_int_equal(proposal_failed(testdb->db, testdb->pool, &out, 10, &failed, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_int_equal(failed[0].id, 1002);
    assert_string_equal(failed[0].explanation, "证书状态为吊销，不能暂扣");
    assert_int_equal(failed[1].id, 1500);
    assert_string_equal(failed[1].explanation, "证书状态为失效，不能暂扣");
    assert_string_equal(out.certificates[0].fate, "done");
    assert_string_equal(out.certificates[0].explanation, "");
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_event WHERE certificate_id IN"
                            " (1002, 1500)"),
                     0);
    assert_int_equal(number("SELECT COUNT(*) FROM audit_event WHERE action = 'proposal.carried_out'"
                            " AND detail LIKE '%\"done\":518,\"failed\":2%'"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal_object"), 0);
    testdb_audited(testdb, MANY - 2 + 3);
}

static enum proposal_answer retry(uint64_t staff_id, const char *matter)
{
    enum proposal_answer answer = PROPOSAL_DONE;
    struct proposal out;
    struct err err = {0};

    if (panel_retry(&panel, staff_id, matter, &out, &answer, &err) < 0)
        fail_msg("%s", err.text);
    return answer;
}

/* What failed is taken up again by somebody who may decide it: judged anew, as the decider's act. */
static void test_retry(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    struct proposal proposal, out;
    size_t batches;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    assert_int_equal(retry(OTHER_DECIDER, proposal.number), PROPOSAL_OVER);
    testdb_sql(testdb, "UPDATE certificate SET state = '07' WHERE id IN (1002, 1003)");
    panel_decided(&panel, proposal.number, true, &out);
    assert_int_equal(retry(OTHER_DECIDER, proposal.number), PROPOSAL_OVER);
    assert_int_equal(finish(&batches), MANY - 2);
    testdb_sql(testdb, "UPDATE certificate SET state = '01' WHERE id = 1003");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(retry((const uint64_t[]){REVIEWER, CLERK, AUDITOR, ADMINISTRATOR}[i],
                               proposal.number),
                         PROPOSAL_NOT_YOURS);
    assert_int_equal(number("SELECT COUNT(*) FROM task"), 0);
    assert_int_equal(retry(OTHER_DECIDER, proposal.number), PROPOSAL_DONE);
    assert_true(found(proposal.number).running);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal_object"), 2);
    assert_int_equal(retry(DECIDER, proposal.number), PROPOSAL_OVER);
    assert_int_equal(finish(&batches), 1);
    out = found(proposal.number);
    assert_false(out.running);
    assert_int_equal(out.progress.done, MANY - 1);
    assert_int_equal(out.progress.failed, 1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 1003 AND state = '02'"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 1002 AND state = '07'"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_event WHERE actor_kind ="
                                           " %d AND actor_id = %d", ACTOR_STAFF, DECIDER),
                     MANY - 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                           " 'proposal.retry' AND actor_id = %d AND detail LIKE"
                                           " '%%\"certificates\":2%%'", OTHER_DECIDER),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal_object"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM task"), 0);
    /* Each certificate, the proposal, the decision, its end; the retry, and its end. */
    testdb_audited(testdb, MANY - 1 + 3 + 2);
}

/* One that is proposed about anew meanwhile stays that proposal's. */
static void test_retry_beside_another(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    const struct proposal_new other = panel_sanction(&sanction_suspend, ids + 1, 1);
    struct proposal proposal, second, out;
    size_t batches;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    testdb_sql(testdb, "UPDATE certificate SET state = '07' WHERE id = 1002");
    panel_decided(&panel, proposal.number, true, &out);
    assert_int_equal(finish(&batches), MANY - 1);
    testdb_sql(testdb, "UPDATE certificate SET state = '01' WHERE id = 1002");
    panel_proposed(&panel, &other, &second);
    assert_int_equal(retry(DECIDER, proposal.number), PROPOSAL_DONE);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM proposal_object WHERE object_id ="
                                           " 1002 AND matter_id = %d", (int)second.matter_id),
                     1);
    assert_int_equal(finish(&batches), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM proposal_object WHERE object_id ="
                                           " 1002 AND matter_id = %d", (int)second.matter_id),
                     1);
    assert_int_equal(found(proposal.number).progress.done, MANY);
}

/* One that can't be changed at all holds up none of the others, and not for ever. */
static void test_conflict(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    const struct proposal_certificate *failed;
    struct proposal proposal, out;
    struct err err = {0};
    size_t batches, count;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    panel_decided(&panel, proposal.number, true, &out);
    testdb_sql(testdb, "CREATE TRIGGER blocks BEFORE INSERT ON certificate_event FOR EACH ROW BEGIN"
                       " IF NEW.certificate_id = 1333 THEN"
                       " SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1062; END IF; END");
    assert_int_equal(finish(&batches), MANY - 1);
    assert_true(found(proposal.number).running);
    for (int i = 0; i < TASK_TRIES; i++) {
        now_ms += 128000;
        assert_int_equal(finish(&batches), 0);
    }
    testdb_sql(testdb, "DROP TRIGGER blocks");
    out = found(proposal.number);
    assert_false(out.running);
    assert_int_equal(out.progress.failed, 1);
    assert_int_equal(proposal_failed(testdb->db, testdb->pool, &out, 10, &failed, &count, &err), 0);
    assert_int_equal(failed[0].id, 1333);
    assert_non_null(strstr(failed[0].explanation, "冲突"));
    assert_int_equal(number("SELECT COUNT(*) FROM proposal_object"), 0);
    assert_int_equal(retry(DECIDER, proposal.number), PROPOSAL_DONE);
    assert_int_equal(finish(&batches), 1);
    assert_int_equal(found(proposal.number).progress.done, MANY);
}

/* An issuer that dies holds it up until its lease is over; then it goes on where it was. */
static void test_goes_on(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_revoke, ids, MANY);
    struct proposal proposal, out;
    size_t done, batches;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    panel_decided(&panel, proposal.number, true, &out);
    assert_int_equal(advance(&done), 1);
    assert_int_equal(done, TASK_BATCH);
    testdb_sql(testdb, "UPDATE task SET run_at = run_at + INTERVAL 1 MINUTE"); /* somebody's, who died */
    assert_int_equal(advance(&done), 0);
    now_ms += LEASE_MS;
    assert_int_equal(finish(&batches), MANY - TASK_BATCH);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE state = '07'"), MANY);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_event"), MANY);
    testdb_audited(testdb, MANY + 3);
}

/* Whoever lost the lease while at work leaves nothing behind. */
static void test_lease_lost(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    struct proposal proposal, out;
    size_t done, batches;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    panel_decided(&panel, proposal.number, true, &out);
    testdb_sql(testdb, "CREATE TRIGGER thief AFTER INSERT ON certificate_event FOR EACH ROW"
                       " UPDATE task SET run_at = run_at + INTERVAL 1 HOUR");
    assert_int_equal(advance(&done), 1);
    assert_int_equal(done, 0);
    testdb_sql(testdb, "DROP TRIGGER thief");
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE state = '02'"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_event"), 0);
    now_ms += 2 * LEASE_MS;
    assert_int_equal(finish(&batches), MANY);
    testdb_audited(testdb, MANY + 3);
}

/* What is not agreed to changes nothing, and frees all of it. */
static void test_not_agreed(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_cancel, ids, MANY);
    enum proposal_answer answer;
    struct proposal proposal, out;
    struct err err = {0};
    size_t done;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    panel_decided(&panel, proposal.number, false, &out);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal_object"), 0);
    panel_proposed(&panel, &what, &proposal);
    assert_int_equal(panel_withdraw(&panel, REVIEWER, proposal.number, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_DONE);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal_object"), 0);
    assert_int_equal(advance(&done), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE state <> '01' AND id > 1000"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM matter_certificate WHERE state = 'failed'"
                            " AND explanation IS NULL"),
                     2 * MANY);
    testdb_audited(testdb, 4);
}

/* A form that waits for its signature ends when the turn of its certificate comes. */
static void test_cancellation_overruled(void **state)
{
    const struct desk local = desk_of(testdb, LOCAL);
    const uint64_t pair[] = {52, 53};
    struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    struct proposal proposal, out;
    struct filing form;
    size_t batches;

    (void)state;
    ids[0] = 52;
    panel_proposed(&panel, &what, &proposal);
    panel_decided(&panel, proposal.number, true, &out);
    desk_do(&local, ITEM_CANCEL, LEAVER, "", pair, 2, &form);
    assert_int_equal(finish(&batches), MANY);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE id = %d"
                                           " AND state = 'refused'", (int)form.matter.id),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE pending_matter_id IS NOT NULL"),
                     0);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 52 AND state = '02'"), 1);
}

/* A firm is told once, at the end, of what was done and of nothing else. */
static void test_firms_are_told(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    struct proposal proposal, out;
    const struct outbox *rows;
    struct outbox_facts facts = {0};
    enum outbox_found told;
    const char *why;
    struct err err = {0};
    size_t done, batches, count;

    (void)state;
    testdb->policy.notify = "mail";
    testdb_sql(testdb, "DELETE FROM contact");
    for (int firm = 1; firm <= 3; firm++)
        testdb_sql(testdb, "INSERT INTO contact (enterprise_id, channel, events, address_sealed,"
                           " address_hash, confirmed_at, created_at, updated_at) VALUES (%d, 'mail',"
                           " 'sanction', 'x', UNHEX(SHA2(%d, 256)), NOW(3), NOW(3), NOW(3))",
                   firm, firm);
    panel_proposed(&panel, &what, &proposal);
    panel_decided(&panel, proposal.number, true, &out);
    /* Firm 3 keeps one alone, and that fails. */
    testdb_sql(testdb, "UPDATE certificate SET enterprise_id = 1 WHERE enterprise_id = 3 AND id >= 1001");
    testdb_sql(testdb, "UPDATE certificate SET enterprise_id = 3, state = '07' WHERE id = 1002");
    testdb_sql(testdb, "UPDATE certificate SET enterprise_id = 2, state = '07' WHERE id = 1003");
    assert_int_equal(advance(&done), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM outbox"), 0);
    finish(&batches);
    assert_int_equal(number("SELECT COUNT(*) FROM outbox WHERE event = 'sanction'"
                            " AND enterprise_id IN (1, 2)"),
                     2);
    assert_int_equal(number("SELECT COUNT(*) FROM outbox"), 2);
    /* What failed is not counted. */
    assert_int_equal(outbox_list(testdb->db, testdb->pool, NULL, 0, 10, &rows, &count, &err), 0);
    for (size_t i = 0; i < count; i++) {
        if (outbox_look(testdb->db, testdb->pool, &testdb->core, &rows[i], now_ms, &told, &facts,
                        &why, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(told, OUTBOX_FOUND);
        assert_int_equal(facts.count, testdb_number(testdb, "SELECT COUNT(*) FROM certificate_event"
                                                            " WHERE enterprise_id = %d",
                                                    (int)rows[i].enterprise_id));
    }
}

/* A suspension that did not reach a certificate is not its last. */
static void test_due(void **state)
{
    const struct proposal_new first = panel_sanction(&sanction_suspend, ids, 1);
    struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    const struct suspension *rows;
    struct proposal proposal, out;
    struct err err = {0};
    size_t batches, count;

    (void)state;
    what.until = date_add_months(testdb_today, 6);
    panel_proposed(&panel, &what, &proposal);
    testdb_sql(testdb, "DELETE FROM proposal_object WHERE object_id = 1001");
    panel_do(&panel, &first, &out);
    panel_decided(&panel, proposal.number, true, &out);
    assert_int_equal(finish(&batches), MANY - 1);
    assert_int_equal(sanction_due(testdb->db, testdb->pool, date_add_months(testdb_today, 3), 10,
                                  &rows, &count, &err),
                     0);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].certificate.id, 1001);
    assert_int_equal(date_compare(rows[0].until, first.until), 0);
}

/* What must be judged together is done together, or not at all. */
static void test_no_more_of_this_kind(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_take_back, ids, MANY);
    enum proposal_answer answer;
    struct proposal out;
    struct err err = {0};

    (void)state;
    assert_int_equal(proposal_kind_most(&sanction_take_back), PROPOSAL_AT_ONCE);
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
}

/* Page by page. */
static void test_pages(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, ids, MANY);
    const struct actor actor = {ACTOR_STAFF, DECIDER, ""};
    struct change change = {.db = testdb->db, .pool = testdb->pool, .core = &testdb->core,
                            .actor = &actor, .today = testdb_today, .now_ms = DESK_NOW};
    struct proposal proposal, out;
    struct err err = {0};
    size_t seen = 0;

    (void)state;
    panel_proposed(&panel, &what, &proposal);
    out = found(proposal.number);
    assert_int_equal(out.count, PROPOSAL_AT_ONCE);
    assert_int_equal(out.next, FIRST + PROPOSAL_AT_ONCE - 1);
    out.next = 0;
    do {
        assert_int_equal(proposal_turn(&change, &out, out.next, 100, &err), 0);
        for (size_t i = 0; i < out.count; i++) {
            assert_int_equal(out.certificates[i].id, FIRST + seen++);
            assert_string_equal(out.certificates[i].fate, "waiting");
            assert_non_null(out.certificates[i].effect);
        }
    } while (out.next);
    assert_int_equal(seen, MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_at_once, prepare),
        cmocka_unit_test_setup(test_spread, prepare),
        cmocka_unit_test_setup(test_single_failures, prepare),
        cmocka_unit_test_setup(test_retry, prepare),
        cmocka_unit_test_setup(test_retry_beside_another, prepare),
        cmocka_unit_test_setup(test_conflict, prepare),
        cmocka_unit_test_setup(test_goes_on, prepare),
        cmocka_unit_test_setup(test_lease_lost, prepare),
        cmocka_unit_test_setup(test_not_agreed, prepare),
        cmocka_unit_test_setup(test_cancellation_overruled, prepare),
        cmocka_unit_test_setup(test_firms_are_told, prepare),
        cmocka_unit_test_setup(test_due, prepare),
        cmocka_unit_test_setup(test_no_more_of_this_kind, prepare),
        cmocka_unit_test_setup(test_pages, prepare),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    pool = pool_new(0, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
