#include "core/proposal/proposal.h"

#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/places.h"
#include "core/proposal/proposal_parts.h"
#include "core/queries.h"
#include "core/staff/staff.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { KINDS_CAP = 1024, ROW_TEXTS = 4, COUNT_MOST = 1000 };

enum {
    SQL_FIND, SQL_BY_ID, SQL_CERTIFICATES, SQL_CERTIFICATES_OF, SQL_FAILED, SQL_FOR_ME, SQL_MINE, SQL_WAITING, SQL_OVER,
    SQL_SEARCH, SQL_ABOUT, SQL_COUNT
};

#define COLUMNS                                                                                    \
    "p.matter_id, m.item, m.opened_on, p.kind, p.state, p.person_id, p.enterprise_id,"             \
    " m.holder_name, m.enterprise_name, m.items, p.legal_basis, p.reason, p.period_from,"          \
    " p.period_until, p.proposed_by, p.decided_by, s.name, d.name, p.proposed_at, p.decided_at,"   \
    " p.deadline, p.decision_text, p.state = 'applied' AND m.state = 'open'"
enum { COLUMN_PAYLOAD = 23 };
#define JOINED                                                                                     \
    " JOIN matter m ON m.id = p.matter_id"                                                         \
    " LEFT JOIN staff s ON s.id = p.proposed_by LEFT JOIN staff d ON d.id = p.decided_by"
/* proposal_by, of the account that fills the '?'. */
#define ANOTHER "IFNULL(s.name <> (SELECT me.name FROM staff me WHERE me.id = ?), TRUE)"
#define PAGE " ORDER BY p.matter_id DESC LIMIT ?"

#define CERTIFICATE                                                                                \
    "c.id, c.number, c.class, c.post, c.holder_name, c.state, c.person_id, c.enterprise_id,"       \
    " e.name, c.valid_until, c.version, c.pending_matter_id"

