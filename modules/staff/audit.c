/*
 * 审计日志: what happened, filtered, newest first; as a table; and whether the chains are whole.
 * Whoever reads is on record, too.
 */
#include <inttypes.h>
#include <string.h>

#include "core/audit/audit.h"
#include "core/audit/audit_log.h"
#include "core/issue/errand.h"
#include "core/register/enterprise.h"
#include "core/report/search.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/errand_page.h"

enum { LIST_ROWS = 50, CHECKS_SHOWN = 5, QUERY_SIZE = 1024, DETAIL_SIZE = 512 };

enum { F_FROM, F_UNTIL, F_BY, F_WHO, F_ACTION, F_OBJECT, F_AFTER };
static const struct field audit_fields[] = {
    [F_FROM] = {.name = "from", .kind = FIELD_DATE, .label = "日期（起）"},
    [F_UNTIL] = {.name = "until", .kind = FIELD_DATE, .label = "日期（止）"},
    [F_BY] = {.name = "by", .kind = FIELD_CODE, .high = 8, .label = "操作者类别"},
    [F_WHO] = {.name = "who", .kind = FIELD_TEXT, .high = 32, .label = "操作者"},
    [F_ACTION] = {.name = "action", .kind = FIELD_CODE, .high = 48, .label = "操作"},
    [F_OBJECT] = {.name = "object", .kind = FIELD_TEXT, .high = 64, .label = "对象或事项"},
    [F_AFTER] = {.name = "after", .kind = FIELD_CODE, .high = AUDIT_KEY_SIZE - 1, .label = "页码"},
    {0},
};

static const struct actor_row {
    const char *name;
    enum actor_kind kind;
} actors[] = {
    {"firm", ACTOR_FIRM},
    {"staff", ACTOR_STAFF},
    {"system", ACTOR_SYSTEM},
    {"operator", ACTOR_OPERATOR},
    {"nobody", ACTOR_NOBODY},
};
enum { ACTORS = sizeof(actors) / sizeof(actors[0]) };

/* Left empty is not asked for. */
static const char *asked(const struct request *request, size_t field)
{
    const char *text = request_text(request, field);

    return text && *text ? text : NULL;
}

/* Is anything asked for by this field? */
static bool asks(const struct request *request, size_t field)
{
    return field <= F_UNTIL ? !date_is_none(request_date(request, field))
                            : asked(request, field) != NULL;
}

/* Whom the two fields of the actor name: OUT_PAGE, or what is wrong. */
static enum outcome read_actor(struct request *request, struct audit_filter *filter,
                               struct err *err)
{
    const char *by = asked(request, F_BY), *who = asked(request, F_WHO);
    struct enterprise firm;
    int found = 0;
    size_t i = 0;

    if (!by)
        return who ? request_reject(request, F_BY, "请选择操作者类别") : OUT_PAGE;
    while (i < ACTORS && strcmp(actors[i].name, by) != 0)
        i++;
    if (i == ACTORS)
        return request_reject(request, F_BY, "请从列表中选择操作者类别");
    filter->by_actor = true;
    filter->actor_kind = actors[i].kind;
    switch (filter->actor_kind) {
    case ACTOR_FIRM:
        found = who ? enterprise_find_uscc(request->db, request->pool, who, &firm, err) : 0;
        filter->actor_id = found == 1 ? firm.id : 0;
        break;
    case ACTOR_STAFF:
        found = who ? audit_log_staff(request->db, request->pool, who, &filter->actor_id, err) : 0;
        break;
    case ACTOR_OPERATOR:
        found = parse_uint(who ? who : "0", 0, UINT32_MAX, &filter->actor_id);
        break;
    default:
        return who ? request_reject(request, F_WHO, "“系统”和“未登录者”没有编号，请留空") : OUT_PAGE;
    }
    if (found < 0)
        return outcome_of(err);
    return found ? OUT_PAGE
                 : request_reject(request, F_WHO,
                                  "没有这个操作者：企业请输入统一社会信用代码，工作人员请输入登录名，"
                                  "运维请输入系统账号的编号");
}

/* "certificate:12", the number of a certificate, or of a matter. */
static enum outcome read_object(struct request *request, struct audit_filter *filter,
                                struct err *err)
{
    const char *text = asked(request, F_OBJECT);
    const char *colon = text ? strchr(text, ':') : NULL;
    struct search_wanted wanted;
    uint64_t id = 0;

