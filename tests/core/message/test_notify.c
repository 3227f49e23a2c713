/* Delivery: what messages say, what they must not say, and what becomes of each answer. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/message/notify.h"
#include "core/message/outbox_text.h"
#include "core/places.h"
#include "tests/core/desk.h"
#include "tests/core/office.h"
#include "tests/core/testdb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECRET       "0123456789abcdef0123456789abcdef"

static struct testdb *testdb;
static struct office *office;
static char gateway[64], secret[] = "/tmp/ecert-notify.XXXXXX";
static struct notify_settings settings = {
    .mail = {.url = "", .user = "", .password_file = "", .authority_file = ""},
    .mail_from = "",
    .mail_from_name = "",
    .sms_url = gateway,
    .sms_secret_file = secret,
    .sms_token_file = "",
    .sms_authority_file = "",
    .sms_timeout_ms = 500,
    .breaker_failures = 100,
    .breaker_ms = 5000,
    .batch = 10,
    .lease_ms = 60000,
    .attempts = 3,
    .retry_first_ms = 1000,
    .retry_most_ms = 60000,
};

/* Texts */

static const struct outbox_certificate two[] = {
    {"沪建安B（2024）0000011", "B",  "张*",  {2027, 1, 9}, "01", "02"},
    {"沪建安C1（2024）0000012", "C1", "王*明", {2027, 1, 9}, "01", "01"},
};
static const struct outbox_facts facts = {
    .firm = "测试建筑1有限公司",
    .site = "https://ecert.example",
    .issuer = "测试发证机关",
    .matter = "BG20260301-00000007",
    .code = "012345",
    .certificates = two,
    .listed = 2,
    .count = 30,
    .failed = 4,
};

static void test_every_text_is_whole(void **state)
{
    static const char *const channels[] = {"mail", "sms"};
    struct outbox_message message;

    (void)state;
    for (int event = 0; event < OUTBOX_EVENTS; event++)
        for (size_t i = 0; i < COUNT(channels); i++) {
            outbox_write(testdb->pool, (enum outbox_event)event, channels[i], &facts, &message);
            assert_true(strlen(message.text) > 40);
            assert_true((*message.subject != '\0') == (i == 0));
            if (strpbrk(message.text, "{}") || strpbrk(message.subject, "{}\n"))
                fail_msg("%s", message.text);
            /* One SMS of 70 characters costs one; nobody's name is in it. */
            if (i == 1 && (utf8_count(message.text) > 100 || strstr(message.text, "张")))
                fail_msg("%s", message.text);
        }
}

static void test_texts(void **state)
{
    struct outbox_message message;

    (void)state;
    outbox_write(testdb->pool, OUTBOX_SANCTION, "mail", &facts, &message);
    assert_string_equal(message.subject, "管理部门对电子证书作出处理（30本）");
    assert_non_null(strstr(message.text, "测试建筑1有限公司：\n\n"));
    assert_non_null(strstr(message.text, "    沪建安B（2024）0000011  张*  有效 → 暂扣\n"));
    assert_non_null(strstr(message.text, "    沪建安C1（2024）0000012  王*明  有效期至 2027-01-09\n"));
    assert_non_null(strstr(message.text, "共 30 本，其余请登录系统查看"));
    assert_non_null(strstr(message.text, "BG20260301-00000007"));
    outbox_write(testdb->pool, OUTBOX_LEFT, "sms", &facts, &message);
    assert_string_equal(message.text, "测试建筑1有限公司：沪建安B（2024）0000011等30本电子证书已转入其他企业，请登录系统查看。");
    outbox_write(testdb->pool, OUTBOX_CONFIRM, "sms", &facts, &message);
    assert_non_null(strstr(message.text, "验证码 012345"));
}

static void test_pauses(void **state)
{
    static const int64_t most[] = {1000, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        unsigned attempt = i % COUNT(most);
        int64_t pause = notify_pause(&settings, attempt);

        if (pause > most[attempt] || pause < most[attempt] * 3 / 4)
            fail_msg("attempt %u: %lld", attempt, (long long)pause);
    }
    assert_true(notify_pause(&settings, 10000) <= settings.retry_most_ms);
}

