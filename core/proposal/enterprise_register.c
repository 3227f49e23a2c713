#include "core/proposal/enterprise_register.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/places.h"
#include "core/proposal/correction_parts.h"
#include "core/queries.h"
#include "core/register/identifier.h"
#include "core/register/person.h"
#include "core/staff/staff.h"

enum { NAME_MOST = 128, PROVINCE_MOST = 16, REP_MOST = 64 };

enum {
    SQL_FIND,
    SQL_LOCK,
    SQL_ALL,
    SQL_NAMED,
    SQL_NAMED_ON,
    SQL_STATES,
    SQL_MATTERS,
    SQL_CORRECTIONS,
    SQL_CHANGE
};

#define COLUMNS "e.id, e.uscc, e.name, e.region, e.province"
#define RECORD                                                                                     \
    COLUMNS ", e.legal_rep_name, e.legal_rep_id_type, e.legal_rep_id_sealed,"                      \
            " e.phone_sealed IS NOT NULL, e.created_at, e.updated_at"

static const struct db_query queries[] = {
    [SQL_FIND] = {"enterprise_record", "SELECT " RECORD " FROM enterprise e WHERE e.id = ?"},
    [SQL_LOCK] = {"enterprise_record_lock",
                  "SELECT " RECORD " FROM enterprise e WHERE e.id = ? FOR UPDATE"},
    [SQL_ALL] = {"enterprise_all", "SELECT " COLUMNS " FROM enterprise e WHERE e.id < ?"
                                   " ORDER BY e.id DESC LIMIT ?"},
    [SQL_NAMED] = {"enterprise_named",
                   "SELECT " COLUMNS " FROM enterprise e FORCE INDEX (enterprise_name)"
                   " WHERE e.name BETWEEN ? AND ? ORDER BY e.name, e.id LIMIT ?"},
    [SQL_NAMED_ON] = {"enterprise_named_on",
                      "SELECT " COLUMNS " FROM enterprise e FORCE INDEX (enterprise_name)"
                      " WHERE e.name BETWEEN (SELECT name FROM enterprise WHERE id = ?) AND ?"
                      " AND (e.name, e.id) > ((SELECT name FROM enterprise WHERE id = ?), ?)"
                      " ORDER BY e.name, e.id LIMIT ?"},
    [SQL_STATES] = {"enterprise_states",
                    "SELECT state, COUNT(*) FROM certificate FORCE INDEX (certificate_waiting)"
                    " WHERE enterprise_id = ? GROUP BY state ORDER BY state"},
    [SQL_MATTERS] = {"enterprise_matters",
                     "SELECT id, item, opened_on, state, holder_name FROM matter"
                     " FORCE INDEX (matter_enterprise) WHERE enterprise_id = ?"
                     " ORDER BY id DESC LIMIT ?"},
    [SQL_CORRECTIONS] = {"enterprise_corrections",
                         "SELECT p.matter_id, m.item, m.opened_on FROM proposal p"
                         " FORCE INDEX (proposal_enterprise) JOIN matter m ON m.id = p.matter_id"
                         " WHERE p.enterprise_id = ? AND p.kind = 'enterprise'"
                         " ORDER BY p.matter_id DESC LIMIT ?"},
    [SQL_CHANGE] = {"enterprise_change",
                    "UPDATE enterprise SET name = ?, region = ?, province = ?, legal_rep_name = ?,"
                    " legal_rep_id_type = ?, legal_rep_id_hash = ?, legal_rep_id_sealed = ?,"
                    " updated_at = ?, import_id = NULL WHERE id = ?"},
};

const struct db_area enterprise_register_area = DB_AREA("enterprise_register", queries);

static const struct correction_field fields[ENTERPRISE_FIELDS] = {
    [ENTERPRISE_NAME] = {"name", "企业名称", false, false},
    [ENTERPRISE_REGION] = {"region", "属地", false, false},
    [ENTERPRISE_PROVINCE] = {"province", "省份", false, false},
    [ENTERPRISE_REP_NAME] = {"rep_name", "法定代表人姓名", false, false},
    [ENTERPRISE_REP_TYPE] = {"rep_type", "法定代表人证件类型", false, false},
    [ENTERPRISE_REP_NO] = {"rep_no", "法定代表人证件号码", false, false},
};

