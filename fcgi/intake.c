#include "fcgi/intake.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"

enum { ACCEPT_FAILURES = 100, SPEAK_WITHIN_MS = 2000 };

static int hear(const struct intake *intake, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    return epoll_ctl(intake->wait, EPOLL_CTL_ADD, fd, &event);
}

int intake_open(struct intake *intake, int listener, struct err *err)
{
    sigset_t terminate;

    *intake = (struct intake){.listener = listener, .signals = -1, .wait = -1};
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &terminate, NULL) < 0)
        return err_set(err, ERR_SYSTEM, errno, "sigprocmask");
    intake->signals = signalfd(-1, &terminate, SFD_CLOEXEC | SFD_NONBLOCK);
    if (intake->signals < 0)
        return err_set(err, ERR_SYSTEM, errno, "signalfd");
    intake->wait = epoll_create1(EPOLL_CLOEXEC);
    if (intake->wait < 0)
        return err_set(err, ERR_SYSTEM, errno, "epoll_create1");
    /* Not all workers are woken by one connection. */
    if (hear(intake, listener, EPOLLIN | EPOLLEXCLUSIVE) < 0 || hear(intake, intake->signals, EPOLLIN) < 0)
        return err_set(err, ERR_SYSTEM, errno, "epoll_ctl");
    return 0;
}

/* 1: a connection waits; 0: told to end. */
static int await(const struct intake *intake, struct err *err)
{
    struct epoll_event events[2];
    int count;

    do {
        count = epoll_wait(intake->wait, events, 2, -1);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return err_set(err, ERR_SYSTEM, errno, "epoll_wait");
    for (int i = 0; i < count; i++)
        if (events[i].data.fd == intake->signals)
            return 0;
    return 1;
}

/* Who connects and says nothing must not hold a worker. */
static bool speaks(int connection)
{
    struct pollfd wait = {.fd = connection, .events = POLLIN};

    return poll(&wait, 1, SPEAK_WITHIN_MS) == 1;
}

/* Broken connections come and go, and another worker may have been faster. */
static bool passes(int code)
{
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR || code == ECONNABORTED || code == EPROTO;
}

int intake_next(const struct intake *intake, int *connection, struct err *err)
{
    for (int failures = 0;;) {
        int code = await(intake, err);
        if (code <= 0)
            return code;
        int fd = accept4(intake->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            /* A broken listener does not get better. */
            if (!passes(errno) && ++failures > ACCEPT_FAILURES)
                return err_set(err, ERR_SYSTEM, errno, "accept");
            continue;
        }
        if (speaks(fd)) {
            *connection = fd;
            return 1;
        }
        close(fd);
    }
}

void intake_close(struct intake *intake)
{
    if (intake->wait >= 0)
        close(intake->wait);
    if (intake->signals >= 0)
        close(intake->signals);
    intake->wait = intake->signals = -1;
}
