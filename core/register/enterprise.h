/*
 * Enterprises 企业: the register of firms.
 */
#ifndef ECERT_CORE_REGISTER_ENTERPRISE_H
#define ECERT_CORE_REGISTER_ENTERPRISE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"

struct db;
struct err;
struct pool;

struct enterprise {
    uint64_t id;
    const char *uscc;
    const char *name;
    bool local; /* of this city; else from elsewhere */
    const char *province;
};

/* 1/0/-1; strings live in the pool. */
int enterprise_find(struct db *db, struct pool *pool, uint64_t id, struct enterprise *out,
                    struct err *err);
int enterprise_find_uscc(struct db *db, struct pool *pool, const char *uscc,
                         struct enterprise *out, struct err *err);
/* Hints that it will be asked for by this code, which must live as long as the pool (db_ahead). */
void enterprise_find_uscc_ahead(struct db *db, struct pool *pool, const char *uscc);

/* What waits for a firm, for its home page: one round trip. */
struct enterprise_waiting {
    uint64_t to_exchange; /* paper certificates, valid, not yet exchanged */
    uint64_t expiring;    /* valid certificates that end within the renewal window */
    uint64_t generating;  /* documents 待生成 or 生成中 */
    uint64_t failed;      /* documents 生成失败 */
    uint64_t valid;       /* electronic certificates in force */
    uint64_t signing;     /* cancellation forms 待签章 */
    uint64_t drafts;      /* matters 待确认 */
    uint64_t outdated;    /* certificates in force with another name of the firm (R16) */
};
int enterprise_waiting(struct db *db, struct pool *pool, uint64_t id, struct date today,
                       int64_t renew_days, struct enterprise_waiting *out, struct err *err);

#endif
