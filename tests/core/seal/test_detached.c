/* A firm's signature over a form: every way in which it can be none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/err.h>

#include "base/date.h"
#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/detached.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"
#include "tests/core/seal/signature.h"

enum { DAY = 24 * 3600, REVOKED_SERIAL = 66, RSA_SIZE = 256, OUTPUT = 8 * 1024 };

#define NOW    INT64_C(1767240000)
#define NOW_MS (NOW * 1000)
#define CODE   "11110000000021135M"
#define OID    "1.2.156.10260.4.1.4"

/* ROOT alone is in our file; MIDDLE is signed by it, IMPOSTOR has its name. */
enum authority { ROOT, MIDDLE, IMPOSTOR, SELF };
enum key { KEY_RSA, KEY_P256, KEY_P384, KEY_P521, KEY_SHORT, KEYS };
enum firm {
    RSA_FIRM, P256_FIRM, P384_FIRM, P521_FIRM, SHORT_FIRM, INDIRECT, EXPIRED, NOT_YET, REVOKED,
    FOREIGN, SELF_SIGNED, ENCRYPTING, CODELESS, TWIN, DOUBLE, UNNAMED, CONTROLLED, FIRMS
};

/* TWIN has the key, the issuer and the serial number of P256_FIRM, DOUBLE only the latter two. */
static const struct {
    enum authority authority;
    enum key key;
    struct pki_spec spec;
} firm_specs[FIRMS] = {
    [RSA_FIRM] = {ROOT, KEY_RSA, {.extension = OID}},
    [P256_FIRM] = {ROOT, KEY_P256, {.serial = 5, .extension = OID}},
    [P384_FIRM] = {ROOT, KEY_P384, {.extension = OID}},
    [P521_FIRM] = {ROOT, KEY_P521, {.extension = OID}},
    [SHORT_FIRM] = {ROOT, KEY_SHORT, {.extension = OID}},
    [INDIRECT] = {MIDDLE, KEY_P256, {.extension = OID}},
    [EXPIRED] = {ROOT, KEY_P256, {.until = NOW - 1, .extension = OID}},
    [NOT_YET] = {ROOT, KEY_P256, {.from = NOW + 1, .extension = OID}},
    [REVOKED] = {ROOT, KEY_P256, {.serial = REVOKED_SERIAL, .extension = OID}},
    [FOREIGN] = {IMPOSTOR, KEY_P256, {.extension = OID}},
    [SELF_SIGNED] = {SELF, KEY_RSA, {.extension = OID}},
    [ENCRYPTING] = {ROOT, KEY_RSA, {.usage = "keyEncipherment", .extension = OID}},
    [CODELESS] = {ROOT, KEY_P256, {.name = "演示企业"}},
    [TWIN] = {ROOT, KEY_P256, {.name = "演示孪生", .serial = 5, .extension = OID}},
    [DOUBLE] = {IMPOSTOR, KEY_P384, {.serial = 5, .extension = OID}},
    [UNNAMED] = {ROOT, KEY_P256, {.name = "", .field = "O", .value = "演示组织",
                                  .extension = OID}},
    [CONTROLLED] = {ROOT, KEY_P256, {.name = "演示\n企业", .extension = OID}},
};

static const char form_text[] = "%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n";
static const struct bytes form = {(const uint8_t *)form_text, sizeof(form_text) - 1};

static struct pool *pool;
static struct pki authorities[SELF], firms[FIRMS];
static EVP_PKEY *keys[KEYS];
static struct trust *trust;

static EVP_PKEY *borrow(EVP_PKEY *key)
{
    EVP_PKEY_up_ref(key);
    return key;
}

static struct pki make_authority(const char *name, const struct pki *issuer)
{
    struct pki_spec spec = {.name = name, .usage = "critical,keyCertSign,cRLSign",
                            .from = NOW - 9 * DAY, .until = NOW + 99 * DAY, .serial = 1,
                            .authority = true};

    return pki_make(&spec, pki_ec(), issuer);
}

