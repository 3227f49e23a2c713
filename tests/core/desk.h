/*
 * A firm's clerk as the pages serve him: each step a transaction of its own, done again where the
 * database asks for it, kept where it was done or refused.
 */
#ifndef ECERT_TESTS_CORE_DESK_H
#define ECERT_TESTS_CORE_DESK_H

#include "core/item/filing.h"
#include "tests/core/testdb.h"

#define DESK_NOW INT64_C(1772323200000) /* 2026-03-01 UTC */

struct desk {
    const struct testdb *testdb;
    struct db *db;
    struct pool *pool;
    uint64_t firm;
    struct date today;
};

/* Whom the tests of filings know, each with what makes one item possible on testdb_today. */
enum { LOCAL = 1, PREVIOUS = 2, OUTSIDE = 3 };
enum {
    HOLDER = 1,      /* B 11 and C1 12 in PREVIOUS; all are insured by LOCAL */
    NEWCOMER,        /* B exam 21 with LOCAL */
    LEADER,          /* leads LOCAL; A 31 in PREVIOUS */
    RENEWER,         /* B 41 in LOCAL ends soon */
    RENEWER_OUTSIDE, /* and B 42 in OUTSIDE */
    LEAVER,          /* A 51, B 52 and C2 53 in LOCAL */
    FORMER,          /* B 61, cancelled by PREVIOUS with reason 01 */
    FACELESS         /* no photo; C3 exam 71 with LOCAL */
};
void desk_people(struct testdb *testdb);
/* Nothing has become of the certificates and exams of these. */
void desk_untouched(struct testdb *testdb);

/* At the test's own connection and pool. */
struct desk desk_of(const struct testdb *testdb, uint64_t firm);
/* What core is handed. */
struct change desk_change(const struct desk *desk, const struct actor *actor);

/* As filing_open, filing_find, filing_confirm and filing_abandon. */
int desk_open(const struct desk *desk, enum item item, uint64_t person_id, const char *wish,
              struct filing *out, struct err *err);
int desk_find(const struct desk *desk, enum item item, const char *number, struct filing *out,
              struct err *err);
int desk_confirm(const struct desk *desk, enum item item, const char *number,
                 const struct filing_choice *choice, struct filing *out, struct err *err);
int desk_abandon(const struct desk *desk, enum item item, const char *number, struct err *err);

/* Opens a draft, which must be one. */
void desk_draft(const struct desk *desk, enum item item, uint64_t person_id, const char *wish,
                struct filing *out);
/* Opens a draft and confirms these certificates; it must be done. Of 注销 with reason 01. */
void desk_do(const struct desk *desk, enum item item, uint64_t person_id, const char *wish,
             const uint64_t *ids, size_t count, struct filing *out);

/* The rules that failed for any subject: "R1 R5 ". In the pool. */
const char *desk_failed(const struct desk *desk, const struct filing *filing);

#endif
