#include "core/matter/matter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/text.h"
#include "core/queries.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    SQL_OPEN, SQL_MOVE, SQL_REASON, SQL_PROOF, SQL_FIND, SQL_JOBS, SQL_PROOF_MADE, SQL_FIND_PROOF,
    SQL_LOCK, SQL_LIST, SQL_LIST_ALL, SQL_LEFT, SQL_DRAFTS
};

#define COLUMNS                                                                                    \
    "m.id, m.item, m.state, m.enterprise_id, m.enterprise_name, m.person_id, m.holder_name,"       \
    " m.wish, m.items, m.opened_on, m.opened_at, m.closed_at, m.parent_id, m.reason_text,"         \
    " m.province, m.verify_token, m.moved_on"
enum { COLUMN_COUNT = 17 };
/* Behind them in lists: whether its proof is there. */
#define PROOF_MADE                                                                                 \
    "m.verify_token IS NOT NULL AND EXISTS (SELECT 1 FROM document d"                              \
    "   WHERE d.kind IN ('departure', 'cancellation') AND d.certificate_id = 0"                    \
    "   AND d.version = 0 AND d.proof_id = m.id)"

static const struct db_query queries[] = {
    [SQL_OPEN] = {"matter_open",
                  "INSERT INTO matter (item, opened_on, enterprise_id, state, items,"
                  " opened_by_kind, opened_by_id, opened_at, closed_at, enterprise_name, person_id,"
                  " holder_name, wish, parent_id)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_MOVE] = {"matter_move",
                  "UPDATE matter SET state = ?, items = ?, closed_at = ?, moved_on = ?"
                  " WHERE id = ? AND state = ?"},
    [SQL_REASON] = {"matter_reason",
                    "UPDATE matter SET reason_code = ?, reason_text = ? WHERE id = ?"},
    [SQL_PROOF] = {"matter_proof", "UPDATE matter SET province = ?, verify_token = ? WHERE id = ?"},
    [SQL_FIND] = {"matter_find",
                  "SELECT " COLUMNS " FROM matter m"
                  " WHERE m.id = ? AND m.enterprise_id = ? AND m.opened_on = ?"},
    [SQL_JOBS] = {"matter_jobs",
                  "SELECT COUNT(*), COUNT(IF(j.state = 'done', 1, NULL)),"
                  " COUNT(IF(j.state = 'failed', 1, NULL)) FROM job j WHERE j.matter_id = ?"},
    [SQL_PROOF_MADE] = {"matter_proof_made",
                        "SELECT d.id FROM document d WHERE d.kind = ? AND d.certificate_id = 0"
                        " AND d.version = 0 AND d.proof_id = ?"},
    [SQL_FIND_PROOF] = {"matter_find_proof",
                        "SELECT " COLUMNS " FROM matter m WHERE m.verify_token = ?"},
    [SQL_LOCK] = {"matter_lock",
                  "SELECT " COLUMNS " FROM matter m"
                  " WHERE m.id = ? AND m.enterprise_id = ? AND m.opened_on = ?"
                  " FOR UPDATE"},
    /* The page is chosen in the index alone; only its rows are read. */
    [SQL_LIST] = {"matter_list",
                  "SELECT " COLUMNS ", " PROOF_MADE
                  " FROM (SELECT id FROM matter FORCE INDEX (matter_list)"
                  "   WHERE enterprise_id = ? AND list = ? AND id < ?"
                  "   AND (? IS NULL OR state = ?) AND holder_name LIKE ? ESCAPE '!'"
                  "   AND opened_on BETWEEN ? AND ? ORDER BY id DESC LIMIT ?) page"
                  " JOIN matter m ON m.id = page.id ORDER BY m.id DESC"},
    /* Without a filter every row that is read is shown. */
    [SQL_LIST_ALL] = {"matter_list_all",
                      "SELECT " COLUMNS ", " PROOF_MADE " FROM matter m FORCE INDEX (matter_list)"
                      " WHERE m.enterprise_id = ? AND m.list = ? AND m.id < ?"
                      " ORDER BY m.id DESC LIMIT ?"},
    [SQL_LEFT] = {"matter_left",
                  "SELECT " COLUMNS " FROM (SELECT id FROM matter FORCE INDEX (matter_list)"
                  "   WHERE enterprise_id = ? AND list IN ('change', 'name_change', 'correction')"
                  "   AND opened_on >= ?) page"
                  " JOIN matter m ON m.id = page.id"
                  " WHERE m.parent_id IS NOT NULL ORDER BY m.id DESC LIMIT ?"},
    /* Of the last so many: whoever has thousands of records pays for them no more. */
    [SQL_DRAFTS] = {"matter_drafts",
                    "SELECT COUNT(IF(state = 'draft', 1, NULL)) FROM (SELECT state"
                    "   FROM matter FORCE INDEX (matter_list) WHERE enterprise_id = ? AND list = ?"
                    "   ORDER BY id DESC LIMIT ?) page"},
};

