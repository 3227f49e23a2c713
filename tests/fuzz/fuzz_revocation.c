/*
 * What comes in when somebody's key or revocation is judged: an OCSP responder's answer, a revocation
 * list, a certificate whose key is to verify, and a bare signature by one of our own keys.
 *
 * The first byte chooses among the four, and for the last two an algorithm. A few seeds are written
 * into the first corpus folder on the command line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <openssl/err.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/crl.h"
#include "core/seal/ocsp.h"
#include "core/seal/raw.h"
#include "tests/core/seal/answer.h"
#include "tests/core/seal/pki.h"
#include "tests/fuzz/seed.h"

enum way { ANSWER, LIST, CERTIFICATE, SIGNATURE, WAYS };
enum key { BY_RSA, BY_EC, BY_SM2, KEYS };

#define NOW INT64_C(1767240000)

static const char *const algorithms[] = {"RS256", "PS384", "ES256", "ES384", "SM2SM3"};
static const enum key algorithm_keys[] = {BY_RSA, BY_RSA, BY_EC, BY_EC, BY_SM2};
enum { ALGORITHMS = 5 };

static const struct bytes statement = {(const uint8_t *)"ecert-login-1\n", 14};

/* What lives longer than a run stands in a pool of its own. */
static struct pool *pool, *lasting;
static struct pki authority, firm, owners[KEYS];
static struct bytes certificates[KEYS];
static struct ocsp_question question;
static X509_STORE *store;
static char authorities_file[32];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_revocation: %s\n", what);
    abort();
}

static struct pki make(const char *name, EVP_PKEY *key, const struct pki *issuer)
{
    struct pki_spec spec = {.name = name, .from = NOW - 60, .until = NOW + 60, .serial = 2,
                            .usage = issuer ? "digitalSignature" : "keyCertSign,cRLSign",
                            .authority = !issuer};

    return pki_make(&spec, key, issuer);
}

static struct bytes kept(unsigned char *out, int size)
{
    struct bytes der;

    must(size > 0, "encoding");
    der = (struct bytes){pool_copy(lasting, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    return der;
}

static struct bytes encoded(const X509 *certificate)
{
    unsigned char *out = NULL;
    int size = i2d_X509(certificate, &out);

    return kept(out, size);
}

static void write_seed(const char *folder, const char *name, uint8_t first, struct bytes rest)
{
    uint8_t *seed = pool_alloc(lasting, 1 + rest.size);

    seed[0] = first;
    memcpy(seed + 1, rest.data, rest.size);
    seed_write(folder, name, seed, 1 + rest.size);
}

static struct bytes sign(enum key key)
{
    EVP_MD_CTX *signing = pki_signing(owners[key].key, NULL);
    uint8_t *out = pool_alloc(lasting, 1024);
    size_t size = 1024;

    must(EVP_DigestSign(signing, out, &size, statement.data, statement.size) == 1, "signing");
    EVP_MD_CTX_free(signing);
    return (struct bytes){out, size};
}

static struct bytes good_list(void)
{
    X509_CRL *list = pki_crl(&authority, NOW - 60, NOW + 60, 7);
    unsigned char *out = NULL;
    int size = i2d_X509_CRL(list, &out);

    X509_CRL_free(list);
    return kept(out, size);
}

static void write_seeds(const char *folder)
{
    struct answer_spec spec = {.signer = &authority, .asked = &firm, .issuer = &authority,
                               .this_update = NOW - 30, .next_update = NOW + 30};

    write_seed(folder, "good", ANSWER, answer_encode(lasting, &spec, question.request));
    spec.status = V_OCSP_CERTSTATUS_REVOKED;
    write_seed(folder, "revoked", ANSWER, answer_encode(lasting, &spec, question.request));
    write_seed(folder, "list", LIST, good_list());
    for (enum key key = 0; key < KEYS; key++) {
        char name[32];

        snprintf(name, sizeof(name), "certificate-%d", key);
        write_seed(folder, name, CERTIFICATE, certificates[key]);
    }
    for (uint8_t i = 0; i < ALGORITHMS; i++) {
        char name[32];

        snprintf(name, sizeof(name), "signature-%d", i);
        write_seed(folder, name, (uint8_t)(SIGNATURE + WAYS * i), sign(algorithm_keys[i]));
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *folder = seed_folder(*argc, *argv);
    int fd = memfd_create("fuzz_revocation", MFD_CLOEXEC);

    must(fd >= 0, "memfd");
    snprintf(authorities_file, sizeof(authorities_file), "/proc/self/fd/%d", fd);
    pool = pool_new(1 << 20, 0);
    lasting = pool_new(1 << 20, 0);
    authority = make("authority", pki_ec(), NULL);
    firm = make("firm", pki_ec(), &authority);
    owners[BY_RSA] = make("rsa", pki_rsa(2048), &authority);
    owners[BY_EC] = make("ec", pki_ec(), &authority);
    owners[BY_SM2] = make("sm2", pki_sm2(), &authority);
    for (enum key key = 0; key < KEYS; key++)
        certificates[key] = encoded(owners[key].certificate);
    pki_write_certificates(authorities_file, authority.certificate, NULL);
    store = X509_STORE_new();
    must(store && X509_STORE_add_cert(store, authority.certificate), "store");
    must(ocsp_question_open(&question, lasting, firm.certificate, authority.certificate, NULL) == 0,
         "question");
    if (folder)
        write_seeds(folder);
    return 0;
}

/* Whatever is said to be good holds now. */
static void judge_answer(struct bytes input)
{
    enum ocsp_verdict verdict;
    int64_t until_ms;

    verdict = ocsp_judge(&question, store, input, NOW * 1000, &until_ms);
    must(verdict >= OCSP_GOOD && verdict <= OCSP_STALE && verdict != OCSP_UNREACHABLE, "no verdict");
    must((verdict != OCSP_GOOD && verdict != OCSP_REVOKED) ||
             until_ms >= NOW * 1000 - OCSP_SKEW_MS,
         "an answer that ran out");
}

static void judge_list(struct bytes input)
{
    struct crl_book *book;
    struct crl_line line;
    enum crl_verdict verdict;

    must(crl_open(&(struct crl_authorities){{authorities_file}}, "/nowhere", &book, NULL) == 0, "book");
    verdict = crl_take(book, pool, input, NOW * 1000, &line);
    must(crl_count(book) == (verdict == CRL_NEW ? 1 : 0), "a list that was refused is kept");
    must(verdict != CRL_NEW || line.next_ms >= NOW * 1000, "a list that ran out");
    crl_free(&book);
}

static void judge_signature(struct bytes certificate, unsigned algorithm, struct bytes signature)
{
    enum raw_verdict verdict;
    struct err err = {0};

    must(raw_verify(certificate, algorithms[algorithm], statement, signature, &verdict, &err) == 0,
         err.text);
    must(verdict <= RAW_FORGED, "no verdict");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data + 1, size - 1};
    unsigned algorithm;

    if (size == 0)
        return 0;
    algorithm = data[0] / WAYS % ALGORITHMS;
    switch ((enum way)(data[0] % WAYS)) {
    case ANSWER: judge_answer(input); break;
    case LIST: judge_list(input); break;
    case CERTIFICATE: judge_signature(input, algorithm, (struct bytes){data, size}); break;
    default: judge_signature(certificates[algorithm_keys[algorithm]], algorithm, input); break;
    }
    must(ERR_peek_error() == 0, "something was left in OpenSSL's queue");
    pool_reset(pool);
    return 0;
}