static void test_key_and_signature(void **state)
{
    struct outbox row = {.key = "left:1:2", .channel = "mail"}, other = row;
    char one[NOTIFY_KEY_SIZE], two_[NOTIFY_KEY_SIZE];
    struct bytes body;

    (void)state;
    notify_key(&testdb->core, &row, one);
    notify_key(&testdb->core, &row, two_);
    assert_string_equal(one, two_);
    assert_int_equal(strlen(one), NOTIFY_KEY_SIZE - 1);
    other.channel = "sms";
    notify_key(&testdb->core, &other, two_);
    assert_string_not_equal(one, two_);
    body = notify_json(testdb->pool, "k", "left", "13800138000", "a\"b\\\n\x01中");
    assert_string_equal((const char *)body.data, "{\"key\":\"k\",\"event\":\"left\",\"to\":\"13800138000\","
                                                 "\"text\":\"a\\\"b\\\\\\n\\u0001中\"}");
    /* Of another implementation: python3's hmac. */
    assert_string_equal(notify_signature(testdb->pool, "key", INT64_C(1772323200999),
                                         (struct bytes){(const uint8_t *)"{}", 2}),
                        "t=1772323200,v1=9a232b96f1d8662613e323603742a10b9ec8dbd823fcddfb742d8efbe983fcdb");
}

/* Answers of the gateway */

static void contact(const char *channel)
{
    static const struct db_query add = {
        "add", "INSERT INTO contact (id, enterprise_id, channel, events, address_sealed, address_hash,"
               " confirmed_at, created_at, updated_at) VALUES (1, 2, ?, 'left', ?, ?, NOW(3), NOW(3), NOW(3))"};
    uint8_t hash[VAULT_HASH_SIZE];
    struct bytes sealed;
    struct err err = {0};

    vault_lookup(testdb->vault, PLACE_CONTACT_ADDRESS, "13800138000", hash);
    if (vault_seal(testdb->vault, testdb->pool, PLACE_CONTACT_ADDRESS,
                   (struct bytes){(const uint8_t *)"13800138000", 11}, &sealed, &err) < 0 ||
        db_run(testdb->db, &add,
               DB_ARGS(db_text(channel), db_bytes(sealed.data, sealed.size), db_bytes(hash, sizeof(hash))),
               NULL, &err) < 0)
        fail_msg("%s", err.text);
}

/* Certificates 11 and 12 leave firm 2: its message waits. */
static void left(void)
{
    struct desk desk = desk_of(testdb, LOCAL);
    const uint64_t ids[] = {11, 12};
    struct filing filing;

    desk_do(&desk, ITEM_TRANSFER, HOLDER, NULL, ids, 2, &filing);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE state = 'waiting'"), 1);
}

static struct notifier *notifier;

static void batch(size_t wanted_sent, size_t wanted_unsent)
{
    struct pool *pool = pool_new(0, 0);
    volatile sig_atomic_t stop = 0;
    struct err err = {0};
    size_t sent, unsent;

    if (notifier_batch(notifier, pool, &stop, &sent, &unsent, &err) < 0)
        fail_msg("%s", err.text);
    pool_free(&pool);
    if (sent != wanted_sent || unsent != wanted_unsent)
        fail_msg("%zu sent, %zu not", sent, unsent);
}

static int64_t in_state(const char *state, unsigned attempts)
{
    return testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE state = '%s' AND attempts = %u",
                         state, attempts);
}

static void due_again(void)
{
    testdb_sql(testdb, "UPDATE outbox SET run_at = '2020-01-01'");
}

static void test_taken(void **state)
{
    static const struct office_answer answer = {.status = 202, .body = "{}"};

    (void)state;
    left();
    office_script(office, &answer, 1);
    batch(1, 0);
    assert_int_equal(in_state("sent", 1), 1);
    assert_int_equal(office_requests(office), 1);
    assert_non_null(strstr(office_last(office), "\r\nIdempotency-Key: \""));
    assert_non_null(strstr(office_last(office), "\r\nEcert-Signature: t="));
    assert_non_null(strstr(office_last(office), "\"to\":\"13800138000\""));
    assert_non_null(strstr(office_last(office), "0000011等2本电子证书已转入其他企业"));
    batch(0, 0);
    assert_int_equal(office_requests(office), 1);
}

