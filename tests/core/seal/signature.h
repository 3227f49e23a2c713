/*
 * Signatures of firms for tests, made by OpenSSL's CMS and not by ours. Whatever fails ends the
 * test.
 */
#ifndef ECERT_TESTS_CORE_SEAL_SIGNATURE_H
#define ECERT_TESTS_CORE_SEAL_SIGNATURE_H

#include <stdbool.h>
#include <openssl/cms.h>

#include "base/text.h"
#include "tests/core/seal/pki.h"

struct pool;

/* How one signs. */
struct signature_recipe {
    const struct pki *signer;
    const char *digest; /* NULL: SHA256 */
    unsigned flags;     /* CMS_NOATTR, CMS_NOCERTS, CMS_USE_KEYID, CMS_CADES */
    bool pss;
    bool attached;
};

/* The DER of a signature over the content, in the pool. */
struct bytes signature_make(struct pool *pool, struct bytes content,
                            const struct signature_recipe *recipe);

/* The same in steps: an empty one, its signers and certificates, and the end, which frees it. */
CMS_ContentInfo *signature_begin(bool attached);
CMS_SignerInfo *signature_add(CMS_ContentInfo *cms, const struct signature_recipe *recipe);
struct bytes signature_finish(struct pool *pool, CMS_ContentInfo *cms, struct bytes content);
/* The end without signing. */
struct bytes signature_encode(struct pool *pool, CMS_ContentInfo *cms);

#endif
