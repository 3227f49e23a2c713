/*
 * What proposal.c (reading) lends proposal_move.c (writing).
 */
#ifndef ECERT_CORE_PROPOSAL_PARTS_H
#define ECERT_CORE_PROPOSAL_PARTS_H

#include "core/proposal.h"

struct bytes;

/* The rows as one sealed value, and back. 0/-1. */
int proposal_rows_seal(const struct core *core, struct pool *pool, const struct proposal_row *rows,
                       size_t count, struct bytes *sealed, struct err *err);
int proposal_rows_open(const struct core *core, struct pool *pool, struct bytes sealed,
                       struct proposal *out, struct err *err);

/* The certificates of a proposal that stands, as they are now: fills certificates, count. 0/-1. */
int proposal_certificates(struct db *db, struct pool *pool, struct proposal *proposal,
                          struct err *err);
/* The same by their ids, sorted, each once; those that are not there are left out. 0/-1. */
int proposal_certificates_of(struct db *db, struct pool *pool, const uint64_t *ids, size_t count,
                             struct proposal *proposal, struct err *err);

/* As its kind judges it: what was judged before is forgotten. 0/-1. */
int proposal_judge_now(struct change *change, struct proposal *proposal, struct err *err);

#endif
