/*
 * 事项: one matter of the firm, with its certificates and how far their documents are.
 */
#include <inttypes.h>
#include <string.h>

#include "core/matter.h"
#include "modules/common.h"

enum { MATTER_ROWS = 100 };

enum { F_NUMBER, F_AFTER };
static const struct field matter_fields[] = {
    [F_NUMBER] = {.name = "number", .kind = FIELD_CODE, .low = 1, .high = MATTER_NUMBER_SIZE - 1,
                  .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [F_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

/* Are documents still being made? One that failed for good is not; a matter that was refused or
 * abandoned, or is not decided yet, makes none. */
static bool matter_running(const struct matter *matter)
{
    return strcmp(matter->state, "done") == 0 && matter->done + matter->failed < matter->items;
}

static void page_matter(struct request *request, const struct matter *matter)
{
    HDF *node = page_node(request->hdf, "Matter");

    page_text(node, "Number", matter->number);
    page_text(node, "Item", item_label(matter->item));
    page_text(node, "Kind", item_name(matter->item));
    page_text(node, "State", matter->state);
    page_text(node, "Label", matter_state_label(matter->state));
    page_int(node, "Items", matter->items);
    page_int(node, "Done", matter->done);
    page_int(node, "Failed", matter->failed);
    page_int(node, "Running", matter_running(matter));
    page_time(node, "Opened", matter->opened_ms);
    if (matter->closed_ms != 0)
        page_time(node, "Closed", matter->closed_ms);
}

static enum outcome matter_json(struct request *request, const struct matter *matter)
{
    return respond_json(request,
                        pool_printf(request->pool,
                                    "{\"number\":\"%s\",\"state\":\"%s\",\"running\":%s,"
                                    "\"items\":%u,\"done\":%u,\"failed\":%u}",
                                    matter->number, matter->state,
                                    matter_running(matter) ? "true" : "false", matter->items,
                                    matter->done, matter->failed));
}

static enum outcome matters_show(struct request *request, struct err *err)
{
    struct matter matter;
    struct certificate_page page;
    int found = matter_find(request->db, request->pool, request_text(request, F_NUMBER),
                            request->who.id, &matter, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (request->wants_json)
        return matter_json(request, &matter);
    if (matter_certificates(request->db, request->pool, matter.id, request_id(request, F_AFTER),
                            MATTER_ROWS, &page, err) < 0)
        return outcome_of(err);
    page_matter(request, &matter);
    page_certificates(request, &page);
    page_next(request, "", page.next);
    return OUT_PAGE;
}

static const struct route matters_routes[] = {
    {"{number}", HTTP_GET, NEED_FIRM, .fields = matter_fields, .page = "show",
     .handle = matters_show},
    {0},
};

const struct module module_matters = {
    .name = "matters", .label = "办理事项", .routes = matters_routes};
