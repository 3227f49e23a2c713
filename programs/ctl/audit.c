#include <stdio.h>

#include "base/date.h"
#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit/audit.h"
#include "core/issue/errand.h"
#include "programs/ctl/ctl.h"

enum { OPTION_ANCHORS };
enum { ANCHORS_LIMIT = 1024 * 1024, REPORT_LIMIT = 4096 };

struct telling {
    struct ctl *ctl;
    struct text report; /* the first faults, to be kept */
};

static void tell_fault(void *context, const char *line)
{
    struct telling *telling = context;

    ctl_tell(telling->ctl, CTL_PAIRS(log_text("fault", line)), "fault: %s", line);
    text_printf(&telling->report, "%s%s", telling->report.length ? "\n" : "", line);
}

static int verify(struct ctl *ctl, struct err *err)
{
    const char *path = ctl->given[OPTION_ANCHORS];
    struct bytes anchors = {0};
    struct telling telling = {.ctl = ctl};
    struct audit_totals totals;
    int64_t began = clock_now_ms();

    text_init(&telling.report, ctl->pool, REPORT_LIMIT);
    if (path && file_read(ctl->pool, path, ANCHORS_LIMIT, &anchors, err) < 0)
        return EXIT_FAILED;
    if (audit_verify(ctl->db, &ctl->core, (const char *)anchors.data, tell_fault, &telling,
                     &totals, err) < 0 ||
        errand_keep(ctl->db, &ctl->actor, ERRAND_AUDIT, totals.events, totals.faults,
                    telling.report.data, began, err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl,
             CTL_PAIRS(log_int("events", (int64_t)totals.events),
                       log_int("faults", (int64_t)totals.faults)),
             "%llu events read, %llu faults", (unsigned long long)totals.events,
             (unsigned long long)totals.faults);
    return totals.faults ? EXIT_FAILED : EXIT_DONE;
}

static void tell_anchor(void *context, const char *text)
{
    const struct ctl *ctl = context;

    ctl_tell(ctl, CTL_PAIRS(log_text("anchor", text)), "%s", text);
}

static int anchors(struct ctl *ctl, struct err *err)
{
    return audit_anchors(ctl->db, tell_anchor, ctl, err) < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {{"verify", 0, verify}, {"anchors", 0, anchors}};

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_audit = {
    .name = "audit",
    .operands = "verify [--anchors FILE] | anchors",
    .help = "verify: reads every chain from its first event; a changed or missing event is told,\n"
            "and the exit code is 1.\n"
            "anchors: prints the present ends of all chains. Kept elsewhere, they prove later that\n"
            "nothing was cut off.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .least = 1,
    .most = 1,
    .options = {[OPTION_ANCHORS] = {"anchors", "FILE", "ends of chains noted earlier"}},
    .run = run,
};
