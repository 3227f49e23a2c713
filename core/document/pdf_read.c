#include "core/document/pdf_read.h"

#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "base/err.h"
#include "base/pool.h"

enum { OBJECTS_MAX = 1000, XREF_ENTRY = 20 };

static bool at(struct bytes data, size_t offset, const char *text)
{
    size_t length = strlen(text);

    return offset <= data.size && data.size - offset >= length &&
           memcmp(data.data + offset, text, length) == 0;
}

static size_t find(struct bytes data, size_t from, const char *text)
{
    const uint8_t *found = NULL;

    if (from <= data.size)
        found = memmem(data.data + from, data.size - from, text, strlen(text));
    return found != NULL ? (size_t)(found - data.data) : data.size;
}

/* Digits at *offset; advances. */
static bool number(struct bytes data, size_t *offset, size_t *value)
{
    size_t from = *offset;

    *value = 0;
    while (*offset < data.size && data.data[*offset] >= '0' && data.data[*offset] <= '9' &&
           *offset - from < 10)
        *value = *value * 10 + (size_t)(data.data[(*offset)++] - '0');
    return *offset > from;
}

static int malformed(struct err *err, const char *what)
{
    return err_set(err, ERR_DOCUMENT, 0, "PDF: %s", what);
}

/* Offset of the table, from the last line but one. */
static int table_find(struct bytes data, size_t *table, struct err *err)
{
    static const char tail[] = "startxref\n", end[] = "\n%%EOF\n";
    size_t from = data.size > 64 ? data.size - 64 : 0;
    size_t offset = find(data, from, tail) + strlen(tail);

    if (!at(data, 0, "%PDF-1.7\n") || !number(data, &offset, table) || !at(data, offset, end) ||
        offset + strlen(end) != data.size || !at(data, *table, "xref\n0 "))
        return malformed(err, "no header, or no cross-reference table at its end");
    return 0;
}

/* Entry n of the table must lead to "n 0 obj", and that must end where the next one begins. */
static int object_check(struct bytes data, size_t number_of, size_t offset, size_t next,
                        size_t *start)
{
    static const char end[] = "\nendobj\n";
    char head[32];

    text_format(head, sizeof head, "%zu 0 obj\n", number_of);
    if (!at(data, offset, head) || next < offset + strlen(head) + strlen(end) ||
        !at(data, next - strlen(end), end))
        return -1;
    *start = offset + strlen(head);
    return 0;
}

int pdf_read_open(struct pool *pool, struct bytes data, struct pdf_read *file, struct err *err)
{
    size_t table, entries, offset, *offsets, *start;

    if (table_find(data, &table, err) < 0)
        return -1;
    offset = table + strlen("xref\n0 ");
    if (!number(data, &offset, &entries) || entries < 2 || entries > OBJECTS_MAX ||
        data.size - offset < 1 + entries * XREF_ENTRY)
        return malformed(err, "a cross-reference table of no sense");
    offset++;
    offsets = pool_array(pool, entries + 1, sizeof *offsets);
    start = pool_array(pool, entries + 1, sizeof *start);
    offsets[entries] = table;
    for (size_t i = 0; i < entries; i++, offset += XREF_ENTRY) {
        size_t digits = offset;

        if (!number(data, &digits, &offsets[i]) || digits != offset + 10 ||
            !at(data, digits, i == 0 ? " 65535 f\r\n" : " 00000 n\r\n"))
            return malformed(err, "a wrong cross-reference entry");
    }
    for (size_t i = 1; i < entries; i++)
        if (object_check(data, i, offsets[i], offsets[i + 1], &start[i]) < 0)
            return err_set(err, ERR_DOCUMENT, 0, "PDF: object %zu is not where it should be", i);
    if (!at(data, offset, "trailer\n"))
        return malformed(err, "no trailer");
    start[entries] = table;
    *file = (struct pdf_read){
        data, entries - 1, start, {data.data + offset, data.size - offset}
    };
    return 0;
}

static struct bytes whole_object(const struct pdf_read *file, size_t number_of)
{
    if (number_of == 0 || number_of > file->count)
        return (struct bytes){NULL, 0};
    return (struct bytes){file->data.data + file->start[number_of],
                          file->start[number_of + 1] - file->start[number_of]};
}

struct bytes pdf_read_object(const struct pdf_read *file, size_t number_of)
{
    struct bytes object = whole_object(file, number_of);
    size_t stream = object.size > 0 ? find(object, 0, "\nstream\r\n") : 0;

    return (struct bytes){object.data, stream};
}

static bool delimiter(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '/' || c == '[' || c == '<' || c == '(' || c == '>';
}

/* Offset behind the name; the size when it is not there. */
static size_t behind(struct bytes dict, const char *name)
{
    size_t length = strlen(name), offset = 0;

    if (dict.size == 0)
        return 0;
    for (;;) {
        offset = find(dict, offset, name);
        if (offset == dict.size || offset + length == dict.size)
            return dict.size;
        if (delimiter(dict.data[offset + length]))
            return offset + length;
        offset++;
    }
}

bool pdf_read_has(struct bytes dict, const char *name)
{
    return behind(dict, name) < dict.size;
}

bool pdf_read_is(struct bytes dict, const char *name, const char *value)
{
    size_t offset = behind(dict, name);

    return offset < dict.size && at(dict, offset + 1, value) &&
           (offset + 1 + strlen(value) == dict.size ||
            delimiter(dict.data[offset + 1 + strlen(value)]));
}

size_t pdf_read_number(struct bytes dict, const char *name)
{
    size_t offset = behind(dict, name), value;

    while (offset < dict.size && (dict.data[offset] == ' ' || dict.data[offset] == '['))
        offset++;
    return number(dict, &offset, &value) ? value : 0;
}

static int inflate_all(struct bytes in, struct pool *pool, size_t limit, struct bytes *out,
                       struct err *err)
{
    uint8_t *data = pool_alloc(pool, limit);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.data, .avail_in = (uInt)in.size};
    int result;

    if (inflateInit(&z) != Z_OK)
        return malformed(err, "no memory to inflate");
    z.next_out = data;
    z.avail_out = (uInt)limit;
    result = inflate(&z, Z_FINISH);
    *out = (struct bytes){data, limit - z.avail_out};
    inflateEnd(&z);
    return result == Z_STREAM_END ? 0 : malformed(err, "a stream does not inflate");
}

int pdf_read_stream(const struct pdf_read *file, size_t number_of, struct pool *pool, size_t limit,
                    struct bytes *stream, struct err *err)
{
    static const char head[] = "\nstream\r\n", tail[] = "\nendstream";
    struct bytes whole = whole_object(file, number_of);
    struct bytes dict = pdf_read_object(file, number_of);
    struct bytes length = pdf_read_object(file, pdf_read_number(dict, "/Length"));
    size_t offset = dict.size + strlen(head), digits = 0, size;

    if (dict.size == whole.size || !number(length, &digits, &size) || offset > whole.size ||
        size > whole.size - offset || !at(whole, offset + size, tail))
        return malformed(err, "a stream is missing or has a wrong length");
    *stream = (struct bytes){whole.data + offset, size};
    if (pdf_read_has(dict, "/FlateDecode"))
        return inflate_all(*stream, pool, limit, stream, err);
    return 0;
}
