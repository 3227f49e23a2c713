/* Cancelling 注销: the form, its signature, and what the state then says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/item/cancel.h"
#include "core/upkeep/expiry.h"
#include "tests/core/desk.h"
#include "tests/core/seal/paper.h"
#include "tests/core/seal/pki.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct testdb *testdb;
static struct desk local, previous, outside;
static struct pki firm;
static struct outside_signer key = {.algorithm = "ES256"};
static const struct bytes signature = {(const uint8_t *)"signature", 9};
static const uint64_t both[] = {52, 53}; /* of LEAVER in LOCAL */

static void key_make(void)
{
    const struct pki_spec spec = {.name = "测试建筑1有限公司", .usage = "digitalSignature",
                                  .from = DESK_NOW / 1000 - 9, .until = DESK_NOW / 1000 + 9,
                                  .serial = 0x0a1b};
    unsigned char *der = NULL;

    firm = pki_make(&spec, pki_ec(), NULL);
    key.certificate.size = (size_t)i2d_X509(firm.certificate, &der);
    key.certificate.data = der;
}

static void key_free(void)
{
    OPENSSL_free((void *)(uintptr_t)key.certificate.data);
    pki_free(&firm);
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    desk_people(testdb);
    local = desk_of(testdb, LOCAL);
    previous = desk_of(testdb, PREVIOUS);
    outside = desk_of(testdb, OUTSIDE);
    return 0;
}

/* A judge that has been told what to find. */
struct fake {
    int result;
    const char *uscc, *cause;
    size_t asked;
    struct bytes content; /* what it was shown last */
};

static int tell(struct fake *fake, int64_t now_ms, struct signature *out, const char **cause,
                struct err *err)
{
    fake->asked++;
    assert_int_equal(now_ms, DESK_NOW);
    *cause = fake->cause ? fake->cause : "";
    *out = (struct signature){
        fake->uscc, "测试建筑1有限公司", "0a1b",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"};
    return fake->result < 0 ? err_set(err, ERR_CRYPTO, 0, "no memory") : fake->result;
}

static int judge(void *context, struct pool *pool, const struct outside_signer *signer,
                 int64_t now_ms, struct signature *out, const char **cause, struct err *err)
{
    (void)pool;
    assert_string_equal(signer->algorithm, key.algorithm);
    return tell(context, now_ms, out, cause, err);
}

static int verify(void *context, struct pool *pool, struct bytes content, struct bytes cms,
                  int64_t now_ms, struct signature *out, const char **cause, struct err *err)
{
    struct fake *fake = context;

    (void)pool;
    assert_memory_equal(content.data, "%PDF-", 5);
    assert_non_null(memmem(cms.data, cms.size, signature.data, signature.size));
    assert_non_null(memmem(cms.data, cms.size, key.certificate.data, key.certificate.size));
    fake->content = (struct bytes){pool_copy(testdb->pool, content.data, content.size),
                                   content.size};
    return tell(fake, now_ms, out, cause, err);
}

/* One step of the signing, in its own transaction. */
struct step {
    const struct desk *desk;
    struct fake *fake;
    const char *number;
    const struct outside_signer *signer; /* prepares for it; NULL: signs */
    int64_t later_ms;
    struct cancel_result result;
    struct form form;
};

static int work(void *context, struct err *err)
{
    struct step *step = context;
    const struct actor actor = {ACTOR_FIRM, step->desk->firm, "request-1"};
    const struct signature_check check = {judge, verify, step->fake};
    struct change change = desk_change(step->desk, &actor);

    change.now_ms += step->later_ms;
    if (step->signer)
        return cancel_prepare(&change, &check, step->number, step->signer, &step->form,
                              &step->result, err);
    return cancel_sign(&change, &check, step->number, signature, &step->result, err);
}

static int sign(const struct desk *desk, struct fake *fake, const char *number,
                struct cancel_result *result, struct err *err)
{
    struct step step = {.desk = desk, .fake = fake, .number = number};
    int done = db_transact(desk->db, work, &step, err);

