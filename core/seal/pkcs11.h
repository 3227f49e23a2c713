/*
 * A private key that never leaves its token: found by a pkcs11: URI (RFC 7512).
 */
#ifndef ECERT_CORE_SEAL_PKCS11_H
#define ECERT_CORE_SEAL_PKCS11_H

#include <openssl/types.h>

struct err;
struct pkcs11;

/* Loads the module (path of a shared library), logs in and finds the key. The URI may hold token,
 * serial, object, id and type=private. The key is the caller's and must be freed before the token
 * is closed. 0/-1 (ERR_CONFIG). */
int pkcs11_open(const char *module, const char *pin, const char *uri, struct pkcs11 **token,
                EVP_PKEY **key, struct err *err);
void pkcs11_close(struct pkcs11 **token);

#endif
