#include "core/message/notice.h"

#include <inttypes.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/audit/audit.h"
#include "core/queries.h"

enum {
    SQL_SHOWN, SQL_LIST, SQL_FIND, SQL_LOCK, SQL_REVISIONS, SQL_ADD, SQL_KEEP, SQL_CHANGE, SQL_END
};

#define WORDS "title, body, important, valid_from, valid_until"
#define NOTICE                                                                                     \
    "SELECT n.id, n.revision, n.title, n.body, n.important, n.valid_from, n.valid_until,"          \
    " w.name, r.written_at, IFNULL(e.name, '')"                                                    \
    " FROM notice n JOIN notice_revision r ON r.notice_id = n.id AND r.revision = n.revision"      \
    " LEFT JOIN staff w ON w.id = r.written_by LEFT JOIN staff e ON e.id = n.ended_by"

static const struct db_query queries[] = {
    [SQL_SHOWN] = {"notice_shown",
                   "SELECT id, revision, " WORDS " FROM notice FORCE INDEX (notice_valid)"
                   " WHERE valid_until > ? AND valid_from <= ?"
                   " ORDER BY important DESC, valid_from DESC, id DESC LIMIT ?"},
    [SQL_LIST] = {"notice_list", NOTICE " WHERE n.id < ? ORDER BY n.id DESC LIMIT ?"},
    [SQL_FIND] = {"notice_find", NOTICE " WHERE n.id = ?"},
    [SQL_LOCK] = {"notice_lock",
                  "SELECT id, revision, " WORDS " FROM notice WHERE id = ? FOR UPDATE"},
    [SQL_REVISIONS] = {"notice_revisions",
                       "SELECT r.notice_id, r.revision, r.title, r.body, r.important, r.valid_from,"
                       " r.valid_until, w.name, r.written_at, '' FROM notice_revision r"
                       " LEFT JOIN staff w ON w.id = r.written_by"
                       " WHERE r.notice_id = ? ORDER BY r.revision DESC"},
    [SQL_ADD] = {"notice_add",
                 "INSERT INTO notice (revision, " WORDS ") VALUES (1, ?, ?, ?, ?, ?)"},
    [SQL_KEEP] = {"notice_keep", "INSERT INTO notice_revision (notice_id, revision, " WORDS
                                 ", written_by, written_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_CHANGE] = {"notice_change",
                    "UPDATE notice SET revision = ?, title = ?, body = ?, important = ?,"
                    " valid_from = ?, valid_until = ? WHERE id = ?"},
    [SQL_END] = {"notice_end", "UPDATE notice SET valid_until = ?, valid_from = ?, ended_by = ?"
                               " WHERE id = ?"},
};

const struct db_area notice_area = DB_AREA("notice", queries);

enum notice_phase notice_phase(const struct notice *notice, int64_t now_ms)
{
    if (now_ms >= notice->until_ms)
        return NOTICE_OVER;
    return now_ms < notice->from_ms ? NOTICE_COMING : NOTICE_VALID;
}

static void words_read(const struct db_value *row, struct notice *out)
{
    *out = (struct notice){
        .id = db_as_uint(&row[0]),
        .revision = (unsigned)db_as_uint(&row[1]),
        .title = db_as_text(&row[2]),
        .body = db_as_text(&row[3]),
        .important = db_as_int(&row[4]) != 0,
        .from_ms = db_as_time(&row[5]),
        .until_ms = db_as_time(&row[6]),
        .written_by = "",
        .ended_by = "",
    };
}

static void notice_read(const struct db_value *row, struct notice *out)
{
    words_read(row, out);
    out->written_by = db_as_text(&row[7]);
    out->written_ms = db_as_time(&row[8]);
    out->ended_by = db_as_text(&row[9]);
}

static struct notice *notices_read(struct pool *pool, const struct db_rows *rows,
                                   void (*read)(const struct db_value *row, struct notice *out))
{
    struct notice *list = pool_array(pool, rows->count + 1, sizeof(*list));

    for (size_t i = 0; i < rows->count; i++)
        read(db_row(rows, i), &list[i]);
    return list;
}

#define SHOWN_ARGS(now_ms) DB_ARGS(db_time(now_ms), db_time(now_ms), db_uint(NOTICE_SHOWN))

int notice_shown(struct db *db, struct pool *pool, int64_t now_ms, const struct notice **notices,
                 size_t *count, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_SHOWN], SHOWN_ARGS(now_ms), &rows, err) < 0)
        return -1;
    *notices = notices_read(pool, &rows, words_read);
    *count = rows.count;
    return 0;
}

