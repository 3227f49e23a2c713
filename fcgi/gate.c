#include "fcgi/gate.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "fcgi/metrics.h"
#include "fcgi/operations.h"
#include "fcgi/page.h"
#include "fcgi/percent.h"
#include "fcgi/visit.h"

enum { POOL_KEEP = 256 * 1024, POOL_SPARE = 64 * 1024 * 1024, HEAD_CAP = 16 * 1024 };

struct gate *gate_new(const struct application *application)
{
    struct pool *worker_pool = pool_new(HEAD_CAP, 0);
    struct gate *gate = POOL_NEW(worker_pool, struct gate);
    size_t most = (size_t)application->web->upload_bytes * 2 + POOL_SPARE;

    gate->application = application;
    gate->operations[0] = &module_operations;
    gate->worker_pool = worker_pool;
    gate->pool = pool_new(POOL_KEEP, most);
    gate->db = db_new(application->db);
    random_bytes(&gate->prefix, sizeof(gate->prefix));
    text_init(&gate->head, worker_pool, HEAD_CAP);
    return gate;
}

void gate_free(struct gate **gate)
{
    if (!*gate)
        return;
    struct pool *worker_pool = (*gate)->worker_pool;
    pool_free(&(*gate)->pool);
    db_free(&(*gate)->db);
    *gate = NULL;
    pool_free(&worker_pool);
}

const struct application *gate_application(const struct gate *gate)
{
    return gate->application;
}

struct db *gate_db(const struct gate *gate)
{
    return gate->db;
}

/* The visit */

void visit_clear(struct visit *visit)
{
    struct request *request = &visit->request;

    request->hdf = page_new(request->pool);
    request->invalid_page = NULL;
    request->rejected = 0;
    request->keep = false;
    request->kept_at = NULL;
    request->conflict = request->conflict_path = NULL;
    visit->response = (struct response){0};
    visit->page = NULL;
    visit->complete = false;
}

static struct visit *visit_new(struct gate *gate, const struct exchange *exchange)
{
    const struct web_settings *web = gate->application->web;

    db_ahead_drop(gate->db);
    pool_reset(gate->pool);
    struct visit *visit = POOL_NEW(gate->pool, struct visit);
    struct request *request = &visit->request;
    visit->gate = gate;
    visit->exchange = exchange;
    visit->started_us = clock_tick_us();
    visit->trips_before = db_round_trips(gate->db);
    visit->session.idle_ms[WHO_FIRM] = web->session_idle_s * 1000;
    visit->session.absolute_ms[WHO_FIRM] = web->session_absolute_s * 1000;
    visit->session.idle_ms[WHO_STAFF] = web->staff_idle_s * 1000;
    visit->session.absolute_ms[WHO_STAFF] = web->staff_absolute_s * 1000;
    request->gate = gate;
    request->pool = gate->pool;
    request->db = gate->db;
    request->context = gate->application->context;
    request->path = request->remote = request->client_certificate = "";
    request->who.label = "";
    request->origin = web->origin;
    request->login_origin = web->login_origin;
    request->response = &visit->response;
    request->session = &visit->session;
    request->values = visit->values;
    request->now_ms = clock_now_ms();
    request->today = date_today();
    text_format(request->number, sizeof(request->number), "%08x-%06x", gate->prefix,
                ++gate->served);
    visit_clear(visit);
    return visit;
}

/* The gates. Each yields 0 to let the request pass, or the status that it is answered with. */

static int refuse(struct visit *visit, int status, const char *explanation)
{
    visit->explanation = explanation;
    return status;
}

/* What nginx no longer waits for is not worth any work. */
static bool too_late(const struct visit *visit)
{
    const char *arrived = visit->parameters.arrived;
    const char *point = strchr(arrived, '.');
    int64_t seconds, ms;
    char whole[20];

    if (!point || !text_format(whole, sizeof(whole), "%.*s", (int)(point - arrived), arrived) ||
        !parse_int(whole, 0, INT32_MAX * (int64_t)1000, &seconds) ||
        !parse_int(point + 1, 0, 999, &ms))
        return false;
    return visit->request.now_ms - (seconds * 1000 + ms) > visit->gate->application->web->give_up_ms;
}

static bool json_first(const char *accept)
{
    const char *json = strstr(accept, "application/json");
    const char *html = strstr(accept, "text/html");

    return json && (!html || json < html);
}

