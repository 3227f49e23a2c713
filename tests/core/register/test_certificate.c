/* What a firm and the public may read: certificates, papers, counts; and what they may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/register/capture.h"
#include "core/register/certificate.h"
#include "core/register/enterprise.h"
#include "core/register/paper.h"
#include "core/upkeep/housekeeping.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, OTHER_FIRM = 2 };

static struct testdb *testdb;
static const struct bytes photo = {(const uint8_t *)"photo", 5};
static const char *const names[] = {"张三", "张三丰", "李四", "𠮷田", "𬭚某", "100%",
                                    "1000", "a_b",    "axb",  "a!b",  "WANG"};
enum { PEOPLE = sizeof(names) / sizeof(names[0]) };
static uint64_t certificates[PEOPLE];

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER_FIRM);
    for (unsigned i = 0; i < PEOPLE; i++) {
        char number[64];

        snprintf(number, sizeof(number), "沪建安B（2020）%07u", i + 1);
        testdb_person(testdb, i + 1, "111", names[i], photo);
        testdb_paper(testdb, i + 1, FIRM, i + 1, number, date_add_days(testdb_today, 200));
        certificates[i] = testdb_exchange(testdb, FIRM, i + 1);
    }
    testdb_person(testdb, 100, "414", "OTHER", photo);
    testdb_paper(testdb, 100, OTHER_FIRM, 100, "沪建安B（2021）0000100", testdb_today);
    testdb_exchange(testdb, OTHER_FIRM, 100);
    return 0;
}

static void test_state_on(void **state)
{
    static const struct {
        const char *state;
        struct date until;
        const char *expected;
    } rows[] = {
        {"01", {2026, 2, 28}, "05"}, {"01", {2026, 3, 1}, "01"},  {"01", {2026, 3, 2}, "01"},
        {"02", {2026, 2, 28}, "02"}, {"04", {2026, 2, 28}, "04"}, {"05", {2027, 1, 1}, "05"},
        {"99", {2020, 1, 1}, "99"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(state_on(rows[i].state, rows[i].until, testdb_today), rows[i].expected);
    assert_null(state_label(""));
    assert_null(state_label("08"));
    assert_string_equal(state_label("06"), "办理转出");
    assert_null(generation_label((enum generation)4));
    assert_string_equal(generation_label(GENERATION_RUNNING), "生成中");
}

static void test_downloadable(void **state)
{
    static const struct {
        const char *state;
        struct date until;
        enum generation generation;
        bool expected;
    } rows[] = {
        {"01", {2026, 2, 28}, GENERATION_DONE, false},
        {"01", {2026, 3, 1}, GENERATION_WAITING, false},
        {"01", {2026, 3, 1}, GENERATION_RUNNING, false},
        {"01", {2026, 3, 1}, GENERATION_FAILED, false},
        {"02", {2026, 3, 1}, GENERATION_DONE, false},
        {"04", {2026, 3, 1}, GENERATION_DONE, false},
        {"05", {2026, 3, 1}, GENERATION_DONE, false},
        {"06", {2026, 3, 1}, GENERATION_DONE, false},
        {"01", {2026, 3, 1}, GENERATION_DONE, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct certificate certificate = {
            .state = rows[i].state, .valid_until = rows[i].until, .generation = rows[i].generation};

        assert_int_equal(certificate_downloadable(&certificate, testdb_today), rows[i].expected);
    }
}

static struct certificate_page list(uint64_t firm, const char *name, const char *number,
                                    uint64_t after, size_t limit)
{
    struct certificate_filter filter = {
        .enterprise_id = firm, .name = name, .number = number, .after = after, .limit = limit};
    struct certificate_page page;
    struct err err = {0};

    if (certificate_list(testdb->db, testdb->pool, &filter, &page, &err) < 0)
        fail_msg("%s", err.text);
    return page;
}

static void test_list_filters(void **state)
{
    static const struct {
        uint64_t firm;
        const char *name, *number;
        size_t count;
    } rows[] = {
        {OTHER_FIRM, "张", NULL, 0},
        {OTHER_FIRM, NULL, "沪建安B（2020）0000001", 0}, /* R1 */
        {3, NULL, NULL, 0},
        {FIRM, "三", NULL, 0}, /* the beginning, not any part */
        {FIRM, "%", NULL, 0},
        {FIRM, "_", NULL, 0},
        {FIRM, "a_", NULL, 1},
        {FIRM, "a!", NULL, 1},
        {FIRM, "100%", NULL, 1},
        {FIRM, "' OR 1=1 -- ", NULL, 0},
        {FIRM, "𠮷", NULL, 1}, /* characters beyond the BMP are told apart */
        {FIRM, "𬭚", NULL, 1},
        {FIRM, "wang", NULL, 1},
        {FIRM, "张三", NULL, 2},
        {FIRM, "张三丰", NULL, 1},
        {FIRM, NULL, "沪建安B（2020）000000", 0}, /* complete numbers only */
        {FIRM, NULL, "沪建安B（2020）0000001", 1},
        {FIRM, "李", "沪建安B（2020）0000001", 0},
        {FIRM, "张", "沪建安B（2020）0000001", 1},
        {OTHER_FIRM, NULL, NULL, 1},
        {FIRM, "", NULL, PEOPLE},
        {FIRM, NULL, NULL, PEOPLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct certificate_page page = list(rows[i].firm, rows[i].name, rows[i].number, 0, 50);

        if (page.count != rows[i].count)
            fail_msg("row %zu: %zu of %zu", i, page.count, rows[i].count);
        assert_int_equal(page.next, 0);
    }
}

