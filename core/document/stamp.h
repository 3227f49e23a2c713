/*
 * The issuer's round seal, inside core/document: a ring, a five-pointed star, the issuer's name
 * along the ring, and a line below. It is a picture; what makes it binding is the signature.
 */
#ifndef ECERT_CORE_DOCUMENT_STAMP_H
#define ECERT_CORE_DOCUMENT_STAMP_H

#include "core/document/page.h"

#define STAMP_RADIUS 58.0

struct pdf;

/* Where it stands. */
struct stamp {
    double x, y; /* its centre */
};

/* Adds the texts, mute. The line below says so when it is a demonstration. 0/-1 (ERR_DOCUMENT). */
int stamp_text(struct page *page, const struct stamp *stamp, const char *issuer_name, bool demo,
               struct err *err);
/* Draws ring and star. */
void stamp_draw(struct pdf *pdf, const struct stamp *stamp);
/* The square around it. */
struct document_rect stamp_rect(const struct stamp *stamp);

#endif