    *result = step.result;
    return done;
}

/* Of LOCAL, and good. */
static struct fake good(void)
{
    return (struct fake){.result = 1, .uscc = "000000000000000001"};
}

static enum cancel_outcome ready(const struct desk *desk, struct fake *fake, const char *number,
                                 const struct outside_signer *signer, const char **cause)
{
    struct step step = {.desk = desk, .fake = fake, .number = number, .signer = signer};
    struct err err = {0};

    if (db_transact(desk->db, work, &step, &err) < 0)
        fail_msg("%s", err.text);
    *cause = step.result.cause;
    return step.result.outcome;
}

static void form_made(const struct filing *filing)
{
    const struct bytes paper = paper_make(testdb->pool, "", "");
    char *hex = pool_alloc(testdb->pool, 2 * paper.size + 1);
    const int id = (int)filing->matter.id;

    hex_encode(paper.data, paper.size, hex);
    testdb_sql(testdb,
               "INSERT INTO document (kind, proof_id, matter_id, enterprise_id, sha256, size, body,"
               " created_at) VALUES ('form', %d, %d, %d, UNHEX(SHA2(UNHEX('%s'), 256)), %d,"
               " UNHEX('%s'), NOW(3))",
               id, id, (int)filing->matter.enterprise_id, hex, (int)paper.size, hex);
    testdb_sql(testdb, "INSERT INTO form_box VALUES (%d, 10000, 20000, 30000, 24000)", id);
}

static void made(struct filing *filing)
{
    desk_do(&local, ITEM_CANCEL, LEAVER, "", both, COUNT(both), filing);
    form_made(filing);
}

/* Up to where the key signs. */
static void prepare(struct filing *filing)
{
    struct fake fake = good();
    const char *cause;

    made(filing);
    assert_int_equal(ready(&local, &fake, filing->matter.number, &key, &cause), CANCEL_DONE);
}

static int64_t rows_of(const char *table)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM %s", table);
}

static int64_t waiting(void)
{
    return testdb_number(testdb,
                         "SELECT COUNT(*) FROM certificate WHERE pending_matter_id IS NOT NULL");
}

/* Still to be signed, and nothing has happened to the certificates. */
static void assert_waits(const struct filing *filing)
{
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM matter WHERE id = %d AND state = 'signing'"
                                   " AND closed_at IS NULL AND verify_token IS NULL",
                                   (int)filing->matter.id),
                     1);
    assert_int_equal(waiting(), 2);
    assert_int_equal(rows_of("certificate_event"), 0);
    assert_int_equal(rows_of("form_signature"), 0);
    assert_int_equal(rows_of("job"), 1);
}

static void test_no_such_form(void **state)
{
    struct fake fake = good();
    struct cancel_result result;
    struct filing filing, draft, departure;

    (void)state;
    prepare(&filing);
    desk_draft(&local, ITEM_CANCEL, RENEWER, "", &draft);
    desk_draft(&local, ITEM_DEPARTURE, RENEWER, "", &departure);
    const struct {
        const struct desk *desk;
        const char *number;
        enum err_kind kind;
    } rows[] = {
        {&previous, filing.matter.number, ERR_NOT_FOUND},
        {&local, "", ERR_NOT_FOUND},
        {&local, "ZX20260301-99999999", ERR_NOT_FOUND},
        {&local, departure.matter.number, ERR_NOT_FOUND},
        {&local, draft.matter.number, ERR_CONFLICT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err err = {0};

        assert_int_equal(sign(rows[i].desk, &fake, rows[i].number, &result, &err), -1);
        assert_int_equal(err.kind, rows[i].kind);
        assert_waits(&filing);
    }
    assert_int_equal(fake.asked, 0);
}

static void assert_refused(const struct filing *filing, const char *cause)
{
    assert_waits(filing);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM audit_event"
                                   " WHERE action = 'cancel.signature_refused'"
                                   " AND matter_id = %d AND detail = '{\"cause\":\"%s\"}'",
                                   (int)filing->matter.id, cause),
                     1);
}

