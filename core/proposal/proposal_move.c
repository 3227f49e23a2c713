/* Proposals opened, decided, taken back: the transactions that proposal.h promises. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/issue/task.h"
#include "core/message/outbox.h"
#include "core/proposal/proposal.h"
#include "core/proposal/proposal_parts.h"
#include "core/queries.h"

enum {
    SQL_ADD, SQL_OBJECT_ADD, SQL_OBJECTS_ADD, SQL_CERTIFICATES_ADD, SQL_TAKEN, SQL_LOCK_PEOPLE, SQL_LOCK_CERTIFICATES,
    SQL_LOCK, SQL_DECIDER, SQL_END, SQL_OBJECTS_END, SQL_CERTIFICATES_DONE, SQL_CERTIFICATES_LEFT
};

static const struct db_query queries[] = {
    [SQL_ADD] = {"proposal_add",
                 "INSERT INTO proposal (matter_id, kind, person_id, enterprise_id, legal_basis,"
                 " reason, period_from, period_until, payload_sealed, proposed_by, proposed_at,"
                 " deadline, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')"},
    [SQL_OBJECT_ADD] = {"proposal_object_add",
                        "INSERT INTO proposal_object (object_kind, object_id, kind, matter_id)"
                        " VALUES (?, ?, ?, ?)"},
    [SQL_OBJECTS_ADD] = {"proposal_objects_add",
                         "INSERT INTO proposal_object (object_kind, object_id, kind, matter_id)"
                         " SELECT 'certificate', c.id, ?, ? FROM certificate c FORCE INDEX (PRIMARY)"
                         " WHERE c.id IN (" SQL_IDS ")"},
    [SQL_CERTIFICATES_ADD] = {"proposal_certificates_add",
                              "INSERT INTO matter_certificate (matter_id, certificate_id, version,"
                              " state) SELECT ?, c.id, c.version, 'waiting'"
                              " FROM certificate c FORCE INDEX (PRIMARY)"
                              " WHERE c.id IN (" SQL_IDS ")"},
    [SQL_TAKEN] = {"proposal_taken",
                   "SELECT o.object_id, m.id, m.item, m.opened_on FROM proposal_object o"
                   " JOIN matter m ON m.id = o.matter_id"
                   " WHERE o.object_kind = ? AND o.object_id IN (" SQL_IDS ") AND o.kind = ?"},
    [SQL_LOCK_PEOPLE] = {"proposal_lock_people",
                         "SELECT id FROM person FORCE INDEX (PRIMARY) WHERE id IN (" SQL_IDS ")"
                         " ORDER BY id FOR UPDATE"},
    [SQL_LOCK_CERTIFICATES] = {"proposal_lock_certificates",
                               "SELECT id FROM certificate FORCE INDEX (PRIMARY)"
                               " WHERE id IN (" SQL_IDS ") ORDER BY id FOR UPDATE"},
    [SQL_LOCK] = {"proposal_lock", "SELECT state FROM proposal WHERE matter_id = ? FOR UPDATE"},
    [SQL_DECIDER] = {"proposal_decider", "SELECT name FROM staff WHERE id = ?"},
    [SQL_END] = {"proposal_end",
                 "UPDATE proposal SET state = ?, decided_by = ?, decided_at = ?,"
                 " decision_text = ? WHERE matter_id = ? AND state = 'waiting'"},
    [SQL_OBJECTS_END] = {"proposal_objects_end", "DELETE FROM proposal_object WHERE matter_id = ?"},
    [SQL_CERTIFICATES_DONE] = {"proposal_certificates_done",
                               "UPDATE matter_certificate mc JOIN certificate c"
                               "   ON c.id = mc.certificate_id"
                               " SET mc.state = 'done', mc.version = c.version"
                               " WHERE mc.matter_id = ?"},
    [SQL_CERTIFICATES_LEFT] = {"proposal_certificates_left",
                               "UPDATE matter_certificate SET state = 'failed', cause = ?"
                               " WHERE matter_id = ?"},
};

const struct db_area proposal_move_area = DB_AREA("proposal_move", queries);

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static int ascending(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

/* Sorted, each once: copied into the pool. */
static uint64_t *ids_sorted(struct pool *pool, const uint64_t *ids, size_t count, size_t *kept)
{
    uint64_t *sorted = pool_array(pool, count + 1, sizeof(*sorted));

    *kept = 0;
    if (count > 0)
        memcpy(sorted, ids, count * sizeof(*ids));
    qsort(sorted, count, sizeof(*sorted), ascending);
    for (size_t i = 0; i < count; i++)
        if (*kept == 0 || sorted[*kept - 1] != sorted[i])
            sorted[(*kept)++] = sorted[i];
    return sorted;
}

