#include "base/db.h"

#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/db_connect.h"
#include "base/db_error.h"
#include "base/db_hints.h"
#include "base/db_statement.h"
#include "base/err.h"
#include "base/pool.h"

enum { ROWS_FIRST = 8, ROW_KEEP = 16 * 1024 };

struct db {
    const struct db_settings *settings;
    MYSQL *mysql; /* NULL: not connected */
    bool lost;    /* the connection is of no use any more */
    bool in_transaction;
    bool begin_due; /* START TRANSACTION has yet to be sent */
    bool alone;     /* what runs may do so outside of the transaction */
    bool doomed; /* the server has rolled the transaction back; only db_rollback is left */
    bool streaming;
    uint64_t insert_id;
    uint64_t round_trips;
    struct pool *row_pool; /* of db_each */
    struct db_statements statements;
    struct db_hints hints;
};

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
    if (code == ER_LOCK_DEADLOCK && db->in_transaction)
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
static int fail_statement(struct db *db, struct db_statement *statement, struct err *err)
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
    if (db->streaming)
        err_fatal("db_ready while rows are being read");
    if (db->in_transaction)
        return !db->lost ? 0
                         : err_set(err, ERR_DB, CR_SERVER_LOST,
                                   "the connection was lost inside a transaction");
    if (db->mysql && !db->lost && !has_hung_up(db))
        return 0;
    return connect_now(db, err);
}

/* Whether a statement may be sent now. */
static int check_usable(struct db *db, const char *what, struct err *err)
{
    if (db->streaming)
        err_fatal("%s while rows are being read", what);
    if (!db->mysql || db->lost)
        return err_set(err, ERR_DB, CR_SERVER_GONE_ERROR, "%s: not connected", what);
    if (db->doomed)
        return err_set(err, ERR_DB_RETRY, ER_LOCK_DEADLOCK,
                       "%s: the transaction was rolled back by a deadlock", what);
    return 0;
}

/* Running */

/* The query's statement, prepared on its first use. */
static int statement_get(struct db *db, const struct db_query *query, struct db_statement **found,
                         struct err *err)
{
    struct db_statement *statement = db_statements_find(&db->statements, query);

    if (!statement) {
        statement = db_statement_new(query);
        db->round_trips++;
        if (db_statement_prepare(statement, db->mysql) < 0) {
            fail_statement(db, statement, err);
            db_statement_free(&statement);
            return -1;
        }
        db_statements_add(&db->statements, statement);
    }
    *found = statement;
    return 0;
}

static int statement_send(struct db *db, struct db_statement *statement,
                          const struct db_value *args, size_t count)
{
    db->round_trips++;
    return db_statement_execute(statement, args, count);
}

/* A statement that can't be prepared anew must not stay as if it were: the connection is given
 * up, and its statements with it. */
static int statement_renew(struct db *db, struct db_statement *statement, struct err *err)
{
    db->round_trips++;
    if (db_statement_prepare(statement, db->mysql) == 0)
        return 0;
    fail_statement(db, statement, err);
    db->lost = true;
    return -1;
}

static const struct db_query begin_query = {.name = "begin", .sql = "START TRANSACTION"};

/* Where a transaction has yet to begin: together with the statement (which may be NULL), if that may
 * run by itself should this fail; then *begin is what is to be sent before it. Else now. */
static int begin_first(struct db *db, const struct db_statement *statement,
                       struct db_statement **begin, struct err *err)
{
    *begin = NULL;
    if (!db->begin_due)
        return 0;
    if (statement_get(db, &begin_query, begin, err) < 0)
        return -1;
    if (statement && (db->alone || mysql_stmt_field_count(statement->handle) > 0))
        return 0;
    if (statement_send(db, *begin, DB_NO_ARGS) < 0)
        return fail_statement(db, *begin, err);
    *begin = NULL;
    db->begin_due = false;
    return 0;
}

static void hints_collect(struct db *db);

/* Finds out which hints may go along now: how many. The others wait for the next time, and what
 * can't be prepared is forgotten. */
