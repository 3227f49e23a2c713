/*
 * A strict reader of the PDF files this program writes, inside core/document: classic
 * cross-reference table, objects 1, 2, 3 … one behind the other without gaps, one dictionary
 * entry a line. Whatever else is in a file is an error: it would not be ours.
 */
#ifndef ECERT_CORE_DOCUMENT_PDF_READ_H
#define ECERT_CORE_DOCUMENT_PDF_READ_H

#include "base/text.h"

struct err;
struct pool;

struct pdf_read {
    struct bytes data;
    size_t count;        /* objects; the first is number 1 */
    const size_t *start; /* of object n behind "n 0 obj"; in the pool */
    struct bytes trailer;
};

/* 0/-1 (ERR_DOCUMENT). The data is borrowed. */
int pdf_read_open(struct pool *pool, struct bytes data, struct pdf_read *file, struct err *err);

/* The object without its stream. Empty for a number that is none. */
struct bytes pdf_read_object(const struct pdf_read *file, size_t number);
/* The stream of an object, inflated; at most `limit` bytes. 0/-1 (ERR_DOCUMENT). */
int pdf_read_stream(const struct pdf_read *file, size_t number, struct pool *pool, size_t limit,
                    struct bytes *stream, struct err *err);

/* True when the name "/Key" stands in the dictionary, at any depth. */
bool pdf_read_has(struct bytes dict, const char *name);
/* True when it has "/Key /Value". */
bool pdf_read_is(struct bytes dict, const char *name, const char *value);
/* The number behind "/Key", which may be that of a reference, also the first of an array; 0 when
 * there is none. */
size_t pdf_read_number(struct bytes dict, const char *name);

#endif
