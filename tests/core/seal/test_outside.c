/* Signatures of keys that are elsewhere: what is refused, then every algorithm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/detached.h"
#include "core/seal/outside.h"
#include "core/seal/seal.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOW    INT64_C(1767240000)
#define NOW_MS (NOW * 1000)
#define CODE   "11110000000021135M"
#define OID    "1.2.156.10260.4.1.4"

enum { DAY = 24 * 3600 };
enum key { KEY_RSA, P256, P384, P521, KEYS };

static struct pool *pool;
static struct pki authority, firms[KEYS];
static struct trust *trust;
static struct seal_prepared prepared;
static const char *const lines[] = {"No. 01AB", "2026-01-01 12:00:00 +08:00", NULL};

static struct bytes der_of(const X509 *certificate)
{
    int size = i2d_X509(certificate, NULL);
    uint8_t *out = pool_alloc(pool, (size_t)size), *end = out;

    i2d_X509(certificate, &end);
    return (struct bytes){out, (size_t)size};
}

static struct outside_signer signer_of(enum key key, const char *algorithm)
{
    return (struct outside_signer){.certificate = der_of(firms[key].certificate),
                                   .chain = {der_of(authority.certificate)},
                                   .chain_count = 1,
                                   .algorithm = algorithm};
}

static void prepare(const struct outside_signer *signer)
{
    struct seal_request request = paper_request;
    struct bytes file = paper_make(pool, "", "");
    struct err err = {0};
    size_t room;

    request.lines = lines;
    assert_int_equal(outside_room(signer, pool, &room, &err), 1);
    if (seal_prepare_room(room, pool, file, &request, &prepared, &err) < 0)
        fail_msg("%s", err.text);
}

static struct bytes statement_of(const struct outside_signer *signer)
{
    struct bytes statement;
    struct err err = {0};

    assert_int_equal(outside_statement(signer, pool, &prepared, &statement, &err), 1);
    assert_int_equal(statement.data[0], 0x31);
    return statement;
}

/* As a token does it. */
static struct bytes sign(enum key key, const char *algorithm, struct bytes message)
{
    const char *digest = strcmp(algorithm + 2, "256") == 0   ? "SHA256"
                         : strcmp(algorithm + 2, "384") == 0 ? "SHA384"
                                                             : "SHA512";
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how;
    uint8_t *out = pool_alloc(pool, 1024);
    size_t size = 1024;

    assert_int_equal(EVP_DigestSignInit(context, &how, EVP_get_digestbyname(digest), NULL,
                                        firms[key].key), 1);
    if (algorithm[0] == 'P') {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) > 0);
        assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) > 0);
    }
    assert_int_equal(EVP_DigestSign(context, out, &size, message.data, message.size), 1);
    EVP_MD_CTX_free(context);
    return (struct bytes){out, size};
}

static enum detached_verdict judge(struct bytes cms)
{
    struct detached_signer signer;
    enum detached_verdict verdict;
    enum trust_verdict trusted;
    struct err err = {0};

    assert_int_equal(detached_verify(trust, pool, seal_signed_bytes(pool, &prepared), cms, NOW_MS,
                                     &verdict, &trusted, &signer, &err), 0);
    if (verdict == DETACHED_OK)
        assert_string_equal(signer.identity.uscc, CODE);
    return verdict;
}

static enum detached_verdict judge_signature(const struct outside_signer *signer,
                                             struct bytes signature)
{
    struct bytes cms, sealed;
    struct err err = {0};

    assert_int_equal(outside_assemble(signer, pool, &prepared, signature, &cms, &err), 1);
    assert_int_equal(seal_fill(pool, &prepared, cms, &sealed, &err), 0);
    return judge(cms);
}

static void refuses_signers(void **state)
{
    static const uint8_t junk[] = {0x30, 0x03, 0x02, 0x01};
    const struct bytes garbage = {junk, sizeof(junk)};
    struct outside_signer good = signer_of(KEY_RSA, "RS256"), long_one = good;
    uint8_t *copy = pool_alloc(pool, good.certificate.size + 1);
    struct outside_signer rows[] = {
        signer_of(KEY_RSA, "ES256"),  signer_of(KEY_RSA, "HS256"), signer_of(KEY_RSA, ""),
        signer_of(KEY_RSA, "none"),   signer_of(P256, "RS256"), signer_of(P256, "ES384"),
        signer_of(P384, "ES256"), signer_of(P521, "ES256"), signer_of(P521, "ES512"),
        signer_of(KEY_RSA, "rs256"),  good, good, long_one,
    };
    size_t count = COUNT(rows);
    struct bytes statement;
    struct err err = {0};
    size_t room;

    (void)state;
    rows[count - 3].certificate = garbage;
    rows[count - 2].chain[0] = garbage;
    memcpy(copy, good.certificate.data, good.certificate.size);
    copy[good.certificate.size] = 0;
    rows[count - 1].certificate = (struct bytes){copy, good.certificate.size + 1};
    prepare(&good);
    for (size_t i = 0; i < count; i++)
        if (outside_room(&rows[i], pool, &room, &err) != 0 ||
            outside_statement(&rows[i], pool, &prepared, &statement, &err) != 0)
            fail_msg("row %zu was taken", i);
    rows[0].certificate = (struct bytes){NULL, 0};
    assert_int_equal(outside_room(&rows[0], pool, &room, &err), 0);
}

