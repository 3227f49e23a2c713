/*
 * A corpus of manipulated PDFs, made on the spot: one row for each way of each published class of
 * attack, and what a verifier must say to it.
 *
 * The classes: incremental saving, signature wrapping and universal forgery (Mladenov et al., 1
 * Trillion Dollar Refund, CCS 2019); shadow documents, hide, replace, hide-and-replace (Mainka et
 * al., NDSS 2021); annotations and signatures added to certified documents (Rohlmann et al., S&P
 * 2021); and what else can be wrong with a file, its ByteRange, its /Contents, its CMS, its signer.
 */
#ifndef ECERT_TESTS_CORE_SEAL_FORGERY_H
#define ECERT_TESTS_CORE_SEAL_FORGERY_H

#include "tests/core/seal/workshop.h"

struct forgery {
    const char *attack; /* the class */
    const char *name;
    enum verify_verdict expected;
    struct bytes (*make)(const struct workshop *w, const struct forgery *forgery);
    const char *a, *b; /* texts that the maker asks for */
    int key, way;      /* workshop_key, workshop_way */
};

extern const struct forgery forgeries[];
extern const size_t forgery_count;

/* What must be taken. */
struct genuine {
    const char *name;
    enum verify_signer signer;
    struct bytes (*make)(const struct workshop *w, const struct genuine *genuine);
    int key, way;
};

extern const struct genuine genuines[];
extern const size_t genuine_count;

#endif