static size_t hints_ready(struct db *db, const struct db_statement *first)
{
    struct db_hints *hints = &db->hints;
    size_t ready = 0;

    for (size_t i = 0; i < hints->count;) {
        struct db_hint *hint = &hints->list[i];
        struct db_statement *statement;

        hint->statement = NULL;
        if (hint->state != HINT_WANTED) {
            i++;
        } else if (statement_get(db, hint->query, &statement, NULL) < 0) {
            db_hints_forget(hints, hint);
        } else {
            if (statement != first && !db_hints_use(hints, i, statement)) {
                hint->statement = statement;
                ready++;
            }
            i++;
        }
    }
    return ready;
}

static void hints_send(struct db *db)
{
    struct db_hints *hints = &db->hints;

    for (size_t i = 0; i < hints->count; i++) {
        struct db_hint *hint = &hints->list[i];

        if (!hint->statement)
            continue;
        if (db_statement_send(hint->statement, hint->args, hint->count) < 0)
            return;
        hint->state = HINT_SENT;
    }
}

/* What `begin` fails with is told as the statement's, which has run outside of any transaction: the
 * connection is given up. */
static int send_all(struct db *db, struct db_statement *begin, struct db_statement *statement,
                    const struct db_value *args, size_t count)
{
    db->round_trips++;
    if ((begin && db_statement_send(begin, DB_NO_ARGS) < 0) ||
        db_statement_send(statement, args, count) < 0)
        return -1;
    hints_send(db);
    if (begin && db_statement_answer(begin) < 0) {
        db->lost = true;
        return -1;
    }
    db->begin_due = false;
    return db_statement_answer(statement);
}

/* Of what is sent together, the hints are yet to be read. */
static int execute(struct db *db, const struct db_query *query, const struct db_value *args,
                   size_t count, struct db_statement **statement, struct err *err)
{
    struct db_statement *begin;

    if (check_usable(db, query->name, err) < 0 || statement_get(db, query, statement, err) < 0 ||
        begin_first(db, *statement, &begin, err) < 0)
        return -1;
    int result = hints_ready(db, *statement) > 0 || begin
                     ? send_all(db, begin, *statement, args, count)
                     : statement_send(db, *statement, args, count);
    if (result < 0 && db_statement_stale(*statement)) {
        /* The hints have run before what they are to run behind. */
        hints_collect(db);
        db_ahead_drop(db);
        if (statement_renew(db, *statement, err) < 0)
            return -1;
        result = statement_send(db, *statement, args, count);
    }
    return result < 0 ? fail_statement(db, *statement, err) : 0;
}

/* Of a statement that yields no rows. */
static void take_result(struct db *db, struct db_statement *statement, uint64_t *affected)
{
    uint64_t id = mysql_stmt_insert_id(statement->handle);

    if (affected)
        *affected = mysql_stmt_affected_rows(statement->handle);
    if (id)
        db->insert_id = id;
    if (mysql_stmt_field_count(statement->handle))
        mysql_stmt_free_result(statement->handle);
}

int db_run(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
           uint64_t *affected, struct err *err)
{
    struct err local;
    struct err *cause = err ? err : &local;
    struct db_statement *statement;
    bool usable = db->mysql && !db->lost;

    db_hints_outdate(&db->hints);
    if (execute(db, query, args, count, &statement, cause) < 0) {
        hints_collect(db);
        db_ahead_drop(db);
        if (usable && db->lost && !db->in_transaction)
            cause->kind = ERR_DB_UNKNOWN;
        return -1;
    }
    take_result(db, statement, affected);
    hints_collect(db);
    return 0;
}

int db_run_alone(struct db *db, const struct db_query *query, const struct db_value *args,
                 size_t count, uint64_t *affected, struct err *err)
{
    db->alone = true;
    int result = db_run(db, query, args, count, affected, err);
    db->alone = false;
    return result;
}

static int run_call(struct db *db, struct db_call *call, struct err *err)
{
    return db_run(db, call->query, call->args, call->count, &call->affected, err);
}

/* The second's answer, when the first has failed: it is of no interest, but it is there. */
static void pass_over(struct db *db, struct db_statement *second)
{
    if (!db->lost && db_statement_answer(second) < 0)
        fail_statement(db, second, NULL);
}

static int answer_pair(struct db *db, struct db_statement *first, struct db_statement *second,
                       struct db_call calls[2], struct err *err)
{
    if (db_statement_answer(first) < 0) {
        bool stale = db_statement_stale(first);

        if (!stale)
            fail_statement(db, first, err);
        pass_over(db, second);
        return stale && run_call(db, &calls[0], err) == 0 ? run_call(db, &calls[1], err) : -1;
    }
    take_result(db, first, &calls[0].affected);
    if (db_statement_answer(second) < 0)
        return db_statement_stale(second) ? run_call(db, &calls[1], err)
                                          : fail_statement(db, second, err);
    take_result(db, second, &calls[1].affected);
    return 0;
}

