/* Changes of a name: what is no name, who may, what it does to every certificate, and what firms and
 * registers did meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/import/import.h"
#include "core/matter/attachment.h"
#include "core/proposal/name_change.h"
#include "core/proposal/sanction.h"
#include "core/register/certificate.h"
#include "core/register/nfc.h"
#include "core/staff/staff.h"
#include "tests/core/desk.h"
#include "tests/core/document/fixture.h"
#include "tests/core/panel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NUMBER       "11010519491231002X"
#define NEW          "张叁丰"
#define FORMER       "张三"
#define USCC         "91310115MA1K000016"

static struct testdb *testdb;
static struct panel panel;
static struct fonts *fonts;

static int prepare(void **state)
{
    (void)state;
    testdb_clear(testdb);
    panel_staff(testdb);
    desk_people(testdb);
    testdb_number_of(testdb, LEAVER, NUMBER);
    panel = panel_of(testdb);
    return 0;
}

static int64_t number(const char *sql)
{
    return testdb_number(testdb, "%s", sql);
}

static struct change change_of(const struct actor *actor)
{
    return (struct change){.db = testdb->db,
                           .pool = testdb->pool,
                           .core = &testdb->core,
                           .actor = actor,
                           .today = testdb_today,
                           .now_ms = DESK_NOW};
}

static struct proposal_new wish(uint64_t person, const char *name)
{
    const struct actor clerk = {ACTOR_STAFF, CLERK, "request-1"};
    struct change change = change_of(&clerk);
    struct proposal_new what = {0};
    struct err err = {0};

    if (name_change_new(&change, person, name, &what, &err) != 1)
        fail_msg("%s", err.text);
    what.reason = "公安机关已变更";
    return what;
}

static struct proposal propose(uint64_t person, const char *name)
{
    const struct proposal_new what = wish(person, name);
    enum proposal_answer answer = PROPOSAL_OVER;
    struct proposal out;
    struct err err = {0};

    if (panel_propose(&panel, CLERK, &what, &out, &answer, &err) < 0)
        fail_msg("%s", err.text);
    if (answer != PROPOSAL_DONE)
        fail_msg("%s", out.refusal_count ? out.refusals[0] : "not done");
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

static void change_name(uint64_t person, const char *name, struct proposal *out)
{
    struct proposal proposed = propose(person, name);

    if (decide(REVIEWER, proposed.number, out) != PROPOSAL_DONE)
        fail_msg("%s", out->refusal_count ? out->refusals[0] : "not done");
}

/* What is typed */

