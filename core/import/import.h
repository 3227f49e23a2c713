/*
 * Import: CSV files of the registers around us become rows of ours.
 *
 * A file is taken whole or not at all. Pass one reads it line by line, checks each column and
 * what columns say together, and puts the rows, block by block, into a temporary table; pass two
 * checks the whole set at once (keys twice in the file, people and enterprises that are not
 * there) and merges it in one transaction. Memory does not grow with the file. A row that says
 * what is there already changes nothing; the same file twice writes nothing at all, not even to
 * the audit. An empty optional column empties the field, but a photo is never taken away.
 *
 * Kinds and columns: README of the operator, and the tables in import_register.c and
 * import_evidence.c.
 */
#ifndef ECERT_CORE_IMPORT_IMPORT_H
#define ECERT_CORE_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/core.h"

struct db;
struct err;
struct pool;
struct import_kind;

enum { IMPORT_PROBLEMS = 1000 }; /* kept; all are counted */
enum { IMPORT_SAMPLES = 10 };    /* rows shown before a file is taken */

/* One mistake in the file. */
struct import_problem {
    size_t line;
    const char *column; /* "" when it concerns the line */
    const char *value;  /* shortened; masked where it is sensitive */
    const char *text;   /* what is wrong */
    const char *said;   /* the same in Chinese */
};

struct import_result {
    uint64_t rows;
    uint64_t added, changed, photos;
    uint64_t problem_count; /* more than 0: nothing was taken */
    size_t kept;
    const struct import_problem *problems; /* by line; in the caller's pool */
};

struct import {
    const struct import_kind *kind;
    const char *path; /* photos stand in the same folder */
    /* A file that came without a path, which can be read twice, and its SHA-256; or NULL. It is
     * closed at the end. `path` is then what errors call it. */
    FILE *file;
    const uint8_t *sha256;
    bool dry_run; /* everything but the merge */
    struct actor actor;
    uint64_t id;  /* its row in import_run; 0: it gets one when it has changed something */
    /* Each may be NULL. Called now and then with the number of lines read, and without any when all
     * are read: -1 ends the import. */
    int (*progress)(void *context, uint64_t lines, struct err *err);
    /* The first IMPORT_SAMPLES rows, field by field as they may be shown. */
    void (*sample)(void *context, size_t line, const char *const *shown);
    /* Each problem behind the IMPORT_PROBLEMS that are kept, as it is found. */
    void (*beyond)(void *context, const struct import_problem *problem);
    /* The last statements of the transaction that takes the file: -1 and nothing is taken. */
    int (*settle)(void *context, const struct import_result *result, struct err *err);
    void *context;
};

/* What a column of the kind is called in the file, and in Chinese; NULL behind the last. */
const char *import_column_name(const struct import_kind *kind, size_t n, const char **label);
const char *import_kind_label(const struct import_kind *kind);
const char *import_name(const struct import_kind *kind);

/* enterprises people paper_certificates exam_results insurance education; NULL for another. */
const struct import_kind *import_kind_find(const char *name);

/* Name of the n-th kind, NULL behind the last. */
const char *import_kind_name(size_t n);

/* 0, also when the file has mistakes: look at result->problem_count. -1: the file can't be read
 * or is no such CSV (ERR_INPUT, ERR_SYSTEM), or the database failed. */
int import_file(struct db *db, struct pool *pool, const struct core *core,
                const struct import *import, struct import_result *result, struct err *err);

/* What an import left for the way back (see import_life.h). */
struct import_undone {
    uint64_t built;                        /* of what was built on it; more than 0: it stays */
    const struct import_problem *problems; /* `value` what, `said` why; in the pool */
    size_t kept;
};

/* Inside the present transaction: takes back what this run of import_run, taken at that instant, has
 * added and changed, unless something was built on it. 0/-1. */
int import_undo(struct db *db, struct pool *pool, const struct import_kind *kind, uint64_t id,
                struct import_undone *undone, struct err *err);

#endif
