/* Every statement of domain and web runtime on filled tables: none reads a table from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"
#include "fcgi/query.h"
#include "tests/core/testdb.h"

enum { ROWS = 6000, ARGS_MAX = 256 };

static struct testdb *testdb;

/* Tables that are small by their nature, and what an EXPLAIN calls intermediate results. */
static const char *const small[] = {"audit_head", "preview", "h", "counter", "staff", "cancellation_reason"};

static const char fill_firms[] =
    "INSERT INTO enterprise (id, uscc, name, region, created_at, updated_at)"
    " SELECT seq, LPAD(seq, 18, '0'), CONCAT('测试建筑', seq), 'local', NOW(3), NOW(3)"
    " FROM seq_1_to_6000";
static const char fill_people[] =
    "INSERT INTO person (id, id_type, id_no_hash, id_no_sealed, name, sex, birth, created_at,"
    " updated_at) SELECT seq, '111', UNHEX(SHA2(seq, 256)), 'x', CONCAT('张', seq), 1,"
    " '1980-01-01', NOW(3), NOW(3) FROM seq_1_to_6000";
static const char fill_captures[] =
    "INSERT INTO identity_capture (id, person_id, source, photo_sealed, photo_sha256, width,"
    " height, captured_at) SELECT seq, seq, 'import', 'x', UNHEX(SHA2(seq, 256)), 358, 441, NOW(3)"
    " FROM seq_1_to_6000";
static const char fill_matters[] =
    "INSERT INTO matter (id, item, opened_on, enterprise_id, parent_id, state, items,"
    " opened_by_kind, opened_at, person_id, holder_name, enterprise_name, verify_token)"
    " SELECT seq, ELT(1 + seq MOD 7, 'exchange', 'apply', 'renew', 'transfer', 'rename', 'cancel',"
    "   'departure'),"
    " '2025-03-01' + INTERVAL seq MOD 365 DAY, seq MOD 20, IF(seq MOD 21 = 3, seq - 1, NULL),"
    " ELT(1 + (seq MOD 100 = 0) + (seq MOD 100 = 1) * 2 + (seq MOD 100 = 2) * 3"
    "   + (seq MOD 100 = 3) * 4, 'done', 'draft', 'signing', 'open', 'refused'),"
    " 1, 1, NOW(3), seq, CONCAT('张', seq), CONCAT('测试建筑', seq MOD 20), UNHEX(MD5(seq))"
    " FROM seq_1_to_6000";
static const char fill_certificates[] =
    "INSERT INTO certificate (id, number, issue_year, serial, class, person_id, enterprise_id,"
    " state, version, holder_name, enterprise_name, post, first_issued, valid_from, valid_until,"
    " held_since, generation, created_at, updated_at)"
    " SELECT seq, CONCAT('沪建安B（2020）', LPAD(seq, 7, '0')), 2020, seq, 'B', seq,"
    " seq MOD 20, '01', 1, CONCAT('张', seq),"
    " CONCAT('测试建筑', seq MOD 20 + 1000 * (seq MOD 100 = 10)), '07', '2020-01-01', '2023-01-01',"
    " '2026-03-05' + INTERVAL seq MOD 700 DAY, '2020-01-01', seq MOD 4, NOW(3), NOW(3)"
    " FROM seq_1_to_6000";
static const char fill_versions[] =
    "INSERT INTO certificate_version (certificate_id, version, identifier, verify_token,"
    " enterprise_id, class, holder_name, sex, birth, enterprise_name, post, first_issued,"
    " valid_from, valid_until, issued_on, issuer_name, made_at)"
    " SELECT id, 1, CONCAT('i', id), UNHEX(MD5(id)), enterprise_id, class, holder_name, 1,"
    " '1980-01-01', enterprise_name, post, first_issued, valid_from, valid_until, first_issued,"
    " '机关', NOW(3) FROM certificate";
static const char fill_events[] =
    "INSERT INTO certificate_event (certificate_id, version, action, to_state, enterprise_id,"
    " matter_id, actor_kind, actor_id, happened_at)"
    " SELECT id, 1, 'exchange', '01', enterprise_id, id, 1, 1, NOW(3) FROM certificate";
