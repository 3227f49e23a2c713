/*
 * A queue that is a table: what job (core/issue/job.h) and outbox (core/message/outbox.h) are alike in.
 *
 * Its rows have state, run_at, lease, owner and attempts; the index <table>_queue is over state and
 * run_at. A row waits until run_at, is leased until run_at, or has come to an end. Leases are taken by
 * compare-and-set, never by lock: several daemons on several hosts, and a Galera cluster, are fine. A
 * lease that ran out is taken by whoever comes next.
 */
#ifndef ECERT_CORE_QUEUE_H
#define ECERT_CORE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "core/queries.h"

enum { LEASE_SIZE = 16, LEASE_MAX = SQL_IDS_MAX /* rows under one lease */ };

/* What is due: leases that ran out first; each half reads its first rows from the index. */
#define QUEUE_DUE(table)                                                                           \
    "(SELECT id, attempts FROM " table " FORCE INDEX (" table "_queue)"                            \
    " WHERE state = 'leased' AND run_at <= ? ORDER BY run_at, id LIMIT ?)"                         \
    " UNION ALL "                                                                                  \
    "(SELECT id, attempts FROM " table " FORCE INDEX (" table "_queue)"                            \
    " WHERE state = 'waiting' AND run_at <= ? ORDER BY run_at, id LIMIT ?)"
struct queue_due {
    uint64_t id;
    unsigned attempts;
};
/* Runs a QUEUE_DUE, for up to `limit` rows (at most LEASE_MAX) of each half. 0/-1. */
int queue_due(struct db *db, struct pool *pool, const struct db_query *query, int64_t now_ms,
              size_t limit, const struct queue_due **rows, size_t *count, struct err *err);

/* Takes 1 to LEASE_MAX rows under a new lease. The statement is the compare-and-set: an UPDATE that
 * sets lease, owner and run_at "WHERE id IN (" SQL_IDS ") AND state IN ('waiting', 'leased') AND
 * run_at <= ?", in that order: whoever took one meanwhile has moved its run_at on. By primary key only,
 * so that rows of others, and those not yet committed, are not waited for. What it got is to be read
 * by the lease. Not inside a transaction. 0/-1. */
struct queue_claim {
    const char *owner;
    int64_t now_ms, lease_ms;
};
int queue_take(struct db *db, const struct db_query *query, const struct queue_claim *claim,
               const uint64_t *ids, size_t count, uint8_t lease[LEASE_SIZE], struct err *err);

/* Why a row came to no good end, as the column takes it: of its length, and ASCII, wherever the text
 * came from. */
void queue_cause(char *out, size_t size, const char *cause);

#define QUEUE_DEPTH(table)                                                                         \
    "SELECT (SELECT COUNT(*) FROM " table " WHERE state = 'waiting'),"                             \
    " (SELECT COUNT(*) FROM " table " WHERE state = 'leased'),"                                    \
    " (SELECT COUNT(*) FROM " table " WHERE state = 'failed'),"                                    \
    " (SELECT MIN(run_at) FROM " table " WHERE state = 'waiting')"
struct queue_depth {
    uint64_t waiting, leased, failed;
    int64_t oldest_ms; /* how long the first of the queue has been due */
};
/* Runs a QUEUE_DEPTH. 0/-1. */
int queue_depth(struct db *db, struct pool *pool, const struct db_query *query, int64_t now_ms,
                struct queue_depth *out, struct err *err);

#endif
