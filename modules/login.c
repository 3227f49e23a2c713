/*
 * 系统登录: by the firm's digital certificate 法人一证通, in two ways.
 *
 * On a port of its own the browser presents it by TLS; a ticket that is good once takes the login
 * from there to the site. Or a script asks the key to sign a challenge:
 *
 *     POST /login/challenge → {"nonce": base64url, "statement": base64, "seconds": 120}
 *     POST /login/key       → {"location": path}, or a refusal (modules/key.h)
 *
 * The statement is three lines, each ended by LF: its purpose, and the SHA-256 (hex) of the site's
 * origin and of the nonce's bytes. What is verified is made here anew, so a client never chooses
 * what it signs.
 */
#include <string.h>

#include "base/sha256.h"
#include "core/audit/audit.h"
#include "core/register/enterprise.h"
#include "core/seal/raw.h"
#include "core/seal/trust.h"
#include "fcgi/form.h"
#include "fcgi/session.h"
#include "modules/common.h"
#include "modules/key.h"

enum { HTTP_FORBIDDEN = 403 };
_Static_assert((int)LOGIN_NEXT_READ == (int)FORM_TARGET, "whatever was asked for can be read");

enum { F_NEXT, F_TOKEN, F_LOST = F_TOKEN };
static const struct field start_fields[] = {
    [F_NEXT] = LOGIN_NEXT_FIELD,
    [F_LOST] = LOGIN_LOST_FIELD,
    {0},
};
static const struct field next_fields[] = {
    [F_NEXT] = LOGIN_NEXT_FIELD,
    {0},
};
static const struct field ticket_fields[] = {
    [F_NEXT] = LOGIN_NEXT_FIELD,
    [F_TOKEN] = {.name = "token", .kind = FIELD_TOKEN, .low = TICKET_SIZE - 1,
                 .high = TICKET_SIZE - 1, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

enum { C_NONCE, C_CERTIFICATE, C_CHAIN, C_ALGORITHM, C_SIGNATURE, C_NEXT };
static const struct field key_login_fields[] = {
    [C_NONCE] = {.name = "nonce", .kind = FIELD_TOKEN, .low = TICKET_SIZE - 1,
                 .high = TICKET_SIZE - 1, .flags = FIELD_REQUIRED, .label = "登录请求"},
    [C_CERTIFICATE] = KEY_CERTIFICATE_FIELD,
    [C_CHAIN] = KEY_CHAIN_FIELD,
    [C_ALGORITHM] = KEY_ALGORITHM_FIELD,
    [C_SIGNATURE] = KEY_SIGNATURE_FIELD,
    [C_NEXT] = LOGIN_NEXT_FIELD,
    {0},
};
static const struct key_fields key_fields = {C_CERTIFICATE, C_CHAIN, C_ALGORITHM};

static enum outcome login_start(struct request *request, struct err *err)
{
    const char *next = login_next(request_text(request, F_NEXT));

    (void)err;
    page_text(request->hdf, "Login.Url",
              pool_printf(request->pool, "%s/login/certificate%s", request->login_origin,
                          login_query(request, request_text(request, F_NEXT))));
    page_text(request->hdf, "Login.Next", next);
    page_int(request->hdf, "Login.Lost", next && request_flag(request, F_LOST));
    return OUT_PAGE;
}

/* Writes the login, accepted or not, into the audit. The certificate is named by its fingerprint. */
static int login_record(struct request *request, const char *action, uint64_t enterprise_id,
                        const char *verdict, const struct trust_identity *identity,
                        struct err *err)
{
    struct audit_event event = {
        .actor = {enterprise_id != 0 ? ACTOR_FIRM : ACTOR_NOBODY, enterprise_id, request->number},
        .enterprise_id = enterprise_id,
        .action = action,
        .object_kind = enterprise_id != 0 ? "enterprise" : "login",
        .object_id = enterprise_id,
        .detail = pool_printf(request->pool,
                              "{\"verdict\":\"%s\",\"certificate\":\"%s\",\"ocsp\":\"%s\"}",
                              verdict, identity->fingerprint, ocsp_verdict_name(identity->ocsp)),
    };

    return audit_add(request->db, request->pool, core_of(request), &event, 1, err);
}

static enum outcome login_refuse(struct request *request, const struct key_refusal *refusal,
                                 const struct trust_identity *identity, struct err *err)
{
    HDF *node = page_node(request->hdf, "Login");

    if (login_record(request, "login.refused", 0, refusal->cause, identity, err) < 0)
        return outcome_of(err);
    page_text(node, "Title", refusal->title);
    page_text(node, "Cause", refusal->text);
    page_text(node, "Advice", refusal->advice);
    page_text(node, "Site", request->origin);
    respond_status(request, HTTP_FORBIDDEN);
    respond_page(request, "refused");
    return OUT_PAGE;
}

static enum outcome login_accept(struct request *request, const struct enterprise *enterprise,
                                 const struct trust_identity *identity, struct err *err)
{
    struct principal who = {WHO_FIRM, enterprise->id, enterprise->name, 0};
    char token[TICKET_SIZE];

    if (ticket_issue(request, &who, token, err) < 0 ||
        login_record(request, "login.accepted", enterprise->id, "ok", identity, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "%s/login/ticket/%s%s", request->origin, token,
                            login_query(request, request_text(request, F_NEXT)));
}

static enum outcome login_ask(struct request *request, struct err *err)
{
    if (trust_ask_escaped(core_of(request)->trust, request->pool, request->client_certificate,
                          TRUST_LOGIN, request->now_ms, err) < 0)
        return outcome_of(err);
    return OUT_PAGE;
}

static enum outcome login_certificate(struct request *request, struct err *err)
{
    struct trust_identity identity = {0};
    struct enterprise enterprise;
    enum trust_verdict verdict;
    int found;

    if (trust_judge_escaped(core_of(request)->trust, request->pool, request->client_certificate,
                            TRUST_LOGIN, request->now_ms, &verdict, &identity, err) < 0)
        return outcome_of(err);
    if (verdict != TRUST_OK)
        return login_refuse(request, key_refusal_find(trust_verdict_name(verdict)), &identity, err);
    found = enterprise_find_uscc(request->db, request->pool, identity.uscc, &enterprise, err);
    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return login_refuse(request, key_refusal_find("unknown_firm"), &identity, err);
    return login_accept(request, &enterprise, &identity, err);
}

static enum outcome login_ticket(struct request *request, struct err *err)
{
    const char *next = login_next(request_text(request, F_NEXT));
    struct principal who;
    int found = ticket_redeem(request, request_text(request, F_TOKEN), &who, err);

    if (found < 0)
        return outcome_of(err);
    if (found == 0) {
        respond_status(request, HTTP_FORBIDDEN);
        respond_page(request, "late");
        return OUT_PAGE;
    }
    if (session_open(request, &who, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "%s", next != NULL ? next : "/");
}

/* By challenge */

/* What the key signs. The nonce is ours and right, or nothing can match. */
static const char *statement_of(struct request *request, const char *nonce)
{
    uint8_t bytes[32] = {0}, hash[32];
    char origin[65], challenge[65];
    long size = base64url_decode(nonce, bytes, sizeof(bytes));

    sha256(request->origin, strlen(request->origin), hash);
    hex_encode(hash, sizeof(hash), origin);
    sha256(bytes, size > 0 ? (size_t)size : 0, hash);
    hex_encode(hash, sizeof(hash), challenge);
    return pool_printf(request->pool, "ecert-login-1\n%s\n%s\n", origin, challenge);
}

static enum outcome login_challenge(struct request *request, struct err *err)
{
    char nonce[TICKET_SIZE], *encoded;
    const char *statement;
    size_t size;

    if (challenge_issue(request, nonce, err) < 0)
        return outcome_of(err);
    statement = statement_of(request, nonce);
    size = strlen(statement);
    encoded = pool_alloc(request->pool, 4 * ((size + 2) / 3) + 1);
    base64_encode(statement, size, encoded);
    return respond_json(request,
                        pool_printf(request->pool,
                                    "{\"nonce\":\"%s\",\"statement\":\"%s\",\"seconds\":%d}",
                                    nonce, encoded, CHALLENGE_SECONDS));
}

static enum outcome key_login_refuse(struct request *request, const char *cause,
                                     const struct trust_identity *identity, struct err *err)
{
    if (login_record(request, "login.refused", 0, cause, identity, err) < 0)
        return outcome_of(err);
    return key_refuse(request, HTTP_FORBIDDEN, cause);
}

/* The signer; NULL where it is malformed. Whose firm it says it is will be looked for. */
static const struct outside_signer *key_claim(struct request *request)
{
    struct outside_signer *signer = POOL_NEW(request->pool, struct outside_signer);
    char *uscc = pool_alloc(request->pool, sizeof((struct trust_identity){0}.uscc));

    if (!key_signer(request, &key_fields, signer))
        return NULL;
    if (trust_claim(core_of(request)->trust, signer->certificate, uscc))
        enterprise_find_uscc_ahead(request->db, request->pool, uscc);
    return signer;
}

/* Did the key sign the challenge? 1; 0, and *cause; -1. */
static int key_signed(struct request *request, const struct outside_signer *signer,
                      struct bytes signature, const char **cause, struct err *err)
{
    const char *statement = statement_of(request, request_text(request, C_NONCE));
    enum raw_verdict verdict;

    if (raw_verify(signer->certificate, signer->algorithm,
                   (struct bytes){(const uint8_t *)statement, strlen(statement)}, signature,
                   &verdict, err) < 0)
        return -1;
    if (verdict != RAW_OK)
        *cause = raw_verdict_name(verdict);
    return verdict == RAW_OK;
}

/* Is the certificate believed, and did its key sign the challenge? 1; 0, and *cause; -1. */
static int key_judge(struct request *request, const struct outside_signer *signer,
                     struct trust_identity *identity, const char **cause, struct err *err)
{
    struct bytes chain[KEY_CHAIN], signature;
    enum trust_verdict trusted;

    *cause = "malformed";
    if (!signer || !key_bytes(request->pool, request_text(request, C_SIGNATURE), &signature))
        return 0;
    size_t count = key_chain(signer, chain);
    if (trust_judge_chain(core_of(request)->trust, request->pool, chain, count, TRUST_LOGIN,
                          request->now_ms, &trusted, identity, err) < 0)
        return -1;
    *cause = trust_verdict_name(trusted);
    /* Nobody was asked where the key did not sign: login_key_ask. */
    if (trusted != TRUST_OK && trusted != TRUST_NO_OCSP)
        return 0;
    int good = key_signed(request, signer, signature, cause, err);
    return good == 1 ? trusted == TRUST_OK : good;
}

/* 0; -1. */
static int challenge_cause(struct request *request, const char **cause, struct err *err)
{
    static const char *const causes[] = {[CHALLENGE_NONE] = "challenge",
                                         [CHALLENGE_USED] = "challenge_used",
                                         [CHALLENGE_LATE] = "challenge_late"};
    enum challenge_fault fault;

    if (challenge_blame(request, request_text(request, C_NONCE), &fault, err) < 0)
        return -1;
    *cause = causes[fault];
    return 0;
}

/* Judges the key while the challenge is being redeemed. Where there was none, nothing is said of the key.
 * 1; 0, and *cause; -1. */
static int key_admit(struct request *request, struct trust_identity *identity, const char **cause,
                     struct err *err)
{
    const struct outside_signer *signer = key_claim(request);
    int redeemed = challenge_redeem(request, request_text(request, C_NONCE), err), good = 0;
    struct err other;

    if (redeemed == 1) {
        good = key_judge(request, signer, identity, cause, err);
        redeemed = challenge_redeemed(request, good < 0 ? &other : err);
    }
    if (redeemed == 1)
        return good;
    *identity = (struct trust_identity){0};
    return redeemed < 0 ? -1 : challenge_cause(request, cause, err);
}

/* The challenge is redeemed in the handler only. Until then nobody is made to wait for a responder but
 * whoever has the key: with anybody's certificate, everybody could. */
static enum outcome login_key_ask(struct request *request, struct err *err)
{
    struct outside_signer signer;
    struct bytes signature;
    const char *cause;
    struct err other;

    if (!key_signer(request, &key_fields, &signer) ||
        !trust_would_ask(core_of(request)->trust, signer.certificate, request->now_ms) ||
        !key_bytes(request->pool, request_text(request, C_SIGNATURE), &signature) ||
        key_signed(request, &signer, signature, &cause, &other) != 1)
        return OUT_PAGE;
    return key_ask(request, &signer, TRUST_LOGIN, err);
}

static enum outcome login_key(struct request *request, struct err *err)
{
    const char *next = login_next(request_text(request, C_NEXT)), *cause;
    struct trust_identity identity = {0};
    struct enterprise enterprise;
    int good = key_admit(request, &identity, &cause, err);

    if (good == 1) {
        cause = "unknown_firm";
        good = enterprise_find_uscc(request->db, request->pool, identity.uscc, &enterprise, err);
    }
    if (good <= 0)
        return good < 0 ? outcome_of(err) : key_login_refuse(request, cause, &identity, err);
    audit_ahead(request->db, request->pool, enterprise.id);
    if (session_open(request, &(struct principal){WHO_FIRM, enterprise.id, enterprise.name, 0}, err) <
            0 ||
        login_record(request, "login.accepted", enterprise.id, "ok", &identity, err) < 0)
        return outcome_of(err);
    return key_location(request, next != NULL ? next : "/");
}

static const struct route login_routes[] = {
    {"", HTTP_GET, 0, .fields = start_fields, .page = "start", .handle = login_start,
     .connect = KEY_AGENT},
    {"challenge", HTTP_POST, NEED_ORIGIN | NEED_TRANSACTION, .handle = login_challenge},
    {"key", HTTP_POST, NEED_ORIGIN | NEED_TRANSACTION, .fields = key_login_fields,
     .handle = login_key, .before = login_key_ask},
    {"certificate", HTTP_GET, ON_LOGIN_PORT | NO_SESSION | NEED_TRANSACTION, .fields = next_fields,
     .handle = login_certificate, .before = login_ask},
    {"ticket/{token}", HTTP_GET, NEED_TRANSACTION, .fields = ticket_fields, .handle = login_ticket},
    {0},
};

const struct module module_login = {.name = "login", .label = "系统登录", .routes = login_routes};
