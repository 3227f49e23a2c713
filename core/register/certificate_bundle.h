/*
 * Documents of several certificates in one ZIP 批量下载: which they are, and the ZIP.
 */
#ifndef ECERT_CORE_REGISTER_CERTIFICATE_BUNDLE_H
#define ECERT_CORE_REGISTER_CERTIFICATE_BUNDLE_H

#include "core/bundle.h"
#include "core/register/certificate.h"

struct sink;

/* Certificates of one firm whose documents may be downloaded on a day (certificate_downloadable). */
struct certificate_pick {
    uint64_t enterprise_id;
    struct date today;
    size_t count;
    const uint64_t *ids; /* newest first */
    uint64_t next;       /* where there are more: for filter->after, or 0 */
};

/* The first BUNDLE_FILES of all that the filter finds behind filter->after; filter->limit does not
 * matter, filter->today does. 0/-1. */
int certificate_pick_found(struct db *db, struct pool *pool,
                           const struct certificate_filter *filter, struct certificate_pick *pick,
                           struct err *err);
/* These, of which there are at most SQL_IDS_MAX, none twice. They are borrowed. 1; 0 where one is
 * not there, another firm's (R1) or not to be downloaded; -1. */
int certificate_pick_ids(struct db *db, struct pool *pool, uint64_t enterprise_id,
                         struct date today, const uint64_t *ids, size_t count,
                         struct certificate_pick *pick, struct err *err);

/* Writes their documents as a ZIP (bundle.h), each under number and holder, a few of them in memory
 * at a time. 0/-1 (ERR_CONFLICT: one may not be downloaded any more; ERR_DOCUMENT: one is not what
 * was sealed). */
int certificate_bundle(struct db *db, const struct certificate_pick *pick, const struct sink *sink,
                       struct err *err);

#endif