/* Reading */

static void firm_read(const struct db_value *row, struct enterprise *out)
{
    *out = (struct enterprise){
        .id = db_as_uint(&row[0]),
        .uscc = db_as_text(&row[1]),
        .name = db_as_text(&row[2]),
        .local = strcmp(db_as_text(&row[3]), "local") == 0,
        .province = db_as_text(&row[4]),
    };
}

static int record_read(struct pool *pool, const struct core *core, const struct db_value *row,
                       struct enterprise_record *out, struct err *err)
{
    char masked[DOCUMENT_NO_SIZE] = "";
    const char *number = "";
    struct bytes plain;

    if (row[7].type != DB_NULL) {
        if (vault_open(core->vault, pool, PLACE_LEGAL_REP_ID, db_as_bytes(&row[7]), &plain, err) < 0)
            return -1;
        number = pool_text_n(pool, (const char *)plain.data, plain.size);
        document_no_mask(number, masked);
    }
    *out = (struct enterprise_record){
        .fields = {db_as_text(&row[2]), db_as_text(&row[3]), db_as_text(&row[4]),
                   db_as_text(&row[5]), db_as_text(&row[6]), number},
        .rep_no_masked = pool_text(pool, masked),
        .has_phone = db_as_uint(&row[8]) != 0,
        .created_ms = db_as_time(&row[9]),
        .updated_ms = db_as_time(&row[10]),
    };
    firm_read(row, &out->firm);
    return 0;
}

static int record_by(struct db *db, struct pool *pool, const struct core *core, int query,
                     uint64_t id, struct enterprise_record *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[query], DB_ARGS(db_uint(id)), &row, err);

    if (found != 1)
        return found;
    return record_read(pool, core, row, out, err) < 0 ? -1 : 1;
}

int enterprise_record_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                           struct enterprise_record *out, struct err *err)
{
    return record_by(db, pool, core, SQL_FIND, id, out, err);
}

static int page_select(struct db *db, struct pool *pool, const char *name, uint64_t after,
                       size_t limit, struct db_rows *rows, struct err *err)
{
    const struct db_value most = db_uint(limit + 1), id = db_uint(after);

    if (!name)
        return db_select(db, pool, &queries[SQL_ALL],
                         DB_ARGS(db_uint(after ? after : INT64_MAX), most), rows, err);
    /* Behind every name that begins so. */
    const struct db_value last = db_text(pool_printf(pool, "%s\xf4\x8f\xbf\xbf", name));
    if (!after)
        return db_select(db, pool, &queries[SQL_NAMED], DB_ARGS(db_text(name), last, most), rows,
                         err);
    return db_select(db, pool, &queries[SQL_NAMED_ON], DB_ARGS(id, last, id, id, most), rows, err);
}

int enterprise_search(struct db *db, struct pool *pool, const char *name, uint64_t after,
                      size_t limit, struct enterprise_page *page, struct err *err)
{
    struct db_rows rows;

    if (page_select(db, pool, name, after, limit, &rows, err) < 0)
        return -1;
    struct enterprise *list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        firm_read(db_row(&rows, i), &list[i]);
    page->rows = list;
    page->next = db_page(&rows, limit, &page->count) ? list[limit - 1].id : 0;
    return 0;
}

int enterprise_states(struct db *db, struct pool *pool, uint64_t id, struct db_rows *rows,
                      struct err *err)
{
    return db_select(db, pool, &queries[SQL_STATES], DB_ARGS(db_uint(id)), rows, err);
}

int enterprise_matters(struct db *db, struct pool *pool, uint64_t id, const struct matter **matters,
                       size_t *count, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_MATTERS],
                  DB_ARGS(db_uint(id), db_uint(ENTERPRISE_MATTERS)), &rows, err) < 0)
        return -1;
    struct matter *list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        list[i].id = db_as_uint(&row[0]);
        list[i].item = item_by_name(db_as_text(&row[1]));
        list[i].opened_on = db_as_date(&row[2]);
        list[i].state = db_as_text(&row[3]);
        list[i].holder_name = db_as_text(&row[4]);
        matter_number_make(list[i].item, list[i].opened_on, list[i].id, list[i].number);
    }
    *matters = list;
    *count = rows.count;
    return 0;
}

