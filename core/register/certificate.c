#include "core/register/certificate.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"
#include "core/register/identifier.h"
#include "core/register/person_data.h"

enum {
    SQL_LIST, SQL_LIST_NAME, SQL_LIST_NUMBER, SQL_LIST_STATE, SQL_LIST_DATES, SQL_LIST_GENERATION,
    SQL_FIND, SQL_EXPIRING, SQL_OUTDATED, SQL_HISTORY, SQL_DOCUMENT, SQL_DOCUMENT_OF,
    SQL_VERIFY
};

enum { TOKEN_TEXT = 22 };

/* The arguments of struct reach. */
#define IN_REACH                                                                                   \
    "(state BETWEEN ? AND ? AND valid_until BETWEEN ? AND ?"                                       \
    " OR state = ? AND valid_until BETWEEN ? AND ?)"

/* Of one state, in the index that has each state's certificates by their key. */
#define STATE_IDS                                                                                  \
    "(SELECT id FROM certificate FORCE INDEX (certificate_state)"                                  \
    "   WHERE enterprise_id = ? AND state = ? AND valid_until BETWEEN ? AND ? AND id < ?"          \
    "   ORDER BY id DESC LIMIT ?)"

static const struct db_query queries[] = {
    /* Each page is read from the index alone. */
    [SQL_LIST] = {"certificate_list",
                  "SELECT " CERTIFICATE_COLUMNS " FROM certificate c FORCE INDEX (certificate_list)"
                  " WHERE c.enterprise_id = ? AND c.id < ? ORDER BY c.id DESC LIMIT ?"},
    /* The page is chosen in the index of names; only its rows are read. */
    [SQL_LIST_NAME] = {"certificate_list_name",
                       "SELECT " CERTIFICATE_COLUMNS
                       " FROM (SELECT id FROM certificate FORCE INDEX (certificate_holder)"
                       "   WHERE enterprise_id = ? AND holder_name LIKE ? ESCAPE '!' AND id < ?"
                       "   AND " IN_REACH " ORDER BY id DESC LIMIT ?) page"
                       " JOIN certificate c ON c.id = page.id ORDER BY c.id DESC"},
    [SQL_LIST_NUMBER] = {"certificate_list_number",
                         "SELECT " CERTIFICATE_COLUMNS " FROM certificate c"
                         " WHERE c.number = ? AND c.enterprise_id = ?"
                         " AND c.holder_name LIKE ? ESCAPE '!' AND c.id < ? AND " IN_REACH},
    /* A state is stored under one code or two. */
    [SQL_LIST_STATE] = {"certificate_list_state",
                        "SELECT " CERTIFICATE_COLUMNS " FROM (" STATE_IDS " UNION ALL " STATE_IDS
                        "   ORDER BY id DESC LIMIT ?) page"
                        " JOIN certificate c ON c.id = page.id ORDER BY c.id DESC"},
    [SQL_LIST_DATES] = {"certificate_list_dates",
                        "SELECT " CERTIFICATE_COLUMNS
                        " FROM certificate c FORCE INDEX (certificate_list)"
                        " WHERE c.enterprise_id = ? AND c.id < ?"
                        " AND c.valid_until BETWEEN ? AND ? ORDER BY c.id DESC LIMIT ?"},
    [SQL_LIST_GENERATION] = {"certificate_list_generation",
                             "SELECT " CERTIFICATE_COLUMNS
                             " FROM (SELECT id FROM certificate FORCE INDEX (certificate_generation)"
                             "   WHERE enterprise_id = ? AND generation BETWEEN ? AND ? AND id < ?"
                             "   ORDER BY id DESC LIMIT ?) page"
                             " JOIN certificate c ON c.id = page.id ORDER BY c.id DESC"},
    [SQL_FIND] = {"certificate_find",
                  "SELECT " CERTIFICATE_COLUMNS ", c.person_id, c.enterprise_id, c.enterprise_name,"
                  " c.post, c.version, c.first_issued, c.valid_from, c.held_since, v.identifier,"
                  " v.issued_on, v.issuer_name, v.verify_token, v.capture_id, j.cause, j.id"
                  " FROM certificate c"
                  " JOIN certificate_version v ON v.certificate_id = c.id AND v.version = c.version"
                  " LEFT JOIN job j ON j.kind = 'certificate' AND j.certificate_id = c.id"
                  "   AND j.version = c.version"
                  " WHERE c.id = ? AND c.enterprise_id = ?"},
    [SQL_EXPIRING] = {"certificate_expiring",
                      "SELECT " CERTIFICATE_COLUMNS
                      " FROM certificate c FORCE INDEX (certificate_waiting)"
                      " WHERE c.enterprise_id = ? AND c.state = '01'"
                      " AND c.valid_until BETWEEN ? AND ? ORDER BY c.valid_until LIMIT ?"},
    [SQL_OUTDATED] = {"certificate_outdated",
                      "SELECT " CERTIFICATE_COLUMNS
                      " FROM enterprise e JOIN certificate c FORCE INDEX (certificate_name)"
                      "   ON c.enterprise_id = e.id AND c.enterprise_name <> e.name"
                      " WHERE e.id = ? AND c.state = '01' AND c.valid_until >= ?"
                      " AND c.pending_matter_id IS NULL LIMIT ?"},
    [SQL_HISTORY] = {"certificate_history",
                     "SELECT e.action, e.to_state, e.version,"
                     /* A firm's words about its people are for itself. */
                     " IF(e.enterprise_id <> ? AND e.actor_kind = 1, NULL, e.reason_text),"
                     " e.matter_id, m.item, m.opened_on, e.happened_at, e.enterprise_id = ?,"
                     " IFNULL(m.enterprise_id = ?, 0) FROM certificate_event e LEFT JOIN matter m ON m.id = e.matter_id"
                     "   AND (m.enterprise_id = ? OR e.enterprise_id = ?"
                     "     AND m.item IN ('sanction', 'correction', 'name_change'))"
                     " WHERE e.certificate_id = ? ORDER BY e.id DESC LIMIT ?"},
    /* What certificate_downloadable says, so that no document is read in vain. */
    [SQL_DOCUMENT] = {"certificate_document",
                      "SELECT d.id, c.number, d.version, d.body, d.sha256"
                      " FROM certificate c"
                      " JOIN document d ON d.kind = 'certificate' AND d.certificate_id = c.id"
                      "   AND d.version = c.version AND d.proof_id = 0"
                      " WHERE c.id = ? AND c.enterprise_id = ? AND c.state = '01'"
                      " AND c.valid_until >= ? AND c.generation = 2"},
    /* Of any version, for the firm that held it. */
    [SQL_DOCUMENT_OF] = {"certificate_document_of",
                         "SELECT d.id, c.number, d.version, d.body, d.sha256"
                         " FROM document d JOIN certificate c ON c.id = d.certificate_id"
                         " JOIN certificate_version v ON v.certificate_id = d.certificate_id"
                         "   AND v.version = d.version"
                         " WHERE d.kind = 'certificate' AND d.certificate_id = ? AND d.version = ?"
                         " AND d.proof_id = 0 AND v.enterprise_id = ? AND d.version <> c.version"},
    [SQL_VERIFY] = {"certificate_verify",
                    "SELECT c.number, v.class, v.identifier, v.holder_name, v.enterprise_name,"
                    " v.post, c.state, c.valid_until, v.version, c.version, v.first_issued,"
                    " v.valid_from, v.valid_until, v.issued_on, v.issuer_name"
                    " FROM certificate_version v JOIN certificate c ON c.id = v.certificate_id"
                    " WHERE v.verify_token = ?"},
};

