#include "core/facts.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/capture.h"
#include "core/certificate.h"
#include "core/core.h"
#include "core/identifier.h"
#include "core/places.h"
#include "core/queries.h"

enum {
    SQL_LOCK_PERSON, SQL_LOCK_CERTIFICATES, SQL_WHO, SQL_IDENTITY, SQL_HELD, SQL_HELD_MOVING,
    SQL_HELD_ALL, SQL_FIRM, SQL_PERSON
};

/* Each part of what is held yields the same columns; the first says what the row is. */
enum part { PART_CERTIFICATE, PART_PAPER, PART_EXAM, PART_INSURED, PART_HOURS, PART_LEGAL };
enum {
    COL_PART,
    COL_ID,
    COL_CLASS,
    COL_POST,
    COL_STATE,
    COL_MOVES,
    COL_FIRM,
    COL_FIRM_NAME,
    COL_PRINTED,
    COL_NUMBER,
    COL_FIRST,
    COL_FROM,
    COL_UNTIL,
    COL_SINCE,
    COL_COUNT,
    COL_PENDING,
    COL_ITEM,
    COL_OPENED
};

/* A plain 0 or NULL beside an unsigned column would make the union's a DECIMAL. */
#define NONE      "CAST(0 AS UNSIGNED)"
#define NO_MATTER NONE ", NULL, NULL"

/* The parts of what is held. */
#define CERTIFICATES \
    "SELECT 0, c.id, c.class, c.post, c.state, IFNULL(r.moves, 0), c.enterprise_id," \
    " e.name, c.enterprise_name, c.number, c.first_issued, c.valid_from," \
    " c.valid_until, c.held_since, c.version, m.id, m.item, m.opened_on" \
    " FROM certificate c JOIN enterprise e ON e.id = c.enterprise_id" \
    " LEFT JOIN cancellation_reason r ON r.code = c.state_reason" \
    " LEFT JOIN matter m ON m.id = c.pending_matter_id WHERE c.person_id = ?"
#define PAPERS \
    "SELECT 1, c.id, c.class, c.post, '01', 0, c.enterprise_id, e.name," \
    " c.enterprise_name, c.number, c.first_issued, c.valid_from, c.valid_until," \
    " c.held_since, " NONE ", " NO_MATTER \
    " FROM paper_certificate c JOIN enterprise e ON e.id = c.enterprise_id" \
    " WHERE c.person_id = ? AND c.certificate_id IS NULL AND c.valid_until >= ?"
#define EXAMS \
    "(SELECT 2, x.id, x.class, x.post, NULL, 0, " NONE ", NULL, NULL, x.exam_no," \
    " x.exam_date, NULL, NULL, NULL, x.score, x.certificate_id, NULL, NULL" \
    " FROM exam_result x WHERE x.person_id = ? AND x.enterprise_id = ? AND x.passed" \
    " ORDER BY x.exam_date DESC, x.id DESC LIMIT 40)"
#define INSURANCE \
    "SELECT 3, " NONE ", NULL, NULL, NULL, 0, " NONE ", NULL, NULL, NULL, MAX(i.month), NULL, NULL," \
    " NULL, " NONE ", " NO_MATTER " FROM insurance i WHERE i.person_id = ? AND i.enterprise_id = ?"
#define EDUCATION \
    "SELECT 4, " NONE ", d.class, NULL, NULL, 0, " NONE ", NULL, NULL, NULL, d.completed_on, NULL," \
    " NULL, NULL, d.hours, " NO_MATTER " FROM education d WHERE d.person_id = ?"
#define LEGAL \
    "(SELECT 5, c.id, NULL, NULL, NULL, 0, " NONE ", NULL, NULL, NULL, NULL, NULL, NULL," \
    " NULL, " NONE ", " NO_MATTER " FROM certificate c FORCE INDEX (certificate_post)" \
    " WHERE c.enterprise_id = ? AND c.post = '01' AND c.state IN ('01', '02')" \
    " AND c.person_id <> ? AND c.class = 'A' AND c.valid_until >= ? LIMIT 1)"

