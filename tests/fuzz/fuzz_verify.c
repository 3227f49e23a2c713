/*
 * What somebody may hold out as a document of ours: bytes as a file, as the signature in a file
 * that was prepared, and as what a firm signed in good faith.
 *
 * The first byte chooses among the three. Nobody can sign but the workshop: what is called genuine
 * has the very bytes of a file that it made, but for the place of the signature. The genuine files
 * and the whole corpus of forgeries are written into the first corpus folder on the command line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pool.h"
#include "tests/core/seal/forgery.h"
#include "tests/core/seal/workshop.h"
#include "tests/fuzz/seed.h"

enum way { AS_FILE, AS_SIGNATURE, AS_PAPER, WAYS };
enum { GENUINE_MAX = 16 };

static struct pool *kept, *pool;
static struct workshop shop, w; /* the second one works in the pool that is reset */
static struct verifier verifier;
static struct seal_prepared prepared;
static struct bytes genuine[GENUINE_MAX];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_verify: %s\n", what);
    abort();
}

static void write_seed(const char *folder, const char *kind, size_t number, enum way way,
                       struct bytes file)
{
    uint8_t *seed = pool_alloc(pool, file.size + 1);
    char name[64];

    seed[0] = (uint8_t)way;
    memcpy(seed + 1, file.data, file.size);
    text_format(name, sizeof(name), "%s-%zu", kind, number);
    seed_write(folder, name, seed, file.size + 1);
}

static void write_seeds(const char *folder)
{
    for (size_t i = 0; i < genuine_count; i++)
        write_seed(folder, "genuine", i, AS_FILE, genuine[i]);
    for (size_t i = 0; i < forgery_count; i++)
        write_seed(folder, "forgery", i, AS_FILE, forgeries[i].make(&w, &forgeries[i]));
    write_seed(folder, "signature", 0, AS_SIGNATURE,
               workshop_cms(&w, &prepared, FIRM_P256, BY_RULE));
    write_seed(folder, "stamped", 0, AS_SIGNATURE,
               workshop_stamp(&w, workshop_cms(&w, &prepared, FIRM_RSA, WITH_CHAIN), STAMP_GOOD));
    write_seed(folder, "paper", 0, AS_PAPER, workshop_paper(&w, "", ""));
    write_seed(folder, "paper", 1, AS_PAPER, workshop_paper(&w, "/Lang (zh)\n", "/F1 5 0 R\n"));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = seed_folder(*argc, *argv);

    kept = pool_new(1 << 20, 0);
    pool = pool_new(8 << 20, 0);
    workshop_open(&shop, kept);
    verifier = workshop_verifier(&shop);
    prepared = workshop_prepare(&shop, workshop_paper(&shop, "", ""), true);
    must(genuine_count <= GENUINE_MAX, "too many genuine files");
    for (size_t i = 0; i < genuine_count; i++)
        genuine[i] = genuines[i].make(&shop, &genuines[i]);
    w = shop;
    w.pool = pool;
    if (folder)
        write_seeds(folder);
    pool_reset(pool);
    return 0;
}

static enum verify_verdict judge(struct bytes file)
{
    struct verify_result result;
    struct err err = {0};

    must(verify_file(&verifier, pool, file, w.now_ms, NULL, NULL, &result, &err) == 0, err.text);
    must((result.verdict == VERIFY_GENUINE) == !*result.cause, "a verdict without its cause");
    must(result.verdict != VERIFY_GENUINE || result.signer != VERIFY_NOBODY, "signed by nobody");
    must(utf8_valid(result.name, strlen(result.name)) && !utf8_has_control(result.name) &&
             utf8_valid(result.reason, strlen(result.reason)) && !utf8_has_control(result.reason),
         "a text that can't be shown");
    return result.verdict;
}

/* The same but for what stands between the brackets. */
static bool same_but_hole(struct bytes one, struct bytes other)
{
    static const char mark[] = "/Contents <";
    const uint8_t *found = memmem(other.data, other.size, mark, sizeof(mark) - 1), *end;
    size_t start, rest;

    if (!found || one.size != other.size)
        return false;
    start = (size_t)(found - other.data) + sizeof(mark) - 1;
    end = memchr(other.data + start, '>', other.size - start);
    if (!end)
        return false;
    rest = (size_t)(end - other.data);
    return memcmp(one.data, other.data, start) == 0 &&
           memcmp(one.data + rest, other.data + rest, other.size - rest) == 0;
}

static void judge_file(struct bytes file)
{
    bool ours = false;

    if (judge(file) != VERIFY_GENUINE)
        return;
    for (size_t i = 0; i < genuine_count; i++)
        ours = ours || same_but_hole(file, genuine[i]);
    must(ours, "genuine, and nobody made it");
}

/* A signature made elsewhere may be one of the workshop's, over this very file. */
static void judge_signature(struct bytes der)
{
    struct bytes file;

    if (der.size > 0 && seal_fill(pool, &prepared, der, &file, NULL) == 0)
        judge(file);
}

/* A firm signs what it is given; the page is to be judged all the same. */
static void judge_paper(struct bytes paper)
{
    struct seal_request request = {.time_ms = w.now_ms - 60000, .rect = {10, 10, 90, 90}};
    struct seal_prepared made;

    if (seal_prepare_room(8192, pool, paper, &request, &made, NULL) < 0)
        return;
    judge(workshop_fill(&w, &made, workshop_cms(&w, &made, FIRM_P256, BY_RULE)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const judges[WAYS])(struct bytes) = {
        [AS_FILE] = judge_file, [AS_SIGNATURE] = judge_signature, [AS_PAPER] = judge_paper};

    if (size == 0)
        return 0;
    judges[data[0] % WAYS]((struct bytes){data + 1, size - 1});
    pool_reset(pool);
    return 0;
}