static struct pki make_firm(enum firm firm)
{
    struct pki_spec spec = firm_specs[firm].spec;
    enum authority authority = firm_specs[firm].authority;

    spec.name = !spec.name ? "演示企业" : *spec.name ? spec.name : NULL;
    spec.from = spec.from ? spec.from : NOW - DAY;
    spec.until = spec.until ? spec.until : NOW + DAY;
    spec.serial = spec.serial ? spec.serial : 100 + (long)firm;
    spec.usage = spec.usage ? spec.usage : "critical,digitalSignature,nonRepudiation";
    spec.text = CODE;
    return pki_make(&spec, borrow(keys[firm_specs[firm].key]),
                    authority == SELF ? NULL : &authorities[authority]);
}

static void open_trust(void)
{
    static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", OID, NULL}};
    struct trust_settings settings = {.authorities = paper_path("authorities.pem"),
                                      .revocations = paper_path("lists.pem"),
                                      .revocations_required = true,
                                      .firm_code = codes};
    X509_CRL *root = pki_crl(&authorities[ROOT], NOW - DAY, NOW + DAY, REVOKED_SERIAL);
    X509_CRL *middle = pki_crl(&authorities[MIDDLE], NOW - DAY, NOW + DAY, 0);
    struct err err = {0};

    pki_write_certificates(settings.authorities, authorities[ROOT].certificate, NULL);
    pki_write_crls(settings.revocations, root, middle, NULL);
    X509_CRL_free(root);
    X509_CRL_free(middle);
    if (trust_open(&settings, &trust, &err) < 0)
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    (void)state;
    pool = pool_new(1 << 20, 0);
    keys[KEY_RSA] = pki_rsa(8 * RSA_SIZE);
    keys[KEY_P256] = pki_ec();
    keys[KEY_P384] = pki_ec_on("P-384");
    keys[KEY_P521] = pki_ec_on("P-521");
    keys[KEY_SHORT] = pki_rsa(1024);
    authorities[ROOT] = make_authority("演示一证通根", NULL);
    authorities[MIDDLE] = make_authority("演示中间", &authorities[ROOT]);
    authorities[IMPOSTOR] = make_authority("演示一证通根", NULL);
    for (enum firm firm = 0; firm < FIRMS; firm++)
        firms[firm] = make_firm(firm);
    open_trust();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++)
        EVP_PKEY_free(keys[i]);
    for (size_t i = 0; i < SELF; i++)
        pki_free(&authorities[i]);
    for (size_t i = 0; i < FIRMS; i++)
        pki_free(&firms[i]);
    trust_free(&trust);
    pool_free(&pool);
    return 0;
}

/* How a firm signs: what signature.h calls so, without its key. */
struct recipe {
    enum firm firm;
    const char *digest;
    unsigned flags;
    bool pss;
    bool attached;
};

static CMS_SignerInfo *add_signer(CMS_ContentInfo *cms, enum firm firm, unsigned flags)
{
    return signature_add(cms, &(struct signature_recipe){.signer = &firms[firm], .flags = flags});
}

static struct bytes sign_as(const struct recipe *recipe)
{
    return signature_make(pool, form,
                          &(struct signature_recipe){.signer = &firms[recipe->firm],
                                                     .digest = recipe->digest,
                                                     .flags = recipe->flags,
                                                     .pss = recipe->pss,
                                                     .attached = recipe->attached});
}

static struct bytes sign(enum firm firm, unsigned flags)
{
    return sign_as(&(struct recipe){.firm = firm, .flags = flags});
}

/* A signature by P256_FIRM with these certificates inside, which end with NULL. */
static struct bytes sign_with(unsigned flags, X509 *const certificates[])
{
    CMS_ContentInfo *cms = signature_begin(false);

    add_signer(cms, P256_FIRM, CMS_NOCERTS | flags);
    for (; *certificates; certificates++)
        assert_true(CMS_add1_cert(cms, *certificates));
    return signature_finish(pool, cms, form);
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* The last that was judged. */
static enum trust_verdict trusted;
static struct detached_signer signer;

static enum detached_verdict judge_over(struct bytes content, struct bytes signature)
{
    enum detached_verdict verdict;
    struct err err = {0};

