/* ZIPs, read back by the letter of PKWARE's APPNOTE: what names, dates and bytes are in them, and
 * that what breaks off never looks whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"
#include "core/bundle.h"

enum { ROOM = 1024 * 1024, BIG = 56 * 1024, HELD = 64 * 1024 };

static const char local_header[] = "PK\3\4", directory[] = "PK\1\2", end_of_directory[] = "PK\5\6";

/* A reader that goes away behind `room` bytes. */
static struct {
    uint8_t data[ROOM];
    size_t size, room;
    size_t total; /* also of what did not fit */
    bool counts_only;
} out;

static struct pool *pool;
static struct err err;

static int take(void *context, const void *data, size_t size)
{
    (void)context;
    if (out.counts_only) {
        out.total += size;
        return 0;
    }
    if (size > out.room - out.size)
        return -1;
    memcpy(out.data + out.size, data, size);
    out.size += size;
    return 0;
}

static const struct sink sink = {take, NULL};

/* 2026-11-24 12:34:56 in Shanghai. */
static const int64_t made_ms = INT64_C(1795494896000);

static int add_bytes(struct bundle *bundle, const char *stem, struct bytes body)
{
    return bundle_add(bundle,
                      &(struct bundle_file){
                          .stem = stem, .ending = ".pdf", .body = body, .made_ms = made_ms},
                      &err);
}

static int add(struct bundle *bundle, const char *stem, const char *body)
{
    return add_bytes(bundle, stem, (struct bytes){(const uint8_t *)body, strlen(body)});
}

static unsigned at16(size_t at)
{
    assert_true(at + 2 <= out.size);
    return (unsigned)out.data[at] | (unsigned)out.data[at + 1] << 8;
}

static uint32_t at32(size_t at)
{
    return at16(at) | (uint32_t)at16(at + 2) << 16;
}

/* Where the record with this mark stands, from the end; SIZE_MAX. */
static size_t find_last(const char *mark)
{
    for (size_t at = out.size; at-- > 0;)
        if (at + 4 <= out.size && memcmp(out.data + at, mark, 4) == 0)
            return at;
    return SIZE_MAX;
}

/* The file whose entry in the directory stands at *at, which moves to the next. */
static const char *read_entry(size_t *at, struct bytes *body)
{
    assert_memory_equal(out.data + *at, directory, 4);
    size_t name = at16(*at + 28), extra = at16(*at + 30), local = at32(*at + 42);
    const char *text = pool_text_n(pool, (const char *)out.data + *at + 46, name);

    assert_int_equal(at16(*at + 10), 0); /* stored */
    assert_memory_equal(out.data + local, local_header, 4);
    assert_int_equal(at16(local + 6) & 0x800, at16(*at + 8) & 0x800);
    for (const char *c = text; *c; c++)
        if (*c & 0x80)
            assert_int_equal(at16(*at + 8) & 0x800, 0x800);
    assert_memory_equal(out.data + local + 30, text, name);
    *body = (struct bytes){out.data + local + 30 + at16(local + 26) + at16(local + 28),
                           at32(*at + 24)};
    assert_int_equal(at32(*at + 20), body->size);
    assert_int_equal(at32(*at + 16), crc32(0, body->data, (uInt)body->size));
    /* DOS time and date. */
    assert_int_equal(at16(*at + 12), 12 << 11 | 34 << 5 | 56 / 2);
    assert_int_equal(at16(*at + 14), (2026 - 1980) << 9 | 11 << 5 | 24);
    *at += 46 + name + extra + at16(*at + 32);
    return text;
}

static size_t entries(size_t *first)
{
    size_t end = find_last(end_of_directory);

    assert_int_not_equal(end, SIZE_MAX);
    assert_int_equal(end + 22, out.size);
    *first = at32(end + 16);
    return at16(end + 10);
}

