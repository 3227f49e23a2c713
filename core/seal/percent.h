/*
 * Percent-encoding (RFC 3986, 2.1), as nginx and pkcs11: URIs use it.
 */
#ifndef ECERT_CORE_SEAL_PERCENT_H
#define ECERT_CORE_SEAL_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes `length` bytes into at most `room`, which may hold any byte, NUL too. False where an
 * escape is malformed or the room is too small. */
bool percent_unescape(const char *text, size_t length, char *out, size_t room, size_t *size);

#endif
