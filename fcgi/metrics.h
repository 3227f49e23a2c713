/*
 * Counters of all workers, in memory shared by them: made before fork, never locked.
 */
#ifndef ECERT_FCGI_METRICS_H
#define ECERT_FCGI_METRICS_H

#include <stdint.h>

#include "fcgi/route.h"

struct application;
struct err;
struct text;

/* One slot for each route of the modules, and one for requests that met none. 0/-1. */
int metrics_open(const struct module *const *modules, struct err *err);
/* Ends them (tests). */
void metrics_close(void);

/* Counts one request and the bytes of its answer's body; `route` NULL: none. Without metrics_open
 * these do nothing. */
void metrics_request(const struct route *route, int status, int64_t us, uint64_t round_trips,
                     uint64_t bytes);
/* Counts a worker that begins. */
void metrics_worker_started(void);

/* Writes everything as Prometheus text (exposition format 0.0.4). */
void metrics_write(const struct application *application, struct text *out);

#endif
