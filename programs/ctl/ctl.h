/*
 * What the verbs of ecertctl share: one verb = one file = one const struct verb = one line of
 * the table in programs/ecertctl.c.
 */
#ifndef ECERT_PROGRAMS_CTL_CTL_H
#define ECERT_PROGRAMS_CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "core/core.h"
#include "programs/settings.h"

struct change;
struct db;
struct err;
struct pool;
struct vault;

/* What is made ready before a verb runs; each includes what it needs. */
enum ctl_need {
    CTL_NOTHING = 0,  /* the configuration only */
    CTL_DATABASE = 1, /* a connection */
    CTL_SCHEMA = 3,   /* and exactly this schema */
    CTL_VAULT = 4     /* the keys of Vault.File */
};

enum { CTL_OPTIONS = 8, CTL_OPERANDS = 8 };

/* --name, or --name VALUE. */
struct ctl_option {
    const char *name;
    const char *value; /* what the help calls the value; NULL: none is taken */
    const char *help;
};

struct ctl {
    struct pool *pool;
    struct settings settings;
    struct db *db;
    struct vault *vault;
    struct core core;
    struct actor actor; /* the operator */
    const char *given[CTL_OPTIONS]; /* by the verb's options; NULL: not given, "": given */
    const char *operands[CTL_OPERANDS];
    size_t operand_count;
    bool json;
};

struct verb {
    const char *name;
    const char *operands; /* "KIND FILE", for the usage line */
    const char *help;     /* what it does, for --help */
    unsigned needs;       /* enum ctl_need, or-ed */
    size_t least, most;   /* operands */
    struct ctl_option options[CTL_OPTIONS]; /* ends with no name */
    /* An exit code; with EXIT_FAILED and EXIT_CONFIG *err may say why (else its kind is ERR_NONE). */
    int (*run)(struct ctl *ctl, struct err *err);
};

/* A verb whose first operand chooses what is done: key make, staff add … */
struct ctl_action {
    const char *name;
    size_t operands; /* behind the name */
    int (*run)(struct ctl *ctl, struct err *err);
};
int ctl_choose(struct ctl *ctl, const struct ctl_action *actions, size_t count, struct err *err);

/* What core is handed to act, or to judge, by: the operator, now, of no enterprise yet. */
struct change ctl_change(struct ctl *ctl);

/* An option's value within bounds; `fallback` when it was not given. False, and a message, when
 * it is no such number. */
bool ctl_number(const struct ctl *ctl, size_t option, const char *name, uint64_t high,
                uint64_t fallback, uint64_t *value);

/* Tells the operator one thing on standard output: a sentence, or with --json the pairs as one
 * JSON object on one line. */
#define CTL_PAIRS(...)                                                                             \
    (const struct log_pair[]){__VA_ARGS__},                                                        \
        sizeof((const struct log_pair[]){__VA_ARGS__}) / sizeof(struct log_pair)
void ctl_tell(const struct ctl *ctl, const struct log_pair *pairs, size_t count,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "N of M" on standard error, if that is a terminal; at most ten times a second. */
void ctl_progress(const char *what, uint64_t done, uint64_t all);

/* Notes in the audit that the operator did this, in a transaction of its own. 0/-1. */
int ctl_audit(struct ctl *ctl, const char *action, const char *object_kind, uint64_t object_id,
              const char *detail, struct err *err);

extern const struct verb verb_audit, verb_check, verb_crl, verb_demo, verb_expire, verb_explain,
    verb_import, verb_imports, verb_jobs, verb_key, verb_migrate, verb_notifications, verb_person,
    verb_purge, verb_staff, verb_stats, verb_verify;

#endif
