#include "fcgi/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/text.h"
#include "fcgi/server.h"

static const int64_t bounds_us[] = {500,    1000,   2000,   5000,    10000,   20000,   50000,
                                    100000, 200000, 500000, 1000000, 2000000, 5000000, 10000000};

enum { BOUNDS = sizeof(bounds_us) / sizeof(*bounds_us), CLASSES = 5 };

struct counters {
    _Atomic uint64_t by_class[CLASSES]; /* 1xx … 5xx */
    _Atomic uint64_t by_time[BOUNDS + 1];
    _Atomic uint64_t total_us;
};

struct shared {
    _Atomic uint64_t round_trips;
    _Atomic uint64_t bytes;
    _Atomic uint64_t starts;
    struct counters routes[]; /* in the order of the modules; the last: no route */
};

static struct {
    struct shared *shared;
    const struct module *const *modules;
    size_t routes;
} metrics;

static size_t bytes_needed(void)
{
    return sizeof(struct shared) + (metrics.routes + 1) * sizeof(struct counters);
}

static size_t routes_of(const struct module *module)
{
    size_t count = 0;

    while (module->routes[count].handle)
        count++;
    return count;
}

int metrics_open(const struct module *const *modules, struct err *err)
{
    metrics.modules = modules;
    metrics.routes = 0;
    for (size_t i = 0; modules[i]; i++)
        metrics.routes += routes_of(modules[i]);
    void *memory = mmap(NULL, bytes_needed(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0);
    if (memory == MAP_FAILED)
        return err_set(err, ERR_SYSTEM, errno, "shared memory for metrics");
    metrics.shared = memory;
    return 0;
}

void metrics_close(void)
{
    if (metrics.shared)
        munmap(metrics.shared, bytes_needed());
    metrics.shared = NULL;
}

static void add(_Atomic uint64_t *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static uint64_t get(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static struct counters *counters_of(const struct route *route)
{
    size_t before = 0;

    for (size_t i = 0; route && metrics.modules[i]; i++) {
        const struct route *first = metrics.modules[i]->routes;
        size_t count = routes_of(metrics.modules[i]);
        if (route >= first && route < first + count)
            return &metrics.shared->routes[before + (size_t)(route - first)];
        before += count;
    }
    return &metrics.shared->routes[metrics.routes];
}

void metrics_request(const struct route *route, int status, int64_t us, uint64_t round_trips,
                     uint64_t bytes)
{
    size_t bucket = 0;

    if (!metrics.shared)
        return;
    struct counters *counters = counters_of(route);
    while (bucket < BOUNDS && us > bounds_us[bucket])
        bucket++;
    if (status >= 100 && status < 600)
        add(&counters->by_class[status / 100 - 1], 1);
    add(&counters->by_time[bucket], 1);
    add(&counters->total_us, (uint64_t)us);
    add(&metrics.shared->round_trips, round_trips);
    add(&metrics.shared->bytes, bytes);
}

void metrics_worker_started(void)
{
    if (metrics.shared)
        add(&metrics.shared->starts, 1);
}

/* Writing */

static void head(struct text *out, const char *name, const char *type, const char *help)
{
    text_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static const char *method_of(const struct route *route)
{
    return !route ? "" : route->method == HTTP_POST ? "POST" : "GET";
}

static void put_classes(const struct module *module, const struct route *route,
                        struct counters *counters, struct text *out)
{
    for (size_t i = 0; i < CLASSES; i++) {
        uint64_t count = get(&counters->by_class[i]);
        if (count)
            text_printf(out,
                        "ecert_requests_total{route=\"%s/%s\",method=\"%s\",status=\"%zuxx\"}"
                        " %" PRIu64 "\n",
                        module ? module->name : "", route ? route->path : "(none)",
                        method_of(route), i + 1, count);
    }
}

static void put_times(const struct module *module, const struct route *route,
                      struct counters *counters, struct text *out)
{
    char labels[256];
    uint64_t sum = 0;

    text_format(labels, sizeof(labels), "route=\"%s/%s\",method=\"%s\"",
                module ? module->name : "", route ? route->path : "(none)", method_of(route));
    for (size_t i = 0; i <= BOUNDS; i++)
        sum += get(&counters->by_time[i]);
    if (!sum)
        return;
    sum = 0;
    for (size_t i = 0; i < BOUNDS; i++) {
        sum += get(&counters->by_time[i]);
        text_printf(out, "ecert_request_seconds_bucket{%s,le=\"%g\"} %" PRIu64 "\n", labels,
                    (double)bounds_us[i] / 1e6, sum);
    }
    sum += get(&counters->by_time[BOUNDS]);
    text_printf(out, "ecert_request_seconds_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", labels, sum);
    text_printf(out, "ecert_request_seconds_sum{%s} %.6f\n", labels,
                (double)get(&counters->total_us) / 1e6);
    text_printf(out, "ecert_request_seconds_count{%s} %" PRIu64 "\n", labels, sum);
}

static void each_route(void (*put)(const struct module *, const struct route *, struct counters *,
                                   struct text *),
                       struct text *out)
{
    struct counters *counters = metrics.shared->routes;

    for (size_t i = 0; metrics.modules[i]; i++) {
        const struct module *module = metrics.modules[i];
        for (const struct route *route = module->routes; route->handle; route++)
            put(module, route, counters++, out);
    }
    put(NULL, NULL, counters, out);
}

static void put_workers(const struct application *application, struct text *out)
{
    uint64_t alive = 0, busy = 0;

    for (size_t i = 0; i < application->score_count; i++) {
        alive += application->scores[i].pid != 0;
        busy += application->scores[i].pid != 0 && application->scores[i].busy_since_ms != 0;
    }
    head(out, "ecert_workers", "gauge", "Workers by what they do.");
    text_printf(out, "ecert_workers{state=\"busy\"} %" PRIu64 "\n", busy);
    text_printf(out, "ecert_workers{state=\"idle\"} %" PRIu64 "\n", alive - busy);
}

void metrics_write(const struct application *application, struct text *out)
{
    if (!metrics.shared)
        return;
    head(out, "ecert_requests_total", "counter", "Requests by route and class of status.");
    each_route(put_classes, out);
    head(out, "ecert_request_seconds", "histogram", "Time from accept to answer.");
    each_route(put_times, out);
    head(out, "ecert_db_round_trips_total", "counter", "Round trips to the database.");
    text_printf(out, "ecert_db_round_trips_total %" PRIu64 "\n", get(&metrics.shared->round_trips));
    head(out, "ecert_response_bytes_total", "counter", "Bytes of bodies, before compression.");
    text_printf(out, "ecert_response_bytes_total %" PRIu64 "\n", get(&metrics.shared->bytes));
    head(out, "ecert_worker_starts_total", "counter", "Workers started, restarts included.");
    text_printf(out, "ecert_worker_starts_total %" PRIu64 "\n", get(&metrics.shared->starts));
    if (application->scores)
        put_workers(application, out);
}
