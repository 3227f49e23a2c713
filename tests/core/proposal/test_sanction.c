/* Sanctions: which certificates they may touch, what they leave behind, and what the firm has begun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/register/certificate.h"
#include "core/item/rename.h"
#include "core/issue/task.h"
#include "core/proposal/sanction.h"
#include "tests/core/desk.h"
#include "tests/core/panel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct testdb *testdb;
static struct panel panel;
static struct desk local;
static const uint64_t one[] = {52}, pair[] = {52, 53};

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

static int64_t number(const char *sql)
{
    return testdb_number(testdb, "%s", sql);
}

static bool downloadable(void)
{
    struct certificate certificate = {0};
    struct err err = {0};

    assert_int_equal(certificate_find(testdb->db, testdb->pool, 52, LOCAL, &certificate, &err), 1);
    return certificate_downloadable(&certificate, panel.today);
}

/* Each kind over each state: nothing but what the law's table has. */
static void test_transitions(void **state)
{
    static const struct {
        const struct proposal_kind *kind;
        const char *from, *to;
    } rows[] = {
        {&sanction_suspend, "01", "02"},   {&sanction_give_back, "02", "01"},
        {&sanction_withdraw, "01", "03"},  {&sanction_withdraw, "02", "03"},
        {&sanction_revoke, "01", "07"},    {&sanction_revoke, "02", "07"},
        {&sanction_cancel, "01", "04"},    {&sanction_take_back, "06", "01"},
    };
    static const char *const states[] = {"01", "02", "03", "04", "05", "06", "07", "99"};
    static const struct proposal_kind *const kinds[] = {&sanction_suspend,  &sanction_give_back,
                                                        &sanction_withdraw, &sanction_revoke,
                                                        &sanction_cancel,   &sanction_take_back};

    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        for (size_t s = 0; s < COUNT(states); s++) {
            const struct proposal_new what = panel_sanction(kinds[k], one, 1);
            enum proposal_answer answer = PROPOSAL_OVER;
            const char *to = NULL;
            struct proposal out;
            struct err err = {0};

            prepare(NULL);
            testdb_sql(testdb, "UPDATE certificate SET state = '%s' WHERE id = 52", states[s]);
            /* The rest of what the person holds would stand in the way of a return. */
            testdb_sql(testdb, "UPDATE certificate SET state = '05' WHERE id IN (51, 53)");
            for (size_t i = 0; i < COUNT(rows); i++)
                if (rows[i].kind == kinds[k] && strcmp(rows[i].from, states[s]) == 0)
                    to = rows[i].to;
            assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
            assert_int_equal(answer, to ? PROPOSAL_DONE : PROPOSAL_NOT_NOW);
            if (!to)
                continue;
            panel_decided(&panel, out.number, true, &out);
            assert_int_equal(testdb_number(testdb, "SELECT state = '%s' FROM certificate"
                                                   " WHERE id = 52", to),
                             1);
            assert_int_equal(testdb_number(testdb,
                                           "SELECT COUNT(*) FROM certificate_event WHERE"
                                           " certificate_id = 52 AND from_state = '%s'"
                                           " AND to_state = '%s' AND enterprise_id = 1"
                                           " AND reason_text LIKE '依据：%%《测试条例》第三条%%'",
                                           states[s], to),
                             1);
            testdb_audited(testdb, 3);
        }
    }
}

/* It is over on this day, whatever is written down. */
static void test_expired_today(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    enum proposal_answer answer;
    struct proposal out;
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 52");
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_string_equal(out.certificates[0].refusal, "证书状态为失效，不能暂扣");
}