/* A key for which nothing is prepared, which is told and audited. */
static void test_key_refused(void **state)
{
    static const uint8_t junk[] = {0x30, 0x00};
    static const struct {
        struct fake fake;
        const char *algorithm;
        bool broken, formless;
        enum cancel_outcome outcome;
        const char *cause;
    } rows[] = {
        {{.cause = "expired"}, "ES256", 0, 0, CANCEL_BROKEN, "expired"},
        {{.result = 1, .uscc = "000000000000000002"}, "ES256", 0, 0, CANCEL_FOREIGN,
         "foreign_firm"},
        {{.result = 1, .uscc = ""}, "ES256", 0, 0, CANCEL_FOREIGN, "foreign_firm"},
        {{.result = 1, .uscc = "000000000000000001"}, "RS256", 0, 0, CANCEL_BROKEN, "algorithm"},
        {{.result = 1, .uscc = "000000000000000001"}, "ES256", 1, 0, CANCEL_BROKEN, "algorithm"},
        {{.result = 1, .uscc = "000000000000000001"}, "ES256", 0, 1, CANCEL_NO_FORM, "no_form"},
    };
    const struct outside_signer whole = key;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fake fake = rows[i].fake;
        struct filing filing;
        const char *cause;

        set_up(NULL);
        made(&filing);
        key.algorithm = rows[i].algorithm;
        if (rows[i].broken)
            key.certificate = (struct bytes){junk, sizeof(junk)};
        if (rows[i].formless)
            testdb_sql(testdb, "DELETE FROM document");
        assert_int_equal(ready(&local, &fake, filing.matter.number, &key, &cause),
                         rows[i].outcome);
        key = whole;
        assert_string_equal(cause, rows[i].cause);
        assert_refused(&filing, rows[i].cause);
        assert_int_equal(rows_of("form_preparation"), 0);
        testdb_audited(testdb, 3);
    }
}

/* Each is told, audited with its cause, and leaves the form to be signed again. */
static void test_signature_refused(void **state)
{
    static const struct {
        struct fake fake;
        enum cancel_outcome outcome;
        const char *cause;
    } rows[] = {
        {{.cause = "digest"}, CANCEL_BROKEN, "digest"},
        {{.cause = "untrusted"}, CANCEL_BROKEN, "untrusted"},
        {{.result = 1, .uscc = "000000000000000002"}, CANCEL_FOREIGN, "foreign_firm"},
        {{.result = 1, .uscc = ""}, CANCEL_FOREIGN, "foreign_firm"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fake fake = rows[i].fake, again = good();
        struct cancel_result result;
        struct filing filing;
        struct err err = {0};

        set_up(NULL);
        prepare(&filing);
        assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), 0);
        assert_int_equal(result.outcome, rows[i].outcome);
        assert_string_equal(result.cause, rows[i].cause);
        assert_refused(&filing, rows[i].cause);
        testdb_audited(testdb, 4);
        assert_int_equal(sign(&local, &again, filing.matter.number, &result, &err), 0);
        assert_int_equal(result.outcome, CANCEL_DONE);
    }
}

static void test_unprepared(void **state)
{
    struct fake fake = good();
    struct cancel_result result;
    struct filing filing;
    struct err err = {0};

    (void)state;
    made(&filing);
    assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), 0);
    assert_int_equal(result.outcome, CANCEL_UNPREPARED);
    assert_refused(&filing, "unprepared");

    set_up(NULL);
    prepare(&filing);
    testdb_sql(testdb, "UPDATE form_preparation"
                       " SET prepared_at = prepared_at - INTERVAL 1801 SECOND");
    assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), 0);
    assert_int_equal(result.outcome, CANCEL_UNPREPARED);
    assert_int_equal(fake.asked, 0);
    assert_refused(&filing, "late");
}

static void test_late(void **state)
{
    struct fake fake = good();
    struct filing filing;
    struct step step = {.desk = &local, .fake = &fake};
    struct err err = {0};

    (void)state;
    prepare(&filing);
    step.number = filing.matter.number;
    step.later_ms = CANCEL_SIGN_MINUTES * 60 * 1000 + 1;
    assert_int_equal(db_transact(local.db, work, &step, &err), 0);
    assert_int_equal(step.result.outcome, CANCEL_UNPREPARED);
    assert_refused(&filing, "late");
    assert_int_equal(fake.asked, 0);
}