static const struct db_query queries[] = {
    [SQL_FIND] = {"proposal_find", "SELECT " COLUMNS ", p.payload_sealed FROM proposal p" JOINED
                                   " WHERE p.matter_id = ? AND m.opened_on = ?"},
    [SQL_BY_ID] = {"proposal_by_id", "SELECT " COLUMNS ", p.payload_sealed FROM proposal p" JOINED
                                     " WHERE p.matter_id = ?"},
    [SQL_CERTIFICATES] = {"proposal_certificates",
                          "SELECT " CERTIFICATE ", mc.version, mc.state, IFNULL(mc.explanation, '')"
                          " FROM matter_certificate mc FORCE INDEX (PRIMARY)"
                          " JOIN certificate c ON c.id = mc.certificate_id"
                          " JOIN enterprise e ON e.id = c.enterprise_id"
                          " WHERE mc.matter_id = ? AND mc.certificate_id > ?"
                          " ORDER BY mc.certificate_id LIMIT ?"},
    [SQL_FAILED] = {"proposal_failed",
                    "SELECT " CERTIFICATE ", mc.version, mc.state, IFNULL(mc.explanation, '')"
                    " FROM matter_certificate mc FORCE INDEX (matter_certificate_state)"
                    " JOIN certificate c ON c.id = mc.certificate_id"
                    " JOIN enterprise e ON e.id = c.enterprise_id"
                    " WHERE mc.matter_id = ? AND mc.state = 'failed'"
                    " ORDER BY mc.certificate_id LIMIT ?"},
    [SQL_CERTIFICATES_OF] = {"proposal_certificates_of",
                             "SELECT " CERTIFICATE ", c.version, 'waiting', '' FROM certificate c"
                             " JOIN enterprise e ON e.id = c.enterprise_id"
                             " WHERE c.id IN (" SQL_IDS ") ORDER BY c.id"},
    [SQL_FOR_ME] = {"proposal_list_for_me",
                    "SELECT " COLUMNS " FROM proposal p" JOINED
                    " WHERE p.state = 'waiting' AND p.matter_id < ? AND FIND_IN_SET(p.kind, ?)"
                    " AND p.proposed_by <> ? AND " ANOTHER PAGE},
    [SQL_MINE] = {"proposal_list_mine", "SELECT " COLUMNS " FROM proposal p" JOINED
                                        " WHERE p.proposed_by = ? AND p.matter_id < ?"
                                        " AND FIND_IN_SET(p.kind, ?)" PAGE},
    [SQL_WAITING] = {"proposal_list_waiting",
                     "SELECT " COLUMNS " FROM proposal p" JOINED
                     " WHERE p.state = 'waiting' AND p.matter_id < ? AND FIND_IN_SET(p.kind, ?)"
                     PAGE},
    [SQL_OVER] = {"proposal_list_over",
                  "SELECT " COLUMNS " FROM proposal p FORCE INDEX (PRIMARY)" JOINED
                  " WHERE p.matter_id < ? AND p.state <> 'waiting' AND FIND_IN_SET(p.kind, ?)"
                  PAGE},
    [SQL_SEARCH] = {"proposal_search",
                    "SELECT " COLUMNS " FROM proposal p FORCE INDEX (PRIMARY)" JOINED
                    " WHERE p.matter_id < ? AND FIND_IN_SET(p.kind, ?) AND (? IS NULL OR p.state = ?)"
                    " AND m.holder_name LIKE ? ESCAPE '!'" PAGE},
    [SQL_ABOUT] = {"proposal_about",
                   "SELECT " COLUMNS " FROM proposal_object o"
                   " JOIN proposal p ON p.matter_id = o.matter_id" JOINED
                   " WHERE o.object_kind = ? AND o.object_id = ? ORDER BY p.matter_id DESC"},
    [SQL_COUNT] = {"proposal_count",
                   "SELECT COUNT(*) FROM (SELECT p.matter_id FROM proposal p"
                   "   LEFT JOIN staff s ON s.id = p.proposed_by"
                   "   WHERE p.state = 'waiting' AND FIND_IN_SET(p.kind, ?) AND p.proposed_by <> ?"
                   "   AND " ANOTHER " LIMIT ?) waiting"},
};

const struct db_area proposal_area = DB_AREA("proposal", queries);

static const struct state_row {
    const char *state, *label;
} states[] = {
    {PROPOSAL_WAITING, "待决定"},
    {PROPOSAL_APPLIED, "已同意"},
    {PROPOSAL_REFUSED, "未同意"},
    {PROPOSAL_WITHDRAWN, "已撤回"},
};

const char *proposal_state_label(const char *state)
{
    for (size_t i = 0; i < COUNT(states); i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].label;
    return NULL;
}

const struct proposal_kind *proposal_kind_find(const char *name)
{
    for (const struct proposal_kind *const *at = proposal_kinds; *at; at++)
        if (strcmp((*at)->name, name) == 0)
            return *at;
    return NULL;
}

size_t proposal_kind_most(const struct proposal_kind *kind)
{
    return kind->spreads ? PROPOSAL_CERTIFICATES : PROPOSAL_AT_ONCE;
}

bool proposal_visible(const struct proposal_kind *kind, unsigned roles)
{
    return (roles & (kind->propose | kind->decide | STAFF_AUDITOR)) != 0;
}

bool proposal_papers_visible(const struct proposal_kind *kind, unsigned roles)
{
    return (roles & (kind->decide | STAFF_AUDITOR)) != 0;
}

/* The parts of one */

void proposal_refuse(struct proposal *proposal, const char *words)
{
    if (proposal->refusal_count < COUNT(proposal->refusals))
        proposal->refusals[proposal->refusal_count++] = words;
}

bool proposal_by(const struct proposal *proposal, uint64_t staff_id, const char *name)
{
    return proposal->proposed_by == staff_id || strcmp(proposal->proposer, name) == 0;
}

