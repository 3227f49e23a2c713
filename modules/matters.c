/*
 * 事项: one matter of the firm: what became of it, its certificates, its documents.
 */
#include <inttypes.h>
#include <string.h>

#include "core/item/cancel.h"
#include "core/matter/matter.h"
#include "modules/case.h"
#include "modules/common.h"

enum { MATTER_ROWS = 100 };

enum { F_NUMBER, F_AFTER, F_STUCK };
static const struct field matter_fields[] = {
    [F_NUMBER] = CASE_NUMBER_FIELD,
    [F_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    [F_STUCK] = {.name = "stuck", .kind = FIELD_FLAG, .label = "只看失败的证书"},
    {0},
};

static bool in_state(const struct matter *matter, const char *state)
{
    return strcmp(matter->state, state) == 0;
}

/* Is anything still on its way? A document that failed for good is not; a matter that was refused
 * or abandoned, or is not decided yet, makes none. */
static bool matter_running(const struct matter *matter)
{
    return in_state(matter, MATTER_OPEN) ||
           (in_state(matter, MATTER_DONE) && matter->done + matter->failed < matter->jobs);
}

/* The document that is the matter's own; NULL: it has none. */
static const char *proof_of(const struct matter *matter)
{
    if (matter->item == ITEM_DEPARTURE)
        return "departure";
    return matter->item == ITEM_CANCEL ? "cancellation" : NULL;
}

static void page_matter(struct request *request, const struct matter *matter,
                        const struct matter_counts *counts)
{
    HDF *node = page_node(request->hdf, "Matter");

    page_text(node, "Number", matter->number);
    page_text(node, "Item", item_label(matter->item));
    page_text(node, "Kind", item_name(matter->item));
    page_text(node, "State", matter->state);
    page_text(node, "Label", matter_state_label(matter->state));
    page_text(node, "Name", matter->holder_name);
    page_text(node, "Enterprise", matter->enterprise_name);
    page_text(node, "Reason", matter->reason_text);
    page_text(node, "Province", matter->province);
    page_int(node, "Twin", matter->parent_id != 0 && matter->item == ITEM_TRANSFER);
    page_int(node, "Items", matter->items);
    page_int(node, "Jobs", matter->jobs);
    page_int(node, "Done", matter->done);
    page_int(node, "Failed", matter->failed);
    page_int(node, "Running", matter_running(matter));
    page_int(node, "Waiting", (int64_t)counts->waiting);
    page_int(node, "Changed", (int64_t)counts->done);
    page_int(node, "Stuck", (int64_t)counts->failed);
    page_int(node, "Proof", matter->proof_made);
    page_text(node, "Token", matter->verify_token);
    page_time(node, "Opened", matter->opened_ms);
    if (matter->closed_ms != 0)
        page_time(node, "Closed", matter->closed_ms);
}

static enum outcome matter_json(struct request *request, const struct matter *matter,
                                const struct matter_counts *counts)
{
    return respond_json(
        request,
        pool_printf(request->pool,
                    "{\"number\":\"%s\",\"state\":\"%s\",\"waiting\":%" PRIu64
                    ",\"changed\":%" PRIu64 ",\"stuck\":%" PRIu64 ",\"documents\":%u,"
                    "\"running\":%s,\"items\":%u,\"done\":%u,\"failed\":%u}",
                    matter->number, matter->state, counts->waiting, counts->done, counts->failed,
                    matter->jobs, matter_running(matter) ? "true" : "false", matter->items,
                    matter->done, matter->failed));
}

static void page_rows(struct request *request, const struct matter_certificate_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct matter_certificate *row = &page->rows[i];
        HDF *item = page_item(request->hdf, "Rows", i);

        page_certificate_row(request, item, &row->certificate);
        page_int(item, "Ours", row->ours);
        page_int(item, "Version", row->version);
        page_int(item, "Void", row->void_document);
        page_text(item, "Child", row->state);
        page_text(item, "Cause", matter_cause_label(row->cause));
    }
}

