#include "tests/core/rules/ruling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/pool.h"
#include "core/register/certificate.h"
#include "tests/core/testdb.h"

const struct date ruling_today = {2026, 3, 1};

static const char *const firm_names[] = {"", "甲公司", "乙公司", "丙公司"};

/* Cases so far, by the place of the rule among those of its act. */
static bool covered[ACT_COUNT][FINDINGS_MAX][2];

struct holding *ruling_hold(struct ruling *ruling, const char *class_code, uint64_t firm,
                            const char *state)
{
    struct facts *facts = &ruling->facts;
    struct holding *holding = &ruling->holdings[facts->holding_count++];

    assert_true(facts->holding_count <= RULING_HOLDINGS);
    *holding = (struct holding){
        .id = facts->holding_count,
        .number = pool_printf(ruling->pool, "沪建安%s（2023）%07d", class_code,
                              (int)facts->holding_count),
        .class_code = class_code,
        .post = strcmp(class_code, "A") == 0   ? "02"
                : strcmp(class_code, "B") == 0 ? "07"
                                               : "08",
        .state = state,
        .enterprise_id = firm,
        .enterprise_name = firm_names[firm],
        .valid_until = date_add_days(facts->today, 13),
        .held_since = date_add_months(facts->today, -12),
        .version = 1,
        .hours = 24,
    };
    holding->valid_from = date_add_days(date_add_years(holding->valid_until, -3), 1);
    holding->first_issued = holding->valid_from;
    return holding;
}

void ruling_class(struct ruling *ruling, const char *class_code)
{
    ruling->facts.class_code = class_code;
    ruling->exams[0].class_code = class_code;
    if (ruling->facts.holding)
        ruling->holdings[0].class_code = class_code;
}

void ruling_make(struct ruling *ruling, enum act act, struct date today)
{
    const struct date first = {today.year, today.month, 1};
    struct facts *facts = &ruling->facts;
    const char *class_code = act == ACT_LEGAL ? "A" : "B";

    *ruling = (struct ruling){.pool = pool_new(0, 0), .act = act};
    testdb_policy(&ruling->policy);
    *facts = (struct facts){
        .today = today,
        .firm = {OWN, firm_names[OWN], "11100000000013338W", act != ACT_RENEW_OUTSIDE,
                 act == ACT_LEGAL, 0, NULL},
        .person = {1, "张三", "111", "110105********0001", 1, {1980, 5, 6}, 5, NULL},
        .holdings = ruling->holdings,
        .exams = ruling->exams,
        .exam_count = 1,
        .insured = date_add_months(first, -1),
        .outdated = 3,
        .class_code = class_code,
        .legal = act == ACT_LEGAL,
        .reason_given = true,
        .signed_form = true,
        .signature_wanted = true,
        .identifier_free = true,
    };
    ruling->exams[0] =
        (struct exam){1, "KS001", class_code, "07", date_add_months(today, -6), 85, 0};
    if (act == ACT_ISSUE || act == ACT_LEGAL)
        facts->exam = &ruling->exams[0];
    if (act == ACT_ISSUE || act == ACT_LEGAL || act == ACT_RENAME)
        return;
    facts->holding =
        ruling_hold(ruling, class_code, act == ACT_TRANSFER ? SECOND : OWN, STATE_VALID);
    ruling->holdings[0].chosen = true;
    ruling->holdings[0].paper = act == ACT_EXCHANGE;
}

void ruling_free(struct ruling *ruling)
{
    pool_free(&ruling->pool);
}

static void tell(const struct ruling *ruling)
{
    for (size_t i = 0; i < ruling->verdict.count; i++) {
        const struct finding *finding = &ruling->verdict.findings[i];

        print_error("%s: %s %s: %s | %s\n", act_name(ruling->act), finding->rule,
                    finding->passed ? "passed" : "failed", finding->fact, finding->advice);
    }
}

static bool says(const struct finding *finding, const char *rule, const char *fact,
                 const char *advice)
{
    return strcmp(finding->rule, rule) == 0 && strcmp(finding->fact, fact) == 0 &&
           strcmp(finding->advice, advice) == 0 && finding->passed == (*advice == '\0');
}

void ruling_expect(struct ruling *ruling, const char *rule, const char *fact, const char *advice,
                   size_t others)
{
    const struct verdict *verdict = &ruling->verdict;
    size_t found = FINDINGS_MAX, failed = 0;

    rules_judge(ruling->pool, &ruling->policy, ruling->act, &ruling->facts, &ruling->verdict);
    for (size_t i = 0; i < verdict->count; i++) {
        failed += !verdict->findings[i].passed;
        if (says(&verdict->findings[i], rule, fact, advice))
            found = i;
    }
    if (found == FINDINGS_MAX || failed != others + (*advice != '\0') ||
        verdict->allowed != (failed == 0)) {
        tell(ruling);
        fail_msg("%s is expected to say: %s | %s; %zu others failing", rule, fact, advice, others);
    }
    covered[ruling->act][found][*advice != '\0'] = true;
}

/* The certificate is still to be made, or there is no single one; an A has no limit of age. */
static bool never_fails(enum act act, const char *rule)
{
    return (strcmp(rule, "R19") == 0 &&
            (act == ACT_ISSUE || act == ACT_LEGAL || act == ACT_RENAME)) ||
           (strcmp(rule, "R20") == 0 && act == ACT_LEGAL);
}

void ruling_assert_covered(const char *rules)
{
    size_t missing = 0;

    for (int act = 0; act < ACT_COUNT; act++) {
        struct ruling ruling;

        ruling_make(&ruling, (enum act)act, ruling_today);
        rules_judge(ruling.pool, &ruling.policy, ruling.act, &ruling.facts, &ruling.verdict);
        for (size_t i = 0; i < ruling.verdict.count; i++) {
            const struct finding *finding = &ruling.verdict.findings[i];
            char name[8];

            snprintf(name, sizeof(name), " %s ", finding->rule);
            if (!strstr(rules, name) ||
                (covered[act][i][0] &&
                 (covered[act][i][1] || never_fails((enum act)act, finding->rule))))
                continue;
            print_error("%s: %s (%s) has no case that %s\n", act_name((enum act)act),
                        finding->rule, finding->demand, covered[act][i][0] ? "fails" : "passes");
            missing++;
        }
        ruling_free(&ruling);
    }
    assert_int_equal(missing, 0);
}
