/*
 * 锁定: the holds that stand; proposing one on a person or a firm, and the release of one.
 */
#include <inttypes.h>
#include <string.h>

#include "core/proposal/hold_kinds.h"
#include "core/register/enterprise.h"
#include "core/register/hold.h"
#include "core/register/identifier.h"
#include "core/register/person.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/person_page.h"
#include "modules/staff/proposal_page.h"

enum { LIST_ROWS = 50, BASIS = 120, REASON = 300 };

enum { L_AFTER };
static const struct field list_fields[] = {
    [L_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

/* Whom: by ids, as links of ours have them, or as a clerk knows them. */
enum { N_PERSON, N_FIRM };
#define SUBJECT_FIELDS                                                                             \
    [N_PERSON] = {.name = "person", .kind = FIELD_ID, .label = "人员"},                            \
    [N_FIRM] = {.name = "firm", .kind = FIELD_ID, .label = "企业"}
static const struct field new_fields[] = {SUBJECT_FIELDS, {0}};

enum {
    F_PERSON, F_FIRM, F_BASIS, F_REASON, F_FROM, F_UNTIL, F_WHOM, F_ID_TYPE, F_ID_NO, F_USCC
};
#define WORDS_FIELDS                                                                               \
    SUBJECT_FIELDS,                                                                                \
    [F_BASIS] = {.name = "basis", .kind = FIELD_TEXT, .low = 1, .high = BASIS,                     \
                 .flags = FIELD_REQUIRED, .label = "法律依据"},                                    \
    [F_REASON] = {.name = "reason", .kind = FIELD_TEXT, .low = 1, .high = REASON,                  \
                  .flags = FIELD_REQUIRED, .label = "原因"}
#define PERIOD_FIELDS                                                                              \
    [F_FROM] = {.name = "from", .kind = FIELD_DATE, .flags = FIELD_REQUIRED,                       \
                .label = "锁定期（起）"},                                                          \
    [F_UNTIL] = {.name = "until", .kind = FIELD_DATE, .label = "锁定期（止）"}
static const struct field preview_fields[] = {
    WORDS_FIELDS,
    PERIOD_FIELDS,
    [F_WHOM] = {.name = "whom", .kind = FIELD_CODE, .low = 1, .high = 12, .label = "锁定对象"},
    [F_ID_TYPE] = {.name = "id_type", .kind = FIELD_CODE, .low = 3, .high = 3, .label = "证件类型"},
    [F_ID_NO] = {.name = "id_no", .kind = FIELD_TEXT, .high = DOCUMENT_NO_SIZE - 1,
                 .label = "证件号码"},
    [F_USCC] = {.name = "uscc", .kind = FIELD_TEXT, .high = 32, .label = "统一社会信用代码"},
    {0},
};
static const struct field open_fields[] = {WORDS_FIELDS, PERIOD_FIELDS, {0}};
static const struct field release_fields[] = {WORDS_FIELDS, {0}};

/* The list */

static enum outcome holds_list(struct request *request, struct err *err)
{
    struct hold_page page;

    if (hold_list(request->db, request->pool, request_id(request, L_AFTER), LIST_ROWS, &page,
                  err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < page.count; i++) {
        const struct hold *row = &page.rows[i];
        HDF *item = page_item(request->hdf, "Rows", i);

        page_text(item, "Kind", row->person_id ? "人员" : "企业");
        page_text(item, "Name", row->name);
        page_hold(item, row, request->today);
        page_text(item, "Subject",
                  row->person_id
                      ? pool_printf(request->pool, "person=%" PRIu64, row->person_id)
                      : pool_printf(request->pool, "firm=%" PRIu64, row->enterprise_id));
    }
    page_int(request->hdf, "Propose", (request->who.roles & hold_place.propose) != 0);
    page_next(request, "", page.next);
    if (request_id(request, L_AFTER))
        page_text(request->hdf, "First", "?");
    return OUT_PAGE;
}

/* Whom it is about */

struct subject {
    uint64_t person_id, enterprise_id; /* one of them, or neither: nobody is chosen yet */
    const char *name;
    const char *document; /* masked number, or the firm's code */
};

static int person_take(const struct person *person, int found, struct subject *out)
{
    if (found == 1)
        *out = (struct subject){person->id, 0, person->name, person->id_no_masked};
    return found;
}

static int firm_take(const struct enterprise *firm, int found, struct subject *out)
{
    if (found == 1)
        *out = (struct subject){0, firm->id, firm->name, firm->uscc};
    return found;
}

/* By the ids of the request: 1; 0: nobody is there; -1. Without any: 1, and nobody. */
static int subject_by_id(struct request *request, struct subject *out, struct err *err)
{
    uint64_t person_id = request_id(request, N_PERSON), firm_id = request_id(request, N_FIRM);
    struct enterprise firm;
    struct person person;

    *out = (struct subject){0, 0, "", ""};
    if (person_id && firm_id)
        return 0;
    if (person_id)
        return person_take(
            &person,
            person_find(request->db, request->pool, core_of(request), person_id, &person, err),
            out);
    if (!firm_id)
        return 1;
    return firm_take(&firm, enterprise_find(request->db, request->pool, firm_id, &firm, err), out);
}

static enum outcome typed_person(struct request *request, struct subject *out, struct err *err)
{
    struct person person;
    enum outcome outcome;
    int found = person_typed(request, F_ID_TYPE, F_ID_NO, "没有查询到这个人员", &person, &outcome, err);

    return person_take(&person, found, out) < 0 ? outcome_of(err) : outcome;
}

static enum outcome typed_firm(struct request *request, struct subject *out, struct err *err)
{
    const char *code = request_text(request, F_USCC);
    struct enterprise firm;
    int found;

    if (!code || !uscc_valid(code))
        return request_reject(request, F_USCC, "请填写正确的统一社会信用代码");
    found = enterprise_find_uscc(request->db, request->pool, code, &firm, err);
    if (firm_take(&firm, found, out) < 0)
        return outcome_of(err);
    return found == 1 ? OUT_PAGE : request_reject(request, F_USCC, "没有查询到这家企业");
}

/* By ids, else as typed. */
static enum outcome subject_of(struct request *request, struct subject *out, struct err *err)
{
    const char *whom = request->route->fields == preview_fields ? request_text(request, F_WHOM)
                                                                : NULL;
    int found = subject_by_id(request, out, err);

    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return OUT_NOT_FOUND;
    if (out->person_id || out->enterprise_id)
        return OUT_PAGE;
    if (whom && strcmp(whom, HOLD_PERSON) == 0)
        return typed_person(request, out, err);
    if (whom && strcmp(whom, HOLD_ENTERPRISE) == 0)
        return typed_firm(request, out, err);
    /* Without a page of ours: the others name whom by id. */
    return request->route->fields == preview_fields
               ? request_reject(request, F_WHOM, "请选择要锁定的人员或者企业")
               : OUT_NOT_FOUND;
}

static void page_subject(struct request *request, const struct subject *subject)
{
    HDF *node = page_node(request->hdf, "Whom");

    if (!subject->person_id && !subject->enterprise_id)
        return;
    page_text(node, "Name", subject->name);
    page_text(node, "Document", subject->document);
    page_text(node, "Kind", subject->person_id ? "人员" : "企业");
    page_text(node, "Field", subject->person_id ? "person" : "firm");
    page_int(node, "Id",
             (int64_t)(subject->person_id ? subject->person_id : subject->enterprise_id));
}

/* Placing */

static enum outcome holds_new(struct request *request, struct err *err)
{
    struct subject subject;
    int found = subject_by_id(request, &subject, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    page_subject(request, &subject);
    page_options(request->hdf, "Types", document_type_code, document_type_label, NULL);
    page_date(request->hdf, "Field.from", request->today);
    return OUT_PAGE;
}

static int holds_again(struct request *request, struct err *err)
{
    struct subject subject;
    int found = subject_by_id(request, &subject, err);

    if (found < 0)
        return -1;
    if (found == 1)
        page_subject(request, &subject);
    page_options(request->hdf, "Types", document_type_code, document_type_label,
                 request->route->fields == preview_fields ? request_text(request, F_ID_TYPE) : NULL);
    return 0;
}

/* Back from the preview, with what was typed. */
static enum outcome holds_change(struct request *request, struct err *err)
{
    return holds_again(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

static struct proposal_new what_of(struct request *request, const struct proposal_kind *kind,
                                   const struct subject *subject)
{
    return (struct proposal_new){
        .kind = kind,
        .person_id = subject->person_id,
        .enterprise_id = subject->enterprise_id,
        .holder_name = subject->person_id ? subject->name : "",
        .enterprise_name = subject->enterprise_id ? subject->name : "",
        .legal_basis = request_text(request, F_BASIS),
        .reason = request_text(request, F_REASON),
        .from = kind == &hold_place ? request_date(request, F_FROM) : (struct date){0, 0, 0},
        .until = kind == &hold_place ? request_date(request, F_UNTIL) : (struct date){0, 0, 0},
    };
}

static enum outcome period_check(struct request *request)
{
    struct date from = request_date(request, F_FROM), until = request_date(request, F_UNTIL);

    if (!date_is_none(until) &&
        (date_compare(until, request->today) < 0 || date_compare(until, from) < 0))
        return request_reject(request, F_UNTIL, "锁定期的截止日期不能早于今天和起始日期");
    return OUT_PAGE;
}

static enum outcome holds_preview(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct subject subject;
    struct proposal judged;
    enum outcome outcome = period_check(request);

    if (outcome == OUT_PAGE)
        outcome = subject_of(request, &subject, err);
    if (outcome != OUT_PAGE)
        return outcome;
    const struct proposal_new what = what_of(request, &hold_place, &subject);
    if (proposal_judge(&change, &what, &judged, err) < 0)
        return outcome_of(err);
    page_subject(request, &subject);
    page_proposal_whole(request, page_node(request->hdf, "Proposal"), &judged);
    return OUT_PAGE;
}

static enum outcome propose(struct request *request, const struct proposal_kind *kind,
                            struct err *err)
{
    struct subject subject;
    enum outcome outcome = subject_of(request, &subject, err);

    if (outcome != OUT_PAGE)
        return outcome;
    const struct proposal_new what = what_of(request, kind, &subject);
    return proposal_propose(request, &what, "/staff/holds/", err);
}

static enum outcome holds_open(struct request *request, struct err *err)
{
    return propose(request, &hold_place, err);
}

/* Releasing */

static int page_hold_of(struct request *request, const struct subject *subject, struct err *err)
{
    struct hold hold;
    int found = hold_find(request->db, request->pool,
                          subject->person_id ? HOLD_PERSON : HOLD_ENTERPRISE,
                          subject->person_id ? subject->person_id : subject->enterprise_id, &hold,
                          err);

    if (found == 1)
        page_hold(page_node(request->hdf, "Hold"), &hold, request->today);
    return found;
}

static enum outcome holds_release(struct request *request, struct err *err)
{
    struct subject subject;
    int found = subject_by_id(request, &subject, err);

    if (found == 1)
        found = page_hold_of(request, &subject, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    page_subject(request, &subject);
    return OUT_PAGE;
}

static int holds_release_again(struct request *request, struct err *err)
{
    struct subject subject;
    int found = subject_by_id(request, &subject, err);

    if (found == 1)
        page_subject(request, &subject);
    return found < 0 || page_hold_of(request, &subject, err) < 0 ? -1 : 0;
}

static enum outcome holds_release_open(struct request *request, struct err *err)
{
    return propose(request, &hold_release, err);
}

static const struct route holds_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_REVIEWER | STAFF_DECISION | STAFF_AUDITOR,
     .fields = list_fields, .page = "list", .handle = holds_list},
    {"", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_REVIEWER,
     .fields = open_fields, .handle = holds_open, .form = "new", .refill = holds_again},
    {"new", HTTP_GET, NEED_STAFF, .roles = STAFF_REVIEWER, .fields = new_fields, .page = "new",
     .handle = holds_new},
    {"preview", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_REVIEWER,
     .fields = preview_fields, .page = "preview", .handle = holds_preview, .form = "new",
     .refill = holds_again},
    {"again", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_REVIEWER,
     .fields = open_fields, .page = "new", .handle = holds_change, .refill = holds_again},
    {"release", HTTP_GET, NEED_STAFF, .roles = STAFF_REVIEWER, .fields = new_fields,
     .page = "release", .handle = holds_release},
    {"release", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_REVIEWER,
     .fields = release_fields, .handle = holds_release_open, .form = "release",
     .refill = holds_release_again},
    {0},
};

const struct module module_staff_holds = {
    .name = "staff/holds", .label = "锁定", .routes = holds_routes};
