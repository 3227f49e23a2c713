#include "core/report/statistics.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"

enum { SQL_READ, SQL_FIRMS, SQL_FIRM };

static const struct db_query queries[] = {
    [SQL_READ] = {"statistics_read", "SELECT bucket, part, value, median_ms, p90_ms FROM statistic"
                                     " WHERE figure = ? ORDER BY bucket, part"},
    [SQL_FIRMS] = {"statistics_firms",
                   "SELECT f.enterprise_id, e.name, f.valid, f.expiring, f.other"
                   " FROM statistic_firm f FORCE INDEX (statistic_firm_valid)"
                   " JOIN enterprise e ON e.id = f.enterprise_id"
                   " WHERE f.valid <= ? AND (f.valid < ? OR f.enterprise_id < ?)"
                   " ORDER BY f.valid DESC, f.enterprise_id DESC LIMIT ?"},
    [SQL_FIRM] = {"statistics_firm", "SELECT valid FROM statistic_firm WHERE enterprise_id = ?"},
};

const struct db_area statistics_area = DB_AREA("statistics", queries);

int statistics_read(struct db *db, struct pool *pool, enum figure figure,
                    const struct statistic **rows, size_t *count, struct err *err)
{
    struct statistic *list;
    struct db_rows found;

    if (db_select(db, pool, &queries[SQL_READ], DB_ARGS(db_text(figure_name(figure))), &found,
                  err) < 0)
        return -1;
    list = pool_array(pool, found.count + 1, sizeof(*list));
    for (size_t i = 0; i < found.count; i++) {
        const struct db_value *row = db_row(&found, i);

        list[i] = (struct statistic){db_as_text(&row[0]), db_as_text(&row[1]), db_as_uint(&row[2]),
                                     db_as_uint(&row[3]), db_as_uint(&row[4])};
    }
    *rows = list;
    *count = found.count;
    return 0;
}

/* How many the last firm seen has: where the next page begins. */
static int firm_valid(struct db *db, struct pool *pool, uint64_t id, uint64_t *valid,
                      struct err *err)
{
    const struct db_value *row;
    int found = id ? db_find(db, pool, &queries[SQL_FIRM], DB_ARGS(db_uint(id)), &row, err) : 0;

    *valid = found == 1 ? db_as_uint(&row[0]) : UINT32_MAX;
    return found < 0 ? -1 : 0;
}

int statistics_firms(struct db *db, struct pool *pool, uint64_t after, size_t limit,
                     struct statistic_firm_page *page, struct err *err)
{
    struct statistic_firm *list;
    struct db_rows found;
    uint64_t valid;

    if (firm_valid(db, pool, after, &valid, err) < 0 ||
        db_select(db, pool, &queries[SQL_FIRMS],
                  DB_ARGS(db_uint(valid), db_uint(valid), db_uint(after), db_uint(limit + 1)),
                  &found, err) < 0)
        return -1;
    list = pool_array(pool, found.count + 1, sizeof(*list));
    for (size_t i = 0; i < found.count; i++) {
        const struct db_value *row = db_row(&found, i);

        list[i] = (struct statistic_firm){db_as_uint(&row[0]), db_as_text(&row[1]),
                                          db_as_uint(&row[2]), db_as_uint(&row[3]),
                                          db_as_uint(&row[4])};
    }
    page->rows = list;
    page->next = db_page(&found, limit, &page->count) ? list[limit - 1].id : 0;
    return 0;
}
