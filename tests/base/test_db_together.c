/*
 * What base/db sends together: the begin of a transaction with its first statement, a change with
 * hints behind it, and pairs of changes; also where one of them goes wrong.
 */
#include "base/db.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/base/things.h"

/* Its WHERE sees whether "there" is. */
static const struct db_query mark = {
    "mark", "UPDATE names SET n = n + 10 WHERE name = ?"
            " AND EXISTS (SELECT 1 FROM things WHERE t = ?)"};
static const struct db_query add_thing = {"add_thing",
                                          "INSERT INTO things (i, u, t) VALUES (1, 1, ?)"};

static int n_of(const char *name)
{
    const struct db_value *row;

    assert_int_equal(db_find(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text(name)), &row, &err), 1);
    return (int)db_as_int(&row[1]);
}

static int find_name(struct db *on, const char *name)
{
    const struct db_value *row;

    return db_find(on, pool, &queries[FIND_NAMED], DB_ARGS(db_text(name)), &row, &err);
}

/* In two steps. */
static int started(struct db *on, int query, const char *name, uint64_t *affected)
{
    return db_run_start(on, &queries[query], DB_ARGS(db_text(name)), &err) < 0 ? -1
                                                                                 : db_run_end(on, affected, &err);
}

static void begin_ok(void)
{
    assert_int_equal(db_begin(db, &err), 0);
    assert_true(db_in_transaction(db));
}

/* Runs a pair: a thing with this text is added, and the name marked if it is there. */
static int pair(struct db *on, const char *text, const char *name, uint64_t *marked)
{
    struct db_call calls[] = {
        {.query = &add_thing, DB_CALL(db_text(text))},
        {.query = &mark, DB_CALL(db_text(name), db_text(text))},
    };
    int result = db_run_pair(on, calls, &err);

    *marked = calls[1].affected;
    return result;
}

/* Begin */

static void test_begin_travels(void **state)
{
    (void)state;
    find_name(db, "a"); /* all is prepared */
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    begin_ok();
    find_name(db, "a");
    db_rollback(db);

    uint64_t before = db_round_trips(db);
    begin_ok();
    assert_int_equal(db_commit(db, &err), 0);
    begin_ok();
    db_rollback(db);
    assert_int_equal(db_round_trips(db) - before, 0);
    begin_ok();
    assert_int_equal(find_name(db, "a"), 1);
    assert_int_equal(db_round_trips(db) - before, 1);
    assert_int_equal(db_commit(db, &err), 0);
    assert_int_equal(db_round_trips(db) - before, 2);
    begin_ok();
    run_ok(db, RAISE, DB_ARGS(db_text("a")));
    assert_int_equal(db_commit(db, &err), 0);
    assert_false(db_in_transaction(db));
}

/* Whatever the first statement is, it is one of the transaction. */
static void test_first_is_inside(void **state)
{
    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    for (int round = 0; round < 2; round++) {
        uint64_t affected = 0;

        begin_ok();
        run_ok(db, RAISE, DB_ARGS(db_text("a")));
        db_rollback(db);
        begin_ok();
        assert_int_equal(started(db, RAISE, "a", &affected), 0);
        assert_int_equal(affected, 1);
        db_rollback(db);
        begin_ok();
        assert_int_equal(find_name(db, "a"), 1);
        run_ok(db, RAISE, DB_ARGS(db_text("a")));
        db_rollback(db);
        begin_ok();
        script_ok("UPDATE names SET n = n + 1");
        db_rollback(db);
        assert_int_equal(n_of("a"), 0);
    }
    begin_ok();
    assert_int_equal(started(db, RAISE, "a", NULL), 0);
    assert_int_equal(db_commit(db, &err), 0);
    assert_int_equal(n_of("a"), 1);
}

static void test_started_travels_with_begin(void **state)
{
    (void)state;
    begin_ok();
    started(db, RAISE, "a", NULL);
    db_rollback(db);
    uint64_t before = db_round_trips(db);
    begin_ok();
    started(db, RAISE, "a", NULL);
    assert_int_equal(db_round_trips(db) - before, 1);
    db_rollback(db);
    /* Only as the first, and any other run is not. */
    before = db_round_trips(db);
    begin_ok();
    run_ok(db, RAISE, DB_ARGS(db_text("a")));
    assert_int_equal(db_round_trips(db) - before, 2);
    started(db, RAISE, "a", NULL);
    assert_int_equal(db_round_trips(db) - before, 3);
    db_rollback(db);
}

