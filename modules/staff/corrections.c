/*
 * 数据更正: the list of records; a person by document or a certificate by number; what is to be put
 * right, with its reason and, if there is one, a scan of the proof; check your answers; the proposal.
 */
#include <inttypes.h>
#include <string.h>

#include "core/matter/attachment.h"
#include "core/proposal/correction.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/papers.h"
#include "modules/staff/person_page.h"
#include "modules/staff/proposal_page.h"

enum { REASON = 300, PHONE = 20 };
#define KINDS    "correct_person,correct_certificate"
#define NO_TITLE "none" /* of the choice that empties */

#define DOCUMENT_TYPE {.name = "id_type", .kind = FIELD_CODE, .low = 3, .high = 3, .label = "证件类型"}
#define DOCUMENT_NO                                                                                \
    {                                                                                              \
        .name = "id_no", .kind = FIELD_TEXT, .low = 1, .high = DOCUMENT_NO_SIZE - 1,               \
        .label = "证件号码"                                                                        \
    }
enum { D_TYPE, D_NUMBER, D_CERTIFICATE };
static const struct field find_fields[] = {
    [D_TYPE] = DOCUMENT_TYPE,
    [D_NUMBER] = DOCUMENT_NO,
    [D_CERTIFICATE] = {.name = "certificate", .kind = FIELD_TEXT, .low = 1, .high = NUMBER_SIZE - 1,
                       .label = "证书编号"},
    {0},
};

#define ID_FIELD {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED}
#define REASON_FIELD                                                                               \
    {                                                                                              \
        .name = "reason", .kind = FIELD_TEXT, .low = 1, .high = REASON, .flags = FIELD_REQUIRED,   \
        .label = "更正原因"                                                                        \
    }
/* What both forms begin with. */
enum { F_ID, F_REASON, F_KEPT, F_OWN };
#define COMMON_FIELDS                                                                              \
    [F_ID] = ID_FIELD, [F_REASON] = REASON_FIELD,                                                  \
    [F_KEPT] = {.name = "kept_evidence", .kind = FIELD_ID, .label = "更正依据"}
#define FILE_FIELD                                                                                 \
    {                                                                                              \
        .name = "file_evidence", .kind = FIELD_UPLOAD, .low = 1, .high = SCAN_PAPER_BYTES,         \
        .label = "更正依据"                                                                        \
    }
static const struct field id_fields[] = {[F_ID] = ID_FIELD, {0}};

enum { P_TYPE = F_OWN, P_NUMBER, P_SEX, P_BIRTH, P_EDUCATION, P_TITLE, P_PHONE, P_NO_PHONE, P_FILE };
#define PERSON_FIELDS_TABLE                                                                        \
    COMMON_FIELDS, [P_TYPE] = DOCUMENT_TYPE, [P_NUMBER] = DOCUMENT_NO,                             \
    [P_SEX] = {.name = "sex", .kind = FIELD_INT, .low = 1, .high = 2, .label = "性别"},            \
    [P_BIRTH] = {.name = "birth", .kind = FIELD_DATE, .label = "出生日期"},                        \
    [P_EDUCATION] = {.name = "education", .kind = FIELD_CODE, .high = 2, .label = "文化程度"},     \
    [P_TITLE] = {.name = "title", .kind = FIELD_CODE, .high = 4, .label = "技术职称"},             \
    [P_PHONE] = {.name = "phone", .kind = FIELD_TEXT, .high = PHONE, .label = "电话"},             \
    [P_NO_PHONE] = {.name = "no_phone", .kind = FIELD_FLAG, .label = "删除电话"}
static const struct field person_fields[] = {PERSON_FIELDS_TABLE, {0}};
static const struct field person_form_fields[] = {PERSON_FIELDS_TABLE, [P_FILE] = FILE_FIELD, {0}};

enum { C_POST = F_OWN, C_FIRST, C_FROM, C_UNTIL, C_HELD, C_FILE };
#define CERTIFICATE_FIELDS                                                                         \
    COMMON_FIELDS,                                                                                 \
    [C_POST] = {.name = "post", .kind = FIELD_CODE, .high = 2, .label = "职务"},                   \
    [C_FIRST] = {.name = "first_issued", .kind = FIELD_DATE, .label = "初次领证日期"},             \
    [C_FROM] = {.name = "valid_from", .kind = FIELD_DATE, .label = "有效期（起）"},                \
    [C_UNTIL] = {.name = "valid_until", .kind = FIELD_DATE, .label = "有效期（止）"},              \
    [C_HELD] = {.name = "held_since", .kind = FIELD_DATE, .label = "进入本企业日期"}
