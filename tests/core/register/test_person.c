/* People: what is wrong with what a clerk types, who is found by what, and who looked at a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/matter/change.h"
#include "core/register/person.h"
#include "tests/core/testdb.h"

#define RESIDENT "11010519491231002X"

static struct testdb *testdb;
static const struct actor clerk = {ACTOR_STAFF, 7, "request-1"};

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    return 0;
}

static struct change change_new(void)
{
    return (struct change){.db = testdb->db,
                           .pool = testdb->pool,
                           .core = &testdb->core,
                           .actor = &clerk,
                           .today = testdb_today,
                           .now_ms = clock_now_ms()};
}

static void finish(struct change *change)
{
    struct err err = {0};

    if (change_end(change, &err) < 0 || db_commit(testdb->db, &err) < 0)
        fail_msg("%s", err.text);
}

static const struct person_data typical = {
    .id_type = "111", .id_no = RESIDENT, .name = "张三", .education = "03", .title = "", .phone = ""};

static void test_numbers(void **state)
{
    static const struct {
        const char *type, *number, *fault; /* a part of it; NULL: right */
    } rows[] = {
        {"111", RESIDENT, NULL},
        {"111", "110105 19491231 002x", NULL},
        {"111", "", "请填写"},
        {"111", "11010519491231002", "18 位"},
        {"111", "1101051949123100211", "18 位"},
        {"111", "11010519491231002A", "校验码"},
        {"111", "110105194912310021", "校验码"},
        {"111", "1101051949I231002X", "数字"},
        {"111", "11010519491331002X", "出生日期"},
        {"111", "11010519490229002X", "出生日期"},
        {"111", "11010520991231002X", "今天之后"},
        {"114", "军字第1234567号", NULL},
        {"114", "军字第1234567", NULL},
        {"114", "军字1234567", "军官证"},
        {"414", "E12345678", NULL},
        {"414", "E123", "护照"},
        {"414", "护照12345", "护照"},
        {"511", "12345678", NULL},
        {"511", "1234567", "8 位"},
        {"516", "H1234567801", NULL},
        {"516", "A12345678", "H 或 M"},
        {"999", "ABCD", NULL},
        {"999", "ABC", "4 个字符"},
        {"000", "ABC", "证件类型"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *fault = document_no_fault(rows[i].type, rows[i].number, testdb_today);

        if (!fault != !rows[i].fault || (fault && !strstr(fault, rows[i].fault)))
            fail_msg("%s %s: %s", rows[i].type, rows[i].number, fault ? fault : "nothing");
    }
}

