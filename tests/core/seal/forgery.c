#include "tests/core/seal/forgery.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"

enum { FILE_LIMIT = 256 * 1024, APPENDED = 16, LENGTH_DIGITS = 10 };

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "forgery: %s\n", what);
    abort();
}

/* Bytes that may be written over. */
static uint8_t *copy_of(const struct workshop *w, struct bytes file)
{
    return pool_copy(w->pool, file.data, file.size);
}

/* Where the text stands: the last place, or the first one. */
static size_t find(struct bytes file, const char *text, bool last)
{
    size_t length = strlen(text), found = SIZE_MAX;

    for (size_t at = 0; at + length <= file.size; at++)
        if (memcmp(file.data + at, text, length) == 0) {
            found = at;
            if (!last)
                break;
        }
    must(found != SIZE_MAX, text);
    return found;
}

/* `from` gives way to `to`, which may be shorter: blanks fill it up. */
static struct bytes replace(const struct workshop *w, struct bytes file, const char *from,
                            const char *to, bool last)
{
    uint8_t *out = copy_of(w, file);
    size_t at = find(file, from, last), length = strlen(from);

    must(strlen(to) <= length, to);
    memset(out + at, ' ', length);
    memcpy(out + at, to, strlen(to));
    return (struct bytes){out, file.size};
}

static struct text copy_begin(const struct workshop *w, struct bytes file, size_t size)
{
    struct text out;

    text_init(&out, w->pool, FILE_LIMIT);
    text_add_n(&out, (const char *)file.data, size);
    return out;
}

static struct bytes copy_end(const struct text *out)
{
    must(!out->overflow, "too large");
    return (struct bytes){(const uint8_t *)out->data, out->length};
}

/* What the last startxref says. */
static size_t table_of(struct bytes file)
{
    return strtoul((const char *)file.data + find(file, "startxref\n", true) + 10, NULL, 10);
}

static struct bytes paper_of(const struct workshop *w)
{
    return workshop_paper(w, "", "");
}

static struct bytes sealed(const struct workshop *w)
{
    return workshop_seal(w, w->p256, paper_of(w), 0);
}

/* The prepared file, changed, signed by a firm as if nothing were wrong with it. */
static struct bytes sign_bytes(const struct workshop *w, struct seal_prepared prepared,
                               struct bytes pdf)
{
    prepared.pdf = pdf;
    return workshop_fill(w, &prepared, workshop_cms(w, &prepared, FIRM_P256, BY_RULE));
}

/* Entries for every "n 0 obj" of the text, which stands at `base`. */
static void add_sections(struct text *out, const char *text, size_t base)
{
    for (const char *at = text; (at = strstr(at, " 0 obj\n")) != NULL; at++) {
        const char *number = at;

        while (number > text && isdigit((unsigned char)number[-1]))
            number--;
        text_printf(out, "%.*s 1\n%010zu 00000 n \n", (int)(at - number), number,
                    base + (size_t)(number - text));
    }
}

/* Makers: what is done to a file that was sealed */

/* `a` behind its end. */
static struct bytes appended(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = sealed(w);
    struct text out = copy_begin(w, file, file.size);

    text_add(&out, f->a);
    return copy_end(&out);
}

/* An update with the objects in `a`, and `b` in its trailer (NULL: the Root as it was). */
static struct bytes updated(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = sealed(w);
    struct text out = copy_begin(w, file, file.size);
    size_t before = table_of(file), table;

    text_add(&out, f->a);
    table = out.length;
    text_add(&out, "xref\n");
    add_sections(&out, f->a, file.size);
    text_printf(&out, "trailer\n<<\n%s\n/Info 3 0 R\n/Size %d\n/Prev %zu\n>>\nstartxref\n%zu\n%%%%EOF\n",
                f->b ? f->b : "/Root 1 0 R", 10 + APPENDED, before, table);
    return copy_end(&out);
}

/* The same with a table in a stream (ISO 32000-1, 7.5.8), which modern files have and ours don't. */
static struct bytes updated_by_stream(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = sealed(w);
    struct text out = copy_begin(w, file, file.size);
    size_t table;

    text_add(&out, f->a);
    table = out.length;
    text_printf(&out,
                "12 0 obj\n<</Type /XRef /W [1 2 1] /Index [5 1] /Size 13 /Root 1 0 R /Prev %zu "
                "/Length 4>>\nstream\n%c%c%c%c\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n",
                table_of(file), 1, (char)(file.size >> 8), (char)file.size, 1, table);
    return copy_end(&out);
}

