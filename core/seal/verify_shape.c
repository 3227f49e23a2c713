#include "core/seal/verify_shape.h"

#include <string.h>

#include "base/err.h"
#include "base/pool.h"

enum {
    ENTRY_SIZE = 20,
    ENTRIES_LIMIT = 16, /* more than an update of ours has */
    TAIL_SIZE = 48
};

/* A table of the file, and what follows it. */
struct table {
    size_t at;
    struct {
        uint32_t number;
        size_t offset;
    } entries[ENTRIES_LIMIT];
    size_t count;        /* of entries, those included that there is no room for */
    struct span trailer;
    size_t end;          /* of the revision */
};

enum verify_verdict verify_refuse(struct verify_shape *shape, enum verify_verdict verdict,
                                  const char *format, ...)
{
    va_list args;

    va_start(args, format);
    shape->cause = pool_vprintf(shape->pool, format, args);
    va_end(args);
    return verdict;
}

static bool take_tail(struct pdftoken *c, uint64_t *table)
{
    return pdftoken_exact(c, "startxref\n") && pdftoken_number(c, table) && pdftoken_exact(c, "\n%%EOF\n");
}

/* What the last startxref says. */
static enum verify_verdict find_table(struct verify_shape *shape, size_t *table)
{
    struct bytes file = shape->file;
    struct pdftoken c = {file.data, 0, file.size};
    size_t floor = file.size > TAIL_SIZE ? file.size - TAIL_SIZE : 0;
    uint64_t found;

    if (file.size > PDFREAD_LIMIT)
        return verify_refuse(shape, VERIFY_NOT_PDF, "%zu bytes", file.size);
    if (!pdftoken_at(&c, "%PDF-1.7\n%"))
        return verify_refuse(shape, VERIFY_NOT_PDF, "the first line is not that of our files");
    for (c.at = file.size; c.at > floor && !pdftoken_at(&c, "startxref\n"); c.at--)
        ;
    if (!take_tail(&c, &found) || c.at != file.size) {
        bool ends = memmem(file.data, file.size, "%%EOF", 5) != NULL;

        return verify_refuse(shape, ends ? VERIFY_TRAILING : VERIFY_NOT_PDF,
                             "the file does not end with startxref and %%%%EOF");
    }
    *table = found < file.size ? (size_t)found : file.size;
    return VERIFY_GENUINE;
}

/* One entry: of an object in use, or of the free object 0. */
static bool take_entry(struct pdftoken *c, uint64_t number, struct table *table)
{
    size_t start = c->at;
    uint64_t offset;

    if (!pdftoken_number(c, &offset) || c->at != start + 10 ||
        !(pdftoken_exact(c, " 00000 n") || (number == 0 && pdftoken_exact(c, " 65535 f"))) ||
        !(pdftoken_exact(c, " \n") || pdftoken_exact(c, "\r\n")))
        return false;
    if (table->count < ENTRIES_LIMIT) {
        table->entries[table->count].number = (uint32_t)number;
        table->entries[table->count].offset = (size_t)offset;
    }
    table->count++;
    return true;
}

/* "n m": one section of a table. */
static bool take_section(struct pdftoken *c, struct table *table)
{
    uint64_t first, count;

    if (!pdftoken_number(c, &first) || !pdftoken_exact(c, " ") || !pdftoken_number(c, &count) ||
        !pdftoken_exact(c, "\n") || first + count > UINT32_MAX ||
        count > (c->end - c->at) / ENTRY_SIZE)
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!take_entry(c, first + i, table))
            return false;
    return count > 0;
}

/* A table, its trailer, and the end of its revision, which must point back at it. */
static bool read_table(const struct verify_shape *shape, size_t at, struct table *table)
{
    struct pdftoken c = {shape->file.data, at, shape->file.size};
    uint64_t back;

    *table = (struct table){.at = at};
    if (at >= c.end || !pdftoken_exact(&c, "xref\n"))
        return false;
    while (!pdftoken_exact(&c, "trailer\n"))
        if (!take_section(&c, table))
            return false;
    if (!pdftoken_at(&c, "<<") || !pdftoken_dictionary(&c, &table->trailer) || !pdftoken_exact(&c, "\n") ||
        !take_tail(&c, &back) || back != at)
        return false;
    table->end = c.at;
    return true;
}

