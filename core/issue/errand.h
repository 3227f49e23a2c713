/*
 * Errands: long work on the whole register, ordered from a page or every night, done by an issuer
 * step by step between its documents: the audit is verified chain by chain, the statistics are
 * counted figure by figure.
 *
 * A step is leased by compare-and-set, as jobs are; an issuer that dies loses no more than the step.
 * What was done is kept: who ordered it, when it ended, what it found.
 */
#ifndef ECERT_CORE_ISSUE_ERRAND_H
#define ECERT_CORE_ISSUE_ERRAND_H

#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/core.h"

struct db;
struct err;
struct pool;

enum errand_kind { ERRAND_AUDIT, ERRAND_STATISTICS, ERRAND_KINDS };

/* States, as stored. */
#define ERRAND_WAITING "waiting" /* or at work */
#define ERRAND_DONE    "done"
#define ERRAND_FAILED  "failed" /* given up; the issuer's log says why */

struct errand {
    uint64_t id;
    enum errand_kind kind;
    const char *state;
    unsigned step, steps; /* how many are done, of how many */
    enum actor_kind actor_kind;
    const char *who; /* name of the member of staff who ordered it; "": an operator, or the night */
    int64_t ordered_ms;
    int64_t ended_ms;  /* 0: it has not ended */
    uint64_t counted;  /* events read, figures counted */
    uint64_t faults;   /* of the audit */
    const char *report; /* the first of them, one English line each; "" */
};

/* Orders one, with its audit event, as the last thing in the present transaction. 1; 0: one of this
 * kind is under way already; -1. */
int errand_order(struct db *db, struct pool *pool, const struct core *core,
                 const struct actor *actor, enum errand_kind kind, int64_t now_ms, struct err *err);

/* Orders one for the system where there never was one of this kind, so that nobody waits for the night
 * behind an installation. Not inside a transaction; the pool is reset. 0/-1. */
int errand_begin(struct db *db, struct pool *pool, const struct core *core, enum errand_kind kind,
                 int64_t now_ms, struct err *err);

/* The newest of a kind, at most `limit`, newest first. 0/-1. */
int errand_list(struct db *db, struct pool *pool, enum errand_kind kind, size_t limit,
                const struct errand **errands, size_t *count, struct err *err);

/* One step of any that is due, for an issuer. Not inside a transaction; the pool is reset. 1; 0: there
 * is nothing to do; -1. */
int errand_advance(struct db *db, struct pool *pool, const struct core *core, struct date today,
                   int64_t now_ms, int64_t lease_ms, struct err *err);

/* Does a whole one at once, for an operator, and keeps what came of it; *done gets it. 0/-1. */
int errand_run(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
               enum errand_kind kind, struct date today, int64_t now_ms, struct errand *done,
               struct err *err);

/* Keeps the result of a verification that was made otherwise (with anchors). 0/-1. */
int errand_keep(struct db *db, const struct actor *actor, enum errand_kind kind, uint64_t counted,
                uint64_t faults, const char *report, int64_t now_ms, struct err *err);

#endif
