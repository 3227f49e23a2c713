#include "core/item/filing.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/memo.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/text.h"
#include "core/evidence/evidence.h"
#include "core/queries.h"
#include "core/register/certificate.h"

enum { SEEN_MAX = 256 * 1024, SWEEP_BATCH = 200, POOL_KEEP = 256 * 1024 };

enum { SQL_PENDING, SQL_STALE };

static const struct db_query queries[] = {
    [SQL_PENDING] = {"filing_pending",
                     "SELECT c.id, c.version, c.state FROM matter_certificate mc"
                     " JOIN certificate c ON c.id = mc.certificate_id"
                     " WHERE mc.matter_id = ? AND c.pending_matter_id = ?"
                     " ORDER BY c.id FOR UPDATE"},
    [SQL_STALE] = {"filing_stale",
                   "SELECT m.id, m.item, m.opened_on, m.enterprise_id FROM matter m"
                   " WHERE m.state = ? AND m.opened_on < ? AND IFNULL(m.moved_on, m.opened_on) < ?"
                   " AND m.id > ? ORDER BY m.id LIMIT 200"},
};

const struct db_area filing_area = DB_AREA("filing", queries);

static const struct procedure *const procedures[] = {
    &procedure_apply,
    &procedure_transfer,
    &procedure_cancel,
    &procedure_departure,
};

static const struct procedure *procedure_of(enum item item)
{
    if (item == ITEM_RENEW)
        item = ITEM_APPLY;
    for (size_t i = 0; i < sizeof(procedures) / sizeof(procedures[0]); i++)
        if (procedures[i]->item == item)
            return procedures[i];
    err_fatal("item %d is no filing", (int)item);
}

/* Subjects */

struct subject *subject_add(struct filing *filing, enum act act, struct holding *holding)
{
    struct subject *subject = &filing->subjects[filing->count++];

    subject->act = act;
    subject->holding = holding;
    if (holding) {
        holding->chosen = true;
        subject->class_code = holding->class_code;
        subject->post = holding->post;
        subject->legal = holding_legal(holding);
        subject->first_issued = holding->first_issued;
        subject->valid_from = holding->valid_from;
        subject->valid_until = holding->valid_until;
    }
    return subject;
}

void subjects_add_own(struct filing *filing, enum act act)
{
    struct facts *facts = &filing->facts;

    for (int held = 1; held >= 0 && filing->count == 0; held--)
        for (size_t i = 0; i < facts->holding_count; i++) {
            struct holding *holding = &facts->holdings[i];

            if (!holding->paper && holding->enterprise_id == facts->firm.id &&
                holding_held(holding) == held)
                subject_add(filing, act, holding);
        }
}

bool subject_chosen(const struct subject *subject)
{
    return !subject->holding || subject->holding->chosen;
}

const char *subject_words(struct pool *pool, const struct subject *subject)
{
    return pool_printf(pool, "%s证　%s", subject->class_code,
                       subject->holding ? subject->holding->number : act_label(subject->act));
}

struct certificate_was holding_was(const struct holding *holding)
{
    return (struct certificate_was){holding->id, holding->version, holding->state,
                                    holding->pending_id};
}

struct certificate_face subject_face(const struct filing *filing,
                                     const struct subject *subject, const char *number)
{
    const struct facts *facts = &filing->facts;

    return (struct certificate_face){
        .number = number,
        .class_code = subject->class_code,
        .person_id = facts->person.id,
        .enterprise_id = facts->firm.id,
        .enterprise_name = facts->firm.name,
        .holder_name = facts->person.name,
        .sex = facts->person.sex,
        .birth = facts->person.birth,
        .post = subject->post,
        .first_issued = subject->first_issued,
        .valid_from = subject->valid_from,
        .valid_until = subject->valid_until,
        .held_since = subject->holding && subject->act != ACT_TRANSFER
                          ? subject->holding->held_since
                          : facts->today,
        .capture_id = facts->person.capture_id,
    };
}

/* Judging */

static void judge(struct change *change, struct filing *filing, struct subject *subject)
{
    struct facts *facts = &filing->facts;

    facts->holding = subject->holding;
    facts->class_code = subject->class_code;
    facts->legal = subject->legal;
    facts->exam = subject->exam;
    rules_judge(change->pool, change->core->policy, subject->act, facts, &subject->verdict);
}

