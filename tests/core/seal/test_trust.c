/* Whom we believe: every way in which a firm's certificate can be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/pem.h>

#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/seal/trust.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { DAY = 24 * 3600, REVOKED_SERIAL = 66, FALLEN_SERIAL = 13, BROUGHT_MOST = 4 };

#define NOW     INT64_C(1767240000)
#define NOW_MS  (NOW * 1000)
#define CODE    "11110000000021135M"
#define CODE_2  "11100000000013338W"
#define BAD     "11110000000021135N"
#define OID     "1.2.156.10260.4.1.4"
#define OID_2   "1.2.156.1.8888.148"
#define ORGANIZATION "organizationIdentifier"
#define USAGE   "critical,digitalSignature"
#define ISSUER  "演示一证通签发"

/* Who signs a certificate of the table. IMPOSTOR has the name of ISSUING, SILENT has no revocation
 * list and STALE an old one. From MIDDLE to FIRM they are signed by ROOT but not in our file: LOWER
 * by MIDDLE, FALLEN is revoked, LISTLESS has no revocation list, OVER has expired, FIRM is no CA. */
enum signer { ROOT, ISSUING, IMPOSTOR, SILENT, STALE, UNKNOWN,
              MIDDLE, LOWER, FALLEN, LISTLESS, OVER, FIRM, SELF };
enum key { KEY_EC, KEY_RSA, KEY_WEAK, KEYS };

static struct pool *pool;
static struct pki authorities[SELF];
static EVP_PKEY *keys[KEYS];
static struct trust *strict, *lax;

static struct config_entry firm_code[] = {
    {"10.Field",  "OU",                     NULL},
    {"1.Issuer",  "CN=" ISSUER,             NULL},
    {"1.Field",   OID,                      NULL},
    {"2.issuer",  "CN=" ISSUER,             NULL},
    {"2.field",   OID_2,                    NULL},
    {"3.Issuer",  "*",                      NULL},
    {"3.Field",   "organizationIdentifier", NULL},
    {"10.Issuer", "CN=" ISSUER,             NULL},
    {"11.Issuer", "CN=nobody",              NULL},
    {"11.Field",  "CN",                     NULL},
};

static void link_entries(struct config_entry *entries, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        entries[i].next = &entries[i + 1];
}

static EVP_PKEY *borrow(EVP_PKEY *key)
{
    EVP_PKEY_up_ref(key);
    return key;
}

static struct pki authority(const char *name, EVP_PKEY *key, const struct pki *issuer)
{
    struct pki_spec spec = {.name = name, .usage = "critical,keyCertSign,cRLSign",
                            .from = NOW - 9 * DAY, .until = NOW + 99 * DAY, .serial = 1,
                            .authority = true};

    return pki_make(&spec, key, issuer);
}

/* Those that stand between ROOT and a firm, and are to be brought along. */
static void make_intermediates(void)
{
    struct pki_spec spec = {.name = "演示失信", .usage = "critical,keyCertSign,cRLSign",
                            .from = NOW - 9 * DAY, .until = NOW + DAY, .serial = FALLEN_SERIAL,
                            .authority = true};

    authorities[MIDDLE] = authority("演示中间", pki_ec(), &authorities[ROOT]);
    authorities[LOWER] = authority("演示下级", pki_ec(), &authorities[MIDDLE]);
    authorities[LISTLESS] = authority("演示中间无名单", pki_ec(), &authorities[ROOT]);
    authorities[FALLEN] = pki_make(&spec, pki_ec(), &authorities[ROOT]);
    spec = (struct pki_spec){.name = "演示到期", .usage = "critical,keyCertSign,cRLSign",
                             .from = NOW - 9 * DAY, .until = NOW - 1, .serial = 2,
                             .authority = true};
    authorities[OVER] = pki_make(&spec, pki_ec(), &authorities[ROOT]);
    spec = (struct pki_spec){.name = "演示企业", .usage = USAGE, .from = NOW - 9 * DAY,
                             .until = NOW + DAY, .serial = 3, .extension = OID, .text = CODE};
    authorities[FIRM] = pki_make(&spec, pki_ec(), &authorities[ROOT]);
}

