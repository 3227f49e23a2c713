#include "core/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/audit.h"
#include "core/identifier.h"
#include "core/job.h"
#include "core/queries.h"

enum { TOKEN_SIZE = 16, FIRST_VERSION = 1 };

enum {
    SQL_LOCK,
    SQL_FACTS,
    SQL_SERIAL,
    SQL_CERTIFICATE_ADD,
    SQL_VERSION_ADD,
    SQL_PAPER_EXCHANGED,
    SQL_MATTER_ADD,
    SQL_EVENT_ADD
};

static const struct db_query queries[] = {
    /* Alone, and in the order of ids: persons stay unlocked, and nobody waits in a circle. */
    [SQL_LOCK] = {"exchange_lock",
                  "SELECT id FROM paper_certificate FORCE INDEX (PRIMARY)"
                  " WHERE id IN (" SQL_IDS ") AND enterprise_id = ? ORDER BY id FOR UPDATE"},
    [SQL_FACTS] = {"exchange_facts",
                   "SELECT p.id, p.number, p.class, p.person_id, p.enterprise_id,"
                   " p.enterprise_name, p.post, p.first_issued, p.valid_from, p.valid_until,"
                   " p.held_since, p.certificate_id, x.name, x.sex, x.birth, x.id_type,"
                   " x.capture_id"
                   " FROM paper_certificate p FORCE INDEX (PRIMARY)"
                   " JOIN person x ON x.id = p.person_id"
                   " WHERE p.id IN (" SQL_IDS ") AND p.enterprise_id = ? ORDER BY p.id"},
    [SQL_SERIAL] = {"exchange_serial",
                    "SELECT id FROM certificate WHERE issue_year = ? AND serial = ? LIMIT 1"},
    [SQL_CERTIFICATE_ADD] =
        {"exchange_certificate_add",
         "INSERT INTO certificate (number, issue_year, serial, class, person_id,"
         " enterprise_id, state, version, holder_name, enterprise_name, post,"
         " first_issued, valid_from, valid_until, held_since, generation,"
         " created_at, updated_at)"
         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_VERSION_ADD] = {"exchange_version_add",
                         "INSERT INTO certificate_version (certificate_id, version, identifier,"
                         " verify_token, matter_id, enterprise_id, class, holder_name, sex, birth,"
                         " enterprise_name, post, first_issued, valid_from, valid_until, issued_on,"
                         " issuer_name, capture_id, made_at)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_PAPER_EXCHANGED] = {"exchange_paper_exchanged",
                             "UPDATE paper_certificate SET certificate_id = ?, updated_at = ?"
                             " WHERE id = ? AND certificate_id IS NULL"},
    [SQL_MATTER_ADD] = {"exchange_matter_add",
                        "INSERT INTO matter_certificate (matter_id, certificate_id, version)"
                        " VALUES (?, ?, ?)"},
    [SQL_EVENT_ADD] = {"exchange_event_add",
                       "INSERT INTO certificate_event (certificate_id, version, action, to_state,"
                       " enterprise_id, matter_id, actor_kind, actor_id, happened_at)"
                       " VALUES (?, ?, 'exchange', ?, ?, ?, ?, ?, ?)"},
};

const struct db_area exchange_area = DB_AREA("exchange", queries);

_Static_assert((int)EXCHANGE_MAX <= (int)SQL_IDS_MAX, "a matter must fit into one list of ids");

/* A paper certificate with its person, as an exchange needs them. */
struct source {
    uint64_t id;
    const char *number, *class_code;
    uint64_t person_id, enterprise_id;
    const char *enterprise_name, *post;
    struct date first_issued, valid_from, valid_until, held_since;
    uint64_t certificate_id;
    const char *holder_name;
    unsigned sex;
    struct date birth;
    const char *id_type;
    uint64_t capture_id;
    /* Made of the number; year 0: the number is none of ours. */
    int year;
    uint32_t serial;
};

/* Who does it, where and when; and the matter it belongs to. */
struct step {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    const struct actor *actor;
    uint64_t enterprise_id;
    struct date today;
    int64_t now_ms;
    uint64_t matter_id;
};

