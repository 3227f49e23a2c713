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

extern const struct module module_login;

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_login_leads_to_own_paths_only)};

    return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
