/*
 * What a browser may send as a security key: the attestation object and the browser's data of a
 * registration, and the data and signature of a login. The first byte says which, and the second and third
 * where the first part ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/staff/webauthn.h"
#include "tests/core/staff/authenticator.h"
#include "tests/fuzz/seed.h"

enum { HEAD = 3, ROOM = 8192 };

static struct pool *pool, *keys;
static struct bytes public_key;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct webauthn_expected expected = {
    .challenge = AUTHENTICATOR_CHALLENGE, .origin = AUTHENTICATOR_ORIGIN, .rp_id = AUTHENTICATOR_RP};

static void seed(const char *folder, const char *name, uint8_t way, struct bytes first,
                 struct bytes second)
{
    uint8_t all[ROOM] = {way, (uint8_t)(first.size >> 8), (uint8_t)first.size};

    if (!folder || HEAD + first.size + second.size > sizeof(all))
        return;
    memcpy(all + HEAD, first.data, first.size);
    memcpy(all + HEAD + first.size, second.data, second.size);
    seed_write(folder, name, all, HEAD + first.size + second.size);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const names[AUTHENTICATOR_ALGORITHMS] = {"es256", "rs256", "eddsa"};
    const char *folder = seed_folder(*argc, *argv);
    char name[32];

    pool = pool_new(64 * 1024, 0);
    keys = pool_new(0, 0);
    for (int i = AUTHENTICATOR_ALGORITHMS - 1; i >= 0; i--) {
        const struct authenticator_recipe recipe = {.algorithm = i, .flags = 1, .extensions = i == 1};
        struct authenticator_made made = authenticator_register(keys, &recipe);
        struct authenticator_made used = authenticator_assert(keys, &recipe);
        struct webauthn_credential credential;
        enum webauthn_verdict verdict;
        struct err err;

        if (webauthn_register(keys, &expected, made.client, made.data, &verdict, &credential, &err) < 0 ||
            verdict != WEBAUTHN_OK)
            abort();
        public_key = credential.public_key; /* that of ES256 in the end */
        text_format(name, sizeof(name), "register-%s", names[i]);
        seed(folder, name, 0, made.client, made.data);
        text_format(name, sizeof(name), "assert-%s", names[i]);
        seed(folder, name, 1, used.data, used.signature);
    }
    return 0;
}

static void take(struct bytes first, struct bytes second)
{
    struct webauthn_credential credential = {0};
    enum webauthn_verdict verdict;
    struct err err;

    if (webauthn_register(pool, &expected, first, second, &verdict, &credential, &err) < 0)
        return;
    if (verdict != WEBAUTHN_OK)
        return;
    /* What was taken lies in what was sent, and its key can be used. */
    if (credential.id.size == 0 || credential.id.size > WEBAUTHN_ID_MAX ||
        credential.id.data < second.data ||
        credential.id.data + credential.id.size > second.data + second.size)
        abort();
    uint32_t next;
    if (webauthn_assert(pool, &expected, credential.public_key, 0, first, second, first, &verdict,
                        &next, &err) < 0 || verdict == WEBAUTHN_OK)
        abort();
}

static void use(struct bytes first, struct bytes second)
{
    static const char text[] = AUTHENTICATOR_CLIENT("webauthn.get", AUTHENTICATOR_CHALLENGE,
                                                    AUTHENTICATOR_ORIGIN, ",\"crossOrigin\":false");
    const struct bytes client = {(const uint8_t *)text, sizeof(text) - 1};
    enum webauthn_verdict verdict;
    uint32_t next;
    struct err err;

    if (webauthn_assert(pool, &expected, public_key, 0, client, first, second, &verdict, &next, &err) < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD)
        return 0;
    size_t rest = size - HEAD, first = (size_t)data[1] << 8 | data[2];
    if (first > rest)
        first = rest;
    /* Of their own, so that the sanitizer sees where each ends. */
    pool_reset(pool);
    struct bytes one = {pool_copy(pool, data + HEAD, first), first};
    struct bytes two = {pool_copy(pool, data + HEAD + first, rest - first), rest - first};
    if (data[0] & 1)
        use(one, two);
    else
        take(one, two);
    return 0;
}
