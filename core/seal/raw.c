#include "core/seal/raw.h"

#include <string.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/err.h"
#include "core/seal/openssl.h"
#include "core/seal/public_keys.h"

static const struct algorithm {
    const char *name;
    const char *digest;
    int padding; /* of RSA; 0 for signatures on a curve */
    int curve;   /* NID_undef for RSA */
} algorithms[] = {
    {"RS256",  "SHA256", RSA_PKCS1_PADDING,     NID_undef            },
    {"RS384",  "SHA384", RSA_PKCS1_PADDING,     NID_undef            },
    {"RS512",  "SHA512", RSA_PKCS1_PADDING,     NID_undef            },
    {"PS256",  "SHA256", RSA_PKCS1_PSS_PADDING, NID_undef            },
    {"PS384",  "SHA384", RSA_PKCS1_PSS_PADDING, NID_undef            },
    {"PS512",  "SHA512", RSA_PKCS1_PSS_PADDING, NID_undef            },
    {"ES256",  "SHA256", 0,                     NID_X9_62_prime256v1 },
    {"ES384",  "SHA384", 0,                     NID_secp384r1        },
    {"SM2SM3", "SM3",    0,                     NID_sm2              },
};

static const char *const verdict_names[] = {
    [RAW_OK] = "ok",     [RAW_ALGORITHM] = "algorithm", [RAW_CERTIFICATE] = "certificate",
    [RAW_KEY] = "key",   [RAW_WEAK] = "weak",           [RAW_MALFORMED] = "malformed",
    [RAW_FORGED] = "forged",
};

const char *raw_verdict_name(enum raw_verdict verdict)
{
    if ((size_t)verdict >= sizeof(verdict_names) / sizeof(*verdict_names))
        return "unknown";
    return verdict_names[verdict];
}

static const struct algorithm *algorithm_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof(algorithms) / sizeof(*algorithms); i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

/* A key that may only be used with PSS (RFC 4055, 1.2) is none for PKCS #1 v1.5. */
static bool key_fits(const struct algorithm *algorithm, const EVP_PKEY *key)
{
    int type = EVP_PKEY_get_base_id(key);

    if (algorithm->padding == 0)
        return openssl_curve(key) == algorithm->curve;
    return type == EVP_PKEY_RSA ||
           (type == EVP_PKEY_RSA_PSS && algorithm->padding == RSA_PKCS1_PSS_PADDING);
}

/* Two positive numbers, in the one encoding that DER has for them. */
static bool is_pair(struct bytes value)
{
    const unsigned char *end = value.data;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &end, (long)value.size);
    unsigned char *again = NULL;
    const BIGNUM *r, *s;
    bool sound = false;
    int size;

    if (pair) {
        ECDSA_SIG_get0(pair, &r, &s);
        size = i2d_ECDSA_SIG(pair, &again);
        sound = size > 0 && (size_t)size == value.size && memcmp(again, value.data, value.size) == 0 &&
                !BN_is_negative(r) && !BN_is_zero(r) && !BN_is_negative(s) && !BN_is_zero(s);
    }
    OPENSSL_free(again);
    ECDSA_SIG_free(pair);
    return sound;
}

/* RSA's value is as long as its modulus (RFC 8017, 8.1.2 and 8.2.2). */
static bool value_fits(const struct algorithm *algorithm, const EVP_PKEY *key, struct bytes value)
{
    if (value.size == 0 || value.size > RAW_SIGNATURE_LIMIT)
        return false;
    return algorithm->padding ? value.size == (size_t)EVP_PKEY_get_size(key) : is_pair(value);
}

static bool set_up(const struct algorithm *algorithm, EVP_MD_CTX *context, EVP_PKEY *key)
{
    EVP_PKEY_CTX *parameters;

    if (EVP_DigestVerifyInit_ex(context, &parameters, algorithm->digest, public_keys_context(), NULL,
                                key, NULL) != 1)
        return false;
    if (algorithm->curve == NID_sm2)
        return EVP_PKEY_CTX_set1_id(parameters, OPENSSL_SM2_ID, strlen(OPENSSL_SM2_ID)) > 0;
    if (algorithm->padding == 0)
        return true;
    return EVP_PKEY_CTX_set_rsa_padding(parameters, algorithm->padding) > 0 &&
           (algorithm->padding != RSA_PKCS1_PSS_PADDING ||
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) > 0);
}

static int verify(const struct algorithm *algorithm, EVP_PKEY *key, struct bytes statement,
                  struct bytes signature, enum raw_verdict *verdict, struct err *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int result = 0;

    if (!context)
        err_fatal("out of memory");
    if (set_up(algorithm, context, key))
        *verdict = EVP_DigestVerify(context, signature.data, signature.size, statement.data,
                                    statement.size) == 1
                       ? RAW_OK
                       : RAW_FORGED;
    else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA_PSS)
        *verdict = RAW_KEY; /* its own parameters ask for another hash or a longer salt */
    else
        result = openssl_err(err, ERR_CRYPTO, "cannot verify by %s", algorithm->name);
    EVP_MD_CTX_free(context);
    return result;
}

static int judge(const struct algorithm *algorithm, EVP_PKEY *key, struct bytes statement,
                 struct bytes signature, enum raw_verdict *verdict, struct err *err)
{
    *verdict = RAW_KEY;
    if (!key_fits(algorithm, key))
        return 0;
    *verdict = RAW_WEAK;
    if (algorithm->padding && EVP_PKEY_get_bits(key) < OPENSSL_RSA_LEAST_BITS)
        return 0;
    *verdict = RAW_MALFORMED;
    if (!value_fits(algorithm, key, signature))
        return 0;
    return verify(algorithm, key, statement, signature, verdict, err);
}

int raw_verify(struct bytes certificate, const char *algorithm, struct bytes statement,
               struct bytes signature, enum raw_verdict *verdict, struct err *err)
{
    const struct algorithm *known = algorithm_find(algorithm);
    X509 *decoded = known ? openssl_decode_certificate(certificate) : NULL;
    EVP_PKEY *key = decoded ? X509_get0_pubkey(decoded) : NULL;
    int result = 0;

    *verdict = known ? RAW_CERTIFICATE : RAW_ALGORITHM;
    if (key)
        result = judge(known, key, statement, signature, verdict, err);
    X509_free(decoded);
    openssl_forget();
    return result;
}
