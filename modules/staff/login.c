/*
 * 工作人员登录, in two steps: a password, then a second factor. Between them the browser holds half a
 * login (session.h), good for ten minutes. Whoever has a code, for a new account or one that was reset,
 * chooses a password by it, and then sets up a second factor.
 *
 * Every try is counted before it is made, and written into the audit. An answer does not tell whether
 * there is such an account, or whether the password or the login was wrong.
 */
#include <string.h>

#include "core/seal/trust.h"
#include "core/staff/staff.h"
#include "core/staff/staff_factor.h"
#include "core/staff/staff_login.h"
#include "modules/common.h"
#include "modules/key.h"
#include "modules/staff/passkey.h"
#include "modules/staff/proof.h"

enum { LOGIN_HIGH = 64, CODE_HIGH = 32, HTTP_FORBIDDEN = 403 };

enum { F_NEXT, F_LOGIN, F_PASSWORD };
#define LOGIN_FIELD                                                                                \
    {                                                                                              \
        .name = "login", .kind = FIELD_TEXT, .low = 1, .high = LOGIN_HIGH,                         \
        .flags = FIELD_REQUIRED, .label = "登录名"                                                 \
    }
static const struct field next_fields[] = {[F_NEXT] = LOGIN_NEXT_FIELD, {0}};
enum { F_LOST = F_LOGIN };
static const struct field start_fields[] = {
    [F_NEXT] = LOGIN_NEXT_FIELD, [F_LOST] = LOGIN_LOST_FIELD, {0}};
static const struct field password_fields[] = {
    [F_NEXT] = LOGIN_NEXT_FIELD,
    [F_LOGIN] = LOGIN_FIELD,
    [F_PASSWORD] = PROOF_PASSWORD_FIELD("password", "密码"),
    {0},
};
enum { C_LOGIN, C_CODE, C_PASSWORD, C_AGAIN };
static const struct field code_fields[] = {
    [C_LOGIN] = LOGIN_FIELD,
    [C_CODE] = {.name = "code", .kind = FIELD_TEXT, .low = 1, .high = CODE_HIGH,
                .flags = FIELD_REQUIRED | FIELD_SECRET, .label = "登记码"},
    [C_PASSWORD] = PROOF_PASSWORD_FIELD("password", "新密码"),
    [C_AGAIN] = PROOF_PASSWORD_FIELD("again", "再次输入的新密码"),
    {0},
};
enum { O_NEXT, O_CODE };
static const struct field factor_fields[] = {
    [O_NEXT] = LOGIN_NEXT_FIELD,
    [O_CODE] = PROOF_CODE_FIELD,
    {0},
};

enum { K_NEXT, K_CHALLENGE, K_ID, K_CLIENT, K_DATA, K_SIGNATURE };
static const struct field key_fields[] = {
    [K_NEXT] = LOGIN_NEXT_FIELD,
    [K_CHALLENGE] = PASSKEY_NONCE_FIELD,
    [K_ID] = PASSKEY_BYTES_FIELD("id", WEBAUTHN_ID_MAX, "安全密钥"),
    [K_CLIENT] = PASSKEY_BYTES_FIELD("client", WEBAUTHN_CLIENT_MAX, "浏览器的数据"),
    [K_DATA] = PASSKEY_BYTES_FIELD("data", WEBAUTHN_DATA_MAX, "安全密钥的数据"),
    [K_SIGNATURE] = PASSKEY_BYTES_FIELD("signature", WEBAUTHN_SIGNATURE_MAX, "签名"),
    {0},
};
enum { R_CHALLENGE, R_CLIENT, R_ATTESTATION };
static const struct field register_fields[] = {
    [R_CHALLENGE] = PASSKEY_NONCE_FIELD,
    [R_CLIENT] = PASSKEY_BYTES_FIELD("client", WEBAUTHN_CLIENT_MAX, "浏览器的数据"),
    [R_ATTESTATION] = PASSKEY_BYTES_FIELD("attestation", WEBAUTHN_DATA_MAX, "安全密钥的数据"),
    {0},
};

/* The password */

static void page_login_next(struct request *request)
{
    page_text(request->hdf, "Login.Next", login_next(request_text(request, F_NEXT)));
}

static enum outcome login_start(struct request *request, struct err *err)
{
    const char *next = login_next(request_text(request, F_NEXT));

