/* Sealing anew: all of it, once, and nothing lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/places.h"
#include "core/register/capture.h"
#include "core/register/person.h"
#include "core/staff/staff_factor.h"
#include "core/staff/totp.h"
#include "core/upkeep/reseal.h"
#include "tests/core/testdb.h"

enum { PEOPLE = 250 }; /* more than a batch */

static struct testdb *testdb;
static struct vault *old_vault, *new_vault;
static const struct bytes photo = {(const uint8_t *)"photo", 5};

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, 1);
    return 0;
}

static void quiet(void *context, const char *place, uint64_t done, uint64_t all)
{
    (void)context, (void)place;
    assert_true(done <= all);
}

static uint64_t values_under(uint32_t key)
{
    struct reseal_count counts[RESEAL_KEYS];
    uint64_t values = 0;
    struct err err = {0};
    size_t count;

    if (reseal_count(testdb->db, testdb->pool, counts, RESEAL_KEYS, &count, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++)
        if (counts[i].key == key)
            values += counts[i].values;
    return values;
}

static const struct db_query sealed_number = {
    "test_sealed_number", "SELECT " ID_NO_BOX("person") " FROM person WHERE id = ?"};

static void test_reseal(void **state)
{
    const struct db_value *row;
    struct bytes plain;
    struct err err = {0};
    uint64_t changed;

    (void)state;
    for (unsigned i = 1; i <= PEOPLE; i++)
        testdb_person(testdb, i, "111", "张三", i % 2 ? photo : (struct bytes){NULL, 0});
    assert_int_equal(values_under(vault_key_id(old_vault)), PEOPLE + PEOPLE / 2);
    testdb->core.vault = new_vault;
    assert_int_equal(reseal_run(testdb->db, &testdb->core, quiet, NULL, &changed, &err), 0);
    assert_int_equal(changed, PEOPLE + PEOPLE / 2);
    assert_int_equal(values_under(vault_key_id(old_vault)), 0);
    assert_int_equal(values_under(vault_key_id(new_vault)), PEOPLE + PEOPLE / 2);
    assert_int_equal(reseal_run(testdb->db, &testdb->core, quiet, NULL, &changed, &err), 0);
    assert_int_equal(changed, 0);
    assert_int_equal(db_find(testdb->db, testdb->pool, &sealed_number, DB_ARGS(db_uint(7)), &row,
                             &err),
                     1);
    assert_int_equal(id_no_open(new_vault, testdb->pool, db_as_bytes(&row[0]), &plain, &err), 0);
    assert_int_equal(plain.size, 18);
    assert_memory_equal(plain.data, "110105000000000007", 18);
}

/* Not the number of person 1, and not in words of any kind. */
static void assert_shut(void)
{
    struct person person;
    struct err err = {0};

    assert_int_equal(person_find(testdb->db, testdb->pool, &testdb->core, 1, &person, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    assert_null(strstr(err.text, "110105"));
}

/* Whoever writes the tables behind our back can't give one what is another's. */
static void test_reseal_binds(void **state)
{
    struct person person;
    struct err err = {0};
    struct bytes jpeg;
    uint64_t changed;

    (void)state;
    testdb->core.vault = old_vault;
    for (unsigned i = 1; i <= 2; i++)
        testdb_person(testdb, i, "111", "张三", photo);
    /* As they were sealed before there were owners: under the newest key all the same. */
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM person WHERE ASCII(id_no_sealed) = 1"), 2);
    assert_int_equal(person_find(testdb->db, testdb->pool, &testdb->core, 1, &person, &err), 1);
    assert_int_equal(reseal_run(testdb->db, &testdb->core, quiet, NULL, &changed, &err), 0);
    assert_int_equal(changed, 4);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM person WHERE ASCII(id_no_sealed) = 2"), 2);
    assert_int_equal(person_find(testdb->db, testdb->pool, &testdb->core, 1, &person, &err), 1);
    assert_int_equal(capture_photo(testdb->db, testdb->pool, &testdb->core, 1, person.capture_id, &jpeg,
                                   &err),
                     1);
    testdb_sql(testdb, "UPDATE person a JOIN person b ON b.id = 2 SET a.id_no_sealed = b.id_no_sealed"
                       " WHERE a.id = 1");
    assert_shut();
    testdb_sql(testdb, "UPDATE identity_capture a JOIN identity_capture b ON b.person_id = 2"
                       " SET a.photo_sealed = b.photo_sealed WHERE a.person_id = 1");
    assert_int_equal(capture_photo(testdb->db, testdb->pool, &testdb->core, 1, person.capture_id, &jpeg,
                                   &err),
                     -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    assert_int_equal(reseal_run(testdb->db, &testdb->core, quiet, NULL, &changed, &err), 0);
    assert_int_equal(changed, 0);
}

/* Nothing is lost where a value can not be opened: it stops, and says where. */
static void test_reseal_of_damage(void **state)
{
    struct err err = {0};
    uint64_t changed;

    (void)state;
    testdb->core.vault = old_vault;
    testdb_person(testdb, 1, "111", "张三", photo);
    testdb_person(testdb, 2, "111", "李四", photo);
    testdb_sql(testdb, "UPDATE person SET id_no_sealed = CONCAT(id_no_sealed, 'x') WHERE id = 2");
    testdb->core.vault = new_vault;
    assert_int_equal(reseal_run(testdb->db, &testdb->core, quiet, NULL, &changed, &err), -1);
    assert_non_null(strstr(err.text, "row 2"));
    assert_null(strstr(err.text, "110105"));
    assert_int_equal(values_under(vault_key_id(old_vault)), 4);
}

/* A column that nobody seals anew does not open any more once its key is gone. */
static void test_every_column(void **state)
{
    static const struct db_query sealed = {
        "test_sealed_columns",
        "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND column_name LIKE '%\\_sealed' ORDER BY 1"};
    struct db_rows rows;
    struct err err = {0};
    size_t known = 0;

    (void)state;
    assert_int_equal(db_select(testdb->db, testdb->pool, &sealed, DB_NO_ARGS, &rows, &err), 0);
    for (size_t i = 0; i < rows.count; i++) {
        const char *column = db_as_text(db_row(&rows, i));
        size_t n = 0;

        while (reseal_column_name(n) && strcmp(reseal_column_name(n), column) != 0)
            n++;
        if (!reseal_column_name(n))
            fail_msg("%s is not sealed anew", column);
    }
    while (reseal_column_name(known))
        known++;
    assert_int_equal(known, rows.count);
}

/* An authenticator app goes on. */
static void test_reseal_of_factors(void **state)
{
    uint8_t secret[TOTP_SECRET] = {1, 2, 3}, again[TOTP_SECRET];
    struct err err = {0};
    uint64_t changed;

    (void)state;
    testdb->core.vault = old_vault;
    testdb_sql(testdb, "INSERT INTO staff (id, login, name, role, created_at)"
                       " VALUES (1, 'w', '王', 'window', NOW(3))");
    assert_int_equal(factor_totp_add(testdb->db, testdb->pool, &testdb->core, 1, secret, "手机", 0, &err),
                     0);
    testdb_sql(testdb, "UPDATE staff_factor SET confirmed_at = NULL");
    testdb->core.vault = new_vault;
    assert_int_equal(reseal_run(testdb->db, &testdb->core, quiet, NULL, &changed, &err), 0);
    assert_int_equal(changed, 1);
    assert_int_equal(values_under(vault_key_id(old_vault)), 0);
    assert_int_equal(factor_totp_begun(testdb->db, testdb->pool, &testdb->core, 1, again, &err), 1);
    /* Not another's. */
    testdb_sql(testdb, "UPDATE staff_factor SET staff_id = 2");
    assert_int_equal(factor_totp_begun(testdb->db, testdb->pool, &testdb->core, 2, again, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    testdb_sql(testdb, "UPDATE staff_factor SET staff_id = 1");
    assert_int_equal(factor_totp_begun(testdb->db, testdb->pool, &testdb->core, 1, again, &err), 1);
    assert_memory_equal(again, secret, sizeof(secret));
}

/* Two vaults of one file: as it was, and with one more key. */
static void open_vaults(void)
{
    char folder[] = "/tmp/ecert-reseal.XXXXXX", path[64];
    struct err err = {0};
    uint32_t id;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/vault", folder);
    if (vault_create(path, &err) < 0 || vault_load(path, &old_vault, &err) < 0 ||
        vault_add_key(path, &id, &err) < 0 || vault_load(path, &new_vault, &err) < 0)
        fail_msg("%s", err.text);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reseal, set_up),
        cmocka_unit_test_setup(test_reseal_binds, set_up),
        cmocka_unit_test_setup(test_reseal_of_damage, set_up),
        cmocka_unit_test_setup(test_reseal_of_factors, set_up),
        cmocka_unit_test(test_every_column),
    };
    struct vault *own;
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    open_vaults();
    own = testdb->vault;
    testdb->vault = old_vault;
    testdb->core.vault = old_vault;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb->vault = own;
    vault_free(&old_vault);
    vault_free(&new_vault);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
