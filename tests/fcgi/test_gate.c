/*
 * The gates over a real database: run it by tests/with-mariadb. Without ECERT_TEST_DB_SOCKET it
 * is skipped (exit code 77).
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
#include "base/vault.h"
#include "fcgi/render.h"
#include "fcgi/request.h"
#include "fcgi/session.h"
#include "tests/fcgi/fake.h"

/* The module */

enum { THING_ADD, THING_LIST, KEY_STORE, KILL_SELF };
static const struct db_query queries[] = {
    [THING_ADD] = {"thing_add", "INSERT INTO thing (name) VALUES (?)"},
    [THING_LIST] = {"thing_list", "SELECT id, name FROM thing ORDER BY id LIMIT 20"},
    [KEY_STORE] = {"key_store", "UPDATE idempotency SET location = ?"},
    [KILL_SELF] = {"kill_self", "KILL CONNECTION_ID()"},
};

/* How often handlers ran, and what they are to do. */
static int calls, failures, mode;
enum { MODE_NONE, MODE_RETRY, MODE_COMMITTED_UNKNOWN, MODE_CONNECTION_LOST, MODE_FAIL, MODE_REJECT };

enum { F_NAME, F_IDS };
static const struct field add_fields[] = {
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .low = 2, .high = 10,
                .flags = FIELD_REQUIRED, .label = "姓名"},
    [F_IDS] = {.name = "id", .kind = FIELD_ID_LIST, .low = 0, .high = 150, .label = "证书"},
    {0},
};
enum { F_ID };
static const struct field id_fields[] = {
    [F_ID] = {.name = "id", .kind = FIELD_ID, .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};
enum { F_FILE };
static const struct field file_fields[] = {
    [F_FILE] = {.name = "file", .kind = FIELD_UPLOAD, .low = 1, .high = 90000,
                .flags = FIELD_REQUIRED, .label = "照片"},
    {0},
};

static enum outcome add_row(struct request *request, const char *name, struct err *err)
{
    return db_run(request->db, &queries[THING_ADD], DB_ARGS(db_text(name)), NULL, err) < 0
               ? outcome_of(err)
               : OUT_PAGE;
}

static enum outcome show_list(struct request *request, struct err *err)
{
    struct db_rows rows;

    if (db_select(request->db, request->pool, &queries[THING_LIST], DB_NO_ARGS, &rows, err) < 0)
        return outcome_of(err);
    for (size_t i = 0; i < rows.count; i++) {
        HDF *item = page_item(request->hdf, "Rows", i);
        page_int(item, "Id", db_as_int(&db_row(&rows, i)[0]));
        page_text(item, "Name", db_as_text(&db_row(&rows, i)[1]));
    }
    return OUT_PAGE;
}

static enum outcome fail_once(struct request *request, struct err *err)
{
    if (mode == MODE_RETRY)
        return err_set(err, ERR_DB_RETRY, 1213, "deadlock"), OUT_FAIL;
    if (mode == MODE_CONNECTION_LOST)
        return db_run(request->db, &queries[KILL_SELF], DB_NO_ARGS, NULL, err) < 0 ? OUT_FAIL : OUT_PAGE;
    /* What a COMMIT that happened, and whose answer was lost, leaves. */
    if (db_run(request->db, &queries[KEY_STORE], DB_ARGS(db_text("/t/committed")), NULL, err) < 0 ||
        db_commit(request->db, err) < 0)
        return OUT_FAIL;
    return err_set(err, ERR_DB_UNKNOWN, 2013, "lost at COMMIT"), OUT_FAIL;
}

static enum outcome add(struct request *request, struct err *err)
{
    size_t count;

    calls++;
    request_ids(request, F_IDS, &count);
    page_int(request->hdf, "Leftover", calls);
    if (add_row(request, request_text(request, F_NAME), err) != OUT_PAGE)
        return outcome_of(err);
    if (mode == MODE_REJECT)
        return request_reject(request, F_NAME, "姓名不在<名册>中");
    if (mode == MODE_FAIL)
        return err_set(err, ERR_SYSTEM, 0, "secret cause"), OUT_FAIL;
    if (failures > 0) {
        failures--;
        return fail_once(request, err);
    }
    return respond_redirect(request, "/t/%zu", count);
}

static int refill(struct request *request, struct err *err)
{
    (void)err;
    page_text(request->hdf, "Refilled", "yes");
    return 0;
}

static enum outcome refuse_kept(struct request *request, struct err *err)
{
    calls++;
    if (add_row(request, "kept", err) != OUT_PAGE)
        return OUT_FAIL;
    request_keep(request);
    return OUT_REFUSED;
}

static enum outcome refuse_dropped(struct request *request, struct err *err)
{
    return add_row(request, "dropped", err) == OUT_PAGE ? OUT_REFUSED : OUT_FAIL;
}

static enum outcome show(struct request *request, struct err *err)
{
    (void)err;
    page_int(request->hdf, "Id", (int64_t)request_id(request, F_ID));
    return request_id(request, F_ID) == 404 ? OUT_NOT_FOUND : OUT_PAGE;
}

static enum outcome plain(struct request *request, struct err *err)
{
    (void)err;
    page_text(request->hdf, "Certificate", request->client_certificate);
    return OUT_PAGE;
}

static enum outcome bytes(struct request *request, struct err *err)
{
    static const uint8_t data[] = "%PDF";

    (void)err;
    return respond_bytes(request, "application/pdf", (struct bytes){data, 4}, "李\"\r\n四.pdf", "abc");
}

static enum outcome upload(struct request *request, struct err *err)
{
    (void)err;
    return respond_redirect(request, "/t/%zu", request_upload(request, F_FILE)->bytes.size);
}

static enum outcome open_session(struct request *request, struct err *err)
{
    struct principal who = {request_id(request, F_ID) < 100 ? WHO_FIRM : WHO_STAFF,
                            request_id(request, F_ID), "<某>公司"};

    if (session_open(request, &who, err) < 0)
        return outcome_of(err);
    if (mode == MODE_FAIL)
        return err_set(err, ERR_SYSTEM, 0, "after the session"), OUT_FAIL;
    return respond_redirect(request, "/t/");
}

static enum outcome close_session(struct request *request, struct err *err)
{
    return session_close(request, err) < 0 ? outcome_of(err) : respond_redirect(request, "/");
}

static enum outcome close_all(struct request *request, struct err *err)
{
    return session_close_all(request, err) < 0 ? outcome_of(err) : respond_redirect(request, "/");
}

static enum outcome ticket(struct request *request, struct err *err)
{
    struct principal who = {WHO_FIRM, 7, "票"};
    char token[TICKET_SIZE];

    if (ticket_issue(request, &who, token, err) < 0)
        return outcome_of(err);
    return respond_json(request, pool_text(request->pool, token));
}

enum { F_TOKEN };
static const struct field token_fields[] = {
    [F_TOKEN] = {.name = "token", .kind = FIELD_TOKEN, .low = 43, .high = 43,
                 .flags = FIELD_IN_PATH | FIELD_REQUIRED},
    {0},
};

static enum outcome redeem(struct request *request, struct err *err)
{
    struct principal who;
    int found = ticket_redeem(request, request_text(request, F_TOKEN), &who, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_FORBIDDEN;
    return respond_json(request, pool_printf(request->pool, "%d %llu %s", who.kind,
                                             (unsigned long long)who.id, who.label));
}

#define FORM (NEED_FIRM | NEED_CSRF | NEED_KEY)
static const struct route routes[] = {
    {"", HTTP_GET, NEED_FIRM, NULL, "list", show_list, NULL, NULL},
    {"public", HTTP_GET, NO_SESSION, NULL, "plain", plain, NULL, NULL},
    {"cert/show", HTTP_GET, ON_LOGIN_PORT | NO_SESSION, NULL, "plain", plain, NULL, NULL},
    {"staff", HTTP_GET, NEED_STAFF, NULL, "plain", plain, NULL, NULL},
    {"both", HTTP_GET, NEED_STAFF | NEED_FIRM, NULL, "plain", plain, NULL, NULL},
    {"bytes", HTTP_GET, NO_SESSION | CACHE_PRIVATE, NULL, NULL, bytes, NULL, NULL},
    {"add", HTTP_POST, FORM, add_fields, NULL, add, "form", refill},
    {"bare", HTTP_POST, FORM, add_fields, NULL, add, NULL, NULL},
    {"keep", HTTP_POST, FORM, NULL, NULL, refuse_kept, NULL, NULL},
    {"drop", HTTP_POST, FORM, NULL, NULL, refuse_dropped, NULL, NULL},
    {"upload", HTTP_POST, FORM, file_fields, NULL, upload, NULL, NULL},
    {"login/{id}", HTTP_GET, NEED_TRANSACTION, id_fields, NULL, open_session, NULL, NULL},
    {"logout", HTTP_POST, NEED_CSRF | NEED_TRANSACTION, NULL, NULL, close_session, NULL, NULL},
    {"logout/all", HTTP_POST, NEED_CSRF | NEED_TRANSACTION, NULL, NULL, close_all, NULL, NULL},
    {"ticket", HTTP_GET, NO_SESSION | NEED_TRANSACTION, NULL, NULL, ticket, NULL, NULL},
    {"ticket/{token}", HTTP_GET, NO_SESSION | NEED_TRANSACTION, token_fields, NULL, redeem, NULL, NULL},
    {"{id}", HTTP_GET, NEED_FIRM, id_fields, "show", show, NULL, NULL},
    {0},
};
static const struct module module_test = {.name = "t", .label = "试验", .routes = routes};
static const struct module *const modules[] = {&module_test, NULL};

/* Fixture */

static char cookie[128], csrf[64], key[64];
static int key_number;

static void new_key(void)
{
    snprintf(key, sizeof(key), "key-%012d", ++key_number);
}

static struct fake_response get(const char *target)
{
    return fake_send(&(struct fake_request){.target = target, .cookie = cookie});
}

static void take_cookie(const struct fake_response *response)
{
    const char *value = fake_header(response, "Set-Cookie");

    assert_non_null(value);
    assert_non_null(strstr(value, "; Path=/; Secure; HttpOnly; SameSite=Lax"));
    snprintf(cookie, sizeof(cookie), "%.*s", (int)strcspn(value, ";"), value);
}

static void log_in(const char *target)
{
    struct fake_response response = get(target);

    assert_int_equal(response.status, 303);
    take_cookie(&response);
    response = get("/t/both");
    assert_int_equal(response.status, 200);
    snprintf(csrf, sizeof(csrf), "%.43s", strstr(response.body, "csrf=") + 5);
}

/* A form with the session's token and the key at hand. */
static struct fake_response post(const char *target, const char *fields)
{
    char body[8192];

    snprintf(body, sizeof(body), "_csrf=%s&_key=%s&%s", csrf, key, fields);
    return fake_send(&(struct fake_request){.method = "POST", .target = target, .cookie = cookie,
                                            .type = "application/x-www-form-urlencoded",
                                            .body = body});
}

static int set_up(void **state)
{
    (void)state;
    fake_sql("DELETE FROM session");
    fake_sql("DELETE FROM idempotency");
    fake_sql("DELETE FROM thing");
    calls = failures = mode = 0;
    cookie[0] = '\0';
    new_key();
    log_in("/t/login/5");
    return 0;
}

static int64_t things(void)
{
    return fake_number("SELECT COUNT(*) FROM thing");
}

/* What is refused before anything happens */

static const struct {
    const char *what;
    struct fake_request request;
    int status;
} refused[] = {
    {"no port", {.target = "/t/", .port = ""}, 403},
    {"unknown port", {.target = "/t/", .port = "admin"}, 403},
    {"port as a client's header", {.target = "/t/", .port = "", .more = {"HTTP_ECERT_PORT=site"}}, 403},
    {"operations by a client's header",
     {.target = "/metrics", .more = {"HTTP_ECERT_PORT=operations", "HTTP_X_ECERT_PORT=operations"}}, 404},
    {"operations on the site", {.target = "/healthz"}, 404},
    {"site on the operations port", {.target = "/t/public", .port = "operations"}, 404},
    {"login port's page on the site", {.target = "/t/cert/show"}, 404},
    {"site's page on the login port", {.target = "/t/public", .port = "login"}, 404},
    {"no such module", {.target = "/x/"}, 404},
    {"no such page", {.target = "/t/x/y"}, 404},
    {"slash behind a page", {.target = "/t/public/"}, 404},
    {"path out of bounds", {.target = "/t/../t/public"}, 400},
    {"encoded slash", {.target = "/t%2fpublic"}, 400},
    {"wrong method", {.target = "/t/public", .method = "POST"}, 405},
    {"unknown method", {.target = "/t/public", .method = "DELETE"}, 405},
    {"lower case method", {.target = "/t/public", .method = "get"}, 405},
    {"GET of a form's target", {.target = "/t/logout/all"}, 405},
    {"too late", {.target = "/t/public", .more = {"ECERT_ARRIVED=1000000000.000"}}, 503},
    {"broken query", {.target = "/t/public?a=%"}, 400},
    {"no session", {.target = "/t/"}, 303},
    {"foreign cookie", {.target = "/t/", .cookie = "__Host-ecert=x"}, 303},
    {"unknown session",
     {.target = "/t/", .cookie = "__Host-ecert=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 303},
    {"session as a header", {.target = "/t/", .more = {"HTTP_X_USER=5", "HTTP_SSL_CLIENT_VERIFY=SUCCESS",
                                                       "HTTP_ECERT_CLIENT_CERT=x", "REMOTE_USER=5"}}, 303},
    {"form without session", {.target = "/t/add", .method = "POST"}, 303},
    {"JSON without session", {.target = "/t/", .more = {"HTTP_ACCEPT=application/json"}}, 403},
};

static void refuses_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct fake_response response = fake_send(&refused[i].request);
        if (response.status != refused[i].status)
            fail_msg("%s: %d, not %d", refused[i].what, response.status, refused[i].status);
        if (response.status != 303)
            assert_non_null(strstr(response.body, "\"request\":\"") ? response.body
                                                                     : strstr(response.body, "number="));
    }
    assert_int_equal(calls, 0);
}

static void passes_what_is_right(void **state)
{
    struct fake_response response;

    (void)state;
    response = fake_send(&(struct fake_request){.target = "/t/public"});
    assert_int_equal(response.status, 200);
    assert_non_null(fake_header(&response, "X-Robots-Tag"));
    assert_int_equal(fake_send(&(struct fake_request){.target = "/t/public", .method = "HEAD"}).body_size, 0);
    response = fake_send(&(struct fake_request){.target = "/t/cert/show", .port = "login",
                                                .more = {"HTTP_ECERT_CLIENT_CERT=spoofed",
                                                         "ECERT_CLIENT_CERT=real"}});
    assert_int_equal(response.status, 200);
    assert_non_null(strstr(response.body, "certificate=real"));
    /* Off the login port nobody reads it. */
    response = fake_send(&(struct fake_request){.target = "/t/public", .more = {"ECERT_CLIENT_CERT=real"}});
    assert_null(strstr(response.body, "real"));
    response = fake_send(&(struct fake_request){.target = "/healthz", .port = "operations"});
    assert_int_equal(response.status, 200);
    response = fake_send(&(struct fake_request){.target = "/readyz", .port = "operations"});
    assert_int_equal(response.status, 200);
}

static void sends_to_login_and_back(void **state)
{
    struct fake_response response;

    (void)state;
    response = fake_send(&(struct fake_request){.target = "/t/17?a=b&c=%E6%9D%8E"});
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/login?next=%2Ft%2F17%3Fa%3Db%26c%3D%25E6%259D%258E");
    response = fake_send(&(struct fake_request){.target = "/t/add", .method = "POST"});
    assert_string_equal(fake_header(&response, "Location"), "/login?next=%2Ft%2F");
}

/* Sessions */

static void costs_one_look_up(void **state)
{
    (void)state;
    fake_sql("INSERT INTO thing (name) VALUES ('<b>&')");
    get("/t/"); /* prepares */
    struct fake_response response = get("/t/");
    assert_int_equal(response.status, 200);
    assert_int_equal(response.round_trips, 2);
    assert_non_null(strstr(response.body, "&lt;b&gt;&amp;"));
    assert_non_null(strstr(response.body, "&lt;某&gt;公司"));
}

static void ends_late_sessions(void **state)
{
    (void)state;
    assert_int_equal(get("/t/").status, 200);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 1799 SECOND");
    assert_int_equal(get("/t/").status, 200);
    /* Which has been written down: idle time begins anew. */
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"
                                 " WHERE seen_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND"), 1);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 1801 SECOND");
    assert_int_equal(get("/t/").status, 303);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3), expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND");
    assert_int_equal(get("/t/").status, 303);
}