static const char fill_papers[] =
    "INSERT INTO paper_certificate (id, number, class, person_id, enterprise_id, enterprise_name,"
    " post, first_issued, valid_from, valid_until, held_since, certificate_id, created_at,"
    " updated_at) SELECT id, number, class, person_id, enterprise_id, enterprise_name, post,"
    " first_issued, valid_from, valid_until, held_since, IF(id MOD 2, id, NULL), NOW(3), NOW(3)"
    " FROM certificate";
static const char fill_matter_certificates[] =
    "INSERT INTO matter_certificate (matter_id, certificate_id, version, state)"
    " SELECT IF(id <= 1000, 10, id), id, 1,"
    " ELT(1 + (id MOD 10 = 0) + (id MOD 10 = 1) * 2, 'done', 'waiting', 'failed')"
    " FROM certificate";
static const char fill_findings[] =
    "INSERT INTO matter_finding SELECT m.seq, f.seq, 'x', 'R1', f.seq MOD 2, 'd', 'f', 'a'"
    " FROM seq_1_to_1500 m JOIN seq_1_to_4 f";
static const char fill_imports[] =
    "INSERT INTO import_run (id, kind, file_sha256, file_rows, added, changed, state, taken_at,"
    " run_at, created_at) SELECT seq, ELT(1 + seq MOD 6, 'enterprises', 'people',"
    " 'paper_certificates', 'exam_results', 'insurance', 'education'), UNHEX(SHA2(seq, 256)), 1, 1, 0,"
    " ELT(1 + (seq MOD 100 = 0) + (seq MOD 100 = 1) * 2, 'taken', 'checked', 'receiving'),"
    " '2026-01-01' + INTERVAL seq SECOND, IF(seq MOD 1000, NULL, '2026-03-01' + INTERVAL seq SECOND),"
    " NOW(3) FROM seq_1_to_6000";
static const char fill_import_chunks[] =
    "INSERT INTO import_chunk (import_id, number, data_sealed) SELECT i.seq, c.seq, 'x'"
    " FROM seq_1_to_60 i JOIN seq_0_to_99 c";
static const char fill_import_problems[] =
    "INSERT INTO import_problem (import_id, number, line, said) SELECT i.seq, c.seq, 1, 'x'"
    " FROM seq_1_to_60 i JOIN seq_0_to_99 c";
static const char fill_import_befores[] =
    "INSERT INTO import_before (import_id, row_id) SELECT i.seq, c.seq"
    " FROM seq_1_to_60 i JOIN seq_0_to_99 c";
static const char fill_tasks[] = "INSERT INTO task SELECT seq, '2026-03-01' + INTERVAL seq SECOND"
                                 " FROM seq_1_to_6000";
static const char fill_signatures[] =
    "INSERT INTO form_signature SELECT seq, UNHEX(SHA2(seq, 256)), 'x', 'x', 'x', NOW(3), 'x'"
    " FROM seq_1_to_6000";
static const char fill_boxes[] = "INSERT INTO form_box SELECT seq, 1, 2, 3, 4"
                                 " FROM seq_1_to_6000";
static const char fill_preparations[] =
    "INSERT INTO form_preparation SELECT seq, 'ES256', 'x', '', 'x', UNHEX(SHA2(seq, 256)), NOW(3)"
    " FROM seq_1_to_6000";
static const char fill_proposals[] =
    "INSERT INTO proposal (matter_id, kind, person_id, reason, proposed_by, proposed_at, deadline,"
    " state, decided_by) SELECT seq, IF(seq MOD 2, 'suspend', 'revoke'), seq, 'x', 1, NOW(3),"
    " '2026-03-01', IF(seq MOD 50, 'applied', 'waiting'), IF(seq MOD 50, 2, NULL)"
    " FROM seq_1_to_6000";
static const char fill_proposal_objects[] =
    "INSERT INTO proposal_object SELECT 'certificate', seq, 'suspend', seq FROM seq_1_to_6000";
