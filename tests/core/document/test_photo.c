/* Photos: what is no photo, then what is kept of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "tests/core/document/fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pool *pool;
static struct err err;

static int reset(void **state)
{
    (void)state;
    pool_reset(pool);
    err_clear(&err);
    return 0;
}

static int check(struct bytes in, struct bytes *out)
{
    struct photo_size size;

    err_clear(&err);
    return photo_check(pool, in, out, &size, &err);
}

static const struct fixture_photo good = {413, 579, FIXTURE_COLOUR, 85, false, false};

static void test_other_types(void **state)
{
#define FILE_OF(bytes) bytes, sizeof(bytes) - 1
    static const struct {
        const char *data;
        size_t size;
        const char *cause;
    } rows[] = {
        {FILE_OF(""), "photo: empty"},
        {FILE_OF("x"), "photo: not a JPEG (unknown type)"},
        {FILE_OF("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "photo: not a JPEG (PNG)"},
        {FILE_OF("GIF89a......"), "photo: not a JPEG (GIF)"},
        {FILE_OF("BM............"), "photo: not a JPEG (BMP)"},
        {FILE_OF("RIFF\0\0\0\0WEBPVP8 "), "photo: not a JPEG (WebP)"},
        {FILE_OF("II*\0........"), "photo: not a JPEG (TIFF)"},
        {FILE_OF("\0\0\0\x18" "ftypheic...."), "photo: not a JPEG (HEIF or video)"},
        {FILE_OF("%PDF-1.7\n"), "photo: not a JPEG (PDF)"},
        {FILE_OF("<svg xmlns='http://www.w3.org/2000/svg'/>"), "photo: not a JPEG (HTML or SVG)"},
        {FILE_OF("\xff\xd8"), "photo: not a JPEG (unknown type)"},
        {FILE_OF("\xff\xd8\xff"), "photo: truncated"},
        {FILE_OF("\xff\xd8\xff\xd9"), "photo: damaged JPEG"},
    };

    struct bytes out;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes in = {(const uint8_t *)rows[i].data, rows[i].size};

        assert_int_equal(check(in, &out), -1);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strncmp(err.text, rows[i].cause, strlen(rows[i].cause)) != 0)
            fail_msg("%s expected, not: %s", rows[i].cause, err.text);
    }
}

static void test_truncated(void **state)
{
    static const struct fixture_photo kinds[] = {
        {413, 579, FIXTURE_COLOUR, 85, false, false},
        {413, 579, FIXTURE_COLOUR, 85, true, true},
        {120, 160, FIXTURE_GREY, 90, false, false},
    };
    struct bytes out;

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct pool *scratch = pool_new(1 << 20, 0);
        struct bytes photo = fixture_photo(scratch, &kinds[i]);

        for (size_t size = 0; size < photo.size; size += 100) {
            assert_int_equal(check((struct bytes){photo.data, size}, &out), -1);
            assert_int_equal(err.kind, ERR_INPUT);
        }
        assert_int_equal(check((struct bytes){photo.data, photo.size - 1}, &out), -1);
        assert_int_equal(check(photo, &out), 0);
        pool_free(&scratch);
    }
}

static void test_sizes(void **state)
{
    static const struct {
        struct fixture_photo kind;
        enum err_kind error;
        const char *cause;
    } rows[] = {
        {{59, 80, FIXTURE_COLOUR, 85, false, false}, ERR_INPUT, "at least"},
        {{60, 79, FIXTURE_COLOUR, 85, false, false}, ERR_INPUT, "at least"},
        {{2001, 80, FIXTURE_GREY, 20, false, false}, ERR_LIMIT, "at most"},
        {{60, 2001, FIXTURE_GREY, 20, false, false}, ERR_LIMIT, "at most"},
        {{900, 1200, FIXTURE_COLOUR, 98, false, false}, ERR_LIMIT, "bytes, at most"},
        {{413, 579, FIXTURE_CMYK, 60, false, false}, ERR_INPUT, "CMYK"},
        {{60, 80, FIXTURE_COLOUR, 85, false, false}, ERR_NONE, NULL},
        {{60, 80, FIXTURE_GREY, 85, false, false}, ERR_NONE, NULL},
        {{2000, 2000, FIXTURE_GREY, 5, false, false}, ERR_NONE, NULL},
    };
    struct bytes out;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int rc = check(fixture_photo(pool, &rows[i].kind), &out);

        assert_int_equal(rc, rows[i].error == ERR_NONE ? 0 : -1);
        assert_int_equal(err.kind, rows[i].error);
        if (rows[i].cause != NULL)
            assert_non_null(strstr(err.text, rows[i].cause));
    }
}

/* A header may claim what it likes: nothing of that size is ever decoded. */
static void test_bomb(void **state)
{
    struct bytes photo = fixture_photo(pool, &good), out;
    uint8_t *bomb = pool_copy(pool, photo.data, photo.size);
    size_t at = 0;

    (void)state;
    while (!(bomb[at] == 0xFF && bomb[at + 1] == 0xC0))
        at++;
    memcpy(bomb + at + 5, "\xEA\x60\xEA\x60", 4); /* 60000 × 60000 */
    assert_int_equal(check((struct bytes){bomb, photo.size}, &out), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
}

/* A progressive photo whose last scan comes again and again. */
static void test_many_scans(void **state)
{
    static const struct fixture_photo kind = {120, 160, FIXTURE_COLOUR, 50, true, false};
    struct bytes photo = fixture_photo(pool, &kind), out;
    size_t last = photo.size - 2, length;
    struct text file;

    (void)state;
    while (!(photo.data[last] == 0xFF && photo.data[last + 1] == 0xDA))
        last--;
    length = photo.size - 2 - last;
    text_init(&file, pool, PHOTO_BYTES);
    text_add_n(&file, (const char *)photo.data, last);
    while (file.length + length + 2 < PHOTO_BYTES)
        text_add_n(&file, (const char *)photo.data + last, length);
    text_add_n(&file, "\xff\xd9", 2);
    assert_int_equal(check((struct bytes){(const uint8_t *)file.data, file.length}, &out), -1);
    assert_int_equal(err.kind, ERR_INPUT);
}

static void test_damage(void **state)
{
    struct bytes photo = fixture_photo(pool, &good), out;
    unsigned seed = 3, refused = 0;

    (void)state;
    for (int i = 0; i < 300; i++) {
        struct pool *scratch = pool_new(1 << 16, 0);
        uint8_t *bad = pool_copy(scratch, photo.data, photo.size);

        for (int k = 0; k < 3; k++) {
            seed = seed * 1103515245u + 12345u;
            bad[seed / 5 % photo.size] = (uint8_t)(seed >> 24);
        }
        if (check((struct bytes){bad, photo.size}, &out) < 0) {
            assert_true(err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
            refused++;
        } else {
            /* A changed shade cannot be seen; the result is a whole photo all the same. */
            assert_true(out.size > 500 && out.size <= PHOTO_BYTES);
        }
        pool_free(&scratch);
    }
    assert_true(refused > 30);
}

static void test_kept(void **state)
{
    static const struct {
        struct fixture_photo kind;
        unsigned width, height;
    } rows[] = {
        {{413, 579, FIXTURE_COLOUR, 85, false, true}, 310, 435},
        {{413, 579, FIXTURE_COLOUR, 85, true, true}, 310, 435},
        {{295, 413, FIXTURE_COLOUR, 90, false, true}, 295, 413},
        {{300, 400, FIXTURE_GREY, 90, false, true}, 300, 400},
        {{1200, 1600, FIXTURE_GREY, 5, false, true}, 300, 400},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes photo = fixture_photo(pool, &rows[i].kind), out, again;
        struct photo_size size;

        assert_non_null(memmem(photo.data, photo.size, "secret", 6));
        assert_int_equal(photo_check(pool, photo, &out, &size, &err), 0);
        assert_int_equal(size.width, rows[i].width);
        assert_int_equal(size.height, rows[i].height);
        assert_true(out.size <= PHOTO_BYTES);
        assert_null(memmem(out.data, out.size, "secret", 6));
        assert_null(memmem(out.data, out.size, "Exif", 4));
        assert_int_equal(check(out, &again), 0); /* what is kept is a photo itself */
    }
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_other_types), TEST(test_truncated),  TEST(test_sizes),  TEST(test_bomb),
        TEST(test_many_scans),  TEST(test_damage),     TEST(test_kept),
    };
    int failed;

    pool = pool_new(1 << 20, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
