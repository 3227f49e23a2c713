/* Changes of a certificate: what is written, and that nobody was faster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "core/matter/matter.h"
#include "core/register/certificate.h"
#include "core/register/identifier.h"
#include "tests/core/desk.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FIRM = 1, OTHER_FIRM = 2, PERSON = 1, CERTIFICATE = 11 };

static struct testdb *testdb;
static const struct bytes photo = {(const uint8_t *)"photo", 5};

/* What is done in one transaction, in this order: nothing where it is not asked for. */
struct work {
    const struct certificate_face *issue, *version;
    const char *state, *reason_code, *reason_text;
    uint64_t pending; /* the matter; 0: none */
    bool free;        /* waits no more */
    struct certificate_was was;
    uint64_t matter_id, id;
};

static int matter(struct change *change, struct work *work, struct err *err)
{
    const struct matter_new what = {.item = ITEM_CORRECTION,
                                    .state = MATTER_DONE,
                                    .enterprise_id = FIRM,
                                    .enterprise_name = "",
                                    .items = 1};
    struct matter opened;

    if (matter_open(change->db, change->actor, &what, change->today, change->now_ms, &opened, err) <
        0)
        return -1;
    work->matter_id = change->matter_id = opened.id;
    return 0;
}

static int run(void *context, struct err *err)
{
    const struct actor actor = {ACTOR_STAFF, 7, "request-1"};
    const struct desk desk = desk_of(testdb, FIRM);
    struct change change = desk_change(&desk, &actor);
    struct work *work = context;

    if (matter(&change, work, err) < 0)
        return -1;
    if (work->issue && change_issue(&change, work->issue, "issue", "{\"a\":1}", &work->id, err) < 0)
        return -1;
    if (work->version && change_version(&change, &work->was, work->version, "transfer", err) < 0)
        return -1;
    if (work->state && change_state(&change, &work->was, work->state, "cancel", work->reason_code,
                                    work->reason_text, err) < 0)
        return -1;
    if ((work->pending || work->free) &&
        change_pending(&change, &work->was, work->pending, err) < 0)
        return -1;
    return change_end(&change, err);
}

static int attempt(struct work *work, struct err *err)
{
    return db_transact(testdb->db, run, work, err);
}

static struct certificate_face face(const char *number)
{
    return (struct certificate_face){
        .number = number,
        .class_code = "B",
        .person_id = PERSON,
        .enterprise_id = OTHER_FIRM,
        .enterprise_name = "新企业",
        .holder_name = "张叁",
        .sex = 2,
        .birth = {1990, 2, 3},
        .post = "07",
        .first_issued = {2020, 1, 2},
        .valid_from = {2025, 3, 4},
        .valid_until = {2028, 3, 3},
        .held_since = {2025, 6, 7},
        .capture_id = 99,
    };
}

static const struct certificate_was as_it_is = {CERTIFICATE, 1, "01", 0};

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER_FIRM);
    testdb_person(testdb, PERSON, "111", "张三", photo);
    testdb_certificate(
        testdb, &(struct testdb_certificate){.id = CERTIFICATE, .firm = FIRM, .person = PERSON});
    return 0;
}

static int64_t rows_of(const char *table)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM %s", table);
}

static void assert_nothing_done(int64_t certificates)
{
    assert_int_equal(rows_of("certificate"), certificates);
    assert_int_equal(rows_of("certificate_version"), certificates);
    assert_int_equal(rows_of("certificate_event"), 0);
    assert_int_equal(rows_of("matter"), 0);
    assert_int_equal(rows_of("job"), 0);
    testdb_audited(testdb, 0);
}

