/* Revocation lists: what is refused, what takes whose place, and how the file is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "core/seal/crl.h"
#include "core/seal/openssl.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

enum { DAY = 24 * 3600 };

#define NOW    INT64_C(1767240000)
#define NOW_MS (NOW * 1000)

/* ROOT, ISSUING and SM2 are our authorities; ISSUING names where its issuer's list is. MUTE may not
 * sign lists. IMPOSTOR has ISSUING's name, STRANGER a name of its own. */
enum who { ROOT, ISSUING, SM2, MUTE, IMPOSTOR, STRANGER, PEOPLE };

static struct pool *pool;
static struct pki people[PEOPLE];
static struct crl_book *book;
static struct crl_authorities authorities;
static const char *file;

static struct pki make(const char *name, EVP_PKEY *key, const char *usage, const char *points)
{
    struct pki_spec spec = {.name = name, .usage = usage, .from = NOW - 9 * DAY,
                            .until = NOW + 99 * DAY, .serial = 1, .authority = true,
                            .points = points};

    return pki_make(&spec, key, NULL);
}

static int set_up(void **state)
{
    static const char usage[] = "critical,keyCertSign,cRLSign";

    (void)state;
    pool = pool_new(1 << 20, 0);
    people[ROOT] = make("根", pki_ec(), usage, NULL);
    people[ISSUING] = make("签发", pki_rsa(2048), usage,
                           "URI:http://crl.example/a.crl,URI:ldap://crl.example/x,"
                           "URI:https://crl.example/b.crl,URI:http://crl.example/a.crl");
    people[SM2] = make("国密", pki_sm2(), usage, NULL);
    people[MUTE] = make("无权", pki_ec(), "critical,keyCertSign", NULL);
    people[IMPOSTOR] = make("签发", pki_ec(), usage, NULL);
    people[STRANGER] = make("他人", pki_ec(), usage, NULL);
    authorities.files[0] = pool_text(pool, paper_path("authorities.pem"));
    file = pool_text(pool, paper_path("lists.pem"));
    pki_write_certificates(authorities.files[0], people[ROOT].certificate, people[ISSUING].certificate,
                           people[SM2].certificate, people[MUTE].certificate, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (enum who who = 0; who < PEOPLE; who++)
        pki_free(&people[who]);
    pool_free(&pool);
    return 0;
}

static void reopen(void)
{
    struct err err = {0};

    crl_free(&book);
    if (crl_open(&authorities, file, &book, &err) < 0)
        fail_msg("%s", err.text);
}

static int begin(void **state)
{
    (void)state;
    unlink(file);
    reopen();
    return 0;
}

static int end(void **state)
{
    (void)state;
    crl_free(&book);
    return 0;
}

/* What a list is like; empty members are usual. */
struct spec {
    int64_t from, until;
    long number;         /* 0: none */
    long revoked;
    const char *digest;
    const char *critical; /* an extension by its name in openssl.cnf, and its value */
    const char *value;
};

static struct bytes encoded(X509_CRL *list)
{
    uint8_t *out = NULL;
    int size = i2d_X509_CRL(list, &out);
    struct bytes der = {pool_copy(pool, out, (size_t)size), (size_t)size};

    assert_true(size > 0);
    OPENSSL_free(out);
    X509_CRL_free(list);
    return der;
}

static void add_extension(X509_CRL *list, const char *name, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, NULL, name, value);

    assert_non_null(extension);
    assert_true(X509_CRL_add_ext(list, extension, -1));
    X509_EXTENSION_free(extension);
}

static struct bytes make_list(enum who who, struct spec spec)
{
    X509_CRL *list = pki_crl(&people[who], spec.from ? spec.from : NOW - DAY,
                             spec.until ? spec.until : NOW + DAY, spec.revoked);
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    EVP_MD_CTX *signing = pki_signing(people[who].key, spec.digest);

    ASN1_INTEGER_set(number, spec.number);
    if (spec.number)
        assert_true(X509_CRL_add1_ext_i2d(list, NID_crl_number, number, 0, 0));
    if (spec.critical)
        add_extension(list, spec.critical, spec.value);
    assert_true(X509_CRL_sign_ctx(list, signing) > 0);
    EVP_MD_CTX_free(signing);
    ASN1_INTEGER_free(number);
    return encoded(list);
}

static struct crl_line line;

