/* Uploaded files: stored sealed, checked, taken, taken back; by a clerk of the queue who may lose the
 * lease, and against others who change the same rows. Run it by tests/with-mariadb. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/import/import_desk.h"
#include "core/import/import_store.h"
#include "tests/core/testdb.h"

#define PEOPLE "id_type,id_no,name,sex,birth,education,technical_title,phone,photo\n"
#define FIRMS  "uscc,name,region,province,legal_rep_name,legal_rep_id_type,legal_rep_id_no,phone\n"
#define EXAMS  "exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed\n"
#define FIRM   "11110000000021135M"
#define PERSON "111,11010519491231002X"

static struct testdb *testdb;
static struct actor actor = {ACTOR_STAFF, 3, ""};
static struct err err;
static bool stopping;

static bool is_stopping(void *context)
{
    (void)context;
    return stopping;
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_sql(testdb, "INSERT INTO counter (name, value) VALUES ('import.undo', 0)");
    stopping = false;
    return 0;
}

static uint64_t store(const char *kind, const char *data, size_t size)
{
    struct import_writer *writer = NULL;
    uint64_t id;

    assert_int_equal(import_writer_open(testdb->db, &testdb->core, import_kind_find(kind), "文件.csv",
                                        &actor, clock_now_ms(), &writer, &err), 0);
    /* In pieces that fit nothing. */
    for (size_t at = 0; at < size; at += 7919)
        assert_int_equal(import_writer_write(writer, data + at, size - at < 7919 ? size - at : 7919,
                                             &err), 0);
    assert_int_equal(import_writer_close(writer, &id, &err), 0);
    import_writer_free(&writer);
    return id;
}

static int step(int (*what)(struct change *, uint64_t, struct err *), uint64_t id)
{
    struct change change = {.db = testdb->db, .pool = testdb->pool, .core = &testdb->core,
                            .actor = &actor, .today = testdb_today, .now_ms = clock_now_ms()};
    int done;

    assert_int_equal(db_begin(testdb->db, &err), 0);
    done = what(&change, id, &err);
    assert_int_equal(db_commit(testdb->db, &err), 0);
    return done;
}

static int order_undo(struct change *change, uint64_t id, struct err *cause)
{
    return import_undo_order(change, id, "试验", cause);
}

/* One piece of work. */
static int work(void)
{
    struct pool *pool = pool_new(0, 0);
    struct import_clerk clerk = {.db = testdb->db, .pool = pool, .core = &testdb->core,
                                 .owner = "here:0", .stopping = is_stopping};
    int done = import_advance(&clerk, clock_now_ms(), &err);

    pool_free(&pool);
    return done;
}

static const char *state_of(uint64_t id)
{
    struct import_entry entry;

    assert_int_equal(import_find(testdb->db, testdb->pool, id, &entry, &err), 1);
    return entry.state;
}

static uint64_t checked(const char *kind, const char *text)
{
    uint64_t id = store(kind, text, strlen(text));

    assert_int_equal(step(import_received, id), 1);
    assert_int_equal(work(), 1);
    return id;
}

static uint64_t taken(const char *kind, const char *text)
{
    uint64_t id = checked(kind, text);

    assert_string_equal(state_of(id), "checked");
    assert_int_equal(step(import_confirm, id), 1);
    assert_int_equal(step(import_confirm, id), 0);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "taken");
    return id;
}

static void base(void)
{
    taken("enterprises", FIRMS FIRM ",沪东示范建设有限公司,local,上海,,,,021-5555\n");
    taken("people", PEOPLE PERSON ",示范人,2,1949-12-31,03,,13800000000,\n");
}

