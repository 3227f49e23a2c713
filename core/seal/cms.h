/*
 * The signature itself: a detached CMS SignedData (RFC 5652) as PAdES wants it.
 *
 * Signed attributes are contentType, messageDigest and signing-certificate-v2 (RFC 5035), and no
 * signing-time: the time stands in /M of the PDF.
 */
#ifndef ECERT_CORE_SEAL_CMS_H
#define ECERT_CORE_SEAL_CMS_H

#include <stdint.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "core/seal/seal.h"

struct err;
struct pool;
struct seal_key;

/* The DER of an ESS SigningCertificateV2 that names `certificate`; free with OPENSSL_free.
 * 0/-1 (ERR_CRYPTO). */
int cms_signing_certificate(const X509 *certificate, uint8_t **der, int *size, struct err *err);

/* Signs a SHA-256 digest. The DER lives in the pool. 0/-1 (ERR_CRYPTO). */
int cms_sign(const struct seal_key *key, struct pool *pool,
             const uint8_t digest[SEAL_DIGEST_SIZE], struct bytes *der, struct err *err);

/* The most bytes that a signature of this key has: the same each time, although an ECDSA signature
 * is now and then shorter. 0/-1 (ERR_CRYPTO). */
int cms_measure(const struct seal_key *key, struct pool *pool, size_t *size, struct err *err);

/* Verifies the DER against the key's certificate, over `before` and `after` together. 0/-1
 * (ERR_CRYPTO). */
int cms_verify(const struct seal_key *key, struct pool *pool, struct bytes der,
               struct bytes before, struct bytes after, struct err *err);

#endif
