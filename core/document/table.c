#include "core/document/table.h"

#include <math.h>

#include "base/err.h"
#include "base/pool.h"

#define AIR_LEAST  3.0 /* above and below a row's texts together */
#define AIR_MOST   16.0
#define MIDDLE     0.36 /* of the size: from the baseline to the middle of a character */
#define RULE       0.5
#define RULE_OUTER 1.1

void table_init(struct table *table, struct page *page)
{
    *table = (struct table){page, pool_array(page->pool, TABLE_ROWS, sizeof *table->rows), 0};
}

void table_row(struct table *table, double height)
{
    if (table->count == TABLE_ROWS)
        err_fatal("a table of more than %d rows", TABLE_ROWS);
    table->rows[table->count++].height = height;
}

static struct table_cell *cell_new(struct table *table, const struct table_style *style,
                                   double left, double right)
{
    struct table_row *row = &table->rows[table->count - 1];
    struct table_cell *cell = &row->cells[row->count++];

    if (row->count > TABLE_COLUMNS)
        err_fatal("a row of more than %d cells", TABLE_COLUMNS);
    cell->style = style;
    cell->left = left;
    cell->right = right;
    return cell;
}

/* The text's place; its line in the middle of `bottom` and `top` when it is known how large it is
 * set. */
static struct page_box cell_box(const struct table_cell *cell, double bottom, double top)
{
    const struct table_style *style = cell->style;
    double left = cell->left + style->side, right = cell->right - style->side;
    struct page_box box = {left, (bottom + top) / 2 - cell->fit.size * MIDDLE, right - left,
                           style->size, style->least, style->lines, style->align, style->look};

    if (style->align == ALIGN_CENTRE)
        box.x = (left + right) / 2;
    else if (style->align == ALIGN_RIGHT)
        box.x = right;
    return box;
}

int table_cell(struct table *table, const struct table_style *style, double left, double right,
               const char *field, const char *text, struct err *err)
{
    struct table_cell *cell = cell_new(table, style, left, right);
    struct table_row *row = &table->rows[table->count - 1];
    struct page_box box = cell_box(cell, 0, 0);

    if (page_fit(table->page, field, &box, text, &cell->fit, err) < 0)
        return -1;
    row->height = fmax(row->height, cell->fit.height);
    return 0;
}

void table_blank(struct table *table, const struct table_style *style, double left, double right)
{
    cell_new(table, style, left, right);
}

int table_place(struct table *table, double top, double bottom, struct err *err)
{
    double height = 0, air;

    for (size_t i = 0; i < table->count; i++)
        height += table->rows[i].height;
    air = fmin((top - bottom - height) / (double)table->count, AIR_MOST);
    if (air < AIR_LEAST)
        return err_set(err, ERR_DOCUMENT, 0, "the table does not fit its place");
    for (size_t i = 0; i < table->count; i++) {
        struct table_row *row = &table->rows[i];

        row->top = top;
        row->bottom = top - row->height - air;
        top = row->bottom;
    }
    return 0;
}

double table_bottom(const struct table *table)
{
    return table->rows[table->count - 1].bottom;
}

void table_put(const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct table_row *row = &table->rows[i];

        for (size_t k = 0; k < row->count; k++) {
            const struct table_cell *cell = &row->cells[k];
            struct page_box box = cell_box(cell, row->bottom, row->top);

            page_put(table->page, &box, &cell->fit);
        }
    }
}

/* All of them, or the tinted ones. */
static void cells_add(struct pdf *pdf, const struct table *table, bool tinted)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct table_row *row = &table->rows[i];

        for (size_t k = 0; k < row->count; k++) {
            const struct table_cell *cell = &row->cells[k];

            if (!tinted || cell->style->tinted)
                pdf_rect(pdf, cell->left, row->bottom, cell->right - cell->left,
                         row->top - row->bottom);
        }
    }
}

void table_draw_tints(struct pdf *pdf, const struct table *table)
{
    pdf_push(pdf);
    pdf_ink(pdf, INK_TINT);
    cells_add(pdf, table, true);
    pdf_fill(pdf);
    pdf_pop(pdf);
}

void table_draw_rules(struct pdf *pdf, const struct table *table)
{
    const struct table_row *first = &table->rows[0];
    double left = first->cells[0].left, right = first->cells[first->count - 1].right;

    pdf_push(pdf);
    pdf_ink(pdf, INK_FRAME);
    pdf_pen(pdf, RULE);
    cells_add(pdf, table, false);
    pdf_stroke(pdf);
    pdf_pen(pdf, RULE_OUTER);
    pdf_rect(pdf, left, table_bottom(table), right - left, first->top - table_bottom(table));
    pdf_stroke(pdf);
    pdf_pop(pdf);
}