static void test_answers(void **state)
{
    static const struct {
        struct office_answer answer;
        const char *state;
        int64_t least_s; /* until the next attempt */
    } rows[] = {
        {{.status = 400, .body = "{}"}, "failed", 0},
        {{.status = 401, .body = "{}"}, "failed", 0},
        {{.status = 404, .body = "{}"}, "failed", 0},
        {{.status = 301, .header = "Location: /x\r\n", .body = ""}, "failed", 0},
        {{.status = 429, .body = "{}"}, "waiting", 0},
        {{.status = 429, .header = "Retry-After: 120\r\n", .body = "{}"}, "waiting", 110},
        {{.status = 503, .header = "Retry-After: 999999999\r\n", .body = "{}"}, "waiting", 21000},
        {{.status = 500, .body = "{}"}, "waiting", 0},
        {{.manner = OFFICE_SHUTS, .body = ""}, "waiting", 0},
        {{.manner = OFFICE_SILENT, .body = ""}, "waiting", 0},
        {{.status = 200, .body = "{}", .size = 1 << 20}, "sent", 0},
        {{.status = 204, .body = ""}, "sent", 0},
    };

    (void)state;
    left();
    for (size_t i = 0; i < COUNT(rows); i++) {
        testdb_sql(testdb, "UPDATE outbox SET state = 'waiting', attempts = 0, run_at = '2020-01-01'");
        office_script(office, &rows[i].answer, 1);
        batch(strcmp(rows[i].state, "sent") == 0, strcmp(rows[i].state, "sent") != 0);
        if (in_state(rows[i].state, 1) != 1)
            fail_msg("row %zu", i);
        if (testdb_number(testdb, "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), run_at) FROM outbox") <
            (strcmp(rows[i].state, "waiting") == 0 ? rows[i].least_s : -5))
            fail_msg("row %zu comes too early", i);
    }
}

/* The same key each time, and an end to it. */
static void test_given_up(void **state)
{
    static const struct office_answer answer = {.status = 500, .body = "{}"};
    char key[80], again[80];

    (void)state;
    left();
    office_script(office, &answer, 1);
    batch(0, 1);
    assert_int_equal(in_state("waiting", 1), 1);
    assert_true(text_format(key, sizeof(key), "%.60s", strstr(office_last(office), "Idempotency-Key")));
    due_again();
    batch(0, 1);
    assert_true(text_format(again, sizeof(again), "%.60s", strstr(office_last(office), "Idempotency-Key")));
    assert_string_equal(key, again);
    due_again();
    batch(0, 1);
    assert_int_equal(in_state("failed", 3), 1);
    assert_int_equal(office_requests(office), 3);
}

static void test_nothing_to_tell(void **state)
{
    static const struct {
        const char *sql, *cause;
    } rows[] = {
        {"DELETE FROM contact", "the address was taken back"},
        {"UPDATE contact SET confirmed_at = NULL", "the address was taken back"},
        {"UPDATE contact SET address_hash = REPEAT('x', 32)", "the address was taken back"},
        {"DELETE FROM matter_certificate WHERE matter_id IN (SELECT matter_id FROM outbox)",
         "nothing is left to tell"},
        {"UPDATE outbox SET channel = 'mail'", "the channel is switched off"},
    };
    static const struct office_answer answer = {.status = 200, .body = "{}"};

    for (size_t i = 0; i < COUNT(rows); i++) {
        testdb_clear(testdb);
        desk_people(testdb);
        contact("sms");
        left();
        office_script(office, &answer, 1);
        testdb_sql(testdb, "%s", rows[i].sql);
        batch(0, 1);
        if (testdb_number(testdb, "SELECT COUNT(*) FROM outbox WHERE state = 'dropped' AND cause = '%s'",
                          rows[i].cause) != 1)
            fail_msg("row %zu", i);
        assert_int_equal(office_requests(office), 0);
    }
    (void)state;
}

