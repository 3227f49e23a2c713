/*
 * 企业名称变更: all certificates that carry another name of the firm, at once.
 */
#include <string.h>

#include "core/item/rename.h"
#include "core/register/enterprise.h"
#include "modules/case.h"
#include "modules/common.h"

enum { F_NAME };
static const struct field begin_fields[] = {
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .high = 128, .label = "企业登记名称"},
    {0},
};

enum { SHOWN = 10 }; /* for an impression; all of them are counted before it is confirmed */

/* 0/-1. */
static int page_running(struct request *request, struct err *err)
{
    char number[MATTER_NUMBER_SIZE];
    int found = rename_running(request->db, request->pool, request->who.id, number, err);

    if (found == 1)
        page_text(request->hdf, "Running", number);
    return found < 0 ? -1 : 0;
}

/* What is offered, or why nothing is. */
static void page_offer(struct request *request, const struct facts *facts,
                       const struct verdict *verdict)
{
    page_text(request->hdf, "Firm.Name", facts->firm.name);
    page_int(request->hdf, "Count", (int64_t)facts->outdated);
    page_int(request->hdf, "More", facts->outdated_more);
    page_findings(request->hdf, verdict);
}

static enum outcome rename_show(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct certificate_page page;
    struct verdict verdict;
    struct facts facts;

    if (page_running(request, err) < 0)
        return outcome_of(err);
    int found = rename_preview(&change, SHOWN, &facts, &verdict, &page, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    page_offer(request, &facts, &verdict);
    page_certificates(request, &page);
    return OUT_PAGE;
}

static void rename_show_ahead(struct request *request, bool queried)
{
    (void)queried;
    if (request->who.kind != WHO_FIRM)
        return;
    rename_running_ahead(request->db, request->pool, request->who.id);
    rename_preview_ahead(request->db, request->pool, request->who.id, request->today, SHOWN);
}

static enum outcome rename_warn(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct verdict verdict;
    struct facts facts;

    int found = rename_judge(&change, &facts, &verdict, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    /* While one runs, its certificates are not offered. What is offered besides may be confirmed:
     * that leads to the one that runs. */
    if (facts.outdated == 0 && page_running(request, err) < 0)
        return outcome_of(err);
    page_offer(request, &facts, &verdict);
    return OUT_PAGE;
}

static void rename_warn_ahead(struct request *request, bool queried)
{
    (void)queried;
    if (request->who.kind == WHO_FIRM)
        rename_judge_ahead(request->db, request->pool, request->who.id, request->today);
}

/* Is the firm still called what the page said? 1/0/-1. */
static int same_name(struct request *request, struct err *err)
{
    const char *shown = request_text(request, F_NAME);
    struct enterprise firm;
    int found = shown ? enterprise_find(request->db, request->pool, request->who.id, &firm, err) : 1;

    return found == 1 && shown ? strcmp(firm.name, shown) == 0 : found;
}

static enum outcome rename_begin(struct request *request, struct err *err)
{
    int same = same_name(request, err);

    if (same <= 0)
        return same < 0 ? outcome_of(err)
                        : request_conflict(request,
                                           "企业的登记名称刚刚又有变化，本次没有办理。请核对现在的登记名称。",
                                           "/rename/");
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct rename result;
    int done = rename_start(&change, &result, err);

    if (done < 0)
        return outcome_of(err);
    if (done == 1)
        return respond_redirect(request, "/matters/%s", result.matter.number);
    request_keep(request, pool_printf(request->pool, "/matters/%s", result.matter.number));
    return refuse(request, NULL, result.matter.number, &result.verdict);
}

static enum outcome rename_again(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    const char *number = request_text(request, CASE_NUMBER);
    bool held;
    int done = rename_retry(&change, number, &held, err);

    if (done == 0 && held)
        return request_conflict(request, "本企业已被管理部门锁定，锁定期间不能重新办理。",
                                pool_printf(request->pool, "/matters/%s", number));
    if (done <= 0)
        return done < 0 ? outcome_of(err) : OUT_CONFLICT;
    return respond_redirect(request, "/matters/%s", number);
}

static const struct route rename_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .page = "show", .handle = rename_show,
     .ahead = rename_show_ahead},
    {"", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = begin_fields, .handle = rename_begin},
    {"confirm", HTTP_GET, NEED_FIRM, .page = "confirm", .handle = rename_warn,
     .ahead = rename_warn_ahead},
    {"{number}/retry", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_number_fields,
     .handle = rename_again},
    {0},
};

const struct module module_rename = {
    .name = "rename", .label = "企业名称变更", .routes = rename_routes};
