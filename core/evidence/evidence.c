#include "core/evidence/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"

struct evidence {
    struct evidence_source sources[EVIDENCE_KINDS];
};

/* A record as the register has it, or is to have it. */
struct fact {
    struct evidence_record record; /* its uscc is not read from the register */
    uint64_t enterprise_id;
    bool used; /* an exam that made a certificate */
};

struct fact_list {
    size_t count;
    struct fact *items;
};

/* A firm that was looked up; id 0: the register does not know it. */
struct firm {
    const char *uscc;
    uint64_t id;
};

/* One refresh under way. */
struct refresh {
    struct db *db;
    struct pool *pool;
    const struct evidence_query *query;
    int64_t now_ms;
    struct evidence_records answers[EVIDENCE_KINDS];
    struct fact_list news[EVIDENCE_KINDS]; /* what the register does not say yet */
    struct firm *firms;
    size_t firm_count;
};

enum { SQL_READ, SQL_PUT = EVIDENCE_KINDS, SQL_FIRM = 2 * EVIDENCE_KINDS };

/* A row is changed by the statement that finds it, so nobody who writes the same record at the
 * same time (an import, another worker, the issue of a certificate) comes between the two. */
#define MINE "person_id = VALUES(person_id)"
#define FREE "certificate_id IS NULL AND " MINE

/* All kinds are read into the same columns: those of struct fact, in its order. */
static const struct db_query queries[] = {
    [SQL_READ + EVIDENCE_EXAM] =
        {"evidence_exams", "SELECT exam_no, enterprise_id, class, post, exam_date, score, passed,"
                           " '', certificate_id IS NOT NULL FROM exam_result WHERE person_id = ?"},
    [SQL_READ + EVIDENCE_INSURANCE] =
        {"evidence_insurance", "SELECT '', enterprise_id, '', '', month, 0, 0, '', 0"
                               " FROM insurance WHERE person_id = ?"},
    [SQL_READ + EVIDENCE_EDUCATION] =
        {"evidence_education", "SELECT record_no, enterprise_id, class, '', completed_on, hours,"
                               " 0, provider, 0 FROM education WHERE person_id = ?"},
    [SQL_PUT + EVIDENCE_EXAM] =
        {"evidence_exam_put",
         "INSERT INTO exam_result (exam_no, person_id, enterprise_id, class, post, exam_date,"
         " score, passed, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
         " ON DUPLICATE KEY UPDATE"
         " enterprise_id = IF(" FREE ", VALUES(enterprise_id), enterprise_id),"
         " class = IF(" FREE ", VALUES(class), class),"
         " post = IF(" FREE ", VALUES(post), post),"
         " exam_date = IF(" FREE ", VALUES(exam_date), exam_date),"
         " score = IF(" FREE ", VALUES(score), score),"
         " passed = IF(" FREE ", VALUES(passed), passed),"
         " import_id = IF(" FREE ", NULL, import_id)"},
    [SQL_PUT + EVIDENCE_INSURANCE] =
        {"evidence_insurance_put",
         "INSERT INTO insurance (person_id, enterprise_id, month, created_at)"
         " VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE month = VALUES(month)"},
    [SQL_PUT + EVIDENCE_EDUCATION] =
        {"evidence_education_put",
         "INSERT INTO education (record_no, person_id, enterprise_id, class, hours, completed_on,"
         " provider, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
         " enterprise_id = IF(" MINE ", VALUES(enterprise_id), enterprise_id),"
         " class = IF(" MINE ", VALUES(class), class),"
         " hours = IF(" MINE ", VALUES(hours), hours),"
         " completed_on = IF(" MINE ", VALUES(completed_on), completed_on),"
         " provider = IF(" MINE ", VALUES(provider), provider),"
         " import_id = IF(" MINE ", NULL, import_id)"},
    [SQL_FIRM] = {"evidence_firm", "SELECT id FROM enterprise WHERE uscc = ?"},
};

const struct db_area evidence_area = DB_AREA("evidence", queries);

/* Sources */

