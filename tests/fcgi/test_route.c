/* The tables: what the check at start refuses, and which route a path finds. */
#include "fcgi/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "fcgi/operations.h"
#include "fcgi/request.h"

static enum outcome handle(struct request *request, struct err *err)
{
    (void)request;
    (void)err;
    return OUT_PAGE;
}

#define ID(text) {.name = text, .kind = FIELD_ID, .flags = FIELD_IN_PATH}
static const struct field id_fields[] = {ID("id"), {0}};
static const struct field two_fields[] = {ID("a"), ID("b"), {0}};
static const struct field five_fields[] = {ID("a"), ID("b"), ID("c"), ID("d"), ID("e"), {0}};
static const struct field plain_fields[] = {{"x", FIELD_TEXT, 0, 9, 0, "x"}, {0}};
static const struct field twice[] = {{"x", FIELD_TEXT, 0, 9, 0, "x"}, {"x", FIELD_ID, 0, 9, 0, "x"}, {0}};
static const struct field hidden[] = {{"_key", FIELD_TEXT, 0, 9, 0, "x"}, {0}};
static const struct field unbound[] = {{"x", FIELD_TEXT, 0, 0, 0, "x"}, {0}};
static const struct field upside_down[] = {{"x", FIELD_TEXT, 9, 1, 0, "x"}, {0}};
static const struct field nameless[] = {{"x", FIELD_TEXT, 0, 9, 0, NULL}, {0}};
static const struct field secret[] = {{"x", FIELD_TEXT, 0, 9, FIELD_SECRET, "x"}, {0}};
static const struct field file[] = {{"x", FIELD_UPLOAD, 0, 9, 0, "x"}, {0}};
static const struct field list_in_path[] = {{"id", FIELD_ID_LIST, 0, 9, FIELD_IN_PATH, "x"}, {0}};

#define GET(path, need, fields) {path, HTTP_GET, need, fields, .handle = handle}
#define POST(path, need, fields) {path, HTTP_POST, need, fields, .handle = handle}

/* Up to two routes of one module, and a part of what the check says; NULL: nothing. */
static const struct {
    const struct route routes[3];
    const char *complaint;
} tables[] = {
    {{GET("a", NEED_CSRF, NULL)}, "GET with a CSRF"},
    {{GET("a", NEED_FIRM | NEED_KEY, NULL)}, "GET with a CSRF"},
    {{POST("a", NEED_FIRM, NULL)}, "without CSRF"},
    {{POST("a", NEED_FIRM | NEED_KEY, NULL)}, "without CSRF"},
    {{POST("a", NEED_FIRM | NEED_CSRF, NULL)}, "without key or transaction"},
    {{POST("a", NEED_CSRF | NEED_KEY, NULL)}, "without saying whose"},
    {{GET("a", NEED_ORIGIN, NULL)}, "an origin"},
    {{POST("a", NEED_ORIGIN | NEED_FIRM | NEED_TRANSACTION, NULL)}, "besides a session"},
    {{POST("a", NEED_ORIGIN | NEED_CSRF | NEED_TRANSACTION, NULL)}, "besides a session"},
    {{POST("a", NEED_ORIGIN, NULL)}, "without key or transaction"},
    {{GET("a", NO_SESSION | NEED_FIRM, NULL)}, "not looked up"},
    {{POST("a", NO_SESSION | NEED_CSRF | NEED_TRANSACTION, NULL)}, "not looked up"},
    {{GET("a", ON_LOGIN_PORT | ON_OPERATIONS, NULL)}, "two ports"},
    {{GET("a", NEED_STAFF, NULL)}, "in which roles"},
    {{{"a", HTTP_GET, NEED_FIRM, .handle = handle, .roles = 1}}, "without needing staff"},
    {{{"a", HTTP_GET, 0, .handle = handle, .roles = 1}}, "without needing staff"},
    {{{"a", HTTP_OTHER, 0, NULL, .handle = handle}}, "neither GET nor POST"},
    {{GET("a", 0, NULL), GET("a", 0, NULL)}, "not reachable"},
    {{GET("{id}", 0, id_fields), GET("a", 0, NULL)}, "not reachable"},
    {{GET("{a}/{b}", 0, two_fields), GET("x/{id}", 0, id_fields)}, "not reachable"},
    {{GET("/a", 0, NULL)}, "'/' too much"},
    {{GET("a/", 0, NULL)}, "'/' too much"},
    {{GET("a//b", 0, NULL)}, "'/' too much"},
    {{GET("{id}", 0, NULL)}, "without a field"},
    {{GET("{id}", 0, plain_fields)}, "without a field"},
    {{GET("{id", 0, id_fields)}, "broken {name}"},
    {{GET("a", 0, id_fields)}, "more or fewer"},
    {{GET("{a}/{b}/{c}/{d}/{e}", 0, five_fields)}, "too many"},
    {{GET("a", 0, twice)}, "field twice"},
    {{GET("a", 0, hidden)}, "begins with '_'"},
    {{GET("a", 0, unbound)}, "without upper bound"},
    {{GET("a", 0, upside_down)}, "upside down"},
    {{GET("a", 0, nameless)}, "without label"},
    {{GET("a", 0, file)}, "file in a GET"},
    {{POST("a", NEED_FIRM | NEED_CSRF | NEED_KEY, secret)}, "hash of a secret"},
    {{POST("a", NEED_FIRM | NEED_CSRF | NEED_TRANSACTION, secret)}, NULL},
    {{GET("{id}", 0, list_in_path)}, "list or a file in its path"},
    {{GET("a", 0, NULL), GET("{id}", 0, id_fields)}, NULL},
    {{GET("a", 0, NULL), POST("a", NEED_CSRF | NEED_TRANSACTION, NULL)}, NULL},
    {{GET("a", 0, NULL), POST("a", NEED_ORIGIN | NEED_TRANSACTION, NULL)}, NULL},
    {{GET("a", 0, NULL), GET("a", ON_LOGIN_PORT, NULL)}, NULL},
    {{GET("a", NEED_STAFF | NEED_FIRM, NULL)}, NULL},
    {{{"a", HTTP_GET, NEED_STAFF, .handle = handle, .roles = 6}}, NULL},
    {{GET("", 0, plain_fields), POST("", NEED_FIRM | NEED_CSRF | NEED_KEY, file)}, NULL},
};

