#include "core/staff/staff_factor.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/places.h"
#include "core/queries.h"

enum {
    SQL_LIST,
    SQL_LOCK,
    SQL_BEGUN_DROP,
    SQL_BEGUN,
    SQL_ADD,
    SQL_CONFIRM,
    SQL_TOTPS,
    SQL_USED,
    SQL_KEY_ADD,
    SQL_KEY_IDS,
    SQL_KEY,
    SQL_CERTIFICATE_ADD,
    SQL_CERTIFICATE_USED,
    SQL_REMOVE
};
enum { COL_ID, COL_SECRET, COL_COUNTER };

static const struct db_query queries[] = {
    [SQL_LIST] = {"factor_list", "SELECT id, kind, label, created_at, used_at FROM staff_factor"
                                 " WHERE staff_id = ? AND confirmed_at IS NOT NULL ORDER BY id"},
    [SQL_LOCK] = {"factor_lock", "SELECT id FROM staff_factor WHERE staff_id = ?"
                                 " AND confirmed_at IS NOT NULL FOR UPDATE"},
    [SQL_BEGUN_DROP] = {"factor_begun_drop", "DELETE FROM staff_factor WHERE staff_id = ?"
                                             " AND kind = 'totp' AND confirmed_at IS NULL"},
    [SQL_BEGUN] = {"factor_begun", "SELECT id, secret_sealed, used_counter FROM staff_factor"
                                   " WHERE staff_id = ? AND kind = 'totp' AND confirmed_at IS NULL"
                                   " ORDER BY id DESC LIMIT 1"},
    [SQL_ADD] = {"factor_add", "INSERT INTO staff_factor (staff_id, kind, label, secret_sealed,"
                               " created_at, confirmed_at) VALUES (?, 'totp', ?, ?, ?, ?)"},
    [SQL_CONFIRM] = {"factor_confirm", "UPDATE staff_factor SET label = ?, confirmed_at = ?,"
                                       " used_at = ?, used_counter = ? WHERE id = ?"
                                       " AND confirmed_at IS NULL"},
    [SQL_TOTPS] = {"factor_totps", "SELECT id, secret_sealed, used_counter FROM staff_factor"
                                   " WHERE staff_id = ? AND kind = 'totp'"
                                   " AND confirmed_at IS NOT NULL ORDER BY id FOR UPDATE"},
    [SQL_USED] = {"factor_used", "UPDATE staff_factor SET used_counter = ?, used_at = ?"
                                 " WHERE id = ?"},
    [SQL_KEY_ADD] = {"factor_key_add",
                     "INSERT INTO staff_factor (staff_id, kind, label, credential_hash,"
                     " credential_id, public_key, used_counter, created_at, confirmed_at)"
                     " VALUES (?, 'key', ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_KEY_IDS] = {"factor_key_ids", "SELECT credential_id FROM staff_factor WHERE staff_id = ?"
                                       " AND kind = 'key' ORDER BY id"},
    [SQL_KEY] = {"factor_key", "SELECT id, public_key, used_counter FROM staff_factor"
                               " WHERE kind = 'key' AND credential_hash = ? AND staff_id = ?"
                               " FOR UPDATE"},
    [SQL_CERTIFICATE_ADD] = {"factor_certificate_add",
                             "INSERT INTO staff_factor (staff_id, kind, label, credential_hash,"
                             " created_at, confirmed_at) VALUES (?, 'certificate', ?, ?, ?, ?)"},
    [SQL_CERTIFICATE_USED] = {"factor_certificate_used",
                              "UPDATE staff_factor SET used_at = ? WHERE kind = 'certificate'"
                              " AND credential_hash = ? AND staff_id = ?"},
    [SQL_REMOVE] = {"factor_remove", "DELETE FROM staff_factor WHERE id = ? AND staff_id = ?"
                                     " AND confirmed_at IS NOT NULL"},
};

const struct db_area staff_factor_area = DB_AREA("staff_factor", queries);

