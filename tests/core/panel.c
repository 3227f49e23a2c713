#include "tests/core/panel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/proposal/sanction.h"
#include "core/staff/staff.h"
#include "tests/core/desk.h"

void panel_staff(struct testdb *testdb)
{
    static const char *const roles[] = {"window", "reviewer", "decision", "auditor",
                                        "administrator"};

    testdb_sql(testdb, "DELETE FROM staff");
    for (int id = CLERK; id <= OTHER_ADMINISTRATOR; id++)
        testdb_sql(testdb,
                   "INSERT INTO staff (id, login, name, role, created_at)"
                   " VALUES (%d, 'staff%d', '职员%d', '%s', NOW(3))",
                   id, id, id, roles[(id - CLERK) / 2]);
}

unsigned panel_role(uint64_t staff_id)
{
    static const unsigned roles[] = {STAFF_WINDOW, STAFF_REVIEWER, STAFF_DECISION, STAFF_AUDITOR,
                                     STAFF_ADMINISTRATOR};

    return roles[(staff_id - CLERK) / 2];
}

struct panel panel_of(const struct testdb *testdb)
{
    return (struct panel){testdb->db, testdb->pool, &testdb->core, testdb_today};
}

/* A step, for the transaction around it. */
struct step {
    const struct panel *panel;
    enum { PROPOSE, DECIDE, WITHDRAW, RETRY } kind;
    uint64_t staff_id;
    const struct proposal_new *what;
    const char *number;
    bool approve;
    struct proposal *out;
    enum proposal_answer *answer;
};

static int step_run(const struct step *step, struct change *change, struct err *err)
{
    unsigned roles = panel_role(step->staff_id);

    switch (step->kind) {
    case PROPOSE:
        return proposal_open(change, roles, step->what, step->out, step->answer, err);
    case DECIDE:
        return proposal_decide(change, roles, step->number, step->approve, "同意所请", step->out,
                               step->answer, err);
    case WITHDRAW:
        return proposal_withdraw(change, step->number, step->out, step->answer, err);
    case RETRY:
        return proposal_retry(change, roles, step->number, step->out, step->answer, err);
    }
    return -1;
}

static int work(void *context, struct err *err)
{
    const struct step *step = context;
    const struct actor actor = {ACTOR_STAFF, step->staff_id, "request-1"};
    struct change change = {.db = step->panel->db,
                            .pool = step->panel->pool,
                            .core = step->panel->core,
                            .actor = &actor,
                            .today = step->panel->today,
                            .now_ms = DESK_NOW};

    if (step_run(step, &change, err) < 0)
        return -1;
    /* As the pages do: what was not done is not kept. */
    return *step->answer == PROPOSAL_DONE ? 0 : err_set(err, ERR_NONE, 0, "not done");
}

static int run(struct step *step, struct err *err)
{
    struct err cause = {0};

    if (db_transact(step->panel->db, work, step, &cause) == 0)
        return 0;
    if (cause.kind == ERR_NONE)
        return 0;
    *err = cause;
    return -1;
}

int panel_propose(const struct panel *panel, uint64_t staff_id, const struct proposal_new *what,
                  struct proposal *out, enum proposal_answer *answer, struct err *err)
{
    return run(&(struct step){.panel = panel,
                              .kind = PROPOSE,
                              .staff_id = staff_id,
                              .what = what,
                              .out = out,
                              .answer = answer},
               err);
}

int panel_decide(const struct panel *panel, uint64_t staff_id, const char *number, bool approve,
                 struct proposal *out, enum proposal_answer *answer, struct err *err)
{
    return run(&(struct step){.panel = panel,
                              .kind = DECIDE,
                              .staff_id = staff_id,
                              .number = number,
                              .approve = approve,
                              .out = out,
                              .answer = answer},
               err);
}

int panel_withdraw(const struct panel *panel, uint64_t staff_id, const char *number,
                   struct proposal *out, enum proposal_answer *answer, struct err *err)
{
    return run(&(struct step){.panel = panel,
                              .kind = WITHDRAW,
                              .staff_id = staff_id,
                              .number = number,
                              .out = out,
                              .answer = answer},
               err);
}