/* Judging what is new */

static const char *taken_words(struct change *change, const struct db_value *row)
{
    char number[MATTER_NUMBER_SIZE];

    matter_number_make(item_by_name(db_as_text(&row[2])), db_as_date(&row[3]), db_as_uint(&row[1]),
                       number);
    return pool_printf(change->pool, "已有待决定的同类提请 %s", number);
}

/* Whether one of the same kind waits about any of these: up to SQL_IDS_MAX of them. 0/-1. */
static int taken(struct change *change, const struct proposal *proposal, const char *object_kind,
                 const uint64_t *ids, size_t count, struct db_rows *rows, struct err *err)
{
    struct db_value args[1 + SQL_IDS_MAX + 1] = {db_text(object_kind)};

    queries_list(args + 1, ids, count);
    args[1 + SQL_IDS_MAX] = db_text(proposal->kind->name);
    return db_select(change->db, change->pool, &queries[SQL_TAKEN], args,
                     sizeof(args) / sizeof(*args), rows, err);
}

static int refuse_taken_one(struct change *change, struct proposal *proposal,
                            const char *object_kind, uint64_t id, struct err *err)
{
    struct db_rows rows;

    if (id == 0)
        return 0;
    if (taken(change, proposal, object_kind, &id, 1, &rows, err) < 0)
        return -1;
    if (rows.count > 0)
        proposal_refuse(proposal, taken_words(change, db_row(&rows, 0)));
    return 0;
}

static int refuse_taken(struct change *change, struct proposal *proposal, struct err *err)
{
    uint64_t ids[SQL_IDS_MAX];
    struct db_rows rows;

    for (size_t at = 0; at < proposal->count; at += SQL_IDS_MAX) {
        size_t count = proposal->count - at < SQL_IDS_MAX ? proposal->count - at : SQL_IDS_MAX;

        for (size_t i = 0; i < count; i++)
            ids[i] = proposal->certificates[at + i].id;
        if (taken(change, proposal, "certificate", ids, count, &rows, err) < 0)
            return -1;
        for (size_t r = 0; r < rows.count; r++)
            for (size_t i = at; i < at + count; i++)
                if (proposal->certificates[i].id == db_as_uint(&db_row(&rows, r)[0]))
                    proposal->certificates[i].refusal = taken_words(change, db_row(&rows, r));
    }
    return refuse_taken_one(change, proposal, "person", proposal->person_id, err) < 0
               ? -1
               : refuse_taken_one(change, proposal, "enterprise", proposal->enterprise_id, err);
}

/* As they come back from the vault: no text is NULL. */
static const struct proposal_row *rows_whole(struct pool *pool, const struct proposal_new *what)
{
    struct proposal_row *rows = pool_array(pool, what->row_count + 1, sizeof(*rows));

    for (size_t i = 0; i < what->row_count; i++)
        rows[i] = (struct proposal_row){what->rows[i].key, or_empty(what->rows[i].label),
                                        or_empty(what->rows[i].before),
                                        or_empty(what->rows[i].after)};
    return rows;
}

