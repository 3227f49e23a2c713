#include "core/seal/trust.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/seal/firmcode.h"
#include "core/seal/lists.h"
#include "core/seal/openssl.h"
#include "core/seal/percent.h"

enum {
    AUTHORITIES_LIMIT = 256,
    REVOCATIONS_LIMIT = 256,
    ESCAPED_LIMIT = 4 * OPENSSL_DER_LIMIT, /* base64 by 4/3, and some of it by three characters */
    STRENGTH = 2 /* OpenSSL's level of 112 bits: RSA from 2048, digests beyond SHA-1 */
};

struct trust {
    struct pool *pool;
    STACK_OF(X509) *authorities;
    const char *revocations; /* "" for none */
    bool revocations_required;
    int chain_limit;
    enum trust_ocsp ocsp;
    struct responders *responders;
    struct lists_stamp stamp;
    struct firmcode *codes;
    X509_STORE *store;
};

/* What OpenSSL is to check, and what must be among the bits of keyUsage. */
static const struct {
    int purpose;
    uint32_t usage;
} purposes[] = {
    [TRUST_LOGIN] = {X509_PURPOSE_SSL_CLIENT, KU_DIGITAL_SIGNATURE},
    [TRUST_STAFF] = {X509_PURPOSE_SSL_CLIENT, KU_DIGITAL_SIGNATURE},
    [TRUST_FORM] = {X509_PURPOSE_ANY, KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION},
    [TRUST_SIGNED] = {X509_PURPOSE_ANY, KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION},
    [TRUST_SIGNED_PROVEN] = {X509_PURPOSE_ANY, KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION},
};

/* Of extendedKeyUsage, where OpenSSL has no purpose for what we want. The last two sign documents,
 * by RFC 9336 and by Microsoft. */
static const char *const form_usages[] = {
    "2.5.29.37.0",        "1.3.6.1.5.5.7.3.2",       "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12",
};

static const char *const verdict_names[] = {
    [TRUST_OK] = "ok",
    [TRUST_NONE] = "none",
    [TRUST_BROKEN] = "broken",
    [TRUST_SELF_SIGNED] = "self_signed",
    [TRUST_FOREIGN] = "foreign",
    [TRUST_CHAIN] = "chain",
    [TRUST_NOT_YET] = "not_yet",
    [TRUST_EXPIRED] = "expired",
    [TRUST_REVOKED] = "revoked",
    [TRUST_NO_CRL] = "no_crl",
    [TRUST_NO_OCSP] = "no_ocsp",
    [TRUST_USAGE] = "usage",
    [TRUST_WEAK] = "weak",
    [TRUST_DIGEST] = "digest",
    [TRUST_NO_CODE] = "no_code",
    [TRUST_CODES] = "codes",
};

const char *trust_verdict_name(enum trust_verdict verdict)
{
    if ((size_t)verdict >= sizeof(verdict_names) / sizeof(*verdict_names))
        return "unknown";
    return verdict_names[verdict];
}

/* What OpenSSL says, in our words. Whatever is not here means that the chain is not ours. */
static const struct {
    int error;
    enum trust_verdict verdict;
} verdicts[] = {
    {X509_V_OK,                                     TRUST_OK         },
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,        TRUST_SELF_SIGNED},
    {X509_V_ERR_CERT_NOT_YET_VALID,                 TRUST_NOT_YET    },
    {X509_V_ERR_CERT_HAS_EXPIRED,                   TRUST_EXPIRED    },
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD,     TRUST_BROKEN     },
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD,      TRUST_BROKEN     },
    {X509_V_ERR_INVALID_EXTENSION,                  TRUST_BROKEN     },
    {X509_V_ERR_CERT_REVOKED,                       TRUST_REVOKED    },
    {X509_V_ERR_UNABLE_TO_GET_CRL,                  TRUST_NO_CRL     },
    {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,           TRUST_NO_CRL     },
    {X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE,    TRUST_NO_CRL     },
    {X509_V_ERR_CRL_SIGNATURE_FAILURE,              TRUST_NO_CRL     },
    {X509_V_ERR_CRL_NOT_YET_VALID,                  TRUST_NO_CRL     },
    {X509_V_ERR_CRL_HAS_EXPIRED,                    TRUST_NO_CRL     },
    {X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD,     TRUST_NO_CRL     },
    {X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD,     TRUST_NO_CRL     },
    {X509_V_ERR_KEYUSAGE_NO_CRL_SIGN,               TRUST_NO_CRL     },
    {X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION,   TRUST_NO_CRL     },
    {X509_V_ERR_DIFFERENT_CRL_SCOPE,                TRUST_NO_CRL     },
    {X509_V_ERR_CRL_PATH_VALIDATION_ERROR,          TRUST_NO_CRL     },
    {X509_V_ERR_INVALID_PURPOSE,                    TRUST_USAGE      },
    {X509_V_ERR_EE_KEY_TOO_SMALL,                   TRUST_WEAK       },
    {X509_V_ERR_CA_KEY_TOO_SMALL,                   TRUST_WEAK       },
    {X509_V_ERR_CA_MD_TOO_WEAK,                     TRUST_DIGEST     },
    {X509_V_ERR_CERT_CHAIN_TOO_LONG,                TRUST_CHAIN      },
    {X509_V_ERR_PATH_LENGTH_EXCEEDED,               TRUST_CHAIN      },
};

