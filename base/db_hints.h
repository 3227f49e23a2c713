/*
 * What db_ahead was told of a connection: SELECTs that are wanted, then on their way, then the rows
 * that wait to be asked for. Private to base/db_*.c:
 * db_send.c sends them, db_rows.c reads what comes.
 */
#ifndef ECERT_BASE_DB_HINTS_H
#define ECERT_BASE_DB_HINTS_H

#include "base/db.h"

struct db_statement;

struct db_hint {
    enum db_hint_state { HINT_WANTED, HINT_SENT, HINT_HELD } state;
    struct pool *pool;
    const struct db_query *query;
    struct db_value args[DB_AHEAD_ARGS]; /* what texts and bytes point at is the caller's */
    size_t count;
    struct db_statement *statement; /* while it is being sent and read */
    struct db_rows rows;            /* HINT_HELD */
};

/* In the order in which they came. All zero is empty. */
struct db_hints {
    struct db_hint list[DB_AHEAD_MOST];
    size_t count;
};

/* One more that is wanted; where there is no room, or it is there already, it is none. Too many
 * arguments end the process. */
void db_hints_add(struct db_hints *hints, struct pool *pool, const struct db_query *query,
                  const struct db_value *args, size_t count);
/* The first in this state with this pool, query and arguments; NULL. */
struct db_hint *db_hints_find(struct db_hints *hints, enum db_hint_state state,
                              const struct pool *pool, const struct db_query *query,
                              const struct db_value *args, size_t count);
/* Forgets the rows that wait: something has changed since. */
void db_hints_outdate(struct db_hints *hints);
/* Is this statement one of the first `count` hints'? It can be on its way only once. */
bool db_hints_use(const struct db_hints *hints, size_t count, const struct db_statement *statement);
/* Those behind it move up. NULL is nothing. */
void db_hints_forget(struct db_hints *hints, struct db_hint *hint);

#endif
