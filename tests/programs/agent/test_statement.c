/* What the agent signs: the two statements that the server makes, and nothing that differs by a
 * byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <openssl/cms.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/sha256.h"
#include "core/seal/cms.h"
#include "core/seal/seal.h"
#include "programs/agent/algorithm.h"
#include "programs/agent/statement.h"
#include "programs/agent/trouble.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

#define SITE "https://ecert.example:8443"

enum { YEAR = 365 * 24 * 3600, ROOM = 4096 };

static struct pool *pool;
static struct pki rsa, other;
static struct bytes rsa_der;

static struct bytes encode(const X509 *certificate)
{
    uint8_t *out = NULL;
    int size = i2d_X509(certificate, &out);
    struct bytes der = {pool_copy(pool, out, (size_t)size), (size_t)size};

    OPENSSL_free(out);
    return der;
}

static int set_up(void **state)
{
    int64_t now = time(NULL);
    struct pki_spec spec = {.name = "firm",
                            .usage = "digitalSignature",
                            .from = now - 60,
                            .until = now + YEAR,
                            .serial = 3};

    (void)state;
    pool = pool_new(1 << 20, 0);
    rsa = pki_make(&spec, pki_rsa(2048), NULL);
    spec.serial = 4;
    other = pki_make(&spec, pki_ec(), NULL);
    rsa_der = encode(rsa.certificate);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_free(&rsa);
    pki_free(&other);
    pool_free(&pool);
    return 0;
}

/* Login */

static struct bytes login(const char *origin)
{
    uint8_t hash[32];
    char hex[65], nonce[65];
    const char *text;

    sha256(origin, strlen(origin), hash);
    hex_encode(hash, 32, hex);
    random_bytes(hash, 32);
    hex_encode(hash, 32, nonce);
    text = pool_printf(pool, "ecert-login-1\n%s\n%s\n", hex, nonce);
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static void login_is_refused(struct bytes statement)
{
    struct trouble trouble;

    assert_int_equal(statement_check_login(statement, SITE, &trouble), -1);
    assert_int_equal(trouble.kind, TROUBLE_REFUSED);
    assert_int_equal(trouble.status, 400);
}

static void every_byte_of_a_login_counts(void **state)
{
    const struct bytes good = login(SITE);
    struct trouble trouble;

    (void)state;
    for (size_t i = 0; i < good.size; i++) {
        uint8_t *bad = pool_copy(pool, good.data, good.size);
        bool in_nonce = i >= 14 + 65 && i < good.size - 1;

        /* In the server's nonce any hex digit is as good as another. */
        bad[i] ^= in_nonce ? 0x80 : 1;
        login_is_refused((struct bytes){bad, good.size});
        login_is_refused((struct bytes){good.data, i});
    }
    login_is_refused(login("https://evil.example"));
    login_is_refused(login(SITE "/"));
    login_is_refused((struct bytes){(uint8_t *)pool_printf(pool, "%sx", good.data), good.size + 1});
    assert_int_equal(statement_check_login(good, SITE, &trouble), 0);
}

/* Form */

struct form {
    struct statement_document document;
    struct bytes statement;
};

/* As the server prepares one. */
static struct form form_make(const struct algorithm *algorithm, X509 *certificate)
{
    struct cms_author author = {.certificate = certificate,
                                .digest = EVP_get_digestbynid(algorithm->digest),
                                .pss = algorithm->pss};
    struct seal_prepared prepared;
    struct form form;
    uint8_t digest[ALGORITHM_DIGEST_MAX];
    uint8_t *named;
    struct bytes all;
    struct err err;