static void writes_seen_once_a_minute(void **state)
{
    (void)state;
    get("/t/");
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 50 SECOND");
    assert_int_equal(get("/t/").round_trips, 2);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 61 SECOND");
    assert_true(get("/t/").round_trips > 2);
    assert_int_equal(get("/t/").round_trips, 2);
}

static void rotates_at_login(void **state)
{
    char before[sizeof(cookie)];

    (void)state;
    memcpy(before, cookie, sizeof(before));
    log_in("/t/login/6");
    assert_string_not_equal(before, cookie);
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"), 1);
    memcpy(cookie, before, sizeof(before));
    assert_int_equal(get("/t/").status, 303);
}

static void keeps_roles_apart(void **state)
{
    (void)state;
    assert_int_equal(get("/t/staff").status, 403);
    log_in("/t/login/100");
    assert_int_equal(get("/t/staff").status, 200);
    assert_int_equal(get("/t/").status, 403);
    assert_int_equal(get("/t/both").status, 200);
}

static void logs_out(void **state)
{
    char other[sizeof(cookie)];

    (void)state;
    struct fake_response response = post("/t/logout", "");
    assert_int_equal(response.status, 303);
    assert_non_null(strstr(fake_header(&response, "Set-Cookie"), "__Host-ecert=; Max-Age=0;"));
    assert_int_equal(get("/t/").status, 303);

    cookie[0] = '\0';
    log_in("/t/login/5");
    memcpy(other, cookie, sizeof(other));
    cookie[0] = '\0';
    log_in("/t/login/5");
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"), 2);
    assert_int_equal(post("/t/logout/all", "").status, 303);
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"), 0);
    memcpy(cookie, other, sizeof(other));
    assert_int_equal(get("/t/").status, 303);
}

