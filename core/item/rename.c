#include "core/item/rename.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/issue/task.h"
#include "core/message/outbox.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/register/hold.h"

enum {
    SQL_LOCK,
    SQL_RUNNING,
    SQL_OFFERED,
    SQL_PENDING,
    SQL_CHILDREN,
    SQL_BATCH,
    SQL_CHILD_DONE,
    SQL_CHILD_FAILED,
    SQL_FREE,
    SQL_AGAIN,
    SQL_AGAIN_PENDING,
    SQL_REOPEN
};

/* What is offered: see facts_firm_counted. */
#define OUTDATED                                                                                   \
    " enterprise_id = ? AND state = '01' AND enterprise_name <> ? AND valid_until >= ?"            \
    " AND pending_matter_id <=> ?"

static const struct db_query queries[] = {
    /* Whoever starts a rename of the firm waits here. */
    [SQL_LOCK] = {"rename_lock", "SELECT id FROM enterprise WHERE id = ? FOR UPDATE"},
    [SQL_RUNNING] = {"rename_running",
                     "SELECT m.id, m.opened_on FROM matter m FORCE INDEX (matter_enterprise)"
                     " WHERE m.enterprise_id = ? AND m.item = 'rename' AND m.state = 'open'"
                     " ORDER BY m.id DESC LIMIT 1"},
    [SQL_OFFERED] = {"rename_offered", "SELECT id FROM certificate FORCE INDEX (certificate_name)"
                                       " WHERE" OUTDATED " ORDER BY id"},
    /* Listed without a lock, and locked by their keys in the order of ids: everybody else locks a
     * certificate first, and changes its place in the index afterwards. */
    [SQL_PENDING] = {"rename_pending",
                     "UPDATE certificate FORCE INDEX (PRIMARY)"
                     " SET pending_matter_id = ?, updated_at = ?"
                     " WHERE id IN (" SQL_IDS ") AND" OUTDATED},
    [SQL_CHILDREN] = {"rename_children",
                      "INSERT INTO matter_certificate (matter_id, certificate_id, version, state)"
                      " SELECT pending_matter_id, id, version, 'waiting'"
                      " FROM certificate FORCE INDEX (certificate_name) WHERE" OUTDATED},
    [SQL_BATCH] = {"rename_batch",
                   "SELECT c.id, c.version, c.state, c.pending_matter_id, c.enterprise_id,"
                   " c.number, c.class, c.person_id, c.holder_name, v.sex, v.birth, c.post,"
                   " c.first_issued, c.valid_from, c.valid_until, c.held_since,"
                   " IFNULL(p.capture_id, v.capture_id)"
                   " FROM certificate c FORCE INDEX (PRIMARY)"
                   " JOIN person p ON p.id = c.person_id"
                   " JOIN certificate_version v ON v.certificate_id = c.id"
                   "   AND v.version = c.version"
                   " WHERE c.id IN (" SQL_IDS ") ORDER BY c.id"},
    [SQL_CHILD_DONE] = {"rename_child_done",
                        "UPDATE matter_certificate SET state = 'done', version = ?, cause = NULL"
                        " WHERE matter_id = ? AND certificate_id = ? AND state = 'waiting'"},
    [SQL_CHILD_FAILED] = {"rename_child_failed",
                          "UPDATE matter_certificate SET state = 'failed', cause = ?"
                          " WHERE matter_id = ? AND certificate_id = ? AND state = 'waiting'"},
    [SQL_FREE] = {"rename_free", "UPDATE certificate SET pending_matter_id = NULL"
                                 " WHERE id = ? AND pending_matter_id = ?"},
    /* What failed, while the register still has the name that the matter gives, and the certificate
     * has another: a later change of the name takes it up itself. */
    [SQL_AGAIN] = {"rename_again",
                   "UPDATE matter_certificate mc FORCE INDEX (matter_certificate_state)"
                   " JOIN matter m ON m.id = mc.matter_id"
                   " JOIN enterprise e ON e.id = m.enterprise_id AND e.name = m.enterprise_name"
                   " JOIN certificate c ON c.id = mc.certificate_id"
                   "   AND c.enterprise_name <> m.enterprise_name"
                   " SET mc.state = 'waiting', mc.cause = NULL, mc.explanation = NULL,"
                   "   mc.tries = 0, mc.try_at = NULL"
                   " WHERE mc.matter_id = ? AND mc.state = 'failed'"},
    [SQL_AGAIN_PENDING] =
        {"rename_again_pending",
         "UPDATE certificate c JOIN matter_certificate mc ON mc.certificate_id = c.id"
         " SET c.pending_matter_id = mc.matter_id WHERE mc.matter_id = ? AND mc.state = 'waiting'"
         " AND c.enterprise_id = ? AND c.state = '01' AND c.pending_matter_id IS NULL"},
    [SQL_REOPEN] = {"rename_reopen", "UPDATE matter SET state = 'open', closed_at = NULL"
                                     " WHERE id = ? AND state = 'done'"},
};

