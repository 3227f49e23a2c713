/*
 * 电子证书注销: the records, the person's box, certificates and reason, the warning, the form and
 * its signature.
 */
#include <inttypes.h>
#include <string.h>

#include "core/item/cancel.h"
#include "modules/case.h"
#include "modules/common.h"
#include "modules/key.h"
#include "modules/records.h"
#include "modules/signing.h"

/* The form has room for 200 characters of reason, its label among them. */
enum { REASON_CHARACTERS = 160 };

enum { F_NUMBER, F_CERTIFICATES, F_REASON, F_TEXT, F_SEEN };
static const struct field choice_fields[] = {
    [F_NUMBER] = CASE_NUMBER_FIELD,
    [F_CERTIFICATES] = {.name = "certificate", .kind = FIELD_ID_LIST, .low = 1, .high = 12,
                        .flags = FIELD_REQUIRED, .label = "证书"},
    [F_REASON] = {.name = "reason", .kind = FIELD_CODE, .low = 1, .high = 8,
                  .flags = FIELD_REQUIRED | FIELD_CHOSEN, .label = "注销原因"},
    [F_TEXT] = {.name = "reason_text", .kind = FIELD_TEXT, .low = 0, .high = REASON_CHARACTERS,
                .label = "原因说明"},
    [F_SEEN] = CASE_SEEN_FIELD,
    {0},
};

static int page_reasons(struct request *request, struct err *err)
{
    const struct cancel_reason *reasons;
    size_t count;

    if (cancel_reasons(request->db, request->pool, &reasons, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Reasons", i);

        page_text(item, "Code", reasons[i].code);
        page_text(item, "Label", reasons[i].label);
        page_int(item, "NeedsText", reasons[i].needs_text);
    }
    return 0;
}

/* Of the page and of the warning. */
static void cancel_ahead(struct request *request, bool queried)
{
    cancel_reasons_ahead(request->db, request->pool);
    case_ahead(request, queried);
}

static enum outcome cancel_show(struct request *request, struct err *err)
{
    return page_reasons(request, err) < 0 ? outcome_of(err) : case_show(request, err);
}

static int cancel_refill(struct request *request, struct err *err)
{
    struct filing filing;
    enum outcome outcome;

    return page_reasons(request, err) < 0 ||
                   case_find(request, &filing, &outcome, err) < 0
               ? -1
               : 0;
}

/* The reason in words: 1 and *words; 0: *outcome says what is wrong with it; -1. */
static int reason_of(struct request *request, const char **words, enum outcome *outcome,
                     struct err *err)
{
    const char *text = request_text(request, F_TEXT);
    bool empty = text == NULL || *text == '\0';
    struct cancel_reason reason;
    int found = cancel_reason_find(request->db, request->pool, request_text(request, F_REASON),
                                   &reason, err);

    if (found < 0)
        return -1;
    if (found == 0)
        *outcome = request_reject(request, F_REASON, "请选择注销原因");
    else if (reason.needs_text && empty)
        *outcome = request_reject(request, F_TEXT, "选择“%s”的，请说明原因", reason.label);
    else
        *words = empty ? reason.label : pool_printf(request->pool, "%s：%s", reason.label, text);
    return *words != NULL;
}

static enum outcome cancel_warn(struct request *request, struct err *err)
{
    struct filing filing;
    const char *words = NULL;
    enum outcome outcome;
    size_t count;
    const uint64_t *ids = request_ids(request, F_CERTIFICATES, &count);
    int found = reason_of(request, &words, &outcome, err);

    if (found == 1)
        found = case_find(request, &filing, &outcome, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    page_text(request->hdf, "Reason", words);
    return case_chosen(request, &filing, ids, count) < 0 ? OUT_NOT_FOUND : OUT_PAGE;
}

static enum outcome cancel_confirm(struct request *request, struct err *err)
{
    const char *words = NULL;
    enum outcome outcome;
    int found = reason_of(request, &words, &outcome, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    struct filing_choice choice = {.seen = request_text(request, F_SEEN),
                                   .reason_code = request_text(request, F_REASON),
                                   .reason_text = words};
    choice.ids = request_ids(request, F_CERTIFICATES, &choice.count);
    return case_confirm(request, &choice, "/cancel/", "/sign", err);
}

static const struct route cancel_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .fields = records_fields, .page = "list", .handle = records_list,
     .refill = records_refill, .ahead = records_ahead},
    {"", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_fields, .handle = case_query,
     .form = "new", .refill = case_refill},
    {"new", HTTP_GET, NEED_FIRM, .page = "new", .handle = case_new},
    {"export", HTTP_GET, NEED_FIRM | NEED_TRANSACTION, .fields = records_fields,
     .handle = records_export, .form = "list", .refill = records_refill},
    {"{number}", HTTP_GET, NEED_FIRM, .fields = case_number_fields, .page = "check",
     .handle = cancel_show, .ahead = cancel_ahead},
    {"{number}", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = choice_fields,
     .handle = cancel_confirm, .form = "check", .refill = cancel_refill},
    {"{number}/confirm", HTTP_GET, NEED_FIRM, .fields = choice_fields, .page = "confirm",
     .handle = cancel_warn, .form = "check", .refill = cancel_refill, .ahead = cancel_ahead},
    {"{number}/sign", HTTP_GET, NEED_FIRM, .fields = case_number_fields, .page = "sign",
     .handle = signing_page, .ahead = signing_ahead, .connect = KEY_AGENT},
    {"{number}/prepare", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_TRANSACTION,
     .fields = signing_key_fields, .before = signing_ask_first, .handle = signing_prepare},
    {"{number}/prepared", HTTP_GET, NEED_FIRM, .fields = case_number_fields,
     .handle = signing_prepared},
    {"{number}/sign", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_TRANSACTION,
     .fields = signing_signature_fields, .before = signing_ask_again, .handle = signing_sign},
    {"{number}/form", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = signing_form},
    {"{number}/abandon", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_number_fields,
     .handle = case_abandon},
    {"{number}/photo", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = case_photo},
    {0},
};

const struct module module_cancel = {
    .name = "cancel", .label = "电子证书注销", .routes = cancel_routes};
