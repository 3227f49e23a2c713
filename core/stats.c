#include "core/stats.h"

#include "base/date.h"
#include "base/db.h"
#include "base/pool.h"

enum { FIGURES_MAX = 64 };

/* Each yields rows of part and number. */
static const struct db_query queries[] = {
    {"enterprises", "SELECT CAST(region AS CHAR) AS part, COUNT(*) FROM enterprise"
                    " GROUP BY part ORDER BY part"},
    {"people", "SELECT CAST(IF(capture_id IS NULL, 'without photo', 'with photo') AS CHAR) AS part,"
               " COUNT(*) FROM person GROUP BY part ORDER BY part"},
    {"paper certificates",
     "SELECT CAST(IF(certificate_id IS NULL, 'to exchange', 'exchanged') AS CHAR) AS part,"
     " COUNT(*) FROM paper_certificate GROUP BY part ORDER BY part"},
    {"certificates", "SELECT CAST(state AS CHAR) AS part, COUNT(*) FROM certificate"
                     " GROUP BY part ORDER BY part"},
    {"documents", "SELECT CAST('' AS CHAR) AS part, COUNT(*) FROM document"},
    {"jobs", "SELECT CAST(state AS CHAR) AS part, COUNT(*) FROM job GROUP BY part ORDER BY part"},
    {"matters", "SELECT CAST(item AS CHAR) AS part, COUNT(*) FROM matter"
                " GROUP BY part ORDER BY part"},
    {"audit events", "SELECT CAST('' AS CHAR) AS part, CAST(SUM(sequence) AS UNSIGNED)"
                     " FROM audit_head"},
    {"staff", "SELECT CAST(role AS CHAR) AS part, COUNT(*) FROM staff WHERE disabled_at IS NULL"
              " GROUP BY part ORDER BY part"},
};

static const struct db_query clock_query = {"clock", "SELECT UTC_TIMESTAMP(3)"};

int stats_read(struct db *db, struct pool *pool, const struct stats_figure **figures,
               size_t *count, struct err *err)
{
    struct stats_figure *list = pool_array(pool, FIGURES_MAX, sizeof(*list));

    *figures = list;
    *count = 0;
    for (size_t q = 0; q < sizeof(queries) / sizeof(*queries); q++) {
        struct db_rows rows;
        if (db_select(db, pool, &queries[q], DB_NO_ARGS, &rows, err) < 0)
            return -1;
        for (size_t i = 0; i < rows.count && *count < FIGURES_MAX; i++) {
            const struct db_value *row = db_row(&rows, i);
            list[(*count)++] = (struct stats_figure){queries[q].name, db_as_text(&row[0]),
                                                     db_as_uint(&row[1])};
        }
    }
    return 0;
}

int stats_clock(struct db *db, struct pool *pool, int64_t *ahead_ms, struct err *err)
{
    const struct db_value *row;

    if (db_find(db, pool, &clock_query, DB_NO_ARGS, &row, err) < 0)
        return -1;
    *ahead_ms = db_as_time(&row[0]) - clock_now_ms();
    return 0;
}
