/* Corrections: what may be put right and what not, what makes a new version, and what changed meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/import/import.h"
#include "core/proposal/correction.h"
#include "core/register/certificate.h"
#include "core/staff/staff.h"
#include "tests/core/desk.h"
#include "tests/core/panel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NUMBER       "11010519491231002X"
#define OTHER        "110101199003070038" /* of a man born on 1990-03-07 */

static struct testdb *testdb;
static struct panel panel;

static int prepare(void **state)
{
    (void)state;
    testdb_clear(testdb);
    panel_staff(testdb);
    desk_people(testdb);
    testdb_number_of(testdb, LEAVER, NUMBER);
    testdb_sql(testdb, "UPDATE person SET sex = 2, birth = '1949-12-31', education = '02'"
                       " WHERE id = %d", LEAVER);
    panel = panel_of(testdb);
    return 0;
}

static int64_t number(const char *sql)
{
    return testdb_number(testdb, "%s", sql);
}

static const struct actor clerk = {ACTOR_STAFF, CLERK, "request-1"};

static struct change change_now(void)
{
    return (struct change){.db = testdb->db,
                           .pool = testdb->pool,
                           .core = &testdb->core,
                           .actor = &clerk,
                           .today = testdb_today,
                           .now_ms = DESK_NOW};
}

static struct proposal_new of_person(uint64_t id, struct person_data typed,
                                     const char *faults[PERSON_FIELDS])
{
    struct change change = change_now();
    struct proposal_new what;
    struct err err = {0};

    if (correction_of_person(&change, id, &typed, &what, faults, &err) != 1)
        fail_msg("%s", err.text);
    what.reason = "采集时录入有误";
    return what;
}

static struct proposal_new of_certificate(uint64_t id, struct correction_face typed,
                                          const char *faults[CORRECTION_FAULTS])
{
    struct change change = change_now();
    struct proposal_new what;
    struct err err = {0};

    if (correction_of_certificate(&change, id, &typed, &what, faults, &err) != 1)
        fail_msg("%s", err.text);
    what.reason = "换领时沿用的数据有误";
    return what;
}

static const char *why(const struct proposal *out)
{
    if (out->refusal_count)
        return out->refusals[0];
    for (size_t i = 0; i < out->count; i++)
        if (out->certificates[i].refusal)
            return out->certificates[i].refusal;
    return "";
}

static struct proposal propose(uint64_t staff, const struct proposal_new *what)
{
    enum proposal_answer answer = PROPOSAL_OVER;
    struct proposal out;
    struct err err = {0};

    if (panel_propose(&panel, staff, what, &out, &answer, &err) < 0)
        fail_msg("%s", err.text);
    if (answer != PROPOSAL_DONE)
        fail_msg("not done: %s", why(&out));
    return out;
}

static enum proposal_answer decide(uint64_t staff, const char *matter, struct proposal *out)
{
    enum proposal_answer answer = PROPOSAL_OVER;
    struct err err = {0};

    if (panel_decide(&panel, staff, matter, true, out, &answer, &err) < 0)
        fail_msg("%s", err.text);
    return answer;
}

static void correct(const struct proposal_new *what, struct proposal *out)
{
    struct proposal proposed = propose(CLERK, what);

    if (decide(REVIEWER, proposed.number, out) != PROPOSAL_DONE)
        fail_msg("%s", out->refusal_count ? out->refusals[0] : "not done");
}