static void test_somebody_was_faster(void **state)
{
    static const struct {
        const char *meanwhile;
        struct certificate_was was;
    } rows[] = {
        {"DO 0", {CERTIFICATE, 2, "01", 0}},
        {"DO 0", {CERTIFICATE, 0, "01", 0}},
        {"DO 0", {CERTIFICATE, 1, "02", 0}},
        {"DO 0", {CERTIFICATE, 1, "01", 5}},
        {"DO 0", {99, 1, "01", 0}},
        {"UPDATE certificate SET version = 2", {CERTIFICATE, 1, "01", 0}},
        {"UPDATE certificate SET state = '02'", {CERTIFICATE, 1, "01", 0}},
        {"UPDATE certificate SET state = '04'", {CERTIFICATE, 1, "01", 0}},
        {"UPDATE certificate SET pending_matter_id = 5", {CERTIFICATE, 1, "01", 0}},
        {"UPDATE certificate SET pending_matter_id = 5", {CERTIFICATE, 1, "01", 6}},
    };
    const struct certificate_face wanted = face("沪建安B（2024）0000011");

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct work works[] = {{.version = &wanted}, {.state = "04"}, {.pending = 8}, {.free = true}};

        set_up(NULL);
        testdb_sql(testdb, "%s", rows[i].meanwhile);
        for (size_t w = 0; w < COUNT(works); w++) {
            struct err err = {0};

            works[w].was = rows[i].was;
            assert_int_equal(attempt(&works[w], &err), -1);
            assert_int_equal(err.kind, ERR_CONFLICT);
            assert_nothing_done(1);
        }
    }
}

static void test_number_taken(void **state)
{
    static const char *const numbers[] = {
        "沪建安B（2024）0000011", /* the very number */
        "沪建安B（2024）0000012", /* its identifier */
        "沪建安B(2024)0000013",   /* no number of ours */
        "",
    };
    char identifier[IDENTIFIER_SIZE];

    (void)state;
    identifier_make("11430000006122244L", 2024, 12, 1, identifier);
    testdb_sql(testdb, "UPDATE certificate_version SET identifier = '%s'", identifier);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const struct certificate_face wanted = face(numbers[i]);
        struct work work = {.issue = &wanted};
        struct err err = {0};

        assert_int_equal(attempt(&work, &err), -1);
        assert_int_equal(err.kind, ERR_CONFLICT);
        assert_nothing_done(1);
    }
}

/* The next version's identifier, too. */
static void test_identifier_of_version_taken(void **state)
{
    const struct certificate_face wanted = face("沪建安B（2024）0000011");
    struct work work = {.version = &wanted, .was = as_it_is};
    char identifier[IDENTIFIER_SIZE];
    struct err err = {0};

    (void)state;
    identifier_make("11430000006122244L", 2024, 11, 2, identifier);
    testdb_sql(testdb, "UPDATE certificate_version SET identifier = '%s'", identifier);
    assert_int_equal(attempt(&work, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_nothing_done(1);
}

/* There are three digits for it. */
static void test_versions_used_up(void **state)
{
    const struct certificate_face wanted = face("沪建安B（2024）0000011");
    struct work work = {.version = &wanted, .was = {CERTIFICATE, 999, "01", 0}};
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET version = 999");
    assert_int_equal(attempt(&work, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_nothing_done(1);
}

static void assert_identifier(uint64_t certificate, unsigned version, int year, uint32_t serial)
{
    char identifier[IDENTIFIER_SIZE];

    identifier_make("11430000006122244L", year, serial, version, identifier);
    assert_true(identifier_valid(identifier));
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM certificate_version WHERE"
                                   " certificate_id = %d AND version = %u AND identifier = '%s'"
                                   " AND LENGTH(verify_token) = 16",
                                   (int)certificate, version, identifier),
                     1);
}

/* Certificate and version in force say the same, as schema/README.md promises; and what. */
static void assert_face(uint64_t id, unsigned version, const char *number, const char *first_issued)
{
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM certificate c JOIN certificate_version v"
                      " ON v.certificate_id = c.id AND v.version = c.version WHERE c.id = %d"
                      " AND c.version = %u AND c.number = '%s' AND c.state = '01'"
                      " AND c.class = 'B' AND c.person_id = 1 AND c.enterprise_id = 2"
                      " AND c.holder_name = '张叁' AND c.enterprise_name = '新企业'"
                      " AND c.post = '07' AND c.first_issued = '%s'"
                      " AND c.valid_from = '2025-03-04' AND c.valid_until = '2028-03-03'"
                      " AND c.held_since = '2025-06-07' AND c.generation = 0"
                      " AND c.state_reason IS NULL AND c.pending_matter_id IS NULL"
                      " AND v.class = c.class AND v.enterprise_id = c.enterprise_id"
                      " AND v.holder_name = c.holder_name AND v.post = c.post"
                      " AND v.enterprise_name = c.enterprise_name"
                      " AND v.valid_from = c.valid_from AND v.valid_until = c.valid_until"
                      " AND v.sex = 2 AND v.birth = '1990-02-03' AND v.issued_on = '2026-03-01'"
                      " AND v.issuer_name = '测试发证机关' AND v.capture_id = 99"
                      " AND v.made_at = '2026-03-01' AND v.voided_at IS NULL",
                      (int)id, version, number, first_issued),
        1);
}

