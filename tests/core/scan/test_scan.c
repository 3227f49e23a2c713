/* Files handed in: what is refused and why, what is kept, and that the decoder's death is nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <zlib.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/core.h"
#include "core/scan/scan.h"
#include "tests/core/document/fixture.h"
#include "tests/core/scan/paper_pdf.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pool *pool;
static char program[512];
static struct core core;

static int reset(void **state)
{
    (void)state;
    pool_reset(pool);
    core.scanner = program;
    return 0;
}

/* By the program, as the pages ask it. */
static enum scan_fault ask(enum scan_kind kind, struct bytes in, struct scan *out)
{
    enum scan_fault fault;
    struct err err = {0};

    if (scan_ask(&core, pool, kind, in, out, &fault, &err) < 0)
        fail_msg("%s", err.text);
    return fault;
}

static void expect(enum scan_fault fault, enum scan_fault wanted, const char *of)
{
    if (fault != wanted)
        fail_msg("%s: %s, not %s", of, scan_fault_name(fault), scan_fault_name(wanted));
}

static struct bytes picture(unsigned width, unsigned height, enum fixture_colour colour)
{
    const struct fixture_photo kind = {width, height, colour, 85, false, true};

    return fixture_photo(pool, &kind);
}

static struct bytes joined(struct bytes a, const char *text)
{
    uint8_t *all = pool_alloc(pool, a.size + strlen(text));

    memcpy(all, a.data, a.size);
    memcpy(all + a.size, text, strlen(text));
    return (struct bytes){all, a.size + strlen(text)};
}

static void test_photo(void **state)
{
    static const struct {
        unsigned width, height;
        enum fixture_colour colour;
        enum scan_fault fault;
    } rows[] = {
        {295, 413, FIXTURE_COLOUR, SCAN_GOOD},  {295, 413, FIXTURE_GREY, SCAN_GOOD},
        {1000, 1400, FIXTURE_COLOUR, SCAN_GOOD}, {240, 336, FIXTURE_COLOUR, SCAN_GOOD},
        {239, 336, FIXTURE_COLOUR, SCAN_SMALL}, {413, 413, FIXTURE_COLOUR, SCAN_SHAPE},
        {600, 400, FIXTURE_COLOUR, SCAN_SHAPE}, {5001, 5001, FIXTURE_GREY, SCAN_LARGE},
        {295, 413, FIXTURE_CMYK, SCAN_COLOURS},
    };
    struct scan out;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes in = picture(rows[i].width, rows[i].height, rows[i].colour);

        expect(ask(SCAN_PHOTO, in, &out), rows[i].fault, pool_printf(pool, "row %zu", i));
        if (rows[i].fault != SCAN_GOOD)
            continue;
        assert_string_equal(out.type, "image/jpeg");
        assert_true(out.body.size <= PHOTO_BYTES && out.width >= 240 && out.width < 400);
        assert_null(memmem(out.body.data, out.body.size, "secret", 6));
        expect(ask(SCAN_PHOTO, out.body, &out), SCAN_GOOD, "what is kept");
    }
}

