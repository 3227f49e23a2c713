/*
 * Expiry 失效: the day after valid_until a certificate in state 01 becomes 05, by itself.
 *
 * Screens and rules already read it so (state_on); this writes it down, with event and audit, a
 * transaction for each enterprise. Running it twice, or stopping it anywhere, does no harm.
 */
#ifndef ECERT_CORE_UPKEEP_EXPIRY_H
#define ECERT_CORE_UPKEEP_EXPIRY_H

#include <stdint.h>

#include "base/date.h"

struct core;
struct db;
struct err;

/* All certificates whose last day was before `today`. *expired counts them. 0/-1. */
int expiry_run(struct db *db, const struct core *core, struct date today, int64_t now_ms,
               uint64_t *expired, struct err *err);

#endif
