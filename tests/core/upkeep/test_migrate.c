/* Migrations: what is refused, what a killed run leaves behind, two runs at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/upkeep/migrate.h"

static struct db_settings settings = {.user = "root", .password = "", .host = "", .port = 0,
                                      .schema = "", .timeout_ms = 120000};
static char folder[] = "/tmp/ecert-migrate.XXXXXX";
static unsigned told;

static void count_told(void *context, const char *name)
{
    (void)context;
    (void)name;
    told++;
}

static void run_sql(const char *schema, const char *sql)
{
    struct db_settings own = settings;
    struct err err = {0};

    own.schema = schema;
    struct db *db = db_new(&own);
    if (db_ready(db, &err) < 0 || db_script(db, sql, &err) < 0)
        fail_msg("%s: %s", sql, err.text);
    db_free(&db);
}

static int64_t number(const char *sql)
{
    const struct db_query query = {"test_number", sql};
    struct pool *pool = pool_new(0, 0);
    struct db *db = db_new(&settings);
    const struct db_value *row;
    struct err err = {0};

    assert_int_equal(db_ready(db, &err), 0);
    assert_int_equal(db_find(db, pool, &query, DB_NO_ARGS, &row, &err), 1);
    int64_t value = db_as_int(&row[0]);
    db_free(&db);
    pool_free(&pool);
    return value;
}

static void put_file(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void remove_file(const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    unlink(path);
}

static const char *const all_files[] = {"001-a.sql", "002-b.sql", "003-rows.sql",
                                        "004-c.sql", "005-x.sql", "notes.sql"};

/* An empty schema, and three migrations in the folder. */
static int set_up(void **state)
{
    (void)state;
    run_sql("", "DROP DATABASE IF EXISTS ecert_migrate");
    run_sql("", "CREATE DATABASE ecert_migrate CHARACTER SET utf8mb4");
    for (size_t i = 0; i < sizeof(all_files) / sizeof(*all_files); i++)
        remove_file(all_files[i]);
    put_file("001-a.sql", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id)) ENGINE = InnoDB\n");
    put_file("002-b.sql", "ALTER TABLE a ADD COLUMN name VARCHAR(8) NOT NULL DEFAULT ''\n");
    put_file("003-rows.sql", "INSERT INTO a (id) VALUES (1), (2)\n");
    settings.schema = "ecert_migrate";
    told = 0;
    return 0;
}

static int run(struct err *err)
{
    err_clear(err);
    return migrate_run(&settings, folder, count_told, NULL, err);
}

static int check(struct err *err)
{
    struct db *db = db_new(&settings);

    err_clear(err);
    int result = migrate_check(db, folder, err);
    db_free(&db);
    return result;
}

static void assert_refused(int result, const struct err *err, const char *word)
{
    assert_int_equal(result, -1);
    assert_int_equal(err->kind, ERR_CONFIG);
    if (!strstr(err->text, word))
        fail_msg("\"%s\" does not say \"%s\"", err->text, word);
}

static void test_folder_refused(void **state)
{
    static const struct {
        const char *name, *text, *word;
    } rows[] = {
        {"notes.sql", "CREATE TABLE n (id INT)", "not named like"},
        {"005-x.sql", "CREATE TABLE x (id INT)", "004 was expected"},
        {"004-c.sql", "GRANT ALL ON *.* TO nobody", "may be"},
        {"004-c.sql", "DROP DATABASE ecert_migrate", "may be"},
    };
    struct err err = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        set_up(state);
        put_file(rows[i].name, rows[i].text);
        assert_refused(run(&err), &err, rows[i].word);
    }
}

static void test_two_statements_refused(void **state)
{
    struct err err = {0};

    (void)state;
    put_file("004-c.sql", "CREATE TABLE c (id INT); DROP TABLE a");
    assert_int_equal(run(&err), -1);
    assert_int_equal(number("SELECT COUNT(*) FROM a"), 2);
    remove_file("004-c.sql");
}

static void test_missing_is_told(void **state)
{
    struct err err = {0};

    (void)state;
    assert_refused(check(&err), &err, "run ecertctl migrate");
    assert_int_equal(run(&err), 0);
    put_file("004-c.sql", "CREATE TABLE c (id INT)");
    assert_refused(check(&err), &err, "004-c.sql");
}

