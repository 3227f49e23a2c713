/*
 * A multipart body whose last part is a file too large for memory, read piece by piece. However it is
 * cut, what comes of it is what the parser of whole bodies finds: the same names and texts, and the
 * very bytes of the file. The first byte says how much a read of the body yields, the second how much
 * is asked for. Of the body each 0xFF stands for 16 KiB, and 0xFE for what is missing up to some bytes
 * before the end of what is held of it, as many as the next byte says: so it outgrows the buffer, and a
 * delimiter comes to lie across its end.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "fcgi/form.h"
#include "fcgi/request.h"
#include "tests/fuzz/seed.h"

enum { SWELL = 16 * 1024, SWELLS = 12, ASK = 32 * 1024 };

#define FILE_PART "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\n"

static const struct {
    const char *name;
    const char *data;
} seeds[] = {
    {"small", "09" FILE_PART "a,b\r\n1,2\r\n\r\n--B--\r\n"},
    {"pairs", "z1--B\r\nContent-Disposition: form-data; name=kind\r\n\r\npeople\r\n" FILE_PART
              "\r\n--B\r\n-\r\n--B--"},
    {"large", "~z" FILE_PART "\xFF\xFF\xFF\xFF\xFF\r\n--\r\n--B--\r\n"},
    {"edge", "!!" FILE_PART "\xFE\x03\r\n--B--\r\n"},
    {"second_edge", "~~" FILE_PART "\xFE\x01\r\xFE\x04\r\n--B--"},
    {"nameless", "00--B\r\nContent-Disposition: form-data; name=f; filename=\"\"\r\n\r\n\r\n--B--\r\n"},
    {"behind", "00" FILE_PART "x\r\n--B\r\nContent-Disposition: form-data; name=b\r\n\r\n1\r\n--B--\r\n"},
    {"long_text", "aa--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\xFF\xFF\xFF\xFF\xFF\r\n" FILE_PART
                  "x\r\n--B--\r\n"},
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = seed_folder(*argc, *argv);

    for (size_t i = 0; folder && i < sizeof(seeds) / sizeof(*seeds); i++)
        seed_write(folder, seeds[i].name, seeds[i].data, strlen(seeds[i].data));
    return 0;
}

static void must(int holds)
{
    if (!holds)
        abort();
}

/* The body as it comes. */
struct body {
    const char *at;
    size_t left, piece;
};

static long body_read(void *context, void *to, size_t size)
{
    struct body *body = context;
    size_t take = size < body->piece ? size : body->piece;

    if (take > body->left)
        take = body->left;
    memcpy(to, body->at, take);
    body->at += take;
    body->left -= take;
    return (long)take;
}

static char *swollen(struct pool *pool, const uint8_t *data, size_t size, size_t *length)
{
    char *body = pool_alloc(pool, size + SWELLS * FORM_STREAM + 1);
    size_t swells = 0;

    *length = 0;
    for (size_t i = 0; i < size; i++) {
        size_t more = 0;

        if (data[i] == 0xFF)
            more = SWELL;
        else if (data[i] == 0xFE && i + 1 < size)
            more = FORM_STREAM - (*length + data[++i] % 32) % FORM_STREAM;
        if (more > 0 && swells < SWELLS) {
            memset(body + *length, "x\r-B"[swells++ % 4], more);
            *length += more;
        } else {
            body[(*length)++] = (char)data[i];
        }
    }
    return body;
}

/* The bytes of the file, or NULL: it was refused. */
static char *take_file(struct pool *pool, struct form_stream *stream, size_t most, size_t ask,
                       size_t *size)
{
    char *file = pool_alloc(pool, most + 1);
    long got;

    *size = 0;
    while ((got = form_stream_read(stream, file + *size, ask < most - *size ? ask : most - *size + 1,
                                   NULL)) > 0) {
        *size += (size_t)got;
        must(*size <= most);
    }
    must(got < 0 || form_stream_read(stream, file, 1, NULL) == 0); /* and it stays at its end */
    return got < 0 ? NULL : file;
}

static void compare(const struct form *form, const struct form *whole, const char *file, size_t size)
{
    /* A file without a name adds no pair, unless the parser of whole bodies found bytes in it. */
    must(form->count == whole->count || (form->count + 1 == whole->count &&
                                         *whole->pairs[form->count].upload->file_name == '\0'));
    for (size_t i = 0; i < form->count; i++) {
        const struct pair *one = &form->pairs[i], *other = &whole->pairs[i];

        must(strcmp(one->name, other->name) == 0 && !one->upload == !other->upload);
        if (!one->upload)
            must(strcmp(one->value, other->value) == 0 && one->size == other->size);
        else
            must(i == form->count - 1 && strcmp(one->upload->file_name, other->upload->file_name) == 0 &&
                 strcmp(one->upload->type, other->upload->type) == 0);
    }
    const struct upload *last = whole->count ? whole->pairs[whole->count - 1].upload : NULL;
    must(last ? last->bytes.size == size && memcmp(last->bytes.data, file, size) == 0 : size == 0);
}

/* Must the stream have taken it? There is one part with a file, at the end, and what stands before its
 * bytes fits into the buffer. */
static int streamable(const struct form *whole, const char *text, int files)
{
    const struct upload *last = whole->count ? whole->pairs[whole->count - 1].upload : NULL;

    return files == 1 && last && *last->file_name &&
           (const char *)last->bytes.data - text < FORM_STREAM - 256;
}

static int file_parts(const char *text, size_t length)
{
    static const char word[] = "filename";
    int count = 0;

    for (size_t i = 0; i + sizeof(word) - 1 <= length; i++)
        count += strncasecmp(text + i, word, sizeof(word) - 1) == 0;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pool *pool = pool_new(0, 0);
    const char *file = NULL;
    struct form form, whole;
    size_t length, taken = 0;

    if (size < 2) {
        pool_free(&pool);
        return 0;
    }
    char *text = swollen(pool, data + 2, size - 2, &length);
    int files = file_parts(text, length);
    struct body body = {text, length, (size_t)data[0] * data[0] + 1};
    /* Each read looks through all that is held: of a large body nobody asks for single bytes. */
    size_t least = length / 1024 + 1, ask = (size_t)data[1] * ASK / 256;
    struct form_stream stream = {.read = body_read, .context = &body, .left = length};

    form_init(&form, pool);
    form_init(&whole, pool);
    if (form_stream_open(&form, "multipart/form-data; boundary=B", &stream, NULL) == 0)
        file = take_file(pool, &stream, length, ask > least ? ask : least, &taken);
    must(form.count <= FORM_PAIRS);
    if (form_multipart(&whole, "B", text, length, NULL) == 0) {
        must(file || !streamable(&whole, text, files));
        if (file)
            compare(&form, &whole, file, taken);
    } else {
        must(!file);
    }
    pool_free(&pool);
    return 0;
}