/* The hint goes along, and whoever gives up in between has rolled everything back. */
static void test_started(void **state)
{
    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    for (int round = 0; round < 2; round++) {
        uint64_t affected = 0;

        begin_ok();
        db_ahead(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text("a")));
        assert_int_equal(db_run_start(db, &queries[RAISE], DB_ARGS(db_text("a")), &err), 0);
        db_rollback(db);
        assert_int_equal(n_of("a"), 0);
        begin_ok();
        db_ahead(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text("a")));
        assert_int_equal(db_run_start(db, &queries[RAISE], DB_ARGS(db_text("a")), &err), 0);
        assert_int_equal(db_run_end(db, &affected, &err), 0);
        assert_int_equal(affected, 1);
        uint64_t before = db_round_trips(db);
        assert_int_equal(n_of("a"), 1);
        assert_int_equal(db_round_trips(db) - before, 0);
        assert_int_equal(started(db, ADD_NAMED, "a", NULL), -1);
        assert_int_equal(err.kind, ERR_DB_DUPLICATE);
        assert_int_equal(started(db, RAISE, "a", NULL), 0);
        db_rollback(db);
        assert_int_equal(n_of("a"), 0);
    }
}

static void test_first_fails(void **state)
{
    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    for (int round = 0; round < 2; round++) {
        struct db_rows rows;

        begin_ok();
        assert_int_equal(db_select(db, pool, &queries[TOO_MANY], DB_ARGS(db_int(1)), &rows, &err), -1);
        run_ok(db, RAISE, DB_ARGS(db_text("a")));
        db_rollback(db);
        begin_ok();
        assert_int_equal(started(db, ADD_NAMED, "a", NULL), -1);
        assert_int_equal(err.kind, ERR_DB_DUPLICATE);
        run_ok(db, RAISE, DB_ARGS(db_text("a")));
        db_rollback(db);
        assert_int_equal(n_of("a"), 0);
    }
}

static void test_lost_before_the_first(void **state)
{
    struct db *victim = connect_to(&settings);

    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        uint64_t id = connection_of(victim);

        assert_int_equal(db_begin(victim, &err), 0);
        kill_connection(id);
        if (alone)
            assert_int_equal(started(victim, ADD_NAMED, "x", NULL), -1);
        else
            assert_int_equal(find_name(victim, "x"), -1);
        assert_int_equal(err.kind, ERR_DB);
        assert_true(db_lost(&err));
        assert_int_equal(db_ready(victim, &err), -1);
        db_rollback(victim);
        assert_int_equal(db_ready(victim, &err), 0);
    }
    assert_int_equal(count_names("x"), 0);
    db_free(&victim);
}

/* Hints behind a change */

static void hint_at(const char *name)
{
    db_ahead(db, pool, &queries[FIND_NAMED], DB_ARGS(db_text(name)));
}

static void test_hint_runs_behind_the_change(void **state)
{
    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    find_name(db, "a");
    run_ok(db, RAISE, DB_ARGS(db_text("a")));

    uint64_t before = db_round_trips(db);
    hint_at("a");
    run_ok(db, RAISE, DB_ARGS(db_text("a")));
    assert_int_equal(n_of("a"), 2);
    assert_int_equal(db_round_trips(db) - before, 1);
    /* Once the rows are there, the next change makes them old. */
    hint_at("a");
    run_ok(db, RAISE, DB_ARGS(db_text("a")));
    run_ok(db, RAISE, DB_ARGS(db_text("a")));
    assert_int_equal(n_of("a"), 4);
    assert_int_equal(db_round_trips(db) - before, 1 + 3);
}

static void test_hint_behind_a_failure(void **state)
{
    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    for (int round = 0; round < 2; round++) {
        hint_at("a");
        assert_int_equal(db_run(db, &queries[ADD_NAMED], DB_ARGS(db_text("a")), NULL, &err), -1);
        assert_int_equal(err.kind, ERR_DB_DUPLICATE);
        assert_int_equal(n_of("a"), round);
        db_ahead(db, pool, &queries[TOO_MANY], DB_ARGS(db_int(1)));
        run_ok(db, RAISE, DB_ARGS(db_text("a")));
        assert_int_equal(n_of("a"), round + 1);
    }
}

static void test_hints_end_with_the_transaction(void **state)
{
    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    for (int commit = 0; commit < 2; commit++) {
        begin_ok();
        hint_at("a");
        run_ok(db, RAISE, DB_ARGS(db_text("a")));
        if (commit)
            assert_int_equal(db_commit(db, &err), 0);
        else
            db_rollback(db);
        uint64_t before = db_round_trips(db);
        assert_int_equal(n_of("a"), commit);
        assert_int_equal(db_round_trips(db) - before, 1);
    }
}

/* Pairs */

