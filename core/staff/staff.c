#include "core/staff/staff.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit/audit.h"
#include "core/core.h"
#include "core/queries.h"
#include "core/staff/staff_login.h"

enum { NAME_MAX_LENGTH = 64, LOGIN_MIN = 2, LOGIN_MAX = 32 };

enum {
    SQL_LIST,
    SQL_FIND,
    SQL_FIND_LOGIN,
    SQL_LOCK,
    SQL_ADMINISTRATORS,
    SQL_ADD,
    SQL_DISABLE,
    SQL_ENABLE,
    SQL_ROLE,
    SQL_LOG_OUT,
    SQL_SESSIONS
};

#define COLUMNS                                                                                    \
    "SELECT id, login, name, role, disabled_at IS NOT NULL,"                                       \
    " password_hash IS NOT NULL AND EXISTS (SELECT 1 FROM staff_factor f"                          \
    " WHERE f.staff_id = staff.id AND f.confirmed_at IS NOT NULL), login_at FROM staff"

static const struct db_query queries[] = {
    [SQL_LIST] = {"staff_list", COLUMNS " ORDER BY login"},
    [SQL_FIND] = {"staff_find", COLUMNS " WHERE id = ?"},
    [SQL_FIND_LOGIN] = {"staff_find_login", COLUMNS " WHERE login = ?"},
    [SQL_LOCK] = {"staff_lock", "SELECT role, disabled_at IS NOT NULL FROM staff WHERE id = ?"
                                " FOR UPDATE"},
    [SQL_ADMINISTRATORS] = {"staff_administrators",
                            "SELECT id FROM staff WHERE role = 'administrator'"
                            " AND disabled_at IS NULL ORDER BY id FOR UPDATE"},
    [SQL_ADD] = {"staff_add", "INSERT INTO staff (login, name, role, created_at)"
                              " VALUES (?, ?, ?, ?)"},
    [SQL_DISABLE] = {"staff_disable", "UPDATE staff SET disabled_at = ? WHERE id = ?"},
    [SQL_ENABLE] = {"staff_enable", "UPDATE staff SET disabled_at = NULL WHERE id = ?"},
    [SQL_ROLE] = {"staff_role", "UPDATE staff SET role = ? WHERE id = ?"},
    [SQL_LOG_OUT] = {"staff_log_out", "DELETE FROM session WHERE subject_kind = ?"
                                      " AND subject_id = ?"},
    [SQL_SESSIONS] = {"staff_sessions", "SELECT created_at, seen_at FROM session"
                                        " WHERE subject_kind = ? AND subject_id = ?"
                                        " AND expires_at > ? ORDER BY seen_at DESC LIMIT 20"},
};

const struct db_area staff_area = DB_AREA("staff", queries);

static const struct role {
    const char *name, *label;
    enum staff_role bit;
} roles[] = {
    {"window", "受理窗口", STAFF_WINDOW},     {"reviewer", "审核", STAFF_REVIEWER},
    {"decision", "决定", STAFF_DECISION},     {"auditor", "审计", STAFF_AUDITOR},
    {"administrator", "系统管理员", STAFF_ADMINISTRATOR},
};
enum { ROLES = sizeof(roles) / sizeof(roles[0]) };

const char *const staff_roles[] = {"window",  "reviewer",      "decision",
                                   "auditor", "administrator", NULL};

unsigned staff_role_bit(const char *role)
{
    for (size_t i = 0; i < ROLES; i++)
        if (strcmp(roles[i].name, role) == 0)
            return roles[i].bit;
    return 0;
}

const char *staff_role_label(unsigned bit)
{
    for (size_t i = 0; i < ROLES; i++)
        if (roles[i].bit == bit)
            return roles[i].label;
    return "";
}

/* Reading */

static struct staff read_row(const struct db_value *row)
{
    return (struct staff){
        .id = db_as_uint(&row[0]),
        .login = db_as_text(&row[1]),
        .name = db_as_text(&row[2]),
        .role = db_as_text(&row[3]),
        .disabled = db_as_int(&row[4]) != 0,
        .ready = db_as_int(&row[5]) != 0,
        .login_ms = db_as_time(&row[6]),
    };
}

