/* A QR code (ISO/IEC 18004) for a screen, as SVG. */
#ifndef ECERT_CORE_DOCUMENT_QR_IMAGE_H
#define ECERT_CORE_DOCUMENT_QR_IMAGE_H

#include "base/text.h"

struct err;
struct pool;

/* Of up to 300 bytes, correction level M, with the quiet zone; the image is in the pool. 0/-1
 * (ERR_DOCUMENT). */
int qr_image(struct pool *pool, const char *text, struct bytes *svg, struct err *err);

#endif