static void test_suspended_and_given_back(void **state)
{
    const struct proposal_new suspend = panel_sanction(&sanction_suspend, one, 1);
    const struct proposal_new give_back = panel_sanction(&sanction_give_back, one, 1);
    struct proposal out;

    (void)state;
    assert_true(downloadable());
    panel_do(&panel, &suspend, &out);
    assert_string_equal(out.certificates[0].effect,
                        "有效 → 暂扣，暂扣期 2026-03-01 至 2026-04-01");
    assert_false(downloadable());
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_version WHERE certificate_id = 52"
                            " AND voided_at IS NULL"),
                     1);
    panel_do(&panel, &give_back, &out);
    assert_string_equal(out.certificates[0].effect, "暂扣 → 有效，电子证书可以重新下载");
    /* The same version, the same document. */
    assert_true(downloadable());
    assert_int_equal(number("SELECT version FROM certificate WHERE id = 52"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM job"), 0);
    testdb_audited(testdb, 6);
}

/* What ended while it was suspended is given back, and is over. */
static void test_given_back_too_late(void **state)
{
    const struct proposal_new suspend = panel_sanction(&sanction_suspend, one, 1);
    const struct proposal_new give_back = panel_sanction(&sanction_give_back, one, 1);
    struct proposal out;

    (void)state;
    panel_do(&panel, &suspend, &out);
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 52");
    panel_do(&panel, &give_back, &out);
    assert_string_equal(out.certificates[0].effect,
                        "暂扣 → 有效；有效期已于 2026-02-28 届满，发还后即为失效");
    assert_false(downloadable());
    assert_string_equal(state_on("01", (struct date){2026, 2, 28}, panel.today), STATE_EXPIRED);
}

static void test_final_ends_the_version(void **state)
{
    static const struct proposal_kind *const kinds[] = {&sanction_withdraw, &sanction_revoke,
                                                        &sanction_cancel};

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct proposal_new what = panel_sanction(kinds[i], one, 1);
        struct proposal out;

        prepare(NULL);
        panel_do(&panel, &what, &out);
        assert_true(out.kind->final);
        assert_false(downloadable());
        assert_int_equal(number("SELECT COUNT(*) FROM certificate_version"
                                " WHERE certificate_id = 52 AND voided_at IS NULL"),
                         0);
    }
    /* The last was 注销 for a reason that leaves a transfer open (R15). */
    assert_int_equal(number("SELECT state_reason = '01' FROM certificate WHERE id = 52"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM matter WHERE reason_code = '01'"), 1);
}

static void test_taken_back(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_take_back, pair, 2);
    struct filing departure;
    struct proposal out;

    (void)state;
    desk_do(&local, ITEM_DEPARTURE, LEAVER, "", pair, 2, &departure);
    assert_false(downloadable());
    testdb_sql(testdb, "UPDATE enterprise SET name = '测试建筑新名有限公司' WHERE id = 1");
    panel_do(&panel, &what, &out);
    assert_string_equal(out.certificates[0].effect, "办理转出 → 有效，生成新版电子证书");
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id IN (52, 53) AND state = '01'"
                            " AND version = 2 AND generation = 0"
                            " AND enterprise_name = '测试建筑新名有限公司'"),
                     2);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_version WHERE version = 1"
                            " AND certificate_id IN (52, 53) AND voided_at IS NOT NULL"),
                     2);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate c JOIN certificate_version v"
                            " ON v.certificate_id = c.id AND v.version = c.version"
                            " WHERE c.id IN (52, 53) AND v.voided_at IS NULL"
                            " AND v.valid_until = c.valid_until AND v.capture_id IS NOT NULL"),
                     2);
    assert_int_equal(number("SELECT COUNT(*) FROM job WHERE kind = 'certificate' AND version = 2"),
                     2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate WHERE"
                                           " matter_id = %d AND version = 2 AND state = 'done'",
                                   (int)out.matter_id),
                     2);
}

