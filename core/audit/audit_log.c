#include "core/audit/audit_log.h"

#include <inttypes.h>
#include <string.h>

#include "base/csv.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"
#include "base/text.h"
#include "core/queries.h"

enum { EXPORT_ROWS = 500, POOL_KEEP = 512 * 1024, ACTIONS_MOST = 500 };

/* Which index is read; what else is asked for is looked at row by row. */
enum { SQL_BY_TIME, SQL_BY_ACTOR, SQL_BY_ACTION, SQL_BY_OBJECT, SQL_BY_MATTER, SQL_NEXT_ACTION, SQL_STAFF };

#define LIST(index, bound)                                                                         \
    "SELECT a.chain, a.sequence, a.happened_at, a.actor_kind, a.actor_id,"                         \
    " COALESCE(s.name, f.name, ''), CAST(IFNULL(s.role, '') AS CHAR), a.action, a.object_kind,"    \
    " a.object_id, a.matter_id, m.item, m.opened_on, a.request, a.detail"                          \
    " FROM audit_event a FORCE INDEX (" index ")"                                                  \
    " LEFT JOIN staff s ON a.actor_kind = 2 AND s.id = a.actor_id"                                 \
    " LEFT JOIN enterprise f ON a.actor_kind = 1 AND f.id = a.actor_id"                            \
    " LEFT JOIN matter m ON m.id = a.matter_id"                                                    \
    " WHERE " bound "a.happened_at >= ? AND a.happened_at <= ?"                                    \
    " AND (a.happened_at < ? OR a.chain < ? OR a.chain = ? AND a.sequence < ?)"                    \
    " AND (? IS NULL OR a.actor_kind = ? AND a.actor_id = ?) AND (? IS NULL OR a.action = ?)"      \
    " AND (? IS NULL OR a.object_kind = ? AND a.object_id = ?) AND (? IS NULL OR a.matter_id = ?)" \
    " ORDER BY a.happened_at DESC, a.chain DESC, a.sequence DESC LIMIT ?"
enum { BOUND_ARGS = 2, COMMON_ARGS = 17 };

static const struct db_query queries[] = {
    [SQL_BY_TIME] = {"audit_log_time", LIST("audit_event_time", "")},
    [SQL_BY_ACTOR] = {"audit_log_actor",
                      LIST("audit_event_actor", "a.actor_kind = ? AND a.actor_id = ? AND ")},
    [SQL_BY_ACTION] = {"audit_log_action", LIST("audit_event_action", "a.action = ? AND ")},
    [SQL_BY_OBJECT] = {"audit_log_object",
                       LIST("audit_event_object", "a.object_kind = ? AND a.object_id = ? AND ")},
    [SQL_BY_MATTER] = {"audit_log_matter", LIST("audit_event_matter", "a.matter_id = ? AND ")},
    /* From one action to the next in the index, one by one: GROUP BY would do so when it is executed
     * first, and read all events whenever it is executed again (MariaDB 10.11). */
    [SQL_NEXT_ACTION] = {"audit_log_next_action",
                         "SELECT action FROM audit_event FORCE INDEX (audit_event_action)"
                         " WHERE action > ? ORDER BY action LIMIT 1"},
    [SQL_STAFF] = {"audit_log_staff", "SELECT id FROM staff WHERE login = ?"},
};

const struct db_area audit_log_area = DB_AREA("audit_log", queries);

const char *actor_kind_label(enum actor_kind kind)
{
    static const char *const labels[] = {
        [ACTOR_NOBODY] = "未登录者", [ACTOR_FIRM] = "企业",     [ACTOR_STAFF] = "工作人员",
        [ACTOR_SYSTEM] = "系统",     [ACTOR_OPERATOR] = "运维",
    };

    return (size_t)kind < sizeof(labels) / sizeof(labels[0]) ? labels[kind] : "";
}

void audit_key_make(const struct audit_key *key, char out[AUDIT_KEY_SIZE])
{
    text_format(out, AUDIT_KEY_SIZE, "%" PRId64 ".%" PRIu64 ".%" PRIu64, key->happened_ms,
                key->chain, key->sequence);
}

bool audit_key_parse(const char *text, struct audit_key *key)
{
    char copy[AUDIT_KEY_SIZE], *rest = copy;

    if (!text_copy(copy, sizeof(copy), text))
        return false;
    const char *instant = strsep(&rest, ".");
    const char *chain = strsep(&rest, ".");

    return rest && parse_int(instant, 0, INT64_C(253402300799999), &key->happened_ms) &&
           parse_uint(chain, 0, UINT8_MAX, &key->chain) &&
           parse_uint(rest, 0, UINT64_MAX, &key->sequence);
}

static struct audit_row row_read(const struct db_value *row)
{
    struct audit_row out = {
        .chain = db_as_uint(&row[0]),
        .sequence = db_as_uint(&row[1]),
        .happened_ms = db_as_time(&row[2]),
        .actor_kind = (enum actor_kind)db_as_uint(&row[3]),
        .actor_id = db_as_uint(&row[4]),
        .who = db_as_text(&row[5]),
        .role = db_as_text(&row[6]),
        .action = db_as_text(&row[7]),
        .object_kind = db_as_text(&row[8]),
        .object_id = db_as_uint(&row[9]),
        .request = db_as_text(&row[13]),
        .detail = db_as_text(&row[14]),
    };

    if (row[11].type != DB_NULL)
        matter_number_make(item_by_name(db_as_text(&row[11])), db_as_date(&row[12]),
                           db_as_uint(&row[10]), out.matter);
    return out;
}

