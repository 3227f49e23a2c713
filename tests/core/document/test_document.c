/* The certificate's face: what is refused, then what comes out, and that nothing overlaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/layout.h"
#include "core/document/lint.h"
#include "core/document/pdf_read.h"
#include "tests/core/document/fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONG_FIRM                                                                                  \
    "中国（上海）自由贸易试验区临港新片区第一建筑安装工程集团股份有限公司华东区域总承包分公司"     \
    "浦东新区临港新城项目建设管理指挥部（普通合伙）有限责任公司"

static struct fonts *fonts;
static struct pool *pool;
static struct err err;

static int reset(void **state)
{
    (void)state;
    pool_reset(pool);
    err_clear(&err);
    return 0;
}

static int render(const struct face *face, struct bytes *pdf)
{
    return document_certificate(fonts, pool, face, pdf, NULL, &err);
}

/* `text` sixty-four times. */
static const char *times64(const char *text)
{
    struct text out;

    text_init(&out, pool, 1024);
    for (int i = 0; i < 64; i++)
        text_add(&out, text);
    return out.data;
}

static void test_refused(void **state)
{
    static const struct {
        size_t member;
        const char *value, *cause;
    } rows[] = {
        {offsetof(struct face, class_code), "D", "class_code: unknown"},
        {offsetof(struct face, class_code), NULL, "class_code: unknown"},
        {offsetof(struct face, number), "", "number: is empty"},
        {offsetof(struct face, number), NULL, "number: is empty"},
        {offsetof(struct face, holder_name), "", "holder_name: is empty"},
        {offsetof(struct face, holder_name), "张\xf4\x8f\xbf\xbd",
         "holder_name: no font has U+10FFFD"},
        {offsetof(struct face, holder_name), "张\xf0\x9f\xab\xa0",
         "holder_name: no font has U+1FAE0"},
        {offsetof(struct face, holder_name), "张\xee\x80\x80", "holder_name: no font has U+E000"},
        {offsetof(struct face, holder_name), "张\n三", "holder_name: not plain"},
        {offsetof(struct face, holder_name), "张\xe2\x80\xae三", "holder_name: not plain"},
        {offsetof(struct face, holder_name), "\xff", "holder_name: not plain"},
        {offsetof(struct face, enterprise_name), "\xed\xa0\x80", "enterprise_name: not plain"},
        {offsetof(struct face, enterprise_name), "公司\xf4\x8f\xbf\xbd", "enterprise_name: no font"},
        {offsetof(struct face, post), "", "post: is empty"},
        {offsetof(struct face, issuer_name), "委\xf4\x8f\xbf\xbd", "issuer_name: no font"},
        {offsetof(struct face, identifier), "", "identifier: is empty"},
        {offsetof(struct face, verify_url), NULL, "verify_url:"},
        {offsetof(struct face, verify_url), "", "verify_url:"},
        {offsetof(struct face, verify_url), "https://例子", "verify_url:"},
    };
    struct bytes pdf;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct face face = fixture_face(pool);

        memcpy((char *)&face + rows[i].member, &rows[i].value, sizeof rows[i].value);
        err_clear(&err);
        if (render(&face, &pdf) != -1 || err.kind != ERR_DOCUMENT ||
            strncmp(err.text, rows[i].cause, strlen(rows[i].cause)) != 0)
            fail_msg("%s expected, not: %s", rows[i].cause, err.text);
        assert_null(strstr(err.text, "张"));
    }
}

static void test_refused_dates(void **state)
{
    static const size_t members[] = {
        offsetof(struct face, birth), offsetof(struct face, first_issued),
        offsetof(struct face, valid_from), offsetof(struct face, valid_until),
        offsetof(struct face, issued_on)};
    const struct date bad[] = {{0, 0, 0}, {2026, 2, 29}, {2026, 13, 1}};
    struct bytes pdf;

    (void)state;
    for (size_t i = 0; i < COUNT(members); i++)
        for (size_t k = 0; k < COUNT(bad); k++) {
            struct face face = fixture_face(pool);

            memcpy((char *)&face + members[i], &bad[k], sizeof bad[k]);
            assert_int_equal(render(&face, &pdf), -1);
            assert_int_equal(err.kind, ERR_DOCUMENT);
        }
}

