#include "core/seal/outside.h"

#include <string.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/openssl.h"
#include "core/seal/seal.h"
#include "core/seal/stamper.h"

/* The largest timestamp that will be asked for. */
enum { TIMESTAMP_ROOM = STAMPER_BYTES_MAX + STAMPER_ATTRIBUTE };

static const struct scheme {
    const char *name;
    const EVP_MD *(*digest)(void);
    int key;   /* EVP_PKEY_… */
    int curve; /* NID_undef for RSA */
    bool pss;
} schemes[] = {
    {"RS256", EVP_sha256, EVP_PKEY_RSA, NID_undef,            false},
    {"RS384", EVP_sha384, EVP_PKEY_RSA, NID_undef,            false},
    {"RS512", EVP_sha512, EVP_PKEY_RSA, NID_undef,            false},
    {"PS256", EVP_sha256, EVP_PKEY_RSA, NID_undef,            true },
    {"PS384", EVP_sha384, EVP_PKEY_RSA, NID_undef,            true },
    {"PS512", EVP_sha512, EVP_PKEY_RSA, NID_undef,            true },
    {"ES256", EVP_sha256, EVP_PKEY_EC,  NID_X9_62_prime256v1, false},
    {"ES384", EVP_sha384, EVP_PKEY_EC,  NID_secp384r1,        false},
};

static bool is_among(const X509 *certificate, const STACK_OF(X509) *others)
{
    for (int i = 0; i < sk_X509_num(others); i++)
        if (X509_cmp(certificate, sk_X509_value(others, i)) == 0)
            return true;
    return false;
}

/* Files and tokens bring some along twice, or the signer's own once more; a CMS holds each once. */
static STACK_OF(X509) *decode_chain(const struct outside_signer *signer, const X509 *own)
{
    STACK_OF(X509) *chain = sk_X509_new_null();

    if (!chain)
        err_fatal("out of memory");
    for (size_t i = 0; i < signer->chain_count; i++) {
        X509 *certificate = openssl_decode_certificate(signer->chain[i]);

        if (!certificate) {
            sk_X509_pop_free(chain, X509_free);
            return NULL;
        }
        if (X509_cmp(certificate, own) == 0 || is_among(certificate, chain))
            X509_free(certificate);
        else if (!sk_X509_push(chain, certificate))
            err_fatal("out of memory");
    }
    return chain;
}

static const struct scheme *scheme_of(const struct outside_signer *signer, const X509 *certificate)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);

    for (size_t i = 0; key && i < sizeof(schemes) / sizeof(*schemes); i++)
        if (strcmp(schemes[i].name, signer->algorithm) == 0 &&
            schemes[i].key == EVP_PKEY_get_base_id(key) && schemes[i].curve == openssl_curve(key))
            return &schemes[i];
    return NULL;
}

static void author_close(struct cms_author *author)
{
    X509_free(author->certificate);
    sk_X509_pop_free(author->chain, X509_free);
    OPENSSL_free((void *)(uintptr_t)author->named);
    openssl_forget();
}

/* 1; 0: not to be used; -1. Close it when it is 1. */
static int author_open(const struct outside_signer *signer, struct cms_author *author,
                       struct err *err)
{
    const struct scheme *scheme;
    uint8_t *named = NULL;
    int result = 0;

    *author = (struct cms_author){.certificate = openssl_decode_certificate(signer->certificate)};
    scheme = author->certificate ? scheme_of(signer, author->certificate) : NULL;
    author->chain = scheme ? decode_chain(signer, author->certificate) : NULL;
    if (author->chain) {
        author->digest = scheme->digest();
        author->pss = scheme->pss;
        result = cms_signing_certificate(author->certificate, &named, &author->named_size, err) < 0
                     ? -1
                     : 1;
        author->named = named;
    }
    if (result <= 0)
        author_close(author);
    return result;
}

/* The digest of what is signed by the author's own algorithm. */
static int digest_of(const struct cms_author *author, struct pool *pool,
                     const struct seal_prepared *prepared, struct bytes *digest, struct err *err)
{
    struct bytes content = seal_signed_bytes(pool, prepared);
    uint8_t *value = pool_alloc(pool, EVP_MAX_MD_SIZE);
    unsigned size;

    if (!EVP_Digest(content.data, content.size, value, &size, author->digest, NULL))
        return openssl_err(err, ERR_CRYPTO, "cannot hash the document");
    *digest = (struct bytes){value, size};
    return 0;
}

int outside_room(const struct outside_signer *signer, struct pool *pool, size_t *room,
                 struct err *err)
{
    struct cms_author author;
    int result = author_open(signer, &author, err);

    if (result != 1)
        return result;
    result = cms_measure(&author, pool, room, err) < 0 ? -1 : 1;
    *room += TIMESTAMP_ROOM;
    author_close(&author);
    return result;
}

int outside_statement(const struct outside_signer *signer, struct pool *pool,
                      const struct seal_prepared *prepared, struct bytes *statement,
                      struct err *err)
{
    struct cms_author author;
    struct bytes digest;
    int result = author_open(signer, &author, err);

    if (result != 1)
        return result;
    result = digest_of(&author, pool, prepared, &digest, err) < 0 ||
                     cms_attributes(&author, pool, digest, statement, err) < 0
                 ? -1
                 : 1;
    author_close(&author);
    return result;
}

int outside_assemble(const struct outside_signer *signer, struct pool *pool,
                     const struct seal_prepared *prepared, struct bytes signature,
                     struct bytes *cms, struct err *err)
{
    struct cms_author author;
    struct bytes digest;
    int result = author_open(signer, &author, err);

    if (result != 1)
        return result;
    result = digest_of(&author, pool, prepared, &digest, err) < 0 ||
                     cms_assemble(&author, pool, digest, signature, cms, err) < 0
                 ? -1
                 : 1;
    author_close(&author);
    return result;
}
