/* How figures are counted: whole indexes, a statement for each set. */
#include "core/report/statistics.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "core/core.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { STATEMENTS = 10, ARGS = 4 };

#define PUT           "INSERT INTO statistic (figure, bucket, part, value) SELECT "
#define PUT_DURATIONS "INSERT INTO statistic (figure, bucket, part, value, median_ms, p90_ms) SELECT "
#define MONTH(day)    "DATE_FORMAT(" day ", '%Y-%m')"
/* Instants are in UTC; a day begins in Shanghai. */
#define LOCAL(at) "(" at " + INTERVAL 8 HOUR)"

/* The nearest rank: the first that at least so many of `c` are not behind. */
#define RANKS " COUNT(*), MIN(IF(n >= c * 0.5, ms, NULL)), MIN(IF(n >= c * 0.9, ms, NULL)) FROM (SELECT "
#define RANKED(by, from, until)                                                                    \
    by " AS bucket, TIMESTAMPDIFF(MICROSECOND, " from ", " until ") DIV 1000 AS ms,"               \
       " ROW_NUMBER() OVER (PARTITION BY " by " ORDER BY TIMESTAMPDIFF(MICROSECOND, " from ", "    \
       until ")) AS n, COUNT(*) OVER (PARTITION BY " by ") AS c"
#define MATTERS                                                                                    \
    " FROM matter FORCE INDEX (matter_closed) WHERE closed_at >= ? AND state = 'done') t"          \
    " GROUP BY bucket"
#define JOBS " FROM job FORCE INDEX (job_done) WHERE done_at >= ?) t GROUP BY bucket"

/* What a statement is told, in the order of its placeholders. */
enum told { TODAY = 1, LAST_MONTH_END, EVENTS_FROM, REFUSALS_FROM, DURATIONS_FROM, WINDOW_END };

struct statement {
    struct db_query query;
    enum told told[ARGS]; /* ends with 0 */
};

