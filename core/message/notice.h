/*
 * Notices 公告: what the authority tells all firms, while it is valid.
 *
 * A notice is plain text. It may be changed until it begins, and ended before its time; every wording
 * stays on record.
 */
#ifndef ECERT_CORE_MESSAGE_NOTICE_H
#define ECERT_CORE_MESSAGE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct actor;
struct core;
struct db;
struct err;
struct pool;

enum {
    NOTICE_TITLE = 100, /* characters */
    NOTICE_BODY = 4000,
    NOTICE_SHOWN = 5    /* at once, at most */
};

struct notice {
    uint64_t id;
    unsigned revision;
    const char *title;
    const char *body; /* lines; an empty one parts paragraphs */
    bool important;
    int64_t from_ms, until_ms; /* from the first to before the second */
    const char *written_by;    /* name: of this wording */
    int64_t written_ms;
    const char *ended_by;      /* name of who ended it before its time; "" */
};

enum notice_phase { NOTICE_COMING, NOTICE_VALID, NOTICE_OVER };
enum notice_phase notice_phase(const struct notice *notice, int64_t now_ms);

/* Those that are valid, important ones first, then the newest; NOTICE_SHOWN at most. 0/-1. */
int notice_shown(struct db *db, struct pool *pool, int64_t now_ms, const struct notice **notices,
                 size_t *count, struct err *err);
/* Hints that it will be asked, for the same instant (db_ahead). */
void notice_shown_ahead(struct db *db, struct pool *pool, int64_t now_ms);

/* All there ever were, newest first, by key. */
struct notice_page {
    const struct notice *rows;
    size_t count;
    uint64_t next; /* for `after`, or 0 */
};
int notice_list(struct db *db, struct pool *pool, uint64_t after, size_t limit,
                struct notice_page *page, struct err *err);
/* 1/0/-1. */
int notice_find(struct db *db, struct pool *pool, uint64_t id, struct notice *out, struct err *err);
/* Its wordings, the last first. 0/-1. */
int notice_revisions(struct db *db, struct pool *pool, uint64_t id, const struct notice **rows,
                     size_t *count, struct err *err);

/* What a notice says: title, body, important, from_ms, until_ms. Each as the last thing in the present
 * transaction, with its audit event. */
/* 0/-1; *id is its number. */
int notice_add(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
               const struct notice *what, int64_t now_ms, uint64_t *id, struct err *err);
/* 1; 0: it is not there; -1 (ERR_CONFLICT: it has begun, or was changed since `revision`). */
int notice_change(struct db *db, struct pool *pool, const struct core *core,
                  const struct actor *actor, uint64_t id, unsigned revision,
                  const struct notice *what, int64_t now_ms, struct err *err);
/* Ends it now; one that has not begun never will. 1; 0; -1 (ERR_CONFLICT: it is over). */
int notice_end(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
               uint64_t id, int64_t now_ms, struct err *err);

#endif
