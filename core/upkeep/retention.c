#include "core/upkeep/retention.h"

#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/audit/audit.h"
#include "core/queries.h"

enum { ARGS_MAX = 8 };

/* A rule whose one statement finds and deletes. */
#define DIRECT(table, column, where)                                                               \
    .plan = {"retention_plan_" table,                                                              \
             "SELECT COUNT(*), MIN(" column ") FROM " table " WHERE " column " < ?" where},        \
    .steps = (const struct db_query[]){                                                            \
        {"retention_" table, "DELETE FROM " table " WHERE " column " < ?" where                    \
                             " ORDER BY " column " LIMIT 1000"}},                                  \
    .step_count = 1

#define STEPS(...)                                                                                 \
    .steps = (const struct db_query[]){__VA_ARGS__},                                               \
    .step_count = sizeof((const struct db_query[]){__VA_ARGS__}) / sizeof(struct db_query)

/* Matters of firms that came to nothing; those of staff are proposals, and stay. */
#define NOTHING(state)                                                                             \
    " FROM matter WHERE state = '" state "' AND opened_on < CAST(? AS DATE) AND closed_at < ?"     \
    " AND item IN ('exchange', 'apply', 'renew', 'transfer', 'rename', 'cancel', 'departure')"     \
    " AND opened_by_kind = 1"
#define OF_MATTERS(rule, state)                                                                    \
    .plan = {"retention_plan_" rule, "SELECT COUNT(*), MIN(closed_at)" NOTHING(state)},            \
    .find = {"retention_find_" rule,                                                               \
             "SELECT id" NOTHING(state) " ORDER BY opened_on, id LIMIT 100"},                      \
    STEPS({"retention_" rule "_findings",                                                          \
           "DELETE FROM matter_finding WHERE matter_id IN (" SQL_IDS ")"},                         \
          {"retention_" rule "_certificates",                                                      \
           "DELETE FROM matter_certificate WHERE matter_id IN (" SQL_IDS ")"},                     \
          {"retention_" rule "_preparations",                                                      \
           "DELETE FROM form_preparation WHERE matter_id IN (" SQL_IDS ")"},                       \
          {"retention_" rule "_boxes",                                                             \
           "DELETE FROM form_box WHERE matter_id IN (" SQL_IDS ")"},                               \
          {"retention_" rule "_forms",                                                             \
           "DELETE FROM document WHERE kind = 'form' AND certificate_id = 0 AND version = 0"       \
           " AND proof_id IN (" SQL_IDS ")"},                                                      \
          {"retention_" rule "_jobs",                                                              \
           "DELETE FROM job WHERE kind = 'form' AND certificate_id = 0 AND version = 0"            \
           " AND proof_id IN (" SQL_IDS ")"},                                                      \
          {"retention_" rule, "DELETE FROM matter WHERE id IN (" SQL_IDS ")"                       \
                              " AND state = '" state "'"})

/* Photos of people of whom there never was a certificate, on paper or not, and nothing is under way. */
#define PHOTOS                                                                                     \
    " FROM identity_capture i FORCE INDEX (identity_capture_age)"                                  \
    " LEFT JOIN certificate c FORCE INDEX (certificate_person) ON c.person_id = i.person_id"       \
    " LEFT JOIN paper_certificate p FORCE INDEX (paper_certificate_person)"                        \
    "   ON p.person_id = i.person_id"                                                              \
    " LEFT JOIN matter m FORCE INDEX (matter_person) ON m.person_id = i.person_id"                 \
    "   AND m.state IN ('draft', 'signing', 'open')"                                               \
    " WHERE i.captured_at < ? AND c.id IS NULL AND p.id IS NULL AND m.id IS NULL"

/* How a form was made ready, once the form that was signed is there, or the matter came to nothing. */
#define PREPARATIONS                                                                               \
    " FROM form_preparation f JOIN matter m ON m.id = f.matter_id WHERE f.prepared_at < ?"         \
    " AND m.closed_at < ? AND (m.state <> 'done' OR EXISTS (SELECT 1 FROM document d"              \
    "   WHERE d.kind = 'signed' AND d.certificate_id = 0 AND d.version = 0"                        \
    "   AND d.proof_id = f.matter_id))"

/* Scans of what was proposed and not agreed to, or taken back. */
#define SCANS                                                                                      \
    " FROM proposal p FORCE INDEX (proposal_state) JOIN attachment a ON a.matter_id = p.matter_id" \
    " WHERE p.state IN ('refused', 'withdrawn') AND p.decided_at < ?"