const struct db_area certificate_area = DB_AREA("certificate", queries);

static const struct state_row {
    const char *state;
    const char *label;
} states[] = {
    {STATE_VALID, "有效"},     {STATE_SUSPENDED, "暂扣"}, {STATE_WITHDRAWN, "撤销"},
    {STATE_CANCELLED, "注销"}, {STATE_EXPIRED, "失效"},   {STATE_DEPARTED, "办理转出"},
    {STATE_REVOKED, "吊销"},   {STATE_OTHER, "其他"},
};

static const char *const generations[] = {
    [GENERATION_WAITING] = "待生成",
    [GENERATION_RUNNING] = "生成中",
    [GENERATION_DONE] = "生成成功",
    [GENERATION_FAILED] = "生成失败",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *state_label(const char *state)
{
    for (size_t i = 0; i < COUNT(states); i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].label;
    return NULL;
}

const char *state_on(const char *state, struct date valid_until, struct date today)
{
    if (strcmp(state, STATE_VALID) == 0 && date_compare(valid_until, today) < 0)
        return STATE_EXPIRED;
    return state;
}

const char *generation_label(enum generation generation)
{
    return (size_t)generation < COUNT(generations) ? generations[generation] : NULL;
}

bool certificate_downloadable(const struct certificate *certificate, struct date today)
{
    return certificate->generation == GENERATION_DONE &&
           strcmp(state_on(certificate->state, certificate->valid_until, today), STATE_VALID) == 0;
}

void certificate_read(const struct db_value *row, struct certificate *out)
{
    out->id = db_as_uint(&row[0]);
    out->class_code = db_as_text(&row[1]);
    out->number = db_as_text(&row[2]);
    out->holder_name = db_as_text(&row[3]);
    out->state = db_as_text(&row[4]);
    out->valid_until = db_as_date(&row[5]);
    out->generation = (enum generation)db_as_int(&row[6]);
}

static void paginate(struct pool *pool, const struct db_rows *rows, size_t limit,
                     struct certificate_page *page)
{
    struct certificate *list = pool_array(pool, rows->count + 1, sizeof(*list));

    for (size_t i = 0; i < rows->count; i++)
        certificate_read(db_row(rows, i), &list[i]);
    page->rows = list;
    page->next = db_page(rows, limit, &page->count) ? list[limit - 1].id : 0;
}

const char *name_pattern(struct pool *pool, const char *text)
{
    struct text pattern;

    text_init(&pattern, pool, SIZE_MAX / 2);
    for (; text && *text; text++) {
        if (strchr("!%_", *text))
            text_char(&pattern, '!');
        text_char(&pattern, *text);
    }
    text_char(&pattern, '%');
    return pattern.data;
}

const char *person_pattern(struct pool *pool, const char *typed)
{
    return name_pattern(pool, typed ? person_name_normal(pool, typed) : NULL);
}

#define STATE_LOWEST "00" /* before all of them, as STATE_OTHER is behind */

/* Where the certificates stand that a filter's state and dates name: under one state or a range of
 * them, and under a second one. A state that is not to be found ends before it begins. */
struct reach {
    struct {
        const char *low, *high; /* states */
        struct date from, until;
    } first, second;
};

static struct date later(struct date a, struct date b)
{
    return date_compare(a, b) > 0 ? a : b;
}

static struct date earlier(struct date a, struct date b)
{
    return date_compare(a, b) < 0 ? a : b;
}

static struct reach reach_of(const struct certificate_filter *filter)
{
    const struct date never = {1000, 1, 1}, always = {9999, 12, 31};
    struct date from = date_is_none(filter->from) ? never : filter->from;
    struct date until = date_is_none(filter->until) ? always : filter->until;
    struct reach reach = {{STATE_LOWEST, STATE_OTHER, from, until},
                          {STATE_OTHER, STATE_OTHER, always, never}};

    if (!filter->state)
        return reach;
    reach.first.low = reach.first.high = filter->state;
    if (strcmp(filter->state, STATE_VALID) == 0) {
        reach.first.from = later(from, filter->today);
    } else if (strcmp(filter->state, STATE_EXPIRED) == 0) {
        reach.second.low = reach.second.high = STATE_VALID;
        reach.second.from = from;
        reach.second.until = earlier(until, date_add_days(filter->today, -1));
    }
    return reach;
}

#define REACH_ARGS(reach)                                                                          \
    db_text((reach).first.low), db_text((reach).first.high), db_date((reach).first.from),          \
        db_date((reach).first.until), db_text((reach).second.low), db_date((reach).second.from),   \
        db_date((reach).second.until)

/* What all lists ask for. */
struct span {
    struct db_value firm, before, rows;
};

static struct span span_of(const struct certificate_filter *filter)
{
    return (struct span){db_uint(filter->enterprise_id),
                         db_uint(filter->after ? filter->after : UINT64_MAX),
                         db_uint(filter->limit + 1)};
}

static int list_state(struct db *db, struct pool *pool, const struct certificate_filter *filter,
                      struct db_rows *rows, struct err *err)
{
    const struct span span = span_of(filter);
    const struct reach reach = reach_of(filter);

    return db_select(db, pool, &queries[SQL_LIST_STATE],
                     DB_ARGS(span.firm, db_text(reach.first.low), db_date(reach.first.from),
                             db_date(reach.first.until), span.before, span.rows, span.firm,
                             db_text(reach.second.low), db_date(reach.second.from),
                             db_date(reach.second.until), span.before, span.rows, span.rows),
                     rows, err);
}

/* All that filter->show names. */
static int list_shown(struct db *db, struct pool *pool, const struct certificate_filter *filter,
                      struct db_rows *rows, struct err *err)
{
    const struct span span = span_of(filter);
    struct certificate_filter valid = {
        .enterprise_id = filter->enterprise_id,
        .today = filter->today,
        .state = STATE_VALID,
        .after = filter->after,
        .limit = filter->limit,
    };
    const bool failed = filter->show == SHOW_FAILED;

    /* The window's last day is the certificate's last: 90 days reach from today to today + 89. */
    if (filter->show == SHOW_EXPIRING)
        valid.until = date_add_days(filter->today, (int)filter->renew_days - 1);
    if (filter->show == SHOW_EXPIRING || filter->show == SHOW_VALID)
        return list_state(db, pool, &valid, rows, err);
    return db_select(db, pool, &queries[SQL_LIST_GENERATION],
                     DB_ARGS(span.firm, db_uint(failed ? GENERATION_FAILED : GENERATION_WAITING),
                             db_uint(failed ? GENERATION_FAILED : GENERATION_RUNNING), span.before,
                             span.rows),
                     rows, err);
}

static int list_found(struct db *db, struct pool *pool, const struct certificate_filter *filter,
                      struct db_rows *rows, struct err *err)
{
    const struct span span = span_of(filter);
    const struct reach reach = reach_of(filter);
    const struct db_value name = db_text(person_pattern(pool, filter->name));

    if (filter->number)
        return db_select(db, pool, &queries[SQL_LIST_NUMBER],
                         DB_ARGS(db_text(filter->number), span.firm, name, span.before,
                                 REACH_ARGS(reach)),
                         rows, err);
    if (filter->name)
        return db_select(db, pool, &queries[SQL_LIST_NAME],
                         DB_ARGS(span.firm, name, span.before, REACH_ARGS(reach), span.rows), rows,
                         err);
    if (filter->state)
        return list_state(db, pool, filter, rows, err);
    if (!date_is_none(filter->from) || !date_is_none(filter->until))
        return db_select(db, pool, &queries[SQL_LIST_DATES],
                         DB_ARGS(span.firm, span.before, db_date(reach.first.from),
                                 db_date(reach.first.until), span.rows),
                         rows, err);
    return db_select(db, pool, &queries[SQL_LIST], DB_ARGS(span.firm, span.before, span.rows), rows,
                     err);
}

void certificate_list_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id, size_t limit)
{
    db_ahead(db, pool, &queries[SQL_LIST],
             DB_ARGS(db_uint(enterprise_id), db_uint(UINT64_MAX), db_uint(limit + 1)));
}

