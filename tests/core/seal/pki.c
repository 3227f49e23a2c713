#include "tests/core/seal/pki.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "test PKI: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

EVP_PKEY *pki_rsa(unsigned bits)
{
    EVP_PKEY *key = EVP_RSA_gen(bits);

    must(key != NULL, "RSA key");
    return key;
}

EVP_PKEY *pki_ec_on(const char *curve)
{
    EVP_PKEY *key = EVP_EC_gen(curve);

    must(key != NULL, "EC key");
    return key;
}

EVP_PKEY *pki_ec(void)
{
    return pki_ec_on("P-256");
}

EVP_PKEY *pki_sm2(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");

    must(key != NULL, "SM2 key");
    return key;
}

EVP_PKEY *pki_pss(unsigned bits, const char *digest)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    const EVP_MD *hash = EVP_get_digestbyname(digest);
    EVP_PKEY *key = NULL;

    must(context && hash && EVP_PKEY_keygen_init(context) > 0 &&
             EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits) > 0 &&
             EVP_PKEY_CTX_set_rsa_pss_keygen_md(context, hash) > 0 &&
             EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(context, hash) > 0 &&
             EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(context, EVP_MD_get_size(hash)) > 0 &&
             EVP_PKEY_generate(context, &key) > 0,
         "RSA-PSS key");
    EVP_PKEY_CTX_free(context);
    return key;
}

EVP_MD_CTX *pki_signing(EVP_PKEY *key, const char *digest)
{
    bool sm2 = EVP_PKEY_is_a(key, "SM2") == 1;
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters;

    must(signer && EVP_DigestSignInit_ex(signer, &parameters, digest ? digest : sm2 ? "SM3" : "SHA256",
                                         NULL, NULL, key, NULL) == 1,
         "signer");
    if (sm2)
        must(EVP_PKEY_CTX_set1_id(parameters, "1234567812345678", 16) > 0, "identity of SM2");
    return signer;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509_EXTENSION *extension;
    X509V3_CTX context;

    if (!value)
        return;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension && X509_add_ext(certificate, extension, -1), value);
    X509_EXTENSION_free(extension);
}

/* An extension that OpenSSL does not know: a UTF8String in the OCTET STRING. */
static void add_text_extension(X509 *certificate, const char *oid, const char *text)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_UTF8STRING *string = ASN1_UTF8STRING_new();
    ASN1_OCTET_STRING *content = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;

    must(object && string && content && ASN1_STRING_set(string, text, -1), oid);
    content->length = i2d_ASN1_UTF8STRING(string, &content->data);
    must(X509_EXTENSION_create_by_OBJ(&extension, object, 0, content) != NULL, oid);
    must(X509_add_ext(certificate, extension, -1), oid);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(content);
    ASN1_UTF8STRING_free(string);
    ASN1_OBJECT_free(object);
}

static void add_responder(X509 *certificate, const char *url)
{
    char value[512];

    snprintf(value, sizeof(value), "OCSP;URI:%s", url);
    add_extension(certificate, NULL, NID_info_access, value);
}

static void add_attribute(X509_NAME *name, const char *field, const char *value, bool together)
{
    if (field && value)
        must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value,
                                        -1, -1, together ? -1 : 0),
             field);
}

static void add_extensions(const struct pki_spec *spec, X509 *certificate, X509 *issuer)
{
    const char *constraints = spec->authority ? "critical,CA:TRUE" : "CA:FALSE";

    add_extension(certificate, issuer, NID_basic_constraints,
                  spec->constraints ? spec->constraints : constraints);
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    if (!spec->nameless_issuer)
        add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    add_extension(certificate, issuer, NID_key_usage, spec->usage);
    add_extension(certificate, issuer, NID_ext_key_usage, spec->extended);
    add_extension(certificate, issuer, NID_crl_distribution_points, spec->points);
    add_extension(certificate, issuer, NID_id_pkix_OCSP_noCheck, spec->unchecked ? "ignored" : NULL);
    if (spec->responder)
        add_responder(certificate, spec->responder);
    if (spec->extension)
        add_text_extension(certificate, spec->extension, spec->text);
    if (spec->text_2)
        add_text_extension(certificate, spec->extension, spec->text_2);
}

