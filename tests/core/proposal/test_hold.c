/* Holds: placed and released by two people; and what firms may not do meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/item/exchange.h"
#include "core/item/rename.h"
#include "core/proposal/hold_kinds.h"
#include "core/register/hold.h"
#include "tests/core/desk.h"
#include "tests/core/panel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct testdb *testdb;
static struct panel panel;
static struct desk local;

static int prepare(void **state)
{
    (void)state;
    testdb_clear(testdb);
    panel_staff(testdb);
    desk_people(testdb);
    panel = panel_of(testdb);
    local = desk_of(testdb, LOCAL);
    return 0;
}

static struct proposal_new on(const struct proposal_kind *kind, uint64_t person, uint64_t firm)
{
    return (struct proposal_new){
        .kind = kind,
        .person_id = person,
        .enterprise_id = firm,
        .holder_name = person ? "张三丰" : "",
        .enterprise_name = firm ? "测试建筑1有限公司" : "",
        .legal_basis = "《测试条例》第九条",
        .reason = "正在调查",
        .from = kind == &hold_place ? testdb_today : (struct date){0, 0, 0},
    };
}

static void held(uint64_t person, uint64_t firm)
{
    const struct proposal_new what = on(&hold_place, person, firm);
    struct proposal out;

    panel_do(&panel, &what, &out);
}

static void released(uint64_t person, uint64_t firm)
{
    const struct proposal_new what = on(&hold_release, person, firm);
    struct proposal out;

    panel_do(&panel, &what, &out);
}

static int64_t number(const char *sql)
{
    return testdb_number(testdb, "%s", sql);
}

/* Marks and rows say the same. */
static void assert_marks(int64_t people, int64_t firms)
{
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE held"), people);
    assert_int_equal(number("SELECT COUNT(*) FROM enterprise WHERE held"), firms);
    assert_int_equal(number("SELECT COUNT(*) FROM hold h JOIN person p ON p.id = h.subject_id"
                            " WHERE h.subject_kind = 'person' AND p.held"),
                     people);
    assert_int_equal(number("SELECT COUNT(*) FROM hold h JOIN enterprise e ON e.id = h.subject_id"
                            " WHERE h.subject_kind = 'enterprise' AND e.held"),
                     firms);
}

/* The rules that stop this person's item at this desk: "" where nothing does. */
static const char *stopped(const struct desk *desk, enum item item, uint64_t person,
                           const char *wish)
{
    struct filing filing;
    struct err err = {0};
    int outcome = desk_open(desk, item, person, wish, &filing, &err);

    if (outcome < 0)
        fail_msg("%s", err.text);
    return outcome == 1 ? "" : desk_failed(desk, &filing);
}

static void test_every_item(void **state)
{
    static const struct {
        enum item item;
        uint64_t person, firm;
        const char *wish, *rules;
    } rows[] = {
        {ITEM_APPLY, NEWCOMER, LOCAL, "B", "R21 "},
        {ITEM_APPLY, LEADER, LOCAL, "L", "R21 "},
        {ITEM_APPLY, RENEWER, LOCAL, "B", "R21 "},
        {ITEM_APPLY, RENEWER_OUTSIDE, OUTSIDE, "B", "R21 "},
        {ITEM_TRANSFER, HOLDER, LOCAL, "", "R21 R21 "},
        {ITEM_CANCEL, LEAVER, LOCAL, "", "R21 R21 R21 "},
        {ITEM_DEPARTURE, LEAVER, LOCAL, "", "R21 R21 R21 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int of_firm = 0; of_firm < 2; of_firm++) {
            uint64_t person = of_firm ? 0 : rows[i].person, firm = of_firm ? rows[i].firm : 0;
            const struct desk desk = desk_of(testdb, rows[i].firm);

            prepare(NULL);
            held(person, firm);
            assert_marks(!of_firm, of_firm);
            assert_string_equal(stopped(&desk, rows[i].item, rows[i].person, rows[i].wish),
                                rows[i].rules);
            released(person, firm);
            assert_marks(0, 0);
            assert_string_equal(stopped(&desk, rows[i].item, rows[i].person, rows[i].wish), "");
        }
    }
}

