/*
 * The issuer's round seal, inside core/document: a ring, a five-pointed star, the issuer's name
 * along the ring, and a line below. It is a picture; what makes it binding is the signature.
 */
#ifndef ECERT_CORE_DOCUMENT_STAMP_H
#define ECERT_CORE_DOCUMENT_STAMP_H

#include "core/document/page.h"

struct pdf;

/* Adds the texts, mute. The line below says so when it is a demonstration. 0/-1 (ERR_DOCUMENT). */
int stamp_text(struct page *page, const char *issuer_name, bool demo, struct err *err);
/* Draws ring and star. */
void stamp_draw(struct pdf *pdf);

#endif