struct evidence *evidence_new(const struct evidence_source sources[EVIDENCE_KINDS])
{
    struct evidence *evidence = calloc(1, sizeof(*evidence));

    if (!evidence)
        err_fatal("out of memory");
    memcpy(evidence->sources, sources, sizeof(evidence->sources));
    return evidence;
}

void evidence_free(struct evidence **evidence)
{
    if (!evidence || !*evidence)
        return;
    for (size_t i = 0; i < EVIDENCE_KINDS; i++)
        if ((*evidence)->sources[i].release)
            (*evidence)->sources[i].release((*evidence)->sources[i].self);
    free(*evidence);
    *evidence = NULL;
}

/* Answers */

static int answers_fetch(struct evidence *evidence, struct refresh *refresh, size_t *count,
                         struct err *err)
{
    *count = 0;
    for (int kind = 0; kind < EVIDENCE_KINDS; kind++) {
        const struct evidence_source *source = &evidence->sources[kind];
        struct evidence_records *records = &refresh->answers[kind];

        if (!source->fetch || !(refresh->query->kinds & EVIDENCE_BIT(kind)))
            continue;
        if (source->fetch(source->self, refresh->pool, refresh->query, records, err) < 0 ||
            evidence_check((enum evidence_kind)kind, refresh->query->today, records, err) < 0)
            return err_context(err, "evidence service %s", source->name);
        *count += records->count;
    }
    return 0;
}

/* A firm is looked up once in a refresh; mostly it is the one that asks. */
static int firm_find(struct refresh *refresh, const char *uscc, uint64_t *id, struct err *err)
{
    const struct db_value *row;

    for (size_t i = 0; i < refresh->firm_count; i++)
        if (strcmp(refresh->firms[i].uscc, uscc) == 0) {
            *id = refresh->firms[i].id;
            return 0;
        }
    int found =
        db_find(refresh->db, refresh->pool, &queries[SQL_FIRM], DB_ARGS(db_text(uscc)), &row, err);
    if (found < 0)
        return -1;
    *id = found ? db_as_uint(&row[0]) : 0;
    refresh->firms[refresh->firm_count++] = (struct firm){uscc, *id};
    return 0;
}

static int register_read(const struct refresh *refresh, int kind, struct fact_list *facts,
                         struct err *err)
{
    struct db_rows rows;

    if (db_select(refresh->db, refresh->pool, &queries[SQL_READ + kind],
                  DB_ARGS(db_uint(refresh->query->person_id)), &rows, err) < 0)
        return -1;
    *facts = (struct fact_list){rows.count,
                                pool_array(refresh->pool, rows.count, sizeof(*facts->items))};
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        facts->items[i] = (struct fact){
            .record = {.number = db_as_text(&row[0]),
                       .class_code = db_as_text(&row[2]),
                       .post = db_as_text(&row[3]),
                       .date = db_as_date(&row[4]),
                       .amount = db_as_int(&row[5]),
                       .passed = db_as_int(&row[6]) != 0,
                       .provider = db_as_text(&row[7])},
            .enterprise_id = db_as_uint(&row[1]),
            .used = db_as_int(&row[8]) != 0
        };
    }
    return 0;
}

static bool is_same(const struct fact *a, const struct fact *b)
{
    return a->enterprise_id == b->enterprise_id &&
           strcmp(a->record.class_code, b->record.class_code) == 0 &&
           strcmp(a->record.post, b->record.post) == 0 &&
           date_compare(a->record.date, b->record.date) == 0 &&
           a->record.amount == b->record.amount && a->record.passed == b->record.passed &&
           strcmp(a->record.provider, b->record.provider) == 0;
}

/* What the register has under the same number; a month of insurance has none but itself. */
static const struct fact *fact_find(const struct fact_list *facts, const struct fact *wanted)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *fact = &facts->items[i];

        if (strcmp(fact->record.number, wanted->record.number) == 0 &&
            (*wanted->record.number || is_same(fact, wanted)))
            return fact;
    }
    return NULL;
}