/* `a` gives way to `b`, where it stands first. */
static struct bytes edited(const struct workshop *w, const struct forgery *f)
{
    return replace(w, sealed(w), f->a, f->b, false);
}

/* The same where it stands last. */
static struct bytes edited_last(const struct workshop *w, const struct forgery *f)
{
    return replace(w, sealed(w), f->a, f->b, true);
}

/* /ByteRange is `a`, in which H is where the hole starts, E where it ends, L how much follows, S the
 * size of the file; G is behind E, K less than L, and M more. */
static struct bytes ranged(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = sealed(w);
    uint8_t *out = copy_of(w, file);
    size_t at = find(file, "/ByteRange [", true) + strlen("/ByteRange "), length;
    size_t h = find(file, "/Contents <", true) + 10, e = find(file, ">\n/ByteRange", true) + 1;
    struct text range;

    length = (size_t)((const uint8_t *)memchr(file.data + at, ']', file.size - at) - file.data) + 1 -
             at;
    text_init(&range, w->pool, 256);
    for (const char *c = f->a; *c; c++) {
        const char *letter = strchr("HESLGKM", *c);
        const size_t values[] = {h, e, file.size, file.size - e, e + 20, file.size - e - 20,
                                 file.size - e + 1};

        if (letter)
            text_printf(&range, "%zu", values[letter - "HESLGKM"]);
        else
            text_char(&range, *c);
    }
    must(range.length <= length, f->a);
    memset(out + at, ' ', length);
    memcpy(out + at, range.data, range.length);
    return (struct bytes){out, file.size};
}

/* A form whose hole has room behind the signature. */
static struct bytes roomy(const struct workshop *w)
{
    return workshop_sign(w, paper_of(w), FIRM_P256, BY_RULE);
}

/* The hole holds `a`, then `b` again and again, then '>', unless `b` is a blank. */
static struct bytes filled(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = roomy(w);
    uint8_t *out = copy_of(w, file);
    size_t at = find(file, "/Contents <", true) + 10, length = strlen(f->a);
    size_t end = find(file, ">\n/ByteRange", true) + (*f->b == ' ');

    memcpy(out + at, f->a, length);
    memset(out + at + length, *f->b, end - at - length);
    return (struct bytes){out, file.size};
}

/* Behind the signature stands `a`. */
static struct bytes padded(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = roomy(w);
    uint8_t *out = copy_of(w, file);
    size_t at = find(file, ">\n/ByteRange", true);

    while (out[at - 1] == '0')
        at--;
    memcpy(out + at + 3, f->a, strlen(f->a));
    return (struct bytes){out, file.size};
}

static struct bytes filled_upper(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = roomy(w);
    uint8_t *out = copy_of(w, file);
    size_t end = find(file, ">\n/ByteRange", true);

    (void)f;
    for (size_t at = find(file, "/Contents <", true) + 11; at < end; at++)
        out[at] = (uint8_t)toupper(out[at]);
    return (struct bytes){out, file.size};
}

/* The first `key` bytes; where that is 0, all that was before the signature; below 0, all but
 * so many. */
static struct bytes cut(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = sealed(w);

    if (f->key == 0)
        return paper_of(w);
    return (struct bytes){file.data, f->key > 0 ? (size_t)f->key : file.size - (size_t)-f->key};
}

static struct bytes nothing(const struct workshop *w, const struct forgery *f)
{
    (void)w;
    (void)f;
    return (struct bytes){(const uint8_t *)"", 0};
}

static struct bytes prepared_only(const struct workshop *w, const struct forgery *f)
{
    (void)f;
    return workshop_prepare(w, paper_of(w), false).pdf;
}

/* The signed end is moved back, and a table of the forger's stands where it said that one was. */
static struct bytes wrapped(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = sealed(w);
    size_t e = find(file, ">\n/ByteRange", true) + 1, table = table_of(file), moved;
    size_t range = find(file, "/ByteRange [", true);
    struct text out = copy_begin(w, file, e);
    const char *objects = "9 0 obj\n<</Type /XObject /Subtype /Form /BBox [ 0 0 9 9 ] /Length 0>>\n"
                          "stream\n\nendstream\nendobj\n";

    text_printf(&out, "\n%.*s\n>>\nendobj\n%s", 30, (const char *)file.data + range, objects);
    if (out.length > table)
        out.length = table;
    while (out.length < table)
        text_char(&out, ' ');
    moved = out.length;
    text_add(&out, "xref\n");
    add_sections(&out, f->a, moved + 4096);
    text_printf(&out, "trailer\n<<\n/Root 1 0 R\n/Info 3 0 R\n/Size 10\n/Prev %zu\n>>\n", moved);
    while (out.length < moved + 4096)
        text_char(&out, ' ');
    text_add(&out, f->a);
    text_add_n(&out, (const char *)file.data + e, file.size - e);
    return copy_end(&out);
}

