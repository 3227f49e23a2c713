#include "core/seal/pdfread.h"

#include <string.h>

#include "base/err.h"

enum { ENTRY_SIZE = 20, NESTING = 16, TAIL_SIZE = 48 };

struct cursor {
    const uint8_t *data;
    size_t at, end;
};

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

static bool is_regular(uint8_t c)
{
    return !is_space(c) && strchr("()<>[]{}/%", c) == NULL;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct cursor *c)
{
    while (c->at < c->end && is_space(c->data[c->at]))
        c->at++;
}

static bool looking_at(const struct cursor *c, const char *text)
{
    size_t length = strlen(text);

    return c->end - c->at >= length && memcmp(c->data + c->at, text, length) == 0;
}

/* Takes `text`, after any blanks. */
static bool take(struct cursor *c, const char *text)
{
    skip_space(c);
    if (!looking_at(c, text))
        return false;
    c->at += strlen(text);
    return true;
}

/* Takes an unsigned number of at most ten digits, after any blanks. */
static bool take_number(struct cursor *c, uint64_t *number)
{
    size_t start;

    skip_space(c);
    start = c->at;
    *number = 0;
    while (c->at < c->end && is_digit(c->data[c->at]) && c->at - start < 10)
        *number = *number * 10 + (uint64_t)(c->data[c->at++] - '0');
    return c->at > start && (c->at == c->end || !is_regular(c->data[c->at]));
}

static bool skip_string(struct cursor *c)
{
    int depth = 0;

    for (; c->at < c->end; c->at++) {
        uint8_t byte = c->data[c->at];

        if (byte == '\\')
            c->at++;
        else if (byte == '(')
            depth++;
        else if (byte == ')' && --depth == 0) {
            c->at++;
            return true;
        }
    }
    return false;
}

static bool skip_hex_string(struct cursor *c)
{
    for (c->at++; c->at < c->end; c->at++) {
        if (c->data[c->at] == '>') {
            c->at++;
            return true;
        }
        if (!is_space(c->data[c->at]) && !strchr("0123456789ABCDEFabcdef", c->data[c->at]))
            return false;
    }
    return false;
}

static bool skip_word(struct cursor *c)
{
    size_t start = c->at;

    if (looking_at(c, "/"))
        c->at++;
    while (c->at < c->end && is_regular(c->data[c->at]))
        c->at++;
    return c->at > start;
}

static bool skip_token(struct cursor *c, int depth);

static bool skip_container(struct cursor *c, const char *open, const char *close, int depth)
{
    if (depth >= NESTING || !take(c, open))
        return false;
    while (!take(c, close))
        if (!skip_token(c, depth + 1))
            return false;
    return true;
}

/* One token, a container whole. A reference is three tokens. Comments are no part of our files. */
static bool skip_token(struct cursor *c, int depth)
{
    skip_space(c);
    if (c->at >= c->end)
        return false;
    if (looking_at(c, "<<"))
        return skip_container(c, "<<", ">>", depth);
    if (looking_at(c, "["))
        return skip_container(c, "[", "]", depth);
    if (looking_at(c, "<"))
        return skip_hex_string(c);
    if (looking_at(c, "("))
        return skip_string(c);
    return skip_word(c);
}

/* Takes a dictionary and tells where its inside is. */
static bool take_dictionary(struct cursor *c, struct span *inside)
{
    skip_space(c);
    inside->start = c->at + 2;
    if (!looking_at(c, "<<") || !skip_container(c, "<<", ">>", 0))
        return false;
    inside->end = c->at - 2;
    return true;
}

/* One key and its value: all tokens up to the next key. */
static bool take_pair(struct cursor *c, struct span *key, struct span *value)
{
    skip_space(c);
    key->start = c->at;
    if (!looking_at(c, "/") || !skip_word(c))
        return false;
    key->end = c->at;
    skip_space(c);
    value->start = c->at;
    do {
        if (!skip_token(c, 0))
            return false;
        value->end = c->at;
        skip_space(c);
    } while (c->at < c->end && !looking_at(c, "/"));
    return true;
}

static bool span_is(const struct pdfread *pdf, struct span span, const char *text)
{
    return span.end - span.start == strlen(text) &&
           memcmp(pdf->file.data + span.start, text, span.end - span.start) == 0;
}

int pdfread_find(const struct pdfread *pdf, struct span inside, const char *key,
                 struct span *value, struct err *err)
{
    struct cursor c = {pdf->file.data, inside.start, inside.end};
    struct span name, content;
    int found = 0;

