#include "modules/staff/papers.h"

#include <string.h>

#include "core/matter/attachment.h"
#include "core/matter/matter.h"
#include "modules/common.h"
#include "modules/staff/proposal_page.h"

enum { LIST_ROWS = 20, QUERY_SIZE = 1024, NAME = 64 };

/* What was asked before the transaction, by slot. */
struct papers {
    bool sent[PAPERS_MOST];
    enum scan_fault faults[PAPERS_MOST];
    struct attachment_file files[PAPERS_MOST];
    uint64_t *ids; /* of what was kept then */
};

enum outcome papers_scan(struct request *request, const struct paper_slot *slots, size_t count,
                         struct err *err)
{
    struct papers *papers = POOL_NEW(request->pool, struct papers);

    papers->ids = pool_array(request->pool, PAPERS_MOST, sizeof(*papers->ids));
    for (size_t i = 0; i < count; i++) {
        const struct upload *upload = request_upload(request, slots[i].file);

        if (!upload)
            continue;
        papers->sent[i] = true;
        if (attachment_check(core_of(request), request->pool, upload->file_name, upload->bytes,
                             &papers->files[i], &papers->faults[i], err) < 0)
            return outcome_of(err);
    }
    request->asked = papers;
    return OUT_PAGE;
}

/* 1/0/-1. */
static int mine(struct request *request, const struct paper_slot *slot, uint64_t id,
                struct attachment *out, struct err *err)
{
    int found = id == 0 ? 0
                        : attachment_find(request->db, request->pool, core_of(request), id, out,
                                          err);

    if (found == 1 && (out->matter_id != 0 || out->added_by != request->who.id ||
                       strcmp(out->kind, slot->kind) != 0))
        found = 0;
    return found;
}

int papers_carried(struct request *request, const struct paper_slot *slots, size_t count,
                   uint64_t ids[], struct err *err)
{
    struct attachment attachment;

    for (size_t i = 0; i < count; i++) {
        int found = mine(request, &slots[i], request_id(request, slots[i].kept), &attachment, err);

        if (found < 0)
            return -1;
        ids[i] = found ? attachment.id : 0;
    }
    return 0;
}

static bool judge(struct request *request, const struct papers *papers,
                  const struct paper_slot *slot, size_t at, uint64_t id)
{
    if (papers->sent[at] && papers->faults[at] != SCAN_GOOD) {
        request_reject(request, slot->file, "%s：%s", slot->label,
                       scan_fault_text(SCAN_PAPER, papers->faults[at]));
        return false;
    }
    if (slot->required && id == 0) {
        request_reject(request, slot->file, "请选择“%s”的扫描件", slot->label);
        return false;
    }
    if (slot->ticked && id != 0 && !request_flag(request, slot->seen)) {
        request_reject(request, slot->seen, "请核对“%s”，并勾选", slot->label);
        return false;
    }
    return true;
}

enum outcome papers_keep(struct request *request, struct change *change,
                         const struct paper_slot *slots, size_t count, bool wrong, uint64_t ids[],
                         struct err *err)
{
    const struct papers *papers = request->asked;

    if (papers_carried(request, slots, count, ids, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < count; i++) {
        if (papers->sent[i] && papers->faults[i] == SCAN_GOOD &&
            attachment_add(change, 0, slots[i].kind, &papers->files[i], &ids[i], err) < 0)
            return outcome_of(err);
        papers->ids[i] = ids[i];
        wrong = !judge(request, papers, &slots[i], i, ids[i]) || wrong;
    }
    if (change_end(change, err) < 0)
        return outcome_of(err);
    if (!wrong)
        return OUT_PAGE;
    request_keep(request, NULL);
    return OUT_INVALID;
}

int papers_page(struct request *request, const struct paper_slot *slots, size_t count,
                struct err *err)
{
    const struct papers *papers = request->asked;
    /* The fields of the form are those of its POST alone. */
    bool sent = request->method == HTTP_POST;
    struct attachment attachment;

    for (size_t i = 0; i < count; i++) {
        HDF *item = page_item(request->hdf, "Papers", i);
        uint64_t id = papers ? papers->ids[i] : sent ? request_id(request, slots[i].kept) : 0;
        int found = mine(request, &slots[i], id, &attachment, err);

        if (found < 0)
            return -1;
        page_text(item, "Kind", slots[i].kind);
        page_text(item, "Label", slots[i].label);
        page_int(item, "Required", slots[i].required);
        page_int(item, "Ticked", slots[i].ticked);
        if (sent && slots[i].ticked && request_flag(request, slots[i].seen))
            page_int(item, "Seen", 1);
        if (!found)
            continue;
        page_int(item, "Id", (int64_t)attachment.id);
        page_text(item, "Name", attachment.name);
        page_int(item, "Pages", attachment.pages);
    }
    return 0;
}

static const char *const states[] = {PROPOSAL_WAITING, PROPOSAL_APPLIED, PROPOSAL_REFUSED,
                                     PROPOSAL_WITHDRAWN};

enum { L_NAME, L_STATE, L_NUMBER, L_AFTER };
const struct field papers_list_fields[] = {
    [L_NAME] = {.name = "name", .kind = FIELD_TEXT, .high = NAME, .label = "姓名"},
    [L_STATE] = {.name = "state", .kind = FIELD_CODE, .high = 12, .label = "状态"},
    [L_NUMBER] = {.name = "number", .kind = FIELD_CODE, .high = MATTER_NUMBER_SIZE - 1,
                  .label = "事项编号"},
    [L_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

enum outcome papers_list(struct request *request, const char *kinds, struct err *err)
{
    const struct proposal_search search = {
        .kinds = kinds,
        .name = request_text(request, L_NAME),
        .state = request_text(request, L_STATE),
        .after = request_id(request, L_AFTER),
        .limit = LIST_ROWS,
    };
    struct proposal_page page;
    struct text query;

    if (request_has(request, L_NUMBER))
        return respond_redirect(request, "/staff/proposals/%s", request_text(request, L_NUMBER));
    if (proposal_search(request->db, request->pool, &search, &page, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < page.count; i++)
        page_proposal(request, page_item(request->hdf, "Rows", i), &page.rows[i]);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        HDF *item = page_item(request->hdf, "States", i);

        page_text(item, "Name", states[i]);
        page_text(item, "Label", proposal_state_label(states[i]));
        if (search.state && strcmp(search.state, states[i]) == 0)
            page_int(item, "Here", 1);
    }
    text_init(&query, request->pool, QUERY_SIZE);
    query_add(&query, "name", search.name);
    query_add(&query, "state", search.state);
    page_int(request->hdf, "Searched", query.length > 0);
    page_next(request, query.data, page.next);
    if (search.after)
        page_text(request->hdf, "First", pool_printf(request->pool, "?%s", query.data));
    return OUT_PAGE;
}
