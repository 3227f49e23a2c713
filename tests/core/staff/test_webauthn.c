/*
 * Keys of staff: what authenticators and browsers hand over, in each algorithm, and each thing that can
 * be wrong with it. A small authenticator of the test's own makes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/staff/webauthn.h"
#include "tests/core/staff/authenticator.h"

static const struct webauthn_expected expected = {
    .challenge = AUTHENTICATOR_CHALLENGE, .origin = AUTHENTICATOR_ORIGIN, .rp_id = AUTHENTICATOR_RP};

static struct pool *pool;

static enum webauthn_verdict take(const struct authenticator_recipe *recipe,
                                  const struct webauthn_expected *wanted,
                                  struct webauthn_credential *credential)
{
    struct authenticator_made made = authenticator_register(pool, recipe);
    enum webauthn_verdict verdict;
    struct err err;

    if (webauthn_register(pool, wanted, made.client, made.data, &verdict, credential, &err) < 0)
        fail_msg("%s", err.text);
    return verdict;
}

static enum webauthn_verdict use(const struct authenticator_recipe *recipe,
                                 const struct webauthn_expected *wanted, struct bytes key,
                                 uint32_t counter, uint32_t *next)
{
    struct authenticator_made made = authenticator_assert(pool, recipe);
    enum webauthn_verdict verdict;
    struct err err;

    if (webauthn_assert(pool, wanted, key, counter, made.client, made.data, made.signature, &verdict,
                        next, &err) < 0)
        fail_msg("%s", err.text);
    return verdict;
}

static void takes_keys_of_each_algorithm(void **state)
{
    (void)state;
    for (int i = 0; i < AUTHENTICATOR_ALGORITHMS; i++) {
        struct authenticator_recipe recipe = {.algorithm = i, .flags = 0x01, .counter = 7};
        struct webauthn_credential credential;
        uint32_t next;

        assert_int_equal(take(&recipe, &expected, &credential), WEBAUTHN_OK);
        assert_int_equal(credential.counter, 7);
        assert_int_equal(credential.id.size, 16);
        assert_in_range(credential.public_key.size, 40, 600);
        recipe.counter = 8;
        assert_int_equal(use(&recipe, &expected, credential.public_key, 7, &next), WEBAUTHN_OK);
        assert_int_equal(next, 8);
        /* With extensions behind, and by one that does not count. */
        recipe.extensions = true;
        recipe.counter = 0;
        assert_int_equal(use(&recipe, &expected, credential.public_key, 0, &next), WEBAUTHN_OK);
        recipe.extensions = false;
        /* A key of another. */
        struct authenticator_recipe other = {.algorithm = i, .flags = 0x01, .counter = 9, .key = 1};
        assert_int_equal(use(&other, &expected, credential.public_key, 8, &next), WEBAUTHN_SIGNATURE);
    }
}

/* What is wrong, at registration and at use; what is not told is as it should be. */
static const struct {
    struct authenticator_recipe recipe;
    enum webauthn_verdict registered, used;
} wrong[] = {
    {{.flags = 0x00}, WEBAUTHN_ABSENT, WEBAUTHN_ABSENT},
    {{.flags = 0x04}, WEBAUTHN_ABSENT, WEBAUTHN_ABSENT},
    {{.flags = 0x11}, WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED}, /* backed up, and can't be */
    {{.flags = 0x19}, WEBAUTHN_OK, WEBAUTHN_OK},
    {{.flags = 0x81}, WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED}, /* extensions that are not there */
    {{.flags = 0x01, .rp = "example.org"}, WEBAUTHN_RP, WEBAUTHN_RP},
    {{.flags = 0x01, .client = AUTHENTICATOR_CLIENT("webauthn.create", AUTHENTICATOR_CHALLENGE,
                                                   "https://evil.test:8443", "")},
     WEBAUTHN_ORIGIN, WEBAUTHN_CHALLENGE},
    {{.flags = 0x01, .client = AUTHENTICATOR_CLIENT("webauthn.get", AUTHENTICATOR_CHALLENGE,
                                                   "https://evil.test:8443", "")},
     WEBAUTHN_CHALLENGE, WEBAUTHN_ORIGIN},
    {{.flags = 0x01, .client = AUTHENTICATOR_CLIENT("webauthn.get", AUTHENTICATOR_CHALLENGE,
                                                   AUTHENTICATOR_ORIGIN, ",\"crossOrigin\":true")},
     WEBAUTHN_CHALLENGE, WEBAUTHN_ORIGIN},
    {{.flags = 0x01, .client = AUTHENTICATOR_CLIENT("webauthn.get", "AAAA", AUTHENTICATOR_ORIGIN, "")},
     WEBAUTHN_CHALLENGE, WEBAUTHN_CHALLENGE},
    {{.flags = 0x01, .client = AUTHENTICATOR_CLIENT("webauthn.get", AUTHENTICATOR_CHALLENGE "A",
                                                   AUTHENTICATOR_ORIGIN, "")},
     WEBAUTHN_CHALLENGE, WEBAUTHN_CHALLENGE},
    {{.flags = 0x01, .client = AUTHENTICATOR_CLIENT("webauthn.get", AUTHENTICATOR_CHALLENGE,
                                                   AUTHENTICATOR_ORIGIN,
                                                   ",\"challenge\":\"" AUTHENTICATOR_CHALLENGE "\"")},
     WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED},
    {{.flags = 0x01, .client = "[]"}, WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED},
    {{.flags = 0x01, .client = "{"}, WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED},
    {{.flags = 0x01, .client = ""}, WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED},
    {{.flags = 0x01, .client = "{\"type\":7}"}, WEBAUTHN_CHALLENGE, WEBAUTHN_CHALLENGE},
    {{.flags = 0x01, .cut = 1}, WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED},
    {{.flags = 0x01, .cut = 30}, WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED},
    {{.flags = 0x01, .more = 1}, WEBAUTHN_MALFORMED, WEBAUTHN_MALFORMED},
    {{.flags = 0x01, .alien = AUTHENTICATOR_ALIEN_ALGORITHM}, WEBAUTHN_ALGORITHM, WEBAUTHN_OK},
    {{.flags = 0x01, .alien = AUTHENTICATOR_ALIEN_CURVE}, WEBAUTHN_ALGORITHM, WEBAUTHN_OK},
    {{.flags = 0x01, .alien = AUTHENTICATOR_OFF_CURVE}, WEBAUTHN_ALGORITHM, WEBAUTHN_OK},
    {{.flags = 0x01, .alien = AUTHENTICATOR_SHORT_POINT}, WEBAUTHN_ALGORITHM, WEBAUTHN_OK},
};

