#include "core/seal/timestamp.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/lists.h"
#include "core/seal/strength.h"

enum {
    AUTHORITIES_LIMIT = 64,
    CERTIFICATES_LIMIT = 16,
    DEPTH_LIMIT = 6,
    TIME_LEAST = 15, /* yyyymmddhhmmssZ */
    STRENGTH = 2     /* OpenSSL's level of 112 bits: RSA from 2048, digests beyond SHA-1 */
};

struct timestamp_trust {
    STACK_OF(X509) *authorities;
    X509_STORE *store;
    char *lists; /* NULL: none are asked */
    struct lists_stamp stamp;
};

static const char *const verdict_names[] = {
    [TIMESTAMP_OK] = "ok",
    [TIMESTAMP_BROKEN] = "broken",
    [TIMESTAMP_SIGNERS] = "signers",
    [TIMESTAMP_OTHER] = "other",
    [TIMESTAMP_NONCE] = "nonce",
    [TIMESTAMP_POLICY] = "policy",
    [TIMESTAMP_CLOCK] = "clock",
    [TIMESTAMP_NO_CERTIFICATE] = "no_certificate",
    [TIMESTAMP_WEAK] = "weak",
    [TIMESTAMP_USAGE] = "usage",
    [TIMESTAMP_FORGED] = "forged",
    [TIMESTAMP_DATES] = "dates",
    [TIMESTAMP_REVOKED] = "revoked",
    [TIMESTAMP_FOREIGN] = "foreign",
};

const char *timestamp_verdict_name(enum timestamp_verdict verdict)
{
    if ((size_t)verdict >= sizeof(verdict_names) / sizeof(*verdict_names))
        return "unknown";
    return verdict_names[verdict];
}

/* Whom to believe */

static X509_STORE *store_make(const struct timestamp_trust *trust)
{
    X509_STORE *store = X509_STORE_new();
    X509_VERIFY_PARAM *parameters;

    if (!store)
        err_fatal("out of memory");
    for (int i = 0; i < sk_X509_num(trust->authorities); i++)
        if (!X509_STORE_add_cert(store, sk_X509_value(trust->authorities, i)))
            err_fatal("out of memory");
    parameters = X509_STORE_get0_param(store);
    /* Whoever is in the file of authorities is one, root or not. */
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_depth(parameters, DEPTH_LIMIT);
    X509_VERIFY_PARAM_set_auth_level(parameters, STRENGTH);
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_TIMESTAMP_SIGN);
    return store;
}

int timestamp_trust_open(const char *authorities, struct timestamp_trust **trust, struct err *err)
{
    STACK_OF(X509) *list;

    *trust = NULL;
    if (openssl_read_certificates(authorities, AUTHORITIES_LIMIT, &list, err) < 0)
        return -1;
    *trust = calloc(1, sizeof(**trust));
    if (!*trust)
        err_fatal("out of memory");
    (*trust)->authorities = list;
    (*trust)->store = store_make(*trust);
    return 0;
}

/* A new store takes the old one's place only when it is whole. */
static int load_lists(struct timestamp_trust *trust, struct err *err)
{
    X509_STORE *store = store_make(trust);

    if (lists_use(store, trust->lists, err) < 0) {
        X509_STORE_free(store);
        return -1;
    }
    X509_STORE_free(trust->store);
    trust->store = store;
    return 0;
}

int timestamp_revocations(struct timestamp_trust *trust, const char *lists, struct err *err)
{
    free(trust->lists);
    trust->lists = strdup(lists);
    if (!trust->lists)
        err_fatal("out of memory");
    return lists_stamp(lists, &trust->stamp, err) < 0 || load_lists(trust, err) < 0 ? -1 : 0;
}

void timestamp_refresh(struct timestamp_trust *trust)
{
    struct err err;

    if (!trust->lists || !lists_renewed(trust->lists, &trust->stamp, &err))
        return;
    if (err.kind == ERR_NONE)
        load_lists(trust, &err);
    lists_tell(trust->lists, &err);
}

void timestamp_trust_free(struct timestamp_trust **trust)
{
    if (!trust || !*trust)
        return;
    sk_X509_pop_free((*trust)->authorities, X509_free);
    X509_STORE_free((*trust)->store);
    free((*trust)->lists);
    free(*trust);
    *trust = NULL;
}

/* Taking a token apart */

