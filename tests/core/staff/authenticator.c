#include "tests/core/staff/authenticator.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"

enum { ES256, RS256, EDDSA, KEYS = 2, ROOM = 2048, ID = 16, COORDINATE = 32, POINT = 65, MODULUS = 256 };
enum { FLAG_CREDENTIAL = 0x40, FLAG_EXTENSIONS = 0x80 };

static void must(bool good, const char *what)
{
    if (!good)
        err_fatal("authenticator: %s", what);
}

/* Made once: an RSA key takes its time. */
static EVP_PKEY *key_of(const struct authenticator_recipe *recipe)
{
    static EVP_PKEY *keys[AUTHENTICATOR_ALGORITHMS][KEYS];
    EVP_PKEY **key = &keys[recipe->algorithm][recipe->key];

    if (!*key)
        *key = recipe->algorithm == ES256   ? EVP_EC_gen("P-256")
               : recipe->algorithm == RS256 ? EVP_RSA_gen(MODULUS * 8)
                                            : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    must(*key, "no key");
    return *key;
}

/* Writing CBOR */

static void put(struct text *out, const void *data, size_t size)
{
    text_add_n(out, data, size);
}

static void put_head(struct text *out, unsigned type, size_t value)
{
    uint8_t head[3] = {(uint8_t)(type << 5 | 25), (uint8_t)(value >> 8), (uint8_t)value};

    if (value < 24) {
        head[0] = (uint8_t)(type << 5 | value);
        put(out, head, 1);
    } else {
        put(out, head, sizeof(head));
    }
}

static void put_int(struct text *out, int value)
{
    put_head(out, value < 0 ? 1 : 0, (size_t)(value < 0 ? -1 - value : value));
}

static void put_bytes(struct text *out, const void *data, size_t size)
{
    put_head(out, 2, size);
    put(out, data, size);
}

static void put_text(struct text *out, const char *text)
{
    put_head(out, 3, strlen(text));
    put(out, text, strlen(text));
}

static void put_ec(struct text *out, const struct authenticator_recipe *recipe, EVP_PKEY *key)
{
    uint8_t point[POINT];
    size_t size = 0, part = recipe->alien == AUTHENTICATOR_SHORT_POINT ? COORDINATE - 1 : COORDINATE;

    must(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &size) &&
             size == POINT,
         "no point");
    if (recipe->alien == AUTHENTICATOR_OFF_CURVE)
        point[POINT - 1] ^= 1;
    put_head(out, 5, 5);
    put_int(out, 1), put_int(out, 2);
    put_int(out, 3), put_int(out, recipe->alien == AUTHENTICATOR_ALIEN_ALGORITHM ? -36 : -7);
    put_int(out, -1), put_int(out, recipe->alien == AUTHENTICATOR_ALIEN_CURVE ? 3 : 1);
    put_int(out, -2), put_bytes(out, point + 1, part);
    put_int(out, -3), put_bytes(out, point + 1 + COORDINATE, part);
}

static void put_rsa(struct text *out, EVP_PKEY *key)
{
    static const uint8_t exponent[] = {1, 0, 1};
    uint8_t modulus[MODULUS];
    BIGNUM *n = NULL;

    must(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) && BN_bn2bin(n, modulus) == MODULUS,
         "no modulus");
    BN_free(n);
    put_head(out, 5, 4);
    put_int(out, 1), put_int(out, 3);
    put_int(out, 3), put_int(out, -257);
    put_int(out, -1), put_bytes(out, modulus, sizeof(modulus));
    put_int(out, -2), put_bytes(out, exponent, sizeof(exponent));
}

static void put_ed25519(struct text *out, EVP_PKEY *key)
{
    uint8_t point[COORDINATE];
    size_t size = sizeof(point);

    must(EVP_PKEY_get_raw_public_key(key, point, &size) && size == COORDINATE, "no point");
    put_head(out, 5, 4);
    put_int(out, 1), put_int(out, 1);
    put_int(out, 3), put_int(out, -8);
    put_int(out, -1), put_int(out, 6);
    put_int(out, -2), put_bytes(out, point, sizeof(point));
}