int enterprise_corrections(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                           const struct proposal **corrections, size_t *count, struct err *err)
{
    char number[MATTER_NUMBER_SIZE];
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_CORRECTIONS],
                  DB_ARGS(db_uint(id), db_uint(ENTERPRISE_CORRECTIONS)), &rows, err) < 0)
        return -1;
    struct proposal *list = pool_array(pool, rows.count + 1, sizeof(*list));
    *count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        matter_number_make(item_by_name(db_as_text(&row[1])), db_as_date(&row[2]),
                           db_as_uint(&row[0]), number);
        int found = proposal_find(db, pool, core, number, &list[*count], err);
        if (found < 0)
            return -1;
        *count += (size_t)found;
    }
    *corrections = list;
    return 0;
}

/* What is typed */

static const char *text_fault(const char *text, size_t low, size_t high)
{
    size_t length = utf8_count(text);

    if (utf8_has_control(text))
        return "含有控制字符";
    return length < low ? "请填写" : length > high ? "内容过长" : NULL;
}

static void rep_judge(struct pool *pool, const char *const typed[ENTERPRISE_FIELDS],
                      struct date today, const char *normal[ENTERPRISE_FIELDS],
                      const char *faults[ENTERPRISE_FIELDS])
{
    const char *type = typed[ENTERPRISE_REP_TYPE], *number = typed[ENTERPRISE_REP_NO];
    char out[DOCUMENT_NO_SIZE];

    if (!*type && !*number)
        return;
    if (!document_type_valid(type)) {
        faults[ENTERPRISE_REP_TYPE] = "请选择法定代表人的证件类型";
        return;
    }
    if (!document_no_normalise(type, number, today, out))
        faults[ENTERPRISE_REP_NO] = *number ? document_no_fault(type, number, today)
                                            : "请填写法定代表人的证件号码";
    else
        normal[ENTERPRISE_REP_NO] = pool_text(pool, out);
    if (!*typed[ENTERPRISE_REP_NAME])
        faults[ENTERPRISE_REP_NAME] = "填写了证件的，请填写法定代表人姓名";
}

unsigned enterprise_judge(struct pool *pool, const char *const typed[ENTERPRISE_FIELDS],
                          struct date today, const char *normal[ENTERPRISE_FIELDS],
                          const char *faults[ENTERPRISE_FIELDS])
{
    const char *region = typed[ENTERPRISE_REGION];
    unsigned wrong = 0;

    for (size_t i = 0; i < ENTERPRISE_FIELDS; i++) {
        normal[i] = typed[i];
        faults[i] = NULL;
    }
    faults[ENTERPRISE_NAME] = text_fault(typed[ENTERPRISE_NAME], 2, NAME_MOST);
    faults[ENTERPRISE_PROVINCE] = text_fault(typed[ENTERPRISE_PROVINCE], 0, PROVINCE_MOST);
    faults[ENTERPRISE_REP_NAME] = text_fault(typed[ENTERPRISE_REP_NAME], 0, REP_MOST);
    if (strcmp(region, "local") != 0 && strcmp(region, "outside") != 0)
        faults[ENTERPRISE_REGION] = "请选择属地";
    rep_judge(pool, typed, today, normal, faults);
    for (size_t i = 0; i < ENTERPRISE_FIELDS; i++)
        wrong += faults[i] != NULL;
    return wrong;
}

/* Its correction */

static const char *value_of(struct pool *pool, const void *record, size_t field)
{
    (void)pool;
    return ((const struct enterprise_record *)record)->fields[field];
}

static const char *shown(struct pool *pool, const void *record, size_t field)
{
    const char *value = value_of(pool, record, field);
    char masked[DOCUMENT_NO_SIZE];

    if (!*value)
        return "";
    if (field == ENTERPRISE_REGION)
        return strcmp(value, "local") == 0 ? "本市" : "外省市";
    if (field == ENTERPRISE_REP_TYPE)
        return document_type_label(value);
    if (field != ENTERPRISE_REP_NO)
        return value;
    document_no_mask(value, masked);
    return pool_text(pool, masked);
}

