#include "core/import/import_store.h"

#include <openssl/evp.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/places.h"
#include "core/queries.h"

enum { CHUNK = 512 * 1024, POOL_KEEP = 2 * CHUNK, NAME_SHOWN = 128 };

enum { SQL_BEGIN, SQL_CHUNK, SQL_END, SQL_READ };

static const struct db_query queries[] = {
    [SQL_BEGIN] = {"import_store_begin",
                   "INSERT INTO import_run (kind, file_sha256, file_rows, added, changed, state,"
                   " file_name, actor_kind, actor_id, created_at)"
                   " VALUES (?, REPEAT(0x00, 32), 0, 0, 0, 'receiving', ?, ?, ?, ?)"},
    [SQL_CHUNK] = {"import_store_chunk",
                   "INSERT INTO import_chunk (import_id, number, data_sealed) VALUES (?, ?, ?)"},
    [SQL_END] = {"import_store_end", "UPDATE import_run SET file_sha256 = ?, file_size = ?"
                                     " WHERE id = ? AND state = 'receiving'"},
    [SQL_READ] = {"import_store_read",
                  "SELECT data_sealed FROM import_chunk WHERE import_id = ? AND number = ?"},
};

const struct db_area import_store_area = DB_AREA("import_store", queries);

struct import_writer {
    struct db *db;
    const struct core *core;
    struct pool *pool; /* of a chunk */
    EVP_MD_CTX *digest;
    uint64_t id, size;
    uint32_t number;
    size_t used;
    uint8_t chunk[CHUNK];
};

/* The first characters of a name. */
static const char *name_cut(struct pool *pool, const char *name)
{
    const char *end = name;

    for (size_t i = 0; i < NAME_SHOWN && *end; i++)
        utf8_next(&end);
    return pool_text_n(pool, name, (size_t)(end - name));
}

int import_writer_open(struct db *db, const struct core *core, const struct import_kind *kind,
                       const char *file_name, const struct actor *actor, int64_t now_ms,
                       struct import_writer **writer, struct err *err)
{
    struct import_writer *made = calloc(1, sizeof(*made));

    if (!made)
        err_fatal("out of memory");
    made->db = db;
    made->core = core;
    made->pool = pool_new(POOL_KEEP, 0);
    made->digest = EVP_MD_CTX_new();
    if (!made->digest || EVP_DigestInit_ex(made->digest, EVP_sha256(), NULL) != 1)
        err_fatal("no SHA-256");
    *writer = made;
    if (db_run(db, &queries[SQL_BEGIN],
               DB_ARGS(db_text(import_name(kind)), db_text(name_cut(made->pool, file_name)),
                       db_uint(actor->kind), db_uint(actor->id), db_time(now_ms)),
               NULL, err) < 0)
        return -1;
    made->id = db_insert_id(db);
    return 0;
}

/* So that no piece stands in another's place. */
static const char *chunk_place(struct pool *pool, uint64_t import_id, uint64_t number)
{
    return pool_printf(pool, "%s/%" PRIu64, place_of(pool, PLACE_IMPORT_DATA, import_id), number);
}

static int chunk_put(struct import_writer *writer, struct err *err)
{
    struct bytes sealed;

    pool_reset(writer->pool);
    if (vault_seal(writer->core->vault, writer->pool, chunk_place(writer->pool, writer->id, writer->number),
                   (struct bytes){writer->chunk, writer->used}, &sealed, err) < 0 ||
        db_run(writer->db, &queries[SQL_CHUNK],
               DB_ARGS(db_uint(writer->id), db_uint(writer->number),
                       db_bytes(sealed.data, sealed.size)),
               NULL, err) < 0)
        return -1;
    writer->number++;
    writer->used = 0;
    return 0;
}

int import_writer_write(struct import_writer *writer, const void *data, size_t size,
                        struct err *err)
{
    const uint8_t *at = data;