static void write_lists(const char *name, long revoked)
{
    static const enum signer empty[] = {MIDDLE, LOWER, FALLEN, OVER, FIRM};
    X509_CRL *lists[8] = {
        pki_crl(&authorities[ROOT], NOW - DAY, NOW + DAY, FALLEN_SERIAL),
        pki_crl(&authorities[ISSUING], NOW - DAY, NOW + DAY, revoked),
        pki_crl(&authorities[STALE], NOW - 2 * DAY, NOW - DAY, REVOKED_SERIAL),
    };

    for (size_t i = 0; i < 5; i++)
        lists[3 + i] = pki_crl(&authorities[empty[i]], NOW - DAY, NOW + DAY, 0);
    pki_write_crls(paper_path(name), lists[0], lists[1], lists[2], lists[3], lists[4], lists[5],
                   lists[6], lists[7], NULL);
    for (size_t i = 0; i < 8; i++)
        X509_CRL_free(lists[i]);
}

static int open_trust(const char *lists, bool required, struct trust **trust, struct err *err)
{
    struct trust_settings settings = {
        .authorities = pool_text(pool, paper_path("authorities.pem")),
        .revocations = lists ? pool_text(pool, paper_path(lists)) : "",
        .revocations_required = required,
        .firm_code = firm_code,
    };

    return trust_open(&settings, trust, err);
}

