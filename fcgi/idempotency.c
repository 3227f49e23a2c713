#include "fcgi/idempotency.h"

#include <string.h>

#include "base/sha256.h"
#include "fcgi/query.h"

enum { HASH_SIZE = 32, COL_ROUTE = 0, COL_HASH, COL_LOCATION };

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void add_hashed(struct text *to, const char *name, const void *data, size_t size)
{
    uint8_t hash[HASH_SIZE];

    sha256(data, size, hash);
    text_add_n(to, name, strlen(name) + 1);
    text_add_n(to, (const char *)hash, sizeof(hash));
}

bool idempotency_read(const struct request *request, const struct form *form,
                      struct idempotency *out)
{
    struct text digest;

    *out = (struct idempotency){
        .route = pool_printf(request->pool, "%s/%s", request->module->name, request->route->path)};
    text_init(&digest, request->pool, SIZE_MAX / 2);
    text_add_n(&digest, request->path, strlen(request->path) + 1);
    for (size_t i = 0; i < form->count; i++) {
        const struct pair *pair = &form->pairs[i];
        if (strcmp(pair->name, "_csrf") == 0)
            continue;
        if (strcmp(pair->name, "_key") != 0) {
            struct bytes value = {(const uint8_t *)pair->value, pair->size};
            if (pair->upload && pair->upload->bytes.size)
                value = pair->upload->bytes;
            add_hashed(&digest, pair->name, value.data, value.size);
        } else if (out->key) {
            return false;
        } else {
            out->key = pair->value;
        }
    }
    sha256(digest.data, digest.length, out->body_hash);
    size_t length = out->key ? strlen(out->key) : 0;
    return length >= KEY_LOW && length <= KEY_HIGH && strspn(out->key, base64url) == length;
}

int idempotency_take(struct request *request, const struct idempotency *key, struct err *err)
{
    if (db_run(request->db, &web_queries[SQL_KEY_ADD],
               DB_ARGS(db_uint(request->who.kind), db_uint(request->who.id), db_text(key->key),
                       db_text(key->route), db_bytes(key->body_hash, sizeof(key->body_hash)),
                       db_time(request->now_ms)),
               NULL, err) == 0)
        return 1;
    return err->kind == ERR_DB_DUPLICATE ? 0 : -1;
}

int idempotency_store(struct request *request, const struct idempotency *key,
                      const char *location, struct err *err)
{
    return db_run(request->db, &web_queries[SQL_KEY_STORE],
                  DB_ARGS(db_text(location), db_uint(request->who.kind),
                          db_uint(request->who.id), db_text(key->key)),
                  NULL, err);
}

int idempotency_recall(struct request *request, const struct idempotency *key,
                       const char **location, struct err *err)
{
    const struct db_value *row;
    int found = db_find(request->db, request->pool, &web_queries[SQL_KEY_FIND],
                        DB_ARGS(db_uint(request->who.kind), db_uint(request->who.id),
                                db_text(key->key)),
                        &row, err);

    if (found <= 0)
        return found;
    struct bytes hash = db_as_bytes(&row[COL_HASH]);
    bool same = strcmp(db_as_text(&row[COL_ROUTE]), key->route) == 0 && hash.size == HASH_SIZE &&
                memcmp(hash.data, key->body_hash, HASH_SIZE) == 0;
    *location = same ? db_as_text(&row[COL_LOCATION]) : NULL;
    return 1;
}
