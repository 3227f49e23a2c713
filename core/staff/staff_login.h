/*
 * How staff prove who they are, up to the second factor (staff_factor.h): a password; or, for an account
 * that is new or was reset, a code that is handed over in person, and lets its owner choose one.
 *
 * A try costs a password hash and a counted try (login_delay.h), so it is made outside the
 * transaction of its form; what it means is written inside. An unknown login is answered like a wrong
 * password, after the same time; so is an account that is disabled, or has no password yet.
 */
#ifndef ECERT_CORE_STAFF_STAFF_LOGIN_H
#define ECERT_CORE_STAFF_STAFF_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/staff/login_delay.h"
#include "core/staff/password.h"

struct core;
struct db;
struct err;
struct pool;

/* Section Staff of the configuration. */
struct staff_settings {
    struct password_settings password;
    struct delay_settings delay;
    int64_t code_hours; /* how long a code is good */
    const char *rp_id;  /* whom keys are for (core/staff/webauthn.h): the site's host, or a domain above it */
    bool key_verifies;  /* keys have to know who uses them */
};

struct staff_try {
    const char *login;    /* as typed */
    const char *secret;   /* the password, or the code */
    const char *password; /* with a code: the one that is chosen */
    const char *address;  /* where it comes from */
    const char *browser;  /* the token of a known browser, or NULL */
    int64_t now_ms;
};

struct staff_tried {
    int64_t wait_ms;   /* not 0: nothing was tried, nor may be for so long */
    bool good;
    uint64_t staff_id; /* of the login, also where it was not good; 0: there is none */
    const char *name;  /* of a good one */
    const char *login;
    enum password_verdict verdict; /* of the password that is chosen */
    const char *hash;  /* to be stored; NULL: nothing */
    size_t count;
    struct delay_key keys[DELAY_KEYS];
};

/* Outside a transaction. 0/-1. */
int staff_try_password(struct db *db, struct pool *pool, const struct core *core,
                       const struct staff_try *wanted, struct staff_tried *tried, struct err *err);
int staff_try_code(struct db *db, struct pool *pool, const struct core *core,
                   const struct staff_try *wanted, struct staff_tried *tried, struct err *err);

/* What a good try leaves, inside the transaction: delays are taken back, the hash is stored. 0/-1. */
int staff_try_accept(struct db *db, const struct staff_tried *tried, int64_t now_ms,
                     struct err *err);

/* Stores a password's hash. 0/-1. */
int staff_password_store(struct db *db, uint64_t staff_id, const char *hash, int64_t now_ms,
                         struct err *err);
/* Is it the password of this account? Takes a hash's time; counts no try. 1/0/-1. */
int staff_password_is(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                      const char *password, struct err *err);

/* A code of 80 bits, as it is handed over: XXXX-XXXX-XXXX-XXXX. */
enum { STAFF_CODE = 20 /* with NUL */ };
void staff_code_make(char code[STAFF_CODE]);
/* Makes the account wait for this code: its password and second factors are gone. Inside a
 * transaction. 0/-1. */
int staff_code_store(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                     const char *code, int64_t now_ms, struct err *err);
/* The code has done what it was for. 0/-1. */
int staff_code_drop(struct db *db, uint64_t staff_id, struct err *err);

/* No browser of this account is a known one any more. 0/-1. */
int staff_browsers_forget(struct db *db, uint64_t staff_id, struct err *err);
/* A login that is complete: notes the time, and the browser as a known one until then. 0/-1. */
int staff_logged_in(struct db *db, uint64_t staff_id, const char *browser, int64_t now_ms,
                    int64_t until_ms, struct err *err);

#endif
