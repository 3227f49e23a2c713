/*
 * Reading a PDF of our own renderer, strictly, before it is signed.
 *
 * What is accepted: PDF 1.x, one revision, one classic cross-reference table without gaps, a
 * trailer with /Root, /Size and /ID, no encryption (ISO 32000-1, 7.5). Whatever else a PDF may
 * be is refused with ERR_DOCUMENT: a file we did not expect is a file we must not sign.
 */
#ifndef ECERT_CORE_SEAL_PDFREAD_H
#define ECERT_CORE_SEAL_PDFREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "core/seal/pdftoken.h"

struct err;

/* A file that was read; its bytes are borrowed. */
struct pdfread {
    struct bytes file;
    size_t xref;         /* where the cross-reference table stands */
    size_t entries;      /* where its first entry stands */
    uint32_t count;      /* objects, the free object 0 included */
    struct span trailer; /* between << and >> */
};

enum { PDFREAD_LIMIT = 16 * 1024 * 1024 }; /* bytes of a file */

/* Checks the frame: header, table, every object's head, trailer, end of file. 0/-1. */
int pdfread_open(struct bytes file, struct pdfread *pdf, struct err *err);

/* Stands behind "n 0 obj" of an object of the table; *offset is where that begins. 0/-1. */
int pdfread_object(const struct pdfread *pdf, uint32_t number, struct pdftoken *c, size_t *offset,
                   struct err *err);

/* The inside of object `number`, which must be a dictionary and no stream. 0/-1. */
int pdfread_dictionary(const struct pdfread *pdf, uint32_t number, struct span *inside,
                       struct err *err);

/* The value of `key` ("/Root") in the inside of a dictionary: 1 found, 0 not there, -1 where the
 * dictionary is malformed or has the key twice. */
int pdfread_find(const struct pdfread *pdf, struct span inside, const char *key,
                 struct span *value, struct err *err);

/* A value that must be there and must be a reference "n 0 R" to an object of the table. With
 * `wrapped` it stands alone in an array: "[ n 0 R ]". 0/-1. */
int pdfread_reference(const struct pdfread *pdf, struct span inside, const char *key, bool wrapped,
                      uint32_t *number, struct err *err);

/* The second string of the trailer's /ID (ISO 32000-1, 14.4), angle brackets included. Both must
 * be hexadecimal. 0/-1. */
int pdfread_second_id(const struct pdfread *pdf, struct span *second, struct err *err);

/* The value must be there and must read `expected`. 0/-1. */
int pdfread_expect(const struct pdfread *pdf, struct span inside, const char *key,
                   const char *expected, struct err *err);

#endif
