#include "base/backoff.h"

#include <time.h>

#include "base/random.h"

int64_t backoff_us(int64_t first_us, int64_t most_us, int64_t doublings)
{
    int64_t half = first_us / 2, most = most_us / 2;
    uint32_t chance;

    for (; doublings > 0 && half < most; doublings--)
        half *= 2;
    if (half > most)
        half = most;
    random_bytes(&chance, sizeof(chance));
    return half + chance % half;
}

void backoff_wait(int64_t us)
{
    nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}, NULL);
}
