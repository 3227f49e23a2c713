/*
 * The door to MariaDB: prepared statements, typed values, transactions.
 *
 * Only this file's implementation (db*.c) includes <mysql.h>. A connection belongs to one process and
 * is opened after fork. No auto-reconnect, no multi-statements, no LOCAL INFILE, utf8mb4, UTC,
 * READ COMMITTED, STRICT_ALL_TABLES, time-outs on connect, read and write. A connection that was
 * lost is opened anew by db_ready between pieces of work, never inside a transaction. Integers,
 * texts, bytes, DATE, DATETIME and TIMESTAMP are the types it knows; a DECIMAL (which SUM yields)
 * is an error: CAST it. What the server quotes of a value is cut out of its messages.
 */
#ifndef ECERT_BASE_DB_H
#define ECERT_BASE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/text.h"

struct err;
struct pool;
struct db;

struct db_settings {
    const char *socket; /* Unix socket, or "" for host and port */
    const char *host;
    int64_t port;
    const char *user;
    const char *password;
    const char *schema;
    int64_t timeout_ms; /* connect, read and write, each */
};

/* What a statement is. Defined in one array per area of the program, named by an enum through
 * designated initialisers; its address is its identity, and each connection prepares it on
 * first use. Placeholders only: no text is ever built from data. */
struct db_query {
    const char *name; /* "certificate_find": metrics, logs, the EXPLAIN test */
    const char *sql;
};

/* All queries of an area, for the tests that EXPLAIN them. */
struct db_area {
    const char *name;
    const struct db_query *queries;
    size_t count;
};

enum db_type { DB_NULL, DB_INT, DB_UINT, DB_TEXT, DB_BYTES, DB_DATE, DB_TIME };

/* A parameter or a column. DB_TEXT is NUL-terminated in results. DB_TIME is an instant in
 * milliseconds since 1970, a DATETIME(3) in UTC in the database. */
struct db_value {
    enum db_type type;
    union {
        int64_t integer;
        uint64_t natural;
        struct date date;
        struct bytes bytes;
    };
};

static inline struct db_value db_null(void)
{
    return (struct db_value){.type = DB_NULL};
}
static inline struct db_value db_int(int64_t value)
{
    return (struct db_value){.type = DB_INT, .integer = value};
}
static inline struct db_value db_uint(uint64_t value)
{
    return (struct db_value){.type = DB_UINT, .natural = value};
}
/* A NULL pointer is NULL, for both. */
struct db_value db_text(const char *text);
struct db_value db_bytes(const void *data, size_t size);
/* No date is NULL. */
struct db_value db_date(struct date date);
struct db_value db_time(int64_t ms);
/* 0 is NULL: for optional references. */
struct db_value db_id(uint64_t id);

#define DB_ARGS(...)                                                                               \
    (const struct db_value[]){__VA_ARGS__},                                                        \
        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define DB_NO_ARGS NULL, 0

/* Readers of a column; NULL reads as 0, "", no date, no bytes. Integers convert between each
 * other; any other mismatch of type is a programming error and ends the process. */
int64_t db_as_int(const struct db_value *value);
uint64_t db_as_uint(const struct db_value *value);
const char *db_as_text(const struct db_value *value);
struct bytes db_as_bytes(const struct db_value *value);
struct date db_as_date(const struct db_value *value);
int64_t db_as_time(const struct db_value *value);

/* The rows of a SELECT, all of them, in the caller's pool. */
struct db_rows {
    size_t count;
    size_t columns;
    const struct db_value *values; /* count * columns, row by row */
};

/* What was read for a page of `limit` rows by asking for one more: *count of them stand on it. Do more
 * follow? */
static inline bool db_page(const struct db_rows *rows, size_t limit, size_t *count)
{
    *count = rows->count < limit ? rows->count : limit;
    return rows->count > limit && limit > 0;
}

static inline const struct db_value *db_row(const struct db_rows *rows, size_t row)
{
    return rows->values + row * rows->columns;
}

/* Opens no connection yet; db_ready does. Settings are borrowed for the db's life. */
struct db *db_new(const struct db_settings *settings);
void db_free(struct db **db);

/* Connects if not connected, or if the connection was lost or hung up while idle; no round trip
 * where it is alive. Inside a transaction it never connects. 0/-1 (ERR_DB). */
int db_ready(struct db *db, struct err *err);
/* Does this error of a db function say that the server is away, is going, takes no more
 * connections, or has ended this one? What failed may do better on another connection. */
bool db_lost(const struct err *err);

/* Runs a statement that yields no rows. *affected (may be NULL): rows changed, counting matched
 * rows of an UPDATE as changed (CLIENT_FOUND_ROWS). 0/-1 (ERR_DB, _DUPLICATE, _RETRY; outside a
 * transaction also _UNKNOWN: the connection was lost while it ran). */
