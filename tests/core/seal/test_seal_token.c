/* The seal with a key in a token: SoftHSM, in a folder of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/seal.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { YEAR = 365 * 24 * 3600, EXIT_SKIPPED = 77, OUTPUT = 8 * 1024 };

static const char *module;
static struct pool *pool;

static const char *find_module(void)
{
    static const char *const places[] = {
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    };

    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}

static void run(const char *const argv[])
{
    char output[OUTPUT];

    if (paper_run(output, sizeof(output), argv) != 0)
        fail_msg("%s: %s", argv[0], output);
}

static void import(const char *key_name, const char *certificate_name, const char *label,
                   const char *id, EVP_PKEY *key)
{
    int64_t now = time(NULL);
    struct pki_spec spec = {.name = "Token Seal", .usage = "critical,digitalSignature",
                            .from = now - 3600, .until = now + YEAR, .serial = 9};
    struct pki pki = pki_make(&spec, key, NULL);
    const char *argv[] = {"softhsm2-util", "--import", paper_path(key_name), "--token", "seals",
                          "--label", label, "--id", id, "--pin", "4321", NULL};

    pki_write_key(paper_path(key_name), pki.key);
    pki_write_certificates(paper_path(certificate_name), pki.certificate, NULL);
    pki_free(&pki);
    run(argv);
}

static int set_up(void **state)
{
    const char *argv[] = {"softhsm2-util", "--init-token", "--free", "--label", "seals",
                          "--so-pin", "8765", "--pin", "4321", NULL};
    char setting[1024];

    (void)state;
    pool = pool_new(1 << 20, 0);
    assert_int_equal(mkdir(paper_path("tokens"), 0700), 0);
    text_format(setting, sizeof(setting), "directories.tokendir = %s\n", paper_path("tokens"));
    paper_write("softhsm2.conf", (struct bytes){(uint8_t *)setting, strlen(setting)});
    assert_int_equal(setenv("SOFTHSM2_CONF", paper_path("softhsm2.conf"), 1), 0);
    run(argv);
    import("rsa.key", "rsa.pem", "rsa", "01", pki_rsa(2048));
    import("ec.key", "ec.pem", "ec", "02", pki_ec());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

static int open_token(const char *uri, const char *pin, const char *certificate,
                      struct seal_key **key, struct err *err)
{
    struct seal_settings settings = {.key = uri, .pin = pin, .pkcs11_module = module,
                                     .certificate = pool_text(pool, paper_path(certificate))};

    return seal_key_open(&settings, key, err);
}

static void refuses_what_is_not_there(void **state)
{
    static const struct {
        const char *uri, *pin, *certificate;
    } cases[] = {
        {"pkcs11:token=seals;object=none;type=private", "4321", "rsa.pem"},
        {"pkcs11:token=none;object=rsa;type=private",   "4321", "rsa.pem"},
        {"pkcs11:token=seals;object=rsa;type=private",  "0000", "rsa.pem"},
        {"pkcs11:token=seals;object=rsa;type=private",  "",     "rsa.pem"},
        {"pkcs11:token=seals;object=rsa;type=private",  "4321", "ec.pem" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct seal_key *key = NULL;
        struct err err = {0};

        if (open_token(cases[i].uri, cases[i].pin, cases[i].certificate, &key, &err) == 0)
            fail_msg("opened: case %zu", i);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
}

static void refuses_a_wrong_module(void **state)
{
    struct seal_settings settings = {.key = "pkcs11:token=seals;object=rsa", .pin = "4321",
                                     .pkcs11_module = "/nowhere/module.so",
                                     .certificate = pool_text(pool, paper_path("rsa.pem"))};
    struct seal_key *key = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(seal_key_open(&settings, &key, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void seals_twice(const char *uri, const char *certificate)
{
    struct seal_prepared prepared;
    struct seal_key *key = NULL;
    struct bytes sealed = {0};
    struct err err = {0};

    if (open_token(uri, "4321", certificate, &key, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(
        seal_prepare(key, pool, paper_make(pool, "", ""), &paper_request, &prepared, &err), 0);
    for (int i = 0; i < 2; i++)
        if (paper_seal(key, pool, &prepared, &sealed, &err) < 0)
            fail_msg("%s", err.text);
    seal_key_free(&key);
}

static void seals_with_rsa(void **state)
{
    (void)state;
    seals_twice("pkcs11:token=seals;object=rsa;type=private", "rsa.pem");
}

static void seals_with_ecdsa(void **state)
{
    (void)state;
    seals_twice("pkcs11:token=seals;object=ec;type=private", "ec.pem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_not_there),
        cmocka_unit_test(refuses_a_wrong_module),
        cmocka_unit_test(seals_with_rsa),
        cmocka_unit_test(seals_with_ecdsa),
    };

    module = find_module();
    if (!module || !paper_has_tool("softhsm2-util")) {
        fprintf(stderr, "skipped: no SoftHSM\n");
        return EXIT_SKIPPED;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
