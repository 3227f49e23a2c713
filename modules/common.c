#include "modules/common.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "core/register/capture.h"
#include "fcgi/percent.h"

struct actor actor_of(const struct request *request)
{
    static const enum actor_kind kinds[] = {
        [WHO_NOBODY] = ACTOR_NOBODY,
        [WHO_FIRM] = ACTOR_FIRM,
        [WHO_STAFF] = ACTOR_STAFF,
    };

    return (struct actor){kinds[request->who.kind], request->who.id, request->number};
}

static void page_finding(HDF *item, const char *rule, const char *demand, const char *fact,
                         const char *advice)
{
    page_text(item, "Rule", rule);
    page_text(item, "Demand", demand);
    page_text(item, "Fact", fact);
    page_text(item, "Advice", advice);
}

void page_findings(HDF *node, const struct verdict *verdict)
{
    size_t failed = 0, passed = 0;

    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];
        HDF *item = finding->passed ? page_item(node, "Passed", passed++)
                                    : page_item(node, "Findings", failed++);

        page_finding(item, finding->rule, finding->demand, finding->fact, finding->advice);
    }
}

enum outcome refuse(struct request *request, const char *subject, const char *number,
                    const struct verdict *verdict)
{
    HDF *refused = page_node(request->hdf, "Refused");

    page_text(refused, "Item", item_label(act_item(verdict->act)));
    page_text(refused, "Subject", subject != NULL ? subject : "");
    page_text(refused, "Number", number != NULL ? number : "");
    page_findings(page_item(refused, "Subjects", 0), verdict);
    return OUT_REFUSED;
}

int page_recorded(struct request *request, HDF *node, uint64_t matter_id, struct err *err)
{
    const struct matter_finding *rows;
    const char *subject = NULL;
    size_t count, subjects = 0, failed = 0, passed = 0;
    HDF *item = NULL;

    if (matter_findings(request->db, request->pool, matter_id, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (!subject || strcmp(subject, rows[i].subject) != 0) {
            subject = rows[i].subject;
            item = page_item(node, "Subjects", subjects++);
            page_text(item, "Words", subject);
            failed = passed = 0;
        }
        page_finding(rows[i].passed ? page_item(item, "Passed", passed++)
                                    : page_item(item, "Findings", failed++),
                     rows[i].rule, rows[i].demand, rows[i].fact, rows[i].advice);
    }
    return 0;
}

void query_add(struct text *query, const char *name, const char *value)
{
    if (value == NULL)
        return;
    text_printf(query, "%s=", name);
    percent_encode(query, value);
    text_char(query, '&');
}

void page_options(HDF *node, const char *list, const char *(*code)(size_t n),
                  const char *(*label)(const char *code), const char *chosen)
{
    for (size_t i = 0; code(i); i++) {
        HDF *item = page_item(node, list, i);

        page_text(item, "Code", code(i));
        page_text(item, "Label", label(code(i)));
        if (chosen && strcmp(chosen, code(i)) == 0)
            page_int(item, "Here", 1);
    }
}

void page_certificate_row(struct request *request, HDF *item, const struct certificate *row)
{
    const char *state = state_on(row->state, row->valid_until, request->today);

    page_int(item, "Id", (int64_t)row->id);
    page_text(item, "Number", row->number);
    page_text(item, "Name", row->holder_name);
    page_text(item, "Class", row->class_code);
    page_date(item, "Until", row->valid_until);
    page_text(item, "State", state);
    page_text(item, "Label", state_label(state));
    page_int(item, "Generation", row->generation);
    page_text(item, "Document", generation_label(row->generation));
    if (certificate_downloadable(row, request->today))
        page_int(item, "Ready", 1);
}

void page_certificates(struct request *request, const struct certificate_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        page_certificate_row(request, page_item(request->hdf, "Rows", i), &page->rows[i]);
}

void page_next(struct request *request, const char *query, uint64_t next)
{
    if (next != 0)
        page_text(request->hdf, "Next",
                  pool_printf(request->pool, "?%safter=%" PRIu64, query, next));
}

enum outcome respond_photo(struct request *request, uint64_t person_id, uint64_t capture_id,
                           struct err *err)
{
    struct bytes jpeg;
    int found = 0;

    if (capture_id != 0)
        found = capture_photo(request->db, request->pool, core_of(request), person_id, capture_id, &jpeg,
                              err);
    if (found < 0)
        return outcome_of(err);
    if (found == 0)
        return OUT_NOT_FOUND;
    return respond_bytes(request, "image/jpeg", jpeg, NULL,
                         pool_printf(request->pool, "photo-%" PRIu64, capture_id));
}

const char *login_next(const char *next)
{
    static const char *const logins[] = {"/login", "/logout", "/staff/login"};

    if (next == NULL || next[0] != '/' || next[1] == '/' || strlen(next) > LOGIN_NEXT_MAX)
        return NULL;
    /* Besides what paths of ours have: what browsers make of forms, '+' of a blank. */
    for (const char *at = next; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("/-._~?&=%+*", *at) == NULL)
            return NULL;
    for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++)
        if (strncmp(next, logins[i], strlen(logins[i])) == 0)
            return NULL;
    return next;
}

const char *login_query(struct request *request, const char *next)
{
    const char *path = login_next(next);
    struct text query;

    text_init(&query, request->pool, 3 * LOGIN_NEXT_MAX + sizeof("?next="));
    if (path != NULL) {
        text_add(&query, "?next=");
        percent_encode(&query, path);
    }
    return query.data;
}
