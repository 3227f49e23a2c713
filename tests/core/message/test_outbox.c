/* The outbox: what is ordered, for whom, how often; and its queue. */
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
#include "base/vault.h"
#include "core/issue/task.h"
#include "core/item/rename.h"
#include "core/message/outbox.h"
#include "core/places.h"
#include "core/register/certificate.h"
#include "tests/core/desk.h"
#include "tests/core/testdb.h"

#define NOW DESK_NOW

static struct testdb *testdb;

static const struct db_query add_contact = {
    "add_contact", "INSERT INTO contact (enterprise_id, channel, events, address_sealed, address_hash,"
                   " confirmed_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, NOW(3), NOW(3))"};

#define ALL "ready,changed,refused,left,sanction,renamed,expiring"

/* A contact that wants these events; confirmed or not. */
static void contact(uint64_t firm, const char *channel, const char *events, bool confirmed)
{
    const char *address = strcmp(channel, "mail") == 0 ? "a@b.example" : "13800138000";
    uint8_t hash[VAULT_HASH_SIZE];
    struct bytes sealed;
    struct err err = {0};

    vault_lookup(testdb->vault, PLACE_CONTACT_ADDRESS, address, hash);
    if (vault_seal(testdb->vault, testdb->pool, PLACE_CONTACT_ADDRESS,
                   (struct bytes){(const uint8_t *)address, strlen(address)}, &sealed, &err) < 0 ||
        db_run(testdb->db, &add_contact,
               DB_ARGS(db_uint(firm), db_text(channel), db_text(events),
                       db_bytes(sealed.data, sealed.size), db_bytes(hash, sizeof(hash)),
                       confirmed ? db_time(NOW) : db_null()),
               NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static int64_t ordered(const char *event)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE event = '%s'", event);
}

static struct change change_by(const struct actor *actor, uint64_t firm, uint64_t matter)
{
    return (struct change){.db = testdb->db,
                           .pool = testdb->pool,
                           .core = &testdb->core,
                           .actor = actor,
                           .enterprise_id = firm,
                           .today = testdb_today,
                           .now_ms = NOW,
                           .matter_id = matter};
}

static void test_who_is_told(void **state)
{
    static const struct {
        const char *policy, *channel, *events;
        bool confirmed;
        int messages;
    } rows[] = {
        {"", "mail", ALL, true, 0},
        {NULL, "mail", ALL, true, 0},
        {"sms", "mail", ALL, true, 0},
        {"mail", "mail", ALL, false, 0},
        {"mail", "mail", "", true, 0},
        {"mail", "mail", "left,expiring", true, 0},
        {"mail", "mail", "renamed", true, 1},
        {"mail,sms", "sms", ALL, true, 1},
    };
    const struct actor actor = {ACTOR_FIRM, LOCAL, ""};
    struct change change = change_by(&actor, LOCAL, 7);
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        testdb_sql(testdb, "DELETE FROM outbox");
        testdb_sql(testdb, "DELETE FROM contact");
        testdb->policy.notify = rows[i].policy;
        contact(LOCAL, rows[i].channel, rows[i].events, rows[i].confirmed);
        contact(PREVIOUS, "mail", ALL, true);
        for (int twice = 0; twice < 2; twice++)
            if (outbox_add(&change, OUTBOX_RENAMED, LOCAL, &err) < 0)
                fail_msg("%s", err.text);
        if (ordered("renamed") != rows[i].messages)
            fail_msg("row %zu: %d", i, (int)ordered("renamed"));
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE enterprise_id <> 1"), 0);
    }
}

/* A change by the authority tells the holder's firm, and once for a matter; a firm's own none. */
static void test_changes(void **state)
{
    const struct actor staff = {ACTOR_STAFF, 1, ""}, firm = {ACTOR_FIRM, LOCAL, ""};
    struct change change;
    struct err err = {0};

    (void)state;
    contact(LOCAL, "mail", ALL, true);
    contact(LOCAL, "sms", ALL, true);
    contact(PREVIOUS, "mail", ALL, true);
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, state, items, opened_by_kind, opened_at)"
                       " VALUES (70, 'sanction', '2026-03-01', 'open', 2, 2, NOW(3)),"
                       " (71, 'name_change', '2026-03-01', 'open', 2, 2, NOW(3))");
    change = change_by(&firm, LOCAL, 70);
    assert_int_equal(change_state(&change, &(struct certificate_was){51, 1, "01", 0}, "04", "cancel",
                                  "01", "", &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox"), 0);
    change = change_by(&staff, LOCAL, 70);
    assert_int_equal(change_state(&change, &(struct certificate_was){52, 1, "01", 0}, "02", "suspend",
                                  "01", "", &err), 0);
    assert_int_equal(change_state(&change, &(struct certificate_was){53, 1, "01", 0}, "02", "suspend",
                                  "01", "", &err), 0);
    change = change_by(&staff, PREVIOUS, 70);
    assert_int_equal(change_state(&change, &(struct certificate_was){11, 1, "01", 0}, "07", "revoke",
                                  "01", "", &err), 0);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE enterprise_id = 1"
                                           " AND event = 'sanction' AND matter_id = 70"), 2);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE enterprise_id = 2"
                                           " AND event = 'sanction' AND matter_id = 70"), 1);
    change.matter_id = 71;
    assert_int_equal(outbox_add_change(&change, 12, "01", "01", &err), 0);
    assert_int_equal(ordered("changed"), 1);
    /* What is suspended, and stays so, was changed, not sanctioned. */
    assert_int_equal(change_version_in(&change, &(struct certificate_was){52, 1, "02", 0},
                                       &(struct certificate_face){.number = "沪建安B（2024）0000052",
                                                                  .class_code = "B",
                                                                  .enterprise_id = LOCAL,
                                                                  .holder_name = "张叁丰",
                                                                  .enterprise_name = "测试",
                                                                  .post = "07",
                                                                  .birth = {1980, 1, 1},
                                                                  .first_issued = {2024, 1, 10},
                                                                  .valid_from = {2024, 1, 10},
                                                                  .valid_until = {2027, 1, 9},
                                                                  .held_since = {2024, 1, 10}},
                                       "02", "name_change", NULL, &err), 0);
    assert_int_equal(ordered("changed"), 3);
    assert_int_equal(ordered("sanction"), 3);
    assert_int_equal(outbox_add_change(&change, 12, "06", "01", &err), 0);
    assert_int_equal(ordered("sanction"), 4);
    testdb_sql(testdb, "INSERT INTO matter_certificate (matter_id, certificate_id, version)"
                       " VALUES (71, 11, 1), (71, 12, 1), (71, 52, 1)");
    assert_int_equal(outbox_add_matter(&change, OUTBOX_REFUSED, &err), 0);
    assert_int_equal(outbox_add_matter(&change, OUTBOX_REFUSED, &err), 0);
    assert_int_equal(ordered("refused"), 3);
}

