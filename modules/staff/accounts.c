/*
 * 工作人员账户: the administrator's: who works here, and as what. Nobody changes the own account here:
 * that takes another administrator. The last one who is not disabled can't be taken away.
 */
#include <string.h>

#include "core/audit/audit.h"
#include "core/seal/trust.h"
#include "core/staff/staff.h"
#include "core/staff/staff_factor.h"
#include "core/staff/staff_login.h"
#include "modules/common.h"
#include "modules/key.h"
#include "modules/staff/proof.h"

enum { LOGIN_LOW = 2, LOGIN_HIGH = 32, NAME_HIGH = 64, CERTIFICATE_MAX = 16 * 1024 };

enum { N_LOGIN, N_NAME, N_ROLE };
static const struct field new_fields[] = {
    [N_LOGIN] = {.name = "login", .kind = FIELD_CODE, .low = LOGIN_LOW, .high = LOGIN_HIGH,
                 .flags = FIELD_REQUIRED, .label = "登录名"},
    [N_NAME] = {.name = "name", .kind = FIELD_TEXT, .low = 1, .high = NAME_HIGH,
                .flags = FIELD_REQUIRED, .label = "姓名"},
    [N_ROLE] = {.name = "role", .kind = FIELD_CODE, .low = 1, .high = 16,
                .flags = FIELD_REQUIRED | FIELD_CHOSEN, .label = "岗位"},
    {0},
};
enum { F_ID, F_ROLE };
static const struct field id_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};
static const struct field role_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [F_ROLE] = {.name = "role", .kind = FIELD_CODE, .low = 1, .high = 16,
                .flags = FIELD_REQUIRED | FIELD_CHOSEN, .label = "岗位"},
    {0},
};