    (void)err;
    if (request->who.kind == WHO_STAFF)
        return respond_redirect(request, "%s", next ? next : "/staff/");
    page_login_next(request);
    page_int(request->hdf, "Login.Lost", next && request_flag(request, F_LOST));
    return OUT_PAGE;
}

static int login_refill(struct request *request, struct err *err)
{
    (void)err;
    page_login_next(request);
    return 0;
}

static enum outcome login_try(struct request *request, struct err *err)
{
    struct staff_tried *tried = POOL_NEW(request->pool, struct staff_tried);
    const struct staff_try wanted = {
        .login = request_text(request, F_LOGIN),
        .secret = request_text(request, F_PASSWORD),
        .address = request->remote,
        .browser = browser_token(request),
        .now_ms = request->now_ms,
    };

    if (staff_try_password(request->db, request->pool, core_of(request), &wanted, tried, err) < 0)
        return outcome_of(err);
    request->asked = tried;
    return OUT_PAGE;
}

/* Not let in: what is in the audit stays there. */
static enum outcome refuse_login(struct request *request, const struct staff_tried *tried, size_t field,
                                 const char *cause, const char *words, struct err *err)
{
    if (proof_note(request, "staff.login.refused", tried->staff_id, false,
                   pool_printf(request->pool, "{\"cause\":\"%s\"}", cause), err) < 0)
        return outcome_of(err);
    request_keep(request, NULL);
    return request_reject(request, field, "%s", words);
}

static enum outcome login_password(struct request *request, struct err *err)
{
    const struct staff_tried *tried = request->asked;
    const struct staff_factor *factors;
    const char *next = request_text(request, F_NEXT);
    size_t count;

