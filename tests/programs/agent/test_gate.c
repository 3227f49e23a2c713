/* The head of a request: what is answered at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/config.h"
#include "programs/agent/gate.h"
#include "programs/agent/trouble.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SITE         "https://ecert.example"

enum { PORT = 17432 };

static const struct config_entry origins = {"0", SITE, NULL};

/* A good request for a signature, to be spoiled. */
static struct gate_request good(void)
{
    return (struct gate_request){.method = "POST",
                                 .path = "/v1/sign",
                                 .host = "127.0.0.1:17432",
                                 .origin = SITE,
                                 .content_type = "application/json",
                                 .loopback = true};
}

static void is_refused(struct gate_request request, int status)
{
    struct trouble trouble = {.tries_left = 5};
    enum gate_action action;
    size_t limit = 1;

    assert_int_equal(gate_judge(&request, &origins, PORT, &action, &limit, &trouble), -1);
    assert_int_equal(trouble.status, status);
    assert_int_equal(trouble.kind, TROUBLE_REFUSED);
    assert_int_equal(trouble.tries_left, TROUBLE_TRIES_UNKNOWN);
    assert_int_equal(limit, 0);
}

static void is_taken(struct gate_request request, enum gate_action expected, size_t most)
{
    struct trouble trouble;
    enum gate_action action;
    size_t limit;

    if (gate_judge(&request, &origins, PORT, &action, &limit, &trouble) < 0)
        fail_msg("%s", trouble.text);
    assert_int_equal(action, expected);
    assert_int_equal(limit, most);
}

static void refuses_strangers_before_all_else(void **state)
{
    struct gate_request request = good();

    (void)state;
    request.path = "/nonsense";
    request.loopback = false;
    is_refused(request, 403);
    assert_false(gate_asker_known(&request, &origins, PORT));
    request.loopback = true;
    request.host = "ecert.example:17432";
    is_refused(request, 403);
    assert_false(gate_asker_known(&request, &origins, PORT));
    request.host = NULL;
    is_refused(request, 403);
    request.host = "127.0.0.1:17432";
    request.origin = "https://evil.example";
    is_refused(request, 403);
    assert_false(gate_asker_known(&request, &origins, PORT));
    request.origin = NULL;
    is_refused(request, 403);
    request.origin = SITE;
    is_refused(request, 404);
    assert_true(gate_asker_known(&request, &origins, PORT));
    request.repeated = true;
    is_refused(request, 400);
    assert_false(gate_asker_known(&request, &origins, PORT));
}

static void refuses_other_paths_and_methods(void **state)
{
    static const char *const paths[] = {
        "",         "/",         "/v1",           "/v1/",    "/v1/sign/",
        "/V1/sign", "//v1/sign", "/v1/sign.json", "/v1/pin", "/v1/../v1/sign"};
    static const char *const methods[] = {"GET",   "HEAD", "PUT",   "DELETE",
                                          "PATCH", "post", "TRACE", ""};
    struct gate_request request = good();

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        request.path = paths[i];
        is_refused(request, 404);
    }
    request = good();
    request.query = true;
    is_refused(request, 404);
    for (size_t i = 0; i < COUNT(methods); i++) {
        request = good();
        request.method = methods[i];
        is_refused(request, 405);
    }
    request.path = "/v1/status";
    request.method = "POST";
    is_refused(request, 405);
}

static void refuses_bodies_a_form_could_send(void **state)
{
    static const char *const types[] = {NULL,
                                        "",
                                        "text/plain",
                                        "application/x-www-form-urlencoded",
                                        "multipart/form-data",
                                        "application/json;charset=gbk",
                                        "text/plain; application/json",
                                        "application/json, text/plain"};

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        struct gate_request request = good();

        request.content_type = types[i];
        is_refused(request, 415);
    }
}

static void refuses_what_no_fetch_sends(void **state)
{
    struct gate_request request = good();

    (void)state;
    request.fetch_mode = "navigate";
    is_refused(request, 403);
    request.fetch_mode = "no-cors";
    is_refused(request, 403);
    request = good();
    request.fetch_dest = "document";
    is_refused(request, 403);
    request = good();
    request.fetch_site = "none";
    is_refused(request, 403);
}

static void refuses_preflights_for_more(void **state)
{
    struct gate_request request = good();

    (void)state;
    request.method = "OPTIONS";
    request.content_type = NULL;
    is_refused(request, 405);
    request.wanted_method = "DELETE";
    is_refused(request, 405);
    request.wanted_method = "POST";
    request.wanted_headers = "authorization";
    is_refused(request, 403);
    request.wanted_headers = "content-type,authorization";
    is_refused(request, 403);
    request.path = "/v1/status";
    request.wanted_headers = NULL;
    is_refused(request, 405);
    request.origin = "https://evil.example";
    is_refused(request, 403);
}

static void takes_what_is_right(void **state)
{
    struct gate_request request = good();

    (void)state;
    is_taken(request, GATE_SIGN, GATE_SIGN_LIMIT);
    request.content_type = "application/json; charset=UTF-8";
    request.host = "localhost:17432";
    request.fetch_mode = "cors";
    request.fetch_dest = "empty";
    request.fetch_site = "cross-site";
    is_taken(request, GATE_SIGN, GATE_SIGN_LIMIT);
    request.path = "/v1/certificates";
    is_taken(request, GATE_CERTIFICATES, GATE_BODY_LIMIT);
    request.method = "OPTIONS";
    request.wanted_method = "POST";
    request.wanted_headers = "Content-Type";
    is_taken(request, GATE_PREFLIGHT, 0);
    request = good();
    request.path = "/v1/status";
    request.method = "GET";
    request.content_type = NULL;
    is_taken(request, GATE_STATUS, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_strangers_before_all_else),
        cmocka_unit_test(refuses_other_paths_and_methods),
        cmocka_unit_test(refuses_bodies_a_form_could_send),
        cmocka_unit_test(refuses_what_no_fetch_sends),
        cmocka_unit_test(refuses_preflights_for_more),
        cmocka_unit_test(takes_what_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
