#include "core/document/pdf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/pdf_font.h"

#define BOLD_STROKE 0.028 /* of the size: what bold letters are thicker by */

enum { XMP_MAX = 8 * 1024, TEXT_ROOM = 4 * 1024, DRAWN_MAX = 64 * 1024 };

static const HPDF_RGBColor inks[INK_COUNT] = {
    [INK_TEXT] = {0.07f, 0.07f, 0.09f},
      [INK_LABEL] = {0.20f, 0.22f, 0.24f},
    [INK_FRAME] = {0.08f, 0.34f, 0.33f},
      [INK_GOLD] = {0.72f, 0.58f, 0.31f},
    [INK_SEAL] = {0.85f, 0.09f, 0.09f},
      [INK_PALE] = {0.95f, 0.94f, 0.92f},
      [INK_TINT] = {0.94f, 0.965f, 0.96f},
    [INK_PHOTO] = {0.62f, 0.62f, 0.60f},
};

struct pdf {
    HPDF_Doc doc;
    HPDF_Page page;
    HPDF_Font fonts[FONTS_MAX];
    struct pool *pool;
    struct text drawn;         /* operators that libharu's page has not got yet */
    HPDF_STATUS error, detail; /* the first one */
};

static void on_error(HPDF_STATUS error, HPDF_STATUS detail, void *context)
{
    struct pdf *pdf = context;

    if (pdf->error == HPDF_OK) {
        pdf->error = error;
        pdf->detail = detail;
    }
}

/* libharu reports some errors by a result alone. */
static void note(struct pdf *pdf, HPDF_STATUS status)
{
    if (status != HPDF_OK)
        on_error(status, 0, pdf);
}

static int failed(const struct pdf *pdf, struct err *err)
{
    return err_set(err, ERR_DOCUMENT, (int)pdf->error, "libharu: error 0x%04lX, detail %lu",
                   (unsigned long)pdf->error, (unsigned long)pdf->detail);
}

/* A text string beyond ASCII: UTF-16BE behind its mark (ISO 32000-1, 7.9.2.2). */
static HPDF_Binary text_string(struct pdf *pdf, const char *text)
{
    uint8_t *out = pool_alloc(pdf->pool, 2 + 4 * strlen(text));
    size_t n = 0;
    uint32_t point;

    out[n++] = 0xFE;
    out[n++] = 0xFF;
    while ((point = utf8_next(&text)) != 0 && point != UINT32_MAX) {
        uint32_t units[2] = {point, 0};

        if (point >= 0x10000) {
            units[0] = 0xD800 + ((point - 0x10000) >> 10);
            units[1] = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        for (int i = 0; i < (point >= 0x10000 ? 2 : 1); i++) {
            out[n++] = (uint8_t)(units[i] >> 8);
            out[n++] = (uint8_t)units[i];
        }
    }
    return HPDF_Binary_New(pdf->doc->mmgr, out, (HPDF_UINT)n);
}

static void xml_add(struct text *xml, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            text_add(xml, "&amp;");
            break;
        case '<':
            text_add(xml, "&lt;");
            break;
        case '>':
            text_add(xml, "&gt;");
            break;
        default:
            text_char(xml, *text);
        }
    }
}

/* `time` is yyyy-mm-dd hh:mm:ss of Shanghai. */
static void metadata_add(struct pdf *pdf, const struct pdf_about *about, const char *time)
{
    HPDF_Dict stream;
    struct text xml;

    text_init(&xml, pdf->pool, XMP_MAX);
    text_add(&xml, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                   "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF"
                   " xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
                   "<rdf:Description rdf:about=\"\""
                   " xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
                   " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\n"
                   "<dc:format>application/pdf</dc:format>\n<dc:title><rdf:Alt>"
                   "<rdf:li xml:lang=\"x-default\">");
    xml_add(&xml, about->title);
    text_add(&xml, "</rdf:li></rdf:Alt></dc:title>\n<dc:creator><rdf:Seq><rdf:li>");
    xml_add(&xml, about->author);
    text_add(&xml, "</rdf:li></rdf:Seq></dc:creator>\n<dc:identifier>");
    xml_add(&xml, about->identifier);
    text_printf(&xml, "</dc:identifier>\n<xmp:CreateDate>%.10sT%.8s+08:00</xmp:CreateDate>\n", time,
                time + 11);
    text_printf(&xml, "<xmp:ModifyDate>%.10sT%.8s+08:00</xmp:ModifyDate>\n", time, time + 11);
    text_add(&xml, "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>\n");
    if (xml.overflow) {
        note(pdf, HPDF_STRING_OUT_OF_RANGE);
        return;
    }
    stream = pdf_stream_new(pdf->doc, (struct bytes){(const uint8_t *)xml.data, xml.length}, false);
    if (stream == NULL) {
        note(pdf, HPDF_FAILD_TO_ALLOC_MEM);
        return;
    }
    note(pdf, HPDF_Dict_AddName(stream, "Type", "Metadata"));
    note(pdf, HPDF_Dict_AddName(stream, "Subtype", "XML"));
    note(pdf, HPDF_Dict_Add(pdf->doc->catalog, "Metadata", stream));
}