bool proposal_spread(const struct proposal *proposal)
{
    return proposal->kind->spreads && proposal->items > PROPOSAL_AT_ONCE;
}

bool proposal_allowed(const struct proposal *proposal)
{
    if (proposal->refusal_count > 0)
        return false;
    if (proposal_spread(proposal))
        return true;
    for (size_t i = 0; i < proposal->count; i++)
        if (proposal->certificates[i].refusal)
            return false;
    return true;
}

const struct proposal_row *proposal_row(const struct proposal *proposal, const char *key)
{
    for (size_t i = 0; i < proposal->row_count; i++)
        if (strcmp(proposal->rows[i].key, key) == 0)
            return &proposal->rows[i];
    return NULL;
}

static uint64_t certificate_of(const struct proposal_row *row)
{
    uint64_t id;

    return parse_uint(row->key, 1, UINT64_MAX, &id) ? id : 0;
}

static int by_certificate(const void *a, const void *b)
{
    uint64_t one = certificate_of(*(const struct proposal_row *const *)a);
    uint64_t other = certificate_of(*(const struct proposal_row *const *)b);

    return (one > other) - (one < other);
}

void proposal_rows_index(struct pool *pool, struct proposal *proposal)
{
    proposal->own = pool_array(pool, proposal->row_count + 1, sizeof(*proposal->own));
    proposal->own_count = 0;
    for (size_t i = 0; i < proposal->row_count; i++)
        if (certificate_of(&proposal->rows[i]))
            proposal->own[proposal->own_count++] = &proposal->rows[i];
    qsort(proposal->own, proposal->own_count, sizeof(*proposal->own), by_certificate);
}