struct parts {
    CMS_ContentInfo *cms;
    CMS_SignerInfo *signer;       /* of the CMS */
    struct bytes content;         /* of the CMS: the DER of the TSTInfo */
    TS_TST_INFO *info;
    STACK_OF(X509) *certificates; /* the signer's first, once it is found */
};

static void parts_free(struct parts *parts)
{
    sk_X509_pop_free(parts->certificates, X509_free);
    TS_TST_INFO_free(parts->info);
    CMS_ContentInfo_free(parts->cms);
}

static X509 *signer_of(const struct parts *parts)
{
    return sk_X509_value(parts->certificates, 0);
}

/* The only value of a signed attribute that stands once and is of this type; else NULL. */
static const ASN1_TYPE *signed_value(CMS_SignerInfo *signer, int nid, int type)
{
    int at = CMS_signed_get_attr_by_NID(signer, nid, -1);
    X509_ATTRIBUTE *attribute = at < 0 ? NULL : CMS_signed_get_attr(signer, at);
    const ASN1_TYPE *value;

    if (!attribute || CMS_signed_get_attr_by_NID(signer, nid, at) >= 0 ||
        X509_ATTRIBUTE_count(attribute) != 1)
        return NULL;
    value = X509_ATTRIBUTE_get0_type(attribute, 0);
    return value->type == type ? value : NULL;
}

/* Attributes that nobody signed are not asked for, and vouch for nothing. */
static bool read_attributes(const struct parts *parts)
{
    const ASN1_TYPE *type = signed_value(parts->signer, NID_pkcs9_contentType, V_ASN1_OBJECT);

    return type && OBJ_obj2nid(type->value.object) == NID_id_smime_ct_TSTInfo &&
           signed_value(parts->signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING) &&
           CMS_unsigned_get_attr_count(parts->signer) < 0;
}

static bool read_info(struct parts *parts)
{
    ASN1_OCTET_STRING **content = CMS_get0_content(parts->cms);
    const unsigned char *end;

    if (!content || !*content)
        return false;
    parts->content = (struct bytes){ASN1_STRING_get0_data(*content),
                                    (size_t)ASN1_STRING_length(*content)};
    end = parts->content.data;
    parts->info = d2i_TS_TST_INFO(NULL, &end, (long)parts->content.size);
    return parts->info && end == parts->content.data + parts->content.size &&
           TS_TST_INFO_get_version(parts->info) == 1 &&
           TS_TST_INFO_get_ext_by_critical(parts->info, 1, -1) < 0;
}

/* In UTC (RFC 3161, 2.4.2); a fraction of a second is let be. */
static bool read_time(const struct parts *parts, int64_t *ms)
{
    const ASN1_GENERALIZEDTIME *time = TS_TST_INFO_get_time(parts->info);
    int length = ASN1_STRING_length(time);

    return length >= TIME_LEAST && ASN1_STRING_get0_data(time)[length - 1] == 'Z' &&
           openssl_time_ms(time, ms) == 0;
}

static enum timestamp_verdict take_apart(struct bytes token, struct parts *parts, int64_t *ms)
{
    if (token.size > TIMESTAMP_LIMIT || !(parts->cms = cms_decode(token)) ||
        OBJ_obj2nid(CMS_get0_eContentType(parts->cms)) != NID_id_smime_ct_TSTInfo)
        return TIMESTAMP_BROKEN;
    parts->signer = cms_signer(parts->cms);
    if (!parts->signer)
        return TIMESTAMP_SIGNERS;
    parts->certificates = CMS_get1_certs(parts->cms);
    if (!read_attributes(parts) || !read_info(parts) || !read_time(parts, ms) ||
        sk_X509_num(parts->certificates) > CERTIFICATES_LIMIT)
        return TIMESTAMP_BROKEN;
    return TIMESTAMP_OK;
}

/* Is it the answer to the question? */

static bool imprint_fits(TS_TST_INFO *info, const uint8_t imprint[TIMESTAMP_IMPRINT_SIZE])
{
    TS_MSG_IMPRINT *made = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OCTET_STRING *digest = TS_MSG_IMPRINT_get_msg(made);
    const ASN1_OBJECT *algorithm;
    int type;

    X509_ALGOR_get0(&algorithm, &type, NULL, TS_MSG_IMPRINT_get_algo(made));
    return OBJ_obj2nid(algorithm) == NID_sha256 && (type == V_ASN1_NULL || type == V_ASN1_UNDEF) &&
           ASN1_STRING_length(digest) == TIMESTAMP_IMPRINT_SIZE &&
           memcmp(ASN1_STRING_get0_data(digest), imprint, TIMESTAMP_IMPRINT_SIZE) == 0;
}