static void test_other_files(void **state)
{
    static const struct {
        const char *data;
        size_t size;
        enum scan_fault photo, paper;
    } rows[] = {
#define DATA(text) text, sizeof(text) - 1
        {DATA(""), SCAN_EMPTY, SCAN_EMPTY},
        {DATA("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), SCAN_FOREIGN, SCAN_FOREIGN},
        {DATA("GIF89a<script>alert(1)</script>"), SCAN_FOREIGN, SCAN_FOREIGN},
        {DATA("<svg onload='alert(1)'/>"), SCAN_FOREIGN, SCAN_FOREIGN},
        {DATA("PK\x03\x04............"), SCAN_FOREIGN, SCAN_FOREIGN},
        {DATA("MZ............"), SCAN_FOREIGN, SCAN_FOREIGN},
        {DATA("\xff\xd8\xff"), SCAN_TRUNCATED, SCAN_TRUNCATED},
        {DATA("\xff\xd8\xff\xd9"), SCAN_DAMAGED, SCAN_DAMAGED},
        {DATA("%PDF-1.7\n"), SCAN_FOREIGN, SCAN_TRUNCATED},
        {DATA("%PDF-1.7\n%%EOF\n"), SCAN_FOREIGN, SCAN_DAMAGED},
    };
    struct scan out;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes in = {(const uint8_t *)rows[i].data, rows[i].size};

        expect(ask(SCAN_PHOTO, in, &out), rows[i].photo, rows[i].data);
        expect(ask(SCAN_PAPER, in, &out), rows[i].paper, rows[i].data);
    }
}

static void test_too_many_bytes(void **state)
{
    struct bytes in = {pool_alloc(pool, SCAN_PAPER_BYTES + 1), SCAN_PAPER_BYTES + 1};
    struct scan out;

    (void)state;
    expect(ask(SCAN_PHOTO, in, &out), SCAN_BYTES, "photo");
    expect(ask(SCAN_PAPER, in, &out), SCAN_BYTES, "paper");
}

static void test_paper_picture(void **state)
{
    struct bytes in = joined(picture(1240, 1754, FIXTURE_COLOUR), "PK\x03\x04<script>secret</script>");
    struct scan out;

    (void)state;
    expect(ask(SCAN_PAPER, in, &out), SCAN_GOOD, "a page");
    assert_int_equal(out.width, 1240);
    assert_int_equal(out.height, 1754);
    assert_int_equal(out.pages, 1);
    assert_null(memmem(out.body.data, out.body.size, "secret", 6));
    assert_memory_equal(out.body.data + out.body.size - 2, "\xff\xd9", 2);
    expect(ask(SCAN_PAPER, picture(299, 500, FIXTURE_GREY), &out), SCAN_SMALL, "a small one");
}

/* A header may claim what it likes. */
static void test_picture_bomb(void **state)
{
    struct bytes in = picture(413, 579, FIXTURE_COLOUR);
    uint8_t *bomb = pool_copy(pool, in.data, in.size);
    struct scan out;
    size_t at = 0;

    (void)state;
    while (!(bomb[at] == 0xFF && bomb[at + 1] == 0xC0))
        at++;
    memcpy(bomb + at + 5, "\xea\x60\xea\x60", 4); /* 60000 × 60000 */
    expect(ask(SCAN_PAPER, (struct bytes){bomb, in.size}, &out), SCAN_LARGE, "bomb");
}

static void test_pdf(void **state)
{
    struct bytes in = paper_page(pool, "/Metadata 5 0 R /OpenAction [3 0 R /Fit]", "",
                                 (const char *const[]){
                                     "<< /Type /Metadata /Length 15 >>\nstream\nsecret metadata\nendstream",
                                     "<< /Hidden (secret object nobody points at) >>", NULL});
    struct scan out;

    (void)state;
    expect(ask(SCAN_PAPER, in, &out), SCAN_GOOD, "a page");
    assert_string_equal(out.type, "application/pdf");
    assert_int_equal(out.pages, 1);
    assert_non_null(memmem(out.body.data, out.body.size, "(paper)", 7));
    assert_null(memmem(out.body.data, out.body.size, "secret", 6));
    assert_null(memmem(out.body.data, out.body.size, "OpenAction", 10));
    in = out.body;
    expect(ask(SCAN_PAPER, in, &out), SCAN_GOOD, "what is kept");
    assert_int_equal(out.body.size, in.size);
    assert_memory_equal(out.body.data, in.data, in.size);
}

static void test_pdf_active(void **state)
{
    static const struct {
        const char *catalog, *page;
        const char *more;
    } rows[] = {
        {"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>", "", NULL},
        {"/OpenAction 5 0 R", "", "<< /S /GoTo /D [3 0 R /Fit] >>"},
        {"/Names << /JavaScript << /Names [(a) 5 0 R] >> >>", "", "<< /S /JavaScript /JS (1) >>"},
        {"/AA << /WC << /S /Launch /F (cmd.exe) >> >>", "", NULL},
        {"", "/AA << /O << /S /Named /N /Print >> >>", NULL},
        {"", "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 5 0 R >>]",
         "<< /S /Launch /F (calc.exe) >>"},
        {"", "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 5 0 R >>]",
         "<< /S /#4aavaScript /#4aS (1) >>"},
        {"", "/Annots [<< /Subtype /RichMedia /Rect [0 0 9 9] >>]", NULL},
        {"", "/Annots [<< /Subtype /FileAttachment /Rect [0 0 9 9] >>]", NULL},
        {"", "/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (a) /Next 5 0 R >> >>]",
         "<< /S /SubmitForm /F (http://a) >>"},
        {"/Names << /EmbeddedFiles << /Names [] >> >>", "", NULL},
        {"/AcroForm << /XFA (x) /Fields [] >>", "", NULL},
        {"/Collection << /View /D >>", "", NULL},
        {"", "/Resources << /XObject << /X 5 0 R >> >>",
         "<< /Type /EmbeddedFile /Length 1 >>\nstream\nx\nendstream"},
        {"", "/Resources << /XObject << /X 5 0 R >> >>",
         "<< /F (http://a/b) /Length 0 >>\nstream\n\nendstream"},
        {"", "/Deep [[[[<< /A << /B [<< /JS (1) >>] >> >>]]]]", NULL},
    };
    struct scan out;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *const more[] = {rows[i].more, NULL};

        expect(ask(SCAN_PAPER, paper_page(pool, rows[i].catalog, rows[i].page, more), &out),
               SCAN_ACTIVE, pool_printf(pool, "%s %s", rows[i].catalog, rows[i].page));
    }
}

