/*
 * 公告: written, looked at, published; changed before it begins, ended before its time; all there
 * ever were, with every wording.
 */
#include <string.h>

#include "core/message/notice.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/notice_page.h"

enum { LIST_ROWS = 20 };
#define WRITERS (STAFF_REVIEWER | STAFF_ADMINISTRATOR)
#define READERS (WRITERS | STAFF_AUDITOR)

/* The first three alike in both tables. */
enum { F_TITLE, F_BODY, F_IMPORTANT, F_FROM, F_UNTIL, F_ID, F_REVISION };
#define WORDS                                                                                      \
    [F_TITLE] = {.name = "title",                                                                  \
                 .kind = FIELD_TEXT,                                                               \
                 .low = 1,                                                                         \
                 .high = NOTICE_TITLE,                                                             \
                 .flags = FIELD_REQUIRED,                                                          \
                 .label = "标题"},                                                                 \
    [F_BODY] = {.name = "body",                                                                    \
                .kind = FIELD_LINES,                                                               \
                .low = 1,                                                                          \
                .high = NOTICE_BODY,                                                               \
                .flags = FIELD_REQUIRED,                                                           \
                .label = "内容"},                                                                  \
    [F_IMPORTANT] = {.name = "important", .kind = FIELD_FLAG, .label = "重要"},                    \
    [F_FROM] = {.name = "from", .kind = FIELD_DATE, .flags = FIELD_REQUIRED, .label = "开始日期"}, \
    [F_UNTIL] = {.name = "until", .kind = FIELD_DATE, .flags = FIELD_REQUIRED, .label = "结束日期"}

static const struct field new_fields[] = {WORDS, {0}};
static const struct field change_fields[] = {
    WORDS,
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [F_REVISION] = {.name = "revision",
                    .kind = FIELD_INT,
                    .low = 1,
                    .high = 65535,
                    .flags = FIELD_REQUIRED,
                    .label = "版本"},
    {0},
};

