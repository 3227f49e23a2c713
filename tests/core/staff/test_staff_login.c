/* How staff prove who they are: passwords, codes, second factors, and what a guesser meets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/staff/staff.h"
#include "core/staff/staff_factor.h"
#include "core/staff/staff_login.h"
#include "tests/core/testdb.h"

#define NOW  INT64_C(1772323200000)
#define CODE "ABCD-EFGH-JKLM-NPQR"
#define WORD "a good sentence"

static struct testdb *testdb;
static struct err err;
static uint64_t id;

static void must(int result)
{
    if (result < 0)
        fail_msg("%s", err.text);
}

static struct staff_tried try(const char *login, const char *secret, const char *browser)
{
    const struct staff_try wanted = {.login = login, .secret = secret, .address = "192.0.2.1",
                                     .browser = browser, .now_ms = NOW};
    struct staff_tried tried;

    must(staff_try_password(testdb->db, testdb->pool, &testdb->core, &wanted, &tried, &err));
    return tried;
}

static struct staff_tried try_code(const char *code, const char *password, int64_t now_ms)
{
    const struct staff_try wanted = {.login = "wang", .secret = code, .password = password,
                                     .address = "192.0.2.1", .now_ms = now_ms};
    struct staff_tried tried;

    must(staff_try_code(testdb->db, testdb->pool, &testdb->core, &wanted, &tried, &err));
    return tried;
}

/* An account that waits for its code; `id` is its id. */
static int set_up(void **state)
{
    const struct actor actor = {ACTOR_OPERATOR, 0, ""};
    const struct staff staff = {.login = "wang", .name = "王五", .role = "window"};
    const struct staff_change change = {testdb->db, testdb->pool, &testdb->core, &actor, NOW};

    (void)state;
    testdb_clear(testdb);
    must(db_begin(testdb->db, &err));
    must(staff_add(&change, &staff, CODE, &id, &err));
    must(db_commit(testdb->db, &err));
    return 0;
}

static void give_password(void)
{
    const char *hash;

    must(password_hash(&testdb->staff.password, testdb->pool, WORD, &hash, &err));
    must(staff_password_store(testdb->db, id, hash, NOW, &err));
}

static void lets_in_by_password_alone_nobody_else(void **state)
{
    (void)state;
    assert_false(try("wang", "", NULL).good); /* none yet */
    give_password();
    struct staff_tried tried = try("wang", WORD, NULL);
    assert_true(tried.good);
    assert_int_equal(tried.staff_id, id);
    assert_string_equal(tried.name, "王五");
    assert_null(tried.hash);
    must(staff_try_accept(testdb->db, &tried, NOW, &err));
    assert_true(try("WANG", WORD, NULL).good);
    assert_false(try("wang", "a good sentence ", NULL).good);
    assert_int_equal(try("li", WORD, NULL).staff_id, 0);
    testdb_sql(testdb, "DELETE FROM login_delay");
    assert_false(try("王五", WORD, NULL).good);
    assert_false(try("wang' OR '1' = '1", WORD, NULL).good);
    assert_false(try("a123456789012345678901234567890123456789", WORD, NULL).good);
    testdb_sql(testdb, "UPDATE staff SET disabled_at = NOW(3)");
    tried = try("wang", WORD, NULL);
    assert_false(tried.good);
    assert_int_equal(tried.staff_id, id); /* for the audit */
    assert_int_equal(staff_password_is(testdb->db, testdb->pool, &testdb->core, id, WORD, &err), 1);
    assert_int_equal(staff_password_is(testdb->db, testdb->pool, &testdb->core, id, "x", &err), 0);
    assert_int_equal(staff_password_is(testdb->db, testdb->pool, &testdb->core, id + 1, WORD, &err), 0);
}

static void hashes_anew_when_parameters_change(void **state)
{
    (void)state;
    give_password();
    testdb->staff.password.passes = 2;
    struct staff_tried tried = try("wang", WORD, NULL);
    assert_true(tried.good);
    assert_non_null(strstr(tried.hash, "t=2"));
    must(staff_try_accept(testdb->db, &tried, NOW, &err));
    tried = try("wang", WORD, NULL);
    assert_true(tried.good);
    assert_null(tried.hash);
    assert_null(try("wang", "wrong wrong wrong", NULL).hash);
    testdb->staff.password.passes = 1;
}

