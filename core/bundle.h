/*
 * Many files in one ZIP, written while they come (libarchive). Nothing of a file is kept but its
 * entry in the directory at the end, so memory stays small however much goes through.
 *
 * Files are stored, not deflated: documents are compressed already. Names are UTF-8 and say so (bit
 * 11 of the flags, APPNOTE 4.4.4), are good on every file system, and none is there twice.
 */
#ifndef ECERT_CORE_BUNDLE_H
#define ECERT_CORE_BUNDLE_H

#include <stdint.h>

#include "base/text.h"

struct bundle;
struct err;
struct pool;
struct sink;

enum { BUNDLE_FILES = 1000, BUNDLE_NAME = 200 /* bytes */ };

struct bundle_file {
    const char *stem;   /* the name without its ending; what is not good in a name becomes '_' */
    const char *ending; /* ".pdf" */
    struct bytes body;
    int64_t made_ms;    /* shown in the process's time zone (TZ), and kept in UTC as well */
};

/* A ZIP into `sink`, which is borrowed like the pool it ends with. What is not ended by bundle_end
 * is left broken. */
struct bundle *bundle_new(struct pool *pool, const struct sink *sink);
/* Writes one more file. A name that was there before, capitals or not, gets " (2)" and so on behind
 * its stem. 0/-1 (ERR_LIMIT behind BUNDLE_FILES; ERR_SYSTEM, EPIPE where the sink is gone). */
int bundle_add(struct bundle *bundle, const struct bundle_file *file, struct err *err);
/* Writes the directory, which makes the ZIP whole. 0/-1. */
int bundle_end(struct bundle *bundle, struct err *err);

#endif
