#include "core/report/search.h"

#include <stdio.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/audit/audit.h"
#include "core/places.h"
#include "core/queries.h"
#include "core/register/person.h"

enum { PLAIN_SIZE = 256, SECRET_DIGITS = 4, USCC_LEAST = 8, DETAIL_SIZE = 256, FIRMS_BY_CODE = 20 };

enum {
    SQL_BY_SERIAL, SQL_BY_IDENTIFIER, SQL_PAPERS, SQL_MATTER, SQL_PEOPLE, SQL_PERSON_NAME, SQL_DOCUMENT,
    SQL_FIRMS, SQL_FIRM_NAME, SQL_FIRMS_CODE,
    SQL_NUMBER
};

#define CERTIFICATE " SELECT " CERTIFICATE_COLUMNS ", c.person_id, c.enterprise_name"
#define PERSON                                                                                     \
    "SELECT p.id, p.name, p.id_type, " ID_NO_BOX("p") ", p.sex, p.birth,"                          \
    " (SELECT COUNT(*) FROM certificate c WHERE c.person_id = p.id) FROM person p"
#define FIRM "SELECT id, uscc, name, region FROM enterprise"

static const struct db_query queries[] = {
    [SQL_BY_SERIAL] = {"search_serial", CERTIFICATE ", 0 FROM certificate c"
                                        " WHERE c.issue_year = ? AND c.serial = ?"
                                        " ORDER BY c.id LIMIT 20"},
    [SQL_BY_IDENTIFIER] = {"search_identifier",
                           CERTIFICATE ", v.version FROM certificate_version v"
                                       " JOIN certificate c ON c.id = v.certificate_id"
                                       " WHERE v.identifier = ?"},
    [SQL_PAPERS] = {"search_papers",
                    "SELECT p.id, p.person_id, p.certificate_id, p.number, h.name,"
                    " p.enterprise_name, p.valid_until"
                    " FROM paper_certificate p JOIN person h ON h.id = p.person_id"
                    " WHERE p.number = ? OR p.number = ? OR p.number = ? OR p.number = ?"
                    " OR p.number = ? OR p.number = ? ORDER BY p.number"},
    [SQL_MATTER] = {"search_matter",
                    "SELECT m.item, m.state, m.enterprise_id, m.enterprise_name, m.person_id,"
                    " m.holder_name, m.opened_at FROM matter m WHERE m.id = ? AND m.opened_on = ?"},
    [SQL_PEOPLE] = {"search_people",
                    PERSON " FORCE INDEX (person_name) WHERE p.name LIKE ? ESCAPE '!'"
                           " AND (p.name > ? OR p.name = ? AND p.id > ?)"
                           " ORDER BY p.name, p.id LIMIT ?"},
    [SQL_PERSON_NAME] = {"search_person_name", "SELECT name FROM person WHERE id = ?"},
    [SQL_DOCUMENT] = {"search_document", PERSON " WHERE p.id_type = ? AND p.id_no_hash = ?"},
    [SQL_FIRMS] = {"search_firms", FIRM " FORCE INDEX (enterprise_name) WHERE name LIKE ? ESCAPE '!'"
                                        " AND (name > ? OR name = ? AND id > ?)"
                                        " ORDER BY name, id LIMIT ?"},
    [SQL_FIRM_NAME] = {"search_firm_name", "SELECT name FROM enterprise WHERE id = ?"},
    [SQL_FIRMS_CODE] = {"search_firms_code", FIRM " WHERE uscc LIKE ? ESCAPE '!'"
                                                  " ORDER BY uscc LIMIT ?"},
    [SQL_NUMBER] = {"search_number", "SELECT id FROM certificate WHERE number = ?"},
};

const struct db_area search_area = DB_AREA("search", queries);

/* Reading the text */

static bool dropped(uint32_t point)
{
    /* Blanks and brackets of every kind, and what people put between digits. */
    static const uint32_t points[] = {' ',    '\t',   0xA0,   0x3000, '(',    ')',    '[',   ']',
                                      '<',    '>',    '-',    '_',    0x2010, 0x2013, 0x2014, 0x3008,
                                      0x3009, 0x3010, 0x3011, 0x3014, 0x3015, 0xB7};

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        if (points[i] == point)
            return true;
    return false;
}

/* Half-width and upper case, without blanks and brackets. */
static void plain_text(const char *text, char out[PLAIN_SIZE])
{
    struct text plain;
    uint32_t point;

    text_init_fixed(&plain, out, PLAIN_SIZE);
    while ((point = utf8_next(&text)) != 0 && point != UINT32_MAX) {
        if (point >= 0xFF01 && point <= 0xFF5E)
            point -= 0xFEE0;
        if (point >= 'a' && point <= 'z')
            point = point - 'a' + 'A';
        if (!dropped(point))
            utf8_add(&plain, point);
    }
}

