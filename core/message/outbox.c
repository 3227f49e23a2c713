#include "core/message/outbox.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "core/audit/audit.h"
#include "core/queries.h"
#include "core/register/certificate.h"

static const struct {
    const char *name, *label;
} events[OUTBOX_EVENTS] = {
    [OUTBOX_CONFIRM] = {"confirm", "联系方式验证码"},
    [OUTBOX_READY] = {"ready", "电子证书已生成"},
    [OUTBOX_CHANGED] = {"changed", "管理部门变更证书信息"},
    [OUTBOX_REFUSED] = {"refused", "窗口申请未获同意"},
    [OUTBOX_LEFT] = {"left", "证书转入其他企业"},
    [OUTBOX_SANCTION] = {"sanction", "暂扣、撤销、吊销、注销等处理"},
    [OUTBOX_RENAMED] = {"renamed", "企业名称变更办结"},
    [OUTBOX_EXPIRING] = {"expiring", "证书将到期（90、30、7日）"},
};

/* Days before the end, and where the next bound begins. */
static const struct {
    int days, beyond;
} bounds[] = {
    {90, 30},
    {30, 7 },
    {7,  -1},
};

enum {
    SQL_ADD, SQL_ADD_HOLDER, SQL_ADD_MATTER, SQL_ADD_DONE, SQL_ADD_READY, SQL_ADD_CODE, SQL_CONTACTS,
    SQL_ADD_EXPIRING
};

#define INSERT                                                                                     \
    "INSERT INTO outbox (event, event_key, channel, enterprise_id, contact_id, matter_id,"         \
    " from_day, until_day, address_sealed, address_hash, state, run_at, created_at)"
/* Event, matter and firm make the key; so whatever orders it twice orders it once. */
#define SELECT                                                                                     \
    " SELECT ?, CONCAT_WS(':', ?, ?, k.enterprise_id), k.channel, k.enterprise_id, k.id, ?, NULL," \
    " NULL, k.address_sealed, k.address_hash, 'waiting', ?, ? FROM contact k"
#define WANTED                                                                                     \
    " k.confirmed_at IS NOT NULL AND FIND_IN_SET(?, k.events) AND FIND_IN_SET(k.channel, ?)"
#define ONCE " ON DUPLICATE KEY UPDATE id = outbox.id"