static const struct db_query queries[] = {
  /* The person first: whoever acts for the same person waits here, and nobody in a circle. */
    [SQL_LOCK_PERSON] = {"facts_lock_person", "SELECT id FROM person WHERE id = ? FOR UPDATE"},
    [SQL_LOCK_CERTIFICATES] = {"facts_lock_certificates",
                         "SELECT id FROM certificate WHERE person_id = ? ORDER BY id"
                               " FOR UPDATE"},
    [SQL_WHO] = {"facts_who",
                         "SELECT e.id, e.name, e.uscc, e.region = 'local',"
                 " e.legal_rep_name = p.name AND e.legal_rep_id_type = p.id_type"
                 "   AND e.legal_rep_id_hash = p.id_no_hash,"
                 " p.id, p.name, p.id_type, p.id_no_sealed, p.sex, p.birth, p.capture_id"
                 " FROM person p JOIN enterprise e ON e.id = ? WHERE p.id = ?"},
    [SQL_IDENTITY] = {"facts_identity",
                         "SELECT p.id_type, p.id_no_sealed, e.uscc FROM person p"
                      " JOIN enterprise e ON e.id = ? WHERE p.id = ?"},
    [SQL_HELD] = {"facts_held", CERTIFICATES},
    [SQL_HELD_MOVING] = {"facts_held_moving",
                         CERTIFICATES " UNION ALL " PAPERS " UNION ALL " INSURANCE},
    [SQL_HELD_ALL] = {"facts_held_all",
                      CERTIFICATES " UNION ALL " PAPERS " UNION ALL " EXAMS " UNION ALL " INSURANCE
                      " UNION ALL " EDUCATION " UNION ALL " LEGAL},
    [SQL_FIRM] = {"facts_firm",
                         "SELECT e.id, e.name, e.uscc, e.region = 'local',"
                  " (SELECT COUNT(*) FROM certificate c FORCE INDEX (certificate_name)"
                  "   WHERE c.enterprise_id = e.id AND c.state = '01'"
                  "   AND c.enterprise_name <> e.name AND c.pending_matter_id IS NULL"
                  "   AND c.valid_until >= ?)"
                  " FROM enterprise e WHERE e.id = ?"},
    [SQL_PERSON] = {"facts_person", "SELECT id FROM person"
                                    " WHERE id_type = ? AND id_no_hash = ?"
                                    " AND (? IS NULL OR name = ?)"},
};

const struct db_area facts_area = DB_AREA("facts", queries);

bool holding_held(const struct holding *holding)
{
    return strcmp(holding->state, STATE_VALID) == 0 || strcmp(holding->state, STATE_SUSPENDED) == 0;
}

bool holding_legal(const struct holding *holding)
{
    return strcmp(holding->class_code, "A") == 0 && strcmp(holding->post, POST_LEGAL) == 0;
}

int facts_lock(struct db *db, struct pool *pool, uint64_t person_id, struct err *err)
{
    const struct db_value *row;
    struct db_rows rows;
    int found =
        db_find(db, pool, &queries[SQL_LOCK_PERSON], DB_ARGS(db_uint(person_id)), &row, err);

    if (found == 0)
        return err_set(err, ERR_NOT_FOUND, 0, "person is not there");
    if (found < 0)
        return -1;
    return db_select(db, pool, &queries[SQL_LOCK_CERTIFICATES], DB_ARGS(db_uint(person_id)), &rows,
                     err);
}

static int who_read(struct pool *pool, const struct core *core, const struct db_value *row,
                    struct facts *facts, struct err *err)
{
    facts->firm = (struct firm){
        .id = db_as_uint(&row[0]),
        .name = db_as_text(&row[1]),
        .uscc = db_as_text(&row[2]),
        .local = db_as_uint(&row[3]),
        .led_by_person = db_as_uint(&row[4]),
    };
    facts->person = (struct person){
        .id = db_as_uint(&row[5]),
        .name = db_as_text(&row[6]),
        .id_type = db_as_text(&row[7]),
        .sex = (unsigned)db_as_uint(&row[9]),
        .birth = db_as_date(&row[10]),
        .capture_id = db_as_uint(&row[11]),
    };
    return document_no_open(pool, core, db_as_bytes(&row[8]), &facts->person.id_no_masked, err);
}

