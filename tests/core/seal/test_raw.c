/* A raw signature: every way in which it can be none, and each algorithm where it is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/raw.h"
#include "tests/core/seal/pki.h"

enum { CERTIFICATE_ROOM = 4096, SALT_DIGEST = RSA_PSS_SALTLEN_DIGEST };

#define NOW INT64_C(1767240000)

enum key { RSA2048, RSA2047, RSA1024, PSS_ONLY, P256, P384, P521, K256, SM2, ED25519, OTHER_RSA,
           OTHER_P256, OTHER_SM2, KEYS };

static const char statement_text[] = "ecert-login-1\n"
                                     "6a2da20943931e9834fc12cfe5bb47bbd9ae43489a30726962b576f4e3993e50\n"
                                     "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n";
static const struct bytes statement = {(const uint8_t *)statement_text, sizeof(statement_text) - 1};

static struct pool *pool;
static struct pki owners[KEYS];
static struct bytes certificates[KEYS];

static struct bytes encode(const X509 *certificate)
{
    uint8_t *out = NULL;
    int size = i2d_X509(certificate, &out);
    struct bytes der = {pool_copy(pool, out, (size_t)size), (size_t)size};

    assert_true(size > 0);
    OPENSSL_free(out);
    return der;
}

static EVP_PKEY *make_key(enum key key)
{
    switch (key) {
    case RSA2048: case OTHER_RSA: return pki_rsa(2048);
    case RSA2047: return pki_rsa(2047);
    case RSA1024: return pki_rsa(1024);
    case PSS_ONLY: return pki_pss(2048, "SHA256");
    case P384: return pki_ec_on("P-384");
    case P521: return pki_ec_on("P-521");
    case K256: return pki_ec_on("secp256k1");
    case SM2: case OTHER_SM2: return pki_sm2();
    case ED25519: return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    default: return pki_ec();
    }
}

/* Whoever signs it: the certificate only carries the key. */
static int set_up(void **state)
{
    struct pki_spec spec = {.name = "演示企业", .usage = "digitalSignature", .from = NOW - 60,
                            .until = NOW + 60, .serial = 5};
    struct pki authority = pki_make(&spec, pki_ec(), NULL);

    (void)state;
    pool = pool_new(1 << 20, 0);
    for (enum key key = 0; key < KEYS; key++) {
        owners[key] = pki_make(&spec, make_key(key), &authority);
        certificates[key] = encode(owners[key].certificate);
    }
    pki_free(&authority);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (enum key key = 0; key < KEYS; key++)
        pki_free(&owners[key]);
    pool_free(&pool);
    return 0;
}

/* How one signs; by OpenSSL, not by ours. */
struct recipe {
    enum key key;
    const char *digest;
    int padding;
    int salt;
    const char *mgf1;     /* NULL: the digest */
    const char *identity; /* of an SM2 signer; NULL: the standard's */
};

static struct bytes sign_over(struct bytes content, const struct recipe *recipe)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const char *identity = recipe->identity ? recipe->identity : "1234567812345678";
    uint8_t *out = pool_alloc(pool, 1024);
    size_t size = 1024;
    EVP_PKEY_CTX *parameters;

    assert_int_equal(EVP_DigestSignInit_ex(context, &parameters, recipe->digest, NULL, NULL,
                                           owners[recipe->key].key, NULL), 1);
    if (recipe->padding)
        assert_true(EVP_PKEY_CTX_set_rsa_padding(parameters, recipe->padding) > 0);
    if (recipe->salt)
        assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, recipe->salt) > 0);
    if (recipe->mgf1)
        assert_true(EVP_PKEY_CTX_set_rsa_mgf1_md_name(parameters, recipe->mgf1, NULL) > 0);
    if (recipe->key == SM2 || recipe->key == OTHER_SM2)
        assert_true(EVP_PKEY_CTX_set1_id(parameters, identity, strlen(identity)) > 0);
    assert_int_equal(EVP_DigestSign(context, out, &size, content.data, content.size), 1);
    EVP_MD_CTX_free(context);
    return (struct bytes){out, size};
}

static struct bytes sign(const struct recipe *recipe)
{
    return sign_over(statement, recipe);
}

static enum raw_verdict judge(struct bytes certificate, const char *algorithm, struct bytes signature)
{
    enum raw_verdict verdict;
    struct err err = {0};

