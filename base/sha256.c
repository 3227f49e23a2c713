#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/err.h"

void sha256(const void *data, size_t size, uint8_t hash[32])
{
    static EVP_MD *digest;

    if (!digest)
        digest = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!digest || EVP_Digest(data, size, hash, NULL, digest, NULL) != 1)
        err_fatal("SHA-256 failed");
}
