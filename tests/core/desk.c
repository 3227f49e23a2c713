#include "tests/core/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"

static void hold(struct testdb *testdb, uint64_t id, uint64_t firm, uint64_t person,
                 const char *class_code)
{
    testdb_certificate(testdb, &(struct testdb_certificate){
                                   .id = id, .firm = firm, .person = person, .class_code = class_code});
}

static void hold_soon_over(struct testdb *testdb, uint64_t id, uint64_t firm, uint64_t person)
{
    testdb_certificate(testdb, &(struct testdb_certificate){.id = id,
                                                            .firm = firm,
                                                            .person = person,
                                                            .from = {2023, 3, 15},
                                                            .held = {2024, 6, 7}});
    testdb_educated(testdb, id, person, "B", 24, "2026-03-01");
}

void desk_people(struct testdb *testdb)
{
    const struct bytes photo = {(const uint8_t *)"photo", 5};

    for (uint64_t firm = LOCAL; firm <= OUTSIDE; firm++)
        testdb_firm(testdb, firm);
    testdb_sql(testdb, "UPDATE enterprise SET region = 'outside' WHERE id = %d", OUTSIDE);
    for (uint64_t person = HOLDER; person < FACELESS; person++)
        testdb_person(testdb, person, "111", "张三丰", photo);
    testdb_person(testdb, FACELESS, "111", "李四", (struct bytes){NULL, 0});
    for (uint64_t person = HOLDER; person <= FACELESS; person++)
        testdb_insured(testdb, LOCAL, person, "2026-02-01");
    hold(testdb, 11, PREVIOUS, HOLDER, "B");
    hold(testdb, 12, PREVIOUS, HOLDER, "C1");
    testdb_exam(testdb, 21, LOCAL, NEWCOMER, "B", "07", "2026-01-05");
    testdb_leads(testdb, LOCAL, LEADER);
    hold(testdb, 31, PREVIOUS, LEADER, "A");
    hold_soon_over(testdb, 41, LOCAL, RENEWER);
    hold_soon_over(testdb, 42, OUTSIDE, RENEWER_OUTSIDE);
    hold(testdb, 51, LOCAL, LEAVER, "A");
    hold(testdb, 52, LOCAL, LEAVER, "B");
    hold(testdb, 53, LOCAL, LEAVER, "C2");
    testdb_certificate(testdb, &(struct testdb_certificate){.id = 61,
                                                            .firm = PREVIOUS,
                                                            .person = FORMER,
                                                            .state = "04",
                                                            .reason = "01"});
    testdb_exam(testdb, 71, LOCAL, FACELESS, "C3", "08", "2026-01-05");
}

struct desk desk_of(const struct testdb *testdb, uint64_t firm)
{
    return (struct desk){testdb, testdb->db, testdb->pool, firm, testdb_today};
}

struct change desk_change(const struct desk *desk, const struct actor *actor)
{
    return (struct change){
        .db = desk->db,
        .pool = desk->pool,
        .core = &desk->testdb->core,
        .actor = actor,
        .enterprise_id = desk->firm,
        .today = desk->today,
        .now_ms = DESK_NOW,
    };
}

/* A step, for the transaction around it. */
struct step {
    const struct desk *desk;
    enum { OPEN, FIND, CONFIRM, ABANDON } kind;
    enum item item;
    uint64_t person_id;
    const char *wish, *number;
    const struct filing_choice *choice;
    struct filing *out;
    int outcome;
};

static int work(void *context, struct err *err)
{
    struct step *step = context;
    const struct actor actor = {ACTOR_FIRM, step->desk->firm, "request-1"};
    struct change change = desk_change(step->desk, &actor);

    switch (step->kind) {
    case OPEN:
        step->outcome =
            filing_open(&change, step->item, step->person_id, step->wish, step->out, err);
        break;
    case FIND:
        step->outcome = filing_find(&change, step->item, step->number, step->out, err);
        break;
    case CONFIRM:
        step->outcome =
            filing_confirm(&change, step->item, step->number, step->choice, step->out, err);
        break;
    case ABANDON:
        step->outcome = filing_abandon(&change, step->item, step->number, err);
        break;
    }
    return step->outcome < 0 ? -1 : 0;
}

