/* The verifier: every forgery of the corpus refused with its own cause, every genuine file taken,
 * and what it says about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/seal/seals.h"
#include "tests/core/seal/forgery.h"
#include "tests/core/seal/paper.h"

static struct pool *pool;
static struct workshop w;

static struct verify_result judge_with(const struct verifier *verifier, struct bytes file)
{
    struct verify_result result;
    struct err err = {0};

    if (verify_file(verifier, pool, file, w.now_ms, NULL, NULL, &result, &err) < 0)
        fail_msg("%s", err.text);
    return result;
}

static struct verify_result judge(struct bytes file)
{
    const struct verifier verifier = workshop_verifier(&w);

    return judge_with(&verifier, file);
}

static void refuses_forgeries(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < forgery_count; i++) {
        const struct forgery *f = &forgeries[i];
        const struct verify_result result = judge(f->make(&w, f));

        if (result.verdict == f->expected && *result.cause)
            continue;
        print_error("%s: %s: %s (%s) instead of %s\n", f->attack, f->name,
                    verify_verdict_name(result.verdict), result.cause,
                    verify_verdict_name(f->expected));
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void takes_genuine_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < genuine_count; i++) {
        const struct genuine *g = &genuines[i];
        const struct verify_result result = judge(g->make(&w, g));

        if (result.verdict != VERIFY_GENUINE || result.signer != g->signer)
            fail_msg("%s: %s (%s)", g->name, verify_verdict_name(result.verdict), result.cause);
        assert_string_equal(result.level, strstr(g->name, "stamped") ? "B-T" : "B-B");
        assert_int_equal(result.stamped, strstr(g->name, "stamped") != NULL);
        assert_int_equal(result.stamped_ms != 0, result.stamped);
        assert_string_equal(result.stamper, result.stamped ? "演示时间戳" : "");
        assert_string_equal(result.reason, paper_request.reason);
        assert_string_equal(result.location, paper_request.location);
        assert_int_equal(result.signed_ms, (w.now_ms - 60000) / 1000 * 1000);
        assert_int_equal(strlen(result.identity.fingerprint), 64);
        assert_string_equal(result.identity.uscc,
                            g->signer == VERIFY_FIRM ? WORKSHOP_CODE : "");
        assert_string_equal(result.name,
                            g->signer == VERIFY_FIRM ? "演示企业" : paper_request.name);
        assert_int_equal(result.record, VERIFY_NOT_ASKED);
        assert_string_equal(result.cause, "");
    }
}

/* What is on record: nothing, everything, or the one hash. */
struct record {
    const char *hash;
    int answer;
    int asked;
};

static int look_up(void *context, const uint8_t hash[32], struct err *err)
{
    struct record *record = context;
    char hex[65];

    hex_encode(hash, 32, hex);
    record->asked++;
    if (record->answer < 0)
        return err_set(err, ERR_DB, 0, "away");
    return strcmp(hex, record->hash) == 0 ? record->answer : 0;
}

static struct verify_result judge_recorded(struct bytes file, struct record *record)
{
    const struct verifier verifier = workshop_verifier(&w);
    struct verify_result result;

    if (verify_file(&verifier, pool, file, w.now_ms, look_up, record, &result, NULL) < 0)
        fail_msg("not judged");
    assert_int_equal(record->asked, 1);
    return result;
}

static void asks_for_the_hash(void **state)
{
    const struct verifier verifier = workshop_verifier(&w);
    struct bytes file = workshop_seal(&w, w.rsa, workshop_paper(&w, "", ""), 0);
    uint8_t *changed = pool_copy(pool, file.data, file.size);
    struct verify_result result = judge(file);
    struct record known = {result.hash, 1, 0}, unknown = {"", 1, 0}, away = {"", -1, 0};
    struct record forged = {"", 1, 0};
    uint8_t hash[32];
    char hex[65];
    struct err err = {0};

    (void)state;
    sha256(file.data, file.size, hash);
    hex_encode(hash, sizeof(hash), hex);
    assert_string_equal(result.hash, hex);
    result = judge_recorded(file, &known);
    assert_int_equal(result.verdict, VERIFY_GENUINE);
    assert_int_equal(result.record, VERIFY_RECORDED);
    result = judge_recorded(file, &unknown);
    assert_int_equal(result.verdict, VERIFY_UNRECORDED);
    assert_int_equal(result.record, VERIFY_NO_RECORD);
    assert_int_equal(result.signer, VERIFY_AUTHORITY);
    changed[file.size - 1] = ' ';
    result = judge_recorded((struct bytes){changed, file.size}, &forged);
    assert_int_equal(result.verdict, VERIFY_TRAILING);
    assert_int_equal(result.record, VERIFY_NO_RECORD);
    assert_int_equal(verify_file(&verifier, pool, file, w.now_ms, look_up, &away, &result, &err),
                     -1);
    assert_int_equal(err.kind, ERR_DB);
}

