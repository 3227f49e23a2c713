/*
 * The items as a firm goes through them, from the request to the page, through the gates and on a
 * real database. 77 where there is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/sha256.h"
#include "core/evidence/evidence.h"
#include "fcgi/gate.h"
#include "fcgi/render.h"
#include "fcgi/session.h"
#include "modules/table.h"
#include "tests/core/testdb.h"

enum { FIRM = 1, OTHER = 2, PHOTO = 1, NO_PHOTO = 2, SKIPPED = 77, TEXT_SIZE = 256 };

static struct testdb *testdb;
static struct application application;
static struct gate *gate;
static struct pool *pool; /* of one test: what came back */
static uint8_t secrets[3][SESSION_SECRET];
static const char *login_cookie = ""; /* of somebody who is about to be logged in */

struct answer {
    int status;
    const char *head, *body;
    size_t size; /* of the body */
};

/* A request in memory. */
struct wire {
    const char *sent;
    size_t at;
    struct answer answer;
};

static long wire_read(void *context, void *to, size_t size)
{
    struct wire *wire = context;
    size_t left = strlen(wire->sent) - wire->at;

    size = size < left ? size : left;
    memcpy(to, wire->sent + wire->at, size);
    wire->at += size;
    return (long)size;
}

static int wire_begin(void *context, struct bytes head)
{
    struct wire *wire = context;

    wire->answer.head = pool_text_n(pool, (const char *)head.data, head.size);
    wire->answer.body = "";
    wire->answer.size = 0;
    return 0;
}

static int wire_write(void *context, const void *data, size_t size)
{
    struct wire *wire = context;
    char *whole = pool_alloc(pool, wire->answer.size + size + 1);

    memcpy(whole, wire->answer.body, wire->answer.size);
    if (size)
        memcpy(whole + wire->answer.size, data, size);
    wire->answer.body = whole;
    wire->answer.size += size;
    return 0;
}

static int wire_send(void *context, struct bytes head, struct bytes body)
{
    return wire_begin(context, head) < 0 ? -1 : wire_write(context, body.data, body.size);
}

static void wire_abort(void *context)
{
    (void)context;
    fail_msg("an answer was cut");
}

/* firm 0: nobody. A `form` makes it a POST. */
static struct answer ask(uint64_t firm, const char *target, const char *form, const char *accept)
{
    struct wire wire = {.sent = form != NULL ? form : ""};
    char cookie[TEXT_SIZE], length[TEXT_SIZE];
    char *parameters[] = {
        pool_printf(pool, "REQUEST_METHOD=%s", form != NULL ? "POST" : "GET"),
        pool_printf(pool, "REQUEST_URI=%s", target),
        pool_printf(pool, "CONTENT_TYPE=%s",
                    form != NULL ? "application/x-www-form-urlencoded" : ""),
        pool_printf(pool, "HTTP_ACCEPT=%s", accept),
        length,
        cookie,
        pool_text(pool, "ECERT_PORT=site"),
        NULL,
    };
    struct exchange exchange = {.parameters = parameters,
                                .read = wire_read,
                                .send = wire_send,
                                .begin = wire_begin,
                                .write = wire_write,
                                .abort = wire_abort,
                                .context = &wire};

    snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", strlen(wire.sent));
    snprintf(cookie, sizeof(cookie), "HTTP_COOKIE=%s", login_cookie);
    if (firm != 0) {
        char token[SESSION_TOKEN];

        base64url_encode(secrets[firm], SESSION_SECRET, token);
        snprintf(cookie, sizeof(cookie), "HTTP_COOKIE=__Host-ecert=%s", token);
    }
    wire.answer.status = gate_serve(gate, &exchange);
    return wire.answer;
}

static struct answer get(uint64_t firm, const char *target)
{
    return ask(firm, target, NULL, "text/html");
}

static void expect(struct answer answer, int status, const char *says)
{
    if (answer.status != status)
        fail_msg("status %d instead of %d: %s", answer.status, status, answer.body);
    if (says != NULL && strstr(answer.body, says) == NULL && strstr(answer.head, says) == NULL)
        fail_msg("nothing says %s:\n%s%s", says, answer.head, answer.body);
}

/* What stands between `before` and the next of `ends`. */
static const char *between(const char *text, const char *before, const char *ends)
{
    const char *start = strstr(text, before);

    assert_non_null(start);
    start += strlen(before);
    return pool_text_n(pool, start, strcspn(start, ends));
}

