/* Answers of OCSP responders: every way in which one can be none, and the three things it can say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/err.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/seal/ocsp.h"
#include "tests/core/seal/answer.h"

enum { HOUR = 3600, DAY = 24 * HOUR, REVOKED_DELEGATE = 66 };

#define NOW    INT64_C(1767240000)
#define NOW_MS (NOW * 1000)

#define GOOD    V_OCSP_CERTSTATUS_GOOD
#define REVOKED V_OCSP_CERTSTATUS_REVOKED

/* ROOT stands in the store, CA below it issued FIRM and OTHER_FIRM. The delegates of CA: DELEGATE, and
 * PLAIN, which may not answer, OLD, which has expired, FALLEN, which is revoked, SPARED, too, but
 * nobody is to look. COUSIN is a delegate of ROOT, STRANGER of an impostor with CA's name. */
enum who { ROOT, CA, IMPOSTOR, FIRM, OTHER_FIRM, DELEGATE, PLAIN, OLD, FALLEN, SPARED, COUSIN,
           STRANGER, SHORT, SM2_CA, SM2_FIRM, SM2_DELEGATE, PEOPLE };

static const struct {
    enum who issuer; /* itself: self-signed */
    struct pki_spec spec;
} people_specs[PEOPLE] = {
    [ROOT] = {ROOT, {.name = "root", .authority = true}},
    [CA] = {ROOT, {.name = "ca", .authority = true}},
    [IMPOSTOR] = {IMPOSTOR, {.name = "ca", .authority = true}},
    [FIRM] = {CA, {.name = "firm"}},
    [OTHER_FIRM] = {CA, {.name = "other"}},
    [DELEGATE] = {CA, {.name = "delegate", .extended = "OCSPSigning"}},
    [PLAIN] = {CA, {.name = "plain"}},
    [OLD] = {CA, {.name = "old", .extended = "OCSPSigning", .until = NOW - 1}},
    [FALLEN] = {CA, {.name = "fallen", .extended = "OCSPSigning", .serial = REVOKED_DELEGATE}},
    [SPARED] = {CA, {.name = "spared", .extended = "OCSPSigning", .serial = REVOKED_DELEGATE,
                     .unchecked = true}},
    [COUSIN] = {ROOT, {.name = "cousin", .extended = "OCSPSigning"}},
    [STRANGER] = {IMPOSTOR, {.name = "delegate", .extended = "OCSPSigning"}},
    [SHORT] = {CA, {.name = "short", .extended = "OCSPSigning"}},
    [SM2_CA] = {SM2_CA, {.name = "sm2 ca", .authority = true}},
    [SM2_FIRM] = {SM2_CA, {.name = "sm2 firm"}},
    [SM2_DELEGATE] = {SM2_CA, {.name = "sm2 delegate", .extended = "OCSPSigning",
                               .unchecked = true}},
};

static struct pool *pool;
static struct pki people[PEOPLE];
static X509_STORE *store;
static struct ocsp_question question;

static struct pki make(enum who who)
{
    struct pki_spec spec = people_specs[who].spec;
    enum who issuer = people_specs[who].issuer;
    EVP_PKEY *key = who == SHORT ? pki_rsa(1024) : who >= SM2_CA ? pki_sm2() : pki_ec();

    spec.from = NOW - 9 * DAY;
    spec.until = spec.until ? spec.until : NOW + 9 * DAY;
    spec.serial = spec.serial ? spec.serial : 100 + (long)who;
    spec.usage = spec.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
    return pki_make(&spec, key, issuer == who ? NULL : &people[issuer]);
}

