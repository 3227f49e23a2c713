/* The table of the rules as a whole; each rule: tests/core/test_rules_*.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/pool.h"
#include "core/register/certificate.h"
#include "core/register/hold.h"
#include "tests/core/rules/ruling.h"

static const struct {
    const char *name, *label, *rules;
    enum item item;
} acts[ACT_COUNT] = {
    [ACT_EXCHANGE] = {"exchange", "换领", "R1 R2 R3 R3 R3 R21 ", ITEM_EXCHANGE},
    [ACT_ISSUE] = {"issue", "初次申领", "R1 R2 R4 R4 R5 R9 R10 R11 R12 R19 R20 R21 ", ITEM_APPLY},
    [ACT_LEGAL] = {"legal", "法定代表人A证申领", "R1 R2 R8 R8 R9 R9 R12 R19 R20 R21 ", ITEM_APPLY},
    [ACT_RENEW] = {"renew", "延期", "R1 R2 R5 R6 R6 R19 R20 R21 ", ITEM_RENEW},
    [ACT_RENEW_OUTSIDE] = {"renew_outside", "外省市企业继续教育证书申领",
                           "R1 R2 R7 R7 R7 R19 R20 R21 ", ITEM_RENEW},
    [ACT_TRANSFER] = {"transfer", "企业隶属关系变更",
                      "R2 R5 R9 R10 R11 R12 R13 R14 R15 R19 R20 R21 ", ITEM_TRANSFER},
    [ACT_RENAME] = {"rename", "企业名称变更", "R16 R19 R21 ", ITEM_RENAME},
    [ACT_CANCEL] = {"cancel", "注销", "R1 R17 R17 R17 R19 R21 ", ITEM_CANCEL},
    [ACT_DEPART] = {"depart", "离沪", "R1 R18 R18 R19 R21 ", ITEM_DEPARTURE},
};

static void judge(struct ruling *ruling)
{
    rules_judge(ruling->pool, &ruling->policy, ruling->act, &ruling->facts, &ruling->verdict);
}

static void test_no_act(void **state)
{
    static const char *const unknown[] = {"", "Issue", "issue ", "issu", "初次申领"};
    struct ruling ruling;

    (void)state;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(act_by_name(unknown[i]), ACT_COUNT);
    assert_null(act_name(ACT_COUNT));
    assert_null(act_label(ACT_COUNT));
    assert_int_equal(act_item(ACT_COUNT), ITEM_COUNT);
    ruling_make(&ruling, ACT_ISSUE, ruling_today);
    ruling.act = ACT_COUNT;
    judge(&ruling);
    assert_false(ruling.verdict.allowed);
    assert_int_equal(ruling.verdict.count, 0);
    ruling_free(&ruling);
}

static void test_acts(void **state)
{
    (void)state;
    for (int act = 0; act < ACT_COUNT; act++) {
        assert_string_equal(act_name((enum act)act), acts[act].name);
        assert_string_equal(act_label((enum act)act), acts[act].label);
        assert_int_equal(act_item((enum act)act), acts[act].item);
        assert_int_equal(act_by_name(acts[act].name), act);
    }
}

/* Everything that can be wrong at once. */
static void spoil(struct ruling *ruling)
{
    static const struct hold hold = {.number = "CF20260301-00000009", .legal_basis = "《条例》"};
    struct facts *facts = &ruling->facts;
    struct holding *holding = &ruling->holdings[0];

    facts->person.capture_id = 0;
    facts->person.birth = (struct date){1900, 1, 1};
    facts->paper_exchanged = true;
    facts->identifier_free = facts->reason_given = facts->signed_form = false;
    facts->exam = NULL;
    facts->exam_count = 0;
    facts->insured = (struct date){0, 0, 0};
    facts->firm.local = ruling->act != ACT_RENEW;
    facts->firm.led_by_person = false;
    facts->firm.legal_certificate = 9;
    facts->outdated = 0;
    facts->firm.hold = &hold;
    if (!facts->holding)
        return;
    *holding = (struct holding){
        .number = "沪建安A（2023）0000001",
        .class_code = "A",
        .post = "01",
        .state = STATE_EXPIRED,
        .enterprise_id = ruling->act == ACT_DEPART ? OWN : SECOND,
        .enterprise_name = "乙公司",
        .valid_until = date_add_days(facts->today, -1),
        .held_since = facts->today,
        .pending_id = 7,
        .pending = "ZX20260301-00000007",
        .chosen = true,
    };
}

