/*
 * What was captured of a person's identity: the photo, the document's number.
 */
#ifndef ECERT_CORE_CAPTURE_H
#define ECERT_CORE_CAPTURE_H

#include <stdint.h>

#include "base/text.h"

struct core;
struct db;
struct err;
struct pool;

/* Photo of a person through a certificate or a paper certificate of this enterprise: JPEG. 1/0/-1. */
int capture_photo(struct db *db, struct pool *pool, const struct core *core, uint64_t capture_id,
                  struct bytes *jpeg, struct err *err);

/* A sealed document number, opened only to be masked; in the pool. 0/-1. */
int document_no_open(struct pool *pool, const struct core *core, struct bytes sealed,
                     const char **masked, struct err *err);

#endif