static void about_add(struct pdf *pdf, const struct pdf_about *about)
{
    HPDF_Doc doc = pdf->doc;
    HPDF_Array id = HPDF_Array_New(doc->mmgr);
    char shanghai[20], time[32];
    const char *t = shanghai;

    clock_shanghai(about->made_ms, shanghai);
    text_format(time, sizeof time, "D:%.4s%.2s%.2s%.2s%.2s%.2s+08'00'", t, t + 5, t + 8, t + 11,
                t + 14, t + 17);
    note(pdf, HPDF_Dict_Add(doc->info, "Title", text_string(pdf, about->title)));
    note(pdf, HPDF_Dict_Add(doc->info, "Author", text_string(pdf, about->author)));
    note(pdf, HPDF_Dict_Add(doc->info, "CreationDate", HPDF_String_New(doc->mmgr, time, NULL)));
    note(pdf, HPDF_Dict_Add(doc->info, "ModDate", HPDF_String_New(doc->mmgr, time, NULL)));
    note(pdf, HPDF_Dict_Add(doc->catalog, "Lang", HPDF_String_New(doc->mmgr, "zh-CN", NULL)));
    metadata_add(pdf, about, shanghai);
    note(pdf, HPDF_Dict_Add(doc->trailer, "ID", id));
    for (int i = 0; i < 2 && id != NULL; i++)
        note(pdf, HPDF_Array_Add(id, HPDF_Binary_New(doc->mmgr, (HPDF_BYTE *)(uintptr_t)about->id,
                                                     sizeof about->id)));
}

static int fonts_embed(struct pdf *pdf, const struct page *page, struct err *err)
{
    for (unsigned i = 0; i < FONTS_MAX; i++) {
        struct font_subset subset;

        if (page->uses[i].count == 0)
            continue;
        if (font_subset_make(page->fonts, i, &page->uses[i], pdf->pool, &subset, err) < 0)
            return -1;
        pdf->fonts[i] = pdf_font_new(pdf->doc, pdf->pool, &page->uses[i], &subset);
        if (pdf->fonts[i] == NULL) {
            note(pdf, HPDF_FAILD_TO_ALLOC_MEM);
            return failed(pdf, err);
        }
    }
    return 0;
}

int pdf_open(const struct page *page, const struct pdf_about *about, struct pdf **pdf,
             struct err *err)
{
    struct pdf *made = POOL_NEW(page->pool, struct pdf);

    made->pool = page->pool;
    text_init(&made->drawn, page->pool, DRAWN_MAX);
    made->doc = HPDF_New(on_error, made); /* its own pool would hand out misaligned objects */
    if (made->doc == NULL)
        return err_set(err, ERR_DOCUMENT, 0, "libharu: no document");
    made->doc->pdf_version = HPDF_VER_17;
    note(made, HPDF_SetCompressionMode(made->doc, HPDF_COMP_TEXT));
    made->page = HPDF_AddPage(made->doc);
    if (made->page == NULL) {
        failed(made, err);
        goto out;
    }
    note(made, HPDF_Page_SetSize(made->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT));
    about_add(made, about);
    if (fonts_embed(made, page, err) < 0)
        goto out;
    *pdf = made;
    return 0;
out:
    HPDF_Free(made->doc);
    return -1;
}

/* Whatever libharu's page writes next comes behind what was drawn before. */
static void drawn_flush(struct pdf *pdf)
{
    HPDF_PageAttr attr = (HPDF_PageAttr)pdf->page->attr;

    if (pdf->drawn.overflow)
        note(pdf, HPDF_STRING_OUT_OF_RANGE);
    note(pdf, HPDF_Stream_Write(attr->stream, (const HPDF_BYTE *)pdf->drawn.data,
                                (HPDF_UINT)pdf->drawn.length));
    text_init(&pdf->drawn, pdf->pool, DRAWN_MAX);
}

