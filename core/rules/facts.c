#include "core/rules/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/places.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/register/hold.h"
#include "core/register/identifier.h"
#include "core/register/person.h"
#include "core/register/person_data.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { EXAMS_MAX = 40 };

enum {
    SQL_LOCK_FIRM, SQL_LOCK_PERSON, SQL_LOCK_CERTIFICATES, SQL_WHO, SQL_IDENTITY, SQL_CERTIFICATES,
    SQL_CERTIFICATES_NAMED, SQL_CERTIFICATES_WHOLE, SQL_PAPERS, SQL_EXAMS, SQL_EDUCATION,
    SQL_LEGAL, SQL_FIRM, SQL_FIRM_COUNTED, SQL_PERSON
};

/* What a holding has, electronic or of paper. */
#define HOLDING                                                                                    \
    "c.id, c.class, c.post, c.enterprise_id, c.number, c.first_issued, c.valid_from,"              \
    " c.valid_until, c.held_since"
enum {
    COL_ID, COL_CLASS, COL_POST, COL_FIRM, COL_NUMBER, COL_FIRST, COL_FROM, COL_UNTIL, COL_SINCE,
    HOLDING_COLUMNS
};
/* Behind it. Not every statement yields COL_FIRM_NAME and what follows. */
#define CERTIFICATE HOLDING ", c.state, c.version, c.pending_matter_id"
#define PAPER       HOLDING ", c.certificate_id"
enum {
    COL_STATE = HOLDING_COLUMNS, COL_VERSION, COL_PENDING, COL_FIRM_NAME, COL_ITEM, COL_OPENED,
    COL_MOVES
};
enum { COL_EXCHANGED = HOLDING_COLUMNS, COL_PAPER_FIRM_NAME };
enum { COL_ANY_PAPER = 15, COL_REP_NAME }; /* of facts_who */

