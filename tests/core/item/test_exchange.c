/* Exchange 换领: refusals, races, and what one leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <pthread.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/audit/audit.h"
#include "core/item/exchange.h"
#include "core/register/certificate.h"
#include "core/register/identifier.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, OTHER_FIRM = 2, PERSON = 1, NO_PHOTO = 2, PASSPORT = 3 };

static struct testdb *testdb;
static const struct bytes photo = {(const uint8_t *)"photo", 5};

/* One exchange as a page runs it: rolled back unless it was done. */
struct attempt {
    struct db *db;
    struct pool *pool;
    uint64_t firm;
    const uint64_t *ids;
    size_t count;
    const char *seen;
    struct exchange result;
    int outcome; /* of exchange_papers */
};

static int work(void *context, struct err *err)
{
    struct attempt *a = context;
    struct actor actor = {ACTOR_FIRM, a->firm, "request-1"};

    const struct exchange_choice choice = {a->firm, a->ids, a->count, a->seen};

    a->outcome = exchange_papers(a->db, a->pool, &testdb->core, &actor, &choice, testdb_today,
                                 clock_now_ms(), &a->result, err);
    if (a->outcome == 0)
        return err_set(err, ERR_INPUT, 0, "refused");
    return a->outcome < 0 ? -1 : 0;
}

static struct attempt try(struct attempt a, struct err *err)
{
    if (db_transact(a.db, work, &a, err) < 0 && a.outcome == 1)
        a.outcome = -1;
    return a;
}

static struct attempt attempt_in(struct db *db, struct pool *pool, uint64_t firm,
                                 const uint64_t *ids, size_t count, struct err *err)
{
    return try((struct attempt){.db = db, .pool = pool, .firm = firm, .ids = ids, .count = count}, err);
}

static struct attempt attempt(uint64_t firm, const uint64_t *ids, size_t count, struct err *err)
{
    return attempt_in(testdb->db, testdb->pool, firm, ids, count, err);
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER_FIRM);
    testdb_person(testdb, PERSON, "111", "张三丰", photo);
    testdb_person(testdb, NO_PHOTO, "111", "李四", (struct bytes){NULL, 0});
    testdb_person(testdb, PASSPORT, "414", "WANG WU", (struct bytes){NULL, 0});
    testdb_paper(testdb, 10, FIRM, PERSON, "沪建安B（2020）0000010", testdb_today);
    testdb_paper(testdb, 11, FIRM, NO_PHOTO, "沪建安B（2020）0000011", testdb_today);
    testdb_paper(testdb, 12, FIRM, PASSPORT, "沪建安B（2020）0000012", testdb_today);
    testdb_paper(testdb, 13, FIRM, PERSON, "沪建安B（2020）0000013",
                 date_add_days(testdb_today, -1));
    testdb_paper(testdb, 14, OTHER_FIRM, PERSON, "沪建安B（2020）0000014", testdb_today);
    /* Year and serial of number 10 again, of the old class C. */
    testdb_paper(testdb, 15, FIRM, PERSON, "沪建安C（2020）0000010", testdb_today);
    testdb_paper(testdb, 16, FIRM, PERSON, "沪建安B（2020）0000016", testdb_today);
    return 0;
}

static void assert_nothing_done(void)
{
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM paper_certificate"
                                           " WHERE certificate_id IS NOT NULL"),
                     0);
}

static const char *failed_rule(const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->count; i++)
        if (!verdict->findings[i].passed)
            return verdict->findings[i].rule;
    return "";
}

static void test_refused(void **state)
{
    static const struct {
        uint64_t ids[3];
        size_t count;
        const char *rule;
        uint64_t refused;
    } rows[] = {
        {{11}, 1, "R2", 11},
        {{12}, 1, "R2", 12},
        {{13}, 1, "R3", 13},
        {{10, 11}, 2, "R2", 11},
        {{13, 10, 16}, 3, "R3", 13},
        {{15, 10}, 2, "R3", 15}, /* two of one matter want the same identifier */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        struct attempt a = attempt(FIRM, rows[i].ids, rows[i].count, &err);

        assert_int_equal(a.outcome, 0);
        assert_false(a.result.verdict.allowed);
        assert_string_equal(failed_rule(&a.result.verdict), rows[i].rule);
        assert_int_equal(a.result.refused_id, rows[i].refused);
        assert_nothing_done();
    }
}

