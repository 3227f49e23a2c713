#include "base/supervisor.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/err.h"
#include "base/log.h"

enum {
    PAUSE_FIRST_MS = 100,
    PAUSE_MOST_MS = 10000,
    SHORT_LIFE_MS = 10000,
    READY_AFTER_MS = 1000,
    REPEAT_MS = 500,
    TICK_MS = 20
};

enum state { EMPTY, RUNNING, STOPPING };

struct slot {
    enum state state;
    pid_t pid;
    int generation;
    int64_t started; /* all times: milliseconds of the monotonic clock */
    int64_t stop_since;
    int64_t asked; /* to finish, last */
};

/* A child's place. It has two slots, so that its next child can start before the last has ended. */
struct place {
    struct slot slots[2];
    int64_t pause;
    int64_t start_after;
};

struct parent {
    struct supervisor *supervisor;
    struct place places[SUPERVISOR_MAX];
    int generation;
    bool stopping;
    pid_t pid;
    sigset_t signals;  /* those waited for */
    sigset_t old_mask; /* the caller's, and the children's */
};

/* Of the one child that this process is; for its signal handler. */
static volatile sig_atomic_t child_stop;

static int64_t now_ms(void)
{
    return clock_tick_us() / 1000;
}

/* Children */

static void on_terminate(int number)
{
    (void)number;
    child_stop = child_stop + 1;
}

