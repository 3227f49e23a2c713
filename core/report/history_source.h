/*
 * The sources of a history: each is a statement and a way to say its rows. Private to history.c.
 */
#ifndef ECERT_CORE_REPORT_HISTORY_SOURCE_H
#define ECERT_CORE_REPORT_HISTORY_SOURCE_H

#include "base/db.h"
#include "core/report/history.h"

/* The first columns of every source; its own stand behind them. */
enum {
    HISTORY_AT,    /* when it was */
    HISTORY_TIE,   /* tells rows of one instant apart, ascending */
    HISTORY_KIND,  /* enum actor_kind; 0: nobody is on record */
    HISTORY_NAME,  /* of who did it; "" */
    HISTORY_ROLE,  /* of a member of staff; "" */
    HISTORY_COLUMNS
};

struct history_source {
    const char *kind; /* in Chinese */
    const struct db_query *query;
    /* What its placeholders are, before those of the key and the limit: 'h' the holder, 'c' the class,
     * 'p' the person of a whole history (nobody else), 'i' the certificates. */
    const char *args;
    bool whole_only; /* of a person only */
    bool audit;      /* of the audit */
    /* Fills subject, words, more and the link from a row's own columns. */
    void (*say)(struct pool *pool, const struct db_value *own, struct history_row *out);
};

enum { HISTORY_SOURCES = 19 };
extern const struct history_source history_sources[HISTORY_SOURCES];

#endif
