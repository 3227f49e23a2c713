#include "programs/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/document/document.h"
#include "core/upkeep/migrate.h"

enum { AWAY_MS = 1000 /* between two looks for a database that is away */ };

/* The parent */

static void setup_free(struct setup **setup)
{
    struct setup *old = *setup;

    if (!old)
        return;
    fonts_free(&old->fonts);
    vault_free(&old->vault);
    pool_free(&old->pool);
    free(old);
    *setup = NULL;
}

static int setup_open(const struct daemon *daemon, struct setup **setup, struct err *err)
{
    struct setup *new = calloc(1, sizeof(*new));

    if (!new)
        err_fatal("out of memory");
    new->pool = pool_new(0, 0);
    if (settings_load(new->pool, daemon->config, &new->settings, err) < 0)
        goto fail;
    log_open(daemon->name, new->settings.log_level, STDERR_FILENO);
    if (daemon->open(new, err) < 0)
        goto fail;
    *setup = new;
    return 0;
fail:
    setup_free(&new);
    return -1;
}

static int reload(void *context, struct err *err)
{
    struct daemon *daemon = context;
    struct setup *setup;

    if (setup_open(daemon, &setup, err) < 0)
        return -1;
    setup_free(&daemon->setup);
    daemon->setup = setup;
    return 0;
}

static int child(void *context, int slot, volatile sig_atomic_t *stop)
{
    const struct daemon *daemon = context;

    return daemon->child(daemon, slot, stop);
}

static int test(const struct daemon *daemon, struct err *err)
{
    const struct setup *setup = daemon->setup;
    struct db *db = db_new(&setup->settings.db);
    int result = -1;

    if (daemon->test(setup, db, err) < 0 || db_ready(db, err) < 0 ||
        migrate_check(db, setup->settings.schema_folder, err) < 0)
        goto out;
    printf("%s: configuration, %s and database are in order\n", daemon->name, daemon->opens);
    result = 0;
out:
    db_free(&db);
    return result;
}

static int run(struct daemon *daemon, struct err *err)
{
    daemon->supervisor = (struct supervisor){.child = child, .context = daemon, .reload = reload};
    daemon->plan(&daemon->setup->settings, &daemon->supervisor);
    return supervisor_run(&daemon->supervisor, err);
}

int daemon_main(struct daemon *daemon, int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    int result, failure;

    log_open(daemon->name, LOG_INFO, STDERR_FILENO);
    options_only(argc, argv, daemon->usage, &options);
    daemon->config = options.config;
    result = setup_open(daemon, &daemon->setup, &err);
    failure = result < 0 ? EXIT_CONFIG : EXIT_FAILED;
    if (result == 0)
        result = options.test ? test(daemon, &err) : run(daemon, &err);
    setup_free(&daemon->setup);
    if (result == 0)
        return EXIT_DONE;
    if (options.test)
        fprintf(stderr, "%s: %s\n", daemon->name, err.text);
    else
        log_err("end", NULL, &err);
    return err.kind == ERR_CONFIG ? EXIT_CONFIG : failure;
}

/* A child */

static void nap(int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&time, NULL); /* a signal ends it early, as it should */
}

static int attach(struct worker *worker, struct err *err)
{
    if (db_ready(worker->db, err) < 0)
        return -1;
    if (worker->attached)
        return 0;
    if (migrate_check(worker->db, worker->setup->settings.schema_folder, err) < 0 ||
        worker->release(worker->db, worker->owner, clock_now_ms(), err) < 0)
        return -1;
    worker->attached = true;
    return 0;
}

/* Told once, then tried again. */
static void trouble(struct worker *worker, const struct err *err)
{
    if (!worker->told)
        log_err(worker->trouble, NULL, err);
    worker->told = true;
    worker->attached = false;
    nap(AWAY_MS);
}

void worker_run(struct worker *worker)
{
    worker->score->ready = 1;
    while (!*worker->stop) {
        struct err err;
        long done = -1;

        if (attach(worker, &err) == 0)
            done = worker->round(worker, &err);
        if (done < 0) {
            trouble(worker, &err);
            continue;
        }
        if (worker->told)
            log_event(LOG_INFO, "recovered", log_text("owner", worker->owner));
        worker->told = false;
        if (done == 0 && !*worker->stop)
            nap(worker->poll_ms);
    }
}