static void test_nfc(void **state)
{
    static const struct {
        const char *text, *normal;
    } rows[] = {
        {"", ""},
        {"张三", "张三"},
        {"e\xcc\x81", "\xc3\xa9"},                                  /* é */
        {"\xc3\xa9", "\xc3\xa9"},
        {"a\xcc\x82\xcc\xa3", "\xe1\xba\xad"},                      /* marks in another order */
        {"a\xcc\x81\xcc\x81", "\xc3\xa1\xcc\x81"},                  /* the second has no place */
        {"\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", "\xea\xb0\x81"},   /* Hangul from its letters */
        {"\xef\xa7\x91", "\xe5\x85\xad"},                           /* 六 of the compatibility block */
        {"\xf0\xa0\xae\xb7", "\xf0\xa0\xae\xb7"},                   /* 𠮷 */
        {"\xcc\x81", "\xcc\x81"},                                   /* nothing before it */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(nfc(testdb->pool, rows[i].text), rows[i].normal);
}

static void test_names(void **state)
{
    static const struct {
        const char *typed, *normal, *fault; /* a part of it; NULL: right */
    } rows[] = {
        {"", "", "请填写姓名"},
        {"　 ", "", "请填写姓名"},
        {"张3", "张3", "不能使用的字符"},
        {"张<三>", "张<三>", "不能使用的字符"},
        {"张\xe2\x80\xae三", "张\xe2\x80\xae三", "不能使用的字符"},
        {"张三𱍊", "张三𱍊", "“𱍊”（U+3134A）不在电子证书所用的字体中"},
        {"  张三　", "张三", NULL},
        {"阿卜杜拉•买买提", "阿卜杜拉·买买提", NULL},
        {"阿卜杜拉・买买提", "阿卜杜拉·买买提", NULL},
        {"䶮㛃", "䶮㛃", NULL},
        {"𠮷𬭚", "𠮷𬭚", NULL},
        {"Jose\xcc\x81  Maria", "Jos\xc3\xa9 Maria", NULL},
    };
    const char *normal, *fault;

    (void)state;
    testdb->core.fonts = fonts;
    for (size_t i = 0; i < COUNT(rows); i++) {
        fault = name_change_fault(&testdb->core, testdb->pool, rows[i].typed, &normal);
        assert_string_equal(normal, rows[i].normal);
        if (rows[i].fault)
            assert_non_null(fault ? strstr(fault, rows[i].fault) : NULL);
        else if (fault)
            fail_msg("%s: %s", rows[i].typed, fault);
    }
    testdb->core.fonts = NULL;
}

/* What may not be proposed */

static void refused(struct proposal_new what, const char *words)
{
    enum proposal_answer answer = PROPOSAL_OVER;
    struct proposal out;
    struct err err = {0};
    const char *found = NULL;

    assert_int_equal(panel_propose(&panel, CLERK, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
    for (size_t i = 0; !found && i < out.refusal_count; i++)
        found = strstr(out.refusals[i], words);
    for (size_t i = 0; !found && i < out.count; i++)
        found = out.certificates[i].refusal ? strstr(out.certificates[i].refusal, words) : NULL;
    if (!found)
        fail_msg("not refused for %s", words);
}

static void test_not_proposed(void **state)
{
    struct desk local = desk_of(testdb, LOCAL);
    struct proposal_new what;
    struct filing form;
    const uint64_t one[] = {52};

    (void)state;
    refused(wish(LEAVER, "张三丰"), "新姓名与原姓名相同");
    refused(wish(LEAVER, "张3"), "不能使用的字符");
    refused(wish(LEAVER, " 张叁"), "新姓名的写法不规范");
    what = wish(LEAVER, NEW);
    what.count = 1;
    refused(what, "该人员另有证书");
    desk_do(&local, ITEM_CANCEL, LEAVER, "", one, 1, &form);
    refused(wish(LEAVER, NEW), form.matter.number);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal"), 0);
}

static void test_who_may(void **state)
{
    const struct proposal_new what = wish(LEAVER, NEW);
    static const uint64_t others[] = {REVIEWER, DECIDER, AUDITOR, ADMINISTRATOR};
    static const uint64_t deciders[] = {CLERK, OTHER_CLERK, DECIDER, AUDITOR, ADMINISTRATOR};
    enum proposal_answer answer;
    struct proposal out;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(panel_propose(&panel, others[i], &what, &out, &answer, &err), 0);
        assert_int_equal(answer, PROPOSAL_NOT_YOURS);
    }
    struct proposal proposed = propose(LEAVER, NEW);
    for (size_t i = 0; i < COUNT(deciders); i++)
        assert_int_equal(decide(deciders[i], proposed.number, &out), PROPOSAL_NOT_YOURS);
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE name = '张叁丰'"), 0);
    /* A second one about the same person waits for the first. */
    assert_int_equal(panel_propose(&panel, OTHER_CLERK, &what, &out, &answer, &err), 0);
    assert_int_equal(answer, PROPOSAL_NOT_NOW);
}

/* The papers */

static struct attachment_file paper(const char *content)
{
    struct attachment_file file = {.name = "扫描.pdf",
                                   .scan = {.type = "application/pdf", .pages = 1}};

    file.scan.body = (struct bytes){(const uint8_t *)content, strlen(content)};
    sha256(content, strlen(content), file.sha256);
    memcpy(file.sent, file.sha256, sizeof(file.sent));
    return file;
}

struct opening {
    uint64_t owner; /* of the papers */
    unsigned given; /* how many */
    struct proposal out;
    enum proposal_answer answer;
};

static int open_with_papers(void *context, struct err *err)
{
    struct opening *opening = context;
    const struct actor owner = {ACTOR_STAFF, opening->owner, "request-1"};
    const struct actor clerk = {ACTOR_STAFF, CLERK, "request-2"};
    struct change giving = change_of(&owner), change = change_of(&clerk);
    const struct proposal_new what = wish(LEAVER, NEW);
    uint64_t ids[NAME_CHANGE_MATERIALS] = {0};

    for (unsigned i = 0; i < opening->given; i++) {
        const struct attachment_file file = paper(name_change_materials[i].kind);

        if (attachment_add(&giving, 0, name_change_materials[i].kind, &file, &ids[i], err) < 0)
            return -1;
    }
    return name_change_open(&change, STAFF_WINDOW, &what, ids, &opening->out, &opening->answer,
                            err);
}

static void test_papers(void **state)
{
    struct opening opening = {.owner = CLERK, .given = 2};
    struct err err = {0};

    (void)state;
    assert_int_equal(db_transact(testdb->db, open_with_papers, &opening, &err), -1);
    assert_int_equal(err.kind, ERR_INPUT);
    opening = (struct opening){.owner = OTHER_CLERK, .given = 3};
    assert_int_equal(db_transact(testdb->db, open_with_papers, &opening, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(number("SELECT COUNT(*) FROM proposal"), 0);
    opening = (struct opening){.owner = CLERK, .given = 3};
    if (db_transact(testdb->db, open_with_papers, &opening, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM attachment WHERE matter_id = %d",
                                   (int)opening.out.matter_id),
                     3);
}

/* What it does */

static void test_every_certificate(void **state)
{
    struct proposal out;

    (void)state;
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = 54, .firm = PREVIOUS, .person = LEAVER, .class_code = "A"});
    testdb_sql(testdb, "UPDATE certificate SET state = '02' WHERE id = 53");
    testdb_certificate(testdb, &(struct testdb_certificate){.id = 55,
                                                            .firm = PREVIOUS,
                                                            .person = LEAVER,
                                                            .class_code = "C1",
                                                            .state = "04",
                                                            .reason = "01"});
    change_name(LEAVER, NEW, &out);
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE id = 6 AND name = '张叁丰'"), 1);
    /* In every firm, dates and state as they were; what was cancelled is left alone. */
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id IN (51, 52, 53, 54)"
                            " AND version = 2 AND holder_name = '张叁丰' AND generation = 0"
                            " AND valid_from = '2024-01-10' AND state = IF(id = 53, '02', '01')"),
                     4);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 55 AND version = 1"
                            " AND holder_name = '张三丰'"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_version WHERE version = 1"
                            " AND certificate_id IN (51, 52, 53, 54) AND voided_at IS NOT NULL"
                            " AND holder_name = '张三丰'"),
                     4);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate_version WHERE version = 2"
                            " AND voided_at IS NULL AND holder_name = '张叁丰'"),
                     4);
    assert_int_equal(number("SELECT COUNT(*) FROM job WHERE version = 2 AND kind = 'certificate'"),
                     4);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate WHERE"
                                           " matter_id = %d AND state = 'done' AND version = 2",
                                   (int)out.matter_id),
                     4);
    assert_int_equal(number("SELECT COUNT(*) FROM person_change WHERE person_id = 6"
                            " AND field = 'name' AND before_text = '张三丰'"
                            " AND after_text = '张叁丰'"),
                     1);
    testdb_audited(testdb, 3 /* open, person, applied */ + 4 + 2);
}