static bool nonce_fits(const TS_TST_INFO *info, struct bytes nonce)
{
    const ASN1_INTEGER *made = TS_TST_INFO_get_nonce(info);
    BIGNUM *ours, *theirs;
    bool fits;

    if (nonce.size == 0)
        return true;
    ours = BN_bin2bn(nonce.data, (int)nonce.size, NULL);
    theirs = made ? ASN1_INTEGER_to_BN(made, NULL) : NULL;
    fits = ours && theirs && BN_cmp(ours, theirs) == 0;
    BN_free(ours);
    BN_free(theirs);
    return fits;
}

static bool policy_fits(TS_TST_INFO *info, const char *policy)
{
    ASN1_OBJECT *wanted;
    bool fits;

    if (!policy || !*policy)
        return true;
    wanted = OBJ_txt2obj(policy, 1);
    fits = wanted && OBJ_cmp(wanted, TS_TST_INFO_get_policy_id(info)) == 0;
    ASN1_OBJECT_free(wanted);
    return fits;
}

static enum timestamp_verdict judge_content(const struct parts *parts, int64_t time_ms,
                                            const struct timestamp_question *question)
{
    if (!imprint_fits(parts->info, question->imprint))
        return TIMESTAMP_OTHER;
    if (!nonce_fits(parts->info, question->nonce))
        return TIMESTAMP_NONCE;
    if (!policy_fits(parts->info, question->policy))
        return TIMESTAMP_POLICY;
    if ((question->from_ms || question->until_ms) &&
        (time_ms < question->from_ms || time_ms > question->until_ms))
        return TIMESTAMP_CLOCK;
    return TIMESTAMP_OK;
}

/* Who signed it? */

/* OpenSSL's own check of the purpose lets further usages pass that it has no name for. */
static bool is_for_timestamps_only(const X509 *certificate)
{
    int critical;
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, NULL);
    bool only = usage && critical == 1 && sk_ASN1_OBJECT_num(usage) == 1 &&
                OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 0)) == NID_time_stamp;

    EXTENDED_KEY_USAGE_free(usage);
    return only;
}

/* Where the token names its authority, that is a name of the certificate (RFC 3161, 2.4.2). */
static bool is_named(TS_TST_INFO *info, const X509 *certificate)
{
    GENERAL_NAME *name = TS_TST_INFO_get_tsa(info);
    GENERAL_NAMES *others;
    bool named;

    if (!name)
        return true;
    named = name->type == GEN_DIRNAME &&
            X509_NAME_cmp(name->d.directoryName, X509_get_subject_name(certificate)) == 0;
    others = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; !named && i < sk_GENERAL_NAME_num(others); i++)
        named = GENERAL_NAME_cmp(name, sk_GENERAL_NAME_value(others, i)) == 0;
    GENERAL_NAMES_free(others);
    return named;
}

/* The token must say whose it is. What else of the chain it names may stand in the token, or be an
 * authority of ours. */
static bool names_certificates(const struct parts *parts, STACK_OF(X509) *chain)
{
    const ASN1_TYPE *v1 =
        signed_value(parts->signer, NID_id_smime_aa_signingCertificate, V_ASN1_SEQUENCE);
    const ASN1_TYPE *v2 =
        signed_value(parts->signer, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE);
    ESS_SIGNING_CERT *named = openssl_unpack(v1, ASN1_ITEM_rptr(ESS_SIGNING_CERT));
    ESS_SIGNING_CERT_V2 *named_v2 = openssl_unpack(v2, ASN1_ITEM_rptr(ESS_SIGNING_CERT_V2));
    STACK_OF(X509) *known = sk_X509_dup(parts->certificates);
    bool fits;

    for (int i = 0; known && i < sk_X509_num(chain); i++)
        if (!sk_X509_push(known, sk_X509_value(chain, i)))
            err_fatal("out of memory");
    fits = known && !v1 == !named && !v2 == !named_v2 &&
           OSSL_ESS_check_signing_certs(named, named_v2, known, 1) > 0;
    sk_X509_free(known);
    ESS_SIGNING_CERT_free(named);
    ESS_SIGNING_CERT_V2_free(named_v2);
    return fits;
}

