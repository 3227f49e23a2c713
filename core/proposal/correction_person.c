/* Corrections of a person's data. */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/proposal/correction.h"
#include "core/proposal/correction_parts.h"
#include "core/proposal/name_change.h"
#include "core/register/identifier.h"
#include "core/register/person.h"
#include "core/rules/facts.h"
#include "core/staff/staff.h"

enum { DATE_SIZE = 11, LEAST_AGE = 18 };

/* The fields as rows. What they were and are stands in rows without a label, by these keys; what a page
 * shows of it in others. */
static const struct correction_field fields[PERSON_FIELDS] = {
    [PERSON_ID_TYPE] = {"id_type", "证件类型", false, false},
    [PERSON_ID_NO] = {"id_no", "证件号码", false, false},
    [PERSON_NAME] = {"name", "姓名", true, true},
    [PERSON_SEX] = {"sex", "性别", true, true},
    [PERSON_BIRTH] = {"birth", "出生日期", true, true},
    [PERSON_EDUCATION] = {"education", "文化程度", false, false},
    [PERSON_TITLE] = {"title", "技术职称", false, false},
    [PERSON_PHONE] = {"phone", "电话", false, false},
};

/* As person_change notes it, the document by itself. */
static const struct {
    const char *column;
    bool personal; /* kept sealed, in the proposal alone */
} notes[PERSON_FIELDS] = {
    [PERSON_NAME] = {"name", false},
    [PERSON_SEX] = {"sex", false},
    [PERSON_BIRTH] = {"birth", false},
    [PERSON_EDUCATION] = {"education", false},
    [PERSON_TITLE] = {"technical_title", false},
    [PERSON_PHONE] = {"phone", true},
};

static const char *sex_code(unsigned sex)
{
    return sex == 1 ? "1" : sex == 2 ? "2" : "";
}

static const char *value_of(struct pool *pool, const void *record, size_t field)
{
    const struct person_data *data = record;
    char birth[DATE_SIZE];

    switch ((enum person_field)field) {
    case PERSON_ID_TYPE:
        return data->id_type;
    case PERSON_ID_NO:
        return data->id_no;
    case PERSON_NAME:
        return data->name;
    case PERSON_SEX:
        return sex_code(data->sex);
    case PERSON_BIRTH:
        date_format(data->birth, birth);
        return pool_text(pool, birth);
    case PERSON_EDUCATION:
        return data->education;
    case PERSON_TITLE:
        return data->title;
    default:
        return data->phone;
    }
}

