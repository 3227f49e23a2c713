#include "tests/core/seal/signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/pool.h"

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "test signature: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

CMS_ContentInfo *signature_begin(bool attached)
{
    unsigned flags = CMS_PARTIAL | CMS_BINARY | (attached ? 0 : CMS_DETACHED);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);

    must(cms != NULL, "beginning");
    return cms;
}

CMS_SignerInfo *signature_add(CMS_ContentInfo *cms, const struct signature_recipe *recipe)
{
    const EVP_MD *digest = EVP_get_digestbyname(recipe->digest ? recipe->digest : "SHA256");
    unsigned flags =
        CMS_PARTIAL | CMS_NOSMIMECAP | recipe->flags | (recipe->pss ? CMS_KEY_PARAM : 0);
    CMS_SignerInfo *signer = CMS_add1_signer(cms, recipe->signer->certificate,
                                             recipe->signer->key, digest, flags);

    must(signer != NULL, "signer");
    if (recipe->pss)
        must(EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(signer),
                                          RSA_PKCS1_PSS_PADDING) > 0,
             "PSS");
    return signer;
}

struct bytes signature_finish(struct pool *pool, CMS_ContentInfo *cms, struct bytes content)
{
    BIO *bio = BIO_new_mem_buf(content.data, (int)content.size);

    must(bio && CMS_final(cms, bio, NULL, CMS_BINARY) == 1, "value");
    BIO_free(bio);
    return signature_encode(pool, cms);
}

struct bytes signature_encode(struct pool *pool, CMS_ContentInfo *cms)
{
    uint8_t *out = NULL;
    int size = i2d_CMS_ContentInfo(cms, &out);
    struct bytes der;

    must(size > 0, "encoding");
    der = (struct bytes){pool_copy(pool, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    CMS_ContentInfo_free(cms);
    return der;
}

struct bytes signature_make(struct pool *pool, struct bytes content,
                            const struct signature_recipe *recipe)
{
    CMS_ContentInfo *cms = signature_begin(recipe->attached);

    signature_add(cms, recipe);
    return signature_finish(pool, cms, content);
}