static int page_signature(struct request *request, const struct matter *matter, struct err *err)
{
    HDF *node = page_node(request->hdf, "Signature");
    struct form_signature signature;
    char sha256[65];
    int found;

    if (matter->item != ITEM_CANCEL)
        return 0;
    found = form_signature_find(request->db, request->pool, matter->id, &signature, err);
    if (found != 1)
        return found;
    page_text(node, "Name", signature.signer_name);
    page_text(node, "Serial", signature.serial);
    page_time(node, "At", signature.signed_ms);
    found = matter_document_sha256(request->db, request->pool, matter->id, "signed",
                                   request->who.id, sha256, err);
    if (found == 1)
        page_int(node, "Form", 1);
    return found < 0 ? -1 : 0;
}

/* What there is of a matter that was not refused. 0/-1. */
static int matter_parts(struct request *request, const struct matter *matter,
                        struct matter_certificate_page *page, struct err *err)
{
    bool stuck = request_flag(request, F_STUCK);
    uint64_t after = request_id(request, F_AFTER);
    int read = stuck ? matter_certificates_stuck(request->db, request->pool, matter, after,
                                                 MATTER_ROWS, page, err)
                     : matter_certificates(request->db, request->pool, matter, after, MATTER_ROWS,
                                           page, err);

    if (read < 0)
        return -1;
    if (stuck)
        page_int(request->hdf, "StuckOnly", 1);
    return page_signature(request, matter, err);
}

static void matters_ahead(struct request *request, bool queried)
{
    (void)queried;
    case_ahead_matter(request);
}

static enum outcome matters_show(struct request *request, struct err *err)
{
    struct matter_certificate_page page = {.count = 0};
    struct matter_counts counts = {.waiting = 0};
    struct matter matter;
    int found = matter_find(request->db, request->pool, request_text(request, F_NUMBER),
                            request->who.id, &matter, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    bool refused = in_state(&matter, MATTER_REFUSED);
    if ((!refused || request->wants_json) &&
        matter_jobs(request->db, request->pool, &matter, err) < 0)
        return outcome_of(err);
    if (!refused && matter_counts(request->db, request->pool, matter.id, &counts, err) < 0)
        return outcome_of(err);
    if (request->wants_json)
        return matter_json(request, &matter, &counts);
    if ((refused ? page_recorded(request, page_node(request->hdf, "Refused"), matter.id, err)
                 : matter_parts(request, &matter, &page, err)) < 0)
        return outcome_of(err);
    page_matter(request, &matter, &counts);
    page_rows(request, &page);
    page_next(request, request_flag(request, F_STUCK) ? "stuck=1&" : "", page.next);
    return OUT_PAGE;
}

/* The matter's own document of a kind; NULL: it has none of it. */
static enum outcome send_document(struct request *request, const struct matter *matter,
                                  const char *kind, const char *label, struct err *err)
{
    struct document document;
    int found = kind ? matter_document(request->db, request->pool, matter->id, kind,
                                       request->who.id, &document, err)
                     : 0;

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_bytes(request, "application/pdf", document.body,
                         pool_printf(request->pool, "%s %s.pdf", label, matter->number),
                         document.sha256);
}

static enum outcome matters_document(struct request *request, struct err *err)
{
    struct matter matter;
    int found = matter_find(request->db, request->pool, request_text(request, F_NUMBER),
                            request->who.id, &matter, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return send_document(request, &matter, proof_of(&matter),
                         matter.item == ITEM_CANCEL ? "注销证明" : "离沪证明", err);
}

/* With the signature of the firm in it. */
static enum outcome matters_form(struct request *request, struct err *err)
{
    struct matter matter;
    int found = matter_find(request->db, request->pool, request_text(request, F_NUMBER),
                            request->who.id, &matter, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return send_document(request, &matter, matter.item == ITEM_CANCEL ? "signed" : NULL,
                         "注销申请表", err);
}

static const struct route matters_routes[] = {
    {"{number}", HTTP_GET, NEED_FIRM, .fields = matter_fields, .page = "show",
     .handle = matters_show, .ahead = matters_ahead},
    {"{number}/document", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = matters_document},
    {"{number}/form", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = matters_form},
    {0},
};

const struct module module_matters = {
    .name = "matters", .label = "办理事项", .routes = matters_routes};
