/*
 * Delays between tries to log in, so that nobody can guess at speed, and nobody can lock others out for
 * long.
 *
 * What fails is counted by the login that was typed (whether there is such an account or not), by
 * the address it came from (of IPv6: its /64), by the browser where it is a known one, and for a second
 * factor by its account. After the first few, each failure doubles the time in which nothing more is
 * tried, up to a bound of some minutes. A known browser of an account is counted by itself and not by
 * the login: whoever keeps an account's login delayed from elsewhere does not delay its owner there.
 * A try is counted before it is made, so that many at once are no way around.
 */
#ifndef ECERT_CORE_STAFF_LOGIN_DELAY_H
#define ECERT_CORE_STAFF_LOGIN_DELAY_H

#include <stddef.h>
#include <stdint.h>

struct core;
struct db;
struct err;
struct pool;

struct delay_settings {
    int64_t first_ms;     /* after the first failure that counts */
    int64_t most_ms;      /* the bound */
    int64_t free;         /* failures of a login, a browser or a second factor that cost nothing */
    int64_t free_address; /* of an address, behind which a whole office may be */
};

enum delay_kind { DELAY_LOGIN = 1, DELAY_ADDRESS, DELAY_BROWSER, DELAY_FACTOR };
enum { DELAY_KEYS = 3 };

struct delay_key {
    enum delay_kind kind;
    uint8_t hash[32];
};

/* The key of a login, an address, a browser's token, or an account's id as text. */
struct delay_key delay_key(const struct core *core, enum delay_kind kind, const char *text);

/* How long after `failures` failures. */
int64_t delay_after(const struct delay_settings *settings, enum delay_kind kind, uint64_t failures);

/* Counts a try under all keys, in a transaction of its own, unless one of them is delayed: then
 * *wait_ms says for how long, and nothing is counted. 0/-1. */
int delay_take(struct db *db, struct pool *pool, const struct delay_settings *settings,
               const struct delay_key *keys, size_t count, int64_t now_ms, int64_t *wait_ms,
               struct err *err);

/* The try was a good one: its own count is taken back from an address, and all counts from the
 * others. Inside a transaction. 0/-1. */
int delay_clear(struct db *db, const struct delay_key *keys, size_t count, struct err *err);

#endif
