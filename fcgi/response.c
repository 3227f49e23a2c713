#include "fcgi/response.h"

#include <stdarg.h>
#include <string.h>

#include "fcgi/percent.h"
#include "fcgi/request.h"

static const char policy_field[] =
    "Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self';"
    " img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'; connect-src 'self'"; /* and what the route's page needs besides */

static const char sandbox_field[] =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\n";

static const char constant_fields[] =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Strict-Transport-Security: max-age=31536000\r\n";

/* Reason phrases are for people who read traces; nginx puts its own. */
static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {200, "OK"},        {303, "See Other"},          {304, "Not Modified"},
    {400, "Bad Request"}, {403, "Forbidden"},        {404, "Not Found"},
    {405, "Method Not Allowed"}, {409, "Conflict"},  {413, "Content Too Large"},
    {422, "Unprocessable Content"}, {429, "Too Many Requests"},
    {500, "Internal Server Error"}, {503, "Service Unavailable"},
};

static const char *phrase_of(int status)
{
    for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return "Other";
}

static void put_clean(struct text *out, const char *value)
{
    for (; *value; value++)
        text_char(out, (unsigned char)*value < ' ' || *value == 0x7f ? '_' : *value);
}

static void put_field(struct text *out, const char *name, const char *value)
{
    text_add(out, name);
    text_add_n(out, ": ", 2);
    put_clean(out, value);
    text_add_n(out, "\r\n", 2);
}

/* RFC 6266, with the name in UTF-8 (RFC 8187) and an ASCII stand-in for what can't read it. */
static void put_disposition(struct text *out, const char *file_name)
{
    text_add(out, "Content-Disposition: attachment; filename=\"");
    for (const char *c = file_name; *c; c++) {
        bool plain = *c >= ' ' && *c < 0x7f && !strchr("\"\\/%", *c);
        if (plain)
            text_char(out, *c);
        else if (((unsigned char)*c & 0xc0) != 0x80) /* one for a whole character */
            text_char(out, '_');
    }
    text_add(out, "\"; filename*=UTF-8''");
    percent_encode(out, file_name);
    text_add(out, "\r\n");
}

static void put_caching(const struct response *response, struct text *out)
{
    bool kept = response->cache && (response->status == 200 || response->status == 304);

    put_field(out, "Cache-Control", kept ? "private, no-cache" : "no-store");
    if (kept && response->etag) {
        text_add(out, "ETag: \"");
        put_clean(out, response->etag);
        text_add(out, "\"\r\n");
    }
}

static void put_policies(const struct response *response, struct text *out)
{
    if (response->sandbox) {
        text_add_n(out, sandbox_field, sizeof(sandbox_field) - 1);
    } else {
        text_add_n(out, policy_field, sizeof(policy_field) - 1);
        if (response->connect) {
            text_char(out, ' ');
            put_clean(out, response->connect);
        }
        text_add_n(out, "\r\n", 2);
    }
    text_printf(out,
                "Permissions-Policy: camera=(%s), geolocation=(), microphone=(), payment=(),"
                " usb=()\r\n",
                response->camera ? "self" : "");
}

static void put_allow(const struct response *response, struct text *out)
{
    bool get = response->allow & 1u << HTTP_GET, post = response->allow & 1u << HTTP_POST;

    put_field(out, "Allow", get && post ? "GET, HEAD, POST" : get ? "GET, HEAD" : "POST");
}

void response_head(const struct response *response, struct text *out)
{
    text_printf(out, "Status: %d %s\r\n", response->status, phrase_of(response->status));
    if (response->type && response->status != 304)
        put_field(out, "Content-Type", response->type);
    if (response->status != 304 && !response->produce)
        text_printf(out, "Content-Length: %zu\r\n", response->body.size);
    if (response->location)
        put_field(out, "Location", response->location);
    if (response->cookie)
        put_field(out, "Set-Cookie", response->cookie);
    if (response->login_cookie)
        put_field(out, "Set-Cookie", response->login_cookie);
    if (response->browser_cookie)
        put_field(out, "Set-Cookie", response->browser_cookie);
    if (response->file_name)
        put_disposition(out, response->file_name);
    if (response->allow)
        put_allow(response, out);
    if (response->retry_after)
        text_printf(out, "Retry-After: %d\r\n", response->retry_after);
    if (response->hidden)
        put_field(out, "X-Robots-Tag", "noindex, nofollow");
    put_caching(response, out);
    put_policies(response, out);
    text_add_n(out, constant_fields, sizeof(constant_fields) - 1);
    text_add_n(out, "\r\n", 2);
}

bool response_unchanged(const struct response *response, const char *if_none_match)
{
    size_t length = response->etag ? strlen(response->etag) : 0;

    if (!length || !response->cache)
        return false;
    for (const char *at = if_none_match; *at;) {
        at += strspn(at, " \t,");
        if (*at == '*')
            return true;
        if (strncmp(at, "W/", 2) == 0)
            at += 2;
        if (*at != '"')
            return false;
        const char *end = strchr(at + 1, '"');
        if (!end)
            return false;
        if ((size_t)(end - at - 1) == length && memcmp(at + 1, response->etag, length) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

/* What handlers answer with */

static bool below(const char *url, const char *origin)
{
    size_t length = strlen(origin);

    return length && strncmp(url, origin, length) == 0 && (url[length] == '/' || !url[length]);
}

static bool place_allowed(const struct request *request, const char *place)
{
    for (const char *c = place; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == '\\' || *c == 0x7f)
            return false;
    }
    if (place[0] == '/')
        return place[1] != '/';
    return below(place, request->origin) || below(place, request->login_origin);
}

enum outcome respond_redirect(struct request *request, const char *format, ...)
{
    struct text location;
    va_list args;

    va_start(args, format);
    const char *place = pool_vprintf(request->pool, format, args);
    va_end(args);
    text_init(&location, request->pool, LOCATION_SIZE - 1);
    if (place_allowed(request, place))
        percent_encode_url(&location, place);
    request->response->location =
        location.overflow || !location.length ? "/" : location.data;
    request->response->status = 303;
    return OUT_SENT;
}

enum outcome respond_bytes(struct request *request, const char *type, struct bytes bytes,
                           const char *file_name, const char *etag)
{
    struct response *response = request->response;

    response->status = 200;
    response->type = type;
    response->body = bytes;
    response->file_name = pool_text(request->pool, file_name);
    response->etag = pool_text(request->pool, etag);
    return OUT_SENT;
}

enum outcome respond_foreign(struct request *request, const char *type, struct bytes bytes,
                             const char *file_name)
{
    request->response->sandbox = true;
    return respond_bytes(request, type, bytes, file_name, NULL);
}

enum outcome respond_stream(struct request *request, const char *type, const char *file_name,
                            int (*produce)(void *context, const struct sink *sink, struct err *err),
                            void *context)
{
    struct bytes none = {0};

    request->response->produce = produce;
    request->response->context = context;
    return respond_bytes(request, type, none, file_name, NULL);
}

enum outcome respond_json(struct request *request, const char *json)
{
    struct bytes body = {(const uint8_t *)json, strlen(json)};

    return respond_bytes(request, "application/json", body, NULL, NULL);
}

void respond_status(struct request *request, int status)
{
    request->response->status = status;
}

void respond_page(struct request *request, const char *page)
{
    request->response->page = page;
}
