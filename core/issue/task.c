#include "core/issue/task.h"

#include <inttypes.h>

#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/item/rename.h"
#include "core/proposal/proposal.h"
#include "core/queries.h"

_Static_assert((int)TASK_BATCH <= (int)SQL_IDS_MAX, "a batch must fit into one list of ids");

enum { SECOND_MS = 1000, END_PAUSE_MS = 60 * SECOND_MS };

/* In words, for who reads why it failed. */
#define ASIDE "数据与其他记录冲突，多次办理未成功，请联系系统管理员处理后重新办理"

enum {
    SQL_ADD, SQL_DUE, SQL_LEASE, SQL_NEXT, SQL_END, SQL_MATTER, SQL_WAITING, SQL_LEFT, SQL_PUT_OFF,
    SQL_STAND_ASIDE, SQL_FREE
};

static const struct db_query queries[] = {
    [SQL_ADD] = {"task_add", "INSERT INTO task (matter_id, run_at, size) VALUES (?, ?, ?)"},
    [SQL_DUE] = {"task_due", "SELECT matter_id, run_at, size FROM task FORCE INDEX (task_queue)"
                             " WHERE run_at <= ? ORDER BY run_at, matter_id LIMIT 1"},
    [SQL_LEASE] = {"task_lease", "UPDATE task SET run_at = ? WHERE matter_id = ? AND run_at = ?"},
    /* At the end of a batch, inside its transaction: only who holds the lease goes on. */
    [SQL_NEXT] = {"task_next",
                  "UPDATE task SET run_at = ?, size = ? WHERE matter_id = ? AND run_at = ?"},
    [SQL_END] = {"task_end", "DELETE FROM task WHERE matter_id = ? AND run_at = ?"},
    [SQL_MATTER] = {"task_matter",
                    "SELECT m.enterprise_id, m.enterprise_name, m.items, m.opened_by_kind,"
                    " m.opened_by_id, m.item FROM matter m WHERE m.id = ?"},
    [SQL_WAITING] = {"task_waiting",
                     "SELECT certificate_id, tries FROM matter_certificate"
                     " FORCE INDEX (matter_certificate_state)"
                     " WHERE matter_id = ? AND state = 'waiting'"
                     " AND (try_at IS NULL OR try_at <= ?) ORDER BY certificate_id LIMIT ?"},
    [SQL_LEFT] = {"task_left",
                  "SELECT COUNT(*), COUNT(try_at), MIN(try_at) FROM matter_certificate"
                  " FORCE INDEX (matter_certificate_state)"
                  " WHERE matter_id = ? AND state = 'waiting'"},
    [SQL_PUT_OFF] = {"task_put_off",
                     "UPDATE matter_certificate SET tries = ?, try_at = ?"
                     " WHERE matter_id = ? AND certificate_id = ? AND state = 'waiting'"},
    [SQL_STAND_ASIDE] = {"task_stand_aside",
                         "UPDATE matter_certificate SET state = 'failed', cause = '" TASK_CONFLICT
                         "', explanation = '" ASIDE "'"
                         " WHERE matter_id = ? AND certificate_id = ? AND state = 'waiting'"},
    [SQL_FREE] = {"task_free", "UPDATE certificate SET pending_matter_id = NULL"
                               " WHERE id = ? AND pending_matter_id = ?"},
};

const struct db_area task_area = DB_AREA("task", queries);

/* Whose certificates are taken one by one. */
static const struct kind {
    enum item item;
    int (*batch)(struct change *change, const struct task *task, size_t *done, struct err *err);
    int (*end)(struct change *change, const struct task *task, struct err *err);
} kinds[] = {
    {ITEM_RENAME, rename_batch, rename_end},
    {ITEM_SANCTION, proposal_batch, proposal_batch_end},
};

static const struct kind *kind_of(enum item item)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].item == item)
            return &kinds[i];
    return NULL;
}

