/*
 * Taking a photo of a person 个人身份信息采集. It comes into use at once where the window read the
 * resident's card with the reader; any other waits for the second look of another clerk
 * (core/proposal/proposal.h, kind "capture").
 */
#ifndef ECERT_CORE_PROPOSAL_CAPTURE_TAKE_H
#define ECERT_CORE_PROPOSAL_CAPTURE_TAKE_H

#include <stdint.h>

#include "core/proposal/proposal.h"
#include "core/scan/scan.h"

struct err;
struct person;

enum capture_end {
    CAPTURE_USED,     /* in use now */
    CAPTURE_PROPOSED, /* waits for the second look: proposal->number */
    CAPTURE_SAME,     /* this very photo is in use already: nothing was done */
    CAPTURE_REFUSED   /* not now: proposal->refusals; the transaction must end without it */
};

/* Takes a photo that scan_photo made, of a person locked by person_lock, inside the present
 * transaction, which change_end has ended. `roles` are the clerk's. The same photo again is the capture
 * that is there. 0/-1 (ERR_CONFLICT). */
int capture_take(struct change *change, unsigned roles, const struct person *person,
                 const char *source, const struct scan *photo, struct proposal *proposal,
                 enum capture_end *end, struct err *err);

/* The kind of proposal: rows "capture" (ids of the photo before and after), and what the clerk saw. */
extern const struct proposal_kind capture_kind;
/* The photos of such a proposal: 0 for none. */
void capture_of_proposal(const struct proposal *proposal, uint64_t *before, uint64_t *after);

#endif
