/* The QR code (ISO/IEC 18004) of the address where a certificate is checked, as rectangles. */
#ifndef ECERT_CORE_DOCUMENT_QR_H
#define ECERT_CORE_DOCUMENT_QR_H

#include "core/document/pdf.h"

/* Printable ASCII, at most 200 characters; correction level M. 0/-1 (ERR_DOCUMENT). */
int qr_draw(struct pdf *pdf, const char *url, double x, double y, double side, struct err *err);

#endif
