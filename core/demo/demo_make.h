/*
 * Fictional people and numbers, from an index: shared by demo.c and demo_bulk.c.
 */
#ifndef ECERT_CORE_DEMO_DEMO_MAKE_H
#define ECERT_CORE_DEMO_DEMO_MAKE_H

#include <stdint.h>

#include "base/date.h"
#include "base/text.h"
#include "core/register/identifier.h"

struct pool;

enum { DEMO_PHOTOS = 24, DEMO_NAME_SIZE = 100 };

/* A well-mixed number of `n`, the same always. */
uint64_t demo_mix(uint64_t n);

struct demo_person {
    const char *id_type;
    char id_no[DOCUMENT_NO_SIZE];
    char name[DEMO_NAME_SIZE];
    int sex;
    struct date birth;
};
/* Person number n, with a resident identity card; all numbers differ for n below 10^8. */
void demo_person(uint64_t n, struct demo_person *person);
/* The same person with another kind of document, or a name that is hard to print; `which` from 0. */
void demo_person_foreign(uint64_t n, unsigned which, struct demo_person *person);
void demo_person_rare(uint64_t n, unsigned which, struct demo_person *person);

/* Firm number n: its code, with a right check digit. */
void demo_uscc(uint64_t n, char uscc[USCC_SIZE]);

/* The dates of a certificate that ends on `until`, after `terms` terms of three years. */
struct demo_dates {
    struct date first_issued, valid_from, valid_until;
};
struct demo_dates demo_dates(struct date until, int terms);

/* A class and a post that fit, spread as in life: one A, three B, six C of ten. */
const char *demo_class(uint64_t n, const char **post);

/* A drawn portrait, JPEG of 295×413 pixels; `which` below DEMO_PHOTOS. */
struct bytes demo_photo(struct pool *pool, unsigned which);

#endif
