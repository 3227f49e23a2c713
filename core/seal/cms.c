#include "core/seal/cms.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
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

static int add_attributes(const struct cms_author *author, struct bytes digest,
                          CMS_SignerInfo *signer)
{
    return CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                       OBJ_nid2obj(NID_pkcs7_data), -1) &&
           CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
                                       digest.data, (int)digest.size) &&
           CMS_signed_add1_attr_by_NID(signer, NID_id_smime_aa_signingCertificateV2,
                                       V_ASN1_SEQUENCE, author->named, author->named_size);
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

/* RFC 4055, 3.1: all of it is said, since what is left out would mean SHA-1. */
static bool name_pss(X509_ALGOR *algorithm, const EVP_MD *digest)
{
    RSA_PSS_PARAMS *parameters = RSA_PSS_PARAMS_new();
    ASN1_STRING *hash = NULL, *packed = NULL;
    bool done = parameters && (parameters->hashAlgorithm = X509_ALGOR_new()) &&
                (parameters->maskGenAlgorithm = X509_ALGOR_new()) &&
                (parameters->saltLength = ASN1_INTEGER_new()) &&
                ASN1_INTEGER_set(parameters->saltLength, EVP_MD_get_size(digest));

    if (done) {
        X509_ALGOR_set_md(parameters->hashAlgorithm, digest);
        hash = ASN1_item_pack(parameters->hashAlgorithm, ASN1_ITEM_rptr(X509_ALGOR), NULL);
    }
    done = hash && X509_ALGOR_set0(parameters->maskGenAlgorithm, OBJ_nid2obj(NID_mgf1),
                                   V_ASN1_SEQUENCE, hash);
    if (!done)
        ASN1_STRING_free(hash);
    else
        packed = ASN1_item_pack(parameters, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
    done = packed &&
           X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, packed);
    if (!done)
        ASN1_STRING_free(packed);
    RSA_PSS_PARAMS_free(parameters);
    return done;
}

static bool name_algorithm(const struct cms_author *author, CMS_SignerInfo *signer)
{
    X509_ALGOR *algorithm;

    if (!author->pss)
        return true;
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, NULL, &algorithm);
    return name_pss(algorithm, author->digest);
}

/* CMS_final would add a signing-time, hence CMS_PARTIAL and a signature made elsewhere: no private
 * key is needed here. The signer stands in *signer; free the result. */
static CMS_ContentInfo *build(const struct cms_author *author, struct bytes digest,
                              CMS_SignerInfo **signer, struct err *err)
{
    const unsigned flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, author->chain, NULL, flags);

    *signer = cms ? CMS_add1_signer(cms, author->certificate,
                                    X509_get0_pubkey(author->certificate), author->digest, flags)
                  : NULL;
    if (*signer && name_algorithm(author, *signer) && add_attributes(author, digest, *signer))
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

int cms_attributes(const struct cms_author *author, struct pool *pool, struct bytes digest,
                   struct bytes *der, struct err *err)
{
    CMS_SignerInfo *signer;
    CMS_ContentInfo *cms = build(author, digest, &signer, err);
    int result = cms ? attributes_encode(signer, pool, der) : -1;

    CMS_ContentInfo_free(cms);
    return cms && result < 0 ? openssl_err(err, ERR_CRYPTO, "cannot encode what is signed")
                             : result;
}

int cms_assemble(const struct cms_author *author, struct pool *pool, struct bytes digest,
                 struct bytes signature, struct bytes *der, struct err *err)
{
    CMS_SignerInfo *signer;
    CMS_ContentInfo *cms = build(author, digest, &signer, err);
    int result = cms ? finish(cms, signer, pool, signature, der, err) : -1;

    CMS_ContentInfo_free(cms);
    return result;
}

struct cms_author cms_author_of(const struct seal_key *key)
{
    return (struct cms_author){.certificate = key->certificate,
                               .chain = key->chain,
                               .named = key->signing_certificate,
                               .named_size = key->signing_certificate_size,
                               .digest = EVP_sha256()};
}

int cms_sign(const struct seal_key *key, struct pool *pool,
             const uint8_t digest[SEAL_DIGEST_SIZE], struct bytes *der, struct err *err)
{
    const struct cms_author author = cms_author_of(key);
    CMS_SignerInfo *signer;
    CMS_ContentInfo *cms = build(&author, (struct bytes){digest, SEAL_DIGEST_SIZE}, &signer, err);
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
int cms_measure(const struct cms_author *author, struct pool *pool, size_t *size, struct err *err)
{
    static const uint8_t digest[EVP_MAX_MD_SIZE];
    int longest = EVP_PKEY_get_size(X509_get0_pubkey(author->certificate));
    struct bytes signature = {pool_alloc(pool, (size_t)longest), (size_t)longest}, der;

    if (cms_assemble(author, pool,
                     (struct bytes){digest, (size_t)EVP_MD_get_size(author->digest)}, signature,
                     &der, err) < 0)
        return -1;
    *size = der.size;
    return 0;
}

/* Every header on the way is looked at; whether the parts fill the whole is the decoder's affair. */
static bool is_der(struct bytes der)
{
    const unsigned char *at = der.data, *end = der.data + der.size, *start;
    int form, tag, class;
    long length;

    while (at < end) {
        start = at;
        form = ASN1_get_object(&at, &length, &tag, &class, end - at);
        if (form & ~V_ASN1_CONSTRUCTED ||
            ASN1_object_size(form != 0, (int)length, tag) != at - start + length)
            return false;
        /* A string in pieces, or a list that is none: OpenSSL would take both. */
        if (class == V_ASN1_UNIVERSAL &&
            (form != 0) != (tag == V_ASN1_SEQUENCE || tag == V_ASN1_SET))
            return false;
        if (form == 0)
            at += length;
    }
    return true;
}

CMS_ContentInfo *cms_decode(struct bytes der)
{
    const unsigned char *end = der.data;
    CMS_ContentInfo *cms;

    if (der.size > INT_MAX || !is_der(der))
        return NULL;
    cms = d2i_CMS_ContentInfo(NULL, &end, (long)der.size);
    if (cms && end == der.data + der.size && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed)
        return cms;
    CMS_ContentInfo_free(cms);
    return NULL;
}

CMS_SignerInfo *cms_signer(CMS_ContentInfo *cms)
{
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);

    return sk_CMS_SignerInfo_num(signers) == 1 ? sk_CMS_SignerInfo_value(signers, 0) : NULL;
}

