/*
 * Timestamps of an authority (RFC 3161): the question, the answer, and what a token is worth.
 *
 * A token is taken when it is a CMS SignedData (RFC 5652) in DER of one signer over a TSTInfo of
 * version 1; its imprint is the SHA-256 that is expected; the signer's certificate is inside, is
 * named by a signing-certificate attribute (RFC 2634, RFC 5035, RFC 5816), is for timestamps and
 * for nothing else (extendedKeyUsage, critical: RFC 3161, 2.3), and led at that time to one of the
 * authorities that are believed; and algorithms and keys are as strong as strength.h says. What
 * the question left open (nonce, policy, clock) is not looked at. Revocation is judged by the lists that
 * there are: a token stays good where its signer was revoked later, for a reason that casts no doubt on
 * the key, or where it was on record before.
 */
#ifndef ECERT_CORE_SEAL_TIMESTAMP_H
#define ECERT_CORE_SEAL_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "core/seal/openssl.h"

struct err;
struct pool;
struct timestamp_trust;

/* Who is believed: a PEM file of CA certificates, roots or not. 0/-1 (ERR_CONFIG). */
int timestamp_trust_open(const char *authorities, struct timestamp_trust **trust, struct err *err);
/* From here on these lists (PEM) are asked too; one that is missing or stale says nothing. 0/-1
 * (ERR_CONFIG). */
int timestamp_revocations(struct timestamp_trust *trust, const char *lists, struct err *err);
/* Reads them anew where their file has changed, for processes that live long. What goes wrong is logged,
 * and the old ones stay in force. */
void timestamp_refresh(struct timestamp_trust *trust);
void timestamp_trust_free(struct timestamp_trust **trust);

enum { TIMESTAMP_IMPRINT_SIZE = 32, TIMESTAMP_NONCE_SIZE = 16, TIMESTAMP_LIMIT = 64 * 1024 };

/* What was, or is to be, asked. */
struct timestamp_question {
    uint8_t imprint[TIMESTAMP_IMPRINT_SIZE]; /* SHA-256 of what is stamped: cms_imprint (cms.h) */
    struct bytes nonce;                      /* a positive number; size 0: none */
    const char *policy;                      /* dotted OID; NULL or "": any */
    int64_t from_ms, until_ms;               /* genTime lies between, both included; 0, 0: anywhere */
    bool recorded;                           /* the token is known to have been there at its time */
};

/* How a token was judged: the first that applies. */
enum timestamp_verdict {
    TIMESTAMP_OK,
    TIMESTAMP_BROKEN,         /* not a token in DER and nothing else, or malformed, or too much */
    TIMESTAMP_SIGNERS,        /* not exactly one signer */
    TIMESTAMP_OTHER,          /* made over something else, or with another digest than SHA-256 */
    TIMESTAMP_NONCE,          /* not the answer to this question */
    TIMESTAMP_POLICY,         /* under another policy */
    TIMESTAMP_CLOCK,          /* of another time */
    TIMESTAMP_NO_CERTIFICATE, /* the signer's certificate, or the one it names, is not inside */
    TIMESTAMP_WEAK,           /* an algorithm or a key that is not taken */
    TIMESTAMP_USAGE,          /* the signer's certificate is not for timestamps, or not for them alone */
    TIMESTAMP_FORGED,         /* the signature does not verify */
    TIMESTAMP_DATES,          /* a certificate was not in its dates at that time */
    TIMESTAMP_REVOKED,        /* a certificate is revoked, or a list about it is not to be believed */
    TIMESTAMP_FOREIGN         /* the chain does not end at one of those who are believed */
};

/* "ok", "broken" … for logs and audit. */
const char *timestamp_verdict_name(enum timestamp_verdict verdict);

/* What a token says; a claim until the verdict is TIMESTAMP_OK. */
struct timestamp {
    int64_t time_ms;                   /* genTime, in whole seconds */
    char authority[OPENSSL_NAME_SIZE]; /* CN of the signer, or O; or "" */
    char fingerprint[65];              /* SHA-256 of the signer's certificate, hex; or "" */
};

/* Judges the DER of a TimeStampToken: the value of id-aa-timeStampToken. The timestamp is filled
 * as far as it could be read. 0; -1 only for faults of ours (ERR_CRYPTO). */
int timestamp_judge(const struct timestamp_trust *trust, struct bytes token,
                    const struct timestamp_question *question, enum timestamp_verdict *verdict,
                    struct timestamp *timestamp, struct err *err);

/* The DER of a TimeStampReq that asks for the certificate too, in the pool. 0/-1 (ERR_CRYPTO;
 * ERR_CONFIG: the policy is no OID). */
int timestamp_ask(struct pool *pool, const struct timestamp_question *question, struct bytes *der,
                  struct err *err);
/* The token in the DER of a TimeStampResp whose status is "granted" or "granted with
 * modifications", borrowed from it and not judged yet. 0/-1 (ERR_UNAVAILABLE). */
int timestamp_answer(struct bytes der, struct bytes *token, struct err *err);

#endif
