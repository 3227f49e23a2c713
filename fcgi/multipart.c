#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "fcgi/form.h"
#include "fcgi/header.h"
#include "fcgi/request.h"

enum { BOUNDARY_SIZE = 70 }; /* RFC 2046, 5.1.1 */

/* What is left of the body. */
struct reader {
    char *at;
    char *end;
    char delimiter[BOUNDARY_SIZE + 5]; /* CRLF "--" boundary */
    size_t length;                     /* of the delimiter */
};

struct part {
    const char *name;
    const char *file_name; /* NULL: no file */
    const char *type;
    char *data;
    size_t size;
};

static bool boundary_valid(const char *boundary)
{
    static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                     "'()+_,-./:=? ";
    size_t length = boundary ? strlen(boundary) : 0;

    return length > 0 && length <= BOUNDARY_SIZE && strspn(boundary, characters) == length &&
           boundary[length - 1] != ' ';
}

static bool starts_with(const struct reader *reader, const char *text, size_t length)
{
    return (size_t)(reader->end - reader->at) >= length && memcmp(reader->at, text, length) == 0;
}

/* One line of a part's header, cut off at its CRLF; NULL where there is none within the bounds. */
static char *take_line(struct reader *reader, const char *limit)
{
    char *line = reader->at;
    char *stop = memmem(line, (size_t)(limit - line), "\r\n", 2);

    if (!stop)
        return NULL;
    *stop = '\0';
    reader->at = stop + 2;
    return strlen(line) == (size_t)(stop - line) ? line : NULL;
}

/* What a browser calls the file, without the folders some put before it. */
static const char *last_segment(const char *file_name)
{
    for (const char *c = file_name; *c; c++) {
        if (*c == '/' || *c == '\\')
            file_name = c + 1;
    }
    return file_name;
}

static int read_disposition(struct part *part, char *text, struct err *err)
{
    struct header header;

    if (part->name || !utf8_valid(text, strlen(text)) || utf8_has_control(text) ||
        !header_parse(text, &header))
        return err_set(err, ERR_INPUT, 0, "unreadable Content-Disposition");
    part->name = header_parameter(&header, "name");
    if (strcmp(header.value, "form-data") != 0 || !part->name)
        return err_set(err, ERR_INPUT, 0, "a part that is no form-data with a name");
    if (header_parameter(&header, "filename*") || header_parameter(&header, "name*"))
        return err_set(err, ERR_INPUT, 0, "an encoded parameter, which RFC 7578 forbids");
    const char *file_name = header_parameter(&header, "filename");
    part->file_name = file_name ? last_segment(file_name) : NULL;
    return 0;
}

static int read_type(struct part *part, struct pool *pool, const char *text, struct err *err)
{
    struct header header;

    if (part->type || !header_parse(pool_text(pool, text), &header))
        return err_set(err, ERR_INPUT, 0, "unreadable Content-Type of a part");
    if (strncmp(header.value, "multipart/", 10) == 0 || !header_charset_utf8(&header))
        return err_set(err, ERR_INPUT, 0, "a part that is nested, or not UTF-8");
    part->type = header.value;
    return 0;
}

static int read_encoding(const char *text, struct err *err)
{
    if (strcasecmp(text, "7bit") == 0 || strcasecmp(text, "8bit") == 0 ||
        strcasecmp(text, "binary") == 0)
        return 0;
    return err_set(err, ERR_INPUT, 0, "a part in a transfer encoding");
}

static int read_header_line(struct part *part, struct pool *pool, char *line, struct err *err)
{
    char *colon = strchr(line, ':');

    if (!colon || colon == line)
        return err_set(err, ERR_INPUT, 0, "a part's header line without a name");
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    if (strcasecmp(line, "content-disposition") == 0)
        return read_disposition(part, value, err);
    if (strcasecmp(line, "content-type") == 0)
        return read_type(part, pool, value, err);
    if (strcasecmp(line, "content-transfer-encoding") == 0)
        return read_encoding(value, err);
    return 0;
}

static int read_header(struct part *part, struct reader *reader, struct pool *pool,
                       struct err *err)
{
    char *limit = reader->end - reader->at > FORM_PART_HEADER ? reader->at + FORM_PART_HEADER
                                                              : reader->end;

