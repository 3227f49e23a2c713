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

/* Roles 岗位, one for each account, as bits of struct route's and a session's `roles`. */
enum staff_role {
    STAFF_WINDOW = 1 << 0,       /* 受理窗口: finds and captures people, proposes changes */
    STAFF_REVIEWER = 1 << 1,     /* 审核: decides captures and changes, proposes sanctions */
    STAFF_DECISION = 1 << 2,     /* 决定: decides sanctions, holds and releases */
    STAFF_AUDITOR = 1 << 3,      /* 审计: reads everything, changes nothing */
    STAFF_ADMINISTRATOR = 1 << 4 /* 管理员: accounts, jobs, notices; sees no person */
};
#define STAFF_READERS (STAFF_WINDOW | STAFF_REVIEWER | STAFF_DECISION | STAFF_AUDITOR)
#define STAFF_ALL     (STAFF_READERS | STAFF_ADMINISTRATOR)

struct staff {
    uint64_t id;
    const char *login; /* [a-z0-9._-], 2 to 32 characters */
    const char *name;
    const char *role;  /* window reviewer decision auditor administrator */
    bool disabled;
};

/* The bit of a role by its name; 0: there is no such role. */
unsigned staff_role_bit(const char *role);
/* What the role with this bit is called in Chinese; "" for none. */
const char *staff_role_label(unsigned bit);

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
