/*
 * 企业登记: firms by name or code, the whole of one, and its correction, which another reviewer decides.
 */
#include <inttypes.h>
#include <string.h>

#include "core/proposal/enterprise_register.h"
#include "core/proposal/hold_kinds.h"
#include "core/register/hold.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/person_page.h"
#include "modules/staff/proposal_page.h"

enum { LIST_ROWS = 20, NAME_MOST = 128, REASON = 300, QUERY_SIZE = 12 * NAME_MOST + 64 };

enum { L_NAME, L_AFTER };
static const struct field list_fields[] = {
    [L_NAME] = {.name = "name", .kind = FIELD_TEXT, .high = NAME_MOST, .label = "企业"},
    [L_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

enum { F_ID, F_NAME, F_REGION, F_PROVINCE, F_REP_NAME, F_REP_TYPE, F_REP_NO, F_REASON, F_SEEN };
#define ID_FIELD [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED}
static const struct field id_fields[] = {ID_FIELD, {0}};
static const struct field edit_fields[] = {
    ID_FIELD,
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .high = NAME_MOST, .flags = FIELD_REQUIRED,
                .label = "企业名称"},
    [F_REGION] = {.name = "region", .kind = FIELD_CODE, .low = 1, .high = 8,
                  .flags = FIELD_REQUIRED | FIELD_CHOSEN, .label = "属地"},
    [F_PROVINCE] = {.name = "province", .kind = FIELD_TEXT, .high = 16, .label = "省份"},
    [F_REP_NAME] = {.name = "rep_name", .kind = FIELD_TEXT, .high = 64,
                    .label = "法定代表人姓名"},
    [F_REP_TYPE] = {.name = "rep_type", .kind = FIELD_CODE, .low = 3, .high = 3,
                    .label = "法定代表人证件类型"},
    [F_REP_NO] = {.name = "rep_no", .kind = FIELD_TEXT, .high = DOCUMENT_NO_SIZE - 1,
                  .label = "法定代表人证件号码"},
    [F_REASON] = {.name = "reason", .kind = FIELD_TEXT, .low = 2, .high = REASON,
                  .flags = FIELD_REQUIRED, .label = "更正原因"},
    [F_SEEN] = {.name = "seen", .kind = FIELD_INT, .low = 0, .high = INT64_MAX,
                .flags = FIELD_REQUIRED, .label = "核对内容"},
    {0},
};
static const size_t field_of[ENTERPRISE_FIELDS] = {F_NAME,     F_REGION,   F_PROVINCE,
                                                   F_REP_NAME, F_REP_TYPE, F_REP_NO};

static void page_firm(HDF *item, const struct enterprise *firm)
{
    page_int(item, "Id", (int64_t)firm->id);
    page_text(item, "Uscc", firm->uscc);
    page_text(item, "Name", firm->name);
    page_text(item, "Region", firm->local ? "本市" : "外省市");
    page_text(item, "Province", firm->province);
}

static enum outcome enterprises_list(struct request *request, struct err *err)
{
    const char *name = request_text(request, L_NAME);
    struct enterprise_page page;
    struct enterprise firm;
    struct text query;

    if (name && uscc_valid(name)) {
        int found = enterprise_find_uscc(request->db, request->pool, name, &firm, err);
        if (found < 0)
            return outcome_of(err);
        if (found == 1)
            return respond_redirect(request, "/staff/enterprises/%" PRIu64, firm.id);
    }
    if (enterprise_search(request->db, request->pool, name, request_id(request, L_AFTER), LIST_ROWS,
                          &page, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < page.count; i++)
        page_firm(page_item(request->hdf, "Rows", i), &page.rows[i]);
    text_init(&query, request->pool, QUERY_SIZE);
    query_add(&query, "name", name);
    page_next(request, query.data, page.next);
    if (request_has(request, L_AFTER))
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query.data));
    return OUT_PAGE;
}

/* One firm */

