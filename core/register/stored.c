#include "core/register/stored.h"

#include "base/db.h"
#include "core/queries.h"

enum { SQL_FIND };

static const struct db_query queries[] = {
    [SQL_FIND] = {"stored_find",
                  "SELECT d.id, CAST(d.kind AS CHAR), COALESCE(c.number, ''), d.version,"
                  " COALESCE(c.state, ''), COALESCE(c.version = d.version, 0), d.matter_id,"
                  " d.created_at FROM document d LEFT JOIN certificate c ON c.id = d.certificate_id"
                  " WHERE d.sha256 = ? LIMIT 1"},
};

const struct db_area stored_area = DB_AREA("stored", queries);

int stored_find(struct db *db, struct pool *pool, const uint8_t sha256[32], struct stored *stored,
                struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_bytes(sha256, 32)), &row, err);

    if (found == 1)
        *stored = (struct stored){.id = db_as_uint(&row[0]),
                                  .kind = db_as_text(&row[1]),
                                  .number = db_as_text(&row[2]),
                                  .version = (unsigned)db_as_uint(&row[3]),
                                  .state = db_as_text(&row[4]),
                                  .current = db_as_int(&row[5]) != 0,
                                  .matter_id = db_as_uint(&row[6]),
                                  .made_ms = db_as_time(&row[7])};
    return found;
}
