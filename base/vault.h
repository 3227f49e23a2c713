/*
 * Encryption at rest and keyed look-up hashes for personal data.
 *
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. A sealed value is
 *     1 byte format · 4 bytes key id, big endian · 12 bytes nonce · ciphertext · 16 bytes tag
 * and is bound to its place as additional data: in format 1 to a column ("person.phone"), so that a
 * value copied into another column does not open; in format 2 to a column and an owner
 * ("identity_capture.photo/17"), so that it opens in no other's row either. What is sealed by a place
 * with an owner has format 2. Opening by such a place also takes format 1, which was all there was
 * before: no new value of it can be made by who has no key, and none of an old key opens once that key
 * is gone from the file. Look-ups use HMAC-SHA-256 with a key of their own, over
 * place · 0x00 · text. The key file has one key a line: `<id> encrypt|lookup|audit <64 hex digits>`;
 * the encrypt key of the highest id seals, all of them open; there is one lookup and one audit key.
 * A vault keeps working contexts: no two threads may use one at the same time.
 */
#ifndef ECERT_BASE_VAULT_H
#define ECERT_BASE_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct err;
struct pool;
struct vault;

enum { VAULT_HASH_SIZE = 32 };

/* Reads the key file; it must not be readable by others. Keys are cleared by vault_free. From here on
 * the process, and what it forks, leaves no core dump. 0/-1. */
int vault_load(const char *path, struct vault **vault, struct err *err);
void vault_free(struct vault **vault);

/* Id of the key that seals now. */
uint32_t vault_key_id(const struct vault *vault);
/* What a value begins with that is sealed now, by a place with an owner or without. */
enum { VAULT_MARK_SIZE = 5 };
void vault_mark(const struct vault *vault, bool owned, uint8_t mark[VAULT_MARK_SIZE]);
/* Id of the key that sealed this value; 0 if it is no sealed value. */
uint32_t vault_sealed_by(struct bytes sealed);

/* 0/-1 (ERR_CRYPTO). Results live in the pool. */
int vault_seal(const struct vault *vault, struct pool *pool, const char *place, struct bytes plain,
               struct bytes *sealed, struct err *err);
int vault_open(const struct vault *vault, struct pool *pool, const char *place, struct bytes sealed,
               struct bytes *plain, struct err *err);

void vault_lookup(const struct vault *vault, const char *place, const char *text,
                  uint8_t hash[VAULT_HASH_SIZE]);
/* HMAC-SHA-256 under the audit key over the concatenation of the parts. */
void vault_audit(const struct vault *vault, const struct bytes *parts, size_t count,
                 uint8_t hash[VAULT_HASH_SIZE]);

/* Writes a new key file with one key of each kind (mode 0600; fails if it exists), or adds a
 * fresh encrypt key to an existing one (atomically: a temporary file, fsync, rename). 0/-1. */
int vault_create(const char *path, struct err *err);
int vault_add_key(const char *path, uint32_t *id, struct err *err);

#endif