const struct proposal_row *proposal_row_own(const struct proposal *proposal, uint64_t certificate_id)
{
    size_t low = 0, high = proposal->own_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t id = certificate_of(proposal->own[middle]);

        if (id == certificate_id)
            return proposal->own[middle];
        if (id < certificate_id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct certificate_was proposal_was(const struct proposal_certificate *certificate)
{
    return (struct certificate_was){certificate->id, certificate->version, certificate->state,
                                    certificate->pending_id};
}

/* The four texts of a row one behind the other, each with its NUL. */
int proposal_rows_seal(const struct core *core, struct pool *pool, const struct proposal *proposal,
                       struct bytes *sealed, struct err *err)
{
    const struct proposal_row *rows = proposal->rows;
    struct text plain;

    text_init(&plain, pool, SIZE_MAX / 2);
    for (size_t i = 0; i < proposal->row_count; i++) {
        const char *const texts[ROW_TEXTS] = {rows[i].key, rows[i].label, rows[i].before,
                                              rows[i].after};

        for (size_t t = 0; t < ROW_TEXTS; t++)
            text_add_n(&plain, texts[t], strlen(texts[t]) + 1);
    }
    return vault_seal(core->vault, pool, place_of(pool, PLACE_PROPOSAL_PAYLOAD, proposal->matter_id),
                      (struct bytes){(const uint8_t *)plain.data, plain.length}, sealed, err);
}

static size_t rows_counted(struct bytes plain)
{
    size_t texts = 0;

    for (size_t i = 0; i < plain.size; i++)
        texts += plain.data[i] == '\0';
    return texts / ROW_TEXTS;
}

static int rows_open(const struct core *core, struct pool *pool, struct bytes sealed,
                     struct proposal *out, struct err *err)
{
    struct bytes plain = {.data = NULL};
    struct proposal_row *rows;
    const char *at, *end;

    if (sealed.size > 0 &&
        vault_open(core->vault, pool, place_of(pool, PLACE_PROPOSAL_PAYLOAD, out->matter_id), sealed,
                   &plain, err) < 0)
        return -1;
    rows = pool_array(pool, rows_counted(plain) + 1, sizeof(*rows));
    out->rows = rows;
    out->row_count = 0;
    for (at = (const char *)plain.data, end = at + plain.size; at < end;) {
        const char *texts[ROW_TEXTS];

        for (size_t t = 0; t < ROW_TEXTS; t++) {
            const char *nul = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;

            if (!nul)
                return err_set(err, ERR_CRYPTO, 0, "a payload that is none of ours");
            texts[t] = at;
            at = nul + 1;
        }
        rows[out->row_count++] = (struct proposal_row){texts[0], texts[1], texts[2], texts[3]};
    }
    proposal_rows_index(pool, out);
    return 0;
}

static void certificate_read_row(const struct db_value *row, struct proposal_certificate *out)
{
    *out = (struct proposal_certificate){
        .id = db_as_uint(&row[0]),
        .number = db_as_text(&row[1]),
        .class_code = db_as_text(&row[2]),
        .post = db_as_text(&row[3]),
        .holder_name = db_as_text(&row[4]),
        .state = db_as_text(&row[5]),
        .person_id = db_as_uint(&row[6]),
        .enterprise_id = db_as_uint(&row[7]),
        .enterprise_name = db_as_text(&row[8]),
        .valid_until = db_as_date(&row[9]),
        .version = (unsigned)db_as_uint(&row[10]),
        .pending_id = db_as_uint(&row[11]),
        .seen = (unsigned)db_as_uint(&row[12]),
        .fate = db_as_text(&row[13]),
        .explanation = db_as_text(&row[14]),
    };
}

static struct proposal_certificate *certificates_read(struct pool *pool, const struct db_rows *rows)
{
    struct proposal_certificate *list = pool_array(pool, rows->count + 1, sizeof(*list));

    for (size_t i = 0; i < rows->count; i++)
        certificate_read_row(db_row(rows, i), &list[i]);
    return list;
}

int proposal_certificates(struct db *db, struct pool *pool, struct proposal *proposal,
                          uint64_t after, size_t limit, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_CERTIFICATES],
                  DB_ARGS(db_uint(proposal->matter_id), db_uint(after), db_uint(limit + 1)), &rows,
                  err) < 0)
        return -1;
    proposal->certificates = certificates_read(pool, &rows);
    proposal->next = db_page(&rows, limit, &proposal->count) ? proposal->certificates[limit - 1].id : 0;
    return 0;
}

int proposal_failed(struct db *db, struct pool *pool, const struct proposal *proposal, size_t limit,
                    const struct proposal_certificate **out, size_t *count, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_FAILED],
                  DB_ARGS(db_uint(proposal->matter_id), db_uint(limit)), &rows, err) < 0)
        return -1;
    *out = certificates_read(pool, &rows);
    *count = rows.count;
    return 0;
}

int proposal_certificates_of(struct db *db, struct pool *pool, const uint64_t *ids, size_t count,
                             struct proposal *proposal, struct err *err)
{
    struct db_value args[SQL_IDS_MAX];
    struct db_rows rows;

    proposal->certificates = pool_array(pool, count + 1, sizeof(*proposal->certificates));
    proposal->count = 0;
    for (size_t at = 0; at < count; at += SQL_IDS_MAX) {
        queries_list(args, ids + at, count - at < SQL_IDS_MAX ? count - at : SQL_IDS_MAX);
        if (db_select(db, pool, &queries[SQL_CERTIFICATES_OF], args, SQL_IDS_MAX, &rows, err) < 0)
            return -1;
        for (size_t i = 0; i < rows.count; i++)
            certificate_read_row(db_row(&rows, i), &proposal->certificates[proposal->count++]);
    }
    return 0;
}

int proposal_judge_now(struct change *change, struct proposal *proposal, struct err *err)
{
    proposal->refusal_count = 0;
    for (size_t i = 0; i < proposal->count; i++)
        proposal->certificates[i].refusal = proposal->certificates[i].effect = NULL;
    return proposal->kind->judge(change, proposal, err);
}

