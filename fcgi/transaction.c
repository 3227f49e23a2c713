#include <string.h>

#include "base/backoff.h"
#include "base/log.h"
#include "fcgi/visit.h"

enum { PAUSE_FIRST_US = 2000, PAUSE_MOST_US = 200000 };

int visit_fail(struct visit *visit)
{
    const struct err *err = &visit->err;
    bool away = db_lost(err) || err->kind == ERR_DB_RETRY || err->kind == ERR_DB_UNKNOWN ||
                err->kind == ERR_UNAVAILABLE;

    log_err("request_failed", visit->request.number, err);
    if (err->kind == ERR_UNAVAILABLE)
        visit->explanation = "其他部门的数据服务暂时没有应答，本次没有办理，请稍后再试。";
    return away ? 503 : 500;
}

/* A key that was used before: answered as then. OUT_PAGE for a new one. */
static enum outcome replay(struct visit *visit)
{
    const char *location;
    int found = idempotency_recall(&visit->request, &visit->key, &location, &visit->err);

    if (found <= 0)
        return found < 0 ? OUT_FAIL : OUT_PAGE;
    if (location && *location)
        return respond_redirect(&visit->request, "%s", location);
    visit->explanation = location ? "这份表单已经处理过，没有重复办理。请返回列表查看结果。"
                                  : "这个页面已经提交过另一份内容。请返回上一页并刷新，核对后重新提交。";
    return OUT_CONFLICT;
}

/* The route's own question, before the transaction. */
static enum outcome ask(struct visit *visit)
{
    const struct route *route = visit->request.route;
    enum outcome outcome = OUT_PAGE;

    if (!route->before)
        return outcome;
    if (route->need & NEED_KEY)
        outcome = replay(visit);
    if (outcome == OUT_PAGE)
        outcome = route->before(&visit->request, &visit->err);
    if (outcome == OUT_PAGE)
        visit_clear(visit);
    return outcome;
}

static bool keeps(const struct visit *visit, enum outcome outcome)
{
    return outcome == OUT_PAGE || outcome == OUT_SENT ||
           ((outcome == OUT_REFUSED || outcome == OUT_INVALID) && visit->request.keep);
}

/* The handler inside a transaction that is open. */
static enum outcome work(struct visit *visit)
{
    struct request *request = &visit->request;
    bool with_key = request->route->need & NEED_KEY;

    if (with_key) {
        int taken = idempotency_take(request, &visit->key, &visit->err);
        if (taken < 0)
            return OUT_FAIL;
        if (taken == 0) {
            db_rollback(request->db);
            enum outcome before = replay(visit);
            if (before != OUT_PAGE)
                return before;
            err_set(&visit->err, ERR_DB_RETRY, 0, "the key's first transaction is gone again");
            return OUT_FAIL;
        }
    }
    enum outcome outcome = request->route->handle(request, &visit->err);
    if (!keeps(visit, outcome))
        return outcome;
    const char *location = outcome == OUT_SENT ? visit->response.location : request->kept_at;
    if (with_key && location &&
        idempotency_store(request, &visit->key, location, &visit->err) < 0)
        return OUT_FAIL;
    return db_commit(request->db, &visit->err) < 0 ? OUT_FAIL : outcome;
}

static enum outcome attempt(struct visit *visit)
{
    struct request *request = &visit->request;

    if (!(request->route->need & (NEED_KEY | NEED_TRANSACTION)))
        return request->route->handle(request, &visit->err);
    if (db_begin(request->db, &visit->err) < 0)
        return OUT_FAIL;
    enum outcome outcome = work(visit);
    db_rollback(request->db); /* nothing, after a commit */
    return outcome;
}

/* A deadlock is worth several attempts. A connection lost before COMMIT did nothing, so one more
 * on a new one is safe; lost at COMMIT, the key tells whether it happened. */
static bool worth_repeating(const struct visit *visit, int attempts)
{
    unsigned need = visit->request.route->need;

    if (attempts >= DB_ATTEMPTS)
        return false;
    switch (visit->err.kind) {
    case ERR_DB_RETRY:
        return true;
    case ERR_DB_UNKNOWN:
        return need & NEED_KEY;
    case ERR_DB:
        return attempts == 1 && db_lost(&visit->err) &&
               (visit->request.method == HTTP_GET || (need & (NEED_KEY | NEED_TRANSACTION)));
    default:
        return false;
    }
}

static enum outcome attempts_run(struct visit *visit)
{
    struct session session = visit->session;
    struct principal who = visit->request.who;

    for (int attempts = 1;; attempts++) {
        enum outcome outcome = attempt(visit);
        if (keeps(visit, outcome))
            return outcome;
        /* A login that was rolled back has not happened. */
        visit->session = session;
        visit->request.who = who;
        if (outcome != OUT_FAIL || !worth_repeating(visit, attempts))
            return outcome;
        log_err("request_repeated", visit->request.number, &visit->err);
        /* Two that met in a deadlock must not meet again. */
        backoff_wait(backoff_us(PAUSE_FIRST_US, PAUSE_MOST_US, attempts));
        struct err cause = visit->err;
        if (db_ready(visit->request.db, &visit->err) < 0) {
            visit->err = cause;
            return OUT_FAIL;
        }
        err_clear(&visit->err);
        visit_clear(visit);
    }
}

/* What an outcome leaves to render. */

static int page_status(struct visit *visit, const char *page, int status)
{
    visit->page_module = visit->request.module->name;
    visit->page = page;
    return status;
}

int transaction_invalid(struct visit *visit)
{
    struct request *request = &visit->request;
    const struct route *route = request->route;
    const char *page = request->invalid_page ? request->invalid_page
                       : route->form         ? route->form
                                             : route->page;

    if (route->refill && route->refill(request, &visit->err) < 0)
        return visit_fail(visit);
    return page_status(visit, page, 422);
}

/* What somebody else changed at the same moment: for whoever asks later why it was not done. */
static int conflict(const struct visit *visit)
{
    const struct err *err = &visit->err;

    if (err->kind == ERR_CONFLICT || err->kind == ERR_DB_DUPLICATE)
        log_event(LOG_INFO, "request_conflict", log_text("request", visit->request.number),
                  log_text("kind", err_kind_name(err->kind)), log_text("file", err->file),
                  log_int("line", err->line), log_text("text", err->text));
    return 409;
}

int transaction_run(struct visit *visit)
{
    enum outcome outcome = ask(visit);
    if (outcome == OUT_PAGE)
        outcome = attempts_run(visit);
    struct response *response = &visit->response;
    const char *page = response->page ? response->page : visit->request.route->page;

    switch (outcome) {
    case OUT_PAGE:
        return page_status(visit, page, response->status ? response->status : 200);
    case OUT_SENT:
        visit->complete = true;
        return response->status;
    case OUT_INVALID:
        return transaction_invalid(visit);
    case OUT_REFUSED:
        visit->page_module = "";
        visit->page = "refused";
        response->location = NULL;
        return 409;
    case OUT_CONFLICT:
        return conflict(visit);
    case OUT_FORBIDDEN:
        return 403;
    case OUT_NOT_FOUND:
        return 404;
    default:
        return visit_fail(visit);
    }
}