/* Whether one proposal holds so much. 0/-1 (ERR_LIMIT). */
static int check_size(const struct proposal_new *what, size_t certificates, struct err *err)
{
    size_t most = proposal_kind_most(what->kind), size = 0;

    for (size_t i = 0; i < what->row_count; i++) {
        const struct proposal_row *row = &what->rows[i];

        size += strlen(row->key) + strlen(or_empty(row->label)) + strlen(or_empty(row->before)) +
                strlen(or_empty(row->after)) + 4;
    }
    if (certificates <= most && what->row_count <= PROPOSAL_ROWS && size <= PROPOSAL_ROWS_SIZE)
        return 0;
    return err_set(err, ERR_LIMIT, 0, "%zu certificates, %zu rows of %zu bytes in one proposal",
                   certificates, what->row_count, size);
}

static struct date deadline_of(const struct change *change, const struct proposal_kind *kind)
{
    return date_add_days(change->today,
                         (int32_t)change->core->policy->deadline_days[kind->deadline]);
}

int proposal_judge(struct change *change, const struct proposal_new *what, struct proposal *out,
                   struct err *err)
{
    size_t count;
    const uint64_t *ids = ids_sorted(change->pool, what->certificates, what->count, &count);

    *out = (struct proposal){
        .kind = what->kind,
        .state = PROPOSAL_WAITING,
        .person_id = what->person_id,
        .enterprise_id = what->enterprise_id,
        .holder_name = or_empty(what->holder_name),
        .enterprise_name = or_empty(what->enterprise_name),
        .legal_basis = or_empty(what->legal_basis),
        .reason = or_empty(what->reason),
        .from = what->from,
        .until = what->until,
        .proposed_by = change->actor->id,
        .proposer = "",
        .decider = "",
        .proposed_ms = change->now_ms,
        .deadline = deadline_of(change, what->kind),
        .decision_text = "",
        .rows = rows_whole(change->pool, what),
        .row_count = what->row_count,
    };
    if (check_size(what, count, err) < 0)
        return -1;
    proposal_rows_index(change->pool, out);
    if (proposal_certificates_of(change->db, change->pool, ids, count, out, err) < 0)
        return -1;
    out->items = (unsigned)out->count;
    if (proposal_judge_now(change, out, err) < 0)
        return -1;
    return refuse_taken(change, out, err);
}

/* Opening */

void proposal_note(struct change *change, const struct proposal *proposal, const char *what,
                   const char *detail)
{
    change->matter_id = proposal->matter_id;
    change_note(change, proposal->enterprise_id,
                pool_printf(change->pool, "proposal.%s", what), "matter", proposal->matter_id,
                detail);
}

static void note(struct change *change, const struct proposal *proposal, const char *what)
{
    proposal_note(change, proposal, what,
                  pool_printf(change->pool, "{\"kind\":\"%s\",\"certificates\":%u}",
                              proposal->kind->name, proposal->items));
}

static int matter_add(struct change *change, struct proposal *proposal, struct err *err)
{
    const struct proposal_certificate *only =
        proposal->count == 1 ? &proposal->certificates[0] : NULL;
    struct matter matter;

    if (only && !*proposal->holder_name)
        proposal->holder_name = only->holder_name;
    if (only && !*proposal->enterprise_name)
        proposal->enterprise_name = only->enterprise_name;
    const struct matter_new what = {
        .item = proposal->kind->item,
        .state = MATTER_OPEN,
        .enterprise_name = proposal->enterprise_name,
        .person_id = proposal->person_id ? proposal->person_id : only ? only->person_id : 0,
        .holder_name = proposal->holder_name,
        .items = proposal->items,
    };
    if (matter_open(change->db, change->actor, &what, change->today, change->now_ms, &matter,
                    err) < 0)
        return -1;
    proposal->matter_id = matter.id;
    memcpy(proposal->number, matter.number, sizeof(matter.number));
    return 0;
}

