/*
 * A subset as a Type0 font of a libharu document, inside core/document.
 *
 * libharu's own TrueType path would write the whole tables of the face, know nothing beyond
 * U+FFFF, and put CID ranges where ToUnicode wants Unicode. So the font's objects (ISO 32000-1,
 * 9.7) are put together here, on libharu's own object layer; its pages take them like any other.
 */
#ifndef ECERT_CORE_DOCUMENT_PDF_FONT_H
#define ECERT_CORE_DOCUMENT_PDF_FONT_H

#include <hpdf.h>

#include "core/document/font.h"

/* A stream object; `deflated` data is written as it is and named by its filter. NULL: an error
 * of libharu. */
HPDF_Dict pdf_stream_new(HPDF_Doc doc, struct bytes data, bool deflated);

/* The text for HPDF_Page_ShowText is UTF-8 of the codes, not of characters. NULL: an error of
 * libharu. */
HPDF_Font pdf_font_new(HPDF_Doc doc, struct pool *pool, const struct font_use *use,
                       const struct font_subset *subset);

#endif