static void test_a_file_comes_back_as_it_was(void **state)
{
    static const size_t sizes[] = {1, 1000, 512 * 1024, 512 * 1024 + 1, 3 * 512 * 1024 + 99};

    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
        char *data = malloc(sizes[s]), *back = malloc(sizes[s] + 1);
        struct err cause = {0};
        for (size_t i = 0; i < sizes[s]; i++)
            data[i] = (char)(i * 31 + i / 251);
        uint64_t id = store("people", data, sizes[s]);
        FILE *file = import_store_read(testdb->db, &testdb->core, id, sizes[s], &cause);
        for (int round = 0; round < 2; round++) {
            assert_int_equal(fread(back, 1, sizes[s] + 1, file), sizes[s]);
            assert_memory_equal(back, data, sizes[s]);
            rewind(file);
        }
        fclose(file);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM import_run WHERE id = %d AND"
                                               " file_size = %d AND state = 'receiving'",
                                       (int)id, (int)sizes[s]), 1);
        free(data);
        free(back);
    }
}

static void test_a_changed_chunk_is_not_read(void **state)
{
    (void)state;
    uint64_t id = store("people", PEOPLE "x", sizeof(PEOPLE "x") - 1);
    testdb_sql(testdb, "UPDATE import_chunk SET data_sealed = CONCAT(LEFT(data_sealed, 40),"
                       " IF(SUBSTRING(data_sealed, 41, 1) = 'x', 'y', 'x'),"
                       " SUBSTRING(data_sealed, 42)) WHERE import_id = %d", (int)id);
    assert_int_equal(step(import_received, id), 1);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "checking");
    assert_int_equal(testdb_number(testdb, "SELECT attempts FROM import_run WHERE id = %d", (int)id), 1);
    /* It is given up at last, and says so. */
    for (int i = 0; i < 4; i++) {
        testdb_sql(testdb, "UPDATE import_run SET run_at = '2020-01-01' WHERE id = %d", (int)id);
        assert_int_equal(work(), 1);
    }
    assert_string_equal(state_of(id), "failed");
    assert_int_equal(work(), 0);
}

static void fail_all_attempts(uint64_t id)
{
    for (int i = 0; i < 5; i++) {
        testdb_sql(testdb, "UPDATE import_run SET run_at = '2020-01-01' WHERE id = %d", (int)id);
        assert_int_equal(work(), 1);
    }
    assert_string_equal(state_of(id), "failed");
}

/* What failed can be done again from its file, which outlives the tidying up, and be dropped. */
static void test_what_failed_has_a_way_forward(void **state)
{
    uint64_t deleted;

    (void)state;
    base();
    uint64_t id = checked("exam_results", EXAMS "K1," PERSON "," FIRM ",B,07,2026-01-01,80,1\n");
    assert_int_equal(step(import_retry, id), 0);
    assert_int_equal(step(import_confirm, id), 1);
    testdb_sql(testdb, "RENAME TABLE exam_result TO exam_away");
    fail_all_attempts(id);
    testdb_sql(testdb, "RENAME TABLE exam_away TO exam_result");
    struct pool *pool = pool_new(0, 0);
    assert_int_equal(import_tidy(testdb->db, pool, clock_now_ms(), &deleted, &err), 0);
    assert_int_equal(step(import_retry, id), 1);
    assert_int_equal(step(import_retry, id), 0);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "checked");
    assert_int_equal(step(import_confirm, id), 1);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "taken");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM exam_result"), 1);

    uint64_t broken = store("people", PEOPLE "x", sizeof(PEOPLE "x") - 1);
    assert_int_equal(step(import_received, broken), 1);
    testdb_sql(testdb, "DELETE FROM import_chunk WHERE import_id = %d", (int)broken);
    fail_all_attempts(broken);
    assert_int_equal(step(import_retry, broken), 0); /* there is nothing to read */
    assert_int_equal(step(import_drop, broken), 1);
    uint64_t old = store("people", PEOPLE, strlen(PEOPLE));
    testdb_sql(testdb, "UPDATE import_run SET state = 'failed', created_at = '2020-01-01' WHERE id = %d", (int)old);
    assert_int_equal(import_tidy(testdb->db, pool, clock_now_ms(), &deleted, &err), 0);
    assert_string_equal(state_of(old), "dropped");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM import_chunk WHERE import_id = %d", (int)old), 0);
    pool_free(&pool);
}

