/*
 * Demonstration data, all fictional: firms, people with drawn portraits, paper certificates in
 * every situation the items meet.
 *
 * The data are written as the CSV files that import takes, and imported: what works for them
 * works for an operator's files. Dates are relative to the business day of the first run, which
 * is noted, so that a second run changes nothing. Refused (ERR_CONFIG) unless Issuer.Demo is 1.
 */
#ifndef ECERT_CORE_DEMO_DEMO_H
#define ECERT_CORE_DEMO_DEMO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/date.h"

struct core;
struct db;
struct err;
struct pool;

struct demo_firm {
    const char *uscc;
    const char *name;
    const char *region; /* local, outside */
    const char *see;    /* what to see as this firm */
};

struct demo_result {
    uint64_t enterprises, people, papers; /* in the files */
    uint64_t changed;                     /* rows added or changed by this run */
    uint64_t exchanged;                   /* made electronic by this run: the issuer has work */
};

/* The firms to log in as. They are the same always. */
const struct demo_firm *demo_firms(struct pool *pool, size_t *count);

/* Writes files and photos into `folder` (it must exist) and takes them. `cast` (or NULL) gets a line
 * for each person worth trying an item with: uscc, firm, name, document's type and number, what,
 * separated by tabs. 0/-1. */
int demo_load(struct db *db, struct pool *pool, const struct core *core, const char *folder,
              FILE *cast, struct demo_result *result, struct err *err);

/* Two accounts of staff for each role. `out` gets a line for each, under a header line: login, name,
 * role, password, the secret of its one-time passwords (base32), and what it is for, separated by tabs.
 * Accounts that are there get new passwords and secrets, since nobody knows the old ones. 0/-1. */
int demo_staff(struct db *db, struct pool *pool, const struct core *core, FILE *out,
               struct err *err);

/* Load-test data on top of what is there, in bulk: `count` more electronic certificates (state
 * 01, without documents), or paper certificates with photos. Firms of 20 to 500, the first of
 * 10,000. For a database on which nobody works. 0/-1. */
enum demo_bulk { DEMO_CERTIFICATES, DEMO_PAPERS };
int demo_bulk(struct db *db, const struct core *core, enum demo_bulk what, uint64_t count,
              void (*progress)(void *context, uint64_t done, uint64_t all), void *context,
              struct err *err);

#endif
