/*
 * The board of jobs, for the authority: documents that wait, are being made or failed, why, and
 * changes that are taken certificate by certificate. Shows no person.
 */
#ifndef ECERT_CORE_ISSUE_JOB_BOARD_H
#define ECERT_CORE_ISSUE_JOB_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "core/issue/job.h"
#include "core/matter/matter.h"

enum { BOARD_RETRIES = 1000 /* failed jobs of one cause, at once */ };

struct board_job {
    struct job job;
    const char *number;          /* of the certificate; "" */
    const char *enterprise_name;
    char matter[MATTER_NUMBER_SIZE];
};
/* By state, and by kind and cause where they are given; oldest first, by key. 0/-1. */
struct board_filter {
    const char *state; /* waiting leased failed done */
    const char *kind;  /* or NULL */
    const char *cause; /* exactly, or NULL */
    uint64_t after;
    size_t limit;
};
struct board_page {
    const struct board_job *rows;
    size_t count;
    uint64_t next; /* for `after`, or 0 */
};
int board_jobs(struct db *db, struct pool *pool, const struct board_filter *filter,
               struct board_page *page, struct err *err);

/* Why documents failed, the most frequent cause first; `limit` at most. 0/-1. */
struct board_cause {
    const char *kind;
    const char *cause;
    uint64_t count;
    int64_t last_ms;   /* when the last of them failed */
};
int board_causes(struct db *db, struct pool *pool, size_t limit, const struct board_cause **causes,
                 size_t *count, struct err *err);

/* Changes of firms' names, newest first, by key: those that run, and what became of the others. */
struct board_task {
    uint64_t matter_id;
    char matter[MATTER_NUMBER_SIZE];
    const char *state;
    const char *enterprise_name;
    const char *kind; /* of a decision, in words: 暂扣 */
    uint64_t items, waiting, failed;
    int64_t opened_ms;
    int64_t due_ms; /* of one that runs: not before, or the end of its lease; 0 */
};
int board_tasks(struct db *db, struct pool *pool, uint64_t after, size_t limit,
                const struct board_task **tasks, size_t *count, uint64_t *next, struct err *err);
/* Decisions about many certificates that are being carried out, oldest first; `limit` at most. 0/-1. */
int board_decisions(struct db *db, struct pool *pool, size_t limit, const struct board_task **tasks,
                    size_t *count, struct err *err);

/* Lets all failed jobs of a kind and cause run again (BOARD_RETRIES at most; *retried counts), with an
 * audit event, as the last thing in the present transaction. 1; 0: there is none; -1. */
int board_retry_cause(struct db *db, struct pool *pool, const struct core *core,
                      const struct actor *actor, const char *kind, const char *cause,
                      int64_t now_ms, uint64_t *retried, struct err *err);

/* Failed documents, for a first page. 0/-1. */
int board_failed(struct db *db, struct pool *pool, uint64_t *failed, struct err *err);

#endif