/* /Prev of a trailer. 1/0/-1. */
static int find_before(const struct pdfread *whole, const struct table *table, size_t *before)
{
    struct span value;
    struct pdftoken c;
    uint64_t number;
    int found = pdfread_find(whole, table->trailer, "/Prev", &value, NULL);

    if (found <= 0)
        return found;
    c = (struct pdftoken){whole->file.data, value.start, value.end};
    if (!pdftoken_number(&c, &number) || c.at != c.end || number >= table->at)
        return -1;
    *before = (size_t)number;
    return 1;
}

/* The last revision, and the one before it, which must be the first. */
static enum verify_verdict read_revisions(struct verify_shape *shape, struct table *update)
{
    const struct pdfread whole = {.file = shape->file};
    struct table first;
    size_t at = 0, before;
    int found;
    struct err err = {0};
    enum verify_verdict verdict = find_table(shape, &at);

    if (verdict != VERIFY_GENUINE)
        return verdict;
    if (!read_table(shape, at, update))
        return verify_refuse(shape, VERIFY_STRUCTURE, "no classic table where startxref points");
    found = find_before(&whole, update, &before);
    if (found == 0)
        return verify_refuse(shape, VERIFY_UNSIGNED, "there is one revision only");
    if (found < 0 || !read_table(shape, before, &first))
        return verify_refuse(shape, VERIFY_STRUCTURE, "/Prev does not lead to a table");
    if (find_before(&whole, &first, &before) != 0)
        return verify_refuse(shape, VERIFY_REVISIONS, "there are more than two revisions");
    if (first.end > update->at || update->end != shape->file.size)
        return verify_refuse(shape, VERIFY_STRUCTURE, "the revisions overlap");
    if (pdfread_open((struct bytes){shape->file.data, first.end}, &shape->first, &err) < 0)
        return verify_refuse(shape, VERIFY_STRUCTURE, "first revision: %s", err.text);
    return VERIFY_GENUINE;
}

/* Catalog and the only page of the first revision, and the numbers behind its last. */
static enum verify_verdict number_objects(struct verify_shape *shape)
{
    const struct pdfread *first = &shape->first;
    struct span catalog, pages;
    struct err err = {0};
    uint32_t tree;

    if (pdfread_reference(first, first->trailer, "/Root", false, &shape->numbers[VERIFY_CATALOG],
                          &err) < 0 ||
        pdfread_dictionary(first, shape->numbers[VERIFY_CATALOG], &catalog, &err) < 0 ||
        pdfread_reference(first, catalog, "/Pages", false, &tree, &err) < 0 ||
        pdfread_dictionary(first, tree, &pages, &err) < 0 ||
        pdfread_reference(first, pages, "/Kids", true, &shape->numbers[VERIFY_PAGE], &err) < 0)
        return verify_refuse(shape, VERIFY_CONTENT, "first revision: %s", err.text);
    for (uint32_t i = VERIFY_WIDGET; i < VERIFY_OBJECT_COUNT; i++)
        shape->numbers[i] = first->count + i - VERIFY_WIDGET;
    return VERIFY_GENUINE;
}

static enum verify_verdict find_offsets(struct verify_shape *shape, const struct table *update,
                                        size_t offsets[VERIFY_OBJECT_COUNT])
{
    bool there[VERIFY_OBJECT_COUNT] = {false};

    for (size_t i = 0; i < update->count && i < ENTRIES_LIMIT; i++) {
        size_t object = 0;

        while (object < VERIFY_OBJECT_COUNT &&
               (there[object] || shape->numbers[object] != update->entries[i].number))
            object++;
        if (object == VERIFY_OBJECT_COUNT)
            return verify_refuse(shape, VERIFY_OBJECTS, "the update writes object %u",
                                 update->entries[i].number);
        there[object] = true;
        offsets[object] = update->entries[i].offset;
    }
    for (size_t object = 0; object < VERIFY_OBJECT_COUNT; object++)
        if (!there[object])
            return verify_refuse(shape, VERIFY_OBJECTS, "the update does not write object %u",
                                 shape->numbers[object]);
    return VERIFY_GENUINE;
}

/* A size or a distance in points. */
static bool take_points(struct pdftoken *c)
{
    size_t start = c->at;

    while (c->at < c->end && strchr("0123456789.", c->data[c->at]) && c->data[c->at])
        c->at++;
    return c->at > start;
}

