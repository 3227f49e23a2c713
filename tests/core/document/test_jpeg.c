/* JPEG pictures that a turned camera took: how they lie when they are written again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/jpeg.h"
#include "tests/core/document/fixture.h"

enum { WIDTH = 320, HEIGHT = 400, SEGMENT = 36 };
enum side { TOP, BOTTOM, LEFT, RIGHT, SIDES };

static struct pool *pool;

/* Brightness along each edge. */
struct edges {
    uint64_t light[SIDES], count[SIDES];
};

static void edge_add(struct edges *edges, enum side side, const uint8_t *pixel)
{
    edges->light[side] += pixel[0];
    edges->count[side]++;
}

static void row(void *context, unsigned y, struct jpeg_size size, const uint8_t *samples,
                unsigned components)
{
    struct edges *edges = context;

    for (unsigned x = 0; x < size.width; x++) {
        const uint8_t *pixel = samples + (size_t)x * components;

        if (y < size.height / 10)
            edge_add(edges, TOP, pixel);
        if (y >= size.height - size.height / 10)
            edge_add(edges, BOTTOM, pixel);
        if (x < size.width / 10)
            edge_add(edges, LEFT, pixel);
        if (x >= size.width - size.width / 10)
            edge_add(edges, RIGHT, pixel);
    }
}

/* Where the shoulders are. */
static enum side darkest(const struct edges *edges)
{
    enum side found = TOP;

    for (enum side side = TOP; side < SIDES; side++)
        if (edges->light[side] / edges->count[side] < edges->light[found] / edges->count[found])
            found = side;
    return found;
}

/* The fixture's head and shoulders with an Exif segment behind SOI. */
static struct bytes tagged(const char *segment, size_t size, enum fixture_colour colour)
{
    const struct fixture_photo kind = {WIDTH, HEIGHT, colour, 80, false, false};
    struct bytes photo = fixture_photo(pool, &kind);
    uint8_t *all = pool_alloc(pool, photo.size + size);

    memcpy(all, photo.data, 2);
    memcpy(all + 2, segment, size);
    memcpy(all + 2 + size, photo.data + 2, photo.size - 2);
    return (struct bytes){all, photo.size + size};
}

static struct bytes turned(unsigned orientation, bool little, enum fixture_colour colour)
{
    char segment[] = "\xff\xe1\0\x22" "Exif\0\0" "MM\0*\0\0\0\x08" "\0\x01"
                     "\x01\x12\0\x03\0\0\0\x01\0\0\0\0" "\0\0\0\0";
    static const char other[] = "\xff\xe1\0\x22" "Exif\0\0" "II*\0\x08\0\0\0" "\x01\0"
                                "\x12\x01\x03\0\x01\0\0\0\0\0\0\0" "\0\0\0\0";

    if (little)
        memcpy(segment, other, SEGMENT);
    segment[little ? 28 : 29] = (char)orientation;
    return tagged(segment, SEGMENT, colour);
}

static void write_again(struct bytes in, struct jpeg_size *size, struct edges *edges)
{
    const struct jpeg_wish wish = {.side_max = 2000, .pixels_max = 2000 * 2000, .least = {60, 80},
                                   .quality = 80, .row = row, .context = edges};
    struct jpeg_size measured;
    struct err err = {0};
    struct bytes out;

    memset(edges, 0, sizeof(*edges));
    if (jpeg_measure(in, &wish, &measured, &err) < 0 ||
        jpeg_rewrite(pool, in, &wish, &out, size, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(measured.width, size->width);
    assert_int_equal(measured.height, size->height);
    assert_null(memmem(out.data, out.size, "Exif", 4));
}

static void test_turned_back(void **state)
{
    static const struct {
        unsigned orientation;
        enum side shoulders;
    } rows[] = {{0, BOTTOM}, {1, BOTTOM}, {2, BOTTOM}, {3, TOP},  {4, TOP},
                {5, RIGHT},  {6, LEFT},   {7, LEFT},   {8, RIGHT}, {9, BOTTOM}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int variant = 0; variant < 4; variant++) {
            struct jpeg_size size;
            struct edges edges;
            bool across = rows[i].orientation >= 5 && rows[i].orientation <= 8;

            write_again(turned(rows[i].orientation, variant & 1,
                               variant & 2 ? FIXTURE_GREY : FIXTURE_COLOUR),
                        &size, &edges);
            assert_int_equal(size.width, across ? HEIGHT : WIDTH);
            assert_int_equal(size.height, across ? WIDTH : HEIGHT);
            assert_int_equal(darkest(&edges), rows[i].shoulders);
        }
}

/* What is no Exif, or lies, turns nothing. */
static void test_nonsense(void **state)
{
#define SEGMENT_OF(text) text, sizeof(text) - 1
    static const struct {
        const char *segment;
        size_t size;
    } rows[] = {
        {SEGMENT_OF("\xff\xe1\0\x08" "Exif\0\0")},
        {SEGMENT_OF("\xff\xe1\0\x10" "Exif\0\0" "MM\0*\0\0\0\x08")},
        {SEGMENT_OF("\xff\xe1\0\x10" "Exif\0\0" "MM\0*\xff\xff\xff\xff")},
        {SEGMENT_OF("\xff\xe1\0\x12" "Exif\0\0" "II*\0\x08\0\0\0" "\xff\xff")},
        {SEGMENT_OF("\xff\xe1\0\x1a" "Exif\0\0" "MM\0*\0\0\0\x08" "\0\x01\x01\x12\0\x03\0\0\0\x01")},
        {SEGMENT_OF("\xff\xe1\0\x10" "http://a/a\0\0\0\0")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct jpeg_size size;
        struct edges edges;

        write_again(tagged(rows[i].segment, rows[i].size, FIXTURE_COLOUR), &size, &edges);
        assert_int_equal(size.width, WIDTH);
        assert_int_equal(darkest(&edges), BOTTOM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turned_back),
        cmocka_unit_test(test_nonsense),
    };
    int failed;

    pool = pool_new(1 << 20, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
