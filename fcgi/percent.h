/*
 * Percent-encoding (RFC 3986, 2.1; application/x-www-form-urlencoded of the WHATWG URL standard).
 */
#ifndef ECERT_FCGI_PERCENT_H
#define ECERT_FCGI_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

struct text;

/* Decodes in place; `plus` makes '+' a blank, as in forms. Returns the new length, or -1 for a '%'
 * without two hex digits behind it. Writes no NUL. */
long percent_decode(char *text, size_t length, bool plus);

/* Appends `string`, with everything but unreserved characters (RFC 3986, 2.3) encoded. */
void percent_encode(struct text *to, const char *string);
/* The same for a whole URL: what may stand in one, '%' included, is left as it is. */
void percent_encode_url(struct text *to, const char *url);

#endif
