/*
 * Sanctions 处罚: what the authority does to certificates by decision of two people (domain table of
 * states): 暂扣, 暂扣发还, 撤销, 吊销, 注销 by the authority, 取消转出. Each is a kind of proposal
 * (core/proposal/proposal.h) that stands in one table here.
 *
 * A decision takes precedence over what a firm has begun: a cancellation that waits for its
 * signature is refused with the explanation, all its certificates are free; a certificate that waits
 * in a running change of name fails there. A draft holds nothing and finds the new state when it is
 * confirmed. Suspension is no end: the version stays, and giving back makes it downloadable as it
 * was. 取消转出 makes a new version, as that of a departure is void.
 *
 * A suspended certificate keeps its last day. Given back after it, it reads as 失效 at once and is
 * written down so by the next expiry: 02 becomes 05 only by way of 01.
 */
#ifndef ECERT_CORE_PROPOSAL_SANCTION_H
#define ECERT_CORE_PROPOSAL_SANCTION_H

#include "core/proposal/proposal.h"
#include "core/register/certificate.h"

extern const struct proposal_kind sanction_suspend, sanction_give_back, sanction_withdraw,
    sanction_revoke, sanction_cancel, sanction_take_back;

/* Of 注销 by the authority: the row (without a label, not shown) that holds the reason's code. */
#define SANCTION_REASON_CODE "reason_code"

/* A suspension in force whose period has ended: due to be given back. */
struct suspension {
    struct certificate certificate; /* what lists show of it */
    uint64_t enterprise_id;
    const char *enterprise_name;
    struct date from, until;
    uint64_t matter_id;
    char number[MATTER_NUMBER_SIZE]; /* of the matter that suspended it */
};
/* Those that ended before `today`, the longest first; by key. 0/-1. */
int sanction_due(struct db *db, struct pool *pool, struct date today, size_t limit,
                 const struct suspension **rows, size_t *count, struct err *err);
/* How many, at most 1000. 0/-1. */
int sanction_due_count(struct db *db, struct pool *pool, struct date today, uint64_t *count,
                       struct err *err);

#endif
