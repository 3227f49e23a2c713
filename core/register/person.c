#include "core/register/person.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/places.h"
#include "core/queries.h"
#include "core/register/identifier.h"

enum {
    SQL_FIND,
    SQL_LOCK,
    SQL_FIND_DOCUMENT,
    SQL_SEARCH,
    SQL_DATA,
    SQL_CREATE,
    SQL_REWRITE,
    SQL_CERTIFICATES
};

#define COLUMNS                                                                                    \
    "p.id, p.id_type, " ID_NO_BOX("p") ", p.name, p.sex, p.birth, p.education, p.technical_title," \
    " p.phone_sealed IS NOT NULL, p.capture_id, p.created_at, p.updated_at"

static const struct db_query queries[] = {
    [SQL_FIND] = {"person_find", "SELECT " COLUMNS " FROM person p WHERE p.id = ?"},
    [SQL_LOCK] = {"person_lock", "SELECT " COLUMNS " FROM person p WHERE p.id = ? FOR UPDATE"},
    [SQL_FIND_DOCUMENT] = {"person_find_document",
                           "SELECT " COLUMNS
                           " FROM person p WHERE p.id_type = ? AND p.id_no_hash = ?"},
    /* Names are personal: the page is told where to go on by an id. */
    [SQL_SEARCH] = {"person_search",
                    "SELECT " COLUMNS " FROM person p WHERE p.name LIKE ? ESCAPE '!'"
                    " AND (p.name, p.id) > ((SELECT COALESCE(MAX(f.name), '') FROM person f WHERE f.id = ?), ?)"
                    " ORDER BY p.name, p.id LIMIT ?"},
    [SQL_DATA] = {"person_data", "SELECT id_type, " ID_NO_BOX("person") ", name, sex, birth,"
                                 " education, technical_title, phone_sealed FROM person WHERE id = ?"},
    [SQL_CREATE] = {"person_create",
                    "INSERT INTO person (id_type, id_no_hash, id_no_sealed, name, sex, birth,"
                    " education, technical_title, phone_sealed, created_at, updated_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_REWRITE] = {"person_rewrite",
                     "UPDATE person SET id_type = ?, id_no_hash = ?, id_no_sealed = ?, name = ?,"
                     " sex = ?, birth = ?, education = ?, technical_title = ?, phone_sealed = ?,"
                     " updated_at = ? WHERE id = ? AND updated_at = ?"},
    [SQL_CERTIFICATES] = {"person_certificates",
                          "SELECT id, version, state, pending_matter_id, number, CAST(class AS CHAR),"
                          " post, holder_name, enterprise_id, enterprise_name, valid_from,"
                          " valid_until, generation FROM certificate WHERE person_id = ?"
                          " ORDER BY id DESC LIMIT 200"},
};

const struct db_area person_area = DB_AREA("person", queries);

int person_id_no_masked(struct pool *pool, const struct core *core, struct bytes box,
                        const char **masked, struct err *err)
{
    char out[DOCUMENT_NO_SIZE];
    struct bytes plain;

    if (id_no_open(core->vault, pool, box, &plain, err) < 0)
        return -1;
    document_no_mask(pool_text_n(pool, (const char *)plain.data, plain.size), out);
    *masked = pool_text(pool, out);
    return 0;
}

static int person_read(struct pool *pool, const struct core *core, const struct db_value *row,
                       struct person *out, struct err *err)
{
    *out = (struct person){
        .id = db_as_uint(&row[0]),
        .id_type = db_as_text(&row[1]),
        .name = db_as_text(&row[3]),
        .sex = (unsigned)db_as_uint(&row[4]),
        .birth = db_as_date(&row[5]),
        .education = db_as_text(&row[6]),
        .title = db_as_text(&row[7]),
        .has_phone = db_as_int(&row[8]) != 0,
        .capture_id = db_as_uint(&row[9]),
        .created_ms = db_as_time(&row[10]),
        .updated_ms = db_as_time(&row[11]),
    };
    return person_id_no_masked(pool, core, db_as_bytes(&row[2]), &out->id_no_masked, err);
}

