/*
 * What is printed: the certificate's face as a PDF 1.7 file of one A4 page, by libharu.
 *
 * Facts come in as plain text, already decided and formatted for nobody but this page; nothing
 * is looked up here. Fonts are opened once per process and mapped; each document gets subsets
 * made by HarfBuzz. Every character must have a glyph in the chain of fonts, or the document is
 * refused with ERR_DOCUMENT and a text that names the code point (U+XXXX) and the field, never
 * the person. The result is deterministic: the same facts give the same bytes (file ID, dates
 * and metadata come from the facts), so that a document can be made again after a crash.
 */
#ifndef ECERT_CORE_DOCUMENT_DOCUMENT_H
#define ECERT_CORE_DOCUMENT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/date.h"
#include "base/text.h"
#include "core/document/jpeg.h"

struct err;
struct pool;
struct fonts;

/* One place where a font stands: a TrueType file (glyf outlines) and the face's index in it. */
struct font_place {
    const char *path;
    unsigned index;
};

/* Opens and maps a chain of 1 to 8 fonts; the first that has a glyph prints the character. The
 * form itself is set in the first, a certificate's facts begin at the second. Fails when a file is
 * missing or has no TrueType outlines. Free with fonts_free. 0/-1 (ERR_CONFIG). */
int fonts_open(const struct font_place *places, size_t count, struct fonts **fonts,
               struct err *err);
void fonts_free(struct fonts **fonts);
/* True when every character of the UTF-8 text can be printed; else *missing is the first that
 * can't, UINT32_MAX where the text is broken. */
bool fonts_cover(const struct fonts *fonts, const char *text, uint32_t *missing);

/* The facts on a certificate (domain 7). Strings are UTF-8 and borrowed. */
struct face {
    const char *class_code;      /* "A" "B" "C1" "C2" "C3": the class line is chosen from it */
    const char *number;          /* 沪建安C3（2026）0000001 */
    const char *identifier;      /* 电子证照标识 */
    const char *holder_name;
    const char *sex;             /* 男, 女 */
    struct date birth;
    const char *enterprise_name;
    const char *post;            /* 职务, in words */
    struct date first_issued;
    struct date valid_from;
    struct date valid_until;
    const char *issuer_name;     /* 发证机关, also around the seal */
    struct date issued_on;
    struct bytes photo;          /* JPEG, checked by photo_check */
    const char *verify_url;      /* ASCII; goes into the QR code */
    int64_t made_ms;             /* CreationDate, and part of the file ID */
    bool demo;                   /* says on its face that it comes from demonstration keys */
};

/* Where the issuer's seal lies on the page, in points from the lower left corner: the visible
 * signature field is laid over it. */
struct document_rect {
    double left, bottom, right, top;
};

/* Renders, reads back and lints. The PDF lives in the pool: classic cross-reference table, no
 * gaps, the catalog is object 1. 0/-1 (ERR_DOCUMENT). *seal is filled when it is not NULL. */
int document_certificate(const struct fonts *fonts, struct pool *pool, const struct face *face,
                         struct bytes *pdf, struct document_rect *seal, struct err *err);

/*
 * Photos. A photo is a JPEG (Baseline or progressive, grey or YCbCr; no CMYK) of at most
 * PHOTO_BYTES and PHOTO_SIDE pixels a side, at least 60×80. photo_check decodes it whole
 * (libjpeg-turbo; warnings count as damage) and writes it again without metadata, scaled down to
 * what print needs, so what is kept is never what was sent; *size is that of the result. ERR_INPUT
 * (ERR_LIMIT where it is too large) with an English cause: "truncated", "not a JPEG (PNG)" …
 */
enum { PHOTO_BYTES = 50 * 1024, PHOTO_SIDE = 2000 };
struct photo_size {
    unsigned width, height;
};
int photo_check(struct pool *pool, struct bytes in, struct bytes *out, struct photo_size *size,
                struct err *err);
/* The second half of it, for pictures of other bounds: scaled down to what print needs, and into
 * PHOTO_BYTES. 0/-1 as of jpeg_rewrite. */
int photo_shrink(struct pool *pool, struct bytes in, const struct jpeg_wish *wish,
                 struct bytes *out, struct jpeg_size *size, struct err *err);

#endif