static void assert_event(const struct work *work, uint64_t id, unsigned version, const char *action,
                         const char *from, const char *to, unsigned firm)
{
    assert_int_equal(rows_of("certificate_event"), 1);
    assert_int_equal(
        testdb_number(testdb,
                      "SELECT COUNT(*) FROM certificate_event WHERE certificate_id = %d"
                      " AND version = %u AND action = '%s' AND from_state <=> %s"
                      " AND to_state = '%s' AND enterprise_id = %u AND matter_id = %d"
                      " AND actor_kind = 2 AND actor_id = 7 AND happened_at = '2026-03-01'",
                      (int)id, version, action, from, to, firm, (int)work->matter_id),
        1);
}

static void assert_job(const struct work *work, uint64_t id, unsigned version)
{
    assert_int_equal(rows_of("job"), 1);
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM job WHERE kind = 'certificate'"
                                   " AND certificate_id = %d AND version = %u AND proof_id = 0"
                                   " AND matter_id = %d AND enterprise_id = 2"
                                   " AND state = 'waiting' AND run_at = '2026-03-01'",
                                   (int)id, version, (int)work->matter_id),
                     1);
}

static void assert_audit(const struct work *work, uint64_t id, const char *action,
                         const char *detail)
{
    assert_int_equal(testdb_number(testdb,
                                   "SELECT COUNT(*) FROM audit_event WHERE chain = 1"
                                   " AND action = '%s' AND object_kind = 'certificate'"
                                   " AND object_id = %d AND matter_id = %d AND actor_kind = 2"
                                   " AND actor_id = 7 AND request = 'request-1' AND detail = '%s'",
                                   action, (int)id, (int)work->matter_id, detail),
                     1);
    testdb_audited(testdb, 1);
}

static void test_issue(void **state)
{
    const struct certificate_face wanted = face("沪建安B（2026）0000345");
    struct work work = {.issue = &wanted};
    struct err err = {0};

    (void)state;
    assert_int_equal(attempt(&work, &err), 0);
    assert_face(work.id, 1, "沪建安B（2026）0000345", "2020-01-02");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate"
                                           " WHERE issue_year = 2026 AND serial = 345"),
                     1);
    assert_identifier(work.id, 1, 2026, 345);
    assert_event(&work, work.id, 1, "issue", "NULL", "01", OTHER_FIRM);
    assert_job(&work, work.id, 1);
    assert_audit(&work, work.id, "certificate.issue", "{\"a\":1}");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter_certificate"
                                           " WHERE version = 1 AND state = 'done'"),
                     1);
    assert_int_equal(rows_of("certificate_version"), 2);
}

/* From any state the caller names, and whatever it waited for. */
static void test_version(void **state)
{
    static const struct {
        const char *before;
        struct certificate_was was;
        const char *from;
    } rows[] = {
        {"DO 0", {CERTIFICATE, 1, "01", 0}, "'01'"},
        {"UPDATE certificate SET pending_matter_id = 5", {CERTIFICATE, 1, "01", 5}, "'01'"},
        {"UPDATE certificate SET state = '04', state_reason = '01'", {CERTIFICATE, 1, "04", 0},
         "'04'"},
        {"UPDATE certificate SET generation = 3", {CERTIFICATE, 1, "01", 0}, "'01'"},
    };
    struct certificate_face wanted = face("沪建安B（2024）0000011");

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct work work = {.version = &wanted, .was = rows[i].was};
        struct err err = {0};

        set_up(NULL);
        wanted.first_issued = (struct date){2024, 1, 10};
        testdb_sql(testdb, "%s", rows[i].before);
        assert_int_equal(attempt(&work, &err), 0);
        assert_face(CERTIFICATE, 2, "沪建安B（2024）0000011", "2024-01-10");
        assert_identifier(CERTIFICATE, 2, 2024, 11);
        assert_event(&work, CERTIFICATE, 2, "transfer", rows[i].from, "01", OTHER_FIRM);
        assert_job(&work, CERTIFICATE, 2);
        assert_audit(&work, CERTIFICATE, "certificate.transfer", "{\"version\":2}");
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"
                                               " WHERE version = 1 AND voided_at = '2026-03-01'"
                                               " AND holder_name = '张三' AND enterprise_id = 1"),
                         1);
    }
}

