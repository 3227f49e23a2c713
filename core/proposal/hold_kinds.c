#include "core/proposal/hold_kinds.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"
#include "core/register/hold.h"
#include "core/staff/staff.h"

enum { SQL_PLACE, SQL_RELEASE, SQL_PERSON_HELD, SQL_ENTERPRISE_HELD, SQL_LOCK };

static const struct db_query queries[] = {
    [SQL_PLACE] = {"hold_place",
                   "REPLACE INTO hold (subject_kind, subject_id, matter_id, number, legal_basis,"
                   " reason, period_from, period_until, placed_at)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_RELEASE] = {"hold_release", "DELETE FROM hold WHERE subject_kind = ? AND subject_id = ?"},
    [SQL_PERSON_HELD] = {"hold_person", "UPDATE person SET held = ? WHERE id = ?"},
    [SQL_ENTERPRISE_HELD] = {"hold_enterprise", "UPDATE enterprise SET held = ? WHERE id = ?"},
    [SQL_LOCK] = {"hold_lock", "SELECT id FROM enterprise WHERE id = ? FOR UPDATE"},
};

const struct db_area hold_kinds_area = DB_AREA("hold_kinds", queries);

static const char *kind_of(const struct proposal *proposal)
{
    return proposal->person_id ? HOLD_PERSON : HOLD_ENTERPRISE;
}

static uint64_t subject_of(const struct proposal *proposal)
{
    return proposal->person_id ? proposal->person_id : proposal->enterprise_id;
}

static void judge_words(struct change *change, struct proposal *proposal)
{
    if ((proposal->person_id != 0) == (proposal->enterprise_id != 0) || proposal->count != 0)
        proposal_refuse(proposal, "没有选择要锁定的人员或者企业");
    if (!*proposal->legal_basis)
        proposal_refuse(proposal, "没有填写法律依据");
    if (proposal->kind != &hold_place)
        return;
    if (date_is_none(proposal->from))
        proposal_refuse(proposal, "没有填写锁定的起始日期");
    else if (!date_is_none(proposal->until) && (date_compare(proposal->until, change->today) < 0 ||
                                                date_compare(proposal->until, proposal->from) < 0))
        proposal_refuse(proposal, "锁定期已经届满");
}

/* One stands or not; what is over stands in nobody's way. */
static int judge(struct change *change, struct proposal *proposal, struct err *err)
{
    bool place = proposal->kind == &hold_place;
    struct hold hold;
    int found;

    judge_words(change, proposal);
    found = hold_find(change->db, change->pool, kind_of(proposal), subject_of(proposal), &hold,
                      err);
    if (found < 0)
        return -1;
    if (place && found == 1 &&
        (date_is_none(hold.until) || date_compare(hold.until, change->today) >= 0))
        proposal_refuse(proposal,
                        pool_printf(change->pool, "已经锁定（事项 %s）", hold.number));
    if (!place && found == 0)
        proposal_refuse(proposal, "没有锁定，不需要解除");
    return 0;
}

static int mark(struct change *change, const struct proposal *proposal, bool held, struct err *err)
{
    bool person = proposal->person_id != 0;
    int marked = db_change(change->db, &queries[person ? SQL_PERSON_HELD : SQL_ENTERPRISE_HELD],
                           DB_ARGS(db_uint(held), db_uint(subject_of(proposal))), err);

    if (marked < 0)
        return -1;
    if (marked == 0)
        return err_set(err, ERR_NOT_FOUND, 0, "whom the hold is about is not there");
    change->enterprise_id = proposal->enterprise_id;
    change_note(change, proposal->enterprise_id, held ? "hold.place" : "hold.release",
                kind_of(proposal), subject_of(proposal), NULL);
    return 0;
}

static int place(struct change *change, const struct proposal *proposal, struct err *err)
{
    if (db_run(change->db, &queries[SQL_PLACE],
               DB_ARGS(db_text(kind_of(proposal)), db_uint(subject_of(proposal)),
                       db_uint(proposal->matter_id), db_text(proposal->number),
                       db_text(proposal->legal_basis), db_text(proposal->reason),
                       db_date(proposal->from), db_date(proposal->until), db_time(change->now_ms)),
               NULL, err) < 0)
        return -1;
    return mark(change, proposal, true, err);
}

static int release(struct change *change, const struct proposal *proposal, struct err *err)
{
    int released = db_change(change->db, &queries[SQL_RELEASE],
                             DB_ARGS(db_text(kind_of(proposal)), db_uint(subject_of(proposal))), err);

    if (released < 0)
        return -1;
    if (released == 0)
        return err_set(err, ERR_CONFLICT, 0, "the hold is gone");
    return mark(change, proposal, false, err);
}

/* Two decisions about one firm, each under its own proposal, wait for each other; those about a person
 * do so by the person (proposal_decide). */
static int apply(struct change *change, const struct proposal *proposal, struct err *err)
{
    const struct db_value *row;
    struct proposal again = *proposal;

    if (proposal->enterprise_id &&
        db_find(change->db, change->pool, &queries[SQL_LOCK],
                DB_ARGS(db_uint(proposal->enterprise_id)), &row, err) < 0)
        return -1;
    again.refusal_count = 0;
    if (judge(change, &again, err) < 0)
        return -1;
    if (again.refusal_count > 0)
        return err_set(err, ERR_CONFLICT, 0, "somebody decided about the same firm meanwhile");
    return (proposal->kind == &hold_place ? place : release)(change, proposal, err);
}

#define HOLD                                                                                       \
    .item = ITEM_SANCTION, .propose = STAFF_REVIEWER, .decide = STAFF_DECISION,                    \
    .deadline = DEADLINE_HOLD, .judge = judge, .apply = apply

const struct proposal_kind hold_place = {.name = "hold", .label = "锁定", .period = true, HOLD};
const struct proposal_kind hold_release = {.name = "release", .label = "解除锁定", HOLD};
