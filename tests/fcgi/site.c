#include "tests/fcgi/site.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "fcgi/request.h"
#include "fcgi/session.h"

/* The module */

enum { THING_ADD, THING_LIST, KEY_STORE, KILL_SELF, OWN };
static const struct db_query queries[] = {
    [THING_ADD] = {"thing_add", "INSERT INTO thing (name) VALUES (?)"},
    [THING_LIST] = {"thing_list", "SELECT id, name FROM thing ORDER BY id LIMIT 20"},
    [KEY_STORE] = {"key_store", "UPDATE idempotency SET location = ?"},
    [KILL_SELF] = {"kill_self", "KILL CONNECTION_ID()"},
    [OWN] = {"own", "SELECT CAST(? AS SIGNED)"},
};

/* How often handlers ran, and what they are to do. */
int site_calls, site_asked, site_failures;
enum site_mode site_mode;

enum { F_NAME, F_IDS };
static const struct field add_fields[] = {
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .low = 2, .high = 10,
                .flags = FIELD_REQUIRED, .label = "姓名"},
    [F_IDS] = {.name = "id", .kind = FIELD_ID_LIST, .low = 0, .high = 150, .label = "证书"},
    {0},
};
static const struct field secret_fields[] = {
    [F_NAME] = {.name = "name", .kind = FIELD_TEXT, .low = 2, .high = 10, .label = "姓名"},
    {.name = "word", .kind = FIELD_TEXT, .low = 0, .high = 20, .flags = FIELD_SECRET,
     .label = "密码"},
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

static const struct field stream_fields[] = {
    [F_FILE] = {.name = "file", .kind = FIELD_UPLOAD, .low = 0, .high = 90000,
                .flags = FIELD_REQUIRED, .label = "名册"},
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

/* A page of the visitor's own, read ahead by what the cookie claims. */
static void own_ahead(struct request *request, bool queried)
{
    if (!queried)
        db_ahead(request->db, request->pool, &queries[OWN], DB_ARGS(db_uint(request->who.id)));
}

static enum outcome show_own(struct request *request, struct err *err)
{
    struct db_rows rows;

    if (db_select(request->db, request->pool, &queries[OWN], DB_ARGS(db_uint(request->who.id)),
                  &rows, err) < 0)
        return outcome_of(err);
    return respond_json(request, pool_printf(request->pool, "own %lld",
                                             (long long)db_as_int(db_row(&rows, 0))));
}

static enum outcome fail_once(struct request *request, struct err *err)
{
    if (site_mode == MODE_RETRY)
        return err_set(err, ERR_DB_RETRY, 1213, "deadlock"), OUT_FAIL;
    if (site_mode == MODE_CONNECTION_LOST)
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

    site_calls++;
    request_ids(request, F_IDS, &count);
    page_int(request->hdf, "Leftover", site_calls);
    if (add_row(request, request_text(request, F_NAME), err) != OUT_PAGE)
        return outcome_of(err);
    if (site_mode == MODE_REJECT)
        return request_reject(request, F_NAME, "姓名不在<名册>中");
    if (site_mode == MODE_FAIL)
        return err_set(err, ERR_SYSTEM, 0, "secret cause"), OUT_FAIL;
    if (site_failures > 0) {
        site_failures--;
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
    site_calls++;
    if (add_row(request, "kept", err) != OUT_PAGE)
        return OUT_FAIL;
    request_keep(request, NULL);
    return OUT_REFUSED;
}

static enum outcome refuse_kept_there(struct request *request, struct err *err)
{
    enum outcome outcome = refuse_kept(request, err);
    char place[] = "/t/17?名=1";

    respond_redirect(request, "/t/elsewhere");
    request_keep(request, place);
    memset(place, 'x', sizeof(place) - 1);
    return outcome;
}

/* A try that counts, and whose form is shown again. */
static enum outcome reject_kept_there(struct request *request, struct err *err)
{
    site_calls++;
    if (add_row(request, "kept", err) != OUT_PAGE)
        return OUT_FAIL;
    request_keep(request, "/t/17");
    return request_reject(request, F_NAME, "不对");
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

static enum outcome foreign(struct request *request, struct err *err)
{
    (void)err;
    return respond_foreign(request, "application/pdf", (struct bytes){(const uint8_t *)"%PDF", 4},
                           "a.pdf");
}

static enum outcome bytes(struct request *request, struct err *err)
{
    static const uint8_t data[] = "%PDF";
    char name[] = "李\"\r\n四.pdf", etag[] = "abc";

    (void)err;
    respond_bytes(request, "application/pdf", (struct bytes){data, 4}, name, etag);
    /* Neither lives longer than the handler. */
    memset(name, 'x', sizeof(name) - 1);
    memset(etag, 'x', sizeof(etag) - 1);
    return OUT_SENT;
}

/* So many pieces less one, of which the one named by site_failures fails. */
static int write_pieces(void *context, const struct sink *sink, struct err *err)
{
    struct request *request = context;
    char piece[SITE_PIECE + 1];

    for (int i = 1; i < (int)request_id(request, F_ID); i++) {
        site_calls++;
        if (i == site_failures)
            return err_set(err, site_mode == MODE_AWAY ? ERR_UNAVAILABLE : ERR_SYSTEM, 0,
                           "secret cause");
        snprintf(piece, sizeof(piece), "%-*d%d\n", SITE_PIECE - 2, i,
                 db_in_transaction(request->db));
        if (sink->write(sink->context, piece, SITE_PIECE) < 0)
            return err_set(err, ERR_SYSTEM, EPIPE, "the client is gone");
    }
    return 0;
}

static enum outcome stream(struct request *request, struct err *err)
{
    if (add_row(request, "streamed", err) != OUT_PAGE)
        return OUT_FAIL;
    return respond_stream(request, "text/csv; charset=utf-8", "名册.csv", write_pieces, request);
}

/* What another office would say. */
static enum outcome ask(struct request *request, struct err *err)
{
    site_asked++;
    if (db_in_transaction(request->db))
        return err_set(err, ERR_SYSTEM, 0, "asked inside a transaction"), OUT_FAIL;
    page_text(request->hdf, "Leftover", "asked");
    if (site_mode == MODE_AWAY)
        return err_set(err, ERR_UNAVAILABLE, 0, "secret cause"), OUT_FAIL;
    if (site_mode == MODE_REJECT)
        return request_reject(request, F_NAME, "查无此人");
    request->asked = "asked";
    return OUT_PAGE;
}

static enum outcome add_asked(struct request *request, struct err *err)
{
    assert_string_equal(request->asked, "asked");
    assert_null(hdf_get_value(request->hdf, "Leftover", NULL));
    return add(request, err);
}

static enum outcome upload(struct request *request, struct err *err)
{
    (void)err;
    return respond_redirect(request, "/t/%zu", request_upload(request, F_FILE)->bytes.size);
}

/* The file's bytes are counted as they come. */
static enum outcome take_file(struct request *request, struct err *err)
{
    size_t *size = POOL_NEW(request->pool, size_t);
    char piece[500];
    long got;

    site_calls++;
    while ((got = request_stream(request, piece, sizeof(piece), err)) > 0)
        *size += (size_t)got;
    request->asked = size;
    return got < 0 ? request_reject(request, F_FILE, "没有传完") : OUT_PAGE;
}

static enum outcome file_taken(struct request *request, struct err *err)
{
    (void)err;
    return respond_redirect(request, "/t/%zu", *(const size_t *)request->asked);
}

static enum outcome open_session(struct request *request, struct err *err)
{
    uint64_t id = request_id(request, F_ID);
    struct principal who = {.kind = id < 100 ? WHO_FIRM : WHO_STAFF,
                            .id = id,
                            .label = "<某>公司",
                            .roles = id < 100 ? 0 : 1u << id % 10};

    if (session_open(request, &who, err) < 0)
        return outcome_of(err);
    if (site_mode == MODE_FAIL)
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
    struct principal who = {.kind = WHO_FIRM, .id = 7, .label = "票"};
    char token[TICKET_SIZE];

    if (ticket_issue(request, &who, token, err) < 0)
        return outcome_of(err);
    return respond_json(request, pool_text(request->pool, token));
}

/* "/t/half/<id>" shows one proof of two, "/t/half" says whose, "/t/half/close" uses it up. */
static enum outcome half_begin(struct request *request, struct err *err)
{
    struct principal who = {.kind = WHO_STAFF, .id = request_id(request, F_ID), .label = "半"};

    if (half_open(request, HALF_PASSWORD, &who, err) < 0)
        return outcome_of(err);
    return respond_redirect(request, "/t/half");
}

static enum outcome half_show(struct request *request, struct err *err)
{
    struct principal who, other;
    int found = half_find(request, HALF_PASSWORD, &who, err);

    assert_int_equal(half_find(request, HALF_CODE, &other, err), 0);
    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    return respond_json(request, pool_printf(request->pool, "%d %llu %s", who.kind,
                                             (unsigned long long)who.id, who.label));
}

static enum outcome half_end(struct request *request, struct err *err)
{
    char token[TICKET_SIZE];
    int closed = half_close(request, HALF_PASSWORD, err);

    if (closed <= 0)
        return closed < 0 ? outcome_of(err) : OUT_FORBIDDEN;
    browser_remember(request, token);
    return respond_json(request, pool_printf(request->pool, "was %s", browser_token(request)));
}

static enum outcome nonce(struct request *request, struct err *err)
{
    char text[TICKET_SIZE];

    if (nonce_issue(request, text, err) < 0)
        return outcome_of(err);
    return respond_json(request, pool_text(request->pool, text));
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

static enum outcome nonce_use(struct request *request, struct err *err)
{
    int used = nonce_redeem(request, request_text(request, F_TOKEN), err);

    return used < 0 ? outcome_of(err) : used ? respond_json(request, "good") : OUT_FORBIDDEN;
}

static enum outcome challenge(struct request *request, struct err *err)
{
    char text[TICKET_SIZE];

    if (challenge_issue(request, text, err) < 0)
        return outcome_of(err);
    return respond_json(request, pool_text(request->pool, text));
}

static enum outcome challenge_use(struct request *request, struct err *err)
{
    static const char *const words[] = {"none", "used", "late"};
    int used = challenge_redeem(request, request_text(request, F_TOKEN), err);
    enum challenge_fault fault = CHALLENGE_NONE;

    if (used == 1)
        used = challenge_redeemed(request, err);
    if (used == 0 && challenge_blame(request, request_text(request, F_TOKEN), &fault, err) < 0)
        return outcome_of(err);
    respond_status(request, used == 1 ? 200 : 403);
    return used < 0 ? outcome_of(err) : respond_json(request, used ? "good" : words[fault]);
}

#define FORM (NEED_FIRM | NEED_CSRF | NEED_KEY)
static const struct route routes[] = {
    {"", HTTP_GET, NEED_FIRM, .page = "list", .handle = show_list},
    {"own", HTTP_GET, NEED_FIRM, .handle = show_own, .ahead = own_ahead},
    {"public", HTTP_GET, NO_SESSION, .page = "plain", .handle = plain},
    {"cert/show", HTTP_GET, ON_LOGIN_PORT | NO_SESSION, .page = "plain", .handle = plain},
    {"staff", HTTP_GET, NEED_STAFF, .roles = 1, .page = "plain", .handle = plain},
    {"others", HTTP_GET, NEED_STAFF, .roles = 2 | 4, .page = "plain", .handle = plain},
    {"do", HTTP_POST, NEED_STAFF | NEED_CSRF | NEED_KEY, .roles = 1, .fields = add_fields,
     .handle = add},
    {"both", HTTP_GET, NEED_STAFF | NEED_FIRM, .page = "plain", .handle = plain},
    {"both/one", HTTP_GET, NEED_STAFF | NEED_FIRM, .roles = 2, .page = "plain", .handle = plain},
    {"foreign", HTTP_GET, NO_SESSION, .handle = foreign, .camera = true},
    {"bytes", HTTP_GET, NO_SESSION | CACHE_PRIVATE, .handle = bytes,
     .connect = "http://127.0.0.1:1 http://127.0.0.1:2"},
    {"stream/{id}", HTTP_GET, NEED_FIRM | NEED_TRANSACTION, id_fields, .handle = stream},
    {"add", HTTP_POST, FORM, add_fields, .handle = add, .form = "form", .refill = refill},
    {"secret", HTTP_POST, NEED_FIRM | NEED_CSRF | NEED_TRANSACTION, secret_fields, .handle = plain,
     .page = "plain", .form = "form"},
    {"bare", HTTP_POST, FORM, add_fields, .handle = add},
    {"asked", HTTP_POST, FORM, add_fields, .handle = add_asked, .form = "form", .before = ask},
    {"asked/{id}", HTTP_GET, NEED_FIRM, id_fields, "show", .handle = show, .before = ask},
    {"keep", HTTP_POST, FORM, .handle = refuse_kept},
    {"keep/there", HTTP_POST, FORM, .handle = refuse_kept_there},
    {"keep/form", HTTP_POST, FORM, add_fields, .handle = reject_kept_there, .form = "form"},
    {"drop", HTTP_POST, FORM, .handle = refuse_dropped},
    {"upload", HTTP_POST, FORM, file_fields, .handle = upload},
    {"file", HTTP_POST, FORM | TAKES_STREAM, stream_fields, .handle = file_taken,
     .before = take_file},
    {"login/{id}", HTTP_GET, NEED_TRANSACTION, id_fields, .handle = open_session},
    {"logout", HTTP_POST, NEED_CSRF | NEED_TRANSACTION, .handle = close_session},
    {"logout/all", HTTP_POST, NEED_CSRF | NEED_TRANSACTION, .handle = close_all},
    {"ticket", HTTP_GET, NO_SESSION | NEED_TRANSACTION, .handle = ticket},
    {"ticket/{token}", HTTP_GET, NEED_TRANSACTION, token_fields, .handle = redeem},
    {"nonce", HTTP_GET, NEED_TRANSACTION, .handle = nonce},
    {"nonce/{token}", HTTP_GET, NEED_TRANSACTION, token_fields, .handle = nonce_use},
    {"challenge", HTTP_GET, NEED_TRANSACTION, .handle = challenge},
    {"challenge/{token}", HTTP_GET, NEED_TRANSACTION, token_fields, .handle = challenge_use},
    {"half", HTTP_GET, 0, .handle = half_show},
    {"half/close", HTTP_GET, NEED_TRANSACTION, .handle = half_end},
    {"half/{id}", HTTP_GET, NEED_TRANSACTION, id_fields, .handle = half_begin},
    {"{id}", HTTP_GET, NEED_FIRM, id_fields, "show", .handle = show},
    {0},
};
static const struct module module_test = {.name = "t", .label = "试验", .routes = routes};
static const struct module *const modules[] = {&module_test, NULL};

/* Fixture */

char site_cookie[256], site_csrf[128], site_key[64];
static int key_number;

void site_new_key(void)
{
    snprintf(site_key, sizeof(site_key), "key-%012d", ++key_number);
}

struct fake_response site_get(const char *target)
{
    return fake_send(&(struct fake_request){.target = target, .cookie = site_cookie});
}

static void take_cookie(const struct fake_response *response)
{
    const char *value = fake_header(response, "Set-Cookie");

    assert_non_null(value);
    assert_non_null(strstr(value, "; Path=/; Secure; HttpOnly; SameSite=Lax"));
    snprintf(site_cookie, sizeof(site_cookie), "%.*s", (int)strcspn(value, ";"), value);
}

void site_log_in(const char *target)
{
    struct fake_response response = site_get(target);

    assert_int_equal(response.status, 303);
    take_cookie(&response);
    response = site_get("/t/both");
    assert_int_equal(response.status, 200);
    const char *token = strstr(response.body, "csrf=") + strlen("csrf=");
    snprintf(site_csrf, sizeof(site_csrf), "%.*s", (int)strcspn(token, " "), token);
}

/* A form with the session's token and the key at hand. */
struct fake_response site_post(const char *target, const char *fields)
{
    char body[8192];

    snprintf(body, sizeof(body), "_csrf=%s&_key=%s&%s", site_csrf, site_key, fields);
    return fake_send(&(struct fake_request){.method = "POST", .target = target, .cookie = site_cookie,
                                            .type = "application/x-www-form-urlencoded",
                                            .body = body});
}

int site_set_up(void **state)
{
    (void)state;
    fake_sql("DELETE FROM session");
    fake_sql("DELETE FROM idempotency");
    fake_sql("DELETE FROM thing");
    site_calls = site_asked = site_failures = site_mode = 0;
    fake_patience = 0;
    site_cookie[0] = '\0';
    site_new_key();
    site_log_in("/t/login/5");
    return 0;
}

int64_t site_things(void)
{
    return fake_number("SELECT COUNT(*) FROM thing");
}

bool site_open(const char *schema)
{
    if (!fake_open(modules, schema))
        return false;
    fake_template("error.cs", "E<?cs var:Error.status ?> <?cs var:Error.text ?> number=<?cs var:Request.Number ?>"
                              " leftover=<?cs var:Leftover ?> <?cs var:Session.Label ?>");
    fake_template("refused.cs", "refused");
    fake_template("t/list.cs", "<?cs var:Session.Label ?> <?cs each:row = Rows ?><?cs var:row.Id ?> "
                               "<?cs var:row.Name ?><?cs /each ?>");
    fake_template("t/plain.cs", "csrf=<?cs var:Session.Csrf ?> certificate=<?cs var:Certificate ?>");
    fake_template("t/show.cs", "id=<?cs var:Id ?>");
    fake_template("t/form.cs", "word=<?cs var:Field.word ?>. echo=<?cs var:Field.name ?> ticked=<?cs var:Field.id.3 ?> refilled=<?cs var:Refilled ?>"
                               "<?cs each:error = Errors ?><?cs var:error.text ?><?cs /each ?>");
    return true;
}