static enum crl_verdict take(struct bytes list)
{
    enum crl_verdict verdict = crl_take(book, pool, list, NOW_MS, &line);

    assert_int_equal(ERR_peek_error(), 0);
    return verdict;
}

static void refuses_the_table(void **state)
{
    static const struct {
        const char *what;
        enum who who;
        struct spec spec;
        enum crl_verdict verdict;
    } cases[] = {
        {"a stranger's", STRANGER, {.number = 1}, CRL_FOREIGN},
        {"an impostor's", IMPOSTOR, {.number = 1}, CRL_FORGED},
        {"of one who may not", MUTE, {.number = 1}, CRL_FORGED},
        {"SHA-1", ISSUING, {.number = 1, .digest = "SHA1"}, CRL_WEAK},
        {"of tomorrow", ISSUING, {.from = NOW + DAY, .until = NOW + 2 * DAY}, CRL_NOT_YET},
        {"over", ISSUING, {.from = NOW - 2 * DAY, .until = NOW - 1}, CRL_EXPIRED},
        {"a delta", ISSUING, {.critical = "2.5.29.27", .value = "critical,ASN1:INTEGER:1"}, CRL_PARTIAL},
        {"indirect", ISSUING,
         {.critical = "issuingDistributionPoint", .value = "critical,indirectCRL:TRUE"},
         CRL_PARTIAL},
        {"unknown and critical", ISSUING,
         {.critical = "1.2.3.4", .value = "critical,ASN1:UTF8String:x"}, CRL_BROKEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        enum crl_verdict verdict = take(make_list(cases[i].who, cases[i].spec));

        if (verdict != cases[i].verdict)
            fail_msg("%s: %s, not %s", cases[i].what, crl_verdict_name(verdict),
                     crl_verdict_name(cases[i].verdict));
    }
    assert_int_equal(crl_count(book), 0);
    assert_int_equal(crl_write(book, file, NULL), 0);
    assert_int_not_equal(access(file, F_OK), 0);
}

static void refuses_garbage(void **state)
{
    struct bytes good = make_list(ROOT, (struct spec){.number = 1});
    uint8_t *longer = pool_alloc(pool, good.size + 1);

    (void)state;
    assert_int_equal(take((struct bytes){NULL, 0}), CRL_BROKEN);
    assert_int_equal(take((struct bytes){(const uint8_t *)"-----BEGIN X", 12}), CRL_BROKEN);
    assert_int_equal(take((struct bytes){(const uint8_t *)"<html>", 6}), CRL_BROKEN);
    for (size_t size = 1; size < good.size; size++)
        assert_int_equal(take((struct bytes){pool_copy(pool, good.data, size), size}), CRL_BROKEN);
    memcpy(longer, good.data, good.size);
    assert_int_equal(take((struct bytes){longer, good.size + 1}), CRL_BROKEN);
    assert_int_equal(crl_count(book), 0);
}

static void refuses_every_other_byte(void **state)
{
    struct bytes good = make_list(SM2, (struct spec){.number = 1});
    uint8_t *copy = pool_copy(pool, good.data, good.size);

    (void)state;
    for (size_t i = 0; i < good.size; i++) {
        copy[i] ^= 1;
        if (take((struct bytes){copy, good.size}) <= CRL_SAME)
            fail_msg("byte %zu may be changed", i);
        copy[i] ^= 1;
    }
}

static void takes_each_kind(void **state)
{
    struct bytes der = make_list(ROOT, (struct spec){.number = 0x1a});

    (void)state;
    assert_int_equal(take(der), CRL_NEW);
    assert_string_equal(line.issuer, "CN=根");
    assert_string_equal(line.number, "1A");
    assert_int_equal(line.this_ms, (NOW - DAY) * 1000);
    assert_int_equal(line.next_ms, (NOW + DAY) * 1000);
    assert_int_equal(take(make_list(ISSUING, (struct spec){.number = 0})), CRL_NEW);
    assert_string_equal(line.number, "");
    assert_int_equal(take(make_list(SM2, (struct spec){.number = 3})), CRL_NEW);
    assert_int_equal(take(der), CRL_SAME);
    assert_int_equal(crl_count(book), 3);
}

static void takes_pem(void **state)
{
    struct bytes der = make_list(ROOT, (struct spec){.number = 1});
    const unsigned char *at = der.data;
    X509_CRL *list = d2i_X509_CRL(NULL, &at, (long)der.size);
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    long size;

    (void)state;
    assert_true(PEM_write_bio_X509_CRL(bio, list));
    size = BIO_get_mem_data(bio, &text);
    assert_int_equal(take((struct bytes){(const uint8_t *)text, (size_t)size}), CRL_NEW);
    BIO_free(bio);
    X509_CRL_free(list);
}

/* Which of two lists of one authority counts. */
static void never_goes_back(void **state)
{
    static const struct {
        struct spec old, list;
        enum crl_verdict verdict;
    } cases[] = {
        {{.number = 7}, {.number = 6}, CRL_BACK},
        {{.number = 256}, {.number = 255}, CRL_BACK},
        {{.number = 7}, {.number = 0, .from = NOW}, CRL_BACK},
        {{.number = 0, .from = NOW - 60}, {.number = 0, .from = NOW - 120}, CRL_BACK},
        {{.number = 7}, {.number = 8}, CRL_NEW},
        {{.number = 7}, {.number = 7, .revoked = 5}, CRL_NEW},
        {{.number = 0}, {.number = 1}, CRL_NEW},
        {{.number = 0, .from = NOW - 120}, {.number = 0, .from = NOW - 60}, CRL_NEW},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        end(state);
        begin(state);
        assert_int_equal(take(make_list(ISSUING, cases[i].old)), CRL_NEW);
        if (take(make_list(ISSUING, cases[i].list)) != cases[i].verdict)
            fail_msg("row %zu", i);
        assert_int_equal(crl_count(book), 1);
    }
}

static void keeps_scopes_apart(void **state)
{
    struct spec users = {.number = 5, .critical = "issuingDistributionPoint",
                         .value = "critical,onlyuser:TRUE"};

    (void)state;
    assert_int_equal(take(make_list(ISSUING, (struct spec){.number = 9})), CRL_NEW);
    assert_int_equal(take(make_list(ISSUING, users)), CRL_NEW);
    assert_int_equal(crl_count(book), 2);
    users.number = 6;
    assert_int_equal(take(make_list(ISSUING, users)), CRL_NEW);
    assert_int_equal(crl_count(book), 2);
}

static void writes_a_file_that_is_read_again(void **state)
{
    struct stat status;
    const char **names;

    (void)state;
    assert_int_equal(crl_without(book, pool, &names), 4);
    take(make_list(ROOT, (struct spec){.number = 1}));
    take(make_list(ISSUING, (struct spec){.number = 1}));
    assert_int_equal(crl_write(book, file, NULL), 0);
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_int_equal(chmod(file, 0640), 0);
    reopen();
    assert_int_equal(crl_count(book), 2);
    crl_look(book, pool, 1, &line);
    assert_string_equal(line.issuer, "CN=签发");
    assert_false(line.fresh);
    assert_int_equal(crl_without(book, pool, &names), 2);
    assert_string_equal(names[0], "CN=国密");
    take(make_list(ISSUING, (struct spec){.number = 2}));
    crl_look(book, pool, 1, &line);
    assert_true(line.fresh);
    assert_int_equal(crl_write(book, file, NULL), 0);
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    reopen();
    crl_look(book, pool, 1, &line);
    assert_string_equal(line.number, "02");
    assert_int_not_equal(access(pool_printf(pool, "%s.new", file), F_OK), 0);
}

/* Whoever is no CA only tells where lists are, be it one who may sign any by its key usage. */
static void knows_several_files(void **state)
{
    struct pki_spec spec = {.name = "印章", .usage = "digitalSignature,cRLSign", .from = NOW - DAY,
                            .until = NOW + DAY, .serial = 9, .points = "URI:http://seal.example/c.crl"};
    struct pki leaf = pki_make(&spec, pki_ec(), &people[STRANGER]);
    struct crl_authorities several = {{authorities.files[0], "", NULL}};
    X509_CRL *list = pki_crl(&leaf, NOW - DAY, NOW + DAY, 3);
    struct err err = {0};
    struct crl_line told;
    const char **texts;
    size_t before;

    (void)state;
    before = crl_without(book, pool, &texts);
    several.files[2] = pool_text(pool, paper_path("seal.pem"));
    pki_write_certificates(several.files[2], leaf.certificate, people[STRANGER].certificate,
                           people[ROOT].certificate, NULL);
    crl_free(&book);
    if (crl_open(&several, file, &book, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(take(make_list(STRANGER, (struct spec){.number = 1})), CRL_NEW);
    assert_int_equal(take(make_list(ISSUING, (struct spec){.number = 1})), CRL_NEW);
    assert_int_equal(crl_take(book, pool, encoded(list), NOW_MS, &told), CRL_FOREIGN);
    assert_int_equal(crl_urls(book, pool, &texts), 3);
    assert_string_equal(texts[2], "http://seal.example/c.crl");
    assert_int_equal(crl_without(book, pool, &texts), before - 1);
    pki_free(&leaf);
    several.files[1] = "/nowhere/ca.pem";
    assert_int_equal(crl_open(&several, file, &book, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void leaves_a_broken_file_alone(void **state)
{
    struct err err = {0};
    struct crl_book *other = NULL;

    (void)state;
    paper_write("lists.pem", (struct bytes){(const uint8_t *)"nonsense", 8});
    assert_int_equal(crl_open(&authorities, file, &other, &err), -1);
    assert_null(other);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_int_equal(crl_write(book, "/nowhere/lists.pem", &err), 0);
    take(make_list(ROOT, (struct spec){.number = 1}));
    assert_int_equal(crl_write(book, "/nowhere/lists.pem", &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
}

static void append(const char *text, size_t size)
{
    FILE *to = fopen(file, "ab");

    assert_non_null(to);
    assert_int_equal(fwrite(text, 1, size, to), size);
    assert_int_equal(fclose(to), 0);
}

/* Of a damaged file: the whole lists of it, and it is written anew when one has come. */
static void salvages_what_is_whole(void **state)
{
    struct bytes again = make_list(ISSUING, (struct spec){.number = 7});
    static const char *const damages[] = {
        "-----BEGIN X509 CRL-----\nMIIB", "-----BEGIN X509 CRL-----\nnone\n-----END X509 CRL-----\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
        struct bytes whole;
        struct err err = {0};
        bool damaged;

        unlink(file);
        reopen();
        take(make_list(ROOT, (struct spec){.number = 4}));
        take(again);
        assert_int_equal(crl_write(book, file, NULL), 0);
        assert_int_equal(file_read(pool, file, 1 << 20, &whole, &err), 0);
        /* In the midst, and at the end. */
        unlink(file);
        append(damages[i], strlen(damages[i]));
        append((const char *)whole.data, whole.size);
        append(damages[i], strlen(damages[i]) - 9);
        crl_free(&book);
        assert_int_equal(crl_open(&authorities, file, &book, &err), -1);
        assert_int_equal(crl_salvage(&authorities, file, &book, &damaged, &err), 0);
        assert_true(damaged);
        assert_int_equal(crl_count(book), 2);
        /* Nothing has come: it stays as it is. */
        assert_int_equal(crl_write(book, file, NULL), 0);
        assert_int_equal(take(make_list(ROOT, (struct spec){.number = 3})), CRL_BACK);
        assert_int_equal(crl_write(book, file, NULL), 0);
        crl_free(&book);
        assert_int_equal(crl_salvage(&authorities, file, &book, &damaged, &err), 0);
        assert_true(damaged);
        assert_int_equal(take(again), CRL_SAME);
        assert_int_equal(crl_write(book, file, NULL), 0);
        crl_free(&book);
        assert_int_equal(crl_salvage(&authorities, file, &book, &damaged, &err), 0);
        assert_false(damaged);
        assert_int_equal(crl_count(book), 2);
        crl_look(book, pool, 0, &line);
        assert_string_equal(line.number, "04");
    }
}

static void finds_addresses(void **state)
{
    const char **urls;

    (void)state;
    assert_int_equal(crl_urls(book, pool, &urls), 2);
    assert_string_equal(urls[0], "http://crl.example/a.crl");
    assert_string_equal(urls[1], "https://crl.example/b.crl");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(refuses_the_table),  CASE(refuses_garbage),
        CASE(refuses_every_other_byte), CASE(takes_each_kind),
        CASE(takes_pem),          CASE(never_goes_back),
        CASE(keeps_scopes_apart), CASE(writes_a_file_that_is_read_again),
        CASE(knows_several_files), CASE(leaves_a_broken_file_alone), CASE(salvages_what_is_whole),
        CASE(finds_addresses),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
