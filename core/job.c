#include "core/job.h"

#include <stdbool.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/audit.h"
#include "core/certificate.h"
#include "core/queries.h"

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
    SQL_FIND,
    SQL_LIST,
    SQL_DEPTH
};

_Static_assert((int)JOB_LEASE_MAX <= (int)SQL_IDS_MAX, "a lease must fit into one list of ids");

#define COLUMNS                                                                                    \
    "j.id, j.kind, j.certificate_id, j.version, j.proof_id, j.matter_id, j.enterprise_id,"         \
    " j.state, j.attempts, j.cause, j.run_at"

/* A job and, where its version is the one in force, the certificate whose generation follows. */
#define JOB_AND_CERTIFICATE                                                                        \
    " LEFT JOIN certificate c ON j.kind = 'certificate' AND c.id = j.certificate_id"               \
    " AND c.version = j.version"

static const struct db_query queries[] = {
    [SQL_ADD] = {"job_add", "INSERT INTO job (kind, certificate_id, version, proof_id,"
                            " matter_id, enterprise_id, state, run_at, created_at)"
                            " VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?)"},
    /* Leases that ran out first; each half reads its first rows from the index. */
    [SQL_DUE] = {"job_due",
                 "(SELECT id, attempts FROM job FORCE INDEX (job_queue)"
                 " WHERE state = 'leased' AND run_at <= ? ORDER BY run_at, id LIMIT ?)"
                 " UNION ALL "
                 "(SELECT id, attempts FROM job FORCE INDEX (job_queue)"
                 " WHERE state = 'waiting' AND run_at <= ? ORDER BY run_at, id LIMIT ?)"},
    /* The compare-and-set: whoever took one meanwhile has moved its run_at on. By primary key
     * only, so that rows of others, and those not yet committed, are not waited for. */
    [SQL_LEASE] = {"job_lease", "UPDATE job j FORCE INDEX (PRIMARY)" JOB_AND_CERTIFICATE
                                " SET j.state = 'leased', j.lease = ?, j.owner = ?, j.run_at = ?,"
                                " j.attempts = j.attempts + 1, c.generation = 1"
                                " WHERE j.id IN (" SQL_IDS ") AND j.state IN ('waiting', 'leased')"
                                " AND j.run_at <= ?"},
    [SQL_LEASED] = {"job_leased",
                    "SELECT " COLUMNS " FROM job j WHERE j.lease = ? AND j.state = 'leased'"
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
                   "UPDATE job j" JOB_AND_CERTIFICATE
                   " SET j.state = 'waiting', j.attempts = 0, j.run_at = ?, c.generation = 0"
                   " WHERE j.id = ? AND j.state = 'failed'"},
    [SQL_FIND] = {"job_find", "SELECT " COLUMNS " FROM job j"
                              " WHERE j.id = ? AND (j.enterprise_id = ? OR ? = 0)"},
    [SQL_LIST] = {"job_list", "SELECT " COLUMNS " FROM job j"
                              " WHERE j.state = ? AND j.id > ? ORDER BY j.id LIMIT ?"},
    [SQL_DEPTH] = {"job_depth", "SELECT"
                                " (SELECT COUNT(*) FROM job WHERE state = 'waiting'),"
                                " (SELECT COUNT(*) FROM job WHERE state = 'leased'),"
                                " (SELECT COUNT(*) FROM job WHERE state = 'failed'),"
                                " (SELECT MIN(run_at) FROM job WHERE state = 'waiting')"},
};

const struct db_area job_area = DB_AREA("job", queries);