    if (detached_verify(trust, pool, content, signature, NOW_MS, &verdict, &trusted, &signer,
                        &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(signer.identity.uscc, verdict == DETACHED_OK ? CODE : "");
    assert_int_equal(strlen(signer.identity.fingerprint), trusted == TRUST_NONE ? 0 : 64);
    assert_int_equal(ERR_peek_error(), 0);
    return verdict;
}

static enum detached_verdict judge(struct bytes signature)
{
    return judge_over(form, signature);
}

static void expect_over(const char *what, struct bytes content, struct bytes signature,
                        enum detached_verdict expected)
{
    enum detached_verdict verdict = judge_over(content, signature);

    if (verdict != expected)
        fail_msg("%s: %s, not %s (%s)", what, detached_verdict_name(verdict),
                 detached_verdict_name(expected), trust_verdict_name(trusted));
}

static void expect(const char *what, struct bytes signature, enum detached_verdict expected)
{
    expect_over(what, form, signature, expected);
}

/* Signatures made as anybody may make them. */
static const struct {
    const char *what;
    struct recipe recipe;
    enum detached_verdict verdict;
    enum trust_verdict trusted;
} cases[] = {
    {"attached", {.firm = RSA_FIRM, .attached = true}, DETACHED_ATTACHED, TRUST_NONE},
    {"attached, without attributes", {.firm = RSA_FIRM, .attached = true, .flags = CMS_NOATTR},
     DETACHED_ATTACHED, TRUST_NONE},
    {"no certificate", {.firm = RSA_FIRM, .flags = CMS_NOCERTS},
     DETACHED_NO_CERTIFICATE, TRUST_NONE},
    {"no certificate, by its key's identifier",
     {.firm = RSA_FIRM, .flags = CMS_NOCERTS | CMS_USE_KEYID}, DETACHED_NO_CERTIFICATE, TRUST_NONE},
    {"MD5", {.firm = RSA_FIRM, .digest = "MD5"}, DETACHED_WEAK, TRUST_OK},
    {"SHA-1", {.firm = RSA_FIRM, .digest = "SHA1"}, DETACHED_WEAK, TRUST_OK},
    {"SHA-1, without attributes", {.firm = RSA_FIRM, .digest = "SHA1", .flags = CMS_NOATTR},
     DETACHED_WEAK, TRUST_OK},
    {"SHA-1, ECDSA", {.firm = P256_FIRM, .digest = "SHA1"}, DETACHED_WEAK, TRUST_OK},
    {"SHA-1, PSS", {.firm = RSA_FIRM, .digest = "SHA1", .pss = true}, DETACHED_WEAK, TRUST_OK},
    {"SHA-224", {.firm = RSA_FIRM, .digest = "SHA224"}, DETACHED_WEAK, TRUST_OK},
    {"RSA-1024", {.firm = SHORT_FIRM}, DETACHED_WEAK, TRUST_WEAK},
    {"P-521", {.firm = P521_FIRM, .digest = "SHA512"}, DETACHED_WEAK, TRUST_OK},
    {"expired", {.firm = EXPIRED}, DETACHED_UNTRUSTED, TRUST_EXPIRED},
    {"not yet valid", {.firm = NOT_YET}, DETACHED_UNTRUSTED, TRUST_NOT_YET},
    {"revoked", {.firm = REVOKED}, DETACHED_UNTRUSTED, TRUST_REVOKED},
    {"foreign authority", {.firm = FOREIGN}, DETACHED_UNTRUSTED, TRUST_FOREIGN},
    {"self-signed", {.firm = SELF_SIGNED}, DETACHED_UNTRUSTED, TRUST_SELF_SIGNED},
    {"for encryption", {.firm = ENCRYPTING}, DETACHED_UNTRUSTED, TRUST_USAGE},
    {"no firm's code", {.firm = CODELESS}, DETACHED_UNTRUSTED, TRUST_NO_CODE},
    {"intermediate missing", {.firm = INDIRECT}, DETACHED_UNTRUSTED, TRUST_FOREIGN},
    {"RSA", {.firm = RSA_FIRM}, DETACHED_OK, TRUST_OK},
    {"RSA, SHA-512", {.firm = RSA_FIRM, .digest = "SHA512"}, DETACHED_OK, TRUST_OK},
    {"RSA, without attributes", {.firm = RSA_FIRM, .flags = CMS_NOATTR}, DETACHED_OK, TRUST_OK},
    {"RSA, by its key's identifier", {.firm = RSA_FIRM, .flags = CMS_USE_KEYID},
     DETACHED_OK, TRUST_OK},
    {"RSA, signing-certificate", {.firm = RSA_FIRM, .flags = CMS_CADES}, DETACHED_OK, TRUST_OK},
    {"PSS", {.firm = RSA_FIRM, .pss = true}, DETACHED_OK, TRUST_OK},
    {"PSS, SHA-512", {.firm = RSA_FIRM, .digest = "SHA512", .pss = true}, DETACHED_OK, TRUST_OK},
    {"PSS, without attributes", {.firm = RSA_FIRM, .flags = CMS_NOATTR, .pss = true},
     DETACHED_OK, TRUST_OK},
    {"P-256", {.firm = P256_FIRM}, DETACHED_OK, TRUST_OK},
    {"P-256, SHA-512", {.firm = P256_FIRM, .digest = "SHA512"}, DETACHED_OK, TRUST_OK},
    {"P-256, without attributes", {.firm = P256_FIRM, .flags = CMS_NOATTR}, DETACHED_OK, TRUST_OK},
    {"P-256, signing-certificate", {.firm = P256_FIRM, .flags = CMS_CADES}, DETACHED_OK, TRUST_OK},
    {"P-384", {.firm = P384_FIRM, .digest = "SHA384"}, DETACHED_OK, TRUST_OK},
};

static void judges_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        expect(cases[i].what, sign_as(&cases[i].recipe), cases[i].verdict);
        if (trusted != cases[i].trusted)
            fail_msg("%s: %s", cases[i].what, trust_verdict_name(trusted));
    }
}

static void refuses_garbage(void **state)
{
    struct bytes good = sign(RSA_FIRM, 0);
    uint8_t *huge = pool_alloc(pool, DETACHED_LIMIT + 1), noise[512];

    (void)state;
    srandom(1);
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (uint8_t)random();
    expect("empty", (struct bytes){NULL, 0}, DETACHED_BROKEN);
    expect("random", (struct bytes){noise, sizeof(noise)}, DETACHED_BROKEN);
    noise[0] = 0x30;
    expect("random SEQUENCE", (struct bytes){noise, sizeof(noise)}, DETACHED_BROKEN);
    expect("the form", form, DETACHED_BROKEN);
    memcpy(huge, good.data, good.size);
    expect("trailing byte", (struct bytes){huge, good.size + 1}, DETACHED_BROKEN);
    expect("trailing zeros", (struct bytes){huge, DETACHED_LIMIT}, DETACHED_BROKEN);
    expect("huge", (struct bytes){huge, DETACHED_LIMIT + 1}, DETACHED_BROKEN);
    memset(huge, 0x30, DETACHED_LIMIT);
    expect("nested", (struct bytes){huge, DETACHED_LIMIT}, DETACHED_BROKEN);
    memset(huge, 'M', DETACHED_LIMIT);
    expect("only Ms", (struct bytes){huge, DETACHED_LIMIT}, DETACHED_BROKEN);
    expect("only blanks", bytes_of(" \r\n"), DETACHED_BROKEN);
}

static void refuses_every_cut(void **state)
{
    struct bytes good = sign(P256_FIRM, CMS_CADES);

    (void)state;
    for (size_t size = 0; size < good.size; size++)
        assert_int_equal(judge((struct bytes){pool_copy(pool, good.data, size), size}),
                         DETACHED_BROKEN);
    assert_int_equal(judge(good), DETACHED_OK);
}

/* What nobody signs and nothing depends on: two versions, the OID in the list of digests, and the
 * type of an algorithm's NULL. */
enum { UNSIGNED_BYTES = 2 + 9 + 1 };

static void refuses_every_other_byte(void **state)
{
    struct bytes good = sign(RSA_FIRM, CMS_CADES);
    uint8_t *copy = pool_copy(pool, good.data, good.size);
    size_t taken = 0;

    (void)state;
    for (size_t i = 0; i < good.size; i++) {
        copy[i] ^= 1;
        taken += judge((struct bytes){copy, good.size}) == DETACHED_OK;
        if (i >= good.size - RSA_SIZE)
            expect("a byte of the value", (struct bytes){copy, good.size}, DETACHED_FORGED);
        copy[i] ^= 1;
    }
    assert_int_equal(taken, UNSIGNED_BYTES);
}

static void refuses_every_other_content(void **state)
{
    struct bytes good = sign(P256_FIRM, 0);
    struct bytes bare = sign(P256_FIRM, CMS_NOATTR);
    uint8_t *copy = pool_copy(pool, form.data, form.size + 1);

    (void)state;
    for (size_t bit = 0; bit < 8 * form.size; bit++) {
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(judge_over((struct bytes){copy, form.size}, good), DETACHED_OTHER);
        assert_int_equal(trusted, TRUST_OK);
        assert_int_equal(judge_over((struct bytes){copy, form.size}, bare), DETACHED_FORGED);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    expect_over("nothing", (struct bytes){NULL, 0}, good, DETACHED_OTHER);
    expect_over("a byte less", (struct bytes){copy, form.size - 1}, good, DETACHED_OTHER);
    expect_over("a byte more", (struct bytes){copy, form.size + 1}, good, DETACHED_OTHER);
    expect_over("the signature itself", good, good, DETACHED_OTHER);
}

#define PKCS7 "\x2a\x86\x48\x86\xf7\x0d\x01\x07"
#define PKCS9 "\x2a\x86\x48\x86\xf7\x0d\x01\x09"
#define ECDSA "\x2a\x86\x48\xce\x3d\x04\x03"
#define NIST  "\x60\x86\x48\x01\x65\x03\x04\x02"

/* The nth place of some bytes, the last of which becomes another. */
static const struct {
    const char *what;
    enum firm firm;
    const char *bytes;
    int nth;
    uint8_t last;
    enum detached_verdict verdict;
} changes[] = {
    {"another type of CMS", RSA_FIRM, PKCS7 "\x02", 0, 0x03, DETACHED_BROKEN},
    {"another type of content", RSA_FIRM, PKCS7 "\x01", 0, 0x05, DETACHED_BROKEN},
    {"another content-type", RSA_FIRM, PKCS7 "\x01", 1, 0x05, DETACHED_BROKEN},
    {"no content-type", RSA_FIRM, PKCS9 "\x03", 0, 0x7f, DETACHED_BROKEN},
    {"two content-types", RSA_FIRM, PKCS9 "\x05", 0, 0x03, DETACHED_BROKEN},
    {"no message-digest", RSA_FIRM, PKCS9 "\x04", 0, 0x7f, DETACHED_BROKEN},
    {"two message-digests", RSA_FIRM, PKCS9 "\x05", 0, 0x04, DETACHED_BROKEN},
    {"a message-digest as signing-time", RSA_FIRM, PKCS9 "\x04", 0, 0x05, DETACHED_BROKEN},
    {"a signing-certificate by SHA-1", RSA_FIRM, PKCS9 "\x10\x02\x2f", 0, 0x0c,
     DETACHED_NO_CERTIFICATE},
    {"SHA-224 said, SHA-256 meant", RSA_FIRM, NIST "\x01", 1, 0x04, DETACHED_WEAK},
    {"SHA-384 said, SHA-256 meant", RSA_FIRM, NIST "\x01", 1, 0x02, DETACHED_FORGED},
    {"the time left out", RSA_FIRM, PKCS9 "\x05", 0, 0x7f, DETACHED_FORGED},
    {"ECDSA with SHA-224 said", P256_FIRM, ECDSA "\x02", 2, 0x01, DETACHED_WEAK},
    {"ECDSA with SHA-384 said", P256_FIRM, ECDSA "\x02", 2, 0x03, DETACHED_WEAK},
};

static uint8_t *find(struct bytes der, const void *bytes, size_t size, int nth)
{
    uint8_t *at = memmem(der.data, der.size, bytes, size);

    for (; at && nth > 0; nth--)
        at = memmem(at + 1, der.size - (size_t)(at + 1 - der.data), bytes, size);
    assert_non_null(at);
    return at;
}

static void refuses_changed_parts(void **state)
{
    struct bytes pss = sign_as(&(struct recipe){.firm = RSA_FIRM, .pss = true});

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        size_t size = strlen(changes[i].bytes);
        struct bytes copy = sign(changes[i].firm, CMS_CADES);

        find(copy, changes[i].bytes, size, changes[i].nth)[size - 1] = changes[i].last;
        expect(changes[i].what, copy, changes[i].verdict);
    }
    find(pss, NIST "\x01", 9, 2)[8] = 0x02;
    expect("PSS with SHA-384 said", pss, DETACHED_WEAK);
}

/* Whoever replaces the digest of the form by that of another has no signature over either. */
static void refuses_a_replaced_digest(void **state)
{
    struct bytes good = sign(RSA_FIRM, 0), other = {(const uint8_t *)"other", 5};
    uint8_t was[32], becomes[32];

    (void)state;
    EVP_Digest(form.data, form.size, was, NULL, EVP_sha256(), NULL);
    EVP_Digest(other.data, other.size, becomes, NULL, EVP_sha256(), NULL);
    memcpy(find(good, was, sizeof(was), 0), becomes, sizeof(becomes));
    expect_over("form", form, good, DETACHED_FORGED);
    expect_over("other", other, good, DETACHED_FORGED);
}

static void refuses_other_certificates(void **state)
{
    X509 *const other[] = {firms[RSA_FIRM].certificate, firms[P384_FIRM].certificate, NULL};
    X509 *const twin[] = {firms[TWIN].certificate, NULL};
    X509 *const named_double[] = {firms[DOUBLE].certificate, NULL};
    X509 *const authority[] = {authorities[ROOT].certificate, NULL};
    CMS_ContentInfo *cms;

    (void)state;
    expect("others' certificates", sign_with(0, other), DETACHED_NO_CERTIFICATE);
    expect("others', by identifier", sign_with(CMS_USE_KEYID, other), DETACHED_NO_CERTIFICATE);
    expect("the authority's", sign_with(0, authority), DETACHED_NO_CERTIFICATE);
    expect("a namesake's", sign_with(0, named_double), DETACHED_FORGED);
    assert_int_equal(trusted, TRUST_FOREIGN);
    expect("not the one named", sign_with(CMS_CADES, twin), DETACHED_NO_CERTIFICATE);
    expect("not the one that was meant", sign_with(0, twin), DETACHED_OK);
    assert_string_equal(signer.name, "演示孪生");
    cms = signature_begin(false);
    add_signer(cms, P256_FIRM, 0);
    for (enum firm firm = 0; firm < FIRMS; firm++)
        if (firm != P256_FIRM)
            CMS_add1_cert(cms, firms[firm].certificate);
    expect("many", signature_finish(pool, cms, form), DETACHED_BROKEN);
}

static void finds_the_way_to_an_authority(void **state)
{
    CMS_ContentInfo *cms = signature_begin(false);

    (void)state;
    add_signer(cms, INDIRECT, 0);
    assert_true(CMS_add1_cert(cms, firms[FOREIGN].certificate) &&
                CMS_add1_cert(cms, authorities[MIDDLE].certificate));
    expect("intermediate inside", signature_finish(pool, cms, form), DETACHED_OK);
}

/* Attributes that are wrong and yet signed. */
static const struct {
    const char *what;
    int nid, type;
    const char *value;
    enum detached_verdict verdict;
} oddities[] = {
    {"a signing-certificate of another type", NID_id_smime_aa_signingCertificateV2,
     V_ASN1_UTF8STRING, "abc", DETACHED_BROKEN},
    {"a malformed signing-certificate", NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE,
     "\x30\x03\x02\x01\x01", DETACHED_BROKEN},
    {"a malformed time", NID_pkcs9_signingTime, V_ASN1_UTCTIME, "nonsense", DETACHED_BROKEN},
    {"a time of another type", NID_pkcs9_signingTime, V_ASN1_UTF8STRING, "260101000000Z",
     DETACHED_BROKEN},
    {"GeneralizedTime", NID_pkcs9_signingTime, V_ASN1_GENERALIZEDTIME, "20260101000000Z",
     DETACHED_OK},
    {"anything else", NID_id_smime_aa_contentHint, V_ASN1_UTF8STRING, "form", DETACHED_OK},
};

static void judges_odd_attributes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(oddities) / sizeof(*oddities); i++) {
        CMS_ContentInfo *cms = signature_begin(false);

        assert_true(CMS_signed_add1_attr_by_NID(add_signer(cms, P256_FIRM, 0), oddities[i].nid,
                                                oddities[i].type, oddities[i].value,
                                                (int)strlen(oddities[i].value)));
        expect(oddities[i].what, signature_finish(pool, cms, form), oddities[i].verdict);
    }
}

