/*
 * Keys of staff: what a browser hands over when a FIDO2 authenticator is registered, and when it
 * signs (Web Authentication Level 2, 7.1 and 7.2; a second factor, so no user handles).
 *
 * Believed is a key by ES256, RS256 or EdDSA. An attestation, which tells the make of the
 * authenticator, is neither asked for nor looked at. Who holds the key must have been there (UP); that
 * the authenticator knows who it was (UV) is demanded where the caller says so.
 */
#ifndef ECERT_CORE_STAFF_WEBAUTHN_H
#define ECERT_CORE_STAFF_WEBAUTHN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct err;
struct pool;

enum {
    WEBAUTHN_ID_MAX = 1023, /* bytes of a credential's id */
    WEBAUTHN_CLIENT_MAX = 2048,
    WEBAUTHN_DATA_MAX = 4096,
    WEBAUTHN_SIGNATURE_MAX = 1024
};

struct webauthn_expected {
    const char *challenge; /* base64url, as it was given to the browser */
    const char *origin;    /* https://host:port */
    const char *rp_id;     /* host, or a domain above it */
    bool verified;         /* UV is demanded */
};

enum webauthn_verdict {
    WEBAUTHN_OK,
    WEBAUTHN_MALFORMED,
    WEBAUTHN_CHALLENGE,  /* another challenge, or another ceremony */
    WEBAUTHN_ORIGIN,     /* for another site, or from within one */
    WEBAUTHN_RP,         /* of another relying party */
    WEBAUTHN_ABSENT,     /* nobody was there */
    WEBAUTHN_UNVERIFIED, /* nobody was recognised */
    WEBAUTHN_ALGORITHM,  /* a key of another algorithm */
    WEBAUTHN_SIGNATURE,  /* of another key, or over something else */
    WEBAUTHN_COUNTER     /* the counter did not grow: there may be a copy of the authenticator */
};
/* "ok", "malformed" … for the audit. */
const char *webauthn_verdict_name(enum webauthn_verdict verdict);

struct webauthn_credential {
    struct bytes id;         /* in what was handed over */
    struct bytes public_key; /* SubjectPublicKeyInfo (RFC 5280), in the pool */
    uint32_t counter;
};

/* What navigator.credentials.create gave: clientDataJSON and attestationObject. 0/-1 (ERR_CRYPTO). */
int webauthn_register(struct pool *pool, const struct webauthn_expected *expected,
                      struct bytes client, struct bytes attestation,
                      enum webauthn_verdict *verdict, struct webauthn_credential *credential,
                      struct err *err);

/* What navigator.credentials.get gave: clientDataJSON, authenticatorData, and the signature over both
 * by this key, whose last counter was `counter`; *next is the new one. 0/-1 (ERR_CRYPTO). */
int webauthn_assert(struct pool *pool, const struct webauthn_expected *expected,
                    struct bytes public_key, uint32_t counter, struct bytes client,
                    struct bytes data, struct bytes signature, enum webauthn_verdict *verdict,
                    uint32_t *next, struct err *err);

#endif
