/*
 * The door to OpenSSL: its error queue and its times, turned into ours.
 */
#ifndef ECERT_CORE_SEAL_OPENSSL_H
#define ECERT_CORE_SEAL_OPENSSL_H

#include <stdint.h>
#include <openssl/x509.h>

#include "base/err.h"

/* "context: reason", the reason being the first one in OpenSSL's queue, which is emptied. -1. */
#define openssl_err(err, kind, ...) openssl_err_at((err), (kind), __FILE__, __LINE__, __VA_ARGS__)

int openssl_err_at(struct err *err, enum err_kind kind, const char *file, int line,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* All certificates (or revocation lists) of a PEM file, at least one and at most `limit`. Free
 * with sk_X509_pop_free (sk_X509_CRL_pop_free). 0/-1 (ERR_CONFIG; the file is left unread). */
int openssl_read_certificates(const char *path, int limit, STACK_OF(X509) **certificates,
                              struct err *err);
int openssl_read_crls(const char *path, int limit, STACK_OF(X509_CRL) **crls, struct err *err);

/* For PEM: never asks at a terminal; what is encrypted can't be read. */
int openssl_no_password(char *buffer, int size, int writing, void *user);

/* Milliseconds since 1970 UTC. 0, or -1 where the time is malformed. */
int openssl_time_ms(const ASN1_TIME *time, int64_t *ms);

/* SHA-256 of the certificate's DER, as 64 hex digits and a NUL. 0/-1. */
int openssl_fingerprint(const X509 *certificate, char out[65], struct err *err);

#endif
