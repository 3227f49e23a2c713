/*
 * ecert-issuerd: takes jobs from the database, renders, seals and stores documents.
 *
 * The parent holds configuration, vault and fonts; each child opens a database connection and
 * the seal key of its own. Children of the first place also keep house. One more child takes uploaded
 * files into the registers: it holds no seal key, and no document waits for it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/config.h"
#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/supervisor.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/audit.h"
#include "core/errand.h"
#include "core/housekeeping.h"
#include "core/import_desk.h"
#include "core/issue.h"
#include "core/job.h"
#include "core/migrate.h"
#include "core/rename.h"
#include "core/seal/seal.h"
#include "core/seal/stamper.h"
#include "programs/settings.h"

#define PROGRAM "ecert-issuerd"

enum {
    POOL_KEEP = 4 * 1024 * 1024,
    AWAY_MS = 1000, /* between two looks for a database that is away */
    HOUSE_EVERY_MS = 60 * 1000,
    /* Many times what a batch takes; a killed issuer holds a firm's change of name up so long. */
    RENAME_LEASE_MS = 10 * 1000,
    /* Many times what a step takes: a sixteenth of the audit, or a figure. */
    ERRAND_LEASE_MS = 15 * 60 * 1000,
    ANCHORS_EVERY_MS = 60 * 60 * 1000,
    IMPORT_TIMEOUT_MS = 30 * 60 * 1000 /* of a statement over a whole file */
};

static const char usage[] =
    "usage: " PROGRAM " [-c FILE] [-t]\n"
    "\n"
    "Renders, seals and stores the documents that wait in the database.\n"
    "\n"
    "  -c FILE     configuration (default: ecert.conf of this installation)\n"
    "  -t          test configuration, keys, fonts and database, and end\n"
    "  --help      this text\n"
    "  --version   the version\n"
    "\n"
    "SIGHUP: read the configuration anew. SIGTERM: finish the batch and end.\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 configuration.\n";

/* What a configuration opens; replaced as a whole at SIGHUP. */
struct setup {
    struct pool *pool;
    struct settings settings;
    struct vault *vault;
    struct fonts *fonts;
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
    fonts_free(&old->fonts);
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
    /* Before any key is read: who runs must be able to read them, not who starts. */
    if (become_user(new->settings.issuer_user, err) < 0 ||
        vault_load(new->settings.vault_file, &new->vault, err) < 0 ||
        settings_fonts(new->pool, &new->settings, &new->fonts, err) < 0)
        goto fail;
    new->core = (struct core){
        .policy = &new->settings.policy,
        .vault = new->vault,
        .fonts = new->fonts,
        .verify_origin = new->settings.verify_origin,
    };
    *setup = new;
    return 0;
fail:
    setup_free(&new);
    return -1;
}

/* Opens the seal key; the PIN of a token is held no longer than that takes. */
static int key_open(const struct setup *setup, struct seal_key **key, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    struct seal_settings seal = setup->settings.seal;
    int result = config_secret(pool, setup->settings.seal_pin_file, &seal.pin, err);

    if (result == 0) {
        result = seal_key_open(&seal, key, err);
        explicit_bzero((char *)(uintptr_t)seal.pin, strlen(seal.pin));
    }
    pool_free(&pool);
    return result;
}

/* What a child signs with, or NULL each. */
static int tools_open(const struct setup *setup, struct seal_key **key, struct stamper **stamper,
                      struct err *err)
{
    *key = NULL;
    *stamper = NULL;
    return key_open(setup, key, err) < 0 ? -1 : stamper_open(&setup->settings.stamper, stamper, err);
}

/* One child at work. */
struct worker {
    const struct setup *setup;
    struct score *score;
    struct issuer issuer;
    struct pool *pool;
    char owner[64];
    bool keeps_house;
    bool attached; /* the database answered, and what a predecessor held was given back */
    bool told;     /* that the database is away */
    int64_t house_at_ms, anchors_at_ms;
};

static void nap(int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&time, NULL); /* a signal ends it early, as it should */
}

static void log_anchor(void *context, const char *text)
{
    (void)context;
    log_event(LOG_INFO, "audit_anchor", log_text("anchor", text));
}

static int keep_house(struct worker *worker, struct err *err)
{
    int64_t now = clock_now_ms();
    uint64_t deleted;

    if (!worker->keeps_house)
        return 0;
    if (now >= worker->anchors_at_ms) {
        if (audit_anchors(worker->issuer.db, log_anchor, NULL, err) < 0)
            return -1;
        worker->anchors_at_ms = now + ANCHORS_EVERY_MS;
    }
    if (now >= worker->house_at_ms) {
        if (housekeeping_run(worker->issuer.db, now, &deleted, err) < 0)
            return -1;
        /* A full round may have left more behind. */
        worker->house_at_ms = deleted >= HOUSEKEEPING_ROWS ? now : now + HOUSE_EVERY_MS;
        if (deleted)
            log_event(LOG_INFO, "housekeeping", log_int("deleted", (int64_t)deleted));
    }
    return 0;
}

