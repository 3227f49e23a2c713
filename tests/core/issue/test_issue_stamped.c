/* The issuer and its timestamp authority: with one, without one, and while it is away. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/issue/issue.h"
#include "core/issue/issue_steps.h"
#include "core/issue/job.h"
#include "core/seal/seal.h"
#include "core/seal/stamper.h"
#include "tests/core/document/fixture.h"
#include "tests/core/office.h"
#include "tests/core/seal/authority.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, DOCUMENTS = 3, LEASE_MS = 60000, DAY_S = 86400 };

/* id-aa-timeStampToken in hex, as it stands in /Contents. */
#define TOKEN "060b2a864886f70d010910020e"

static struct testdb *testdb;
static struct fonts *fonts;
static struct seal_key *key;
static struct office *office;
static struct stamper *stamper;
static struct pki root, tsa;
static struct authority authority;
static char url[64];
static struct config_entry entry = {"1", url, NULL};
static struct stamper_settings settings = {.urls = &entry,
                                           .revocations = "",
                                           .policy = "",
                                           .bytes = 4096,
                                           .timeout_ms = 3000,
                                           .attempts = 1,
                                           .breaker_failures = 100,
                                           .breaker_ms = 1000,
                                           .tolerance_ms = 60000};
static const struct office_answer good = {.type = "application/timestamp-reply",
                                          .make = authority_reply,
                                          .context = &authority,
                                          .body = ""},
                                  away = {.status = 503, .body = ""};

static struct issuer issuer_with(struct stamper *with)
{
    return (struct issuer){
        .core = &testdb->core,
        .db = testdb->db,
        .key = key,
        .stamper = with,
        .owner = "host:0",
        .batch = 32,
        .lease_ms = LEASE_MS,
    };
}

static int set_up(void **state)
{
    const struct fixture_photo kind = {358, 441, FIXTURE_COLOUR, 85, false, false};
    struct err err = {0};

    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        char number[64];

        snprintf(number, sizeof(number), "沪建安B（2020）%07u", i + 1);
        testdb_person(testdb, i + 1, "111", "张三", fixture_photo(testdb->pool, &kind));
        testdb_paper(testdb, i + 1, FIRM, i + 1, number, date_add_days(testdb_today, 100));
        testdb_exchange(testdb, FIRM, i + 1);
    }
    authority = (struct authority){.pool = authority.pool, .signer = &tsa};
    office_script(office, &good, 1);
    stamper_free(&stamper);
    if (stamper_open(&settings, &stamper, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static void run_issuer(struct issuer *issuer, size_t made, size_t failed)
{
    struct pool *pool = pool_new(0, 0);
    size_t really_made = 0, really_failed = 0;
    struct err err = {0};

    if (issue_batch(issuer, pool, &really_made, &really_failed, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(really_made, made);
    assert_int_equal(really_failed, failed);
    pool_free(&pool);
}

static int64_t documents(const char *condition)
{
    return testdb_number(testdb,
                         "SELECT COUNT(*) FROM document d JOIN seal_intent s ON s.id = d.intent_id"
                         " WHERE d.sha256 = UNHEX(SHA2(d.body, 256)) AND d.size = LENGTH(d.body)"
                         " AND d.body %s",
                         condition);
}

static int64_t events(const char *detail)
{
    return testdb_number(testdb,
                         "SELECT COUNT(*) FROM audit_event WHERE action = 'document.issue'"
                         " AND JSON_VALID(detail) AND detail LIKE '%s'",
                         detail);
}

static void test_stamped(void **state)
{
    struct issuer issuer = issuer_with(stamper);

    (void)state;
    run_issuer(&issuer, DOCUMENTS, 0);
    assert_int_equal(documents("LIKE '%%" TOKEN "%%'"), DOCUMENTS);
    assert_int_equal(events("%%\"level\":\"B-T\",\"authority\":\"演示时间戳\",\"time\":\"20%%Z\"}"),
                     DOCUMENTS);
    assert_int_equal(office_requests(office), DOCUMENTS);
    assert_int_equal(office_connections(office), 1);
}

static void test_nobody_is_asked(void **state)
{
    struct issuer issuer = issuer_with(NULL);

    (void)state;
    run_issuer(&issuer, DOCUMENTS, 0);
    assert_int_equal(documents("NOT LIKE '%%" TOKEN "%%'"), DOCUMENTS);
    assert_int_equal(events("%%\"level\":\"B-B\"}"), DOCUMENTS);
    assert_int_equal(office_requests(office), 0);
    /* And no room is kept for what will not come. */
    assert_int_equal(documents("NOT LIKE CONCAT('%%', REPEAT('0', 1024), '%%')"), DOCUMENTS);
}

static void test_issued_without(void **state)
{
    struct issuer issuer = issuer_with(stamper);

    (void)state;
    office_script(office, &away, 1);
    run_issuer(&issuer, DOCUMENTS, 0);
    assert_int_equal(documents("NOT LIKE '%%" TOKEN "%%'"), DOCUMENTS);
    assert_int_equal(
        events("%%\"level\":\"B-B\",\"timestamp\":\"timestamp 1: %%status 503%%\"}"), DOCUMENTS);
}

/* One that lies is as good as none. */
static void test_issued_without_a_lie(void **state)
{
    struct issuer issuer = issuer_with(stamper);

    (void)state;
    authority.mistake.other_imprint = true;
    run_issuer(&issuer, DOCUMENTS, 0);
    assert_int_equal(documents("NOT LIKE '%%" TOKEN "%%'"), DOCUMENTS);
    assert_int_equal(events("%%\"level\":\"B-B\",\"timestamp\":%%not taken: other\"}"), DOCUMENTS);
}

/* It waits as long as it takes: no attempt is counted, and nothing is written of the waiting. */
static void test_waits(void **state)
{
    struct issuer issuer = issuer_with(stamper);

    (void)state;
    issuer.stamps_required = true;
    office_script(office, &away, 1);
    for (int i = 0; i < JOB_ATTEMPTS + 1; i++) {
        run_issuer(&issuer, 0, DOCUMENTS);
        assert_int_equal(testdb_number(testdb,
                                       "SELECT COUNT(*) FROM job j JOIN certificate c"
                                       " ON c.id = j.certificate_id WHERE j.state = 'waiting'"
                                       " AND j.attempts = 0 AND j.cause LIKE '%%status 503%%'"
                                       " AND c.generation = 0"
                                       " AND j.run_at > UTC_TIMESTAMP(3) + INTERVAL 20 SECOND"),
                         DOCUMENTS);
        run_issuer(&issuer, 0, 0);
        testdb_sql(testdb, "UPDATE job SET run_at = UTC_TIMESTAMP(3)");
    }
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM document"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE action LIKE 'document.%%'"),
                     0);
    office_script(office, &good, 1);
    run_issuer(&issuer, DOCUMENTS, 0);
    assert_int_equal(documents("LIKE '%%" TOKEN "%%'"), DOCUMENTS);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM seal_intent"), DOCUMENTS);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job WHERE cause IS NULL"),
                     DOCUMENTS);
}

