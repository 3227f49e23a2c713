#include "core/seal/pdfread.h"

#include <string.h>

#include "base/err.h"

enum { ENTRY_SIZE = 20, TAIL_SIZE = 48 };

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

int pdfread_find(const struct pdfread *pdf, struct span inside, const char *key,
                 struct span *value, struct err *err)
{
    struct pdftoken c = {pdf->file.data, inside.start, inside.end};
    struct span name, content;
    int found = 0;

    for (pdftoken_blank(&c); c.at < c.end;) {
        if (!pdftoken_pair(&c, &name, &content))
            return err_set(err, ERR_DOCUMENT, 0, "malformed dictionary at %zu", inside.start);
        if (!pdftoken_is(pdf->file.data, name, key))
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
    if (!pdftoken_is(pdf->file.data, value, expected))
        return err_set(err, ERR_DOCUMENT, 0, "%s is not %s", key, expected);
    return 0;
}

int pdfread_reference(const struct pdfread *pdf, struct span inside, const char *key, bool wrapped,
                      uint32_t *number, struct err *err)
{
    struct span value;
    struct pdftoken c;
    uint64_t object;

    if (find_required(pdf, inside, key, &value, err) < 0)
        return -1;
    c = (struct pdftoken){pdf->file.data, value.start, value.end};
    if ((wrapped && !pdftoken_take(&c, "[")) || !pdftoken_number(&c, &object) || !pdftoken_take(&c, "0") ||
        !pdftoken_take(&c, "R") || (wrapped && !pdftoken_take(&c, "]")) || c.at != c.end)
        return err_set(err, ERR_DOCUMENT, 0, "%s is not one reference", key);
    if (object == 0 || object >= pdf->count)
        return err_set(err, ERR_DOCUMENT, 0, "%s refers to no object of the table", key);
    *number = (uint32_t)object;
    return 0;
}

int pdfread_second_id(const struct pdfread *pdf, struct span *second, struct err *err)
{
    struct span id, first;
    struct pdftoken c;

    if (find_required(pdf, pdf->trailer, "/ID", &id, err) < 0)
        return -1;
    c = (struct pdftoken){pdf->file.data, id.start, id.end};
    if (!pdftoken_take(&c, "[") || !pdftoken_hex(&c, &first) || !pdftoken_hex(&c, second) ||
        !pdftoken_take(&c, "]") || c.at != c.end)
        return err_set(err, ERR_DOCUMENT, 0, "/ID is not two hexadecimal strings");
    return 0;
}

/* Reads one entry of the table: ten digits, blank, five digits, blank, kind, end of line. */
static bool read_entry(const struct pdfread *pdf, uint32_t number, uint64_t *offset)
{
    struct pdftoken c = {pdf->file.data, pdf->entries + (size_t)number * ENTRY_SIZE, 0};
    const char *rest = number == 0 ? " 65535 f" : " 00000 n";

    c.end = c.at + ENTRY_SIZE;
    if (!is_digit(c.data[c.at]) || !pdftoken_number(&c, offset) || !pdftoken_at(&c, rest))
        return false;
    c.at += strlen(rest);
    return c.at == c.end - 2 && (pdftoken_at(&c, " \n") || pdftoken_at(&c, " \r") ||
                                 pdftoken_at(&c, "\r\n"));
}

int pdfread_object(const struct pdfread *pdf, uint32_t number, struct pdftoken *c, size_t *offset,
                   struct err *err)
{
    uint64_t place, found;

    if (!read_entry(pdf, number, &place) || place >= pdf->xref)
        return err_set(err, ERR_DOCUMENT, 0, "object %u has no place in the file", number);
    *offset = (size_t)place;
    *c = (struct pdftoken){pdf->file.data, *offset, pdf->xref};
    if (!is_digit(c->data[c->at]) || !pdftoken_number(c, &found) || found != number ||
        !pdftoken_take(c, "0") || !pdftoken_take(c, "obj"))
        return err_set(err, ERR_DOCUMENT, 0, "object %u does not stand at its place", number);
    return 0;
}

int pdfread_dictionary(const struct pdfread *pdf, uint32_t number, struct span *inside,
                       struct err *err)
{
    struct pdftoken c;
    size_t offset;

