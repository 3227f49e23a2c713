/*
 * The rules R1 … R20 as data: a rule is a row, its test a pure function over facts read before.
 */
#ifndef ECERT_CORE_RULES_H
#define ECERT_CORE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/core.h"
#include "core/matter.h"

struct pool;

/* Facts about one person, certificate and firm, as far as an item's rules need them. */
struct facts {
    enum item item;
    struct date today;
    uint64_t enterprise_id;       /* of the firm that acts */
    /* The paper certificate of an exchange. */
    uint64_t paper_enterprise_id;
    bool paper_exchanged;
    bool identifier_free;         /* the number yields an identifier that nobody has */
    struct date paper_valid_until;
    const char *id_type;          /* of the person's document */
    bool has_photo;
};

/* How one rule came out. Texts are Chinese, for the clerk, in the pool. */
struct finding {
    const char *rule;    /* "R3" */
    bool passed;
    const char *demand;  /* what must hold */
    const char *fact;    /* the fact that was looked at, in words: 有效期至 2026-03-01 */
    const char *advice;  /* what to do next; "" when it passed */
};

enum { FINDINGS_MAX = 24 };
struct verdict {
    enum item item;
    bool allowed;
    size_t count;
    struct finding findings[FINDINGS_MAX];
};

/* Judges all rules of the item, in the order of the table; never stops at the first failure. */
void rules_judge(struct pool *pool, const struct policy *policy, const struct facts *facts,
                 struct verdict *verdict);

#endif