static void forgets_a_login_that_failed(void **state)
{
    (void)state;
    cookie[0] = '\0';
    fake_sql("DELETE FROM session");
    mode = MODE_FAIL;
    struct fake_response response = get("/t/login/5");
    assert_int_equal(response.status, 500);
    assert_null(fake_header(&response, "Set-Cookie"));
    assert_null(strstr(response.body, "公司"));
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"), 0);
}

static void purges_at_login(void **state)
{
    (void)state;
    fake_sql("INSERT INTO session SELECT UNHEX(SHA2(seq, 256)), 1, 5, 'x', '2020-01-01', '2020-01-01',"
             " '2020-01-02' FROM seq_1_to_150");
    log_in("/t/login/5");
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session WHERE expires_at < '2021-01-01'"), 50);
}

static void redeems_tickets_once(void **state)
{
    char target[128];

    (void)state;
    struct fake_response response = get("/t/ticket");
    assert_int_equal(response.status, 200);
    snprintf(target, sizeof(target), "/t/ticket/%s", response.body);
    assert_string_equal(get(target).body, "1 7 票");
    assert_int_equal(get(target).status, 403);
    response = get("/t/ticket");
    snprintf(target, sizeof(target), "/t/ticket/%s", response.body);
    fake_sql("UPDATE login_ticket SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND");
    assert_int_equal(get(target).status, 403);
    assert_int_equal(get("/t/ticket/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status, 403);
}

/* CSRF */

static void refuses_forged_forms(void **state)
{
    char body[256], good[sizeof(csrf)];
    static const char *const headers[] = {"HTTP_ORIGIN=https://evil.test", "HTTP_ORIGIN=null",
                                          "HTTP_ORIGIN=https://site.test:8444",
                                          "HTTP_SEC_FETCH_SITE=cross-site",
                                          "HTTP_SEC_FETCH_SITE=same-site"};

    (void)state;
    snprintf(body, sizeof(body), "_csrf=%s&_key=%s&name=name", csrf, key);
    struct fake_request request = {.method = "POST", .target = "/t/add", .cookie = cookie,
                                   .type = "application/x-www-form-urlencoded", .body = body};
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        request.more[0] = headers[i];
        assert_int_equal(fake_send(&request).status, 403);
    }
    memcpy(good, csrf, sizeof(good));
    csrf[0] = csrf[0] == 'A' ? 'B' : 'A';
    assert_int_equal(post("/t/add", "name=name").status, 403);
    csrf[0] = '\0';
    assert_int_equal(post("/t/add", "name=name").status, 403);
    memcpy(csrf, good, sizeof(good));
    snprintf(body, sizeof(body), "&_csrf=%s&name=name", csrf);
    assert_int_equal(post("/t/add", body).status, 403); /* twice */
    /* Of another session. */
    cookie[0] = '\0';
    log_in("/t/login/6");
    memcpy(csrf, good, sizeof(good));
    assert_int_equal(post("/t/add", "name=name").status, 403);
    assert_int_equal(calls, 0);
    assert_int_equal(things(), 0);
}

static void accepts_own_forms(void **state)
{
    char body[256];

    (void)state;
    snprintf(body, sizeof(body), "_csrf=%s&_key=%s&name=name", csrf, key);
    struct fake_response response =
        fake_send(&(struct fake_request){.method = "POST", .target = "/t/add", .cookie = cookie,
                                         .type = "application/x-www-form-urlencoded", .body = body,
                                         .more = {"HTTP_ORIGIN=https://site.test:8443",
                                                  "HTTP_SEC_FETCH_SITE=same-origin"}});
    assert_int_equal(response.status, 303);
    assert_int_equal(things(), 1);
}

/* Bodies */

static void checks_bodies(void **state)
{
    struct fake_request request = {.method = "POST", .target = "/t/add", .cookie = cookie,
                                   .type = "application/x-www-form-urlencoded", .body = "a=1"};

    (void)state;
    request.length = "4";
    assert_int_equal(fake_send(&request).status, 400);
    request.length = "-1";
    assert_int_equal(fake_send(&request).status, 400);
    request.length = "3x";
    assert_int_equal(fake_send(&request).status, 400);
    request.length = "65537";
    assert_int_equal(fake_send(&request).status, 413);
    request.length = "99999999999999999999";
    assert_int_equal(fake_send(&request).status, 400);
    request.length = NULL;
    request.type = "application/x-www-form-urlencoded; charset=gb18030";
    assert_int_equal(fake_send(&request).status, 400);
    assert_int_equal(calls, 0);
}

static void takes_uploads(void **state)
{
    enum { SIZE = 80000 };
    static char body[SIZE + 1000];

    (void)state;
    int head = snprintf(body, sizeof(body),
                        "--B\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n%s\r\n"
                        "--B\r\nContent-Disposition: form-data; name=\"_key\"\r\n\r\n%s\r\n"
                        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n",
                        csrf, key);
    memset(body + head, 0, SIZE);
    memcpy(body + head + SIZE, "\r\n--B--", 7);
    struct fake_request request = {.method = "POST", .target = "/t/upload", .cookie = cookie,
                                   .type = "multipart/form-data; boundary=B", .body = body,
                                   .body_size = (size_t)head + SIZE + 7};
    struct fake_response response = fake_send(&request);
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/t/80000");
    /* A route without upload is not open for that much. */
    request.target = "/t/add";
    assert_int_equal(fake_send(&request).status, 413);
}

/* Fields */

static void shows_the_form_again(void **state)
{
    (void)state;
    struct fake_response response = post("/t/add", "name=%3Cx&id=3&id=4&id=3");
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/t/2");
    new_key();
    response = post("/t/add", "name=%3C&id=3");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "错误：姓名不能少于2个字符"));
    assert_non_null(strstr(response.body, "echo=&lt; ticked=1 refilled=yes"));
    response = post("/t/add", "id=3");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "错误：请填写姓名"));
    response = post("/t/add", "name=ab&id=x");
    assert_int_equal(response.status, 422);
    assert_int_equal(post("/t/add", "name=ab&name=cd").status, 400);
    response = post("/t/bare", "name=1");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "E422"));
    assert_int_equal(calls, 1);
}

