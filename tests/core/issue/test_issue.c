/* The issuer: killed after each step it is taken up again, and nothing is lost or doubled. */
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
#include "core/audit/audit.h"
#include "core/issue/issue.h"
#include "core/issue/issue_steps.h"
#include "core/issue/job.h"
#include "core/register/certificate.h"
#include "core/register/stored.h"
#include "core/seal/seal.h"
#include "core/seal/seals.h"
#include "core/seal/verify.h"
#include "tests/core/document/fixture.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, DOCUMENTS = 3, LEASE_MS = 60000 };

static struct testdb *testdb;
static struct fonts *fonts;
static struct seal_key *key;
static uint64_t certificates[DOCUMENTS];

static struct issuer issuer_on(struct db *db)
{
    return (struct issuer){
        .core = &testdb->core,
        .db = db,
        .key = key,
        .owner = "host:0",
        .batch = 32,
        .lease_ms = LEASE_MS,
    };
}

static int set_up(void **state)
{
    static const char *const names[DOCUMENTS] = {"张三丰", "李四", "欧阳修远"};
    const struct fixture_photo kind = {358, 441, FIXTURE_COLOUR, 85, false, false};

    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        char number[64];

        snprintf(number, sizeof(number), "沪建安B（2020）%07u", i + 1);
        testdb_person(testdb, i + 1, "111", names[i], fixture_photo(testdb->pool, &kind));
        testdb_paper(testdb, i + 1, FIRM, i + 1, number, date_add_days(testdb_today, 100));
        certificates[i] = testdb_exchange(testdb, FIRM, i + 1);
    }
    return 0;
}

/* One run of an issuer that starts as ecert-issuerd does. */
static void run_issuer(size_t made, size_t failed)
{
    struct issuer issuer = issuer_on(testdb->db);
    struct pool *pool = pool_new(0, 0);
    size_t really_made = 0, really_failed = 0;
    struct err err = {0};

    if (job_release(testdb->db, issuer.owner, clock_now_ms(), &err) < 0 ||
        issue_batch(&issuer, pool, &really_made, &really_failed, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(really_made, made);
    assert_int_equal(really_failed, failed);
    pool_free(&pool);
}

static void print_line(void *context, const char *line)
{
    (void)context;
    print_error("%s\n", line);
}

/* Whatever happened before: each has one document, one intent, and a job that is done. */
static void assert_all_whole(void)
{
    struct audit_totals totals;
    struct err err = {0};

    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM document"), DOCUMENTS);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM seal_intent"), DOCUMENTS);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM certificate c"
                      " JOIN job j ON j.certificate_id = c.id AND j.version = c.version"
                      " JOIN document d ON d.certificate_id = c.id AND d.version = c.version"
                      " JOIN seal_intent s ON s.id = d.intent_id AND s.job_id = j.id"
                      " WHERE c.generation = 2 AND j.state = 'done' AND j.done_at IS NOT NULL"
                      " AND d.sha256 = UNHEX(SHA2(d.body, 256)) AND d.size = LENGTH(d.body)"
                      " AND d.matter_id = j.matter_id AND d.enterprise_id = 1"),
        DOCUMENTS);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE action = 'document.issue'"),
                     DOCUMENTS);
    assert_int_equal(audit_verify(testdb->db, &testdb->core, NULL, print_line, NULL, &totals, &err),
                     0);
    assert_int_equal(totals.faults, 0);
}

/* Runs the first `steps` steps in a child that is then killed. */
static void die_after(size_t steps)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct db *db = db_new(&testdb->settings);
        struct issuer issuer = issuer_on(db);
        struct issue_batch batch = {
            .issuer = &issuer, .pool = pool_new(0, 0), .now_ms = clock_now_ms()};
        struct err err = {0};

        if (db_ready(db, &err) < 0)
            _exit(1);
        for (size_t i = 0; i < steps; i++)
            if (issue_steps[i].run(&batch, &err) < 0)
                _exit(1);
        if (batch.count != DOCUMENTS)
            _exit(2);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void test_killed_after_each_step(void **state)
{
    (void)state;
    for (size_t steps = 1; steps <= ISSUE_STEPS; steps++) {
        bool stored = steps == ISSUE_STEPS;

        set_up(NULL);
        die_after(steps);
        if (!stored)
            assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM document"), 0);
        usleep(2000); /* another instant than that of the intents */
        run_issuer(stored ? 0 : DOCUMENTS, 0);
        assert_all_whole();
    }
}