static const struct set {
    const char *figure;
    struct statement statements[STATEMENTS]; /* ends with no name */
} sets[FIGURE_COUNT] = {
    [FIGURE_REGISTER] =
        {"register",
         {
             {{"count_enterprises", PUT "'register', 'enterprises', region, COUNT(*)"
                                        " FROM enterprise GROUP BY region"}, {0}},
             {{"count_people", PUT "'register', 'people', IF(capture_id IS NULL, 'without photo',"
                                   " 'with photo') AS p, COUNT(*) FROM person GROUP BY p"}, {0}},
             {{"count_papers", PUT "'register', 'paper certificates', IF(certificate_id IS NULL,"
                                   " 'to exchange', 'exchanged') AS p, COUNT(*)"
                                   " FROM paper_certificate GROUP BY p"}, {0}},
             {{"count_documents", PUT "'register', 'documents', kind, COUNT(*) FROM document"
                                      " FORCE INDEX (document_subject) GROUP BY kind"}, {0}},
             {{"count_jobs", PUT "'register', 'jobs', state, COUNT(*) FROM job"
                                 " FORCE INDEX (job_queue) GROUP BY state"}, {0}},
             {{"count_matters", PUT "'register', 'matters', item, COUNT(*) FROM matter"
                                    " FORCE INDEX (matter_item) GROUP BY item"}, {0}},
             {{"count_audit", PUT "'register', 'audit events', '', SUM(sequence)"
                                  " FROM audit_head"}, {0}},
             {{"count_staff", PUT "'register', 'staff', role, COUNT(*) FROM staff"
                                  " WHERE disabled_at IS NULL GROUP BY role"}, {0}},
         }},
    /* The index of lists has all it takes, and not the table's width. */
    [FIGURE_CERTIFICATES] =
        {"certificates",
         {{{"count_certificates",
            PUT "'certificates', class, IF(state = '01' AND valid_until < ?, '05', state) AS s,"
                " COUNT(*) FROM certificate FORCE INDEX (certificate_list) GROUP BY class, s"},
           {TODAY}}}},
    [FIGURE_EXPIRING] =
        {"expiring",
         {{{"count_expiring",
            PUT "'expiring', " MONTH("valid_until") " AS m, class, COUNT(*)"
                " FROM certificate FORCE INDEX (certificate_list)"
                " WHERE state = '01' AND valid_until BETWEEN ? AND ? GROUP BY m, class"},
           {TODAY, LAST_MONTH_END}}}},
    [FIGURE_EVENTS] =
        {"events",
         {{{"count_events",
            PUT "'events', " MONTH(LOCAL("happened_at")) " AS m, action, COUNT(*)"
                " FROM certificate_event FORCE INDEX (certificate_event_time)"
                " WHERE happened_at >= ? GROUP BY m, action"},
           {EVENTS_FROM}}}},
    /* Events and certificates are looked up nearly in the order in which they were written. */
    [FIGURE_ISSUED] =
        {"issued",
         {{{"count_issued",
            PUT "'issued', " MONTH(LOCAL("v.happened_at")) " AS m, c.class, COUNT(*)"
                " FROM certificate_event v FORCE INDEX (certificate_event_time)"
                " STRAIGHT_JOIN certificate c ON c.id = v.certificate_id"
                " WHERE v.happened_at >= ? AND v.action IN ('exchange', 'issue', 'legal')"
                " GROUP BY m, c.class"},
           {EVENTS_FROM}}}},
    [FIGURE_PENDING] =
        {"pending",
         {
             {{"count_pending_documents",
               PUT "'pending', 'document', state, COUNT(*) FROM job FORCE INDEX (job_queue)"
                   " WHERE state IN ('waiting', 'leased', 'failed') GROUP BY state"}, {0}},
             {{"count_pending_papers",
               PUT "'pending', 'paper', IF(valid_until >= ?, 'valid', 'expired') AS p, COUNT(*)"
                   " FROM paper_certificate FORCE INDEX (paper_certificate_waiting)"
                   " WHERE certificate_id IS NULL GROUP BY p"}, {TODAY}},
             {{"count_pending_matters",
               PUT "'pending', item, state, COUNT(*) FROM matter FORCE INDEX (matter_stale)"
                   " WHERE state IN ('draft', 'signing', 'open') GROUP BY item, state"}, {0}},
         }},
    [FIGURE_REFUSALS] =
        {"refusals",
         {{{"count_refusals",
            PUT "'refusals', " MONTH("m.opened_on") " AS o, f.rule, COUNT(DISTINCT m.id)"
                " FROM matter m FORCE INDEX (matter_stale)"
                " JOIN matter_finding f ON f.matter_id = m.id AND f.passed = 0"
                " WHERE m.state = 'refused' AND m.opened_on >= ? GROUP BY o, f.rule"},
           {REFUSALS_FROM}}}},
    [FIGURE_MATTER_ITEMS] =
        {"matter_items",
         {{{"count_matter_items", PUT_DURATIONS "'matter_items', bucket, ''," RANKS
                                  RANKED("item", "opened_at", "closed_at") MATTERS},
           {DURATIONS_FROM}}}},
    [FIGURE_MATTER_DAYS] =
        {"matter_days",
         {{{"count_matter_days", PUT_DURATIONS "'matter_days', bucket, ''," RANKS
                                 RANKED("DATE(" LOCAL("closed_at") ")", "opened_at", "closed_at")
                                 MATTERS},
           {DURATIONS_FROM}}}},
    [FIGURE_JOB_KINDS] =
        {"job_kinds",
         {{{"count_job_kinds",
            PUT_DURATIONS "'job_kinds', bucket, ''," RANKS RANKED("kind", "created_at", "done_at") JOBS},
           {DURATIONS_FROM}}}},
    [FIGURE_JOB_DAYS] =
        {"job_days",
         {{{"count_job_days", PUT_DURATIONS "'job_days', bucket, ''," RANKS
                              RANKED("DATE(" LOCAL("done_at") ")", "created_at", "done_at") JOBS},
           {DURATIONS_FROM}}}},
};