static void test_pair(void **state)
{
    uint64_t marked = 0;

    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    begin_ok();
    assert_int_equal(pair(db, "there", "a", &marked), 0); /* as the first of its transaction, too */
    assert_int_equal(marked, 1);
    uint64_t before = db_round_trips(db);
    assert_int_equal(pair(db, "there", "a", &marked), 0);
    assert_int_equal(db_round_trips(db) - before, 1);
    assert_int_equal(marked, 1);
    assert_true(db_insert_id(db) > 0);
    assert_int_equal(pair(db, "there", "nobody", &marked), 0);
    assert_int_equal(marked, 0);
    assert_int_equal(db_commit(db, &err), 0);
    assert_int_equal(n_of("a"), 20);
}

static void test_pair_with_a_failure(void **state)
{
    (void)state;
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("a")));
    for (int round = 0; round < 2; round++) {
        struct db_call first[] = {
            {.query = &queries[ADD_NAMED], DB_CALL(db_text("a"))},
            {.query = &mark, DB_CALL(db_text("a"), db_text("there"))},
        };
        struct db_call second[] = {
            {.query = &queries[RAISE], DB_CALL(db_text("a"))},
            {.query = &queries[ADD_NAMED], DB_CALL(db_text("a"))},
        };

        begin_ok();
        find_name(db, "a");
        assert_int_equal(db_run_pair(db, first, &err), -1);
        assert_int_equal(err.kind, ERR_DB_DUPLICATE);
        assert_int_equal(n_of("a"), 0);
        assert_int_equal(db_run_pair(db, second, &err), -1);
        assert_int_equal(err.kind, ERR_DB_DUPLICATE);
        assert_int_equal(n_of("a"), 1);
        db_rollback(db);
        assert_int_equal(n_of("a"), 0);
    }
}

/* One changes "b" and many more, then "a", which the other has changed: that one is the victim as it
 * wants "b". */
struct opponent {
    struct db *on;
    pthread_barrier_t meet;
    int result;
};

static void *raise_many(void *context)
{
    static const struct db_query raise_all = {"raise_all", "UPDATE names SET n = n + 1 WHERE name >= ?"};
    struct opponent *opponent = context;
    struct err cause;

    opponent->result = db_begin(opponent->on, &cause) < 0 ||
                       db_run(opponent->on, &raise_all, DB_ARGS(db_text("b")), NULL, &cause) < 0;
    pthread_barrier_wait(&opponent->meet);
    opponent->result |= db_run(opponent->on, &queries[RAISE], DB_ARGS(db_text("a")), NULL, &cause) < 0;
    db_rollback(opponent->on);
    return NULL;
}

/* The second of a pair runs outside of the transaction that the first has ended, and does nothing. */
static void test_pair_of_a_victim(void **state)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct opponent opponent = {.on = connect_to(&settings)};
    pthread_t thread;
    struct db_call calls[] = {
        {.query = &queries[RAISE], DB_CALL(db_text("b"))},
        {.query = &mark, DB_CALL(db_text("Free"), db_text("there"))},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        run_ok(db, ADD_NAMED, DB_ARGS(db_text(names[i])));
    run_ok(db, ADD_NAMED, DB_ARGS(db_text("Free")));
    pthread_barrier_init(&opponent.meet, NULL, 2);
    begin_ok();
    run_ok(db, RAISE, DB_ARGS(db_text("a")));
    assert_int_equal(db_run(db, &add_thing, DB_ARGS(db_text("there")), NULL, &err), 0);
    pthread_create(&thread, NULL, raise_many, &opponent);
    pthread_barrier_wait(&opponent.meet);
    usleep(100000);
    assert_int_equal(db_run_pair(db, calls, &err), -1);
    assert_int_equal(err.kind, ERR_DB_RETRY);
    assert_int_equal(db_commit(db, &err), -1);
    db_rollback(db);
    pthread_join(thread, NULL);
    assert_int_equal(opponent.result, 0);
    pthread_barrier_destroy(&opponent.meet);
    db_free(&opponent.on);
    assert_int_equal(n_of("a"), 0);
    assert_int_equal(n_of("Free"), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, each_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_begin_travels),
        TEST(test_first_is_inside),
        TEST(test_started_travels_with_begin),
        TEST(test_started),
        TEST(test_first_fails),
        TEST(test_lost_before_the_first),
        TEST(test_hint_runs_behind_the_change),
        TEST(test_hint_behind_a_failure),
        TEST(test_hints_end_with_the_transaction),
        TEST(test_pair),
        TEST(test_pair_with_a_failure),
        TEST(test_pair_of_a_victim),
    };

    return things_run(tests);
}
