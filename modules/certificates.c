/*
 * 三类人员电子证书查询: the firm's electronic certificates as a list, as a table for a spreadsheet
 * and as a ZIP of their documents; one of them, its document.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/audit/audit.h"
#include "core/matter/matter.h"
#include "core/register/certificate.h"
#include "core/register/certificate_bundle.h"
#include "core/register/certificate_export.h"
#include "core/register/identifier.h"
#include "fcgi/percent.h"
#include "modules/cause.h"
#include "modules/common.h"

enum { LIST_ROWS = 20, HISTORY_ROWS = 50, QUERY_SIZE = 1024, DETAIL_SIZE = 256, DATE_SIZE = 11 };

enum { F_NAME, F_NUMBER, F_STATE, F_FROM, F_UNTIL, F_SHOW, F_AFTER, F_IDS, F_TICKED, F_PART };
#define SEARCH_FIELDS                                                                              \
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .high = 64, .label = "姓名"},                  \
    [F_NUMBER] = {.name = "number", .kind = FIELD_TEXT, .high = 40, .label = "证书编号"},          \
    [F_STATE] = {.name = "state", .kind = FIELD_CODE, .high = 2, .label = "证书状态"},             \
    [F_FROM] = {.name = "from", .kind = FIELD_DATE, .label = "有效期止（起）"},                    \
    [F_UNTIL] = {.name = "until", .kind = FIELD_DATE, .label = "有效期止（止）"},                  \
    [F_SHOW] = {.name = "show", .kind = FIELD_CODE, .high = 16, .label = "显示范围"},              \
    [F_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"}

static const struct field list_fields[] = {SEARCH_FIELDS, {0}};

static const struct field download_fields[] = {
    SEARCH_FIELDS,
    [F_IDS] = {.name = "certificate", .kind = FIELD_ID_LIST, .high = 100, .label = "电子证书"},
    [F_TICKED] = {.name = "ticked", .kind = FIELD_FLAG, .label = "下载范围"},
    [F_PART] = {.name = "part", .kind = FIELD_FLAG, .label = "批次"},
    {0},
};

/* What the first page's counts lead to. */
static const struct view {
    const char *name;
    enum certificate_show show;
    const char *heading;
} views[] = {
    {"valid", SHOW_VALID, "有效的电子证书"},
    {"expiring", SHOW_EXPIRING, "即将到期、可以延期的电子证书"},
    {"generating", SHOW_GENERATING, "正在生成的电子证书"},
    {"failed", SHOW_FAILED, "生成失败的电子证书"},
};

enum { F_ID };
static const struct field id_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

