#include "tests/core/seal/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>

#include "base/pool.h"

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "test answer: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

static void add_nonce(OCSP_BASICRESP *basic, const struct answer_spec *spec, OCSP_REQUEST *question)
{
    unsigned char other[32] = {7};

    if (spec->nonce == NONCE_SAME)
        must(OCSP_copy_nonce(basic, question) > 0, "nonce");
    else if (spec->nonce == NONCE_OTHER)
        must(OCSP_basic_add1_nonce(basic, other, sizeof(other)), "nonce");
}

static void add_critical(OCSP_BASICRESP *basic)
{
    ASN1_OBJECT *object = OBJ_txt2obj("1.2.3.4.5", 1);
    ASN1_OCTET_STRING *content = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension;

    must(object && content && ASN1_OCTET_STRING_set(content, (const unsigned char *)"\5", 2),
         "extension");
    extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, content);
    must(extension && OCSP_BASICRESP_add_ext(basic, extension, -1), "extension");
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(content);
    ASN1_OBJECT_free(object);
}

static void add_status(OCSP_BASICRESP *basic, const struct answer_spec *spec)
{
    OCSP_CERTID *id =
        OCSP_cert_to_id(EVP_sha1(), spec->asked->certificate, spec->issuer->certificate);
    ASN1_TIME *this_update = ASN1_TIME_set(NULL, spec->this_update);
    ASN1_TIME *next_update = spec->next_update ? ASN1_TIME_set(NULL, spec->next_update) : NULL;
    bool revoked = spec->status == V_OCSP_CERTSTATUS_REVOKED;

    must(id && this_update &&
             OCSP_basic_add1_status(basic, id, spec->status,
                                    revoked ? OCSP_REVOKED_STATUS_KEYCOMPROMISE : 0,
                                    revoked ? this_update : NULL, this_update, next_update),
         "status");
    OCSP_CERTID_free(id);
    ASN1_TIME_free(this_update);
    ASN1_TIME_free(next_update);
}

static void sign(OCSP_BASICRESP *basic, const struct answer_spec *spec)
{
    unsigned long flags = (spec->by_key ? OCSP_RESPID_KEY : 0) | (spec->bare ? OCSP_NOCERTS : 0);
    EVP_MD_CTX *signing = pki_signing(spec->signer->key, spec->digest);

    must(OCSP_basic_sign_ctx(basic, spec->signer->certificate, signing, NULL,
                             flags | OCSP_NOTIME) == 1,
         "signature");
    EVP_MD_CTX_free(signing);
}

struct bytes answer_encode(struct pool *pool, const struct answer_spec *spec, OCSP_REQUEST *question)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_RESPONSE *response;
    unsigned char *out = NULL;
    struct bytes der;
    int size;

    must(basic != NULL, "answer");
    add_status(basic, spec);
    add_nonce(basic, spec, question);
    if (spec->critical)
        add_critical(basic);
    sign(basic, spec);
    response = OCSP_response_create(spec->response_status,
                                    spec->response_status ? NULL : basic);
    size = i2d_OCSP_RESPONSE(response, &out);
    must(size > 0, "encoding");
    der = (struct bytes){pool_copy(pool, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    return der;
}