/* The only thing that decides about the port is what nginx's server block says. */
static bool read_port(struct visit *visit)
{
    static const struct {
        const char *name;
        unsigned port;
    } ports[] = {{"site", 0}, {"login", ON_LOGIN_PORT}, {"operations", ON_OPERATIONS}};

    for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
        if (strcmp(ports[i].name, visit->parameters.port) == 0) {
            visit->port = ports[i].port;
            return true;
        }
    }
    return false;
}

static int take_head(struct visit *visit)
{
    const struct parameters *parameters = &visit->parameters;
    struct request *request = &visit->request;
    char *path;

    parameters_read(visit->exchange->parameters, &visit->parameters);
    request->remote = parameters->remote;
    request->wants_json = json_first(parameters->accept);
    visit->head_only = strcmp(parameters->method, "HEAD") == 0;
    if (visit->head_only || strcmp(parameters->method, "GET") == 0)
        request->method = HTTP_GET;
    else if (strcmp(parameters->method, "POST") == 0)
        request->method = HTTP_POST;
    if (!read_port(visit))
        return 403;
    if (too_late(visit))
        return 503;
    if (visit->port == ON_LOGIN_PORT)
        request->client_certificate = parameters->certificate;
    if (form_target(request->pool, parameters->target, &path, &visit->query, &visit->err) < 0)
        return 400;
    request->path = path;
    return 0;
}

static int find_route(struct visit *visit)
{
    struct request *request = &visit->request;
    const struct module *const *modules = visit->port == ON_OPERATIONS
                                              ? visit->gate->operations
                                              : visit->gate->application->modules;
    char *path = pool_text(request->pool, request->path);

    if (!route_find(modules, path, request->method, visit->port, &visit->match)) {
        visit->response.allow = visit->match.allowed;
        return visit->match.allowed ? 405 : 404;
    }
    request->module = visit->match.module;
    request->route = visit->match.route;
    for (const struct field *field = request->route->fields; field && field->name; field++)
        if (field->flags & FIELD_SECRET)
            request_secret(request);
    return 0;
}

static void hint_ahead(struct visit *visit)
{
    struct request *request = &visit->request;

    if (!request->route->ahead || !visit->session.claimed.kind)
        return;
    request->who = visit->session.claimed;
    request->route->ahead(request, *visit->query != '\0');
    request->who = (struct principal){.label = ""};
}

static int load_session(struct visit *visit)
{
    struct request *request = &visit->request;

    /* The operations' own handlers say how the database is. */
    if (visit->port == ON_OPERATIONS)
        return 0;
    if (db_ready(request->db, &visit->err) < 0)
        return visit_fail(visit);
    if (request->route->need & NO_SESSION)
        return 0;
    session_cookie(request, visit->parameters.cookie);
    hint_ahead(visit);
    if (session_load(request, &visit->err) == 0)
        return 0;
    /* A connection may have died since it was last used: one more try on a new one. */
    if (db_ready(request->db, &visit->err) < 0 || session_load(request, &visit->err) < 0)
        return visit_fail(visit);
    return 0;
}

/* Can this path be opened by its address alone, without what a form would ask for? The page is of this
 * pattern: "find" is no "{id}". */
static bool opens(const struct visit *visit, const char *path, const char *pattern)
{
    struct route_match match;

    if (!route_find(visit->gate->application->modules, pool_text(visit->request.pool, path), HTTP_GET,
                    visit->port, &match) ||
        strcmp(match.route->path, pattern) != 0)
        return false;
    for (const struct field *field = match.route->fields; field && field->name; field++)
        if ((field->flags & FIELD_REQUIRED) && !(field->flags & FIELD_IN_PATH))
            return false;
    return true;
}

/* The page behind a form whose session has ended: of the same path, or the module's first; "": none. */
static const char *page_behind(const struct visit *visit)
{
    const struct request *request = &visit->request;
    const char *first = pool_printf(request->pool, "/%s%s", request->module->name,
                                    *request->module->name ? "/" : "");

    if (opens(visit, request->path, request->route->path))
        return request->path;
    return opens(visit, first, "") ? first : "";
}

/* Where a visitor without a session is sent: to the login, and from there back; what was sent along is
 * lost, and the login says so. */
