#include "fcgi/session.h"

#include <inttypes.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/random.h"
#include "base/sha256.h"
#include "fcgi/form.h"
#include "fcgi/query.h"
#include "fcgi/response.h"

enum { SEEN_MS = 60 * 1000, PURGE_MS = 60 * 1000, KEY_DAYS = 7, MAC_SIZE = 32 };
enum { COL_KIND, COL_ID, COL_LABEL, COL_SEEN, COL_EXPIRES, COL_ROLES };

static const char cookie_name[] = "__Host-ecert";
static const char login_cookie_name[] = "__Host-ecert-login";
static const char browser_cookie_name[] = "__Host-ecert-browser";
static const char cookie_flags[] = "Path=/; Secure; HttpOnly; SameSite=Lax";
static const int64_t day_ms = 24 * 60 * 60 * 1000;

static int run(struct request *request, enum web_query query, const struct db_value *args,
               size_t count, struct err *err)
{
    return db_run(request->db, &web_queries[query], args, count, NULL, err);
}

/* The secret */

/* ".1.77": the kind and id of who is said to be logged in. */
static void read_claim(const char *text, struct principal *claimed)
{
    uint64_t id;

    if (text[0] != '.' || text[1] < '0' + WHO_FIRM || text[1] > '0' + WHO_STAFF || text[2] != '.' ||
        !parse_uint(text + 3, 1, INT64_MAX, &id))
        return;
    claimed->kind = (enum principal_kind)(text[1] - '0');
    claimed->id = id;
}

void session_cookie(struct request *request, const char *header)
{
    struct session *session = request->session;
    const char *cookie = *header ? cookie_find(request->pool, header, cookie_name) : NULL;
    char token[SESSION_TOKEN];

    session->known = cookie && strcspn(cookie, ".") == SESSION_TOKEN - 1 &&
                     text_format(token, sizeof(token), "%.*s", SESSION_TOKEN - 1, cookie) &&
                     base64url_decode(token, session->secret, SESSION_SECRET) == SESSION_SECRET;
    session->claimed = (struct principal){.label = ""};
    if (session->known) {
        sha256(session->secret, SESSION_SECRET, session->hash);
        read_claim(cookie + SESSION_TOKEN - 1, &session->claimed);
    }
    session->login = *header ? cookie_find(request->pool, header, login_cookie_name) : NULL;
    session->browser = *header ? cookie_find(request->pool, header, browser_cookie_name) : NULL;
}

/* Made once: to look an algorithm up by name costs more than to use it. */
static EVP_MAC_CTX *mac_context(void)
{
    static EVP_MAC_CTX *context;

    if (!context) {
        char digest[] = "SHA256";
        const OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_end()};
        EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
        context = EVP_MAC_CTX_new(mac);
        EVP_MAC_free(mac);
        if (!context || !EVP_MAC_CTX_set_params(context, params))
            err_fatal("HMAC-SHA-256 is not available");
    }
    return context;
}

static void csrf_mac(const struct session *session, uint8_t mac[MAC_SIZE])
{
    static const unsigned char purpose[] = "csrf";
    EVP_MAC_CTX *context = mac_context();
    size_t size = 0;

    if (!EVP_MAC_init(context, session->secret, SESSION_SECRET, NULL) ||
        !EVP_MAC_update(context, purpose, sizeof(purpose) - 1) ||
        !EVP_MAC_final(context, mac, &size, MAC_SIZE))
        err_fatal("HMAC-SHA-256 failed");
}

/* The same puts a mask on and takes it off. */
static void mask_apply(const uint8_t mask[MAC_SIZE], uint8_t mac[MAC_SIZE])
{
    for (size_t i = 0; i < MAC_SIZE; i++)
        mac[i] ^= mask[i];
}

void session_csrf(const struct session *session, char token[CSRF_TOKEN])
{
    uint8_t masked[2 * MAC_SIZE];

    random_bytes(masked, MAC_SIZE);
    csrf_mac(session, masked + MAC_SIZE);
    mask_apply(masked, masked + MAC_SIZE);
    base64url_encode(masked, sizeof(masked), token);
}

bool session_csrf_equal(const struct session *session, const char *token)
{
    uint8_t masked[2 * MAC_SIZE], wanted[MAC_SIZE];

    if (base64url_decode(token, masked, sizeof(masked)) != sizeof(masked))
        return false;
    mask_apply(masked, masked + MAC_SIZE);
    csrf_mac(session, wanted);
    return bytes_equal_secret(masked + MAC_SIZE, wanted, MAC_SIZE);
}

/* Loading */