static int set_up(void **state)
{
    struct err err = {0};

    (void)state;
    log_open("test", LOG_ERROR, open("/dev/null", O_WRONLY | O_CLOEXEC));
    pool = pool_new(1 << 20, 0);
    keys[KEY_EC] = pki_ec();
    keys[KEY_RSA] = pki_rsa(2048);
    keys[KEY_WEAK] = pki_rsa(1024);
    authorities[ROOT] = authority("演示一证通根", pki_ec(), NULL);
    authorities[ISSUING] = authority(ISSUER, pki_rsa(2048), &authorities[ROOT]);
    authorities[IMPOSTOR] = authority(ISSUER, pki_ec(), NULL);
    authorities[SILENT] = authority("演示无名单", pki_ec(), NULL);
    authorities[STALE] = authority("演示旧名单", pki_ec(), NULL);
    authorities[UNKNOWN] = authority("他人", pki_ec(), NULL);
    make_intermediates();
    pki_write_certificates(paper_path("authorities.pem"), authorities[ROOT].certificate,
                           authorities[ISSUING].certificate, authorities[SILENT].certificate,
                           authorities[STALE].certificate, NULL);
    write_lists("lists.pem", REVOKED_SERIAL);
    link_entries(firm_code, sizeof(firm_code) / sizeof(*firm_code));
    if (open_trust("lists.pem", true, &strict, &err) < 0 ||
        open_trust("lists.pem", false, &lax, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++)
        EVP_PKEY_free(keys[i]);
    for (size_t i = 0; i < SELF; i++)
        pki_free(&authorities[i]);
    trust_free(&strict);
    trust_free(&lax);
    trust_free(NULL);
    pool_free(&pool);
    return 0;
}

static struct bytes encoded(const X509 *certificate)
{
    uint8_t *out = NULL;
    int size = i2d_X509(certificate, &out);
    struct bytes der;

    assert_true(size > 0);
    der = (struct bytes){pool_copy(pool, out, (size_t)size), (size_t)size};
    OPENSSL_free(out);
    return der;
}

/* A certificate by a spec whose empty members take what is usual; "-" is no usage at all. */
static struct bytes make(struct pki_spec spec, enum signer signer, enum key key)
{
    struct pki pki;
    struct bytes der;

    spec.name = spec.name ? spec.name : "演示企业";
    spec.from = spec.from ? spec.from : NOW - DAY;
    spec.until = spec.until ? spec.until : NOW + DAY;
    spec.serial = spec.serial ? spec.serial : 0x1234;
    spec.usage = !spec.usage ? USAGE : strcmp(spec.usage, "-") == 0 ? NULL : spec.usage;
    pki = pki_make(&spec, borrow(keys[key]), signer == SELF ? NULL : &authorities[signer]);
    der = encoded(pki.certificate);
    pki_free(&pki);
    return der;
}

/* What a certificate is judged where lists are required (strict) and where they are not (lax). */
static const struct {
    const char *what;
    enum signer signer;
    enum key key;
    struct pki_spec spec;
    enum trust_verdict strict, lax;
    const char *code;
} cases[] = {
    {"self-signed", SELF, KEY_EC, {.extension = OID, .text = CODE},
     TRUST_SELF_SIGNED, TRUST_SELF_SIGNED, ""},
    {"self-signed, with our issuer's name", SELF, KEY_EC,
     {.name = ISSUER, .extension = OID, .text = CODE}, TRUST_SELF_SIGNED, TRUST_SELF_SIGNED, ""},
    {"unknown CA", UNKNOWN, KEY_EC, {.extension = OID, .text = CODE},
     TRUST_FOREIGN, TRUST_FOREIGN, ""},
    {"foreign CA with our issuer's name", IMPOSTOR, KEY_EC, {.extension = OID, .text = CODE},
     TRUST_FOREIGN, TRUST_FOREIGN, ""},
    {"the same, without its key's identifier", IMPOSTOR, KEY_EC,
     {.extension = OID, .text = CODE, .nameless_issuer = true}, TRUST_FOREIGN, TRUST_FOREIGN, ""},
    {"intermediate missing", MIDDLE, KEY_EC, {.extension = OID, .text = CODE},
     TRUST_FOREIGN, TRUST_FOREIGN, ""},
    {"expired", ISSUING, KEY_EC, {.until = NOW - 1, .extension = OID, .text = CODE},
     TRUST_EXPIRED, TRUST_EXPIRED, ""},
    {"valid to this very second", ISSUING, KEY_EC, {.until = NOW + 1, .extension = OID, .text = CODE},
     TRUST_OK, TRUST_OK, CODE},
    {"not yet valid", ISSUING, KEY_EC, {.from = NOW + 1, .extension = OID, .text = CODE},
     TRUST_NOT_YET, TRUST_NOT_YET, ""},
    {"revoked", ISSUING, KEY_EC, {.serial = REVOKED_SERIAL, .extension = OID, .text = CODE},
     TRUST_REVOKED, TRUST_REVOKED, ""},
    {"no list of its CA", SILENT, KEY_EC, {.field = ORGANIZATION, .value = CODE},
     TRUST_NO_CRL, TRUST_OK, CODE},
    {"old list of its CA", STALE, KEY_EC, {.field = ORGANIZATION, .value = CODE},
     TRUST_NO_CRL, TRUST_OK, CODE},
    {"revoked by an old list", STALE, KEY_EC,
     {.serial = REVOKED_SERIAL, .field = ORGANIZATION, .value = CODE}, TRUST_NO_CRL, TRUST_REVOKED, ""},
    {"for servers only", ISSUING, KEY_EC,
     {.extended = "serverAuth", .extension = OID, .text = CODE}, TRUST_USAGE, TRUST_USAGE, ""},
    {"for encryption only", ISSUING, KEY_RSA,
     {.usage = "keyEncipherment", .extension = OID, .text = CODE}, TRUST_USAGE, TRUST_USAGE, ""},
    {"for key agreement only", ISSUING, KEY_EC,
     {.usage = "keyAgreement", .extension = OID, .text = CODE}, TRUST_USAGE, TRUST_USAGE, ""},
    {"a CA's certificate", ISSUING, KEY_EC,
     {.authority = true, .usage = "digitalSignature,keyCertSign", .extension = OID, .text = CODE},
     TRUST_USAGE, TRUST_USAGE, ""},
    {"RSA-1024", ISSUING, KEY_WEAK, {.extension = OID, .text = CODE}, TRUST_WEAK, TRUST_WEAK, ""},
    {"signed with SHA-1", ISSUING, KEY_EC, {.digest = "SHA1", .extension = OID, .text = CODE},
     TRUST_DIGEST, TRUST_DIGEST, ""},
    {"signed with MD5", ISSUING, KEY_EC, {.digest = "MD5", .extension = OID, .text = CODE},
     TRUST_DIGEST, TRUST_DIGEST, ""},
    {"no code", ISSUING, KEY_EC, {.name = "演示企业"}, TRUST_NO_CODE, TRUST_NO_CODE, ""},
    {"wrong check digit", ISSUING, KEY_EC, {.extension = OID, .text = BAD},
     TRUST_NO_CODE, TRUST_NO_CODE, ""},
    {"cut code", ISSUING, KEY_EC, {.extension = OID, .text = "1111000000002113"},
     TRUST_NO_CODE, TRUST_NO_CODE, ""},
    {"code in lower case", ISSUING, KEY_EC, {.extension = OID, .text = "11110000000021135m"},
     TRUST_NO_CODE, TRUST_NO_CODE, ""},
    {"code within a longer run", ISSUING, KEY_EC, {.extension = OID, .text = CODE "0"},
     TRUST_NO_CODE, TRUST_NO_CODE, ""},
    {"code in a field of another issuer", ROOT, KEY_EC, {.extension = OID, .text = CODE},
     TRUST_NO_CODE, TRUST_NO_CODE, ""},
    {"code in a field nobody named", ISSUING, KEY_EC, {.name = CODE},
     TRUST_NO_CODE, TRUST_NO_CODE, ""},
    {"good", ISSUING, KEY_EC, {.extension = OID, .text = CODE}, TRUST_OK, TRUST_OK, CODE},
    {"good, RSA", ISSUING, KEY_RSA, {.extension = OID, .text = CODE}, TRUST_OK, TRUST_OK, CODE},
    {"good, for clients", ISSUING, KEY_EC,
     {.extended = "clientAuth,emailProtection", .extension = OID, .text = CODE},
     TRUST_OK, TRUST_OK, CODE},
    {"good, no word of usage", ISSUING, KEY_EC, {.usage = "-", .extension = OID, .text = CODE},
     TRUST_OK, TRUST_OK, CODE},
    {"good, by the root itself", ROOT, KEY_EC, {.field = ORGANIZATION, .value = CODE},
     TRUST_OK, TRUST_OK, CODE},
    {"prefix SF", ISSUING, KEY_EC, {.extension = OID, .text = "SF" CODE}, TRUST_OK, TRUST_OK, CODE},
    {"prefix 1@5009SF0", ISSUING, KEY_EC, {.extension = OID, .text = "1@5009SF0" CODE},
     TRUST_OK, TRUST_OK, CODE},
    {"a wrong run before the right one", ISSUING, KEY_EC,
     {.extension = OID, .text = BAD "-" CODE "/x"}, TRUST_OK, TRUST_OK, CODE},
    {"second field", ISSUING, KEY_EC, {.extension = OID_2, .text = CODE_2},
     TRUST_OK, TRUST_OK, CODE_2},
    {"organizationIdentifier", ISSUING, KEY_EC,
     {.field = "organizationIdentifier", .value = "NTRCN-" CODE_2}, TRUST_OK, TRUST_OK, CODE_2},
    {"OU", ISSUING, KEY_EC, {.field = "OU", .value = "统一社会信用代码" CODE},
     TRUST_OK, TRUST_OK, CODE},
    {"two rows, one code", ISSUING, KEY_EC,
     {.field = "OU", .value = CODE, .extension = OID, .text = "SF" CODE}, TRUST_OK, TRUST_OK, CODE},
    {"a later row where the earlier has a wrong code", ISSUING, KEY_EC,
     {.field = "OU", .value = CODE_2, .extension = OID, .text = BAD},
     TRUST_OK, TRUST_OK, CODE_2},
    {"two codes", ISSUING, KEY_EC, {.field = "OU", .value = CODE_2, .extension = OID, .text = CODE},
     TRUST_CODES, TRUST_CODES, ""},
};

static void judge_case(struct trust *trust, size_t i, struct bytes der,
                       enum trust_verdict expected)
{
    struct trust_identity identity;
    enum trust_verdict verdict;
    struct err err = {0};

    if (trust_judge(trust, pool, der, TRUST_LOGIN, NOW_MS, &verdict, &identity, &err) < 0)
        fail_msg("%s: %s", cases[i].what, err.text);
    if (verdict != expected)
        fail_msg("%s: %s, not %s", cases[i].what, trust_verdict_name(verdict),
                 trust_verdict_name(expected));
    if (strcmp(identity.uscc, verdict == TRUST_OK ? cases[i].code : "") != 0)
        fail_msg("%s: code %s", cases[i].what, identity.uscc);
    assert_int_equal(strlen(identity.fingerprint), 64);
    /* Of a person of the staff everything holds alike but for the firm's code. */
    if (trust_judge(trust, pool, der, TRUST_STAFF, NOW_MS, &verdict, &identity, &err) < 0)
        fail_msg("%s: %s", cases[i].what, err.text);
    if (verdict != (expected >= TRUST_NO_CODE ? TRUST_OK : expected) || *identity.uscc)
        fail_msg("%s: %s of the staff", cases[i].what, trust_verdict_name(verdict));
}

static void judges_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bytes der = make(cases[i].spec, cases[i].signer, cases[i].key);

        judge_case(strict, i, der, cases[i].strict);
        judge_case(lax, i, der, cases[i].lax);
    }
}