static void refused(struct proposal_new what, const char *words)
{
    enum proposal_answer answer = PROPOSAL_OVER;
    struct proposal out;
    struct err err = {0};

    assert_int_equal(panel_propose(&panel, CLERK, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    if (!strstr(why(&out), words))
        fail_msg("%s, not %s", why(&out), words);
}

static void not_now(const char *matter, const char *words)
{
    struct proposal out;

    assert_int_equal(decide(REVIEWER, matter, &out), PROPOSAL_NOT_NOW);
    if (!strstr(why(&out), words))
        fail_msg("%s, not %s", why(&out), words);
}

/* The rules of a certificate's data, one by one. */
static void test_rules(void **state)
{
    static const struct correction_face before = {
        "02", {2024, 1, 10}, {2024, 1, 10}, {2027, 1, 9}, {2024, 1, 10}};
    static const struct {
        const char *class_code;
        struct correction_face after; /* what is left out is as before */
        int field;                    /* -1: right */
        const char *fault;
    } rows[] = {
        {"A", {.post = "07"}, CORRECTION_POST, "没有这个职务"},
        {"A", {.post = "08"}, CORRECTION_POST, "没有这个职务"},
        {"A", {.post = "01"}, CORRECTION_POST, "R8"},
        {"A", {.post = "xx"}, CORRECTION_POST, "没有这个职务"},
        {"B", {.post = "08"}, CORRECTION_POST, "没有这个职务"},
        {"A", {.first_issued = {2026, 3, 2}}, CORRECTION_FIRST_ISSUED, "不能晚于今天"},
        {"A", {.first_issued = {2024, 1, 11}}, CORRECTION_FIRST_ISSUED, "有效期的起始日期"},
        {"A", {.valid_from = {2024, 1, 9}}, CORRECTION_VALID_FROM, "初次领证日期"},
        {"A", {.held_since = {2026, 3, 2}}, CORRECTION_HELD_SINCE, "不能晚于今天"},
        {"A", {.held_since = {2024, 1, 9}}, CORRECTION_HELD_SINCE, "不能早于初次领证"},
        {"A", {.valid_until = {2026, 2, 28}}, CORRECTION_VALID_UNTIL, "已经届满"},
        {"A", {.valid_until = {2027, 1, 10}}, CORRECTION_VALID_UNTIL, "规定的年限"},
        {"A", {.valid_from = {2027, 1, 9}}, CORRECTION_VALID_FROM, "晚于起始日期"},
        {"A", {.valid_from = {2026, 12, 1}, .valid_until = {2026, 11, 30}}, CORRECTION_VALID_UNTIL,
         "晚于起始日期"},
        {"A", {.post = "03"}, -1, NULL},
        {"A", {.post = "99"}, -1, NULL},
        {"A", {.valid_until = {2026, 3, 1}}, -1, NULL},
        {"A", {.valid_from = {2024, 2, 29}, .valid_until = {2027, 2, 28}}, -1, NULL},
        {"A", {.first_issued = {2021, 1, 10}}, -1, NULL},
        {"A", {.held_since = {2026, 3, 1}}, -1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *faults[CORRECTION_FAULTS];
        struct correction_face after = rows[i].after;
        unsigned wrong;

        if (!after.post)
            after.post = before.post;
        if (date_is_none(after.first_issued))
            after.first_issued = before.first_issued;
        if (date_is_none(after.valid_from))
            after.valid_from = before.valid_from;
        if (date_is_none(after.valid_until))
            after.valid_until = before.valid_until;
        if (date_is_none(after.held_since))
            after.held_since = before.held_since;
        wrong = correction_judge(&testdb->policy, rows[i].class_code, &before, &after,
                                 testdb_today, faults);
        assert_int_equal(wrong, rows[i].field < 0 ? 0 : 1);
        if (rows[i].field >= 0 && !strstr(faults[rows[i].field] ? faults[rows[i].field] : "",
                                          rows[i].fault))
            fail_msg("%zu: %s", i, rows[i].fault);
    }
}

/* An old term that is longer than the rule is nobody's mistake while it is not corrected. */
static void test_untouched_is_not_judged(void **state)
{
    static const struct correction_face odd = {
        "02", {2020, 1, 10}, {2020, 1, 10}, {2030, 1, 9}, {2020, 1, 10}};
    struct correction_face after = odd;
    const char *faults[CORRECTION_FAULTS];

    (void)state;
    after.post = "03";
    assert_int_equal(
        correction_judge(&testdb->policy, "A", &odd, &after, testdb_today, faults), 0);
    after.valid_from = (struct date){2020, 1, 11};
    assert_int_equal(
        correction_judge(&testdb->policy, "A", &odd, &after, testdb_today, faults), 1);
}

/* People */

static void test_person_faults(void **state)
{
    static const struct {
        struct person_data typed;
        int field;
        const char *fault;
    } rows[] = {
        {{.id_no = "110105194912310021"}, PERSON_ID_NO, "校验码"},
        {{.id_type = "414"}, PERSON_ID_NO, "护照"},
        {{.id_type = "777"}, PERSON_ID_TYPE, "证件类型"},
        {{.sex = 1}, PERSON_SEX, "不一致"},
        {{.birth = {1950, 1, 1}}, PERSON_BIRTH, "不一致"},
        {{.id_type = "414", .id_no = "E12345678", .birth = {2030, 1, 1}}, PERSON_BIRTH, "不可能"},
        {{.education = "55"}, PERSON_EDUCATION, "文化程度"},
        {{.title = "55"}, PERSON_TITLE, "技术职称"},
        {{.phone = "12"}, PERSON_PHONE, "电话"},
    };
    const char *faults[PERSON_FIELDS];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        of_person(LEAVER, rows[i].typed, faults);
        if (!strstr(faults[rows[i].field] ? faults[rows[i].field] : "", rows[i].fault))
            fail_msg("%zu: %s", i, rows[i].fault);
    }
    refused(of_person(LEAVER, (struct person_data){.education = "02"}, faults), "没有要更正的内容");
}

static void test_document_of_another(void **state)
{
    const char *faults[PERSON_FIELDS];
    const char *words = "已登记在另一人员名下";
    struct proposal proposed;

    (void)state;
    testdb_number_of(testdb, HOLDER, OTHER);
    refused(of_person(LEAVER, (struct person_data){.id_no = OTHER}, faults), words);
    /* Somebody comes with the number while it is looked at. */
    testdb_number_of(testdb, HOLDER, "110101199003070054");
    const struct proposal_new what = of_person(LEAVER, (struct person_data){.id_no = OTHER}, faults);
    proposed = propose(CLERK, &what);
    testdb_number_of(testdb, HOLDER, OTHER);
    not_now(proposed.number, words);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE version = 2"), 0);
}

/* A corrected number brings sex and birth, which stand on the certificates. */
static void test_document(void **state)
{
    const char *faults[PERSON_FIELDS];
    const struct proposal_new what = of_person(LEAVER, (struct person_data){.id_no = OTHER}, faults);
    struct proposal out;

    (void)state;
    for (size_t i = 0; i < what.row_count; i++)
        if (*what.rows[i].label) {
            assert_null(strstr(what.rows[i].after, OTHER));
            assert_null(strstr(what.rows[i].before, NUMBER));
        }
    correct(&what, &out);
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE id = 6 AND sex = 1"
                            " AND birth = '1990-03-07'"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_version WHERE version = 2 AND sex = 1"
                            " AND birth = '1990-03-07' AND voided_at IS NULL"),
                     3);
    assert_int_equal(number("SELECT COUNT(*) FROM job WHERE version = 2"), 3);
    assert_int_equal(number("SELECT COUNT(*) FROM matter WHERE item = 'correction'"
                            " AND enterprise_id = 1 AND state = 'done' AND reason_text LIKE"
                            " '更正：性别由“女”改为“男”；出生日期由%'"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM matter WHERE reason_text LIKE '%证件%'"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM person_change WHERE person_id = 6"
                            " AND (field = 'document') = (after_text IS NULL)"),
                     3);
    testdb_audited(testdb, 3 + 3 + 1);
}