struct pki pki_make(const struct pki_spec *spec, EVP_PKEY *key, const struct pki *issuer)
{
    struct pki pki = {key, X509_new()};
    X509 *signer = issuer ? issuer->certificate : pki.certificate;
    EVP_MD_CTX *signing = pki_signing(issuer ? issuer->key : key, spec->digest);
    X509_NAME *subject;

    must(pki.certificate && X509_set_version(pki.certificate, X509_VERSION_3) &&
             ASN1_INTEGER_set(X509_get_serialNumber(pki.certificate), spec->serial) &&
             ASN1_TIME_set(X509_getm_notBefore(pki.certificate), spec->from) &&
             ASN1_TIME_set(X509_getm_notAfter(pki.certificate), spec->until) &&
             X509_set_pubkey(pki.certificate, key),
         "certificate");
    subject = X509_get_subject_name(pki.certificate);
    add_attribute(subject, "CN", spec->name, false);
    add_attribute(subject, spec->field, spec->value, spec->together);
    add_attribute(subject, spec->field, spec->value_2, spec->together);
    must(X509_set_issuer_name(pki.certificate, X509_get_subject_name(signer)), "issuer");
    add_extensions(spec, pki.certificate, signer);
    must(X509_sign_ctx(pki.certificate, signing) > 0, "signature");
    EVP_MD_CTX_free(signing);
    return pki;
}

void pki_free(struct pki *pki)
{
    EVP_PKEY_free(pki->key);
    X509_free(pki->certificate);
    *pki = (struct pki){NULL, NULL};
}

static void give_reason(X509_REVOKED *entry, int reason)
{
    ASN1_ENUMERATED *value = ASN1_ENUMERATED_new();

    must(value && ASN1_ENUMERATED_set(value, reason) &&
             X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value, 0, 0) == 1,
         "reason of a revocation");
    ASN1_ENUMERATED_free(value);
}

static void revoke(X509_CRL *crl, long serial, int64_t when, int reason)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *date = ASN1_TIME_set(NULL, when);

    must(entry && number && date && ASN1_INTEGER_set(number, serial) &&
             X509_REVOKED_set_serialNumber(entry, number) &&
             X509_REVOKED_set_revocationDate(entry, date) && X509_CRL_add0_revoked(crl, entry),
         "revocation");
    if (reason >= 0)
        give_reason(entry, reason);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(date);
}

X509_CRL *pki_crl(const struct pki *authority, int64_t from, int64_t until, long revoked)
{
    return pki_crl_for(authority, from, until, revoked, -1);
}

X509_CRL *pki_crl_for(const struct pki *authority, int64_t from, int64_t until, long revoked,
                      int reason)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *last = ASN1_TIME_set(NULL, from), *next = ASN1_TIME_set(NULL, until);
    EVP_MD_CTX *signing = pki_signing(authority->key, NULL);

    must(crl && last && next && X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
             X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority->certificate)) &&
             X509_CRL_set1_lastUpdate(crl, last) && X509_CRL_set1_nextUpdate(crl, next),
         "revocation list");
    if (revoked)
        revoke(crl, revoked, from, reason);
    must(X509_CRL_sort(crl) && X509_CRL_sign_ctx(crl, signing) > 0,
         "signature of a revocation list");
    EVP_MD_CTX_free(signing);
    ASN1_TIME_free(last);
    ASN1_TIME_free(next);
    return crl;
}

static FILE *create(const char *path)
{
    FILE *file = fopen(path, "w");

    must(file != NULL, path);
    return file;
}

void pki_write_certificates(const char *path, const X509 *first, ...)
{
    FILE *file = create(path);
    va_list args;

    va_start(args, first);
    for (const X509 *next = first; next; next = va_arg(args, const X509 *))
        must(PEM_write_X509(file, next), path);
    va_end(args);
    must(fclose(file) == 0, path);
}

void pki_write_crls(const char *path, const X509_CRL *first, ...)
{
    FILE *file = create(path);
    va_list args;

    va_start(args, first);
    for (const X509_CRL *next = first; next; next = va_arg(args, const X509_CRL *))
        must(PEM_write_X509_CRL(file, next), path);
    va_end(args);
    must(fclose(file) == 0, path);
}

void pki_write_key(const char *path, const EVP_PKEY *key)
{
    FILE *file = create(path);

    must(PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), path);
    must(fclose(file) == 0 && chmod(path, 0600) == 0, path);
}