/* Reading */

static int read(const struct db_value *row, struct proposal *out, struct err *err)
{
    *out = (struct proposal){
        .matter_id = db_as_uint(&row[0]),
        .kind = proposal_kind_find(db_as_text(&row[3])),
        .state = db_as_text(&row[4]),
        .person_id = db_as_uint(&row[5]),
        .enterprise_id = db_as_uint(&row[6]),
        .holder_name = db_as_text(&row[7]),
        .enterprise_name = db_as_text(&row[8]),
        .items = (unsigned)db_as_uint(&row[9]),
        .legal_basis = db_as_text(&row[10]),
        .reason = db_as_text(&row[11]),
        .from = db_as_date(&row[12]),
        .until = db_as_date(&row[13]),
        .proposed_by = db_as_uint(&row[14]),
        .decided_by = db_as_uint(&row[15]),
        .proposer = db_as_text(&row[16]),
        .decider = db_as_text(&row[17]),
        .proposed_ms = db_as_time(&row[18]),
        .decided_ms = db_as_time(&row[19]),
        .deadline = db_as_date(&row[20]),
        .decision_text = db_as_text(&row[21]),
        .running = db_as_int(&row[22]) != 0,
    };
    matter_number_make(item_by_name(db_as_text(&row[1])), db_as_date(&row[2]), out->matter_id,
                       out->number);
    if (out->kind)
        return 0;
    return err_set(err, ERR_DB, 0, "a proposal of an unknown kind: %s", db_as_text(&row[3]));
}

static int read_whole(const struct db_value *row, struct pool *pool, const struct core *core,
                      struct proposal *out, struct err *err)
{
    return read(row, out, err) < 0
               ? -1
               : rows_open(core, pool, db_as_bytes(&row[COLUMN_PAYLOAD]), out, err);
}

int proposal_by_id(struct db *db, struct pool *pool, const struct core *core, uint64_t matter_id,
                   struct proposal *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_BY_ID], DB_ARGS(db_uint(matter_id)), &row, err);

    if (found != 1)
        return found;
    return read_whole(row, pool, core, out, err) < 0 ? -1 : 1;
}

int proposal_find(struct db *db, struct pool *pool, const struct core *core, const char *number,
                  struct proposal *out, struct err *err)
{
    const struct db_value *row;
    struct date opened_on;
    enum item item;
    uint64_t id;
    int found;

    if (!matter_number_parse(number, &item, &opened_on, &id))
        return 0;
    found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_uint(id), db_date(opened_on)), &row,
                    err);
    if (found != 1)
        return found;
    if (read_whole(row, pool, core, out, err) < 0)
        return -1;
    if (strcmp(out->number, number) != 0)
        return 0;
    if (proposal_certificates(db, pool, out, 0, PROPOSAL_AT_ONCE, err) < 0)
        return -1;
    if (proposal_spread(out) && strcmp(out->state, PROPOSAL_APPLIED) == 0 &&
        matter_counts(db, pool, id, &out->progress, err) < 0)
        return -1;
    return 1;
}

int proposal_turn(struct change *change, struct proposal *proposal, uint64_t after, size_t limit,
                  struct err *err)
{
    if (proposal_certificates(change->db, change->pool, proposal, after, limit, err) < 0)
        return -1;
    return strcmp(proposal->state, PROPOSAL_WAITING) == 0
               ? proposal_judge_now(change, proposal, err)
               : 0;
}

int proposal_look(struct change *change, const char *number, struct proposal *out, struct err *err)
{
    int found = proposal_find(change->db, change->pool, change->core, number, out, err);

    if (found != 1 || strcmp(out->state, PROPOSAL_WAITING) != 0)
        return found;
    return proposal_judge_now(change, out, err) < 0 ? -1 : 1;
}

/* Lists */

