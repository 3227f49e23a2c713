/* What a firm takes away of its certificates at once: a table of them, a ZIP of their documents. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"
#include "core/register/certificate_bundle.h"
#include "core/register/certificate_export.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, OTHER_FIRM = 2, MANY = 1103, FIRST_OTHER = 5001, ROOM = 4 * 1024 * 1024 };

static const char *const columns[] = {
    "证书编号", "姓名", "类别", "职务", "企业名称", "初次领证日期", "有效期起", "有效期止",
    "证书状态", "生成状态",
};
enum { NUMBER, NAME, CLASS, POST, FIRM_NAME, FIRST_ISSUED, FROM, UNTIL, STATE, GENERATION, COLUMNS };

/* Certificates of whom: every tenth is not made yet, every tenth suspended, every tenth out of date;
 * all others (seven of ten) can be downloaded. */
static const char fill_certificates[] =
    "INSERT INTO certificate (id, number, issue_year, serial, class, person_id, enterprise_id,"
    " state, version, holder_name, enterprise_name, post, first_issued, valid_from, valid_until,"
    " held_since, generation, created_at, updated_at)"
    " SELECT seq, CONCAT('沪建安B（2020）', LPAD(seq, 7, '0')), 2020, seq, 'B', seq,"
    " %d, IF(seq MOD 10 = 2, '02', '01'), 1, CONCAT('张', seq), '测试建筑', '07', '2020-01-01',"
    " '2023-01-02', '2026-03-01' - INTERVAL (seq MOD 10 = 3) DAY, '2020-01-01',"
    " IF(seq MOD 10 = 1, 1, 2), NOW(3), NOW(3) FROM seq_%d_to_%d";
static const char fill_documents[] =
    "INSERT INTO document (kind, certificate_id, version, enterprise_id, intent_id, sha256, size,"
    " body, created_at) SELECT 'certificate', id, 1, enterprise_id, id,"
    " UNHEX(SHA2(CONCAT('body ', id), 256)), 1, CONCAT('body ', id), '2026-02-03 04:05:06.000'"
    " FROM certificate WHERE generation = 2";

static struct testdb *testdb;
static char out[ROOM];
static size_t size, room;
static struct err err;

static int take(void *context, const void *data, size_t length)
{
    (void)context;
    if (length > room - size)
        return -1;
    memcpy(out + size, data, length);
    size += length;
    return 0;
}

static const struct sink sink = {take, NULL};

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER_FIRM);
    testdb_sql(testdb, fill_certificates, FIRM, 1, MANY);
    testdb_sql(testdb, fill_certificates, OTHER_FIRM, FIRST_OTHER, FIRST_OTHER + 30);
    testdb_sql(testdb, "%s", fill_documents);
    size = 0;
    room = ROOM;
    return 0;
}

static struct certificate_filter all(uint64_t firm)
{
    return (struct certificate_filter){.enterprise_id = firm, .today = testdb_today};
}

/* The table */

static struct csv *export(const struct certificate_filter *filter)
{
    struct csv *csv = NULL;

    size = 0;
    if (certificate_export(testdb->db, filter, &sink, &err) < 0 ||
        csv_open_memory(out, size, columns, COLUMNS, &csv, &err) < 0)
        fail_msg("%s", err.text);
    return csv;
}

static size_t rows_of(const struct certificate_filter *filter)
{
    const char *fields[COLUMNS];
    struct csv *csv = export(filter);
    size_t rows = 0;

    while (csv_next(csv, fields, &err) == 1)
        rows++;
    csv_close(&csv);
    return rows;
}

static void test_a_table_ends_with_its_reader(void **state)
{
    const struct certificate_filter filter = all(FIRM);

    (void)state;
    for (room = 0; room < 100000; room += 9000) {
        size = 0;
        assert_int_equal(certificate_export(testdb->db, &filter, &sink, &err), -1);
        assert_int_equal(err.code, EPIPE);
    }
}

