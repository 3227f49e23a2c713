#include "base/random.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"

void random_bytes(void *out, size_t size)
{
    uint8_t *bytes = out;

    while (size) {
        ssize_t got = getrandom(bytes, size, 0);
        if (got < 0 && errno != EINTR)
            err_fatal("no random bytes: %s", strerror(errno));
        if (got > 0) {
            bytes += got;
            size -= (size_t)got;
        }
    }
}
