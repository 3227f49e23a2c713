#include "modules/staff/passkey.h"

#include <inttypes.h>
#include <string.h>

#include "core/staff/staff.h"
#include "core/staff/staff_factor.h"
#include "core/staff/staff_login.h"
#include "modules/common.h"

enum { JSON_CAP = 64 * 1024, HTTP_UNPROCESSABLE = 422, USER_TEXT = 24 };

static void add_string(struct text *json, const char *name, const char *value)
{
    text_printf(json, "%s\"%s\":\"", json->data[json->length - 1] == '{' ? "" : ",", name);
    text_json(json, value, strlen(value));
    text_char(json, '"');
}

static const char *encoded(struct pool *pool, struct bytes bytes)
{
    char *text = pool_alloc(pool, bytes.size * 4 / 3 + 4);

    base64url_encode(bytes.data, bytes.size, text);
    return text;
}

/* What both ceremonies begin with: {"challenge", "rpId", "verification", "keys":[…]. 0/-1. */
static int begin(struct request *request, uint64_t staff_id, struct text *json, struct err *err)
{
    const struct staff_settings *settings = core_of(request)->staff;
    char nonce[TICKET_SIZE];
    const struct bytes *ids;
    size_t count;

    if (factor_key_ids(request->db, request->pool, staff_id, &ids, &count, err) < 0 ||
        nonce_issue(request, nonce, err) < 0)
        return -1;
    text_init(json, request->pool, JSON_CAP);
    text_char(json, '{');
    add_string(json, "challenge", nonce);
    add_string(json, "rpId", settings->rp_id);
    add_string(json, "verification", settings->key_verifies ? "required" : "discouraged");
    text_add(json, ",\"keys\":[");
    for (size_t i = 0; i < count; i++)
        text_printf(json, "%s\"%s\"", i ? "," : "", encoded(request->pool, ids[i]));
    text_char(json, ']');
    return 0;
}

enum outcome passkey_assertion(struct request *request, uint64_t staff_id, struct err *err)
{
    struct text json;

    if (begin(request, staff_id, &json, err) < 0)
        return outcome_of(err);
    text_char(&json, '}');
    return respond_json(request, json.data);
}

/* The user's handle is the account's number: an authenticator shows name and label to its owner. */
enum outcome passkey_registration(struct request *request, uint64_t staff_id, struct err *err)
{
    struct staff staff;
    struct text json;
    char id[USER_TEXT];
    int found = staff_find(request->db, request->pool, staff_id, &staff, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (begin(request, staff_id, &json, err) < 0)
        return outcome_of(err);
    text_format(id, sizeof(id), "%" PRIu64, staff.id);
    add_string(&json, "user", encoded(request->pool, (struct bytes){(const uint8_t *)id, strlen(id)}));
    add_string(&json, "login", staff.login);
    add_string(&json, "name", staff.name);
    text_char(&json, '}');
    return respond_json(request, json.data);
}

static struct bytes field_bytes(struct request *request, size_t field)
{
    const char *text = request_text(request, field);
    size_t room = strlen(text);
    uint8_t *data = pool_alloc(request->pool, room + 1);
    long size = base64url_decode(text, data, room);

    return (struct bytes){data, size > 0 ? (size_t)size : 0};
}

static struct webauthn_expected expected_of(struct request *request, size_t challenge)
{
    const struct staff_settings *settings = core_of(request)->staff;

    return (struct webauthn_expected){.challenge = request_text(request, challenge),
                                      .origin = request->origin,
                                      .rp_id = settings->rp_id,
                                      .verified = settings->key_verifies};
}

static const char *words_of(enum webauthn_verdict verdict)
{
    switch (verdict) {
    case WEBAUTHN_OK:
        return "";
    case WEBAUTHN_UNVERIFIED:
        return "安全密钥没有核验使用人，请设置密钥的 PIN 或指纹后再试。";
    case WEBAUTHN_ALGORITHM:
        return "不支持这种安全密钥的算法，请换一个。";
    case WEBAUTHN_COUNTER:
        return "安全密钥的计数异常，可能有人复制了它。请改用其他方式登录，并告知系统管理员。";
    default:
        return "安全密钥没有通过核对，请再试一次。";
    }
}

static int refused(enum webauthn_verdict verdict, const char **cause, const char **words)
{
    *cause = webauthn_verdict_name(verdict);
    *words = words_of(verdict);
    return 0;
}

/* 1; 0, and why; -1. */
static int redeem(struct request *request, size_t challenge, const char **cause, const char **words,
                  struct err *err)
{
    int good = nonce_redeem(request, request_text(request, challenge), err);

    *cause = "late";
    *words = "登录请求已失效，请再试一次。";
    return good;
}

int passkey_register(struct request *request, const struct passkey_registered *fields,
                     uint64_t staff_id, const char *label, const char **cause, const char **words,
                     struct err *err)
{
    const struct webauthn_expected expected = expected_of(request, fields->challenge);
    struct webauthn_credential credential;
    enum webauthn_verdict verdict;
    int good = redeem(request, fields->challenge, cause, words, err);

    if (good <= 0)
        return good;
    if (webauthn_register(request->pool, &expected, field_bytes(request, fields->client),
                          field_bytes(request, fields->attestation), &verdict, &credential, err) < 0)
        return -1;
    if (verdict != WEBAUTHN_OK)
        return refused(verdict, cause, words);
    if (factor_key_add(request->db, staff_id, &credential, label, request->now_ms, err) == 0)
        return 1;
    if (err->kind != ERR_DB_DUPLICATE)
        return -1;
    err_clear(err);
    *cause = "known";
    *words = "这个安全密钥已经登记过。";
    return 0;
}

int passkey_verify(struct request *request, const struct passkey_asserted *fields,
                   uint64_t staff_id, const char **cause, const char **words, struct err *err)
{
    const struct webauthn_expected expected = expected_of(request, fields->challenge);
    enum webauthn_verdict verdict;
    struct factor_key key;
    uint32_t counter;
    int good = redeem(request, fields->challenge, cause, words, err);

    if (good <= 0)
        return good;
    good = factor_key_find(request->db, request->pool, staff_id, field_bytes(request, fields->id),
                           &key, err);
    if (good < 0)
        return -1;
    if (good == 0) {
        *cause = "unknown";
        *words = "这个安全密钥没有登记在您的账户中。";
        return 0;
    }
    if (webauthn_assert(request->pool, &expected, key.public_key, key.counter,
                        field_bytes(request, fields->client), field_bytes(request, fields->data),
                        field_bytes(request, fields->signature), &verdict, &counter, err) < 0)
        return -1;
    if (verdict != WEBAUTHN_OK)
        return refused(verdict, cause, words);
    return factor_key_used(request->db, key.id, counter, request->now_ms, err) < 0 ? -1 : 1;
}

/* Answers */

enum outcome passkey_refused(struct request *request, const char *words)
{
    struct text json;

    text_init(&json, request->pool, JSON_CAP);
    text_char(&json, '{');
    add_string(&json, "error", words);
    text_char(&json, '}');
    respond_json(request, json.data);
    respond_status(request, HTTP_UNPROCESSABLE);
    return OUT_SENT;
}
