/*
 * Passwords of staff: what may be one, and how it is kept.
 *
 * Kept is Argon2id (RFC 9106) with a salt of 128 bits, in the PHC form, which names its parameters, so
 * that they may change: a hash of other parameters is found stale when its password is next shown.
 * What may be a password follows NIST SP 800-63B, 5.1.1.2: a length, no rules of composition, and
 * none that attackers try first: the list of common ones, the login itself, the same few characters.
 */
#ifndef ECERT_CORE_STAFF_PASSWORD_H
#define ECERT_CORE_STAFF_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct pool;

enum { PASSWORD_MIN = 12, PASSWORD_MAX = 128 /* characters */ };

struct password_settings {
    int64_t memory_kib; /* each check takes that much memory, */
    int64_t passes;     /* goes over it so often, */
    int64_t lanes;      /* by so many lanes (one after the other) */
    const char *common; /* file: one a line, lower case, sorted by bytes; "": none */
};

enum password_verdict {
    PASSWORD_OK,
    PASSWORD_SHORT,
    PASSWORD_LONG,
    PASSWORD_SIMPLE, /* fewer than five different characters, or a run such as 123456789012 */
    PASSWORD_OWN,    /* has the login in it */
    PASSWORD_COMMON
};

/* Is the list there, and readable? 0/-1 (ERR_CONFIG). */
int password_settings_check(const struct password_settings *settings, struct err *err);

/* May it be the password of this login? 0/-1 (ERR_SYSTEM: the list can't be read). */
int password_judge(const struct password_settings *settings, const char *login,
                   const char *password, enum password_verdict *verdict, struct err *err);

/* The hash, in the pool. 0/-1 (ERR_CRYPTO). */
int password_hash(const struct password_settings *settings, struct pool *pool,
                  const char *password, const char **hash, struct err *err);

/* 1, and *stale where the parameters are not those of the settings; 0: it is another; -1 (ERR_CRYPTO).
 * For NULL instead of a hash it takes as long as for one, and is 0. */
int password_verify(const struct password_settings *settings, struct pool *pool, const char *hash,
                    const char *password, bool *stale, struct err *err);

#endif
