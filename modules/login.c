/*
 * 系统登录: by the firm's digital certificate 法人一证通, on a port of its own; a ticket that is
 * good once takes the login from there to the site.
 */
#include <ctype.h>
#include <string.h>

#include "core/audit.h"
#include "core/enterprise.h"
#include "core/seal/trust.h"
#include "fcgi/percent.h"
#include "fcgi/session.h"
#include "modules/common.h"

enum { NEXT_MAX = 512, HTTP_FORBIDDEN = 403 };

enum { F_NEXT, F_TOKEN };
static const struct field next_fields[] = {
    [F_NEXT] = {.name = "next", .kind = FIELD_TEXT, .low = 0, .high = NEXT_MAX, .label = "返回页面"},
    {0},
};
static const struct field ticket_fields[] = {
    [F_NEXT] = {.name = "next", .kind = FIELD_TEXT, .low = 0, .high = NEXT_MAX, .label = "返回页面"},
    [F_TOKEN] = {.name = "token", .kind = FIELD_TOKEN, .low = TICKET_SIZE - 1,
                 .high = TICKET_SIZE - 1, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

/* What a firm is told whose certificate is not accepted, by the trust's verdict. */
struct refusal {
    const char *title;
    const char *cause;
    const char *advice;
};

static const struct refusal refusals[] = {
    [TRUST_NONE] = {"没有读到法人一证通",
                    "浏览器没有出示数字证书：可能没有插入法人一证通，或者在选择证书时点了“取消”。",
                    "请插入法人一证通，关闭浏览器全部窗口后重新打开，再次登录，并在弹出的窗口中选择本企业的证书。"},
    [TRUST_BROKEN] = {"数字证书无法识别", "浏览器出示的内容不是完整的数字证书。",
                      "请重新插入法人一证通后再试。仍然如此时，请联系法人一证通的发证机构检测介质。"},
    [TRUST_SELF_SIGNED] = {"不是法人一证通的证书", "出示的是自行签发的证书，不能证明企业身份。",
                           "请在选择证书时选用法人一证通内的企业证书。"},
    [TRUST_FOREIGN] = {"不是本系统认可的证书", "出示的证书不是由本系统认可的电子认证机构签发的。",
                       "请在选择证书时选用法人一证通内的企业证书；尚未办理的，请先向发证机构申领法人一证通。"},
    [TRUST_CHAIN] = {"证书链过长", "这张证书与本系统认可的电子认证机构之间隔了过多的中间证书。",
                     "请在选择证书时选用法人一证通内的企业证书；仍然如此时，请联系发证机构。"},
    [TRUST_NOT_YET] = {"数字证书尚未生效", "证书的生效日期还没有到。",
                       "请核对电脑的日期和时间；日期无误的，请在证书生效后再登录。"},
    [TRUST_EXPIRED] = {"数字证书已过期", "法人一证通内的证书已经超过有效期。",
                       "请向法人一证通的发证机构办理证书更新，更新后即可登录，已办理的业务不受影响。"},
    [TRUST_REVOKED] = {"数字证书已被吊销", "发证机构已经吊销这张证书。",
                       "请使用重新签发的法人一证通登录；对吊销有疑问的，请联系发证机构。"},
    [TRUST_NO_CRL] = {"暂时无法核对数字证书", "目前无法核对这张证书是否已被吊销。",
                      "这不是您的操作造成的。请稍后再试；持续出现时，请联系管理部门。"},
    [TRUST_USAGE] = {"证书用途不符", "这张证书不能用于登录（例如只能用于加密）。",
                     "请重新登录，并在选择证书时选用法人一证通内的签名证书。"},
    [TRUST_WEAK] = {"证书强度不足", "这张证书的密钥过短，已不再安全。",
                    "请向法人一证通的发证机构更换新证书。"},
    [TRUST_DIGEST] = {"证书算法已停用", "这张证书由已不再安全的算法（SHA-1 或 MD5）签发。",
                      "请向法人一证通的发证机构更换新证书。"},
    [TRUST_NO_CODE] = {"证书内没有企业代码", "在证书中没有读到正确的统一社会信用代码。",
                       "请确认选用的是企业证书而不是个人证书；确认无误的，请联系发证机构。"},
};
static const struct refusal unknown_firm = {
    "本企业尚未登记", "证书有效，但在企业名录中没有查到这家企业。",
    "请联系管理部门核对企业的统一社会信用代码和登记信息，登记后即可登录。"};

/* A path of this site that a login may lead to; NULL for anything else. */
static const char *own_path(const char *next)
{
    if (next == NULL || next[0] != '/' || next[1] == '/')
        return NULL;
    for (const char *at = next; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("/-._~?&=%", *at) == NULL)
            return NULL;
    if (strncmp(next, "/login", 6) == 0 || strncmp(next, "/logout", 7) == 0)
        return NULL;
    return next;
}

/* "?next=…", or "" where there is nowhere to go on to. */
static const char *next_query(struct request *request)
{
    const char *next = own_path(request_text(request, F_NEXT));
    struct text query;

    text_init(&query, request->pool, 3 * NEXT_MAX + sizeof("?next="));
    if (next != NULL) {
        text_add(&query, "?next=");
        percent_encode(&query, next);
    }
    return query.data;
}

static enum outcome login_start(struct request *request, struct err *err)
{
    (void)err;
    page_text(request->hdf, "Login.Url",
              pool_printf(request->pool, "%s/login/certificate%s", request->login_origin,
                          next_query(request)));
    if (own_path(request_text(request, F_NEXT)) != NULL)
        page_int(request->hdf, "Login.Wanted", 1);
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
        .detail = pool_printf(request->pool, "{\"verdict\":\"%s\",\"certificate\":\"%s\"}",
                              verdict, identity->fingerprint),
    };

    return audit_add(request->db, request->pool, core_of(request), &event, 1, err);
}

static enum outcome login_refuse(struct request *request, const struct refusal *refusal,
                                 const char *verdict, const struct trust_identity *identity,
                                 struct err *err)
{
    HDF *node = page_node(request->hdf, "Login");

    if (login_record(request, "login.refused", 0, verdict, identity, err) < 0)
        return outcome_of(err);
    page_text(node, "Title", refusal->title);
    page_text(node, "Cause", refusal->cause);
    page_text(node, "Advice", refusal->advice);
    page_text(node, "Site", request->origin);
    respond_status(request, HTTP_FORBIDDEN);
    respond_page(request, "refused");
    return OUT_PAGE;
}

static enum outcome login_accept(struct request *request, const struct enterprise *enterprise,
                                 const struct trust_identity *identity, struct err *err)
{
    struct principal who = {WHO_FIRM, enterprise->id, enterprise->name};
    char token[TICKET_SIZE];

    if (ticket_issue(request, &who, token, err) < 0 ||
        login_record(request, "login.accepted", enterprise->id, "ok", identity, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "%s/login/ticket/%s%s", request->origin, token,
                            next_query(request));
}

static enum outcome login_certificate(struct request *request, struct err *err)
{
    struct trust_identity identity = {0};
    struct enterprise enterprise;
    enum trust_verdict verdict;
    int found;

    if (trust_judge_escaped(core_of(request)->trust, request->pool, request->client_certificate,
                            request->now_ms, &verdict, &identity, err) < 0)
        return outcome_of(err);
    if (verdict != TRUST_OK)
        return login_refuse(request, &refusals[verdict], trust_verdict_name(verdict), &identity,
                            err);
    found = enterprise_find_uscc(request->db, request->pool, identity.uscc, &enterprise, err);
    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return login_refuse(request, &unknown_firm, "unknown_firm", &identity, err);
    return login_accept(request, &enterprise, &identity, err);
}

static enum outcome login_ticket(struct request *request, struct err *err)
{
    const char *next = own_path(request_text(request, F_NEXT));
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

static const struct route login_routes[] = {
    {"", HTTP_GET, 0, .fields = next_fields, .page = "start", .handle = login_start},
    {"certificate", HTTP_GET, ON_LOGIN_PORT | NO_SESSION | NEED_TRANSACTION, .fields = next_fields,
     .handle = login_certificate},
    {"ticket/{token}", HTTP_GET, NEED_TRANSACTION, .fields = ticket_fields, .handle = login_ticket},
    {0},
};

const struct module module_login = {.name = "login", .label = "系统登录", .routes = login_routes};