static void test_pdf_frame(void **state)
{
    struct bytes in = paper_page(pool, "", "", NULL);
    struct scan out;

    (void)state;
    expect(ask(SCAN_PAPER, joined(in, "PK\x03\x04 a ZIP behind it"), &out), SCAN_WRAPPED, "behind");
    expect(ask(SCAN_PAPER, joined(in, "\r\n\r\n"), &out), SCAN_GOOD, "line ends");
    expect(ask(SCAN_PAPER, joined((struct bytes){(const uint8_t *)"GIF89a", 6},
                                  pool_text_n(pool, (const char *)in.data, in.size)),
               &out),
           SCAN_FOREIGN, "in front");
    for (size_t size = 20; size < in.size - 6; size += 37) {
        enum scan_fault fault = ask(SCAN_PAPER, (struct bytes){in.data, size}, &out);

        assert_true(fault == SCAN_TRUNCATED || fault == SCAN_DAMAGED);
    }
}

static void test_pdf_encrypted(void **state)
{
    const char *const objects[] = {
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        "<< /Filter /Standard /V 1 /R 2 /P -4 /O <28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E80"
        "2F0CA9FE6453697A> /U <28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A> >>",
        NULL};
    struct scan out;

    (void)state;
    expect(ask(SCAN_PAPER,
               paper_pdf(pool, objects,
                         "/Root 1 0 R /Encrypt 4 0 R /ID [<0123456789abcdef0123456789abcdef>"
                         " <0123456789abcdef0123456789abcdef>]"),
               &out),
           SCAN_ENCRYPTED, "a password");
}

/* `size` zeros packed by deflate, as a stream in hexadecimal digits. */
static const char *zeros(size_t size)
{
    z_stream z = {0};
    uint8_t *out = pool_alloc(pool, size / 500 + 1000), *in = pool_alloc(pool, size);
    char *hex;

    deflateInit(&z, 9);
    z.next_in = in;
    z.avail_in = (unsigned)size;
    z.next_out = out;
    z.avail_out = (unsigned)(size / 500 + 1000);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    hex = pool_alloc(pool, z.total_out * 2 + 1);
    hex_encode(out, z.total_out, hex);
    return hex;
}

static void test_pdf_bombs(void **state)
{
    const char *data = zeros(65 << 20);
    const char *bomb = pool_printf(
        pool, "<< /Length %zu /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n%s>\nendstream",
        strlen(data) + 1, data);
    const char *resources = "/Resources << /XObject << /X 5 0 R >> >>";
    struct scan out;
    int64_t start = clock_tick_us();

    (void)state;
    expect(ask(SCAN_PAPER, paper_page(pool, "", resources, (const char *const[]){bomb, NULL}), &out),
           SCAN_COMPLEX, "much in little");
    expect(ask(SCAN_PAPER,
               paper_page(pool, "", resources,
                          (const char *const[]){"<< /Subtype /Image /Width 60000 /Height 60000"
                                                " /Length 0 >>\nstream\n\nendstream",
                                                NULL}),
               &out),
           SCAN_LARGE, "a large picture");
    expect(ask(SCAN_PAPER,
               paper_page(pool, "", resources,
                          (const char *const[]){"<< /Subtype /Image /Filter /DCTDecode /Width 9"
                                                " /Height 9 /Length 4 >>\nstream\nnone\nendstream",
                                                NULL}),
               &out),
           SCAN_DAMAGED, "no picture");
    assert_true(clock_tick_us() - start < 40000000);
}

static const char *many(const char *text, size_t count, const char *end)
{
    struct text all;

    text_init(&all, pool, 1 << 24);
    for (size_t i = 0; i < count; i++)
        text_add(&all, text);
    text_add(&all, end);
    return all.data;
}