static int set_up(void **state)
{
    struct err err = {0};
    X509_CRL *list;

    (void)state;
    pool = pool_new(1 << 20, 0);
    for (enum who who = 0; who < PEOPLE; who++)
        people[who] = make(who);
    list = pki_crl(&people[CA], NOW - DAY, NOW + DAY, REVOKED_DELEGATE);
    store = X509_STORE_new();
    X509_STORE_add_cert(store, people[ROOT].certificate);
    X509_STORE_add_cert(store, people[SM2_CA].certificate);
    X509_STORE_add_crl(store, list);
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CRL_CHECK |
                                    X509_V_FLAG_CRL_CHECK_ALL);
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store), 2);
    X509_CRL_free(list);
    if (ocsp_question_open(&question, pool, people[FIRM].certificate, people[CA].certificate,
                           &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ocsp_question_close(&question);
    X509_STORE_free(store);
    for (enum who who = 0; who < PEOPLE; who++)
        pki_free(&people[who]);
    pool_free(&pool);
    return 0;
}

static int64_t until_ms;

static enum ocsp_verdict judge(struct bytes answer)
{
    enum ocsp_verdict verdict = ocsp_judge(&question, store, answer, NOW_MS, &until_ms);

    assert_int_equal(ERR_peek_error(), 0);
    return verdict;
}

/* An answer whose empty members are usual; its signer and whom it speaks of are named apart. */
static struct bytes make_answer(struct answer_spec spec, enum who signer, enum who asked)
{
    spec.signer = &people[signer];
    spec.asked = &people[asked];
    spec.issuer = &people[people_specs[asked].issuer];
    spec.this_update = spec.this_update ? spec.this_update : NOW - HOUR / 2;
    return answer_encode(pool, &spec, question.request);
}

/* FIRM is 0 in no table: it is asked about where nothing else is said. */
static const struct {
    const char *what;
    enum who signer, asked;
    struct answer_spec spec;
    enum ocsp_verdict verdict;
} cases[] = {
    {"tryLater", CA, FIRM, {.response_status = OCSP_RESPONSE_STATUS_TRYLATER}, OCSP_DECLINED},
    {"unauthorized", CA, FIRM, {.response_status = OCSP_RESPONSE_STATUS_UNAUTHORIZED},
     OCSP_DECLINED},
    {"a critical extension", CA, FIRM, {.critical = true}, OCSP_BROKEN},
    {"by an impostor of the issuer", IMPOSTOR, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by the same, unnamed", IMPOSTOR, FIRM, {.bare = true}, OCSP_FORGED},
    {"by the firm itself", FIRM, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by another firm", OTHER_FIRM, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by one that may not answer", PLAIN, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by a delegate that expired", OLD, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by a delegate that is revoked", FALLEN, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by a delegate of the root", COUSIN, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by the root", ROOT, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by a delegate of an impostor", STRANGER, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by a delegate with RSA-1024", SHORT, FIRM, {.status = GOOD}, OCSP_FORGED},
    {"by a delegate, not inside", DELEGATE, FIRM, {.bare = true}, OCSP_FORGED},
    {"with SHA-1", CA, FIRM, {.digest = "SHA1"}, OCSP_FORGED},
    {"another nonce", CA, FIRM, {.nonce = NONCE_OTHER}, OCSP_REPLAYED},
    {"about another firm", CA, OTHER_FIRM, {.status = GOOD}, OCSP_OTHER},
    {"of tomorrow", CA, FIRM, {.this_update = NOW + DAY, .next_update = NOW + 2 * DAY}, OCSP_STALE},
    {"of yesterday", CA, FIRM, {.this_update = NOW - DAY, .next_update = NOW - HOUR}, OCSP_STALE},
    {"old, without an end", CA, FIRM, {.this_update = NOW - 2 * HOUR}, OCSP_STALE},
    {"ends before it begins", CA, FIRM,
     {.this_update = NOW + 60, .next_update = NOW - 60}, OCSP_STALE},
    {"unknown", CA, FIRM, {.status = V_OCSP_CERTSTATUS_UNKNOWN}, OCSP_UNKNOWN},
    {"revoked", CA, FIRM, {.status = REVOKED, .next_update = NOW + HOUR}, OCSP_REVOKED},
    {"revoked, by a delegate", DELEGATE, FIRM, {.status = REVOKED}, OCSP_REVOKED},
    {"good", CA, FIRM, {.status = GOOD, .next_update = NOW + HOUR}, OCSP_GOOD},
    {"good, without an end", CA, FIRM, {.status = GOOD}, OCSP_GOOD},
    {"good, without a nonce", CA, FIRM, {.nonce = NONCE_NONE}, OCSP_GOOD},
    {"good, by key", CA, FIRM, {.by_key = true}, OCSP_GOOD},
    {"good, the issuer not inside", CA, FIRM, {.bare = true}, OCSP_GOOD},
    {"good, by a delegate", DELEGATE, FIRM, {.status = GOOD}, OCSP_GOOD},
    {"good, by a delegate's key", DELEGATE, FIRM, {.by_key = true}, OCSP_GOOD},
    {"good, by a delegate nobody looks up", SPARED, FIRM, {.status = GOOD}, OCSP_GOOD},
    {"good, a clock ahead", CA, FIRM, {.this_update = NOW + 120}, OCSP_GOOD},
    {"good, a clock behind", CA, FIRM, {.next_update = NOW - 120}, OCSP_GOOD},
};

static void judges_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bytes answer = make_answer(cases[i].spec, cases[i].signer, cases[i].asked);
        enum ocsp_verdict verdict = judge(answer);

        if (verdict != cases[i].verdict)
            fail_msg("%s: %s, not %s", cases[i].what, ocsp_verdict_name(verdict),
                     ocsp_verdict_name(cases[i].verdict));
    }
}

