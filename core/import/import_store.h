/*
 * An uploaded file in the database: sealed chunks of a row of import_run, so that any host can read
 * it and nobody finds it on a disk. Neither writing nor reading holds more than a chunk in memory.
 */
#ifndef ECERT_CORE_IMPORT_IMPORT_STORE_H
#define ECERT_CORE_IMPORT_IMPORT_STORE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/import/import.h"

struct import_writer;

/* Begins a file: a row in state `receiving`, which nobody sees. `file_name` is cut to what fits.
 * Not inside a transaction. 0/-1. Free with import_writer_free. */
int import_writer_open(struct db *db, const struct core *core, const struct import_kind *kind,
                       const char *file_name, const struct actor *actor, int64_t now_ms,
                       struct import_writer **writer, struct err *err);
/* Goes on. 0/-1. */
int import_writer_write(struct import_writer *writer, const void *data, size_t size,
                        struct err *err);
/* Ends it: size and SHA-256 stand in its row. *id is the row's. 0/-1. */
int import_writer_close(struct import_writer *writer, uint64_t *id, struct err *err);
void import_writer_free(struct import_writer **writer);

/* The file of a run, to be read with stdio, from any place again. It asks the database when it is
 * read: not while rows are being read (db_each), and what fails is an error of the stream, with the
 * cause in *cause, which is borrowed until fclose. */
FILE *import_store_read(struct db *db, const struct core *core, uint64_t id, uint64_t size,
                        struct err *cause);

#endif
