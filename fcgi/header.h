/*
 * The value of a header field with parameters (RFC 9110, 5.6.6): `form-data; name="a"`.
 *
 * A quoted value ends at the first quotation mark: browsers send a quotation mark as %22 and leave
 * a backslash as it is (WHATWG HTML, multipart/form-data), so there is no escaping inside it.
 */
#ifndef ECERT_FCGI_HEADER_H
#define ECERT_FCGI_HEADER_H

#include <stdbool.h>
#include <stddef.h>

enum { HEADER_PARAMETERS = 8 };

struct header {
    const char *value; /* lower case */
    size_t count;
    struct {
        const char *name; /* lower case */
        const char *value;
    } parameters[HEADER_PARAMETERS];
};

/* Cuts up `text`, into which the result points. False: broken syntax, too many parameters, or one
 * of them twice. */
bool header_parse(char *text, struct header *header);

/* The value of a parameter, or NULL. */
const char *header_parameter(const struct header *header, const char *name);

/* True when there is no charset, or it is UTF-8 (or its part US-ASCII). */
bool header_charset_utf8(const struct header *header);

#endif