static void test_all_run_once(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(run(&err), 0);
    assert_int_equal(told, 3);
    assert_int_equal(check(&err), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM a WHERE name = ''"), 2);
    assert_int_equal(run(&err), 0);
    assert_int_equal(told, 3);
}

static void test_changed_text_refused(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(run(&err), 0);
    put_file("003-rows.sql", "INSERT INTO a (id) VALUES (1), (3)\n");
    assert_refused(run(&err), &err, "has changed");
    assert_refused(check(&err), &err, "has changed");
}

static void test_newer_database_refused(void **state)
{
    struct err err = {0};

    (void)state;
    put_file("004-c.sql", "CREATE TABLE c (id INT)");
    assert_int_equal(run(&err), 0);
    remove_file("004-c.sql");
    assert_refused(run(&err), &err, "newer");
    assert_refused(check(&err), &err, "newer");
}

static void test_hole_in_database_refused(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(run(&err), 0);
    run_sql("ecert_migrate", "DELETE FROM schema_migration WHERE number = 2");
    assert_refused(check(&err), &err, "lacks migration 002-b.sql");
}

/* A run killed between a statement and its note: done is not done again, undone is done. */
static void test_killed_after_statement(void **state)
{
    struct err err = {0};

    (void)state;
    remove_file("003-rows.sql");
    assert_int_equal(run(&err), 0);
    run_sql("ecert_migrate", "UPDATE schema_migration SET applied_at = NULL WHERE number = 2");
    assert_refused(check(&err), &err, "002-b.sql");
    assert_int_equal(run(&err), 0);
    assert_int_equal(check(&err), 0);
}

static void test_killed_before_statement(void **state)
{
    struct err err = {0};

    (void)state;
    remove_file("003-rows.sql");
    assert_int_equal(run(&err), 0);
    run_sql("ecert_migrate", "ALTER TABLE a DROP COLUMN name");
    run_sql("ecert_migrate", "UPDATE schema_migration SET applied_at = NULL WHERE number = 2");
    assert_int_equal(run(&err), 0);
    assert_int_equal(number("SELECT COUNT(name) FROM a"), 0);
    assert_int_equal(check(&err), 0);
}

static void test_two_at_once(void **state)
{
    enum { RUNS = 4 };
    pid_t children[RUNS];
    struct err err = {0};

    (void)state;
    for (int i = 0; i < RUNS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(run(&err) == 0 ? 0 : 1);
    }
    for (int i = 0; i < RUNS; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(number("SELECT COUNT(*) FROM a"), 2);
    assert_int_equal(check(&err), 0);
}

/* The files that are shipped. */
static void test_shipped_schema(void **state)
{
    const char *top = getenv("srcdir");
    char shipped[512];
    struct err err = {0};

    (void)state;
    snprintf(shipped, sizeof(shipped), "%s/schema", top ? top : ".");
    if (migrate_run(&settings, shipped, count_told, NULL, &err) < 0)
        fail_msg("%s", err.text);
    struct db *db = db_new(&settings);
    assert_int_equal(migrate_check(db, shipped, &err), 0);
    db_free(&db);
    assert_int_equal(number("SELECT COUNT(*) FROM audit_head"), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_folder_refused, set_up),
        cmocka_unit_test_setup(test_two_statements_refused, set_up),
        cmocka_unit_test_setup(test_missing_is_told, set_up),
        cmocka_unit_test_setup(test_all_run_once, set_up),
        cmocka_unit_test_setup(test_changed_text_refused, set_up),
        cmocka_unit_test_setup(test_newer_database_refused, set_up),
        cmocka_unit_test_setup(test_hole_in_database_refused, set_up),
        cmocka_unit_test_setup(test_killed_after_statement, set_up),
        cmocka_unit_test_setup(test_killed_before_statement, set_up),
        cmocka_unit_test_setup(test_two_at_once, set_up),
        cmocka_unit_test_setup(test_shipped_schema, set_up),
    };

    settings.socket = getenv("ECERT_TEST_DB_SOCKET");
    if (!settings.socket)
        return 77;
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < sizeof(all_files) / sizeof(*all_files); i++)
        remove_file(all_files[i]);
    rmdir(folder);
    return failed ? 1 : 0;
}
