/*
 * 数据导入: files for the registers are uploaded, checked, taken, and taken back; every one of them is
 * in the list.
 */
#include <inttypes.h>
#include <string.h>

#include "base/csv.h"
#include "core/import/import_desk.h"
#include "core/import/import_store.h"
#include "core/staff/staff.h"
#include "modules/common.h"
#include "modules/staff/proposal_page.h"

enum {
    PIECE = 64 * 1024,
    NAME_BYTES = 1 << 20, /* a file's bound is the stream's, not the field's */
    REASON = 300,
    SHOWN = 50, /* mistakes on the page; all that are kept stand in the CSV */
    BATCH = 200
};
#define DONE  (STAFF_REVIEWER)
#define READ  (STAFF_REVIEWER | STAFF_AUDITOR)

enum { L_KIND, L_AFTER };
static const struct field list_fields[] = {
    [L_KIND] = {.name = "kind", .kind = FIELD_CODE, .low = 1, .high = 24, .label = "种类"},
    [L_AFTER] = {.name = "after", .kind = FIELD_ID, .label = "页码"},
    {0},
};

enum { U_KIND, U_FILE };
static const struct field upload_fields[] = {
    [U_KIND] = {.name = "kind", .kind = FIELD_CODE, .low = 1, .high = 24,
                .flags = FIELD_REQUIRED | FIELD_CHOSEN, .label = "种类"},
    [U_FILE] = {.name = "file", .kind = FIELD_UPLOAD, .low = 0, .high = NAME_BYTES,
                .flags = FIELD_REQUIRED, .label = "CSV 文件"},
    {0},
};

#define ID_FIELD {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED}
enum { F_ID, F_REASON };
static const struct field id_fields[] = {[F_ID] = ID_FIELD, {0}};
static const struct field undo_fields[] = {
    [F_ID] = ID_FIELD,
    [F_REASON] = {.name = "reason", .kind = FIELD_TEXT, .low = 2, .high = REASON,
                  .flags = FIELD_REQUIRED, .label = "撤回原因"},
    {0},
};

/* The kinds, with their columns. */
static void page_kinds(struct request *request, const char *here)
{
    const char *name;

    for (size_t i = 0; (name = import_kind_name(i)) != NULL; i++) {
        const struct import_kind *kind = import_kind_find(name);
        HDF *item = page_item(request->hdf, "Kinds", i);
        const char *column, *label;

        page_text(item, "Name", name);
        page_text(item, "Label", import_kind_label(kind));
        if (here && strcmp(here, name) == 0)
            page_int(item, "Here", 1);
        for (size_t c = 0; (column = import_column_name(kind, c, &label)) != NULL; c++) {
            HDF *cell = page_item(item, "Columns", c);

            page_text(cell, "Name", column);
            page_text(cell, "Label", label);
        }
    }
}

/* The class of the style sheet that a state is shown in, and what may be done from there. One that is
 * running moves on by itself, and one that was taken may be undone. */
static const struct state_row {
    const char *state, *tone;
    bool take, retry, drop, anew;
} states[] = {
    {"checked", "waiting", .take = true, .drop = true},
    {"faulty", "refused", .drop = true, .anew = true},
    {"failed", "refused", .retry = true, .drop = true, .anew = true},
    {"taken", "done", .take = false},
    {"unchanged", "abandoned", .anew = true},
    {"dropped", "abandoned", .anew = true},
    {"undone", "abandoned", .anew = true},
    {NULL, "open", .take = false},
};

static const struct state_row *state_of(const char *state)
{
    const struct state_row *row = states;

    while (row->state && strcmp(row->state, state) != 0)
        row++;
    return row;
}

