#include "core/seal/lists.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/log.h"
#include "core/seal/openssl.h"

enum { LISTS_LIMIT = 256 };

static const int about_lists[] = {
    X509_V_ERR_CERT_REVOKED,
    X509_V_ERR_UNABLE_TO_GET_CRL,
    X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,
    X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE,
    X509_V_ERR_CRL_SIGNATURE_FAILURE,
    X509_V_ERR_CRL_NOT_YET_VALID,
    X509_V_ERR_CRL_HAS_EXPIRED,
    X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD,
    X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD,
    X509_V_ERR_KEYUSAGE_NO_CRL_SIGN,
    X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION,
    X509_V_ERR_DIFFERENT_CRL_SCOPE,
    X509_V_ERR_CRL_PATH_VALIDATION_ERROR,
};

static int start(X509_CRL *list)
{
    sk_X509_REVOKED_sort(X509_CRL_get_REVOKED(list));
    return 1;
}

static int finish(X509_CRL *list)
{
    EVP_PKEY_free(X509_CRL_get_meth_data(list));
    return 1;
}

/* The place of the first entry with this serial number; -1. */
static int find(STACK_OF(X509_REVOKED) *entries, const ASN1_INTEGER *serial)
{
    X509_REVOKED *wanted = X509_REVOKED_new();
    int place;

    if (!wanted || !X509_REVOKED_set_serialNumber(wanted, (ASN1_INTEGER *)(uintptr_t)serial))
        err_fatal("out of memory");
    place = sk_X509_REVOKED_find(entries, wanted);
    X509_REVOKED_free(wanted);
    return place;
}

static bool is_lifted(const X509_REVOKED *entry)
{
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
    bool lifted = reason && ASN1_ENUMERATED_get(reason) == CRL_REASON_REMOVE_FROM_CRL;

    ASN1_ENUMERATED_free(reason);
    return lifted;
}

/* As X509_CRL_get0_by_cert yields it: 0; 1; 2 for an entry that takes another one back. */
static int look_up(X509_CRL *list, X509_REVOKED **found, const ASN1_INTEGER *serial,
                   const X509_NAME *issuer)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(list);
    int place = entries ? find(entries, serial) : -1;
    X509_REVOKED *entry;

    (void)issuer;
    if (place < 0)
        return 0;
    entry = sk_X509_REVOKED_value(entries, place);
    if (found)
        *found = entry;
    return is_lifted(entry) ? 2 : 1;
}

static int verify(X509_CRL *list, EVP_PKEY *key)
{
    EVP_PKEY *known = X509_CRL_get_meth_data(list);

    if (known && (known == key || EVP_PKEY_eq(known, key) == 1))
        return 1;
    if (!openssl_crl_signed_by(list, key, NULL))
        return 0;
    if (!EVP_PKEY_up_ref(key))
        err_fatal("out of memory");
    X509_CRL_set_meth_data(list, key);
    EVP_PKEY_free(known);
    return 1;
}

int lists_read(const char *path, int limit, STACK_OF(X509_CRL) **lists, struct err *err)
{
    static X509_CRL_METHOD *method;
    int result;

    if (!method)
        method = X509_CRL_METHOD_new(start, finish, look_up, verify);
    if (!method)
        err_fatal("out of memory");
    /* The method is a list's from its making on, which is in there. */
    X509_CRL_set_default_method(method);
    result = openssl_read_crls(path, limit, lists, err);
    X509_CRL_set_default_method(NULL);
    return result;
}

/* Reading them anew */

int lists_stamp(const char *path, struct lists_stamp *stamp, struct err *err)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return err_set(err, ERR_CONFIG, errno, "cannot open %s: %s", path, strerror(errno));
    *stamp = (struct lists_stamp){status.st_mtim, status.st_size, status.st_ino};
    return 0;
}