int certificate_list(struct db *db, struct pool *pool, const struct certificate_filter *filter,
                     struct certificate_page *page, struct err *err)
{
    struct db_rows rows;
    int result = filter->show != SHOW_ALL ? list_shown(db, pool, filter, &rows, err)
                                          : list_found(db, pool, filter, &rows, err);

    if (result < 0)
        return -1;
    paginate(pool, &rows, filter->limit, page);
    return 0;
}

/* The window's last day is the certificate's last: 90 days reach from today to today + 89. */
static struct date window_end(struct date today, int64_t renew_days)
{
    return date_add_days(today, (int)renew_days - 1);
}

int certificate_expiring(struct db *db, struct pool *pool, uint64_t enterprise_id,
                         struct date today, int64_t renew_days, size_t limit,
                         struct certificate_page *page, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_EXPIRING],
                  DB_ARGS(db_uint(enterprise_id), db_date(today),
                          db_date(window_end(today, renew_days)), db_uint(limit + 1)),
                  &rows, err) < 0)
        return -1;
    paginate(pool, &rows, limit, page);
    return 0;
}

void certificate_outdated_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id,
                                struct date today, size_t limit)
{
    db_ahead(db, pool, &queries[SQL_OUTDATED],
             DB_ARGS(db_uint(enterprise_id), db_date(today), db_uint(limit + 1)));
}

