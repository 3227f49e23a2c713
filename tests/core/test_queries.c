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
#include "core/import/import_kind.h"
#include "core/queries.h"
#include "core/report/statistics.h"
#include "core/upkeep/retention.h"
#include "fcgi/query.h"
#include "tests/core/filled.h"
#include "tests/core/testdb.h"

enum { ARGS_MAX = 256 };

static struct testdb *testdb;

/* Tables that are small by their nature, and what an EXPLAIN calls intermediate results. */
static const char *const small[] = {"audit_head", "preview", "h", "counter", "staff", "cancellation_reason", "s",
                                    "import_stage"};

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
        {"_at < ", instant},         {"_at >= ", instant},        {"CAST(", instant},
        {"made_at >= ", instant},    {"updated_at <> ", instant},
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
static struct db_rows explain_at(struct db *db, const struct db_query *query)
{
    struct db_value args[ARGS_MAX];
    struct db_query wrapped = {query->name, pool_printf(testdb->pool, "EXPLAIN %s", query->sql)};
    struct db_rows rows;
    struct err err = {0};

    if (db_select(db, testdb->pool, &wrapped, args, arguments(query->sql, args), &rows, &err) < 0)
        fail_msg("%s: %s", query->name, err.text);
    return rows;
}

static struct db_rows explain(const struct db_query *query)
{
    /* Each text is a statement of its own; its connection is not kept. */
    struct db *db = testdb_connect(testdb);
    struct db_rows rows = explain_at(db, query);

    db_free(&db);
    return rows;
}

enum { TABLE = 2, TYPE = 3, KEY = 5, EXTRA = 9 };

/* `also` ends with NULL; or is NULL. */
static int is_small(const char *table, const char *const *also)
{
    if (*table == '<')
        return 1;
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
        if (strcmp(table, small[i]) == 0)
            return 1;
    for (; also && *also; also++)
        if (strcmp(table, *also) == 0)
            return 1;
    return 0;
}

static int scans_in(const struct db_query *query, struct db_rows rows, const char *const *also)
{
    int found = 0;

    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        const char *table = db_as_text(&row[TABLE]), *type = db_as_text(&row[TYPE]);

        if ((strcmp(type, "ALL") != 0 && strcmp(type, "index") != 0) || is_small(table, also))
            continue;
        print_error("%s: %s of %s (%s)\n", query->name, type, table, db_as_text(&row[EXTRA]));
        found++;
    }
    return found;
}

