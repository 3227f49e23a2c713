/*
 * Members of staff as the pages serve them: each step on a proposal a transaction of its own, kept
 * where it was done, and gone where it was not.
 */
#ifndef ECERT_TESTS_CORE_PANEL_H
#define ECERT_TESTS_CORE_PANEL_H

#include "core/proposal/proposal.h"
#include "tests/core/testdb.h"

/* Accounts that panel_staff makes, two of each role. */
enum {
    CLERK = 101, OTHER_CLERK, REVIEWER, OTHER_REVIEWER, DECIDER, OTHER_DECIDER, AUDITOR,
    OTHER_AUDITOR, ADMINISTRATOR, OTHER_ADMINISTRATOR
};
void panel_staff(struct testdb *testdb);
/* The role of an account, as a bit. */
unsigned panel_role(uint64_t staff_id);

struct panel {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    struct date today;
};
/* At the test's own connection and pool. */
struct panel panel_of(const struct testdb *testdb);

/* As proposal_open, proposal_decide, proposal_withdraw and proposal_retry by this account. */
int panel_propose(const struct panel *panel, uint64_t staff_id, const struct proposal_new *what,
                  struct proposal *out, enum proposal_answer *answer, struct err *err);
int panel_decide(const struct panel *panel, uint64_t staff_id, const char *number, bool approve,
                 struct proposal *out, enum proposal_answer *answer, struct err *err);
int panel_withdraw(const struct panel *panel, uint64_t staff_id, const char *number,
                   struct proposal *out, enum proposal_answer *answer, struct err *err);
int panel_retry(const struct panel *panel, uint64_t staff_id, const char *number,
                struct proposal *out, enum proposal_answer *answer, struct err *err);

/* A sanction with a legal basis and a reason; of a kind with a period, that of this month and the
 * next. Of 注销 for reason 01. */
struct proposal_new panel_sanction(const struct proposal_kind *kind, const uint64_t *ids,
                                   size_t count);
/* Proposes it by REVIEWER; decides it by DECIDER. Both must be done. */
void panel_proposed(const struct panel *panel, const struct proposal_new *what,
                    struct proposal *out);
void panel_decided(const struct panel *panel, const char *number, bool approve,
                   struct proposal *out);
/* Both. */
void panel_do(const struct panel *panel, const struct proposal_new *what, struct proposal *out);

/* So many people, each with a B in force in one of the firms 1 to 3; both with ids from `first` on. */
void panel_crowd(struct testdb *testdb, int first, int count);

#endif
