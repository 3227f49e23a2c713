/* A decision about many certificates, carried out batch by batch; what failed of it, once more. */
#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/issue/task.h"
#include "core/message/outbox.h"
#include "core/proposal/proposal.h"
#include "core/proposal/proposal_parts.h"
#include "core/queries.h"

enum { EXPLANATION = 200 /* characters: matter_certificate.explanation */ };

enum {
    SQL_DONE, SQL_FAILED, SQL_OBJECTS_END, SQL_REST_END, SQL_REOPEN, SQL_AGAIN, SQL_OBJECTS_AGAIN
};

static const struct db_query queries[] = {
    [SQL_DONE] = {"proposal_batch_done",
                  "UPDATE matter_certificate mc FORCE INDEX (PRIMARY) JOIN certificate c"
                  "   ON c.id = mc.certificate_id SET mc.state = 'done', mc.version = c.version"
                  " WHERE mc.matter_id = ? AND mc.certificate_id IN (" SQL_IDS ")"
                  " AND mc.state = 'waiting'"},
    [SQL_FAILED] = {"proposal_batch_failed",
                    "UPDATE matter_certificate SET state = 'failed', cause = 'obstacle',"
                    " explanation = LEFT(?, ?)"
                    " WHERE matter_id = ? AND certificate_id = ? AND state = 'waiting'"},
    /* Another proposal of the kind may be about them again. */
    [SQL_OBJECTS_END] = {"proposal_batch_objects",
                         "DELETE FROM proposal_object WHERE object_kind = 'certificate'"
                         " AND object_id IN (" SQL_IDS ") AND kind = ? AND matter_id = ?"},
    [SQL_REST_END] = {"proposal_batch_rest", "DELETE FROM proposal_object WHERE matter_id = ?"},
    [SQL_REOPEN] = {"proposal_reopen", "UPDATE matter SET state = 'open', closed_at = NULL"
                                       " WHERE id = ? AND state = 'done'"},
    [SQL_AGAIN] = {"proposal_again",
                   "UPDATE matter_certificate SET state = 'waiting', cause = NULL,"
                   " explanation = NULL, tries = 0, try_at = NULL"
                   " WHERE matter_id = ? AND state = 'failed'"},
    /* One that another proposal of the kind is about by now stays that one's. */
    [SQL_OBJECTS_AGAIN] = {"proposal_objects_again",
                           "INSERT INTO proposal_object (object_kind, object_id, kind, matter_id)"
                           " SELECT 'certificate', mc.certificate_id, ?, mc.matter_id"
                           " FROM matter_certificate mc FORCE INDEX (matter_certificate_state)"
                           " WHERE mc.matter_id = ? AND mc.state = 'waiting' AND NOT EXISTS"
                           " (SELECT 1 FROM proposal_object o WHERE o.object_kind = 'certificate'"
                           "   AND o.object_id = mc.certificate_id AND o.kind = ?)"},
};

const struct db_area proposal_batch_area = DB_AREA("proposal_batch", queries);

/* Those whose turn it is, locked, as they are now, and judged: certificates, count. 0/-1. */
static int look(struct change *change, const struct task *task, struct proposal *proposal,
                struct err *err)
{
    if (proposal_certificates_of(change->db, change->pool, task->ids, task->count, proposal, err) <
            0 ||
        proposal_lock(change, proposal, err) < 0 ||
        proposal_certificates_of(change->db, change->pool, task->ids, task->count, proposal, err) <
            0)
        return -1;
    if (proposal->count != task->count)
        return err_set(err, ERR_CONFLICT, 0, "%zu of %zu certificates are there", proposal->count,
                       task->count);
    /* What it says of the whole was asked when it was decided. */
    return proposal_judge_now(change, proposal, err);
}

static int fail(struct change *change, const struct proposal *proposal,
                const struct proposal_certificate *certificate, struct err *err)
{
    return db_run(change->db, &queries[SQL_FAILED],
                  DB_ARGS(db_text(certificate->refusal), db_uint(EXPLANATION),
                          db_uint(proposal->matter_id), db_uint(certificate->id)),
                  NULL, err);
}

/* Those that may be changed are; the others fail. 0/-1. */
static int carry_out(struct change *change, const struct proposal *proposal, size_t *done,
                     struct err *err)
{
    struct proposal some = *proposal;
    struct db_value args[1 + SQL_IDS_MAX] = {db_uint(proposal->matter_id)};
    uint64_t ids[TASK_BATCH];

    some.certificates = pool_array(change->pool, proposal->count + 1, sizeof(*some.certificates));
    some.count = 0;
    for (size_t i = 0; i < proposal->count; i++)
        if (!proposal->certificates[i].refusal) {
            ids[some.count] = proposal->certificates[i].id;
            some.certificates[some.count++] = proposal->certificates[i];
        } else if (fail(change, proposal, &proposal->certificates[i], err) < 0) {
            return -1;
        }
    *done = some.count;
    if (some.count == 0)
        return 0;
    queries_list(args + 1, ids, some.count);
    return proposal->kind->apply(change, &some, err) < 0
               ? -1
               : db_run(change->db, &queries[SQL_DONE], args, 1 + SQL_IDS_MAX, NULL, err);
}

