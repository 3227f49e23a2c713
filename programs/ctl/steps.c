#include "programs/ctl/steps.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"

enum { PAGE = 200 };

struct taking {
    struct ctl *ctl;
    const struct ctl_step *step;
    uint64_t id;
    int found;
};

static int take(void *context, struct err *err)
{
    struct taking *taking = context;

    taking->found = taking->step->take(taking->ctl, taking->id, err);
    return taking->found < 0 ? -1 : 0;
}

int ctl_step(struct ctl *ctl, const struct ctl_step *step, struct err *err)
{
    struct taking taking = {.ctl = ctl, .step = step};

    if (!parse_uint(ctl->operands[1], 1, UINT64_MAX, &taking.id)) {
        fprintf(stderr, "ecertctl: %s: not the number of %s\n", ctl->operands[1], step->a);
        return EXIT_USAGE;
    }
    if (db_transact(ctl->db, take, &taking, err) < 0)
        return EXIT_FAILED;
    if (taking.found == 0) {
        err_set(err, ERR_NOT_FOUND, 0, "%s %" PRIu64 " %s", step->what, taking.id, step->impossible);
        return EXIT_FAILED;
    }
    ctl_tell(ctl, CTL_PAIRS(log_int(step->key, (int64_t)taking.id)), "%s %" PRIu64 " %s", step->what,
             taking.id, step->done);
    return EXIT_DONE;
}

static int list_state(struct ctl *ctl, const struct ctl_queue *queue, const char *state, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    uint64_t at = 0;
    size_t count = 0;
    int result;

    do {
        pool_reset(pool);
        result = queue->page(ctl, pool, state, &at, PAGE, &count, err);
    } while (result == 0 && count == PAGE);
    pool_free(&pool);
    return result;
}

int ctl_queue_list(struct ctl *ctl, const struct ctl_queue *queue, bool failed_only, struct err *err)
{
    static const char *const states[] = {"failed", "leased", "waiting"};
    size_t count = failed_only ? 1 : sizeof(states) / sizeof(*states);
    struct queue_depth depth;

    for (size_t i = 0; i < count; i++)
        if (list_state(ctl, queue, states[i], err) < 0)
            return EXIT_FAILED;
    if (queue->depth(ctl->db, ctl->pool, clock_now_ms(), &depth, err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl,
             CTL_PAIRS(log_int("waiting", (int64_t)depth.waiting),
                       log_int("leased", (int64_t)depth.leased),
                       log_int("failed", (int64_t)depth.failed),
                       log_int("oldest_ms", depth.oldest_ms)),
             "%" PRIu64 " waiting (the oldest for %lld s), %" PRIu64 " %s, %" PRIu64 " failed",
             depth.waiting, (long long)depth.oldest_ms / 1000, depth.leased, queue->busy, depth.failed);
    return EXIT_DONE;
}
