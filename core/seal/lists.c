#include "core/seal/lists.h"

#include <stdbool.h>
#include <stdint.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "core/seal/openssl.h"

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