static size_t digits_in(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text >= '0' && *text <= '9';
    return count;
}

static const char *skipped(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? text + length : text;
}

/* Province, 建安 and class may be left out; year and serial may not. */
static bool read_number(const char *plain, const char *province, struct search_wanted *wanted)
{
    enum { TAIL = 11, SERIAL = 7 };
    static const char *const classes[] = {"", "A", "B", "C", "C1", "C2", "C3"};
    const char *text = skipped(skipped(plain, province), "建安");
    size_t length = strlen(text), count = sizeof(classes) / sizeof(classes[0]);
    char year[5];
    int64_t value;

    if (length < TAIL || digits_in(text + length - TAIL) != TAIL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strlen(classes[i]) != length - TAIL || strncmp(text, classes[i], length - TAIL) != 0)
            continue;
        text_format(year, sizeof(year), "%.4s", text + length - TAIL);
        parse_int(year, 0, 9999, &value);
        wanted->year = (int)value;
        parse_int(text + length - SERIAL, 0, 9999999, &value);
        wanted->serial = (uint32_t)value;
        if (*classes[i] && wanted->year > 0)
            certificate_number_make(province, classes[i], wanted->year, wanted->serial,
                                    wanted->number);
        return wanted->year > 0;
    }
    return false;
}

/* Two letters, eight digits, and the rest, which is at least eight. */
static void read_matter(const char *plain, struct search_wanted *wanted)
{
    struct date opened_on;
    enum item item;
    uint64_t id;

    if (strlen(plain) < 18 ||
        !text_format(wanted->matter, sizeof(wanted->matter), "%.10s-%s", plain, plain + 10) ||
        !matter_number_parse(wanted->matter, &item, &opened_on, &id))
        wanted->matter[0] = '\0';
}

static void read_uscc(const char *plain, struct search_wanted *wanted)
{
    size_t length = strlen(plain);

    if (length < USCC_LEAST || length >= USCC_SIZE ||
        strspn(plain, "0123456789ABCDEFGHJKLMNPQRTUWXY") != length)
        return;
    text_copy(wanted->uscc, sizeof(wanted->uscc), plain);
}

static void read_documents(const char *text, struct date today, struct search_wanted *wanted)
{
    if (digits_in(text) < SECRET_DIGITS || *wanted->number || *wanted->identifier ||
        *wanted->matter || uscc_valid(wanted->uscc))
        return;
    for (size_t i = 0; i < SEARCH_DOCUMENTS && document_type_code(i); i++) {
        struct search_document *document = &wanted->document[wanted->documents];

        document->type = document_type_code(i);
        if (document_no_normalise(document->type, text, today, document->no))
            wanted->documents++;
    }
    wanted->secret = wanted->documents > 0;
}

void search_read(struct pool *pool, const struct core *core, const char *text, struct date today,
                 struct search_wanted *wanted)
{
    char plain[PLAIN_SIZE];

    *wanted = (struct search_wanted){.text = text_trim(pool_text(pool, text))};
    plain_text(text, plain);
    read_number(plain, core->policy->province, wanted);
    if (identifier_valid(plain))
        text_copy(wanted->identifier, sizeof(wanted->identifier), plain);
    read_matter(plain, wanted);
    read_uscc(plain, wanted);
    read_documents(wanted->text, today, wanted);
}

/* Looking up */

struct looking {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    const struct search_wanted *wanted;
    struct search_result *result;
};

static int certificates(struct looking *looking, const struct db_query *query,
                        const struct db_value *args, size_t count, struct err *err)
{
    const struct search_wanted *wanted = looking->wanted;
    struct search_certificate *list;
    struct db_rows rows;
    size_t kept = 0;

    if (db_select(looking->db, looking->pool, query, args, count, &rows, err) < 0)
        return -1;
    list = pool_array(looking->pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        struct search_certificate *found = &list[kept];

        certificate_read(row, &found->row);
        found->person_id = db_as_uint(&row[CERTIFICATE_COLUMN_COUNT]);
        found->enterprise_name = db_as_text(&row[CERTIFICATE_COLUMN_COUNT + 1]);
        found->version = (unsigned)db_as_uint(&row[CERTIFICATE_COLUMN_COUNT + 2]);
        /* A class that was given must be that of the number. */
        if (!found->version && *wanted->number && strcmp(wanted->number, found->row.number) != 0)
            continue;
        kept++;
    }
    looking->result->certificates = list;
    looking->result->certificate_count = kept;
    return 0;
}

