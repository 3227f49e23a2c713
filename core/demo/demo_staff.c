#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/core.h"
#include "core/demo/demo.h"
#include "core/staff/staff.h"
#include "core/staff/staff_factor.h"
#include "core/staff/staff_login.h"

/* Two of each role, so that whoever proposes is not who decides. */
static const struct demo_account {
    const char *login, *name, *role, *see;
} accounts[] = {
    {"window1", "王芳", "window", "受理窗口：采集身份信息，受理姓名变更和更正"},
    {"window2", "李娜", "window", "受理窗口：同上，第二位经办人"},
    {"reviewer1", "赵强", "reviewer", "审核：复核采集、姓名变更和更正，提出暂扣和撤销"},
    {"reviewer2", "孙丽", "reviewer", "审核：同上，第二位审核人"},
    {"decision1", "周敏", "decision", "决定：决定暂扣、撤销和锁定"},
    {"decision2", "吴刚", "decision", "决定：同上，第二位决定人"},
    {"auditor1", "郑洁", "auditor", "审计：查看全部记录，不办理业务"},
    {"auditor2", "冯涛", "auditor", "审计：同上"},
    {"administrator1", "陈静", "administrator", "系统管理员：账户、任务和通知，不查看个人信息"},
    {"administrator2", "杨波", "administrator", "系统管理员：同上"},
};
enum { ACCOUNTS = sizeof(accounts) / sizeof(accounts[0]) };

struct step {
    struct staff_change change;
    const struct demo_account *account;
    char password[STAFF_CODE];
    uint8_t secret[TOTP_SECRET];
};

/* The account is there afterwards, and waits for a code. */
static int account_make(const struct step *step, uint64_t *id, struct err *err)
{
    const struct staff_change *change = &step->change;
    const struct demo_account *account = step->account;
    struct staff staff;
    char code[STAFF_CODE];
    int found = staff_find_login(change->db, change->pool, account->login, &staff, err);

    staff_code_make(code);
    if (found == 1) {
        *id = staff.id;
        return staff_reset(change, staff.id, code, err) < 0 ? -1 : 0;
    }
    staff = (struct staff){.login = account->login, .name = account->name, .role = account->role};
    return found < 0 ? -1 : staff_add(change, &staff, code, id, err);
}

static int step_work(void *context, struct err *err)
{
    struct step *step = context;
    const struct staff_change *change = &step->change;
    const char *hash;
    uint64_t id;

    staff_code_make(step->password);
    totp_secret_make(step->secret);
    if (password_hash(&change->core->staff->password, change->pool, step->password, &hash, err) < 0 ||
        account_make(step, &id, err) < 0 ||
        staff_password_store(change->db, id, hash, change->now_ms, err) < 0 ||
        staff_code_drop(change->db, id, err) < 0)
        return -1;
    return factor_totp_add(change->db, change->pool, change->core, id, step->secret, "演示验证器",
                           change->now_ms, err);
}

int demo_staff(struct db *db, struct pool *pool, const struct core *core, FILE *out,
               struct err *err)
{
    const struct actor actor = {ACTOR_SYSTEM, 0, ""};
    struct step step = {.change = {.db = db,
                                   .pool = pool,
                                   .core = core,
                                   .actor = &actor,
                                   .now_ms = clock_now_ms()}};
    char secret[TOTP_TEXT];

    if (!core->policy->demo)
        return err_set(err, ERR_CONFIG, 0, "demonstration data need Issuer.Demo = 1");
    fputs("login\tname\trole\tpassword\ttotp\twhat\n", out);
    for (size_t i = 0; i < ACCOUNTS; i++) {
        step.account = &accounts[i];
        if (db_transact(db, step_work, &step, err) < 0)
            return -1;
        totp_secret_text(step.secret, secret);
        fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", accounts[i].login, accounts[i].name,
                accounts[i].role, step.password, secret, accounts[i].see);
    }
    return 0;
}
