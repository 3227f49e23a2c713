#include "base/csv.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/sink.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

void csv_writer_init(struct csv_writer *writer, const struct sink *sink)
{
    writer->sink = sink;
    writer->gone = false;
    writer->length = sizeof(byte_order_mark) - 1;
    memcpy(writer->buffer, byte_order_mark, writer->length);
}

static void pass_on(struct csv_writer *writer)
{
    const struct sink *sink = writer->sink;

    if (!writer->gone && writer->length)
        writer->gone = sink->write(sink->context, writer->buffer, writer->length) < 0;
    writer->length = 0;
}

static void put(struct csv_writer *writer, const char *text, size_t size)
{
    while (size) {
        size_t room = sizeof(writer->buffer) - writer->length;
        size_t piece = size < room ? size : room;
        memcpy(writer->buffer + writer->length, text, piece);
        writer->length += piece;
        text += piece;
        size -= piece;
        if (writer->length == sizeof(writer->buffer))
            pass_on(writer);
    }
}

/* With the quotes in it doubled. */
static void put_quoted(struct csv_writer *writer, const char *cell)
{
    while (*cell) {
        size_t plain = strcspn(cell, "\"");
        put(writer, cell, plain);
        cell += plain;
        if (*cell == '"') {
            put(writer, "\"\"", 2);
            cell++;
        }
    }
}

/* What a spreadsheet may calculate: also behind blanks, and with the signs of a Chinese keyboard. */
static bool is_formula(const char *cell)
{
    static const char *const signs[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
    static const char wide_blank[] = "\xe3\x80\x80";

    if (*cell && strchr("\t\r\n", *cell))
        return true;
    while (*cell == ' ' || strncmp(cell, wide_blank, 3) == 0)
        cell += *cell == ' ' ? 1 : 3;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (strncmp(cell, signs[i], strlen(signs[i])) == 0)
            return true;
    return false;
}

static void put_cell(struct csv_writer *writer, const char *cell)
{
    bool formula = is_formula(cell);
    bool quoted = strpbrk(cell, "\",\r\n");

    if (quoted)
        put(writer, "\"", 1);
    if (formula)
        put(writer, "'", 1);
    put_quoted(writer, cell);
    if (quoted)
        put(writer, "\"", 1);
}

static int check(const struct csv_writer *writer, struct err *err)
{
    return writer->gone ? err_set(err, ERR_SYSTEM, EPIPE, "csv: the reader is gone") : 0;
}

int csv_write(struct csv_writer *writer, const char *const *cells, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put(writer, ",", 1);
        put_cell(writer, cells[i] ? cells[i] : "");
    }
    put(writer, "\r\n", 2);
    return check(writer, err);
}

int csv_flush(struct csv_writer *writer, struct err *err)
{
    pass_on(writer);
    return check(writer, err);
}