static void test_refused_length(void **state)
{
    struct face face = fixture_face(pool);
    struct bytes pdf;

    (void)state;
    face.enterprise_name = pool_printf(pool, "%s%s", times64("建"), times64("工"));
    assert_int_equal(render(&face, &pdf), -1);
    assert_string_equal(err.text, "enterprise_name: does not fit its place");
    face = fixture_face(pool);
    face.holder_name = pool_printf(pool, "%s%s", times64("张"), times64("张"));
    assert_int_equal(render(&face, &pdf), -1);
    assert_string_equal(err.text, "holder_name: does not fit its place");
    face = fixture_face(pool);
    face.issuer_name = times64("局");
    assert_int_equal(render(&face, &pdf), -1);
}

static void test_refused_photo(void **state)
{
    static const uint8_t no_jpeg[] = "this is no photo at all";
    struct face face = fixture_face(pool);
    struct bytes pdf;

    (void)state;
    face.photo = (struct bytes){NULL, 0};
    assert_int_equal(render(&face, &pdf), -1);
    assert_string_equal(err.text, "photo: is empty");
    face.photo = (struct bytes){no_jpeg, sizeof no_jpeg};
    assert_int_equal(render(&face, &pdf), -1);
    assert_int_equal(err.kind, ERR_DOCUMENT);
}