static struct import_result import(const char *id_no, const char *sex, const char *birth)
{
    struct import_result result = {0};
    struct err err = {0};
    FILE *file = tmpfile();

    assert_non_null(file);
    fprintf(file, "id_type,id_no,name,sex,birth,education,technical_title,phone,photo\n"
                  "111,%s,张三丰,%s,%s,02,,,\n",
            id_no, sex, birth);
    rewind(file);
    const struct import import = {.kind = import_kind_find("people"),
                                  .path = "people.csv",
                                  .file = file,
                                  .sha256 = (const uint8_t[32]){1},
                                  .actor = {ACTOR_OPERATOR, 0, ""}};
    if (import_file(testdb->db, testdb->pool, &testdb->core, &import, &result, &err) < 0)
        fail_msg("%s", err.text);
    return result;
}

/* An old register makes no second person of the number that was wrong. */
static void test_import_of_the_wrong_number(void **state)
{
    const char *faults[PERSON_FIELDS];
    const struct proposal_new what = of_person(LEAVER, (struct person_data){.id_no = OTHER}, faults);
    const int64_t people = number("SELECT COUNT(*) FROM person");
    struct import_result result;
    struct proposal out;

    (void)state;
    correct(&what, &out);
    result = import(NUMBER, "2", "1949-12-31");
    assert_int_equal(result.problem_count, 1);
    assert_int_equal(result.problems[0].line, 2);
    assert_string_equal(result.problems[0].column, "id_no");
    assert_non_null(strstr(result.problems[0].said, "该证件号码已作为错误号码更正"));
    assert_int_equal(number("SELECT COUNT(*) FROM person"), people);
    result = import(OTHER, "1", "1990-03-07");
    assert_int_equal(result.problem_count, 0);
    assert_int_equal(number("SELECT COUNT(*) FROM person"), people);
    /* Whoever the number belongs to is there by now: the window has seen the document. */
    testdb_number_of(testdb, HOLDER, NUMBER);
    result = import(NUMBER, "2", "1949-12-31");
    assert_int_equal(result.problem_count, 0);
}