static void refuses_signatures(void **state)
{
    const struct outside_signer rsa = signer_of(KEY_RSA, "RS256"), ec = signer_of(P256, "ES256");
    const struct outside_signer pss = signer_of(KEY_RSA, "PS256");
    static const char login[] = "ecert-login-1\n";
    const struct bytes text = {(const uint8_t *)login, sizeof(login) - 1};

    (void)state;
    prepare(&rsa);
    struct bytes statement = statement_of(&rsa);
    assert_int_equal(judge_signature(&rsa, sign(KEY_RSA, "RS256", text)), DETACHED_FORGED);
    assert_int_equal(judge_signature(&rsa, sign(KEY_RSA, "PS256", statement)), DETACHED_FORGED);
    assert_int_equal(judge_signature(&pss, sign(KEY_RSA, "RS256", statement)), DETACHED_FORGED);
    assert_int_equal(judge_signature(&rsa, sign(P256, "ES256", statement)), DETACHED_FORGED);
    assert_int_equal(judge_signature(&ec, sign(P256, "ES256", statement)), DETACHED_FORGED);
    assert_int_equal(judge_signature(&rsa, (struct bytes){statement.data, 1}), DETACHED_FORGED);

    struct bytes signature = sign(KEY_RSA, "RS256", statement);
    ((uint8_t *)(uintptr_t)signature.data)[9] ^= 1;
    assert_int_equal(judge_signature(&rsa, signature), DETACHED_FORGED);

    /* A form that changed in between makes another statement. */
    signature = sign(KEY_RSA, "RS256", statement);
    struct bytes cms;
    struct err err = {0};
    assert_int_equal(outside_assemble(&rsa, pool, &prepared, signature, &cms, &err), 1);
    ((uint8_t *)(uintptr_t)prepared.pdf.data)[40] ^= 1;
    assert_int_equal(judge(cms), DETACHED_OTHER);
    assert_int_equal(judge_signature(&rsa, signature), DETACHED_FORGED);
}

/* Files and tokens bring the same certificate along more than once, and the signer's own. */
static void takes_repeated_chain(void **state)
{
    struct outside_signer signer = signer_of(P256, "ES256"), plain = signer;
    struct err err = {0};
    size_t room, plain_room;

    (void)state;
    signer.chain[1] = signer.chain[0];
    signer.chain[2] = signer.certificate;
    signer.chain_count = 3;
    assert_int_equal(outside_room(&signer, pool, &room, &err), 1);
    assert_int_equal(outside_room(&plain, pool, &plain_room, &err), 1);
    assert_int_equal(room, plain_room);
    prepare(&signer);
    assert_int_equal(judge_signature(&signer, sign(P256, "ES256", statement_of(&signer))),
                     DETACHED_OK);
}

static void takes_every_algorithm(void **state)
{
    static const struct {
        enum key key;
        const char *algorithm;
    } rows[] = {
        {KEY_RSA, "RS256"}, {KEY_RSA, "RS384"}, {KEY_RSA, "RS512"}, {KEY_RSA, "PS256"},
        {KEY_RSA, "PS384"}, {KEY_RSA, "PS512"}, {P256, "ES256"}, {P384, "ES384"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct outside_signer signer = signer_of(rows[i].key, rows[i].algorithm);

        prepare(&signer);
        enum detached_verdict verdict = judge_signature(
            &signer, sign(rows[i].key, rows[i].algorithm, statement_of(&signer)));
        if (verdict != DETACHED_OK)
            fail_msg("%s: %s", rows[i].algorithm, detached_verdict_name(verdict));
    }
}

static void prints_its_lines(void **state)
{
    static const char *const wrong[][2] = {{"a(b", NULL}, {"a\\b", NULL}, {"\x07", NULL},
                                           {"中", NULL}};
    struct outside_signer signer = signer_of(P256, "ES256");
    struct seal_request request = paper_request;
    struct err err = {0};

    (void)state;
    prepare(&signer);
    assert_non_null(memmem(prepared.pdf.data, prepared.pdf.size, "(No. 01AB) Tj", 13));
    for (size_t i = 0; i < COUNT(wrong); i++) {
        request.lines = wrong[i];
        assert_int_equal(seal_prepare_room(4096, pool, paper_make(pool, "", ""), &request,
                                           &prepared, &err), -1);
        assert_int_equal(err.kind, ERR_INPUT);
    }
}

static int set_up(void **state)
{
    static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", OID, NULL}};
    struct trust_settings settings = {
        .authorities = paper_path("authorities.pem"), .revocations = "", .firm_code = codes};
    struct pki_spec root = {.name = "演示一证通根", .usage = "critical,keyCertSign,cRLSign",
                            .from = NOW - DAY, .until = NOW + DAY, .serial = 1, .authority = true};
    struct pki_spec firm = {.name = "演示企业", .usage = "critical,digitalSignature",
                            .from = NOW - DAY, .until = NOW + DAY, .extension = OID, .text = CODE};
    EVP_PKEY *keys[KEYS] = {pki_rsa(2048), pki_ec(), pki_ec_on("P-384"), pki_ec_on("P-521")};
    struct err err = {0};

    (void)state;
    pool = pool_new(1 << 20, 0);
    authority = pki_make(&root, pki_ec(), NULL);
    for (int key = 0; key < KEYS; key++) {
        firm.serial = 10 + key;
        firms[key] = pki_make(&firm, keys[key], &authority);
    }
    pki_write_certificates(settings.authorities, authority.certificate, NULL);
    if (trust_open(&settings, &trust, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    trust_free(&trust);
    pki_free(&authority);
    for (int key = 0; key < KEYS; key++)
        pki_free(&firms[key]);
    pool_free(&pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_signers),
        cmocka_unit_test(refuses_signatures),
        cmocka_unit_test(takes_repeated_chain),
        cmocka_unit_test(takes_every_algorithm),
        cmocka_unit_test(prints_its_lines),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down) ? 1 : 0;
}