    for (int lines = 0; lines <= FORM_PART_LINES; lines++) {
        char *line = take_line(reader, limit);
        if (!line)
            return err_set(err, ERR_INPUT, 0, "a part's header has no end, a NUL, or is too long");
        if (*line == '\0') {
            if (part->name)
                return 0;
            return err_set(err, ERR_INPUT, 0, "a part without Content-Disposition");
        }
        if (read_header_line(part, pool, line, err) < 0)
            return -1;
    }
    return err_set(err, ERR_INPUT, 0, "too many lines in a part's header");
}

/* The content up to the next delimiter, ended with a NUL where the delimiter began. */
static int read_content(struct part *part, struct reader *reader, struct err *err)
{
    char *stop = memmem(reader->at, (size_t)(reader->end - reader->at), reader->delimiter,
                        reader->length);

    if (!stop)
        return err_set(err, ERR_INPUT, 0, "a part without an end");
    part->data = reader->at;
    part->size = (size_t)(stop - reader->at);
    reader->at = stop + reader->length;
    *stop = '\0';
    return 0;
}

static int add_part(struct form *form, const struct part *part, struct err *err)
{
    struct pair pair = {.name = part->name, .value = ""};

    if (part->file_name) {
        if (part->size == 0 && *part->file_name == '\0')
            return 0;
        struct upload *upload = POOL_NEW(form->pool, struct upload);
        upload->file_name = part->file_name;
        upload->type = part->type ? part->type : "application/octet-stream";
        upload->bytes = (struct bytes){(const uint8_t *)part->data, part->size};
        pair.upload = upload;
    } else {
        if (memchr(part->data, '\0', part->size) || !utf8_valid(part->data, part->size))
            return err_set(err, ERR_INPUT, 0, "a part's text is not UTF-8");
        pair.value = part->data;
        pair.size = part->size;
    }
    return form_add(form, &pair, err);
}

static int delimiter_set(struct reader *reader, const char *boundary, struct err *err)
{
    if (!boundary_valid(boundary))
        return err_set(err, ERR_INPUT, 0, "multipart without a usable boundary");
    text_format(reader->delimiter, sizeof(reader->delimiter), "\r\n--%s", boundary);
    reader->length = strlen(reader->delimiter);
    if (!starts_with(reader, reader->delimiter + 2, reader->length - 2))
        return err_set(err, ERR_INPUT, 0, "multipart does not begin with its boundary");
    reader->at += reader->length - 2;
    return 0;
}

/* Behind the last part. */
static int end_check(struct reader *reader, struct err *err)
{
    if (!starts_with(reader, "--", 2))
        return err_set(err, ERR_INPUT, 0, "a boundary with something behind it");
    reader->at += 2;
    if (reader->at != reader->end &&
        !(reader->end - reader->at == 2 && starts_with(reader, "\r\n", 2)))
        return err_set(err, ERR_INPUT, 0, "something behind the end of multipart");
    return 0;
}

int form_multipart(struct form *form, const char *boundary, char *body, size_t size,
                   struct err *err)
{
    struct reader reader = {.at = body, .end = body + size};

    if (delimiter_set(&reader, boundary, err) < 0)
        return -1;
    while (starts_with(&reader, "\r\n", 2)) {
        struct part part = {0};
        reader.at += 2;
        if (read_header(&part, &reader, form->pool, err) < 0 ||
            read_content(&part, &reader, err) < 0 || add_part(form, &part, err) < 0)
            return -1;
    }
    return end_check(&reader, err);
}

/* A file that is not held in memory */

/* Moves what is left to the front, and reads on until the buffer is full or the body has ended. */
static int stream_fill(struct form_stream *stream, struct err *err)
{
    size_t kept = (size_t)(stream->end - stream->at);

    memmove(stream->buffer, stream->at, kept);
    stream->at = stream->buffer;
    stream->end = stream->buffer + kept;
    while (stream->left > 0 && stream->end < stream->buffer + FORM_STREAM) {
        size_t room = (size_t)(stream->buffer + FORM_STREAM - stream->end);
        long got = stream->read(stream->context, stream->end,
                                stream->left < room ? (size_t)stream->left : room);

        if (got <= 0)
            return err_set(err, ERR_INPUT, 0, "the body is shorter than it was to be");
        stream->end += got;
        stream->left -= (uint64_t)got;
    }
    return 0;
}

