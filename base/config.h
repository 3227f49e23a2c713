/*
 * Configuration: one HDF file, read once at start into plain structs.
 *
 * What a key is stands in tables of struct config_key; this interprets them. Each value can be
 * overridden by the environment as ECERT_SECTION_KEY (Policy.RenewDays → ECERT_POLICY_RENEWDAYS,
 * Policy.AgeMax.C → ECERT_POLICY_AGEMAX_C); what a table has only there is named as 0_PATH → 0.Path.
 * Unknown keys and wrong values are errors that name file and line; all of them are told at once, not
 * the first only.
 *
 * The file is UTF-8 and uses this part of HDF, and nothing else of it (no include, link, copy or
 * attribute); what HDF would let a later line override is a mistake here:
 *
 *     # a comment, on a line of its own
 *     Name = value to the end of the line, without the blanks around it
 *     Section.Name = value
 *     Section {
 *         Name = value
 *         Name << END
 *     several lines
 *     END
 *     }
 */
#ifndef ECERT_BASE_CONFIG_H
#define ECERT_BASE_CONFIG_H

#include <stddef.h>

struct err;
struct pool;

enum config_kind {
    CONFIG_TEXT, /* const char *; at least `low` and at most `high` characters */
    CONFIG_INT,  /* int64_t within [low, high] */
    CONFIG_BOOL, /* bool: 0, 1 */
    CONFIG_DATE, /* struct date: yyyy-mm-dd, or empty */
    CONFIG_PATH, /* const char *: absolute, or relative to the configuration file's folder */
    CONFIG_TREE  /* struct config_entry list: every child of this name, for tables kept by operators */
};

/* One child of a CONFIG_TREE key: Login.FirmCode.0.Issuer = … is { "0.Issuer", … }. */
struct config_entry {
    const char *name;
    const char *value;
    struct config_entry *next;
};

struct config_key {
    const char *name; /* "Policy.RenewDays" */
    enum config_kind kind;
    size_t offset;        /* of the member in the struct that is filled */
    const char *fallback; /* what holds when the key is absent; NULL: the key must be given */
    long long low, high;  /* bounds, by kind; both 0: none */
};

struct config_section {
    const struct config_key *keys;
    size_t count;
    void *target; /* the struct that is filled */
};

/* Reads `path` into all sections; strings live in the pool. 0/-1 (ERR_CONFIG; the text lists
 * every mistake, a line each, as "file:line: Key: what is wrong"). */
int config_load(struct pool *pool, const char *path, const struct config_section *sections,
                size_t count, struct err *err);

/* Where a key has its value from, for whoever finds it wrong later on: "file:line: Key", "environment:
 * ECERT_SECTION_KEY", or "file: Key" where it is not given. A key may be the beginning of a tree's
 * child. In the pool. */
const char *config_where(struct pool *pool, const char *path, const char *key);

/* The content of a secret's file (Database.PasswordFile …) without the newline at its end. The
 * file must not be readable by others. "" for an empty path. 0/-1. */
int config_secret(struct pool *pool, const char *path, const char **secret, struct err *err);

#endif