static const struct db_query queries[] = {
    [SQL_ADD] = {"outbox_add", INSERT SELECT " WHERE k.enterprise_id = ? AND" WANTED ONCE},
    [SQL_ADD_HOLDER] = {"outbox_add_holder",
                        INSERT SELECT " JOIN certificate c ON c.enterprise_id = k.enterprise_id"
                                      " WHERE c.id = ? AND" WANTED ONCE},
    [SQL_ADD_MATTER] = {"outbox_add_matter",
                        INSERT SELECT " JOIN certificate c ON c.enterprise_id = k.enterprise_id"
                                      " JOIN matter_certificate mc ON mc.certificate_id = c.id"
                                      " WHERE mc.matter_id = ? AND" WANTED ONCE},
    [SQL_ADD_DONE] = {"outbox_add_done",
                      INSERT SELECT " JOIN certificate c ON c.enterprise_id = k.enterprise_id"
                                    " JOIN matter_certificate mc ON mc.certificate_id = c.id"
                                    " WHERE mc.matter_id = ? AND mc.state = 'done' AND" WANTED ONCE},
    [SQL_ADD_READY] = {"outbox_add_ready",
                       INSERT SELECT " JOIN matter m ON m.enterprise_id = k.enterprise_id"
                                     " AND m.item IN ('exchange', 'apply', 'renew', 'transfer')"
                                     " WHERE m.id = ? AND k.enterprise_id = ? AND" WANTED ONCE},
    [SQL_ADD_CODE] = {"outbox_add_code",
                      INSERT " SELECT 'confirm', CONCAT_WS(':', 'confirm', k.id,"
                             " LOWER(HEX(k.code_salt))), k.channel, k.enterprise_id, k.id, NULL,"
                             " NULL, NULL, k.wanted_sealed, k.wanted_hash, 'waiting', ?, ?"
                             " FROM contact k WHERE k.id = ? AND k.wanted_hash IS NOT NULL"
                             " AND FIND_IN_SET(k.channel, ?)" ONCE},
    [SQL_CONTACTS] = {"outbox_contacts", "SELECT k.id FROM contact k WHERE k.id > ?"
                                         " ORDER BY k.id LIMIT 1 OFFSET 499"},
    /* Days that an earlier night has told are left out: certificates are told once for each bound. */
    [SQL_ADD_EXPIRING] =
        {"outbox_add_expiring",
         INSERT " SELECT 'expiring', CONCAT_WS(':', 'expiring', ?, k.enterprise_id, ?), k.channel,"
                " k.enterprise_id, k.id, NULL, w.from_day, ?, k.address_sealed, k.address_hash,"
                " 'waiting', ?, ?"
                " FROM contact k JOIN (SELECT k.id, GREATEST(?, IFNULL((SELECT"
                " MAX(o.until_day) + INTERVAL 1 DAY FROM outbox o FORCE INDEX (outbox_contact)"
                " WHERE o.contact_id = k.id AND o.event = 'expiring'"
                " AND o.event_key LIKE CONCAT('expiring:', ?, ':%')), ?)) AS from_day"
                " FROM contact k WHERE k.id > ? AND k.id <= ?) w ON w.id = k.id"
                " WHERE" WANTED " AND EXISTS (SELECT 1 FROM certificate c"
                " FORCE INDEX (certificate_waiting) WHERE c.enterprise_id = k.enterprise_id"
                " AND c.state = '01' AND c.valid_until BETWEEN w.from_day AND ?)" ONCE},
};

const struct db_area outbox_area = DB_AREA("outbox", queries);

const char *outbox_event_name(enum outbox_event event)
{
    return events[event].name;
}

const char *outbox_event_label(enum outbox_event event)
{
    return events[event].label;
}

enum outbox_event outbox_event_by_name(const char *name)
{
    for (int i = 0; i < OUTBOX_EVENTS; i++)
        if (strcmp(events[i].name, name) == 0)
            return (enum outbox_event)i;
    return OUTBOX_EVENTS;
}

bool outbox_open(const struct core *core)
{
    return core->policy->notify && *core->policy->notify;
}

/* Orders by one of the statements, whose condition begins with `id`. */
static int order(struct db *db, const struct core *core, const struct db_query *query,
                 enum outbox_event event, uint64_t matter_id, uint64_t id, int64_t run_at_ms,
                 int64_t now_ms, struct err *err)
{
    const struct db_value name = db_text(events[event].name), matter = db_uint(matter_id);

    if (!outbox_open(core))
        return 0;
    return db_run(db, query,
                  DB_ARGS(name, name, matter, matter, db_time(run_at_ms), db_time(now_ms),
                          db_uint(id), name, db_text(core->policy->notify)),
                  NULL, err);
}

int outbox_add(struct change *change, enum outbox_event event, uint64_t enterprise_id,
               struct err *err)
{
    return order(change->db, change->core, &queries[SQL_ADD], event, change->matter_id,
                 enterprise_id, change->now_ms, change->now_ms, err);
}

int outbox_add_left(struct change *change, uint64_t twin_id, uint64_t enterprise_id,
                    struct err *err)
{
    return order(change->db, change->core, &queries[SQL_ADD], OUTBOX_LEFT, twin_id, enterprise_id,
                 change->now_ms, change->now_ms, err);
}

/* To the firm that has the certificate now. */
static int add_holder(struct change *change, enum outbox_event event, uint64_t certificate_id,
                      struct err *err)
{
    return order(change->db, change->core, &queries[SQL_ADD_HOLDER], event, change->matter_id,
                 certificate_id, change->now_ms, change->now_ms, err);
}