const struct db_area rename_area = DB_AREA("rename", queries);

void rename_running_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id)
{
    db_ahead(db, pool, &queries[SQL_RUNNING], DB_ARGS(db_uint(enterprise_id)));
}

int rename_running(struct db *db, struct pool *pool, uint64_t enterprise_id,
                   char number[MATTER_NUMBER_SIZE], struct err *err)
{
    const struct db_value *row;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_RUNNING], DB_ARGS(db_uint(enterprise_id)), &rows, err) < 0)
        return -1;
    if (rows.count == 0)
        return 0;
    row = db_row(&rows, 0);
    matter_number_make(ITEM_RENAME, db_as_date(&row[1]), db_as_uint(&row[0]), number);
    return 1;
}

static void judge(struct change *change, struct facts *facts, struct verdict *verdict)
{
    rules_judge(change->pool, change->core->policy, ACT_RENAME, facts, verdict);
}

void rename_judge_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id,
                        struct date today)
{
    facts_load_firm_counted_ahead(db, pool, enterprise_id, today);
}

int rename_judge(struct change *change, struct facts *facts, struct verdict *verdict,
                 struct err *err)
{
    int found = facts_load_firm_counted(change->db, change->pool, change->enterprise_id,
                                        change->today, facts, err);

    if (found == 1)
        judge(change, facts, verdict);
    return found;
}

void rename_preview_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id,
                          struct date today, size_t limit)
{
    facts_load_firm_ahead(db, pool, enterprise_id);
    certificate_outdated_ahead(db, pool, enterprise_id, today, limit);
}

int rename_preview(struct change *change, size_t limit, struct facts *facts,
                   struct verdict *verdict, struct certificate_page *page, struct err *err)
{
    int found = facts_load_firm(change->db, change->pool, change->enterprise_id, change->today,
                                facts, err);

    if (found != 1)
        return found;
    if (certificate_outdated(change->db, change->pool, change->enterprise_id, change->today, limit,
                             page, err) < 0)
        return -1;
    facts->outdated = page->count;
    facts->outdated_more = page->next != 0;
    judge(change, facts, verdict);
    return 1;
}

/* Starting */

static int firm_lock(struct change *change, struct err *err)
{
    const struct db_value *row;

    return db_find(change->db, change->pool, &queries[SQL_LOCK],
                   DB_ARGS(db_uint(change->enterprise_id)), &row, err);
}

static int refuse(struct change *change, const struct matter_new *what, struct rename *out,
                  struct err *err)
{
    const struct verdict *verdict = &out->verdict;
    unsigned position = 0;

    if (matter_open(change->db, change->actor, what, change->today, change->now_ms, &out->matter,
                    err) < 0 ||
        matter_findings_add(change->db, out->matter.id, item_label(ITEM_RENAME), verdict,
                            &position, err) < 0)
        return -1;
    change->matter_id = out->matter.id;
    change_note(change, change->enterprise_id, "rename.refused", "enterprise",
                change->enterprise_id, rules_failed(change->pool, &verdict, 1));
    return change_end(change, err);
}