static const struct db_query queries[] = {
    [SQL_LOCK_FIRM] = {"facts_lock_firm", "UPDATE enterprise SET acts = acts + 1 WHERE id = ?"},
    /* The person first: whoever acts for the same person waits here, and nobody in a circle. It is
     * written, not only locked: a node of a cluster knows nothing of the locks of another, and finds
     * out at COMMIT that both have written this row. */
    [SQL_LOCK_PERSON] = {"facts_lock_person", "UPDATE person SET acts = acts + 1 WHERE id = ?"},
    [SQL_LOCK_CERTIFICATES] = {"facts_lock_certificates",
                               "SELECT id FROM certificate WHERE person_id = ? ORDER BY id"
                               " FOR UPDATE"},
    /* Few have paper that is not exchanged yet: to look whether there is any, which an index tells by
     * its end, costs a quarter of what it costs to ask for it. */
    [SQL_WHO] = {"facts_who",
                 "SELECT e.id, e.name, e.uscc, e.region = 'local',"
                 " e.legal_rep_id_type = p.id_type AND e.legal_rep_id_hash = p.id_no_hash,"
                 " p.id, p.name, p.id_type, " ID_NO_BOX("p") ", p.sex, p.birth, p.capture_id,"
                 " p.held, e.held,"
                 " (SELECT MAX(i.month) FROM insurance i"
                 "   WHERE i.person_id = ? AND i.enterprise_id = ?),"
                 " (SELECT MAX(c.id) FROM paper_certificate c FORCE INDEX (paper_certificate_person)"
                 "   WHERE c.person_id = ? AND c.certificate_id IS NULL),"
                 " e.legal_rep_name FROM person p JOIN enterprise e ON e.id = ? WHERE p.id = ?"},
    [SQL_IDENTITY] = {"facts_identity",
                      "SELECT p.id_type, " ID_NO_BOX("p") ", e.uscc FROM person p"
                      " JOIN enterprise e ON e.id = ? WHERE p.id = ?"},
    /* Few rows a person: what is wanted of them is chosen here, since to optimize a statement costs
     * more than to run it. For the same reason what other firms are called, what a certificate
     * waits for and why it was cancelled is asked for only where there is such a thing; and LEFT
     * JOIN leaves no order of tables to be found out. */
    [SQL_CERTIFICATES] = {"facts_certificates",
                          "SELECT " CERTIFICATE " FROM certificate c WHERE c.person_id = ?"},
    [SQL_CERTIFICATES_NAMED] = {"facts_certificates_named",
                                "SELECT " CERTIFICATE ", e.name FROM certificate c"
                                " LEFT JOIN enterprise e ON e.id = c.enterprise_id"
                                " WHERE c.person_id = ?"},
    [SQL_CERTIFICATES_WHOLE] =
        {"facts_certificates_whole",
         "SELECT " CERTIFICATE ", e.name, m.item, m.opened_on, IFNULL(r.moves, 0)"
         " FROM certificate c LEFT JOIN enterprise e ON e.id = c.enterprise_id"
         " LEFT JOIN matter m ON m.id = c.pending_matter_id"
         " LEFT JOIN cancellation_reason r ON r.code = c.state_reason WHERE c.person_id = ?"},
    [SQL_PAPERS] = {"facts_papers", "SELECT " PAPER ", e.name FROM paper_certificate c"
                                    " LEFT JOIN enterprise e ON e.id = c.enterprise_id"
                                    " WHERE c.person_id = ?"},
    [SQL_EXAMS] = {"facts_exams", "SELECT x.id, x.exam_no, x.class, x.post, x.exam_date, x.score,"
                                  " x.certificate_id, x.enterprise_id, x.passed"
                                  " FROM exam_result x WHERE x.person_id = ?"},
    [SQL_EDUCATION] = {"facts_education", "SELECT d.class, d.completed_on, d.hours"
                                          " FROM education d WHERE d.person_id = ?"},
    [SQL_LEGAL] = {"facts_legal",
                   "SELECT c.id, c.person_id, c.class, c.state, c.valid_until"
                   " FROM certificate c FORCE INDEX (certificate_post)"
                   " WHERE c.enterprise_id = ? AND c.post = '01'"},
    [SQL_FIRM] = {"facts_firm",
                  "SELECT e.id, e.name, e.uscc, e.region = 'local', e.held FROM enterprise e"
                  " WHERE e.id = ?"},
    /* The name is compared by itself: as a range of the index it would be compared twice. */
    [SQL_FIRM_COUNTED] = {"facts_firm_counted",
                          "SELECT e.id, e.name, e.uscc, e.region = 'local', e.held,"
                          " (SELECT COUNT(*) FROM certificate c FORCE INDEX (certificate_name)"
                          "   WHERE c.enterprise_id = e.id AND c.state = '01'"
                          "   AND (c.enterprise_name = e.name) = 0"
                          "   AND c.pending_matter_id IS NULL AND c.valid_until >= ?)"
                          " FROM enterprise e WHERE e.id = ?"},
    [SQL_PERSON] = {"facts_person", "SELECT id, name FROM person"
                                    " WHERE id_type = ? AND id_no_hash = ?"},
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

int facts_lock_firm(struct db *db, uint64_t enterprise_id, struct err *err)
{
    int found = db_change(db, &queries[SQL_LOCK_FIRM], DB_ARGS(db_uint(enterprise_id)), err);

    return found == 0 ? err_set(err, ERR_NOT_FOUND, 0, "firm is not there") : found < 0 ? -1 : 0;
}

int facts_lock(struct db *db, struct pool *pool, uint64_t person_id, struct err *err)
{
    struct db_rows rows;
    int found = db_change(db, &queries[SQL_LOCK_PERSON], DB_ARGS(db_uint(person_id)), err);

    if (found == 0)
        return err_set(err, ERR_NOT_FOUND, 0, "person is not there");
    if (found < 0)
        return -1;
    return db_select(db, pool, &queries[SQL_LOCK_CERTIFICATES], DB_ARGS(db_uint(person_id)), &rows,
                     err);
}

/* The hold of a person or an enterprise (HOLD_…), where it is in force. 0/-1. */
static int hold_load(struct db *db, struct pool *pool, const char *subject_kind, uint64_t subject_id,
                     struct date today, const struct hold **hold, struct err *err)
{
    struct hold *found = POOL_NEW(pool, struct hold);
    int there = hold_find(db, pool, subject_kind, subject_id, found, err);

    *hold = there == 1 && hold_in_force(found, today) ? found : NULL;
    return there < 0 ? -1 : 0;
}

int facts_holds(struct db *db, struct pool *pool, bool person_held, bool firm_held,
                struct facts *facts, struct err *err)
{
    if (person_held && hold_load(db, pool, HOLD_PERSON, facts->person.id, facts->today,
                                 &facts->person.hold, err) < 0)
        return -1;
    return firm_held ? hold_load(db, pool, HOLD_ENTERPRISE, facts->firm.id, facts->today,
                                 &facts->firm.hold, err)
                     : 0;
}

/* Dots and blanks of names are typed in more than one way. */
static bool same_name(struct pool *pool, const char *one, const char *other)
{
    return strcmp(one, other) == 0 ||
           strcmp(person_name_normal(pool, one), person_name_normal(pool, other)) == 0;
}

static int who_read(struct pool *pool, const struct core *core, const struct db_value *row,
                    struct facts *facts, struct err *err)
{
    facts->firm = (struct firm){
        .id = db_as_uint(&row[0]),
        .name = db_as_text(&row[1]),
        .uscc = db_as_text(&row[2]),
        .local = db_as_uint(&row[3]),
        .led_by_person = db_as_uint(&row[4]) && same_name(pool, db_as_text(&row[COL_REP_NAME]),
                                                          db_as_text(&row[6])),
    };
    facts->person = (struct holder){
        .id = db_as_uint(&row[5]),
        .name = db_as_text(&row[6]),
        .id_type = db_as_text(&row[7]),
        .sex = (unsigned)db_as_uint(&row[9]),
        .birth = db_as_date(&row[10]),
        .capture_id = db_as_uint(&row[11]),
    };
    facts->insured = db_as_date(&row[14]);
    return person_id_no_masked(pool, core, db_as_bytes(&row[8]), &facts->person.id_no_masked, err);
}

static struct holding *holding_read(const struct db_value *row, struct facts *facts)
{
    struct holding *out = &facts->holdings[facts->holding_count++];

    *out = (struct holding){
        .id = db_as_uint(&row[COL_ID]),
        .number = db_as_text(&row[COL_NUMBER]),
        .class_code = db_as_text(&row[COL_CLASS]),
        .post = db_as_text(&row[COL_POST]),
        .state = STATE_VALID,
        .enterprise_id = db_as_uint(&row[COL_FIRM]),
        .first_issued = db_as_date(&row[COL_FIRST]),
        .valid_from = db_as_date(&row[COL_FROM]),
        .valid_until = db_as_date(&row[COL_UNTIL]),
        .held_since = db_as_date(&row[COL_SINCE]),
    };
    if (out->enterprise_id == facts->firm.id)
        out->enterprise_name = facts->firm.name;
    return out;
}

static void certificate_take(const struct db_value *row, size_t columns, struct facts *facts)
{
    struct holding *out = holding_read(row, facts);

    out->state = state_on(db_as_text(&row[COL_STATE]), out->valid_until, facts->today);
    out->version = (unsigned)db_as_uint(&row[COL_VERSION]);
    out->pending_id = db_as_uint(&row[COL_PENDING]);
    if (columns > COL_FIRM_NAME)
        out->enterprise_name = db_as_text(&row[COL_FIRM_NAME]);
    if (columns <= COL_MOVES)
        return;
    out->moves = db_as_uint(&row[COL_MOVES]);
    if (out->pending_id)
        matter_number_make(item_by_name(db_as_text(&row[COL_ITEM])), db_as_date(&row[COL_OPENED]),
                           out->pending_id, out->pending);
}

/* One that became electronic, or has ended, counts for nothing. */
static void paper_take(const struct db_value *row, size_t columns, struct facts *facts)
{
    struct holding *out;

    (void)columns;
    if (db_as_uint(&row[COL_EXCHANGED]) != 0 ||
        date_compare(db_as_date(&row[COL_UNTIL]), facts->today) < 0)
        return;
    out = holding_read(row, facts);
    out->paper = true;
    out->enterprise_name = db_as_text(&row[COL_PAPER_FIRM_NAME]);
}

/* Whether something is still to be told of the holdings from `first` on. */
static bool incomplete(const struct facts *facts, size_t first, unsigned know)
{
    for (size_t i = first; i < facts->holding_count; i++) {
        const struct holding *holding = &facts->holdings[i];

        if (!holding->enterprise_name || holding->pending_id ||
            ((know & KNOW_MOVES) && strcmp(holding->state, STATE_CANCELLED) == 0))
            return true;
    }
    return false;
}

/* Newest first; of one day the later one. */
static int exam_compare(const void *a, const void *b)
{
    const struct exam *one = a, *other = b;
    int days = date_compare(other->date, one->date);

    return days ? days : (other->id > one->id) - (other->id < one->id);
}

static void exams_read(struct pool *pool, const struct db_rows *rows, struct facts *facts)
{
    struct exam *exams = pool_array(pool, rows->count + 1, sizeof(*exams));

    for (size_t i = 0; i < rows->count; i++) {
        const struct db_value *row = db_row(rows, i);

        if (db_as_uint(&row[7]) != facts->firm.id || !db_as_uint(&row[8]))
            continue;
        exams[facts->exam_count++] = (struct exam){
            .id = db_as_uint(&row[0]),
            .number = db_as_text(&row[1]),
            .class_code = db_as_text(&row[2]),
            .post = db_as_text(&row[3]),
            .date = db_as_date(&row[4]),
            .score = (unsigned)db_as_uint(&row[5]),
            .certificate_id = db_as_uint(&row[6]),
        };
    }
    qsort(exams, facts->exam_count, sizeof(*exams), exam_compare);
    if (facts->exam_count > EXAMS_MAX)
        facts->exam_count = EXAMS_MAX;
    facts->exams = exams;
}

/* An education counts for the certificates of its class within whose terms it was completed. */
static void hours_add(const struct db_value *row, struct facts *facts)
{
    struct date done = db_as_date(&row[1]);

    for (size_t i = 0; i < facts->holding_count; i++) {
        struct holding *holding = &facts->holdings[i];

        if (!holding->paper && strcmp(holding->class_code, db_as_text(&row[0])) == 0 &&
            date_compare(done, holding->valid_from) >= 0 &&
            date_compare(done, holding->valid_until) <= 0)
            holding->hours += (unsigned)db_as_uint(&row[2]);
    }
}

static void education_read(struct pool *pool, const struct db_rows *rows, struct facts *facts)
{
    (void)pool;
    for (size_t i = 0; i < rows->count; i++)
        hours_add(db_row(rows, i), facts);
}

static void legal_read(struct pool *pool, const struct db_rows *rows, struct facts *facts)
{
    (void)pool;
    for (size_t i = 0; i < rows->count; i++) {
        const struct db_value *row = db_row(rows, i);
        const struct holding other = {
            .state = state_on(db_as_text(&row[3]), db_as_date(&row[4]), facts->today)};

        if (db_as_uint(&row[1]) != facts->person.id && strcmp(db_as_text(&row[2]), "A") == 0 &&
            holding_held(&other) && date_compare(db_as_date(&row[4]), facts->today) >= 0)
            facts->firm.legal_certificate = db_as_uint(&row[0]);
    }
}

/* Loading */

/* Holdings are read first: what follows may belong to them. What is asked at first may not tell all
 * of them; then the whole statement is asked besides. */
static const struct kind {
    unsigned know; /* 0: always read; else where there are any */
    unsigned more; /* where this is to be known, the firms are others, and named from the start */
    int query, more_query, whole_query;
    void (*take)(const struct db_value *row, size_t columns, struct facts *facts);
} kinds[] = {
    {0, KNOW_MOVES, SQL_CERTIFICATES, SQL_CERTIFICATES_NAMED, SQL_CERTIFICATES_WHOLE,
     certificate_take},
    {KNOW_PAPER, 0, SQL_PAPERS, SQL_PAPERS, SQL_PAPERS, paper_take},
};

static const struct part {
    unsigned know;
    int query;
    bool of_firm; /* the firm is asked about; else the person */
    void (*read)(struct pool *pool, const struct db_rows *rows, struct facts *facts);
} parts[] = {
    {KNOW_EXAMS, SQL_EXAMS, false, exams_read},
    {KNOW_EDUCATION, SQL_EDUCATION, false, education_read},
    {KNOW_LEGAL, SQL_LEGAL, true, legal_read},
};

/* Whom is asked about, and by whom; what is to be known. */
struct question {
    struct db *db;
    struct pool *pool;
    struct db_value person, firm;
    unsigned know;
};

static bool kind_wanted(const struct question *question, const struct kind *kind, bool papers)
{
    return !kind->know || (papers && (question->know & kind->know));
}

static const struct db_query *kind_query(const struct question *question, const struct kind *kind)
{
    return &queries[question->know & kind->more ? kind->more_query : kind->query];
}

static const struct db_value *part_arg(const struct question *question, const struct part *part)
{
    return part->of_firm ? &question->firm : &question->person;
}

#define WHO_ARGS(question)                                                                         \
    DB_ARGS((question)->person, (question)->firm, (question)->person, (question)->firm,            \
            (question)->person)

/* All of it travels with what is asked next, in this order. Paper goes before the certificates: what is
 * exchanged in between is then seen twice, and never not at all. */
static void hint(const struct question *question, bool papers)
{
    db_ahead(question->db, question->pool, &queries[SQL_WHO], WHO_ARGS(question));
    for (size_t i = COUNT(kinds); i-- > 0;)
        if (kind_wanted(question, &kinds[i], papers))
            db_ahead(question->db, question->pool, kind_query(question, &kinds[i]),
                     &question->person, 1);
    for (size_t i = 0; i < COUNT(parts); i++)
        if (question->know & parts[i].know)
            db_ahead(question->db, question->pool, &queries[parts[i].query],
                     part_arg(question, &parts[i]), 1);
}

static int holdings_ask(const struct question *question, const struct kind *kind,
                        const struct db_query *query, struct facts *facts, struct err *err)
{
    struct db_rows rows;

    if (db_select(question->db, question->pool, query, &question->person, 1, &rows, err) < 0)
        return -1;
    size_t room = facts->holding_count + rows.count + 1;
    struct holding *larger = pool_array(question->pool, room, sizeof(*larger));
    if (facts->holding_count)
        memcpy(larger, facts->holdings, facts->holding_count * sizeof(*larger));
    facts->holdings = larger;
    for (size_t i = 0; i < rows.count; i++)
        kind->take(db_row(&rows, i), rows.columns, facts);
    return 0;
}

static int holdings_load(const struct question *question, const struct kind *kind,
                         struct facts *facts, struct err *err)
{
    size_t first = facts->holding_count;

    if (holdings_ask(question, kind, kind_query(question, kind), facts, err) < 0)
        return -1;
    if (!incomplete(facts, first, question->know))
        return 0;
    facts->holding_count = first;
    return holdings_ask(question, kind, &queries[kind->whole_query], facts, err);
}

static int parts_load(const struct question *question, bool papers, struct facts *facts,
                      struct err *err)
{
    struct db_rows rows;

    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kind_wanted(question, &kinds[i], papers) &&
            holdings_load(question, &kinds[i], facts, err) < 0)
            return -1;
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (!(question->know & parts[i].know))
            continue;
        if (db_select(question->db, question->pool, &queries[parts[i].query],
                      part_arg(question, &parts[i]), 1, &rows, err) < 0)
            return -1;
        parts[i].read(question->pool, &rows, facts);
    }
    return 0;
}

