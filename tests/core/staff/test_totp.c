/* One-time passwords: the figures of RFC 6238, and that none is good twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/staff/totp.h"

static const uint8_t secret[TOTP_SECRET] = "12345678901234567890";

/* RFC 6238, appendix B, of which six digits are the last. */
static const struct {
    int64_t seconds;
    const char *code;
} vectors[] = {
    {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
};

static int check(const char *code, int64_t seconds, uint64_t last, uint64_t *step)
{
    struct err err;

    return totp_check(secret, code, seconds * 1000, last, step, &err);
}

static void agrees_with_the_rfc(void **state)
{
    uint64_t step;

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        assert_int_equal(check(vectors[i].code, vectors[i].seconds, 0, &step), 1);
        assert_int_equal(step, vectors[i].seconds / 30);
    }
}

static void takes_the_neighbours_and_no_more(void **state)
{
    uint64_t step;

    (void)state;
    /* 081804 is of the step that ends at 1111111110. */
    assert_int_equal(check("081804", 1111111109 - 30, 0, &step), 1);
    assert_int_equal(check("081804", 1111111109 + 30, 0, &step), 1);
    assert_int_equal(step, 1111111109 / 30);
    assert_int_equal(check("081804", 1111111109 - 60, 0, &step), 0);
    assert_int_equal(check("081804", 1111111109 + 60, 0, &step), 0);
}

static void takes_none_twice(void **state)
{
    uint64_t step = 0;

    (void)state;
    assert_int_equal(check("081804", 1111111109, 0, &step), 1);
    assert_int_equal(check("081804", 1111111109, step, &step), 0);
    assert_int_equal(check("081804", 1111111109, step + 1, &step), 0);
    assert_int_equal(check("050471", 1111111109, step, &step), 1);
}

static void refuses_what_is_no_code(void **state)
{
    static const char *const codes[] = {"", "08180", "0818044", "08180x", "０８１８", "14050471", "-81804"};
    uint64_t step;

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        assert_int_equal(check(codes[i], 1111111109, 0, &step), 0);
}

static void writes_secrets(void **state)
{
    struct pool *pool = pool_new(0, 0);
    uint8_t one[TOTP_SECRET], two[TOTP_SECRET];
    char text[TOTP_TEXT];

    (void)state;
    totp_secret_text(secret, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_string_equal(totp_uri(pool, "ecert", "wang", secret),
                        "otpauth://totp/ecert:wang?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                        "&issuer=ecert&algorithm=SHA1&digits=6&period=30");
    totp_secret_make(one);
    totp_secret_make(two);
    assert_memory_not_equal(one, two, TOTP_SECRET);
    pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_rfc),
        cmocka_unit_test(takes_the_neighbours_and_no_more),
        cmocka_unit_test(takes_none_twice),
        cmocka_unit_test(refuses_what_is_no_code),
        cmocka_unit_test(writes_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