    if (pdfread_object(pdf, number, &c, &offset, err) < 0)
        return -1;
    if (!pdftoken_dictionary(&c, inside) || !pdftoken_take(&c, "endobj"))
        return err_set(err, ERR_DOCUMENT, 0, "object %u is not a dictionary", number);
    return 0;
}

/* Finds the last "startxref n %%EOF", behind which nothing may stand but one end of line. */
static int read_tail(struct pdfread *pdf, size_t *tail, struct err *err)
{
    struct bytes file = pdf->file;
    struct pdftoken c = {file.data, 0, file.size};
    size_t floor = file.size > TAIL_SIZE ? file.size - TAIL_SIZE : 0;
    uint64_t xref;

    for (c.at = file.size; c.at > floor && !pdftoken_at(&c, "startxref"); c.at--)
        ;
    *tail = c.at;
    if (!pdftoken_take(&c, "startxref") || !pdftoken_number(&c, &xref) || !pdftoken_take(&c, "%%EOF"))
        return err_set(err, ERR_DOCUMENT, 0, "the end of the file is not that of a PDF");
    if (c.end - c.at > 2 || (pdftoken_blank(&c), c.at != c.end))
        return err_set(err, ERR_DOCUMENT, 0, "something stands behind the end of the PDF");
    if (xref >= *tail)
        return err_set(err, ERR_DOCUMENT, 0, "startxref does not point into the file");
    pdf->xref = (size_t)xref;
    return 0;
}

/* Reads "xref 0 n", n entries and the trailer, which ends where the tail begins. */
static int read_table(struct pdfread *pdf, size_t tail, struct err *err)
{
    struct pdftoken c = {pdf->file.data, pdf->xref, tail};
    uint64_t first, count;

    if (!pdftoken_at(&c, "xref") || !pdftoken_take(&c, "xref") || !pdftoken_number(&c, &first) || first != 0 ||
        !pdftoken_number(&c, &count))
        return err_set(err, ERR_DOCUMENT, 0, "no classic cross-reference table at startxref");
    pdftoken_blank(&c);
    if (count < 2 || count > (tail - c.at) / ENTRY_SIZE)
        return err_set(err, ERR_DOCUMENT, 0, "the cross-reference table is cut");
    pdf->entries = c.at;
    pdf->count = (uint32_t)count;
    c.at += (size_t)count * ENTRY_SIZE;
    if (!pdftoken_take(&c, "trailer") || !pdftoken_dictionary(&c, &pdf->trailer))
        return err_set(err, ERR_DOCUMENT, 0, "no trailer behind the cross-reference table");
    pdftoken_blank(&c);
    if (c.at != tail)
        return err_set(err, ERR_DOCUMENT, 0, "something stands behind the trailer");
    return 0;
}

static int check_objects(const struct pdfread *pdf, struct err *err)
{
    struct pdftoken c;
    uint64_t free_list;
    size_t offset;

    if (!read_entry(pdf, 0, &free_list) || free_list != 0)
        return err_set(err, ERR_DOCUMENT, 0, "the cross-reference table has gaps");
    for (uint32_t number = 1; number < pdf->count; number++)
        if (pdfread_object(pdf, number, &c, &offset, err) < 0)
            return -1;
    return 0;
}

static int check_trailer(const struct pdfread *pdf, struct err *err)
{
    static const char *const foreign[] = {"/Prev", "/Encrypt", "/XRefStm"};
    struct span value;
    struct pdftoken c;
    uint64_t size;

    for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
        int found = pdfread_find(pdf, pdf->trailer, foreign[i], &value, err);

        if (found != 0)
            return found < 0 ? -1 : err_set(err, ERR_DOCUMENT, 0, "trailer has %s", foreign[i]);
    }
    if (find_required(pdf, pdf->trailer, "/ID", &value, err) < 0 ||
        find_required(pdf, pdf->trailer, "/Size", &value, err) < 0)
        return -1;
    c = (struct pdftoken){pdf->file.data, value.start, value.end};
    if (!pdftoken_number(&c, &size) || c.at != c.end || size != pdf->count)
        return err_set(err, ERR_DOCUMENT, 0, "/Size is not the number of objects");
    return 0;
}

int pdfread_open(struct bytes file, struct pdfread *pdf, struct err *err)
{
    struct pdftoken head = {file.data, 0, file.size};
    size_t tail;

    *pdf = (struct pdfread){.file = file};
    if (file.size > PDFREAD_LIMIT)
        return err_set(err, ERR_LIMIT, 0, "a PDF of %zu bytes is too large", file.size);
    if (!pdftoken_at(&head, "%PDF-1."))
        return err_set(err, ERR_DOCUMENT, 0, "not a PDF 1.x");
    if (read_tail(pdf, &tail, err) < 0 || read_table(pdf, tail, err) < 0 ||
        check_objects(pdf, err) < 0)
        return -1;
    return check_trailer(pdf, err);
}