/* Killed again and again, always after the intents were recorded. */
static void test_killed_often(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        die_after(5);
        assert_int_equal(job_release(testdb->db, "host:0", clock_now_ms(), NULL), 0);
        usleep(2000);
    }
    run_issuer(DOCUMENTS, 0);
    assert_all_whole();
}

static int64_t failed_job(const char *state, const char *cause)
{
    return testdb_number(testdb,
                         "SELECT COUNT(*) FROM job j JOIN certificate c ON c.id = j.certificate_id"
                         " WHERE j.state = '%s' AND j.cause LIKE '%%%s%%' AND c.generation = %d",
                         state, cause, strcmp(state, "failed") == 0 ? 3 : 0);
}

static void test_missing_glyph(void **state)
{
    (void)state;
    testdb_sql(testdb,
               "UPDATE certificate_version SET holder_name = '张\xf4\x8f\xbf\xbd'"
               " WHERE certificate_id = %d",
               (int)certificates[1]);
    run_issuer(DOCUMENTS - 1, 1);
    assert_int_equal(failed_job("failed", "U+10FFFD"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job WHERE cause LIKE '%%张%%'"),
                     0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE action = 'document.fail'"),
                     1);
    /* Put right and tried again. */
    testdb_sql(testdb,
               "UPDATE certificate_version SET holder_name = '张三'"
               " WHERE certificate_id = %d",
               (int)certificates[1]);
    testdb_sql(testdb, "UPDATE job SET state = 'waiting' WHERE state = 'failed'");
    run_issuer(1, 0);
    assert_all_whole();
}

static void test_no_photo(void **state)
{
    (void)state;
    testdb_sql(testdb,
               "UPDATE certificate_version SET capture_id = NULL"
               " WHERE certificate_id = %d",
               (int)certificates[0]);
    run_issuer(DOCUMENTS - 1, 1);
    assert_int_equal(failed_job("failed", "photo"), 1);
}

/* What may pass is tried again later. */
static void test_sealed_photo_damaged(void **state)
{
    (void)state;
    testdb_sql(testdb, "UPDATE identity_capture SET photo_sealed ="
                       " CONCAT(SUBSTR(photo_sealed, 1, LENGTH(photo_sealed) - 1), 'x')"
                       " WHERE person_id = 1");
    run_issuer(DOCUMENTS - 1, 1);
    assert_int_equal(failed_job("waiting", ""), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job WHERE state = 'waiting'"
                                           " AND run_at > UTC_TIMESTAMP(3)"),
                     1);
    run_issuer(0, 0);
}

/* Of a matter's own document, too: the others in its batch are made, and at last it is given up. */
static void test_sealed_number_damaged(void **state)
{
    (void)state;
    testdb_sql(testdb, "UPDATE matter SET person_id = 1");
    testdb_sql(testdb, "INSERT INTO job (kind, certificate_id, version, proof_id, matter_id,"
                       " enterprise_id, state, run_at, created_at)"
                       " SELECT 'departure', 0, 0, id, id, 1, 'waiting', UTC_TIMESTAMP(3),"
                       " UTC_TIMESTAMP(3) FROM matter ORDER BY id LIMIT 1");
    testdb_sql(testdb, "UPDATE person SET id_no_sealed ="
                       " CONCAT(SUBSTR(id_no_sealed, 1, LENGTH(id_no_sealed) - 1),"
                       " IF(SUBSTR(id_no_sealed, -1) = 'x', 'y', 'x'))"
                       " WHERE id = 1");
    run_issuer(DOCUMENTS, 1);
    testdb_sql(testdb, "UPDATE job SET attempts = 8, run_at = '2000-01-01' WHERE state = 'waiting'");
    run_issuer(0, 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job WHERE kind = 'departure'"
                                           " AND state = 'failed'"),
                     1);
}

/* Its attempts were used up by issuers that never came back: failed, and written down as such. */
static void test_attempts_used_up(void **state)
{
    (void)state;
    testdb_sql(testdb, "UPDATE job SET attempts = 8 WHERE certificate_id = %d",
               (int)certificates[0]);
    testdb_sql(testdb, "UPDATE job SET run_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR"
                       " WHERE certificate_id <> %d",
               (int)certificates[0]);
    run_issuer(0, 1);
    assert_int_equal(failed_job("failed", "without an answer"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM seal_intent"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event"
                                           " WHERE action = 'document.fail'"),
                     1);
}

