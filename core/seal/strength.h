/*
 * How strong a signature must be that we take from others: SHA-256, SHA-384 or SHA-512 (RFC 5754)
 * with RSA of at least 2048 bits, as PKCS #1 v1.5 or PSS (RFC 4056), or with ECDSA on P-256 or P-384.
 */
#ifndef ECERT_CORE_SEAL_STRENGTH_H
#define ECERT_CORE_SEAL_STRENGTH_H

#include <stdbool.h>
#include <openssl/cms.h>
#include <openssl/x509.h>

/* The signer's algorithms, under the key of this certificate, are among those. */
bool strength_suffices(CMS_SignerInfo *signer, const X509 *certificate);

#endif
