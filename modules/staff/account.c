/*
 * 我的账户: a member of staff's own: password, second factors, sessions.
 *
 * Whatever changes how one logs in asks for the password again, and counts that as a try of the
 * account. These forms run without an idempotency key, which would keep a plain hash of what is in
 * them.
 */
#include <string.h>

#include "core/staff/staff.h"
#include "core/staff/staff_factor.h"
#include "core/staff/staff_login.h"
#include "modules/common.h"
#include "modules/key.h"
#include "modules/staff/passkey.h"
#include "modules/staff/proof.h"

enum { P_CURRENT, P_PASSWORD, P_AGAIN };
static const struct field password_fields[] = {
    [P_CURRENT] = PROOF_PASSWORD_FIELD("current", "当前密码"),
    [P_PASSWORD] = PROOF_PASSWORD_FIELD("password", "新密码"),
    [P_AGAIN] = PROOF_PASSWORD_FIELD("again", "再次输入的新密码"),
    {0},
};
enum { C_CURRENT };
static const struct field current_fields[] = {
    [C_CURRENT] = PROOF_PASSWORD_FIELD("current", "当前密码"),
    {0},
};
enum { F_CODE, F_LABEL };
static const struct field confirm_fields[] = {
    [F_CODE] = PROOF_CODE_FIELD,
    [F_LABEL] = {.name = "label", .kind = FIELD_TEXT, .low = 1, .high = FACTOR_LABEL,
                 .flags = FIELD_REQUIRED, .label = "名称"},
    {0},
};
enum { K_LABEL, K_CHALLENGE, K_CLIENT, K_ATTESTATION };
static const struct field key_fields[] = {
    [K_LABEL] = {.name = "label", .kind = FIELD_TEXT, .low = 1, .high = FACTOR_LABEL,
                 .flags = FIELD_REQUIRED, .label = "名称"},
    [K_CHALLENGE] = PASSKEY_NONCE_FIELD,
    [K_CLIENT] = PASSKEY_BYTES_FIELD("client", WEBAUTHN_CLIENT_MAX, "浏览器的数据"),
    [K_ATTESTATION] = PASSKEY_BYTES_FIELD("attestation", WEBAUTHN_DATA_MAX, "安全密钥的数据"),
    {0},
};
enum { R_CURRENT, R_ID };
static const struct field remove_fields[] = {
    [R_CURRENT] = PROOF_PASSWORD_FIELD("current", "当前密码"),
    [R_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};
static const struct field factor_fields[] = {
    [C_CURRENT] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};
enum { S_DONE };
static const struct field show_fields[] = {
    [S_DONE] = {.name = "done", .kind = FIELD_CODE, .low = 1, .high = 16, .label = "结果"},
    {0},
};

/* The page */

static void page_factor(HDF *item, const struct staff_factor *factor)
{
    page_int(item, "Id", (int64_t)factor->id);
    page_text(item, "Kind", factor->kind);
    page_text(item, "KindLabel", proof_factor_label(factor->kind));
    page_text(item, "Label", factor->label);
    page_time(item, "Created", factor->created_ms);
    if (factor->used_ms)
        page_time(item, "Used", factor->used_ms);
}

static int page_factors(struct request *request, struct err *err)
{
    const struct staff_factor *factors;
    size_t count;

    if (factor_list(request->db, request->pool, request->who.id, &factors, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        page_factor(page_item(request->hdf, "Factors", i), &factors[i]);
    if (count > 1)
        page_int(request->hdf, "Removable", 1);
    if (count >= FACTORS_MAX)
        page_int(request->hdf, "Full", 1);
    return 0;
}

static enum outcome account_show(struct request *request, struct err *err)
{
    struct staff staff;
    int found = staff_find(request->db, request->pool, request->who.id, &staff, err);

    if (found <= 0 || page_factors(request, err) < 0)
        return found == 0 ? OUT_NOT_FOUND : outcome_of(err);
    page_text(request->hdf, "Account.Login", staff.login);
    page_text(request->hdf, "Account.Name", staff.name);
    page_text(request->hdf, "Account.Role", staff_role_label(request->who.roles));
    page_time(request->hdf, "Account.LoginAt", staff.login_ms);
    page_text(request->hdf, "Done", request_text(request, S_DONE));
    return OUT_PAGE;
}

static enum outcome show_form(struct request *request, struct err *err)
{
    (void)request;
    (void)err;
    return OUT_PAGE;
}

/* The password again, counted before the transaction */

static enum outcome current_try(struct request *request, struct err *err)
{
    struct proof_try *tried = POOL_NEW(request->pool, struct proof_try);

    if (proof_try_factor(request, &request->who, tried, err) < 0)
        return outcome_of(err);
    if (!tried->wait_ms) {
        int right = staff_password_is(request->db, request->pool, core_of(request), request->who.id,
                                      request_text(request, C_CURRENT), err);
        if (right < 0)
            return outcome_of(err);
        tried->good = right == 1;
    }
    request->asked = tried;
    return OUT_PAGE;
}

/* Was it right? 1: then the try is taken back; 0: noted, and *words say why; -1. */
static int current_good(struct request *request, const char **words, struct err *err)
{
    const struct proof_try *tried = request->asked;

    if (tried->good)
        return delay_clear(request->db, tried->keys, 2, err) < 0 ? -1 : 1;
    *words = tried->wait_ms ? proof_wait_words(request, tried->wait_ms) : "错误：当前密码不正确";
    return proof_note(request, "staff.password.refused", request->who.id, true,
                      tried->wait_ms ? "{\"cause\":\"delayed\"}" : "{\"cause\":\"password\"}",
                      err);
}

/* The same for a page: OUT_PAGE, or the answer. */
static enum outcome current_judge(struct request *request, struct err *err)
{
    const char *words = "";
    int good = current_good(request, &words, err);

    if (good != 0)
        return good < 0 ? outcome_of(err) : OUT_PAGE;
    request_keep(request, NULL);
    return request_reject(request, C_CURRENT, "%s", words);
}

/* All sessions end, this one goes on as another. */
static int renew_session(struct request *request, struct err *err)
{
    struct principal who = request->who;

    if (session_close_all(request, err) < 0 ||
        staff_browsers_forget(request->db, who.id, err) < 0)
        return -1;
    return session_open(request, &who, err);
}

/* Changing the password */

/* A new password, and what it costs to hash it, before the transaction. */
struct change {
    struct proof_try tried; /* first, as current_judge reads it */
    enum password_verdict verdict;
    const char *hash;
};

static enum outcome password_try(struct request *request, struct err *err)
{
    const struct core *core = core_of(request);
    const char *password = request_text(request, P_PASSWORD);
    struct change *change = POOL_NEW(request->pool, struct change);
    struct staff staff;

    if (strcmp(password, request_text(request, P_AGAIN)) != 0)
        return request_reject(request, P_AGAIN, "两次输入的新密码不一致");
    enum outcome outcome = current_try(request, err);
    if (outcome != OUT_PAGE)
        return outcome;
    change->tried = *(const struct proof_try *)request->asked;
    request->asked = change;
    if (!change->tried.good)
        return OUT_PAGE;
    int found = staff_find(request->db, request->pool, request->who.id, &staff, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (password_judge(&core->staff->password, staff.login, password, &change->verdict, err) < 0 ||
        (change->verdict == PASSWORD_OK &&
         password_hash(&core->staff->password, request->pool, password, &change->hash, err) < 0))
        return outcome_of(err);
    return OUT_PAGE;
}

static enum outcome password_change(struct request *request, struct err *err)
{
    const struct change *change = request->asked;
    enum outcome outcome = current_judge(request, err);
    uint64_t id = request->who.id;

    if (outcome != OUT_PAGE)
        return outcome;
    if (change->verdict != PASSWORD_OK) {
        request_keep(request, NULL);
        return request_reject(request, P_PASSWORD, "%s", proof_password_words(change->verdict));
    }
    if (staff_password_store(request->db, id, change->hash, request->now_ms, err) < 0 ||
        renew_session(request, err) < 0 ||
        proof_note(request, "staff.password", id, true, "{\"by\":\"password\"}", err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/staff/account/?done=password");
}

/* An authenticator app */

static enum outcome app_begin(struct request *request, struct err *err)
{
    const struct staff_factor *factors;
    enum outcome outcome = current_judge(request, err);
    size_t count;

    if (outcome != OUT_PAGE)
        return outcome;
    if (factor_list(request->db, request->pool, request->who.id, &factors, &count, err) < 0)
        return outcome_of(err);
    if (count >= FACTORS_MAX)
        return request_conflict(request, "第二重身份验证的数量已达上限，请先移除不再使用的。",
                                "/staff/account/");
    if (factor_totp_begin(request->db, request->pool, core_of(request), request->who.id,
                          request->now_ms, err) < 0 ||
        proof_note(request, "staff.factor.begin", request->who.id, true, "{\"kind\":\"totp\"}",
                   err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/staff/account/app/confirm");
}

static int page_begun(struct request *request, struct err *err)
{
    uint8_t secret[TOTP_SECRET];

    request_secret(request);
    int found = factor_totp_begun(request->db, request->pool, core_of(request), request->who.id,
                                  secret, err);
    if (found == 1)
        proof_page_secret(request, secret);
    return found;
}

static enum outcome app_show(struct request *request, struct err *err)
{
    int found = page_begun(request, err);

    if (found == 0)
        return respond_redirect(request, "/staff/account/app");
    return found < 0 ? outcome_of(err) : OUT_PAGE;
}

static int app_refill(struct request *request, struct err *err)
{
    return page_begun(request, err) < 0 ? -1 : 0;
}

static enum outcome app_qr(struct request *request, struct err *err)
{
    uint8_t secret[TOTP_SECRET];

    request_secret(request);
    int found = factor_totp_begun(request->db, request->pool, core_of(request), request->who.id,
                                  secret, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return proof_respond_qr(request, request->who.id, secret, err);
}

static enum outcome app_confirm(struct request *request, struct err *err)
{
    uint8_t secret[TOTP_SECRET];
    int good = factor_totp_begun(request->db, request->pool, core_of(request), request->who.id, secret,
                                 err);

    explicit_bzero(secret, sizeof(secret));
    /* Sent twice, the first was it: the page of the account shows what there is. */
    if (good <= 0)
        return good < 0 ? outcome_of(err) : respond_redirect(request, "/staff/account/");
    good = factor_totp_confirm(request->db, request->pool, core_of(request), request->who.id,
                                   proof_code(request, request_text(request, F_CODE)),
                                   request_text(request, F_LABEL), request->now_ms, err);

    if (good < 0)
        return outcome_of(err);
    if (good == 0)
        return request_reject(request, F_CODE, "动态验证码不正确");
    if (proof_note(request, "staff.factor.add", request->who.id, true, "{\"kind\":\"totp\"}", err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/staff/account/?done=added");
}

/* A security key */

static enum outcome key_begin(struct request *request, struct err *err)
{
    const char *words = "";
    int good = current_good(request, &words, err);

    if (good < 0)
        return outcome_of(err);
    if (good == 0)
        return passkey_refused(request, words);
    return passkey_registration(request, request->who.id, err);
}

static enum outcome key_add(struct request *request, struct err *err)
{
    static const struct passkey_registered fields = {K_CHALLENGE, K_CLIENT, K_ATTESTATION};
    const struct staff_factor *factors;
    const char *cause, *words;
    uint64_t id = request->who.id;
    size_t count;

    if (factor_list(request->db, request->pool, id, &factors, &count, err) < 0)
        return outcome_of(err);
    if (count >= FACTORS_MAX)
        return passkey_refused(request, "第二重身份验证的数量已达上限，请先移除不再使用的。");
    int good = passkey_register(request, &fields, id, request_text(request, K_LABEL), &cause, &words,
                                err);
    if (good < 0 ||
        proof_note(request, good ? "staff.factor.add" : "staff.factor.refused", id, true,
                   pool_printf(request->pool, "{\"kind\":\"key\",\"verdict\":\"%s\"}",
                               good ? "ok" : cause),
                   err) < 0)
        return outcome_of(err);
    if (!good)
        return passkey_refused(request, words);
    return key_location(request, "/staff/account/?done=added");
}

/* Removing one */

static int page_one(struct request *request, uint64_t id, struct err *err)
{
    const struct staff_factor *factors;
    size_t count;

    if (factor_list(request->db, request->pool, request->who.id, &factors, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (factors[i].id == id) {
            page_factor(page_node(request->hdf, "Factor"), &factors[i]);
            if (count == 1)
                page_int(request->hdf, "Factor.Last", 1);
            return 1;
        }
    return 0;
}

static enum outcome remove_show(struct request *request, struct err *err)
{
    int found = page_one(request, request_id(request, C_CURRENT), err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return OUT_PAGE;
}

static int remove_refill(struct request *request, struct err *err)
{
    return page_one(request, request_id(request, R_ID), err) < 0 ? -1 : 0;
}

static enum outcome remove_factor(struct request *request, struct err *err)
{
    uint64_t id = request->who.id;
    enum outcome outcome = current_judge(request, err);

    if (outcome != OUT_PAGE)
        return outcome;
    int removed = factor_remove(request->db, request->pool, id, request_id(request, R_ID), err);
    if (removed < 0)
        return outcome_of(err);
    if (removed == 0)
        return request_conflict(request, "至少要保留一种第二重身份验证，或者它已经被移除。",
                                "/staff/account/");
    if (renew_session(request, err) < 0 ||
        proof_note(request, "staff.factor.remove", id, true, NULL, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/staff/account/?done=removed");
}

#define MINE .roles = STAFF_ALL
#define SEND (NEED_STAFF | NEED_CSRF | NEED_TRANSACTION)
static const struct route account_routes[] = {
    {"", HTTP_GET, NEED_STAFF, MINE, .fields = show_fields, .page = "show", .handle = account_show},
    {"password", HTTP_GET, NEED_STAFF, MINE, .page = "password", .handle = show_form},
    {"password", HTTP_POST, SEND, MINE, .fields = password_fields, .form = "password",
     .handle = password_change, .before = password_try},
    {"app", HTTP_GET, NEED_STAFF, MINE, .page = "app", .handle = show_form},
    {"app", HTTP_POST, SEND, MINE, .fields = current_fields, .form = "app", .handle = app_begin,
     .before = current_try},
    {"app/confirm", HTTP_GET, NEED_STAFF, MINE, .page = "confirm", .handle = app_show},
    {"app/confirm", HTTP_POST, SEND, MINE, .fields = confirm_fields, .form = "confirm",
     .refill = app_refill, .handle = app_confirm},
    {"app/qr", HTTP_GET, NEED_STAFF, MINE, .handle = app_qr},
    {"key", HTTP_GET, NEED_STAFF, MINE, .page = "key", .handle = show_form},
    {"key/challenge", HTTP_POST, SEND, MINE, .fields = current_fields, .handle = key_begin,
     .before = current_try},
    {"key", HTTP_POST, SEND, MINE, .fields = key_fields, .handle = key_add},
    {"factors/{id}/remove", HTTP_GET, NEED_STAFF, MINE, .fields = factor_fields, .page = "remove",
     .handle = remove_show},
    {"factors/{id}/remove", HTTP_POST, SEND, MINE, .fields = remove_fields, .form = "remove",
     .refill = remove_refill, .handle = remove_factor, .before = current_try},
    {0},
};

const struct module module_staff_account = {
    .name = "staff/account", .label = "我的账户", .routes = account_routes};