static enum timestamp_verdict verdict_of(int error)
{
    switch (error) {
    case X509_V_OK:
        return TIMESTAMP_OK;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return TIMESTAMP_DATES;
    case X509_V_ERR_INVALID_PURPOSE:
        return TIMESTAMP_USAGE;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return TIMESTAMP_WEAK;
    default:
        return lists_are_why(error) ? TIMESTAMP_REVOKED : TIMESTAMP_FOREIGN;
    }
}

static enum timestamp_verdict judge_chain(const struct timestamp_trust *trust,
                                          const struct parts *parts, int64_t time_ms,
                                          bool recorded)
{
    struct lists_past past = {.then_ms = time_ms, .proven = recorded, .claimed = true};
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    enum timestamp_verdict verdict;

    if (!context ||
        !X509_STORE_CTX_init(context, trust->store, signer_of(parts), parts->certificates))
        err_fatal("out of memory");
    X509_STORE_CTX_set_time(context, 0, (time_t)(time_ms / 1000));
    X509_STORE_CTX_set_app_data(context, &past);
    verdict = X509_verify_cert(context) == 1 ? TIMESTAMP_OK
                                             : verdict_of(X509_STORE_CTX_get_error(context));
    if (verdict == TIMESTAMP_OK && !names_certificates(parts, X509_STORE_CTX_get0_chain(context)))
        verdict = TIMESTAMP_NO_CERTIFICATE;
    X509_STORE_CTX_free(context);
    return verdict;
}

static int judge_signer(const struct timestamp_trust *trust, const struct parts *parts,
                        int64_t time_ms, bool recorded, enum timestamp_verdict *verdict,
                        struct err *err)
{
    X509 *signer = signer_of(parts);
    enum cms_match match;

    *verdict = TIMESTAMP_WEAK;
    if (!strength_suffices(parts->signer, signer))
        return 0;
    *verdict = TIMESTAMP_USAGE;
    if (!is_for_timestamps_only(signer) || !is_named(parts->info, signer))
        return 0;
    if (cms_match(parts->signer, signer, &parts->content, 1, &match, err) < 0)
        return -1;
    *verdict = TIMESTAMP_FORGED;
    if (match == CMS_MATCH_FULL)
        *verdict = judge_chain(trust, parts, time_ms, recorded);
    return 0;
}

static int name_signer(const X509 *signer, struct timestamp *timestamp, struct err *err)
{
    if (!openssl_subject(signer, NID_commonName, timestamp->authority,
                         sizeof(timestamp->authority)))
        openssl_subject(signer, NID_organizationName, timestamp->authority,
                        sizeof(timestamp->authority));
    return openssl_fingerprint(signer, timestamp->fingerprint, err);
}

int timestamp_judge(const struct timestamp_trust *trust, struct bytes token,
                    const struct timestamp_question *question, enum timestamp_verdict *verdict,
                    struct timestamp *timestamp, struct err *err)
{
    struct parts parts = {0};
    int result = 0;

    *timestamp = (struct timestamp){0};
    *verdict = take_apart(token, &parts, &timestamp->time_ms);
    if (*verdict == TIMESTAMP_OK)
        *verdict = judge_content(&parts, timestamp->time_ms, question);
    if (*verdict == TIMESTAMP_OK && !cms_find_certificate(parts.signer, parts.certificates))
        *verdict = TIMESTAMP_NO_CERTIFICATE;
    if (*verdict == TIMESTAMP_OK)
        result = name_signer(signer_of(&parts), timestamp, err);
    if (*verdict == TIMESTAMP_OK && result == 0)
        result = judge_signer(trust, &parts, timestamp->time_ms, question->recorded, verdict,
                              err);
    parts_free(&parts);
    openssl_forget();
    return result;
}

/* Asking */

static int set_imprint(TS_REQ *request, const uint8_t imprint[TIMESTAMP_IMPRINT_SIZE])
{
    TS_MSG_IMPRINT *made = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    int set = made && algorithm &&
              X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) &&
              TS_MSG_IMPRINT_set_algo(made, algorithm) &&
              TS_MSG_IMPRINT_set_msg(made, (unsigned char *)(uintptr_t)imprint,
                                     TIMESTAMP_IMPRINT_SIZE) &&
              TS_REQ_set_msg_imprint(request, made);

    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(made);
    return set;
}

