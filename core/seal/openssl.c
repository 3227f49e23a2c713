#include "core/seal/openssl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/pool.h"
#include "core/seal/public_keys.h"

enum { DECODED_LAST = 8 };

int openssl_err_at(struct err *err, enum err_kind kind, const char *file, int line,
                   const char *format, ...)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    char context[256];
    va_list args;

    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    ERR_clear_error();
    return err_set_at(err, kind, code ? ERR_GET_REASON(code) : 0, file, line, "%s%s%s", context,
                      code ? ": " : "", !code ? "" : reason ? reason : "unknown reason");
}

void openssl_forget(void)
{
    ERR_clear_error();
}

static FILE *open_pem(const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");

    if (!file)
        err_set(err, ERR_CONFIG, errno, "cannot open %s: %s", path, strerror(errno));
    ERR_clear_error();
    return file;
}

/* After the last block of a PEM file the reader stopped because there is no further one, and
 * not because the next is broken. */
static int check_end(const char *path, int count, int limit, const char *what, struct err *err)
{
    if (count > limit)
        return err_set(err, ERR_CONFIG, 0, "%s holds more than %d %ss", path, limit, what);
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return openssl_err(err, ERR_CONFIG, "a %s in %s is broken", what, path);
    if (count == 0)
        return openssl_err(err, ERR_CONFIG, "no PEM %s in %s", what, path);
    ERR_clear_error();
    return 0;
}

/* The identity goes into what SM2 verifies; any other algorithm would stumble over it. */
void openssl_name_sm2(X509 *certificate)
{
    ASN1_OCTET_STRING *identity;

    if (X509_get_signature_nid(certificate) != NID_SM2_with_SM3)
        return;
    identity = ASN1_OCTET_STRING_new();
    if (!identity || !ASN1_OCTET_STRING_set(identity, (const unsigned char *)OPENSSL_SM2_ID,
                                            (int)strlen(OPENSSL_SM2_ID)))
        err_fatal("out of memory");
    X509_set0_distinguishing_id(certificate, identity);
}

int openssl_read_certificates(const char *path, int limit, STACK_OF(X509) **certificates,
                              struct err *err)
{
    FILE *file = open_pem(path, err);
    STACK_OF(X509) *list = sk_X509_new_null();
    X509 *next;
    int result = -1;

    if (!list)
        err_fatal("out of memory");
    if (!file)
        goto out;
    while (sk_X509_num(list) <= limit &&
           (next = PEM_read_X509(file, NULL, openssl_no_password, NULL)) != NULL) {
        openssl_name_sm2(next);
        if (sk_X509_push(list, next) <= 0)
            err_fatal("out of memory");
    }
    result = check_end(path, sk_X509_num(list), limit, "certificate", err);
out:
    if (file)
        fclose(file);
    if (result == 0)
        *certificates = list;
    else
        sk_X509_pop_free(list, X509_free);
    return result;
}

int openssl_read_crls(const char *path, int limit, STACK_OF(X509_CRL) **crls, struct err *err)
{
    FILE *file = open_pem(path, err);
    STACK_OF(X509_CRL) *list = sk_X509_CRL_new_null();
    X509_CRL *next;
    int result = -1;

    if (!list)
        err_fatal("out of memory");
    if (!file)
        goto out;
    while (sk_X509_CRL_num(list) <= limit &&
           (next = PEM_read_X509_CRL(file, NULL, openssl_no_password, NULL)) != NULL)
        if (sk_X509_CRL_push(list, next) <= 0)
            err_fatal("out of memory");
    result = check_end(path, sk_X509_CRL_num(list), limit, "revocation list", err);
out:
    if (file)
        fclose(file);
    if (result == 0)
        *crls = list;
    else
        sk_X509_CRL_pop_free(list, X509_CRL_free);
    return result;
}

static X509 *decode_certificate(struct bytes der)
{
    const unsigned char *end = der.data;
    X509 *certificate = (X509 *)ASN1_item_d2i_ex(NULL, &end, (long)der.size, ASN1_ITEM_rptr(X509),
                                                 public_keys_context(), NULL);

    if (certificate && end != der.data + der.size) {
        X509_free(certificate);
        return NULL;
    }
    if (certificate)
        openssl_name_sm2(certificate);
    return certificate;
}

/* To find the decoder of a key costs more than to verify by it, and a request needs the same few
 * certificates again and again: to ask about them, to judge them, to verify by them. */
static struct decoded {
    struct bytes der;
    X509 *certificate;
} decoded_last[DECODED_LAST];

static void remember(struct bytes der, X509 *certificate)
{
    static size_t next;
    struct decoded *place = &decoded_last[next];
    uint8_t *copy = malloc(der.size);

    if (!copy || !X509_up_ref(certificate))
        err_fatal("out of memory");
    memcpy(copy, der.data, der.size);
    free((void *)place->der.data);
    X509_free(place->certificate);
    *place = (struct decoded){{copy, der.size}, certificate};
    next = (next + 1) % DECODED_LAST;
}

X509 *openssl_decode_certificate(struct bytes der)
{
    X509 *certificate;

    if (der.size == 0 || der.size > OPENSSL_DER_LIMIT)
        return NULL;
    for (size_t i = 0; i < DECODED_LAST; i++) {
        struct decoded *known = &decoded_last[i];
        if (known->certificate && known->der.size == der.size &&
            memcmp(known->der.data, der.data, der.size) == 0 && X509_up_ref(known->certificate))
            return known->certificate;
    }
    certificate = decode_certificate(der);
    if (certificate)
        remember(der, certificate);
    return certificate;
}

