/*
 * Revocation lists that are asked again and again: OpenSSL verifies a list's signature each time, which
 * takes the longer the longer the list is. These remember by which key it was.
 */
#ifndef ECERT_CORE_SEAL_LISTS_H
#define ECERT_CORE_SEAL_LISTS_H

#include <openssl/x509.h>

struct err;

/* As openssl_read_crls. Of each list, X509_CRL_verify remembers the key that its signature was verified
 * by, as long as the list is there: the list never changes, and another key is verified by anew. Dates,
 * scope, and whether the key may sign lists, are no part of that. Signatures by SM2 are verified under
 * OPENSSL_SM2_ID. An entry in a list is one of the list's own issuer (RFC 5280, 5.3.3), whatever it says:
 * of indirect lists OpenSSL makes no use unless it is told to. */
int lists_read(const char *path, int limit, STACK_OF(X509_CRL) **lists, struct err *err);

#endif