/* With another form than the key was shown the signature falls; nothing of what was shown is made again. */
static void test_form_swapped(void **state)
{
#define OLD "UPDATE form_preparation, form_box, matter SET appended = NULL" /* its bytes were not kept */
    static const struct {
        const char *meanwhile;
        enum cancel_outcome outcome;
    } rows[] = {
        {"UPDATE document SET body = CONCAT(body, '\n') WHERE kind = 'form'", CANCEL_UNPREPARED},
        {"UPDATE form_preparation SET appended = INSERT(appended, 20, 1, '!')", CANCEL_UNPREPARED},
        {"UPDATE form_preparation SET digest = UNHEX(SHA2('x', 256))", CANCEL_UNPREPARED},
        {"UPDATE form_box SET box_left = box_left + 1", CANCEL_DONE},
        {"UPDATE matter SET enterprise_name = 'x' WHERE state = 'signing'", CANCEL_DONE},
        {OLD, CANCEL_DONE},
        {OLD ", box_left = box_left + 1", CANCEL_UNPREPARED},
        {OLD ", enterprise_name = 'x' WHERE matter.state = 'signing'", CANCEL_UNPREPARED},
        {OLD ", serial = '0a1c'", CANCEL_UNPREPARED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fake fake = good();
        struct cancel_result result;
        struct filing filing;
        struct err err = {0};

        set_up(NULL);
        prepare(&filing);
        testdb_sql(testdb, "%s", rows[i].meanwhile);
        if (sign(&local, &fake, filing.matter.number, &result, &err) < 0)
            fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(result.outcome, rows[i].outcome);
        assert_int_equal(fake.asked, rows[i].outcome == CANCEL_DONE);
        if (rows[i].outcome != CANCEL_DONE)
            assert_refused(&filing, "form_changed");
    }
}

static void test_fault_of_ours(void **state)
{
    struct fake fake = {.result = -1};
    struct cancel_result result;
    struct filing filing;
    struct err err = {0};

    (void)state;
    prepare(&filing);
    assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), -1);
    assert_int_equal(err.kind, ERR_CRYPTO);
    assert_waits(&filing);
    testdb_audited(testdb, 3);
}

/* Suspended, expired or too late: none of them is cancelled, and all are free. */
static void test_rule_refuses(void **state)
{
    static const struct {
        const char *meanwhile;
        struct date today;
    } rows[] = {
        {"UPDATE certificate SET state = '02' WHERE id = 53", {2026, 3, 1}},
        {"UPDATE certificate SET state = '02' WHERE id IN (52, 53)", {2026, 3, 1}},
        {"UPDATE certificate SET state = '05' WHERE id = 52", {2026, 3, 1}},
        {"DO 0", {2027, 1, 10}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fake fake = good();
        struct cancel_result result;
        struct filing filing;
        struct err err = {0};
        struct desk desk;

        set_up(NULL);
        prepare(&filing);
        testdb_sql(testdb, "%s", rows[i].meanwhile);
        desk = local;
        desk.today = rows[i].today;
        assert_int_equal(sign(&desk, &fake, filing.matter.number, &result, &err), 0);
        assert_int_equal(result.outcome, CANCEL_REFUSED);
        assert_non_null(strstr(desk_failed(&desk, &result.filing), "R17 "));
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter"
                                               " WHERE state = 'refused' AND closed_at IS NOT NULL"),
                         1);
        assert_int_equal(rows_of("matter_finding"), result.filing.count *
                                                        result.filing.subjects[0].verdict.count);
        assert_int_equal(waiting(), 0);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"
                                               " WHERE state = '04' AND id IN (52, 53)"),
                         0);
        assert_int_equal(rows_of("form_signature"), 0);
        assert_int_equal(rows_of("certificate_event"), 0);
        testdb_audited(testdb, 4);
    }
}

