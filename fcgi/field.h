/*
 * Fields by a route's table: from pairs and captures to typed values.
 */
#ifndef ECERT_FCGI_FIELD_H
#define ECERT_FCGI_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "fcgi/form.h"
#include "fcgi/route.h"

struct err;
struct pool;

/* The value of a field; what is set depends on its kind. */
struct field_value {
    int given;
    const char *text; /* as sent, trimmed; also of kinds that are no text, for the echo */
    uint64_t id;
    int64_t integer;
    struct date date;
    const uint64_t *ids;
    size_t count;
    const struct upload *upload;
};

/* What is wrong with a field, as a sentence in `text`. */
struct field_error {
    size_t field;
    const char *text;
};

/* Reads all fields of the table. `captures` feed those in the path. Returns the number of errors
 * (one a field at most) in `errors`, which has room for ROUTE_FIELDS; -1 with ERR_INPUT for a
 * request no browser sends from our pages (a single value twice), ERR_NOT_FOUND for a wrong value
 * in the path. `values` has room for ROUTE_FIELDS. */
int field_read(struct pool *pool, const struct field *fields, const struct form *form,
               const char *const *captures, struct field_value *values,
               struct field_error *errors, struct err *err);

/* Number of fields in a table; NULL: 0. */
size_t field_count(const struct field *fields);

#endif
