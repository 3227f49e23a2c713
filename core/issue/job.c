#include "core/issue/job.h"

#include <stdbool.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/audit/audit.h"
#include "core/register/certificate.h"

/* A job tried this often without an answer may be what ends its issuers: it is taken alone, so
 * that it takes no other with it. */
enum { SUSPECT_ATTEMPTS = 3 };

enum { CAUSE_SIZE = 512 + 1 };

/* Pause after the first, second … failed attempt. */
static const int64_t pauses_ms[JOB_ATTEMPTS - 1] = {5000,   15000,  45000, 120000,
                                                    300000, 600000, 600000};

enum {
    SQL_ADD,
    SQL_DUE,
    SQL_LEASE,
    SQL_LEASED,
    SQL_RELEASE,
    SQL_DONE,
    SQL_FAIL,
    SQL_POSTPONE,
    SQL_EXTEND,
    SQL_RETRY,
    SQL_RETRY_SOME,
    SQL_FIND,
    SQL_LIST,
    SQL_DEPTH
};

/* A job and, where its version is the one in force, the certificate whose generation follows. */
#define JOB_AND_CERTIFICATE                                                                        \
    " LEFT JOIN certificate c ON j.kind = 'certificate' AND c.id = j.certificate_id"               \
    " AND c.version = j.version"
#define AGAIN                                                                                      \
    " SET j.state = 'waiting', j.attempts = 0, j.run_at = ?, c.generation = 0"

static const struct db_query queries[] = {
    [SQL_ADD] = {"job_add", "INSERT INTO job (kind, certificate_id, version, proof_id,"
                            " matter_id, enterprise_id, state, run_at, created_at)"
                            " VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?)"},
    [SQL_DUE] = {"job_due", QUEUE_DUE("job")},
    [SQL_LEASE] = {"job_lease", "UPDATE job j FORCE INDEX (PRIMARY)" JOB_AND_CERTIFICATE
                                " SET j.state = 'leased', j.lease = ?, j.owner = ?, j.run_at = ?,"
                                " j.attempts = j.attempts + 1, c.generation = 1"
                                " WHERE j.id IN (" SQL_IDS ") AND j.state IN ('waiting', 'leased')"
                                " AND j.run_at <= ?"},
    [SQL_LEASED] = {"job_leased",
                    "SELECT " JOB_COLUMNS " FROM job j WHERE j.lease = ? AND j.state = 'leased'"
                    " ORDER BY j.id"},
    [SQL_RELEASE] = {"job_release",
                     "UPDATE job j" JOB_AND_CERTIFICATE
                     " SET j.state = 'waiting', j.lease = NULL, j.run_at = ?, c.generation = 0"
                     " WHERE j.state = 'leased' AND j.owner = ?"},
    [SQL_DONE] = {"job_done",
                  "UPDATE job j" JOB_AND_CERTIFICATE
                  " SET j.state = 'done', j.done_at = ?, j.cause = NULL, c.generation = 2"
                  " WHERE j.id = ? AND j.lease = ? AND j.state = 'leased'"},
    [SQL_FAIL] = {"job_fail", "UPDATE job j" JOB_AND_CERTIFICATE
                              " SET j.state = ?, j.run_at = ?, j.cause = ?, c.generation = ?"
                              " WHERE j.id = ? AND j.lease = ? AND j.state = 'leased'"},
    [SQL_POSTPONE] = {"job_postpone",
                      "UPDATE job j" JOB_AND_CERTIFICATE
                      " SET j.state = 'waiting', j.attempts = j.attempts - 1, j.run_at = ?,"
                      " j.cause = ?, c.generation = 0"
                      " WHERE j.id = ? AND j.lease = ? AND j.state = 'leased'"},
    [SQL_EXTEND] = {"job_extend",
                    "UPDATE job SET run_at = ? WHERE lease = ? AND state = 'leased'"},
    [SQL_RETRY] = {"job_retry",
                   "UPDATE job j" JOB_AND_CERTIFICATE AGAIN " WHERE j.id = ? AND j.state = 'failed'"},
    [SQL_RETRY_SOME] = {"job_retry_some",
                        "UPDATE job j FORCE INDEX (PRIMARY)" JOB_AND_CERTIFICATE AGAIN
                        " WHERE j.id IN (" SQL_IDS ") AND j.state = 'failed'"},
    [SQL_FIND] = {"job_find", "SELECT " JOB_COLUMNS " FROM job j"
                              " WHERE j.id = ? AND (j.enterprise_id = ? OR ? = 0)"},
    [SQL_LIST] = {"job_list", "SELECT " JOB_COLUMNS " FROM job j"
                              " WHERE j.state = ? AND j.id > ? ORDER BY j.id LIMIT ?"},
    [SQL_DEPTH] = {"job_depth", QUEUE_DEPTH("job")},
};