int factor_list(struct db *db, struct pool *pool, uint64_t staff_id,
                const struct staff_factor **factors, size_t *count, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_LIST], DB_ARGS(db_uint(staff_id)), &rows, err) < 0)
        return -1;
    struct staff_factor *list = pool_array(pool, rows.count, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        list[i] = (struct staff_factor){db_as_uint(&row[0]), db_as_text(&row[1]),
                                        db_as_text(&row[2]), db_as_time(&row[3]),
                                        db_as_time(&row[4])};
    }
    *factors = list;
    *count = rows.count;
    return 0;
}

static int add(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
               const uint8_t secret[TOTP_SECRET], const char *label, int64_t now_ms,
               struct db_value confirmed, struct err *err)
{
    struct bytes sealed;

    if (vault_seal(core->vault, pool, place_of(pool, PLACE_STAFF_SECRET, staff_id),
                   (struct bytes){secret, TOTP_SECRET}, &sealed, err) < 0)
        return -1;
    return db_run(db, &queries[SQL_ADD],
                  DB_ARGS(db_uint(staff_id), db_text(label), db_bytes(sealed.data, sealed.size),
                          db_time(now_ms), confirmed),
                  NULL, err);
}

int factor_totp_add(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                    const uint8_t secret[TOTP_SECRET], const char *label, int64_t now_ms,
                    struct err *err)
{
    return add(db, pool, core, staff_id, secret, label, now_ms, db_time(now_ms), err);
}

int factor_totp_begin(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                      int64_t now_ms, struct err *err)
{
    uint8_t secret[TOTP_SECRET];

    if (db_run(db, &queries[SQL_BEGUN_DROP], DB_ARGS(db_uint(staff_id)), NULL, err) < 0)
        return -1;
    totp_secret_make(secret);
    int result = add(db, pool, core, staff_id, secret, "", now_ms, db_null(), err);
    explicit_bzero(secret, sizeof(secret));
    return result;
}

static int unseal(const struct core *core, struct pool *pool, uint64_t staff_id,
                  const struct db_value *row, uint8_t secret[TOTP_SECRET], struct err *err)
{
    struct bytes plain;

    if (vault_open(core->vault, pool, place_of(pool, PLACE_STAFF_SECRET, staff_id),
                   db_as_bytes(&row[COL_SECRET]), &plain, err) < 0)
        return -1;
    if (plain.size != TOTP_SECRET)
        return err_set(err, ERR_CRYPTO, 0, "a one-time password's secret of %zu bytes", plain.size);
    memcpy(secret, plain.data, TOTP_SECRET);
    explicit_bzero((void *)(uintptr_t)plain.data, plain.size);
    return 0;
}

int factor_totp_begun(struct db *db, struct pool *pool, const struct core *core,
                      uint64_t staff_id, uint8_t secret[TOTP_SECRET], struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_BEGUN], DB_ARGS(db_uint(staff_id)), &row, err);

    if (found <= 0)
        return found;
    return unseal(core, pool, staff_id, row, secret, err) < 0 ? -1 : 1;
}

/* Does the code fit the row's secret? 1 and *step; 0; -1. */
static int check(const struct core *core, struct pool *pool, uint64_t staff_id,
                 const struct db_value *row, const char *code, int64_t now_ms, uint64_t *step, struct err *err)
{
    uint8_t secret[TOTP_SECRET];

    if (unseal(core, pool, staff_id, row, secret, err) < 0)
        return -1;
    int fits = totp_check(secret, code, now_ms, db_as_uint(&row[COL_COUNTER]), step, err);
    explicit_bzero(secret, sizeof(secret));
    return fits;
}

int factor_totp_confirm(struct db *db, struct pool *pool, const struct core *core,
                        uint64_t staff_id, const char *code, const char *label, int64_t now_ms,
                        struct err *err)
{
    const struct db_value *row;
    struct db_value now = db_time(now_ms);
    uint64_t step;
    int good = db_find(db, pool, &queries[SQL_BEGUN], DB_ARGS(db_uint(staff_id)), &row, err);

    if (good == 1)
        good = check(core, pool, staff_id, row, code, now_ms, &step, err);
    if (good <= 0)
        return good;
    return db_change(db, &queries[SQL_CONFIRM],
                     DB_ARGS(db_text(label), now, now, db_uint(step), row[COL_ID]), err);
}