const struct db_area matter_area = DB_AREA("matter", queries);

/* letters: 旧证, 申领, 延期, 隶属, 名称, 注销, 离沪, 姓名, 处罚, 更正. */
static const struct item_row {
    const char *letters;
    const char *name;
    const char *label;
    const char *list; /* as the column of that name says */
} items[ITEM_COUNT] = {
    [ITEM_EXCHANGE] = {"JZ", "exchange", "纸质证书换领电子证书", "exchange"},
    [ITEM_APPLY] = {"SL", "apply", "电子证书申领", "apply"},
    [ITEM_RENEW] = {"YQ", "renew", "电子证书延期", "apply"},
    [ITEM_TRANSFER] = {"LS", "transfer", "企业隶属关系变更", "change"},
    [ITEM_RENAME] = {"MC", "rename", "企业名称变更", "change"},
    [ITEM_CANCEL] = {"ZX", "cancel", "电子证书注销", "cancel"},
    [ITEM_DEPARTURE] = {"LH", "departure", "出具离沪证明", "departure"},
    [ITEM_NAME_CHANGE] = {"XM", "name_change", "电子证书姓名变更", "name_change"},
    [ITEM_SANCTION] = {"CF", "sanction", "电子证书暂扣、撤销、吊销", "sanction"},
    [ITEM_CORRECTION] = {"GZ", "correction", "电子证书数据更正", "correction"},
};

static const struct state_row {
    const char *state;
    const char *label;
} states[] = {
    {MATTER_DRAFT, "待确认"},
    {MATTER_SIGNING, "待签章"},
    {MATTER_OPEN, "办理中"},
    {MATTER_DONE, "已办结"},
    {MATTER_REFUSED, "未通过"},
    {MATTER_ABANDONED, "已撤回"},
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
    for (size_t i = 0; i < COUNT(states); i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].label;
    return NULL;
}

const char *matter_state_name(size_t n)
{
    return n < COUNT(states) ? states[n].state : NULL;
}

/* `width` digits at least; behind them. printf costs more than the rest of a row. */
static char *digits_put(char *out, uint64_t value, size_t width)
{
    char text[20], *start = text + sizeof(text);

    do
        *--start = (char)('0' + value % 10);
    while (value /= 10);
    while ((size_t)(text + sizeof(text) - start) < width)
        *--start = '0';
    size_t length = (size_t)(text + sizeof(text) - start);
    memcpy(out, start, length);
    return out + length;
}

