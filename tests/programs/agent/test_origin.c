/* Which origins and hosts are taken: a list of exact texts, and our own names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/config.h"
#include "programs/agent/origin.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void refuses_what_is_no_origin(void **state)
{
    static const char *const texts[] = {
        "",
        "*",
        "null",
        "ecert.example",
        "https://",
        "https://ecert.example/",
        "https://ecert.example/page",
        "https://ecert.example?x",
        "https://ecert.example#x",
        "https://user@ecert.example",
        "https://ECERT.example",
        "HTTPS://ecert.example",
        "https://ecert.example:",
        "https://ecert.example:443",
        "https://ecert.example:0",
        "https://ecert.example:08443",
        "https://ecert.example:65536",
        "https://ecert.example:84a3",
        "https://ecert.example:-1",
        "https://*.example",
        "https://.example",
        "https://ecert.example.",
        "https://-ecert.example",
        "https://ecert example",
        "https://ecert.example\n",
        "https://\xe6\xb2\xaa.example",
        "https://[::1",
        "https://[]",
        "https://[g::1]",
        "http://ecert.example",
        "http://127.0.0.1.evil.example",
        "http://localhost:80",
        "ftp://ecert.example",
        "chrome-extension://abcdef",
        "file://",
    };
    char long_name[300] = "https://";

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (origin_valid(texts[i]))
            fail_msg("taken: %s", texts[i]);
    memset(long_name + 8, 'a', sizeof(long_name) - 9);
    assert_false(origin_valid(long_name));
}

static void takes_origins_as_browsers_write_them(void **state)
{
    static const char *const texts[] = {
        "https://ecert.example",  "https://ecert.example:8443", "https://xn--vhquv.example",
        "https://127.0.0.1:8443", "https://[2001:db8::1]:8443", "https://localhost:8443",
        "http://localhost:8080",  "http://127.0.0.1:8080",      "http://[::1]:8080",
        "http://localhost",       "https://localhost:80",       "http://localhost:443",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (!origin_valid(texts[i]))
            fail_msg("refused: %s", texts[i]);
}

static void lists_are_exact(void **state)
{
    struct config_entry second = {"1", "https://b.example:8443", NULL};
    const struct config_entry list = {"0", "https://a.example", &second};

    (void)state;
    assert_false(origin_listed(NULL, "https://a.example"));
    assert_false(origin_listed(&list, NULL));
    assert_false(origin_listed(&list, ""));
    assert_false(origin_listed(&list, "https://a.exampl"));
    assert_false(origin_listed(&list, "https://a.example.evil"));
    assert_false(origin_listed(&list, "https://A.example"));
    assert_false(origin_listed(&list, "https://b.example"));
    assert_true(origin_listed(&list, "https://a.example"));
    assert_true(origin_listed(&list, "https://b.example:8443"));
}

static void hosts_are_ours(void **state)
{
    static const char *const others[] = {
        "",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:17433",
        "127.0.0.1:174320",
        "127.0.0.1:017432",
        "127.0.0.2:17432",
        "localhost",
        "LOCALHOST:17432",
        "localhost.:17432",
        "evil.example:17432",
        "localhost:17432.evil.example",
        "[::1]:17432",
        "0.0.0.0:17432",
        " localhost:17432",
    };

    (void)state;
    assert_false(origin_host_ours(NULL, 17432));
    for (size_t i = 0; i < COUNT(others); i++)
        if (origin_host_ours(others[i], 17432))
            fail_msg("taken: %s", others[i]);
    assert_true(origin_host_ours("127.0.0.1:17432", 17432));
    assert_true(origin_host_ours("localhost:17432", 17432));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_origin),
        cmocka_unit_test(takes_origins_as_browsers_write_them),
        cmocka_unit_test(lists_are_exact),
        cmocka_unit_test(hosts_are_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
