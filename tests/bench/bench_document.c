/*
 * How long a certificate takes from its facts to the finished, linted file, in time of the
 * processor, and how large it is; beside libharu with the whole face embedded, in the same run.
 *
 * Usage: bench_document [N]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hpdf.h>

#include "base/err.h"
#include "base/pool.h"
#include "tests/core/document/fixture.h"

enum { ROUNDS = 400, PEER_ROUNDS = 12, ROUNDS_MAX = 100000, GOAL_US = 3000, GOAL_BYTES = 61440 };

static const char *const families[] = {"赵", "钱", "孙", "李", "周", "吴", "郑", "王", "欧阳"};
static const char *const given[] = {"明",   "建国", "晓燕", "志强", "秀英", "䶮",
                                    "海涛", "丽娟", "文斌", "玉兰", "振华"};
static const char *const firms[] = {"上海示范建筑工程有限公司", "上海样本市政建设集团有限公司",
                                    "华东虚构安装工程股份有限公司", "上海示例装饰设计工程有限公司"};
#define PICK(list, i) ((list)[(i) % (sizeof(list) / sizeof((list)[0]))])

static int64_t cpu_us(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) < 0)
        err_fatal("no clock of the processor's time");
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void facts_vary(struct pool *pool, struct face *face, unsigned i)
{
    face->holder_name = pool_printf(pool, "%s%s", PICK(families, i), PICK(given, i / 3));
    face->enterprise_name = PICK(firms, i / 5);
    face->number = pool_printf(pool, "沪建安C3（2026）%07u", i + 1);
    face->birth.year = (int16_t)(1965 + i % 35);
    face->issued_on.day = face->first_issued.day = face->valid_from.day = (int8_t)(1 + i % 28);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t median(int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* Renders `count` documents; their median time and size. */
static int ours(const struct fonts *fonts, struct face *face, unsigned count, int64_t *time,
                int64_t *size)
{
    struct pool *pool = pool_new(4 << 20, 0);
    int64_t *times = calloc(count, sizeof *times), *sizes = calloc(count, sizeof *sizes);
    struct err err = {0};
    int rc = 0;

    if (times == NULL || sizes == NULL)
        err_fatal("out of memory");
    for (unsigned i = 0; rc == 0 && i < count; i++) {
        struct bytes pdf = {NULL, 0};
        int64_t start;

        facts_vary(pool, face, i);
        start = cpu_us();
        rc = document_certificate(fonts, pool, face, &pdf, NULL, &err);
        times[i] = cpu_us() - start;
        sizes[i] = (int64_t)pdf.size;
        pool_reset(pool);
    }
    if (rc < 0)
        fprintf(stderr, "bench_document: %s\n", err.text);
    *time = median(times, count);
    *size = median(sizes, count);
    free(times);
    free(sizes);
    pool_free(&pool);
    return rc;
}

/* The facts as plain lines, in the first face of the chain, embedded as libharu does it. */
static int64_t peer_once(const struct face *face, int64_t *time)
{
    const char *const lines[] = {face->number, face->identifier,      face->holder_name, face->post,
                                 face->sex,    face->enterprise_name, face->issuer_name};
    int64_t start = cpu_us(), size;
    HPDF_Doc doc = HPDF_New(NULL, NULL);
    HPDF_Page page = HPDF_AddPage(doc);
    HPDF_Image photo;
    HPDF_Font font;

    HPDF_UseUTFEncodings(doc);
    HPDF_SetCompressionMode(doc, HPDF_COMP_ALL);
    font = HPDF_GetFont(
        doc,
        HPDF_LoadTTFontFromFile2(doc, "/usr/share/fonts/truetype/arphic/uming.ttc", 0, HPDF_TRUE),
        "UTF-8");
    HPDF_Page_BeginText(page);
    HPDF_Page_SetFontAndSize(page, font, 14);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        HPDF_Page_TextOut(page, 90, 700 - 30 * (float)i, lines[i]);
    HPDF_Page_EndText(page);
    photo = HPDF_LoadJpegImageFromMem(doc, face->photo.data, (HPDF_UINT)face->photo.size);
    HPDF_Page_DrawImage(page, photo, 420, 465, 77, 98);
    HPDF_SaveToStream(doc);
    size = HPDF_GetStreamSize(doc);
    HPDF_Free(doc);
    *time = cpu_us() - start;
    return size;
}

static void peer(struct face *face, int64_t *time, int64_t *size)
{
    struct pool *pool = pool_new(1 << 20, 0);
    int64_t times[PEER_ROUNDS], sizes[PEER_ROUNDS];

    for (unsigned i = 0; i < PEER_ROUNDS; i++) {
        facts_vary(pool, face, i);
        sizes[i] = peer_once(face, &times[i]);
    }
    *time = median(times, PEER_ROUNDS);
    *size = median(sizes, PEER_ROUNDS);
    pool_free(&pool);
}

static void report(const char *name, int64_t value, const char *unit, int64_t peer_value,
                   int64_t goal)
{
    printf("bench %s %lld %s ratio %.3f against libharu-whole-font goal <=%lld %s\n", name,
           (long long)value, unit, (double)value / (double)peer_value, (long long)goal,
           value <= goal ? "ok" : "short");
}

int main(int argc, char **argv)
{
    int64_t rounds = ROUNDS, time, size, peer_time, peer_size;
    struct fonts *fonts = fixture_fonts();
    struct pool *pool = pool_new(1 << 20, 0);
    struct face face;
    int rc = 1;

    if (argc > 1 && !parse_int(argv[1], 1, ROUNDS_MAX, &rounds)) {
        fprintf(stderr, "usage: bench_document [1 to %d]\n", ROUNDS_MAX);
        rc = 2;
        goto out;
    }
    if (fonts == NULL)
        goto out;
    face = fixture_face(pool);
    if (ours(fonts, &face, (unsigned)rounds, &time, &size) < 0)
        goto out;
    peer(&face, &peer_time, &peer_size);
    report("document.render", time, "us", peer_time, GOAL_US);
    report("document.size", size, "bytes", peer_size, GOAL_BYTES);
    rc = 0;
out:
    pool_free(&pool);
    fonts_free(&fonts);
    return rc;
}
