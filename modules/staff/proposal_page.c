#include "modules/staff/proposal_page.h"

#include <inttypes.h>
#include <string.h>

#include "core/proposal/capture_take.h"
#include "core/register/certificate.h"
#include "core/register/identifier.h"
#include "modules/common.h"

enum { WORDS_CAP = 4096, REFUSALS_TOLD = 5 };

struct change staff_change(const struct request *request, const struct actor *actor)
{
    return (struct change){
        .db = request->db,
        .pool = request->pool,
        .core = core_of(request),
        .actor = actor,
        .today = request->today,
        .now_ms = request->now_ms,
    };
}

const char *proposal_why_not(struct request *request, const struct proposal *proposal,
                             const char *before, const char *after)
{
    size_t told = 0;
    struct text words;

    text_init(&words, request->pool, WORDS_CAP);
    text_add(&words, before);
    for (size_t i = 0; i < proposal->refusal_count && told < REFUSALS_TOLD; i++, told++)
        text_printf(&words, "%s；", proposal->refusals[i]);
    for (size_t i = 0; i < proposal->count && told < REFUSALS_TOLD; i++)
        if (proposal->certificates[i].refusal) {
            text_printf(&words, "%s：%s；", proposal->certificates[i].number,
                        proposal->certificates[i].refusal);
            told++;
        }
    text_add(&words, after);
    return words.data;
}

enum outcome proposal_answered(struct request *request, const struct proposal *proposal,
                               enum proposal_answer answer, const char *again)
{
    if (answer == PROPOSAL_DONE)
        return respond_redirect(request, "/staff/proposals/%s", proposal->number);
    if (answer == PROPOSAL_NOT_YOURS)
        return OUT_FORBIDDEN;
    return request_conflict(
        request, proposal_why_not(request, proposal, "没有提请：", "请核对后重新办理。"), again);
}

enum outcome proposal_propose(struct request *request, const struct proposal_new *what,
                              const char *again, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    enum proposal_answer answer;
    struct proposal proposal;

    if (proposal_open(&change, request->who.roles, what, &proposal, &answer, err) < 0)
        return outcome_of(err);
    return proposal_answered(request, &proposal, answer, again);
}

/* 张三（某某公司）等 12 本证书 */
static const char *subject_of(struct request *request, const struct proposal *proposal)
{
    struct text words;

    text_init(&words, request->pool, 1024);
    text_add(&words, proposal->holder_name);
    if (*proposal->enterprise_name)
        text_printf(&words, *proposal->holder_name ? "（%s）" : "%s", proposal->enterprise_name);
    if (proposal->items > 1)
        text_printf(&words, "%s%u 本证书", words.length ? "　" : "", proposal->items);
    return words.data;
}

static bool waits(const struct proposal *proposal)
{
    return strcmp(proposal->state, PROPOSAL_WAITING) == 0;
}

void page_proposal(struct request *request, HDF *item, const struct proposal *proposal)
{
    page_text(item, "Number", proposal->number);
    page_text(item, "Kind", proposal->kind->label);
    page_text(item, "Subject", subject_of(request, proposal));
    page_text(item, "State", proposal->state);
    page_text(item, "Label",
              proposal->running ? "已同意，正在执行" : proposal_state_label(proposal->state));
    page_text(item, "Proposer", proposal->proposer);
    page_time(item, "Proposed", proposal->proposed_ms);
    page_date(item, "Deadline", proposal->deadline);
    if (waits(proposal) && date_compare(proposal->deadline, request->today) < 0)
        page_int(item, "Overdue", 1);
    page_text(item, "Decider", proposal->decider);
    if (proposal->decided_ms)
        page_time(item, "Decided", proposal->decided_ms);
}

static void page_fate(HDF *item, const struct proposal_certificate *certificate)
{
    page_text(item, "Fate", certificate->fate);
    page_text(item, "Explanation", certificate->explanation);
}