static void test_not_there(void **state)
{
    static const struct {
        uint64_t firm, ids[3];
        size_t count;
        enum err_kind kind;
    } rows[] = {
        {FIRM, {14}, 1, ERR_NOT_FOUND}, /* R1: another firm's */
        {FIRM, {10, 14}, 2, ERR_NOT_FOUND}, {OTHER_FIRM, {10}, 1, ERR_NOT_FOUND},
        {FIRM, {999}, 1, ERR_NOT_FOUND},    {FIRM, {0}, 1, ERR_NOT_FOUND},
        {FIRM, {10}, 0, ERR_INPUT},         {FIRM, {10}, EXCHANGE_MAX + 1, ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};

        assert_int_equal(attempt(rows[i].firm, rows[i].ids, rows[i].count, &err).outcome, -1);
        assert_int_equal(err.kind, rows[i].kind);
        assert_nothing_done();
    }
}

/* The old class C numbers ran beside the others: what is taken is refused, not doubled. */
static void test_identifier_taken(void **state)
{
    const uint64_t first = 10, second = 15;
    struct err err = {0};
    struct attempt a;
    struct verdict verdict;

    (void)state;
    assert_int_equal(attempt(FIRM, &first, 1, &err).outcome, 1);
    a = attempt(FIRM, &second, 1, &err);
    assert_int_equal(a.outcome, 0);
    assert_string_equal(failed_rule(&a.result.verdict), "R3");
    assert_int_equal(exchange_judge(testdb->db, testdb->pool, &testdb->core, FIRM, second,
                                    testdb_today, &verdict, &err),
                     0);
    assert_false(verdict.allowed);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"), 1);
}

static void test_judge_changes_nothing(void **state)
{
    struct verdict verdict;
    struct err err = {0};

    (void)state;
    assert_int_equal(exchange_judge(testdb->db, testdb->pool, &testdb->core, OTHER_FIRM, 10,
                                    testdb_today, &verdict, &err),
                     -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(exchange_judge(testdb->db, testdb->pool, &testdb->core, FIRM, 11, testdb_today,
                                    &verdict, &err),
                     0);
    assert_false(verdict.allowed);
    assert_int_equal(exchange_judge(testdb->db, testdb->pool, &testdb->core, FIRM, 10, testdb_today,
                                    &verdict, &err),
                     0);
    assert_true(verdict.allowed);
    assert_nothing_done();
}

static const char *seen(const uint64_t *ids, size_t count, char out[EXCHANGE_SEEN_SIZE])
{
    struct err err = {0};

    assert_int_equal(exchange_seen(testdb->db, testdb->pool, FIRM, ids, count, out, &err), 1);
    return out;
}

static struct attempt attempt_seen(const uint64_t *ids, size_t count, const char *seen,
                                   struct err *err)
{
    return try((struct attempt){testdb->db, testdb->pool, FIRM, ids, count, .seen = seen}, err);
}

/* Whatever the clerk was asked to check, and changed since, stops it. */
static void test_changed_since_seen(void **state)
{
    static const char *const changes[] = {
        "UPDATE person SET name = '张三' WHERE id = 1",
        "UPDATE person SET sex = 3 - sex WHERE id = 1",
        "UPDATE person SET birth = birth + INTERVAL 1 DAY WHERE id = 1",
        "UPDATE person SET id_type = '114' WHERE id = 1",
        "UPDATE person SET id_no_hash = REVERSE(id_no_hash) WHERE id = 1",
        "UPDATE person SET capture_id = capture_id + 1 WHERE id = 1",
        "UPDATE paper_certificate SET number = '沪建安B（2020）0000017' WHERE id = 16",
        "UPDATE paper_certificate SET class = 'A' WHERE id = 16",
        "UPDATE paper_certificate SET enterprise_name = '别的公司' WHERE id = 16",
        "UPDATE paper_certificate SET post = '99' WHERE id = 16",
        "UPDATE paper_certificate SET first_issued = first_issued - INTERVAL 1 DAY WHERE id = 16",
        "UPDATE paper_certificate SET valid_from = valid_from + INTERVAL 1 DAY WHERE id = 16",
        "UPDATE paper_certificate SET valid_until = valid_until + INTERVAL 1 DAY WHERE id = 16",
    };
    const uint64_t ids[] = {10, 16};

    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        char before[EXCHANGE_SEEN_SIZE];
        struct err err = {0};

        set_up(state);
        seen(ids, 2, before);
        testdb_sql(testdb, "%s", "SET foreign_key_checks = 0");
        testdb_sql(testdb, "%s", changes[i]);
        testdb_sql(testdb, "%s", "SET foreign_key_checks = 1");
        if (attempt_seen(ids, 2, before, &err).outcome != -1 || err.kind != ERR_CONFLICT)
            fail_msg("%s: %s", changes[i], err.text);
        assert_nothing_done();
    }
}

