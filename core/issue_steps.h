/*
 * The steps of a batch (core/issue.h), one by one: issue_batch runs them in the order of the
 * table; a test stops between two of them, as a crash would.
 */
#ifndef ECERT_CORE_ISSUE_STEPS_H
#define ECERT_CORE_ISSUE_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "core/document/document.h"
#include "core/issue.h"
#include "core/job.h"
#include "core/seal/seal.h"

/* A document on its way. */
struct issue_item {
    const struct job *job;
    struct face face;
    struct bytes photo_sealed;
    bool ready;        /* its facts are complete */
    int64_t signed_ms; /* of the first intent under this key; now if there was none */
    struct bytes pdf;
    struct seal_prepared prepared;
    uint64_t intent_id;
    struct bytes sealed;
    bool stored;
    const char *cause; /* it failed, and why; NULL: not so far */
    bool final;        /* trying again would not help */
};

struct issue_batch {
    struct issuer *issuer;
    struct pool *pool;
    int64_t now_ms;
    uint8_t lease[JOB_LEASE_SIZE];
    struct issue_item *items;
    size_t count;
};

struct issue_step {
    const char *name;
    int (*run)(struct issue_batch *batch, struct err *err); /* 0/-1 */
};

/* take, load, render, record, seal, store */
enum { ISSUE_STEPS = 6 };
extern const struct issue_step issue_steps[ISSUE_STEPS];

#endif
