/*
 * The inside of a seal key, shared by the files of this folder.
 */
#ifndef ECERT_CORE_SEAL_SEAL_KEY_H
#define ECERT_CORE_SEAL_SEAL_KEY_H

#include <stdint.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/seal/openssl.h"
#include "core/seal/pkcs11.h"
#include "core/seal/seal.h"

struct seal_key {
    EVP_PKEY *private_key;
    struct pkcs11 *token;        /* NULL for a PEM key */
    X509 *certificate;
    STACK_OF(X509) *chain;       /* without the signer's certificate and without a root */
    uint8_t *signing_certificate; /* DER of the attribute's value, by OpenSSL's allocator */
    int signing_certificate_size;
    size_t room;                  /* the most bytes of a signature: what /Contents is made for */
    char id[17];
    char name[OPENSSL_NAME_SIZE];
    int64_t starts_ms, expires_ms;
};

/* 0 while the certificate is in its dates, else -1 (ERR_CRYPTO). */
int seal_key_in_dates(const struct seal_key *key, struct err *err);

#endif
