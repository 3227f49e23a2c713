/*
 * A reader of CBOR (RFC 8949) as authenticators write it (CTAP2 canonical form): definite lengths,
 * whole numbers, byte and text strings, arrays, maps, tags not at all. It allocates nothing and looks at
 * no byte twice, so what a stranger sends costs no more than its size; libcbor makes room for as many
 * items as an input of five bytes says it has.
 *
 * Each function takes one item at the cursor and moves behind it: true, or false where it is something
 * else, or broken, and then the cursor is of no more use.
 */
#ifndef ECERT_CORE_STAFF_CBOR_H
#define ECERT_CORE_STAFF_CBOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct cbor {
    const uint8_t *at, *end;
};

enum { CBOR_DEPTH = 8 };

static inline struct cbor cbor_of(struct bytes bytes)
{
    return (struct cbor){bytes.data, bytes.data + bytes.size};
}

bool cbor_int(struct cbor *cbor, int64_t *value);
bool cbor_bytes(struct cbor *cbor, struct bytes *bytes);
/* UTF-8 is not looked at. */
bool cbor_text(struct cbor *cbor, struct bytes *text);
/* How many pairs follow. */
bool cbor_map(struct cbor *cbor, uint64_t *pairs);
/* Any one item with all that is in it, CBOR_DEPTH deep at most. */
bool cbor_skip(struct cbor *cbor);

#endif
