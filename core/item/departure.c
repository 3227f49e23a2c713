/* 出具离沪证明: B and C always leave together, A as the clerk chooses (R18). */
#include "base/err.h"
#include "core/item/filing.h"
#include "core/register/certificate.h"
#include "core/issue/job.h"

static void select_departure(struct change *change, struct filing *filing)
{
    subjects_add_own(filing, ACT_DEPART);
    for (size_t i = 0; i < filing->count; i++)
        filing->subjects[i].locked =
            rules_departure_locked(change->core->policy, filing->subjects[i].class_code);
}

static int perform_departure(struct change *change, struct filing *filing,
                             const struct filing_choice *choice, struct err *err)
{
    const struct job_new job = {.kind = "departure",
                                .proof_id = change->matter_id,
                                .matter_id = change->matter_id,
                                .enterprise_id = change->enterprise_id};

    for (size_t i = 0; i < filing->count; i++) {
        const struct certificate_was was = holding_was(filing->subjects[i].holding);

        if (!subject_chosen(&filing->subjects[i]))
            continue;
        if (change_state(change, &was, STATE_DEPARTED, act_name(ACT_DEPART), NULL, NULL, err) < 0 ||
            matter_certificate_add(change->db, change->matter_id, was.id, was.version, err) < 0)
            return -1;
    }
    filing->matter.items = (unsigned)choice->count;
    filing->matter.province = choice->province;
    if (matter_proof(change->db, change->matter_id, choice->province, err) < 0 ||
        job_add(change->db, &job, change->now_ms, err) < 0)
        return -1;
    return matter_move(change->db, &filing->matter, MATTER_DRAFT, MATTER_DONE, change->today,
                       change->now_ms, err);
}

const struct procedure procedure_departure = {
    .item = ITEM_DEPARTURE,
    .acts = ACT_BIT(ACT_DEPART),
    .chooses = true,
    .select = select_departure,
    .perform = perform_departure};
