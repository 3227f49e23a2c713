#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "fcgi/visit.h"

enum { KEY_BYTES = 16, KEY_TEXT = 4 * ((KEY_BYTES + 2) / 3) + 1, RETRY_SECONDS = 5, JSON_CAP = 8192 };

static const struct problem {
    int status;
    const char *title;
    const char *text;
} problems[] = {
    {400, "请求无法识别", "浏览器发送的内容不完整或格式不正确。请返回上一页，刷新后重试。"},
    {403, "不能访问", "您没有使用这个页面的权限。"},
    {404, "没有找到", "页面不存在，或者不属于本企业。请检查网址是否完整。"},
    {405, "不支持的操作", "这个页面不接受这样的操作。请从首页重新进入。"},
    {409, "情况已经变化", "办理期间数据已被其他操作改变，本次没有办理。请返回列表，核对后重新办理。"},
    {413, "提交的内容过大", "提交的内容超过了允许的大小。请减少内容或缩小文件后重试。"},
    {422, "填写有误", "填写的内容不符合要求。请返回上一页修改。"},
    {429, "操作过于频繁", "请稍候片刻再试。"},
    {503, "系统繁忙", "系统暂时无法处理您的请求。请稍后再试。"},
    {500, "系统出错", "系统出现错误，已经记录。请稍后再试；仍有问题时请联系管理部门。"},
};

/* The last entry stands for everything else. */
static const struct problem *problem_of(int status)
{
    const struct problem *problem = problems;

    while (problem->status != status && problem->status != 500)
        problem++;
    return problem;
}

/* Data that every page has */

static void put_session(struct visit *visit)
{
    static const char *const kinds[] = {"", "firm", "staff"};
    const struct request *request = &visit->request;
    HDF *node = page_node(request->hdf, "Session");
    char token[CSRF_TOKEN], key[KEY_TEXT];
    uint8_t random[KEY_BYTES];

    page_text(node, "Kind", kinds[request->who.kind]);
    if (request->who.kind == WHO_NOBODY)
        return;
    page_text(node, "Label", request->who.label);
    session_csrf(&visit->session, token);
    page_text(node, "Csrf", token);
    random_bytes(random, sizeof(random));
    base64url_encode(random, sizeof(random), key);
    page_text(request->hdf, "Form.Key", key);
}

/* What was typed, so that a page can show it again: Field.<name>, and for a list
 * Field.<name>.<id> = 1. */
static void put_echo(struct visit *visit)
{
    const struct field *fields = visit->request.route->fields;
    HDF *node = NULL;

    for (size_t i = 0; fields && fields[i].name; i++) {
        const struct field_value *value = &visit->values[i];
        if ((!value->count && !*value->text) || fields[i].flags & FIELD_SECRET)
            continue;
        if (!node)
            node = page_node(visit->request.hdf, "Field");
        if (!value->count)
            page_text(node, fields[i].name, value->text);
        for (size_t j = 0; j < value->count; j++) {
            const char *id = pool_printf(visit->request.pool, "%" PRIu64, value->ids[j]);
            page_int(page_node(node, fields[i].name), id, 1);
        }
    }
}

static void put_common(struct visit *visit)
{
    struct request *request = &visit->request;
    const struct application *application = visit->gate->application;
    struct err err;

    page_text(request->hdf, "Request.Number", request->number);
    page_text(request->hdf, "Request.Path", request->path);
    page_date(request->hdf, "Today", request->today);
    if (request->module) {
        page_text(request->hdf, "Module.Name", request->module->name);
        page_text(request->hdf, "Module.Label", request->module->label);
    }
    put_session(visit);
    if (visit->echo)
        put_echo(visit);
    /* A page without its decoration is better than none. */
    if (application->decorate && application->decorate(request, &err) < 0)
        log_err("decorate", request->number, &err);
}

/* Bodies */

static void set_body(struct visit *visit, const char *type, const char *data, size_t size)
{
    visit->response.type = type;
    visit->response.body = (struct bytes){(const uint8_t *)data, size};
}

static void make_json(struct visit *visit, int status, const char *title, const char *text)
{
    struct text json;

    text_init(&json, visit->request.pool, JSON_CAP);
    text_printf(&json, "{\"status\":%d,\"title\":\"", status);
    text_json(&json, title, strlen(title));
    text_add(&json, "\",\"text\":\"");
    text_json(&json, text, strlen(text));
    text_printf(&json, "\",\"request\":\"%s\"}", visit->request.number);
    set_body(visit, "application/json", json.data, json.length);
}

/* When nothing else works. */
static void make_plain(struct visit *visit)
{
    struct text page;

    text_init(&page, visit->request.pool, JSON_CAP);
    text_printf(&page,
                "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">"
                "<title>系统出错</title><h1>系统出错</h1>"
                "<p>系统出现错误，已经记录。请稍后再试。</p><p>请求编号：%s</p>",
                visit->request.number);
    set_body(visit, "text/html; charset=utf-8", page.data, page.length);
}