static enum trust_verdict verdict_of(int error)
{
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
        if (verdicts[i].error == error)
            return verdicts[i].verdict;
    return TRUST_FOREIGN;
}

static X509_STORE *store_make(const struct trust *trust, const STACK_OF(X509_CRL) *crls)
{
    /* PARTIAL_CHAIN: whoever is in the file of authorities is one, root or not. */
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
    X509_STORE *store = X509_STORE_new();
    X509_VERIFY_PARAM *parameters;

    if (!store)
        err_fatal("out of memory");
    for (int i = 0; i < sk_X509_num(trust->authorities); i++)
        if (!X509_STORE_add_cert(store, sk_X509_value(trust->authorities, i)))
            err_fatal("out of memory");
    for (int i = 0; i < sk_X509_CRL_num(crls); i++)
        if (!X509_STORE_add_crl(store, sk_X509_CRL_value(crls, i)))
            err_fatal("out of memory");
    if (*trust->revocations)
        flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    X509_STORE_set_verify_cb(store, trust->revocations_required ? lists_spare : lists_shrug);
    parameters = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_flags(parameters, flags);
    X509_VERIFY_PARAM_set_depth(parameters, trust->chain_limit);
    X509_VERIFY_PARAM_set_auth_level(parameters, STRENGTH);
    return store;
}

/* Reads the lists anew into a new store, which takes the old one's place only when it is whole. */
static int load_revocations(struct trust *trust, struct err *err)
{
    STACK_OF(X509_CRL) *crls = NULL;
    X509_STORE *old = trust->store;

    if (*trust->revocations &&
        lists_read(trust->revocations, REVOCATIONS_LIMIT, &crls, err) < 0)
        return -1;
    trust->store = store_make(trust, crls);
    X509_STORE_free(old);
    sk_X509_CRL_pop_free(crls, X509_CRL_free);
    return 0;
}

static void refresh_revocations(struct trust *trust)
{
    struct err err;

    if (!*trust->revocations || !lists_renewed(trust->revocations, &trust->stamp, &err))
        return;
    if (err.kind == ERR_NONE)
        load_revocations(trust, &err);
    lists_tell(trust->revocations, &err);
}

static int read_authorities(struct trust *trust, const char *path, struct err *err)
{
    if (openssl_read_certificates(path, AUTHORITIES_LIMIT, &trust->authorities, err) < 0)
        return -1;
    for (int i = 0; i < sk_X509_num(trust->authorities); i++)
        if (X509_check_ca(sk_X509_value(trust->authorities, i)) != 1)
            return err_set(err, ERR_CONFIG, 0, "certificate %d in %s is not a CA's", i + 1, path);
    return 0;
}

int trust_open(const struct trust_settings *settings, struct trust **trust, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    struct trust *opened = calloc(1, sizeof(*opened));

    if (!opened)
        err_fatal("out of memory");
    opened->pool = pool;
    opened->revocations = pool_text(pool, settings->revocations ? settings->revocations : "");
    opened->revocations_required = settings->revocations_required;
    opened->chain_limit = settings->chain_limit ? (int)settings->chain_limit : TRUST_CHAIN_LIMIT;
    opened->ocsp = settings->ocsp;
    opened->responders = responders_new(&settings->responders);
    if (opened->revocations_required && !*opened->revocations) {
        err_set(err, ERR_CONFIG, 0, "revocation lists are required, but no file is named");
        goto fail;
    }
    if (firmcode_open(settings->firm_code, pool, &opened->codes, err) < 0 ||
        read_authorities(opened, settings->authorities, err) < 0)
        goto fail;
    if (*opened->revocations && lists_stamp(opened->revocations, &opened->stamp, err) < 0)
        goto fail;
    if (load_revocations(opened, err) < 0)
        goto fail;
    *trust = opened;
    return 0;
fail:
    trust_free(&opened);
    return -1;
}