static void test_state(void **state)
{
    struct work work = {.state = "04",
                        .reason_code = "99",
                        .reason_text = "其他：重名",
                        .was = {CERTIFICATE, 1, "01", 5}};
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET pending_matter_id = 5");
    assert_int_equal(attempt(&work, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate WHERE state = '04'"
                                           " AND state_reason = '99' AND version = 1"
                                           " AND pending_matter_id IS NULL AND generation = 2"
                                           " AND enterprise_id = 1"),
                     1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"
                                           " WHERE voided_at = '2026-03-01'"),
                     1);
    assert_event(&work, CERTIFICATE, 1, "cancel", "'01'", "04", FIRM);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_event"
                                           " WHERE reason_code = '99' AND reason_text = '其他：重名'"),
                     1);
    assert_int_equal(rows_of("job"), 0);
    assert_audit(&work, CERTIFICATE, "certificate.cancel", "{\"from\":\"01\",\"to\":\"04\"}");
}

/* What is void already keeps its time. */
static void test_state_of_void_version(void **state)
{
    struct work work = {.state = "06", .was = as_it_is};
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "UPDATE certificate_version SET voided_at = '2025-01-01'");
    assert_int_equal(attempt(&work, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM certificate_version"
                                           " WHERE voided_at = '2025-01-01'"),
                     1);
}

static void test_pending(void **state)
{
    struct work waits = {.pending = 5, .was = as_it_is};
    struct work other = {.pending = 6, .was = as_it_is};
    struct work ends = {.free = true, .was = {CERTIFICATE, 1, "01", 5}};
    struct err err = {0};

    (void)state;
    assert_int_equal(attempt(&waits, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT pending_matter_id FROM certificate"), 5);
    assert_int_equal(attempt(&other, &err), -1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(attempt(&ends, &err), 0);
    assert_int_equal(
        testdb_number(testdb, "SELECT COUNT(*) FROM certificate WHERE pending_matter_id IS NULL"),
        1);
    assert_int_equal(rows_of("certificate_event"), 0);
    testdb_audited(testdb, 0); /* the matter's own event tells of it */
}

/* Many in one transaction, in the chains of two firms: more than there is room for at first. */
static int note_many(void *context, struct err *err)
{
    const struct actor actor = {ACTOR_FIRM, FIRM, "request-1"};
    const struct desk desk = desk_of(testdb, FIRM);
    struct change change = desk_change(&desk, &actor);

    (void)context;
    for (uint64_t i = 1; i <= 100; i++)
        change_note(&change, 1 + i % 2, "matter.note", "matter", i, NULL);
    return change_end(&change, err);
}

static void test_notes(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(db_transact(testdb->db, note_many, NULL, &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(DISTINCT object_id) FROM audit_event"), 100);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE chain = 2"), 50);
    testdb_audited(testdb, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_somebody_was_faster, set_up),
        cmocka_unit_test_setup(test_number_taken, set_up),
        cmocka_unit_test_setup(test_identifier_of_version_taken, set_up),
        cmocka_unit_test_setup(test_versions_used_up, set_up),
        cmocka_unit_test_setup(test_issue, set_up),
        cmocka_unit_test_setup(test_version, set_up),
        cmocka_unit_test_setup(test_state, set_up),
        cmocka_unit_test_setup(test_state_of_void_version, set_up),
        cmocka_unit_test_setup(test_pending, set_up),
        cmocka_unit_test_setup(test_notes, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
