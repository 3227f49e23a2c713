/*
 * ecert-notifyd: delivers the messages that wait in the outbox, by a mail relay and an SMS gateway.
 *
 * It holds no key of the seal, and nothing else talks to relay and gateway. The parent has the
 * configuration and the vault, which opens addresses; each child a database connection and a way to
 * relay and gateway of its own.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/supervisor.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/migrate.h"
#include "core/notify.h"
#include "core/outbox.h"
#include "programs/settings.h"

#define PROGRAM "ecert-notifyd"

enum { POOL_KEEP = 256 * 1024, AWAY_MS = 1000 /* between two looks for a database that is away */ };

static const char usage[] =
    "usage: " PROGRAM " [-c FILE] [-t]\n"
    "\n"
    "Delivers messages to firms that wait in the database, by e-mail and SMS.\n"
    "\n"
    "  -c FILE     configuration (default: ecert.conf of this installation)\n"
    "  -t          test configuration, keys, mail relay and database, and end\n"
    "  --help      this text\n"
    "  --version   the version\n"
    "\n"
    "SIGHUP: read the configuration anew. SIGTERM: finish the message and end.\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 configuration.\n";

/* What a configuration opens; replaced as a whole at SIGHUP. */
struct setup {
    struct pool *pool;
    struct settings settings;
    struct vault *vault;
    struct core core;
};

struct daemon {
    const char *config;
    struct setup *setup;
    struct supervisor supervisor;
};

static void setup_free(struct setup **setup)
{
    struct setup *old = *setup;

    if (!old)
        return;
    vault_free(&old->vault);
    pool_free(&old->pool);
    free(old);
    *setup = NULL;
}

static int setup_open(const char *config, struct setup **setup, struct err *err)
{
    struct setup *new = calloc(1, sizeof(*new));

    if (!new)
        err_fatal("out of memory");
    new->pool = pool_new(0, 0);
    if (settings_load(new->pool, config, &new->settings, err) < 0)
        goto fail;
    log_open(PROGRAM, new->settings.log_level, STDERR_FILENO);
    if (!*new->settings.policy.notify) {
        err_set(err, ERR_CONFIG, 0, "%s: Notify: neither Mail.Url nor Sms.Url is given",
                new->settings.path);
        goto fail;
    }
    /* Before any key is read: who runs must be able to read them, not who starts. */
    if (become_user(new->settings.notify_user, err) < 0 ||
        vault_load(new->settings.vault_file, &new->vault, err) < 0)
        goto fail;
    /* Messages lead to the site, where clerks log in. */
    new->core = (struct core){.policy = &new->settings.policy,
                              .vault = new->vault,
                              .verify_origin = new->settings.web.origin};
    *setup = new;
    return 0;
fail:
    setup_free(&new);
    return -1;
}

/* One child at work. */
struct worker {
    const struct setup *setup;
    struct score *score;
    struct db *db;
    struct notifier *notifier;
    struct pool *pool;
    char owner[64];
    bool attached; /* the database answered, and what a predecessor held was given back */
    bool told;     /* that the database is away */
};

static void nap(int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&time, NULL); /* a signal ends it early, as it should */
}

/* Connects, and gives back the leases of a predecessor in this place, or of our own that a lost
 * connection left behind. */
static int attach(struct worker *worker, struct err *err)
{
    if (db_ready(worker->db, err) < 0)
        return -1;
    if (worker->attached)
        return 0;
    if (migrate_check(worker->db, worker->setup->settings.schema_folder, err) < 0 ||
        outbox_release(worker->db, worker->owner, clock_now_ms(), err) < 0)
        return -1;
    worker->attached = true;
    return 0;
}

/* One batch. Returns messages dealt with, 0 when there was nothing to do, or -1. */
static long deliver(struct worker *worker, volatile sig_atomic_t *stop, struct err *err)
{
    size_t sent, unsent;

    if (attach(worker, err) < 0)
        return -1;
    worker->score->busy_since_ms = clock_now_ms();
    int result = notifier_batch(worker->notifier, worker->pool, stop, &sent, &unsent, err);
    worker->score->busy_since_ms = 0;
    if (result < 0)
        return -1;
    worker->score->served += sent;
    worker->score->failed += unsent;
    return (long)(sent + unsent);
}

