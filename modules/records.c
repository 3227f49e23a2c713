#include "modules/records.h"

#include <inttypes.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "core/audit/audit.h"
#include "modules/common.h"

enum { LIST_ROWS = 20, EXPORT_ROWS = 500, POOL_KEEP = 64 * 1024, QUERY_SIZE = 1024, DETAIL_SIZE = 256 };

enum { F_NAME, F_STATE, F_FROM, F_TO, F_AFTER };
const struct field records_fields[] = {
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .low = 0, .high = 64, .label = "姓名"},
    [F_STATE] = {.name = "state", .kind = FIELD_CODE, .low = 0, .high = 12, .label = "办理状态"},
    [F_FROM] = {.name = "from", .kind = FIELD_DATE, .label = "申请日期（起）"},
    [F_TO] = {.name = "to", .kind = FIELD_DATE, .label = "申请日期（止）"},
    [F_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

static const struct place {
    const char *module;
    enum item item;
} places[] = {
    {"apply", ITEM_APPLY},
    {"transfer", ITEM_TRANSFER},
    {"cancel", ITEM_CANCEL},
    {"departure", ITEM_DEPARTURE},
};

enum item records_item(const struct request *request)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strcmp(places[i].module, request->module->name) == 0)
            return places[i].item;
    err_fatal("module %s has no list of records", request->module->name);
}

/* Left empty is not searched for. */
static const char *searched(const struct request *request, size_t field)
{
    const char *text = request_text(request, field);

    return text != NULL && text[0] != '\0' ? text : NULL;
}

static struct matter_filter filter_of(const struct request *request, size_t limit)
{
    return (struct matter_filter){
        .enterprise_id = request->who.id,
        .item = records_item(request),
        .name = searched(request, F_NAME),
        .state = searched(request, F_STATE),
        .from = request_date(request, F_FROM),
        .to = request_date(request, F_TO),
        .after = request_id(request, F_AFTER),
        .limit = limit,
    };
}

/* A matter of the firm that certificates left. */
static const char *row_label(const struct matter *matter)
{
    return matter->parent_id ? "调出至其他企业" : item_label(matter->item);
}

static void page_row(struct request *request, HDF *item, const struct matter *matter)
{
    bool cancel = matter->item == ITEM_CANCEL, draft = strcmp(matter->state, MATTER_DRAFT) == 0;
    const char *number = matter->number;

    page_text(item, "Number", number);
    page_text(item, "Item", row_label(matter));
    page_text(item, "Name", matter->holder_name);
    page_int(item, "Items", matter->items);
    page_text(item, "State", matter->state);
    page_text(item, "Label", matter_state_label(matter->state));
    page_time(item, "Opened", matter->opened_ms);
    if (matter->proof_made)
        page_int(item, "Proof", 1);
    /* Where the clerk goes on. */
    if (draft)
        page_text(item, "Next",
                  pool_printf(request->pool, "/%s/%s", request->module->name, number));
    else if (cancel && strcmp(matter->state, MATTER_SIGNING) == 0)
        page_text(item, "Next", pool_printf(request->pool, "/cancel/%s/sign", number));
}

static void page_states(struct request *request, const char *chosen)
{
    const char *name;

    for (size_t i = 0; (name = matter_state_name(i)) != NULL; i++) {
        HDF *item = page_item(request->hdf, "States", i);

        page_text(item, "Name", name);
        page_text(item, "Label", matter_state_label(name));
        page_int(item, "Here", chosen && strcmp(chosen, name) == 0);
    }
}

int records_refill(struct request *request, struct err *err)
{
    (void)err;
    page_states(request, searched(request, F_STATE));
    return 0;
}

/* NULL for no day. */
static const char *day_text(const struct request *request, struct date day)
{
    char text[11];

    if (date_is_none(day))
        return NULL;
    date_format(day, text);
    return pool_text(request->pool, text);
}

enum outcome records_list(struct request *request, struct err *err)
{
    struct matter_filter filter = filter_of(request, LIST_ROWS);
    struct matter_page page;
    struct text query;

