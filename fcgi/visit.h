/*
 * What the gates know of one request, from its first byte to its last. For gate.c, transaction.c
 * and answer.c.
 */
#ifndef ECERT_FCGI_VISIT_H
#define ECERT_FCGI_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "fcgi/exchange.h"
#include "fcgi/field.h"
#include "fcgi/form.h"
#include "fcgi/idempotency.h"
#include "fcgi/render.h"
#include "fcgi/request.h"
#include "fcgi/response.h"
#include "fcgi/route.h"
#include "fcgi/server.h"
#include "fcgi/session.h"

/* A worker's. */
struct gate {
    const struct application *application;
    const struct module *operations[2]; /* what the operations socket answers */
    struct pool *pool;                  /* of the request */
    struct pool *worker_pool;
    struct db *db;
    struct text head; /* the response's header fields */
    uint32_t prefix;  /* of request numbers */
    uint32_t served;
};

struct visit {
    struct gate *gate;
    const struct exchange *exchange;
    struct parameters parameters;
    struct request request;
    struct response response;
    struct session session;
    unsigned port; /* 0: the site, ON_LOGIN_PORT, ON_OPERATIONS */
    bool head_only;
    struct route_match match;
    char *query;
    struct form form;
    struct form_stream stream;
    struct idempotency key;
    struct field_value values[ROUTE_FIELDS];
    bool echo;               /* the fields were read: pages get their input back */
    const char *page_module; /* the page to render */
    const char *page;        /* NULL: the error page of the status */
    bool complete;           /* nothing is left to render */
    uint64_t streamed;       /* bytes of a body that is made while it is sent */
    const char *explanation; /* on the error page, instead of the status's own sentence */
    int64_t started_us;
    uint64_t trips_before;
    struct err err;
};

/* Begins anew with empty page data and response: before the first attempt and every other. */
void visit_clear(struct visit *visit);

/* The status that an error means; logs it. */
int visit_fail(struct visit *visit);

/* transaction.c: before → begin → handler → commit or rollback, again where that is right. Leaves
 * in the visit what is to be rendered, and returns the status. */
int transaction_run(struct visit *visit);

/* The route's form again, for fields that are wrong. Returns the status. */
int transaction_invalid(struct visit *visit);

/* answer.c: makes the body (render) and sends all of it. Both return the status: answer_send that of
 * a failure where a streamed body breaks off, whatever its head had said. */
int answer_make(struct visit *visit, int status);
int answer_send(struct visit *visit, int status);

#endif