enum { V_ID, V_VERSION };
static const struct field version_fields[] = {
    [V_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [V_VERSION] = {.name = "version",
              .kind = FIELD_INT,
              .low = 1,
              .high = 999,
              .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
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

/* Each of the search fields that is filled in, as text; NULL otherwise. */
static const char *search_text(struct request *request, size_t field)
{
    char text[DATE_SIZE];

    if (field != F_FROM && field != F_UNTIL)
        return searched(request, field);
    date_format(request_date(request, field), text);
    return *text ? pool_text(request->pool, text) : NULL;
}

/* The search as a link's query: "name=…&", each pair with its '&'; "" where nothing is searched. */
static const char *search_query(struct request *request)
{
    struct text query;

    text_init(&query, request->pool, QUERY_SIZE);
    for (size_t i = F_NAME; i <= F_SHOW; i++) {
        const char *text = search_text(request, i);

        if (text == NULL)
            continue;
        text_printf(&query, "%s=", list_fields[i].name);
        percent_encode(&query, text);
        text_char(&query, '&');
    }
    return query.data;
}

static enum outcome search_bounds(struct request *request, struct certificate_filter *filter)
{
    const char *number = searched(request, F_NUMBER);
    char *normal = pool_alloc(request->pool, NUMBER_SIZE);

    filter->name = searched(request, F_NAME);
    filter->state = searched(request, F_STATE);
    filter->from = request_date(request, F_FROM);
    filter->until = request_date(request, F_UNTIL);
    if (number != NULL) {
        if (!certificate_number_normalise(number, core_of(request)->policy->province, normal))
            return request_reject(request, F_NUMBER, "请输入完整的证书编号，例如 沪建安C3（2026）0000001");
        filter->number = normal;
    }
    if (filter->state != NULL && state_label(filter->state) == NULL)
        return request_reject(request, F_STATE, "请从列表中选择证书状态");
    if (!date_is_none(filter->until) && date_compare(filter->from, filter->until) > 0)
        return request_reject(request, F_FROM, "起始日期不能晚于截止日期");
    return OUT_PAGE;
}

/* What the search fields, or one of the views instead of them, ask for. OUT_PAGE, or what is wrong
 * with them. */
static enum outcome search(struct request *request, struct certificate_filter *filter)
{
    const char *show = searched(request, F_SHOW);
    const struct view *view = show != NULL ? view_named(show) : NULL;

    *filter = (struct certificate_filter){
        .enterprise_id = request->who.id,
        .today = request->today,
        .renew_days = core_of(request)->policy->renew_days,
        .after = request_id(request, F_AFTER),
        .limit = LIST_ROWS,
    };
    if (show == NULL)
        return search_bounds(request, filter);
    if (view == NULL)
        return OUT_NOT_FOUND;
    filter->show = view->show;
    page_text(request->hdf, "Shown", view->heading);
    return OUT_PAGE;
}

static enum outcome certificates_list(struct request *request, struct err *err)
{
    struct certificate_filter filter;
    struct certificate_page page;
    const char *query = search_query(request);
    enum outcome outcome = search(request, &filter);

    if (outcome != OUT_PAGE)
        return outcome;
    if (certificate_list(request->db, request->pool, &filter, &page, err) < 0)
        return outcome_of(err);
    page_certificates(request, &page);
    page_next(request, query, page.next);
    if (*query != '\0')
        page_text(request->hdf, "Query", pool_printf(request->pool, "?%s", query));
    if (*query != '\0' && filter.show == SHOW_ALL)
        page_int(request->hdf, "Searched", 1);
    if (filter.after != 0)
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query));
    return OUT_PAGE;
}

/* Downloads of many */

/* What was taken away, for the audit: by which of the fields it was searched, never for what. */
static int audit_taken(struct request *request, const char *action, size_t count, struct err *err)
{
    struct text detail;
    const char *comma = "";

    text_init(&detail, request->pool, DETAIL_SIZE);
    text_add(&detail, "{\"by\":[");
    for (size_t i = F_NAME; i <= F_SHOW; i++) {
        if (search_text(request, i) == NULL)
            continue;
        text_printf(&detail, "%s\"%s\"", comma, list_fields[i].name);
        comma = ",";
    }
    text_add(&detail, "]");
    if (count > 0)
        text_printf(&detail, ",\"count\":%zu", count);
    text_add(&detail, "}");
    struct audit_event event = {
        .actor = actor_of(request),
        .enterprise_id = request->who.id,
        .action = action,
        .object_kind = "enterprise",
        .object_id = request->who.id,
        .detail = detail.data,
    };
    return audit_add(request->db, request->pool, core_of(request), &event, 1, err);
}

static const char *file_name(struct request *request, const char *ending)
{
    char today[DATE_SIZE];

    date_format(request->today, today);
    return pool_printf(request->pool, "电子证书-%s.%s", today, ending);
}

/* What a stream is made of, behind its handler. */
struct taking {
    struct db *db;
    struct certificate_filter filter;
    struct certificate_pick pick;
};

static int write_table(void *context, const struct sink *sink, struct err *err)
{
    const struct taking *taking = context;

    return certificate_export(taking->db, &taking->filter, sink, err);
}

static int write_bundle(void *context, const struct sink *sink, struct err *err)
{
    const struct taking *taking = context;

    return certificate_bundle(taking->db, &taking->pick, sink, err);
}

static enum outcome certificates_export(struct request *request, struct err *err)
{
    struct taking *taking = POOL_NEW(request->pool, struct taking);
    enum outcome outcome = search(request, &taking->filter);

    if (outcome != OUT_PAGE)
        return outcome;
    taking->db = request->db;
    taking->filter.after = 0;
    if (audit_taken(request, "certificate.export", 0, err) < 0)
        return outcome_of(err);
    return respond_stream(request, "text/csv; charset=utf-8", file_name(request, "csv"),
                          write_table, taking);
}

static enum outcome send_bundle(struct request *request, struct taking *taking, struct err *err)
{
    taking->db = request->db;
    if (audit_taken(request, "certificate.bundle", taking->pick.count, err) < 0)
        return outcome_of(err);
    return respond_stream(request, "application/zip", file_name(request, "zip"), write_bundle,
                          taking);
}

static enum outcome download_ticked(struct request *request, struct taking *taking,
                                    struct err *err)
{
    size_t count;
    const uint64_t *ids = request_ids(request, F_IDS, &count);

    if (count == 0)
        return request_reject(request, F_IDS, "请先勾选要下载的电子证书");
    int found = certificate_pick_ids(request->db, request->pool, request->who.id, request->today,
                                     ids, count, &taking->pick, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return send_bundle(request, taking, err);
}

/* More than one ZIP holds: a page for each part, which leads to the next. */
static enum outcome show_part(struct request *request, const struct taking *taking)
{
    const char *query = search_query(request);
    const char *after = "";

    if (taking->filter.after != 0)
        after = pool_printf(request->pool, "after=%" PRIu64 "&", taking->filter.after);
    page_int(request->hdf, "Count", (int64_t)taking->pick.count);
    page_int(request->hdf, "Most", BUNDLE_FILES);
    page_text(request->hdf, "Part", pool_printf(request->pool, "?%s%spart=1", query, after));
    page_next(request, query, taking->pick.next);
    if (taking->filter.after != 0)
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query));
    return OUT_PAGE;
}