    if (raw_verify(certificate, algorithm, statement, signature, &verdict, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(ERR_peek_error(), 0);
    return verdict;
}

static void expect(const char *what, enum key key, const char *algorithm, struct bytes signature,
                   enum raw_verdict expected)
{
    enum raw_verdict verdict = judge(certificates[key], algorithm, signature);

    if (verdict != expected)
        fail_msg("%s: %s, not %s", what, raw_verdict_name(verdict), raw_verdict_name(expected));
}

static const struct recipe rs256 = {RSA2048, "SHA256", RSA_PKCS1_PADDING, 0, NULL, NULL};
static const struct recipe ps256 = {RSA2048, "SHA256", RSA_PKCS1_PSS_PADDING, SALT_DIGEST, NULL, NULL};
static const struct recipe es256 = {P256, "SHA256", 0, 0, NULL, NULL};
static const struct recipe es384 = {P384, "SHA384", 0, 0, NULL, NULL};
static const struct recipe sm2sm3 = {SM2, "SM3", 0, 0, NULL, NULL};

static void refuses_other_algorithms(void **state)
{
    static const char *const names[] = {"", "rs256", "RS1", "RS256 ", "RS", "ES512", "ES256K", "none",
                                        "HS256", "EdDSA", "SHA256", "SM3", "PS256\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        expect(names[i], RSA2048, names[i], sign(&rs256), RAW_ALGORITHM);
    expect("no name", RSA2048, NULL, sign(&rs256), RAW_ALGORITHM);
}

static void refuses_broken_certificates(void **state)
{
    struct bytes good = certificates[P256], signature = sign(&es256);
    uint8_t longer[CERTIFICATE_ROOM] = {0};

    (void)state;
    assert_true(good.size < sizeof(longer));
    assert_int_equal(judge((struct bytes){NULL, 0}, "ES256", signature), RAW_CERTIFICATE);
    assert_int_equal(judge(statement, "ES256", signature), RAW_CERTIFICATE);
    for (size_t size = 0; size < good.size; size++)
        assert_int_equal(judge((struct bytes){pool_copy(pool, good.data, size), size}, "ES256",
                               signature), RAW_CERTIFICATE);
    memcpy(longer, good.data, good.size);
    assert_int_equal(judge((struct bytes){longer, good.size + 1}, "ES256", signature),
                     RAW_CERTIFICATE);
}

/* A point that is not on the curve is no key. */
static void refuses_a_point_off_the_curve(void **state)
{
    uint8_t *der = pool_copy(pool, certificates[P256].data, certificates[P256].size), *point = NULL;
    size_t size = EVP_PKEY_get1_encoded_public_key(owners[P256].key, &point);
    uint8_t *at = memmem(der, certificates[P256].size, point, size);

    (void)state;
    assert_non_null(at);
    at[size - 1] ^= 1;
    OPENSSL_free(point);
    assert_int_equal(judge((struct bytes){der, certificates[P256].size}, "ES256", sign(&es256)),
                     RAW_CERTIFICATE);
}

static void refuses_other_keys(void **state)
{
    static const struct {
        enum key key;
        const char *algorithm;
    } cases[] = {
        {P256, "RS256"}, {P256, "PS256"}, {P256, "ES384"}, {P256, "SM2SM3"}, {P384, "ES256"},
        {P521, "ES256"}, {P521, "ES384"}, {K256, "ES256"}, {K256, "SM2SM3"}, {SM2, "ES256"},
        {SM2, "ES384"}, {SM2, "RS256"}, {RSA2048, "ES256"}, {RSA2048, "ES384"},
        {RSA2048, "SM2SM3"}, {PSS_ONLY, "RS256"}, {PSS_ONLY, "ES256"}, {ED25519, "ES256"},
        {ED25519, "RS256"}, {ED25519, "SM2SM3"}, {RSA1024, "ES256"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        expect(cases[i].algorithm, cases[i].key, cases[i].algorithm, sign(&es256), RAW_KEY);
}

static void refuses_weak_keys(void **state)
{
    struct recipe weak = rs256;

    (void)state;
    weak.key = RSA1024;
    expect("RSA-1024", RSA1024, "RS256", sign(&weak), RAW_WEAK);
    weak.key = RSA2047;
    expect("RSA-2047", RSA2047, "RS256", sign(&weak), RAW_WEAK);
    weak.padding = RSA_PKCS1_PSS_PADDING;
    expect("RSA-2047, PSS", RSA2047, "PS256", sign(&weak), RAW_WEAK);
}

static void refuses_malformed_values(void **state)
{
    struct bytes rsa = sign(&rs256), ec = sign(&es256), sm2 = sign(&sm2sm3);
    uint8_t buffer[RAW_SIGNATURE_LIMIT + 1] = {0};

    (void)state;
    expect("RSA, none", RSA2048, "RS256", (struct bytes){NULL, 0}, RAW_MALFORMED);
    expect("RSA, short", RSA2048, "RS256", (struct bytes){rsa.data, rsa.size - 1}, RAW_MALFORMED);
    memcpy(buffer, rsa.data, rsa.size);
    expect("RSA, long", RSA2048, "RS256", (struct bytes){buffer, rsa.size + 1}, RAW_MALFORMED);
    expect("RSA, huge", RSA2048, "RS256", (struct bytes){buffer, sizeof(buffer)}, RAW_MALFORMED);
    expect("PSS, short", RSA2048, "PS256", (struct bytes){rsa.data, rsa.size - 1}, RAW_MALFORMED);
    expect("ECDSA, none", P256, "ES256", (struct bytes){NULL, 0}, RAW_MALFORMED);
    expect("ECDSA, huge", P256, "ES256", (struct bytes){buffer, sizeof(buffer)}, RAW_MALFORMED);
    for (size_t size = 1; size < ec.size; size++)
        expect("ECDSA, cut", P256, "ES256", (struct bytes){pool_copy(pool, ec.data, size), size},
               RAW_MALFORMED);
    for (size_t size = 1; size < sm2.size; size++)
        expect("SM2, cut", SM2, "SM2SM3", (struct bytes){pool_copy(pool, sm2.data, size), size},
               RAW_MALFORMED);
    memcpy(buffer, ec.data, ec.size);
    expect("ECDSA, longer", P256, "ES256", (struct bytes){buffer, ec.size + 1}, RAW_MALFORMED);
    expect("an RSA value for ECDSA", P256, "ES256", rsa, RAW_MALFORMED);
}

/* r and s as the browser's WebCrypto returns them, and in encodings that are not DER's. */
static void refuses_other_encodings(void **state)
{
    static const uint8_t bad[][16] = {
        {0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x05},       /* r is 0 */
        {0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x00},       /* s is 0 */
        {0x30, 0x06, 0x02, 0x01, 0x85, 0x02, 0x01, 0x05},       /* r is negative */
        {0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0xff},       /* s is negative */
        {0x30, 0x03, 0x02, 0x01, 0x05},                         /* no s */
        {0x30, 0x09, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05},
        {0x30, 0x07, 0x02, 0x02, 0x00, 0x05, 0x02, 0x01, 0x05}, /* r is padded */
        {0x30, 0x81, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05}, /* BER's long length */
        {0x30, 0x80, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05, 0x00, 0x00},
        {0x31, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05},       /* a SET */
    };
    static const size_t sizes[] = {8, 8, 8, 8, 5, 11, 9, 9, 10, 8};
    uint8_t plain[64];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        expect("ECDSA", P256, "ES256", (struct bytes){bad[i], sizes[i]}, RAW_MALFORMED);
        expect("SM2", SM2, "SM2SM3", (struct bytes){bad[i], sizes[i]}, RAW_MALFORMED);
    }
    memset(plain, 0x31, sizeof(plain));
    expect("r and s bare", P256, "ES256", (struct bytes){plain, sizeof(plain)}, RAW_MALFORMED);
}

static void refuses_forgeries(void **state)
{
    static const uint8_t small[] = {0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05};
    uint8_t zeros[256] = {0};
    struct recipe other;

    (void)state;
    expect("RSA, zeros", RSA2048, "RS256", (struct bytes){zeros, sizeof(zeros)}, RAW_FORGED);
    expect("PSS, zeros", RSA2048, "PS256", (struct bytes){zeros, sizeof(zeros)}, RAW_FORGED);
    memset(zeros, 0xff, sizeof(zeros));
    expect("RSA, past the modulus", RSA2048, "RS256", (struct bytes){zeros, sizeof(zeros)}, RAW_FORGED);
    expect("ECDSA, small", P256, "ES256", (struct bytes){small, sizeof(small)}, RAW_FORGED);
    expect("SM2, small", SM2, "SM2SM3", (struct bytes){small, sizeof(small)}, RAW_FORGED);
    expect("RSA, another's", OTHER_RSA, "RS256", sign(&rs256), RAW_FORGED);
    expect("PSS, another's", OTHER_RSA, "PS256", sign(&ps256), RAW_FORGED);
    expect("ECDSA, another's", OTHER_P256, "ES256", sign(&es256), RAW_FORGED);
    expect("SM2, another's", OTHER_SM2, "SM2SM3", sign(&sm2sm3), RAW_FORGED);
    expect("v1.5 as PSS", RSA2048, "PS256", sign(&rs256), RAW_FORGED);
    expect("PSS as v1.5", RSA2048, "RS256", sign(&ps256), RAW_FORGED);
    expect("SHA-256 as SHA-384", RSA2048, "RS384", sign(&rs256), RAW_FORGED);
    expect("SHA-256 as SHA-512, PSS", RSA2048, "PS512", sign(&ps256), RAW_FORGED);
    other = rs256, other.digest = "SHA1";
    expect("SHA-1", RSA2048, "RS256", sign(&other), RAW_FORGED);
    other = es256, other.digest = "SHA384";
    expect("SHA-384 on P-256", P256, "ES256", sign(&other), RAW_FORGED);
    other = ps256, other.salt = 20;
    expect("another salt", RSA2048, "PS256", sign(&other), RAW_FORGED);
    other = ps256, other.salt = RSA_PSS_SALTLEN_MAX;
    expect("the longest salt", RSA2048, "PS256", sign(&other), RAW_FORGED);
    other = ps256, other.mgf1 = "SHA1";
    expect("MGF1 by SHA-1", RSA2048, "PS256", sign(&other), RAW_FORGED);
    other = sm2sm3, other.identity = "ALICE123@YAHOO.COM";
    expect("another SM2 identity", SM2, "SM2SM3", sign(&other), RAW_FORGED);
}

static void refuses_other_statements(void **state)
{
    static const struct {
        enum key key;
        const char *algorithm;
        const struct recipe *recipe;
    } cases[] = {
        {RSA2048, "RS256", &rs256}, {RSA2048, "PS256", &ps256}, {P256, "ES256", &es256},
        {P384, "ES384", &es384}, {SM2, "SM2SM3", &sm2sm3},
    };
    char text[sizeof(statement_text)];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (size_t at = 0; at < statement.size; at += 13) {
            memcpy(text, statement_text, sizeof(text));
            text[at] ^= 1;
            expect("a changed byte", cases[i].key, cases[i].algorithm,
                   sign_over((struct bytes){(uint8_t *)text, statement.size}, cases[i].recipe),
                   RAW_FORGED);
        }
        expect("a cut statement", cases[i].key, cases[i].algorithm,
               sign_over((struct bytes){statement.data, statement.size - 1}, cases[i].recipe),
               RAW_FORGED);
    }
}

/* A key for PSS with SHA-256 is held to that. */
static void holds_a_key_to_its_parameters(void **state)
{
    struct recipe own = ps256;

    (void)state;
    own.key = PSS_ONLY;
    expect("PSS key, SHA-384", PSS_ONLY, "PS384", sign(&own), RAW_KEY);
    expect("PSS key", PSS_ONLY, "PS256", sign(&own), RAW_OK);
}

static void takes_every_algorithm(void **state)
{
    static const struct {
        const char *algorithm;
        struct recipe recipe;
    } cases[] = {
        {"RS256", {RSA2048, "SHA256", RSA_PKCS1_PADDING, 0, NULL, NULL}},
        {"RS384", {RSA2048, "SHA384", RSA_PKCS1_PADDING, 0, NULL, NULL}},
        {"RS512", {RSA2048, "SHA512", RSA_PKCS1_PADDING, 0, NULL, NULL}},
        {"PS256", {RSA2048, "SHA256", RSA_PKCS1_PSS_PADDING, SALT_DIGEST, NULL, NULL}},
        {"PS384", {RSA2048, "SHA384", RSA_PKCS1_PSS_PADDING, SALT_DIGEST, NULL, NULL}},
        {"PS512", {RSA2048, "SHA512", RSA_PKCS1_PSS_PADDING, SALT_DIGEST, NULL, NULL}},
        {"ES256", {P256, "SHA256", 0, 0, NULL, NULL}},
        {"ES384", {P384, "SHA384", 0, 0, NULL, NULL}},
        {"SM2SM3", {SM2, "SM3", 0, 0, NULL, NULL}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        for (int round = 0; round < 8; round++)
            expect(cases[i].algorithm, cases[i].recipe.key, cases[i].algorithm,
                   sign(&cases[i].recipe), RAW_OK);
}

static void names_its_verdicts(void **state)
{
    (void)state;
    assert_string_equal(raw_verdict_name(RAW_OK), "ok");
    assert_string_equal(raw_verdict_name(RAW_FORGED), "forged");
    assert_string_equal(raw_verdict_name((enum raw_verdict)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_other_algorithms),
        cmocka_unit_test(refuses_broken_certificates),
        cmocka_unit_test(refuses_a_point_off_the_curve),
        cmocka_unit_test(refuses_other_keys),
        cmocka_unit_test(refuses_weak_keys),
        cmocka_unit_test(refuses_malformed_values),
        cmocka_unit_test(refuses_other_encodings),
        cmocka_unit_test(refuses_forgeries),
        cmocka_unit_test(refuses_other_statements),
        cmocka_unit_test(holds_a_key_to_its_parameters),
        cmocka_unit_test(takes_every_algorithm),
        cmocka_unit_test(names_its_verdicts),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