static int set_nonce(TS_REQ *request, struct bytes nonce)
{
    BIGNUM *number = BN_bin2bn(nonce.data, (int)nonce.size, NULL);
    ASN1_INTEGER *integer = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
    int set = integer && TS_REQ_set_nonce(request, integer);

    ASN1_INTEGER_free(integer);
    BN_free(number);
    return set;
}

static int set_policy(TS_REQ *request, const char *policy, struct err *err)
{
    ASN1_OBJECT *object;
    int set;

    if (!policy || !*policy)
        return 0;
    object = OBJ_txt2obj(policy, 1);
    if (!object)
        return openssl_err(err, ERR_CONFIG, "the policy of timestamps is no OID");
    set = TS_REQ_set_policy_id(request, object);
    ASN1_OBJECT_free(object);
    return set ? 0 : openssl_err(err, ERR_CRYPTO, "cannot ask for a timestamp");
}

static int encode_request(const TS_REQ *request, struct pool *pool, struct bytes *der,
                          struct err *err)
{
    int size = i2d_TS_REQ(request, NULL);
    uint8_t *out = pool_alloc(pool, size > 0 ? (size_t)size : 1);

    *der = (struct bytes){out, (size_t)size};
    if (size <= 0 || i2d_TS_REQ(request, &out) != size)
        return openssl_err(err, ERR_CRYPTO, "cannot ask for a timestamp");
    return 0;
}

int timestamp_ask(struct pool *pool, const struct timestamp_question *question, struct bytes *der,
                  struct err *err)
{
    TS_REQ *request = TS_REQ_new();
    int result = -1;

    if (!request || !TS_REQ_set_version(request, 1) ||
        !set_imprint(request, question->imprint) || !TS_REQ_set_cert_req(request, 1) ||
        (question->nonce.size > 0 && !set_nonce(request, question->nonce)))
        openssl_err(err, ERR_CRYPTO, "cannot ask for a timestamp");
    else if (set_policy(request, question->policy, err) == 0)
        result = encode_request(request, pool, der, err);
    TS_REQ_free(request);
    return result;
}

/* The next element, a SEQUENCE of definite length, with its head; `in` keeps what follows it. */
static bool take_sequence(struct bytes *in, struct bytes *whole, struct bytes *inside)
{
    const unsigned char *at = in->data;
    long length;
    int tag, class;

    if (in->size == 0 || in->size > TIMESTAMP_LIMIT ||
        ASN1_get_object(&at, &length, &tag, &class, (long)in->size) != V_ASN1_CONSTRUCTED ||
        tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL)
        return false;
    *inside = (struct bytes){at, (size_t)length};
    *whole = (struct bytes){in->data, (size_t)(at - in->data) + (size_t)length};
    *in = (struct bytes){in->data + whole->size, in->size - whole->size};
    return true;
}

static int check_status(struct bytes der, struct err *err)
{
    const unsigned char *end = der.data;
    TS_STATUS_INFO *info = d2i_TS_STATUS_INFO(NULL, &end, (long)der.size);
    const ASN1_INTEGER *number = info ? TS_STATUS_INFO_get0_status(info) : NULL;
    int64_t status = -1;
    int result = 0;

    if (!number || end != der.data + der.size || !ASN1_INTEGER_get_int64(&status, number))
        result = openssl_err(err, ERR_UNAVAILABLE, "the answer has no status");
    else if (status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS)
        result = err_set(err, ERR_UNAVAILABLE, (int)status, "the question was refused: status %lld",
                         (long long)status);
    TS_STATUS_INFO_free(info);
    return result;
}

/* The token's own bytes are what is kept: OpenSSL would write its parts anew. */
int timestamp_answer(struct bytes der, struct bytes *token, struct err *err)
{
    struct bytes whole, inside, status, rest;

    if (!take_sequence(&der, &whole, &inside) || der.size > 0 ||
        !take_sequence(&inside, &status, &rest))
        return err_set(err, ERR_UNAVAILABLE, 0, "the answer is no answer of a timestamp authority");
    if (check_status(status, err) < 0)
        return -1;
    if (!take_sequence(&inside, token, &rest) || inside.size > 0)
        return err_set(err, ERR_UNAVAILABLE, 0, "the answer has not one token");
    return 0;
}
