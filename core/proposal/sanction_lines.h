/*
 * The certificates of a sanction as a clerk lists them: one a line, its number, and behind a comma or
 * a tab the reason of this one alone where it differs from the others'. Pasted, from a CSV file, or
 * made of what a search has found.
 */
#ifndef ECERT_CORE_PROPOSAL_SANCTION_LINES_H
#define ECERT_CORE_PROPOSAL_SANCTION_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct core;
struct db;
struct err;
struct pool;
struct proposal_row;

enum {
    SANCTION_REASON = 100,       /* characters of a line's reason */
    SANCTION_TEXT = 768 * 1024   /* bytes: as much as a proposal holds (PROPOSAL_ROWS_SIZE), and some */
};

struct sanction_line {
    size_t line;        /* from 1 */
    const char *number; /* in its normal form; of a wrong one as it was typed */
    const char *reason; /* "": that of the proposal */
    uint64_t id;        /* of the certificate; 0 where the line is wrong */
    const char *wrong;  /* why, in words; NULL: it is right */
};

struct sanction_lines {
    size_t count;
    struct sanction_line *lines;
    size_t right; /* how many are */
};

/* Empty lines are left out. A certificate that is named twice is wrong the second time. 0/-1
 * (ERR_LIMIT: more than twice as many lines as a proposal holds). */
int sanction_lines_read(struct db *db, struct pool *pool, const struct core *core,
                        const char *text, struct sanction_lines *out, struct err *err);

/* Ids, and the rows that keep the reasons of their own, of the lines that are right and that
 * `wanted` (NULL: all) does not leave out. Both live in the pool. */
void sanction_lines_pick(struct pool *pool, const struct sanction_lines *lines,
                         bool (*wanted)(void *context, uint64_t id), void *context,
                         uint64_t **ids, struct proposal_row **rows, size_t *count,
                         size_t *row_count);
/* The same as lines again. */
const char *sanction_lines_text(struct pool *pool, const struct sanction_lines *lines,
                                bool (*wanted)(void *context, uint64_t id), void *context);

/* A CSV file with the column number, and reason or not, as lines. False: *wrong names line and fault
 * in words. */
bool sanction_lines_csv(struct pool *pool, struct bytes file, const char **text,
                        const char **wrong);

/* The numbers of these certificates, a line each, by their ids or of a firm: at most `limit`. 0/-1. */
int sanction_lines_of(struct db *db, struct pool *pool, const uint64_t *ids, size_t count,
                      const char **text, struct err *err);
int sanction_lines_of_firm(struct db *db, struct pool *pool, uint64_t enterprise_id, size_t limit,
                           const char **text, struct err *err);

#endif
