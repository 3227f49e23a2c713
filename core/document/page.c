#include "core/document/page.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"

#define SIZE_STEP 0.5
#define LEADING   1.25 /* of the size */

enum { TEXT_MAX = 1024, SPOKEN_MAX = 16 * 1024, MIDDLE_DOT = 0xb7 };

void page_init(struct page *page, const struct fonts *fonts, struct pool *pool)
{
    *page = (struct page){.fonts = fonts, .pool = pool};
    text_init(&page->spoken, pool, SPOKEN_MAX);
}

static void *grown(struct pool *pool, void *items, size_t count, size_t *room, size_t size)
{
    void *more;

    if (count < *room)
        return items;
    *room = *room == 0 ? 64 : *room * 2;
    more = pool_array(pool, *room, size);
    if (count > 0)
        memcpy(more, items, count * size);
    return more;
}

/* The code of a character that was used before in this face; 0 when it was not. */
static unsigned code_known(const struct font_use *use, uint32_t point)
{
    for (size_t i = 0; i < use->count; i++)
        if (use->codes[i].point == point)
            return (unsigned)i + 1;
    return 0;
}

/* The next code of its face; 0 when there are too many. */
static unsigned code_new(struct page *page, const struct font_glyph *glyph)
{
    struct font_use *use = &page->uses[glyph->face];

    if (use->count == FONT_CODES_MAX)
        return 0;
    use->codes = grown(page->pool, use->codes, use->count, &use->room, sizeof *use->codes);
    use->codes[use->count++] = *glyph;
    return (unsigned)use->count;
}

/* Asks the fonts only for what the style's own face has not printed yet. */
static int shape_one(struct page *page, const char *field, enum font_style style, uint32_t point,
                     struct page_glyph *out, struct err *err)
{
    const struct font_use *own = &page->uses[style < page->fonts->count ? style : 0];
    struct font_glyph glyph;
    unsigned code = code_known(own, point);

    if (code > 0) {
        glyph = own->codes[code - 1];
    } else if (!font_find(page->fonts, style, point, &glyph)) {
        return err_set(err, ERR_DOCUMENT, (int)point, "%s: no font has U+%04X", field, point);
    } else {
        code = code_known(&page->uses[glyph.face], point);
        if (code == 0)
            code = code_new(page, &glyph);
        if (code == 0)
            return err_set(err, ERR_DOCUMENT, 0, "%s: too many different characters", field);
    }
    *out = (struct page_glyph){glyph.face, code, glyph.advance, point};
    return 0;
}

int page_shape(struct page *page, const char *field, enum font_style style, const char *text,
               struct shaped *shaped, struct err *err)
{
    size_t length = text != NULL ? strlen(text) : 0;
    uint32_t point;

    if (length == 0)
        return err_set(err, ERR_DOCUMENT, 0, "%s: is empty", field);
    if (length > TEXT_MAX)
        return err_set(err, ERR_DOCUMENT, 0, "%s: longer than %d bytes", field, TEXT_MAX);
    if (!utf8_valid(text, length) || utf8_has_control(text))
        return err_set(err, ERR_DOCUMENT, 0, "%s: not plain UTF-8 text", field);
    *shaped = (struct shaped){.glyphs = pool_array(page->pool, length, sizeof *shaped->glyphs)};
    while ((point = utf8_next(&text)) != 0) {
        struct page_glyph *glyph = &shaped->glyphs[shaped->count];

        if (shape_one(page, field, style, point, glyph, err) < 0)
            return -1;
        shaped->width += glyph->advance / 1000.0;
        shaped->count++;
    }
    return 0;
}

void page_run(struct page *page, const struct look *look, const struct page_glyph *glyphs,
              size_t count, double x, double y, double size, double angle)
{
    page->runs = grown(page->pool, page->runs, page->count, &page->room, sizeof *page->runs);
    page->runs[page->count++] = (struct page_run){*look, x, y, size, angle, glyphs, count};
    for (size_t i = 0; !look->mute && i < count; i++)
        utf8_add(&page->spoken, glyphs[i].point);
}

static bool ascii_word(uint32_t point)
{
    return point < 0x80 && point != ' ' && point != '-' && point != '/';
}

static bool among(uint32_t point, const char *set)
{
    uint32_t member;

    while ((member = utf8_next(&set)) != 0)
        if (member == point)
            return true;
    return false;
}

