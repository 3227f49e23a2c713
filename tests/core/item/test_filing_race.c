/* Two clerks confirm at the same moment: exactly one thing happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <pthread.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "tests/core/desk.h"

enum { PULLS = 1, HOLDS = 2, PULLS_TOO = 3, ROUNDS = 12, MOST = 4 };

static struct testdb *testdb;
static const struct bytes photo = {(const uint8_t *)"photo", 5};

/* One clerk, with a draft of his own, in a thread of his own. */
struct clerk {
    uint64_t firm;
    enum item item;
    const char *wish;
    uint64_t ids[2];
    size_t count;
    /* What comes of it. */
    struct testdb *guest;
    struct desk desk;
    struct filing draft;
    pthread_t thread;
    pthread_barrier_t *barrier;
    int outcome;
    struct err err;
};

static void *confirm(void *context)
{
    struct clerk *clerk = context;
    const struct filing_choice choice = {.ids = clerk->ids,
                                         .count = clerk->count,
                                         .seen = clerk->draft.seen,
                                         .reason_code = "01",
                                         .reason_text = "已与聘用企业解除聘用合同关系",
                                         .province = ""};
    struct filing out;

    pthread_barrier_wait(clerk->barrier);
    clerk->outcome = desk_confirm(&clerk->desk, clerk->item, clerk->draft.matter.number, &choice,
                                  &out, &clerk->err);
    return NULL;
}

/* A person of whom everybody could have the B 11: it ends soon, and an exam is there for all. */
static void prepare(bool held)
{
    testdb_clear(testdb);
    testdb_person(testdb, 1, "111", "张三丰", photo);
    for (uint64_t firm = PULLS; firm <= PULLS_TOO; firm++) {
        testdb_firm(testdb, firm);
        testdb_insured(testdb, firm, 1, "2026-02-01");
        if (!held)
            testdb_exam(testdb, firm, firm, 1, "B", "07", "2026-01-05");
    }
    if (held)
        testdb_certificate(testdb, &(struct testdb_certificate){
                                       .id = 11, .firm = HOLDS, .person = 1, .from = {2023, 3, 15}});
    testdb_educated(testdb, 1, 1, "B", 24, "2026-01-01");
}

static void run(struct clerk *clerks, size_t count)
{
    pthread_barrier_t barrier;
    size_t done = 0;

    pthread_barrier_init(&barrier, NULL, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        clerks[i].guest = testdb_guest(testdb);
        clerks[i].desk = desk_of(clerks[i].guest, clerks[i].firm);
        clerks[i].barrier = &barrier;
        clerks[i].err = (struct err){0};
        desk_draft(&clerks[i].desk, clerks[i].item, 1, clerks[i].wish, &clerks[i].draft);
    }
    for (size_t i = 0; i < count; i++)
        pthread_create(&clerks[i].thread, NULL, confirm, &clerks[i]);
    for (size_t i = 0; i < count; i++)
        pthread_join(clerks[i].thread, NULL);
    for (size_t i = 0; i < count; i++) {
        if (clerks[i].outcome < 0 && clerks[i].err.kind != ERR_CONFLICT)
            fail_msg("clerk %zu: %s", i, clerks[i].err.text);
        done += clerks[i].outcome == 1;
        testdb_leave(&clerks[i].guest);
    }
    pthread_barrier_destroy(&barrier);
    assert_int_equal(done, 1);
}

static void assert_sound(size_t clerks)
{
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"), 1);
    /* A change of the certificate, or that it waits: one of the two. */
    assert_int_equal(testdb_number(testdb,
                                   "SELECT (SELECT COUNT(*) FROM certificate_event)"
                                   " + (SELECT COUNT(*) FROM certificate"
                                   " WHERE pending_matter_id IS NOT NULL)"),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE parent_id IS NULL"
                                           " AND state IN ('done', 'signing')"),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE parent_id IS NULL"),
                     clerks);
    testdb_audited(testdb, (uint64_t)testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"));
}

static void race(const struct clerk *wanted, size_t count, bool held)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct clerk clerks[MOST];

        memcpy(clerks, wanted, count * sizeof(*wanted));
        prepare(held);
        run(clerks, count);
        assert_sound(count);
    }
}

static void test_transfer_and_cancel(void **state)
{
    static const struct clerk clerks[] = {{PULLS, ITEM_TRANSFER, "", {11}, 1, .outcome = 0},
                                          {HOLDS, ITEM_CANCEL, "", {11}, 1, .outcome = 0}};

    (void)state;
    race(clerks, 2, true);
}

static void test_transfer_and_departure(void **state)
{
    static const struct clerk clerks[] = {{PULLS, ITEM_TRANSFER, "", {11}, 1, .outcome = 0},
                                          {HOLDS, ITEM_DEPARTURE, "", {11}, 1, .outcome = 0}};

    (void)state;
    race(clerks, 2, true);
}

static void test_transfer_and_renewal(void **state)
{
    static const struct clerk clerks[] = {{PULLS, ITEM_TRANSFER, "", {11}, 1, .outcome = 0},
                                          {HOLDS, ITEM_APPLY, "B", {0}, 0, .outcome = 0}};

    (void)state;
    race(clerks, 2, true);
}

