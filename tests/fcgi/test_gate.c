/*
 * The gates over a real database: run it by tests/with-mariadb. Without
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

#include "tests/fcgi/site.h"

/* What is refused before anything happens */

static const struct {
    const char *what;
    struct fake_request request;
    int status;
} refused[] = {
    {"no port", {.target = "/t/", .port = ""}, 403},
    {"unknown port", {.target = "/t/", .port = "admin"}, 403},
    {"port as a client's header", {.target = "/t/", .port = "", .more = {"HTTP_ECERT_PORT=site"}}, 403},
    {"operations by a client's header",
     {.target = "/metrics", .more = {"HTTP_ECERT_PORT=operations", "HTTP_X_ECERT_PORT=operations"}}, 404},
    {"operations on the site", {.target = "/healthz"}, 404},
    {"site on the operations port", {.target = "/t/public", .port = "operations"}, 404},
    {"login port's page on the site", {.target = "/t/cert/show"}, 404},
    {"site's page on the login port", {.target = "/t/public", .port = "login"}, 404},
    {"no such module", {.target = "/x/"}, 404},
    {"no such page", {.target = "/t/x/y"}, 404},
    {"slash behind a page", {.target = "/t/public/"}, 404},
    {"path out of bounds", {.target = "/t/../t/public"}, 400},
    {"encoded slash", {.target = "/t%2fpublic"}, 400},
    {"wrong method", {.target = "/t/public", .method = "POST"}, 405},
    {"unknown method", {.target = "/t/public", .method = "DELETE"}, 405},
    {"lower case method", {.target = "/t/public", .method = "get"}, 405},
    {"GET of a form's target", {.target = "/t/logout/all"}, 405},
    {"too late", {.target = "/t/public", .more = {"ECERT_ARRIVED=1000000000.000"}}, 503},
    {"broken query", {.target = "/t/public?a=%"}, 400},
    {"no session", {.target = "/t/"}, 303},
    {"foreign cookie", {.target = "/t/", .cookie = "__Host-ecert=x"}, 303},
    {"unknown session",
     {.target = "/t/", .cookie = "__Host-ecert=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 303},
    {"session as a header", {.target = "/t/", .more = {"HTTP_X_USER=5", "HTTP_SSL_CLIENT_VERIFY=SUCCESS",
                                                       "HTTP_ECERT_CLIENT_CERT=x", "REMOTE_USER=5"}}, 303},
    {"form without session", {.target = "/t/add", .method = "POST"}, 303},
    {"JSON without session", {.target = "/t/", .more = {"HTTP_ACCEPT=application/json"}}, 403},
};

static void refuses_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct fake_response response = fake_send(&refused[i].request);
        if (response.status != refused[i].status)
            fail_msg("%s: %d, not %d", refused[i].what, response.status, refused[i].status);
        if (response.status != 303)
            assert_non_null(strstr(response.body, "\"request\":\"") ? response.body
                                                                     : strstr(response.body, "number="));
    }
    assert_int_equal(site_calls, 0);
}

static void passes_what_is_right(void **state)
{
    struct fake_response response;

    (void)state;
    response = fake_send(&(struct fake_request){.target = "/t/public"});
    assert_int_equal(response.status, 200);
    assert_non_null(fake_header(&response, "X-Robots-Tag"));
    assert_int_equal(fake_send(&(struct fake_request){.target = "/t/public", .method = "HEAD"}).body_size, 0);
    response = fake_send(&(struct fake_request){.target = "/t/cert/show", .port = "login",
                                                .more = {"HTTP_ECERT_CLIENT_CERT=spoofed",
                                                         "ECERT_CLIENT_CERT=real"}});
    assert_int_equal(response.status, 200);
    assert_non_null(strstr(response.body, "certificate=real"));
    /* Off the login port nobody reads it. */
    response = fake_send(&(struct fake_request){.target = "/t/public", .more = {"ECERT_CLIENT_CERT=real"}});
    assert_null(strstr(response.body, "real"));
    response = fake_send(&(struct fake_request){.target = "/healthz", .port = "operations"});
    assert_int_equal(response.status, 200);
    response = fake_send(&(struct fake_request){.target = "/readyz", .port = "operations"});
    assert_int_equal(response.status, 200);
}

