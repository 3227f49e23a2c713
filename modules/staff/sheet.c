#include "modules/staff/sheet.h"

#include <inttypes.h>

#include "base/csv.h"

void sheet_begin(struct sheet *sheet, struct pool *pool, const char *caption,
                 const char *const *header, size_t columns)
{
    *sheet = (struct sheet){.pool = pool,
                            .caption = caption,
                            .columns = columns,
                            .rows = pool_array(pool, SHEET_ROWS, sizeof(*sheet->rows))};
    for (size_t i = 0; i < columns; i++)
        sheet->header[i] = header[i];
}

const char **sheet_row(struct sheet *sheet)
{
    if (sheet->count == SHEET_ROWS)
        err_fatal("a sheet has more than %d rows", SHEET_ROWS);
    for (size_t i = 0; i < SHEET_COLUMNS; i++)
        sheet->rows[sheet->count][i] = "";
    return sheet->rows[sheet->count++];
}

const char *sheet_number(const struct sheet *sheet, uint64_t number)
{
    return pool_printf(sheet->pool, "%" PRIu64, number);
}

const char *sheet_duration(const struct sheet *sheet, uint64_t ms)
{
    uint64_t seconds = ms / 1000, minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

    if (days)
        return pool_printf(sheet->pool, "%" PRIu64 " 天 %" PRIu64 " 小时", days, hours % 24);
    if (hours)
        return pool_printf(sheet->pool, "%" PRIu64 " 小时 %" PRIu64 " 分", hours, minutes % 60);
    if (minutes)
        return pool_printf(sheet->pool, "%" PRIu64 " 分 %" PRIu64 " 秒", minutes, seconds % 60);
    return pool_printf(sheet->pool, "%" PRIu64 ".%" PRIu64 " 秒", seconds, ms % 1000 / 100);
}

void page_sheet(HDF *node, const struct sheet *sheet)
{
    page_text(node, "Caption", sheet->caption);
    for (size_t i = 0; i < sheet->columns; i++)
        page_text(page_item(node, "Header", i), "Text", sheet->header[i]);
    for (size_t r = 0; r < sheet->count; r++) {
        HDF *row = page_item(node, "Rows", r);

        page_text(row, "Head", sheet->rows[r][0]);
        for (size_t i = 1; i < sheet->columns; i++) {
            HDF *cell = page_item(row, "Cells", i - 1);

            page_text(cell, "As", sheet->header[i]);
            page_text(cell, "Text", sheet->rows[r][i]);
        }
    }
}

int sheet_write(const struct sheet *sheet, bool header, struct csv_writer *writer, struct err *err)
{
    if (header && csv_write(writer, sheet->header, sheet->columns, err) < 0)
        return -1;
    for (size_t r = 0; r < sheet->count; r++)
        if (csv_write(writer, sheet->rows[r], sheet->columns, err) < 0)
            return -1;
    return 0;
}
