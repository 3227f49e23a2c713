#include "tests/core/document/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/err.h"
#include "base/pool.h"

struct fonts *fixture_fonts(void)
{
    static const struct font_place places[] = {
        {"/usr/share/fonts/truetype/arphic/uming.ttc",      0},
        {"/usr/share/fonts/truetype/arphic/ukai.ttc",       0},
        {"/usr/share/fonts/truetype/hanazono/HanaMinA.ttf", 0},
        {"/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", 0},
    };
    struct fonts *fonts = NULL;
    struct err err = {0};

    if (fonts_open(places, sizeof places / sizeof places[0], &fonts, &err) < 0)
        fprintf(stderr, "%s\n", err.text);
    return fonts;
}

static bool within(double x, double y, double cx, double cy, double rx, double ry)
{
    return (x - cx) * (x - cx) / (rx * rx) + (y - cy) * (y - cy) / (ry * ry) < 1;
}

/* x and y from 0 to 1; a little grain, as a camera has. */
static void pixel(double x, double y, unsigned *seed, enum fixture_colour colour, JSAMPLE *out)
{
    static const int ground[] = {250, 250, 250}, skin[] = {214, 170, 140}, hair[] = {40, 32, 28},
                     coat[] = {38, 52, 86};
    const int *base = ground;
    int grain;

    if (within(x, y, 0.5, 1.0, 0.48, 0.28))
        base = coat;
    if (within(x, y, 0.5, 0.42, 0.27, 0.26))
        base = skin;
    if (within(x, y, 0.5, 0.27, 0.28, 0.13))
        base = hair;
    *seed = *seed * 1103515245u + 12345u;
    grain = (int)(*seed >> 16 & 7) - 4;
    for (int i = 0; i < (int)colour; i++)
        out[i] = (JSAMPLE)(base[i % 3] + (i < 3 ? grain : 0));
}

static void metadata_write(struct jpeg_compress_struct *to)
{
    static const char exif[] = "Exif\0\0secret place and time";

    jpeg_write_marker(to, JPEG_COM, (const JOCTET *)"secret", 6);
    jpeg_write_marker(to, JPEG_APP0 + 1, (const JOCTET *)exif, sizeof exif);
}

struct bytes fixture_photo(struct pool *pool, const struct fixture_photo *kind)
{
    struct jpeg_compress_struct to;
    struct jpeg_error_mgr manager;
    JSAMPROW row = pool_alloc(pool, (size_t)kind->width * 4);
    unsigned char *out = NULL;
    unsigned long size = 0;
    unsigned seed = 1;
    struct bytes bytes;

    to.err = jpeg_std_error(&manager);
    jpeg_create_compress(&to);
    jpeg_mem_dest(&to, &out, &size);
    to.image_width = kind->width;
    to.image_height = kind->height;
    to.input_components = (int)kind->colour;
    to.in_color_space = kind->colour == FIXTURE_GREY   ? JCS_GRAYSCALE
                        : kind->colour == FIXTURE_CMYK ? JCS_CMYK
                                                       : JCS_RGB;
    jpeg_set_defaults(&to);
    jpeg_set_quality(&to, kind->quality, TRUE);
    if (kind->progressive)
        jpeg_simple_progression(&to);
    jpeg_start_compress(&to, TRUE);
    if (kind->metadata)
        metadata_write(&to);
    for (unsigned y = 0; y < kind->height; y++) {
        for (unsigned x = 0; x < kind->width; x++)
            pixel((double)x / kind->width, (double)y / kind->height, &seed, kind->colour,
                  row + x * kind->colour);
        jpeg_write_scanlines(&to, &row, 1);
    }
    jpeg_finish_compress(&to);
    jpeg_destroy_compress(&to);
    bytes = (struct bytes){pool_copy(pool, out, size), size};
    free(out);
    return bytes;
}

struct face fixture_face(struct pool *pool)
{
    static const struct fixture_photo kind = {413, 579, FIXTURE_COLOUR, 88, false, false};
    struct photo_size size;
    struct err err = {0};
    struct face face = {
        .class_code = "C3",
        .number = "沪建安C3（2026）0000001",
        .identifier = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20260000001.001.U",
        .holder_name = "张三丰",
        .sex = "男",
        .birth = {1985, 7, 1 },
        .enterprise_name = "上海示范建筑工程有限公司",
        .post = "专职安全生产管理人员",
        .first_issued = {2026, 3, 1 },
        .valid_from = {2026, 3, 1 },
        .valid_until = {2029, 2, 28},
        .issuer_name = "上海市住房和城乡建设管理委员会",
        .issued_on = {2026, 3, 1 },
        .verify_url = "https://ecert.example.cn/verify/0123456789abcdefABCDEF",
        .made_ms = 1772323200000,
        .demo = true,
    };

