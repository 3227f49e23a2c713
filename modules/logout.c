/*
 * 退出: ends this session, or all sessions of the firm.
 */
#include "fcgi/session.h"
#include "modules/common.h"

static enum outcome logout_here(struct request *request, struct err *err)
{
    if (session_close(request, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/logout");
}

static enum outcome logout_everywhere(struct request *request, struct err *err)
{
    if (session_close_all(request, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/logout");
}

static enum outcome logout_done(struct request *request, struct err *err)
{
    (void)request;
    (void)err;
    return OUT_PAGE;
}

static const struct route logout_routes[] = {
    {"", HTTP_GET, 0, .page = "done", .handle = logout_done},
    {"", HTTP_POST, NEED_CSRF | NEED_TRANSACTION, .handle = logout_here},
    {"everywhere", HTTP_POST, NEED_CSRF | NEED_TRANSACTION, .handle = logout_everywhere},
    {0},
};

const struct module module_logout = {.name = "logout", .label = "退出", .routes = logout_routes};
