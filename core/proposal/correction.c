/* Corrections of a certificate's own data; of people: correction_person.c. */
#include "core/proposal/correction.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/proposal/correction_parts.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/register/identifier.h"
#include "core/staff/staff.h"

enum { DATE_SIZE = 11 };

enum { SQL_FIND };

static const struct db_query queries[] = {
    [SQL_FIND] = {"correction_find", "SELECT id FROM certificate WHERE number = ?"},
};

const struct db_area correction_area = DB_AREA("correction", queries);

int correction_find(struct db *db, struct pool *pool, const char *number, uint64_t *id,
                    struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_text(number)), &row, err);

    if (found == 1)
        *id = db_as_uint(&row[0]);
    return found;
}

/* The fields as rows: by key, dates as they are shown. */
static const struct correction_field fields[CORRECTION_FAULTS] = {
    [CORRECTION_POST] = {"post", "职务", true, true},
    [CORRECTION_FIRST_ISSUED] = {"first_issued", "初次领证日期", true, true},
    [CORRECTION_VALID_FROM] = {"valid_from", "有效期（起）", true, true},
    [CORRECTION_VALID_UNTIL] = {"valid_until", "有效期（止）", true, true},
    [CORRECTION_HELD_SINCE] = {"held_since", "进入本企业日期", false, true},
};

static struct date *date_of(struct correction_face *face, enum correction_fault field)
{
    switch (field) {
    case CORRECTION_FIRST_ISSUED:
        return &face->first_issued;
    case CORRECTION_VALID_FROM:
        return &face->valid_from;
    case CORRECTION_VALID_UNTIL:
        return &face->valid_until;
    case CORRECTION_HELD_SINCE:
        return &face->held_since;
    default:
        return NULL;
    }
}

static const char *value_of(struct pool *pool, const void *record, size_t field)
{
    struct correction_face copy = *(const struct correction_face *)record;
    char text[DATE_SIZE];

    if (field == CORRECTION_POST)
        return copy.post;
    date_format(*date_of(&copy, (enum correction_fault)field), text);
    return pool_text(pool, text);
}

static const char *shown(struct pool *pool, const void *record, size_t field)
{
    (void)pool;
    return field == CORRECTION_POST ? post_label(((const struct correction_face *)record)->post) : NULL;
}

static bool set(void *record, size_t field, const char *value)
{
    struct correction_face *face = record;

    if (field != CORRECTION_POST)
        return date_parse(value, date_of(face, (enum correction_fault)field));
    face->post = value;
    return true;
}

static const struct correction_form form = {
    .whose = "该证书",
    .fields = fields,
    .count = CORRECTION_FAULTS,
    .value = value_of,
    .shown = shown,
    .set = set,
};

static struct correction_face face_of(const struct certificate_face *face)
{
    return (struct correction_face){face->post, face->first_issued, face->valid_from,
                                    face->valid_until, face->held_since};
}

static const char *post_fault(const char *class_code, const char *before, const char *after)
{
    if (strcmp(before, after) == 0)
        return NULL;
    if (strcmp(before, POST_LEGAL) == 0 || strcmp(after, POST_LEGAL) == 0)
        return "法定代表人A证不能更正职务，须由企业注销后重新申领（R8、R13）";
    return post_allowed(class_code, after) ? NULL : "该类别的证书没有这个职务";
}

static bool changed(struct date a, struct date b)
{
    return date_compare(a, b) != 0;
}

/* A later than b, where one of them is corrected: what was so before is nobody's mistake now. */
static bool wrong_order(bool touched, struct date a, struct date b)
{
    return touched && date_compare(a, b) > 0;
}

/* The first that is said of a field stays. */
static void add_fault(const char *faults[CORRECTION_FAULTS], enum correction_fault field,
                      const char *words)
{
    if (!faults[field])
        faults[field] = words;
}

unsigned correction_judge(const struct policy *policy, const char *class_code,
                          const struct correction_face *before,
                          const struct correction_face *after, struct date today,
                          const char *faults[CORRECTION_FAULTS])
{
    bool first = changed(before->first_issued, after->first_issued);
    bool from = changed(before->valid_from, after->valid_from);
    bool until = changed(before->valid_until, after->valid_until);
    bool held = changed(before->held_since, after->held_since);
    unsigned wrong = 0;

    for (size_t i = 0; i < CORRECTION_FAULTS; i++)
        faults[i] = NULL;
    faults[CORRECTION_POST] = post_fault(class_code, before->post, after->post);
    if (wrong_order(first, after->first_issued, today))
        faults[CORRECTION_FIRST_ISSUED] = "初次领证日期不能晚于今天";
    else if (wrong_order(first || from, after->first_issued, after->valid_from))
        faults[first ? CORRECTION_FIRST_ISSUED : CORRECTION_VALID_FROM] =
            "初次领证日期不能晚于有效期的起始日期";
    if (wrong_order(held, after->held_since, today))
        faults[CORRECTION_HELD_SINCE] = "进入本企业日期不能晚于今天";
    else if (wrong_order(first || held, after->first_issued, after->held_since))
        add_fault(faults, held ? CORRECTION_HELD_SINCE : CORRECTION_FIRST_ISSUED,
                  "进入本企业日期不能早于初次领证日期");
    if (until && date_compare(after->valid_until, today) < 0)
        faults[CORRECTION_VALID_UNTIL] = "更正之后有效期已经届满，不能这样更正";
    else if ((from || until) && date_compare(after->valid_until, after->valid_from) <= 0)
        add_fault(faults, until ? CORRECTION_VALID_UNTIL : CORRECTION_VALID_FROM,
                  "有效期的截止日期应晚于起始日期");
    else if (wrong_order(from || until, after->valid_until,
                         date_term_end(after->valid_from, (int)policy->valid_years)))
        add_fault(faults, until ? CORRECTION_VALID_UNTIL : CORRECTION_VALID_FROM,
                  "有效期不能长于规定的年限，请核对起止日期");
    for (size_t i = 0; i < CORRECTION_FAULTS; i++)
        wrong += faults[i] != NULL;
    return wrong;
}

