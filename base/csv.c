#include "base/csv.h"

#include <errno.h>
#include <iconv.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

enum { PIECE_SIZE = 64 * 1024, CHARACTER_SIZE = 4 /* most bytes of one, in both encodings */ };
enum {
    FIELD_SIZE = CSV_FIELD_LIMIT + 1,
    NAME_SHOWN = 30, /* characters of a column's name that is none of ours */
    HEADER_WRONGS = 1900, /* in one message */
    WIDTH = 2 /* UTF-8 takes at most twice GB18030's bytes */
};

#define MARK "\xef\xbb\xbf" /* U+FEFF in UTF-8 */

/* How the reading of one record ended. */
enum ending { END_RECORD, END_FILE };

struct csv {
    FILE *file;
    bool lent;       /* the file stays open */
    iconv_t gb18030; /* (iconv_t)-1: the file is UTF-8 */
    size_t line;     /* of the next byte */
    size_t record_line;
    size_t columns;
    size_t order[CSV_COLUMN_LIMIT]; /* column of the file → index in the caller's columns */
    size_t count;                   /* fields of this record */
    size_t length;                  /* bytes of this field */
    const char *wrong;              /* the first mistake in this record, or NULL */
    char fields[CSV_COLUMN_LIMIT][FIELD_SIZE];
    char converted[CSV_COLUMN_LIMIT][WIDTH * CSV_FIELD_LIMIT + 1];
};

/* Bytes */

static int next_byte(struct csv *csv)
{
    int c = getc_unlocked(csv->file);

    if (c == '\n')
        csv->line++;
    return c;
}

static int peek_byte(struct csv *csv)
{
    int c = getc_unlocked(csv->file);

    if (c != EOF)
        ungetc(c, csv->file);
    return c;
}

static void wrong(struct csv *csv, const char *what)
{
    if (!csv->wrong)
        csv->wrong = what;
}

static void put_byte(struct csv *csv, int c)
{
    if (c == '\0')
        wrong(csv, "a zero byte");
    else if (csv->count >= CSV_COLUMN_LIMIT)
        wrong(csv, "more columns than can be");
    else if (csv->length == CSV_FIELD_LIMIT)
        wrong(csv, "a field is too long");
    else
        csv->fields[csv->count][csv->length++] = (char)c;
}

/* The bytes behind the first of a GB18030 character may look like ASCII digits (0x30 to 0x39) but
 * never like a comma, a quote or a line end: the grammar can be read byte by byte in both
 * encodings. */

/* Reads behind the opening quote to behind the closing one. */
static void read_quoted(struct csv *csv)
{
    for (;;) {
        int c = next_byte(csv);
        if (c == EOF) {
            wrong(csv, "a quote is not closed");
            return;
        }
        if (c == '"') {
            if (peek_byte(csv) != '"')
                return;
            next_byte(csv);
        }
        put_byte(csv, c);
    }
}

static bool at_line_end(struct csv *csv, int c)
{
    if (c == '\r' && peek_byte(csv) == '\n') {
        next_byte(csv);
        return true;
    }
    return c == '\n';
}

static void end_field(struct csv *csv)
{
    if (csv->count < CSV_COLUMN_LIMIT)
        csv->fields[csv->count][csv->length] = '\0';
    else
        wrong(csv, "more columns than can be");
    csv->count++;
    csv->length = 0;
}

/* Reads one field and what ends it: ',', '\n' or EOF. */
static int read_field(struct csv *csv)
{
    bool quoted = peek_byte(csv) == '"';

    if (quoted) {
        next_byte(csv);
        read_quoted(csv);
    }
    for (;;) {
        int c = next_byte(csv);
        if (c == ',' || c == EOF || at_line_end(csv, c)) {
            end_field(csv);
            return c == ',' || c == EOF ? c : '\n';
        }
        if (quoted)
            wrong(csv, "text behind a closing quote");
        else if (c == '"')
            wrong(csv, "a quote inside an unquoted field");
        put_byte(csv, c);
    }
}

