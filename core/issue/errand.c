#include "core/issue/errand.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit/audit.h"
#include "core/queries.h"
#include "core/report/statistics.h"

enum { REPORT_SIZE = 4096, ATTEMPTS = 3 };

enum { SQL_ADD, SQL_KEEP, SQL_LIST, SQL_DUE, SQL_LEASE, SQL_STEP };

static const struct db_query queries[] = {
    [SQL_ADD] = {"errand_add", "INSERT INTO errand (kind, state, run_at, actor_kind, actor_id,"
                               " ordered_at) VALUES (?, 'waiting', ?, ?, ?, ?)"},
    [SQL_KEEP] = {"errand_keep",
                  "INSERT INTO errand (kind, state, step, run_at, actor_kind, actor_id, ordered_at,"
                  " ended_at, counted, faults, report) VALUES (?, 'done', ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_LIST] = {"errand_list",
                  "SELECT e.id, e.state, e.step, e.actor_kind, IFNULL(s.name, ''), e.ordered_at,"
                  " e.ended_at, e.counted, e.faults, e.report FROM errand e"
                  " LEFT JOIN staff s ON e.actor_kind = 2 AND s.id = e.actor_id"
                  " WHERE e.kind = ? ORDER BY e.id DESC LIMIT ?"},
    [SQL_DUE] = {"errand_due", "SELECT id, kind, step, attempts, run_at, counted, faults, report"
                               " FROM errand WHERE state = 'waiting' AND run_at <= ?"
                               " ORDER BY run_at, id LIMIT 1"},
    [SQL_LEASE] = {"errand_lease", "UPDATE errand SET run_at = ?, attempts = attempts + 1"
                                   " WHERE id = ? AND run_at = ? AND state = 'waiting'"},
    [SQL_STEP] = {"errand_step", "UPDATE errand SET state = ?, step = ?, attempts = 0, run_at = ?,"
                                 " ended_at = ?, counted = ?, faults = ?, report = ?"
                                 " WHERE id = ? AND run_at = ? AND state = 'waiting'"},
};

const struct db_area errand_area = DB_AREA("errand", queries);

/* One at work. */
struct work {
    struct db *db;
    const struct core *core;
    struct date today;
    uint64_t counted, faults;
    struct text report;
};

static void note_fault(void *context, const char *line)
{
    struct work *work = context;

    text_printf(&work->report, "%s%s", work->report.length ? "\n" : "", line);
}

static int audit_step(struct work *work, unsigned step, struct err *err)
{
    struct audit_totals totals = {0};

    if (audit_verify_chain(work->db, work->core, step, note_fault, work, &totals, err) < 0)
        return -1;
    work->counted += totals.events;
    work->faults += totals.faults;
    return 0;
}

static unsigned audit_steps(void)
{
    return AUDIT_CHAINS + 1;
}

static int statistics_step(struct work *work, unsigned step, struct err *err)
{
    if (statistics_count(work->db, step, work->today, work->core->policy, err) < 0)
        return -1;
    work->counted++;
    return 0;
}

static const struct kind_row {
    const char *name;
    const char *action; /* of the audit, when it is ordered */
    unsigned (*steps)(void);
    int (*step)(struct work *work, unsigned step, struct err *err);
} kinds[ERRAND_KINDS] = {
    [ERRAND_AUDIT] = {"audit", "audit.verify", audit_steps, audit_step},
    [ERRAND_STATISTICS] = {"statistics", "statistics.count", statistics_steps, statistics_step},
};

static enum errand_kind kind_named(const char *name)
{
    int kind = 0;

    while (kind < ERRAND_KINDS && strcmp(kinds[kind].name, name) != 0)
        kind++;
    if (kind == ERRAND_KINDS)
        err_fatal("an errand's kind that the schema does not know");
    return (enum errand_kind)kind;
}

int errand_list(struct db *db, struct pool *pool, enum errand_kind kind, size_t limit,
                const struct errand **errands, size_t *count, struct err *err)
{
    struct errand *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_LIST],
                  DB_ARGS(db_text(kinds[kind].name), db_uint(limit)), &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        list[i] = (struct errand){
            .id = db_as_uint(&row[0]),
            .kind = kind,
            .state = db_as_text(&row[1]),
            .step = (unsigned)db_as_uint(&row[2]),
            .steps = kinds[kind].steps(),
            .actor_kind = (enum actor_kind)db_as_uint(&row[3]),
            .who = db_as_text(&row[4]),
            .ordered_ms = db_as_time(&row[5]),
            .ended_ms = db_as_time(&row[6]),
            .counted = db_as_uint(&row[7]),
            .faults = db_as_uint(&row[8]),
            .report = db_as_text(&row[9]),
        };
    }
    *errands = list;
    *count = rows.count;
    return 0;
}

