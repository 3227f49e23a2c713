/*
 * A circuit breaker: what fails time after time is left alone for a while.
 *
 * Closed, it lets everything pass. After `most` failures in a row it is open for `open_ms`, and
 * nothing should be tried; then one trial is due (half-open), whose outcome closes it or opens it
 * again. It belongs to one process and one thread, and knows no clock: the caller tells the
 * milliseconds of one that never goes back.
 */
#ifndef ECERT_BASE_BREAKER_H
#define ECERT_BASE_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker {
    int64_t most; /* at least 1 */
    int64_t open_ms;
    int64_t failures; /* in a row; 0 at the start */
    int64_t until_ms; /* of the last opening */
};

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_TRIAL };

enum breaker_state breaker_state(const struct breaker *breaker, int64_t now_ms);
/* How what was let through came out. */
void breaker_note(struct breaker *breaker, bool good, int64_t now_ms);

#endif
