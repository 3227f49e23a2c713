/*
 * CSV reader (RFC 4180) in constant memory.
 *
 * UTF-8 (a BOM is skipped) or GB18030, detected over the whole file by a first pass; LF or CRLF;
 * fields may be quoted; a header row names the columns in any order. Bounds: CSV_FIELD_LIMIT
 * bytes a field, CSV_COLUMN_LIMIT columns.
 */
#ifndef ECERT_BASE_CSV_H
#define ECERT_BASE_CSV_H

#include <stddef.h>

struct err;
struct csv;

enum { CSV_FIELD_LIMIT = 4096, CSV_COLUMN_LIMIT = 64 };

/* Opens the file and reads its header. Every name in `columns` must be in it exactly once and no
 * other: 0/-1 (ERR_INPUT says which is missing, twice or unknown; ERR_SYSTEM). */
int csv_open(const char *path, const char *const *columns, size_t count, struct csv **csv,
             struct err *err);
/* The same over bytes in memory (tests and fuzzing). The bytes are borrowed. */
int csv_open_memory(const void *data, size_t size, const char *const *columns, size_t count,
                    struct csv **csv, struct err *err);
/* Next record: fields[i] is the value of columns[i] as given to csv_open, trimmed UTF-8, valid
 * until the next call. 1/0/-1. ERR_INPUT is about this record only (wrong number of fields, a
 * broken quote, a broken character): the next call goes on behind it. */
int csv_next(struct csv *csv, const char **fields, struct err *err);
/* Line on which the current record begins, from 1. */
size_t csv_line(const struct csv *csv);
void csv_close(struct csv **csv);

#endif