static void shows_what_the_handler_rejects(void **state)
{
    (void)state;
    mode = MODE_REJECT;
    struct fake_response response = post("/t/add", "name=name");
    assert_int_equal(response.status, 422);
    assert_non_null(strstr(response.body, "错误：姓名不在&lt;名册&gt;中"));
    assert_non_null(strstr(response.body, "refilled=yes"));
    assert_int_equal(things(), 0);
    /* Nothing was done, so the same key may be used for the corrected form. */
    mode = MODE_NONE;
    assert_int_equal(post("/t/add", "name=other").status, 303);
}

static void takes_ids_from_paths(void **state)
{
    (void)state;
    assert_non_null(strstr(get("/t/17").body, "id=17"));
    assert_int_equal(get("/t/404").status, 404);
    assert_int_equal(get("/t/0").status, 404);
    assert_int_equal(get("/t/-1").status, 404);
    assert_int_equal(get("/t/1x").status, 404);
    assert_int_equal(get("/t/9223372036854775808").status, 404);
}

/* Keys */

static const char *const bad_keys[] = {"", "short", "has.dots.in.it.x", "0123456789abcde",
                                       "key+with+blanks+x",
                                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

static void refuses_bad_keys(void **state)
{
    char fields[512];

    (void)state;
    for (size_t i = 0; i < sizeof(bad_keys) / sizeof(*bad_keys); i++) {
        char body[512];
        snprintf(body, sizeof(body), "_csrf=%s&_key=%s&name=name", csrf, bad_keys[i]);
        struct fake_response response =
            fake_send(&(struct fake_request){.method = "POST", .target = "/t/add", .cookie = cookie,
                                             .type = "application/x-www-form-urlencoded", .body = body});
        assert_int_equal(response.status, 400);
    }
    snprintf(fields, sizeof(fields), "_key=%s&name=name", key);
    assert_int_equal(post("/t/add", fields).status, 400); /* twice */
    assert_int_equal(calls, 0);
}

static void answers_the_same_form_once(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct fake_response response = post("/t/add", "name=name&id=1&id=2");
        assert_int_equal(response.status, 303);
        assert_string_equal(fake_header(&response, "Location"), "/t/2");
    }
    assert_int_equal(calls, 1);
    assert_int_equal(things(), 1);
    struct fake_response response = post("/t/add", "name=other&id=1&id=2");
    assert_int_equal(response.status, 409);
    assert_non_null(strstr(response.body, "另一份内容"));
    assert_int_equal(post("/t/bare", "name=name&id=1&id=2").status, 409);
    assert_int_equal(things(), 1);
    new_key();
    assert_int_equal(post("/t/add", "name=name&id=1&id=2").status, 303);
    assert_int_equal(things(), 2);
}

