/* One text over everything: how loosely it is read, and what it finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/report/search.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, OTHER = 2 };

static struct testdb *testdb;

static const char *const names[] = {"张三", "张三丰", "张四", "𠮷田", "𠮷", "𬭚某", "100%", "1000", "WANG LI"};
enum { PEOPLE = sizeof(names) / sizeof(names[0]) };

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER);
    testdb_sql(testdb, "UPDATE enterprise SET uscc = '11100000000013338W' WHERE id = 2");
    for (unsigned i = 0; i < PEOPLE; i++)
        testdb_person(testdb, i + 1, "111", names[i], (struct bytes){NULL, 0});
    for (uint64_t id = 1; id <= 3; id++)
        testdb_certificate(testdb, &(struct testdb_certificate){.id = id, .firm = FIRM, .person = id});
    testdb_number_of(testdb, 1, "11010519491231002X");
    testdb_paper(testdb, 1, FIRM, 4, "沪建安C（2019）0000077", testdb_today);
    return 0;
}

static struct search_wanted read_text(const char *text)
{
    struct search_wanted wanted;

    search_read(testdb->pool, &testdb->core, text, testdb_today, &wanted);
    return wanted;
}

static struct search_result look(const char *text, struct search_pages pages)
{
    const struct search_wanted wanted = read_text(text);
    struct search_result result;
    struct err err = {0};

    if (search_all(testdb->db, testdb->pool, &testdb->core, &wanted, &pages, &result, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return result;
}

static const struct search_pages first = {.limit = 20};

static void test_numbers_are_read_loosely(void **state)
{
    static const struct {
        const char *text;
        int year;
        uint32_t serial;
        const char *number;
    } rows[] = {
        {"沪建安C3（2026）0000012", 2026, 12, "沪建安C3（2026）0000012"},
        {" 沪 建安 c3 (2026) 0000012 ", 2026, 12, "沪建安C3（2026）0000012"},
        {"建安Ｂ【２０２６】0000012", 2026, 12, "沪建安B（2026）0000012"},
        {"C120260000012", 2026, 12, "沪建安C1（2026）0000012"},
        {"C20260000012", 2026, 12, "沪建安C（2026）0000012"},
        {"2026-0000012", 2026, 12, ""},
        {"20260000012", 2026, 12, ""},
        {"D20260000012", 0, 0, ""},
        {"沪建安C4（2026）0000012", 0, 0, ""},
        {"沪建安B（2026）000012", 0, 0, ""},
        {"沪建安B（2026）00000012", 0, 0, ""},
        {"00000000012", 0, 12, ""},
        {"张三", 0, 0, ""},
        {"", 0, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct search_wanted wanted = read_text(rows[i].text);

        assert_string_equal(wanted.number, rows[i].number);
        assert_int_equal(wanted.year, rows[i].year);
        if (rows[i].year)
            assert_int_equal(wanted.serial, rows[i].serial);
    }
    assert_string_equal(read_text("jz20261123-00000042").matter, "JZ20261123-00000042");
    assert_string_equal(read_text("JZ 20261123 00000042").matter, "JZ20261123-00000042");
    assert_string_equal(read_text("JZ20261323-00000042").matter, "");
    assert_string_equal(read_text("11100000000013338w").uscc, "11100000000013338W");
}

/* What may be a person's number must not stand in an address. */
static void test_secrets(void **state)
{
    static const struct {
        const char *text;
        bool secret;
    } rows[] = {
        {"11010519491231002X", true}, {"11010519491231002x ", true}, {"H12345678", true},
        {"海字第12345678号", true},   {"E12345678", true},           {"01234567", true},
        {"20260000012", true},        {"沪建安B（2026）0000012", false},
        {"JZ20261123-00000042", false}, {"11100000000013338W", false}, {"张三", false},
        {"WANG LI", false},           {"上海建工", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (read_text(rows[i].text).secret != rows[i].secret)
            fail_msg("%s: secret %d", rows[i].text, !rows[i].secret);
}

static void test_certificates_and_papers(void **state)
{
    struct search_result result;

    (void)state;
    result = look("20240000002", first);
    assert_int_equal(result.certificate_count, 1);
    assert_string_equal(result.certificates[0].row.number, "沪建安B（2024）0000002");
    assert_int_equal(result.certificates[0].person_id, 2);
    assert_string_equal(result.certificates[0].enterprise_name, "测试建筑1有限公司");
    assert_int_equal(look("沪建安A（2024）0000002", first).certificate_count, 0);
    assert_int_equal(look("沪建安B（2024）0000002", first).certificate_count, 1);
    result = look("2019 0000077", first);
    assert_int_equal(result.certificate_count, 0);
    assert_int_equal(result.paper_count, 1);
    assert_string_equal(result.papers[0].holder_name, "𠮷田");
    assert_int_equal(look("沪建安B（2019）0000077", first).paper_count, 0);
    testdb_sql(testdb, "UPDATE certificate_version SET identifier ="
                       " '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U'"
                       " WHERE certificate_id = 3");
    result = look("1.2.156.3005.2.11100000000013338W011.11430000006122244l.20230000403.001.u", first);
    assert_int_equal(result.certificate_count, 1);
    assert_int_equal(result.certificates[0].row.id, 3);
    assert_int_equal(result.certificates[0].version, 1);
    /* A wrong check character is no identifier. */
    result = look("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.S", first);
    assert_int_equal(result.certificate_count, 0);
}

static void test_names(void **state)
{
    struct search_result result = look("张三", first);

    (void)state;
    assert_int_equal(result.people.count, 2);
    assert_string_equal(result.people.rows[0].name, "张三");
    assert_int_equal(result.people.rows[0].certificates, 1);
    assert_string_equal(result.people.rows[0].masked, "110105********002X");
    assert_string_equal(result.people.rows[1].name, "张三丰");
    /* Rare characters are told apart, and a wildcard is a character. */
    assert_int_equal(look("𠮷", first).people.count, 2);
    assert_string_equal(look("𬭚", first).people.rows[0].name, "𬭚某");
    assert_int_equal(look("𬭚", first).people.count, 1);
    assert_int_equal(look("100%", first).people.count, 1);
    assert_int_equal(look("%", first).people.count, 0);
    assert_int_equal(look("", first).people.count, 0);
    assert_int_equal(look("三", first).people.count, 0);
}

static void test_pages(void **state)
{
    struct search_pages pages = {.limit = 2};
    struct search_result result = look("张", pages);

    (void)state;
    assert_int_equal(result.people.count, 2);
    assert_true(result.people.next != 0);
    pages.people_after = result.people.next;
    pages.people_only = true;
    result = look("张", pages);
    assert_int_equal(result.people.count, 1);
    assert_string_equal(result.people.rows[0].name, "张四");
    assert_int_equal(result.people.next, 0);
    assert_int_equal(result.firms.count, 0);
    pages = (struct search_pages){.limit = 1};
    result = look("测试建筑", pages);
    assert_int_equal(result.firms.count, 1);
    pages.firms_after = result.firms.next;
    pages.firms_only = true;
    result = look("测试建筑", pages);
    assert_int_equal(result.firms.count, 1);
    assert_int_equal(result.firms.rows[0].id, OTHER);
    assert_int_equal(result.firms.next, 0);
}

static void test_firms_and_matters(void **state)
{
    (void)state;
    assert_int_equal(look("11100000000013338w", first).firms.count, 1);
    assert_int_equal(look("11100000", first).firms.rows[0].id, OTHER);
    assert_int_equal(look("测试建筑2", first).firms.rows[0].id, OTHER);
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, enterprise_id, state, items,"
                       " opened_by_kind, opened_at, person_id, holder_name)"
                       " VALUES (42, 'cancel', '2026-02-01', 1, 'done', 1, 1, NOW(3), 1, '张三')");
    struct search_result result = look("zx20260201-00000042", first);
    assert_true(result.matter_found);
    assert_string_equal(result.matter.holder_name, "张三");
    assert_false(look("ZX20260202-00000042", first).matter_found);
    assert_false(look("JZ20260201-00000042", first).matter_found);
}

struct asking {
    const struct search_wanted *wanted;
    struct search_result *result;
};

static int ask(void *context, struct err *err)
{
    const struct asking *asking = context;
    const struct actor actor = {ACTOR_STAFF, 5, "request-1"};

    return search_documents(testdb->db, testdb->pool, &testdb->core, &actor, asking->wanted,
                            asking->result, err);
}

static void test_documents(void **state)
{
    struct search_wanted wanted = read_text("11010519491231002x");
    struct search_result result = {0};
    struct asking asking = {&wanted, &result};
    struct err err = {0};

    (void)state;
    assert_int_equal(db_transact(testdb->db, ask, &asking, &err), 0);
    assert_int_equal(result.documents.count, 1);
    assert_int_equal(result.documents.rows[0].id, 1);
    wanted = read_text("310101199001010019");
    assert_int_equal(db_transact(testdb->db, ask, &asking, &err), 0);
    assert_int_equal(result.documents.count, 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE action = 'search.document' AND actor_id = 5"
                                           " AND object_kind = 'person' AND object_id = 1"),
                     1);
    /* No number stands in the audit. */
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE detail LIKE '%%1231%%' OR detail LIKE '%%3101%%'"),
                     0);
    testdb_audited(testdb, 2);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_numbers_are_read_loosely, set_up),
    cmocka_unit_test_setup(test_secrets, set_up),
    cmocka_unit_test_setup(test_certificates_and_papers, set_up),
    cmocka_unit_test_setup(test_names, set_up),
    cmocka_unit_test_setup(test_pages, set_up),
    cmocka_unit_test_setup(test_firms_and_matters, set_up),
    cmocka_unit_test_setup(test_documents, set_up),
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
