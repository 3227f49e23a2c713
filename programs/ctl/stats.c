#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/issue/errand.h"
#include "core/report/statistics.h"
#include "programs/ctl/ctl.h"

enum { OPTION_KEPT };

static void tell_row(const struct ctl *ctl, enum figure figure, const struct statistic *row)
{
    const char *name = figure_name(figure);
    const char *durations = "";

    if (row->p90_ms)
        durations = pool_printf(ctl->pool, ", median %llu ms, 90 %% within %llu ms",
                                (unsigned long long)row->median_ms,
                                (unsigned long long)row->p90_ms);
    ctl_tell(ctl,
             CTL_PAIRS(log_text("figure", name), log_text("bucket", row->bucket),
                       log_text("part", row->part), log_int("value", (int64_t)row->value),
                       log_int("median_ms", (int64_t)row->median_ms),
                       log_int("p90_ms", (int64_t)row->p90_ms)),
             "%s, %s%s%s: %llu%s", name, row->bucket, *row->part ? ", " : "", row->part,
             (unsigned long long)row->value, durations);
}

/* When they were counted; nothing where they never were. */
static int tell_age(const struct ctl *ctl, struct err *err)
{
    const struct errand *last;
    char ended[25];
    size_t count;

    if (errand_list(ctl->db, ctl->pool, ERRAND_STATISTICS, 1, &last, &count, err) < 0)
        return -1;
    if (count == 0 || !last->ended_ms)
        return 0;
    clock_iso(last->ended_ms, ended);
    ctl_tell(ctl, CTL_PAIRS(log_text("counted", ended)), "counted %s", ended);
    return 0;
}

static int run(struct ctl *ctl, struct err *err)
{
    struct errand done;

    if (!ctl->given[OPTION_KEPT] &&
        errand_run(ctl->db, ctl->pool, &ctl->core, &ctl->actor, ERRAND_STATISTICS, date_today(),
                   clock_now_ms(), &done, err) < 0)
        return EXIT_FAILED;
    if (tell_age(ctl, err) < 0)
        return EXIT_FAILED;
    for (enum figure figure = 0; figure < FIGURE_COUNT; figure++) {
        const struct statistic *rows;
        size_t count;

        if (statistics_read(ctl->db, ctl->pool, figure, &rows, &count, err) < 0)
            return EXIT_FAILED;
        for (size_t i = 0; i < count; i++)
            tell_row(ctl, figure, &rows[i]);
    }
    return EXIT_DONE;
}

const struct verb verb_stats = {
    .name = "stats",
    .operands = "[--kept]",
    .help = "Counts the whole register, keeps the figures for the pages of statistics, and tells\n"
            "them: enterprises, people, certificates by class and state, what ends when, what\n"
            "happened, what waits, how long matters and documents took. For the night.",
    .needs = CTL_SCHEMA,
    .options = {[OPTION_KEPT] = {"kept", NULL, "tells what was counted last, and counts nothing"}},
    .run = run,
};
