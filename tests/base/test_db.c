/*
 * base/db on a real server: run it by tests/with-mariadb. Without ECERT_TEST_DB_SOCKET it is
 * skipped (exit code 77).
 */
#include "base/db.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"

enum { BIG = 1024 * 1024 };

enum {
    ADD,
    GET,
    ADD_NAMED,
    RAISE,
    FIND_NAMED,
    COUNT,
    ALL,
    ECHO,
    DECIMAL,
    BROKEN,
    CONNECTION,
    KILL,
    SETUP,
    LATE
};

static const struct db_query queries[] = {
    [ADD] = {"add",        "INSERT INTO things (i, u, t, b, d, ms) VALUES (?, ?, ?, ?, ?, ?)"},
    [GET] = {"get",        "SELECT id, i, u, t, b, d, ms, e FROM things WHERE id = ?"        },
    [ADD_NAMED] = {"add_named",  "INSERT INTO names (name, n) VALUES (?, 0)"                       },
    [RAISE] = {"raise",      "UPDATE names SET n = n + 1 WHERE name = ?"                       },
    [FIND_NAMED] = {"find_named", "SELECT name, n FROM names WHERE name = ?"                        },
    [COUNT] = {"count",      "SELECT COUNT(*) FROM names WHERE name LIKE ?"                    },
    [ALL] = {"all",        "SELECT seq, CONCAT('row ', seq) FROM seq_1_to_50000"             },
    [ECHO] = {"echo",       "SELECT ?"                                                        },
    [DECIMAL] = {"decimal",    "SELECT CAST(1.5 AS DECIMAL(5,2))"                                },
    [BROKEN] = {"broken",     "SELECT nothing FROM nowhere"                                     },
    [CONNECTION] = {"connection", "SELECT CONNECTION_ID()"                                          },
    [KILL] = {"kill",       "KILL ?"                                                          },
    [SETUP] = {"setup",      "SELECT @@time_zone, @@tx_isolation, @@sql_mode, @@character_set_client,"
                        " @@innodb_lock_wait_timeout"                   },
    [LATE] = {"late",       "SELECT * FROM late"                                              },
};

static struct db_settings settings;
static struct pool *pool;
static struct db *db;
static struct err err;