/* What a signature prints in its box: lines of plain letters (pdfupdate.h), or nothing. */
static bool take_lines(struct pdftoken *c)
{
    size_t lines = 0;

    if (!pdftoken_exact(c, "BT /F1 ") || !take_points(c) || !pdftoken_exact(c, " Tf ") ||
        !take_points(c) || !pdftoken_exact(c, " TL ") || !take_points(c) ||
        !pdftoken_exact(c, " ") || !take_points(c) || !pdftoken_exact(c, " Td"))
        return false;
    for (; pdftoken_exact(c, " T* ("); lines++) {
        while (c->at < c->end && c->data[c->at] >= ' ' && c->data[c->at] <= '~' &&
               !strchr("()\\", c->data[c->at]))
            c->at++;
        if (!pdftoken_exact(c, ") Tj"))
            return false;
    }
    return lines > 0 && pdftoken_exact(c, " ET");
}

/* The stream of the appearance, as long as it says. */
static bool take_stream(const struct verify_shape *shape, struct pdftoken *c)
{
    const struct pdfread whole = {.file = shape->file};
    struct span value;
    size_t start;
    char length[16];

    if (!pdftoken_exact(c, "\nstream\n"))
        return false;
    start = c->at;
    if (!pdftoken_at(c, "\n") && !take_lines(c))
        return false;
    text_format(length, sizeof(length), "%zu", c->at - start);
    return pdftoken_exact(c, "\nendstream") &&
           pdfread_find(&whole, shape->insides[VERIFY_APPEARANCE], "/Length", &value, NULL) == 1 &&
           pdftoken_is(shape->file.data, value, length);
}

/* One behind the other, from the end of the first revision to the table. */
static enum verify_verdict read_objects(struct verify_shape *shape, const struct table *update)
{
    size_t offsets[VERIFY_OBJECT_COUNT] = {0};
    struct pdftoken c = {shape->file.data, shape->first.file.size, update->at};
    enum verify_verdict verdict = find_offsets(shape, update, offsets);

    if (verdict != VERIFY_GENUINE)
        return verdict;
    for (size_t i = 0; i < VERIFY_OBJECT_COUNT; i++) {
        char head[32];

        text_format(head, sizeof(head), "%u 0 obj\n", shape->numbers[i]);
        if (offsets[i] != c.at || !pdftoken_exact(&c, head) || !pdftoken_at(&c, "<<") ||
            !pdftoken_dictionary(&c, &shape->insides[i]) ||
            (i == VERIFY_APPEARANCE && !take_stream(shape, &c)) || !pdftoken_exact(&c, "\nendobj\n"))
            return verify_refuse(shape, VERIFY_STRUCTURE,
                                 "object %u of the update does not fill its place",
                                 shape->numbers[i]);
    }
    if (c.at != update->at)
        return verify_refuse(shape, VERIFY_STRUCTURE, "something stands before the last table");
    return VERIFY_GENUINE;
}

static bool same_value(const struct pdfread *whole, struct span one, struct span two,
                       const char *key)
{
    struct span a, b;

    return pdfread_find(whole, one, key, &a, NULL) == 1 &&
           pdfread_find(whole, two, key, &b, NULL) == 1 && a.end - a.start == b.end - b.start &&
           memcmp(whole->file.data + a.start, whole->file.data + b.start, a.end - a.start) == 0;
}

/* No keys but those of the first trailer, with the same values where they must be, and /Prev. */
static enum verify_verdict check_trailer(struct verify_shape *shape, const struct table *update)
{
    static const char *const keys[] = {"/Root", "/Info", "/Size", "/ID", "/Prev"};
    const struct pdfread whole = {.file = shape->file};
    struct pdftoken c = {shape->file.data, update->trailer.start, update->trailer.end};
    struct span key, value, first;
    char size[16];

    for (pdftoken_blank(&c); c.at < c.end;) {
        size_t i = 0, count = sizeof(keys) / sizeof(*keys);

        if (!pdftoken_pair(&c, &key, &value))
            return verify_refuse(shape, VERIFY_STRUCTURE, "the last trailer is malformed");
        while (i < count && !pdftoken_is(shape->file.data, key, keys[i]))
            i++;
        if (i == count)
            return verify_refuse(shape, VERIFY_STRUCTURE, "the last trailer has another key");
    }
    text_format(size, sizeof(size), "%u", shape->first.count + VERIFY_OBJECT_COUNT - VERIFY_WIDGET);
    first = shape->first.trailer;
    if (!same_value(&whole, update->trailer, first, "/Root") ||
        !same_value(&whole, update->trailer, first, "/Info") ||
        pdfread_second_id(&(struct pdfread){.file = shape->file, .trailer = update->trailer},
                          &value, NULL) < 0 ||
        pdfread_expect(&whole, update->trailer, "/Size", size, NULL) < 0)
        return verify_refuse(shape, VERIFY_STRUCTURE, "the trailers don't agree");
    return VERIFY_GENUINE;
}