static void sends_to_login_and_back(void **state)
{
    struct fake_response response;

    (void)state;
    response = fake_send(&(struct fake_request){.target = "/t/17?a=b&c=%E6%9D%8E"});
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/login?next=%2Ft%2F17%3Fa%3Db%26c%3D%25E6%259D%258E");
    response = fake_send(&(struct fake_request){.target = "/t/add", .method = "POST"});
    assert_string_equal(fake_header(&response, "Location"), "/login?next=%2Ft%2F&lost=1");
    /* Staff have a login of their own; what either may see is for firms first. */
    response = fake_send(&(struct fake_request){.target = "/t/staff?a=b"});
    assert_string_equal(fake_header(&response, "Location"), "/staff/login/?next=%2Ft%2Fstaff%3Fa%3Db");
    response = fake_send(&(struct fake_request){.target = "/t/do", .method = "POST"});
    assert_string_equal(fake_header(&response, "Location"), "/staff/login/?next=%2Ft%2F&lost=1");
    response = fake_send(&(struct fake_request){.target = "/t/both"});
    assert_string_equal(fake_header(&response, "Location"), "/login?next=%2Ft%2Fboth");
}

/* CSRF */

static void refuses_forged_forms(void **state)
{
    char body[256], good[sizeof(site_csrf)];
    static const char *const headers[] = {"HTTP_ORIGIN=https://evil.test", "HTTP_ORIGIN=null",
                                          "HTTP_ORIGIN=https://site.test:8444",
                                          "HTTP_SEC_FETCH_SITE=cross-site",
                                          "HTTP_SEC_FETCH_SITE=same-site"};

    (void)state;
    snprintf(body, sizeof(body), "_csrf=%s&_key=%s&name=name", site_csrf, site_key);
    struct fake_request request = {.method = "POST", .target = "/t/add", .cookie = site_cookie,
                                   .type = "application/x-www-form-urlencoded", .body = body};
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        request.more[0] = headers[i];
        assert_int_equal(fake_send(&request).status, 403);
    }
    memcpy(good, site_csrf, sizeof(good));
    site_csrf[0] = site_csrf[0] == 'A' ? 'B' : 'A';
    assert_int_equal(site_post("/t/add", "name=name").status, 403);
    site_csrf[0] = '\0';
    assert_int_equal(site_post("/t/add", "name=name").status, 403);
    memcpy(site_csrf, good, sizeof(good));
    snprintf(body, sizeof(body), "&_csrf=%s&name=name", site_csrf);
    assert_int_equal(site_post("/t/add", body).status, 403); /* twice */
    /* Of another session. */
    site_cookie[0] = '\0';
    site_log_in("/t/login/6");
    memcpy(site_csrf, good, sizeof(good));
    assert_int_equal(site_post("/t/add", "name=name").status, 403);
    assert_int_equal(site_calls, 0);
    assert_int_equal(site_things(), 0);
}

static void accepts_own_forms(void **state)
{
    char body[256];

    (void)state;
    snprintf(body, sizeof(body), "_csrf=%s&_key=%s&name=name", site_csrf, site_key);
    struct fake_response response =
        fake_send(&(struct fake_request){.method = "POST", .target = "/t/add", .cookie = site_cookie,
                                         .type = "application/x-www-form-urlencoded", .body = body,
                                         .more = {"HTTP_ORIGIN=https://site.test:8443",
                                                  "HTTP_SEC_FETCH_SITE=same-origin"}});
    assert_int_equal(response.status, 303);
    assert_int_equal(site_things(), 1);
}

/* Bodies */

static void checks_bodies(void **state)
{
    struct fake_request request = {.method = "POST", .target = "/t/add", .cookie = site_cookie,
                                   .type = "application/x-www-form-urlencoded", .body = "a=1"};

    (void)state;
    request.length = "4";
    assert_int_equal(fake_send(&request).status, 400);
    request.length = "-1";
    assert_int_equal(fake_send(&request).status, 400);
    request.length = "3x";
    assert_int_equal(fake_send(&request).status, 400);
    request.length = "65537";
    assert_int_equal(fake_send(&request).status, 413);
    request.length = "99999999999999999999";
    assert_int_equal(fake_send(&request).status, 400);
    request.length = NULL;
    request.type = "application/x-www-form-urlencoded; charset=gb18030";
    assert_int_equal(fake_send(&request).status, 400);
    assert_int_equal(site_calls, 0);
}

