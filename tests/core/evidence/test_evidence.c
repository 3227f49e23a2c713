/* Evidence against a real database: what is refused, then what a merge does and leaves alone. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/evidence/evidence.h"
#include "core/import/import.h"
#include "core/places.h"
#include "tests/core/testdb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define OWN     "11310000MB00000009"
#define OTHER   "91310000MA00000012"
#define UNKNOWN "11100000000013338W"
#define ID_NO   "11010519491231002X"

enum { OWN_ID = 1, OTHER_ID = 2, PERSON = 10, NEIGHBOUR = 11, MANY = 300, ROUNDS = 5 };

static struct testdb *testdb;
static struct err err;
static struct evidence_query query = {
    .kinds = EVIDENCE_ALL,
    .person_id = PERSON,
    .enterprise_id = OWN_ID,
    .id_type = "111",
    .id_no = ID_NO,
    .uscc = OWN,
    .today = {2026, 3, 1}
};

/* Sources that say what they were told to. */
struct told {
    const struct evidence_record *records;
    size_t count;
    const char *fault; /* NULL: none */
    size_t asked;
    bool released;
};
static struct told told[EVIDENCE_KINDS];

static int tell(void *self, struct pool *pool, const struct evidence_query *of,
                struct evidence_records *records, struct err *why)
{
    struct told *is = self;

    assert_string_equal(of->id_no, ID_NO);
    is->asked++;
    if (is->fault)
        return err_set(why, ERR_UNAVAILABLE, 0, "%s", is->fault);
    *records = (struct evidence_records){
        is->count,
        is->count ? pool_copy(pool, is->records, is->count * sizeof(*is->records)) : NULL};
    return 0;
}

static void let_go(void *self)
{
    struct told *is = self;

    is->released = true;
}

static struct evidence *made(void)
{
    struct evidence_source sources[EVIDENCE_KINDS];

    for (int kind = 0; kind < EVIDENCE_KINDS; kind++)
        sources[kind] = (struct evidence_source){evidence_kind_name((enum evidence_kind)kind), tell,
                                                 let_go, &told[kind]};
    return evidence_new(sources);
}

static int refresh_on(struct db *db, struct pool *pool, struct err *why)
{
    struct evidence *evidence = made();
    int result = evidence_refresh(evidence, db, pool, &query, why);

    evidence_free(&evidence);
    return result;
}

static int refresh(void)
{
    err_clear(&err);
    return refresh_on(testdb->db, testdb->pool, &err);
}

static void refresh_ok(void)
{
    if (refresh() < 0)
        fail_msg("%s", err.text);
}

static void say(enum evidence_kind kind, const struct evidence_record *records, size_t count)
{
    told[kind] = (struct told){.records = records, .count = count};
}

#define EXAM(no, firm, day, points, pass)                                                          \
    {.number = (no), .uscc = (firm), .class_code = "B", .post = "07", .date = day,                 \
     .amount = (points), .passed = (pass), .provider = ""}
#define MONTH(firm, day)                                                                           \
    {.number = "", .uscc = (firm), .class_code = "", .post = "", .date = day, .provider = ""}
#define LESSON(no, firm, day, hours)                                                               \
    {.number = (no), .uscc = (firm), .class_code = "B", .post = "", .date = day,                   \
     .amount = (hours), .provider = "培训学校"}
#define DAY(y, m, d) {(y), (m), (d)}

static const struct evidence_record exams[] = {
    EXAM("K-2", OWN, DAY(2026, 2, 1), 86, true),
    EXAM("K-1", OTHER, DAY(2025, 6, 1), 40, false),
    EXAM("K-3", UNKNOWN, DAY(2026, 1, 1), 90, true),
};
static const struct evidence_record months[] = {
    MONTH(OWN, DAY(2026, 2, 1)),
    MONTH(OWN, DAY(2026, 1, 1)),
    MONTH(OTHER, DAY(2026, 1, 1)),
    MONTH(UNKNOWN, DAY(2025, 1, 1)),
};
static const struct evidence_record lessons[] = {
    LESSON("J-1", OWN, DAY(2026, 1, 20), 12),
    LESSON("J-2", UNKNOWN, DAY(2026, 1, 21), 12),
};

static void say_all(void)
{
    say(EVIDENCE_EXAM, exams, COUNT(exams));
    say(EVIDENCE_INSURANCE, months, COUNT(months));
    say(EVIDENCE_EDUCATION, lessons, COUNT(lessons));
}

static void assert_counts(int64_t exam, int64_t insurance, int64_t education)
{
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM exam_result"), exam);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM insurance"), insurance);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM education"), education);
}