static void says_when_it_runs_out(void **state)
{
    (void)state;
    judge(make_answer((struct answer_spec){.next_update = NOW + HOUR}, CA, FIRM));
    assert_int_equal(until_ms, (NOW + HOUR) * 1000);
    judge(make_answer((struct answer_spec){.this_update = NOW - 60}, CA, FIRM));
    assert_int_equal(until_ms, (NOW - 60) * 1000 + OCSP_FRESH_MS);
}

static void refuses_garbage(void **state)
{
    struct bytes good = make_answer((struct answer_spec){.status = GOOD}, DELEGATE, FIRM);
    uint8_t *longer = pool_alloc(pool, OCSP_ANSWER_LIMIT + 1);

    (void)state;
    assert_int_equal(judge((struct bytes){NULL, 0}), OCSP_BROKEN);
    for (size_t size = 1; size < good.size; size++)
        assert_int_equal(judge((struct bytes){pool_copy(pool, good.data, size), size}),
                         OCSP_BROKEN);
    memcpy(longer, good.data, good.size);
    assert_int_equal(judge((struct bytes){longer, good.size + 1}), OCSP_BROKEN);
    assert_int_equal(judge((struct bytes){longer, OCSP_ANSWER_LIMIT + 1}), OCSP_BROKEN);
    memset(longer, 0x30, OCSP_ANSWER_LIMIT);
    assert_int_equal(judge((struct bytes){longer, OCSP_ANSWER_LIMIT}), OCSP_BROKEN);
}

/* No byte of what was signed may be changed. */
static void refuses_every_other_byte(void **state)
{
    struct bytes good = make_answer((struct answer_spec){.status = REVOKED}, CA, FIRM);
    uint8_t *copy = pool_copy(pool, good.data, good.size);
    struct bytes changed = {copy, good.size};

    (void)state;
    for (size_t i = 0; i < good.size; i++) {
        copy[i] ^= 1;
        if (judge(changed) == OCSP_GOOD)
            fail_msg("byte %zu makes it good", i);
        copy[i] ^= 1;
    }
    assert_int_equal(judge(good), OCSP_REVOKED);
}

static void judges_sm2(void **state)
{
    struct ocsp_question rsa = question;
    struct err err = {0};

    (void)state;
    assert_int_equal(ocsp_question_open(&question, pool, people[SM2_FIRM].certificate,
                                        people[SM2_CA].certificate, &err), 0);
    assert_int_equal(judge(make_answer((struct answer_spec){0}, CA, SM2_FIRM)), OCSP_FORGED);
    assert_int_equal(judge(make_answer((struct answer_spec){0}, SM2_FIRM, SM2_FIRM)), OCSP_FORGED);
    assert_int_equal(judge(make_answer((struct answer_spec){.status = REVOKED}, SM2_CA, SM2_FIRM)),
                     OCSP_REVOKED);
    assert_int_equal(judge(make_answer((struct answer_spec){0}, SM2_CA, SM2_FIRM)), OCSP_GOOD);
    assert_int_equal(judge(make_answer((struct answer_spec){0}, SM2_DELEGATE, SM2_FIRM)), OCSP_GOOD);
    ocsp_question_close(&question);
    question = rsa;
}

/* RFC 9654: at least 32 bytes, another one each time. */
static void asks_with_a_fresh_nonce(void **state)
{
    struct ocsp_question other;
    int at = OCSP_REQUEST_get_ext_by_NID(question.request, NID_id_pkix_OCSP_Nonce, -1);
    X509_EXTENSION *nonce = OCSP_REQUEST_get_ext(question.request, at);

    (void)state;
    assert_non_null(nonce);
    assert_int_equal(ASN1_STRING_length(X509_EXTENSION_get_data(nonce)), 2 + 32);
    assert_int_equal(ocsp_question_open(&other, pool, people[FIRM].certificate,
                                        people[CA].certificate, NULL), 0);
    assert_int_equal(other.der.size, question.der.size);
    assert_memory_not_equal(other.der.data, question.der.data, question.der.size);
    ocsp_question_close(&other);
}

static void names_its_verdicts(void **state)
{
    (void)state;
    assert_string_equal(ocsp_verdict_name(OCSP_UNASKED), "unasked");
    assert_string_equal(ocsp_verdict_name(OCSP_STALE), "stale");
    assert_string_equal(ocsp_verdict_name((enum ocsp_verdict)99), "no such verdict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_the_table),      cmocka_unit_test(says_when_it_runs_out),
        cmocka_unit_test(refuses_garbage),       cmocka_unit_test(refuses_every_other_byte),
        cmocka_unit_test(judges_sm2),            cmocka_unit_test(asks_with_a_fresh_nonce),
        cmocka_unit_test(names_its_verdicts),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
