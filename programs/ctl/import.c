#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

struct telling {
    const struct ctl *ctl;
    const char *path;
    const struct import_result *result;
    bool kept_told;
};

static void tell_problem(const struct telling *telling, const struct import_problem *problem)
{
    /* What is told of a line as a whole begins with its number, too. */
    const char *text = *problem->column || strncmp(problem->text, "line ", 5) != 0 ? NULL
                                                                                   : strstr(problem->text, ": ");

    ctl_tell(telling->ctl,
             CTL_PAIRS(log_int("line", (int64_t)problem->line), log_text("column", problem->column),
                       log_text("value", problem->value), log_text("problem", problem->text)),
             "%s:%zu: %s%s%s%s%s%s", telling->path, problem->line, problem->column,
             *problem->column ? ": " : "", *problem->value ? "\"" : "", problem->value,
             *problem->value ? "\" " : "", text ? text + 2 : problem->text);
}

/* All of them, once: those that were kept stand first. */
static void tell_kept(struct telling *telling)
{
    if (telling->kept_told)
        return;
    telling->kept_told = true;
    for (size_t i = 0; i < telling->result->kept; i++)
        tell_problem(telling, &telling->result->problems[i]);
}

static void tell_beyond(void *context, const struct import_problem *problem)
{
    struct telling *telling = context;

    tell_kept(telling);
    tell_problem(telling, problem);
}

static void tell_problems(struct telling *telling)
{
    const struct import_result *result = telling->result;

    tell_kept(telling);
    ctl_tell(telling->ctl,
             CTL_PAIRS(log_int("rows", (int64_t)result->rows),
                       log_int("problems", (int64_t)result->problem_count)),
             "%llu problems in %llu rows: nothing was taken", (unsigned long long)result->problem_count,
             (unsigned long long)result->rows);
}

static int run(struct ctl *ctl, struct err *err)
{
    struct import import = {.kind = import_kind_find(ctl->operands[0]),
                            .path = ctl->operands[1],
                            .dry_run = ctl->given[OPTION_DRY_RUN] != NULL,
                            .actor = ctl->actor,
                            .progress = tell_lines};
    struct import_result result;
    struct telling telling = {.ctl = ctl, .path = ctl->operands[1], .result = &result};

    import.beyond = tell_beyond;
    import.context = &telling;
    if (!import.kind) {
        fprintf(stderr, "ecertctl: \"%s\" is none of:", ctl->operands[0]);
        for (size_t i = 0; import_kind_name(i); i++)
            fprintf(stderr, " %s", import_kind_name(i));
        fputc('\n', stderr);
        return EXIT_USAGE;
    }
    if (import_file(ctl->db, ctl->pool, &ctl->core, &import, &result, err) < 0) {
        if (err->kind == ERR_INPUT && strncmp(err->text, import.path, strlen(import.path)) != 0)
            err_set(err, ERR_INPUT, 0, "%s: %s", import.path, pool_text(ctl->pool, err->text));
        return EXIT_FAILED;
    }
    if (result.problem_count > 0) {
        tell_problems(&telling);
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
