/*
 * Figures of the whole register, for the operator. Reads whole indexes: not for a page.
 */
#ifndef ECERT_CORE_STATS_H
#define ECERT_CORE_STATS_H

#include <stddef.h>
#include <stdint.h>

struct db;
struct err;
struct pool;

struct stats_figure {
    const char *name; /* "certificates" … */
    const char *part; /* "01", "waiting" …; "" for the whole */
    uint64_t value;
};

/* 0/-1. */
int stats_read(struct db *db, struct pool *pool, const struct stats_figure **figures,
               size_t *count, struct err *err);

/* Milliseconds by which the database's clock is ahead of ours. 0/-1. */
int stats_clock(struct db *db, struct pool *pool, int64_t *ahead_ms, struct err *err);

#endif