/* The certificates wait for the matter, but for those that another took since they were listed. */
static int take(struct change *change, const struct facts *facts, struct db_value matter,
                uint64_t *taken, struct err *err)
{
    const struct db_value firm = db_uint(facts->firm.id), name = db_text(facts->firm.name);
    const struct db_value day = db_date(change->today), nothing = db_null();
    struct db_value args[2 + SQL_IDS_MAX + 4] = {matter, db_time(change->now_ms)};
    struct db_rows rows;
    uint64_t ids[SQL_IDS_MAX], some;

    *taken = 0;
    memcpy(args + 2 + SQL_IDS_MAX, (struct db_value[]){firm, name, day, nothing},
           4 * sizeof(*args));
    if (db_select(change->db, change->pool, &queries[SQL_OFFERED],
                  DB_ARGS(firm, name, day, nothing), &rows, err) < 0)
        return -1;
    for (size_t at = 0; at < rows.count; at += SQL_IDS_MAX) {
        size_t count = rows.count - at < SQL_IDS_MAX ? rows.count - at : SQL_IDS_MAX;

        for (size_t i = 0; i < count; i++)
            ids[i] = db_as_uint(db_row(&rows, at + i));
        queries_list(args + 2, ids, count);
        if (db_run(change->db, &queries[SQL_PENDING], args, sizeof(args) / sizeof(*args), &some,
                   err) < 0)
            return -1;
        *taken += some;
    }
    return 0;
}

/* The certificates, what is known of each, and a task for an issuer. */
static int begin(struct change *change, const struct facts *facts, struct rename *out,
                 struct err *err)
{
    const struct db_value id = db_uint(out->matter.id);
    uint64_t marked, children;

    if (take(change, facts, id, &marked, err) < 0 ||
        db_run(change->db, &queries[SQL_CHILDREN],
               DB_ARGS(db_uint(facts->firm.id), db_text(facts->firm.name), db_date(change->today),
                       id),
               &children, err) < 0)
        return -1;
    if (marked != children || marked == 0)
        return err_set(err, ERR_CONFLICT, 0, "%" PRIu64 " certificates wait, %" PRIu64 " listed",
                       marked, children);
    out->matter.items = (unsigned)marked;
    change->matter_id = out->matter.id;
    change_note(change, change->enterprise_id, "rename.start", "enterprise", change->enterprise_id,
                pool_printf(change->pool, "{\"certificates\":%" PRIu64 "}", marked));
    if (matter_move(change->db, &out->matter, MATTER_OPEN, MATTER_OPEN, change->today,
                    change->now_ms, err) < 0 ||
        task_add(change->db, out->matter.id, change->now_ms, err) < 0)
        return -1;
    return change_end(change, err);
}

int rename_start(struct change *change, struct rename *out, struct err *err)
{
    char number[MATTER_NUMBER_SIZE];
    struct facts facts;
    int found;

    *out = (struct rename){.running = false};
    if (firm_lock(change, err) < 0)
        return -1;
    found = rename_running(change->db, change->pool, change->enterprise_id, number, err);
    if (found < 0)
        return -1;
    if (found == 1) {
        out->running = true;
        return matter_find(change->db, change->pool, number, change->enterprise_id, &out->matter,
                           err);
    }
    found = rename_judge(change, &facts, &out->verdict, err);
    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "the firm is gone");
    const struct matter_new what = {.item = ITEM_RENAME,
                                    .state = out->verdict.allowed ? MATTER_OPEN : MATTER_REFUSED,
                                    .enterprise_id = facts.firm.id,
                                    .enterprise_name = facts.firm.name,
                                    .items = (unsigned)facts.outdated};
    if (!out->verdict.allowed)
        return refuse(change, &what, out, err) < 0 ? -1 : 0;
    if (matter_open(change->db, change->actor, &what, change->today, change->now_ms, &out->matter,
                    err) < 0 ||
        begin(change, &facts, out, err) < 0)
        return -1;
    return 1;
}

/* 0/-1. */
static int asks_while_held(struct change *change, bool *held, struct err *err)
{
    struct hold hold;
    int found = 0;

    *held = false;
    if (change->actor->kind == ACTOR_FIRM)
        found = hold_find(change->db, change->pool, HOLD_ENTERPRISE, change->enterprise_id, &hold,
                          err);
    if (found == 1)
        *held = hold_in_force(&hold, change->today);
    return found < 0 ? -1 : 0;
}