/* The very item, as firms do it: the previous firm is told, and no message is there without it. */
static void test_transfer(void **state)
{
    struct desk desk = desk_of(testdb, LOCAL);
    const uint64_t ids[] = {11, 12};
    struct filing filing;

    (void)state;
    contact(PREVIOUS, "mail", ALL, true);
    contact(LOCAL, "mail", ALL, true);
    desk_do(&desk, ITEM_TRANSFER, HOLDER, NULL, ids, 2, &filing);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE event = 'left'"
                                           " AND enterprise_id = 2 AND state = 'waiting'"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox o JOIN matter m"
                                           " ON m.id = o.matter_id AND m.parent_id = %d",
                                   (int)filing.matter.id), 1);
}

static void test_rename(void **state)
{
    const struct actor actor = {ACTOR_FIRM, LOCAL, ""};
    struct change change = change_by(&actor, LOCAL, 0);
    struct rename rename;
    struct err err = {0};
    size_t renamed;

    (void)state;
    contact(LOCAL, "mail", ALL, true);
    testdb_sql(testdb, "UPDATE enterprise SET name = '新名' WHERE id = 1");
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(rename_start(&change, &rename, &err), 1);
    assert_int_equal(db_commit(testdb->db, &err), 0);
    assert_int_equal(ordered("renamed"), 0);
    assert_int_equal(task_advance(testdb->db, testdb->pool, &testdb->core, testdb_today, NOW,
                                    10000, &renamed, &err), 1);
    assert_true(renamed > 0);
    assert_int_equal(ordered("renamed"), 1);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox"), 1);
}