void trust_free(struct trust **trust)
{
    if (!trust || !*trust)
        return;
    responders_free(&(*trust)->responders);
    X509_STORE_free((*trust)->store);
    sk_X509_pop_free((*trust)->authorities, X509_free);
    pool_free(&(*trust)->pool);
    free(*trust);
    *trust = NULL;
}

static int read_identity(const X509 *certificate, struct trust_identity *identity,
                         struct err *err)
{
    openssl_serial(certificate, identity->serial, sizeof(identity->serial));
    uint8_t *spki = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &spki);

    if (size > 0)
        sha256(spki, (size_t)size, identity->key);
    OPENSSL_free(spki);
    openssl_time_ms(X509_get0_notAfter(certificate), &identity->expires_ms);
    return openssl_fingerprint(certificate, identity->fingerprint, err);
}

/* Chain, dates, revocation, purpose and strength, all by OpenSSL at the given instant. *issuer, where
 * it is not NULL, becomes the certificate's issuer, which the caller frees; NULL for one that is
 * believed by itself. */
static int judge_path(const struct trust *trust, STACK_OF(X509) *chain, enum trust_purpose purpose,
                      int64_t now_ms, enum trust_verdict *verdict, X509 **issuer, struct err *err)
{
    struct lists_past past = {.then_ms = now_ms, .proven = purpose == TRUST_SIGNED_PROVEN};
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int verified, error;

    if (!context ||
        !X509_STORE_CTX_init(context, trust->store, sk_X509_value(chain, 0), chain)) {
        X509_STORE_CTX_free(context);
        return openssl_err(err, ERR_CRYPTO, "cannot judge a certificate");
    }
    X509_STORE_CTX_set_time(context, 0, (time_t)(now_ms / 1000));
    X509_VERIFY_PARAM_set_purpose(X509_STORE_CTX_get0_param(context), purposes[purpose].purpose);
    if (purpose >= TRUST_SIGNED)
        X509_STORE_CTX_set_app_data(context, &past);
    verified = X509_verify_cert(context);
    error = X509_STORE_CTX_get_error(context);
    if (issuer && verified == 1) {
        *issuer = sk_X509_value(X509_STORE_CTX_get0_chain(context), 1);
        if (*issuer)
            X509_up_ref(*issuer);
    }
    X509_STORE_CTX_free(context);
    if (verified < 0 || error == X509_V_ERR_OUT_OF_MEM)
        return openssl_err(err, ERR_CRYPTO, "cannot judge a certificate: %s",
                           X509_verify_cert_error_string(error));
    *verdict = verified == 1 ? TRUST_OK : verdict_of(error);
    return 0;
}

static bool is_form_usage(const ASN1_OBJECT *usage)
{
    char oid[64];

    if (OBJ_obj2txt(oid, sizeof(oid), usage, 1) <= 0)
        return false;
    for (size_t i = 0; i < sizeof(form_usages) / sizeof(*form_usages); i++)
        if (strcmp(oid, form_usages[i]) == 0)
            return true;
    return false;
}

static bool may_sign_forms(const X509 *certificate)
{
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
    bool may = !usages;

    for (int i = 0; !may && i < sk_ASN1_OBJECT_num(usages); i++)
        may = is_form_usage(sk_ASN1_OBJECT_value(usages, i));
    EXTENDED_KEY_USAGE_free(usages);
    return may;
}

static bool is_meant_for(X509 *certificate, enum trust_purpose purpose)
{
    return (X509_get_key_usage(certificate) & purposes[purpose].usage) &&
           !X509_check_ca(certificate) &&
           (purpose <= TRUST_STAFF || may_sign_forms(certificate));
}

