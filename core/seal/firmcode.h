/*
 * Where an authority puts the firm's code (统一社会信用代码) into a certificate.
 *
 * Authorities differ, so a table that the operator keeps says it by issuer, and the check digit
 * decides. Seen: extensions 1.2.156.10260.4.1.4 and 1.2.156.1.8888.148, organizationIdentifier.
 *
 * Whoever applies for a certificate may have a word in some of its fields. So nothing is chosen among
 * several codes: where the table finds two in a certificate, it has none that counts.
 */
#ifndef ECERT_CORE_SEAL_FIRMCODE_H
#define ECERT_CORE_SEAL_FIRMCODE_H

#include <openssl/x509.h>

#include "base/config.h"

struct err;
struct firmcode;
struct pool;

enum { FIRMCODE_SIZE = 19 };

enum firmcode_found {
    FIRMCODE_NONE,
    FIRMCODE_ONE,
    FIRMCODE_UNCLEAR /* two that differ; an extension twice (RFC 5280, 4.2); or one in an attribute that
                        shares its place in the subject with others (X.501, 9.3) */
};

/* Reads the table (trust.h says its form); rows keep their numbers' order. The pool must outlive
 * it. 0/-1 (ERR_CONFIG: no row, half a row, an unknown field, an issuer that is no part of a name, any
 * issuer for a field that applicants fill in). */
int firmcode_open(const struct config_entry *entries, struct pool *pool, struct firmcode **table,
                  struct err *err);

/* What the fields of all rows hold whose issuer fits; the code is "" unless it is FIRMCODE_ONE. In a
 * field a code is the end of a run of letters and digits, so that prefixes ("SF", "1@5009SF0") do no
 * harm. */
enum firmcode_found firmcode_find(const struct firmcode *table, const X509 *certificate,
                                  char code[FIRMCODE_SIZE]);

#endif