/* A departed certificate whose place was taken meanwhile stays departed. */
static void test_no_room_to_come_back(void **state)
{
    static const struct {
        const char *class_code, *post, *other_class, *other_post;
        uint64_t firm;
        bool refused;
    } rows[] = {
        {"B", "07", "B", "07", PREVIOUS, true},   {"B", "07", "C1", "08", PREVIOUS, true},
        {"B", "07", "C1", "08", LOCAL, false},    {"B", "07", "A", "02", LOCAL, false},
        {"C1", "08", "C2", "08", LOCAL, true},    {"C1", "08", "B", "07", LOCAL, false},
        {"A", "02", "A", "02", LOCAL, true},      {"A", "02", "A", "02", PREVIOUS, true},
        {"A", "02", "A", "01", PREVIOUS, false},  {"A", "01", "A", "02", PREVIOUS, false},
        {"A", "01", "A", "01", LOCAL, true},
    };
    static const uint64_t id[] = {81};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct proposal_new what = panel_sanction(&sanction_take_back, id, 1);
        enum proposal_answer answer;
        struct proposal out;
        struct err err = {0};

        prepare(NULL);
        testdb_certificate(testdb, &(struct testdb_certificate){.id = 81,
                                                                .firm = LOCAL,
                                                                .person = NEWCOMER,
                                                                .class_code = rows[i].class_code,
                                                                .post = rows[i].post,
                                                                .state = "06"});
        testdb_certificate(testdb, &(struct testdb_certificate){.id = 82,
                                                                .firm = rows[i].firm,
                                                                .person = NEWCOMER,
                                                                .class_code = rows[i].other_class,
                                                                .post = rows[i].other_post});
        assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
        assert_int_equal(answer, rows[i].refused ? PROPOSAL_NOT_NOW : PROPOSAL_DONE);
        if (rows[i].refused)
            assert_non_null(strstr(out.certificates[0].refusal, "离沪后已持有"));
    }
}

/* Those of one proposal stand in each other's way, too; and whoever has A has one where B and C are. */
static void test_come_back_together(void **state)
{
    static const struct {
        const char *class_code, *post;
        uint64_t firm;
        const char *other_class, *other_post;
        uint64_t other_firm;
        const char *back, *refusal;
    } rows[] = {
        {"B", "07", LOCAL, "B", "07", PREVIOUS, "81, 82", "与本提请中的B证"},
        {"B", "07", LOCAL, "C1", "08", PREVIOUS, "81, 82", "与本提请中的C1证"},
        {"C1", "08", LOCAL, "C2", "08", LOCAL, "81, 82", "与本提请中的C2证"},
        {"A", "02", LOCAL, "A", "02", PREVIOUS, "81, 82", "与本提请中的A证"},
        {"A", "01", LOCAL, "A", "02", PREVIOUS, "81, 82", NULL},
        {"B", "07", LOCAL, "C1", "08", LOCAL, "81, 82", NULL},
        {"B", "07", LOCAL, "A", "02", LOCAL, "81, 82", NULL},
        {"B", "07", LOCAL, "A", "02", PREVIOUS, "81, 82", "A证都不在"},
        {"A", "02", LOCAL, "B", "07", PREVIOUS, "81, 82", "A证都不在"},
        {"B", "07", LOCAL, "A", "02", PREVIOUS, "81", "A证都不在"},
        {"A", "02", LOCAL, "C1", "08", PREVIOUS, "81", "A证都不在"},
        {"A", "02", LOCAL, "C1", "08", LOCAL, "81", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static const uint64_t ids[] = {81, 82};
        bool both = strlen(rows[i].back) > 2;
        const struct proposal_new what = panel_sanction(&sanction_take_back, ids, both ? 2 : 1);
        enum proposal_answer answer;
        struct proposal out;
        struct err err = {0};

        prepare(NULL);
        testdb_certificate(testdb, &(struct testdb_certificate){.id = 81,
                                                                .firm = rows[i].firm,
                                                                .person = NEWCOMER,
                                                                .class_code = rows[i].class_code,
                                                                .post = rows[i].post});
        testdb_certificate(testdb, &(struct testdb_certificate){.id = 82,
                                                                .firm = rows[i].other_firm,
                                                                .person = NEWCOMER,
                                                                .class_code = rows[i].other_class,
                                                                .post = rows[i].other_post});
        testdb_sql(testdb, "UPDATE certificate SET state = '06' WHERE id IN (%s)", rows[i].back);
        assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
        assert_int_equal(answer, rows[i].refusal ? PROPOSAL_NOT_NOW : PROPOSAL_DONE);
        if (rows[i].refusal)
            assert_non_null(strstr(out.certificates[0].refusal, rows[i].refusal));
    }
}

/* The firm's only certificate of a legal representative is another person's by now. */
static void test_another_leads(void **state)
{
    static const uint64_t id[] = {81};
    const struct proposal_new what = panel_sanction(&sanction_take_back, id, 1);
    enum proposal_answer answer;
    struct proposal out;
    struct err err = {0};

    (void)state;
    testdb_certificate(testdb, &(struct testdb_certificate){.id = 81, .firm = LOCAL,
                                                            .person = NEWCOMER, .class_code = "A",
                                                            .post = "01", .state = "06"});
    testdb_certificate(testdb, &(struct testdb_certificate){.id = 82, .firm = LOCAL,
                                                            .person = LEADER, .class_code = "A",
                                                            .post = "01"});
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_non_null(strstr(out.certificates[0].refusal, "该企业已有其他人员的法定代表人A证"));
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 82");
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_DONE);
}

