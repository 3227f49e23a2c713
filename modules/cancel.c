/*
 * 电子证书注销: the records, the person's box, certificates and reason, the warning, the form and
 * its signature.
 */
#include <inttypes.h>
#include <string.h>

#include "core/cancel.h"
#include "core/seal/detached.h"
#include "modules/case.h"
#include "modules/common.h"
#include "modules/records.h"

/* The form has room for 200 characters of reason, its label among them. */
enum { SIGNATURE_BYTES = 64 * 1024, REASON_CHARACTERS = 160 };

enum { F_NUMBER, F_CERTIFICATES, F_REASON, F_TEXT, F_SEEN };
static const struct field choice_fields[] = {
    [F_NUMBER] = CASE_NUMBER_FIELD,
    [F_CERTIFICATES] = {.name = "certificate",
                        .kind = FIELD_ID_LIST,
                        .low = 1,
                        .high = 12,
                        .flags = FIELD_REQUIRED,
                        .label = "证书"},
    [F_REASON] = {.name = "reason",
                        .kind = FIELD_CODE,
                        .low = 1,
                        .high = 8,
                        .flags = FIELD_REQUIRED,
                        .label = "注销原因"},
    [F_TEXT] = {.name = "reason_text",
                        .kind = FIELD_TEXT,
                        .low = 0,
                        .high = REASON_CHARACTERS,
                        .label = "原因说明"},
    [F_SEEN] = CASE_SEEN_FIELD,
    {0},
};

