#include <inttypes.h>

#include "base/date.h"
#include "core/message/outbox.h"
#include "programs/ctl/steps.h"

enum { OPTION_FAILED };

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
static int page(struct ctl *ctl, struct pool *pool, const char *state, uint64_t *at, size_t limit,
                size_t *count, struct err *err)
{
    const struct outbox *rows;

    if (outbox_list(ctl->db, pool, state, *at, limit, &rows, count, err) < 0)
        return -1;
    for (size_t i = 0; i < *count; i++) {
        tell(ctl, &rows[i]);
        *at = rows[i].id;
    }
    return 0;
}

static int list(struct ctl *ctl, struct err *err)
{
    static const struct ctl_queue queue = {"under way", page, outbox_depth};

    return ctl_queue_list(ctl, &queue, ctl->given[OPTION_FAILED], err);
}

static int retry_one(struct ctl *ctl, uint64_t id, struct err *err)
{
    return outbox_retry(ctl->db, ctl->pool, &ctl->core, &ctl->actor, id, clock_now_ms(), err);
}

static int retry(struct ctl *ctl, struct err *err)
{
    static const struct ctl_step step = {"notification", "a notification", "retried", "is tried again",
                                         "has not failed, or is not there", retry_one};

    return ctl_step(ctl, &step, err);
}

static int give_up_one(struct ctl *ctl, uint64_t id, struct err *err)
{
    return outbox_give_up(ctl->db, ctl->pool, &ctl->core, &ctl->actor, id, err);
}

static int give_up(struct ctl *ctl, struct err *err)
{
    static const struct ctl_step step = {"notification", "a notification", "given_up",
                                         "is not delivered any more",
                                         "neither waits nor has failed, or is not there", give_up_one};

    return ctl_step(ctl, &step, err);
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
