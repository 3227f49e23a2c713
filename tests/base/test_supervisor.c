#include "base/supervisor.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/date.h"
#include "base/err.h"
#include "base/log.h"

enum { GRACE_MS = 20000, PATIENCE_MS = 60000 };

/* What children and parent tell the test. */
static struct shared {
    _Atomic int starts;
    _Atomic int at_work; /* ready, and not yet finished */
    _Atomic int finished;
    _Atomic int asked; /* how often children were, in all */
    _Atomic int generation_at_work[8];
    _Atomic int reloads;
} * shared;

static struct supervisor supervisor;

static int64_t now_ms(void)
{
    return clock_tick_us() / 1000;
}

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Children */

static int child_crashes(void *context, int slot, volatile sig_atomic_t *stop)
{
    (void)context;
    (void)slot;
    (void)stop;
    shared->starts++;
    return 1;
}

static int child_dies_by_signal(void *context, int slot, volatile sig_atomic_t *stop)
{
    (void)context;
    (void)slot;
    (void)stop;
    shared->starts++;
    raise(SIGKILL);
    return 0;
}

static int child_recycles(void *context, int slot, volatile sig_atomic_t *stop)
{
    (void)context;
    (void)slot;
    shared->starts++;
    if (!*stop)
        sleep_ms(10);
    return 0;
}

static int child_works(void *context, int slot, volatile sig_atomic_t *stop)
{
    struct score *score = &supervisor.scores[slot];
    int generation = score->generation;

    (void)context;
    shared->starts++;
    sleep_ms(60);
    score->ready = 1;
    shared->generation_at_work[generation]++;
    shared->at_work++;
    while (!*stop)
        sleep_ms(10);
    shared->asked += *stop;
    shared->at_work--;
    shared->generation_at_work[generation]--;
    shared->finished++;
    return score->pid == getpid() ? 0 : 1;
}

static int child_never_ends(void *context, int slot, volatile sig_atomic_t *stop)
{
    (void)context;
    (void)slot;
    shared->starts++;
    for (int heard = 0; shared->starts;) {
        sleep_ms(10);
        shared->asked += *stop - heard;
        heard = *stop;
    }
    return 0;
}

/* As one that was just before its sleep twice. */
static int child_wants_to_be_asked_thrice(void *context, int slot, volatile sig_atomic_t *stop)
{
    (void)context;
    (void)slot;
    shared->starts++;
    while (*stop < 3)
        sleep_ms(10);
    shared->asked = *stop;
    return 0;
}

static int reload_refuses(void *context, struct err *err)
{
    (void)context;
    shared->reloads++;
    return err_set(err, ERR_CONFIG, 0, "refused");
}

static int reload_agrees(void *context, struct err *err)
{
    (void)context;
    (void)err;
    shared->reloads++;
    return 0;
}

/* The supervisor in a process of its own */

static pid_t run(int children, int (*child)(void *, int, volatile sig_atomic_t *), int64_t grace_ms)
{
    struct err err;

    supervisor = (struct supervisor){.children = children,
                                     .grace_ms = grace_ms,
                                     .child = child,
                                     .reload = reload_agrees};
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        exit(supervisor_run(&supervisor, &err) < 0 ? 1 : 0);
    return pid;
}

static bool wait_until(_Atomic int *value, int wanted)
{
    for (int64_t end = now_ms() + PATIENCE_MS; now_ms() < end; sleep_ms(5))
        if (*value >= wanted)
            return true;
    return false;
}

