#include "core/rules.h"

#include <string.h>

#include "base/err.h"
#include "base/pool.h"

#define CALL_AUTHORITY "请联系管理部门处理"

/* What a rule found: the fact in words, and what to do about it when it failed. */
struct outcome {
    const char *fact;
    const char *advice;
};

static bool own_paper(struct pool *pool, const struct policy *policy, const struct facts *facts,
                      struct outcome *outcome)
{
    (void)pool, (void)policy;
    if (facts->paper_enterprise_id == facts->enterprise_id) {
        outcome->fact = "证书属于本企业";
        return true;
    }
    *outcome = (struct outcome){"证书不属于本企业", CALL_AUTHORITY};
    return false;
}

/* Where a person is captured depends on the document. */
static const struct capture_row {
    const char *id_type; /* NULL: every other */
    const char *advice;
} captures[] = {
    {"111", "请携带二代身份证原件，就近到建设工程企业资质受理服务窗口"
            "通过读卡机自助完成个人身份信息采集"},
    {NULL, "请携带本人证件原件，到市级建设工程企业资质受理服务窗口，"
           "由窗口工作人员完成个人身份信息采集"},
};

static bool identity_captured(struct pool *pool, const struct policy *policy,
                              const struct facts *facts, struct outcome *outcome)
{
    const struct capture_row *row = captures;

    (void)pool, (void)policy;
    if (facts->has_photo) {
        outcome->fact = "已采集照片";
        return true;
    }
    while (row->id_type && (!facts->id_type || strcmp(row->id_type, facts->id_type) != 0))
        row++;
    *outcome = (struct outcome){"未采集照片", row->advice};
    return false;
}

static bool paper_waiting(struct pool *pool, const struct policy *policy, const struct facts *facts,
                          struct outcome *outcome)
{
    (void)pool, (void)policy;
    if (!facts->paper_exchanged) {
        outcome->fact = "尚未换领";
        return true;
    }
    *outcome = (struct outcome){"该纸质证书已换领电子证书", "请在“三类人员电子证书查询”中查看"};
    return false;
}

static bool paper_in_force(struct pool *pool, const struct policy *policy,
                           const struct facts *facts, struct outcome *outcome)
{
    char until[11];
    bool passed = date_compare(facts->paper_valid_until, facts->today) >= 0;

    (void)policy;
    date_format(facts->paper_valid_until, until);
    outcome->fact = pool_printf(pool, passed ? "有效期至 %s" : "有效期至 %s，已过期", until);
    if (!passed)
        outcome->advice = "证书已失效，请重新参加安全生产考核，合格后申领电子证书";
    return passed;
}

static bool identifier_free(struct pool *pool, const struct policy *policy,
                            const struct facts *facts, struct outcome *outcome)
{
    (void)pool, (void)policy;
    if (facts->identifier_free) {
        outcome->fact = "证书编号可用";
        return true;
    }
    *outcome = (struct outcome){"证书编号的年份和序号已被其他电子证书占用，或编号不合规范",
                                CALL_AUTHORITY};
    return false;
}

static const struct rule {
    const char *name;
    enum item item;
    bool (*holds)(struct pool *pool, const struct policy *policy, const struct facts *facts,
                  struct outcome *outcome);
    const char *demand;
} rules[] = {
    {"R1", ITEM_EXCHANGE, own_paper, "只能办理本企业人员的证书"},
    {"R2", ITEM_EXCHANGE, identity_captured, "已完成个人身份信息采集"},
    {"R3", ITEM_EXCHANGE, paper_waiting, "纸质证书尚未换领电子证书"},
    {"R3", ITEM_EXCHANGE, paper_in_force, "纸质证书在有效期内"},
    {"R3", ITEM_EXCHANGE, identifier_free, "证书编号可生成唯一的电子证照标识"},
};

void rules_judge(struct pool *pool, const struct policy *policy, const struct facts *facts,
                 struct verdict *verdict)
{
    *verdict = (struct verdict){.item = facts->item, .allowed = true};
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct outcome outcome = {"", ""};
        bool passed;

        if (rules[i].item != facts->item)
            continue;
        if (verdict->count == FINDINGS_MAX)
            err_fatal("more than %d rules for one item", FINDINGS_MAX);
        passed = rules[i].holds(pool, policy, facts, &outcome);
        verdict->allowed = verdict->allowed && passed;
        verdict->findings[verdict->count++] = (struct finding){
            .rule = rules[i].name,
            .passed = passed,
            .demand = rules[i].demand,
            .fact = outcome.fact,
            .advice = outcome.advice,
        };
    }
    /* An item without rules is one that nobody may do. */
    verdict->allowed = verdict->allowed && verdict->count > 0;
}
