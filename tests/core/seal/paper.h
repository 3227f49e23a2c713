/*
 * What the tests of the seal share: a small PDF in the shape of our renderer's, a folder for
 * files, and a way to run a tool.
 */
#ifndef ECERT_TESTS_CORE_SEAL_PAPER_H
#define ECERT_TESTS_CORE_SEAL_PAPER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "core/seal/seal.h"

struct pool;

/* A PDF of one page: object 1 the Catalog, a classic table, Root, Info, Size and ID in the
 * trailer. The texts go into Catalog and page ("" for nothing). */
struct bytes paper_make(struct pool *pool, const char *catalog, const char *page);

/* What a test asks of the seal. */
extern const struct seal_request paper_request;
/* Signs what was prepared, and fills the signature in. 0/-1. */
int paper_seal(struct seal_key *key, struct pool *pool, const struct seal_prepared *prepared,
               struct bytes *sealed, struct err *err);

/* A new private folder below $TMPDIR or /tmp; removed with all its files at exit. */
const char *paper_folder(void);
/* "<folder>/<name>", in one of eight buffers used in turn. */
const char *paper_path(const char *name);
void paper_write(const char *name, struct bytes content);

/* True where the program is found in PATH. */
bool paper_has_tool(const char *name);
/* Runs a program (argv ends with NULL), its output and errors in `output` (NUL-terminated, cut
 * where it does not fit). Exit status; -1 where it could not run or died. */
int paper_run(char *output, size_t size, const char *const argv[]);

#endif
