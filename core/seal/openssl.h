/*
 * The door to OpenSSL: its error queue, files, times and names, turned into ours.
 */
#ifndef ECERT_CORE_SEAL_OPENSSL_H
#define ECERT_CORE_SEAL_OPENSSL_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/x509.h>

#include "base/err.h"
#include "base/text.h"

struct pool;

/* The identity of a signer by SM2 where nobody agreed on another (GM/T 0009, 10). */
#define OPENSSL_SM2_ID "1234567812345678"

enum {
    OPENSSL_DER_LIMIT = 16 * 1024, /* bytes of a certificate */
    OPENSSL_RSA_LEAST_BITS = 2048,
    OPENSSL_NAME_SIZE = 4 * 64 + 1 /* a CN or O: 64 characters (RFC 5280, A.1), with NUL */
};

/* "context: reason", the reason being the first one in OpenSSL's queue, which is emptied. -1. */
#define openssl_err(err, kind, ...) openssl_err_at((err), (kind), __FILE__, __LINE__, __VA_ARGS__)

int openssl_err_at(struct err *err, enum err_kind kind, const char *file, int line,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Empties the queue: what bad input left in it is no error of ours. */
void openssl_forget(void);

/* All certificates (or revocation lists) of a PEM file, at least one and at most `limit`. Free
 * with sk_X509_pop_free (sk_X509_CRL_pop_free). 0/-1 (ERR_CONFIG; the file is left unread). */
int openssl_read_certificates(const char *path, int limit, STACK_OF(X509) **certificates,
                              struct err *err);
int openssl_read_crls(const char *path, int limit, STACK_OF(X509_CRL) **crls, struct err *err);

/* The certificate that the DER is, with nothing behind it, of at most OPENSSL_DER_LIMIT bytes, ready
 * for SM2: signatures by SM2 are verified under OPENSSL_SM2_ID. NULL for anything else. Free with
 * X509_free; the last few are kept, and whoever asks for the same bytes again gets the same object,
 * so nobody may change it. */
X509 *openssl_decode_certificate(struct bytes der);

/* Makes a certificate that came another way ready for SM2. */
void openssl_name_sm2(X509 *certificate);

/* Is the signature over what `value` encodes (a tbsCertificate and the like, of type `item`) by this
 * key? SM2 is verified under OPENSSL_SM2_ID. *digest, where it is not NULL, is the NID of the hash
 * that was signed; what is strong enough, the caller judges. */
bool openssl_signed_by(const ASN1_ITEM *item, const void *value, const X509_ALGOR *algorithm,
                       const ASN1_BIT_STRING *signature, EVP_PKEY *key, int *digest);
bool openssl_crl_signed_by(const X509_CRL *crl, EVP_PKEY *key, int *digest);

/* Is the hash of this NID one that an authority may sign answers and lists with: SHA-256 and its
 * greater sisters, SM3? */
bool openssl_is_strong(int digest);

/* For PEM: never asks at a terminal; what is encrypted can't be read. */
int openssl_no_password(char *buffer, int size, int writing, void *user);

/* The one PEM block (RFC 7468) that the text is: under one of the labels, which end with NULL,
 * without headers, and with nothing before or behind it. The DER lives in the pool. */
bool openssl_decode_pem(struct pool *pool, struct bytes text, const char *const labels[],
                        struct bytes *der);

/* Milliseconds since 1970 UTC. 0, or -1 where the time is malformed. */
int openssl_time_ms(const ASN1_TIME *time, int64_t *ms);

/* SHA-256 of the certificate's DER, as 64 hex digits and a NUL. 0/-1. */
int openssl_fingerprint(const X509 *certificate, char out[65], struct err *err);

/* The serial number in hex, upper-case. False, and "", where it does not fit. */
bool openssl_serial(const X509 *certificate, char *out, size_t size);

/* The first value of an attribute (NID_commonName …) of the subject, in UTF-8. False, and "", where
 * there is none, or it does not fit, or it has control characters. */
bool openssl_subject(const X509 *certificate, int nid, char *out, size_t size);

/* The NID of an EC or SM2 key's named curve; NID_undef for any other key. */
int openssl_curve(const EVP_PKEY *key);

/* What the value of an attribute, a SEQUENCE, holds; NULL where there is none, or it holds something
 * else. Free with the item's own function. */
void *openssl_unpack(const ASN1_TYPE *value, const ASN1_ITEM *item);

#endif
