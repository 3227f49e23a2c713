/* Certificates by which somebody who is not the firm, or not any more, would get in or sign: each is
 * refused with a cause of its own, with RSA, ECDSA and SM2 alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/seal/trust.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { DAY = 24 * 3600, REVOKED_SERIAL = 66, CHAIN_MOST = 8, CHAIN_LIMIT = 2 };

#define NOW    INT64_C(1767240000)
#define NOW_MS (NOW * 1000)
#define CODE   "11110000000021135M"
#define OID    "1.2.156.10260.4.1.4"

/* The kinds of keys that authorities and firms have. */
enum kind { BY_RSA, BY_EC, BY_SM2, KINDS };
static const char *const kind_names[] = {"RSA", "EC", "SM2"};

/* ROOT is in our file and has a list. CA1 … CA4 stand below it, each below the one before, and NARROW,
 * which allows no CA below itself, with BELOW_NARROW. IMPOSTOR only has ROOT's name. */
enum authority { ROOT, IMPOSTOR, CA1, CA2, CA3, CA4, NARROW, BELOW_NARROW, AUTHORITIES, SELF };

static const enum authority issuers[AUTHORITIES] = {
    [ROOT] = SELF, [IMPOSTOR] = SELF, [CA1] = ROOT,    [CA2] = CA1,
    [CA3] = CA2,   [CA4] = CA3,       [NARROW] = ROOT, [BELOW_NARROW] = NARROW,
};

static struct pool *pool;
static struct pki authorities[KINDS][AUTHORITIES];
static EVP_PKEY *keys[KINDS], *weak;
static struct trust *trust;

static EVP_PKEY *make_key(enum kind kind)
{
    return kind == BY_RSA ? pki_rsa(2048) : kind == BY_EC ? pki_ec() : pki_sm2();
}

static void make_authorities(enum kind kind)
{
    for (enum authority i = 0; i < AUTHORITIES; i++) {
        bool root = i == ROOT || i == IMPOSTOR;
        char name[64];
        struct pki_spec spec = {.name = name, .usage = "critical,keyCertSign,cRLSign",
                                .from = NOW - 9 * DAY, .until = NOW + 99 * DAY,
                                .serial = 10 + (long)i, .authority = true};

        snprintf(name, sizeof(name), "%s %d", kind_names[kind], root ? 0 : (int)i);
        if (i == NARROW)
            spec.constraints = "critical,CA:TRUE,pathlen:0";
        authorities[kind][i] =
            pki_make(&spec, make_key(kind), root ? NULL : &authorities[kind][issuers[i]]);
    }
}

static X509_CRL *list_of(enum kind kind, enum authority authority)
{
    return pki_crl(&authorities[kind][authority], NOW - DAY, NOW + DAY, REVOKED_SERIAL);
}

static void write_lists(void)
{
    X509_CRL *lists[KINDS * AUTHORITIES + 1] = {NULL};
    BIO *file = BIO_new_file(paper_path("lists.pem"), "w");
    size_t count = 0;

    assert_non_null(file);
    for (enum kind kind = 0; kind < KINDS; kind++)
        for (enum authority i = 0; i < AUTHORITIES; i++)
            if (i != IMPOSTOR)
                lists[count++] = list_of(kind, i);
    for (size_t i = 0; i < count; i++) {
        assert_true(PEM_write_bio_X509_CRL(file, lists[i]));
        X509_CRL_free(lists[i]);
    }
    BIO_free(file);
}