static void refuses_other_shapes(void **state)
{
    STACK_OF(X509) *recipients = sk_X509_new_null();
    BIO *bio = BIO_new_mem_buf(form.data, (int)form.size);
    CMS_ContentInfo *cms = signature_begin(false);

    (void)state;
    expect("nobody signed", signature_encode(pool, cms), DETACHED_SIGNERS);
    cms = signature_begin(false);
    add_signer(cms, RSA_FIRM, 0);
    add_signer(cms, P256_FIRM, 0);
    expect("two signed", signature_finish(pool, cms, form), DETACHED_SIGNERS);
    cms = signature_begin(false);
    assert_true(CMS_unsigned_add1_attr_by_txt(add_signer(cms, RSA_FIRM, 0), "1.2.156.1",
                                              V_ASN1_UTF8STRING, "x", 1));
    expect("an unsigned attribute", signature_finish(pool, cms, form), DETACHED_BROKEN);
    sk_X509_push(recipients, firms[RSA_FIRM].certificate);
    cms = CMS_encrypt(recipients, bio, EVP_aes_256_cbc(), CMS_BINARY);
    expect("enveloped", signature_encode(pool, cms), DETACHED_BROKEN);
    sk_X509_free(recipients);
    BIO_free(bio);
}

/* The same, with the outermost length written in another way (X.690, 8.1.3). */
static void refuses_ber(void **state)
{
    struct bytes good = sign(RSA_FIRM, 0);
    uint8_t *copy = pool_alloc(pool, good.size + 2);

    (void)state;
    assert_memory_equal(good.data, "\x30\x82", 2);
    memcpy(copy, "\x30\x80", 2);
    memcpy(copy + 2, good.data + 4, good.size - 4);
    expect("indefinite length", (struct bytes){copy, good.size}, DETACHED_BROKEN);
    memcpy(copy, "\x30\x83\x00", 3);
    memcpy(copy + 3, good.data + 2, good.size - 2);
    expect("too long a length", (struct bytes){copy, good.size + 1}, DETACHED_BROKEN);
}

