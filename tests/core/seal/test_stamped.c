/* A seal with a timestamp (B-T): the token has its room, and others see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/seal.h"
#include "core/seal/timestamp.h"
#include "tests/core/seal/authority.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { YEAR = 365 * 24 * 3600, EXIT_SKIPPED = 77, OUTPUT = 16 * 1024, SPARE = 4096 };

static struct pool *pool;
static struct pki root, tsa, seal;
static struct seal_key *key;

static int set_up(void **state)
{
    int64_t now = time(NULL);
    struct pki_spec spec = {.name = "Demo Root",
                            .usage = "critical,keyCertSign,cRLSign",
                            .from = now - 3600,
                            .until = now + YEAR,
                            .serial = 1,
                            .authority = true};

    (void)state;
    pool = pool_new(1 << 20, 0);
    root = pki_make(&spec, pki_ec(), NULL);
    spec.authority = false;
    spec.serial = 7;
    spec.name = "Demo Timestamps";
    spec.usage = "critical,digitalSignature";
    spec.extended = "critical,timeStamping";
    tsa = pki_make(&spec, pki_ec(), &root);
    spec.serial = 8;
    spec.name = "Demo Seal";
    spec.usage = "critical,digitalSignature,nonRepudiation";
    spec.extended = NULL;
    seal = pki_make(&spec, pki_rsa(2048), &root);
    pki_write_certificates(paper_path("root.pem"), root.certificate, NULL);
    pki_write_certificates(paper_path("seal.pem"), seal.certificate, NULL);
    pki_write_key(paper_path("seal.key"), seal.key);
    return seal_key_open(&(struct seal_settings){.key = paper_path("seal.key"),
                                                 .certificate = paper_path("seal.pem")},
                         &key, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    seal_key_free(&key);
    pki_free(&root);
    pki_free(&tsa);
    pki_free(&seal);
    pool_free(&pool);
    return 0;
}

static struct seal_prepared prepare(size_t spare)
{
    struct seal_request request = paper_request;
    struct seal_prepared prepared;
    struct err err = {0};

    request.spare = spare;
    if (seal_prepare(key, pool, paper_make(pool, "", ""), &request, &prepared, &err) < 0)
        fail_msg("%s", err.text);
    return prepared;
}

/* Room for a token is room to its last byte, and a token is added once. */
static void takes_a_token_into_spare_room(void **state)
{
    static const uint8_t small[] = {0x30, 3, 2, 1, 7};
    const struct bytes token = {small, sizeof(small)};
    struct seal_prepared plain = prepare(0), roomy = prepare(64);
    struct bytes cms, stamped, again, file;
    uint8_t before[SEAL_DIGEST_SIZE], after[SEAL_DIGEST_SIZE];
    struct err err = {0};

    (void)state;
    assert_int_equal(roomy.hole_size, plain.hole_size + 2 * 64);
    assert_int_equal(seal_sign(key, pool, &roomy, &cms, &err), 0);
    assert_int_equal(cms_imprint(cms, before, &err), 0);
    assert_int_equal(cms_add_timestamp(pool, cms, token, &stamped, &err), 0);
    assert_int_equal(cms_imprint(stamped, after, &err), 0);
    assert_memory_equal(before, after, sizeof(before));
    assert_true(stamped.size > cms.size + sizeof(small));
    assert_int_equal(seal_fill(pool, &roomy, stamped, &file, &err), 0);
    assert_int_equal(cms_add_timestamp(pool, stamped, token, &again, &err), -1);
    assert_non_null(strstr(err.text, "already"));
    assert_int_equal(seal_fill(pool, &plain, stamped, &file, &err), -1);
    assert_non_null(strstr(err.text, "does not fit"));
    cms.size--;
    assert_int_equal(cms_imprint(cms, before, &err), -1);
    assert_int_equal(cms_add_timestamp(pool, cms, token, &again, &err), -1);
}

/* Seals and stamps; the file and its token. */
static struct bytes stamp(struct bytes *token)
{
    struct seal_prepared prepared = prepare(SPARE);
    struct timestamp_question question = {.nonce = {(const uint8_t *)"nonce", 5}};
    struct bytes cms, stamped, sealed = {NULL, 0}, request;
    struct err err = {0};

    if (seal_sign(key, pool, &prepared, &cms, &err) < 0 ||
        cms_imprint(cms, question.imprint, &err) < 0 ||
        timestamp_ask(pool, &question, &request, &err) < 0 ||
        timestamp_answer(authority_openssl(pool, &tsa, root.certificate, request), token, &err) <
            0 ||
        cms_add_timestamp(pool, cms, *token, &stamped, &err) < 0 ||
        seal_fill(pool, &prepared, stamped, &sealed, &err) < 0)
        fail_msg("%s", err.text);
    paper_write("value.bin", (struct bytes){question.imprint, sizeof(question.imprint)});
    return sealed;
}

static void expect(const char *output, const char *words)
{
    if (!strstr(output, words))
        fail_msg("not said: %s\n%s", words, output);
}

static void others_see_it(void **state)
{
    const char *pdfsig[] = {"pdfsig", "-nocert", paper_path("stamped.pdf"), NULL};
    const char *mutool[] = {"mutool", "sign", "-v", paper_path("stamped.pdf"), NULL};
    char output[OUTPUT], hex[2 * SEAL_DIGEST_SIZE + 1];
    struct bytes token, file = stamp(&token), imprint;

    (void)state;
    paper_write("stamped.pdf", file);
    paper_write("token.der", token);
    assert_int_equal(paper_run(output, sizeof(output), pdfsig), 0);
    expect(output, "Signature is Valid.");
    expect(output, "Total document signed");
    assert_true(paper_run(output, sizeof(output), mutool) >= 0);
    expect(output, "The document is unchanged since signing");
    assert_int_equal(file_read(pool, paper_path("value.bin"), 64, &imprint, NULL), 0);
    hex_encode(imprint.data, imprint.size, hex);
    const char *ts[] = {"openssl", "ts", "-verify", "-token_in", "-in", paper_path("token.der"),
                        "-digest", hex, "-CAfile", paper_path("root.pem"), NULL};
    if (paper_run(output, sizeof(output), ts) != 0)
        fail_msg("%s", output);
    expect(output, "Verification: OK");
}

int main(void)
{
    static const char *const tools[] = {"pdfsig", "mutool", "openssl"};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_token_into_spare_room),
        cmocka_unit_test(others_see_it),
    };

    for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++)
        if (!paper_has_tool(tools[i])) {
            fprintf(stderr, "%s is missing\n", tools[i]);
            return EXIT_SKIPPED;
        }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
