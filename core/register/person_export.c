#include "core/register/person_export.h"

#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sink.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/bundle.h"
#include "core/core.h"
#include "core/places.h"
#include "core/proposal/capture.h"
#include "core/queries.h"

enum { JSON_MAX = 32 << 20, COLUMNS_MAX = 24, PHOTOS = 1 /* the section of captures */ };

#define HOLDER  " JOIN certificate c ON c.id = "

/* The queries in the order of the sections; each '?' is the person. */
static const struct db_query queries[] = {
    {"export_person", "SELECT id, id_type, id_no_sealed, name, sex, birth, education,"
                      " technical_title, phone_sealed, capture_id, created_at, updated_at"
                      " FROM person WHERE id = ?"},
    {"export_captures", "SELECT id, source, state, LOWER(HEX(photo_sha256)), width, height,"
                        " captured_at, captured_by FROM identity_capture WHERE person_id = ?"
                        " ORDER BY id"},
    {"export_certificates", "SELECT id, number, class, state, version, holder_name, enterprise_name,"
                            " post, first_issued, valid_from, valid_until, held_since, state_reason,"
                            " created_at, updated_at FROM certificate WHERE person_id = ?"},
    {"export_versions", "SELECT c.number, v.version, v.identifier, v.holder_name, v.sex, v.birth,"
                        " v.enterprise_name, v.post, v.first_issued, v.valid_from, v.valid_until,"
                        " v.issued_on, v.issuer_name, v.capture_id, v.made_at, v.voided_at"
                        " FROM certificate_version v" HOLDER "v.certificate_id"
                        " WHERE c.person_id = ? ORDER BY v.certificate_id, v.version"},
    {"export_events", "SELECT c.number, e.version, e.action, e.from_state, e.to_state,"
                      " e.reason_code, e.reason_text, e.matter_id, e.actor_kind, e.happened_at"
                      " FROM certificate_event e" HOLDER "e.certificate_id"
                      " WHERE c.person_id = ? ORDER BY e.id"},
    {"export_documents", "SELECT c.number, d.version, LOWER(HEX(d.sha256)), d.size, d.created_at"
                         " FROM certificate c JOIN document d ON d.kind = 'certificate'"
                         " AND d.certificate_id = c.id WHERE c.person_id = ? ORDER BY d.id"},
    {"export_papers", "SELECT p.number, p.class, e.uscc, p.enterprise_name, p.post, p.first_issued,"
                      " p.valid_from, p.valid_until, p.held_since, p.created_at, p.updated_at"
                      " FROM paper_certificate p JOIN enterprise e ON e.id = p.enterprise_id"
                      " WHERE p.person_id = ?"},
    {"export_exams", "SELECT x.exam_no, e.uscc, x.class, x.post, x.exam_date, x.score, x.passed,"
                     " x.created_at FROM exam_result x JOIN enterprise e ON e.id = x.enterprise_id"
                     " WHERE x.person_id = ?"},
    {"export_insurance", "SELECT e.uscc, i.month, i.created_at FROM insurance i"
                         " JOIN enterprise e ON e.id = i.enterprise_id WHERE i.person_id = ?"},
    {"export_education", "SELECT d.record_no, e.uscc, d.class, d.hours, d.completed_on, d.provider,"
                         " d.created_at FROM education d JOIN enterprise e ON e.id = d.enterprise_id"
                         " WHERE d.person_id = ?"},
    {"export_matters", "SELECT m.id, m.item, m.state, m.opened_on, m.enterprise_name, m.holder_name,"
                       " m.wish, m.reason_code, m.reason_text, m.province, m.opened_at, m.closed_at"
                       " FROM matter m WHERE m.person_id = ?"},
    {"export_findings", "SELECT f.matter_id, f.subject, f.rule, f.passed, f.demand, f.fact, f.advice"
                        " FROM matter m JOIN matter_finding f ON f.matter_id = m.id"
                        " WHERE m.person_id = ?"},
    {"export_proposals", "SELECT matter_id, kind, state, legal_basis, reason, period_from,"
                         " period_until, payload_sealed, proposed_at, decided_at, decision_text"
                         " FROM proposal WHERE person_id = ?"},
    {"export_changes", "SELECT field, before_text, after_text, matter_id, changed_at"
                       " FROM person_change WHERE person_id = ?"},
    {"export_attachments", "SELECT a.matter_id, a.kind, a.name_sealed, a.type, a.pages, a.size,"
                           " LOWER(HEX(a.sha256)), a.added_at FROM matter m"
                           " JOIN attachment a ON a.matter_id = m.id WHERE m.person_id = ?"},
    {"export_holds", "SELECT number, legal_basis, reason, period_from, period_until, placed_at"
                     " FROM hold WHERE subject_kind = 'person' AND subject_id = ?"},
    {"export_audit", "SELECT happened_at, actor_kind, action, detail FROM audit_event"
                     " WHERE object_kind = 'person' AND object_id = ? ORDER BY happened_at"},
    {"export_audit_certificates",
     "SELECT c.number, a.happened_at, a.actor_kind, a.action, a.detail FROM certificate c"
     " JOIN audit_event a ON a.object_kind = 'certificate' AND a.object_id = c.id"
     " WHERE c.person_id = ? ORDER BY a.happened_at"},
};

