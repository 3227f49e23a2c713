/*
 * 姓名变更 at the window: the list of records; whom it is about; the check list of the papers with their
 * scans, and the new name; check your answers; the proposal.
 */
#include <inttypes.h>
#include <string.h>

#include "core/matter/attachment.h"
#include "core/proposal/name_change.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/papers.h"
#include "modules/staff/person_page.h"
#include "modules/staff/proposal_page.h"

enum { TYPED = 200, REASON = 100 };

enum { D_TYPE, D_NUMBER };
static const struct field document_fields[] = {
    [D_TYPE] = {.name = "id_type", .kind = FIELD_CODE, .low = 3, .high = 3,
                .flags = FIELD_REQUIRED | FIELD_CHOSEN, .label = "证件类型"},
    [D_NUMBER] = {.name = "id_no", .kind = FIELD_TEXT, .low = 1, .high = DOCUMENT_NO_SIZE - 1,
                  .flags = FIELD_REQUIRED, .label = "证件号码"},
    {0},
};

#define ID_FIELD {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED}
#define SEEN(paper) {.name = "seen_" paper, .kind = FIELD_FLAG, .label = "核对"}
#define KEPT(paper) {.name = "kept_" paper, .kind = FIELD_ID, .label = "扫描件"}
#define SCAN(paper)                                                                                \
    {                                                                                              \
        .name = "file_" paper, .kind = FIELD_UPLOAD, .low = 1, .high = SCAN_PAPER_BYTES,            \
        .label = "扫描件"                                                                          \
    }

enum { F_ID, F_NAME, F_REASON, F_SEEN, F_KEPT = F_SEEN + 4, F_FILE = F_KEPT + 4 };
#define ANSWER_FIELDS                                                                              \
    [F_ID] = ID_FIELD,                                                                             \
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .low = 1, .high = TYPED,                       \
                .flags = FIELD_REQUIRED, .label = "新姓名"},                                       \
    [F_REASON] = {.name = "reason", .kind = FIELD_TEXT, .low = 1, .high = REASON,                  \
                  .flags = FIELD_REQUIRED, .label = "变更原因"},                                   \
    [F_SEEN] = SEEN("statement"), SEEN("identity"), SEEN("certificate"), SEEN("police"),           \
    [F_KEPT] = KEPT("statement"), KEPT("identity"), KEPT("certificate"), KEPT("police")

static const struct field id_fields[] = {[F_ID] = ID_FIELD, {0}};
static const struct field answer_fields[] = {ANSWER_FIELDS, {0}};
static const struct field form_fields[] = {
    ANSWER_FIELDS,
    [F_FILE] = SCAN("statement"), SCAN("identity"), SCAN("certificate"), SCAN("police"),
    {0},
};

/* The materials as they stand in the form. */
static void slots_make(struct paper_slot slots[NAME_CHANGE_MATERIALS])
{
    for (size_t i = 0; i < NAME_CHANGE_MATERIALS; i++)
        slots[i] = (struct paper_slot){.file = F_FILE + i,
                                       .kept = F_KEPT + i,
                                       .seen = F_SEEN + i,
                                       .kind = name_change_materials[i].kind,
                                       .label = name_change_materials[i].label,
                                       .required = name_change_materials[i].required,
                                       .ticked = true};
}

static enum outcome change_list(struct request *request, struct err *err)
{
    page_int(request->hdf, "Propose", (request->who.roles & STAFF_WINDOW) != 0);
    return papers_list(request, "name_change", err);
}

static enum outcome change_new(struct request *request, struct err *err)
{
    (void)err;
    page_options(request->hdf, "IdTypes", document_type_code, document_type_label, NULL);
    return OUT_PAGE;
}

static int new_again(struct request *request, struct err *err)
{
    (void)err;
    page_options(request->hdf, "IdTypes", document_type_code, document_type_label, NULL);
    return 0;
}

static enum outcome change_find(struct request *request, struct err *err)
{
    struct person person;
    enum outcome outcome;
    int found = person_typed(request, D_TYPE, D_NUMBER, PERSON_UNKNOWN, &person, &outcome, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    return respond_redirect(request, "/staff/name-change/people/%" PRIu64, person.id);
}

/* The person of the path, what the person holds, and the papers: 1/0/-1. */
static int page_form(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct paper_slot slots[NAME_CHANGE_MATERIALS];
    struct proposal_new what;
    struct proposal judged;
    struct person person;
    int found = person_find(request->db, request->pool, change.core, request_id(request, F_ID),
                            &person, err);

    if (found == 1)
        found = name_change_new(&change, person.id, "", &what, err);
    if (found != 1)
        return found;
    slots_make(slots);
    page_person_whole(page_node(request->hdf, "Person"), &person);
    /* Only what is in the way is of interest before there is a name. */
    if (proposal_judge(&change, &what, &judged, err) < 0 ||
        papers_page(request, slots, NAME_CHANGE_MATERIALS, err) < 0)
        return -1;
    for (size_t i = 0; i < judged.count; i++)
        judged.certificates[i].effect = NULL;
    page_proposal_certificates(request, request->hdf, &judged);
    return 1;
}

static enum outcome change_form(struct request *request, struct err *err)
{
    int found = page_form(request, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return OUT_PAGE;
}

static int form_again(struct request *request, struct err *err)
{
    return page_form(request, err) < 0 ? -1 : 0;
}

static enum outcome change_scan(struct request *request, struct err *err)
{
    struct paper_slot slots[NAME_CHANGE_MATERIALS];