static void test_refused_in_a_transaction(void **state)
{
    int status;

    (void)state;
    say_all();
    assert_int_equal(db_begin(testdb->db, &err), 0);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        evidence_refresh(NULL, testdb->db, testdb->pool, &query, &err);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    db_rollback(testdb->db);
}

static void test_refused_records(void **state)
{
    static const struct {
        enum evidence_kind kind;
        struct evidence_record record;
        const char *word;
    } rows[] = {
        {EVIDENCE_EXAM, EXAM("", OWN, DAY(2026, 2, 1), 86, true), "exam_no"},
        {EVIDENCE_EXAM, EXAM("K", "91310000MA00000013", DAY(2026, 2, 1), 86, true), "uscc"},
        {EVIDENCE_EXAM, EXAM("K", OWN, DAY(2026, 2, 29), 86, true), "exam_date"},
        {EVIDENCE_EXAM, EXAM("K", OWN, DAY(2026, 3, 2), 86, true), "exam_date"},
        {EVIDENCE_EXAM, EXAM("K", OWN, DAY(1979, 12, 31), 86, true), "exam_date"},
        {EVIDENCE_EXAM, EXAM("K", OWN, DAY(0, 0, 0), 86, true), "exam_date"},
        {EVIDENCE_EXAM, EXAM("K", OWN, DAY(2026, 2, 1), 1001, true), "score"},
        {EVIDENCE_INSURANCE, MONTH(OWN, DAY(2026, 2, 2)), "month"},
        {EVIDENCE_INSURANCE, MONTH(OWN, DAY(2026, 4, 1)), "month"},
        {EVIDENCE_EDUCATION, LESSON("J", OWN, DAY(2026, 2, 1), 0), "hours"},
        {EVIDENCE_EDUCATION, LESSON("J", OWN, DAY(2026, 2, 1), 1001), "hours"},
        {EVIDENCE_EDUCATION,
         {.number = "J", .uscc = OWN, .class_code = "C4", .post = "", .date = {2026, 2, 1},
          .amount = 1, .provider = ""}, "class"},
        {EVIDENCE_EDUCATION,
         {.number = "J", .uscc = OWN, .class_code = "B", .post = "", .date = {2026, 2, 1},
          .amount = 1, .provider = "a\nb"}, "provider"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        say_all();
        say(rows[i].kind, &rows[i].record, 1);
        if (refresh() == 0)
            fail_msg("row %zu was taken", i);
        if (err.kind != ERR_UNAVAILABLE || !strstr(err.text, rows[i].word) ||
            !strstr(err.text, evidence_kind_name(rows[i].kind)))
            fail_msg("row %zu: %s", i, err.text);
    }
    assert_counts(0, 0, 0);
}

static void test_refused_twice(void **state)
{
    static const struct evidence_record twice[] = {
        EXAM("K-2", OWN, DAY(2026, 2, 1), 86, true),
        EXAM("K-1", OWN, DAY(2026, 2, 1), 86, true),
        EXAM("K-2", OTHER, DAY(2026, 2, 2), 87, true),
    };

    (void)state;
    say(EVIDENCE_EXAM, twice, COUNT(twice));
    assert_int_equal(refresh(), -1);
    assert_non_null(strstr(err.text, "twice"));
    assert_counts(0, 0, 0);
}

static void test_all_or_nothing(void **state)
{
    (void)state;
    say_all();
    told[EVIDENCE_EDUCATION].fault = "the answer has status 503";
    assert_int_equal(refresh(), -1);
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_string_equal(err.text, "evidence service education: the answer has status 503");
    assert_counts(0, 0, 0);
}

/* Who is not needed is not asked, and stops nothing. */
static void test_only_what_is_needed(void **state)
{
    (void)state;
    say_all();
    told[EVIDENCE_EXAM].fault = told[EVIDENCE_EDUCATION].fault = "no answer";
    query.kinds = EVIDENCE_BIT(EVIDENCE_INSURANCE);
    refresh_ok();
    assert_int_equal(told[EVIDENCE_EXAM].asked, 0);
    assert_int_equal(told[EVIDENCE_INSURANCE].asked, 1);
    assert_int_equal(told[EVIDENCE_EDUCATION].asked, 0);
    assert_counts(0, 3, 0);
    query.kinds = 0;
    refresh_ok();
    assert_int_equal(told[EVIDENCE_INSURANCE].asked, 1);
    query.kinds = EVIDENCE_ALL;
    assert_int_equal(refresh(), -1);
    assert_int_equal(told[EVIDENCE_EXAM].asked, 1);
}

/* The old C is C3, as in the files of an import. */
static void test_class_of_old(void **state)
{
    static const struct evidence_record exam = {
        .number = "K-1", .uscc = OWN, .class_code = "C", .post = "08", .date = {2026, 2, 1},
        .amount = 80, .passed = true, .provider = ""};
    static const struct evidence_record lesson = {
        .number = "J-1", .uscc = OWN, .class_code = "C", .post = "", .date = {2026, 2, 1},
        .amount = 24, .provider = ""};

    (void)state;
    say(EVIDENCE_EXAM, &exam, 1);
    say(EVIDENCE_EDUCATION, &lesson, 1);
    refresh_ok();
    refresh_ok();
    assert_counts(1, 0, 1);
    assert_int_equal(testdb_number(testdb, "SELECT (SELECT COUNT(*) FROM exam_result WHERE class = 'C3')"
                                           " + (SELECT COUNT(*) FROM education WHERE class = 'C3')"),
                     2);
}

/* What is another's stays so, and takes the rest of the answer with it. */
static void test_another_person(void **state)
{
    (void)state;
    testdb_sql(testdb,
               "INSERT INTO education (record_no, person_id, enterprise_id, class, hours,"
               " completed_on, provider, created_at)"
               " VALUES ('J-1', %d, %d, 'A', 5, '2025-01-01', '', NOW(3))",
               NEIGHBOUR, OTHER_ID);
    say_all();
    assert_int_equal(refresh(), -1);
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "another person"));
    assert_counts(0, 0, 1);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM education WHERE person_id = %d"
                                   " AND class = 'A' AND hours = 5",
                                   NEIGHBOUR),
                     1);
}