/* As the nightly run leaves it. */
static void test_expired_meanwhile(void **state)
{
    struct fake fake = good();
    struct cancel_result result;
    struct filing filing;
    struct err err = {0};
    uint64_t expired;

    (void)state;
    prepare(&filing);
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-02-28' WHERE id = 53");
    assert_int_equal(
        expiry_run(testdb->db, &testdb->core, testdb_today, DESK_NOW, &expired, &err), 0);
    assert_int_equal(expired, 1);
    assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), 0);
    assert_int_equal(result.outcome, CANCEL_REFUSED);
    assert_int_equal(waiting(), 0);
}

/* What the form says is not what there is any more: it is refused, and nobody waits for it. */
static void test_form_changed(void **state)
{
    static const char *const meanwhile[] = {
        "UPDATE certificate SET pending_matter_id = NULL WHERE id = 53",
        "UPDATE certificate SET pending_matter_id = NULL, state = '02' WHERE id = 53",
        "UPDATE certificate SET pending_matter_id = NULL",
        "UPDATE matter SET items = 3",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(meanwhile); i++) {
        struct fake fake = good();
        struct cancel_result result;
        struct filing filing;
        struct err err = {0};

        set_up(NULL);
        prepare(&filing);
        testdb_sql(testdb, "%s", meanwhile[i]);
        assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), 0);
        assert_int_equal(result.outcome, CANCEL_CHANGED);
        assert_string_equal(result.cause, "certificates_changed");
        assert_int_equal(rows_of("form_signature"), 0);
        assert_int_equal(rows_of("certificate_event"), 0);
        assert_int_equal(waiting(), 0);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                               " 'cancel.refused' AND detail ="
                                               " '{\"cause\":\"certificates_changed\"}'"),
                         1);
        assert_int_equal(desk_abandon(&local, ITEM_CANCEL, filing.matter.number, &err), 0);
    }
}

static void test_prepared(void **state)
{
    struct filing filing, other;
    struct err err = {0};

    (void)state;
    made(&filing);
    assert_string_equal(filing.matter.state, MATTER_SIGNING);
    assert_waits(&filing);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM matter m JOIN job j ON j.proof_id = m.id"
                                   " WHERE m.id = %d AND m.reason_code = '01' AND m.items = 2"
                                   " AND m.reason_text = '已与聘用企业解除聘用合同关系'"
                                   " AND j.kind = 'form' AND j.enterprise_id = 1",
                                   (int)filing.matter.id),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate WHERE matter_id"
                                           " = %d AND version = 1",
                                   (int)filing.matter.id),
                     2);
    testdb_audited(testdb, 2);
    /* Nobody else may act on them meanwhile. */
    assert_int_equal(desk_open(&local, ITEM_DEPARTURE, LEAVER, "", &other, &err), 0);
    assert_non_null(strstr(desk_failed(&local, &other), "R19 "));
    assert_int_equal(desk_open(&previous, ITEM_TRANSFER, LEAVER, "", &other, &err), 0);
    assert_non_null(strstr(desk_failed(&previous, &other), "R19 "));
}

static void test_signed(void **state)
{
    struct fake fake = good();
    uint8_t hash[32];
    char hex[65];
    struct form_signature kept;
    struct cancel_result result;
    struct filing filing;
    struct err err = {0};

    (void)state;
    prepare(&filing);
    assert_int_equal(
        form_signature_find(testdb->db, testdb->pool, filing.matter.id, &kept, &err), 0);
    assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), 0);
    assert_int_equal(result.outcome, CANCEL_DONE);
    assert_string_equal(result.cause, "");
    assert_string_equal(result.filing.matter.state, MATTER_DONE);
    assert_int_equal(fake.asked, 1);
    assert_int_equal(waiting(), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate WHERE id IN (52, 53)"
                                           " AND state = '04' AND state_reason = '01'"
                                           " AND version = 1 AND enterprise_id = 1"),
                     2);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM certificate_event WHERE from_state = '01'"
                                   " AND to_state = '04' AND action = 'cancel'"
                                   " AND reason_code = '01' AND matter_id = %d"
                                   " AND reason_text = '已与聘用企业解除聘用合同关系'",
                                   (int)filing.matter.id),
                     2);
    assert_int_equal(rows_of("certificate_event"), 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"
                                           " WHERE voided_at IS NOT NULL"),
                     2);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM matter m JOIN job j ON j.proof_id = m.id"
                                   " WHERE m.id = %d AND m.state = 'done'"
                                   " AND LENGTH(m.verify_token) = 16"
                                   " AND j.kind IN ('cancellation', 'signed')"
                                   " AND j.state = 'waiting'",
                                   (int)filing.matter.id),
                     2);
    sha256(fake.content.data, fake.content.size, hash);
    hex_encode(hash, sizeof(hash), hex);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM form_signature"
                                           " WHERE form_sha256 = UNHEX('%s')"
                                           " AND LENGTH(fingerprint) = 64", hex),
                     1);
    assert_int_equal(
        form_signature_find(testdb->db, testdb->pool, filing.matter.id, &kept, &err), 1);
    assert_string_equal(kept.signer_name, "测试建筑1有限公司");
    assert_string_equal(kept.serial, "0a1b");
    assert_int_equal(kept.signed_ms, DESK_NOW);
    assert_non_null(memmem(kept.cms.data, kept.cms.size, signature.data, signature.size));
    testdb_audited(testdb, 6);
}

