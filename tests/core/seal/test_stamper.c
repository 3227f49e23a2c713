/* Timestamp authorities over HTTP: whatever one does, the next is asked, and nothing false is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/seal/cms.h"
#include "core/seal/stamper.h"
#include "tests/core/office.h"
#include "tests/core/seal/authority.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"
#include "tests/core/seal/signature.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { YEAR = 365 * 24 * 3600, DAY_S = 24 * 3600, TSA_SERIAL = 7, OTHER_SERIAL = 8 };

static struct pool *pool, *made; /* `made` is used by the offices' threads, one at a time */
static struct pki root, tsa, stranger, firm;
static struct office *first, *second;
static struct config_entry entries[2];
static struct stamper_settings settings;
static struct stamper *stamper;
static struct bytes cms;

static struct pki pki_for(const char *name, const char *extended, const struct pki *issuer)
{
    int64_t now = time(NULL);
    struct pki_spec spec = {.name = name,
                            .usage = extended ? "critical,digitalSignature"
                                              : "critical,keyCertSign,cRLSign",
                            .extended = extended,
                            .from = now - YEAR,
                            .until = now + YEAR,
                            .serial = issuer ? TSA_SERIAL : 1,
                            .authority = extended == NULL};

    return pki_make(&spec, pki_ec(), issuer);
}

static int set_up(void **state)
{
    static const char content[] = "content";

    (void)state;
    pool = pool_new(1 << 20, 0);
    made = pool_new(1 << 20, 0);
    root = pki_for("演示根", NULL, NULL);
    tsa = pki_for("演示时间戳", "critical,timeStamping", &root);
    stranger = pki_for("stranger", "critical,timeStamping", NULL);
    firm = pki_for("firm", "critical,emailProtection", &root);
    pki_write_certificates(paper_path("authorities.pem"), root.certificate, NULL);
    first = office_open(NULL);
    second = office_open(NULL);
    struct bytes der = signature_make(pool, (struct bytes){(const uint8_t *)content, 7},
                                      &(struct signature_recipe){.signer = &firm});
    uint8_t *copy = malloc(der.size);
    memcpy(copy, der.data, der.size);
    cms = (struct bytes){copy, der.size};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stamper_free(&stamper);
    office_close(&first);
    office_close(&second);
    pki_free(&root);
    pki_free(&tsa);
    pki_free(&stranger);
    pki_free(&firm);
    pool_free(&pool);
    pool_free(&made);
    free((void *)(uintptr_t)cms.data);
    return 0;
}

/* As the configuration has them. */
static int each(void **state)
{
    static char urls[2][64];

    (void)state;
    pool_reset(pool);
    snprintf(urls[0], sizeof(urls[0]), "http://127.0.0.1:%d/", office_port(first));
    snprintf(urls[1], sizeof(urls[1]), "http://127.0.0.1:%d/tsa", office_port(second));
    /* Read as they stand in the file: the first in order is not the first there. */
    entries[0] = (struct config_entry){"10", urls[1], &entries[1]};
    entries[1] = (struct config_entry){"9", urls[0], NULL};
    settings = (struct stamper_settings){.urls = entries,
                                         .authorities = pool_text(pool, paper_path("authorities.pem")),
                                         .revocations = "",
                                         .policy = "",
                                         .bytes = 4096,
                                         .timeout_ms = 2000,
                                         .attempts = 1,
                                         .breaker_failures = 100,
                                         .breaker_ms = 60000,
                                         .tolerance_ms = 60000};
    return 0;
}

static void open_anew(void)
{
    struct err err = {0};

    stamper_free(&stamper);
    if (stamper_open(&settings, &stamper, &err) < 0)
        fail_msg("%s", err.text);
}

static size_t reply(void *context, const void *request, size_t size, void *out, size_t room)
{
    struct authority authority = *(const struct authority *)context;

    authority.pool = made;
    authority.signer = &tsa;
    return authority_reply(&authority, request, size, out, room);
}

#define REPLY "application/timestamp-reply"

static struct office_answer by(const struct authority *manner)
{
    return (struct office_answer){
        .type = REPLY, .make = reply, .context = (void *)(uintptr_t)manner, .body = ""};
}