/* The path first: of a certificate that is not ours nothing else matters. */
static int judge_holding(const struct trust *trust, STACK_OF(X509) *chain,
                         enum trust_purpose purpose, int64_t now_ms, enum trust_verdict *verdict,
                         X509 **issuer, struct err *err)
{
    X509 *certificate = sk_X509_value(chain, 0);

    *verdict = TRUST_BROKEN;
    if (!X509_get0_pubkey(certificate))
        return 0;
    if (judge_path(trust, chain, purpose, now_ms, verdict, issuer, err) < 0)
        return -1;
    if (*verdict == TRUST_OK && !is_meant_for(certificate, purpose))
        *verdict = TRUST_USAGE;
    return 0;
}

static enum trust_verdict judge_said(const struct trust *trust, X509 *certificate, int64_t now_ms,
                                     struct trust_identity *identity)
{
    if (trust->ocsp == TRUST_OCSP_OFF || !responder_named(certificate))
        return TRUST_OK;
    identity->ocsp = responders_said(trust->responders, certificate, now_ms);
    if (identity->ocsp == OCSP_REVOKED)
        return TRUST_REVOKED;
    return identity->ocsp == OCSP_GOOD || trust->ocsp == TRUST_OCSP_SOFT ? TRUST_OK : TRUST_NO_OCSP;
}

static enum trust_verdict judge_code(const struct trust *trust, const X509 *certificate,
                                     char uscc[FIRMCODE_SIZE])
{
    switch (firmcode_find(trust->codes, certificate, uscc)) {
    case FIRMCODE_ONE:
        return TRUST_OK;
    case FIRMCODE_UNCLEAR:
        return TRUST_CODES;
    case FIRMCODE_NONE:
        break;
    }
    return TRUST_NO_CODE;
}

static int judge_certificate(const struct trust *trust, STACK_OF(X509) *chain,
                             enum trust_purpose purpose, int64_t now_ms,
                             enum trust_verdict *verdict, struct trust_identity *identity,
                             struct err *err)
{
    X509 *certificate = sk_X509_value(chain, 0);

    if (read_identity(certificate, identity, err) < 0 ||
        judge_holding(trust, chain, purpose, now_ms, verdict, NULL, err) < 0)
        return -1;
    if (*verdict == TRUST_OK && purpose < TRUST_SIGNED)
        *verdict = judge_said(trust, certificate, now_ms, identity);
    if (*verdict == TRUST_OK && purpose != TRUST_STAFF)
        *verdict = judge_code(trust, certificate, identity->uscc);
    return 0;
}

/* Is it to be asked, and not known yet? */
static bool is_open_question(const struct trust *trust, X509 *certificate, int64_t now_ms)
{
    enum ocsp_verdict said = responders_said(trust->responders, certificate, now_ms);

    return said != OCSP_GOOD && said != OCSP_REVOKED && responder_named(certificate);
}

static int ask(struct trust *trust, struct pool *pool, STACK_OF(X509) *chain,
               enum trust_purpose purpose, int64_t now_ms, struct err *err)
{
    X509 *certificate = sk_X509_value(chain, 0), *issuer = NULL;
    enum trust_verdict verdict;
    int result;

    if (!is_open_question(trust, certificate, now_ms))
        return 0;
    result = judge_holding(trust, chain, purpose, now_ms, &verdict, &issuer, err);
    if (result == 0 && verdict == TRUST_OK && issuer)
        responders_ask(trust->responders, pool, certificate, issuer, trust->store, now_ms);
    X509_free(issuer);
    return result;
}

static bool decode(struct bytes der, STACK_OF(X509) *chain)
{
    X509 *certificate = openssl_decode_certificate(der);

    if (certificate && sk_X509_push(chain, certificate) <= 0)
        err_fatal("out of memory");
    return certificate != NULL;
}

/* NULL where one of them is none. */
static STACK_OF(X509) *decode_chain(const struct bytes *chain, size_t count)
{
    STACK_OF(X509) *decoded = sk_X509_new_null();
    bool sound = count > 0;

    if (!decoded)
        err_fatal("out of memory");
    for (size_t i = 0; sound && i < count; i++)
        sound = decode(chain[i], decoded);
    if (sound)
        return decoded;
    sk_X509_pop_free(decoded, X509_free);
    return NULL;
}

bool trust_claim(const struct trust *trust, struct bytes certificate, char uscc[19])
{
    X509 *decoded = openssl_decode_certificate(certificate);
    bool claims;

    uscc[0] = '\0';
    claims = decoded && firmcode_find(trust->codes, decoded, uscc) == FIRMCODE_ONE;
    X509_free(decoded);
    openssl_forget();
    return claims;
}