static void holding_read(const struct db_value *row, struct date today, struct holding *out)
{
    enum item item = item_by_name(db_as_text(&row[COL_ITEM]));

    *out = (struct holding){
        .paper = db_as_uint(&row[COL_PART]) == PART_PAPER,
        .id = db_as_uint(&row[COL_ID]),
        .number = db_as_text(&row[COL_NUMBER]),
        .class_code = db_as_text(&row[COL_CLASS]),
        .post = db_as_text(&row[COL_POST]),
        .moves = db_as_uint(&row[COL_MOVES]),
        .enterprise_id = db_as_uint(&row[COL_FIRM]),
        .enterprise_name = db_as_text(&row[COL_FIRM_NAME]),
        .printed_name = db_as_text(&row[COL_PRINTED]),
        .first_issued = db_as_date(&row[COL_FIRST]),
        .valid_from = db_as_date(&row[COL_FROM]),
        .valid_until = db_as_date(&row[COL_UNTIL]),
        .held_since = db_as_date(&row[COL_SINCE]),
        .version = (unsigned)db_as_uint(&row[COL_COUNT]),
        .pending_id = db_as_uint(&row[COL_PENDING]),
    };
    out->state = state_on(db_as_text(&row[COL_STATE]), out->valid_until, today);
    if (out->pending_id)
        matter_number_make(item, db_as_date(&row[COL_OPENED]), out->pending_id, out->pending);
}

static void exam_read(const struct db_value *row, struct exam *out)
{
    *out = (struct exam){
        .id = db_as_uint(&row[COL_ID]),
        .number = db_as_text(&row[COL_NUMBER]),
        .class_code = db_as_text(&row[COL_CLASS]),
        .post = db_as_text(&row[COL_POST]),
        .date = db_as_date(&row[COL_FIRST]),
        .score = (unsigned)db_as_uint(&row[COL_COUNT]),
        .certificate_id = db_as_uint(&row[COL_PENDING]),
    };
}

/* An education counts for the certificates of its class within whose terms it was completed. */
static void hours_read(const struct db_value *row, struct facts *facts)
{
    struct date done = db_as_date(&row[COL_FIRST]);

    for (size_t i = 0; i < facts->holding_count; i++) {
        struct holding *holding = &facts->holdings[i];

        if (!holding->paper && strcmp(holding->class_code, db_as_text(&row[COL_CLASS])) == 0 &&
            date_compare(done, holding->valid_from) >= 0 &&
            date_compare(done, holding->valid_until) <= 0)
            holding->hours += (unsigned)db_as_uint(&row[COL_COUNT]);
    }
}

/* The parts come in their order: certificates before the hours that belong to them. */
static void held_read(struct pool *pool, const struct db_rows *rows, struct facts *facts)
{
    struct exam *exams = pool_array(pool, rows->count + 1, sizeof(*exams));

    facts->holdings = pool_array(pool, rows->count + 1, sizeof(*facts->holdings));
    facts->exams = exams;
    for (size_t i = 0; i < rows->count; i++) {
        const struct db_value *row = db_row(rows, i);

        switch ((enum part)db_as_uint(&row[COL_PART])) {
        case PART_CERTIFICATE:
        case PART_PAPER:
            holding_read(row, facts->today, &facts->holdings[facts->holding_count++]);
            break;
        case PART_EXAM:
            exam_read(row, &exams[facts->exam_count++]);
            break;
        case PART_INSURED:
            facts->insured = db_as_date(&row[COL_FIRST]);
            break;
        case PART_HOURS:
            hours_read(row, facts);
            break;
        case PART_LEGAL:
            facts->firm.legal_certificate = db_as_uint(&row[COL_ID]);
            break;
        }
    }
}