int db_run(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
           uint64_t *affected, struct err *err);
/* The same of a statement whose condition may not hold: 1 when it changed something, 0, or -1. */
int db_change(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
              struct err *err);
/* db_run in two steps, inside a transaction, so that the caller can work while the server does: nothing
 * else is to be asked in between, but db_rollback may end it. For a statement that may stand by itself
 * where the transaction that it is the first of could not begin: it travels with START TRANSACTION, as
 * any SELECT does. 0/-1 (of the second, ERR_DB_RETRY also where the whole is to be done again); after -1
 * of the first there is no second. */
int db_run_start(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
                 struct err *err);
int db_run_end(struct db *db, uint64_t *affected, struct err *err);
/* Two different ones in one round trip, inside a transaction. The server runs the second whatever
 * became of the first, and where that has ended the whole transaction, it runs it for good: its own
 * WHERE has to see that the first's work is there, and else change nothing. 0/-1, of the first that
 * fails. */
struct db_call {
    const struct db_query *query;
    const struct db_value *args;
    size_t count;
    uint64_t affected; /* filled in, as db_run's */
};
#define DB_CALL(...)                                                                               \
    .args = (const struct db_value[]){__VA_ARGS__},                                                \
    .count = sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
int db_run_pair(struct db *db, struct db_call calls[2], struct err *err);
/* AUTO_INCREMENT value of the last db_run that inserted. */
uint64_t db_insert_id(const struct db *db);

/* All rows into the pool. 0/-1. */
int db_select(struct db *db, struct pool *pool, const struct db_query *query,
              const struct db_value *args, size_t count, struct db_rows *rows, struct err *err);
/* The first row, or none: 1/0/-1. */
int db_find(struct db *db, struct pool *pool, const struct db_query *query,
            const struct db_value *args, size_t count, const struct db_value **row, struct err *err);
/* The row of a SELECT that always has one: a count, or what a key in a row that is held leads to. 0/-1
 * (ERR_DB also where it has none). */
int db_one(struct db *db, struct pool *pool, const struct db_query *query,
           const struct db_value *args, size_t count, const struct db_value **row, struct err *err);
/*
 * A hint that this SELECT will be wanted, too: it travels with the next db_find or db_select that
 * goes to the server, and all hints with it, in one round trip. Its rows wait in the pool for the
 * first db_find or db_select with the same pool, query and arguments. Texts and bytes among these
 * must live until then. It travels with a db_run as well, and runs behind it, so that it sees what
 * that changed; rows that wait are forgotten by any db_run. What is wanted and what waits is
 * forgotten by db_each, at the ends of transactions, and by db_ahead_drop, which is due before the
 * pool is reset. Given twice it is one. Nothing fails by a hint: what can't be sent or goes wrong,
 * and what is more than DB_AHEAD_MOST, is asked for again in earnest. Meant for statements of few
 * rows: the server answers them in their order, and nobody reads meanwhile.
 */
enum { DB_AHEAD_ARGS = 6, DB_AHEAD_MOST = 16 };
void db_ahead(struct db *db, struct pool *pool, const struct db_query *query,
              const struct db_value *args, size_t count);
void db_ahead_drop(struct db *db);
/* Row by row without holding them (exports, rotation, verification): calls each(context, row) in
 * memory that lives until it returns; -1 from it ends the run. No other statement may run on
 * this db meanwhile. 0/-1. */
int db_each(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
            int (*each)(void *context, const struct db_value *row, struct err *err), void *context,
            struct err *err);

/* One transaction by hand. It begins with its first statement, and without one there is nothing to
 * commit or to roll back. db_commit: -1 with ERR_DB_UNKNOWN when the connection was lost. */
int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
/* Never fails: a connection that can't roll back is closed, which rolls back. */
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);

/*
 * One business step: begin, work, commit. ERR_DB_RETRY from work or commit repeats the whole,
 * at most DB_ATTEMPTS times with a growing random pause, so work must start from nothing each
 * time. Any other -1 rolls back. ERR_DB_UNKNOWN is handed to the caller, who reads back by a
 * unique key. 0/-1.
 */
enum { DB_ATTEMPTS = 8 };
int db_transact(struct db *db, int (*work)(void *context, struct err *err), void *context,
                struct err *err);

/* Free-form SQL without placeholders, for migrations and tools only; result rows are dropped. 0/-1. */
int db_script(struct db *db, const char *sql, struct err *err);

/* Round trips made on this connection since db_new: for metrics and for tests that count them. */
uint64_t db_round_trips(const struct db *db);

#endif
