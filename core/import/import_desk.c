#include "core/import/import_desk.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"

enum {
    SQL_RECEIVED,
    SQL_CONFIRM,
    SQL_DROP,
    SQL_RETRY,
    SQL_UNDO,
    SQL_FIND,
    SQL_LIST,
    SQL_LIST_KIND,
    SQL_LATER,
    SQL_PROBLEMS,
    SQL_PREVIEW
};

#define COLUMNS                                                                                    \
    "r.id, r.kind, r.state, r.file_name, r.file_size, r.file_sha256, r.file_rows, r.added,"        \
    " r.changed, r.problems, r.progress, r.note, s.name, r.created_at, r.taken_at, r.undone_at,"   \
    " r.undo_reason, u.name"
#define NAMES                                                                                      \
    " LEFT JOIN staff s ON s.id = r.actor_id AND r.actor_kind = 2"                                 \
    " LEFT JOIN staff u ON u.id = r.undone_by"

#define CELL(n) "c" n " VARCHAR(300) CHARACTER SET utf8mb4 PATH '$[" n "]'"

static const struct db_query queries[] = {
    [SQL_RECEIVED] = {"import_received",
                      "UPDATE import_run SET state = 'checking', run_at = ?, attempts = 0"
                      " WHERE id = ? AND state = 'receiving' AND file_size > 0"},
    [SQL_CONFIRM] = {"import_confirm",
                     "UPDATE import_run SET state = 'taking', run_at = ?, attempts = 0,"
                     " progress = 0, note = '' WHERE id = ? AND state = 'checked'"},
    [SQL_DROP] = {"import_drop", "UPDATE import_run SET state = 'dropped', note = ?, run_at = NULL"
                                 " WHERE id = ? AND state IN ('checked', 'faulty', 'failed')"},
    [SQL_RETRY] = {"import_again_order",
                   "UPDATE import_run SET state = 'checking', run_at = ?, attempts = 0,"
                   " progress = 0, note = '' WHERE id = ? AND state = 'failed' AND EXISTS"
                   " (SELECT 1 FROM import_chunk c WHERE c.import_id = import_run.id)"},
    [SQL_UNDO] = {"import_undo_order",
                  "UPDATE import_run SET state = 'undoing', run_at = ?, attempts = 0, progress = 0,"
                  " note = '', undo_reason = ?, undone_by = ? WHERE id = ? AND state = 'taken'"},
    [SQL_FIND] = {"import_find", "SELECT " COLUMNS " FROM import_run r" NAMES
                                 " WHERE r.id = ? AND r.state <> 'receiving'"},
    [SQL_LIST] = {"import_list", "SELECT " COLUMNS " FROM import_run r" NAMES
                                 " WHERE r.id < ? AND r.state <> 'receiving'"
                                 " ORDER BY r.id DESC LIMIT 21"},
    [SQL_LIST_KIND] = {"import_list_kind",
                       "SELECT " COLUMNS " FROM import_run r FORCE INDEX (import_run_kind)" NAMES
                       " WHERE r.kind = ? AND r.id < ? AND r.state <> 'receiving'"
                       " ORDER BY r.id DESC LIMIT 21"},
    /* Of this kind, in force, and taken after it. */
    [SQL_LATER] = {"import_later",
                   "SELECT o.id FROM import_run r JOIN import_run o FORCE INDEX (import_run_kind)"
                   " ON o.kind = r.kind WHERE r.id = ? AND o.id <> r.id AND o.taken_at >= r.taken_at"
                   " AND o.state IN ('taken', 'undoing') LIMIT 1"},
    [SQL_PROBLEMS] = {"import_problems",
                      "SELECT number, line, column_name, value, said FROM import_problem"
                      " WHERE import_id = ? AND number > ? ORDER BY number LIMIT ?"},
    /* A kind has 11 columns at most. */
    [SQL_PREVIEW] = {"import_preview",
                     "SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 FROM import_run r,"
                     " JSON_TABLE(r.preview, '$[*]' COLUMNS (" CELL("0") ", " CELL("1") ", "
                     CELL("2") ", " CELL("3") ", " CELL("4") ", " CELL("5") ", " CELL("6") ", "
                     CELL("7") ", " CELL("8") ", " CELL("9") ", " CELL("10") ", " CELL("11")
                     ")) preview WHERE r.id = ? AND r.preview IS NOT NULL"},
};

const struct db_area import_desk_area = DB_AREA("import_desk", queries);

static const struct {
    const char *state, *label;
    bool running;
} states[] = {
    {"receiving", "正在上传",     false},
    {"checking",  "正在核对",     true },
    {"checked",   "待确认导入",   false},
    {"faulty",    "有错误，未导入", false},
    {"taking",    "正在导入",     true },
    {"taken",     "已导入",       false},
    {"unchanged", "没有变化",     false},
    {"dropped",   "已放弃",       false},
    {"failed",    "未能完成",     false},
    {"undoing",   "正在撤回",     true },
    {"undone",    "已撤回",       false},
};

const char *import_state_label(const char *state)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].label;
    return "";
}

bool import_state_running(const char *state)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].running;
    return false;
}

/* Runs a compare-and-set of the state, and notes who did it. */
static int move(struct change *change, int query, const struct db_value *args, size_t count,
                uint64_t id, const char *action, const char *detail, struct err *err)
{
    int moved = db_change(change->db, &queries[query], args, count, err);

    if (moved <= 0)
        return moved;
    change_note(change, 0, action, "import_run", id, detail);
    return change_end(change, err) < 0 ? -1 : 1;
}

