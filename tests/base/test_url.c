#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_urls(void **state)
{
    static const char *const wrong[] = {
        "", "example.org", "ftp://example.org/", "http://example.org/", "HTTPS://example.org/",
        "http://127.0.0.2/", "http://localhost.example.org/", "http://127.0.0.1.example.org/",
        "http://localhost@example.org/", "http://me:pass@localhost/", "https://me@example.org/",
        "https://", "https:///path", "https://[::1", "https://[]/", "https://example.org:/",
        "https://example.org:0/", "https://example.org:65536/", "https://example.org:4x/",
        "https://example.org/#part", "https://example.org/a b", "https://example.org\\@other/",
        "https://例.org/", "https://example.org/\r\nX: 1", "file:///etc/passwd",
    };
    static const char *const right[] = {
        "https://example.org", "https://example.org/a/b?c=d", "https://example.org:8443/",
        "https://[2001:db8::1]:443/x", "https://10.1.2.3/", "https://example.org?x",
        "http://localhost", "http://localhost:8080/x", "http://127.0.0.1:1/", "http://[::1]:80/",
    };

    static const char *const plain[] = {"http://example.org/", "http://127.0.0.2/a.crl"};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (url_valid(wrong[i], false))
            fail_msg("taken: %s", wrong[i]);
    for (size_t i = 0; i < COUNT(right); i++)
        if (!url_valid(right[i], false))
            fail_msg("refused: %s", right[i]);
    for (size_t i = 0; i < COUNT(plain); i++)
        if (url_valid(plain[i], false) || !url_valid(plain[i], true))
            fail_msg("plain: %s", plain[i]);
    assert_false(url_valid("http://me@example.org/", true));
    assert_false(url_valid("ldap://example.org/", true));
}

static void test_relays(void **state)
{
    static const struct {
        const char *url;
        bool valid, here;
    } rows[] = {
        {"", false, false},
        {"relay.example", false, false},
        {"https://relay.example", false, false},
        {"smtp://", false, false},
        {"smtp://relay.example/", false, false},
        {"smtp://relay.example:0", false, false},
        {"smtp://relay.example:x", false, false},
        {"smtp://me@relay.example", false, false},
        {"smtp://relay.example:25 ", false, false},
        {"smtp://relay.example:587", true, false},
        {"smtps://[2001:db8::1]:465", true, false},
        {"smtp://127.0.0.2:25", true, false},
        {"smtp://localhost.example", true, false},
        {"smtp://localhost", true, true},
        {"smtps://127.0.0.1:465", true, true},
        {"smtp://[::1]:25", true, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool here = false;

        if (url_smtp_valid(rows[i].url, &here) != rows[i].valid || here != rows[i].here)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_urls), cmocka_unit_test(test_relays)};

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