static void test_a_table_has_the_firms_rows_only(void **state)
{
    struct certificate_filter filter = all(3);
    struct csv *csv;
    const char *fields[COLUMNS];

    (void)state;
    assert_int_equal(rows_of(&filter), 0);
    filter = all(OTHER_FIRM);
    assert_int_equal(rows_of(&filter), 31);
    filter.state = "02";
    assert_int_equal(rows_of(&filter), 3);
    filter = all(FIRM);
    csv = export(&filter);
    for (int i = MANY; i > 0; i--) {
        char number[64];

        assert_int_equal(csv_next(csv, fields, &err), 1);
        snprintf(number, sizeof(number), "沪建安B（2020）%07d", i);
        assert_string_equal(fields[NUMBER], number);
        assert_string_equal(fields[STATE], i % 10 == 2 ? "暂扣" : i % 10 == 3 ? "失效" : "有效");
        assert_string_equal(fields[GENERATION], i % 10 == 1 ? "生成中" : "生成成功");
    }
    assert_string_equal(fields[NAME], "张1");
    assert_string_equal(fields[CLASS], "B");
    assert_string_equal(fields[POST], "项目负责人（项目经理）");
    assert_string_equal(fields[FIRM_NAME], "测试建筑");
    assert_string_equal(fields[FIRST_ISSUED], "2020-01-01");
    assert_string_equal(fields[FROM], "2023-01-02");
    assert_string_equal(fields[UNTIL], "2026-03-01");
    assert_int_equal(csv_next(csv, fields, &err), 0);
    csv_close(&csv);
}

static void test_a_table_runs_no_formulas(void **state)
{
    const struct certificate_filter filter = all(OTHER_FIRM);

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET holder_name = '=HYPERLINK(\"x\")',"
                       " enterprise_name = '@a,b' WHERE enterprise_id = %d", OTHER_FIRM);
    rows_of(&filter);
    out[size] = '\0';
    assert_non_null(strstr(out, ",\"'=HYPERLINK(\"\"x\"\")\","));
    assert_non_null(strstr(out, ",\"'@a,b\","));
}

/* Which documents */

static bool can_be_downloaded(uint64_t id)
{
    return id % 10 == 0 || id % 10 > 3;
}

static struct certificate_pick pick(const struct certificate_filter *filter)
{
    struct certificate_pick found;

    if (certificate_pick_found(testdb->db, testdb->pool, filter, &found, &err) < 0)
        fail_msg("%s", err.text);
    return found;
}

static void test_only_what_can_be_downloaded_is_picked(void **state)
{
    struct certificate_filter filter = all(FIRM);
    struct certificate_pick found = pick(&filter);
    size_t expected = 0;

    (void)state;
    assert_int_equal(found.next, 0);
    for (uint64_t id = MANY; id > 0; id--)
        if (can_be_downloaded(id))
            assert_int_equal(found.ids[expected++], id);
    assert_int_equal(found.count, expected);
    filter.state = "02";
    assert_int_equal(pick(&filter).count, 0);
    filter.state = "05";
    assert_int_equal(pick(&filter).count, 0);
    filter = all(FIRM);
    filter.show = SHOW_GENERATING;
    assert_int_equal(pick(&filter).count, 0);
    filter = all(FIRM);
    filter.name = "张110";
    assert_int_equal(pick(&filter).count, 2); /* 1100, 110 */
}

static void test_a_pick_goes_on_where_it_ended(void **state)
{
    struct certificate_filter filter = all(FIRM);
    struct certificate_pick first, second;

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET generation = 2, state = '01',"
                       " valid_until = '2027-01-01' WHERE enterprise_id = %d AND id <= %d", FIRM,
               BUNDLE_FILES);
    testdb_sql(testdb, "UPDATE certificate SET generation = 1 WHERE id > %d", BUNDLE_FILES);
    first = pick(&filter);
    assert_int_equal(first.count, BUNDLE_FILES);
    assert_int_equal(first.next, 0);
    testdb_sql(testdb, "UPDATE certificate SET generation = 2, state = '01',"
                       " valid_until = '2027-01-01' WHERE id IN (1001, 1002)");
    first = pick(&filter);
    assert_int_equal(first.count, BUNDLE_FILES);
    assert_int_equal(first.next, 3);
    filter.after = first.next;
    second = pick(&filter);
    assert_int_equal(second.count, 2);
    assert_int_equal(second.ids[0], 2);
    assert_int_equal(second.next, 0);
}

