/* Multipart with a file that no memory holds: whatever the pieces, the file comes out as it was. */
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
#include "fcgi/form.h"
#include "fcgi/request.h"

#define TYPE "multipart/form-data; boundary=B"
#define FIELD(name, value) "--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_HEAD                                                                                  \
    "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n"                 \
    "Content-Type: text/csv\r\n\r\n"

static struct pool *pool;
static struct err err;

struct body {
    const char *data;
    size_t size, at, most; /* bytes of a piece */
};

static long body_read(void *context, void *to, size_t size)
{
    struct body *body = context;
    size_t left = body->size - body->at;

    if (size > left)
        size = left;
    if (size > body->most)
        size = body->most;
    memcpy(to, body->data + body->at, size);
    body->at += size;
    return (long)size;
}

/* Reads the file of this body into `out`: its size, or -1. */
static long take(const char *data, size_t size, size_t most, size_t ask, struct form *form, char *out)
{
    struct body body = {data, size, 0, most};
    struct form_stream stream = {.read = body_read, .context = &body, .left = size};
    long all = 0, got;

    pool_reset(pool);
    form_init(form, pool);
    if (form_stream_open(form, TYPE, &stream, &err) < 0)
        return -1;
    while ((got = form_stream_read(&stream, out + all, ask, &err)) > 0)
        all += got;
    assert_true(got <= 0);
    return got < 0 ? -1 : all;
}

static void files_come_out_as_they_were(void **state)
{
    static const size_t sizes[] = {0, 1, 5, 100, FORM_STREAM - 300, FORM_STREAM - 1, FORM_STREAM,
                                   FORM_STREAM + 7, 3 * FORM_STREAM, 5 * FORM_STREAM + 13};
    static const char *const shapes[] = {"x", "\r", "\r\n", "\r\n--", "\r\n--A", "--B", "\r\n-"};
    static const size_t pieces[] = {1 << 20, 1000, 7};
    const char head[] = FIELD("kind", "people") FILE_HEAD, tail[] = "\r\n--B--\r\n";
    char *body = malloc(sizeof(head) + 6 * FORM_STREAM + sizeof(tail)), *out = malloc(6 * FORM_STREAM);
    struct form form;

    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
        for (size_t f = 0; f < sizeof(shapes) / sizeof(*shapes); f++)
            for (size_t p = 0; p < sizeof(pieces) / sizeof(*pieces); p++) {
                size_t at = sizeof(head) - 1, length = strlen(shapes[f]);
                memcpy(body, head, at);
                for (size_t i = 0; i < sizes[s]; i++)
                    body[at + i] = shapes[f][i % length];
                memcpy(body + at + sizes[s], tail, sizeof(tail) - 1);
                long got = take(body, at + sizes[s] + sizeof(tail) - 1, pieces[p], 4096 + p, &form, out);
                if (got != (long)sizes[s] || memcmp(out, body + at, sizes[s]) != 0)
                    fail_msg("size %zu shape %zu pieces %zu: %ld %s", sizes[s], f, p, got, err.text);
                assert_int_equal(form.count, 2);
                assert_string_equal(form.pairs[0].value, "people");
                assert_string_equal(form.pairs[1].upload->file_name, "a.csv");
                assert_int_equal(form.pairs[1].upload->bytes.size, 0);
            }
    free(body);
    free(out);
}

static void broken_bodies_are_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "--C\r\n",
        FILE_HEAD "text",                 /* no end */
        FILE_HEAD "text\r\n--B",          /* half an end */
        FILE_HEAD "text\r\n--B-",
        FILE_HEAD "text\r\n--Bx--\r\n",   /* another boundary */
        FILE_HEAD "text\r\n--B\r\n" FIELD("late", "1") "--B--\r\n", /* the file is not the last */
        FILE_HEAD "text\r\n--B--\r\nmore",
        FIELD("kind", "people") "--B",
        "--B\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nno end",
        "--B\r\nContent-Disposition: form-data; filename=\"x\"\r\n\r\n1\r\n--B--\r\n",
    };
    char out[1000];
    struct form form;

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
        for (size_t most = 1; most < 2000; most *= 13)
            if (take(bodies[i], strlen(bodies[i]), most, 100, &form, out) >= 0)
                fail_msg("body %zu was taken", i);
}

static void a_body_cut_off_is_refused(void **state)
{
    const char whole[] = FIELD("kind", "people") FILE_HEAD "text of a file\r\n--B--\r\n";
    char out[1000];
    struct form form;

    (void)state;
    assert_int_equal(take(whole, sizeof(whole) - 1, 10, 100, &form, out), 14);
    for (size_t cut = 0; cut < sizeof(whole) - 3; cut++) {
        struct body body = {whole, cut, 0, 1000};
        struct form_stream stream = {.read = body_read, .context = &body, .left = sizeof(whole) - 1};
        pool_reset(pool);
        form_init(&form, pool);
        assert_int_equal(form_stream_open(&form, TYPE, &stream, &err), -1);
    }
}

static void other_forms_are_refused_or_have_no_file(void **state)
{
    const char *text = FIELD("kind", "people") "--B--\r\n";
    const char *empty = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--B--\r\n";
    struct body body = {"a=1", 3, 0, 10};
    struct form_stream stream = {.read = body_read, .context = &body, .left = 3};
    struct form form;
    char out[100];

    (void)state;
    pool_reset(pool);
    form_init(&form, pool);
    assert_int_equal(
        form_stream_open(&form, "application/x-www-form-urlencoded", &stream, &err), -1);
    assert_int_equal(take(text, strlen(text), 9, 100, &form, out), 0);
    assert_int_equal(form.count, 1);
    assert_int_equal(take(empty, strlen(empty), 9, 100, &form, out), 0);
    assert_int_equal(form.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_out_as_they_were),
        cmocka_unit_test(broken_bodies_are_refused),
        cmocka_unit_test(a_body_cut_off_is_refused),
        cmocka_unit_test(other_forms_are_refused_or_have_no_file),
    };

    pool = pool_new(0, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
