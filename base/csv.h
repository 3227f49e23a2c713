/*
 * CSV (RFC 4180), read and written in constant memory.
 *
 * Reading: UTF-8 (a BOM decides, and is skipped) or GB18030, detected over the whole file; LF or
 * CRLF; fields may be quoted; a header row names the columns in any order. Bounds: CSV_FIELD_LIMIT
 * bytes a field, CSV_COLUMN_LIMIT columns.
 *
 * Writing: UTF-8 behind a BOM, by which spreadsheets know it; CRLF. A cell that begins as a formula
 * does ('=', '+', '-', '@', a tab, CR) gets an apostrophe in front, so that no spreadsheet works out
 * what somebody has written into a name.
 */
#ifndef ECERT_BASE_CSV_H
#define ECERT_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct csv;
struct err;
struct sink;

enum { CSV_FIELD_LIMIT = 4096, CSV_COLUMN_LIMIT = 64 };

/* Reads the header of a file that is open, can be read twice, and is not closed; `name` is what errors
 * call it. Every name in `columns` must be in it exactly once and no other: 0/-1 (ERR_INPUT says all
 * that are missing, twice or unknown; ERR_SYSTEM). */
int csv_open_file(FILE *file, const char *name, const char *const *columns, size_t count,
                  struct csv **csv, struct err *err);
/* The same over bytes in memory (tests and fuzzing). The bytes are borrowed. */
int csv_open_memory(const void *data, size_t size, const char *const *columns, size_t count,
                    struct csv **csv, struct err *err);
/* Next record: fields[i] is the value of columns[i] as given on opening, trimmed UTF-8, valid
 * until the next call. 1/0/-1. ERR_INPUT is about this record only (wrong number of fields, a
 * broken quote, a broken character): the next call goes on behind it. */
int csv_next(struct csv *csv, const char **fields, struct err *err);
/* Line on which the current record begins, from 1. */
size_t csv_line(const struct csv *csv);
void csv_close(struct csv **csv);

enum { CSV_WRITER_SIZE = 8192 };
struct csv_writer {
    const struct sink *sink;
    bool gone;
    size_t length;
    char buffer[CSV_WRITER_SIZE];
};

/* Into `sink`, which is borrowed. */
void csv_writer_init(struct csv_writer *writer, const struct sink *sink);
/* One record; a cell that is NULL is empty. 0/-1 (ERR_SYSTEM, EPIPE: the sink is gone). */
int csv_write(struct csv_writer *writer, const char *const *cells, size_t count, struct err *err);
/* Hands on what is held back: at the end. 0/-1. */
int csv_flush(struct csv_writer *writer, struct err *err);

#endif