/* The part whose header was read is the file. An empty one without a name was left empty. */
static int stream_file(struct form *form, struct form_stream *stream, struct reader *reader,
                       const struct part *part, struct err *err)
{
    memcpy(stream->delimiter, reader->delimiter, reader->length);
    stream->length = reader->length;
    stream->at = reader->at;
    stream->open = true;
    if (*part->file_name == '\0')
        return 0;
    struct upload *upload = POOL_NEW(form->pool, struct upload);
    upload->file_name = part->file_name;
    upload->type = part->type ? part->type : "application/octet-stream";
    /* So that another file of the same name makes another form. */
    const char *size = pool_printf(form->pool, "%s %llu", part->file_name,
                                   (unsigned long long)stream->left + (size_t)(stream->end - reader->at));
    upload->bytes = (struct bytes){(const uint8_t *)size, 0};
    const struct pair pair = {.name = part->name, .value = size, .size = strlen(size),
                              .upload = upload};
    return form_add(form, &pair, err);
}

static int stream_parts(struct form *form, struct form_stream *stream, struct reader *reader,
                        struct err *err)
{
    while (starts_with(reader, "\r\n", 2)) {
        struct part part = {0};
        reader->at += 2;
        if (read_header(&part, reader, form->pool, err) < 0)
            return -1;
        /* The buffer is going to be written over. */
        part.name = pool_text(form->pool, part.name);
        part.file_name = pool_text(form->pool, part.file_name);
        if (part.file_name)
            return stream_file(form, stream, reader, &part, err);
        if (read_content(&part, reader, err) < 0)
            return -1;
        part.data = pool_text_n(form->pool, part.data, part.size);
        if (add_part(form, &part, err) < 0)
            return -1;
    }
    return end_check(reader, err);
}

int form_stream_open(struct form *form, const char *content_type, struct form_stream *stream,
                     struct err *err)
{
    struct header header;

    stream->buffer = pool_alloc(form->pool, FORM_STREAM + 1);
    stream->at = stream->end = stream->buffer;
    if (!header_parse(pool_text(form->pool, content_type), &header) ||
        strcmp(header.value, "multipart/form-data") != 0)
        return err_set(err, ERR_INPUT, 0, "a file in a body that is no multipart");
    if (stream_fill(stream, err) < 0)
        return -1;
    struct reader reader = {.at = stream->at, .end = stream->end};
    if (delimiter_set(&reader, header_parameter(&header, "boundary"), err) < 0)
        return -1;
    return stream_parts(form, stream, &reader, err);
}

/* The delimiter stands at stream->at: the body must end here. */
static int stream_end(struct form_stream *stream, struct err *err)
{
    if (stream_fill(stream, err) < 0)
        return -1;
    struct reader reader = {.at = stream->at + stream->length, .end = stream->end};
    stream->open = false;
    if (stream->left > 0)
        return err_set(err, ERR_INPUT, 0, "a part behind the file");
    return end_check(&reader, err);
}

long form_stream_read(struct form_stream *stream, void *to, size_t size, struct err *err)
{
    if (!stream->open)
        return 0;
    if ((size_t)(stream->end - stream->at) < stream->length + 4 && stream->left > 0 &&
        stream_fill(stream, err) < 0)
        return -1;
    size_t held = (size_t)(stream->end - stream->at);
    char *stop = memmem(stream->at, held, stream->delimiter, stream->length);
    if (stop == stream->at)
        return stream_end(stream, err);
    /* A delimiter may begin in the last bytes. */
    size_t sure = stop ? (size_t)(stop - stream->at)
                       : held - (held < stream->length - 1 ? held : stream->length - 1);
    if (!stop && stream->left == 0)
        return err_set(err, ERR_INPUT, 0, "a part without an end");
    if (size > sure)
        size = sure;
    memcpy(to, stream->at, size);
    stream->at += size;
    return (long)size;
}