static enum trust_verdict judge(struct trust *trust, struct bytes der)
{
    struct trust_identity identity;
    enum trust_verdict verdict;

    assert_int_equal(
        trust_judge(trust, pool, der, TRUST_LOGIN, NOW_MS, &verdict, &identity, NULL), 0);
    return verdict;
}

static struct bytes good_certificate(void)
{
    return make((struct pki_spec){.extension = OID, .text = CODE}, ISSUING, KEY_EC);
}

/* What is judged of a firm whose certificate brings others along, which end with SELF. */
static const struct {
    const char *what;
    enum signer signer;
    enum signer brought[BROUGHT_MOST];
    enum trust_verdict strict, lax;
} brought_cases[] = {
    {"nobody", MIDDLE, {SELF}, TRUST_FOREIGN, TRUST_FOREIGN},
    {"only the root", MIDDLE, {ROOT, SELF}, TRUST_FOREIGN, TRUST_FOREIGN},
    {"only the lower one", LOWER, {LOWER, SELF}, TRUST_FOREIGN, TRUST_FOREIGN},
    {"a foreign root", UNKNOWN, {UNKNOWN, SELF}, TRUST_FOREIGN, TRUST_FOREIGN},
    {"an impostor", IMPOSTOR, {IMPOSTOR, ROOT, SELF}, TRUST_FOREIGN, TRUST_FOREIGN},
    {"a firm as authority", FIRM, {FIRM, SELF}, TRUST_FOREIGN, TRUST_FOREIGN},
    {"one that has expired", OVER, {OVER, SELF}, TRUST_EXPIRED, TRUST_EXPIRED},
    {"one that is revoked", FALLEN, {FALLEN, SELF}, TRUST_REVOKED, TRUST_REVOKED},
    {"one without a list", LISTLESS, {LISTLESS, SELF}, TRUST_NO_CRL, TRUST_OK},
    {"the one", MIDDLE, {MIDDLE, SELF}, TRUST_OK, TRUST_OK},
    {"both", LOWER, {LOWER, MIDDLE, SELF}, TRUST_OK, TRUST_OK},
    {"both, and more, in disorder", LOWER, {UNKNOWN, MIDDLE, LOWER, SELF}, TRUST_OK, TRUST_OK},
    {"strangers, needlessly", ISSUING, {UNKNOWN, FALLEN, SELF}, TRUST_OK, TRUST_OK},
};