static void source_read(const struct db_value *row, struct source *out)
{
    char class_code[3];

    *out = (struct source){
        .id = db_as_uint(&row[0]),
        .number = db_as_text(&row[1]),
        .class_code = db_as_text(&row[2]),
        .person_id = db_as_uint(&row[3]),
        .enterprise_id = db_as_uint(&row[4]),
        .enterprise_name = db_as_text(&row[5]),
        .post = db_as_text(&row[6]),
        .first_issued = db_as_date(&row[7]),
        .valid_from = db_as_date(&row[8]),
        .valid_until = db_as_date(&row[9]),
        .held_since = db_as_date(&row[10]),
        .certificate_id = db_as_uint(&row[11]),
        .holder_name = db_as_text(&row[12]),
        .sex = (unsigned)db_as_uint(&row[13]),
        .birth = db_as_date(&row[14]),
        .id_type = db_as_text(&row[15]),
        .capture_id = db_as_uint(&row[16]),
    };
    if (!certificate_number_parts(out->number, class_code, &out->year, &out->serial))
        out->year = 0;
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The arguments of SQL_LOCK and SQL_FACTS: the ids, each once and in order, and the firm. */
static size_t wanted(const uint64_t *ids, size_t count, uint64_t enterprise_id,
                     struct db_value args[SQL_IDS_MAX + 1])
{
    uint64_t sorted[EXCHANGE_MAX];
    size_t kept = 0;

    memcpy(sorted, ids, count * sizeof(*ids));
    qsort(sorted, count, sizeof(*sorted), compare_ids);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || sorted[kept - 1] != sorted[i])
            sorted[kept++] = sorted[i];
    queries_list(args, sorted, kept);
    args[SQL_IDS_MAX] = db_uint(enterprise_id);
    return kept;
}

/* Reads the papers; with `lock` nobody else exchanges them until the transaction ends. */
static int sources_load(struct step *step, const uint64_t *ids, size_t count, bool lock,
                        struct source **sources, size_t *found, struct err *err)
{
    struct db_value args[SQL_IDS_MAX + 1];
    struct db_rows rows;
    size_t expected;

    if (count == 0 || count > EXCHANGE_MAX)
        return err_set(err, ERR_INPUT, 0, "exchange of %zu paper certificates", count);
    expected = wanted(ids, count, step->enterprise_id, args);
    if (lock &&
        db_select(step->db, step->pool, &queries[SQL_LOCK], args, SQL_IDS_MAX + 1, &rows, err) < 0)
        return -1;
    if (db_select(step->db, step->pool, &queries[SQL_FACTS], args, SQL_IDS_MAX + 1, &rows, err) < 0)
        return -1;
    if (rows.count != expected)
        return err_set(err, ERR_NOT_FOUND, 0, "exchange: %zu of %zu paper certificates are there",
                       rows.count, expected);
    *sources = pool_array(step->pool, rows.count, sizeof(**sources));
    for (size_t i = 0; i < rows.count; i++)
        source_read(db_row(&rows, i), &(*sources)[i]);
    *found = rows.count;
    return 0;
}

/* The identifier is made of year and serial alone, so papers of two classes may want the same:
 * 1 when no certificate has it and none of the `before` sources of this matter takes it, else 0. */
static int identifier_is_free(struct step *step, const struct source *sources, size_t at,
                              struct err *err)
{
    const struct source *source = &sources[at];
    const struct db_value *row;
    int found;

    if (source->year == 0)
        return 0;
    for (size_t i = 0; i < at; i++)
        if (sources[i].year == source->year && sources[i].serial == source->serial)
            return 0;
    found = db_find(step->db, step->pool, &queries[SQL_SERIAL],
                    DB_ARGS(db_int(source->year), db_uint(source->serial)), &row, err);
    return found < 0 ? -1 : !found;
}

/* Judges the source `at`. 1 allowed, 0 refused, -1. */
static int judge(struct step *step, const struct source *sources, size_t at,
                 struct verdict *verdict, struct err *err)
{
    const struct source *source = &sources[at];
    struct facts facts = {
        .item = ITEM_EXCHANGE,
        .today = step->today,
        .enterprise_id = step->enterprise_id,
        .paper_enterprise_id = source->enterprise_id,
        .paper_exchanged = source->certificate_id != 0,
        .paper_valid_until = source->valid_until,
        .id_type = source->id_type,
        .has_photo = source->capture_id != 0,
    };
    /* An exchanged paper's number is in use by its own certificate. */
    int is_free = facts.paper_exchanged ? 1 : identifier_is_free(step, sources, at, err);

    if (is_free < 0)
        return -1;
    facts.identifier_free = is_free;
    rules_judge(step->pool, step->core->policy, &facts, verdict);
    return verdict->allowed;
}

static int certificate_add(struct step *step, const struct source *s, uint64_t *id, struct err *err)
{
    const struct db_value now = db_time(step->now_ms);

    if (db_run(step->db, &queries[SQL_CERTIFICATE_ADD],
               DB_ARGS(db_text(s->number), db_int(s->year), db_uint(s->serial),
                       db_text(s->class_code), db_uint(s->person_id), db_uint(s->enterprise_id),
                       db_text(STATE_VALID), db_uint(FIRST_VERSION), db_text(s->holder_name),
                       db_text(s->enterprise_name), db_text(s->post), db_date(s->first_issued),
                       db_date(s->valid_from), db_date(s->valid_until), db_date(s->held_since),
                       db_uint(GENERATION_WAITING), now, now),
               NULL, err) < 0)
        return -1;
    *id = db_insert_id(step->db);
    return 0;
}