int db_run_pair(struct db *db, struct db_call calls[2], struct err *err)
{
    struct db_statement *first, *second;

    if (!db->in_transaction || calls[0].query == calls[1].query)
        err_fatal("%s and %s are no pair", calls[0].query->name, calls[1].query->name);
    if (db->begin_due)
        return run_call(db, &calls[0], err) < 0 ? -1 : run_call(db, &calls[1], err);
    db_ahead_drop(db);
    if (check_usable(db, calls[0].query->name, err) < 0 ||
        statement_get(db, calls[0].query, &first, err) < 0 ||
        statement_get(db, calls[1].query, &second, err) < 0)
        return -1;
    db->round_trips++;
    if (db_statement_send(first, calls[0].args, calls[0].count) < 0)
        return fail_statement(db, first, err);
    if (db_statement_send(second, calls[1].args, calls[1].count) < 0)
        return fail_statement(db, second, err);
    return answer_pair(db, first, second, calls, err);
}

uint64_t db_insert_id(const struct db *db)
{
    return db->insert_id;
}

static int open_rows(struct db *db, const struct db_query *query, const struct db_value *args,
                     size_t count, struct db_statement **statement, struct err *err)
{
    if (execute(db, query, args, count, statement, err) < 0)
        return -1;
    if (mysql_stmt_field_count((*statement)->handle) == 0)
        err_fatal("%s yields no rows", query->name);
    if (db_statement_columns(*statement, err) == 0)
        return 0;
    mysql_stmt_free_result((*statement)->handle);
    return -1;
}

static int next_row(struct db *db, struct db_statement *statement, struct err *err)
{
    int more = db_statement_next(statement);

    return more < 0 ? fail_statement(db, statement, err) : more;
}

static int read_row(struct db *db, struct db_statement *statement, struct pool *pool,
                    struct db_value *row, struct err *err)
{
    if (db_statement_row(statement, pool, row) < 0)
        return fail_statement(db, statement, err);
    return 0;
}

/* All rows of a statement that has been executed. */
static int read_rows(struct db *db, struct db_statement *statement, struct pool *pool,
                     struct db_rows *rows, struct err *err)
{
    struct db_value *values = NULL;
    size_t used = 0, room = 0;
    int more;

    size_t columns = statement->column_count;
    while ((more = next_row(db, statement, err)) > 0) {
        if (used == room) {
            room = room ? room * 2 : ROWS_FIRST;
            struct db_value *larger = pool_array(pool, room * columns, sizeof(*values));
            if (used)
                memcpy(larger, values, used * columns * sizeof(*values));
            values = larger;
        }
        if (read_row(db, statement, pool, values + used * columns, err) < 0) {
            more = -1;
            break;
        }
        used++;
    }
    if (more < 0) {
        mysql_stmt_free_result(statement->handle);
        return -1;
    }
    *rows = (struct db_rows){used, columns, values};
    return 0;
}

static int select_now(struct db *db, struct pool *pool, const struct db_query *query,
                      const struct db_value *args, size_t count, struct db_rows *rows,
                      struct err *err)
{
    struct db_statement *statement;

    if (open_rows(db, query, args, count, &statement, err) < 0)
        return -1;
    return read_rows(db, statement, pool, rows, err);
}

static int find_now(struct db *db, struct pool *pool, const struct db_query *query,
                    const struct db_value *args, size_t count, const struct db_value **row,
                    struct err *err)
{
    struct db_statement *statement;

    if (open_rows(db, query, args, count, &statement, err) < 0)
        return -1;
    int found = next_row(db, statement, err);
    if (found > 0) {
        struct db_value *values = pool_array(pool, statement->column_count, sizeof(*values));
        *row = values;
        if (read_row(db, statement, pool, values, err) < 0)
            found = -1;
    }
    /* Reads to the end of the rows, so that the connection is free again. */
    int more = found;
    while (more > 0)
        more = next_row(db, statement, err);
    if (found < 0 || more < 0) {
        mysql_stmt_free_result(statement->handle);
        return -1;
    }
    return found;
}