static void test_what_is_not_printed(void **state)
{
    const char *faults[PERSON_FIELDS];
    const struct proposal_new what = of_person(
        LEAVER, (struct person_data){.education = "03", .title = "02", .phone = "021-12345678"},
        faults);
    struct proposal out;

    (void)state;
    assert_int_equal(what.count, 0);
    correct(&what, &out);
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE id = 6 AND education = '03'"
                            " AND technical_title = '02' AND phone_sealed IS NOT NULL"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE version > 1"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM job"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM matter WHERE enterprise_id IS NOT NULL"), 0);
}

static void test_too_young(void **state)
{
    const char *faults[PERSON_FIELDS];

    (void)state;
    testdb_sql(testdb, "UPDATE person SET id_type = '414' WHERE id = %d", LEAVER);
    testdb_number_of(testdb, LEAVER, "E12345678");
    refused(of_person(LEAVER, (struct person_data){.birth = {2008, 3, 2}}, faults), "未满 18 周岁");
    struct proposal_new what =
        of_person(LEAVER, (struct person_data){.birth = {2008, 3, 1}}, faults);
    propose(CLERK, &what);
}

static void test_person_changed_meanwhile(void **state)
{
    const char *faults[PERSON_FIELDS];
    const struct proposal_new what =
        of_person(LEAVER, (struct person_data){.education = "03", .title = "02"}, faults);
    struct proposal proposed = propose(CLERK, &what), out;

    (void)state;
    testdb_sql(testdb, "UPDATE person SET education = '04' WHERE id = %d", LEAVER);
    not_now(proposed.number, "“文化程度”已经改动");
    /* What it is not about may change. */
    testdb_sql(testdb, "UPDATE person SET education = '02', name = '张肆' WHERE id = %d", LEAVER);
    assert_int_equal(decide(REVIEWER, proposed.number, &out), PROPOSAL_DONE);
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE name = '张肆' AND education = '03'"),
                     1);
}

static void test_pending_is_in_the_way(void **state)
{
    static const uint64_t one[] = {52};
    const struct desk local = desk_of(testdb, LOCAL);
    const char *faults[PERSON_FIELDS], *wrong[CORRECTION_FAULTS];
    struct filing form;

    (void)state;
    desk_do(&local, ITEM_CANCEL, LEAVER, "", one, 1, &form);
    refused(of_person(LEAVER, (struct person_data){.id_no = OTHER}, faults), "R19");
    refused(of_certificate(52, (struct correction_face){.held_since = {2025, 1, 1}}, wrong), "R19");
    struct proposal_new what = of_certificate(51, (struct correction_face){.post = "03"}, wrong);
    propose(CLERK, &what);
}

/* Certificates */

static void test_who_may(void **state)
{
    static const uint64_t others[] = {DECIDER, AUDITOR, ADMINISTRATOR};
    const char *faults[CORRECTION_FAULTS];
    const struct proposal_new what =
        of_certificate(51, (struct correction_face){.post = "03"}, faults);
    enum proposal_answer answer;
    struct proposal out;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(panel_propose(&panel, others[i], &what, &out, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    }
    /* A reviewer may propose, and then another decides. */
    struct proposal proposed = propose(REVIEWER, &what);
    assert_int_equal(decide(REVIEWER, proposed.number, &out), PROPOSAL_NOT_YOURS);
    assert_int_equal(decide(CLERK, proposed.number, &out), PROPOSAL_NOT_YOURS);
    assert_int_equal(decide(OTHER_REVIEWER, proposed.number, &out), PROPOSAL_DONE);
    assert_int_equal(decide(OTHER_REVIEWER, proposed.number, &out), PROPOSAL_OVER);
}

static void test_printed(void **state)
{
    const char *faults[CORRECTION_FAULTS];
    struct proposal_new what =
        of_certificate(51,
                       (struct correction_face){.post = "03",
                                                .first_issued = {2021, 5, 6},
                                                .valid_from = {2024, 1, 8},
                                                .valid_until = {2027, 1, 7},
                                                .held_since = {2024, 1, 9}},
                       faults);
    struct proposal out;

    (void)state;
    correct(&what, &out);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate c JOIN certificate_version v"
                            " ON v.certificate_id = c.id AND v.version = c.version WHERE c.id = 51"
                            " AND c.version = 2 AND c.state = '01' AND c.post = '03'"
                            " AND v.post = '03' AND c.first_issued = '2021-05-06'"
                            " AND v.first_issued = '2021-05-06' AND v.valid_from = '2024-01-08'"
                            " AND c.valid_until = '2027-01-07' AND v.valid_until = '2027-01-07'"
                            " AND c.held_since = '2024-01-09'"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE version > 1"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_event WHERE certificate_id = 51"
                            " AND action = 'correct_certificate' AND reason_text LIKE"
                            " '更正：职务由“总经理（总裁）”改为“分管安全生产的副总经理（副总裁）”；%'"),
                     1);
    testdb_audited(testdb, 2 + 1 + 1);
}

