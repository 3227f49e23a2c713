#include "core/seal/cms.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/openssl.h"
#include "core/seal/seal_key.h"

int cms_signing_certificate(const X509 *certificate, uint8_t **der, int *size, struct err *err)
{
    ESS_SIGNING_CERT_V2 *ess =
        OSSL_ESS_signing_cert_v2_new_init(EVP_sha256(), certificate, NULL, 0);

    *der = NULL;
    *size = ess ? i2d_ESS_SIGNING_CERT_V2(ess, der) : -1;
    ESS_SIGNING_CERT_V2_free(ess);
    if (*size < 0)
        return openssl_err(err, ERR_CRYPTO, "cannot name the signing certificate");
    return 0;
}

static int add_attributes(const struct seal_key *key, const uint8_t *digest,
                          CMS_SignerInfo *signer)
{
    return CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                       OBJ_nid2obj(NID_pkcs7_data), -1) &&
           CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
                                       digest, SEAL_DIGEST_SIZE) &&
           CMS_signed_add1_attr_by_NID(signer, NID_id_smime_aa_signingCertificateV2,
                                       V_ASN1_SEQUENCE, key->signing_certificate,
                                       key->signing_certificate_size);
}

/* DER orders the members of a SET OF by their bytes (X.690, 11.6). */
static int compare_members(const void *a, const void *b)
{
    const struct bytes *one = a, *two = b;
    size_t common = one->size < two->size ? one->size : two->size;
    int order = memcmp(one->data, two->data, common);

    return order ? order : (one->size > two->size) - (one->size < two->size);
}

/* The signed attributes as a DER SET, which is what is signed (RFC 5652, 5.4). */
static int attributes_encode(const CMS_SignerInfo *signer, struct pool *pool, struct bytes *der)
{
    int count = CMS_signed_get_attr_count(signer), total = 0;
    struct bytes *members = pool_array(pool, (size_t)count, sizeof(*members));
    uint8_t *out;

    for (int i = 0; i < count; i++) {
        X509_ATTRIBUTE *attribute = CMS_signed_get_attr(signer, i);
        int size = i2d_X509_ATTRIBUTE(attribute, NULL);
        uint8_t *end = pool_alloc(pool, size > 0 ? (size_t)size : 1);

        members[i] = (struct bytes){end, (size_t)size};
        if (size <= 0 || i2d_X509_ATTRIBUTE(attribute, &end) != size)
            return -1;
        total += size;
    }
    qsort(members, (size_t)count, sizeof(*members), compare_members);
    der->size = (size_t)ASN1_object_size(1, total, V_ASN1_SET);
    der->data = out = pool_alloc(pool, der->size);
    ASN1_put_object(&out, 1, total, V_ASN1_SET, V_ASN1_UNIVERSAL);
    for (int i = 0; i < count; out += members[i++].size)
        memcpy(out, members[i].data, members[i].size);
    return 0;
}

/* The raw signature over `message`, by the private key. */
static int sign_bytes(const struct seal_key *key, struct pool *pool, struct bytes message,
                      struct bytes *signature, struct err *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t size = 0;
    uint8_t *out;
    int result = -1;

    if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->private_key) <= 0 ||
        EVP_DigestSign(context, NULL, &size, message.data, message.size) <= 0) {
        openssl_err(err, ERR_CRYPTO, "cannot begin to sign");
        goto out;
    }
    out = pool_alloc(pool, size);
    if (EVP_DigestSign(context, out, &size, message.data, message.size) <= 0) {
        openssl_err(err, ERR_CRYPTO, "cannot sign");
        goto out;
    }
    *signature = (struct bytes){out, size};
    result = 0;
out:
    EVP_MD_CTX_free(context);
    return result;
}