static void read_principal(const struct db_value *row, struct principal *who)
{
    who->kind = (enum principal_kind)db_as_uint(&row[COL_KIND]);
    who->id = db_as_uint(&row[COL_ID]);
    who->label = db_as_text(&row[COL_LABEL]);
}

int session_load(struct request *request, struct err *err)
{
    const struct session *session = request->session;
    const struct db_value *row;

    request->who = (struct principal){.label = ""};
    if (!session->known)
        return 0;
    int found = db_find(request->db, request->pool, &web_queries[SQL_SESSION_FIND],
                        DB_ARGS(db_bytes(session->hash, sizeof(session->hash))), &row, err);
    if (found <= 0)
        return found;
    struct principal who = {.label = ""};
    read_principal(row, &who);
    who.roles = (unsigned)db_as_uint(&row[COL_ROLES]);
    int64_t seen = db_as_time(&row[COL_SEEN]);
    if (db_as_time(&row[COL_EXPIRES]) <= request->now_ms ||
        seen + session->idle_ms[who.kind] <= request->now_ms)
        return 0;
    request->who = who;
    if (request->now_ms - seen < SEEN_MS)
        return 0;
    return run(request, SQL_SESSION_SEEN,
               DB_ARGS(db_time(request->now_ms),
                       db_bytes(session->hash, sizeof(session->hash)),
                       db_time(request->now_ms - SEEN_MS + 1)),
               err);
}

/* Opening and closing */

static int delete_row(struct request *request, struct err *err)
{
    const struct session *session = request->session;

    if (!session->known)
        return 0;
    return run(request, SQL_SESSION_DELETE,
               DB_ARGS(db_bytes(session->hash, sizeof(session->hash))), err);
}

/* Once a minute in a process. A clock that was set back is not waited for. */
static bool purge_due(int64_t *last_ms, int64_t now_ms)
{
    if (*last_ms <= now_ms && now_ms - *last_ms < PURGE_MS)
        return false;
    *last_ms = now_ms;
    return true;
}

/* What is past its time, a bounded number of rows, now that somebody logs in. */
static int purge(struct request *request, struct err *err)
{
    static int64_t last_ms;
    struct db_value now = db_time(request->now_ms);

    if (!purge_due(&last_ms, request->now_ms))
        return 0;
    if (run(request, SQL_SESSION_PURGE, DB_ARGS(now), err) < 0)
        return -1;
    return run(request, SQL_KEY_PURGE, DB_ARGS(db_time(request->now_ms - KEY_DAYS * day_ms)),
               err);
}

int session_open(struct request *request, const struct principal *who, struct err *err)
{
    struct session *session = request->session;
    char token[SESSION_TOKEN];

    if (delete_row(request, err) < 0 || purge(request, err) < 0)
        return -1;
    random_bytes(session->secret, SESSION_SECRET);
    sha256(session->secret, SESSION_SECRET, session->hash);
    session->known = true;
    struct db_value now = db_time(request->now_ms);
    if (run(request, SQL_SESSION_ADD,
            DB_ARGS(db_bytes(session->hash, sizeof(session->hash)), db_uint(who->kind),
                    db_uint(who->id), db_text(who->label), now, now,
                    db_time(request->now_ms + session->absolute_ms[who->kind]), db_uint(who->roles)),
            err) < 0)
        return -1;
    base64url_encode(session->secret, SESSION_SECRET, token);
    request->response->cookie =
        pool_printf(request->pool, "%s=%s.%d.%" PRIu64 "; %s", cookie_name, token, (int)who->kind,
                    who->id, cookie_flags);
    request->who = *who;
    return 0;
}

static void forget(struct request *request)
{
    request->session->known = false;
    request->who = (struct principal){.label = ""};
    request->response->cookie =
        pool_printf(request->pool, "%s=; Max-Age=0; %s", cookie_name, cookie_flags);
}

int session_close(struct request *request, struct err *err)
{
    if (delete_row(request, err) < 0)
        return -1;
    forget(request);
    return 0;
}

int session_close_all(struct request *request, struct err *err)
{
    if (run(request, SQL_SESSION_DELETE_ALL,
            DB_ARGS(db_uint(request->who.kind), db_uint(request->who.id)), err) < 0)
        return -1;
    forget(request);
    return 0;
}

/* Tickets and challenges: a token of one purpose is none of another. */

#define PURPOSE_TICKET    ""
#define PURPOSE_CHALLENGE "challenge."
#define PURPOSE_PASSWORD  "half.password."
#define PURPOSE_CODE      "half.code."
#define PURPOSE_NONCE     "nonce."

