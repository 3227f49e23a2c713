/* Taking an import back: what was built on it, then its rows as they were. */
#include <inttypes.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/import/import_kind.h"
#include "core/queries.h"

enum { SQL_RUN, SQL_EPOCH, SQL_IMAGES, SQL_BEFORE };

static const struct db_query queries[] = {
    [SQL_RUN] = {"import_undo_run",
                 "SELECT added, changed, photos, first_id, taken_at FROM import_run WHERE id = ?"},
    [SQL_EPOCH] = {"import_undo_epoch",
                   "UPDATE counter SET value = value + 1 WHERE name = 'import.undo'"},
    [SQL_IMAGES] = {"import_undo_images",
                    "SELECT COUNT(*) FROM import_before WHERE import_id = ? AND plain IS NOT NULL"},
    [SQL_BEFORE] = {"import_undo_before", "DELETE FROM import_before WHERE import_id = ?"},
};

const struct db_area import_undo_area = DB_AREA("import_undo", queries);

/* A run that is to be taken back. */
struct run {
    uint64_t id, added, changed, photos, first_id;
    struct db_value taken_at;
};

static void built_add(struct import_undone *undone, struct pool *pool, const char *value,
                      const char *said)
{
    struct import_problem *more = pool_array(pool, undone->kept + 1, sizeof(*more));

    for (size_t i = 0; i < undone->kept; i++)
        more[i] = undone->problems[i];
    more[undone->kept++] = (struct import_problem){.value = value, .said = said};
    undone->problems = more;
    undone->built++;
}

static int built_read(struct db *db, struct pool *pool, const struct import_built *built,
                      const struct run *run, struct import_undone *undone, struct err *err)
{
    struct db_value args[3];
    size_t count = 0;
    struct db_rows rows;

    if (built->since)
        args[count++] = run->taken_at;
    for (unsigned i = 0; i < built->ids; i++)
        args[count++] = db_uint(run->id);
    if (db_select(db, pool, &built->query, args, count, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        const char *second = db_as_text(&row[1]);
        built_add(undone, pool,
                  pool_printf(pool, "%s%s%s", db_as_text(&row[0]), *second ? " " : "", second),
                  built->said);
    }
    return 0;
}

static int run_read(struct db *db, struct pool *pool, struct run *run, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_RUN], DB_ARGS(db_uint(run->id)), &row, err);

    if (found < 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "import %" PRIu64, run->id);
    run->added = db_as_uint(&row[0]);
    run->changed = db_as_uint(&row[1]);
    run->photos = db_as_uint(&row[2]);
    run->first_id = db_as_uint(&row[3]);
    run->taken_at = row[4];
    return 0;
}

/* Holds the run's rows, and looks for what was built on them. */
static int judge(struct db *db, struct pool *pool, const struct import_undo *undo,
                 const struct run *run, struct import_undone *undone, struct err *err)
{
    const struct db_value *row;

    if (run->photos > 0)
        built_add(undone, pool, pool_printf(pool, "%" PRIu64, run->photos),
                  "这次导入带有照片，不能整批撤回");
    if (db_one(db, pool, &undo->lock, DB_ARGS(db_uint(run->id)), &row, err) < 0)
        return -1;
    uint64_t held = db_as_uint(&row[0]);
    if (held != run->added + run->changed)
        built_add(undone, pool,
                  pool_printf(pool, "%" PRIu64, run->added + run->changed - held),
                  "条记录在导入之后又被其他来源更新过");
    if (db_one(db, pool, &queries[SQL_IMAGES], DB_ARGS(db_uint(run->id)), &row, err) < 0)
        return -1;
    if (db_as_uint(&row[0]) != run->changed)
        built_add(undone, pool, "", "原来的内容不再保存");
    for (const struct import_built *built = undo->built; built->said; built++)
        if (built_read(db, pool, built, run, undone, err) < 0)
            return -1;
    return 0;
}

static int give_back(struct db *db, const struct import_undo *undo, const struct run *run,
                     struct err *err)
{
    uint64_t removed;

    if (db_run(db, &queries[SQL_EPOCH], DB_NO_ARGS, NULL, err) < 0 ||
        (undo->restore.name &&
         db_run(db, &undo->restore, DB_ARGS(db_uint(run->id)), NULL, err) < 0))
        return -1;
    int result = undo->by_id ? db_run(db, &undo->remove,
                                      DB_ARGS(db_uint(run->first_id), db_uint(run->id)), &removed,
                                      err)
                             : db_run(db, &undo->remove, DB_ARGS(db_uint(run->id)), &removed, err);
    if (result < 0)
        return -1;
    /* What was restored does not belong to the run any more: all that is left was added. */
    if (removed != run->added)
        return err_set(err, ERR_CONFLICT, 0, "%" PRIu64 " rows of import %" PRIu64
                       " could be removed, not %" PRIu64, removed, run->id, run->added);
    return db_run(db, &queries[SQL_BEFORE], DB_ARGS(db_uint(run->id)), NULL, err);
}

int import_undo(struct db *db, struct pool *pool, const struct import_kind *kind, uint64_t id,
                struct import_undone *undone, struct err *err)
{
    struct run run = {.id = id};

    *undone = (struct import_undone){0};
    if (run_read(db, pool, &run, err) < 0 ||
        judge(db, pool, kind->undo, &run, undone, err) < 0)
        return -1;
    return undone->built > 0 ? 0 : give_back(db, kind->undo, &run, err);
}