/* The first table is what the forger's startxref points at, who leaves the signature out. */
static struct bytes reverted(const struct workshop *w, const struct forgery *f)
{
    struct bytes file = sealed(w), paper = paper_of(w);
    size_t at = find(file, "startxref\n", true);
    struct text out = copy_begin(w, file, at);

    (void)f;
    text_printf(&out, "startxref\n%zu\n%%%%EOF\n", table_of(paper));
    return copy_end(&out);
}

/* Makers: what a firm signs with a good key */

/* More in Catalog (`a`) and page (`b`). */
static struct bytes printed(const struct workshop *w, const struct forgery *f)
{
    return workshop_sign(w, workshop_paper(w, f->a, f->b), FIRM_P256, BY_RULE);
}

/* `a` gives way to `b` in the file before it is prepared. */
static struct bytes drawn(const struct workshop *w, const struct forgery *f)
{
    return workshop_sign(w, replace(w, paper_of(w), f->a, f->b, false), FIRM_P256, BY_RULE);
}

/* `a` gives way to `b` in the signature's update before it is signed. */
static struct bytes prepared_so(const struct workshop *w, const struct forgery *f)
{
    const struct seal_prepared prepared = workshop_prepare(w, paper_of(w), true);

    return sign_bytes(w, prepared, replace(w, prepared.pdf, f->a, f->b, true));
}

/* `a` stands in the update too, with entries for its objects, unless way is 1; and `b` in the
 * trailer. */
static struct bytes inserted(const struct workshop *w, const struct forgery *f)
{
    const struct seal_prepared prepared = workshop_prepare(w, paper_of(w), false);
    struct bytes file = prepared.pdf;
    size_t table = table_of(file), trailer = find(file, "trailer\n<<", true) + 10, moved;
    size_t end = find(file, "startxref\n", true), e = prepared.hole + prepared.hole_size;
    struct text out = copy_begin(w, file, table);
    char length[LENGTH_DIGITS + 1];
    uint8_t *pdf;

    text_add(&out, f->a);
    moved = out.length;
    text_add_n(&out, (const char *)file.data + table, trailer - 10 - table);
    if (f->way == 0)
        add_sections(&out, f->a, table);
    text_printf(&out, "trailer\n<<%s", f->b ? f->b : "");
    text_add_n(&out, (const char *)file.data + trailer, end - trailer);
    text_printf(&out, "startxref\n%zu\n%%%%EOF\n", moved);
    text_format(length, sizeof(length), "%-*zu", LENGTH_DIGITS, out.length - e);
    pdf = copy_of(w, copy_end(&out));
    memcpy(pdf + e + strlen("\n/ByteRange [0 ") +
               (size_t)snprintf(NULL, 0, "%zu %zu ", prepared.hole, e),
           length, LENGTH_DIGITS);
    return sign_bytes(w, prepared, (struct bytes){pdf, out.length});
}

static struct bytes signed_by(const struct workshop *w, const struct forgery *f)
{
    return workshop_sign(w, paper_of(w), (enum workshop_key)f->key, (enum workshop_way)f->way);
}

static struct bytes stamped(const struct workshop *w, const struct forgery *f)
{
    return workshop_seal(w, w->rsa, paper_of(w), f->way);
}

/* The genuine signature over another form. */
static struct bytes transplanted(const struct workshop *w, const struct forgery *f)
{
    const struct seal_prepared one = workshop_prepare(w, paper_of(w), true);
    const struct seal_prepared other = workshop_prepare(w, workshop_paper(w, "/Lang (zh)\n", ""),
                                                        true);

    (void)f;
    return workshop_fill(w, &one, workshop_cms(w, &other, FIRM_P256, BY_RULE));
}

/* A sequence, but none of CMS. */
static struct bytes no_cms(const struct workshop *w, const struct forgery *f)
{
    static const uint8_t der[] = {0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x07};
    const struct seal_prepared prepared = workshop_prepare(w, paper_of(w), true);

    (void)f;
    return workshop_fill(w, &prepared, (struct bytes){der, sizeof(der)});
}