static void tells_the_signer(void **state)
{
    (void)state;
    expect("genuine", sign(P256_FIRM, 0), DETACHED_OK);
    assert_string_equal(signer.identity.serial, "05");
    assert_int_equal(signer.identity.expires_ms, NOW_MS + DAY * INT64_C(1000));
    assert_string_equal(signer.name, "演示企业");
    assert_in_range(signer.signed_ms, clock_now_ms() - 60000, clock_now_ms() + 1000);
    expect("no attributes", sign(P256_FIRM, CMS_NOATTR), DETACHED_OK);
    assert_int_equal(signer.signed_ms, 0);
    expect("no CN", sign(UNNAMED, 0), DETACHED_OK);
    assert_string_equal(signer.name, "演示组织");
    expect("a line end in the CN", sign(CONTROLLED, 0), DETACHED_OK);
    assert_string_equal(signer.name, "");
    expect("revoked", sign(REVOKED, 0), DETACHED_UNTRUSTED);
    assert_string_equal(signer.identity.serial, "42");
    assert_string_equal(signer.name, "演示企业");
    assert_string_equal(detached_verdict_name(DETACHED_NO_CERTIFICATE), "no_certificate");
    assert_string_equal(detached_verdict_name((enum detached_verdict)99), "unknown");
}

