#include "core/proposal/card.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/config.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/places.h"
#include "core/staff/webauthn_key.h"

enum { TIME = 8, MAC = 24, RAW = TIME + MAC, BITS_RSA = 2048, SIGNATURE_MOST = 1024, STATEMENT_MOST = 1024 };

/* What a reader's key may be, as SubjectPublicKeyInfo; no data: it is of another kind. */
static struct bytes spki_of(struct pool *pool, EVP_PKEY *key)
{
    char group[32] = "";
    uint8_t *der = NULL;
    struct bytes spki = {.data = NULL};

    if (EVP_PKEY_is_a(key, "EC"))
        EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
    if (!EVP_PKEY_is_a(key, "ED25519") && strcmp(group, "prime256v1") != 0 &&
        !(EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= BITS_RSA))
        return spki;
    int size = i2d_PUBKEY(key, &der);
    if (size > 0)
        spki = (struct bytes){pool_copy(pool, der, (size_t)size), (size_t)size};
    OPENSSL_free(der);
    return spki;
}

static int keys_read(struct pool *pool, const char *path, struct card_readers *readers, struct err *err)
{
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *key;
    int result = 0;

    if (!file) {
        ERR_clear_error();
        return err_set(err, ERR_CONFIG, 0, "cannot read %s", path);
    }
    while (result == 0 && (key = PEM_read_bio_PUBKEY(file, NULL, NULL, NULL)) != NULL) {
        struct bytes spki = spki_of(pool, key);

        EVP_PKEY_free(key);
        if (!spki.data)
            result = err_set(err, ERR_CONFIG, 0, "%s: a key that is neither P-256, Ed25519 nor RSA of %d bits",
                             path, BITS_RSA);
        else if (readers->count == CARD_READERS)
            result = err_set(err, ERR_CONFIG, 0, "%s: more than %d keys", path, CARD_READERS);
        else
            readers->keys[readers->count++] = spki;
    }
    if (result == 0 && readers->count == 0)
        result = err_set(err, ERR_CONFIG, 0, "%s: no public key", path);
    BIO_free(file);
    ERR_clear_error();
    return result;
}

int card_readers_load(struct pool *pool, const char *keys_path, const char *demo_path,
                      struct card_readers **readers, struct err *err)
{
    *readers = POOL_NEW(pool, struct card_readers);
    if (*keys_path && keys_read(pool, keys_path, *readers, err) < 0)
        return -1;
    return config_secret(pool, demo_path, &(*readers)->demo, err);
}

/* The challenge of that instant, before its base64. */
static void challenge_make(const struct core *core, uint64_t staff_id, uint64_t person_id, uint64_t at_ms,
                           uint8_t raw[RAW])
{
    uint8_t hash[VAULT_HASH_SIZE];
    char text[80];

    snprintf(text, sizeof(text), "%" PRIu64 ":%" PRIu64 ":%" PRIu64, staff_id, person_id, at_ms);
    vault_lookup(core->vault, PLACE_CARD_CHALLENGE, text, hash);
    for (int i = 0; i < TIME; i++)
        raw[i] = (uint8_t)(at_ms >> (8 * (TIME - 1 - i)));
    memcpy(raw + TIME, hash, MAC);
}

void card_challenge(const struct core *core, uint64_t staff_id, uint64_t person_id, int64_t now_ms,
                    char challenge[CARD_CHALLENGE])
{
    uint8_t raw[RAW];

    challenge_make(core, staff_id, person_id, (uint64_t)now_ms, raw);
    base64url_encode(raw, sizeof(raw), challenge);
}

static enum card_answer challenge_judge(const struct core *core, uint64_t staff_id, uint64_t person_id,
                                        int64_t now_ms, const char *challenge)
{
    uint8_t sent[RAW + 3], made[RAW];
    uint64_t at_ms = 0, now = (uint64_t)now_ms;

    if (base64url_decode(challenge, sent, sizeof(sent)) != RAW)
        return CARD_FALSE;
    for (int i = 0; i < TIME; i++)
        at_ms = at_ms << 8 | sent[i];
    challenge_make(core, staff_id, person_id, at_ms, made);
    if (CRYPTO_memcmp(sent, made, RAW) != 0)
        return CARD_FALSE;
    return at_ms > now || now - at_ms > CARD_SECONDS * UINT64_C(1000) ? CARD_LATE : CARD_READ;
}

/* By any of them? 1/0/-1. */
static int signed_by(const struct card_readers *readers, struct bytes statement, struct bytes signature,
                     struct err *err)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < readers->count; i++)
        result = webauthn_key_verify(readers->keys[i], statement, signature, err);
    return result;
}

int card_judge(const struct core *core, uint64_t staff_id, uint64_t person_id, int64_t now_ms,
               const struct card *card, enum card_answer *answer, struct err *err)
{
    uint8_t signature[SIGNATURE_MOST];
    struct pool *pool;
    struct text statement;
    long size;

    *answer = CARD_UNSIGNED;
    if (!core->readers || core->readers->count == 0 || !*card->signature)
        return 0;
    *answer = challenge_judge(core, staff_id, person_id, now_ms, card->challenge);
    size = base64_decode(card->signature, signature, sizeof(signature));
    if (*answer != CARD_READ || size <= 0) {
        *answer = *answer == CARD_READ ? CARD_FALSE : *answer;
        return 0;
    }
    pool = pool_new(0, 0);
    text_init(&statement, pool, STATEMENT_MOST);
    text_printf(&statement, "ecert-card 1\n%s\n%s\n%s\n%s\n", card->challenge, card->id_type, card->id_no,
                card->name);
    int good = signed_by(core->readers,
                         (struct bytes){(const uint8_t *)statement.data, statement.length},
                         (struct bytes){signature, (size_t)size}, err);
    pool_free(&pool);
    *answer = good == 1 ? CARD_READ : CARD_FALSE;
    return good < 0 ? -1 : 0;
}
