/*
 * Where things stand on the certificate, inside core/document (domain 7).
 */
#ifndef ECERT_CORE_DOCUMENT_LAYOUT_H
#define ECERT_CORE_DOCUMENT_LAYOUT_H

#include "core/document/stamp.h"

#define LAYOUT_PHOTO_LEFT   420.0
#define LAYOUT_PHOTO_BOTTOM 465.0
#define LAYOUT_PHOTO_WIDTH  77.0
#define LAYOUT_PHOTO_HEIGHT 98.0
#define LAYOUT_QR_LEFT      100.0
#define LAYOUT_QR_BOTTOM    145.0
#define LAYOUT_QR_SIDE      77.0

extern const struct stamp layout_stamp;

/* Puts every text of the certificate on the page. Refuses facts that are missing, are no dates,
 * or can't be printed; the error names the field of struct face. 0/-1 (ERR_DOCUMENT). */
int layout_certificate(struct page *page, const struct face *face, struct err *err);

#endif
