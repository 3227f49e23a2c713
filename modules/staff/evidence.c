/*
 * 考核与参保: what the register knows of a person as evidence, to be read only. A document's number
 * stands in no address: it is looked up by POST alone. Who read whose is on record.
 */
#include <inttypes.h>

#include "core/audit/audit.h"
#include "core/evidence/evidence_list.h"
#include "core/register/person.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/person_page.h"

enum { F_ID_TYPE, F_ID_NO };
static const struct field find_fields[] = {
    [F_ID_TYPE] = {.name = "id_type", .kind = FIELD_CODE, .low = 3, .high = 3,
                   .flags = FIELD_REQUIRED | FIELD_CHOSEN, .label = "证件类型"},
    [F_ID_NO] = {.name = "id_no", .kind = FIELD_TEXT, .low = 1, .high = DOCUMENT_NO_SIZE - 1,
                 .flags = FIELD_REQUIRED, .label = "证件号码"},
    {0},
};

enum { F_ID };
static const struct field id_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

static enum outcome evidence_start(struct request *request, struct err *err)
{
    (void)err;
    page_options(request->hdf, "Types", document_type_code, document_type_label, NULL);
    return OUT_PAGE;
}

static int evidence_again(struct request *request, struct err *err)
{
    evidence_start(request, err);
    return 0;
}

static enum outcome evidence_find(struct request *request, struct err *err)
{
    struct person person;
    enum outcome outcome;
    int found = person_typed(request, F_ID_TYPE, F_ID_NO, "登记册中没有这个人员", &person, &outcome, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    return respond_redirect(request, "/staff/evidence/%" PRIu64, person.id);
}

static int page_kind(struct request *request, const char *name, enum evidence_kind kind,
                     struct err *err)
{
    HDF *node = page_node(request->hdf, name);
    const struct evidence_row *rows;
    size_t count;
    bool more;

    if (evidence_list(request->db, request->pool, kind, request_id(request, F_ID), &rows, &count,
                      &more, err) < 0)
        return -1;
    if (more)
        page_int(node, "More", (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(node, "Rows", i);

        page_text(item, "Number", rows[i].number);
        page_text(item, "Enterprise", rows[i].enterprise_name);
        page_text(item, "Class", rows[i].class_code);
        page_text(item, "Post", *rows[i].post ? post_label(rows[i].post) : "");
        page_date(item, "Date", rows[i].date);
        page_int(item, "Amount", rows[i].amount);
        page_int(item, "Passed", rows[i].passed);
        page_text(item, "More", rows[i].more);
    }
    return 0;
}

/* That it was read, and of whom. */
static int note(struct request *request, uint64_t person_id, struct err *err)
{
    const struct audit_event event = {
        .actor = actor_of(request),
        .action = "evidence.read",
        .object_kind = "person",
        .object_id = person_id,
    };

    return audit_add(request->db, request->pool, core_of(request), &event, 1, err);
}

static enum outcome evidence_show(struct request *request, struct err *err)
{
    HDF *node = page_node(request->hdf, "Person");
    struct person person;
    int found = person_find(request->db, request->pool, core_of(request),
                            request_id(request, F_ID), &person, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    page_int(node, "Id", (int64_t)person.id);
    page_text(node, "Name", person.name);
    page_text(node, "IdType", document_type_label(person.id_type));
    page_text(node, "IdNumber", person.id_no_masked);
    if (page_kind(request, "Exams", EVIDENCE_EXAM, err) < 0 ||
        page_kind(request, "Insurance", EVIDENCE_INSURANCE, err) < 0 ||
        page_kind(request, "Education", EVIDENCE_EDUCATION, err) < 0 ||
        note(request, person.id, err) < 0)
        return outcome_of(err);
    return OUT_PAGE;
}

static const struct route evidence_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .page = "start", .handle = evidence_start},
    {"", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_READERS,
     .fields = find_fields, .page = "start", .handle = evidence_find, .refill = evidence_again},
    {"{id}", HTTP_GET, NEED_STAFF | NEED_TRANSACTION, .roles = STAFF_READERS, .fields = id_fields,
     .page = "show", .handle = evidence_show},
    {0},
};

const struct module module_staff_evidence = {
    .name = "staff/evidence", .label = "考核与参保", .routes = evidence_routes};
