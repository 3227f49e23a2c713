/*
 * The response while it is made, and its header fields.
 */
#ifndef ECERT_FCGI_RESPONSE_H
#define ECERT_FCGI_RESPONSE_H

#include <stdbool.h>

#include "base/text.h"

struct err;
struct request;
struct sink;

struct response {
    int status;           /* 0: by the outcome */
    const char *type;     /* Content-Type; NULL: none */
    struct bytes body;
    /* Makes the body while it is sent; NULL: `body` is all of it. See respond_stream. */
    int (*produce)(void *context, const struct sink *sink, struct err *err);
    void *context;
    const char *location; /* of a redirect */
    const char *cookie;   /* Set-Cookie: the session's */
    const char *login_cookie; /* Set-Cookie: of a login that is under way */
    const char *browser_cookie; /* Set-Cookie: what a browser is known by */
    const char *file_name;
    const char *etag;     /* without quotes */
    const char *connect;  /* as the route has it */
    bool camera;          /* likewise */
    bool sandbox;         /* what comes is somebody else's: nothing in it may run, if it were shown */
    const char *page;     /* template instead of the route's */
    unsigned allow;       /* of 405: 1 << http_method, or-ed */
    int retry_after;      /* seconds; 0: none */
    bool cache;           /* private, to be revalidated; else no-store */
    bool hidden;          /* from search engines */
};

enum { LOCATION_SIZE = 2048 };

/* Writes status and header fields, each once, and the empty line. Control characters in a value
 * become '_', so that no value can begin a field of its own. */
void response_head(const struct response *response, struct text *out);

/* True when the If-None-Match header (RFC 9110, 13.1.2) names the response's etag. */
bool response_unchanged(const struct response *response, const char *if_none_match);

#endif
