/*
 * Tasks: matters whose certificates are taken one by one, in the background: a firm's change of name
 * (core/item/rename.h), and a decision about more certificates than one transaction should hold
 * (core/proposal/proposal.h).
 *
 * A matter that stands in the table is taken up by any issuer, a batch at a time, each a transaction,
 * until nothing of it waits. It may be stopped anywhere, and goes on where it was: what is still to do
 * is what its certificates (matter_certificate.state) say.
 */
#ifndef ECERT_CORE_ISSUE_TASK_H
#define ECERT_CORE_ISSUE_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "core/matter/change.h"
#include "core/matter/matter.h"

enum { TASK_BATCH = 50 /* certificates */ };

/* One that is leased, for a batch. */
struct task {
    struct matter matter; /* id, item, enterprise_id, enterprise_name, items */
    struct actor opened_by;
    int64_t leased_until_ms;
};

/* Lets an issuer take the matter up, inside the present transaction. 0/-1. */
int task_add(struct db *db, uint64_t matter_id, int64_t now_ms, struct err *err);

/* One batch of any matter that is due, for an issuer: leases it for `lease_ms`. *done counts
 * certificates that changed. 1; 0: nothing is due; -1. Not inside a transaction; resets the pool. */
int task_advance(struct db *db, struct pool *pool, const struct core *core, struct date today,
                 int64_t now_ms, int64_t lease_ms, size_t *done, struct err *err);

/* For the batches: gives the task back for the next one, or ends it. 0/-1 (ERR_CONFLICT: the lease
 * was lost, and the batch must end without effect). */
int task_settle(struct change *change, const struct task *task, bool more, struct err *err);

#endif
