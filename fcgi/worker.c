/*
 * The only file that knows FastCGI.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <fcgiapp.h>

#include "base/err.h"
#include "base/log.h"
#include "base/random.h"
#include "fcgi/gate.h"
#include "fcgi/intake.h"
#include "fcgi/metrics.h"
#include "fcgi/server.h"

enum { FOREIGN_REQUEST = 2 /* nginx's are all 1 */ };

/* One connection of nginx, for one request. */
struct wire {
    FCGX_Request *fcgi;
    bool cut;
};

static long read_body(void *context, void *to, size_t size)
{
    const struct wire *wire = context;
    int most = size > INT32_MAX ? INT32_MAX : (int)size;

    return FCGX_GetStr(to, most, wire->fcgi->in);
}

static int put(FCGX_Stream *out, struct bytes bytes)
{
    return bytes.size ? FCGX_PutStr((const char *)bytes.data, (int)bytes.size, out) : 0;
}

static int send_response(void *context, struct bytes head, struct bytes body)
{
    const struct wire *wire = context;
    FCGX_Stream *out = wire->fcgi->out;

    return put(out, head) < 0 || put(out, body) < 0 ? -1 : 0;
}

static int begin_response(void *context, struct bytes head)
{
    const struct wire *wire = context;
    FCGX_Stream *out = wire->fcgi->out;

    return put(out, head) < 0 || FCGX_FFlush(out) < 0 ? -1 : 0;
}

/* libfcgi makes records of 8 KB of it. */
static int write_body(void *context, const void *data, size_t size)
{
    const struct wire *wire = context;

    return put(wire->fcgi->out, (struct bytes){data, size}) < 0 ? -1 : 0;
}

static void abort_response(void *context)
{
    struct wire *wire = context;

    wire->cut = true;
}

/* To nginx a connection that ends is an answer that is whole, with FCGI_END_REQUEST or without, unless
 * fastcgi_keep_conn is on, as our configuration has it. What makes any nginx cut its client's
 * connection is a record that can't be: of a request that it has not made. */
static void finish(struct wire *wire)
{
    FCGX_Request *fcgi = wire->fcgi;

    if (!wire->cut) {
        /* A connection is for one request: the next may be another worker's. */
        fcgi->keepConnection = 0;
        FCGX_Finish_r(fcgi);
        return;
    }
    fcgi->requestId = FOREIGN_REQUEST;
    FCGX_PutChar('\n', fcgi->out);
    FCGX_FFlush(fcgi->out);
    FCGX_Free(fcgi, 1);
}

/* A worker ends after so many requests, give or take an eighth, so that not all end at once. */
static int64_t lifetime(const struct web_settings *settings)
{
    uint32_t chance;

    if (settings->requests < 8)
        return settings->requests;
    random_bytes(&chance, sizeof(chance));
    return settings->requests - chance % (settings->requests / 8);
}

static void serve(struct gate *gate, FCGX_Request *fcgi, struct score *score)
{
    struct wire wire = {.fcgi = fcgi};
    const struct exchange exchange = {
        .parameters = fcgi->envp,
        .read = read_body,
        .send = send_response,
        .begin = begin_response,
        .write = write_body,
        .abort = abort_response,
        .context = &wire,
    };

    score->busy_since_ms = clock_now_ms();
    int status = gate_serve(gate, &exchange);
    finish(&wire);
    score->served++;
    score->failed += status >= 500;
    score->busy_since_ms = 0;
}

/* Reads what nginx asks over a connection of the intake; libfcgi is told that it has the connection
 * from a request before. False when it was broken; it is closed then. */
static bool attach(FCGX_Request *fcgi, int connection)
{
    fcgi->keepConnection = 1;
    fcgi->ipcFd = connection;
    return FCGX_Accept_r(fcgi) == 0;
}

/* Until told to end, or until `most` requests are served (0: without end). */
static int serve_all(struct gate *gate, const struct intake *intake, FCGX_Request *fcgi, struct score *score,
                     int64_t most)
{
    struct err err;

    for (int64_t served = 0; !most || served < most;) {
        int connection;
        int code = intake_next(intake, &connection, &err);
        if (code < 0)
            log_err("accept_failed", NULL, &err);
        if (code <= 0)
            return code < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (attach(fcgi, connection)) {
            served++;
            serve(gate, fcgi, score);
        }
    }
    return EXIT_SUCCESS;
}

/* libfcgi accepts nothing by itself: a connection that breaks is not followed by the next. */
static int fastcgi_start(FCGX_Request *fcgi, int listener)
{
    int code = FCGX_Init();

    if (code == 0)
        code = FCGX_InitRequest(fcgi, listener, 0);
    FCGX_ShutdownPending();
    return code;
}

int server_work(const struct application *application, int listener, struct score *score,
                volatile sig_atomic_t *stop)
{
    struct gate *gate = gate_new(application);
    struct intake intake;
    FCGX_Request fcgi;
    struct err err;
    int result = EXIT_FAILURE;

    /* The first request finds the connection open; an absent database is no reason not to start. */
    if (db_ready(gate_db(gate), &err) < 0)
        log_err("worker_start", NULL, &err);
    if (fastcgi_start(&fcgi, listener) != 0) {
        log_event(LOG_ERROR, "fastcgi_init", log_int("errno", errno));
    } else if (intake_open(&intake, listener, &err) < 0) {
        log_err("worker_start", NULL, &err);
        intake_close(&intake);
    } else {
        metrics_worker_started();
        score->ready = 1;
        result = *stop ? EXIT_SUCCESS : serve_all(gate, &intake, &fcgi, score, lifetime(application->web));
        FCGX_Free(&fcgi, 1);
        intake_close(&intake);
    }
    gate_free(&gate);
    return result;
}