/* 1/0/-1. */
static int find(struct request *request, struct enterprise_record *record, struct err *err)
{
    HDF *node = page_node(request->hdf, "Firm");
    const char *const *fields = record->fields;
    int found = enterprise_record_find(request->db, request->pool, core_of(request),
                                       request_id(request, F_ID), record, err);

    if (found != 1)
        return found;
    page_firm(node, &record->firm);
    page_text(node, "RegionCode", fields[ENTERPRISE_REGION]);
    page_text(node, "RepName", fields[ENTERPRISE_REP_NAME]);
    page_text(node, "RepTypeCode", fields[ENTERPRISE_REP_TYPE]);
    if (*fields[ENTERPRISE_REP_TYPE])
        page_text(node, "RepType", document_type_label(fields[ENTERPRISE_REP_TYPE]));
    page_text(node, "RepNumber", record->rep_no_masked);
    page_int(node, "Phone", record->has_phone);
    page_time(node, "Updated", record->updated_ms);
    page_int(node, "Seen", record->updated_ms);
    return 1;
}

static int page_certificates_of(struct request *request, uint64_t id, struct err *err)
{
    struct db_rows rows;

    if (enterprise_states(request->db, request->pool, id, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++) {
        HDF *item = page_item(request->hdf, "States", i);
        const char *state = db_as_text(db_row(&rows, i));

        page_text(item, "State", state);
        page_text(item, "Label", state_label(state));
        page_int(item, "Count", db_as_int(db_row(&rows, i) + 1));
    }
    return 0;
}

static int page_matters_of(struct request *request, uint64_t id, struct err *err)
{
    const struct matter *matters;
    size_t count;

    if (enterprise_matters(request->db, request->pool, id, &matters, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Matters", i);

        page_text(item, "Number", matters[i].number);
        page_text(item, "Item", item_label(matters[i].item));
        page_text(item, "Name", matters[i].holder_name);
        page_date(item, "Date", matters[i].opened_on);
        page_text(item, "State", matters[i].state);
        page_text(item, "Label", matter_state_label(matters[i].state));
    }
    return 0;
}

static int page_hold_of(struct request *request, uint64_t id, struct err *err)
{
    struct hold hold;
    int found = hold_find(request->db, request->pool, HOLD_ENTERPRISE, id, &hold, err);

    if (found == 1)
        page_hold(page_node(request->hdf, "Hold"), &hold, request->today);
    return found < 0 ? -1 : 0;
}

/* Every value that a correction changed, or is to change, is a row. */
static int page_corrections_of(struct request *request, uint64_t id, struct err *err)
{
    const struct proposal *list;
    size_t count, shown = 0;

    if (enterprise_corrections(request->db, request->pool, core_of(request), id, &list, &count,
                               err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i].row_count; k++) {
            const struct proposal_row *row = &list[i].rows[k];

            if (!*row->label)
                continue;
            HDF *item = page_item(request->hdf, "Corrections", shown++);
            page_text(item, "Number", list[i].number);
            page_text(item, "Field", row->label);
            page_text(item, "Before", row->before);
            page_text(item, "After", row->after);
            page_text(item, "Reason", list[i].reason);
            page_text(item, "State", list[i].state);
            page_text(item, "Label", proposal_state_label(list[i].state));
            page_text(item, "Proposer", list[i].proposer);
            page_text(item, "Decider", list[i].decider);
            page_time(item, "At", list[i].decided_ms ? list[i].decided_ms : list[i].proposed_ms);
        }
    return 0;
}

static enum outcome enterprises_show(struct request *request, struct err *err)
{
    struct enterprise_record record;
    struct enterprise_waiting waiting;
    int found = find(request, &record, err);
    uint64_t id = request_id(request, F_ID);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (enterprise_waiting(request->db, request->pool, id, request->today,
                           core_of(request)->policy->renew_days, &waiting, err) < 0 ||
        page_certificates_of(request, id, err) < 0 || page_matters_of(request, id, err) < 0 ||
        page_hold_of(request, id, err) < 0 || page_corrections_of(request, id, err) < 0)
        return outcome_of(err);
    page_int(request->hdf, "Firm.Outdated", (int64_t)waiting.outdated);
    page_int(request->hdf, "May.Correct", (request->who.roles & enterprise_correct.propose) != 0);
    page_int(request->hdf, "May.Hold", (request->who.roles & hold_place.propose) != 0);
    return OUT_PAGE;
}

/* Its correction */

static enum outcome enterprises_edit(struct request *request, struct err *err)
{
    struct enterprise_record record;
    HDF *node = page_node(request->hdf, "Field");
    int found = find(request, &record, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    page_text(node, "name", record.fields[ENTERPRISE_NAME]);
    page_text(node, "region", record.fields[ENTERPRISE_REGION]);
    page_text(node, "province", record.fields[ENTERPRISE_PROVINCE]);
    page_text(node, "rep_name", record.fields[ENTERPRISE_REP_NAME]);
    page_options(request->hdf, "Types", document_type_code, document_type_label,
                 record.fields[ENTERPRISE_REP_TYPE]);
    return OUT_PAGE;
}

static int enterprises_edit_again(struct request *request, struct err *err)
{
    struct enterprise_record record;

    page_options(request->hdf, "Types", document_type_code, document_type_label,
                 request_text(request, F_REP_TYPE));
    return find(request, &record, err) < 0 ? -1 : 0;
}

/* The values as they are to be. An empty number beside the same type leaves the number as it is: a page
 * never shows it whole. */
static enum outcome take(struct request *request, const struct enterprise_record *record,
                         const char *after[ENTERPRISE_FIELDS])
{
    const char *typed[ENTERPRISE_FIELDS], *faults[ENTERPRISE_FIELDS];

    for (size_t i = 0; i < ENTERPRISE_FIELDS; i++) {
        const char *text = request_text(request, field_of[i]);

        typed[i] = text ? text : "";
    }
    if (!*typed[ENTERPRISE_REP_NO] &&
        strcmp(typed[ENTERPRISE_REP_TYPE], record->fields[ENTERPRISE_REP_TYPE]) == 0)
        typed[ENTERPRISE_REP_NO] = record->fields[ENTERPRISE_REP_NO];
    if (enterprise_judge(request->pool, typed, request->today, after, faults) == 0)
        return OUT_PAGE;
    for (size_t i = 0; i < ENTERPRISE_FIELDS; i++)
        if (faults[i])
            request_reject(request, field_of[i], "%s", faults[i]);
    return OUT_INVALID;
}

static enum outcome enterprises_correct(struct request *request, struct err *err)
{
    struct proposal_row rows[2 * ENTERPRISE_FIELDS];
    const char *after[ENTERPRISE_FIELDS];
    struct enterprise_record record;
    size_t count;
    int found = find(request, &record, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    /* The form holds all values: what an import has changed meanwhile would be proposed back. */
    if (request_int(request, F_SEEN) != record.updated_ms)
        return request_conflict(
            request, "打开表单之后，该企业的登记内容已经变化，没有提请。请核对现在的登记内容，重新填写。",
            pool_printf(request->pool, "/staff/enterprises/%" PRIu64 "/correct", record.firm.id));
    enum outcome outcome = take(request, &record, after);
    if (outcome != OUT_PAGE)
        return outcome;
    enterprise_rows(request->pool, &record, after, rows, &count);
    if (count == 0)
        return request_reject(request, F_NAME, "没有更改任何内容");
    const struct proposal_new what = {
        .kind = &enterprise_correct,
        .enterprise_id = record.firm.id,
        .enterprise_name = record.firm.name,
        .reason = request_text(request, F_REASON),
        .rows = rows,
        .row_count = count,
    };
    return proposal_propose(
        request, &what,
        pool_printf(request->pool, "/staff/enterprises/%" PRIu64, record.firm.id), err);
}

static const struct route enterprises_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .fields = list_fields, .page = "list",
     .handle = enterprises_list},
    {"{id}", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .fields = id_fields, .page = "show",
     .handle = enterprises_show},
    {"{id}/correct", HTTP_GET, NEED_STAFF, .roles = STAFF_REVIEWER, .fields = id_fields,
     .page = "edit", .handle = enterprises_edit},
    {"{id}/correct", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_REVIEWER,
     .fields = edit_fields, .handle = enterprises_correct, .form = "edit",
     .refill = enterprises_edit_again},
    {0},
};

const struct module module_staff_enterprises = {
    .name = "staff/enterprises", .label = "企业登记", .routes = enterprises_routes};