static bool make_page(struct visit *visit, const char *module, const char *page)
{
    struct request *request = &visit->request;
    struct bytes body;
    struct err err;

    put_common(visit);
    if (render_page(visit->gate->application->render, module, page, request->hdf, &body, &err) < 0) {
        log_err("render", request->number, &err);
        return false;
    }
    visit->response.type = "text/html; charset=utf-8";
    visit->response.body = body;
    return true;
}

/* An error page begins with fresh data: what the handler had gathered is not for it. */
static int make_problem(struct visit *visit, int status)
{
    const struct problem *problem = problem_of(status);
    const char *conflict = status == 409 ? visit->request.conflict : NULL;
    const char *path = conflict ? visit->request.conflict_path : NULL;
    const char *text = visit->explanation ? visit->explanation
                       : conflict         ? conflict
                                          : problem->text;
    unsigned allow = visit->response.allow;

    visit_clear(visit);
    visit->echo = false;
    visit->response.allow = allow;
    visit->response.retry_after = status == 503 || status == 429 ? RETRY_SECONDS : 0;
    if (visit->request.wants_json) {
        make_json(visit, status, problem->title, text);
        return status;
    }
    HDF *node = page_node(visit->request.hdf, "Error");
    page_int(node, "status", status);
    page_text(node, "title", problem->title);
    page_text(node, "text", text);
    if (path)
        page_text(node, "path", path);
    if (!make_page(visit, "", "error"))
        make_plain(visit);
    return status;
}

int answer_make(struct visit *visit, int status)
{
    struct response *response = &visit->response;

    if (!visit->complete && (!visit->page || (visit->request.wants_json && status >= 400)))
        status = make_problem(visit, status);
    else if (!visit->complete && !make_page(visit, visit->page_module, visit->page))
        status = make_problem(visit, 500);
    const struct route *route = visit->request.route;
    response->cache = route && (route->need & CACHE_PRIVATE);
    response->connect = route ? route->connect : NULL;
    response->camera = route && route->camera;
    response->hidden = route && (route->need & NO_SESSION) && *visit->request.module->name;
    if (status == 200 && response_unchanged(response, visit->parameters.if_none_match)) {
        status = 304;
        response->body = (struct bytes){0};
    }
    response->status = status;
    return status;
}

/* Sending */

static struct bytes head_of(struct visit *visit)
{
    struct text *head = &visit->gate->head;

    head->length = 0;
    head->overflow = false;
    response_head(&visit->response, head);
    return (struct bytes){(const uint8_t *)head->data, head->length};
}

static void note_client_gone(const struct visit *visit)
{
    log_event(LOG_DEBUG, "client_gone", log_text("request", visit->request.number));
}

static void send_whole(struct visit *visit)
{
    const struct exchange *exchange = visit->exchange;
    struct bytes body = visit->response.body;

    if (visit->head_only)
        body = (struct bytes){0};
    if (exchange->send(exchange->context, head_of(visit), body) < 0)
        note_client_gone(visit);
}

struct stream {
    struct visit *visit;
    bool begun, gone;
};

/* The head waits for the first byte: until then the answer may still become an error page. */
static int stream_write(void *context, const void *data, size_t size)
{
    struct stream *stream = context;
    struct visit *visit = stream->visit;
    const struct exchange *exchange = visit->exchange;

    if (!stream->begun && size) {
        stream->begun = true;
        stream->gone = exchange->begin(exchange->context, head_of(visit)) < 0;
    }
    if (!stream->gone && size)
        stream->gone = exchange->write(exchange->context, data, size) < 0;
    if (stream->gone)
        return -1;
    visit->streamed += size;
    return 0;
}

static int send_stream(struct visit *visit, int status)
{
    const struct exchange *exchange = visit->exchange;
    struct response *response = &visit->response;
    struct stream stream = {.visit = visit};
    const struct sink sink = {stream_write, &stream};
    int made = response->produce(response->context, &sink, &visit->err);

    if (stream.gone) {
        note_client_gone(visit);
    } else if (made < 0) {
        status = visit_fail(visit);
    } else if (stream.begun) {
        return status;
    }
    if (stream.begun) {
        exchange->abort(exchange->context);
        return status;
    }
    response->produce = NULL;
    if (made < 0) {
        visit->complete = false;
        status = answer_make(visit, status);
    }
    send_whole(visit);
    return status;
}

int answer_send(struct visit *visit, int status)
{
    if (visit->response.produce && !visit->head_only)
        return send_stream(visit, status);
    send_whole(visit);
    return status;
}