static bool set(void *record, size_t field, const char *value)
{
    ((struct enterprise_record *)record)->fields[field] = value;
    return true;
}

static const struct correction_form form = {
    .whose = "该企业",
    .fields = fields,
    .count = ENTERPRISE_FIELDS,
    .value = value_of,
    .shown = shown,
    .set = set,
};

void enterprise_rows(struct pool *pool, const struct enterprise_record *record,
                     const char *const after[ENTERPRISE_FIELDS], struct proposal_row *rows,
                     size_t *count)
{
    struct enterprise_record corrected = *record;

    memcpy(corrected.fields, after, sizeof(corrected.fields));
    *count = correction_rows(&form, pool, record, &corrected, rows);
}

/* The kind */

/* As it is, or locked, and as the rows make it: 1; 0: refused; -1. */
static int look(struct change *change, int query, struct proposal *proposal,
                struct enterprise_record *after, struct err *err)
{
    struct enterprise_record now;
    const char *words;
    int found = record_by(change->db, change->pool, change->core, query, proposal->enterprise_id, &now,
                          err);

    if (found < 0)
        return -1;
    if (found == 0) {
        proposal_refuse(proposal, "登记册中没有这家企业");
        return 0;
    }
    *after = now;
    words = correction_after(&form, change->pool, proposal, &now, after);
    if (words)
        proposal_refuse(proposal, words);
    return !words;
}

static int judge(struct change *change, struct proposal *proposal, struct err *err)
{
    struct enterprise_record after;

    correction_judge_whole(proposal);
    return look(change, SQL_FIND, proposal, &after, err) < 0 ? -1 : 0;
}

static int record_write(struct change *change, uint64_t id,
                        const char *const values[ENTERPRISE_FIELDS], struct err *err)
{
    const struct vault *vault = change->core->vault;
    const char *number = values[ENTERPRISE_REP_NO];
    struct bytes sealed = {NULL, 0};
    uint8_t hash[VAULT_HASH_SIZE];

    if (*number) {
        vault_lookup(vault, PLACE_PERSON_ID_NO, number, hash);
        if (vault_seal(vault, change->pool, PLACE_LEGAL_REP_ID,
                       (struct bytes){(const uint8_t *)number, strlen(number)}, &sealed, err) < 0)
            return -1;
    }
    return db_run(change->db, &queries[SQL_CHANGE],
                  DB_ARGS(db_text(values[ENTERPRISE_NAME]), db_text(values[ENTERPRISE_REGION]),
                          db_text(values[ENTERPRISE_PROVINCE]),
                          db_text(values[ENTERPRISE_REP_NAME]),
                          db_text(*values[ENTERPRISE_REP_TYPE] ? values[ENTERPRISE_REP_TYPE] : NULL),
                          *number ? db_bytes(hash, sizeof(hash)) : db_null(),
                          *number ? db_bytes(sealed.data, sealed.size) : db_null(),
                          db_time(change->now_ms), db_uint(id)),
                  NULL, err);
}

static int apply(struct change *change, const struct proposal *proposal, struct err *err)
{
    struct proposal copy = *proposal;
    struct enterprise_record after;
    int allowed = look(change, SQL_LOCK, &copy, &after, err);

    if (allowed != 1)
        return allowed < 0 ? -1 : err_set(err, ERR_CONFLICT, 0, "the enterprise was changed meanwhile");
    change->enterprise_id = proposal->enterprise_id;
    change_note(change, proposal->enterprise_id, "enterprise.correct", "enterprise",
                proposal->enterprise_id, NULL);
    return record_write(change, proposal->enterprise_id, after.fields, err);
}

const struct proposal_kind enterprise_correct = {
    .name = "enterprise",
    .label = "更正企业登记",
    .item = ITEM_CORRECTION,
    .propose = STAFF_REVIEWER,
    .decide = STAFF_REVIEWER,
    .deadline = DEADLINE_ENTERPRISE,
    .judge = judge,
    .apply = apply,
};
