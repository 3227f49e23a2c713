#include "core/issue/job_board.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit/audit.h"
#include "core/proposal/proposal.h"
#include "core/queries.h"

enum { DETAIL_SIZE = 2048, CAUSE_SIZE = 3 * 512 };

enum {
    SQL_JOBS, SQL_CAUSES, SQL_TASKS, SQL_DECISIONS, SQL_RETRY_IDS, SQL_FAILED
};

/* Of a matter whose certificates are taken one by one. */
#define TASK_COLUMNS                                                                               \
    "m.id, m.opened_on, m.state, m.enterprise_name, m.items, m.opened_at,"                         \
    " (SELECT COUNT(*) FROM matter_certificate w WHERE w.matter_id = m.id"                         \
    "   AND w.state = 'waiting'),"                                                                 \
    " (SELECT COUNT(*) FROM matter_certificate w WHERE w.matter_id = m.id"                         \
    "   AND w.state = 'failed'), t.run_at"

static const struct db_query queries[] = {
    [SQL_JOBS] = {"board_jobs",
                  "SELECT " JOB_COLUMNS ", IFNULL(c.number, ''), IFNULL(e.name, ''), m.item, m.opened_on"
                  " FROM (SELECT id FROM job FORCE INDEX (job_queue) WHERE state = ? AND id > ?"
                  "   AND (? IS NULL OR kind = ?) AND (? IS NULL OR cause = ?)"
                  "   ORDER BY id LIMIT ?) page"
                  " JOIN job j ON j.id = page.id"
                  " LEFT JOIN certificate c ON j.certificate_id > 0 AND c.id = j.certificate_id"
                  " LEFT JOIN enterprise e ON e.id = j.enterprise_id"
                  " LEFT JOIN matter m ON m.id = j.matter_id ORDER BY j.id"},
    [SQL_CAUSES] = {"board_causes",
                    "SELECT kind, IFNULL(cause, ''), COUNT(*) AS n, MAX(run_at)"
                    " FROM job FORCE INDEX (job_queue) WHERE state = 'failed'"
                    " GROUP BY kind, cause ORDER BY n DESC, cause LIMIT ?"},
    [SQL_TASKS] = {"board_tasks",
                   "SELECT " TASK_COLUMNS
                   " FROM (SELECT id FROM matter FORCE INDEX (matter_item)"
                   "   WHERE item = 'rename' AND id < ? ORDER BY id DESC LIMIT ?) page"
                   " JOIN matter m ON m.id = page.id LEFT JOIN task t ON t.matter_id = m.id"
                   " ORDER BY m.id DESC"},
    [SQL_DECISIONS] = {"board_decisions",
                       "SELECT " TASK_COLUMNS ", p.kind FROM task t JOIN proposal p"
                       " ON p.matter_id = t.matter_id JOIN matter m ON m.id = t.matter_id"
                       " WHERE t.matter_id > 0 ORDER BY t.matter_id LIMIT ?"},
    [SQL_RETRY_IDS] = {"board_retry_ids",
                       "SELECT id FROM job FORCE INDEX (job_queue) WHERE state = 'failed'"
                       " AND kind = ? AND cause = ? LIMIT 100"},
    [SQL_FAILED] = {"board_failed", "SELECT COUNT(*) FROM job WHERE state = 'failed'"},
};

const struct db_area job_board_area = DB_AREA("job_board", queries);

static void read_row(const struct db_value *row, struct board_job *out)
{
    const struct db_value *more = row + JOB_COLUMNS_COUNT;

    job_read(row, &out->job);
    out->number = db_as_text(&more[0]);
    out->enterprise_name = db_as_text(&more[1]);
    if (more[2].type != DB_NULL)
        matter_number_make(item_by_name(db_as_text(&more[2])), db_as_date(&more[3]),
                           out->job.matter_id, out->matter);
}

int board_jobs(struct db *db, struct pool *pool, const struct board_filter *filter,
               struct board_page *page, struct err *err)
{
    const struct db_value kind = db_text(filter->kind), cause = db_text(filter->cause);
    struct board_job *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_JOBS],
                  DB_ARGS(db_text(filter->state), db_uint(filter->after), kind, kind, cause, cause,
                          db_uint(filter->limit + 1)),
                  &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        read_row(db_row(&rows, i), &list[i]);
    page->rows = list;
    page->next = db_page(&rows, filter->limit, &page->count) ? list[filter->limit - 1].job.id : 0;
    return 0;
}