static int64_t end_by(pid_t pid, int number)
{
    int status;
    int64_t start = now_ms();

    assert_int_equal(kill(pid, number), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return now_ms() - start;
}

static void test_wrong_numbers(void **state)
{
    static const int numbers[] = {-1, 0, SUPERVISOR_MAX + 1};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        supervisor = (struct supervisor){.children = numbers[i], .child = child_crashes};
        assert_int_equal(supervisor_run(&supervisor, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
}

/* Starts at 0, 100, 300, 700, 1500 ms. */
static void test_crash_loop_backs_off(void **state)
{
    static int (*const children[])(void *, int, volatile sig_atomic_t *) = {child_crashes,
                                                                            child_dies_by_signal};

    (void)state;
    for (size_t i = 0; i < sizeof(children) / sizeof(*children); i++) {
        shared->starts = 0;
        int64_t begun = now_ms();
        pid_t pid = run(1, children[i], GRACE_MS);
        assert_true(wait_until(&shared->starts, 5));
        assert_true(now_ms() - begun >= 1400);
        /* A reload may be the cure: it does not wait for the pause to end, which is twice as long now. */
        begun = now_ms();
        kill(pid, SIGHUP);
        assert_true(wait_until(&shared->starts, 6));
        assert_true(now_ms() - begun < 1300);
        end_by(pid, SIGTERM);
    }
}

static void test_recycled_is_replaced_at_once(void **state)
{
    (void)state;
    pid_t pid = run(1, child_recycles, GRACE_MS);
    assert_true(wait_until(&shared->starts, 20));
    end_by(pid, SIGTERM);
}

static void test_ends_when_told(void **state)
{
    static const int numbers[] = {SIGTERM, SIGINT};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        memset(shared, 0, sizeof(*shared));
        pid_t pid = run(4, child_works, GRACE_MS);
        assert_true(wait_until(&shared->at_work, 4));
        assert_true(end_by(pid, numbers[i]) < GRACE_MS / 2);
        assert_int_equal(shared->finished, 4);
        assert_true(shared->asked >= 4);
    }
}

static void test_reload_leaves_no_gap(void **state)
{
    enum { CHILDREN = 3 };
    int least = CHILDREN;

    (void)state;
    pid_t pid = run(CHILDREN, child_works, GRACE_MS);
    assert_true(wait_until(&shared->at_work, CHILDREN));
    for (int generation = 2; generation <= 4; generation++) {
        kill(pid, SIGHUP);
        int64_t end = now_ms() + PATIENCE_MS;
        while (now_ms() < end &&
               (shared->generation_at_work[generation] < CHILDREN || shared->at_work > CHILDREN)) {
            if (shared->at_work < least)
                least = shared->at_work;
            sched_yield();
        }
        assert_int_equal(shared->generation_at_work[generation], CHILDREN);
        assert_int_equal(shared->at_work, CHILDREN);
    }
    assert_int_equal(least, CHILDREN);
    assert_int_equal(shared->reloads, 3);
    assert_int_equal(shared->starts, 4 * CHILDREN);
    end_by(pid, SIGTERM);
}

/* Several at once: the last configuration is what all run with in the end. */
static void test_reloads_in_a_row(void **state)
{
    (void)state;
    pid_t pid = run(2, child_works, GRACE_MS);
    assert_true(wait_until(&shared->at_work, 2));
    for (int i = 1; i <= 3; i++) {
        kill(pid, SIGHUP);
        assert_true(wait_until(&shared->reloads, i));
    }
    assert_true(wait_until(&shared->generation_at_work[4], 2));
    end_by(pid, SIGTERM);
    assert_int_equal(shared->at_work, 0);
}

static void test_refused_reload_changes_nothing(void **state)
{
    (void)state;
    supervisor = (struct supervisor){
        .children = 2, .grace_ms = GRACE_MS, .child = child_works, .reload = reload_refuses};
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct err err;
        exit(supervisor_run(&supervisor, &err) < 0 ? 1 : 0);
    }
    assert_true(wait_until(&shared->at_work, 2));
    kill(pid, SIGHUP);
    assert_true(wait_until(&shared->reloads, 1));
    sleep_ms(200);
    assert_int_equal(shared->starts, 2);
    assert_int_equal(shared->at_work, 2);
    end_by(pid, SIGTERM);
}

static void test_overstayer_is_killed(void **state)
{
    (void)state;
    pid_t pid = run(2, child_never_ends, 700);
    assert_true(wait_until(&shared->starts, 2));
    sleep_ms(50);
    assert_in_range(end_by(pid, SIGTERM), 650, GRACE_MS / 2);
    assert_true(shared->asked >= 2);
}

static void test_request_is_repeated(void **state)
{
    (void)state;
    pid_t pid = run(1, child_wants_to_be_asked_thrice, GRACE_MS);
    assert_true(wait_until(&shared->starts, 1));
    sleep_ms(50);
    assert_in_range(end_by(pid, SIGTERM), 900, GRACE_MS / 2);
    assert_int_equal(shared->asked, 3);
}

static void test_children_end_with_their_parent(void **state)
{
    int status;

    (void)state;
    pid_t pid = run(3, child_works, GRACE_MS);
    assert_true(wait_until(&shared->at_work, 3));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(wait_until(&shared->finished, 3));
}

static int setup(void **state)
{
    (void)state;
    memset(shared, 0, sizeof(*shared));
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_wrong_numbers),
        TEST(test_crash_loop_backs_off),
        TEST(test_recycled_is_replaced_at_once),
        TEST(test_ends_when_told),
        TEST(test_reload_leaves_no_gap),
        TEST(test_reloads_in_a_row),
        TEST(test_refused_reload_changes_nothing),
        TEST(test_overstayer_is_killed),
        TEST(test_request_is_repeated),
        TEST(test_children_end_with_their_parent),
    };
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);

    log_open("test", LOG_ERROR, quiet);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (quiet < 0 || shared == MAP_FAILED)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
