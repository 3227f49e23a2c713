/* A name is changed while a firm's clerk exchanges, transfers, renews, cancels or departs: whoever is
 * faster, what is in force bears the name of the person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <pthread.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/item/exchange.h"
#include "core/proposal/name_change.h"
#include "tests/core/desk.h"
#include "tests/core/panel.h"

enum { PULLS = 1, HOLDS = 2, PAPER = 201, ROUNDS = 12, EXCHANGES = 5 };

static struct testdb *testdb;
static const struct bytes photo = {(const uint8_t *)"photo", 5};
static const uint64_t id[] = {11}, paper[] = {PAPER};

/* The firm's side, in a thread with a connection of its own. */
struct clerk {
    enum item item;
    uint64_t who;
    const char *wish;
    struct desk desk;
    struct filing draft;
    pthread_t thread;
    pthread_barrier_t barrier;
    int result;
    struct err err;
};

static int exchange(void *context, struct err *err)
{
    struct clerk *firm = context;
    const struct actor actor = {ACTOR_FIRM, firm->who, "request-1"};
    struct exchange out;

    return exchange_papers(firm->desk.db, firm->desk.pool, &testdb->core, &actor,
                           &(struct exchange_choice){firm->who, paper, 1, NULL}, testdb_today,
                           DESK_NOW, &out, err) == 1
               ? 0
               : -1;
}

static void *run(void *context)
{
    struct clerk *firm = context;
    const struct filing_choice choice = {.ids = id,
                                         .count = firm->item != ITEM_APPLY,
                                         .seen = firm->draft.seen,
                                         .reason_code = "01",
                                         .reason_text = "已与聘用企业解除聘用合同关系",
                                         .province = ""};
    struct filing out;

    pthread_barrier_wait(&firm->barrier);
    if (firm->item == ITEM_EXCHANGE)
        firm->result = db_transact(firm->desk.db, exchange, firm, &firm->err) == 0 ? 1 : -1;
    else
        firm->result = desk_confirm(&firm->desk, firm->item, firm->draft.matter.number, &choice,
                                    &out, &firm->err);
    return NULL;
}

/* A person whose B 11 ends soon; of an exchange he has one on paper instead. */
static void prepare(enum item item)
{
    testdb_clear(testdb);
    panel_staff(testdb);
    testdb_person(testdb, 1, "111", "张三丰", photo);
    testdb_number_of(testdb, 1, "11010519491231002X");
    testdb_sql(testdb, "UPDATE person SET birth = '1990-03-07' WHERE id = 1");
    for (uint64_t firm = PULLS; firm <= HOLDS; firm++) {
        testdb_firm(testdb, firm);
        testdb_insured(testdb, firm, 1, "2026-02-01");
    }
    if (item == ITEM_EXCHANGE) {
        testdb_paper(testdb, PAPER, HOLDS, 1, "沪建安B（2023）0000201", (struct date){2026, 9, 1});
        return;
    }
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = 11, .firm = HOLDS, .person = 1, .from = {2023, 3, 15}});
    testdb_educated(testdb, 1, 1, "B", 24, "2026-01-01");
}

static void proposed(struct proposal *out)
{
    const struct actor clerk = {ACTOR_STAFF, CLERK, "request-1"};
    const struct panel panel = panel_of(testdb);
    struct change change = {.db = testdb->db,
                            .pool = testdb->pool,
                            .core = &testdb->core,
                            .actor = &clerk,
                            .today = testdb_today,
                            .now_ms = DESK_NOW};
    enum proposal_answer answer = PROPOSAL_OVER;
    struct proposal_new what;
    struct err err = {0};

    if (name_change_new(&change, 1, "张叁丰", &what, &err) != 1)
        fail_msg("%s", err.text);
    what.reason = "更名";
    if (panel_propose(&panel, CLERK, &what, out, &answer, &err) < 0 || answer != PROPOSAL_DONE)
        fail_msg("not proposed: %s", err.text);
}

static int64_t number_of(const char *sql)
{
    return testdb_number(testdb, "%s", sql);
}

static void assert_sound(bool changed)
{
    assert_int_equal(testdb_number(testdb, "SELECT name = '%s' FROM person WHERE id = 1",
                                   changed ? "张叁丰" : "张三丰"),
                     1);
    assert_int_equal(number_of("SELECT COUNT(*) FROM certificate c JOIN person p"
                               " ON p.id = c.person_id WHERE c.state IN ('01', '02')"
                               " AND c.holder_name <> p.name COLLATE utf8mb4_unicode_520_ci"),
                     0);
    assert_int_equal(number_of("SELECT COUNT(*) FROM certificate c JOIN certificate_version v"
                               " ON v.certificate_id = c.id WHERE (v.voided_at IS NULL) <>"
                               " (v.version = c.version AND c.state IN ('01', '02'))"),
                     0);
    assert_int_equal(number_of("SELECT COUNT(*) FROM certificate c JOIN certificate_version v"
                               " ON v.certificate_id = c.id AND v.version = c.version"
                               " WHERE v.holder_name <> c.holder_name COLLATE utf8mb4_bin"),
                     0);
    assert_int_equal(number_of("SELECT COUNT(*) FROM proposal p JOIN matter m ON m.id = p.matter_id"
                               " WHERE (p.state = 'waiting') <> (m.state = 'open')"),
                     0);
    testdb_audited(testdb, (uint64_t)number_of("SELECT COUNT(*) FROM audit_event"));
}

static void race(enum item item, uint64_t who, const char *wish)
{
    const struct panel panel = panel_of(testdb);
    struct clerk firm = {.item = item, .who = who, .wish = wish};
    enum proposal_answer answer = PROPOSAL_OVER;
    struct proposal proposal, out;
    struct err err = {0};
    struct testdb *guest;
    int result;

    prepare(item);
    pthread_barrier_init(&firm.barrier, NULL, 2);
    guest = testdb_guest(testdb);
    firm.desk = desk_of(guest, who);
    if (item != ITEM_EXCHANGE)
        desk_draft(&firm.desk, item, 1, wish, &firm.draft);
    proposed(&proposal);
    pthread_create(&firm.thread, NULL, run, &firm);
    pthread_barrier_wait(&firm.barrier);
    result = panel_decide(&panel, REVIEWER, proposal.number, true, &out, &answer, &err);
    pthread_join(firm.thread, NULL);
    if (result < 0 && err.kind != ERR_CONFLICT)
        fail_msg("the decision: %s", err.text);
    if (firm.result < 0 && firm.err.kind != ERR_CONFLICT)
        fail_msg("the firm: %s", firm.err.text);
    assert_sound(result == 0 && answer == PROPOSAL_DONE);
    /* One of them at least has come through. */
    assert_true(firm.result == 1 || (result == 0 && answer == PROPOSAL_DONE));
    testdb_leave(&guest);
    pthread_barrier_destroy(&firm.barrier);
}

static void test_name_and_firm(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        /* It locks the paper alone, so that it is the one that could be missed. */
        for (int i = 0; i < EXCHANGES; i++)
            race(ITEM_EXCHANGE, HOLDS, NULL);
        race(ITEM_TRANSFER, PULLS, "");
        race(ITEM_APPLY, HOLDS, "B");
        race(ITEM_CANCEL, HOLDS, "");
        race(ITEM_DEPARTURE, HOLDS, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_and_firm),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
