/*
 * One exchange with the web server, whatever carries it: FastCGI in the worker, memory in tests.
 */
#ifndef ECERT_FCGI_EXCHANGE_H
#define ECERT_FCGI_EXCHANGE_H

#include <stddef.h>

#include "base/text.h"

struct exchange {
    char *const *parameters; /* "NAME=value", ends with NULL */
    /* Reads up to `size` bytes of the body: how many, 0 at its end, -1 for a broken connection. */
    long (*read)(void *context, void *to, size_t size);
    /* Sends the response: header fields with the empty line, and body. 0/-1. */
    int (*send)(void *context, struct bytes head, struct bytes body);
    /* The same where the body is still being made: `begin` sends the head at once, each `write` goes
     * on with the body. 0; -1: the client is gone. */
    int (*begin)(void *context, struct bytes head);
    int (*write)(void *context, const void *data, size_t size);
    /* Cuts off what was begun, so that the client sees that it is broken. */
    void (*abort)(void *context);
    void *context;
};

/* The parameters this program reads; absent: "". Names that begin with HTTP_ are what the client
 * wrote into its headers, all others come from nginx's configuration, so that a client's header
 * "ECERT-Port" (HTTP_ECERT_PORT) can never pass for ECERT_PORT. */
struct parameters {
    const char *method;        /* REQUEST_METHOD */
    const char *target;        /* REQUEST_URI: path and query as they came */
    const char *type;          /* CONTENT_TYPE */
    const char *length;        /* CONTENT_LENGTH */
    const char *remote;        /* REMOTE_ADDR */
    const char *port;          /* ECERT_PORT: site, login, operations */
    const char *certificate;   /* ECERT_CLIENT_CERT: $ssl_client_escaped_cert */
    const char *arrived;       /* ECERT_ARRIVED: $msec, seconds with milliseconds */
    const char *cookie;        /* HTTP_COOKIE */
    const char *accept;        /* HTTP_ACCEPT */
    const char *origin;        /* HTTP_ORIGIN */
    const char *fetch_site;    /* HTTP_SEC_FETCH_SITE */
    const char *if_none_match; /* HTTP_IF_NONE_MATCH */
};

/* One pass over the parameters. The first of a name counts. */
void parameters_read(char *const *parameters, struct parameters *out);

#endif
