#include <stdio.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/import/import.h"
#include "programs/ctl/ctl.h"

enum { OPTION_DRY_RUN };

static int tell_lines(void *context, uint64_t lines, struct err *err)
{
    (void)context;
    (void)err;
    if (lines > 0)
        ctl_progress("lines", lines, lines + 1);
    return 0;
}

static void tell_problems(const struct ctl *ctl, const char *path,
                          const struct import_result *result)
{
    for (size_t i = 0; i < result->kept; i++) {
        const struct import_problem *problem = &result->problems[i];
        ctl_tell(ctl,
                 CTL_PAIRS(log_int("line", (int64_t)problem->line),
                           log_text("column", problem->column), log_text("value", problem->value),
                           log_text("problem", problem->text)),
                 "%s:%zu: %s%s%s%s%s %s", path, problem->line, problem->column,
                 *problem->column ? ": " : "", *problem->value ? "\"" : "", problem->value,
                 *problem->value ? "\"" : "", problem->text);
    }
    ctl_tell(ctl,
             CTL_PAIRS(log_int("rows", (int64_t)result->rows),
                       log_int("problems", (int64_t)result->problem_count),
                       log_int("shown", (int64_t)result->kept)),
             "%llu problems in %llu rows%s: nothing was taken",
             (unsigned long long)result->problem_count, (unsigned long long)result->rows,
             result->kept < result->problem_count ? ", the first of which are shown" : "");
}

static int run(struct ctl *ctl, struct err *err)
{
    struct import import = {.kind = import_kind_find(ctl->operands[0]),
                            .path = ctl->operands[1],
                            .dry_run = ctl->given[OPTION_DRY_RUN] != NULL,
                            .actor = ctl->actor,
                            .progress = tell_lines};
    struct import_result result;

    if (!import.kind) {
        fprintf(stderr, "ecertctl: \"%s\" is none of:", ctl->operands[0]);
        for (size_t i = 0; import_kind_name(i); i++)
            fprintf(stderr, " %s", import_kind_name(i));
        fputc('\n', stderr);
        return EXIT_USAGE;
    }
    if (import_file(ctl->db, ctl->pool, &ctl->core, &import, &result, err) < 0)
        return EXIT_FAILED;
    if (result.problem_count > 0) {
        tell_problems(ctl, import.path, &result);
        return EXIT_FAILED;
    }
    ctl_tell(ctl,
             CTL_PAIRS(log_int("rows", (int64_t)result.rows), log_int("added", (int64_t)result.added),
                       log_int("changed", (int64_t)result.changed),
                       log_int("photos", (int64_t)result.photos),
                       log_int("dry_run", import.dry_run)),
             "%llu rows: %llu added, %llu changed, %llu new photos%s",
             (unsigned long long)result.rows, (unsigned long long)result.added,
             (unsigned long long)result.changed, (unsigned long long)result.photos,
             import.dry_run ? " (dry run: nothing was kept)" : "");
    return EXIT_DONE;
}

const struct verb verb_import = {
    .name = "import",
    .operands = "KIND FILE [--dry-run]",
    .help = "Takes a CSV file, whole or not at all. KIND: enterprises, people, paper_certificates,\n"
            "exam_results, insurance, education. Photos of people stand in the file's folder. All\n"
            "mistakes are told with line, column and value; the same file twice changes nothing.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .least = 2,
    .most = 2,
    .options = {[OPTION_DRY_RUN] = {"dry-run", NULL, "tells the same, and takes nothing"}},
    .run = run,
};
