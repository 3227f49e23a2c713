/*
 * 电子证书变更: the records of all changes, and 企业隶属关系变更, by which certificates come from
 * another firm.
 */
#include "modules/case.h"
#include "modules/common.h"
#include "modules/records.h"

enum { F_NUMBER, F_CERTIFICATES, F_SEEN };
static const struct field confirm_fields[] = {
    [F_NUMBER] = CASE_NUMBER_FIELD,
    [F_CERTIFICATES] = {.name = "certificate",
                        .kind = FIELD_ID_LIST,
                        .low = 1,
                        .high = 20,
                        .flags = FIELD_REQUIRED,
                        .label = "证书"},
    [F_SEEN] = CASE_SEEN_FIELD,
    {0},
};

static enum outcome transfer_list(struct request *request, struct err *err)
{
    return records_list(request, ITEM_TRANSFER, err);
}

static void transfer_ahead(struct request *request)
{
    records_ahead(request, ITEM_TRANSFER);
}

static enum outcome transfer_export(struct request *request, struct err *err)
{
    return records_export(request, ITEM_TRANSFER, err);
}

static enum outcome transfer_query(struct request *request, struct err *err)
{
    return case_query(
        request, ITEM_TRANSFER,
        "没有查询到该人员在其他企业的电子证书；持有纸质证书的，请由原企业先换领电子证书", err);
}

static enum outcome transfer_show(struct request *request, struct err *err)
{
    return case_show(request, ITEM_TRANSFER, err);
}

static int transfer_refill(struct request *request, struct err *err)
{
    struct filing filing;
    enum outcome outcome;

    return case_find(request, ITEM_TRANSFER, &filing, &outcome, err) < 0 ? -1 : 0;
}

static enum outcome transfer_confirm(struct request *request, struct err *err)
{
    struct filing_choice choice = {.seen = request_text(request, F_SEEN)};

    choice.ids = request_ids(request, F_CERTIFICATES, &choice.count);
    return case_confirm(request, ITEM_TRANSFER, &choice, "/matters/", "", err);
}

static enum outcome transfer_abandon(struct request *request, struct err *err)
{
    return case_abandon(request, ITEM_TRANSFER, err);
}

static enum outcome transfer_photo(struct request *request, struct err *err)
{
    return case_photo(request, ITEM_TRANSFER, err);
}

static const struct route transfer_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .fields = records_fields, .page = "list", .handle = transfer_list,
     .ahead = transfer_ahead},
    {"", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_fields,
     .before = case_ask_query, .handle = transfer_query, .form = "new", .refill = case_refill},
    {"new", HTTP_GET, NEED_FIRM, .page = "new", .handle = case_new},
    {"export", HTTP_GET, NEED_FIRM, .fields = records_fields, .handle = transfer_export},
    {"{number}", HTTP_GET, NEED_FIRM, .fields = case_number_fields, .page = "check",
     .handle = transfer_show,
     .ahead = case_ahead},
    {"{number}", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = confirm_fields,
     .before = case_ask_number, .handle = transfer_confirm, .form = "check",
     .refill = transfer_refill},
    {"{number}/abandon", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_number_fields,
     .handle = transfer_abandon},
    {"{number}/photo", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = transfer_photo},
    {0},
};

const struct module module_transfer = {
    .name = "transfer", .label = "电子证书变更", .routes = transfer_routes};
