/*
 * 纸质证书换领电子证书: the list of the firm's paper certificates, what they say, the warning, and
 * the exchange itself.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/vault.h"
#include "core/item/exchange.h"
#include "core/register/identifier.h"
#include "core/register/paper.h"
#include "modules/common.h"

enum { LIST_ROWS = 20, HASH_SIZE = 32, SEEN_LENGTH = 2 * HASH_SIZE, SEEN_CAP = 64 * 1024 };

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
    [F_SEEN] = {.name = "seen", .kind = FIELD_CODE, .low = SEEN_LENGTH, .high = SEEN_LENGTH,
                .label = "核对内容"},
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

/* All that the clerk is asked to check, and that the electronic certificate will say. */
static void seen_add(struct text *seen, const struct paper *paper)
{
    char first[11], from[11], until[11], birth[11];

    date_format(paper->first_issued, first);
    date_format(paper->valid_from, from);
    date_format(paper->valid_until, until);
    date_format(paper->birth, birth);
    text_printf(seen, "%" PRIu64 "|%s|%s|%s|%d|%s|%s|%s|", paper->id, paper->number,
                paper->class_code, paper->holder_name, paper->sex, birth, paper->id_type,
                paper->id_no_masked);
    text_printf(seen, "%s|%s|%s|%s|%s|%" PRIu64 "\n", paper->enterprise_name, paper->post, first,
                from, until, paper->capture_id);
}

static const char *seen_end(struct request *request, const struct text *seen)
{
    char *hex = pool_alloc(request->pool, SEEN_LENGTH + 1);
    uint8_t hash[HASH_SIZE];

    sha256(seen->data, seen->length, hash);
    hex_encode(hash, sizeof(hash), hex);
    return hex;
}

/* What the chosen papers say now. 1/0/-1. */
static int seen_now(struct request *request, const char **out, struct err *err)
{
    struct text seen;
    size_t count;
    const uint64_t *ids = request_ids(request, F_PAPERS, &count);

    text_init(&seen, request->pool, SEEN_CAP);
    for (size_t i = 0; i < count; i++) {
        struct paper paper;
        int found = paper_find(request->db, request->pool, core_of(request), ids[i],
                               request->who.id, &paper, err);

        if (found <= 0)
            return found;
        seen_add(&seen, &paper);
    }
    *out = seen_end(request, &seen);
    return 1;
}

static const char *subject_of(struct request *request, const struct paper *paper)
{
    return pool_printf(request->pool, "%s　%s", paper->holder_name, paper->number);
}

/* Reads one of the chosen and judges it. 1/0/-1. */
static int judge(struct request *request, uint64_t id, struct paper *paper,
                 struct verdict *verdict, struct err *err)
{
    int found = paper_find(request->db, request->pool, core_of(request), id, request->who.id,
                           paper, err);

    if (found <= 0)
        return found;
    return exchange_judge(request->db, request->pool, core_of(request), request->who.id, id,
                          request->today, verdict, err) < 0 ? -1 : 1;
}

static enum outcome exchange_check(struct request *request, struct err *err)
{
    struct paper paper;
    struct verdict verdict;
    struct text seen;
    size_t count, ready = 0, refused = 0;
    const uint64_t *ids = request_ids(request, F_PAPERS, &count);

    text_init(&seen, request->pool, SEEN_CAP);
    for (size_t i = 0; i < count; i++) {
        int found = judge(request, ids[i], &paper, &verdict, err);

        if (found <= 0)
            return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
        if (verdict.allowed) {
            seen_add(&seen, &paper);
            page_paper(page_item(request->hdf, "Ready", ready++), &paper);
            continue;
        }
        HDF *item = page_item(request->hdf, "Refused", refused++);
        page_row(item, &paper);
        page_findings(item, &verdict);
    }
    if (count == 1 && ready == 0)
        return refuse(request, subject_of(request, &paper), NULL, &verdict);
    page_int(request->hdf, "Count", (int64_t)ready);
    page_text(request->hdf, "Seen", seen_end(request, &seen));
    return OUT_PAGE;
}

static enum outcome exchange_warn(struct request *request, struct err *err)
{
    const char *seen = request_text(request, F_SEEN);
    size_t count;
    const uint64_t *ids = request_ids(request, F_PAPERS, &count);
    int known = seen ? 1 : seen_now(request, &seen, err);

    if (known <= 0)
        return known < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    page_text(request->hdf, "Seen", seen);

    for (size_t i = 0; i < count; i++) {
        struct paper paper;
        int found = paper_find(request->db, request->pool, core_of(request), ids[i],
                               request->who.id, &paper, err);

        if (found <= 0)
            return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
        page_row(page_item(request->hdf, "Rows", i), &paper);
    }
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

/* Do the papers still say what was looked at? OUT_PAGE, or the answer. */
static enum outcome exchange_compare(struct request *request, struct err *err)
{
    const char *seen = request_text(request, F_SEEN), *now = seen;
    int known = seen ? seen_now(request, &now, err) : 1;

    if (known <= 0)
        return known < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (!seen || strcmp(seen, now) == 0)
        return OUT_PAGE;
    return request_conflict(request,
                            "核对之后，人员或纸质证书的信息、照片发生了变化，本次没有换领。请重新核对后再确认。",
                            "/exchange/");
}

static enum outcome exchange_run(struct request *request, struct err *err)
{
    enum outcome outcome = exchange_compare(request, err);

    if (outcome != OUT_PAGE)
        return outcome;
    struct actor actor = actor_of(request);
    struct exchange result;
    size_t count;
    const uint64_t *ids = request_ids(request, F_PAPERS, &count);
    int done = exchange_papers(request->db, request->pool, core_of(request), &actor,
                               request->who.id, ids, count, request->today, request->now_ms,
                               &result, err);

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
    return respond_photo(request, paper.capture_id, err);
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
