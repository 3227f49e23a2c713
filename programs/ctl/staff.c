#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/staff/staff.h"
#include "core/staff/staff_login.h"
#include "programs/ctl/ctl.h"

enum { ARG_LOGIN = 1, ARG_NAME = 2, ARG_ADD_ROLE = 3, ARG_ROLE = 2 };

/* One change of an account, in a transaction of its own. */
struct step {
    struct ctl *ctl;
    struct staff_change change;
    struct staff staff;
    const char *role;
    char code[STAFF_CODE];
    int done;
    int (*work)(struct step *step, struct err *err);
};

static int step_work(void *context, struct err *err)
{
    struct step *step = context;

    step->change.now_ms = clock_now_ms();
    step->done = step->work(step, err);
    return step->done < 0 ? -1 : 0;
}

static int step_run(struct step *step, struct err *err)
{
    struct ctl *ctl = step->ctl;

    step->change = (struct staff_change){
        .db = ctl->db, .pool = ctl->pool, .core = &ctl->core, .actor = &ctl->actor};
    return db_transact(ctl->db, step_work, step, err);
}

/* The code is told once, here: nothing keeps it. */
static void tell_code(const struct step *step, const char *what)
{
    const struct ctl *ctl = step->ctl;

    ctl_tell(ctl,
             CTL_PAIRS(log_text(what, step->staff.login), log_text("role", step->staff.role),
                       log_text("code", step->code),
                       log_int("hours", ctl->settings.staff.code_hours)),
             "%s: %s as %s\nsets the account up within %lld hours, at %s/staff/login/code: %s",
             step->staff.login, what, step->staff.role, (long long)ctl->settings.staff.code_hours,
             ctl->settings.web.origin, step->code);
}

static int add_work(struct step *step, struct err *err)
{
    uint64_t id;

    return staff_add(&step->change, &step->staff, step->code, &id, err);
}

static bool role_known(const char *role)
{
    if (staff_role_bit(role))
        return true;
    fprintf(stderr, "ecertctl: \"%s\" is none of:", role);
    for (size_t i = 0; staff_roles[i]; i++)
        fprintf(stderr, " %s", staff_roles[i]);
    fputc('\n', stderr);
    return false;
}

static int add(struct ctl *ctl, struct err *err)
{
    struct step step = {.ctl = ctl, .work = add_work};

    if (!role_known(ctl->operands[ARG_ADD_ROLE]))
        return EXIT_USAGE;

    step.staff = (struct staff){.login = ctl->operands[ARG_LOGIN],
                                .name = ctl->operands[ARG_NAME],
                                .role = ctl->operands[ARG_ADD_ROLE]};
    staff_code_make(step.code);
    if (step_run(&step, err) < 0) {
        if (err->kind == ERR_DB_DUPLICATE)
            err_set(err, ERR_CONFLICT, 0, "the login \"%s\" is taken", step.staff.login);
        return EXIT_FAILED;
    }
    tell_code(&step, "added");
    explicit_bzero(step.code, sizeof(step.code));
    return EXIT_DONE;
}

static int list(struct ctl *ctl, struct err *err)
{
    const struct staff *staff;
    size_t count;

    if (staff_list(ctl->db, ctl->pool, &staff, &count, err) < 0)
        return EXIT_FAILED;
    for (size_t i = 0; i < count; i++)
        ctl_tell(ctl,
                 CTL_PAIRS(log_text("login", staff[i].login), log_text("name", staff[i].name),
                           log_text("role", staff[i].role), log_int("disabled", staff[i].disabled),
                           log_int("ready", staff[i].ready)),
                 "%s\t%s\t%s%s%s", staff[i].login, staff[i].role, staff[i].name,
                 staff[i].disabled ? "\tdisabled" : "", staff[i].ready ? "" : "\tnot set up");
    return EXIT_DONE;
}

/* Finds the account that a verb names, and does it: an exit code, and *done. */
static int change(struct step *step, int *done, struct err *err)
{
    struct ctl *ctl = step->ctl;
    const char *login = ctl->operands[ARG_LOGIN];
    int found = staff_find_login(ctl->db, ctl->pool, login, &step->staff, err);

    if (found == 0)
        err_set(err, ERR_NOT_FOUND, 0, "nobody works under the login \"%s\"", login);
    if (found <= 0 || step_run(step, err) < 0)
        return EXIT_FAILED;
    *done = step->done;
    return EXIT_DONE;
}

static int simple(struct ctl *ctl, int (*work)(struct step *step, struct err *err),
                  const char *key, const char *did, const char *before, struct err *err)
{
    struct step step = {.ctl = ctl, .work = work, .role = ctl->operands[ARG_ROLE]};
    int done, code = change(&step, &done, err);

    if (code != EXIT_DONE)
        return code;
    if (!done) {
        err_set(err, ERR_CONFLICT, 0, "%s: %s", step.staff.login, before);
        return EXIT_FAILED;
    }
    ctl_tell(ctl, CTL_PAIRS(log_text(key, step.staff.login)), "%s: %s", step.staff.login, did);
    return EXIT_DONE;
}

static int disable_work(struct step *step, struct err *err)
{
    return staff_disable(&step->change, step->staff.id, err);
}

static int disable(struct ctl *ctl, struct err *err)
{
    return simple(ctl, disable_work, "disabled", "disabled and logged out", "is disabled already",
                  err);
}

static int enable_work(struct step *step, struct err *err)
{
    return staff_enable(&step->change, step->staff.id, err);
}

static int enable(struct ctl *ctl, struct err *err)
{
    return simple(ctl, enable_work, "enabled", "enabled", "is not disabled", err);
}

static int role_work(struct step *step, struct err *err)
{
    return staff_role_change(&step->change, step->staff.id, step->role, err);
}

static int role(struct ctl *ctl, struct err *err)
{
    if (!role_known(ctl->operands[ARG_ROLE]))
        return EXIT_USAGE;
    return simple(ctl, role_work, "changed", "has another role, and is logged out",
                  "has this role already", err);
}

static int reset_work(struct step *step, struct err *err)
{
    return staff_reset(&step->change, step->staff.id, step->code, err);
}

static int reset(struct ctl *ctl, struct err *err)
{
    struct step step = {.ctl = ctl, .work = reset_work};
    int done;

    staff_code_make(step.code);
    int code = change(&step, &done, err);
    if (code == EXIT_DONE)
        tell_code(&step, "reset");
    explicit_bzero(step.code, sizeof(step.code));
    return code;
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {
        {"add", 3, add},         {"list", 0, list}, {"disable", 1, disable},
        {"enable", 1, enable},   {"role", 2, role}, {"reset", 1, reset},
    };

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_staff = {
    .name = "staff",
    .operands = "add LOGIN NAME ROLE|list|disable LOGIN|enable LOGIN|role LOGIN ROLE|reset LOGIN",
    .help = "add: lets somebody work at the window (window) or in the authority (reviewer,\n"
            "decision, auditor, administrator), and prints a code, once, with which its owner\n"
            "chooses a password and a second factor. Hand it over in person.\n"
            "list: all of them.\n"
            "disable: ends it, and all sessions. The last administrator can not be disabled.\n"
            "enable: takes that back.\n"
            "role: gives another role, and ends all sessions.\n"
            "reset: takes password and second factors away, and prints a new code.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .least = 1,
    .most = 4,
    .run = run,
};