static void token_hash(struct request *request, const char *purpose, const char *token,
                       const char *browser, uint8_t hash[32])
{
    const char *all = pool_printf(request->pool, "%s%s.%s", purpose, token, browser);

    sha256(all, strlen(all), hash);
}

static void random_token(char token[SESSION_TOKEN])
{
    uint8_t secret[SESSION_SECRET];

    random_bytes(secret, sizeof(secret));
    base64url_encode(secret, sizeof(secret), token);
}

static void set_login_cookie(struct request *request, const char *value, int seconds)
{
    request->response->login_cookie = pool_printf(request->pool, "%s=%s; Max-Age=%d; %s",
                                                  login_cookie_name, value, seconds, cookie_flags);
}

/* A row for `token`, good in the browser that holds this secret. */
static int row_add(struct request *request, const char *purpose, int seconds,
                   const struct principal *who, const char *token, const char *browser,
                   struct err *err)
{
    static int64_t purged_ms;
    uint8_t hash[32];

    token_hash(request, purpose, token, browser, hash);
    if (purge_due(&purged_ms, request->now_ms) &&
        run(request, SQL_TICKET_PURGE, DB_ARGS(db_time(request->now_ms - day_ms)), err) < 0)
        return -1;
    return run(request, SQL_TICKET_ADD,
               DB_ARGS(db_bytes(hash, sizeof(hash)), db_uint(who->kind), db_uint(who->id),
                       db_text(who->label), db_time(request->now_ms + seconds * (int64_t)1000)),
               err);
}

/* The same, and the cookie of the browser. */
static int token_add(struct request *request, const char *purpose, int seconds,
                     const struct principal *who, const char *token, struct err *err)
{
    char browser[SESSION_TOKEN];

    random_token(browser);
    set_login_cookie(request, browser, seconds);
    return row_add(request, purpose, seconds, who, token, browser, err);
}

/* A secret that we could have made; NULL for anything else. */
static const char *whole_token(const char *text)
{
    uint8_t bytes[SESSION_SECRET];

    return text && strlen(text) == SESSION_TOKEN - 1 &&
                   base64url_decode(text, bytes, sizeof(bytes)) == sizeof(bytes)
               ? text
               : NULL;
}

static int token_issue(struct request *request, const char *purpose, int seconds,
                       const struct principal *who, char token[SESSION_TOKEN], struct err *err)
{
    random_token(token);
    return token_add(request, purpose, seconds, who, token, err);
}

/* The use of one in two steps: 1, whose answer is to be read; 0: there is none; -1. It is used up even
 * where the transaction comes to nothing. */
static int token_use_start(struct request *request, const char *purpose, const char *token,
                           uint8_t hash[32], struct err *err)
{
    if (!request->session->login)
        return 0;
    token_hash(request, purpose, token, request->session->login, hash);
    /* Who marks it first has it: compare-and-set, so that two can't both win. */
    return db_run_start(request->db, &web_queries[SQL_TICKET_USE],
                        DB_ARGS(db_time(request->now_ms), db_bytes(hash, 32), db_time(request->now_ms)),
                        err) < 0
               ? -1
               : 1;
}

/* 1, 0 or -1. */
static int token_used(struct request *request, struct err *err)
{
    uint64_t used;

    if (db_run_end(request->db, &used, err) < 0)
        return -1;
    return used != 0;
}

/* The same, and the cookie is good for nothing more. */
static int token_use_end(struct request *request, struct err *err)
{
    int used = token_used(request, err);

    if (used == 1)
        set_login_cookie(request, "", 0);
    return used;
}

/* Both steps. */
static int token_use(struct request *request, const char *purpose, const char *token,
                     uint8_t hash[32], struct err *err)
{
    int started = token_use_start(request, purpose, token, hash, err);

    return started == 1 ? token_use_end(request, err) : started;
}

int ticket_issue(struct request *request, const struct principal *who, char token[TICKET_SIZE],
                 struct err *err)
{
    return token_issue(request, PURPOSE_TICKET, TICKET_SECONDS, who, token, err);
}

int ticket_redeem(struct request *request, const char *token, struct principal *who,
                  struct err *err)
{
    const struct db_value *row;
    uint8_t hash[32];
    int used = token_use(request, PURPOSE_TICKET, token, hash, err);

    if (used != 1)
        return used;
    if (db_find(request->db, request->pool, &web_queries[SQL_TICKET_FIND],
                DB_ARGS(db_bytes(hash, sizeof(hash))), &row, err) <= 0)
        return -1;
    *who = (struct principal){.label = ""};
    read_principal(row, who);
    return 1;
}