/* Documents of one matter are told together: while one is being made the message waits. */
static void test_rest_is_waited_for(void **state)
{
    static const struct office_answer answer = {.status = 200, .body = "{}"};
    struct err err = {0};

    (void)state;
    testdb_sql(testdb, "INSERT INTO matter (id, item, opened_on, enterprise_id, state, items,"
                       " opened_by_kind, opened_at) VALUES (80, 'exchange', '2026-03-01', 2, 'done', 2, 1, NOW(3))");
    testdb_sql(testdb, "INSERT INTO matter_certificate (matter_id, certificate_id, version) VALUES (80, 11, 1),"
                       " (80, 12, 1)");
    testdb_sql(testdb, "UPDATE contact SET events = 'ready'");
    testdb_sql(testdb, "INSERT INTO job (kind, certificate_id, version, matter_id, enterprise_id, state, run_at,"
                       " created_at) VALUES ('certificate', 11, 9, 80, 2, 'done', NOW(3), NOW(3)),"
                       " ('certificate', 12, 9, 80, 2, 'waiting', NOW(3), NOW(3))");
    office_script(office, &answer, 1);
    assert_int_equal(outbox_add_ready(testdb->db, &testdb->core, 80, 2, clock_now_ms(), &err), 0);
    batch(0, 1);
    assert_int_equal(in_state("waiting", 0), 1);
    testdb_sql(testdb, "UPDATE job SET state = 'failed' WHERE certificate_id = 12 AND matter_id = 80");
    due_again();
    batch(1, 0);
    assert_non_null(strstr(office_last(office), "0000011等2本电子证书已生成"));
}

/* With the gateway away, messages wait without losing attempts. */
static void test_left_alone(void **state)
{
    static const struct office_answer answer = {.manner = OFFICE_SHUTS, .body = ""};
    struct err err = {0};

    (void)state;
    notifier_free(&notifier);
    settings.breaker_failures = 1;
    if (notifier_open(&settings, &testdb->core, testdb->db, "t:0", &notifier, &err) < 0)
        fail_msg("%s", err.text);
    settings.breaker_failures = 100;
    left();
    office_script(office, &answer, 1);
    batch(0, 1);
    assert_int_equal(in_state("waiting", 1), 1);
    due_again();
    batch(0, 1);
    assert_int_equal(in_state("waiting", 1), 1);
    assert_int_equal(office_requests(office), 1);
    /* It was left alone for the breaker's time, not for a pause of its own. */
    assert_true(testdb_number(testdb, "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), run_at) FROM outbox") >= 3);
}

static int set_up(void **state)
{
    struct err err = {0};

    (void)state;
    testdb_clear(testdb);
    testdb->policy.notify = "sms";
    desk_people(testdb);
    contact("sms");
    notifier_free(&notifier);
    if (notifier_open(&settings, &testdb->core, testdb->db, "t:0", &notifier, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_text_is_whole, set_up),
        cmocka_unit_test_setup(test_texts, set_up),
        cmocka_unit_test_setup(test_pauses, set_up),
        cmocka_unit_test_setup(test_key_and_signature, set_up),
        cmocka_unit_test_setup(test_taken, set_up),
        cmocka_unit_test_setup(test_answers, set_up),
        cmocka_unit_test_setup(test_given_up, set_up),
        cmocka_unit_test_setup(test_nothing_to_tell, set_up),
        cmocka_unit_test_setup(test_rest_is_waited_for, set_up),
        cmocka_unit_test_setup(test_left_alone, set_up),
    };
    int failed, file;

    testdb = testdb_open();
    if (!testdb)
        return 77;
    file = mkstemp(secret);
    if (file < 0 || write(file, SECRET, sizeof(SECRET) - 1) != sizeof(SECRET) - 1)
        return 1;
    close(file);
    office = office_open(NULL);
    text_format(gateway, sizeof(gateway), "http://127.0.0.1:%d/sms", office_port(office));
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    notifier_free(&notifier);
    office_close(&office);
    unlink(secret);
    testdb_close(&testdb);
    return failed ? 1 : 0;
}