    for (skip_space(&c); c.at < c.end;) {
        if (!take_pair(&c, &name, &content))
            return err_set(err, ERR_DOCUMENT, 0, "malformed dictionary at %zu", inside.start);
        if (!span_is(pdf, name, key))
            continue;
        if (found++)
            return err_set(err, ERR_DOCUMENT, 0, "%s stands twice in one dictionary", key);
        *value = content;
    }
    return found;
}

static int find_required(const struct pdfread *pdf, struct span inside, const char *key,
                         struct span *value, struct err *err)
{
    int found = pdfread_find(pdf, inside, key, value, err);

    if (found == 0)
        return err_set(err, ERR_DOCUMENT, 0, "%s is missing", key);
    return found < 0 ? -1 : 0;
}

int pdfread_expect(const struct pdfread *pdf, struct span inside, const char *key,
                   const char *expected, struct err *err)
{
    struct span value;

    if (find_required(pdf, inside, key, &value, err) < 0)
        return -1;
    if (!span_is(pdf, value, expected))
        return err_set(err, ERR_DOCUMENT, 0, "%s is not %s", key, expected);
    return 0;
}

int pdfread_reference(const struct pdfread *pdf, struct span inside, const char *key, bool wrapped,
                      uint32_t *number, struct err *err)
{
    struct span value;
    struct cursor c;
    uint64_t object;

    if (find_required(pdf, inside, key, &value, err) < 0)
        return -1;
    c = (struct cursor){pdf->file.data, value.start, value.end};
    if ((wrapped && !take(&c, "[")) || !take_number(&c, &object) || !take(&c, "0") ||
        !take(&c, "R") || (wrapped && !take(&c, "]")) || c.at != c.end)
        return err_set(err, ERR_DOCUMENT, 0, "%s is not one reference", key);
    if (object == 0 || object >= pdf->count)
        return err_set(err, ERR_DOCUMENT, 0, "%s refers to no object of the table", key);
    *number = (uint32_t)object;
    return 0;
}

static bool take_hex_string(struct cursor *c, struct span *string)
{
    skip_space(c);
    string->start = c->at;
    if (!looking_at(c, "<") || !skip_hex_string(c))
        return false;
    string->end = c->at;
    return true;
}

int pdfread_second_id(const struct pdfread *pdf, struct span *second, struct err *err)
{
    struct span id, first;
    struct cursor c;

    if (find_required(pdf, pdf->trailer, "/ID", &id, err) < 0)
        return -1;
    c = (struct cursor){pdf->file.data, id.start, id.end};
    if (!take(&c, "[") || !take_hex_string(&c, &first) || !take_hex_string(&c, second) ||
        !take(&c, "]") || c.at != c.end)
        return err_set(err, ERR_DOCUMENT, 0, "/ID is not two hexadecimal strings");
    return 0;
}

/* Reads one entry of the table: ten digits, blank, five digits, blank, kind, end of line. */
static bool read_entry(const struct pdfread *pdf, uint32_t number, uint64_t *offset)
{
    struct cursor c = {pdf->file.data, pdf->entries + (size_t)number * ENTRY_SIZE, 0};
    const char *rest = number == 0 ? " 65535 f" : " 00000 n";

    c.end = c.at + ENTRY_SIZE;
    if (!is_digit(c.data[c.at]) || !take_number(&c, offset) || !looking_at(&c, rest))
        return false;
    c.at += strlen(rest);
    return c.at == c.end - 2 && (looking_at(&c, " \n") || looking_at(&c, " \r") ||
                                 looking_at(&c, "\r\n"));
}

/* Stands behind "n 0 obj" of an object. */
static int object_open(const struct pdfread *pdf, uint32_t number, struct cursor *c,
                       struct err *err)
{
    uint64_t offset, found;

    if (!read_entry(pdf, number, &offset) || offset >= pdf->xref)
        return err_set(err, ERR_DOCUMENT, 0, "object %u has no place in the file", number);
    *c = (struct cursor){pdf->file.data, (size_t)offset, pdf->xref};
    if (!is_digit(c->data[c->at]) || !take_number(c, &found) || found != number ||
        !take(c, "0") || !take(c, "obj"))
        return err_set(err, ERR_DOCUMENT, 0, "object %u does not stand at its place", number);
    return 0;
}

int pdfread_dictionary(const struct pdfread *pdf, uint32_t number, struct span *inside,
                       struct err *err)
{
    struct cursor c;