/* Proposing */

static struct correction_face whole(const struct correction_face *before,
                                    const struct correction_face *typed)
{
    struct correction_face after = *before, copy = *typed;

    if (typed->post)
        after.post = typed->post;
    for (enum correction_fault i = CORRECTION_FIRST_ISSUED; i < CORRECTION_FAULTS; i++)
        if (!date_is_none(*date_of(&copy, i)))
            *date_of(&after, i) = *date_of(&copy, i);
    return after;
}

int correction_of_certificate(struct change *change, uint64_t certificate_id,
                              const struct correction_face *typed, struct proposal_new *out,
                              const char *faults[CORRECTION_FAULTS], struct err *err)
{
    struct proposal_row *rows =
        pool_array(change->pool, 2 * (size_t)CORRECTION_FAULTS, sizeof(*rows));
    uint64_t *id = POOL_NEW(change->pool, uint64_t);
    struct correction_face before, after;
    struct restated row;
    int found = restate_of(change, certificate_id, &row, err);

    if (found != 1)
        return found;
    before = face_of(&row.face);
    after = whole(&before, typed);
    *id = certificate_id;
    *out = (struct proposal_new){.kind = &correction_certificate_kind,
                                 .certificates = id,
                                 .count = 1,
                                 .rows = rows};
    if (correction_judge(change->core->policy, row.face.class_code, &before, &after,
                         change->today, faults) == 0)
        out->row_count = correction_rows(&form, change->pool, &before, &after, rows);
    return 1;
}

/* Deciding */

/* Of the one certificate: 1; 0: refused; -1. */
static int look(struct change *change, struct proposal *proposal, struct restated *row,
                struct correction_face *after, struct err *err)
{
    const char *faults[CORRECTION_FAULTS], *words;
    int found = proposal->count == 1 ? restate_of(change, proposal->certificates[0].id, row, err) : 0;

    if (found != 1)
        return found;
    const struct correction_face before = face_of(&row->face);
    *after = before;
    words = correction_after(&form, change->pool, proposal, &before, after);
    if (words) {
        proposal_refuse(proposal, words);
        return 0;
    }
    if (correction_judge(change->core->policy, row->face.class_code, &before, after,
                         change->today, faults) == 0)
        return 1;
    for (size_t i = 0; i < CORRECTION_FAULTS; i++)
        if (faults[i])
            proposal_refuse(proposal, faults[i]);
    return 0;
}

static int judge(struct change *change, struct proposal *proposal, struct err *err)
{
    struct correction_face after;
    struct restated row;

    correction_judge_whole(proposal);
    if (proposal->count != 1)
        proposal_refuse(proposal, "没有证书");
    if (look(change, proposal, &row, &after, err) < 0 ||
        restate_judge(change, proposal, "更正记载的内容", err) < 0)
        return -1;
    if (!correction_printed(&form, proposal->rows, proposal->row_count) && proposal->count == 1 &&
        proposal->certificates[0].effect)
        proposal->certificates[0].effect = "更正登记的日期；电子证书上没有这项内容，不生成新版";
    return 0;
}

static int apply(struct change *change, const struct proposal *proposal, struct err *err)
{
    const char *words = correction_words(&form, change->pool, proposal);
    struct proposal copy = *proposal;
    struct correction_face after;
    struct restated row;
    uint64_t ours = change->matter_id;
    int found = look(change, &copy, &row, &after, err);

    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_CONFLICT, 0, "the certificate has changed meanwhile");
    row.face.post = after.post;
    row.face.first_issued = after.first_issued;
    row.face.valid_from = after.valid_from;
    row.face.valid_until = after.valid_until;
    row.face.held_since = after.held_since;
    if (correction_printed(&form, proposal->rows, proposal->row_count))
        return restate(change, proposal, &row, 1, words, err);
    if (restate_tell(change, proposal, &row, 1, words, err) < 0 ||
        change_held_since(change, &row.was, row.face.enterprise_id, after.held_since,
                          proposal->kind->name, words, err) < 0 ||
        matter_certificate_add(change->db, change->matter_id, row.was.id, row.was.version, err) < 0)
        return -1;
    change->matter_id = ours;
    change->enterprise_id = 0;
    return 0;
}

const struct proposal_kind correction_certificate_kind = {
    .name = "correct_certificate",
    .label = "证书信息更正",
    .item = ITEM_CORRECTION,
    .propose = STAFF_WINDOW | STAFF_REVIEWER,
    .decide = STAFF_REVIEWER,
    .deadline = DEADLINE_CORRECTION,
    .judge = judge,
    .apply = apply,
};