static void test_ready(void **state)
{
    static const struct {
        const char *item;
        int messages;
    } rows[] = {{"exchange", 1}, {"apply", 1}, {"renew", 1}, {"transfer", 1}, {"rename", 0},
                {"name_change", 0}, {"sanction", 0}, {"cancel", 0}};
    struct err err = {0};

    (void)state;
    contact(LOCAL, "mail", ALL, true);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        testdb_sql(testdb, "DELETE FROM outbox");
        testdb_sql(testdb, "REPLACE INTO matter (id, item, opened_on, enterprise_id, state, items,"
                           " opened_by_kind, opened_at) VALUES (80, '%s', '2026-03-01', 1, 'done', 1, 1,"
                           " NOW(3))", rows[i].item);
        for (int twice = 0; twice < 2; twice++)
            assert_int_equal(outbox_add_ready(testdb->db, &testdb->core, 80, LOCAL, NOW, &err), 0);
        if (ordered("ready") != rows[i].messages)
            fail_msg("%s", rows[i].item);
    }
    assert_int_equal(outbox_add_ready(testdb->db, &testdb->core, 0, LOCAL, NOW, &err), 0);
}

static uint64_t night(struct date today)
{
    uint64_t count;
    struct err err = {0};

    if (outbox_add_expiring(testdb->db, &testdb->core, today, NOW, &count, &err) < 0)
        fail_msg("%s", err.text);
    return count;
}

/* How many certificates a night's messages are about. */
static int64_t told(const char *day)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM outbox o JOIN certificate c"
                                 " ON c.enterprise_id = o.enterprise_id AND c.state = '01'"
                                 " AND c.valid_until BETWEEN o.from_day AND o.until_day"
                                 " WHERE o.event = 'expiring' AND c.valid_until = '%s'", day);
}

static void test_expiring(void **state)
{
    static const char *const days[] = {"2026-03-01", "2026-03-08", "2026-03-09", "2026-03-31",
                                       "2026-04-01", "2026-05-30", "2026-05-31"};

    (void)state;
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2028-01-01'");
    for (unsigned i = 0; i < 7; i++)
        testdb_certificate(testdb, &(struct testdb_certificate){.id = 900 + i, .firm = OUTSIDE, .person = LEAVER});
    for (unsigned i = 0; i < 7; i++)
        testdb_sql(testdb, "UPDATE certificate SET valid_until = '%s' WHERE id = %u", days[i], 900 + i);
    assert_int_equal(night((struct date){2026, 3, 1}), 0);
    contact(OUTSIDE, "mail", ALL, true);
    contact(LOCAL, "mail", ALL, true);
    assert_int_equal(night((struct date){2026, 3, 1}), 3);
    assert_int_equal(night((struct date){2026, 3, 1}), 0);
    for (unsigned i = 0; i < 7; i++)
        if (told(days[i]) != (i < 6))
            fail_msg("%s: %d", days[i], (int)told(days[i]));
    /* The next nights tell only what has come nearer, also when some were left out. */
    assert_int_equal(night((struct date){2026, 3, 2}), 3);
    assert_int_equal(told("2026-05-31"), 1);
    assert_int_equal(told("2026-04-01"), 2);
    assert_int_equal(told("2026-03-09"), 2);
    assert_int_equal(told("2026-03-31"), 1);
    assert_int_equal(night((struct date){2026, 3, 24}), 1);
    assert_int_equal(told("2026-03-31"), 2);
    assert_int_equal(night((struct date){2026, 3, 25}), 1);
    assert_int_equal(told("2026-04-01"), 3);
}

