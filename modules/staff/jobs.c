/*
 * 任务: documents that wait, are being made or failed, by cause; changes of firms' names that are
 * taken certificate by certificate. The administrator lets what failed run again.
 */
#include <inttypes.h>
#include <string.h>

#include "core/issue/job_board.h"
#include "core/item/rename.h"
#include "core/report/search.h"
#include "core/staff/staff.h"
#include "modules/cause.h"
#include "modules/common.h"
#include "modules/staff/errand_page.h"
#include "modules/staff/proposal_page.h"

enum { LIST_ROWS = 20, CAUSE_ROWS = 20, TASK_ROWS = 10, QUERY_SIZE = 4096, CAUSE_MOST = 512 };
#define READERS (STAFF_AUDITOR | STAFF_ADMINISTRATOR)

enum { F_STATE, F_KIND, F_CAUSE, F_AFTER, F_TASKS, F_RETRIED };
static const struct field list_fields[] = {
    [F_STATE] = {.name = "state", .kind = FIELD_CODE, .high = 8, .label = "状态"},
    [F_KIND] = {.name = "kind", .kind = FIELD_CODE, .high = 16, .label = "文件种类"},
    [F_CAUSE] = {.name = "cause", .kind = FIELD_TEXT, .high = CAUSE_MOST, .label = "原因"},
    [F_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    [F_TASKS] = {.name = "tasks", .kind = FIELD_ID, .label = "页码"},
    [F_RETRIED] = {.name = "retried", .kind = FIELD_INT, .low = 1, .high = 1000000, .label = "数量"},
    {0},
};

enum { R_ID };
static const struct field id_fields[] = {
    [R_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED}, {0}};

enum { C_KIND, C_CAUSE };
static const struct field cause_fields[] = {
    [C_KIND] = {.name = "kind",
                .kind = FIELD_CODE,
                .low = 1,
                .high = 16,
                .flags = FIELD_REQUIRED,
                .label = "文件种类"},
    [C_CAUSE] = {.name = "cause", .kind = FIELD_TEXT, .high = CAUSE_MOST, .label = "原因"},
    {0},
};

enum { N_NUMBER };
static const struct field number_fields[] = {
    [N_NUMBER] = {.name = "number",
                  .kind = FIELD_CODE,
                  .low = 1,
                  .high = MATTER_NUMBER_SIZE - 1,
                  .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

static const struct state_row {
    const char *name, *label;
} states[] = {{"failed", "生成失败"}, {"waiting", "等待生成"}, {"leased", "正在生成"}};
enum { STATES = sizeof(states) / sizeof(states[0]) };

static const struct kind_row {
    const char *name, *label;
} kinds[] = {{"certificate", "电子证书"},
             {"departure", "离沪证明"},
             {"cancellation", "注销证明文件"},
             {"form", "注销申请表"},
             {"signed", "已签署的注销申请表"}};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const char *kind_label(const char *name)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].label;
    return name;
}

static const char *asked(const struct request *request, size_t field)
{
    const char *text = request_text(request, field);

    return text && *text ? text : NULL;
}

/* The state asked for; NULL for an unknown one. */
static const struct state_row *state_of(const struct request *request)
{
    const char *name = asked(request, F_STATE);

    for (size_t i = 0; i < STATES; i++)
        if (!name || strcmp(states[i].name, name) == 0)
            return &states[i];
    return NULL;
}

static void page_choices(struct request *request, const struct state_row *state)
{
    const char *kind = asked(request, F_KIND);

    for (size_t i = 0; i < STATES; i++) {
        HDF *item = page_item(request->hdf, "States", i);

        page_text(item, "Name", states[i].name);
        page_text(item, "Label", states[i].label);
        page_int(item, "Here", &states[i] == state);
    }
    for (size_t i = 0; i < KINDS; i++) {
        HDF *item = page_item(request->hdf, "Kinds", i);

        page_text(item, "Name", kinds[i].name);
        page_text(item, "Label", kinds[i].label);
        page_int(item, "Here", kind && strcmp(kind, kinds[i].name) == 0);
    }
}

static void page_job(struct pool *pool, HDF *item, const struct board_job *row)
{
    page_int(item, "Id", (int64_t)row->job.id);
    page_text(item, "Kind", kind_label(row->job.kind));
    page_text(item, "Number", row->number);
    page_int(item, "Certificate", (int64_t)row->job.certificate_id);
    page_int(item, "Version", row->job.version);
    page_text(item, "Matter", row->matter);
    page_text(item, "Enterprise", row->enterprise_name);
    page_int(item, "Attempts", row->job.attempts);
    page_text(item, "Cause", row->job.cause);
    page_text(item, "Words", cause_sentence(pool, row->job.cause, NULL));
    page_time(item, "At", row->job.run_at_ms);
}

static int page_jobs(struct request *request, const struct state_row *state, struct err *err)
{
    const struct board_filter filter = {.state = state->name,
                                        .kind = asked(request, F_KIND),
                                        .cause = asked(request, F_CAUSE),
                                        .after = request_id(request, F_AFTER),
                                        .limit = LIST_ROWS};
    struct board_page page;
    struct text query;

    if (board_jobs(request->db, request->pool, &filter, &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.count; i++)
        page_job(request->pool, page_item(request->hdf, "Rows", i), &page.rows[i]);
    text_init(&query, request->pool, QUERY_SIZE);
    query_add(&query, "state", state->name);
    query_add(&query, "kind", filter.kind);
    query_add(&query, "cause", filter.cause);
    page_next(request, query.data, page.next);
    if (filter.after)
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query.data));
    page_text(request->hdf, "Cause", filter.cause);
    return 0;
}

