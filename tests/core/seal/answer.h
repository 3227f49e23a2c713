/*
 * Answers of OCSP responders for tests, made by OpenSSL and not by ours. Whatever fails ends the
 * test.
 */
#ifndef ECERT_TESTS_CORE_SEAL_ANSWER_H
#define ECERT_TESTS_CORE_SEAL_ANSWER_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/ocsp.h>

#include "base/text.h"
#include "tests/core/seal/pki.h"

struct pool;

enum answer_nonce { NONCE_SAME, NONCE_NONE, NONCE_OTHER };

struct answer_spec {
    const struct pki *signer;
    const struct pki *asked;       /* the certificate that is spoken of */
    const struct pki *issuer;      /* of it */
    int status;                    /* V_OCSP_CERTSTATUS_… */
    int64_t this_update;           /* seconds since 1970 */
    int64_t next_update;           /* 0: none */
    enum answer_nonce nonce;
    const char *digest;            /* NULL: SHA256, and SM3 where SM2 signs */
    int response_status;           /* OCSP_RESPONSE_STATUS_…; 0: successful */
    bool by_key;                   /* the responder is named by its key, not by its name */
    bool bare;                     /* without the signer's certificate */
    bool critical;                 /* with a critical extension that nobody knows */
};

/* DER, in the pool. */
struct bytes answer_encode(struct pool *pool, const struct answer_spec *spec, OCSP_REQUEST *question);

#endif