static const struct field certificate_fields[] = {CERTIFICATE_FIELDS, {0}};
static const struct field certificate_form_fields[] = {CERTIFICATE_FIELDS, [C_FILE] = FILE_FIELD,
                                                       {0}};

/* The fields that mistakes stand at. */
static const size_t person_field_of[PERSON_FIELDS] = {
    [PERSON_ID_TYPE] = P_TYPE, [PERSON_ID_NO] = P_NUMBER, [PERSON_NAME] = P_NUMBER,
    [PERSON_SEX] = P_SEX, [PERSON_BIRTH] = P_BIRTH, [PERSON_EDUCATION] = P_EDUCATION,
    [PERSON_TITLE] = P_TITLE, [PERSON_PHONE] = P_PHONE,
};
static const size_t certificate_field_of[CORRECTION_FAULTS] = {
    [CORRECTION_POST] = C_POST, [CORRECTION_FIRST_ISSUED] = C_FIRST,
    [CORRECTION_VALID_FROM] = C_FROM, [CORRECTION_VALID_UNTIL] = C_UNTIL,
    [CORRECTION_HELD_SINCE] = C_HELD,
};

static const struct paper_slot person_slot = {
    .file = P_FILE, .kept = F_KEPT, .kind = CORRECTION_EVIDENCE, .label = "更正依据"};
static const struct paper_slot certificate_slot = {
    .file = C_FILE, .kept = F_KEPT, .kind = CORRECTION_EVIDENCE, .label = "更正依据"};

/* The two kinds of the form: what they have in common is written once below. */
struct about {
    const char *folder; /* of the path */
    const struct paper_slot *slot;
    int (*page)(struct request *request, struct err *err);
    enum outcome (*wish)(struct request *request, struct change *change, struct proposal_new *what,
                         struct err *err);
};

static enum outcome corrections_list(struct request *request, struct err *err)
{
    page_int(request->hdf, "Propose", (request->who.roles & (STAFF_WINDOW | STAFF_REVIEWER)) != 0);
    return papers_list(request, KINDS, err);
}

static int new_again(struct request *request, struct err *err)
{
    (void)err;
    page_options(request->hdf, "IdTypes", document_type_code, document_type_label, NULL);
    return 0;
}

