/*
 * The issuer's work: a leased job becomes a sealed document.
 *
 * render → lint → the intents of the batch are committed → seal → timestamp → documents, jobs and
 * generation in one transaction. A crash anywhere loses nothing and doubles nothing: an intent
 * without a document is taken up again with the same instant, hence the same bytes and digest. A
 * timestamp is another one each time, and no part of that digest. Where no authority gives one, the
 * document is issued without (B-B) and the audit says why, or it waits, as is configured.
 */
#ifndef ECERT_CORE_ISSUE_ISSUE_H
#define ECERT_CORE_ISSUE_ISSUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"

struct db;
struct err;
struct pool;
struct seal_key;
struct stamper;

struct issuer {
    const struct core *core;
    struct db *db;
    struct seal_key *key;
    struct stamper *stamper; /* NULL: documents have no timestamp. All its authorities together take at
                              * most half of lease_ms for one */
    bool stamps_required;    /* a document without waits for one */
    const char *owner;  /* host and slot */
    size_t batch;       /* documents per transaction, at most LEASE_MAX */
    int64_t lease_ms;
};

/* Takes and finishes one batch. *made and *failed count documents. 0 (also when there was
 * nothing to do), or -1 for faults that concern no single document (database away). The pool is
 * reset inside. */
int issue_batch(struct issuer *issuer, struct pool *pool, size_t *made, size_t *failed,
                struct err *err);

#endif
