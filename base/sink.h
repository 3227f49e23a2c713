/*
 * Where bytes go that are made while they are sent: to a client, into a file, into a test's memory.
 */
#ifndef ECERT_BASE_SINK_H
#define ECERT_BASE_SINK_H

#include <stddef.h>

struct sink {
    /* Takes all of them: 0; -1 when nobody reads any more, and whoever writes then stops. */
    int (*write)(void *context, const void *data, size_t size);
    void *context;
};

#endif
