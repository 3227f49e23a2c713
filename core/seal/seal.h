/*
 * What is signed: the authority's seal as a PAdES baseline signature (ETSI EN 319 142-1, B-B; B-T
 * with the token of a timestamp authority).
 *
 * A signature has two steps, so that what is going to be signed is on record before the key is
 * used: seal_prepare appends an incremental update with the signature field (SubFilter
 * ETSI.CAdES.detached, certified with DocMDP P=2) and a reserved /Contents, and yields the digest
 * over the ByteRange; seal_sign makes the CMS (RFC 5652, RFC 5035: contentType, messageDigest,
 * signing-certificate-v2; no signing-time) and seal_fill puts it in. Preparing the same bytes with
 * the same request for the same key yields the same digest. Between signing and filling in,
 * cms_add_timestamp (cms.h) may make B-T of it: the token is no part of what is signed.
 */
#ifndef ECERT_CORE_SEAL_SEAL_H
#define ECERT_CORE_SEAL_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "core/document/document.h"

struct err;
struct pool;
struct seal_key;

struct seal_settings {
    const char *key;          /* PEM file, or a pkcs11: URI (RFC 7512) */
    const char *certificate;  /* PEM file: the signer's certificate, then its chain */
    const char *pkcs11_module;/* for a pkcs11: URI */
    const char *pin;          /* for a pkcs11: URI; from a file, cleared by the caller after use */
};

/* Opens the key, checks that it belongs to the certificate, that the certificate is in its dates,
 * may sign (keyUsage), and that the algorithm is one we use: RSA ≥ 2048 with SHA-256, or ECDSA
 * P-256 with SHA-256. A PEM key readable by others is refused. 0/-1 (ERR_CONFIG, ERR_CRYPTO). */
int seal_key_open(const struct seal_settings *settings, struct seal_key **key, struct err *err);
void seal_key_free(struct seal_key **key);
/* First 16 hex digits of the SHA-256 of the signer's certificate: names the key on record. */
const char *seal_key_id(const struct seal_key *key);
/* Name (CN) of the signer. */
const char *seal_key_name(const struct seal_key *key);
/* notAfter of the signer's certificate. */
int64_t seal_key_expires_ms(const struct seal_key *key);

struct seal_request {
    const char *name;     /* /Name: who signs */
    const char *reason;   /* /Reason */
    const char *location; /* /Location */
    int64_t time_ms;      /* /M, in +08'00' */
    struct document_rect rect;
    const char *const *lines; /* printed in it, ASCII, ended by NULL; NULL for none */
    size_t spare; /* bytes of /Contents beyond the signature's own: for a token; 0: B-B only */
};

enum { SEAL_DIGEST_SIZE = 32 };

/* A document made ready for its signature. `pdf` is whole but for the zeros of /Contents. */
struct seal_prepared {
    struct bytes pdf;
    size_t hole;      /* offset of '<' of /Contents */
    size_t hole_size; /* bytes from '<' to '>' inclusive */
    uint8_t digest[SEAL_DIGEST_SIZE]; /* SHA-256 over the ByteRange */
};

/* `pdf` is a file as document_certificate makes it. /Contents has room for a signature of so many
 * bytes, which is not made yet. Results live in the pool. 0/-1. */
int seal_prepare_room(size_t room, struct pool *pool, struct bytes pdf,
                      const struct seal_request *request, struct seal_prepared *prepared,
                      struct err *err);
/* The same with room for a signature of this key. */
int seal_prepare(const struct seal_key *key, struct pool *pool, struct bytes pdf,
                 const struct seal_request *request, struct seal_prepared *prepared,
                 struct err *err);
/* One that was kept: `pdf` whole, and where its hole is, which is looked at, and hashed. 0/-1 (ERR_CRYPTO). */
int seal_prepared_again(struct bytes pdf, size_t hole, size_t hole_size,
                        struct seal_prepared *prepared, struct err *err);
/* Signs the prepared digest. The signature, the DER of a CMS in the pool, is verified against the
 * certificate before it is handed out. 0/-1 (ERR_CRYPTO). */
int seal_sign(struct seal_key *key, struct pool *pool, const struct seal_prepared *prepared,
              struct bytes *cms, struct err *err);
/* The finished file: the prepared one with the CMS in its place. 0/-1 (ERR_CRYPTO: it does not
 * fit). */
int seal_fill(struct pool *pool, const struct seal_prepared *prepared, struct bytes cms,
              struct bytes *sealed, struct err *err);

/* What is signed, all of the file but the hole with its angle brackets, put together in the pool. */
struct bytes seal_signed_bytes(struct pool *pool, const struct seal_prepared *prepared);

#endif
