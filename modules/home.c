/*
 * 首页: where am I, what can I do; for a firm, what waits for it.
 */
#include "core/item/rename.h"
#include "core/matter/matter.h"
#include "core/register/enterprise.h"
#include "modules/common.h"
#include "modules/notice_page.h"

enum { SHOWN = 5, TOLD = 10, LEFT_DAYS = 30 };

static void page_waiting(struct request *request, const struct enterprise_waiting *waiting)
{
    HDF *node = page_node(request->hdf, "Waiting");

    page_int(node, "ToExchange", (int64_t)waiting->to_exchange);
    page_int(node, "Expiring", (int64_t)waiting->expiring);
    page_int(node, "Generating", (int64_t)waiting->generating);
    page_int(node, "Failed", (int64_t)waiting->failed);
    page_int(node, "Valid", (int64_t)waiting->valid);
    page_int(node, "RenewDays", core_of(request)->policy->renew_days);
    page_int(request->hdf, "Signing", (int64_t)waiting->signing);
    page_int(request->hdf, "Drafts", (int64_t)waiting->drafts);
    page_int(request->hdf, "Outdated", (int64_t)waiting->outdated);
}

/* Reminders: the certificates that end first. */
static int page_expiring(struct request *request, struct err *err)
{
    struct certificate_page page;

    if (certificate_expiring(request->db, request->pool, request->who.id, request->today,
                             core_of(request)->policy->renew_days, SHOWN, &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.count; i++) {
        HDF *item = page_item(request->hdf, "Expiring", i);

        page_certificate_row(request, item, &page.rows[i]);
        page_int(item, "Days",
                 date_days(page.rows[i].valid_until) - date_days(request->today) + 1);
    }
    return 0;
}

/* Certificates that another firm has taken over; and what the authority changed on others. */
static int page_left(struct request *request, struct err *err)
{
    struct matter_page page;
    size_t left = 0, told = 0;

    if (matter_left(request->db, request->pool, request->who.id,
                    date_add_days(request->today, -LEFT_DAYS), TOLD, &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.count; i++) {
        enum item what = page.rows[i].item;
        HDF *item = what == ITEM_TRANSFER ? page_item(request->hdf, "Left", left++)
                                          : page_item(request->hdf, "Told", told++);

        page_text(item, "What", what == ITEM_NAME_CHANGE ? "姓名已变更" : "证书数据已更正");
        page_text(item, "Number", page.rows[i].number);
        page_text(item, "Name", page.rows[i].holder_name);
        page_time(item, "At", page.rows[i].opened_ms);
    }
    return 0;
}

static int page_rename(struct request *request, struct err *err)
{
    char number[MATTER_NUMBER_SIZE];
    int found = rename_running(request->db, request->pool, request->who.id, number, err);

    if (found == 1)
        page_text(request->hdf, "Rename", number);
    return found < 0 ? -1 : 0;
}

static enum outcome home_show(struct request *request, struct err *err)
{
    struct enterprise_waiting waiting;

    if (request->who.kind == WHO_STAFF)
        return respond_redirect(request, "/staff/");
    if (request->who.kind != WHO_FIRM) {
        respond_page(request, "welcome");
        return page_notices(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
    }
    notices_ahead(request);
    if (enterprise_waiting(request->db, request->pool, request->who.id, request->today,
                           core_of(request)->policy->renew_days, &waiting, err) < 0)
        return outcome_of(err);
    page_waiting(request, &waiting);
    if ((waiting.expiring && page_expiring(request, err) < 0) || page_left(request, err) < 0 ||
        page_rename(request, err) < 0 || page_notices(request, err) < 0)
        return outcome_of(err);
    return OUT_PAGE;
}

static const struct route home_routes[] = {
    {.path = "", .method = HTTP_GET, .page = "home", .handle = home_show},
    {0},
};

const struct module module_home = {.name = "", .label = "首页", .routes = home_routes};
