/* What belongs to a matter: its certificates, findings and documents. */
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/matter/matter.h"
#include "core/queries.h"
#include "core/rules/rules.h"

enum {
    SQL_CERTIFICATES,
    SQL_STUCK,
    SQL_NUMBERS,
    SQL_CERTIFICATE_ADD,
    SQL_COUNTS,
    SQL_FINDING_ADD,
    SQL_FINDINGS,
    SQL_DOCUMENT,
    SQL_DOCUMENT_HASH
};

/* A twin shows the version that left: what the certificate says now is another firm's. */
#define CERTIFICATE                                                                                \
    "SELECT c.id, c.class, c.number, v.holder_name, c.state,"                                      \
    " IF(c.enterprise_id = ?, c.valid_until, v.valid_until), c.generation, mc.version,"            \
    " mc.state, mc.cause, c.enterprise_id = ?, c.version <> mc.version AND EXISTS (SELECT 1"       \
    "   FROM document d WHERE d.kind = 'certificate' AND d.certificate_id = c.id"                  \
    "   AND d.version = mc.version AND d.proof_id = 0), c.valid_until"                             \
    " FROM matter_certificate mc"
#define JOINED                                                                                     \
    " JOIN certificate c ON c.id = mc.certificate_id"                                              \
    " JOIN certificate_version v ON v.certificate_id = c.id AND v.version = mc.version"            \
    " WHERE mc.matter_id = ?"
#define BY_KEY " AND mc.certificate_id > ? ORDER BY mc.certificate_id LIMIT ?"

static const struct db_query queries[] = {
    [SQL_CERTIFICATES] = {"matter_certificates", CERTIFICATE JOINED BY_KEY},
    [SQL_STUCK] = {"matter_certificates_stuck",
                   CERTIFICATE " FORCE INDEX (matter_certificate_state)" JOINED
                               " AND mc.state = 'failed'" BY_KEY},
    [SQL_NUMBERS] = {"matter_certificate_numbers",
                     "SELECT c.class, c.number FROM matter_certificate mc"
                     " JOIN certificate c ON c.id = mc.certificate_id WHERE mc.matter_id = ?"
                     " ORDER BY mc.certificate_id LIMIT ?"},
    [SQL_CERTIFICATE_ADD] = {"matter_certificate_add",
                             "INSERT INTO matter_certificate (matter_id, certificate_id, version)"
                             " VALUES (?, ?, ?)"},
    [SQL_COUNTS] = {"matter_counts", "SELECT COUNT(IF(state = 'waiting', 1, NULL)),"
                                     " COUNT(IF(state = 'done', 1, NULL)),"
                                     " COUNT(IF(state = 'failed', 1, NULL))"
                                     " FROM matter_certificate WHERE matter_id = ?"},
    [SQL_FINDING_ADD] = {"matter_finding_add",
                         "INSERT INTO matter_finding (matter_id, position, subject, rule, passed,"
                         " demand, fact, advice) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_FINDINGS] = {"matter_findings",
                      "SELECT subject, rule, passed, demand, fact, advice FROM matter_finding"
                      " WHERE matter_id = ? ORDER BY position"},
    [SQL_DOCUMENT_HASH] = {"matter_document_sha256",
                           "SELECT LOWER(HEX(d.sha256)) FROM document d"
                           " WHERE d.kind = ? AND d.certificate_id = 0 AND d.version = 0"
                           " AND d.proof_id = ? AND d.enterprise_id = ?"},
    [SQL_DOCUMENT] = {"matter_document",
                      "SELECT d.id, d.version, d.body, d.sha256 FROM document d"
                      " WHERE d.kind = ? AND d.certificate_id = 0 AND d.version = 0"
                      " AND d.proof_id = ? AND d.enterprise_id = ?"},
};

const struct db_area matter_parts_area = DB_AREA("matter_parts", queries);

/* Of a change of name (core/item/rename.h), and of any task (core/issue/task.h). */
static const struct cause_row {
    const char *cause, *label;
} causes[] = {
    {"left", "证书已转至其他企业"},
    {"pending", "证书正在办理其他事项"},
    {"state", "证书状态已不是有效"},
    {"conflict", "数据与其他记录冲突，多次办理未成功；请联系管理部门处理后重新办理"},
};

const char *matter_cause_label(const char *cause)
{
    for (size_t i = 0; cause && i < sizeof(causes) / sizeof(causes[0]); i++)
        if (strcmp(causes[i].cause, cause) == 0)
            return causes[i].label;
    return "";
}

static int certificates(struct db *db, struct pool *pool, const struct db_query *query,
                        const struct matter *matter, uint64_t after, size_t limit,
                        struct matter_certificate_page *page, struct err *err)
{
    const struct db_value firm = db_uint(matter->enterprise_id);
    struct matter_certificate *list;
    struct db_rows rows;