static void page_entry(HDF *item, const struct import_entry *entry)
{
    char hash[65];

    hex_encode(entry->sha256.data, entry->sha256.size == 32 ? 32 : 0, hash);
    page_int(item, "Id", (int64_t)entry->id);
    page_text(item, "Kind", import_kind_label(entry->kind));
    page_text(item, "State", entry->state);
    page_text(item, "Label", import_state_label(entry->state));
    page_text(item, "Tone", state_of(entry->state)->tone);
    page_text(item, "File", *entry->file_name ? entry->file_name : "（命令行导入）");
    page_int(item, "Size", (int64_t)entry->file_size);
    page_text(item, "Sha256", hash);
    page_int(item, "Count", (int64_t)entry->rows);
    page_int(item, "Added", (int64_t)entry->added);
    page_int(item, "Changed", (int64_t)entry->changed);
    page_int(item, "Same", (int64_t)(entry->rows - entry->added - entry->changed));
    page_int(item, "Problems", (int64_t)entry->problems);
    page_int(item, "Progress", entry->progress);
    page_int(item, "Running", import_state_running(entry->state));
    page_text(item, "Note", entry->note);
    page_text(item, "By", *entry->by ? entry->by : "运维人员");
    page_time(item, "Created", entry->created_ms);
    if (entry->taken_ms)
        page_time(item, "Taken", entry->taken_ms);
    if (*entry->undo_reason)
        page_text(item, "Reason", entry->undo_reason);
    if (entry->undone_ms) {
        page_time(item, "Undone", entry->undone_ms);
        page_text(item, "UndoneBy", entry->undone_by);
    }
}

static enum outcome imports_list(struct request *request, struct err *err)
{
    const char *name = request_text(request, L_KIND);
    const struct import_kind *kind = name ? import_kind_find(name) : NULL;
    const struct import_entry *entries;
    size_t count;
    uint64_t next;

    if (name && !kind)
        return OUT_NOT_FOUND;
    if (import_list(request->db, request->pool, kind, request_id(request, L_AFTER), &entries,
                    &count, &next, err) < 0)
        return outcome_of(err);
    page_kinds(request, name);
    for (size_t i = 0; i < count; i++)
        page_entry(page_item(request->hdf, "Rows", i), &entries[i]);
    page_next(request, name ? pool_printf(request->pool, "kind=%s&", name) : "", next);
    if (request_id(request, L_AFTER))
        page_text(request->hdf, "First",
                  name ? pool_printf(request->pool, "?kind=%s", name) : "/staff/imports/");
    if (request->who.roles & DONE)
        page_int(request->hdf, "May", 1);
    return OUT_PAGE;
}

static enum outcome imports_new(struct request *request, struct err *err)
{
    (void)err;
    page_kinds(request, request_text(request, L_KIND));
    return OUT_PAGE;
}

static int imports_new_again(struct request *request, struct err *err)
{
    (void)err;
    page_kinds(request, request_text(request, U_KIND));
    return 0;
}

/* The file, from the request into the database, a piece at a time. 1; 0: what was sent is broken or
 * empty; -1. */
static int receive(struct request *request, struct import_writer *writer, uint64_t *id,
                   struct err *err)
{
    uint8_t *piece = pool_alloc(request->pool, PIECE);
    uint64_t size = 0;
    long got;

    while ((got = request_stream(request, piece, PIECE, err)) > 0) {
        if (import_writer_write(writer, piece, (size_t)got, err) < 0)
            return -1;
        size += (uint64_t)got;
    }
    if (got < 0 || size == 0)
        return 0;
    return import_writer_close(writer, id, err) < 0 ? -1 : 1;
}

static enum outcome imports_receive(struct request *request, struct err *err)
{
    const struct import_kind *kind = import_kind_find(request_text(request, U_KIND));
    struct actor actor = actor_of(request);
    struct import_writer *writer = NULL;
    uint64_t *id = POOL_NEW(request->pool, uint64_t);
    int received = -1;

    if (!kind)
        return request_reject(request, U_KIND, "请选择要导入的种类");
    if (import_writer_open(request->db, core_of(request), kind,
                           request_upload(request, U_FILE)->file_name, &actor, request->now_ms,
                           &writer, err) == 0)
        received = receive(request, writer, id, err);
    import_writer_free(&writer);
    if (received < 0)
        return outcome_of(err);
    if (received == 0)
        return request_reject(request, U_FILE, "文件是空的，或者没有传完，请重新选择文件上传");
    request->asked = id;
    return OUT_PAGE;
}

static enum outcome imports_upload(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    uint64_t id = *(const uint64_t *)request->asked;
    int done = import_received(&change, id, err);

    if (done <= 0)
        return done < 0 ? outcome_of(err) : OUT_CONFLICT;
    return respond_redirect(request, "/staff/imports/%" PRIu64, id);
}

/* One import */