    if (!text)
        return OUT_PAGE;
    if (colon && parse_uint(colon + 1, 0, UINT64_MAX / 2, &filter->object_id)) {
        filter->object_kind = pool_text_n(request->pool, text, (size_t)(colon - text));
        return OUT_PAGE;
    }
    search_read(request->pool, core_of(request), text, request->today, &wanted);
    if (*wanted.matter) {
        struct matter matter;

        if (search_matter(request->db, request->pool, wanted.matter, &matter, err) < 0)
            return outcome_of(err);
        filter->matter_id = matter.id;
        return OUT_PAGE;
    }
    if (*wanted.number &&
        search_certificate_id(request->db, request->pool, wanted.number, &id, err) < 0)
        return outcome_of(err);
    if (!id)
        return request_reject(request, F_OBJECT,
                              "请输入完整的证书编号、事项编号，或“类别:编号”，例如 certificate:12");
    filter->object_kind = "certificate";
    filter->object_id = id;
    return OUT_PAGE;
}

static enum outcome read_filter(struct request *request, struct audit_filter *filter,
                                struct err *err)
{
    struct date from = request_date(request, F_FROM), until = request_date(request, F_UNTIL);
    const char *after = asked(request, F_AFTER);
    enum outcome outcome;

    *filter = (struct audit_filter){
        .from_ms = date_is_none(from) ? 0 : date_begins_ms(from),
        .until_ms = date_is_none(until) ? 0 : date_begins_ms(until) + DAY_MS,
        .action = asked(request, F_ACTION),
        .begun = after != NULL,
        .limit = LIST_ROWS,
    };
    if (!date_is_none(until) && date_compare(from, until) > 0)
        return request_reject(request, F_FROM, "起始日期不能晚于截止日期");
    if (after && !audit_key_parse(after, &filter->after))
        return OUT_NOT_FOUND;
    outcome = read_actor(request, filter, err);
    return outcome == OUT_PAGE ? read_object(request, filter, err) : outcome;
}

/* That it was read, and by what it was filtered, as the last thing in the transaction. */
static int note(struct request *request, const char *action, struct err *err)
{
    struct text detail;
    const char *comma = "";

    text_init(&detail, request->pool, DETAIL_SIZE);
    text_add(&detail, "{\"by\":[");
    for (size_t i = F_FROM; i <= F_AFTER; i++) {
        if (!asks(request, i))
            continue;
        text_printf(&detail, "%s\"%s\"", comma, audit_fields[i].name);
        comma = ",";
    }
    text_add(&detail, "]}");
    const struct audit_event event = {.actor = actor_of(request),
                                      .action = action,
                                      .object_kind = "staff",
                                      .object_id = request->who.id,
                                      .detail = detail.data};
    return audit_add(request->db, request->pool, core_of(request), &event, 1, err);
}

static void page_row(struct pool *pool, HDF *item, const struct audit_row *row)
{
    page_time(item, "At", row->happened_ms);
    page_int(item, "Chain", (int64_t)row->chain);
    page_int(item, "Sequence", (int64_t)row->sequence);
    page_text(item, "By", actor_kind_label(row->actor_kind));
    page_int(item, "ById", (int64_t)row->actor_id);
    page_text(item, "Who", row->who);
    page_text(item, "Role", staff_role_label(staff_role_bit(row->role)));
    page_text(item, "Action", row->action);
    page_text(item, "Words", audit_action_label(pool, row->action));
    page_text(item, "Object", row->object_kind);
    page_text(item, "Kind", audit_object_label(row->object_kind));
    page_int(item, "ObjectId", (int64_t)row->object_id);
    page_text(item, "Matter", row->matter);
    page_text(item, "Request", row->request);
    page_text(item, "Detail", row->detail);
}

