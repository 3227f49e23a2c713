/* Serial numbers: one a year, none twice, whoever asks and whatever breaks off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/register/serial.h"
#include "tests/core/testdb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct testdb *testdb;

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, 1);
    testdb_person(testdb, 1, "111", "张三", (struct bytes){NULL, 0});
    testdb->policy.serial_per_class = false;
    return 0;
}

/* One number, for the transaction around it; `breaks` ends that without it. */
struct taking {
    struct db *db;
    struct pool *pool;
    const char *class_code;
    int year;
    bool breaks;
    char number[NUMBER_SIZE];
};

static int take(void *context, struct err *err)
{
    struct taking *t = context;

    if (serial_next(t->db, t->pool, &testdb->core, t->class_code, t->year, t->number, err) < 0)
        return -1;
    return t->breaks ? err_set(err, ERR_INPUT, 0, "broken off") : 0;
}

static const char *next(const char *class_code, int year)
{
    static char number[NUMBER_SIZE];
    struct taking taking = {testdb->db, testdb->pool, class_code, year, false, ""};
    struct err err = {0};

    if (db_transact(testdb->db, take, &taking, &err) < 0)
        fail_msg("%s", err.text);
    memcpy(number, taking.number, sizeof(number));
    return number;
}

static void counter(const char *name, uint64_t value)
{
    testdb_sql(testdb, "INSERT INTO counter VALUES ('%s', %d)", name, (int)value);
}

static void electronic(int serial)
{
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = (uint64_t)serial, .firm = 1, .person = 1});
}

static void test_used_up(void **state)
{
    static const uint64_t values[] = {9999999, 10000000};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        struct taking taking = {testdb->db, testdb->pool, "B", 2026, false, ""};
        struct err err = {0};

        set_up(NULL);
        counter("serial.2026", values[i]);
        assert_int_equal(db_transact(testdb->db, take, &taking, &err), -1);
        assert_int_equal(err.kind, ERR_LIMIT);
        assert_int_equal(testdb_number(testdb, "SELECT value FROM counter"), values[i]);
    }
    set_up(NULL);
    counter("serial.2026", 9999998);
    assert_string_equal(next("B", 2026), "沪建安B（2026）9999999");
}

/* The last of the year stands on paper already. */
static void test_used_up_by_paper(void **state)
{
    struct taking taking = {testdb->db, testdb->pool, "B", 2026, false, ""};
    struct err err = {0};

    (void)state;
    counter("serial.2026", 9999998);
    testdb_paper(testdb, 1, 1, 1, "沪建安A（2026）9999999", testdb_today);
    assert_int_equal(db_transact(testdb->db, take, &taking, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
}

static void test_over_all_classes(void **state)
{
    (void)state;
    assert_string_equal(next("B", 2026), "沪建安B（2026）0000001");
    assert_string_equal(next("A", 2026), "沪建安A（2026）0000002");
    assert_string_equal(next("C3", 2026), "沪建安C3（2026）0000003");
    assert_string_equal(next("B", 2027), "沪建安B（2027）0000001");
    assert_string_equal(next("C1", 2026), "沪建安C1（2026）0000004");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM counter"), 2);
}

/* A serial stays one of the year's, so that identifiers differ: what one class has taken by its own
 * counter is not known to the other until it is a certificate. */
static void test_per_class(void **state)
{
    (void)state;
    testdb->policy.serial_per_class = true;
    assert_string_equal(next("B", 2024), "沪建安B（2024）0000001");
    assert_string_equal(next("B", 2024), "沪建安B（2024）0000002");
    assert_string_equal(next("A", 2024), "沪建安A（2024）0000001");
    electronic(3);
    assert_string_equal(next("B", 2024), "沪建安B（2024）0000004");
    assert_string_equal(next("A", 2024), "沪建安A（2024）0000002");
    assert_string_equal(next("A", 2024), "沪建安A（2024）0000004");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM counter"
                                           " WHERE name IN ('serial.2024.A', 'serial.2024.B')"),
                     2);
}

static void test_passed_over(void **state)
{
    static const char *const papers[] = {
        "沪建安A（2024）0000001",  "沪建安B（2024）0000002",  "沪建安C（2024）0000003",
        "沪建安C1（2024）0000004", "沪建安C2（2024）0000005", "沪建安C3（2024）0000006",
        "沪建安B（2023）0000008", /* another year's */
        "苏建安B（2024）0000008", /* another province's */
    };

    (void)state;
    counter("serial.2024", 0);
    for (size_t i = 0; i < COUNT(papers); i++)
        testdb_paper(testdb, i + 1, 1, 1, papers[i], testdb_today);
    electronic(7);
    assert_string_equal(next("B", 2024), "沪建安B（2024）0000008");
    electronic(9);
    electronic(10);
    assert_string_equal(next("C3", 2024), "沪建安C3（2024）0000011");
}

