#include "base/date.h"
#include "core/issue/job.h"
#include "programs/ctl/steps.h"

enum { OPTION_FAILED };

static int page(struct ctl *ctl, struct pool *pool, const char *state, uint64_t *at, size_t limit,
                size_t *count, struct err *err)
{
    const struct job *jobs;

    if (job_list(ctl->db, pool, state, *at, limit, &jobs, count, err) < 0)
        return -1;
    for (size_t i = 0; i < *count; i++) {
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
        *at = job->id;
    }
    return 0;
}

static int list(struct ctl *ctl, struct err *err)
{
    static const struct ctl_queue queue = {"at work", page, job_depth};

    return ctl_queue_list(ctl, &queue, ctl->given[OPTION_FAILED], err);
}

static int retry_one(struct ctl *ctl, uint64_t id, struct err *err)
{
    return job_retry(ctl->db, ctl->pool, &ctl->core, &ctl->actor, id, clock_now_ms(), err);
}

static int retry(struct ctl *ctl, struct err *err)
{
    static const struct ctl_step step = {"job", "a job", "retried", "runs again",
                                         "has not failed, or is not there", retry_one};

    return ctl_step(ctl, &step, err);
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
