/*
 * 通知发送: what was ordered for firms, by state, and why it was not taken; trying again.
 */
#include <inttypes.h>
#include <string.h>

#include "core/message/outbox.h"
#include "core/register/enterprise.h"
#include "core/staff/staff.h"
#include "modules/common.h"

enum { LIST_ROWS = 50, QUERY_SIZE = 128 };

enum { L_STATE, L_BEFORE };
static const struct field list_fields[] = {
    [L_STATE] = {.name = "state", .kind = FIELD_CODE, .high = 8, .label = "状态"},
    [L_BEFORE] = {.name = "before", .kind = FIELD_ID, .label = "页码"},
    {0},
};

enum { R_ID };
static const struct field retry_fields[] = {
    [R_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

static void page_states(struct request *request, const char *chosen)
{
    HDF *all = page_item(request->hdf, "States", 0);

    page_text(all, "Label", "全部");
    page_int(all, "Here", chosen == NULL);
    for (size_t i = 0; outbox_state_name(i); i++) {
        HDF *item = page_item(request->hdf, "States", i + 1);

        page_text(item, "Name", outbox_state_name(i));
        page_text(item, "Label", outbox_state_label(outbox_state_name(i)));
        page_int(item, "Here", chosen && strcmp(chosen, outbox_state_name(i)) == 0);
    }
}

/* Why it was not sent, in words; the relay's own stand beside it. */
static const char *cause_words(const char *cause)
{
    static const struct {
        const char *part;
        const char *words;
    } known[] = {
        {"the relay says 5", "邮件服务器拒绝接收"},
        {"the relay says", "邮件服务器暂时没有接收"},
        {"in a row a moment ago", "刚刚连续失败，稍后再试"},
        {"the answer", "短信网关的应答不正确"},
        {"no answer", "邮件服务器或短信网关没有应答"},
        {"", "没有发出"},
    };
    size_t i = 0;

    while (!strstr(cause, known[i].part))
        i++;
    return known[i].words;
}

/* No address: who looks at the board has no need of it. */
static int page_row(struct request *request, HDF *item, const struct outbox *row, struct err *err)
{
    struct enterprise firm;
    int found = enterprise_find(request->db, request->pool, row->enterprise_id, &firm, err);

    if (found < 0)
        return -1;
    page_int(item, "Id", (int64_t)row->id);
    page_text(item, "Event", outbox_event_label(row->event));
    page_text(item, "Channel", outbox_channel_label(row->channel));
    page_text(item, "Firm", found ? firm.name : "");
    page_text(item, "State", row->state);
    page_text(item, "Label", outbox_state_label(row->state));
    page_int(item, "Attempts", row->attempts);
    page_text(item, "Cause", row->cause);
    page_text(item, "Words", cause_words(row->cause));
    page_time(item, "Created", row->created_ms);
    if (row->sent_ms)
        page_time(item, "Sent", row->sent_ms);
    if (strcmp(row->state, "waiting") == 0)
        page_time(item, "Next", row->run_at_ms);
    if (strcmp(row->state, "failed") == 0 && request->who.roles & STAFF_ADMINISTRATOR)
        page_int(item, "Retry", 1);
    return 0;
}

static enum outcome notifications_list(struct request *request, struct err *err)
{
    const char *state = request_text(request, L_STATE);
    const struct outbox *rows;
    struct queue_depth depth;
    size_t count;

    if (state && !*state)
        state = NULL;
    if (state && !outbox_state_label(state))
        return OUT_NOT_FOUND;
    if (outbox_depth(request->db, request->pool, request->now_ms, &depth, err) < 0 ||
        outbox_list(request->db, request->pool, state, request_id(request, L_BEFORE), LIST_ROWS + 1,
                    &rows, &count, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < count && i < LIST_ROWS; i++)
        if (page_row(request, page_item(request->hdf, "Rows", i), &rows[i], err) < 0)
            return outcome_of(err);
    page_states(request, state);
    page_int(request->hdf, "Off", !outbox_open(core_of(request)));
    page_int(request->hdf, "Waiting", (int64_t)(depth.waiting + depth.leased));
    page_int(request->hdf, "Failed", (int64_t)depth.failed);
    const char *query = state ? pool_printf(request->pool, "state=%s&", state) : "";
    if (request_id(request, L_BEFORE))
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query));
    if (count > LIST_ROWS)
        page_text(request->hdf, "Next", pool_printf(request->pool, "?%sbefore=%" PRIu64, query,
                                                    rows[LIST_ROWS - 1].id));
    return OUT_PAGE;
}

static enum outcome notifications_retry(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);
    int done = outbox_retry(request->db, request->pool, core_of(request), &actor,
                            request_id(request, R_ID), request->now_ms, err);

    if (done < 0)
        return outcome_of(err);
    if (done == 0)
        return request_conflict(request, "这条通知已不是发送失败的状态。", "/staff/notifications/");
    return respond_redirect(request, "/staff/notifications/?state=waiting");
}

static const struct route notifications_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_AUDITOR | STAFF_ADMINISTRATOR, .fields = list_fields,
     .page = "list", .handle = notifications_list},
    {"{id}/retry", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_ADMINISTRATOR,
     .fields = retry_fields, .handle = notifications_retry},
    {0},
};

const struct module module_staff_notifications = {
    .name = "staff/notifications", .label = "通知发送", .routes = notifications_routes};