static void keeps_keys_of_firms_apart(void **state)
{
    (void)state;
    assert_int_equal(post("/t/add", "name=name").status, 303);
    log_in("/t/login/6");
    assert_int_equal(post("/t/add", "name=name").status, 303);
    assert_int_equal(things(), 2);
}

static void replays_after_a_new_login(void **state)
{
    (void)state;
    assert_int_equal(post("/t/add", "name=name").status, 303);
    log_in("/t/login/5");
    assert_int_equal(post("/t/add", "name=name").status, 303);
    assert_int_equal(things(), 1);
}

/* Transactions */

static void repeats_after_deadlocks(void **state)
{
    (void)state;
    mode = MODE_RETRY;
    failures = 3;
    assert_int_equal(post("/t/add", "name=name").status, 303);
    assert_int_equal(calls, 4);
    assert_int_equal(things(), 1);
    calls = 0;
    failures = 1000;
    new_key();
    struct fake_response response = post("/t/add", "name=name");
    assert_int_equal(response.status, 503);
    assert_non_null(fake_header(&response, "Retry-After"));
    assert_int_equal(calls, DB_ATTEMPTS);
    assert_int_equal(things(), 1);
}

static void reads_back_an_unknown_commit(void **state)
{
    (void)state;
    mode = MODE_COMMITTED_UNKNOWN;
    failures = 1;
    struct fake_response response = post("/t/add", "name=name");
    assert_int_equal(response.status, 303);
    assert_string_equal(fake_header(&response, "Location"), "/t/committed");
    assert_int_equal(calls, 1);
    assert_int_equal(things(), 1);
}

