/*
 * A program that is run for one answer: bytes in, bytes out, bounded in time and size.
 *
 * It gets the question on its standard input and writes the answer to its standard output; it has
 * no other file, no standard error, and an empty environment. Whatever it does, the caller goes on:
 * one that crashes, hangs or talks too much is ended, and there is no answer.
 */
#ifndef ECERT_BASE_CHILD_H
#define ECERT_BASE_CHILD_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct err;
struct pool;

enum child_end {
    CHILD_DONE,   /* exit code 0 */
    CHILD_FAILED, /* another exit code */
    CHILD_KILLED, /* a signal, not of ours: it crashed, or met one of its own limits */
    CHILD_LATE,   /* ended by us: too late */
    CHILD_ENDLESS /* ended by us: more than answer_max bytes */
};

struct child_bounds {
    int64_t timeout_ms; /* from start to end */
    size_t answer_max;  /* bytes */
};

/* Runs argv[0] (a path; argv ends with NULL) with `question`. *end says how it ended; *answer, which
 * lives until the pool is reset, is empty unless it is CHILD_DONE. When this returns the process is
 * gone. 0; -1: it could not be started (ERR_SYSTEM). */
int child_ask(struct pool *pool, const char *const *argv, struct bytes question,
              const struct child_bounds *bounds, struct bytes *answer, enum child_end *end,
              struct err *err);

#endif
