#include "core/item/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/text.h"
#include "core/matter/change.h"
#include "core/queries.h"
#include "core/register/identifier.h"
#include "core/rules/facts.h"

enum { SEEN_MAX = 4096, HASH_SIZE = 32 };

enum { SQL_LOCK, SQL_LOCK_PEOPLE, SQL_FACTS, SQL_SERIAL, SQL_EXCHANGED };

static const struct db_query queries[] = {
    /* One after the other, and in the order of ids: nobody waits in a circle. */
    [SQL_LOCK] = {"exchange_lock",
                  "SELECT id, person_id FROM paper_certificate FORCE INDEX (PRIMARY)"
                  " WHERE id IN (" SQL_IDS ") AND enterprise_id = ? ORDER BY id FOR UPDATE"},
    /* Who decides about a name, a hold or a photo at this instant is done before, or begins after: on
     * every node of a cluster (core/rules/facts.c). */
    [SQL_LOCK_PEOPLE] = {"exchange_lock_people",
                         "UPDATE person SET acts = acts + 1 WHERE id IN (" SQL_IDS ") ORDER BY id"},
    [SQL_FACTS] = {"exchange_facts",
                   "SELECT p.id, p.number, p.class, p.person_id, p.enterprise_id,"
                   " p.enterprise_name, p.post, p.first_issued, p.valid_from, p.valid_until,"
                   " p.held_since, p.certificate_id, x.name, x.sex, x.birth, x.id_type,"
                   " x.capture_id, x.held, e.held, x.id_no_hash"
                   " FROM paper_certificate p FORCE INDEX (PRIMARY)"
                   " JOIN person x ON x.id = p.person_id"
                   " JOIN enterprise e ON e.id = p.enterprise_id"
                   " WHERE p.id IN (" SQL_IDS ") AND p.enterprise_id = ? ORDER BY p.id"},
    [SQL_SERIAL] = {"exchange_serial",
                    "SELECT id FROM certificate WHERE issue_year = ? AND serial = ? LIMIT 1"},
    [SQL_EXCHANGED] = {"exchange_exchanged",
                       "UPDATE paper_certificate SET certificate_id = ?, updated_at = ?"
                       " WHERE id = ? AND certificate_id IS NULL"},
};

const struct db_area exchange_area = DB_AREA("exchange", queries);

_Static_assert((int)EXCHANGE_MAX <= (int)SQL_IDS_MAX, "a matter must fit into one list of ids");

/* A paper certificate with its person, as an exchange needs them. */
struct source {
    uint64_t id;
    struct certificate_face face;
    uint64_t certificate_id; /* that it became; 0: none */
    const char *id_type;
    struct bytes id_no_hash;
    bool person_held, firm_held; /* a hold stands, in force or not */
    /* Made of the number; year 0: the number is none of ours. */
    int year;
    uint32_t serial;
};

