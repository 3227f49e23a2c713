/*
 * base/db on a real server: run it by tests/with-mariadb. Without ECERT_TEST_DB_SOCKET it is
 * skipped (exit code 77).
 */
#include "base/db.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/base/things.h"

enum { BIG = 1024 * 1024 };

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
    assert_int_equal(db_round_trips(fresh), 4);
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
/* Ahead */

/* Hints at the numbers from `first`, then runs `query` with 1: what that yields. */
static int find_with_hint(int query, int64_t first)
{
    const struct db_value *row;

    db_ahead(db, pool, &queries[NUMBERS], DB_ARGS(db_int(first), db_int(3)));
    return db_find(db, pool, &queries[query], DB_ARGS(db_int(1)), &row, &err);
}

static void numbers_are(int64_t first, uint64_t trips)
{
    uint64_t before = db_round_trips(db);
    struct db_rows rows;

    assert_int_equal(db_select(db, pool, &queries[NUMBERS], DB_ARGS(db_int(first), db_int(3)),
                               &rows, &err), 0);
    assert_int_equal(rows.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(db_as_int(db_row(&rows, i)), first + (int64_t)i);
    assert_int_equal(db_round_trips(db) - before, trips);
}

static void test_ahead(void **state)
{
    (void)state;
    /* Both are prepared. */
    assert_int_equal(find_with_hint(ECHO, 1), 1);
    numbers_are(1, 0);

    uint64_t before = db_round_trips(db);
    assert_int_equal(find_with_hint(ECHO, 2), 1);
    assert_int_equal(db_round_trips(db) - before, 1);
    numbers_are(2, 0); /* what was hinted at, once */
    numbers_are(2, 1);
    assert_int_equal(find_with_hint(ECHO, 3), 1);
    numbers_are(4, 1); /* other arguments */
    numbers_are(3, 0);
}

static int pass(void *context, const struct db_value *row, struct err *cause)
{
    (void)context;
    (void)row;
    (void)cause;
    return 0;
}

static void test_ahead_is_forgotten(void **state)
{
    struct pool *other = pool_new(0, 0);
    struct db_rows rows;

    (void)state;
    assert_int_equal(find_with_hint(ECHO, 1), 1);
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("x")));
    numbers_are(1, 1);
    assert_int_equal(find_with_hint(ECHO, 1), 1);
    assert_int_equal(db_begin(db, &err), 0);
    numbers_are(1, 2); /* to begin is prepared */
    db_rollback(db);
    assert_int_equal(find_with_hint(ECHO, 1), 1);
    db_ahead_drop(db);
    numbers_are(1, 1);
    db_ahead(db, pool, &queries[NUMBERS], DB_ARGS(db_int(1), db_int(3)));
    assert_int_equal(db_each(db, &queries[NUMBERS], DB_ARGS(db_int(9), db_int(1)), pass, NULL, &err), 0);
    numbers_are(1, 1);
    /* Rows of one pool are never given out as another's. */
    assert_int_equal(find_with_hint(ECHO, 1), 1);
    uint64_t before = db_round_trips(db);
    assert_int_equal(db_select(db, other, &queries[NUMBERS], DB_ARGS(db_int(1), db_int(3)), &rows,
                               &err), 0);
    assert_int_equal(db_round_trips(db) - before, 1);
    db_ahead_drop(db);
    pool_free(&other);
}

/* Whichever of the two fails, the connection is in step afterwards. */
static void test_ahead_beside_errors(void **state)
{
    struct db_rows rows;
    const struct db_value *row;

    (void)state;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(find_with_hint(TOO_MANY, 5), -1);
        assert_int_equal(err.kind, ERR_DB);
        numbers_are(5, 0);
        numbers_are(6, 1);
        db_ahead(db, pool, &queries[TOO_MANY], DB_ARGS(db_int(1)));
        assert_int_equal(db_find(db, pool, &queries[ECHO], DB_ARGS(db_int(7)), &row, &err), 1);
        assert_int_equal(db_as_int(row), 7);
        assert_int_equal(db_select(db, pool, &queries[TOO_MANY], DB_ARGS(db_int(1)), &rows, &err), -1);
        numbers_are(1, 1);
    }
    db_ahead(db, pool, &queries[BROKEN], DB_NO_ARGS);
    assert_int_equal(db_find(db, pool, &queries[ECHO], DB_ARGS(db_int(8)), &row, &err), 1);
    assert_int_equal(db_as_int(row), 8);
    numbers_are(1, 1);
}

/* Many rows in front, and the hint behind a select. */
static void test_ahead_behind_many_rows(void **state)
{
    struct db_rows rows;

    (void)state;
    numbers_are(1, 1);
    db_ahead(db, pool, &queries[NUMBERS], DB_ARGS(db_int(2), db_int(3)));
    assert_int_equal(db_select(db, pool, &queries[ALL], DB_NO_ARGS, &rows, &err), 0);
    assert_int_equal(rows.count, 50000);
    numbers_are(2, 0);
}

static void hint_numbers(int64_t first)
{
    db_ahead(db, pool, &queries[NUMBERS], DB_ARGS(db_int(first), db_int(3)));
}

static void echo_is(int64_t value, uint64_t trips)
{
    uint64_t before = db_round_trips(db);
    const struct db_value *row;

    assert_int_equal(db_find(db, pool, &queries[ECHO], DB_ARGS(db_int(value)), &row, &err), 1);
    assert_int_equal(db_as_int(row), value);
    assert_int_equal(db_round_trips(db) - before, trips);
}