/* Behind the figures one step more: by firm. */
enum { SQL_CLEAR, SQL_FIRMS_CLEAR, SQL_FIRMS };

static const struct db_query queries[] = {
    [SQL_CLEAR] = {"statistics_clear", "DELETE FROM statistic WHERE figure = ?"},
    [SQL_FIRMS_CLEAR] = {"statistics_firms_clear", "DELETE FROM statistic_firm"},
    [SQL_FIRMS] = {"statistics_firms_count",
                   "INSERT INTO statistic_firm (enterprise_id, valid, expiring, other)"
                   " SELECT enterprise_id, SUM(state = '01' AND valid_until >= ?),"
                   " SUM(state = '01' AND valid_until BETWEEN ? AND ?),"
                   " SUM(NOT (state = '01' AND valid_until >= ?))"
                   " FROM certificate FORCE INDEX (certificate_list) GROUP BY enterprise_id"},
};

const char *figure_name(enum figure figure)
{
    return sets[figure].figure;
}

unsigned statistics_steps(void)
{
    return FIGURE_COUNT + 1;
}

const struct db_query *statistics_statement(unsigned step, size_t n)
{
    if (step == FIGURE_COUNT)
        return n == 0 ? &queries[SQL_FIRMS] : NULL;
    const struct db_query *query = n < STATEMENTS ? &sets[step].statements[n].query : NULL;
    return query && query->name ? query : NULL;
}

struct counting {
    struct db *db;
    unsigned step;
    struct date today;
    const struct policy *policy;
};

static struct date month_first(struct date day)
{
    day.day = 1;
    return day;
}

static struct db_value day_begins(struct date day)
{
    return db_time(date_begins_ms(day));
}

static struct db_value told_value(const struct counting *counting, enum told told)
{
    struct date month = month_first(counting->today);

    switch (told) {
    case TODAY:
        return db_date(counting->today);
    case LAST_MONTH_END:
        return db_date(date_add_days(date_add_months(month, STATISTICS_MONTHS), -1));
    case EVENTS_FROM:
        return day_begins(date_add_months(month, 1 - STATISTICS_MONTHS));
    case REFUSALS_FROM:
        return db_date(date_add_months(month, 1 - STATISTICS_REFUSAL_MONTHS));
    case DURATIONS_FROM:
        return day_begins(date_add_days(counting->today, 1 - STATISTICS_DAYS));
    case WINDOW_END:
        /* The window's last day is the certificate's last. */
        return db_date(date_add_days(counting->today, (int)counting->policy->renew_days - 1));
    }
    err_fatal("a figure is told what nobody knows");
}

static int count_firms(const struct counting *counting, struct err *err)
{
    const struct db_value today = told_value(counting, TODAY);
    const struct db_value window = told_value(counting, WINDOW_END);

    if (db_run(counting->db, &queries[SQL_FIRMS_CLEAR], DB_NO_ARGS, NULL, err) < 0)
        return -1;
    return db_run(counting->db, &queries[SQL_FIRMS], DB_ARGS(today, today, window, today), NULL,
                  err);
}

static int count(void *context, struct err *err)
{
    const struct counting *counting = context;

    if (counting->step == FIGURE_COUNT)
        return count_firms(counting, err);
    const struct set *set = &sets[counting->step];
    if (db_run(counting->db, &queries[SQL_CLEAR], DB_ARGS(db_text(set->figure)), NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < STATEMENTS && set->statements[i].query.name; i++) {
        const struct statement *statement = &set->statements[i];
        struct db_value args[ARGS];
        size_t told = 0;

        for (; told < ARGS && statement->told[told]; told++)
            args[told] = told_value(counting, statement->told[told]);
        if (db_run(counting->db, &statement->query, args, told, NULL, err) < 0)
            return -1;
    }
    return 0;
}

int statistics_count(struct db *db, unsigned step, struct date today, const struct policy *policy,
                     struct err *err)
{
    struct counting counting = {db, step, today, policy};

    if (step >= statistics_steps())
        err_fatal("statistics have no step %u", step);
    return db_transact(db, count, &counting, err);
}