enum { SECTIONS = sizeof(queries) / sizeof(queries[0]) };

const struct db_area person_export_area = DB_AREA("person_export", queries);

/* Names of the columns, in the order of the query's; a sealed one has its place behind '='. */
static const struct section {
    const char *name;
    const char *columns[COLUMNS_MAX]; /* ends with NULL */
} sections[] = {
    {"person",
     {"id", "id_type", "id_no=" PLACE_PERSON_ID_NO, "name", "sex", "birth", "education",
      "technical_title", "phone=" PLACE_PERSON_PHONE, "photo", "created_at", "updated_at"}},
    {"photos",
     {"id", "source", "state", "sha256", "width", "height", "captured_at", "captured_by"}},
    {"certificates",
     {"id", "number", "class", "state", "version", "holder_name", "enterprise_name", "post",
      "first_issued", "valid_from", "valid_until", "held_since", "state_reason", "created_at",
      "updated_at"}},
    {"certificate_versions",
     {"number", "version", "identifier", "holder_name", "sex", "birth", "enterprise_name", "post",
      "first_issued", "valid_from", "valid_until", "issued_on", "issuer_name", "photo", "made_at",
      "voided_at"}},
    {"certificate_events",
     {"number", "version", "action", "from_state", "to_state", "reason_code", "reason_text",
      "matter", "actor_kind", "happened_at"}},
    {"documents", {"number", "version", "sha256", "size", "created_at"}},
    {"paper_certificates",
     {"number", "class", "uscc", "enterprise_name", "post", "first_issued", "valid_from",
      "valid_until", "held_since", "created_at", "updated_at"}},
    {"exam_results",
     {"exam_no", "uscc", "class", "post", "exam_date", "score", "passed", "created_at"}},
    {"insurance", {"uscc", "month", "created_at"}},
    {"education",
     {"record_no", "uscc", "class", "hours", "completed_on", "provider", "created_at"}},
    {"matters",
     {"id", "item", "state", "opened_on", "enterprise_name", "holder_name", "wish", "reason_code",
      "reason_text", "province", "opened_at", "closed_at"}},
    {"matter_findings", {"matter", "subject", "rule", "passed", "demand", "fact", "advice"}},
    {"proposals",
     {"matter", "kind", "state", "legal_basis", "reason", "period_from", "period_until",
      "payload=" PLACE_PROPOSAL_PAYLOAD, "proposed_at", "decided_at", "decision_text"}},
    {"changes", {"field", "before", "after", "matter", "changed_at"}},
    {"attachments",
     {"matter", "kind", "name=" PLACE_ATTACHMENT_NAME, "type", "pages", "size", "sha256",
      "added_at"}},
    {"holds", {"number", "legal_basis", "reason", "period_from", "period_until", "placed_at"}},
    {"audit", {"happened_at", "actor_kind", "action", "detail"}},
    {"audit_of_certificates", {"number", "happened_at", "actor_kind", "action", "detail"}},
};

_Static_assert((int)SECTIONS == (int)(sizeof(sections) / sizeof(sections[0])),
               "each query has its section");

/* An export under way. */
struct export {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    struct text json;
};

static void put_text(struct text *out, const char *text, size_t length)
{
    text_char(out, '"');
    text_json(out, text, length);
    text_char(out, '"');
}

static void put_plain(struct text *out, const struct db_value *value)
{
    char text[25];

    if (value->type == DB_TEXT) {
        const char *words = db_as_text(value);
        put_text(out, words, strlen(words));
    } else if (value->type == DB_DATE) {
        date_format(db_as_date(value), text);
        put_text(out, text, strlen(text));
    } else if (value->type == DB_TIME) {
        clock_iso(db_as_time(value), text);
        put_text(out, text, strlen(text));
    } else if (value->type == DB_UINT) {
        text_printf(out, "%" PRIu64, db_as_uint(value));
    } else {
        text_printf(out, "%" PRId64, db_as_int(value));
    }
}

