/*
 * The incremental update that gives a PDF its signature field (ISO 32000-1, 7.5.6 and 12.8).
 *
 * Added are a signature, a widget with a transparent, empty appearance on the only page, and an
 * appearance; written anew are the Catalog (/AcroForm, /Perms /DocMDP) and the page (/Annots).
 * Nothing else of the file is touched. /Contents is left as zeros.
 */
#ifndef ECERT_CORE_SEAL_PDFUPDATE_H
#define ECERT_CORE_SEAL_PDFUPDATE_H

#include "base/text.h"

struct err;
struct pool;
struct seal_prepared;
struct seal_request;

/* Fills pdf, hole and hole_size of *prepared, with room for `digits` hex digits; the same input
 * yields the same bytes. 0/-1 (ERR_DOCUMENT: the file is not as our renderer makes it, or is
 * signed already; ERR_INPUT: the request is malformed; ERR_LIMIT). */
int pdfupdate_append(struct pool *pool, struct bytes pdf, const struct seal_request *request,
                     size_t digits, struct seal_prepared *prepared, struct err *err);

#endif
