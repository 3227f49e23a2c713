/*
 * Sealing anew: every sealed column is brought under the newest key of the vault, and bound to its
 * owner where it has one (core/places.h) and is not yet.
 *
 * Works by key in batches of short transactions, changes a value only if it is still the one
 * that was read, and skips what the newest key sealed already: it may be stopped anywhere, run
 * again, and run beside the service.
 */
#ifndef ECERT_CORE_UPKEEP_RESEAL_H
#define ECERT_CORE_UPKEEP_RESEAL_H

#include <stddef.h>
#include <stdint.h>

struct core;
struct db;
struct err;
struct pool;

enum { RESEAL_KEYS = 256 };

struct reseal_count {
    uint32_t key;
    const char *place; /* core/places.h */
    uint64_t values;
};

/* The columns that are sealed: "person.id_no_sealed" …; NULL behind the last. */
const char *reseal_column_name(size_t n);

/* How many values each key sealed, by place. Reads the whole tables. 0/-1 (ERR_LIMIT: more than
 * `room` rows). */
int reseal_count(struct db *db, struct pool *pool, struct reseal_count *counts, size_t room,
                 size_t *count, struct err *err);

/* Seals anew whatever is not as it would be sealed now. *changed counts values. 0/-1. */
int reseal_run(struct db *db, const struct core *core,
               void (*progress)(void *context, const char *place, uint64_t done, uint64_t all),
               void *context, uint64_t *changed, struct err *err);

#endif