static const char fill_person_changes[] =
    "INSERT INTO person_change (person_id, field, before_text, after_text, matter_id, changed_at)"
    " SELECT seq, 'name', 'x', 'y', seq, NOW(3) FROM seq_1_to_6000";
static const char fill_holds[] =
    "INSERT INTO hold SELECT 'person', seq, seq, 'CF', 'x', 'x', '2026-03-01', NULL, NOW(3)"
    " FROM seq_1_to_6000";
static const char fill_jobs[] =
    "INSERT INTO job (id, kind, certificate_id, version, matter_id, enterprise_id, state, run_at,"
    " lease, owner, created_at) SELECT id, 'certificate', id, 1, id, enterprise_id,"
    " ELT(1 + (id MOD 100 = 0) + (id MOD 100 = 1) * 2 + (id MOD 100 = 2) * 3,"
    "   'done', 'waiting', 'leased', 'failed'),"
    " '2026-03-01' + INTERVAL id SECOND, UNHEX(MD5(id)), 'host:0', NOW(3) FROM certificate";
static const char fill_intents[] =
    "INSERT INTO seal_intent (job_id, digest, key_id, signed_at, created_at)"
    " SELECT id, UNHEX(SHA2(id, 256)), '0123456789abcdef', NOW(3), NOW(3) FROM job";
static const char fill_documents[] =
    "INSERT INTO document (kind, certificate_id, version, matter_id, enterprise_id, intent_id,"
    " sha256, size, body, created_at) SELECT 'certificate', id, 1, id, enterprise_id, id,"
    " UNHEX(SHA2(id, 256)), 1, 'x', NOW(3) FROM certificate";
static const char fill_sessions[] =
    "INSERT INTO session SELECT UNHEX(SHA2(seq, 256)), 1, seq, 'x', NOW(3), NOW(3),"
    " NOW(3) + INTERVAL seq SECOND, 0 FROM seq_1_to_6000";
static const char fill_tickets[] =
    "INSERT INTO login_ticket SELECT UNHEX(SHA2(seq, 256)), 1, seq, 'x',"
    " NOW(3) + INTERVAL seq SECOND, NULL FROM seq_1_to_6000";
static const char fill_keys[] =
    "INSERT INTO idempotency SELECT 1, seq, 'k', 'r', UNHEX(SHA2(seq, 256)), '',"
    " NOW(3) + INTERVAL seq SECOND FROM seq_1_to_6000";
static const char fill_audit[] =
    "INSERT INTO audit_event SELECT seq MOD 16, seq DIV 16 + 1,"
    " '2026-03-01' + INTERVAL seq SECOND, 1, seq MOD 40, CONCAT('a', seq MOD 40),"
    " ELT(1 + seq MOD 3, 'certificate', 'matter', 'person'), seq MOD 500, seq MOD 300, '',"
    " '', UNHEX(SHA2(seq, 256)) FROM seq_1_to_6000";

static const char fill_exams[] =
    "INSERT INTO exam_result (exam_no, person_id, enterprise_id, class, post, exam_date, score,"
    " passed, created_at) SELECT seq, seq, seq MOD 20, 'B', '07', '2026-01-01', 80, 1, NOW(3)"
    " FROM seq_1_to_6000";
static const char fill_insurance[] = "INSERT INTO insurance SELECT seq, seq MOD 20, '2026-02-01',"
                                     " NOW(3), NULL FROM seq_1_to_6000";
static const char fill_education[] =
    "INSERT INTO education (record_no, person_id, enterprise_id, class, hours, completed_on,"
    " provider, created_at) SELECT seq, seq, seq MOD 20, 'B', 24, '2026-01-01', '', NOW(3)"
    " FROM seq_1_to_6000";
static const char fill_contacts[] =
    "INSERT INTO contact (enterprise_id, channel, events, address_sealed, address_hash, confirmed_at,"
    " created_at, updated_at) SELECT seq, 'mail', 'ready,left', 'x', UNHEX(SHA2(seq, 256)), NOW(3),"
    " NOW(3), NOW(3) FROM seq_1_to_6000";
