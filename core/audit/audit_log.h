/*
 * The audit as it is read by people: filtered, newest first across all chains, by key.
 *
 * Whoever reads adds an event that says so; that is the caller's part.
 */
#ifndef ECERT_CORE_AUDIT_AUDIT_LOG_H
#define ECERT_CORE_AUDIT_AUDIT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/matter/matter.h"

struct sink;

struct audit_row {
    uint64_t chain, sequence;
    int64_t happened_ms;
    enum actor_kind actor_kind;
    uint64_t actor_id;
    const char *who;        /* name of the member of staff or of the firm; "" */
    const char *role;       /* of the member of staff; "" */
    const char *action;
    const char *object_kind;
    uint64_t object_id;
    char matter[MATTER_NUMBER_SIZE]; /* "": none */
    const char *request;
    const char *detail;     /* JSON, or "" */
};

/* Behind which row a page begins: its instant, chain and sequence. */
struct audit_key {
    int64_t happened_ms;
    uint64_t chain, sequence;
};
/* "1772323200000.5.12", at most so long; and back: false for what is none. */
enum { AUDIT_KEY_SIZE = 64 };
void audit_key_make(const struct audit_key *key, char out[AUDIT_KEY_SIZE]);
bool audit_key_parse(const char *text, struct audit_key *key);

/* All bounds are optional. */
struct audit_filter {
    int64_t from_ms, until_ms; /* from the first to before the second; 0: open */
    bool by_actor;
    enum actor_kind actor_kind;
    uint64_t actor_id;
    const char *action;        /* or NULL */
    const char *object_kind;   /* or NULL */
    uint64_t object_id;
    uint64_t matter_id;        /* or 0 */
    bool begun;                /* `after` counts */
    struct audit_key after;
    size_t limit;
};
struct audit_page {
    const struct audit_row *rows;
    size_t count;
    bool more; /* the next page begins behind the last row */
};
/* 0/-1. */
int audit_log_list(struct db *db, struct pool *pool, const struct audit_filter *filter,
                   struct audit_page *page, struct err *err);

/* Every action that ever happened, in order. 0/-1. */
int audit_log_actions(struct db *db, struct pool *pool, const char *const **actions, size_t *count,
                      struct err *err);

/* All rows of the filter as CSV, in bounded memory; not inside a transaction. 0/-1. */
int audit_log_export(struct db *db, const struct audit_filter *filter, const struct sink *sink,
                     struct err *err);

/* The account of this login, also of one that is disabled. 1/0/-1. */
int audit_log_staff(struct db *db, struct pool *pool, const char *login, uint64_t *id,
                    struct err *err);

/* 系统, 企业 … */
const char *actor_kind_label(enum actor_kind kind);

/* 证书：换领 of "certificate.exchange", in pool memory; NULL when nobody gave it words. */
const char *audit_action_label(struct pool *pool, const char *action);

/* 证书 of "certificate"; NULL likewise. */
const char *audit_object_label(const char *kind);

#endif
