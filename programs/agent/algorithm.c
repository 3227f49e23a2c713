#include "programs/agent/algorithm.h"

#include <string.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/pool.h"
#include "core/seal/openssl.h"

#define RSA_PKCS1(bits)                                                                            \
    {                                                                                              \
        .name = "RS" #bits, .key = EVP_PKEY_RSA, .digest = NID_sha##bits, .digest_size = bits / 8, \
        .digested = CKM_RSA_PKCS, .whole = CKM_SHA##bits##_RSA_PKCS                                \
    }
#define RSA_PSS(bits)                                                                              \
    {                                                                                              \
        .name = "PS" #bits, .key = EVP_PKEY_RSA, .digest = NID_sha##bits, .digest_size = bits / 8, \
        .pss = true, .digested = CKM_RSA_PKCS_PSS, .whole = CKM_SHA##bits##_RSA_PKCS_PSS,          \
        .hash = CKM_SHA##bits, .mask = CKG_MGF1_SHA##bits                                          \
    }
#define ECDSA(bits, on)                                                                            \
    {                                                                                              \
        .name = "ES" #bits, .key = EVP_PKEY_EC, .curve = on, .digest = NID_sha##bits,              \
        .digest_size = bits / 8, .digested = CKM_ECDSA, .whole = CKM_ECDSA_SHA##bits               \
    }

/* clang-format off */
const struct algorithm algorithms[ALGORITHM_COUNT] = {
    RSA_PKCS1(256), RSA_PSS(256),
    RSA_PKCS1(384), RSA_PSS(384),
    RSA_PKCS1(512), RSA_PSS(512),
    ECDSA(256, NID_X9_62_prime256v1), ECDSA(384, NID_secp384r1),
};
/* clang-format on */

const struct algorithm *algorithm_find(const char *name)
{
    for (size_t i = 0; i < ALGORITHM_COUNT; i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

bool algorithm_fits(const struct algorithm *algorithm, const EVP_PKEY *key)
{
    if (EVP_PKEY_get_base_id(key) != algorithm->key)
        return false;
    return !algorithm->curve || openssl_curve(key) == algorithm->curve;
}

int algorithm_digest(const struct algorithm *algorithm, const struct bytes *parts, size_t count,
                     uint8_t digest[ALGORITHM_DIGEST_MAX])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex(context, EVP_get_digestbynid(algorithm->digest), NULL);

    for (size_t i = 0; good && i < count; i++)
        good = EVP_DigestUpdate(context, parts[i].data, parts[i].size);
    good = good && EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    openssl_forget();
    return good ? 0 : -1;
}

int algorithm_digest_info(const struct algorithm *algorithm, struct pool *pool,
                          const uint8_t *digest, struct bytes *info)
{
    X509_SIG *both = X509_SIG_new();
    X509_ALGOR *hash = NULL;
    ASN1_OCTET_STRING *value = NULL;
    uint8_t *out = NULL;
    int size = -1;

    if (both)
        X509_SIG_getm(both, &hash, &value);
    if (both && X509_ALGOR_set0(hash, OBJ_nid2obj(algorithm->digest), V_ASN1_NULL, NULL) &&
        ASN1_OCTET_STRING_set(value, digest, (int)algorithm->digest_size))
        size = i2d_X509_SIG(both, &out);
    if (size > 0)
        *info = (struct bytes){pool_copy(pool, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    X509_SIG_free(both);
    openssl_forget();
    return size > 0 ? 0 : -1;
}

int algorithm_ecdsa_der(const struct algorithm *algorithm, struct pool *pool, struct bytes raw,
                        struct bytes *der)
{
    /* P-256 and P-384 are as wide as the hash that goes with them. */
    int half = (int)algorithm->digest_size;
    ECDSA_SIG *signature = NULL;
    BIGNUM *r = NULL, *s = NULL;
    uint8_t *out = NULL;
    int size = -1;

    if (raw.size == 2 * algorithm->digest_size) {
        signature = ECDSA_SIG_new();
        r = BN_bin2bn(raw.data, half, NULL);
        s = BN_bin2bn(raw.data + half, half, NULL);
    }
    if (signature && r && s && ECDSA_SIG_set0(signature, r, s)) {
        r = s = NULL; /* they are the signature's now */
        size = i2d_ECDSA_SIG(signature, &out);
    }
    if (size > 0)
        *der = (struct bytes){pool_copy(pool, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    openssl_forget();
    return size > 0 ? 0 : -1;
}
