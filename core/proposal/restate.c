#include "core/proposal/restate.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/matter/matter.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/rules/facts.h"

enum { SQL_PERSON, SQL_ONE, SQL_PENDING };

#define COLUMNS                                                                                    \
    "c.id, c.version, c.state, c.pending_matter_id, c.number, CAST(c.class AS CHAR), c.person_id," \
    " c.enterprise_id, c.enterprise_name, c.holder_name, v.sex, v.birth, c.post, c.first_issued,"  \
    " c.valid_from, c.valid_until, c.held_since, IFNULL(p.capture_id, v.capture_id), p.name,"      \
    " p.sex, p.birth"
#define JOINED                                                                                     \
    " JOIN certificate_version v ON v.certificate_id = c.id AND v.version = c.version"             \
    " JOIN person p ON p.id = c.person_id"

static const struct db_query queries[] = {
    [SQL_PERSON] = {"restate_person", "SELECT " COLUMNS " FROM certificate c" JOINED
                                      " WHERE c.person_id = ? AND c.state IN ('01', '02')"
                                      " ORDER BY c.enterprise_id, c.id"},
    [SQL_ONE] = {"restate_one", "SELECT " COLUMNS " FROM certificate c" JOINED " WHERE c.id = ?"},
    [SQL_PENDING] = {"restate_pending", "SELECT id, item, opened_on FROM matter WHERE id = ?"},
};

const struct db_area restate_area = DB_AREA("restate", queries);

static void read(const struct db_value *row, struct restated *out)
{
    *out = (struct restated){
        .was = {db_as_uint(&row[0]), (unsigned)db_as_uint(&row[1]), db_as_text(&row[2]),
                db_as_uint(&row[3])},
        .face =
            {
                .number = db_as_text(&row[4]),
                .class_code = db_as_text(&row[5]),
                .person_id = db_as_uint(&row[6]),
                .enterprise_id = db_as_uint(&row[7]),
                .enterprise_name = db_as_text(&row[8]),
                .holder_name = db_as_text(&row[9]),
                .sex = (unsigned)db_as_uint(&row[10]),
                .birth = db_as_date(&row[11]),
                .post = db_as_text(&row[12]),
                .first_issued = db_as_date(&row[13]),
                .valid_from = db_as_date(&row[14]),
                .valid_until = db_as_date(&row[15]),
                .held_since = db_as_date(&row[16]),
                .capture_id = db_as_uint(&row[17]),
            },
        .person_name = db_as_text(&row[18]),
        .person_sex = (unsigned)db_as_uint(&row[19]),
        .person_birth = db_as_date(&row[20]),
    };
}

static bool restatable(const char *state, struct date valid_until, struct date today)
{
    const char *now = state_on(state, valid_until, today);

    return strcmp(now, STATE_VALID) == 0 || strcmp(now, STATE_SUSPENDED) == 0;
}

int restate_of_person(struct change *change, uint64_t person_id, struct restated **out,
                      size_t *count, struct err *err)
{
    struct restated *list;
    struct db_rows rows;

    if (db_select(change->db, change->pool, &queries[SQL_PERSON], DB_ARGS(db_uint(person_id)),
                  &rows, err) < 0)
        return -1;
    list = pool_array(change->pool, rows.count + 1, sizeof(*list));
    *count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        struct restated *row = &list[*count];

        read(db_row(&rows, i), row);
        *count += restatable(row->was.state, row->face.valid_until, change->today);
    }
    *out = list;
    return 0;
}

int restate_propose(struct change *change, uint64_t person_id, struct proposal_new *out,
                    struct err *err)
{
    struct restated *held;
    uint64_t *ids;
    size_t count;

    if (restate_of_person(change, person_id, &held, &count, err) < 0)
        return -1;
    ids = pool_array(change->pool, count + 1, sizeof(*ids));
    for (size_t i = 0; i < count; i++)
        ids[i] = held[i].was.id;
    out->certificates = ids;
    out->count = count;
    return 0;
}

int restate_of(struct change *change, uint64_t certificate_id, struct restated *out,
               struct err *err)
{
    const struct db_value *row;
    int found = db_find(change->db, change->pool, &queries[SQL_ONE],
                        DB_ARGS(db_uint(certificate_id)), &row, err);

    if (found != 1)
        return found;
    read(row, out);
    return restatable(out->was.state, out->face.valid_until, change->today);
}

/* Judging */

/* 正在办理电子证书注销（ZX…）. */
static int pending_words(struct change *change, uint64_t matter_id, const char **words,
                         struct err *err)
{
    const struct db_value *row;
    char number[MATTER_NUMBER_SIZE];
    enum item item;

