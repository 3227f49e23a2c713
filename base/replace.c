#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum { PATH_SIZE = 4096, MODE_NEW = 0644 };

static int failed(const char *path, struct err *err)
{
    return err_set(err, ERR_SYSTEM, errno, "%s: %s", path, strerror(errno));
}

static int folder_lock(const char *path, struct err *err)
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

/* Only root gives files away; for anybody else the owner is right already, or can't be helped. */
static bool set_mode(int fd, const char *path)
{
    struct stat like;

    if (stat(path, &like) < 0)
        return fchmod(fd, MODE_NEW) == 0;
    if (geteuid() == 0 && fchown(fd, like.st_uid, like.st_gid) < 0)
        return false;
    return fchmod(fd, like.st_mode & 07777) == 0;
}

static int write_new(const char *temporary, const char *path, struct bytes content, struct err *err)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = 0;

    if (fd < 0)
        return failed(temporary, err);
    if (!write_all(fd, content) || !set_mode(fd, path) || fsync(fd) < 0)
        result = failed(temporary, err);
    if (close(fd) < 0 && result == 0)
        result = failed(temporary, err);
    return result;
}

int file_replace(const char *path, struct bytes content, struct err *err)
{
    char temporary[PATH_SIZE];
    int folder = folder_lock(path, err);
    int result = -1;

    if (folder < 0)
        return -1;
    if (!text_format(temporary, sizeof(temporary), "%s.new", path)) {
        err_set(err, ERR_INPUT, 0, "%s: the name is too long", path);
        goto out;
    }
    /* Left by a writer that died: whoever lives holds the lock. */
    unlink(temporary);
    result = write_new(temporary, path, content, err);
    if (result == 0 && (rename(temporary, path) < 0 || fsync(folder) < 0))
        result = failed(path, err);
    if (result < 0)
        unlink(temporary);
out:
    close(folder);
    return result;
}
