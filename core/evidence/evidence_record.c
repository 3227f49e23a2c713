/* What a record must be, whoever it comes from. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "core/evidence/evidence.h"
#include "core/register/identifier.h"

enum { NUMBER_MAX = 40, SCORE_MAX = 1000, HOURS_MAX = 1000, PROVIDER_MAX = 128, YEAR_FIRST = 1980 };

static bool number_fits(const struct evidence_record *record, struct date today)
{
    const char *at = record->number;

    (void)today;
    while (*at > ' ' && *at <= '~')
        at++;
    return *at == '\0' && at > record->number && at - record->number <= NUMBER_MAX;
}

static bool uscc_fits(const struct evidence_record *record, struct date today)
{
    (void)today;
    return uscc_valid(record->uscc);
}

static bool class_fits(const struct evidence_record *record, struct date today)
{
    (void)today;
    return class_valid(record->class_code);
}

static bool post_fits(const struct evidence_record *record, struct date today)
{
    (void)today;
    return post_label(record->post) && post_allowed(record->class_code, record->post);
}

static bool date_fits(const struct evidence_record *record, struct date today)
{
    return date_valid(record->date) && record->date.year >= YEAR_FIRST &&
           date_compare(record->date, today) <= 0;
}

static bool month_fits(const struct evidence_record *record, struct date today)
{
    return date_fits(record, today) && record->date.day == 1;
}

static bool score_fits(const struct evidence_record *record, struct date today)
{
    (void)today;
    return record->amount >= 0 && record->amount <= SCORE_MAX;
}

static bool hours_fit(const struct evidence_record *record, struct date today)
{
    (void)today;
    return record->amount >= 1 && record->amount <= HOURS_MAX;
}

static bool provider_fits(const struct evidence_record *record, struct date today)
{
    (void)today;
    return utf8_valid(record->provider, strlen(record->provider)) &&
           !utf8_has_control(record->provider) && utf8_count(record->provider) <= PROVIDER_MAX;
}

#define A_NUMBER "must be 1 to 40 of A-Z a-z 0-9 and signs"
#define A_USCC   "is no unified social credit code"
#define A_CLASS  "must be A, B, C1, C2, C3, or C of old"
#define A_DATE   "must be a day from 1980 to today"

struct demand {
    const char *column;
    bool (*fits)(const struct evidence_record *record, struct date today);
    const char *text;
};

/* By kind, in the order of the CSV file; each ends with no column. */
enum { DEMANDS = 8 };
static const struct demand demands[EVIDENCE_KINDS][DEMANDS] = {
    [EVIDENCE_EXAM] = {{"exam_no", number_fits, A_NUMBER},
                       {"uscc", uscc_fits, A_USCC},
                       {"class", class_fits, A_CLASS},
                       {"post", post_fits, "is no post of the class"},
                       {"exam_date", date_fits, A_DATE},
                       {"score", score_fits, "must be 0 to 1000"}},
    [EVIDENCE_INSURANCE] = {{"uscc", uscc_fits, A_USCC},
                            {"month", month_fits, "must be a month from 1980 to this one"}},
    [EVIDENCE_EDUCATION] = {{"record_no", number_fits, A_NUMBER},
                            {"uscc", uscc_fits, A_USCC},
                            {"class", class_fits, A_CLASS},
                            {"hours", hours_fit, "must be 1 to 1000"},
                            {"completed_on", date_fits, A_DATE},
                            {"provider", provider_fits, "must be at most 128 characters"}},
};

/* By key: the number, or firm and month. In this order they are locked, too. */
static int key_order(const void *a, const void *b)
{
    const struct evidence_record *x = a, *y = b;
    int order = strcmp(x->number, y->number);

    if (order != 0 || *x->number)
        return order;
    order = strcmp(x->uscc, y->uscc);
    return order ? order : date_compare(x->date, y->date);
}

const char *evidence_kind_name(enum evidence_kind kind)
{
    static const char *const names[EVIDENCE_KINDS] = {
        [EVIDENCE_EXAM] = "exam",
        [EVIDENCE_INSURANCE] = "insurance",
        [EVIDENCE_EDUCATION] = "education",
    };

    return names[kind];
}

int evidence_check(enum evidence_kind kind, struct date today, struct evidence_records *records,
                   struct err *err)
{
    if (records->count > EVIDENCE_RECORDS)
        return err_set(err, ERR_UNAVAILABLE, 0, "the answer has more than %d records",
                       EVIDENCE_RECORDS);
    for (size_t i = 0; i < records->count; i++)
        records->items[i].class_code = class_today(records->items[i].class_code);
    for (size_t i = 0; i < records->count; i++)
        for (const struct demand *demand = demands[kind]; demand->column; demand++)
            if (!demand->fits(&records->items[i], today))
                return err_set(err, ERR_UNAVAILABLE, 0, "record %zu of the answer: %s: %s", i + 1,
                               demand->column, demand->text);
    if (records->count > 1)
        qsort(records->items, records->count, sizeof(*records->items), key_order);
    for (size_t i = 1; i < records->count; i++)
        if (key_order(&records->items[i - 1], &records->items[i]) == 0)
            return err_set(err, ERR_UNAVAILABLE, 0, "the answer has the same record twice");
    return 0;
}
