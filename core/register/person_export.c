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
#include "core/queries.h"

enum { JSON_MAX = 32 << 20, COLUMNS_MAX = 24 };

#define HOLDER  " JOIN certificate c ON c.id = "

/* The queries in the order of the sections, each '?' the person; then those of the files. */
static const struct db_query queries[] = {
    {"export_person", "SELECT id, id_type, " ID_NO_BOX("person") ", name, sex, birth, education,"
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
    {"export_documents", "SELECT d.id, c.number, d.version, LOWER(HEX(d.sha256)), d.size, d.created_at"
                         " FROM certificate c JOIN document d ON d.kind = 'certificate'"
                         " AND d.certificate_id = c.id WHERE c.person_id = ? ORDER BY d.id"},
    {"export_proofs", "SELECT d.id, d.proof_id, CAST(d.kind AS CHAR), LOWER(HEX(d.sha256)), d.size,"
                      " d.created_at FROM matter m JOIN document d ON d.kind IN ('departure',"
                      " 'cancellation', 'form', 'signed') AND d.certificate_id = 0 AND d.version = 0"
                      " AND d.proof_id = m.id WHERE m.person_id = ? ORDER BY d.id"},
    {"export_signatures", "SELECT s.matter_id, s.signer_name, s.serial, s.signed_at FROM matter m"
                          " JOIN form_signature s ON s.matter_id = m.id WHERE m.person_id = ?"},
    {"export_papers", """SELECT p.number, p.class, e.uscc, p.enterprise_name, p.post, p.first_issued,"
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
    {"export_certificate_matters",
     "SELECT c.number, m.id, m.item, m.state, mc.version, CAST(mc.state AS CHAR), mc.explanation,"
     " m.opened_on, m.closed_at FROM certificate c JOIN matter_certificate mc"
     " ON mc.certificate_id = c.id JOIN matter m ON m.id = mc.matter_id WHERE c.person_id = ?"},
    {"export_certificate_proposals",
     "SELECT c.number, p.matter_id, p.kind, p.state, p.legal_basis, p.reason, p.period_from,"
     " p.period_until, p.proposed_at, p.decided_at, p.decision_text FROM certificate c"
     " JOIN matter_certificate mc ON mc.certificate_id = c.id"
     " JOIN proposal p ON p.matter_id = mc.matter_id WHERE c.person_id = ?"},
    {"export_changes", """SELECT field, before_text, after_text, matter_id, changed_at"
                       " FROM person_change WHERE person_id = ?"},
    {"export_attachments", "SELECT a.id, a.matter_id, a.kind, a.name_sealed, a.type, a.pages, a.size,"
                           " LOWER(HEX(a.sha256)), a.added_at FROM matter m"
                           " JOIN attachment a ON a.matter_id = m.id WHERE m.person_id = ?"},
    {"export_holds", "SELECT number, legal_basis, reason, period_from, period_until, placed_at"
                     " FROM hold WHERE subject_kind = 'person' AND subject_id = ?"},
    {"export_legal_rep", "SELECT e.uscc, e.name, e.legal_rep_name FROM person p"
                         " JOIN enterprise e ON e.legal_rep_id_hash = p.id_no_hash"
                         " AND e.legal_rep_id_type = p.id_type WHERE p.id = ?"},
    {"export_messages", "SELECT o.matter_id, CAST(o.event AS CHAR), CAST(o.channel AS CHAR),"
                        " CAST(o.state AS CHAR), o.created_at, o.sent_at FROM matter m"
                        " JOIN outbox o ON o.matter_id = m.id WHERE m.person_id = ?"},
    {"export_before", "SELECT b.import_id, b.plain, b.person_phone_sealed FROM import_run r"
                      " JOIN import_before b ON b.import_id = r.id WHERE r.kind = 'people'"
                      " AND b.row_id = ?"},
    {"export_audit", "SELECT happened_at, actor_kind, action, detail FROM audit_event"
                     " WHERE object_kind = 'person' AND object_id = ? ORDER BY happened_at"},
    {"export_audit_certificates",
     "SELECT c.number, a.happened_at, a.actor_kind, a.action, a.detail FROM certificate c"
     " JOIN audit_event a ON a.object_kind = 'certificate' AND a.object_id = c.id"
     " WHERE c.person_id = ? ORDER BY a.happened_at"},
    {"export_audit_matters",
     "SELECT a.matter_id, a.happened_at, a.actor_kind, a.action, a.detail FROM matter m"
     " JOIN audit_event a ON a.matter_id = m.id WHERE m.person_id = ? ORDER BY a.happened_at"},
    {"export_photo", "SELECT photo_sealed, captured_at, '.jpg' FROM identity_capture WHERE id = ?"},
    {"export_paper", "SELECT body_sealed, added_at, IF(type = 'application/pdf', '.pdf', '.jpg')"
                     " FROM attachment WHERE id = ?"},
    {"export_pdf", "SELECT body, created_at, '.pdf' FROM document WHERE id = ?"},
};

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
    {"documents", {"id", "number", "version", "sha256", "size", "created_at"}},
    {"proofs", {"id", "matter", "kind", "sha256", "size", "created_at"}},
    {"signatures", {"matter", "signer", "serial", "signed_at"}},
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
    {"matters_of_certificates",
     {"number", "matter", "item", "state", "version", "certificate_state", "explanation", "opened_on",
      "closed_at"}},
    {"proposals_of_certificates",
     {"number", "matter", "kind", "state", "legal_basis", "reason", "period_from", "period_until",
      "proposed_at", "decided_at", "decision_text"}},
    {"changes", {"field", "before", "after", "matter", "changed_at"}},
    {"attachments",
     {"id", "matter", "kind", "name=" PLACE_ATTACHMENT_NAME, "type", "pages", "size", "sha256",
      "added_at"}},
    {"holds", {"number", "legal_basis", "reason", "period_from", "period_until", "placed_at"}},
    {"legal_representative_of", {"uscc", "name", "legal_rep_name"}},
    {"messages", {"matter", "event", "channel", "state", "created_at", "sent_at"}},
    {"before_imports", {"import", "before", "phone=" PLACE_PERSON_PHONE}},
    {"audit", {"happened_at", "actor_kind", "action", "detail"}},
    {"audit_of_certificates", {"number", "happened_at", "actor_kind", "action", "detail"}},
    {"audit_of_matters", {"matter", "happened_at", "actor_kind", "action", "detail"}},
};

enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

/* Sections whose rows, by the id in their first column, are a file each. */
static const struct file_kind {
    const char *section, *stem;
    size_t query;      /* body, when it was made, ending */
    const char *place; /* where the body is sealed; NULL: it is not */
    bool owned;        /* for the person */
} file_kinds[] = {
    {"photos", "photo", SECTIONS, PLACE_CAPTURE_PHOTO, true},
    {"attachments", "paper", SECTIONS + 1, PLACE_ATTACHMENT_BODY, false},
    {"documents", "document", SECTIONS + 2, NULL, false},
    {"proofs", "document", SECTIONS + 2, NULL, false},
};

_Static_assert((int)SECTIONS + 3 == (int)(sizeof(queries) / sizeof(queries[0])),
               "each query has its section, or is of a file");

/* An export under way. */
struct export {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    uint64_t person_id;
    struct text json;
    struct db_rows rows[SECTIONS];
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

/* What is sealed, by the name behind '='; a proposal is its matter's, which stands first in the row. */
static int open_value(struct export *export, const struct db_value *row, const struct db_value *value,
                      const char *place, struct bytes *plain, struct err *err)
{
    const struct vault *vault = export->core->vault;

    if (strcmp(place, PLACE_PERSON_ID_NO) == 0)
        return id_no_open(vault, export->pool, db_as_bytes(value), plain, err);
    if (strcmp(place, PLACE_PROPOSAL_PAYLOAD) == 0)
        place = place_of(export->pool, place, db_as_uint(&row[0]));
    return vault_open(vault, export->pool, place, db_as_bytes(value), plain, err);
}

static int put_value(struct export *export, const struct db_value *row, const struct db_value *value,
                     const char *place, struct err *err)
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
    if (open_value(export, row, value, place, &plain, err) < 0)
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
        if (put_value(export, row, &row[i], equals ? equals + 1 : NULL, err) < 0)
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

static int put_section(struct export *export, size_t at, uint64_t person_id, struct err *err)
{
    const struct db_value id = db_uint(person_id);
    struct db_rows *rows = &export->rows[at];

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

/* 0, also where it is gone meanwhile; -1. */
static int add_file(struct export *export, struct pool *pool, struct bundle *bundle,
                    const struct file_kind *kind, const struct db_value *id, struct err *err)
{
    const char *place = kind->owned ? place_of(pool, kind->place, export->person_id) : kind->place;
    const struct db_value *row;
    struct bytes body;
    int found = db_find(export->db, pool, &queries[kind->query], id, 1, &row, err);

    if (found != 1)
        return found;
    body = db_as_bytes(&row[0]);
    if (place && vault_open(export->core->vault, pool, place, body, &body, err) < 0)
        return err_context(err, "%s", kind->section);
    return bundle_add(bundle,
                      &(struct bundle_file){
                          .stem = pool_printf(pool, "%s-%" PRIu64, kind->stem, db_as_uint(id)),
                          .ending = db_as_text(&row[2]),
                          .body = body,
                          .made_ms = db_as_time(&row[1])},
                      err);
}

/* One file at a time is in memory. */
static int add_files(struct export *export, struct bundle *bundle, size_t section, struct err *err)
{
    const struct file_kind *kind = file_kinds, *end = kind + sizeof(file_kinds) / sizeof(file_kinds[0]);
    struct pool *pool = pool_new(0, 0);
    int result = 0;

    while (kind < end && strcmp(kind->section, sections[section].name) != 0)
        kind++;
    for (size_t i = 0; kind < end && result == 0 && i < export->rows[section].count; i++) {
        pool_reset(pool);
        result = add_file(export, pool, bundle, kind, db_row(&export->rows[section], i), err);
    }
    pool_free(&pool);
    return result;
}

static int write_all(struct export *export, uint64_t person_id, int64_t now_ms,
                     const struct sink *sink, struct err *err)
{
    struct bundle *bundle;
    char now[25];

    clock_iso(now_ms, now);
    text_printf(&export->json, "{\"exported_at\":\"%s\"", now);
    for (size_t i = 0; i < SECTIONS; i++) {
        if (put_section(export, i, person_id, err) < 0)
            return -1;
        if (i == 0 && export->rows[i].count == 0)
            return err_set(err, ERR_NOT_FOUND, 0, "no such person");
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
                   err) < 0)
        return -1;
    for (size_t i = 0; i < SECTIONS; i++)
        if (add_files(export, bundle, i, err) < 0)
            return -1;
    return bundle_end(bundle, err);
}

int person_export(struct db *db, const struct core *core, uint64_t person_id, int64_t now_ms,
                  const struct sink *sink, struct err *err)
{
    struct export export = {.db = db, .pool = pool_new(0, 0), .core = core, .person_id = person_id};
    int result;

    text_init(&export.json, export.pool, JSON_MAX);
    result = write_all(&export, person_id, now_ms, sink, err);
    pool_free(&export.pool);
    return result;
}