/* It stands on no document: the version stays, and its document. */
static void test_held_since(void **state)
{
    const char *faults[CORRECTION_FAULTS];
    const struct proposal_new what =
        of_certificate(52, (struct correction_face){.held_since = {2025, 1, 1}}, faults);
    struct certificate certificate = {0};
    struct proposal out;
    struct err err = {0};

    (void)state;
    correct(&what, &out);
    assert_non_null(strstr(out.certificates[0].effect, "不生成新版"));
    assert_int_equal(certificate_find(testdb->db, testdb->pool, 52, LOCAL, &certificate, &err), 1);
    assert_int_equal(certificate.version, 1);
    assert_int_equal(date_compare(certificate.held_since, (struct date){2025, 1, 1}), 0);
    assert_true(certificate_downloadable(&certificate, testdb_today));
    assert_int_equal(number("SELECT COUNT(*) FROM job"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM matter m JOIN matter_certificate c"
                            " ON c.matter_id = m.id WHERE m.enterprise_id = 1"
                            " AND m.item = 'correction' AND c.version = 1"),
                     1);
}

static void test_states(void **state)
{
    static const char *const states[] = {"03", "04", "05", "06", "07"};
    const struct correction_face typed = {.held_since = {2025, 1, 1}};
    const char *faults[CORRECTION_FAULTS];
    struct change change = change_now();
    struct proposal_new what;
    struct proposal out;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        testdb_sql(testdb, "UPDATE certificate SET state = '%s' WHERE id = 52", states[i]);
        assert_int_equal(correction_of_certificate(&change, 52, &typed, &what, faults, &err), 0);
    }
    testdb_sql(testdb, "UPDATE certificate SET state = '01', valid_until = '2026-02-28' WHERE id = 52");
    assert_int_equal(correction_of_certificate(&change, 52, &typed, &what, faults, &err), 0);
    assert_int_equal(correction_of_certificate(&change, 5200, &typed, &what, faults, &err), 0);
    /* Suspended it stays so. */
    testdb_sql(testdb, "UPDATE certificate SET state = '02' WHERE id = 51");
    what = of_certificate(51, (struct correction_face){.post = "03"}, faults);
    correct(&what, &out);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 51 AND state = '02'"
                            " AND version = 2"),
                     1);
}

static void test_certificate_changed_meanwhile(void **state)
{
    const char *faults[CORRECTION_FAULTS];
    const struct proposal_new what =
        of_certificate(51, (struct correction_face){.post = "03"}, faults);
    struct proposal proposed = propose(CLERK, &what), out;

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET post = '04' WHERE id = 51");
    not_now(proposed.number, "“职务”已经改动");
    testdb_sql(testdb, "UPDATE certificate SET post = '02', state = '07' WHERE id = 51");
    not_now(proposed.number, "证书状态为吊销");
    testdb_sql(testdb, "UPDATE certificate SET state = '01', version = 1 WHERE id = 51");
    assert_int_equal(decide(REVIEWER, proposed.number, &out), PROPOSAL_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_rules, prepare),
        cmocka_unit_test_setup(test_untouched_is_not_judged, prepare),
        cmocka_unit_test_setup(test_person_faults, prepare),
        cmocka_unit_test_setup(test_document_of_another, prepare),
        cmocka_unit_test_setup(test_document, prepare),
        cmocka_unit_test_setup(test_import_of_the_wrong_number, prepare),
        cmocka_unit_test_setup(test_what_is_not_printed, prepare),
        cmocka_unit_test_setup(test_too_young, prepare),
        cmocka_unit_test_setup(test_person_changed_meanwhile, prepare),
        cmocka_unit_test_setup(test_pending_is_in_the_way, prepare),
        cmocka_unit_test_setup(test_who_may, prepare),
        cmocka_unit_test_setup(test_printed, prepare),
        cmocka_unit_test_setup(test_held_since, prepare),
        cmocka_unit_test_setup(test_states, prepare),
        cmocka_unit_test_setup(test_certificate_changed_meanwhile, prepare),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