static const char fill_outbox[] =
    "INSERT INTO outbox (event, event_key, channel, enterprise_id, contact_id, matter_id,"
    " address_sealed, address_hash, state, run_at, lease, created_at)"
    " SELECT ELT(1 + seq MOD 2, 'left', 'confirm'), seq, 'mail', seq MOD 20, seq MOD 20, seq, 'x',"
    " UNHEX(SHA2(seq MOD 20, 256)), ELT(1 + (seq MOD 100 = 0) + (seq MOD 100 = 1) * 2, 'sent',"
    " 'waiting', 'leased'), '2026-03-01' + INTERVAL seq SECOND, UNHEX(MD5(seq)), NOW(3)"
    " FROM seq_1_to_6000";

static const char fill_attachments[] =
    "INSERT INTO attachment (matter_id, kind, name_sealed, type, pages, size, sha256, sent_sha256,"
    " body_sealed, added_by, added_at) SELECT seq, 'letter', 'x', 'application/pdf', 1, 1,"
    " UNHEX(SHA2(seq, 256)), UNHEX(SHA2(seq, 256)), 'x', 1, NOW(3) FROM seq_1_to_6000";
static const char fill_errands[] =
    "INSERT INTO errand (kind, state, run_at, actor_kind, actor_id, ordered_at)"
    " SELECT IF(seq MOD 2, 'audit', 'statistics'), IF(seq MOD 100, 'done', 'waiting'),"
    " '2026-03-01' + INTERVAL seq SECOND, 4, 0, NOW(3) FROM seq_1_to_6000";
static const char fill_statistics[] =
    "INSERT INTO statistic SELECT CONCAT('figure', seq MOD 10), seq DIV 10, '', seq, NULL, NULL"
    " FROM seq_1_to_6000";
static const char fill_statistic_firms[] = "INSERT INTO statistic_firm SELECT seq, seq MOD 500, 1, 1"
                                           " FROM seq_1_to_6000";
static const char fill_notices[] =
    "INSERT INTO notice SELECT seq, 1, 't', 'b', 0, '2020-03-01' + INTERVAL seq HOUR,"
    " '2020-03-09' + INTERVAL seq HOUR, NULL FROM seq_1_to_6000";
static const char fill_notice_revisions[] =
    "INSERT INTO notice_revision SELECT id, 1, title, body, important, valid_from, valid_until, 1,"
    " NOW(3) FROM notice";
static const char fill_staff[] =
    "INSERT INTO staff (login, name, role, created_at) SELECT CONCAT('s', seq), 'x',"
    " IF(seq < 4, 'administrator', 'window'), NOW(3) FROM seq_1_to_6000";
static const char fill_factors[] =
    "INSERT INTO staff_factor (staff_id, kind, label, created_at, confirmed_at)"
    " SELECT seq, 'totp', 'x', NOW(3), NOW(3) FROM seq_1_to_6000";
static const char fill_delays[] =
    "INSERT INTO login_delay SELECT 1, UNHEX(SHA2(seq, 256)), 1,"
    " '2026-03-01' + INTERVAL seq SECOND, NOW(3) FROM seq_1_to_6000";
static const char fill_browsers[] =
    "INSERT INTO known_browser SELECT UNHEX(SHA2(seq, 256)), seq, NOW(3),"
    " '2026-03-01' + INTERVAL seq SECOND FROM seq_1_to_6000";

static const char *const fills[] = {
    fill_staff, fill_factors, fill_delays, fill_browsers,
    fill_firms,    fill_people,       fill_captures,
    fill_matters,  fill_certificates, fill_versions,
    fill_events,   fill_papers,       fill_matter_certificates,
    fill_jobs,     fill_intents,      fill_documents,
    fill_sessions, fill_tickets,      fill_keys,
    fill_audit,    fill_exams,        fill_insurance,
    fill_education, fill_findings,    fill_tasks,
    fill_signatures, fill_boxes,    fill_preparations,
    fill_proposals, fill_proposal_objects, fill_person_changes, fill_holds,
    fill_attachments,
    fill_errands,  fill_statistics,   fill_statistic_firms,
    fill_notices,  fill_notice_revisions,
    fill_contacts,   fill_outbox,
    fill_imports,  fill_import_chunks, fill_import_problems, fill_import_befores,
};