/* The queue */

static void messages(unsigned count)
{
    testdb_sql(testdb, "INSERT INTO outbox (event, event_key, channel, enterprise_id, contact_id,"
                       " address_sealed, address_hash, state, run_at, created_at)"
                       " SELECT 'left', CONCAT('left:', seq, ':1'), 'mail', 1, 1, 'x', REPEAT('x', 32),"
                       " 'waiting', FROM_UNIXTIME(%lld / 1000), NOW(3) FROM seq_1_to_%u",
               (long long)NOW, count);
}

static size_t lease(struct db *db, const char *owner, int64_t now, size_t limit,
                    uint8_t id[LEASE_SIZE], const struct outbox **rows)
{
    struct err err = {0};
    size_t count;

    if (outbox_lease(db, testdb->pool, owner, now, 1000, limit, id, rows, &count, &err) < 0)
        fail_msg("%s", err.text);
    return count;
}

static void test_leased_once(void **state)
{
    uint8_t ours[LEASE_SIZE], theirs[LEASE_SIZE];
    const struct outbox *rows, *other;
    struct db *db = testdb_connect(testdb);
    struct outbox_result sent = {.state = "sent"};
    struct err err = {0};

    (void)state;
    messages(5);
    assert_int_equal(lease(testdb->db, "a:0", NOW - 1, 3, ours, &rows), 0);
    assert_int_equal(lease(testdb->db, "a:0", NOW, 3, ours, &rows), 3);
    assert_int_equal(rows[0].attempts, 1);
    assert_int_equal(lease(db, "b:0", NOW, 3, theirs, &other), 2);
    assert_int_equal(lease(db, "b:0", NOW, 3, theirs, &other), 0);
    assert_int_equal(outbox_hold(testdb->db, rows[0].id, ours, NOW + 2000, &err), 1);
    assert_int_equal(outbox_settle(testdb->db, rows[1].id, ours, &sent, NOW, &err), 1);
    assert_int_equal(outbox_settle(testdb->db, rows[1].id, ours, &sent, NOW, &err), 0);
    /* A lease that ran out goes to somebody else; who held it must not deliver or settle. */
    assert_int_equal(lease(db, "b:0", NOW + 1500, 10, theirs, &other), 3);
    assert_int_equal(outbox_hold(testdb->db, rows[2].id, ours, NOW + 9000, &err), 0);
    assert_int_equal(outbox_settle(testdb->db, rows[2].id, ours, &sent, NOW, &err), 0);
    assert_int_equal(outbox_hold(testdb->db, rows[0].id, ours, NOW + 2000, &err), 1);
    assert_int_equal(outbox_release(db, "b:0", NOW, &err), 0);
    assert_int_equal(lease(testdb->db, "a:0", NOW, 10, ours, &rows), 3);
    db_free(&db);
}

static void test_settled(void **state)
{
    static const struct {
        struct outbox_result result;
        const char *state;
        unsigned attempts;
    } rows[] = {
        {{.state = "sent"}, "sent", 1},
        {{.state = "failed", .cause = "the relay says 550 张三"}, "failed", 1},
        {{.state = "dropped", .cause = "nothing is left to tell"}, "dropped", 1},
        {{.state = "waiting", .run_at_ms = NOW + 5000, .cause = "x"}, "waiting", 1},
        {{.state = "waiting", .run_at_ms = NOW + 5000, .uncounted = true}, "waiting", 0},
    };
    uint8_t id[LEASE_SIZE];
    const struct outbox *leased;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        testdb_sql(testdb, "DELETE FROM outbox");
        messages(1);
        assert_int_equal(lease(testdb->db, "a:0", NOW, 1, id, &leased), 1);
        assert_int_equal(outbox_settle(testdb->db, leased->id, id, &rows[i].result, NOW, &err), 1);
        assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE state = '%s'"
                                               " AND attempts = %u AND (sent_at IS NOT NULL) = (state = 'sent')",
                                       rows[i].state, rows[i].attempts), 1);
        assert_int_equal(lease(testdb->db, "a:0", NOW + 4999, 1, id, &leased), 0);
        assert_int_equal(lease(testdb->db, "a:0", NOW + 5000, 1, id, &leased),
                         strcmp(rows[i].state, "waiting") == 0);
    }
}