/* Those that would not be allowed stay behind: were there any? */
static bool drop_out(struct filing *filing)
{
    bool any = false;

    for (size_t i = 0; i < filing->count; i++) {
        const struct subject *subject = &filing->subjects[i];

        if (!subject->holding || !subject->holding->chosen || subject->verdict.allowed)
            continue;
        subject->holding->chosen = false;
        any = true;
    }
    return any;
}

/* What may not come stays where it is, and that can decide about the others: until nothing more
 * drops out. */
static void judge_all(struct change *change, struct filing *filing)
{
    do {
        for (size_t i = 0; i < filing->count; i++)
            if (subject_chosen(&filing->subjects[i]))
                judge(change, filing, &filing->subjects[i]);
    } while (drop_out(filing));
    filing->allowed = false;
    for (size_t i = 0; i < filing->count; i++)
        filing->allowed = filing->allowed || filing->subjects[i].verdict.allowed;
}

static void seen_add(struct text *seen, const struct subject *subject)
{
    const struct holding *holding = subject->holding;
    char from[11], until[11];

    date_format(subject->valid_from, from);
    date_format(subject->valid_until, until);
    text_printf(seen, "%d,%s,%s,%s,%s,%" PRIu64 ";", subject->act, subject->class_code,
                subject->post ? subject->post : "", from, until,
                subject->exam ? subject->exam->id : 0);
    if (holding)
        text_printf(seen, "%" PRIu64 ",%u,%s,%" PRIu64 ",%" PRIu64 ";", holding->id,
                    holding->version, holding->state, holding->enterprise_id, holding->pending_id);
    for (size_t i = 0; i < subject->verdict.count; i++)
        text_printf(seen, "%d%s|", subject->verdict.findings[i].passed,
                    subject->verdict.findings[i].fact);
}

static void seen_make(struct change *change, struct filing *filing)
{
    const struct facts *facts = &filing->facts;
    const struct holder *person = &facts->person;
    char birth[11];
    uint8_t hash[32];
    struct text seen;

    date_format(person->birth, birth);
    text_init(&seen, change->pool, SEEN_MAX);
    text_printf(&seen, "%s|%s|%u|%s|%s|%s|%" PRIu64 "|", facts->firm.name, person->name,
                person->sex, birth, person->id_type, person->id_no_masked, person->capture_id);
    for (size_t i = 0; i < filing->count; i++)
        seen_add(&seen, &filing->subjects[i]);
    sha256(seen.data, seen.length, hash);
    hex_encode(hash, sizeof(hash), filing->seen);
}

static unsigned to_know(const struct procedure *procedure, const char *wish)
{
    return rules_know(procedure->acts_for ? procedure->acts_for(wish) : procedure->acts);
}

/* Facts, subjects, verdicts. 1/0/-1. */
static int look(struct change *change, const struct procedure *procedure,
                struct filing *filing, struct err *err)
{
    int found = facts_load(change->db, change->pool, change->core, filing->matter.person_id,
                           change->enterprise_id, change->today,
                           to_know(procedure, filing->matter.wish), &filing->facts, err);

    if (found != 1)
        return found;
    filing->subjects = pool_array(change->pool, filing->facts.holding_count + 1,
                                  sizeof(*filing->subjects));
    filing->count = 0;
    procedure->select(change, filing);
    judge_all(change, filing);
    seen_make(change, filing);
    return 1;
}

unsigned filing_evidence(enum item item)
{
    unsigned know = rules_know(procedure_of(item)->acts);

    return (know & KNOW_EXAMS ? EVIDENCE_BIT(EVIDENCE_EXAM) : 0) |
           (know & KNOW_INSURANCE ? EVIDENCE_BIT(EVIDENCE_INSURANCE) : 0) |
           (know & KNOW_EDUCATION ? EVIDENCE_BIT(EVIDENCE_EDUCATION) : 0);
}

/* Opening */

static int refusal_record(struct change *change, struct filing *filing, struct err *err)
{
    unsigned position = 0;

    for (size_t i = 0; i < filing->count; i++) {
        const struct subject *subject = &filing->subjects[i];

        if (matter_findings_add(change->db, filing->matter.id,
                                subject_words(change->pool, subject), &subject->verdict, &position,
                                err) < 0)
            return -1;
    }
    return 0;
}

