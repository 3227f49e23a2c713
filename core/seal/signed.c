#include "core/seal/signed.h"

#include <string.h>
#include <openssl/ess.h>
#include <openssl/rsa.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/openssl.h"

enum { CERTIFICATES_LIMIT = 16 };

/* The signed attributes that are looked at. Each stands once, with one value of its type. */
static const struct {
    int nid;
    bool required;
    int type, other_type;
} attributes[SIGNED_ATTRIBUTE_KINDS] = {
    [SIGNED_CONTENT_TYPE] = {NID_pkcs9_contentType, true, V_ASN1_OBJECT, 0},
    [SIGNED_MESSAGE_DIGEST] = {NID_pkcs9_messageDigest, true, V_ASN1_OCTET_STRING, 0},
    [SIGNED_SIGNING_TIME] = {NID_pkcs9_signingTime, false, V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME},
    [SIGNED_CERTIFICATE] = {NID_id_smime_aa_signingCertificate, false, V_ASN1_SEQUENCE, 0},
    [SIGNED_CERTIFICATE_V2] = {NID_id_smime_aa_signingCertificateV2, false, V_ASN1_SEQUENCE, 0},
};

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

static const enum signed_verdict matches[] = {
    [CMS_MATCH_FULL] = SIGNED_OK,
    [CMS_MATCH_FORGED] = SIGNED_FORGED,
    [CMS_MATCH_OTHER] = SIGNED_OTHER,
};

/* False where the attribute is malformed, or is missing and must not be. */
static bool read_attribute(struct signed_parts *parts, enum signed_attribute which)
{
    int nid = attributes[which].nid, at = CMS_signed_get_attr_by_NID(parts->signer, nid, -1);
    X509_ATTRIBUTE *attribute;
    const ASN1_TYPE *value;

    if (at < 0)
        return !attributes[which].required;
    attribute = CMS_signed_get_attr(parts->signer, at);
    if (CMS_signed_get_attr_by_NID(parts->signer, nid, at) >= 0 ||
        X509_ATTRIBUTE_count(attribute) != 1)
        return false;
    value = X509_ATTRIBUTE_get0_type(attribute, 0);
    if (value->type != attributes[which].type &&
        (!attributes[which].other_type || value->type != attributes[which].other_type))
        return false;
    parts->values[which] = value;
    return true;
}

/* An unsigned attribute nobody vouches for, but a time-stamp, which vouches for itself. */
static bool read_timestamp(struct signed_parts *parts)
{
    X509_ATTRIBUTE *attribute = CMS_unsigned_get_attr(parts->signer, 0);
    const ASN1_TYPE *value;

    if (OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attribute)) != NID_id_smime_aa_timeStampToken ||
        X509_ATTRIBUTE_count(attribute) != 1)
        return false;
    value = X509_ATTRIBUTE_get0_type(attribute, 0);
    if (value->type != V_ASN1_SEQUENCE)
        return false;
    parts->timestamp = (struct bytes){ASN1_STRING_get0_data(value->value.sequence),
                                      (size_t)ASN1_STRING_length(value->value.sequence)};
    return true;
}

static enum signed_verdict read_unsigned(struct signed_parts *parts, enum signed_rules rules)
{
    int count = CMS_unsigned_get_attr_count(parts->signer);

    if (count < 0)
        return SIGNED_OK;
    return rules == SIGNED_PADES && count == 1 && read_timestamp(parts) ? SIGNED_OK
                                                                        : SIGNED_ATTRIBUTES;
}

/* As PAdES has them, all are there and there are no others. */
static bool attributes_fit(const struct signed_parts *parts)
{
    return CMS_signed_get_attr_count(parts->signer) == 3 &&
           parts->values[SIGNED_CERTIFICATE_V2] != NULL;
}

static enum signed_verdict read_attributes(struct signed_parts *parts, enum signed_rules rules)
{
    enum signed_verdict verdict = read_unsigned(parts, rules);

    if (verdict != SIGNED_OK)
        return verdict;
    if (CMS_signed_get_attr_count(parts->signer) < 0)
        return rules == SIGNED_PLAIN ? SIGNED_OK : SIGNED_ATTRIBUTES;
    for (enum signed_attribute which = 0; which < SIGNED_ATTRIBUTE_KINDS; which++)
        if (!read_attribute(parts, which))
            return SIGNED_BROKEN;
    if (OBJ_obj2nid(parts->values[SIGNED_CONTENT_TYPE]->value.object) != NID_pkcs7_data)
        return SIGNED_BROKEN;
    return rules == SIGNED_PLAIN || attributes_fit(parts) ? SIGNED_OK : SIGNED_ATTRIBUTES;
}

static bool has_crls(const struct signed_parts *parts)
{
    STACK_OF(X509_CRL) *crls = CMS_get1_crls(parts->cms);
    bool some = sk_X509_CRL_num(crls) > 0;

    sk_X509_CRL_pop_free(crls, X509_CRL_free);
    return some;
}

/* Each certificate may be hashed for each that a signing-certificate names, hence the bound. */
static bool read_certificates(struct signed_parts *parts)
{
    parts->certificates = CMS_get1_certs(parts->cms);
    return sk_X509_num(parts->certificates) <= CERTIFICATES_LIMIT;
}

