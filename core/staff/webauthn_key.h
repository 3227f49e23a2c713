/* The public keys of authenticators: from COSE (RFC 9052) to SubjectPublicKeyInfo, and what they sign. */
#ifndef ECERT_CORE_STAFF_WEBAUTHN_KEY_H
#define ECERT_CORE_STAFF_WEBAUTHN_KEY_H

#include "core/staff/cbor.h"

struct err;
struct pool;

/* Reads a COSE_Key at the cursor, and moves behind it. 1 and the key, in the pool; 0: it is none of
 * ES256, RS256, EdDSA, or no such key can be; -1 (ERR_CRYPTO). *whole says whether it was CBOR. */
int webauthn_key_read(struct pool *pool, struct cbor *cbor, bool *whole, struct bytes *spki,
                      struct err *err);

/* Is it the signature of this key over `signed_data`? 1/0/-1 (ERR_CRYPTO). */
int webauthn_key_verify(struct bytes spki, struct bytes signed_data, struct bytes signature,
                        struct err *err);

#endif