static int free_objects(struct change *change, const struct proposal *proposal, struct err *err)
{
    struct db_value args[SQL_IDS_MAX + 2];
    uint64_t ids[TASK_BATCH];

    if (proposal->count == 0)
        return 0;
    for (size_t i = 0; i < proposal->count; i++)
        ids[i] = proposal->certificates[i].id;
    queries_list(args, ids, proposal->count);
    args[SQL_IDS_MAX] = db_text(proposal->kind->name);
    args[SQL_IDS_MAX + 1] = db_uint(proposal->matter_id);
    return db_run(change->db, &queries[SQL_OBJECTS_END], args, SQL_IDS_MAX + 2, NULL, err);
}

/* The proposal of a task, as who decided it acts. 0/-1. */
static int take_up(struct change *change, const struct task *task, struct proposal *proposal,
                   struct err *err)
{
    struct actor *decider = POOL_NEW(change->pool, struct actor);
    int found = proposal_by_id(change->db, change->pool, change->core, task->matter.id, proposal,
                               err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "a task without its proposal");
    *decider = (struct actor){ACTOR_STAFF, proposal->decided_by, ""};
    change->actor = decider;
    change->tells_later = true;
    return 0;
}

int proposal_batch(struct change *change, const struct task *task, size_t *done, struct err *err)
{
    struct proposal proposal;

    if (take_up(change, task, &proposal, err) < 0 || look(change, task, &proposal, err) < 0 ||
        carry_out(change, &proposal, done, err) < 0)
        return -1;
    return free_objects(change, &proposal, err);
}

int proposal_batch_end(struct change *change, const struct task *task, struct err *err)
{
    struct proposal proposal;
    struct matter matter = task->matter;
    struct matter_counts counts;

    if (take_up(change, task, &proposal, err) < 0)
        return -1;
    change->matter_id = proposal.matter_id;
    if (matter_counts(change->db, change->pool, proposal.matter_id, &counts, err) < 0 ||
        db_run(change->db, &queries[SQL_REST_END], DB_ARGS(db_uint(proposal.matter_id)), NULL,
               err) < 0 ||
        outbox_add_done(change, OUTBOX_SANCTION, err) < 0)
        return -1;
    proposal_note(change, &proposal, "carried_out",
                  pool_printf(change->pool,
                              "{\"kind\":\"%s\",\"done\":%" PRIu64 ",\"failed\":%" PRIu64 "}",
                              proposal.kind->name, counts.done, counts.failed));
    return matter_move(change->db, &matter, MATTER_OPEN, MATTER_DONE, change->today,
                       change->now_ms, err);
}

bool proposal_repeatable(const struct proposal *proposal, unsigned roles, uint64_t staff_id)
{
    return strcmp(proposal->state, PROPOSAL_APPLIED) == 0 && proposal_spread(proposal) &&
           !proposal->running && proposal->progress.failed > 0 &&
           (proposal->kind->decide & roles) && staff_id != proposal->proposed_by;
}

static int again(struct change *change, const struct proposal *proposal, struct err *err)
{
    const struct db_value id = db_uint(proposal->matter_id);
    const struct db_value kind = db_text(proposal->kind->name);
    uint64_t certificates;

    if (db_run(change->db, &queries[SQL_AGAIN], DB_ARGS(id), &certificates, err) < 0 ||
        db_run(change->db, &queries[SQL_OBJECTS_AGAIN], DB_ARGS(kind, id, kind), NULL, err) < 0 ||
        task_add(change->db, proposal->matter_id, change->now_ms, err) < 0)
        return -1;
    proposal_note(change, proposal, "retry",
                  pool_printf(change->pool, "{\"kind\":\"%s\",\"certificates\":%" PRIu64 "}",
                              proposal->kind->name, certificates));
    return change_end(change, err);
}

int proposal_retry(struct change *change, unsigned roles, const char *number, struct proposal *out,
                   enum proposal_answer *answer, struct err *err)
{
    int found = proposal_find(change->db, change->pool, change->core, number, out, err);
    int ours;

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "no such proposal");
    *answer = PROPOSAL_NOT_YOURS;
    if (change->actor->kind != ACTOR_STAFF || !(out->kind->decide & roles) ||
        change->actor->id == out->proposed_by)
        return 0;
    *answer = PROPOSAL_OVER;
    if (!proposal_repeatable(out, roles, change->actor->id))
        return 0;
    ours = db_change(change->db, &queries[SQL_REOPEN], DB_ARGS(db_uint(out->matter_id)), err);
    if (ours != 1)
        return ours;
    *answer = PROPOSAL_DONE;
    return again(change, out, err);
}