    assert_int_equal(cms_signing_certificate(certificate, &named, &author.named_size, &err), 0);
    author.named = named;
    if (seal_prepare_room(ROOM, pool, paper_make(pool, "", ""), &paper_request, &prepared, &err) <
        0)
        fail_msg("%s", err.text);
    form.document = (struct statement_document){
        prepared.pdf,
        {0, prepared.hole, prepared.hole + prepared.hole_size,
              prepared.pdf.size - prepared.hole - prepared.hole_size}
    };
    all = seal_signed_bytes(pool, &prepared);
    assert_int_equal(algorithm_digest(algorithm, &all, 1, digest), 0);
    if (cms_attributes(&author, pool, (struct bytes){digest, algorithm->digest_size},
                       &form.statement, &err) < 0)
        fail_msg("%s", err.text);
    OPENSSL_free(named);
    return form;
}

static int form_check(const struct form *form, const struct algorithm *algorithm,
                      struct trouble *trouble)
{
    return statement_check_form(pool, form->statement, &form->document, algorithm, rsa_der,
                                trouble);
}

static void form_is_refused(const struct form *form)
{
    struct trouble trouble;

    assert_int_equal(form_check(form, algorithm_find("RS256"), &trouble), -1);
    assert_int_equal(trouble.kind, TROUBLE_REFUSED);
    assert_int_equal(trouble.status, 400);
}

static void takes_the_servers_own(void **state)
{
    struct trouble trouble;

    (void)state;
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        struct form form = form_make(&algorithms[i], rsa.certificate);

        if (form_check(&form, &algorithms[i], &trouble) < 0)
            fail_msg("%s: %s", algorithms[i].name, trouble.text);
    }
}

static void every_byte_of_the_attributes_counts(void **state)
{
    const struct form good = form_make(algorithm_find("RS256"), rsa.certificate);

    (void)state;
    for (size_t i = 0; i < good.statement.size; i++) {
        uint8_t *bytes = pool_copy(pool, good.statement.data, good.statement.size);
        struct form bad = good;

        bytes[i] ^= 1;
        bad.statement.data = bytes;
        form_is_refused(&bad);
        bad.statement = (struct bytes){good.statement.data, i};
        form_is_refused(&bad);
    }
}

static void every_byte_of_the_document_counts(void **state)
{
    const struct form good = form_make(algorithm_find("RS256"), rsa.certificate);

    (void)state;
    for (size_t i = 0; i < good.document.pdf.size; i++) {
        uint8_t *bytes = pool_copy(pool, good.document.pdf.data, good.document.pdf.size);
        struct form bad = good;

        bytes[i] ^= 1;
        bad.document.pdf.data = bytes;
        form_is_refused(&bad);
    }
}

static void ranges_are_exact(void **state)
{
    const struct form good = form_make(algorithm_find("RS256"), rsa.certificate);
    const long shifts[] = {-100000, -1, 1, 100000};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t s = 0; s < sizeof(shifts) / sizeof(*shifts); s++) {
            struct form bad = good;

            bad.document.range[i] += (size_t)shifts[s];
            form_is_refused(&bad);
        }
    for (size_t i = 0; i < 4; i++) {
        struct form bad = good;

        bad.document.range[i] = SIZE_MAX;
        form_is_refused(&bad);
        bad.document.range[i] = 0;
        if (i)
            form_is_refused(&bad);
    }
    struct form bad = good;
    bad.document.pdf.size = 0;
    form_is_refused(&bad);
    bad.document.range[1] = bad.document.range[2] = bad.document.range[3] = 0;
    form_is_refused(&bad);
}

static void refuses_other_certificates_and_hashes(void **state)
{
    const struct form named = form_make(algorithm_find("RS256"), other.certificate);
    const struct form hashed = form_make(algorithm_find("RS384"), rsa.certificate);

    (void)state;
    form_is_refused(&named);
    form_is_refused(&hashed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_a_login_counts),
        cmocka_unit_test(every_byte_of_the_attributes_counts),
        cmocka_unit_test(every_byte_of_the_document_counts),
        cmocka_unit_test(ranges_are_exact),
        cmocka_unit_test(refuses_other_certificates_and_hashes),
        cmocka_unit_test(takes_the_servers_own),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
