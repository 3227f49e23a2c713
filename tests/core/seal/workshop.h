/*
 * A workshop for genuine and forged documents: the authority's seals, keys of firms good and bad,
 * and the steps in which a file is prepared and signed, so that a forger can put in a hand between
 * them. Whatever fails ends the test.
 */
#ifndef ECERT_TESTS_CORE_SEAL_WORKSHOP_H
#define ECERT_TESTS_CORE_SEAL_WORKSHOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/seal/seal.h"
#include "core/seal/verify.h"
#include "tests/core/seal/pki.h"

#define WORKSHOP_CODE "11110000000021135M"

enum workshop_key {
    FIRM_RSA,
    FIRM_P256,
    FIRM_P384,
    FIRM_EXPIRED,
    FIRM_NOT_YET,
    FIRM_WEAK,     /* RSA-1024 */
    FIRM_USAGE,    /* a key that may only encipher */
    SELF_SIGNED,
    STRANGER,      /* of a CA that nobody knows, with the firm's name and code */
    SIBLING,       /* certified by the CA of the seal, under the seal's very name */
    WORKSHOP_KEYS
};

/* How something is stamped. */
enum workshop_stamp {
    STAMP_GOOD = 1, /* ten seconds after the signature */
    STAMP_OTHER,   /* over another signature */
    STAMP_FOREIGN, /* of an authority that nobody knows */
    STAMP_EARLY,   /* made an hour before the signature */
    STAMP_NONE,    /* a sequence, but no token */
    STAMP_TWICE,
    STAMP_REMARKED /* another unsigned attribute stands beside it */
};

/* How something is signed. */
enum workshop_way {
    BY_RULE,
    BY_PSS,
    WITH_SHA1,
    WITH_CHAIN,         /* the CA's certificate is inside too */
    WITH_SIGNING_TIME,
    WITHOUT_NAME,       /* no signing-certificate-v2 */
    NAMING_ANOTHER,     /* signing-certificate-v2 names another certificate */
    TWO_SIGNERS,
    ATTACHED,
    WITH_REMARK,        /* an unsigned attribute that is no time-stamp */
    OVER_NOTHING,       /* over other bytes */
    WRONG_VALUE         /* a bit of the value flipped */
};

struct workshop {
    struct pool *pool;
    int64_t now_ms;
    struct pki root, issuing, seal_rsa, seal_p256, firms, strangers, keys[WORKSHOP_KEYS];
    struct pki stampers, stamper, foreign_stamper;
    struct seal_key *rsa, *p256; /* the authority's seal, and the one before it */
    struct seals *seals;
    struct trust *trust;
    struct timestamp_trust *stamps;
};

/* Certificates are good from an hour ago on. */
void workshop_open(struct workshop *w, struct pool *pool);
void workshop_close(struct workshop *w);

/* The firms' CA with a list of so many seconds from now (below 0: before), on which the firms' keys
 * are revoked since then, or not. Free with trust_free. */
struct trust *workshop_trust(const struct workshop *w, int seconds, bool revoked);

/* Who may sign, for verify_file. */
struct verifier workshop_verifier(const struct workshop *w);

/* A form of one page, with more in Catalog and page ("" for nothing). */
struct bytes workshop_paper(const struct workshop *w, const char *catalog, const char *page);
/* With the signature field, signed a minute ago; the box has lines for a firm. */
struct seal_prepared workshop_prepare(const struct workshop *w, struct bytes pdf, bool lines);
/* The signature over what is prepared, and the file with it. */
struct bytes workshop_cms(const struct workshop *w, const struct seal_prepared *prepared,
                          enum workshop_key key, enum workshop_way way);
struct bytes workshop_stamp(const struct workshop *w, struct bytes cms, enum workshop_stamp stamp);
struct bytes workshop_fill(const struct workshop *w, const struct seal_prepared *prepared,
                           struct bytes cms);

/* All steps: by the authority (with a stamp, or 0), or by a firm. */
struct bytes workshop_seal(const struct workshop *w, struct seal_key *key, struct bytes pdf,
                           int stamp);
struct bytes workshop_sign(const struct workshop *w, struct bytes pdf, enum workshop_key key,
                           enum workshop_way way);

#endif
