/*
 * exchanger CONFIG FIRM…: exchanges all paper certificates of the firms (by id), a few at a time,
 * through the database of this configuration, while others do the same through other nodes.
 *
 * Prints how many it knows to have exchanged. Ends with 0 when nothing is left, 1 when something
 * went wrong that a clerk could not mend by asking again, 3 when the database has gone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/item/exchange.h"
#include "core/register/paper.h"
#include "programs/settings.h"

enum { AT_ONCE = 3, PATIENCE = 50, PAUSE_MS = 100, EXIT_GONE = 3 };

struct client {
    struct db *db;
    struct pool *pool;
    struct core core;
    struct date today;
    uint64_t firm;
    uint64_t ids[AT_ONCE];
    size_t count;
    struct exchange result;
    uint64_t done;
    int vain; /* attempts in a row that led to nothing */
};

static int work(void *context, struct err *err)
{
    struct client *client = context;
    const struct actor actor = {ACTOR_FIRM, client->firm, "exchanger"};
    const struct exchange_choice choice = {client->firm, client->ids, client->count, NULL};
    int outcome = exchange_papers(client->db, client->pool, &client->core, &actor, &choice,
                                  client->today, clock_now_ms(), &client->result, err);

    if (outcome == 0)
        return err_set(err, ERR_CONFLICT, 0, "refused");
    return outcome < 0 ? -1 : 0;
}

/* The next papers of the firm, or none. 0/-1. */
static int choose(struct client *client, struct err *err)
{
    struct paper_page page;

    if (db_ready(client->db, err) < 0 ||
        paper_list(client->db, client->pool, client->firm, client->today, 0, AT_ONCE, &page, err) <
            0)
        return -1;
    client->count = page.count;
    for (size_t i = 0; i < page.count; i++)
        client->ids[i] = page.rows[i].id;
    return 0;
}

/* One matter. 1 go on, 0 nothing is left, -1. */
static int step(struct client *client, struct err *err)
{
    pool_reset(client->pool);
    if (choose(client, err) < 0)
        return -1;
    if (client->count == 0)
        return 0;
    if (db_transact(client->db, work, client, err) < 0)
        return -1;
    client->done += client->count;
    return 1;
}

/* Whether asking again may help: another was faster, the answer was lost, the database is away. */
static int again(struct client *client, const struct err *err)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

    if (err->kind == ERR_DB || err->kind == ERR_DB_UNKNOWN)
        nanosleep(&pause, NULL);
    else if (err->kind != ERR_CONFLICT && err->kind != ERR_DB_RETRY)
        return 0;
    return ++client->vain < PATIENCE;
}

static int firm_exchange(struct client *client, uint64_t firm)
{
    struct err err;
    int more;

    client->firm = firm;
    do {
        more = step(client, &err);
        if (more >= 0)
            client->vain = 0;
        else if (!again(client, &err)) {
            fprintf(stderr, "exchanger: %s\n", err.text);
            return err.kind == ERR_DB ? EXIT_GONE : EXIT_FAILED;
        }
    } while (more != 0);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct client client = {.pool = pool_new(0, 0), .today = date_today()};
    struct pool *pool = pool_new(0, 0);
    struct vault *vault = NULL;
    struct settings settings;
    struct err err = {0};
    int code = EXIT_DONE;

    if (argc < 3 || settings_load(pool, argv[1], &settings, &err) < 0 ||
        vault_load(settings.vault_file, &vault, &err) < 0) {
        fprintf(stderr, "exchanger: %s\n", argc < 3 ? "CONFIG FIRM..." : err.text);
        return EXIT_FAILED;
    }
    client.core = (struct core){.policy = &settings.policy, .vault = vault};
    client.db = db_new(&settings.db);
    for (int i = 2; code == EXIT_DONE && i < argc; i++)
        code = firm_exchange(&client, strtoull(argv[i], NULL, 10));
    printf("%" PRIu64 "\n", client.done);
    db_free(&client.db);
    vault_free(&vault);
    pool_free(&client.pool);
    pool_free(&pool);
    return code;
}