/* The certificate that the signer's name points at, brought to the head of those inside. */
static bool find_certificate(struct signed_parts *parts)
{
    for (int i = 0; i < sk_X509_num(parts->certificates); i++) {
        X509 *certificate = sk_X509_value(parts->certificates, i);

        if (CMS_SignerInfo_cert_cmp(parts->signer, certificate) != 0)
            continue;
        sk_X509_delete(parts->certificates, i);
        if (!sk_X509_unshift(parts->certificates, certificate))
            err_fatal("out of memory");
        return true;
    }
    return false;
}

static void *unpack(const ASN1_TYPE *value, const ASN1_ITEM *item)
{
    return value ? ASN1_item_unpack(value->value.sequence, item) : NULL;
}

/* A signing-certificate attribute keeps anybody from putting another certificate of the same name
 * into the place of the signer's (RFC 5035, 2). */
static enum signed_verdict check_named(const struct signed_parts *parts)
{
    const ASN1_TYPE *value = parts->values[SIGNED_CERTIFICATE];
    const ASN1_TYPE *value_v2 = parts->values[SIGNED_CERTIFICATE_V2];
    ESS_SIGNING_CERT *named = unpack(value, ASN1_ITEM_rptr(ESS_SIGNING_CERT));
    ESS_SIGNING_CERT_V2 *named_v2 = unpack(value_v2, ASN1_ITEM_rptr(ESS_SIGNING_CERT_V2));
    enum signed_verdict verdict = SIGNED_OK;

    if ((value && !named) || (value_v2 && !named_v2))
        verdict = SIGNED_BROKEN;
    else if (OSSL_ESS_check_signing_certs(named, named_v2, parts->certificates, 0) <= 0)
        verdict = SIGNED_NO_CERTIFICATE;
    ESS_SIGNING_CERT_free(named);
    ESS_SIGNING_CERT_V2_free(named_v2);
    return verdict;
}

enum signed_verdict signed_open(struct bytes der, enum signed_rules rules,
                                struct signed_parts *parts)
{
    enum signed_verdict verdict;

    *parts = (struct signed_parts){.cms = cms_decode(der)};
    if (!parts->cms || OBJ_obj2nid(CMS_get0_eContentType(parts->cms)) != NID_pkcs7_data)
        return SIGNED_BROKEN;
    if (CMS_is_detached(parts->cms) != 1)
        return SIGNED_ATTACHED;
    parts->signer = cms_signer(parts->cms);
    if (!parts->signer)
        return SIGNED_SIGNERS;
    verdict = read_attributes(parts, rules);
    if (verdict != SIGNED_OK)
        return verdict;
    if (!read_certificates(parts) || (rules == SIGNED_PADES && has_crls(parts)))
        return SIGNED_BROKEN;
    if (!find_certificate(parts))
        return SIGNED_NO_CERTIFICATE;
    return check_named(parts);
}

void signed_close(struct signed_parts *parts)
{
    sk_X509_pop_free(parts->certificates, X509_free);
    CMS_ContentInfo_free(parts->cms);
    *parts = (struct signed_parts){0};
}

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

static bool is_strong(const struct signed_parts *parts)
{
    EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(parts->certificates, 0));
    X509_ALGOR *digest_algorithm, *algorithm;
    int digest, scheme;

    CMS_SignerInfo_get0_algs(parts->signer, NULL, NULL, &digest_algorithm, &algorithm);
    digest = OBJ_obj2nid(digest_algorithm->algorithm);
    scheme = OBJ_obj2nid(algorithm->algorithm);
    return key && is_among(digest, digests, sizeof(digests) / sizeof(*digests)) &&
           is_scheme(scheme, EVP_PKEY_get_base_id(key), digest) && is_strong_key(key) &&
           (scheme != NID_rsassaPss || pss_agrees(algorithm, digest));
}

int signed_judge(const struct signed_parts *parts, const struct bytes *content, size_t count,
                 enum signed_verdict *verdict, struct err *err)
{
    enum cms_match match;

    *verdict = SIGNED_WEAK;
    if (!is_strong(parts))
        return 0;
    if (cms_match(parts->signer, sk_X509_value(parts->certificates, 0), content, count, &match,
                  err) < 0)
        return -1;
    *verdict = matches[match];
    return 0;
}

static int encode(const X509 *certificate, struct pool *pool, struct bytes *der, struct err *err)
{
    int size = i2d_X509(certificate, NULL);
    uint8_t *out = pool_alloc(pool, size > 0 ? (size_t)size : 1);

    *der = (struct bytes){out, (size_t)size};
    if (size <= 0 || i2d_X509(certificate, &out) != size)
        return openssl_err(err, ERR_CRYPTO, "cannot encode a certificate");
    return 0;
}

int signed_chain(const struct signed_parts *parts, struct pool *pool, struct bytes **chain,
                 size_t *count, struct err *err)
{
    *count = (size_t)sk_X509_num(parts->certificates);
    *chain = pool_array(pool, *count, sizeof(**chain));
    for (size_t i = 0; i < *count; i++)
        if (encode(sk_X509_value(parts->certificates, (int)i), pool, &(*chain)[i], err) < 0)
            return -1;
    return 0;
}

void signed_name(const struct signed_parts *parts, char *name, size_t size)
{
    const X509 *certificate = sk_X509_value(parts->certificates, 0);

    if (!openssl_subject(certificate, NID_commonName, name, size))
        openssl_subject(certificate, NID_organizationName, name, size);
}