static void test_each_step_once(void **state)
{
    (void)state;
    base();
    uint64_t id = taken("exam_results", EXAMS "K1," PERSON "," FIRM ",B,07,2026-01-01,80,1\n");
    assert_int_equal(step(import_drop, id), 0);
    assert_int_equal(step(import_received, id), 0);
    assert_int_equal(step(order_undo, id), 1);
    assert_int_equal(step(order_undo, id), 0);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "undone");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM exam_result"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT value FROM counter WHERE name = 'import.undo'"), 1);
    assert_int_equal(work(), 0);
}

static void test_changed_rows_come_back(void **state)
{
    (void)state;
    base();
    taken("exam_results", EXAMS "K1," PERSON "," FIRM ",B,07,2026-01-01,80,1\n");
    int64_t before = testdb_number(testdb, "SELECT CRC32(CONCAT_WS('|', class, post, exam_date, score,"
                                           " passed, person_id, enterprise_id)) FROM exam_result");
    uint64_t id = taken("exam_results", EXAMS "K1," PERSON "," FIRM ",C3,08,2026-02-01,20,0\n"
                                              "K2," PERSON "," FIRM ",B,07,2026-01-01,80,1\n");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM exam_result WHERE import_id = %d", (int)id), 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM import_before WHERE import_id = %d"
                                           " AND plain IS NOT NULL", (int)id), 1);
    assert_int_equal(step(order_undo, id), 1);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "undone");
    assert_int_equal(testdb_number(testdb, "SELECT CRC32(CONCAT_WS('|', class, post, exam_date, score,"
                                           " passed, person_id, enterprise_id)) FROM exam_result"), before);
}

static void test_what_was_used_stays(void **state)
{
    static const char *const touches[] = {
        "UPDATE exam_result SET certificate_id = 77",
        "UPDATE exam_result SET import_id = NULL",
        "UPDATE import_run SET photos = 1 WHERE kind = 'exam_results'",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(touches) / sizeof(*touches); i++) {
        set_up(NULL);
        base();
        uint64_t id = taken("exam_results", EXAMS "K1," PERSON "," FIRM ",B,07,2026-01-01,80,1\n");
        testdb_certificate(
            testdb, &(struct testdb_certificate){
                        .id = 77,
                        .firm = (uint64_t)testdb_number(testdb, "SELECT id FROM enterprise"),
                        .person = (uint64_t)testdb_number(testdb, "SELECT id FROM person")});
        testdb_sql(testdb, "%s", touches[i]);
        assert_int_equal(step(order_undo, id), 1);
        assert_int_equal(work(), 1);
        assert_string_equal(state_of(id), "taken");
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM exam_result"), 1);
        assert_true(testdb_number(testdb, "SELECT COUNT(*) FROM import_problem WHERE import_id = %d",
                                  (int)id) > 0);
    }
}

/* A firm that somebody has begun with is not removed from under it. */
static void test_a_firm_in_use_stays(void **state)
{
    static const char *const touches[] = {
        "INSERT INTO contact (enterprise_id, channel, events, created_at, updated_at)"
        " SELECT id, 'mail', 'ready', NOW(3), NOW(3) FROM enterprise",
        "INSERT INTO proposal (matter_id, kind, enterprise_id, reason, proposed_by, proposed_at,"
        " deadline, state) SELECT 7, 'hold', id, '试验', 1, NOW(3), '2026-03-01', 'waiting'"
        " FROM enterprise",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(touches) / sizeof(*touches); i++) {
        set_up(NULL);
        uint64_t id = taken("enterprises",
                            FIRMS FIRM ",沪东示范建设有限公司,local,上海,,,,021-5555\n");
        testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, state, items, opened_by_kind,"
                           " opened_at) VALUES (7, 'sanction', '2026-03-01', 'open', 1, 2, NOW(3))");
        testdb_sql(testdb, "%s", touches[i]);
        assert_int_equal(step(order_undo, id), 1);
        assert_int_equal(work(), 1);
        assert_string_equal(state_of(id), "taken");
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM enterprise"), 1);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM import_problem"
                                               " WHERE import_id = %d", (int)id), 1);
    }
}