static int proposal_add(struct change *change, const struct proposal *proposal, struct err *err)
{
    struct bytes sealed;

    if (proposal_rows_seal(change->core, change->pool, proposal, &sealed, err) < 0)
        return -1;
    return db_run(change->db, &queries[SQL_ADD],
                  DB_ARGS(db_uint(proposal->matter_id), db_text(proposal->kind->name),
                          db_id(proposal->person_id), db_id(proposal->enterprise_id),
                          db_text(proposal->legal_basis), db_text(proposal->reason),
                          db_date(proposal->from), db_date(proposal->until),
                          db_bytes(sealed.data, sealed.size), db_uint(change->actor->id),
                          db_time(change->now_ms), db_date(proposal->deadline)),
                  NULL, err);
}

/* Somebody else may have been faster since it was judged. */
static int raced(int result, struct err *err)
{
    if (result < 0 && err && err->kind == ERR_DB_DUPLICATE)
        err->kind = ERR_CONFLICT;
    return result;
}

static int object_add(struct change *change, const struct proposal *proposal,
                      const char *object_kind, uint64_t id, struct err *err)
{
    if (id == 0)
        return 0;
    return raced(db_run(change->db, &queries[SQL_OBJECT_ADD],
                        DB_ARGS(db_text(object_kind), db_uint(id), db_text(proposal->kind->name),
                                db_uint(proposal->matter_id)),
                        NULL, err),
                 err);
}

/* Up to SQL_IDS_MAX of its certificates. */
static int certificates_add(struct change *change, const struct proposal *proposal,
                            const struct proposal_certificate *certificates, size_t count,
                            struct err *err)
{
    struct db_value args[2 + SQL_IDS_MAX] = {db_text(proposal->kind->name),
                                             db_uint(proposal->matter_id)};
    uint64_t ids[SQL_IDS_MAX], added;

    for (size_t i = 0; i < count; i++)
        ids[i] = certificates[i].id;
    queries_list(args + 2, ids, count);
    if (raced(db_run(change->db, &queries[SQL_OBJECTS_ADD], args, 2 + SQL_IDS_MAX, NULL, err), err) <
            0 ||
        db_run(change->db, &queries[SQL_CERTIFICATES_ADD], args + 1, 1 + SQL_IDS_MAX, &added, err) <
            0)
        return -1;
    return added == count ? 0 : err_set(err, ERR_CONFLICT, 0, "certificates are gone");
}

static int objects_add(struct change *change, const struct proposal *proposal, struct err *err)
{
    if (object_add(change, proposal, "person", proposal->person_id, err) < 0 ||
        object_add(change, proposal, "enterprise", proposal->enterprise_id, err) < 0)
        return -1;
    for (size_t at = 0; at < proposal->count; at += SQL_IDS_MAX)
        if (certificates_add(change, proposal, proposal->certificates + at,
                             proposal->count - at < SQL_IDS_MAX ? proposal->count - at
                                                                : SQL_IDS_MAX,
                             err) < 0)
            return -1;
    return 0;
}

/* As judge said, of all its certificates. */
static bool all_may(const struct proposal *proposal)
{
    for (size_t i = 0; i < proposal->count; i++)
        if (proposal->certificates[i].refusal)
            return false;
    return proposal->refusal_count == 0;
}

int proposal_open(struct change *change, unsigned roles, const struct proposal_new *what,
                  struct proposal *out, enum proposal_answer *answer, struct err *err)
{
    size_t wanted;

    *out = (struct proposal){.kind = what->kind};
    *answer = PROPOSAL_NOT_YOURS;
    if (change->actor->kind != ACTOR_STAFF || !(roles & what->kind->propose))
        return 0;
    ids_sorted(change->pool, what->certificates, what->count, &wanted);
    if (proposal_judge(change, what, out, err) < 0)
        return -1;
    if (out->count != wanted)
        return err_set(err, ERR_NOT_FOUND, 0, "%zu of %zu certificates are there", out->count,
                       wanted);
    *answer = PROPOSAL_NOT_NOW;
    if (!all_may(out))
        return 0;
    *answer = PROPOSAL_DONE;
    if (matter_add(change, out, err) < 0 || proposal_add(change, out, err) < 0 ||
        objects_add(change, out, err) < 0)
        return -1;
    note(change, out, "open");
    return change_end(change, err);
}

/* Ending */

