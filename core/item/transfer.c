/* 企业隶属关系变更: certificates come from another firm; it gets a twin of the matter. */
#include <inttypes.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/item/filing.h"
#include "core/register/certificate.h"
#include "core/message/outbox.h"

/* From another firm, whatever became of it there: the rules say what may come. What this firm itself
 * cancelled stays so. */
static void select_transfer(struct change *change, struct filing *filing)
{
    struct facts *facts = &filing->facts;

    (void)change;
    for (size_t i = 0; i < facts->holding_count; i++) {
        struct holding *holding = &facts->holdings[i];

        if (!holding->paper && holding->enterprise_id != facts->firm.id)
            subject_add(filing, ACT_TRANSFER, holding);
    }
}

/* The matter as the firm sees it that the certificates leave: one for all of them. */
static int twin(struct change *change, const struct filing *filing, uint64_t firm,
                const char *firm_name, struct err *err)
{
    const struct facts *facts = &filing->facts;
    struct matter_new what = {.item = ITEM_TRANSFER,
                              .state = MATTER_DONE,
                              .enterprise_id = firm,
                              .enterprise_name = firm_name,
                              .person_id = facts->person.id,
                              .holder_name = facts->person.name,
                              .parent_id = filing->matter.id};
    struct matter matter;

    for (size_t i = 0; i < facts->holding_count; i++)
        what.items += facts->holdings[i].chosen && facts->holdings[i].enterprise_id == firm;
    if (matter_open(change->db, change->actor, &what, change->today, change->now_ms, &matter, err) <
        0)
        return -1;
    for (size_t i = 0; i < facts->holding_count; i++) {
        const struct holding *holding = &facts->holdings[i];

        if (!holding->chosen || holding->enterprise_id != firm)
            continue;
        if (matter_certificate_add(change->db, matter.id, holding->id, holding->version, err) < 0)
            return -1;
        change_note(change, firm, "certificate.left", "certificate", holding->id,
                    pool_printf(change->pool, "{\"matter\":%" PRIu64 "}", matter.id));
    }
    return outbox_add_left(change, matter.id, firm, err);
}

/* Was this firm served by an earlier holding of the list? */
static bool served(const struct facts *facts, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (facts->holdings[i].chosen &&
            facts->holdings[i].enterprise_id == facts->holdings[at].enterprise_id)
            return true;
    return false;
}

static int perform_transfer(struct change *change, struct filing *filing,
                            const struct filing_choice *choice, struct err *err)
{
    const struct facts *facts = &filing->facts;

    filing->matter.items = (unsigned)choice->count;
    for (size_t i = 0; i < filing->count; i++) {
        const struct subject *subject = &filing->subjects[i];
        const struct certificate_was was = holding_was(subject->holding);
        struct certificate_face face = subject_face(filing, subject, subject->holding->number);

        if (!subject_chosen(subject))
            continue;
        if (change_version(change, &was, &face, act_name(ACT_TRANSFER), err) < 0 ||
            matter_certificate_add(change->db, change->matter_id, was.id, was.version + 1, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < facts->holding_count; i++)
        if (facts->holdings[i].chosen && !served(facts, i) &&
            twin(change, filing, facts->holdings[i].enterprise_id,
                 facts->holdings[i].enterprise_name, err) < 0)
            return -1;
    return matter_move(change->db, &filing->matter, MATTER_DRAFT, MATTER_DONE, change->today,
                       change->now_ms, err);
}

const struct procedure procedure_transfer = {
    .item = ITEM_TRANSFER,
    .acts = ACT_BIT(ACT_TRANSFER),
    .chooses = true,
    .select = select_transfer,
    .perform = perform_transfer};