static void refuses_what_is_wrong(void **state)
{
    struct authenticator_recipe good = {.flags = 0x01};
    struct webauthn_credential credential;

    (void)state;
    assert_int_equal(take(&good, &expected, &credential), WEBAUTHN_OK);
    struct bytes key = credential.public_key;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        uint32_t next;
        enum webauthn_verdict registered = take(&wrong[i].recipe, &expected, &credential);
        enum webauthn_verdict used = use(&wrong[i].recipe, &expected, key, 0, &next);

        if (registered != wrong[i].registered || used != wrong[i].used)
            fail_msg("%zu: %s, %s", i, webauthn_verdict_name(registered), webauthn_verdict_name(used));
    }
}

static void demands_to_know_who_it_was(void **state)
{
    struct webauthn_expected strict = expected;
    struct authenticator_recipe recipe = {.flags = 0x01};
    struct webauthn_credential credential;
    uint32_t next;

    (void)state;
    strict.verified = true;
    assert_int_equal(take(&recipe, &strict, &credential), WEBAUTHN_UNVERIFIED);
    recipe.flags = 0x05;
    assert_int_equal(take(&recipe, &strict, &credential), WEBAUTHN_OK);
    assert_int_equal(use(&recipe, &strict, credential.public_key, 0, &next), WEBAUTHN_OK);
    recipe.flags = 0x01;
    assert_int_equal(use(&recipe, &strict, credential.public_key, 0, &next), WEBAUTHN_UNVERIFIED);
}

static void finds_copies_by_the_counter(void **state)
{
    struct authenticator_recipe recipe = {.flags = 0x01, .counter = 5};
    struct webauthn_credential credential;
    uint32_t next;

    (void)state;
    assert_int_equal(take(&recipe, &expected, &credential), WEBAUTHN_OK);
    assert_int_equal(use(&recipe, &expected, credential.public_key, 5, &next), WEBAUTHN_COUNTER);
    assert_int_equal(use(&recipe, &expected, credential.public_key, 9, &next), WEBAUTHN_COUNTER);
    assert_int_equal(use(&recipe, &expected, credential.public_key, 4, &next), WEBAUTHN_OK);
    recipe.counter = 0;
    assert_int_equal(use(&recipe, &expected, credential.public_key, 1, &next), WEBAUTHN_COUNTER);
    recipe.counter = UINT32_MAX;
    assert_int_equal(use(&recipe, &expected, credential.public_key, UINT32_MAX - 1, &next), WEBAUTHN_OK);
    assert_int_equal(next, UINT32_MAX);
}

/* Every bit of what was signed counts, and no cut of what was handed over is taken. */
static void notices_every_change(void **state)
{
    const struct authenticator_recipe recipe = {.flags = 0x01, .counter = 1};
    struct webauthn_credential credential;
    enum webauthn_verdict verdict;
    uint32_t next;
    struct err err;

    (void)state;
    assert_int_equal(take(&recipe, &expected, &credential), WEBAUTHN_OK);
    struct authenticator_made made = authenticator_assert(pool, &recipe);
    uint8_t *parts[] = {(uint8_t *)(uintptr_t)made.data.data, (uint8_t *)(uintptr_t)made.client.data,
                        (uint8_t *)(uintptr_t)made.signature.data};
    const size_t sizes[] = {made.data.size, made.client.size, made.signature.size};
    for (size_t p = 0; p < 3; p++)
        for (size_t i = 0; i < sizes[p]; i++) {
            parts[p][i] ^= 1;
            assert_int_equal(webauthn_assert(pool, &expected, credential.public_key, 0, made.client,
                                             made.data, made.signature, &verdict, &next, &err), 0);
            if (verdict == WEBAUTHN_OK)
                fail_msg("part %zu, byte %zu", p, i);
            parts[p][i] ^= 1;
        }
    struct authenticator_made whole = authenticator_register(pool, &recipe);
    for (size_t size = 0; size < whole.data.size; size++) {
        struct bytes cut = {pool_copy(pool, whole.data.data, size), size};
        assert_int_equal(webauthn_register(pool, &expected, whole.client, cut, &verdict, &credential,
                                           &err), 0);
        assert_int_equal(verdict, WEBAUTHN_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_keys_of_each_algorithm),
        cmocka_unit_test(refuses_what_is_wrong),
        cmocka_unit_test(demands_to_know_who_it_was),
        cmocka_unit_test(finds_copies_by_the_counter),
        cmocka_unit_test(notices_every_change),
    };

    pool = pool_new(0, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed ? 1 : 0;
}
