/* The kinds of proposals: each is defined, with its judge and apply, in the file of its business. */
#include "core/proposal/capture_take.h"
#include "core/proposal/correction.h"
#include "core/proposal/enterprise_register.h"
#include "core/proposal/hold_kinds.h"
#include "core/proposal/name_change.h"
#include "core/proposal/proposal.h"
#include "core/proposal/sanction.h"

const struct proposal_kind *const proposal_kinds[] = {
    &capture_kind,
    &sanction_suspend,
    &sanction_give_back,
    &sanction_withdraw,
    &sanction_revoke,
    &sanction_cancel,
    &sanction_take_back,
    &hold_place,
    &hold_release,
    &name_change_kind,
    &correction_person_kind,
    &correction_certificate_kind,
    &enterprise_correct,
    NULL,
};
