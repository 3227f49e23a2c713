/*
 * 出具离沪证明: the records with their proofs, the person's box, the certificates that leave, the
 * warning, the departure itself.
 */
#include "modules/case.h"
#include "modules/common.h"
#include "modules/records.h"

enum { F_NUMBER, F_CERTIFICATES, F_PROVINCE, F_SEEN };
static const struct field choice_fields[] = {
    [F_NUMBER] = CASE_NUMBER_FIELD,
    [F_CERTIFICATES] = {.name = "certificate", .kind = FIELD_ID_LIST, .low = 1, .high = 12,
                        .flags = FIELD_REQUIRED, .label = "证书"},
    [F_PROVINCE] = {.name = "province", .kind = FIELD_TEXT, .low = 0, .high = 16,
                    .label = "转往省市"},
    [F_SEEN] = CASE_SEEN_FIELD,
    {0},
};

static enum outcome departure_warn(struct request *request, struct err *err)
{
    struct filing filing;
    enum outcome outcome;
    size_t count;
    const uint64_t *ids = request_ids(request, F_CERTIFICATES, &count);
    int found = case_find(request, &filing, &outcome, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    return case_chosen(request, &filing, ids, count) < 0 ? OUT_NOT_FOUND : OUT_PAGE;
}

static enum outcome departure_confirm(struct request *request, struct err *err)
{
    const char *province = request_text(request, F_PROVINCE);
    struct filing_choice choice = {.seen = request_text(request, F_SEEN),
                                   .province = province ? province : ""};

    choice.ids = request_ids(request, F_CERTIFICATES, &choice.count);
    return case_confirm(request, &choice, "/matters/", "", err);
}

static const struct route departure_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .fields = records_fields, .page = "list", .handle = records_list,
     .refill = records_refill, .ahead = records_ahead},
    {"", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_fields,
     .handle = case_query, .form = "new", .refill = case_refill},
    {"new", HTTP_GET, NEED_FIRM, .page = "new", .handle = case_new},
    {"export", HTTP_GET, NEED_FIRM | NEED_TRANSACTION, .fields = records_fields,
     .handle = records_export, .form = "list", .refill = records_refill},
    {"{number}", HTTP_GET, NEED_FIRM, .fields = case_number_fields, .page = "check",
     .handle = case_show, .ahead = case_ahead},
    {"{number}", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = choice_fields,
     .handle = departure_confirm, .form = "check", .refill = case_show_again},
    {"{number}/confirm", HTTP_GET, NEED_FIRM, .fields = choice_fields, .page = "confirm",
     .handle = departure_warn, .form = "check", .refill = case_show_again, .ahead = case_ahead},
    {"{number}/abandon", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_number_fields,
     .handle = case_abandon},
    {"{number}/photo", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = case_photo},
    {0},
};

const struct module module_departure = {
    .name = "departure", .label = "出具离沪证明", .routes = departure_routes};
