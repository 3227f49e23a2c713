/*
 * Tables of figures: built once, shown on a page or written as CSV.
 */
#ifndef ECERT_MODULES_STAFF_SHEET_H
#define ECERT_MODULES_STAFF_SHEET_H

#include <stddef.h>
#include <stdint.h>

#include "fcgi/request.h"

struct csv_writer;

enum { SHEET_COLUMNS = 10, SHEET_ROWS = 200 };

struct sheet {
    struct pool *pool;
    const char *caption;
    size_t columns;
    const char *header[SHEET_COLUMNS];
    size_t count;
    const char *(*rows)[SHEET_COLUMNS];
};

/* Empty. Texts are borrowed. */
void sheet_begin(struct sheet *sheet, struct pool *pool, const char *caption,
                 const char *const *header, size_t columns);
/* The cells of a further row, all ""; behind SHEET_ROWS the process ends. */
const char **sheet_row(struct sheet *sheet);
const char *sheet_number(const struct sheet *sheet, uint64_t number);
/* 3 分 25 秒 */
const char *sheet_duration(const struct sheet *sheet, uint64_t ms);

/* Caption; Header (Text); Rows (Head: the first cell; Cells (As: its header, Text)). */
void page_sheet(HDF *node, const struct sheet *sheet);
/* Rows, behind the header where it is wanted. 0/-1. */
int sheet_write(const struct sheet *sheet, bool header, struct csv_writer *writer, struct err *err);

#endif