static const char *day(int days)
{
    static char text[2][11];
    static int turn;

    turn = !turn;
    date_format(date_add_days(testdb_today, days), text[turn]);
    return text[turn];
}

/* By state and dates, alone and with the rest. The states of the first certificates, and the days
 * from today on which they end; all others are valid for 200 days. */
static void test_list_filters_by_state_and_dates(void **state)
{
    static const struct {
        const char *state;
        int days;
    } stored[] = {{"01", -1}, {"01", 0},  {"05", -400}, {"05", 30}, {"02", -1},
                  {"04", 10}, {"06", 10}, {"03", 10},   {"07", 10}};
    enum { NONE = -5000 };
    static const struct {
        const char *state, *name, *number;
        int from, until;
        size_t count;
    } rows[] = {
        {"99", NULL, NULL, NONE, NONE, 0},
        {"01", NULL, NULL, NONE, NONE, 3}, /* the second and the last two */
        {"05", NULL, NULL, NONE, NONE, 3}, /* one of them by its date alone */
        {"02", NULL, NULL, NONE, NONE, 1}, /* whatever its date */
        {"03", NULL, NULL, NONE, NONE, 1}, {"04", NULL, NULL, NONE, NONE, 1},
        {"06", NULL, NULL, NONE, NONE, 1}, {"07", NULL, NULL, NONE, NONE, 1},
        {"01", NULL, NULL, 0, 0, 1}, {"01", NULL, NULL, -100, -1, 0}, {"01", NULL, NULL, 1, NONE, 2},
        {"01", NULL, NULL, NONE, 199, 1}, {"01", NULL, NULL, NONE, 200, 3},
        {"05", NULL, NULL, -1, NONE, 2}, {"05", NULL, NULL, -1, -1, 1}, {"05", NULL, NULL, 0, NONE, 1},
        {"05", NULL, NULL, NONE, -2, 1}, {"05", NULL, NULL, NONE, 29, 2},
        {NULL, NULL, NULL, 200, NONE, 2}, {NULL, NULL, NULL, NONE, -1, 3},
        {NULL, NULL, NULL, 10, 10, 4}, {NULL, NULL, NULL, 11, 10, 0},
        {"05", "张", NULL, NONE, NONE, 1}, {"01", "张", NULL, NONE, NONE, 1},
        {"01", "张", NULL, NONE, -1, 0}, {NULL, "张", NULL, NONE, -1, 1}, {"05", "李", NULL, -400, -400, 1},
        {"05", NULL, "沪建安B（2020）0000001", NONE, NONE, 1},
        {"01", NULL, "沪建安B（2020）0000001", NONE, NONE, 0},
        {"05", NULL, "沪建安B（2020）0000001", 0, NONE, 0},
        {"05", "张", "沪建安B（2020）0000001", -1, -1, 1},
        {NULL, NULL, "沪建安B（2020）0000001", -1, NONE, 1},
    };
    struct certificate_page page;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(stored) / sizeof(stored[0]); i++)
        testdb_sql(testdb, "UPDATE certificate SET state = '%s', valid_until = '%s' WHERE id = %llu",
                   stored[i].state, day(stored[i].days), (unsigned long long)certificates[i]);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct certificate_filter filter = {.enterprise_id = FIRM, .today = testdb_today,
                                            .name = rows[i].name, .number = rows[i].number,
                                            .state = rows[i].state, .limit = 1};
        size_t count = 0;
        uint64_t last = UINT64_MAX;

        if (rows[i].from != NONE)
            filter.from = date_add_days(testdb_today, rows[i].from);
        if (rows[i].until != NONE)
            filter.until = date_add_days(testdb_today, rows[i].until);
        do {
            if (certificate_list(testdb->db, testdb->pool, &filter, &page, &err) < 0)
                fail_msg("%s", err.text);
            for (size_t k = 0; k < page.count; k++) {
                const struct certificate *row = &page.rows[k];

                assert_true(row->id < last);
                last = row->id;
                if (rows[i].state != NULL)
                    assert_string_equal(state_on(row->state, row->valid_until, testdb_today),
                                        rows[i].state);
            }
            count += page.count;
            filter.after = page.next;
        } while (page.next != 0);
        if (count != rows[i].count)
            fail_msg("row %zu: %zu of %zu", i, count, rows[i].count);
        filter.after = 0;
        filter.enterprise_id = OTHER_FIRM;
        filter.name = "张";
        assert_int_equal(certificate_list(testdb->db, testdb->pool, &filter, &page, &err), 0);
        assert_int_equal(page.count, 0);
    }
}

