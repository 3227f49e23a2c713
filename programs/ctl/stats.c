#include "base/err.h"
#include "core/stats.h"
#include "programs/ctl/ctl.h"

static int run(struct ctl *ctl, struct err *err)
{
    const struct stats_figure *figures;
    size_t count;

    if (stats_read(ctl->db, ctl->pool, &figures, &count, err) < 0)
        return EXIT_FAILED;
    for (size_t i = 0; i < count; i++)
        ctl_tell(ctl,
                 CTL_PAIRS(log_text("figure", figures[i].name), log_text("part", figures[i].part),
                           log_int("value", (int64_t)figures[i].value)),
                 "%s%s%s: %llu", figures[i].name, *figures[i].part ? ", " : "", figures[i].part,
                 (unsigned long long)figures[i].value);
    return EXIT_DONE;
}

const struct verb verb_stats = {
    .name = "stats",
    .operands = "",
    .help = "How many enterprises, people, certificates, documents, jobs … there are.",
    .needs = CTL_SCHEMA,
    .run = run,
};
