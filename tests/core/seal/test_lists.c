/* Lists that remember by which key they were verified: by no other, and whom they name as before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "core/seal/lists.h"
#include "tests/core/seal/pki.h"

#define NOW INT64_C(1767240000)

enum { FIRST = 41, ENTRIES = 5, LIFTED = 43, LIMIT = 4, DAY = 24 * 3600 };

static char path[] = "/tmp/ecert-lists-XXXXXX";

static struct pki authority_make(const char *name, EVP_PKEY *key)
{
    return pki_make(&(struct pki_spec){.name = name, .usage = "critical,keyCertSign,cRLSign",
                                       .from = NOW - DAY, .until = NOW + DAY, .serial = 1,
                                       .authority = true},
                    key, NULL);
}

static X509_REVOKED *entry_make(long serial)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *date = ASN1_TIME_set(NULL, (time_t)NOW);

    assert_true(ASN1_INTEGER_set(number, serial) && X509_REVOKED_set_serialNumber(entry, number) &&
                X509_REVOKED_set_revocationDate(entry, date));
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(date);
    if (serial == LIFTED) {
        ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

        assert_true(ASN1_ENUMERATED_set(reason, CRL_REASON_REMOVE_FROM_CRL) &&
                    X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) == 1);
        ASN1_ENUMERATED_free(reason);
    }
    return entry;
}

/* The greatest serial number first, which is not how they are looked up. */
static X509_CRL *list_make(const struct pki *authority)
{
    X509_CRL *list = pki_crl(authority, NOW - 60, NOW + DAY, 0);
    EVP_MD_CTX *signing = pki_signing(authority->key, NULL);

    for (long serial = FIRST + ENTRIES - 1; serial >= FIRST; serial--)
        assert_true(X509_CRL_add0_revoked(list, entry_make(serial)));
    assert_true(X509_CRL_sign_ctx(list, signing) > 0);
    EVP_MD_CTX_free(signing);
    return list;
}

/* As it comes from the file. */
static X509_CRL *list_read(const X509_CRL *written)
{
    STACK_OF(X509_CRL) *lists;
    struct err err;
    X509_CRL *list;

    pki_write_crls(path, written, NULL);
    assert_int_equal(lists_read(path, LIMIT, &lists, &err), 0);
    assert_int_equal(sk_X509_CRL_num(lists), 1);
    list = sk_X509_CRL_pop(lists);
    sk_X509_CRL_free(lists);
    return list;
}

static void verifies_by_the_key_alone(void **state)
{
    EVP_PKEY *(*const makers[])(void) = {pki_ec, pki_sm2};

    (void)state;
    for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++) {
        struct pki ours = authority_make("演示一证通签发", makers[i]());
        struct pki other = authority_make("演示一证通签发", makers[i]());
        X509_CRL *written = list_make(&ours), *list = list_read(written);
        X509 *again = X509_dup(ours.certificate);

        assert_int_equal(X509_CRL_verify(list, other.key), 0);
        assert_int_equal(X509_CRL_verify(list, X509_get0_pubkey(ours.certificate)), 1);
        assert_int_equal(X509_CRL_verify(list, X509_get0_pubkey(ours.certificate)), 1);
        assert_int_equal(X509_CRL_verify(list, X509_get0_pubkey(other.certificate)), 0);
        assert_int_equal(X509_CRL_verify(list, X509_get0_pubkey(again)), 1);
        assert_int_equal(X509_CRL_verify(list, other.key), 0);
        assert_int_equal(X509_CRL_verify(list, ours.key), 1);
        X509_free(again);
        X509_CRL_free(list);
        X509_CRL_free(written);
        pki_free(&ours);
        pki_free(&other);
    }
}

static void believes_no_changed_list(void **state)
{
    struct pki ours = authority_make("演示一证通签发", pki_ec());
    X509_CRL *written = list_make(&ours), *list;

    (void)state;
    list = list_read(written);
    assert_int_equal(X509_CRL_verify(list, ours.key), 1);
    X509_CRL_free(list);
    /* One more entry under the old signature. */
    assert_true(X509_CRL_add0_revoked(written, entry_make(FIRST + ENTRIES)));
    list = list_read(written);
    assert_int_equal(X509_CRL_verify(list, ours.key), 0);
    assert_int_equal(X509_CRL_verify(list, ours.key), 0);
    X509_CRL_free(list);
    X509_CRL_free(written);
    pki_free(&ours);
}

static int looked_up(X509_CRL *list, long serial, X509_REVOKED **entry)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    int found;

    assert_true(ASN1_INTEGER_set(number, serial));
    found = X509_CRL_get0_by_serial(list, entry, number);
    if (found && entry)
        assert_int_equal(ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(*entry), number), 0);
    ASN1_INTEGER_free(number);
    return found;
}

static void names_whom_it_names(void **state)
{
    struct pki ours = authority_make("演示一证通签发", pki_ec());
    X509_CRL *written = list_make(&ours), *list = list_read(written);
    X509_CRL *empty_written = pki_crl(&ours, NOW - 60, NOW + DAY, 0), *empty = list_read(empty_written);
    X509_REVOKED *entry;

    (void)state;
    for (long serial = FIRST - 2; serial < FIRST + ENTRIES + 2; serial++) {
        bool named = serial >= FIRST && serial < FIRST + ENTRIES;

        assert_int_equal(looked_up(list, serial, &entry), !named ? 0 : serial == LIFTED ? 2 : 1);
        assert_int_equal(looked_up(list, serial, NULL), looked_up(list, serial, &entry));
        assert_int_equal(looked_up(empty, serial, &entry), 0);
    }
    assert_int_equal(looked_up(list, -FIRST, &entry), 0);
    X509_CRL_free(list);
    X509_CRL_free(written);
    X509_CRL_free(empty);
    X509_CRL_free(empty_written);
    pki_free(&ours);
}

/* Lists that are read another way stay OpenSSL's own. */
static void leaves_other_lists_alone(void **state)
{
    struct pki ours = authority_make("演示一证通签发", pki_ec());
    X509_CRL *written = list_make(&ours), *list = list_read(written), *plain;
    FILE *file = fopen(path, "re");

    (void)state;
    assert_non_null(file);
    plain = PEM_read_X509_CRL(file, NULL, NULL, NULL);
    fclose(file);
    assert_int_equal(X509_CRL_verify(plain, ours.key), 1);
    assert_null(X509_CRL_get_meth_data(plain));
    assert_int_equal(X509_CRL_verify(list, ours.key), 1);
    assert_non_null(X509_CRL_get_meth_data(list));
    X509_CRL_free(plain);
    X509_CRL_free(list);
    X509_CRL_free(written);
    pki_free(&ours);
}

static int set_up(void **state)
{
    int file = mkstemp(path);

    (void)state;
    return file < 0 ? -1 : close(file);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_by_the_key_alone),
        cmocka_unit_test(believes_no_changed_list),
        cmocka_unit_test(names_whom_it_names),
        cmocka_unit_test(leaves_other_lists_alone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
