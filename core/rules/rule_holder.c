#include <string.h>

#include "base/pool.h"
#include "core/register/hold.h"
#include "core/register/identifier.h"
#include "core/rules/rule.h"

bool rule_is_c(const char *class_code)
{
    return class_code[0] == 'C';
}

/* Is the holding held once the matter is done, and in which firm? */
static bool held_after(const struct facts *facts, const struct holding *holding, uint64_t *enterprise_id)
{
    *enterprise_id = holding->chosen ? facts->firm.id : holding->enterprise_id;
    return holding->chosen || holding_held(holding);
}

bool rule_own_paper(const struct ground *ground, struct outcome *outcome)
{
    if (ground->facts->holding->enterprise_id == ground->facts->firm.id)
        return rule_pass(outcome, "证书属于本企业");
    return rule_fail(outcome, "证书不属于本企业", RULE_CALL_AUTHORITY);
}

bool rule_own_certificate(const struct ground *ground, struct outcome *outcome)
{
    if (ground->facts->holding->enterprise_id == ground->facts->firm.id)
        return rule_pass(outcome, "证书属于本企业");
    return rule_fail(outcome, "证书不属于本企业", "人员已到本企业工作的，请先办理企业隶属关系变更");
}

/* Somebody belongs to a firm by its register, a certificate, an exam or insurance there. */
bool rule_own_person(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;

    if (facts->firm.led_by_person)
        return rule_pass(outcome, "该人员是本企业登记的法定代表人");
    for (size_t i = 0; i < facts->holding_count; i++)
        if (facts->holdings[i].enterprise_id == facts->firm.id && holding_held(&facts->holdings[i]))
            return rule_pass(outcome, "该人员在本企业持有证书");
    if (!date_is_none(facts->insured))
        return rule_pass(outcome, "本企业为该人员缴纳过社会保险");
    if (facts->exam_count > 0)
        return rule_pass(outcome, "该人员以本企业名义参加了考核");
    return rule_fail(
        outcome, "没有查询到该人员属于本企业的记录",
        "请核对证件号码和姓名；人员确在本企业的，请先为其缴纳社会保险，或以本企业名义参加考核");
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

bool rule_identity_captured(const struct ground *ground, struct outcome *outcome)
{
    const struct holder *person = &ground->facts->person;
    const struct capture_row *row = captures;

    if (person->capture_id)
        return rule_pass(outcome, "已采集照片");
    while (row->id_type && (!person->id_type || strcmp(row->id_type, person->id_type) != 0))
        row++;
    return rule_fail(outcome, "未采集照片", row->advice);
}

bool rule_legal_representative(const struct ground *ground, struct outcome *outcome)
{
    if (ground->facts->firm.led_by_person)
        return rule_pass(outcome, "姓名和证件号码与企业登记的法定代表人一致");
    return rule_fail(outcome, "姓名或证件号码与企业登记的法定代表人不一致",
                     "请先在企业登记中变更法定代表人；登记已变更的，" RULE_CALL_AUTHORITY);
}

bool rule_one_legal_a(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;

    if (facts->firm.legal_certificate)
        return rule_fail(outcome, "其他人员持有本企业的法定代表人A证",
                         "请先注销原法定代表人的A证，再为现任法定代表人申领");
    return rule_pass(outcome, "本企业没有其他人员持有法定代表人A证");
}

/* A certificate that comes, or is made, joins those that are held. */
bool rule_one_a(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;

    if (strcmp(facts->class_code, "A") != 0)
        return rule_pass(outcome, "不涉及A证");
    for (size_t i = 0; i < facts->holding_count; i++) {
        const struct holding *other = &facts->holdings[i];
        uint64_t firm;

        if (other == facts->holding || strcmp(other->class_code, "A") != 0 ||
            !held_after(facts, other, &firm))
            continue;
        if (firm == facts->firm.id)
            return rule_fail(
                outcome, pool_printf(ground->pool, "在本企业已持有A证 %s", other->number),
                other->paper ? "请先办理纸质证书换领电子证书"
                             : "请使用已有的A证；需要改为法定代表人A证的，请先注销原证");
        if (!facts->legal)
            return rule_fail(
                outcome,
                pool_printf(ground->pool, "在%s持有A证 %s", other->enterprise_name, other->number),
                "请先在该企业注销A证，或者办理企业隶属关系变更");
    }
    return rule_pass(outcome, facts->legal ? "在本企业没有A证" : "没有其他A证");
}

/* The first other certificate that is held once the matter is done and is like this one. */
static const struct holding *another(const struct facts *facts,
                                     bool (*alike)(const char *a, const char *b))
{
    for (size_t i = 0; i < facts->holding_count; i++) {
        const struct holding *other = &facts->holdings[i];
        uint64_t firm;

        if (other != facts->holding && held_after(facts, other, &firm) &&
            alike(other->class_code, facts->class_code))
            return other;
    }
    return NULL;
}

static bool refuse_another(const struct ground *ground, const struct holding *other,
                           struct outcome *outcome)
{
    bool own = other->enterprise_id == ground->facts->firm.id;

    return rule_fail(outcome,
                     pool_printf(ground->pool, "在%s持有%s证 %s",
                                 own ? "本企业" : other->enterprise_name, other->class_code,
                                 other->number),
                     other->paper ? "请先办理纸质证书换领电子证书"
                     : own        ? "请使用已有的证书；到期前办理延期"
                           : "请办理企业隶属关系变更，或者由该企业先注销证书");
}

static bool both_b(const char *a, const char *b)
{
    return strcmp(a, "B") == 0 && strcmp(b, "B") == 0;
}

bool rule_one_b(const struct ground *ground, struct outcome *outcome)
{
    const struct holding *other = another(ground->facts, both_b);

    if (other)
        return refuse_another(ground, other, outcome);
    return rule_pass(outcome,
                     strcmp(ground->facts->class_code, "B") == 0 ? "没有其他B证" : "不涉及B证");
}

static bool both_c(const char *a, const char *b)
{
    return rule_is_c(a) && rule_is_c(b);
}

/* Nationally C1 and C2 may stand beside each other in one firm, and C3 excludes both. */
static bool excluding_c(const char *a, const char *b)
{
    return both_c(a, b) && (strcmp(a, b) == 0 || strcmp(a, "C3") == 0 || strcmp(b, "C3") == 0);
}

bool rule_one_c(const struct ground *ground, struct outcome *outcome)
{
    const struct holding *other =
        another(ground->facts, ground->policy->one_c_class ? both_c : excluding_c);

    if (other)
        return refuse_another(ground, other, outcome);
    return rule_pass(outcome, rule_is_c(ground->facts->class_code) ? "没有其他C证" : "不涉及C证");
}

/* Where all B and C of the person are once the matter is done. */
struct gathering {
    uint64_t firm; /* 0: there is neither B nor C */
    const char *firm_name;
    const struct holding *away; /* a B or C that is elsewhere */
    bool a_here, a_at_all;
};

static void gather(struct gathering *gathering, const char *class_code, uint64_t firm,
                   const char *firm_name, const struct holding *holding)
{
    if (strcmp(class_code, "A") == 0)
        return;
    if (gathering->firm == 0) {
        gathering->firm = firm;
        gathering->firm_name = firm_name;
    } else if (gathering->firm != firm) {
        gathering->away = holding;
    }
}

static void gather_all(const struct facts *facts, struct gathering *gathering)
{
    if (!facts->holding)
        gather(gathering, facts->class_code, facts->firm.id, facts->firm.name, NULL);
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < facts->holding_count; i++) {
            const struct holding *holding = &facts->holdings[i];
            uint64_t firm;

            /* Those that move first: what is away is then one that stays behind. */
            if (holding->chosen == (pass == 0) && held_after(facts, holding, &firm))
                gather(gathering, holding->class_code, firm,
                       holding->chosen ? facts->firm.name : holding->enterprise_name, holding);
        }
    gathering->a_at_all = !facts->holding && strcmp(facts->class_code, "A") == 0;
    gathering->a_here = gathering->a_at_all && gathering->firm == facts->firm.id;
    for (size_t i = 0; i < facts->holding_count; i++) {
        uint64_t firm;

        if (strcmp(facts->holdings[i].class_code, "A") != 0 ||
            !held_after(facts, &facts->holdings[i], &firm))
            continue;
        gathering->a_at_all = true;
        gathering->a_here = gathering->a_here || firm == gathering->firm;
    }
}

