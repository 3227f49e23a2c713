/*
 * Staff 工作人员: who may work at the window and in the authority. Rows only; how they prove who
 * they are is the login's business.
 */
#ifndef ECERT_CORE_STAFF_H
#define ECERT_CORE_STAFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core;
struct actor;
struct db;
struct err;
struct pool;

struct staff {
    uint64_t id;
    const char *login; /* [a-z0-9._-], 2 to 32 characters */
    const char *name;
    const char *role;  /* window reviewer decision auditor administrator */
    bool disabled;
};

/* All of them, by login. 0/-1. */
int staff_list(struct db *db, struct pool *pool, const struct staff **staff, size_t *count,
               struct err *err);
/* One transaction with its audit event. 0/-1 (ERR_INPUT: a wrong login, name or role;
 * ERR_DB_DUPLICATE: the login is taken). */
int staff_add(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
              const struct staff *staff, struct err *err);
/* Logs the person out everywhere, too. 1; 0: no such login, or disabled before; -1. */
int staff_disable(struct db *db, struct pool *pool, const struct core *core,
                  const struct actor *actor, const char *login, struct err *err);

#endif
