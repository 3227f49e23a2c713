/*
 * Documents on record, found by the SHA-256 of their file.
 */
#ifndef ECERT_CORE_REGISTER_STORED_H
#define ECERT_CORE_REGISTER_STORED_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct pool;

/* A document that was issued, or a form that was signed. Strings live in the pool. */
struct stored {
    uint64_t id;
    const char *kind;   /* as in document.kind: certificate, departure, cancellation, form … */
    const char *number; /* of the certificate; "" for a matter's document */
    unsigned version;
    const char *state;  /* of the certificate today, its code; "" for a matter's document */
    bool current;       /* it shows the version in force */
    uint64_t matter_id; /* whose document it is, or which caused it; 0: none */
    int64_t made_ms;
};

/* 1/0/-1. */
int stored_find(struct db *db, struct pool *pool, const uint8_t sha256[32], struct stored *stored,
                struct err *err);

#endif