static int page_causes(struct request *request, struct err *err)
{
    const struct board_cause *causes;
    size_t count;

    if (board_causes(request->db, request->pool, CAUSE_ROWS, &causes, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Causes", i);

        page_text(item, "Kind", causes[i].kind);
        page_text(item, "KindLabel", kind_label(causes[i].kind));
        page_text(item, "Cause", causes[i].cause);
        page_query(item, "Query", causes[i].cause);
        page_text(item, "Words", cause_sentence(request->pool, causes[i].cause, NULL));
        page_int(item, "Count", (int64_t)causes[i].count);
        page_time(item, "Last", causes[i].last_ms);
    }
    return 0;
}

/* A list Decisions (Matter, Kind, Items, Waiting, Failed). */
static int page_decisions(struct request *request, struct err *err)
{
    const struct board_task *tasks;
    size_t count;

    if (board_decisions(request->db, request->pool, TASK_ROWS, &tasks, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Decisions", i);

        page_text(item, "Matter", tasks[i].matter);
        page_text(item, "Kind", tasks[i].kind);
        page_int(item, "Items", (int64_t)tasks[i].items);
        page_int(item, "Waiting", (int64_t)tasks[i].waiting);
        page_int(item, "Failed", (int64_t)tasks[i].failed);
    }
    return 0;
}

static int page_tasks(struct request *request, struct err *err)
{
    const struct board_task *tasks;
    uint64_t next;
    size_t count;

    if (board_tasks(request->db, request->pool, request_id(request, F_TASKS), TASK_ROWS, &tasks,
                    &count, &next, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Tasks", i);

        page_text(item, "Matter", tasks[i].matter);
        page_text(item, "State", tasks[i].state);
        page_text(item, "Label", matter_state_label(tasks[i].state));
        page_text(item, "Enterprise", tasks[i].enterprise_name);
        page_int(item, "Items", (int64_t)tasks[i].items);
        page_int(item, "Waiting", (int64_t)tasks[i].waiting);
        page_int(item, "Failed", (int64_t)tasks[i].failed);
        page_time(item, "Opened", tasks[i].opened_ms);
        page_int(item, "Retry", tasks[i].failed > 0 && !tasks[i].due_ms);
    }
    if (next)
        page_text(request->hdf, "NextTasks",
                  pool_printf(request->pool, "?tasks=%" PRIu64 "#tasks", next));
    return 0;
}

/* What was ordered for the whole register, the last of each kind. */
static int page_errands(struct request *request, struct err *err)
{
    static const char *const labels[ERRAND_KINDS] = {[ERRAND_AUDIT] = "核验审计链",
                                                     [ERRAND_STATISTICS] = "统计"};

    for (enum errand_kind kind = 0; kind < ERRAND_KINDS; kind++) {
        const struct errand *errands;
        size_t count;
        HDF *item;

        if (errand_list(request->db, request->pool, kind, 1, &errands, &count, err) < 0)
            return -1;
        if (count == 0)
            continue;
        item = page_item(request->hdf, "Errands", kind);
        page_errand(request, item, errands);
        page_text(item, "Kind", labels[kind]);
    }
    return 0;
}

static enum outcome jobs_list(struct request *request, struct err *err)
{
    const struct state_row *state = state_of(request);
    struct queue_depth depth;

    if (!state)
        return OUT_NOT_FOUND;
    if (job_depth(request->db, request->pool, request->now_ms, &depth, err) < 0 ||
        page_jobs(request, state, err) < 0 || page_causes(request, err) < 0 ||
        page_decisions(request, err) < 0 || page_tasks(request, err) < 0 ||
        page_errands(request, err) < 0)
        return outcome_of(err);
    page_choices(request, state);
    page_text(request->hdf, "State", state->name);
    page_text(request->hdf, "Label", state->label);
    page_int(request->hdf, "Waiting", (int64_t)depth.waiting);
    page_int(request->hdf, "Running", (int64_t)depth.leased);
    page_int(request->hdf, "Failed", (int64_t)depth.failed);
    page_int(request->hdf, "Oldest", depth.oldest_ms / 1000);
    page_int(request->hdf, "Retried", request_int(request, F_RETRIED));
    page_int(request->hdf, "May", (request->who.roles & STAFF_ADMINISTRATOR) != 0);
    page_int(request->hdf, "Reads", (request->who.roles & STAFF_AUDITOR) != 0);
    return OUT_PAGE;
}

static enum outcome jobs_retry(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);
    int found = job_retry(request->db, request->pool, core_of(request), &actor,
                            request_id(request, R_ID), request->now_ms, err);

    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return request_conflict(request, "这个任务已经不是“生成失败”的状态，没有重复安排。",
                                "/staff/jobs/");
    return respond_redirect(request, "/%s/?retried=1", request->module->name);
}

static enum outcome jobs_retry_cause(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);
    const char *cause = request_text(request, C_CAUSE);
    uint64_t retried;
    int found = board_retry_cause(request->db, request->pool, core_of(request), &actor,
                                  request_text(request, C_KIND), cause ? cause : "",
                                  request->now_ms, &retried, err);

    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return request_conflict(request, "已经没有因为这个原因失败的任务。", "/staff/jobs/");
    return respond_redirect(request, "/%s/?retried=%" PRIu64, request->module->name, retried);
}

/* Of a firm's change of name: the certificates that failed. */
static enum outcome jobs_retry_rename(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    const char *number = request_text(request, N_NUMBER);
    struct matter matter;
    bool held;
    int found = search_matter(request->db, request->pool, number, &matter, err);

    if (found == 1) {
        change.enterprise_id = matter.enterprise_id;
        found = rename_retry(&change, number, &held, err);
        if (found == 0)
            return request_conflict(request, "没有可以重新办理的证书：已经重新办理，或者企业名称又有变更。",
                                    "/staff/jobs/");
    }
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_redirect(request, "/%s/", request->module->name);
}

static const struct route jobs_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = READERS, .fields = list_fields, .page = "list",
     .handle = jobs_list},
    {"retry", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_ADMINISTRATOR,
     .fields = cause_fields, .handle = jobs_retry_cause},
    {"{id}/retry", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_ADMINISTRATOR,
     .fields = id_fields, .handle = jobs_retry},
    {"renames/{number}/retry", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY,
     .roles = STAFF_ADMINISTRATOR, .fields = number_fields, .handle = jobs_retry_rename},
    {0},
};

const struct module module_staff_jobs = {
    .name = "staff/jobs", .label = "任务", .routes = jobs_routes};