static int page_problems(struct request *request, uint64_t id, struct err *err)
{
    struct db_rows rows;

    if (import_problems(request->db, request->pool, id, 0, SHOWN, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        HDF *item = page_item(request->hdf, "Problems", i);

        page_int(item, "Line", db_as_int(&row[1]));
        page_text(item, "Column", db_as_text(&row[2]));
        page_text(item, "Value", db_as_text(&row[3]));
        page_text(item, "Text", db_as_text(&row[4]));
    }
    return 0;
}

static int page_preview(struct request *request, const struct import_entry *entry, struct err *err)
{
    const char *name, *label;
    struct db_rows rows;

    if (import_preview(request->db, request->pool, entry->id, &rows, err) < 0)
        return -1;
    for (size_t i = 0; (name = import_column_name(entry->kind, i, &label)) != NULL; i++) {
        HDF *item = page_item(request->hdf, "Columns", i);

        page_text(item, "Name", name);
        page_text(item, "Label", label);
    }
    for (size_t i = 0; i < rows.count; i++) {
        HDF *item = page_item(request->hdf, "Preview", i);
        const struct db_value *row = db_row(&rows, i);

        page_text(item, "Line", db_as_text(&row[0]));
        for (size_t c = 0; c + 1 < rows.columns && import_column_name(entry->kind, c, &label); c++) {
            HDF *cell = page_item(item, "Cells", c);

            page_text(cell, "Text", db_as_text(&row[c + 1]));
            page_text(cell, "Label", label);
        }
    }
    return 0;
}

/* What may be done with it, for whoever may. */
static int page_steps(struct request *request, const struct import_entry *entry, struct err *err)
{
    const char *why = NULL;
    HDF *node = page_node(request->hdf, "May");
    const struct state_row *row = state_of(entry->state);

    if (!(request->who.roles & DONE))
        return 0;
    page_int(node, "Take", row->take);
    page_int(node, "Retry", row->retry);
    page_int(node, "Drop", row->drop);
    page_text(node, "Anew", row->anew ? import_name(entry->kind) : NULL);
    if (strcmp(entry->state, "taken") != 0)
        return 0;
    if (import_undo_judge(request->db, request->pool, entry, request->now_ms, &why, err) < 0)
        return -1;
    page_int(node, "Undo", !why);
    page_text(node, "Why", why);
    return 0;
}

/* The import of the path. 1/0/-1. */
static int find(struct request *request, struct import_entry *entry, struct err *err)
{
    int found = import_find(request->db, request->pool, request_id(request, F_ID), entry, err);

    if (found == 1)
        page_entry(page_node(request->hdf, "Import"), entry);
    return found;
}

static enum outcome imports_json(struct request *request, const struct import_entry *entry)
{
    return respond_json(
        request,
        pool_printf(request->pool,
                    "{\"id\":%" PRIu64 ",\"state\":\"%s\",\"label\":\"%s\",\"running\":%s,"
                    "\"progress\":%u,\"rows\":%" PRIu64 ",\"added\":%" PRIu64
                    ",\"changed\":%" PRIu64 ",\"problems\":%" PRIu64 "}",
                    entry->id, entry->state, import_state_label(entry->state),
                    import_state_running(entry->state) ? "true" : "false", entry->progress,
                    entry->rows, entry->added, entry->changed, entry->problems));
}

static enum outcome imports_show(struct request *request, struct err *err)
{
    struct import_entry entry;
    int found = find(request, &entry, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (request->wants_json)
        return imports_json(request, &entry);
    if ((entry.problems > 0 && page_problems(request, entry.id, err) < 0) ||
        page_preview(request, &entry, err) < 0 || page_steps(request, &entry, err) < 0)
        return outcome_of(err);
    return OUT_PAGE;
}

/* The mistakes as a table */

struct table {
    struct db *db;
    uint64_t id;
};

static int write_problems(void *context, const struct sink *sink, struct err *err)
{
    static const char *const head[] = {"行", "列", "内容", "问题"};
    const struct table *table = context;
    struct pool *pool = pool_new(0, 0);
    struct csv_writer writer;
    struct db_rows rows = {0};
    uint64_t after = 0;
    int result = -1;

    csv_writer_init(&writer, sink);
    if (csv_write(&writer, head, 4, err) < 0)
        goto out;
    do {
        pool_reset(pool);
        if (import_problems(table->db, pool, table->id, after, BATCH, &rows, err) < 0)
            goto out;
        for (size_t i = 0; i < rows.count; i++) {
            const struct db_value *row = db_row(&rows, i);
            const char *const cells[] = {pool_printf(pool, "%" PRIu64, db_as_uint(&row[1])),
                                         db_as_text(&row[2]), db_as_text(&row[3]),
                                         db_as_text(&row[4])};
            if (csv_write(&writer, cells, 4, err) < 0)
                goto out;
            after = db_as_uint(&row[0]);
        }
    } while (rows.count == BATCH);
    result = csv_flush(&writer, err);
out:
    pool_free(&pool);
    return result;
}

static enum outcome imports_problems(struct request *request, struct err *err)
{
    struct table *table = POOL_NEW(request->pool, struct table);
    struct import_entry entry;
    int found = find(request, &entry, err);

    if (found <= 0 || entry.problems == 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    *table = (struct table){request->db, entry.id};
    return respond_stream(request, "text/csv; charset=utf-8",
                          pool_printf(request->pool, "导入错误-%" PRIu64 ".csv", entry.id),
                          write_problems, table);
}

/* Steps */

static enum outcome stepped(struct request *request, int done, struct err *err)
{
    uint64_t id = request_id(request, F_ID);

    if (done < 0)
        return outcome_of(err);
    if (done == 0)
        return request_conflict(request, "这次导入的状态已经变化，可能另一位同事已经处理。",
                                pool_printf(request->pool, "/staff/imports/%" PRIu64, id));
    return respond_redirect(request, "/staff/imports/%" PRIu64, id);
}

static enum outcome imports_take(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);

    return stepped(request, import_confirm(&change, request_id(request, F_ID), err), err);
}

static enum outcome imports_drop(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);

    return stepped(request, import_drop(&change, request_id(request, F_ID), err), err);
}

static enum outcome imports_retry(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);

    return stepped(request, import_retry(&change, request_id(request, F_ID), err), err);
}