    if (db_one(change->db, change->pool, &queries[SQL_PENDING], DB_ARGS(db_uint(matter_id)), &row,
               err) < 0)
        return -1;
    item = item_by_name(db_as_text(&row[1]));
    matter_number_make(item, db_as_date(&row[2]), matter_id, number);
    *words = pool_printf(change->pool,
                         "企业正在为该证书办理%s（%s），须由企业办结或撤回之后才能变更（R19）",
                         item_label(item), number);
    return 0;
}

int restate_judge(struct change *change, struct proposal *proposal, const char *effect,
                  struct err *err)
{
    for (size_t i = 0; i < proposal->count; i++) {
        struct proposal_certificate *certificate = &proposal->certificates[i];

        if (!restatable(certificate->state, certificate->valid_until, change->today))
            certificate->refusal = pool_printf(
                change->pool, "证书状态为%s，不再变更",
                state_label(state_on(certificate->state, certificate->valid_until, change->today)));
        else if (certificate->pending_id &&
                 pending_words(change, certificate->pending_id, &certificate->refusal, err) < 0)
            return -1;
        if (certificate->refusal)
            continue;
        certificate->effect =
            strcmp(certificate->state, STATE_SUSPENDED) == 0
                ? pool_printf(change->pool, "%s，生成新版；仍为暂扣，发还之后才能下载", effect)
                : pool_printf(change->pool, "%s，生成新版电子证书，原版作废", effect);
    }
    return 0;
}

static bool among(const struct proposal *proposal, uint64_t id)
{
    for (size_t i = 0; i < proposal->count; i++)
        if (proposal->certificates[i].id == id)
            return true;
    return false;
}

int restate_judge_person(struct change *change, struct proposal *proposal, const char *effect,
                         struct err *err)
{
    struct restated *rows;
    size_t count;

    if (restate_judge(change, proposal, effect, err) < 0 ||
        restate_of_person(change, proposal->person_id, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (!among(proposal, rows[i].was.id))
            proposal_refuse(proposal,
                            pool_printf(change->pool, "该人员另有证书 %s，不在本提请之内，请重新提请",
                                        rows[i].face.number));
    return 0;
}

/* Writing */

int restate_tell(struct change *change, const struct proposal *proposal,
                 const struct restated *row, unsigned items, const char *words, struct err *err)
{
    const struct matter_new what = {.item = proposal->kind->item,
                                    .state = MATTER_DONE,
                                    .enterprise_id = row->face.enterprise_id,
                                    .enterprise_name = row->face.enterprise_name,
                                    .person_id = row->face.person_id,
                                    .holder_name = row->face.holder_name,
                                    .items = items,
                                    .parent_id = proposal->matter_id};
    struct matter matter;

    if (matter_open(change->db, change->actor, &what, change->today, change->now_ms, &matter,
                    err) < 0 ||
        matter_reason(change->db, matter.id, NULL, words, err) < 0)
        return -1;
    change->matter_id = matter.id;
    change->enterprise_id = row->face.enterprise_id;
    change_note(change, change->enterprise_id, "matter.told", "matter", matter.id,
                pool_printf(change->pool, "{\"by\":%" PRIu64 "}", proposal->matter_id));
    return 0;
}

/* How many from this one on are of one firm. */
static unsigned of_one_firm(const struct restated *rows, size_t at, size_t count)
{
    unsigned many = 0;

    for (size_t i = at; i < count && rows[i].face.enterprise_id == rows[at].face.enterprise_id; i++)
        many++;
    return many;
}

int restate(struct change *change, const struct proposal *proposal, const struct restated *rows,
            size_t count, const char *words, struct err *err)
{
    uint64_t ours = change->matter_id, firm = 0;

    if (count != proposal->count)
        return err_set(err, ERR_CONFLICT, 0, "%zu certificates are held, %zu were proposed", count,
                       proposal->count);
    for (size_t i = 0; i < count; i++) {
        const struct restated *row = &rows[i];

        if (!among(proposal, row->was.id) || row->was.pending_id)
            return err_set(err, ERR_CONFLICT, 0, "certificate %" PRIu64 " has changed meanwhile",
                           row->was.id);
        if (row->face.enterprise_id != firm &&
            restate_tell(change, proposal, row, of_one_firm(rows, i, count), words, err) < 0)
            return -1;
        firm = row->face.enterprise_id;
        if (change_version_in(change, &row->was, &row->face, row->was.state, proposal->kind->name,
                              words, err) < 0 ||
            matter_certificate_add(change->db, change->matter_id, row->was.id,
                                   row->was.version + 1, err) < 0)
            return -1;
    }
    change->matter_id = ours;
    change->enterprise_id = 0;
    return 0;
}