int board_causes(struct db *db, struct pool *pool, size_t limit, const struct board_cause **causes,
                 size_t *count, struct err *err)
{
    struct board_cause *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_CAUSES], DB_ARGS(db_uint(limit)), &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        list[i] = (struct board_cause){db_as_text(&row[0]), db_as_text(&row[1]),
                                       db_as_uint(&row[2]), db_as_time(&row[3])};
    }
    *causes = list;
    *count = rows.count;
    return 0;
}

static struct board_task *tasks_read(struct pool *pool, const struct db_rows *rows, enum item item)
{
    struct board_task *list = pool_array(pool, rows->count + 1, sizeof(*list));

    for (size_t i = 0; i < rows->count; i++) {
        const struct db_value *row = db_row(rows, i);

        list[i] = (struct board_task){.matter_id = db_as_uint(&row[0]),
                                      .state = db_as_text(&row[2]),
                                      .enterprise_name = db_as_text(&row[3]),
                                      .items = db_as_uint(&row[4]),
                                      .opened_ms = db_as_time(&row[5]),
                                      .waiting = db_as_uint(&row[6]),
                                      .failed = db_as_uint(&row[7]),
                                      .due_ms = db_as_time(&row[8])};
        matter_number_make(item, db_as_date(&row[1]), list[i].matter_id, list[i].matter);
    }
    return list;
}

int board_tasks(struct db *db, struct pool *pool, uint64_t after, size_t limit,
                const struct board_task **tasks, size_t *count, uint64_t *next, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_TASKS],
                  DB_ARGS(db_uint(after ? after : UINT64_MAX), db_uint(limit + 1)), &rows, err) < 0)
        return -1;
    *tasks = tasks_read(pool, &rows, ITEM_RENAME);
    *next = db_page(&rows, limit, count) ? (*tasks)[limit - 1].matter_id : 0;
    return 0;
}

int board_decisions(struct db *db, struct pool *pool, size_t limit, const struct board_task **tasks,
                    size_t *count, struct err *err)
{
    struct board_task *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_DECISIONS], DB_ARGS(db_uint(limit)), &rows, err) < 0)
        return -1;
    list = tasks_read(pool, &rows, ITEM_SANCTION);
    for (size_t i = 0; i < rows.count; i++) {
        const struct proposal_kind *kind = proposal_kind_find(db_as_text(&db_row(&rows, i)[9]));

        list[i].kind = kind ? kind->label : "";
    }
    *tasks = list;
    *count = rows.count;
    return 0;
}

/* A hundred of them. 1; 0: there are none left; -1. */
static int retry_some(struct db *db, struct pool *pool, const char *kind, const char *cause,
                      int64_t now_ms, uint64_t *retried, struct err *err)
{
    uint64_t ids[SQL_IDS_MAX];
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_RETRY_IDS], DB_ARGS(db_text(kind), db_text(cause)), &rows,
                  err) < 0)
        return -1;
    if (rows.count == 0)
        return 0;
    for (size_t i = 0; i < rows.count; i++)
        ids[i] = db_as_uint(&db_row(&rows, i)[0]);
    if (job_retry_some(db, ids, rows.count, now_ms, err) < 0)
        return -1;
    *retried += rows.count;
    return 1;
}

int board_retry_cause(struct db *db, struct pool *pool, const struct core *core,
                      const struct actor *actor, const char *kind, const char *cause,
                      int64_t now_ms, uint64_t *retried, struct err *err)
{
    struct text detail;
    int more = 1;

    *retried = 0;
    while (more == 1 && *retried < BOARD_RETRIES)
        more = retry_some(db, pool, kind, cause, now_ms, retried, err);
    if (more < 0)
        return -1;
    if (*retried == 0)
        return 0;
    text_init(&detail, pool, DETAIL_SIZE);
    text_printf(&detail, "{\"kind\":\"%s\",\"count\":%llu,\"cause\":\"", kind,
                (unsigned long long)*retried);
    text_json(&detail, cause, strlen(cause) < CAUSE_SIZE ? strlen(cause) : CAUSE_SIZE);
    text_add(&detail, "\"}");
    const struct audit_event event = {.actor = *actor,
                                      .action = "job.retry_cause",
                                      .object_kind = "job",
                                      .detail = detail.data};
    return audit_add(db, pool, core, &event, 1, err) < 0 ? -1 : 1;
}

int board_failed(struct db *db, struct pool *pool, uint64_t *failed, struct err *err)
{
    const struct db_value *row;

    if (db_one(db, pool, &queries[SQL_FAILED], DB_NO_ARGS, &row, err) < 0)
        return -1;
    *failed = db_as_uint(&row[0]);
    return 0;
}
