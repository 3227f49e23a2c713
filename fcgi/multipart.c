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

int form_multipart(struct form *form, const char *boundary, char *body, size_t size,
                   struct err *err)
{
    struct reader reader = {.at = body, .end = body + size};

    if (!boundary_valid(boundary))
        return err_set(err, ERR_INPUT, 0, "multipart without a usable boundary");
    text_format(reader.delimiter, sizeof(reader.delimiter), "\r\n--%s", boundary);
    reader.length = strlen(reader.delimiter);
    if (!starts_with(&reader, reader.delimiter + 2, reader.length - 2))
        return err_set(err, ERR_INPUT, 0, "multipart does not begin with its boundary");
    reader.at += reader.length - 2;

    while (starts_with(&reader, "\r\n", 2)) {
        struct part part = {0};
        reader.at += 2;
        if (read_header(&part, &reader, form->pool, err) < 0 ||
            read_content(&part, &reader, err) < 0 || add_part(form, &part, err) < 0)
            return -1;
    }
    if (!starts_with(&reader, "--", 2))
        return err_set(err, ERR_INPUT, 0, "a boundary with something behind it");
    reader.at += 2;
    if (reader.at != reader.end && !(reader.end - reader.at == 2 && starts_with(&reader, "\r\n", 2)))
        return err_set(err, ERR_INPUT, 0, "something behind the end of multipart");
    return 0;
}
