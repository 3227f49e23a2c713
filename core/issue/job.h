/*
 * Jobs: documents waiting to be made, handed out by lease (core/queue.h).
 *
 * All job state changes that belong to a document happen in the transaction that stores the document.
 */
#ifndef ECERT_CORE_ISSUE_JOB_H
#define ECERT_CORE_ISSUE_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "core/queue.h"

struct actor;
struct core;
struct db;
struct err;
struct pool;

enum { JOB_ATTEMPTS = 8 };

struct job {
    uint64_t id;
    const char *kind;   /* "certificate" "departure" "cancellation" "form" */
    uint64_t certificate_id;
    unsigned version;
    uint64_t proof_id;  /* of a matter's own document: the matter; else 0 */
    uint64_t matter_id;
    uint64_t enterprise_id;
    const char *state;  /* waiting leased done failed */
    unsigned attempts;
    const char *cause;
    int64_t run_at_ms;
};

/* What a new job is to make. */
struct job_new {
    const char *kind;
    uint64_t certificate_id;
    unsigned version;
    uint64_t proof_id;
    uint64_t matter_id;
    uint64_t enterprise_id;
};
/* Inserts a job inside the present transaction. 0/-1. */
int job_add(struct db *db, const struct job_new *job, int64_t now_ms, struct err *err);

/* Takes up to `limit` (at most LEASE_MAX) due jobs for `lease_ms`; they come back in the pool, all under
 * *lease. A job that was tried often without an answer is taken alone; one that had all its
 * attempts so comes back once more, with more than JOB_ATTEMPTS of them, to be failed unseen. Not
 * inside a transaction. 0/-1. */
int job_lease(struct db *db, struct pool *pool, const char *owner, int64_t now_ms,
              int64_t lease_ms, size_t limit, uint8_t lease[LEASE_SIZE],
              const struct job **jobs, size_t *count, struct err *err);
/* Gives back what `owner` (this host and slot) still held when it died. 0/-1. */
int job_release(struct db *db, const char *owner, int64_t now_ms, struct err *err);
/* Inside the transaction that stores the document; the certificate's generation follows. 1, or 0
 * when the lease is not ours any more. */
int job_done(struct db *db, uint64_t id, const uint8_t lease[LEASE_SIZE], int64_t now_ms,
             struct err *err);
/* A failed attempt: waits again after a growing pause, or fails for good after JOB_ATTEMPTS (or
 * at once when `final`). The certificate's generation follows. The cause is English, without
 * personal data, and cut to what the table holds. 1/0/-1 as job_done. */
int job_fail(struct db *db, const struct job *job, const uint8_t lease[LEASE_SIZE],
             const char *cause, int final, int64_t now_ms, struct err *err);
/* An attempt that does not count, because what it lacked is somebody else's: waits again for so long.
 * The cause as with job_fail. 1/0/-1 as job_done. */
int job_postpone(struct db *db, const struct job *job, const uint8_t lease[LEASE_SIZE],
                 const char *cause, int64_t pause_ms, int64_t now_ms, struct err *err);
/* All jobs under this lease have it for longer. 0/-1; those that were lost meanwhile stay lost. */
int job_extend(struct db *db, const uint8_t lease[LEASE_SIZE], int64_t until_ms,
               struct err *err);
/* Lets a failed job run again, with an audit event, as the last thing in the present transaction. 1;
 * 0: there is none; -1. */
int job_retry(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
              uint64_t id, int64_t now_ms, struct err *err);
/* The same of some of them, 1 to SQL_IDS_MAX, without an event. 0/-1. */
int job_retry_some(struct db *db, const uint64_t *ids, size_t count, int64_t now_ms, struct err *err);

/* A row of this list of columns, of the table as j. */
#define JOB_COLUMNS                                                                                \
    "j.id, j.kind, j.certificate_id, j.version, j.proof_id, j.matter_id, j.enterprise_id,"         \
    " j.state, j.attempts, j.cause, j.run_at"
enum { JOB_COLUMNS_COUNT = 11 };
void job_read(const struct db_value *row, struct job *out);

/* A job of this enterprise (R1); 0 as enterprise: any. 1/0/-1. */
int job_find(struct db *db, struct pool *pool, uint64_t id, uint64_t enterprise_id,
             struct job *out, struct err *err);
/* Jobs by state, oldest first, for the operator. 0/-1. */
int job_list(struct db *db, struct pool *pool, const char *state, uint64_t after, size_t limit,
             const struct job **jobs, size_t *count, struct err *err);

/* 0/-1. */
int job_depth(struct db *db, struct pool *pool, int64_t now_ms, struct queue_depth *out,
              struct err *err);

#endif
