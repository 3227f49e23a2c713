/*
 * The web runtime as the program sees it: settings in, requests answered.
 */
#ifndef ECERT_FCGI_SERVER_H
#define ECERT_FCGI_SERVER_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/db.h"
#include "base/supervisor.h"
#include "fcgi/request.h"

struct render;
struct text;

/* Section Web of the configuration. */
struct web_settings {
    const char *listen;      /* "unix:/path/to/socket" or "host:port" */
    const char *socket_group;/* group of the socket (mode 0660); "" leaves it */
    int64_t workers;
    int64_t backlog;
    int64_t requests;        /* a worker is recycled after so many; 0: never */
    int64_t grace_ms;        /* to finish at stop and reload */
    int64_t give_up_ms;      /* nginx's fastcgi_read_timeout: older requests are dropped unheard */
    const char *templates;   /* folder */
    const char *origin;      /* https://host:port of the site */
    const char *login_origin;/* https://host:port of the login port */
    int64_t session_idle_s;  /* of firms */
    int64_t session_absolute_s;
    int64_t staff_idle_s;    /* of staff */
    int64_t staff_absolute_s;
    int64_t body_bytes;      /* largest body without uploads */
    int64_t upload_bytes;    /* largest body of a route with an upload, or with lines longer than that */
    int64_t stream_bytes;    /* largest body of a route that takes a stream */
};

/* What the program puts into the runtime. */
struct application {
    const struct module *const *modules; /* ends with NULL */
    void *context;                       /* becomes request->context */
    const struct web_settings *web;
    const struct db_settings *db;
    struct render *render; /* the templates as server_check parsed them, before the fork: a worker's
                              memory holds them once for all workers */
    /* Adds what every page shows (menu counters, notices): optional, called before rendering. */
    int (*decorate)(struct request *request, struct err *err);
    /* Adds gauges to /metrics: optional. */
    int (*gauges)(struct db *db, struct pool *pool, struct text *out, struct err *err);
    /* Says whether this process can serve (schema right, keys readable): for /readyz. 0/-1. */
    int (*ready)(struct db *db, struct err *err);
    /* The supervisor's scoreboard, for /metrics: optional. */
    const struct score *scores;
    size_t score_count;
};

/* The listening socket (it does not block), made before privileges are dropped. Who holds it is given a few seconds to
 * end; then it is an error. Returns the descriptor, or -1. */
int server_listen(const struct web_settings *settings, struct err *err);

/* Proves the tables of the modules, that both origins name one host (ticket_issue says why; their
 * form, https://…, is proved by the settings), and that every template parses: these are given, for
 * application->render and render_free. 0/-1, then *render is NULL. */
int server_check(const struct application *application, struct render **render, struct err *err);

/* Shared memory for metrics, made before fork. 0/-1. */
int server_prepare(const struct application *application, struct err *err);

/* One worker: until SIGTERM, which it hears between two requests (*stop tells of one that came before),
 * or until it is due to be recycled. Returns the exit status. */
int server_work(const struct application *application, int listener, struct score *score,
                volatile sig_atomic_t *stop);

#endif
