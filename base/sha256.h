/*
 * SHA-256 (FIPS 180-4) of one piece of data.
 */
#ifndef ECERT_BASE_SHA256_H
#define ECERT_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* Ends the process where OpenSSL can't. */
void sha256(const void *data, size_t size, uint8_t hash[32]);

#endif
