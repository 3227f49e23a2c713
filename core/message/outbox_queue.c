/* The queue of the outbox: leases, outcomes, and the board that shows it. */
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/audit/audit.h"
#include "core/message/outbox.h"

enum { CAUSE_SIZE = 255 + 1 };

enum {
    SQL_DUE,
    SQL_LEASE,
    SQL_LEASED,
    SQL_RELEASE,
    SQL_HOLD,
    SQL_SETTLE,
    SQL_LIST,
    SQL_LIST_STATE,
    SQL_RETRY,
    SQL_GIVE_UP,
    SQL_DEPTH
};

#define COLUMNS                                                                                    \
    "o.id, o.event, o.event_key, o.channel, o.enterprise_id, o.contact_id, o.matter_id,"           \
    " o.from_day, o.until_day, o.address_sealed, o.address_hash, o.state, o.attempts, o.cause,"    \
    " o.run_at, o.created_at, o.sent_at"

static const struct db_query queries[] = {
    [SQL_DUE] = {"outbox_due", QUEUE_DUE("outbox")},
    [SQL_LEASE] = {"outbox_lease", "UPDATE outbox FORCE INDEX (PRIMARY)"
                                   " SET state = 'leased', lease = ?, owner = ?, run_at = ?,"
                                   " attempts = attempts + 1"
                                   " WHERE id IN (" SQL_IDS ") AND state IN ('waiting', 'leased')"
                                   " AND run_at <= ?"},
    [SQL_LEASED] = {"outbox_leased", "SELECT " COLUMNS " FROM outbox o"
                                     " FORCE INDEX (outbox_lease)"
                                     " WHERE o.lease = ? AND o.state = 'leased' ORDER BY o.id"},
    [SQL_RELEASE] = {"outbox_release", "UPDATE outbox FORCE INDEX (outbox_queue)"
                                       " SET state = 'waiting', lease = NULL, run_at = ?"
                                       " WHERE state = 'leased' AND owner = ?"},
    [SQL_HOLD] = {"outbox_hold", "UPDATE outbox SET run_at = ?"
                                 " WHERE id = ? AND lease = ? AND state = 'leased'"},
    [SQL_SETTLE] = {"outbox_settle", "UPDATE outbox SET state = ?, cause = ?, run_at = ?, sent_at = ?,"
                                     " attempts = attempts - ?, lease = NULL"
                                     " WHERE id = ? AND lease = ? AND state = 'leased'"},
    [SQL_LIST] = {"outbox_list", "SELECT " COLUMNS " FROM outbox o"
                                 " WHERE o.id < ? ORDER BY o.id DESC LIMIT ?"},
    [SQL_LIST_STATE] = {"outbox_list_state",
                        "SELECT " COLUMNS " FROM outbox o FORCE INDEX (outbox_list)"
                        " WHERE o.state = ? AND o.id < ? ORDER BY o.id DESC LIMIT ?"},
    [SQL_RETRY] = {"outbox_retry", "UPDATE outbox SET state = 'waiting', attempts = 0, run_at = ?"
                                   " WHERE id = ? AND state = 'failed'"},
    [SQL_GIVE_UP] = {"outbox_give_up", "UPDATE outbox SET state = 'dropped', cause = 'given up'"
                                       " WHERE id = ? AND state IN ('waiting', 'failed')"},
    [SQL_DEPTH] = {"outbox_depth", QUEUE_DEPTH("outbox")},
};

const struct db_area outbox_queue_area = DB_AREA("outbox_queue", queries);

static const struct {
    const char *name, *label;
} states[] = {
    {"waiting", "待发送"},
    {"leased",  "发送中"},
    {"sent",    "已发送"},
    {"failed",  "发送失败"},
    {"dropped", "不再发送"},
};

enum { STATES = sizeof(states) / sizeof(states[0]) };

const char *outbox_state_label(const char *state)
{
    for (size_t i = 0; i < STATES; i++)
        if (strcmp(states[i].name, state) == 0)
            return states[i].label;
    return NULL;
}

const char *outbox_state_name(size_t n)
{
    return n < STATES ? states[n].name : NULL;
}

const char *outbox_channel_label(const char *channel)
{
    return strcmp(channel, "mail") == 0 ? "电子邮件" : "手机短信";
}

static void read_row(const struct db_value *row, struct outbox *out)
{
    *out = (struct outbox){
        .id = db_as_uint(&row[0]),
        .event = outbox_event_by_name(db_as_text(&row[1])),
        .key = db_as_text(&row[2]),
        .channel = db_as_text(&row[3]),
        .enterprise_id = db_as_uint(&row[4]),
        .contact_id = db_as_uint(&row[5]),
        .matter_id = db_as_uint(&row[6]),
        .from_day = db_as_date(&row[7]),
        .until_day = db_as_date(&row[8]),
        .address_sealed = db_as_bytes(&row[9]),
        .address_hash = db_as_bytes(&row[10]),
        .state = db_as_text(&row[11]),
        .attempts = (unsigned)db_as_uint(&row[12]),
        .cause = db_as_text(&row[13]),
        .run_at_ms = db_as_time(&row[14]),
        .created_ms = db_as_time(&row[15]),
        .sent_ms = db_as_time(&row[16]),
    };
}

