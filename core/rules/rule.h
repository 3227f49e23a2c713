/*
 * The tests of the rules, for the table in rules.c: pure functions over facts. Each says the fact
 * it looked at in words, and what to do about it when it failed.
 */
#ifndef ECERT_CORE_RULES_RULE_H
#define ECERT_CORE_RULES_RULE_H

#include "core/rules/rules.h"

struct outcome {
    const char *fact;
    const char *advice;
};

struct ground {
    struct pool *pool;
    const struct policy *policy;
    const struct facts *facts;
};

typedef bool rule_test(const struct ground *ground, struct outcome *outcome);

/* rule_holder.c: who the person is, and what else is held. */
rule_test rule_own_paper, rule_own_certificate, rule_own_person; /* R1 */
rule_test rule_identity_captured;                                /* R2 */
rule_test rule_legal_representative;                             /* R8 */
rule_test rule_one_legal_a, rule_one_a;                          /* R9 */
rule_test rule_one_b, rule_one_c, rule_one_firm;                 /* R10, R11, R12 */
rule_test rule_nothing_pending;                                  /* R19 */
rule_test rule_age;                                              /* R20 */
rule_test rule_not_held;                                         /* R21 */

/* rule_evidence.c: exam, insurance, education. */
rule_test rule_exam, rule_exam_unused, rule_legal_exam; /* R4, R8 */
rule_test rule_insured;                                 /* R5 */
rule_test rule_window, rule_education;                  /* R6, R7 */
rule_test rule_outside;                                 /* R7 */

/* rule_matter.c: what the matter itself demands. */
rule_test rule_paper_waiting, rule_paper_in_force, rule_identifier_free; /* R3 */
rule_test rule_not_legal;                                                /* R13 */
rule_test rule_held_long_enough;                                         /* R14 */
rule_test rule_may_move;                                                 /* R15 */
rule_test rule_name_differs;                                             /* R16 */
rule_test rule_in_force, rule_reason, rule_signed;                       /* R17, R18 */
rule_test rule_locked_leave;                                             /* R18 */

/* Both yield what a test returns. */
static inline bool rule_pass(struct outcome *outcome, const char *fact)
{
    outcome->fact = fact;
    return true;
}
static inline bool rule_fail(struct outcome *outcome, const char *fact, const char *advice)
{
    outcome->fact = fact;
    outcome->advice = advice;
    return false;
}

#define RULE_CALL_AUTHORITY "请联系管理部门处理"

bool rule_is_c(const char *class_code);

#endif