static void source_read(const struct db_value *row, struct source *out)
{
    char class_code[3];

    *out = (struct source){
        .id = db_as_uint(&row[0]),
        .face =
            {
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
                   .holder_name = db_as_text(&row[12]),
                   .sex = (unsigned)db_as_uint(&row[13]),
                   .birth = db_as_date(&row[14]),
                   .capture_id = db_as_uint(&row[16]),
                   },
        .certificate_id = db_as_uint(&row[11]),
        .id_type = db_as_text(&row[15]),
        .person_held = db_as_uint(&row[17]),
        .firm_held = db_as_uint(&row[18]),
        .id_no_hash = db_as_bytes(&row[19]),
    };
    if (!certificate_number_parts(out->face.number, class_code, &out->year, &out->serial))
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

/* The papers, then their people. */
static int lock_all(struct change *change, const struct db_value papers[SQL_IDS_MAX + 1],
                    struct err *err)
{
    struct db_value people[SQL_IDS_MAX];
    uint64_t ids[SQL_IDS_MAX];
    struct db_rows rows;

    if (db_select(change->db, change->pool, &queries[SQL_LOCK], papers, SQL_IDS_MAX + 1, &rows,
                  err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++)
        ids[i] = db_as_uint(&db_row(&rows, i)[1]);
    if (rows.count == 0)
        return 0;
    queries_list(people, ids, rows.count);
    return db_run(change->db, &queries[SQL_LOCK_PEOPLE], people, SQL_IDS_MAX, NULL, err);
}

/* Reads the papers; with `lock` nobody else exchanges them until the transaction ends. */
static int sources_load(struct change *change, const uint64_t *ids, size_t count, bool lock,
                        struct source **sources, size_t *found, struct err *err)
{
    struct db_value args[SQL_IDS_MAX + 1];
    struct db_rows rows;
    size_t expected;

    if (count == 0 || count > EXCHANGE_MAX)
        return err_set(err, ERR_INPUT, 0, "exchange of %zu paper certificates", count);
    expected = wanted(ids, count, change->enterprise_id, args);
    if (lock && lock_all(change, args, err) < 0)
        return -1;
    if (db_select(change->db, change->pool, &queries[SQL_FACTS], args, SQL_IDS_MAX + 1, &rows,
                  err) < 0)
        return -1;
    if (rows.count != expected)
        return err_set(err, ERR_NOT_FOUND, 0, "exchange: %zu of %zu paper certificates are there",
                       rows.count, expected);
    *sources = pool_array(change->pool, rows.count, sizeof(**sources));
    for (size_t i = 0; i < rows.count; i++)
        source_read(db_row(&rows, i), &(*sources)[i]);
    *found = rows.count;
    return 0;
}

/* Appends what a paper says to what those before it said: a hash over both. */
static void seen_add(struct pool *pool, char seen[EXCHANGE_SEEN_SIZE], const struct source *source)
{
    const struct certificate_face *face = &source->face;
    char first[11], from[11], until[11], birth[11];
    uint8_t hash[HASH_SIZE];
    struct text text;

    date_format(face->first_issued, first);
    date_format(face->valid_from, from);
    date_format(face->valid_until, until);
    date_format(face->birth, birth);
    text_init(&text, pool, SEEN_MAX);
    text_printf(&text, "%s%" PRIu64 "|%s|%s|%s|%u|%s|%s|", seen, source->id, face->number,
                face->class_code, face->holder_name, face->sex, birth, source->id_type);
    text_add_n(&text, (const char *)source->id_no_hash.data, source->id_no_hash.size);
    text_printf(&text, "|%s|%s|%s|%s|%s|%" PRIu64, face->enterprise_name, face->post, first, from,
                until, face->capture_id);
    sha256(text.data, text.length, hash);
    hex_encode(hash, sizeof(hash), seen);
}

static void seen_make(struct pool *pool, const struct source *sources, size_t count,
                      char seen[EXCHANGE_SEEN_SIZE])
{
    seen[0] = '\0';
    for (size_t i = 0; i < count; i++)
        seen_add(pool, seen, &sources[i]);
}

/* The identifier is made of year and serial alone, so papers of two classes may want the same:
 * 1 when no certificate has it and none of the `before` sources of this matter takes it, else 0. */
static int identifier_is_free(struct change *change, const struct source *sources, size_t at,
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
    found = db_find(change->db, change->pool, &queries[SQL_SERIAL],
                    DB_ARGS(db_int(source->year), db_uint(source->serial)), &row, err);
    return found < 0 ? -1 : !found;
}

/* Judges the source `at`. 1 allowed, 0 refused, -1. */
static int judge(struct change *change, const struct source *sources, size_t at,
                 struct verdict *verdict, struct err *err)
{
    const struct source *source = &sources[at];
    const struct holding paper = {.paper = true,
                                  .enterprise_id = source->face.enterprise_id,
                                  .valid_until = source->face.valid_until};
    struct facts facts = {
        .today = change->today,
        .firm.id = change->enterprise_id,
        .person = {.id = source->face.person_id,
                   .id_type = source->id_type,
                   .capture_id = source->face.capture_id},
        .holding = &paper,
        .class_code = source->face.class_code,
        .paper_exchanged = source->certificate_id != 0,
    };
    /* An exchanged paper's number is in use by its own certificate. */
    int is_free = facts.paper_exchanged ? 1 : identifier_is_free(change, sources, at, err);

    if (is_free < 0 || facts_holds(change->db, change->pool, source->person_held,
                                   source->firm_held, &facts, err) < 0)
        return -1;
    facts.identifier_free = is_free;
    rules_judge(change->pool, change->core->policy, ACT_EXCHANGE, &facts, verdict);
    return verdict->allowed;
}

/* One paper certificate becomes one electronic one, waiting for its document. */
static int exchange_one(struct change *change, const struct source *source, struct err *err)
{
    const char *detail = pool_printf(change->pool, "{\"paper\":%" PRIu64 "}", source->id);
    uint64_t id;
    int exchanged;

    if (change_issue(change, &source->face, "exchange", detail, &id, err) < 0)
        return -1;
    exchanged = db_change(change->db, &queries[SQL_EXCHANGED],
                          DB_ARGS(db_uint(id), db_time(change->now_ms), db_uint(source->id)), err);
    if (exchanged == 0)
        return err_set(err, ERR_CONFLICT, 0,
                       "paper certificate %" PRIu64 " was exchanged meanwhile", source->id);
    return exchanged < 0 ? -1 : 0;
}

/* Audited; nothing else is written. */
static int refuse(struct change *change, uint64_t id, struct exchange *result, struct err *err)
{
    const struct verdict *verdict = &result->verdict;

    result->refused_id = id;
    change_note(change, change->enterprise_id, "exchange.refused", "paper_certificate", id,
                rules_failed(change->pool, &verdict, 1));
    return change_end(change, err);
}

int exchange_seen(struct db *db, struct pool *pool, uint64_t enterprise_id, const uint64_t *ids,
                  size_t count, char seen[EXCHANGE_SEEN_SIZE], struct err *err)
{
    struct change change = {.db = db, .pool = pool, .enterprise_id = enterprise_id};
    struct source *sources;

    if (sources_load(&change, ids, count, false, &sources, &count, err) < 0)
        return err->kind == ERR_NOT_FOUND ? 0 : -1;
    seen_make(pool, sources, count, seen);
    return 1;
}

/* Under the locks of sources_load. */
static int compare_seen(struct pool *pool, const struct exchange_choice *choice,
                        const struct source *sources, size_t count, struct err *err)
{
    char now[EXCHANGE_SEEN_SIZE];

    if (!choice->seen)
        return 0;
    seen_make(pool, sources, count, now);
    return strcmp(now, choice->seen) == 0
               ? 0
               : err_set(err, ERR_CONFLICT, 0, "the papers have changed since they were shown");
}

int exchange_papers(struct db *db, struct pool *pool, const struct core *core,
                    const struct actor *actor, const struct exchange_choice *choice,
                    struct date today, int64_t now_ms, struct exchange *result, struct err *err)
{
    struct change change = {.db = db,
                            .pool = pool,
                            .core = core,
                            .actor = actor,
                            .enterprise_id = choice->enterprise_id,
                            .today = today,
                            .now_ms = now_ms};
    struct source *sources;
    size_t count;

    *result = (struct exchange){.refused_id = 0};
    if (sources_load(&change, choice->ids, choice->count, true, &sources, &count, err) < 0 ||
        compare_seen(pool, choice, sources, count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int allowed = judge(&change, sources, i, &result->verdict, err);

        if (allowed < 0)
            return -1;
        if (allowed == 0)
            return refuse(&change, sources[i].id, result, err);
    }
    const struct matter_new what = {.item = ITEM_EXCHANGE,
                                    .state = MATTER_DONE,
                                    .enterprise_id = choice->enterprise_id,
                                    .items = (unsigned)count};
    if (matter_open(db, actor, &what, today, now_ms, &result->matter, err) < 0)
        return -1;
    change.matter_id = result->matter.id;
    for (size_t i = 0; i < count; i++)
        if (exchange_one(&change, &sources[i], err) < 0)
            return -1;
    return change_end(&change, err) < 0 ? -1 : 1;
}

int exchange_judge(struct db *db, struct pool *pool, const struct core *core,
                   uint64_t enterprise_id, uint64_t id, struct date today, struct verdict *verdict,
                   struct err *err)
{
    struct change change = {
        .db = db, .pool = pool, .core = core, .enterprise_id = enterprise_id, .today = today};
    struct source *sources;
    size_t count;

    if (sources_load(&change, &id, 1, false, &sources, &count, err) < 0)
        return -1;
    return judge(&change, sources, 0, verdict, err) < 0 ? -1 : 0;
}