int import_received(struct change *change, uint64_t id, struct err *err)
{
    return move(change, SQL_RECEIVED, DB_ARGS(db_time(change->now_ms), db_uint(id)), id,
                "import.upload", NULL, err);
}

int import_confirm(struct change *change, uint64_t id, struct err *err)
{
    return move(change, SQL_CONFIRM, DB_ARGS(db_time(change->now_ms), db_uint(id)), id,
                "import.confirm", NULL, err);
}

int import_drop(struct change *change, uint64_t id, struct err *err)
{
    return move(change, SQL_DROP, DB_ARGS(db_text("由工作人员放弃"), db_uint(id)), id,
                "import.drop", NULL, err);
}

int import_retry(struct change *change, uint64_t id, struct err *err)
{
    return move(change, SQL_RETRY, DB_ARGS(db_time(change->now_ms), db_uint(id)), id,
                "import.retry", NULL, err);
}

int import_undo_order(struct change *change, uint64_t id, const char *reason, struct err *err)
{
    uint64_t staff = change->actor->kind == ACTOR_STAFF ? change->actor->id : 0;

    return move(change, SQL_UNDO,
                DB_ARGS(db_time(change->now_ms), db_text(reason), db_id(staff), db_uint(id)),
                id, "import.undo", NULL, err);
}

static void entry_read(const struct db_value *row, struct import_entry *out)
{
    *out = (struct import_entry){
        .id = db_as_uint(&row[0]),
        .kind = import_kind_find(db_as_text(&row[1])),
        .state = db_as_text(&row[2]),
        .file_name = db_as_text(&row[3]),
        .file_size = db_as_uint(&row[4]),
        .sha256 = db_as_bytes(&row[5]),
        .rows = db_as_uint(&row[6]),
        .added = db_as_uint(&row[7]),
        .changed = db_as_uint(&row[8]),
        .problems = db_as_uint(&row[9]),
        .progress = (unsigned)db_as_uint(&row[10]),
        .note = db_as_text(&row[11]),
        .by = db_as_text(&row[12]),
        .created_ms = db_as_time(&row[13]),
        .taken_ms = db_as_time(&row[14]),
        .undone_ms = db_as_time(&row[15]),
        .undo_reason = db_as_text(&row[16]),
        .undone_by = db_as_text(&row[17]),
    };
}

int import_find(struct db *db, struct pool *pool, uint64_t id, struct import_entry *out,
                struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_uint(id)), &row, err);

    if (found != 1)
        return found;
    entry_read(row, out);
    return out->kind ? 1 : 0;
}

int import_list(struct db *db, struct pool *pool, const struct import_kind *kind, uint64_t before,
                const struct import_entry **entries, size_t *count, uint64_t *next,
                struct err *err)
{
    const struct db_value key = db_uint(before ? before : INT64_MAX);
    struct import_entry *list = pool_array(pool, IMPORT_PAGE, sizeof(*list));
    struct db_rows rows;
    int done = kind ? db_select(db, pool, &queries[SQL_LIST_KIND],
                                DB_ARGS(db_text(import_name(kind)), key), &rows, err)
                    : db_select(db, pool, &queries[SQL_LIST], DB_ARGS(key), &rows, err);

    if (done < 0)
        return -1;
    *count = rows.count > IMPORT_PAGE ? IMPORT_PAGE : rows.count;
    for (size_t i = 0; i < *count; i++)
        entry_read(db_row(&rows, i), &list[i]);
    *next = rows.count > IMPORT_PAGE ? list[IMPORT_PAGE - 1].id : 0;
    *entries = list;
    return 0;
}

int import_undo_judge(struct db *db, struct pool *pool, const struct import_entry *entry,
                      int64_t now_ms, const char **why, struct err *err)
{
    const struct db_value *row;

    *why = NULL;
    if (strcmp(entry->state, "taken") != 0) {
        *why = "只有已导入的文件可以撤回。";
        return 0;
    }
    if (entry->taken_ms == 0 || now_ms - entry->taken_ms > IMPORT_UNDO_DAYS * DAY_MS) {
        *why = pool_printf(pool, "导入已超过 %d 天，原来的内容不再保存，不能撤回。", IMPORT_UNDO_DAYS);
        return 0;
    }
    int found = db_find(db, pool, &queries[SQL_LATER], DB_ARGS(db_uint(entry->id)), &row, err);
    if (found == 1)
        *why = pool_printf(pool, "同类数据在此之后又导入过（导入编号 %llu），只能先撤回最近的一次。",
                           (unsigned long long)db_as_uint(&row[0]));
    return found < 0 ? -1 : 0;
}

int import_problems(struct db *db, struct pool *pool, uint64_t id, uint64_t after, size_t limit,
                    struct db_rows *rows, struct err *err)
{
    return db_select(db, pool, &queries[SQL_PROBLEMS],
                     DB_ARGS(db_uint(id), db_uint(after), db_uint(limit)), rows, err);
}

int import_preview(struct db *db, struct pool *pool, uint64_t id, struct db_rows *rows,
                   struct err *err)
{
    return db_select(db, pool, &queries[SQL_PREVIEW], DB_ARGS(db_uint(id)), rows, err);
}
