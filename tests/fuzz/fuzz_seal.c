/*
 * What is given to be sealed: bytes as a PDF. Whatever is taken must keep its old bytes, have its
 * hole where it is said to be, and be refused when it comes again.
 *
 * A seed is written into the first corpus folder on the command line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/seal.h"
#include "tests/core/seal/paper.h"
#include "tests/fuzz/seed.h"

static struct pool *pool;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = seed_folder(*argc, *argv);
    struct bytes paper;

    pool = pool_new(1 << 20, 0);
    if (folder) {
        paper = paper_make(pool, "/Lang (zh)\n", "/Annots [ ]\n");
        seed_write(folder, "paper", paper.data, paper.size);
        paper = paper_make(pool, "", "");
        seed_write(folder, "plain", paper.data, paper.size);
    }
    return 0;
}

static void must(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_seal: %s\n", what);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seal_prepared prepared, again;

    if (seal_prepare(pool, (struct bytes){data, size}, &paper_request, &prepared, NULL) == 0) {
        size_t last = prepared.hole + prepared.hole_size - 1;

        must(prepared.pdf.size > size && memcmp(prepared.pdf.data, data, size) == 0,
             "the old bytes are changed");
        must(last < prepared.pdf.size && prepared.pdf.data[prepared.hole] == '<' &&
                 prepared.pdf.data[last] == '>',
             "the hole is not where it is said to be");
        must(seal_prepare(pool, prepared.pdf, &paper_request, &again, NULL) < 0,
             "taken a second time");
    }
    pool_reset(pool);
    return 0;
}