static enum trust_verdict judge_chain(struct trust *trust, const struct bytes *chain, size_t count)
{
    struct trust_identity identity;
    enum trust_verdict verdict;

    assert_int_equal(trust_judge_chain(trust, pool, chain, count, TRUST_LOGIN, NOW_MS, &verdict,
                                       &identity, NULL), 0);
    assert_string_equal(identity.uscc, verdict == TRUST_OK ? CODE : "");
    return verdict;
}

static void judges_what_is_brought(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(brought_cases) / sizeof(*brought_cases); i++) {
        struct bytes chain[1 + BROUGHT_MOST] = {
            make((struct pki_spec){.field = ORGANIZATION, .value = CODE}, brought_cases[i].signer,
                 KEY_EC)};
        size_t count = 1;

        for (const enum signer *one = brought_cases[i].brought; *one != SELF; one++)
            chain[count++] = encoded(authorities[*one].certificate);
        if (judge_chain(strict, chain, count) != brought_cases[i].strict ||
            judge_chain(lax, chain, count) != brought_cases[i].lax)
            fail_msg("%s: %s, %s", brought_cases[i].what,
                     trust_verdict_name(judge_chain(strict, chain, count)),
                     trust_verdict_name(judge_chain(lax, chain, count)));
        chain[count] = (struct bytes){(const uint8_t *)"0", 1};
        assert_int_equal(judge_chain(strict, chain, count + 1), TRUST_BROKEN);
    }
    assert_int_equal(judge_chain(strict, NULL, 0), TRUST_NONE);
}

