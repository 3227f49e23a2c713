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
#include "modules/key.h"

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
    struct principal who = {WHO_FIRM, enterprise->id, enterprise->name};
    char token[TICKET_SIZE];

    if (ticket_issue(request, &who, token, err) < 0 ||
        login_record(request, "login.accepted", enterprise->id, "ok", identity, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "%s/login/ticket/%s%s", request->origin, token,
                            next_query(request));
}

static enum outcome login_ask(struct request *request, struct err *err)
{
    if (trust_ask_escaped(core_of(request)->trust, request->pool, request->client_certificate,
                          request->now_ms, err) < 0)
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
                            request->now_ms, &verdict, &identity, err) < 0)
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
     .handle = login_certificate, .before = login_ask},
    {"ticket/{token}", HTTP_GET, NEED_TRANSACTION, .fields = ticket_fields, .handle = login_ticket},
    {0},
};

const struct module module_login = {.name = "login", .label = "系统登录", .routes = login_routes};
