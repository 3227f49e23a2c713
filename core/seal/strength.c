#include "core/seal/strength.h"

#include <stddef.h>
#include <openssl/rsa.h>

#include "core/seal/openssl.h"

static const int digests[] = {NID_sha256, NID_sha384, NID_sha512};

static const int curves[] = {NID_X9_62_prime256v1, NID_secp384r1};

/* Where a signature algorithm names a digest, it is the signer's. */
static const struct {
    int signature, key, digest;
} schemes[] = {
    {NID_rsaEncryption,           EVP_PKEY_RSA,     NID_undef },
    {NID_sha256WithRSAEncryption, EVP_PKEY_RSA,     NID_sha256},
    {NID_sha384WithRSAEncryption, EVP_PKEY_RSA,     NID_sha384},
    {NID_sha512WithRSAEncryption, EVP_PKEY_RSA,     NID_sha512},
    {NID_rsassaPss,               EVP_PKEY_RSA,     NID_undef },
    {NID_rsassaPss,               EVP_PKEY_RSA_PSS, NID_undef },
    {NID_ecdsa_with_SHA256,       EVP_PKEY_EC,      NID_sha256},
    {NID_ecdsa_with_SHA384,       EVP_PKEY_EC,      NID_sha384},
    {NID_ecdsa_with_SHA512,       EVP_PKEY_EC,      NID_sha512},
};

static bool is_among(int nid, const int *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == nid)
            return true;
    return false;
}

static bool is_scheme(int signature, int key, int digest)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
        if (schemes[i].signature == signature && schemes[i].key == key)
            return schemes[i].digest == NID_undef || schemes[i].digest == digest;
    return false;
}

/* PSS names the digest a second time, and means SHA-1 where it keeps silent (RFC 4055, 3.1). */
static bool pss_agrees(const X509_ALGOR *algorithm, int digest)
{
    RSA_PSS_PARAMS *parameters;
    const void *value;
    bool agrees;
    int type;

    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    if (type != V_ASN1_SEQUENCE)
        return false;
    parameters = ASN1_item_unpack(value, ASN1_ITEM_rptr(RSA_PSS_PARAMS));
    agrees = parameters && parameters->hashAlgorithm &&
             OBJ_obj2nid(parameters->hashAlgorithm->algorithm) == digest;
    RSA_PSS_PARAMS_free(parameters);
    return agrees;
}

static bool is_strong_key(const EVP_PKEY *key)
{
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
        return is_among(openssl_curve(key), curves, sizeof(curves) / sizeof(*curves));
    return EVP_PKEY_get_bits(key) >= OPENSSL_RSA_LEAST_BITS;
}

bool strength_suffices(CMS_SignerInfo *signer, const X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    X509_ALGOR *digest_algorithm, *algorithm;
    int digest, scheme;

    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest_algorithm, &algorithm);
    digest = OBJ_obj2nid(digest_algorithm->algorithm);
    scheme = OBJ_obj2nid(algorithm->algorithm);
    return key && is_among(digest, digests, sizeof(digests) / sizeof(*digests)) &&
           is_scheme(scheme, EVP_PKEY_get_base_id(key), digest) && is_strong_key(key) &&
           (scheme != NID_rsassaPss || pss_agrees(algorithm, digest));
}