static void test_board(void **state)
{
    const struct actor actor = {ACTOR_STAFF, 5, "r9"};
    struct outbox_result failed = {.state = "failed", .cause = "550"};
    uint8_t id[LEASE_SIZE];
    struct queue_depth depth;
    const struct outbox *rows;
    struct err err = {0};
    size_t count;

    (void)state;
    messages(5);
    assert_int_equal(lease(testdb->db, "a:0", NOW, 2, id, &rows), 2);
    uint64_t one = rows[0].id;
    assert_int_equal(outbox_settle(testdb->db, one, id, &failed, NOW, &err), 1);
    assert_int_equal(outbox_depth(testdb->db, testdb->pool, NOW + 7000, &depth, &err), 0);
    assert_int_equal(depth.waiting, 3);
    assert_int_equal(depth.leased, 1);
    assert_int_equal(depth.failed, 1);
    assert_int_equal(depth.oldest_ms, 7000);
    assert_int_equal(outbox_list(testdb->db, testdb->pool, "failed", 0, 10, &rows, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].cause, "550");
    assert_int_equal(outbox_list(testdb->db, testdb->pool, NULL, 0, 3, &rows, &count, &err), 0);
    assert_int_equal(count, 3);
    assert_int_equal(outbox_list(testdb->db, testdb->pool, NULL, rows[2].id, 3, &rows, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_int_equal(outbox_retry(testdb->db, testdb->pool, &testdb->core, &actor, one + 1, NOW, &err), 0);
    assert_int_equal(db_begin(testdb->db, &err), 0);
    assert_int_equal(outbox_retry(testdb->db, testdb->pool, &testdb->core, &actor, one, NOW, &err), 1);
    assert_int_equal(db_commit(testdb->db, &err), 0);
    assert_int_equal(outbox_retry(testdb->db, testdb->pool, &testdb->core, &actor, one, NOW, &err), 0);
    for (int left = 1; left >= 0; left--) {
        assert_int_equal(db_begin(testdb->db, &err), 0);
        assert_int_equal(outbox_give_up(testdb->db, testdb->pool, &testdb->core, &actor, one, &err),
                         left);
        assert_int_equal(db_commit(testdb->db, &err), 0);
    }
    assert_int_equal(outbox_list(testdb->db, testdb->pool, "dropped", 0, 10, &rows, &count, &err), 0);
    assert_string_equal(rows[0].cause, "given up");
    testdb_audited(testdb, 2);
    for (size_t i = 0; outbox_state_name(i); i++)
        assert_non_null(outbox_state_label(outbox_state_name(i)));
    assert_null(outbox_state_label("gone"));
}

static int set_up(void **state)
{
    (void)state;
    testdb_clear(testdb);
    desk_people(testdb);
    testdb->policy.notify = "mail,sms";
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_who_is_told, set_up), cmocka_unit_test_setup(test_changes, set_up),
        cmocka_unit_test_setup(test_transfer, set_up),    cmocka_unit_test_setup(test_rename, set_up),
        cmocka_unit_test_setup(test_ready, set_up),       cmocka_unit_test_setup(test_expiring, set_up),
        cmocka_unit_test_setup(test_leased_once, set_up), cmocka_unit_test_setup(test_settled, set_up),
        cmocka_unit_test_setup(test_board, set_up),
    };
    int failed;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
