#include "core/staff/cbor.h"

#include <stddef.h>

enum { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };
enum { SMALL = 23, FIRST_LONG = 24, LAST_LONG = 27, FALSE = 20, NULL_VALUE = 22 };

/* The head of an item: its major type, and the number behind it. */
static bool head(struct cbor *cbor, unsigned *type, uint64_t *value)
{
    if (cbor->at >= cbor->end)
        return false;
    unsigned first = *cbor->at++, low = first & 31;
    *type = first >> 5;
    *value = low;
    if (low <= SMALL)
        return true;
    if (low > LAST_LONG)
        return false;
    size_t size = (size_t)1 << (low - FIRST_LONG);
    if ((size_t)(cbor->end - cbor->at) < size)
        return false;
    *value = 0;
    for (size_t i = 0; i < size; i++)
        *value = *value << 8 | *cbor->at++;
    return true;
}

bool cbor_int(struct cbor *cbor, int64_t *value)
{
    unsigned type;
    uint64_t number;

    if (!head(cbor, &type, &number) || type > NEGATIVE || number > INT64_MAX)
        return false;
    *value = type == NEGATIVE ? -1 - (int64_t)number : (int64_t)number;
    return true;
}

static bool string(struct cbor *cbor, unsigned wanted, struct bytes *bytes)
{
    unsigned type;
    uint64_t size;

    if (!head(cbor, &type, &size) || type != wanted || size > (uint64_t)(cbor->end - cbor->at))
        return false;
    *bytes = (struct bytes){cbor->at, (size_t)size};
    cbor->at += size;
    return true;
}

bool cbor_bytes(struct cbor *cbor, struct bytes *bytes)
{
    return string(cbor, BYTES, bytes);
}

bool cbor_text(struct cbor *cbor, struct bytes *text)
{
    return string(cbor, TEXT, text);
}

bool cbor_map(struct cbor *cbor, uint64_t *pairs)
{
    unsigned type;

    return head(cbor, &type, pairs) && type == MAP;
}

/* Items that are still to be skipped, at each depth: a head takes one, and brings those in it. */
bool cbor_skip(struct cbor *cbor)
{
    uint64_t left[CBOR_DEPTH] = {1}, value;
    int depth = 0;
    unsigned type;

    for (;;) {
        while (left[depth] == 0)
            if (depth-- == 0)
                return true;
        left[depth]--;
        if (!head(cbor, &type, &value) || type == TAG ||
            (type == SIMPLE && (value < FALSE || value > NULL_VALUE)))
            return false;
        if (type == BYTES || type == TEXT) {
            if (value > (uint64_t)(cbor->end - cbor->at))
                return false;
            cbor->at += value;
        }
        if (type != ARRAY && type != MAP)
            continue;
        if (++depth == CBOR_DEPTH || value > (uint64_t)(cbor->end - cbor->at))
            return false;
        left[depth] = type == MAP ? 2 * value : value;
    }
}
