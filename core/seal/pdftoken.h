/*
 * The tokens of a PDF's objects (ISO 32000-1, 7.2 and 7.3), taken one behind the other.
 *
 * Everything is bounded: by the end of the cursor, and in depth. Comments are no part of our files:
 * nothing takes them.
 */
#ifndef ECERT_CORE_SEAL_PDFTOKEN_H
#define ECERT_CORE_SEAL_PDFTOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stretch of the file: offsets, the end exclusive. */
struct span {
    size_t start, end;
};

/* A place in the bytes, and where reading ends. Once something was not taken, it is lost. */
struct pdftoken {
    const uint8_t *data;
    size_t at, end;
};

enum { PDFTOKEN_NESTING = 16 }; /* dictionaries and arrays in each other */

/* Does the stretch read as the text? */
bool pdftoken_is(const uint8_t *data, struct span span, const char *text);

/* Passes blanks. */
void pdftoken_blank(struct pdftoken *c);
/* Does the text stand here? Takes nothing. */
bool pdftoken_at(const struct pdftoken *c, const char *text);
/* Takes the text just here. */
bool pdftoken_exact(struct pdftoken *c, const char *text);
/* Takes the text, after any blanks. */
bool pdftoken_take(struct pdftoken *c, const char *text);
/* Takes an unsigned number of at most ten digits, after any blanks. */
bool pdftoken_number(struct pdftoken *c, uint64_t *number);
/* Takes a string in angle brackets, after any blanks; they are part of *string. */
bool pdftoken_hex(struct pdftoken *c, struct span *string);
/* Takes a name or another word, after any blanks. */
bool pdftoken_word(struct pdftoken *c, struct span *word);
/* Takes one token, a container whole. A reference is three tokens. */
bool pdftoken_skip(struct pdftoken *c);
/* Takes a dictionary and tells where its inside is. */
bool pdftoken_dictionary(struct pdftoken *c, struct span *inside);
/* Takes one key of a dictionary's inside and its value: all tokens up to the next key. */
bool pdftoken_pair(struct pdftoken *c, struct span *key, struct span *value);

#endif