    if (object_open(pdf, number, &c, err) < 0)
        return -1;
    if (!take_dictionary(&c, inside) || !take(&c, "endobj"))
        return err_set(err, ERR_DOCUMENT, 0, "object %u is not a dictionary", number);
    return 0;
}

/* Finds the last "startxref n %%EOF", behind which nothing may stand but one end of line. */
static int read_tail(struct pdfread *pdf, size_t *tail, struct err *err)
{
    struct bytes file = pdf->file;
    struct cursor c = {file.data, 0, file.size};
    size_t floor = file.size > TAIL_SIZE ? file.size - TAIL_SIZE : 0;
    uint64_t xref;

    for (c.at = file.size; c.at > floor && !looking_at(&c, "startxref"); c.at--)
        ;
    *tail = c.at;
    if (!take(&c, "startxref") || !take_number(&c, &xref) || !take(&c, "%%EOF"))
        return err_set(err, ERR_DOCUMENT, 0, "the end of the file is not that of a PDF");
    if (c.end - c.at > 2 || (skip_space(&c), c.at != c.end))
        return err_set(err, ERR_DOCUMENT, 0, "something stands behind the end of the PDF");
    if (xref >= *tail)
        return err_set(err, ERR_DOCUMENT, 0, "startxref does not point into the file");
    pdf->xref = (size_t)xref;
    return 0;
}

/* Reads "xref 0 n", n entries and the trailer, which ends where the tail begins. */
static int read_table(struct pdfread *pdf, size_t tail, struct err *err)
{
    struct cursor c = {pdf->file.data, pdf->xref, tail};
    uint64_t first, count;

    if (!looking_at(&c, "xref") || !take(&c, "xref") || !take_number(&c, &first) || first != 0 ||
        !take_number(&c, &count))
        return err_set(err, ERR_DOCUMENT, 0, "no classic cross-reference table at startxref");
    skip_space(&c);
    if (count < 2 || count > (tail - c.at) / ENTRY_SIZE)
        return err_set(err, ERR_DOCUMENT, 0, "the cross-reference table is cut");
    pdf->entries = c.at;
    pdf->count = (uint32_t)count;
    c.at += (size_t)count * ENTRY_SIZE;
    if (!take(&c, "trailer") || !take_dictionary(&c, &pdf->trailer))
        return err_set(err, ERR_DOCUMENT, 0, "no trailer behind the cross-reference table");
    skip_space(&c);
    if (c.at != tail)
        return err_set(err, ERR_DOCUMENT, 0, "something stands behind the trailer");
    return 0;
}

static int check_objects(const struct pdfread *pdf, struct err *err)
{
    struct cursor c;
    uint64_t free_list;

    if (!read_entry(pdf, 0, &free_list) || free_list != 0)
        return err_set(err, ERR_DOCUMENT, 0, "the cross-reference table has gaps");
    for (uint32_t number = 1; number < pdf->count; number++)
        if (object_open(pdf, number, &c, err) < 0)
            return -1;
    return 0;
}

static int check_trailer(const struct pdfread *pdf, struct err *err)
{
    static const char *const foreign[] = {"/Prev", "/Encrypt", "/XRefStm"};
    struct span value;
    struct cursor c;
    uint64_t size;

    for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
        int found = pdfread_find(pdf, pdf->trailer, foreign[i], &value, err);

        if (found != 0)
            return found < 0 ? -1 : err_set(err, ERR_DOCUMENT, 0, "trailer has %s", foreign[i]);
    }
    if (find_required(pdf, pdf->trailer, "/ID", &value, err) < 0 ||
        find_required(pdf, pdf->trailer, "/Size", &value, err) < 0)
        return -1;
    c = (struct cursor){pdf->file.data, value.start, value.end};
    if (!take_number(&c, &size) || c.at != c.end || size != pdf->count)
        return err_set(err, ERR_DOCUMENT, 0, "/Size is not the number of objects");
    return 0;
}

int pdfread_open(struct bytes file, struct pdfread *pdf, struct err *err)
{
    struct cursor head = {file.data, 0, file.size};
    size_t tail;

    *pdf = (struct pdfread){.file = file};
    if (file.size > PDFREAD_LIMIT)
        return err_set(err, ERR_LIMIT, 0, "a PDF of %zu bytes is too large", file.size);
    if (!looking_at(&head, "%PDF-1."))
        return err_set(err, ERR_DOCUMENT, 0, "not a PDF 1.x");
    if (read_tail(pdf, &tail, err) < 0 || read_table(pdf, tail, err) < 0 ||
        check_objects(pdf, err) < 0)
        return -1;
    return check_trailer(pdf, err);
}