    slots_make(slots);
    return papers_scan(request, slots, NAME_CHANGE_MATERIALS, err);
}

/* The proposal that the form asks for: OUT_PAGE, or what is wrong with the name. */
static enum outcome wish_read(struct request *request, struct change *change,
                              struct proposal_new *what, struct err *err)
{
    const char *name, *fault = name_change_fault(change->core, request->pool,
                                                 request_text(request, F_NAME), &name);
    int found = name_change_new(change, request_id(request, F_ID), name, what, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    what->reason = request_text(request, F_REASON);
    if (!fault && strcmp(what->rows[0].before, name) == 0)
        fault = "新姓名与原姓名相同，请核对";
    return fault ? request_reject(request, F_NAME, "%s", fault) : OUT_PAGE;
}

static enum outcome change_check(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct paper_slot slots[NAME_CHANGE_MATERIALS];
    uint64_t ids[NAME_CHANGE_MATERIALS];
    struct proposal_new what;
    struct proposal judged;
    enum outcome outcome = wish_read(request, &change, &what, err);

    if (outcome != OUT_PAGE && outcome != OUT_INVALID)
        return outcome;
    slots_make(slots);
    outcome = papers_keep(request, &change, slots, NAME_CHANGE_MATERIALS, outcome == OUT_INVALID,
                          ids, err);
    if (outcome != OUT_PAGE)
        return outcome;
    if (proposal_judge(&change, &what, &judged, err) < 0 || page_form(request, err) < 0)
        return outcome_of(err);
    page_text(request->hdf, "NewName", what.rows[0].after);
    page_proposal_whole(request, page_node(request->hdf, "Proposal"), &judged);
    page_int(request->hdf, "Allowed", proposal_allowed(&judged));
    return OUT_PAGE;
}

static enum outcome change_propose(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct paper_slot slots[NAME_CHANGE_MATERIALS];
    uint64_t ids[NAME_CHANGE_MATERIALS];
    enum proposal_answer answer;
    struct proposal_new what;
    struct proposal proposal;
    enum outcome outcome = wish_read(request, &change, &what, err);

    if (outcome != OUT_PAGE)
        return outcome;
    slots_make(slots);
    if (papers_carried(request, slots, NAME_CHANGE_MATERIALS, ids, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < NAME_CHANGE_MATERIALS; i++) {
        if (slots[i].required && (ids[i] == 0 || !request_flag(request, slots[i].seen)))
            return request_reject(request, slots[i].seen, "缺少“%s”，请重新选择扫描件并核对",
                                  slots[i].label);
    }
    if (name_change_open(&change, request->who.roles, &what, ids, &proposal, &answer, err) < 0)
        return outcome_of(err);
    return proposal_answered(request, &proposal, answer,
                             pool_printf(request->pool, "/staff/name-change/people/%" PRIu64,
                                         request_id(request, F_ID)));
}

static const struct route change_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_WINDOW | STAFF_REVIEWER | STAFF_AUDITOR,
     .fields = papers_list_fields, .page = "list", .handle = change_list},
    {"new", HTTP_GET, NEED_STAFF, .roles = STAFF_WINDOW, .page = "new", .handle = change_new},
    {"find", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_WINDOW,
     .fields = document_fields, .handle = change_find, .form = "new", .refill = new_again},
    {"people/{id}", HTTP_GET, NEED_STAFF, .roles = STAFF_WINDOW, .fields = id_fields,
     .page = "form", .handle = change_form},
    {"people/{id}", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_WINDOW,
     .fields = form_fields, .page = "check", .before = change_scan, .handle = change_check,
     .form = "form", .refill = form_again},
    {"people/{id}/again", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION,
     .roles = STAFF_WINDOW, .fields = answer_fields, .page = "form", .handle = change_form,
     .form = "form", .refill = form_again},
    {"people/{id}/propose", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_WINDOW,
     .fields = answer_fields, .handle = change_propose, .form = "form", .refill = form_again},
    {0},
};

const struct module module_staff_name_change = {
    .name = "staff/name-change", .label = "姓名变更", .routes = change_routes};