int errand_order(struct db *db, struct pool *pool, const struct core *core,
                 const struct actor *actor, enum errand_kind kind, int64_t now_ms, struct err *err)
{
    const struct errand *last;
    size_t count;

    if (errand_list(db, pool, kind, 1, &last, &count, err) < 0)
        return -1;
    if (count > 0 && strcmp(last->state, ERRAND_WAITING) == 0)
        return 0;
    if (db_run(db, &queries[SQL_ADD],
               DB_ARGS(db_text(kinds[kind].name), db_time(now_ms), db_uint(actor->kind),
                       db_uint(actor->id), db_time(now_ms)),
               NULL, err) < 0)
        return -1;
    const struct audit_event event = {.actor = *actor,
                                      .action = kinds[kind].action,
                                      .object_kind = "errand",
                                      .object_id = db_insert_id(db)};
    return audit_add(db, pool, core, &event, 1, err) < 0 ? -1 : 1;
}

struct first {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    enum errand_kind kind;
    int64_t now_ms;
};

static int order_first(void *context, struct err *err)
{
    static const struct actor system = {ACTOR_SYSTEM, 0, ""};
    const struct first *first = context;

    pool_reset(first->pool);
    return errand_order(first->db, first->pool, first->core, &system, first->kind, first->now_ms, err) < 0
               ? -1
               : 0;
}

int errand_begin(struct db *db, struct pool *pool, const struct core *core, enum errand_kind kind,
                 int64_t now_ms, struct err *err)
{
    struct first first = {db, pool, core, kind, now_ms};
    const struct errand *last;
    size_t count;

    pool_reset(pool);
    if (errand_list(db, pool, kind, 1, &last, &count, err) < 0)
        return -1;
    return count > 0 ? 0 : db_transact(db, order_first, &first, err);
}

/* Moves it on under our lease, or ends it. */
static int step_end(const struct work *work, uint64_t id, unsigned step, const char *state,
                    int64_t until_ms, int64_t now_ms, struct err *err)
{
    bool ended = strcmp(state, ERRAND_WAITING) != 0;

    return db_run(work->db, &queries[SQL_STEP],
                  DB_ARGS(db_text(state), db_uint(step), db_time(now_ms),
                          ended ? db_time(now_ms) : db_null(), db_uint(work->counted),
                          db_uint(work->faults), db_text(work->report.data), db_uint(id),
                          db_time(until_ms)),
                  NULL, err);
}

int errand_advance(struct db *db, struct pool *pool, const struct core *core, struct date today,
                   int64_t now_ms, int64_t lease_ms, struct err *err)
{
    struct work work = {.db = db, .core = core, .today = today};
    const struct db_value *row;
    uint64_t id;
    int found, leased;

    pool_reset(pool);
    found = db_find(db, pool, &queries[SQL_DUE], DB_ARGS(db_time(now_ms)), &row, err);
    if (found <= 0)
        return found;
    id = db_as_uint(&row[0]);
    const struct kind_row *kind = &kinds[kind_named(db_as_text(&row[1]))];
    unsigned step = (unsigned)db_as_uint(&row[2]);
    work.counted = db_as_uint(&row[5]);
    work.faults = db_as_uint(&row[6]);
    text_init(&work.report, pool, REPORT_SIZE);
    text_add(&work.report, db_as_text(&row[7]));
    leased = db_change(db, &queries[SQL_LEASE],
                       DB_ARGS(db_time(now_ms + lease_ms), db_uint(id), row[4]), err);
    if (leased != 1)
        return leased;
    if (db_as_uint(&row[3]) >= ATTEMPTS)
        return step_end(&work, id, step, ERRAND_FAILED, now_ms + lease_ms, now_ms, err) < 0 ? -1 : 1;
    if (kind->step(&work, step, err) < 0)
        return -1;
    step++;
    return step_end(&work, id, step, step < kind->steps() ? ERRAND_WAITING : ERRAND_DONE,
                    now_ms + lease_ms, clock_now_ms(), err) < 0
               ? -1
               : 1;
}

int errand_keep(struct db *db, const struct actor *actor, enum errand_kind kind, uint64_t counted,
                uint64_t faults, const char *report, int64_t now_ms, struct err *err)
{
    const struct db_value began = db_time(now_ms), ended = db_time(clock_now_ms());

    return db_run(db, &queries[SQL_KEEP],
                  DB_ARGS(db_text(kinds[kind].name), db_uint(kinds[kind].steps()), began,
                          db_uint(actor->kind), db_uint(actor->id), began, ended, db_uint(counted),
                          db_uint(faults), db_text(report)),
                  NULL, err);
}

int errand_run(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
               enum errand_kind kind, struct date today, int64_t now_ms, struct errand *done,
               struct err *err)
{
    struct work work = {.db = db, .core = core, .today = today};

    text_init(&work.report, pool, REPORT_SIZE);
    for (unsigned step = 0; step < kinds[kind].steps(); step++)
        if (kinds[kind].step(&work, step, err) < 0)
            return -1;
    *done = (struct errand){.kind = kind,
                            .state = ERRAND_DONE,
                            .step = kinds[kind].steps(),
                            .steps = kinds[kind].steps(),
                            .actor_kind = actor->kind,
                            .who = "",
                            .ordered_ms = now_ms,
                            .ended_ms = clock_now_ms(),
                            .counted = work.counted,
                            .faults = work.faults,
                            .report = work.report.data};
    return errand_keep(db, actor, kind, work.counted, work.faults, work.report.data, now_ms, err);
}
