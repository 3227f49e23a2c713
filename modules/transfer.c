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

static enum outcome transfer_confirm(struct request *request, struct err *err)
{
    struct filing_choice choice = {.seen = request_text(request, F_SEEN)};

    choice.ids = request_ids(request, F_CERTIFICATES, &choice.count);
    return case_confirm(request, &choice, "/matters/", "", err);
}

static const struct route transfer_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .fields = records_fields, .page = "list", .handle = records_list,
     .refill = records_refill, .ahead = records_ahead},
    {"", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_fields,
     .before = case_ask_query, .handle = case_query, .form = "new", .refill = case_refill},
    {"new", HTTP_GET, NEED_FIRM, .page = "new", .handle = case_new},
    {"export", HTTP_GET, NEED_FIRM | NEED_TRANSACTION, .fields = records_fields,
     .handle = records_export, .form = "list", .refill = records_refill},
    {"{number}", HTTP_GET, NEED_FIRM, .fields = case_number_fields, .page = "check",
     .handle = case_show, .ahead = case_ahead},
    {"{number}", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = confirm_fields,
     .before = case_ask_number, .handle = transfer_confirm, .form = "check",
     .refill = case_show_again},
    {"{number}/abandon", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_number_fields,
     .handle = case_abandon},
    {"{number}/photo", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = case_photo},
    {0},
};

const struct module module_transfer = {
    .name = "transfer", .label = "电子证书变更", .routes = transfer_routes};
