/* Timestamps: every mistake of an authority has its own cause, and what OpenSSL makes is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <openssl/ts.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/seal/timestamp.h"
#include "tests/core/seal/authority.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { YEAR = 365 * 24 * 3600 };

static struct pool *pool;
static struct timestamp_trust *trust;
static struct pki root, tsa, rsa, lax, both, unknown, none, server, encipher, weak_key, small_curve,
    weak_link, foreign_root, foreign, alone, expired, future, twin, other;
static const uint8_t nonce[TIMESTAMP_NONCE_SIZE] = {0x41, 1, 2, 3, 4, 5, 6, 7};
static struct timestamp_question question;

static struct pki_spec tsa_spec(void)
{
    int64_t now = time(NULL);

    return (struct pki_spec){.name = "演示时间戳",
                             .usage = "critical,digitalSignature",
                             .extended = "critical,timeStamping",
                             .from = now - YEAR,
                             .until = now + YEAR,
                             .serial = 7};
}

static struct pki with_usage(const char *usage, const char *extended)
{
    struct pki_spec spec = tsa_spec();

    spec.usage = usage;
    spec.extended = extended;
    return pki_make(&spec, pki_ec(), &root);
}

static struct pki within(int64_t from, int64_t until)
{
    struct pki_spec spec = tsa_spec();

    spec.from = from;
    spec.until = until;
    return pki_make(&spec, pki_ec(), &root);
}

static struct pki make_root(const char *name)
{
    struct pki_spec spec = tsa_spec();

    spec.name = name;
    spec.usage = "critical,keyCertSign,cRLSign";
    spec.extended = NULL;
    spec.authority = true;
    spec.serial = 1;
    return pki_make(&spec, pki_ec(), NULL);
}

static void make_all(void)
{
    static const char usage[] = "critical,digitalSignature";
    struct pki_spec spec = tsa_spec();
    int64_t now = time(NULL);

    root = make_root("演示根");
    foreign_root = make_root("演示根");
    tsa = pki_make(&spec, pki_ec(), &root);
    rsa = pki_make(&spec, pki_rsa(2048), &root);
    weak_key = pki_make(&spec, pki_rsa(1024), &root);
    small_curve = pki_make(&spec, pki_ec_on("P-224"), &root);
    foreign = pki_make(&spec, pki_ec(), &foreign_root);
    alone = pki_make(&spec, pki_ec(), NULL);
    spec.digest = "SHA1";
    weak_link = pki_make(&spec, pki_ec(), &root);
    lax = with_usage(usage, "timeStamping");
    both = with_usage(usage, "critical,timeStamping,emailProtection");
    unknown = with_usage(usage, "critical,timeStamping,1.2.3.4.5");
    none = with_usage(usage, NULL);
    server = with_usage(usage, "critical,serverAuth");
    encipher = with_usage("critical,keyEncipherment", "critical,timeStamping");
    expired = within(now - YEAR, now - 60);
    future = within(now + 60, now + YEAR);
    /* Of the same name and number as the authority: only the signing-certificate tells them apart. */
    spec = tsa_spec();
    twin = pki_make(&spec, pki_ec(), &root);
    spec.name = "别的时间戳";
    spec.serial = 8;
    other = pki_make(&spec, pki_ec(), &root);
}

static int set_up(void **state)
{
    struct err err = {0};

    (void)state;
    pool = pool_new(1 << 20, 0);
    make_all();
    pki_write_certificates(paper_path("authorities.pem"), root.certificate, NULL);
    if (timestamp_trust_open(paper_path("authorities.pem"), &trust, &err) < 0)
        fail_msg("%s", err.text);
    question = (struct timestamp_question){.imprint = {1, 2, 3},
                                           .nonce = {nonce, sizeof(nonce)},
                                           .policy = "1.2.3.4.1",
                                           .from_ms = clock_now_ms() - 60000,
                                           .until_ms = clock_now_ms() + 600000};
    return 0;
}

static int tear_down(void **state)
{
    struct pki *all[] = {&root,     &tsa,         &rsa,       &lax,          &both,    &unknown,
                         &none,     &server,      &encipher,  &weak_key,     &expired, &small_curve,
                         &future,   &weak_link,   &twin,      &foreign_root, &other,   &foreign,
                         &alone};

    (void)state;
    for (size_t i = 0; i < COUNT(all); i++)
        pki_free(all[i]);
    timestamp_trust_free(&trust);
    timestamp_trust_free(&trust);
    pool_free(&pool);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    pool_reset(pool);
    return 0;
}