    if (tried->wait_ms)
        return refuse_login(request, tried, F_LOGIN, "delayed",
                            proof_wait_words(request, tried->wait_ms), err);
    if (!tried->good)
        return refuse_login(request, tried, F_LOGIN, "password", "错误：登录名或密码不正确", err);
    if (factor_list(request->db, request->pool, tried->staff_id, &factors, &count, err) < 0)
        return outcome_of(err);
    if (count == 0)
        return refuse_login(request, tried, F_LOGIN, "no_factor",
                            "错误：账户还没有第二重身份验证，请使用登记码重新设置", err);
    struct principal who = {WHO_STAFF, tried->staff_id, tried->name, 0};
    if (staff_try_accept(request->db, tried, request->now_ms, err) < 0 ||
        half_open(request, HALF_PASSWORD, &who, err) < 0 ||
        proof_note(request, "staff.login.password", tried->staff_id, true, NULL, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/staff/login/factor%s", login_query(request, next));
}

/* The second factor */

static enum outcome back_to_start(struct request *request, const char *next)
{
    return respond_redirect(request, "/staff/login/%s", login_query(request, next));
}

/* What the account can prove itself by: Login.Way.totp, .key, .certificate. 1; 0: there is no half login; -1. */
static int page_ways(struct request *request, struct err *err)
{
    const struct staff_factor *factors;
    struct principal who;
    size_t count;
    int found = half_find(request, HALF_PASSWORD, &who, err);

    if (found <= 0)
        return found;
    if (factor_list(request->db, request->pool, who.id, &factors, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        page_int(page_node(request->hdf, "Login.Way"), factors[i].kind, 1);
    page_text(request->hdf, "Login.Certificate",
              pool_printf(request->pool, "%s/staff/login/certificate%s", request->login_origin,
                          login_query(request, request_text(request, F_NEXT))));
    page_login_next(request);
    return 1;
}

static enum outcome factor_show(struct request *request, struct err *err)
{
    int found = page_ways(request, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err)
                         : back_to_start(request, request_text(request, F_NEXT));
    return OUT_PAGE;
}

static int factor_refill(struct request *request, struct err *err)
{
    return page_ways(request, err) < 0 ? -1 : 0;
}

static enum outcome factor_try(struct request *request, enum half half, struct err *err)
{
    struct proof_try *tried = POOL_NEW(request->pool, struct proof_try);
    struct principal who;
    int found = half_find(request, half, &who, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : back_to_start(request, NULL);
    if (proof_try_factor(request, &who, tried, err) < 0)
        return outcome_of(err);
    request->asked = tried;
    return OUT_PAGE;
}

static enum outcome factor_try_login(struct request *request, struct err *err)
{
    return factor_try(request, HALF_PASSWORD, err);
}

static enum outcome factor_try_set_up(struct request *request, struct err *err)
{
    return factor_try(request, HALF_CODE, err);
}

static int note_refused(struct request *request, const struct proof_try *tried, const char *cause,
                        struct err *err)
{
    return proof_note(request, "staff.login.refused", tried->who.id, false,
                      pool_printf(request->pool, "{\"cause\":\"%s\"}", cause), err);
}

static enum outcome refuse_factor(struct request *request, const struct proof_try *tried,
                                  struct err *err)
{
    bool delayed = tried->wait_ms != 0;

    if (note_refused(request, tried, delayed ? "factor_delayed" : "factor", err) < 0)
        return outcome_of(err);
    request_keep(request, NULL);
    return request_reject(request, O_CODE, "%s",
                          delayed ? proof_wait_words(request, tried->wait_ms)
                                  : "错误：动态验证码不正确，或已经使用过。请等待下一个验证码");
}

static enum outcome finish(struct request *request, enum half half, const struct proof_try *tried,
                           const char *next, struct err *err)
{
    const char *location;

    if (proof_login(request, half, tried, "totp", next, &location, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "%s", location);
}

static enum outcome factor_code(struct request *request, struct err *err)
{
    const struct proof_try *tried = request->asked;
    const char *code = proof_code(request, request_text(request, O_CODE));
    uint64_t factor_id;
    int good = tried->wait_ms ? 0
                              : factor_totp_use(request->db, request->pool, core_of(request),
                                                tried->who.id, code, request->now_ms, &factor_id, err);

    if (good <= 0)
        return good < 0 ? outcome_of(err) : refuse_factor(request, tried, err);
    return finish(request, HALF_PASSWORD, tried, request_text(request, O_NEXT), err);
}

/* By a key */

static enum outcome key_challenge(struct request *request, struct err *err)
{
    struct principal who;
    int found = half_find(request, HALF_PASSWORD, &who, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err)
                         : passkey_refused(request, "登录已超时，请从密码重新开始。");
    return passkey_assertion(request, who.id, err);
}

static enum outcome refuse_key(struct request *request, const struct proof_try *tried,
                               const char *cause, const char *words, struct err *err)
{
    const char *detail = pool_printf(request->pool, "key_%s", cause);

    return note_refused(request, tried, detail, err) < 0 ? outcome_of(err)
                                                         : passkey_refused(request, words);
}

static enum outcome finish_key(struct request *request, enum half half,
                               const struct proof_try *tried, const char *next, struct err *err)
{
    const char *location;

    if (proof_login(request, half, tried, "key", next, &location, err) < 0)
        return outcome_of(err);
    return key_location(request, location);
}

static enum outcome key_login(struct request *request, struct err *err)
{
    static const struct passkey_asserted fields = {K_CHALLENGE, K_ID, K_CLIENT, K_DATA, K_SIGNATURE};
    const struct proof_try *tried = request->asked;
    const char *cause, *words;

    if (tried->wait_ms)
        return refuse_key(request, tried, "delayed", proof_wait_words(request, tried->wait_ms), err);
    int good = passkey_verify(request, &fields, tried->who.id, &cause, &words, err);
    if (good <= 0)
        return good < 0 ? outcome_of(err) : refuse_key(request, tried, cause, words, err);
    return finish_key(request, HALF_PASSWORD, tried, request_text(request, K_NEXT), err);
}

/* By a certificate, on the login port, where the browser of the half login presents it */

static enum outcome certificate_try(struct request *request, struct err *err)
{
    if (trust_ask_escaped(core_of(request)->trust, request->pool, request->client_certificate,
                          TRUST_STAFF, request->now_ms, err) < 0)
        return outcome_of(err);
    enum outcome outcome = factor_try(request, HALF_PASSWORD, err);
    /* Back to the site's own login. */
    return outcome == OUT_SENT ? respond_redirect(request, "%s/staff/login/", request->origin) : outcome;
}

static enum outcome refuse_certificate(struct request *request, const struct proof_try *tried,
                                       const char *cause, struct err *err)
{
    const char *words =
        tried->wait_ms                      ? proof_wait_words(request, tried->wait_ms)
        : strcmp(cause, "unknown") == 0     ? "这张数字证书没有登记在您的账户中。"
        : strcmp(cause, "none") == 0        ? "浏览器没有出示数字证书。"
        : strcmp(cause, "self_signed") == 0 ? "这张数字证书不是认可的机构签发的。"
                                            : key_refusal_find(cause)->title;

    if (note_refused(request, tried, pool_printf(request->pool, "certificate_%s", cause), err) < 0)
        return outcome_of(err);
    page_text(request->hdf, "Login.Words", words);
    page_text(request->hdf, "Login.Site", request->origin);
    respond_status(request, HTTP_FORBIDDEN);
    respond_page(request, "refused");
    return OUT_PAGE;
}

static enum outcome certificate_login(struct request *request, struct err *err)
{
    const struct proof_try *tried = request->asked;
    struct trust_identity identity = {0};
    enum trust_verdict verdict;
    const char *location;

    if (tried->wait_ms)
        return refuse_certificate(request, tried, "delayed", err);
    if (trust_judge_escaped(core_of(request)->trust, request->pool, request->client_certificate,
                            TRUST_STAFF, request->now_ms, &verdict, &identity, err) < 0)
        return outcome_of(err);
    if (verdict != TRUST_OK)
        return refuse_certificate(request, tried, trust_verdict_name(verdict), err);
    int known = factor_certificate_use(request->db, tried->who.id, identity.key, request->now_ms, err);
    if (known <= 0)
        return known < 0 ? outcome_of(err) : refuse_certificate(request, tried, "unknown", err);
    if (proof_login(request, HALF_PASSWORD, tried, "certificate", request_text(request, F_NEXT),
                    &location, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "%s%s", request->origin, location);
}

/* Setting an account up by a code */

static enum outcome code_show(struct request *request, struct err *err)
{
    (void)request;
    (void)err;
    return OUT_PAGE;
}

static enum outcome code_try(struct request *request, struct err *err)
{
    struct staff_tried *tried = POOL_NEW(request->pool, struct staff_tried);
    const struct staff_try wanted = {
        .login = request_text(request, C_LOGIN),
        .secret = request_text(request, C_CODE),
        .password = request_text(request, C_PASSWORD),
        .address = request->remote,
        .browser = browser_token(request),
        .now_ms = request->now_ms,
    };

    if (strcmp(wanted.password, request_text(request, C_AGAIN)) != 0)
        return request_reject(request, C_AGAIN, "两次输入的新密码不一致");
    if (staff_try_code(request->db, request->pool, core_of(request), &wanted, tried, err) < 0)
        return outcome_of(err);
    request->asked = tried;
    return OUT_PAGE;
}

static enum outcome code_take(struct request *request, struct err *err)
{
    const struct staff_tried *tried = request->asked;

    if (tried->wait_ms)
        return refuse_login(request, tried, C_LOGIN, "delayed",
                            proof_wait_words(request, tried->wait_ms), err);
    if (!tried->good)
        return refuse_login(request, tried, C_CODE, "code",
                            "错误：登录名或登记码不正确，或登记码已失效", err);
    if (staff_try_accept(request->db, tried, request->now_ms, err) < 0)
        return outcome_of(err);
    if (tried->verdict != PASSWORD_OK) {
        request_keep(request, NULL);
        return request_reject(request, C_PASSWORD, "%s", proof_password_words(tried->verdict));
    }
    struct principal who = {WHO_STAFF, tried->staff_id, tried->name, 0};
    if (factor_totp_begin(request->db, request->pool, core_of(request), tried->staff_id,
                          request->now_ms, err) < 0 ||
        half_open(request, HALF_CODE, &who, err) < 0 ||
        proof_note(request, "staff.password", tried->staff_id, true, "{\"by\":\"code\"}", err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/staff/login/set-up");
}

/* The secret of the app that is being set up by whoever used the code. 1/0/-1. */
static int begun_secret(struct request *request, uint8_t secret[TOTP_SECRET], struct err *err)
{
    struct principal who;
    int found = half_find(request, HALF_CODE, &who, err);

    request_secret(request);
    return found == 1 ? factor_totp_begun(request->db, request->pool, core_of(request), who.id,
                                          secret, err)
                      : found;
}

static int page_secret(struct request *request, struct err *err)
{
    uint8_t secret[TOTP_SECRET];
    int found = begun_secret(request, secret, err);

    if (found == 1)
        proof_page_secret(request, secret);
    return found;
}

static enum outcome set_up_show(struct request *request, struct err *err)
{
    int found = page_secret(request, err);

    if (found == 0)
        return respond_redirect(request, "/staff/login/code");
    return found < 0 ? outcome_of(err) : OUT_PAGE;
}

static int set_up_refill(struct request *request, struct err *err)
{
    return page_secret(request, err) < 0 ? -1 : 0;
}

static enum outcome set_up_qr(struct request *request, struct err *err)
{
    uint8_t secret[TOTP_SECRET];
    struct principal who;
    int found = begun_secret(request, secret, err);

    if (found == 1)
        found = half_find(request, HALF_CODE, &who, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return proof_respond_qr(request, who.id, secret, err);
}

static enum outcome set_up_confirm(struct request *request, struct err *err)
{
    const struct proof_try *tried = request->asked;
    const char *code = proof_code(request, request_text(request, O_CODE));
    int good = tried->wait_ms ? 0
                              : factor_totp_confirm(request->db, request->pool, core_of(request),
                                                    tried->who.id, code, "验证器应用",
                                                    request->now_ms, err);

    if (good <= 0)
        return good < 0 ? outcome_of(err) : refuse_factor(request, tried, err);
    if (staff_code_drop(request->db, tried->who.id, err) < 0)
        return outcome_of(err);
    return finish(request, HALF_CODE, tried, request_text(request, O_NEXT), err);
}

static enum outcome set_up_challenge(struct request *request, struct err *err)
{
    struct principal who;
    int found = half_find(request, HALF_CODE, &who, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err)
                         : passkey_refused(request, "设置已超时，请从登记码重新开始。");
    return passkey_registration(request, who.id, err);
}

static enum outcome set_up_key(struct request *request, struct err *err)
{
    static const struct passkey_registered fields = {R_CHALLENGE, R_CLIENT, R_ATTESTATION};
    const struct proof_try *tried = request->asked;
    const char *cause, *words;

    if (tried->wait_ms)
        return refuse_key(request, tried, "delayed", proof_wait_words(request, tried->wait_ms), err);
    int good = passkey_register(request, &fields, tried->who.id, "安全密钥", &cause, &words, err);
    if (good <= 0)
        return good < 0 ? outcome_of(err) : refuse_key(request, tried, cause, words, err);
    if (staff_code_drop(request->db, tried->who.id, err) < 0)
        return outcome_of(err);
    return finish_key(request, HALF_CODE, tried, NULL, err);
}

#define TRY (NEED_ORIGIN | NEED_TRANSACTION)
static const struct route login_routes[] = {
    {"", HTTP_GET, 0, .fields = start_fields, .page = "start", .handle = login_start},
    {"", HTTP_POST, TRY, .fields = password_fields, .handle = login_password, .before = login_try,
     .form = "start", .refill = login_refill},
    {"factor", HTTP_GET, 0, .fields = next_fields, .page = "factor", .handle = factor_show},
    {"factor", HTTP_POST, TRY, .fields = factor_fields, .handle = factor_code,
     .before = factor_try_login, .form = "factor", .refill = factor_refill},
    {"key/challenge", HTTP_POST, TRY, .handle = key_challenge},
    {"key", HTTP_POST, TRY, .fields = key_fields, .handle = key_login, .before = factor_try_login},
    {"certificate", HTTP_GET, ON_LOGIN_PORT | NEED_TRANSACTION, .fields = next_fields,
     .page = "refused", .handle = certificate_login, .before = certificate_try},
    {"code", HTTP_GET, 0, .page = "code", .handle = code_show},
    {"code", HTTP_POST, TRY, .fields = code_fields, .handle = code_take, .before = code_try,
     .form = "code"},
    {"set-up", HTTP_GET, 0, .page = "set-up", .handle = set_up_show},
    {"set-up", HTTP_POST, TRY, .fields = factor_fields, .handle = set_up_confirm,
     .before = factor_try_set_up, .form = "set-up", .refill = set_up_refill},
    {"set-up/challenge", HTTP_POST, TRY, .handle = set_up_challenge},
    {"set-up/key", HTTP_POST, TRY, .fields = register_fields, .handle = set_up_key,
     .before = factor_try_set_up},
    {"qr", HTTP_GET, 0, .handle = set_up_qr},
    {0},
};

const struct module module_staff_login = {
    .name = "staff/login", .label = "工作人员登录", .routes = login_routes};