/* Several hints take one round trip; a find takes what a hint brought, too. */
static void test_ahead_of_several(void **state)
{
    const struct db_value name = db_text("ahead of several");
    const struct db_value *row;

    (void)state;
    run_ok(db, ADD_NAMED, &name, 1);
    /* All are prepared. */
    assert_int_equal(find_with_hint(TOO_MANY, 1), -1);
    assert_int_equal(find_with_hint(ECHO, 1), 1);
    assert_int_equal(db_find(db, pool, &queries[FIND_NAMED], &name, 1, &row, &err), 1);
    db_ahead_drop(db);
    for (int round = 0; round < 3; round++) {
        db_ahead(db, pool, &queries[TOO_MANY], DB_ARGS(db_int(1)));
        db_ahead(db, pool, &queries[FIND_NAMED], &name, 1);
        db_ahead(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text("nobody")));
        hint_numbers(7);
        echo_is(5, 1);
        uint64_t before = db_round_trips(db);
        assert_int_equal(db_find(db, pool, &queries[FIND_NAMED], &name, 1, &row, &err), 1);
        assert_string_equal(db_as_text(row), "ahead of several");
        assert_int_equal(db_round_trips(db) - before, 0);
        numbers_are(7, 0);
        /* A statement goes once at a time: the other one went with nothing, so it is asked now. */
        assert_int_equal(db_find(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text("nobody")), &row,
                                 &err), 0);
        assert_int_equal(db_round_trips(db) - before, 1);
    }
    db_ahead_drop(db);
}

/* What is asked before it could travel is asked once, and what stands beside it comes along. */
static void test_ahead_is_asked_itself(void **state)
{
    (void)state;
    assert_int_equal(find_with_hint(ECHO, 1), 1);
    db_ahead_drop(db);
    db_ahead(db, pool, &queries[ECHO], DB_ARGS(db_int(9)));
    hint_numbers(4);
    echo_is(9, 1);
    echo_is(9, 1);
    numbers_are(4, 0);
    /* Where nothing is sent, nothing travels. */
    hint_numbers(2);
    hint_numbers(2);
    echo_is(1, 1);
    hint_numbers(3);
    hint_numbers(2); /* which are there already */
    numbers_are(2, 0);
    echo_is(1, 1);
    numbers_are(3, 0);
}

/* More than there is room for: the first ones travel, each with its own arguments. */
static void test_ahead_of_too_many(void **state)
{
    static struct db_query many[DB_AHEAD_MOST + 3];
    const struct db_value *row;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < DB_AHEAD_MOST + 3; i++) {
            many[i] = (struct db_query){"many", "SELECT ?"};
            db_ahead(db, pool, &many[i], DB_ARGS(db_int(i)));
        }
        uint64_t before = db_round_trips(db);
        assert_int_equal(find_with_hint(ECHO, 1), 1);
        for (int i = 0; i < DB_AHEAD_MOST + 3; i++) {
            assert_int_equal(db_find(db, pool, &many[i], DB_ARGS(db_int(i)), &row, &err), 1);
            assert_int_equal(db_as_int(row), i);
        }
        if (round == 1) /* all prepared */
            assert_int_equal(db_round_trips(db) - before, 1 + 3);
    }
    db_ahead_drop(db);
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

static struct db *own_in_transaction(void)
{
    struct db *own = connect_to(&settings);

    db_begin(own, &err);
    return own;
}

static void asked_in_between(void)
{
    struct db *own = own_in_transaction();
    const struct db_value *row;

    db_run_start(own, &queries[RAISE], DB_ARGS(db_text("x")), &err);
    db_find(own, pool, &queries[CONNECTION], DB_NO_ARGS, &row, &err);
}

static void started_outside(void)
{
    db_run_start(connect_to(&settings), &queries[RAISE], DB_ARGS(db_text("x")), &err);
}

static void ended_unstarted(void)
{
    db_run_end(own_in_transaction(), NULL, &err);
}

static void no_pair(void)
{
    struct db_call calls[] = {{.query = &queries[RAISE], DB_CALL(db_text("x"))},
                              {.query = &queries[RAISE], DB_CALL(db_text("x"))}};

    db_run_pair(own_in_transaction(), calls, &err);
}

static void test_misuse_aborts(void **state)
{
    static void (*const misuses[])(void) = {
        read_as_date, negative_as_natural, wrong_count, nested,
        asked_in_between, started_outside, ended_unstarted, no_pair};

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

/* Which errors another connection may help against. */
static void test_lost(void **state)
{
    static const struct {
        enum err_kind kind;
        int code;
        bool lost;
    } cases[] = {
        {ERR_DB, 1064, false},         /* wrong SQL */
        {ERR_DB, 0, false},
        {ERR_DB_DUPLICATE, 1062, false},
        {ERR_DB_RETRY, 1213, false},
        {ERR_SYSTEM, 2013, false},     /* another area's number */
        {ERR_DB, 1040, true},          /* too many connections */
        {ERR_DB, 1047, true},          /* the node has left its cluster */
        {ERR_DB, 1053, true},          /* shutting down */
        {ERR_DB, 1927, true},          /* killed */
        {ERR_DB, 2002, true},
        {ERR_DB_UNKNOWN, 2013, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct err error = {.kind = cases[i].kind, .code = cases[i].code};
        assert_int_equal(db_lost(&error), cases[i].lost);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, each_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_no_server),
        TEST(test_lost),
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
        TEST(test_ahead),
        TEST(test_ahead_is_forgotten),
        TEST(test_ahead_beside_errors),
        TEST(test_ahead_behind_many_rows),
        TEST(test_ahead_of_several),
        TEST(test_ahead_is_asked_itself),
        TEST(test_ahead_of_too_many),
        TEST(test_misuse_aborts),
    };

    return things_run(tests);
}