static int lock_ids(struct change *change, int query, const uint64_t *ids, size_t count,
                    struct err *err)
{
    struct db_value args[SQL_IDS_MAX];
    struct db_rows rows;

    for (size_t at = 0; at < count; at += SQL_IDS_MAX) {
        queries_list(args, ids + at, count - at < SQL_IDS_MAX ? count - at : SQL_IDS_MAX);
        if (db_select(change->db, change->pool, &queries[query], args, SQL_IDS_MAX, &rows, err) < 0)
            return -1;
    }
    return 0;
}

int proposal_lock(struct change *change, const struct proposal *proposal, struct err *err)
{
    uint64_t *ids = pool_array(change->pool, proposal->count + 1, sizeof(*ids));
    const uint64_t *people;
    size_t count = 0;

    for (size_t i = 0; i < proposal->count; i++)
        ids[count++] = proposal->certificates[i].person_id;
    if (proposal->person_id)
        ids[count++] = proposal->person_id;
    people = ids_sorted(change->pool, ids, count, &count);
    if (lock_ids(change, SQL_LOCK_PEOPLE, people, count, err) < 0)
        return -1;
    for (size_t i = 0; i < proposal->count; i++)
        ids[i] = proposal->certificates[i].id;
    return lock_ids(change, SQL_LOCK_CERTIFICATES, ids, proposal->count, err);
}

/* The objects, and the proposal behind them; one that is spread touches no object yet. 1; 0: it does
 * not wait any more; -1. */
static int lock(struct change *change, const struct proposal *proposal, struct err *err)
{
    const struct db_value *row;

    if (!proposal_spread(proposal) && proposal_lock(change, proposal, err) < 0)
        return -1;
    if (db_one(change->db, change->pool, &queries[SQL_LOCK],
               DB_ARGS(db_uint(proposal->matter_id)), &row, err) < 0)
        return -1;
    return strcmp(db_as_text(&row[0]), PROPOSAL_WAITING) == 0;
}

static int certificates_end(struct change *change, const struct proposal *proposal,
                            const char *state, struct err *err)
{
    const struct db_value id = db_uint(proposal->matter_id);

    if (strcmp(state, PROPOSAL_APPLIED) == 0)
        return db_run(change->db, &queries[SQL_CERTIFICATES_DONE], DB_ARGS(id), NULL, err);
    if (proposal->kind->leave && proposal->kind->leave(change, proposal, err) < 0)
        return -1;
    return db_run(change->db, &queries[SQL_CERTIFICATES_LEFT], DB_ARGS(db_text(state), id), NULL,
                  err);
}

/* Who it was, when, what was said. */
static int decision_add(struct change *change, struct proposal *proposal, const char *state,
                        const char *text, struct err *err)
{
    bool withdrawn = strcmp(state, PROPOSAL_WITHDRAWN) == 0;
    int ended = db_change(change->db, &queries[SQL_END],
                          DB_ARGS(db_text(state), withdrawn ? db_null() : db_uint(change->actor->id),
                                  db_time(change->now_ms), db_text(or_empty(text)),
                                  db_uint(proposal->matter_id)),
                          err);

    if (ended < 0)
        return -1;
    if (ended == 0)
        return err_set(err, ERR_CONFLICT, 0, "matter %" PRIu64 " was decided meanwhile",
                       proposal->matter_id);
    proposal->state = state;
    proposal->decided_by = withdrawn ? 0 : change->actor->id;
    proposal->decided_ms = change->now_ms;
    proposal->decision_text = or_empty(text);
    note(change, proposal, state);
    return 0;
}

/* The same; the matter is closed, and its objects are free. */
static int end(struct change *change, struct proposal *proposal, const char *state,
               const char *matter_state, const char *text, struct err *err)
{
    const struct db_value id = db_uint(proposal->matter_id);
    struct matter matter = {.id = proposal->matter_id, .items = proposal->items};

    if (decision_add(change, proposal, state, text, err) < 0 ||
        db_run(change->db, &queries[SQL_OBJECTS_END], DB_ARGS(id), NULL, err) < 0 ||
        certificates_end(change, proposal, state, err) < 0)
        return -1;
    if (matter_move(change->db, &matter, MATTER_OPEN, matter_state, change->today, change->now_ms,
                    err) < 0)
        return -1;
    return change_end(change, err);
}