/* The string of /Contents: one DER in lower-case hex, then zeros. */
static enum verify_verdict read_hole(struct verify_shape *shape)
{
    const struct pdfread whole = {.file = shape->file};
    size_t length = 0, count, head;
    uint8_t *der;
    char *hex;
    long size;

    if (pdfread_find(&whole, shape->insides[VERIFY_SIGNATURE], "/Contents", &shape->hole,
                     NULL) != 1)
        return verify_refuse(shape, VERIFY_CONTENTS, "there is not one /Contents");
    count = shape->hole.end - shape->hole.start;
    if (count < 4 || shape->file.data[shape->hole.start] != '<' ||
        shape->file.data[shape->hole.end - 1] != '>')
        return verify_refuse(shape, VERIFY_CONTENTS, "/Contents is not a string in hex");
    hex = pool_text_n(shape->pool, (const char *)shape->file.data + shape->hole.start + 1,
                      count - 2);
    der = pool_alloc(shape->pool, count / 2);
    size = hex_decode(hex, der, count / 2);
    if (strlen(hex) != count - 2 || size < 2 || der[0] != 0x30 ||
        der[1] == 0x80)
        return verify_refuse(shape, VERIFY_CONTENTS, "/Contents is not a DER sequence in hex");
    head = der[1] < 0x80 ? 0 : der[1] & 0x7F;
    for (size_t i = 0; i < head && i < 4 && (long)i + 2 < size; i++)
        length = length << 8 | der[2 + i];
    length += 2 + (head ? head : der[1]);
    if (head > 3 || length > (size_t)size)
        return verify_refuse(shape, VERIFY_CONTENTS, "the signature is cut");
    for (size_t i = length; i < (size_t)size; i++)
        if (der[i] != 0)
            return verify_refuse(shape, VERIFY_CONTENTS, "something stands behind the signature");
    shape->der = (struct bytes){der, length};
    return VERIFY_GENUINE;
}

/* Four numbers: all of the file but the hole. */
static enum verify_verdict check_range(struct verify_shape *shape)
{
    const struct pdfread whole = {.file = shape->file};
    struct span value;
    struct pdftoken c;
    uint64_t range[4];
    bool read;

    if (pdfread_find(&whole, shape->insides[VERIFY_SIGNATURE], "/ByteRange", &value, NULL) != 1)
        return verify_refuse(shape, VERIFY_RANGE, "there is not one /ByteRange");
    c = (struct pdftoken){shape->file.data, value.start, value.end};
    read = pdftoken_take(&c, "[");
    for (size_t i = 0; read && i < 4; i++)
        read = pdftoken_number(&c, &range[i]);
    if (!read || !pdftoken_take(&c, "]") || c.at != c.end)
        return verify_refuse(shape, VERIFY_RANGE, "/ByteRange is not four whole numbers");
    if (range[0] != 0)
        return verify_refuse(shape, VERIFY_RANGE, "/ByteRange does not begin with the file");
    if (range[1] != shape->hole.start || range[2] != shape->hole.end)
        return verify_refuse(shape, VERIFY_RANGE,
                             "/ByteRange leaves out something else than /Contents");
    if (range[3] != shape->file.size - shape->hole.end)
        return verify_refuse(shape, VERIFY_COVERAGE, "/ByteRange ends %s the end of the file",
                             range[3] < shape->file.size - shape->hole.end ? "before" : "behind");
    return VERIFY_GENUINE;
}

enum verify_verdict verify_shape_read(struct pool *pool, struct bytes file,
                                      struct verify_shape *shape)
{
    enum verify_verdict verdict;
    struct table update;

    *shape = (struct verify_shape){
        .pool = pool, .file = file, .reason = "", .location = "", .cause = ""};
    if ((verdict = read_revisions(shape, &update)) == VERIFY_GENUINE &&
        (verdict = number_objects(shape)) == VERIFY_GENUINE &&
        (verdict = read_objects(shape, &update)) == VERIFY_GENUINE &&
        (verdict = check_trailer(shape, &update)) == VERIFY_GENUINE &&
        (verdict = read_hole(shape)) == VERIFY_GENUINE &&
        (verdict = check_range(shape)) == VERIFY_GENUINE &&
        (verdict = verify_content_read(shape)) == VERIFY_GENUINE)
        verdict = verify_update_read(shape);
    return verdict;
}
