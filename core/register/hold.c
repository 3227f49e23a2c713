#include "core/register/hold.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"

enum { SQL_FIND, SQL_LIST };

#define COLUMNS "h.matter_id, h.number, h.legal_basis, h.reason, h.period_from, h.period_until"

static const struct db_query queries[] = {
    [SQL_FIND] = {"hold_find", "SELECT " COLUMNS " FROM hold h"
                               " WHERE h.subject_kind = ? AND h.subject_id = ?"},
    [SQL_LIST] = {"hold_list",
                  "SELECT " COLUMNS ", h.subject_kind = 'person', h.subject_id,"
                  " IFNULL(p.name, e.name) FROM hold h FORCE INDEX (hold_matter)"
                  " LEFT JOIN person p ON h.subject_kind = 'person' AND p.id = h.subject_id"
                  " LEFT JOIN enterprise e ON h.subject_kind = 'enterprise' AND e.id = h.subject_id"
                  " WHERE h.matter_id < ? ORDER BY h.matter_id DESC LIMIT ?"},
};

const struct db_area hold_area = DB_AREA("hold", queries);

bool hold_in_force(const struct hold *hold, struct date today)
{
    return date_compare(hold->from, today) <= 0 &&
           (date_is_none(hold->until) || date_compare(hold->until, today) >= 0);
}

static void read(const struct db_value *row, struct hold *out)
{
    *out = (struct hold){
        .matter_id = db_as_uint(&row[0]),
        .number = db_as_text(&row[1]),
        .legal_basis = db_as_text(&row[2]),
        .reason = db_as_text(&row[3]),
        .from = db_as_date(&row[4]),
        .until = db_as_date(&row[5]),
        .name = "",
    };
}

int hold_find(struct db *db, struct pool *pool, const char *subject_kind, uint64_t subject_id,
              struct hold *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND],
                        DB_ARGS(db_text(subject_kind), db_uint(subject_id)), &row, err);

    if (found == 1)
        read(row, out);
    return found;
}

int hold_list(struct db *db, struct pool *pool, uint64_t after, size_t limit,
              struct hold_page *page, struct err *err)
{
    struct hold *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_LIST],
                  DB_ARGS(db_uint(after ? after : INT64_MAX), db_uint(limit + 1)), &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        bool person = db_as_uint(&row[6]);

        read(row, &list[i]);
        list[i].person_id = person ? db_as_uint(&row[7]) : 0;
        list[i].enterprise_id = person ? 0 : db_as_uint(&row[7]);
        list[i].name = db_as_text(&row[8]);
    }
    page->rows = list;
    page->next = db_page(&rows, limit, &page->count) ? list[limit - 1].matter_id : 0;
    return 0;
}