#define PAGE                                                                                       \
    "4 0 obj\n<<\n/Type /Page\n/MediaBox [ 0 0 595.276 841.89 ]\n/Contents 10 0 R\n"               \
    "/Resources <<\n/Font <<\n/F1 6 0 R\n>>\n>>\n/Parent 2 0 R\n/Annots [ 7 0 R]\n>>\nendobj\n"
#define CONTENT                                                                                    \
    "10 0 obj\n<<\n/Length 36\n>>\nstream\nBT\n/F1 12 Tf\n(other words) Tj\nET\n      \n"           \
    "endstream\nendobj\n"
#define PAGE_WITH(annotation)                                                                      \
    "4 0 obj\n<<\n/Type /Page\n/MediaBox [ 0 0 595.276 841.89 ]\n/Contents 5 0 R\n"                \
    "/Resources <<\n/Font <<\n/F1 6 0 R\n>>\n>>\n/Parent 2 0 R\n/Annots [ 7 0 R 10 0 R]\n>>\n"      \
    "endobj\n10 0 obj\n" annotation "\nendobj\n"
#define FREE_TEXT                                                                                  \
    "<</Type /Annot /Subtype /FreeText /Rect [ 90 690 300 720 ] /F 4 /DA (/F1 12 Tf) "             \
    "/Contents (other words)>>"
#define HIDDEN "11 0 obj\n<</Type /Annot /Subtype /FreeText>>\nendobj\n"

