#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pool.h"

enum { FILE_FIRST = 4096, PATH_SIZE = 4096, MODE_NEW = 0644 };

/* Reading */

static int read_all(int fd, struct pool *pool, const char *path, size_t size, size_t limit,
                    struct bytes *out, struct err *err)
{
    size_t used = 0;
    uint8_t *data = pool_alloc(pool, size + 1);

    for (;;) {
        ssize_t got = read(fd, data + used, size - used + 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
        if (got == 0)
            break;
        used += (size_t)got;
        if (used <= size)
            continue;
        if (used > limit)
            return err_set(err, ERR_LIMIT, 0, "%s: more than %zu bytes", path, limit);
        size = size > limit / 2 ? limit : size * 2;
        uint8_t *larger = pool_alloc(pool, size + 1);
        memcpy(larger, data, used);
        data = larger;
    }
    data[used] = '\0';
    *out = (struct bytes){data, used};
    return 0;
}

static int file_load(struct pool *pool, const char *path, size_t limit, bool secret,
                     struct bytes *out, struct err *err)
{
    int result = -1;
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0 || fstat(fd, &info) < 0) {
        err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (secret && (!S_ISREG(info.st_mode) || (info.st_mode & (S_IRWXO | S_IWGRP)))) {
        err_set(err, ERR_CONFIG, 0, "%s: must be a regular file of mode 0640 or stricter", path);
        goto out;
    }
    if (S_ISREG(info.st_mode) && (uint64_t)info.st_size > limit) {
        err_set(err, ERR_LIMIT, 0, "%s: more than %zu bytes", path, limit);
        goto out;
    }
    size_t size = S_ISREG(info.st_mode) && info.st_size > 0 ? (size_t)info.st_size : FILE_FIRST;
    result = read_all(fd, pool, path, size < limit ? size : limit, limit, out, err);
out:
    if (fd >= 0)
        close(fd);
    return result;
}

int file_read(struct pool *pool, const char *path, size_t limit, struct bytes *out, struct err *err)
{
    return file_load(pool, path, limit, false, out, err);
}

int file_read_secret(struct pool *pool, const char *path, size_t limit, struct bytes *out,
                     struct err *err)
{
    return file_load(pool, path, limit, true, out, err);
}

/* Writing */

static int failed(const char *path, struct err *err)
{
    return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
}

int file_lock(const char *path, struct err *err)
{
    char copy[PATH_SIZE];
    int fd;

    if (!text_copy(copy, sizeof(copy), path))
        return err_set(err, ERR_INPUT, 0, "%s: the name is too long", path);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) < 0) {
        failed(path, err);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static bool write_all(int fd, struct bytes content)
{
    while (content.size > 0) {
        ssize_t done = write(fd, content.data, content.size);

        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0)
            content = (struct bytes){content.data + done, content.size - (size_t)done};
    }
    return true;
}

/* Whose the new file is, and who may read it: by the one that is there. */
typedef bool set_access(int fd, const char *path);

/* Only root gives files away; for anybody else the owner is right already, or can't be helped. */
static bool access_if_we_may(int fd, const char *path)
{
    struct stat like;

    if (stat(path, &like) < 0)
        return fchmod(fd, MODE_NEW) == 0;
    if (geteuid() == 0 && fchown(fd, like.st_uid, like.st_gid) < 0)
        return false;
    return fchmod(fd, like.st_mode & 07777) == 0;
}

static bool access_as_it_is(int fd, const char *path)
{
    struct stat like;

    return stat(path, &like) == 0 && fchown(fd, like.st_uid, like.st_gid) == 0 &&
           fchmod(fd, like.st_mode & 07777) == 0;
}

static bool access_ours(int fd, const char *path)
{
    (void)path;
    return fchmod(fd, S_IRUSR | S_IWUSR) == 0;
}

static int write_new(const char *temporary, const char *path, struct bytes content,
                     set_access *set, struct err *err)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = 0;

    if (fd < 0)
        return failed(temporary, err);
    if (!write_all(fd, content) || !set(fd, path) || fsync(fd) < 0)
        result = failed(temporary, err);
    if (close(fd) < 0 && result == 0)
        result = failed(temporary, err);
    return result;
}

/* Writes it beside its place, and puts it there by rename or link. */
static int put(int folder, const char *path, struct bytes content, set_access *set,
               int (*place)(const char *from, const char *to), struct err *err)
{
    char temporary[PATH_SIZE];

    if (!text_format(temporary, sizeof(temporary), "%s.new", path))
        return err_set(err, ERR_INPUT, 0, "%s: the name is too long", path);
    /* Left by a writer that died: whoever lives holds the lock. */
    unlink(temporary);
    int result = write_new(temporary, path, content, set, err);
    if (result == 0 && (place(temporary, path) < 0 || fsync(folder) < 0))
        result = failed(path, err);
    /* Nothing, where it was renamed. */
    unlink(temporary);
    return result;
}

int file_rewrite(int folder, const char *path, struct bytes content, struct err *err)
{
    return put(folder, path, content, access_as_it_is, rename, err);
}

/* link, unlike rename, fails where the name is taken. */
int file_create(int folder, const char *path, struct bytes content, struct err *err)
{
    return put(folder, path, content, access_ours, link, err);
}

int file_replace(const char *path, struct bytes content, struct err *err)
{
    int folder = file_lock(path, err);

    if (folder < 0)
        return -1;
    int result = put(folder, path, content, access_if_we_may, rename, err);
    close(folder);
    return result;
}