static int send_to_login(struct visit *visit)
{
    struct request *request = &visit->request;
    bool staff = (request->route->need & (NEED_STAFF | NEED_FIRM)) == NEED_STAFF;
    const char *login = staff ? "/staff/login/" : "/login";
    const char *lost = request->method == HTTP_GET ? "" : "&lost=1";
    struct text next;

    if (request->wants_json)
        return refuse(visit, 403, "登录已失效，请重新登录。");
    text_init(&next, request->pool, FORM_TARGET * 3);
    percent_encode(&next, request->method == HTTP_GET ? visit->parameters.target : page_behind(visit));
    if (next.length && next.length + strlen(login) + strlen(lost) + sizeof("?next=") < LOCATION_SIZE)
        respond_redirect(request, "%s?next=%s%s", login, next.data, lost);
    else
        respond_redirect(request, "%s", login);
    visit->complete = true;
    return 303;
}

static int check_role(struct visit *visit)
{
    static const unsigned needs[] = {[WHO_FIRM] = NEED_FIRM, [WHO_STAFF] = NEED_STAFF};
    const struct request *request = &visit->request;
    const struct route *route = request->route;
    unsigned kinds = route->need & (NEED_FIRM | NEED_STAFF);

    if (!kinds && !(route->need & NEED_CSRF))
        return 0;
    if (request->who.kind == WHO_NOBODY)
        return send_to_login(visit);
    if (kinds && !(kinds & needs[request->who.kind]))
        return refuse(visit, 403, "当前登录的用户不能使用这项功能。");
    if (request->who.kind == WHO_STAFF && route->roles && !(route->roles & request->who.roles))
        return refuse(visit, 403, "您的岗位不能使用这项功能。");
    return 0;
}

static size_t body_limit(const struct visit *visit)
{
    const struct web_settings *web = visit->gate->application->web;

    if (visit->request.route->need & TAKES_STREAM)
        return (size_t)web->stream_bytes;
    for (const struct field *field = visit->request.route->fields; field && field->name; field++) {
        bool long_list = field->kind == FIELD_LINES && field->high > (size_t)web->body_bytes;

        if (field->kind == FIELD_UPLOAD || long_list)
            return (size_t)web->upload_bytes;
    }
    return (size_t)web->body_bytes;
}

/* The length of the body: 0, or the status. */
static int read_length(const struct visit *visit, uint64_t *length)
{
    *length = 0;
    if (*visit->parameters.length && !parse_uint(visit->parameters.length, 0, INT64_MAX, length))
        return 400;
    return *length > body_limit(visit) ? 413 : 0;
}

/* The whole body, with a NUL behind it: 0, or the status. */
static int read_body(struct visit *visit, char **body, size_t *size)
{
    const struct exchange *exchange = visit->exchange;
    uint64_t length;
    int status = read_length(visit, &length);

    if (status)
        return status;
    *body = pool_alloc(visit->request.pool, length + 1);
    for (*size = 0; *size < length;) {
        long got = exchange->read(exchange->context, *body + *size, length - *size);
        if (got <= 0)
            return refuse(visit, 400, "提交的内容没有传完，请重新提交。");
        *size += (size_t)got;
    }
    return 0;
}

/* What stands before the file. */
static int take_stream(struct visit *visit)
{
    struct form_stream *stream = &visit->stream;
    uint64_t length;
    int status = read_length(visit, &length);

    /* What is refused for its length is not read at all. */
    if (status)
        return status;
    stream->left = length;
    stream->read = visit->exchange->read;
    stream->context = visit->exchange->context;
    visit->request.stream = stream;
    form_init(&visit->form, visit->request.pool);
    if (form_stream_open(&visit->form, visit->parameters.type, stream, &visit->err) == 0)
        return 0;
    return visit->err.kind == ERR_LIMIT ? 413 : 400;
}

/* nginx hears no answer while it has something to send. */
static void drain_stream(struct visit *visit)
{
    struct form_stream *stream = &visit->stream;

    while (stream->left > 0) {
        size_t size = stream->left < FORM_STREAM ? (size_t)stream->left : FORM_STREAM;
        long got = stream->read(stream->context, stream->buffer, size);
        if (got <= 0)
            return;
        stream->left -= (uint64_t)got;
    }
}

static int take_form(struct visit *visit)
{
    const char *type = visit->parameters.type;
    char *body;
    size_t size;
    int parsed;

    if (visit->request.route->need & TAKES_STREAM)
        return take_stream(visit);
    form_init(&visit->form, visit->request.pool);
    if (visit->request.method == HTTP_GET) {
        parsed = form_urlencoded(&visit->form, visit->query, strlen(visit->query), &visit->err);
    } else {
        int status = read_body(visit, &body, &size);
        if (status)
            return status;
        parsed = form_body(&visit->form, type, body, size, &visit->err);
    }
    if (parsed == 0)
        return 0;
    return visit->err.kind == ERR_LIMIT ? 413 : 400;
}

