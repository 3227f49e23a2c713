/* Figures against a register that is counted by hand; errands, step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/issue/errand.h"
#include "core/report/statistics.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, OTHER = 2, LEASE_MS = 60000 };
#define NOW INT64_C(1772323200000) /* 2026-03-01 UTC, 08:00 in Shanghai */

static struct testdb *testdb;
static const struct actor operator_actor = {ACTOR_OPERATOR, 0, ""};

static void certificate(uint64_t id, uint64_t firm, const char *class_code, const char *state,
                        struct date until)
{
    testdb_person(testdb, id, "111", "某人", (struct bytes){NULL, 0});
    testdb_certificate(testdb, &(struct testdb_certificate){.id = id,
                                                            .firm = firm,
                                                            .person = id,
                                                            .class_code = class_code,
                                                            .state = state,
                                                            .until = until});
}

static void matter(const char *item, const char *opened, const char *closed, const char *state)
{
    testdb_sql(testdb,
               "INSERT INTO matter (item, opened_on, state, opened_by_kind, opened_at, closed_at)"
               " VALUES ('%s', DATE('%s'), '%s', 1, '%s', NULLIF('%s', ''))",
               item, opened, state, opened, closed);
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_sql(testdb, "DELETE FROM errand");
    testdb_sql(testdb, "DELETE FROM statistic");
    testdb_sql(testdb, "DELETE FROM statistic_firm");
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER);
    certificate(1, FIRM, "B", "01", (struct date){2026, 3, 1});
    certificate(2, FIRM, "B", "01", (struct date){2026, 2, 28}); /* reads as 05 */
    certificate(3, FIRM, "A", "01", (struct date){2026, 5, 29}); /* the window's last day */
    certificate(4, FIRM, "C1", "01", (struct date){2026, 5, 30});
    certificate(5, OTHER, "C1", "02", (struct date){2027, 1, 1});
    certificate(6, OTHER, "B", "01", (struct date){2029, 2, 28}); /* in the last month shown */
    certificate(7, OTHER, "B", "01", (struct date){2029, 3, 1});  /* behind it */
    return 0;
}

static void count_all(void)
{
    struct errand done;
    struct err err = {0};

    if (errand_run(testdb->db, testdb->pool, &testdb->core, &operator_actor, ERRAND_STATISTICS,
                   testdb_today, NOW, &done, &err) < 0)
        fail_msg("%s", err.text);
}

static const struct statistic *row_of(enum figure figure, const char *bucket, const char *part)
{
    const struct statistic *rows;
    struct err err = {0};
    size_t count;

    assert_int_equal(statistics_read(testdb->db, testdb->pool, figure, &rows, &count, &err), 0);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].bucket, bucket) == 0 && strcmp(rows[i].part, part) == 0)
            return &rows[i];
    return NULL;
}

static void expect(enum figure figure, const char *bucket, const char *part, uint64_t value)
{
    const struct statistic *row = row_of(figure, bucket, part);

    if (!row && value == 0)
        return;
    if (!row || row->value != value)
        fail_msg("%s %s %s: %llu instead of %llu", figure_name(figure), bucket, part,
                 row ? (unsigned long long)row->value : 0, (unsigned long long)value);
}

static void test_certificates(void **state)
{
    (void)state;
    count_all();
    expect(FIGURE_CERTIFICATES, "B", "01", 3);
    expect(FIGURE_CERTIFICATES, "B", "05", 1);
    expect(FIGURE_CERTIFICATES, "A", "01", 1);
    expect(FIGURE_CERTIFICATES, "C1", "02", 1);
    expect(FIGURE_EXPIRING, "2026-03", "B", 1);
    expect(FIGURE_EXPIRING, "2026-02", "B", 0);
    expect(FIGURE_EXPIRING, "2026-05", "A", 1);
    expect(FIGURE_EXPIRING, "2026-05", "C1", 1);
    expect(FIGURE_EXPIRING, "2027-01", "C1", 0); /* suspended */
    expect(FIGURE_EXPIRING, "2029-02", "B", 1);
    expect(FIGURE_EXPIRING, "2029-03", "B", 0);
    expect(FIGURE_REGISTER, "people", "without photo", 7);
    expect(FIGURE_REGISTER, "enterprises", "local", 2);
    /* Counting again changes nothing. */
    count_all();
    expect(FIGURE_CERTIFICATES, "B", "01", 3);
    expect(FIGURE_REGISTER, "people", "without photo", 7);
}

