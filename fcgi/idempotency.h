/*
 * The same form twice is done once and answered twice (table idempotency).
 *
 * The row is the first thing a transaction inserts: a second one with the same key waits for the
 * first, and then finds it. What was answered is the redirect that is stored with it, or the place
 * where the record of a refusal is.
 */
#ifndef ECERT_FCGI_IDEMPOTENCY_H
#define ECERT_FCGI_IDEMPOTENCY_H

#include <stdint.h>

#include "fcgi/form.h"
#include "fcgi/request.h"

struct idempotency {
    const char *key;   /* `_key` of the form */
    const char *route; /* "<module>/<path>", as in the table */
    uint8_t body_hash[32];
};

enum { KEY_LOW = 16, KEY_HIGH = 64 };

/* Reads the key and hashes the form (all but `_key` and `_csrf`) with the path. False for a key
 * that is missing, or not KEY_LOW to KEY_HIGH characters of base64url. */
bool idempotency_read(const struct request *request, const struct form *form,
                      struct idempotency *out);

/* Takes the key, inside the transaction: 1; 0 when it was taken before; -1. */
int idempotency_take(struct request *request, const struct idempotency *key, struct err *err);

/* Stores where the answer leads, inside the transaction. 0/-1. */
int idempotency_store(struct request *request, const struct idempotency *key,
                      const char *location, struct err *err);

/* What was answered before: 1 and *location ("" where nothing was stored, NULL when that was another
 * form under the same key), 0 when the key is new, -1. */
int idempotency_recall(struct request *request, const struct idempotency *key,
                       const char **location, struct err *err);

#endif