static int select_rows(struct db *db, struct pool *pool, const struct db_query *query,
                       const struct db_value *args, size_t args_count, const struct outbox **rows,
                       size_t *count, struct err *err)
{
    struct db_rows found;
    struct outbox *list;

    if (db_select(db, pool, query, args, args_count, &found, err) < 0)
        return -1;
    list = pool_array(pool, found.count + 1, sizeof(*list));
    for (size_t i = 0; i < found.count; i++)
        read_row(db_row(&found, i), &list[i]);
    *rows = list;
    *count = found.count;
    return 0;
}

/* Leases */

int outbox_lease(struct db *db, struct pool *pool, const char *owner, int64_t now_ms,
                 int64_t lease_ms, size_t limit, uint8_t lease[LEASE_SIZE],
                 const struct outbox **rows, size_t *count, struct err *err)
{
    const struct queue_claim claim = {owner, now_ms, lease_ms};
    const size_t most = limit < LEASE_MAX ? limit : LEASE_MAX;
    const struct queue_due *due;
    uint64_t ids[LEASE_MAX];
    size_t found, taken = 0;

    *rows = NULL;
    *count = 0;
    if (queue_due(db, pool, &queries[SQL_DUE], now_ms, most, &due, &found, err) < 0)
        return -1;
    for (; taken < found && taken < most; taken++)
        ids[taken] = due[taken].id;
    if (taken == 0)
        return 0;
    if (queue_take(db, &queries[SQL_LEASE], &claim, ids, taken, lease, err) < 0)
        return -1;
    return select_rows(db, pool, &queries[SQL_LEASED], DB_ARGS(db_bytes(lease, LEASE_SIZE)), rows,
                       count, err);
}

int outbox_release(struct db *db, const char *owner, int64_t now_ms, struct err *err)
{
    return db_run(db, &queries[SQL_RELEASE], DB_ARGS(db_time(now_ms), db_text(owner)), NULL, err);
}

int outbox_hold(struct db *db, uint64_t id, const uint8_t lease[LEASE_SIZE], int64_t until_ms,
                struct err *err)
{
    return db_change(db, &queries[SQL_HOLD],
                  DB_ARGS(db_time(until_ms), db_uint(id), db_bytes(lease, LEASE_SIZE)), err);
}

int outbox_settle(struct db *db, uint64_t id, const uint8_t lease[LEASE_SIZE],
                  const struct outbox_result *result, int64_t now_ms, struct err *err)
{
    bool sent = strcmp(result->state, "sent") == 0;
    bool waits = strcmp(result->state, "waiting") == 0;
    char cause[CAUSE_SIZE];

    if (result->cause)
        queue_cause(cause, sizeof(cause), result->cause);
    return db_change(db, &queries[SQL_SETTLE],
                  DB_ARGS(db_text(result->state), db_text(result->cause ? cause : NULL),
                          db_time(waits ? result->run_at_ms : now_ms),
                          sent ? db_time(now_ms) : db_null(), db_uint(result->uncounted),
                          db_uint(id), db_bytes(lease, LEASE_SIZE)),
                  err);
}

/* The board */

int outbox_list(struct db *db, struct pool *pool, const char *state, uint64_t before, size_t limit,
                const struct outbox **rows, size_t *count, struct err *err)
{
    const struct db_value below = db_uint(before ? before : INT64_MAX), most = db_uint(limit);

    if (!state)
        return select_rows(db, pool, &queries[SQL_LIST], DB_ARGS(below, most), rows, count, err);
    return select_rows(db, pool, &queries[SQL_LIST_STATE], DB_ARGS(db_text(state), below, most), rows,
                       count, err);
}

int outbox_retry(struct db *db, struct pool *pool, const struct core *core,
                 const struct actor *actor, uint64_t id, int64_t now_ms, struct err *err)
{
    const struct audit_event event = {
        .actor = *actor, .action = "outbox.retry", .object_kind = "outbox", .object_id = id};
    int found = db_change(db, &queries[SQL_RETRY], DB_ARGS(db_time(now_ms), db_uint(id)), err);

    if (found != 1)
        return found;
    return audit_add(db, pool, core, &event, 1, err) < 0 ? -1 : 1;
}

int outbox_give_up(struct db *db, struct pool *pool, const struct core *core,
                   const struct actor *actor, uint64_t id, struct err *err)
{
    const struct audit_event event = {
        .actor = *actor, .action = "outbox.give_up", .object_kind = "outbox", .object_id = id};
    int found = db_change(db, &queries[SQL_GIVE_UP], DB_ARGS(db_uint(id)), err);

    if (found != 1)
        return found;
    return audit_add(db, pool, core, &event, 1, err) < 0 ? -1 : 1;
}

int outbox_depth(struct db *db, struct pool *pool, int64_t now_ms, struct queue_depth *out,
                 struct err *err)
{
    return queue_depth(db, pool, &queries[SQL_DEPTH], now_ms, out, err);
}
