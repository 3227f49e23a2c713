/*
 * Imports in the web: a file is uploaded (import_store.h), checked in the background, shown, and
 * taken when the clerk says so; the last of a kind can be taken back. Every step is a compare-and-set
 * of import_run.state:
 *
 *     receiving → checking → checked → taking → taken → undoing → undone
 *                          ↘ faulty, unchanged          ↘ taken (something was built on it)
 *
 * `dropped` by the clerk or by time, `failed` where it could not be done: the file is kept as long as
 * one that waits to be taken, and can be checked again. checking, taking and undoing
 * are work for an issuer, under a lease; whoever is killed does no harm, for the change of state and
 * what it stands for are one transaction. A file whose result is another than what was shown is not
 * taken, but shown again.
 */
#ifndef ECERT_CORE_IMPORT_IMPORT_DESK_H
#define ECERT_CORE_IMPORT_IMPORT_DESK_H

#include "base/db.h"
#include "base/text.h"
#include "core/import/import.h"
#include "core/matter/change.h"

struct import_entry {
    uint64_t id;
    const struct import_kind *kind;
    const char *state;     /* as stored */
    const char *file_name; /* "" from the command line */
    uint64_t file_size;
    struct bytes sha256;
    uint64_t rows, added, changed, problems;
    unsigned progress;     /* percent */
    const char *note;      /* why it stands where it stands, in Chinese, or "" */
    const char *by;        /* name of staff, "" for the operator */
    int64_t created_ms, taken_ms, undone_ms; /* 0: not */
    const char *undo_reason, *undone_by;
};

enum { IMPORT_DAYS = 7 /* a file waits to be taken */, IMPORT_UNDO_DAYS = 30 };

/* 已导入; for an unknown one "". */
const char *import_state_label(const char *state);
/* Is it work that an issuer does or will do? */
bool import_state_running(const char *state);

/* Lets a file that was received be checked: inside a transaction. 1; 0: it is not there; -1. */
int import_received(struct change *change, uint64_t id, struct err *err);
/* By a member of staff, and the last also by the operator, inside a transaction, with their audit
 * events. 1; 0: not in that state; -1. */
int import_confirm(struct change *change, uint64_t id, struct err *err);
int import_drop(struct change *change, uint64_t id, struct err *err);
/* Lets one that failed, of which nothing was taken, be checked anew; 0 also where its file is gone. */
int import_retry(struct change *change, uint64_t id, struct err *err);
int import_undo_order(struct change *change, uint64_t id, const char *reason, struct err *err);

/* 1/0/-1. */
int import_find(struct db *db, struct pool *pool, uint64_t id, struct import_entry *out,
                struct err *err);
/* Newest first, of a kind or (NULL) of all, below this id (0: from the newest): at most IMPORT_PAGE,
 * and *next the key of the next page, 0 for none. 0/-1. */
enum { IMPORT_PAGE = 20 };
int import_list(struct db *db, struct pool *pool, const struct import_kind *kind, uint64_t before,
                const struct import_entry **entries, size_t *count, uint64_t *next,
                struct err *err);
/* May it be taken back, as far as its row says? NULL: yes; else why not, in Chinese. 0/-1. */
int import_undo_judge(struct db *db, struct pool *pool, const struct import_entry *entry,
                      int64_t now_ms, const char **why, struct err *err);
/* Mistakes behind the number `after`, at most `limit`: rows of import_problem's line, column, value
 * and said, in that order behind their number. 0/-1. */
int import_problems(struct db *db, struct pool *pool, uint64_t id, uint64_t after, size_t limit,
                    struct db_rows *rows, struct err *err);
/* The first rows, masked: the line, then its fields in the order of the kind's columns. 0/-1. */
int import_preview(struct db *db, struct pool *pool, uint64_t id, struct db_rows *rows,
                   struct err *err);

/* Work. `stopping` is asked between two pieces. */
struct import_clerk {
    struct db *db;
    struct pool *pool; /* reset by it */
    const struct core *core;
    const char *owner; /* host and place: who comes there next finds what this one left */
    bool (*stopping)(void *context);
    void *context;
};
/* One piece of work that is due. 1; 0: none is; -1. Not inside a transaction. */
int import_advance(struct import_clerk *clerk, int64_t now_ms, struct err *err);
/* Gives back what a predecessor in this place held. 0/-1. */
int import_release(struct db *db, const char *owner, int64_t now_ms, struct err *err);
/* Files that were taken or dropped, and what is too old to be taken back: some of it, *deleted rows.
 * 0/-1. */
int import_tidy(struct db *db, struct pool *pool, int64_t now_ms, uint64_t *deleted,
                struct err *err);

#endif
