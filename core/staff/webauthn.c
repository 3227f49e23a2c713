#include "core/staff/webauthn.h"

#include <string.h>

#include <jansson.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/staff/cbor.h"
#include "core/staff/webauthn_key.h"

/* Authenticator data (6.1): a hash, flags, a counter, and then what the flags say. */
enum { HASH = 32, FIXED = HASH + 1 + 4, AAGUID = 16, ID_LENGTH = 2, MEMBERS_MAX = 8 };
enum {
    FLAG_PRESENT = 1 << 0,
    FLAG_VERIFIED = 1 << 2,
    FLAG_ELIGIBLE = 1 << 3,
    FLAG_BACKED_UP = 1 << 4,
    FLAG_CREDENTIAL = 1 << 6,
    FLAG_EXTENSIONS = 1 << 7
};

struct authenticator {
    const uint8_t *rp_hash;
    unsigned flags;
    uint32_t counter;
    struct webauthn_credential credential; /* with FLAG_CREDENTIAL */
    bool usable;                           /* its key is one that we know */
};

const char *webauthn_verdict_name(enum webauthn_verdict verdict)
{
    static const char *const names[] = {
        [WEBAUTHN_OK] = "ok",
        [WEBAUTHN_MALFORMED] = "malformed",
        [WEBAUTHN_CHALLENGE] = "challenge",
        [WEBAUTHN_ORIGIN] = "origin",
        [WEBAUTHN_RP] = "rp",
        [WEBAUTHN_ABSENT] = "absent",
        [WEBAUTHN_UNVERIFIED] = "unverified",
        [WEBAUTHN_ALGORITHM] = "algorithm",
        [WEBAUTHN_SIGNATURE] = "signature",
        [WEBAUTHN_COUNTER] = "counter",
    };

    return names[verdict];
}

/* clientDataJSON (5.8.1) */

static bool member_is(const json_t *object, const char *name, const char *wanted)
{
    const json_t *member = json_object_get(object, name);

    return json_is_string(member) && json_string_length(member) == strlen(wanted) &&
           memcmp(json_string_value(member), wanted, strlen(wanted)) == 0;
}