/* The worker's, as an operator or a restart of the server does. */
static void kill_connection(void)
{
    fake_sql("KILL %lld", (long long)fake_number("SELECT id FROM information_schema.processlist"
                                                 " WHERE db = 'ecert_gate' AND id <> CONNECTION_ID()"));
}

static void survives_lost_connections(void **state)
{
    (void)state;
    mode = MODE_CONNECTION_LOST;
    failures = 1;
    assert_int_equal(post("/t/add", "name=name").status, 303);
    assert_int_equal(calls, 2);
    assert_int_equal(things(), 1);
    /* While it was idle. */
    kill_connection();
    assert_int_equal(get("/t/").status, 200);
}

static void keeps_only_what_is_kept(void **state)
{
    (void)state;
    assert_int_equal(post("/t/drop", "").status, 409);
    assert_int_equal(things(), 0);
    struct fake_response response = post("/t/keep", "");
    assert_int_equal(response.status, 409);
    assert_non_null(strstr(response.body, "refused"));
    assert_int_equal(things(), 1);
    response = post("/t/keep", "");
    assert_int_equal(response.status, 409);
    assert_non_null(strstr(response.body, "没有重复办理"));
    assert_int_equal(things(), 1);
}

static void hides_causes(void **state)
{
    (void)state;
    mode = MODE_FAIL;
    struct fake_response response = post("/t/add", "name=name");
    assert_int_equal(response.status, 500);
    assert_null(strstr(response.body, "secret"));
    assert_null(strstr(response.body, "leftover=1"));
    assert_int_equal(things(), 0);
}

