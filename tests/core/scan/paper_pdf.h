/*
 * PDF files made on the spot, for tests of what is taken of one.
 */
#ifndef ECERT_TESTS_CORE_SCAN_PAPER_PDF_H
#define ECERT_TESTS_CORE_SCAN_PAPER_PDF_H

#include "base/text.h"

struct pool;

/* A file of these objects, numbered from 1 (texts between "n 0 obj" and "endobj"; NULL ends), with a
 * right cross-reference table; `trailer` is the inside of its dictionary, without /Size. */
struct bytes paper_pdf(struct pool *pool, const char *const *objects, const char *trailer);

/* A page with a line of text; `catalog` and `page` are more entries of theirs ("" for none), `more`
 * further objects from number 5 on (NULL ends; NULL: none). */
struct bytes paper_page(struct pool *pool, const char *catalog, const char *page,
                        const char *const *more);

#endif