static void work(struct worker *worker, volatile sig_atomic_t *stop)
{
    while (!*stop) {
        struct err err;
        long done = deliver(worker, stop, &err);

        if (done < 0) {
            if (!worker->told)
                log_err("trouble", NULL, &err);
            worker->told = true;
            worker->attached = false;
            nap(AWAY_MS);
            continue;
        }
        if (worker->told)
            log_event(LOG_INFO, "recovered", log_text("owner", worker->owner));
        worker->told = false;
        if (done == 0 && !*stop)
            nap(worker->setup->settings.notify.poll_ms);
    }
}

static int child(void *context, int slot, volatile sig_atomic_t *stop)
{
    const struct daemon *daemon = context;
    const struct setup *setup = daemon->setup;
    struct worker worker = {.setup = setup, .score = &daemon->supervisor.scores[slot]};
    struct err err;
    int result = EXIT_FAILED;

    text_format(worker.owner, sizeof(worker.owner), "%.48s:n%d", setup->settings.notify_owner, slot);
    worker.pool = pool_new(POOL_KEEP, 0);
    worker.db = db_new(&setup->settings.db);
    if (notifier_open(&setup->settings.notify, &setup->core, worker.db, worker.owner,
                      &worker.notifier, &err) < 0) {
        log_err("notify", NULL, &err);
        goto out;
    }
    worker.score->ready = 1;
    work(&worker, stop);
    result = EXIT_DONE;
out:
    notifier_free(&worker.notifier);
    db_free(&worker.db);
    pool_free(&worker.pool);
    return result;
}

static int reload(void *context, struct err *err)
{
    struct daemon *daemon = context;
    struct setup *setup;

    if (setup_open(daemon->config, &setup, err) < 0)
        return -1;
    setup_free(&daemon->setup);
    daemon->setup = setup;
    return 0;
}

/* -t: whatever a child would open. */
static int test(const struct setup *setup, struct err *err)
{
    struct notifier *notifier = NULL;
    struct db *db = db_new(&setup->settings.db);
    int result = -1;

    if (db_ready(db, err) < 0 || migrate_check(db, setup->settings.schema_folder, err) < 0 ||
        notifier_open(&setup->settings.notify, &setup->core, db, "test", &notifier, err) < 0 ||
        notifier_try(notifier, err) < 0)
        goto out;
    printf("%s: configuration, keys, mail relay and database are in order\n", PROGRAM);
    result = 0;
out:
    notifier_free(&notifier);
    db_free(&db);
    return result;
}

static int run(struct daemon *daemon, struct err *err)
{
    const struct notify_settings *notify = &daemon->setup->settings.notify;

    daemon->supervisor = (struct supervisor){
        .children = (int)notify->workers,
        .grace_ms = notify->grace_ms,
        .child = child,
        .context = daemon,
        .reload = reload,
    };
    return supervisor_run(&daemon->supervisor, err);
}

int main(int argc, char **argv)
{
    struct daemon daemon = {.setup = NULL};
    struct options options;
    struct err err = {0};
    int result, failure;

    log_open(PROGRAM, LOG_INFO, STDERR_FILENO);
    options_parse(argc, argv, usage, &options);
    if (optind < argc) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    daemon.config = options.config;
    result = setup_open(options.config, &daemon.setup, &err);
    failure = result < 0 ? EXIT_CONFIG : EXIT_FAILED;
    if (result == 0)
        result = options.test ? test(daemon.setup, &err) : run(&daemon, &err);
    setup_free(&daemon.setup);
    if (result == 0)
        return EXIT_DONE;
    if (options.test)
        fprintf(stderr, "%s: %s\n", PROGRAM, err.text);
    else
        log_err("end", NULL, &err);
    return err.kind == ERR_CONFIG ? EXIT_CONFIG : failure;
}