bool cms_find_certificate(CMS_SignerInfo *signer, STACK_OF(X509) *certificates)
{
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        X509 *certificate = sk_X509_value(certificates, i);

        if (CMS_SignerInfo_cert_cmp(signer, certificate) != 0)
            continue;
        sk_X509_delete(certificates, i);
        if (!sk_X509_unshift(certificates, certificate))
            err_fatal("out of memory");
        return true;
    }
    return false;
}

static CMS_ContentInfo *decode_signed(struct bytes der, CMS_SignerInfo **signer, struct err *err)
{
    CMS_ContentInfo *cms = cms_decode(der);

    *signer = cms ? cms_signer(cms) : NULL;
    if (*signer)
        return cms;
    CMS_ContentInfo_free(cms);
    openssl_err(err, ERR_CRYPTO, "no signature of one signer");
    return NULL;
}

int cms_imprint(struct bytes der, uint8_t imprint[SEAL_DIGEST_SIZE], struct err *err)
{
    CMS_SignerInfo *signer;
    CMS_ContentInfo *cms = decode_signed(der, &signer, err);
    const ASN1_OCTET_STRING *value;

    if (!cms)
        return -1;
    value = CMS_SignerInfo_get0_signature(signer);
    sha256(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), imprint);
    CMS_ContentInfo_free(cms);
    return 0;
}

int cms_add_timestamp(struct pool *pool, struct bytes der, struct bytes token,
                      struct bytes *stamped, struct err *err)
{
    CMS_SignerInfo *signer;
    CMS_ContentInfo *cms = decode_signed(der, &signer, err);
    int result = -1;

    if (!cms)
        return -1;
    if (CMS_unsigned_get_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, -1) >= 0)
        err_set(err, ERR_CRYPTO, 0, "the signature has a timestamp already");
    else if (token.size > INT_MAX ||
             !CMS_unsigned_add1_attr_by_NID(signer, NID_id_smime_aa_timeStampToken,
                                            V_ASN1_SEQUENCE, token.data, (int)token.size))
        openssl_err(err, ERR_CRYPTO, "cannot add the timestamp");
    else
        result = encode(cms, pool, stamped, err);
    CMS_ContentInfo_free(cms);
    return result;
}

/* A digest of the content in the shape in which OpenSSL takes it. CMS_verify would hash with each
 * digest that the CMS lists, and it may list thousands. */
static BIO *hash_content(CMS_SignerInfo *signer, const struct bytes *parts, size_t count)
{
    BIO *bio = BIO_new(BIO_f_md());
    EVP_MD_CTX *context = NULL;
    X509_ALGOR *digest;
    bool hashed;

    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
    hashed = bio && BIO_set_md(bio, EVP_get_digestbyobj(digest->algorithm)) > 0 &&
             BIO_get_md_ctx(bio, &context) > 0;
    for (size_t i = 0; hashed && i < count; i++)
        hashed = EVP_DigestUpdate(context, parts[i].data, parts[i].size) > 0;
    if (hashed)
        return bio;
    BIO_free(bio);
    return NULL;
}

int cms_match(CMS_SignerInfo *signer, X509 *certificate, const struct bytes *parts, size_t count,
              enum cms_match *match, struct err *err)
{
    bool attributes = CMS_signed_get_attr_count(signer) >= 0;
    BIO *content;

    *match = CMS_MATCH_FORGED;
    CMS_SignerInfo_set1_signer_cert(signer, certificate);
    if (CMS_SignerInfo_cert_cmp(signer, certificate) != 0 ||
        (attributes && CMS_SignerInfo_verify(signer) != 1))
        return 0;
    content = hash_content(signer, parts, count);
    if (!content)
        return openssl_err(err, ERR_CRYPTO, "cannot hash what was signed");
    if (CMS_SignerInfo_verify_content(signer, content) == 1)
        *match = CMS_MATCH_FULL;
    else if (attributes)
        *match = CMS_MATCH_OTHER;
    BIO_free(content);
    return 0;
}

int cms_verify(const struct seal_key *key, struct bytes der, struct bytes before,
               struct bytes after, struct err *err)
{
    const struct bytes parts[] = {before, after};
    enum cms_match match = CMS_MATCH_FORGED;
    CMS_ContentInfo *cms = cms_decode(der);
    CMS_SignerInfo *signer = cms ? cms_signer(cms) : NULL;
    int result = signer ? cms_match(signer, key->certificate, parts, 2, &match, err) : 0;

    CMS_ContentInfo_free(cms);
    if (result == 0 && match != CMS_MATCH_FULL)
        result = openssl_err(err, ERR_CRYPTO, "the signature does not verify");
    return result;
}