static enum outcome corrections_new(struct request *request, struct err *err)
{
    return new_again(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

static enum outcome find_certificate(struct request *request, struct err *err)
{
    char number[NUMBER_SIZE];
    uint64_t id;
    int found = 0;

    if (!certificate_number_normalise(request_text(request, D_CERTIFICATE),
                                      core_of(request)->policy->province, number))
        return request_reject(request, D_CERTIFICATE, "证书编号格式不正确，例如：沪建安B（2026）0000001");
    found = correction_find(request->db, request->pool, number, &id, err);
    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return request_reject(request, D_CERTIFICATE, "没有这个编号的电子证书，请核对");
    return respond_redirect(request, "/staff/corrections/certificates/%" PRIu64, id);
}

static enum outcome corrections_find(struct request *request, struct err *err)
{
    struct person person;
    enum outcome outcome = OUT_PAGE;
    int found;

    if (request_has(request, D_CERTIFICATE))
        return find_certificate(request, err);
    if (!request_has(request, D_TYPE) || !request_has(request, D_NUMBER))
        return request_reject(request, D_NUMBER, "请填写证件号码，或者证书编号");
    found = person_typed(request, D_TYPE, D_NUMBER, PERSON_UNKNOWN, &person, &outcome, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    return respond_redirect(request, "/staff/corrections/people/%" PRIu64, person.id);
}

/* Of a person */

static int person_page(struct request *request, struct err *err)
{
    struct person person;
    int found = person_find(request->db, request->pool, core_of(request), request_id(request, F_ID),
                            &person, err);

    if (found != 1)
        return found;
    page_person_whole(page_node(request->hdf, "Person"), &person);
    page_options(request->hdf, "IdTypes", document_type_code, document_type_label, NULL);
    page_options(request->hdf, "Educations", person_education_code, person_education_label, NULL);
    page_options(request->hdf, "Titles", person_title_code, person_title_label, NULL);
    return papers_page(request, &person_slot, 1, err) < 0 ? -1 : 1;
}

/* A field that was left empty is as it is. */
static const char *given(const struct request *request, size_t field)
{
    const char *text = request_text(request, field);

    return text && *text ? text : NULL;
}

static enum outcome person_wish(struct request *request, struct change *change,
                                struct proposal_new *what, struct err *err)
{
    const char *title = given(request, P_TITLE);
    const struct person_data typed = {
        .id_type = given(request, P_TYPE),
        .id_no = given(request, P_NUMBER),
        .sex = (unsigned)request_int(request, P_SEX),
        .birth = request_date(request, P_BIRTH),
        .education = given(request, P_EDUCATION),
        .title = title && strcmp(title, NO_TITLE) == 0 ? "" : title,
        .phone = request_flag(request, P_NO_PHONE) ? "" : given(request, P_PHONE),
    };
    const char *faults[PERSON_FIELDS];
    enum outcome outcome = OUT_PAGE;
    int found = correction_of_person(change, request_id(request, F_ID), &typed, what, faults, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    for (size_t i = 0; i < PERSON_FIELDS; i++)
        if (faults[i])
            outcome = request_reject(request, person_field_of[i], "%s", faults[i]);
    if (outcome == OUT_PAGE && what->row_count == 0)
        outcome = request_reject(request, P_NUMBER, "没有填写要更正的内容，或者与原来的相同");
    return outcome;
}

/* Of a certificate */

static void page_posts(struct request *request, const char *class_code)
{
    static const char *const posts[] = {"02", "03", "04", "05", "06", "99"};
    size_t count = 0;

    for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++) {
        if (!post_allowed(class_code, posts[i]))
            continue;
        HDF *item = page_item(request->hdf, "Posts", count++);
        page_text(item, "Code", posts[i]);
        page_text(item, "Label", post_label(posts[i]));
    }
}

static int certificate_page(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct restated row;
    int found = restate_of(&change, request_id(request, F_ID), &row, err);

    if (found != 1)
        return found;
    HDF *node = page_node(request->hdf, "Certificate");
    const char *state = state_on(row.was.state, row.face.valid_until, request->today);
    page_int(node, "Id", (int64_t)row.was.id);
    page_text(node, "Number", row.face.number);
    page_text(node, "Name", row.face.holder_name);
    page_text(node, "Class", class_label(row.face.class_code));
    page_text(node, "Enterprise", row.face.enterprise_name);
    page_text(node, "Post", post_label(row.face.post));
    page_date(node, "FirstIssued", row.face.first_issued);
    page_date(node, "From", row.face.valid_from);
    page_date(node, "Until", row.face.valid_until);
    page_date(node, "HeldSince", row.face.held_since);
    page_text(node, "State", state);
    page_text(node, "Label", state_label(state));
    if (strcmp(row.face.post, POST_LEGAL) != 0)
        page_posts(request, row.face.class_code);
    return papers_page(request, &certificate_slot, 1, err) < 0 ? -1 : 1;
}

static enum outcome certificate_wish(struct request *request, struct change *change,
                                     struct proposal_new *what, struct err *err)
{
    const struct correction_face typed = {
        .post = given(request, C_POST),
        .first_issued = request_date(request, C_FIRST),
        .valid_from = request_date(request, C_FROM),
        .valid_until = request_date(request, C_UNTIL),
        .held_since = request_date(request, C_HELD),
    };
    const char *faults[CORRECTION_FAULTS];
    enum outcome outcome = OUT_PAGE;
    int found =
        correction_of_certificate(change, request_id(request, F_ID), &typed, what, faults, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    for (size_t i = 0; i < CORRECTION_FAULTS; i++)
        if (faults[i])
            outcome = request_reject(request, certificate_field_of[i], "%s", faults[i]);
    if (outcome == OUT_PAGE && what->row_count == 0)
        outcome = request_reject(request, C_FIRST, "没有填写要更正的内容，或者与原来的相同");
    return outcome;
}

/* Both */

static const struct about about_person = {"people", &person_slot, person_page, person_wish},
                          about_certificate = {"certificates", &certificate_slot, certificate_page,
                                               certificate_wish};

static enum outcome form(struct request *request, const struct about *about, struct err *err)
{
    int found = about->page(request, err);

    if (found < 0)
        return outcome_of(err);
    return found ? OUT_PAGE : OUT_NOT_FOUND;
}

static const char *path_of(struct request *request, const struct about *about)
{
    return pool_printf(request->pool, "/staff/corrections/%s/%" PRIu64, about->folder,
                       request_id(request, F_ID));
}

static enum outcome check(struct request *request, const struct about *about, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct proposal_new what;
    struct proposal judged;
    uint64_t id;
    enum outcome outcome = about->wish(request, &change, &what, err);

    if (outcome != OUT_PAGE && outcome != OUT_INVALID)
        return outcome;
    outcome = papers_keep(request, &change, about->slot, 1, outcome == OUT_INVALID, &id, err);
    if (outcome != OUT_PAGE)
        return outcome;
    what.reason = request_text(request, F_REASON);
    if (proposal_judge(&change, &what, &judged, err) < 0 || about->page(request, err) < 0)
        return outcome_of(err);
    page_proposal_whole(request, page_node(request->hdf, "Proposal"), &judged);
    page_int(request->hdf, "Allowed", proposal_allowed(&judged));
    page_text(request->hdf, "Path", path_of(request, about));
    return OUT_PAGE;
}

static enum outcome propose(struct request *request, const struct about *about, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    enum proposal_answer answer;
    struct proposal_new what;
    struct proposal proposal;
    uint64_t id;
    enum outcome outcome = about->wish(request, &change, &what, err);

    if (outcome != OUT_PAGE)
        return outcome;
    what.reason = request_text(request, F_REASON);
    if (papers_carried(request, about->slot, 1, &id, err) < 0 ||
        proposal_open(&change, request->who.roles, &what, &proposal, &answer, err) < 0 ||
        (answer == PROPOSAL_DONE && id &&
         attachment_tie(&change, id, about->slot->kind, proposal.matter_id, err) < 0))
        return outcome_of(err);
    return proposal_answered(request, &proposal, answer, path_of(request, about));
}

#define BOTH(name)                                                                                 \
    static enum outcome name##_form(struct request *request, struct err *err)                      \
    {                                                                                              \
        return form(request, &about_##name, err);                                                  \
    }                                                                                              \
    static enum outcome name##_check(struct request *request, struct err *err)                     \
    {                                                                                              \
        return check(request, &about_##name, err);                                                 \
    }                                                                                              \
    static enum outcome name##_propose(struct request *request, struct err *err)                   \
    {                                                                                              \
        return propose(request, &about_##name, err);                                               \
    }                                                                                              \
    static enum outcome name##_scan(struct request *request, struct err *err)                      \
    {                                                                                              \
        return papers_scan(request, about_##name.slot, 1, err);                                    \
    }                                                                                              \
    static int name##_again(struct request *request, struct err *err)                              \
    {                                                                                              \
        return about_##name.page(request, err) < 0 ? -1 : 0;                                       \
    }
BOTH(person)
BOTH(certificate)

enum { PROPOSERS = STAFF_WINDOW | STAFF_REVIEWER };

static const struct route corrections_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = PROPOSERS | STAFF_AUDITOR, .fields = papers_list_fields,
     .page = "list", .handle = corrections_list},
    {"new", HTTP_GET, NEED_STAFF, .roles = PROPOSERS, .page = "new", .handle = corrections_new},
    {"find", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = PROPOSERS,
     .fields = find_fields, .handle = corrections_find, .form = "new", .refill = new_again},
    {"people/{id}", HTTP_GET, NEED_STAFF, .roles = PROPOSERS, .fields = id_fields, .page = "person",
     .handle = person_form},
    {"people/{id}", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = PROPOSERS,
     .fields = person_form_fields, .page = "check", .before = person_scan, .handle = person_check,
     .form = "person", .refill = person_again},
    {"people/{id}/again", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = PROPOSERS,
     .fields = person_fields, .page = "person", .handle = person_form, .form = "person",
     .refill = person_again},
    {"people/{id}/propose", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = PROPOSERS,
     .fields = person_fields, .handle = person_propose, .form = "person", .refill = person_again},
    {"certificates/{id}", HTTP_GET, NEED_STAFF, .roles = PROPOSERS, .fields = id_fields,
     .page = "certificate", .handle = certificate_form},
    {"certificates/{id}", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = PROPOSERS,
     .fields = certificate_form_fields, .page = "check", .before = certificate_scan,
     .handle = certificate_check, .form = "certificate", .refill = certificate_again},
    {"certificates/{id}/again", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION,
     .roles = PROPOSERS, .fields = certificate_fields, .page = "certificate",
     .handle = certificate_form, .form = "certificate", .refill = certificate_again},
    {"certificates/{id}/propose", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = PROPOSERS,
     .fields = certificate_fields, .handle = certificate_propose, .form = "certificate",
     .refill = certificate_again},
    {0},
};

const struct module module_staff_corrections = {
    .name = "staff/corrections", .label = "数据更正", .routes = corrections_routes};
