#include "modules/case.h"

#include <inttypes.h>
#include <string.h>

#include "core/evidence/evidence.h"
#include "core/register/identifier.h"
#include "modules/common.h"
#include "modules/records.h"

#define PERSON_BOX                                                                                 \
    [CASE_ID_TYPE] = {.name = "id_type",                                                           \
                      .kind = FIELD_CODE,                                                          \
                      .low = 3,                                                                    \
                      .high = 3,                                                                   \
                      .flags = FIELD_REQUIRED | FIELD_CHOSEN,                                      \
                      .label = "证件类型"},                                                        \
    [CASE_ID_NO] = {.name = "id_no",                                                               \
                    .kind = FIELD_TEXT,                                                            \
                    .low = 1,                                                                      \
                    .high = DOCUMENT_NO_SIZE - 1,                                                  \
                    .flags = FIELD_REQUIRED,                                                       \
                    .label = "证件号码"},                                                          \
    [CASE_NAME] = {.name = "name",                                                                 \
                   .kind = FIELD_TEXT,                                                             \
                   .low = 1,                                                                       \
                   .high = 64,                                                                     \
                   .flags = FIELD_REQUIRED,                                                        \
                   .label = "姓名"}

const struct field case_fields[] = {PERSON_BOX, {0}};

const struct field case_wish_fields[] = {
    PERSON_BOX,
    [CASE_WISH] = {.name = "wish",
                   .kind = FIELD_CODE,
                   .low = 1,
                   .high = 1,
                   .flags = FIELD_REQUIRED | FIELD_CHOSEN,
                   .label = "证书类别"},
    {0},
};

const struct field case_number_fields[] = {[CASE_NUMBER] = CASE_NUMBER_FIELD, {0}};

/* As the manual names them. */
static const struct choice {
    const char *code, *label;
} wishes[] = {
    {"L", "法定代表人A证"},
    {"A", "企业主要负责人（A证）"},
    {"B", "项目负责人（B证）"},
    {"C", "专职安全员（C证）"},
};

static bool has_wish(const struct request *request)
{
    return request->route->fields == case_wish_fields;
}

static bool wish_valid(const char *wish)
{
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
        if (strcmp(wishes[i].code, wish) == 0)
            return true;
    return false;
}

struct change case_change(const struct request *request, const struct actor *actor)
{
    return (struct change){.db = request->db,
                           .pool = request->pool,
                           .core = core_of(request),
                           .actor = actor,
                           .enterprise_id = request->who.id,
                           .today = request->today,
                           .now_ms = request->now_ms};
}

/* The second segment of the path; NULL: there is none, or nobody's session. */
static const char *ahead_number(struct request *request)
{
    const char *segment = strchr(request->path + 1, '/');
    size_t length = segment ? strcspn(segment + 1, "/") : 0;

    if (request->who.kind != WHO_FIRM || length == 0)
        return NULL;
    return pool_text_n(request->pool, segment + 1, length);
}

void case_ahead(struct request *request, bool queried)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    const char *number = ahead_number(request);

    (void)queried;
    if (number)
        filing_ahead(&change, records_item(request), number);
}

uint64_t case_ahead_matter(struct request *request)
{
    const char *number = ahead_number(request);
    struct date opened_on;
    enum item item;
    uint64_t id;

    if (!number || !matter_number_parse(number, &item, &opened_on, &id))
        return 0;
    matter_find_ahead(request->db, request->pool, number, request->who.id);
    return id;
}

/* The box */

int case_refill(struct request *request, struct err *err)
{
    (void)err;
    page_options(request->hdf, "IdTypes", document_type_code, document_type_label, NULL);
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        HDF *item = page_item(request->hdf, "Wishes", i);

        page_text(item, "Code", wishes[i].code);
        page_text(item, "Label", wishes[i].label);
    }
    return 0;
}

