/*
 * Random bytes from the system, fit for keys.
 */
#ifndef ECERT_BASE_RANDOM_H
#define ECERT_BASE_RANDOM_H

#include <stddef.h>

/* Ends the process where the system has none. */
void random_bytes(void *out, size_t size);

#endif
