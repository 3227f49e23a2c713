/* A decision about many certificates, carried out batch by batch. */
#include <inttypes.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/issue/task.h"
#include "core/message/outbox.h"
#include "core/proposal/proposal.h"
#include "core/proposal/proposal_parts.h"
#include "core/queries.h"

_Static_assert((int)TASK_BATCH <= (int)SQL_IDS_MAX, "a batch must fit into one list of ids");

enum { EXPLANATION = 200 /* characters: matter_certificate.explanation */ };

enum { SQL_WAITING, SQL_DONE, SQL_FAILED, SQL_OBJECTS_END, SQL_REST_END };

static const struct db_query queries[] = {
    [SQL_WAITING] = {"proposal_batch_waiting",
                     "SELECT certificate_id FROM matter_certificate"
                     " FORCE INDEX (matter_certificate_state)"
                     " WHERE matter_id = ? AND state = 'waiting' ORDER BY certificate_id LIMIT ?"},
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
};

const struct db_area proposal_batch_area = DB_AREA("proposal_batch", queries);

/* Those whose turn it is, locked, as they are now, and judged: certificates, count. 0/-1. */
static int look(struct change *change, struct proposal *proposal, struct err *err)
{
    uint64_t ids[TASK_BATCH];
    struct db_rows rows;

    if (db_select(change->db, change->pool, &queries[SQL_WAITING],
                  DB_ARGS(db_uint(proposal->matter_id), db_uint(TASK_BATCH)), &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++)
        ids[i] = db_as_uint(db_row(&rows, i));
    if (proposal_certificates_of(change->db, change->pool, ids, rows.count, proposal, err) < 0 ||
        proposal_lock(change, proposal, err) < 0 ||
        proposal_certificates_of(change->db, change->pool, ids, rows.count, proposal, err) < 0)
        return -1;
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

/* Nothing waits any more: the matter is closed, and the firms are told. */
static int end(struct change *change, const struct proposal *proposal, struct err *err)
{
    struct matter matter = {.id = proposal->matter_id, .items = proposal->items};
    struct matter_counts counts;

    change->matter_id = proposal->matter_id;
    if (matter_counts(change->db, change->pool, proposal->matter_id, &counts, err) < 0 ||
        db_run(change->db, &queries[SQL_REST_END], DB_ARGS(db_uint(proposal->matter_id)), NULL,
               err) < 0 ||
        outbox_add_done(change, OUTBOX_SANCTION, err) < 0)
        return -1;
    proposal_note(change, proposal, "carried_out",
                  pool_printf(change->pool,
                              "{\"kind\":\"%s\",\"done\":%" PRIu64 ",\"failed\":%" PRIu64 "}",
                              proposal->kind->name, counts.done, counts.failed));
    return matter_move(change->db, &matter, MATTER_OPEN, MATTER_DONE, change->today,
                       change->now_ms, err);
}

int proposal_batch(struct change *change, const struct task *task, size_t *done, struct err *err)
{
    struct actor decider = {.kind = ACTOR_STAFF, .request = ""};
    struct proposal proposal;
    bool more;
    int found = proposal_by_id(change->db, change->pool, change->core, task->matter.id, &proposal,
                               err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "a task without its proposal");
    decider.id = proposal.decided_by;
    change->actor = &decider;
    change->tells_later = true;
    if (look(change, &proposal, err) < 0 || carry_out(change, &proposal, done, err) < 0 ||
        free_objects(change, &proposal, err) < 0)
        return -1;
    more = proposal.count == TASK_BATCH;
    if (task_settle(change, task, more, err) < 0 || (!more && end(change, &proposal, err) < 0))
        return -1;
    return change_end(change, err);
}
