/* Delays of logins: how long, for whom, and that many at once are no way around. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "core/staff/login_delay.h"
#include "tests/core/testdb.h"

#define NOW INT64_C(1772323200000)

static struct testdb *testdb;

static int64_t take(const struct delay_key *keys, size_t count, int64_t now_ms)
{
    struct err err;
    int64_t wait_ms;

    if (delay_take(testdb->db, testdb->pool, &testdb->staff.delay, keys, count, now_ms, &wait_ms,
                   &err) < 0)
        fail_msg("%s", err.text);
    return wait_ms;
}

static void doubles_up_to_a_bound(void **state)
{
    const struct delay_settings *settings = &testdb->staff.delay;

    (void)state;
    assert_int_equal(delay_after(settings, DELAY_LOGIN, 0), 0);
    assert_int_equal(delay_after(settings, DELAY_LOGIN, 3), 0);
    assert_int_equal(delay_after(settings, DELAY_LOGIN, 4), 1000);
    assert_int_equal(delay_after(settings, DELAY_LOGIN, 5), 2000);
    assert_int_equal(delay_after(settings, DELAY_LOGIN, 12), 256000);
    assert_int_equal(delay_after(settings, DELAY_LOGIN, 13), 300000);
    assert_int_equal(delay_after(settings, DELAY_LOGIN, 34), 300000);
    assert_int_equal(delay_after(settings, DELAY_LOGIN, 70), 300000);
    assert_int_equal(delay_after(settings, DELAY_LOGIN, UINT32_MAX), 300000);
    assert_int_equal(delay_after(settings, DELAY_ADDRESS, 30), 0);
    assert_int_equal(delay_after(settings, DELAY_ADDRESS, 31), 1000);
}

static void counts_and_forgives(void **state)
{
    const struct delay_key keys[] = {delay_key(&testdb->core, DELAY_LOGIN, "wang"),
                                     delay_key(&testdb->core, DELAY_ADDRESS, "192.0.2.1")};
    const struct delay_key other = delay_key(&testdb->core, DELAY_LOGIN, "li");
    const struct delay_key browser = delay_key(&testdb->core, DELAY_BROWSER, "wang");
    struct err err;

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(take(keys, 2, NOW), 0);
    assert_int_equal(take(keys, 2, NOW), 1000);
    assert_int_equal(take(keys, 2, NOW + 400), 600);
    /* What was not tried was not counted. */
    assert_int_equal(take(keys, 2, NOW + 1000), 0);
    assert_int_equal(take(keys, 2, NOW + 1000), 2000);
    assert_int_equal(take(&other, 1, NOW + 1000), 0);
    assert_int_equal(take(&browser, 1, NOW + 1000), 0);
    assert_int_equal(testdb_number(testdb, "SELECT failures FROM login_delay WHERE kind = 2"), 5);
    assert_int_equal(delay_clear(testdb->db, keys, 2, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT failures FROM login_delay WHERE kind = 2"), 4);
    assert_int_equal(take(keys, 2, NOW + 1000), 0);
    /* A day later nobody remembers. */
    for (int i = 0; i < 4; i++)
        take(keys, 1, NOW + 1000 + i * 1000000);
    assert_true(take(keys, 1, NOW + 3001000) > 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take(keys, 1, NOW + 90000000 + 3001000), 0);
}

/* Of IPv6, a network is one address. */
static void counts_networks(void **state)
{
    const struct core *core = &testdb->core;
    const struct delay_key one = delay_key(core, DELAY_ADDRESS, "2001:db8:1:2::1");
    const struct delay_key same = delay_key(core, DELAY_ADDRESS, "2001:db8:1:2:ffff::9");
    const struct delay_key other = delay_key(core, DELAY_ADDRESS, "2001:db8:1:3::1");

    (void)state;
    assert_memory_equal(one.hash, same.hash, sizeof(one.hash));
    assert_memory_not_equal(one.hash, other.hash, sizeof(one.hash));
    assert_memory_not_equal(delay_key(core, DELAY_ADDRESS, "192.0.2.1").hash,
                            delay_key(core, DELAY_ADDRESS, "192.0.2.2").hash, sizeof(one.hash));
    /* IPv4 in the clothes of IPv6 is no network. */
    assert_memory_not_equal(delay_key(core, DELAY_ADDRESS, "::ffff:192.0.2.1").hash,
                            delay_key(core, DELAY_ADDRESS, "::ffff:192.0.2.2").hash,
                            sizeof(one.hash));
    assert_memory_equal(delay_key(core, DELAY_ADDRESS, "::ffff:255.255.255.255").hash,
                        delay_key(core, DELAY_ADDRESS, "255.255.255.255").hash, sizeof(one.hash));
}

static int clear(void **state)
{
    (void)state;
    testdb_clear(testdb);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(doubles_up_to_a_bound, clear),
        cmocka_unit_test_setup(counts_and_forgives, clear),
        cmocka_unit_test_setup(counts_networks, clear),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
