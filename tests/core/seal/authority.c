#include "tests/core/seal/authority.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/pool.h"
#include "tests/core/seal/signature.h"

#define POLICY "1.2.3.4.1"

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "test authority: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

static void put_imprint(TS_TST_INFO *info, const struct timestamp_question *question,
                        const struct authority_mistake *mistake)
{
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    const char *name = mistake->imprint_name ? mistake->imprint_name : "SHA256";
    uint8_t digest[TIMESTAMP_IMPRINT_SIZE];

    memcpy(digest, question->imprint, sizeof(digest));
    digest[0] ^= mistake->other_imprint;
    must(X509_ALGOR_set0(algorithm, OBJ_txt2obj(name, 0), V_ASN1_NULL, NULL) &&
             TS_MSG_IMPRINT_set_algo(imprint, algorithm) &&
             TS_MSG_IMPRINT_set_msg(imprint, digest, sizeof(digest)) &&
             TS_TST_INFO_set_msg_imprint(info, imprint),
         "imprint");
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
}

static void put_time(TS_TST_INFO *info, const struct authority_mistake *mistake)
{
    ASN1_GENERALIZEDTIME *made =
        ASN1_GENERALIZEDTIME_set(NULL, mistake->time_s ? mistake->time_s : time(NULL));

    must(made != NULL, "time");
    if (mistake->time)
        must(ASN1_STRING_set(made, mistake->time, -1), "time");
    must(TS_TST_INFO_set_time(info, made), "time");
    ASN1_GENERALIZEDTIME_free(made);
}

static ASN1_INTEGER *integer(struct bytes number)
{
    BIGNUM *big = BN_bin2bn(number.data, (int)number.size, NULL);
    ASN1_INTEGER *made = BN_to_ASN1_INTEGER(big, NULL);

    must(made != NULL, "number");
    BN_free(big);
    return made;
}

static void put_numbers(TS_TST_INFO *info, const struct timestamp_question *question,
                        const struct authority_mistake *mistake)
{
    ASN1_INTEGER *serial = integer((struct bytes){(const uint8_t *)"serial", 6});
    ASN1_INTEGER *nonce = integer(question->nonce);

    must(TS_TST_INFO_set_serial(info, serial), "serial number");
    if (!mistake->no_nonce && question->nonce.size > 0)
        must(TS_TST_INFO_set_nonce(info, mistake->other_nonce ? serial : nonce), "nonce");
    ASN1_INTEGER_free(serial);
    ASN1_INTEGER_free(nonce);
}

/* A critical extension that nobody knows. */
static void put_extension(TS_TST_INFO *info)
{
    ASN1_OBJECT *object = OBJ_txt2obj("1.2.3.4.99", 1);
    ASN1_OCTET_STRING *content = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;

    must(ASN1_OCTET_STRING_set(content, (const uint8_t *)"\5\0", 2) &&
             X509_EXTENSION_create_by_OBJ(&extension, object, 1, content) &&
             TS_TST_INFO_add_ext(info, extension, -1),
         "extension");
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(content);
    ASN1_OBJECT_free(object);
}

static void put_name(TS_TST_INFO *info, const X509 *certificate)
{
    GENERAL_NAME *name = GENERAL_NAME_new();

    name->type = GEN_DIRNAME;
    name->d.directoryName = X509_NAME_dup(X509_get_subject_name(certificate));
    must(TS_TST_INFO_set_tsa(info, name), "name");
    GENERAL_NAME_free(name);
}

static struct bytes info_make(struct pool *pool, const struct timestamp_question *question,
                              const struct authority_mistake *mistake)
{
    TS_TST_INFO *info = TS_TST_INFO_new();
    ASN1_OBJECT *policy = OBJ_txt2obj(mistake->policy ? mistake->policy : POLICY, 1);
    uint8_t *out = NULL;
    struct bytes der;

    must(TS_TST_INFO_set_version(info, mistake->version ? mistake->version : 1) &&
             TS_TST_INFO_set_policy_id(info, policy),
         "content");
    put_imprint(info, question, mistake);
    put_time(info, mistake);
    put_numbers(info, question, mistake);
    if (mistake->extension)
        put_extension(info);
    if (mistake->tsa)
        put_name(info, mistake->tsa);
    der.size = (size_t)i2d_TS_TST_INFO(info, &out);
    der.data = pool_copy(pool, pool_printf(pool, "%*s", (int)der.size, ""), der.size + 1);
    memcpy((uint8_t *)(uintptr_t)der.data, out, der.size);
    der.size += mistake->trailing;
    OPENSSL_free(out);
    ASN1_OBJECT_free(policy);
    TS_TST_INFO_free(info);
    return der;
}

