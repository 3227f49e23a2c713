/* The ornamental frame around a certificate, and the hairlines inside; inside core/document. */
#ifndef ECERT_CORE_DOCUMENT_FRAME_H
#define ECERT_CORE_DOCUMENT_FRAME_H

#include "core/document/pdf.h"

void frame_draw(struct pdf *pdf);

#endif