bool rule_one_firm(const struct ground *ground, struct outcome *outcome)
{
    struct gathering gathering = {0};

    gather_all(ground->facts, &gathering);
    if (gathering.away)
        return rule_fail(outcome,
                         pool_printf(ground->pool, "%s证 %s 在%s", gathering.away->class_code,
                                     gathering.away->number, gathering.away->enterprise_name),
                         "B证和C证须在同一企业：请一并办理企业隶属关系变更，或者先注销其中一本");
    if (gathering.firm && gathering.a_at_all && !gathering.a_here)
        return rule_fail(
            outcome,
            pool_printf(ground->pool, "B证或C证在%s，而A证不在该企业", gathering.firm_name),
            "持有A证的人员，其B证、C证须与其中一本A证在同一企业："
            "请一并办理企业隶属关系变更");
    return rule_pass(outcome, "办理后B证、C证在同一企业");
}

bool rule_nothing_pending(const struct ground *ground, struct outcome *outcome)
{
    const struct holding *holding = ground->facts->holding;

    if (holding && holding->pending_id)
        return rule_fail(outcome,
                         pool_printf(ground->pool, "该证书正在办理事项 %s", holding->pending),
                         "请等待该事项办结；不再办理的，由原申请企业撤回后再申请");
    return rule_pass(outcome, "没有正在办理的事项");
}

