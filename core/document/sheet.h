/*
 * From a page that is laid out to the finished file, inside core/document: what is done alike for
 * every document.
 */
#ifndef ECERT_CORE_DOCUMENT_SHEET_H
#define ECERT_CORE_DOCUMENT_SHEET_H

#include "core/document/pdf.h"

struct sheet {
    const struct page *page;
    struct pdf_about about;
    size_t photo_size; /* 0: it has none */
    /* Draws whatever is on the sheet, the page's texts by pdf_texts. 0/-1 (ERR_DOCUMENT). */
    int (*draw)(struct pdf *pdf, const struct sheet *sheet, struct err *err);
    const void *facts; /* for `draw` */
};

/* Draws, reads back and lints. The file lives in the page's pool. 0/-1 (ERR_DOCUMENT). */
int sheet_make(const struct sheet *sheet, struct bytes *file, struct err *err);

/* The facts in one text, each behind its length, so that no two documents share it; and the file
 * ID that is made of it. */
void sheet_facts(struct text *facts, struct pool *pool);
void sheet_fact(struct text *facts, const char *text);
void sheet_fact_date(struct text *facts, struct date date);
void sheet_id(const struct text *facts, uint8_t id[16]);

#endif