/* What the index is entered by, the rarest first. */
static const struct db_query *choose(const struct audit_filter *filter,
                                     struct db_value bound[BOUND_ARGS], size_t *count)
{
    *count = 1;
    if (filter->matter_id) {
        bound[0] = db_uint(filter->matter_id);
        return &queries[SQL_BY_MATTER];
    }
    if (filter->object_kind) {
        bound[0] = db_text(filter->object_kind);
        bound[(*count)++] = db_uint(filter->object_id);
        return &queries[SQL_BY_OBJECT];
    }
    if (filter->by_actor) {
        bound[0] = db_uint(filter->actor_kind);
        bound[(*count)++] = db_uint(filter->actor_id);
        return &queries[SQL_BY_ACTOR];
    }
    if (filter->action) {
        bound[0] = db_text(filter->action);
        return &queries[SQL_BY_ACTION];
    }
    *count = 0;
    return &queries[SQL_BY_TIME];
}

int audit_log_list(struct db *db, struct pool *pool, const struct audit_filter *filter,
                   struct audit_page *page, struct err *err)
{
    /* Before 9999, and behind every chain. */
    const struct audit_key latest = {
        filter->until_ms ? filter->until_ms : INT64_C(253370764800000), 0, 0};
    const struct audit_key *key = filter->begun ? &filter->after : &latest;
    const struct db_value actor = filter->by_actor ? db_uint(filter->actor_kind) : db_null();
    const struct db_value action = db_text(filter->action);
    const struct db_value object = db_text(filter->object_kind);
    const struct db_value matter = db_id(filter->matter_id);
    struct db_value args[BOUND_ARGS + COMMON_ARGS];
    struct audit_row *list;
    struct db_rows rows;
    size_t count;
    const struct db_query *query = choose(filter, args, &count);
    const struct db_value common[COMMON_ARGS] = {
        db_time(filter->from_ms), db_time(key->happened_ms), db_time(key->happened_ms),
        db_uint(key->chain), db_uint(key->chain), db_uint(key->sequence), actor, actor,
        db_uint(filter->actor_id), action, action, object, object, db_uint(filter->object_id),
        matter, matter, db_uint(filter->limit + 1),
    };

    memcpy(args + count, common, sizeof(common));
    if (db_select(db, pool, query, args, count + COMMON_ARGS, &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        list[i] = row_read(db_row(&rows, i));
    page->rows = list;
    page->count = rows.count < filter->limit ? rows.count : filter->limit;
    page->more = rows.count > filter->limit;
    return 0;
}

int audit_log_actions(struct db *db, struct pool *pool, const char *const **actions, size_t *count,
                      struct err *err)
{
    const char **list = pool_array(pool, ACTIONS_MOST, sizeof(*list)), *last = "";
    const struct db_value *row;
    int found = 1;

    *count = 0;
    while (*count < ACTIONS_MOST && found == 1) {
        found = db_find(db, pool, &queries[SQL_NEXT_ACTION], DB_ARGS(db_text(last)), &row, err);
        if (found == 1)
            list[(*count)++] = last = db_as_text(&row[0]);
    }
    *actions = list;
    return found < 0 ? -1 : 0;
}

int audit_log_staff(struct db *db, struct pool *pool, const char *login, uint64_t *id,
                    struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_STAFF], DB_ARGS(db_text(login)), &row, err);

    *id = found == 1 ? db_as_uint(&row[0]) : 0;
    return found;
}

/* The table */

static const char *const header[] = {"时间",     "链",     "序号", "操作者类别", "操作者编号",
                                     "操作者",   "操作",   "对象", "对象编号",   "事项编号",
                                     "请求编号", "详细内容"};
enum { COLUMNS = sizeof(header) / sizeof(header[0]) };

static int row_write(struct csv_writer *writer, struct pool *pool, const struct audit_row *row,
                     struct err *err)
{
    char when[20];

    clock_shanghai(row->happened_ms, when);
    const char *const cells[COLUMNS] = {
        when,
        pool_printf(pool, "%" PRIu64, row->chain),
        pool_printf(pool, "%" PRIu64, row->sequence),
        actor_kind_label(row->actor_kind),
        pool_printf(pool, "%" PRIu64, row->actor_id),
        row->who,
        row->action,
        row->object_kind,
        pool_printf(pool, "%" PRIu64, row->object_id),
        row->matter,
        row->request,
        row->detail,
    };
    return csv_write(writer, cells, COLUMNS, err);
}

int audit_log_export(struct db *db, const struct audit_filter *filter, const struct sink *sink,
                     struct err *err)
{
    struct audit_filter next = *filter;
    struct pool *pool = pool_new(POOL_KEEP, 0);
    struct audit_page page = {.more = true};
    struct csv_writer writer;
    int result;

    next.limit = EXPORT_ROWS;
    csv_writer_init(&writer, sink);
    result = csv_write(&writer, header, COLUMNS, err);
    while (result == 0 && page.more) {
        pool_reset(pool);
        result = audit_log_list(db, pool, &next, &page, err);
        for (size_t i = 0; result == 0 && i < page.count; i++)
            result = row_write(&writer, pool, &page.rows[i], err);
        if (result == 0 && page.count > 0) {
            const struct audit_row *last = &page.rows[page.count - 1];

            next.begun = true;
            next.after = (struct audit_key){last->happened_ms, last->chain, last->sequence};
        }
    }
    if (result == 0)
        result = csv_flush(&writer, err);
    pool_free(&pool);
    return result;
}