static void test_no_source(void **state)
{
    struct evidence_settings settings = {
        .url = {"", "", ""}
    };
    struct evidence *evidence;

    (void)state;
    assert_int_equal(evidence_refresh(NULL, testdb->db, testdb->pool, &query, &err), 0);
    assert_int_equal(evidence_open(&settings, &evidence, &err), 0);
    assert_null(evidence);
    evidence_free(&evidence);
    evidence_free(NULL);
    settings.url[EVIDENCE_EDUCATION] = "http://example.org/";
    assert_int_equal(evidence_open(&settings, &evidence, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(evidence);
}

static void test_opened(void **state)
{
    const struct evidence_settings settings = {
        .url = {"", "http://127.0.0.1:1/", ""},
        .token_file = "",
        .authority_file = "",
        .timeout_ms = 1000,
        .attempts = 1,
        .breaker_failures = 1,
        .breaker_ms = 1000
    };
    struct evidence *evidence;

    (void)state;
    assert_int_equal(evidence_open(&settings, &evidence, &err), 0);
    assert_int_equal(evidence_refresh(evidence, testdb->db, testdb->pool, &query, &err), -1);
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_memory_equal(err.text, "evidence service insurance: no answer", 37);
    evidence_free(&evidence);
    assert_null(evidence);
}

static void test_merged(void **state)
{
    (void)state;
    say_all();
    refresh_ok();
    for (int kind = 0; kind < EVIDENCE_KINDS; kind++) {
        assert_int_equal(told[kind].asked, 1);
        assert_true(told[kind].released);
    }
    assert_counts(2, 3, 1);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM exam_result WHERE person_id = %d AND class = 'B' AND"
                      " post = '07' AND certificate_id IS NULL AND (exam_no, enterprise_id,"
                      " exam_date, score, passed) IN (('K-2', %d, '2026-02-01', 86, 1),"
                      " ('K-1', %d, '2025-06-01', 40, 0))",
                      PERSON, OWN_ID, OTHER_ID),
        2);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM insurance WHERE person_id = %d AND (enterprise_id,"
                      " month) IN ((%d, '2026-02-01'), (%d, '2026-01-01'), (%d, '2026-01-01'))",
                      PERSON, OWN_ID, OWN_ID, OTHER_ID),
        3);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM education WHERE person_id = %d AND record_no = 'J-1'"
                      " AND enterprise_id = %d AND class = 'B' AND hours = 12"
                      " AND completed_on = '2026-01-20' AND provider = '培训学校'",
                      PERSON, OWN_ID),
        1);
}

/* The same answer again: each table is read once, the unknown firm looked up, nothing written. */
static void test_idempotent(void **state)
{
    (void)state;
    say_all();
    refresh_ok();
    refresh_ok();
    uint64_t before = db_round_trips(testdb->db);
    refresh_ok();
    assert_int_equal(db_round_trips(testdb->db) - before, EVIDENCE_KINDS + 2);
    assert_counts(2, 3, 1);
    testdb_sql(testdb, "DELETE FROM education");
    refresh_ok();
    assert_counts(2, 3, 1);
}