static int version_add(struct step *step, const struct source *s, uint64_t id, struct err *err)
{
    const struct policy *policy = step->core->policy;
    char identifier[IDENTIFIER_SIZE];
    uint8_t token[TOKEN_SIZE];

    identifier_make(policy->issuer_code, s->year, s->serial, FIRST_VERSION, identifier);
    random_bytes(token, sizeof(token));
    return db_run(
        step->db, &queries[SQL_VERSION_ADD],
        DB_ARGS(db_uint(id), db_uint(FIRST_VERSION), db_text(identifier),
                db_bytes(token, sizeof(token)), db_uint(step->matter_id), db_uint(s->enterprise_id),
                db_text(s->class_code), db_text(s->holder_name), db_uint(s->sex), db_date(s->birth),
                db_text(s->enterprise_name), db_text(s->post), db_date(s->first_issued),
                db_date(s->valid_from), db_date(s->valid_until), db_date(step->today),
                db_text(policy->issuer_name), db_id(s->capture_id), db_time(step->now_ms)),
        NULL, err);
}

static int paper_exchanged(struct step *step, const struct source *s, uint64_t id, struct err *err)
{
    uint64_t affected;

    if (db_run(step->db, &queries[SQL_PAPER_EXCHANGED],
               DB_ARGS(db_uint(id), db_time(step->now_ms), db_uint(s->id)), &affected, err) < 0)
        return -1;
    if (affected != 1)
        return err_set(err, ERR_CONFLICT, 0,
                       "paper certificate %" PRIu64 " was exchanged meanwhile", s->id);
    return 0;
}

static int event_add(struct step *step, uint64_t id, struct err *err)
{
    return db_run(step->db, &queries[SQL_EVENT_ADD],
                  DB_ARGS(db_uint(id), db_uint(FIRST_VERSION), db_text(STATE_VALID),
                          db_uint(step->enterprise_id), db_uint(step->matter_id),
                          db_uint(step->actor->kind), db_uint(step->actor->id),
                          db_time(step->now_ms)),
                  NULL, err);
}

static int matter_add(struct step *step, uint64_t id, struct err *err)
{
    return db_run(step->db, &queries[SQL_MATTER_ADD],
                  DB_ARGS(db_uint(step->matter_id), db_uint(id), db_uint(FIRST_VERSION)), NULL,
                  err);
}

/* One paper certificate becomes one electronic one, waiting for its document. */
static int exchange_one(struct step *step, const struct source *s, struct audit_event *event,
                        struct err *err)
{
    uint64_t id;

    if (certificate_add(step, s, &id, err) < 0 || version_add(step, s, id, err) < 0) {
        /* Number, identifier: somebody took it between our look and now. */
        if (err && err->kind == ERR_DB_DUPLICATE)
            err->kind = ERR_CONFLICT;
        return -1;
    }
    if (paper_exchanged(step, s, id, err) < 0 || matter_add(step, id, err) < 0 ||
        event_add(step, id, err) < 0 ||
        job_add(step->db, "certificate", id, FIRST_VERSION, step->matter_id, step->enterprise_id,
                step->now_ms, err) < 0)
        return -1;
    *event = (struct audit_event){
        .actor = *step->actor,
        .enterprise_id = step->enterprise_id,
        .action = "certificate.exchange",
        .object_kind = "certificate",
        .object_id = id,
        .matter_id = step->matter_id,
        .detail = pool_printf(step->pool, "{\"paper\":%" PRIu64 "}", s->id),
    };
    return 0;
}

int exchange_papers(struct db *db, struct pool *pool, const struct core *core,
                    const struct actor *actor, uint64_t enterprise_id, const uint64_t *ids,
                    size_t count, struct date today, int64_t now_ms, struct exchange *result,
                    struct err *err)
{
    struct step step = {db, pool, core, actor, enterprise_id, today, now_ms, 0};
    struct audit_event *events;
    struct source *sources;

    *result = (struct exchange){.refused_id = 0};
    if (sources_load(&step, ids, count, true, &sources, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int allowed = judge(&step, sources, i, &result->verdict, err);

        if (allowed == 0)
            result->refused_id = sources[i].id;
        if (allowed != 1)
            return allowed;
    }
    if (matter_open(db, actor, ITEM_EXCHANGE, enterprise_id, today, now_ms, (unsigned)count, "done",
                    &result->matter, err) < 0)
        return -1;
    step.matter_id = result->matter.id;
    events = pool_array(pool, count, sizeof(*events));
    for (size_t i = 0; i < count; i++)
        if (exchange_one(&step, &sources[i], &events[i], err) < 0)
            return -1;
    return audit_add(db, pool, core, events, count, err) < 0 ? -1 : 1;
}

int exchange_judge(struct db *db, struct pool *pool, const struct core *core,
                   uint64_t enterprise_id, uint64_t id, struct date today, struct verdict *verdict,
                   struct err *err)
{
    struct step step = {
        .db = db, .pool = pool, .core = core, .enterprise_id = enterprise_id, .today = today};
    struct source *sources;
    size_t count;

    if (sources_load(&step, &id, 1, false, &sources, &count, err) < 0)
        return -1;
    return judge(&step, sources, 0, verdict, err) < 0 ? -1 : 0;
}
