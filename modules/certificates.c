/*
 * 三类人员电子证书查询: the firm's electronic certificates, one of them, its document.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/certificate.h"
#include "core/identifier.h"
#include "core/matter.h"
#include "fcgi/percent.h"
#include "modules/cause.h"
#include "modules/common.h"

enum { LIST_ROWS = 20, HISTORY_ROWS = 50, QUERY_SIZE = 1024 };

enum { F_NAME, F_NUMBER, F_AFTER, F_SHOW };
static const struct field list_fields[] = {
    [F_NAME] = {.name = "name",     .kind = FIELD_TEXT, .low = 0, .high = 64, .label = "姓名"},
    [F_NUMBER] = {.name = "number",          .kind = FIELD_TEXT, .low = 0, .high = 40, .label = "证书编号"},
    [F_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    [F_SHOW] = {.name = "show",   .kind = FIELD_CODE, .low = 0, .high = 16, .label = "显示范围"},
    {0         },
};

/* What the first page's counts lead to. */
static const struct view {
    const char *name;
    enum certificate_show show;
    const char *heading;
} views[] = {
    {"valid",      SHOW_VALID,      "有效的电子证书"                     },
    {"expiring",   SHOW_EXPIRING,   "即将到期、可以延期的电子证书"},
    {"generating", SHOW_GENERATING, "正在生成的电子证书"               },
    {"failed",     SHOW_FAILED,     "生成失败的电子证书"               },
};

enum { F_ID };
static const struct field id_fields[] = {
    [F_ID] = {.name = "id",                             .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

enum { V_ID, V_VERSION };
static const struct field version_fields[] = {
    [V_ID] = {.name = "id",                             .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [V_VERSION] = {.name = "version",
              .kind = FIELD_INT,
              .low = 1,
              .high = 999,
              .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0                       },
};

/* The text of a search field; NULL where it was left empty. */
static const char *searched(const struct request *request, size_t field)
{
    const char *text = request_text(request, field);

    return text != NULL && text[0] != '\0' ? text : NULL;
}

static const struct view *view_named(const char *name)
{
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        if (strcmp(views[i].name, name) == 0)
            return &views[i];
    return NULL;
}

/* One of the views instead of the whole list. */
static enum outcome list_view(struct request *request, const struct view *view, struct err *err)
{
    struct certificate_filter filter = {
        .enterprise_id = request->who.id,
        .show = view->show,
        .today = request->today,
        .renew_days = core_of(request)->policy->renew_days,
        .after = request_id(request, F_AFTER),
        .limit = LIST_ROWS,
    };
    struct certificate_page page;
    const char *query = pool_printf(request->pool, "show=%s&", view->name);

    if (certificate_list(request->db, request->pool, &filter, &page, err) < 0)
        return outcome_of(err);
    page_certificates(request, &page);
    page_next(request, query, page.next);
    page_text(request->hdf, "Shown", view->heading);
    if (filter.after != 0)
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query));
    return OUT_PAGE;
}

static enum outcome certificates_list(struct request *request, struct err *err)
{
    struct certificate_filter filter = {
        .enterprise_id = request->who.id,
        .name = searched(request, F_NAME),
        .number = searched(request, F_NUMBER),
        .after = request_id(request, F_AFTER),
        .limit = LIST_ROWS,
    };
    struct certificate_page page;
    struct text query;
    char number[NUMBER_SIZE];

    if (searched(request, F_SHOW) != NULL) {
        const struct view *view = view_named(searched(request, F_SHOW));

        return view != NULL ? list_view(request, view, err) : OUT_NOT_FOUND;
    }
    text_init(&query, request->pool, QUERY_SIZE);
    query_add(&query, "name", filter.name);
    query_add(&query, "number", filter.number);
    if (filter.number != NULL) {
        if (!certificate_number_normalise(filter.number, core_of(request)->policy->province,
                                          number))
            return request_reject(request, F_NUMBER,
                                  "请输入完整的证书编号，例如 沪建安C3（2026）0000001");
        filter.number = number;
    }
    if (certificate_list(request->db, request->pool, &filter, &page, err) < 0)
        return outcome_of(err);
    page_certificates(request, &page);
    page_next(request, query.data, page.next);
    if (filter.name != NULL || filter.number != NULL)
        page_int(request->hdf, "Searched", 1);
    if (filter.after != 0)
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query.data));
    return OUT_PAGE;
}

