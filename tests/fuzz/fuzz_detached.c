/*
 * What a firm may send as its signature: bytes as DER, PEM or base64 over the form, the same over
 * other bytes, and bytes as the name in the certificate of a genuine signature.
 *
 * The first byte chooses among the three. A few seeds are written into the first corpus folder
 * on the command line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/detached.h"
#include "tests/core/seal/pki.h"
#include "tests/core/seal/signature.h"
#include "tests/fuzz/seed.h"

enum way { OVER_FORM, OVER_OTHER, AS_NAME, WAYS };

#define NOW  INT64_C(1767240000)
#define OID  "1.2.156.10260.4.1.4"
#define CODE "11110000000021135M"

static const struct bytes form = {(const uint8_t *)"the form", 8};
static const struct bytes other = {(const uint8_t *)"the farm", 8};

static struct pool *pool;
static struct trust *trust;
static struct pki authority;
static EVP_PKEY *key;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_detached: %s\n", what);
    abort();
}

static struct bytes signed_form(const char *name, unsigned flags)
{
    struct pki_spec spec = {.name = name, .usage = "digitalSignature", .from = NOW - 60,
                            .until = NOW + 60, .serial = 2, .extension = OID, .text = CODE};
    struct signature_recipe recipe = {.flags = flags};
    struct bytes signature;
    struct pki firm;

    EVP_PKEY_up_ref(key);
    firm = pki_make(&spec, key, &authority);
    recipe.signer = &firm;
    signature = signature_make(pool, form, &recipe);
    pki_free(&firm);
    return signature;
}

static void write_seed(const char *folder, const char *name, enum way way, const void *data,
                       size_t size)
{
    struct text out;

    text_init(&out, pool, DETACHED_LIMIT);
    text_char(&out, (char)way);
    text_add_n(&out, data, size);
    seed_write(folder, name, out.data, out.length);
}

static void write_seeds(const char *folder)
{
    static const struct {
        const char *name;
        unsigned flags;
    } shapes[] = {
        {"plain", 0},
        {"bare", CMS_NOATTR},
        {"key-identifier", CMS_USE_KEYID},
        {"signing-certificate", CMS_CADES},
        {"no-certificate", CMS_NOCERTS},
    };
    struct bytes der = {0};

    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        der = signed_form("firm", shapes[i].flags);
        write_seed(folder, shapes[i].name, OVER_FORM, der.data, der.size);
    }
    write_seed(folder, "other", OVER_OTHER, der.data, der.size);
    write_seed(folder, "name", AS_NAME, "演示企业", strlen("演示企业"));
}

/* A file without a folder: libFuzzer ends without cleaning up. */
static const char *memory_file(char name[32])
{
    int fd = memfd_create("fuzz_detached", MFD_CLOEXEC);

    must(fd >= 0 && text_format(name, 32, "/proc/self/fd/%d", fd), "memfd");
    return name;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", OID, NULL}};
    struct pki_spec spec = {.name = "authority", .usage = "keyCertSign,cRLSign", .from = NOW - 60,
                            .until = NOW + 60, .serial = 1, .authority = true};
    char authorities[32];
    struct trust_settings settings = {.authorities = memory_file(authorities),
                                      .firm_code = codes};
    const char *folder = seed_folder(*argc, *argv);
    struct err err = {0};

    pool = pool_new(1 << 20, 0);
    key = pki_ec();
    authority = pki_make(&spec, pki_ec(), NULL);
    pki_write_certificates(settings.authorities, authority.certificate, NULL);
    must(trust_open(&settings, &trust, &err) == 0, err.text);
    if (folder)
        write_seeds(folder);
    return 0;
}

/* Nobody signed the other bytes; and who signed the form is the only firm there is. */
static void judge(enum way way, struct bytes signature)
{
    struct detached_signer signer;
    enum detached_verdict verdict;
    enum trust_verdict trusted;
    struct err err = {0};

    must(detached_verify(trust, pool, way == OVER_OTHER ? other : form, signature, NOW * 1000,
                         &verdict, &trusted, &signer, &err) == 0,
         err.text);
    must(way != OVER_OTHER || verdict != DETACHED_OK, "a signature over what nobody signed");
    must(way != AS_NAME || verdict == DETACHED_OK, "a genuine signature refused");
    must(verdict != DETACHED_OK || trusted == TRUST_OK, "taken of somebody who is not trusted");
    must(strcmp(signer.identity.uscc, verdict == DETACHED_OK ? CODE : "") == 0, "a wrong code");
    must(utf8_valid(signer.name, strlen(signer.name)) && !utf8_has_control(signer.name),
         "a wrong name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data + 1, size - 1};
    const char *name;

    if (size == 0)
        return 0;
    name = pool_text_n(pool, (const char *)input.data, input.size);
    if (data[0] % WAYS == AS_NAME && *name && utf8_valid(name, strlen(name)) &&
        utf8_count(name) < 64)
        judge(AS_NAME, signed_form(name, 0));
    else
        judge(data[0] % WAYS == OVER_OTHER ? OVER_OTHER : OVER_FORM, input);
    pool_reset(pool);
    return 0;
}