static enum timestamp_verdict judge(struct bytes token, const struct timestamp_question *asked)
{
    enum timestamp_verdict verdict;
    struct timestamp timestamp;
    struct err err = {0};

    if (timestamp_judge(trust, token, asked, &verdict, &timestamp, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(verdict != TIMESTAMP_OK || (timestamp.time_ms > 0 && timestamp.authority[0] &&
                                            strlen(timestamp.fingerprint) == 64));
    return verdict;
}

static void refuses_mistakes(void **state)
{
    const int64_t now = time(NULL);
    const struct {
        const char *what;
        enum timestamp_verdict verdict;
        struct authority_mistake mistake;
    } rows[] = {
        {"other content",          TIMESTAMP_BROKEN,         {.content_type = "1.2.840.113549.1.7.1"}},
        {"no content",             TIMESTAMP_BROKEN,         {.detached = true}                      },
        {"version 2",              TIMESTAMP_BROKEN,         {.version = 2}                          },
        {"byte behind the content",TIMESTAMP_BROKEN,         {.trailing = true}                      },
        {"critical extension",     TIMESTAMP_BROKEN,         {.extension = true}                     },
        {"time of no zone",        TIMESTAMP_BROKEN,         {.time = "20260101000000"}              },
        {"time of another zone",   TIMESTAMP_BROKEN,         {.time = "20260101000000+0800"}         },
        {"time without seconds",   TIMESTAMP_BROKEN,         {.time = "202601010000Z"}               },
        {"no time",                TIMESTAMP_BROKEN,         {.time = "2026130100x000Z"}             },
        {"no signed attributes",   TIMESTAMP_BROKEN,         {.no_attributes = true}                 },
        {"unsigned attribute",     TIMESTAMP_BROKEN,         {.unsigned_attribute = true}            },
        {"many certificates",      TIMESTAMP_BROKEN,         {.others = 16}                          },
        {"two signers",            TIMESTAMP_SIGNERS,        {.second = &other}                      },
        {"of something else",      TIMESTAMP_OTHER,          {.other_imprint = true}                 },
        {"said to be SM3",         TIMESTAMP_OTHER,          {.imprint_name = "SM3"}                 },
        {"said to be SHA3-256",    TIMESTAMP_OTHER,          {.imprint_name = "SHA3-256"}            },
        {"another nonce",          TIMESTAMP_NONCE,          {.other_nonce = true}                   },
        {"no nonce",               TIMESTAMP_NONCE,          {.no_nonce = true}                      },
        {"another policy",         TIMESTAMP_POLICY,         {.policy = "1.2.3.4.2"}                 },
        {"a minute too early",     TIMESTAMP_CLOCK,          {.time_s = now - 120}                   },
        {"an hour too late",       TIMESTAMP_CLOCK,          {.time_s = now + 3600}                  },
        {"no certificate",         TIMESTAMP_NO_CERTIFICATE, {.no_certificates = true}               },
        {"another's certificate",  TIMESTAMP_NO_CERTIFICATE,
         {.no_certificates = true, .extra = other.certificate}                                       },
        {"names nobody",           TIMESTAMP_NO_CERTIFICATE, {.no_name = true}                       },
        {"names another",          TIMESTAMP_NO_CERTIFICATE, {.named = other.certificate}            },
        {"names its twin",         TIMESTAMP_NO_CERTIFICATE, {.named = twin.certificate}             },
        {"names its twin, inside", TIMESTAMP_NO_CERTIFICATE,
         {.named = other.certificate, .extra = other.certificate}                                    },
        {"names another, SHA-1",   TIMESTAMP_NO_CERTIFICATE,
         {.named = other.certificate, .old_name = true}                                              },
        {"names another besides",  TIMESTAMP_NO_CERTIFICATE,
         {.named_too = other.certificate, .extra = other.certificate}                                },
        {"SHA-1",                  TIMESTAMP_WEAK,           {.digest = "SHA1"}                      },
        {"SHA-224",                TIMESTAMP_WEAK,           {.digest = "SHA224"}                    },
        {"RSA of 1024 bits",       TIMESTAMP_WEAK,           {.signer = &weak_key}                   },
        {"P-224",                  TIMESTAMP_WEAK,           {.signer = &small_curve}                },
        {"certificate by SHA-1",   TIMESTAMP_WEAK,           {.signer = &weak_link}                  },
        {"usage not critical",     TIMESTAMP_USAGE,          {.signer = &lax}                        },
        {"mail as well",           TIMESTAMP_USAGE,          {.signer = &both}                       },
        {"what nobody knows too",  TIMESTAMP_USAGE,          {.signer = &unknown}                    },
        {"for all usages",         TIMESTAMP_USAGE,          {.signer = &none}                       },
        {"for TLS",                TIMESTAMP_USAGE,          {.signer = &server}                     },
        {"key for encryption",     TIMESTAMP_USAGE,          {.signer = &encipher}                   },
        {"another's name",         TIMESTAMP_USAGE,          {.tsa = root.certificate}               },
        {"value spoilt",           TIMESTAMP_FORGED,         {.spoilt_value = true}                  },
        {"content spoilt",         TIMESTAMP_FORGED,         {.spoilt_content = true}                },
        {"expired",                TIMESTAMP_DATES,          {.signer = &expired}                    },
        {"not yet valid",          TIMESTAMP_DATES,          {.signer = &future}                     },
        {"foreign root",           TIMESTAMP_FOREIGN,        {.signer = &foreign}                    },
        {"foreign root, inside",   TIMESTAMP_FOREIGN,
         {.signer = &foreign, .extra = foreign_root.certificate}                                     },
        {"self-signed",            TIMESTAMP_FOREIGN,        {.signer = &alone}                      },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes token = authority_token(pool, &tsa, &question, &rows[i].mistake);
        enum timestamp_verdict verdict = judge(token, &question);

        if (verdict != rows[i].verdict)
            fail_msg("%s: %s", rows[i].what, timestamp_verdict_name(verdict));
    }
}

static void takes_good_ones(void **state)
{
    const struct authority_mistake rows[] = {
        {0},
        {.signer = &rsa},
        {.digest = "SHA384"},
        {.signer = &rsa, .digest = "SHA512"},
        {.old_name = true},
        {.tsa = tsa.certificate},
        {.extra = root.certificate},
        {.others = 15},
        {.time_s = question.from_ms / 1000 + 1},
        {.time_s = question.until_ms / 1000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum timestamp_verdict verdict =
            judge(authority_token(pool, &tsa, &question, &rows[i]), &question);

        if (verdict != TIMESTAMP_OK)
            fail_msg("row %zu: %s", i, timestamp_verdict_name(verdict));
    }
}

/* A fraction of the second is let be, and what the question leaves open is not looked at. */
static void looks_at_what_was_asked_only(void **state)
{
    struct timestamp_question open = {.imprint = {1, 2, 3}};
    const time_t then = time(NULL) - YEAR / 2;
    char text[32];
    const struct authority_mistake old = {.time = text, .policy = "1.2.3.9", .no_nonce = true};

    strftime(text, sizeof(text), "%Y%m%d%H%M%S.678Z", gmtime(&then));
    struct bytes token = authority_token(pool, &tsa, &question, &old);
    enum timestamp_verdict verdict;
    struct timestamp timestamp;

    (void)state;
    assert_int_equal(timestamp_judge(trust, token, &open, &verdict, &timestamp, NULL), 0);
    assert_int_equal(verdict, TIMESTAMP_OK);
    assert_int_equal(timestamp.time_ms, (int64_t)then * 1000);
    assert_string_equal(timestamp.authority, "演示时间戳");
    open.imprint[31] ^= 1;
    assert_int_equal(judge(token, &open), TIMESTAMP_OTHER);
}

/* At the time of the token, not at that of the judgement. */
static void judges_dates_at_the_time_told(void **state)
{
    const struct authority_mistake then = {.signer = &expired, .time_s = time(NULL) - 3600};
    const struct timestamp_question open = {.imprint = {1, 2, 3}};

    (void)state;
    assert_int_equal(judge(authority_token(pool, &tsa, &question, &then), &open), TIMESTAMP_OK);
}

static void refuses_every_cut_and_addition(void **state)
{
    struct bytes token =
        authority_token(pool, &tsa, &question, &(struct authority_mistake){0});
    uint8_t *copy = pool_alloc(pool, token.size + 1);

    (void)state;
    memcpy(copy, token.data, token.size);
    for (size_t size = 0; size < token.size; size++)
        if (judge((struct bytes){copy, size}, &question) != TIMESTAMP_BROKEN)
            fail_msg("cut after %zu bytes", size);
    assert_int_equal(judge((struct bytes){copy, token.size + 1}, &question), TIMESTAMP_BROKEN);
    assert_int_equal(judge((struct bytes){copy, TIMESTAMP_LIMIT + 1}, &question), TIMESTAMP_BROKEN);
}

/* What nobody signs and nobody reads: the versions of the CMS and its signer, the list of digests,
 * and the heads of certificates and attributes. */
static bool is_idle(struct bytes token, size_t at)
{
    static const uint8_t version[] = {2, 1};

    return (at > 24 && at < 41) || token.data[at] == 0xa0 ||
           (at > 2 && memcmp(token.data + at - 2, version, 2) == 0);
}

static void refuses_every_other_byte(void **state)
{
    struct bytes token =
        authority_token(pool, &tsa, &question, &(struct authority_mistake){0});
    uint8_t *copy = pool_copy(pool, token.data, token.size);

    (void)state;
    for (size_t i = 0; i < token.size; i++) {
        copy[i] ^= 0x20;
        if (judge((struct bytes){copy, token.size}, &question) == TIMESTAMP_OK &&
            !is_idle(token, i))
            fail_msg("byte %zu may be changed", i);
        copy[i] ^= 0x20;
    }
    assert_int_equal(judge((struct bytes){copy, token.size}, &question), TIMESTAMP_OK);
}

static void refuses_wrong_files_of_authorities(void **state)
{
    struct timestamp_trust *none_trusted;
    struct err err = {0};

    (void)state;
    assert_int_equal(timestamp_trust_open("/nonexistent", &none_trusted, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    paper_write("empty.pem", (struct bytes){(const uint8_t *)"", 0});
    assert_int_equal(timestamp_trust_open(paper_path("empty.pem"), &none_trusted, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(none_trusted);
}

/* An authority in the file need not be a root. */
static void believes_an_authority_below_a_root(void **state)
{
    struct pki_spec spec = tsa_spec();
    struct timestamp_trust *below;
    enum timestamp_verdict verdict;
    struct timestamp timestamp;
    struct bytes token;

    (void)state;
    spec.name = "演示签发";
    spec.usage = "critical,keyCertSign";
    spec.extended = NULL;
    spec.authority = true;
    struct pki middle = pki_make(&spec, pki_ec(), &root);
    spec = tsa_spec();
    struct pki leaf = pki_make(&spec, pki_ec(), &middle);
    pki_write_certificates(paper_path("middle.pem"), middle.certificate, NULL);
    assert_int_equal(timestamp_trust_open(paper_path("middle.pem"), &below, NULL), 0);
    token = authority_token(pool, &leaf, &question, &(struct authority_mistake){0});
    assert_int_equal(timestamp_judge(below, token, &question, &verdict, &timestamp, NULL), 0);
    assert_int_equal(verdict, TIMESTAMP_OK);
    assert_int_equal(judge(token, &question), TIMESTAMP_FOREIGN);
    token = authority_token(pool, &leaf, &question,
                            &(struct authority_mistake){.extra = middle.certificate});
    assert_int_equal(judge(token, &question), TIMESTAMP_OK);
    timestamp_trust_free(&below);
    pki_free(&middle);
    pki_free(&leaf);
}

static void refuses_wrong_answers(void **state)
{
    struct bytes token =
        authority_token(pool, &tsa, &question, &(struct authority_mistake){0});
    static const uint8_t rejected[] = {0x30, 9, 0x30, 7, 2, 1, 2, 3, 2, 5, 0x20};
    static const uint8_t two[] = {0x30, 1, 5, 0x30, 1, 5};
    const struct bytes twice = {two, sizeof(two)};
    struct bytes good = authority_answer(pool, 0, token), found;
    const struct {
        const char *what;
        struct bytes answer;
        const char *word;
    } rows[] = {
        {"nothing", {rejected, 0}, "no answer of"},
        {"HTML", {(const uint8_t *)"<html></html>", 13}, "no answer of"},
        {"the token alone", token, "no answer of"},
        {"empty", {(const uint8_t *)"\x30\0", 2}, "no answer of"},
        {"no status", {(const uint8_t *)"\x30\2\x30\0", 4}, "no status"},
        {"no length", {(const uint8_t *)"\x30\x80\x30\3\2\1\0\0\0", 9}, "no answer of"},
        {"rejected", {rejected, sizeof(rejected)}, "status 2"},
        {"waiting", authority_answer(pool, 3, token), "status 3"},
        {"revoked", authority_answer(pool, 5, token), "status 5"},
        {"granted nothing", authority_answer(pool, 0, (struct bytes){rejected, 0}), "one token"},
        {"granted two", authority_answer(pool, 0, twice), "one token"},
        {"cut", {good.data, good.size - 1}, "no answer of"},
        {"more behind", {good.data, good.size + 1}, "no answer of"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err err = {0};
        int result = timestamp_answer(rows[i].answer, &found, &err);

        if (result == 0)
            fail_msg("%s was taken", rows[i].what);
        if (err.kind != ERR_UNAVAILABLE || !strstr(err.text, rows[i].word))
            fail_msg("%s: %s", rows[i].what, err.text);
    }
    for (int status = 0; status < 2; status++) {
        assert_int_equal(timestamp_answer(authority_answer(pool, status, token), &found, NULL), 0);
        assert_int_equal(found.size, token.size);
        assert_memory_equal(found.data, token.data, token.size);
    }
}

/* Our question, OpenSSL's answer, our judgement. */
static void understands_openssl(void **state)
{
    const struct pki *const signers[] = {&tsa, &rsa};
    struct bytes request, token;
    struct err err = {0};

    (void)state;
    assert_int_equal(timestamp_ask(pool, &question, &request, &err), 0);
    for (size_t i = 0; i < COUNT(signers); i++) {
        struct bytes answer = authority_openssl(pool, signers[i], root.certificate, request);

        if (timestamp_answer(answer, &token, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(judge(token, &question), TIMESTAMP_OK);
    }
}

/* Another policy than its own OpenSSL refuses, and says so. */
static void asks_what_it_is_told(void **state)
{
    struct timestamp_question asked = question;
    struct bytes request, token;
    struct err err = {0};
    const unsigned char *end;
    TS_REQ *read;

    (void)state;
    asked.policy = "1.2.3.4.2";
    assert_int_equal(timestamp_ask(pool, &asked, &request, &err), 0);
    end = request.data;
    read = d2i_TS_REQ(NULL, &end, (long)request.size);
    assert_non_null(read);
    assert_int_equal(TS_REQ_get_version(read), 1);
    assert_true(TS_REQ_get_cert_req(read));
    TS_REQ_free(read);
    struct bytes answer = authority_openssl(pool, &tsa, root.certificate, request);
    assert_int_equal(timestamp_answer(answer, &token, &err), -1);
    assert_non_null(strstr(err.text, "status 2"));
    asked.policy = "";
    assert_int_equal(timestamp_ask(pool, &asked, &request, &err), 0);
    asked.policy = "not an OID";
    assert_int_equal(timestamp_ask(pool, &asked, &request, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(refuses_mistakes, forget),
        cmocka_unit_test_teardown(refuses_every_cut_and_addition, forget),
        cmocka_unit_test_teardown(refuses_every_other_byte, forget),
        cmocka_unit_test_teardown(refuses_wrong_answers, forget),
        cmocka_unit_test_teardown(refuses_wrong_files_of_authorities, forget),
        cmocka_unit_test_teardown(takes_good_ones, forget),
        cmocka_unit_test_teardown(looks_at_what_was_asked_only, forget),
        cmocka_unit_test_teardown(judges_dates_at_the_time_told, forget),
        cmocka_unit_test_teardown(believes_an_authority_below_a_root, forget),
        cmocka_unit_test_teardown(understands_openssl, forget),
        cmocka_unit_test_teardown(asks_what_it_is_told, forget),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
