#include <string.h>

#include "base/pool.h"
#include "core/register/certificate.h"
#include "core/rules/rule.h"

const struct exam *rules_exam(const struct facts *facts, const char *class_code)
{
    bool any_c = strcmp(class_code, "C") == 0;

    for (size_t i = 0; i < facts->exam_count; i++)
        if (any_c ? rule_is_c(facts->exams[i].class_code)
                  : strcmp(facts->exams[i].class_code, class_code) == 0)
            return &facts->exams[i];
    return NULL;
}

static const char *exam_words(const struct ground *ground, const char *tail)
{
    const struct exam *exam = ground->facts->exam;
    char day[11];

    date_format(exam->date, day);
    return pool_printf(ground->pool, "%s 考核合格，成绩 %u 分，准考证号 %s%s", day, exam->score,
                       exam->number, tail);
}

#define TAKE_EXAM "请以本企业名义参加该类别的安全生产考核，合格后再申领"

bool rule_exam(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;

    if (!facts->exam)
        return rule_fail(outcome, "没有查询到本企业该类别的合格成绩", TAKE_EXAM);
    if (date_compare(facts->today,
                     date_add_months(facts->exam->date, (int)ground->policy->exam_months)) > 0)
        return rule_fail(outcome,
                         exam_words(ground, pool_printf(ground->pool, "，已超过 %d 个月",
                                                        (int)ground->policy->exam_months)),
                         TAKE_EXAM);
    return rule_pass(outcome, exam_words(ground, ""));
}

bool rule_exam_unused(const struct ground *ground, struct outcome *outcome)
{
    const struct exam *exam = ground->facts->exam;

    if (!exam)
        return rule_pass(outcome, "没有需要核对的成绩");
    if (exam->certificate_id)
        return rule_fail(
            outcome, pool_printf(ground->pool, "准考证号 %s 的成绩已用于申领证书", exam->number),
            TAKE_EXAM);
    return rule_pass(outcome, "该成绩尚未使用");
}

/* A valid A elsewhere stands in for the exam. */
bool rule_legal_exam(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;

    for (size_t i = 0; i < facts->holding_count; i++) {
        const struct holding *holding = &facts->holdings[i];

        if (!holding->paper && strcmp(holding->class_code, "A") == 0 &&
            strcmp(holding->state, STATE_VALID) == 0 && holding->enterprise_id != facts->firm.id)
            return rule_pass(outcome, pool_printf(ground->pool, "在%s持有有效的A证 %s",
                                                  holding->enterprise_name, holding->number));
    }
    if (!facts->exam)
        return rule_fail(outcome, "没有可用的考核成绩", TAKE_EXAM);
    return rule_exam_unused(ground, outcome) && rule_exam(ground, outcome);
}

static const char *month_text(struct pool *pool, struct date month)
{
    return pool_printf(pool, "%d年%d月", month.year, month.month);
}

bool rule_insured(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;
    struct date first = {facts->today.year, facts->today.month, 1};
    struct date least = date_add_months(first, -1 - (int)ground->policy->insurance_grace_months);

    if (!facts->firm.local)
        return rule_pass(outcome, "外省市企业，不核对社会保险");
    if (date_is_none(facts->insured))
        return rule_fail(outcome, "没有查询到本企业为该人员缴纳社会保险的记录",
                         pool_printf(ground->pool,
                                     "请由本企业为该人员缴纳社会保险，"
                                     "%s或以后的缴费到账后再办理",
                                     month_text(ground->pool, least)));
    const char *last = month_text(ground->pool, facts->insured);
    if (date_compare(facts->insured, least) >= 0)
        return rule_pass(outcome, pool_printf(ground->pool, "本企业最近一次缴费月份为 %s", last));
    return rule_fail(outcome, pool_printf(ground->pool, "本企业最近一次缴费月份为 %s", last),
                     pool_printf(ground->pool, "须有 %s或以后的缴费记录，请缴费到账后再办理",
                                 month_text(ground->pool, least)));
}

struct date rules_renewal_opens(const struct policy *policy, struct date valid_until)
{
    /* The last day counts: 90 days reach from the 89th day before it. */
    return date_add_days(valid_until, 1 - (int)policy->renew_days);
}

bool rule_window(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;
    const struct holding *holding = facts->holding;
    struct date opens = rules_renewal_opens(ground->policy, holding->valid_until);
    char until[11], from[11];

    date_format(holding->valid_until, until);
    date_format(opens, from);
    if (strcmp(holding->state, STATE_EXPIRED) == 0)
        return rule_fail(outcome, pool_printf(ground->pool, "有效期至 %s，已失效", until),
                         "证书已失效，请重新参加安全生产考核，合格后申领");
    if (strcmp(holding->state, STATE_VALID) != 0)
        return rule_fail(outcome,
                         pool_printf(ground->pool, "证书状态为%s", state_label(holding->state)),
                         RULE_CALL_AUTHORITY);
    if (date_compare(facts->today, opens) < 0)
        return rule_fail(outcome, pool_printf(ground->pool, "有效期至 %s", until),
                         pool_printf(ground->pool, "请在 %s 至 %s 之间办理", from, until));
    return rule_pass(outcome,
                     pool_printf(ground->pool, "有效期至 %s，自 %s 起可以办理", until, from));
}

bool rule_education(const struct ground *ground, struct outcome *outcome)
{
    const struct holding *holding = ground->facts->holding;
    int64_t wanted = ground->policy->education_hours;
    char from[11], until[11];

    date_format(holding->valid_from, from);
    date_format(holding->valid_until, until);
    outcome->fact = pool_printf(ground->pool, "%s 至 %s 已完成 %u 学时，要求 %d 学时", from, until,
                                holding->hours, (int)wanted);
    if (holding->hours >= (uint64_t)wanted)
        return true;
    return rule_fail(outcome, outcome->fact,
                     pool_printf(ground->pool, "请在有效期内再完成 %d 学时的继续教育",
                                 (int)(wanted - holding->hours)));
}

bool rule_outside(const struct ground *ground, struct outcome *outcome)
{
    if (!ground->facts->firm.local)
        return rule_pass(outcome, "企业登记为外省市企业");
    return rule_fail(outcome, "企业登记为本市企业", "本市企业请按延期办理");
}