static void test_over_while_away(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_take_back, one, 1);
    enum proposal_answer answer;
    struct proposal out;
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET state = '06', valid_until = '2026-02-28'"
                       " WHERE id = 52");
    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_string_equal(out.certificates[0].refusal, "有效期已于 2026-02-28 届满");
}

static void refused_for(struct proposal_new what, const char *words)
{
    enum proposal_answer answer;
    struct proposal out;
    struct err err = {0};

    assert_int_equal(panel_propose(&panel, REVIEWER, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    assert_string_equal(out.refusals[0], words);
}

static void test_what_must_be_given(void **state)
{
    struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);

    (void)state;
    what.until = (struct date){0, 0, 0};
    refused_for(what, "没有填写暂扣期");
    what.from = what.until = (struct date){2026, 3, 2};
    refused_for(what, "暂扣期的起始日期不能晚于今天");
    what.from = what.until = (struct date){2026, 2, 28};
    refused_for(what, "暂扣期已经届满");
    what = panel_sanction(&sanction_revoke, one, 1);
    what.legal_basis = "";
    refused_for(what, "没有填写法律依据");
    what = panel_sanction(&sanction_cancel, one, 1);
    what.row_count = 0;
    refused_for(what, "没有选择注销原因");
    what = panel_sanction(&sanction_revoke, one, 0);
    refused_for(what, "没有证书");
}

/* A form that waits for its signature is refused, with the reason; its other certificate is free. */
static void test_cancellation_overruled(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct filing form;
    struct proposal out;
    struct err err = {0};
    size_t count;
    const struct matter_finding *findings;

    (void)state;
    desk_do(&local, ITEM_CANCEL, LEAVER, "", pair, 2, &form);
    panel_do(&panel, &what, &out);
    assert_non_null(strstr(out.certificates[0].effect, "企业正在办理的事项就该证书终止"));
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE id = %d"
                                           " AND state = 'refused' AND closed_at IS NOT NULL",
                                   (int)form.matter.id),
                     1);
    assert_int_equal(matter_findings(testdb->db, testdb->pool, form.matter.id, &findings, &count,
                                     &err),
                     0);
    assert_int_equal(count, 1);
    assert_false(findings[0].passed);
    assert_non_null(strstr(findings[0].fact, out.number));
    assert_non_null(strstr(findings[0].fact, "暂扣"));
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE pending_matter_id IS NOT NULL"),
                     0);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 52 AND state = '02'"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 53 AND state = '01'"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM audit_event WHERE action = 'cancel.overruled'"),
                     1);
}