    EVP_DigestUpdate(writer->digest, data, size);
    writer->size += size;
    while (size > 0) {
        size_t part = sizeof(writer->chunk) - writer->used;

        if (part > size)
            part = size;
        memcpy(writer->chunk + writer->used, at, part);
        writer->used += part;
        at += part;
        size -= part;
        if (writer->used == sizeof(writer->chunk) && chunk_put(writer, err) < 0)
            return -1;
    }
    return 0;
}

int import_writer_close(struct import_writer *writer, uint64_t *id, struct err *err)
{
    uint8_t hash[32];

    if (writer->used > 0 && chunk_put(writer, err) < 0)
        return -1;
    if (EVP_DigestFinal_ex(writer->digest, hash, NULL) != 1)
        err_fatal("no SHA-256");
    *id = writer->id;
    return db_run(writer->db, &queries[SQL_END],
                  DB_ARGS(db_bytes(hash, sizeof(hash)), db_uint(writer->size),
                          db_uint(writer->id)),
                  NULL, err);
}

void import_writer_free(struct import_writer **writer)
{
    if (!*writer)
        return;
    EVP_MD_CTX_free((*writer)->digest);
    pool_free(&(*writer)->pool);
    explicit_bzero(*writer, sizeof(**writer));
    free(*writer);
    *writer = NULL;
}

/* Reading */

struct reader {
    struct db *db;
    const struct core *core;
    struct pool *pool; /* holds the present chunk */
    struct err *cause;
    uint64_t id, size, at;
    uint64_t held; /* number of the present chunk, + 1; 0: none */
    struct bytes chunk;
};

static int chunk_get(struct reader *reader, uint64_t number)
{
    const struct db_value *row;
    struct err *err = reader->cause;

    pool_reset(reader->pool);
    reader->held = 0;
    int found = db_find(reader->db, reader->pool, &queries[SQL_READ],
                        DB_ARGS(db_uint(reader->id), db_uint(number)), &row, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return err_set(err, ERR_CONFLICT, 0, "the file of import %llu is gone",
                       (unsigned long long)reader->id);
    if (vault_open(reader->core->vault, reader->pool, chunk_place(reader->pool, reader->id, number),
                   db_as_bytes(&row[0]), &reader->chunk, err) < 0)
        return -1;
    reader->held = number + 1;
    return 0;
}

static ssize_t store_read(void *cookie, char *to, size_t size)
{
    struct reader *reader = cookie;
    uint64_t number = reader->at / CHUNK, start = reader->at % CHUNK;

    if (reader->at >= reader->size)
        return 0;
    if (reader->held != number + 1 && chunk_get(reader, number) < 0) {
        errno = EIO;
        return -1;
    }
    if (start >= reader->chunk.size)
        return 0;
    if (size > reader->chunk.size - start)
        size = reader->chunk.size - start;
    memcpy(to, reader->chunk.data + start, size);
    reader->at += size;
    return (ssize_t)size;
}

static int store_seek(void *cookie, off64_t *offset, int whence)
{
    struct reader *reader = cookie;
    int64_t from = whence == SEEK_SET   ? 0
                   : whence == SEEK_CUR ? (int64_t)reader->at
                                        : (int64_t)reader->size;

    if (from + *offset < 0)
        return -1;
    reader->at = (uint64_t)(from + *offset);
    *offset = (off64_t)reader->at;
    return 0;
}

static int store_close(void *cookie)
{
    struct reader *reader = cookie;

    pool_free(&reader->pool);
    free(reader);
    return 0;
}

FILE *import_store_read(struct db *db, const struct core *core, uint64_t id, uint64_t size,
                        struct err *cause)
{
    static const cookie_io_functions_t functions = {
        .read = store_read, .seek = store_seek, .close = store_close};
    struct reader *reader = calloc(1, sizeof(*reader));

    if (!reader)
        err_fatal("out of memory");
    *reader = (struct reader){.db = db,
                              .core = core,
                              .pool = pool_new(POOL_KEEP, 0),
                              .cause = cause,
                              .id = id,
                              .size = size};
    FILE *file = fopencookie(reader, "r", functions);
    if (!file)
        err_fatal("out of memory");
    return file;
}
