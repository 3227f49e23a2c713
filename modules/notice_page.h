/*
 * Notices on a page (core/message/notice.h).
 */
#ifndef ECERT_MODULES_NOTICE_PAGE_H
#define ECERT_MODULES_NOTICE_PAGE_H

#include "core/message/notice.h"
#include "fcgi/request.h"

/* Id, Title, Important (1), Paragraphs (Lines (Text)), Written: the text's own paragraphs and lines. */
void page_notice(struct request *request, HDF *item, const struct notice *notice);

/* The list Notices of those that are valid now; it travels with the next question to the database where
 * notices_ahead was called before. 0/-1. */
int page_notices(struct request *request, struct err *err);
void notices_ahead(struct request *request);

#endif
