/*
 * Staff 工作人员: who may work at the window and in the authority, and as what. How they prove who they
 * are: core/staff/staff_login.h.
 *
 * Whatever changes an account runs inside the caller's transaction, with its audit event, and so comes
 * last in it. Who is no longer what a session says has no session any more. There is always an
 * administrator who is not disabled, once there was one: who would take the last one away gets
 * ERR_CONFLICT.
 */
#ifndef ECERT_CORE_STAFF_STAFF_H
#define ECERT_CORE_STAFF_STAFF_H

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
    bool ready;        /* can log in: has a password and a second factor */
    int64_t login_ms;  /* of the last login; 0: never */
};

/* The names of the roles, in order; ends with NULL. */
extern const char *const staff_roles[];
/* The bit of a role by its name; 0: there is no such role. */
unsigned staff_role_bit(const char *role);
/* What the role with this bit is called in Chinese; "" for none. */
const char *staff_role_label(unsigned bit);

/* All of them, by login. 0/-1. */
int staff_list(struct db *db, struct pool *pool, const struct staff **staff, size_t *count,
               struct err *err);
/* One of them. 1/0/-1. */
int staff_find(struct db *db, struct pool *pool, uint64_t id, struct staff *staff, struct err *err);
int staff_find_login(struct db *db, struct pool *pool, const char *login, struct staff *staff,
                     struct err *err);

/* Where somebody is logged in, those seen last first, twenty at most. 0/-1. */
struct staff_session {
    int64_t created_ms, seen_ms;
};
int staff_sessions(struct db *db, struct pool *pool, uint64_t id, int64_t now_ms,
                   const struct staff_session **sessions, size_t *count, struct err *err);

/* What is done to an account, and by whom. */
struct staff_change {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    const struct actor *actor;
    int64_t now_ms;
};

/* A new account, which `code` (staff_code_make) lets its owner set up; without one (NULL) it waits for a
 * staff_reset. 0 and *id; -1 (ERR_INPUT: a
 * wrong login, name or role; ERR_DB_DUPLICATE: the login is taken). */
int staff_add(const struct staff_change *change, const struct staff *staff, const char *code,
              uint64_t *id, struct err *err);
/* Each logs the person out everywhere. 1; 0: no such account, or it is so already; -1. */
int staff_disable(const struct staff_change *change, uint64_t id, struct err *err);
int staff_enable(const struct staff_change *change, uint64_t id, struct err *err);
int staff_role_change(const struct staff_change *change, uint64_t id, const char *role,
                      struct err *err);
/* Takes password and second factors away: the code lets its owner choose new ones. */
int staff_reset(const struct staff_change *change, uint64_t id, const char *code, struct err *err);
/* Logs the person out everywhere, and nothing more. *sessions says of how many places. 1/0/-1. */
int staff_log_out(const struct staff_change *change, uint64_t id, uint64_t *sessions,
                  struct err *err);

#endif