/* Each firm its own matter, and nobody of the staff in it. */
static void test_firms_are_told(void **state)
{
    const struct certificate_event *events;
    struct matter_page page;
    struct proposal out;
    struct err err = {0};
    struct matter matter;
    size_t count;

    (void)state;
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = 54, .firm = PREVIOUS, .person = LEAVER, .class_code = "A"});
    change_name(LEAVER, NEW, &out);
    assert_int_equal(matter_left(testdb->db, testdb->pool, LOCAL, testdb_today, 5, &page, &err), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].item, ITEM_NAME_CHANGE);
    assert_string_equal(page.rows[0].holder_name, NEW);
    assert_string_equal(page.rows[0].reason_text, "姓名由“张三丰”变更为“张叁丰”");
    assert_int_equal(page.rows[0].items, 3);
    assert_int_equal(page.rows[0].parent_id, out.matter_id);
    assert_int_equal(matter_find(testdb->db, testdb->pool, page.rows[0].number, PREVIOUS, &matter,
                                 &err),
                     0);
    assert_int_equal(certificate_history(testdb->db, testdb->pool, 54, PREVIOUS, 5, &events, &count,
                                         &err),
                     0);
    assert_string_equal(events[0].action, "name_change");
    assert_string_equal(events[0].matter_item, "name_change");
    assert_true(events[0].matter_ours);
    assert_int_equal(matter_find(testdb->db, testdb->pool, out.number, LOCAL, &matter, &err), 0);
}