static void test_foreign_kind(void **state)
{
    (void)state;
    testdb_sql(testdb, "UPDATE job SET kind = 'departure' WHERE certificate_id = %d",
               (int)certificates[0]);
    run_issuer(DOCUMENTS - 1, 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM job WHERE state = 'failed'"), 1);
}

/* The version was replaced before its document was made: history gets it all the same. */
static void test_superseded_version(void **state)
{
    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET version = 2 WHERE id = %d", (int)certificates[0]);
    run_issuer(DOCUMENTS, 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM document"), DOCUMENTS);
    assert_int_equal(testdb_number(testdb, "SELECT generation FROM certificate WHERE id = %d",
                                   (int)certificates[0]),
                     GENERATION_WAITING);
}

/* Its lease ran out while it sealed, and another finished. */
static void test_overtaken(void **state)
{
    struct issuer slow = issuer_on(testdb_connect(testdb));
    struct issue_batch batch = {.issuer = &slow, .pool = pool_new(0, 0), .now_ms = clock_now_ms()};
    struct err err = {0};

    (void)state;
    slow.owner = "slow:0";
    for (size_t i = 0; i + 1 < ISSUE_STEPS; i++)
        assert_int_equal(issue_steps[i].run(&batch, &err), 0);
    testdb_sql(testdb, "UPDATE job SET run_at = '2000-01-01'");
    run_issuer(DOCUMENTS, 0);
    assert_int_equal(issue_steps[ISSUE_STEPS - 1].run(&batch, &err), 0);
    assert_all_whole();
    pool_free(&batch.pool);
    db_free(&slow.db);
}

/* The answer to COMMIT was lost, and the same is stored again. */
static void test_stored_twice(void **state)
{
    struct issuer issuer = issuer_on(testdb->db);
    struct issue_batch batch = {
        .issuer = &issuer, .pool = pool_new(0, 0), .now_ms = clock_now_ms()};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < ISSUE_STEPS; i++)
        assert_int_equal(issue_steps[i].run(&batch, &err), 0);
    assert_int_equal(issue_steps[ISSUE_STEPS - 1].run(&batch, &err), 0);
    for (size_t i = 0; i < batch.count; i++)
        assert_true(batch.items[i].stored);
    assert_all_whole();
    pool_free(&batch.pool);
}

/* Fonts or program changed between the crash and now: another digest, the same instant. */
static void test_other_bytes_after_crash(void **state)
{
    (void)state;
    testdb_sql(testdb,
               "INSERT INTO seal_intent (job_id, digest, key_id, signed_at, created_at)"
               " SELECT id, REPEAT('x', 32), '%s', '2026-02-28 01:02:03.004', NOW(3) FROM job"
               " WHERE certificate_id = %d",
               seal_key_id(key), (int)certificates[0]);
    run_issuer(DOCUMENTS, 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM seal_intent"), DOCUMENTS + 1);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM document d"
                                   " JOIN seal_intent s ON s.id = d.intent_id"
                                   " WHERE d.certificate_id = %d AND s.digest <> REPEAT('x', 32)"
                                   " AND s.signed_at = '2026-02-28 01:02:03.004'"
                                   " AND d.body LIKE '%%D:20260228090203+08%%'",
                                   (int)certificates[0]),
                     1);
}

static void test_batches(void **state)
{
    struct issuer issuer = issuer_on(testdb->db);
    static const size_t expected[] = {2, 1, 0};
    struct pool *pool = pool_new(0, 0);

    (void)state;
    issuer.batch = 2;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        size_t made, failed;
        struct err err = {0};

        assert_int_equal(issue_batch(&issuer, pool, &made, &failed, &err), 0);
        assert_int_equal(made, expected[i]);
        assert_int_equal(failed, 0);
    }
    assert_all_whole();
    pool_free(&pool);
}

/* The document is there for its firm, and for nobody else, and only while it is in force. */
static void test_download(void **state)
{
    const struct date last = date_add_days(testdb_today, 100);
    struct document document;
    struct err err = {0};
    uint64_t id = certificates[0];

    (void)state;
    assert_int_equal(
        certificate_document(testdb->db, testdb->pool, id, FIRM, testdb_today, &document, &err), 0);
    run_issuer(DOCUMENTS, 0);
    assert_int_equal(
        certificate_document(testdb->db, testdb->pool, id, FIRM + 1, testdb_today, &document, &err),
        0);
    assert_int_equal(certificate_document(testdb->db, testdb->pool, id, FIRM,
                                          date_add_days(last, 1), &document, &err),
                     0);
    assert_int_equal(
        certificate_document(testdb->db, testdb->pool, id, FIRM, last, &document, &err), 1);
    assert_memory_equal(document.body.data, "%PDF-", 5);
    assert_string_equal(document.number, "沪建安B（2020）0000001");
    testdb_sql(testdb, "UPDATE certificate SET state = '02' WHERE id = %d", (int)id);
    assert_int_equal(
        certificate_document(testdb->db, testdb->pool, id, FIRM, last, &document, &err), 0);
}

