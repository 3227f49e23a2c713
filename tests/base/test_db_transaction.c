/*
 * Transactions of base/db, deadlocks, and connections that are lost at the worst moment.
 */
#include "base/db.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/base/things.h"

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

/* One locks what another has changed more than one row for: it is the victim, while its rows are
 * on their way. */
static int lock_both(void *context, struct err *cause)
{
    struct step *step = context;
    struct db_rows rows;

    step->attempts++;
    if (db_select(step->on, pool, &queries[LOCK_NAMED], DB_ARGS(db_text("x"), db_text("x")), &rows,
                  cause) < 0)
        return -1;
    if (step->attempts == 1)
        pthread_barrier_wait(step->meet);
    if (db_select(step->on, pool, &queries[LOCK_NAMED], DB_ARGS(db_text("x"), db_text("y")), &rows,
                  cause) == 0)
        return rows.count == 2 ? 0 : -1;
    step->fails_with = cause->kind;
    return -1;
}

static int raise_all(void *context, struct err *cause)
{
    static const char *const names[] = {"y", "z1", "z2", "z3"};
    struct step *step = context;

    step->attempts++;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (db_run(step->on, &queries[RAISE], DB_ARGS(db_text(names[i])), NULL, cause) < 0)
            return -1;
    if (step->attempts == 1)
        pthread_barrier_wait(step->meet);
    usleep(100000);
    return db_run(step->on, &queries[RAISE], DB_ARGS(db_text("x")), NULL, cause);
}

static void *raise_all_thread(void *context)
{
    struct step *step = context;

    step->result = db_transact(step->on, raise_all, step, &step->err);
    return NULL;
}

static void test_deadlock_among_rows(void **state)
{
    static const char *const names[] = {"x", "y", "z1", "z2", "z3"};
    pthread_barrier_t meet;
    pthread_t thread;
    struct step reader = {.on = db, .meet = &meet};
    struct step writer = {.on = connect_to(&settings), .meet = &meet};

    (void)state;
    pthread_barrier_init(&meet, NULL, 2);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        run_ok(db, ADD_NAMED, DB_ARGS(db_text(names[i])));
    pthread_create(&thread, NULL, raise_all_thread, &writer);
    assert_int_equal(db_transact(db, lock_both, &reader, &err), 0);
    pthread_join(thread, NULL);
    db_free(&writer.on);
    pthread_barrier_destroy(&meet);
    assert_int_equal(writer.result, 0);
    assert_int_equal(writer.attempts, 1);
    assert_int_equal(reader.attempts, 2);
    assert_int_equal(reader.fails_with, ERR_DB_RETRY);
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

/* InnoDB's other word for it. */
static int add_beside_numbers(void *context, struct err *cause)
{
    int *attempts = context;

    if (db_run(db, &queries[ADD_NAMED], DB_ARGS(db_text("numbered")), NULL, cause) < 0)
        return -1;
    return ++*attempts > 1 ? 0 : db_script(db, "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1467", cause);
}

static void test_deadlock_over_numbers_is_repeated(void **state)
{
    int attempts = 0;

    (void)state;
    assert_int_equal(db_transact(db, add_beside_numbers, &attempts, &err), 0);
    assert_int_equal(attempts, 2);
    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(db_script(db, "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1467", &err), -1);
    assert_int_equal(err.kind, ERR_DB_RETRY);
    assert_int_equal(db_run(db, &queries[ADD_NAMED], DB_ARGS(db_text("late")), NULL, &err), -1);
    assert_int_equal(err.kind, ERR_DB_RETRY);
    db_rollback(db);
    assert_int_equal(db_run(db, &queries[ADD_NAMED], DB_ARGS(db_text("late")), NULL, &err), 0);
}

/* Lost connections */

static void test_idle_connection_killed(void **state)
{
    struct db *victim = connect_to(&settings);
    uint64_t before = connection_of(victim);

    (void)state;
    kill_connection(before);
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
    kill_connection(id);
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
#define TEST(name) cmocka_unit_test_setup(name, each_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_transact),
        TEST(test_deadlock_is_repeated),
        TEST(test_deadlock_among_rows),
        TEST(test_victim_is_doomed),
        TEST(test_deadlock_over_numbers_is_repeated),
        TEST(test_idle_connection_killed),
        TEST(test_killed_in_transaction),
        TEST(test_lost_commit_is_unknown),
        TEST(test_lost_single_change_is_unknown),
    };

    return things_run(tests);
}
