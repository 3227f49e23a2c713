#include "core/staff/staff_login.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/queries.h"

#define HOUR_MS INT64_C(3600000)

enum { LOGIN_ROOM = 33, HASH_SIZE = 32, CODE_BYTES = 10, CODE_GROUP = 4 };
enum {
    SQL_ACCOUNT,
    SQL_HASH,
    SQL_BROWSER,
    SQL_BROWSER_ADD,
    SQL_BROWSERS_DROP,
    SQL_PASSWORD,
    SQL_CODE,
    SQL_CODE_DROP,
    SQL_FACTORS_DROP,
    SQL_LOGIN
};
enum { COL_ID, COL_NAME, COL_DISABLED, COL_PASSWORD, COL_CODE, COL_CODE_EXPIRES };

static const struct db_query queries[] = {
    [SQL_ACCOUNT] = {"staff_login_account",
                     "SELECT id, name, disabled_at IS NOT NULL, password_hash, code_hash,"
                     " code_expires_at FROM staff WHERE login = ?"},
    [SQL_HASH] = {"staff_login_hash", "SELECT password_hash FROM staff WHERE id = ?"},
    [SQL_BROWSER] = {"staff_login_browser", "SELECT 1 FROM known_browser WHERE token_hash = ?"
                                            " AND staff_id = ? AND expires_at > ?"},
    [SQL_BROWSER_ADD] = {"staff_login_browser_add",
                         "INSERT INTO known_browser (token_hash, staff_id, created_at, expires_at)"
                         " VALUES (?, ?, ?, ?)"},
    [SQL_BROWSERS_DROP] = {"staff_login_browsers_drop",
                           "DELETE FROM known_browser WHERE staff_id = ?"},
    [SQL_PASSWORD] = {"staff_login_password",
                      "UPDATE staff SET password_hash = ?, password_at = ? WHERE id = ?"},
    [SQL_CODE] = {"staff_login_code", "UPDATE staff SET password_hash = NULL, password_at = NULL,"
                                      " code_hash = ?, code_expires_at = ? WHERE id = ?"},
    [SQL_CODE_DROP] = {"staff_login_code_drop", "UPDATE staff SET code_hash = NULL,"
                                                " code_expires_at = NULL WHERE id = ?"},
    [SQL_FACTORS_DROP] = {"staff_login_factors_drop",
                          "DELETE FROM staff_factor WHERE staff_id = ?"},
    [SQL_LOGIN] = {"staff_login_login", "UPDATE staff SET login_at = ? WHERE id = ?"},
};

const struct db_area staff_login_area = DB_AREA("staff_login", queries);

/* The account of a login, as far as a try needs it. */
struct account {
    bool usable; /* there, and not disabled */
    const char *password_hash;
    struct bytes code_hash; /* empty: none that is good now */
};

/* Logins are lower case; who types one otherwise means it. */
static void login_fold(const char *typed, char login[LOGIN_ROOM])
{
    if (!text_copy(login, LOGIN_ROOM, typed))
        login[0] = '\0';
    for (char *at = login; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + 'a' - 'A');
}

static int account_find(struct db *db, struct pool *pool, const char *login, int64_t now_ms,
                        struct account *account, struct staff_tried *tried, struct err *err)
{
    const struct db_value *row;

