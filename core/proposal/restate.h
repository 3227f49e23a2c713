/*
 * Restating 重新记载: certificates get a new version because what stands on them is not so any more:
 * a name was changed at the window, or something was corrected. Shared by core/proposal/name_change.h and
 * core/proposal/correction.h.
 *
 * It takes those that are in force or suspended on the day. Number, firm, dates and state stay but
 * for what is restated: a suspended certificate stays suspended, its new document is made and can't
 * be had before it is given back. A certificate that waits for a matter of its firm is in the way
 * (R19): the firm's matter is never ended for it, and never done besides it.
 *
 * Each firm concerned gets a matter of its own, done at once, a child of the proposal's: that is what
 * it sees of it, with the certificates and the words, and without anybody of the staff.
 */
#ifndef ECERT_CORE_PROPOSAL_RESTATE_H
#define ECERT_CORE_PROPOSAL_RESTATE_H

#include "core/matter/change.h"
#include "core/proposal/proposal.h"

/* A certificate as it stands, and what the register says of its holder. */
struct restated {
    struct certificate_was was;
    struct certificate_face face;
    const char *person_name;
    unsigned person_sex;
    struct date person_birth;
};

/* The person's, by firm and id. 0/-1. */
int restate_of_person(struct change *change, uint64_t person_id, struct restated **rows,
                      size_t *count, struct err *err);
/* The same as the certificates of a new proposal: fills certificates, count. 0/-1. */
int restate_propose(struct change *change, uint64_t person_id, struct proposal_new *out,
                    struct err *err);
/* One. 1; 0: it is not there, or neither in force nor suspended; -1. */
int restate_of(struct change *change, uint64_t certificate_id, struct restated *out,
               struct err *err);

/* For judges: what stands in the way of each certificate of the proposal, else `effect`. */
int restate_judge(struct change *change, struct proposal *proposal, const char *effect,
                  struct err *err);
/* The same, and that the proposal is about all that the person holds. 0/-1. */
int restate_judge_person(struct change *change, struct proposal *proposal, const char *effect,
                         struct err *err);

/* Writes the new versions of these, as their faces are now, and the matters of the firms. The events
 * are called as the kind is; `words` is what the firms read. 0/-1 (ERR_CONFLICT: they are not those of
 * the proposal). */
int restate(struct change *change, const struct proposal *proposal, const struct restated *rows,
            size_t count, const char *words, struct err *err);
/* A firm's matter for one certificate alone; change->matter_id and enterprise_id are then those of
 * the firm. 0/-1. */
int restate_tell(struct change *change, const struct proposal *proposal,
                 const struct restated *row, unsigned items, const char *words, struct err *err);

#endif
