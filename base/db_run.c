#include "base/db_inside.h"

#include "base/err.h"

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
    if (db_execute(db, query, args, count, &statement, cause) < 0) {
        db_hints_collect(db);
        db_ahead_drop(db);
        if (usable && db->lost && !db->in_transaction)
            cause->kind = ERR_DB_UNKNOWN;
        return -1;
    }
    take_result(db, statement, affected);
    db_hints_collect(db);
    return 0;
}

int db_change(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
              struct err *err)
{
    uint64_t affected;

    return db_run(db, query, args, count, &affected, err) < 0 ? -1 : affected > 0;
}

int db_run_start(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
                 struct err *err)
{
    if (!db->in_transaction)
        err_fatal("%s is started outside of a transaction", query->name);
    db_hints_outdate(&db->hints);
    if (db_execute_start(db, query, args, count, err) == 0)
        return 0;
    db_ahead_drop(db);
    return -1;
}

int db_run_end(struct db *db, uint64_t *affected, struct err *err)
{
    struct db_statement *statement;

    if (!db->awaited)
        err_fatal("nothing was started");
    if (db_execute_end(db, &statement, err) < 0) {
        db_hints_collect(db);
        db_ahead_drop(db);
        return -1;
    }
    take_result(db, statement, affected);
    db_hints_collect(db);
    return 0;
}

static int run_call(struct db *db, struct db_call *call, struct err *err)
{
    return db_run(db, call->query, call->args, call->count, &call->affected, err);
}

/* The second's answer, when the first has failed: it is of no interest, but it is there. */
static void pass_over(struct db *db, struct db_statement *second)
{
    if (!db->lost && db_statement_answer(second) < 0)
        db_fail_statement(db, second, NULL);
}

static int answer_pair(struct db *db, struct db_statement *first, struct db_statement *second,
                       struct db_call calls[2], struct err *err)
{
    if (db_statement_answer(first) < 0) {
        bool stale = db_statement_stale(first);

        if (!stale)
            db_fail_statement(db, first, err);
        pass_over(db, second);
        return stale && run_call(db, &calls[0], err) == 0 ? run_call(db, &calls[1], err) : -1;
    }
    take_result(db, first, &calls[0].affected);
    if (db_statement_answer(second) < 0)
        return db_statement_stale(second) ? run_call(db, &calls[1], err)
                                          : db_fail_statement(db, second, err);
    take_result(db, second, &calls[1].affected);
    return 0;
}

static int send_pair(struct db *db, struct db_statement *first, struct db_statement *second,
                     const struct db_call calls[2])
{
    bool sent;

    db->round_trips++;
    db_cork_close(&db->cork);
    sent = db_statement_send(first, calls[0].args, calls[0].count) == 0 &&
           db_statement_send(second, calls[1].args, calls[1].count) == 0;
    db_cork_open(&db->cork, db->mysql);
    return sent ? 0 : -1;
}

int db_run_pair(struct db *db, struct db_call calls[2], struct err *err)
{
    struct db_statement *first, *second;

    if (!db->in_transaction || calls[0].query == calls[1].query)
        err_fatal("%s and %s are no pair", calls[0].query->name, calls[1].query->name);
    if (db->begin_due)
        return run_call(db, &calls[0], err) < 0 ? -1 : run_call(db, &calls[1], err);
    db_ahead_drop(db);
    if (db_usable(db, calls[0].query->name, err) < 0 ||
        db_statement_get(db, calls[0].query, &first, err) < 0 ||
        db_statement_get(db, calls[1].query, &second, err) < 0)
        return -1;
    return send_pair(db, first, second, calls) < 0 ? db_fail_statement(db, first, err)
                                                   : answer_pair(db, first, second, calls, err);
}

uint64_t db_insert_id(const struct db *db)
{
    return db->insert_id;
}