static void test_signed_twice(void **state)
{
    struct fake fake = good();
    struct cancel_result result;
    struct filing filing;
    struct err err = {0};

    (void)state;
    prepare(&filing);
    assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), 0);
    assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(rows_of("certificate_event"), 2);
    assert_int_equal(rows_of("form_signature"), 1);
    assert_int_equal(desk_abandon(&local, ITEM_CANCEL, filing.matter.number, &err), 0);
}

static void test_signed_after_abandon(void **state)
{
    struct fake fake = good();
    struct cancel_result result;
    struct filing filing;
    struct err err = {0};

    (void)state;
    prepare(&filing);
    assert_int_equal(desk_abandon(&local, ITEM_CANCEL, filing.matter.number, &err), 1);
    assert_int_equal(sign(&local, &fake, filing.matter.number, &result, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(rows_of("certificate_event"), 0);
}

/* Let go for the reason that leaves the way open; or for another. */
static void test_coming_back(void **state)
{
    static const struct {
        const char *code;
        bool comes;
    } rows[] = {{"02", 0}, {"03", 0}, {"99", 0}, {"01", 1}};
    const uint64_t id = 41; /* of RENEWER in LOCAL */

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fake fake = good();
        struct cancel_result result;
        struct filing draft, form, back;
        struct err err = {0};
        const char *cause;

        set_up(NULL);
        desk_draft(&local, ITEM_CANCEL, RENEWER, "", &draft);
        const struct filing_choice choice = {.ids = &id,
                                             .count = 1,
                                             .seen = draft.seen,
                                             .reason_code = rows[i].code,
                                             .reason_text = "其他"};
        assert_int_equal(
            desk_confirm(&local, ITEM_CANCEL, draft.matter.number, &choice, &form, &err), 1);
        form_made(&form);
        assert_int_equal(ready(&local, &fake, form.matter.number, &key, &cause), CANCEL_DONE);
        assert_int_equal(sign(&local, &fake, form.matter.number, &result, &err), 0);
        assert_int_equal(result.outcome, CANCEL_DONE);
        assert_int_equal(desk_open(&outside, ITEM_TRANSFER, RENEWER, "", &back, &err),
                         rows[i].comes);
        if (!rows[i].comes) {
            assert_string_equal(desk_failed(&outside, &back), "R15 ");
            continue;
        }
        desk_do(&outside, ITEM_TRANSFER, RENEWER, "", &id, 1, &back);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate WHERE id = 41"
                                               " AND state = '01' AND state_reason IS NULL"
                                               " AND enterprise_id = 3 AND version = 2"),
                         1);
    }
}

#define CASE(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_no_such_form), CASE(test_key_refused), CASE(test_signature_refused),
        CASE(test_unprepared), CASE(test_late), CASE(test_form_swapped), CASE(test_fault_of_ours),
        CASE(test_rule_refuses), CASE(test_expired_meanwhile), CASE(test_form_changed),
        CASE(test_prepared), CASE(test_signed), CASE(test_signed_twice),
        CASE(test_signed_after_abandon), CASE(test_coming_back),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    key_make();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    key_free();
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
