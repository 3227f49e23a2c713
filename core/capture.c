#include "core/capture.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/identifier.h"
#include "core/places.h"
#include "core/queries.h"

enum { SQL_PHOTO };

static const struct db_query queries[] = {
    [SQL_PHOTO] = {"capture_photo", "SELECT photo_sealed FROM identity_capture WHERE id = ?"},
};

const struct db_area capture_area = DB_AREA("capture", queries);

int capture_photo(struct db *db, struct pool *pool, const struct core *core, uint64_t capture_id,
                  struct bytes *jpeg, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_PHOTO], DB_ARGS(db_uint(capture_id)), &row, err);

    if (found != 1)
        return found;
    if (vault_open(core->vault, pool, PLACE_CAPTURE_PHOTO, db_as_bytes(&row[0]), jpeg, err) < 0)
        return -1;
    return 1;
}

int document_no_open(struct pool *pool, const struct core *core, struct bytes sealed,
                     const char **masked, struct err *err)
{
    char out[DOCUMENT_NO_SIZE];
    struct bytes plain;

    if (vault_open(core->vault, pool, PLACE_PERSON_ID_NO, sealed, &plain, err) < 0)
        return -1;
    document_no_mask(pool_text_n(pool, (const char *)plain.data, plain.size), out);
    *masked = pool_text(pool, out);
    return 0;
}