/* Connects, and gives back the leases of a predecessor in this place, or of our own that a lost
 * connection left behind. */
static int attach(struct worker *worker, struct err *err)
{
    if (db_ready(worker->issuer.db, err) < 0)
        return -1;
    if (worker->attached)
        return 0;
    if (migrate_check(worker->issuer.db, worker->setup->settings.schema_folder, err) < 0 ||
        job_release(worker->issuer.db, worker->owner, clock_now_ms(), err) < 0)
        return -1;
    worker->attached = true;
    return 0;
}

/* One batch of a firm's change of name. Returns 1, 0 when there was nothing to do, or -1. */
static long rename_some(struct worker *worker, struct err *err)
{
    size_t renamed;
    int result = rename_advance(worker->issuer.db, worker->pool, worker->issuer.core, date_today(),
                                clock_now_ms(), RENAME_LEASE_MS, &renamed, err);

    if (result == 1)
        log_event(LOG_INFO, "renamed", log_text("owner", worker->owner),
                  log_int("certificates", (int64_t)renamed));
    return result;
}

/* One step of what was ordered for the whole register; children of the first place do them, so that
 * the others go on making documents. Returns 1, 0 when there was nothing to do, or -1. */
static long errand_some(struct worker *worker, struct err *err)
{
    if (!worker->keeps_house)
        return 0;
    return errand_advance(worker->issuer.db, worker->pool, worker->issuer.core, date_today(),
                          clock_now_ms(), ERRAND_LEASE_MS, err);
}

/* One batch. Returns documents dealt with, 0 when there was nothing to do, or -1. */
static long issue(struct worker *worker, struct err *err)
{
    int64_t started = clock_tick_us();
    size_t made, failed;

    worker->score->busy_since_ms = clock_now_ms();
    int result = issue_batch(&worker->issuer, worker->pool, &made, &failed, err);
    worker->score->busy_since_ms = 0;
    if (result < 0)
        return -1;
    worker->score->served += made;
    worker->score->failed += failed;
    if (made + failed > 0)
        log_event(failed ? LOG_WARN : LOG_INFO, "batch", log_text("owner", worker->owner),
                  log_int("made", (int64_t)made), log_int("failed", (int64_t)failed),
                  log_int("ms", (clock_tick_us() - started) / 1000));
    return (long)(made + failed);
}

/* What went wrong concerns no single document: told once, then tried again. */
static void trouble(struct worker *worker, const struct err *err)
{
    if (!worker->told)
        log_err("trouble", NULL, err);
    worker->told = true;
    worker->attached = false;
    nap(AWAY_MS);
}

static void work(struct worker *worker, volatile sig_atomic_t *stop)
{
    while (!*stop) {
        struct err err;
        long renamed = -1, done = -1, errands = -1;

        if (attach(worker, &err) == 0 && keep_house(worker, &err) == 0)
            renamed = rename_some(worker, &err);
        if (renamed >= 0)
            errands = errand_some(worker, &err);
        if (errands >= 0)
            done = issue(worker, &err);
        if (done < 0) {
            trouble(worker, &err);
            continue;
        }
        if (worker->told)
            log_event(LOG_INFO, "recovered", log_text("owner", worker->owner));
        worker->told = false;
        if (done + renamed + errands == 0 && !*stop)
            nap(worker->setup->settings.issuer.poll_ms);
    }
}

/* The child that takes files. */

struct importer {
    const struct setup *setup;
    struct score *score;
    volatile sig_atomic_t *stop;
    struct import_clerk clerk;
    char owner[64];
    bool attached, told;
    int64_t tidy_at_ms;
};

static bool importer_stopping(void *context)
{
    const struct importer *importer = context;

    return *importer->stop;
}

static int importer_attach(struct importer *importer, struct err *err)
{
    struct db *db = importer->clerk.db;

    if (db_ready(db, err) < 0)
        return -1;
    if (!importer->attached &&
        (migrate_check(db, importer->setup->settings.schema_folder, err) < 0 ||
         import_release(db, importer->owner, clock_now_ms(), err) < 0))
        return -1;
    importer->attached = true;
    return 0;
}