int certificate_outdated(struct db *db, struct pool *pool, uint64_t enterprise_id,
                         struct date today, size_t limit, struct certificate_page *page,
                         struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_OUTDATED],
                  DB_ARGS(db_uint(enterprise_id), db_date(today), db_uint(limit + 1)), &rows,
                  err) < 0)
        return -1;
    paginate(pool, &rows, limit, page);
    return 0;
}

const char *token_text(struct pool *pool, struct bytes token)
{
    char *text = pool_alloc(pool, 4 * ((token.size + 2) / 3) + 1);

    base64url_encode(token.data, token.size, text);
    return text;
}

bool token_parse(const char *text, uint8_t token[TOKEN_SIZE])
{
    return strlen(text) == TOKEN_TEXT && base64url_decode(text, token, TOKEN_SIZE) == TOKEN_SIZE;
}

int certificate_find(struct db *db, struct pool *pool, uint64_t id, uint64_t enterprise_id,
                     struct certificate *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_uint(id), db_uint(enterprise_id)),
                        &row, err);

    if (found != 1)
        return found;
    certificate_read(row, out);
    row += CERTIFICATE_COLUMN_COUNT;
    out->person_id = db_as_uint(&row[0]);
    out->enterprise_id = db_as_uint(&row[1]);
    out->enterprise_name = db_as_text(&row[2]);
    out->post = db_as_text(&row[3]);
    out->version = (unsigned)db_as_uint(&row[4]);
    out->first_issued = db_as_date(&row[5]);
    out->valid_from = db_as_date(&row[6]);
    out->held_since = db_as_date(&row[7]);
    out->identifier = db_as_text(&row[8]);
    out->issued_on = db_as_date(&row[9]);
    out->issuer_name = db_as_text(&row[10]);
    out->verify_token = token_text(pool, db_as_bytes(&row[11]));
    out->capture_id = db_as_uint(&row[12]);
    out->cause = out->generation == GENERATION_FAILED ? db_as_text(&row[13]) : "";
    out->job_id = db_as_uint(&row[14]);
    return 1;
}

