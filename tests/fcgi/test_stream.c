/*
 * Answers that are made while they are sent, through the gates and over a real database: run it by
 * tests/with-mariadb. Without ECERT_TEST_DB_SOCKET it is skipped (exit code 77).
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
#include "fcgi/metrics.h"
#include "tests/fcgi/site.h"

static char *metrics(void)
{
    return fake_send(&(struct fake_request){.target = "/metrics", .port = "operations"}).body;
}

static void says(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("no %s in\n%s", line, text);
}

static void ends_with_its_client(void **state)
{
    (void)state;
    for (size_t patience = 1; patience <= 2 * SITE_PIECE; patience += SITE_PIECE) {
        fake_patience = patience;
        site_calls = 0;
        struct fake_response response = site_get("/t/stream/10");
        assert_true(response.aborted);
        assert_int_equal(response.status, 200);
        assert_int_equal(response.body_size, patience / SITE_PIECE * SITE_PIECE);
        /* Nothing is made for nobody. */
        assert_int_equal(site_calls, patience / SITE_PIECE + 1);
    }
}

static void fails_as_a_page_before_the_first_byte(void **state)
{
    (void)state;
    site_failures = 1;
    struct fake_response response = site_get("/t/stream/10");
    assert_int_equal(response.status, 500);
    assert_false(response.aborted);
    says(response.head, "Status: 500 ");
    says(response.head, "Content-Type: text/html");
    assert_null(fake_header(&response, "Content-Disposition"));
    assert_int_equal(atoll(fake_header(&response, "Content-Length")), response.body_size);
    says(response.body, "E500");
    assert_null(strstr(response.body, "secret"));
    site_mode = MODE_AWAY;
    response = site_get("/t/stream/10");
    assert_int_equal(response.status, 503);
    says(response.body, "其他部门的数据服务");
    assert_non_null(fake_header(&response, "Retry-After"));
    response = fake_send(&(struct fake_request){.target = "/t/stream/10", .cookie = site_cookie,
                                                .more = {"HTTP_ACCEPT=application/json"}});
    assert_int_equal(response.status, 503);
    says(response.body, "{\"status\":503,");
}

static void is_cut_where_it_fails_later(void **state)
{
    (void)state;
    for (int i = 2; i < 10; i++) {
        site_failures = i;
        struct fake_response response = site_get("/t/stream/10");
        assert_true(response.aborted);
        /* In the log, not on the wire: the head has long gone. */
        assert_int_equal(response.status, 500);
        says(response.head, "Status: 200 ");
        assert_int_equal(response.body_size, (i - 1) * SITE_PIECE);
        assert_null(strstr(response.body, "secret"));
    }
}

static void is_only_a_head_for_head(void **state)
{
    (void)state;
    struct fake_response response = fake_send(
        &(struct fake_request){.method = "HEAD", .target = "/t/stream/10", .cookie = site_cookie});
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body_size, 0);
    assert_int_equal(site_calls, 0);
    assert_null(fake_header(&response, "Content-Length"));
    assert_string_equal(fake_header(&response, "Content-Type"), "text/csv; charset=utf-8");
}

static void is_empty_where_nothing_is_written(void **state)
{
    (void)state;
    struct fake_response response = site_get("/t/stream/1");
    assert_int_equal(response.status, 200);
    assert_false(response.aborted);
    assert_int_equal(response.body_size, 0);
    assert_string_equal(fake_header(&response, "Content-Length"), "0");
    assert_string_equal(fake_header(&response, "Content-Type"), "text/csv; charset=utf-8");
}

static void begins_when_its_transaction_has_ended(void **state)
{
    (void)state;
    struct fake_response response = site_get("/t/stream/4");
    assert_int_equal(response.status, 200);
    assert_false(response.aborted);
    assert_int_equal(response.body_size, 3 * SITE_PIECE);
    for (size_t i = 1; i <= 3; i++) {
        assert_int_equal(response.body[(i - 1) * SITE_PIECE], '0' + i);
        assert_int_equal(response.body[i * SITE_PIECE - 2], '0');
    }
    assert_null(fake_header(&response, "Content-Length"));
    says(response.head, "filename*=UTF-8''%E5%90%8D%E5%86%8C.csv");
    assert_int_equal(site_things(), 1);
    /* What was committed stays, whatever becomes of the body. */
    site_failures = 2;
    assert_true(site_get("/t/stream/4").aborted);
    assert_int_equal(site_things(), 2);
}

static void is_counted(void **state)
{
    static const struct module *const none[] = {NULL};
    struct err err;
    char line[64];

    (void)state;
    assert_int_equal(metrics_open(none, &err), 0);
    size_t before = strlen(metrics());
    site_get("/t/stream/4");
    site_failures = 3;
    site_get("/t/stream/10");
    char *text = metrics();
    snprintf(line, sizeof(line), "ecert_response_bytes_total %zu\n", before + 5 * SITE_PIECE);
    says(text, line);
    says(text, "status=\"5xx\"} 1\n");
    metrics_close();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, site_set_up)
    const struct CMUnitTest tests[] = {
        TEST(ends_with_its_client),
        TEST(fails_as_a_page_before_the_first_byte),
        TEST(is_cut_where_it_fails_later),
        TEST(is_only_a_head_for_head),
        TEST(is_empty_where_nothing_is_written),
        TEST(begins_when_its_transaction_has_ended),
        TEST(is_counted),
    };

    if (!site_open("ecert_stream"))
        return 77;
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    fake_close();
    return result;
}
