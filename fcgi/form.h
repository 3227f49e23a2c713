/*
 * Where a request's raw parts become names and values: target, query, body, cookies.
 *
 * Everything here runs in linear time, allocates from the request's pool, and treats what breaks
 * a rule as the whole request's mistake: ERR_INPUT (400), or ERR_LIMIT (413) for what is too much.
 * Names and values are valid UTF-8 without NUL, whatever their encoding was.
 */
#ifndef ECERT_FCGI_FORM_H
#define ECERT_FCGI_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct pool;
struct upload;

enum {
    FORM_PAIRS = 200,        /* most pairs of a form */
    FORM_TARGET = 4096,      /* longest path and query, in bytes */
    FORM_PART_HEADER = 4096, /* longest header of a part, in bytes */
    FORM_PART_LINES = 8      /* most lines in it */
};

struct pair {
    const char *name;
    const char *value;           /* NUL-terminated; of an upload: "" */
    size_t size;                 /* of the value */
    const struct upload *upload; /* a part that came as a file, or NULL */
};

struct form {
    struct pool *pool;
    size_t count;
    size_t room;
    struct pair *pairs;
};

void form_init(struct form *form, struct pool *pool);

/* Splits and decodes a request target: the path in the pool, percent-decoded; the query as it
 * came ("" without one). Refused: anything but an absolute path, "%2F", "%00", "." and ".."
 * segments, empty segments but the last, control characters, backslashes, broken UTF-8. 0/-1. */
int form_target(struct pool *pool, const char *target, char **path, char **query, struct err *err);

/* Adds the pairs of a query or an urlencoded body. `text` is decoded in place and must have room
 * for a NUL at text[size]. 0/-1. */
int form_urlencoded(struct form *form, char *text, size_t size, struct err *err);

/* Adds the parts of a multipart/form-data body (RFC 7578), in place, under the same condition. A
 * file field that was left empty adds nothing. 0/-1. */
int form_multipart(struct form *form, const char *boundary, char *body, size_t size,
                   struct err *err);

/* Adds the pairs of a body by its Content-Type (NULL or "" with an empty body only). 0/-1. */
int form_body(struct form *form, const char *content_type, char *body, size_t size,
              struct err *err);

/*
 * A multipart body whose last part is a file too large for memory: what stands before it are pairs
 * as ever, and the file is read piece by piece.
 */
struct form_stream {
    /* As of struct exchange. */
    long (*read)(void *context, void *to, size_t size);
    void *context;
    uint64_t left; /* bytes of the body that were not read yet */
    /* For multipart.c alone. */
    char *buffer, *at, *end;
    char delimiter[80];
    size_t length; /* of the delimiter */
    bool open;     /* there is a file, and not all of it was read */
};
enum { FORM_STREAM = 64 * 1024 }; /* held of it at a time */

/* Adds the pairs up to the file, and one for the file, whose upload has a name and a type and no
 * bytes (a field that was left empty adds nothing); what stands before it must fit into FORM_STREAM.
 * `read`, `context` and `left` are set by the caller. 0/-1. */
int form_stream_open(struct form *form, const char *content_type, struct form_stream *stream,
                     struct err *err);
/* The next bytes of the file: how many, 0 at its end (then the body has ended well), -1. */
long form_stream_read(struct form_stream *stream, void *to, size_t size, struct err *err);

/* Adds one pair. 0/-1 (ERR_LIMIT: more than FORM_PAIRS). */
int form_add(struct form *form, const struct pair *pair, struct err *err);

/* A cookie's value from the Cookie header (RFC 6265, 5.4), in the pool. A name that is there twice
 * counts as absent: which of the two is meant can't be known. NULL: absent. */
const char *cookie_find(struct pool *pool, const char *header, const char *name);

#endif