static void save(struct pdf *pdf, struct pool *pool, struct bytes *file)
{
    HPDF_UINT32 size;
    uint8_t *data;

    note(pdf, HPDF_SaveToStream(pdf->doc));
    size = HPDF_GetStreamSize(pdf->doc);
    data = pool_alloc(pool, size);
    note(pdf, HPDF_ResetStream(pdf->doc));
    if (pdf->error == HPDF_OK)
        note(pdf, HPDF_ReadFromStream(pdf->doc, data, &size));
    *file = (struct bytes){data, size};
}

int pdf_close(struct pdf **pdf, struct pool *pool, struct bytes *file, struct err *err)
{
    int rc = 0;

    if (*pdf == NULL)
        return 0;
    drawn_flush(*pdf);
    if (file != NULL && (*pdf)->error == HPDF_OK)
        save(*pdf, pool, file);
    if ((*pdf)->error != HPDF_OK)
        rc = failed(*pdf, err);
    HPDF_Free((*pdf)->doc);
    *pdf = NULL;
    return rc;
}

/*
 * Drawing. Operators of paths are written here: libharu would clear half a kilobyte for each.
 */

/* A thousandth of a unit is finer than any printer; without trailing zeros. */
static void number_add(struct text *text, double value)
{
    long milli = lround(value * 1000);
    unsigned long size = (unsigned long)labs(milli);
    char digits[32];
    int n = sizeof digits, least = 0;

    while (least < 3 && size % 10 == 0) {
        size /= 10;
        least++;
    }
    for (int places = 3 - least; places > 0; places--, size /= 10)
        digits[--n] = (char)('0' + size % 10);
    if (least < 3)
        digits[--n] = '.';
    do
        digits[--n] = (char)('0' + size % 10);
    while ((size /= 10) > 0);
    if (milli < 0)
        digits[--n] = '-';
    text_add_n(text, digits + n, sizeof digits - (size_t)n);
}

static void operator_add(struct pdf *pdf, const double *operands, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        number_add(&pdf->drawn, operands[i]);
        text_char(&pdf->drawn, ' ');
    }
    text_add(&pdf->drawn, name);
    text_char(&pdf->drawn, '\n');
}

#define OPERATOR(pdf, name, ...)                                                                   \
    operator_add((pdf), (const double[]){__VA_ARGS__},                                             \
                 sizeof((const double[]){__VA_ARGS__}) / sizeof(double), (name))

void pdf_push(struct pdf *pdf)
{
    operator_add(pdf, NULL, 0, "q");
}

void pdf_pop(struct pdf *pdf)
{
    operator_add(pdf, NULL, 0, "Q");
}

void pdf_matrix(struct pdf *pdf, double a, double b, double c, double d, double e, double f)
{
    OPERATOR(pdf, "cm", a, b, c, d, e, f);
}

void pdf_ink(struct pdf *pdf, enum ink ink)
{
    OPERATOR(pdf, "rg", inks[ink].r, inks[ink].g, inks[ink].b);
    OPERATOR(pdf, "RG", inks[ink].r, inks[ink].g, inks[ink].b);
}

void pdf_pen(struct pdf *pdf, double width)
{
    OPERATOR(pdf, "w", width);
}

void pdf_move(struct pdf *pdf, double x, double y)
{
    OPERATOR(pdf, "m", x, y);
}

void pdf_line(struct pdf *pdf, double x, double y)
{
    OPERATOR(pdf, "l", x, y);
}

void pdf_curve(struct pdf *pdf, double x1, double y1, double x2, double y2, double x, double y)
{
    OPERATOR(pdf, "c", x1, y1, x2, y2, x, y);
}

void pdf_rect(struct pdf *pdf, double x, double y, double width, double height)
{
    OPERATOR(pdf, "re", x, y, width, height);
}

/* Four Bézier arcs; 0.5523 brings their middles onto the circle. */
void pdf_circle(struct pdf *pdf, double x, double y, double radius)
{
    const double r = radius, k = radius * 0.5522847;

    pdf_move(pdf, x + r, y);
    pdf_curve(pdf, x + r, y + k, x + k, y + r, x, y + r);
    pdf_curve(pdf, x - k, y + r, x - r, y + k, x - r, y);
    pdf_curve(pdf, x - r, y - k, x - k, y - r, x, y - r);
    pdf_curve(pdf, x + k, y - r, x + r, y - k, x + r, y);
}

void pdf_stroke(struct pdf *pdf)
{
    operator_add(pdf, NULL, 0, "S");
}

void pdf_fill(struct pdf *pdf)
{
    operator_add(pdf, NULL, 0, "f");
}

size_t pdf_mark(const struct pdf *pdf)
{
    return pdf->drawn.length;
}