static void run_ok(struct db *on, int query, const struct db_value *args, size_t count)
{
    if (db_run(on, &queries[query], args, count, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static void script_ok(const char *sql)
{
    if (db_script(db, sql, &err) < 0)
        fail_msg("%s", err.text);
}

static struct db *connect_to(const struct db_settings *to)
{
    struct db *fresh = db_new(to);

    if (db_ready(fresh, &err) < 0)
        fail_msg("%s", err.text);
    return fresh;
}

static uint64_t connection_of(struct db *on)
{
    const struct db_value *row;

    assert_int_equal(db_find(on, pool, &queries[CONNECTION], DB_NO_ARGS, &row, &err), 1);
    return db_as_uint(&row[0]);
}

static int group_setup(void **state)
{
    (void)state;
    settings = (struct db_settings){.socket = getenv("ECERT_TEST_DB_SOCKET"),
                                    .host = "",
                                    .user = getenv("ECERT_TEST_DB_USER"),
                                    .password = "",
                                    .schema = "",
                                    .timeout_ms = 10000};
    if (!settings.user)
        settings.user = "root";
    pool = pool_new(64 * 1024, 0);
    db = connect_to(&settings);
    script_ok("DROP DATABASE IF EXISTS base_test");
    script_ok("CREATE DATABASE base_test CHARACTER SET utf8mb4");
    db_free(&db);
    settings.schema = "base_test";
    db = connect_to(&settings);
    script_ok("CREATE TABLE things (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, i BIGINT,"
              " u BIGINT UNSIGNED, t LONGTEXT, b LONGBLOB, d DATE, ms DATETIME(3),"
              " e ENUM('one', 'two') NOT NULL DEFAULT 'two')");
    script_ok("CREATE TABLE names (name VARCHAR(40) PRIMARY KEY, n INT NOT NULL)");
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    script_ok("DROP DATABASE base_test");
    db_free(&db);
    pool_free(&pool);
    return 0;
}

static int each_setup(void **state)
{
    (void)state;
    pool_reset(pool);
    err_clear(&err);
    if (db_ready(db, &err) < 0)
        fail_msg("%s", err.text);
    script_ok("DELETE FROM names");
    script_ok("DELETE FROM things");
    return 0;
}

/* What can't work */

static void test_no_server(void **state)
{
    struct db_settings nowhere = settings;
    const struct db_value *row;

    (void)state;
    nowhere.socket = "/nonexistent/socket";
    struct db *lonely = db_new(&nowhere);
    assert_int_equal(db_ready(lonely, &err), -1);
    assert_int_equal(err.kind, ERR_DB);
    assert_int_equal(db_find(lonely, pool, &queries[CONNECTION], DB_NO_ARGS, &row, &err), -1);
    assert_int_equal(err.kind, ERR_DB);
    db_free(&lonely);
    assert_null(lonely);
    db_free(&lonely);
}

static void test_wrong_statements(void **state)
{
    const struct db_value *row;

    (void)state;
    for (int again = 0; again < 2; again++) {
        assert_int_equal(db_find(db, pool, &queries[BROKEN], DB_NO_ARGS, &row, &err), -1);
        assert_int_equal(err.kind, ERR_DB);
        assert_int_equal(err.code, 1146);
        assert_non_null(strstr(err.text, "broken"));
        assert_int_equal(db_find(db, pool, &queries[DECIMAL], DB_NO_ARGS, &row, &err), -1);
        assert_non_null(strstr(err.text, "no C type"));
    }
    assert_int_equal(db_script(db, "DO 1; DO 2", &err), -1);
    assert_int_equal(err.code, 1064);
    assert_int_equal(db_script(db, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE names", &err),
                     -1);
    assert_true(connection_of(db) > 0);
}

static void test_messages_hold_no_values(void **state)
{
    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("Zhang for San")));
    assert_int_equal(db_run(db, &queries[ADD_NAMED], DB_ARGS(db_text("Zhang for San")), NULL, &err),
                     -1);
    assert_int_equal(err.kind, ERR_DB_DUPLICATE);
    assert_int_equal(err.code, 1062);
    assert_null(strstr(err.text, "Zhang"));
    assert_non_null(strstr(err.text, "PRIMARY"));
    assert_int_equal(db_run(db, &queries[ADD],
                            DB_ARGS(db_null(), db_null(), db_text("secret \xff"), db_null(),
                                    db_null(), db_null()),
                            NULL, &err),
                     -1);
    assert_int_equal(err.kind, ERR_DB);
    assert_null(strstr(err.text, "\\xFF"));
    assert_null(strstr(err.text, "secret"));
}

static void test_too_long_is_refused(void **state)
{
    (void)state;
    assert_int_equal(db_run(db, &queries[ADD_NAMED],
                            DB_ARGS(db_text("12345678901234567890123456789012345678901")), NULL,
                            &err),
                     -1);
    assert_int_equal(err.code, 1406);
}

/* Values */

static void test_session(void **state)
{
    const struct db_value *row;

    (void)state;
    assert_int_equal(db_find(db, pool, &queries[SETUP], DB_NO_ARGS, &row, &err), 1);
    assert_string_equal(db_as_text(&row[0]), "+00:00");
    assert_string_equal(db_as_text(&row[1]), "READ-COMMITTED");
    assert_non_null(strstr(db_as_text(&row[2]), "STRICT_ALL_TABLES"));
    assert_string_equal(db_as_text(&row[3]), "utf8mb4");
    assert_int_equal(db_as_int(&row[4]), 5);
}

static const struct {
    int64_t i;
    uint64_t u;
    const char *t;
    struct date d;
    int64_t ms;
} values[] = {
    {0,         0,          "",                     {1970, 1, 1},   0              },
    {INT64_MIN, 0,          "龘𠮷𬭚",          {1, 1, 1},      -1             },
    {INT64_MAX, UINT64_MAX, "it's \"quoted\" \\ %", {9999, 12, 31}, 253402300799999},
    {-1,        1,          "\xf0\xa0\xae\xb7",     {2024, 2, 29},  1767225599123  },
};

static void test_values(void **state)
{
    const struct db_value *row;
    const uint8_t bytes[] = {0, 1, 0xff, 0, '\''};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        run_ok(db, ADD,
               DB_ARGS(db_int(values[i].i), db_uint(values[i].u), db_text(values[i].t),
                       db_bytes(bytes, sizeof(bytes)), db_date(values[i].d),
                       db_time(values[i].ms)));
        assert_int_equal(
            db_find(db, pool, &queries[GET], DB_ARGS(db_id(db_insert_id(db))), &row, &err), 1);
        assert_true(db_as_uint(&row[0]) == db_insert_id(db));
        assert_true(db_as_int(&row[1]) == values[i].i);
        assert_true(db_as_uint(&row[2]) == values[i].u);
        assert_string_equal(db_as_text(&row[3]), values[i].t);
        assert_int_equal(db_as_bytes(&row[4]).size, sizeof(bytes));
        assert_memory_equal(db_as_bytes(&row[4]).data, bytes, sizeof(bytes));
        assert_int_equal(date_compare(db_as_date(&row[5]), values[i].d), 0);
        assert_true(db_as_time(&row[6]) == values[i].ms);
        assert_string_equal(db_as_text(&row[7]), "two");
    }
}

static void test_nulls(void **state)
{
    const struct db_value *row;

    (void)state;
    run_ok(db, ADD,
           DB_ARGS(db_null(), db_id(0), db_text(NULL), db_bytes(NULL, 0),
                   db_date((struct date){0, 0, 0}), db_null()));
    assert_int_equal(db_find(db, pool, &queries[GET], DB_ARGS(db_id(db_insert_id(db))), &row, &err),
                     1);
    for (int i = 1; i <= 6; i++)
        assert_int_equal(row[i].type, DB_NULL);
    assert_int_equal(db_as_int(&row[1]), 0);
    assert_int_equal(db_as_uint(&row[2]), 0);
    assert_string_equal(db_as_text(&row[3]), "");
    assert_int_equal(db_as_bytes(&row[4]).size, 0);
    assert_true(date_is_none(db_as_date(&row[5])));
    assert_int_equal(db_as_time(&row[6]), 0);
    run_ok(db, ADD,
           DB_ARGS(db_null(), db_null(), db_text(""), db_bytes("", 0), db_null(), db_null()));
    assert_int_equal(db_find(db, pool, &queries[GET], DB_ARGS(db_id(db_insert_id(db))), &row, &err),
                     1);
    assert_int_equal(row[3].type, DB_TEXT);
    assert_int_equal(row[4].type, DB_BYTES);
}

static void test_long_values(void **state)
{
    static const size_t sizes[] = {255, 256, 257, 65535, 65536, BIG, 17 * BIG};
    uint8_t *data = malloc(17 * BIG);
    const struct db_value *row;

    (void)state;
    for (size_t i = 0; i < 17 * BIG; i++)
        data[i] = (uint8_t)(i * 31 + (i >> 8));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        run_ok(db, ADD,
               DB_ARGS(db_null(), db_null(), db_null(), db_bytes(data, sizes[i]), db_null(),
                       db_null()));
        assert_int_equal(
            db_find(db, pool, &queries[GET], DB_ARGS(db_id(db_insert_id(db))), &row, &err), 1);
        struct bytes back = db_as_bytes(&row[4]);
        assert_int_equal(back.size, sizes[i]);
        assert_memory_equal(back.data, data, sizes[i]);
    }
    free(data);
}