/* Agreed to; an issuer carries it out. */
static int begin(struct change *change, struct proposal *proposal, const char *text,
                 struct err *err)
{
    if (decision_add(change, proposal, PROPOSAL_APPLIED, text, err) < 0 ||
        task_add(change->db, proposal->matter_id, change->now_ms, err) < 0)
        return -1;
    proposal->running = true;
    proposal->progress = (struct matter_counts){.waiting = proposal->items};
    return change_end(change, err);
}

/* Found, and locked while it waits. *answer is OVER where it does not. 0/-1. */
static int take(struct change *change, struct proposal *out, enum proposal_answer *answer,
                struct err *err)
{
    int waits = lock(change, out, err);

    *answer = waits == 1 ? PROPOSAL_DONE : PROPOSAL_OVER;
    return waits < 0 ? -1 : 0;
}

/* Is the actor somebody else than who proposed it? 1/0/-1. */
static int another(struct change *change, const struct proposal *proposal, struct err *err)
{
    const struct db_value *row;
    int found = db_find(change->db, change->pool, &queries[SQL_DECIDER],
                        DB_ARGS(db_uint(change->actor->id)), &row, err);

    if (found != 1)
        return found;
    return !proposal_by(proposal, change->actor->id, db_as_text(&row[0]));
}

int proposal_decide(struct change *change, unsigned roles, const char *number, bool approve,
                    const char *text, struct proposal *out, enum proposal_answer *answer,
                    struct err *err)
{
    int found = proposal_find(change->db, change->pool, change->core, number, out, err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "no such proposal");
    *answer = PROPOSAL_NOT_YOURS;
    if (change->actor->kind != ACTOR_STAFF || !(roles & out->kind->decide))
        return 0;
    found = another(change, out, err);
    if (found != 1)
        return found;
    if (take(change, out, answer, err) < 0)
        return -1;
    if (*answer != PROPOSAL_DONE)
        return 0;
    if (!approve) {
        change->matter_id = out->matter_id;
        /* Firms know of what came in at the window; of sanctions that come to nothing they hear nothing. */
        if ((out->kind->item == ITEM_NAME_CHANGE || out->kind->item == ITEM_CORRECTION) &&
            outbox_add_matter(change, OUTBOX_REFUSED, err) < 0)
            return -1;
        return end(change, out, PROPOSAL_REFUSED, MATTER_REFUSED, text, err);
    }
    /* As they are now that nobody else can change them. */
    if (proposal_certificates(change->db, change->pool, out, 0, PROPOSAL_AT_ONCE, err) < 0 ||
        proposal_judge_now(change, out, err) < 0)
        return -1;
    *answer = proposal_allowed(out) ? PROPOSAL_DONE : PROPOSAL_NOT_NOW;
    if (*answer == PROPOSAL_NOT_NOW)
        return 0;
    change->matter_id = out->matter_id;
    if (proposal_spread(out))
        return begin(change, out, text, err);
    if (out->kind->apply(change, out, err) < 0)
        return -1;
    return end(change, out, PROPOSAL_APPLIED, MATTER_DONE, text, err);
}

int proposal_withdraw(struct change *change, const char *number, struct proposal *out,
                      enum proposal_answer *answer, struct err *err)
{
    int found = proposal_find(change->db, change->pool, change->core, number, out, err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "no such proposal");
    *answer = PROPOSAL_NOT_YOURS;
    if (change->actor->kind != ACTOR_STAFF || change->actor->id != out->proposed_by)
        return 0;
    if (take(change, out, answer, err) < 0)
        return -1;
    if (*answer != PROPOSAL_DONE)
        return 0;
    return end(change, out, PROPOSAL_WITHDRAWN, MATTER_ABANDONED, NULL, err);
}