/* "suspend,revoke": of which the roles may see, or decide; one alone where it is named. */
static const char *kinds_of(struct pool *pool, unsigned roles, bool decide, const char *only)
{
    struct text kinds;

    text_init(&kinds, pool, KINDS_CAP);
    for (const struct proposal_kind *const *at = proposal_kinds; *at; at++) {
        bool wanted = decide ? ((*at)->decide & roles) != 0 : proposal_visible(*at, roles);

        if (wanted && (!only || strcmp(only, (*at)->name) == 0))
            text_printf(&kinds, "%s%s", kinds.length ? "," : "", (*at)->name);
    }
    return kinds.data;
}

static int page_make(struct pool *pool, const struct db_rows *rows, size_t limit,
                     struct proposal_page *page, struct err *err)
{
    struct proposal *list = pool_array(pool, rows->count + 1, sizeof(*list));

    for (size_t i = 0; i < rows->count; i++)
        if (read(db_row(rows, i), &list[i], err) < 0)
            return -1;
    page->rows = list;
    page->next = db_page(rows, limit, &page->count) ? list[limit - 1].matter_id : 0;
    return 0;
}

int proposal_list(struct db *db, struct pool *pool, const struct proposal_filter *filter,
                  struct proposal_page *page, struct err *err)
{
    const struct db_value before = db_uint(filter->after ? filter->after : INT64_MAX);
    const struct db_value kinds = db_text(
        kinds_of(pool, filter->roles, filter->show == PROPOSALS_FOR_ME, filter->kind));
    const struct db_value me = db_uint(filter->staff_id), most = db_uint(filter->limit + 1);
    struct db_rows rows;
    int result = -1;

    switch (filter->show) {
    case PROPOSALS_FOR_ME:
        result = db_select(db, pool, &queries[SQL_FOR_ME], DB_ARGS(before, kinds, me, me, most),
                           &rows, err);
        break;
    case PROPOSALS_MINE:
        result =
            db_select(db, pool, &queries[SQL_MINE], DB_ARGS(me, before, kinds, most), &rows, err);
        break;
    case PROPOSALS_WAITING:
        result = db_select(db, pool, &queries[SQL_WAITING], DB_ARGS(before, kinds, most), &rows,
                           err);
        break;
    case PROPOSALS_OVER:
        result = db_select(db, pool, &queries[SQL_OVER], DB_ARGS(before, kinds, most), &rows, err);
        break;
    }
    return result < 0 ? -1 : page_make(pool, &rows, filter->limit, page, err);
}

int proposal_search(struct db *db, struct pool *pool, const struct proposal_search *search,
                    struct proposal_page *page, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_SEARCH],
                  DB_ARGS(db_uint(search->after ? search->after : INT64_MAX),
                          db_text(search->kinds), db_text(search->state), db_text(search->state),
                          db_text(person_pattern(pool, search->name)), db_uint(search->limit + 1)),
                  &rows, err) < 0)
        return -1;
    return page_make(pool, &rows, search->limit, page, err);
}

int proposal_about(struct db *db, struct pool *pool, const char *object_kind, uint64_t object_id,
                   struct proposal_page *page, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_ABOUT], DB_ARGS(db_text(object_kind), db_uint(object_id)),
                  &rows, err) < 0)
        return -1;
    return page_make(pool, &rows, rows.count, page, err);
}

int proposal_count(struct db *db, struct pool *pool, uint64_t staff_id, unsigned roles,
                   uint64_t *count, struct err *err)
{
    const struct db_value *row;

    if (db_one(db, pool, &queries[SQL_COUNT],
               DB_ARGS(db_text(kinds_of(pool, roles, true, NULL)), db_uint(staff_id),
                       db_uint(staff_id), db_uint(COUNT_MOST)),
               &row, err) < 0)
        return -1;
    *count = db_as_uint(&row[0]);
    return 0;
}
