#include "core/staff/webauthn_key.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "base/err.h"
#include "base/pool.h"

/* Names and values of COSE (RFC 9053, RFC 8812). */
enum { LABEL_TYPE = 1, LABEL_ALGORITHM = 3, LABEL_A = -1, LABEL_B = -2, LABEL_C = -3 };
enum { TYPE_OKP = 1, TYPE_EC2 = 2, TYPE_RSA = 3 };
enum { ES256 = -7, EDDSA = -8, RS256 = -257 };
enum { CURVE_P256 = 1, CURVE_ED25519 = 6 };
enum { COORDINATE = 32, POINT = 2 * COORDINATE + 1, MODULUS_MIN = 256, MODULUS_MAX = 512, EXPONENT_MAX = 8 };
enum { PAIRS_MAX = 16 };

/* The members of a key; of RSA, `a` is the modulus and `b` the exponent; else `curve`, x and y. */
struct cose {
    int64_t type, algorithm, curve;
    struct bytes a, b, c;
};

static bool read_member(struct cbor *cbor, int64_t label, struct cose *cose)
{
    switch (label) {
    case LABEL_TYPE:
        return cbor_int(cbor, &cose->type);
    case LABEL_ALGORITHM:
        return cbor_int(cbor, &cose->algorithm);
    case LABEL_A:
        return cose->type == TYPE_RSA ? cbor_bytes(cbor, &cose->a) : cbor_int(cbor, &cose->curve);
    case LABEL_B:
        return cbor_bytes(cbor, &cose->b);
    case LABEL_C:
        return cbor_bytes(cbor, &cose->c);
    default:
        return cbor_skip(cbor);
    }
}

/* In canonical form the type comes first, so that it says what follows. */
static bool read_cose(struct cbor *cbor, struct cose *cose)
{
    uint64_t pairs;
    int64_t label;

    *cose = (struct cose){0};
    if (!cbor_map(cbor, &pairs) || pairs > PAIRS_MAX)
        return false;
    for (uint64_t i = 0; i < pairs; i++)
        if (!cbor_int(cbor, &label) || !read_member(cbor, label, cose))
            return false;
    return true;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (context && params && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *ec_key(const struct cose *cose)
{
    char group[] = "prime256v1";
    uint8_t point[POINT] = {POINT_CONVERSION_UNCOMPRESSED};

    if (cose->curve != CURVE_P256 || cose->b.size != COORDINATE || cose->c.size != COORDINATE)
        return NULL;
    memcpy(point + 1, cose->b.data, COORDINATE);
    memcpy(point + 1 + COORDINATE, cose->c.data, COORDINATE);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
        OSSL_PARAM_construct_end()};
    /* A point that is not on the curve is no key. */
    return from_params("EC", params);
}

static EVP_PKEY *rsa_key(const struct cose *cose)
{
    if (cose->a.size < MODULUS_MIN || cose->a.size > MODULUS_MAX || cose->b.size == 0 ||
        cose->b.size > EXPONENT_MAX || cose->a.data[0] == 0)
        return NULL;
    BIGNUM *n = BN_bin2bn(cose->a.data, (int)cose->a.size, NULL);
    BIGNUM *e = BN_bin2bn(cose->b.data, (int)cose->b.size, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;

    if (n && e && build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) && BN_is_odd(n) && BN_is_odd(e) &&
        !BN_is_one(e))
        params = OSSL_PARAM_BLD_to_param(build);
    if (params)
        key = from_params("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return key;
}

static EVP_PKEY *key_of(const struct cose *cose)
{
    if (cose->type == TYPE_EC2 && cose->algorithm == ES256)
        return ec_key(cose);
    if (cose->type == TYPE_RSA && cose->algorithm == RS256)
        return rsa_key(cose);
    if (cose->type == TYPE_OKP && cose->algorithm == EDDSA && cose->curve == CURVE_ED25519 &&
        cose->b.size == COORDINATE)
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, cose->b.data, COORDINATE);
    return NULL;
}

int webauthn_key_read(struct pool *pool, struct cbor *cbor, bool *whole, struct bytes *spki,
                      struct err *err)
{
    struct cose cose;
    uint8_t *der = NULL;

    *whole = read_cose(cbor, &cose);
    EVP_PKEY *key = *whole ? key_of(&cose) : NULL;
    if (!key) {
        ERR_clear_error();
        return 0;
    }
    int size = i2d_PUBKEY(key, &der);
    EVP_PKEY_free(key);
    if (size <= 0)
        return err_set(err, ERR_CRYPTO, 0, "a key of an authenticator can't be written");
    *spki = (struct bytes){pool_copy(pool, der, (size_t)size), (size_t)size};
    OPENSSL_free(der);
    return 1;
}

int webauthn_key_verify(struct bytes spki, struct bytes signed_data, struct bytes signature,
                        struct err *err)
{
    const uint8_t *at = spki.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.size);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int result = -1;

    if (key && context) {
        const EVP_MD *digest = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
        if (EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1)
            result = EVP_DigestVerify(context, signature.data, signature.size, signed_data.data,
                                      signed_data.size) == 1;
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return result < 0 ? err_set(err, ERR_CRYPTO, 0, "the key of an authenticator can't be used")
                      : result;
}
