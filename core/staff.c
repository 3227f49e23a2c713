#include "core/staff.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/core.h"
#include "core/queries.h"

enum { NAME_MAX_LENGTH = 64, LOGIN_MIN = 2, LOGIN_MAX = 32 };

enum { SQL_LIST, SQL_FIND, SQL_ADD, SQL_DISABLE, SQL_LOG_OUT };

static const struct db_query queries[] = {
    [SQL_LIST] = {"staff_list", "SELECT id, login, name, role, disabled_at IS NOT NULL FROM staff"
                                " ORDER BY login"},
    [SQL_FIND] = {"staff_find", "SELECT id FROM staff WHERE login = ? AND disabled_at IS NULL"
                                " FOR UPDATE"},
    [SQL_ADD] = {"staff_add", "INSERT INTO staff (login, name, role, created_at)"
                              " VALUES (?, ?, ?, ?)"},
    [SQL_DISABLE] = {"staff_disable", "UPDATE staff SET disabled_at = ? WHERE id = ?"},
    [SQL_LOG_OUT] = {"staff_log_out", "DELETE FROM session WHERE subject_kind = ?"
                                      " AND subject_id = ?"},
};

const struct db_area staff_area = DB_AREA("staff", queries);

struct change {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    const struct actor *actor;
    const struct staff *staff;
    int found;
};

static const struct role {
    const char *name, *label;
    enum staff_role bit;
} roles[] = {
    {"window", "受理窗口", STAFF_WINDOW},     {"reviewer", "审核", STAFF_REVIEWER},
    {"decision", "决定", STAFF_DECISION},     {"auditor", "审计", STAFF_AUDITOR},
    {"administrator", "系统管理员", STAFF_ADMINISTRATOR},
};
enum { ROLES = sizeof(roles) / sizeof(roles[0]) };

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

int staff_list(struct db *db, struct pool *pool, const struct staff **staff, size_t *count,
               struct err *err)
{
    struct db_rows rows;

    if (db_select(db, pool, &queries[SQL_LIST], DB_NO_ARGS, &rows, err) < 0)
        return -1;
    struct staff *list = pool_array(pool, rows.count, sizeof(*list));
    for (size_t i = 0; i < rows.count; i++) {
        const struct db_value *row = db_row(&rows, i);
        list[i] = (struct staff){db_as_uint(&row[0]), db_as_text(&row[1]), db_as_text(&row[2]),
                                 db_as_text(&row[3]), db_as_int(&row[4]) != 0};
    }
    *staff = list;
    *count = rows.count;
    return 0;
}

static int check(const struct staff *staff, struct err *err)
{
    size_t length = strspn(staff->login, "abcdefghijklmnopqrstuvwxyz0123456789._-");

    if (length < LOGIN_MIN || length > LOGIN_MAX || staff->login[length])
        return err_set(err, ERR_INPUT, 0, "a login has 2 to 32 of a-z 0-9 . _ -");
    if (!utf8_valid(staff->name, strlen(staff->name)) || utf8_has_control(staff->name) ||
        !*staff->name || utf8_count(staff->name) > NAME_MAX_LENGTH)
        return err_set(err, ERR_INPUT, 0, "a name has 1 to 64 characters");
    if (staff_role_bit(staff->role))
        return 0;
    return err_set(err, ERR_INPUT, 0,
                   "a role is window, reviewer, decision, auditor or administrator");
}

static int note(const struct change *change, const char *action, uint64_t id, const char *detail,
                struct err *err)
{
    struct audit_event event = {.actor = *change->actor,
                                .action = action,
                                .object_kind = "staff",
                                .object_id = id,
                                .detail = detail};

    return audit_add(change->db, change->pool, change->core, &event, 1, err);
}

static int add(void *context, struct err *err)
{
    struct change *change = context;
    const struct staff *staff = change->staff;

    if (db_run(change->db, &queries[SQL_ADD],
               DB_ARGS(db_text(staff->login), db_text(staff->name), db_text(staff->role),
                       db_time(clock_now_ms())),
               NULL, err) < 0)
        return -1;
    return note(change, "staff.add", db_insert_id(change->db),
                pool_printf(change->pool, "{\"role\":\"%s\"}", staff->role), err);
}

int staff_add(struct db *db, struct pool *pool, const struct core *core, const struct actor *actor,
              const struct staff *staff, struct err *err)
{
    struct change change = {db, pool, core, actor, staff, 0};

    if (check(staff, err) < 0)
        return -1;
    return db_transact(db, add, &change, err);
}

static int disable(void *context, struct err *err)
{
    struct change *change = context;
    const struct db_value *row;

    change->found = db_find(change->db, change->pool, &queries[SQL_FIND],
                            DB_ARGS(db_text(change->staff->login)), &row, err);
    if (change->found <= 0)
        return change->found;
    if (db_run(change->db, &queries[SQL_DISABLE], DB_ARGS(db_time(clock_now_ms()), row[0]), NULL,
               err) < 0 ||
        db_run(change->db, &queries[SQL_LOG_OUT], DB_ARGS(db_int(ACTOR_STAFF), row[0]), NULL,
               err) < 0)
        return -1;
    return note(change, "staff.disable", db_as_uint(&row[0]), NULL, err);
}

int staff_disable(struct db *db, struct pool *pool, const struct core *core,
                  const struct actor *actor, const char *login, struct err *err)
{
    struct staff staff = {.login = login};
    struct change change = {db, pool, core, actor, &staff, 0};

    if (db_transact(db, disable, &change, err) < 0)
        return -1;
    return change.found;
}