int certificate_history(struct db *db, struct pool *pool, uint64_t id, uint64_t enterprise_id,
                        size_t limit,
                        const struct certificate_event **events, size_t *count, struct err *err)
{
    struct db_rows rows;
    struct certificate_event *list;

    const struct db_value firm = db_uint(enterprise_id);

    if (db_select(db, pool, &queries[SQL_HISTORY],
                  DB_ARGS(firm, firm, firm, firm, firm, db_uint(id), db_uint(limit)), &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        list[i] = (struct certificate_event){
            .action = db_as_text(&row[0]),
            .to_state = db_as_text(&row[1]),
            .version = (unsigned)db_as_uint(&row[2]),
            .reason_text = db_as_text(&row[3]),
            .matter_id = db_as_uint(&row[4]),
            .matter_item = db_as_text(&row[5]),
            .matter_opened_on = db_as_date(&row[6]),
            .happened_ms = db_as_time(&row[7]),
            .ours = db_as_uint(&row[8]),
            .matter_ours = db_as_uint(&row[9]),
        };
    }
    *events = list;
    *count = rows.count;
    return 0;
}

int document_read(const struct db_value *row, struct document *out, struct err *err)
{
    struct bytes hash = db_as_bytes(&row[1]);

    if (2 * hash.size + 1 != sizeof(out->sha256))
        return err_set(err, ERR_DB, 0, "document: its hash has %zu bytes", hash.size);
    out->body = db_as_bytes(&row[0]);
    hex_encode(hash.data, hash.size, out->sha256);
    return 1;
}

static int certificate_document_read(const struct db_value *row, struct document *out,
                                     struct err *err)
{
    out->id = db_as_uint(&row[0]);
    out->number = db_as_text(&row[1]);
    out->version = (unsigned)db_as_uint(&row[2]);
    return document_read(&row[3], out, err);
}

int certificate_document(struct db *db, struct pool *pool, uint64_t id, uint64_t enterprise_id,
                         struct date today, struct document *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_DOCUMENT],
                        DB_ARGS(db_uint(id), db_uint(enterprise_id), db_date(today)), &row, err);

    return found == 1 ? certificate_document_read(row, out, err) : found;
}