bool lists_renewed(const char *path, struct lists_stamp *stamp, struct err *err)
{
    struct lists_stamp now;

    *err = (struct err){0};
    if (lists_stamp(path, &now, err) < 0)
        now = (struct lists_stamp){0};
    if (now.mtime.tv_sec == stamp->mtime.tv_sec && now.mtime.tv_nsec == stamp->mtime.tv_nsec &&
        now.size == stamp->size && now.inode == stamp->inode)
        return false;
    *stamp = now;
    return true;
}

void lists_tell(const char *path, const struct err *err)
{
    if (err->kind != ERR_NONE)
        log_err("revocations", NULL, err);
    else
        log_event(LOG_INFO, "revocations", log_text("file", path));
}

/* Judging by them */

bool lists_are_why(int error)
{
    for (size_t i = 0; i < sizeof(about_lists) / sizeof(*about_lists); i++)
        if (about_lists[i] == error)
            return true;
    return false;
}

static int let_pass(X509_STORE_CTX *context)
{
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

/* Does it say that nobody else had the key? */
static bool is_harmless(const X509_REVOKED *entry)
{
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
    long why = reason ? ASN1_ENUMERATED_get(reason) : -1;

    ASN1_ENUMERATED_free(reason);
    return why == CRL_REASON_UNSPECIFIED || why == CRL_REASON_AFFILIATION_CHANGED ||
           why == CRL_REASON_SUPERSEDED || why == CRL_REASON_CESSATION_OF_OPERATION;
}

/* Do all lists that name the certificate say so from a later day on? OpenSSL has forgotten which of
 * them it looks at where that one was not valid yet. */
static bool revoked_later(X509_STORE_CTX *context, const struct lists_past *past)
{
    X509 *certificate = X509_STORE_CTX_get_current_cert(context);
    STACK_OF(X509_CRL) *lists =
        X509_STORE_CTX_get1_crls(context, X509_get_issuer_name(certificate));
    bool later = true, named = false;

    for (int i = 0; i < sk_X509_CRL_num(lists); i++) {
        X509_REVOKED *entry;
        int64_t ms;

        if (X509_CRL_get0_by_cert(sk_X509_CRL_value(lists, i), &entry, certificate) != 1)
            continue;
        named = true;
        later = later && openssl_time_ms(X509_REVOKED_get0_revocationDate(entry), &ms) == 0 &&
                ms > past->then_ms && (past->proven || (past->claimed && is_harmless(entry)));
    }
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
    return named && later;
}

static bool was_good_then(X509_STORE_CTX *context)
{
    const struct lists_past *past = X509_STORE_CTX_get_app_data(context);
    int error = X509_STORE_CTX_get_error(context);

    return past && (error == X509_V_ERR_CRL_NOT_YET_VALID ||
                    (error == X509_V_ERR_CERT_REVOKED && revoked_later(context, past)));
}

int lists_spare(int ok, X509_STORE_CTX *context)
{
    if (!ok && was_good_then(context))
        return let_pass(context);
    if (lists_are_why(X509_STORE_CTX_get_error(context)) &&
        X509_STORE_CTX_get_error_depth(context) >= X509_STORE_CTX_get_num_untrusted(context))
        return let_pass(context);
    return ok;
}

int lists_shrug(int ok, X509_STORE_CTX *context)
{
    int error = X509_STORE_CTX_get_error(context);

    if (error == X509_V_ERR_UNABLE_TO_GET_CRL || error == X509_V_ERR_CRL_HAS_EXPIRED)
        return let_pass(context);
    return lists_spare(ok, context);
}

int lists_use(X509_STORE *store, const char *path, struct err *err)
{
    STACK_OF(X509_CRL) *lists = NULL;

    if (lists_read(path, LISTS_LIMIT, &lists, err) < 0)
        return -1;
    for (int i = 0; i < sk_X509_CRL_num(lists); i++)
        if (!X509_STORE_add_crl(store, sk_X509_CRL_value(lists, i)))
            err_fatal("out of memory");
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
    X509_VERIFY_PARAM_set_flags(X509_STORE_get0_param(store),
                                X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    X509_STORE_set_verify_cb(store, lists_shrug);
    return 0;
}
