/*
 * 换领: a paper certificate becomes an electronic one.
 *
 * One business step: rules over facts read inside the transaction (R1, R2, R3), matter,
 * certificate with version 001 (number, dates and held_since of the paper one; R19 by unique
 * key), event, job, audit. The caller's transaction holds it all.
 */
#ifndef ECERT_CORE_ITEM_EXCHANGE_H
#define ECERT_CORE_ITEM_EXCHANGE_H

#include "core/matter/matter.h"
#include "core/rules/rules.h"

enum {
    EXCHANGE_MAX = 100,     /* paper certificates in one matter */
    EXCHANGE_SEEN_SIZE = 65 /* with its NUL */
};

/* What a clerk chose, of the firm's own. */
struct exchange_choice {
    uint64_t enterprise_id;
    const uint64_t *ids;
    size_t count;
    const char *seen; /* exchange_seen's, when they were looked at; NULL: nobody did */
};

struct exchange {
    struct verdict verdict;  /* of the first that was refused, or of the last */
    uint64_t refused_id;     /* the paper certificate it speaks of; 0 when all passed */
    struct matter matter;    /* when all passed */
};

/* All that were chosen or none. 1: done; 0: refused by a rule (see verdict), and audited: the
 * transaction must be kept; -1: ERR_NOT_FOUND for a paper certificate that is not this firm's,
 * ERR_CONFLICT when they no longer say what was seen, or another exchange came first, … */
int exchange_papers(struct db *db, struct pool *pool, const struct core *core,
                    const struct actor *actor, const struct exchange_choice *choice,
                    struct date today, int64_t now_ms, struct exchange *result, struct err *err);
/* Names all that the papers and their people say, and the electronic certificates will say; the
 * order of `ids` is of no matter. To be asked before what is shown is read. 1; 0: one of them is
 * not this firm's; -1. */
int exchange_seen(struct db *db, struct pool *pool, uint64_t enterprise_id, const uint64_t *ids,
                  size_t count, char seen[EXCHANGE_SEEN_SIZE], struct err *err);
/* The same rules for one paper certificate without changing anything, for the page that shows it.
 * 0/-1. */
int exchange_judge(struct db *db, struct pool *pool, const struct core *core,
                   uint64_t enterprise_id, uint64_t id, struct date today,
                   struct verdict *verdict, struct err *err);

#endif
