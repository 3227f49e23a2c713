#include "modules/common.h"

#include <inttypes.h>

struct actor actor_of(const struct request *request)
{
    static const enum actor_kind kinds[] = {
        [WHO_NOBODY] = ACTOR_NOBODY,
        [WHO_FIRM] = ACTOR_FIRM,
        [WHO_STAFF] = ACTOR_STAFF,
    };

    return (struct actor){kinds[request->who.kind], request->who.id, request->number};
}

static void page_finding(HDF *item, const struct finding *finding)
{
    page_text(item, "Rule", finding->rule);
    page_text(item, "Demand", finding->demand);
    page_text(item, "Fact", finding->fact);
    page_text(item, "Advice", finding->advice);
}

void page_findings(HDF *node, const struct verdict *verdict)
{
    size_t failed = 0;

    for (size_t i = 0; i < verdict->count; i++)
        if (!verdict->findings[i].passed)
            page_finding(page_item(node, "Findings", failed++), &verdict->findings[i]);
}

enum outcome refuse(struct request *request, const char *subject, const struct verdict *verdict)
{
    HDF *refused = page_node(request->hdf, "Refused");
    size_t passed = 0;

    page_text(refused, "Item", item_label(verdict->item));
    page_text(refused, "Subject", subject != NULL ? subject : "");
    page_findings(refused, verdict);
    for (size_t i = 0; i < verdict->count; i++)
        if (verdict->findings[i].passed)
            page_finding(page_item(refused, "Passed", passed++), &verdict->findings[i]);
    return OUT_REFUSED;
}

void page_certificates(struct request *request, const struct certificate_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct certificate *row = &page->rows[i];
        const char *state = state_on(row->state, row->valid_until, request->today);
        HDF *item = page_item(request->hdf, "Rows", i);

        page_int(item, "Id", (int64_t)row->id);
        page_text(item, "Number", row->number);
        page_text(item, "Name", row->holder_name);
        page_text(item, "Class", row->class_code);
        page_date(item, "Until", row->valid_until);
        page_text(item, "State", state);
        page_text(item, "Label", state_label(state));
        page_int(item, "Generation", row->generation);
        page_text(item, "Document", generation_label(row->generation));
        if (certificate_downloadable(row, request->today))
            page_int(item, "Ready", 1);
    }
}

void page_next(struct request *request, const char *query, uint64_t next)
{
    if (next != 0)
        page_text(request->hdf, "Next",
                  pool_printf(request->pool, "?%safter=%" PRIu64, query, next));
}

enum outcome respond_photo(struct request *request, uint64_t capture_id, struct err *err)
{
    struct bytes jpeg;
    int found = 0;

    if (capture_id != 0)
        found = capture_photo(request->db, request->pool, core_of(request), capture_id, &jpeg, err);
    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return OUT_NOT_FOUND;
    return respond_bytes(request, "image/jpeg", jpeg, NULL,
                         pool_printf(request->pool, "photo-%" PRIu64, capture_id));
}