/* No document before it is given back; then the new one. */
static void test_suspended(void **state)
{
    static const uint64_t one[] = {53};
    const struct proposal_new suspend = panel_sanction(&sanction_suspend, one, 1);
    const struct proposal_new give_back = panel_sanction(&sanction_give_back, one, 1);
    struct certificate certificate = {0};
    struct document document;
    struct proposal out;
    struct err err = {0};

    (void)state;
    panel_do(&panel, &suspend, &out);
    change_name(LEAVER, NEW, &out);
    assert_non_null(strstr(out.certificates[2].effect, "仍为暂扣，发还之后才能下载"));
    testdb_sql(testdb, "UPDATE certificate SET generation = 2 WHERE id = 53");
    testdb_sql(testdb, "INSERT INTO document (kind, certificate_id, version, matter_id,"
                       " enterprise_id, intent_id, sha256, size, body, created_at) SELECT"
                       " 'certificate', 53, 2, 1, 1, 99, UNHEX(SHA2('x', 256)), 1, 'x', NOW(3)");
    assert_int_equal(certificate_find(testdb->db, testdb->pool, 53, LOCAL, &certificate, &err), 1);
    assert_string_equal(certificate.state, "02");
    assert_false(certificate_downloadable(&certificate, testdb_today));
    assert_int_equal(certificate_document(testdb->db, testdb->pool, 53, LOCAL, testdb_today,
                                          &document, &err),
                     0);
    panel_do(&panel, &give_back, &out);
    assert_int_equal(certificate_document(testdb->db, testdb->pool, 53, LOCAL, testdb_today,
                                          &document, &err),
                     1);
    assert_int_equal(document.version, 2);
}

/* What had left comes back under the new name. */
static void test_taken_back_later(void **state)
{
    static const uint64_t one[] = {54};
    const struct proposal_new back = panel_sanction(&sanction_take_back, one, 1);
    struct proposal out;

    (void)state;
    testdb_certificate(testdb, &(struct testdb_certificate){.id = 54,
                                                            .firm = PREVIOUS,
                                                            .person = HOLDER,
                                                            .class_code = "A",
                                                            .post = "02",
                                                            .state = "06"});
    testdb_number_of(testdb, HOLDER, "110101199003070038");
    change_name(HOLDER, NEW, &out);
    panel_do(&panel, &back, &out);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id = 54 AND state = '01'"
                            " AND version = 2 AND holder_name = '张叁丰'"),
                     1);
}

static void test_legal_representative(void **state)
{
    struct proposal out;

    (void)state;
    testdb_number_of(testdb, LEADER, "110101199003070038");
    testdb_leads(testdb, LOCAL, LEADER);
    testdb_leads(testdb, PREVIOUS, LEADER);
    testdb_sql(testdb, "UPDATE enterprise SET legal_rep_name = '别人' WHERE id = %d", PREVIOUS);
    change_name(LEADER, NEW, &out);
    assert_string_equal(out.rows[1].label, "法定代表人姓名（测试建筑1有限公司）");
    assert_int_equal(number("SELECT COUNT(*) FROM enterprise WHERE id = 1"
                            " AND legal_rep_name = '张叁丰'"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM enterprise WHERE legal_rep_name = '别人'"), 1);
}

/* What happened between the proposal and the decision */

static void not_now(const char *matter, const char *words)
{
    struct proposal out;
    const char *found = NULL;

    assert_int_equal(decide(REVIEWER, matter, &out), PROPOSAL_NOT_NOW);
    for (size_t i = 0; !found && i < out.refusal_count; i++)
        found = strstr(out.refusals[i], words);
    for (size_t i = 0; !found && i < out.count; i++)
        found = out.certificates[i].refusal ? strstr(out.certificates[i].refusal, words) : NULL;
    if (!found)
        fail_msg("not refused for %s", words);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE holder_name = '张叁丰'"), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE name = '张叁丰'"), 0);
}

