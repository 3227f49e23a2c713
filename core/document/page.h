/*
 * Text on a page, inside core/document: shaping into codes, breaking into lines, and the list of
 * runs that the PDF draws. Positions in points from the lower left corner.
 */
#ifndef ECERT_CORE_DOCUMENT_PAGE_H
#define ECERT_CORE_DOCUMENT_PAGE_H

#include "core/document/font.h"

/* A4. */
#define PAGE_WIDTH  595.276
#define PAGE_HEIGHT 841.89

enum ink {
    INK_TEXT,
    INK_LABEL,
    INK_FRAME,
    INK_GOLD,
    INK_SEAL,
    INK_PALE, /* of a watermark */
    INK_TINT, /* of a table's labels */
    INK_PHOTO,
    INK_COUNT
};

enum align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

/* How a text is drawn. Mute text is part of a picture (a seal, a watermark): seen, not read. */
struct look {
    enum font_style style;
    enum ink ink;
    bool bold;
    bool mute;
};

struct page_glyph {
    unsigned face, code, advance;
    uint32_t point;
};

/* One line of text on one baseline. */
struct page_run {
    struct look look;
    double x, y, size;
    double angle; /* counter-clockwise, in radians */
    const struct page_glyph *glyphs;
    size_t count;
};

struct page {
    const struct fonts *fonts;
    struct pool *pool;
    struct font_use uses[FONTS_MAX];
    struct page_run *runs;
    size_t count, room;
    struct text spoken; /* all text that is not mute, in the order it is drawn */
};

void page_init(struct page *page, const struct fonts *fonts, struct pool *pool);

/* A text made of glyphs. */
struct shaped {
    struct page_glyph *glyphs;
    size_t count;
    double width; /* in units of the size */
};

/* 0/-1 (ERR_DOCUMENT: names the field, and U+XXXX where no font has a character). */
int page_shape(struct page *page, const char *field, enum font_style style, const char *text,
               struct shaped *shaped, struct err *err);

/* Adds a run of `count` glyphs, first glyph's origin at x, y. */
void page_run(struct page *page, const struct look *look, const struct page_glyph *glyphs,
              size_t count, double x, double y, double size, double angle);

/* A place for a text. It is set as large as `size` allows, and smaller, in steps, until it fits
 * into `lines` lines of `width`; below `least` it is refused. Lines stand around `y`, the baseline
 * of a single one. */
struct page_box {
    double x, y; /* left end, centre or right end of the baseline, by `align` */
    double width;
    double size, least;
    unsigned lines;
    enum align align;
    struct look look;
};

enum { PAGE_LINES = 4 };

struct page_line {
    size_t from, to; /* glyphs */
    double width;    /* in units of the size */
};

/* A text set for its box. */
struct page_fit {
    struct shaped shaped;
    struct page_line lines[PAGE_LINES];
    unsigned count;
    double size;
    double height; /* of all lines, with their leading */
};

/* Where the box stands does not matter yet. 0/-1 (ERR_DOCUMENT). */
int page_fit(struct page *page, const char *field, const struct page_box *box, const char *text,
             struct page_fit *fit, struct err *err);
void page_put(struct page *page, const struct page_box *box, const struct page_fit *fit);
/* Both. 0/-1 (ERR_DOCUMENT). */
int page_print(struct page *page, const char *field, const struct page_box *box, const char *text,
               struct err *err);

#endif