static void test_exchange(void **state)
{
    struct verdict verdict;
    struct err err = {0};

    (void)state;
    for (int of_firm = 0; of_firm < 2; of_firm++) {
        prepare(NULL);
        testdb_paper(testdb, 5, LOCAL, NEWCOMER, "沪建安B（2020）0000005",
                     (struct date){2026, 12, 31});
        held(of_firm ? 0 : NEWCOMER, of_firm ? LOCAL : 0);
        for (int still = 1; still >= 0; still--) {
            assert_int_equal(exchange_judge(testdb->db, testdb->pool, &testdb->core, LOCAL, 5,
                                            testdb_today, &verdict, &err),
                             0);
            assert_int_equal(verdict.allowed, !still);
            if (still) {
                assert_string_equal(verdict.findings[verdict.count - 1].rule, "R21");
                released(of_firm ? 0 : NEWCOMER, of_firm ? LOCAL : 0);
            }
        }
    }
}

static int start(void *context, struct err *err)
{
    struct rename out;

    return rename_start(context, &out, err);
}

static void test_rename(void **state)
{
    const struct actor actor = {ACTOR_FIRM, LOCAL, "request-1"};
    struct change change = desk_change(&local, &actor);
    struct certificate_page page;
    struct verdict verdict;
    struct facts facts;
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "UPDATE enterprise SET name = '测试建筑新名有限公司' WHERE id = 1");
    held(0, LOCAL);
    assert_int_equal(rename_judge(&change, &facts, &verdict, &err), 1);
    assert_false(verdict.allowed);
    assert_int_equal(rename_preview(&change, 5, &facts, &verdict, &page, &err), 1);
    assert_false(verdict.allowed);
    /* The audit names what refused. */
    assert_int_equal(db_transact(change.db, start, &change, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                           " 'rename.refused' AND detail = '{\"rules\":\"R21\"}'"),
                     1);
    released(0, LOCAL);
    assert_int_equal(rename_judge(&change, &facts, &verdict, &err), 1);
    assert_true(verdict.allowed);
}

/* A firm that is held stops neither another firm nor, elsewhere, its own people. */
static void test_only_the_firm(void **state)
{
    (void)state;
    held(0, PREVIOUS);
    assert_string_equal(stopped(&local, ITEM_TRANSFER, HOLDER, ""), "");
}

/* What was looked up before is refused when it is confirmed, and recorded. */
static void test_draft(void **state)
{
    static const uint64_t ids[] = {11};
    struct filing draft, out;
    struct err err = {0};

    (void)state;
    desk_draft(&local, ITEM_TRANSFER, HOLDER, "", &draft);
    held(HOLDER, 0);
    const struct filing_choice choice = {.ids = ids, .count = 1, .seen = draft.seen, .province = ""};
    assert_int_equal(desk_confirm(&local, ITEM_TRANSFER, draft.matter.number, &choice, &out, &err),
                     0);
    assert_non_null(strstr(desk_failed(&local, &out), "R21"));
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_event"), 0);
}

