#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "core/seal/verify_shape.h"

enum { OBJECTS_LIMIT = 4096, HEADER_SIZE = 15 };

/* All keys of all dictionaries that our renderer writes, in the order of strcmp. There is none
 * among them that acts, opens, hides, or brings a file along. /F1 and /X1 are apart. */
static const char *const keys[] = {
    "/Ascent",     "/Author",     "/BBox",        "/BaseFont",     "/BitsPerComponent",
    "/CIDSystemInfo", "/CIDToGIDMap", "/CapHeight", "/ColorSpace", "/Contents",
    "/Count",      "/CreationDate", "/DW",        "/DescendantFonts", "/Descent",
    "/Encoding",   "/Filter",     "/Flags",       "/Font",         "/FontBBox",
    "/FontDescriptor", "/FontFile2", "/FontName", "/Height",       "/ID",
    "/Info",       "/ItalicAngle", "/Kids",       "/Lang",         "/Length",
    "/Length1",    "/MediaBox",   "/Metadata",    "/ModDate",      "/Ordering",
    "/Pages",      "/Parent",     "/ProcSet",     "/Producer",     "/Registry",
    "/Resources",  "/Root",       "/Size",        "/StemV",        "/Subtype",
    "/Supplement", "/Title",      "/ToUnicode",   "/Type",         "/W",
    "/Width",      "/XObject",
};

/* Objects are walked as they are met, from the trailer on. */
struct walk {
    struct verify_shape *shape;
    const struct pdfread *pdf;
    uint32_t *queue;
    size_t queued;
    bool *met;
    char strange[32]; /* a key that is none of ours */
};

static int compare_keys(const void *key, const void *listed)
{
    return strcmp(key, *(const char *const *)listed);
}

/* /F1 and /X1: what a page calls its fonts and drawings. */
static bool is_numbered(const char *key)
{
    return (key[1] == 'F' || key[1] == 'X') && key[2] && strspn(key + 2, "0123456789") ==
           strlen(key + 2);
}

static bool take_key(struct walk *w, struct pdftoken *c)
{
    struct span name;

    if (!pdftoken_at(c, "/") || !pdftoken_word(c, &name))
        return false;
    text_format(w->strange, sizeof(w->strange), "%.*s", (int)(name.end - name.start),
                (const char *)c->data + name.start);
    if (!is_numbered(w->strange) &&
        !bsearch(w->strange, keys, sizeof(keys) / sizeof(*keys), sizeof(*keys), compare_keys))
        return false;
    w->strange[0] = '\0';
    return true;
}

static bool walk_value(struct walk *w, struct pdftoken *c, int depth);

static bool walk_dictionary(struct walk *w, struct pdftoken *c, int depth)
{
    while (!pdftoken_take(c, ">>"))
        if (!take_key(w, c) || !walk_value(w, c, depth + 1))
            return false;
    return true;
}

static bool walk_array(struct walk *w, struct pdftoken *c, int depth)
{
    while (!pdftoken_take(c, "]"))
        if (!walk_value(w, c, depth + 1))
            return false;
    return true;
}

/* "n 0 R", if it is one. */
static bool take_reference(struct walk *w, struct pdftoken *c)
{
    struct pdftoken try = *c;
    uint64_t number, generation;

    if (!pdftoken_number(&try, &number) || !pdftoken_number(&try, &generation) ||
        !pdftoken_take(&try, "R"))
        return false;
    *c = try;
    if (generation != 0 || number == 0 || number >= w->pdf->count) {
        text_copy(w->strange, sizeof(w->strange), "a reference to nothing");
        return true;
    }
    if (!w->met[number]) {
        w->met[number] = true;
        w->queue[w->queued++] = (uint32_t)number;
    }
    return true;
}

/* Names are written plainly: one with an escape is there to be overlooked. */
static bool walk_word(struct walk *w, struct pdftoken *c)
{
    struct span word;

    if (take_reference(w, c))
        return !*w->strange;
    if (!pdftoken_word(c, &word))
        return false;
    if (memchr(c->data + word.start, '#', word.end - word.start))
        return text_copy(w->strange, sizeof(w->strange), "a name with an escape") && false;
    return true;
}

