#include "core/queue.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"

int queue_due(struct db *db, struct pool *pool, const struct db_query *query, int64_t now_ms,
              size_t limit, const struct queue_due **rows, size_t *count, struct err *err)
{
    const struct db_value now = db_time(now_ms), most = db_uint(limit);
    struct queue_due *list;
    struct db_rows found;

    if (db_select(db, pool, query, DB_ARGS(now, most, now, most), &found, err) < 0)
        return -1;
    list = pool_array(pool, found.count + 1, sizeof(*list));
    for (size_t i = 0; i < found.count; i++) {
        const struct db_value *row = db_row(&found, i);

        list[i] = (struct queue_due){db_as_uint(&row[0]), (unsigned)db_as_uint(&row[1])};
    }
    *rows = list;
    *count = found.count;
    return 0;
}

/* The compare-and-set, for the transaction around it. */
struct taking {
    struct db *db;
    const struct db_query *query;
    struct db_value args[SQL_IDS_MAX + 4];
};

static int take(void *context, struct err *err)
{
    struct taking *taking = context;

    return db_run(taking->db, taking->query, taking->args,
                  sizeof(taking->args) / sizeof(taking->args[0]), NULL, err);
}

int queue_take(struct db *db, const struct db_query *query, const struct queue_claim *claim,
               const uint64_t *ids, size_t count, uint8_t lease[LEASE_SIZE], struct err *err)
{
    struct taking taking = {.db = db, .query = query};

    random_bytes(lease, LEASE_SIZE);
    taking.args[0] = db_bytes(lease, LEASE_SIZE);
    taking.args[1] = db_text(claim->owner);
    taking.args[2] = db_time(claim->now_ms + claim->lease_ms);
    queries_list(&taking.args[3], ids, count);
    taking.args[3 + SQL_IDS_MAX] = db_time(claim->now_ms);
    return db_transact(db, take, &taking, err);
}

void queue_cause(char *out, size_t size, const char *cause)
{
    size_t i = 0;

    for (; cause[i] && i < size - 1; i++)
        out[i] = cause[i] >= ' ' && cause[i] <= '~' ? cause[i] : '?';
    out[i] = '\0';
}

int queue_depth(struct db *db, struct pool *pool, const struct db_query *query, int64_t now_ms,
                struct queue_depth *out, struct err *err)
{
    const struct db_value *row;

    if (db_one(db, pool, query, DB_NO_ARGS, &row, err) < 0)
        return -1;
    *out = (struct queue_depth){
        .waiting = db_as_uint(&row[0]),
        .leased = db_as_uint(&row[1]),
        .failed = db_as_uint(&row[2]),
    };
    if (out->waiting && db_as_time(&row[3]) < now_ms)
        out->oldest_ms = now_ms - db_as_time(&row[3]);
    return 0;
}