static void test_firms(void **state)
{
    struct statistic_firm_page page;
    struct err err = {0};

    (void)state;
    count_all();
    assert_int_equal(statistics_firms(testdb->db, testdb->pool, 0, 1, &page, &err), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].id, FIRM);
    assert_string_equal(page.rows[0].name, "测试建筑1有限公司");
    assert_int_equal(page.rows[0].valid, 3);
    assert_int_equal(page.rows[0].expiring, 2);
    assert_int_equal(page.rows[0].other, 1);
    assert_int_equal(page.next, FIRM);
    assert_int_equal(statistics_firms(testdb->db, testdb->pool, page.next, 1, &page, &err), 0);
    assert_int_equal(page.rows[0].id, OTHER);
    assert_int_equal(page.rows[0].valid, 2);
    assert_int_equal(page.next, 0);
}

/* Firms with the same number are all shown, once each. */
static void test_equal_firms(void **state)
{
    struct statistic_firm_page page = {.next = 0};
    uint64_t seen = 0, after = 0;
    struct err err = {0};

    (void)state;
    for (uint64_t id = 3; id <= 12; id++)
        testdb_firm(testdb, id);
    testdb_sql(testdb, "INSERT INTO statistic_firm SELECT id, 5, 0, 0 FROM enterprise");
    do {
        assert_int_equal(statistics_firms(testdb->db, testdb->pool, after, 3, &page, &err), 0);
        for (size_t i = 0; i < page.count; i++) {
            assert_false(seen >> page.rows[i].id & 1);
            seen |= UINT64_C(1) << page.rows[i].id;
        }
        after = page.next;
    } while (after);
    assert_int_equal(seen, 0x1ffe);
}

static void test_what_happened(void **state)
{
    (void)state;
    testdb_sql(testdb, "INSERT INTO certificate_event (certificate_id, version, action, to_state,"
                       " enterprise_id, actor_kind, actor_id, happened_at) VALUES"
                       " (1, 1, 'exchange', '01', 1, 1, 1, '2026-01-31 15:59:59'),"
                       " (1, 1, 'exchange', '01', 1, 1, 1, '2026-01-31 16:00:00'),"
                       " (3, 1, 'issue', '01', 1, 1, 1, '2026-02-10'),"
                       " (3, 1, 'legal', '01', 1, 1, 1, '2026-02-11'),"
                       " (3, 1, 'legal', '01', 1, 1, 1, '2023-03-31 15:59:59'),"
                       " (1, 1, 'renew', '01', 1, 1, 1, '2026-02-10'),"
                       " (1, 1, 'renew', '01', 1, 1, 1, '2023-03-31 15:59:59'),"
                       " (1, 1, 'renew', '01', 1, 1, 1, '2023-03-31 16:00:00')");
    count_all();
    expect(FIGURE_EVENTS, "2026-01", "exchange", 1);
    expect(FIGURE_EVENTS, "2026-02", "exchange", 1); /* a month begins in Shanghai */
    expect(FIGURE_EVENTS, "2026-02", "renew", 1);
    expect(FIGURE_EVENTS, "2023-03", "renew", 0);
    expect(FIGURE_EVENTS, "2023-04", "renew", 1);
    expect(FIGURE_ISSUED, "2026-01", "B", 1);
    expect(FIGURE_ISSUED, "2026-02", "B", 1); /* who renews gets no other certificate */
    expect(FIGURE_ISSUED, "2026-02", "A", 2);
    expect(FIGURE_ISSUED, "2023-03", "A", 0);
}