enum { S_NUMBER, S_SIGNATURE };
static const struct field sign_fields[] = {
    [S_NUMBER] = CASE_NUMBER_FIELD,
    [S_SIGNATURE] = {.name = "signature",
                     .kind = FIELD_UPLOAD,
                     .low = 1,
                     .high = SIGNATURE_BYTES,
                     .flags = FIELD_REQUIRED,
                     .label = "签名文件"},
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

/* Signing */

/* The matter that waits for its signature: 1; 0: *outcome is the answer; -1. */
static int waiting(struct request *request, struct matter *matter, enum outcome *outcome,
                   struct err *err)
{
    int found = matter_find(request->db, request->pool, request_text(request, CASE_NUMBER),
                            request->who.id, matter, err);

    *outcome = OUT_NOT_FOUND;
    if (found != 1 || matter->item != ITEM_CANCEL)
        return found < 0 ? -1 : 0;
    if (strcmp(matter->state, MATTER_SIGNING) == 0)
        return 1;
    *outcome = strcmp(matter->state, MATTER_DRAFT) == 0
                   ? respond_redirect(request, "/cancel/%s", matter->number)
                   : respond_redirect(request, "/matters/%s", matter->number);
    return 0;
}

static int page_sign(struct request *request, const struct matter *matter, struct err *err)
{
    HDF *node = page_node(request->hdf, "Matter");
    struct matter_certificate_page page;
    char sha256[65];
    int found;

    page_text(node, "Number", matter->number);
    page_text(node, "Name", matter->holder_name);
    page_text(node, "Reason", matter->reason_text);
    page_int(node, "Failed", matter->failed);
    if (matter_certificates(request->db, request->pool, matter, 0, 20, &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.count; i++) {
        HDF *item = page_item(request->hdf, "Rows", i);

        page_text(item, "Number", page.rows[i].certificate.number);
        page_text(item, "Class", page.rows[i].certificate.class_code);
    }
    found = matter_document_sha256(request->db, request->pool, matter->id, "form",
                                   request->who.id, sha256, err);
    if (found == 1) {
        page_int(node, "Ready", 1);
        page_text(node, "Sha256", sha256);
    }
    return found < 0 ? -1 : 0;
}

static enum outcome cancel_sign_page(struct request *request, struct err *err)
{
    struct matter matter;
    enum outcome outcome;
    int found = waiting(request, &matter, &outcome, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : outcome;
    if (request->wants_json)
        return respond_json(
            request, pool_printf(request->pool, "{\"running\":%s,\"failed\":%u}",
                                 matter.done + matter.failed < matter.jobs ? "true" : "false",
                                 matter.failed));
    return page_sign(request, &matter, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

static int sign_refill(struct request *request, struct err *err)
{
    struct matter matter;
    enum outcome outcome;
    int found = waiting(request, &matter, &outcome, err);

    return found == 1 ? page_sign(request, &matter, err) : found;
}

static enum outcome cancel_form(struct request *request, struct err *err)
{
    struct matter matter;
    struct document form;
    int found = matter_find(request->db, request->pool, request_text(request, CASE_NUMBER),
                            request->who.id, &matter, err);

    if (found == 1)
        found = matter_document(request->db, request->pool, matter.id, "form", request->who.id,
                                &form, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_bytes(request, "application/pdf", form.body,
                         pool_printf(request->pool, "注销申请表 %s.pdf", matter.number),
                         form.sha256);
}

/* Behind core's interface: a detached CMS by a firm that we believe. */
static int verify(void *context, struct pool *pool, struct bytes content, struct bytes signature,
                  int64_t now_ms, struct signature *out, const char **cause, struct err *err)
{
    const struct core *core = context;
    struct detached_signer *signer = POOL_NEW(pool, struct detached_signer);
    enum detached_verdict verdict;
    enum trust_verdict trusted = TRUST_NONE;

    if (detached_verify(core->trust, pool, content, signature, now_ms, &verdict, &trusted, signer,
                        err) < 0)
        return -1;
    if (verdict != DETACHED_OK) {
        *cause = verdict == DETACHED_UNTRUSTED ? trust_verdict_name(trusted)
                                               : detached_verdict_name(verdict);
        return 0;
    }
    *out = (struct signature){signer->identity.uscc, signer->name, signer->identity.serial,
                              signer->identity.fingerprint};
    return 1;
}

/* What the clerk can do about a signature that was refused. */
static const struct cause_row {
    const char *cause; /* NULL: every other */
    const char *text;
} causes[] = {
    {"other", "签名不是对这份注销申请表作出的，请重新下载申请表并签署"},
    {"foreign_firm", "签名使用的不是本企业的数字证书，请使用本企业的法人一证通签署"},
    {"expired", "签名使用的数字证书已过期，请更新法人一证通后重新签署"},
    {"revoked", "签名使用的数字证书已被吊销，请联系电子认证机构"},
    {"broken", "上传的文件不是有效的签名文件，请重新签署并上传"},
    {"attached", "签名文件须为不含原文的（分离式）签名，请重新签署并上传"},
    {NULL, "签名未能通过验证，请使用本企业的法人一证通重新签署"},
};

static enum outcome sign_refused(struct request *request, const struct cancel_result *result)
{
    const struct cause_row *row = causes;

    if (result->outcome == CANCEL_NO_FORM)
        return request_reject(request, S_SIGNATURE, "注销申请表正在生成，请稍候再签署");
    while (row->cause && strcmp(row->cause, result->cause) != 0)
        row++;
    return request_reject(request, S_SIGNATURE, "%s", row->text);
}

static enum outcome cancel_signed(struct request *request, struct err *err)
{
    const struct signature_check check = {verify, request->context};
    struct actor actor = actor_of(request);
    struct change change = case_change(request, &actor);
    struct cancel_result result;
    const struct upload *upload = request_upload(request, S_SIGNATURE);
    const char *number = request_text(request, S_NUMBER);

    if (cancel_sign(&change, &check, number, upload->bytes, &result, err) < 0)
        return outcome_of(err);
    if (result.outcome == CANCEL_DONE)
        return respond_redirect(request, "/matters/%s", number);
    if (result.outcome == CANCEL_REFUSED) {
        request_keep(request, pool_printf(request->pool, "/matters/%s", number));
        return refuse(request, result.filing.facts.person.name,
                      &result.filing.subjects[0].verdict);
    }
    request_keep(request, NULL);
    return sign_refused(request, &result);
}

static const struct route cancel_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .fields = records_fields, .page = "list", .handle = records_list,
     .ahead = records_ahead},
    {"", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_fields, .handle = case_query,
     .form = "new", .refill = case_refill},
    {"new", HTTP_GET, NEED_FIRM, .page = "new", .handle = case_new},
    {"export", HTTP_GET, NEED_FIRM, .fields = records_fields, .handle = records_export},
    {"{number}", HTTP_GET, NEED_FIRM, .fields = case_number_fields, .page = "check",
     .handle = cancel_show,
     .ahead = case_ahead},
    {"{number}", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = choice_fields,
     .handle = cancel_confirm, .form = "check", .refill = cancel_refill},
    {"{number}/confirm", HTTP_GET, NEED_FIRM, .fields = choice_fields, .page = "confirm",
     .handle = cancel_warn, .form = "check", .refill = cancel_refill},
    {"{number}/sign", HTTP_GET, NEED_FIRM, .fields = case_number_fields, .page = "sign",
     .handle = cancel_sign_page,
     .ahead = case_ahead},
    {"{number}/sign", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = sign_fields,
     .handle = cancel_signed, .form = "sign", .refill = sign_refill},
    {"{number}/form", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = cancel_form},
    {"{number}/abandon", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = case_number_fields,
     .handle = case_abandon},
    {"{number}/photo",HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = case_number_fields,
     .handle = case_photo},
    {0},
};

const struct module module_cancel = {
    .name = "cancel", .label = "电子证书注销", .routes = cancel_routes};