static void put_attribute(CMS_SignerInfo *signer, int nid, uint8_t *der, int size)
{
    must(size > 0 && CMS_signed_add1_attr_by_NID(signer, nid, V_ASN1_SEQUENCE, der, size),
         "attribute");
    OPENSSL_free(der);
}

static void name_certificate(CMS_SignerInfo *signer, bool old_name, X509 *certificate)
{
    uint8_t *out = NULL;

    if (old_name) {
        ESS_SIGNING_CERT *old = OSSL_ESS_signing_cert_new_init(certificate, NULL, 0);
        int size = i2d_ESS_SIGNING_CERT(old, &out);

        put_attribute(signer, NID_id_smime_aa_signingCertificate, out, size);
        ESS_SIGNING_CERT_free(old);
    } else {
        ESS_SIGNING_CERT_V2 *named =
            OSSL_ESS_signing_cert_v2_new_init(EVP_sha256(), certificate, NULL, 0);
        int size = i2d_ESS_SIGNING_CERT_V2(named, &out);

        put_attribute(signer, NID_id_smime_aa_signingCertificateV2, out, size);
        ESS_SIGNING_CERT_V2_free(named);
    }
}

static CMS_SignerInfo *add_signer(CMS_ContentInfo *cms, const struct pki *pki,
                                  const struct authority_mistake *mistake)
{
    const EVP_MD *digest = EVP_get_digestbyname(mistake->digest ? mistake->digest : "SHA256");
    unsigned flags = CMS_PARTIAL | CMS_NOSMIMECAP | (mistake->no_attributes ? CMS_NOATTR : 0) |
                     (mistake->no_certificates ? CMS_NOCERTS : 0);
    CMS_SignerInfo *signer = CMS_add1_signer(cms, pki->certificate, pki->key, digest, flags);

    must(signer != NULL, "signer");
    if (!mistake->no_name && !mistake->no_attributes)
        name_certificate(signer, mistake->old_name,
                         mistake->named ? (X509 *)(uintptr_t)mistake->named : pki->certificate);
    if (mistake->named_too)
        name_certificate(signer, true, (X509 *)(uintptr_t)mistake->named_too);
    return signer;
}

static void spoil(CMS_ContentInfo *cms, CMS_SignerInfo *signer,
                  const struct authority_mistake *mistake)
{
    ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(signer);
    ASN1_OCTET_STRING **content = CMS_get0_content(cms);

    if (mistake->spoilt_value) /* in the last number of an ECDSA signature */
        ((uint8_t *)(uintptr_t)ASN1_STRING_get0_data(value))[ASN1_STRING_length(value) - 1] ^= 1;
    if (mistake->spoilt_content) {
        uint8_t *at = memmem(ASN1_STRING_get0_data(*content),
                             (size_t)ASN1_STRING_length(*content), "serial", 6);

        must(at != NULL, "serial number");
        at[0] ^= 1;
    }
    if (mistake->unsigned_attribute)
        must(CMS_unsigned_add1_attr_by_NID(signer, NID_pkcs9_unstructuredName, V_ASN1_UTF8STRING,
                                           "x", 1),
             "attribute");
}

struct bytes authority_token(struct pool *pool, const struct pki *signer,
                             const struct timestamp_question *question,
                             const struct authority_mistake *mistake)
{
    struct bytes content =
        mistake->content.data ? mistake->content : info_make(pool, question, mistake);
    CMS_ContentInfo *cms = signature_begin(!mistake->detached);
    BIO *bio = BIO_new_mem_buf(content.data, (int)content.size);
    ASN1_OBJECT *type = mistake->content_type ? OBJ_txt2obj(mistake->content_type, 1)
                                              : OBJ_nid2obj(NID_id_smime_ct_TSTInfo);
    const struct pki *first = mistake->signer ? mistake->signer : signer;
    CMS_SignerInfo *made;

    must(CMS_set1_eContentType(cms, type), "content type");
    made = add_signer(cms, first, mistake);
    if (mistake->second)
        add_signer(cms, mistake->second, mistake);
    if (mistake->extra)
        must(CMS_add1_cert(cms, (X509 *)(uintptr_t)mistake->extra), "certificate");
    for (int i = 0; i < mistake->others; i++) {
        struct pki_spec spec = {.name = "copy", .until = 1, .serial = 100 + i};
        struct pki copy = pki_make(&spec, pki_ec(), NULL);

        must(CMS_add1_cert(cms, copy.certificate), "certificate");
        pki_free(&copy);
    }
    must(CMS_final(cms, bio, NULL, CMS_BINARY) == 1, "value");
    spoil(cms, made, mistake);
    BIO_free(bio);
    ASN1_OBJECT_free(type);
    return signature_encode(pool, cms);
}

