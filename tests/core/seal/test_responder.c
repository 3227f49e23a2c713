/* Certificates whose responder is asked at a login: what it may do wrong, softly and hard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/err.h>

#include "base/date.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "core/seal/trust.h"
#include "tests/core/office.h"
#include "tests/core/seal/answer.h"
#include "tests/core/seal/paper.h"

enum { HOUR = 3600, DAY = 24 * HOUR, TIMEOUT_MS = 2000, BREAKER_MS = 2000, BREAKER_FAILURES = 3,
       FIRMS_MOST = 32 };

#define NOW    INT64_C(1767240000)
#define NOW_MS (NOW * 1000)
#define CODE   "11110000000021135M"
#define OID    "1.2.156.10260.4.1.4"
#define TYPE   "application/ocsp-response"
/* The office hears one connection at a time, and each trust has its own. */
#define CLOSE  "Connection: close\r\n"

static struct pool *pool;
static struct office *office;
static struct pki authority, impostor, firm, silent_firm;
static struct bytes firm_der;
static char address[64];
static struct trust *soft, *hard, *off;
static struct config_entry codes[2] = {{"1.Issuer", "*", &codes[1]}, {"1.Field", OID, NULL}};

static struct bytes encoded(const X509 *certificate)
{
    uint8_t *out = NULL;
    int size = i2d_X509(certificate, &out);
    struct bytes der = {pool_copy(pool, out, (size_t)size), (size_t)size};

    assert_true(size > 0);
    OPENSSL_free(out);
    return der;
}

static struct pki make_authority(void)
{
    struct pki_spec spec = {.name = "演示一证通根", .usage = "critical,keyCertSign,cRLSign",
                            .from = NOW - 9 * DAY, .until = NOW + 9 * DAY, .serial = 1,
                            .authority = true};

    return pki_make(&spec, pki_ec(), NULL);
}

static struct pki make_firm(const char *responder, const struct pki *issuer, int64_t until)
{
    static long serial = 100;
    struct pki_spec spec = {.name = "演示企业", .usage = "critical,digitalSignature",
                            .from = NOW - DAY, .until = until, .serial = serial++,
                            .extension = OID, .text = CODE, .responder = responder};

    return pki_make(&spec, pki_ec(), issuer);
}

static struct trust *open_trust(enum trust_ocsp ocsp)
{
    struct trust_settings settings = {
        .authorities = paper_path("authorities.pem"),
        .revocations = "",
        .ocsp = ocsp,
        .responders = {TIMEOUT_MS, BREAKER_FAILURES, BREAKER_MS},
        .firm_code = codes,
    };
    struct trust *trust;
    struct err err = {0};

    if (trust_open(&settings, &trust, &err) < 0)
        fail_msg("%s", err.text);
    return trust;
}

