/*
 * A parent that keeps N children at work, for all daemons alike.
 *
 * The parent does nothing but fork, wait and signal. A child that dies is started again after a
 * pause that grows from 100 ms to 10 s while it keeps dying within 10 s of its start. SIGHUP:
 * new children are started (they read configuration and templates anew) and old ones are asked
 * to finish, one by one, no work dropped. SIGTERM, SIGINT: all are asked to finish; the request
 * is repeated every 500 ms (a child may have been just before its sleep), and after `grace_ms`
 * they are killed. A child that exits 0 was recycled and is replaced at once.
 */
#ifndef ECERT_BASE_SUPERVISOR_H
#define ECERT_BASE_SUPERVISOR_H

#include <signal.h>
#include <stdint.h>

struct err;

enum { SUPERVISOR_MAX = 256 };

/* One slot of the scoreboard, in memory shared by parent and children. */
struct score {
    volatile int32_t pid;         /* 0: empty */
    volatile int32_t generation;  /* of the configuration it runs with */
    volatile int64_t started_ms;
    volatile int64_t busy_since_ms; /* 0: idle */
    volatile uint64_t served;
    volatile uint64_t failed;
    /* Set to 1 by the child when it begins to take work: at SIGHUP the one it replaces is asked to
     * finish only then. A second after its start a child counts as ready in any case. */
    volatile int32_t ready;
};

struct supervisor {
    int children;     /* 1 to SUPERVISOR_MAX */
    int64_t grace_ms;
    /* Runs in the child; its result is the exit status. It must return soon after *stop turns
     * non-zero: the number of SIGTERMs so far, counted by a handler without SA_RESTART (who shuts the
     * signal out must look for it by himself). */
    int (*child)(void *context, int slot, volatile sig_atomic_t *stop);
    void *context;
    /* Called in the parent at SIGHUP before new children start; -1 keeps the old ones. */
    int (*reload)(void *context, struct err *err);
    struct score *scores; /* `children` * 2 slots in shared memory, made by supervisor_run */
};

/* Runs until told to stop. 0/-1. */
int supervisor_run(struct supervisor *supervisor, struct err *err);

#endif
