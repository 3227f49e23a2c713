#include "core/rules/rules.h"

#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/rules/rule.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { NAMES_MAX = 256 }; /* of all rules, each once */

static const struct act_row {
    const char *name;
    const char *label;
    enum item item;
} acts[ACT_COUNT] = {
    [ACT_EXCHANGE] = {"exchange", "换领", ITEM_EXCHANGE},
    [ACT_ISSUE] = {"issue", "初次申领", ITEM_APPLY},
    [ACT_LEGAL] = {"legal", "法定代表人A证申领", ITEM_APPLY},
    [ACT_RENEW] = {"renew", "延期", ITEM_RENEW},
    [ACT_RENEW_OUTSIDE] = {"renew_outside", "外省市企业继续教育证书申领", ITEM_RENEW},
    [ACT_TRANSFER] = {"transfer", "企业隶属关系变更", ITEM_TRANSFER},
    [ACT_RENAME] = {"rename", "企业名称变更", ITEM_RENAME},
    [ACT_CANCEL] = {"cancel", "注销", ITEM_CANCEL},
    [ACT_DEPART] = {"depart", "离沪", ITEM_DEPARTURE},
};

/* Acts as a set. */
#define EXCHANGE ACT_BIT(ACT_EXCHANGE)
#define ISSUE    ACT_BIT(ACT_ISSUE)
#define LEGAL    ACT_BIT(ACT_LEGAL)
#define RENEW    ACT_BIT(ACT_RENEW)
#define OUTSIDE  ACT_BIT(ACT_RENEW_OUTSIDE)
#define TRANSFER ACT_BIT(ACT_TRANSFER)
#define RENAME   ACT_BIT(ACT_RENAME)
#define CANCEL   ACT_BIT(ACT_CANCEL)
#define DEPART   ACT_BIT(ACT_DEPART)

static const struct rule {
    const char *name;
    unsigned acts;
    unsigned know; /* what it needs to know, besides who it is and what is held electronically */
    rule_test *holds;
    const char *demand;
} rules[] = {
    {"R1", EXCHANGE, 0, rule_own_paper, "只能办理本企业人员的证书"},
    {"R1", RENEW | OUTSIDE | CANCEL | DEPART, 0, rule_own_certificate, "只能办理本企业人员的证书"},
    {"R1", ISSUE | LEGAL, KNOW_EXAMS | KNOW_INSURANCE, rule_own_person, "只能为本企业人员申领证书"},
    {"R2", EXCHANGE | ISSUE | LEGAL | RENEW | OUTSIDE | TRANSFER, 0, rule_identity_captured,
     "已完成个人身份信息采集"},
    {"R3", EXCHANGE, 0, rule_paper_waiting, "纸质证书尚未换领电子证书"},
    {"R3", EXCHANGE, 0, rule_paper_in_force, "纸质证书在有效期内"},
    {"R3", EXCHANGE, 0, rule_identifier_free, "证书编号可生成唯一的电子证照标识"},
    {"R4", ISSUE, KNOW_EXAMS, rule_exam, "本企业、本类别的安全生产考核合格，且成绩在有效期内"},
    {"R4", ISSUE, KNOW_EXAMS, rule_exam_unused, "一次考核只能申领一本证书"},
    {"R5", ISSUE | RENEW | TRANSFER, KNOW_INSURANCE, rule_insured, "本市企业已为该人员缴纳社会保险"},
    {"R6", RENEW, 0, rule_window, "证书有效，且在延期办理期内"},
    {"R6", RENEW, KNOW_EDUCATION, rule_education, "本有效期内继续教育学时达到要求"},
    {"R7", OUTSIDE, 0, rule_outside, "企业为外省市企业"},
    {"R7", OUTSIDE, 0, rule_window, "证书有效，且在办理期内"},
    {"R7", OUTSIDE, KNOW_EDUCATION, rule_education, "本有效期内继续教育学时达到要求"},
    {"R8", LEGAL, 0, rule_legal_representative, "该人员是本企业的法定代表人"},
    {"R8", LEGAL, KNOW_EXAMS, rule_legal_exam, "在其他企业持有有效的A证，或者本企业A类安全生产考核合格"},
    {"R9", LEGAL, KNOW_LEGAL, rule_one_legal_a, "一个企业只有一本法定代表人A证"},
    {"R9", ISSUE | LEGAL | TRANSFER, KNOW_PAPER, rule_one_a,
     "一人在一个企业至多持有一本A证，只有法定代表人可持有多本A证"},
    {"R10", ISSUE | TRANSFER, KNOW_PAPER, rule_one_b, "一人只能持有一本B证"},
    {"R11", ISSUE | TRANSFER, KNOW_PAPER, rule_one_c, "C证类别符合规定"},
    {"R12", ISSUE | LEGAL | TRANSFER, KNOW_PAPER, rule_one_firm,
     "同一人员的B证和C证在同一企业，持有A证的其中一本也在该企业"},
    {"R13", TRANSFER, 0, rule_not_legal, "法定代表人A证不办理隶属关系变更"},
    {"R14", TRANSFER, 0, rule_held_long_enough, "上家单位持证时间须大于规定的月数"},
    {"R15", TRANSFER, KNOW_MOVES, rule_may_move, "证书在有效期内，可以转入本企业"},
    {"R16", RENAME, 0, rule_name_differs, "企业登记的名称与有效证书上的名称不同"},
    {"R17", CANCEL, 0, rule_in_force, "证书状态为有效"},
    {"R17", CANCEL, 0, rule_reason, "已选择注销原因"},
    {"R17", CANCEL, 0, rule_signed, "本企业已对注销申请表完成电子签名"},
    {"R18", DEPART, 0, rule_in_force, "证书状态为有效"},
    {"R18", DEPART, 0, rule_locked_leave, "该人员的B证、C证须一并转出"},
    {"R19", ISSUE | LEGAL | RENEW | OUTSIDE | TRANSFER | RENAME | CANCEL | DEPART,
     0, rule_nothing_pending, "没有正在办理的其他事项"},
    {"R20", ISSUE | LEGAL | RENEW | OUTSIDE | TRANSFER, 0, rule_age, "年龄符合规定"},
    {"R21", EXCHANGE | ISSUE | LEGAL | RENEW | OUTSIDE | TRANSFER | RENAME | CANCEL | DEPART,
     0, rule_not_held, "人员和企业没有被管理部门锁定"},
};

