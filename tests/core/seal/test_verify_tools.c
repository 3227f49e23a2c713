/* The verifier and pdfsig on the same files: what our renderer prints and the corpus. Both take the
 * genuine ones; of the forgeries pdfsig calls many valid, as the papers found of viewers. Exit code
 * 77 where pdfsig or a font is not installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/proof.h"
#include "tests/core/document/fixture.h"
#include "tests/core/seal/forgery.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/workshop.h"

enum { SKIPPED = 77, OUTPUT = 16 * 1024, COUNTS = 3 };

static struct pool *pool;
static struct fonts *fonts;
static struct workshop w;

static enum verify_verdict judge(struct bytes file, enum verify_signer *signer)
{
    const struct verifier verifier = workshop_verifier(&w);
    struct verify_result result;
    struct err err = {0};

    if (verify_file(&verifier, pool, file, w.now_ms, NULL, NULL, &result, &err) < 0)
        fail_msg("%s", err.text);
    *signer = result.signer;
    if (result.verdict != VERIFY_GENUINE)
        print_message("%s: %s\n", verify_verdict_name(result.verdict), result.cause);
    return result.verdict;
}

/* What pdfsig says about a file. */
static const char *said(struct bytes file)
{
    char *output = pool_alloc(pool, OUTPUT);

    paper_write("file.pdf", file);
    paper_run(output, OUTPUT,
              (const char *const[]){"pdfsig", "-nocert", paper_path("file.pdf"), NULL});
    return output;
}

static bool is_valid(const char *output)
{
    return strstr(output, "Signature is Valid.") != NULL;
}

static bool is_whole(const char *output)
{
    return strstr(output, "Total document signed") != NULL &&
           strstr(output, "Not total document signed") == NULL;
}

static void both_take(struct bytes file, enum verify_signer expected, const char *what)
{
    enum verify_signer signer;
    const char *output = said(file);

    if (judge(file, &signer) != VERIFY_GENUINE || signer != expected)
        fail_msg("%s: refused", what);
    if (!is_valid(output) || !is_whole(output))
        fail_msg("%s: pdfsig: %s", what, output);
}

static void certificates_are_genuine(void **state)
{
    (void)state;
    for (int demo = 0; demo < 2; demo++) {
        struct face face = fixture_face(pool);
        struct document_rect rect;
        struct bytes pdf;
        struct err err = {0};

        face.demo = demo;
        if (document_certificate(fonts, pool, &face, &pdf, &rect, &err) < 0)
            fail_msg("%s", err.text);
        both_take(workshop_seal(&w, w.rsa, pdf, 0), VERIFY_AUTHORITY, "certificate, RSA");
        both_take(workshop_seal(&w, w.p256, pdf, STAMP_GOOD), VERIFY_AUTHORITY,
                  "certificate, P-256, stamped");
    }
}

static void proofs_and_forms_are_genuine(void **state)
{
    static const size_t counts[COUNTS] = {1, 3, PROOF_CERTIFICATES};

    (void)state;
    for (size_t i = 0; i < 3 * COUNTS; i++) {
        struct proof proof = fixture_proof(pool, (enum proof_kind)(i % 3), counts[i / 3]);
        struct document_rect rect;
        struct bytes pdf;
        struct err err = {0};

        proof.demo = i % 2 == 0;
        if (document_proof(fonts, pool, &proof, &pdf, &rect, &err) < 0)
            fail_msg("%s", err.text);
        if (proof.kind == PROOF_CANCELLATION_FORM)
            both_take(workshop_sign(&w, pdf, i % 2 ? FIRM_RSA : FIRM_P384, BY_RULE), VERIFY_FIRM,
                      "form");
        else
            both_take(workshop_seal(&w, w.p256, pdf, 0), VERIFY_AUTHORITY, "proof");
    }
}

static void genuine_ones_of_the_corpus(void **state)
{
    (void)state;
    for (size_t i = 0; i < genuine_count; i++)
        both_take(genuines[i].make(&w, &genuines[i]), genuines[i].signer, genuines[i].name);
}

/* Why a verdict of somebody else's would not do. */
static void forgeries_that_others_take(void **state)
{
    size_t valid = 0, whole = 0;

    (void)state;
    for (size_t i = 0; i < forgery_count; i++) {
        const struct forgery *f = &forgeries[i];
        struct bytes file = f->make(&w, f);
        const char *output = said(file);

        if (!is_valid(output))
            continue;
        valid++;
        whole += is_whole(output);
        print_message("# pdfsig: valid%s: %s: %s\n", is_whole(output) ? ", whole" : "", f->attack,
                      f->name);
    }
    print_message("# of %zu forgeries pdfsig calls %zu valid, %zu of them whole\n", forgery_count,
                  valid, whole);
    assert_true(valid > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_genuine),
        cmocka_unit_test(proofs_and_forms_are_genuine),
        cmocka_unit_test(genuine_ones_of_the_corpus),
        cmocka_unit_test(forgeries_that_others_take),
    };
    int failed;

    if (!paper_has_tool("pdfsig")) {
        fprintf(stderr, "skipped: no pdfsig\n");
        return SKIPPED;
    }
    fonts = fixture_fonts();
    if (fonts == NULL)
        return SKIPPED;
    pool = pool_new(4 << 20, 0);
    workshop_open(&w, pool);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    workshop_close(&w);
    pool_free(&pool);
    fonts_free(&fonts);
    return failed;
}
