/*
 * A ruled table, inside core/document: rows of cells, each row as high as its highest text. What
 * room there is beyond that is shared out among the rows, within bounds. First all cells are
 * added, then the table is placed, then its texts are put on the page, and it is drawn.
 */
#ifndef ECERT_CORE_DOCUMENT_TABLE_H
#define ECERT_CORE_DOCUMENT_TABLE_H

#include "core/document/pdf.h"

enum { TABLE_ROWS = 32, TABLE_COLUMNS = 5 };

/* How a cell looks; its text stands in the middle of its height. */
struct table_style {
    double size, least;
    unsigned lines;
    enum align align;
    double side; /* between the text and the rules beside it */
    struct look look;
    bool tinted;
};

struct table_cell {
    const struct table_style *style;
    double left, right;
    struct page_fit fit; /* no lines: blank */
};

struct table_row {
    struct table_cell cells[TABLE_COLUMNS];
    size_t count;
    double height;      /* of its texts */
    double bottom, top; /* from table_place on */
};

struct table {
    struct page *page;
    struct table_row *rows;
    size_t count;
};

void table_init(struct table *table, struct page *page);
/* Begins a row, which is at least `height` high without what is shared out. */
void table_row(struct table *table, double height);
/* A cell of the last row. 0/-1 (ERR_DOCUMENT). */
int table_cell(struct table *table, const struct table_style *style, double left, double right,
               const char *field, const char *text, struct err *err);
void table_blank(struct table *table, const struct table_style *style, double left, double right);

/* Between `top` and, at the lowest, `bottom`. 0/-1 (ERR_DOCUMENT: it does not fit). */
int table_place(struct table *table, double top, double bottom, struct err *err);
double table_bottom(const struct table *table);
void table_put(const struct table *table);
/* Below the page's texts, and above them: a watermark does not break the rules. */
void table_draw_tints(struct pdf *pdf, const struct table *table);
void table_draw_rules(struct pdf *pdf, const struct table *table);

#endif
