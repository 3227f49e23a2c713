/*
 * What a page may hand to ecert-agent to be signed: statement, document and ranges, and the head of
 * its request. Whatever is taken is the very statement that we make ourselves.
 *
 * The first byte chooses. Of a form, twelve bytes are what is added to the right ranges, and the rest
 * statement and document, laid over good ones by exclusive or: all zeros is a good form.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/config.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/seal.h"
#include "programs/agent/algorithm.h"
#include "programs/agent/gate.h"
#include "programs/agent/origin.h"
#include "programs/agent/statement.h"
#include "programs/agent/trouble.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"
#include "tests/fuzz/seed.h"

#define SITE "https://ecert.example"

enum { SHIFTS = 12, ROOM = 64 };
enum way { LOGIN, FORM, HEAD, WAYS };

static struct pool *pool, *kept;
static struct pki pki;
static struct bytes certificate, statement;
static struct statement_document document;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_agent: %s\n", what);
    abort();
}

static void certificate_make(struct cms_author *author)
{
    int64_t now = time(NULL);
    const struct pki_spec spec = {.name = "firm",
                                  .usage = "digitalSignature",
                                  .from = now - 60,
                                  .until = now + 3600,
                                  .serial = 1};
    uint8_t *out = NULL, *named;
    int size;
    struct err err;

    pki = pki_make(&spec, pki_ec(), NULL);
    size = i2d_X509(pki.certificate, &out);
    must(size > 0, "encoding");
    certificate = (struct bytes){pool_copy(kept, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    must(cms_signing_certificate(pki.certificate, &named, &author->named_size, &err) == 0,
         "naming");
    author->named = pool_copy(kept, named, (size_t)author->named_size);
    OPENSSL_free(named);
    author->certificate = pki.certificate;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const uint8_t zeros[1024] = {FORM};
    static const char login[] = "\000ecert-login-1\n";
    static const char head[] = "\002POST\000/v1/sign\000"
                               "127.0.0.1:17432\000" SITE "\000application/json";
    struct cms_author author = {.digest = EVP_sha256()};
    const char *folder = seed_folder(*argc, *argv);
    struct seal_prepared prepared;
    struct err err;

    pool = pool_new(1 << 20, 0);
    kept = pool_new(1 << 20, 0);
    certificate_make(&author);
    must(seal_prepare_room(ROOM, kept, paper_make(kept, "", ""), &paper_request, &prepared, &err) ==
             0,
         "preparing");
    document = (struct statement_document){
        prepared.pdf,
        {0, prepared.hole, prepared.hole + prepared.hole_size,
              prepared.pdf.size - prepared.hole - prepared.hole_size}
    };
    must(cms_attributes(&author, kept, (struct bytes){prepared.digest, 32}, &statement, &err) == 0,
         "attributes");
    if (folder) {
        seed_write(folder, "form", zeros, sizeof(zeros));
        seed_write(folder, "login", login, sizeof(login));
        seed_write(folder, "head", head, sizeof(head));
    }
    return 0;
}

/* The good bytes with the input's laid over. */
static struct bytes lay_over(struct bytes good, const uint8_t *data, size_t size)
{
    uint8_t *bytes = pool_copy(pool, good.data, good.size);

    for (size_t i = 0; i < size && i < good.size; i++)
        bytes[i] ^= data[i];
    return (struct bytes){bytes, good.size};
}

static void try_form(const uint8_t *data, size_t size)
{
    struct statement_document changed = document;
    struct bytes said;
    struct trouble trouble;
    size_t first;

    if (size <= SHIFTS)
        return;
    for (size_t i = 0; i < SHIFTS; i++)
        changed.range[i % 4] += (size_t)(int8_t)data[i] << i / 4 * 8;
    data += SHIFTS;
    size -= SHIFTS;
    first = size < statement.size ? size : statement.size;
    said = lay_over(statement, data, first);
    changed.pdf = lay_over(document.pdf, data + first, size - first);
    if (statement_check_form(pool, said, &changed, algorithm_find("ES256"), certificate, &trouble) <
        0)
        return;
    must(memcmp(said.data, statement.data, said.size) == 0, "another statement was taken");
    must(memcmp(changed.range, document.range, sizeof(changed.range)) == 0, "another range");
    must(memcmp(changed.pdf.data, document.pdf.data, changed.pdf.size) == 0,
         "another document was taken");
}

static void try_login(const uint8_t *data, size_t size)
{
    const struct bytes said = {pool_copy(pool, data, size), size};
    struct trouble trouble;

    if (statement_check_login(said, SITE, &trouble) == 0)
        must(size == 144 && memcmp(data, "ecert-login-1\n", 14) == 0, "no login was taken");
}

/* The next text of the input; NULL where it is at its end. */
static const char *next(const uint8_t **data, size_t *size)
{
    const uint8_t *end = *size ? memchr(*data, '\0', *size) : NULL;
    size_t length = end ? (size_t)(end - *data) : *size;
    const char *text = *size ? pool_text_n(pool, (const char *)*data, length) : NULL;

    *data += length + (end ? 1 : 0);
    *size -= length + (end ? 1 : 0);
    return text;
}

static void try_head(const uint8_t *data, size_t size)
{
    static const struct config_entry origins = {"0", SITE, NULL};
    struct gate_request request = {.loopback = true};
    struct trouble trouble;
    enum gate_action action;
    size_t limit;

    request.method = next(&data, &size);
    request.path = next(&data, &size);
    if (!request.path)
        return;
    request.host = next(&data, &size);
    request.origin = next(&data, &size);
    request.content_type = next(&data, &size);
    request.fetch_mode = next(&data, &size);
    request.wanted_method = next(&data, &size);
    request.wanted_headers = next(&data, &size);
    origin_valid(request.path);
    if (gate_judge(&request, &origins, 17432, &action, &limit, &trouble) < 0)
        return;
    must(strcmp(request.origin, SITE) == 0, "another origin was taken");
    must(strstr(request.host, ":17432") != NULL, "another host was taken");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    switch ((enum way)(data[0] % WAYS)) {
    case LOGIN:
        try_login(data + 1, size - 1);
        break;
    case FORM:
        try_form(data + 1, size - 1);
        break;
    case HEAD:
    case WAYS:
        try_head(data + 1, size - 1);
        break;
    }
    pool_reset(pool);
    return 0;
}