/* Skips empty lines; false at the end of the file. */
static bool find_record(struct csv *csv)
{
    for (;;) {
        int c = next_byte(csv);
        if (c == EOF)
            return false;
        if (at_line_end(csv, c))
            continue;
        ungetc(c, csv->file);
        csv->record_line = csv->line;
        return true;
    }
}

static enum ending read_record(struct csv *csv)
{
    csv->count = 0;
    csv->length = 0;
    csv->wrong = NULL;
    if (!find_record(csv))
        return END_FILE;
    while (read_field(csv) == ',')
        ;
    return END_RECORD;
}

/* Encoding */

/* The field as trimmed UTF-8, or NULL where a character is broken. */
static const char *field_text(struct csv *csv, size_t index)
{
    char *in = csv->fields[index], *out = csv->converted[index];
    size_t left = strlen(in), room = sizeof(csv->converted[index]) - 1;

    if (csv->gb18030 == (iconv_t)-1)
        return utf8_valid(in, left) ? text_trim(in) : NULL;
    iconv(csv->gb18030, NULL, NULL, NULL, NULL);
    if (iconv(csv->gb18030, &in, &left, &out, &room) == (size_t)-1)
        return NULL;
    *out = '\0';
    return text_trim(csv->converted[index]);
}

/* Skips a byte order mark, which is U+FEFF in the file's encoding. */
static void skip_bom(struct csv *csv)
{
    const char *mark = csv->gb18030 == (iconv_t)-1 ? MARK : "\x84\x31\x95\x33";
    char start[CHARACTER_SIZE];
    size_t size = strlen(mark);

    if (fread(start, 1, size, csv->file) != size || memcmp(start, mark, size) != 0)
        rewind(csv->file);
}

/* The length of `data` without a character at its end that may go on in the next piece. */
static size_t whole_characters(const char *data, size_t size)
{
    size_t back = 0;

    while (back < CHARACTER_SIZE - 1 && back < size &&
           ((unsigned char)data[size - 1 - back] & 0x80)) {
        back++;
        if (((unsigned char)data[size - back] & 0xc0) == 0xc0)
            return size - back;
    }
    return size;
}

/* One pass over the whole file: 1 all of it is UTF-8, 0 not, -1. */
static int is_utf8(struct csv *csv, const char *path, struct err *err)
{
    static char piece[PIECE_SIZE];
    size_t kept = 0, got;

    while ((got = fread(piece + kept, 1, sizeof(piece) - kept, csv->file)) > 0) {
        size_t size = kept + got, whole = whole_characters(piece, size);
        if (!utf8_valid(piece, whole))
            return 0;
        kept = size - whole;
        memmove(piece, piece + whole, kept);
    }
    if (ferror(csv->file))
        return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
    return utf8_valid(piece, kept);
}

/* A byte order mark decides: what is broken behind it is broken, and no other encoding. */
static bool is_marked(struct csv *csv)
{
    char start[3];
    bool marked = fread(start, 1, sizeof(start), csv->file) == sizeof(start) && memcmp(start, MARK, sizeof(start)) == 0;

    rewind(csv->file);
    return marked;
}

static int detect_encoding(struct csv *csv, const char *path, struct err *err)
{
    if (fseeko(csv->file, 0, SEEK_SET) < 0)
        return err_set(err, ERR_INPUT, errno, "%s: must be a file that can be read twice, no pipe",
                       path);
    int utf8 = is_marked(csv) ? 1 : is_utf8(csv, path, err);
    if (utf8 < 0)
        return -1;
    rewind(csv->file);
    if (!utf8) {
        csv->gb18030 = iconv_open("UTF-8", "GB18030");
        if (csv->gb18030 == (iconv_t)-1)
            return err_set(err, ERR_SYSTEM, errno, "GB18030: %s", strerror(errno));
    }
    skip_bom(csv);
    return 0;
}

/* Header */