/* A column whose type follows the parameter's: one statement, four types. */
static void test_types_follow_parameters(void **state)
{
    const struct db_value *row;

    (void)state;
    assert_int_equal(db_find(db, pool, &queries[ECHO], DB_ARGS(db_int(-7)), &row, &err), 1);
    assert_int_equal(db_as_int(&row[0]), -7);
    assert_int_equal(db_find(db, pool, &queries[ECHO], DB_ARGS(db_text("seven")), &row, &err), 1);
    assert_string_equal(db_as_text(&row[0]), "seven");
    assert_int_equal(db_find(db, pool, &queries[ECHO], DB_ARGS(db_null()), &row, &err), 1);
    assert_int_equal(row[0].type, DB_NULL);
    assert_int_equal(db_find(db, pool, &queries[ECHO], DB_ARGS(db_int(9)), &row, &err), 1);
    assert_int_equal(db_as_int(&row[0]), 9);
}

static void test_altered_table(void **state)
{
    struct db_rows rows;

    (void)state;
    script_ok("CREATE OR REPLACE TABLE late (a INT)");
    script_ok("INSERT INTO late VALUES (1)");
    assert_int_equal(db_select(db, pool, &queries[LATE], DB_NO_ARGS, &rows, &err), 0);
    assert_int_equal(db_as_int(&db_row(&rows, 0)[0]), 1);
    script_ok("ALTER TABLE late MODIFY a VARCHAR(10)");
    if (db_select(db, pool, &queries[LATE], DB_NO_ARGS, &rows, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(rows.count, 1);
    assert_string_equal(db_as_text(&db_row(&rows, 0)[0]), "1");
    /* The client library gives up where the number of columns changes: an error, once. */
    script_ok("ALTER TABLE late ADD b INT UNSIGNED DEFAULT 5");
    assert_int_equal(db_select(db, pool, &queries[LATE], DB_NO_ARGS, &rows, &err), -1);
    assert_int_equal(db_ready(db, &err), 0);
    assert_int_equal(db_select(db, pool, &queries[LATE], DB_NO_ARGS, &rows, &err), 0);
    assert_int_equal(rows.columns, 2);
    assert_int_equal(db_as_uint(&db_row(&rows, 0)[1]), 5);
}

/* Rows */

static void test_affected_and_found(void **state)
{
    uint64_t affected = 99;
    const struct db_value *row;

    (void)state;
    assert_int_equal(db_find(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text("a")), &row, &err), 0);
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    assert_int_equal(db_run(db, &queries[RAISE], DB_ARGS(db_text("b")), &affected, &err), 0);
    assert_int_equal(affected, 0);
    assert_int_equal(db_run(db, &queries[RAISE], DB_ARGS(db_text("a")), &affected, &err), 0);
    assert_int_equal(affected, 1);
    static const struct db_query same = {"same", "UPDATE names SET n = n"};
    assert_int_equal(db_run(db, &same, DB_NO_ARGS, &affected, &err), 0);
    assert_int_equal(affected, 1);
    assert_int_equal(db_find(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text("a")), &row, &err), 1);
    assert_int_equal(db_as_int(&row[1]), 1);
}