static bool set(void *record, size_t field, const char *value)
{
    struct person_data *data = record;

    switch ((enum person_field)field) {
    case PERSON_ID_TYPE:
        data->id_type = value;
        return true;
    case PERSON_ID_NO:
        data->id_no = value;
        return true;
    case PERSON_SEX:
        data->sex = strcmp(value, "1") == 0 ? 1 : 2;
        return true;
    case PERSON_BIRTH:
        return date_parse(value, &data->birth);
    case PERSON_EDUCATION:
        data->education = value;
        return true;
    case PERSON_TITLE:
        data->title = value;
        return true;
    case PERSON_PHONE:
        data->phone = value;
        return true;
    default:
        return false;
    }
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* Of numbers the first and the last digits. */
static const char *shown(struct pool *pool, const void *record, size_t field)
{
    const struct person_data *data = record;
    char *masked = pool_alloc(pool, DOCUMENT_NO_SIZE);

    switch ((enum person_field)field) {
    case PERSON_ID_TYPE:
        return or_empty(document_type_label(data->id_type));
    case PERSON_ID_NO:
        document_no_mask(data->id_no, masked);
        return masked;
    case PERSON_SEX:
        return or_empty(person_sex_label(data->sex));
    case PERSON_EDUCATION:
        return or_empty(person_education_label(data->education));
    case PERSON_TITLE:
        return or_empty(person_title_label(data->title));
    case PERSON_PHONE:
        if (!*data->phone)
            return "";
        document_no_mask(data->phone, masked);
        return masked;
    default:
        return value_of(pool, data, field);
    }
}

static const struct correction_form form = {
    .whose = "该人员",
    .fields = fields,
    .count = PERSON_FIELDS,
    .value = value_of,
    .shown = shown,
    .set = set,
};

/* Proposing */

/* What is typed over what is there. */
static struct person_data merged(const struct person_data *now, const struct person_data *typed)
{
    struct person_data all = *now;
    bool document = typed->id_type || typed->id_no;

    if (typed->id_type)
        all.id_type = typed->id_type;
    if (typed->id_no)
        all.id_no = typed->id_no;
    /* A resident's number says both itself. */
    if (document && strcmp(all.id_type, "111") == 0) {
        all.sex = 0;
        all.birth = (struct date){0, 0, 0};
    }
    if (typed->sex)
        all.sex = typed->sex;
    if (!date_is_none(typed->birth))
        all.birth = typed->birth;
    if (typed->education)
        all.education = typed->education;
    if (typed->title)
        all.title = typed->title;
    if (typed->phone)
        all.phone = typed->phone;
    return all;
}

int correction_of_person(struct change *change, uint64_t person_id, const struct person_data *typed,
                         struct proposal_new *out, const char *faults[PERSON_FIELDS],
                         struct err *err)
{
    struct proposal_row *rows =
        pool_array(change->pool, 2 * (size_t)PERSON_FIELDS, sizeof(*rows));
    struct person_data now, all, after;
    int found = person_data_open(change->db, change->pool, change->core, person_id, &now, err);

    if (found != 1)
        return found;
    all = merged(&now, typed);
    *out = (struct proposal_new){.kind = &correction_person_kind,
                                 .person_id = person_id,
                                 .holder_name = now.name,
                                 .rows = rows};
    unsigned wrong = person_judge(change->pool, &all, change->today, &after, faults);
    /* The name is not corrected here, whatever it is like. */
    if (faults[PERSON_NAME])
        wrong--;
    faults[PERSON_NAME] = NULL;
    after.name = now.name;
    if (wrong > 0)
        return 1;
    out->row_count = correction_rows(&form, change->pool, &now, &after, rows);
    if (correction_printed(&form, rows, out->row_count) &&
        restate_propose(change, person_id, out, err) < 0)
        return -1;
    return 1;
}

/* Deciding */

/* A document has one person. */
static int judge_document(struct change *change, struct proposal *proposal,
                          const struct person_data *after, struct err *err)
{
    struct person other;
    int found = person_find_document(change->db, change->pool, change->core, after->id_type,
                                     after->id_no, &other, err);

    if (found == 1 && other.id != proposal->person_id)
        proposal_refuse(proposal, "更正后的证件号码已登记在另一人员名下，不能更正；请核对是否重复登记");
    return found < 0 ? -1 : 0;
}

/* Of the person: 1; 0: refused; -1. */
static int look(struct change *change, struct proposal *proposal, struct person_data *after,
                struct err *err)
{
    const char *faults[PERSON_FIELDS], *words;
    struct person_data now, normal;
    int found = person_data_open(change->db, change->pool, change->core, proposal->person_id, &now,
                                 err);

    if (found < 0)
        return -1;
    if (found == 0) {
        proposal_refuse(proposal, "没有这个人员");
        return 0;
    }
    *after = now;
    words = correction_after(&form, change->pool, proposal, &now, after);
    if (words) {
        proposal_refuse(proposal, words);
        return 0;
    }
    person_judge(change->pool, after, change->today, &normal, faults);
    for (enum person_field i = 0; i < PERSON_FIELDS; i++)
        if (faults[i] && i != PERSON_NAME)
            proposal_refuse(proposal, faults[i]);
    if (proposal_row(proposal, fields[PERSON_BIRTH].key) && proposal->count > 0 &&
        date_age(after->birth, change->today) < LEAST_AGE)
        proposal_refuse(proposal, "更正之后持证人未满 18 周岁，请核对出生日期（R20）");
    if (judge_document(change, proposal, after, err) < 0)
        return -1;
    return proposal->refusal_count == 0;
}

static int judge(struct change *change, struct proposal *proposal, struct err *err)
{
    struct person_data after;

    correction_judge_whole(proposal);
    if (look(change, proposal, &after, err) < 0)
        return -1;
    return correction_printed(&form, proposal->rows, proposal->row_count)
               ? restate_judge_person(change, proposal, "更正记载的内容", err)
               : 0;
}

/* Before the person is changed. */
static int note_all(struct change *change, const struct proposal *proposal, struct err *err)
{
    if ((proposal_row(proposal, fields[PERSON_ID_TYPE].key) ||
         proposal_row(proposal, fields[PERSON_ID_NO].key)) &&
        person_change_add_document(change, proposal->person_id, err) < 0)
        return -1;
    for (enum person_field i = 0; i < PERSON_FIELDS; i++) {
        const struct proposal_row *row = proposal_row(proposal, fields[i].key);

        if (!row || i == PERSON_ID_TYPE || i == PERSON_ID_NO)
            continue;
        if (person_change_add(change, proposal->person_id, notes[i].column,
                              notes[i].personal ? NULL : row->before,
                              notes[i].personal ? NULL : row->after, err) < 0)
            return -1;
    }
    return 0;
}

static int apply(struct change *change, const struct proposal *proposal, struct err *err)
{
    struct proposal copy = *proposal;
    struct person_data after;
    struct restated *held;
    struct person person;
    size_t count;
    int allowed;

    if (facts_lock(change->db, change->pool, proposal->person_id, err) < 0)
        return -1;
    allowed = person_lock(change->db, change->pool, change->core, proposal->person_id, &person, err);
    if (allowed != 1)
        return allowed < 0 ? -1 : err_set(err, ERR_CONFLICT, 0, "the person is gone");
    copy.refusal_count = 0;
    allowed = look(change, &copy, &after, err);
    if (allowed != 1)
        return allowed < 0 ? -1 : err_set(err, ERR_CONFLICT, 0, "the person has changed meanwhile");
    if (note_all(change, proposal, err) < 0 ||
        person_rewrite(change, &person, &after, "person.correct", NULL, err) < 0)
        return -1;
    if (!correction_printed(&form, proposal->rows, proposal->row_count))
        return 0;
    if (restate_of_person(change, proposal->person_id, &held, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        held[i].face.sex = held[i].person_sex;
        held[i].face.birth = held[i].person_birth;
    }
    return restate(change, proposal, held, count, correction_words(&form, change->pool, proposal),
                   err);
}

const struct proposal_kind correction_person_kind = {
    .name = "correct_person",
    .label = "人员信息更正",
    .item = ITEM_CORRECTION,
    .propose = STAFF_WINDOW | STAFF_REVIEWER,
    .decide = STAFF_REVIEWER,
    .deadline = DEADLINE_CORRECTION,
    .judge = judge,
    .apply = apply,
};