static enum outcome imports_undo_form(struct request *request, struct err *err)
{
    struct import_entry entry;
    int found = find(request, &entry, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return page_steps(request, &entry, err) < 0 ? outcome_of(err) : OUT_PAGE;
}

static int imports_undo_again(struct request *request, struct err *err)
{
    return imports_undo_form(request, err) == OUT_FAIL ? -1 : 0;
}

static enum outcome imports_undo(struct request *request, struct err *err)
{
    struct actor actor = actor_of(request);
    struct change change = staff_change(request, &actor);
    struct import_entry entry;
    const char *why;
    int found = find(request, &entry, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (import_undo_judge(request->db, request->pool, &entry, request->now_ms, &why, err) < 0)
        return outcome_of(err);
    if (why)
        return request_conflict(request, why,
                                pool_printf(request->pool, "/staff/imports/%" PRIu64, entry.id));
    return stepped(request,
                   import_undo_order(&change, entry.id, request_text(request, F_REASON), err), err);
}

#define CHANGES (NEED_STAFF | NEED_CSRF | NEED_KEY)

static const struct route imports_routes[] = {
    {"", HTTP_GET, NEED_STAFF, .roles = READ, .fields = list_fields, .page = "list",
     .handle = imports_list},
    {"new", HTTP_GET, NEED_STAFF, .roles = DONE, .fields = list_fields, .page = "new",
     .handle = imports_new},
    {"upload", HTTP_POST, CHANGES | TAKES_STREAM, .roles = DONE, .fields = upload_fields,
     .before = imports_receive, .handle = imports_upload, .form = "new",
     .refill = imports_new_again},
    {"{id}", HTTP_GET, NEED_STAFF, .roles = READ, .fields = id_fields, .page = "show",
     .handle = imports_show},
    {"{id}/problems", HTTP_GET, NEED_STAFF, .roles = READ, .fields = id_fields,
     .handle = imports_problems},
    {"{id}/take", HTTP_POST, CHANGES, .roles = DONE, .fields = id_fields, .handle = imports_take},
    {"{id}/drop", HTTP_POST, CHANGES, .roles = DONE, .fields = id_fields, .handle = imports_drop},
    {"{id}/retry", HTTP_POST, CHANGES, .roles = DONE, .fields = id_fields, .handle = imports_retry},
    {"{id}/undo", HTTP_GET, NEED_STAFF, .roles = DONE, .fields = id_fields, .page = "undo",
     .handle = imports_undo_form},
    {"{id}/undo", HTTP_POST, CHANGES, .roles = DONE, .fields = undo_fields, .handle = imports_undo,
     .form = "undo", .refill = imports_undo_again},
    {0},
};

const struct module module_staff_imports = {
    .name = "staff/imports", .label = "数据导入", .routes = imports_routes};