static void test_pending_and_refused(void **state)
{
    (void)state;
    matter("cancel", "2026-02-20", "", "signing");
    matter("apply", "2026-02-20", "", "draft");
    matter("apply", "2026-02-21", "", "draft");
    matter("apply", "2026-02-20", "2026-02-20", "refused");
    matter("apply", "2026-02-20", "2026-02-20", "refused");
    matter("apply", "2025-02-20", "2025-02-20", "refused"); /* too long ago */
    testdb_sql(testdb, "INSERT INTO matter_finding SELECT m.id, p.seq, '', 'R5', p.seq = 3, 'd', 'f', 'a'"
                       " FROM matter m JOIN seq_1_to_3 p WHERE m.state = 'refused'");
    testdb_paper(testdb, 1, FIRM, 1, "沪建安B（2020）0000001", testdb_today);
    testdb_paper(testdb, 2, FIRM, 2, "沪建安B（2020）0000002", date_add_days(testdb_today, -1));
    count_all();
    expect(FIGURE_PENDING, "cancel", "signing", 1);
    expect(FIGURE_PENDING, "apply", "draft", 2);
    expect(FIGURE_PENDING, "paper", "valid", 1);
    expect(FIGURE_PENDING, "paper", "expired", 1);
    expect(FIGURE_REFUSALS, "2026-02", "R5", 2); /* matters, not findings */
    expect(FIGURE_REFUSALS, "2025-02", "R5", 0);
}

/* Nearest rank: of ten, the fifth and the ninth. */
static void test_durations(void **state)
{
    const struct statistic *row;

    (void)state;
    for (int i = 1; i <= 10; i++)
        testdb_sql(testdb,
                   "INSERT INTO matter (item, opened_on, state, opened_by_kind, opened_at, closed_at)"
                   " VALUES ('transfer', '2026-02-10', 'done', 1, '2026-02-10',"
                   " '2026-02-10' + INTERVAL %d SECOND)",
                   i * i);
    matter("transfer", "2026-02-10", "2026-02-12", "refused");  /* not done */
    matter("transfer", "2025-11-01", "2025-11-30", "done");     /* too long ago */
    count_all();
    row = row_of(FIGURE_MATTER_ITEMS, "transfer", "");
    assert_non_null(row);
    assert_int_equal(row->value, 10);
    assert_int_equal(row->median_ms, 25000);
    assert_int_equal(row->p90_ms, 81000);
    row = row_of(FIGURE_MATTER_DAYS, "2026-02-10", "");
    assert_non_null(row);
    assert_int_equal(row->value, 10);
    testdb_sql(testdb, "INSERT INTO job (kind, certificate_id, version, enterprise_id, state, run_at,"
                       " created_at, done_at) VALUES ('certificate', 1, 1, 1, 'done', NOW(3),"
                       " '2026-02-28 15:00:00', '2026-02-28 16:00:00')");
    count_all();
    row = row_of(FIGURE_JOB_DAYS, "2026-03-01", "");
    assert_non_null(row);
    assert_int_equal(row->median_ms, 3600000);
    assert_int_equal(row_of(FIGURE_JOB_KINDS, "certificate", "")->p90_ms, 3600000);
}

/* Errands */

struct ordering {
    struct actor actor;
    enum errand_kind kind;
    int answer;
};

static int order(void *context, struct err *err)
{
    struct ordering *ordering = context;

    ordering->answer = errand_order(testdb->db, testdb->pool, &testdb->core, &ordering->actor,
                                    ordering->kind, NOW, err);
    return ordering->answer < 0 ? -1 : 0;
}

static int ordered(enum errand_kind kind)
{
    struct ordering ordering = {{ACTOR_STAFF, 7, "r"}, kind, -1};
    struct err err = {0};

    assert_int_equal(db_transact(testdb->db, order, &ordering, &err), 0);
    return ordering.answer;
}

static int advance(int64_t now_ms)
{
    struct pool *pool = pool_new(0, 0);
    struct err err = {0};
    int result = errand_advance(testdb->db, pool, &testdb->core, testdb_today, now_ms, LEASE_MS, &err);

    if (result < 0)
        fail_msg("%s", err.text);
    pool_free(&pool);
    return result;
}

static const struct errand *last(enum errand_kind kind)
{
    const struct errand *errands;
    struct err err = {0};
    size_t count;

    assert_int_equal(errand_list(testdb->db, testdb->pool, kind, 1, &errands, &count, &err), 0);
    assert_int_equal(count, 1);
    return errands;
}

