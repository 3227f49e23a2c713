/*
 * 企业名称变更: all valid certificates of a firm that carry another name than the register get a new
 * version (R16), all and only they.
 *
 * Starting it lets them wait for the matter (R19) and is done; an issuer then takes them in batches
 * (core/issue/task.h). A certificate that changed in spite of that fails alone, and may be tried again; so does
 * one that can't be changed at all.
 */
#ifndef ECERT_CORE_ITEM_RENAME_H
#define ECERT_CORE_ITEM_RENAME_H

#include "core/matter/change.h"
#include "core/matter/matter.h"
#include "core/register/certificate.h"
#include "core/rules/rules.h"

struct rename {
    struct matter matter;
    struct verdict verdict; /* when it is refused */
    bool running;           /* it was started before: `matter` is that one */
};

/* What would be renamed: the verdict of R16, and facts. 1/0 (no such firm)/-1. */
int rename_judge(struct change *change, struct facts *facts, struct verdict *verdict,
                 struct err *err);

/* The same, with the first `limit` of them instead of their number (facts.outdated, outdated_more):
 * this takes no longer where there are many. */
int rename_preview(struct change *change, size_t limit, struct facts *facts,
                   struct verdict *verdict, struct certificate_page *page, struct err *err);
/* Hints that either will be asked (db_ahead). */
void rename_judge_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id,
                        struct date today);
void rename_preview_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id,
                          struct date today, size_t limit);
/* Starts it, or finds the one that runs. 1; 0: refused, and recorded so; -1. */
int rename_start(struct change *change, struct rename *out, struct err *err);

/* Takes up what failed of a matter that is over. 1; 0: there is nothing to take up, or *held: it is the
 * firm that asks, and it is held (R21); -1. */
int rename_retry(struct change *change, const char *number, bool *held, struct err *err);

struct task;
/* A batch of it, inside the present transaction (core/issue/task.h); *done counts certificates. 0/-1. */
int rename_batch(struct change *change, const struct task *task, size_t *done, struct err *err);
/* Nothing of it waits any more: closes the matter, inside the present transaction. 0/-1. */
int rename_end(struct change *change, const struct task *task, struct err *err);

/* Hints that rename_running will be asked (db_ahead). */
void rename_running_ahead(struct db *db, struct pool *pool, uint64_t enterprise_id);
/* The matter of this firm that runs. 1/0/-1. */
int rename_running(struct db *db, struct pool *pool, uint64_t enterprise_id,
                   char number[MATTER_NUMBER_SIZE], struct err *err);

#endif
