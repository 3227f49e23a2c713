/* The frames around documents, and the hairlines inside; inside core/document. */
#ifndef ECERT_CORE_DOCUMENT_FRAME_H
#define ECERT_CORE_DOCUMENT_FRAME_H

#include "core/document/pdf.h"

/* The certificate's: ornamental. */
void frame_draw(struct pdf *pdf);
/* That of all others: two rules, the inner one with stepped corners. */
void frame_draw_plain(struct pdf *pdf);

#endif
