/* The finished certificate, rendered with a photo and sealed, and the documents of matters, as
 * other programs see them: pdfsig, qpdf, mutool, pdftotext, and a reader of QR codes in front of
 * the printed page. Exit code 77 where one of them, or a font, is not installed. */
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
#include "core/document/layout.h"
#include "core/document/layout_proof.h"
#include "core/seal/seal.h"
#include "tests/core/document/fixture.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { YEAR = 365 * 24 * 3600, SKIPPED = 77, OUTPUT = 16 * 1024, BYTES_MOST = 60 * 1024 };

static struct pool *pool;
static struct fonts *fonts;

/* A signer under an authority, both of the same kind of key; their certificates in one file. */
static void signer_write(const char *key, const char *certificates, EVP_PKEY *(*make)(void))
{
    int64_t now = time(NULL);
    struct pki_spec spec = {.name = "上海市住房和城乡建设管理委员会",
                            .field = "O",
                            .value = "演示",
                            .usage = "critical,digitalSignature,nonRepudiation",
                            .from = now - 3600,
                            .until = now + YEAR,
                            .serial = 7};
    struct pki_spec root_spec = {.name = "演示根",
                                 .usage = "critical,keyCertSign,cRLSign",
                                 .from = now - 3600,
                                 .until = now + YEAR,
                                 .serial = 1,
                                 .authority = true};
    struct pki_spec issuing_spec = root_spec;
    struct pki root = pki_make(&root_spec, make(), NULL), issuing, signer;

    issuing_spec.name = "演示签发";
    issuing = pki_make(&issuing_spec, make(), &root);
    signer = pki_make(&spec, make(), &issuing);
    pki_write_key(paper_path(key), signer.key);
    pki_write_certificates(paper_path(certificates), signer.certificate, issuing.certificate,
                           root.certificate, NULL);
    pki_free(&signer);
    pki_free(&issuing);
    pki_free(&root);
}

static EVP_PKEY *rsa_2048(void)
{
    return pki_rsa(2048);
}

/* Writes sealed.pdf. */
static struct bytes document_seal(struct bytes pdf, const struct document_rect *rect,
                                  int64_t time_ms, const char *key_name, const char *certificates)
{
    const struct seal_settings settings = {.key = paper_path(key_name),
                                           .certificate = paper_path(certificates)};
    const struct seal_request request = {.name = "上海市住房和城乡建设管理委员会",
                                         .reason = "签发电子证照",
                                         .location = "沪",
                                         .time_ms = time_ms,
                                         .rect = *rect};
    struct seal_prepared prepared;
    struct seal_key *key = NULL;
    struct bytes sealed = {0};
    struct err err = {0};

    if (seal_key_open(&settings, &key, &err) < 0 ||
        seal_prepare(key, pool, pdf, &request, &prepared, &err) < 0 ||
        paper_seal(key, pool, &prepared, &sealed, &err) < 0)
        fail_msg("%s", err.text);
    seal_key_free(&key);
    paper_write("sealed.pdf", sealed);
    return sealed;
}

static struct bytes certificate_seal(const struct face *face, const char *key,
                                     const char *certificates)
{
    struct document_rect rect;
    struct bytes pdf;
    struct err err = {0};

    if (document_certificate(fonts, pool, face, &pdf, &rect, &err) < 0)
        fail_msg("%s", err.text);
    return document_seal(pdf, &rect, face->made_ms, key, certificates);
}

static void proof_seal(const struct proof *proof, const char *key, const char *certificates)
{
    struct document_rect rect;
    struct bytes pdf;
    struct err err = {0};

    if (document_proof(fonts, pool, proof, &pdf, &rect, &err) < 0)
        fail_msg("%s", err.text);
    document_seal(pdf, &rect, proof->made_ms, key, certificates);
}

static const char *said(const char *const argv[])
{
    char *output = pool_alloc(pool, OUTPUT);

    if (paper_run(output, OUTPUT, argv) != 0)
        fail_msg("%s: %s", argv[0], output);
    return output;
}

#define SAID(...) said((const char *const[]){__VA_ARGS__, NULL})

static void expect(const char *output, const char *words)
{
    if (strstr(output, words) == NULL)
        fail_msg("not said: %s\n%s", words, output);
}

static void signature_is_good(void)
{
    const char *file = paper_path("sealed.pdf");
    const char *pdfsig = SAID("pdfsig", "-nocert", file);
    const char *mutool = SAID("mutool", "sign", "-v", file);

    expect(pdfsig, "Signature is Valid.");
    expect(pdfsig, "Total document signed");
    assert_null(strstr(pdfsig, "Not total"));
    assert_null(strstr(mutool, "Digest check: FAIL"));
    expect(mutool, "The document is unchanged since signing");
}

