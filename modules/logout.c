/*
 * 退出: ends this session, or all sessions of the firm or the member of staff.
 */
#include "fcgi/session.h"
#include "modules/common.h"

enum { F_AS };
static const struct field done_fields[] = {
    [F_AS] = {.name = "as", .kind = FIELD_CODE, .low = 0, .high = 8, .label = "身份"},
    {0},
};

/* The page says whose login leads back. */
static enum outcome done(struct request *request, enum principal_kind who)
{
    return respond_redirect(request, who == WHO_STAFF ? "/logout?as=staff" : "/logout");
}

static enum outcome logout_here(struct request *request, struct err *err)
{
    enum principal_kind who = request->who.kind;

    return session_close(request, err) < 0 ? outcome_of(err) : done(request, who);
}

static enum outcome logout_everywhere(struct request *request, struct err *err)
{
    enum principal_kind who = request->who.kind;

    return session_close_all(request, err) < 0 ? outcome_of(err) : done(request, who);
}

static enum outcome logout_done(struct request *request, struct err *err)
{
    (void)request;
    (void)err;
    return OUT_PAGE;
}

static const struct route logout_routes[] = {
    {"", HTTP_GET, 0, .fields = done_fields, .page = "done", .handle = logout_done},
    {"", HTTP_POST, NEED_CSRF | NEED_TRANSACTION, .handle = logout_here},
    {"everywhere", HTTP_POST, NEED_CSRF | NEED_TRANSACTION, .handle = logout_everywhere},
    {0},
};

const struct module module_logout = {.name = "logout", .label = "退出", .routes = logout_routes};
