#include "core/proposal/name_change.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/document/document.h"
#include "core/matter/attachment.h"
#include "core/proposal/restate.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/register/person.h"
#include "core/rules/facts.h"
#include "core/staff/staff.h"


enum { SQL_LEGAL, SQL_LEGAL_SET, SQL_NOTE, SQL_NOTE_DOCUMENT };

static const struct db_query queries[] = {
    [SQL_LEGAL] = {"name_change_legal",
                   "SELECT e.id, e.name FROM person p JOIN enterprise e"
                   "   ON e.legal_rep_id_hash = p.id_no_hash AND e.legal_rep_id_type = p.id_type"
                   " WHERE p.id = ? AND e.legal_rep_name = ? ORDER BY e.id LIMIT 100"},
    [SQL_LEGAL_SET] = {"name_change_legal_set",
                       "UPDATE enterprise SET legal_rep_name = ?, updated_at = ?"
                       " WHERE id = ? AND legal_rep_name = ?"},
    [SQL_NOTE] = {"name_change_note",
                  "INSERT INTO person_change (person_id, field, before_text, after_text, matter_id,"
                  " changed_at) VALUES (?, ?, ?, ?, ?, ?)"},
    [SQL_NOTE_DOCUMENT] = {"name_change_note_document",
                           "INSERT INTO person_change (person_id, field, before_id_type,"
                           " before_id_hash, matter_id, changed_at) SELECT p.id, 'document',"
                           " p.id_type, p.id_no_hash, ?, ? FROM person p WHERE p.id = ?"},
};

const struct db_area name_change_area = DB_AREA("name_change", queries);

const struct material name_change_materials[NAME_CHANGE_MATERIALS] = {
    {"statement", "企业情况说明（加盖公章）", true},
    {"identity", "本人身份证原件和复印件", true},
    {"certificate", "三类人员证书原件和复印件", true},
    {"police", "公安机关出具的姓名变更证明，或者户口簿变更页", false},
};

const char *name_change_material_label(const char *kind)
{
    for (size_t i = 0; i < NAME_CHANGE_MATERIALS; i++)
        if (strcmp(name_change_materials[i].kind, kind) == 0)
            return name_change_materials[i].label;
    return NULL;
}

static const char *unprintable(const struct core *core, struct pool *pool, const char *name)
{
    struct text character;
    uint32_t missing;

    if (!core->fonts || fonts_cover(core->fonts, name, &missing))
        return NULL;
    text_init(&character, pool, 16);
    utf8_add(&character, missing);
    return pool_printf(pool,
                       "字“%s”（U+%04" PRIX32 "）不在电子证书所用的字体中，不能打印，暂不能受理；"
                       "请记下该字并联系系统管理人员补充字体",
                       character.data, missing);
}

const char *name_change_fault(const struct core *core, struct pool *pool, const char *typed,
                              const char **normal)
{
    const char *fault;

    *normal = person_name_normal(pool, typed);
    fault = person_name_fault(*normal);
    return fault ? fault : unprintable(core, pool, *normal);
}

int person_change_add(struct change *change, uint64_t person_id, const char *field,
                      const char *before, const char *after, struct err *err)
{
    return db_run(change->db, &queries[SQL_NOTE],
                  DB_ARGS(db_uint(person_id), db_text(field), db_text(before), db_text(after),
                          db_uint(change->matter_id), db_time(change->now_ms)),
                  NULL, err);
}

int person_change_add_document(struct change *change, uint64_t person_id, struct err *err)
{
    return db_run(change->db, &queries[SQL_NOTE_DOCUMENT],
                  DB_ARGS(db_uint(change->matter_id), db_time(change->now_ms), db_uint(person_id)),
                  NULL, err);
}

/* Proposing */

static int legal_of(struct change *change, uint64_t person_id, const char *name,
                    struct db_rows *rows, struct err *err)
{
    return db_select(change->db, change->pool, &queries[SQL_LEGAL],
                     DB_ARGS(db_uint(person_id), db_text(name)), rows, err);
}

/* The name, and a row for each firm that the person leads. */
static int rows_make(struct change *change, const struct person *person, const char *name,
                     struct proposal_new *out, struct err *err)
{
    struct proposal_row *list;
    struct db_rows firms;

    if (legal_of(change, person->id, person->name, &firms, err) < 0)
        return -1;
    list = pool_array(change->pool, firms.count + 1, sizeof(*list));
    list[0] = (struct proposal_row){"name", "姓名", person->name, name};
    for (size_t i = 0; i < firms.count; i++)
        list[1 + i] = (struct proposal_row){
            "legal",
            pool_printf(change->pool, "法定代表人姓名（%s）", db_as_text(&db_row(&firms, i)[1])),
            person->name, name};
    out->rows = list;
    out->row_count = 1 + firms.count;
    return 0;
}

int name_change_new(struct change *change, uint64_t person_id, const char *name,
                    struct proposal_new *out, struct err *err)
{
    struct person person;
    int found = person_find(change->db, change->pool, change->core, person_id, &person, err);