static void test_a_result_that_was_not_shown_is_not_taken(void **state)
{
    (void)state;
    base();
    uint64_t id = checked("exam_results", EXAMS "K1," PERSON "," FIRM ",B,07,2026-01-01,80,1\n"
                                                "K2," PERSON "," FIRM ",B,07,2026-01-01,80,1\n");
    testdb_exam(testdb, 9, (uint64_t)testdb_number(testdb, "SELECT id FROM enterprise"),
                (uint64_t)testdb_number(testdb, "SELECT id FROM person"), "B", "07", "2026-01-01");
    testdb_sql(testdb, "UPDATE exam_result SET exam_no = 'K2'");
    assert_int_equal(step(import_confirm, id), 1);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "checking");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM exam_result"), 1);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "checked");
    assert_int_equal(step(import_confirm, id), 1);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "taken");
}

static void test_a_lease_is_held_and_given_back(void **state)
{
    (void)state;
    base();
    uint64_t id = store("people", PEOPLE, strlen(PEOPLE));
    assert_int_equal(step(import_received, id), 1);
    stopping = true;
    assert_int_equal(work(), 1); /* put off, not done */
    stopping = false;
    assert_string_equal(state_of(id), "checking");
    testdb_sql(testdb, "UPDATE import_run SET run_at = '2099-01-01', owner = 'there:0' WHERE id = %d", (int)id);
    assert_int_equal(work(), 0);
    assert_int_equal(import_release(testdb->db, "here:0", clock_now_ms(), &err), 0);
    assert_int_equal(work(), 0);
    assert_int_equal(import_release(testdb->db, "there:0", clock_now_ms(), &err), 0);
    assert_int_equal(work(), 1);
    assert_string_equal(state_of(id), "unchanged");
}

static void test_tidying_up_keeps_what_is_needed(void **state)
{
    uint64_t deleted;

    (void)state;
    base();
    uint64_t waiting = checked("exam_results", EXAMS "K1," PERSON "," FIRM ",B,07,2026-01-01,80,1\n");
    uint64_t lost = store("people", "x", 1), old = checked("people", PEOPLE PERSON ",甲,2,1949-12-31,,,,\n");
    testdb_sql(testdb, "UPDATE import_run SET created_at = '2020-01-01' WHERE id IN (%d, %d)", (int)lost, (int)old);
    struct pool *pool = pool_new(0, 0);
    assert_int_equal(import_tidy(testdb->db, pool, clock_now_ms(), &deleted, &err), 0);
    pool_free(&pool);
    assert_int_equal(deleted, 4);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM import_chunk"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT import_id FROM import_chunk"), waiting);
    assert_string_equal(state_of(lost), "dropped");
    assert_string_equal(state_of(old), "dropped");
    assert_string_equal(state_of(waiting), "checked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_file_comes_back_as_it_was, set_up),
        cmocka_unit_test_setup(test_a_changed_chunk_is_not_read, set_up),
        cmocka_unit_test_setup(test_what_failed_has_a_way_forward, set_up),
        cmocka_unit_test_setup(test_each_step_once, set_up),
        cmocka_unit_test_setup(test_changed_rows_come_back, set_up),
        cmocka_unit_test_setup(test_what_was_used_stays, set_up),
        cmocka_unit_test_setup(test_a_firm_in_use_stays, set_up),
        cmocka_unit_test_setup(test_a_result_that_was_not_shown_is_not_taken, set_up),
        cmocka_unit_test_setup(test_a_lease_is_held_and_given_back, set_up),
        cmocka_unit_test_setup(test_tidying_up_keeps_what_is_needed, set_up),
    };

    testdb = testdb_open();
    if (!testdb)
        return 77;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed;
}
