#include "core/matter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/queries.h"

enum { SQL_OPEN, SQL_FIND, SQL_CERTIFICATES };

static const struct db_query queries[] = {
    [SQL_OPEN] = {"matter_open", "INSERT INTO matter (item, opened_on, enterprise_id, state, items,"
                                 " opened_by_kind, opened_by_id, opened_at, closed_at)"
                                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_FIND] = {"matter_find",
                  "SELECT m.state, m.items, m.opened_at, m.closed_at,"
                  " (SELECT COUNT(*) FROM job j WHERE j.matter_id = m.id AND j.state = 'done'),"
                  " (SELECT COUNT(*) FROM job j WHERE j.matter_id = m.id AND j.state = 'failed')"
                  " FROM matter m"
                  " WHERE m.id = ? AND m.enterprise_id = ? AND m.item = ? AND m.opened_on = ?"},
    [SQL_CERTIFICATES] =
        {"matter_certificates",
         "SELECT " CERTIFICATE_COLUMNS
         " FROM matter_certificate mc JOIN certificate c ON c.id = mc.certificate_id"
         " WHERE mc.matter_id = ? AND mc.certificate_id > ?"
         " ORDER BY mc.certificate_id LIMIT ?"},
};

const struct db_area matter_area = DB_AREA("matter", queries);

/* letters: 旧证, 申领, 延期, 隶属, 名称, 注销, 离沪, 姓名, 处罚, 更正. */
static const struct item_row {
    const char *letters;
    const char *name;
    const char *label;
} items[ITEM_COUNT] = {
    [ITEM_EXCHANGE] = {"JZ", "exchange", "纸质证书换领电子证书"},
    [ITEM_APPLY] = {"SL", "apply", "电子证书申领"},
    [ITEM_RENEW] = {"YQ", "renew", "电子证书延期"},
    [ITEM_TRANSFER] = {"LS", "transfer", "企业隶属关系变更"},
    [ITEM_RENAME] = {"MC", "rename", "企业名称变更"},
    [ITEM_CANCEL] = {"ZX", "cancel", "电子证书注销"},
    [ITEM_DEPARTURE] = {"LH", "departure", "出具离沪证明"},
    [ITEM_NAME_CHANGE] = {"XM", "name_change", "电子证书姓名变更"},
    [ITEM_SANCTION] = {"CF", "sanction", "电子证书暂扣、撤销、吊销"},
    [ITEM_CORRECTION] = {"GZ", "correction", "电子证书数据更正"},
};

static const struct state_row {
    const char *state;
    const char *label;
} states[] = {
    {"open", "办理中"},
    {"done", "已办结"},
    {"refused", "未通过"},
    {"abandoned", "已撤回"},
};

const char *item_name(enum item item)
{
    return (size_t)item < ITEM_COUNT ? items[item].name : NULL;
}

const char *item_label(enum item item)
{
    return (size_t)item < ITEM_COUNT ? items[item].label : NULL;
}

enum item item_by_name(const char *name)
{
    int item = 0;

    while (item < ITEM_COUNT && strcmp(items[item].name, name) != 0)
        item++;
    return (enum item)item;
}

const char *matter_state_label(const char *state)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].label;
    return NULL;
}

void matter_number_make(enum item item, struct date opened_on, uint64_t id,
                        char out[MATTER_NUMBER_SIZE])
{
    text_format(out, MATTER_NUMBER_SIZE, "%s%04d%02d%02d-%08" PRIu64, items[item].letters,
                opened_on.year, opened_on.month, opened_on.day, id);
}

/* Digits of a fixed width; the caller has seen that the text is long enough. */
static bool digits_take(const char *text, size_t width, int *value)
{
    char copy[8];
    int64_t number;

    memcpy(copy, text, width);
    copy[width] = '\0';
    if (!parse_int(copy, 0, 9999, &number) || *text == '-')
        return false;
    *value = (int)number;
    return true;
}

bool matter_number_parse(const char *number, enum item *item, struct date *opened_on, uint64_t *id)
{
    enum { DATE_AT = 2, DASH_AT = 10, ID_AT = 11, LEAST = 19 };
    char again[MATTER_NUMBER_SIZE];
    int found = 0, year, month, day;

    if (strlen(number) < LEAST || strlen(number) >= MATTER_NUMBER_SIZE || number[DASH_AT] != '-')
        return false;
    while (found < ITEM_COUNT && strncmp(items[found].letters, number, DATE_AT) != 0)
        found++;
    if (found == ITEM_COUNT || !digits_take(number + DATE_AT, 4, &year) ||
        !digits_take(number + DATE_AT + 4, 2, &month) ||
        !digits_take(number + DATE_AT + 6, 2, &day) ||
        !parse_uint(number + ID_AT, 1, UINT64_MAX, id))
        return false;
    *item = (enum item)found;
    *opened_on = (struct date){(int16_t)year, (int8_t)month, (int8_t)day};
    if (!date_valid(*opened_on))
        return false;
    /* What we would not write so is not a number of ours. */
    matter_number_make(*item, *opened_on, *id, again);
    return strcmp(again, number) == 0;
}

int matter_open(struct db *db, const struct actor *actor, enum item item, uint64_t enterprise_id,
                struct date today, int64_t now_ms, unsigned count, const char *state,
                struct matter *matter, struct err *err)
{
    bool closed = strcmp(state, "open") != 0;

    if (db_run(db, &queries[SQL_OPEN],
               DB_ARGS(db_text(item_name(item)), db_date(today), db_id(enterprise_id),
                       db_text(state), db_uint(count), db_uint(actor->kind), db_uint(actor->id),
                       db_time(now_ms), closed ? db_time(now_ms) : db_null()),
               NULL, err) < 0)
        return -1;
    *matter = (struct matter){
        .id = db_insert_id(db),
        .item = item,
        .state = state,
        .items = count,
        .opened_ms = now_ms,
        .closed_ms = closed ? now_ms : 0,
    };
    matter_number_make(item, today, matter->id, matter->number);
    return 0;
}

int matter_find(struct db *db, struct pool *pool, const char *number, uint64_t enterprise_id,
                struct matter *out, struct err *err)
{
    const struct db_value *row;
    struct date opened_on;
    enum item item;
    uint64_t id;
    int found;

    if (!matter_number_parse(number, &item, &opened_on, &id))
        return 0;
    found = db_find(
        db, pool, &queries[SQL_FIND],
        DB_ARGS(db_uint(id), db_uint(enterprise_id), db_text(item_name(item)), db_date(opened_on)),
        &row, err);
    if (found != 1)
        return found;
    *out = (struct matter){
        .id = id,
        .item = item,
        .state = db_as_text(&row[0]),
        .items = (unsigned)db_as_uint(&row[1]),
        .opened_ms = db_as_time(&row[2]),
        .closed_ms = db_as_time(&row[3]),
        .done = (unsigned)db_as_uint(&row[4]),
        .failed = (unsigned)db_as_uint(&row[5]),
    };
    matter_number_make(item, opened_on, id, out->number);
    return 1;
}

int matter_certificates(struct db *db, struct pool *pool, uint64_t matter_id, uint64_t after,
                        size_t limit, struct certificate_page *page, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_CERTIFICATES],
                  DB_ARGS(db_uint(matter_id), db_uint(after), db_uint(limit + 1)), &rows, err) < 0)
        return -1;
    certificate_paginate(pool, &rows, limit, page);
    return 0;
}
