/*
 * What verbs about rows with numbers of their own have in common: jobs, notifications, imports.
 */
#ifndef ECERT_PROGRAMS_CTL_STEPS_H
#define ECERT_PROGRAMS_CTL_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/queue.h"
#include "programs/ctl/ctl.h"

/* One row, named by the operand behind the action, is changed in a transaction of its own. */
struct ctl_step {
    const char *what, *a;    /* "import", "an import" */
    const char *key;         /* its number under --json: "retried" */
    const char *done;        /* what is told: "runs again" */
    const char *impossible;  /* "has not failed, or is not there" */
    int (*take)(struct ctl *ctl, uint64_t id, struct err *err); /* 1; 0: impossible; -1 */
};
/* An exit code. */
int ctl_step(struct ctl *ctl, const struct ctl_step *step, struct err *err);

/* A queue (core/queue.h), listed state by state with its depth behind. */
struct ctl_queue {
    const char *busy; /* how leased rows are called: "at work" */
    /* Tells a page of `limit` rows in a state, from *at on (0: the first), which moves on; *count of
     * them. 0/-1. */
    int (*page)(struct ctl *ctl, struct pool *pool, const char *state, uint64_t *at, size_t limit,
                size_t *count, struct err *err);
    int (*depth)(struct db *db, struct pool *pool, int64_t now_ms, struct queue_depth *out,
                 struct err *err);
};
/* An exit code. */
int ctl_queue_list(struct ctl *ctl, const struct ctl_queue *queue, bool failed_only, struct err *err);

#endif