static void takes_uploads(void **state)
{
    enum { SIZE = 80000 };
    static char body[SIZE + 1000];

    (void)state;
    int head = snprintf(body, sizeof(body),
                        "--B\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n%s\r\n"
                        "--B\r\nContent-Disposition: form-data; name=\"_key\"\r\n\r\n%s\r\n"
                        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n",
                        site_csrf, site_key);
    memset(body + head, 0, SIZE);
    memcpy(body + head + SIZE, "\r\n--B--", 7);
    struct fake_request request = {.method = "POST", .target = "/t/upload", .cookie = site_cookie,
                                   .type = "multipart/form-data; boundary=B", .body = body,
                                   .body_size = (size_t)head + SIZE + 7};
    struct fake_response response = fake_send(&request);
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/t/80000");
    /* A route without upload is not open for that much. */
    request.target = "/t/add";
    assert_int_equal(fake_send(&request).status, 413);
}

/* A file that no memory holds, and one that is refused by its length, before anything of it was read. */
static void takes_files_within_their_bound(void **state)
{
    enum { SIZE = 200000 };
    static char body[SIZE + 1000];

    (void)state;
    int head = snprintf(body, sizeof(body),
                        "--B\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n%s\r\n"
                        "--B\r\nContent-Disposition: form-data; name=\"_key\"\r\n\r\n%s\r\n"
                        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n",
                        site_csrf, site_key);
    memset(body + head, 'x', SIZE);
    memcpy(body + head + SIZE, "\r\n--B--", 7);
    struct fake_request request = {.method = "POST", .target = "/t/file", .cookie = site_cookie,
                                   .type = "multipart/form-data; boundary=B", .body = body,
                                   .body_size = (size_t)head + SIZE + 7};
    request.length = "1000001";
    assert_int_equal(fake_send(&request).status, 413);
    request.length = "7x";
    assert_int_equal(fake_send(&request).status, 400);
    /* Shorter than it was to be. */
    request.length = "900000";
    assert_int_equal(fake_send(&request).status, 422);
    assert_int_equal(site_calls, 1);
    request.length = NULL;
    struct fake_response response = fake_send(&request);
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/t/200000");
}

/* Fields */

static void shows_the_form_again(void **state)
{
    (void)state;
    struct fake_response response = site_post("/t/add", "name=%3Cx&id=3&id=4&id=3");
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/t/2");
    site_new_key();
    response = site_post("/t/add", "name=%3C&id=3");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "错误：姓名不能少于2个字符"));
    assert_non_null(strstr(response.body, "echo=&lt; ticked=1 refilled=yes"));
    /* A password is not given back. */
    response = site_post("/t/secret", "name=%3C&word=p4ssword");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "word=. echo=&lt;"));
    response = site_post("/t/add", "id=3");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "错误：请填写姓名"));
    response = site_post("/t/add", "name=ab&id=x");
    assert_int_equal(response.status, 422);
    assert_int_equal(site_post("/t/add", "name=ab&name=cd").status, 400);
    response = site_post("/t/bare", "name=1");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "E422"));
    assert_int_equal(site_calls, 1);
}

static void shows_what_the_handler_rejects(void **state)
{
    (void)state;
    site_mode = MODE_REJECT;
    struct fake_response response = site_post("/t/add", "name=name");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "错误：姓名不在&lt;名册&gt;中"));
    assert_non_null(strstr(response.body, "refilled=yes"));
    assert_int_equal(site_things(), 0);
    /* Nothing was done, so the same key may be used for the corrected form. */
    site_mode = MODE_NONE;
    assert_int_equal(site_post("/t/add", "name=other").status, 303);
}

static void takes_ids_from_paths(void **state)
{
    (void)state;
    assert_non_null(strstr(site_get("/t/17").body, "id=17"));
    assert_int_equal(site_get("/t/404").status, 404);
    assert_int_equal(site_get("/t/0").status, 404);
    assert_int_equal(site_get("/t/-1").status, 404);
    assert_int_equal(site_get("/t/1x").status, 404);
    assert_int_equal(site_get("/t/9223372036854775808").status, 404);
}

/* Keys */

