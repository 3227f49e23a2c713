/*
 * ecert-issuerd: takes jobs from the database, renders, seals and stores documents.
 *
 * The parent holds configuration, vault and fonts; each child opens a database connection and
 * the seal key of its own. Children of the first place also keep house. One more child takes uploaded
 * files into the registers: it holds no seal key, and no document waits for it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/config.h"
#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/audit/audit.h"
#include "core/import/import_desk.h"
#include "core/issue/errand.h"
#include "core/issue/issue.h"
#include "core/issue/job.h"
#include "core/issue/task.h"
#include "core/seal/seal.h"
#include "core/seal/stamper.h"
#include "core/upkeep/housekeeping.h"
#include "programs/daemon.h"

#define PROGRAM "ecert-issuerd"

enum {
    POOL_KEEP = 4 * 1024 * 1024,
    HOUSE_EVERY_MS = 60 * 1000,
    /* Many times what a batch takes; a killed issuer holds up so long what it was at. */
    TASK_LEASE_MS = 10 * 1000,
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

static int open_setup(struct setup *setup, struct err *err)
{
    const struct settings *settings = &setup->settings;

    if (become_user(settings->issuer_user, err) < 0 ||
        vault_load(settings->vault_file, &setup->vault, err) < 0 ||
        settings_fonts(setup->pool, settings, &setup->fonts, err) < 0)
        return -1;
    setup->core = (struct core){
        .policy = &settings->policy,
        .vault = setup->vault,
        .fonts = setup->fonts,
        .verify_origin = settings->verify_origin,
    };
    return 0;
}