static void test_pdf_shapes(void **state)
{
    const char *const pages[] = {
        "<< /Type /Catalog /Pages 2 0 R >>",
        pool_printf(pool, "<< /Type /Pages /Count 51 /Kids [%s] >>", many("3 0 R ", 51, "")),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>", NULL};
    const char *const none[] = {"<< /Type /Catalog /Pages 2 0 R >>",
                                "<< /Type /Pages /Count 0 /Kids [] >>", NULL};
    const char *const loop[] = {"<< /Type /Catalog /Pages 2 0 R >>",
                                "<< /Type /Pages /Count 1 /Kids [2 0 R] >>", NULL};
    struct scan out;

    (void)state;
    expect(ask(SCAN_PAPER, paper_pdf(pool, pages, "/Root 1 0 R"), &out), SCAN_PAGES, "51 pages");
    expect(ask(SCAN_PAPER, paper_pdf(pool, none, "/Root 1 0 R"), &out), SCAN_PAGES, "no page");
    assert_int_not_equal(ask(SCAN_PAPER, paper_pdf(pool, loop, "/Root 1 0 R"), &out), SCAN_GOOD);
    expect(ask(SCAN_PAPER,
               paper_page(pool, "",
                          pool_printf(pool, "/Deep %s%s", many("[", 100, ""), many("]", 100, "")),
                          NULL),
               &out),
           SCAN_COMPLEX, "deep");
    expect(ask(SCAN_PAPER,
               paper_page(pool, "", pool_printf(pool, "/Wide [%s]", many("1 ", 500000, "")), NULL),
               &out),
           SCAN_COMPLEX, "wide");
}

/* Damage at random: always an answer, and what is kept is whole. */
static void test_damage(void **state)
{
    struct bytes files[] = {paper_page(pool, "", "", NULL), picture(413, 579, FIXTURE_COLOUR)};
    unsigned seed = 11, refused = 0;

    (void)state;
    for (int i = 0; i < 60; i++) {
        struct bytes in = files[i % 2];
        uint8_t *bad = pool_copy(pool, in.data, in.size);
        struct scan out, again;

        for (int k = 0; k < 4; k++) {
            seed = seed * 1103515245u + 12345u;
            bad[seed / 7 % in.size] = (uint8_t)(seed >> 24);
        }
        enum scan_fault fault = ask(SCAN_PAPER, (struct bytes){bad, in.size}, &out);

        assert_int_not_equal(fault, SCAN_STUCK);
        if (fault != SCAN_GOOD)
            refused++;
        else
            expect(ask(SCAN_PAPER, out.body, &again), SCAN_GOOD, "what is kept");
    }
    assert_true(refused > 20);
}

/* Programs that do not answer as ecert-scan does. */
static void test_nonsense(void **state)
{
    static const char *const scripts[] = {
        "exit 1", "kill -SEGV $$", "echo good", "printf '%-64s' 'good 1 2 3 4'",
        "printf '%-64sabcd' 'good 1 2 3 4'", "printf '%-64s' 'strange 0 0 0 0'",
        "printf '%-64s' 'empty 0 0 0 0'; printf x", "printf '%-64s' 'good 0 0 0 0'",
        "printf '%-64s\\377\\330\\377\\340' 'good 0 2 3 4'",
        "printf '%-64s\\377\\330\\377\\340' 'good 1 2 3 -4'", "head -c 20000000 /dev/zero"};
    char path[] = "/tmp/ecert-scanner.XXXXXX";
    struct scan out;

    (void)state;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        int file;
        FILE *script;

        memcpy(path + strlen(path) - 6, "XXXXXX", 6);
        file = mkstemp(path);
        fchmod(file, 0700);
        script = fdopen(file, "w");
        fprintf(script, "#!/bin/sh\ncat >/dev/null\nPATH=/bin:/usr/bin\n%s\n", scripts[i]);
        fclose(script);
        core.scanner = path;
        expect(ask(SCAN_PAPER, (struct bytes){(const uint8_t *)"x", 1}, &out), SCAN_STUCK, scripts[i]);
        unlink(path);
    }
}

static void test_words(void **state)
{
    (void)state;
    for (unsigned fault = 0; fault < SCAN_FAULTS; fault++) {
        assert_int_equal(scan_fault_by_name(scan_fault_name((enum scan_fault)fault)), fault);
        assert_int_equal(*scan_fault_text(SCAN_PHOTO, (enum scan_fault)fault) == '\0', fault == 0);
        assert_int_equal(*scan_fault_text(SCAN_PAPER, (enum scan_fault)fault) == '\0', fault == 0);
    }
    assert_int_equal(scan_fault_by_name("x"), SCAN_FAULTS);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_photo),         TEST(test_other_files), TEST(test_too_many_bytes),
        TEST(test_paper_picture), TEST(test_picture_bomb), TEST(test_pdf),
        TEST(test_pdf_active),    TEST(test_pdf_frame),   TEST(test_pdf_encrypted),
        TEST(test_pdf_bombs),     TEST(test_pdf_shapes),  TEST(test_damage),
        TEST(test_nonsense),      TEST(test_words),
    };
    const char *top = getenv("TOP_BUILDDIR");
    int failed;

    snprintf(program, sizeof(program), "%s/ecert-scan", top ? top : ".");
    pool = pool_new(1 << 20, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
