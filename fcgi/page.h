/*
 * The data of a page: a tree in the request's pool that ClearSilver reads. Handlers fill it by
 * the page_* functions of request.h.
 */
#ifndef ECERT_FCGI_PAGE_H
#define ECERT_FCGI_PAGE_H

#include <ClearSilver/ClearSilver.h>

struct pool;

/* An empty tree; it ends with the pool. */
HDF *page_new(struct pool *pool);

/* Takes back what rendering left in the tree on the heap: values that templates set, and
 * ClearSilver's indexes. Must be called after each rendering. */
void page_strip(HDF *root);

#endif