static void test_changed_meanwhile(void **state)
{
    static const uint64_t one[] = {52};
    struct desk local = desk_of(testdb, LOCAL);
    struct proposal proposed = propose(LEAVER, NEW);
    struct filing form;
    struct err err = {0};

    (void)state;
    desk_do(&local, ITEM_CANCEL, LEAVER, "", one, 1, &form);
    not_now(proposed.number, form.matter.number);
    assert_int_equal(desk_abandon(&local, ITEM_CANCEL, form.matter.number, &err), 1);
    testdb_sql(testdb, "UPDATE certificate SET state = '04' WHERE id = 52");
    not_now(proposed.number, "证书状态为注销，不再变更");
    testdb_sql(testdb, "UPDATE certificate SET state = '01' WHERE id = 52");
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = 54, .firm = PREVIOUS, .person = LEAVER, .class_code = "A"});
    not_now(proposed.number, "另有证书");
    testdb_sql(testdb, "UPDATE certificate SET state = '05' WHERE id = 54");
    testdb_sql(testdb, "UPDATE person SET name = '张肆' WHERE id = %d", LEAVER);
    not_now(proposed.number, "姓名已经改为“张肆”");
}

/* A new version of the same certificate is no obstacle: it is restated as it is now. */
static void test_transferred_meanwhile(void **state)
{
    static const uint64_t both[] = {11, 12};
    struct desk local = desk_of(testdb, LOCAL);
    struct proposal proposed, out;
    struct filing transfer;

    (void)state;
    testdb_number_of(testdb, HOLDER, "110101199003070038");
    proposed = propose(HOLDER, NEW);
    desk_do(&local, ITEM_TRANSFER, HOLDER, "", both, 2, &transfer);
    assert_int_equal(decide(REVIEWER, proposed.number, &out), PROPOSAL_DONE);
    assert_int_equal(number("SELECT COUNT(*) FROM certificate WHERE id IN (11, 12) AND version = 3"
                            " AND enterprise_id = 1 AND holder_name = '张叁丰'"),
                     2);
}

