#include "core/seal/pdfupdate.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/seal/pdfread.h"
#include "core/seal/seal.h"

/* What an update writes: two objects anew, three that are new. */
enum object { CATALOG, PAGE, FIELD, SIGNATURE, APPEARANCE, OBJECTS };
enum { FIRST_NEW = FIELD };

enum {
    ROOM = 96 * 1024,      /* most that an update adds, the hole included */
    WORDS = 1024,          /* most bytes of a name, reason or location */
    PAGE_LIMIT = 14400,    /* largest coordinate, ISO 32000-1 annex C */
    LENGTH_DIGITS = 10,    /* room for the last number of /ByteRange */
    ID_SIZE = 16,
    LINES_SIZE = 1024, /* bytes of an appearance */
    LINE_FRAME = 64,   /* the most that is written around a line */
    LINE_SIZE = 8,     /* points */
    LINE_STEP = 14,
    WIDGET_FLAGS = 4 | 128 /* Print, Locked */
};

struct update {
    struct pdfread source;
    const struct seal_request *request;
    struct text out;
    struct span catalog, page;  /* the old insides */
    uint32_t numbers[OBJECTS];
    size_t offsets[OBJECTS];
    size_t hole, length_at;     /* of '<', and of the last number of /ByteRange */
};

static int refuse_key(const struct update *u, struct span inside, const char *key, struct err *err)
{
    struct span value;
    int found = pdfread_find(&u->source, inside, key, &value, err);

    return found <= 0 ? found : err_set(err, ERR_DOCUMENT, 0, "there is %s already", key);
}

/* Catalog and only page; the numbers of the new objects follow the old ones. */
static int find_places(struct update *u, struct err *err)
{
    const struct pdfread *pdf = &u->source;
    struct span pages;
    uint32_t tree;

    if (pdfread_reference(pdf, pdf->trailer, "/Root", false, &u->numbers[CATALOG], err) < 0 ||
        pdfread_dictionary(pdf, u->numbers[CATALOG], &u->catalog, err) < 0 ||
        pdfread_expect(pdf, u->catalog, "/Type", "/Catalog", err) < 0 ||
        refuse_key(u, u->catalog, "/AcroForm", err) < 0 ||
        refuse_key(u, u->catalog, "/Perms", err) < 0 ||
        refuse_key(u, u->catalog, "/Extensions", err) < 0 ||
        pdfread_reference(pdf, u->catalog, "/Pages", false, &tree, err) < 0)
        return -1;
    if (pdfread_dictionary(pdf, tree, &pages, err) < 0 ||
        pdfread_expect(pdf, pages, "/Type", "/Pages", err) < 0 ||
        pdfread_reference(pdf, pages, "/Kids", true, &u->numbers[PAGE], err) < 0 ||
        pdfread_dictionary(pdf, u->numbers[PAGE], &u->page, err) < 0 ||
        pdfread_expect(pdf, u->page, "/Type", "/Page", err) < 0)
        return -1;
    for (int i = FIRST_NEW; i < OBJECTS; i++)
        u->numbers[i] = pdf->count + (uint32_t)(i - FIRST_NEW);
    return 0;
}

static int check_words(const char *words, const char *what, struct err *err)
{
    if (!words)
        return 0;
    if (strlen(words) > WORDS)
        return err_set(err, ERR_LIMIT, 0, "the signature's %s is too long", what);
    if (!utf8_valid(words, strlen(words)))
        return err_set(err, ERR_INPUT, 0, "the signature's %s is not UTF-8", what);
    return 0;
}

/* Printable ASCII that needs no escape in a string of a content stream. */
static int check_lines(const char *const *lines, struct err *err)
{
    size_t size = 0;

    for (size_t i = 0; lines && lines[i]; i++) {
        for (const char *at = lines[i]; *at; at++)
            if (*at < ' ' || *at > '~' || strchr("()\\", *at))
                return err_set(err, ERR_INPUT, 0, "line %zu can't be printed", i + 1);
        size += strlen(lines[i]) + LINE_FRAME;
    }
    return size < LINES_SIZE - LINE_FRAME
               ? 0
               : err_set(err, ERR_LIMIT, 0, "the lines of the signature are too long");
}

static int check_request(const struct seal_request *request, struct err *err)
{
    const struct document_rect *r = &request->rect;

    /* Written so that NaN fails too. */
    if (!(r->left >= 0 && r->bottom >= 0 && r->left < r->right && r->bottom < r->top &&
          r->right <= PAGE_LIMIT && r->top <= PAGE_LIMIT))
        return err_set(err, ERR_INPUT, 0, "the signature's rectangle is empty or off the page");
    if (request->time_ms < 0)
        return err_set(err, ERR_INPUT, 0, "the signature's time is before 1970");
    if (check_words(request->name, "name", err) < 0 ||
        check_words(request->reason, "reason", err) < 0)
        return -1;
    return check_words(request->location, "location", err) < 0 ? -1
                                                               : check_lines(request->lines, err);
}

static void copy_span(struct update *u, size_t start, size_t end)
{
    text_add_n(&u->out, (const char *)u->source.file.data + start, end - start);
}