struct bytes authority_answer(struct pool *pool, int status, struct bytes token)
{
    const uint8_t info[] = {0x30, 3, 2, 1, (uint8_t)status};
    int inside = (int)(sizeof(info) + token.size);
    size_t size = (size_t)ASN1_object_size(1, inside, V_ASN1_SEQUENCE);
    uint8_t *out = pool_alloc(pool, size + 1), *at = out;

    ASN1_put_object(&at, 1, inside, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    memcpy(at, info, sizeof(info));
    if (token.size > 0)
        memcpy(at + sizeof(info), token.data, token.size);
    return (struct bytes){out, size};
}

size_t authority_reply(void *context, const void *request, size_t size, void *out, size_t room)
{
    const struct authority *authority = context;
    struct timestamp_question question = {.nonce = {NULL, 0}};
    const unsigned char *end = request;
    TS_REQ *read = d2i_TS_REQ(NULL, &end, (long)size);
    const ASN1_OCTET_STRING *digest;
    struct bytes token, answer;

    usleep(authority->slow_ms * 1000);
    pool_reset(authority->pool);
    must(read && TS_REQ_get_nonce(read), "question");
    digest = TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(read));
    must(ASN1_STRING_length(digest) == TIMESTAMP_IMPRINT_SIZE, "imprint");
    memcpy(question.imprint, ASN1_STRING_get0_data(digest), TIMESTAMP_IMPRINT_SIZE);
    question.nonce = (struct bytes){ASN1_STRING_get0_data(TS_REQ_get_nonce(read)),
                                    (size_t)ASN1_STRING_length(TS_REQ_get_nonce(read))};
    token = authority_token(authority->pool, authority->signer, &question, &authority->mistake);
    TS_REQ_free(read);
    answer = authority_answer(authority->pool, authority->status,
                              authority->status < 2 ? token : (struct bytes){NULL, 0});
    answer.size -= authority->cut ? answer.size / 2 : 0;
    must(answer.size <= room, "room");
    memcpy(out, answer.data, answer.size);
    return answer.size;
}

static ASN1_INTEGER *next_serial(TS_RESP_CTX *context, void *data)
{
    (void)context;
    (void)data;
    return integer((struct bytes){(const uint8_t *)"openssl", 7});
}

struct bytes authority_openssl(struct pool *pool, const struct pki *signer, X509 *issuer,
                               struct bytes request)
{
    TS_RESP_CTX *context = TS_RESP_CTX_new();
    STACK_OF(X509) *chain = sk_X509_new_null();
    BIO *bio = BIO_new_mem_buf(request.data, (int)request.size);
    ASN1_OBJECT *policy = OBJ_txt2obj(POLICY, 1);
    TS_RESP *answer;
    uint8_t *out = NULL;
    struct bytes der;

    must(sk_X509_push(chain, issuer) && TS_RESP_CTX_set_signer_cert(context, signer->certificate) &&
             TS_RESP_CTX_set_signer_key(context, signer->key) &&
             TS_RESP_CTX_set_signer_digest(context, EVP_sha256()) &&
             TS_RESP_CTX_set_def_policy(context, policy) &&
             TS_RESP_CTX_set_certs(context, chain) && TS_RESP_CTX_add_md(context, EVP_sha256()),
         "authority");
    TS_RESP_CTX_add_flags(context, TS_TSA_NAME | TS_ESS_CERT_ID_CHAIN);
    TS_RESP_CTX_set_serial_cb(context, next_serial, NULL);
    answer = TS_RESP_create_response(context, bio);
    must(answer != NULL, "answer");
    der.size = (size_t)i2d_TS_RESP(answer, &out);
    der.data = pool_copy(pool, out, der.size);
    OPENSSL_free(out);
    TS_RESP_free(answer);
    ASN1_OBJECT_free(policy);
    BIO_free(bio);
    sk_X509_free(chain);
    TS_RESP_CTX_free(context);
    return der;
}