/* Who is not asked about is not believed. */
static void believes_whom_it_is_told(void **state)
{
    struct bytes sealed = workshop_seal(&w, w.rsa, workshop_paper(&w, "", ""), STAMP_GOOD);
    struct bytes form = workshop_sign(&w, workshop_paper(&w, "", ""), FIRM_RSA, BY_RULE);
    const struct verifier nobody = {NULL, NULL, NULL}, seals = {w.seals, NULL, NULL};
    const struct verifier firms = {NULL, w.trust, w.stamps};
    struct verify_result result;

    (void)state;
    assert_int_equal(judge_with(&nobody, sealed).verdict, VERIFY_UNTRUSTED);
    assert_int_equal(judge_with(&nobody, form).verdict, VERIFY_UNTRUSTED);
    assert_int_equal(judge_with(&seals, form).verdict, VERIFY_UNTRUSTED);
    assert_int_equal(judge_with(&firms, sealed).verdict, VERIFY_UNTRUSTED);
    assert_int_equal(judge_with(&firms, form).verdict, VERIFY_GENUINE);
    result = judge_with(&seals, sealed);
    assert_int_equal(result.verdict, VERIFY_GENUINE);
    assert_true(result.stamped);
    assert_int_equal(result.stamped_ms, 0);
    assert_string_equal(result.level, "B-B");
}

static struct bytes form_make(bool stamped)
{
    const struct seal_prepared prepared = workshop_prepare(&w, workshop_paper(&w, "", ""), true);
    struct bytes cms = workshop_cms(&w, &prepared, FIRM_P256, BY_RULE);

    return workshop_fill(&w, &prepared, stamped ? workshop_stamp(&w, cms, STAMP_GOOD) : cms);
}

/* Signed a minute ago, stamped fifty seconds ago. */
static void looks_at_lists_of_today(void **state)
{
    static const struct {
        int seconds;
        bool revoked, stamped, recorded;
        enum trust_verdict verdict;
    } rows[] = {
        {-3600, false, false, false, TRUST_OK     },
        {-30,   false, false, false, TRUST_OK     },
        {-3600, true,  false, false, TRUST_REVOKED},
        {-3600, true,  true,  false, TRUST_REVOKED},
        {-3600, true,  false, true,  TRUST_REVOKED},
        {-55,   true,  true,  false, TRUST_REVOKED},
        {-30,   true,  false, false, TRUST_REVOKED},
        {-30,   true,  true,  false, TRUST_OK     },
        {-30,   true,  false, true,  TRUST_OK     },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct trust *trust = workshop_trust(&w, rows[i].seconds, rows[i].revoked);
        const struct verifier verifier = {w.seals, trust, w.stamps};
        struct bytes form = form_make(rows[i].stamped);
        const struct verify_result plain = judge(form);
        struct record record = {plain.hash, 1, 0};
        struct verify_result result;

        assert_int_equal(verify_file(&verifier, pool, form, w.now_ms,
                                     rows[i].recorded ? look_up : NULL, &record, &result, NULL),
                         0);
        if (result.trusted != rows[i].verdict ||
            (result.verdict == VERIFY_GENUINE) != (rows[i].verdict == TRUST_OK))
            fail_msg("row %zu: %s", i, trust_verdict_name(result.trusted));
        trust_free(&trust);
    }
}

enum { STAMPER_SERIAL = 21, SEAL_SERIAL = 7, NO_REASON = -1, DAY = 24 * 3600 };