/* What the openssl command makes with these words besides. */
static const struct {
    const char *words[3];
    enum detached_verdict verdict;
} peers[] = {
    {{"-nodetach"}, DETACHED_ATTACHED},
    {{"-nocerts"}, DETACHED_NO_CERTIFICATE},
    {{"-stream"}, DETACHED_BROKEN},
    {{"-outform", "PEM"}, DETACHED_BROKEN},
    {{"-econtent_type", "1.2.156.1"}, DETACHED_BROKEN},
    {{"-md", "sha1"}, DETACHED_WEAK},
    {{NULL}, DETACHED_OK},
    {{"-md", "sha512"}, DETACHED_OK},
    {{"-noattr"}, DETACHED_OK},
    {{"-nosmimecap"}, DETACHED_OK},
    {{"-keyid"}, DETACHED_OK},
    {{"-cades"}, DETACHED_OK},
    {{"-keyopt", "rsa_padding_mode:pss"}, DETACHED_OK},
};

static struct bytes sign_by_command(const char *const words[3])
{
    const char *path = paper_path("signature");
    const char *argv[32] = {"openssl", "cms", "-sign", "-binary", "-in", paper_path("form.pdf"),
                            "-signer", paper_path("firm.pem"), "-inkey", paper_path("firm.key"),
                            "-out", path, "-outform", "DER"};
    size_t count = 14;
    char output[OUTPUT];
    struct bytes signature;