/* The lists behind the counts hold what was counted. */
static void test_list_shows_what_waits(void **state)
{
    static const struct {
        enum certificate_show show;
        uint64_t first;
    } rows[] = {{SHOW_FAILED, 8}, {SHOW_GENERATING, 3}, {SHOW_EXPIRING, 6}, {SHOW_VALID, 11}};
    /* Of the first certificates; all others end in 200 days. */
    static const struct {
        const char *state;
        int days;
    } ends[] = {{"01", -1}, {"04", 0}, {"04", 89}, {"02", 89}, {"01", 0}, {"01", 89}, {"01", 90}};
    struct enterprise_waiting waiting;
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET generation = 2 WHERE enterprise_id = 1 AND id > %llu",
               (unsigned long long)certificates[2]);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char until[11];

        date_format(date_add_days(testdb_today, ends[i].days), until);
        testdb_sql(testdb, "UPDATE certificate SET state = '%s', valid_until = '%s' WHERE id = %llu",
                   ends[i].state, until, (unsigned long long)certificates[i]);
    }
    testdb_sql(testdb, "UPDATE certificate SET generation = 3 WHERE id = %llu",
               (unsigned long long)certificates[7]);
    if (enterprise_waiting(testdb->db, testdb->pool, FIRM, testdb_today, 90, &waiting, &err) < 0)
        fail_msg("%s", err.text);
    const uint64_t counted[] = {waiting.failed, waiting.generating, waiting.expiring, waiting.valid};
    const uint64_t expected[] = {1, 3, 2, PEOPLE - 4};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct certificate_filter filter = {.enterprise_id = FIRM, .show = rows[i].show,
                                            .today = testdb_today, .renew_days = 90, .limit = 50};
        struct certificate_page page;

        if (certificate_list(testdb->db, testdb->pool, &filter, &page, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(counted[i], expected[i]);
        assert_int_equal(page.count, expected[i]);
        assert_int_equal(page.rows[0].id, certificates[rows[i].first - 1]);
        filter.limit = 1;
        filter.after = page.rows[0].id;
        if (certificate_list(testdb->db, testdb->pool, &filter, &page, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(page.count, expected[i] > 1);
        assert_int_equal(page.next != 0, expected[i] > 2);
        filter.enterprise_id = 3;
        filter.after = 0;
        if (certificate_list(testdb->db, testdb->pool, &filter, &page, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(page.count, 0);
    }
}

/* Page by page: every row once, newest first, with and without a name. */
static void test_list_pages(void **state)
{
    static const char *const filters[] = {NULL, ""};

    (void)state;
    for (size_t f = 0; f < 2; f++) {
        uint64_t after = 0;
        size_t seen = 0;

        do {
            struct certificate_page page = list(FIRM, filters[f], NULL, after, 4);

            for (size_t i = 0; i < page.count; i++, seen++) {
                assert_true(seen < PEOPLE);
                assert_int_equal(page.rows[i].id, certificates[PEOPLE - 1 - seen]);
                assert_string_equal(page.rows[i].holder_name, names[PEOPLE - 1 - seen]);
                assert_string_equal(page.rows[i].class_code, "B");
            }
            after = page.next;
        } while (after);
        assert_int_equal(seen, PEOPLE);
    }
    /* A page that is exactly full has no next. */
    assert_int_equal(list(FIRM, NULL, NULL, 0, PEOPLE).next, 0);
    assert_int_equal(list(FIRM, NULL, NULL, certificates[0], 4).count, 0);
}

static void test_list_is_one_round_trip(void **state)
{
    uint64_t before;

    (void)state;
    list(FIRM, NULL, NULL, 0, 4);
    before = db_round_trips(testdb->db);
    list(FIRM, NULL, NULL, 0, 4);
    assert_int_equal(db_round_trips(testdb->db) - before, 1);
}

static void test_find(void **state)
{
    struct certificate certificate;
    const struct certificate_event *events;
    size_t count;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        certificate_find(testdb->db, testdb->pool, certificates[0], OTHER_FIRM, &certificate, &err),
        0);
    assert_int_equal(certificate_find(testdb->db, testdb->pool, 999999, FIRM, &certificate, &err),
                     0);
    assert_int_equal(
        certificate_find(testdb->db, testdb->pool, certificates[0], FIRM, &certificate, &err), 1);
    assert_string_equal(certificate.number, "沪建安B（2020）0000001");
    assert_string_equal(certificate.enterprise_name, "测试建筑旧名有限公司");
    assert_int_equal(certificate.version, 1);
    assert_int_equal(strlen(certificate.verify_token), 22);
    assert_int_equal(certificate.generation, GENERATION_WAITING);
    assert_int_not_equal(certificate.job_id, 0);
    assert_int_not_equal(certificate.capture_id, 0);
    assert_string_equal(certificate.cause, "");

    testdb_sql(testdb, "UPDATE job SET state = 'failed', cause = 'why' WHERE certificate_id = %d",
               (int)certificates[0]);
    testdb_sql(testdb, "UPDATE certificate SET generation = 3 WHERE id = %d", (int)certificates[0]);
    assert_int_equal(
        certificate_find(testdb->db, testdb->pool, certificates[0], FIRM, &certificate, &err), 1);
    assert_string_equal(certificate.cause, "why");

    assert_int_equal(
        certificate_history(testdb->db, testdb->pool, certificates[0], FIRM, 10, &events, &count,
                            &err),
        0);
    assert_int_equal(count, 1);
    assert_string_equal(events[0].action, "exchange");
    assert_string_equal(events[0].to_state, "01");
    assert_string_equal(events[0].matter_item, "exchange");
    assert_int_equal(date_compare(events[0].matter_opened_on, testdb_today), 0);
}

/* Why a firm let somebody go is not for the next one to read; what the authority decided is. */
static void test_history_of_another(void **state)
{
    static const struct {
        int actor, firm;
        const char *words;
    } rows[] = {{1, FIRM, "自己的话"}, {1, FIRM + 1, ""}, {2, FIRM, "自己的话"}, {2, FIRM + 1, "自己的话"}};
    const struct certificate_event *events;
    struct err err = {0};
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        testdb_sql(testdb, "UPDATE certificate_event SET actor_kind = %d, enterprise_id = %d,"
                           " reason_text = '自己的话' WHERE certificate_id = %d",
                   rows[i].actor, rows[i].firm, (int)certificates[1]);
        assert_int_equal(certificate_history(testdb->db, testdb->pool, certificates[1], FIRM, 10,
                                             &events, &count, &err),
                         0);
        assert_true(count > 0);
        assert_string_equal(events[0].reason_text, rows[i].words);
    }
}

static void test_verify(void **state)
{
    static const char *const bad[] = {
        "",
        "AAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAB", /* trailing bits */
        "../../../../etc/passwd",
    };
    struct certificate certificate;
    struct certificate_public out;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(
            certificate_verify(testdb->db, testdb->pool, bad[i], testdb_today, &out, &err), 0);
    assert_int_equal(
        certificate_find(testdb->db, testdb->pool, certificates[1], FIRM, &certificate, &err), 1);
    assert_int_equal(certificate_verify(testdb->db, testdb->pool, certificate.verify_token,
                                        testdb_today, &out, &err),
                     1);
    assert_string_equal(out.holder_masked, "张*丰");
    assert_string_equal(out.number, certificate.number);
    assert_string_equal(out.state, STATE_VALID);
    assert_true(out.in_force);
    assert_int_equal(certificate_verify(testdb->db, testdb->pool, certificate.verify_token,
                                        date_add_days(testdb_today, 201), &out, &err),
                     1);
    assert_string_equal(out.state, STATE_EXPIRED);
    testdb_sql(testdb, "UPDATE certificate SET version = 2, state = '04' WHERE id = %d",
               (int)certificates[1]);
    assert_int_equal(certificate_verify(testdb->db, testdb->pool, certificate.verify_token,
                                        testdb_today, &out, &err),
                     1);
    assert_string_equal(out.state, STATE_CANCELLED);
    assert_false(out.in_force);
}

static void test_papers(void **state)
{
    struct paper_page page;
    struct paper paper;
    struct bytes jpeg;
    struct err err = {0};

    (void)state;
    testdb_paper(testdb, 201, FIRM, 1, "沪建安B（2022）0000201", testdb_today);
    testdb_paper(testdb, 202, FIRM, 1, "沪建安B（2022）0000202", date_add_days(testdb_today, -1));
    testdb_paper(testdb, 203, FIRM, 2, "沪建安B（2022）0000203", testdb_today);
    testdb_paper(testdb, 204, OTHER_FIRM, 2, "沪建安B（2022）0000204", testdb_today);
    assert_int_equal(paper_list(testdb->db, testdb->pool, FIRM, testdb_today, 0, 1, &page, &err),
                     0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].id, 201);
    assert_true(page.rows[0].has_photo);
    assert_int_equal(
        paper_list(testdb->db, testdb->pool, FIRM, testdb_today, page.next, 1, &page, &err), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].id, 203);
    assert_int_equal(page.next, 0);

    assert_int_equal(paper_find(testdb->db, testdb->pool, &testdb->core, 204, FIRM, &paper, &err),
                     0);
    assert_int_equal(paper_find(testdb->db, testdb->pool, &testdb->core, 1, FIRM, &paper, &err), 1);
    assert_int_equal(paper.certificate_id, certificates[0]);
    assert_int_equal(paper_find(testdb->db, testdb->pool, &testdb->core, 201, FIRM, &paper, &err),
                     1);
    assert_int_equal(paper.certificate_id, 0);
    assert_string_equal(paper.id_no_masked, "110105********0001");
    assert_int_equal(capture_photo(testdb->db, testdb->pool, &testdb->core, paper.person_id, 999999,
                                   &jpeg, &err),
                     0);
    assert_int_equal(capture_photo(testdb->db, testdb->pool, &testdb->core, paper.person_id + 1,
                                   paper.capture_id, &jpeg, &err),
                     0);
    assert_int_equal(capture_photo(testdb->db, testdb->pool, &testdb->core, paper.person_id,
                                   paper.capture_id, &jpeg, &err),
                     1);
    assert_int_equal(jpeg.size, 5);
    assert_memory_equal(jpeg.data, "photo", 5);
}