int trust_judge_chain(struct trust *trust, struct pool *pool, const struct bytes *chain,
                      size_t count, enum trust_purpose purpose, int64_t now_ms,
                      enum trust_verdict *verdict, struct trust_identity *identity,
                      struct err *err)
{
    STACK_OF(X509) *decoded = decode_chain(chain, count);
    int result = 0;

    (void)pool;
    *identity = (struct trust_identity){0};
    *verdict = count > 0 && chain[0].size > 0 ? TRUST_BROKEN : TRUST_NONE;
    if (decoded) {
        refresh_revocations(trust);
        result = judge_certificate(trust, decoded, purpose, now_ms, verdict, identity, err);
    }
    sk_X509_pop_free(decoded, X509_free);
    openssl_forget();
    return result;
}

bool trust_would_ask(const struct trust *trust, struct bytes certificate, int64_t now_ms)
{
    X509 *decoded =
        trust->ocsp == TRUST_OCSP_OFF ? NULL : openssl_decode_certificate(certificate);
    bool open = decoded && is_open_question(trust, decoded, now_ms);

    X509_free(decoded);
    openssl_forget();
    return open;
}

int trust_ask_chain(struct trust *trust, struct pool *pool, const struct bytes *chain, size_t count,
                    enum trust_purpose purpose, int64_t now_ms, struct err *err)
{
    STACK_OF(X509) *decoded =
        trust->ocsp == TRUST_OCSP_OFF ? NULL : decode_chain(chain, count);
    int result = 0;

    if (decoded) {
        refresh_revocations(trust);
        result = ask(trust, pool, decoded, purpose, now_ms, err);
    }
    sk_X509_pop_free(decoded, X509_free);
    openssl_forget();
    return result;
}

int trust_judge(struct trust *trust, struct pool *pool, struct bytes der,
                enum trust_purpose purpose, int64_t now_ms, enum trust_verdict *verdict,
                struct trust_identity *identity, struct err *err)
{
    return trust_judge_chain(trust, pool, &der, 1, purpose, now_ms, verdict, identity, err);
}

/* The decoded text, or NULL where it is malformed, too long, or holds a NUL. */
static char *unescape(struct pool *pool, const char *escaped)
{
    size_t size = strnlen(escaped, ESCAPED_LIMIT + 1), decoded;
    char *text;

    if (size > ESCAPED_LIMIT)
        return NULL;
    text = pool_alloc(pool, size + 1);
    if (!percent_unescape(escaped, size, text, size, &decoded) || strlen(text) != decoded)
        return NULL;
    return text;
}

static bool decode_escaped(struct pool *pool, const char *escaped, struct bytes *der)
{
    static const char *const labels[] = {PEM_STRING_X509, NULL};
    char *text = unescape(pool, escaped);

    return text &&
           openssl_decode_pem(pool, (struct bytes){(uint8_t *)text, strlen(text)}, labels, der);
}

bool trust_file(struct pool *pool, struct bytes file, struct bytes *der)
{
    static const char *const labels[] = {PEM_STRING_X509, NULL};

    X509 *certificate = openssl_decode_certificate(file);
    bool whole = certificate != NULL;

    X509_free(certificate);
    *der = file;
    return whole || openssl_decode_pem(pool, file, labels, der);
}

int trust_judge_escaped(struct trust *trust, struct pool *pool, const char *escaped,
                        enum trust_purpose purpose, int64_t now_ms, enum trust_verdict *verdict,
                        struct trust_identity *identity, struct err *err)
{
    struct bytes der;

    *identity = (struct trust_identity){0};
    *verdict = TRUST_NONE;
    if (!escaped || !*escaped)
        return 0;
    *verdict = TRUST_BROKEN;
    if (!decode_escaped(pool, escaped, &der))
        return 0;
    return trust_judge(trust, pool, der, purpose, now_ms, verdict, identity, err);
}

int trust_ask_escaped(struct trust *trust, struct pool *pool, const char *escaped,
                      enum trust_purpose purpose, int64_t now_ms, struct err *err)
{
    struct bytes der;

    if (trust->ocsp == TRUST_OCSP_OFF || !escaped || !*escaped ||
        !decode_escaped(pool, escaped, &der))
        return 0;
    return trust_ask_chain(trust, pool, &der, 1, purpose, now_ms, err);
}