void matter_number_make(enum item item, struct date opened_on, uint64_t id,
                        char out[MATTER_NUMBER_SIZE])
{
    memcpy(out, items[item].letters, 2);
    out = digits_put(out + 2, (uint64_t)opened_on.year, 4);
    out = digits_put(out, (uint64_t)opened_on.month, 2);
    out = digits_put(out, (uint64_t)opened_on.day, 2);
    *out++ = '-';
    *digits_put(out, id, 8) = '\0';
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

static bool state_closed(const char *state)
{
    static const char *const open[] = {MATTER_OPEN, MATTER_DRAFT, MATTER_SIGNING};

    for (size_t i = 0; i < COUNT(open); i++)
        if (strcmp(open[i], state) == 0)
            return false;
    return true;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

int matter_open(struct db *db, const struct actor *actor, const struct matter_new *what,
                struct date today, int64_t now_ms, struct matter *matter, struct err *err)
{
    bool closed = state_closed(what->state);

    *matter = (struct matter){
        .item = what->item,
        .state = what->state,
        .enterprise_id = what->enterprise_id,
        .enterprise_name = or_empty(what->enterprise_name),
        .person_id = what->person_id,
        .holder_name = or_empty(what->holder_name),
        .wish = or_empty(what->wish),
        .items = what->items,
        .opened_on = today,
        .opened_ms = now_ms,
        .closed_ms = closed ? now_ms : 0,
        .parent_id = what->parent_id,
        .reason_text = "",
        .province = "",
        .verify_token = "",
    };
    if (db_run(db, &queries[SQL_OPEN],
               DB_ARGS(db_text(item_name(what->item)), db_date(today), db_id(what->enterprise_id),
                       db_text(what->state), db_uint(what->items), db_uint(actor->kind),
                       db_uint(actor->id), db_time(now_ms), closed ? db_time(now_ms) : db_null(),
                       db_text(matter->enterprise_name), db_id(what->person_id),
                       db_text(matter->holder_name), db_text(matter->wish), db_id(what->parent_id)),
               NULL, err) < 0)
        return -1;
    matter->id = db_insert_id(db);
    matter_number_make(what->item, today, matter->id, matter->number);
    return 0;
}

int matter_move(struct db *db, struct matter *matter, const char *from, const char *to,
                struct date today, int64_t now_ms, struct err *err)
{
    bool closed = state_closed(to);
    int moved = db_change(db, &queries[SQL_MOVE],
                          DB_ARGS(db_text(to), db_uint(matter->items),
                                  closed ? db_time(now_ms) : db_null(), db_date(today),
                                  db_uint(matter->id), db_text(from)),
                          err);

    if (moved < 0)
        return -1;
    if (moved == 0)
        return err_set(err, ERR_CONFLICT, 0, "matter %" PRIu64 " is not %s any more", matter->id,
                       from);
    matter->state = to;
    matter->closed_ms = closed ? now_ms : 0;
    return 0;
}

int matter_reason(struct db *db, uint64_t id, const char *code, const char *text, struct err *err)
{
    return db_run(db, &queries[SQL_REASON], DB_ARGS(db_text(code), db_text(text), db_uint(id)),
                  NULL, err);
}

int matter_proof(struct db *db, uint64_t id, const char *province, struct err *err)
{
    uint8_t token[TOKEN_SIZE];

    random_bytes(token, sizeof(token));
    return db_run(db, &queries[SQL_PROOF],
                  DB_ARGS(db_text(or_empty(province)), db_bytes(token, sizeof(token)), db_uint(id)),
                  NULL, err);
}

static void matter_read(struct pool *pool, const struct db_value *row, struct matter *out)
{
    struct bytes token = db_as_bytes(&row[15]);

    *out = (struct matter){
        .id = db_as_uint(&row[0]),
        .item = item_by_name(db_as_text(&row[1])),
        .state = db_as_text(&row[2]),
        .enterprise_id = db_as_uint(&row[3]),
        .enterprise_name = db_as_text(&row[4]),
        .person_id = db_as_uint(&row[5]),
        .holder_name = db_as_text(&row[6]),
        .wish = db_as_text(&row[7]),
        .items = (unsigned)db_as_uint(&row[8]),
        .opened_on = db_as_date(&row[9]),
        .opened_ms = db_as_time(&row[10]),
        .closed_ms = db_as_time(&row[11]),
        .parent_id = db_as_uint(&row[12]),
        .reason_text = db_as_text(&row[13]),
        .province = db_as_text(&row[14]),
        .verify_token = token.size ? token_text(pool, token) : "",
        .moved_on = db_as_date(&row[16]),
    };
    matter_number_make(out->item, out->opened_on, out->id, out->number);
}

/* What a number says of its matter: the arguments of SQL_FIND and SQL_LOCK, whose row must be of
 * its item. False for what is no number. */
enum { FIND_ARGS = 3 };
static bool find_args(const char *number, uint64_t enterprise_id, enum item *item,
                      struct db_value args[FIND_ARGS])
{
    struct date opened_on;
    uint64_t id;

    if (!matter_number_parse(number, item, &opened_on, &id))
        return false;
    args[0] = db_uint(id);
    args[1] = db_uint(enterprise_id);
    args[2] = db_date(opened_on);
    return true;
}

/* The one row that a number names, for a firm. 1/0/-1. */
static int find(struct db *db, struct pool *pool, const struct db_query *query, const char *number,
                uint64_t enterprise_id, struct matter *out, struct err *err)
{
    struct db_value args[FIND_ARGS];
    const struct db_value *row;
    enum item item;
    int found;

    if (!find_args(number, enterprise_id, &item, args))
        return 0;
    found = db_find(db, pool, query, args, FIND_ARGS, &row, err);
    if (found != 1)
        return found;
    matter_read(pool, row, out);
    return out->item == item;
}

void matter_find_ahead(struct db *db, struct pool *pool, const char *number,
                       uint64_t enterprise_id)
{
    struct db_value args[FIND_ARGS];
    enum item item;

    if (find_args(number, enterprise_id, &item, args))
        db_ahead(db, pool, &queries[SQL_FIND], args, FIND_ARGS);
}

int matter_find(struct db *db, struct pool *pool, const char *number, uint64_t enterprise_id,
                struct matter *out, struct err *err)
{
    return find(db, pool, &queries[SQL_FIND], number, enterprise_id, out, err);
}

void matter_jobs_ahead(struct db *db, struct pool *pool, uint64_t id)
{
    db_ahead(db, pool, &queries[SQL_JOBS], DB_ARGS(db_uint(id)));
}

int matter_jobs(struct db *db, struct pool *pool, struct matter *matter, struct err *err)
{
    const char *kind = matter->item == ITEM_CANCEL ? "cancellation" : "departure";
    const struct db_value proof[] = {db_text(kind), db_uint(matter->id)};
    const struct db_value *row;
    int found = 0;

    if (*matter->verify_token)
        db_ahead(db, pool, &queries[SQL_PROOF_MADE], proof, COUNT(proof));
    if (db_one(db, pool, &queries[SQL_JOBS], DB_ARGS(db_uint(matter->id)), &row, err) < 0)
        return -1;
    matter->jobs = (unsigned)db_as_uint(&row[0]);
    matter->done = (unsigned)db_as_uint(&row[1]);
    matter->failed = (unsigned)db_as_uint(&row[2]);
    if (*matter->verify_token)
        found = db_find(db, pool, &queries[SQL_PROOF_MADE], proof, COUNT(proof), &row, err);
    matter->proof_made = found == 1;
    return found < 0 ? -1 : 0;
}

int matter_find_proof(struct db *db, struct pool *pool, const char *token, struct matter *out,
                      struct err *err)
{
    uint8_t key[TOKEN_SIZE];
    const struct db_value *row;
    int found;

    if (!token_parse(token, key))
        return 0;
    found =
        db_find(db, pool, &queries[SQL_FIND_PROOF], DB_ARGS(db_bytes(key, sizeof(key))), &row, err);
    if (found == 1)
        matter_read(pool, row, out);
    return found;
}

int matter_lock(struct db *db, struct pool *pool, const char *number, uint64_t enterprise_id,
                struct matter *out, struct err *err)
{
    return find(db, pool, &queries[SQL_LOCK], number, enterprise_id, out, err);
}

static const struct date first_day = {1, 1, 1}, last_day = {9999, 12, 31};

static void paginate(struct pool *pool, const struct db_rows *rows, size_t limit,
                     struct matter_page *page)
{
    struct matter *list = pool_array(pool, rows->count + 1, sizeof(*list));

    for (size_t i = 0; i < rows->count; i++) {
        matter_read(pool, db_row(rows, i), &list[i]);
        list[i].proof_made =
            rows->columns > COLUMN_COUNT && db_as_uint(&db_row(rows, i)[COLUMN_COUNT]);
    }
    page->rows = list;
    page->next = db_page(rows, limit, &page->count) ? list[limit - 1].id : 0;
}

enum { LIST_ALL_ARGS = 4 };
static void list_all_args(const struct matter_filter *filter, struct db_value args[LIST_ALL_ARGS])
{
    args[0] = db_uint(filter->enterprise_id);
    args[1] = db_text(items[filter->item].list);
    args[2] = db_uint(filter->after ? filter->after : INT64_MAX);
    args[3] = db_uint(filter->limit + 1);
}

void matter_list_ahead(struct db *db, struct pool *pool, const struct matter_filter *filter)
{
    struct db_value args[LIST_ALL_ARGS];

    list_all_args(filter, args);
    db_ahead(db, pool, &queries[SQL_LIST_ALL], args, LIST_ALL_ARGS);
}

static int list_all(struct db *db, struct pool *pool, const struct matter_filter *filter,
                    struct db_rows *rows, struct err *err)
{
    struct db_value args[LIST_ALL_ARGS];

    list_all_args(filter, args);
    return db_select(db, pool, &queries[SQL_LIST_ALL], args, LIST_ALL_ARGS, rows, err);
}

static int list_some(struct db *db, struct pool *pool, const struct matter_filter *filter,
                     struct db_rows *rows, struct err *err)
{
    return db_select(db, pool, &queries[SQL_LIST],
                     DB_ARGS(db_uint(filter->enterprise_id), db_text(items[filter->item].list),
                             db_uint(filter->after ? filter->after : INT64_MAX),
                             db_text(filter->state), db_text(filter->state),
                             db_text(person_pattern(pool, filter->name)),
                             db_date(date_is_none(filter->from) ? first_day : filter->from),
                             db_date(date_is_none(filter->to) ? last_day : filter->to),
                             db_uint(filter->limit + 1)),
                     rows, err);
}

int matter_list(struct db *db, struct pool *pool, const struct matter_filter *filter,
                struct matter_page *page, struct err *err)
{
    bool filtered = filter->name || filter->state || !date_is_none(filter->from) ||
                    !date_is_none(filter->to);
    struct db_rows rows;

    if ((filtered ? list_some : list_all)(db, pool, filter, &rows, err) < 0)
        return -1;
    paginate(pool, &rows, filter->limit, page);
    return 0;
}

int matter_left(struct db *db, struct pool *pool, uint64_t enterprise_id, struct date since,
                size_t limit, struct matter_page *page, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_LEFT],
                  DB_ARGS(db_uint(enterprise_id), db_date(since), db_uint(limit)), &rows, err) < 0)
        return -1;
    paginate(pool, &rows, limit, page);
    return 0;
}

int matter_drafts(struct db *db, struct pool *pool, uint64_t enterprise_id, enum item item,
                  size_t last, uint64_t *count, struct err *err)
{
    const struct db_value *row;

    if (db_find(db, pool, &queries[SQL_DRAFTS],
                DB_ARGS(db_uint(enterprise_id), db_text(items[item].list), db_uint(last)), &row,
                err) < 1)
        return -1;
    *count = db_as_uint(&row[0]);
    return 0;
}