    if (filter.state && !matter_state_label(filter.state))
        return request_reject(request, F_STATE, "请选择办理状态");
    page_states(request, filter.state);
    if (matter_list(request->db, request->pool, &filter, &page, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < page.count; i++)
        page_row(request, page_item(request->hdf, "Rows", i), &page.rows[i]);
    text_init(&query, request->pool, QUERY_SIZE);
    query_add(&query, "name", filter.name);
    query_add(&query, "state", filter.state);
    query_add(&query, "from", day_text(request, filter.from));
    query_add(&query, "to", day_text(request, filter.to));
    page_next(request, query.data, page.next);
    page_text(request->hdf, "Export", pool_printf(request->pool, "export?%s", query.data));
    page_int(request->hdf, "Searched", query.length > 0);
    if (filter.after)
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query.data));
    return OUT_PAGE;
}

void records_ahead(struct request *request, bool queried)
{
    const struct matter_filter filter = {
        .enterprise_id = request->who.id,
        .item = records_item(request),
        .limit = LIST_ROWS};

    if (!queried && request->who.kind == WHO_FIRM)
        matter_list_ahead(request->db, request->pool, &filter);
}

/* The table */

struct taking {
    struct db *db;
    struct matter_filter filter;
};

static int row_write(struct csv_writer *writer, struct pool *pool, const struct matter *matter,
                     struct err *err)
{
    char opened[20], closed[20] = "";

    clock_shanghai(matter->opened_ms, opened);
    if (matter->closed_ms)
        clock_shanghai(matter->closed_ms, closed);
    const char *const cells[] = {
        matter->number,
        row_label(matter),
        matter->holder_name,
        pool_printf(pool, "%u", matter->items),
        matter_state_label(matter->state),
        opened,
        closed,
        matter->reason_text,
        matter->province,
    };
    return csv_write(writer, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int rows_write(const struct taking *taking, struct pool *pool, struct csv_writer *writer,
                      struct err *err)
{
    static const char *const header[] = {"事项编号", "办理事项", "姓名",     "证书本数", "办理状态",
                                         "申请时间", "办结时间", "注销原因", "转往省市"};
    struct matter_filter filter = taking->filter;
    struct matter_page page;

    if (csv_write(writer, header, sizeof(header) / sizeof(header[0]), err) < 0)
        return -1;
    do {
        pool_reset(pool);
        if (matter_list(taking->db, pool, &filter, &page, err) < 0)
            return -1;
        for (size_t i = 0; i < page.count; i++)
            if (row_write(writer, pool, &page.rows[i], err) < 0)
                return -1;
        filter.after = page.next;
    } while (page.next);
    return csv_flush(writer, err);
}

static int table_write(void *context, const struct sink *sink, struct err *err)
{
    struct pool *pool = pool_new(POOL_KEEP, 0);
    struct csv_writer writer;
    int result;

    csv_writer_init(&writer, sink);
    result = rows_write(context, pool, &writer, err);
    pool_free(&pool);
    return result;
}

/* What was taken away, for the audit: of which item, and by which of the fields it was searched. */
static int audit_taken(struct request *request, struct err *err)
{
    struct text detail;
    const char *comma = "";

    text_init(&detail, request->pool, DETAIL_SIZE);
    text_printf(&detail, "{\"item\":\"%s\",\"by\":[", item_name(records_item(request)));
    for (size_t i = F_NAME; i <= F_TO; i++) {
        if (!request_has(request, i))
            continue;
        text_printf(&detail, "%s\"%s\"", comma, records_fields[i].name);
        comma = ",";
    }
    text_add(&detail, "]}");
    struct audit_event event = {
        .actor = actor_of(request),
        .enterprise_id = request->who.id,
        .action = "matter.export",
        .object_kind = "enterprise",
        .object_id = request->who.id,
        .detail = detail.data,
    };
    return audit_add(request->db, request->pool, core_of(request), &event, 1, err);
}

enum outcome records_export(struct request *request, struct err *err)
{
    struct taking *taking = POOL_NEW(request->pool, struct taking);
    const char *state = searched(request, F_STATE);
    char day[11];

    if (state && !matter_state_label(state))
        return request_reject(request, F_STATE, "请选择办理状态");
    if (audit_taken(request, err) < 0)
        return outcome_of(err);
    *taking = (struct taking){request->db, filter_of(request, EXPORT_ROWS)};
    taking->filter.after = 0;
    date_format(request->today, day);
    return respond_stream(request, "text/csv; charset=utf-8",
                          pool_printf(request->pool, "%s记录 %s.csv", request->module->label, day),
                          table_write, taking);
}