static void test_all_failures_told(void **state)
{
    static const struct {
        enum act act;
        const char *failed;
    } rows[] = {
        {ACT_EXCHANGE, "R1 R2 R3 R3 R3 R21 "},
        {ACT_ISSUE, "R1 R2 R4 R5 R20 R21 "}, /* what is held comes with a holding: below */
        {ACT_LEGAL, "R1 R2 R8 R8 R9 R21 "},
        {ACT_RENEW, "R1 R2 R6 R6 R19 R20 R21 "},
        {ACT_RENEW_OUTSIDE, "R1 R2 R7 R7 R7 R19 R20 R21 "},
        {ACT_TRANSFER, "R2 R5 R13 R14 R15 R19 R20 R21 "},
        {ACT_RENAME, "R16 R21 "},
        {ACT_CANCEL, "R1 R17 R17 R17 R19 R21 "},
        {ACT_DEPART, "R18 R19 R21 "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char failed[128] = "";
        struct ruling ruling;

        ruling_make(&ruling, rows[i].act, ruling_today);
        spoil(&ruling);
        judge(&ruling);
        assert_false(ruling.verdict.allowed);
        for (size_t f = 0; f < ruling.verdict.count; f++) {
            const struct finding *finding = &ruling.verdict.findings[f];
            size_t length = strlen(failed);

            assert_string_not_equal(finding->fact, "");
            assert_int_equal(finding->passed, *finding->advice == '\0');
            if (!finding->passed)
                snprintf(failed + length, sizeof(failed) - length, "%s ", finding->rule);
        }
        assert_string_equal(failed, rows[i].failed);
        ruling_free(&ruling);
    }
}

/* The names of one verdict after another, each once; "R1" is not in "R18". */
static void test_failed_names(void **state)
{
    static const struct {
        const char *rules[4];
        unsigned failed;
        const char *detail;
    } rows[] = {
        {{"R18", "R1", "R4"}, 0, "{\"rules\":\"\"}"},
        {{"R18", "R1", "R4"}, 5, "{\"rules\":\"R18 R4\"}"},
        {{"R18", "R1", "R4", "R4"}, 15, "{\"rules\":\"R18 R4 R1\"}"},
        {{"R8", "R1"}, 3, "{\"rules\":\"R18 R4 R1 R8\"}"},
    };
    struct verdict made[sizeof(rows) / sizeof(rows[0])];
    const struct verdict *verdicts[sizeof(rows) / sizeof(rows[0])];
    struct pool *pool = pool_new(0, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict *verdict = &made[i];

        verdicts[i] = verdict;
        for (verdict->count = 0; verdict->count < 4 && rows[i].rules[verdict->count];
             verdict->count++)
            verdict->findings[verdict->count] = (struct finding){
                .rule = rows[i].rules[verdict->count],
                .passed = !(rows[i].failed & 1u << verdict->count)};
        assert_string_equal(rules_failed(pool, verdicts, i + 1), rows[i].detail);
    }
    pool_free(&pool);
}

/* Whatever is asked for: somebody else has employed the person for all of it. */
static void test_all_that_is_held(void **state)
{
    static const char *const failed[] = {"R9", "R10", "R11", "R12"};
    static const char *const classes[] = {"A", "B", "C1", "C1"};

    (void)state;
    for (size_t i = 0; i < sizeof(failed) / sizeof(failed[0]); i++) {
        struct ruling ruling;
        bool seen = false;

        ruling_make(&ruling, ACT_ISSUE, ruling_today);
        ruling_class(&ruling, classes[i]);
        ruling_hold(&ruling, "A", SECOND, STATE_VALID);
        ruling_hold(&ruling, "B", SECOND, STATE_VALID);
        ruling_hold(&ruling, "C3", SECOND, STATE_VALID);
        judge(&ruling);
        for (size_t f = 0; f < ruling.verdict.count; f++)
            seen = seen || (!ruling.verdict.findings[f].passed &&
                            strcmp(ruling.verdict.findings[f].rule, failed[i]) == 0);
        assert_true(seen);
        ruling_free(&ruling);
    }
}

static void test_allowed(void **state)
{
    (void)state;
    for (int act = 0; act < ACT_COUNT; act++) {
        char rules[128] = "";
        struct ruling ruling;

        ruling_make(&ruling, (enum act)act, ruling_today);
        judge(&ruling);
        assert_true(ruling.verdict.allowed);
        assert_int_equal(ruling.verdict.act, act);
        for (size_t f = 0; f < ruling.verdict.count; f++) {
            const struct finding *finding = &ruling.verdict.findings[f];
            size_t length = strlen(rules);

            assert_true(finding->passed);
            assert_string_not_equal(finding->demand, "");
            assert_string_not_equal(finding->fact, "");
            assert_string_equal(finding->advice, "");
            snprintf(rules + length, sizeof(rules) - length, "%s ", finding->rule);
        }
        assert_string_equal(rules, acts[act].rules);
        ruling_free(&ruling);
    }
}

/* A judgement looks, and changes nothing; the same facts are judged the same again. */
/* What the act's rules do not ask to know may be missing: no finding changes. */
static void test_nothing_else_is_asked(void **state)
{
    (void)state;
    for (int act = 0; act < ACT_COUNT; act++) {
        unsigned know = rules_know(ACT_BIT(act));
        struct ruling ruling;
        struct verdict whole;

        ruling_make(&ruling, (enum act)act, ruling_today);
        ruling_hold(&ruling, "C1", SECOND, STATE_SUSPENDED);
        ruling_hold(&ruling, "A", OWN, STATE_VALID)->paper = true;
        ruling.facts.firm.legal_certificate = 99;
        judge(&ruling);
        whole = ruling.verdict;
        if (!(know & KNOW_PAPER))
            ruling.facts.holding_count--;
        if (!(know & KNOW_EXAMS)) {
            ruling.facts.exam_count = 0;
            ruling.facts.exam = NULL;
        }
        if (!(know & KNOW_INSURANCE))
            ruling.facts.insured = (struct date){0, 0, 0};
        if (!(know & KNOW_LEGAL))
            ruling.facts.firm.legal_certificate = 0;
        for (size_t i = 0; !(know & KNOW_EDUCATION) && i < ruling.facts.holding_count; i++)
            ruling.holdings[i].hours = 0;
        for (size_t i = 0; !(know & KNOW_MOVES) && i < ruling.facts.holding_count; i++)
            ruling.holdings[i].moves = !ruling.holdings[i].moves;
        judge(&ruling);
        assert_int_equal(whole.count, ruling.verdict.count);
        for (size_t f = 0; f < whole.count; f++) {
            assert_int_equal(whole.findings[f].passed, ruling.verdict.findings[f].passed);
            assert_string_equal(whole.findings[f].fact, ruling.verdict.findings[f].fact);
        }
        ruling_free(&ruling);
    }
}

static void test_pure(void **state)
{
    (void)state;
    for (int act = 0; act < ACT_COUNT; act++) {
        struct ruling ruling, before;
        struct verdict first;

        ruling_make(&ruling, (enum act)act, ruling_today);
        ruling_hold(&ruling, "C1", SECOND, STATE_SUSPENDED);
        memcpy(&before, &ruling, sizeof(before));
        judge(&ruling);
        first = ruling.verdict;
        assert_memory_equal(&before.facts, &ruling.facts, sizeof(before.facts));
        assert_memory_equal(before.holdings, ruling.holdings, sizeof(before.holdings));
        assert_memory_equal(before.exams, ruling.exams, sizeof(before.exams));
        judge(&ruling);
        assert_int_equal(first.count, ruling.verdict.count);
        for (size_t f = 0; f < first.count; f++)
            assert_string_equal(first.findings[f].fact, ruling.verdict.findings[f].fact);
        ruling_free(&ruling);
    }
}

/* Somebody with twenty certificates; how long it takes is told, not judged. */
static void test_twenty_certificates(void **state)
{
    enum { HELD = 20, ROUNDS = 1000 };
    static const char *const classes[] = {"A", "B", "C1", "C2", "C3"};
    static const char *const states[] = {STATE_CANCELLED, STATE_EXPIRED, STATE_DEPARTED,
                                         STATE_REVOKED};
    struct pool *pool = pool_new(0, 0); /* of the judgements: the holdings live longer */
    struct ruling ruling;
    size_t allowed = 0;

    (void)state;
    ruling_make(&ruling, ACT_TRANSFER, ruling_today);
    for (size_t i = 1; i < HELD; i++)
        ruling_hold(&ruling, classes[i % 5], 1 + i % 3, states[i % 4]);
    assert_int_equal(ruling.facts.holding_count, HELD);
    int64_t begin = clock_tick_us();
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < HELD; i++) {
            ruling.facts.holding = &ruling.holdings[i];
            ruling.facts.class_code = ruling.holdings[i].class_code;
            rules_judge(pool, &ruling.policy, ruling.act, &ruling.facts, &ruling.verdict);
            allowed += ruling.verdict.allowed;
        }
        pool_reset(pool);
    }
    printf("# %d judgements of a person with %d certificates: %.1f us\n", HELD, HELD,
           (double)(clock_tick_us() - begin) / ROUNDS);
    assert_int_equal(allowed % ROUNDS, 0);
    assert_int_equal(allowed / ROUNDS, 1);
    pool_free(&pool);
    ruling_free(&ruling);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_act),
        cmocka_unit_test(test_all_failures_told),
        cmocka_unit_test(test_failed_names),
        cmocka_unit_test(test_all_that_is_held),
        cmocka_unit_test(test_acts),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_nothing_else_is_asked),
        cmocka_unit_test(test_pure),
        cmocka_unit_test(test_twenty_certificates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