void page_proposal_certificates(struct request *request, HDF *node,
                                const struct proposal *proposal)
{
    for (size_t i = 0; i < proposal->count; i++) {
        const struct proposal_certificate *certificate = &proposal->certificates[i];
        const char *state = state_on(certificate->state, certificate->valid_until, request->today);
        const struct proposal_row *own = proposal_row_own(proposal, certificate->id);
        HDF *item = page_item(node, "Certificates", i);

        page_int(item, "Id", (int64_t)certificate->id);
        page_text(item, "Number", certificate->number);
        page_text(item, "Class", certificate->class_code);
        page_text(item, "Name", certificate->holder_name);
        page_text(item, "Enterprise", certificate->enterprise_name);
        page_text(item, "State", state);
        page_text(item, "Label", state_label(state));
        page_date(item, "Until", certificate->valid_until);
        page_text(item, "Reason", own ? own->after : "");
        page_text(item, "Effect", certificate->effect ? certificate->effect : "");
        page_text(item, "Refusal", certificate->refusal ? certificate->refusal : "");
        if (proposal_spread(proposal) && strcmp(proposal->state, PROPOSAL_APPLIED) == 0)
            page_fate(item, certificate);
    }
}

static void page_rows(HDF *node, const struct proposal *proposal)
{
    size_t shown = 0;

    for (size_t i = 0; i < proposal->row_count; i++) {
        const struct proposal_row *row = &proposal->rows[i];

        if (!*row->label)
            continue;
        HDF *item = page_item(node, "Rows", shown++);
        page_text(item, "Label", row->label);
        page_text(item, "Before", row->before);
        page_text(item, "After", row->after);
    }
}

/* What whoever looks may do with it now. */
static void page_may(struct request *request, HDF *node, const struct proposal *proposal)
{
    bool own = proposal->proposed_by == request->who.id;

    if (own)
        page_int(node, "Own", 1);
    if (proposal_repeatable(proposal, request->who.roles, request->who.id))
        page_int(node, "May.Retry", 1);
    if (!waits(proposal))
        return;
    if (!proposal_allowed(proposal))
        page_int(node, "Blocked", 1);
    if (own)
        page_int(node, "May.Withdraw", 1);
    else if (!(proposal->kind->decide & request->who.roles))
        return;
    else if (proposal_by(proposal, request->who.id, request->who.label))
        page_int(node, "Namesake", 1);
    else
        page_int(node, "May.Decide", 1);
}

/* Of a capture: whose, and the photos in use before and after. */
static void page_photos(HDF *node, const struct proposal *proposal)
{
    uint64_t before, after;

    if (proposal->kind != &capture_kind)
        return;
    capture_of_proposal(proposal, &before, &after);
    if (before)
        page_int(node, "Photo.Before", (int64_t)before);
    page_int(node, "Photo.After", (int64_t)after);
}

/* Of one that is carried out batch by batch. */
static void page_progress(HDF *node, const struct proposal *proposal)
{
    if (!proposal_spread(proposal))
        return;
    page_int(node, "Spread", 1);
    if (strcmp(proposal->state, PROPOSAL_APPLIED) != 0)
        return;
    page_int(node, "Running", proposal->running);
    page_int(node, "Progress.Done", (int64_t)proposal->progress.done);
    page_int(node, "Progress.Failed", (int64_t)proposal->progress.failed);
    page_int(node, "Progress.Dealt", (int64_t)(proposal->progress.done + proposal->progress.failed));
}

void page_proposal_whole(struct request *request, HDF *node, const struct proposal *proposal)
{
    page_proposal(request, node, proposal);
    page_text(node, "KindName", proposal->kind->name);
    page_int(node, "Final", proposal->kind->final);
    page_text(node, "Basis", proposal->legal_basis);
    page_text(node, "Reason", proposal->reason);
    if (!date_is_none(proposal->from))
        page_date(node, "From", proposal->from);
    if (!date_is_none(proposal->until))
        page_date(node, "Until", proposal->until);
    page_text(node, "Text", proposal->decision_text);
    page_int(node, "Count", proposal->items);
    page_progress(node, proposal);
    for (size_t i = 0; i < proposal->refusal_count; i++)
        page_text(page_item(node, "Refusals", i), "Text", proposal->refusals[i]);
    if (proposal->person_id)
        page_int(node, "Person", (int64_t)proposal->person_id);
    page_photos(node, proposal);
    page_rows(node, proposal);
    page_proposal_certificates(request, node, proposal);
    page_may(request, node, proposal);
}