/* The other way round: a draft that was looked at before finds that it is not so any more. */
static void test_draft_meets_new_name(void **state)
{
    static const uint64_t both[] = {11, 12};
    struct desk local = desk_of(testdb, LOCAL);
    struct filing draft, out;
    struct proposal changed;
    struct err err = {0};

    (void)state;
    testdb_number_of(testdb, HOLDER, "110101199003070038");
    desk_draft(&local, ITEM_TRANSFER, HOLDER, "", &draft);
    change_name(HOLDER, NEW, &changed);
    const struct filing_choice choice = {.ids = both, .count = 2, .seen = draft.seen, .province = ""};
    assert_int_equal(desk_confirm(&local, ITEM_TRANSFER, draft.matter.number, &choice, &out, &err),
                     -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
}

/* Registers */

static struct import_result import_text(const char *kind, const char *text)
{
    struct import_result result = {0};
    struct err err = {0};
    FILE *file = tmpfile();

    assert_non_null(file);
    fputs(text, file);
    rewind(file);
    const struct import import = {.kind = import_kind_find(kind),
                                  .path = "register.csv",
                                  .file = file,
                                  .sha256 = (const uint8_t[32]){1},
                                  .actor = {ACTOR_OPERATOR, 0, ""}};
    if (import_file(testdb->db, testdb->pool, &testdb->core, &import, &result, &err) < 0)
        fail_msg("%s", err.text);
    return result;
}

static struct import_result import(const char *name, const char *sex)
{
    return import_text("people",
                       pool_printf(testdb->pool,
                                   "id_type,id_no,name,sex,birth,education,technical_title,phone,photo\n"
                                   "111,%s,%s,%s,1949-12-31,02,,,\n",
                                   NUMBER, name, sex));
}

static struct import_result import_firm(const char *leader, const char *id_no)
{
    return import_text("enterprises",
                       pool_printf(testdb->pool,
                                   "uscc,name,region,province,legal_rep_name,legal_rep_id_type,"
                                   "legal_rep_id_no,phone\n%s,测试建筑1有限公司,local,沪,%s,111,%s,\n",
                                   USCC, leader, id_no));
}

static void test_import_does_not_turn_the_leader_back(void **state)
{
    static const char id_no[] = "110101199003070038", another[] = NUMBER;
    struct import_result result;
    struct proposal out;

    (void)state;
    testdb_sql(testdb, "UPDATE enterprise SET uscc = '" USCC "' WHERE id = %d", LOCAL);
    testdb_sql(testdb, "UPDATE person SET name = '" FORMER "' WHERE id = %d", LEADER);
    testdb_number_of(testdb, LEADER, id_no);
    testdb_leads(testdb, LOCAL, LEADER);
    change_name(LEADER, NEW, &out);
    result = import_firm(FORMER, id_no);
    assert_int_equal(result.problem_count, 1);
    assert_int_equal(result.problems[0].line, 2);
    assert_string_equal(result.problems[0].column, "legal_rep_name");
    assert_non_null(strstr(result.problems[0].said, "该法定代表人的姓名已由受理窗口变更"));
    result = import_firm(NEW, id_no);
    assert_int_equal(result.problem_count, 0);
    /* Somebody else may have that name; and what the register has already is not brought back. */
    result = import_firm(FORMER, another);
    assert_int_equal(result.problem_count, 0);
    testdb_leads(testdb, LOCAL, LEADER);
    testdb_sql(testdb, "UPDATE enterprise SET legal_rep_name = '" FORMER "' WHERE id = %d", LOCAL);
    result = import_firm(FORMER, id_no);
    assert_int_equal(result.problem_count, 0);
}

static void test_import_does_not_turn_it_back(void **state)
{
    struct import_result result;
    struct proposal out;

    (void)state;
    result = import("张三丰", "2");
    assert_int_equal(result.problem_count, 0);
    change_name(LEAVER, NEW, &out);
    result = import("张三丰", "2");
    assert_int_equal(result.problem_count, 1);
    assert_int_equal(result.problems[0].line, 2);
    assert_string_equal(result.problems[0].column, "name");
    assert_non_null(strstr(result.problems[0].said, "该人员的姓名已由受理窗口变更"));
    assert_int_equal(number("SELECT COUNT(*) FROM person WHERE id = 6 AND name = '张叁丰'"), 1);
    /* Under the new name the register may go on. */
    result = import(NEW, "2");
    assert_int_equal(result.problem_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nfc, prepare),
        cmocka_unit_test_setup(test_names, prepare),
        cmocka_unit_test_setup(test_not_proposed, prepare),
        cmocka_unit_test_setup(test_who_may, prepare),
        cmocka_unit_test_setup(test_papers, prepare),
        cmocka_unit_test_setup(test_every_certificate, prepare),
        cmocka_unit_test_setup(test_firms_are_told, prepare),
        cmocka_unit_test_setup(test_suspended, prepare),
        cmocka_unit_test_setup(test_taken_back_later, prepare),
        cmocka_unit_test_setup(test_legal_representative, prepare),
        cmocka_unit_test_setup(test_changed_meanwhile, prepare),
        cmocka_unit_test_setup(test_transferred_meanwhile, prepare),
        cmocka_unit_test_setup(test_draft_meets_new_name, prepare),
        cmocka_unit_test_setup(test_import_does_not_turn_it_back, prepare),
        cmocka_unit_test_setup(test_import_does_not_turn_the_leader_back, prepare),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    fonts = fixture_fonts();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    fonts_free(&fonts);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
