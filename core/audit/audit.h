/*
 * The audit: events chained by keyed hash, without gaps.
 *
 * AUDIT_CHAINS chains run side by side, so that firms do not wait for each other; all events of
 * one enterprise are in one chain. audit_add must run inside the transaction of the change and
 * locks the heads of the chains it extends until that ends; call it last, and once. Details are
 * JSON without personal data.
 *
 * An event's hash is vault_audit over the hash before it and all of its columns, numbers as 8
 * bytes big endian, texts behind their length. A head that does not carry our keyed hash is not
 * extended (ERR_CRYPTO): a change from outside must not be sealed by the next event. Whoever
 * puts back an old head (or the zeros of an empty one) and cuts off what came after leaves a
 * chain that is sound in itself: only an anchor kept outside the database tells.
 */
#ifndef ECERT_CORE_AUDIT_AUDIT_H
#define ECERT_CORE_AUDIT_AUDIT_H

#include <stdint.h>

#include "core/core.h"

struct db;
struct err;
struct pool;

enum { AUDIT_CHAINS = 16 };

struct audit_event {
    struct actor actor;
    uint64_t enterprise_id;  /* chooses the chain; 0: by object_id */
    const char *action;      /* "certificate.exchange", "login.refused" … */
    const char *object_kind; /* "certificate", "enterprise" … */
    uint64_t object_id;
    uint64_t matter_id;
    const char *detail;      /* JSON object, or NULL */
};

/* Hints that an event of this enterprise will be added (db_ahead), inside the transaction: with the last
 * statement before it, or the lock is held the longer. */
void audit_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id);

/* Appends events; the heads of their chains are locked one after the other, in ascending order.
 * 0/-1 (also ERR_CRYPTO: the head was changed by somebody else). */
int audit_add(struct db *db, struct pool *pool, const struct core *core,
              const struct audit_event *events, size_t count, struct err *err);

/* Reads every chain from its first event. `report` gets one English line for each fault (changed
 * event, gap, cut end, wrong head). An anchor is a head noted elsewhere earlier ("chain sequence
 * hash" a line); heads must continue it. *faults counts them; 0, or -1 when it could not be read. */
struct audit_totals {
    uint64_t events;
    uint64_t faults;
};
int audit_verify(struct db *db, const struct core *core, const char *anchors,
                 void (*report)(void *context, const char *line), void *context,
                 struct audit_totals *totals, struct err *err);
/* The same of one chain alone, without anchors, adding to *totals; `chain` AUDIT_CHAINS stands for the
 * chains that nobody writes, which must be empty. 0/-1. */
int audit_verify_chain(struct db *db, const struct core *core, uint64_t chain,
                       void (*report)(void *context, const char *line), void *context,
                       struct audit_totals *totals, struct err *err);
/* Prints the present heads as anchors: calls line(context, "chain sequence hash"). 0/-1. */
int audit_anchors(struct db *db, void (*line)(void *context, const char *text), void *context,
                  struct err *err);

#endif