static void checks_routes(void **state)
{
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        const struct module module = {"m", "label", tables[i].routes};
        const struct module *const modules[] = {&module, NULL};
        int result = route_table_check(modules, &err);
        if (!tables[i].complaint)
            assert_int_equal(result, 0);
        else if (result == 0 || !strstr(err.text, tables[i].complaint))
            fail_msg("table %zu: wanted \"%s\", got \"%s\"", i, tables[i].complaint,
                     result ? err.text : "nothing");
    }
}

static const struct route some_routes[] = {GET("", 0, NULL), {0}};

static void checks_modules(void **state)
{
    const struct module good = {"m", "label", some_routes}, same = {"m", "label", some_routes};
    const struct module unnamed = {NULL, "label", some_routes}, bare = {"n", NULL, some_routes};
    const struct module loud = {"M/x", "label", some_routes}, empty = {"n", "label", NULL};
    const struct module deep = {"m/x/y", "label", some_routes}, open = {"m/", "label", some_routes};
    const struct module closed = {"/m", "label", some_routes};
    const struct module *const bad[] = {&same, &unnamed, &bare,  &loud,
                                        &empty, &deep,   &open, &closed};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const struct module *const modules[] = {&good, bad[i], NULL};
        assert_int_equal(route_table_check(modules, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
    const struct module under = {"m/x", "label", some_routes};
    const struct module *const both[] = {&good, &under, NULL};
    assert_int_equal(route_table_check(both, &err), 0);
    const struct route hidden_routes[] = {GET("", 0, NULL), GET("x/{id}", 0, id_fields), {0}};
    const struct module hides = {"m", "label", hidden_routes};
    const struct module *const clash[] = {&hides, &under, NULL};
    assert_int_equal(route_table_check(clash, &err), -1);
    assert_non_null(strstr(err.text, "not reachable"));
    const struct module *const operations[] = {&module_operations, NULL};
    assert_int_equal(route_table_check(operations, &err), 0);
}

/* Finding */

static const struct route home_routes[] = {
    GET("", 0, NULL), GET("about", 0, NULL), GET("{id}/deep", 0, id_fields), {0},
};
static const struct route m_routes[] = {
    GET("", 0, NULL),
    POST("", NEED_CSRF | NEED_TRANSACTION, NULL),
    GET("new", 0, NULL),
    GET("{id}", 0, id_fields),
    GET("{b}/x/{a}", 0, two_fields),
    GET("port", ON_LOGIN_PORT, NULL),
    {0},
};
static const struct route sub_routes[] = {
    GET("", 0, NULL), GET("{id}", 0, id_fields), GET("deep", 0, NULL), {0},
};
static const struct module home = {"", "首页", home_routes}, m = {"m", "模块", m_routes};
static const struct module sub = {"m/sub", "下级模块", sub_routes};
static const struct module lone = {"n/sub", "无上级的模块", some_routes};
static const struct module *const site[] = {&home, &m, &sub, &lone, NULL};

static const struct {
    const char *path;
    enum http_method method;
    unsigned port;
    const struct route *route; /* NULL: none */
    unsigned allowed;
} paths[] = {
    {"/x", HTTP_GET, 0, NULL, 0},
    {"/m/new/", HTTP_GET, 0, NULL, 0},
    {"/m/a/b", HTTP_GET, 0, NULL, 0},
    {"/m//x/b", HTTP_GET, 0, NULL, 0},
    {"/m/a/x/", HTTP_GET, 0, NULL, 0},
    {"/mm", HTTP_GET, 0, NULL, 0},
    {"/m/port", HTTP_GET, ON_OPERATIONS, NULL, 0},
    {"/m/new", HTTP_GET, ON_LOGIN_PORT, NULL, 0},
    {"/m/new", HTTP_OTHER, 0, NULL, 1 << HTTP_GET},
    {"/m/", HTTP_OTHER, 0, NULL, 1 << HTTP_GET | 1 << HTTP_POST},
    {"/", HTTP_POST, 0, NULL, 1 << HTTP_GET},
    {"/", HTTP_GET, 0, &home_routes[0], 0},
    {"/about", HTTP_GET, 0, &home_routes[1], 0},
    {"/9/deep", HTTP_GET, 0, &home_routes[2], 0},
    {"/m", HTTP_GET, 0, &m_routes[0], 0},
    {"/m/", HTTP_GET, 0, &m_routes[0], 0},
    {"/m", HTTP_POST, 0, &m_routes[1], 0},
    {"/m/new", HTTP_GET, 0, &m_routes[2], 0},
    {"/m/news", HTTP_GET, 0, &m_routes[3], 0},
    {"/m/1/x/2", HTTP_GET, 0, &m_routes[4], 0},
    {"/m/port", HTTP_GET, ON_LOGIN_PORT, &m_routes[5], 0},
    {"/m/sub", HTTP_GET, 0, &sub_routes[0], 0},
    {"/m/sub/", HTTP_GET, 0, &sub_routes[0], 0},
    {"/m/sub/7", HTTP_GET, 0, &sub_routes[1], 0},
    {"/m/subs", HTTP_GET, 0, &m_routes[3], 0},
    {"/m/sub", HTTP_POST, 0, NULL, 1 << HTTP_GET},
    {"/m/sub/x/a", HTTP_GET, 0, NULL, 0},
    {"/n/sub/", HTTP_GET, 0, &some_routes[0], 0},
    {"/n", HTTP_GET, 0, NULL, 0},
    {"/n/", HTTP_GET, 0, NULL, 0},
    {"/sub/", HTTP_GET, 0, NULL, 0},
};

static void finds_routes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        struct route_match match;
        char *path = strdup(paths[i].path);
        int found = route_find(site, path, paths[i].method, paths[i].port, &match);
        if (found != (paths[i].route != NULL) || match.route != paths[i].route)
            fail_msg("%s", paths[i].path);
        if (!found)
            assert_int_equal(match.allowed, paths[i].allowed);
        free(path);
    }
}

static void assigns_captures(void **state)
{
    char path[] = "/m/first/x/second";
    const char *by_field[ROUTE_FIELDS] = {NULL};
    struct route_match match;

    (void)state;
    assert_int_equal(route_find(site, path, HTTP_GET, 0, &match), 1);
    route_assign(&match, by_field);
    assert_string_equal(by_field[0], "second");
    assert_string_equal(by_field[1], "first");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_routes),
        cmocka_unit_test(checks_modules),
        cmocka_unit_test(finds_routes),
        cmocka_unit_test(assigns_captures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