static int find(struct db *db, struct pool *pool, const struct core *core,
                const struct db_query *query, const struct db_value *args, size_t count,
                struct person *out, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, query, args, count, &row, err);

    if (found != 1)
        return found;
    return person_read(pool, core, row, out, err) < 0 ? -1 : 1;
}

int person_find(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                struct person *out, struct err *err)
{
    return find(db, pool, core, &queries[SQL_FIND], DB_ARGS(db_uint(id)), out, err);
}

int person_lock(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                struct person *out, struct err *err)
{
    return find(db, pool, core, &queries[SQL_LOCK], DB_ARGS(db_uint(id)), out, err);
}

int person_find_document(struct db *db, struct pool *pool, const struct core *core,
                         const char *id_type, const char *id_no, struct person *out,
                         struct err *err)
{
    uint8_t hash[VAULT_HASH_SIZE];

    vault_lookup(core->vault, PLACE_PERSON_ID_NO, id_no, hash);
    return find(db, pool, core, &queries[SQL_FIND_DOCUMENT],
                DB_ARGS(db_text(id_type), db_bytes(hash, sizeof(hash))), out, err);
}

int person_search(struct db *db, struct pool *pool, const struct core *core, const char *name,
                  uint64_t after, size_t limit, struct person_page *page, struct err *err)
{
    struct person *list;
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_SEARCH],
                  DB_ARGS(db_text(person_pattern(pool, name)), db_uint(after), db_uint(after),
                          db_uint(limit + 1)),
                  &rows, err) < 0)
        return -1;
    bool more = db_page(&rows, limit, &page->count);
    list = pool_array(pool, rows.count + 1, sizeof(*list));
    for (size_t i = 0; i < page->count; i++)
        if (person_read(pool, core, db_row(&rows, i), &list[i], err) < 0)
            return -1;
    page->rows = list;
    page->next = more ? list[limit - 1].id : 0;
    return 0;
}

/* What is sealed of a person, and the hash that finds him. */
struct sealed {
    uint8_t hash[VAULT_HASH_SIZE];
    struct db_value id_no, phone;
};

static int seal_text(const struct core *core, struct pool *pool, const char *place,
                     const char *text, struct db_value *value, struct err *err)
{
    const struct bytes plain = {(const uint8_t *)text, strlen(text)};
    struct bytes box;

    *value = db_null();
    if (*text == '\0')
        return 0;
    if (vault_seal(core->vault, pool, place, plain, &box, err) < 0)
        return -1;
    *value = db_bytes(box.data, box.size);
    return 0;
}

static int seal_data(const struct change *change, const struct person_data *data,
                     struct sealed *out, struct err *err)
{
    vault_lookup(change->core->vault, PLACE_PERSON_ID_NO, data->id_no, out->hash);
    if (seal_text(change->core, change->pool,
                  place_of_hash(change->pool, PLACE_PERSON_ID_NO, out->hash), data->id_no, &out->id_no,
                  err) < 0)
        return -1;
    return seal_text(change->core, change->pool, PLACE_PERSON_PHONE, data->phone, &out->phone, err);
}

/* The document is known already. */
static int conflict_of(int result, struct err *err)
{
    if (result < 0 && err && err->kind == ERR_DB_DUPLICATE)
        err->kind = ERR_CONFLICT;
    return result;
}

#define DATA_ARGS(data, sealed)                                                                    \
    db_text((data)->id_type), db_bytes((sealed)->hash, VAULT_HASH_SIZE), (sealed)->id_no,          \
        db_text((data)->name), db_uint((data)->sex), db_date((data)->birth),                       \
        db_text((data)->education), db_text(*(data)->title ? (data)->title : NULL),                \
        (sealed)->phone

int person_create(struct change *change, const struct person_data *data, uint64_t *id,
                  struct err *err)
{
    const struct db_value now = db_time(change->now_ms);
    struct sealed sealed;