static const char *const bad_keys[] = {"", "short", "has.dots.in.it.x", "0123456789abcde",
                                       "key+with+blanks+x",
                                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

static void refuses_bad_keys(void **state)
{
    char fields[512];

    (void)state;
    for (size_t i = 0; i < sizeof(bad_keys) / sizeof(*bad_keys); i++) {
        char body[512];
        snprintf(body, sizeof(body), "_csrf=%s&_key=%s&name=name", site_csrf, bad_keys[i]);
        struct fake_response response =
            fake_send(&(struct fake_request){.method = "POST", .target = "/t/add", .cookie = site_cookie,
                                             .type = "application/x-www-form-urlencoded", .body = body});
        assert_int_equal(response.status, 400);
    }
    snprintf(fields, sizeof(fields), "_key=%s&name=name", site_key);
    assert_int_equal(site_post("/t/add", fields).status, 400); /* twice */
    assert_int_equal(site_calls, 0);
}

static void answers_the_same_form_once(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct fake_response response = site_post("/t/add", "name=name&id=1&id=2");
        assert_int_equal(response.status, 303);
        assert_string_equal(fake_header(&response, "Location"), "/t/2");
    }
    assert_int_equal(site_calls, 1);
    assert_int_equal(site_things(), 1);
    struct fake_response response = site_post("/t/add", "name=other&id=1&id=2");
    assert_int_equal(response.status, 409);
    assert_non_null(strstr(response.body, "另一份内容"));
    assert_int_equal(site_post("/t/bare", "name=name&id=1&id=2").status, 409);
    assert_int_equal(site_things(), 1);
    site_new_key();
    assert_int_equal(site_post("/t/add", "name=name&id=1&id=2").status, 303);
    assert_int_equal(site_things(), 2);
}

static void keeps_keys_of_firms_apart(void **state)
{
    (void)state;
    assert_int_equal(site_post("/t/add", "name=name").status, 303);
    site_log_in("/t/login/6");
    assert_int_equal(site_post("/t/add", "name=name").status, 303);
    assert_int_equal(site_things(), 2);
}

static void replays_after_a_new_login(void **state)
{
    (void)state;
    assert_int_equal(site_post("/t/add", "name=name").status, 303);
    site_log_in("/t/login/5");
    assert_int_equal(site_post("/t/add", "name=name").status, 303);
    assert_int_equal(site_things(), 1);
}

/* Transactions */

static void repeats_after_deadlocks(void **state)
{
    (void)state;
    site_mode = MODE_RETRY;
    site_failures = 3;
    assert_int_equal(site_post("/t/add", "name=name").status, 303);
    assert_int_equal(site_calls, 4);
    assert_int_equal(site_things(), 1);
    site_calls = 0;
    site_failures = 1000;
    site_new_key();
    struct fake_response response = site_post("/t/add", "name=name");
    assert_int_equal(response.status, 503);
    assert_non_null(fake_header(&response, "Retry-After"));
    assert_int_equal(site_calls, DB_ATTEMPTS);
    assert_int_equal(site_things(), 1);
}

static void reads_back_an_unknown_commit(void **state)
{
    (void)state;
    site_mode = MODE_COMMITTED_UNKNOWN;
    site_failures = 1;
    struct fake_response response = site_post("/t/add", "name=name");
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/t/committed");
    assert_int_equal(site_calls, 1);
    assert_int_equal(site_things(), 1);
}

/* The worker's, as an operator or a restart of the server does. */
static void kill_connection(void)
{
    fake_sql("KILL %lld", (long long)fake_number("SELECT id FROM information_schema.processlist"
                                                 " WHERE db = 'ecert_gate' AND id <> CONNECTION_ID()"));
}

static void survives_lost_connections(void **state)
{
    (void)state;
    site_mode = MODE_CONNECTION_LOST;
    site_failures = 1;
    assert_int_equal(site_post("/t/add", "name=name").status, 303);
    assert_int_equal(site_calls, 2);
    assert_int_equal(site_things(), 1);
    /* While it was idle. */
    kill_connection();
    assert_int_equal(site_get("/t/").status, 200);
}

static void keeps_only_what_is_kept(void **state)
{
    (void)state;
    assert_int_equal(site_post("/t/drop", "").status, 409);
    assert_int_equal(site_things(), 0);
    struct fake_response response = site_post("/t/keep", "");
    assert_int_equal(response.status, 409);
    assert_non_null(strstr(response.body, "refused"));
    assert_int_equal(site_things(), 1);
    response = site_post("/t/keep", "");
    assert_int_equal(response.status, 409);
    assert_non_null(strstr(response.body, "没有重复办理"));
    assert_int_equal(site_things(), 1);
}