static struct answer submit_to(const char *target, const char *form, const char *fields)
{
    const char *csrf = between(form, "name=\"_csrf\" value=\"", "\"");
    const char *key = between(form, "name=\"_key\" value=\"", "\"");

    return ask(FIRM, target, pool_printf(pool, "_csrf=%s&_key=%s&%s", csrf, key, fields),
               "text/html");
}

static struct answer submit(const char *form, const char *fields)
{
    return submit_to("/exchange/", form, fields);
}

static void log_in(uint64_t firm)
{
    uint8_t hash[32];
    char hex[65];

    random_bytes(secrets[firm], SESSION_SECRET);
    sha256(secrets[firm], SESSION_SECRET, hash);
    hex_encode(hash, sizeof(hash), hex);
    testdb_sql(testdb,
               "INSERT INTO session (token_hash, subject_kind, subject_id, label, created_at,"
               " seen_at, expires_at) VALUES (X'%s', 1, %llu, '测试企业', UTC_TIMESTAMP(3),"
               " UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 HOUR)",
               hex, (unsigned long long)firm);
}

static int set_up(void **state)
{
    static const struct bytes photo = {(const uint8_t *)"photo", 5};

    (void)state;
    testdb_clear(testdb);
    pool_reset(pool);
    testdb_firm(testdb, FIRM);
    testdb_firm(testdb, OTHER);
    testdb_person(testdb, PHOTO, "111", "张三丰", photo);
    testdb_person(testdb, NO_PHOTO, "111", "李四<b>", (struct bytes){NULL, 0});
    testdb_paper(testdb, 10, FIRM, PHOTO, "沪建安B（2020）0000010", testdb_today);
    testdb_paper(testdb, 11, FIRM, NO_PHOTO, "沪建安B（2020）0000011", testdb_today);
    testdb_paper(testdb, 14, OTHER, PHOTO, "沪建安B（2020）0000014", testdb_today);
    log_in(FIRM);
    log_in(OTHER);
    return 0;
}