/* Both certificates of one form at once. */
static void test_cancellation_overruled_whole(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_revoke, pair, 2);
    struct filing form;
    struct proposal out;

    (void)state;
    desk_do(&local, ITEM_CANCEL, LEAVER, "", pair, 2, &form);
    panel_do(&panel, &what, &out);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id IN (52, 53)"
                            " AND state = '07' AND pending_matter_id IS NULL"),
                     2);
    assert_int_equal(number("SELECT COUNT(*) FROM matter_finding"), 1);
}

static int start(void *context, struct err *err)
{
    const struct actor actor = {ACTOR_FIRM, LOCAL, "request-1"};
    struct change change = desk_change(&local, &actor);

    return rename_start(&change, context, err) == 1 ? 0 : -1;
}

/* A certificate of a running change of name fails there; the others are renamed. */
static void test_rename_overruled(void **state)
{
    const struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    struct proposal out;
    struct rename rename;
    struct err err = {0};
    size_t renamed;

    (void)state;
    testdb_sql(testdb, "UPDATE enterprise SET name = '测试建筑新名有限公司' WHERE id = 1");
    if (db_transact(testdb->db, start, &rename, &err) < 0)
        fail_msg("%s", err.text);
    panel_do(&panel, &what, &out);
    struct pool *pool = pool_new(0, 0);
    assert_int_equal(task_advance(testdb->db, pool, &testdb->core, testdb_today, DESK_NOW + 1000,
                                    60000, &renamed, &err),
                     1);
    pool_free(&pool);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 52 AND state = '02'"
                            " AND version = 1 AND pending_matter_id IS NULL"),
                     1);
    assert_int_equal(renamed, number("SELECT COUNT(*) FROM certificate WHERE version = 2"));
    assert_true(renamed >= 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate WHERE"
                                           " matter_id = %d AND state = 'failed'"
                                           " AND cause = 'state' AND certificate_id = 52",
                                   (int)rename.matter.id),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter WHERE id = %d"
                                           " AND state = 'done'",
                                   (int)rename.matter.id),
                     1);
}

static void test_due(void **state)
{
    struct proposal_new what = panel_sanction(&sanction_suspend, one, 1);
    const struct date later = {2026, 4, 2};
    const struct suspension *rows;
    struct proposal out;
    struct err err = {0};
    uint64_t due;
    size_t count;

    (void)state;
    panel_do(&panel, &what, &out);
    assert_int_equal(sanction_due(testdb->db, testdb->pool, what.until, 10, &rows, &count, &err), 0);
    assert_int_equal(count, 0);
    assert_int_equal(sanction_due(testdb->db, testdb->pool, later, 10, &rows, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].certificate.id, 52);
    assert_string_equal(rows[0].number, out.number);
    assert_int_equal(date_compare(rows[0].until, what.until), 0);
    assert_int_equal(sanction_due_count(testdb->db, testdb->pool, later, &due, &err), 0);
    assert_int_equal(due, 1);
    what = panel_sanction(&sanction_give_back, one, 1);
    panel_do(&panel, &what, &out);
    assert_int_equal(sanction_due_count(testdb->db, testdb->pool, later, &due, &err), 0);
    assert_int_equal(due, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_transitions, prepare),
        cmocka_unit_test_setup(test_expired_today, prepare),
        cmocka_unit_test_setup(test_suspended_and_given_back, prepare),
        cmocka_unit_test_setup(test_given_back_too_late, prepare),
        cmocka_unit_test_setup(test_final_ends_the_version, prepare),
        cmocka_unit_test_setup(test_taken_back, prepare),
        cmocka_unit_test_setup(test_no_room_to_come_back, prepare),
        cmocka_unit_test_setup(test_come_back_together, prepare),
        cmocka_unit_test_setup(test_another_leads, prepare),
        cmocka_unit_test_setup(test_over_while_away, prepare),
        cmocka_unit_test_setup(test_what_must_be_given, prepare),
        cmocka_unit_test_setup(test_cancellation_overruled, prepare),
        cmocka_unit_test_setup(test_cancellation_overruled_whole, prepare),
        cmocka_unit_test_setup(test_rename_overruled, prepare),
        cmocka_unit_test_setup(test_due, prepare),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