static const char *refused_rules(struct change *change, const struct filing *filing)
{
    const struct verdict **verdicts = pool_array(change->pool, filing->count, sizeof(*verdicts));

    for (size_t i = 0; i < filing->count; i++)
        verdicts[i] = &filing->subjects[i].verdict;
    return rules_failed(change->pool, verdicts, filing->count);
}

/* "transfer.query", "transfer.refused" … */
static void note(struct change *change, const struct filing *filing, const char *what,
                 const char *detail)
{
    change->matter_id = filing->matter.id;
    change_note(change, change->enterprise_id,
                pool_printf(change->pool, "%s.%s", item_name(filing->matter.item), what),
                "person", filing->matter.person_id, detail);
}

int filing_judge(struct change *change, enum item item, uint64_t person_id, const char *wish,
                 struct filing *out, struct err *err)
{
    *out = (struct filing){
        .matter = {.item = item, .person_id = person_id, .wish = wish}
    };
    return look(change, procedure_of(item), out, err);
}

/* A clerk confirms or takes back what he began; whoever leaves hundreds tries people out. 0/-1. */
static int bound(struct change *change, enum item item, struct err *err)
{
    const int64_t most = change->core->policy->drafts_max;
    uint64_t drafts;

    if (most == 0)
        return 0;
    if (matter_drafts(change->db, change->pool, change->enterprise_id, procedure_of(item)->item,
                      2 * (size_t)most, &drafts, err) < 0)
        return -1;
    if (drafts < (uint64_t)most)
        return 0;
    return err_set(err, ERR_LIMIT, FILING_DRAFTS, "the firm has %" PRIu64 " drafts of this item", drafts);
}

int filing_open(struct change *change, enum item item, uint64_t person_id, const char *wish,
                struct filing *out, struct err *err)
{
    int found = bound(change, item, err);

    if (found == 0)
        found = filing_judge(change, item, person_id, wish, out, err);
    if (found < 0)
        return -1;
    if (found == 0 || out->count == 0)
        return err_set(err, ERR_NOT_FOUND, 0, "the person has nothing to act upon");
    const struct matter_new what = {
        .item = act_item(out->subjects[0].act),
        .state = out->allowed ? MATTER_DRAFT : MATTER_REFUSED,
        .enterprise_id = change->enterprise_id,
        .enterprise_name = out->facts.firm.name,
        .person_id = person_id,
        .holder_name = out->facts.person.name,
        .wish = wish,
        .items = (unsigned)out->count,
    };
    if (matter_open(change->db, change->actor, &what, change->today, change->now_ms, &out->matter,
                    err) < 0)
        return -1;
    memo_put(change->core->persons, out->matter.id, person_id);
    note(change, out, out->allowed ? "query" : "refused",
         out->allowed ? NULL : refused_rules(change, out));
    if (!out->allowed && refusal_record(change, out, err) < 0)
        return -1;
    return change_end(change, err) < 0 ? -1 : out->allowed;
}

void filing_ahead(struct change *change, enum item item, const char *number)
{
    uint64_t id, person_id;
    struct date opened_on;
    enum item letters;

    if (!matter_number_parse(number, &letters, &opened_on, &id))
        return;
    matter_find_ahead(change->db, change->pool, number, change->enterprise_id);
    person_id = memo_get(change->core->persons, id);
    if (person_id)
        facts_load_ahead(change->db, change->pool, person_id, change->enterprise_id,
                         to_know(procedure_of(item), ""));
}

int filing_find(struct change *change, enum item item, const char *number, struct filing *out,
                struct err *err)
{
    const struct procedure *procedure = procedure_of(item);
    int found =
        matter_find(change->db, change->pool, number, change->enterprise_id, &out->matter, err);

    if (found == 1 && (out->matter.person_id == 0 || out->matter.parent_id != 0 ||
                       procedure_of(out->matter.item) != procedure))
        return 0;
    if (found != 1 || strcmp(out->matter.state, MATTER_DRAFT) != 0)
        return found;
    memo_put(change->core->persons, out->matter.id, out->matter.person_id);
    return look(change, procedure, out, err);
}

