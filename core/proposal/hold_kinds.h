/*
 * The proposals that place a hold and release it (core/register/hold.h).
 */
#ifndef ECERT_CORE_PROPOSAL_HOLD_KINDS_H
#define ECERT_CORE_PROPOSAL_HOLD_KINDS_H

#include "core/proposal/proposal.h"

/* Both are about one person or one enterprise. */
extern const struct proposal_kind hold_place, hold_release;

#endif