static int importer_tidy(struct importer *importer, struct err *err)
{
    int64_t now = clock_now_ms();
    uint64_t deleted;

    if (now < importer->tidy_at_ms)
        return 0;
    if (import_tidy(importer->clerk.db, importer->clerk.pool, now, &deleted, err) < 0)
        return -1;
    importer->tidy_at_ms = deleted ? now : now + HOUSE_EVERY_MS;
    return 0;
}

/* 1 when there was something to do, 0, or -1. */
static int importer_step(struct importer *importer, struct err *err)
{
    int done;

    if (importer_attach(importer, err) < 0 || importer_tidy(importer, err) < 0)
        return -1;
    importer->score->busy_since_ms = clock_now_ms();
    done = import_advance(&importer->clerk, clock_now_ms(), err);
    importer->score->busy_since_ms = 0;
    if (done > 0)
        importer->score->served++;
    return done;
}

static void import(struct importer *importer)
{
    while (!*importer->stop) {
        struct err err;
        int done = importer_step(importer, &err);

        if (done < 0) {
            if (!importer->told)
                log_err("import_trouble", NULL, &err);
            importer->told = true;
            importer->attached = false;
            nap(AWAY_MS);
            continue;
        }
        importer->told = false;
        if (done == 0 && !*importer->stop)
            nap(importer->setup->settings.issuer.poll_ms);
    }
}

static int import_child(const struct daemon *daemon, int slot, volatile sig_atomic_t *stop)
{
    struct importer importer = {
        .setup = daemon->setup,
        .score = &daemon->supervisor.scores[slot],
        .stop = stop,
    };
    struct db_settings patient = daemon->setup->settings.db;

    if (patient.timeout_ms < IMPORT_TIMEOUT_MS)
        patient.timeout_ms = IMPORT_TIMEOUT_MS;
    text_format(importer.owner, sizeof(importer.owner), "%.56s:%d",
                daemon->setup->settings.issuer.owner, slot);
    importer.clerk = (struct import_clerk){
        .db = db_new(&patient),
        .pool = pool_new(POOL_KEEP, 0),
        .core = &daemon->setup->core,
        .owner = importer.owner,
        .stopping = importer_stopping,
        .context = &importer,
    };
    importer.score->ready = 1;
    import(&importer);
    db_free(&importer.clerk.db);
    pool_free(&importer.clerk.pool);
    return EXIT_DONE;
}

static int child(void *context, int slot, volatile sig_atomic_t *stop)
{
    const struct daemon *daemon = context;
    const struct settings *settings = &daemon->setup->settings;
    struct worker worker = {
        .setup = daemon->setup,
        .score = &daemon->supervisor.scores[slot],
        .keeps_house = slot % daemon->supervisor.children == 0,
    };
    struct seal_key *key;
    struct stamper *stamper;
    struct err err;

    if (slot % daemon->supervisor.children == daemon->supervisor.children - 1)
        return import_child(daemon, slot, stop);
    text_format(worker.owner, sizeof(worker.owner), "%.56s:%d", settings->issuer.owner, slot);
    if (tools_open(daemon->setup, &key, &stamper, &err) < 0) {
        log_err("seal_key", NULL, &err);
        seal_key_free(&key);
        return EXIT_FAILED;
    }
    worker.pool = pool_new(POOL_KEEP, 0);
    worker.issuer = (struct issuer){
        .core = &daemon->setup->core,
        .db = db_new(&settings->db),
        .key = key,
        .stamper = stamper,
        .stamps_required = settings->stamper.required,
        .owner = worker.owner,
        .batch = (size_t)settings->issuer.batch,
        .lease_ms = settings->issuer.lease_ms,
    };
    worker.score->ready = 1;
    work(&worker, stop);
    db_free(&worker.issuer.db);
    stamper_free(&stamper);
    seal_key_free(&key);
    pool_free(&worker.pool);
    return EXIT_DONE;
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
    struct seal_key *key;
    struct stamper *stamper;
    struct db *db = db_new(&setup->settings.db);
    int result = -1;

    if (tools_open(setup, &key, &stamper, err) < 0 || db_ready(db, err) < 0 ||
        migrate_check(db, setup->settings.schema_folder, err) < 0)
        goto out;
    printf("%s: configuration, keys, fonts and database are in order\n", PROGRAM);
    result = 0;
out:
    db_free(&db);
    stamper_free(&stamper);
    seal_key_free(&key);
    return result;
}

static int run(struct daemon *daemon, struct err *err)
{
    const struct issuer_settings *issuer = &daemon->setup->settings.issuer;

    daemon->supervisor = (struct supervisor){
        .children = (int)issuer->workers + 1, /* the last takes files */
        .grace_ms = issuer->grace_ms,
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