static const struct authority right;

static void script(struct office *office, const struct office_answer *answer)
{
    office_script(office, answer, 1);
}

/* One stamp; the error where there is none. */
static int stamp(struct bytes *stamped, struct timestamp *timestamp, struct err *err)
{
    err_clear(err);
    return stamper_stamp(stamper, pool, cms, stamped, timestamp, err);
}

static void refuses_bad_answers(void **state)
{
    const int64_t now = time(NULL);
    const struct authority manners[] = {
        {.mistake = {.other_nonce = true}},
        {.mistake = {.no_nonce = true}},
        {.mistake = {.other_imprint = true}},
        {.mistake = {.signer = &stranger}},
        {.mistake = {.signer = &firm}},
        {.mistake = {.time_s = now - DAY_S}},
        {.mistake = {.time_s = now + DAY_S}},
        {.mistake = {.spoilt_value = true}},
        {.mistake = {.others = 14}},
        {.status = 2},
        {.cut = true},
        {.mistake = {.digest = "SHA1"}},
    };
    const struct {
        const char *word;
        struct office_answer answer;
    } rows[] = {
        {"not taken: nonce",   by(&manners[0])                                   },
        {"not taken: nonce",   by(&manners[1])                                   },
        {"not taken: other",   by(&manners[2])                                   },
        {"not taken: foreign", by(&manners[3])                                   },
        {"not taken: usage",   by(&manners[4])                                   },
        {"not taken: clock",   by(&manners[5])                                   },
        {"not taken: clock",   by(&manners[6])                                   },
        {"not taken: forged",  by(&manners[7])                                   },
        {"more than 4096",     by(&manners[8])                                   },
        {"status 2",           by(&manners[9])                                   },
        {"no answer of",       by(&manners[10])                                  },
        {"not taken: weak",    by(&manners[11])                                  },
        {"status 503",         {.status = 503, .type = REPLY, .body = ""}        },
        {"status 404",         {.status = 404, .type = REPLY, .body = ""}        },
        {"timestamp-reply",    {.type = "text/html", .body = "<p>Login</p>"}     },
        {"no answer of",       {.type = REPLY, .body = ""}                       },
        {"no answer of",       {.type = REPLY, .body = "0", .size = 9}           },
        {"more than 65536",    {.type = REPLY, .body = "0", .size = 1 << 17}     },
        {"no answer",          {.manner = OFFICE_CUTS, .type = REPLY, .body = "0\x80\x80\x80"}},
        {"no answer",          {.manner = OFFICE_SHUTS, .body = ""}              },
        {"no answer",          {.manner = OFFICE_SILENT, .body = ""}             },
    };
    const struct office_answer silent = {.manner = OFFICE_SHUTS, .body = ""}, good = by(&right);

    (void)state;
    settings.timeout_ms = 1500;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct timestamp timestamp;
        struct bytes stamped;
        struct err err;

        open_anew();
        script(first, &rows[i].answer);
        script(second, &silent);
        if (stamp(&stamped, &timestamp, &err) == 0)
            fail_msg("row %zu was taken", i);
        if (err.kind != ERR_UNAVAILABLE || !strstr(err.text, rows[i].word) ||
            !strstr(err.text, "timestamp 2: no answer"))
            fail_msg("row %zu: %s", i, err.text);
        /* The second takes over. */
        script(second, &good);
        if (stamp(&stamped, &timestamp, &err) < 0)
            fail_msg("row %zu: %s", i, err.text);
        assert_string_equal(timestamp.authority, "演示时间戳");
    }
}

static void write_list(int64_t until, long revoked)
{
    X509_CRL *list = pki_crl(&root, time(NULL) - DAY_S, until, revoked);

    pki_write_crls(paper_path("lists.pem.new"), list, NULL);
    X509_CRL_free(list);
    assert_int_equal(rename(pool_text(pool, paper_path("lists.pem.new")), paper_path("lists.pem")), 0);
}

