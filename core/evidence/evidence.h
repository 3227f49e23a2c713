/*
 * Evidence (R4 to R7): exam results 考核成绩, social insurance 社会保险, continuing education
 * 继续教育.
 *
 * Rules read the register: the tables exam_result, insurance and education, filled by imports.
 * Where a service of the exam centre or of the insurance office is configured, it is asked about
 * one person before the rules read, and what it answers is merged into the register; where none
 * is, the register alone speaks. Nobody but this knows which of the two it was.
 *
 * A merge adds records and corrects those of the same person. It takes nothing away: a record
 * that the service no longer tells stays, an exam result that made a certificate (R4) is never
 * changed, and a record that the register has for another person is not moved: that is for an
 * import, in an operator's hands. A record of a firm that the register does not know is left out.
 */
#ifndef ECERT_CORE_EVIDENCE_EVIDENCE_H
#define ECERT_CORE_EVIDENCE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"

struct db;
struct err;
struct pool;

enum evidence_kind { EVIDENCE_EXAM, EVIDENCE_INSURANCE, EVIDENCE_EDUCATION, EVIDENCE_KINDS };
#define EVIDENCE_BIT(kind) (1u << (kind))
#define EVIDENCE_ALL       (EVIDENCE_BIT(EVIDENCE_KINDS) - 1)

/* Section Evidence of the configuration. */
struct evidence_settings {
    const char *url[EVIDENCE_KINDS]; /* "": the register alone */
    const char *token_file;          /* of the bearer token; "": none is sent */
    const char *authority_file;      /* PEM of the CAs that are believed; "": the system's */
    int64_t timeout_ms;              /* for one question, all attempts and pauses together */
    int64_t attempts;
    int64_t breaker_failures, breaker_ms;
};

/* What is asked, and about whom. */
struct evidence_query {
    unsigned kinds;    /* EVIDENCE_BIT, or-ed; the services of others are left alone */
    uint64_t person_id, enterprise_id;
    const char *id_type;
    const char *id_no; /* in its normal form; sent, but never logged */
    const char *uscc;  /* of enterprise_id */
    struct date today;
};

/* One record, named as the columns of its CSV file. No string is NULL. */
struct evidence_record {
    const char *number;     /* exam_no, record_no; "" for insurance */
    const char *uscc;
    const char *class_code; /* "" for insurance */
    const char *post;       /* of an exam; else "" */
    struct date date;       /* exam_date, completed_on; the first day of an insured month */
    int64_t amount;         /* score, hours; 0 for insurance */
    bool passed;            /* of an exam */
    const char *provider;   /* of education; else "" */
};

enum { EVIDENCE_RECORDS = 500 }; /* the most in one answer */
struct evidence_records {
    size_t count;
    struct evidence_record *items;
};

/* Where records of one kind come from. */
struct evidence_source {
    const char *name; /* for the log: "exam" */
    /* What there is to know of this person; memory of the pool. 0; -1: ERR_UNAVAILABLE, and the
     * text says why, without personal data. */
    int (*fetch)(void *self, struct pool *pool, const struct evidence_query *query,
                 struct evidence_records *records, struct err *err);
    void (*release)(void *self); /* or NULL */
    void *self;
};

/* The sources of a process; made after fork. NULL everywhere means: the register alone. */
struct evidence;

/* The services that are configured; *evidence stays NULL where none is. The settings are borrowed
 * for its life; the token is read here. No connection is made yet. 0/-1 (ERR_CONFIG, ERR_SYSTEM).
 */
int evidence_open(const struct evidence_settings *settings, struct evidence **evidence,
                  struct err *err);
/* Any sources, by kind; one without `fetch` leaves its kind to the register. */
struct evidence *evidence_new(const struct evidence_source sources[EVIDENCE_KINDS]);
void evidence_free(struct evidence **evidence);

/*
 * Asks the services and brings the register up to date, outside of any transaction (inside one
 * ends the process: nobody may wait for a lock because a service is slow). All kinds are merged in
 * one transaction, or none; where nothing is new, nothing is written. 0; -1: ERR_UNAVAILABLE when
 * a service is away, too slow, broken or wrong, the text names it and says why, without personal
 * data; or the database failed.
 */
int evidence_refresh(struct evidence *evidence, struct db *db, struct pool *pool,
                     const struct evidence_query *query, struct err *err);

/* "exam", "insurance", "education". */
const char *evidence_kind_name(enum evidence_kind kind);

/* Gives an old class its name of today, checks the bounds of each record, sorts them by key and
 * refuses two of the same. 0/-1 (ERR_UNAVAILABLE; names the record by its place in the answer and
 * the column). */
int evidence_check(enum evidence_kind kind, struct date today, struct evidence_records *records,
                   struct err *err);

#endif
