/*
 * What a page is, as data: modules, routes, fields.
 *
 * A module serves everything under /<name>/ (the module named "" serves "/"). A name may hold one
 * slash: "staff/people" serves what is under /staff/people/, and "staff" the rest under /staff/. Its
 * routes say what they need; the gates (gate.h) enforce it before the handler runs, so a handler never checks
 * again. A start-up check (route_table_check) proves the tables.
 */
#ifndef ECERT_FCGI_ROUTE_H
#define ECERT_FCGI_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct request;

enum http_method { HTTP_OTHER = 0, HTTP_GET = 1, HTTP_POST = 2 }; /* HEAD is GET without its body */

/* What the gates must establish before the handler runs. */
enum need {
    NEED_FIRM = 1 << 0,         /* a session of a firm; without one: 303 to /login?next=… */
    NEED_STAFF = 1 << 1,        /* a session of a member of staff who has one of the route's roles;
                                   without one: 303 to /staff/login/?next=…. With NEED_FIRM: either
                                   of them */
    NEED_CSRF = 1 << 2,         /* POST: the CSRF token of a session, whoever's, in `_csrf` */
    NEED_KEY = 1 << 3,          /* POST: an idempotency key in `_key`; runs in a transaction */
    NEED_TRANSACTION = 1 << 4,  /* a transaction without a key (login, logout) */
    ON_LOGIN_PORT = 1 << 5,     /* answered on the login port only (default: site port only) */
    ON_OPERATIONS = 1 << 6,     /* answered on the operations socket only */
    NO_SESSION = 1 << 7,        /* the session is not even looked up (public and operations pages) */
    NEED_ORIGIN = 1 << 9,       /* POST without a session: its Origin is the site's (RFC 6454) */
    TAKES_STREAM = 1 << 10,     /* POST, multipart: its last part is a file that no memory holds;
                                   `before` reads it (request_stream) */
    CACHE_PRIVATE = 1 << 8      /* the browser may keep the answer (private, revalidate); else no-store */
};

enum field_kind {
    FIELD_TEXT,    /* UTF-8, trimmed, one line, no control characters; bounds in characters */
    FIELD_LINES,   /* the same with tabs and several lines, which end in LF whatever was sent */
    FIELD_CODE,    /* ASCII letters, digits, '.', '_', '-'; bounds in characters */
    FIELD_ID,      /* 1 … 2^63-1; bounds ignored */
    FIELD_ID_LIST, /* FIELD_ID given `low` to `high` times; duplicates are dropped */
    FIELD_INT,     /* bounds are the value's */
    FIELD_DATE,    /* yyyy-mm-dd */
    FIELD_TOKEN,   /* base64url; bounds in characters */
    FIELD_FLAG,    /* absent or "1" */
    FIELD_UPLOAD   /* multipart file; bounds in bytes */
};

enum field_flag {
    FIELD_REQUIRED = 1 << 0,
    FIELD_IN_PATH = 1 << 1, /* comes from {name} in the route's path; anything wrong with it is 404 */
    FIELD_CHOSEN = 1 << 2,  /* one of those that the page offers, and so nothing that is filled in */
    FIELD_SECRET = 1 << 3   /* a password: not trimmed, never given back to a page, and all memory of the
                               request is cleared at its end */
};

/* One field of a request: of the query for GET, of the body for POST. Single-valued fields given
 * twice are 400. Fields that are not in the table are ignored. Arrays end with {0}. */
struct field {
    const char *name;
    enum field_kind kind;
    size_t low, high;
    unsigned flags;
    const char *label; /* Chinese, for the error summary: 错误：<label>… */
};

/* How a handler ended. */
enum outcome {
    OUT_PAGE,      /* 200, the route's template over the request's HDF */
    OUT_SENT,      /* the response is complete: redirect, bytes, JSON */
    OUT_INVALID,   /* 422, the route's (or request->invalid_page's) template, with field errors */
    OUT_REFUSED,   /* 409, a rule: template refused.cs */
    OUT_CONFLICT,  /* 409, a race */
    OUT_FORBIDDEN, /* 403 */
    OUT_NOT_FOUND, /* 404: not there, or not this firm's */
    OUT_FAIL       /* *err says what; 500, or 503 for a database or a service that is away */
};

