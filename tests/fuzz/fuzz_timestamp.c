/*
 * What a timestamp authority may say: bytes as its whole answer, as the token in a signature of ours,
 * and as the TSTInfo that it has really signed.
 *
 * The first byte chooses among the three. A few seeds are written into the first corpus folder on
 * the command line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/timestamp.h"
#include "tests/core/seal/authority.h"
#include "tests/core/seal/pki.h"
#include "tests/fuzz/seed.h"

enum way { AS_ANSWER, AS_TOKEN, AS_CONTENT, WAYS };

#define NOW INT64_C(1767240000)

static const uint8_t nonce[TIMESTAMP_NONCE_SIZE] = {0x41, 2, 3};
static const struct timestamp_question asked = {
    .imprint = {1, 2, 3}, .nonce = {nonce, sizeof(nonce)}, .from_ms = 1, .until_ms = INT64_MAX};
/* Nobody ever stamped this. */
static const struct timestamp_question never = {.imprint = {9, 9, 9}};

static struct pool *pool;
static struct timestamp_trust *trust;
static struct pki root, tsa;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_timestamp: %s\n", what);
    abort();
}

static void write_seed(const char *folder, const char *name, enum way way, struct bytes data)
{
    struct text out;

    text_init(&out, pool, TIMESTAMP_LIMIT);
    text_char(&out, (char)way);
    text_add_n(&out, (const char *)data.data, data.size);
    seed_write(folder, name, out.data, out.length);
}

static void write_content(const char *folder, const char *name, struct bytes token)
{
    CMS_ContentInfo *cms = cms_decode(token);
    const ASN1_OCTET_STRING *content = *CMS_get0_content(cms);

    write_seed(folder, name, AS_CONTENT,
               (struct bytes){ASN1_STRING_get0_data(content), (size_t)ASN1_STRING_length(content)});
    CMS_ContentInfo_free(cms);
}

static void write_seeds(const char *folder)
{
    const struct authority_mistake mistakes[] = {
        {.time_s = NOW},
        {.time_s = NOW, .old_name = true},
        {.time_s = NOW, .no_name = true, .no_certificates = true},
        {.time_s = NOW, .tsa = tsa.certificate, .extra = root.certificate},
    };

    for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
        struct bytes token = authority_token(pool, &tsa, &asked, &mistakes[i]);

        write_seed(folder, pool_printf(pool, "answer-%zu", i), AS_ANSWER,
                   authority_answer(pool, 0, token));
        write_seed(folder, pool_printf(pool, "token-%zu", i), AS_TOKEN, token);
        write_content(folder, pool_printf(pool, "content-%zu", i), token);
    }
}

/* A root on a file that is nowhere, since a trust is opened by its path. */
static void open_trust(void)
{
    char path[64];
    int file = memfd_create("authorities", 0);
    struct err err;

    must(file >= 0, "no memory file");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    pki_write_certificates(path, root.certificate, NULL);
    must(timestamp_trust_open(path, &trust, &err) == 0, "no trust");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct pki_spec spec = {.name = "root", .usage = "critical,keyCertSign", .from = NOW - 3600,
                            .until = NOW + 3600, .serial = 1, .authority = true};
    const char *folder = seed_folder(*argc, *argv);

    pool = pool_new(1 << 20, 0);
    root = pki_make(&spec, pki_ec(), NULL);
    spec.name = "timestamps";
    spec.usage = "critical,digitalSignature";
    spec.extended = "critical,timeStamping";
    spec.serial = 2;
    spec.authority = false;
    tsa = pki_make(&spec, pki_ec(), &root);
    open_trust();
    if (folder)
        write_seeds(folder);
    pool_reset(pool);
    return 0;
}

static enum timestamp_verdict judge(struct bytes token, const struct timestamp_question *question)
{
    enum timestamp_verdict verdict;
    struct timestamp timestamp;
    struct err err;

    must(timestamp_judge(trust, token, question, &verdict, &timestamp, &err) == 0, "a fault of ours");
    must(strcmp(timestamp_verdict_name(verdict), "unknown") != 0, "a verdict without a name");
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum way way = size > 0 ? data[0] % WAYS : WAYS;
    struct bytes said = {data + 1, size - 1}, token = said;

    if (way == WAYS)
        return 0;
    if (way == AS_CONTENT)
        token = authority_token(pool, &tsa, &asked,
                                &(struct authority_mistake){.content = said});
    if (way != AS_ANSWER || timestamp_answer(said, &token, NULL) == 0) {
        judge(token, &asked);
        must(way == AS_CONTENT || judge(token, &never) != TIMESTAMP_OK, "a token of nobody");
    }
    pool_reset(pool);
    return 0;
}
