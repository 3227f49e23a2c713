/* 电子证书申领: initial, 法定代表人 A, renewal, 外省市企业继续教育. */
#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/item/filing.h"
#include "core/register/certificate.h"
#include "core/queries.h"
#include "core/rules/rule.h"
#include "core/register/serial.h"

enum { SQL_EXAM_USED };

static const struct db_query queries[] = {
    [SQL_EXAM_USED] = {"apply_exam_used", "UPDATE exam_result SET certificate_id = ?"
                                          " WHERE id = ? AND certificate_id IS NULL"},
};

const struct db_area apply_area = DB_AREA("apply", queries);

static bool asked_for(const struct holding *holding, const char *wish)
{
    if (strcmp(wish, "C") == 0)
        return rule_is_c(holding->class_code);
    if (strcmp(wish, FILING_LEGAL) == 0)
        return holding_legal(holding);
    return strcmp(holding->class_code, wish) == 0;
}

/* What is held in this firm and was asked for: it can be renewed. */
static struct holding *held_here(struct facts *facts, const char *wish)
{
    for (size_t i = 0; i < facts->holding_count; i++) {
        struct holding *holding = &facts->holdings[i];

        if (!holding->paper && holding->enterprise_id == facts->firm.id && holding_held(holding) &&
            asked_for(holding, wish))
            return holding;
    }
    return NULL;
}

/* The A whose dates a legal representative takes over. */
static const struct holding *held_elsewhere(const struct facts *facts)
{
    for (size_t i = 0; i < facts->holding_count; i++) {
        const struct holding *holding = &facts->holdings[i];

        if (!holding->paper && strcmp(holding->class_code, "A") == 0 &&
            strcmp(holding->state, STATE_VALID) == 0 && holding->enterprise_id != facts->firm.id)
            return holding;
    }
    return NULL;
}

static void renewal_add(struct change *change, struct filing *filing,
                        struct holding *holding)
{
    bool local = filing->facts.firm.local;
    struct subject *subject =
        subject_add(filing, local ? ACT_RENEW : ACT_RENEW_OUTSIDE, holding);

    subject->valid_from = date_add_days(holding->valid_until, 1);
    subject->valid_until =
        date_term_end(subject->valid_from, (int)change->core->policy->valid_years);
}

static void issue_add(struct change *change, struct filing *filing, bool legal,
                      const char *class_code)
{
    const struct facts *facts = &filing->facts;
    const struct holding *other = legal ? held_elsewhere(facts) : NULL;
    struct subject *subject = subject_add(filing, legal ? ACT_LEGAL : ACT_ISSUE, NULL);

    subject->exam = other ? NULL : rules_exam(facts, class_code);
    subject->legal = legal;
    subject->class_code = subject->exam ? subject->exam->class_code : class_code;
    subject->post = legal ? POST_LEGAL : subject->exam ? subject->exam->post : NULL;
    subject->first_issued = other ? other->first_issued : facts->today;
    subject->valid_from = other ? other->valid_from : facts->today;
    subject->valid_until =
        other ? other->valid_until
              : date_term_end(facts->today, (int)change->core->policy->valid_years);
}

/* An exam of another C class that made no certificate yet is meant, not the C that is held. */
static bool exam_meant(const struct facts *facts, const struct holding *holding, const char *wish)
{
    const struct exam *exam = rules_exam(facts, wish);

    return strcmp(wish, "C") == 0 && exam && !exam->certificate_id &&
           strcmp(exam->class_code, holding->class_code) != 0;
}

/* What ended here, for somebody who has nothing else that a new certificate could be made of: its
 * renewal comes too late, and that is what is to be said (R6). The last one to end. */
static struct holding *ended_here(struct facts *facts, const char *wish)
{
    bool legal = strcmp(wish, FILING_LEGAL) == 0;
    const struct exam *exam = rules_exam(facts, legal ? "A" : wish);
    struct holding *ended = NULL;

    if ((exam && !exam->certificate_id) || (legal && held_elsewhere(facts)))
        return NULL;
    for (size_t i = 0; i < facts->holding_count; i++) {
        struct holding *holding = &facts->holdings[i];

        if (!holding->paper && holding->enterprise_id == facts->firm.id &&
            strcmp(holding->state, STATE_EXPIRED) == 0 && asked_for(holding, wish) &&
            (!ended || date_compare(holding->valid_until, ended->valid_until) > 0))
            ended = holding;
    }
    return ended;
}

static void select_apply(struct change *change, struct filing *filing)
{
    const char *wish = filing->matter.wish;
    struct holding *holding = held_here(&filing->facts, wish);
    bool legal = strcmp(wish, FILING_LEGAL) == 0;

    if (!holding)
        holding = ended_here(&filing->facts, wish);
    if (holding && !exam_meant(&filing->facts, holding, wish))
        renewal_add(change, filing, holding);
    else
        issue_add(change, filing, legal, legal ? "A" : wish);
}

static int issue(struct change *change, struct filing *filing,
                 const struct subject *subject, struct err *err)
{
    char number[NUMBER_SIZE];
    struct certificate_face face;
    uint64_t id;
    int used;

    if (serial_next(change->db, change->pool, change->core, subject->class_code, change->today.year,
                    number, err) < 0)
        return -1;
    face = subject_face(filing, subject, number);
    if (change_issue(change, &face, act_name(subject->act), NULL, &id, err) < 0)
        return -1;
    if (!subject->exam)
        return 0;
    used = db_change(change->db, &queries[SQL_EXAM_USED],
                     DB_ARGS(db_uint(id), db_uint(subject->exam->id)), err);
    if (used == 0)
        return err_set(err, ERR_CONFLICT, 0, "exam %" PRIu64 " was used meanwhile",
                       subject->exam->id);
    return used < 0 ? -1 : 0;
}

static int renew(struct change *change, struct filing *filing,
                 const struct subject *subject, struct err *err)
{
    const struct certificate_was was = holding_was(subject->holding);
    struct certificate_face face = subject_face(filing, subject, subject->holding->number);

    return change_version(change, &was, &face, act_name(subject->act), err) < 0 ||
                   matter_certificate_add(change->db, change->matter_id, was.id, was.version + 1,
                                          err) < 0
               ? -1
               : 0;
}

static int perform_apply(struct change *change, struct filing *filing,
                         const struct filing_choice *choice, struct err *err)
{
    const struct subject *subject = &filing->subjects[0];
    int done = subject->holding ? renew(change, filing, subject, err)
                                : issue(change, filing, subject, err);

    (void)choice;
    if (done < 0)
        return -1;
    filing->matter.items = 1;
    return matter_move(change->db, &filing->matter, MATTER_DRAFT, MATTER_DONE, change->today,
                       change->now_ms, err);
}

#define RENEWALS (ACT_BIT(ACT_RENEW) | ACT_BIT(ACT_RENEW_OUTSIDE))

static unsigned acts_for(const char *wish)
{
    return RENEWALS | ACT_BIT(strcmp(wish, FILING_LEGAL) == 0 ? ACT_LEGAL : ACT_ISSUE);
}

const struct procedure procedure_apply = {
    .item = ITEM_APPLY,
    .acts = RENEWALS | ACT_BIT(ACT_ISSUE) | ACT_BIT(ACT_LEGAL),
    .acts_for = acts_for,
    .chooses = false,
    .select = select_apply,
    .perform = perform_apply};
