/*
 * A detached CMS SignedData (RFC 5652) of somebody, taken apart and judged by the rules that all
 * signatures we take have in common.
 *
 * One signer, whose certificate is inside (named by issuer and serial number or by key identifier,
 * 5.3; others inside only lead to an authority); content id-data, left out; SHA-256, SHA-384 or
 * SHA-512 (RFC 5754) with RSA of at least 2048 bits, as PKCS #1 v1.5 or PSS (RFC 4056), or with
 * ECDSA on P-256 or P-384. A signing-certificate (RFC 2634, RFC 5035) is the signer's. Whether the
 * signer is to be believed is another question.
 */
#ifndef ECERT_CORE_SEAL_SIGNED_H
#define ECERT_CORE_SEAL_SIGNED_H

#include <openssl/cms.h>
#include <openssl/x509.h>

#include "base/text.h"

struct err;
struct pool;

enum signed_rules {
    SIGNED_PLAIN, /* signed attributes may be missing, or be more than we know; unsigned ones: none */
    SIGNED_PADES  /* the signed ones are content-type, message-digest and signing-certificate-v2,
                   * nothing else; the only unsigned one is a signature-time-stamp; no CRLs (the
                   * baseline of ETSI EN 319 142-1) */
};

/* The first that applies. */
enum signed_verdict {
    SIGNED_OK,
    SIGNED_BROKEN,         /* not a CMS SignedData in DER, or malformed, or too much */
    SIGNED_ATTACHED,       /* carries content of its own */
    SIGNED_SIGNERS,        /* not exactly one signer */
    SIGNED_ATTRIBUTES,     /* attributes that the rules have no place for, or lack */
    SIGNED_NO_CERTIFICATE, /* the signer's certificate, or the one it names, is not inside */
    SIGNED_WEAK,           /* an algorithm or a key that is not taken */
    SIGNED_FORGED,         /* the value does not verify; without signed attributes also OTHER */
    SIGNED_OTHER           /* a signature, but not over these bytes */
};

enum signed_attribute {
    SIGNED_CONTENT_TYPE,
    SIGNED_MESSAGE_DIGEST,
    SIGNED_SIGNING_TIME,
    SIGNED_CERTIFICATE,
    SIGNED_CERTIFICATE_V2,
    SIGNED_ATTRIBUTE_KINDS
};

/* Everything lives until signed_close. */
struct signed_parts {
    CMS_ContentInfo *cms;
    CMS_SignerInfo *signer;
    const ASN1_TYPE *values[SIGNED_ATTRIBUTE_KINDS]; /* NULL for what is not there */
    STACK_OF(X509) *certificates; /* the signer's first, once it is found */
    struct bytes timestamp;       /* DER of the RFC 3161 token; empty without one */
};

/* Takes it apart; of the verdicts up to SIGNED_NO_CERTIFICATE. Close it whatever comes. */
enum signed_verdict signed_open(struct bytes der, enum signed_rules rules,
                                struct signed_parts *parts);
/* May leave something in OpenSSL's queue: openssl_forget. */
void signed_close(struct signed_parts *parts);

/* Judges what was opened as SIGNED_OK over the parts of the content put together. 0/-1
 * (ERR_CRYPTO: a fault of ours). */
int signed_judge(const struct signed_parts *parts, const struct bytes *content, size_t count,
                 enum signed_verdict *verdict, struct err *err);

/* The certificates' DER, the signer's first, in the pool. 0/-1 (ERR_CRYPTO). */
int signed_chain(const struct signed_parts *parts, struct pool *pool, struct bytes **chain,
                 size_t *count, struct err *err);
/* CN of the signer, or O, in UTF-8 without controls; or "". */
void signed_name(const struct signed_parts *parts, char *name, size_t size);

#endif
