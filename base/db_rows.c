#include "base/db_inside.h"

#include <string.h>

#include "base/err.h"
#include "base/pool.h"

enum { ROWS_FIRST = 8 };

static int open_rows(struct db *db, const struct db_query *query, const struct db_value *args,
                     size_t count, struct db_statement **statement, struct err *err)
{
    if (db_execute(db, query, args, count, statement, err) < 0)
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

    return more < 0 ? db_fail_statement(db, statement, err) : more;
}

static int read_row(struct db *db, struct db_statement *statement, struct pool *pool,
                    struct db_value *row, struct err *err)
{
    if (db_statement_row(statement, pool, row) < 0)
        return db_fail_statement(db, statement, err);
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
        db_fail_statement(db, statement, NULL);
        return false;
    }
    if (db_statement_columns(statement, NULL) < 0) {
        mysql_stmt_free_result(statement->handle);
        return false;
    }
    return read_rows(db, statement, hint->pool, &hint->rows, NULL) == 0;
}

/* Reads all that was sent along, when the rows before it are read. */
void db_hints_collect(struct db *db)
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
    db_hints_collect(db);
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
    db_hints_collect(db);
    return result;
}

int db_one(struct db *db, struct pool *pool, const struct db_query *query,
           const struct db_value *args, size_t count, const struct db_value **row, struct err *err)
{
    int found = db_find(db, pool, query, args, count, row, err);

    return found == 0 ? err_set(err, ERR_DB, 0, "%s: no row", query->name) : found < 0 ? -1 : 0;
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