/* The record of a refusal has a page of its own. */
static void leads_back_to_what_is_kept(void **state)
{
    (void)state;
    struct fake_response response = site_post("/t/keep/there", "");
    assert_int_equal(response.status, 409);
    assert_null(fake_header(&response, "Location"));
    assert_int_equal(site_things(), 1);
    for (int i = 0; i < 2; i++) {
        response = site_post("/t/keep/there", "");
        assert_int_equal(response.status, 303);
        assert_string_equal(fake_header(&response, "Location"), "/t/17?%E5%90%8D=1");
    }
    assert_int_equal(site_post("/t/keep/there", "a=other").status, 409);
    assert_int_equal(site_calls, 1);
    assert_int_equal(site_things(), 1);
}

/* A form that was shown again with a try that counts: sent again, it is no further try. */
static void leads_back_to_a_try_that_was_kept(void **state)
{
    (void)state;
    assert_int_equal(site_post("/t/keep/form", "name=ab").status, 422);
    assert_int_equal(site_things(), 1);
    struct fake_response response = site_post("/t/keep/form", "name=ab");
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/t/17");
    assert_int_equal(site_calls, 1);
    assert_int_equal(site_things(), 1);
}

/* Services of others */

static void goes_no_further_than_the_question(void **state)
{
    (void)state;
    site_mode = MODE_AWAY;
    struct fake_response response = site_post("/t/asked", "name=name");
    assert_int_equal(response.status, 503);
    assert_non_null(strstr(response.body, "其他部门的数据服务暂时没有应答，本次没有办理，请稍后再试。"));
    assert_null(strstr(response.body, "leftover=asked"));
    assert_null(strstr(response.body, "secret"));
    assert_non_null(fake_header(&response, "Retry-After"));
    assert_int_equal(site_get("/t/asked/17").status, 503);
    site_mode = MODE_REJECT;
    response = site_post("/t/asked", "name=name");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "错误：查无此人"));
    assert_int_equal(site_asked, 3);
    /* Wrong fields and strangers are not worth a question. */
    assert_int_equal(site_post("/t/asked", "name=1").status, 422);
    site_csrf[0] = '\0';
    assert_int_equal(site_post("/t/asked", "name=name").status, 403);
    assert_int_equal(site_asked, 3);
    assert_int_equal(site_calls, 0);
    assert_int_equal(site_things(), 0);
}

static void asks_once_and_outside_the_transaction(void **state)
{
    (void)state;
    site_mode = MODE_RETRY;
    site_failures = 2;
    assert_int_equal(site_post("/t/asked", "name=name").status, 303);
    assert_int_equal(site_asked, 1);
    assert_int_equal(site_calls, 3);
    assert_int_equal(site_things(), 1);
    /* The same form again needs nobody's answer. */
    site_mode = MODE_AWAY;
    assert_int_equal(site_post("/t/asked", "name=name").status, 303);
    assert_int_equal(site_post("/t/asked", "name=other").status, 409);
    assert_int_equal(site_asked, 1);
    assert_int_equal(site_things(), 1);
    site_mode = MODE_NONE;
    assert_non_null(strstr(site_get("/t/asked/17").body, "id=17"));
    assert_int_equal(site_asked, 2);
}

static void hides_causes(void **state)
{
    (void)state;
    site_mode = MODE_FAIL;
    struct fake_response response = site_post("/t/add", "name=name");
    assert_int_equal(response.status, 500);
    assert_null(strstr(response.body, "secret"));
    assert_null(strstr(response.body, "leftover=1"));
    assert_int_equal(site_things(), 0);
}

/* Responses */

static void sends_headers_once(void **state)
{
    static const char *const names[] = {
        "Content-Type", "Content-Length", "Cache-Control", "Content-Security-Policy",
        "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy", "Permissions-Policy", "Strict-Transport-Security"};

    (void)state;
    struct fake_response response = site_get("/t/");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char line[64];
        snprintf(line, sizeof(line), "\n%s:", names[i]);
        const char *first = strstr(response.head, line);
        if (!first || strstr(first + 1, line))
            fail_msg("%s is missing or there twice", names[i]);
    }
    assert_string_equal(fake_header(&response, "Cache-Control"), "no-store");
    assert_null(fake_header(&response, "X-Robots-Tag"));
    assert_int_equal(atoll(fake_header(&response, "Content-Length")), response.body_size);
}

