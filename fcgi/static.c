#include "fcgi/static.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/text.h"

enum { FILE_LIMIT = 16 * 1024 * 1024, DIGEST_CAP = 1024 * 1024, HASH_SIZE = 32 };

static int add_folder(struct pool *pool, const char *path, struct text *digest, struct err *err);

/* A file adds its name and the hash of its content; a folder what is in it. */
static int add_entry(struct pool *pool, const char *folder, const struct dirent *entry,
                     struct text *digest, struct err *err)
{
    const char *path = pool_printf(pool, "%s/%s", folder, entry->d_name);
    uint8_t hash[HASH_SIZE];
    struct bytes content;

    if (entry->d_name[0] == '.')
        return 0;
    if (add_folder(pool, path, digest, err) == 0)
        return 0;
    if (err->code != ENOTDIR || file_read(pool, path, FILE_LIMIT, &content, err) < 0)
        return -1;
    sha256(content.data, content.size, hash);
    text_add_n(digest, entry->d_name, strlen(entry->d_name) + 1);
    text_add_n(digest, (const char *)hash, sizeof(hash));
    return 0;
}

static int add_folder(struct pool *pool, const char *path, struct text *digest, struct err *err)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    int result = 0;

    if (count < 0)
        return err_set(err, ERR_SYSTEM, errno, "%s", path);
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = add_entry(pool, path, entries[i], digest, err);
        free(entries[i]);
    }
    free(entries);
    return result;
}

int static_version(const char *templates, char version[STATIC_VERSION_SIZE], struct err *err)
{
    struct pool *pool = pool_new(0, 0);
    struct err local;
    struct text digest;
    uint8_t hash[HASH_SIZE];
    int result;

    text_init(&digest, pool, DIGEST_CAP);
    result = add_folder(pool, pool_printf(pool, "%s/static", templates), &digest, &local);
    if (result < 0 && local.code == ENOENT && digest.length == 0) {
        text_copy(version, STATIC_VERSION_SIZE, "0");
        result = 0;
    } else if (result < 0) {
        err_set(err, local.kind, local.code, "%s", local.text);
    } else {
        sha256(digest.data, digest.length, hash);
        hex_encode(hash, (STATIC_VERSION_SIZE - 1) / 2, version);
    }
    pool_free(&pool);
    return result;
}
