/*
 * What a worker takes its connections from, while it is told to end and while peers misbehave.
 */
#include "fcgi/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static socklen_t address_size;
static struct intake intake;
static struct err err;
static int listener;

/* A socket without a name in the file system: the kernel chooses one that is free (unix(7), autobind). */
static int set_up(void **state)
{
    (void)state;
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    address_size = sizeof(address);
    if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof(sa_family_t)) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &address_size) < 0 || listen(listener, 64) < 0)
        return -1;
    return intake_open(&intake, listener, &err);
}

static int tear_down(void **state)
{
    sigset_t terminate;

    (void)state;
    intake_close(&intake);
    close(listener);
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    return sigtimedwait(&terminate, NULL, &(struct timespec){0}), 0;
}

static int dial(const char *words)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (const struct sockaddr *)&address, address_size), 0);
    assert_int_equal(write(fd, words, strlen(words)), strlen(words));
    return fd;
}

static void assert_next_says(const char *words)
{
    char heard[16] = "";
    int connection;

    assert_int_equal(intake_next(&intake, &connection, &err), 1);
    /* It blocks, whatever the listener does. */
    assert_int_equal(recv(connection, heard, sizeof(heard) - 1, 0), strlen(words));
    assert_string_equal(heard, words);
    close(connection);
}

static void takes_what_comes_in_its_order(void **state)
{
    (void)state;
    int first = dial("one"), second = dial("two");
    assert_next_says("one");
    assert_next_says("two");
    close(first);
    close(second);
}

static void hears_the_signal_however_busy_it_is(void **state)
{
    int clients[32], connection;

    (void)state;
    for (size_t i = 0; i < 32; i++)
        clients[i] = dial("busy");
    assert_next_says("busy");
    raise(SIGTERM);
    assert_int_equal(intake_next(&intake, &connection, &err), 0);
    for (size_t i = 0; i < 32; i++)
        close(clients[i]);
}

static void hears_a_signal_that_came_before(void **state)
{
    int connection;

    (void)state;
    raise(SIGTERM);
    assert_int_equal(intake_next(&intake, &connection, &err), 0);
    assert_int_equal(intake_next(&intake, &connection, &err), 0);
}

static void is_not_held_by_the_silent(void **state)
{
    (void)state;
    int silent = dial(""), gone = dial(""), speaking = dial("hello");
    close(gone);
    int connection;
    /* The end of one that has gone is for its reader to find. */
    assert_int_equal(intake_next(&intake, &connection, &err), 1);
    assert_int_equal(read(connection, &(char){0}, 1), 0);
    close(connection);
    assert_next_says("hello");
    assert_int_equal(read(silent, &(char){0}, 1), 0);
    close(silent);
    close(speaking);
}

static void gives_a_broken_listener_up(void **state)
{
    int connection;

    (void)state;
    intake_close(&intake);
    int deaf = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(intake_open(&intake, deaf, &err), 0);
    assert_int_equal(intake_next(&intake, &connection, &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    intake_close(&intake);
    assert_int_equal(intake_open(&intake, -1, &err), -1);
    close(deaf);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(takes_what_comes_in_its_order),
        TEST(hears_the_signal_however_busy_it_is),
        TEST(hears_a_signal_that_came_before),
        TEST(is_not_held_by_the_silent),
        TEST(gives_a_broken_listener_up),
    };

    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
