#include "core/seal/seals.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "core/seal/lists.h"
#include "core/seal/openssl.h"

enum {
    CERTIFICATES_LIMIT = 256, /* of a file */
    DEPTH_LIMIT = 6,
    STRENGTH = 2 /* OpenSSL's level of 112 bits: RSA from 2048, digests beyond SHA-1 */
};

struct seals {
    STACK_OF(X509) *known;
    X509_STORE *store;
};

/* What OpenSSL says, in our words; whatever is not here: the chain does not lead to a CA of ours. */
static const struct {
    int error;
    enum trust_verdict verdict;
} verdicts[] = {
    {X509_V_OK,                                 TRUST_OK     },
    {X509_V_ERR_CERT_NOT_YET_VALID,             TRUST_NOT_YET},
    {X509_V_ERR_CERT_HAS_EXPIRED,               TRUST_EXPIRED},
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, TRUST_BROKEN },
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD,  TRUST_BROKEN },
    {X509_V_ERR_EE_KEY_TOO_SMALL,               TRUST_WEAK   },
    {X509_V_ERR_CA_KEY_TOO_SMALL,               TRUST_WEAK   },
    {X509_V_ERR_CA_MD_TOO_WEAK,                 TRUST_WEAK   },
};

static enum trust_verdict verdict_of(int error)
{
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
        if (verdicts[i].error == error)
            return verdicts[i].verdict;
    if (lists_are_why(error))
        return error == X509_V_ERR_CERT_REVOKED ? TRUST_REVOKED : TRUST_NO_CRL;
    return TRUST_FOREIGN;
}

static void push(STACK_OF(X509) *list, X509 *certificate)
{
    if (sk_X509_push(list, certificate) <= 0)
        err_fatal("out of memory");
}

/* Sorts a file's certificates into seals and CAs. */
static int read_file(struct seals *seals, STACK_OF(X509) *authorities, const char *path,
                     struct err *err)
{
    STACK_OF(X509) *list = NULL;

    if (openssl_read_certificates(path, CERTIFICATES_LIMIT, &list, err) < 0)
        return -1;
    while (sk_X509_num(list) > 0) {
        X509 *certificate = sk_X509_shift(list);

        push(X509_check_ca(certificate) == 1 ? authorities : seals->known, certificate);
    }
    sk_X509_free(list);
    return 0;
}

static bool has_issuer(X509 *certificate, const STACK_OF(X509) *authorities)
{
    for (int i = 0; i < sk_X509_num(authorities); i++)
        if (X509_check_issued(sk_X509_value(authorities, i), certificate) == X509_V_OK)
            return true;
    return false;
}

/* CAs are believed by the operator's word, root or not; so are seals that come without one. */
static void fill_store(const struct seals *seals, const STACK_OF(X509) *authorities)
{
    X509_VERIFY_PARAM *parameters = X509_STORE_get0_param(seals->store);
    bool added = true;

    for (int i = 0; added && i < sk_X509_num(authorities); i++)
        added = X509_STORE_add_cert(seals->store, sk_X509_value(authorities, i));
    for (int i = 0; added && i < sk_X509_num(seals->known); i++)
        if (!has_issuer(sk_X509_value(seals->known, i), authorities))
            added = X509_STORE_add_cert(seals->store, sk_X509_value(seals->known, i));
    if (!added)
        err_fatal("out of memory");
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_depth(parameters, DEPTH_LIMIT);
    X509_VERIFY_PARAM_set_auth_level(parameters, STRENGTH);
}

int seals_open(const char *certificate, const char *former, struct seals **seals, struct err *err)
{
    struct seals *opened = calloc(1, sizeof(*opened));
    STACK_OF(X509) *authorities = sk_X509_new_null();
    int result = -1;

    if (!opened || !authorities || !(opened->known = sk_X509_new_null()) ||
        !(opened->store = X509_STORE_new()))
        err_fatal("out of memory");
    if (read_file(opened, authorities, certificate, err) < 0 ||
        (*former && read_file(opened, authorities, former, err) < 0))
        goto out;
    if (sk_X509_num(opened->known) == 0) {
        err_set(err, ERR_CONFIG, 0, "%s holds CAs only, and no seal", certificate);
        goto out;
    }
    fill_store(opened, authorities);
    result = 0;
out:
    sk_X509_pop_free(authorities, X509_free);
    if (result < 0)
        seals_free(&opened);
    *seals = opened;
    return result;
}