bool openssl_signed_by(const ASN1_ITEM *item, const void *value, const X509_ALGOR *algorithm,
                       const ASN1_BIT_STRING *signature, EVP_PKEY *key, int *digest)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    bool by = context && parameters;

    if (by && EVP_PKEY_is_a(key, "SM2"))
        by = EVP_PKEY_CTX_set1_id(parameters, OPENSSL_SM2_ID, strlen(OPENSSL_SM2_ID)) > 0;
    if (by) {
        EVP_MD_CTX_set_pkey_ctx(context, parameters);
        by = ASN1_item_verify_ctx(item, algorithm, signature, value, context) == 1;
    }
    if (by && digest)
        *digest = EVP_MD_get_type(EVP_MD_CTX_get0_md(context));
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(parameters);
    ERR_clear_error();
    return by;
}

/* The inside of a SEQUENCE's first member, which is a SEQUENCE as well. */
static X509_CRL_INFO *inside_of(const unsigned char *der, long size)
{
    int tag, class;
    long length;

    if (ASN1_get_object(&der, &length, &tag, &class, size) != V_ASN1_CONSTRUCTED ||
        tag != V_ASN1_SEQUENCE)
        return NULL;
    return d2i_X509_CRL_INFO(NULL, &der, length);
}

bool openssl_crl_signed_by(const X509_CRL *crl, EVP_PKEY *key, int *digest)
{
    unsigned char *der = NULL;
    int size = i2d_X509_CRL(crl, &der);
    X509_CRL_INFO *info = size > 0 ? inside_of(der, size) : NULL;
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *algorithm;
    bool by;

    X509_CRL_get0_signature(crl, &signature, &algorithm);
    by = info && openssl_signed_by(ASN1_ITEM_rptr(X509_CRL_INFO), info, algorithm, signature, key,
                                   digest);
    X509_CRL_INFO_free(info);
    OPENSSL_free(der);
    ERR_clear_error();
    return by;
}

bool openssl_is_strong(int digest)
{
    return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512 ||
           digest == NID_sm3;
}

int openssl_no_password(char *buffer, int size, int writing, void *user)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

static bool is_among(const char *name, const char *const labels[])
{
    while (*labels && strcmp(name, *labels) != 0)
        labels++;
    return *labels != NULL;
}

bool openssl_decode_pem(struct pool *pool, struct bytes text, const char *const labels[],
                        struct bytes *der)
{
    bool begins = text.size > 11 && memcmp(text.data, "-----BEGIN ", 11) == 0;
    BIO *bio = begins ? BIO_new_mem_buf(text.data, (int)text.size) : NULL;
    char *name = NULL, *header = NULL, rest;
    unsigned char *data = NULL;
    long size = 0;
    bool decoded = bio && PEM_read_bio(bio, &name, &header, &data, &size) &&
                   is_among(name, labels) && *header == '\0' && size > 0 &&
                   BIO_read(bio, &rest, 1) <= 0;

    if (decoded)
        *der = (struct bytes){pool_copy(pool, data, (size_t)size), (size_t)size};
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    BIO_free(bio);
    ERR_clear_error();
    return decoded;
}

int openssl_time_ms(const ASN1_TIME *time, int64_t *ms)
{
    struct tm parts = {0};

    if (!time || !ASN1_TIME_to_tm(time, &parts))
        return -1;
    *ms = (int64_t)timegm(&parts) * 1000;
    return 0;
}

int openssl_fingerprint(const X509 *certificate, char out[65], struct err *err)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size;

    if (!X509_digest(certificate, EVP_sha256(), digest, &size) || size != 32)
        return openssl_err(err, ERR_CRYPTO, "cannot hash a certificate");
    hex_encode(digest, size, out);
    return 0;
}

bool openssl_serial(const X509 *certificate, char *out, size_t size)
{
    BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *hex = serial ? BN_bn2hex(serial) : NULL;
    bool told = hex && text_copy(out, size, hex);

    if (!told)
        out[0] = '\0';
    OPENSSL_free(hex);
    BN_free(serial);
    return told;
}

bool openssl_subject(const X509 *certificate, int nid, char *out, size_t size)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, nid, -1);
    const X509_NAME_ENTRY *entry = at < 0 ? NULL : X509_NAME_get_entry(subject, at);
    unsigned char *utf8 = NULL;
    int length = entry ? ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry)) : -1;
    const char *text = (const char *)utf8;
    bool told = length > 0 && strlen(text) == (size_t)length && !utf8_has_control(text) &&
                text_copy(out, size, text);

    if (!told)
        out[0] = '\0';
    OPENSSL_free(utf8);
    return told;
}

int openssl_curve(const EVP_PKEY *key)
{
    char curve[32];


    if ((!EVP_PKEY_is_a(key, "EC") && !EVP_PKEY_is_a(key, "SM2")) ||
        !EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL))
        return NID_undef;
    return OBJ_txt2nid(curve);
}

void *openssl_unpack(const ASN1_TYPE *value, const ASN1_ITEM *item)
{
    return value ? ASN1_item_unpack(value->value.sequence, item) : NULL;
}