static void test_seen(void **state)
{
    const uint64_t ids[] = {10, 16}, turned[] = {16, 10, 16}, others[] = {10, 14};
    char first[EXCHANGE_SEEN_SIZE], second[EXCHANGE_SEEN_SIZE];
    struct err err = {0};

    (void)state;
    assert_string_equal(seen(ids, 2, first), seen(turned, 3, second));
    assert_string_not_equal(first, seen(ids, 1, second));
    assert_int_equal(exchange_seen(testdb->db, testdb->pool, FIRM, others, 2, second, &err), 0);
    assert_int_equal(exchange_seen(testdb->db, testdb->pool, FIRM, ids, 0, second, &err), -1);
    assert_int_equal(attempt_seen(turned, 3, first, &err).outcome, 1);
    /* Exchanged by a colleague: the rule says so. */
    assert_int_equal(attempt_seen(turned, 3, first, &err).outcome, 0);
}

static void silent(void *context, const char *line)
{
    (void)context;
    print_error("%s\n", line);
}

/* What the schema promises of a certificate and its version, matter, event, job and audit. */
static void test_done(void **state)
{
    const uint64_t ids[] = {16, 10, 16};
    struct audit_totals totals;
    struct err err = {0};
    struct attempt a = attempt(FIRM, ids, 3, &err);
    struct matter matter;

    (void)state;
    assert_int_equal(a.outcome, 1);
    assert_true(a.result.verdict.allowed);
    assert_int_equal(a.result.matter.items, 2);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM paper_certificate p"
                      " JOIN certificate c ON c.id = p.certificate_id"
                      " JOIN certificate_version v ON v.certificate_id = c.id AND v.version = 1"
                      " JOIN certificate_event e ON e.certificate_id = c.id"
                      " JOIN matter_certificate m ON m.certificate_id = c.id"
                      " JOIN job j ON j.certificate_id = c.id AND j.version = 1"
                      " WHERE c.number = p.number AND c.class = p.class AND c.state = '01'"
                      " AND c.version = 1 AND c.generation = 0 AND c.person_id = p.person_id"
                      " AND c.enterprise_id = p.enterprise_id AND v.class = c.class"
                      " AND c.enterprise_name = p.enterprise_name"
                      " AND v.enterprise_name = c.enterprise_name AND c.post = p.post"
                      " AND v.post = c.post AND c.first_issued = p.first_issued"
                      " AND v.first_issued = c.first_issued AND c.valid_from = p.valid_from"
                      " AND v.valid_from = c.valid_from AND c.valid_until = p.valid_until"
                      " AND v.valid_until = c.valid_until AND c.held_since = p.held_since"
                      " AND c.holder_name = '张三丰' AND v.holder_name = c.holder_name"
                      " AND v.issued_on = '2026-03-01' AND v.issuer_name = '测试发证机关'"
                      " AND v.capture_id IS NOT NULL AND v.matter_id = m.matter_id"
                      " AND e.to_state = '01' AND e.from_state IS NULL AND e.actor_id = 1"
                      " AND j.state = 'waiting' AND j.matter_id = m.matter_id"),
        2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE action = 'certificate.exchange'"),
                     2);
    assert_int_equal(audit_verify(testdb->db, &testdb->core, NULL, silent, NULL, &totals, &err), 0);
    assert_int_equal(totals.faults, 0);

    assert_int_equal(
        matter_find(testdb->db, testdb->pool, a.result.matter.number, OTHER_FIRM, &matter, &err),
        0);
    assert_int_equal(
        matter_find(testdb->db, testdb->pool, "JZ20260302-00000001", FIRM, &matter, &err), 0);
    assert_int_equal(
        matter_find(testdb->db, testdb->pool, a.result.matter.number, FIRM, &matter, &err), 1);
    assert_string_equal(matter.state, "done");
    assert_int_equal(matter.items, 2);
    assert_int_equal(matter_jobs(testdb->db, testdb->pool, &matter, &err), 0);
    assert_int_equal(matter.jobs, 2);
    assert_int_equal(matter.done, 0);
}