/* Authenticator data, with the credential or without. */
static struct bytes data_of(struct pool *pool, const struct authenticator_recipe *recipe,
                            bool credential)
{
    static const uint8_t aaguid[16] = {0}, id[ID] = "an id, 16 bytes", length[] = {0, ID};
    const char *rp = recipe->rp ? recipe->rp : AUTHENTICATOR_RP;
    uint8_t hash[32];
    struct text out;

    text_init(&out, pool, ROOM);
    sha256(rp, strlen(rp), hash);
    put(&out, hash, sizeof(hash));
    text_char(&out, (char)(recipe->flags | (credential ? FLAG_CREDENTIAL : 0) |
                           (recipe->extensions ? FLAG_EXTENSIONS : 0)));
    for (int shift = 24; shift >= 0; shift -= 8)
        text_char(&out, (char)(recipe->counter >> shift));
    if (credential) {
        put(&out, aaguid, sizeof(aaguid));
        put(&out, length, sizeof(length));
        put(&out, id, sizeof(id));
        if (recipe->algorithm == ES256)
            put_ec(&out, recipe, key_of(recipe));
        else if (recipe->algorithm == RS256)
            put_rsa(&out, key_of(recipe));
        else
            put_ed25519(&out, key_of(recipe));
    }
    if (recipe->extensions) {
        put_head(&out, 5, 1);
        put_text(&out, "credProtect");
        put_int(&out, 2);
    }
    for (size_t i = 0; i < recipe->more; i++)
        text_char(&out, 0);
    must(!out.overflow && out.length > recipe->cut, "no room");
    return (struct bytes){(const uint8_t *)out.data, out.length - recipe->cut};
}

static struct bytes text_bytes(struct pool *pool, const char *text)
{
    return (struct bytes){pool_copy(pool, text, strlen(text) + 1), strlen(text)};
}

struct authenticator_made authenticator_register(struct pool *pool,
                                                 const struct authenticator_recipe *recipe)
{
    const char *client = AUTHENTICATOR_CLIENT("webauthn.create", AUTHENTICATOR_CHALLENGE,
                                              AUTHENTICATOR_ORIGIN, ",\"crossOrigin\":false");
    struct bytes data = data_of(pool, recipe, true);
    struct text out;

    text_init(&out, pool, 2 * ROOM);
    put_head(&out, 5, 3);
    put_text(&out, "fmt");
    put_text(&out, "none");
    put_text(&out, "attStmt");
    put_head(&out, 5, 0);
    put_text(&out, "authData");
    put_bytes(&out, data.data, data.size);
    return (struct authenticator_made){
        .client = text_bytes(pool, recipe->client ? recipe->client : client),
        .data = {(const uint8_t *)out.data, out.length},
    };
}

struct authenticator_made authenticator_assert(struct pool *pool,
                                               const struct authenticator_recipe *recipe)
{
    const char *client = AUTHENTICATOR_CLIENT("webauthn.get", AUTHENTICATOR_CHALLENGE,
                                              AUTHENTICATOR_ORIGIN, ",\"crossOrigin\":false");
    struct authenticator_made made = {
        .client = text_bytes(pool, recipe->client ? recipe->client : client),
        .data = data_of(pool, recipe, false),
    };
    uint8_t *both = pool_alloc(pool, made.data.size + 32), *signature = pool_alloc(pool, 512);
    size_t size = 512;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const EVP_MD *digest = recipe->algorithm == EDDSA ? NULL : EVP_sha256();

    memcpy(both, made.data.data, made.data.size);
    sha256(made.client.data, made.client.size, both + made.data.size);
    must(EVP_DigestSignInit(context, NULL, digest, NULL, key_of(recipe)) == 1 &&
             EVP_DigestSign(context, signature, &size, both, made.data.size + 32) == 1,
         "no signature");
    EVP_MD_CTX_free(context);
    made.signature = (struct bytes){signature, size};
    return made;
}