static const char analyze[] =
    "ANALYZE TABLE contact, outbox, enterprise, person, identity_capture, matter, certificate, certificate_version,"
    " certificate_event, paper_certificate, matter_certificate, job, seal_intent, document, "
    "session,"
    " login_ticket, idempotency, audit_event, exam_result, insurance, education,"
    " matter_finding, task, form_signature, form_box, form_preparation, proposal, proposal_object,"
    " person_change, hold,"
    " attachment";
static const char analyze_oversight[] =
    "ANALYZE TABLE import_run, import_chunk, import_problem, import_before, errand, statistic, statistic_firm, notice, notice_revision, staff, staff_factor, login_delay,"
    " known_browser";

/* An argument that fits where it stands, which its statement tells; the first that fits. */
static struct db_value argument(const char *sql, const char *at)
{
    const struct db_value instant = db_time(INT64_C(1772323200000) + 600000); /* 2026-03-01 00:10 */
    const struct db_value day = db_date(testdb_today);
    const struct db_value window = db_date(date_add_days(testdb_today, 89));
    const struct db_value bytes = db_bytes("0123456789abcdef", 16);
    const struct db_value text = db_text("waiting"), name = db_text("测试建筑10");
    const struct db_value valid = db_text("01"), draft = db_text("draft");
    const struct {
        const char *before; /* text in front of the placeholder */
        struct db_value value;
    } places[] = {
        {"run_at > ", instant},      {"owner = ", text},
        {"r.kind = ", db_text("people")},
        {"e.name BETWEEN ", name},  {"e.name BETWEEN ? AND ", db_text("测试建筑11")},
        {"run_at <= ", instant},     {"run_at = ", instant},
        {"seen_at = ", instant},     {"seen_at < ", instant},
        {"used_at = ", instant},     {"expires_at > ", instant},
        {"voided_at = ", instant},   {"disabled_at = ", instant},
        {"tried_at = ", instant},    {"tried_at < ", instant},
        {"until_at = ", instant},    {"login_at = ", instant},
        {"password_at = ", instant}, {"confirmed_at = ", instant},
        {"code_expires_at = ", instant}, {"role = ", db_text("window")},
        {"label = ", text},
        {"done_at = ", instant},     {"expires_at < ", instant},
        {"created_at < ", instant},  {"happened_at >= ", instant},
        {"happened_at <= ", instant}, {"happened_at < ", instant},
        {"valid_until > ", instant}, {"valid_from <= ", instant},
        {"action = ", db_text("a10")}, {"action > ", db_text("a10")}, {"object_kind = ", db_text("certificate")},
        {"identifier = ", db_text("i10")},    {"figure = ", db_text("figure1")},
        {"name > ", name},           {"class LIKE ", db_text("%")},  {"updated_at = ", instant},
        {"state BETWEEN ", text},    {"state BETWEEN ? AND ", text},
        {"valid_until < ", day},     {"valid_until >= ", day},
        {"BETWEEN ", day},           {"BETWEEN ? AND ", window},
        {"opened_on = ", day},       {"opened_on < ", day},
        {"opened_on >= ", day},      {"issue_year = ", db_uint(2020)},
        {"lease = ", bytes},         {"verify_token = ", bytes},
        {"hash = ", bytes},          {"mac = ", bytes},
        {"sha256 = ", bytes},
        {"name <> ", name},          {"name = ", text},
        {"number = ", text},         {"number IN (", text},         {"LIKE ", text},
        {"uscc = ", text},           {"id_type = ", text},
        {"ELT(", db_uint(1)},
        {"login = ", text},          {"location = ", text},
        {"request_key = ", text},    {"owner = ", text},
        {"key_id = ", text},         {"cause = ", text},
        {"code = ", text},           {"item = ", db_text("exchange")},
        {"list = ", db_text("change")}, {"object_kind = ", db_text("certificate")}, {"subject_kind = ", db_text("person")},
        {"kind = ", db_text("form")},
        {"FIND_IN_SET(p.kind, ", db_text("suspend,revoke")},
        {"period_until < ", day},
        {"m.state = ", draft},       {"OR state = ", draft},
        {"version = ? AND state = ", valid}, {"j.state = ", text}, {"o.state = ", db_text("waiting")},
        {" state = ", text},
    };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        size_t length = strlen(places[i].before);

