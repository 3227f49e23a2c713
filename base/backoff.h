/*
 * Exponential backoff: how long to wait before something is tried again. Half of it is chance, so that
 * those who failed together don't come back together.
 */
#ifndef ECERT_BASE_BACKOFF_H
#define ECERT_BASE_BACKOFF_H

#include <stdint.h>

/* first_us, doubled so many times, at most most_us (an hour at the most): between half and all of that. */
int64_t backoff_us(int64_t first_us, int64_t most_us, int64_t doublings);
/* Waits; a signal ends it early. */
void backoff_wait(int64_t us);

#endif