static void test_select_many(void **state)
{
    struct db_rows rows;
    const struct db_value *row;

    (void)state;
    assert_int_equal(db_select(db, pool, &queries[ALL], DB_NO_ARGS, &rows, &err), 0);
    assert_int_equal(rows.count, 50000);
    assert_int_equal(rows.columns, 2);
    for (size_t i = 0; i < rows.count; i++)
        assert_int_equal(db_as_int(&db_row(&rows, i)[0]), i + 1);
    assert_string_equal(db_as_text(&db_row(&rows, 49999)[1]), "row 50000");
    assert_int_equal(db_find(db, pool, &queries[ALL], DB_NO_ARGS, &row, &err), 1);
    assert_int_equal(db_as_int(&row[0]), 1);
    assert_int_equal(db_select(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text("?")), &rows, &err),
                     0);
    assert_int_equal(rows.count, 0);
}

struct sum {
    int64_t total, last;
    int64_t stop_at;
};

static int add_up(void *context, const struct db_value *row, struct err *cause)
{
    struct sum *sum = context;

    sum->total += db_as_int(&row[0]);
    sum->last = db_as_int(&row[0]);
    if (sum->last == sum->stop_at)
        return err_set(cause, ERR_CONFLICT, 7, "stopped");
    return 0;
}

static void test_each(void **state)
{
    struct sum sum = {0};
    struct sum half = {.stop_at = 100};

    (void)state;
    assert_int_equal(db_each(db, &queries[ALL], DB_NO_ARGS, add_up, &sum, &err), 0);
    assert_true(sum.total == (int64_t)50000 * 50001 / 2);
    assert_int_equal(db_each(db, &queries[ALL], DB_NO_ARGS, add_up, &half, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(half.last, 100);
    assert_true(connection_of(db) > 0);
}

static void test_round_trips(void **state)
{
    const struct db_value *row;

    (void)state;
    struct db *fresh = connect_to(&settings);
    assert_int_equal(db_round_trips(fresh), 1);
    assert_int_equal(db_find(fresh, pool, &queries[CONNECTION], DB_NO_ARGS, &row, &err), 1);
    assert_int_equal(db_round_trips(fresh), 3);
    assert_int_equal(db_find(fresh, pool, &queries[CONNECTION], DB_NO_ARGS, &row, &err), 1);
    assert_int_equal(db_round_trips(fresh), 4);
    assert_int_equal(db_ready(fresh, &err), 0);
    assert_int_equal(db_round_trips(fresh), 4);
    assert_int_equal(db_begin(fresh, &err), 0);
    assert_int_equal(db_commit(fresh, &err), 0);
    assert_int_equal(db_round_trips(fresh), 6);
    db_free(&fresh);
}

/* More statements than the first table of statements holds. */
static void test_many_statements(void **state)
{
    enum { MANY = 300 };
    static struct db_query many[MANY];
    static char sql[MANY][32];
    const struct db_value *row;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            snprintf(sql[i], sizeof(sql[i]), "SELECT %d", i);
            many[i] = (struct db_query){"many", sql[i]};
            assert_int_equal(db_find(db, pool, &many[i], DB_NO_ARGS, &row, &err), 1);
            assert_int_equal(db_as_int(&row[0]), i);
        }
    }
}