/* The last day is the birthday itself: of 29 February, as date_age has it, 1 March. */
static bool age_at_most(const struct facts *facts, int64_t years)
{
    return date_age(facts->person.birth, date_add_days(facts->today, -1)) < years;
}

bool rule_age(const struct ground *ground, struct outcome *outcome)
{
    enum { AGE_MIN = 18 };
    const struct facts *facts = ground->facts;
    bool is_b = strcmp(facts->class_code, "B") == 0, is_c = rule_is_c(facts->class_code);
    int64_t most = is_b ? ground->policy->age_max_b : ground->policy->age_max_c;
    char birth[11];

    if (!is_b && !is_c)
        return rule_pass(outcome, "A证不限年龄");
    date_format(facts->person.birth, birth);
    outcome->fact = pool_printf(ground->pool, "出生于 %s，%d 周岁", birth,
                                date_age(facts->person.birth, facts->today));
    if (is_c && date_age(facts->person.birth, facts->today) < AGE_MIN)
        return rule_fail(outcome, outcome->fact, "年满 18 周岁后才能持有C证");
    if (age_at_most(facts, most))
        return true;
    return rule_fail(outcome, outcome->fact,
                     pool_printf(ground->pool,
                                 "%s证持证人年龄不得超过 %d 周岁，请由其他人员担任该岗位",
                                 is_b ? "B" : "C", (int)most));
}

bool rule_not_held(const struct ground *ground, struct outcome *outcome)
{
    const struct facts *facts = ground->facts;
    const struct hold *hold = facts->person.hold ? facts->person.hold : facts->firm.hold;
    char from[11], until[11];

    if (!hold)
        return rule_pass(outcome, "没有被锁定");
    date_format(hold->from, from);
    date_format(hold->until, until);
    return rule_fail(
        outcome,
        pool_printf(ground->pool, "%s自 %s 起被管理部门锁定%s%s，依据：%s",
                    hold == facts->person.hold ? "该人员" : "本企业", from, *until ? "，至 " : "",
                    until, hold->legal_basis),
        pool_printf(ground->pool, "锁定期间不能办理。请联系管理部门处理，并说明事项编号 %s",
                    hold->number));
}