void facts_load_ahead(struct db *db, struct pool *pool, uint64_t person_id, uint64_t enterprise_id,
                      unsigned know)
{
    hint(&(struct question){db, pool, db_uint(person_id), db_uint(enterprise_id), know}, false);
}

/* Who it is; with all that is asked about them on its way, in their order. */
static int who_ask(const struct question *question, bool papers, const struct db_value **row,
                   struct err *err)
{
    hint(question, papers);
    return db_find(question->db, question->pool, &queries[SQL_WHO], WHO_ARGS(question), row, err);
}

int facts_load(struct db *db, struct pool *pool, const struct core *core, uint64_t person_id,
               uint64_t enterprise_id, struct date today, unsigned know, struct facts *facts,
               struct err *err)
{
    const struct question question = {db, pool, db_uint(person_id), db_uint(enterprise_id), know};
    const struct db_value *row;
    bool papers = false;
    int found;

    *facts = (struct facts){.today = today};
    found = who_ask(&question, papers, &row, err);
    if (found == 1 && (know & KNOW_PAPER) && db_as_uint(&row[COL_ANY_PAPER])) {
        db_ahead_drop(db);
        papers = true;
        found = who_ask(&question, papers, &row, err);
    }
    if (found != 1) {
        db_ahead_drop(db);
        return found;
    }
    if (who_read(pool, core, row, facts, err) < 0 ||
        parts_load(&question, papers, facts, err) < 0 ||
        facts_holds(db, pool, db_as_uint(&row[12]), db_as_uint(&row[13]), facts, err) < 0)
        return -1;
    return 1;
}

