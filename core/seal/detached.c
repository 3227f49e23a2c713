#include "core/seal/detached.h"

#include <string.h>
#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/openssl.h"

enum { CERTIFICATES_LIMIT = 16 };

enum attribute {
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    SIGNING_TIME,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    ATTRIBUTES
};

/* The signed attributes that are looked at. Each stands once, with one value of its type. */
static const struct {
    int nid;
    bool required;
    int type, other_type;
} attributes[ATTRIBUTES] = {
    [CONTENT_TYPE] = {NID_pkcs9_contentType, true, V_ASN1_OBJECT, 0},
    [MESSAGE_DIGEST] = {NID_pkcs9_messageDigest, true, V_ASN1_OCTET_STRING, 0},
    [SIGNING_TIME] = {NID_pkcs9_signingTime, false, V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME},
    [SIGNING_CERTIFICATE] = {NID_id_smime_aa_signingCertificate, false, V_ASN1_SEQUENCE, 0},
    [SIGNING_CERTIFICATE_V2] = {NID_id_smime_aa_signingCertificateV2, false, V_ASN1_SEQUENCE, 0},
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

static const enum detached_verdict matches[] = {
    [CMS_MATCH_FULL] = DETACHED_OK,
    [CMS_MATCH_FORGED] = DETACHED_FORGED,
    [CMS_MATCH_OTHER] = DETACHED_OTHER,
};

static const char *const verdict_names[] = {
    [DETACHED_OK] = "ok",
    [DETACHED_BROKEN] = "broken",
    [DETACHED_ATTACHED] = "attached",
    [DETACHED_SIGNERS] = "signers",
    [DETACHED_NO_CERTIFICATE] = "no_certificate",
    [DETACHED_WEAK] = "weak",
    [DETACHED_FORGED] = "forged",
    [DETACHED_OTHER] = "other",
    [DETACHED_UNTRUSTED] = "untrusted",
};

/* A signature taken apart. */
struct parts {
    CMS_ContentInfo *cms;
    CMS_SignerInfo *signer;              /* of the CMS */
    const ASN1_TYPE *values[ATTRIBUTES]; /* of the signer; NULL for what is not there */
    STACK_OF(X509) *certificates;        /* the signer's first, once it is found */
};

const char *detached_verdict_name(enum detached_verdict verdict)
{
    if ((size_t)verdict >= sizeof(verdict_names) / sizeof(*verdict_names))
        return "unknown";
    return verdict_names[verdict];
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes trim(struct bytes text)
{
    while (text.size > 0 && is_blank(text.data[0]))
        text = (struct bytes){text.data + 1, text.size - 1};
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Turned into base64url, for which there is a strict reader. */
static bool decode_base64(struct pool *pool, struct bytes text, struct bytes *der)
{
    char *url = pool_alloc(pool, text.size + 1);
    uint8_t *out = pool_alloc(pool, text.size + 1);
    size_t length = 0, padding = 0;
    long size;

    for (size_t i = 0; i < text.size; i++) {
        char c = (char)text.data[i];

        if (c == '\0' || c == '-' || c == '_')
            return false;
        if (!is_blank(text.data[i]))
            url[length++] = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    for (; length > 0 && padding < 2 && url[length - 1] == '='; padding++)
        url[--length] = '\0';
    size = (length + padding) % 4 == 0 ? base64url_decode(url, out, text.size) : -1;
    *der = (struct bytes){out, size > 0 ? (size_t)size : 0};
    return size > 0;
}

/* No text begins with the first byte of a SEQUENCE, which is '0': in base64 it is an 'M'. */
static bool decode(struct pool *pool, struct bytes signature, struct bytes *der)
{
    static const char *const labels[] = {PEM_STRING_CMS, PEM_STRING_PKCS7, NULL};
    struct bytes text;

    if (signature.size == 0 || signature.size > DETACHED_LIMIT)
        return false;
    *der = signature;
    if (signature.data[0] == (V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED))
        return true;
    text = trim(signature);
    if (text.size > 0 && text.data[0] == '-')
        return openssl_decode_pem(pool, text, labels, der);
    return decode_base64(pool, text, der);
}

/* False where the attribute is malformed, or is missing and must not be. */
static bool read_attribute(struct parts *parts, enum attribute which)
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
    parts->values[which] = value;
    return value->type == attributes[which].type ||
           (attributes[which].other_type && value->type == attributes[which].other_type);
}

static bool read_attributes(struct parts *parts)
{
    if (CMS_unsigned_get_attr_count(parts->signer) >= 0)
        return false;
    if (CMS_signed_get_attr_count(parts->signer) < 0)
        return true;
    for (enum attribute which = 0; which < ATTRIBUTES; which++)
        if (!read_attribute(parts, which))
            return false;
    return OBJ_obj2nid(parts->values[CONTENT_TYPE]->value.object) == NID_pkcs7_data;
}

static bool read_signing_time(const struct parts *parts, int64_t *ms)
{
    const ASN1_TYPE *value = parts->values[SIGNING_TIME];

    *ms = 0;
    return !value || openssl_time_ms(value->value.asn1_string, ms) == 0;
}

/* Each certificate may be hashed for each that a signing-certificate names, hence the bound. */
static bool read_certificates(struct parts *parts)
{
    parts->certificates = CMS_get1_certs(parts->cms);
    return sk_X509_num(parts->certificates) <= CERTIFICATES_LIMIT;
}

/* The certificate that the signer's name points at, brought to the head of those inside. */
static bool find_certificate(struct parts *parts)
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
static enum detached_verdict check_named(const struct parts *parts)
{
    const ASN1_TYPE *value = parts->values[SIGNING_CERTIFICATE];
    const ASN1_TYPE *value_v2 = parts->values[SIGNING_CERTIFICATE_V2];
    ESS_SIGNING_CERT *named = unpack(value, ASN1_ITEM_rptr(ESS_SIGNING_CERT));
    ESS_SIGNING_CERT_V2 *named_v2 = unpack(value_v2, ASN1_ITEM_rptr(ESS_SIGNING_CERT_V2));
    enum detached_verdict verdict = DETACHED_OK;

    if ((value && !named) || (value_v2 && !named_v2))
        verdict = DETACHED_BROKEN;
    else if (OSSL_ESS_check_signing_certs(named, named_v2, parts->certificates, 0) <= 0)
        verdict = DETACHED_NO_CERTIFICATE;
    ESS_SIGNING_CERT_free(named);
    ESS_SIGNING_CERT_V2_free(named_v2);
    return verdict;
}

static enum detached_verdict take_apart(struct pool *pool, struct bytes signature,
                                        struct parts *parts, int64_t *signed_ms)
{
    struct bytes der;

    if (!decode(pool, signature, &der) || !(parts->cms = cms_decode(der)) ||
        OBJ_obj2nid(CMS_get0_eContentType(parts->cms)) != NID_pkcs7_data)
        return DETACHED_BROKEN;
    if (CMS_is_detached(parts->cms) != 1)
        return DETACHED_ATTACHED;
    parts->signer = cms_signer(parts->cms);
    if (!parts->signer)
        return DETACHED_SIGNERS;
    if (!read_attributes(parts) || !read_signing_time(parts, signed_ms) ||
        !read_certificates(parts))
        return DETACHED_BROKEN;
    if (!find_certificate(parts))
        return DETACHED_NO_CERTIFICATE;
    return check_named(parts);
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

static bool is_strong(const struct parts *parts)
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

static int encode(const X509 *certificate, struct pool *pool, struct bytes *der, struct err *err)
{
    int size = i2d_X509(certificate, NULL);
    uint8_t *out = pool_alloc(pool, size > 0 ? (size_t)size : 1);

    *der = (struct bytes){out, (size_t)size};
    if (size <= 0 || i2d_X509(certificate, &out) != size)
        return openssl_err(err, ERR_CRYPTO, "cannot encode a certificate");
    return 0;
}

static int judge_signer(struct trust *trust, struct pool *pool, const struct parts *parts,
                        int64_t now_ms, enum trust_verdict *trusted,
                        struct detached_signer *signer, struct err *err)
{
    const X509 *certificate = sk_X509_value(parts->certificates, 0);
    size_t count = (size_t)sk_X509_num(parts->certificates);
    struct bytes *chain = pool_array(pool, count, sizeof(*chain));

    if (!openssl_subject(certificate, NID_commonName, signer->name, sizeof(signer->name)))
        openssl_subject(certificate, NID_organizationName, signer->name, sizeof(signer->name));
    for (size_t i = 0; i < count; i++)
        if (encode(sk_X509_value(parts->certificates, (int)i), pool, &chain[i], err) < 0)
            return -1;
    return trust_judge_chain(trust, pool, chain, count, now_ms, trusted, &signer->identity, err);
}

static int judge_value(const struct parts *parts, struct bytes content,
                       enum detached_verdict *verdict, struct err *err)
{
    enum cms_match match;

    *verdict = DETACHED_WEAK;
    if (!is_strong(parts))
        return 0;
    if (cms_match(parts->signer, sk_X509_value(parts->certificates, 0), &content, 1, &match,
                  err) < 0)
        return -1;
    *verdict = matches[match];
    return 0;
}

int detached_verify(struct trust *trust, struct pool *pool, struct bytes content,
                    struct bytes signature, int64_t now_ms, enum detached_verdict *verdict,
                    enum trust_verdict *trusted, struct detached_signer *signer, struct err *err)
{
    struct parts parts = {0};
    int result = 0;

    *signer = (struct detached_signer){0};
    *trusted = TRUST_NONE;
    *verdict = take_apart(pool, signature, &parts, &signer->signed_ms);
    if (*verdict == DETACHED_OK) {
        result = judge_signer(trust, pool, &parts, now_ms, trusted, signer, err);
        if (result == 0)
            result = judge_value(&parts, content, verdict, err);
        if (*verdict == DETACHED_OK && *trusted != TRUST_OK)
            *verdict = DETACHED_UNTRUSTED;
    }
    if (*verdict != DETACHED_OK)
        signer->identity.uscc[0] = '\0';
    sk_X509_pop_free(parts.certificates, X509_free);
    CMS_ContentInfo_free(parts.cms);
    openssl_forget();
    return result;
}