static int set_up(void **state)
{
    static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", OID, NULL}};
    struct trust_settings settings = {.authorities = paper_path("authorities.pem"),
                                      .revocations = paper_path("lists.pem"),
                                      .revocations_required = true,
                                      .chain_limit = CHAIN_LIMIT,
                                      .firm_code = codes};
    struct err err = {0};

    (void)state;
    log_open("test", LOG_ERROR, open("/dev/null", O_WRONLY | O_CLOEXEC));
    pool = pool_new(1 << 20, 0);
    weak = pki_rsa(1024);
    for (enum kind kind = 0; kind < KINDS; kind++) {
        keys[kind] = make_key(kind);
        make_authorities(kind);
    }
    pki_write_certificates(settings.authorities, authorities[BY_RSA][ROOT].certificate,
                           authorities[BY_EC][ROOT].certificate, authorities[BY_SM2][ROOT].certificate,
                           NULL);
    write_lists();
    if (trust_open(&settings, &trust, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        for (enum authority i = 0; i < AUTHORITIES; i++)
            pki_free(&authorities[kind][i]);
        EVP_PKEY_free(keys[kind]);
    }
    EVP_PKEY_free(weak);
    trust_free(&trust);
    pool_free(&pool);
    return 0;
}

static struct bytes encoded(const X509 *certificate)
{
    uint8_t *out = NULL;
    int size = i2d_X509(certificate, &out);
    struct bytes der = {pool_copy(pool, out, (size_t)size), (size_t)size};

    assert_true(size > 0);
    OPENSSL_free(out);
    return der;
}

/* A certificate whose empty members are usual. */
static struct bytes make(struct pki_spec spec, enum kind kind, enum authority issuer, EVP_PKEY *key)
{
    struct pki pki;
    struct bytes der;

    spec.name = "演示企业";
    spec.from = spec.from ? spec.from : NOW - DAY;
    spec.until = spec.until ? spec.until : NOW + DAY;
    spec.serial = spec.serial ? spec.serial : 5;
    spec.usage = spec.usage ? spec.usage : "critical,digitalSignature";
    spec.extension = spec.extension ? spec.extension : OID;
    spec.text = CODE;
    EVP_PKEY_up_ref(key);
    pki = pki_make(&spec, key, issuer == SELF ? NULL : &authorities[kind][issuer]);
    der = encoded(pki.certificate);
    pki_free(&pki);
    return der;
}

static enum trust_verdict judge(const struct bytes *chain, size_t count, enum trust_purpose purpose)
{
    struct trust_identity identity;
    enum trust_verdict verdict;
    struct err err = {0};

    if (trust_judge_chain(trust, pool, chain, count, purpose, NOW_MS, &verdict, &identity, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(identity.uscc, verdict == TRUST_OK ? CODE : "");
    assert_int_equal(ERR_peek_error(), 0);
    return verdict;
}

static void expect(const char *what, enum kind kind, const char *as, enum trust_verdict verdict,
                   enum trust_verdict expected)
{
    if (verdict != expected)
        fail_msg("%s, %s, %s: %s, not %s", kind_names[kind], what, as, trust_verdict_name(verdict),
                 trust_verdict_name(expected));
}

/* What is judged at a login and at a form. */
static const struct attack {
    const char *what;
    enum authority issuer;
    struct pki_spec spec;
    enum trust_verdict login, form;
} attacks[] = {
    {"self-signed", SELF, {.serial = 0}, TRUST_SELF_SIGNED, TRUST_SELF_SIGNED},
    {"by an impostor of our authority", IMPOSTOR, {.serial = 0}, TRUST_FOREIGN, TRUST_FOREIGN},
    {"by a CA that is not brought along", CA1, {.serial = 0}, TRUST_FOREIGN, TRUST_FOREIGN},
    {"expired", ROOT, {.until = NOW - 1}, TRUST_EXPIRED, TRUST_EXPIRED},
    {"not yet valid", ROOT, {.from = NOW + 1}, TRUST_NOT_YET, TRUST_NOT_YET},
    {"revoked", ROOT, {.serial = REVOKED_SERIAL}, TRUST_REVOKED, TRUST_REVOKED},
    {"for encryption", ROOT, {.usage = "keyEncipherment"}, TRUST_USAGE, TRUST_USAGE},
    {"for key agreement", ROOT, {.usage = "keyAgreement"}, TRUST_USAGE, TRUST_USAGE},
    {"a CA's", ROOT, {.authority = true, .usage = "digitalSignature,keyCertSign"},
     TRUST_USAGE, TRUST_USAGE},
    {"for nonRepudiation alone", ROOT, {.usage = "critical,nonRepudiation"}, TRUST_USAGE, TRUST_OK},
    {"for servers", ROOT, {.extended = "serverAuth"}, TRUST_USAGE, TRUST_USAGE},
    {"for code", ROOT, {.extended = "codeSigning"}, TRUST_USAGE, TRUST_USAGE},
    {"for timestamps", ROOT, {.extended = "critical,timeStamping"}, TRUST_USAGE, TRUST_USAGE},
    {"for OCSP", ROOT, {.extended = "OCSPSigning"}, TRUST_USAGE, TRUST_USAGE},
    {"for mail", ROOT, {.extended = "emailProtection"}, TRUST_USAGE, TRUST_OK},
    {"for documents", ROOT, {.extended = "1.3.6.1.5.5.7.3.36"}, TRUST_USAGE, TRUST_OK},
    {"for clients", ROOT, {.extended = "clientAuth"}, TRUST_OK, TRUST_OK},
    {"no code", ROOT, {.extension = "1.2.3.4"}, TRUST_NO_CODE, TRUST_NO_CODE},
    {"good", ROOT, {.usage = "critical,digitalSignature,nonRepudiation"}, TRUST_OK, TRUST_OK},
};

static void judges_each_attack(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < sizeof(attacks) / sizeof(*attacks); i++) {
            struct bytes der = make(attacks[i].spec, kind, attacks[i].issuer, keys[kind]);

            expect(attacks[i].what, kind, "login", judge(&der, 1, TRUST_LOGIN), attacks[i].login);
            expect(attacks[i].what, kind, "form", judge(&der, 1, TRUST_FORM), attacks[i].form);
        }
}

static void refuses_weak_keys_and_digests(void **state)
{
    struct bytes der = make((struct pki_spec){.serial = 0}, BY_RSA, ROOT, weak);

    (void)state;
    expect("RSA-1024", BY_RSA, "login", judge(&der, 1, TRUST_LOGIN), TRUST_WEAK);
    expect("RSA-1024", BY_RSA, "form", judge(&der, 1, TRUST_FORM), TRUST_WEAK);
    for (enum kind kind = BY_RSA; kind <= BY_EC; kind++) {
        der = make((struct pki_spec){.digest = "SHA1"}, kind, ROOT, keys[kind]);
        expect("SHA-1", kind, "login", judge(&der, 1, TRUST_LOGIN), TRUST_DIGEST);
        expect("SHA-1", kind, "form", judge(&der, 1, TRUST_FORM), TRUST_DIGEST);
    }
}

/* Two CAs in between are allowed; the certificate's own issuer stands first. */
static const struct {
    const char *what;
    enum authority brought[CHAIN_MOST];
    enum trust_verdict verdict;
} chains[] = {
    {"one CA", {CA1, ROOT}, TRUST_OK},
    {"two CAs", {CA2, CA1, ROOT}, TRUST_OK},
    {"three CAs", {CA3, CA2, CA1, ROOT}, TRUST_CHAIN},
    {"four CAs", {CA4, CA3, CA2, CA1, ROOT}, TRUST_CHAIN},
    {"a hole", {CA2, ROOT}, TRUST_FOREIGN},
    {"a CA that allows none below itself", {NARROW, ROOT}, TRUST_OK},
    {"one below it", {BELOW_NARROW, NARROW, ROOT}, TRUST_CHAIN},
};

static void bounds_chains(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < sizeof(chains) / sizeof(*chains); i++) {
            struct bytes chain[1 + CHAIN_MOST];
            size_t count = 0;

            chain[count++] =
                make((struct pki_spec){.serial = 0}, kind, chains[i].brought[0], keys[kind]);
            for (const enum authority *at = chains[i].brought; *at != ROOT; at++)
                chain[count++] = encoded(authorities[kind][*at].certificate);
            expect(chains[i].what, kind, "login", judge(chain, count, TRUST_LOGIN),
                   chains[i].verdict);
            expect(chains[i].what, kind, "form", judge(chain, count, TRUST_FORM),
                   chains[i].verdict);
        }
}

/* An SM2 signature counts only under the identity that the standard gives signers. */
static void refuses_changed_bytes(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct bytes good = make((struct pki_spec){.serial = 0}, kind, ROOT, keys[kind]);
        uint8_t *copy = pool_copy(pool, good.data, good.size);

        for (size_t i = 0; i < good.size; i += 7) {
            struct bytes changed = {copy, good.size};

            copy[i] ^= 1;
            if (judge(&changed, 1, TRUST_LOGIN) == TRUST_OK)
                fail_msg("%s: byte %zu may be changed", kind_names[kind], i);
            copy[i] ^= 1;
        }
    }
}

