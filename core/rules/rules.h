/*
 * The rules R1 … R21 as data: a rule is a row, its test a pure function over facts read before.
 */
#ifndef ECERT_CORE_RULES_RULES_H
#define ECERT_CORE_RULES_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"
#include "core/rules/facts.h"

struct pool;

/* What is done to a certificate: an item of the manual may do several things. */
enum act {
    ACT_EXCHANGE,      /* 换领 */
    ACT_ISSUE,         /* 初次申领 */
    ACT_LEGAL,         /* 法定代表人 A */
    ACT_RENEW,         /* 延期, a firm of this city */
    ACT_RENEW_OUTSIDE, /* 外省市企业继续教育证书申领 */
    ACT_TRANSFER,      /* 企业隶属关系变更 */
    ACT_RENAME,        /* 企业名称变更 */
    ACT_CANCEL,        /* 注销 */
    ACT_DEPART,        /* 离沪 */
    ACT_COUNT
};
const char *act_name(enum act act);  /* "issue": for events, tools and logs */
const char *act_label(enum act act); /* 初次申领 */
enum item act_item(enum act act);
/* By its name; ACT_COUNT for an unknown one. */
enum act act_by_name(const char *name);

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
    enum act act;
    bool allowed;
    size_t count;
    struct finding findings[FINDINGS_MAX];
};

/* What the rules of these acts need to know (enum facts_know, or-ed). `acts`: ACT_BIT, or-ed. */
#define ACT_BIT(act) (1u << (act))
unsigned rules_know(unsigned acts);

/* Judges all rules of the act, in the order of the table; never stops at the first failure. */
void rules_judge(struct pool *pool, const struct policy *policy, enum act act,
                 const struct facts *facts, struct verdict *verdict);

/* The rules that failed in any of these, each once, as an audit event's detail:
 * {"rules":"R3 R14"}. In the pool. */
const char *rules_failed(struct pool *pool, const struct verdict *const *verdicts, size_t count);

/* What the first of the rules of this name demands: "R2" → 已完成个人身份信息采集; NULL: there is none. */
const char *rule_demand(const char *name);
/* The exam that counts for a class ("C": any C class) in these facts: the newest; NULL: none. */
const struct exam *rules_exam(const struct facts *facts, const char *class_code);
/* First day on which a certificate of this end may be renewed. */
struct date rules_renewal_opens(const struct policy *policy, struct date valid_until);
/* Does this class always leave with the others (R18)? */
bool rules_departure_locked(const struct policy *policy, const char *class_code);

#endif