int staff_list(struct db *db, struct pool *pool, const struct staff **staff, size_t *count,
               struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_LIST], DB_NO_ARGS, &rows, err) < 0)
        return -1;
    struct staff *list = pool_array(pool, rows.count, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        list[i] = read_row(db_row(&rows, i));
    *staff = list;
    *count = rows.count;
    return 0;
}

int staff_find(struct db *db, struct pool *pool, uint64_t id, struct staff *staff, struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND], DB_ARGS(db_uint(id)), &row, err);

    if (found == 1)
        *staff = read_row(row);
    return found;
}

int staff_find_login(struct db *db, struct pool *pool, const char *login, struct staff *staff,
                     struct err *err)
{
    const struct db_value *row;
    int found = db_find(db, pool, &queries[SQL_FIND_LOGIN], DB_ARGS(db_text(login)), &row, err);

    if (found == 1)
        *staff = read_row(row);
    return found;
}

int staff_sessions(struct db *db, struct pool *pool, uint64_t id, int64_t now_ms,
                   const struct staff_session **sessions, size_t *count, struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_SESSIONS],
                  DB_ARGS(db_int(ACTOR_STAFF), db_uint(id), db_time(now_ms)), &rows, err) < 0)
        return -1;
    struct staff_session *list = pool_array(pool, rows.count, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++)
        list[i] = (struct staff_session){db_as_time(&db_row(&rows, i)[0]),
                                         db_as_time(&db_row(&rows, i)[1])};
    *sessions = list;
    *count = rows.count;
    return 0;
}

/* Changing */

static int check_role(const char *role, struct err *err)
{
    if (staff_role_bit(role))
        return 0;
    return err_set(err, ERR_INPUT, 0,
                   "a role is window, reviewer, decision, auditor or administrator");
}

static int check(const struct staff *staff, struct err *err)
{
    size_t length = strspn(staff->login, "abcdefghijklmnopqrstuvwxyz0123456789._-");

    if (length < LOGIN_MIN || length > LOGIN_MAX || staff->login[length])
        return err_set(err, ERR_INPUT, 0, "a login has 2 to 32 of a-z 0-9 . _ -");
    if (!utf8_valid(staff->name, strlen(staff->name)) || utf8_has_control(staff->name) ||
        !*staff->name || utf8_count(staff->name) > NAME_MAX_LENGTH)
        return err_set(err, ERR_INPUT, 0, "a name has 1 to 64 characters");
    return check_role(staff->role, err);
}

static int note(const struct staff_change *change, const char *action, uint64_t id,
                const char *detail, struct err *err)
{
    struct audit_event event = {.actor = *change->actor,
                                .action = action,
                                .object_kind = "staff",
                                .object_id = id,
                                .detail = detail};

    return audit_add(change->db, change->pool, change->core, &event, 1, err);
}

static const char *role_detail(const struct staff_change *change, const char *from,
                               const char *role)
{
    return from ? pool_printf(change->pool, "{\"from\":\"%s\",\"role\":\"%s\"}", from, role)
                : pool_printf(change->pool, "{\"role\":\"%s\"}", role);
}

int staff_add(const struct staff_change *change, const struct staff *staff, const char *code,
              uint64_t *id, struct err *err)
{
    if (check(staff, err) < 0 ||
        db_run(change->db, &queries[SQL_ADD],
               DB_ARGS(db_text(staff->login), db_text(staff->name), db_text(staff->role),
                       db_time(change->now_ms)),
               NULL, err) < 0)
        return -1;
    *id = db_insert_id(change->db);
    if (code &&
        staff_code_store(change->db, change->pool, change->core, *id, code, change->now_ms, err) < 0)
        return -1;
    return note(change, "staff.add", *id, role_detail(change, NULL, staff->role), err);
}

struct account {
    const char *role;
    bool disabled;
};

/* All administrators are locked before the account, always, so that two can't take each other away
 * at once. 1/0/-1. */
