/*
 * A proposal on a page, and the preview of one (core/proposal/proposal.h).
 */
#ifndef ECERT_MODULES_STAFF_PROPOSAL_PAGE_H
#define ECERT_MODULES_STAFF_PROPOSAL_PAGE_H

#include "core/proposal/proposal.h"
#include "fcgi/request.h"

/* A row of a list: Number, Kind (its label), Subject (whom it is about, in words), State, Label,
 * Proposer, Proposed, Deadline, Overdue (1), Decider, Decided. */
void page_proposal(struct request *request, HDF *item, const struct proposal *proposal);

/* All of it: besides, KindName, Final, Basis, Reason, From, Until, Text; a list Rows (Label, Before,
 * After) of those with a label; a list Certificates (Id, Number, Class, Name, Enterprise, State,
 * StateLabel, Until, Reason: its own, Effect, Refusal); a list Refusals (Text); Blocked (1: it can't
 * be done now); Count (of its certificates); Spread (1: it is carried out batch by batch; once it was
 * agreed to Running, Progress.Done, .Failed, .Dealt, and of a certificate Fate and Explanation);
 * Person (its id); Photo.Before, Photo.After (ids, of a capture); May.Decide,
 * May.Withdraw, Own (1: whoever looks has proposed it). */
void page_proposal_whole(struct request *request, HDF *node, const struct proposal *proposal);

/* The list Certificates alone. */
void page_proposal_certificates(struct request *request, HDF *node,
                                const struct proposal *proposal);

/* Why it can't be done now: the first few refusals, each ending in "；", between these words. */
const char *proposal_why_not(struct request *request, const struct proposal *proposal,
                             const char *before, const char *after);

/* What proposing leads to: the proposal, or why there is none, with the path of the form. */
enum outcome proposal_answered(struct request *request, const struct proposal *proposal,
                               enum proposal_answer answer, const char *again);
/* Opens it, and says so. */
enum outcome proposal_propose(struct request *request, const struct proposal_new *what,
                              const char *again, struct err *err);

/* The change that a request of staff is, before it has a matter. */
struct change staff_change(const struct request *request, const struct actor *actor);

#endif
