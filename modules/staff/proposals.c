/*
 * 提请与决定: what staff propose to each other: the lists, one of them, its decision, its withdrawal.
 */
#include <inttypes.h>
#include <string.h>

#include "base/csv.h"
#include "core/matter/attachment.h"
#include "core/proposal/name_change.h"
#include "core/proposal/proposal.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/proposal_page.h"

enum {
    LIST_ROWS = 20, TEXT_CHARACTERS = 300, CERTIFICATE_ROWS = 100, FAILED_ROWS = 200, CSV_ROWS = 500
};

enum { L_SHOW, L_AFTER };
static const struct field list_fields[] = {
    [L_SHOW] = {.name = "show", .kind = FIELD_CODE, .low = 1, .high = 12, .label = "显示范围"},
    [L_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

#define NUMBER_FIELD                                                                               \
    {                                                                                              \
        .name = "number", .kind = FIELD_CODE, .low = 1, .high = MATTER_NUMBER_SIZE - 1,            \
        .flags = FIELD_IN_PATH | FIELD_REQUIRED                                                    \
    }

enum { F_NUMBER, F_DECISION, F_TEXT, F_CONFIRMED };
static const struct field number_fields[] = {[F_NUMBER] = NUMBER_FIELD, {0}};
enum { S_NUMBER, S_AFTER };
static const struct field show_fields[] = {
    [S_NUMBER] = NUMBER_FIELD,
    [S_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};
static const struct field decide_fields[] = {
    [F_NUMBER] = NUMBER_FIELD,
    [F_DECISION] = {.name = "decision", .kind = FIELD_CODE, .low = 1, .high = 8,
                    .flags = FIELD_REQUIRED, .label = "决定"},
    [F_TEXT] = {.name = "text", .kind = FIELD_TEXT, .high = TEXT_CHARACTERS, .label = "决定意见"},
    [F_CONFIRMED] = {.name = "confirmed", .kind = FIELD_FLAG, .label = "确认"},
    {0},
};

#define APPROVE "approve"
#define REFUSE  "refuse"

static const struct view {
    const char *name;
    enum proposal_show show;
    const char *label;
} views[] = {
    {"decide", PROPOSALS_FOR_ME, "待我决定"},
    {"mine", PROPOSALS_MINE, "我提请的"},
    {"waiting", PROPOSALS_WAITING, "全部待决定"},
    {"over", PROPOSALS_OVER, "已办结"},
};
enum { VIEWS = sizeof(views) / sizeof(views[0]) };

static bool may_decide_any(const struct request *request)
{
    for (const struct proposal_kind *const *at = proposal_kinds; *at; at++)
        if ((*at)->decide & request->who.roles)
            return true;
    return false;
}

/* Without a choice: what there is to do. */
static const struct view *view_of(const struct request *request)
{
    const char *name = request_text(request, L_SHOW);

    if (!name)
        return may_decide_any(request)                     ? &views[0]
               : request->who.roles & STAFF_AUDITOR        ? &views[2]
                                                           : &views[1];
    for (size_t i = 0; i < VIEWS; i++)
        if (strcmp(views[i].name, name) == 0)
            return &views[i];
    return NULL;
}

static enum outcome proposals_list(struct request *request, struct err *err)
{
    const struct view *view = view_of(request);
    struct proposal_page page;

    if (!view)
        return OUT_NOT_FOUND;
    const struct proposal_filter filter = {
        .show = view->show,
        .staff_id = request->who.id,
        .roles = request->who.roles,
        .after = request_id(request, L_AFTER),
        .limit = LIST_ROWS,
    };
    if (proposal_list(request->db, request->pool, &filter, &page, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < VIEWS; i++) {
        HDF *item = page_item(request->hdf, "Views", i);

        page_text(item, "Name", views[i].name);
        page_text(item, "Label", views[i].label);
        if (&views[i] == view)
            page_int(item, "Here", 1);
    }
    page_text(request->hdf, "Shown", view->label);
    for (size_t i = 0; i < page.count; i++)
        page_proposal(request, page_item(request->hdf, "Rows", i), &page.rows[i]);
    page_next(request, pool_printf(request->pool, "show=%s&", view->name), page.next);
    if (filter.after)
        page_text(request->hdf, "First", pool_printf(request->pool, "?show=%s", view->name));
    return OUT_PAGE;
}

static const char *path_of(struct request *request)
{
    return pool_printf(request->pool, "/%s/%s", request->module->name,
                       request_text(request, F_NUMBER));
}

/* What was handed in for it: a list Papers (Label, Name, Pages, By, At, and Link for who may read it). */
static int page_papers(struct request *request, const struct proposal *proposal, struct err *err)
{
    bool reads = proposal_papers_visible(proposal->kind, request->who.roles);
    const struct attachment *rows;
    size_t count;

    if (attachment_list(request->db, request->pool, core_of(request), proposal->matter_id, &rows,
                        &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const char *label = name_change_material_label(rows[i].kind);
        HDF *item = page_item(request->hdf, "Papers", i);

        page_text(item, "Label", label ? label : "更正依据");
        page_text(item, "Name", rows[i].name);
        page_int(item, "Pages", rows[i].pages);
        page_text(item, "By", rows[i].added_name);
        page_time(item, "At", rows[i].added_ms);
        if (reads)
            page_text(item, "Link",
                      pool_printf(request->pool, "/staff/attachments/%" PRIu64, rows[i].id));
    }
    return 0;
}

/* Of one with many certificates: a page of them, and a list Failed of those that came to nothing. */
static int page_spread(struct request *request, struct change *change, struct proposal *proposal,
                       struct err *err)
{
    bool turns = request->route->fields == show_fields;
    struct proposal failed = *proposal;
    const struct proposal_certificate *rows;

    if (proposal_turn(change, proposal, turns ? request_id(request, S_AFTER) : 0, CERTIFICATE_ROWS,
                      err) < 0)
        return -1;
    page_next(request, "", proposal->next);
    if (turns && request_has(request, S_AFTER))
        page_text(request->hdf, "First", "?");
    if (proposal->progress.failed == 0)
        return 0;
    if (proposal_failed(request->db, request->pool, proposal, FAILED_ROWS, &rows, &failed.count,
                        err) < 0)
        return -1;
    failed.certificates = pool_copy(request->pool, rows, failed.count * sizeof(*rows));
    page_proposal_certificates(request, page_node(request->hdf, "Failed"), &failed);
    return 0;
}

/* The proposal of the number in the path, judged as it is now, and its page's data. 1/0/-1. */
static int find(struct request *request, struct proposal *proposal, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    int found = proposal_look(&change, request_text(request, F_NUMBER), proposal, err);

    if (found == 1 && !proposal_visible(proposal->kind, request->who.roles))
        found = 0;
    if (found != 1)
        return found;
    if (proposal_spread(proposal) && page_spread(request, &change, proposal, err) < 0)
        return -1;
    page_proposal_whole(request, page_node(request->hdf, "Proposal"), proposal);
    return page_papers(request, proposal, err) < 0 ? -1 : 1;
}

/* What changes while it is carried out. */
static enum outcome proposal_json(struct request *request, const struct proposal *proposal)
{
    return respond_json(request,
                        pool_printf(request->pool,
                                    "{\"number\":\"%s\",\"state\":\"%s\",\"running\":%s,"
                                    "\"certificates\":%u,\"done\":%" PRIu64 ",\"failed\":%" PRIu64
                                    "}",
                                    proposal->number, proposal->state,
                                    proposal->running ? "true" : "false", proposal->items,
                                    proposal->progress.done, proposal->progress.failed));
}

static enum outcome proposals_show(struct request *request, struct err *err)
{
    struct proposal proposal;
    int found = find(request, &proposal, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return request->wants_json ? proposal_json(request, &proposal) : OUT_PAGE;
}

/* Its certificates as a file. */

struct table {
    struct request *request;
    struct proposal proposal;
};

/* What is going to happen to it, or what has. */
static const char *result_of(const struct proposal *proposal,
                             const struct proposal_certificate *certificate)
{
    if (certificate->refusal)
        return certificate->refusal;
    if (certificate->effect)
        return certificate->effect;
    if (strcmp(proposal->state, PROPOSAL_APPLIED) != 0)
        return proposal_state_label(proposal->state);
    return strcmp(certificate->fate, "failed") == 0 ? certificate->explanation
           : strcmp(certificate->fate, "done") == 0 ? "已办理"
                                                    : "等待办理";
}

static int write_row(struct csv_writer *writer, const struct proposal *proposal,
                     const struct proposal_certificate *certificate, struct date today,
                     struct err *err)
{
    const struct proposal_row *own = proposal_row_own(proposal, certificate->id);
    char until[11];

    date_format(certificate->valid_until, until);
    const char *const cells[] = {
        certificate->number,
        certificate->holder_name,
        certificate->enterprise_name,
        until,
        state_label(state_on(certificate->state, certificate->valid_until, today)),
        result_of(proposal, certificate),
        own ? own->after : proposal->reason,
    };

    return csv_write(writer, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int write_certificates(void *context, const struct sink *sink, struct err *err)
{
    static const char *const head[] = {"number", "姓名", "企业", "有效期至", "证书状态", "结果",
                                       "reason"};
    struct table *table = context;
    struct request *request = table->request;
    struct pool *pool = pool_new(0, 0);
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct csv_writer writer;
    int result = -1;

    change.pool = pool;
    csv_writer_init(&writer, sink);
    if (csv_write(&writer, head, sizeof(head) / sizeof(head[0]), err) < 0)
        goto out;
    table->proposal.next = 0;
    do {
        struct proposal *proposal = &table->proposal;

        pool_reset(pool);
        if (proposal_turn(&change, proposal, proposal->next, CSV_ROWS, err) < 0)
            goto out;
        for (size_t i = 0; i < proposal->count; i++)
            if (write_row(&writer, proposal, &proposal->certificates[i], request->today, err) < 0)
                goto out;
    } while (table->proposal.next);
    result = csv_flush(&writer, err);
out:
    pool_free(&pool);
    return result;
}

static enum outcome proposals_certificates(struct request *request, struct err *err)
{
    struct table *table = POOL_NEW(request->pool, struct table);
    int found = proposal_find(request->db, request->pool, core_of(request),
                              request_text(request, F_NUMBER), &table->proposal, err);

    if (found < 0)
        return outcome_of(err);
    if (found == 0 || table->proposal.items == 0 ||
        !proposal_visible(table->proposal.kind, request->who.roles))
        return OUT_NOT_FOUND;
    table->request = request;
    return respond_stream(request, "text/csv; charset=utf-8",
                          pool_printf(request->pool, "%s.csv", table->proposal.number),
                          write_certificates, table);
}

static int proposals_again(struct request *request, struct err *err)
{
    struct proposal proposal;

    return find(request, &proposal, err) < 0 ? -1 : 0;
}

/* What was chosen: *approve; or what is wrong with it. */
static enum outcome decision_of(struct request *request, bool *approve)
{
    const char *decision = request_text(request, F_DECISION);
    const char *text = request_text(request, F_TEXT);

    *approve = strcmp(decision, APPROVE) == 0;
    if (!*approve && strcmp(decision, REFUSE) != 0)
        return request_reject(request, F_DECISION, "请选择同意或不同意");
    if (!*approve && (!text || !*text))
        return request_reject(request, F_TEXT, "不同意的，请填写决定意见");
    return OUT_PAGE;
}

/* The page before what can't be taken back. */
static enum outcome proposals_warn(struct request *request, struct err *err)
{
    struct proposal proposal;
    bool approve;
    enum outcome outcome = decision_of(request, &approve);
    int found;

    if (outcome != OUT_PAGE)
        return outcome;
    found = find(request, &proposal, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (strcmp(proposal.state, PROPOSAL_WAITING) != 0 ||
        !(proposal.kind->decide & request->who.roles) ||
        proposal_by(&proposal, request->who.id, request->who.label))
        return respond_redirect(request, "%s", path_of(request));
    page_int(request->hdf, "Approve", approve);
    return OUT_PAGE;
}

static enum outcome answer_of(struct request *request, const struct proposal *proposal,
                              enum proposal_answer answer)
{
    switch (answer) {
    case PROPOSAL_DONE:
        return respond_redirect(request, "%s", path_of(request));
    case PROPOSAL_NOT_YOURS:
        return OUT_FORBIDDEN;
    case PROPOSAL_OVER:
        return request_conflict(request, "该提请已经决定或撤回，没有再次办理。请查看办理结果。",
                                path_of(request));
    case PROPOSAL_NOT_NOW:
        return request_conflict(
            request,
            proposal_why_not(request, proposal, "提请之后情况已经变化，决定没有作出：",
                             "请核对后不同意该提请，或由提请人撤回后重新提请。"),
            path_of(request));
    }
    return OUT_FAIL;
}

/* What changed at the same moment. */
static enum outcome outcome_of_race(struct request *request, const struct err *err)
{
    if (err->kind != ERR_CONFLICT)
        return outcome_of(err);
    return request_conflict(request, "证书或人员的数据同时被其他业务改动，决定没有作出。请重新核对。",
                            path_of(request));
}

static enum outcome proposals_decide(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    enum proposal_answer answer;
    struct proposal proposal;
    bool approve;
    enum outcome outcome = decision_of(request, &approve);
    int found;

    if (outcome != OUT_PAGE)
        return outcome;
    found = proposal_find(request->db, request->pool, change.core, request_text(request, F_NUMBER),
                          &proposal, err);
    if (found < 0)
        return outcome_of(err);
    if (found == 0 || !proposal_visible(proposal.kind, request->who.roles))
        return OUT_NOT_FOUND;
    if (approve && proposal.kind->final && !request_flag(request, F_CONFIRMED) &&
        (proposal.kind->decide & request->who.roles))
        return respond_redirect(request, "%s/decide?decision=" APPROVE, path_of(request));
    if (proposal_decide(&change, request->who.roles, request_text(request, F_NUMBER), approve,
                        request_text(request, F_TEXT), &proposal, &answer, err) < 0)
        return outcome_of_race(request, err);
    return answer_of(request, &proposal, answer);
}

static enum outcome proposals_withdraw(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    enum proposal_answer answer;
    struct proposal proposal;

    if (proposal_withdraw(&change, request_text(request, F_NUMBER), &proposal, &answer, err) < 0)
        return outcome_of_race(request, err);
    /* Somebody else's is not there for whoever may not see its kind. */
    if (answer == PROPOSAL_NOT_YOURS && !proposal_visible(proposal.kind, request->who.roles))
        return OUT_NOT_FOUND;
    return answer_of(request, &proposal, answer);
}

/* What failed of one that was carried out batch by batch. */
static enum outcome proposals_retry(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    enum proposal_answer answer;
    struct proposal proposal;

    if (proposal_retry(&change, request->who.roles, request_text(request, F_NUMBER), &proposal,
                       &answer, err) < 0)
        return outcome_of_race(request, err);
    if (answer == PROPOSAL_NOT_YOURS && !proposal_visible(proposal.kind, request->who.roles))
        return OUT_NOT_FOUND;
    if (answer == PROPOSAL_OVER)
        return request_conflict(request, "没有可以重新办理的证书：已经重新办理，或者全部已办理。",
                                path_of(request));
    return answer_of(request, &proposal, answer);
}

enum { ACTORS = STAFF_WINDOW | STAFF_REVIEWER | STAFF_DECISION };

static const struct route proposals_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .fields = list_fields, .page = "list",
     .handle = proposals_list},
    {"{number}", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .fields = show_fields,
     .page = "show", .handle = proposals_show},
    {"{number}/certificates", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .fields = number_fields,
     .handle = proposals_certificates},
    {"{number}/decide", HTTP_GET, NEED_STAFF, .roles = ACTORS,
     .fields = decide_fields, .page = "confirm", .handle = proposals_warn, .form = "show",
     .refill = proposals_again},
    {"{number}/decide", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY,
     .roles = ACTORS, .fields = decide_fields, .handle = proposals_decide,
     .form = "show", .refill = proposals_again},
    {"{number}/withdraw", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = ACTORS,
     .fields = number_fields, .handle = proposals_withdraw},
    {"{number}/retry", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = ACTORS,
     .fields = number_fields, .handle = proposals_retry},
    {0},
};

const struct module module_staff_proposals = {
    .name = "staff/proposals", .label = "提请与决定", .routes = proposals_routes};