static void test_two_transfers(void **state)
{
    static const struct clerk clerks[] = {{PULLS, ITEM_TRANSFER, "", {11}, 1, .outcome = 0},
                                          {PULLS_TOO, ITEM_TRANSFER, "", {11}, 1, .outcome = 0}};

    (void)state;
    race(clerks, 2, true);
}

static void test_cancel_and_departure(void **state)
{
    static const struct clerk clerks[] = {{HOLDS, ITEM_CANCEL, "", {11}, 1, .outcome = 0},
                                          {HOLDS, ITEM_DEPARTURE, "", {11}, 1, .outcome = 0}};

    (void)state;
    race(clerks, 2, true);
}

/* All of them for the first B of one person; two of them for the same firm. */
static void test_applications(void **state)
{
    static const struct clerk clerks[] = {{PULLS, ITEM_APPLY, "B", {0}, 0, .outcome = 0},
                                          {HOLDS, ITEM_APPLY, "B", {0}, 0, .outcome = 0},
                                          {PULLS_TOO, ITEM_APPLY, "B", {0}, 0, .outcome = 0},
                                          {PULLS, ITEM_APPLY, "B", {0}, 0, .outcome = 0}};

    (void)state;
    race(clerks, 4, false);
}

static void test_everybody(void **state)
{
    static const struct clerk clerks[] = {{PULLS, ITEM_TRANSFER, "", {11}, 1, .outcome = 0},
                                          {HOLDS, ITEM_CANCEL, "", {11}, 1, .outcome = 0},
                                          {PULLS_TOO, ITEM_TRANSFER, "", {11}, 1, .outcome = 0},
                                          {HOLDS, ITEM_APPLY, "B", {0}, 0, .outcome = 0}};

    (void)state;
    race(clerks, 4, true);
}

/* Two nodes of a cluster know nothing of each other's locks: their transactions meet in rows that both
 * write, and here there is only one node to be seen writing. */
static void test_writes_what_it_locks(void **state)
{
    const struct filing_choice choice = {.province = ""};
    struct filing draft, out;
    struct err err;

    (void)state;
    prepare(false);
    struct desk desk = desk_of(testdb, PULLS);
    desk_draft(&desk, ITEM_APPLY, 1, "B", &draft);
    assert_int_equal(testdb_number(testdb, "SELECT acts FROM person WHERE id = 1"), 0);
    desk_do(&desk, ITEM_APPLY, 1, "B", NULL, 0, &out);
    assert_int_equal(testdb_number(testdb, "SELECT acts FROM person WHERE id = 1"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT acts FROM enterprise WHERE id = %d", PULLS), 0);
    /* The draft's facts are over: it is looked at under the lock all the same. */
    assert_int_equal(desk_confirm(&desk, ITEM_APPLY, draft.matter.number, &choice, &out, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT acts FROM person WHERE id = 1"), 2);
}

/* While an A of the legal representative is being made, nobody becomes the next one: R9 would be asked
 * by both about what neither sees yet. */
static void test_register_waits_for_legal_a(void **state)
{
    const struct actor clerk = {ACTOR_FIRM, PULLS, "test"};
    struct testdb *guest = testdb_guest(testdb);
    struct filing draft, out;
    struct err err;

    (void)state;
    prepare(false);
    testdb_person(testdb, 2, "111", "李四光", photo);
    testdb_leads(testdb, PULLS, 1);
    testdb_exam(testdb, 9, PULLS, 1, "A", "01", "2026-01-05");
    struct desk desk = desk_of(testdb, PULLS);
    desk_draft(&desk, ITEM_APPLY, 1, "L", &draft);
    struct change change = desk_change(&desk, &clerk);
    const struct filing_choice choice = {.seen = draft.seen, .province = ""};
    assert_int_equal(db_begin(desk.db, &err), 0);
    assert_int_equal(filing_confirm(&change, ITEM_APPLY, draft.matter.number, &choice, &out, &err), 1);
    assert_int_equal(db_script(guest->db, "SET innodb_lock_wait_timeout = 1", &err), 0);
    assert_int_equal(db_script(guest->db, "UPDATE enterprise SET legal_rep_name = '李四光' WHERE id = 1",
                               &err), -1);
    assert_int_equal(err.kind, ERR_DB_RETRY);
    assert_int_equal(db_commit(desk.db, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT acts FROM enterprise WHERE id = %d", PULLS), 1);
    testdb_leave(&guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transfer_and_cancel),
        cmocka_unit_test(test_transfer_and_departure),
        cmocka_unit_test(test_transfer_and_renewal),
        cmocka_unit_test(test_two_transfers),
        cmocka_unit_test(test_cancel_and_departure),
        cmocka_unit_test(test_applications),
        cmocka_unit_test(test_everybody),
        cmocka_unit_test(test_writes_what_it_locks),
        cmocka_unit_test(test_register_waits_for_legal_a),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
