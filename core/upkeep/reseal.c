#include "core/upkeep/reseal.h"

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/places.h"

enum { POOL_KEEP = 1024 * 1024 };

/* What is sealed, with whose it is, "" for nobody's (core/places.h), and the statements that count,
 * read and change it. A value begins with its format, in one byte, and its key's id, in four. */
#define NOBODY "''"
#define COLUMN(named, table, column, owner) COLUMN_BY(named, table, "id", column, owner, 200)
#define COLUMN_BY(named, table, key, column, owner, rows)                                          \
    {                                                                                              \
        .place = (named),                                                                          \
        .name = table "." column,                                                                  \
        .batch = (rows),                                                                           \
        .owned = sizeof(owner) > sizeof(NOBODY),                                                   \
        .count = {"reseal_count " table "." column,                                                \
                  "SELECT CONV(HEX(SUBSTRING(" column ", 2, 4)), 16, 10) AS sealed_by, COUNT(*)"   \
                  " FROM " table " WHERE " column " IS NOT NULL GROUP BY 1 ORDER BY sealed_by"},   \
        .read = {"reseal_read " table "." column,                                                  \
                 "SELECT " key ", " column ", CAST(" owner " AS CHAR) FROM " table                 \
                 " WHERE " key " > ? AND " column " IS NOT NULL"                                   \
                 " AND SUBSTRING(" column ", 1, 5) <> ?"                                           \
                 " ORDER BY " key " LIMIT " #rows},                                                \
        .change = {"reseal_change " table "." column,                                              \
                   "UPDATE " table " SET " column " = ? WHERE " key " = ? AND " column " = ?"},    \
    }

static const struct column {
    const char *place, *name;
    size_t batch;
    bool owned;
    struct db_query count, read, change;
} columns[] = {
    COLUMN(PLACE_LEGAL_REP_ID, "enterprise", "legal_rep_id_sealed", NOBODY),
    COLUMN(PLACE_ENTERPRISE_PHONE, "enterprise", "phone_sealed", NOBODY),
    COLUMN(PLACE_PERSON_ID_NO, "person", "id_no_sealed", "LOWER(HEX(id_no_hash))"),
    COLUMN(PLACE_PERSON_PHONE, "person", "phone_sealed", NOBODY),
    COLUMN(PLACE_CAPTURE_PHOTO, "identity_capture", "photo_sealed", "person_id"),
    COLUMN_BY(PLACE_PROPOSAL_PAYLOAD, "proposal", "matter_id", "payload_sealed", "matter_id", 200),
    COLUMN(PLACE_ATTACHMENT_NAME, "attachment", "name_sealed", NOBODY),
    COLUMN_BY(PLACE_ATTACHMENT_BODY, "attachment", "id", "body_sealed", NOBODY, 4),
    COLUMN(PLACE_CONTACT_ADDRESS, "contact", "address_sealed", "enterprise_id"),
    COLUMN(PLACE_CONTACT_ADDRESS, "contact", "wanted_sealed", "enterprise_id"),
    COLUMN(PLACE_CONTACT_ADDRESS, "outbox", "address_sealed", "enterprise_id"),
    COLUMN(PLACE_LEGAL_REP_ID, "import_before", "legal_rep_id_sealed", NOBODY),
    COLUMN(PLACE_ENTERPRISE_PHONE, "import_before", "enterprise_phone_sealed", NOBODY),
    COLUMN(PLACE_PERSON_PHONE, "import_before", "person_phone_sealed", NOBODY),
    COLUMN_BY(PLACE_IMPORT_DATA, "import_chunk", "id", "data_sealed",
              "CONCAT(import_id, '/', number)", 8),
    COLUMN(PLACE_STAFF_SECRET, "staff_factor", "secret_sealed", "staff_id"),
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

const char *reseal_column_name(size_t n)
{
    return n < COLUMNS ? columns[n].name : NULL;
}

/* One batch of one column. */
struct batch {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    const struct column *column;
    struct db_rows rows;
    uint64_t changed;
};

int reseal_count(struct db *db, struct pool *pool, struct reseal_count *counts, size_t room,
                 size_t *count, struct err *err)
{
    *count = 0;
    for (size_t c = 0; c < COLUMNS; c++) {
        struct db_rows rows;
        if (db_select(db, pool, &columns[c].count, DB_NO_ARGS, &rows, err) < 0)
            return -1;
        for (size_t i = 0; i < rows.count; i++) {
            const struct db_value *row = db_row(&rows, i);
            uint64_t key;
            if (*count == room)
                return err_set(err, ERR_LIMIT, 0, "values are sealed by more than %zu keys", room);
            if (!parse_uint(db_as_text(&row[0]), 0, UINT32_MAX, &key))
                return err_set(err, ERR_CRYPTO, 0, "%s holds what is no sealed value",
                               columns[c].place);
            counts[(*count)++] = (struct reseal_count){.key = (uint32_t)key,
                                                       .place = columns[c].place,
                                                       .values = db_as_uint(&row[1])};
        }
    }
    return 0;
}

static int change_one(struct batch *batch, const struct db_value *row, struct err *err)
{
    const struct vault *vault = batch->core->vault;
    const char *place = batch->column->place;
    struct bytes old = db_as_bytes(&row[1]), plain, sealed;
    uint64_t changed;

    if (batch->column->owned)
        place = pool_printf(batch->pool, "%s/%s", place, db_as_text(&row[2]));
    if (vault_open(vault, batch->pool, place, old, &plain, err) < 0 ||
        vault_seal(vault, batch->pool, place, plain, &sealed, err) < 0)
        return err_context(err, "%s of row %llu", place, (unsigned long long)db_as_uint(&row[0]));
    if (db_run(batch->db, &batch->column->change,
               DB_ARGS(db_bytes(sealed.data, sealed.size), row[0],
                       db_bytes(old.data, old.size)),
               &changed, err) < 0)
        return -1;
    batch->changed += changed;
    return 0;
}

static int change_batch(void *context, struct err *err)
{
    struct batch *batch = context;

    batch->changed = 0;
    for (size_t i = 0; i < batch->rows.count; i++)
        if (change_one(batch, db_row(&batch->rows, i), err) < 0)
            return -1;
    return 0;
}

static int reseal_column(struct batch *batch, uint64_t all,
                         void (*progress)(void *context, const char *place, uint64_t done,
                                          uint64_t all),
                         void *context, uint64_t *changed, struct err *err)
{
    uint8_t mark[VAULT_MARK_SIZE];
    uint64_t after = 0, done = 0;

    vault_mark(batch->core->vault, batch->column->owned, mark);
    do {
        pool_reset(batch->pool);
        if (db_select(batch->db, batch->pool, &batch->column->read,
                      DB_ARGS(db_uint(after), db_bytes(mark, sizeof(mark))), &batch->rows,
                      err) < 0 ||
            db_transact(batch->db, change_batch, batch, err) < 0)
            return -1;
        if (batch->rows.count > 0)
            after = db_as_uint(db_row(&batch->rows, batch->rows.count - 1));
        done += batch->rows.count;
        *changed += batch->changed;
        progress(context, batch->column->place, done, done > all ? done : all);
    } while (batch->rows.count == batch->column->batch);
    return 0;
}

int reseal_run(struct db *db, const struct core *core,
               void (*progress)(void *context, const char *place, uint64_t done, uint64_t all),
               void *context, uint64_t *changed, struct err *err)
{
    struct pool *pool = pool_new(POOL_KEEP, 0);
    struct reseal_count counts[RESEAL_KEYS];
    size_t count;
    int result = reseal_count(db, pool, counts, RESEAL_KEYS, &count, err);

    *changed = 0;
    for (size_t c = 0; result == 0 && c < COLUMNS; c++) {
        struct batch batch = {.db = db, .pool = pool, .core = core, .column = &columns[c]};
        uint64_t all = 0;
        for (size_t i = 0; i < count; i++)
            if (counts[i].place == columns[c].place && counts[i].key != vault_key_id(core->vault))
                all += counts[i].values;
        result = reseal_column(&batch, all, progress, context, changed, err);
    }
    pool_free(&pool);
    return result;
}
