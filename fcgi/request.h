/*
 * A request, as handlers see it: who asks, typed fields, the page's data, the response.
 *
 * Everything in it lives until the end of the request. It has passed the gates: method, login,
 * CSRF, key and fields are as the route's table demands.
 */
#ifndef ECERT_FCGI_REQUEST_H
#define ECERT_FCGI_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ClearSilver/ClearSilver.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"
#include "base/text.h"
#include "fcgi/route.h"

enum principal_kind { WHO_NOBODY = 0, WHO_FIRM = 1, WHO_STAFF = 2 };

/* Who is logged in. */
struct principal {
    enum principal_kind kind;
    uint64_t id;       /* of the enterprise or the member of staff */
    const char *label; /* name for the page's head */
    unsigned roles;    /* of a member of staff, as bits; 0 of everybody else */
};

struct upload {
    const char *file_name; /* as sent, valid UTF-8, no slashes; never used as a path */
    const char *type;      /* as claimed; not to be believed */
    struct bytes bytes;
};

struct response;
struct session;
struct gate;

struct request {
    struct pool *pool;
    struct db *db;
    void *context; /* what the program gave the modules: struct core */
    const struct module *module;
    const struct route *route;
    enum http_method method;
    char number[20];        /* request number, on every error page and in the log */
    const char *path;       /* decoded, without query */
    const char *remote;     /* client's address as nginx saw it */
    const char *origin;     /* the site's origin by configuration: https://host:port */
    const char *login_origin; /* the login port's, in the same form */
    const char *client_certificate; /* nginx's $ssl_client_escaped_cert; "" off the login port */
    bool wants_json;        /* Accept names application/json before text/html */
    struct principal who;
    struct date today;      /* business date */
    int64_t now_ms;
    HDF *hdf;               /* the page's data */
    const void *asked;              /* what the route's `before` found out, for its handler */
    const char *invalid_page; /* template for OUT_INVALID instead of the route's form or page */
    struct response *response;
    /* For the runtime alone. */
    const char *conflict, *conflict_path;
    const struct field_value *values; /* by the index in the route's table */
    size_t rejected;                  /* fields marked as wrong */
    bool keep;
    bool secret;
    const char *kept_at;
    struct session *session;
    struct gate *gate;
    struct form_stream *stream;
};

/* Fields by the index in the route's table. Absent: NULL, 0, no date, false, count 0. */
bool request_has(const struct request *request, size_t field);
const char *request_text(const struct request *request, size_t field);
uint64_t request_id(const struct request *request, size_t field);
const uint64_t *request_ids(const struct request *request, size_t field, size_t *count);
int64_t request_int(const struct request *request, size_t field);
struct date request_date(const struct request *request, size_t field);
bool request_flag(const struct request *request, size_t field);
const struct upload *request_upload(const struct request *request, size_t field);

/* The next bytes of the file of a route with TAKES_STREAM, whose field is a FIELD_UPLOAD without
 * bytes: how many, 0 at its end, -1 (ERR_INPUT: what was sent is broken). */
long request_stream(struct request *request, void *to, size_t size, struct err *err);

/* Marks a field as wrong, with a Chinese sentence, for the error summary; yields OUT_INVALID. The
 * page finds Errors.<n>.field, .label and .text, which begins with "错误：" (put there when the
 * sentence does not). */
enum outcome request_reject(struct request *request, size_t field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A conflict in words: what has changed meanwhile, and a path of this site where the visitor can look
 * again (NULL: none). Both are copied. Yields OUT_CONFLICT. */
enum outcome request_conflict(struct request *request, const char *text, const char *path);

/* A secret stands in this request's memory or on its page: all of that is cleared at its end. With a
 * field that is FIELD_SECRET it is so by itself. */
void request_secret(struct request *request);

/* Commits although the outcome is a refusal (what was written is the record of the refusal). The
 * same form sent again is answered by a redirect to `location`, as of respond_redirect, which is
 * copied; NULL: by 409. */
void request_keep(struct request *request, const char *location);

/* Answers: each yields OUT_SENT. */
/* 303 to a path of this site, or to a URL below Web.Origin or Web.LoginOrigin. Any other place
 * (what a visitor put into ?next=) becomes "/": no open redirect can be written. What a URL can't
 * hold is percent-encoded. */
enum outcome respond_redirect(struct request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* 200 with these bytes, which live in the request's pool. `file_name` (UTF-8, RFC 6266) makes it a
 * download; NULL shows it in place. `etag` may be NULL. Both are copied. */
enum outcome respond_bytes(struct request *request, const char *type, struct bytes bytes,
                           const char *file_name, const char *etag);
/* The same as a download of what somebody else made: in a sandbox, should anything show it. */
enum outcome respond_foreign(struct request *request, const char *type, struct bytes bytes,
                             const char *file_name);
/* 200 with a body that `produce` writes into `sink`, in bounded memory, when the handler has returned
 * and its transaction has ended: outside any transaction, with request->db and request->pool at hand
 * (a long one empties a pool of its own from time to time). It yields 0, or -1 with *err, also where
 * the sink yielded -1. What fails before the first byte is answered like OUT_FAIL; after it the
 * connection is cut, so that no client takes a part for the whole, and the log has the status of the
 * failure. HEAD does not call it. */
enum outcome respond_stream(struct request *request, const char *type, const char *file_name,
                            int (*produce)(void *context, const struct sink *sink, struct err *err),
                            void *context);
enum outcome respond_json(struct request *request, const char *json);
/* Another status with OUT_PAGE (a login that is refused shows its page with 403). */
void respond_status(struct request *request, int status);
/* Another template than the route's: "<page>" of the same module. */
void respond_page(struct request *request, const char *page);

/* The outcome that an error of core means: ERR_CONFLICT and ERR_DB_DUPLICATE a conflict,
 * ERR_NOT_FOUND not found, everything else a failure. */
enum outcome outcome_of(const struct err *err);

/* The page's data. Exhausted memory ends the worker, so these cannot fail. Names are relative to
 * `node` and are literals, or live as long as the request; values are copied. page_item appends a
 * child "0", "1" … to the list `name` and returns it. */
void page_text(HDF *node, const char *name, const char *value);
void page_int(HDF *node, const char *name, int64_t value);
void page_date(HDF *node, const char *name, struct date date); /* yyyy-mm-dd */
void page_time(HDF *node, const char *name, int64_t ms);       /* yyyy-mm-dd hh:mm:ss, Shanghai */
/* Percent-encoded, to stand in the query of a link (RFC 3986, 3.4). */
void page_query(HDF *node, const char *name, const char *value);
HDF *page_node(HDF *node, const char *name);
HDF *page_item(HDF *node, const char *name, size_t index);

#endif