    *account = (struct account){0};
    /* The column knows no other characters. */
    if (login[strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-")])
        login = "";
    int found = db_find(db, pool, &queries[SQL_ACCOUNT], DB_ARGS(db_text(login)), &row, err);
    if (found <= 0)
        return found;
    tried->staff_id = db_as_uint(&row[COL_ID]);
    tried->name = db_as_text(&row[COL_NAME]);
    account->usable = !db_as_int(&row[COL_DISABLED]);
    if (row[COL_PASSWORD].type != DB_NULL)
        account->password_hash = db_as_text(&row[COL_PASSWORD]);
    if (db_as_time(&row[COL_CODE_EXPIRES]) > now_ms)
        account->code_hash = db_as_bytes(&row[COL_CODE]);
    return 0;
}

static void browser_hash(const char *token, uint8_t hash[HASH_SIZE])
{
    sha256(token, strlen(token), hash);
}

/* Is this browser a known one of the account? 1/0/-1. */
static int browser_known(struct db *db, struct pool *pool, uint64_t staff_id, const char *token,
                         int64_t now_ms, struct err *err)
{
    const struct db_value *row;
    uint8_t hash[HASH_SIZE];

    if (!token)
        return 0;
    browser_hash(token, hash);
    return db_find(db, pool, &queries[SQL_BROWSER],
                   DB_ARGS(db_bytes(hash, sizeof(hash)), db_uint(staff_id), db_time(now_ms)), &row,
                   err);
}

/* Finds the account and counts the try. */
static int begin(struct db *db, struct pool *pool, const struct core *core,
                 const struct staff_try *wanted, struct account *account,
                 struct staff_tried *tried, struct err *err)
{
    char login[LOGIN_ROOM];

    *tried = (struct staff_tried){0};
    login_fold(wanted->login, login);
    tried->login = pool_text(pool, login);
    if (account_find(db, pool, login, wanted->now_ms, account, tried, err) < 0)
        return -1;
    int known = browser_known(db, pool, tried->staff_id, wanted->browser, wanted->now_ms, err);
    if (known < 0)
        return -1;
    tried->keys[tried->count++] = known ? delay_key(core, DELAY_BROWSER, wanted->browser)
                                        : delay_key(core, DELAY_LOGIN, login);
    tried->keys[tried->count++] = delay_key(core, DELAY_ADDRESS, wanted->address);
    return delay_take(db, pool, &core->staff->delay, tried->keys, tried->count, wanted->now_ms,
                      &tried->wait_ms, err);
}

int staff_try_password(struct db *db, struct pool *pool, const struct core *core,
                       const struct staff_try *wanted, struct staff_tried *tried, struct err *err)
{
    const struct password_settings *settings = &core->staff->password;
    struct account account;
    bool stale;

    if (begin(db, pool, core, wanted, &account, tried, err) < 0)
        return -1;
    if (tried->wait_ms)
        return 0;
    int right =
        password_verify(settings, pool, account.password_hash, wanted->secret, &stale, err);
    if (right < 0)
        return -1;
    tried->good = right && account.usable;
    if (tried->good && stale)
        return password_hash(settings, pool, wanted->secret, &tried->hash, err);
    return 0;
}

/* Codes */

static const char code_alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

void staff_code_make(char code[STAFF_CODE])
{
    uint8_t random[CODE_BYTES];
    uint32_t bits = 0;
    int have = 0, given = 0;

    random_bytes(random, sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++) {
        bits = bits << 8 | random[i];
        for (have += 8; have >= 5; have -= 5) {
            if (given && given % CODE_GROUP == 0)
                *code++ = '-';
            *code++ = code_alphabet[bits >> (have - 5) & 31];
            given++;
        }
    }
    *code = '\0';
    explicit_bzero(random, sizeof(random));
}

/* As it is hashed: without what is between the groups, in upper case. */
static void code_hash(const struct core *core, struct pool *pool, const char *typed,
                      uint8_t hash[HASH_SIZE])
{
    char *code = pool_alloc(pool, strlen(typed) + 1), *to = code;

    for (; *typed; typed++)
        if (*typed != '-' && *typed != ' ')
            *to++ = *typed >= 'a' && *typed <= 'z' ? (char)(*typed - 'a' + 'A') : *typed;
    vault_lookup(core->vault, "staff.code", code, hash);
}

int staff_try_code(struct db *db, struct pool *pool, const struct core *core,
                   const struct staff_try *wanted, struct staff_tried *tried, struct err *err)
{
    const struct password_settings *settings = &core->staff->password;
    struct account account;
    uint8_t hash[HASH_SIZE];

    if (begin(db, pool, core, wanted, &account, tried, err) < 0)
        return -1;
    if (tried->wait_ms)
        return 0;
    code_hash(core, pool, wanted->secret, hash);
    tried->good = account.usable && account.code_hash.size == sizeof(hash) &&
                  bytes_equal_secret(account.code_hash.data, hash, sizeof(hash));
    if (!tried->good)
        return 0;
    if (password_judge(settings, tried->login, wanted->password, &tried->verdict, err) < 0)
        return -1;
    return tried->verdict == PASSWORD_OK
               ? password_hash(settings, pool, wanted->password, &tried->hash, err)
               : 0;
}

int staff_code_store(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                     const char *code, int64_t now_ms, struct err *err)
{
    uint8_t hash[HASH_SIZE];

    code_hash(core, pool, code, hash);
    if (db_run(db, &queries[SQL_CODE],
               DB_ARGS(db_bytes(hash, sizeof(hash)),
                       db_time(now_ms + core->staff->code_hours * HOUR_MS), db_uint(staff_id)),
               NULL, err) < 0)
        return -1;
    return db_run(db, &queries[SQL_FACTORS_DROP], DB_ARGS(db_uint(staff_id)), NULL, err);
}

int staff_code_drop(struct db *db, uint64_t staff_id, struct err *err)
{
    return db_run(db, &queries[SQL_CODE_DROP], DB_ARGS(db_uint(staff_id)), NULL, err);
}

/* What is written */

int staff_password_store(struct db *db, uint64_t staff_id, const char *hash, int64_t now_ms,
                         struct err *err)
{
    return db_run(db, &queries[SQL_PASSWORD],
                  DB_ARGS(db_text(hash), db_time(now_ms), db_uint(staff_id)), NULL, err);
}

int staff_password_is(struct db *db, struct pool *pool, const struct core *core, uint64_t staff_id,
                      const char *password, struct err *err)
{
    const struct db_value *row;
    bool stale;

    int found = db_find(db, pool, &queries[SQL_HASH], DB_ARGS(db_uint(staff_id)), &row, err);
    if (found < 0)
        return -1;
    return password_verify(&core->staff->password, pool,
                           found && row[0].type != DB_NULL ? db_as_text(&row[0]) : NULL, password,
                           &stale, err);
}

int staff_try_accept(struct db *db, const struct staff_tried *tried, int64_t now_ms,
                     struct err *err)
{
    if (delay_clear(db, tried->keys, tried->count, err) < 0)
        return -1;
    return tried->hash ? staff_password_store(db, tried->staff_id, tried->hash, now_ms, err) : 0;
}

int staff_browsers_forget(struct db *db, uint64_t staff_id, struct err *err)
{
    return db_run(db, &queries[SQL_BROWSERS_DROP], DB_ARGS(db_uint(staff_id)), NULL, err);
}

int staff_logged_in(struct db *db, uint64_t staff_id, const char *browser, int64_t now_ms,
                    int64_t until_ms, struct err *err)
{
    uint8_t hash[HASH_SIZE];

    browser_hash(browser, hash);
    if (db_run(db, &queries[SQL_LOGIN], DB_ARGS(db_time(now_ms), db_uint(staff_id)), NULL, err) < 0)
        return -1;
    return db_run(db, &queries[SQL_BROWSER_ADD],
                  DB_ARGS(db_bytes(hash, sizeof(hash)), db_uint(staff_id), db_time(now_ms),
                          db_time(until_ms)),
                  NULL, err);
}
