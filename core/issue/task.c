#include "core/issue/task.h"

#include <inttypes.h>

#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/item/rename.h"
#include "core/proposal/proposal.h"
#include "core/queries.h"

enum { CONFLICT_PAUSE_MS = 2000 };

enum { SQL_ADD, SQL_DUE, SQL_LEASE, SQL_NEXT, SQL_END, SQL_MATTER };

static const struct db_query queries[] = {
    [SQL_ADD] = {"task_add", "INSERT INTO task (matter_id, run_at) VALUES (?, ?)"},
    [SQL_DUE] = {"task_due", "SELECT matter_id, run_at FROM task WHERE run_at <= ?"
                             " ORDER BY run_at, matter_id LIMIT 1"},
    [SQL_LEASE] = {"task_lease", "UPDATE task SET run_at = ? WHERE matter_id = ? AND run_at = ?"},
    /* At the end of a batch, inside its transaction: only who holds the lease goes on. */
    [SQL_NEXT] = {"task_next", "UPDATE task SET run_at = ? WHERE matter_id = ? AND run_at = ?"},
    [SQL_END] = {"task_end", "DELETE FROM task WHERE matter_id = ? AND run_at = ?"},
    [SQL_MATTER] = {"task_matter",
                    "SELECT m.enterprise_id, m.enterprise_name, m.items, m.opened_by_kind,"
                    " m.opened_by_id, m.item FROM matter m WHERE m.id = ?"},
};

const struct db_area task_area = DB_AREA("task", queries);

/* Whose certificates are taken one by one. */
static const struct {
    enum item item;
    int (*batch)(struct change *change, const struct task *task, size_t *done, struct err *err);
} batches[] = {
    {ITEM_RENAME, rename_batch},
    {ITEM_SANCTION, proposal_batch},
};

int task_add(struct db *db, uint64_t matter_id, int64_t now_ms, struct err *err)
{
    return db_run(db, &queries[SQL_ADD], DB_ARGS(db_uint(matter_id), db_time(now_ms)), NULL, err);
}

int task_settle(struct change *change, const struct task *task, bool more, struct err *err)
{
    const struct db_value id = db_uint(task->matter.id), lease = db_time(task->leased_until_ms);
    int ours = more ? db_change(change->db, &queries[SQL_NEXT],
                                DB_ARGS(db_time(change->now_ms), id, lease), err)
                    : db_change(change->db, &queries[SQL_END], DB_ARGS(id, lease), err);

    if (ours < 0)
        return -1;
    if (ours == 0)
        return err_set(err, ERR_CONFLICT, 0, "the lease of matter %" PRIu64 " was lost",
                       task->matter.id);
    return 0;
}

static int matter_read(struct db *db, struct pool *pool, struct task *task, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_MATTER], DB_ARGS(db_uint(task->matter.id)), &row,
                        err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "a task without its matter");
    task->matter.enterprise_id = db_as_uint(&row[0]);
    task->matter.enterprise_name = db_as_text(&row[1]);
    task->matter.items = (unsigned)db_as_uint(&row[2]);
    task->opened_by =
        (struct actor){(enum actor_kind)db_as_uint(&row[3]), db_as_uint(&row[4]), ""};
    task->matter.item = item_by_name(db_as_text(&row[5]));
    return 0;
}

/* A batch, for the transaction around it. */
struct work {
    struct change change;
    struct task task;
    size_t done;
};

static int run_batch(void *context, struct err *err)
{
    struct work *work = context;
    struct change *change = &work->change;

    work->done = 0;
    change->events = NULL;
    change->count = change->room = 0;
    if (matter_read(change->db, change->pool, &work->task, err) < 0)
        return -1;
    change->actor = &work->task.opened_by;
    change->enterprise_id = work->task.matter.enterprise_id;
    change->matter_id = work->task.matter.id;
    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++)
        if (batches[i].item == work->task.matter.item)
            return batches[i].batch(change, &work->task, &work->done, err);
    return err_set(err, ERR_NOT_FOUND, 0, "a task of a matter that has none: %s",
                   item_name(work->task.matter.item));
}

int task_advance(struct db *db, struct pool *pool, const struct core *core, struct date today,
                 int64_t now_ms, int64_t lease_ms, size_t *done, struct err *err)
{
    struct work work = {
        .change = {.db = db, .pool = pool, .core = core, .today = today, .now_ms = now_ms},
        .task = {.leased_until_ms = now_ms + lease_ms}
    };
    const struct db_value *row;
    struct err cause = {0};
    int found, ours;

    *done = 0;
    pool_reset(pool);
    found = db_find(db, pool, &queries[SQL_DUE], DB_ARGS(db_time(now_ms)), &row, err);
    if (found != 1)
        return found;
    work.task.matter.id = db_as_uint(&row[0]);
    ours = db_change(db, &queries[SQL_LEASE],
                     DB_ARGS(db_time(work.task.leased_until_ms), row[0], row[1]), err);
    if (ours != 1)
        return ours;
    /* What another changed at the same moment is looked at anew by the next batch: after a pause,
     * should it be so again. */
    if (db_transact(db, run_batch, &work, &cause) < 0) {
        if (cause.kind != ERR_CONFLICT) {
            if (err)
                *err = cause;
            return -1;
        }
        err_context(&cause, "matter %" PRIu64, work.task.matter.id);
        log_err("task_repeated", NULL, &cause);
        return db_run(db, &queries[SQL_NEXT],
                      DB_ARGS(db_time(now_ms + CONFLICT_PAUSE_MS), row[0],
                              db_time(work.task.leased_until_ms)),
                      NULL, err) < 0
                   ? -1
                   : 1;
    }
    *done = work.done;
    return 1;
}