const struct forgery forgeries[] = {
    {"incremental saving", "new page and content", VERIFY_REVISIONS, updated, PAGE CONTENT, NULL,
     0, 0},
    {"incremental saving", "new catalog", VERIFY_REVISIONS, updated,
     "1 0 obj\n<<\n/Type /Catalog\n/Pages 2 0 R\n>>\nendobj\n", NULL, 0, 0},
    {"incremental saving", "the signature copied along", VERIFY_REVISIONS, updated,
     "8 0 obj\n<</Type /Sig /Filter /Adobe.PPKLite /ByteRange [ 0 1 2 3 ]>>\nendobj\n", NULL, 0, 0},
    {"incremental saving", "table in a stream", VERIFY_STRUCTURE, updated_by_stream,
     "5 0 obj\n<<\n/Length 0\n>>\nstream\n\nendstream\nendobj\n", NULL, 0, 0},
    {"incremental saving", "objects without a table", VERIFY_TRAILING, appended, PAGE CONTENT, NULL,
     0, 0},
    {"incremental saving", "trailer without a table", VERIFY_TRAILING, appended,
     CONTENT "trailer\n<</Root 1 0 R /Size 11>>\n%%EOF\n", NULL, 0, 0},
    {"incremental saving", "startxref to the first table", VERIFY_UNSIGNED, reverted, NULL, NULL, 0,
     0},

    {"signature wrapping", "signed end moved back", VERIFY_STRUCTURE, wrapped, CONTENT, NULL, 0, 0},
    {"signature wrapping", "range leaves out more", VERIFY_RANGE, ranged, "[0 H G K]",
     NULL, 0, 0},

    {"universal forgery", "no /Contents", VERIFY_CONTENTS, edited_last, "/Contents <", "/Kontents <",
     0, 0},
    {"universal forgery", "/Contents null", VERIFY_CONTENTS, filled, "null", " ", 0, 0},
    {"universal forgery", "/Contents empty", VERIFY_CONTENTS, filled, "<>", " ", 0, 0},
    {"universal forgery", "/Contents zero", VERIFY_CONTENTS, filled, "<00", "0", 0, 0},
    {"universal forgery", "/Contents a reference", VERIFY_CONTENTS, filled, "5 0 R", " ", 0, 0},
    {"universal forgery", "no /ByteRange", VERIFY_RANGE, edited_last, "/ByteRange", "/BiteRange", 0,
     0},
    {"universal forgery", "/ByteRange null", VERIFY_RANGE, ranged, "null", NULL, 0, 0},
    {"universal forgery", "/ByteRange empty", VERIFY_RANGE, ranged, "[]", NULL, 0, 0},
    {"universal forgery", "/ByteRange of zeros", VERIFY_RANGE, ranged, "[0 0 0 0]", NULL,
     0, 0},
    {"universal forgery", "/ByteRange of a name", VERIFY_RANGE, ranged, "/All", NULL, 0,
     0},

    {"ByteRange", "negative start", VERIFY_RANGE, ranged, "[-1 H E L]", NULL, 0, 0},
    {"ByteRange", "negative length", VERIFY_RANGE, ranged, "[0 H E -1]", NULL, 0, 0},
    {"ByteRange", "not from the beginning", VERIFY_RANGE, ranged, "[1 H E L]", NULL, 0,
     0},
    {"ByteRange", "overlapping", VERIFY_RANGE, ranged, "[0 E H L]", NULL, 0, 0},
    {"ByteRange", "the whole file", VERIFY_RANGE, ranged, "[0 S S 0]", NULL, 0, 0},
    {"ByteRange", "two numbers", VERIFY_RANGE, ranged, "[0 S]", NULL, 0, 0},
    {"ByteRange", "six numbers", VERIFY_RANGE, ranged, "[0 H E 1 E 1]", NULL, 0, 0},
    {"ByteRange", "too large for a number", VERIFY_RANGE, ranged, "[0 99999999999 E 1]",
     NULL, 0, 0},
    {"ByteRange", "real numbers", VERIFY_RANGE, ranged, "[0 H.0 E 1]", NULL, 0, 0},
    {"ByteRange", "ends before the file", VERIFY_COVERAGE, ranged, "[0 H E K]", NULL, 0,
     0},
    {"ByteRange", "ends behind the file", VERIFY_COVERAGE, ranged, "[0 H E M]", NULL, 0,
     0},

    {"padded /Contents", "bytes behind the signature", VERIFY_CONTENTS, padded, "ab", NULL, 0, 0},
    {"padded /Contents", "blanks behind the signature", VERIFY_CONTENTS, padded, "  ", NULL, 0, 0},
    {"padded /Contents", "a second string", VERIFY_CONTENTS, padded, "> <00", NULL, 0, 0},
    {"padded /Contents", "a dictionary", VERIFY_CONTENTS, filled, "<30> /V <00", "0", 0, 0},
    {"padded /Contents", "upper-case digits", VERIFY_CONTENTS, filled_upper, NULL, NULL, 0, 0},
    {"padded /Contents", "indefinite length", VERIFY_CONTENTS, filled, "<3080", "0", 0, 0},
    {"padded /Contents", "longer than the hole", VERIFY_CONTENTS, filled, "<3083ffffff", "0", 0, 0},
    {"padded /Contents", "a prepared file", VERIFY_CONTENTS, prepared_only, NULL, NULL, 0, 0},

    {"bytes after the end", "end of line", VERIFY_TRAILING, appended, "\n", NULL, 0, 0},
    {"bytes after the end", "blank", VERIFY_TRAILING, appended, " ", NULL, 0, 0},
    {"bytes after the end", "comment", VERIFY_TRAILING, appended, "% nothing\n", NULL, 0, 0},
    {"bytes after the end", "a second end", VERIFY_TRAILING, appended, "%%EOF\n", NULL, 0, 0},
    {"bytes after the end", "a whole PDF", VERIFY_STRUCTURE, appended,
     "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n", NULL, 0, 0},

    {"cut", "nothing", VERIFY_NOT_PDF, nothing, NULL, NULL, 0, 0},
    {"cut", "a few bytes", VERIFY_NOT_PDF, cut, NULL, NULL, 40, 0},
    {"cut", "in the first revision", VERIFY_NOT_PDF, cut, NULL, NULL, 600, 0},
    {"cut", "by the last byte", VERIFY_TRAILING, cut, NULL, NULL, -1, 0},
    {"cut", "in the update", VERIFY_TRAILING, cut, NULL, NULL, -400, 0},
    {"cut", "signature taken off", VERIFY_UNSIGNED, cut, NULL, NULL, 0, 0},

    {"shadow: hide", "overlay taken away", VERIFY_REVISIONS, updated,
     "5 0 obj\n<<\n/Length 0\n>>\nstream\n\nendstream\nendobj\n", NULL, 0, 0},
    {"shadow: hide", "overlay made free", VERIFY_REVISIONS, updated,
     "9 0 obj\n<</Type /XObject /Subtype /Form /BBox [ 0 0 0 0 ] /Length 0>>\nstream\n\nendstream\n"
     "endobj\n", NULL, 0, 0},
    {"shadow: hide", "layers", VERIFY_CONTENT, printed,
     "/OCProperties <<\n/OCGs [ 6 0 R ]\n/D <<\n/OFF [ 6 0 R ]\n>>\n>>\n", "", 0, 0},
    {"shadow: replace", "font replaced", VERIFY_REVISIONS, updated,
     "6 0 obj\n<<\n/Type /Font\n/Subtype /Type1\n/BaseFont /Courier\n>>\nendobj\n", NULL, 0, 0},
    {"shadow: replace", "value of a text field", VERIFY_REVISIONS, updated,
     "7 0 obj\n<</Type /Annot /Subtype /Widget /FT /Tx /V (other words) /Rect [ 0 0 9 9 ]>>\n"
     "endobj\n", NULL, 0, 0},
    {"shadow: hide and replace", "hidden objects in the signed file", VERIFY_CONTENT, drawn,
     "/F1 6 0 R", "/F1 5 0 R", 0, 0},
    {"shadow: hide and replace", "another root", VERIFY_REVISIONS, updated,
     "11 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n", "/Root 11 0 R", 0, 0},
    {"shadow: hide and replace", "table and trailer only", VERIFY_REVISIONS, updated, "",
     "/Root 2 0 R", 0, 0},

    {"certified: annotation (EAA)", "free text added", VERIFY_REVISIONS, updated,
     PAGE_WITH(FREE_TEXT), NULL, 0, 0},
    {"certified: annotation (EAA)", "stamp added", VERIFY_REVISIONS, updated,
     PAGE_WITH("<</Type /Annot /Subtype /Stamp /Rect [ 9 9 99 99 ] /F 4>>"), NULL, 0, 0},
    {"certified: annotation (EAA)", "in the signature's update", VERIFY_OBJECTS, inserted,
     "10 0 obj\n" FREE_TEXT "\nendobj\n", NULL, 0, 0},
    {"certified: signature (SSA)", "second signature over the page", VERIFY_REVISIONS, updated,
     PAGE_WITH("<</Type /Annot /Subtype /Widget /FT /Sig /T (Second) /Rect [ 9 690 300 720 ] "
               "/F 132>>"), NULL, 0, 0},

    {"hidden in the update", "content rewritten", VERIFY_OBJECTS, inserted,
     "5 0 obj\n<<\n/Length 0\n>>\nstream\n\nendstream\nendobj\n", NULL, 0, 0},
    {"hidden in the update", "object without an entry", VERIFY_STRUCTURE, inserted, HIDDEN, NULL, 0,
     1},
    {"hidden in the update", "comment", VERIFY_STRUCTURE, inserted, "% other words\n", NULL, 0, 1},
    {"hidden in the update", "one more entry for an object", VERIFY_OBJECTS, inserted,
     "7 0 obj\n<<>>\nendobj\n", NULL, 0, 0},
    {"hidden in the update", "entry that leads elsewhere", VERIFY_STRUCTURE, prepared_so, "7 3\n0",
     "7 3\n1", 0, 0},
    {"hidden in the update", "a key twice", VERIFY_FIELD, prepared_so, "/Location <FEFF4E0A6D77>",
     "/Filter /Adobe.PPKLite", 0, 0},
    {"hidden in the update", "table of streams", VERIFY_STRUCTURE, inserted, "", "/XRefStm 15", 0,
     0},
    {"hidden in the update", "encryption", VERIFY_STRUCTURE, inserted, "", "/Encrypt 5 0 R", 0, 0},
    {"hidden in the update", "a key of the trailer twice", VERIFY_STRUCTURE, inserted, "",
     "/Root 2 0 R", 0, 0},
    {"hidden in the update", "page with other content", VERIFY_OBJECTS, prepared_so,
     "/Contents 5 0 R", "/Contents 6 0 R", 0, 0},
    {"hidden in the update", "action of the page", VERIFY_FIELD, prepared_so, "/Annots [ 7 0 R]",
     "/AA 7 0 R", 0, 0},
    {"hidden in the update", "form with scripts", VERIFY_FIELD, prepared_so,
     "/AcroForm <</Fields [7 0 R] /SigFlags 3>>", "/AcroForm <</XFA 5 0 R>>", 0, 0},
    {"hidden in the update", "not certified", VERIFY_FIELD, prepared_so, "/Perms <</DocMDP 8 0 R>>",
     "", 0, 0},
    {"hidden in the update", "more permitted", VERIFY_FIELD, prepared_so, "/P 2 /V", "/P 3 /V", 0,
     0},
    {"hidden in the update", "hidden field", VERIFY_FIELD, prepared_so, "/F 132", "/F 2", 0, 0},
    {"hidden in the update", "field without a signature", VERIFY_FIELD, prepared_so, "/V 8 0 R",
     "/V 5 0 R", 0, 0},
    {"hidden in the update", "another kind of signature", VERIFY_FIELD, prepared_so,
     "/ETSI.CAdES.detached", "/adbe.pkcs7.sha1", 0, 0},
    {"hidden in the update", "the box shows something else", VERIFY_STRUCTURE, prepared_so,
     "BT /F1 8 Tf", "0 0 9 9 re", 0, 0},
    {"hidden in the update", "a font of the forger's", VERIFY_FIELD, prepared_so,
     "/BaseFont /Helvetica>>>>", "/FontFile 5 0 R>>>>", 0, 0},
    {"hidden in the update", "reason that is no text", VERIFY_FIELD, prepared_so, "/Reason <FEFF",
     "/Reason <DC00", 0, 0},
    {"hidden in the update", "time that is none", VERIFY_FIELD, prepared_so, "+08'00')", "+09'00')",
     0, 0},

    {"hidden in the first revision", "two objects in one place", VERIFY_STRUCTURE, drawn,
     "/Producer (a \\(test\\) <<)\n", ">>\nendobj\n8 0 obj\n<<", 0, 0},
    {"hidden in the first revision", "comment", VERIFY_STRUCTURE, drawn, "/Producer (", "%Producer (",
     0, 0},
    {"hidden in the first revision", "stream longer than it says", VERIFY_STRUCTURE, drawn,
     "/Length 38", "/Length 28", 0, 0},
    {"hidden in the first revision", "script", VERIFY_CONTENT, printed,
     "/OpenAction <<\n/S /JavaScript\n/JS (1)\n>>\n", "", 0, 0},
    {"hidden in the first revision", "script by another name", VERIFY_CONTENT, printed,
     "/Open#41ction <<\n/S /JavaScript\n>>\n", "", 0, 0},
    {"hidden in the first revision", "name with an escape", VERIFY_CONTENT, printed,
     "/Lang /zh#41\n", "", 0, 0},
    {"hidden in the first revision", "action of the page", VERIFY_CONTENT, printed, "",
     "/AA <<\n/O <<\n/S /Launch\n>>\n>>\n", 0, 0},
    {"hidden in the first revision", "file inside", VERIFY_CONTENT, printed,
     "/Names <<\n/EmbeddedFiles <<\n/Names [ (a) 5 0 R ]\n>>\n>>\n", "", 0, 0},
    {"hidden in the first revision", "link", VERIFY_CONTENT, printed, "",
     "/Annots [ <<\n/Subtype /Link\n/A <<\n/S /URI\n/URI (x)\n>>\n>> ]\n", 0, 0},

    {"changed", "a letter of the page", VERIFY_ALTERED, edited, "(paper) Tj", "(money) Tj", 0, 0},
    {"changed", "the time", VERIFY_ALTERED, edited_last, "/M (D:20", "/M (D:19", 0, 0},
    {"changed", "the header", VERIFY_NOT_PDF, edited, "%PDF-1.7", "%PDF-1.4", 0, 0},
    {"changed", "an offset", VERIFY_STRUCTURE, edited, "00000 n\r\n00000", "00000 n\r\n10000", 0, 0},
    {"changed", "the signature of another file", VERIFY_ALTERED, transplanted, NULL, NULL, 0, 0},
    {"changed", "over other bytes", VERIFY_ALTERED, signed_by, NULL, NULL, FIRM_RSA, OVER_NOTHING},
    {"changed", "a bit of the value", VERIFY_FORGED, signed_by, NULL, NULL, FIRM_RSA, WRONG_VALUE},

    {"two signers", "in one signature", VERIFY_SIGNERS, signed_by, NULL, NULL, FIRM_P256,
     TWO_SIGNERS},
    {"CMS", "none", VERIFY_BROKEN, no_cms, NULL, NULL, 0, 0},
    {"CMS", "content of its own", VERIFY_ATTACHED, signed_by, NULL, NULL, FIRM_P256, ATTACHED},
    {"CMS", "no signing-certificate", VERIFY_ATTRIBUTES, signed_by, NULL, NULL, FIRM_P256,
     WITHOUT_NAME},
    {"CMS", "signing-time", VERIFY_ATTRIBUTES, signed_by, NULL, NULL, FIRM_P256, WITH_SIGNING_TIME},
    {"CMS", "unsigned remark", VERIFY_ATTRIBUTES, signed_by, NULL, NULL, FIRM_P256, WITH_REMARK},
    {"CMS", "names another certificate", VERIFY_CERTIFICATE, signed_by, NULL, NULL, FIRM_P256,
     NAMING_ANOTHER},
    {"CMS", "SHA-1", VERIFY_WEAK, signed_by, NULL, NULL, FIRM_RSA, WITH_SHA1},
    {"CMS", "RSA-1024", VERIFY_WEAK, signed_by, NULL, NULL, FIRM_WEAK, BY_RULE},

    {"signer", "expired", VERIFY_UNTRUSTED, signed_by, NULL, NULL, FIRM_EXPIRED, BY_RULE},
    {"signer", "not yet valid", VERIFY_UNTRUSTED, signed_by, NULL, NULL, FIRM_NOT_YET, BY_RULE},
    {"signer", "key for something else", VERIFY_UNTRUSTED, signed_by, NULL, NULL, FIRM_USAGE,
     BY_RULE},
    {"signer", "self-signed", VERIFY_UNTRUSTED, signed_by, NULL, NULL, SELF_SIGNED, BY_RULE},
    {"signer", "a CA of the same name", VERIFY_UNTRUSTED, signed_by, NULL, NULL, STRANGER, BY_RULE},
    {"signer", "certified like the seal", VERIFY_UNTRUSTED, signed_by, NULL, NULL, SIBLING, BY_RULE},
    {"time-stamp", "of another signature", VERIFY_TIMESTAMP, stamped, NULL, NULL, 0, STAMP_OTHER},
    {"time-stamp", "of somebody unknown", VERIFY_TIMESTAMP, stamped, NULL, NULL, 0, STAMP_FOREIGN},
    {"time-stamp", "none", VERIFY_TIMESTAMP, stamped, NULL, NULL, 0, STAMP_NONE},
    {"time-stamp", "before the signature", VERIFY_TIME, stamped, NULL, NULL, 0, STAMP_EARLY},
    {"time-stamp", "and a remark", VERIFY_ATTRIBUTES, stamped, NULL, NULL, 0, STAMP_REMARKED},
    {"time-stamp", "two of them", VERIFY_ATTRIBUTES, stamped, NULL, NULL, 0, STAMP_TWICE},

    {"signer", "in the future", VERIFY_TIME, prepared_so, "/M (D:20", "/M (D:21", 0, 0},
};