/* One field is changed, and that field is wrong. */
static void test_fields(void **state)
{
    static const struct {
        struct person_data typed;
        enum person_field wrong; /* PERSON_FIELDS: none */
    } rows[] = {
        {{"111", RESIDENT, "张三", 0, {0}, "03", "", ""}, PERSON_FIELDS},
        {{"111", RESIDENT, "张三", 2, {1949, 12, 31}, "", "02", "021-1234567"}, PERSON_FIELDS},
        {{"111", RESIDENT, "张三", 1, {0}, "03", "", ""}, PERSON_SEX},
        {{"111", RESIDENT, "张三", 0, {1949, 12, 30}, "03", "", ""}, PERSON_BIRTH},
        {{"111", "110105194912310021", "张三", 1, {1980, 1, 1}, "03", "", ""}, PERSON_ID_NO},
        {{"222", RESIDENT, "张三", 1, {1980, 1, 1}, "03", "", ""}, PERSON_ID_TYPE},
        {{"111", RESIDENT, "", 0, {0}, "03", "", ""}, PERSON_NAME},
        {{"111", RESIDENT, "张三3", 0, {0}, "03", "", ""}, PERSON_NAME},
        {{"111", RESIDENT, "<b>", 0, {0}, "03", "", ""}, PERSON_NAME},
        {{"111", RESIDENT, "张\xe2\x80\xae三", 0, {0}, "03", "", ""}, PERSON_NAME},
        {{"111", RESIDENT, "买买提·\xf0\xa0\xae\xb7", 0, {0}, "03", "", ""}, PERSON_FIELDS},
        {{"111", RESIDENT, "张三", 0, {0}, "08", "", ""}, PERSON_EDUCATION},
        {{"111", RESIDENT, "张三", 0, {0}, "03", "06", ""}, PERSON_TITLE},
        {{"111", RESIDENT, "张三", 0, {0}, "03", "", "12"}, PERSON_PHONE},
        {{"111", RESIDENT, "张三", 0, {0}, "03", "", "电话12345"}, PERSON_PHONE},
        {{"414", "E12345678", "JOHN SMITH", 1, {1980, 1, 1}, "03", "", ""}, PERSON_FIELDS},
        {{"414", "E12345678", "JOHN SMITH", 0, {1980, 1, 1}, "03", "", ""}, PERSON_SEX},
        {{"414", "E12345678", "JOHN SMITH", 1, {0}, "03", "", ""}, PERSON_BIRTH},
        {{"414", "E12345678", "JOHN SMITH", 1, {2090, 1, 1}, "03", "", ""}, PERSON_BIRTH},
        {{"414", "E12345678", "JOHN SMITH", 1, {1850, 1, 1}, "03", "", ""}, PERSON_BIRTH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *faults[PERSON_FIELDS];
        struct person_data normal;
        unsigned wrong =
            person_judge(testdb->pool, &rows[i].typed, testdb_today, &normal, faults);

        if (wrong != (rows[i].wrong != PERSON_FIELDS))
            fail_msg("row %zu: %u wrong", i, wrong);
        for (unsigned f = 0; f < PERSON_FIELDS; f++)
            assert_int_equal(faults[f] != NULL, f == rows[i].wrong);
    }
}

static void test_normal(void **state)
{
    const struct person_data typed = {"111", "１１０１０５１９４９１２３１００２ｘ", "　买买提 ・ 艾力 ",
                                      0, {0}, "", "", ""};
    const char *faults[PERSON_FIELDS];
    struct person_data normal;

    (void)state;
    assert_int_equal(person_judge(testdb->pool, &typed, testdb_today, &normal, faults), 0);
    assert_string_equal(normal.id_no, RESIDENT);
    assert_string_equal(normal.name, "买买提 · 艾力");
    assert_int_equal(normal.sex, 2);
    assert_int_equal(date_compare(normal.birth, (struct date){1949, 12, 31}), 0);
    assert_string_equal(normal.education, "99");
}

/* Whatever is typed for the dot of a name is one; that of an initial stays. */
static void test_dots(void **state)
{
    static const char *const rows[][2] = {
        {"阿迪力江·艾尼瓦尔", "阿迪力江·艾尼瓦尔"}, {"阿迪力江•艾尼瓦尔", "阿迪力江·艾尼瓦尔"},
        {"阿迪力江．艾尼瓦尔", "阿迪力江·艾尼瓦尔"}, {"阿迪力江.艾尼瓦尔", "阿迪力江·艾尼瓦尔"},
        {"阿.迪.力", "阿·迪·力"}, {"J. SMITH", "J. SMITH"}, {"王.", "王."}, {".王", ".王"},
        {"王.J", "王.J"}, {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(person_name_normal(testdb->pool, rows[i][0]), rows[i][1]);
}

static uint64_t create(const struct person_data *typed)
{
    struct change change = change_new();
    const char *faults[PERSON_FIELDS];
    struct person_data normal;
    struct err err = {0};
    uint64_t id = 0;

    assert_int_equal(person_judge(testdb->pool, typed, testdb_today, &normal, faults), 0);
    if (db_begin(testdb->db, &err) < 0 || person_create(&change, &normal, &id, &err) < 0)
        fail_msg("%s", err.text);
    finish(&change);
    return id;
}

static void test_create_and_find(void **state)
{
    struct person_data typed = typical;
    struct change change = change_new();
    struct person person;
    struct err err = {0};
    uint64_t id, again;

    (void)state;
    typed.phone = "021-55556666";
    id = create(&typed);
    testdb_audited(testdb, 1);
    assert_int_equal(person_find(testdb->db, testdb->pool, &testdb->core, id, &person, &err), 1);
    assert_string_equal(person.name, "张三");
    assert_string_equal(person.id_no_masked, "110105********002X");
    assert_true(person.has_phone);
    assert_int_equal(person.sex, 2);
    assert_int_equal(person.capture_id, 0);
    assert_int_equal(person_find_document(testdb->db, testdb->pool, &testdb->core, "111", RESIDENT,
                                          &person, &err),
                     1);
    assert_int_equal(person.id, id);
    assert_int_equal(person_find_document(testdb->db, testdb->pool, &testdb->core, "414", RESIDENT,
                                          &person, &err),
                     0);
    assert_int_equal(person_find(testdb->db, testdb->pool, &testdb->core, id + 1, &person, &err), 0);
    /* Nobody twice. */
    assert_int_equal(db_begin(testdb->db, &err), 0);
    typed.sex = 2;
    typed.birth = person.birth;
    assert_int_equal(person_create(&change, &typed, &again, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    db_rollback(testdb->db);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM person WHERE"
                                           " INSTR(id_no_sealed, '110105') OR INSTR(phone_sealed, '5555')"),
                     0);
}

static void test_reveal(void **state)
{
    uint64_t id = create(&typical);
    struct change change = change_new();
    struct err err = {0};
    const char *number;

    (void)state;
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(person_reveal(&change, id, &number, &err), 1);
    assert_string_equal(number, RESIDENT);
    assert_int_equal(person_reveal(&change, id + 1, &number, &err), 0);
    finish(&change);
    testdb_audited(testdb, 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                           " 'person.reveal' AND object_id = %d AND actor_id = 7"
                                           " AND detail = ''",
                                   (int)id),
                     1);
}

static void test_rewrite(void **state)
{
    uint64_t id = create(&typical);
    struct change change = change_new();
    struct person was, now;
    struct person_data data;
    struct err err = {0};

    (void)state;
    testdb_person(testdb, 900, "111", "王五", (struct bytes){NULL, 0});
    testdb_sql(testdb, "UPDATE person SET updated_at = '2026-01-01' WHERE id = %d", (int)id);
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(person_lock(testdb->db, testdb->pool, &testdb->core, id, &was, &err), 1);
    assert_int_equal(person_data_open(testdb->db, testdb->pool, &testdb->core, id, &data, &err), 1);
    assert_string_equal(data.id_no, RESIDENT);
    data.name = "李四";
    data.phone = "12345";
    assert_int_equal(person_rewrite(&change, &was, &data, "person.correct", NULL, &err), 0);
    /* From what it was, once. */
    assert_int_equal(person_rewrite(&change, &was, &data, "person.correct", NULL, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    finish(&change);
    testdb_audited(testdb, 2);
    assert_int_equal(person_find(testdb->db, testdb->pool, &testdb->core, id, &now, &err), 1);
    assert_string_equal(now.name, "李四");
    assert_true(now.has_phone);
    /* Into another's document: no. */
    assert_int_equal(db_begin(testdb->db, &err), 0);
    data.id_no = "110105000000000900";
    assert_int_equal(person_rewrite(&change, &now, &data, "person.correct", NULL, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    db_rollback(testdb->db);
}

static void test_search(void **state)
{
    static const char *const names[] = {"张三", "张三丰", "张四", "张%", "李四", "张三", "𠮷野", "吉野"};
    struct person_page page;
    struct err err = {0};
    uint64_t after = 0;
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        testdb_person(testdb, i + 1, "111", names[i], (struct bytes){NULL, 0});
    do {
        assert_int_equal(person_search(testdb->db, testdb->pool, &testdb->core, "张", after, 2, &page, &err),
                         0);
        for (size_t i = 0; i < page.count; i++)
            assert_memory_equal(page.rows[i].name, "张", 3);
        seen += page.count;
        after = page.next;
    } while (after != 0);
    assert_int_equal(seen, 5);
    assert_int_equal(person_search(testdb->db, testdb->pool, &testdb->core, "张三", 0, 10, &page, &err), 0);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.rows[0].id, 1);
    assert_int_equal(page.rows[1].id, 6);
    assert_int_equal(page.rows[2].id, 2);
    assert_int_equal(person_search(testdb->db, testdb->pool, &testdb->core, "张%", 0, 10, &page, &err), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(person_search(testdb->db, testdb->pool, &testdb->core, "𠮷", 0, 10, &page, &err), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].id, 7);
}

static void test_certificates(void **state)
{
    const struct person_certificate *rows;
    struct err err = {0};
    size_t count;

    (void)state;
    testdb_firm(testdb, 1);
    testdb_firm(testdb, 2);
    testdb_person(testdb, 1, "111", "张三", (struct bytes){NULL, 0});
    testdb_person(testdb, 2, "111", "李四", (struct bytes){NULL, 0});
    testdb_certificate(testdb, &(struct testdb_certificate){.id = 11, .firm = 1, .person = 1});
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = 12, .firm = 2, .person = 1, .class_code = "A", .post = "01"});
    testdb_certificate(testdb, &(struct testdb_certificate){.id = 13, .firm = 2, .person = 2});
    assert_int_equal(person_certificates(testdb->db, testdb->pool, 1, &rows, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].was.id, 12);
    assert_int_equal(rows[0].enterprise_id, 2);
    assert_string_equal(rows[0].class_code, "A");
    assert_int_equal(rows[1].was.id, 11);
    assert_string_equal(rows[1].was.state, "01");
    assert_int_equal(rows[1].was.version, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_numbers), TEST(test_fields),  TEST(test_normal),       TEST(test_create_and_find),
        TEST(test_dots),
        TEST(test_reveal),  TEST(test_rewrite), TEST(test_search),       TEST(test_certificates),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed;
}
