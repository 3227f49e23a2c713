/*
 * The register of enterprises as staff see it 企业登记: lists, the whole of one firm, and its
 * correction, which one reviewer proposes and another decides (core/proposal/proposal.h).
 *
 * A correction names its fields with their values before and after; the number of a document stands
 * whole in the sealed rows without a label, and masked in the one that is shown. A new name touches no
 * certificate: it makes R16 offer the firm its change of name. Another legal representative is what R8
 * looks at from then on.
 */
#ifndef ECERT_CORE_PROPOSAL_ENTERPRISE_REGISTER_H
#define ECERT_CORE_PROPOSAL_ENTERPRISE_REGISTER_H

#include "core/matter/change.h"
#include "core/matter/matter.h"
#include "core/proposal/proposal.h"
#include "core/register/enterprise.h"

struct db_rows;

/* What can be corrected. Texts are "" where nothing is known. */
enum enterprise_field {
    ENTERPRISE_NAME,
    ENTERPRISE_REGION, /* local, outside */
    ENTERPRISE_PROVINCE,
    ENTERPRISE_REP_NAME,
    ENTERPRISE_REP_TYPE,
    ENTERPRISE_REP_NO, /* normal form */
    ENTERPRISE_FIELDS
};

struct enterprise_record {
    struct enterprise firm;
    const char *fields[ENTERPRISE_FIELDS]; /* the number in full: not for pages */
    const char *rep_no_masked;
    bool has_phone;
    int64_t created_ms, updated_ms;
};

/* 1/0/-1. */
int enterprise_record_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                           struct enterprise_record *out, struct err *err);

struct enterprise_page {
    size_t count;
    const struct enterprise *rows;
    uint64_t next; /* value for `after`, or 0 */
};
/* By the beginning of a name, in the order of names; NULL: all, newest first. `after` is the id of the
 * last row seen, or 0. 0/-1. */
int enterprise_search(struct db *db, struct pool *pool, const char *name, uint64_t after,
                      size_t limit, struct enterprise_page *page, struct err *err);

/* Its certificates by state, as stored: columns state, count. 0/-1. */
int enterprise_states(struct db *db, struct pool *pool, uint64_t id, struct db_rows *rows,
                      struct err *err);
/* Its last matters, newest first: number, item, state, holder_name and opened_on alone. 0/-1. */
enum { ENTERPRISE_MATTERS = 10, ENTERPRISE_CORRECTIONS = 10 };
int enterprise_matters(struct db *db, struct pool *pool, uint64_t id, const struct matter **matters,
                       size_t *count, struct err *err);
/* Its last corrections, newest first, with their rows. 0/-1. */
int enterprise_corrections(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                           const struct proposal **corrections, size_t *count, struct err *err);

/* What is typed, checked and brought to its normal form: a Chinese sentence for each field that is
 * wrong. How many are. */
unsigned enterprise_judge(struct pool *pool, const char *const typed[ENTERPRISE_FIELDS],
                          struct date today, const char *normal[ENTERPRISE_FIELDS],
                          const char *faults[ENTERPRISE_FIELDS]);
/* The rows of a correction: *count of them, 0 where nothing differs. `rows` has room for
 * 2 * ENTERPRISE_FIELDS. */
void enterprise_rows(struct pool *pool, const struct enterprise_record *record,
                     const char *const after[ENTERPRISE_FIELDS], struct proposal_row *rows,
                     size_t *count);

extern const struct proposal_kind enterprise_correct;

#endif
