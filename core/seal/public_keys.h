/*
 * Where the public keys of certificates are decoded: a library context of OpenSSL's that knows of
 * nothing else.
 *
 * For each key that it meets in a certificate, OpenSSL 3.0 looks through every decoder and every kind
 * of key of a context, which takes several times as long as to decode it. Here it looks through the few
 * that can be meant. They are those of the default provider, and so are all algorithms that use a key.
 */
#ifndef ECERT_CORE_SEAL_PUBLIC_KEYS_H
#define ECERT_CORE_SEAL_PUBLIC_KEYS_H

#include <openssl/types.h>

/* The same at each call, for as long as the process lives. A key from there is used fastest there; OpenSSL
 * exports it where it is used in another context. NULL, which is OpenSSL's own context, where the default
 * provider can't be had: it does the same, and slower. */
OSSL_LIB_CTX *public_keys_context(void);

#endif