static int scans(const struct db_query *query)
{
    return scans_in(query, explain(query), NULL);
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

/* What has had its time is found, and goes, by an index. */
static void test_retention(void **state)
{
    int found = 0;

    (void)state;
    for (size_t i = 0; i < RETENTION_RULES; i++) {
        const struct retention_rule *rule = &retention_rules[i];

        found += scans(&rule->plan);
        if (rule->find.sql)
            found += scans(&rule->find);
        for (size_t s = 0; s < rule->step_count; s++)
            found += scans(&rule->steps[s]);
    }
    assert_int_equal(found, 0);
}

/* Figures are of everything, and read from indexes, but for the registers. */
static void test_figures(void **state)
{
    static const char *const registers[] = {"enterprise", "person", "paper_certificate",
                                            "staff", "audit_head"};
    const struct db_query *query;
    size_t looked = 0, wrong = 0;

    (void)state;
    for (unsigned step = 0; step < statistics_steps(); step++)
        for (size_t n = 0; (query = statistics_statement(step, n)) != NULL; n++, looked++) {
            struct db_rows rows = explain(query);

            for (size_t i = 0; i < rows.count; i++) {
                const struct db_value *row = db_row(&rows, i);
                const char *table = db_as_text(&row[TABLE]);
                bool whole = *table == '<';

                for (size_t r = 0; r < sizeof(registers) / sizeof(registers[0]); r++)
                    whole = whole || strcmp(table, registers[r]) == 0;
                if (whole || strcmp(db_as_text(&row[TYPE]), "ALL") != 0)
                    continue;
                print_error("%s: %s\n", query->name, table);
                wrong++;
            }
        }
    assert_true(looked > 10);
    assert_int_equal(wrong, 0);
}

/* Statements of an import, beside a file of some lines; the list ends with no name. */
static int import_scans(const struct import_kind *kind, const struct db_query *queries,
                        const char *const *also)
{
    static const char lines[] = "INSERT INTO import_stage (line) SELECT seq FROM seq_1_to_60";
    int found = 0;

    for (; queries && queries->name; queries++) {
        struct db *db = testdb_connect(testdb);
        struct err err = {0};

        if (!only_writes(queries)) {
            assert_int_equal(db_script(db, kind->stage, &err), 0);
            assert_int_equal(db_script(db, lines, &err), 0);
            found += scans_in(queries, explain_at(db, queries), also);
        }
        db_free(&db);
    }
    return found;
}

static int import_scan(const struct import_kind *kind, const struct db_query *query,
                       const char *const *also)
{
    const struct db_query list[] = {*query, {NULL, NULL}};

    return import_scans(kind, list, also);
}

/* What a run left is found by one look at a table, which has no index for it: it is seldom taken back. */
static int undo_scans(const struct import_kind *kind, const char *const *own)
{
    const struct import_undo *undo = kind->undo;
    int found = 0;

    for (const struct import_built *built = undo->built; built->said; built++)
        found += import_scan(kind, &built->query, own);
    return found + import_scan(kind, &undo->lock, own) + import_scan(kind, &undo->restore, own) +
           import_scan(kind, &undo->remove, own);
}

/* The lines of a file are looked up in the register one by one. */
static void test_imports(void **state)
{
    static const struct {
        const struct import_kind *kind;
        const char *own[4]; /* x: what no index finds by firm */
    } rows[] = {
        {&import_enterprises, {"enterprise", "e", "x"}},
        {&import_people, {"person", "p"}},
        {&import_paper_certificates, {"paper_certificate", "c"}},
        {&import_exam_results, {"exam_result", "x"}},
        {&import_insurance, {"insurance", "i"}},
        {&import_education, {"education", "d"}},
    };
    /* What staff decided, one by one. */
    static const char *const decided[] = {"person_change", "d", NULL};
    int found = 0;

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        const struct import_kind *kind = rows[k].kind;

        for (size_t i = 0; i < kind->check_count; i++)
            found += import_scan(kind, &kind->checks[i].query, decided);
        for (size_t i = 0; i < kind->merge_count; i++)
            found += import_scan(kind, &kind->merges[i].query, NULL);
        found += import_scans(kind, kind->resolve, NULL) + import_scans(kind, kind->compared, NULL) +
                 import_scans(kind, kind->finishes, NULL) + import_scan(kind, &kind->adds, NULL) +
                 import_scan(kind, &kind->changes, NULL) + undo_scans(kind, rows[k].own);
    }
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
        {"paper_of_person", 0, "paper_certificate_person", "", "temporary"},
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
        {"matter_drafts", 1, "matter_list", "Using index", "filesort"},
        {"matter_certificates", 0, "PRIMARY", "", "filesort"},
        {"matter_certificates_stuck", 0, "matter_certificate_state", "", "filesort"},
        {"matter_certificate_numbers", 0, "PRIMARY", "", "filesort"},
        {"matter_jobs", 0, "job_matter", "Using index", "filesort"},
        {"matter_counts", 0, "matter_certificate_state", "Using index", "filesort"},
        {"matter_findings", 0, "PRIMARY", "", "filesort"},
        {"proposal_list_for_me", 0, "proposal_state", "", "filesort"},
        {"proposal_list_waiting", 0, "proposal_state", "", "filesort"},
        {"proposal_list_mine", 0, "proposal_proposer", "", "filesort"},
        {"proposal_list_over", 0, "PRIMARY", "", "filesort"},
        {"proposal_search", 0, "PRIMARY", "", "filesort"},
        {"proposal_certificates", 0, "PRIMARY", "", "filesort"},
        {"proposal_failed", 0, "matter_certificate_state", "", "filesort"},
        {"task_waiting", 0, "matter_certificate_state", "", "filesort"},
        {"task_left", 0, "matter_certificate_state", "", "filesort"},
        {"proposal_lock_people", 0, "PRIMARY", "", "filesort"},
        {"proposal_lock_certificates", 0, "PRIMARY", "", "filesort"},
        {"hold_list", 0, "hold_matter", "", "filesort"},
        {"sanction_due_count", 1, "certificate_expiry", "", "temporary"},
        {"rename_running", 0, "matter_enterprise", "", "filesort"},
        {"rename_offered", 0, "certificate_name", "Using index", "temporary"},
        {"rename_pending", 0, "PRIMARY", "", "filesort"},
        {"rename_children", 0, "certificate_name", "", "filesort"},
        {"rename_batch", 0, "PRIMARY", "", "filesort"},
        {"rename_again", 2, "matter_certificate_state", "", "filesort"},
        {"task_due", 0, "task_queue", "", "filesort"},
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
    filled(testdb);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_scan_is_seen),
        cmocka_unit_test(test_no_scan),
        cmocka_unit_test(test_retention),
        cmocka_unit_test(test_imports),
        cmocka_unit_test(test_figures),
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
