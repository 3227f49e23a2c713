#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/job.h"
#include "programs/ctl/ctl.h"

enum { OPTION_FAILED };
enum { PAGE = 200 };

static int list_state(struct ctl *ctl, const char *state, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    const struct job *jobs;
    size_t count;
    uint64_t after = 0;
    int result;

    do {
        pool_reset(pool);
        result = job_list(ctl->db, pool, state, after, PAGE, &jobs, &count, err);
        for (size_t i = 0; result == 0 && i < count; i++) {
            const struct job *job = &jobs[i];
            ctl_tell(ctl,
                     CTL_PAIRS(log_int("job", (int64_t)job->id), log_text("kind", job->kind),
                               log_int("certificate", (int64_t)job->certificate_id),
                               log_int("version", job->version), log_text("state", job->state),
                               log_int("attempts", job->attempts), log_text("cause", job->cause)),
                     "job %llu\t%s\t%s %llu version %u\tattempts %u\t%s",
                     (unsigned long long)job->id, job->state, job->kind,
                     (unsigned long long)job->certificate_id, job->version, job->attempts,
                     job->cause ? job->cause : "");
            after = job->id;
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
    if (job_depth(ctl->db, ctl->pool, clock_now_ms(), &depth, err) < 0)
        return EXIT_FAILED;
    ctl_tell(ctl,
             CTL_PAIRS(log_int("waiting", (int64_t)depth.waiting),
                       log_int("leased", (int64_t)depth.leased),
                       log_int("failed", (int64_t)depth.failed),
                       log_int("oldest_ms", depth.oldest_ms)),
             "%llu waiting (the oldest for %lld s), %llu at work, %llu failed",
             (unsigned long long)depth.waiting, (long long)depth.oldest_ms / 1000,
             (unsigned long long)depth.leased, (unsigned long long)depth.failed);
    return EXIT_DONE;
}

struct retrying {
    struct ctl *ctl;
    uint64_t id;
    int found;
};

static int retry_work(void *context, struct err *err)
{
    struct retrying *retrying = context;
    struct ctl *ctl = retrying->ctl;

    retrying->found = job_retry(ctl->db, ctl->pool, &ctl->core, &ctl->actor, retrying->id,
                                clock_now_ms(), err);
    return retrying->found < 0 ? -1 : 0;
}

static int retry(struct ctl *ctl, struct err *err)
{
    struct retrying retrying = {.ctl = ctl};
    const char *number = ctl->operands[1];

    if (!parse_uint(number, 1, UINT64_MAX, &retrying.id)) {
        fprintf(stderr, "ecertctl: %s: not the number of a job\n", number);
        return EXIT_USAGE;
    }
    if (db_transact(ctl->db, retry_work, &retrying, err) < 0)
        return EXIT_FAILED;
    if (retrying.found == 0) {
        err_set(err, ERR_NOT_FOUND, 0, "job %" PRIu64 " has not failed, or is not there", retrying.id);
        return EXIT_FAILED;
    }
    ctl_tell(ctl, CTL_PAIRS(log_int("retried", (int64_t)retrying.id)), "job %" PRIu64 " runs again",
             retrying.id);
    return EXIT_DONE;
}

static int run(struct ctl *ctl, struct err *err)
{
    static const struct ctl_action actions[] = {{"", 0, list}, {"retry", 1, retry}};

    return ctl_choose(ctl, actions, sizeof(actions) / sizeof(*actions), err);
}

const struct verb verb_jobs = {
    .name = "jobs",
    .operands = "[--failed] | retry ID",
    .help = "Documents that wait to be made, are being made, or failed.\n"
            "retry: lets a failed one run again.",
    .needs = CTL_SCHEMA | CTL_VAULT,
    .least = 0,
    .most = 2,
    .options = {[OPTION_FAILED] = {"failed", NULL, "only those that failed for good"}},
    .run = run,
};
