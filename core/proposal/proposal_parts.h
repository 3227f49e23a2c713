/*
 * What proposal.c (reading) lends proposal_move.c (writing).
 */
#ifndef ECERT_CORE_PROPOSAL_PROPOSAL_PARTS_H
#define ECERT_CORE_PROPOSAL_PROPOSAL_PARTS_H

#include "core/proposal/proposal.h"

struct bytes;

/* The rows as one sealed value, for its matter. 0/-1. */
int proposal_rows_seal(const struct core *core, struct pool *pool, const struct proposal *proposal,
                       struct bytes *sealed, struct err *err);
/* Fills own, own_count from rows. */
void proposal_rows_index(struct pool *pool, struct proposal *proposal);

/* By its id, without its certificates. 1/0/-1. */
int proposal_by_id(struct db *db, struct pool *pool, const struct core *core, uint64_t matter_id,
                   struct proposal *out, struct err *err);

/* The certificates of a proposal that stands, as they are now, behind `after`, `limit` at most: fills
 * certificates, count, next. 0/-1. */
int proposal_certificates(struct db *db, struct pool *pool, struct proposal *proposal,
                          uint64_t after, size_t limit, struct err *err);
/* The same by their ids, sorted, each once; those that are not there are left out. 0/-1. */
int proposal_certificates_of(struct db *db, struct pool *pool, const uint64_t *ids, size_t count,
                             struct proposal *proposal, struct err *err);

/* As its kind judges it: what was judged before is forgotten. 0/-1. */
int proposal_judge_now(struct change *change, struct proposal *proposal, struct err *err);

/* Locks the people, then the certificates: everybody who acts on people locks in this order. 0/-1. */
int proposal_lock(struct change *change, const struct proposal *proposal, struct err *err);
/* An audit event "proposal.<what>". */
void proposal_note(struct change *change, const struct proposal *proposal, const char *what,
                   const char *detail);

#endif