static void test_matter_pages(void **state)
{
    const uint64_t ids[] = {10, 16};
    struct matter_certificate_page page;
    struct err err = {0};
    struct attempt a = attempt(FIRM, ids, 2, &err);

    (void)state;
    assert_int_equal(
        matter_certificates(testdb->db, testdb->pool, &a.result.matter, 0, 1, &page, &err), 0);
    assert_int_equal(page.count, 1);
    assert_string_equal(page.rows[0].certificate.number, "沪建安B（2020）0000010");
    assert_int_equal(page.next, page.rows[0].certificate.id);
    assert_int_equal(matter_certificates(testdb->db, testdb->pool, &a.result.matter, page.next, 1,
                                         &page, &err),
                     0);
    assert_int_equal(page.count, 1);
    assert_string_equal(page.rows[0].certificate.number, "沪建安B（2020）0000016");
    assert_int_equal(page.next, 0);
    assert_true(page.rows[0].ours);
    const struct date until = page.rows[0].certificate.valid_until;
    assert_int_equal(date_compare(page.rows[0].ends, until), 0);
    /* Gone to another firm, and renewed there: its end then, and what its state is to be read with now. */
    testdb_sql(testdb, "UPDATE certificate SET enterprise_id = 999, valid_until = '2099-12-31' WHERE id = %d",
               (int)page.rows[0].certificate.id);
    assert_int_equal(matter_certificates(testdb->db, testdb->pool, &a.result.matter,
                                         page.rows[0].certificate.id - 1, 1, &page, &err),
                     0);
    assert_false(page.rows[0].ours);
    assert_int_equal(date_compare(page.rows[0].certificate.valid_until, until), 0);
    assert_int_equal(page.rows[0].ends.year, 2099);
}

static void test_identifier(void **state)
{
    const uint64_t id = 10;
    const struct db_value *row;
    struct err err = {0};
    static const struct db_query query = {"identifier",
                                          "SELECT identifier FROM certificate_version"};

    (void)state;
    assert_int_equal(attempt(FIRM, &id, 1, &err).outcome, 1);
    assert_int_equal(db_find(testdb->db, testdb->pool, &query, DB_NO_ARGS, &row, &err), 1);
    assert_true(identifier_valid(db_as_text(&row[0])));
    assert_non_null(strstr(db_as_text(&row[0]), ".11430000006122244L.20200000010.001."));
}

enum { THREADS = 8, ROUNDS = 25 };

struct racer {
    pthread_t thread;
    struct db *db;
    const uint64_t *ids;
    size_t count;
    int done, refused, conflicts, others;
    struct err err;
};

