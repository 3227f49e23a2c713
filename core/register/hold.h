/*
 * Holds 锁定: while a person or a firm is held, firms do nothing for them (R21). Placed and released by
 * two people each (core/proposal/hold_kinds.h).
 *
 * A hold is a row while it stands; what was is in the proposals and the audit. person.held and
 * enterprise.held say whether there is one, so that the rules need not ask where there is none. It is
 * in force from its first to its last day; one whose last day is over stands until it is released, or
 * another is placed, and stops nobody. It ends nothing that was done before: a form that waits for its
 * signature is judged again when it is signed.
 *
 * A firm's hold stops what this firm does. Its people are not bound to it: another firm may take their
 * certificates over (R15 asks nothing of the firm they leave), for a person should not lose his work by
 * what his firm did. To stop that, the person is held, too.
 */
#ifndef ECERT_CORE_REGISTER_HOLD_H
#define ECERT_CORE_REGISTER_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"

struct db;
struct err;
struct pool;

#define HOLD_PERSON     "person"
#define HOLD_ENTERPRISE "enterprise"

struct hold {
    uint64_t matter_id;
    const char *number;      /* of the matter that placed it */
    const char *legal_basis, *reason;
    struct date from, until; /* until: none, or its last day */
    /* Filled by hold_list only. */
    uint64_t person_id, enterprise_id; /* one of them */
    const char *name;                  /* of whom it holds */
};

bool hold_in_force(const struct hold *hold, struct date today);

/* The one that stands on a person or an enterprise (HOLD_…). 1/0/-1. */
int hold_find(struct db *db, struct pool *pool, const char *subject_kind, uint64_t subject_id,
              struct hold *out, struct err *err);

struct hold_page {
    size_t count;
    const struct hold *rows;
    uint64_t next; /* value for `after`, or 0 */
};
/* All that stand, newest first; by key: `after` is the matter_id of the last row seen, or 0. 0/-1. */
int hold_list(struct db *db, struct pool *pool, uint64_t after, size_t limit,
              struct hold_page *page, struct err *err);

#endif
