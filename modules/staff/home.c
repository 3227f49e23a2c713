/*
 * 工作首页: the first page of staff: who am I, what waits for me, what can I do in my role.
 */
#include "core/issue/errand.h"
#include "core/issue/job_board.h"
#include "core/proposal/proposal.h"
#include "core/proposal/sanction.h"
#include "core/staff/staff.h"
#include "modules/common.h"

static void page_tile(struct request *request, size_t index, const char *label, const char *link,
                      uint64_t count)
{
    HDF *item = page_item(request->hdf, "Tiles", index);

    page_text(item, "Label", label);
    page_text(item, "Link", link);
    page_int(item, "Count", (int64_t)count);
}

/* What the last verification of the audit that ended found. */
static int count_faults(struct request *request, uint64_t *count, struct err *err)
{
    enum { LOOKED_AT = 3 };
    const struct errand *errands;
    size_t listed, i = 0;

    if (errand_list(request->db, request->pool, ERRAND_AUDIT, LOOKED_AT, &errands, &listed, err) < 0)
        return -1;
    while (i < listed && !errands[i].ended_ms)
        i++;
    *count = i < listed ? errands[i].faults : 0;
    return 0;
}

/* What waits, for whoever may do something about it. 0/-1. */
static int page_waiting(struct request *request, struct err *err)
{
    unsigned roles = request->who.roles, deciding = 0;
    size_t tiles = 0;
    uint64_t count;

    for (const struct proposal_kind *const *at = proposal_kinds; *at; at++)
        deciding |= (*at)->decide;
    if (roles & deciding) {
        if (proposal_count(request->db, request->pool, request->who.id, roles, &count, err) < 0)
            return -1;
        page_tile(request, tiles++, "待我决定", "/staff/proposals/?show=decide", count);
    }
    if (roles & (sanction_give_back.propose | sanction_give_back.decide)) {
        if (sanction_due_count(request->db, request->pool, request->today, &count, err) < 0)
            return -1;
        page_tile(request, tiles++, "暂扣期满，待发还", "/staff/sanctions/", count);
    }
    if (roles & (STAFF_AUDITOR | STAFF_ADMINISTRATOR)) {
        if (board_failed(request->db, request->pool, &count, err) < 0)
            return -1;
        page_tile(request, tiles++, "文件生成失败", "/staff/jobs/", count);
    }
    if (roles & STAFF_AUDITOR) {
        if (count_faults(request, &count, err) < 0)
            return -1;
        page_tile(request, tiles++, "审计链的问题", "/staff/audit/", count);
    }
    return 0;
}

static enum outcome home_show(struct request *request, struct err *err)
{
    if (page_waiting(request, err) < 0)
        return outcome_of(err);
    page_text(request->hdf, "Role", staff_role_label(request->who.roles));
    return OUT_PAGE;
}

static const struct route home_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_ALL, .page = "home", .handle = home_show},
    {0},
};

const struct module module_staff = {.name = "staff", .label = "工作首页", .routes = home_routes};