static void test_fonts_refused(void **state)
{
    static const struct font_place missing = {"/nowhere/font.ttf", 0};
    static const struct font_place no_font = {"/proc/self/exe", 0};
    struct font_place no_face = {"/usr/share/fonts/truetype/arphic/uming.ttc", 99};
    struct fonts *none = NULL;

    (void)state;
    assert_int_equal(fonts_open(&missing, 0, &none, &err), -1);
    assert_int_equal(fonts_open(&missing, 1, &none, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_int_equal(fonts_open(&no_font, 1, &none, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_int_equal(fonts_open(&no_face, 1, &none, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(none);
    fonts_free(&none);
}

static void test_cover(void **state)
{
    uint32_t missing = 0;

    (void)state;
    assert_true(fonts_cover(fonts, "", &missing));
    assert_true(fonts_cover(fonts, "张三 䶮㛃𬭚𠮷 Ab（）·", &missing));
    assert_false(fonts_cover(fonts, "张\xf4\x8f\xbf\xbd", &missing));
    assert_int_equal(missing, 0x10FFFD);
    assert_false(fonts_cover(fonts, "\xff", &missing));
    assert_int_equal(missing, UINT32_MAX);
}

/* document_certificate has linted it: glyphs, text, fonts, table. What is left is its frame. */
static void test_whole(void **state)
{
    static const char *const classes[] = {"A", "B", "C1", "C2", "C3"};
    struct document_rect seal;
    struct pdf_read file;
    struct bytes pdf;

    (void)state;
    for (size_t i = 0; i < COUNT(classes); i++) {
        struct face face = fixture_face(pool);

        face.class_code = classes[i];
        face.demo = i % 2 == 0;
        assert_int_equal(document_certificate(fonts, pool, &face, &pdf, &seal, &err), 0);
        assert_true(pdf.size <= 60 * 1024);
        assert_int_equal(pdf_read_open(pool, pdf, &file, &err), 0);
        assert_true(pdf_read_is(pdf_read_object(&file, 1), "/Type", "/Catalog"));
        assert_true(pdf_read_has(pdf_read_object(&file, 1), "/Metadata"));
        assert_true(pdf_read_has(file.trailer, "/ID"));
        assert_true(seal.left > 70 && seal.right < PAGE_WIDTH - 70 && seal.bottom > 70);
        assert_true(seal.right - seal.left > 100 && seal.top - seal.bottom > 100);
    }
}

static void test_deterministic(void **state)
{
    struct fonts *others = fixture_fonts();
    struct face face = fixture_face(pool), other = fixture_face(pool);
    struct bytes first, second, third;

    (void)state;
    assert_int_equal(render(&face, &first), 0);
    other.holder_name = "李四";
    assert_int_equal(render(&other, &second), 0);
    assert_false(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    /* Subsets kept from before make no difference. */
    assert_int_equal(render(&face, &second), 0);
    assert_int_equal(document_certificate(others, pool, &face, &third, NULL, &err), 0);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    assert_int_equal(first.size, third.size);
    assert_memory_equal(first.data, third.data, first.size);
    fonts_free(&others);
}

static void laid_out(struct page *page, const struct face *face)
{
    page_init(page, fonts, pool);
    if (layout_certificate(page, face, &err) < 0)
        fail_msg("%s", err.text);
}

static bool spoken(const struct page *page, const char *text)
{
    return strstr(page->spoken.data, text) != NULL;
}

static void test_spoken(void **state)
{
    struct face face = fixture_face(pool);
    struct page page;

    (void)state;
    laid_out(&page, &face);
    assert_true(spoken(&page, "编号：沪建安C3（2026）0000001姓名：张三丰性别：男出生年月：1985年7月"));
    assert_true(spoken(&page, "有效期：2026年3月1日 至 2029年2月28日"));
    assert_true(spoken(&page, "发证日期：2026年3月1日"));
    assert_true(spoken(&page, "演示样本 · 由演示密钥签发，不具法律效力"));
    assert_true(spoken(&page, face.identifier));
    face.demo = false;
    laid_out(&page, &face);
    assert_false(spoken(&page, "演示"));
}

static void test_rare_characters(void **state)
{
    static const char *const names[] = {"李䶮", "王㛃", "张𬭚", "𠮷田", "䶮㛃𬭚𠮷", "阿·䶮·𠮷",
                                        "Müller", "𪚥", "㐀"};
    struct bytes pdf;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct face face = fixture_face(pool);
        struct page page;

        face.holder_name = names[i];
        face.enterprise_name = pool_printf(pool, "上海%s建设有限公司", names[i]);
        laid_out(&page, &face);
        assert_true(spoken(&page, pool_printf(pool, "姓名：%s性别", names[i])));
        if (render(&face, &pdf) < 0)
            fail_msg("%s: %s", names[i], err.text);
    }
}

static void areas_check(const struct page *page)
{
    static const struct fixture_area taken[] = {
        {LAYOUT_PHOTO_LEFT, LAYOUT_PHOTO_BOTTOM, LAYOUT_PHOTO_LEFT + LAYOUT_PHOTO_WIDTH,
         LAYOUT_PHOTO_BOTTOM + LAYOUT_PHOTO_HEIGHT},
        {LAYOUT_QR_LEFT - 8, LAYOUT_QR_BOTTOM - 8, LAYOUT_QR_LEFT + LAYOUT_QR_SIDE + 8,
         LAYOUT_QR_BOTTOM + LAYOUT_QR_SIDE + 8},
    };
    const char *clash = fixture_clash(page, 70, taken, COUNT(taken));

    if (clash != NULL)
        fail_msg("%s", clash);
}

static void test_nothing_overlaps(void **state)
{
    static const char *const firms[] = {
        "上海公司", "上海示范建筑工程有限公司", LONG_FIRM,
        "Shanghai Sample Construction and Engineering Group Co., Ltd. (Sino-Foreign Joint Venture)",
        "上海（示范）、（示范）、（示范）、（示范）、（示范）、（示范）、（示范）、（示范）有限公司"};
    struct bytes pdf;

    (void)state;
    for (size_t i = 0; i < COUNT(firms); i++)
        for (int demo = 0; demo < 2; demo++) {
            struct face face = fixture_face(pool);
            struct page page;

            face.enterprise_name = firms[i];
            face.holder_name = i == 0 ? "张三" : i == 1 ? times64("艾") : "买买提·阿卜杜热合曼·伊敏";
            face.post = i == 2 ? "分管生产经营的副总经理（副总裁）" : face.post;
            if (i == 2)
                face.issuer_name = "上海市住房和城乡建设管理委员会浦东新区行政审批局";
            face.demo = demo == 1;
            laid_out(&page, &face);
            areas_check(&page);
            assert_true(spoken(&page, face.enterprise_name));
            assert_int_equal(render(&face, &pdf), 0);
        }
}

/* A line does not begin with a closing mark, nor end in the middle of a name's part. */
static void test_lines_break_well(void **state)
{
    static const struct page_box box = {
        100, 400, 105, 10, 10, 4, ALIGN_LEFT, {FONT_SONG, INK_TEXT, false, false}};
    static const struct {
        const char *text;
        size_t first; /* glyphs on the first line, of ten */
    } rows[] = {
        {"一二三四五六七八九十甲乙", 10}, {"一二三四五六七八九十）乙", 9},
        {"一二三四五六七八九（甲乙", 9},  {"一二三四五六七八 abcdefgh", 9},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 21},
        /* Names: behind a part of the name, but not for a line that is half empty. */
        {"一二三四五六·七八九十甲乙", 7}, {"一二·三四五六七八九十甲乙", 11},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct page page;

        page_init(&page, fonts, pool);
        assert_int_equal(page_print(&page, "text", &box, rows[i].text, &err), 0);
        assert_true(page.count >= 2);
        assert_int_equal(page.runs[0].count, rows[i].first);
    }
}

/* The lint stands between a broken file and the seal: it must see what was broken. */
static void test_lint_sees(void **state)
{
    struct face face = fixture_face(pool);
    struct bytes pdf, stream;
    struct pdf_read file;
    struct page page;
    uint8_t *bad;

    (void)state;
    assert_int_equal(render(&face, &pdf), 0);
    laid_out(&page, &face);
    assert_int_equal(lint_document(pool, pdf, &page, face.photo.size, &err), 0);
    for (size_t size = 0; size < pdf.size; size += 397)
        assert_int_equal(
            lint_document(pool, (struct bytes){pdf.data, size}, &page, face.photo.size, &err), -1);
    assert_int_equal(pdf_read_open(pool, pdf, &file, &err), 0);
    for (size_t n = 1; n <= file.count; n++) {
        struct bytes object = pdf_read_object(&file, n);

        if (!pdf_read_has(object, "/FlateDecode"))
            continue;
        bad = pool_copy(pool, pdf.data, pdf.size);
        stream.data = object.data + object.size;
        bad[stream.data - pdf.data + 40] ^= 0x10;
        assert_int_equal(
            lint_document(pool, (struct bytes){bad, pdf.size}, &page, face.photo.size, &err), -1);
    }
    /* Another certificate than the one that was meant. */
    face.holder_name = "张三峰";
    laid_out(&page, &face);
    assert_int_equal(lint_document(pool, pdf, &page, face.photo.size, &err), -1);
    assert_non_null(strstr(err.text, "text drawn is not the text given"));
}

static void test_lint_sees_words(void **state)
{
    static const char *const words[] = {"/OpenAction ", "/JavaScript ", "/AcroForm ", "/AA "};
    struct face face = fixture_face(pool);
    struct page page;
    struct bytes pdf;

    (void)state;
    assert_int_equal(render(&face, &pdf), 0);
    laid_out(&page, &face);
    for (size_t i = 0; i < COUNT(words); i++) {
        uint8_t *bad = pool_copy(pool, pdf.data, pdf.size);
        uint8_t *lang = memmem(bad, pdf.size, "/Lang (zh-CN)", 13);

        assert_non_null(lang);
        memcpy(lang, words[i], strlen(words[i]));
        assert_int_equal(
            lint_document(pool, (struct bytes){bad, pdf.size}, &page, face.photo.size, &err), -1);
        assert_non_null(strstr(err.text, "in object 1"));
    }
}

/* Whatever bytes stand there, the reader stays inside them. */
static void test_lint_survives(void **state)
{
    struct face face = fixture_face(pool);
    struct pool *scratch = pool_new(1 << 20, 0);
    struct page page;
    struct bytes pdf;
    unsigned seed = 7;

    (void)state;
    assert_int_equal(render(&face, &pdf), 0);
    laid_out(&page, &face);
    for (int i = 0; i < 600; i++) {
        uint8_t *bad = pool_copy(scratch, pdf.data, pdf.size);

        for (int k = 0; k < 4; k++) {
            seed = seed * 1103515245u + 12345u;
            bad[(k < 2 ? pdf.size - 1 - seed / 7 % 1500 : seed / 7 % pdf.size)] ^=
                (uint8_t)(1u << (seed >> 28 & 7));
        }
        lint_document(scratch, (struct bytes){bad, pdf.size}, &page, face.photo.size, &err);
        pool_reset(scratch);
    }
    pool_free(&scratch);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_refused),          TEST(test_refused_dates),   TEST(test_refused_length),
        TEST(test_refused_photo),    TEST(test_fonts_refused),   TEST(test_cover),
        TEST(test_whole),            TEST(test_deterministic),   TEST(test_spoken),
        TEST(test_rare_characters),  TEST(test_nothing_overlaps), TEST(test_lines_break_well),
        TEST(test_lint_sees),        TEST(test_lint_sees_words), TEST(test_lint_survives),
    };
    int failed;

    fonts = fixture_fonts();
    if (fonts == NULL)
        return 77;
    pool = pool_new(4 << 20, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    fonts_free(&fonts);
    return failed;
}
