#include <inttypes.h>
#include <stdio.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/upkeep/retention.h"
#include "programs/ctl/ctl.h"

enum { OPTION_PLAN, OPTION_APPLY, OPTION_RULE };

static int plan(struct ctl *ctl, enum retention rule, struct err *err)
{
    const struct retention_rule *what = &retention_rules[rule];
    struct retention_plan plan;
    char oldest[25] = "";

    if (retention_look(ctl->db, ctl->pool, &ctl->settings.retention, rule, clock_now_ms(), &plan,
                       err) < 0)
        return -1;
    if (plan.oldest_ms)
        clock_iso(plan.oldest_ms, oldest);
    const char *age = plan.days == 0 ? "kept for good"
                      : *oldest ? pool_printf(ctl->pool, "of more than %" PRId64 " days, the oldest of %s",
                                              plan.days, oldest)
                                : pool_printf(ctl->pool, "of more than %" PRId64 " days", plan.days);
    ctl_tell(ctl,
             CTL_PAIRS(log_text("rule", what->name), log_text("key", what->key),
                       log_int("days", plan.days), log_int("rows", (int64_t)plan.rows),
                       log_text("oldest", oldest)),
             "%-14s %10" PRIu64 " %s: %s", what->name, plan.rows, age, what->what);
    return 0;
}

static int apply(struct ctl *ctl, enum retention rule, struct err *err)
{
    const struct retention_rule *what = &retention_rules[rule];
    uint64_t deleted;

    if (retention_apply(ctl->db, &ctl->core, &ctl->actor, &ctl->settings.retention, rule,
                        clock_now_ms(), &deleted, err) < 0)
        return err_context(err, "%s", what->name);
    ctl_tell(ctl, CTL_PAIRS(log_text("rule", what->name), log_int("deleted", (int64_t)deleted)),
             "%-14s %10" PRIu64 " deleted", what->name, deleted);
    return 0;
}

/* Every table of the schema: what no rule is about is there, too. */
static void tell_tables(const struct ctl *ctl)
{
    for (const struct retention_table *table = retention_tables; table->name; table++)
        ctl_tell(ctl,
                 CTL_PAIRS(log_text("table", table->name), log_text("rules", table->rules),
                           log_text("kept", table->kept)),
                 "table %-20s %s%s%s%s%s", table->name, *table->rules ? "rules " : "", table->rules,
                 *table->rules && *table->kept ? "; " : "", *table->kept ? "kept: " : "", table->kept);
}

static int run(struct ctl *ctl, struct err *err)
{
    const bool applies = ctl->given[OPTION_APPLY] != NULL;
    const char *name = ctl->given[OPTION_RULE];
    enum retention only = name ? retention_by_name(name) : RETENTION_RULES;

    if (applies == (ctl->given[OPTION_PLAN] != NULL)) {
        fprintf(stderr, "ecertctl: purge needs either --plan or --apply\n");
        return EXIT_USAGE;
    }
    if (name && only == RETENTION_RULES) {
        fprintf(stderr, "ecertctl: there is no rule \"%s\"\n", name);
        return EXIT_USAGE;
    }
    for (int i = 0; i < RETENTION_RULES; i++) {
        enum retention rule = (enum retention)i;

        if (name && rule != only)
            continue;
        if ((applies ? apply(ctl, rule, err) : plan(ctl, rule, err)) < 0)
            return EXIT_FAILED;
    }
    if (!applies && !name)
        tell_tables(ctl);
    return EXIT_DONE;
}

const struct verb verb_purge = {
    .name = "purge",
    .operands = "--plan|--apply [--rule NAME]",
    .help = "Data that need not be kept (section Retention of the configuration).\n"
            "Certificates, versions, documents, events, matters that were done and the audit are\n"
            "never among them. For the night; it may be stopped anywhere and run again.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .options = {[OPTION_PLAN] = {"plan", NULL, "how many rows each rule would delete, and\n"
                                            "the oldest; of every table what is kept, and why"},
                [OPTION_APPLY] = {"apply", NULL, "deletes them, in batches, each audited"},
                [OPTION_RULE] = {"rule", "NAME", "this rule alone"}},
    .run = run,
};
