/*
 * One e-mail as it travels (RFC 5322, MIME): plain text in UTF-8.
 *
 * Subject and sender's name are encoded words (RFC 2047) where they are not plain ASCII, the text is
 * base64 (RFC 2045, 6.8), so that no line is long and no relay has to change a byte. What could end a
 * header field, or begin one, is refused.
 */
#ifndef ECERT_BASE_MAIL_H
#define ECERT_BASE_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct err;
struct pool;

enum { MAIL_ADDRESS_MAX = 254, MAIL_SUBJECT_MAX = 900 /* bytes */ };

struct mail {
    const char *from, *from_name; /* an address; its name, or "" */
    const char *to;
    const char *subject;
    const char *text;   /* lines end in '\n' */
    const char *id;     /* of the Message-ID, in front of '@' and the sender's domain: letters and digits */
    int64_t written_ms; /* its Date, in the time of Shanghai */
};

/* A mailbox as RFC 5321, 4.1.2 has it, without what only confuses: ASCII, a dot-atom (at most 64
 * bytes), '@', a domain of two labels or more. */
bool mail_address_valid(const char *address);

/* The message, with CR LF, in the pool; the same mail gives the same bytes. 0/-1 (ERR_INPUT: an
 * address, a name, a subject or an id that can't be one). */
int mail_make(struct pool *pool, const struct mail *mail, struct bytes *message, struct err *err);

#endif