/* Confirming */

/* Marks what the clerk ticked; without a choice all is meant, whatever dropped out before. 0/-1
 * (ERR_NOT_FOUND). */
static int choose(const struct procedure *procedure, struct filing *filing,
                  const struct filing_choice *choice, struct err *err)
{
    size_t matched = 0;

    for (size_t i = 0; i < filing->count && !procedure->chooses; i++)
        if (filing->subjects[i].holding)
            filing->subjects[i].holding->chosen = true;
    if (!procedure->chooses)
        return 0;
    for (size_t i = 0; i < filing->count; i++) {
        struct holding *holding = filing->subjects[i].holding;

        holding->chosen = false;
        for (size_t c = 0; c < choice->count; c++)
            holding->chosen = holding->chosen || choice->ids[c] == holding->id;
        matched += holding->chosen;
    }
    if (matched != choice->count || matched == 0)
        return err_set(err, ERR_NOT_FOUND, 0, "%zu of %zu certificates are the matter's", matched,
                       choice->count);
    return 0;
}

/* All of the chosen, with exactly these chosen. */
static bool judge_chosen(struct change *change, struct filing *filing,
                         const struct filing_choice *choice)
{
    bool allowed = true;

    filing->facts.reason_given = choice->reason_code != NULL;
    for (size_t i = 0; i < filing->count; i++) {
        struct subject *subject = &filing->subjects[i];

        if (!subject_chosen(subject))
            continue;
        judge(change, filing, subject);
        allowed = allowed && subject->verdict.allowed;
    }
    return allowed;
}

/* What was not chosen is not part of the refusal. */
static int confirm_refuse(struct change *change, struct filing *filing, struct err *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < filing->count; i++)
        if (subject_chosen(&filing->subjects[i]))
            filing->subjects[kept++] = filing->subjects[i];
    filing->count = kept;
    filing->allowed = false;
    if (matter_move(change->db, &filing->matter, MATTER_DRAFT, MATTER_REFUSED, change->today,
                    change->now_ms, err) < 0 ||
        refusal_record(change, filing, err) < 0)
        return -1;
    note(change, filing, "refused", refused_rules(change, filing));
    return change_end(change, err);
}

/* The firm where it matters who leads it, the person, then the draft: everybody locks in this order.
 * 1/0/-1. */
static int lock(struct change *change, const struct procedure *procedure, const char *number,
                struct filing *out, struct err *err)
{
    int found =
        matter_find(change->db, change->pool, number, change->enterprise_id, &out->matter, err);

    if (found != 1)
        return found;
    if (out->matter.person_id == 0 || out->matter.parent_id != 0 ||
        procedure_of(out->matter.item) != procedure)
        return 0;
    if ((strcmp(out->matter.wish, FILING_LEGAL) == 0 &&
         facts_lock_firm(change->db, change->enterprise_id, err) < 0) ||
        facts_lock(change->db, change->pool, out->matter.person_id, err) < 0)
        return -1;
    return matter_lock(change->db, change->pool, number, change->enterprise_id, &out->matter, err);
}

int filing_confirm(struct change *change, enum item item, const char *number,
                   const struct filing_choice *choice, struct filing *out, struct err *err)
{
    const struct procedure *procedure = procedure_of(item);
    int found = lock(change, procedure, number, out, err);

    if (found < 0)
        return -1;
    if (found == 0)
        return err_set(err, ERR_NOT_FOUND, 0, "no such matter of this firm");
    if (strcmp(out->matter.state, MATTER_DRAFT) != 0)
        return err_set(err, ERR_CONFLICT, 0, "matter is %s", out->matter.state);
    found = look(change, procedure, out, err);
    if (found < 0)
        return -1;
    if (found == 0 || out->count == 0)
        return err_set(err, ERR_CONFLICT, 0, "there is nothing left to act upon");
    bool same = choice->seen && strcmp(choice->seen, out->seen) == 0;
    if (choose(procedure, out, choice, err) < 0)
        return -1;
    if (!judge_chosen(change, out, choice))
        return confirm_refuse(change, out, err) < 0 ? -1 : 0;
    if (!same || act_item(out->subjects[0].act) != out->matter.item)
        return err_set(err, ERR_CONFLICT, 0, "the facts have changed since they were shown");
    change->matter_id = out->matter.id;
    if (procedure->perform(change, out, choice, err) < 0)
        return -1;
    return change_end(change, err) < 0 ? -1 : 1;
}