int rename_retry(struct change *change, const char *number, bool *held, struct err *err)
{
    struct matter matter;
    uint64_t again;

    if (asks_while_held(change, held, err) < 0)
        return -1;
    if (*held)
        return 0;
    int found = matter_lock(change->db, change->pool, number, change->enterprise_id, &matter, err);
    if (found != 1 || matter.item != ITEM_RENAME || strcmp(matter.state, MATTER_DONE) != 0)
        return found < 0 ? -1 : 0;
    const struct db_value id = db_uint(matter.id);
    if (db_run(change->db, &queries[SQL_AGAIN], DB_ARGS(id), &again, err) < 0)
        return -1;
    if (again == 0)
        return 0;
    if (db_run(change->db, &queries[SQL_AGAIN_PENDING], DB_ARGS(id, db_uint(change->enterprise_id)),
               NULL, err) < 0 ||
        db_run(change->db, &queries[SQL_REOPEN], DB_ARGS(id), NULL, err) < 0 ||
        task_add(change->db, matter.id, change->now_ms, err) < 0)
        return -1;
    change->matter_id = matter.id;
    change_note(change, change->enterprise_id, "rename.retry", "matter", matter.id,
                pool_printf(change->pool, "{\"certificates\":%" PRIu64 "}", again));
    return change_end(change, err) < 0 ? -1 : 1;
}

/* Batches */

/* The words of matter_certificate.cause; NULL: it can be renamed. */
static const char *obstacle(const struct change *change, const struct matter *matter,
                            const struct db_value *row)
{
    if (db_as_uint(&row[4]) != matter->enterprise_id)
        return "left";
    if (db_as_uint(&row[3]) != matter->id)
        return "pending";
    if (strcmp(state_on(db_as_text(&row[2]), db_as_date(&row[14]), change->today), STATE_VALID) != 0)
        return "state";
    return NULL;
}

static int child_fail(struct change *change, struct db_value id, const char *cause, struct err *err)
{
    const struct db_value matter = db_uint(change->matter_id);

    return db_run(change->db, &queries[SQL_CHILD_FAILED], DB_ARGS(db_text(cause), matter, id), NULL,
                  err) < 0
               ? -1
               : db_run(change->db, &queries[SQL_FREE], DB_ARGS(id, matter), NULL, err);
}

static int child_rename(struct change *change, const struct matter *matter,
                        const struct db_value *row, size_t *done, struct err *err)
{
    const char *cause = obstacle(change, matter, row);
    const struct certificate_was was = {db_as_uint(&row[0]), (unsigned)db_as_uint(&row[1]),
                                        db_as_text(&row[2]), db_as_uint(&row[3])};
    const struct certificate_face face = {
        .number = db_as_text(&row[5]),
        .class_code = db_as_text(&row[6]),
        .person_id = db_as_uint(&row[7]),
        .enterprise_id = matter->enterprise_id,
        .enterprise_name = matter->enterprise_name,
        .holder_name = db_as_text(&row[8]),
        .sex = (unsigned)db_as_uint(&row[9]),
        .birth = db_as_date(&row[10]),
        .post = db_as_text(&row[11]),
        .first_issued = db_as_date(&row[12]),
        .valid_from = db_as_date(&row[13]),
        .valid_until = db_as_date(&row[14]),
        .held_since = db_as_date(&row[15]),
        .capture_id = db_as_uint(&row[16]),
    };

    if (cause)
        return child_fail(change, row[0], cause, err);
    if (change_version(change, &was, &face, act_name(ACT_RENAME), err) < 0)
        return -1;
    ++*done;
    return db_run(change->db, &queries[SQL_CHILD_DONE],
                  DB_ARGS(db_uint(was.version + 1), db_uint(matter->id), row[0]), NULL, err);
}

int rename_end(struct change *change, const struct task *task, struct err *err)
{
    struct matter matter = task->matter;

    change_note(change, matter.enterprise_id, "rename.end", "enterprise", matter.enterprise_id,
                NULL);
    if (outbox_add(change, OUTBOX_RENAMED, matter.enterprise_id, err) < 0)
        return -1;
    return matter_move(change->db, &matter, MATTER_OPEN, MATTER_DONE, change->today,
                       change->now_ms, err);
}

int rename_batch(struct change *change, const struct task *task, size_t *done, struct err *err)
{
    struct db_value args[SQL_IDS_MAX];
    struct db_rows rows;

    queries_list(args, task->ids, task->count);
    if (db_select(change->db, change->pool, &queries[SQL_BATCH], args, SQL_IDS_MAX, &rows, err) < 0)
        return -1;
    if (rows.count != task->count)
        return err_set(err, ERR_CONFLICT, 0, "%zu of %zu certificates are there", rows.count,
                       task->count);
    for (size_t i = 0; i < rows.count; i++)
        if (child_rename(change, &task->matter, db_row(&rows, i), done, err) < 0)
            return -1;
    return 0;
}
