/* Where firms want to be told: nothing is written to that was not confirmed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/message/contact.h"
#include "tests/core/testdb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          INT64_C(1772323200000) /* 2026-03-01 UTC */

enum { FIRM = 1, OTHER = 2 };

static struct testdb *testdb;
static const struct actor clerk = {ACTOR_FIRM, FIRM, "r1"};
static int64_t now;

static struct change change_of(uint64_t firm)
{
    return (struct change){.db = testdb->db,
                           .pool = testdb->pool,
                           .core = &testdb->core,
                           .actor = &clerk,
                           .enterprise_id = firm,
                           .today = testdb_today,
                           .now_ms = now};
}

enum step { WANT, CONFIRM, CHOOSE, REMOVE };

/* One step as the pages do it, committed. */
static int step(enum step what, uint64_t firm, enum contact_channel channel, const char *text,
                unsigned events)
{
    struct change change = change_of(firm);
    struct err err = {0};
    int done;

    assert_int_equal(db_begin(testdb->db, &err), 0);
    done = what == WANT      ? contact_want(&change, channel, text, &err)
           : what == CONFIRM ? contact_confirm(&change, channel, text, &err)
           : what == CHOOSE  ? contact_choose(&change, channel, events, &err)
                             : contact_remove(&change, channel, &err);
    if (done < 0) {
        db_rollback(testdb->db);
        assert_int_equal(err.kind, ERR_NOT_FOUND);
        return -1;
    }
    if (change_end(&change, &err) < 0 || db_commit(testdb->db, &err) < 0)
        fail_msg("%s", err.text);
    return done;
}

static struct contact of(uint64_t firm, enum contact_channel channel)
{
    struct contact contacts[CONTACT_CHANNELS];
    struct err err = {0};

    if (contact_list(testdb->db, testdb->pool, &testdb->core, firm, now, contacts, &err) < 0)
        fail_msg("%s", err.text);
    return contacts[channel];
}

/* The code as the daemon would send it, of the newest message that still has one. */
static const char *code_of(uint64_t firm)
{
    char *code = pool_alloc(testdb->pool, CONTACT_CODE_SIZE);
    const struct outbox *rows;
    struct err err = {0};
    struct bytes salt;
    size_t count;

    assert_int_equal(outbox_list(testdb->db, testdb->pool, NULL, 0, 50, &rows, &count, &err), 0);
    for (size_t i = 0; i < count; i++)
        if (rows[i].enterprise_id == firm && rows[i].event == OUTBOX_CONFIRM &&
            contact_salt(testdb->db, testdb->pool, &rows[i], now, &salt, &err) == 1) {
            contact_code(&testdb->core, rows[i].contact_id, salt, code);
            return code;
        }
    return "";
}

static void test_no_addresses(void **state)
{
    static const struct {
        enum contact_channel channel;
        const char *input, *normal; /* NULL: none */
    } rows[] = {
        {CONTACT_MAIL, "", NULL},
        {CONTACT_MAIL, "13800138000", NULL},
        {CONTACT_MAIL, "a@b.example\nBcc: c@d.example", NULL},
        {CONTACT_MAIL, "Clerk@Firm.Example", "Clerk@firm.example"},
        {CONTACT_SMS, "", NULL},
        {CONTACT_SMS, "a@b.example", NULL},
        {CONTACT_SMS, "1380013800", NULL},
        {CONTACT_SMS, "138001380000", NULL},
        {CONTACT_SMS, "12800138000", NULL},
        {CONTACT_SMS, "23800138000", NULL},
        {CONTACT_SMS, "+85213800138000", NULL},
        {CONTACT_SMS, "１3800138000", NULL},
        {CONTACT_SMS, "13800138000;13900139000", NULL},
        {CONTACT_SMS, "13800138000", "13800138000"},
        {CONTACT_SMS, "+86 138-0013-8000", "13800138000"},
    };
    char normal[CONTACT_ADDRESS_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool taken = contact_normalise(rows[i].channel, rows[i].input, normal);

        if (taken != (rows[i].normal != NULL) || (taken && strcmp(normal, rows[i].normal) != 0))
            fail_msg("row %zu: %s", i, taken ? normal : "refused");
    }
}

static void test_confirmed_by_its_code(void **state)
{
    struct contact contact;
    const char *code;

    (void)state;
    assert_int_equal(step(CONFIRM, FIRM, CONTACT_MAIL, "123456", 0), -1);
    assert_int_equal(step(WANT, FIRM, CONTACT_MAIL, "a@b.example", 0), 1);
    contact = of(FIRM, CONTACT_MAIL);
    assert_string_equal(contact.address, "");
    assert_string_equal(contact.wanted, "a@b.example");
    assert_false(contact.code_over);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM contact WHERE confirmed_at IS NOT NULL"), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM contact"
                                           " WHERE INSTR(wanted_sealed, 'b.example')"), 0);
    code = code_of(FIRM);
    assert_int_equal(strlen(code), 6);
    assert_int_equal(step(CONFIRM, OTHER, CONTACT_MAIL, code, 0), -1);
    assert_int_equal(step(CONFIRM, FIRM, CONTACT_MAIL, "", 0), 0);
    assert_int_equal(step(CONFIRM, FIRM, CONTACT_MAIL, code, 0), 1);
    contact = of(FIRM, CONTACT_MAIL);
    assert_string_equal(contact.address, "a@b.example");
    assert_string_equal(contact.wanted, "");
    assert_int_equal(step(CONFIRM, FIRM, CONTACT_MAIL, code, 0), -1);
    testdb_audited(testdb, 3);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM audit_event WHERE"
                                           " INSTR(detail, 'example') OR INSTR(detail, '@')"), 0);
}