const size_t forgery_count = sizeof(forgeries) / sizeof(*forgeries);

static struct bytes by_authority(const struct workshop *w, const struct genuine *g)
{
    return workshop_seal(w, g->key ? w->p256 : w->rsa, paper_of(w), g->way);
}

static struct bytes by_firm(const struct workshop *w, const struct genuine *g)
{
    return workshop_sign(w, paper_of(w), (enum workshop_key)g->key, (enum workshop_way)g->way);
}

static struct bytes by_firm_stamped(const struct workshop *w, const struct genuine *g)
{
    const struct seal_prepared prepared = workshop_prepare(w, paper_of(w), true);
    struct bytes cms = workshop_cms(w, &prepared, (enum workshop_key)g->key, BY_RULE);

    return workshop_fill(w, &prepared, workshop_stamp(w, cms, STAMP_GOOD));
}

static struct bytes by_firm_without_lines(const struct workshop *w, const struct genuine *g)
{
    const struct seal_prepared prepared = workshop_prepare(w, paper_of(w), false);

    return workshop_fill(
        w, &prepared,
        workshop_cms(w, &prepared, (enum workshop_key)g->key, (enum workshop_way)g->way));
}

const struct genuine genuines[] = {
    {"seal of today, RSA", VERIFY_AUTHORITY, by_authority, 0, 0},
    {"seal of before, P-256", VERIFY_AUTHORITY, by_authority, 1, 0},
    {"firm, RSA", VERIFY_FIRM, by_firm, FIRM_RSA, BY_RULE},
    {"firm, RSA-PSS", VERIFY_FIRM, by_firm, FIRM_RSA, BY_PSS},
    {"firm, P-256", VERIFY_FIRM, by_firm, FIRM_P256, BY_RULE},
    {"firm, P-384", VERIFY_FIRM, by_firm, FIRM_P384, BY_RULE},
    {"firm, with its CA inside", VERIFY_FIRM, by_firm, FIRM_P256, WITH_CHAIN},
    {"seal of today, stamped", VERIFY_AUTHORITY, by_authority, 0, STAMP_GOOD},
    {"seal of before, stamped", VERIFY_AUTHORITY, by_authority, 1, STAMP_GOOD},
    {"firm, RSA, stamped", VERIFY_FIRM, by_firm_stamped, FIRM_RSA, STAMP_GOOD},
    {"firm, P-256, stamped", VERIFY_FIRM, by_firm_stamped, FIRM_P256, STAMP_GOOD},
    {"firm, nothing printed", VERIFY_FIRM, by_firm_without_lines, FIRM_RSA, BY_RULE},
};

const size_t genuine_count = sizeof(genuines) / sizeof(*genuines);