static int set_up(void **state)
{
    (void)state;
    log_open("test", LOG_ERROR, open("/dev/null", O_WRONLY | O_CLOEXEC));
    pool = pool_new(1 << 20, 0);
    office = office_open(NULL);
    snprintf(address, sizeof(address), "http://127.0.0.1:%d/ocsp", office_port(office));
    authority = make_authority();
    impostor = make_authority();
    pki_write_certificates(paper_path("authorities.pem"), authority.certificate, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    office_close(&office);
    pki_free(&authority);
    pki_free(&impostor);
    pool_free(&pool);
    return 0;
}

/* Each test has a firm that nobody has asked about, and breakers that are closed. */
static int begin(void **state)
{
    (void)state;
    firm = make_firm(address, &authority, NOW + DAY);
    silent_firm = make_firm(NULL, &authority, NOW + DAY);
    firm_der = encoded(firm.certificate);
    soft = open_trust(TRUST_OCSP_SOFT);
    hard = open_trust(TRUST_OCSP_HARD);
    off = open_trust(TRUST_OCSP_OFF);
    return 0;
}

static int end(void **state)
{
    (void)state;
    pki_free(&firm);
    pki_free(&silent_firm);
    trust_free(&soft);
    trust_free(&hard);
    trust_free(&off);
    return 0;
}

/* The office's thread has a pool of its own. */
static size_t reply(void *context, const void *request, size_t size, void *out, size_t room)
{
    struct answer_spec spec = *(const struct answer_spec *)context;
    struct pool *own = pool_new(1 << 16, 0);
    const unsigned char *at = request;
    OCSP_REQUEST *question = d2i_OCSP_REQUEST(NULL, &at, (long)size);
    struct bytes der;

    spec.asked = spec.asked ? spec.asked : &firm;
    spec.issuer = &authority;
    spec.signer = spec.signer ? spec.signer : &authority;
    spec.this_update = spec.this_update ? spec.this_update : NOW - 60;
    der = answer_encode(own, &spec, question);
    size = der.size < room ? der.size : room;
    memcpy(out, der.data, size);
    OCSP_REQUEST_free(question);
    pool_free(&own);
    return size;
}

static struct trust_identity identity;

static enum trust_verdict judge_at(struct trust *trust, struct bytes der, int64_t now_ms)
{
    enum trust_verdict verdict;

    assert_int_equal(trust_judge(trust, pool, der, TRUST_LOGIN, now_ms, &verdict, &identity, NULL),
                     0);
    assert_string_equal(identity.uscc, verdict == TRUST_OK ? CODE : "");
    assert_int_equal(ERR_peek_error(), 0);
    return verdict;
}

static void ask(struct trust *trust, struct bytes der, int64_t now_ms)
{
    struct err err = {0};

    if (trust_ask_chain(trust, pool, &der, 1, TRUST_LOGIN, now_ms, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(ERR_peek_error(), 0);
}

static void expect(const char *what, struct trust *trust, enum trust_verdict verdict,
                   enum ocsp_verdict said)
{
    enum trust_verdict judged;

    ask(trust, firm_der, NOW_MS);
    judged = judge_at(trust, firm_der, NOW_MS);
    if (judged != verdict || identity.ocsp != said)
        fail_msg("%s: %s (%s), not %s (%s)", what, trust_verdict_name(judged),
                 ocsp_verdict_name(identity.ocsp), trust_verdict_name(verdict),
                 ocsp_verdict_name(said));
}

/* What is no proof, in its many ways: softly it goes on, hard it does not. */
static void judges_bad_answers(void **state)
{
    static struct answer_spec forged = {.signer = &impostor}, replayed = {.nonce = NONCE_OTHER},
                              other = {.asked = &silent_firm}, unknown = {.status = 2},
                              stale = {.this_update = NOW - 2 * DAY},
                              later = {.response_status = OCSP_RESPONSE_STATUS_TRYLATER};
    static const struct {
        const char *what;
        struct office_answer answer;
        enum ocsp_verdict said;
    } cases[] = {
        {"silent", {.manner = OFFICE_SILENT, .body = ""}, OCSP_UNREACHABLE},
        {"shuts", {.manner = OFFICE_SHUTS, .body = ""}, OCSP_UNREACHABLE},
        {"cuts", {.manner = OFFICE_CUTS, .type = TYPE, .body = "0123456789"}, OCSP_UNREACHABLE},
        {"500", {.status = 500, .type = TYPE, .body = ""}, OCSP_UNREACHABLE},
        {"404", {.status = 404, .type = TYPE, .body = ""}, OCSP_UNREACHABLE},
        {"HTML", {.type = "text/html", .body = "<html>"}, OCSP_UNREACHABLE},
        {"too much", {.type = TYPE, .body = "0", .size = OCSP_ANSWER_LIMIT + 1}, OCSP_UNREACHABLE},
        {"nothing", {.type = TYPE, .body = ""}, OCSP_BROKEN},
        {"nonsense", {.type = TYPE, .body = "0nonsense"}, OCSP_BROKEN},
        {"forged", {.type = TYPE, .make = reply, .context = &forged}, OCSP_FORGED},
        {"replayed", {.type = TYPE, .make = reply, .context = &replayed}, OCSP_REPLAYED},
        {"about another", {.type = TYPE, .make = reply, .context = &other}, OCSP_OTHER},
        {"stale", {.type = TYPE, .make = reply, .context = &stale}, OCSP_STALE},
        {"try later", {.type = TYPE, .make = reply, .context = &later}, OCSP_DECLINED},
        {"unknown", {.type = TYPE, .make = reply, .context = &unknown}, OCSP_UNKNOWN},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct office_answer answer = cases[i].answer;

        answer.header = CLOSE;
        end(state);
        begin(state);
        office_script(office, &answer, 1);
        expect(cases[i].what, soft, TRUST_OK, cases[i].said);
        expect(cases[i].what, hard, TRUST_NO_OCSP, cases[i].said);
    }
}

static void nobody_listens(void **state)
{
    struct pki lonely = make_firm("http://127.0.0.1:9/", &authority, NOW + DAY);

    (void)state;
    firm_der = encoded(lonely.certificate);
    expect("nobody there", soft, TRUST_OK, OCSP_UNREACHABLE);
    expect("nobody there", hard, TRUST_NO_OCSP, OCSP_UNREACHABLE);
    pki_free(&lonely);
}

static void takes_good_and_revoked(void **state)
{
    static struct answer_spec good = {.status = V_OCSP_CERTSTATUS_GOOD},
                              revoked = {.status = V_OCSP_CERTSTATUS_REVOKED};
    static const struct office_answer says_good = {.type = TYPE, .header = CLOSE, .make = reply,
                                                   .context = &good},
                                      says_revoked = {.type = TYPE, .header = CLOSE, .make = reply,
                                                      .context = &revoked};

    office_script(office, &says_good, 1);
    expect("good", soft, TRUST_OK, OCSP_GOOD);
    expect("good", hard, TRUST_OK, OCSP_GOOD);
    end(state);
    begin(state);
    office_script(office, &says_revoked, 1);
    expect("revoked", soft, TRUST_REVOKED, OCSP_REVOKED);
    expect("revoked", hard, TRUST_REVOKED, OCSP_REVOKED);
}

/* Who was not asked about is not let in where an answer must be. */
static void judges_what_was_not_asked(void **state)
{
    static const struct office_answer nothing = {.status = 500, .body = ""};

    (void)state;
    office_script(office, &nothing, 1);
    assert_int_equal(judge_at(hard, firm_der, NOW_MS), TRUST_NO_OCSP);
    assert_int_equal(judge_at(soft, firm_der, NOW_MS), TRUST_OK);
    assert_int_equal(identity.ocsp, OCSP_UNASKED);
    expect("off", off, TRUST_OK, OCSP_UNASKED);
    assert_int_equal(office_requests(office), 0);
}

/* No responder, or no certificate of ours: nobody is asked, whoever is named. */
static void asks_only_where_it_makes_sense(void **state)
{
    static const struct office_answer nothing = {.status = 500, .body = ""};
    struct pki foreign = make_firm(address, &impostor, NOW + DAY);
    struct pki expired = make_firm(address, &authority, NOW - 1);
    struct pki strange = make_firm("ftp://127.0.0.1/", &authority, NOW + DAY);

    (void)state;
    office_script(office, &nothing, 1);
    ask(hard, encoded(foreign.certificate), NOW_MS);
    assert_int_equal(judge_at(hard, encoded(foreign.certificate), NOW_MS), TRUST_FOREIGN);
    ask(hard, encoded(expired.certificate), NOW_MS);
    assert_int_equal(judge_at(hard, encoded(expired.certificate), NOW_MS), TRUST_EXPIRED);
    ask(hard, encoded(silent_firm.certificate), NOW_MS);
    assert_int_equal(judge_at(hard, encoded(silent_firm.certificate), NOW_MS), TRUST_OK);
    ask(hard, encoded(strange.certificate), NOW_MS);
    assert_int_equal(judge_at(hard, encoded(strange.certificate), NOW_MS), TRUST_OK);
    ask(hard, (struct bytes){(const uint8_t *)"0", 1}, NOW_MS);
    ask(hard, (struct bytes){NULL, 0}, NOW_MS);
    assert_int_equal(office_requests(office), 0);
    pki_free(&foreign);
    pki_free(&expired);
    pki_free(&strange);
}

static void keeps_until_it_runs_out(void **state)
{
    static struct answer_spec spec = {.next_update = NOW + 600};
    static const struct office_answer says = {.type = TYPE, .make = reply, .context = &spec};

    (void)state;
    office_script(office, &says, 1);
    for (int i = 0; i < 5; i++)
        expect("kept", hard, TRUST_OK, OCSP_GOOD);
    assert_int_equal(office_requests(office), 1);
    ask(hard, firm_der, NOW_MS + 599 * 1000);
    assert_int_equal(office_requests(office), 1);
    assert_int_equal(judge_at(hard, firm_der, NOW_MS + 600 * 1000), TRUST_OK);
    assert_int_equal(judge_at(hard, firm_der, NOW_MS + 600 * 1000 + 1), TRUST_NO_OCSP);
    assert_int_equal(judge_at(hard, firm_der, NOW_MS - 1), TRUST_NO_OCSP);
    ask(hard, firm_der, NOW_MS + 601 * 1000);
    assert_int_equal(office_requests(office), 2);
}

/* An authority that promises a week is asked again within the hour. */
static void keeps_no_longer_than_an_hour(void **state)
{
    static struct answer_spec spec = {.next_update = NOW + 7 * DAY};
    static const struct office_answer says = {.type = TYPE, .make = reply, .context = &spec};

    (void)state;
    office_script(office, &says, 1);
    expect("kept", hard, TRUST_OK, OCSP_GOOD);
    assert_int_equal(judge_at(hard, firm_der, NOW_MS + HOUR * INT64_C(1000)), TRUST_OK);
    assert_int_equal(judge_at(hard, firm_der, NOW_MS + HOUR * INT64_C(1000) + 1), TRUST_NO_OCSP);
}

/* A responder whose clock is behind: its answer counts for who asked, and no longer. */
static void takes_what_just_ran_out(void **state)
{
    static struct answer_spec spec = {.this_update = NOW - 600, .next_update = NOW - 60};
    static const struct office_answer says = {.type = TYPE, .make = reply, .context = &spec};

    (void)state;
    office_script(office, &says, 1);
    expect("just over", hard, TRUST_OK, OCSP_GOOD);
    assert_int_equal(judge_at(hard, firm_der, NOW_MS + 1), TRUST_NO_OCSP);
}

/* Far more firms than there are places: everybody is answered for what he is. */
static void keeps_many_apart(void **state)
{
    static struct answer_spec specs[FIRMS_MOST];
    static struct office_answer says[FIRMS_MOST];
    static struct pki firms[FIRMS_MOST];

    (void)state;
    for (size_t i = 0; i < FIRMS_MOST; i++) {
        firms[i] = make_firm(address, &authority, NOW + DAY);
        specs[i] = (struct answer_spec){.asked = &firms[i], .status = i % 3 == 0,
                                        .next_update = NOW + HOUR};
        says[i] = (struct office_answer){.type = TYPE, .header = CLOSE, .make = reply,
                                         .context = &specs[i]};
    }
    office_script(office, says, FIRMS_MOST);
    for (size_t i = 0; i < FIRMS_MOST; i++) {
        struct bytes der = encoded(firms[i].certificate);

        ask(hard, der, NOW_MS);
        assert_int_equal(judge_at(hard, der, NOW_MS), i % 3 == 0 ? TRUST_REVOKED : TRUST_OK);
    }
    for (size_t i = 0; i < FIRMS_MOST; i++)
        pki_free(&firms[i]);
}

/* A responder that fails is left alone; then it is tried again. */
static void leaves_a_failing_one_alone(void **state)
{
    static struct answer_spec good = {.status = V_OCSP_CERTSTATUS_GOOD};
    static const struct office_answer fails = {.status = 404, .body = ""},
                                      works = {.type = TYPE, .make = reply, .context = &good};
    size_t asked;

    (void)state;
    office_script(office, &fails, 1);
    for (int i = 0; i < BREAKER_FAILURES; i++)
        expect("fails", soft, TRUST_OK, OCSP_UNREACHABLE);
    asked = office_requests(office);
    assert_int_equal(asked, BREAKER_FAILURES);
    expect("left alone", soft, TRUST_OK, OCSP_UNREACHABLE);
    assert_int_equal(office_requests(office), asked);
    office_script(office, &works, 1);
    usleep((BREAKER_MS + 50) * 1000);
    expect("tried again", soft, TRUST_OK, OCSP_GOOD);
    assert_int_equal(office_requests(office), 1);
}

static void ends_in_time(void **state)
{
    static const struct office_answer drips = {.manner = OFFICE_DRIPS, .type = TYPE, .body = "0",
                                               .size = 4000};
    int64_t since_us = clock_tick_us(), took_ms;

    (void)state;
    office_script(office, &drips, 1);
    expect("drips", soft, TRUST_OK, OCSP_UNREACHABLE);
    took_ms = (clock_tick_us() - since_us) / 1000;
    assert_in_range(took_ms, TIMEOUT_MS / 2, 4 * TIMEOUT_MS);
}

/* More responders than are remembered. */
static void asks_many_responders(void **state)
{
    static struct answer_spec specs[12];
    static struct office_answer says[12];
    static struct pki firms[12];
    char url[128];

    (void)state;
    for (size_t i = 0; i < 12; i++) {
        snprintf(url, sizeof(url), "%s/%zu", address, i);
        firms[i] = make_firm(url, &authority, NOW + DAY);
        specs[i] = (struct answer_spec){.asked = &firms[i]};
        says[i] = (struct office_answer){.type = TYPE, .header = CLOSE, .make = reply,
                                         .context = &specs[i]};
    }
    office_script(office, says, 12);
    for (size_t i = 0; i < 12; i++) {
        struct bytes der = encoded(firms[i].certificate);

        ask(hard, der, NOW_MS);
        assert_int_equal(judge_at(hard, der, NOW_MS), TRUST_OK);
        snprintf(url, sizeof(url), "POST /ocsp/%zu ", i);
        assert_int_equal(strncmp(office_last(office), url, strlen(url)), 0);
        pki_free(&firms[i]);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(judges_bad_answers),      CASE(nobody_listens),
        CASE(takes_good_and_revoked),  CASE(judges_what_was_not_asked),
        CASE(asks_only_where_it_makes_sense), CASE(keeps_until_it_runs_out),
        CASE(keeps_no_longer_than_an_hour),   CASE(keeps_many_apart),
        CASE(leaves_a_failing_one_alone),     CASE(ends_in_time),
        CASE(asks_many_responders),    CASE(takes_what_just_ran_out),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