    if (found != 1)
        return found;
    *out = (struct proposal_new){
        .kind = &name_change_kind, .person_id = person_id, .holder_name = person.name};
    if (restate_propose(change, person_id, out, err) < 0 ||
        rows_make(change, &person, name, out, err) < 0)
        return -1;
    return 1;
}

int name_change_open(struct change *change, unsigned roles, const struct proposal_new *what,
                     const uint64_t attachments[NAME_CHANGE_MATERIALS], struct proposal *out,
                     enum proposal_answer *answer, struct err *err)
{
    for (size_t i = 0; i < NAME_CHANGE_MATERIALS; i++)
        if (name_change_materials[i].required && attachments[i] == 0)
            return err_set(err, ERR_INPUT, 0, "no %s", name_change_materials[i].kind);
    if (proposal_open(change, roles, what, out, answer, err) < 0)
        return -1;
    for (size_t i = 0; *answer == PROPOSAL_DONE && i < NAME_CHANGE_MATERIALS; i++)
        if (attachments[i] && attachment_tie(change, attachments[i], name_change_materials[i].kind,
                                             out->matter_id, err) < 0)
            return -1;
    return 0;
}

/* Deciding */

static int judge(struct change *change, struct proposal *proposal, struct err *err)
{
    const struct proposal_row *row = proposal_row(proposal, "name");
    const char *normal, *fault;
    struct person person;
    int found = person_find(change->db, change->pool, change->core, proposal->person_id, &person,
                            err);

    if (found < 0)
        return -1;
    if (found == 0 || !row) {
        proposal_refuse(proposal, "没有这个人员");
        return 0;
    }
    fault = name_change_fault(change->core, change->pool, row->after, &normal);
    if (fault)
        proposal_refuse(proposal, fault);
    else if (strcmp(normal, row->after) != 0)
        proposal_refuse(proposal, "新姓名的写法不规范");
    if (strcmp(person.name, row->before) != 0)
        proposal_refuse(proposal,
                        pool_printf(change->pool, "提请之后该人员的姓名已经改为“%s”", person.name));
    else if (strcmp(row->before, row->after) == 0)
        proposal_refuse(proposal, "新姓名与原姓名相同");
    return restate_judge_person(change, proposal,
                                pool_printf(change->pool, "姓名改为“%s”", row->after), err);
}

static int legal_change(struct change *change, uint64_t person_id, const struct proposal_row *row,
                        struct err *err)
{
    struct db_rows firms;

    if (legal_of(change, person_id, row->before, &firms, err) < 0)
        return -1;
    for (size_t i = 0; i < firms.count; i++) {
        const struct db_value *id = &db_row(&firms, i)[0];

        if (db_run(change->db, &queries[SQL_LEGAL_SET],
                   DB_ARGS(db_text(row->after), db_time(change->now_ms), *id,
                           db_text(row->before)),
                   NULL, err) < 0)
            return -1;
        change_note(change, db_as_uint(id), "enterprise.legal_rep", "enterprise", db_as_uint(id),
                    pool_printf(change->pool, "{\"matter\":%" PRIu64 "}", change->matter_id));
    }
    return 0;
}

static int name_set(struct change *change, uint64_t person_id, const struct proposal_row *row,
                    struct err *err)
{
    struct person_data data;
    struct person person;
    int found = person_lock(change->db, change->pool, change->core, person_id, &person, err);

    if (found == 1)
        found = person_data_open(change->db, change->pool, change->core, person_id, &data, err);
    if (found != 1)
        return found < 0 ? -1 : err_set(err, ERR_CONFLICT, 0, "the person is gone");
    data.name = row->after;
    if (person_rewrite(change, &person, &data, "person.name", NULL, err) < 0)
        return -1;
    return person_change_add(change, person_id, "name", row->before, row->after, err);
}

static int apply(struct change *change, const struct proposal *proposal, struct err *err)
{
    const struct proposal_row *row = proposal_row(proposal, "name");
    struct restated *held;
    size_t count;

    /* The firms first: they are found by the name before. */
    if (facts_lock(change->db, change->pool, proposal->person_id, err) < 0 ||
        legal_change(change, proposal->person_id, row, err) < 0 ||
        name_set(change, proposal->person_id, row, err) < 0 ||
        restate_of_person(change, proposal->person_id, &held, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        held[i].face.holder_name = held[i].person_name;
    return restate(change, proposal, held, count,
                   pool_printf(change->pool, "姓名由“%s”变更为“%s”", row->before, row->after),
                   err);
}

const struct proposal_kind name_change_kind = {
    .name = "name_change",
    .label = "姓名变更",
    .item = ITEM_NAME_CHANGE,
    .propose = STAFF_WINDOW,
    .decide = STAFF_REVIEWER,
    .deadline = DEADLINE_NAME_CHANGE,
    .judge = judge,
    .apply = apply,
};
