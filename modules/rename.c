/*
 * 企业名称变更: all certificates that carry another name of the firm, at once.
 */
#include "core/rename.h"
#include "modules/case.h"
#include "modules/common.h"

enum { SHOWN = 20 };

/* How many are offered, or why none is: 1, or 0 where R16 does not hold; -1. */
static int page_offer(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    char number[MATTER_NUMBER_SIZE];
    struct verdict verdict;
    struct facts facts;
    int found = rename_running(request->db, request->pool, request->who.id, number, err);

    if (found < 0)
        return -1;
    if (found == 1)
        page_text(request->hdf, "Running", number);
    found = rename_judge(&change, &facts, &verdict, err);
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, ERR_NOT_FOUND, 0, "the firm is gone");
    page_text(request->hdf, "Firm.Name", facts.firm.name);
    page_int(request->hdf, "Count", (int64_t)facts.outdated);
    page_findings(request->hdf, &verdict);
    return verdict.allowed;
}

static enum outcome rename_show(struct request *request, struct err *err)
{
    struct certificate_page page;
    int offered = page_offer(request, err);

    if (offered <= 0)
        return offered < 0 ? outcome_of(err) : OUT_PAGE;
    if (certificate_outdated(request->db, request->pool, request->who.id, request->today, SHOWN,
                             &page, err) < 0)
        return outcome_of(err);
    page_certificates(request, &page);
    return OUT_PAGE;
}

static enum outcome rename_warn(struct request *request, struct err *err)
{
    return page_offer(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

static void rename_ahead(struct request *request)
{
    if (request->who.kind == WHO_FIRM)
        rename_running_ahead(request->db, request->pool, request->who.id);
}

static enum outcome rename_begin(struct request *request, struct err *err)
{
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
    int done = rename_retry(&change, number, err);

    if (done <= 0)
        return done < 0 ? outcome_of(err) : OUT_CONFLICT;
    return respond_redirect(request, "/matters/%s", number);
}

static const struct route rename_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .page = "show", .handle = rename_show,
     .ahead = rename_ahead},
    {"", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .handle = rename_begin},
    {"confirm", HTTP_GET, NEED_FIRM, .page = "confirm", .handle = rename_warn,
     .ahead = rename_ahead},
    {"{number}/retry", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_number_fields,
     .handle = rename_again},
    {0},
};

const struct module module_rename = {
    .name = "rename", .label = "企业名称变更", .routes = rename_routes};
