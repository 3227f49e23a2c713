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
#include <time.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/seal.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"
#include "tests/fuzz/seed.h"

static struct pool *pool;
static struct seal_key *key;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void key_make(void)
{
    const struct seal_settings settings = {.key = paper_path("seal.key"),
                                           .certificate = paper_path("seal.pem")};
    int64_t now = time(NULL);
    const struct pki_spec spec = {.name = "fuzz", .usage = "critical,digitalSignature",
                                  .from = now - 3600, .until = now + 24 * 3600, .serial = 1};
    struct pki pki = pki_make(&spec, pki_ec(), NULL);
    struct err err;

    pki_write_key(settings.key, pki.key);
    pki_write_certificates(settings.certificate, pki.certificate, NULL);
    pki_free(&pki);
    if (seal_key_open(&settings, &key, &err) < 0)
        err_fatal("%s", err.text);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = seed_folder(*argc, *argv);
    struct bytes paper;

    pool = pool_new(1 << 20, 0);
    key_make();
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

    if (seal_prepare(key, pool, (struct bytes){data, size}, &paper_request, &prepared, NULL) == 0) {
        size_t last = prepared.hole + prepared.hole_size - 1;

        must(prepared.pdf.size > size && memcmp(prepared.pdf.data, data, size) == 0,
             "the old bytes are changed");
        must(last < prepared.pdf.size && prepared.pdf.data[prepared.hole] == '<' &&
                 prepared.pdf.data[last] == '>',
             "the hole is not where it is said to be");
        must(seal_prepare(key, pool, prepared.pdf, &paper_request, &again, NULL) < 0,
             "taken a second time");
    }
    pool_reset(pool);
    return 0;
}