/* A list that our SM2 authority did not sign says nothing. */
static void refuses_forged_lists(void **state)
{
    static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", OID, NULL}};
    struct trust_settings settings = {.authorities = paper_path("authorities.pem"),
                                      .revocations = paper_path("forged.pem"),
                                      .revocations_required = true,
                                      .firm_code = codes};
    struct trust *genuine = trust;

    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        X509_CRL *forged = list_of(kind, IMPOSTOR);
        struct bytes der = make((struct pki_spec){.serial = 0}, kind, ROOT, keys[kind]);

        pki_write_crls(settings.revocations, forged, NULL);
        X509_CRL_free(forged);
        assert_int_equal(trust_open(&settings, &trust, NULL), 0);
        expect("forged list", kind, "login", judge(&der, 1, TRUST_LOGIN), TRUST_NO_CRL);
        trust_free(&trust);
    }
    trust = genuine;
}

static void names_every_cause(void **state)
{
    (void)state;
    for (enum trust_verdict a = TRUST_OK; strcmp(trust_verdict_name(a), "unknown") != 0; a++)
        for (enum trust_verdict b = TRUST_OK; b < a; b++)
            assert_string_not_equal(trust_verdict_name(a), trust_verdict_name(b));
    assert_string_equal(trust_verdict_name(TRUST_CHAIN), "chain");
    assert_string_equal(trust_verdict_name(TRUST_DIGEST), "digest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_each_attack),
        cmocka_unit_test(refuses_weak_keys_and_digests),
        cmocka_unit_test(bounds_chains),
        cmocka_unit_test(refuses_changed_bytes),
        cmocka_unit_test(refuses_forged_lists),
        cmocka_unit_test(names_every_cause),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