static void page_certificate(struct request *request, const struct certificate *row)
{
    HDF *node = page_node(request->hdf, "Certificate");
    const char *state = state_on(row->state, row->valid_until, request->today);

    page_int(node, "Id", (int64_t)row->id);
    page_text(node, "Number", row->number);
    page_text(node, "Name", row->holder_name);
    page_text(node, "Class", class_label(row->class_code));
    page_text(node, "State", state);
    page_text(node, "Label", state_label(state));
    page_text(node, "Enterprise", row->enterprise_name);
    page_text(node, "Post", post_label(row->post));
    page_int(node, "Version", row->version);
    page_text(node, "Identifier", row->identifier);
    page_date(node, "FirstIssued", row->first_issued);
    page_date(node, "From", row->valid_from);
    page_date(node, "Until", row->valid_until);
    page_date(node, "HeldSince", row->held_since);
    page_date(node, "IssuedOn", row->issued_on);
    page_text(node, "Issuer", row->issuer_name);
    page_text(node, "Token", row->verify_token);
    page_int(node, "Photo", row->capture_id != 0);
    page_int(node, "Generation", row->generation);
    page_text(node, "Document", generation_label(row->generation));
    if (row->generation == GENERATION_FAILED)
        page_text(node, "Cause", cause_sentence(request->pool, row->cause, row));
    page_int(node, "Job", (int64_t)row->job_id);
    page_int(node, "Ready", certificate_downloadable(row, request->today));
}

static void page_event(HDF *item, const struct certificate_event *event, unsigned in_force)
{
    enum item matter = item_by_name(event->matter_item);
    char number[MATTER_NUMBER_SIZE];

    page_time(item, "At", event->happened_ms);
    page_text(item, "Label", state_label(event->to_state));
    page_text(item, "State", event->to_state);
    page_int(item, "Version", event->version);
    page_text(item, "Reason", event->reason_text);
    /* Only what this firm held then is there for it: another's answers 404. */
    page_int(item, "Void", event->ours && event->version != in_force);
    if (matter == ITEM_COUNT)
        return;
    matter_number_make(matter, event->matter_opened_on, event->matter_id, number);
    page_text(item, "Item", item_label(matter));
    page_text(item, "Matter", number);
}

static int find(struct request *request, struct certificate *certificate, struct err *err)
{
    return certificate_find(request->db, request->pool, request_id(request, F_ID), request->who.id,
                            certificate, err);
}

static enum outcome certificates_show(struct request *request, struct err *err)
{
    struct certificate certificate;
    const struct certificate_event *events;
    size_t count;
    int found = find(request, &certificate, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (certificate_history(request->db, request->pool, certificate.id, request->who.id,
                            HISTORY_ROWS, &events, &count, err) < 0)
        return outcome_of(err);
    page_certificate(request, &certificate);
    for (size_t i = 0; i < count; i++)
        page_event(page_item(request->hdf, "Events", i), &events[i], certificate.version);
    return OUT_PAGE;
}

static enum outcome certificates_document(struct request *request, struct err *err)
{
    struct document document;
    int found = certificate_document(request->db, request->pool, request_id(request, F_ID),
                                     request->who.id, request->today, &document, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_bytes(request, "application/pdf", document.body,
                         pool_printf(request->pool, "%s.pdf", document.number), document.sha256);
}

/* Of a version that is not in force any more, for the firm that held it. */
static enum outcome certificates_version(struct request *request, struct err *err)
{
    struct document document;
    int found = certificate_document_of(request->db, request->pool, request_id(request, V_ID),
                                        (unsigned)request_int(request, V_VERSION), request->who.id,
                                        &document, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_bytes(
        request, "application/pdf", document.body,
        pool_printf(request->pool, "%s 第%03u版（已作废）.pdf", document.number, document.version),
        document.sha256);
}

static enum outcome certificates_photo(struct request *request, struct err *err)
{
    struct certificate certificate;
    int found = find(request, &certificate, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_photo(request, certificate.capture_id, err);
}

static void certificates_ahead(struct request *request)
{
    if (request->who.kind == WHO_FIRM)
        certificate_list_ahead(request->db, request->pool, request->who.id, LIST_ROWS);
}

static const struct route certificates_routes[] = {
    {"",                          HTTP_GET, NEED_FIRM, .fields = list_fields, .page = "list", .handle = certificates_list,
     .ahead = certificates_ahead},
    {"{id}",                  HTTP_GET, NEED_FIRM, .fields = id_fields, .page = "show", .handle = certificates_show},
    {"{id}/document",             HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = id_fields,
     .handle = certificates_document},
    {"{id}/versions/{version}/document", HTTP_GET, NEED_FIRM | CACHE_PRIVATE,
     .fields = version_fields, .handle = certificates_version},
    {"{id}/photo",                      HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = id_fields,
     .handle = certificates_photo},
    {0                 },
};

const struct module module_certificates = {
    .name = "certificates", .label = "三类人员电子证书查询", .routes = certificates_routes};