enum { C_ID, C_FILE };
static const struct field certificate_fields[] = {
    [C_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [C_FILE] = {.name = "file", .kind = FIELD_UPLOAD, .low = 1, .high = CERTIFICATE_MAX,
                .flags = FIELD_REQUIRED, .label = "证书文件"},
    {0},
};

static void page_staff(HDF *node, const struct staff *staff)
{
    page_int(node, "Id", (int64_t)staff->id);
    page_text(node, "Login", staff->login);
    page_text(node, "Name", staff->name);
    page_text(node, "Role", staff_role_label(staff_role_bit(staff->role)));
    if (staff->disabled)
        page_int(node, "Disabled", 1);
    if (staff->ready)
        page_int(node, "Ready", 1);
    if (staff->login_ms)
        page_time(node, "LoginAt", staff->login_ms);
}

/* What can be chosen; `here` is marked. */
static void page_roles(struct request *request, const char *here)
{
    for (size_t i = 0; staff_roles[i]; i++) {
        HDF *item = page_item(request->hdf, "Roles", i);

        page_text(item, "Name", staff_roles[i]);
        page_text(item, "Label", staff_role_label(staff_role_bit(staff_roles[i])));
        if (here && strcmp(here, staff_roles[i]) == 0)
            page_int(item, "Here", 1);
    }
}

static enum outcome accounts_list(struct request *request, struct err *err)
{
    const struct staff *staff;
    size_t count;

    if (staff_list(request->db, request->pool, &staff, &count, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < count; i++)
        page_staff(page_item(request->hdf, "Rows", i), &staff[i]);
    return OUT_PAGE;
}

/* A new one */

static enum outcome new_show(struct request *request, struct err *err)
{
    (void)err;
    page_roles(request, NULL);
    return OUT_PAGE;
}

static int new_refill(struct request *request, struct err *err)
{
    (void)err;
    page_roles(request, request_text(request, N_ROLE));
    return 0;
}

static struct staff_change change_of(struct request *request, struct actor *actor)
{
    *actor = actor_of(request);
    return (struct staff_change){.db = request->db,
                                 .pool = request->pool,
                                 .core = core_of(request),
                                 .actor = actor,
                                 .now_ms = request->now_ms};
}

static enum outcome new_add(struct request *request, struct err *err)
{
    struct actor actor;
    const struct staff_change change = change_of(request, &actor);
    const struct staff staff = {.login = request_text(request, N_LOGIN),
                                .name = request_text(request, N_NAME),
                                .role = request_text(request, N_ROLE)};
    uint64_t id;

    if (!staff_role_bit(staff.role))
        return request_reject(request, N_ROLE, "请选择岗位");
    if (staff_add(&change, &staff, NULL, &id, err) == 0)
        return respond_redirect(request, "/staff/accounts/%llu", (unsigned long long)id);
    if (err->kind == ERR_DB_DUPLICATE)
        return request_reject(request, N_LOGIN, "这个登录名已经使用");
    if (err->kind == ERR_INPUT)
        return request_reject(request, N_LOGIN, "登录名由2至32个小写字母、数字、点、下划线或连字符组成");
    return outcome_of(err);
}

/* One of them */

static int page_more(struct request *request, const struct staff *staff, struct err *err)
{
    const struct staff_factor *factors;
    const struct staff_session *sessions;
    size_t count;

    if (factor_list(request->db, request->pool, staff->id, &factors, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Factors", i);

        page_text(item, "KindLabel", proof_factor_label(factors[i].kind));
        page_time(item, "Created", factors[i].created_ms);
        if (factors[i].used_ms)
            page_time(item, "Used", factors[i].used_ms);
    }
    if (staff_sessions(request->db, request->pool, staff->id, request->now_ms, &sessions, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Sessions", i);

        page_time(item, "From", sessions[i].created_ms);
        page_time(item, "Seen", sessions[i].seen_ms);
    }
    return 0;
}

/* 1/0/-1 */
static int page_account(struct request *request, struct err *err)
{
    struct staff staff;
    int found = staff_find(request->db, request->pool, request_id(request, F_ID), &staff, err);

    if (found <= 0)
        return found;
    page_staff(page_node(request->hdf, "Account"), &staff);
    if (staff.id == request->who.id)
        page_int(request->hdf, "Account.Own", 1);
    page_roles(request, staff.role);
    return page_more(request, &staff, err) < 0 ? -1 : 1;
}

static enum outcome account_show(struct request *request, struct err *err)
{
    int found = page_account(request, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return OUT_PAGE;
}

static int account_refill(struct request *request, struct err *err)
{
    return page_account(request, err) < 0 ? -1 : 0;
}

static const char *address_of(struct request *request)
{
    return pool_printf(request->pool, "/staff/accounts/%llu",
                       (unsigned long long)request_id(request, F_ID));
}

/* What a change of an account came to. */
static enum outcome answer(struct request *request, int done, struct err *err)
{
    if (done < 0 && err->kind == ERR_CONFLICT)
        return request_conflict(request, "这是最后一个可用的系统管理员，不能停用或改变岗位。请先增加另一位。",
                                address_of(request));
    if (done < 0)
        return outcome_of(err);
    if (done == 0)
        return request_conflict(request, "账户不存在，或者已经是这个状态。", "/staff/accounts/");
    return respond_redirect(request, "%s", address_of(request));
}

static bool is_own(const struct request *request)
{
    return request_id(request, F_ID) == request->who.id;
}

static enum outcome not_own(struct request *request)
{
    return request_conflict(request, "不能改变自己的账户，须由另一位系统管理员办理。", address_of(request));
}

static enum outcome account_role(struct request *request, struct err *err)
{
    struct actor actor;
    const struct staff_change change = change_of(request, &actor);
    const char *role = request_text(request, F_ROLE);

    if (is_own(request))
        return not_own(request);
    if (!staff_role_bit(role))
        return request_reject(request, F_ROLE, "请选择岗位");
    return answer(request, staff_role_change(&change, request_id(request, F_ID), role, err), err);
}

static enum outcome account_disable(struct request *request, struct err *err)
{
    struct actor actor;
    const struct staff_change change = change_of(request, &actor);

    if (is_own(request))
        return not_own(request);
    return answer(request, staff_disable(&change, request_id(request, F_ID), err), err);
}

static enum outcome account_enable(struct request *request, struct err *err)
{
    struct actor actor;
    const struct staff_change change = change_of(request, &actor);

    if (is_own(request))
        return not_own(request);
    return answer(request, staff_enable(&change, request_id(request, F_ID), err), err);
}

static enum outcome account_log_out(struct request *request, struct err *err)
{
    struct actor actor;
    const struct staff_change change = change_of(request, &actor);
    uint64_t sessions;

    if (is_own(request))
        return not_own(request);
    return answer(request, staff_log_out(&change, request_id(request, F_ID), &sessions, err), err);
}

/* The code stands on this answer and nowhere else. */
static enum outcome account_code(struct request *request, struct err *err)
{
    struct actor actor;
    const struct staff_change change = change_of(request, &actor);
    struct staff staff;
    char code[STAFF_CODE];

    if (is_own(request))
        return not_own(request);
    request_secret(request);
    staff_code_make(code);
    int done = staff_find(request->db, request->pool, request_id(request, F_ID), &staff, err);
    if (done == 1)
        done = staff_reset(&change, staff.id, code, err);
    if (done <= 0)
        return answer(request, done, err);
    page_staff(page_node(request->hdf, "Account"), &staff);
    page_text(request->hdf, "Code", code);
    page_int(request->hdf, "Hours", core_of(request)->staff->code_hours);
    explicit_bzero(code, sizeof(code));
    return OUT_PAGE;
}

/* A client certificate, that its owner logs in with besides the password. It is judged as at a login;
 * that its owner has the key is shown there. */
static enum outcome account_certificate(struct request *request, struct err *err)
{
    const struct upload *file = request_upload(request, C_FILE);
    uint64_t id = request_id(request, C_ID);
    struct trust_identity identity = {0};
    enum trust_verdict verdict = TRUST_BROKEN;
    struct actor actor = actor_of(request);
    struct bytes der;

    if (is_own(request))
        return not_own(request);
    if (trust_file(request->pool, file->bytes, &der) &&
        trust_judge(core_of(request)->trust, request->pool, der, TRUST_STAFF, request->now_ms,
                    &verdict, &identity, err) < 0)
        return outcome_of(err);
    if (verdict != TRUST_OK)
        return request_reject(request, C_FILE, "%s：%s", key_refusal_find(trust_verdict_name(verdict))->title,
                              "没有登记这张证书");
    const char *label = pool_printf(request->pool, "数字证书 %.16s", identity.serial);
    if (factor_certificate_add(request->db, id, identity.key, label, request->now_ms, err) < 0) {
        if (err->kind == ERR_DB_DUPLICATE)
            return request_reject(request, C_FILE, "这张证书（或它的密钥）已经登记过");
        return outcome_of(err);
    }
    struct audit_event event = {
        .actor = actor,
        .action = "staff.factor.add",
        .object_kind = "staff",
        .object_id = id,
        .detail = pool_printf(request->pool, "{\"kind\":\"certificate\",\"certificate\":\"%s\"}",
                              identity.fingerprint),
    };
    if (audit_add(request->db, request->pool, core_of(request), &event, 1, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "%s", address_of(request));
}

/* The responder that it names is asked before. */
static enum outcome certificate_ask(struct request *request, struct err *err)
{
    struct bytes der;

    if (trust_file(request->pool, request_upload(request, C_FILE)->bytes, &der) &&
        trust_ask_chain(core_of(request)->trust, request->pool, &der, 1, TRUST_STAFF,
                        request->now_ms, err) < 0)
        return outcome_of(err);
    return OUT_PAGE;
}

#define ONLY .roles = STAFF_ADMINISTRATOR
#define SEND (NEED_STAFF | NEED_CSRF | NEED_KEY)
static const struct route accounts_routes[] = {
    {"", HTTP_GET, NEED_STAFF, ONLY, .page = "list", .handle = accounts_list},
    {"", HTTP_POST, SEND, ONLY, .fields = new_fields, .form = "new", .refill = new_refill,
     .handle = new_add},
    {"new", HTTP_GET, NEED_STAFF, ONLY, .page = "new", .handle = new_show},
    {"{id}", HTTP_GET, NEED_STAFF, ONLY, .fields = id_fields, .page = "show",
     .handle = account_show},
    {"{id}/role", HTTP_POST, SEND, ONLY, .fields = role_fields, .form = "show",
     .refill = account_refill, .handle = account_role},
    {"{id}/disable", HTTP_GET, NEED_STAFF, ONLY, .fields = id_fields, .page = "disable",
     .handle = account_show},
    {"{id}/disable", HTTP_POST, SEND, ONLY, .fields = id_fields, .handle = account_disable},
    {"{id}/enable", HTTP_POST, SEND, ONLY, .fields = id_fields, .handle = account_enable},
    {"{id}/log-out", HTTP_POST, SEND, ONLY, .fields = id_fields, .handle = account_log_out},
    {"{id}/certificate", HTTP_POST, SEND, ONLY, .fields = certificate_fields, .form = "show",
     .refill = account_refill, .handle = account_certificate, .before = certificate_ask},
    {"{id}/code", HTTP_GET, NEED_STAFF, ONLY, .fields = id_fields, .page = "reset",
     .handle = account_show},
    {"{id}/code", HTTP_POST, SEND, ONLY, .fields = id_fields, .page = "code",
     .handle = account_code},
    {0},
};

const struct module module_staff_accounts = {
    .name = "staff/accounts", .label = "工作人员账户", .routes = accounts_routes};
