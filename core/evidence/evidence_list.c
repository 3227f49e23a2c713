#include "core/evidence/evidence_list.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/queries.h"

/* All kinds are read into the same columns: those of struct evidence_row, in its order. */
static const struct db_query queries[] = {
    [EVIDENCE_EXAM] = {"evidence_list_exams",
                       "SELECT x.exam_no, e.name, x.class, x.post, x.exam_date, x.score, x.passed,"
                       " IFNULL(c.number, '') FROM exam_result x"
                       " JOIN enterprise e ON e.id = x.enterprise_id"
                       " LEFT JOIN certificate c ON c.id = x.certificate_id"
                       " WHERE x.person_id = ? ORDER BY x.exam_date DESC, x.id DESC LIMIT 101"},
    [EVIDENCE_INSURANCE] = {"evidence_list_insurance",
                            "SELECT '', e.name, '', '', i.month, 0, 1, '' FROM insurance i"
                            " JOIN enterprise e ON e.id = i.enterprise_id"
                            " WHERE i.person_id = ? ORDER BY i.month DESC, e.id LIMIT 101"},
    [EVIDENCE_EDUCATION] = {"evidence_list_education",
                            "SELECT d.record_no, e.name, d.class, '', d.completed_on, d.hours, 1,"
                            " d.provider FROM education d"
                            " JOIN enterprise e ON e.id = d.enterprise_id"
                            " WHERE d.person_id = ? ORDER BY d.completed_on DESC, d.id DESC"
                            " LIMIT 101"},
};

const struct db_area evidence_list_area = DB_AREA("evidence_list", queries);

int evidence_list(struct db *db, struct pool *pool, enum evidence_kind kind, uint64_t person_id,
                  const struct evidence_row **rows, size_t *count, bool *more, struct err *err)
{
    struct db_rows found;

    if (db_select(db, pool, &queries[kind], DB_ARGS(db_uint(person_id)), &found, err) < 0)
        return -1;
    *more = found.count > EVIDENCE_LISTED;
    *count = *more ? EVIDENCE_LISTED : found.count;
    struct evidence_row *list = pool_array(pool, *count + 1, sizeof(*list));
    for (size_t i = 0; i < *count; i++) {
        const struct db_value *row = db_row(&found, i);

        list[i] = (struct evidence_row){
            .number = db_as_text(&row[0]),
            .enterprise_name = db_as_text(&row[1]),
            .class_code = db_as_text(&row[2]),
            .post = db_as_text(&row[3]),
            .date = db_as_date(&row[4]),
            .amount = db_as_int(&row[5]),
            .passed = db_as_int(&row[6]) != 0,
            .more = db_as_text(&row[7]),
        };
    }
    *rows = list;
    return 0;
}
