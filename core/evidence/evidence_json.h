/*
 * What an evidence service answers, read:
 *
 *     {"records": [{"exam_no": "…", "uscc": "…", "class": "B", "post": "07",
 *                   "exam_date": "2026-01-15", "score": 86, "passed": true}, …]}
 *
 * Members are named as the columns of the CSV file of the kind (without the person, who was asked
 * for). Numbers are whole JSON numbers; passed is true, false, 1 or 0; provider may be missing or
 * null. Members that are not known are passed over; a member twice is refused.
 */
#ifndef ECERT_CORE_EVIDENCE_EVIDENCE_JSON_H
#define ECERT_CORE_EVIDENCE_EVIDENCE_JSON_H

#include "base/text.h"
#include "core/evidence/evidence.h"

/* Shape and types only; evidence_check sees to the rest. The records live in the pool. 0/-1
 * (ERR_UNAVAILABLE; quotes nothing of the answer). */
int evidence_json_read(enum evidence_kind kind, struct pool *pool, struct bytes text,
                       struct evidence_records *records, struct err *err);

#endif