static int news_find(struct refresh *refresh, int kind, struct err *err)
{
    const struct evidence_records *answer = &refresh->answers[kind];
    struct fact_list *news = &refresh->news[kind], known;

    if (answer->count == 0)
        return 0;
    if (register_read(refresh, kind, &known, err) < 0)
        return -1;
    news->items = pool_array(refresh->pool, answer->count, sizeof(*news->items));
    for (size_t i = 0; i < answer->count; i++) {
        struct fact fact = {.record = answer->items[i]};

        if (firm_find(refresh, fact.record.uscc, &fact.enterprise_id, err) < 0)
            return -1;
        if (fact.enterprise_id == 0)
            continue;
        const struct fact *old = fact_find(&known, &fact);
        if (!old || (!old->used && !is_same(old, &fact)))
            news->items[news->count++] = fact;
    }
    return 0;
}

/* The merge */

static int fact_put(const struct refresh *refresh, int kind, const struct fact *fact,
                    struct err *err)
{
    const struct db_query *put = &queries[SQL_PUT + kind];
    const struct evidence_record *record = &fact->record;
    const struct db_value person = db_uint(refresh->query->person_id),
                          firm = db_uint(fact->enterprise_id), now = db_time(refresh->now_ms);

    switch (kind) {
    case EVIDENCE_EXAM:
        return db_run(refresh->db, put,
                      DB_ARGS(db_text(record->number), person, firm, db_text(record->class_code),
                              db_text(record->post), db_date(record->date), db_int(record->amount),
                              db_int(record->passed), now),
                      NULL, err);
    case EVIDENCE_INSURANCE:
        return db_run(refresh->db, put, DB_ARGS(person, firm, db_date(record->date), now), NULL,
                      err);
    default:
        return db_run(refresh->db, put,
                      DB_ARGS(db_text(record->number), person, firm, db_text(record->class_code),
                              db_int(record->amount), db_date(record->date),
                              db_text(record->provider), now),
                      NULL, err);
    }
}

/* What was put, but is not this person's now, is another's. */
static int owner_check(const struct refresh *refresh, int kind, struct err *err)
{
    const struct fact_list *news = &refresh->news[kind];
    struct fact_list known;

    if (register_read(refresh, kind, &known, err) < 0)
        return -1;
    for (size_t i = 0; i < news->count; i++)
        if (!fact_find(&known, &news->items[i]))
            return err_set(err, ERR_UNAVAILABLE, 0,
                           "evidence service %s: the register has a record of the answer for"
                           " another person",
                           evidence_kind_name((enum evidence_kind)kind));
    return 0;
}

static int merge(void *context, struct err *err)
{
    const struct refresh *refresh = context;

    for (int kind = 0; kind < EVIDENCE_KINDS; kind++) {
        const struct fact_list *news = &refresh->news[kind];

        for (size_t i = 0; i < news->count; i++)
            if (fact_put(refresh, kind, &news->items[i], err) < 0)
                return -1;
        if (news->count > 0 && owner_check(refresh, kind, err) < 0)
            return -1;
    }
    return 0;
}

int evidence_refresh(struct evidence *evidence, struct db *db, struct pool *pool,
                     const struct evidence_query *query, struct err *err)
{
    struct refresh refresh = {.db = db, .pool = pool, .query = query, .now_ms = clock_now_ms()};
    size_t answered, news = 0;

    if (db_in_transaction(db))
        err_fatal("evidence_refresh inside a transaction");
    if (!evidence)
        return 0;
    if (answers_fetch(evidence, &refresh, &answered, err) < 0)
        return -1;
    if (answered == 0)
        return 0;
    refresh.firms = pool_array(pool, answered + 1, sizeof(*refresh.firms));
    refresh.firms[refresh.firm_count++] = (struct firm){query->uscc, query->enterprise_id};
    if (db_ready(db, err) < 0)
        return -1;
    for (int kind = 0; kind < EVIDENCE_KINDS; kind++) {
        if (news_find(&refresh, kind, err) < 0)
            return -1;
        news += refresh.news[kind].count;
    }
    return news == 0 ? 0 : db_transact(db, merge, &refresh, err);
}