/* Responses */

static void sends_headers_once(void **state)
{
    static const char *const names[] = {
        "Content-Type", "Content-Length", "Cache-Control", "Content-Security-Policy",
        "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy", "Permissions-Policy", "Strict-Transport-Security"};

    (void)state;
    struct fake_response response = get("/t/");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char line[64];
        snprintf(line, sizeof(line), "\n%s:", names[i]);
        const char *first = strstr(response.head, line);
        if (!first || strstr(first + 1, line))
            fail_msg("%s is missing or there twice", names[i]);
    }
    assert_string_equal(fake_header(&response, "Cache-Control"), "no-store");
    assert_null(fake_header(&response, "X-Robots-Tag"));
    assert_int_equal(atoll(fake_header(&response, "Content-Length")), response.body_size);
}

static void serves_documents(void **state)
{
    (void)state;
    struct fake_response response = get("/t/bytes");
    assert_int_equal(response.status, 200);
    assert_string_equal(fake_header(&response, "ETag"), "\"abc\"");
    assert_string_equal(fake_header(&response, "Cache-Control"), "private, no-cache");
    assert_string_equal(fake_header(&response, "Content-Disposition"),
                        "attachment; filename=\"_____.pdf\"; filename*=UTF-8''%E6%9D%8E%22%0D%0A%E5%9B%9B.pdf");
    response = fake_send(&(struct fake_request){.target = "/t/bytes", .more = {"HTTP_IF_NONE_MATCH=\"x\", W/\"abc\""}});
    assert_int_equal(response.status, 304);
    assert_int_equal(response.body_size, 0);
    response = fake_send(&(struct fake_request){.target = "/t/bytes", .more = {"HTTP_IF_NONE_MATCH=\"abcd\""}});
    assert_int_equal(response.status, 200);
}

