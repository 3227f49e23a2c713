/*
 * Files, whole: read within a bound, made, and replaced while others read them, who see the old one or the
 * new one. Writers in one folder wait for each other.
 */
#ifndef ECERT_BASE_FILE_H
#define ECERT_BASE_FILE_H

#include <stddef.h>

#include "base/text.h"

struct err;
struct pool;

/* The whole file, at most `limit` bytes, in the pool, with a NUL behind it. 0/-1 (ERR_SYSTEM, ERR_LIMIT). */
int file_read(struct pool *pool, const char *path, size_t limit, struct bytes *out, struct err *err);
/* The same for a secret: it must be a regular file of which others have no permission at all and
 * which the group can't write. The caller clears the bytes. 0/-1 (also ERR_CONFIG). */
int file_read_secret(struct pool *pool, const char *path, size_t limit, struct bytes *out,
                     struct err *err);

/* Writes "<path>.new", syncs it and renames it. It gets the mode of the file that was there, and
 * its owner where we may give files away; a new one gets mode 0644. 0; -1 (ERR_SYSTEM, ERR_INPUT), and the
 * old file stays. */
int file_replace(const char *path, struct bytes content, struct err *err);

/* The folder of this file, locked until the descriptor is closed: for who reads a file, and replaces it by
 * what it was and more. The descriptor; -1 (ERR_SYSTEM, ERR_INPUT). */
int file_lock(const char *path, struct err *err);
/* In a folder so locked, as file_replace; the file must be there, and owner, group and mode stay what they
 * are, or it fails. */
int file_rewrite(int folder, const char *path, struct bytes content, struct err *err);
/* In a folder so locked: a file that is not there, of mode 0600. 0/-1 (ERR_SYSTEM, with EEXIST where it is
 * there; ERR_INPUT). */
int file_create(int folder, const char *path, struct bytes content, struct err *err);

#endif
