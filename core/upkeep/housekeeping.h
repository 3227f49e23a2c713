/*
 * Housekeeping: rows that have had their time are deleted, a bounded number at once.
 */
#ifndef ECERT_CORE_UPKEEP_HOUSEKEEPING_H
#define ECERT_CORE_UPKEEP_HOUSEKEEPING_H

#include <stdint.h>

struct db;
struct err;

enum { HOUSEKEEPING_ROWS = 1000 }; /* most of one kind in one run */

/* Deletes sessions and login tickets that are over, and idempotency keys older than a day, as of
 * now_ms. *deleted counts rows; as many as HOUSEKEEPING_ROWS of one kind mean that there may be
 * more. Not inside a transaction. 0/-1. */
int housekeeping_run(struct db *db, int64_t now_ms, uint64_t *deleted, struct err *err);

#endif
