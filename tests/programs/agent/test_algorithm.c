/* What PKCS#11 makes of an algorithm, and what we make of its signatures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <cmocka.h>

#include "base/pool.h"
#include "programs/agent/algorithm.h"
#include "tests/core/seal/pki.h"

static struct pool *pool;

static int set_up(void **state)
{
    (void)state;
    pool = pool_new(1 << 16, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

static void refuses_unknown_names(void **state)
{
    static const char *const names[] = {"",      "none",  "rs256", "RS256 ", "RS1",
                                        "HS256", "ES512", "EdDSA", "SM2SM3"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_null(algorithm_find(names[i]));
    for (size_t i = 0; i < ALGORITHM_COUNT; i++)
        assert_ptr_equal(algorithm_find(algorithms[i].name), &algorithms[i]);
}

static void keys_do_what_they_can(void **state)
{
    EVP_PKEY *rsa = pki_rsa(2048), *p256 = pki_ec(), *p384 = pki_ec_on("P-384");

    (void)state;
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        const struct algorithm *algorithm = &algorithms[i];

        assert_int_equal(algorithm_fits(algorithm, rsa), algorithm->name[0] != 'E');
        assert_int_equal(algorithm_fits(algorithm, p256), strcmp(algorithm->name, "ES256") == 0);
        assert_int_equal(algorithm_fits(algorithm, p384), strcmp(algorithm->name, "ES384") == 0);
    }
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p384);
}

/* RFC 8017, 9.2, note 1. */
static void a_digest_info_is_as_the_standard_has_it(void **state)
{
    static const uint8_t prefix[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                     0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    const struct bytes parts[] = {
        {(const uint8_t *)"a",  1},
        {(const uint8_t *)"bc", 2}
    };
    static const uint8_t start[] = {0xba, 0x78, 0x16, 0xbf}; /* of SHA-256 of "abc" (FIPS 180-2) */
    uint8_t digest[ALGORITHM_DIGEST_MAX];
    struct bytes info;

    (void)state;
    assert_int_equal(algorithm_digest(algorithm_find("RS256"), parts, 2, digest), 0);
    assert_memory_equal(digest, start, sizeof(start));
    assert_int_equal(algorithm_digest_info(algorithm_find("RS256"), pool, digest, &info), 0);
    assert_int_equal(info.size, sizeof(prefix) + 32);
    assert_memory_equal(info.data, prefix, sizeof(prefix));
    assert_memory_equal(info.data + sizeof(prefix), digest, 32);
}

static void ecdsa_values_become_der(void **state)
{
    /* r with its highest bit, s with leading zeros: an INTEGER needs one more byte, and fewer. */
    static const uint8_t begin[] = {0x30, 0x26, 0x02, 0x21, 0x00, 0xff}, end[] = {0x02, 0x01, 0x07};
    const struct algorithm *es256 = algorithm_find("ES256");
    uint8_t raw[64] = {0xff};
    struct bytes der;

    (void)state;
    raw[63] = 7;
    assert_int_equal(algorithm_ecdsa_der(es256, pool, (struct bytes){raw, 63}, &der), -1);
    assert_int_equal(algorithm_ecdsa_der(es256, pool, (struct bytes){raw, 0}, &der), -1);
    assert_int_equal(
        algorithm_ecdsa_der(algorithm_find("ES384"), pool, (struct bytes){raw, sizeof(raw)}, &der),
        -1);
    assert_int_equal(algorithm_ecdsa_der(es256, pool, (struct bytes){raw, sizeof(raw)}, &der), 0);
    assert_int_equal(der.size, 0x28);
    assert_memory_equal(der.data, begin, sizeof(begin));
    assert_memory_equal(der.data + der.size - sizeof(end), end, sizeof(end));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_unknown_names),
        cmocka_unit_test(keys_do_what_they_can),
        cmocka_unit_test(a_digest_info_is_as_the_standard_has_it),
        cmocka_unit_test(ecdsa_values_become_der),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