static int look_up(void *context, const uint8_t hash[32], struct err *err)
{
    return stored_find(testdb->db, testdb->pool, hash, context, err);
}

/* What was issued is genuine and on record; what differs by a byte is neither. */
static void test_verified(void **state)
{
    struct verifier verifier = {NULL, NULL, NULL};
    struct verify_result result;
    struct document document;
    struct stored stored = {0};
    struct err err = {0};
    uint8_t *copy;

    (void)state;
    run_issuer(DOCUMENTS, 0);
    assert_int_equal(seals_open(paper_path("seal.pem"), "", &verifier.seals, &err), 0);
    assert_int_equal(certificate_document(testdb->db, testdb->pool, certificates[0], FIRM,
                                          testdb_today, &document, &err),
                     1);
    assert_int_equal(verify_file(&verifier, testdb->pool, document.body, clock_now_ms(), look_up,
                                 &stored, &result, &err),
                     0);
    if (result.verdict != VERIFY_GENUINE)
        fail_msg("%s: %s", verify_verdict_name(result.verdict), result.cause);
    assert_int_equal(result.record, VERIFY_RECORDED);
    assert_int_equal(result.signer, VERIFY_AUTHORITY);
    assert_string_equal(result.name, "测试发证机关");
    assert_string_equal(result.hash, document.sha256);
    assert_int_equal(stored.id, document.id);
    assert_string_equal(stored.kind, "certificate");
    assert_string_equal(stored.number, document.number);
    assert_int_equal(stored.version, 1);
    assert_string_equal(stored.state, "01");
    assert_true(stored.current);
    copy = pool_copy(testdb->pool, document.body.data, document.body.size);
    copy[document.body.size / 2] ^= 1;
    assert_int_equal(verify_file(&verifier, testdb->pool, (struct bytes){copy, document.body.size},
                                 clock_now_ms(), look_up, &stored, &result, &err),
                     0);
    assert_int_not_equal(result.verdict, VERIFY_GENUINE);
    assert_int_equal(result.record, VERIFY_NO_RECORD);
    verifier_close(&verifier);
}

static void open_key(void)
{
    struct pki_spec spec = {
        .name = "测试发证机关",
        .usage = "critical,digitalSignature,nonRepudiation",
        .from = clock_now_ms() / 1000 - 3600,
        .until = clock_now_ms() / 1000 + 86400,
        .serial = 1,
    };
    struct pki pki = pki_make(&spec, pki_ec(), NULL);
    char path[256];
    struct err err = {0};

    snprintf(path, sizeof(path), "%s", paper_path("seal.key"));
    pki_write_key(path, pki.key);
    pki_write_certificates(paper_path("seal.pem"), pki.certificate, NULL);
    if (seal_key_open(&(struct seal_settings){.key = path, .certificate = paper_path("seal.pem")},
                      &key, &err) < 0)
        fail_msg("%s", err.text);
    pki_free(&pki);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_missing_glyph, set_up),
        cmocka_unit_test_setup(test_no_photo, set_up),
        cmocka_unit_test_setup(test_sealed_photo_damaged, set_up),
        cmocka_unit_test_setup(test_sealed_number_damaged, set_up),
        cmocka_unit_test_setup(test_attempts_used_up, set_up),
        cmocka_unit_test_setup(test_foreign_kind, set_up),
        cmocka_unit_test_setup(test_superseded_version, set_up),
        cmocka_unit_test_setup(test_overtaken, set_up),
        cmocka_unit_test_setup(test_stored_twice, set_up),
        cmocka_unit_test_setup(test_other_bytes_after_crash, set_up),
        cmocka_unit_test(test_killed_after_each_step),
        cmocka_unit_test_setup(test_killed_often, set_up),
        cmocka_unit_test_setup(test_batches, set_up),
        cmocka_unit_test_setup(test_download, set_up),
        cmocka_unit_test_setup(test_verified, set_up),
    };
    int failed;

    testdb = testdb_open();
    fonts = fixture_fonts();
    if (!testdb || !fonts) {
        fonts_free(&fonts);
        testdb_close(&testdb);
        return 77;
    }
    open_key();
    testdb->core.fonts = fonts;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    seal_key_free(&key);
    fonts_free(&fonts);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
