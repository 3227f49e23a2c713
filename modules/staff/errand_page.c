#include "modules/staff/errand_page.h"

#include <string.h>

#include "core/audit/audit_log.h"

void page_errand(struct request *request, HDF *item, const struct errand *errand)
{
    bool waiting = strcmp(errand->state, ERRAND_WAITING) == 0;
    bool failed = strcmp(errand->state, ERRAND_FAILED) == 0;
    char *rest = pool_text(request->pool, errand->report), *line;
    size_t lines = 0;

    page_text(item, "State", errand->state);
    page_text(item, "Label", !waiting ? failed ? "未能完成" : "已完成"
                             : errand->step ? "正在进行"
                                            : "等待进行");
    page_int(item, "Running", waiting);
    page_int(item, "Step", errand->step);
    page_int(item, "Steps", errand->steps);
    page_text(item, "Who", *errand->who ? errand->who : actor_kind_label(errand->actor_kind));
    page_time(item, "Ordered", errand->ordered_ms);
    if (errand->ended_ms)
        page_time(item, "Ended", errand->ended_ms);
    page_int(item, "Counted", (int64_t)errand->counted);
    page_int(item, "Faults", (int64_t)errand->faults);
    while (*rest && (line = strsep(&rest, "\n")) != NULL) {
        page_text(page_item(item, "Report", lines++), "Text", line);
        if (!rest)
            break;
    }
}
