/*
 * Corrections 数据更正: what was written down wrong is put right, with its reason, what it was and what
 * it is to be; one member of staff proposes, a reviewer decides.
 *
 * Of a person: document (typed wrong), sex, birth, education, technical title, phone. The name is
 * changed at the window alone (core/proposal/name_change.h). A document that is somebody else's is refused: two
 * people are never made one.
 *
 * Of a certificate in force or suspended: post, first_issued, valid_from, valid_until, held_since.
 * Never its class, number or holder; nor its firm, which changes by transfer and rename alone; nor
 * post 01, since a certificate of a legal representative is cancelled and applied for anew (R8, R13).
 * No other correction moves the end of a term (domain 4), and the end itself is corrected within the
 * years that a term has.
 *
 * What stands on a certificate (sex, birth; post and dates but held_since) makes a new version
 * (core/proposal/restate.h); what does not makes none. It is judged when it is proposed and again when it is
 * decided: values must still be what they were. An import may not turn sex or birth back
 * (person_change), what does not stand on a certificate it may; nor may it make somebody else of a
 * document that was corrected away.
 */
#ifndef ECERT_CORE_PROPOSAL_CORRECTION_H
#define ECERT_CORE_PROPOSAL_CORRECTION_H

#include "core/proposal/proposal.h"
#include "core/proposal/restate.h"
#include "core/register/person_data.h"

extern const struct proposal_kind correction_person_kind, correction_certificate_kind;

/* The attachment that a correction may bring. */
#define CORRECTION_EVIDENCE "evidence" /* 更正依据 */

/* What is wrong with what was typed. */
enum correction_fault {
    CORRECTION_POST, CORRECTION_FIRST_ISSUED, CORRECTION_VALID_FROM, CORRECTION_VALID_UNTIL,
    CORRECTION_HELD_SINCE, CORRECTION_FAULTS
};

/* What a person is to be: NULL, 0 or none is left as it is, "" empties. Sex and birth of a resident
 * follow a corrected number by themselves. faults[] as of person_judge; out->row_count 0: nothing would
 * change. Everything in the pool. 1; 0: there is no such person; -1. */
int correction_of_person(struct change *change, uint64_t person_id, const struct person_data *typed,
                         struct proposal_new *out, const char *faults[PERSON_FIELDS],
                         struct err *err);

/* What stands on a certificate and what it is to be: NULL or none is left as it is. */
struct correction_face {
    const char *post;
    struct date first_issued, valid_from, valid_until, held_since;
};
/* 1; 0: it is not there, or neither in force nor suspended; -1. */
int correction_of_certificate(struct change *change, uint64_t certificate_id,
                              const struct correction_face *typed, struct proposal_new *out,
                              const char *faults[CORRECTION_FAULTS], struct err *err);

/* A certificate by its number, in normal form. 1/0/-1. */
int correction_find(struct db *db, struct pool *pool, const char *number, uint64_t *id,
                    struct err *err);

/* The rules of it, as a pure function: `after` is whole, `before` what it was; of each field that
 * changes, or that a change contradicts, a Chinese sentence. Yields how many are wrong. */
unsigned correction_judge(const struct policy *policy, const char *class_code,
                          const struct correction_face *before,
                          const struct correction_face *after, struct date today,
                          const char *faults[CORRECTION_FAULTS]);

#endif