/* The number with each class that may have been left out. */
static int papers(struct looking *looking, struct err *err)
{
    static const char *const classes[] = {"A", "B", "C", "C1", "C2", "C3"};
    enum { CLASSES = sizeof(classes) / sizeof(classes[0]) };
    const struct search_wanted *wanted = looking->wanted;
    struct db_value args[CLASSES];
    char numbers[CLASSES][NUMBER_SIZE];
    struct search_paper *list;
    struct db_rows rows;

    for (size_t i = 0; i < CLASSES; i++) {
        certificate_number_make(looking->core->policy->province, classes[i], wanted->year,
                                wanted->serial, numbers[i]);
        args[i] = db_text(*wanted->number ? wanted->number : numbers[i]);
    }
    if (db_select(looking->db, looking->pool, &queries[SQL_PAPERS], args, CLASSES, &rows, err) < 0)
        return -1;
    list = pool_array(looking->pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        list[i] = (struct search_paper){.id = db_as_uint(&row[0]),
                                        .person_id = db_as_uint(&row[1]),
                                        .certificate_id = db_as_uint(&row[2]),
                                        .number = db_as_text(&row[3]),
                                        .holder_name = db_as_text(&row[4]),
                                        .enterprise_name = db_as_text(&row[5]),
                                        .valid_until = db_as_date(&row[6])};
    }
    looking->result->papers = list;
    looking->result->paper_count = rows.count;
    return 0;
}

int search_matter(struct db *db, struct pool *pool, const char *number, struct matter *out,
                  struct err *err)
{
    const struct db_value *row;
    int found;

    *out = (struct matter){.id = 0};
    if (!matter_number_parse(number, &out->item, &out->opened_on, &out->id))
        return 0;
    found = db_find(db, pool, &queries[SQL_MATTER],
                    DB_ARGS(db_uint(out->id), db_date(out->opened_on)), &row, err);
    if (found <= 0)
        return found;
    if (item_by_name(db_as_text(&row[0])) != out->item)
        return 0;
    text_copy(out->number, sizeof(out->number), number);
    out->state = db_as_text(&row[1]);
    out->enterprise_id = db_as_uint(&row[2]);
    out->enterprise_name = db_as_text(&row[3]);
    out->person_id = db_as_uint(&row[4]);
    out->holder_name = db_as_text(&row[5]);
    out->opened_ms = db_as_time(&row[6]);
    return 1;
}

static int person_read(struct looking *looking, const struct db_value *row,
                       struct search_person *out, struct err *err)
{
    *out = (struct search_person){.id = db_as_uint(&row[0]),
                                  .name = db_as_text(&row[1]),
                                  .id_type = db_as_text(&row[2]),
                                  .sex = (int)db_as_int(&row[4]),
                                  .birth = db_as_date(&row[5]),
                                  .certificates = db_as_uint(&row[6])};
    return person_id_no_masked(looking->pool, looking->core, db_as_bytes(&row[3]), &out->masked, err);
}

/* Where the next page of a list of names begins: the last name seen. */
static int name_after(struct looking *looking, const struct db_query *query, uint64_t id,
                      const char **name, struct err *err)
{
    const struct db_value *row;
    int found = id ? db_find(looking->db, looking->pool, query, DB_ARGS(db_uint(id)), &row, err) : 0;

    *name = found == 1 ? db_as_text(&row[0]) : "";
    return found < 0 ? -1 : 0;
}

static int names(struct looking *looking, const struct db_query *query,
                 const struct db_query *last, const char *pattern, uint64_t after, size_t limit,
                 struct db_rows *rows, struct err *err)
{
    const char *name;

    if (name_after(looking, last, after, &name, err) < 0)
        return -1;
    return db_select(looking->db, looking->pool, query,
                     DB_ARGS(db_text(pattern), db_text(name), db_text(name), db_uint(after),
                             db_uint(limit + 1)),
                     rows, err);
}

