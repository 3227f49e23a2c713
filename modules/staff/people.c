/*
 * 身份信息采集: people by document or by name, a new one, one of them with photos and certificates.
 *
 * A document's number stands in no address: it is looked up, and shown in full, by POST alone.
 */
#include <inttypes.h>
#include <string.h>

#include "core/proposal/capture_take.h"
#include "core/register/capture.h"
#include "core/register/person.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/person_export.h"
#include "modules/staff/person_page.h"
#include "modules/staff/proposal_page.h"

enum { LIST_ROWS = 20, NAME_CHARACTERS = 64, PHONE_CHARACTERS = 20 };

enum { S_NAME, S_AFTER };
static const struct field search_fields[] = {
    [S_NAME] = {.name = "name", .kind = FIELD_TEXT, .high = NAME_CHARACTERS, .label = "姓名"},
    [S_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

#define DOCUMENT_FIELDS                                                                            \
    [F_ID_TYPE] = {.name = "id_type", .kind = FIELD_CODE, .low = 3, .high = 3,                     \
                   .flags = FIELD_REQUIRED | FIELD_CHOSEN, .label = "证件类型"},                   \
    [F_ID_NO] = {.name = "id_no", .kind = FIELD_TEXT, .low = 1, .high = DOCUMENT_NO_SIZE - 1,      \
                 .flags = FIELD_REQUIRED, .label = "证件号码"}

enum { F_ID_TYPE, F_ID_NO, F_NAME, F_SEX, F_BIRTH, F_EDUCATION, F_TITLE, F_PHONE };
static const struct field document_fields[] = {DOCUMENT_FIELDS, {0}};
static const struct field new_fields[] = {
    DOCUMENT_FIELDS,
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .low = 1, .high = NAME_CHARACTERS,
                .flags = FIELD_REQUIRED, .label = "姓名"},
    [F_SEX] = {.name = "sex", .kind = FIELD_INT, .low = 1, .high = 2, .label = "性别"},
    [F_BIRTH] = {.name = "birth", .kind = FIELD_DATE, .label = "出生日期"},
    [F_EDUCATION] = {.name = "education", .kind = FIELD_CODE, .high = 2, .label = "文化程度"},
    [F_TITLE] = {.name = "title", .kind = FIELD_CODE, .high = 2, .label = "技术职称"},
    [F_PHONE] = {.name = "phone", .kind = FIELD_TEXT, .high = PHONE_CHARACTERS, .label = "电话"},
    {0},
};
/* The field that a mistake of person_judge stands at. */
static const size_t field_of[PERSON_FIELDS] = {
    [PERSON_ID_TYPE] = F_ID_TYPE, [PERSON_ID_NO] = F_ID_NO, [PERSON_NAME] = F_NAME,
    [PERSON_SEX] = F_SEX, [PERSON_BIRTH] = F_BIRTH, [PERSON_EDUCATION] = F_EDUCATION,
    [PERSON_TITLE] = F_TITLE, [PERSON_PHONE] = F_PHONE,
};

enum { P_ID, P_CAPTURE };
#define ID_FIELD {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED}
enum { P_DONE = 1 };
static const struct field id_fields[] = {[P_ID] = ID_FIELD, {0}};
static const struct field show_fields[] = {
    [P_ID] = ID_FIELD,
    [P_DONE] = {.name = "done", .kind = FIELD_CODE, .high = 8, .label = "结果"},
    {0},
};
static const struct field capture_fields[] = {
    [P_ID] = ID_FIELD,
    [P_CAPTURE] = {.name = "capture", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

static int page_form(struct request *request, struct err *err)
{
    (void)err;
    page_options(request->hdf, "IdTypes", document_type_code, document_type_label, NULL);
    page_options(request->hdf, "Educations", person_education_code, person_education_label, NULL);
    page_options(request->hdf, "Titles", person_title_code, person_title_label, NULL);
    if (request->who.roles & STAFF_WINDOW)
        page_int(request->hdf, "May.Capture", 1);
    if (core_of(request)->policy->demo)
        page_int(request->hdf, "Reader.Demo", 1);
    return 0;
}

/* The list */

static enum outcome people_list(struct request *request, struct err *err)
{
    const char *name = request_text(request, S_NAME);
    struct person_page page;
    struct text query;

    if (page_form(request, err) < 0)
        return outcome_of(err);
    if (!name || !*name)
        return OUT_PAGE;
    if (person_search(request->db, request->pool, core_of(request), name, request_id(request, S_AFTER),
                      LIST_ROWS, &page, err) < 0)
        return outcome_of(err);
    page_int(request->hdf, "Searched", 1);
    for (size_t i = 0; i < page.count; i++)
        page_person(page_item(request->hdf, "Rows", i), &page.rows[i]);
    text_init(&query, request->pool, 1024);
    query_add(&query, "name", name);
    page_next(request, query.data, page.next);
    if (request_has(request, S_AFTER))
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query.data));
    return OUT_PAGE;
}

static enum outcome people_find(struct request *request, struct err *err)
{
    struct person person;
    enum outcome outcome;
    int found = person_typed(request, F_ID_TYPE, F_ID_NO, NULL, &person, &outcome, err);

    if (found < 0)
        return outcome_of(err);
    if (outcome != OUT_PAGE)
        return outcome;
    if (found == 1)
        return respond_redirect(request, "/staff/people/%" PRIu64, person.id);
    page_text(request->hdf, "IdType", document_type_label(request_text(request, F_ID_TYPE)));
    return page_form(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

/* A new one */

static enum outcome people_new(struct request *request, struct err *err)
{
    return page_form(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

static const char *text_of(const struct request *request, size_t field)
{
    const char *text = request_text(request, field);

    return text ? text : "";
}

/* What was typed, checked whole: every field that is wrong says so. */
static enum outcome judge(struct request *request, struct person_data *data)
{
    const struct person_data typed = {
        .id_type = text_of(request, F_ID_TYPE),
        .id_no = text_of(request, F_ID_NO),
        .name = text_of(request, F_NAME),
        .sex = (unsigned)request_int(request, F_SEX),
        .birth = request_date(request, F_BIRTH),
        .education = text_of(request, F_EDUCATION),
        .title = text_of(request, F_TITLE),
        .phone = text_of(request, F_PHONE),
    };
    const char *faults[PERSON_FIELDS];

    if (person_judge(request->pool, &typed, request->today, data, faults) == 0)
        return OUT_PAGE;
    for (size_t i = 0; i < PERSON_FIELDS; i++)
        if (faults[i])
            request_reject(request, field_of[i], "%s", faults[i]);
    return OUT_INVALID;
}

static enum outcome people_create(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct person_data data;
    struct person known;
    enum outcome outcome = judge(request, &data);
    uint64_t id;
    int found;

    if (outcome != OUT_PAGE)
        return outcome;
    found = person_find_document(request->db, request->pool, change.core, data.id_type, data.id_no,
                                 &known, err);
    if (found < 0)
        return outcome_of(err);
    if (found == 1)
        return request_conflict(request, "该证件已登记过人员，没有重复登记。请核对后在该人员的页面上办理。",
                                pool_printf(request->pool, "/staff/people/%" PRIu64, known.id));
    if (person_create(&change, &data, &id, err) < 0 || change_end(&change, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/staff/capture/%" PRIu64, id);
}

/* One of them */

static int page_captures(struct request *request, const struct person *person, bool waits,
                         struct err *err)
{
    const struct capture *rows;
    size_t count;

    if (capture_list(request->db, request->pool, person->id, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Captures", i);
        bool used = rows[i].id == person->capture_id;
        bool taken = strcmp(rows[i].state, "taken") == 0;

        page_int(item, "Id", (int64_t)rows[i].id);
        page_text(item, "Source", capture_source_label(rows[i].source));
        page_time(item, "At", rows[i].captured_ms);
        page_text(item, "By", rows[i].taken_by);
        page_text(item, "Label", used    ? "使用中"
                                 : taken ? "曾使用"
                                 : waits && strcmp(rows[i].state, "waiting") == 0 ? "待复核"
                                                                                  : "未采用");
        if (used)
            page_int(item, "Used", 1);
    }
    return 0;
}

static int page_certificates_of(struct request *request, uint64_t id, struct err *err)
{
    const struct person_certificate *rows;
    size_t count;

    if (person_certificates(request->db, request->pool, id, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Certificates", i);
        const char *state = state_on(rows[i].was.state, rows[i].valid_until, request->today);

        page_int(item, "Id", (int64_t)rows[i].was.id);
        page_text(item, "Number", rows[i].number);
        page_text(item, "Class", rows[i].class_code);
        page_text(item, "Post", post_label(rows[i].post));
        page_text(item, "Enterprise", rows[i].enterprise_name);
        page_date(item, "Until", rows[i].valid_until);
        page_text(item, "State", state);
        page_text(item, "Label", state_label(state));
    }
    return 0;
}

static bool is_capture(const struct proposal *proposal)
{
    return proposal->kind == &capture_kind;
}

/* All there is to see of the person in the path: 1; 0: not there; -1. */
static int page_whole(struct request *request, struct err *err)
{
    struct proposal_page waiting;
    struct person person;
    bool waits = false;
    size_t shown = 0;
    int found = person_find(request->db, request->pool, core_of(request), request_id(request, P_ID),
                            &person, err);

    if (found != 1)
        return found;
    HDF *node = page_node(request->hdf, "Person");
    page_person_whole(node, &person);
    page_time(node, "Created", person.created_ms);
    if (proposal_about(request->db, request->pool, "person", person.id, &waiting, err) < 0)
        return -1;
    for (size_t i = 0; i < waiting.count; i++) {
        waits = waits || is_capture(&waiting.rows[i]);
        if (proposal_visible(waiting.rows[i].kind, request->who.roles))
            page_proposal(request, page_item(request->hdf, "Waiting", shown++), &waiting.rows[i]);
    }
    if (page_captures(request, &person, waits, err) < 0 ||
        page_certificates_of(request, person.id, err) < 0)
        return -1;
    if (request->who.roles & STAFF_WINDOW)
        page_int(request->hdf, "May.Capture", 1);
    if (request->who.roles & (STAFF_REVIEWER | STAFF_AUDITOR))
        page_int(request->hdf, "May.Export", 1);
    return 1;
}

static enum outcome people_show(struct request *request, struct err *err)
{
    const char *done = request_text(request, P_DONE);
    int found = page_whole(request, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (done)
        page_text(request->hdf, "Done", done);
    return OUT_PAGE;
}

static enum outcome people_reveal(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    const char *number;
    int found = page_whole(request, err);

    if (found == 1)
        found = person_reveal(&change, request_id(request, P_ID), &number, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (change_end(&change, err) < 0)
        return outcome_of(err);
    page_text(request->hdf, "Person.Number", number);
    return OUT_PAGE;
}

static enum outcome people_photo(struct request *request, struct err *err)
{
    struct bytes jpeg;
    uint64_t capture = request_id(request, P_CAPTURE);
    int found = capture_photo(request->db, request->pool, core_of(request),
                                 request_id(request, P_ID), capture, &jpeg, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_bytes(request, "image/jpeg", jpeg, NULL, NULL);
}

static enum outcome people_export(struct request *request, struct err *err)
{
    return person_export_send(request, request_id(request, P_ID), err);
}

static const struct route people_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .fields = search_fields, .page = "list",
     .handle = people_list, .refill = page_form},
    {"", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_WINDOW, .fields = new_fields,
     .handle = people_create, .form = "new", .refill = page_form},
    {"find", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_READERS,
     .fields = document_fields, .page = "none", .handle = people_find, .form = "list",
     .refill = page_form},
    {"new", HTTP_GET, NEED_STAFF, .roles = STAFF_WINDOW, .page = "new", .handle = people_new},
    {"new", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_WINDOW,
     .fields = document_fields, .page = "new", .handle = people_new, .form = "new",
     .refill = page_form},
    {"{id}", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .fields = show_fields, .page = "show",
     .handle = people_show},
    {"{id}/number", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_READERS,
     .fields = id_fields, .page = "show", .handle = people_reveal},
    {"{id}/export", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION,
     .roles = STAFF_REVIEWER | STAFF_AUDITOR, .fields = id_fields, .handle = people_export},
    /* Kept by no browser: a counter's computer is not one person's. */
    {"{id}/photos/{capture}", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS,
     .fields = capture_fields, .handle = people_photo},
    {0},
};

const struct module module_staff_people = {
    .name = "staff/people", .label = "身份信息采集", .routes = people_routes};
