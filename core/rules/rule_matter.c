#include <string.h>

#include "base/pool.h"
#include "core/register/certificate.h"
#include "core/rules/rule.h"

bool rule_paper_waiting(const struct ground *ground, struct outcome *outcome)
{
    if (!ground->facts->paper_exchanged)
        return rule_pass(outcome, "尚未换领");
    return rule_fail(outcome, "该纸质证书已换领电子证书", "请在“三类人员电子证书查询”中查看");
}

bool rule_paper_in_force(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;
    char until[11];

    date_format(facts->holding->valid_until, until);
    if (date_compare(facts->holding->valid_until, facts->today) >= 0)
        return rule_pass(outcome, pool_printf(ground->pool, "有效期至 %s", until));
    return rule_fail(outcome, pool_printf(ground->pool, "有效期至 %s，已过期", until),
                     "证书已失效，请重新参加安全生产考核，合格后申领电子证书");
}

bool rule_identifier_free(const struct ground *ground, struct outcome *outcome)
{
    if (ground->facts->identifier_free)
        return rule_pass(outcome, "证书编号可用");
    return rule_fail(outcome, "证书编号的年份和序号已被其他电子证书占用，或编号不合规范",
                     RULE_CALL_AUTHORITY);
}

bool rule_not_legal(const struct ground *ground, struct outcome *outcome)
{
    if (!holding_legal(ground->facts->holding))
        return rule_pass(outcome, "不是法定代表人A证");
    return rule_fail(outcome, "该证书是法定代表人A证", "请由原企业注销该证书，再在本企业重新申领");
}

bool rule_held_long_enough(const struct ground *ground, struct outcome *outcome)
{
    const struct holding *holding = ground->facts->holding;
    int months = (int)ground->policy->transfer_months;
    struct date reached = date_add_months(holding->held_since, months);
    char since[11], after[11];

    date_format(holding->held_since, since);
    date_format(reached, after);
    outcome->fact = pool_printf(ground->pool, "%s自 %s 起持有该证书，须大于 %d 个月",
                                holding->enterprise_name, since, months);
    if (date_compare(ground->facts->today, reached) > 0)
        return true;
    return rule_fail(outcome, outcome->fact, pool_printf(ground->pool, "请在 %s 之后办理", after));
}

/* Into a firm of this city R5 decides besides; from elsewhere the previous firm must have let it
 * go. A cancelled certificate may come back only within its dates. */
bool rule_may_move(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;
    const struct holding *holding = facts->holding;
    bool cancelled = strcmp(holding->state, STATE_CANCELLED) == 0;
    char until[11];

    date_format(holding->valid_until, until);
    outcome->fact =
        pool_printf(ground->pool, "证书状态为%s，有效期至 %s", state_label(holding->state), until);
    if (date_compare(holding->valid_until, facts->today) < 0)
        return rule_fail(outcome, outcome->fact, "证书已失效，请重新参加安全生产考核，合格后申领");
    if (cancelled && !holding->moves)
        return rule_fail(outcome, outcome->fact,
                         "注销原因不是解除聘用合同关系，不能转入；请重新参加考核，合格后申领");
    if (cancelled)
        return rule_pass(outcome, pool_printf(ground->pool,
                                              "原企业已因解除聘用合同关系注销，"
                                              "有效期至 %s",
                                              until));
    if (strcmp(holding->state, STATE_VALID) != 0)
        return rule_fail(outcome, outcome->fact, RULE_CALL_AUTHORITY);
    if (!facts->firm.local)
        return rule_fail(
            outcome, outcome->fact,
            "转入外省市企业的，须由原企业先以“已与聘用企业解除聘用合同关系”为由注销该证书");
    return true;
}

bool rule_name_differs(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;

    if (facts->outdated > 0)
        return rule_pass(outcome,
                         pool_printf(ground->pool, "登记名称为%s，%llu 本%s有效证书上为原名称",
                                     facts->firm.name, (unsigned long long)facts->outdated,
                                     facts->outdated_more ? "以上" : ""));
    return rule_fail(
        outcome,
        pool_printf(ground->pool, "登记名称为%s，有效证书上的名称与其一致", facts->firm.name),
        "企业名称已变更而登记未更新的，请先办理企业资质证书的变更，再办理本事项");
}

bool rule_in_force(const struct ground *ground, struct outcome *outcome)
{
    const struct holding *holding = ground->facts->holding;
    char until[11];

    date_format(holding->valid_until, until);
    outcome->fact =
        pool_printf(ground->pool, "证书状态为%s，有效期至 %s", state_label(holding->state), until);
    if (strcmp(holding->state, STATE_VALID) == 0)
        return true;
    return rule_fail(outcome, outcome->fact, "只有状态为有效的证书可以办理");
}

bool rule_reason(const struct ground *ground, struct outcome *outcome)
{
    if (ground->facts->reason_given)
        return rule_pass(outcome, "已选择注销原因");
    return rule_fail(outcome, "没有选择注销原因", "请从列表中选择注销原因，选择其他的须说明");
}

/* Asked for only where the certificate is about to change its state. */
bool rule_signed(const struct ground *ground, struct outcome *outcome)
{
    if (!ground->facts->signature_wanted)
        return rule_pass(outcome, "将在签署步骤核对");
    if (ground->facts->signed_form)
        return rule_pass(outcome, "签名有效，签署的正是本申请表");
    return rule_fail(outcome, "没有本企业对本申请表的有效签名", "请使用本企业的法人一证通重新签署");
}

bool rules_departure_locked(const struct policy *policy, const char *class_code)
{
    size_t length = strlen(class_code);

    for (const char *at = policy->departure_locked; (at = strstr(at, class_code)); at += length)
        if ((at == policy->departure_locked || at[-1] == ' ') &&
            (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

/* All that are bound to each other go, or none. */
bool rule_locked_leave(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;

    for (size_t i = 0; i < facts->holding_count; i++) {
        const struct holding *other = &facts->holdings[i];
        bool valid = strcmp(other->state, STATE_VALID) == 0;

        if (other->paper || other->enterprise_id != facts->firm.id || other->chosen ||
            !holding_held(other) || !rules_departure_locked(ground->policy, other->class_code))
            continue;
        return rule_fail(outcome,
                         pool_printf(ground->pool, valid ? "没有选择%s证 %s" : "%s证 %s 状态为暂扣",
                                     other->class_code, other->number),
                         valid ? "B证、C证不能取消选择，请返回后重新提交" : RULE_CALL_AUTHORITY);
    }
    return rule_pass(outcome, "B证、C证已全部选择");
}
