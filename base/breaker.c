#include "base/breaker.h"

enum breaker_state breaker_state(const struct breaker *breaker, int64_t now_ms)
{
    if (breaker->failures < breaker->most)
        return BREAKER_CLOSED;
    return now_ms < breaker->until_ms ? BREAKER_OPEN : BREAKER_TRIAL;
}

void breaker_note(struct breaker *breaker, bool good, int64_t now_ms)
{
    if (good) {
        breaker->failures = 0;
        return;
    }
    if (breaker->failures < breaker->most)
        breaker->failures++;
    if (breaker->failures == breaker->most)
        breaker->until_ms = now_ms + breaker->open_ms;
}