/* Imports that have ended: of a file that waits something may still come. */
#define IMPORTS(join)                                                                              \
    " FROM import_run r FORCE INDEX (import_run_state)" join                                       \
    " WHERE r.state IN ('taken', 'unchanged', 'dropped', 'undone') AND r.created_at < ?"

const struct retention_rule retention_rules[RETENTION_RULES] = {
    [RETENTION_SESSIONS] = {.name = "sessions",
                            .key = "Retention.Sessions",
                            .what = "sessions that are over",
                            DIRECT("session", "expires_at", "")},
    [RETENTION_TICKETS] = {.name = "tickets",
                           .key = "Retention.Tickets",
                           .what = "login tickets that are over",
                           DIRECT("login_ticket", "expires_at", "")},
    [RETENTION_KEYS] = {.name = "keys",
                        .key = "Retention.Keys",
                        .what = "keys of forms that were sent",
                        DIRECT("idempotency", "created_at", "")},
    [RETENTION_LOGINS] = {.name = "logins",
                          .key = "Retention.Logins",
                          .what = "counts of logins that failed",
                          DIRECT("login_delay", "tried_at", "")},
    [RETENTION_BROWSERS] = {.name = "browsers",
                            .key = "Retention.Browsers",
                            .what = "browsers of staff that were known",
                            DIRECT("known_browser", "expires_at", "")},
    /* What waits or is under way has not had its time. */
    [RETENTION_OUTBOX] = {.name = "outbox",
                          .key = "Retention.Outbox",
                          .what = "messages that were sent, failed or dropped",
                          DIRECT("outbox", "created_at", " AND state IN ('sent', 'failed', 'dropped')")},
    [RETENTION_CONTACTS] = {.name = "contacts",
                            .key = "Retention.Contacts",
                            .what = "addresses that were never confirmed",
                            DIRECT("contact", "updated_at", " AND confirmed_at IS NULL")},
    [RETENTION_ATTACHMENTS] = {.name = "attachments",
                               .key = "Retention.Attachments",
                               .what = "files handed in for nothing",
                               DIRECT("attachment", "added_at", " AND matter_id IS NULL")},
    [RETENTION_SCANS] = {.name = "scans",
                         .key = "Retention.Scans",
                         .what = "scans of proposals that came to nothing",
                         .plan = {"retention_plan_scans", "SELECT COUNT(*), MIN(p.decided_at)" SCANS},
                         .find = {"retention_find_scans", "SELECT a.id" SCANS " ORDER BY a.id LIMIT 100"},
                         STEPS({"retention_scans", "DELETE FROM attachment WHERE id IN (" SQL_IDS ")"})},
    [RETENTION_PREPARATIONS] =
        {.name = "preparations",
         .key = "Retention.Preparations",
         .what = "how forms were made ready to be signed",
         .plan = {"retention_plan_preparations", "SELECT COUNT(*), MIN(f.prepared_at)" PREPARATIONS},
         .find = {"retention_find_preparations",
                  "SELECT f.matter_id" PREPARATIONS " ORDER BY f.matter_id LIMIT 100"},
         STEPS({"retention_preparations",
                "DELETE FROM form_preparation WHERE matter_id IN (" SQL_IDS ")"})},
    [RETENTION_ABANDONED] = {.name = "abandoned",
                             .key = "Retention.Abandoned",
                             .what = "matters that were taken back",
                             OF_MATTERS("abandoned", "abandoned")},
    [RETENTION_REFUSED] = {.name = "refused",
                           .key = "Retention.Refused",
                           .what = "matters that a rule refused, with what it found",
                           OF_MATTERS("refused", "refused")},
    [RETENTION_PHOTOS] =
        {.name = "photos",
         .key = "Retention.Photos",
         .what = "photos of people who never had a certificate",
         .plan = {"retention_plan_photos", "SELECT COUNT(*), MIN(i.captured_at)" PHOTOS},
         .find = {"retention_find_photos", "SELECT i.id" PHOTOS " ORDER BY i.captured_at, i.id LIMIT 100"},
         STEPS({"retention_photos_in_use",
                "UPDATE identity_capture i STRAIGHT_JOIN person p ON p.id = i.person_id"
                "   AND p.capture_id = i.id"
                " SET p.capture_id = NULL WHERE i.id IN (" SQL_IDS ")"
                " AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.person_id = p.id)"},
               {"retention_photos", "DELETE FROM identity_capture WHERE id IN (" SQL_IDS ")"
                                    " AND NOT EXISTS (SELECT 1 FROM certificate c"
                                    "   WHERE c.person_id = identity_capture.person_id)"})},
    [RETENTION_FAULTS] =
        {.name = "faults",
         .key = "Retention.Faults",
         .what = "mistakes in imported files",
         .plan = {"retention_plan_faults",
                  "SELECT COUNT(*), MIN(r.created_at)" IMPORTS(" JOIN import_problem p ON p.import_id = r.id")},
         .find = {"retention_find_faults",
                  "SELECT r.id" IMPORTS(" JOIN import_problem p ON p.import_id = r.id AND p.number = 1")
                  " ORDER BY r.id LIMIT 100"},
         STEPS({"retention_faults", "DELETE FROM import_problem WHERE import_id IN (" SQL_IDS ")"})},
    [RETENTION_PREVIEWS] =
        {.name = "previews",
         .key = "Retention.Previews",
         .what = "first rows of imported files",
         .plan = {"retention_plan_previews",
                  "SELECT COUNT(*), MIN(r.created_at)" IMPORTS("") " AND r.preview IS NOT NULL"},
         .find = {"retention_find_previews",
                  "SELECT r.id" IMPORTS("") " AND r.preview IS NOT NULL ORDER BY r.id LIMIT 100"},
         STEPS({"retention_previews", "UPDATE import_run SET preview = NULL WHERE id IN (" SQL_IDS ")"})},
    /* One that has ended has its end there. */
    [RETENTION_ERRANDS] = {.name = "errands",
                           .key = "Retention.Errands",
                           .what = "verifications and counts that have ended",
                           DIRECT("errand", "run_at", " AND state IN ('done', 'failed')")},
};