static int lock(const struct staff_change *change, uint64_t id, bool *last, struct account *account,
                struct err *err)
{
    const struct db_value *row;
    struct db_rows rows;

    if (db_select(change->db, change->pool, &queries[SQL_ADMINISTRATORS], DB_NO_ARGS, &rows, err) < 0)
        return -1;
    *last = rows.count == 1 && db_as_uint(db_row(&rows, 0)) == id;
    int found = db_find(change->db, change->pool, &queries[SQL_LOCK], DB_ARGS(db_uint(id)), &row, err);
    if (found == 1)
        *account = (struct account){db_as_text(&row[0]), db_as_int(&row[1]) != 0};
    return found;
}

static int last_one(struct err *err)
{
    return err_set(err, ERR_CONFLICT, 0, "this is the last administrator who is not disabled");
}

/* Sessions, and the browsers that are known. */
static int end_sessions(const struct staff_change *change, uint64_t id, uint64_t *sessions,
                        struct err *err)
{
    if (db_run(change->db, &queries[SQL_LOG_OUT], DB_ARGS(db_int(ACTOR_STAFF), db_uint(id)),
               sessions, err) < 0)
        return -1;
    return staff_browsers_forget(change->db, id, err);
}

int staff_disable(const struct staff_change *change, uint64_t id, struct err *err)
{
    struct account account;
    bool last;
    int found = lock(change, id, &last, &account, err);

    if (found <= 0 || account.disabled)
        return found < 0 ? -1 : 0;
    if (last)
        return last_one(err);
    if (db_run(change->db, &queries[SQL_DISABLE], DB_ARGS(db_time(change->now_ms), db_uint(id)),
               NULL, err) < 0 ||
        end_sessions(change, id, NULL, err) < 0)
        return -1;
    return note(change, "staff.disable", id, NULL, err) < 0 ? -1 : 1;
}

int staff_enable(const struct staff_change *change, uint64_t id, struct err *err)
{
    struct account account;
    bool last;
    int found = lock(change, id, &last, &account, err);

    if (found <= 0 || !account.disabled)
        return found < 0 ? -1 : 0;
    if (db_run(change->db, &queries[SQL_ENABLE], DB_ARGS(db_uint(id)), NULL, err) < 0)
        return -1;
    return note(change, "staff.enable", id, NULL, err) < 0 ? -1 : 1;
}

int staff_role_change(const struct staff_change *change, uint64_t id, const char *role,
                      struct err *err)
{
    struct account account;
    bool last;

    if (check_role(role, err) < 0)
        return -1;
    int found = lock(change, id, &last, &account, err);
    if (found <= 0 || strcmp(account.role, role) == 0)
        return found < 0 ? -1 : 0;
    if (last)
        return last_one(err);
    if (db_run(change->db, &queries[SQL_ROLE], DB_ARGS(db_text(role), db_uint(id)), NULL, err) < 0 ||
        end_sessions(change, id, NULL, err) < 0)
        return -1;
    return note(change, "staff.role", id, role_detail(change, account.role, role), err) < 0 ? -1 : 1;
}

int staff_reset(const struct staff_change *change, uint64_t id, const char *code, struct err *err)
{
    struct account account;
    bool last;
    int found = lock(change, id, &last, &account, err);

    if (found <= 0)
        return found;
    if (staff_code_store(change->db, change->pool, change->core, id, code, change->now_ms, err) < 0 ||
        end_sessions(change, id, NULL, err) < 0)
        return -1;
    return note(change, "staff.reset", id, NULL, err) < 0 ? -1 : 1;
}

int staff_log_out(const struct staff_change *change, uint64_t id, uint64_t *sessions,
                  struct err *err)
{
    struct account account;
    bool last;
    int found = lock(change, id, &last, &account, err);

    if (found <= 0)
        return found;
    if (end_sessions(change, id, sessions, err) < 0)
        return -1;
    return note(change, "staff.log_out", id,
                pool_printf(change->pool, "{\"sessions\":%" PRIu64 "}", *sessions), err) < 0
               ? -1
               : 1;
}
