/*
 * Data keeping 数据保存: how long rows are kept that no law wants for good, as one table of rules.
 *
 * What has no rule is not deleted: certificates, their versions, documents, events and seals, matters that
 * were done, the audit. retention_tables says of every table of the schema which it is, and why. A rule's
 * days are a key of the configuration; 0 keeps for good.
 */
#ifndef ECERT_CORE_UPKEEP_RETENTION_H
#define ECERT_CORE_UPKEEP_RETENTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/db.h"
#include "core/core.h"

struct err;
struct pool;

enum retention {
    RETENTION_SESSIONS,
    RETENTION_TICKETS,
    RETENTION_KEYS,
    RETENTION_LOGINS,
    RETENTION_BROWSERS,
    RETENTION_OUTBOX,
    RETENTION_CONTACTS,
    RETENTION_ATTACHMENTS,
    RETENTION_SCANS,
    RETENTION_PREPARATIONS,
    RETENTION_ABANDONED,
    RETENTION_REFUSED,
    RETENTION_PHOTOS,
    RETENTION_FAULTS,
    RETENTION_PREVIEWS,
    RETENTION_ERRANDS,
    RETENTION_RULES
};

/* Section Retention: days, by rule. */
struct retention_settings {
    int64_t days[RETENTION_RULES];
};

struct retention_rule {
    const char *name; /* "sessions" */
    const char *key;  /* "Retention.Sessions" */
    const char *what; /* English, for the plan */
    /* Every '?' of plan and find is the instant before which a row has had its time. */
    struct db_query plan; /* how many, and the oldest instant */
    struct db_query find; /* ids, SQL_IDS_MAX at most; without text: the one step finds for itself */
    const struct db_query *steps; /* by these ids, in this order; the last deletes what is counted */
    size_t step_count;
};
extern const struct retention_rule retention_rules[RETENTION_RULES];
/* RETENTION_RULES for an unknown name. */
enum retention retention_by_name(const char *name);

/* Every table of the schema, by name; ends with a NULL name. */
struct retention_table {
    const char *name;
    const char *rules; /* that delete from it, with blanks between; "" */
    const char *kept;  /* English: what no rule deletes, or what else does; "" */
};
extern const struct retention_table retention_tables[];

struct retention_plan {
    int64_t days;      /* 0: kept for good */
    uint64_t rows;     /* that have had their time */
    int64_t oldest_ms; /* of these; 0: none */
};
/* Reads only. 0/-1. */
int retention_look(struct db *db, struct pool *pool, const struct retention_settings *settings,
                   enum retention rule, int64_t now_ms, struct retention_plan *plan, struct err *err);

/* Deletes what has had its time, in batches, each a transaction with its audit event; it may be
 * stopped anywhere and run again. *deleted counts. Not inside a transaction. 0/-1. */
int retention_apply(struct db *db, const struct core *core, const struct actor *actor,
                    const struct retention_settings *settings, enum retention rule, int64_t now_ms,
                    uint64_t *deleted, struct err *err);

#endif