static enum outcome certificates_download(struct request *request, struct err *err)
{
    struct taking *taking = POOL_NEW(request->pool, struct taking);
    enum outcome outcome;

    if (request_flag(request, F_TICKED) || request_has(request, F_IDS))
        return download_ticked(request, taking, err);
    outcome = search(request, &taking->filter);
    if (outcome != OUT_PAGE)
        return outcome;
    if (certificate_pick_found(request->db, request->pool, &taking->filter, &taking->pick, err) < 0)
        return outcome_of(err);
    if (taking->pick.count == 0)
        return OUT_PAGE;
    if ((taking->pick.next != 0 || taking->filter.after != 0) && !request_flag(request, F_PART))
        return show_part(request, taking);
    return send_bundle(request, taking, err);
}

/* The list again, as it is without a search. */
static int certificates_refill(struct request *request, struct err *err)
{
    struct certificate_filter filter = {.enterprise_id = request->who.id, .limit = LIST_ROWS};
    struct certificate_page page;

    if (certificate_list(request->db, request->pool, &filter, &page, err) < 0)
        return -1;
    page_certificates(request, &page);
    page_next(request, "", page.next);
    return 0;
}

/* One of them */

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
    page_int(node, "Ahead", strcmp(state, STATE_VALID) == 0 &&
                                date_compare(row->valid_from, request->today) > 0);
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
    /* The authority's own are told, not shown. */
    page_int(item, "Open", event->matter_ours);
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
    return respond_photo(request, certificate.person_id, certificate.capture_id, err);
}

static void certificates_ahead(struct request *request, bool queried)
{
    if (!queried && request->who.kind == WHO_FIRM)
        certificate_list_ahead(request->db, request->pool, request->who.id, LIST_ROWS);
}

static const struct route certificates_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .fields = list_fields, .page = "list", .handle = certificates_list,
     .ahead = certificates_ahead},
    {"export", HTTP_GET, NEED_FIRM | NEED_TRANSACTION, .fields = list_fields,
     .handle = certificates_export, .form = "list", .refill = certificates_refill},
    {"download", HTTP_GET, NEED_FIRM | NEED_TRANSACTION, .fields = download_fields,
     .page = "download", .handle = certificates_download, .form = "list",
     .refill = certificates_refill},
    {"{id}", HTTP_GET, NEED_FIRM, .fields = id_fields, .page = "show", .handle = certificates_show},
    {"{id}/document", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = id_fields,
     .handle = certificates_document},
    {"{id}/versions/{version}/document", HTTP_GET, NEED_FIRM | CACHE_PRIVATE,
     .fields = version_fields, .handle = certificates_version},
    {"{id}/photo", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = id_fields,
     .handle = certificates_photo},
    {0},
};

const struct module module_certificates = {
    .name = "certificates", .label = "三类人员电子证书查询", .routes = certificates_routes};
