#include "tests/base/things.h"

#include <stdlib.h>
#include <unistd.h>

const struct db_query queries[] = {
    [ADD] = {"add",        "INSERT INTO things (i, u, t, b, d, ms) VALUES (?, ?, ?, ?, ?, ?)"},
    [GET] = {"get",        "SELECT id, i, u, t, b, d, ms, e FROM things WHERE id = ?"        },
    [ADD_NAMED] = {"add_named",  "INSERT INTO names (name, n) VALUES (?, 0)"                       },
    [RAISE] = {"raise",      "UPDATE names SET n = n + 1 WHERE name = ?"                       },
    [FIND_NAMED] = {"find_named", "SELECT name, n FROM names WHERE name = ?"                        },
    [LOCK_NAMED] = {"lock_named", "SELECT name, n FROM names WHERE name BETWEEN ? AND ?"
                                  " ORDER BY name FOR UPDATE"},
    [COUNT] = {"count",      "SELECT COUNT(*) FROM names WHERE name LIKE ?"                    },
    [ALL] = {"all",        "SELECT seq, CONCAT('row ', seq) FROM seq_1_to_50000"             },
    [ECHO] = {"echo",       "SELECT ?"                                                        },
    [DECIMAL] = {"decimal",    "SELECT CAST(1.5 AS DECIMAL(5,2))"                                },
    [BROKEN] = {"broken",     "SELECT nothing FROM nowhere"                                     },
    [CONNECTION] = {"connection", "SELECT CONNECTION_ID()"                                          },
    [KILL] = {"kill",       "KILL ?"                                                          },
    [SETUP] = {"setup",      "SELECT @@time_zone, @@tx_isolation, @@sql_mode, @@character_set_client,"
                        " @@innodb_lock_wait_timeout"                   },
    [LATE] = {"late",       "SELECT * FROM late"                                              },
    [NUMBERS] = {"numbers", "SELECT seq FROM seq_1_to_9 WHERE seq >= ? ORDER BY seq LIMIT ?"},
    [TOO_MANY] = {"too_many", "SELECT ?, (SELECT seq FROM seq_1_to_9)"},
};

struct db_settings settings;
struct pool *pool;
struct db *db;
struct err err;

void run_ok(struct db *on, int query, const struct db_value *args, size_t count)
{
    if (db_run(on, &queries[query], args, count, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

void script_ok(const char *sql)
{
    if (db_script(db, sql, &err) < 0)
        fail_msg("%s", err.text);
}

struct db *connect_to(const struct db_settings *to)
{
    struct db *fresh = db_new(to);

    if (db_ready(fresh, &err) < 0)
        fail_msg("%s", err.text);
    return fresh;
}

uint64_t connection_of(struct db *on)
{
    const struct db_value *row;

    assert_int_equal(db_find(on, pool, &queries[CONNECTION], DB_NO_ARGS, &row, &err), 1);
    return db_as_uint(&row[0]);
}

/* A name of its own: test programs run side by side on one server. */
static char schema[32];

void kill_connection(uint64_t id)
{
    static const struct db_query alive = {
        "alive", "SELECT 1 FROM information_schema.processlist WHERE id = ?"};
    const struct db_value *row;
    int found = 1;

    run_ok(db, KILL, DB_ARGS(db_uint(id)));
    for (int i = 0; found == 1 && i < 3000; i++) {
        usleep(10000);
        found = db_find(db, pool, &alive, DB_ARGS(db_uint(id)), &row, &err);
    }
    assert_int_equal(found, 0);
}

int things_setup(void **state)
{
    (void)state;
    settings = (struct db_settings){.socket = getenv("ECERT_TEST_DB_SOCKET"),
                                    .host = "",
                                    .user = getenv("ECERT_TEST_DB_USER"),
                                    .password = "",
                                    .schema = "",
                                    .timeout_ms = 10000};
    if (!settings.user)
        settings.user = "root";
    pool = pool_new(64 * 1024, 0);
    db = connect_to(&settings);
    text_format(schema, sizeof(schema), "base_test_%d", (int)getpid());
    script_ok(pool_printf(pool, "CREATE DATABASE %s CHARACTER SET utf8mb4", schema));
    db_free(&db);
    settings.schema = schema;
    db = connect_to(&settings);
    script_ok("CREATE TABLE things (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, i BIGINT,"
              " u BIGINT UNSIGNED, t LONGTEXT, b LONGBLOB, d DATE, ms DATETIME(3),"
              " e ENUM('one', 'two') NOT NULL DEFAULT 'two')");
    script_ok("CREATE TABLE names (name VARCHAR(40) PRIMARY KEY, n INT NOT NULL)");
    return 0;
}

int things_teardown(void **state)
{
    (void)state;
    script_ok(pool_printf(pool, "DROP DATABASE %s", schema));
    db_free(&db);
    pool_free(&pool);
    return 0;
}

int each_setup(void **state)
{
    (void)state;
    pool_reset(pool);
    err_clear(&err);
    if (db_ready(db, &err) < 0)
        fail_msg("%s", err.text);
    script_ok("DELETE FROM names");
    script_ok("DELETE FROM things");
    return 0;
}

int count_names(const char *like)
{
    const struct db_value *row;

    assert_int_equal(db_find(db, pool, &queries[COUNT], DB_ARGS(db_text(like)), &row, &err), 1);
    return (int)db_as_int(&row[0]);
}
