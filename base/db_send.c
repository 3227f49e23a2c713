#include "base/db_inside.h"

#include "base/err.h"

int db_statement_get(struct db *db, const struct db_query *query, struct db_statement **found,
                     struct err *err)
{
    struct db_statement *statement = db_statements_find(&db->statements, query);

    if (!statement) {
        statement = db_statement_new(query);
        db->round_trips++;
        if (db_statement_prepare(statement, db->mysql) < 0) {
            db_fail_statement(db, statement, err);
            db_statement_free(&statement);
            return -1;
        }
        db_statements_add(&db->statements, statement);
    }
    *found = statement;
    return 0;
}

static int go(struct db *db, struct db_statement *statement, const struct db_value *args, size_t count)
{
    db->round_trips++;
    return db_statement_execute(statement, args, count);
}

/* Prepares it anew. 0; -1: the connection is given up, as one that can't be prepared anew must not stay
 * as if it were. */
static int prepare_anew(struct db *db, struct db_statement *statement, struct err *err)
{
    db->round_trips++;
    if (db_statement_prepare(statement, db->mysql) == 0)
        return 0;
    db_fail_statement(db, statement, err);
    db->lost = true;
    return -1;
}

static const struct db_query begin_query = {.name = "begin", .sql = "START TRANSACTION"};

int db_begin_now(struct db *db, struct err *err)
{
    struct db_statement *begin;

    if (!db->begin_due)
        return 0;
    if (db_statement_get(db, &begin_query, &begin, err) < 0)
        return -1;
    if (go(db, begin, DB_NO_ARGS) < 0)
        return db_fail_statement(db, begin, err);
    db->begin_due = false;
    return 0;
}

/* Where a transaction has yet to begin: together with a statement that may run by itself should this
 * fail, which is then *begin; else now. */
static int begin_first(struct db *db, bool alone, struct db_statement **begin, struct err *err)
{
    *begin = NULL;
    if (!db->begin_due)
        return 0;
    return alone ? db_statement_get(db, &begin_query, begin, err) : db_begin_now(db, err);
}

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
        } else if (db_statement_get(db, hint->query, &statement, NULL) < 0) {
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

static int send_all(struct db *db, struct db_statement *begin, struct db_statement *statement,
                    const struct db_value *args, size_t count)
{
    bool sent;

    db->round_trips++;
    db_cork_close(&db->cork);
    sent = (!begin || db_statement_send(begin, DB_NO_ARGS) == 0) &&
           db_statement_send(statement, args, count) == 0;
    if (sent)
        hints_send(db);
    db_cork_open(&db->cork, db->mysql);
    return sent ? 0 : -1;
}

/* What `begin` fails with is told as the statement's, which has run outside of any transaction: the
 * connection is given up. */
static int answer_all(struct db *db, struct db_statement *begin, struct db_statement *statement)
{
    if (begin && db_statement_answer(begin) < 0) {
        db->lost = true;
        return -1;
    }
    db->begin_due = false;
    return db_statement_answer(statement);
}

/* The hints have run before what they are to run behind. */
static int renew(struct db *db, struct db_statement *statement, struct err *err)
{
    db_hints_collect(db);
    db_ahead_drop(db);
    return prepare_anew(db, statement, err);
}

int db_execute(struct db *db, const struct db_query *query, const struct db_value *args, size_t count,
               struct db_statement **statement, struct err *err)
{
    struct db_statement *begin;
    int result;

    if (db_usable(db, query->name, err) < 0 || db_statement_get(db, query, statement, err) < 0 ||
        begin_first(db, mysql_stmt_field_count((*statement)->handle) > 0, &begin, err) < 0)
        return -1;
    if (hints_ready(db, *statement) == 0 && !begin)
        result = go(db, *statement, args, count);
    else
        result = send_all(db, begin, *statement, args, count) < 0 ? -1 : answer_all(db, begin, *statement);
    if (result < 0 && db_statement_stale(*statement)) {
        if (renew(db, *statement, err) < 0)
            return -1;
        result = go(db, *statement, args, count);
    }
    return result < 0 ? db_fail_statement(db, *statement, err) : 0;
}

int db_execute_start(struct db *db, const struct db_query *query, const struct db_value *args,
                     size_t count, struct err *err)
{
    struct db_statement *statement, *begin;

    if (db_usable(db, query->name, err) < 0 || db_statement_get(db, query, &statement, err) < 0 ||
        begin_first(db, true, &begin, err) < 0)
        return -1;
    hints_ready(db, statement);
    if (send_all(db, begin, statement, args, count) < 0)
        return db_fail_statement(db, statement, err);
    db->awaited = statement;
    db->awaited_begin = begin;
    return 0;
}

int db_execute_end(struct db *db, struct db_statement **statement, struct err *err)
{
    *statement = db->awaited;
    db->awaited = NULL;
    if (answer_all(db, db->awaited_begin, *statement) == 0)
        return 0;
    if (!db_statement_stale(*statement))
        return db_fail_statement(db, *statement, err);
    if (renew(db, *statement, err) < 0)
        return -1;
    return err_set(err, ERR_DB_RETRY, 0, "%s: prepared anew", (*statement)->query->name);
}