        if ((size_t)(at - sql) >= length && memcmp(at - length, places[i].before, length) == 0)
            return places[i].value;
    }
    return db_uint(10);
}

/* Fixtures number firms by the last digits of ids, so these all belong to firm 10. */
static struct db_value listed(size_t index)
{
    return db_uint(10 + 20 * index);
}

static size_t arguments(const char *sql, struct db_value args[ARGS_MAX])
{
    size_t count = 0;

    for (const char *at = sql; (at = strchr(at, '?')) != NULL; at++) {
        assert_true(count < ARGS_MAX);
        if (at[-1] != ',')
            args[count] = argument(sql, at);
        else
            args[count] = args[count - 1].type == DB_TEXT ? args[count - 1] : listed(count);
        count++;
    }
    return count;
}

/* The rows of EXPLAIN of one statement. */
static struct db_rows explain(const struct db_query *query)
{
    /* Each text is a statement of its own; its connection is not kept. */
    struct db *db = testdb_connect(testdb);
    struct db_value args[ARGS_MAX];
    struct db_query wrapped = {query->name, pool_printf(testdb->pool, "EXPLAIN %s", query->sql)};
    struct db_rows rows;
    struct err err = {0};

    if (db_select(db, testdb->pool, &wrapped, args, arguments(query->sql, args), &rows, &err) < 0)
        fail_msg("%s: %s", query->name, err.text);
    db_free(&db);
    return rows;
}

enum { TABLE = 2, TYPE = 3, KEY = 5, EXTRA = 9 };

static int is_small(const char *table)
{
    if (*table == '<')
        return 1;
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
        if (strcmp(table, small[i]) == 0)
            return 1;
    return 0;
}

static int scans(const struct db_query *query)
{
    struct db_rows rows = explain(query);
    int found = 0;

    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        const char *table = db_as_text(&row[TABLE]), *type = db_as_text(&row[TYPE]);

        if ((strcmp(type, "ALL") != 0 && strcmp(type, "index") != 0) || is_small(table))
            continue;
        print_error("%s: %s of %s (%s)\n", query->name, type, table, db_as_text(&row[EXTRA]));
        found++;
    }
    return found;
}

/* The areas one by one; NULL behind the last. */
static const struct db_area *area_at(size_t n)
{
    if (n == 0)
        return &web_area;
    return queries_areas[n - 1];
}

static const struct db_query *query_named(const char *name)
{
    const struct db_area *area;

    for (size_t a = 0; (area = area_at(a)) != NULL; a++)
        for (size_t i = 0; i < area->count; i++)
            if (strcmp(area->queries[i].name, name) == 0)
                return &area->queries[i];
    fail_msg("no query is named %s", name);
    return NULL;
}

/* The test must be able to fail. */
static void test_a_scan_is_seen(void **state)
{
    static const struct db_query scan = {"scan", "SELECT id FROM certificate WHERE post = ?"};

    (void)state;
    assert_int_equal(scans(&scan), 1);
}

/* INSERT … VALUES, or REPLACE, reads nothing; its EXPLAIN calls that ALL. */
static int only_writes(const struct db_query *query)
{
    return (strncmp(query->sql, "INSERT", 6) == 0 || strncmp(query->sql, "REPLACE", 7) == 0) &&
           strstr(query->sql, "SELECT") == NULL;
}

static void test_no_scan(void **state)
{
    const struct db_area *area;
    int found = 0;
    size_t looked = 0;

    (void)state;
    for (size_t a = 0; (area = area_at(a)) != NULL; a++)
        for (size_t i = 0; i < area->count; i++) {
            const struct db_query *query = &area->queries[i];

            assert_non_null(query->sql);
            looked++;
            if (!only_writes(query))
                found += scans(query);
        }
    assert_true(looked > 60);
    assert_int_equal(found, 0);
}