void notice_shown_ahead(struct db *db, struct pool *pool, int64_t now_ms)
{
    db_ahead(db, pool, &queries[SQL_SHOWN], SHOWN_ARGS(now_ms));
}

int notice_list(struct db *db, struct pool *pool, uint64_t after, size_t limit,
                struct notice_page *page, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_LIST],
                  DB_ARGS(db_uint(after ? after : UINT64_MAX), db_uint(limit + 1)), &rows, err) < 0)
        return -1;
    page->rows = notices_read(pool, &rows, notice_read);
    page->next = db_page(&rows, limit, &page->count) ? page->rows[limit - 1].id : 0;
    return 0;
}

int notice_find(struct db *db, struct pool *pool, uint64_t id, struct notice *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_uint(id)), &row, err);

    if (found == 1)
        notice_read(row, out);
    return found;
}

int notice_revisions(struct db *db, struct pool *pool, uint64_t id, const struct notice **out,
                     size_t *count, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_REVISIONS], DB_ARGS(db_uint(id)), &rows, err) < 0)
        return -1;
    *out = notices_read(pool, &rows, notice_read);
    *count = rows.count;
    return 0;
}

static int note(struct db *db, struct pool *pool, const struct core *core,
                const struct actor *actor, const char *action, uint64_t id, unsigned revision,
                struct err *err)
{
    const struct audit_event event = {.actor = *actor,
                                      .action = action,
                                      .object_kind = "notice",
                                      .object_id = id,
                                      .detail = pool_printf(pool, "{\"revision\":%u}", revision)};

    return audit_add(db, pool, core, &event, 1, err);
}

static int keep(struct db *db, const struct actor *actor, uint64_t id, unsigned revision,
                const struct notice *what, int64_t now_ms, struct err *err)
{
    return db_run(db, &queries[SQL_KEEP],
                  DB_ARGS(db_uint(id), db_uint(revision), db_text(what->title), db_text(what->body),
                          db_uint(what->important), db_time(what->from_ms),
                          db_time(what->until_ms), db_uint(actor->id), db_time(now_ms)),
                  NULL, err);
}

int notice_add(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
               const struct notice *what, int64_t now_ms, uint64_t *id, struct err *err)
{
    if (db_run(db, &queries[SQL_ADD],
               DB_ARGS(db_text(what->title), db_text(what->body), db_uint(what->important),
                       db_time(what->from_ms), db_time(what->until_ms)),
               NULL, err) < 0)
        return -1;
    *id = db_insert_id(db);
    if (keep(db, actor, *id, 1, what, now_ms, err) < 0)
        return -1;
    return note(db, pool, core, actor, "notice.add", *id, 1, err);
}

static int lock(struct db *db, struct pool *pool, uint64_t id, struct notice *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_LOCK], DB_ARGS(db_uint(id)), &row, err);

    if (found == 1)
        words_read(row, out);
    return found;
}

int notice_change(struct db *db, struct pool *pool, const struct core *core,
                  const struct actor *actor, uint64_t id, unsigned revision,
                  const struct notice *what, int64_t now_ms, struct err *err)
{
    struct notice was;
    int found = lock(db, pool, id, &was, err);

    if (found != 1)
        return found;
    if (was.revision != revision || notice_phase(&was, now_ms) != NOTICE_COMING)
        return err_set(err, ERR_CONFLICT, 0, "notice %" PRIu64 " has begun or was changed", id);
    if (db_run(db, &queries[SQL_CHANGE],
               DB_ARGS(db_uint(revision + 1), db_text(what->title), db_text(what->body),
                       db_uint(what->important), db_time(what->from_ms), db_time(what->until_ms),
                       db_uint(id)),
               NULL, err) < 0 ||
        keep(db, actor, id, revision + 1, what, now_ms, err) < 0 ||
        note(db, pool, core, actor, "notice.change", id, revision + 1, err) < 0)
        return -1;
    return 1;
}

int notice_end(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
               uint64_t id, int64_t now_ms, struct err *err)
{
    struct notice was;
    int found = lock(db, pool, id, &was, err);

    if (found != 1)
        return found;
    if (notice_phase(&was, now_ms) == NOTICE_OVER)
        return err_set(err, ERR_CONFLICT, 0, "notice %" PRIu64 " is over", id);
    if (db_run(db, &queries[SQL_END],
               DB_ARGS(db_time(now_ms), db_time(was.from_ms < now_ms ? was.from_ms : now_ms),
                       db_uint(actor->id), db_uint(id)),
               NULL, err) < 0 ||
        note(db, pool, core, actor, "notice.end", id, was.revision, err) < 0)
        return -1;
    return 1;
}