static bool walk_value(struct walk *w, struct pdftoken *c, int depth)
{
    struct span string;

    if (depth > PDFTOKEN_NESTING)
        return false;
    if (pdftoken_take(c, "<<"))
        return walk_dictionary(w, c, depth);
    if (pdftoken_take(c, "["))
        return walk_array(w, c, depth);
    if (pdftoken_at(c, "<"))
        return pdftoken_hex(c, &string);
    if (pdftoken_at(c, "("))
        return pdftoken_skip(c);
    return walk_word(w, c);
}

/* /Length of a stream, which may be an object of its own. */
static bool stream_length(const struct walk *w, struct span inside, uint64_t *length)
{
    struct pdftoken c;
    struct span value;
    uint32_t number;
    size_t offset;

    if (pdfread_reference(w->pdf, inside, "/Length", false, &number, NULL) == 0)
        return pdfread_object(w->pdf, number, &c, &offset, NULL) == 0 && pdftoken_exact(&c, "\n") &&
               pdftoken_number(&c, length) && pdftoken_exact(&c, "\nendobj\n");
    if (pdfread_find(w->pdf, inside, "/Length", &value, NULL) != 1)
        return false;
    c = (struct pdftoken){w->pdf->file.data, value.start, value.end};
    return pdftoken_number(&c, length) && c.at == c.end;
}

static bool pass_stream(const struct walk *w, struct pdftoken *c, struct span inside)
{
    uint64_t length;

    if (!pdftoken_exact(c, "\nstream\r\n") && !pdftoken_exact(c, "\nstream\n"))
        return true;
    if (!stream_length(w, inside, &length) || length > c->end - c->at)
        return false;
    c->at += (size_t)length;
    return pdftoken_exact(c, "\nendstream");
}

/* Where the next object begins, or the table. */
static bool find_end(const struct walk *w, uint32_t number, size_t *end)
{
    struct pdftoken c;

    if (number + 1 < w->pdf->count)
        return pdfread_object(w->pdf, number + 1, &c, end, NULL) == 0;
    *end = w->pdf->xref;
    return true;
}

static bool walk_object(struct walk *w, uint32_t number)
{
    struct span inside = {0};
    struct pdftoken c, start;
    size_t offset, end;
    char head[32];

    text_format(head, sizeof(head), "%u 0 obj\n", number);
    if (pdfread_object(w->pdf, number, &c, &offset, NULL) < 0 || !find_end(w, number, &end) ||
        end <= offset || (number == 1 && offset != HEADER_SIZE))
        return false;
    c = (struct pdftoken){w->pdf->file.data, offset, end};
    if (!pdftoken_exact(&c, head))
        return false;
    start = c;
    if (pdftoken_at(&c, "<<") && !pdftoken_dictionary(&start, &inside))
        return false;
    return walk_value(w, &c, 0) && (!inside.end || pass_stream(w, &c, inside)) &&
           pdftoken_exact(&c, "\nendobj\n") && c.at == end;
}

enum verify_verdict verify_content_read(struct verify_shape *shape)
{
    const struct pdfread *pdf = &shape->first;
    struct walk w = {.shape = shape, .pdf = pdf};
    struct pdftoken trailer = {pdf->file.data, pdf->trailer.start, pdf->trailer.end + 2};

    if (pdf->count > OBJECTS_LIMIT)
        return verify_refuse(shape, VERIFY_CONTENT, "%u objects", pdf->count);
    w.queue = pool_array(shape->pool, pdf->count, sizeof(*w.queue));
    w.met = pool_array(shape->pool, pdf->count, sizeof(*w.met));
    if (!walk_dictionary(&w, &trailer, 0))
        return verify_refuse(shape, VERIFY_CONTENT, "trailer: %s",
                             *w.strange ? w.strange : "malformed");
    for (size_t i = 0; i < w.queued; i++) {
        if (walk_object(&w, w.queue[i]))
            continue;
        if (*w.strange)
            return verify_refuse(shape, VERIFY_CONTENT, "object %u has %s", w.queue[i], w.strange);
        return verify_refuse(shape, VERIFY_STRUCTURE, "object %u does not fill its place",
                             w.queue[i]);
    }
    if (w.queued + 1 != pdf->count)
        return verify_refuse(shape, VERIFY_CONTENT, "%zu objects are used by nobody",
                             pdf->count - 1 - w.queued);
    return VERIFY_GENUINE;
}