/* The first of a year begins behind what came from elsewhere. */
static void test_first_of_a_year(void **state)
{
    (void)state;
    electronic(41);
    electronic(17);
    testdb_paper(testdb, 1, 1, 1, "沪建安A（2024）0000042", testdb_today);
    assert_string_equal(next("B", 2024), "沪建安B（2024）0000043");
    assert_string_equal(next("B", 2023), "沪建安B（2023）0000001");
}

/* What was rolled back was never given: nobody has seen it. */
static void test_rolled_back(void **state)
{
    struct taking taking = {testdb->db, testdb->pool, "B", 2026, true, ""};
    struct err err = {0};

    (void)state;
    assert_int_equal(db_transact(testdb->db, take, &taking, &err), -1);
    assert_string_equal(taking.number, "沪建安B（2026）0000001");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM counter"), 0);
    assert_string_equal(next("A", 2026), "沪建安A（2026）0000001");
    assert_int_equal(db_transact(testdb->db, take, &taking, &err), -1);
    assert_string_equal(next("A", 2026), "沪建安A（2026）0000002");
}

/* Who comes second waits for the first to end, however that ends. */
static void test_second_waits(void **state)
{
    struct db *other = testdb_connect(testdb);
    char first[NUMBER_SIZE], second[NUMBER_SIZE];
    struct err err = {0};

    (void)state;
    next("B", 2026);
    testdb_sql(testdb, "SET innodb_lock_wait_timeout = 1");
    assert_int_equal(db_begin(other, &err), 0);
    assert_int_equal(
        serial_next(other, testdb->pool, &testdb->core, "B", 2026, first, &err), 0);
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(
        serial_next(testdb->db, testdb->pool, &testdb->core, "A", 2026, second, &err), -1);
    assert_int_equal(err.kind, ERR_DB_RETRY);
    db_rollback(testdb->db);
    assert_int_equal(db_commit(other, &err), 0);
    testdb_sql(testdb, "SET innodb_lock_wait_timeout = 50");
    assert_string_equal(first, "沪建安B（2026）0000002");
    assert_string_equal(next("A", 2026), "沪建安A（2026）0000003");
    db_free(&other);
}

enum { THREADS = 4, EACH = 50 };

struct taker {
    pthread_t thread;
    struct db *db;
    const char *class_code;
    int serials[EACH], failed;
};

static void *take_many(void *context)
{
    struct taker *taker = context;
    struct pool *pool = pool_new(0, 0);

    for (int i = 0; i < EACH; i++) {
        struct taking taking = {taker->db, pool, taker->class_code, 2026, false, ""};
        char class_code[3];
        struct err err = {0};
        uint32_t serial = 0;
        int year;

        if (db_transact(taker->db, take, &taking, &err) < 0 ||
            !certificate_number_parts(taking.number, class_code, &year, &serial))
            taker->failed++;
        taker->serials[i] = (int)serial;
        pool_reset(pool);
    }
    pool_free(&pool);
    return NULL;
}

static void test_at_once(void **state)
{
    static const char *const classes[THREADS] = {"A", "B", "C1", "C3"};
    bool given[THREADS * EACH + 1] = {false};
    struct taker takers[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){.db = testdb_connect(testdb), .class_code = classes[i]};
        pthread_create(&takers[i].thread, NULL, take_many, &takers[i]);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(takers[i].thread, NULL);
        db_free(&takers[i].db);
    }
    for (size_t i = 0; i < THREADS; i++)
        for (size_t n = 0; n < EACH; n++) {
            assert_int_equal(takers[i].failed, 0);
            assert_in_range(takers[i].serials[n], 1, THREADS * EACH);
            assert_false(given[takers[i].serials[n]]);
            given[takers[i].serials[n]] = true;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_used_up, set_up),
        cmocka_unit_test_setup(test_used_up_by_paper, set_up),
        cmocka_unit_test_setup(test_over_all_classes, set_up),
        cmocka_unit_test_setup(test_per_class, set_up),
        cmocka_unit_test_setup(test_passed_over, set_up),
        cmocka_unit_test_setup(test_first_of_a_year, set_up),
        cmocka_unit_test_setup(test_rolled_back, set_up),
        cmocka_unit_test_setup(test_second_waits, set_up),
        cmocka_unit_test_setup(test_at_once, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
