/*
 * One question to an OCSP responder about one certificate (RFC 6960), and how its answer is judged.
 * Who is asked, and when, responder.h says.
 *
 * The question carries a nonce of 32 bytes (RFC 9654). A certificate is named by SHA-1, as every
 * responder takes it (RFC 5019, 2.1.1); that is a name, nothing is proved by it.
 */
#ifndef ECERT_CORE_SEAL_OCSP_H
#define ECERT_CORE_SEAL_OCSP_H

#include <stdint.h>
#include <openssl/ocsp.h>
#include <openssl/x509_vfy.h>

#include "base/text.h"

struct err;
struct pool;

/* How an answer was judged: the first that applies, from OCSP_BROKEN on, and then what it says. */
enum ocsp_verdict {
    OCSP_UNASKED, /* nobody was asked */
    OCSP_GOOD,
    OCSP_REVOKED,
    OCSP_UNKNOWN,     /* the responder does not know the certificate */
    OCSP_UNREACHABLE, /* no answer */
    OCSP_BROKEN,      /* not an answer in DER, or critical extensions that we don't know */
    OCSP_DECLINED,    /* tryLater, unauthorized … */
    OCSP_FORGED,      /* not signed by the issuer, nor by one whom the issuer lets answer */
    OCSP_REPLAYED,    /* another question's nonce */
    OCSP_OTHER,       /* about another certificate */
    OCSP_STALE        /* not of now: thisUpdate, nextUpdate */
};

/* "good", "revoked" … for logs and audit. */
const char *ocsp_verdict_name(enum ocsp_verdict verdict);

enum {
    OCSP_ANSWER_LIMIT = 64 * 1024,
    OCSP_SKEW_MS = 5 * 60 * 1000,     /* by which clocks may differ */
    OCSP_FRESH_MS = 60 * 60 * 1000,   /* an answer without nextUpdate counts so long */
};

struct ocsp_question {
    struct bytes der; /* in the pool */
    OCSP_REQUEST *request;
    X509 *issuer; /* borrowed */
};

/* 0/-1 (ERR_CRYPTO). Close it if it was opened. */
int ocsp_question_open(struct ocsp_question *question, struct pool *pool, const X509 *certificate,
                       X509 *issuer, struct err *err);
void ocsp_question_close(struct ocsp_question *question);

/* Judges the DER of an answer at the instant now_ms. It must be signed with SHA-256 or better, by
 * the issuer's key, or by the key of a certificate inside that the issuer itself signed, that is for
 * OCSPSigning, and that holds in `store` (dates, strength, revocation unless it has id-pkix-ocsp-
 * nocheck). A nonce must be the question's; responders may leave it out. *until_ms is when an answer
 * that is good or says revoked runs out. */
enum ocsp_verdict ocsp_judge(const struct ocsp_question *question, X509_STORE *store,
                             struct bytes answer, int64_t now_ms, int64_t *until_ms);

#endif
