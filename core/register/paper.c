#include "core/register/paper.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/places.h"
#include "core/queries.h"
#include "core/register/person.h"

enum { SQL_LIST, SQL_FIND, SQL_OF_PERSON };

#define COLUMNS                                                                                    \
    "p.id, p.number, p.class, x.name, p.enterprise_name, p.post, p.first_issued, p.valid_from,"    \
    " p.valid_until, p.held_since, x.capture_id"
enum { COLUMN_COUNT = 11 };

static const struct db_query queries[] = {
    [SQL_LIST] = {"paper_list",
                  "SELECT " COLUMNS
                  " FROM paper_certificate p FORCE INDEX (paper_certificate_waiting)"
                  " JOIN person x ON x.id = p.person_id"
                  " WHERE p.enterprise_id = ? AND p.certificate_id IS NULL AND p.id > ?"
                  " AND p.valid_until >= ? ORDER BY p.id LIMIT ?"},
    [SQL_FIND] = {"paper_find",
                  "SELECT " COLUMNS ", p.person_id, p.certificate_id, x.sex, x.birth, x.id_type,"
                  " " ID_NO_BOX("x")
                  " FROM paper_certificate p JOIN person x ON x.id = p.person_id"
                  " WHERE p.id = ? AND p.enterprise_id = ?"},
    [SQL_OF_PERSON] = {"paper_of_person", "SELECT id, number FROM paper_certificate"
                                          " WHERE person_id = ? AND enterprise_id = ?"
                                          " ORDER BY id LIMIT 1000"},
};

const struct db_area paper_area = DB_AREA("paper", queries);

static void read_columns(const struct db_value *row, struct paper *out)
{
    out->id = db_as_uint(&row[0]);
    out->number = db_as_text(&row[1]);
    out->class_code = db_as_text(&row[2]);
    out->holder_name = db_as_text(&row[3]);
    out->enterprise_name = db_as_text(&row[4]);
    out->post = db_as_text(&row[5]);
    out->first_issued = db_as_date(&row[6]);
    out->valid_from = db_as_date(&row[7]);
    out->valid_until = db_as_date(&row[8]);
    out->held_since = db_as_date(&row[9]);
    out->has_photo = db_as_uint(&row[10]) != 0;
}

int paper_list(struct db *db, struct pool *pool, uint64_t enterprise_id, struct date today,
               uint64_t after, size_t limit, struct paper_page *page, struct err *err)
{
    struct db_rows rows;
    struct paper *list;

    if (db_select(
            db, pool, &queries[SQL_LIST],
            DB_ARGS(db_uint(enterprise_id), db_uint(after), db_date(today), db_uint(limit + 1)),
            &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        read_columns(db_row(&rows, i), &list[i]);
    page->rows = list;
    page->next = db_page(&rows, limit, &page->count) ? list[limit - 1].id : 0;
    return 0;
}

int paper_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
               uint64_t enterprise_id, struct paper *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_uint(id), db_uint(enterprise_id)),
                        &row, err);

    if (found != 1)
        return found;
    read_columns(row, out);
    out->capture_id = db_as_uint(&row[COLUMN_COUNT - 1]);
    row += COLUMN_COUNT;
    out->person_id = db_as_uint(&row[0]);
    out->certificate_id = db_as_uint(&row[1]);
    out->sex = (int)db_as_int(&row[2]);
    out->birth = db_as_date(&row[3]);
    out->id_type = db_as_text(&row[4]);
    if (person_id_no_masked(pool, core, db_as_bytes(&row[5]), &out->id_no_masked, err) < 0)
        return -1;
    return 1;
}

int paper_of_person(struct db *db, struct pool *pool, uint64_t person_id, uint64_t enterprise_id,
                    struct paper_page *page, struct err *err)
{
    struct db_rows rows;
    struct paper *list;

    if (db_select(db, pool, &queries[SQL_OF_PERSON],
                  DB_ARGS(db_uint(person_id), db_uint(enterprise_id)), &rows, err) < 0)
        return -1;
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        list[i] = (struct paper){.id = db_as_uint(&db_row(&rows, i)[0]),
                                 .number = db_as_text(&db_row(&rows, i)[1])};
    *page = (struct paper_page){.count = rows.count, .rows = list};
    return 0;
}