static int page_actions(struct request *request, struct err *err)
{
    const char *const *actions, *chosen = asked(request, F_ACTION);
    size_t count;

    if (audit_log_actions(request->db, request->pool, &actions, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Actions", i);

        page_text(item, "Name", actions[i]);
        page_text(item, "Words", audit_action_label(request->pool, actions[i]));
        page_int(item, "Here", chosen && strcmp(chosen, actions[i]) == 0);
    }
    for (size_t i = 0; i < ACTORS; i++) {
        const char *by = asked(request, F_BY);
        HDF *item = page_item(request->hdf, "Actors", i);

        page_text(item, "Name", actors[i].name);
        page_text(item, "Label", actor_kind_label(actors[i].kind));
        page_int(item, "Here", by && strcmp(by, actors[i].name) == 0);
    }
    return 0;
}

static int page_checks(struct request *request, struct err *err)
{
    const struct errand *errands;
    size_t count;

    if (errand_list(request->db, request->pool, ERRAND_AUDIT, CHECKS_SHOWN, &errands, &count, err) <
        0)
        return -1;
    for (size_t i = 0; i < count; i++)
        page_errand(request, page_item(request->hdf, "Checks", i), &errands[i]);
    return 0;
}

static int audit_refill(struct request *request, struct err *err)
{
    return page_actions(request, err) < 0 || page_checks(request, err) < 0 ? -1 : 0;
}

/* What was asked for, for links: "from=…&". */
static const char *query_of(struct request *request)
{
    struct text query;

    text_init(&query, request->pool, QUERY_SIZE);
    for (size_t i = F_FROM; i < F_AFTER; i++) {
        char day[11];

        if (i > F_UNTIL) {
            query_add(&query, audit_fields[i].name, asked(request, i));
            continue;
        }
        date_format(request_date(request, i), day);
        query_add(&query, audit_fields[i].name, *day ? day : NULL);
    }
    return query.data;
}

static enum outcome audit_list(struct request *request, struct err *err)
{
    const char *query = query_of(request);
    struct audit_filter filter;
    struct audit_page page;
    enum outcome outcome = read_filter(request, &filter, err);

    if (outcome != OUT_PAGE)
        return outcome;
    if (audit_log_list(request->db, request->pool, &filter, &page, err) < 0 ||
        page_actions(request, err) < 0 || page_checks(request, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < page.count; i++)
        page_row(request->pool, page_item(request->hdf, "Rows", i), &page.rows[i]);
    if (page.more) {
        const struct audit_row *last = &page.rows[page.count - 1];
        const struct audit_key key = {last->happened_ms, last->chain, last->sequence};
        char text[AUDIT_KEY_SIZE];

        audit_key_make(&key, text);
        page_text(request->hdf, "Next", pool_printf(request->pool, "?%safter=%s", query, text));
    }
    if (filter.begun)
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query));
    page_text(request->hdf, "Export", pool_printf(request->pool, "export?%s", query));
    page_int(request->hdf, "Searched", *query != '\0');
    return note(request, "audit.read", err) < 0 ? outcome_of(err) : OUT_PAGE;
}

struct taking {
    struct db *db;
    struct audit_filter filter;
};

static int write_table(void *context, const struct sink *sink, struct err *err)
{
    const struct taking *taking = context;

    return audit_log_export(taking->db, &taking->filter, sink, err);
}

static enum outcome audit_export(struct request *request, struct err *err)
{
    struct taking *taking = POOL_NEW(request->pool, struct taking);
    enum outcome outcome = read_filter(request, &taking->filter, err);
    char day[11];

    if (outcome != OUT_PAGE)
        return outcome;
    taking->db = request->db;
    taking->filter.begun = false;
    if (note(request, "audit.export", err) < 0)
        return outcome_of(err);
    date_format(request->today, day);
    return respond_stream(request, "text/csv; charset=utf-8",
                          pool_printf(request->pool, "审计日志 %s.csv", day), write_table, taking);
}

static enum outcome audit_verify_order(struct request *request, struct err *err)
{
    const struct actor actor = actor_of(request);

    if (errand_order(request->db, request->pool, core_of(request), &actor, ERRAND_AUDIT,
                     request->now_ms, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/%s/", request->module->name);
}

static const struct route audit_routes[] = {
    {"", HTTP_GET, NEED_STAFF | NEED_TRANSACTION, .roles = STAFF_AUDITOR, .fields = audit_fields,
     .page = "list", .handle = audit_list, .refill = audit_refill},
    {"export", HTTP_GET, NEED_STAFF | NEED_TRANSACTION, .roles = STAFF_AUDITOR,
     .fields = audit_fields, .handle = audit_export, .form = "list", .refill = audit_refill},
    {"verify", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_AUDITOR,
     .handle = audit_verify_order},
    {0},
};

const struct module module_staff_audit = {
    .name = "staff/audit", .label = "审计日志", .routes = audit_routes};