static void test_tries_and_time(void **state)
{
    const char *code, *wrong;

    (void)state;
    assert_int_equal(step(WANT, FIRM, CONTACT_SMS, "13800138000", 0), 1);
    code = code_of(FIRM);
    wrong = strcmp(code, "000000") == 0 ? "000001" : "000000";
    for (int i = 0; i < CONTACT_TRIES; i++)
        assert_int_equal(step(CONFIRM, FIRM, CONTACT_SMS, wrong, 0), 0);
    assert_true(of(FIRM, CONTACT_SMS).code_over);
    assert_int_equal(step(CONFIRM, FIRM, CONTACT_SMS, code, 0), 0);
    assert_int_equal(step(WANT, FIRM, CONTACT_SMS, "13800138000", 0), 1);
    if (strcmp(code_of(FIRM), code) != 0)
        assert_int_equal(step(CONFIRM, FIRM, CONTACT_SMS, code, 0), 0);
    code = code_of(FIRM);
    now += CONTACT_CODE_MS;
    assert_string_equal(code_of(FIRM), "");
    assert_int_equal(step(CONFIRM, FIRM, CONTACT_SMS, code, 0), 0);
    assert_string_equal(of(FIRM, CONTACT_SMS).address, "");
}

/* A number that nobody asked to be called can't be rung up again and again. */
static void test_codes_are_bounded(void **state)
{
    (void)state;
    for (int i = 0; i < CONTACT_CODES; i++)
        assert_int_equal(step(WANT, FIRM, CONTACT_SMS, "13800138000", 0), 1);
    assert_int_equal(step(WANT, FIRM, CONTACT_SMS, "13800138000", 0), 0);
    assert_int_equal(step(WANT, FIRM, CONTACT_SMS, "13900139000", 0), 0);
    assert_int_equal(step(WANT, OTHER, CONTACT_SMS, "13800138000", 0), 0);
    assert_int_equal(step(WANT, OTHER, CONTACT_SMS, "13900139000", 0), 1);
    assert_int_equal(step(WANT, FIRM, CONTACT_MAIL, "a@b.example", 0), 1);
    now += INT64_C(24) * 3600 * 1000 + 1;
    assert_int_equal(step(WANT, FIRM, CONTACT_SMS, "13800138000", 0), 1);
}

/* Until the new address is confirmed, the old one is the one. */
static void test_changed(void **state)
{
    struct contact contact;
    unsigned events = 1U << OUTBOX_LEFT | 1U << OUTBOX_EXPIRING;

    (void)state;
    step(WANT, FIRM, CONTACT_MAIL, "old@b.example", 0);
    assert_int_equal(step(CONFIRM, FIRM, CONTACT_MAIL, code_of(FIRM), 0), 1);
    assert_int_equal(step(CHOOSE, FIRM, CONTACT_MAIL, NULL, events | 1U << OUTBOX_CONFIRM), 1);
    assert_int_equal(step(CHOOSE, FIRM, CONTACT_SMS, NULL, events), 0);
    step(WANT, FIRM, CONTACT_MAIL, "new@b.example", 0);
    contact = of(FIRM, CONTACT_MAIL);
    assert_string_equal(contact.address, "old@b.example");
    assert_string_equal(contact.wanted, "new@b.example");
    assert_int_equal(contact.events, events);
    assert_int_equal(step(CONFIRM, FIRM, CONTACT_MAIL, code_of(FIRM), 0), 1);
    assert_string_equal(of(FIRM, CONTACT_MAIL).address, "new@b.example");
    assert_int_equal(of(FIRM, CONTACT_MAIL).events, events);
    assert_int_equal(step(CHOOSE, FIRM, CONTACT_MAIL, NULL, 0), 1);
    assert_int_equal(of(FIRM, CONTACT_MAIL).events, 0);
    assert_int_equal(step(REMOVE, FIRM, CONTACT_MAIL, NULL, 0), 1);
    assert_int_equal(step(REMOVE, FIRM, CONTACT_MAIL, NULL, 0), 0);
    assert_int_equal(of(FIRM, CONTACT_MAIL).id, 0);
}

static void test_off(void **state)
{
    (void)state;
    testdb->policy.notify = "";
    assert_false(contact_channel_open(&testdb->core, CONTACT_MAIL));
    step(WANT, FIRM, CONTACT_MAIL, "a@b.example", 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox"), 0);
    testdb->policy.notify = "sms";
    assert_true(contact_channel_open(&testdb->core, CONTACT_SMS));
    assert_false(contact_channel_open(&testdb->core, CONTACT_MAIL));
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER);
    testdb->policy.notify = "mail,sms";
    now = NOW;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_addresses, set_up),
        cmocka_unit_test_setup(test_confirmed_by_its_code, set_up),
        cmocka_unit_test_setup(test_tries_and_time, set_up),
        cmocka_unit_test_setup(test_codes_are_bounded, set_up),
        cmocka_unit_test_setup(test_changed, set_up),
        cmocka_unit_test_setup(test_off, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