/* Transactions */

static int count_names(const char *like)
{
    const struct db_value *row;

    assert_int_equal(db_find(db, pool, &queries[COUNT], DB_ARGS(db_text(like)), &row, &err), 1);
    return (int)db_as_int(&row[0]);
}

struct step {
    struct db *on;
    const char *first, *second;
    pthread_barrier_t *meet;
    int attempts;
    int result;
    struct err err;
    enum err_kind fails_with;
    int fail_times;
};

static int add_and_fail(void *context, struct err *cause)
{
    struct step *step = context;

    step->attempts++;
    if (db_run(db, &queries[ADD_NAMED], DB_ARGS(db_text(step->first)), NULL, cause) < 0)
        return -1;
    if (step->attempts <= step->fail_times)
        return err_set(cause, step->fails_with, 0, "on purpose");
    return 0;
}

static void test_transact(void **state)
{
    static const struct {
        enum err_kind kind;
        int times, result, attempts, left;
    } cases[] = {
        {ERR_CONFLICT,   1,           -1, 1,           0},
        {ERR_DB_UNKNOWN, 1,           -1, 1,           0},
        {ERR_DB_RETRY,   DB_ATTEMPTS, -1, DB_ATTEMPTS, 0},
        {ERR_DB_RETRY,   2,           0,  3,           1},
        {ERR_NONE,       0,           0,  1,           1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct step step = {
            .first = "t", .fails_with = cases[i].kind, .fail_times = cases[i].times};
        assert_int_equal(db_transact(db, add_and_fail, &step, &err), cases[i].result);
        assert_int_equal(step.attempts, cases[i].attempts);
        assert_int_equal(count_names("t"), cases[i].left);
        if (cases[i].result < 0)
            assert_int_equal(err.kind, cases[i].kind);
        assert_false(db_in_transaction(db));
        script_ok("DELETE FROM names");
    }
}

/* Two raise the same two rows in opposite order: one of them must be the victim. */
static int raise_both(void *context, struct err *cause)
{
    struct step *step = context;

    step->attempts++;
    if (db_run(step->on, &queries[RAISE], DB_ARGS(db_text(step->first)), NULL, cause) < 0)
        return -1;
    if (step->attempts == 1)
        pthread_barrier_wait(step->meet);
    return db_run(step->on, &queries[RAISE], DB_ARGS(db_text(step->second)), NULL, cause);
}

static void *raise_thread(void *context)
{
    struct step *step = context;

    step->result = db_transact(step->on, raise_both, step, &step->err);
    return NULL;
}

static void test_deadlock_is_repeated(void **state)
{
    pthread_barrier_t meet;
    pthread_t threads[2];
    struct step steps[2] = {
        {.first = "x", .second = "y", .meet = &meet},
        {.first = "y", .second = "x", .meet = &meet}
    };
    const struct db_value *row;

    (void)state;
    pthread_barrier_init(&meet, NULL, 2);
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("x")));
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("y")));
    for (int i = 0; i < 2; i++) {
        steps[i].on = connect_to(&settings);
        pthread_create(&threads[i], NULL, raise_thread, &steps[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        db_free(&steps[i].on);
    }
    pthread_barrier_destroy(&meet);
    assert_int_equal(steps[0].result, 0);
    assert_int_equal(steps[1].result, 0);
    assert_true(steps[0].attempts + steps[1].attempts >= 3);
    assert_int_equal(db_find(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text("x")), &row, &err), 1);
    assert_int_equal(db_as_int(&row[1]), 2);
}

