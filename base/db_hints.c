#include "base/db_hints.h"

#include <string.h>

#include "base/err.h"

static bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static bool value_equal(const struct db_value *a, const struct db_value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case DB_NULL:
        return true;
    case DB_INT:
    case DB_UINT:
    case DB_TIME:
        return a->natural == b->natural;
    case DB_DATE:
        return date_compare(a->date, b->date) == 0;
    case DB_TEXT:
    case DB_BYTES:
        return bytes_equal(a->bytes, b->bytes);
    }
    return false;
}

static bool args_equal(const struct db_value *a, const struct db_value *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!value_equal(&a[i], &b[i]))
            return false;
    return true;
}

static bool is_of(const struct db_hint *hint, const struct pool *pool,
                  const struct db_query *query, const struct db_value *args, size_t count)
{
    return hint->query == query && hint->pool == pool && hint->count == count &&
           args_equal(hint->args, args, count);
}

static bool is_known(const struct db_hints *hints, const struct pool *pool,
                     const struct db_query *query, const struct db_value *args, size_t count)
{
    for (size_t i = 0; i < hints->count; i++)
        if (is_of(&hints->list[i], pool, query, args, count))
            return true;
    return false;
}

void db_hints_add(struct db_hints *hints, struct pool *pool, const struct db_query *query,
                  const struct db_value *args, size_t count)
{
    if (count > DB_AHEAD_ARGS)
        err_fatal("%s: %zu arguments ahead", query->name, count);
    if (hints->count == DB_AHEAD_MOST || is_known(hints, pool, query, args, count))
        return;
    struct db_hint *hint = &hints->list[hints->count++];
    *hint = (struct db_hint){.state = HINT_WANTED, .pool = pool, .query = query, .count = count};
    for (size_t i = 0; i < count; i++)
        hint->args[i] = args[i];
}

struct db_hint *db_hints_find(struct db_hints *hints, enum db_hint_state state,
                              const struct pool *pool, const struct db_query *query,
                              const struct db_value *args, size_t count)
{
    for (size_t i = 0; i < hints->count; i++) {
        struct db_hint *hint = &hints->list[i];

        if (hint->state == state && is_of(hint, pool, query, args, count))
            return hint;
    }
    return NULL;
}

bool db_hints_use(const struct db_hints *hints, size_t count, const struct db_statement *statement)
{
    for (size_t i = 0; i < count; i++)
        if (hints->list[i].statement == statement)
            return true;
    return false;
}

void db_hints_forget(struct db_hints *hints, struct db_hint *hint)
{
    if (!hint)
        return;
    size_t behind = (size_t)(hints->list + hints->count - hint) - 1;
    memmove(hint, hint + 1, behind * sizeof(*hint));
    hints->count--;
}

void db_hints_outdate(struct db_hints *hints)
{
    size_t kept = 0;

    for (size_t i = 0; i < hints->count; i++)
        if (hints->list[i].state != HINT_HELD)
            hints->list[kept++] = hints->list[i];
    hints->count = kept;
}