static void structure_is_good(void)
{
    const char *file = paper_path("sealed.pdf"), *qpdf = SAID("qpdf", "--check", file);

    expect(qpdf, "PDF Version: 1.7");
    expect(qpdf, "No syntax or stream encoding errors found");
    assert_null(strstr(qpdf, "WARNING"));
    expect(SAID("qpdf", "--show-object=1", file),
           "/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>");
}

/* Without blanks and ends of line and page. */
static const char *squeezed(const char *text)
{
    char *out = pool_text(pool, text), *to = out;

    for (const char *from = out; *from != '\0'; from++) {
        if (strncmp(from, "　", strlen("　")) == 0)
            from += strlen("　") - 1;
        else if (*from != ' ' && *from != '\n' && *from != '\f')
            *to++ = *from;
    }
    *to = '\0';
    return out;
}

/* Character for character, in the order of the page; and nothing of the seal's picture. */
static void text_is_exact(const struct page *page)
{
    const char *text = SAID("pdftotext", "-raw", "-enc", "UTF-8", paper_path("sealed.pdf"), "-");

    assert_string_equal(squeezed(text), squeezed(page->spoken.data));
}

static void face_is_exact(const struct face *face)
{
    struct page page;
    struct err err;

    page_init(&page, fonts, pool);
    assert_int_equal(layout_certificate(&page, face, &err), 0);
    text_is_exact(&page);
    expect(page.spoken.data, face->holder_name);
    expect(page.spoken.data, face->number);
    expect(page.spoken.data, face->identifier);
}

static void proof_is_exact(const struct proof *proof)
{
    struct layout_proof layout;
    struct page page;
    struct err err;

    page_init(&page, fonts, pool);
    assert_int_equal(layout_proof(&page, proof, &layout, &err), 0);
    text_is_exact(&page);
}

static void code_is_readable(const char *url)
{
    SAID("pdftoppm", "-r", "110", "-png", "-singlefile", paper_path("sealed.pdf"),
         paper_path("page"));
    assert_string_equal(SAID("zbarimg", "-q", "--nodbus", "--raw", paper_path("page.png")),
                        pool_printf(pool, "%s\n", url));
}

static void others_accept(const char *key, const char *certificates)
{
    for (int demo = 0; demo < 2; demo++) {
        struct face face = fixture_face(pool);
        struct bytes sealed;

        face.demo = demo;
        sealed = certificate_seal(&face, key, certificates);
        if (sealed.size > BYTES_MOST)
            fail_msg("%zu bytes, %zu of them the photo", sealed.size, face.photo.size);
        signature_is_good();
        structure_is_good();
        face_is_exact(&face);
        code_is_readable(face.verify_url);
    }
}

static void others_accept_rsa(void **state)
{
    (void)state;
    signer_write("rsa.key", "rsa.pem", rsa_2048);
    others_accept("rsa.key", "rsa.pem");
}

static void others_accept_ecdsa(void **state)
{
    (void)state;
    signer_write("ec.key", "ec.pem", pki_ec);
    others_accept("ec.key", "ec.pem");
}

/* One, some, and as many certificates as there may be: the code and the watermark move. */
static void others_accept_proofs(void **state)
{
    static const size_t counts[] = {1, 3, PROOF_CERTIFICATES};

    (void)state;
    signer_write("ec.key", "ec.pem", pki_ec);
    for (size_t i = 0; i < 3 * 3; i++) {
        struct proof proof = fixture_proof(pool, (enum proof_kind)(i % 3), counts[i / 3]);

        proof.demo = i % 2 == 0;
        proof_seal(&proof, "ec.key", "ec.pem");
        signature_is_good();
        structure_is_good();
        proof_is_exact(&proof);
        if (proof.kind != PROOF_CANCELLATION_FORM)
            code_is_readable(proof.verify_url);
    }
}

int main(void)
{
    static const char *const tools[] = {"pdfsig",    "qpdf",     "mutool",
                                        "pdftotext", "pdftoppm", "zbarimg"};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_accept_rsa),
        cmocka_unit_test(others_accept_ecdsa),
        cmocka_unit_test(others_accept_proofs),
    };
    int failed;

    for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
        if (!paper_has_tool(tools[i])) {
            fprintf(stderr, "skipped: no %s\n", tools[i]);
            return SKIPPED;
        }
    }
    fonts = fixture_fonts();
    if (fonts == NULL)
        return SKIPPED;
    pool = pool_new(4 << 20, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    fonts_free(&fonts);
    return failed;
}