static void test_enterprise(void **state)
{
    struct enterprise enterprise;
    struct enterprise_waiting waiting;
    struct err err = {0};

    (void)state;
    assert_int_equal(enterprise_find(testdb->db, testdb->pool, 3, &enterprise, &err), 0);
    assert_int_equal(enterprise_find_uscc(testdb->db, testdb->pool, "", &enterprise, &err), 0);
    assert_int_equal(
        enterprise_find_uscc(testdb->db, testdb->pool, "000000000000000001", &enterprise, &err), 1);
    assert_int_equal(enterprise.id, FIRM);
    assert_true(enterprise.local);
    assert_int_equal(
        enterprise_waiting(testdb->db, testdb->pool, 3, testdb_today, 90, &waiting, &err), 0);
    assert_int_equal(waiting.valid, 0);

    testdb_paper(testdb, 201, FIRM, 1, "沪建安B（2022）0000201", testdb_today);
    testdb_paper(testdb, 202, FIRM, 1, "沪建安B（2022）0000202", date_add_days(testdb_today, -1));
    testdb_sql(testdb,
               "UPDATE certificate SET generation = 1, valid_until = '2026-05-29'"
               " WHERE id = %d",
               (int)certificates[0]); /* the 90th day, today being the first */
    testdb_sql(testdb,
               "UPDATE certificate SET generation = 2, valid_until = '2026-05-30'"
               " WHERE id = %d",
               (int)certificates[1]);
    testdb_sql(testdb,
               "UPDATE certificate SET generation = 3, valid_until = '2026-02-28'"
               " WHERE id = %d",
               (int)certificates[2]);
    assert_int_equal(
        enterprise_waiting(testdb->db, testdb->pool, FIRM, testdb_today, 90, &waiting, &err), 0);
    assert_int_equal(waiting.to_exchange, 1);
    assert_int_equal(waiting.expiring, 1);
    assert_int_equal(waiting.generating, PEOPLE - 2);
    assert_int_equal(waiting.failed, 1);
    assert_int_equal(waiting.valid, PEOPLE - 1);
}

