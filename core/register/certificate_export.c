#include "core/register/certificate_export.h"

#include "base/csv.h"
#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"
#include "core/register/identifier.h"

enum { SQL_REST };

enum { PAGE_ROWS = SQL_IDS_MAX, POOL_KEEP = 128 * 1024 };

static const struct db_query queries[] = {
    /* What lists do not show. */
    [SQL_REST] = {"certificate_export_rest",
                  "SELECT id, post, enterprise_name, first_issued, valid_from FROM certificate"
                  " WHERE id IN (" SQL_IDS ") ORDER BY id DESC"},
};

const struct db_area certificate_export_area = DB_AREA("certificate_export", queries);

static const char *const header[] = {
    "证书编号",   "姓名",       "类别",       "职务",     "企业名称",
    "初次领证日期", "有效期起", "有效期止", "证书状态", "生成状态",
};
enum { COLUMNS = sizeof(header) / sizeof(header[0]), DATE_SIZE = 11 };

static int write_row(struct csv_writer *writer, const struct certificate *row,
                     const struct db_value *rest, struct date today, struct err *err)
{
    char first_issued[DATE_SIZE], from[DATE_SIZE], until[DATE_SIZE];
    const char *const cells[COLUMNS] = {
        row->number,
        row->holder_name,
        row->class_code,
        post_label(db_as_text(&rest[1])),
        db_as_text(&rest[2]),
        first_issued,
        from,
        until,
        state_label(state_on(row->state, row->valid_until, today)),
        generation_label(row->generation),
    };

    date_format(db_as_date(&rest[3]), first_issued);
    date_format(db_as_date(&rest[4]), from);
    date_format(row->valid_until, until);
    return csv_write(writer, cells, COLUMNS, err);
}

static int write_page(struct db *db, struct pool *pool, const struct certificate_page *page,
                      struct date today, struct csv_writer *writer, struct err *err)
{
    struct db_value args[SQL_IDS_MAX];
    uint64_t ids[PAGE_ROWS];
    struct db_rows rest;

    if (page->count == 0)
        return 0;
    for (size_t i = 0; i < page->count; i++)
        ids[i] = page->rows[i].id;
    queries_list(args, ids, page->count);
    if (db_select(db, pool, &queries[SQL_REST], args, SQL_IDS_MAX, &rest, err) < 0)
        return -1;
    /* Certificates are never deleted, and both are in the order of their ids. */
    if (rest.count != page->count)
        return err_set(err, ERR_CONFLICT, 0, "%zu of %zu certificates", rest.count, page->count);
    for (size_t i = 0; i < page->count; i++)
        if (write_row(writer, &page->rows[i], db_row(&rest, i), today, err) < 0)
            return -1;
    return 0;
}

int certificate_export(struct db *db, const struct certificate_filter *filter,
                       const struct sink *sink, struct err *err)
{
    struct certificate_filter next = *filter;
    struct pool *pool = pool_new(POOL_KEEP, 0);
    struct certificate_page page;
    struct csv_writer writer;
    int result;

    next.limit = PAGE_ROWS;
    csv_writer_init(&writer, sink);
    result = csv_write(&writer, header, COLUMNS, err);
    do {
        pool_reset(pool);
        if (result == 0)
            result = certificate_list(db, pool, &next, &page, err);
        if (result == 0)
            result = write_page(db, pool, &page, filter->today, &writer, err);
        next.after = result == 0 ? page.next : 0;
    } while (next.after != 0);
    if (result == 0)
        result = csv_flush(&writer, err);
    pool_free(&pool);
    return result;
}