/* The secret that the browser has stays: another tab's challenge, or half a login, hangs on it. */
int challenge_issue(struct request *request, char nonce[TICKET_SIZE], struct err *err)
{
    const struct principal nobody = {.label = ""};
    const char *known = whole_token(request->session->login);
    char browser[SESSION_TOKEN];

    random_token(nonce);
    if (!known)
        random_token(browser);
    set_login_cookie(request, known ? known : browser, HALF_SECONDS);
    return row_add(request, PURPOSE_CHALLENGE, CHALLENGE_SECONDS, &nobody, nonce,
                   known ? known : browser, err);
}

int challenge_redeem(struct request *request, const char *nonce, struct err *err)
{
    uint8_t hash[32];

    return token_use_start(request, PURPOSE_CHALLENGE, nonce, hash, err);
}

int challenge_redeemed(struct request *request, struct err *err)
{
    return token_used(request, err);
}

int challenge_blame(struct request *request, const char *nonce, enum challenge_fault *fault,
                    struct err *err)
{
    const struct db_value *row;
    uint8_t hash[32];
    int found;

    *fault = CHALLENGE_NONE;
    if (!request->session->login)
        return 0;
    token_hash(request, PURPOSE_CHALLENGE, nonce, request->session->login, hash);
    found = db_find(request->db, request->pool, &web_queries[SQL_TICKET_USED],
                    DB_ARGS(db_bytes(hash, sizeof(hash))), &row, err);
    if (found == 1)
        *fault = db_as_int(&row[0]) ? CHALLENGE_USED : CHALLENGE_LATE;
    return found < 0 ? -1 : 0;
}

/* Half a login: there is no token but the browser's. */

static const char *const half_purposes[] = {[HALF_PASSWORD] = PURPOSE_PASSWORD,
                                            [HALF_CODE] = PURPOSE_CODE};

int half_open(struct request *request, enum half half, const struct principal *who, struct err *err)
{
    return token_add(request, half_purposes[half], HALF_SECONDS, who, "", err);
}

int half_find(struct request *request, enum half half, struct principal *who, struct err *err)
{
    const struct db_value *row;
    uint8_t hash[32];

    *who = (struct principal){.label = ""};
    if (!request->session->login)
        return 0;
    token_hash(request, half_purposes[half], "", request->session->login, hash);
    int found = db_find(request->db, request->pool, &web_queries[SQL_HALF_FIND],
                        DB_ARGS(db_bytes(hash, sizeof(hash)), db_time(request->now_ms)), &row, err);
    if (found == 1)
        read_principal(row, who);
    return found;
}

int half_close(struct request *request, enum half half, struct err *err)
{
    uint8_t hash[32];

    return token_use(request, half_purposes[half], "", hash, err);
}

const char *browser_token(const struct request *request)
{
    return whole_token(request->session->browser);
}

void browser_remember(struct request *request, char token[TICKET_SIZE])
{
    random_token(token);
    request->response->browser_cookie =
        pool_printf(request->pool, "%s=%s; Max-Age=%lld; %s", browser_cookie_name, token,
                    BROWSER_DAYS * (long long)day_ms / 1000, cookie_flags);
}

/* What an authenticator signs */

/* What the browser of a half login or a session is known by; NULL: it has neither. */
static const char *holder_of(struct request *request)
{
    const struct session *session = request->session;
    char *hex;

    if (session->login || !session->known)
        return session->login;
    hex = pool_alloc(request->pool, 2 * sizeof(session->hash) + 1);
    hex_encode(session->hash, sizeof(session->hash), hex);
    return hex;
}

int nonce_issue(struct request *request, char nonce[TICKET_SIZE], struct err *err)
{
    const struct principal nobody = {.label = ""};
    const char *holder = holder_of(request);

    if (!holder)
        return err_set(err, ERR_NOT_FOUND, 0, "a nonce for a browser without a cookie");
    random_token(nonce);
    return row_add(request, PURPOSE_NONCE, CHALLENGE_SECONDS, &nobody, nonce, holder, err);
}

int nonce_redeem(struct request *request, const char *nonce, struct err *err)
{
    const char *holder = holder_of(request);
    uint8_t hash[32];

    if (!holder)
        return 0;
    token_hash(request, PURPOSE_NONCE, nonce, holder, hash);
    return db_change(request->db, &web_queries[SQL_TICKET_USE],
                     DB_ARGS(db_time(request->now_ms), db_bytes(hash, sizeof(hash)),
                             db_time(request->now_ms)),
                     err);
}