int outbox_add_matter(struct change *change, enum outbox_event event, struct err *err)
{
    return order(change->db, change->core, &queries[SQL_ADD_MATTER], event, change->matter_id,
                 change->matter_id, change->now_ms, change->now_ms, err);
}

int outbox_add_done(struct change *change, enum outbox_event event, struct err *err)
{
    return order(change->db, change->core, &queries[SQL_ADD_DONE], event, change->matter_id,
                 change->matter_id, change->now_ms, change->now_ms, err);
}

int outbox_add_change(struct change *change, uint64_t certificate_id, const char *from,
                      const char *to, struct err *err)
{
    bool stays = strcmp(from, to) == 0;

    if (change->actor->kind != ACTOR_STAFF || change->matter_id == 0 || change->tells_later)
        return 0;
    return add_holder(change, stays ? OUTBOX_CHANGED : OUTBOX_SANCTION, certificate_id, err);
}

int outbox_add_ready(struct db *db, const struct core *core, uint64_t matter_id,
                     uint64_t enterprise_id, int64_t now_ms, struct err *err)
{
    const struct db_value name = db_text(events[OUTBOX_READY].name), matter = db_uint(matter_id);

    if (!outbox_open(core) || matter_id == 0)
        return 0;
    return db_run(db, &queries[SQL_ADD_READY],
                  DB_ARGS(name, name, matter, matter, db_time(now_ms + core->policy->notify_gather_ms),
                          db_time(now_ms), matter, db_uint(enterprise_id), name,
                          db_text(core->policy->notify)),
                  NULL, err);
}

int outbox_add_code(struct change *change, uint64_t contact_id, struct err *err)
{
    return db_run(change->db, &queries[SQL_ADD_CODE],
                  DB_ARGS(db_time(change->now_ms), db_time(change->now_ms), db_uint(contact_id),
                          db_text(change->core->policy->notify)),
                  NULL, err);
}

/* What expires */

/* A part of the contacts, for the transaction around it. */
struct night {
    struct db *db;
    const struct core *core;
    struct date today;
    int64_t now_ms;
    uint64_t after, last;
    uint64_t ordered;
};

static int add_expiring(void *context, struct err *err)
{
    struct night *night = context;
    const struct db_value now = db_time(night->now_ms);

    night->ordered = 0;
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        const struct db_value from = db_date(date_add_days(night->today, bounds[i].beyond + 1));
        const struct db_value until = db_date(date_add_days(night->today, bounds[i].days));
        const struct db_value days = db_int(bounds[i].days);
        uint64_t rows;

        if (db_run(night->db, &queries[SQL_ADD_EXPIRING],
                   DB_ARGS(days, until, until, now, now, from, days, from, db_uint(night->after),
                           db_uint(night->last), db_text(events[OUTBOX_EXPIRING].name),
                           db_text(night->core->policy->notify), until),
                   &rows, err) < 0)
            return -1;
        night->ordered += rows;
    }
    return 0;
}

int outbox_add_expiring(struct db *db, const struct core *core, struct date today, int64_t now_ms,
                        uint64_t *ordered, struct err *err)
{
    struct night night = {.db = db, .core = core, .today = today, .now_ms = now_ms};
    struct pool *pool = pool_new(0, 0);
    const struct db_value *row;
    int more = outbox_open(core);

    *ordered = 0;
    while (more > 0) {
        more = db_find(db, pool, &queries[SQL_CONTACTS], DB_ARGS(db_uint(night.after)), &row, err);
        night.last = more == 1 ? db_as_uint(&row[0]) : INT64_MAX;
        if (more >= 0 && db_transact(db, add_expiring, &night, err) < 0)
            more = -1;
        *ordered += more >= 0 ? night.ordered : 0;
        night.after = night.last;
        pool_reset(pool);
    }
    pool_free(&pool);
    return more;
}
