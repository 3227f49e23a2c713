/*
 * 生成进度: how far the document of one certificate is.
 */
#include <inttypes.h>
#include <string.h>

#include "core/issue/job.h"
#include "modules/common.h"

enum { F_ID };
static const struct field job_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

/* What a job's state means for the document. */
static const struct job_view {
    const char *state;
    enum generation generation;
    bool running;
} job_views[] = {
    {"waiting", GENERATION_WAITING, true},
    {"leased", GENERATION_RUNNING, true},
    {"done", GENERATION_DONE, false},
    {"failed", GENERATION_FAILED, false},
};

static const struct job_view *job_view(const struct job *job)
{
    for (size_t i = 0; i < sizeof(job_views) / sizeof(job_views[0]); i++)
        if (strcmp(job->state, job_views[i].state) == 0)
            return &job_views[i];
    err_fatal("a job's state that the schema does not know");
}

static enum outcome job_json(struct request *request, const struct job *job,
                             const struct job_view *view)
{
    return respond_json(
        request, pool_printf(request->pool,
                             "{\"id\":%" PRIu64 ",\"state\":\"%s\",\"label\":\"%s\","
                             "\"running\":%s,\"attempts\":%u,\"certificate\":%" PRIu64 "}",
                             job->id, view->state, generation_label(view->generation),
                             view->running ? "true" : "false", job->attempts,
                             job->certificate_id));
}

static enum outcome jobs_show(struct request *request, struct err *err)
{
    struct job job;
    const struct job_view *view;
    HDF *node = page_node(request->hdf, "Job");
    int found = job_find(request->db, request->pool, request_id(request, F_ID), request->who.id,
                         &job, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    view = job_view(&job);
    if (request->wants_json)
        return job_json(request, &job, view);
    page_int(node, "Id", (int64_t)job.id);
    page_text(node, "Label", generation_label(view->generation));
    page_int(node, "Generation", view->generation);
    page_int(node, "Running", view->running);
    page_int(node, "Attempts", job.attempts);
    page_int(node, "Certificate", (int64_t)job.certificate_id);
    return OUT_PAGE;
}

static const struct route jobs_routes[] = {
    {"{id}", HTTP_GET, NEED_FIRM, .fields = job_fields, .page = "show", .handle = jobs_show},
    {0},
};

const struct module module_jobs = {.name = "jobs", .label = "生成进度", .routes = jobs_routes};