    if (db_select(db, pool, query,
                  DB_ARGS(firm, firm, db_uint(matter->id), db_uint(after), db_uint(limit + 1)),
                  &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        certificate_read(row, &list[i].certificate);
        row += CERTIFICATE_COLUMN_COUNT;
        list[i].version = (unsigned)db_as_uint(&row[0]);
        list[i].state = db_as_text(&row[1]);
        list[i].cause = db_as_text(&row[2]);
        list[i].ours = db_as_uint(&row[3]);
        list[i].void_document = db_as_uint(&row[4]);
        list[i].ends = db_as_date(&row[5]);
    }
    page->rows = list;
    page->next = db_page(&rows, limit, &page->count) ? list[limit - 1].certificate.id : 0;
    return 0;
}

int matter_certificates(struct db *db, struct pool *pool, const struct matter *matter,
                        uint64_t after, size_t limit, struct matter_certificate_page *page,
                        struct err *err)
{
    return certificates(db, pool, &queries[SQL_CERTIFICATES], matter, after, limit, page, err);
}

int matter_certificates_stuck(struct db *db, struct pool *pool, const struct matter *matter,
                              uint64_t after, size_t limit, struct matter_certificate_page *page,
                              struct err *err)
{
    return certificates(db, pool, &queries[SQL_STUCK], matter, after, limit, page, err);
}

void matter_certificate_numbers_ahead(struct db *db, struct pool *pool, uint64_t matter_id,
                                      size_t limit)
{
    db_ahead(db, pool, &queries[SQL_NUMBERS], DB_ARGS(db_uint(matter_id), db_uint(limit)));
}

int matter_certificate_numbers(struct db *db, struct pool *pool, uint64_t matter_id, size_t limit,
                               const struct certificate **out, size_t *count, struct err *err)
{
    struct certificate *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_NUMBERS], DB_ARGS(db_uint(matter_id), db_uint(limit)),
                  &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        list[i] = (struct certificate){.class_code = db_as_text(&db_row(&rows, i)[0]),
                                       .number = db_as_text(&db_row(&rows, i)[1])};
    *out = list;
    *count = rows.count;
    return 0;
}

int matter_certificate_add(struct db *db, uint64_t matter_id, uint64_t certificate_id,
                           unsigned version, struct err *err)
{
    return db_run(db, &queries[SQL_CERTIFICATE_ADD],
                  DB_ARGS(db_uint(matter_id), db_uint(certificate_id), db_uint(version)), NULL,
                  err);
}

int matter_counts(struct db *db, struct pool *pool, uint64_t matter_id, struct matter_counts *out,
                  struct err *err)
{
    const struct db_value *row;

    if (db_one(db, pool, &queries[SQL_COUNTS], DB_ARGS(db_uint(matter_id)), &row, err) < 0)
        return -1;
    *out = (struct matter_counts){db_as_uint(&row[0]), db_as_uint(&row[1]), db_as_uint(&row[2])};
    return 0;
}

int matter_findings_add(struct db *db, uint64_t matter_id, const char *subject,
                        const struct verdict *verdict, unsigned *position, struct err *err)
{
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];

        if (db_run(db, &queries[SQL_FINDING_ADD],
                   DB_ARGS(db_uint(matter_id), db_uint((*position)++), db_text(subject),
                           db_text(finding->rule), db_uint(finding->passed),
                           db_text(finding->demand), db_text(finding->fact),
                           db_text(finding->advice)),
                   NULL, err) < 0)
            return -1;
    }
    return 0;
}

int matter_findings(struct db *db, struct pool *pool, uint64_t matter_id,
                    const struct matter_finding **out, size_t *count, struct err *err)
{
    struct matter_finding *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_FINDINGS], DB_ARGS(db_uint(matter_id)), &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);

        list[i] = (struct matter_finding){
            .subject = db_as_text(&row[0]),
            .rule = db_as_text(&row[1]),
            .passed = db_as_uint(&row[2]),
            .demand = db_as_text(&row[3]),
            .fact = db_as_text(&row[4]),
            .advice = db_as_text(&row[5]),
        };
    }
    *out = list;
    *count = rows.count;
    return 0;
}

int matter_document(struct db *db, struct pool *pool, uint64_t matter_id, const char *kind,
                    uint64_t enterprise_id, struct document *out, struct err *err)
{
    const struct db_value *row;
    int found =
        db_find(db, pool, &queries[SQL_DOCUMENT],
                DB_ARGS(db_text(kind), db_uint(matter_id), db_uint(enterprise_id)), &row, err);

    if (found != 1)
        return found;
    out->id = db_as_uint(&row[0]);
    out->number = "";
    out->version = (unsigned)db_as_uint(&row[1]);
    return document_read(&row[2], out, err);
}

void matter_document_sha256_ahead(struct db *db, struct pool *pool, uint64_t matter_id,
                                  const char *kind, uint64_t enterprise_id)
{
    db_ahead(db, pool, &queries[SQL_DOCUMENT_HASH],
             DB_ARGS(db_text(kind), db_uint(matter_id), db_uint(enterprise_id)));
}

int matter_document_sha256(struct db *db, struct pool *pool, uint64_t matter_id, const char *kind,
                           uint64_t enterprise_id, char sha256[65], struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_DOCUMENT_HASH],
                        DB_ARGS(db_text(kind), db_uint(matter_id), db_uint(enterprise_id)), &row,
                        err);

    if (found == 1 && !text_copy(sha256, 65, db_as_text(&row[0])))
        return err_set(err, ERR_DB, 0, "document: its hash is too long");
    return found;
}
