/*
 * A timestamp authority for tests, that makes any mistake it is told to. Whatever else fails ends
 * the test.
 */
#ifndef ECERT_TESTS_CORE_SEAL_AUTHORITY_H
#define ECERT_TESTS_CORE_SEAL_AUTHORITY_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "core/seal/timestamp.h"
#include "tests/core/seal/pki.h"

struct pool;

/* How a token differs from the right answer to a question; all 0: it does not. */
struct authority_mistake {
    const struct pki *signer; /* another one */
    const struct pki *second; /* a second signer */
    const X509 *named;        /* whom signing-certificate names; NULL: the signer */
    const X509 *named_too;    /* whom one of the old kind names besides */
    const X509 *extra;        /* a further certificate inside */
    const char *digest;       /* of the signature; NULL: SHA256 */
    const char *imprint_name; /* the digest that the imprint is said to be of; NULL: SHA256 */
    const char *policy;       /* NULL: 1.2.3.4.1 */
    const char *time;         /* genTime as it stands; NULL: time_s */
    const X509 *tsa;          /* whose subject is said to be the authority's name */
    struct bytes content;     /* what is signed instead of the right TSTInfo; NULL: nothing else */
    const char *content_type; /* OID of what is signed; NULL: TSTInfo */
    int64_t time_s;           /* 0: now */
    long version;             /* 0: 1 */
    int others;               /* so many further certificates inside */
    bool other_imprint, other_nonce, no_nonce, extension, old_name, no_name, no_certificates,
        no_attributes, unsigned_attribute, detached, trailing, spoilt_value, spoilt_content;
};

/* A token of `signer`, or as the mistake says, in the pool. */
struct bytes authority_token(struct pool *pool, const struct pki *signer,
                             const struct timestamp_question *question,
                             const struct authority_mistake *mistake);

/* A TimeStampResp with this status and token (size 0: none). */
struct bytes authority_answer(struct pool *pool, int status, struct bytes token);

/* One that is asked, as an office (tests/core/office.h) makes its answers. */
struct authority {
    struct pool *pool; /* reset for each answer */
    const struct pki *signer;
    struct authority_mistake mistake;
    int status;
    bool cut;        /* half of the answer */
    unsigned slow_ms;
};
/* The answer to the DER of a question, for an office to make; `authority` is a struct authority. */
size_t authority_reply(void *authority, const void *request, size_t size, void *out, size_t room);

/* What OpenSSL's own authority answers to the DER of a question. */
struct bytes authority_openssl(struct pool *pool, const struct pki *signer, X509 *issuer,
                               struct bytes request);

#endif