int factor_totp_use(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                    const char *code, int64_t now_ms, uint64_t *factor_id, struct err *err)
{
    struct db_rows rows;
    uint64_t step;

    if (db_select(db, pool, &queries[SQL_TOTPS], DB_ARGS(db_uint(staff_id)), &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        int good = check(core, pool, staff_id, row, code, now_ms, &step, err);

        if (good < 0)
            return -1;
        if (good == 0)
            continue;
        *factor_id = db_as_uint(&row[COL_ID]);
        return db_run(db, &queries[SQL_USED],
                      DB_ARGS(db_uint(step), db_time(now_ms), row[COL_ID]), NULL, err) < 0
                   ? -1
                   : 1;
    }
    return 0;
}

int factor_key_add(struct db *db, uint64_t staff_id, const struct webauthn_credential *credential,
                   const char *label, int64_t now_ms, struct err *err)
{
    struct bytes id = credential->id, key = credential->public_key;
    struct db_value now = db_time(now_ms);
    uint8_t hash[VAULT_HASH_SIZE];

    sha256(id.data, id.size, hash);
    return db_run(db, &queries[SQL_KEY_ADD],
                  DB_ARGS(db_uint(staff_id), db_text(label), db_bytes(hash, sizeof(hash)),
                          db_bytes(id.data, id.size), db_bytes(key.data, key.size),
                          db_uint(credential->counter), now, now),
                  NULL, err);
}

int factor_key_ids(struct db *db, struct pool *pool, uint64_t staff_id, const struct bytes **ids,
                   size_t *count, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_KEY_IDS], DB_ARGS(db_uint(staff_id)), &rows, err) < 0)
        return -1;
    struct bytes *list = pool_array(pool, rows.count, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        list[i] = db_as_bytes(db_row(&rows, i));
    *ids = list;
    *count = rows.count;
    return 0;
}

int factor_key_find(struct db *db, struct pool *pool, uint64_t staff_id, struct bytes id,
                    struct factor_key *key, struct err *err)
{
    const struct db_value *row;
    uint8_t hash[VAULT_HASH_SIZE];

    sha256(id.data, id.size, hash);
    int found = db_find(db, pool, &queries[SQL_KEY],
                        DB_ARGS(db_bytes(hash, sizeof(hash)), db_uint(staff_id)), &row, err);
    if (found == 1)
        *key = (struct factor_key){db_as_uint(&row[0]), db_as_bytes(&row[1]),
                                   (uint32_t)db_as_uint(&row[2])};
    return found;
}

int factor_key_used(struct db *db, uint64_t factor_id, uint32_t counter, int64_t now_ms,
                    struct err *err)
{
    return db_run(db, &queries[SQL_USED],
                  DB_ARGS(db_uint(counter), db_time(now_ms), db_uint(factor_id)), NULL, err);
}

int factor_certificate_add(struct db *db, uint64_t staff_id, const uint8_t key[32],
                           const char *label, int64_t now_ms, struct err *err)
{
    struct db_value now = db_time(now_ms);

    return db_run(db, &queries[SQL_CERTIFICATE_ADD],
                  DB_ARGS(db_uint(staff_id), db_text(label), db_bytes(key, VAULT_HASH_SIZE), now, now),
                  NULL, err);
}

int factor_certificate_use(struct db *db, uint64_t staff_id, const uint8_t key[32], int64_t now_ms,
                           struct err *err)
{
    return db_change(db, &queries[SQL_CERTIFICATE_USED],
                     DB_ARGS(db_time(now_ms), db_bytes(key, VAULT_HASH_SIZE), db_uint(staff_id)), err);
}

int factor_remove(struct db *db, struct pool *pool, uint64_t staff_id, uint64_t factor_id,
                  struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_LOCK], DB_ARGS(db_uint(staff_id)), &rows, err) < 0)
        return -1;
    if (rows.count < 2)
        return 0;
    return db_change(db, &queries[SQL_REMOVE], DB_ARGS(db_uint(factor_id), db_uint(staff_id)), err);
}