int task_add(struct db *db, uint64_t matter_id, int64_t now_ms, struct err *err)
{
    return db_run(db, &queries[SQL_ADD],
                  DB_ARGS(db_uint(matter_id), db_time(now_ms), db_uint(TASK_BATCH)), NULL, err);
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

/* Whose turn it is. 0/-1. */
static int pick(struct work *work, struct err *err)
{
    struct task *task = &work->task;
    struct db_rows rows;

    if (db_select(work->change.db, work->change.pool, &queries[SQL_WAITING],
                  DB_ARGS(db_uint(task->matter.id), db_time(work->change.now_ms),
                          db_uint(task->size)),
                  &rows, err) < 0)
        return -1;
    task->count = rows.count;
    for (size_t i = 0; i < rows.count; i++)
        task->ids[i] = db_as_uint(&db_row(&rows, i)[0]);
    task->tries = rows.count > 0 ? (unsigned)db_as_uint(&db_row(&rows, 0)[1]) : 0;
    return 0;
}

/* Gives the task back, to be due then, for a batch of that size. 1; 0: the lease was lost; -1. */
static int give_back(const struct work *work, int64_t run_at_ms, size_t size, struct err *err)
{
    return db_change(work->change.db, &queries[SQL_NEXT],
                     DB_ARGS(db_time(run_at_ms), db_uint(size), db_uint(work->task.matter.id),
                             db_time(work->task.leased_until_ms)),
                     err);
}

/* After a batch that was smaller than it might have been: is anything put off? *due_ms is when the first
 * of it may be tried again. 1/0/-1. */
static int put_off(const struct work *work, int64_t *due_ms, struct err *err)
{
    const struct db_value *row;

    if (db_find(work->change.db, work->change.pool, &queries[SQL_LEFT],
                DB_ARGS(db_uint(work->task.matter.id)), &row, err) < 1)
        return -1;
    if (db_as_uint(&row[0]) > 0 && db_as_uint(&row[0]) == db_as_uint(&row[1]))
        *due_ms = db_as_time(&row[2]);
    return db_as_uint(&row[0]) > 0;
}

static int settle(struct work *work, const struct kind *kind, struct err *err)
{
    const struct task *task = &work->task;
    size_t next = 2 * (size_t)task->size < TASK_BATCH ? 2 * (size_t)task->size : TASK_BATCH;
    int64_t due_ms = work->change.now_ms;
    int more = task->count == task->size ? 1 : put_off(work, &due_ms, err);
    int ours;

    if (more < 0)
        return -1;
    ours = more ? give_back(work, due_ms, next, err)
                : db_change(work->change.db, &queries[SQL_END],
                            DB_ARGS(db_uint(task->matter.id), db_time(task->leased_until_ms)), err);
    if (ours < 0)
        return -1;
    if (ours == 0)
        return err_set(err, ERR_CONFLICT, 0, "the lease of matter %" PRIu64 " was lost",
                       task->matter.id);
    return more ? 0 : kind->end(&work->change, task, err);
}

static int run_batch(void *context, struct err *err)
{
    struct work *work = context;
    struct change *change = &work->change;
    const struct kind *kind;

    work->done = 0;
    change->events = NULL;
    change->count = change->room = 0;
    change->tells_later = false;
    if (matter_read(change->db, change->pool, &work->task, err) < 0 || pick(work, err) < 0)
        return -1;
    change->actor = &work->task.opened_by;
    change->enterprise_id = work->task.matter.enterprise_id;
    change->matter_id = work->task.matter.id;
    kind = kind_of(work->task.matter.item);
    if (!kind)
        return err_set(err, ERR_NOT_FOUND, 0, "a task of a matter that has none: %s",
                       item_name(work->task.matter.item));
    if (work->task.count > 0 && kind->batch(change, &work->task, &work->done, err) < 0)
        return -1;
    return settle(work, kind, err) < 0 ? -1 : change_end(change, err);
}

/* What failed, failed by what the certificates are: another time of the same batch fails as well. */
static bool of_certificates(const struct err *cause)
{
    switch (cause->kind) {
    case ERR_INPUT:
    case ERR_LIMIT:
    case ERR_NOT_FOUND:
    case ERR_CONFLICT:
    case ERR_DB_DUPLICATE:
        return true;
    default:
        return false;
    }
}

/* How long one waits that was tried so often: 2 s, 8 s, 32 s, 128 s. */
static int64_t wait_ms(unsigned tries)
{
    return (int64_t)(SECOND_MS / 2) << (2 * tries);
}

/* Alone, and in vain: for the transaction around it. What is not leased any more is another's. */
static int step_aside(void *context, struct err *err)
{
    struct work *work = context;
    const struct db_value matter = db_uint(work->task.matter.id);
    const struct db_value certificate = db_uint(work->task.ids[0]);
    unsigned tries = work->task.tries + 1;
    struct db *db = work->change.db;
    int ours = give_back(work, work->change.now_ms, 1, err);

    if (ours != 1)
        return ours;
    if (tries < TASK_TRIES)
        return db_run(db, &queries[SQL_PUT_OFF],
                      DB_ARGS(db_uint(tries), db_time(work->change.now_ms + wait_ms(tries)), matter,
                              certificate),
                      NULL, err);
    return db_run(db, &queries[SQL_STAND_ASIDE], DB_ARGS(matter, certificate), NULL, err) < 0
               ? -1
               : db_run(db, &queries[SQL_FREE], DB_ARGS(certificate, matter), NULL, err);
}

/* Says so, and sees to it that the next batch is another one. 0/-1. */
static int step_back(struct work *work, struct err *cause, struct err *err)
{
    const struct task *task = &work->task;

    if (task->count == 1) {
        err_context(cause, "matter %" PRIu64 ", certificate %" PRIu64 ", try %u of %d",
                    task->matter.id, task->ids[0], task->tries + 1, TASK_TRIES);
        log_err(task->tries + 1 < TASK_TRIES ? "task_repeated" : "task_stood_aside", NULL, cause);
        return db_transact(work->change.db, step_aside, work, err);
    }
    err_context(cause, "matter %" PRIu64 ", %zu certificates", task->matter.id, task->count);
    log_err("task_repeated", NULL, cause);
    return give_back(work, work->change.now_ms + (task->count == 0 ? END_PAUSE_MS : 0),
                     task->count > 1 ? task->count / 2 : TASK_BATCH, err) < 0
               ? -1
               : 0;
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
    work.task.size = (unsigned)db_as_uint(&row[2]);
    if (work.task.size < 1 || work.task.size > TASK_BATCH)
        work.task.size = TASK_BATCH;
    ours = db_change(db, &queries[SQL_LEASE],
                     DB_ARGS(db_time(work.task.leased_until_ms), row[0], row[1]), err);
    if (ours != 1)
        return ours;
    if (db_transact(db, run_batch, &work, &cause) < 0) {
        if (of_certificates(&cause))
            return step_back(&work, &cause, err) < 0 ? -1 : 1;
        if (err)
            *err = cause;
        return -1;
    }
    *done = work.done;
    return 1;
}