const struct db_area job_area = DB_AREA("job", queries);

void job_read(const struct db_value *row, struct job *out)
{
    *out = (struct job){
        .id = db_as_uint(&row[0]),
        .kind = db_as_text(&row[1]),
        .certificate_id = db_as_uint(&row[2]),
        .version = (unsigned)db_as_uint(&row[3]),
        .proof_id = db_as_uint(&row[4]),
        .matter_id = db_as_uint(&row[5]),
        .enterprise_id = db_as_uint(&row[6]),
        .state = db_as_text(&row[7]),
        .attempts = (unsigned)db_as_uint(&row[8]),
        .cause = db_as_text(&row[9]),
        .run_at_ms = db_as_time(&row[10]),
    };
}

static int jobs_select(struct db *db, struct pool *pool, const struct db_query *query,
                       const struct db_value *args, size_t args_count, struct job **jobs,
                       size_t *count, struct err *err)
{
    struct db_rows rows;
    struct job *list;

    if (db_select(db, pool, query, args, args_count, &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        job_read(db_row(&rows, i), &list[i]);
    *jobs = list;
    *count = rows.count;
    return 0;
}

int job_add(struct db *db, const struct job_new *job, int64_t now_ms, struct err *err)
{
    return db_run(db, &queries[SQL_ADD],
                  DB_ARGS(db_text(job->kind), db_uint(job->certificate_id), db_uint(job->version),
                          db_uint(job->proof_id), db_id(job->matter_id),
                          db_uint(job->enterprise_id), db_time(now_ms), db_time(now_ms)),
                  NULL, err);
}

/* Ids of jobs that are due, at most `limit`. A suspect stands alone, or stays for later. */
static int candidates(struct db *db, struct pool *pool, int64_t now_ms, size_t limit,
                      uint64_t ids[LEASE_MAX], size_t *count, struct err *err)
{
    const struct queue_due *due;
    bool alone = false;
    size_t found;

    *count = 0;
    if (queue_due(db, pool, &queries[SQL_DUE], now_ms, limit, &due, &found, err) < 0)
        return -1;
    for (size_t i = 0; i < found && *count < limit && !alone; i++) {
        bool suspect = due[i].attempts >= SUSPECT_ATTEMPTS;

        if (suspect && *count > 0)
            continue;
        alone = suspect;
        ids[(*count)++] = due[i].id;
    }
    return 0;
}

int job_lease(struct db *db, struct pool *pool, const char *owner, int64_t now_ms, int64_t lease_ms,
              size_t limit, uint8_t lease[LEASE_SIZE], const struct job **jobs, size_t *count,
              struct err *err)
{
    const struct queue_claim claim = {owner, now_ms, lease_ms};
    uint64_t ids[LEASE_MAX];
    struct job *list;

    *jobs = NULL;
    if (candidates(db, pool, now_ms, limit < LEASE_MAX ? limit : LEASE_MAX, ids, count, err) < 0)
        return -1;
    if (*count == 0)
        return 0;
    if (queue_take(db, &queries[SQL_LEASE], &claim, ids, *count, lease, err) < 0 ||
        jobs_select(db, pool, &queries[SQL_LEASED], DB_ARGS(db_bytes(lease, LEASE_SIZE)), &list, count,
                    err) < 0)
        return -1;
    *jobs = list;
    return 0;
}

int job_release(struct db *db, const char *owner, int64_t now_ms, struct err *err)
{
    return db_run(db, &queries[SQL_RELEASE], DB_ARGS(db_time(now_ms), db_text(owner)), NULL, err);
}

int job_done(struct db *db, uint64_t id, const uint8_t lease[LEASE_SIZE], int64_t now_ms,
             struct err *err)
{
    return db_change(db, &queries[SQL_DONE],
                  DB_ARGS(db_time(now_ms), db_uint(id), db_bytes(lease, LEASE_SIZE)), err);
}

int job_fail(struct db *db, const struct job *job, const uint8_t lease[LEASE_SIZE],
             const char *cause, int final, int64_t now_ms, struct err *err)
{
    bool last = final || job->attempts >= JOB_ATTEMPTS;
    int64_t pause = last || job->attempts == 0 ? 0 : pauses_ms[job->attempts - 1];
    char text[CAUSE_SIZE];

    queue_cause(text, sizeof(text), cause);
    return db_change(db, &queries[SQL_FAIL],
                  DB_ARGS(db_text(last ? "failed" : "waiting"), db_time(now_ms + pause),
                          db_text(text), db_uint(last ? GENERATION_FAILED : GENERATION_WAITING),
                          db_uint(job->id), db_bytes(lease, LEASE_SIZE)),
                  err);
}

int job_postpone(struct db *db, const struct job *job, const uint8_t lease[LEASE_SIZE],
                 const char *cause, int64_t pause_ms, int64_t now_ms, struct err *err)
{
    char text[CAUSE_SIZE];

    queue_cause(text, sizeof(text), cause);
    return db_change(db, &queries[SQL_POSTPONE],
                  DB_ARGS(db_time(now_ms + pause_ms), db_text(text), db_uint(job->id),
                          db_bytes(lease, LEASE_SIZE)),
                  err);
}

int job_extend(struct db *db, const uint8_t lease[LEASE_SIZE], int64_t until_ms,
               struct err *err)
{
    return db_run(db, &queries[SQL_EXTEND],
                  DB_ARGS(db_time(until_ms), db_bytes(lease, LEASE_SIZE)), NULL, err);
}

int job_retry(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
              uint64_t id, int64_t now_ms, struct err *err)
{
    const struct audit_event event = {
        .actor = *actor, .action = "job.retry", .object_kind = "job", .object_id = id};
    int found = db_change(db, &queries[SQL_RETRY], DB_ARGS(db_time(now_ms), db_uint(id)), err);

    if (found != 1)
        return found;
    return audit_add(db, pool, core, &event, 1, err) < 0 ? -1 : 1;
}

int job_retry_some(struct db *db, const uint64_t *ids, size_t count, int64_t now_ms, struct err *err)
{
    struct db_value args[1 + SQL_IDS_MAX];

    args[0] = db_time(now_ms);
    queries_list(args + 1, ids, count);
    return db_run(db, &queries[SQL_RETRY_SOME], args, 1 + SQL_IDS_MAX, NULL, err);
}

int job_find(struct db *db, struct pool *pool, uint64_t id, uint64_t enterprise_id, struct job *out,
             struct err *err)
{
    const struct db_value firm = db_uint(enterprise_id);
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_uint(id), firm, firm), &row, err);

    if (found == 1)
        job_read(row, out);
    return found;
}

int job_list(struct db *db, struct pool *pool, const char *state, uint64_t after, size_t limit,
             const struct job **jobs, size_t *count, struct err *err)
{
    struct job *list;

    if (jobs_select(db, pool, &queries[SQL_LIST],
                    DB_ARGS(db_text(state), db_uint(after), db_uint(limit)), &list, count, err) < 0)
        return -1;
    *jobs = list;
    return 0;
}

int job_depth(struct db *db, struct pool *pool, int64_t now_ms, struct queue_depth *out,
              struct err *err)
{
    return queue_depth(db, pool, &queries[SQL_DEPTH], now_ms, out, err);
}
