/* The seal as others see it: pdfsig, qpdf, mutool and openssl judge what we made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/seal.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { YEAR = 365 * 24 * 3600, EXIT_SKIPPED = 77, OUTPUT = 16 * 1024 };

static struct pool *pool;

static void write_signer(const char *key_name, const char *certificate_name, EVP_PKEY *key)
{
    int64_t now = time(NULL);
    struct pki_spec spec = {.name = "Demo Seal",
                            .usage = "critical,digitalSignature,nonRepudiation",
                            .from = now - 3600,
                            .until = now + YEAR,
                            .serial = 7};
    struct pki pki = pki_make(&spec, key, NULL);

    pki_write_key(paper_path(key_name), pki.key);
    pki_write_certificates(paper_path(certificate_name), pki.certificate, NULL);
    pki_free(&pki);
}

static int set_up(void **state)
{
    (void)state;
    pool = pool_new(1 << 20, 0);
    write_signer("rsa.key", "rsa.pem", pki_rsa(2048));
    write_signer("ec.key", "ec.pem", pki_ec());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

/* Writes sealed.pdf, content.bin (the bytes of the ByteRange) and signature.der. */
static struct bytes seal_paper(const char *key_name, const char *certificate)
{
    struct seal_settings settings = {.key = pool_text(pool, paper_path(key_name)),
                                     .certificate = pool_text(pool, paper_path(certificate))};
    struct seal_prepared prepared = {0};
    struct seal_key *key = NULL;
    struct bytes sealed = {0};
    struct text content;
    struct err err = {0};
    size_t end;
    long size;
    uint8_t *der;

    if (seal_key_open(&settings, &key, &err) < 0 ||
        seal_prepare(key, pool, paper_make(pool, "", ""), &paper_request, &prepared, &err) < 0 ||
        paper_seal(key, pool, &prepared, &sealed, &err) < 0)
        fail_msg("%s", err.text);
    seal_key_free(&key);
    paper_write("sealed.pdf", sealed);
    end = prepared.hole + prepared.hole_size;
    text_init(&content, pool, sealed.size);
    text_add_n(&content, (const char *)sealed.data, prepared.hole);
    text_add_n(&content, (const char *)sealed.data + end, sealed.size - end);
    paper_write("content.bin", (struct bytes){(uint8_t *)content.data, content.length});
    der = pool_alloc(pool, prepared.hole_size);
    size = hex_decode(pool_text_n(pool, (const char *)sealed.data + prepared.hole + 1,
                                  prepared.hole_size - 2),
                      der, prepared.hole_size);
    assert_true(size > 0);
    paper_write("signature.der", (struct bytes){der, (size_t)size});
    return sealed;
}

static void expect(const char *output, const char *words)
{
    if (!strstr(output, words))
        fail_msg("not said: %s\n%s", words, output);
}

static void pdfsig_accepts(void)
{
    const char *argv[] = {"pdfsig", "-nocert", paper_path("sealed.pdf"), NULL};
    char output[OUTPUT];

    assert_int_equal(paper_run(output, sizeof(output), argv), 0);
    expect(output, "Signature is Valid.");
    expect(output, "Total document signed");
    expect(output, "ETSI.CAdES.detached");
    expect(output, "SHA-256");
    expect(output, "Demo Seal");
    assert_null(strstr(output, "Not total document signed"));
}

static void qpdf_accepts(void)
{
    const char *argv[] = {"qpdf", "--check", paper_path("sealed.pdf"), NULL};
    char output[OUTPUT];

    if (paper_run(output, sizeof(output), argv) != 0)
        fail_msg("%s", output);
    expect(output, "No syntax or stream encoding errors found");
    assert_null(strstr(output, "WARNING"));
}

static void mutool_accepts(void)
{
    const char *sign[] = {"mutool", "sign", "-v", paper_path("sealed.pdf"), NULL};
    const char *fields[] = {"mutool", "show", paper_path("sealed.pdf"), "form", NULL};
    char output[OUTPUT];

    if (paper_run(output, sizeof(output), sign) < 0)
        fail_msg("%s", output);
    assert_null(strstr(output, "Digest check: FAIL"));
    expect(output, "The document is unchanged since signing");
    assert_int_equal(paper_run(output, sizeof(output), fields), 0);
    expect(output, "Seal");
}

static void openssl_accepts(const char *certificate)
{
    const char *verify[] = {"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-cades",
                            "-in", paper_path("signature.der"), "-content",
                            paper_path("content.bin"), "-CAfile", paper_path(certificate),
                            "-purpose", "any", "-out", "/dev/null", NULL};
    char output[OUTPUT];

    if (paper_run(output, sizeof(output), verify) != 0)
        fail_msg("%s", output);
    expect(output, "erification successful");
}

static void others_accept_rsa(void **state)
{
    (void)state;
    seal_paper("rsa.key", "rsa.pem");
    pdfsig_accepts();
    qpdf_accepts();
    mutool_accepts();
    openssl_accepts("rsa.pem");
}

static void others_accept_ecdsa(void **state)
{
    (void)state;
    seal_paper("ec.key", "ec.pem");
    pdfsig_accepts();
    qpdf_accepts();
    mutool_accepts();
    openssl_accepts("ec.pem");
}

static void others_notice_tampering(void **state)
{
    const char *argv[] = {"pdfsig", "-nocert", paper_path("sealed.pdf"), NULL};
    struct bytes sealed = seal_paper("rsa.key", "rsa.pem");
    uint8_t *copy = pool_copy(pool, sealed.data, sealed.size);
    uint8_t *word = memmem(copy, sealed.size, "(paper)", 7);
    char output[OUTPUT];

    (void)state;
    assert_non_null(word);
    word[1] = 'P';
    paper_write("sealed.pdf", (struct bytes){copy, sealed.size});
    assert_int_equal(paper_run(output, sizeof(output), argv), 0);
    expect(output, "Digest Mismatch");
    assert_null(strstr(output, "Signature is Valid."));
}

static void others_notice_additions(void **state)
{
    const char *argv[] = {"pdfsig", "-nocert", paper_path("sealed.pdf"), NULL};
    struct bytes sealed = seal_paper("rsa.key", "rsa.pem");
    char *copy = pool_printf(pool, "%*s\n%%%%EOF\n", (int)sealed.size, "");
    char output[OUTPUT];

    (void)state;
    memcpy(copy, sealed.data, sealed.size);
    paper_write("sealed.pdf", (struct bytes){(uint8_t *)copy, sealed.size + 7});
    assert_int_equal(paper_run(output, sizeof(output), argv), 0);
    expect(output, "Not total document signed");
}

int main(void)
{
    static const char *const tools[] = {"pdfsig", "qpdf", "mutool", "openssl"};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_accept_rsa),
        cmocka_unit_test(others_accept_ecdsa),
        cmocka_unit_test(others_notice_tampering),
        cmocka_unit_test(others_notice_additions),
    };

    for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
        if (!paper_has_tool(tools[i])) {
            fprintf(stderr, "skipped: no %s\n", tools[i]);
            return EXIT_SKIPPED;
        }
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