static void begin_object(struct update *u, enum object object)
{
    u->offsets[object] = u->out.length;
    text_printf(&u->out, "%u 0 obj\n<<", u->numbers[object]);
}

/* A coordinate in hundredths; the program's locale must not choose the decimal point. */
static void add_points(struct text *out, double points)
{
    long hundredths = lround(points * 100);

    text_printf(out, " %ld.%02ld", hundredths / 100, hundredths % 100);
}

/* A text string (ISO 32000-1, 7.9.2.2): UTF-16BE with its mark, as hex. */
static void add_words(struct text *out, const char *key, const char *words)
{
    uint32_t point;

    if (!words || !*words)
        return;
    text_printf(out, "\n%s <FEFF", key);
    while ((point = utf8_next(&words)) != 0) {
        if (point > 0xFFFF) {
            text_printf(out, "%04X", 0xD800 + ((point - 0x10000) >> 10));
            point = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        text_printf(out, "%04X", point);
    }
    text_char(out, '>');
}

/* D:yyyymmddhhmmss+08'00' out of yyyy-mm-dd hh:mm:ss. */
static void add_time(struct text *out, int64_t time_ms)
{
    char shanghai[20];

    clock_shanghai(time_ms, shanghai);
    text_add(out, "\n/M (D:");
    for (const char *p = shanghai; *p; p++)
        if (*p >= '0' && *p <= '9')
            text_char(out, *p);
    text_add(out, "+08'00')");
}

/* PDF 1.7 knows this SubFilter by an extension only: it is named as ISO 32000-1, 7.12 asks. */
static void write_catalog(struct update *u)
{
    begin_object(u, CATALOG);
    copy_span(u, u->catalog.start, u->catalog.end);
    text_printf(&u->out,
                "/Extensions <</ESIC <</BaseVersion /1.7 /ExtensionLevel 5>>>>\n"
                "/AcroForm <</Fields [%u 0 R] /SigFlags 3>>\n/Perms <</DocMDP %u 0 R>>\n"
                ">>\nendobj\n",
                u->numbers[FIELD], u->numbers[SIGNATURE]);
}

/* The page gets one more annotation; where it has some, they must stand in the page itself. */
static int write_page(struct update *u, struct err *err)
{
    const uint8_t *data = u->source.file.data;
    struct span annots = {u->page.end, u->page.end};
    int found = pdfread_find(&u->source, u->page, "/Annots", &annots, err);

    if (found < 0)
        return -1;
    if (found && (data[annots.start] != '[' || data[annots.end - 1] != ']'))
        return err_set(err, ERR_DOCUMENT, 0, "/Annots of the page is not an array");
    begin_object(u, PAGE);
    copy_span(u, u->page.start, annots.start);
    if (found)
        copy_span(u, annots.start, annots.end - 1);
    else
        text_add(&u->out, "/Annots [");
    text_printf(&u->out, " %u 0 R]\n", u->numbers[FIELD]);
    copy_span(u, annots.end, u->page.end);
    text_add(&u->out, ">>\nendobj\n");
    return 0;
}

static void write_field(struct update *u)
{
    const struct document_rect *rect = &u->request->rect;

    begin_object(u, FIELD);
    text_printf(&u->out,
                "/Type /Annot /Subtype /Widget /FT /Sig /T (Seal) /F %d\n"
                "/P %u 0 R /V %u 0 R /AP <</N %u 0 R>>\n/Rect [",
                WIDGET_FLAGS, u->numbers[PAGE], u->numbers[SIGNATURE], u->numbers[APPEARANCE]);
    add_points(&u->out, rect->left);
    add_points(&u->out, rect->bottom);
    add_points(&u->out, rect->right);
    add_points(&u->out, rect->top);
    text_add(&u->out, " ]>>\nendobj\n");
}

/* /ByteRange stands behind /Contents, so that only its last number has to be filled in later. */
static void write_signature(struct update *u, size_t digits)
{
    begin_object(u, SIGNATURE);
    text_add(&u->out, "/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached\n"
                      "/Reference [<</Type /SigRef /TransformMethod /DocMDP\n"
                      "/TransformParams <</Type /TransformParams /P 2 /V /1.2>>>>]");
    add_words(&u->out, "/Name", u->request->name);
    add_words(&u->out, "/Reason", u->request->reason);
    add_words(&u->out, "/Location", u->request->location);
    add_time(&u->out, u->request->time_ms);
    text_add(&u->out, "\n/Contents ");
    u->hole = u->out.length;
    text_char(&u->out, '<');
    text_printf(&u->out, "%0*d", (int)digits, 0);
    text_char(&u->out, '>');
    text_printf(&u->out, "\n/ByteRange [0 %zu %zu ", u->hole, u->hole + digits + 2);
    u->length_at = u->out.length;
    text_printf(&u->out, "%*s]\n>>\nendobj\n", LENGTH_DIGITS, "");
}

/* Lines from the top, in a font that every viewer has (ISO 32000-1, 9.6.2.2). */
static void add_lines(struct text *out, const char *const *lines, double height)
{
    text_printf(out, "BT /F1 %d Tf %d TL 2", LINE_SIZE, LINE_STEP);
    add_points(out, height);
    text_add(out, " Td");
    for (size_t i = 0; lines[i]; i++)
        text_printf(out, " T* (%s) Tj", lines[i]);
    text_add(out, " ET");
}

static void write_appearance(struct update *u)
{
    const struct document_rect *rect = &u->request->rect;
    const char *const *lines = u->request->lines;
    char array[LINES_SIZE];
    struct text content;

    text_init_fixed(&content, array, sizeof(array));
    if (lines)
        add_lines(&content, lines, rect->top - rect->bottom);
    begin_object(u, APPEARANCE);
    text_add(&u->out, "/Type /XObject /Subtype /Form /BBox [ 0 0");
    add_points(&u->out, rect->right - rect->left);
    add_points(&u->out, rect->top - rect->bottom);
    text_printf(&u->out, " ] /Resources <<%s>> /Length %zu>>\nstream\n%s\nendstream\nendobj\n",
                lines ? "/Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>" : "",
                content.length, content.data);
}

/* Sections of the table; the new objects have consecutive numbers and share one. */
static void write_table(struct update *u)
{
    bool page_first = u->numbers[PAGE] < u->numbers[CATALOG];
    enum object order[OBJECTS] = {page_first ? PAGE : CATALOG, page_first ? CATALOG : PAGE, FIELD,
                                  SIGNATURE, APPEARANCE};

    text_add(&u->out, "xref\n");
    for (int i = 0; i < OBJECTS; i++) {
        if (i <= FIRST_NEW)
            text_printf(&u->out, "%u %d\n", u->numbers[order[i]],
                        i < FIRST_NEW ? 1 : OBJECTS - FIRST_NEW);
        text_printf(&u->out, "%010zu 00000 n \n", u->offsets[order[i]]);
    }
}

/* A value of the old trailer, and what stands in its place. */
struct change {
    struct span old;
    char text[2 * ID_SIZE + 3];
};

/* The second half of /ID changes with every update (ISO 32000-1, 14.4): a hash of all that is
 * written so far. */
static int change_id(const struct update *u, struct change *change, struct err *err)
{
    uint8_t hash[32];
    char hex[2 * ID_SIZE + 1];

    if (pdfread_second_id(&u->source, &change->old, err) < 0)
        return -1;
    sha256(u->out.data, u->out.length, hash);
    hex_encode(hash, ID_SIZE, hex);
    text_format(change->text, sizeof(change->text), "<%s>", hex);
    return 0;
}

static int change_size(const struct update *u, struct change *change, struct err *err)
{
    text_format(change->text, sizeof(change->text), "%u", u->source.count + OBJECTS - FIRST_NEW);
    return pdfread_find(&u->source, u->source.trailer, "/Size", &change->old, err);
}

static int write_trailer(struct update *u, struct err *err)
{
    struct span old = u->source.trailer;
    struct change id, size;
    size_t table = u->out.length;
    bool id_first;

    if (change_id(u, &id, err) < 0 || change_size(u, &size, err) < 0)
        return -1;
    id_first = id.old.start < size.old.start;
    write_table(u);
    text_add(&u->out, "trailer\n<<");
    for (int i = 0; i < 2; i++) {
        const struct change *change = (i == 0) == id_first ? &id : &size;

        copy_span(u, old.start, change->old.start);
        text_add(&u->out, change->text);
        old.start = change->old.end;
    }
    copy_span(u, old.start, old.end);
    text_printf(&u->out, "/Prev %zu\n>>\nstartxref\n%zu\n%%%%EOF\n", u->source.xref, table);
    return 0;
}

/* Now that the end is known: how much of the file follows the hole. */
static void fill_length(struct update *u, size_t digits)
{
    char number[LENGTH_DIGITS + 1];

    text_format(number, sizeof(number), "%zu", u->out.length - (u->hole + digits + 2));
    memcpy(u->out.data + u->length_at, number, strlen(number));
}

int pdfupdate_append(struct pool *pool, struct bytes pdf, const struct seal_request *request,
                     size_t digits, struct seal_prepared *prepared, struct err *err)
{
    struct update u = {.request = request};

    if (check_request(request, err) < 0 || pdfread_open(pdf, &u.source, err) < 0 ||
        find_places(&u, err) < 0)
        return -1;
    text_init(&u.out, pool, pdf.size + ROOM);
    copy_span(&u, 0, pdf.size);
    if (pdf.data[pdf.size - 1] != '\n')
        text_char(&u.out, '\n');
    write_catalog(&u);
    if (write_page(&u, err) < 0)
        return -1;
    write_field(&u);
    write_signature(&u, digits);
    write_appearance(&u);
    if (write_trailer(&u, err) < 0)
        return -1;
    if (u.out.overflow)
        return err_set(err, ERR_LIMIT, 0, "the signature's update is too large");
    fill_length(&u, digits);
    prepared->pdf = (struct bytes){(const uint8_t *)u.out.data, u.out.length};
    prepared->hole = u.hole;
    prepared->hole_size = digits + 2;
    return 0;
}