void seals_free(struct seals **seals)
{
    if (!seals || !*seals)
        return;
    sk_X509_pop_free((*seals)->known, X509_free);
    X509_STORE_free((*seals)->store);
    free(*seals);
    *seals = NULL;
}

int seals_revocations(struct seals *seals, const char *lists, struct err *err)
{
    return lists_use(seals->store, lists, err);
}

static bool is_known(const struct seals *seals, const X509 *certificate)
{
    for (int i = 0; i < sk_X509_num(seals->known); i++)
        if (X509_cmp(sk_X509_value(seals->known, i), certificate) == 0)
            return true;
    return false;
}

static bool decode(const struct bytes *chain, size_t count, STACK_OF(X509) *decoded)
{
    for (size_t i = 0; i < count; i++) {
        X509 *certificate = openssl_decode_certificate(chain[i]);

        if (!certificate)
            return false;
        push(decoded, certificate);
    }
    return count > 0;
}

static int judge_path(const struct seals *seals, STACK_OF(X509) *chain, int64_t at_ms, bool proven,
                      enum trust_verdict *verdict, struct err *err)
{
    struct lists_past past = {.then_ms = at_ms, .proven = proven};
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int verified = -1, error = X509_V_ERR_UNSPECIFIED;

    if (context &&
        X509_STORE_CTX_init(context, seals->store, sk_X509_value(chain, 0), chain)) {
        X509_STORE_CTX_set_time(context, 0, (time_t)(at_ms / 1000));
        X509_STORE_CTX_set_app_data(context, &past);
        verified = X509_verify_cert(context);
        error = X509_STORE_CTX_get_error(context);
    }
    X509_STORE_CTX_free(context);
    if (verified < 0)
        return openssl_err(err, ERR_CRYPTO, "cannot judge a seal: %s",
                           X509_verify_cert_error_string(error));
    *verdict = verified == 1 ? TRUST_OK : verdict_of(error);
    if (*verdict == TRUST_OK && !(X509_get_key_usage(sk_X509_value(chain, 0)) &
                                  (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
        *verdict = TRUST_USAGE;
    return 1;
}

static int identify(const X509 *certificate, struct trust_identity *identity, struct err *err)
{
    *identity = (struct trust_identity){0};
    openssl_serial(certificate, identity->serial, sizeof(identity->serial));
    openssl_time_ms(X509_get0_notAfter(certificate), &identity->expires_ms);
    return openssl_fingerprint(certificate, identity->fingerprint, err);
}

int seals_judge(const struct seals *seals, const struct bytes *chain, size_t count, int64_t at_ms,
                bool proven, enum trust_verdict *verdict, struct trust_identity *identity, struct err *err)
{
    STACK_OF(X509) *decoded = sk_X509_new_null();
    int result = 0;

    if (!decoded)
        err_fatal("out of memory");
    if (decode(chain, count, decoded) && is_known(seals, sk_X509_value(decoded, 0)))
        result = identify(sk_X509_value(decoded, 0), identity, err) < 0
                     ? -1
                     : judge_path(seals, decoded, at_ms, proven, verdict, err);
    sk_X509_pop_free(decoded, X509_free);
    openssl_forget();
    return result;
}

int seals_today(const struct seals *seals, int64_t now_ms, enum trust_verdict *verdict,
                struct err *err)
{
    STACK_OF(X509) *alone = sk_X509_new_null();
    int result;

    if (!alone || !sk_X509_push(alone, sk_X509_value(seals->known, 0)))
        err_fatal("out of memory");
    result = judge_path(seals, alone, now_ms, false, verdict, err);
    sk_X509_free(alone);
    openssl_forget();
    return result < 0 ? -1 : 0;
}
