#include "core/upkeep/expiry.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/audit/audit.h"
#include "core/core.h"
#include "core/queries.h"
#include "core/register/certificate.h"

enum { BATCH = 500, POOL_KEEP = 256 * 1024 };

enum { SQL_DUE, SQL_EXPIRE, SQL_VOID, SQL_EVENT };

static const struct db_query queries[] = {
    /* In the order of the index certificate_expiry: certificates of one firm stand together. */
    [SQL_DUE] = {"expiry_due", "SELECT id, version, enterprise_id FROM certificate"
                               " WHERE state = '01' AND valid_until < ?"
                               " ORDER BY valid_until, enterprise_id LIMIT 500"},
    [SQL_EXPIRE] = {"expiry_expire", "UPDATE certificate SET state = '05', updated_at = ?"
                                     " WHERE id = ? AND version = ? AND state = '01'"
                                     " AND valid_until < ?"},
    [SQL_VOID] = {"expiry_void", "UPDATE certificate_version SET voided_at = ?"
                                 " WHERE certificate_id = ? AND version = ? AND voided_at IS NULL"},
    [SQL_EVENT] = {"expiry_event", "INSERT INTO certificate_event (certificate_id, version, action,"
                                   " from_state, to_state, enterprise_id, actor_kind, actor_id,"
                                   " happened_at) VALUES (?, ?, 'expire', '01', '05', ?, ?, 0, ?)"},
};

const struct db_area expiry_area = DB_AREA("expiry", queries);

/* Certificates of one enterprise that are due: rows first to last of a batch. */
struct group {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    struct date today;
    int64_t now_ms;
    const struct db_rows *rows;
    size_t first, count;
    uint64_t expired;
};

/* 1, or 0 when somebody changed the certificate since it was read. */
static int expire_one(const struct group *group, const struct db_value *row, struct err *err)
{
    int changed =
        db_change(group->db, &queries[SQL_EXPIRE],
                  DB_ARGS(db_time(group->now_ms), row[0], row[1], db_date(group->today)), err);

    if (changed != 1)
        return changed;
    if (db_run(group->db, &queries[SQL_VOID], DB_ARGS(db_time(group->now_ms), row[0], row[1]),
               NULL, err) < 0 ||
        db_run(group->db, &queries[SQL_EVENT],
               DB_ARGS(row[0], row[1], row[2], db_int(ACTOR_SYSTEM), db_time(group->now_ms)), NULL,
               err) < 0)
        return -1;
    return 1;
}

static int expire_group(void *context, struct err *err)
{
    struct group *group = context;
    struct audit_event *events = pool_array(group->pool, group->count, sizeof(*events));

    group->expired = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct db_value *row = db_row(group->rows, group->first + i);
        int done = expire_one(group, row, err);
        if (done < 0)
            return -1;
        if (done == 0)
            continue;
        events[group->expired++] = (struct audit_event){.actor = {ACTOR_SYSTEM, 0, ""},
                                                        .enterprise_id = db_as_uint(&row[2]),
                                                        .action = "certificate.expire",
                                                        .object_kind = "certificate",
                                                        .object_id = db_as_uint(&row[0])};
    }
    if (group->expired == 0)
        return 0;
    return audit_add(group->db, group->pool, group->core, events, group->expired, err);
}

static size_t group_size(const struct db_rows *rows, size_t first)
{
    uint64_t enterprise = db_as_uint(&db_row(rows, first)[2]);
    size_t count = 1;

    while (first + count < rows->count &&
           db_as_uint(&db_row(rows, first + count)[2]) == enterprise)
        count++;
    return count;
}

int expiry_run(struct db *db, const struct core *core, struct date today, int64_t now_ms,
               uint64_t *expired, struct err *err)
{
    struct pool *pool = pool_new(POOL_KEEP, 0);
    struct db_rows rows;
    int result = -1;

    *expired = 0;
    do {
        pool_reset(pool);
        if (db_select(db, pool, &queries[SQL_DUE], DB_ARGS(db_date(today)), &rows, err) < 0)
            goto out;
        for (size_t first = 0; first < rows.count;) {
            struct group group = {db,    pool,  core, today, now_ms,
                                  &rows, first, group_size(&rows, first), 0};
            if (db_transact(db, expire_group, &group, err) < 0)
                goto out;
            *expired += group.expired;
            first += group.count;
        }
    } while (rows.count == BATCH);
    result = 0;
out:
    pool_free(&pool);
    return result;
}