/* What each statement tells, the least first; its arguments: p person, f firm, d day. */
static const struct scope {
    int query;
    unsigned know;
    const char *args;
} scopes[] = {
    {SQL_HELD, 0, "p"},
    {SQL_HELD_MOVING, KNOW_PAPER | KNOW_INSURANCE, "ppdpf"},
    {SQL_HELD_ALL, KNOW_ALL, "ppdpfpfpfpd"},
};
enum { SCOPE_ARGS = 12 };

static const struct scope *scope_of(unsigned know)
{
    const struct scope *scope = scopes;

    while ((scope->know & know) != know)
        scope++;
    return scope;
}

int facts_load(struct db *db, struct pool *pool, const struct core *core, uint64_t person_id,
               uint64_t enterprise_id, struct date today, unsigned know, struct facts *facts,
               struct err *err)
{
    const struct db_value person = db_uint(person_id), firm = db_uint(enterprise_id);
    const struct scope *scope = scope_of(know & KNOW_ALL);
    const struct db_query *held = &queries[scope->query];
    struct db_value args[SCOPE_ARGS];
    size_t count = strlen(scope->args);
    const struct db_value *row;
    struct db_rows rows;
    int found;

    *facts = (struct facts){.today = today};
    for (size_t i = 0; i < count; i++)
        args[i] = scope->args[i] == 'p' ? person : scope->args[i] == 'f' ? firm : db_date(today);
    db_ahead(db, pool, held, args, count);
    found = db_find(db, pool, &queries[SQL_WHO], DB_ARGS(firm, person), &row, err);
    if (found != 1) {
        db_ahead_drop(db);
        return found;
    }
    if (who_read(pool, core, row, facts, err) < 0 ||
        db_select(db, pool, held, args, count, &rows, err) < 0)
        return -1;
    held_read(pool, &rows, facts);
    return 1;
}

int facts_load_firm(struct db *db, struct pool *pool, uint64_t enterprise_id, struct date today,
                    struct facts *facts, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIRM],
                        DB_ARGS(db_date(today), db_uint(enterprise_id)), &row, err);

    *facts = (struct facts){.today = today};
    if (found != 1)
        return found;
    facts->firm = (struct firm){
        .id = db_as_uint(&row[0]),
        .name = db_as_text(&row[1]),
        .uscc = db_as_text(&row[2]),
        .local = db_as_uint(&row[3]),
    };
    facts->outdated = db_as_uint(&row[4]);
    return 1;
}

int facts_person(struct db *db, struct pool *pool, const struct core *core, const char *id_type,
                 const char *id_no, const char *name, struct date today, uint64_t *id,
                 struct err *err)
{
    char number[DOCUMENT_NO_SIZE];
    uint8_t hash[VAULT_HASH_SIZE];
    const struct db_value *row;

    *id = 0;
    if (!document_no_normalise(id_type, id_no, today, number))
        return err_set(err, ERR_INPUT, 0, "not a document number of its type");
    vault_lookup(core->vault, PLACE_PERSON_ID_NO, number, hash);
    int found =
        db_find(db, pool, &queries[SQL_PERSON],
                DB_ARGS(db_text(id_type), db_bytes(hash, sizeof(hash)), db_text(name),
                                db_text(name)), &row, err);
    if (found == 1)
        *id = db_as_uint(&row[0]);
    return found < 0 ? -1 : 0;
}

int facts_identity(struct db *db, struct pool *pool, const struct core *core, uint64_t person_id,
                   uint64_t enterprise_id, struct identity *out, struct err *err)
{
    const struct db_value *row;
    struct bytes plain;
    int found = db_find(db, pool, &queries[SQL_IDENTITY],
                        DB_ARGS(db_uint(enterprise_id), db_uint(person_id)), &row, err);

    if (found != 1)
        return found;
    if (vault_open(core->vault, pool, PLACE_PERSON_ID_NO, db_as_bytes(&row[1]), &plain, err) < 0)
        return -1;
    *out = (struct identity){db_as_text(&row[0]),
                             pool_text_n(pool, (const char *)plain.data, plain.size),
                             db_as_text(&row[2])};
    return 1;
}