static void job_read(const struct db_value *row, struct job *out)
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
                      uint64_t ids[SQL_IDS_MAX], size_t *count, struct err *err)
{
    const struct db_value now = db_time(now_ms), most = db_uint(limit);
    bool alone = false;
    struct db_rows rows;

    *count = 0;
    if (db_select(db, pool, &queries[SQL_DUE], DB_ARGS(now, most, now, most), &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count && *count < limit && !alone; i++) {
        const struct db_value *row = db_row(&rows, i);
        bool suspect = db_as_uint(&row[1]) >= SUSPECT_ATTEMPTS;

        if (suspect && *count > 0)
            continue;
        alone = suspect;
        ids[(*count)++] = db_as_uint(&row[0]);
    }
    return 0;
}

/* The compare-and-set and its arguments, for the transaction around it. */
struct taking {
    struct db *db;
    struct db_value args[SQL_IDS_MAX + 4];
};

static int take(void *context, struct err *err)
{
    struct taking *taking = context;

    return db_run(taking->db, &queries[SQL_LEASE], taking->args,
                  sizeof(taking->args) / sizeof(taking->args[0]), NULL, err);
}

int job_lease(struct db *db, struct pool *pool, const char *owner, int64_t now_ms, int64_t lease_ms,
              size_t limit, uint8_t lease[JOB_LEASE_SIZE], const struct job **jobs, size_t *count,
              struct err *err)
{
    struct taking taking = {.db = db};
    uint64_t ids[SQL_IDS_MAX];
    struct job *list;

    *jobs = NULL;
    random_bytes(lease, JOB_LEASE_SIZE);
    if (candidates(db, pool, now_ms, limit < JOB_LEASE_MAX ? limit : JOB_LEASE_MAX, ids, count, err) <
        0)
        return -1;
    if (*count == 0)
        return 0;
    taking.args[0] = db_bytes(lease, JOB_LEASE_SIZE);
    taking.args[1] = db_text(owner);
    taking.args[2] = db_time(now_ms + lease_ms);
    queries_list(&taking.args[3], ids, *count);
    taking.args[3 + SQL_IDS_MAX] = db_time(now_ms);
    if (db_transact(db, take, &taking, err) < 0 ||
        jobs_select(db, pool, &queries[SQL_LEASED], DB_ARGS(taking.args[0]), &list, count, err) < 0)
        return -1;
    *jobs = list;
    return 0;
}

int job_release(struct db *db, const char *owner, int64_t now_ms, struct err *err)
{
    return db_run(db, &queries[SQL_RELEASE], DB_ARGS(db_time(now_ms), db_text(owner)), NULL, err);
}

/* Runs a statement that changes one job: 1, or 0 when its condition did not hold. */
static int change(struct db *db, const struct db_query *query, const struct db_value *args,
                  size_t count, struct err *err)
{
    uint64_t affected;

    if (db_run(db, query, args, count, &affected, err) < 0)
        return -1;
    return affected > 0; /* with its certificate it counts twice */
}

int job_done(struct db *db, uint64_t id, const uint8_t lease[JOB_LEASE_SIZE], int64_t now_ms,
             struct err *err)
{
    return change(db, &queries[SQL_DONE],
                  DB_ARGS(db_time(now_ms), db_uint(id), db_bytes(lease, JOB_LEASE_SIZE)), err);
}

/* As the column takes it: of its length, and ASCII, wherever the text came from. */
static void cause_copy(char out[CAUSE_SIZE], const char *cause)
{
    size_t i = 0;

    for (; cause[i] && i < CAUSE_SIZE - 1; i++)
        out[i] = cause[i] >= ' ' && cause[i] <= '~' ? cause[i] : '?';
    out[i] = '\0';
}

int job_fail(struct db *db, const struct job *job, const uint8_t lease[JOB_LEASE_SIZE],
             const char *cause, int final, int64_t now_ms, struct err *err)
{
    bool last = final || job->attempts >= JOB_ATTEMPTS;
    int64_t pause = last || job->attempts == 0 ? 0 : pauses_ms[job->attempts - 1];
    char text[CAUSE_SIZE];

    cause_copy(text, cause);
    return change(db, &queries[SQL_FAIL],
                  DB_ARGS(db_text(last ? "failed" : "waiting"), db_time(now_ms + pause),
                          db_text(text), db_uint(last ? GENERATION_FAILED : GENERATION_WAITING),
                          db_uint(job->id), db_bytes(lease, JOB_LEASE_SIZE)),
                  err);
}

int job_postpone(struct db *db, const struct job *job, const uint8_t lease[JOB_LEASE_SIZE],
                 const char *cause, int64_t pause_ms, int64_t now_ms, struct err *err)
{
    char text[CAUSE_SIZE];

    cause_copy(text, cause);
    return change(db, &queries[SQL_POSTPONE],
                  DB_ARGS(db_time(now_ms + pause_ms), db_text(text), db_uint(job->id),
                          db_bytes(lease, JOB_LEASE_SIZE)),
                  err);
}

int job_extend(struct db *db, const uint8_t lease[JOB_LEASE_SIZE], int64_t until_ms,
               struct err *err)
{
    return db_run(db, &queries[SQL_EXTEND],
                  DB_ARGS(db_time(until_ms), db_bytes(lease, JOB_LEASE_SIZE)), NULL, err);
}

struct retrying {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    const struct actor *actor;
    uint64_t id;
    int64_t now_ms;
    int found;
};

static int retry(void *context, struct err *err)
{
    struct retrying *retrying = context;
    struct audit_event event = {.actor = *retrying->actor,
                                .action = "job.retry",
                                .object_kind = "job",
                                .object_id = retrying->id};

    retrying->found = change(retrying->db, &queries[SQL_RETRY],
                             DB_ARGS(db_time(retrying->now_ms), db_uint(retrying->id)), err);
    if (retrying->found <= 0)
        return retrying->found;
    return audit_add(retrying->db, retrying->pool, retrying->core, &event, 1, err);
}

int job_retry(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
              uint64_t id, int64_t now_ms, struct err *err)
{
    struct retrying retrying = {db, pool, core, actor, id, now_ms, 0};

    return db_transact(db, retry, &retrying, err) < 0 ? -1 : retrying.found;
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

int job_depth(struct db *db, struct pool *pool, int64_t now_ms, struct job_depth *out,
              struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_DEPTH], DB_NO_ARGS, &row, err);

    if (found < 0)
        return -1;
    if (found == 0)
        return err_set(err, ERR_DB, 0, "job_depth: no row");
    *out = (struct job_depth){
        .waiting = db_as_uint(&row[0]),
        .leased = db_as_uint(&row[1]),
        .failed = db_as_uint(&row[2]),
    };
    if (out->waiting && db_as_time(&row[3]) < now_ms)
        out->oldest_ms = now_ms - db_as_time(&row[3]);
    return 0;
}
