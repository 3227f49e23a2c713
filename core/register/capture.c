#include "core/register/capture.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/places.h"
#include "core/queries.h"

enum { SQL_PHOTO, SQL_LIST };

static const struct db_query queries[] = {
    [SQL_PHOTO] = {"capture_photo", "SELECT photo_sealed FROM identity_capture"
                                    " WHERE id = ? AND person_id = ?"},
    [SQL_LIST] = {"capture_list",
                  "SELECT c.id, CAST(c.source AS CHAR), CAST(c.state AS CHAR), c.width, c.height,"
                  " c.captured_at, COALESCE(s.name, '') FROM identity_capture c"
                  " LEFT JOIN staff s ON s.id = c.captured_by WHERE c.person_id = ?"
                  " ORDER BY c.id DESC LIMIT 100"},
};

const struct db_area capture_area = DB_AREA("capture", queries);

int capture_photo(struct db *db, struct pool *pool, const struct core *core, uint64_t person_id,
                  uint64_t capture_id, struct bytes *jpeg, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_PHOTO], DB_ARGS(db_uint(capture_id), db_uint(person_id)),
                        &row, err);

    if (found != 1)
        return found;
    return vault_open(core->vault, pool, place_of(pool, PLACE_CAPTURE_PHOTO, person_id),
                      db_as_bytes(&row[0]), jpeg, err) < 0
               ? -1
               : 1;
}

const char *capture_source_label(const char *source)
{
    static const char *const labels[][2] = {
        {CAPTURE_READER, "读卡器采集"}, {CAPTURE_WINDOW, "窗口采集"}, {"import", "批量导入"}};

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (strcmp(labels[i][0], source) == 0)
            return labels[i][1];
    return NULL;
}

int capture_list(struct db *db, struct pool *pool, uint64_t person_id, const struct capture **rows,
                 size_t *count, struct err *err)
{
    struct capture *list;
    struct db_rows found;

    if (db_select(db, pool, &queries[SQL_LIST], DB_ARGS(db_uint(person_id)), &found, err) < 0)
        return -1;
    list = pool_array(pool, found.count + 1, sizeof(*list));
    for (size_t i = 0; i < found.count; i++) {
        const struct db_value *row = db_row(&found, i);

        list[i] = (struct capture){
            .id = db_as_uint(&row[0]),
            .source = db_as_text(&row[1]),
            .state = db_as_text(&row[2]),
            .width = (unsigned)db_as_uint(&row[3]),
            .height = (unsigned)db_as_uint(&row[4]),
            .captured_ms = db_as_time(&row[5]),
            .taken_by = db_as_text(&row[6]),
        };
    }
    *rows = list;
    *count = found.count;
    return 0;
}
