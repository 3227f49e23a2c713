/*
 * Statistics 统计: figures of the whole register, counted set by set now and then (errand.h) and read
 * from where they are kept: no page counts a million certificates.
 */
#ifndef ECERT_CORE_REPORT_STATISTICS_H
#define ECERT_CORE_REPORT_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/date.h"

struct db;
struct db_query;
struct err;
struct policy;
struct pool;

/* What is counted, and what bucket and part of its rows are. Months are yyyy-mm, days yyyy-mm-dd, of
 * Shanghai. */
enum figure {
    FIGURE_REGISTER,     /* "certificates" "people" …; a part of them: all there is */
    FIGURE_CERTIFICATES, /* class; state on that day */
    FIGURE_EXPIRING,     /* month, from this one on; class: certificates in force that end in it */
    FIGURE_EVENTS,       /* month, up to this one; what happened to certificates */
    FIGURE_ISSUED,       /* month, up to this one; class: certificates that came into being in it */
    FIGURE_PENDING,      /* "document", "paper" or an item; state */
    FIGURE_REFUSALS,     /* month, up to this one; rule: matters that it refused */
    FIGURE_MATTER_ITEMS, /* item, "": matters done in the last days, from opening to closing */
    FIGURE_MATTER_DAYS,  /* day, "" */
    FIGURE_JOB_KINDS,    /* kind of document, "": from order to document */
    FIGURE_JOB_DAYS,     /* day, "" */
    FIGURE_COUNT
};
/* "certificates": as stored, and as an operator sees it. */
const char *figure_name(enum figure figure);

enum {
    STATISTICS_MONTHS = 36, /* of FIGURE_EXPIRING, FIGURE_EVENTS and FIGURE_ISSUED */
    STATISTICS_REFUSAL_MONTHS = 12,
    STATISTICS_DAYS = 90           /* of durations */
};

struct statistic {
    const char *bucket;
    const char *part;
    uint64_t value;
    uint64_t median_ms, p90_ms; /* of durations */
};

/* As they were counted last, by bucket and part; strings live in the pool. 0/-1. */
int statistics_read(struct db *db, struct pool *pool, enum figure figure,
                    const struct statistic **rows, size_t *count, struct err *err);

/* Certificates by firm, the firm with the most first. */
struct statistic_firm {
    uint64_t id;
    const char *name;
    uint64_t valid, expiring, other;
};
struct statistic_firm_page {
    size_t count;
    const struct statistic_firm *rows;
    uint64_t next; /* for `after`, or 0 */
};
/* By key: `after` is the last firm seen, or 0. 0/-1. */
int statistics_firms(struct db *db, struct pool *pool, uint64_t after, size_t limit,
                     struct statistic_firm_page *page, struct err *err);

/* Counting: as many steps, each a transaction of its own; reads whole indexes. */
unsigned statistics_steps(void);
/* The statements of a step, one by one, for the test that reads EXPLAIN; NULL behind the last. */
const struct db_query *statistics_statement(unsigned step, size_t n);
int statistics_count(struct db *db, unsigned step, struct date today, const struct policy *policy,
                     struct err *err);

#endif