/* A verifier that reads lists about the seal and about its time-stamps' authority. */
static struct verifier listed(int64_t from, long seal, long stamper, int reason)
{
    const char *path = paper_path("seal-lists.pem");
    X509_CRL *of_seals = pki_crl_for(&w.issuing, from, from + DAY, seal, reason);
    X509_CRL *of_stampers = pki_crl_for(&w.stampers, from, from + DAY, stamper, reason);
    static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", "1.2.3", NULL}};
    const struct trust_settings firms = {
        .authorities = paper_path("firms.pem"), .revocations = "", .firm_code = codes};
    const struct verifier_settings settings = {.seal = paper_path("rsa.pem"),
                                               .former_seals = paper_path("p256.pem"),
                                               .revocations = path,
                                               .firms = &firms,
                                               .stamps = paper_path("stampers.pem")};
    struct verifier verifier;
    struct err err = {0};

    pki_write_crls(path, of_seals, of_stampers, NULL);
    X509_CRL_free(of_seals);
    X509_CRL_free(of_stampers);
    if (verifier_open(&settings, &verifier, &err) < 0)
        fail_msg("%s", err.text);
    return verifier;
}

/* Sealed a minute ago, stamped fifty seconds ago; the lists are of `seconds` before or after now. */
static void looks_at_lists_of_seals(void **state)
{
    static const struct {
        int seconds;
        long seal, stamper;
        int reason;
        bool stamped, recorded;
        enum verify_verdict verdict;
        const char *cause;
    } rows[] = {
        {-3600, 0, 0, NO_REASON, false, false, VERIFY_GENUINE, ""},
        {-30, 0, 0, NO_REASON, true, false, VERIFY_GENUINE, ""},
        {-3 * DAY, 0, 0, NO_REASON, true, false, VERIFY_GENUINE, ""}, /* stale */
        /* The seal's certificate. */
        {-3600, SEAL_SERIAL, 0, NO_REASON, false, true, VERIFY_UNTRUSTED, "revoked"},
        {-30, SEAL_SERIAL, 0, NO_REASON, false, false, VERIFY_UNTRUSTED, "revoked"},
        {-30, SEAL_SERIAL, 0, CRL_REASON_SUPERSEDED, false, false, VERIFY_UNTRUSTED, "revoked"},
        {-30, SEAL_SERIAL, 0, CRL_REASON_KEY_COMPROMISE, false, true, VERIFY_GENUINE, ""},
        {-30, SEAL_SERIAL, 0, CRL_REASON_KEY_COMPROMISE, true, false, VERIFY_GENUINE, ""},
        {-55, SEAL_SERIAL, 0, NO_REASON, true, false, VERIFY_UNTRUSTED, "revoked"},
        /* The time-stamp's. */
        {-3600, 0, STAMPER_SERIAL, CRL_REASON_SUPERSEDED, true, true, VERIFY_TIMESTAMP, "revoked"},
        {-30, 0, STAMPER_SERIAL, CRL_REASON_SUPERSEDED, true, false, VERIFY_GENUINE, ""},
        {-30, 0, STAMPER_SERIAL, CRL_REASON_UNSPECIFIED, true, false, VERIFY_GENUINE, ""},
        {-30, 0, STAMPER_SERIAL, CRL_REASON_KEY_COMPROMISE, true, false, VERIFY_TIMESTAMP, "revoked"},
        {-30, 0, STAMPER_SERIAL, NO_REASON, true, false, VERIFY_TIMESTAMP, "revoked"},
        {-30, 0, STAMPER_SERIAL, NO_REASON, true, true, VERIFY_GENUINE, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct verifier verifier = listed(w.now_ms / 1000 + rows[i].seconds, rows[i].seal,
                                          rows[i].stamper, rows[i].reason);
        struct bytes file = workshop_seal(&w, w.rsa, workshop_paper(&w, "", ""),
                                          rows[i].stamped ? STAMP_GOOD : 0);
        const struct verify_result plain = judge(file);
        struct record record = {plain.hash, 1, 0};
        struct verify_result result;
        enum trust_verdict today;

        assert_int_equal(seals_today(verifier.seals, w.now_ms, &today, NULL), 0);
        assert_int_equal(today, rows[i].seal ? TRUST_REVOKED : TRUST_OK);
        assert_int_equal(verify_file(&verifier, pool, file, w.now_ms,
                                     rows[i].recorded ? look_up : NULL, &record, &result, NULL),
                         0);
        if (result.verdict != rows[i].verdict || !strstr(result.cause, rows[i].cause))
            fail_msg("row %zu: %s (%s)", i, verify_verdict_name(result.verdict), result.cause);
        verifier_close(&verifier);
    }
}

static void names_verdicts(void **state)
{
    (void)state;
    for (int i = 0; i <= VERIFY_UNRECORDED; i++) {
        assert_true(*verify_verdict_text((enum verify_verdict)i));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(verify_verdict_name((enum verify_verdict)i),
                                    verify_verdict_name((enum verify_verdict)k));
    }
    assert_string_equal(verify_verdict_name((enum verify_verdict)99), "unknown");
}

/* A verdict that no forgery has met would be a rule that nobody tried. */
static void meets_every_verdict(void **state)
{
    bool met[VERIFY_UNRECORDED] = {[VERIFY_GENUINE] = true};

    (void)state;
    for (size_t i = 0; i < forgery_count; i++)
        met[forgeries[i].expected] = true;
    for (int i = 0; i < VERIFY_UNRECORDED; i++)
        if (!met[i])
            fail_msg("%s: no forgery", verify_verdict_name((enum verify_verdict)i));
}

static void reads_files_of_seals(void **state)
{
    struct seals *seals = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(seals_open(paper_path("none.pem"), "", &seals, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_int_equal(seals_open(paper_path("rsa.pem"), paper_path("none.pem"), &seals, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_int_equal(seals_open(paper_path("firms.pem"), "", &seals, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(seals);
    seals_free(&seals);
}

/* The same certificate at other instants; alone it stands for itself. */
static void judges_seals_at_their_time(void **state)
{
    static const struct {
        int64_t days;
        enum trust_verdict verdict;
    } rows[] = {
        {-1,   TRUST_NOT_YET},
        {0,    TRUST_OK     },
        {364,  TRUST_OK     },
        {366,  TRUST_EXPIRED},
        {1000, TRUST_EXPIRED},
    };
    const char *alone = paper_path("alone.pem");
    uint8_t *out = NULL;
    struct bytes chain[1] = {{0}};
    struct trust_identity identity;
    enum trust_verdict verdict;
    struct seals *seals;
    struct err err = {0};

    (void)state;
    pki_write_certificates(alone, w.seal_rsa.certificate, NULL);
    assert_int_equal(seals_open(alone, "", &seals, &err), 0);
    chain[0].size = (size_t)i2d_X509(w.seal_rsa.certificate, &out);
    chain[0].data = out;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(seals_judge(seals, chain, 1, w.now_ms + rows[i].days * 24 * 3600 * 1000,
                                     false, &verdict, &identity, &err),
                         1);
        assert_int_equal(verdict, rows[i].verdict);
        assert_string_equal(identity.serial, "07");
    }
    /* Its CA is not inside, but in the file of the seal. */
    assert_int_equal(seals_judge(w.seals, chain, 1, w.now_ms, true, &verdict, &identity, &err), 1);
    assert_int_equal(verdict, TRUST_OK);
    chain[0].size--;
    assert_int_equal(seals_judge(seals, chain, 1, w.now_ms, true, &verdict, &identity, &err), 0);
    assert_int_equal(seals_judge(seals, chain, 0, w.now_ms, true, &verdict, &identity, &err), 0);
    OPENSSL_free(out);
    seals_free(&seals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_forgeries),
        cmocka_unit_test(takes_genuine_files),
        cmocka_unit_test(meets_every_verdict),
        cmocka_unit_test(names_verdicts),
        cmocka_unit_test(asks_for_the_hash),
        cmocka_unit_test(believes_whom_it_is_told),
        cmocka_unit_test(looks_at_lists_of_today),
        cmocka_unit_test(looks_at_lists_of_seals),
        cmocka_unit_test(reads_files_of_seals),
        cmocka_unit_test(judges_seals_at_their_time),
    };
    int failed;

    pool = pool_new(4 << 20, 0);
    workshop_open(&w, pool);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    workshop_close(&w);
    pool_free(&pool);
    return failed;
}
