/*
 * /metrics in Prometheus' text format, over a real database: run it by tests/with-mariadb. Without
 * ECERT_TEST_DB_SOCKET it is skipped (exit code 77).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "tests/fcgi/site.h"

enum { FAMILIES = 16, NAME_SIZE = 64 };

static const struct score scores[] = {{.pid = 1}, {.pid = 2, .busy_since_ms = 5}, {.pid = 0}};
static bool gauges_fail;

static int gauges(struct db *db, struct pool *pool, struct text *out, struct err *err)
{
    (void)db;
    (void)pool;
    if (gauges_fail)
        return err_set(err, ERR_DB, 0, "away");
    text_add(out, "# HELP test_jobs Jobs.\n# TYPE test_jobs gauge\ntest_jobs 7\n");
    return 0;
}

static char *metrics(void)
{
    struct fake_response response =
        fake_send(&(struct fake_request){.target = "/metrics", .port = "operations"});

    assert_int_equal(response.status, 200);
    assert_string_equal(fake_header(&response, "Content-Type"),
                        "text/plain; version=0.0.4; charset=utf-8");
    assert_string_equal(fake_header(&response, "Cache-Control"), "no-store");
    return response.body;
}

static double value_of(const char *text, const char *sample)
{
    const char *at = strstr(text, sample);

    if (!at)
        fail_msg("no %s in\n%s", sample, text);
    return strtod(at + strlen(sample), NULL);
}

/* The families that lines "# TYPE name kind" announce. */
struct families {
    size_t count;
    char names[FAMILIES][NAME_SIZE];
};

static bool announced(const struct families *families, const char *sample)
{
    static const char *const endings[] = {"", "_bucket", "_sum", "_count"};
    char name[NAME_SIZE * 2];

    for (size_t i = 0; i < families->count; i++)
        for (size_t j = 0; j < sizeof(endings) / sizeof(*endings); j++) {
            snprintf(name, sizeof(name), "%s%s", families->names[i], endings[j]);
            if (strncmp(sample, name, strlen(name)) == 0 && strchr("{ ", sample[strlen(name)]))
                return true;
        }
    return false;
}

static void check_line(const char *line, struct families *families)
{
    char kind[16], *end;

    if (strncmp(line, "# HELP ", 7) == 0)
        return;
    if (*line == '#') {
        assert_true(families->count < FAMILIES);
        assert_int_equal(sscanf(line, "# TYPE %63s %15s", families->names[families->count], kind), 2);
        assert_non_null(strstr("counter gauge histogram", kind));
        families->count++;
        return;
    }
    const char *blank = strrchr(line, ' ');
    if (!blank || !announced(families, line))
        fail_msg("not announced: %s", line);
    strtod(blank + 1, &end);
    assert_true(end != blank + 1 && *end == '\0');
}

static void keeps_the_format(void **state)
{
    struct families families = {0};
    size_t lines = 0;

    (void)state;
    site_get("/t/");
    site_get("/none");
    char *text = metrics();
    assert_int_equal(text[strlen(text) - 1], '\n');
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++)
        check_line(line, &families);
    assert_true(lines > 40);
    assert_int_equal(families.count, 7);
}

static void counts_requests(void **state)
{
    static const char ok[] = "ecert_requests_total{route=\"t/\",method=\"GET\",status=\"2xx\"} ";
    static const char none[] = "ecert_requests_total{route=\"/(none)\",method=\"\",status=\"4xx\"} ";
    static const char count[] = "ecert_request_seconds_count{route=\"t/\",method=\"GET\"} ";

    (void)state;
    site_get("/t/");
    site_get("/none");
    const char *text = metrics();
    double served = value_of(text, ok), lost = value_of(text, none), timed = value_of(text, count);
    double trips = value_of(text, "\necert_db_round_trips_total ");
    site_get("/t/");
    site_get("/none");
    text = metrics();
    assert_true(value_of(text, ok) == served + 1);
    assert_true(value_of(text, none) == lost + 1);
    assert_true(value_of(text, count) == timed + 1);
    assert_true(value_of(text, "\necert_db_round_trips_total ") >= trips + 2);
    /* The operations count themselves. */
    assert_true(value_of(text, "ecert_requests_total{route=\"/metrics\",method=\"GET\",status=\"2xx\"} ") >= 1);
}

static void adds_up_histograms(void **state)
{
    static const char bucket[] = "ecert_request_seconds_bucket{route=\"t/\",method=\"GET\",le=\"";
    double before = 0, bound = 0, value = 0;
    size_t count = 0;

    (void)state;
    site_get("/t/");
    const char *text = metrics();
    for (const char *at = text; (at = strstr(at, bucket)) != NULL; count++) {
        char *end;
        double next = strtod(at + strlen(bucket), &end); /* "+Inf" too */
        assert_true(next > bound);
        assert_memory_equal(end, "\"} ", 3);
        value = strtod(end + 3, NULL);
        assert_true(value >= before);
        bound = next;
        before = value;
        at = end;
    }
    assert_int_equal(count, 15);
    assert_true(value == value_of(text, "ecert_request_seconds_count{route=\"t/\",method=\"GET\"} "));
    assert_true(value_of(text, "ecert_request_seconds_sum{route=\"t/\",method=\"GET\"} ") > 0);
}

static void shows_gauges(void **state)
{
    (void)state;
    const char *text = metrics();
    assert_true(value_of(text, "ecert_workers{state=\"busy\"} ") == 1);
    assert_true(value_of(text, "ecert_workers{state=\"idle\"} ") == 1);
    assert_true(value_of(text, "\ntest_jobs ") == 7);
    /* Without the database the counters are still worth having. */
    gauges_fail = true;
    text = metrics();
    gauges_fail = false;
    assert_null(strstr(text, "test_jobs"));
    assert_non_null(strstr(text, "ecert_workers{"));
}

static void shows_nothing_on_other_ports(void **state)
{
    static const char *const targets[] = {"/metrics", "/healthz", "/readyz"};
    static const char *const ports[] = {"site", "login"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fake_request request = {.target = targets[i], .port = "operations"};

        assert_int_equal(fake_send(&request).status, 200);
        for (size_t j = 0; j < 2; j++) {
            request.port = ports[j];
            assert_int_equal(fake_send(&request).status, 404);
        }
        /* What a client may write into its own header. */
        request.port = "site";
        request.more[0] = "HTTP_ECERT_PORT=operations";
        assert_int_equal(fake_send(&request).status, 404);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, site_set_up)
    const struct CMUnitTest tests[] = {
        TEST(keeps_the_format),
        TEST(counts_requests),
        TEST(adds_up_histograms),
        TEST(shows_gauges),
        TEST(shows_nothing_on_other_ports),
    };
    struct err err;

    if (!site_open("ecert_metrics"))
        return 77;
    fake_application.gauges = gauges;
    fake_application.scores = scores;
    fake_application.score_count = sizeof(scores) / sizeof(*scores);
    if (server_prepare(&fake_application, &err) < 0)
        return 1;
    int result = cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
    fake_close();
    return result;
}