static void test_corrected(void **state)
{
    static const struct evidence_record better = EXAM("K-1", OWN, DAY(2025, 6, 2), 61, true);
    static const struct evidence_record longer = LESSON("J-1", OTHER, DAY(2026, 1, 22), 24);

    (void)state;
    say_all();
    refresh_ok();
    int64_t id = testdb_number(testdb, "SELECT id FROM exam_result WHERE exam_no = 'K-1'");
    say(EVIDENCE_EXAM, &better, 1);
    say(EVIDENCE_EDUCATION, &longer, 1);
    refresh_ok();
    assert_counts(2, 3, 1);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT id FROM exam_result WHERE exam_no = 'K-1' AND score = 61"
                      " AND passed AND exam_date = '2025-06-02' AND enterprise_id = %d",
                      OWN_ID),
        id);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM education WHERE hours = 24 AND"
                                   " completed_on = '2026-01-22' AND enterprise_id = %d",
                                   OTHER_ID),
                     1);
}

static void test_used_exam_stays(void **state)
{
    static const struct evidence_record worse = EXAM("K-2", OTHER, DAY(2026, 2, 2), 10, false);

    (void)state;
    say_all();
    refresh_ok();
    testdb_sql(testdb, "UPDATE exam_result SET certificate_id = 77 WHERE exam_no = 'K-2'");
    say(EVIDENCE_EXAM, &worse, 1);
    refresh_ok();
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM exam_result WHERE exam_no = 'K-2'"
                                   " AND certificate_id = 77 AND score = 86 AND passed"
                                   " AND enterprise_id = %d",
                                   OWN_ID),
                     1);
}

/* Races */

static void *commit_later(void *context)
{
    struct db *db = context;

    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    return db_commit(db, NULL) == 0 ? NULL : context;
}

/* The exam is used by a transaction that the refresh can't see yet, but meets at the row. */
static void test_exam_used_meanwhile(void **state)
{
    static const struct evidence_record worse = EXAM("K-2", OWN, DAY(2026, 2, 1), 10, false);
    struct db *other = testdb_connect(testdb);
    pthread_t thread;
    void *failed;

    (void)state;
    say_all();
    refresh_ok();
    assert_int_equal(db_begin(other, &err), 0);
    assert_int_equal(
        db_script(other, "UPDATE exam_result SET certificate_id = 77 WHERE exam_no = 'K-2'", &err),
        0);
    assert_int_equal(pthread_create(&thread, NULL, commit_later, other), 0);
    say(EVIDENCE_EXAM, &worse, 1);
    int result = refresh();
    pthread_join(thread, &failed);
    db_free(&other);
    assert_null(failed);
    assert_int_equal(result, 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM exam_result WHERE exam_no = 'K-2'"
                                           " AND certificate_id = 77 AND score = 86"),
                     1);
}