static int run(struct step *step, struct err *err)
{
    return db_transact(step->desk->db, work, step, err) < 0 ? -1 : step->outcome;
}

int desk_open(const struct desk *desk, enum item item, uint64_t person_id, const char *wish,
              struct filing *out, struct err *err)
{
    return run(&(struct step){.desk = desk,
                              .kind = OPEN,
                              .item = item,
                              .person_id = person_id,
                              .wish = wish,
                              .out = out},
               err);
}

int desk_find(const struct desk *desk, enum item item, const char *number, struct filing *out,
              struct err *err)
{
    return run(
        &(struct step){.desk = desk, .kind = FIND, .item = item, .number = number, .out = out},
        err);
}

int desk_confirm(const struct desk *desk, enum item item, const char *number,
                 const struct filing_choice *choice, struct filing *out, struct err *err)
{
    return run(&(struct step){.desk = desk,
                              .kind = CONFIRM,
                              .item = item,
                              .number = number,
                              .choice = choice,
                              .out = out},
               err);
}

int desk_abandon(const struct desk *desk, enum item item, const char *number, struct err *err)
{
    return run(&(struct step){.desk = desk, .kind = ABANDON, .item = item, .number = number}, err);
}

void desk_draft(const struct desk *desk, enum item item, uint64_t person_id, const char *wish,
                struct filing *out)
{
    struct err err = {0};
    int outcome = desk_open(desk, item, person_id, wish, out, &err);

    if (outcome != 1)
        fail_msg("no draft: %d %s %s", outcome, err.text,
                 outcome == 0 ? desk_failed(desk, out) : "");
}

void desk_do(const struct desk *desk, enum item item, uint64_t person_id, const char *wish,
             const uint64_t *ids, size_t count, struct filing *out)
{
    struct filing draft;
    struct err err = {0};
    int outcome;

    desk_draft(desk, item, person_id, wish, &draft);
    const struct filing_choice choice = {
        .ids = ids,
        .count = count,
        .seen = draft.seen,
        .reason_code = item == ITEM_CANCEL ? "01" : NULL,
        .reason_text = item == ITEM_CANCEL ? "已与聘用企业解除聘用合同关系" : NULL,
        .province = "",
    };
    outcome = desk_confirm(desk, item, draft.matter.number, &choice, out, &err);
    if (outcome != 1)
        fail_msg("not done: %d %s %s", outcome, err.text,
                 outcome == 0 ? desk_failed(desk, out) : "");
}

const char *desk_failed(const struct desk *desk, const struct filing *filing)
{
    struct text rules;

    text_init(&rules, desk->pool, 512);
    for (size_t i = 0; i < filing->count; i++)
        for (size_t f = 0; f < filing->subjects[i].verdict.count; f++)
            if (!filing->subjects[i].verdict.findings[f].passed)
                text_printf(&rules, "%s ", filing->subjects[i].verdict.findings[f].rule);
    return rules.data;
}

static int64_t count(struct testdb *testdb, const char *table)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM %s", table);
}

void desk_untouched(struct testdb *testdb)
{
    assert_int_equal(count(testdb, "certificate"), 9);
    assert_int_equal(count(testdb, "certificate_version"), 9);
    assert_int_equal(count(testdb, "certificate_event"), 0);
    assert_int_equal(count(testdb, "matter_certificate"), 0);
    assert_int_equal(count(testdb, "job"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"
                                           " WHERE pending_matter_id IS NOT NULL"),
                     0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM exam_result"
                                           " WHERE certificate_id IS NOT NULL"),
                     0);
}
