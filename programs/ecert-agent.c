/*
 * ecert-agent: on the clerk's computer, lets the pages of listed sites use a PKCS#11 key.
 *
 * The protocol stands in conf/agent.md, its gate in programs/agent/gate.h, what is signed at all in
 * programs/agent/statement.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/text.h"
#include "programs/agent/listen.h"
#include "programs/agent/service.h"
#include "programs/agent/settings.h"
#include "programs/agent/token.h"
#include "programs/exit.h"

#define PROGRAM "ecert-agent"

static const char usage[] =
    "usage: " PROGRAM " [-c FILE] [-t] [--port N] [--pin-fd N]\n"
    "\n"
    "Lets the pages of listed sites sign with a PKCS#11 key, after asking. Loopback only.\n"
    "\n"
    "  -c FILE     configuration (default: ~/.config/ecert/agent.conf)\n"
    "  -t          test configuration and PKCS#11 module, and end\n"
    "  --port N    listen on exactly this port (0: on any; the log tells which)\n"
    "  --pin-fd N  read answers from this file descriptor, a line each, instead of asking: the\n"
    "              password, or an empty line for no\n"
    "  --help      this text\n"
    "  --version   the version\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 configuration.\n";

struct choices {
    const char *config;
    bool test;
    int64_t port;   /* -1: the configuration's */
    int64_t pin_fd; /* -1: ask */
    int log;        /* descriptor */
};

static _Noreturn void wrong_usage(void)
{
    fputs(usage, stderr);
    exit(EXIT_USAGE);
}

static void parse(int argc, char **argv, struct choices *choices)
{
    static const struct option names[] = {
        {"help",    no_argument,       NULL, 'h'},
        {"version", no_argument,       NULL, 'V'},
        {"config",  required_argument, NULL, 'c'},
        {"test",    no_argument,       NULL, 't'},
        {"port",    required_argument, NULL, 'p'},
        {"pin-fd",  required_argument, NULL, 'f'},
        {NULL,      0,                 NULL, 0  }
    };
    int option;

    *choices = (struct choices){.port = -1, .pin_fd = -1};
    while ((option = getopt_long(argc, argv, "c:th", names, NULL)) != -1) {
        switch (option) {
        case 'c':
            choices->config = optarg;
            break;
        case 't':
            choices->test = true;
            break;
        case 'p':
            if (!parse_int(optarg, 0, 65535, &choices->port))
                wrong_usage();
            break;
        case 'f':
            if (!parse_int(optarg, 0, 1023, &choices->pin_fd))
                wrong_usage();
            break;
        case 'h':
            fputs(usage, stdout);
            exit(EXIT_DONE);
        case 'V':
            printf("ecert %s\n", ECERT_VERSION);
            exit(EXIT_DONE);
        default:
            wrong_usage();
        }
    }
    if (optind < argc)
        wrong_usage();
}

/* The password is in memory for a moment: it must reach neither a core dump nor a debugger. */
static void shield(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* whose search for leaks is a debugger, too */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* Where the log goes: standard error. A terminal gets a way of its own, by which nobody waits: one that
 * is stopped (Ctrl-S) would stop whoever has something to tell, and so the agent. What is told meanwhile
 * is lost. */
static int open_log(void)
{
    enum { HOW = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };
    char name[PATH_MAX];
    int fd = -1;

    if (!isatty(STDERR_FILENO))
        return STDERR_FILENO;
    if (ttyname_r(STDERR_FILENO, name, sizeof(name)) == 0)
        fd = open(name, HOW);
    if (fd < 0)
        fd = open("/dev/tty", HOW); /* of another user, after su(1) */
    return fd < 0 ? STDERR_FILENO : fd;
}

/* Standard files are there, and none of ours gets their numbers. */
static void fill_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static int prepare_prompt(const struct choices *choices, struct agent *agent, struct err *err)
{
    int fd = (int)choices->pin_fd;

    agent->prompt = (struct prompt){.way = agent->settings->prompt,
                                    .pinentry = agent->settings->pinentry,
                                    .descriptor = -1,
                                    .terminal = "/dev/tty"};
    if (fd >= 0) {
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
            return err_set(err, ERR_CONFIG, errno, "--pin-fd %d: %s", fd, strerror(errno));
        agent->prompt.way = PROMPT_DESCRIPTOR;
        agent->prompt.descriptor = fd;
    }
    if (agent->prompt.way == PROMPT_PINENTRY && access(agent->settings->pinentry, X_OK) < 0)
        return err_set(err, ERR_CONFIG, errno, "Agent.Pinentry: %s: %s", agent->settings->pinentry,
                       strerror(errno));
    return 0;
}

/* Serves until a signal ends it. */
static int serve(struct agent *agent, const struct choices *choices, const sigset_t *ends,
                 struct err *err)
{
    bool exact = choices->port >= 0;
    struct listener *listener;
    uint64_t one = 1;
    int caught;

    if (listen_open(agent, (unsigned)(exact ? choices->port : agent->settings->port),
                    exact ? 1 : LISTEN_PORTS, &listener, err) < 0)
        return -1;
    log_event(LOG_INFO, "ready", log_int("port", listen_port(listener)));
    sigwait(ends, &caught);
    if (write(agent->stop, &one, sizeof(one)) < 0)
        err_fatal("cannot end");
    listen_close(&listener);
    log_event(LOG_INFO, "end", log_int("signal", caught));
    return 0;
}

static int run(const struct choices *choices, struct pool *pool, const sigset_t *ends,
               struct err *err)
{
    struct agent_settings settings;
    struct agent agent = {.settings = &settings, .signing = PTHREAD_MUTEX_INITIALIZER};
    const char *path = choices->config ? choices->config : agent_settings_path(pool);
    int result;

    if (!path)
        return err_set(err, ERR_CONFIG, 0, "there is no home folder to find agent.conf in");
    if (agent_settings_load(pool, path, &settings, err) < 0)
        return -1;
    log_open(PROGRAM, settings.log_level, choices->log);
    if (prepare_prompt(choices, &agent, err) < 0 ||
        token_open(settings.module, &agent.token, err) < 0)
        return -1;
    agent.stop = eventfd(0, EFD_CLOEXEC);
    if (agent.stop < 0)
        err_fatal("eventfd: %s", strerror(errno));
    if (choices->test) {
        printf(PROGRAM ": configuration and module are in order; a token is %s\n",
               token_present(agent.token) ? "there" : "not there");
        result = 0;
    } else {
        result = serve(&agent, choices, ends, err);
    }
    close(agent.stop);
    token_close(&agent.token);
    return result;
}

int main(int argc, char **argv)
{
    struct choices choices;
    struct pool *pool = pool_new(0, 0);
    struct err err = {0};
    sigset_t ends;
    int result;

    fill_descriptors();
    parse(argc, argv, &choices);
    choices.log = open_log(); /* the terminal's name is not found behind the shield */
    shield();
    log_open(PROGRAM, LOG_INFO, choices.log);
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* for all threads to come; one waits for them */
    signal(SIGPIPE, SIG_IGN);
    /* In the background of a terminal: to fail, not to be stopped. */
    signal(SIGTTIN, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    result = run(&choices, pool, &ends, &err);
    pool_free(&pool);
    if (result == 0)
        return EXIT_DONE;
    if (choices.test)
        fprintf(stderr, PROGRAM ": %s\n", err.text);
    else
        log_err("end", NULL, &err);
    return err.kind == ERR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
}