const char *act_name(enum act act)
{
    return (size_t)act < ACT_COUNT ? acts[act].name : NULL;
}

const char *act_label(enum act act)
{
    return (size_t)act < ACT_COUNT ? acts[act].label : NULL;
}

enum item act_item(enum act act)
{
    return (size_t)act < ACT_COUNT ? acts[act].item : ITEM_COUNT;
}

enum act act_by_name(const char *name)
{
    int act = 0;

    while (act < ACT_COUNT && strcmp(acts[act].name, name) != 0)
        act++;
    return (enum act)act;
}

const char *rule_demand(const char *name)
{
    for (size_t i = 0; i < COUNT(rules); i++)
        if (strcmp(rules[i].name, name) == 0)
            return rules[i].demand;
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

static void add_failed(struct text *names, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];

        if (!finding->passed && !has_word(names->data, finding->rule))
            text_printf(names, "%s%s", names->length ? " " : "", finding->rule);
    }
}

const char *rules_failed(struct pool *pool, const struct verdict *const *verdicts, size_t count)
{
    struct text names;

    text_init(&names, pool, NAMES_MAX);
    for (size_t i = 0; i < count; i++)
        add_failed(&names, verdicts[i]);
    return pool_printf(pool, "{\"rules\":\"%s\"}", names.data);
}

unsigned rules_know(unsigned wanted)
{
    unsigned know = 0;

    for (size_t i = 0; i < COUNT(rules); i++)
        if (rules[i].acts & wanted)
            know |= rules[i].know;
    return know;
}

void rules_judge(struct pool *pool, const struct policy *policy, enum act act,
                 const struct facts *facts, struct verdict *verdict)
{
    const struct ground ground = {pool, policy, facts};

    /* The findings are written one by one: clearing all of them would cost more than judging. */
    verdict->act = act;
    verdict->allowed = true;
    verdict->count = 0;
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct outcome outcome = {"", ""};
        bool passed;

        if (!(rules[i].acts & ACT_BIT(act)))
            continue;
        if (verdict->count == FINDINGS_MAX)
            err_fatal("more than %d rules for one act", FINDINGS_MAX);
        passed = rules[i].holds(&ground, &outcome);
        verdict->allowed = verdict->allowed && passed;
        verdict->findings[verdict->count++] = (struct finding){
            .rule = rules[i].name,
            .passed = passed,
            .demand = rules[i].demand,
            .fact = outcome.fact,
            .advice = outcome.advice,
        };
    }
    /* An act without rules is one that nobody may do. */
    verdict->allowed = verdict->allowed && verdict->count > 0;
}
