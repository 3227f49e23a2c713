/*
 * What the register knows of a person as evidence (R4 to R7), for the eyes of staff: exam results,
 * social insurance and continuing education, newest first.
 */
#ifndef ECERT_CORE_EVIDENCE_EVIDENCE_LIST_H
#define ECERT_CORE_EVIDENCE_EVIDENCE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/evidence/evidence.h"

struct evidence_row {
    const char *number;          /* exam_no, record_no; "" for insurance */
    const char *enterprise_name; /* by the register */
    const char *class_code, *post; /* "" where there is none */
    struct date date;            /* of the exam, of completion; the first day of an insured month */
    int64_t amount;              /* score, hours */
    bool passed;
    const char *more;            /* the certificate an exam made, who taught; "" */
};

/* The last EVIDENCE_LISTED of a kind; *more: there are others. 0/-1. */
enum { EVIDENCE_LISTED = 100 };
int evidence_list(struct db *db, struct pool *pool, enum evidence_kind kind, uint64_t person_id,
                  const struct evidence_row **rows, size_t *count, bool *more, struct err *err);

#endif
