#include "base/db_inside.h"

#include <errmsg.h>
#include <mysqld_error.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/db_connect.h"
#include "base/db_error.h"
#include "base/err.h"
#include "base/pool.h"

enum { ROW_KEEP = 16 * 1024 };

/* Errors */

bool db_lost(const struct err *err)
{
    if (err->kind != ERR_DB && err->kind != ERR_DB_UNKNOWN)
        return false;
    return err->code == ER_CON_COUNT_ERROR || db_code_is_lost((unsigned int)err->code);
}

/* The one door through which MariaDB's errors come. */
static int fail(struct db *db, const char *what, unsigned int code, const char *message,
                struct err *err)
{
    char text[MYSQL_ERRMSG_SIZE];

    if (db_code_is_lost(code))
        db->lost = true;
    if (db_code_is_deadlock(code) && db->in_transaction)
        db->doomed = true;
    text_format(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, message);
    db_message_strip(text);
    return err_set(err, db_code_kind(code), (int)code, "%s: %s", what, text);
}

static int fail_mysql(struct db *db, const char *what, struct err *err)
{
    return fail(db, what, mysql_errno(db->mysql), mysql_error(db->mysql), err);
}

/* What goes wrong among the rows, the library notes at the connection alone. */
int db_fail_statement(struct db *db, struct db_statement *statement, struct err *err)
{
    if (mysql_stmt_errno(statement->handle) == 0)
        return fail_mysql(db, statement->query->name, err);
    return fail(db, statement->query->name, mysql_stmt_errno(statement->handle),
                mysql_stmt_error(statement->handle), err);
}

/* Connection */

struct db *db_new(const struct db_settings *settings)
{
    struct db *db = calloc(1, sizeof(*db));

    if (!db)
        err_fatal("out of memory");
    db->settings = settings;
    db->row_pool = pool_new(ROW_KEEP, 0);
    return db;
}

static void disconnect(struct db *db)
{
    /* First the connection: closing statements then sends nothing. */
    if (db->mysql)
        mysql_close(db->mysql);
    db->mysql = NULL;
    db_statements_clear(&db->statements);
    db->hints.count = 0;
    db->lost = db->begin_due = false;
    db->awaited = NULL;
}

void db_free(struct db **db)
{
    if (!*db)
        return;
    disconnect(*db);
    pool_free(&(*db)->row_pool);
    free(*db);
    *db = NULL;
}

static int connect_now(struct db *db, struct err *err)
{
    disconnect(db);
    db->round_trips++;
    if (db_connect(db->settings, &db->mysql) < 0) {
        fail_mysql(db, "connect", err);
        disconnect(db);
        return -1;
    }
    db_cork_put(&db->cork, db->mysql);
    return 0;
}

/* A server that closed an idle connection has left something to read: its end. */
static bool has_hung_up(struct db *db)
{
    struct pollfd entry = {.fd = (int)mysql_get_socket(db->mysql), .events = POLLIN};

    return poll(&entry, 1, 0) != 0;
}

int db_ready(struct db *db, struct err *err)
{
    if (db->streaming || db->awaited)
        err_fatal("db_ready while something is being read");
    if (db->in_transaction)
        return !db->lost ? 0
                         : err_set(err, ERR_DB, CR_SERVER_LOST,
                                   "the connection was lost inside a transaction");
    if (db->mysql && !db->lost && !has_hung_up(db))
        return 0;
    return connect_now(db, err);
}

int db_usable(struct db *db, const char *what, struct err *err)
{
    if (db->streaming || db->awaited)
        err_fatal("%s while something else is being read", what);
    if (!db->mysql || db->lost)
        return err_set(err, ERR_DB, CR_SERVER_GONE_ERROR, "%s: not connected", what);
    if (db->doomed)
        return err_set(err, ERR_DB_RETRY, ER_LOCK_DEADLOCK,
                       "%s: the transaction was rolled back by a deadlock", what);
    return 0;
}

/* Transactions */

static int command(struct db *db, const char *sql, struct err *err)
{
    if (db_usable(db, sql, err) < 0)
        return -1;
    db->round_trips++;
    return mysql_real_query(db->mysql, sql, strlen(sql)) == 0 ? 0 : fail_mysql(db, sql, err);
}

int db_begin(struct db *db, struct err *err)
{
    db_ahead_drop(db);
    if (db->in_transaction)
        err_fatal("a transaction inside a transaction");
    if (db_usable(db, "begin", err) < 0)
        return -1;
    db->in_transaction = db->begin_due = true;
    return 0;
}

int db_commit(struct db *db, struct err *err)
{
    struct err local;
    struct err *cause = err ? err : &local;

    db_ahead_drop(db);
    if (!db->in_transaction)
        err_fatal("COMMIT outside a transaction");
    bool usable = db->mysql && !db->lost;
    if (!db->begin_due && command(db, "COMMIT", cause) < 0) {
        if (usable && db->lost)
            cause->kind = ERR_DB_UNKNOWN;
        return -1;
    }
    db->in_transaction = db->begin_due = false;
    return 0;
}

void db_rollback(struct db *db)
{
    if (!db->in_transaction)
        return;
    if (db->awaited)
        db_run_end(db, NULL, NULL);
    bool begun = !db->begin_due;
    db_ahead_drop(db);
    db->in_transaction = db->begin_due = db->doomed = false;
    if (db->lost || (begun && command(db, "ROLLBACK", NULL) < 0))
        disconnect(db);
}

bool db_in_transaction(const struct db *db)
{
    return db->in_transaction;
}

int db_script(struct db *db, const char *sql, struct err *err)
{
    if (db_begin_now(db, err) < 0 || command(db, sql, err) < 0)
        return err_context(err, "script");
    MYSQL_RES *result = mysql_use_result(db->mysql);
    if (result)
        mysql_free_result(result);
    return mysql_errno(db->mysql) ? fail_mysql(db, "script", err) : 0;
}

uint64_t db_round_trips(const struct db *db)
{
    return db->round_trips;
}