const char *pdf_form(struct pdf *pdf, size_t mark, const double box[4])
{
    struct bytes drawn = {(const uint8_t *)pdf->drawn.data + mark, pdf->drawn.length - mark};
    HPDF_Dict form = pdf_stream_new(pdf->doc, drawn, false);
    HPDF_Array array = HPDF_Array_New(pdf->doc->mmgr);
    const char *name;

    pdf->drawn.length = mark;
    pdf->drawn.data[mark] = '\0';
    if (form == NULL || array == NULL) {
        note(pdf, HPDF_FAILD_TO_ALLOC_MEM);
        return NULL;
    }
    for (int i = 0; i < 4; i++)
        note(pdf, HPDF_Array_AddReal(array, (HPDF_REAL)box[i]));
    note(pdf, HPDF_Dict_AddName(form, "Type", "XObject"));
    note(pdf, HPDF_Dict_AddName(form, "Subtype", "Form"));
    note(pdf, HPDF_Dict_Add(form, "BBox", array));
    form->filter = HPDF_STREAM_FILTER_FLATE_DECODE;
    name = HPDF_Page_GetXObjectName(pdf->page, form);
    if (name == NULL)
        note(pdf, HPDF_FAILD_TO_ALLOC_MEM);
    return name;
}

void pdf_show(struct pdf *pdf, const char *form)
{
    if (form == NULL)
        return;
    text_char(&pdf->drawn, '/');
    text_add(&pdf->drawn, form);
    text_add(&pdf->drawn, " Do\n");
}

void pdf_photo(struct pdf *pdf, struct bytes jpeg, double x, double y, double width, double height)
{
    HPDF_Image image = HPDF_LoadJpegImageFromMem(pdf->doc, jpeg.data, (HPDF_UINT)jpeg.size);
    double w, h, scale;

    drawn_flush(pdf);
    if (image == NULL) {
        note(pdf, HPDF_INVALID_JPEG_DATA);
        return;
    }
    w = HPDF_Image_GetWidth(image);
    h = HPDF_Image_GetHeight(image);
    if (w < 1 || h < 1) {
        note(pdf, HPDF_INVALID_JPEG_DATA);
        return;
    }
    scale = fmin(width / w, height / h);
    HPDF_Page_DrawImage(pdf->page, image, (float)(x + (width - w * scale) / 2),
                        (float)(y + (height - h * scale) / 2), (float)(w * scale),
                        (float)(h * scale));
}

/* The run's glyphs [from, to), all of one face. */
static void show(struct pdf *pdf, const struct page_run *run, size_t from, size_t to)
{
    struct text codes;

    text_init(&codes, pdf->pool, TEXT_ROOM);
    for (size_t i = from; i < to; i++)
        utf8_add(&codes, run->glyphs[i].code);
    HPDF_Page_SetFontAndSize(pdf->page, pdf->fonts[run->glyphs[from].face], (float)run->size);
    HPDF_Page_ShowText(pdf->page, codes.data);
}

static void run_draw(struct pdf *pdf, const struct page_run *run)
{
    double a = cos(run->angle), b = sin(run->angle);
    size_t from = 0;

    pdf_ink(pdf, run->look.ink);
    drawn_flush(pdf);
    HPDF_Page_BeginText(pdf->page);
    HPDF_Page_SetTextRenderingMode(pdf->page, run->look.bold ? HPDF_FILL_THEN_STROKE : HPDF_FILL);
    if (run->look.bold)
        HPDF_Page_SetLineWidth(pdf->page, (float)(run->size * BOLD_STROKE));
    HPDF_Page_SetTextMatrix(pdf->page, (float)a, (float)b, (float)-b, (float)a, (float)run->x,
                            (float)run->y);
    for (size_t i = 1; i <= run->count; i++)
        if (i == run->count || run->glyphs[i].face != run->glyphs[from].face) {
            show(pdf, run, from, i);
            from = i;
        }
    HPDF_Page_EndText(pdf->page);
}

/* Mute runs are seen, and not read: they have an empty replacement (ISO 32000-1, 14.9.4). */
void pdf_texts(struct pdf *pdf, const struct page *page)
{
    bool mute = false;

    for (size_t i = 0; i < page->count; i++) {
        if (page->runs[i].look.mute != mute) {
            mute = !mute;
            operator_add(pdf, NULL, 0, mute ? "/Span <</ActualText ()>> BDC" : "EMC");
        }
        run_draw(pdf, &page->runs[i]);
    }
    if (mute)
        operator_add(pdf, NULL, 0, "EMC");
}
