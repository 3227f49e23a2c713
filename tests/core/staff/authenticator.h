/*
 * An authenticator and a browser of the tests' own: what they would hand over, right or wrong in one
 * thing. Whatever fails ends the process.
 */
#ifndef ECERT_TESTS_CORE_STAFF_AUTHENTICATOR_H
#define ECERT_TESTS_CORE_STAFF_AUTHENTICATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct pool;

#define AUTHENTICATOR_CHALLENGE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define AUTHENTICATOR_ORIGIN    "https://site.test:8443"
#define AUTHENTICATOR_RP        "site.test"
/* clientDataJSON; `more` begins with a comma, or is "". */
#define AUTHENTICATOR_CLIENT(type, challenge, origin, more)                                        \
    "{\"type\":\"" type "\",\"challenge\":\"" challenge "\",\"origin\":\"" origin "\"" more "}"

/* ES256, RS256, EdDSA. */
enum { AUTHENTICATOR_ALGORITHMS = 3 };

struct authenticator_recipe {
    int algorithm;
    int key;            /* of two keys of each algorithm */
    unsigned flags;     /* of the data; that of the credential is put by itself */
    uint32_t counter;
    const char *rp;     /* NULL: ours */
    const char *client; /* NULL: as it should be */
    bool extensions;    /* with a map of them */
    size_t cut, more;   /* bytes taken from the end of the authenticator's data, or put there */
    /* At registration, of ES256: another key than ours. */
    enum {
        AUTHENTICATOR_OURS,
        AUTHENTICATOR_ALIEN_ALGORITHM,
        AUTHENTICATOR_ALIEN_CURVE,
        AUTHENTICATOR_OFF_CURVE,
        AUTHENTICATOR_SHORT_POINT
    } alien;
};

struct authenticator_made {
    struct bytes client;    /* clientDataJSON */
    struct bytes data;      /* the attestation object, or the authenticator's data */
    struct bytes signature; /* of an assertion */
};

struct authenticator_made authenticator_register(struct pool *pool,
                                                 const struct authenticator_recipe *recipe);
struct authenticator_made authenticator_assert(struct pool *pool,
                                               const struct authenticator_recipe *recipe);

#endif
