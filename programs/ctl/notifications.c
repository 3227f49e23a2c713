#include <inttypes.h>
#include <stdio.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/outbox.h"
#include "programs/ctl/ctl.h"

enum { OPTION_FAILED };
enum { PAGE = 200 };

static void tell(const struct ctl *ctl, const struct outbox *row)
{
    const char *event = outbox_event_name(row->event), *cause = row->cause ? row->cause : "";

    ctl_tell(ctl,
             CTL_PAIRS(log_int("notification", (int64_t)row->id), log_text("event", event),
                       log_text("channel", row->channel), log_text("state", row->state),
                       log_int("enterprise", (int64_t)row->enterprise_id),
                       log_int("matter", (int64_t)row->matter_id),
                       log_int("attempts", row->attempts), log_text("cause", cause)),
             "notification %" PRIu64 "\t%s\t%s by %s\tenterprise %" PRIu64 "\tattempts %u\t%s", row->id,
             row->state, event, row->channel, row->enterprise_id, row->attempts, cause);
}

/* Newest first. Never to whom: addresses stay sealed. */
static int list_state(struct ctl *ctl, const char *state, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    const struct outbox *rows;
    uint64_t before = 0;
    size_t count;
    int result;

    do {
        pool_reset(pool);
        result = outbox_list(ctl->db, pool, state, before, PAGE, &rows, &count, err);
        for (size_t i = 0; result == 0 && i < count; i++) {
            tell(ctl, &rows[i]);
            before = rows[i].id;
        }
    } while (result == 0 && count == PAGE);
    pool_free(&pool);
    return result;
}

static int list(struct ctl *ctl, struct err *err)
{
    static const char *const states[] = {"failed", "leased", "waiting"};
    size_t count = ctl->given[OPTION_FAILED] ? 1 : sizeof(states) / sizeof(*states);
    struct queue_depth depth;

    for (size_t i = 0; i < count; i++)
        if (list_state(ctl, states[i], err) < 0)
            return EXIT_FAILED;
    if (outbox_depth(ctl->db, ctl->pool, clock_now_ms(), &depth, err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl,
             CTL_PAIRS(log_int("waiting", (int64_t)depth.waiting),
                       log_int("leased", (int64_t)depth.leased),
                       log_int("failed", (int64_t)depth.failed),
                       log_int("oldest_ms", depth.oldest_ms)),
             "%" PRIu64 " waiting (the oldest for %lld s), %" PRIu64 " under way, %" PRIu64 " failed",
             depth.waiting, (long long)depth.oldest_ms / 1000, depth.leased, depth.failed);
    return EXIT_DONE;
}

/* What is to become of one, for the transaction around it. */
struct step {
    struct ctl *ctl;
    uint64_t id;
    bool retry;
    int found;
};

static int work(void *context, struct err *err)
{
    struct step *step = context;
    struct ctl *ctl = step->ctl;

    step->found = step->retry ? outbox_retry(ctl->db, ctl->pool, &ctl->core, &ctl->actor, step->id,
                                             clock_now_ms(), err)
                              : outbox_give_up(ctl->db, ctl->pool, &ctl->core, &ctl->actor, step->id,
                                               err);
    return step->found < 0 ? -1 : 0;
}

static int take(struct ctl *ctl, bool retry, struct err *err)
{
    struct step step = {.ctl = ctl, .retry = retry};

    if (!parse_uint(ctl->operands[1], 1, UINT64_MAX, &step.id)) {
        fprintf(stderr, "ecertctl: %s: not the number of a notification\n", ctl->operands[1]);
        return EXIT_USAGE;
    }
    if (db_transact(ctl->db, work, &step, err) < 0)
        return EXIT_FAILED;
    if (step.found == 0) {
        err_set(err, ERR_NOT_FOUND, 0, "notification %" PRIu64 " %s, or is not there", step.id,
                retry ? "has not failed" : "neither waits nor has failed");
        return EXIT_FAILED;
    }
    ctl_tell(ctl, CTL_PAIRS(log_int(retry ? "retried" : "given_up", (int64_t)step.id)),
             "notification %" PRIu64 " %s", step.id,
             retry ? "is tried again" : "is not delivered any more");
    return EXIT_DONE;
}

static int retry(struct ctl *ctl, struct err *err)
{
    return take(ctl, true, err);
}

static int give_up(struct ctl *ctl, struct err *err)
{
    return take(ctl, false, err);
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {
        {"", 0, list}, {"retry", 1, retry}, {"give-up", 1, give_up}};

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_notifications = {
    .name = "notifications",
    .operands = "[--failed] | retry ID | give-up ID",
    .help = "Messages to firms that wait, are under way, or failed.\n"
            "retry: lets a failed one be tried again.\n"
            "give-up: never delivers one that waits or failed.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .least = 0,
    .most = 2,
    .options = {[OPTION_FAILED] = {"failed", NULL, "only those that failed for good"}},
    .run = run,
};
