#include "core/document/lint.h"

#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/document/pdf_read.h"

enum {
    CONTENT_MAX = 64 * 1024,
    TO_UNICODE_MAX = 32 * 1024,
    FONT_FILE_LEAST = 100,
    FONT_FILE_MOST = 512 * 1024
};

struct lint_font {
    struct bytes glyphs; /* CIDToGIDMap */
    uint32_t points[FONT_CODES_MAX + 1];
};

struct lint {
    struct pool *pool;
    struct pdf_read file;
    struct bytes page;
    struct lint_font *fonts[FONTS_MAX + 1]; /* by the number in their names: /F1 … */
};

static int acts(const struct lint *lint, struct err *err)
{
    static const char *const names[] = {"/JavaScript", "/JS",      "/OpenAction",  "/AA",
                                        "/Launch",     "/URI",     "/GoToR",       "/SubmitForm",
                                        "/AcroForm",   "/Encrypt", "/EmbeddedFile"};

    for (size_t n = 1; n <= lint->file.count; n++)
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (pdf_read_has(pdf_read_object(&lint->file, n), names[i]))
                return err_set(err, ERR_DOCUMENT, 0, "lint: %s in object %zu", names[i], n);
    return 0;
}

static int page_find(struct lint *lint, struct err *err)
{
    size_t pages = 0;

    for (size_t n = 1; n <= lint->file.count; n++) {
        struct bytes object = pdf_read_object(&lint->file, n);

        if (pdf_read_is(object, "/Type", "/Page")) {
            lint->page = object;
            pages++;
        }
    }
    if (pages != 1)
        return err_set(err, ERR_DOCUMENT, 0, "lint: %zu pages", pages);
    if (pdf_read_number(lint->file.trailer, "/Root") != 1 ||
        !pdf_read_is(pdf_read_object(&lint->file, 1), "/Type", "/Catalog") ||
        !pdf_read_has(lint->file.trailer, "/ID"))
        return err_set(err, ERR_DOCUMENT, 0, "lint: no catalog or no file ID");
    return 0;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Hex digits at *offset up to '>', at most 8; advances behind the '>'. */
static bool hex_take(struct bytes line, size_t *offset, uint32_t *value)
{
    size_t digits = 0;

    *value = 0;
    for (; *offset < line.size && digits <= 8; (*offset)++, digits++) {
        int digit = hex_digit(line.data[*offset]);

        if (digit < 0)
            break;
        *value = *value << 4 | (uint32_t)digit;
    }
    return digits >= 4 && digits <= 8 && *offset < line.size && line.data[(*offset)++] == '>';
}

static bool line_take(struct bytes *rest, struct bytes *line)
{
    const uint8_t *end;

    if (rest->size == 0)
        return false;
    end = memchr(rest->data, '\n', rest->size);
    line->data = rest->data;
    line->size = end != NULL ? (size_t)(end - rest->data) : rest->size;
    rest->data += line->size + (end != NULL);
    rest->size -= line->size + (end != NULL);
    return true;
}

static bool ends_with(struct bytes line, const char *text)
{
    size_t length = strlen(text);

    return line.size >= length && memcmp(line.data + line.size - length, text, length) == 0;
}

/* Lines "<code> <UTF-16BE>"; the others are the frame of the CMap. */
static int to_unicode_read(struct bytes map, struct lint_font *font, struct err *err)
{
    struct bytes line;

    while (line_take(&map, &line)) {
        size_t offset = 1;
        uint32_t code, units;

        if (line.size == 0 || line.data[0] != '<' || ends_with(line, "<FFFF>"))
            continue;
        if (!hex_take(line, &offset, &code) || code == 0 || code > FONT_CODES_MAX ||
            (offset += 2) > line.size || !hex_take(line, &offset, &units))
            return err_set(err, ERR_DOCUMENT, 0, "lint: a wrong line in ToUnicode");
        font->points[code] =
            units > UINT16_MAX ? 0x10000 + ((units >> 16 & 0x3FF) << 10 | (units & 0x3FF)) : units;
    }
    return 0;
}

static int font_read(struct lint *lint, size_t object, struct lint_font *font, struct err *err)
{
    const struct pdf_read *file = &lint->file;
    struct bytes type0 = pdf_read_object(file, object);
    struct bytes cid = pdf_read_object(file, pdf_read_number(type0, "/DescendantFonts"));
    struct bytes descriptor = pdf_read_object(file, pdf_read_number(cid, "/FontDescriptor"));
    struct bytes map, outlines;
    size_t outline_file = pdf_read_number(descriptor, "/FontFile2");
    size_t size = pdf_read_number(pdf_read_object(file, outline_file), "/Length1");

    if (!pdf_read_is(type0, "/Encoding", "/Identity-H") || outline_file == 0 ||
        size < FONT_FILE_LEAST || size > FONT_FILE_MOST)
        return err_set(err, ERR_DOCUMENT, 0, "lint: font in object %zu is not embedded", object);
    /* Its stream was deflated by ourselves; the sum behind it (Adler-32) says it is whole. */
    if (pdf_read_stream(file, outline_file, lint->pool, size, &outlines, err) < 0 ||
        pdf_read_stream(file, pdf_read_number(cid, "/CIDToGIDMap"), lint->pool, TO_UNICODE_MAX,
                        &font->glyphs, err) < 0 ||
        pdf_read_stream(file, pdf_read_number(type0, "/ToUnicode"), lint->pool, TO_UNICODE_MAX,
                        &map, err) < 0)
        return -1;
    return to_unicode_read(map, font, err);
}

static int fonts_read(struct lint *lint, struct err *err)
{
    for (unsigned i = 1; i <= FONTS_MAX; i++) {
        char name[8];
        size_t object;

        text_format(name, sizeof name, "/F%u", i);
        object = pdf_read_number(lint->page, name);
        if (object == 0)
            continue;
        lint->fonts[i] = POOL_NEW(lint->pool, struct lint_font);
        if (font_read(lint, object, lint->fonts[i], err) < 0)
            return -1;
    }
    return 0;
}

/* "<codes> Tj": every code must have a glyph and a character. */
static int shown_add(const struct lint_font *font, struct bytes line, bool mute, struct text *text,
                     struct err *err)
{
    size_t offset = 1;

    if (font == NULL || line.data[0] != '<')
        return err_set(err, ERR_DOCUMENT, 0, "lint: text without a font");
    for (; offset + 4 < line.size && line.data[offset] != '>'; offset += 4) {
        uint32_t code = 0;

        for (size_t i = 0; i < 4; i++)
            code = code << 4 | (uint32_t)(hex_digit(line.data[offset + i]) & 0xF);
        if (code == 0 || code > FONT_CODES_MAX || font->points[code] == 0 ||
            font->glyphs.size < 2 * (size_t)code + 2 ||
            (font->glyphs.data[2 * code] | font->glyphs.data[2 * code + 1]) == 0)
            return err_set(err, ERR_DOCUMENT, 0, "lint: code %u has no glyph", code);
        if (!mute)
            utf8_add(text, font->points[code]);
    }
    return 0;
}

/* libharu writes one operator a line. */
static int content_read(const struct lint *lint, struct bytes content, struct text *text,
                        struct err *err)
{
    const struct lint_font *font = NULL;
    struct bytes line;
    bool mute = false;

    while (line_take(&content, &line)) {
        if (ends_with(line, " BDC"))
            mute = true;
        else if (ends_with(line, "EMC"))
            mute = false;
        else if (ends_with(line, " Tf"))
            font = line.data[2] >= '1' && line.data[2] <= '0' + FONTS_MAX
                       ? lint->fonts[line.data[2] - '0']
                       : NULL;
        else if (ends_with(line, " Tj") && shown_add(font, line, mute, text, err) < 0)
            return -1;
    }
    return 0;
}

/* What a form shows is not on the page's own list: it may draw, and not write. */
static int forms_check(const struct lint *lint, struct err *err)
{
    for (size_t n = 1; n <= lint->file.count; n++) {
        struct bytes content, line;

        if (!pdf_read_is(pdf_read_object(&lint->file, n), "/Subtype", "/Form"))
            continue;
        if (pdf_read_stream(&lint->file, n, lint->pool, CONTENT_MAX, &content, err) < 0)
            return -1;
        while (line_take(&content, &line))
            if (ends_with(line, "BT"))
                return err_set(err, ERR_DOCUMENT, 0, "lint: text in object %zu", n);
    }
    return 0;
}

static int text_check(struct lint *lint, const struct page *page, struct err *err)
{
    struct bytes content;
    struct text text;

    text_init(&text, lint->pool, page->spoken.cap);
    if (pdf_read_stream(&lint->file, pdf_read_number(lint->page, "/Contents"), lint->pool,
                        CONTENT_MAX, &content, err) < 0 ||
        content_read(lint, content, &text, err) < 0)
        return -1;
    if (page->spoken.overflow || text.overflow || strcmp(text.data, page->spoken.data) != 0)
        return err_set(err, ERR_DOCUMENT, 0, "lint: the text drawn is not the text given");
    return 0;
}

int lint_document(struct pool *pool, struct bytes pdf, const struct page *page, size_t photo_size,
                  struct err *err)
{
    struct lint lint = {.pool = pool};

    if (pdf.size > LINT_OWN_BYTES + photo_size)
        return err_set(err, ERR_DOCUMENT, 0, "lint: %zu bytes, %zu of them the photo", pdf.size,
                       photo_size);
    if (pdf_read_open(pool, pdf, &lint.file, err) < 0 || acts(&lint, err) < 0 ||
        page_find(&lint, err) < 0 || forms_check(&lint, err) < 0 || fonts_read(&lint, err) < 0)
        return -1;
    return text_check(&lint, page, err);
}
