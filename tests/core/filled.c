/* Rows for every table, so many that an optimizer minds which way it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/core/filled.h"

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
static const char fill_tasks[] = "INSERT INTO task (matter_id, run_at) SELECT seq, '2026-03-01' + INTERVAL seq SECOND"
                                 " FROM seq_1_to_6000";
static const char fill_signatures[] =
    "INSERT INTO form_signature SELECT seq, UNHEX(SHA2(seq, 256)), 'x', 'x', 'x', NOW(3), 'x'"
    " FROM seq_1_to_6000";
static const char fill_boxes[] = "INSERT INTO form_box SELECT seq, 1, 2, 3, 4"
                                 " FROM seq_1_to_6000";
static const char fill_preparations[] =
    "INSERT INTO form_preparation (matter_id, algorithm, certificate, chain, serial, digest,"
    " prepared_at) SELECT seq, 'ES256', 'x', '', 'x', UNHEX(SHA2(seq, 256)), NOW(3)"
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

void filled(struct testdb *testdb)
{
    for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++)
        testdb_sql(testdb, "%s", fills[i]);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"), FILLED_ROWS);
    testdb_sql(testdb, "%s", analyze);
    testdb_sql(testdb, "%s", analyze_oversight);
}
