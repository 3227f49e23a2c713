/*
 * 证书处罚: the kinds of sanctions and what is due to be given back; the form of one, for a single
 * certificate or many; the preview of exactly what will happen; the proposal.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/item/cancel.h"
#include "core/proposal/sanction.h"
#include "core/proposal/sanction_lines.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/proposal_page.h"

enum {
    DUE_ROWS = 100, TICKED_MOST = 100, BASIS = 120, REASON = 300, FILE_MOST = 1024 * 1024,
    QUERY_SIZE = 4096, WRONG_ROWS = 500, REFUSED_ROWS = 200, RESULTS = 20
};

enum { N_KIND, N_CERTIFICATE, N_FIRM };
static const struct field new_fields[] = {
    [N_KIND] = {.name = "kind", .kind = FIELD_CODE, .low = 1, .high = 24, .label = "种类"},
    [N_CERTIFICATE] = {.name = "certificate", .kind = FIELD_ID_LIST, .low = 0, .high = TICKED_MOST,
                       .label = "证书"},
    [N_FIRM] = {.name = "firm", .kind = FIELD_ID, .label = "企业"},
    {0},
};

enum { F_KIND, F_BASIS, F_REASON, F_FROM, F_UNTIL, F_CODE, F_NUMBERS, F_FILE };
#define SANCTION_FIELDS                                                                            \
    [F_KIND] = {.name = "kind", .kind = FIELD_CODE, .low = 1, .high = 24,                          \
                .flags = FIELD_REQUIRED, .label = "种类"},                                         \
    [F_BASIS] = {.name = "basis", .kind = FIELD_TEXT, .low = 1, .high = BASIS,                     \
                 .flags = FIELD_REQUIRED, .label = "法律依据"},                                    \
    [F_REASON] = {.name = "reason", .kind = FIELD_TEXT, .low = 1, .high = REASON,                  \
                  .flags = FIELD_REQUIRED, .label = "原因"},                                       \
    [F_FROM] = {.name = "from", .kind = FIELD_DATE, .label = "暂扣期（起）"},                      \
    [F_UNTIL] = {.name = "until", .kind = FIELD_DATE, .label = "暂扣期（止）"},                    \
    [F_CODE] = {.name = "code", .kind = FIELD_CODE, .low = 1, .high = 8, .label = "注销原因"},     \
    [F_NUMBERS] = {.name = "numbers", .kind = FIELD_LINES, .high = SANCTION_TEXT,                  \
                   .label = "证书编号"}
#define FILE_FIELD                                                                                 \
    [F_FILE] = {.name = "file", .kind = FIELD_UPLOAD, .low = 1, .high = FILE_MOST, .label = "CSV 文件"}
static const struct field preview_fields[] = {SANCTION_FIELDS, FILE_FIELD, {0}};
/* Behind a preview nobody sends a file; but what it said in many lines is longer than other forms are. */
static const struct field open_fields[] = {SANCTION_FIELDS, FILE_FIELD, {0}};

/* What a clerk chooses from. */
static const struct choice {
    const struct proposal_kind *kind;
    const char *text;
} choices[] = {
    {&sanction_suspend, "有效的证书暂扣一段时间。暂扣期间不能下载，核验结果为暂扣；期满后须办理发还。"},
    {&sanction_give_back, "暂扣的证书恢复为有效，原电子证书可以重新下载。"},
    {&sanction_withdraw, "有效或暂扣的证书予以撤销，不能恢复。"},
    {&sanction_revoke, "有效或暂扣的证书予以吊销，不能恢复。"},
    {&sanction_cancel, "有效的证书由管理部门注销，不需要企业签署。"},
    {&sanction_take_back, "已办理转出的证书恢复为有效，生成新版电子证书。"},
};
enum { CHOICES = sizeof(choices) / sizeof(choices[0]) };

static const struct proposal_kind *kind_named(const char *name)
{
    for (size_t i = 0; name && i < CHOICES; i++)
        if (strcmp(choices[i].kind->name, name) == 0)
            return choices[i].kind;
    return NULL;
}

/* The first page */

/* What the form is to be about, for the link of each kind: "certificate=1&firm=2&". */
static const char *about(struct request *request)
{
    struct text query;
    size_t count;
    const uint64_t *ids = request_ids(request, N_CERTIFICATE, &count);

    text_init(&query, request->pool, QUERY_SIZE);
    for (size_t i = 0; i < count; i++)
        text_printf(&query, "certificate=%" PRIu64 "&", ids[i]);
    if (request_id(request, N_FIRM))
        text_printf(&query, "firm=%" PRIu64 "&", request_id(request, N_FIRM));
    return query.data;
}