enum outcome case_new(struct request *request, struct err *err)
{
    return case_refill(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

#define UNKNOWN_PERSON                                                                             \
    "没有查询到该人员，请核对证件类型、证件号码和姓名；从未登记过的人员，请先完成个人身份信息采集"

/* The person in the box: 1 and *id; 0: *outcome says what is wrong; -1. */
static int person_of(struct request *request, uint64_t *id, enum outcome *outcome, struct err *err)
{
    const char *type = request_text(request, CASE_ID_TYPE);
    struct err cause = {0};

    if (!document_type_valid(type)) {
        *outcome = request_reject(request, CASE_ID_TYPE, "请选择证件类型");
        return 0;
    }
    if (facts_person(request->db, request->pool, core_of(request), type,
                     request_text(request, CASE_ID_NO), request_text(request, CASE_NAME),
                     request->today, id, &cause) < 0) {
        if (cause.kind != ERR_INPUT) {
            *err = cause;
            return -1;
        }
        *outcome = request_reject(request, CASE_ID_NO, "证件号码不符合“%s”的编号规则，请核对",
                                  document_type_label(type));
        return 0;
    }
    if (*id == 0)
        *outcome = request_reject(request, CASE_ID_NO, UNKNOWN_PERSON);
    return *id != 0;
}

/* Other offices are asked about a person, outside of any transaction: those whose evidence the rules
 * of the item look at, so that one that is away stops nothing else. */
static enum outcome ask(struct request *request, uint64_t person_id, struct err *err)
{
    const struct core *core = core_of(request);
    struct identity identity;
    int found = facts_identity(request->db, request->pool, core, person_id, request->who.id,
                               &identity, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    const struct evidence_query query = {.kinds = filing_evidence(records_item(request)),
                                         .person_id = person_id,
                                         .enterprise_id = request->who.id,
                                         .id_type = identity.id_type,
                                         .id_no = identity.id_no,
                                         .uscc = identity.uscc,
                                         .today = request->today};
    return evidence_refresh(core->evidence, request->db, request->pool, &query, err) < 0
               ? outcome_of(err)
               : OUT_PAGE;
}

/* Whoever is not known is told so by the query itself. */
enum outcome case_ask_query(struct request *request, struct err *err)
{
    const char *type = request_text(request, CASE_ID_TYPE);
    struct err cause = {0};
    uint64_t person_id = 0;

    if (!core_of(request)->evidence || !document_type_valid(type))
        return OUT_PAGE;
    if (facts_person(request->db, request->pool, core_of(request), type,
                     request_text(request, CASE_ID_NO), request_text(request, CASE_NAME),
                     request->today, &person_id, &cause) < 0 &&
        cause.kind != ERR_INPUT) {
        *err = cause;
        return outcome_of(err);
    }
    return person_id ? ask(request, person_id, err) : OUT_PAGE;
}

enum outcome case_ask_number(struct request *request, struct err *err)
{
    struct matter matter;
    int found;

    if (!core_of(request)->evidence)
        return OUT_PAGE;
    found = matter_find(request->db, request->pool, request_text(request, CASE_NUMBER),
                        request->who.id, &matter, err);
    if (found < 0)
        return outcome_of(err);
    return found == 1 && matter.person_id ? ask(request, matter.person_id, err) : OUT_PAGE;
}

static void page_verdict(HDF *node, const struct verdict *verdict)
{
    page_findings(node, verdict);
    page_int(node, "Allowed", verdict->allowed);
}

static enum outcome refuse_filing(struct request *request, const struct filing *filing)
{
    HDF *refused = page_node(request->hdf, "Refused");

    request_keep(request, pool_printf(request->pool, "/matters/%s", filing->matter.number));
    page_text(refused, "Item", act_label(filing->subjects[0].act));
    page_text(refused, "Subject", filing->facts.person.name);
    page_text(refused, "Number", filing->matter.number);
    for (size_t i = 0; i < filing->count; i++) {
        HDF *item = page_item(refused, "Subjects", i);

        page_text(item, "Words", subject_words(request->pool, &filing->subjects[i]));
        page_verdict(item, &filing->subjects[i].verdict);
    }
    return OUT_REFUSED;
}

/* Said where the person has nothing that the item could act upon. */
static const char *nothing_there(enum item item)
{
    switch (item) {
    case ITEM_APPLY:
        return "没有可以申领的证书";
    case ITEM_TRANSFER:
        return "没有查询到该人员在其他企业的电子证书；持有纸质证书的，请由原企业先换领电子证书";
    default:
        return "该人员在本企业没有电子证书；持有纸质证书的，请先换领电子证书";
    }
}

enum outcome case_query(struct request *request, struct err *err)
{
    const char *wish = has_wish(request) ? request_text(request, CASE_WISH) : "";
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct filing filing;
    enum outcome outcome;
    uint64_t person_id;
    int found;

    if (*wish && !wish_valid(wish))
        return request_reject(request, CASE_WISH, "请选择证书类别");
    found = person_of(request, &person_id, &outcome, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    found = filing_open(&change, records_item(request), person_id, wish, &filing, err);
    if (found < 0 && err->kind == ERR_NOT_FOUND)
        return request_reject(request, CASE_ID_NO, "%s", nothing_there(records_item(request)));
    if (found < 0 && err->kind == ERR_LIMIT && err->code == FILING_DRAFTS)
        return request_reject(request, CASE_ID_NO, "本企业已有%lld件申请等待确认，请先在列表中确认或撤回，再查询其他人员",
                              (long long)core_of(request)->policy->drafts_max);
    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return refuse_filing(request, &filing);
    return respond_redirect(request, "/%s/%s", request->module->name, filing.matter.number);
}

/* What was found */

static void page_holding(struct request *request, HDF *item, const struct holding *holding)
{
    page_int(item, "Id", (int64_t)holding->id);
    page_text(item, "Number", holding->number);
    page_text(item, "Class", holding->class_code);
    page_text(item, "Enterprise", holding->enterprise_name);
    page_int(item, "Own", holding->enterprise_id == request->who.id);
    page_int(item, "Paper", holding->paper);
    page_text(item, "State", holding->state);
    page_text(item, "Label", state_label(holding->state));
    page_date(item, "Until", holding->valid_until);
    page_date(item, "HeldSince", holding->held_since);
    page_int(item, "Hours", holding->hours);
}

static void page_subject(struct request *request, HDF *item, const struct subject *subject)
{
    if (subject->holding)
        page_holding(request, item, subject->holding);
    page_text(item, "Words", subject_words(request->pool, subject));
    page_text(item, "Act", act_label(subject->act));
    page_text(item, "Class", subject->class_code);
    page_text(item, "ClassLabel",
              class_label(subject->class_code) ? class_label(subject->class_code) : "");
    page_text(item, "Post", subject->post ? post_label(subject->post) : "");
    page_date(item, "FirstIssued", subject->first_issued);
    page_date(item, "From", subject->valid_from);
    page_date(item, "NewUntil", subject->valid_until);
    page_int(item, "Locked", subject->locked);
    page_verdict(item, &subject->verdict);
}

static void page_evidence(struct request *request, const struct facts *facts)
{
    HDF *node = request->hdf;

    for (size_t i = 0; i < facts->holding_count; i++)
        page_holding(request, page_item(node, "Holdings", i), &facts->holdings[i]);
    for (size_t i = 0; i < facts->exam_count; i++) {
        HDF *item = page_item(node, "Exams", i);

        page_text(item, "Number", facts->exams[i].number);
        page_text(item, "Class", facts->exams[i].class_code);
        page_date(item, "Date", facts->exams[i].date);
        page_int(item, "Score", facts->exams[i].score);
        page_int(item, "Used", facts->exams[i].certificate_id != 0);
    }
    if (!date_is_none(facts->insured))
        page_text(
            node, "Insured",
            pool_printf(request->pool, "%d年%d月", facts->insured.year, facts->insured.month));
    page_int(node, "Firm.Local", facts->firm.local);
    page_text(node, "Firm.Name", facts->firm.name);
}

static void page_person(struct request *request, const struct holder *person)
{
    HDF *node = page_node(request->hdf, "Person");

    page_text(node, "Name", person->name);
    page_text(node, "Sex", person->sex == 2 ? "女" : "男");
    page_date(node, "Birth", person->birth);
    page_text(node, "IdType", document_type_label(person->id_type));
    page_text(node, "IdNumber", person->id_no_masked);
    page_int(node, "Photo", person->capture_id != 0);
}

static void page_case(struct request *request, const struct filing *filing)
{
    HDF *node = page_node(request->hdf, "Case");
    size_t allowed = 0;

    page_text(node, "Number", filing->matter.number);
    page_text(node, "Item", item_label(filing->matter.item));
    page_text(node, "Seen", filing->seen);
    page_person(request, &filing->facts.person);
    page_evidence(request, &filing->facts);
    for (size_t i = 0; i < filing->count; i++) {
        const struct subject *subject = &filing->subjects[i];

        page_subject(request, page_item(request->hdf, "Subjects", i), subject);
        allowed += subject->verdict.allowed;
    }
    page_int(node, "Allowed", (int64_t)allowed);
    page_int(node, "Refused", (int64_t)(filing->count - allowed));
}

/* Where a matter that is no draft any more is shown. */
static enum outcome elsewhere(struct request *request, const struct matter *matter)
{
    if (strcmp(matter->state, MATTER_SIGNING) == 0)
        return respond_redirect(request, "/%s/%s/sign", request->module->name, matter->number);
    return respond_redirect(request, "/matters/%s", matter->number);
}

int case_find(struct request *request, struct filing *filing, enum outcome *outcome,
              struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    int found =
        filing_find(&change, records_item(request), request_text(request, CASE_NUMBER), filing, err);

    *outcome = OUT_NOT_FOUND;
    if (found != 1)
        return found;
    if (strcmp(filing->matter.state, MATTER_DRAFT) == 0) {
        page_case(request, filing);
        return 1;
    }
    *outcome = elsewhere(request, &filing->matter);
    return 0;
}

/* Facts that changed since the query may forbid what they allowed: then it is a page of reasons,
 * and the draft stays for the clerk to take back. */
enum outcome case_show(struct request *request, struct err *err)
{
    struct filing filing;
    enum outcome outcome;
    int found = case_find(request, &filing, &outcome, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    return OUT_PAGE;
}

int case_show_again(struct request *request, struct err *err)
{
    struct filing filing;
    enum outcome outcome;

    return case_find(request, &filing, &outcome, err) < 0 ? -1 : 0;
}

#define CHANGED                                                                                    \
    "情况已经变化：核对之后，人员、证书或凭证的数据发生了变化，本次没有办理。请重新核对后再确认。"

enum outcome case_confirm(struct request *request, const struct filing_choice *choice,
                          const char *before, const char *after, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct filing filing;
    int done = filing_confirm(&change, records_item(request), request_text(request, CASE_NUMBER), choice,
                                   &filing, err);

    if (done < 0 && err->kind == ERR_CONFLICT)
        return request_conflict(request, CHANGED,
                                pool_printf(request->pool, "/%s/%s", request->module->name,
                                            request_text(request, CASE_NUMBER)));
    if (done < 0)
        return outcome_of(err);
    if (done == 0)
        return refuse_filing(request, &filing);
    return respond_redirect(request, "%s%s%s", before, filing.matter.number, after);
}

enum outcome case_abandon(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    int done = filing_abandon(&change, records_item(request), request_text(request, CASE_NUMBER), err);

    if (done <= 0)
        return done < 0 ? outcome_of(err) : OUT_CONFLICT;
    return respond_redirect(request, "/%s/", request->module->name);
}

enum outcome case_photo(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct filing filing;
    int found =
        filing_find(&change, records_item(request), request_text(request, CASE_NUMBER), &filing, err);

    if (found < 0)
        return outcome_of(err);
    if (found == 0 || strcmp(filing.matter.state, MATTER_DRAFT) != 0)
        return OUT_NOT_FOUND;
    return respond_photo(request, filing.facts.person.id, filing.facts.person.capture_id, err);
}

int case_chosen(struct request *request, const struct filing *filing, const uint64_t *ids,
                size_t count)
{
    size_t chosen = 0;

    for (size_t i = 0; i < filing->count; i++) {
        const struct subject *subject = &filing->subjects[i];

        for (size_t c = 0; c < count; c++)
            if (subject->verdict.allowed && subject->holding->id == ids[c])
                page_subject(request, page_item(request->hdf, "Chosen", chosen++), subject);
    }
    page_int(request->hdf, "Count", (int64_t)chosen);
    return chosen == count ? 0 : -1;
}
