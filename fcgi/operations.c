#include "fcgi/operations.h"

#include <string.h>

#include "base/log.h"
#include "fcgi/gate.h"
#include "fcgi/metrics.h"
#include "fcgi/request.h"

enum { METRICS_CAP = 1024 * 1024 };

static enum outcome plain(struct request *request, const char *text)
{
    struct bytes body = {(const uint8_t *)text, strlen(text)};

    return respond_bytes(request, "text/plain; charset=utf-8", body, NULL, NULL);
}

static enum outcome show_health(struct request *request, struct err *err)
{
    (void)err;
    return plain(request, "ok\n");
}

/* That the templates are loaded is sure: without them the worker does not start. */
static enum outcome show_readiness(struct request *request, struct err *err)
{
    const struct application *application = gate_application(request->gate);

    if (db_ready(request->db, err) == 0 &&
        (!application->ready || application->ready(request->db, err) == 0))
        return plain(request, "ready\n");
    log_err("not_ready", request->number, err);
    plain(request, "not ready\n");
    respond_status(request, 503);
    return OUT_SENT;
}

static enum outcome show_metrics(struct request *request, struct err *err)
{
    const struct application *application = gate_application(request->gate);
    struct text out;

    text_init(&out, request->pool, METRICS_CAP);
    metrics_write(application, &out);
    /* The counters are worth having just when the database is away. */
    if (application->gauges &&
        (db_ready(request->db, err) < 0 ||
         application->gauges(request->db, request->pool, &out, err) < 0))
        log_err("gauges", request->number, err);
    struct bytes body = {(const uint8_t *)out.data, out.length};
    return respond_bytes(request, "text/plain; version=0.0.4; charset=utf-8", body, NULL, NULL);
}

static const struct route operations_routes[] = {
    {.path = "healthz", .method = HTTP_GET, .need = ON_OPERATIONS | NO_SESSION, .handle = show_health},
    {.path = "readyz", .method = HTTP_GET, .need = ON_OPERATIONS | NO_SESSION, .handle = show_readiness},
    {.path = "metrics", .method = HTTP_GET, .need = ON_OPERATIONS | NO_SESSION, .handle = show_metrics},
    {0},
};

const struct module module_operations = {
    .name = "", .label = "运行状态", .routes = operations_routes};