    if (seal_data(change, data, &sealed, err) < 0 ||
        conflict_of(db_run(change->db, &queries[SQL_CREATE],
                           DB_ARGS(DATA_ARGS(data, &sealed), now, now), NULL, err),
                    err) < 0)
        return -1;
    *id = db_insert_id(change->db);
    change_note(change, 0, "person.create", "person", *id,
                pool_printf(change->pool, "{\"id_type\":\"%s\"}", data->id_type));
    return 0;
}

int person_rewrite(struct change *change, const struct person *was, const struct person_data *data,
                   const char *action, const char *detail, struct err *err)
{
    struct sealed sealed;
    int rewritten;

    if (seal_data(change, data, &sealed, err) < 0)
        return -1;
    rewritten = conflict_of(db_change(change->db, &queries[SQL_REWRITE],
                                      DB_ARGS(DATA_ARGS(data, &sealed), db_time(change->now_ms),
                                              db_uint(was->id), db_time(was->updated_ms)),
                                      err),
                            err);
    if (rewritten < 0)
        return -1;
    if (rewritten == 0)
        return err_set(err, ERR_CONFLICT, 0, "person %" PRIu64 " has changed meanwhile", was->id);
    change_note(change, 0, action, "person", was->id, detail);
    return 0;
}

static int open_text(const struct core *core, struct pool *pool, const char *place,
                     struct bytes box, const char **text, struct err *err)
{
    struct bytes plain;

    *text = "";
    if (box.size == 0)
        return 0;
    if (vault_open(core->vault, pool, place, box, &plain, err) < 0)
        return -1;
    *text = pool_text_n(pool, (const char *)plain.data, plain.size);
    return 0;
}

int person_data_open(struct db *db, struct pool *pool, const struct core *core, uint64_t id,
                     struct person_data *out, struct err *err)
{
    const struct db_value *row;
    struct bytes number;
    int found = db_find(db, pool, &queries[SQL_DATA], DB_ARGS(db_uint(id)), &row, err);

    if (found != 1)
        return found;
    *out = (struct person_data){
        .id_type = db_as_text(&row[0]),
        .name = db_as_text(&row[2]),
        .sex = (unsigned)db_as_uint(&row[3]),
        .birth = db_as_date(&row[4]),
        .education = db_as_text(&row[5]),
        .title = db_as_text(&row[6]),
    };
    if (id_no_open(core->vault, pool, db_as_bytes(&row[1]), &number, err) < 0 ||
        open_text(core, pool, PLACE_PERSON_PHONE, db_as_bytes(&row[7]), &out->phone, err) < 0)
        return -1;
    out->id_no = pool_text_n(pool, (const char *)number.data, number.size);
    return 1;
}

int person_reveal(struct change *change, uint64_t id, const char **id_no, struct err *err)
{
    struct person_data data;
    int found = person_data_open(change->db, change->pool, change->core, id, &data, err);

    if (found != 1)
        return found;
    *id_no = data.id_no;
    change_note(change, 0, "person.reveal", "person", id, NULL);
    return 1;
}

int person_certificates(struct db *db, struct pool *pool, uint64_t id,
                        const struct person_certificate **rows, size_t *count, struct err *err)
{
    struct person_certificate *list;
    struct db_rows found;

    if (db_select(db, pool, &queries[SQL_CERTIFICATES], DB_ARGS(db_uint(id)), &found, err) < 0)
        return -1;
    list = pool_array(pool, found.count + 1, sizeof(*list));
    for (size_t i = 0; i < found.count; i++) {
        const struct db_value *row = db_row(&found, i);

        list[i] = (struct person_certificate){
            .was = {db_as_uint(&row[0]), (unsigned)db_as_uint(&row[1]), db_as_text(&row[2]),
                    db_as_uint(&row[3])},
            .number = db_as_text(&row[4]),
            .class_code = db_as_text(&row[5]),
            .post = db_as_text(&row[6]),
            .holder_name = db_as_text(&row[7]),
            .enterprise_id = db_as_uint(&row[8]),
            .enterprise_name = db_as_text(&row[9]),
            .valid_from = db_as_date(&row[10]),
            .valid_until = db_as_date(&row[11]),
            .generation = (enum generation)db_as_int(&row[12]),
        };
    }
    *rows = list;
    *count = found.count;
    return 0;
}
