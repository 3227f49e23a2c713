#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/import/import.h"
#include "core/import/import_desk.h"
#include "core/import/import_kind.h"
#include "core/matter/change.h"
#include "programs/ctl/steps.h"

enum { REASON_LEAST = 2, REASON_MOST = 300 /* characters: import_run.undo_reason */ };

static void tell(const struct ctl *ctl, const struct import_entry *entry)
{
    const char *kind = entry->kind ? entry->kind->name : "";

    ctl_tell(ctl,
             CTL_PAIRS(log_int("import", (int64_t)entry->id), log_text("kind", kind),
                       log_text("state", entry->state), log_text("file", entry->file_name),
                       log_int("rows", (int64_t)entry->rows), log_int("added", (int64_t)entry->added),
                       log_int("changed", (int64_t)entry->changed), log_text("by", entry->by)),
             "import %" PRIu64 "\t%s\t%s\t%s\t%" PRIu64 " rows, %" PRIu64 " added, %" PRIu64 " changed",
             entry->id, entry->state, kind, entry->file_name, entry->rows, entry->added,
             entry->changed);
}

static int list(struct ctl *ctl, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    const struct import_entry *entries;
    uint64_t before = 0;
    size_t count;
    int result;

    do {
        pool_reset(pool);
        result = import_list(ctl->db, pool, NULL, before, &entries, &count, &before, err);
        for (size_t i = 0; result == 0 && i < count; i++)
            tell(ctl, &entries[i]);
    } while (result == 0 && before);
    pool_free(&pool);
    return result < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int undo_one(struct ctl *ctl, uint64_t id, struct err *err)
{
    struct change change = ctl_change(ctl);
    struct import_entry entry;
    const char *why = NULL;
    int found = import_find(ctl->db, ctl->pool, id, &entry, err);

    if (found != 1)
        return found;
    if (import_undo_judge(ctl->db, ctl->pool, &entry, change.now_ms, &why, err) < 0)
        return -1;
    if (why)
        return err_set(err, ERR_CONFLICT, 0, "import %" PRIu64 ": %s", id, why);
    return import_undo_order(&change, id, ctl->operands[2], err);
}

static int undo(struct ctl *ctl, struct err *err)
{
    static const struct ctl_step step = {
        "import", "an import", "undoing",
        "is taken back by ecert-issuerd; look at \"ecertctl imports\"", "is not there", undo_one};
    const char *reason = ctl->operands[2];
    size_t length = utf8_valid(reason, strlen(reason)) && !utf8_has_control(reason) ? utf8_count(reason) : 0;

    if (length < REASON_LEAST || length > REASON_MOST) {
        fprintf(stderr, "ecertctl: the reason has %d to %d characters\n", REASON_LEAST, REASON_MOST);
        return EXIT_USAGE;
    }
    return ctl_step(ctl, &step, err);
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {{"", 0, list}, {"undo", 2, undo}};

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_imports = {
    .name = "imports",
    .operands = "| undo ID REASON",
    .help = "Files that were taken into the registers, by whom, newest first.\n"
            "undo: takes the last of a kind back, for 30 days and where nothing was built on it, as\n"
            "/staff/imports/ does. An ecert-issuerd does the work; where it can't, the import stays as\n"
            "it is and says why.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .least = 0,
    .most = 3,
    .run = run,
};