/* A line neither begins with a closing mark, nor ends with an opening one, nor cuts a word. */
static bool may_break(uint32_t before, uint32_t after)
{
    return !among(after, "）】》」』”’、，。；：！？·•…—)],.;:!?%") &&
           !among(before, "（【《「『“‘([") && !(ascii_word(before) && ascii_word(after));
}

/* The longest line that begins at `from`; at least one glyph. By parts, a name of several
 * (买买提·艾力) is broken behind one of them, where that leaves no line half empty. */
static struct page_line take_line(const struct shaped *shaped, size_t from, double width,
                                  bool parts)
{
    struct page_line best = {from, from, 0}, part = best;
    double sum = 0;
    size_t i;

    for (i = from; i < shaped->count; i++) {
        double next = sum + shaped->glyphs[i].advance / 1000.0;

        if (next > width + 1e-6 && i > from)
            break;
        sum = next;
        if (i + 1 == shaped->count ||
            may_break(shaped->glyphs[i].point, shaped->glyphs[i + 1].point))
            best = (struct page_line){from, i + 1, sum};
        if (shaped->glyphs[i].point == MIDDLE_DOT)
            part = best;
    }
    if (parts && best.to < shaped->count && part.width > width / 2)
        return part;
    return best.to > from ? best : (struct page_line){from, i, sum};
}

/* Lines of at most `width`; 0 when `most` are not enough. */
static unsigned lines_of(const struct shaped *shaped, double width, struct page_line *lines,
                         unsigned most, bool parts)
{
    unsigned count = 0;
    size_t from = 0;

    /* Most texts fit: they need no search for places to break at. */
    if (shaped->width <= width + 1e-6) {
        lines[0] = (struct page_line){0, shaped->count, shaped->width};
        return 1;
    }
    while (from < shaped->count) {
        if (count == most)
            return 0;
        lines[count] = take_line(shaped, from, width, parts);
        if (lines[count].width > width + 1e-6)
            return 0;
        from = lines[count++].to;
    }
    return count;
}

/* A text that needs more lines by parts than there are is broken anywhere. */
static unsigned break_lines(const struct shaped *shaped, double width, struct page_line *lines,
                            unsigned most)
{
    unsigned count = lines_of(shaped, width, lines, most, true);

    return count > 0 ? count : lines_of(shaped, width, lines, most, false);
}

static double line_start(const struct page_box *box, double width)
{
    switch (box->align) {
    case ALIGN_CENTRE:
        return box->x - width / 2;
    case ALIGN_RIGHT:
        return box->x - width;
    default:
        return box->x;
    }
}

/* One line is worth a fifth of the size; more lines are worth less than that. */
static bool fit_lines(const struct page_box *box, struct page_fit *fit)
{
    const struct {
        unsigned lines;
        double least;
    } ways[] = {
        {1, fmax(box->size * 0.8, box->least)},
        {box->lines, box->least           }
    };

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        for (fit->size = box->size; fit->size >= ways[i].least; fit->size -= SIZE_STEP) {
            fit->count =
                break_lines(&fit->shaped, box->width / fit->size, fit->lines, ways[i].lines);
            if (fit->count > 0)
                return true;
        }
    return false;
}

int page_fit(struct page *page, const char *field, const struct page_box *box, const char *text,
             struct page_fit *fit, struct err *err)
{
    if (page_shape(page, field, box->look.style, text, &fit->shaped, err) < 0)
        return -1;
    if (!fit_lines(box, fit))
        return err_set(err, ERR_DOCUMENT, 0, "%s: does not fit its place", field);
    fit->height = fit->count * fit->size * LEADING;
    return 0;
}

void page_put(struct page *page, const struct page_box *box, const struct page_fit *fit)
{
    double y = box->y + (fit->count - 1) * fit->size * LEADING / 2;

    for (unsigned i = 0; i < fit->count; i++, y -= fit->size * LEADING) {
        const struct page_line *line = &fit->lines[i];

        page_run(page, &box->look, fit->shaped.glyphs + line->from, line->to - line->from,
                 line_start(box, line->width * fit->size), y, fit->size, 0);
    }
}

int page_print(struct page *page, const char *field, const struct page_box *box, const char *text,
               struct err *err)
{
    struct page_fit fit;

    if (page_fit(page, field, box, text, &fit, err) < 0)
        return -1;
    page_put(page, box, &fit);
    return 0;
}