static void plan(const struct settings *settings, struct supervisor *supervisor)
{
    supervisor->children = (int)settings->issuer.workers + 1; /* the last takes files */
    supervisor->grace_ms = settings->issuer.grace_ms;
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

/* A child that makes documents. */
struct maker {
    struct issuer issuer;
    bool keeps_house;
    int64_t house_at_ms, anchors_at_ms;
};

static void log_anchor(void *context, const char *text)
{
    (void)context;
    log_event(LOG_INFO, "audit_anchor", log_text("anchor", text));
}

static int keep_house(struct worker *worker, struct err *err)
{
    struct maker *maker = worker->context;
    int64_t now = clock_now_ms();
    uint64_t deleted;

    if (!maker->keeps_house)
        return 0;
    if (now >= maker->anchors_at_ms) {
        if (audit_anchors(worker->db, log_anchor, NULL, err) < 0)
            return -1;
        maker->anchors_at_ms = now + ANCHORS_EVERY_MS;
    }
    if (now >= maker->house_at_ms) {
        if (housekeeping_run(worker->db, now, &deleted, err) < 0 ||
            errand_begin(worker->db, worker->pool, maker->issuer.core, ERRAND_STATISTICS, now, err) < 0)
            return -1;
        /* A full round may have left more behind. */
        maker->house_at_ms = deleted >= HOUSEKEEPING_ROWS ? now : now + HOUSE_EVERY_MS;
        if (deleted)
            log_event(LOG_INFO, "housekeeping", log_int("deleted", (int64_t)deleted));
    }
    return 0;
}

/* One batch of what is taken certificate by certificate. Returns 1, 0 when there was nothing to do,
 * or -1. */
static long task_some(struct worker *worker, struct err *err)
{
    const struct maker *maker = worker->context;
    size_t changed;
    int result = task_advance(worker->db, worker->pool, maker->issuer.core, date_today(),
                              clock_now_ms(), TASK_LEASE_MS, &changed, err);

    if (result == 1)
        log_event(LOG_INFO, "task", log_text("owner", worker->owner),
                  log_int("certificates", (int64_t)changed));
    return result;
}

/* One step of what was ordered for the whole register; children of the first place do them, so that
 * the others go on making documents. Returns 1, 0 when there was nothing to do, or -1. */
static long errand_some(struct worker *worker, struct err *err)
{
    const struct maker *maker = worker->context;

    if (!maker->keeps_house)
        return 0;
    return errand_advance(worker->db, worker->pool, maker->issuer.core, date_today(),
                          clock_now_ms(), ERRAND_LEASE_MS, err);
}

/* One batch. Returns documents dealt with, 0 when there was nothing to do, or -1. */
static long issue(struct worker *worker, struct err *err)
{
    struct maker *maker = worker->context;
    int64_t started = clock_tick_us();
    size_t made, failed;

    worker->score->busy_since_ms = clock_now_ms();
    int result = issue_batch(&maker->issuer, worker->pool, &made, &failed, err);
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

/* A round of everything. Returns how much was done, 0 when there was nothing to do, or -1. */
static long make(struct worker *worker, struct err *err)
{
    long tasks = keep_house(worker, err) < 0 ? -1 : task_some(worker, err);
    long errands = tasks < 0 ? -1 : errand_some(worker, err);
    long made = errands < 0 ? -1 : issue(worker, err);

    return made < 0 ? -1 : tasks + errands + made;
}

/* The child that takes files. */

struct importer {
    struct import_clerk clerk;
    int64_t tidy_at_ms;
};

static bool stopping(void *context)
{
    const struct worker *worker = context;

    return *worker->stop;
}

static int tidy(struct worker *worker, struct err *err)
{
    struct importer *importer = worker->context;
    int64_t now = clock_now_ms();
    uint64_t deleted;

    if (now < importer->tidy_at_ms)
        return 0;
    if (import_tidy(worker->db, worker->pool, now, &deleted, err) < 0)
        return -1;
    importer->tidy_at_ms = deleted ? now : now + HOUSE_EVERY_MS;
    return 0;
}

/* 1 when there was something to do, 0, or -1. */
static long import(struct worker *worker, struct err *err)
{
    struct importer *importer = worker->context;
    int done;

    if (tidy(worker, err) < 0)
        return -1;
    worker->score->busy_since_ms = clock_now_ms();
    done = import_advance(&importer->clerk, clock_now_ms(), err);
    worker->score->busy_since_ms = 0;
    if (done > 0)
        worker->score->served++;
    return done;
}

/* Children */

static int import_child(struct worker *worker)
{
    const struct setup *setup = worker->setup;
    struct db_settings patient = setup->settings.db;
    struct importer importer = {0};

    if (patient.timeout_ms < IMPORT_TIMEOUT_MS)
        patient.timeout_ms = IMPORT_TIMEOUT_MS;
    worker->db = db_new(&patient);
    worker->trouble = "import_trouble";
    worker->release = import_release;
    worker->round = import;
    worker->context = &importer;
    importer.clerk = (struct import_clerk){
        .db = worker->db,
        .pool = worker->pool,
        .core = &setup->core,
        .owner = worker->owner,
        .stopping = stopping,
        .context = worker,
    };
    worker_run(worker);
    db_free(&worker->db);
    return EXIT_DONE;
}

static int document_child(struct worker *worker, bool keeps_house)
{
    const struct setup *setup = worker->setup;
    const struct settings *settings = &setup->settings;
    struct maker maker = {.keeps_house = keeps_house};
    struct seal_key *key;
    struct stamper *stamper;
    struct err err;
    int result = EXIT_FAILED;

    if (tools_open(setup, &key, &stamper, &err) < 0) {
        log_err("seal_key", NULL, &err);
        goto out;
    }
    worker->db = db_new(&settings->db);
    worker->trouble = "trouble";
    worker->release = job_release;
    worker->round = make;
    worker->context = &maker;
    maker.issuer = (struct issuer){
        .core = &setup->core,
        .db = worker->db,
        .key = key,
        .stamper = stamper,
        .stamps_required = settings->stamper.required,
        .owner = worker->owner,
        .batch = (size_t)settings->issuer.batch,
        .lease_ms = settings->issuer.lease_ms,
    };
    worker_run(worker);
    result = EXIT_DONE;
out:
    db_free(&worker->db);
    stamper_free(&stamper);
    seal_key_free(&key);
    return result;
}

static int child(const struct daemon *daemon, int slot, volatile sig_atomic_t *stop)
{
    const struct issuer_settings *issuer = &daemon->setup->settings.issuer;
    const int children = daemon->supervisor.children, place = slot % children;
    struct worker worker = {
        .setup = daemon->setup,
        .score = &daemon->supervisor.scores[slot],
        .stop = stop,
        .pool = pool_new(POOL_KEEP, 0),
        .poll_ms = issuer->poll_ms,
    };
    int result;

    text_format(worker.owner, sizeof(worker.owner), "%.56s:%d", issuer->owner, slot);
    result = place == children - 1 ? import_child(&worker) : document_child(&worker, place == 0);
    pool_free(&worker.pool);
    return result;
}

static int test(const struct setup *setup, struct db *db, struct err *err)
{
    struct seal_key *key;
    struct stamper *stamper;
    int result = tools_open(setup, &key, &stamper, err);

    (void)db;
    stamper_free(&stamper);
    seal_key_free(&key);
    return result;
}

int main(int argc, char **argv)
{
    struct daemon daemon = {
        .name = PROGRAM,
        .usage = usage,
        .opens = "keys, fonts",
        .open = open_setup,
        .plan = plan,
        .child = child,
        .test = test,
    };

    return daemon_main(&daemon, argc, argv);
}
