/*
 * 纸质证书换领电子证书: the list of the firm's paper certificates, what they say, the warning, and
 * the exchange itself.
 */
#include <inttypes.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "core/item/exchange.h"
#include "core/register/identifier.h"
#include "core/register/paper.h"
#include "modules/common.h"

enum { LIST_ROWS = 20 };

enum { F_AFTER };
static const struct field list_fields[] = {
    [F_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

enum { F_PAPERS, F_SEEN };
static const struct field papers_fields[] = {
    [F_PAPERS] = {.name = "paper", .kind = FIELD_ID_LIST, .low = 1, .high = EXCHANGE_MAX,
                  .flags = FIELD_REQUIRED, .label = "纸质证书"},
    /* What they said when they were looked at. */
    [F_SEEN] = {.name = "seen", .kind = FIELD_CODE, .low = EXCHANGE_SEEN_SIZE - 1,
                .high = EXCHANGE_SEEN_SIZE - 1, .label = "核对内容"},
    {0},
};

enum { F_ID };
static const struct field id_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

static void page_row(HDF *item, const struct paper *paper)
{
    page_int(item, "Id", (int64_t)paper->id);
    page_text(item, "Number", paper->number);
    page_text(item, "Name", paper->holder_name);
    page_text(item, "Class", paper->class_code);
    page_date(item, "Until", paper->valid_until);
    if (!paper->has_photo)
        page_int(item, "NoPhoto", 1);
}

static int list(struct request *request, uint64_t after, struct err *err)
{
    struct paper_page page;

    if (paper_list(request->db, request->pool, request->who.id, request->today, after, LIST_ROWS,
                   &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.count; i++)
        page_row(page_item(request->hdf, "Rows", i), &page.rows[i]);
    page_next(request, "", page.next);
    if (after != 0)
        page_int(request->hdf, "Later", 1);
    return 0;
}

static enum outcome exchange_list(struct request *request, struct err *err)
{
    return list(request, request_id(request, F_AFTER), err) < 0 ? outcome_of(err) : OUT_PAGE;
}

/* Nothing was ticked, or too much: the list again. */
static int exchange_refill(struct request *request, struct err *err)
{
    return list(request, 0, err);
}

static void page_paper(HDF *node, const struct paper *paper)
{
    page_row(node, paper);
    page_text(node, "Class", class_label(paper->class_code));
    page_text(node, "Post", post_label(paper->post));
    page_text(node, "Enterprise", paper->enterprise_name);
    page_text(node, "Sex", paper->sex == 2 ? "女" : "男");
    page_date(node, "Birth", paper->birth);
    page_text(node, "IdType", document_type_label(paper->id_type));
    page_text(node, "IdNumber", paper->id_no_masked);
    page_date(node, "FirstIssued", paper->first_issued);
    page_date(node, "From", paper->valid_from);
}

static const char *subject_of(struct request *request, const struct paper *paper)
{
    return pool_printf(request->pool, "%s　%s", paper->holder_name, paper->number);
}

/* A paper certificate that was chosen, judged. */
struct chosen {
    struct paper paper;
    struct verdict verdict;
};

static int judge(struct request *request, const uint64_t *ids, size_t count, struct chosen *chosen,
                 struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (exchange_judge(request->db, request->pool, core_of(request), request->who.id, ids[i],
                           request->today, &chosen[i].verdict, err) < 0)
            return -1;
    return 0;
}

/* 1; 0: one of them is not this firm's; -1. */
static int find(struct request *request, const uint64_t *ids, size_t count, struct chosen *chosen,
                struct err *err)
{
    int found = 1;

    for (size_t i = 0; found > 0 && i < count; i++)
        found = paper_find(request->db, request->pool, core_of(request), ids[i], request->who.id,
                           &chosen[i].paper, err);
    return found;
}

/* Names what those say that may be exchanged: 1/0/-1. */
static int see(struct request *request, const uint64_t *ids, size_t count,
               const struct chosen *chosen, size_t *ready, struct err *err)
{
    uint64_t allowed[EXCHANGE_MAX];
    char seen[EXCHANGE_SEEN_SIZE];
    int found = 1;

    *ready = 0;
    for (size_t i = 0; i < count; i++)
        if (chosen[i].verdict.allowed)
            allowed[(*ready)++] = ids[i];
    if (*ready > 0)
        found = exchange_seen(request->db, request->pool, request->who.id, allowed, *ready, seen, err);
    if (*ready > 0 && found > 0)
        page_text(request->hdf, "Seen", seen);
    return found;
}

static enum outcome exchange_check(struct request *request, struct err *err)
{
    size_t count, ready, shown = 0;
    const uint64_t *ids = request_ids(request, F_PAPERS, &count);
    struct chosen *chosen = pool_array(request->pool, count, sizeof(*chosen));
    int found;

    if (judge(request, ids, count, chosen, err) < 0)
        return outcome_of(err);
    found = see(request, ids, count, chosen, &ready, err);
    if (found > 0)
        found = find(request, ids, count, chosen, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (count == 1 && ready == 0)
        return refuse(request, subject_of(request, &chosen->paper), NULL, &chosen->verdict);
    for (size_t i = 0; i < count; i++) {
        const struct chosen *one = &chosen[i];
        HDF *item;

        if (one->verdict.allowed) {
            page_paper(page_item(request->hdf, "Ready", shown++), &one->paper);
            continue;
        }
        item = page_item(request->hdf, "Refused", i - shown);
        page_row(item, &one->paper);
        page_findings(item, &one->verdict);
    }
    page_int(request->hdf, "Count", (int64_t)ready);
    return OUT_PAGE;
}

static enum outcome exchange_warn(struct request *request, struct err *err)
{
    const char *known = request_text(request, F_SEEN);
    char seen[EXCHANGE_SEEN_SIZE];
    size_t count;
    const uint64_t *ids = request_ids(request, F_PAPERS, &count);
    struct chosen *chosen = pool_array(request->pool, count, sizeof(*chosen));
    int found = known ? 1 : exchange_seen(request->db, request->pool, request->who.id, ids, count, seen, err);

    if (found > 0)
        found = find(request, ids, count, chosen, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    for (size_t i = 0; i < count; i++)
        page_row(page_item(request->hdf, "Rows", i), &chosen[i].paper);
    page_text(request->hdf, "Seen", known ? known : seen);
    page_int(request->hdf, "Count", (int64_t)count);
    return OUT_PAGE;
}

static enum outcome exchange_refused(struct request *request, const struct exchange *result,
                                     struct err *err)
{
    struct paper paper;
    int found = paper_find(request->db, request->pool, core_of(request), result->refused_id,
                           request->who.id, &paper, err);

    if (found < 0)
        return outcome_of(err);
    request_keep(request, NULL);
    return refuse(request, found > 0 ? subject_of(request, &paper) : NULL, NULL,
                  &result->verdict);
}

static enum outcome exchange_run(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct exchange_choice choice = {.enterprise_id = request->who.id,
                                     .seen = request_text(request, F_SEEN)};
    struct exchange result;

    choice.ids = request_ids(request, F_PAPERS, &choice.count);
    int done = exchange_papers(request->db, request->pool, core_of(request), &actor, &choice,
                               request->today, request->now_ms, &result, err);

    if (done < 0 && err->kind == ERR_CONFLICT)
        return request_conflict(request,
                                "核对之后，人员或纸质证书的信息、照片发生了变化，本次没有换领。请重新核对后再确认。",
                                "/exchange/");
    if (done < 0)
        return outcome_of(err);
    if (done == 0)
        return exchange_refused(request, &result, err);
    return respond_redirect(request, "/matters/%s", result.matter.number);
}

static enum outcome exchange_photo(struct request *request, struct err *err)
{
    struct paper paper;
    int found = paper_find(request->db, request->pool, core_of(request),
                           request_id(request, F_ID), request->who.id, &paper, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_photo(request, paper.person_id, paper.capture_id, err);
}

static const struct route exchange_routes[] = {
    {"", HTTP_GET, NEED_FIRM, .fields = list_fields, .page = "list", .handle = exchange_list},
    {"", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_KEY, .fields = papers_fields,
     .handle = exchange_run, .form = "list", .refill = exchange_refill},
    {"check", HTTP_GET, NEED_FIRM, .fields = papers_fields, .page = "check",
     .handle = exchange_check, .form = "list", .refill = exchange_refill},
    {"confirm", HTTP_GET, NEED_FIRM, .fields = papers_fields, .page = "confirm",
     .handle = exchange_warn, .form = "list", .refill = exchange_refill},
    {"{id}/photo", HTTP_GET, NEED_FIRM | CACHE_PRIVATE, .fields = id_fields,
     .handle = exchange_photo},
    {0},
};

const struct module module_exchange = {
    .name = "exchange", .label = "纸质证书换领电子证书", .routes = exchange_routes};
