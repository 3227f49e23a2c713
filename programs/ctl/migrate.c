#include "base/db.h"
#include "base/err.h"
#include "core/upkeep/migrate.h"
#include "programs/ctl/ctl.h"

enum { OPTION_PLAN };

struct told {
    const struct ctl *ctl;
    uint64_t count;
};

static void tell_applied(void *context, const char *name)
{
    struct told *told = context;

    told->count++;
    ctl_tell(told->ctl, CTL_PAIRS(log_text("migration", name), log_text("state", "applied")),
             "%s: done", name);
}

static int plan(struct ctl *ctl, struct err *err)
{
    const struct migration *migrations;
    size_t count;

    if (migrate_plan(ctl->db, ctl->pool, ctl->settings.schema_folder, &migrations, &count, err) < 0)
        return err->kind == ERR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
    for (size_t i = 0; i < count; i++) {
        const char *state = migrations[i].applied ? "applied" : "missing";
        ctl_tell(ctl, CTL_PAIRS(log_text("migration", migrations[i].name), log_text("state", state)),
                 "%s: %s", migrations[i].name, state);
    }
    return EXIT_DONE;
}

static int run(struct ctl *ctl, struct err *err)
{
    struct told told = {ctl, 0};

    if (ctl->given[OPTION_PLAN])
        return plan(ctl, err);
    if (migrate_run(&ctl->settings.db, ctl->settings.schema_folder, tell_applied, &told, err) < 0)
        return err->kind == ERR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
    ctl_tell(ctl, CTL_PAIRS(log_int("applied", (int64_t)told.count)),
             told.count ? "%llu migrations done" : "nothing to do",
             (unsigned long long)told.count);
    return EXIT_DONE;
}

const struct verb verb_migrate = {
    .name = "migrate",
    .operands = "[--plan]",
    .help = "Brings the database to this installation's schema: runs what is missing of Schema.Folder,\n"
            "in order. Refuses a database that is newer, or whose migrations read otherwise here.",
    .needs = CTL_DATABASE,
    .options = {[OPTION_PLAN] = {"plan", NULL, "says what would be done, and does nothing"}},
    .run = run,
};
