/*
 * Where a login may lead to: paths of this site, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/pool.h"
#include "fcgi/field.h"
#include "fcgi/page.h"
#include "fcgi/request.h"
#include "modules/common.h"

extern const struct module module_login, module_staff_login;

#define LOGIN "https://localhost:8444/login/certificate"

/* What stands in ?next=, and the address that the login button leads to. */
static const struct {
    const char *next, *url;
} cases[] = {
    {"https://example.org/", LOGIN},
    {"//example.org/", LOGIN},
    {"/\\example.org/", LOGIN},
    {"\\\\example.org", LOGIN},
    {"/\texample", LOGIN},
    {"javascript:alert(1)", LOGIN},
    {"certificates/", LOGIN},
    {"/certificates/\"><script>", LOGIN},
    {"/证书", LOGIN},
    {"/login", LOGIN},
    {"/login/ticket/abc", LOGIN},
    {"/logout", LOGIN},
    {NULL, LOGIN},
    {"/", LOGIN "?next=%2F"},
    {"/certificates/", LOGIN "?next=%2Fcertificates%2F"},
    {"/certificates/?name=%E7%8E%8B&after=7",
     LOGIN "?next=%2Fcertificates%2F%3Fname%3D%25E7%258E%258B%26after%3D7"},
    {"/matters/JZ20261123-00000042", LOGIN "?next=%2Fmatters%2FJZ20261123-00000042"},
    {"/certificates/?name=a+b*", LOGIN "?next=%2Fcertificates%2F%3Fname%3Da%2Bb%2A"},
};

static void test_login_leads_to_own_paths_only(void **state)
{
    struct pool *pool = pool_new(16 * 1024, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct field_value values[] = {{.given = cases[i].next != NULL, .text = cases[i].next}};
        struct request request = {
            .pool = pool,
            .module = &module_login,
            .route = &module_login.routes[0],
            .login_origin = "https://localhost:8444",
            .hdf = page_new(pool),
            .values = values,
        };

        assert_int_equal(request.route->handle(&request, NULL), OUT_PAGE);
        assert_string_equal(hdf_get_value(request.hdf, "Login.Url", ""), cases[i].url);
    }
    pool_free(&pool);
}

/* The longest that fits into every address on the way, and one that does not: then there is no way
 * back, but a login. */
static void test_login_forgets_what_is_too_long(void **state)
{
    struct pool *pool = pool_new(16 * 1024, 0);
    char next[LOGIN_NEXT_MAX + 2];

    (void)state;
    memset(next, 'a', sizeof(next));
    next[0] = '/';
    next[LOGIN_NEXT_MAX + 1] = '\0';
    assert_null(login_next(next));
    next[LOGIN_NEXT_MAX] = '\0';
    assert_ptr_equal(login_next(next), next);
    memset(next + 1, '/', LOGIN_NEXT_MAX - 1);
    next[1] = 'a';
    struct request request = {.pool = pool};
    assert_int_equal(strlen(login_query(&request, next)), strlen("?next=") + 3 * LOGIN_NEXT_MAX - 2);
    pool_free(&pool);
}

/* Nobody types it, so no page may call it a mistake: whatever a request's target holds is read. */
static void test_login_reads_whatever_was_asked_for(void **state)
{
    const struct module *const modules[] = {&module_login, &module_staff_login};
    size_t fields = 0;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (const struct route *route = modules[i]->routes; route->handle; route++)
            for (const struct field *field = route->fields; field && field->name; field++)
                if (strcmp(field->name, "next") == 0) {
                    assert_int_equal(field->high, FORM_TARGET);
                    fields++;
                }
    assert_true(fields > 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_leads_to_own_paths_only),
        cmocka_unit_test(test_login_forgets_what_is_too_long),
        cmocka_unit_test(test_login_reads_whatever_was_asked_for),
    };

    return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