static int put_value(struct export *export, const struct db_value *value, const char *place,
                     struct err *err)
{
    struct bytes plain;

    if (value->type == DB_NULL) {
        text_add(&export->json, "null");
        return 0;
    }
    if (!place) {
        put_plain(&export->json, value);
        return 0;
    }
    if (vault_open(export->core->vault, export->pool, place, db_as_bytes(value), &plain, err) < 0)
        return -1;
    put_text(&export->json, (const char *)plain.data, plain.size);
    return 0;
}

static int put_row(struct export *export, const struct section *section, const struct db_value *row,
                   size_t columns, struct err *err)
{
    text_char(&export->json, '{');
    for (size_t i = 0; i < columns; i++) {
        const char *name = section->columns[i], *equals;

        equals = strchr(name, '=');
        text_printf(&export->json, "%s\"%.*s\":", i ? "," : "",
                    (int)(equals ? equals - name : (long)strlen(name)), name);
        if (put_value(export, &row[i], equals ? equals + 1 : NULL, err) < 0)
            return err_context(err, "%s", section->name);
    }
    text_char(&export->json, '}');
    return 0;
}

static size_t names(const struct section *section)
{
    size_t count = 0;

    while (section->columns[count])
        count++;
    return count;
}

static int put_section(struct export *export, size_t at, uint64_t person_id, struct db_rows *rows,
                       struct err *err)
{
    const struct db_value id = db_uint(person_id);

    if (db_select(export->db, export->pool, &queries[at], DB_ARGS(id), rows, err) < 0)
        return -1;
    if (rows->columns != names(&sections[at]))
        err_fatal("%s: columns and their names differ", sections[at].name);
    text_printf(&export->json, ",\n\"%s\":[", sections[at].name);
    for (size_t i = 0; i < rows->count; i++) {
        text_add(&export->json, i ? ",\n" : "\n");
        if (put_row(export, &sections[at], db_row(rows, i), rows->columns, err) < 0)
            return -1;
    }
    text_char(&export->json, ']');
    return 0;
}

static int add_photos(struct export *export, struct bundle *bundle, const struct db_rows *captures,
                      struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    int result = 0;

    for (size_t i = 0; result == 0 && i < captures->count; i++) {
        const struct db_value *row = db_row(captures, i);
        struct bytes jpeg;

        pool_reset(pool);
        result = capture_photo(export->db, pool, export->core, db_as_uint(&row[0]), &jpeg, err);
        if (result <= 0)
            continue;
        result = bundle_add(bundle,
                            &(struct bundle_file){.stem = pool_printf(pool, "photo-%" PRIu64,
                                                                      db_as_uint(&row[0])),
                                                  .ending = ".jpg",
                                                  .body = jpeg,
                                                  .made_ms = db_as_time(&row[6])},
                            err);
    }
    pool_free(&pool);
    return result < 0 ? -1 : 0;
}

static int write_all(struct export *export, uint64_t person_id, int64_t now_ms,
                     const struct sink *sink, struct err *err)
{
    struct db_rows rows, captures = {.count = 0};
    struct bundle *bundle;
    char now[25];

    clock_iso(now_ms, now);
    text_printf(&export->json, "{\"exported_at\":\"%s\"", now);
    for (size_t i = 0; i < SECTIONS; i++) {
        if (put_section(export, i, person_id, &rows, err) < 0)
            return -1;
        if (i == 0 && rows.count == 0)
            return err_set(err, ERR_NOT_FOUND, 0, "no such person");
        if (i == PHOTOS)
            captures = rows;
    }
    text_add(&export->json, "}\n");
    if (export->json.overflow)
        return err_set(err, ERR_LIMIT, 0, "more is known of a person than a JSON can hold");
    bundle = bundle_new(export->pool, sink);
    if (bundle_add(bundle,
                   &(struct bundle_file){
                       .stem = "person",
                       .ending = ".json",
                       .body = {(const uint8_t *)export->json.data, export->json.length},
                       .made_ms = now_ms},
                   err) < 0 ||
        add_photos(export, bundle, &captures, err) < 0)
        return -1;
    return bundle_end(bundle, err);
}

int person_export(struct db *db, const struct core *core, uint64_t person_id, int64_t now_ms,
                  const struct sink *sink, struct err *err)
{
    struct export export = {.db = db, .pool = pool_new(0, 0), .core = core};
    int result;

    text_init(&export.json, export.pool, JSON_MAX);
    result = write_all(&export, person_id, now_ms, sink, err);
    pool_free(&export.pool);
    return result;
}
