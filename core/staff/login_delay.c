#include "core/staff/login_delay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/queries.h"

/* Failures that nothing followed for so long are forgotten. */
#define FORGET_MS DAY_MS

enum { NETWORK_SIZE = 8, DOUBLINGS = 30 };
enum { SQL_ROW, SQL_FIND, SQL_COUNT, SQL_CLEAR, SQL_TAKE_BACK };

static const struct db_query queries[] = {
    [SQL_ROW] = {"login_delay_row", "INSERT IGNORE INTO login_delay (kind, key_hash, failures,"
                                    " tried_at, until_at) VALUES (?, ?, 0, ?, ?)"},
    [SQL_FIND] = {"login_delay_find", "SELECT failures, tried_at, until_at FROM login_delay"
                                      " WHERE kind = ? AND key_hash = ? FOR UPDATE"},
    [SQL_COUNT] = {"login_delay_count", "UPDATE login_delay SET failures = ?, tried_at = ?,"
                                        " until_at = ? WHERE kind = ? AND key_hash = ?"},
    [SQL_CLEAR] = {"login_delay_clear", "DELETE FROM login_delay WHERE kind = ? AND key_hash = ?"},
    [SQL_TAKE_BACK] = {"login_delay_take_back",
                       "UPDATE login_delay SET failures = failures - 1, until_at = tried_at"
                       " WHERE kind = ? AND key_hash = ? AND failures > 0"},
};

const struct db_area login_delay_area = DB_AREA("login_delay", queries);

struct take {
    struct db *db;
    struct pool *pool;
    const struct delay_settings *settings;
    const struct delay_key *keys;
    size_t count;
    int64_t now_ms;
    int64_t wait_ms;
};

/* Whoever has one address of an IPv6 network has all of them. One of IPv4 may be written as of IPv6. */
static void network_of(const char *address, char text[NETWORK_SIZE * 2 + 1])
{
    struct in6_addr bytes;

    text[0] = '\0';
    if (inet_pton(AF_INET6, address, &bytes) != 1)
        return;
    if (!IN6_IS_ADDR_V4MAPPED(&bytes))
        hex_encode(bytes.s6_addr, NETWORK_SIZE, text);
    else if (!inet_ntop(AF_INET, bytes.s6_addr + 12, text, NETWORK_SIZE * 2 + 1))
        text[0] = '\0';
}

struct delay_key delay_key(const struct core *core, enum delay_kind kind, const char *text)
{
    static const char *const places[] = {
        [DELAY_LOGIN] = "login_delay.login",
        [DELAY_ADDRESS] = "login_delay.address",
        [DELAY_BROWSER] = "login_delay.browser",
        [DELAY_FACTOR] = "login_delay.factor",
    };
    struct delay_key key = {.kind = kind};
    char network[NETWORK_SIZE * 2 + 1] = "";

    if (kind == DELAY_ADDRESS)
        network_of(text, network);
    vault_lookup(core->vault, places[kind], *network ? network : text, key.hash);
    return key;
}

int64_t delay_after(const struct delay_settings *settings, enum delay_kind kind, uint64_t failures)
{
    uint64_t unpunished =
        (uint64_t)(kind == DELAY_ADDRESS ? settings->free_address : settings->free);

    if (failures <= unpunished)
        return 0;
    uint64_t doublings = failures - unpunished - 1;
    if (doublings >= DOUBLINGS || settings->first_ms > settings->most_ms >> doublings)
        return settings->most_ms;
    return settings->first_ms << doublings;
}

#define KEY(key) db_uint((key)->kind), db_bytes((key)->hash, sizeof((key)->hash))

/* The row of a key, locked; made first, where it is new, so that there is one to lock. */
static int lock(const struct take *take, const struct delay_key *key, uint64_t *failures,
                int64_t *until_ms, struct err *err)
{
    const struct db_value *row;
    struct db_value now = db_time(take->now_ms);

    if (db_run(take->db, &queries[SQL_ROW], DB_ARGS(KEY(key), now, now), NULL, err) < 0)
        return -1;
    int found = db_find(take->db, take->pool, &queries[SQL_FIND], DB_ARGS(KEY(key)), &row, err);
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, ERR_DB_RETRY, 0, "the row of a delay went away");
    *failures = db_as_uint(&row[0]);
    if (take->now_ms - db_as_time(&row[1]) > FORGET_MS)
        *failures = 0;
    *until_ms = db_as_time(&row[2]);
    return 0;
}

static int take_all(void *context, struct err *err)
{
    struct take *take = context;
    uint64_t failures[DELAY_KEYS];
    int64_t until_ms = 0;

    take->wait_ms = 0;
    for (size_t i = 0; i < take->count; i++) {
        if (lock(take, &take->keys[i], &failures[i], &until_ms, err) < 0)
            return -1;
        if (until_ms - take->now_ms > take->wait_ms)
            take->wait_ms = until_ms - take->now_ms;
    }
    for (size_t i = 0; i < take->count && take->wait_ms == 0; i++) {
        const struct delay_key *key = &take->keys[i];
        int64_t delay_ms = delay_after(take->settings, key->kind, ++failures[i]);

        if (db_run(take->db, &queries[SQL_COUNT],
                   DB_ARGS(db_uint(failures[i]), db_time(take->now_ms),
                           db_time(take->now_ms + delay_ms), KEY(key)),
                   NULL, err) < 0)
            return -1;
    }
    return 0;
}

int delay_take(struct db *db, struct pool *pool, const struct delay_settings *settings,
               const struct delay_key *keys, size_t count, int64_t now_ms, int64_t *wait_ms,
               struct err *err)
{
    struct take take = {db, pool, settings, keys, count, now_ms, 0};

    if (count > DELAY_KEYS)
        err_fatal("%zu keys of a delay", count);
    if (db_transact(db, take_all, &take, err) < 0)
        return -1;
    *wait_ms = take.wait_ms;
    return 0;
}

int delay_clear(struct db *db, const struct delay_key *keys, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        bool address = keys[i].kind == DELAY_ADDRESS;

        if (db_run(db, &queries[address ? SQL_TAKE_BACK : SQL_CLEAR], DB_ARGS(KEY(&keys[i])), NULL,
                   err) < 0)
            return -1;
    }
    return 0;
}
