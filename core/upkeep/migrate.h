/*
 * Migrations: the files of schema/, run once each, in order, forward only.
 *
 * A file is `NNN-what.sql`, numbers from 001 without a gap, one statement each: CREATE, ALTER or
 * DROP TABLE, or INSERT, UPDATE, DELETE. The table schema_migration notes each with the SHA-256
 * of its text. Refused (ERR_CONFIG): a changed text, a number this installation does not know, a
 * gap, a file that is no migration.
 *
 * Two runs at once are safe: a run holds a row lock, which ends with its connection, so that a
 * run that was killed blocks nobody. DDL can't be in one transaction with its note; so the note
 * is begun before, with a fingerprint of the table, and finished after. A run that finds a begun
 * note compares fingerprints: equal, the statement was not done and is run; else it was done.
 */
#ifndef ECERT_CORE_UPKEEP_MIGRATE_H
#define ECERT_CORE_UPKEEP_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct db;
struct db_settings;
struct err;
struct pool;

struct migration {
    unsigned number;
    const char *name; /* of the file, without folder: "001-enterprise.sql" */
    bool applied;
};

/* What stands in the folder, in order, and what of it the database has. Checks everything that
 * migrate_run would refuse; changes nothing. 0/-1. */
int migrate_plan(struct db *db, struct pool *pool, const char *folder,
                 const struct migration **migrations, size_t *count, struct err *err);

/* Runs what is missing and calls told(context, name) after each. Opens two connections of its
 * own. 0/-1 (ERR_CONFLICT: another run holds the lock for longer than the server lets us wait). */
int migrate_run(const struct db_settings *settings, const char *folder,
                void (*told)(void *context, const char *name), void *context, struct err *err);

/* Exactly this schema, nothing missing, nothing more: for the start of programs. 0/-1
 * (ERR_CONFIG says what to do). */
int migrate_check(struct db *db, const char *folder, struct err *err);

#endif