/* Killed with the token in hand: another is fetched, and the intent on record still fits. */
static void test_killed_before_it_was_stored(void **state)
{
    struct issuer issuer = issuer_with(stamper);
    int status;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0) {
        struct issuer dying = issuer_with(NULL);
        struct issue_batch batch = {
            .issuer = &dying, .pool = pool_new(0, 0), .now_ms = clock_now_ms()};
        struct err err = {0};

        dying.db = testdb_connect(testdb);
        if (stamper_open(&settings, &dying.stamper, &err) < 0)
            _exit(1);
        for (size_t i = 0; i + 1 < ISSUE_STEPS; i++)
            if (issue_steps[i].run(&batch, &err) < 0)
                _exit(1);
        if (!batch.items[DOCUMENTS - 1].stamped)
            _exit(2);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(job_release(testdb->db, "host:0", clock_now_ms(), NULL), 0);
    run_issuer(&issuer, DOCUMENTS, 0);
    assert_int_equal(office_requests(office), 2 * DOCUMENTS);
    assert_int_equal(documents("LIKE '%%" TOKEN "%%'"), DOCUMENTS);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM seal_intent"), DOCUMENTS);
}

/* Three answers take longer than the lease, which is renewed meanwhile. */
static void test_slow_authority(void **state)
{
    struct issuer issuer = issuer_with(stamper);

    (void)state;
    issuer.lease_ms = 1000;
    authority.slow_ms = 600;
    run_issuer(&issuer, DOCUMENTS, 0);
    assert_int_equal(documents("LIKE '%%" TOKEN "%%'"), DOCUMENTS);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM job WHERE state = 'done'"
                                   " AND run_at > created_at + INTERVAL 1500000 MICROSECOND"),
                     DOCUMENTS);
}

static struct pki make(const char *name, const char *usage, const char *extended)
{
    struct pki_spec spec = {
        .name = name,
        .usage = usage,
        .extended = extended,
        .from = clock_now_ms() / 1000 - 3600,
        .until = clock_now_ms() / 1000 + DAY_S,
        .serial = 1 + (extended != NULL),
        .authority = strstr(usage, "keyCertSign") != NULL,
    };

    return pki_make(&spec, pki_ec(), extended ? &root : NULL);
}

static void open_all(void)
{
    static char path[256], authorities[256];
    struct pki seal = make("测试发证机关", "critical,digitalSignature,nonRepudiation", NULL);
    struct err err = {0};

    root = make("演示根", "critical,keyCertSign", NULL);
    tsa = make("演示时间戳", "critical,digitalSignature", "critical,timeStamping");
    snprintf(path, sizeof(path), "%s", paper_path("seal.key"));
    snprintf(authorities, sizeof(authorities), "%s", paper_path("authorities.pem"));
    pki_write_key(path, seal.key);
    pki_write_certificates(paper_path("seal.pem"), seal.certificate, NULL);
    pki_write_certificates(authorities, root.certificate, NULL);
    settings.authorities = authorities;
    if (seal_key_open(&(struct seal_settings){.key = path, .certificate = paper_path("seal.pem")},
                      &key, &err) < 0)
        fail_msg("%s", err.text);
    pki_free(&seal);
    authority.pool = pool_new(1 << 20, 0);
    office = office_open(NULL);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", office_port(office));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_issued_without, set_up),
        cmocka_unit_test_setup(test_issued_without_a_lie, set_up),
        cmocka_unit_test_setup(test_waits, set_up),
        cmocka_unit_test_setup(test_killed_before_it_was_stored, set_up),
        cmocka_unit_test_setup(test_slow_authority, set_up),
        cmocka_unit_test_setup(test_nobody_is_asked, set_up),
        cmocka_unit_test_setup(test_stamped, set_up),
    };
    int failed;

    testdb = testdb_open();
    fonts = fixture_fonts();
    if (!testdb || !fonts) {
        fonts_free(&fonts);
        testdb_close(&testdb);
        return 77;
    }
    open_all();
    testdb->core.fonts = fonts;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    stamper_free(&stamper);
    office_close(&office);
    pool_free(&authority.pool);
    pki_free(&root);
    pki_free(&tsa);
    seal_key_free(&key);
    fonts_free(&fonts);
    testdb_close(&testdb);
    return failed;
}
