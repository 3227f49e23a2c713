#include "core/evidence/evidence_json.h"

#include <jansson.h>

#include "base/err.h"
#include "base/pool.h"

/* Readers of a member: each returns NULL, or what is wrong. */

static const char *take_text(struct pool *pool, const json_t *value, void *into)
{
    if (!json_is_string(value))
        return "must be a string";
    *(const char **)into = pool_text_n(pool, json_string_value(value), json_string_length(value));
    return NULL;
}

static const char *take_number(struct pool *pool, const json_t *value, void *into)
{
    (void)pool;
    if (!json_is_integer(value))
        return "must be a whole number";
    *(int64_t *)into = json_integer_value(value);
    return NULL;
}

static const char *take_flag(struct pool *pool, const json_t *value, void *into)
{
    json_int_t digit = json_is_integer(value) ? json_integer_value(value) : -1;

    (void)pool;
    if (!json_is_boolean(value) && digit != 0 && digit != 1)
        return "must be true, false, 1 or 0";
    *(bool *)into = json_is_true(value) || digit == 1;
    return NULL;
}

static const char *take_date(struct pool *pool, const json_t *value, void *into)
{
    (void)pool;
    if (!json_is_string(value) || !date_parse(json_string_value(value), into))
        return "must be a real date, yyyy-mm-dd";
    return NULL;
}

static const char *take_month(struct pool *pool, const json_t *value, void *into)
{
    char day[sizeof("yyyy-mm-dd")];

    (void)pool;
    if (!json_is_string(value) ||
        !text_format(day, sizeof(day), "%s-01", json_string_value(value)) || !date_parse(day, into))
        return "must be a month, yyyy-mm";
    return NULL;
}

struct member {
    const char *name;
    const char *(*take)(struct pool *pool, const json_t *value, void *into);
    size_t offset; /* in struct evidence_record */
    bool optional;
};

#define AT(member) offsetof(struct evidence_record, member)

/* By kind; each ends with no name. */
enum { MEMBERS = 8 };
static const struct member members[EVIDENCE_KINDS][MEMBERS] = {
    [EVIDENCE_EXAM] = {{"exam_no", take_text, AT(number), false},
                       {"uscc", take_text, AT(uscc), false},
                       {"class", take_text, AT(class_code), false},
                       {"post", take_text, AT(post), false},
                       {"exam_date", take_date, AT(date), false},
                       {"score", take_number, AT(amount), false},
                       {"passed", take_flag, AT(passed), false}},
    [EVIDENCE_INSURANCE] = {{"uscc", take_text, AT(uscc), false},
                            {"month", take_month, AT(date), false}},
    [EVIDENCE_EDUCATION] = {{"record_no", take_text, AT(number), false},
                            {"uscc", take_text, AT(uscc), false},
                            {"class", take_text, AT(class_code), false},
                            {"hours", take_number, AT(amount), false},
                            {"completed_on", take_date, AT(date), false},
                            {"provider", take_text, AT(provider), true}},
};

static int record_read(const struct member *member, struct pool *pool, const json_t *object,
                       size_t place, struct evidence_record *record, struct err *err)
{
    *record = (struct evidence_record){
        .number = "", .uscc = "", .class_code = "", .post = "", .provider = ""};
    if (!json_is_object(object))
        return err_set(err, ERR_UNAVAILABLE, 0, "record %zu of the answer is no object", place);
    for (; member->name; member++) {
        const json_t *value = json_object_get(object, member->name);
        const char *wrong;

        if (member->optional && (!value || json_is_null(value)))
            continue;
        wrong = value ? member->take(pool, value, (char *)record + member->offset) : "is missing";
        if (wrong)
            return err_set(err, ERR_UNAVAILABLE, 0, "record %zu of the answer: %s: %s", place,
                           member->name, wrong);
    }
    return 0;
}

static int records_read(enum evidence_kind kind, struct pool *pool, const json_t *root,
                        struct evidence_records *records, struct err *err)
{
    const json_t *array = json_object_get(root, "records");

    if (!json_is_array(array))
        return err_set(err, ERR_UNAVAILABLE, 0, "the answer has no array \"records\"");
    size_t count = json_array_size(array);
    if (count > EVIDENCE_RECORDS)
        return err_set(err, ERR_UNAVAILABLE, 0, "the answer has more than %d records",
                       EVIDENCE_RECORDS);
    *records = (struct evidence_records){count, pool_array(pool, count, sizeof(*records->items))};
    for (size_t i = 0; i < count; i++)
        if (record_read(members[kind], pool, json_array_get(array, i), i + 1, &records->items[i],
                        err) < 0)
            return -1;
    return 0;
}

int evidence_json_read(enum evidence_kind kind, struct pool *pool, struct bytes text,
                       struct evidence_records *records, struct err *err)
{
    json_error_t error;
    json_t *root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);

    /* Its own text quotes the answer. */
    if (!root)
        return err_set(err, ERR_UNAVAILABLE, (int)json_error_code(&error),
                       "the answer is no JSON: wrong at byte %d", error.position);
    int result = records_read(kind, pool, root, records, err);
    json_decref(root);
    return result;
}