static const char *only_value(const struct form *form, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->pairs[i].name, name) != 0)
            continue;
        if (value)
            return NULL;
        value = form->pairs[i].value;
    }
    return value;
}

/* By what a browser says of itself: does this come from a page of ours? With a CSRF token older
 * browsers may keep silent. */
static bool is_from_site(const struct visit *visit)
{
    const struct parameters *parameters = &visit->parameters;
    const char *site = parameters->fetch_site, *origin = parameters->origin;

    if (*origin ? strcmp(origin, visit->request.origin) != 0
                : visit->request.route->need & NEED_ORIGIN)
        return false;
    return !*site || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

static int check_csrf(struct visit *visit)
{
    unsigned need = visit->request.route->need;

    if (!(need & (NEED_CSRF | NEED_ORIGIN)))
        return 0;
    if (!is_from_site(visit))
        return refuse(visit, 403, "这次提交不是从本系统的页面发出的。");
    if (!(need & NEED_CSRF))
        return 0;
    const char *token = only_value(&visit->form, "_csrf");
    if (!token || !session_csrf_equal(&visit->session, token))
        return refuse(visit, 403, "页面已过期。请返回上一页并刷新，然后重新提交。");
    return 0;
}

static int read_fields(struct visit *visit)
{
    struct request *request = &visit->request;
    const char *captures[ROUTE_FIELDS] = {NULL};
    struct field_error errors[ROUTE_FIELDS];

    route_assign(&visit->match, captures);
    int wrong = field_read(request->pool, request->route->fields, &visit->form, captures,
                           visit->values, errors, &visit->err);
    if (wrong < 0)
        return visit->err.kind == ERR_NOT_FOUND ? 404 : 400;
    if ((request->route->need & NEED_KEY) &&
        !idempotency_read(request, &visit->form, &visit->key))
        return refuse(visit, 400, "页面已过期。请返回上一页并刷新，然后重新提交。");
    visit->echo = true;
    if (!wrong)
        return 0;
    for (int i = 0; i < wrong; i++)
        request_reject(request, errors[i].field, "%s", errors[i].text);
    visit->explanation = errors[0].text;
    return transaction_invalid(visit);
}

/* The end */

static void record(const struct visit *visit, int status)
{
    static const char *const kinds[] = {"nobody", "firm", "staff"};
    const struct request *request = &visit->request;
    int64_t us = clock_tick_us() - visit->started_us;
    uint64_t trips = db_round_trips(visit->gate->db) - visit->trips_before;
    int64_t bytes = (int64_t)(visit->response.body.size + visit->streamed);
    char route[128] = "";

    metrics_request(request->route, status, us, trips, (uint64_t)bytes);
    if (request->route)
        text_format(route, sizeof(route), "%s/%s", request->module->name, request->route->path);
    log_event(visit->port == ON_OPERATIONS ? LOG_DEBUG : LOG_INFO, "request",
              log_text("request", request->number), log_text("method", visit->parameters.method),
              log_text("route", route), log_int("status", status), log_int("us", us),
              log_int("bytes", bytes),
              log_int("round_trips", (int64_t)trips), log_text("who", kinds[request->who.kind]),
              log_int("who_id", (int64_t)request->who.id),
              log_text("cause", status == 400 || status == 413 ? visit->err.text : ""));
}

int gate_serve(struct gate *gate, const struct exchange *exchange)
{
    struct visit *visit = visit_new(gate, exchange);
    int status = take_head(visit);

    if (!status)
        status = find_route(visit);
    if (!status)
        status = load_session(visit);
    if (!status)
        status = check_role(visit);
    if (!status)
        status = take_form(visit);
    if (!status)
        status = check_csrf(visit);
    if (!status)
        status = read_fields(visit);
    if (!status)
        status = transaction_run(visit);
    drain_stream(visit);
    status = answer_make(visit, status);
    status = answer_send(visit, status);
    record(visit, status);
    if (visit->request.secret) {
        render_forget(gate->application->render);
        db_ahead_drop(gate->db);
        pool_reset(gate->pool);
    }
    return status;
}
