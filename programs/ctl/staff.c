#include <stdio.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/staff.h"
#include "programs/ctl/ctl.h"

enum { ADD_LOGIN = 1, ADD_NAME, ADD_ROLE };

static int add(struct ctl *ctl, struct err *err)
{
    struct staff staff = {.login = ctl->operands[ADD_LOGIN],
                          .name = ctl->operands[ADD_NAME],
                          .role = ctl->operands[ADD_ROLE]};

    if (staff_add(ctl->db, ctl->pool, &ctl->core, &ctl->actor, &staff, err) < 0) {
        if (err->kind == ERR_DB_DUPLICATE)
            err_set(err, ERR_CONFLICT, 0, "the login \"%s\" is taken", staff.login);
        return EXIT_FAILED;
    }
    ctl_tell(ctl, CTL_PAIRS(log_text("added", staff.login), log_text("role", staff.role)),
             "%s: added as %s", staff.login, staff.role);
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
                           log_text("role", staff[i].role), log_int("disabled", staff[i].disabled)),
                 "%s\t%s\t%s%s", staff[i].login, staff[i].role, staff[i].name,
                 staff[i].disabled ? "\tdisabled" : "");
    return EXIT_DONE;
}

static int disable(struct ctl *ctl, struct err *err)
{
    const char *login = ctl->operands[ADD_LOGIN];
    int found = staff_disable(ctl->db, ctl->pool, &ctl->core, &ctl->actor, login, err);

    if (found == 0)
        err_set(err, ERR_NOT_FOUND, 0, "nobody works under the login \"%s\"", login);
    if (found <= 0)
        return EXIT_FAILED;
    ctl_tell(ctl, CTL_PAIRS(log_text("disabled", login)), "%s: disabled and logged out", login);
    return EXIT_DONE;
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {
        {"add", 3, add}, {"list", 0, list}, {"disable", 1, disable}};

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_staff = {
    .name = "staff",
    .operands = "add LOGIN NAME ROLE|list|disable LOGIN",
    .help = "add: lets somebody work at the window (window) or in the authority (reviewer,\n"
            "decision, auditor, administrator).\n"
            "list: all of them.\n"
            "disable: ends it, and all sessions.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .least = 1,
    .most = 4,
    .run = run,
};