static void refuses_every_cut(void **state)
{
    struct bytes good = good_certificate();

    (void)state;
    assert_int_equal(judge(strict, (struct bytes){good.data, 0}), TRUST_NONE);
    for (size_t size = 1; size < good.size; size++)
        assert_int_equal(judge(strict, (struct bytes){pool_copy(pool, good.data, size), size}),
                         TRUST_BROKEN);
    assert_int_equal(judge(strict, good), TRUST_OK);
}

static void refuses_every_other_byte(void **state)
{
    struct bytes good = good_certificate();
    uint8_t *copy = pool_copy(pool, good.data, good.size);

    (void)state;
    for (size_t i = 0; i < good.size; i++) {
        copy[i] ^= 1;
        if (judge(lax, (struct bytes){copy, good.size}) == TRUST_OK)
            fail_msg("byte %zu may be changed", i);
        copy[i] ^= 1;
    }
}

static void refuses_garbage(void **state)
{
    struct bytes good = good_certificate();
    uint8_t *longer = pool_alloc(pool, 20000);

    (void)state;
    memcpy(longer, good.data, good.size);
    assert_int_equal(judge(strict, (struct bytes){longer, good.size + 1}), TRUST_BROKEN);
    assert_int_equal(judge(strict, (struct bytes){longer, 20000}), TRUST_BROKEN);
    memset(longer, 0x30, 20000);
    assert_int_equal(judge(strict, (struct bytes){longer, 1000}), TRUST_BROKEN);
}

static char *pem_of(struct bytes der, const char *label)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *copy;
    long size;

    assert_true(PEM_write_bio(bio, label, "", der.data, (long)der.size) > 0);
    size = BIO_get_mem_data(bio, &data);
    copy = pool_text_n(pool, data, (size_t)size);
    BIO_free(bio);
    return copy;
}

/* As nginx escapes: all but letters, digits and -._~ */
static char *escape(const char *text)
{
    struct text out;

    text_init(&out, pool, 1 << 20);
    for (; *text; text++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", *text))
            text_char(&out, *text);
        else
            text_printf(&out, "%%%02X", (unsigned char)*text);
    }
    return out.data;
}

static void judge_escaped(const char *what, const char *escaped, enum trust_verdict expected)
{
    struct trust_identity identity;
    enum trust_verdict verdict;

    assert_int_equal(
        trust_judge_escaped(strict, pool, escaped, TRUST_LOGIN, NOW_MS, &verdict, &identity, NULL), 0);
    if (verdict != expected)
        fail_msg("%s: %s", what, trust_verdict_name(verdict));
    assert_int_equal(*identity.uscc != '\0', verdict == TRUST_OK);
}

static void reads_what_nginx_hands_over(void **state)
{
    struct bytes der = good_certificate();
    char *pem = pem_of(der, "CERTIFICATE"), *good = escape(pem), *flood = pool_alloc(pool, 300001);

    (void)state;
    memset(flood, 'A', 300000);
    judge_escaped("NULL", NULL, TRUST_NONE);
    judge_escaped("empty", "", TRUST_NONE);
    judge_escaped("a word", "certificate", TRUST_BROKEN);
    judge_escaped("a lonely %", "%", TRUST_BROKEN);
    judge_escaped("half an escape", "%4", TRUST_BROKEN);
    judge_escaped("no hexadecimal", "%zz", TRUST_BROKEN);
    judge_escaped("NUL", pool_printf(pool, "%s%%00", good), TRUST_BROKEN);
    judge_escaped("cut escape", pool_printf(pool, "%s%%0", good), TRUST_BROKEN);
    judge_escaped("flood", flood, TRUST_BROKEN);
    judge_escaped("only a head", "-----BEGIN%20CERTIFICATE-----%0A", TRUST_BROKEN);
    judge_escaped("cut", pool_text_n(pool, good, strlen(good) - 40), TRUST_BROKEN);
    judge_escaped("something before", pool_printf(pool, "x%%0A%s", good), TRUST_BROKEN);
    judge_escaped("something behind", pool_printf(pool, "%sx", good), TRUST_BROKEN);
    judge_escaped("two certificates", pool_printf(pool, "%s%s", good, good), TRUST_BROKEN);
    judge_escaped("another label", escape(pem_of(der, "TRUSTED CERTIFICATE")), TRUST_BROKEN);
    judge_escaped("not a certificate",
                  escape(pem_of((struct bytes){(const uint8_t *)"abc", 3}, "CERTIFICATE")),
                  TRUST_BROKEN);
    judge_escaped("encrypted",
                  escape(pool_printf(pool,
                                     "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
                                     "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n%s",
                                     strchr(pem, '\n') + 1)),
                  TRUST_BROKEN);
    judge_escaped("not escaped", pem, TRUST_OK);
    judge_escaped("good", good, TRUST_OK);
}

