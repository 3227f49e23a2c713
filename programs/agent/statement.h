/*
 * What the agent signs: one of two statements, and no other bytes, whatever a page says.
 *
 * Both are rebuilt from what the agent itself knows and then compared byte by byte. So nothing that
 * a page sends is parsed, and a statement that holds anything more is refused.
 *
 * Login (three lines, each ended by \n):
 *
 *     ecert-login-1
 *     <SHA-256 of the origin that asks, 64 lower-case hex digits>
 *     <SHA-256 of the server's nonce, 64 lower-case hex digits>
 *
 * Form: the DER SET OF the signed attributes of a CMS (RFC 5652, 5.4) that are exactly
 * content-type id-data; message-digest over the document's ranges by the algorithm's hash;
 * signing-certificate-v2 (RFC 5035) with one certificate, the one that was chosen, by SHA-256, 384
 * or 512, with its issuer and serial number or without.
 */
#ifndef ECERT_PROGRAMS_AGENT_STATEMENT_H
#define ECERT_PROGRAMS_AGENT_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct algorithm;
struct pool;
struct trouble;

/* A PDF with a signature field that waits for its /Contents. The range is /ByteRange: offset and
 * size before the hole, offset and size behind it. */
struct statement_document {
    struct bytes pdf;
    size_t range[4];
};

/* 0/-1: it is a login's statement for this origin. */
int statement_check_login(struct bytes statement, const char *origin, struct trouble *trouble);

/* 0/-1: it covers this document whole, but for the value of /Contents, which is all zeros.
 * `certificate` is DER. */
int statement_check_form(struct pool *pool, struct bytes statement,
                         const struct statement_document *document,
                         const struct algorithm *algorithm, struct bytes certificate,
                         struct trouble *trouble);

#endif
