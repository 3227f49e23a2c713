/*
 * Fonts, inside core/document: which face prints a character, and the subset of a face that one
 * document carries.
 *
 * A document names the characters of a face by codes 1, 2, 3 … in the order of their first use.
 * The code is what stands in the page's text (two bytes, Identity-H), CIDToGIDMap leads from it
 * to the glyph, ToUnicode to the code point. Every character goes this one way, so a character
 * beyond the BMP is nothing special.
 */
#ifndef ECERT_CORE_DOCUMENT_FONT_H
#define ECERT_CORE_DOCUMENT_FONT_H

#include <stdint.h>

#include <hb.h>

#include "core/document/document.h"

enum {
    FONTS_MAX = 8,         /* faces in a chain */
    FONT_CODES_MAX = 1024, /* different characters of one face in one document */
    FONT_NAME_SIZE = 64
};

struct font_kept;

struct font_face {
    hb_face_t *face;
    hb_font_t *font;        /* scaled to 1000 */
    struct font_kept *kept; /* subsets made before; owned, by font_subset.c */
    char name[FONT_NAME_SIZE - 8];
};

struct fonts {
    struct font_face faces[FONTS_MAX];
    size_t count;
};

/* Where the search begins: the first face of the chain, or the second. */
enum font_style { FONT_SONG, FONT_KAI };

/* One character of one face. */
struct font_glyph {
    uint32_t point;
    unsigned face;    /* in the chain */
    unsigned glyph;   /* in the whole face */
    unsigned advance; /* in 1/1000 of the size */
};

/* The face that prints `point`: the style's own, else the first of the chain. A glyph without
 * an outline counts only for a blank. False: none does. */
bool font_find(const struct fonts *fonts, enum font_style style, uint32_t point,
               struct font_glyph *glyph);

/* What a document uses of one face; codes[i] has code i + 1. */
struct font_use {
    struct font_glyph *codes;
    size_t count;
    size_t room;
};

/* A face cut down to what a document uses. Sizes in 1/1000 of the size. */
struct font_subset {
    char name[FONT_NAME_SIZE]; /* ABCDEF+Name: a tag made of the characters, PostScript name */
    struct bytes deflated;     /* TrueType file (RFC 1950); lives in the pool */
    size_t size;               /* of the file, inflated */
    uint16_t *glyphs;          /* of code i + 1 */
    int ascent, descent;
    int box[4]; /* left, bottom, right, top */
};

/* The last few subsets of the form's face are kept with the fonts: what is printed on every
 * certificate is cut and deflated once. 0/-1 (ERR_DOCUMENT). */
int font_subset_make(const struct fonts *fonts, unsigned face, const struct font_use *use,
                     struct pool *pool, struct font_subset *subset, struct err *err);
/* A place for subsets to be kept in; and its end. */
struct font_kept *font_kept_new(void);
void font_kept_free(struct font_kept **kept);

#endif