static void firm_read(const struct db_value *row, struct facts *facts)
{
    facts->firm = (struct firm){
        .id = db_as_uint(&row[0]),
        .name = db_as_text(&row[1]),
        .uscc = db_as_text(&row[2]),
        .local = db_as_uint(&row[3]),
    };
}

int facts_load_firm(struct db *db, struct pool *pool, uint64_t enterprise_id, struct date today,
                    struct facts *facts, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIRM], DB_ARGS(db_uint(enterprise_id)), &row, err);

    *facts = (struct facts){.today = today};
    if (found != 1)
        return found;
    firm_read(row, facts);
    return facts_holds(db, pool, false, db_as_uint(&row[4]), facts, err) < 0 ? -1 : 1;
}

void facts_load_firm_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id)
{
    db_ahead(db, pool, &queries[SQL_FIRM], DB_ARGS(db_uint(enterprise_id)));
}

int facts_load_firm_counted(struct db *db, struct pool *pool, uint64_t enterprise_id,
                            struct date today, struct facts *facts, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIRM_COUNTED],
                        DB_ARGS(db_date(today), db_uint(enterprise_id)), &row, err);

    *facts = (struct facts){.today = today};
    if (found != 1)
        return found;
    firm_read(row, facts);
    facts->outdated = db_as_uint(&row[5]);
    return facts_holds(db, pool, false, db_as_uint(&row[4]), facts, err) < 0 ? -1 : 1;
}

void facts_load_firm_counted_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id,
                                   struct date today)
{
    db_ahead(db, pool, &queries[SQL_FIRM_COUNTED],
             DB_ARGS(db_date(today), db_uint(enterprise_id)));
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
                DB_ARGS(db_text(id_type), db_bytes(hash, sizeof(hash))), &row, err);
    if (found == 1 && (!name || same_name(pool, name, db_as_text(&row[1]))))
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
    if (id_no_open(core->vault, pool, db_as_bytes(&row[1]), &plain, err) < 0)
        return -1;
    *out = (struct identity){db_as_text(&row[0]),
                             pool_text_n(pool, (const char *)plain.data, plain.size),
                             db_as_text(&row[2])};
    return 1;
}