static void test_names_are_unique(void **state)
{
    const struct db_area *area;

    (void)state;
    for (size_t a = 0; (area = area_at(a)) != NULL; a++)
        for (size_t i = 0; i < area->count; i++)
            assert_ptr_equal(query_named(area->queries[i].name), &area->queries[i]);
}

static void test_served_by_index(void **state)
{
    static const struct {
        const char *query;
        size_t row;
        const char *key, *extra, *never;
    } rows[] = {
        {"certificate_list", 0, "certificate_list", "Using index", "filesort"},
        {"certificate_list_name", 2, "certificate_holder", "Using index", "temporary"},
        {"certificate_list_state", 2, "certificate_state", "Using index", "filesort"},
        {"certificate_list_state", 3, "certificate_state", "Using index", "filesort"},
        {"certificate_list_dates", 0, "certificate_list", "Using index", "filesort"},
        {"certificate_list_generation", 2, "certificate_generation", "Using index", "temporary"},
        {"paper_list", 0, "paper_certificate_waiting", "", "filesort"},
        {"evidence_exams", 0, "exam_result_person", "", "filesort"},
        {"evidence_insurance", 0, "PRIMARY", "", "filesort"},
        {"evidence_education", 0, "education_person", "", "filesort"},
        {"certificate_expiring", 0, "certificate_waiting", "", "filesort"},
        {"certificate_outdated", 1, "certificate_name", "", "filesort"},
        {"change_version", 0, "PRIMARY", "", "filesort"},
        {"change_state", 0, "PRIMARY", "", "filesort"},
        {"facts_certificates", 0, "certificate_person", "", "filesort"},
        {"facts_certificates_named", 0, "certificate_person", "", "filesort"},
        {"facts_certificates_whole", 0, "certificate_person", "", "filesort"},
        {"facts_papers", 0, "paper_certificate_person", "", "filesort"},
        {"audit_log_time", 0, "audit_event_time", "", "filesort"},
        {"audit_log_actor", 0, "audit_event_actor", "", "filesort"},
        {"audit_log_action", 0, "audit_event_action", "", "filesort"},
        {"audit_log_object", 0, "audit_event_object", "", "filesort"},
        {"audit_log_matter", 0, "audit_event_matter", "", "filesort"},
        {"audit_log_next_action", 0, "audit_event_action", "Using index", "filesort"},
        {"search_people", 0, "person_name", "", "filesort"},
        {"search_firms", 0, "enterprise_name", "", "filesort"},
        {"search_serial", 0, "certificate_serial", "", "filesort"},
        {"search_identifier", 0, "certificate_version_identifier", "", "filesort"},
        {"statistics_firms", 0, "statistic_firm_valid", "", "filesort"},
        {"errand_due", 0, "errand_queue", "", "filesort"},
        {"notice_shown", 0, "notice_valid", "", "temporary"},
        {"board_jobs", 5, "job_queue", "", "temporary"},
        {"board_causes", 0, "job_queue", "", "nothing"},
        {"board_tasks", 3, "matter_item", "Using index", "filesort"},
        {"facts_exams", 0, "exam_result_person", "", "filesort"},
        {"facts_education", 0, "education_person", "", "filesort"},
        {"facts_legal", 0, "certificate_post", "", "filesort"},
        {"facts_firm_counted", 1, "certificate_name", "", "filesort"},
        {"filing_pending", 0, "matter_certificate_state", "Using index", "temporary"},
        {"filing_stale", 0, "matter_stale", "", "temporary"},
        {"matter_list", 2, "matter_list", "Using index", "filesort"},
        {"matter_list_all", 0, "matter_list", "", "filesort"},
        {"matter_left", 0, "matter_list", "Using index", "temporary"},
        {"matter_certificates", 0, "PRIMARY", "", "filesort"},
        {"matter_certificate_numbers", 0, "PRIMARY", "", "filesort"},
        {"matter_jobs", 0, "job_matter", "Using index", "filesort"},
        {"matter_counts", 0, "matter_certificate_state", "Using index", "filesort"},
        {"matter_findings", 0, "PRIMARY", "", "filesort"},
        {"proposal_list_for_me", 0, "proposal_state", "", "filesort"},
        {"proposal_list_waiting", 0, "proposal_state", "", "filesort"},
        {"proposal_list_mine", 0, "proposal_proposer", "", "filesort"},
        {"proposal_list_over", 0, "PRIMARY", "", "filesort"},
        {"proposal_search", 0, "PRIMARY", "", "filesort"},
        {"proposal_lock_people", 0, "PRIMARY", "", "filesort"},
        {"proposal_lock_certificates", 0, "PRIMARY", "", "filesort"},
        {"hold_list", 0, "hold_matter", "", "filesort"},
        {"sanction_due_count", 1, "certificate_expiry", "", "temporary"},
        {"rename_running", 0, "matter_enterprise", "", "filesort"},
        {"rename_offered", 0, "certificate_name", "Using index", "temporary"},
        {"rename_pending", 0, "PRIMARY", "", "filesort"},
        {"rename_children", 0, "certificate_name", "", "filesort"},
        {"rename_batch", 0, "matter_certificate_state", "Using index", "filesort"},
        {"rename_again", 2, "matter_certificate_state", "", "filesort"},
        {"task_due", 0, "task_queue", "Using index", "filesort"},
        {"serial_certificate", 0, "certificate_serial", "Using index", "filesort"},
        {"job_due", 0, "job_queue", "", "filesort"},
        {"job_due", 1, "job_queue", "", "filesort"},
        {"audit_chain_read", 1, "PRIMARY", "", "filesort"},
        {"exchange_lock", 0, "PRIMARY", "", "filesort"},
        {"enterprise_waiting", 6, "certificate_generation", "Using index", "filesort"},
        {"enterprise_waiting", 8, "certificate_waiting", "Using index", "filesort"},
        {"outbox_due", 0, "outbox_queue", "", "filesort"},
        {"outbox_due", 1, "outbox_queue", "", "filesort"},
        {"outbox_leased", 0, "outbox_lease", "", "temporary"},
        {"outbox_list_state", 0, "outbox_list", "", "filesort"},
        {"outbox_list", 0, "PRIMARY", "", "filesort"},
        {"outbox_expiring", 0, "certificate_waiting", "", "ALL"},
        {"history_changes", 0, "person_change_person", "", "ALL"},
        {"expiry_due", 0, "certificate_expiry", "", "filesort"},
        {"session_purge", 0, "session_expiry", "", "filesort"},
        {"ticket_purge", 0, "login_ticket_expiry", "", "filesort"},
        {"key_purge", 0, "idempotency_age", "", "filesort"},
        {"housekeeping_sessions", 0, "session_expiry", "", "filesort"},
        {"housekeeping_tickets", 0, "login_ticket_expiry", "", "filesort"},
        {"housekeeping_keys", 0, "idempotency_age", "", "filesort"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct db_rows plan = explain(query_named(rows[i].query));
        const struct db_value *row;

        assert_true(rows[i].row < plan.count);
        row = db_row(&plan, rows[i].row);
        if (strcmp(db_as_text(&row[KEY]), rows[i].key) != 0 ||
            !strstr(db_as_text(&row[EXTRA]), rows[i].extra) ||
            strstr(db_as_text(&row[EXTRA]), rows[i].never))
            fail_msg("%s: %s by %s (%s)", rows[i].query, db_as_text(&row[TABLE]),
                     db_as_text(&row[KEY]), db_as_text(&row[EXTRA]));
    }
}

static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++)
        testdb_sql(testdb, "%s", fills[i]);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"), ROWS);
    testdb_sql(testdb, "%s", analyze);
    testdb_sql(testdb, "%s", analyze_oversight);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_scan_is_seen),
        cmocka_unit_test(test_no_scan),
        cmocka_unit_test(test_served_by_index),
        cmocka_unit_test(test_names_are_unique),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, fill, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