static int encode(CMS_ContentInfo *cms, struct pool *pool, struct bytes *der, struct err *err)
{
    int size = i2d_CMS_ContentInfo(cms, NULL);
    uint8_t *out;

    if (size <= 0)
        return openssl_err(err, ERR_CRYPTO, "cannot encode the signature");
    der->data = out = pool_alloc(pool, (size_t)size);
    der->size = (size_t)size;
    if (i2d_CMS_ContentInfo(cms, &out) != size)
        return openssl_err(err, ERR_CRYPTO, "cannot encode the signature");
    return 0;
}

/* CMS_final would add a signing-time, hence CMS_PARTIAL and a signature of our own making. The
 * signer stands in *signer; free the result. */
static CMS_ContentInfo *build(const struct seal_key *key, const uint8_t *digest,
                              CMS_SignerInfo **signer, struct err *err)
{
    const unsigned flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, key->chain, NULL, flags);

    *signer = cms ? CMS_add1_signer(cms, key->certificate, key->private_key, EVP_sha256(), flags)
                  : NULL;
    if (*signer && add_attributes(key, digest, *signer))
        return cms;
    openssl_err(err, ERR_CRYPTO, "cannot build the signature");
    CMS_ContentInfo_free(cms);
    return NULL;
}

static int finish(CMS_ContentInfo *cms, CMS_SignerInfo *signer, struct pool *pool,
                  struct bytes signature, struct bytes *der, struct err *err)
{
    if (!ASN1_STRING_set(CMS_SignerInfo_get0_signature(signer), signature.data,
                         (int)signature.size))
        return openssl_err(err, ERR_CRYPTO, "cannot keep the signature");
    return encode(cms, pool, der, err);
}

int cms_sign(const struct seal_key *key, struct pool *pool,
             const uint8_t digest[SEAL_DIGEST_SIZE], struct bytes *der, struct err *err)
{
    CMS_SignerInfo *signer;
    CMS_ContentInfo *cms = build(key, digest, &signer, err);
    struct bytes attributes, signature;
    int result = -1;

    if (!cms)
        return -1;
    if (attributes_encode(signer, pool, &attributes) < 0) {
        openssl_err(err, ERR_CRYPTO, "cannot encode what is signed");
        goto out;
    }
    if (sign_bytes(key, pool, attributes, &signature, err) == 0)
        result = finish(cms, signer, pool, signature, der, err);
out:
    CMS_ContentInfo_free(cms);
    return result;
}

/* The key's signature of the largest size need not be one: its length alone counts. */
int cms_measure(const struct seal_key *key, struct pool *pool, size_t *size, struct err *err)
{
    static const uint8_t digest[SEAL_DIGEST_SIZE];
    int longest = EVP_PKEY_get_size(X509_get0_pubkey(key->certificate));
    struct bytes der, signature = {pool_alloc(pool, (size_t)longest), (size_t)longest};
    CMS_SignerInfo *signer;
    CMS_ContentInfo *cms = build(key, digest, &signer, err);
    int result = cms ? finish(cms, signer, pool, signature, &der, err) : -1;

    CMS_ContentInfo_free(cms);
    if (result == 0)
        *size = der.size;
    return result;
}

int cms_verify(const struct seal_key *key, struct pool *pool, struct bytes der,
               struct bytes before, struct bytes after, struct err *err)
{
    /* NOINTERN: the signer is our certificate, whatever the signature brings along. */
    const unsigned flags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
    uint8_t *content = pool_alloc(pool, before.size + after.size);
    const uint8_t *position = der.data;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &position, (long)der.size);
    STACK_OF(X509) *signers = sk_X509_new_null();
    BIO *bio = NULL;
    int result = -1;

    memcpy(content, before.data, before.size);
    memcpy(content + before.size, after.data, after.size);
    bio = BIO_new_mem_buf(content, (int)(before.size + after.size));
    if (cms && signers && bio && sk_X509_push(signers, key->certificate) > 0 &&
        CMS_verify(cms, signers, NULL, bio, NULL, flags) == 1)
        result = 0;
    else
        openssl_err(err, ERR_CRYPTO, "the signature does not verify");
    BIO_free(bio);
    sk_X509_free(signers);
    CMS_ContentInfo_free(cms);
    return result;
}
