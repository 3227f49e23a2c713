/*
 * 统计: figures that were counted last (core/report/statistics.h), as tables, charts and CSV; and counting
 * them anew, which an issuer does.
 */
#include <inttypes.h>
#include <string.h>

#include "base/csv.h"
#include "core/report/statistics.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/errand_page.h"
#include "modules/staff/figures.h"

enum { MONTHS_LEAST = 12, MONTHS_MOST = STATISTICS_MONTHS, ERRANDS_READ = 5, POOL_KEEP = 64 * 1024 };
#define READERS (STAFF_DECISION | STAFF_AUDITOR)

enum { F_VIEW, F_MONTHS, F_AFTER };
#define CHOICE                                                                                     \
    [F_MONTHS] = {.name = "months",                                                                \
                  .kind = FIELD_INT,                                                               \
                  .low = MONTHS_LEAST,                                                             \
                  .high = MONTHS_MOST,                                                             \
                  .label = "月数"},                                                                \
    [F_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"}

static const struct field first_fields[] = {
    [F_VIEW] = {.name = "view", .kind = FIELD_CODE, .high = 16, .label = "统计项目"}, CHOICE, {0}};
static const struct field view_fields[] = {
    [F_VIEW] = {.name = "view",
                .kind = FIELD_CODE,
                .low = 1,
                .high = 16,
                .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    CHOICE,
    {0},
};

/* The view of the path; NULL for an unknown one. */
static const struct figures_view *view_of(const struct request *request)
{
    const char *name = request_text(request, F_VIEW);

    if (!name || !*name)
        return &figures_views[0];
    for (const struct figures_view *view = figures_views; view->name; view++)
        if (strcmp(view->name, name) == 0)
            return view;
    return NULL;
}

static int build(struct request *request, const struct figures_view *view, struct figures **out,
                 struct err *err)
{
    struct figures *figures = POOL_NEW(request->pool, struct figures);

    figures->months = request_has(request, F_MONTHS) ? (int)request_int(request, F_MONTHS)
                                                     : MONTHS_LEAST;
    figures->after = request_id(request, F_AFTER);
    *out = figures;
    return view->build(request, figures, err);
}

/* How old the figures are, and whether they are being counted. 1; 0: they never were; -1. */
static int page_age(struct request *request, struct err *err)
{
    const struct errand *errands;
    size_t count, i = 0;

    if (errand_list(request->db, request->pool, ERRAND_STATISTICS, ERRANDS_READ, &errands, &count,
                    err) < 0)
        return -1;
    if (count > 0)
        page_errand(request, page_node(request->hdf, "Last"), &errands[0]);
    while (i < count && strcmp(errands[i].state, ERRAND_DONE) != 0)
        i++;
    if (i == count)
        return 0;
    page_time(request->hdf, "Counted", errands[i].ended_ms);
    page_int(request->hdf, "Hours", (request->now_ms - errands[i].ended_ms) / 3600000);
    return 1;
}

static void page_views(struct request *request, const struct figures_view *here,
                       const struct figures *figures)
{
    size_t n = 0;

    for (const struct figures_view *view = figures_views; view->name; view++) {
        HDF *item = page_item(request->hdf, "Views", n++);

        page_text(item, "Name", view->name);
        page_text(item, "Label", view->label);
        page_int(item, "Here", view == here);
    }
    for (int months = MONTHS_LEAST; here->by_month && months <= MONTHS_MOST; months += 12) {
        HDF *item = page_item(request->hdf, "Spans", (size_t)(months / 12 - 1));

        page_int(item, "Months", months);
        page_int(item, "Here", months == figures->months);
    }
}

static enum outcome statistics_show(struct request *request, struct err *err)
{
    const struct figures_view *view = view_of(request);
    struct figures *figures;
    int counted;

    if (!view)
        return OUT_NOT_FOUND;
    if ((counted = page_age(request, err)) < 0 || build(request, view, &figures, err) < 0)
        return outcome_of(err);
    page_views(request, view, figures);
    page_text(request->hdf, "View", view->name);
    page_text(request->hdf, "Label", view->label);
    page_text(request->hdf, "Lead", view->lead);
    page_int(request->hdf, "Months", figures->months);
    if (!counted)
        return OUT_PAGE; /* zeros would be taken for figures */
    for (size_t i = 0; i < figures->count; i++)
        page_sheet(page_item(request->hdf, "Sheets", i), &figures->sheets[i]);
    page_chart(request, page_node(request->hdf, "Chart"), &figures->chart);
    page_next(request, "", figures->next);
    if (figures->after)
        page_text(request->hdf, "First", "?");
    return OUT_PAGE;
}

/* The table */

struct taking {
    struct request *request;
    const struct figures_view *view;
    struct figures *figures;
};

static int write_table(void *context, const struct sink *sink, struct err *err)
{
    struct taking *taking = context;
    struct figures *figures = taking->figures;
    struct csv_writer writer;

    csv_writer_init(&writer, sink);
    for (size_t i = 0; i < figures->count; i++)
        if (sheet_write(&figures->sheets[i], true, &writer, err) < 0)
            return -1;
    return csv_flush(&writer, err);
}

/* Of firms all pages, each in memory that is given back before the next. */
static int write_pages(void *context, const struct sink *sink, struct err *err)
{
    struct taking *taking = context;
    struct request *request = taking->request;
    struct pool *whole = request->pool, *pool = pool_new(POOL_KEEP, 0);
    struct csv_writer writer;
    uint64_t after = 0;
    int result;

    csv_writer_init(&writer, sink);
    request->pool = pool;
    do {
        struct figures *figures;

        pool_reset(pool);
        figures = POOL_NEW(pool, struct figures);
        figures->after = after;
        result = taking->view->build(request, figures, err);
        if (result == 0)
            result = sheet_write(&figures->sheets[0], after == 0, &writer, err);
        after = figures->next;
    } while (result == 0 && after);
    request->pool = whole;
    if (result == 0)
        result = csv_flush(&writer, err);
    pool_free(&pool);
    return result;
}

static enum outcome statistics_export(struct request *request, struct err *err)
{
    const struct figures_view *view = view_of(request);
    struct taking *taking = POOL_NEW(request->pool, struct taking);
    char day[11];
    int counted;

    if (!view)
        return OUT_NOT_FOUND;
    if ((counted = page_age(request, err)) <= 0)
        return counted < 0 ? outcome_of(err)
                           : request_conflict(request, "尚未统计，没有可以导出的数字。",
                                              pool_printf(request->pool, "/staff/statistics/%s", view->name));
    *taking = (struct taking){.request = request, .view = view};
    if (!view->paged && build(request, view, &taking->figures, err) < 0)
        return outcome_of(err);
    date_format(request->today, day);
    return respond_stream(request, "text/csv; charset=utf-8",
                          pool_printf(request->pool, "统计 %s %s.csv", view->label, day),
                          view->paged ? write_pages : write_table, taking);
}

static enum outcome statistics_count_order(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);

    if (errand_order(request->db, request->pool, core_of(request), &actor, ERRAND_STATISTICS,
                     request->now_ms, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/%s/", request->module->name);
}

static const struct route statistics_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = READERS, .fields = first_fields, .page = "show",
     .handle = statistics_show},
    {"count", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = READERS,
     .handle = statistics_count_order},
    {"{view}", HTTP_GET, NEED_STAFF, .roles = READERS, .fields = view_fields, .page = "show",
     .handle = statistics_show},
    {"{view}/export", HTTP_GET, NEED_STAFF, .roles = READERS, .fields = view_fields,
     .handle = statistics_export},
    {0},
};

const struct module module_staff_statistics = {
    .name = "staff/statistics", .label = "统计", .routes = statistics_routes};