static void header_wrong(struct text *wrongs, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void header_wrong(struct text *wrongs, const char *format, ...)
{
    char what[CHARACTER_SIZE * NAME_SHOWN + 32];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (wrongs->length + strlen(what) + 2 <= wrongs->cap)
        text_printf(wrongs, "%s%s", wrongs->length ? "; " : "", what);
}

static void place_column(struct csv *csv, size_t index, const char *const *columns, size_t count,
                         bool *seen, struct text *wrongs)
{
    const char *name = field_text(csv, index);

    if (!name) {
        header_wrong(wrongs, "a broken character in the header's column %zu", index + 1);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(columns[i], name) != 0)
            continue;
        if (seen[i])
            header_wrong(wrongs, "column %s is there twice", name);
        seen[i] = true;
        csv->order[index] = i;
        return;
    }
    header_wrong(wrongs, "unknown column %.*s", (int)utf8_prefix(name, NAME_SHOWN), name);
}

static int read_header(struct csv *csv, const char *const *columns, size_t count, struct err *err)
{
    bool seen[CSV_COLUMN_LIMIT] = {false};
    char array[HEADER_WRONGS];
    struct text wrongs;

    if (read_record(csv) == END_FILE)
        return err_set(err, ERR_INPUT, 0, "the file is empty");
    if (csv->wrong)
        return err_set(err, ERR_INPUT, 0, "line %zu: %s", csv->record_line, csv->wrong);
    text_init_fixed(&wrongs, array, sizeof(array));
    for (size_t i = 0; i < csv->count; i++)
        place_column(csv, i, columns, count, seen, &wrongs);
    for (size_t i = 0; i < count; i++)
        if (!seen[i])
            header_wrong(&wrongs, "column %s is missing", columns[i]);
    csv->columns = count;
    return wrongs.length ? err_set(err, ERR_INPUT, 0, "line %zu: %s", csv->record_line, array) : 0;
}

static int csv_start(FILE *file, bool lent, const char *path, const char *const *columns,
                     size_t count, struct csv **csv, struct err *err)
{
    struct csv *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        err_fatal("out of memory");
    if (count > CSV_COLUMN_LIMIT)
        err_fatal("%zu columns", count);
    fresh->file = file;
    fresh->lent = lent;
    fresh->gb18030 = (iconv_t)-1;
    fresh->line = 1;
    if (detect_encoding(fresh, path, err) < 0 || read_header(fresh, columns, count, err) < 0) {
        csv_close(&fresh);
        return -1;
    }
    *csv = fresh;
    return 0;
}

int csv_open_file(FILE *file, const char *name, const char *const *columns, size_t count,
                  struct csv **csv, struct err *err)
{
    return csv_start(file, true, name, columns, count, csv, err);
}

int csv_open_memory(const void *data, size_t size, const char *const *columns, size_t count,
                    struct csv **csv, struct err *err)
{
    if (size == 0)
        return err_set(err, ERR_INPUT, 0, "the file is empty");
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    if (!file)
        err_fatal("out of memory");
    return csv_start(file, false, "memory", columns, count, csv, err);
}

static int record_error(const struct csv *csv, struct err *err, const char *what)
{
    return err_set(err, ERR_INPUT, 0, "line %zu: %s", csv->record_line, what);
}

int csv_next(struct csv *csv, const char **fields, struct err *err)
{
    if (read_record(csv) == END_FILE) {
        if (ferror(csv->file))
            return err_set(err, ERR_SYSTEM, errno, "%s", strerror(errno));
        return 0;
    }
    if (csv->wrong)
        return record_error(csv, err, csv->wrong);
    if (csv->count != csv->columns)
        return err_set(err, ERR_INPUT, 0, "line %zu: %zu fields where the header has %zu",
                       csv->record_line, csv->count, csv->columns);
    for (size_t i = 0; i < csv->count; i++) {
        const char *text = field_text(csv, i);
        if (!text)
            return record_error(csv, err, "a broken character");
        fields[csv->order[i]] = text;
    }
    return 1;
}

size_t csv_line(const struct csv *csv)
{
    return csv->record_line;
}

void csv_close(struct csv **csv)
{
    if (!*csv)
        return;
    if ((*csv)->gb18030 != (iconv_t)-1)
        iconv_close((*csv)->gb18030);
    if (!(*csv)->lent)
        fclose((*csv)->file);
    free(*csv);
    *csv = NULL;
}
