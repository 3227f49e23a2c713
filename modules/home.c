/*
 * 首页: where am I, what can I do; for a firm, what waits for it.
 */
#include "core/enterprise.h"
#include "modules/common.h"

static void page_waiting(struct request *request, const struct enterprise_waiting *waiting)
{
    HDF *node = page_node(request->hdf, "Waiting");

    page_int(node, "ToExchange", (int64_t)waiting->to_exchange);
    page_int(node, "Expiring", (int64_t)waiting->expiring);
    page_int(node, "Generating", (int64_t)waiting->generating);
    page_int(node, "Failed", (int64_t)waiting->failed);
    page_int(node, "Valid", (int64_t)waiting->valid);
    page_int(node, "RenewDays", core_of(request)->policy->renew_days);
}

static enum outcome home_show(struct request *request, struct err *err)
{
    struct enterprise_waiting waiting;

    if (request->who.kind != WHO_FIRM) {
        respond_page(request, "welcome");
        return OUT_PAGE;
    }
    if (enterprise_waiting(request->db, request->pool, request->who.id, request->today,
                           core_of(request)->policy->renew_days, &waiting, err) < 0)
        return outcome_of(err);
    page_waiting(request, &waiting);
    return OUT_PAGE;
}

static const struct route home_routes[] = {
    {.path = "", .method = HTTP_GET, .page = "home", .handle = home_show},
    {0},
};

const struct module module_home = {.name = "", .label = "首页", .routes = home_routes};