static void tells_the_identity(void **state)
{
    struct trust_identity identity;
    enum trust_verdict verdict;

    (void)state;
    assert_int_equal(trust_judge(strict, pool,
                                 make((struct pki_spec){.until = NOW - 60}, ISSUING, KEY_EC),
                                 TRUST_LOGIN, NOW_MS, &verdict, &identity, NULL), 0);
    assert_int_equal(verdict, TRUST_EXPIRED);
    assert_string_equal(identity.serial, "1234");
    assert_int_equal(identity.expires_ms, NOW_MS - 60000);
    assert_string_equal(identity.uscc, "");
    assert_string_equal(trust_verdict_name(TRUST_NO_CODE), "no_code");
    assert_string_equal(trust_verdict_name(TRUST_CODES), "codes");
    assert_string_equal(trust_verdict_name((enum trust_verdict)99), "unknown");
}

/* The instant is the caller's, not the machine's. */
static void judges_at_the_given_instant(void **state)
{
    struct bytes good = good_certificate();
    struct trust_identity identity;
    enum trust_verdict verdict;

    (void)state;
    assert_int_equal(trust_judge(lax, pool, good, TRUST_LOGIN, NOW_MS - 2 * DAY * INT64_C(1000),
                                 &verdict, &identity, NULL), 0);
    assert_int_equal(verdict, TRUST_NO_CRL);
    assert_int_equal(trust_judge(lax, pool, good, TRUST_LOGIN, NOW_MS + 2 * DAY * INT64_C(1000),
                                 &verdict, &identity, NULL), 0);
    assert_int_equal(verdict, TRUST_EXPIRED);
}

/* A file's time is set by hand: two writes may fall into one tick of the clock. */
static void touch(const char *name, long second)
{
    struct timespec times[2] = {{.tv_sec = second}, {.tv_sec = second}};

    assert_int_equal(utimensat(AT_FDCWD, paper_path(name), times, 0), 0);
}

static void takes_up_new_lists(void **state)
{
    struct bytes certificate =
        make((struct pki_spec){.serial = 77, .extension = OID, .text = CODE}, ISSUING, KEY_EC);
    struct trust *trust = NULL;

    (void)state;
    write_lists("changing.pem", 0);
    touch("changing.pem", 1000);
    assert_int_equal(open_trust("changing.pem", true, &trust, NULL), 0);
    assert_int_equal(judge(trust, certificate), TRUST_OK);
    write_lists("changing.pem", 77);
    touch("changing.pem", 2000);
    assert_int_equal(judge(trust, certificate), TRUST_REVOKED);
    paper_write("changing.pem", (struct bytes){(const uint8_t *)"-----BEGIN X509 CRL-----\n", 25});
    touch("changing.pem", 3000);
    assert_int_equal(judge(trust, certificate), TRUST_REVOKED);
    assert_int_equal(unlink(paper_path("changing.pem")), 0);
    assert_int_equal(judge(trust, certificate), TRUST_REVOKED);
    write_lists("changing.pem", 0);
    touch("changing.pem", 4000);
    assert_int_equal(judge(trust, certificate), TRUST_OK);
    trust_free(&trust);
    assert_null(trust);
}

/* A list that the named authority did not sign counts for nothing. */
static void refuses_forged_lists(void **state)
{
    X509_CRL *forged = pki_crl(&authorities[IMPOSTOR], NOW - DAY, NOW + DAY, 0);
    struct trust *trust = NULL;

    (void)state;
    pki_write_crls(paper_path("forged.pem"), forged, NULL);
    X509_CRL_free(forged);
    assert_int_equal(open_trust("forged.pem", true, &trust, NULL), 0);
    assert_int_equal(judge(trust, good_certificate()), TRUST_NO_CRL);
    trust_free(&trust);
    assert_int_equal(open_trust("forged.pem", false, &trust, NULL), 0);
    assert_int_equal(judge(trust, good_certificate()), TRUST_NO_CRL);
    trust_free(&trust);
}