static void test_housekeeping(void **state)
{
    uint64_t deleted;
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "INSERT INTO session (token_hash, subject_kind, subject_id, label, created_at,"
                       " seen_at, expires_at) SELECT UNHEX(SHA2(seq, 256)), 1, 1, '', NOW(3), NOW(3),"
                       " '2026-03-01 00:00:00' + INTERVAL seq SECOND FROM seq_1_to_3");
    testdb_sql(testdb, "INSERT INTO login_ticket SELECT UNHEX(SHA2(seq, 256)), 1, 1, '',"
                       " '2026-03-01 00:00:00' + INTERVAL seq SECOND, NULL FROM seq_1_to_3");
    testdb_sql(testdb, "INSERT INTO idempotency SELECT 1, 1, seq, '', REPEAT('x', 32), '',"
                       " '2026-02-28 00:00:00' + INTERVAL seq SECOND FROM seq_1_to_3");
    assert_int_equal(housekeeping_run(testdb->db, INT64_C(1772323202000), &deleted, &err),
                     0); /* 00:00:02 */
    assert_int_equal(deleted, 3);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM session"), 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM login_ticket"), 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM idempotency"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_on),
        cmocka_unit_test(test_downloadable),
        cmocka_unit_test_setup(test_list_filters, set_up),
        cmocka_unit_test_setup(test_list_pages, set_up),
        cmocka_unit_test_setup(test_list_filters_by_state_and_dates, set_up),
        cmocka_unit_test_setup(test_list_shows_what_waits, set_up),
        cmocka_unit_test_setup(test_list_is_one_round_trip, set_up),
        cmocka_unit_test_setup(test_find, set_up),
        cmocka_unit_test_setup(test_history_of_another, set_up),
        cmocka_unit_test_setup(test_verify, set_up),
        cmocka_unit_test_setup(test_papers, set_up),
        cmocka_unit_test_setup(test_enterprise, set_up),
        cmocka_unit_test_setup(test_housekeeping, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
