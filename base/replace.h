/*
 * A file that others read while it is replaced: they see the old one or the new one, whole.
 */
#ifndef ECERT_BASE_REPLACE_H
#define ECERT_BASE_REPLACE_H

#include "base/text.h"

struct err;

/* Writes "<path>.new", syncs it and renames it. It gets the mode of the file that was there, and
 * its owner where we may give files away; a new one gets mode 0644. Writers wait for each other.
 * 0; -1 (ERR_SYSTEM, ERR_INPUT), and the old file stays. */
int file_replace(const char *path, struct bytes content, struct err *err);

#endif