/* Everything but OUT_PAGE and OUT_SENT rolls the transaction back; OUT_REFUSED and OUT_INVALID do
 * not where the handler has called request_keep (a refusal that is itself recorded). */

struct route {
    const char *path; /* relative to the module: "", "{id}", "{id}/document" */
    enum http_method method;
    unsigned need;              /* enum need, or-ed */
    const struct field *fields; /* NULL: none */
    const char *page;           /* template "<module>/<page>.cs"; NULL where none is rendered */
    enum outcome (*handle)(struct request *request, struct err *err);
    /* With NEED_STAFF, and only there: who of them may. Bits, of which the runtime knows no more than
     * that one of request->who.roles must be among them; any other member of staff: 403. */
    unsigned roles;
    /* Optional, for OUT_INVALID and for fields that are wrong (then `handle` is not called): the
     * template that is shown again, and what fills in its data, after the transaction is rolled
     * back. Without `form`: `page`; without both: the error page. 0/-1. */
    const char *form;
    int (*refill)(struct request *request, struct err *err);
    /* Optional: where scripts of the page connect to besides the site, as sources of a
     * Content-Security-Policy's connect-src. */
    const char *connect;
    bool camera; /* the page may ask the visitor for the camera (Permissions-Policy) */
    /* Optional: gives the database hints (db_ahead) of what the handler will select, as far as the
     * path says it, so that it travels with the look-up of the session. It runs before the session
     * is known: request->who is only what the cookie claims, and fields are not read yet; `queried`
     * says that there is a query which may change what is selected. */
    void (*ahead)(struct request *request, bool queried);
    /* Optional: asks what must not be asked inside a transaction, such as services of other offices
     * (one that is away: ERR_UNAVAILABLE), once the fields are right and before the transaction
     * begins. OUT_PAGE goes on to `handle`, which finds in request->asked what was put there; page
     * data is dropped. Any other outcome is the answer. It runs once, however often the transaction
     * is repeated, and not for a form that was answered before. */
    enum outcome (*before)(struct request *request, struct err *err);
};

struct module {
    const char *name;           /* first segment of the path, or the first two; and folder of the
                                   templates; those of "" stand in no folder */
    const char *label;          /* Chinese, as in the menu */
    const struct route *routes; /* ends with {0} (handle == NULL) */
};

/* Proves the tables at start: names and paths unique per method, every route reachable (the first
 * in the table that matches wins, so "new" stands before "{id}"), every POST on the site with CSRF
 * or NEED_ORIGIN (and a key, or a transaction without one), roles with NEED_STAFF only and always
 * where it stands alone, every {name} a field with FIELD_IN_PATH, bounds and labels there. That every
 * page's template is there and parses, render_new proves.
 * 0/-1 (ERR_CONFIG). */
int route_table_check(const struct module *const *modules, struct err *err);

/* The longest table of fields, and the most {name} in a path. */
enum { ROUTE_FIELDS = 32, ROUTE_CAPTURES = 4 };

struct route_match {
    const struct module *module;
    const struct route *route;
    unsigned allowed; /* methods the path knows (for 405): 1 << http_method, or-ed */
    size_t captured;
    const char *captures[ROUTE_CAPTURES]; /* of {name}, in the order of the path */
};

/* Finds the route of a decoded path on this port (0: the site, ON_LOGIN_PORT or ON_OPERATIONS).
 * "/<module>" and "/<module>/" are the same; the longest name of a module that the path begins with
 * counts; where none does, the path belongs to the module "". `path` is cut up, and captures point
 * into it. 1, or 0 with `allowed` set. */
int route_find(const struct module *const *modules, char *path, enum http_method method,
               unsigned port, struct route_match *match);

/* Sorts the captures by the index of the field that they feed: by_field has room for
 * ROUTE_FIELDS. */
void route_assign(const struct route_match *match, const char **by_field);

#endif
