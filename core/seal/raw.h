/*
 * A raw signature: the bare value that a firm's key makes over a statement of ours, with no CMS
 * around it. It is how a firm logs in by challenge.
 *
 * Whether the certificate is to be believed, and whether the statement is the right one, is for
 * others to judge (trust.h); here it is only whether this key signed these bytes.
 */
#ifndef ECERT_CORE_SEAL_RAW_H
#define ECERT_CORE_SEAL_RAW_H

#include "base/text.h"

struct err;

/* How a signature was judged. The first that applies. */
enum raw_verdict {
    RAW_OK,
    RAW_ALGORITHM,   /* the algorithm's name is none of ours */
    RAW_CERTIFICATE, /* not a certificate, or one whose key can't be read */
    RAW_KEY,         /* the key is not of the algorithm's kind: another type, another curve */
    RAW_WEAK,        /* RSA under 2048 bits */
    RAW_MALFORMED,   /* not the shape of a signature: size, encoding */
    RAW_FORGED       /* not this key's, or over other bytes, or in another algorithm */
};

/* "ok", "algorithm" … for logs and audit. */
const char *raw_verdict_name(enum raw_verdict verdict);

enum { RAW_SIGNATURE_LIMIT = 2048 /* bytes: RSA of 16384 bits */ };

/* Judges `signature` over `statement` by the key of `certificate`, which is DER. The algorithms:
 *
 *   RS256 RS384 RS512  RSASSA-PKCS1-v1_5 (RFC 8017, 8.2)
 *   PS256 PS384 PS512  RSASSA-PSS (RFC 8017, 8.1): MGF1 with the same hash, salt as long as it
 *   ES256 ES384        ECDSA on P-256 with SHA-256, on P-384 with SHA-384; the value is the DER of
 *                      an ECDSA-Sig-Value (RFC 3279, 2.2.3), in no other encoding
 *   SM2SM3             SM2 with SM3 (GB/T 32918.2, GM/T 0009), the signer's identity being
 *                      "1234567812345678"; the value is a DER SEQUENCE of r and s
 *
 * 0; -1 only for faults of ours (ERR_CRYPTO), never for a bad signature. */
int raw_verify(struct bytes certificate, const char *algorithm, struct bytes statement,
               struct bytes signature, enum raw_verdict *verdict, struct err *err);

#endif