static enum webauthn_verdict judge_client(const struct webauthn_expected *expected,
                                          const char *type, struct bytes client)
{
    enum webauthn_verdict verdict = WEBAUTHN_OK;

    if (client.size == 0 || client.size > WEBAUTHN_CLIENT_MAX)
        return WEBAUTHN_MALFORMED;
    json_t *object = json_loadb((const char *)client.data, client.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *within = json_object_get(object, "crossOrigin");

    if (!json_is_object(object))
        verdict = WEBAUTHN_MALFORMED;
    else if (!member_is(object, "type", type) || !member_is(object, "challenge", expected->challenge))
        verdict = WEBAUTHN_CHALLENGE;
    else if (!member_is(object, "origin", expected->origin) || (within && !json_is_false(within)))
        verdict = WEBAUTHN_ORIGIN;
    json_decref(object);
    return verdict;
}

/* Authenticator data */

/* 1; 0: broken; -1. */
static int read_credential(struct pool *pool, struct cbor *cbor, struct authenticator *out,
                           struct err *err)
{
    bool whole;

    if ((size_t)(cbor->end - cbor->at) < AAGUID + ID_LENGTH)
        return 0;
    const uint8_t *length = cbor->at + AAGUID;
    size_t size = (size_t)length[0] << 8 | length[1];
    cbor->at = length + ID_LENGTH;
    if (size == 0 || size > WEBAUTHN_ID_MAX || size > (size_t)(cbor->end - cbor->at))
        return 0;
    out->credential.id = (struct bytes){cbor->at, size};
    cbor->at += size;
    int known = webauthn_key_read(pool, cbor, &whole, &out->credential.public_key, err);
    if (known < 0)
        return -1;
    out->usable = known == 1;
    /* Where the key stands that can't be used is where reading ends. */
    return whole;
}

static bool read_extensions(struct cbor *cbor)
{
    struct cbor ahead = *cbor;
    uint64_t pairs;

    return cbor_map(&ahead, &pairs) && cbor_skip(cbor);
}

/* 1; 0: broken; -1. */
static int read_authenticator(struct pool *pool, struct bytes data, struct authenticator *out,
                              struct err *err)
{
    struct cbor cbor = cbor_of(data);

    *out = (struct authenticator){0};
    if (data.size < FIXED || data.size > WEBAUTHN_DATA_MAX)
        return 0;
    out->rp_hash = data.data;
    out->flags = data.data[HASH];
    for (size_t i = HASH + 1; i < FIXED; i++)
        out->counter = out->counter << 8 | data.data[i];
    out->credential.counter = out->counter;
    cbor.at += FIXED;
    if (out->flags & FLAG_CREDENTIAL) {
        int read = read_credential(pool, &cbor, out, err);
        if (read <= 0)
            return read;
    }
    if (out->flags & FLAG_EXTENSIONS && !read_extensions(&cbor))
        return 0;
    bool backup = !(out->flags & FLAG_BACKED_UP) || out->flags & FLAG_ELIGIBLE;
    return cbor.at == cbor.end && backup;
}

static enum webauthn_verdict judge_authenticator(const struct webauthn_expected *expected,
                                                 const struct authenticator *data)
{
    uint8_t hash[HASH];

    sha256(expected->rp_id, strlen(expected->rp_id), hash);
    if (memcmp(hash, data->rp_hash, HASH) != 0)
        return WEBAUTHN_RP;
    if (!(data->flags & FLAG_PRESENT))
        return WEBAUTHN_ABSENT;
    return expected->verified && !(data->flags & FLAG_VERIFIED) ? WEBAUTHN_UNVERIFIED : WEBAUTHN_OK;
}

/* The attestation object (6.5): a map of which authData is all that is looked at. */
static bool read_attestation(struct bytes attestation, struct bytes *data)
{
    static const char wanted[] = "authData";
    struct cbor cbor = cbor_of(attestation);
    struct bytes name;
    uint64_t pairs;
    int found = 0;

    if (attestation.size > WEBAUTHN_DATA_MAX || !cbor_map(&cbor, &pairs) || pairs > MEMBERS_MAX)
        return false;
    for (uint64_t i = 0; i < pairs; i++) {
        if (!cbor_text(&cbor, &name))
            return false;
        bool here = name.size == sizeof(wanted) - 1 && memcmp(name.data, wanted, name.size) == 0;
        if (here ? !cbor_bytes(&cbor, data) : !cbor_skip(&cbor))
            return false;
        found += here;
    }
    return found == 1 && cbor.at == cbor.end;
}

int webauthn_register(struct pool *pool, const struct webauthn_expected *expected,
                      struct bytes client, struct bytes attestation,
                      enum webauthn_verdict *verdict, struct webauthn_credential *credential,
                      struct err *err)
{
    struct authenticator data;
    struct bytes bytes;

    *verdict = judge_client(expected, "webauthn.create", client);
    if (*verdict != WEBAUTHN_OK)
        return 0;
    *verdict = WEBAUTHN_MALFORMED;
    int read = read_attestation(attestation, &bytes)
                   ? read_authenticator(pool, bytes, &data, err)
                   : 0;
    if (read <= 0 || !(data.flags & FLAG_CREDENTIAL))
        return read < 0 ? -1 : 0;
    *verdict = judge_authenticator(expected, &data);
    if (*verdict == WEBAUTHN_OK && !data.usable)
        *verdict = WEBAUTHN_ALGORITHM;
    *credential = data.credential;
    return 0;
}

/* The authenticator signs its data and the hash of the browser's. */
static int verify(struct pool *pool, struct bytes public_key, struct bytes client, struct bytes data,
                  struct bytes signature, struct err *err)
{
    uint8_t *both = pool_alloc(pool, data.size + HASH);

    if (signature.size == 0 || signature.size > WEBAUTHN_SIGNATURE_MAX)
        return 0;
    memcpy(both, data.data, data.size);
    sha256(client.data, client.size, both + data.size);
    return webauthn_key_verify(public_key, (struct bytes){both, data.size + HASH}, signature, err);
}

int webauthn_assert(struct pool *pool, const struct webauthn_expected *expected,
                    struct bytes public_key, uint32_t counter, struct bytes client,
                    struct bytes data, struct bytes signature, enum webauthn_verdict *verdict,
                    uint32_t *next, struct err *err)
{
    struct authenticator read;

    *verdict = judge_client(expected, "webauthn.get", client);
    if (*verdict != WEBAUTHN_OK)
        return 0;
    int whole = read_authenticator(pool, data, &read, err);
    if (whole <= 0) {
        *verdict = WEBAUTHN_MALFORMED;
        return whole;
    }
    *verdict = judge_authenticator(expected, &read);
    if (*verdict != WEBAUTHN_OK)
        return 0;
    int right = verify(pool, public_key, client, data, signature, err);
    if (right < 0)
        return -1;
    if (!right)
        *verdict = WEBAUTHN_SIGNATURE;
    else if ((read.counter || counter) && read.counter <= counter)
        *verdict = WEBAUTHN_COUNTER;
    *next = read.counter;
    return 0;
}
