/* Facts: all that is known of a person and a firm, and nothing of anybody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/rules/facts.h"
#include "tests/core/testdb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FIRM = 1, SECOND = 2, OUTSIDE = 3 };
enum { ALL = 1, NOTHING = 2, OTHER = 3 }; /* people: one who has everything, one who has nothing */

static struct testdb *testdb;
static const struct bytes photo = {(const uint8_t *)"photo", 5};

static struct facts load(uint64_t person, uint64_t firm, int expected)
{
    struct facts facts;
    struct err err = {0};
    int found = facts_load(testdb->db, testdb->pool, &testdb->core, person, firm, testdb_today,
                           KNOW_ALL, &facts, &err);

    if (found != expected)
        fail_msg("%d: %s", found, err.text);
    return facts;
}

static const struct holding *held(const struct facts *facts, bool paper, uint64_t id)
{
    for (size_t i = 0; i < facts->holding_count; i++)
        if (facts->holdings[i].paper == paper && facts->holdings[i].id == id)
            return &facts->holdings[i];
    fail_msg("%s %d is not there", paper ? "paper" : "certificate", (int)id);
    return NULL;
}

static void hold(const struct testdb_certificate *what)
{
    testdb_certificate(testdb, what);
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    for (uint64_t firm = FIRM; firm <= OUTSIDE; firm++)
        testdb_firm(testdb, firm);
    testdb_sql(testdb, "UPDATE enterprise SET region = 'outside' WHERE id = %d", OUTSIDE);
    testdb_person(testdb, ALL, "111", "张三", photo);
    testdb_person(testdb, NOTHING, "414", "WANG WU", (struct bytes){NULL, 0});
    testdb_person(testdb, OTHER, "111", "李四", photo);
    return 0;
}

