/*
 * Facts for the tests of the rules: for each act a person and a firm of whom everything holds, to be
 * spoilt by the case; and what a verdict must say. Whatever fails ends the test.
 */
#ifndef ECERT_TESTS_CORE_RULES_RULING_H
#define ECERT_TESTS_CORE_RULES_RULING_H

#include "core/rules/rules.h"

enum { RULING_HOLDINGS = 24, RULING_EXAMS = 4 };
enum { OWN = 1, SECOND = 2, THIRD = 3 }; /* firms: 甲公司, which acts, 乙公司 and 丙公司 */

struct ruling {
    struct pool *pool;
    enum act act;
    struct policy policy;
    struct facts facts;
    struct holding holdings[RULING_HOLDINGS]; /* the first is acted upon, where the act has one */
    struct exam exams[RULING_EXAMS];
    struct verdict verdict;
};

extern const struct date ruling_today; /* 2026-03-01 */

/* An act that all its rules allow on this day, over a B; of LEGAL an A. It points into itself: do
 * not copy it. */
void ruling_make(struct ruling *ruling, enum act act, struct date today);
void ruling_free(struct ruling *ruling);

/* One more certificate: 沪建安<class>（2023）<7 digits of its place in the list>, within its dates. */
struct holding *ruling_hold(struct ruling *ruling, const char *class_code, uint64_t firm,
                            const char *state);
/* What the act is about is of this class. */
void ruling_class(struct ruling *ruling, const char *class_code);

/* Judges; this rule must say so, and pass exactly where there is no advice; and `others` further
 * findings fail. */
void ruling_expect(struct ruling *ruling, const char *rule, const char *fact, const char *advice,
                   size_t others);

/* Of each of these rules (" R1 R2 ") every act has had a case that passed and one that failed; of
 * those that can't fail there, one that passed. */
void ruling_assert_covered(const char *rules);

#endif