/* Ahead */

void db_ahead(struct db *db, struct pool *pool, const struct db_query *query,
              const struct db_value *args, size_t count)
{
    db_hints_add(&db->hints, pool, query, args, count);
}

void db_ahead_drop(struct db *db)
{
    db->hints.count = 0;
}

/* The rows of one that was sent. What goes wrong with it is told when it is asked for in earnest. */
static bool hint_read(struct db *db, struct db_hint *hint)
{
    struct db_statement *statement = hint->statement;

    if (db->lost)
        return false;
    if (db_statement_answer(statement) < 0) {
        fail_statement(db, statement, NULL);
        return false;
    }
    if (db_statement_columns(statement, NULL) < 0) {
        mysql_stmt_free_result(statement->handle);
        return false;
    }
    return read_rows(db, statement, hint->pool, &hint->rows, NULL) == 0;
}

/* Reads all that was sent along, when the rows before it are read. */
static void hints_collect(struct db *db)
{
    struct db_hints *hints = &db->hints;

    for (size_t i = 0; i < hints->count;) {
        struct db_hint *hint = &hints->list[i];

        if (hint->state == HINT_SENT && !hint_read(db, hint)) {
            db_hints_forget(hints, hint);
            continue;
        }
        if (hint->state == HINT_SENT)
            hint->state = HINT_HELD;
        i++;
    }
}

/* Gives out the rows that wait for this. What is about to be asked is no hint any more. */
static bool hint_take(struct db *db, const struct pool *pool, const struct db_query *query,
                      const struct db_value *args, size_t count, struct db_rows *rows)
{
    struct db_hints *hints = &db->hints;
    struct db_hint *held = db_hints_find(hints, HINT_HELD, pool, query, args, count);

    if (!held) {
        db_hints_forget(hints, db_hints_find(hints, HINT_WANTED, pool, query, args, count));
        return false;
    }
    *rows = held->rows;
    db_hints_forget(hints, held);
    return true;
}

int db_select(struct db *db, struct pool *pool, const struct db_query *query,
              const struct db_value *args, size_t count, struct db_rows *rows, struct err *err)
{
    if (hint_take(db, pool, query, args, count, rows))
        return 0;
    int result = select_now(db, pool, query, args, count, rows, err);
    hints_collect(db);
    return result;
}

int db_find(struct db *db, struct pool *pool, const struct db_query *query,
            const struct db_value *args, size_t count, const struct db_value **row, struct err *err)
{
    struct db_rows rows;

    if (hint_take(db, pool, query, args, count, &rows)) {
        if (rows.count > 0)
            *row = db_row(&rows, 0);
        return rows.count > 0;
    }
    int result = find_now(db, pool, query, args, count, row, err);
    hints_collect(db);
    return result;
}

int db_each(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
            int (*each)(void *context, const struct db_value *row, struct err *err), void *context,
            struct err *err)
{
    struct db_statement *statement;
    int more;

    db_ahead_drop(db);
    if (open_rows(db, query, args, count, &statement, err) < 0)
        return -1;
    db->streaming = true;
    while ((more = next_row(db, statement, err)) > 0) {
        pool_reset(db->row_pool);
        struct db_value *row = pool_array(db->row_pool, statement->column_count, sizeof(*row));
        if (read_row(db, statement, db->row_pool, row, err) < 0 || each(context, row, err) < 0) {
            more = -1;
            break;
        }
    }
    db->streaming = false;
    pool_reset(db->row_pool);
    if (more < 0)
        mysql_stmt_free_result(statement->handle);
    return more;
}

/* Transactions */

static int command(struct db *db, const char *sql, struct err *err)
{
    if (check_usable(db, sql, err) < 0)
        return -1;
    db->round_trips++;
    return mysql_real_query(db->mysql, sql, strlen(sql)) == 0 ? 0 : fail_mysql(db, sql, err);
}

int db_begin(struct db *db, struct err *err)
{
    db_ahead_drop(db);
    if (db->in_transaction)
        err_fatal("a transaction inside a transaction");
    if (check_usable(db, begin_query.sql, err) < 0)
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
    bool begun = db->in_transaction && !db->begin_due;

    if (!db->in_transaction)
        return;
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
    struct db_statement *begin;

    if (begin_first(db, NULL, &begin, err) < 0 || command(db, sql, err) < 0)
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