static void test_nobody(void **state)
{
    static const struct {
        uint64_t person, firm;
    } rows[] = {{99, FIRM}, {ALL, 99}, {0, 0}};
    struct facts facts;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        load(rows[i].person, rows[i].firm, 0);
    assert_int_equal(
        facts_load_firm_counted(testdb->db, testdb->pool, 99, testdb_today, &facts, &err), 0);
    assert_int_equal(facts_lock(testdb->db, testdb->pool, 99, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void test_nothing(void **state)
{
    struct facts facts;

    (void)state;
    facts = load(NOTHING, OUTSIDE, 1);
    assert_int_equal(facts.person.id, NOTHING);
    assert_string_equal(facts.person.name, "WANG WU");
    assert_string_equal(facts.person.id_type, "414");
    assert_int_equal(facts.person.capture_id, 0);
    assert_false(facts.firm.local);
    assert_false(facts.firm.led_by_person);
    assert_int_equal(facts.firm.legal_certificate, 0);
    assert_int_equal(facts.holding_count, 0);
    assert_int_equal(facts.exam_count, 0);
    assert_true(date_is_none(facts.insured));
    assert_int_equal(facts.outdated, 0);
    assert_null(facts.holding);
    assert_null(facts.exam);
    assert_int_equal(date_compare(facts.today, testdb_today), 0);
}

static void test_person_and_firm(void **state)
{
    struct facts facts;

    (void)state;
    facts = load(ALL, FIRM, 1);
    assert_string_equal(facts.firm.name, "测试建筑1有限公司");
    assert_string_equal(facts.firm.uscc, "000000000000000001");
    assert_true(facts.firm.local);
    assert_string_equal(facts.person.name, "张三");
    assert_string_equal(facts.person.id_no_masked, "110105********0001");
    assert_int_equal(facts.person.sex, 1);
    assert_int_equal(date_compare(facts.person.birth, (struct date){1980, 5, 6}), 0);
    assert_int_equal(facts.person.capture_id,
                     testdb_number(testdb, "SELECT capture_id FROM person WHERE id = %d", ALL));
}

/* Name, type and document, all three. */
static void test_led_by_person(void **state)
{
    static const struct {
        const char *change;
        bool led;
    } rows[] = {
        {"UPDATE enterprise SET legal_rep_name = '张三丰'", 0},
        {"UPDATE enterprise SET legal_rep_name = '张三 '", 1},
        {"UPDATE enterprise SET legal_rep_id_type = '114'", 0},
        {"UPDATE enterprise SET legal_rep_id_hash = REPEAT('x', 32)", 0},
        {"UPDATE enterprise SET legal_rep_id_hash = NULL, legal_rep_id_type = NULL", 0},
        {"UPDATE person SET name = '张四' WHERE id = 1", 0},
        {"DO 0", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        set_up(NULL);
        testdb_leads(testdb, FIRM, ALL);
        testdb_sql(testdb, "%s", rows[i].change);
        if (load(ALL, FIRM, 1).firm.led_by_person != rows[i].led)
            fail_msg("%s", rows[i].change);
        assert_false(load(ALL, SECOND, 1).firm.led_by_person);
        assert_false(load(OTHER, FIRM, 1).firm.led_by_person);
    }
}

/* Another's A as legal representative, in force or suspended, in this firm. */
static void test_legal_certificate(void **state)
{
    static const struct {
        struct testdb_certificate certificate;
        bool counts;
    } rows[] = {
        {{.id = 11, .firm = FIRM, .person = ALL, .class_code = "A", .post = "01"}, 0},
        {{.id = 11, .firm = SECOND, .person = OTHER, .class_code = "A", .post = "01"}, 0},
        {{.id = 11, .firm = FIRM, .person = OTHER, .class_code = "A", .post = "02"}, 0},
        {{.id = 11, .firm = FIRM, .person = OTHER, .class_code = "A", .post = "01", .state = "04"},
         0},
        {{.id = 11, .firm = FIRM, .person = OTHER, .class_code = "A", .post = "01",
          .until = {2026, 2, 28}},
         0},
        {{.id = 11, .firm = FIRM, .person = OTHER, .class_code = "A", .post = "01", .state = "02"},
         1},
        {{.id = 11, .firm = FIRM, .person = OTHER, .class_code = "A", .post = "01",
          .until = {2026, 3, 1}},
         1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        set_up(NULL);
        hold(&rows[i].certificate);
        if (load(ALL, FIRM, 1).firm.legal_certificate != (rows[i].counts ? 11 : 0))
            fail_msg("row %zu", i);
    }
}

static void test_certificate(void **state)
{
    const struct holding *holding;
    struct facts facts;

    (void)state;
    hold(&(struct testdb_certificate){.id = 11,
                                      .firm = SECOND,
                                      .person = ALL,
                                      .class_code = "C2",
                                      .firm_name = "旧名有限公司",
                                      .held = {2025, 6, 7},
                                      .version = 3});
    facts = load(ALL, FIRM, 1);
    assert_int_equal(facts.holding_count, 1);
    holding = held(&facts, false, 11);
    assert_string_equal(holding->number, "沪建安C2（2024）0000011");
    assert_string_equal(holding->class_code, "C2");
    assert_string_equal(holding->post, "08");
    assert_string_equal(holding->state, "01");
    assert_false(holding->moves);
    assert_int_equal(holding->enterprise_id, SECOND);
    assert_string_equal(holding->enterprise_name, "测试建筑2有限公司");
    assert_int_equal(date_compare(holding->first_issued, (struct date){2024, 1, 10}), 0);
    assert_int_equal(date_compare(holding->valid_from, (struct date){2024, 1, 10}), 0);
    assert_int_equal(date_compare(holding->valid_until, (struct date){2027, 1, 9}), 0);
    assert_int_equal(date_compare(holding->held_since, (struct date){2025, 6, 7}), 0);
    assert_int_equal(holding->version, 3);
    assert_int_equal(holding->pending_id, 0);
    assert_string_equal(holding->pending, "");
    assert_int_equal(holding->hours, 0);
    assert_false(holding->chosen);
    assert_int_equal(load(OTHER, SECOND, 1).holding_count, 0);
}

/* The state is that of the day; a reason that leaves the way open is told. */
static void test_states(void **state)
{
    static const struct {
        const char *state, *reason;
        struct date until;
        const char *expected;
        bool moves, held;
    } rows[] = {
        {"01", NULL, {2026, 3, 1}, "01", 0, 1},  {"01", NULL, {2026, 2, 28}, "05", 0, 0},
        {"02", NULL, {2026, 3, 1}, "02", 0, 1},  {"02", NULL, {2026, 2, 28}, "02", 0, 1},
        {"03", NULL, {2027, 3, 1}, "03", 0, 0},  {"04", "01", {2027, 3, 1}, "04", 1, 0},
        {"04", "02", {2027, 3, 1}, "04", 0, 0},  {"04", "99", {2027, 3, 1}, "04", 0, 0},
        {"04", "zz", {2027, 3, 1}, "04", 0, 0},  {"04", NULL, {2027, 3, 1}, "04", 0, 0},
        {"05", NULL, {2026, 2, 28}, "05", 0, 0}, {"06", NULL, {2027, 3, 1}, "06", 0, 0},
        {"07", NULL, {2027, 3, 1}, "07", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct holding *holding;
        struct facts facts;

        set_up(NULL);
        hold(&(struct testdb_certificate){.id = 11,
                                          .firm = FIRM,
                                          .person = ALL,
                                          .state = rows[i].state,
                                          .reason = rows[i].reason,
                                          .until = rows[i].until});
        facts = load(ALL, FIRM, 1);
        holding = held(&facts, false, 11);
        assert_string_equal(holding->state, rows[i].expected);
        assert_int_equal(holding->moves, rows[i].moves);
        assert_int_equal(holding_held(holding), rows[i].held);
    }
}

static void test_legal_holding(void **state)
{
    static const struct {
        const char *class_code, *post;
        bool legal;
    } rows[] = {{"A", "02", 0}, {"B", "01", 0}, {"B", "07", 0}, {"A", "01", 1}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct holding holding = {.class_code = rows[i].class_code, .post = rows[i].post};

        assert_int_equal(holding_legal(&holding), rows[i].legal);
    }
}

/* On paper, valid and not exchanged. */
static void test_paper(void **state)
{
    const struct holding *holding;
    struct facts facts;

    (void)state;
    testdb_paper(testdb, 21, SECOND, ALL, "沪建安B（2020）0000021", testdb_today);
    testdb_paper(testdb, 22, FIRM, ALL, "沪建安B（2020）0000022", date_add_days(testdb_today, -1));
    testdb_paper(testdb, 23, FIRM, ALL, "沪建安B（2020）0000023", testdb_today);
    testdb_sql(testdb, "UPDATE paper_certificate SET certificate_id = 5 WHERE id = 23");
    testdb_paper(testdb, 24, FIRM, OTHER, "沪建安B（2020）0000024", testdb_today);
    facts = load(ALL, FIRM, 1);
    assert_int_equal(facts.holding_count, 1);
    holding = held(&facts, true, 21);
    assert_string_equal(holding->state, "01");
    assert_string_equal(holding->number, "沪建安B（2020）0000021");
    assert_string_equal(holding->enterprise_name, "测试建筑2有限公司");
    assert_int_equal(holding->enterprise_id, SECOND);
    assert_int_equal(holding->version, 0);
    assert_int_equal(holding->pending_id, 0);
    assert_int_equal(date_compare(holding->valid_until, testdb_today), 0);
}

static void test_exams(void **state)
{
    static const uint64_t newest_first[] = {34, 32, 31};
    struct facts facts;

    (void)state;
    testdb_exam(testdb, 31, FIRM, ALL, "B", "07", "2024-01-01");
    testdb_exam(testdb, 32, FIRM, ALL, "C1", "08", "2025-06-01");
    testdb_exam(testdb, 33, SECOND, ALL, "B", "07", "2026-02-01"); /* another firm's */
    testdb_exam(testdb, 34, FIRM, ALL, "A", "02", "2025-06-01");   /* the same day, later noted */
    testdb_exam(testdb, 35, FIRM, ALL, "B", "07", "2026-02-01");   /* not passed */
    testdb_exam(testdb, 36, FIRM, OTHER, "B", "07", "2026-02-01");
    testdb_sql(testdb, "UPDATE exam_result SET passed = FALSE WHERE id = 35");
    testdb_sql(testdb, "UPDATE exam_result SET certificate_id = 7 WHERE id = 31");
    facts = load(ALL, FIRM, 1);
    assert_int_equal(facts.exam_count, COUNT(newest_first));
    for (size_t i = 0; i < COUNT(newest_first); i++)
        assert_int_equal(facts.exams[i].id, newest_first[i]);
    assert_string_equal(facts.exams[0].number, "KS34");
    assert_string_equal(facts.exams[0].class_code, "A");
    assert_string_equal(facts.exams[0].post, "02");
    assert_int_equal(facts.exams[0].score, 85);
    assert_int_equal(facts.exams[0].certificate_id, 0);
    assert_int_equal(date_compare(facts.exams[0].date, (struct date){2025, 6, 1}), 0);
    assert_int_equal(facts.exams[2].certificate_id, 7);
}

static void test_insured(void **state)
{
    (void)state;
    testdb_insured(testdb, FIRM, ALL, "2025-11-01");
    testdb_insured(testdb, FIRM, ALL, "2026-01-01");
    testdb_insured(testdb, FIRM, ALL, "2025-12-01");
    testdb_insured(testdb, SECOND, ALL, "2026-02-01");
    testdb_insured(testdb, FIRM, OTHER, "2026-02-01");
    assert_int_equal(date_compare(load(ALL, FIRM, 1).insured, (struct date){2026, 1, 1}), 0);
    assert_int_equal(date_compare(load(ALL, SECOND, 1).insured, (struct date){2026, 2, 1}), 0);
    assert_true(date_is_none(load(ALL, OUTSIDE, 1).insured));
}

/* Hours of the certificate's own class, from its first day to its last. */
static void test_hours(void **state)
{
    static const struct {
        const char *class_code, *day;
        unsigned hours;
    } records[] = {
        {"B", "2024-01-09", 1},  {"B", "2024-01-10", 2},  {"B", "2025-05-05", 4},
        {"B", "2027-01-09", 8},  {"B", "2027-01-10", 16}, {"C1", "2025-05-05", 32},
        {"C2", "2025-05-05", 64},
    };
    struct facts facts;

    (void)state;
    hold(&(struct testdb_certificate){.id = 11, .firm = FIRM, .person = ALL});
    hold(&(struct testdb_certificate){.id = 12, .firm = SECOND, .person = ALL, .class_code = "C1"});
    hold(&(struct testdb_certificate){.id = 13, .firm = FIRM, .person = ALL, .class_code = "A"});
    hold(&(struct testdb_certificate){.id = 14, .firm = FIRM, .person = OTHER, .class_code = "C2"});
    testdb_paper(testdb, 11, FIRM, ALL, "沪建安B（2020）0000011", testdb_today); /* the same id */
    for (size_t i = 0; i < COUNT(records); i++)
        testdb_educated(testdb, i + 1, ALL, records[i].class_code, records[i].hours, records[i].day);
    testdb_educated(testdb, 99, OTHER, "B", 100, "2025-05-05");
    facts = load(ALL, FIRM, 1);
    assert_int_equal(facts.holding_count, 4);
    assert_int_equal(held(&facts, false, 11)->hours, 14);
    assert_int_equal(held(&facts, false, 12)->hours, 32);
    assert_int_equal(held(&facts, false, 13)->hours, 0);
    assert_int_equal(held(&facts, true, 11)->hours, 0);
}

static void test_pending(void **state)
{
    const struct holding *holding;
    struct facts facts;

    (void)state;
    hold(&(struct testdb_certificate){.id = 11, .firm = SECOND, .person = ALL});
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, enterprise_id, state,"
                       " opened_by_kind, opened_at) VALUES (7, 'cancel', '2026-02-27', 2,"
                       " 'signing', 1, NOW(3))");
    testdb_sql(testdb, "UPDATE certificate SET pending_matter_id = 7");
    facts = load(ALL, FIRM, 1);
    holding = held(&facts, false, 11);
    assert_int_equal(holding->pending_id, 7);
    assert_string_equal(holding->pending, "ZX20260227-00000007");
}

/* Everything of one person at once, in firms of all kinds; nothing of it is another's. */
static void test_everything(void **state)
{
    static const char *const classes[] = {"A", "B", "C1", "C2", "C3"};
    struct facts facts;

    (void)state;
    for (uint64_t id = 1; id <= 40; id++) {
        hold(&(struct testdb_certificate){.id = id,
                                          .firm = 1 + id % 3,
                                          .person = id % 2 ? ALL : OTHER,
                                          .class_code = classes[id % 5]});
        testdb_exam(testdb, id, 1 + id % 3, id % 2 ? ALL : OTHER, "B", "07", "2026-01-01");
        testdb_educated(testdb, id, id % 2 ? ALL : OTHER, classes[id % 5], 1, "2026-01-01");
    }
    testdb_paper(testdb, 1, FIRM, ALL, "沪建安B（2020）0000001", testdb_today);
    testdb_leads(testdb, FIRM, ALL);
    testdb_insured(testdb, FIRM, ALL, "2026-02-01");
    facts = load(ALL, FIRM, 1);
    assert_int_equal(facts.holding_count, 21);
    assert_int_equal(facts.exam_count, 7);
    for (size_t i = 0; i < facts.holding_count; i++)
        assert_int_equal(facts.holdings[i].hours, facts.holdings[i].paper ? 0 : 4);
    assert_true(facts.firm.led_by_person);
    assert_int_equal(load(NOTHING, FIRM, 1).holding_count, 0);
}

/* Facts of a firm: certificates in force with another name, that wait for nothing. */
static void test_firm(void **state)
{
    static const struct {
        const char *change;
        uint64_t outdated;
    } rows[] = {
        {"DO 0", 2},
        {"UPDATE certificate SET enterprise_name = '测试建筑1有限公司' WHERE id = 11", 1},
        {"UPDATE certificate SET state = '02' WHERE id = 11", 1},
        {"UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 11", 1},
        {"UPDATE certificate SET valid_until = '2026-03-01' WHERE id = 11", 2},
        {"UPDATE certificate SET pending_matter_id = 5 WHERE id = 11", 1},
        {"UPDATE certificate SET enterprise_id = 2 WHERE id = 11", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct facts facts;
        struct err err = {0};

        set_up(NULL);
        for (uint64_t id = 11; id <= 12; id++)
            hold(&(struct testdb_certificate){
                .id = id, .firm = FIRM, .person = ALL, .firm_name = "旧名有限公司"});
        hold(&(struct testdb_certificate){.id = 13, .firm = FIRM, .person = ALL});
        testdb_sql(testdb, "%s", rows[i].change);
        assert_int_equal(
            facts_load_firm_counted(testdb->db, testdb->pool, FIRM, testdb_today, &facts, &err), 1);
        if (facts.outdated != rows[i].outdated)
            fail_msg("%s: %d", rows[i].change, (int)facts.outdated);
        assert_string_equal(facts.firm.name, "测试建筑1有限公司");
        assert_true(facts.firm.local);
        assert_int_equal(facts.person.id, 0);
    }
}

static void test_find_person(void **state)
{
    static const struct {
        const char *type, *number, *name;
        uint64_t id;
        enum err_kind kind;
    } rows[] = {
        {"111", "11010519491231002", "张三", 0, ERR_INPUT},
        {"111", "110105194912310021", "张三", 0, ERR_INPUT},
        {"111", "", "张三", 0, ERR_INPUT},
        {"000", "11010519491231002X", "张三", 0, ERR_INPUT},
        {"414", "!", "张三", 0, ERR_INPUT},
        {"111", "11010519491231002X", "张四", 0, ERR_NONE},
        {"111", "11010519491231002X", "", 0, ERR_NONE},
        {"414", "11010519491231002", "张三", 0, ERR_NONE},
        {"111", "11010119900307889X", "张三", 0, ERR_NONE}, /* a number, of nobody here */
        {"414", "E12345678", "WANG", 0, ERR_NONE},
        {"111", "11010519491231002X", "张三", ALL, ERR_NONE},
        {"111", " 11010519491231002x ", "张三", ALL, ERR_NONE},
        {"111", "11010519491231002X", NULL, ALL, ERR_NONE},
        {"414", "e12345678", "WANG WU", NOTHING, ERR_NONE},
        {"414", "E12345678", "\u3000WANG  WU ", NOTHING, ERR_NONE},
        {"516", "H12345678", "古丽·示范", OTHER, ERR_NONE},
        {"516", "H12345678", "古丽•示范", OTHER, ERR_NONE}, /* the dots that input methods have */
        {"516", "H12345678", "古丽・示范", OTHER, ERR_NONE},
        {"516", "H12345678", "古丽.示范", OTHER, ERR_NONE},
        {"516", "H12345678", "古丽示范", 0, ERR_NONE},
    };

    (void)state;
    testdb_number_of(testdb, ALL, "11010519491231002X");
    testdb_number_of(testdb, NOTHING, "E12345678");
    testdb_sql(testdb, "UPDATE person SET id_type = '516', name = '古丽·示范' WHERE id = %d", OTHER);
    testdb_number_of(testdb, OTHER, "H12345678");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err err = {0};
        uint64_t id = 99;
        int result = facts_person(testdb->db, testdb->pool, &testdb->core, rows[i].type,
                                  rows[i].number, rows[i].name, testdb_today, &id, &err);

        if (id != rows[i].id || err.kind != rows[i].kind ||
            result != (rows[i].kind == ERR_NONE ? 0 : -1))
            fail_msg("row %zu: %d, %d, %s", i, result, (int)id, err.text);
    }
}

static void test_identity(void **state)
{
    struct identity identity;
    struct err err = {0};

    (void)state;
    testdb_number_of(testdb, ALL, "11010519491231002X");
    assert_int_equal(facts_identity(testdb->db, testdb->pool, &testdb->core, 99, FIRM, &identity,
                                    &err),
                     0);
    assert_int_equal(
        facts_identity(testdb->db, testdb->pool, &testdb->core, ALL, 99, &identity, &err), 0);
    assert_int_equal(
        facts_identity(testdb->db, testdb->pool, &testdb->core, ALL, SECOND, &identity, &err), 1);
    assert_string_equal(identity.id_type, "111");
    assert_string_equal(identity.id_no, "11010519491231002X");
    assert_string_equal(identity.uscc, "000000000000000002");
}

/* A second one waits; only for the same person. */
static void test_lock(void **state)
{
    struct db *other = testdb_connect(testdb);
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "SET innodb_lock_wait_timeout = 1");
    hold(&(struct testdb_certificate){.id = 11, .firm = FIRM, .person = ALL});
    hold(&(struct testdb_certificate){.id = 12, .firm = FIRM, .person = OTHER});
    assert_int_equal(db_begin(other, &err), 0);
    assert_int_equal(facts_lock(other, testdb->pool, ALL, &err), 0);
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(facts_lock(testdb->db, testdb->pool, OTHER, &err), 0);
    assert_int_equal(facts_lock(testdb->db, testdb->pool, ALL, &err), -1);
    assert_int_equal(err.kind, ERR_DB_RETRY);
    db_rollback(testdb->db);
    db_rollback(other);
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(facts_lock(testdb->db, testdb->pool, ALL, &err), 0);
    db_rollback(testdb->db);
    testdb_sql(testdb, "SET innodb_lock_wait_timeout = 50");
    db_free(&other);
}

static struct facts load_some(unsigned know, uint64_t trips)
{
    uint64_t before = db_round_trips(testdb->db);
    struct facts facts;
    struct err err = {0};

    assert_int_equal(facts_load(testdb->db, testdb->pool, &testdb->core, ALL, FIRM, testdb_today,
                                know, &facts, &err), 1);
    assert_int_equal(db_round_trips(testdb->db) - before, trips);
    return facts;
}

static void same_holdings(const struct facts *a, const struct facts *b)
{
    assert_int_equal(a->holding_count, b->holding_count);
    for (size_t i = 0; i < a->holding_count; i++) {
        const struct holding *one = &a->holdings[i], *other = &b->holdings[i];

        assert_int_equal(one->id, other->id);
        assert_int_equal(one->paper, other->paper);
        assert_string_equal(one->state, other->state);
        assert_string_equal(one->enterprise_name, other->enterprise_name);
        assert_string_equal(one->pending, other->pending);
    }
}

/* What is not to be known costs nothing, and makes no difference to the rest; what is unusual costs
 * a round trip more. */
static void test_know(void **state)
{
    static const struct {
        struct testdb_certificate certificate;
        const char *change;
        uint64_t trips, trips_of_moves;
    } rows[] = {
        {{.id = 11, .firm = FIRM, .person = ALL}, "DO 0", 1, 1},
        {{.id = 11, .firm = SECOND, .person = ALL}, "DO 0", 2, 1},
        {{.id = 11, .firm = FIRM, .person = ALL},
         "UPDATE certificate SET state = '04', state_reason = '01'", 1, 2},
        {{.id = 11, .firm = FIRM, .person = ALL},
         "UPDATE certificate SET pending_matter_id = (SELECT MAX(id) FROM matter)", 2, 2},
    };

    (void)state;
    for (int round = 0; round < 2; round++) /* at first the statements are prepared */
        for (size_t i = 0; i < COUNT(rows); i++) {
            set_up(NULL);
            testdb_sql(testdb, "INSERT INTO matter (item, opened_on, enterprise_id, state,"
                               " opened_by_kind, opened_at) VALUES ('cancel', '2026-03-01', %d,"
                               " 'signing', 1, NOW(3))", FIRM);
            hold(&rows[i].certificate);
            testdb_sql(testdb, "%s", rows[i].change);
            struct facts all = load(ALL, FIRM, 1);
            if (round == 0) {
                load(ALL, FIRM, 1);
                facts_load(testdb->db, testdb->pool, &testdb->core, ALL, FIRM, testdb_today, 0,
                           &(struct facts){.holdings = NULL}, NULL);
                continue;
            }
            struct facts few = load_some(0, rows[i].trips);
            struct facts moving = load_some(KNOW_MOVES | KNOW_INSURANCE, rows[i].trips_of_moves);
            same_holdings(&all, &few);
            same_holdings(&all, &moving);
            assert_int_equal(all.holdings[0].moves, moving.holdings[0].moves);
        }
}

/* Hinted at, it comes along with what is asked before. */
static void test_ahead(void **state)
{
    struct facts firm;
    struct err err = {0};

    (void)state;
    hold(&(struct testdb_certificate){.id = 11, .firm = FIRM, .person = ALL});
    struct facts all = load(ALL, FIRM, 1);
    facts_load_firm(testdb->db, testdb->pool, FIRM, testdb_today, &firm, &err);
    uint64_t before = db_round_trips(testdb->db);
    facts_load_ahead(testdb->db, testdb->pool, ALL, FIRM, KNOW_ALL);
    assert_int_equal(
        facts_load_firm(testdb->db, testdb->pool, FIRM, testdb_today, &firm, &err), 1);
    assert_int_equal(db_round_trips(testdb->db) - before, 1);
    struct facts ahead = load_some(KNOW_ALL, 0);
    same_holdings(&all, &ahead);
    assert_string_equal(ahead.person.name, all.person.name);
    /* Another person's are not given out. */
    facts_load_ahead(testdb->db, testdb->pool, OTHER, FIRM, KNOW_ALL);
    assert_int_equal(
        facts_load_firm(testdb->db, testdb->pool, FIRM, testdb_today, &firm, &err), 1);
    load_some(KNOW_ALL, 1);
    db_ahead_drop(testdb->db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nobody, set_up),
        cmocka_unit_test_setup(test_nothing, set_up),
        cmocka_unit_test_setup(test_person_and_firm, set_up),
        cmocka_unit_test_setup(test_led_by_person, set_up),
        cmocka_unit_test_setup(test_legal_certificate, set_up),
        cmocka_unit_test_setup(test_certificate, set_up),
        cmocka_unit_test_setup(test_states, set_up),
        cmocka_unit_test_setup(test_legal_holding, set_up),
        cmocka_unit_test_setup(test_paper, set_up),
        cmocka_unit_test_setup(test_exams, set_up),
        cmocka_unit_test_setup(test_insured, set_up),
        cmocka_unit_test_setup(test_hours, set_up),
        cmocka_unit_test_setup(test_pending, set_up),
        cmocka_unit_test_setup(test_everything, set_up),
        cmocka_unit_test_setup(test_firm, set_up),
        cmocka_unit_test_setup(test_find_person, set_up),
        cmocka_unit_test_setup(test_identity, set_up),
        cmocka_unit_test_setup(test_know, set_up),
        cmocka_unit_test_setup(test_ahead, set_up),
        cmocka_unit_test_setup(test_lock, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
