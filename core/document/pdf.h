/*
 * The door to libharu, inside core/document: one page to draw on. Lengths in points, lower left
 * corner. The first error of the library is kept; what follows does nothing, and pdf_close
 * reports it.
 */
#ifndef ECERT_CORE_DOCUMENT_PDF_H
#define ECERT_CORE_DOCUMENT_PDF_H

#include "core/document/page.h"

struct pdf;

/* What the file says about itself. All in plain UTF-8. */
struct pdf_about {
    const char *title;
    const char *author;
    const char *identifier;
    int64_t made_ms;
    uint8_t id[16]; /* of the file, both halves */
};

/* An A4 page with the fonts that `page` uses. Free with pdf_close. 0/-1 (ERR_DOCUMENT). */
int pdf_open(const struct page *page, const struct pdf_about *about, struct pdf **pdf,
             struct err *err);
/* Yields the file, in the pool, unless there was an error, or `file` is NULL. 0/-1. */
int pdf_close(struct pdf **pdf, struct pool *pool, struct bytes *file, struct err *err);

void pdf_push(struct pdf *pdf);
void pdf_pop(struct pdf *pdf);
void pdf_matrix(struct pdf *pdf, double a, double b, double c, double d, double e, double f);
void pdf_ink(struct pdf *pdf, enum ink ink); /* for filling and for lines */
void pdf_pen(struct pdf *pdf, double width);

void pdf_move(struct pdf *pdf, double x, double y);
void pdf_line(struct pdf *pdf, double x, double y);
void pdf_curve(struct pdf *pdf, double x1, double y1, double x2, double y2, double x, double y);
void pdf_rect(struct pdf *pdf, double x, double y, double width, double height);
void pdf_circle(struct pdf *pdf, double x, double y, double radius);
void pdf_stroke(struct pdf *pdf);
void pdf_fill(struct pdf *pdf);

/* A drawing that is shown many times is written once (a form, ISO 32000-1, 8.10): what was drawn
 * since pdf_mark leaves the page and gets a name, which lives as long as the document. Without text.
 * Nothing of it is seen outside the box (left, bottom, right, top). NULL after an error. */
size_t pdf_mark(const struct pdf *pdf);
const char *pdf_form(struct pdf *pdf, size_t mark, const double box[4]);
void pdf_show(struct pdf *pdf, const char *form);

/* A checked JPEG, as large as the box allows, in its middle. */
void pdf_photo(struct pdf *pdf, struct bytes jpeg, double x, double y, double width, double height);
/* All runs of the page, in their order. */
void pdf_texts(struct pdf *pdf, const struct page *page);

#endif