static void test_nobody_is_sent_to_the_login(void **state)
{
    static const char *const targets[] = {
        "/exchange/",     "/exchange/check?paper=10", "/certificates/",
        "/certificates/1", "/certificates/1/document", "/matters/JZ20260301-00000001",
        "/jobs/1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        expect(get(0, targets[i]), 303, "Location: /login?next=");
    expect(get(0, "/"), 200, "企业用户登录");
    expect(get(0, "/login?next=%2Fexchange%2F"), 200, "certificate?next=%2Fexchange%2F");
    expect(get(0, "/help/"), 200, "操作手册");
    expect(get(0, "/verify/"), 200, "核验码");
}

static void test_another_firms_objects_are_not_there(void **state)
{
    uint64_t id = testdb_exchange(testdb, FIRM, 10);
    int64_t job = testdb_number(testdb, "SELECT id FROM job");
    int64_t matter = testdb_number(testdb, "SELECT id FROM matter");
    const char *targets[] = {
        pool_printf(pool, "/certificates/%llu", (unsigned long long)id),
        pool_printf(pool, "/certificates/%llu/document", (unsigned long long)id),
        pool_printf(pool, "/certificates/%llu/photo", (unsigned long long)id),
        pool_printf(pool, "/jobs/%lld", (long long)job),
        pool_printf(pool, "/matters/JZ20260301-%08lld", (long long)matter),
        "/exchange/check?paper=10",
        "/exchange/confirm?paper=10",
        "/exchange/10/photo",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        expect(get(OTHER, targets[i]), 404, NULL);
    assert_null(strstr(get(OTHER, "/certificates/").body, "张三丰"));
}

static const char *audited(const char *action)
{
    static const struct db_query query = {
        "audited", "SELECT COALESCE(GROUP_CONCAT(detail), '') FROM audit_event WHERE action = ?"};
    const struct db_value *row;
    struct err err;

    if (db_find(testdb->db, pool, &query, DB_ARGS(db_text(action)), &row, &err) != 1)
        fail_msg("%s", err.text);
    return db_as_text(row);
}

static void test_exchange_is_refused(void **state)
{
    struct answer form;

    (void)state;
    expect(get(FIRM, "/exchange/check"), 422, "<title>错误：");
    expect(get(FIRM, "/exchange/check"), 422, "沪建安B（2020）0000010");
    expect(get(FIRM, "/exchange/check?paper=x"), 422, NULL);
    expect(get(FIRM, "/exchange/check?paper=11"), 409, "自助完成个人身份信息采集");
    expect(get(FIRM, "/exchange/check?paper=11"), 409, "李四&lt;b&gt;");
    expect(get(FIRM, "/exchange/check?paper=11&paper=10"), 200, "以下证书暂不能换领");
    expect(get(FIRM, "/exchange/11/photo"), 404, NULL);
    form = get(FIRM, "/exchange/confirm?paper=10");
    expect(ask(FIRM, "/exchange/", "paper=10", "text/html"), 403, NULL);
    expect(submit(form.body, "paper=14"), 404, NULL);
    expect(submit(form.body, "nothing=1"), 422, "请选择纸质证书");
    assert_string_equal(audited("exchange.refused"), "");
    expect(submit(form.body, "paper=11"), 409, "R2");
    assert_string_equal(audited("exchange.refused"), "{\"rules\":\"R2\"}");
    expect(submit(form.body, "paper=11"), 409, NULL);
    assert_string_equal(audited("exchange.refused"), "{\"rules\":\"R2\"}");
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter"), 0);
}

static void test_exchange_is_done_once(void **state)
{
    struct answer form, first, second;
    const char *matter;

    (void)state;
    expect(get(FIRM, "/"), 200, "<span>纸质证书待换领");
    expect(get(FIRM, "/exchange/"), 200, "张三丰");
    expect(get(FIRM, "/exchange/check?paper=10"), 200, "请联系管理部门处理");
    expect(get(FIRM, "/exchange/10/photo"), 200, "Content-Type: image/jpeg");
    form = get(FIRM, "/exchange/confirm?paper=10");
    expect(form, 200, "是，我要换证");
    first = submit(form.body, "paper=10");
    expect(first, 303, "Location: /matters/JZ20260301-");
    second = submit(form.body, "paper=10");
    matter = between(first.head, "Location: ", "\r");
    assert_string_equal(between(second.head, "Location: ", "\r"), matter);
    assert_int_equal(testdb_number(testdb, "SELECT COUNT(*) FROM matter"), 1);
    expect(get(FIRM, matter), 200, "<h1>正在生成电子证书</h1>");
    expect(get(FIRM, matter), 200, "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>");
    expect(ask(FIRM, matter, NULL, "application/json"), 200,
           "\"running\":true,\"items\":1,\"done\":0,\"failed\":0}");
    assert_null(strstr(get(FIRM, "/exchange/").body, "张三丰"));
    testdb_sql(testdb, "UPDATE job SET state = 'failed'");
    expect(get(FIRM, matter), 200, "有 1 本证书未能生成");
    testdb_sql(testdb, "UPDATE job SET state = 'done'");
    expect(get(FIRM, matter), 200, "<h1>电子证书已生成</h1>");
    assert_null(strstr(get(FIRM, matter).body, "http-equiv=\"refresh\""));
}

static void test_certificates_are_found(void **state)
{
    uint64_t id = testdb_exchange(testdb, FIRM, 10);
    const char *page = pool_printf(pool, "/certificates/%llu", (unsigned long long)id);
    const char *job = pool_printf(pool, "/jobs/%lld",
                                  (long long)testdb_number(testdb, "SELECT id FROM job"));

    (void)state;
    expect(get(FIRM, "/certificates/"), 200, page);
    expect(get(FIRM, "/certificates/?name=%E5%BC%A0&number="), 200, page);
    expect(get(FIRM, "/certificates/?name=%E7%8E%8B"), 200, "没有查询到");
    expect(get(FIRM, "/certificates/?number=+%E6%B2%AA%E5%BB%BA%E5%AE%89B(2020)0000010"), 200,
           page);
    expect(get(FIRM, "/certificates/?number=0000010"), 422, "请输入完整的证书编号");
    expect(get(FIRM, "/certificates/?number=0000010"), 422, "value=\"0000010\"");
    expect(get(FIRM, page), 200, "待生成");
    expect(get(FIRM, pool_printf(pool, "%s/document", page)), 404, NULL);
    expect(get(FIRM, pool_printf(pool, "%s/photo", page)), 200, "ETag: \"photo-");
    expect(get(FIRM, job), 200, "正在生成电子证书");
    expect(ask(FIRM, job, NULL, "application/json"), 200, "\"state\":\"waiting\"");
    expect(get(FIRM, "/certificates/999999"), 404, NULL);
}

static void test_searches_keep_their_input(void **state)
{
    uint64_t id = testdb_exchange(testdb, FIRM, 10);
    const char *row = pool_printf(pool, "/certificates/%llu\"", (unsigned long long)id);

    (void)state;
    expect(get(FIRM, "/certificates/?state=zz"), 422, "请从列表中选择证书状态");
    expect(get(FIRM, "/certificates/?from=2026-13-01"), 422, "value=\"2026-13-01\"");
    expect(get(FIRM, "/certificates/?from=2026-03-02&until=2026-03-01"), 422, "起始日期不能晚于");
    expect(get(FIRM, "/certificates/?from=2026-03-02&until=2026-03-01"), 422, "value=\"2026-03-02\"");
    expect(get(FIRM, "/certificates/?name=&number=&state=&from=&until="), 200, row);
    expect(get(FIRM, "/certificates/?state=01"), 200, row);
    expect(get(FIRM, "/certificates/?state=05"), 200, "value=\"05\" selected>失效");
    expect(get(FIRM, "/certificates/?state=05"), 200, "没有查询到");
    testdb_sql(testdb, "UPDATE certificate SET valid_until = '2026-02-28'");
    expect(get(FIRM, "/certificates/?state=05"), 200, row);
    expect(get(FIRM, "/certificates/?state=05&from=2026-03-01"), 200, "没有查询到");
    expect(get(FIRM, "/certificates/?state=05&until=2026-02-28"), 200,
           "/certificates/export?state=05&amp;until=2026-02-28&amp;\"");
}

static void test_searches_of_records_keep_their_input(void **state)
{
    static const char *const modules[] = {"apply", "transfer", "cancel", "departure"};
    static const char *const places[] = {"", "export"};

    (void)state;
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
            const char *wrong = pool_printf(pool, "/%s/%s?state=refused&name=%%E5%%BC%%A0"
                                                  "&from=2026-02-30",
                                            modules[i], places[p]);

            expect(get(FIRM, wrong), 422, "value=\"2026-02-30\"");
            expect(get(FIRM, wrong), 422, "value=\"refused\" selected>未通过");
            expect(get(FIRM, wrong), 422, "value=\"张\"");
        }
    expect(get(FIRM, "/cancel/?state=nonsense&from=2026-02-01"), 422, "请选择办理状态");
    expect(get(FIRM, "/cancel/?state=nonsense&from=2026-02-01"), 422, "value=\"2026-02-01\"");
    expect(get(FIRM, "/cancel/?state=nonsense&from=2026-02-01"), 422, "value=\"done\">已办结");
}

static int away(void *self, struct pool *answers, const struct evidence_query *query,
                struct evidence_records *records, struct err *err)
{
    (void)self, (void)answers, (void)query, (void)records;
    return err_set(err, ERR_UNAVAILABLE, 0, "no answer");
}

/* An office that is away stops the items whose rules look at its evidence, and no other. */
static void test_only_needed_offices_are_asked(void **state)
{
    static const struct evidence_source sources[EVIDENCE_KINDS] = {
        [EVIDENCE_EXAM] = {.name = "exam", .fetch = away},
        [EVIDENCE_EDUCATION] = {.name = "education", .fetch = away},
    };
    const char *person = "id_type=111&id_no=11010519491231002X&name=%E5%BC%A0%E4%B8%89%E4%B8%B0";
    struct answer form;

    (void)state;
    testdb_number_of(testdb, PHOTO, "11010519491231002X");
    testdb_exchange(testdb, OTHER, 14);
    testdb->core.evidence = evidence_new(sources);
    form = get(FIRM, "/apply/new");
    expect(submit_to("/apply/", form.body, pool_printf(pool, "%s&wish=B", person)), 503, NULL);
    form = get(FIRM, "/transfer/new");
    expect(submit_to("/transfer/", form.body, person), 409, "R5");
    form = get(FIRM, "/cancel/new");
    expect(submit_to("/cancel/", form.body, person), 422, "该人员在本企业没有电子证书");
    evidence_free(&testdb->core.evidence);
}

static void test_lists_become_tables(void **state)
{
    struct answer table;

    (void)state;
    testdb_exchange(testdb, FIRM, 10);
    expect(get(0, "/certificates/export"), 303, "Location: /login");
    expect(get(FIRM, "/certificates/export?number=1"), 422, "请输入完整的证书编号");
    expect(get(FIRM, "/certificates/export?show=all"), 404, NULL);
    assert_string_equal(audited("certificate.export"), "");
    table = get(FIRM, "/certificates/export?name=%E5%BC%A0&state=01");
    expect(table, 200, "Content-Type: text/csv; charset=utf-8\r\n");
    expect(table, 200, "-2026-03-01.csv\r\n");
    expect(table, 200, "\xef\xbb\xbf证书编号,姓名,");
    expect(table, 200, "\r\n沪建安B（2020）0000010,张三丰,B,");
    assert_string_equal(audited("certificate.export"), "{\"by\":[\"name\",\"state\"]}");
    assert_null(strstr(get(OTHER, "/certificates/export").body, "张三丰"));
}

static void test_documents_come_in_one_file(void **state)
{
    uint64_t ready = testdb_exchange(testdb, FIRM, 10), foreign = testdb_exchange(testdb, OTHER, 14);
    const char *ticked = pool_printf(pool, "/certificates/download?ticked=1&certificate=%llu",
                                     (unsigned long long)ready);
    struct answer zip;

    (void)state;
    expect(get(0, ticked), 303, "Location: /login");
    expect(get(FIRM, "/certificates/download?ticked=1"), 422, "错误：请先勾选");
    expect(get(FIRM, "/certificates/download?ticked=1"), 422, "张三丰");
    expect(get(FIRM, "/certificates/download?certificate=x"), 422, NULL);
    expect(get(FIRM, ticked), 404, NULL); /* not made yet */
    expect(get(FIRM, "/certificates/download"), 200, "没有可以下载的电子证书");
    testdb_sql(testdb, "UPDATE certificate SET generation = 2");
    testdb_sql(testdb, "INSERT INTO document (kind, certificate_id, version, enterprise_id, intent_id,"
                       " sha256, size, body, created_at) SELECT 'certificate', id, 1, enterprise_id,"
                       " id, UNHEX(SHA2('pdf', 256)), 3, 'pdf', NOW(3) FROM certificate");
    expect(get(FIRM, "/certificates/"), 200,
           pool_printf(pool, "name=certificate value=%llu ", (unsigned long long)ready));
    expect(get(FIRM, pool_printf(pool, "%s&certificate=%llu", ticked, (unsigned long long)foreign)),
           404, NULL);
    expect(get(FIRM, "/certificates/download?state=04"), 200, "没有可以下载的电子证书");
    assert_string_equal(audited("certificate.bundle"), "");
    zip = get(FIRM, ticked);
    expect(zip, 200, "Content-Type: application/zip\r\n");
    assert_memory_equal(zip.body + zip.size - 22, "PK\5\6\0\0\0\0\1\0\1\0", 12);
    assert_string_equal(audited("certificate.bundle"), "{\"by\":[],\"count\":1}");
    zip = get(FIRM, "/certificates/download?name=%E5%BC%A0&");
    assert_memory_equal(zip.body + zip.size - 22, "PK\5\6\0\0\0\0\1\0\1\0", 12);
}

static void test_many_documents_come_in_parts(void **state)
{
    struct answer page;

    (void)state;
    testdb_sql(testdb,
               "INSERT INTO certificate (id, number, issue_year, serial, class, person_id,"
               " enterprise_id, state, version, holder_name, enterprise_name, post, first_issued,"
               " valid_from, valid_until, held_since, generation, created_at, updated_at)"
               " SELECT seq, seq, 2020, seq, 'B', 1, 1, '01', 1, '张', '企业', '07', '2020-01-01',"
               " '2023-01-01', '2027-01-01', '2020-01-01', 2, NOW(3), NOW(3) FROM seq_1_to_1002");
    page = get(FIRM, "/certificates/download?name=%E5%BC%A0");
    expect(page, 200, "href=\"/certificates/download?name=%E5%BC%A0&amp;part=1\">打包下载本批 1000 本");
    expect(page, 200, "href=\"/certificates/download?name=%E5%BC%A0&amp;after=3\"");
    page = get(FIRM, "/certificates/download?name=%E5%BC%A0&after=3");
    expect(page, 200, "?name=%E5%BC%A0&amp;after=3&amp;part=1\">打包下载本批 2 本");
    assert_null(strstr(page.body, "下一批"));
    expect(page, 200, "回到第一批");
}

static void test_lists_go_on_by_key(void **state)
{
    struct answer first, second;

    (void)state;
    for (uint64_t i = 0; i < 21; i++)
        testdb_paper(testdb, 100 + i, FIRM, PHOTO,
                     pool_printf(pool, "沪建安B（2021）%07llu", (unsigned long long)i),
                     testdb_today);
    first = get(FIRM, "/exchange/");
    second = get(FIRM, pool_printf(pool, "/exchange/%s",
                                   between(first.body, "rel=\"next\" href=\"", "\"")));
    expect(second, 200, "回到第一页");
    assert_null(strstr(second.body, "下一页"));
    assert_non_null(strstr(second.body, "name=\"paper\" value=\""));
}

static void test_anyone_may_verify(void **state)
{
    uint64_t id = testdb_exchange(testdb, FIRM, 10);
    struct answer page = get(FIRM, pool_printf(pool, "/certificates/%llu", (unsigned long long)id));
    const char *address = pool_printf(pool, "/verify/%s",
                                      between(page.body, "href=\"/verify/", "\""));
    struct answer answer;

    (void)state;
    assert_int_equal(strlen(address), strlen("/verify/") + 22);
    answer = get(0, address);
    expect(answer, 200, "</small>有效</h1>");
    assert_null(strstr(answer.body, "张三丰"));
    assert_null(strstr(answer.head, "Set-Cookie"));
    expect(answer, 200, "noindex");
    expect(get(0, pool_printf(pool, "/verify/?code=https%%3A%%2F%%2Flocalhost%s", address)), 303,
           pool_printf(pool, "Location: %s\r\n", address));
    testdb_sql(testdb, "UPDATE certificate SET state = '04'");
    expect(get(0, address), 200, "不能作为有效证书使用");
    expect(get(0, "/verify/abcdefghijklmnopqrstuv"), 404, "未查询到");
    expect(get(0, "/verify/%22%3E%3Cscript%3E"), 404, "未查询到");
}

static void test_a_ticket_is_good_once(void **state)
{
    static const char token[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    static const char both[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.browser";
    uint8_t hash[32];
    char hex[65];
    const char *address;

    (void)state;
    sha256(both, strlen(both), hash);
    hex_encode(hash, sizeof(hash), hex);
    testdb_sql(testdb,
               "INSERT INTO login_ticket (ticket_hash, subject_kind, subject_id, label, expires_at)"
               " VALUES (X'%s', 1, 1, '测试企业', UTC_TIMESTAMP(3) + INTERVAL 30 SECOND)", hex);
    address = pool_printf(pool, "/login/ticket/%s?next=%%2Fexchange%%2F", token);
    expect(get(0, address), 403, "登录凭证已失效");
    login_cookie = "__Host-ecert-login=browser";
    expect(get(0, address), 303, "Location: /exchange/\r\n");
    expect(get(0, address), 403, "登录凭证已失效");
    expect(get(0, "/login/ticket/short"), 404, NULL);
    login_cookie = "";
}

static void test_logout_ends_the_session(void **state)
{
    struct answer page = get(FIRM, "/");
    const char *form = pool_printf(pool, "_csrf=%s",
                                   between(page.body, "name=\"_csrf\" value=\"", "\""));

    (void)state;
    expect(ask(FIRM, "/logout", "_csrf=wrong", "text/html"), 403, NULL);
    expect(get(FIRM, "/exchange/"), 200, NULL);
    expect(ask(FIRM, "/logout", form, "text/html"), 303, "Location: /logout");
    expect(get(FIRM, "/exchange/"), 303, "Location: /login");
    expect(get(FIRM, "/logout"), 200, "您已安全退出");
    expect(get(OTHER, "/exchange/"), 200, NULL);
}

static void test_logout_everywhere_ends_all_sessions_of_the_firm(void **state)
{
    uint8_t elsewhere[SESSION_SECRET];
    struct answer page;

    (void)state;
    memcpy(elsewhere, secrets[FIRM], sizeof(elsewhere));
    log_in(FIRM);
    page = get(FIRM, "/");
    expect(ask(FIRM, "/logout/everywhere",
               pool_printf(pool, "_csrf=%s", between(page.body, "name=\"_csrf\" value=\"", "\"")),
               "text/html"),
           303, "Location: /logout");
    expect(get(FIRM, "/exchange/"), 303, "Location: /login");
    memcpy(secrets[FIRM], elsewhere, sizeof(elsewhere));
    expect(get(FIRM, "/exchange/"), 303, "Location: /login");
    expect(get(OTHER, "/exchange/"), 200, NULL);
}

/* The first page's counts lead to lists of what was counted. */
static void test_counts_lead_to_their_lists(void **state)
{
    const char *row;

    (void)state;
    row = pool_printf(pool, "/certificates/%llu\"",
                      (unsigned long long)testdb_exchange(testdb, FIRM, 10));
    expect(get(FIRM, "/"), 200, "href=\"/certificates/?show=generating\"");
    expect(get(FIRM, "/certificates/?show=generating"), 200, row);
    expect(get(FIRM, "/certificates/?show=generating"), 200, "<h2>正在生成的电子证书</h2>");
    expect(get(FIRM, "/certificates/?show=valid"), 200, row);
    expect(get(FIRM, "/certificates/?show=failed"), 200, "目前没有生成失败的电子证书。");
    expect(get(FIRM, "/certificates/?show=expiring"), 200, "<title>即将到期");
    expect(get(OTHER, "/certificates/?show=generating"), 200, "目前没有");
    expect(get(FIRM, "/certificates/?show=all"), 404, NULL);
}

static void test_gauges_count_the_queue(void **state)
{
    struct text out;
    struct err err;

    (void)state;
    testdb_exchange(testdb, FIRM, 10);
    text_init(&out, pool, 4096);
    assert_int_equal(modules_gauges(testdb->db, pool, &out, &err), 0);
    assert_non_null(strstr(out.data, "ecert_jobs{state=\"waiting\"} 1\n"));
    assert_non_null(strstr(out.data, "ecert_jobs{state=\"failed\"} 0\n"));
}

static int open_site(void **state)
{
    static char templates[1024];
    static struct web_settings web = {
        .templates = templates,
        .origin = "https://localhost:8443",
        .login_origin = "https://localhost:8444",
        .session_idle_s = 1800,
        .session_absolute_s = 28800,
        .body_bytes = 65536,
        .upload_bytes = 65536,
        .give_up_ms = 30000,
    };
    const char *top = getenv("TOP_SRCDIR");
    struct err err;

    (void)state;
    text_format(templates, sizeof(templates), "%s/templates", top != NULL ? top : ".");
    application = (struct application){
        .modules = modules_all,
        .context = &testdb->core,
        .web = &web,
        .db = &testdb->settings,
        .decorate = modules_decorate,
    };
    clock_fix(testdb_today);
    pool = pool_new(0, 0);
    if (server_prepare(&application, &err) < 0 || server_check(&application, &application.render, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    gate = gate_new(&application);
    return 0;
}

static int close_site(void **state)
{
    (void)state;
    gate_free(&gate);
    render_free(&application.render);
    pool_free(&pool);
    testdb_close(&testdb);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nobody_is_sent_to_the_login, set_up),
        cmocka_unit_test_setup(test_another_firms_objects_are_not_there, set_up),
        cmocka_unit_test_setup(test_exchange_is_refused, set_up),
        cmocka_unit_test_setup(test_exchange_is_done_once, set_up),
        cmocka_unit_test_setup(test_certificates_are_found, set_up),
        cmocka_unit_test_setup(test_searches_keep_their_input, set_up),
        cmocka_unit_test_setup(test_searches_of_records_keep_their_input, set_up),
        cmocka_unit_test_setup(test_only_needed_offices_are_asked, set_up),
        cmocka_unit_test_setup(test_lists_become_tables, set_up),
        cmocka_unit_test_setup(test_documents_come_in_one_file, set_up),
        cmocka_unit_test_setup(test_many_documents_come_in_parts, set_up),
        cmocka_unit_test_setup(test_lists_go_on_by_key, set_up),
        cmocka_unit_test_setup(test_anyone_may_verify, set_up),
        cmocka_unit_test_setup(test_a_ticket_is_good_once, set_up),
        cmocka_unit_test_setup(test_logout_ends_the_session, set_up),
        cmocka_unit_test_setup(test_logout_everywhere_ends_all_sessions_of_the_firm, set_up),
        cmocka_unit_test_setup(test_counts_lead_to_their_lists, set_up),
        cmocka_unit_test_setup(test_gauges_count_the_queue, set_up),
    };

    testdb = testdb_open();
    if (testdb == NULL)
        return SKIPPED;
    log_open("test_pages", LOG_ERROR, 2);
    return cmocka_run_group_tests_name("pages", tests, open_site, close_site);
}
