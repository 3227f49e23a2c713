/*
 * The second factors of staff accounts: authenticator apps (totp.h), keys (webauthn.h), and client
 * certificates that an administrator has bound to the account.
 *
 * One that was begun and not confirmed is no factor yet; there is one such app of an account at most.
 */
#ifndef ECERT_CORE_STAFF_STAFF_FACTOR_H
#define ECERT_CORE_STAFF_STAFF_FACTOR_H

#include <stddef.h>
#include <stdint.h>

#include "core/staff/totp.h"
#include "core/staff/webauthn.h"

struct core;
struct db;
struct err;
struct pool;

enum { FACTOR_LABEL = 64, FACTORS_MAX = 10 /* of an account */ };

struct staff_factor {
    uint64_t id;
    const char *kind;  /* totp, key, certificate */
    const char *label; /* what its owner calls it */
    int64_t created_ms;
    int64_t used_ms;   /* 0: never */
};

/* Those that are confirmed, oldest first. 0/-1. */
int factor_list(struct db *db, struct pool *pool, uint64_t staff_id,
                const struct staff_factor **factors, size_t *count, struct err *err);

/* Begins a new app: what was begun before is dropped. Inside a transaction. 0/-1. */
int factor_totp_begin(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                      int64_t now_ms, struct err *err);
/* The secret of the app that was begun. 1; 0: none was; -1. */
int factor_totp_begun(struct db *db, struct pool *pool, const struct core *core,
                      uint64_t staff_id, uint8_t secret[TOTP_SECRET], struct err *err);
/* Confirms it by its first code. Inside a transaction. 1; 0: the code is wrong, or none was begun;
 * -1. */
int factor_totp_confirm(struct db *db, struct pool *pool, const struct core *core,
                        uint64_t staff_id, const char *code, const char *label, int64_t now_ms,
                        struct err *err);
/* Adds one that is confirmed: for demonstration data. 0/-1. */
int factor_totp_add(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                    const uint8_t secret[TOTP_SECRET], const char *label, int64_t now_ms,
                    struct err *err);
/* Logs in by a code of any app of the account; it, and those of steps before, are used up. Inside
 * a transaction. 1 and *factor_id; 0; -1. */
int factor_totp_use(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                    const char *code, int64_t now_ms, uint64_t *factor_id, struct err *err);

/* Keys. Adds one; its counter may be 0. Inside a transaction. 0/-1 (ERR_DB_DUPLICATE: it is somebody's
 * already). */
int factor_key_add(struct db *db, uint64_t staff_id, const struct webauthn_credential *credential,
                   const char *label, int64_t now_ms, struct err *err);
/* The ids of an account's keys. 0/-1. */
int factor_key_ids(struct db *db, struct pool *pool, uint64_t staff_id, const struct bytes **ids,
                   size_t *count, struct err *err);
/* The key of this account with this id, locked until the transaction ends. 1/0/-1. */
struct factor_key {
    uint64_t id;
    struct bytes public_key; /* SubjectPublicKeyInfo */
    uint32_t counter;
};
int factor_key_find(struct db *db, struct pool *pool, uint64_t staff_id, struct bytes id,
                    struct factor_key *key, struct err *err);
/* It was used, and this is its counter now. 0/-1. */
int factor_key_used(struct db *db, uint64_t factor_id, uint32_t counter, int64_t now_ms,
                    struct err *err);

/* Certificates, by the SHA-256 of their public keys. Adds one. Inside a transaction. 0/-1
 * (ERR_DB_DUPLICATE: it is somebody's already). */
int factor_certificate_add(struct db *db, uint64_t staff_id, const uint8_t key[32],
                           const char *label, int64_t now_ms, struct err *err);
/* Is it one of this account's? Notes its use. 1/0/-1. */
int factor_certificate_use(struct db *db, uint64_t staff_id, const uint8_t key[32], int64_t now_ms,
                           struct err *err);

/* Removes one. Inside a transaction. 1; 0: there is no such one of this account, or it is the last;
 * -1. */
int factor_remove(struct db *db, struct pool *pool, uint64_t staff_id, uint64_t factor_id,
                  struct err *err);

#endif