enum { L_AFTER };
static const struct field list_fields[] = {
    [L_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"}, {0}};
enum { I_ID };
static const struct field id_fields[] = {
    [I_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED}, {0}};

/* Days are Shanghai's; the last one counts. */
static void page_row(struct request *request, HDF *item, const struct notice *notice)
{
    static const char *const labels[] = {
        [NOTICE_COMING] = "未开始", [NOTICE_VALID] = "正在公布", [NOTICE_OVER] = "已结束"};
    static const char *const states[] = {
        [NOTICE_COMING] = "draft", [NOTICE_VALID] = "done", [NOTICE_OVER] = "abandoned"};
    enum notice_phase phase = notice_phase(notice, request->now_ms);

    page_notice(request, item, notice);
    page_text(item, "Body", notice->body);
    page_int(item, "Revision", notice->revision);
    page_text(item, "State", states[phase]);
    page_text(item, "Label", labels[phase]);
    page_date(item, "First", date_at(notice->from_ms));
    page_date(item, "Last", date_at(notice->until_ms - 1));
    page_text(item, "By", notice->written_by);
    page_time(item, "Written", notice->written_ms);
    page_text(item, "EndedBy", notice->ended_by);
    page_time(item, "Ended", notice->until_ms);
    page_int(item, "May.Change", phase == NOTICE_COMING && request->who.roles & WRITERS);
    page_int(item, "May.End", phase != NOTICE_OVER && request->who.roles & WRITERS);
}

static enum outcome notices_list(struct request *request, struct err *err)
{
    struct notice_page page;

    if (notice_list(request->db, request->pool, request_id(request, L_AFTER), LIST_ROWS, &page,
                    err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < page.count; i++)
        page_row(request, page_item(request->hdf, "Rows", i), &page.rows[i]);
    page_next(request, "", page.next);
    if (request_has(request, L_AFTER))
        page_text(request->hdf, "First", "?");
    page_int(request->hdf, "May", (request->who.roles & WRITERS) != 0);
    return OUT_PAGE;
}

/* The notice with this id, and its page's data. 1/0/-1. */
static int find(struct request *request, size_t field, struct notice *notice, struct err *err)
{
    int found =
        notice_find(request->db, request->pool, request_id(request, field), notice, err);

    if (found == 1)
        page_row(request, page_node(request->hdf, "Notice"), notice);
    return found;
}

static enum outcome notices_show(struct request *request, struct err *err)
{
    const struct notice *rows;
    struct notice notice;
    size_t count;
    int found = find(request, I_ID, &notice, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (notice_revisions(request->db, request->pool, notice.id, &rows, &count, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < count; i++)
        page_row(request, page_item(request->hdf, "Revisions", i), &rows[i]);
    return OUT_PAGE;
}

/* Writing */

static enum outcome notices_new(struct request *request, struct err *err)
{
    (void)err;
    page_date(request->hdf, "Today", request->today);
    return OUT_PAGE;
}

static enum outcome notices_edit(struct request *request, struct err *err)
{
    struct notice notice;
    int found = find(request, I_ID, &notice, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (notice_phase(&notice, request->now_ms) != NOTICE_COMING)
        return request_conflict(request, "公告已经开始，不能再修改；可以提前结束，另发一条。",
                                pool_printf(request->pool, "/staff/notices/%llu",
                                            (unsigned long long)notice.id));
    return OUT_PAGE;
}

/* The form again, as it was sent: what was wrong, or back from the preview. */
static int notices_refill(struct request *request, struct err *err)
{
    (void)err;
    page_int(request->hdf, "Sent", 1);
    if (request->route->fields == change_fields) {
        HDF *node = page_node(request->hdf, "Notice");

        page_int(node, "Id", (int64_t)request_id(request, F_ID));
        page_int(node, "Revision", request_int(request, F_REVISION));
    }
    return 0;
}

static enum outcome notices_again(struct request *request, struct err *err)
{
    return notices_refill(request, err) < 0 ? OUT_FAIL : OUT_PAGE;
}

/* What was sent, as a notice. OUT_PAGE, or what is wrong. */
static enum outcome read_words(struct request *request, struct notice *notice)
{
    struct date from = request_date(request, F_FROM), until = request_date(request, F_UNTIL);

    *notice = (struct notice){
        .id = request->route->fields == change_fields ? request_id(request, F_ID) : 0,
        .title = request_text(request, F_TITLE),
        .body = request_text(request, F_BODY),
        .important = request_flag(request, F_IMPORTANT),
        .from_ms = date_begins_ms(from),
        .until_ms = date_begins_ms(until) + DAY_MS,
        .written_by = "",
        .ended_by = "",
    };
    if (notice->body[strspn(notice->body, " \t\n")] == '\0')
        return request_reject(request, F_BODY, "请填写内容");
    if (date_compare(from, request->today) < 0)
        return request_reject(request, F_FROM, "开始日期不能早于今天");
    if (date_compare(until, from) < 0)
        return request_reject(request, F_UNTIL, "结束日期不能早于开始日期");
    return OUT_PAGE;
}

static enum outcome notices_preview(struct request *request, struct err *err)
{
    struct notice notice;
    enum outcome outcome = read_words(request, &notice);
    HDF *node = page_node(request->hdf, "Notice");

    (void)err;
    if (outcome != OUT_PAGE)
        return outcome;
    page_notice(request, node, &notice);
    page_date(node, "First", date_at(notice.from_ms));
    page_date(node, "Last", date_at(notice.until_ms - 1));
    if (notice.id)
        page_int(node, "Revision", request_int(request, F_REVISION));
    return OUT_PAGE;
}

static enum outcome sent(struct request *request, uint64_t id)
{
    return respond_redirect(request, "/%s/%llu", request->module->name, (unsigned long long)id);
}

static enum outcome notices_add(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);
    struct notice notice;
    enum outcome outcome = read_words(request, &notice);
    uint64_t id;

    if (outcome != OUT_PAGE)
        return outcome;
    if (notice_add(request->db, request->pool, core_of(request), &actor, &notice, request->now_ms,
                   &id, err) < 0)
        return outcome_of(err);
    return sent(request, id);
}

static enum outcome notices_change(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);
    uint64_t id = request_id(request, F_ID);
    struct notice notice;
    enum outcome outcome = read_words(request, &notice);

    if (outcome != OUT_PAGE)
        return outcome;
    int found = notice_change(request->db, request->pool, core_of(request), &actor, id,
                              (unsigned)request_int(request, F_REVISION), &notice, request->now_ms,
                              err);
    if (found < 0 && err->kind == ERR_CONFLICT)
        return request_conflict(request, "公告已经开始，或者别人刚刚修改过，本次没有修改。",
                                pool_printf(request->pool, "/staff/notices/%llu",
                                            (unsigned long long)id));
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return sent(request, id);
}

static enum outcome notices_end(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);
    uint64_t id = request_id(request, I_ID);
    int found =
        notice_end(request->db, request->pool, core_of(request), &actor, id, request->now_ms, err);

    if (found < 0 && err->kind == ERR_CONFLICT)
        return request_conflict(request, "公告已经结束。",
                                pool_printf(request->pool, "/staff/notices/%llu",
                                            (unsigned long long)id));
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return sent(request, id);
}

static enum outcome notices_end_ask(struct request *request, struct err *err)
{
    struct notice notice;
    int found = find(request, I_ID, &notice, err);

    return found == 1 ? OUT_PAGE : found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
}

#define LOOKS   NEED_STAFF | NEED_CSRF | NEED_TRANSACTION
#define CHANGES NEED_STAFF | NEED_CSRF | NEED_KEY

static const struct route notices_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = READERS, .fields = list_fields, .page = "list",
     .handle = notices_list},
    {"", HTTP_POST, CHANGES, .roles = WRITERS, .fields = new_fields, .handle = notices_add,
     .form = "form", .refill = notices_refill},
    {"new", HTTP_GET, NEED_STAFF, .roles = WRITERS, .page = "form", .handle = notices_new},
    {"new", HTTP_POST, LOOKS, .roles = WRITERS, .fields = new_fields, .page = "form",
     .handle = notices_again, .refill = notices_refill},
    {"preview", HTTP_POST, LOOKS, .roles = WRITERS, .fields = new_fields, .page = "preview",
     .handle = notices_preview, .form = "form", .refill = notices_refill},
    {"{id}", HTTP_GET, NEED_STAFF, .roles = READERS, .fields = id_fields, .page = "show",
     .handle = notices_show},
    {"{id}", HTTP_POST, CHANGES, .roles = WRITERS, .fields = change_fields,
     .handle = notices_change, .form = "form", .refill = notices_refill},
    {"{id}/edit", HTTP_GET, NEED_STAFF, .roles = WRITERS, .fields = id_fields, .page = "form",
     .handle = notices_edit},
    {"{id}/edit", HTTP_POST, LOOKS, .roles = WRITERS, .fields = change_fields, .page = "form",
     .handle = notices_again, .refill = notices_refill},
    {"{id}/preview", HTTP_POST, LOOKS, .roles = WRITERS, .fields = change_fields,
     .page = "preview", .handle = notices_preview, .form = "form", .refill = notices_refill},
    {"{id}/end", HTTP_GET, NEED_STAFF, .roles = WRITERS, .fields = id_fields, .page = "end",
     .handle = notices_end_ask},
    {"{id}/end", HTTP_POST, CHANGES, .roles = WRITERS, .fields = id_fields,
     .handle = notices_end},
    {0},
};

const struct module module_staff_notices = {
    .name = "staff/notices", .label = "公告", .routes = notices_routes};
