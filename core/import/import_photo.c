/* Photos beside the CSV: checked while it is read, stored when it is merged. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/vault.h"
#include "core/document/document.h"
#include "core/import/import_kind.h"
#include "core/places.h"

enum { NAME_LIMIT = 120, BATCH = 50, BATCH_KEEP = 1024 * 1024 };

enum { SQL_NEW, SQL_COUNT, SQL_ADD, SQL_USE };

const struct db_query import_photo_queries[] = {
    /* A photo the person ever had is no news: a newer one taken at the window stays in use. */
    [SQL_NEW] = {"import_photo_new",
                 "SELECT STRAIGHT_JOIN s.line, s.photo, s.photo_sha256, p.id FROM import_stage s"
                 " JOIN person p ON p.id_type = s.id_type AND p.id_no_hash = s.id_no_hash"
                 " LEFT JOIN identity_capture c ON c.person_id = p.id"
                 " AND c.photo_sha256 = s.photo_sha256"
                 " WHERE s.line > ? AND s.photo_sha256 IS NOT NULL AND c.id IS NULL"
                 " ORDER BY s.line LIMIT 50"},
    [SQL_COUNT] = {"import_photo_count",
                   "SELECT COUNT(*) FROM import_stage s LEFT JOIN person p ON p.id_type = s.id_type"
                   " AND p.id_no_hash = s.id_no_hash LEFT JOIN identity_capture c"
                   " ON c.person_id = p.id AND c.photo_sha256 = s.photo_sha256"
                   " WHERE s.photo_sha256 IS NOT NULL AND c.id IS NULL"},
    [SQL_ADD] = {"import_photo_add",
                 "INSERT INTO identity_capture (person_id, source, photo_sealed, photo_sha256,"
                 " width, height, captured_at) VALUES (?, 'import', ?, ?, ?, ?, ?)"},
    [SQL_USE] = {"import_photo_use", "UPDATE person SET capture_id = ?, updated_at = ?"
                                     " WHERE id = ?"},
    {NULL, NULL},
};

static bool name_valid(const char *name)
{
    return *name != '.' && strlen(name) <= NAME_LIMIT && !strchr(name, '/');
}

static int read_all(int file, struct pool *pool, struct bytes *out, struct err *err)
{
    uint8_t *data = pool_alloc(pool, PHOTO_BYTES + 1);
    size_t size = 0;
    ssize_t got;

    while (size <= PHOTO_BYTES && (got = read(file, data + size, PHOTO_BYTES + 1 - size)) != 0) {
        if (got < 0 && errno != EINTR)
            return err_set(err, ERR_SYSTEM, errno, "cannot be read: %s", strerror(errno));
        if (got > 0)
            size += (size_t)got;
    }
    if (size > PHOTO_BYTES)
        return err_set(err, ERR_INPUT, 0, "is larger than %d bytes", PHOTO_BYTES);
    *out = (struct bytes){data, size};
    return 0;
}

/* Reads and checks a photo of the file's folder: no links, no pipes, nothing outside. */
static int photo_read(const struct import_run *run, struct pool *pool, const char *name,
                      struct bytes *photo, struct photo_size *size, struct err *err)
{
    struct stat status;
    struct bytes raw;
    int result = -1;
    int file = openat(run->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (file < 0)
        return err_set(err, ERR_INPUT, errno, "cannot be opened beside the file: %s",
                       strerror(errno));
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        err_set(err, ERR_INPUT, 0, "is no regular file");
        goto out;
    }
    if (read_all(file, pool, &raw, err) == 0)
        result = photo_check(pool, raw, photo, size, err);
out:
    close(file);
    return result;
}

void import_photo(struct import_row *row, size_t column)
{
    struct db_value *values = &row->values[row->run->kind->columns[column].value];
    const char *name = row->fields[column];
    struct pool *pool;
    struct bytes photo;
    struct photo_size size;
    struct err err = {0};
    uint8_t hash[32];

    if (row->run->folder < 0) {
        import_wrong(row, column, "no photos come with this file",
                     "网上导入不带照片，请留空；照片在受理窗口采集，或由运维人员随文件夹导入");
        return;
    }
    if (!name_valid(name)) {
        import_wrong(row, column, "must be the name of a file in the same folder",
                     "应为同一文件夹中的文件名");
        return;
    }
    pool = pool_new(0, 0);
    if (photo_read(row->run, pool, name, &photo, &size, &err) < 0) {
        import_wrong(row, column, "%s", "照片不能使用：%s", err.text);
    } else {
        sha256(photo.data, photo.size, hash);
        values[0] = db_text(pool_text(row->run->row_pool, name));
        values[1] = db_bytes(pool_copy(row->run->row_pool, hash, sizeof(hash)), sizeof(hash));
    }
    pool_free(&pool);
}

static int photo_store(struct import_run *run, struct pool *pool, const struct db_value *row,
                       struct err *err)
{
    const char *name = db_as_text(&row[1]);
    struct bytes expected = db_as_bytes(&row[2]), photo, sealed;
    struct photo_size size;
    uint8_t hash[32];

    if (photo_read(run, pool, name, &photo, &size, err) < 0)
        return err_context(err, "line %llu: photo", (unsigned long long)db_as_uint(&row[0]));
    sha256(photo.data, photo.size, hash);
    if (expected.size != sizeof(hash) || memcmp(hash, expected.data, sizeof(hash)) != 0)
        return err_set(err, ERR_CONFLICT, 0, "line %llu: the photo was changed meanwhile",
                       (unsigned long long)db_as_uint(&row[0]));
    if (vault_seal(run->core->vault, pool, place_of(pool, PLACE_CAPTURE_PHOTO, db_as_uint(&row[3])), photo,
                   &sealed, err) < 0 ||
        db_run(run->db, &import_photo_queries[SQL_ADD],
               DB_ARGS(row[3], db_bytes(sealed.data, sealed.size), db_bytes(hash, sizeof(hash)),
                       db_uint(size.width), db_uint(size.height), db_time(run->now_ms)),
               NULL, err) < 0)
        return -1;
    return db_run(run->db, &import_photo_queries[SQL_USE],
                  DB_ARGS(db_id(db_insert_id(run->db)), db_time(run->now_ms), row[3]), NULL, err);
}

int import_photos_store(struct import_run *run, struct err *err)
{
    struct pool *pool = pool_new(BATCH_KEEP, 0);
    struct db_rows rows;
    uint64_t after = 0;
    int result = -1;

    do {
        pool_reset(pool);
        if (db_select(run->db, pool, &import_photo_queries[SQL_NEW], DB_ARGS(db_uint(after)), &rows, err) < 0)
            goto out;
        for (size_t i = 0; i < rows.count; i++) {
            if (photo_store(run, pool, db_row(&rows, i), err) < 0)
                goto out;
            after = db_as_uint(db_row(&rows, i));
        }
        run->result->photos += rows.count;
    } while (rows.count == BATCH);
    result = 0;
out:
    pool_free(&pool);
    return result;
}

int import_photos_count(struct import_run *run, struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    const struct db_value *row;
    int result = db_one(run->db, pool, &import_photo_queries[SQL_COUNT], DB_NO_ARGS, &row, err);

    if (result == 0)
        run->result->photos = db_as_uint(&row[0]);
    pool_free(&pool);
    return result;
}
