/*
 * What a browser may present: bytes as DER, bytes as nginx's escaped PEM, and bytes as the text
 * in the extension of a certificate that our own authority signed.
 *
 * The first byte chooses among the three. A few seeds are written into the first corpus folder
 * on the command line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <openssl/pem.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/register/identifier.h"
#include "core/seal/raw.h"
#include "core/seal/trust.h"
#include "tests/core/seal/pki.h"
#include "tests/fuzz/seed.h"

enum way { AS_DER, AS_ESCAPED, AS_TEXT, WAYS };

#define NOW INT64_C(1767240000)
#define OID "1.2.156.10260.4.1.4"

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
    fprintf(stderr, "fuzz_trust: %s\n", what);
    abort();
}

static struct pki signed_certificate(const char *text)
{
    struct pki_spec spec = {.name = "firm", .usage = "digitalSignature", .from = NOW - 60,
                            .until = NOW + 60, .serial = 2, .extension = OID, .text = text};

    EVP_PKEY_up_ref(key);
    return pki_make(&spec, key, &authority);
}

static struct bytes encoded(const X509 *certificate)
{
    uint8_t *out = NULL;
    int size = i2d_X509(certificate, &out);
    struct bytes der;

    must(size > 0, "encoding");
    der = (struct bytes){pool_copy(pool, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    return der;
}

static void write_seeds(const char *folder)
{
    struct pki firm = signed_certificate("SF11110000000021135M");
    struct bytes der = encoded(firm.certificate);
    struct text out;
    char *pem;
    BIO *bio = BIO_new(BIO_s_mem());

    text_init(&out, pool, 1 << 16);
    text_char(&out, AS_DER);
    text_add_n(&out, (const char *)der.data, der.size);
    seed_write(folder, "der", out.data, out.length);
    must(PEM_write_bio_X509(bio, firm.certificate), "PEM");
    text_init(&out, pool, 1 << 16);
    text_char(&out, AS_ESCAPED);
    for (long left = BIO_get_mem_data(bio, &pem); left > 0; left--, pem++)
        text_printf(&out, strchr("\n+/= ", *pem) ? "%%%02X" : "%c", *pem);
    seed_write(folder, "escaped", out.data, out.length);
    seed_write(folder, "text", "\002" "1@5009SF011110000000021135M", 28);
    BIO_free(bio);
    pki_free(&firm);
}

/* A file without a folder: libFuzzer ends without cleaning up. */
static const char *memory_file(char name[32])
{
    int fd = memfd_create("fuzz_trust", MFD_CLOEXEC);

    must(fd >= 0 && text_format(name, 32, "/proc/self/fd/%d", fd), "memfd");
    return name;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", OID, NULL}};
    struct pki_spec spec = {.name = "authority", .usage = "keyCertSign,cRLSign", .from = NOW - 60,
                            .until = NOW + 60, .serial = 1, .authority = true};
    char authorities[32], revocations[32];
    struct trust_settings settings = {.authorities = memory_file(authorities),
                                      .revocations = memory_file(revocations),
                                      .revocations_required = true,
                                      .firm_code = codes};
    const char *folder = seed_folder(*argc, *argv);
    struct err err = {0};
    X509_CRL *crl;

    pool = pool_new(1 << 20, 0);
    key = pki_ec();
    authority = pki_make(&spec, pki_ec(), NULL);
    crl = pki_crl(&authority, NOW - 60, NOW + 60, 3);
    pki_write_certificates(settings.authorities, authority.certificate, NULL);
    pki_write_crls(settings.revocations, crl, NULL);
    X509_CRL_free(crl);
    must(trust_open(&settings, &trust, &err) == 0, err.text);
    if (folder)
        write_seeds(folder);
    return 0;
}

/* Whoever is believed has a right code; and only our own signature makes anybody believed. */
static void judge(enum way way, struct bytes input)
{
    struct trust_identity identity;
    enum trust_verdict verdict;
    struct err err = {0};
    int result;

    if (way == AS_ESCAPED)
        result = trust_judge_escaped(trust, pool,
                                     pool_text_n(pool, (const char *)input.data, input.size),
                                     TRUST_LOGIN, NOW * 1000, &verdict, &identity, &err);
    else
        result = trust_judge(trust, pool, input, TRUST_LOGIN, NOW * 1000, &verdict, &identity, &err);
    must(result == 0, err.text);
    must(verdict != TRUST_OK || uscc_valid(identity.uscc), "believed without a code");
    must(verdict == TRUST_OK || *identity.uscc == '\0', "a code without belief");
    if (way == AS_TEXT)
        must(verdict == TRUST_OK || verdict == TRUST_NO_CODE || verdict == TRUST_CODES,
             "our own certificate refused");
}

/* What is read of a certificate, and verified by its key, before anybody has judged it. */
static void read_ahead(uint8_t choice, struct bytes input)
{
    static const char *const names[] = {"RS256", "PS384", "ES256", "ES384", "SM2SM3", "none"};
    static const uint8_t statement[] = "ecert-login-1";
    struct bytes signature = {input.data + input.size / 2, input.size - input.size / 2};
    enum raw_verdict verdict;
    struct err err = {0};
    char uscc[19];

    must(trust_claim(trust, input, uscc) ? uscc_valid(uscc) : *uscc == '\0', "a claim of no code");
    must(!trust_would_ask(trust, input, NOW * 1000), "somebody would be asked");
    must(raw_verify(input, names[choice % (sizeof(names) / sizeof(*names))],
                    (struct bytes){statement, sizeof(statement) - 1}, signature, &verdict, &err) == 0,
         err.text);
    must(verdict != RAW_OK, "anything is a signature");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data + 1, size - 1};
    struct pki firm;

    if (size == 0)
        return 0;
    if (data[0] % WAYS == AS_TEXT && size < 1024) {
        firm = signed_certificate(pool_text_n(pool, (const char *)input.data, input.size));
        judge(AS_TEXT, encoded(firm.certificate));
        pki_free(&firm);
    } else {
        judge(data[0] % WAYS == AS_ESCAPED ? AS_ESCAPED : AS_DER, input);
        if (data[0] % WAYS == AS_DER)
            read_ahead(data[0] / WAYS, input);
    }
    pool_reset(pool);
    return 0;
}