    if (photo_check(pool, fixture_photo(pool, &kind), &face.photo, &size, &err) < 0)
        err_fatal("%s", err.text);
    return face;
}

struct proof fixture_proof(struct pool *pool, enum proof_kind kind, size_t count)
{
    static const char *const classes[][2] = {
        {"企业主要负责人（A证）",     "A" },
        {"项目负责人（B证）",               "B" },
        {"专职安全员（C3证，综合类）", "C3"},
    };
    static const char *const states[] = {"办理转出", "有效", "注销"};
    struct proof_certificate *certificates = pool_array(pool, count + 1, sizeof *certificates);

    for (size_t i = 0; i < count; i++)
        certificates[i] = (struct proof_certificate){
            .class_label = classes[i % 3][0],
            .number = pool_printf(pool, "沪建安%s（2026）%07zu", classes[i % 3][1], i + 1),
            .first_issued = {2020, 12, 31},
            .valid_from = {2026, (int8_t)(i % 12 + 1), 1 },
            .valid_until = {2029, (int8_t)(i % 12 + 1), 28},
            .state_label = states[kind % 3],
        };
    return (struct proof){
        .kind = kind,
        .matter_number = kind == PROOF_DEPARTURE ? "LH20261123-00000042" : "ZX20261123-00000042",
        .enterprise_name = "上海示范建筑工程有限公司",
        .uscc = "11430000006122244L",
        .holder_name = "张三丰",
        .id_type_label = "居民身份证",
        .id_no_masked = "110105********002X",
        .certificates = certificates,
        .count = count,
        .province = "江苏省",
        .reason = "已与聘用企业解除聘用合同关系",
        .signer_name = "上海示范建筑工程有限公司（电子钥匙）",
        .signer_serial = "4f3a2b1c00112233445566778899aabbccddeeff",
        .signed_ms = 1795417445000, /* 2026-11-23 15:04:05 in Shanghai */
        .issuer_name = "上海市住房和城乡建设管理委员会",
        .issued_on = {2026, 11, 23},
        .verify_url = "https://ecert.example.cn/verify/0123456789abcdefABCDEF",
        .made_ms = 1795417505000,
        .demo = true,
    };
}

/* Where ink may be: from below the baseline to the top of the letters. */
static struct fixture_area run_area(const struct page_run *run)
{
    double width = 0;

    for (size_t i = 0; i < run->count; i++)
        width += run->glyphs[i].advance / 1000.0 * run->size;
    return (struct fixture_area){run->x, run->y - 0.14 * run->size, run->x + width,
                                 run->y + 0.86 * run->size};
}

static bool overlap(const struct fixture_area *a, const struct fixture_area *b)
{
    return a->left < b->right - 0.1 && b->left < a->right - 0.1 && a->bottom < b->top - 0.1 &&
           b->bottom < a->top - 0.1;
}

static const char *run_clash(const struct page *page, size_t i, double edge,
                             const struct fixture_area *areas, size_t count)
{
    struct fixture_area a = run_area(&page->runs[i]);

    if (a.left < edge || a.right > PAGE_WIDTH - edge || a.bottom < edge ||
        a.top > PAGE_HEIGHT - edge)
        return pool_printf(page->pool, "run %zu (%.0f, %.0f) is at the edge", i, a.left, a.bottom);
    for (size_t k = 0; k < count; k++)
        if (overlap(&a, &areas[k]))
            return pool_printf(page->pool, "run %zu (%.0f, %.0f) is on area %zu", i, a.left,
                               a.bottom, k);
    for (size_t k = i + 1; k < page->count; k++) {
        struct fixture_area b = run_area(&page->runs[k]);

        if (!page->runs[k].look.mute && overlap(&a, &b))
            return pool_printf(page->pool, "runs %zu (%.0f, %.0f) and %zu (%.0f, %.0f) overlap", i,
                               a.left, a.bottom, k, b.left, b.bottom);
    }
    return NULL;
}

const char *fixture_clash(const struct page *page, double edge, const struct fixture_area *areas,
                          size_t count)
{
    const char *clash = NULL;

    for (size_t i = 0; i < page->count && clash == NULL; i++)
        if (!page->runs[i].look.mute)
            clash = run_clash(page, i, edge, areas, count);
    return clash;
}