int panel_retry(const struct panel *panel, uint64_t staff_id, const char *number,
                struct proposal *out, enum proposal_answer *answer, struct err *err)
{
    return run(&(struct step){.panel = panel,
                              .kind = RETRY,
                              .staff_id = staff_id,
                              .number = number,
                              .out = out,
                              .answer = answer},
               err);
}

struct proposal_new panel_sanction(const struct proposal_kind *kind, const uint64_t *ids,
                                   size_t count)
{
    static const struct proposal_row reason[] = {{SANCTION_REASON_CODE, "", "", "01"},
                                                 {"reason", "注销原因", "", "解除聘用合同"}};
    bool cancels = kind == &sanction_cancel;

    return (struct proposal_new){
        .kind = kind,
        .legal_basis = "《测试条例》第三条",
        .reason = "未履行安全生产管理职责",
        .from = kind->period ? testdb_today : (struct date){0, 0, 0},
        .until = kind->period ? date_add_months(testdb_today, 1) : (struct date){0, 0, 0},
        .rows = cancels ? reason : NULL,
        .row_count = cancels ? sizeof(reason) / sizeof(reason[0]) : 0,
        .certificates = ids,
        .count = count,
    };
}

static void must(int result, enum proposal_answer answer, const struct proposal *proposal,
                 const struct err *err)
{
    if (result == 0 && answer == PROPOSAL_DONE)
        return;
    fail_msg("not done: %d %s %s %s", (int)answer, err->text,
             proposal->refusal_count ? proposal->refusals[0] : "",
             proposal->count && proposal->certificates[0].refusal
                 ? proposal->certificates[0].refusal
                 : "");
}

void panel_proposed(const struct panel *panel, const struct proposal_new *what,
                    struct proposal *out)
{
    enum proposal_answer answer = PROPOSAL_OVER;
    struct err err = {0};
    int result = panel_propose(panel, REVIEWER, what, out, &answer, &err);

    must(result, answer, out, &err);
}

void panel_decided(const struct panel *panel, const char *number, bool approve,
                   struct proposal *out)
{
    enum proposal_answer answer = PROPOSAL_OVER;
    struct err err = {0};
    int result = panel_decide(panel, DECIDER, number, approve, out, &answer, &err);

    must(result, answer, out, &err);
}

void panel_do(const struct panel *panel, const struct proposal_new *what, struct proposal *out)
{
    struct proposal proposed;

    panel_proposed(panel, what, &proposed);
    panel_decided(panel, proposed.number, true, out);
}

void panel_crowd(struct testdb *testdb, int first, int count)
{
    testdb_sql(testdb, "INSERT INTO person (id, id_type, id_no_hash, id_no_sealed, name, sex, birth,"
                       " created_at, updated_at) SELECT seq, '111', UNHEX(SHA2(seq, 256)), 'x',"
                       " CONCAT('张', seq), 1, '1980-01-01', NOW(3), NOW(3)"
                       " FROM seq_%d_to_%d", first, first + count - 1);
    testdb_sql(testdb, "INSERT INTO certificate (id, number, issue_year, serial, class, person_id,"
                       " enterprise_id, state, version, holder_name, enterprise_name, post,"
                       " first_issued, valid_from, valid_until, held_since, generation, created_at,"
                       " updated_at) SELECT id, CONCAT('沪建安B（2024）', LPAD(id, 7, '0')), 2024, id,"
                       " 'B', id, 1 + id MOD 3, '01', 1, name, 'x', '07', '2024-01-10', '2024-01-10',"
                       " '2027-01-09', '2024-01-10', 2, NOW(3), NOW(3) FROM person WHERE id >= %d",
               first);
    testdb_sql(testdb, "INSERT INTO certificate_version (certificate_id, version, identifier,"
                       " verify_token, enterprise_id, class, holder_name, sex, birth,"
                       " enterprise_name, post, first_issued, valid_from, valid_until, issued_on,"
                       " issuer_name, made_at) SELECT id, 1, id, UNHEX(MD5(id)), enterprise_id,"
                       " class, holder_name, 1, '1980-01-01', enterprise_name, post, first_issued,"
                       " valid_from, valid_until, first_issued, 'x', NOW(3) FROM certificate"
                       " WHERE id >= %d", first);
}
