/*
 * 综合查询: one text over the whole register. What may be the number of a person's document is looked
 * up by POST alone, and audited; everything else has an address that can be kept.
 */
#include "core/proposal/sanction.h"
#include "core/report/search.h"
#include "core/staff/staff.h"
#include "modules/common.h"

enum { LIST_ROWS = 20 };

enum { F_TEXT, F_PEOPLE, F_FIRMS };
static const struct field search_fields[] = {
    [F_TEXT] = {.name = "q", .kind = FIELD_TEXT, .high = SEARCH_TEXT, .label = "查询内容"},
    [F_PEOPLE] = {.name = "people", .kind = FIELD_ID, .label = "页码"},
    [F_FIRMS] = {.name = "firms", .kind = FIELD_ID, .label = "页码"},
    {0},
};

enum { P_TEXT };
static const struct field post_fields[] = {
    [P_TEXT] = {.name = "q",
                .kind = FIELD_TEXT,
                .low = 1,
                .high = SEARCH_TEXT,
                .flags = FIELD_REQUIRED,
                .label = "查询内容"},
    {0},
};

static void page_found(struct request *request, HDF *item, const struct search_certificate *found)
{
    page_certificate_row(request, item, &found->row);
    page_text(item, "Enterprise", found->enterprise_name);
    page_int(item, "Person", (int64_t)found->person_id);
    page_int(item, "Version", found->version);
}

static void page_paper(HDF *item, const struct search_paper *paper)
{
    page_text(item, "Number", paper->number);
    page_text(item, "Name", paper->holder_name);
    page_text(item, "Enterprise", paper->enterprise_name);
    page_date(item, "Until", paper->valid_until);
    page_int(item, "Person", (int64_t)paper->person_id);
    page_int(item, "Certificate", (int64_t)paper->certificate_id);
}

static void page_people(HDF *node, const char *name, const struct search_people *people)
{
    for (size_t i = 0; i < people->count; i++) {
        const struct search_person *row = &people->rows[i];
        HDF *item = page_item(node, name, i);

        page_int(item, "Id", (int64_t)row->id);
        page_text(item, "Name", row->name);
        page_text(item, "Document", document_type_label(row->id_type));
        page_text(item, "Masked", row->masked);
        page_date(item, "Birth", row->birth);
        page_text(item, "Sex", row->sex == 1 ? "男" : "女");
        page_int(item, "Certificates", (int64_t)row->certificates);
    }
}

static void page_firms(HDF *node, const struct search_firms *firms)
{
    for (size_t i = 0; i < firms->count; i++) {
        HDF *item = page_item(node, "Firms", i);

        page_int(item, "Id", (int64_t)firms->rows[i].id);
        page_text(item, "Name", firms->rows[i].name);
        page_text(item, "Code", firms->rows[i].uscc);
        page_text(item, "Region", firms->rows[i].local ? "本市企业" : "外省市企业");
    }
}

static void page_matter(HDF *node, const struct matter *matter)
{
    page_text(node, "Number", matter->number);
    page_text(node, "Item", item_label(matter->item));
    page_text(node, "State", matter->state);
    page_text(node, "Label", matter_state_label(matter->state));
    page_text(node, "Enterprise", matter->enterprise_name);
    page_text(node, "Name", matter->holder_name);
    page_time(node, "Opened", matter->opened_ms);
    /* Those of staff stand among the proposals. */
    page_int(node, "Proposal", matter->enterprise_id == 0);
}

/* The next page of one of the lists; nothing where there is none. */
static void page_more(struct request *request, const char *name, const char *list, const char *text,
                      uint64_t next)
{
    struct text query;

    if (!next)
        return;
    text_init(&query, request->pool, 1024);
    query_add(&query, "q", text);
    page_text(request->hdf, name,
              pool_printf(request->pool, "?%s%s=%llu", query.data, list, (unsigned long long)next));
}

static void page_result(struct request *request, const struct search_wanted *wanted,
                        const struct search_result *result)
{
    HDF *hdf = request->hdf;
    size_t found = result->certificate_count + result->paper_count + result->matter_found +
                   result->people.count + result->documents.count + result->firms.count;

    for (size_t i = 0; i < result->certificate_count; i++)
        page_found(request, page_item(hdf, "Certificates", i), &result->certificates[i]);
    for (size_t i = 0; i < result->paper_count; i++)
        page_paper(page_item(hdf, "Papers", i), &result->papers[i]);
    if (result->matter_found)
        page_matter(page_node(hdf, "Matter"), &result->matter);
    page_people(hdf, "People", &result->people);
    page_people(hdf, "Documents", &result->documents);
    page_firms(hdf, &result->firms);
    page_int(hdf, "Searched", 1);
    page_int(hdf, "Propose", (request->who.roles & sanction_suspend.propose) != 0);
    page_int(hdf, "Secret", wanted->secret);
    page_int(hdf, "Found", (int64_t)found);
    /* No part of a number stands in an address. */
    if (wanted->secret)
        return;
    page_more(request, "MorePeople", "people", wanted->text, result->people.next);
    page_more(request, "MoreFirms", "firms", wanted->text, result->firms.next);
}

static enum outcome search_show(struct request *request, struct err *err)
{
    const char *text = request_text(request, F_TEXT);
    const struct search_pages pages = {
        .people_after = request_id(request, F_PEOPLE),
        .firms_after = request_id(request, F_FIRMS),
        .people_only = request_has(request, F_PEOPLE),
        .firms_only = request_has(request, F_FIRMS) && !request_has(request, F_PEOPLE),
        .limit = LIST_ROWS,
    };
    struct search_wanted wanted;
    struct search_result result;

    if (!text || *text == '\0')
        return OUT_PAGE;
    search_read(request->pool, core_of(request), text, request->today, &wanted);
    if (wanted.secret)
        return request_reject(request, F_TEXT, "证件号码不能写在网址中，请在查询框中输入后点击“查询”");
    if (search_all(request->db, request->pool, core_of(request), &wanted, &pages, &result, err) < 0)
        return outcome_of(err);
    page_result(request, &wanted, &result);
    page_int(request->hdf, "Further", pages.people_only || pages.firms_only);
    return OUT_PAGE;
}

static enum outcome search_post(struct request *request, struct err *err)
{
    const struct search_pages pages = {.limit = LIST_ROWS};
    const struct actor actor = actor_of(request);
    struct search_wanted wanted;
    struct search_result result;
    struct text query;

    search_read(request->pool, core_of(request), request_text(request, P_TEXT), request->today,
                &wanted);
    if (!wanted.secret) {
        text_init(&query, request->pool, 1024);
        query_add(&query, "q", wanted.text);
        return respond_redirect(request, "/%s/?%s", request->module->name, query.data);
    }
    if (search_all(request->db, request->pool, core_of(request), &wanted, &pages, &result, err) < 0 ||
        search_documents(request->db, request->pool, core_of(request), &actor, &wanted, &result,
                         err) < 0)
        return outcome_of(err);
    page_result(request, &wanted, &result);
    return OUT_PAGE;
}

static const struct route search_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = STAFF_READERS, .fields = search_fields, .page = "search",
     .handle = search_show},
    {"", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_TRANSACTION, .roles = STAFF_READERS,
     .fields = post_fields, .page = "search", .handle = search_post},
    {0},
};

const struct module module_staff_search = {
    .name = "staff/search", .label = "综合查询", .routes = search_routes};