/* A victim whose work swallows the error must not go on outside its transaction. */
static void *raise_raw(void *context)
{
    struct step *step = context;

    db_begin(step->on, &step->err);
    db_run(step->on, &queries[RAISE], DB_ARGS(db_text(step->first)), NULL, &step->err);
    pthread_barrier_wait(step->meet);
    step->result =
        db_run(step->on, &queries[RAISE], DB_ARGS(db_text(step->second)), NULL, &step->err);
    if (step->result < 0)
        step->attempts = db_run(step->on, &queries[RAISE], DB_ARGS(db_text(step->first)), NULL,
                                &step->err) < 0 &&
                         step->err.kind == ERR_DB_RETRY && db_commit(step->on, &step->err) < 0 &&
                         step->err.kind == ERR_DB_RETRY;
    db_rollback(step->on);
    return NULL;
}

static void test_victim_is_doomed(void **state)
{
    pthread_barrier_t meet;
    pthread_t threads[2];
    struct step steps[2] = {
        {.first = "x", .second = "y", .meet = &meet},
        {.first = "y", .second = "x", .meet = &meet}
    };

    (void)state;
    pthread_barrier_init(&meet, NULL, 2);
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("x")));
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("y")));
    for (int i = 0; i < 2; i++) {
        steps[i].on = connect_to(&settings);
        pthread_create(&threads[i], NULL, raise_raw, &steps[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(db_ready(steps[i].on, &err), 0);
        db_free(&steps[i].on);
    }
    pthread_barrier_destroy(&meet);
    assert_int_equal(steps[0].result + steps[1].result, -1);
    assert_int_equal(steps[0].attempts + steps[1].attempts, 1);
}

/* Lost connections */

static void test_idle_connection_killed(void **state)
{
    struct db *victim = connect_to(&settings);
    uint64_t before = connection_of(victim);

    (void)state;
    run_ok(db, KILL, DB_ARGS(db_uint(before)));
    usleep(100000);
    assert_int_equal(db_ready(victim, &err), 0);
    assert_true(connection_of(victim) != before);
    db_free(&victim);
}

static void test_killed_in_transaction(void **state)
{
    struct db *victim = connect_to(&settings);
    uint64_t id = connection_of(victim);

    (void)state;
    assert_int_equal(db_begin(victim, &err), 0);
    run_ok(victim, ADD_NAMED, DB_ARGS(db_text("lost")));
    run_ok(db, KILL, DB_ARGS(db_uint(id)));
    usleep(100000);
    assert_int_equal(db_run(victim, &queries[ADD_NAMED], DB_ARGS(db_text("more")), NULL, &err), -1);
    assert_int_equal(err.kind, ERR_DB);
    assert_int_equal(db_ready(victim, &err), -1);
    assert_int_equal(db_commit(victim, &err), -1);
    assert_int_equal(err.kind, ERR_DB);
    db_rollback(victim);
    assert_false(db_in_transaction(victim));
    assert_int_equal(db_ready(victim, &err), 0);
    run_ok(victim, ADD_NAMED, DB_ARGS(db_text("after")));
    assert_int_equal(count_names("lost"), 0);
    assert_int_equal(count_names("more"), 0);
    assert_int_equal(count_names("after"), 1);
    db_free(&victim);
}

/* A proxy that forwards one connection and cuts it right behind what it was told to look for. */
struct proxy {
    char path[108];
    const char *cut_behind;
    int listener;
    pthread_t thread;
};

static int unix_socket(const char *path, bool server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, path, strlen(path) + 1);
    if (server)
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)) | listen(fd, 1), 0);
    else
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void *proxy_thread(void *context)
{
    struct proxy *proxy = context;
    char data[65536];
    int client = accept(proxy->listener, NULL, NULL);
    int server = unix_socket(settings.socket, false);
    struct pollfd ends[2] = {
        {.fd = client, .events = POLLIN},
        {.fd = server, .events = POLLIN}
    };

    for (bool cut = false; !cut && poll(ends, 2, -1) > 0;) {
        for (int i = 0; i < 2 && !cut; i++) {
            if (!ends[i].revents)
                continue;
            ssize_t got = read(ends[i].fd, data, sizeof(data));
            if (got <= 0 || write(ends[!i].fd, data, (size_t)got) != got)
                cut = true;
            else
                cut = i == 0 && memmem(data, (size_t)got, proxy->cut_behind,
                                       strlen(proxy->cut_behind)) != NULL;
        }
    }
    close(client);
    /* The server's answer shows that it has done what it was sent. */
    shutdown(server, SHUT_WR);
    while (read(server, data, sizeof(data)) > 0)
        ;
    close(server);
    return NULL;
}