#define REGISTER "the register"
#define BASIS    "what decisions rest on"

const struct retention_table retention_tables[] = {
    {"attachment", "attachments scans", "papers of what two people agreed to"},
    {"audit_event", "", "the audit: its chains have no gap"},
    {"audit_head", "", "the audit: its chains have no gap"},
    {"cancellation_reason", "", "a list that the authority edits"},
    {"certificate", "", REGISTER},
    {"certificate_event", "", REGISTER},
    {"certificate_version", "", REGISTER},
    {"contact", "contacts", "addresses that firms confirmed, until they remove them"},
    {"counter", "", "numbers that are never given again"},
    {"document", "abandoned refused", "what was issued or signed"},
    {"education", "", BASIS},
    {"enterprise", "", REGISTER},
    {"errand", "errands", ""},
    {"exam_result", "", BASIS},
    {"form_box", "abandoned refused", "of forms that were signed"},
    {"form_preparation", "preparations abandoned refused", ""},
    {"form_signature", "", "what firms signed"},
    {"hold", "", "in force; gone once it is released"},
    {"idempotency", "keys", ""},
    {"identity_capture", "photos", "photos of those who have certificates, former ones included"},
    {"import_before", "", "gone when the import can't be taken back any more, in 30 days at most"},
    {"import_chunk", "", "gone when the file is taken or dropped, in 7 days at most"},
    {"import_problem", "faults", ""},
    {"import_run", "previews", "who brought what in, and when"},
    {"insurance", "", BASIS},
    {"job", "abandoned refused", "how each document was made"},
    {"known_browser", "browsers", ""},
    {"login_delay", "logins", ""},
    {"login_ticket", "tickets", ""},
    {"matter", "abandoned refused", "what was done, and what staff proposed"},
    {"matter_certificate", "abandoned refused", "of matters that are kept"},
    {"matter_finding", "abandoned refused", "of matters that are kept"},
    {"notice", "", "what all firms were told"},
    {"notice_revision", "", "what all firms were told"},
    {"outbox", "outbox", "what waits to be sent"},
    {"paper_certificate", "", REGISTER},
    {"person", "", REGISTER},
    {"person_change", "", "what two people decided"},
    {"proposal", "", "what one proposed and another decided"},
    {"proposal_object", "", "while it waits; gone once it is decided"},
    {"schema_migration", "", "what the schema is"},
    {"seal_intent", "", "every signature that was ever made"},
    {"session", "sessions", ""},
    {"staff", "", "who is behind the audit; an account is disabled, not deleted"},
    {"staff_factor", "", "until its owner or an administrator removes it"},
    {"statistic", "", "figures, counted anew every night"},
    {"statistic_firm", "", "figures, counted anew every night"},
    {"task", "", "work in progress; gone once it is done"},
    {NULL, NULL, NULL},
};