static void test_names(void **state)
{
    static const struct {
        const char *stem, *name;
    } rows[] = {
        {"", "_.pdf"},
        {".", "_.pdf"}, /* which is there by now: see below */
        {"..", "_..pdf"},
        {"../../etc/passwd", "_._.._etc_passwd.pdf"},
        {"C:\\x\"*?<|>", "C__x______.pdf"},
        {"a\nb\x7f\tc", "a_b__c.pdf"},
        {"\xe2\x80\xae" "fdp.exe", "_fdp.exe.pdf"}, /* right to left */
        {"broken\xff", "broken_.pdf"},
        {"沪建安B（2020）0000010 张三丰", "沪建安B（2020）0000010 张三丰.pdf"},
        {"𠮷田 䶮 𬭚", "𠮷田 䶮 𬭚.pdf"},
        {"case", "case.pdf"},
        {"CASE", "CASE (2).pdf"},
        {"case", "case (3).pdf"},
        {"case (2)", "case (2) (2).pdf"},
    };
    struct bundle *bundle = bundle_new(pool, &sink);
    size_t at;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(add(bundle, rows[i].stem, rows[i].stem), 0);
    assert_int_equal(bundle_end(bundle, &err), 0);
    assert_int_equal(entries(&at), sizeof(rows) / sizeof(rows[0]));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes body;
        const char *name = read_entry(&at, &body);

        assert_string_equal(name, i == 1 ? "_ (2).pdf" : rows[i].name);
        assert_int_equal(body.size, strlen(rows[i].stem));
        assert_memory_equal(body.data, rows[i].stem, body.size);
    }
}

static void test_long_names_are_cut_between_characters(void **state)
{
    struct bundle *bundle = bundle_new(pool, &sink);
    struct text stem;
    struct bytes body;
    size_t at;

    (void)state;
    text_init(&stem, pool, ROOM);
    for (size_t i = 0; i < 500; i++)
        text_add(&stem, "𠮷");
    assert_int_equal(add(bundle, stem.data, "1"), 0);
    assert_int_equal(add(bundle, stem.data, "2"), 0);
    assert_int_equal(bundle_end(bundle, &err), 0);
    assert_int_equal(entries(&at), 2);
    for (size_t i = 0; i < 2; i++) {
        const char *name = read_entry(&at, &body);

        assert_true(strlen(name) <= BUNDLE_NAME);
        assert_true(utf8_valid(name, strlen(name)));
        assert_string_equal(name + strlen(name) - 4, ".pdf");
    }
}

static void test_an_empty_one_is_whole(void **state)
{
    size_t at;

    (void)state;
    assert_int_equal(bundle_end(bundle_new(pool, &sink), &err), 0);
    assert_int_equal(entries(&at), 0);
}

/* Wherever the reader goes away, whoever writes hears of it, and nothing more is written. */
static void test_the_reader_goes_away(void **state)
{
    static uint8_t bytes[BIG];
    const struct bytes body = {bytes, sizeof(bytes)};

    (void)state;
    for (out.room = 0; out.room < 3 * BIG + 400; out.room += 997) {
        struct bundle *bundle = bundle_new(pool, &sink);
        int result = 0;

        out.size = 0;
        for (int i = 0; i < 3 && result == 0; i++)
            result = add_bytes(bundle, "name", body);
        if (result == 0)
            result = bundle_end(bundle, &err);
        assert_int_equal(result, -1);
        assert_int_equal(err.kind, ERR_SYSTEM);
        assert_int_equal(err.code, EPIPE);
        assert_null(strstr(err.text, "name"));
        pool_reset(pool);
        assert_int_equal(find_last(end_of_directory), SIZE_MAX);
    }
}

static void test_what_is_not_ended_is_broken(void **state)
{
    (void)state;
    assert_int_equal(add(bundle_new(pool, &sink), "name", "body"), 0);
    pool_reset(pool);
    assert_int_equal(find_last(end_of_directory), SIZE_MAX);
}

static void test_nothing_is_held_back(void **state)
{
    static uint8_t bytes[BIG];
    struct bundle *bundle;
    char stem[32];

    (void)state;
    out.counts_only = true;
    bundle = bundle_new(pool, &sink);
    for (size_t i = 0; i < BUNDLE_FILES; i++) {
        snprintf(stem, sizeof(stem), "沪建安B（2020）%07zu", i);
        assert_int_equal(add_bytes(bundle, stem, (struct bytes){bytes, sizeof(bytes)}), 0);
        assert_true(out.total + HELD > (i + 1) * BIG);
    }
    assert_int_equal(add(bundle, "more", ""), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(bundle_end(bundle, &err), 0);
    assert_true(pool_used(pool) < HELD);
}

static int set_up(void **state)
{
    (void)state;
    pool_reset(pool);
    out.size = out.total = 0;
    out.room = ROOM;
    out.counts_only = false;
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_long_names_are_cut_between_characters),
        TEST(test_an_empty_one_is_whole),
        TEST(test_the_reader_goes_away),
        TEST(test_what_is_not_ended_is_broken),
        TEST(test_nothing_is_held_back),
    };

    setenv("TZ", "CST-8", 1);
    tzset();
    pool = pool_new(0, 0);
    int failed = cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
