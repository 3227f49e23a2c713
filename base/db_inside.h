/*
 * A connection from within: what the files of base/db share. Private to them.
 *
 *     db.c        connection, errors, transactions
 *     db_send.c   statements, prepared and sent together
 *     db_run.c    changes
 *     db_rows.c   rows, and those that were read ahead
 */
#ifndef ECERT_BASE_DB_INSIDE_H
#define ECERT_BASE_DB_INSIDE_H

#include <mysql.h>

#include "base/db.h"
#include "base/db_cork.h"
#include "base/db_hints.h"
#include "base/db_statement.h"

struct err;

struct db {
    const struct db_settings *settings;
    MYSQL *mysql; /* NULL: not connected */
    bool lost;    /* the connection is of no use any more */
    bool in_transaction;
    bool begin_due; /* START TRANSACTION has yet to be sent */
    bool doomed;    /* the server has rolled the transaction back; only db_rollback is left */
    bool streaming;
    struct db_statement *awaited, *awaited_begin; /* of db_run_start: NULL, or yet to be answered */
    uint64_t insert_id;
    uint64_t round_trips;
    struct pool *row_pool; /* of db_each */
    struct db_statements statements;
    struct db_hints hints;
    struct db_cork cork;
};

/* Turns MariaDB's error into ours, and notes what it means for the connection. -1. */
int db_fail_statement(struct db *db, struct db_statement *statement, struct err *err);

/* May a statement be sent now? 0/-1; ends the process while something else is being read. */
int db_usable(struct db *db, const char *what, struct err *err);

/* The query's statement, prepared on its first use. 0/-1. */
int db_statement_get(struct db *db, const struct db_query *query, struct db_statement **found,
                     struct err *err);

/* Sends START TRANSACTION if it is due. 0/-1. */
int db_begin_now(struct db *db, struct err *err);
/* Runs a statement, and what is due before and wanted behind it, in one round trip. Its rows are to be
 * read next, then those of the hints (db_hints_collect). 0/-1. */
int db_execute(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
               struct db_statement **statement, struct err *err);
/* Sends the same without waiting: START TRANSACTION goes along with any statement. Then
 * db_execute_end reads the answer; ERR_DB_RETRY where it has to be sent again. 0/-1. */
int db_execute_start(struct db *db, const struct db_query *query, const struct db_value *args,
                     size_t count, struct err *err);
int db_execute_end(struct db *db, struct db_statement **statement, struct err *err);
/* Reads the rows of all hints that were sent along, when those before them are read. */
void db_hints_collect(struct db *db);

#endif
