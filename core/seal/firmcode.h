/*
 * Where an authority puts the firm's code (统一社会信用代码) into a certificate.
 *
 * Authorities differ, so a table that the operator keeps says it by issuer, and the check digit
 * decides. Seen: extensions 1.2.156.10260.4.1.4 and 1.2.156.1.8888.148, organizationIdentifier.
 */
#ifndef ECERT_CORE_SEAL_FIRMCODE_H
#define ECERT_CORE_SEAL_FIRMCODE_H

#include <stdbool.h>
#include <openssl/x509.h>

#include "base/config.h"

struct err;
struct firmcode;
struct pool;

enum { FIRMCODE_SIZE = 19 };

/* Reads the table (trust.h says its form); rows keep their numbers' order. The pool must outlive
 * it. 0/-1 (ERR_CONFIG: no row, half a row, an unknown field). */
int firmcode_open(const struct config_entry *entries, struct pool *pool, struct firmcode **table,
                  struct err *err);

/* The code by the first row whose issuer fits and whose field holds one. In a field a code is
 * the end of a run of letters and digits, so that prefixes ("SF", "1@5009SF0") do no harm. */
bool firmcode_find(const struct firmcode *table, const X509 *certificate,
                   char code[FIRMCODE_SIZE]);

#endif