static void proxy_start(struct proxy *proxy, const char *cut_behind)
{
    snprintf(proxy->path, sizeof(proxy->path), "%.80s.proxy", settings.socket);
    unlink(proxy->path);
    proxy->cut_behind = cut_behind;
    proxy->listener = unix_socket(proxy->path, true);
    pthread_create(&proxy->thread, NULL, proxy_thread, proxy);
}

static void proxy_end(struct proxy *proxy)
{
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
    unlink(proxy->path);
}

static int add_one(void *context, struct err *cause)
{
    struct step *step = context;

    step->attempts++;
    return db_run(step->on, &queries[ADD_NAMED], DB_ARGS(db_text("unknown")), NULL, cause);
}

static void test_lost_commit_is_unknown(void **state)
{
    struct proxy proxy;
    struct db_settings through = settings;
    struct step step = {0};

    (void)state;
    /* COM_QUERY and its text; the text alone is in the session's set-up, too. */
    proxy_start(&proxy, "\x03"
                        "COMMIT");
    through.socket = proxy.path;
    step.on = db_new(&through);
    assert_int_equal(db_transact(step.on, add_one, &step, &err), -1);
    assert_int_equal(err.kind, ERR_DB_UNKNOWN);
    assert_int_equal(step.attempts, 1);
    assert_false(db_in_transaction(step.on));
    proxy_end(&proxy);
    assert_int_equal(count_names("unknown"), 1);
    db_free(&step.on);
}

static void test_lost_single_change_is_unknown(void **state)
{
    struct proxy proxy;
    struct db_settings through = settings;

    (void)state;
    proxy_start(&proxy, "needle");
    through.socket = proxy.path;
    struct db *victim = connect_to(&through);
    assert_int_equal(db_run(victim, &queries[ADD_NAMED], DB_ARGS(db_text("needle")), NULL, &err),
                     -1);
    assert_int_equal(err.kind, ERR_DB_UNKNOWN);
    proxy_end(&proxy);
    assert_int_equal(count_names("needle"), 1);
    db_free(&victim);
}

/* What a caller must never do ends the process. */

static void read_as_date(void)
{
    struct db_value value = db_int(1);
    db_as_date(&value);
}

static void negative_as_natural(void)
{
    struct db_value value = db_int(-1);
    db_as_uint(&value);
}

static void wrong_count(void)
{
    const struct db_value *row;
    struct db *own = connect_to(&settings);
    db_find(own, pool, &queries[FIND_NAMED], DB_NO_ARGS, &row, &err);
}

static void nested(void)
{
    struct db *own = connect_to(&settings);
    db_begin(own, &err);
    db_begin(own, &err);
}

static void test_misuse_aborts(void **state)
{
    static void (*const misuses[])(void) = {read_as_date, negative_as_natural, wrong_count, nested};

    (void)state;
    for (size_t i = 0; i < sizeof(misuses) / sizeof(*misuses); i++) {
        int status;
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            signal(SIGABRT, SIG_DFL);
            if (!freopen("/dev/null", "w", stderr))
                _exit(1);
            misuses[i]();
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, each_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_no_server),
        TEST(test_wrong_statements),
        TEST(test_messages_hold_no_values),
        TEST(test_too_long_is_refused),
        TEST(test_session),
        TEST(test_values),
        TEST(test_nulls),
        TEST(test_long_values),
        TEST(test_types_follow_parameters),
        TEST(test_altered_table),
        TEST(test_affected_and_found),
        TEST(test_select_many),
        TEST(test_each),
        TEST(test_round_trips),
        TEST(test_many_statements),
        TEST(test_transact),
        TEST(test_deadlock_is_repeated),
        TEST(test_victim_is_doomed),
        TEST(test_idle_connection_killed),
        TEST(test_killed_in_transaction),
        TEST(test_lost_commit_is_unknown),
        TEST(test_lost_single_change_is_unknown),
        TEST(test_misuse_aborts),
    };

    if (!getenv("ECERT_TEST_DB_SOCKET"))
        return 77;
    return cmocka_run_group_tests(tests, group_setup, group_teardown) ? 1 : 0;
}
