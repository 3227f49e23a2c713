/*
 * The algorithms a page may ask for, and what they are to PKCS#11 (2.40).
 *
 * RS… is RSASSA-PKCS1-v1_5, PS… RSASSA-PSS with MGF1 over the same hash and a salt as long as it,
 * ES256 ECDSA on P-256 with SHA-256, ES384 on P-384 with SHA-384. PKCS#11 has no SM2.
 */
#ifndef ECERT_PROGRAMS_AGENT_ALGORITHM_H
#define ECERT_PROGRAMS_AGENT_ALGORITHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/types.h>
#include <p11-kit/pkcs11.h>

#include "base/text.h"

struct pool;

enum { ALGORITHM_COUNT = 8, ALGORITHM_DIGEST_MAX = 64 };

struct algorithm {
    const char *name;
    int key;    /* EVP_PKEY_RSA, EVP_PKEY_EC */
    int curve;  /* NID; 0: RSA */
    int digest; /* NID */
    size_t digest_size;
    bool pss;
    CK_MECHANISM_TYPE digested; /* the token signs a digest */
    CK_MECHANISM_TYPE whole;    /* the token hashes, too: for those that can do nothing else */
    CK_MECHANISM_TYPE hash;     /* for the parameters of PSS */
    CK_RSA_PKCS_MGF_TYPE mask;
};

/* The table, in the order in which they are recommended to a page. */
extern const struct algorithm algorithms[ALGORITHM_COUNT];

/* NULL where there is none of this name. */
const struct algorithm *algorithm_find(const char *name);

/* Whether this key can do it. */
bool algorithm_fits(const struct algorithm *algorithm, const EVP_PKEY *key);

/* The digest of the parts put together. 0/-1. */
int algorithm_digest(const struct algorithm *algorithm, const struct bytes *parts, size_t count,
                     uint8_t digest[ALGORITHM_DIGEST_MAX]);

/* A DigestInfo (RFC 8017, 9.2): what CKM_RSA_PKCS signs. 0/-1; lives in the pool. */
int algorithm_digest_info(const struct algorithm *algorithm, struct pool *pool,
                          const uint8_t *digest, struct bytes *info);

/* The r and s of one size that PKCS#11 makes, as the DER of an ECDSA-Sig-Value (RFC 3279, 2.2.3).
 * 0/-1; lives in the pool. */
int algorithm_ecdsa_der(const struct algorithm *algorithm, struct pool *pool, struct bytes raw,
                        struct bytes *der);

#endif