    for (size_t i = 0; i < 3 && words[i]; i++)
        argv[count++] = words[i];
    if (paper_run(output, sizeof(output), argv) != 0)
        fail_msg("%s: %s", words[0] ? words[0] : "", output);
    assert_int_equal(file_read(pool, path, DETACHED_LIMIT, &signature, NULL), 0);
    return signature;
}

static void agrees_with_the_command(void **state)
{
    (void)state;
    if (!paper_has_tool("openssl"))
        skip();
    paper_write("form.pdf", form);
    pki_write_key(paper_path("firm.key"), firms[RSA_FIRM].key);
    pki_write_certificates(paper_path("firm.pem"), firms[RSA_FIRM].certificate, NULL);
    for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++)
        expect(peers[i].words[0] ? peers[i].words[0] : "plain", sign_by_command(peers[i].words),
               peers[i].verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_the_table),
        cmocka_unit_test(refuses_garbage),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(refuses_every_other_byte),
        cmocka_unit_test(refuses_every_other_content),
        cmocka_unit_test(refuses_changed_parts),
        cmocka_unit_test(judges_odd_attributes),
        cmocka_unit_test(refuses_a_replaced_digest),
        cmocka_unit_test(refuses_other_certificates),
        cmocka_unit_test(refuses_other_shapes),
        cmocka_unit_test(refuses_ber),
        cmocka_unit_test(finds_the_way_to_an_authority),
        cmocka_unit_test(tells_the_signer),
        cmocka_unit_test(agrees_with_the_command),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
