#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"

enum { FIRST_ROOM = 64 * 1024, REAP_STEP_MS = 2 };

/* One run: our end of the socket pair, what is still to be said, what was heard. */
struct talk {
    pid_t pid;
    int socket;
    struct bytes left;
    bool told;       /* everything was sent, or nobody listens any more */
    uint8_t *answer;
    size_t size, room;
    int64_t until_us;
};

static int spawn(pid_t *pid, const char *const *argv, int end)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char *const environment[] = {NULL};
    int code;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    code = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static bool again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void say(struct talk *talk)
{
    ssize_t sent = send(talk->socket, talk->left.data, talk->left.size, MSG_NOSIGNAL);

    if (sent >= 0) {
        talk->left.data += sent;
        talk->left.size -= (size_t)sent;
    } else if (!again()) {
        talk->left.size = 0;
    }
    if (talk->left.size == 0) {
        talk->told = true;
        shutdown(talk->socket, SHUT_WR);
    }
}

/* False at the end of the answer. */
static bool hear(struct talk *talk)
{
    ssize_t got;

    if (talk->size == talk->room) {
        talk->room = talk->room ? talk->room * 2 : FIRST_ROOM;
        talk->answer = realloc(talk->answer, talk->room);
        if (!talk->answer)
            err_fatal("no memory for an answer");
    }
    got = recv(talk->socket, talk->answer + talk->size, talk->room - talk->size, 0);
    if (got > 0)
        talk->size += (size_t)got;
    return got > 0 || (got < 0 && again());
}

static int left_ms(const struct talk *talk)
{
    int64_t left = (talk->until_us - clock_tick_us() + 999) / 1000;

    return left > 0 ? (int)left : 0;
}

/* Says and hears until it says no more. CHILD_DONE: how it ended is still to be seen. */
static enum child_end converse(struct talk *talk, size_t answer_max)
{
    for (;;) {
        struct pollfd wait = {.fd = talk->socket, .events = POLLIN | (talk->told ? 0 : POLLOUT)};
        int left = left_ms(talk);

        if (left == 0)
            return CHILD_LATE;
        if (poll(&wait, 1, left) <= 0)
            continue;
        if (!talk->told && wait.revents & (POLLOUT | POLLERR | POLLHUP))
            say(talk);
        if (wait.revents & (POLLIN | POLLERR | POLLHUP) && !hear(talk))
            return CHILD_DONE;
        if (talk->size > answer_max)
            return CHILD_ENDLESS;
    }
}

/* Waits for its end, and makes one in time. */
static enum child_end reap(struct talk *talk, enum child_end end)
{
    int status = 0;
    pid_t gone = 0;

    while (end == CHILD_DONE && (gone = waitpid(talk->pid, &status, WNOHANG)) == 0) {
        if (left_ms(talk) == 0)
            end = CHILD_LATE;
        else
            poll(NULL, 0, REAP_STEP_MS);
    }
    if (gone == 0) {
        kill(talk->pid, SIGKILL);
        while (waitpid(talk->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    if (end != CHILD_DONE)
        return end;
    if (gone < 0 || WIFSIGNALED(status))
        return CHILD_KILLED;
    return WEXITSTATUS(status) == 0 ? CHILD_DONE : CHILD_FAILED;
}

int child_ask(struct pool *pool, const char *const *argv, struct bytes question,
              const struct child_bounds *bounds, struct bytes *answer, enum child_end *end,
              struct err *err)
{
    struct talk talk = {
        .left = question,
        .until_us = clock_tick_us() + bounds->timeout_ms * 1000,
    };
    int ends[2], code;

    *answer = (struct bytes){NULL, 0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return err_set(err, ERR_SYSTEM, errno, "socketpair: %s", strerror(errno));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    code = spawn(&talk.pid, argv, ends[1]);
    close(ends[1]);
    if (code != 0) {
        close(ends[0]);
        return err_set(err, ERR_SYSTEM, code, "cannot run %s: %s", argv[0], strerror(code));
    }
    talk.socket = ends[0];
    *end = reap(&talk, converse(&talk, bounds->answer_max));
    close(ends[0]);
    pool_on_reset(pool, free, talk.answer);
    if (*end == CHILD_DONE)
        *answer = (struct bytes){talk.answer, talk.size};
    return 0;
}