static int page_due(struct request *request, struct err *err)
{
    const struct suspension *rows;
    size_t count;

    if (sanction_due(request->db, request->pool, request->today, DUE_ROWS, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Due", i);

        page_certificate_row(request, item, &rows[i].certificate);
        page_text(item, "Enterprise", rows[i].enterprise_name);
        page_date(item, "From", rows[i].from);
        page_date(item, "Until", rows[i].until);
        page_date(item, "Ends", rows[i].certificate.valid_until);
        page_text(item, "Matter", rows[i].number);
    }
    return 0;
}

static enum outcome sanctions_index(struct request *request, struct err *err)
{
    const char *query = about(request);

    if (page_due(request, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < CHOICES; i++) {
        HDF *item = page_item(request->hdf, "Kinds", i);

        page_text(item, "Label", choices[i].kind->label);
        page_text(item, "Text", choices[i].text);
        if (choices[i].kind->propose & request->who.roles)
            page_text(item, "Link", pool_printf(request->pool, "/staff/sanctions/new?%skind=%s",
                                                query, choices[i].kind->name));
    }
    page_int(request->hdf, "Chosen", *query != '\0');
    page_int(request->hdf, "Propose", (request->who.roles & STAFF_REVIEWER) != 0);
    return OUT_PAGE;
}

/* The form */

static int page_codes(struct request *request, const char *chosen, struct err *err)
{
    const struct cancel_reason *reasons;
    size_t count;

    if (cancel_reasons(request->db, request->pool, &reasons, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Codes", i);

        page_text(item, "Code", reasons[i].code);
        page_text(item, "Label", reasons[i].label);
        if (chosen && strcmp(chosen, reasons[i].code) == 0)
            page_int(item, "Here", 1);
    }
    return 0;
}

static int page_kind(struct request *request, const struct proposal_kind *kind, const char *code,
                     struct err *err)
{
    page_text(request->hdf, "Kind.Name", kind->name);
    page_text(request->hdf, "Kind.Label", kind->label);
    page_int(request->hdf, "Kind.Period", kind->period);
    page_int(request->hdf, "Kind.Final", kind->final);
    page_int(request->hdf, "Most", (int64_t)proposal_kind_most(kind));
    page_int(request->hdf, "AtOnce", PROPOSAL_AT_ONCE);
    return kind == &sanction_cancel ? page_codes(request, code, err) : 0;
}

/* The certificates that the form begins with. */
static int page_numbers(struct request *request, const struct proposal_kind *kind,
                        struct err *err)
{
    const char *text = "";
    size_t count;
    const uint64_t *ids = request_ids(request, N_CERTIFICATE, &count);

    if ((request_id(request, N_FIRM)
             ? sanction_lines_of_firm(request->db, request->pool, request_id(request, N_FIRM),
                                      proposal_kind_most(kind), &text, err)
             : sanction_lines_of(request->db, request->pool, ids, count, &text, err)) < 0)
        return -1;
    page_text(request->hdf, "Field.numbers", text);
    return 0;
}

static enum outcome sanctions_new(struct request *request, struct err *err)
{
    const struct proposal_kind *kind = kind_named(request_text(request, N_KIND));

    if (!kind && request_has(request, N_KIND))
        return OUT_NOT_FOUND;
    if (!kind)
        return respond_redirect(request, "/staff/sanctions/?%s", about(request));
    if (page_kind(request, kind, NULL, err) < 0 || page_numbers(request, kind, err) < 0)
        return outcome_of(err);
    page_date(request->hdf, "Field.from", request->today);
    return OUT_PAGE;
}

/* The form again after a mistake: fields of both are in the same order. */
static int sanctions_again(struct request *request, struct err *err)
{
    const struct proposal_kind *kind = kind_named(request_text(request, F_KIND));

    return page_kind(request, kind ? kind : choices[0].kind, request_text(request, F_CODE), err);
}

/* Back from the preview, with what was typed. */
static enum outcome sanctions_change(struct request *request, struct err *err)
{
    return sanctions_again(request, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

/* Preview and proposal */

/* What the form says, and the certificates it lists. */
struct wish {
    struct proposal_new what;
    struct sanction_lines lines;
    const char *text; /* of them, as typed or as the file has it */
    struct proposal_row reason[2]; /* of 注销 */
};

static enum outcome outcome_of_size(struct request *request, const struct err *err)
{
    if (err->kind != ERR_LIMIT)
        return outcome_of(err);
    return request_reject(request, F_NUMBERS,
                          "一次至多提请%zu本证书；单独填写的原因过长的也请缩短，或者分批办理",
                          proposal_kind_most(kind_named(request_text(request, F_KIND))));
}

static enum outcome lines_of(struct request *request, struct wish *wish, struct err *err)
{
    struct sanction_lines *lines = &wish->lines;
    const char *text = request_text(request, F_NUMBERS), *wrong;
    size_t most = proposal_kind_most(kind_named(request_text(request, F_KIND)));
    bool form = request->route->fields == preview_fields;
    const struct upload *file = form ? request_upload(request, F_FILE) : NULL;

    if (file && !sanction_lines_csv(request->pool, file->bytes, &text, &wrong))
        return request_reject(request, F_FILE, "%s", wrong);
    wish->text = text ? text : "";
    if (sanction_lines_read(request->db, request->pool, core_of(request), wish->text, lines, err) < 0)
        return outcome_of_size(request, err);
    if (lines->count == 0)
        return request_reject(request, F_NUMBERS, "请填写证书编号，或者选择文件");
    if (lines->right > most)
        return request_reject(request, F_NUMBERS, "一次至多提请%zu本证书，请分批办理", most);
    return OUT_PAGE;
}

static enum outcome period_of(struct request *request, struct wish *wish)
{
    wish->what.from = request_date(request, F_FROM);
    wish->what.until = request_date(request, F_UNTIL);
    if (date_is_none(wish->what.from))
        return request_reject(request, F_FROM, "请填写暂扣期的起始日期");
    if (date_is_none(wish->what.until))
        return request_reject(request, F_UNTIL, "请填写暂扣期的截止日期");
    if (date_compare(wish->what.from, request->today) > 0)
        return request_reject(request, F_FROM, "暂扣期的起始日期不能晚于今天");
    if (date_compare(wish->what.until, request->today) < 0 ||
        date_compare(wish->what.until, wish->what.from) < 0)
        return request_reject(request, F_UNTIL, "暂扣期的截止日期不能早于今天和起始日期");
    return OUT_PAGE;
}

static enum outcome code_of(struct request *request, struct wish *wish, struct err *err)
{
    const char *code = request_text(request, F_CODE);
    struct cancel_reason reason;
    int found = code ? cancel_reason_find(request->db, request->pool, code, &reason, err) : 0;

    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return request_reject(request, F_CODE, "请选择注销原因");
    wish->reason[0] = (struct proposal_row){SANCTION_REASON_CODE, "", "", reason.code};
    wish->reason[1] = (struct proposal_row){"reason", "注销原因", "", reason.label};
    return OUT_PAGE;
}

/* OUT_PAGE, or what is wrong with it. */
static enum outcome wish_read(struct request *request, struct wish *wish, struct err *err)
{
    const struct proposal_kind *kind = kind_named(request_text(request, F_KIND));
    enum outcome outcome = OUT_PAGE;

    *wish = (struct wish){
        .what = {.kind = kind,
                 .legal_basis = request_text(request, F_BASIS),
                 .reason = request_text(request, F_REASON)}
    };
    if (!kind)
        return request_reject(request, F_KIND, "请选择种类");
    if (kind->period)
        outcome = period_of(request, wish);
    if (outcome == OUT_PAGE && kind == &sanction_cancel)
        outcome = code_of(request, wish, err);
    return outcome == OUT_PAGE ? lines_of(request, wish, err) : outcome;
}

static int by_id(const void *key, const void *element)
{
    uint64_t id = *(const uint64_t *)key, other = ((const struct proposal_certificate *)element)->id;

    return (id > other) - (id < other);
}

/* Those of the lines that judge lets pass; before it has judged: all. */
static bool may(void *context, uint64_t id)
{
    const struct proposal *proposal = context;
    const struct proposal_certificate *certificate = bsearch(
        &id, proposal->certificates, proposal->count, sizeof(*proposal->certificates), by_id);

    return certificate && certificate->refusal == NULL;
}

static void wish_take(struct request *request, struct wish *wish, struct proposal *judged)
{
    struct proposal_row *rows;
    uint64_t *ids;
    size_t own;

    sanction_lines_pick(request->pool, &wish->lines, judged ? may : NULL, judged, &ids, &rows,
                        &wish->what.count, &own);
    wish->what.certificates = ids;
    if (wish->what.kind == &sanction_cancel) {
        struct proposal_row *more = pool_array(request->pool, own + 2, sizeof(*more));

        memcpy(more, wish->reason, sizeof(wish->reason));
        memcpy(more + 2, rows, own * sizeof(*rows));
        rows = more;
        own += 2;
    }
    wish->what.rows = rows;
    wish->what.row_count = own;
}

static void page_wrong(struct request *request, const struct sanction_lines *lines)
{
    size_t wrong = 0;

    for (size_t i = 0; i < lines->count; i++) {
        const struct sanction_line *line = &lines->lines[i];

        if (!line->wrong || ++wrong > WRONG_ROWS)
            continue;
        HDF *item = page_item(request->hdf, "Wrong", wrong - 1);
        page_int(item, "Line", (int64_t)line->line);
        page_text(item, "Number", line->number);
        page_text(item, "Text", line->wrong);
    }
    if (wrong > WRONG_ROWS)
        page_int(request->hdf, "WrongMore", (int64_t)(wrong - WRONG_ROWS));
}

/* How many certificates fare the same: a list Results of Text, Refused (1), Count. What differs for
 * more than RESULTS of them is counted together at the end. */
static void page_results(struct request *request, const struct proposal *judged)
{
    struct result {
        const char *text;
        bool refused;
        int64_t count;
    } results[RESULTS + 1] = {{NULL, false, 0}};
    size_t count = 0;

    for (size_t i = 0; i < judged->count; i++) {
        const struct proposal_certificate *one = &judged->certificates[i];
        const char *text = one->refusal ? one->refusal : one->effect;
        size_t at = 0;

        while (at < count && strcmp(results[at].text, text) != 0)
            at++;
        if (at == count && count < RESULTS)
            results[count++] = (struct result){text, one->refusal != NULL, 0};
        results[at].count++;
    }
    if (results[RESULTS].count)
        results[count++].text = "其他";
    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Results", i);

        page_text(item, "Text", results[i].text);
        page_int(item, "Refused", results[i].refused);
        page_int(item, "Count", results[i].count);
    }
}

/* As many as a page takes: of those that are refused the first, then of the others. */
static void sample(struct pool *pool, const struct proposal *judged, struct proposal *shown)
{
    struct proposal_certificate *list = pool_array(pool, PROPOSAL_AT_ONCE, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < judged->count && count < REFUSED_ROWS; i++)
        if (judged->certificates[i].refusal)
            list[count++] = judged->certificates[i];
    for (size_t i = 0; i < judged->count && count < PROPOSAL_AT_ONCE; i++)
        if (!judged->certificates[i].refusal)
            list[count++] = judged->certificates[i];
    shown->certificates = list;
    shown->count = count;
}

static void page_judged(struct request *request, const struct proposal *judged)
{
    struct proposal shown = *judged;

    if (proposal_spread(judged)) {
        page_results(request, judged);
        sample(request->pool, judged, &shown);
        page_int(request->hdf, "Shown", (int64_t)shown.count);
    }
    page_proposal_whole(request, page_node(request->hdf, "Proposal"), &shown);
}

static enum outcome sanctions_preview(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct proposal judged;
    struct wish wish;
    enum outcome outcome = wish_read(request, &wish, err);

    if (outcome != OUT_PAGE)
        return outcome;
    wish_take(request, &wish, NULL);
    if (proposal_judge(&change, &wish.what, &judged, err) < 0)
        return outcome_of_size(request, err);
    if (page_kind(request, wish.what.kind, request_text(request, F_CODE), err) < 0)
        return outcome_of(err);
    page_judged(request, &judged);
    page_wrong(request, &wish.lines);
    wish_take(request, &wish, &judged);
    page_int(request->hdf, "Allowed", (int64_t)wish.what.count);
    page_int(request->hdf, "Refused", (int64_t)(wish.lines.count - wish.what.count));
    page_text(request->hdf, "Numbers",
              sanction_lines_text(request->pool, &wish.lines, may, &judged));
    page_text(request->hdf, "Typed", wish.text);
    page_date(request->hdf, "Deadline", judged.deadline);
    return OUT_PAGE;
}

static enum outcome sanctions_open(struct request *request, struct err *err)
{
    struct wish wish;
    enum outcome outcome = wish_read(request, &wish, err);

    if (outcome != OUT_PAGE)
        return outcome;
    wish_take(request, &wish, NULL);
    outcome = proposal_propose(request, &wish.what,
                               pool_printf(request->pool, "/staff/sanctions/new?kind=%s", wish.what.kind->name), err);
    return outcome == OUT_FAIL ? outcome_of_size(request, err) : outcome;
}

static const struct route sanctions_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_REVIEWER | STAFF_DECISION | STAFF_AUDITOR,
     .fields = new_fields, .page = "index", .handle = sanctions_index},
    {"", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = STAFF_REVIEWER,
     .fields = open_fields, .handle = sanctions_open, .form = "new", .refill = sanctions_again},
    {"new", HTTP_GET, NEED_STAFF, .roles = STAFF_REVIEWER, .fields = new_fields, .page = "new",
     .handle = sanctions_new},
    {"again", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_REVIEWER,
     .fields = open_fields, .page = "new", .handle = sanctions_change, .refill = sanctions_again},
    {"preview", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_REVIEWER,
     .fields = preview_fields, .page = "preview", .handle = sanctions_preview, .form = "new",
     .refill = sanctions_again},
    {0},
};

const struct module module_staff_sanctions = {
    .name = "staff/sanctions", .label = "证书处罚", .routes = sanctions_routes};