static void child_signals(const struct parent *parent)
{
    struct sigaction terminate = {.sa_handler = on_terminate};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    child_stop = 0;
    sigaction(SIGTERM, &terminate, NULL);
    sigaction(SIGINT, &ignore, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    /* The parent may have died before the kernel was told. */
    if (getppid() != parent->pid)
        _exit(EXIT_FAILURE);
    sigprocmask(SIG_SETMASK, &parent->old_mask, NULL);
}

static _Noreturn void child_run(const struct parent *parent, int index)
{
    struct supervisor *supervisor = parent->supervisor;

    child_signals(parent);
    supervisor->scores[index].pid = getpid();
    exit(supervisor->child(supervisor->context, index, &child_stop));
}

static struct score *score_of(const struct parent *parent, int place, int which)
{
    return &parent->supervisor->scores[place + which * parent->supervisor->children];
}

static void pause_longer(struct place *place, int64_t now)
{
    place->pause = place->pause ? place->pause * 2 : PAUSE_FIRST_MS;
    if (place->pause > PAUSE_MOST_MS)
        place->pause = PAUSE_MOST_MS;
    place->start_after = now + place->pause;
}

static void start(struct parent *parent, int index, int which, int64_t now)
{
    struct place *place = &parent->places[index];
    struct score *score = score_of(parent, index, which);

    *score = (struct score){.generation = parent->generation, .started_ms = clock_now_ms()};
    /* What is buffered would be written twice. */
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        child_run(parent, index + which * parent->supervisor->children);
    if (pid < 0) {
        log_event(LOG_ERROR, "fork_failed", log_text("text", strerror(errno)));
        pause_longer(place, now);
        return;
    }
    score->pid = pid;
    place->slots[which] = (struct slot){
        .state = RUNNING, .pid = pid, .generation = parent->generation, .started = now};
    log_event(LOG_INFO, "child_started", log_int("child", pid), log_int("place", index),
              log_int("generation", parent->generation));
}

/* Decides when the place's next child may start. */
static void note_end(struct place *place, const struct slot *slot, int status, int64_t now)
{
    bool recycled = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    if (slot->state == STOPPING)
        return;
    if (recycled) {
        place->pause = 0;
        place->start_after = now;
        return;
    }
    if (now - slot->started >= SHORT_LIFE_MS)
        place->pause = 0;
    pause_longer(place, now);
}

static void log_end(const struct slot *slot, int status)
{
    bool as_asked = slot->state == STOPPING || (WIFEXITED(status) && WEXITSTATUS(status) == 0);

    log_event(as_asked ? LOG_INFO : LOG_ERROR, "child_ended", log_int("child", slot->pid),
              log_int("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
              log_int("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
}

static void reap(struct parent *parent, int64_t now)
{
    int status;

    for (int i = 0; i < parent->supervisor->children; i++) {
        for (int which = 0; which < 2; which++) {
            struct slot *slot = &parent->places[i].slots[which];
            if (slot->state == EMPTY || waitpid(slot->pid, &status, WNOHANG) != slot->pid)
                continue;
            log_end(slot, status);
            note_end(&parent->places[i], slot, status, now);
            slot->state = EMPTY;
            score_of(parent, i, which)->pid = 0;
            score_of(parent, i, which)->busy_since_ms = 0;
        }
    }
}

/* Stopping */

static void ask_to_finish(struct slot *slot, int64_t now)
{
    slot->state = STOPPING;
    slot->stop_since = now;
    slot->asked = now;
    kill(slot->pid, SIGTERM);
}

static void press(const struct parent *parent, struct slot *slot, int64_t now)
{
    if (now - slot->asked < REPEAT_MS && now - slot->stop_since < parent->supervisor->grace_ms)
        return;
    bool overdue = now - slot->stop_since >= parent->supervisor->grace_ms;
    slot->asked = now;
    kill(slot->pid, overdue ? SIGKILL : SIGTERM);
}

/* The places */

static bool is_ready(const struct parent *parent, int place, int which, int64_t now)
{
    const struct slot *slot = &parent->places[place].slots[which];

    return slot->state == RUNNING &&
           (score_of(parent, place, which)->ready || now - slot->started >= READY_AFTER_MS);
}

/* Asks those to finish that should, and presses those that were asked. */
static void settle(struct parent *parent, int index, int64_t now)
{
    struct slot *slots = parent->places[index].slots;

    for (int which = 0; which < 2; which++) {
        struct slot *slot = &slots[which];
        bool replaced =
            slots[!which].generation > slot->generation && is_ready(parent, index, !which, now);
        if (slot->state == STOPPING)
            press(parent, slot, now);
        else if (slot->state == RUNNING && (parent->stopping || replaced))
            ask_to_finish(slot, now);
    }
}

static bool is_current(const struct parent *parent, const struct slot *slot)
{
    return slot->state == RUNNING && slot->generation == parent->generation;
}

static void start_missing(struct parent *parent, int index, int64_t now)
{
    struct place *place = &parent->places[index];

    if (parent->stopping || now < place->start_after || is_current(parent, &place->slots[0]) ||
        is_current(parent, &place->slots[1]))
        return;
    for (int which = 0; which < 2; which++) {
        if (place->slots[which].state == EMPTY) {
            start(parent, index, which, now);
            return;
        }
    }
}

/* Whether the place is as it should be until the next signal. */
static bool is_settled(const struct parent *parent, int index)
{
    const struct slot *slots = parent->places[index].slots;

    if (parent->stopping)
        return slots[0].state == EMPTY && slots[1].state == EMPTY;
    return (is_current(parent, &slots[0]) && slots[1].state == EMPTY) ||
           (is_current(parent, &slots[1]) && slots[0].state == EMPTY);
}

static bool any_left(const struct parent *parent)
{
    for (int i = 0; i < parent->supervisor->children; i++)
        for (int which = 0; which < 2; which++)
            if (parent->places[i].slots[which].state != EMPTY)
                return true;
    return false;
}

static void reload(struct parent *parent)
{
    const struct supervisor *supervisor = parent->supervisor;
    struct err err = {.kind = ERR_NONE};

    if (supervisor->reload && supervisor->reload(supervisor->context, &err) < 0) {
        log_err("reload_refused", NULL, &err);
        return;
    }
    parent->generation++;
    log_event(LOG_INFO, "reload", log_int("generation", parent->generation));
    /* The new configuration may be the cure: no place waits for its pause to end. */
    for (int i = 0; i < supervisor->children; i++) {
        parent->places[i].pause = 0;
        parent->places[i].start_after = 0;
    }
}

/* Waits for the next signal, or for the next tick while something is under way. */
static void wait_for_signal(struct parent *parent, bool busy)
{
    const struct timespec tick = {.tv_sec = 0, .tv_nsec = TICK_MS * 1000000L};
    int number = sigtimedwait(&parent->signals, NULL, busy ? &tick : NULL);

    if (number == SIGHUP && !parent->stopping)
        reload(parent);
    if ((number == SIGTERM || number == SIGINT) && !parent->stopping) {
        parent->stopping = true;
        log_event(LOG_INFO, "stopping", log_int("grace_ms", parent->supervisor->grace_ms));
    }
}

static void run(struct parent *parent)
{
    for (;;) {
        int64_t now = now_ms();
        bool busy = false;
        reap(parent, now);
        for (int i = 0; i < parent->supervisor->children; i++) {
            settle(parent, i, now);
            start_missing(parent, i, now);
            busy |= !is_settled(parent, i);
        }
        if (parent->stopping && !any_left(parent))
            return;
        wait_for_signal(parent, busy);
    }
}

static void signals_take(struct parent *parent, struct sigaction *old_child)
{
    struct sigaction by_default = {.sa_handler = SIG_DFL};

    /* Where it is ignored, children leave nothing to wait for. */
    sigaction(SIGCHLD, &by_default, old_child);
    sigemptyset(&parent->signals);
    sigaddset(&parent->signals, SIGCHLD);
    sigaddset(&parent->signals, SIGHUP);
    sigaddset(&parent->signals, SIGTERM);
    sigaddset(&parent->signals, SIGINT);
    sigprocmask(SIG_BLOCK, &parent->signals, &parent->old_mask);
}

int supervisor_run(struct supervisor *supervisor, struct err *err)
{
    struct sigaction old_child;

    if (supervisor->children < 1 || supervisor->children > SUPERVISOR_MAX)
        return err_set(err, ERR_CONFIG, 0, "%d children; can be 1 to %d", supervisor->children,
                       SUPERVISOR_MAX);
    size_t size = (size_t)supervisor->children * 2 * sizeof(struct score);
    struct parent *parent = calloc(1, sizeof(*parent));
    if (!parent)
        err_fatal("out of memory");
    void *scores = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (scores == MAP_FAILED) {
        free(parent);
        return err_set(err, ERR_SYSTEM, errno, "scoreboard: %s", strerror(errno));
    }
    supervisor->scores = scores;
    parent->supervisor = supervisor;
    parent->generation = 1;
    parent->pid = getpid();
    signals_take(parent, &old_child);
    run(parent);
    sigprocmask(SIG_SETMASK, &parent->old_mask, NULL);
    sigaction(SIGCHLD, &old_child, NULL);
    supervisor->scores = NULL;
    munmap(scores, size);
    free(parent);
    return 0;
}