static void lets_pages_connect_where_their_route_says(void **state)
{
    (void)state;
    struct fake_response response = site_get("/t/");
    const char *policy = fake_header(&response, "Content-Security-Policy");
    assert_non_null(strstr(policy, "default-src 'none';"));
    assert_string_equal(strstr(policy, "connect-src"), "connect-src 'self'");
    response = site_get("/t/bytes");
    policy = fake_header(&response, "Content-Security-Policy");
    assert_string_equal(strstr(policy, "connect-src"),
                        "connect-src 'self' http://127.0.0.1:1 http://127.0.0.1:2");
}

static void keeps_what_others_made_in_a_sandbox(void **state)
{
    (void)state;
    struct fake_response response = site_get("/t/foreign");
    const char *policy = fake_header(&response, "Content-Security-Policy");
    assert_string_equal(policy, "default-src 'none'; frame-ancestors 'none'; sandbox");
    assert_string_equal(fake_header(&response, "X-Content-Type-Options"), "nosniff");
    assert_non_null(strstr(fake_header(&response, "Content-Disposition"), "attachment;"));
}

static void lends_the_camera_where_a_route_says(void **state)
{
    (void)state;
    struct fake_response response = site_get("/t/");
    assert_non_null(strstr(fake_header(&response, "Permissions-Policy"), "camera=(),"));
    response = site_get("/t/foreign");
    assert_non_null(strstr(fake_header(&response, "Permissions-Policy"), "camera=(self),"));
}

static void serves_documents(void **state)
{
    (void)state;
    struct fake_response response = site_get("/t/bytes");
    assert_int_equal(response.status, 200);
    assert_string_equal(fake_header(&response, "ETag"), "\"abc\"");
    assert_string_equal(fake_header(&response, "Cache-Control"), "private, no-cache");
    assert_string_equal(fake_header(&response, "Content-Disposition"),
                        "attachment; filename=\"_____.pdf\"; filename*=UTF-8''%E6%9D%8E%22%0D%0A%E5%9B%9B.pdf");
    response = fake_send(&(struct fake_request){.target = "/t/bytes", .more = {"HTTP_IF_NONE_MATCH=\"x\", W/\"abc\""}});
    assert_int_equal(response.status, 304);
    assert_int_equal(response.body_size, 0);
    response = fake_send(&(struct fake_request){.target = "/t/bytes", .more = {"HTTP_IF_NONE_MATCH=\"abcd\""}});
    assert_int_equal(response.status, 200);
}

static void answers_without_database(void **state)
{
    const char *there = fake_db.socket;

    (void)state;
    fake_db.socket = "/nowhere/at/all";
    kill_connection();
    int statuses[] = {
        site_get("/t/").status,
        fake_send(&(struct fake_request){.target = "/healthz", .port = "operations"}).status,
        fake_send(&(struct fake_request){.target = "/readyz", .port = "operations"}).status,
    };
    fake_db.socket = there;
    assert_int_equal(statuses[0], 503);
    assert_int_equal(statuses[1], 200);
    assert_int_equal(statuses[2], 503);
    assert_int_equal(site_get("/t/").status, 200);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, site_set_up)
    const struct CMUnitTest tests[] = {
        TEST(refuses_requests),
        TEST(passes_what_is_right),
        TEST(sends_to_login_and_back),
        TEST(refuses_forged_forms),
        TEST(accepts_own_forms),
        TEST(checks_bodies),
        TEST(takes_uploads),
        TEST(takes_files_within_their_bound),
        TEST(shows_the_form_again),
        TEST(shows_what_the_handler_rejects),
        TEST(takes_ids_from_paths),
        TEST(refuses_bad_keys),
        TEST(answers_the_same_form_once),
        TEST(keeps_keys_of_firms_apart),
        TEST(replays_after_a_new_login),
        TEST(repeats_after_deadlocks),
        TEST(reads_back_an_unknown_commit),
        TEST(survives_lost_connections),
        TEST(keeps_only_what_is_kept),
        TEST(leads_back_to_what_is_kept),
        TEST(leads_back_to_a_try_that_was_kept),
        TEST(goes_no_further_than_the_question),
        TEST(asks_once_and_outside_the_transaction),
        TEST(hides_causes),
        TEST(sends_headers_once),
        TEST(lets_pages_connect_where_their_route_says),
        TEST(keeps_what_others_made_in_a_sandbox),
        TEST(lends_the_camera_where_a_route_says),
        TEST(serves_documents),
        TEST(answers_without_database),
    };

    if (!site_open("ecert_gate"))
        return 77;
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    fake_close();
    return result;
}
