/* ecertd: answers the site's pages. Never reads the seal key. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/memo.h"
#include "base/pool.h"
#include "base/supervisor.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/document/document.h"
#include "core/evidence/evidence.h"
#include "core/proposal/card.h"
#include "core/seal/trust.h"
#include "core/upkeep/migrate.h"
#include "fcgi/render.h"
#include "fcgi/server.h"
#include "modules/table.h"
#include "programs/settings.h"

static const char usage[] = "usage: ecertd [-c FILE] [-t]\n"
                            "\n"
                            "  -c FILE     configuration (default: ecert.conf of this installation)\n"
                            "  -t          test configuration, tables and templates, and end\n"
                            "  --help      this text\n"
                            "  --version   the version\n"
                            "\n"
                            "SIGHUP: new workers with new configuration and templates take over.\n"
                            "SIGTERM, SIGINT: finish what is begun, and end.\n"
                            "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 configuration.\n";

/* Matters whose person is remembered: the drafts that clerks have before them, 64 KiB. */
enum { PERSONS = 4096 };

/* What a process works with: read by each worker for itself, so that a reload reads it anew. */
struct site {
    struct pool *pool;
    struct settings settings;
    struct vault *vault;
    struct trust *trust;
    struct evidence *evidence;
    struct card_readers *readers;
    struct fonts *fonts; /* to know early which names can't be printed */
    struct core core;
    struct application application;
};

struct daemon {
    const char *config;
    struct memo *persons;  /* shared by the workers, those of a reload too */
    struct render *render; /* parsed here, so that the workers share the memory: as of the last reload */
    int listener;
    struct supervisor supervisor;
};

/* Of this process's own site, for /readyz, which is not told of it. */
static const char *schema_folder;

static int schema_ready(struct db *db, struct err *err)
{
    return migrate_check(db, schema_folder, err);
}

static void site_close(struct site *site)
{
    fonts_free(&site->fonts);
    evidence_free(&site->evidence);
    trust_free(&site->trust);
    vault_free(&site->vault);
    pool_free(&site->pool);
}

/* 0/-1; what is open then is still to be closed. */
static int site_open(struct site *site, const char *config, struct err *err)
{
    *site = (struct site){.pool = pool_new(0, 0)};
    if (settings_load(site->pool, config, &site->settings, err) < 0 ||
        vault_load(site->settings.vault_file, &site->vault, err) < 0 ||
        trust_open(&site->settings.trust, &site->trust, err) < 0 ||
        evidence_open(&site->settings.evidence, &site->evidence, err) < 0 ||
        card_readers_load(site->pool, site->settings.reader_keys,
                          site->settings.policy.demo ? site->settings.reader_demo : "", &site->readers,
                          err) < 0 ||
        password_settings_check(&site->settings.staff.password, err) < 0 ||
        settings_fonts(site->pool, &site->settings, &site->fonts, err) < 0)
        return -1;
    site->core = (struct core){
        .policy = &site->settings.policy,
        .vault = site->vault,
        .trust = site->trust,
        .staff = &site->settings.staff,
        .evidence = site->evidence,
        .fonts = site->fonts,
        .scanner = site->settings.scanner,
        .readers = site->readers,
        .verify_origin = site->settings.verify_origin,
    };
    site->application = (struct application){
        .modules = modules_all,
        .context = &site->core,
        .web = &site->settings.web,
        .db = &site->settings.db,
        .decorate = modules_decorate,
        .gauges = modules_gauges,
        .ready = schema_ready,
    };
    schema_folder = site->settings.schema_folder;
    return 0;
}

/* A database that is away is no reason not to start: workers answer 503 until it is back. One
 * with another schema is. */
static int check_schema(const struct site *site, struct err *err)
{
    struct db *db = db_new(&site->settings.db);
    int result = 0;

    if (db_ready(db, err) < 0 || migrate_check(db, site->settings.schema_folder, err) < 0) {
        result = err->kind == ERR_CONFIG ? -1 : 0;
        if (result == 0)
            log_err("database_away", NULL, err);
    }
    db_free(&db);
    return result;
}

static int work(void *context, int slot, volatile sig_atomic_t *stop)
{
    struct daemon *daemon = context;
    struct supervisor *supervisor = &daemon->supervisor;
    struct site site;
    struct err err;
    int status = EXIT_FAILED;

    if (site_open(&site, daemon->config, &err) < 0) {
        log_err("worker_start", NULL, &err);
    } else {
        site.core.persons = daemon->persons;
        site.application.render = daemon->render;
        site.application.scores = supervisor->scores;
        site.application.score_count = (size_t)supervisor->children * 2;
        status = server_work(&site.application, daemon->listener, &supervisor->scores[slot], stop);
    }
    site_close(&site);
    return status;
}

static int reload(void *context, struct err *err)
{
    struct daemon *daemon = context;
    struct render *render = NULL;
    struct site site;
    int result = site_open(&site, daemon->config, err);

    if (result == 0)
        result = server_check(&site.application, &render, err);
    if (result == 0) {
        render_free(&daemon->render);
        daemon->render = render;
    }
    site_close(&site);
    return result;
}

static int run(struct daemon *daemon, struct site *site, struct err *err)
{
    const struct web_settings *web = &site->settings.web;

    daemon->listener = server_listen(web, err);
    if (daemon->listener < 0 || become_user(site->settings.user, err) < 0 ||
        check_schema(site, err) < 0 || server_prepare(&site->application, err) < 0 ||
        memo_new(PERSONS, &daemon->persons, err) < 0)
        return -1;
    daemon->supervisor = (struct supervisor){
        .children = (int)web->workers,
        .grace_ms = web->grace_ms,
        .child = work,
        .context = daemon,
        .reload = reload,
    };
    log_event(LOG_INFO, "started", log_text("listen", web->listen),
              log_int("workers", web->workers));
    return supervisor_run(&daemon->supervisor, err);
}

/* Mistakes of the configuration are for the one who starts it, all others for the log too. */
static int end(struct site *site, const struct err *err)
{
    site_close(site);
    if (!err)
        return EXIT_DONE;
    fprintf(stderr, "ecertd: %s\n", err->text);
    return err->kind == ERR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    struct options options;
    struct daemon daemon = {.listener = -1};
    struct site site;
    struct err err;

    /* The dates of files in a ZIP are local ones; nothing else here asks for local time. */
    setenv("TZ", "CST-8", 1);
    options_only(argc, argv, usage, &options);
    log_open("ecertd", LOG_INFO, STDERR_FILENO);
    if (site_open(&site, options.config, &err) < 0 || server_check(&site.application, &daemon.render, &err) < 0) {
        end(&site, &err);
        return EXIT_CONFIG;
    }
    if (options.test) {
        puts("configuration, tables and templates are right");
        render_free(&daemon.render);
        return end(&site, NULL);
    }
    daemon.config = options.config;
    log_open("ecertd", site.settings.log_level, STDERR_FILENO);
    int result = run(&daemon, &site, &err);
    memo_free(&daemon.persons);
    render_free(&daemon.render);
    return end(&site, result < 0 ? &err : NULL);
}