/* In force from its first day to its last, both included. */
static void test_days(void **state)
{
    static const struct {
        struct date today;
        bool stopped;
    } rows[] = {
        {{2026, 3, 1}, false}, {{2026, 3, 4}, false}, {{2026, 3, 5}, true}, {{2026, 3, 9}, true},
        {{2026, 3, 10}, false},
    };
    struct proposal_new what = on(&hold_place, LEAVER, 0);
    struct proposal out;
    struct desk desk = local;
    struct err err = {0};
    enum proposal_answer answer;

    (void)state;
    what.from = (struct date){2026, 3, 5};
    what.until = (struct date){2026, 3, 9};
    panel_do(&panel, &what, &out);
    for (size_t i = 0; i < COUNT(rows); i++) {
        desk.today = rows[i].today;
        assert_string_equal(stopped(&desk, ITEM_DEPARTURE, LEAVER, ""),
                            rows[i].stopped ? "R21 R21 R21 " : "");
    }
    /* One that stands, even before its first day, is in the way of another; one that is over is not. */
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_non_null(strstr(out.refusals[0], "已经锁定"));
    panel.today = (struct date){2026, 3, 10};
    what.from = panel.today;
    what.until = (struct date){2026, 4, 9};
    panel_do(&panel, &what, &out);
    assert_marks(1, 0);
    assert_int_equal(number("SELECT COUNT(*) FROM hold WHERE period_until = '2026-04-09'"), 1);
}

static void test_what_must_be_given(void **state)
{
    const struct {
        struct proposal_new what;
        const char *words;
    } rows[] = {
        {on(&hold_place, 0, 0), "没有选择要锁定的人员或者企业"},
        {on(&hold_place, LEAVER, LOCAL), "没有选择要锁定的人员或者企业"},
        {on(&hold_release, LEAVER, 0), "没有锁定，不需要解除"},
        {on(&hold_release, 0, LOCAL), "没有锁定，不需要解除"},
    };
    struct proposal_new what;
    enum proposal_answer answer;
    struct proposal out;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(panel_propose(&panel, REVIEWER, &rows[i].what, &out, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_NOW);
        assert_string_equal(out.refusals[0], rows[i].words);
    }
    what = on(&hold_place, LEAVER, 0);
    what.until = (struct date){2026, 2, 28};
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_string_equal(out.refusals[0], "锁定期已经届满");
    what.from = (struct date){0, 0, 0};
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_string_equal(out.refusals[0], "没有填写锁定的起始日期");
    what = on(&hold_place, LEAVER, 0);
    what.legal_basis = "";
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_string_equal(out.refusals[0], "没有填写法律依据");
}

/* Released by one while another was about to. */
static void test_released_once(void **state)
{
    const struct proposal_new what = on(&hold_release, 0, LOCAL);
    struct proposal out, late;
    enum proposal_answer answer;
    struct err err = {0};

    (void)state;
    held(0, LOCAL);
    panel_proposed(&panel, &what, &out);
    testdb_sql(testdb, "DELETE FROM hold");
    assert_int_equal(panel_decide(&panel, DECIDER, out.number, true, &late, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
}

static void test_list(void **state)
{
    struct hold_page page;
    struct err err = {0};

    (void)state;
    held(LEAVER, 0);
    held(0, LOCAL);
    assert_int_equal(hold_list(testdb->db, testdb->pool, 0, 10, &page, &err), 0);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.rows[0].enterprise_id, LOCAL);
    assert_string_equal(page.rows[0].name, "测试建筑1有限公司");
    assert_int_equal(page.rows[1].person_id, LEAVER);
    assert_string_equal(page.rows[1].name, "张三丰");
    assert_string_equal(page.rows[1].reason, "正在调查");
    assert_int_equal(hold_list(testdb->db, testdb->pool, 0, 1, &page, &err), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(hold_list(testdb->db, testdb->pool, page.next, 1, &page, &err), 0);
    assert_int_equal(page.rows[0].person_id, LEAVER);
    assert_int_equal(page.next, 0);
    testdb_audited(testdb, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_item, prepare),
        cmocka_unit_test_setup(test_exchange, prepare),
        cmocka_unit_test_setup(test_rename, prepare),
        cmocka_unit_test_setup(test_only_the_firm, prepare),
        cmocka_unit_test_setup(test_draft, prepare),
        cmocka_unit_test_setup(test_days, prepare),
        cmocka_unit_test_setup(test_what_must_be_given, prepare),
        cmocka_unit_test_setup(test_released_once, prepare),
        cmocka_unit_test_setup(test_list, prepare),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