static void put_text(char *path, const char *text)
{
    FILE *file = fdopen(mkstemp(path), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* An import comes to a month that was not there when it looked. */
static void test_import_meets_a_refresh(void **state)
{
    char path[] = "/tmp/ecert-months.XXXXXX";
    const struct import import = {
        .kind = import_kind_find("insurance"), .path = path, .actor = {ACTOR_OPERATOR, 0, ""}
    };
    struct db *other = testdb_connect(testdb);
    struct import_result result;
    pthread_t thread;
    void *failed;

    (void)state;
    put_text(path, "id_type,id_no,uscc,month\n111," ID_NO "," OWN ",2026-01\n"
                   "111," ID_NO "," OWN ",2026-02\n");
    assert_int_equal(db_begin(other, &err), 0);
    assert_int_equal(
        db_script(other, "INSERT INTO insurance VALUES (10, 1, '2026-02-01', NOW(3), NULL)", &err), 0);
    assert_int_equal(pthread_create(&thread, NULL, commit_later, other), 0);
    int imported = import_file(testdb->db, testdb->pool, &testdb->core, &import, &result, &err);
    pthread_join(thread, &failed);
    db_free(&other);
    unlink(path);
    assert_null(failed);
    if (imported < 0)
        fail_msg("%s", err.text);
    assert_int_equal(result.problem_count, 0);
    assert_int_equal(result.added, 1);
    assert_counts(0, 2, 0);
}

/* Somebody who brings the same records at the same time. */
struct rival {
    struct testdb *guest;
    const char *file; /* to import; NULL: another refresh */
    struct err err;
    int result;
};

static void *compete(void *context)
{
    struct rival *rival = context;
    struct testdb *guest = rival->guest;
    const struct import import = {
        .kind = import_kind_find("exam_results"),
        .path = rival->file,
        .actor = {ACTOR_OPERATOR, 0, ""}
    };
    struct import_result result = {.rows = 0};

    if (rival->file)
        rival->result =
            import_file(guest->db, guest->pool, &guest->core, &import, &result, &rival->err);
    else
        rival->result = refresh_on(guest->db, guest->pool, &rival->err);
    if (result.problem_count > 0)
        rival->result = err_set(&rival->err, ERR_INPUT, 0, "%s", result.problems[0].text);
    return NULL;
}

static const struct evidence_record *many(void)
{
    struct evidence_record *records = pool_array(testdb->pool, MANY, sizeof(*records));

    for (int i = 0; i < MANY; i++)
        records[i] = (struct evidence_record)EXAM(pool_printf(testdb->pool, "K-%03d", i), OWN,
                                                  DAY(2026, 2, 1), 80, true);
    return records;
}

static void race(const char *file)
{
    struct rival rival = {.guest = testdb_guest(testdb), .file = file};
    const struct evidence_record *records = many();

    for (int i = 0; i < ROUNDS; i++) {
        pthread_t thread;

        testdb_sql(testdb, "DELETE FROM exam_result");
        say(EVIDENCE_EXAM, records, MANY);
        assert_int_equal(pthread_create(&thread, NULL, compete, &rival), 0);
        int result = refresh();
        pthread_join(thread, NULL);
        if (result < 0 || rival.result < 0)
            fail_msg("round %d: %s", i, result < 0 ? err.text : rival.err.text);
        assert_counts(MANY, 0, 0);
    }
    testdb_leave(&rival.guest);
}

static void test_two_refreshes(void **state)
{
    (void)state;
    race(NULL);
}

static void test_with_an_import(void **state)
{
    char path[] = "/tmp/ecert-exams.XXXXXX";
    struct text file;

    (void)state;
    text_init(&file, testdb->pool, 1 << 20);
    text_add(&file, "exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed\n");
    for (int i = 0; i < MANY; i++)
        text_printf(&file, "K-%03d,111," ID_NO "," OWN ",B,07,2026-02-01,80,1\n", i);
    put_text(path, file.data);
    race(path);
    unlink(path);
}

static int each(void **state)
{
    static const struct db_query name_person = {"test_person",
                                                "UPDATE person SET id_no_hash = ? WHERE id = ?"};
    uint8_t hash[VAULT_HASH_SIZE];

    (void)state;
    memset(told, 0, sizeof(told));
    err_clear(&err);
    testdb_clear(testdb);
    testdb_firm(testdb, OWN_ID);
    testdb_firm(testdb, OTHER_ID);
    testdb_sql(testdb, "UPDATE enterprise SET uscc = IF(id = %d, '" OWN "', '" OTHER "')", OWN_ID);
    testdb_person(testdb, PERSON, "111", "张三", (struct bytes){NULL, 0});
    testdb_person(testdb, NEIGHBOUR, "111", "李四", (struct bytes){NULL, 0});
    vault_lookup(testdb->vault, PLACE_PERSON_ID_NO, ID_NO, hash);
    return db_run(testdb->db, &name_person, DB_ARGS(db_bytes(hash, sizeof(hash)), db_uint(PERSON)),
                  NULL, &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_refused_in_a_transaction, each),
        cmocka_unit_test_setup(test_refused_records, each),
        cmocka_unit_test_setup(test_refused_twice, each),
        cmocka_unit_test_setup(test_all_or_nothing, each),
        cmocka_unit_test_setup(test_only_what_is_needed, each),
        cmocka_unit_test_setup(test_class_of_old, each),
        cmocka_unit_test_setup(test_another_person, each),
        cmocka_unit_test_setup(test_no_source, each),
        cmocka_unit_test_setup(test_opened, each),
        cmocka_unit_test_setup(test_merged, each),
        cmocka_unit_test_setup(test_idempotent, each),
        cmocka_unit_test_setup(test_corrected, each),
        cmocka_unit_test_setup(test_used_exam_stays, each),
        cmocka_unit_test_setup(test_exam_used_meanwhile, each),
        cmocka_unit_test_setup(test_import_meets_a_refresh, each),
        cmocka_unit_test_setup(test_two_refreshes, each),
        cmocka_unit_test_setup(test_with_an_import, each),
    };

    testdb = testdb_open();
    if (!testdb)
        return 77;
    clock_fix(query.today);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