/* One stamp of the first authority, or the cause why it gave none. */
static void expect_stamp(const char *cause)
{
    struct timestamp timestamp;
    struct bytes stamped;
    struct err err;

    if ((stamp(&stamped, &timestamp, &err) == 0) != !cause || (cause && !strstr(err.text, cause)))
        fail_msg("%s, not %s", err.text, cause ? cause : "a stamp");
}

/* An authority that is revoked while we run: its stamps are not taken from then on. */
static void asks_the_lists(void **state)
{
    const struct office_answer good = by(&right), silent = {.manner = OFFICE_SHUTS, .body = ""};
    const int64_t now = time(NULL);
    struct err err;

    (void)state;
    settings.revocations = pool_text(pool, paper_path("lists.pem"));
    unlink(settings.revocations);
    assert_int_equal(stamper_open(&settings, &stamper, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    script(first, &good);
    script(second, &silent);
    write_list(now + DAY_S, OTHER_SERIAL);
    open_anew();
    expect_stamp(NULL);
    write_list(now + DAY_S, TSA_SERIAL);
    expect_stamp("timestamp 1: a token that is not taken: revoked");
    script(second, &good);
    expect_stamp("timestamp 2: a token that is not taken: revoked");
    /* A list that ran out still tells who is revoked, and one that can't be read leaves the old one. */
    write_list(now - 60, TSA_SERIAL);
    expect_stamp("not taken: revoked");
    paper_write("lists.pem", (struct bytes){(const uint8_t *)"nonsense", 8});
    expect_stamp("not taken: revoked");
    unlink(settings.revocations);
    expect_stamp("not taken: revoked");
    write_list(now + DAY_S, OTHER_SERIAL);
    expect_stamp(NULL);
}

static void stamps(void **state)
{
    const struct office_answer good = by(&right);
    struct timestamp_trust *trust;
    enum timestamp_verdict verdict;
    struct timestamp timestamp, again;
    struct timestamp_question question = {.nonce = {NULL, 0}};
    CMS_ContentInfo *read;
    struct bytes stamped;
    struct err err = {0};

    (void)state;
    script(first, &good);
    script(second, &good);
    open_anew();
    for (int i = 0; i < 20; i++)
        if (stamp(&stamped, &timestamp, &err) < 0)
            fail_msg("%s", err.text);
    assert_int_equal(office_requests(first), 20);
    assert_int_equal(office_connections(first), 1);
    assert_int_equal(office_requests(second), 0);
    assert_true(timestamp.time_ms <= clock_now_ms() && timestamp.time_ms > clock_now_ms() - 60000);
    assert_true(stamped.size - cms.size <= stamper_room(stamper));
    /* What was kept is the authority's token over this signature's value. */
    assert_int_equal(cms_imprint(cms, question.imprint, &err), 0);
    read = cms_decode(stamped);
    assert_non_null(read);
    assert_int_equal(CMS_unsigned_get_attr_count(cms_signer(read)), 1);
    X509_ATTRIBUTE *attribute = CMS_unsigned_get_attr(cms_signer(read), 0);
    const ASN1_STRING *value = X509_ATTRIBUTE_get0_type(attribute, 0)->value.sequence;
    struct bytes token = {ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)};
    assert_int_equal(timestamp_trust_open(settings.authorities, &trust, NULL), 0);
    assert_int_equal(timestamp_judge(trust, token, &question, &verdict, &again, NULL), 0);
    assert_int_equal(verdict, TIMESTAMP_OK);
    assert_int_equal(again.time_ms, timestamp.time_ms);
    timestamp_trust_free(&trust);
    CMS_ContentInfo_free(read);
}

static void asks_with_another_nonce_each_time(void **state)
{
    const struct office_answer good = by(&right);
    struct timestamp timestamp;
    struct bytes stamped;
    struct err err;
    char last[512];

    (void)state;
    script(first, &good);
    open_anew();
    assert_int_equal(stamp(&stamped, &timestamp, &err), 0);
    const char *body = strstr(office_last(first), "\r\n\r\n") + 4;
    assert_non_null(strstr(office_last(first), "Content-Type: application/timestamp-query"));
    memcpy(last, body, 75);
    assert_int_equal(stamp(&stamped, &timestamp, &err), 0);
    assert_memory_not_equal(last, strstr(office_last(first), "\r\n\r\n") + 4, 75);
}

/* After three failures it is left alone for a while, and tried once then. */
static void leaves_alone_who_fails(void **state)
{
    const struct office_answer away = {.status = 500, .type = REPLY, .body = ""}, good = by(&right);
    struct timestamp timestamp;
    struct bytes stamped;
    struct err err;

    (void)state;
    settings.breaker_failures = 3;
    settings.breaker_ms = 4000;
    script(first, &away);
    script(second, &good);
    open_anew();
    for (int i = 0; i < 10; i++)
        assert_int_equal(stamp(&stamped, &timestamp, &err), 0);
    assert_int_equal(office_requests(first), 3);
    assert_int_equal(office_requests(second), 10);
    script(first, &good);
    usleep(4100 * 1000);
    assert_int_equal(stamp(&stamped, &timestamp, &err), 0);
    assert_int_equal(office_requests(first), 1);
    assert_int_equal(stamp(&stamped, &timestamp, &err), 0);
    assert_int_equal(office_requests(first), 2);
}

/* False tokens count as much as none. */
static void leaves_alone_who_lies(void **state)
{
    static const struct authority liar = {.mistake = {.other_nonce = true}};
    const struct office_answer lie = by(&liar), good = by(&right);
    struct timestamp timestamp;
    struct bytes stamped;
    struct err err;

    (void)state;
    settings.breaker_failures = 2;
    script(first, &lie);
    script(second, &good);
    open_anew();
    for (int i = 0; i < 6; i++)
        assert_int_equal(stamp(&stamped, &timestamp, &err), 0);
    assert_int_equal(office_requests(first), 2);
}

static void keeps_to_its_time(void **state)
{
    const struct office_answer slow = {.manner = OFFICE_DRIPS, .type = REPLY, .body = "0", .size = 4000};
    struct timestamp timestamp;
    struct bytes stamped;
    struct err err;
    int64_t started = clock_tick_us();

    (void)state;
    settings.timeout_ms = 1000;
    settings.attempts = 5;
    script(first, &slow);
    script(second, &slow);
    open_anew();
    assert_int_equal(stamp(&stamped, &timestamp, &err), -1);
    assert_true(clock_tick_us() - started < 6 * 1000 * 1000);
}

static void refuses_wrong_settings(void **state)
{
    struct config_entry many[STAMPER_AUTHORITIES + 1];
    const char *urls[STAMPER_AUTHORITIES];
    struct err err = {0};
    size_t count;

    (void)state;
    stamper_free(&stamper);
    settings.policy = "no policy";
    assert_int_equal(stamper_open(&settings, &stamper, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(stamper);
    settings.policy = "";
    settings.authorities = "/nonexistent";
    assert_int_equal(stamper_open(&settings, &stamper, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    entries[0].name = "x";
    assert_int_equal(stamper_open(&settings, &stamper, &err), -1);
    assert_non_null(strstr(err.text, "Seal.TimestampUrl.x"));
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = (struct config_entry){"1", "http://x/", i + 1 < COUNT(many) ? &many[i + 1] : NULL};
    assert_int_equal(stamper_urls(many, urls, &count, &err), -1);
    assert_int_equal(stamper_urls(&many[1], urls, &count, &err), 0);
    assert_int_equal(count, STAMPER_AUTHORITIES);
    settings.urls = NULL;
    assert_int_equal(stamper_open(&settings, &stamper, &err), 0);
    assert_null(stamper);
    assert_int_equal(stamper_room(stamper), 0);
    assert_int_equal(stamper_authorities(stamper), 0);
    stamper_free(&stamper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(refuses_bad_answers, each),
        cmocka_unit_test_setup(refuses_wrong_settings, each),
        cmocka_unit_test_setup(leaves_alone_who_fails, each),
        cmocka_unit_test_setup(leaves_alone_who_lies, each),
        cmocka_unit_test_setup(keeps_to_its_time, each),
        cmocka_unit_test_setup(asks_the_lists, each),
        cmocka_unit_test_setup(stamps, each),
        cmocka_unit_test_setup(asks_with_another_nonce_each_time, each),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