/* Taking back */

int filing_release(struct change *change, uint64_t matter_id, struct err *err)
{
    struct db_rows rows;

    if (db_select(change->db, change->pool, &queries[SQL_PENDING],
                  DB_ARGS(db_uint(matter_id), db_uint(matter_id)), &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        const struct certificate_was was = {db_as_uint(&row[0]), (unsigned)db_as_uint(&row[1]),
                                            db_as_text(&row[2]), matter_id};

        if (change_pending(change, &was, 0, err) < 0)
            return -1;
    }
    return 0;
}

int filing_abandon(struct change *change, enum item item, const char *number, struct err *err)
{
    struct filing filing = {.count = 0};
    const char *state;
    int found = lock(change, procedure_of(item), number, &filing, err);

    if (found != 1)
        return found;
    state = filing.matter.state;
    if (strcmp(state, MATTER_DRAFT) != 0 && strcmp(state, MATTER_SIGNING) != 0)
        return 0;
    if (filing_release(change, filing.matter.id, err) < 0 ||
        matter_move(change->db, &filing.matter, state, MATTER_ABANDONED, change->today,
                    change->now_ms, err) < 0)
        return -1;
    note(change, &filing, "abandon", NULL);
    return change_end(change, err) < 0 ? -1 : 1;
}

/* One that is too old, for the transaction around it. */
struct stale {
    struct change change;
    enum item item;
    char number[MATTER_NUMBER_SIZE];
    int taken; /* back; 0 where somebody was faster */
};

static int stale_abandon(void *context, struct err *err)
{
    struct stale *stale = context;

    stale->change.events = NULL;
    stale->change.count = stale->change.room = 0;
    stale->taken = filing_abandon(&stale->change, stale->item, stale->number, err);
    return stale->taken < 0 ? -1 : 0;
}

static int sweep_state(struct db *db, struct pool *pool, const struct core *core, const char *state,
                       int64_t days, struct date today, int64_t now_ms, uint64_t *count,
                       struct err *err)
{
    static const struct actor actor = {ACTOR_SYSTEM, 0, ""};
    const struct db_value before = db_date(date_add_days(today, -(int)days));
    uint64_t after = 0;
    struct db_rows rows;

    do {
        pool_reset(pool);
        if (db_select(db, pool, &queries[SQL_STALE],
                      DB_ARGS(db_text(state), before, before, db_uint(after)), &rows, err) < 0)
            return -1;
        for (size_t i = 0; i < rows.count; i++) {
            const struct db_value *row = db_row(&rows, i);
            struct stale stale = {
                .change = {.db = db,
                           .pool = pool,
                           .core = core,
                           .actor = &actor,
                           .enterprise_id = db_as_uint(&row[3]),
                           .today = today,
                           .now_ms = now_ms},
                .item = item_by_name(db_as_text(&row[1]))
            };

            after = db_as_uint(&row[0]);
            matter_number_make(stale.item, db_as_date(&row[2]), after, stale.number);
            if (db_transact(db, stale_abandon, &stale, err) < 0)
                return -1;
            *count += (uint64_t)stale.taken;
        }
    } while (rows.count == SWEEP_BATCH);
    return 0;
}

int filing_sweep(struct db *db, const struct core *core, struct date today, int64_t now_ms,
                 uint64_t *count, struct err *err)
{
    const struct {
        const char *state;
        int64_t days;
    } waits[] = {
        {MATTER_DRAFT, core->policy->draft_days},
        {MATTER_SIGNING, core->policy->signing_days},
    };
    struct pool *pool = pool_new(POOL_KEEP, 0);
    int result = 0;

    *count = 0;
    for (size_t i = 0; result == 0 && i < sizeof(waits) / sizeof(waits[0]); i++)
        result =
            sweep_state(db, pool, core, waits[i].state, waits[i].days, today, now_ms, count, err);
    pool_free(&pool);
    return result;
}