static void answers_without_database(void **state)
{
    const char *there = fake_db.socket;

    (void)state;
    fake_db.socket = "/nowhere/at/all";
    kill_connection();
    int statuses[] = {
        get("/t/").status,
        fake_send(&(struct fake_request){.target = "/healthz", .port = "operations"}).status,
        fake_send(&(struct fake_request){.target = "/readyz", .port = "operations"}).status,
    };
    fake_db.socket = there;
    assert_int_equal(statuses[0], 503);
    assert_int_equal(statuses[1], 200);
    assert_int_equal(statuses[2], 503);
    assert_int_equal(get("/t/").status, 200);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(refuses_requests),
        TEST(passes_what_is_right),
        TEST(sends_to_login_and_back),
        TEST(costs_one_look_up),
        TEST(ends_late_sessions),
        TEST(writes_seen_once_a_minute),
        TEST(rotates_at_login),
        TEST(keeps_roles_apart),
        TEST(logs_out),
        TEST(forgets_a_login_that_failed),
        TEST(purges_at_login),
        TEST(redeems_tickets_once),
        TEST(refuses_forged_forms),
        TEST(accepts_own_forms),
        TEST(checks_bodies),
        TEST(takes_uploads),
        TEST(shows_the_form_again),
        TEST(shows_what_the_handler_rejects),
        TEST(takes_ids_from_paths),
        TEST(refuses_bad_keys),
        TEST(answers_the_same_form_once),
        TEST(keeps_keys_of_firms_apart),
        TEST(replays_after_a_new_login),
        TEST(repeats_after_deadlocks),
        TEST(reads_back_an_unknown_commit),
        TEST(survives_lost_connections),
        TEST(keeps_only_what_is_kept),
        TEST(hides_causes),
        TEST(sends_headers_once),
        TEST(serves_documents),
        TEST(answers_without_database),
    };

    if (!fake_open(modules, "ecert_gate"))
        return 77;
    fake_template("error.cs", "E<?cs var:Error.status ?> <?cs var:Error.text ?> number=<?cs var:Request.Number ?>"
                              " leftover=<?cs var:Leftover ?> <?cs var:Session.Label ?>");
    fake_template("refused.cs", "refused");
    fake_template("t/list.cs", "<?cs var:Session.Label ?> <?cs each:row = Rows ?><?cs var:row.Id ?> "
                               "<?cs var:row.Name ?><?cs /each ?>");
    fake_template("t/plain.cs", "csrf=<?cs var:Session.Csrf ?> certificate=<?cs var:Certificate ?>");
    fake_template("t/show.cs", "id=<?cs var:Id ?>");
    fake_template("t/form.cs", "echo=<?cs var:Field.name ?> ticked=<?cs var:Field.id.3 ?> refilled=<?cs var:Refilled ?>"
                               "<?cs each:error = Errors ?><?cs var:error.text ?><?cs /each ?>");
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    fake_close();
    return result;
}
