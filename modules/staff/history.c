/*
 * 历史: one person's, one certificate's and one matter's whole record, on the screen and in print;
 * the documents in it, void ones included, for those who audit or review. Who read whose is on record.
 */
#include <inttypes.h>

#include "core/audit/audit.h"
#include "core/proposal/proposal.h"
#include "core/proposal/sanction.h"
#include "core/register/enterprise.h"
#include "core/report/history.h"
#include "core/report/search.h"
#include "core/staff/staff.h"
#include "modules/common.h"

enum { PAGE_ROWS = 100, PRINT_ROWS = 1000, CERTIFICATE_ROWS = 20 };
#define WHO_READS_DOCUMENTS (STAFF_REVIEWER | STAFF_AUDITOR)
#define WHO_READS_AUDIT     STAFF_AUDITOR

enum { F_ID, F_AFTER, F_PRINT };
static const struct field history_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [F_AFTER] = {.name = "after", .kind = FIELD_CODE, .high = HISTORY_KEY_SIZE - 1, .label = "页码"},
    [F_PRINT] = {.name = "print", .kind = FIELD_FLAG, .label = "打印"},
    {0},
};

enum { D_ID, D_VERSION };
static const struct field version_fields[] = {
    [D_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [D_VERSION] = {.name = "version",
                   .kind = FIELD_INT,
                   .low = 1,
                   .high = 999,
                   .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};
static const struct field document_fields[] = {
    [D_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

enum { M_NUMBER, M_AFTER };
static const struct field matter_fields[] = {
    [M_NUMBER] = {.name = "number",
                  .kind = FIELD_CODE,
                  .low = 1,
                  .high = MATTER_NUMBER_SIZE - 1,
                  .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    [M_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

/* Where a row leads, for these roles; NULL: nowhere, or where they may not go. */
static const char *row_link(struct request *request, const struct history_row *row)
{
    unsigned roles = request->who.roles;
    bool documents = roles & WHO_READS_DOCUMENTS;
    const struct proposal_kind *kind = proposal_kind_find(row->proposal);

    switch (row->link) {
    case HISTORY_MATTER:
        if (kind && !proposal_visible(kind, roles))
            return NULL;
        return pool_printf(request->pool, "/staff/history/matters/%s", row->link_text);
    case HISTORY_VERSION:
        return documents ? pool_printf(request->pool,
                                       "/staff/history/certificates/%" PRIu64
                                       "/versions/%u/document",
                                       row->link_id, row->link_sub)
                         : NULL;
    case HISTORY_DOCUMENT:
        return documents
                   ? pool_printf(request->pool, "/staff/history/documents/%" PRIu64, row->link_id)
                   : NULL;
    case HISTORY_ATTACHMENT:
        return kind && proposal_papers_visible(kind, roles)
                   ? pool_printf(request->pool, "/staff/attachments/%" PRIu64, row->link_id)
                   : NULL;
    case HISTORY_NOWHERE:
        break;
    }
    return NULL;
}

static void page_row(struct request *request, HDF *item, const struct history_row *row)
{
    page_time(item, "At", row->when_ms);
    page_text(item, "Kind", row->kind);
    page_text(item, "Subject", row->subject);
    page_text(item, "Words", row->words);
    page_text(item, "More", row->more);
    page_text(item, "Who", row->who);
    page_text(item, "Link", row_link(request, row));
    page_text(item, "LinkText", row->link_text);
    if (row->audit)
        page_int(item, "Audit", 1);
}

static void page_head(struct request *request, const struct history_head *head)
{
    HDF *node = page_node(request->hdf, "Head");

    page_int(node, "Person", (int64_t)head->person_id);
    page_text(node, "Name", head->name);
    page_text(node, "Document", document_type_label(head->id_type));
    page_text(node, "Masked", head->masked);
    page_text(node, "Sex", head->sex == 1 ? "男" : "女");
    page_date(node, "Birth", head->birth);
    page_text(node, "Number", head->number);
    page_text(node, "Enterprise", head->enterprise_name);
    for (size_t i = 0; i < head->count; i++)
        page_certificate_row(request, page_item(node, "Certificates", i), &head->certificates[i]);
    page_time(request->hdf, "Now", request->now_ms);
}

static enum outcome page_history(struct request *request, struct history_scope *scope,
                                 struct err *err)
{
    const char *after = request_text(request, F_AFTER);
    bool print = request_flag(request, F_PRINT);
    struct history_page page;
    struct history_key key;

    if (after && !history_key_parse(after, &key))
        return OUT_NOT_FOUND;
    scope->audit = request->who.roles & WHO_READS_AUDIT;
    if (history_list(request->db, request->pool, scope, after ? &key : NULL,
                     print ? PRINT_ROWS : PAGE_ROWS, &page, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < page.count; i++)
        page_row(request, page_item(request->hdf, "Rows", i), &page.rows[i]);
    if (*page.next)
        page_text(request->hdf, "Next",
                  pool_printf(request->pool, "?%safter=%s", print ? "print=1&" : "", page.next));
    if (after)
        page_text(request->hdf, "First", print ? "?print=1" : "?");
    page_int(request->hdf, "Print", print);
    page_int(request->hdf, "Propose", (request->who.roles & sanction_suspend.propose) != 0);
    page_int(request->hdf, "Cut", scope->more_certificates);
    return OUT_PAGE;
}

/* That it was read, and of what. */
static int note_reading(struct request *request, const char *object_kind, uint64_t object_id,
                        const char *detail, struct err *err)
{
    const struct audit_event event = {
        .actor = actor_of(request),
        .action = "history.read",
        .object_kind = object_kind,
        .object_id = object_id,
        .detail = detail,
    };

    return audit_add(request->db, request->pool, core_of(request), &event, 1, err);
}

/* Whose, whether in print, and whether it is a page behind the first: anybody can begin at one. */
static int note_history(struct request *request, const struct history_head *head,
                        const struct history_scope *scope, struct err *err)
{
    const char *print = request_flag(request, F_PRINT) ? "true" : "false";
    const char *further = request_has(request, F_AFTER) ? ",\"further\":true" : "";
    const char *certificate = scope->whole ? ""
                                           : pool_printf(request->pool, "\"certificate\":%" PRIu64 ",",
                                                         request_id(request, F_ID));

    return note_reading(request, "person", head->person_id,
                        pool_printf(request->pool, "{%s\"print\":%s%s}", certificate, print, further),
                        err);
}

static enum outcome history_of(struct request *request,
                               int (*read)(struct db *db, struct pool *pool,
                                           const struct core *core, uint64_t id,
                                           struct history_head *head, struct history_scope *scope,
                                           struct err *err),
                               struct err *err)
{
    struct history_head head;
    struct history_scope scope;
    enum outcome outcome;
    int found = read(request->db, request->pool, core_of(request), request_id(request, F_ID), &head,
                     &scope, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    page_head(request, &head);
    outcome = page_history(request, &scope, err);
    if (outcome == OUT_PAGE && note_history(request, &head, &scope, err) < 0)
        return outcome_of(err);
    return outcome;
}

static enum outcome history_people(struct request *request, struct err *err)
{
    return history_of(request, history_person, err);
}

static enum outcome history_certificates(struct request *request, struct err *err)
{
    return history_of(request, history_certificate, err);
}

/* A matter of a firm */

/* Some matters keep no name of their firm: then that of the register. 0/-1. */
static int page_matter(struct request *request, const struct matter *matter, struct err *err)
{
    HDF *node = page_node(request->hdf, "Matter");
    struct enterprise firm;
    int found = enterprise_find(request->db, request->pool, matter->enterprise_id, &firm, err);

    if (found < 0)
        return -1;
    if (found == 1) {
        page_int(node, "FirmId", (int64_t)firm.id);
        page_text(node, "Firm", firm.name);
        page_text(node, "Code", firm.uscc);
    }

    page_text(node, "Number", matter->number);
    page_text(node, "Item", matter->parent_id ? "调出至其他企业" : item_label(matter->item));
    page_text(node, "State", matter->state);
    page_text(node, "Label", matter_state_label(matter->state));
    page_text(node, "Enterprise", matter->enterprise_name);
    page_text(node, "Name", matter->holder_name);
    page_int(node, "Person", (int64_t)matter->person_id);
    page_text(node, "Reason", matter->reason_text);
    page_text(node, "Province", matter->province);
    page_int(node, "Items", matter->items);
    page_time(node, "Opened", matter->opened_ms);
    if (matter->closed_ms)
        page_time(node, "Closed", matter->closed_ms);
    return 0;
}

static int page_matter_certificates(struct request *request, const struct matter *matter,
                                    struct err *err)
{
    struct matter_certificate_page page;

    if (matter_certificates(request->db, request->pool, matter, request_id(request, M_AFTER),
                            CERTIFICATE_ROWS, &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.count; i++) {
        const struct certificate *row = &page.rows[i].certificate;
        const char *state = state_on(row->state, page.rows[i].ends, request->today);
        HDF *item = page_item(request->hdf, "Rows", i);

        page_certificate_row(request, item, row);
        page_text(item, "State", state);
        page_text(item, "Label", state_label(state));
        page_int(item, "Version", page.rows[i].version);
        page_text(item, "Child", page.rows[i].state);
        page_text(item, "Cause", matter_cause_label(page.rows[i].cause));
    }
    page_next(request, "", page.next);
    if (request_has(request, M_AFTER))
        page_text(request->hdf, "First", "?");
    return 0;
}

static enum outcome history_matters(struct request *request, struct err *err)
{
    const char *number = request_text(request, M_NUMBER);
    struct matter matter;
    int found = search_matter(request->db, request->pool, number, &matter, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    /* What staff proposed has a page of its own. */
    if (!matter.enterprise_id)
        return respond_redirect(request, "/staff/proposals/%s", number);
    found = matter_find(request->db, request->pool, number, matter.enterprise_id, &matter, err);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (page_matter(request, &matter, err) < 0 ||
        page_matter_certificates(request, &matter, err) < 0 ||
        page_recorded(request, page_node(request->hdf, "Refused"), matter.id, err) < 0 ||
        note_reading(request, "matter", matter.id,
                     request_has(request, M_AFTER) ? "{\"further\":true}" : NULL, err) < 0)
        return outcome_of(err);
    return OUT_PAGE;
}

/* Documents: who took one away is on record. */

static enum outcome send_document(struct request *request, const struct document *document,
                                  const char *object_kind, uint64_t object_id, const char *name,
                                  struct err *err)
{
    const struct audit_event event = {
        .actor = actor_of(request),
        .action = "document.read",
        .object_kind = object_kind,
        .object_id = object_id,
        .detail = pool_printf(request->pool, "{\"document\":%" PRIu64 "}", document->id),
    };

    if (audit_add(request->db, request->pool, core_of(request), &event, 1, err) < 0)
        return outcome_of(err);
    return respond_bytes(request, "application/pdf", document->body, name, document->sha256);
}

static enum outcome history_version(struct request *request, struct err *err)
{
    uint64_t id = request_id(request, D_ID);
    struct document document;
    int found = history_version_document(request->db, request->pool, id,
                                         (unsigned)request_int(request, D_VERSION), &document, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return send_document(
        request, &document, "certificate", id,
        pool_printf(request->pool, "%s 第%03u版.pdf", document.number, document.version), err);
}

static enum outcome history_file(struct request *request, struct err *err)
{
    struct document document;
    const char *kind;
    uint64_t matter_id;
    int found = history_document(request->db, request->pool, request_id(request, D_ID), &document,
                                 &kind, &matter_id, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return send_document(
        request, &document, "matter", matter_id,
        pool_printf(request->pool, "%s-%" PRIu64 ".pdf", kind, matter_id), err);
}

static const struct route history_routes[] = {
    {"people/{id}", HTTP_GET, NEED_STAFF | NEED_TRANSACTION, .roles = STAFF_READERS,
     .fields = history_fields, .page = "show", .handle = history_people},
    {"certificates/{id}", HTTP_GET, NEED_STAFF | NEED_TRANSACTION, .roles = STAFF_READERS,
     .fields = history_fields, .page = "show", .handle = history_certificates},
    {"matters/{number}", HTTP_GET, NEED_STAFF | NEED_TRANSACTION, .roles = STAFF_READERS,
     .fields = matter_fields, .page = "matter", .handle = history_matters},
    {"certificates/{id}/versions/{version}/document", HTTP_GET, NEED_STAFF | NEED_TRANSACTION,
     .roles = WHO_READS_DOCUMENTS, .fields = version_fields, .handle = history_version},
    {"documents/{id}", HTTP_GET, NEED_STAFF | NEED_TRANSACTION, .roles = WHO_READS_DOCUMENTS,
     .fields = document_fields, .handle = history_file},
    {0},
};

const struct module module_staff_history = {
    .name = "staff/history", .label = "历史", .routes = history_routes};