static void *race(void *context)
{
    struct racer *racer = context;
    struct pool *pool = pool_new(0, 0);

    for (int i = 0; i < ROUNDS; i++) {
        struct err err = {0};
        struct attempt a = attempt_in(racer->db, pool, FIRM, racer->ids, racer->count, &err);

        if (a.outcome == 1)
            racer->done++;
        else if (a.outcome == 0 && strcmp(failed_rule(&a.result.verdict), "R3") == 0)
            racer->refused++;
        else if (a.outcome < 0 && err.kind == ERR_CONFLICT)
            racer->conflicts++;
        else {
            racer->others++;
            racer->err = err;
        }
        pool_reset(pool);
    }
    pool_free(&pool);
    return NULL;
}

/* 200 exchanges at once of the same papers, half of the racers naming them the other way round. */
static void race_over(const uint64_t *ids, const uint64_t *reversed, size_t count)
{
    struct racer racers[THREADS] = {{.done = 0}};
    int done = 0, refused = 0;

    for (int i = 0; i < THREADS; i++) {
        racers[i].db = testdb_connect(testdb);
        racers[i].ids = i % 2 ? ids : reversed;
        racers[i].count = count;
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        if (racers[i].others)
            fail_msg("%d times: %s", racers[i].others, racers[i].err.text);
        done += racers[i].done;
        refused += racers[i].refused + racers[i].conflicts;
        db_free(&racers[i].db);
    }
    assert_int_equal(done, 1);
    assert_int_equal(refused, THREADS * ROUNDS - 1);
}

static void test_race(void **state)
{
    const uint64_t ids[] = {10, 16}, reversed[] = {16, 10};

    (void)state;
    race_over(ids, reversed, 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"), 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job"), 2);
}

/* Two papers that want one identifier, each by half of the racers. */
static void test_race_for_identifier(void **state)
{
    const uint64_t first = 10, second = 15;

    (void)state;
    race_over(&first, &second, 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"), 1);
}

static void *one_exchange(void *context)
{
    struct racer *racer = context;
    struct pool *pool = pool_new(0, 0);

    racer->done = attempt_in(racer->db, pool, FIRM, racer->ids, 1, &racer->err).outcome;
    pool_free(&pool);
    return NULL;
}

/* A name that is decided at this instant: the certificate has it. */
static void test_name_changes_meanwhile(void **state)
{
    const uint64_t id = 10;
    struct racer racer = {.db = testdb_connect(testdb), .ids = &id};
    struct err err = {0};

    (void)state;
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(db_script(testdb->db, "UPDATE person SET name = '张叁丰' WHERE id = 1", &err), 0);
    assert_int_equal(pthread_create(&racer.thread, NULL, one_exchange, &racer), 0);
    usleep(300000);
    assert_int_equal(db_commit(testdb->db, &err), 0);
    pthread_join(racer.thread, NULL);
    if (racer.done != 1)
        fail_msg("%s", racer.err.text);
    db_free(&racer.db);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate c"
                                           " JOIN certificate_version v ON v.certificate_id = c.id"
                                           " WHERE c.holder_name = '张叁丰'"
                                           " AND v.holder_name = '张叁丰'"),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_refused, set_up),
        cmocka_unit_test_setup(test_not_there, set_up),
        cmocka_unit_test_setup(test_identifier_taken, set_up),
        cmocka_unit_test_setup(test_changed_since_seen, set_up),
        cmocka_unit_test_setup(test_seen, set_up),
        cmocka_unit_test_setup(test_judge_changes_nothing, set_up),
        cmocka_unit_test_setup(test_done, set_up),
        cmocka_unit_test_setup(test_matter_pages, set_up),
        cmocka_unit_test_setup(test_identifier, set_up),
        cmocka_unit_test_setup(test_name_changes_meanwhile, set_up),
        cmocka_unit_test_setup(test_race, set_up),
        cmocka_unit_test_setup(test_race_for_identifier, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
