/*
 * One prepared statement of a connection: parameters out, columns in. Private to base/db*.c.
 *
 * Errors of MariaDB stay on the statement's handle; base/db.c converts them.
 */
#ifndef ECERT_BASE_DB_STATEMENT_H
#define ECERT_BASE_DB_STATEMENT_H

#include <mysql.h>

#include "base/db.h"

struct db_column;

struct db_statement {
    const struct db_query *query;
    MYSQL_STMT *handle;
    size_t parameters;
    MYSQL_BIND *binds;
    MYSQL_TIME *times; /* one a parameter; dates and instants are sent from here */
    struct db_column *columns;
    size_t column_count;
};

/* A connection's statements: open addressing by the query's address. All zero is empty. */
struct db_statements {
    struct db_statement **slots;
    size_t capacity; /* a power of two */
    size_t count;
};

/* The query's statement, or NULL. */
struct db_statement *db_statements_find(const struct db_statements *all,
                                        const struct db_query *query);
void db_statements_add(struct db_statements *all, struct db_statement *statement);
/* Frees the statements, and the table. */
void db_statements_clear(struct db_statements *all);

struct db_statement *db_statement_new(const struct db_query *query);
/* Accepts NULL. On a connection that is still open it is closed there, too. */
void db_statement_free(struct db_statement **statement);

/* Prepares, or prepares anew. One round trip. 0/-1. */
int db_statement_prepare(struct db_statement *statement, MYSQL *mysql);
/* One round trip. 0/-1. A wrong number of arguments ends the process. */
int db_statement_execute(struct db_statement *statement, const struct db_value *args, size_t count);
/* Sends it without waiting. db_statement_answer reads the answer: of several in the order in which
 * they were sent, each when all rows of the one before are read. 0/-1. */
int db_statement_send(struct db_statement *statement, const struct db_value *args, size_t count);
int db_statement_answer(struct db_statement *statement);
/* The server has forgotten it (a table was altered, a limit was reached) and refused before it
 * did anything: prepare anew and repeat. */
bool db_statement_stale(const struct db_statement *statement);

/* After db_statement_execute, before the first row. 0/-1 (ERR_DB: a type that has no place in
 * enum db_type). */
int db_statement_columns(struct db_statement *statement, struct err *err);
/* Fetches a row: 1; no more: 0; -1. */
int db_statement_next(struct db_statement *statement);
/* Its values; texts and bytes go into the pool. 0/-1. */
int db_statement_row(struct db_statement *statement, struct pool *pool, struct db_value *row);

#endif
