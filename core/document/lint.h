/*
 * The last look at a document before it goes to the seal, inside core/document: the finished
 * bytes are read back, by a reader of their own, and must say what was to be printed.
 */
#ifndef ECERT_CORE_DOCUMENT_LINT_H
#define ECERT_CORE_DOCUMENT_LINT_H

#include "core/document/page.h"

/* What a document may weigh beyond its photo: three times the usual, for names and reasons of many
 * different characters; a face that was embedded whole is far above. */
enum { LINT_OWN_BYTES = 192 * 1024 };

/* 0/-1 (ERR_DOCUMENT). Holds: a classic cross-reference table without gaps; one page; nothing
 * that acts; every font embedded, with ToUnicode; every code drawn leads to a glyph; the text that
 * is drawn and not mute is `page->spoken`; the size. */
int lint_document(struct pool *pool, struct bytes pdf, const struct page *page, size_t photo_size,
                  struct err *err);

#endif