static void test_an_errand_step_by_step(void **state)
{
    int64_t later = clock_now_ms() + 1000;
    unsigned steps = 0;

    (void)state;
    assert_int_equal(ordered(ERRAND_AUDIT), 1);
    assert_int_equal(ordered(ERRAND_AUDIT), 0); /* one is under way */
    assert_int_equal(ordered(ERRAND_STATISTICS), 1);
    assert_int_equal(advance(NOW - 1), 0);
    while (advance(later)) {
        steps++;
        assert_true(steps < 100);
    }
    assert_int_equal(steps, last(ERRAND_AUDIT)->steps + statistics_steps());
    assert_string_equal(last(ERRAND_AUDIT)->state, ERRAND_DONE);
    assert_int_equal(last(ERRAND_AUDIT)->counted, 2); /* the two orders */
    assert_int_equal(last(ERRAND_AUDIT)->faults, 0);
    assert_string_equal(last(ERRAND_STATISTICS)->state, ERRAND_DONE);
    assert_true(last(ERRAND_STATISTICS)->ended_ms > 0);
    expect(FIGURE_CERTIFICATES, "B", "01", 3);
    assert_int_equal(ordered(ERRAND_AUDIT), 1); /* again, now that it is over */
    testdb_audited(testdb, 3);
}

/* Counted at once behind an installation, and left to the night from then on. */
static void test_the_first_is_ordered_by_itself(void **state)
{
    struct err err = {0};
    int64_t later = clock_now_ms() + 1000;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(errand_begin(testdb->db, testdb->pool, &testdb->core, ERRAND_STATISTICS, NOW, &err), 0);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM errand"), 1);
        assert_string_equal(last(ERRAND_STATISTICS)->state, i ? ERRAND_DONE : ERRAND_WAITING);
        while (advance(later))
            ;
    }
    assert_int_equal(last(ERRAND_STATISTICS)->actor_kind, ACTOR_SYSTEM);
    testdb_audited(testdb, 1);
}

static void test_faults_are_kept(void **state)
{
    int64_t later = clock_now_ms() + 1000;

    (void)state;
    assert_int_equal(ordered(ERRAND_AUDIT), 1);
    testdb_sql(testdb, "UPDATE audit_event SET action = 'nothing'");
    while (advance(later))
        ;
    assert_int_equal(last(ERRAND_AUDIT)->faults, 1);
    assert_non_null(strstr(last(ERRAND_AUDIT)->report, "was changed"));
}

/* Who dies with a step is succeeded when the lease is over; what never ends is given up. */
static void test_leases(void **state)
{
    int64_t later = clock_now_ms() + 1000;

    (void)state;
    assert_int_equal(ordered(ERRAND_AUDIT), 1);
    testdb_sql(testdb, "UPDATE errand SET run_at = FROM_UNIXTIME(%lld / 1000), attempts = 1",
               (long long)later + LEASE_MS);
    assert_int_equal(advance(later), 0);
    assert_int_equal(advance(later + LEASE_MS + 1000), 1);
    assert_int_equal(last(ERRAND_AUDIT)->step, 1);
    testdb_sql(testdb, "UPDATE errand SET run_at = '2026-01-01', attempts = 3");
    assert_int_equal(advance(later), 1);
    assert_string_equal(last(ERRAND_AUDIT)->state, ERRAND_FAILED);
    assert_int_equal(advance(later + LEASE_MS), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_certificates, set_up),
    cmocka_unit_test_setup(test_firms, set_up),
    cmocka_unit_test_setup(test_equal_firms, set_up),
    cmocka_unit_test_setup(test_what_happened, set_up),
    cmocka_unit_test_setup(test_pending_and_refused, set_up),
    cmocka_unit_test_setup(test_durations, set_up),
    cmocka_unit_test_setup(test_an_errand_step_by_step, set_up),
    cmocka_unit_test_setup(test_the_first_is_ordered_by_itself, set_up),
    cmocka_unit_test_setup(test_faults_are_kept, set_up),
    cmocka_unit_test_setup(test_leases, set_up),
};

int main(void)
{
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