enum retention retention_by_name(const char *name)
{
    for (int i = 0; i < RETENTION_RULES; i++)
        if (strcmp(retention_rules[i].name, name) == 0)
            return (enum retention)i;
    return RETENTION_RULES;
}

/* Each placeholder of a statement is the instant. */
static size_t fill(const char *sql, int64_t before_ms, struct db_value args[ARGS_MAX])
{
    size_t count = 0;

    for (; (sql = strchr(sql, '?')) != NULL; sql++) {
        if (count == ARGS_MAX)
            err_fatal("a rule of retention has more than %d placeholders", ARGS_MAX);
        args[count++] = db_time(before_ms);
    }
    return count;
}

static int64_t before(const struct retention_settings *settings, enum retention rule, int64_t now_ms)
{
    return now_ms - settings->days[rule] * DAY_MS;
}

int retention_look(struct db *db, struct pool *pool, const struct retention_settings *settings,
                   enum retention rule, int64_t now_ms, struct retention_plan *plan, struct err *err)
{
    const struct db_query *query = &retention_rules[rule].plan;
    struct db_value args[ARGS_MAX];
    const struct db_value *row;

    *plan = (struct retention_plan){.days = settings->days[rule]};
    if (plan->days == 0)
        return 0;
    size_t count = fill(query->sql, before(settings, rule, now_ms), args);
    if (db_one(db, pool, query, args, count, &row, err) < 0)
        return -1;
    plan->rows = db_as_uint(&row[0]);
    plan->oldest_ms = plan->rows ? db_as_time(&row[1]) : 0;
    return 0;
}

/* A batch, for the transaction around it. */
struct batch {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    const struct actor *actor;
    const struct retention_rule *rule;
    int64_t before_ms;
    uint64_t deleted;
};

static int run_direct(struct batch *batch, struct err *err)
{
    const struct db_query *query = &batch->rule->steps[0];
    struct db_value args[ARGS_MAX];
    size_t count = fill(query->sql, batch->before_ms, args);

    return db_run(batch->db, query, args, count, &batch->deleted, err);
}

static int run_steps(struct batch *batch, struct err *err)
{
    const struct retention_rule *rule = batch->rule;
    struct db_value args[ARGS_MAX], list[SQL_IDS_MAX];
    uint64_t ids[SQL_IDS_MAX];
    struct db_rows rows;
    size_t count = fill(rule->find.sql, batch->before_ms, args);

    if (db_select(batch->db, batch->pool, &rule->find, args, count, &rows, err) < 0)
        return -1;
    if (rows.count == 0)
        return 0;
    for (size_t i = 0; i < rows.count; i++)
        ids[i] = db_as_uint(db_row(&rows, i));
    queries_list(list, ids, rows.count);
    for (size_t i = 0; i < rule->step_count; i++)
        if (db_run(batch->db, &rule->steps[i], list, SQL_IDS_MAX, &batch->deleted, err) < 0)
            return -1;
    return 0;
}

static int run_batch(void *context, struct err *err)
{
    struct batch *batch = context;
    struct audit_event event = {.actor = *batch->actor,
                                .action = "retention.purge",
                                .object_kind = "retention",
                                .object_id = (uint64_t)(batch->rule - retention_rules) + 1};

    pool_reset(batch->pool);
    batch->deleted = 0;
    if ((batch->rule->find.sql ? run_steps(batch, err) : run_direct(batch, err)) < 0)
        return -1;
    if (batch->deleted == 0)
        return 0;
    event.detail = pool_printf(batch->pool, "{\"rule\":\"%s\",\"rows\":%" PRIu64 "}",
                               batch->rule->name, batch->deleted);
    return audit_add(batch->db, batch->pool, batch->core, &event, 1, err);
}

int retention_apply(struct db *db, const struct core *core, const struct actor *actor,
                    const struct retention_settings *settings, enum retention rule, int64_t now_ms,
                    uint64_t *deleted, struct err *err)
{
    struct batch batch = {.db = db,
                          .pool = pool_new(0, 0),
                          .core = core,
                          .actor = actor,
                          .rule = &retention_rules[rule],
                          .before_ms = before(settings, rule, now_ms)};
    int result = 0;

    *deleted = 0;
    if (settings->days[rule] > 0)
        do {
            result = db_transact(db, run_batch, &batch, err);
            *deleted += result == 0 ? batch.deleted : 0;
        } while (result == 0 && batch.deleted > 0);
    pool_free(&batch.pool);
    return result;
}
