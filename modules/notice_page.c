#include "modules/notice_page.h"

#include <string.h>

static bool blank(const char *line)
{
    return line[strspn(line, " \t\r")] == '\0';
}

/* Empty lines part paragraphs. */
static void page_body(struct request *request, HDF *item, const char *body)
{
    char *rest = pool_text(request->pool, body), *line;
    size_t paragraphs = 0, lines = 0;
    HDF *paragraph = NULL;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (blank(line)) {
            paragraph = NULL;
            continue;
        }
        if (!paragraph) {
            paragraph = page_item(item, "Paragraphs", paragraphs++);
            lines = 0;
        }
        page_text(page_item(paragraph, "Lines", lines++), "Text", line);
    }
}

void page_notice(struct request *request, HDF *item, const struct notice *notice)
{
    page_int(item, "Id", (int64_t)notice->id);
    page_text(item, "Title", notice->title);
    page_int(item, "Important", notice->important);
    page_time(item, "From", notice->from_ms);
    page_body(request, item, notice->body);
}

void notices_ahead(struct request *request)
{
    notice_shown_ahead(request->db, request->pool, request->now_ms);
}

int page_notices(struct request *request, struct err *err)
{
    const struct notice *notices;
    size_t count;

    if (notice_shown(request->db, request->pool, request->now_ms, &notices, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        page_notice(request, page_item(request->hdf, "Notices", i), &notices[i]);
    return 0;
}
