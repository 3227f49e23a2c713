/*
 * Tasks: matters whose certificates are taken one by one, in the background: a firm's change of name
 * (core/item/rename.h), and a decision about more certificates than one transaction should hold
 * (core/proposal/proposal.h).
 *
 * A matter that stands in the table is taken up by any issuer, a batch at a time, each a transaction,
 * until nothing of it waits. It may be stopped anywhere, and goes on where it was: what is still to do
 * is what its certificates (matter_certificate.state) say.
 *
 * A batch that meets a certificate which can't be changed leaves nothing behind. The next one is half
 * as large, until that certificate stands alone: then it is put off, a longer time after each try, while
 * the others go on, and after TASK_TRIES it is stood aside as failed (cause TASK_CONFLICT), to be taken
 * up again when somebody asks for it.
 */
#ifndef ECERT_CORE_ISSUE_TASK_H
#define ECERT_CORE_ISSUE_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "core/matter/change.h"
#include "core/matter/matter.h"

enum {
    TASK_BATCH = 50, /* certificates, at most */
    TASK_TRIES = 5   /* of a single certificate; they take less than 3 minutes */
};

/* matter_certificate.cause of one that was stood aside. */
#define TASK_CONFLICT "conflict"

/* One that is leased, for a batch. */
struct task {
    struct matter matter; /* id, item, enterprise_id, enterprise_name, items */
    struct actor opened_by;
    int64_t leased_until_ms;
    unsigned size;            /* of the batch, at most */
    uint64_t ids[TASK_BATCH]; /* the certificates whose turn it is, in their order */
    size_t count;
    unsigned tries;           /* of the first of them, in vain so far */
};

/* Lets an issuer take the matter up, inside the present transaction. 0/-1. */
int task_add(struct db *db, uint64_t matter_id, int64_t now_ms, struct err *err);

/* One batch of any matter that is due, for an issuer: leases it for `lease_ms`. *done counts
 * certificates that changed. 1; 0: nothing is due; -1. Not inside a transaction; resets the pool. */
int task_advance(struct db *db, struct pool *pool, const struct core *core, struct date today,
                 int64_t now_ms, int64_t lease_ms, size_t *done, struct err *err);

#endif