static void does_not_let_guessers_delay_a_known_browser(void **state)
{
    static const char token[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    (void)state;
    give_password();
    must(staff_logged_in(testdb->db, id, token, NOW, NOW + 1000, &err));
    for (int i = 0; i < 5; i++)
        try("wang", "wrong", NULL);
    struct staff_tried tried = try("wang", WORD, NULL);
    assert_true(tried.wait_ms > 0);
    assert_false(tried.good);
    assert_true(try("wang", WORD, token).good);
    /* It is known of this account only, until its time, and has a count of its own. */
    for (int i = 0; i < 5; i++)
        try("li", "wrong", token);
    assert_true(try("li", "wrong", token).wait_ms > 0);
    for (int i = 0; i < 5; i++)
        try("wang", "wrong", token);
    assert_true(try("wang", WORD, token).wait_ms > 0);
    testdb_sql(testdb, "DELETE FROM login_delay WHERE kind = 3");
    must(staff_browsers_forget(testdb->db, id, &err));
    assert_true(try("wang", WORD, token).wait_ms > 0);
}

static void sets_up_by_the_code(void **state)
{
    char one[STAFF_CODE], two[STAFF_CODE];

    (void)state;
    assert_false(try_code("ABCD-EFGH-JKLM-NPQS", WORD, NOW).good);
    assert_false(try_code("", WORD, NOW).good);
    struct staff_tried tried = try_code("abcd efgh jklm npqr", WORD, NOW);
    assert_true(tried.good);
    assert_int_equal(tried.verdict, PASSWORD_OK);
    must(staff_try_accept(testdb->db, &tried, NOW, &err));
    assert_true(try("wang", WORD, NULL).good);
    tried = try_code(CODE, "short", NOW);
    assert_true(tried.good);
    assert_int_equal(tried.verdict, PASSWORD_SHORT);
    assert_null(tried.hash);
    testdb_sql(testdb, "DELETE FROM login_delay");
    assert_false(try_code(CODE, WORD, NOW + 73 * INT64_C(3600000)).good);
    must(staff_code_drop(testdb->db, id, &err));
    assert_false(try_code(CODE, WORD, NOW).good);
    staff_code_make(one);
    staff_code_make(two);
    assert_int_equal(strlen(one), STAFF_CODE - 1);
    assert_int_equal(strspn(one, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789-"), STAFF_CODE - 1);
    assert_string_not_equal(one, two);
    /* A new one takes password and factors away. */
    must(factor_totp_begin(testdb->db, testdb->pool, &testdb->core, id, NOW, &err));
    must(staff_code_store(testdb->db, testdb->pool, &testdb->core, id, one, NOW, &err));
    assert_false(try("wang", WORD, NULL).good);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM staff_factor"), 0);
}

/* Apps */

static const uint8_t secret[TOTP_SECRET] = "12345678901234567890";

static int use(const char *code, int64_t seconds)
{
    uint64_t factor;
    int good = factor_totp_use(testdb->db, testdb->pool, &testdb->core, id, code, seconds * 1000,
                               &factor, &err);

    must(good);
    return good;
}

static void uses_each_code_once(void **state)
{
    const struct staff_factor *factors;
    size_t count;

    (void)state;
    must(factor_totp_add(testdb->db, testdb->pool, &testdb->core, id, secret, "手机", NOW, &err));
    assert_int_equal(use("081805", 1111111109), 0);
    assert_int_equal(use("081804", 1111111109), 1);
    assert_int_equal(use("081804", 1111111109), 0);
    assert_int_equal(use("050471", 1111111111), 1);
    assert_int_equal(use("081804", 1111111111), 0);
    must(factor_list(testdb->db, testdb->pool, id, &factors, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(factors[0].used_ms, INT64_C(1111111111000));
    /* What is kept is sealed. */
    assert_int_equal(testdb_number(testdb, "SELECT INSTR(secret_sealed, '12345678901234567890')"
                                           " FROM staff_factor"), 0);
}

static void begins_and_confirms_apps(void **state)
{
    const struct staff_factor *factors;
    uint8_t first[TOTP_SECRET], second[TOTP_SECRET];
    struct db *db = testdb->db;
    struct pool *pool = testdb->pool;
    const struct core *core = &testdb->core;
    size_t count;

    (void)state;
    assert_int_equal(factor_totp_begun(db, pool, core, id, first, &err), 0);
    must(factor_totp_begin(db, pool, core, id, NOW, &err));
    assert_int_equal(factor_totp_begun(db, pool, core, id, first, &err), 1);
    must(factor_totp_begin(db, pool, core, id, NOW, &err));
    assert_int_equal(factor_totp_begun(db, pool, core, id, second, &err), 1);
    assert_memory_not_equal(first, second, TOTP_SECRET);
    assert_int_equal(factor_totp_begun(db, pool, core, id + 1, first, &err), 0);
    assert_int_equal(factor_totp_confirm(db, pool, core, id, "00000", "x", NOW, &err), 0);
    /* One that is not confirmed opens nothing. */
    must(factor_list(db, pool, id, &factors, &count, &err));
    assert_int_equal(count, 0);
}

static void keeps_the_last_factor(void **state)
{
    const struct staff_factor *factors;
    struct db *db = testdb->db;
    struct pool *pool = testdb->pool;
    const uint8_t key[32] = {1};
    size_t count;

    (void)state;
    must(factor_totp_add(db, pool, &testdb->core, id, secret, "手机", NOW, &err));
    must(factor_list(db, pool, id, &factors, &count, &err));
    uint64_t app = factors[0].id;
    assert_int_equal(factor_remove(db, pool, id, app, &err), 0);
    must(factor_certificate_add(db, id, key, "数字证书", NOW, &err));
    assert_int_equal(factor_certificate_add(db, id + 1, key, "数字证书", NOW, &err), -1);
    assert_int_equal(err.kind, ERR_DB_DUPLICATE);
    assert_int_equal(factor_certificate_use(db, id + 1, key, NOW, &err), 0);
    assert_int_equal(factor_certificate_use(db, id, key, NOW, &err), 1);
    assert_int_equal(factor_remove(db, pool, id + 1, app, &err), 0);
    assert_int_equal(factor_remove(db, pool, id, app + 100, &err), 0);
    assert_int_equal(factor_remove(db, pool, id, app, &err), 1);
    assert_int_equal(use("081804", 1111111109), 0);
    must(factor_list(db, pool, id, &factors, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(factor_remove(db, pool, id, factors[0].id, &err), 0);
}

static void knows_keys_of_their_owner(void **state)
{
    static const uint8_t name[] = "an id", spki[] = "a key";
    const struct webauthn_credential credential = {
        .id = {name, 5}, .public_key = {spki, 5}, .counter = 3};
    struct db *db = testdb->db;
    const struct bytes *ids;
    struct factor_key key;
    size_t count;

    (void)state;
    must(factor_key_add(db, id, &credential, "密钥", NOW, &err));
    assert_int_equal(factor_key_add(db, id, &credential, "密钥", NOW, &err), -1);
    assert_int_equal(err.kind, ERR_DB_DUPLICATE);
    assert_int_equal(factor_key_find(db, testdb->pool, id + 1, credential.id, &key, &err), 0);
    assert_int_equal(factor_key_find(db, testdb->pool, id, (struct bytes){name, 4}, &key, &err), 0);
    assert_int_equal(factor_key_find(db, testdb->pool, id, credential.id, &key, &err), 1);
    assert_int_equal(key.counter, 3);
    assert_memory_equal(key.public_key.data, spki, 5);
    must(factor_key_used(db, key.id, UINT32_MAX, NOW, &err));
    assert_int_equal(factor_key_find(db, testdb->pool, id, credential.id, &key, &err), 1);
    assert_int_equal(key.counter, UINT32_MAX);
    must(factor_key_ids(db, testdb->pool, id, &ids, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(ids[0].size, 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(lets_in_by_password_alone_nobody_else),
        TEST(hashes_anew_when_parameters_change),
        TEST(does_not_let_guessers_delay_a_known_browser),
        TEST(sets_up_by_the_code),
        TEST(uses_each_code_once),
        TEST(begins_and_confirms_apps),
        TEST(keeps_the_last_factor),
        TEST(knows_keys_of_their_owner),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