int certificate_document_of(struct db *db, struct pool *pool, uint64_t id, unsigned version,
                            uint64_t enterprise_id, struct document *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_DOCUMENT_OF],
                        DB_ARGS(db_uint(id), db_uint(version), db_uint(enterprise_id)), &row, err);

    return found == 1 ? certificate_document_read(row, out, err) : found;
}

/* A name as the public sees it. */
static const char *masked(struct pool *pool, const char *name)
{
    size_t size = strlen(name) + 8; /* a mask is hardly longer: 张 → * */
    char *out = pool_alloc(pool, size);

    name_mask(name, out, size);
    return out;
}

int certificate_verify(struct db *db, struct pool *pool, const char *token, struct date today,
                       struct certificate_public *out, struct err *err)
{
    uint8_t key[TOKEN_SIZE];
    const struct db_value *row;
    int found;

    if (!token_parse(token, key))
        return 0;
    found = db_find(db, pool, &queries[SQL_VERIFY], DB_ARGS(db_bytes(key, sizeof(key))), &row, err);
    if (found != 1)
        return found;
    out->number = db_as_text(&row[0]);
    out->class_code = db_as_text(&row[1]);
    out->identifier = db_as_text(&row[2]);
    out->holder_masked = masked(pool, db_as_text(&row[3]));
    out->enterprise_name = db_as_text(&row[4]);
    out->post = db_as_text(&row[5]);
    out->state = state_on(db_as_text(&row[6]), db_as_date(&row[7]), today);
    out->in_force = db_as_uint(&row[8]) == db_as_uint(&row[9]);
    out->first_issued = db_as_date(&row[10]);
    out->valid_from = db_as_date(&row[11]);
    out->valid_until = db_as_date(&row[12]);
    out->issued_on = db_as_date(&row[13]);
    out->issuer_name = db_as_text(&row[14]);
    return 1;
}
