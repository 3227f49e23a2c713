#include "core/seal/signed.h"

#include <string.h>
#include <openssl/ess.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/openssl.h"
#include "core/seal/strength.h"

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

/* The only unsigned attribute is a time-stamp: of the others nobody vouches for any, and it vouches
 * for itself. */
static bool read_timestamp(struct signed_parts *parts)
{
    X509_ATTRIBUTE *attribute = CMS_unsigned_get_attr(parts->signer, 0);
    const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);

    if (CMS_unsigned_get_attr_count(parts->signer) != 1 || X509_ATTRIBUTE_count(attribute) != 1 ||
        OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attribute)) != NID_id_smime_aa_timeStampToken ||
        value->type != V_ASN1_SEQUENCE)
        return false;
    parts->timestamp = (struct bytes){ASN1_STRING_get0_data(value->value.sequence),
                                      (size_t)ASN1_STRING_length(value->value.sequence)};
    return true;
}

static enum signed_verdict read_unsigned(struct signed_parts *parts, enum signed_rules rules)
{
    if (CMS_unsigned_get_attr_count(parts->signer) < 0 ||
        (rules == SIGNED_PADES && read_timestamp(parts)))
        return SIGNED_OK;
    return SIGNED_ATTRIBUTES;
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

/* A signing-certificate attribute keeps anybody from putting another certificate of the same name
 * into the place of the signer's (RFC 5035, 2). */
static enum signed_verdict check_named(const struct signed_parts *parts)
{
    const ASN1_TYPE *value = parts->values[SIGNED_CERTIFICATE];
    const ASN1_TYPE *value_v2 = parts->values[SIGNED_CERTIFICATE_V2];
    ESS_SIGNING_CERT *named = openssl_unpack(value, ASN1_ITEM_rptr(ESS_SIGNING_CERT));
    ESS_SIGNING_CERT_V2 *named_v2 = openssl_unpack(value_v2, ASN1_ITEM_rptr(ESS_SIGNING_CERT_V2));
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
    if (!cms_find_certificate(parts->signer, parts->certificates))
        return SIGNED_NO_CERTIFICATE;
    return check_named(parts);
}

void signed_close(struct signed_parts *parts)
{
    sk_X509_pop_free(parts->certificates, X509_free);
    CMS_ContentInfo_free(parts->cms);
    *parts = (struct signed_parts){0};
}

int signed_judge(const struct signed_parts *parts, const struct bytes *content, size_t count,
                 enum signed_verdict *verdict, struct err *err)
{
    X509 *signer = sk_X509_value(parts->certificates, 0);
    enum cms_match match;

    *verdict = SIGNED_WEAK;
    if (!strength_suffices(parts->signer, signer))
        return 0;
    if (cms_match(parts->signer, signer, content, count, &match, err) < 0)
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