static int people(struct looking *looking, const struct search_pages *pages, struct err *err)
{
    struct search_people *out = &looking->result->people;
    struct search_person *list;
    struct db_rows rows;

    if (names(looking, &queries[SQL_PEOPLE], &queries[SQL_PERSON_NAME],
              person_pattern(looking->pool, looking->wanted->text), pages->people_after,
              pages->limit, &rows, err) < 0)
        return -1;
    list = pool_array(looking->pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        if (person_read(looking, db_row(&rows, i), &list[i], err) < 0)
            return -1;
    out->rows = list;
    out->next = db_page(&rows, pages->limit, &out->count) ? list[pages->limit - 1].id : 0;
    return 0;
}

static struct search_firm *firms_read(struct pool *pool, const struct db_rows *rows)
{
    struct search_firm *list = pool_array(pool, rows->count + 1, sizeof(*list));

    for (size_t i = 0; i < rows->count; i++) {
        const struct db_value *row = db_row(rows, i);

        list[i] = (struct search_firm){db_as_uint(&row[0]), db_as_text(&row[1]),
                                       db_as_text(&row[2]),
                                       strcmp(db_as_text(&row[3]), "local") == 0};
    }
    return list;
}

static int firms(struct looking *looking, const struct search_pages *pages, struct err *err)
{
    struct search_firms *out = &looking->result->firms;
    struct db_rows rows;

    if (*looking->wanted->uscc) {
        if (db_select(looking->db, looking->pool, &queries[SQL_FIRMS_CODE],
                      DB_ARGS(db_text(name_pattern(looking->pool, looking->wanted->uscc)),
                              db_uint(FIRMS_BY_CODE)),
                      &rows, err) < 0)
            return -1;
        if (rows.count > 0) {
            *out = (struct search_firms){firms_read(looking->pool, &rows), rows.count, 0};
            return 0;
        }
    }
    if (names(looking, &queries[SQL_FIRMS], &queries[SQL_FIRM_NAME],
              name_pattern(looking->pool, looking->wanted->text), pages->firms_after,
              pages->limit, &rows, err) < 0)
        return -1;
    struct search_firm *list = firms_read(looking->pool, &rows);
    out->rows = list;
    out->next = db_page(&rows, pages->limit, &out->count) ? list[pages->limit - 1].id : 0;
    return 0;
}

/* What is named whole: at most a few rows each. */
static int named(struct looking *looking, struct err *err)
{
    const struct search_wanted *wanted = looking->wanted;

    if (wanted->year > 0 &&
        (certificates(looking, &queries[SQL_BY_SERIAL],
                      DB_ARGS(db_int(wanted->year), db_uint(wanted->serial)), err) < 0 ||
         papers(looking, err) < 0))
        return -1;
    if (*wanted->identifier &&
        certificates(looking, &queries[SQL_BY_IDENTIFIER], DB_ARGS(db_text(wanted->identifier)),
                     err) < 0)
        return -1;
    if (!*wanted->matter)
        return 0;
    int found = search_matter(looking->db, looking->pool, wanted->matter, &looking->result->matter,
                              err);
    looking->result->matter_found = found == 1;
    return found < 0 ? -1 : 0;
}

int search_all(struct db *db, struct pool *pool, const struct core *core,
               const struct search_wanted *wanted, const struct search_pages *pages,
               struct search_result *result, struct err *err)
{
    struct looking looking = {db, pool, core, wanted, result};

    *result = (struct search_result){0};
    if (*wanted->text == '\0')
        return 0;
    if (!pages->people_only && !pages->firms_only && named(&looking, err) < 0)
        return -1;
    if (!pages->firms_only && people(&looking, pages, err) < 0)
        return -1;
    return pages->people_only ? 0 : firms(&looking, pages, err);
}

int search_certificate_id(struct db *db, struct pool *pool, const char *number, uint64_t *id,
                          struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_NUMBER], DB_ARGS(db_text(number)), &row, err);

    *id = found == 1 ? db_as_uint(&row[0]) : 0;
    return found;
}

int search_documents(struct db *db, struct pool *pool, const struct core *core,
                     const struct actor *actor, const struct search_wanted *wanted,
                     struct search_result *result, struct err *err)
{
    struct looking looking = {db, pool, core, wanted, result};
    struct search_person *list = pool_array(pool, SEARCH_DOCUMENTS, sizeof(*list));
    struct search_people *out = &result->documents;
    struct text detail;

    text_init(&detail, pool, DETAIL_SIZE);
    text_add(&detail, "{\"types\":[");
    *out = (struct search_people){list, 0, 0};
    for (size_t i = 0; i < wanted->documents; i++) {
        const struct search_document *document = &wanted->document[i];
        uint8_t hash[VAULT_HASH_SIZE];
        const struct db_value *row;

        text_printf(&detail, "%s\"%s\"", i ? "," : "", document->type);
        vault_lookup(core->vault, PLACE_PERSON_ID_NO, document->no, hash);
        int found = db_find(db, pool, &queries[SQL_DOCUMENT],
                            DB_ARGS(db_text(document->type), db_bytes(hash, sizeof(hash))), &row,
                            err);
        if (found < 0 || (found == 1 && person_read(&looking, row, &list[out->count++], err) < 0))
            return -1;
    }
    text_printf(&detail, "],\"found\":%zu}", out->count);
    const struct audit_event event = {.actor = *actor,
                                      .action = "search.document",
                                      .object_kind = "person",
                                      .object_id = out->count ? list[0].id : 0,
                                      .detail = detail.data};
    return audit_add(db, pool, core, &event, 1, err);
}