static void test_ids_are_the_firms_and_ready(void **state)
{
    static const struct {
        uint64_t ids[3];
        size_t count;
        int result;
    } rows[] = {
        {{5, 6, FIRST_OTHER + 4}, 3, 0}, {{FIRST_OTHER + 4}, 1, 0}, {{1, 5}, 2, 0}, {{2}, 1, 0},
        {{3}, 1, 0},                     {{999999}, 1, 0},          {{5}, 1, 1},    {{5, 6, 10}, 3, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct certificate_pick found;
        int result = certificate_pick_ids(testdb->db, testdb->pool, FIRM, testdb_today,
                                          rows[i].ids, rows[i].count, &found, &err);

        if (result != rows[i].result)
            fail_msg("row %zu: %d", i, result);
    }
}

/* The ZIP */

static bool has(const char *text)
{
    return memmem(out, size, text, strlen(text)) != NULL;
}

static int bundle(const struct certificate_pick *found)
{
    size = 0;
    return certificate_bundle(testdb->db, found, &sink, &err);
}

static void test_a_broken_bundle_has_no_end(void **state)
{
    static const struct {
        const char *change;
        enum err_kind kind;
    } rows[] = {
        {"UPDATE document SET body = 'changed' WHERE certificate_id", ERR_DOCUMENT},
        {"UPDATE document SET sha256 = UNHEX(SHA2('x', 256)) WHERE certificate_id",
         ERR_DOCUMENT},
        {"DELETE FROM document WHERE certificate_id", ERR_CONFLICT},
        {"UPDATE certificate SET state = '04' WHERE id", ERR_CONFLICT},
        {"UPDATE certificate SET enterprise_id = 2 WHERE id", ERR_CONFLICT},
    };
    const struct certificate_filter filter = all(FIRM);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_up(state);
        struct certificate_pick found = pick(&filter);

        testdb_sql(testdb, "%s = 500", rows[i].change);
        assert_int_equal(bundle(&found), -1);
        assert_int_equal(err.kind, rows[i].kind);
        assert_true(has("body 1100"));
        assert_false(has("body 490"));
        assert_false(has("PK\5\6"));
    }
    set_up(state);
    struct certificate_pick found = pick(&filter);
    for (room = 0; room < 30000; room += 7000) {
        assert_int_equal(bundle(&found), -1);
        assert_int_equal(err.code, EPIPE);
    }
}

static void test_a_bundle_has_every_document(void **state)
{
    const struct certificate_filter filter = all(FIRM);
    struct certificate_pick found = pick(&filter);
    char text[64];

    (void)state;
    assert_int_equal(bundle(&found), 0);
    assert_memory_equal(out + size - 22, "PK\5\6", 4);
    for (uint64_t id = 1; id <= MANY; id++) {
        snprintf(text, sizeof(text), "沪建安B（2020）%07llu 张%llu.pdf", (unsigned long long)id,
                 (unsigned long long)id);
        assert_int_equal(has(text), can_be_downloaded(id));
    }
    assert_true(has("body 1100"));
    assert_true(has("body 4"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(test_a_table_ends_with_its_reader),
        TEST(test_a_table_has_the_firms_rows_only),
        TEST(test_a_table_runs_no_formulas),
        TEST(test_only_what_can_be_downloaded_is_picked),
        TEST(test_a_pick_goes_on_where_it_ended),
        TEST(test_ids_are_the_firms_and_ready),
        TEST(test_a_broken_bundle_has_no_end),
        TEST(test_a_bundle_has_every_document),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests_name("certificate_export", tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