static void works_without_lists(void **state)
{
    struct trust *trust = NULL;

    (void)state;
    assert_int_equal(open_trust(NULL, false, &trust, NULL), 0);
    assert_int_equal(judge(trust, good_certificate()), TRUST_OK);
    trust_free(&trust);
}

static void expect_no_trust(const char *what, const char *authorities_name, const char *lists,
                            bool required, const struct config_entry *codes)
{
    struct trust_settings settings = {
        .authorities = pool_text(pool, paper_path(authorities_name)),
        .revocations = lists ? pool_text(pool, paper_path(lists)) : NULL,
        .revocations_required = required,
        .firm_code = codes,
    };
    struct trust *trust = NULL;
    struct err err = {0};

    if (trust_open(&settings, &trust, &err) == 0)
        fail_msg("taken: %s", what);
    if (err.kind != ERR_CONFIG)
        fail_msg("%s: %s", what, err.text);
    assert_null(trust);
}

static void refuses_wrong_files(void **state)
{
    struct pki_spec spec = {.name = "x", .usage = USAGE, .from = 0, .until = NOW, .serial = 1};
    struct pki leaf = pki_make(&spec, borrow(keys[KEY_EC]), &authorities[ROOT]);
    const char *broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

    (void)state;
    pki_write_certificates(paper_path("leaf.pem"), authorities[ROOT].certificate,
                           leaf.certificate, NULL);
    pki_free(&leaf);
    paper_write("empty.pem", (struct bytes){(const uint8_t *)"", 0});
    paper_write("broken.pem", (struct bytes){(const uint8_t *)broken, strlen(broken)});
    expect_no_trust("no authorities", "none.pem", NULL, false, firm_code);
    expect_no_trust("empty authorities", "empty.pem", NULL, false, firm_code);
    expect_no_trust("broken authorities", "broken.pem", NULL, false, firm_code);
    expect_no_trust("a firm among the authorities", "leaf.pem", NULL, false, firm_code);
    expect_no_trust("no lists' file", "authorities.pem", "none.pem", false, firm_code);
    expect_no_trust("empty lists", "authorities.pem", "empty.pem", false, firm_code);
    expect_no_trust("lists required, none named", "authorities.pem", NULL, true, firm_code);
}

static void refuses_wrong_tables(void **state)
{
    static struct config_entry tables[][3] = {
        {{"1.Issuer", "*", NULL}, {"2.Field", OID, NULL},          {"2.Issuer", "*", NULL}},
        {{"1.Field", OID, NULL},  {"2.Field", OID, NULL},          {"2.Issuer", "*", NULL}},
        {{"1.Issuer", "*", NULL}, {"1.Field", "nonsense", NULL},   {"2.Issuer", "*", NULL}},
        {{"1.Issuer", "*", NULL}, {"1.Field", "1.2.x", NULL},      {"2.Issuer", "*", NULL}},
        {{"x.Issuer", "*", NULL}, {"x.Field", OID, NULL},          {"2.Issuer", "*", NULL}},
        {{"Issuer", "*", NULL},   {"Field", OID, NULL},            {"2.Issuer", "*", NULL}},
        {{"1.Issuer", "*", NULL}, {"1.Field", OID, NULL},          {"1.Other", "*", NULL} },
        {{"1.Issuer", "", NULL},  {"1.Field", OID, NULL},          {"1.Field", OID, NULL} },
    };

    (void)state;
    expect_no_trust("no table", "authorities.pem", NULL, false, NULL);
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        link_entries(tables[i], 3);
        expect_no_trust(tables[i][1].value, "authorities.pem", NULL, false, tables[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_the_table),
        cmocka_unit_test(judges_what_is_brought),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(refuses_every_other_byte),
        cmocka_unit_test(refuses_garbage),
        cmocka_unit_test(reads_what_nginx_hands_over),
        cmocka_unit_test(tells_the_identity),
        cmocka_unit_test(judges_at_the_given_instant),
        cmocka_unit_test(takes_up_new_lists),
        cmocka_unit_test(refuses_forged_lists),
        cmocka_unit_test(works_without_lists),
        cmocka_unit_test(refuses_wrong_files),
        cmocka_unit_test(refuses_wrong_tables),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
