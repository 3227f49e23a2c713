/* The queue of the outbox: leases, outcomes, and the board that shows it. */
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/audit.h"
#include "core/outbox.h"
#include "core/queries.h"

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
    SQL_DEPTH
};

_Static_assert((int)OUTBOX_BATCH_MAX <= (int)SQL_IDS_MAX, "a batch must fit into one list of ids");

#define COLUMNS                                                                                    \
    "o.id, o.event, o.event_key, o.channel, o.enterprise_id, o.contact_id, o.matter_id,"           \
    " o.from_day, o.until_day, o.address_sealed, o.address_hash, o.state, o.attempts, o.cause,"    \
    " o.run_at, o.created_at, o.sent_at"

static const struct db_query queries[] = {
    [SQL_DUE] = {"outbox_due", "(SELECT id FROM outbox FORCE INDEX (outbox_queue)"
                               " WHERE state = 'leased' AND run_at <= ? ORDER BY run_at, id LIMIT ?)"
                               " UNION ALL "
                               "(SELECT id FROM outbox FORCE INDEX (outbox_queue)"
                               " WHERE state = 'waiting' AND run_at <= ? ORDER BY run_at, id LIMIT ?)"},
    /* The compare-and-set: whoever took one meanwhile has moved its run_at on. */
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
    [SQL_DEPTH] = {"outbox_depth", "SELECT"
                                   " (SELECT COUNT(*) FROM outbox WHERE state = 'waiting'),"
                                   " (SELECT COUNT(*) FROM outbox WHERE state = 'leased'),"
                                   " (SELECT COUNT(*) FROM outbox WHERE state = 'failed'),"
                                   " (SELECT MIN(run_at) FROM outbox WHERE state = 'waiting')"},
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

/* The compare-and-set and its arguments, for the transaction around it. */
struct taking {
    struct db *db;
    struct db_value args[SQL_IDS_MAX + 4];
};

static int take(void *context, struct err *err)
{
    struct taking *taking = context;

    return db_run(taking->db, &queries[SQL_LEASE], taking->args,
                  sizeof(taking->args) / sizeof(taking->args[0]), NULL, err);
}

int outbox_lease(struct db *db, struct pool *pool, const char *owner, int64_t now_ms,
                 int64_t lease_ms, size_t limit, uint8_t lease[OUTBOX_LEASE_SIZE],
                 const struct outbox **rows, size_t *count, struct err *err)
{
    const struct db_value now = db_time(now_ms);
    const struct db_value most = db_uint(limit < OUTBOX_BATCH_MAX ? limit : OUTBOX_BATCH_MAX);
    struct taking taking = {.db = db};
    uint64_t ids[2 * OUTBOX_BATCH_MAX];
    struct db_rows due;

    *rows = NULL;
    *count = 0;
    random_bytes(lease, OUTBOX_LEASE_SIZE);
    if (db_select(db, pool, &queries[SQL_DUE], DB_ARGS(now, most, now, most), &due, err) < 0)
        return -1;
    if (due.count == 0)
        return 0;
    for (size_t i = 0; i < due.count; i++)
        ids[i] = db_as_uint(db_row(&due, i));
    taking.args[0] = db_bytes(lease, OUTBOX_LEASE_SIZE);
    taking.args[1] = db_text(owner);
    taking.args[2] = db_time(now_ms + lease_ms);
    queries_list(&taking.args[3], ids, due.count < most.natural ? due.count : most.natural);
    taking.args[3 + SQL_IDS_MAX] = now;
    if (db_transact(db, take, &taking, err) < 0)
        return -1;
    return select_rows(db, pool, &queries[SQL_LEASED], DB_ARGS(taking.args[0]), rows, count, err);
}

int outbox_release(struct db *db, const char *owner, int64_t now_ms, struct err *err)
{
    return db_run(db, &queries[SQL_RELEASE], DB_ARGS(db_time(now_ms), db_text(owner)), NULL, err);
}

/* Runs a statement that changes one row: 1, or 0 when its condition did not hold. */
static int change(struct db *db, const struct db_query *query, const struct db_value *args,
                  size_t count, struct err *err)
{
    uint64_t affected;

    if (db_run(db, query, args, count, &affected, err) < 0)
        return -1;
    return affected == 1;
}

int outbox_hold(struct db *db, uint64_t id, const uint8_t lease[OUTBOX_LEASE_SIZE], int64_t until_ms,
                struct err *err)
{
    return change(db, &queries[SQL_HOLD],
                  DB_ARGS(db_time(until_ms), db_uint(id), db_bytes(lease, OUTBOX_LEASE_SIZE)), err);
}

/* As the column takes it: of its length, and ASCII, wherever the text came from. */
static void cause_copy(char out[CAUSE_SIZE], const char *cause)
{
    size_t i = 0;

    for (; cause[i] && i < CAUSE_SIZE - 1; i++)
        out[i] = cause[i] >= ' ' && cause[i] <= '~' ? cause[i] : '?';
    out[i] = '\0';
}

int outbox_settle(struct db *db, uint64_t id, const uint8_t lease[OUTBOX_LEASE_SIZE],
                  const struct outbox_result *result, int64_t now_ms, struct err *err)
{
    bool sent = strcmp(result->state, "sent") == 0;
    bool waits = strcmp(result->state, "waiting") == 0;
    char cause[CAUSE_SIZE];

    if (result->cause)
        cause_copy(cause, result->cause);
    return change(db, &queries[SQL_SETTLE],
                  DB_ARGS(db_text(result->state), db_text(result->cause ? cause : NULL),
                          db_time(waits ? result->run_at_ms : now_ms),
                          sent ? db_time(now_ms) : db_null(), db_uint(result->uncounted),
                          db_uint(id), db_bytes(lease, OUTBOX_LEASE_SIZE)),
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
    int found = change(db, &queries[SQL_RETRY], DB_ARGS(db_time(now_ms), db_uint(id)), err);

    if (found != 1)
        return found;
    return audit_add(db, pool, core, &event, 1, err) < 0 ? -1 : 1;
}

int outbox_depth(struct db *db, struct pool *pool, int64_t now_ms, struct outbox_depth *out,
                 struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_DEPTH], DB_NO_ARGS, &row, err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_DB, 0, "outbox_depth: no row");
    *out = (struct outbox_depth){
        .waiting = db_as_uint(&row[0]),
        .leased = db_as_uint(&row[1]),
        .failed = db_as_uint(&row[2]),
    };
    if (out->waiting && db_as_time(&row[3]) < now_ms)
        out->oldest_ms = now_ms - db_as_time(&row[3]);
    return 0;
}
