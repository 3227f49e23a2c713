#include "core/matter/change.h"

#include <inttypes.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "core/audit/audit.h"
#include "core/issue/job.h"
#include "core/matter/matter.h"
#include "core/message/outbox.h"
#include "core/queries.h"
#include "core/register/certificate.h"
#include "core/register/identifier.h"

enum { FIRST_VERSION = 1, EVENTS_FIRST = 16 };

enum {
    SQL_ISSUE, SQL_RENEW, SQL_STATE, SQL_PENDING, SQL_HELD_SINCE, SQL_VOID, SQL_VERSION, SQL_EVENT
};

/* The compare-and-set of every change: nobody was faster. */
#define AS_IT_WAS " WHERE id = ? AND version = ? AND state = ? AND pending_matter_id <=> ?"

static const struct db_query queries[] = {
    [SQL_ISSUE] = {"change_issue",
                   "INSERT INTO certificate (number, issue_year, serial, class, person_id,"
                   " enterprise_id, state, version, holder_name, enterprise_name, post,"
                   " first_issued, valid_from, valid_until, held_since, generation,"
                   " created_at, updated_at)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_RENEW] = {"change_version",
                   "UPDATE certificate SET version = version + 1, state = ?,"
                   " enterprise_id = ?, holder_name = ?, enterprise_name = ?, post = ?,"
                   " first_issued = ?, valid_from = ?, valid_until = ?, held_since = ?,"
                   " generation = 0, state_reason = NULL, pending_matter_id = NULL, updated_at = ?" AS_IT_WAS},
    [SQL_STATE] = {"change_state",
                   "UPDATE certificate SET state = ?, state_reason = ?, pending_matter_id = NULL,"
                   " updated_at = ?" AS_IT_WAS},
    [SQL_PENDING] = {"change_pending",
                     "UPDATE certificate SET pending_matter_id = ?, updated_at = ?" AS_IT_WAS},
    [SQL_HELD_SINCE] = {"change_held_since",
                        "UPDATE certificate SET held_since = ?, updated_at = ?" AS_IT_WAS},
    [SQL_VOID] = {"change_void", "UPDATE certificate_version SET voided_at = ?"
                                 " WHERE certificate_id = ? AND version = ? AND voided_at IS NULL"},
    [SQL_VERSION] = {"change_version_add",
                     "INSERT INTO certificate_version (certificate_id, version, identifier,"
                     " verify_token, matter_id, enterprise_id, class, holder_name, sex, birth,"
                     " enterprise_name, post, first_issued, valid_from, valid_until, issued_on,"
                     " issuer_name, capture_id, made_at)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_EVENT] = {"change_event",
                   "INSERT INTO certificate_event (certificate_id, version, action, from_state,"
                   " to_state, enterprise_id, reason_code, reason_text, matter_id, actor_kind,"
                   " actor_id, happened_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
};

const struct db_area change_area = DB_AREA("change", queries);

void change_note(struct change *change, uint64_t enterprise_id, const char *action,
                 const char *object_kind, uint64_t object_id, const char *detail)
{
    if (change->count == change->room) {
        size_t room = change->room ? change->room * 2 : EVENTS_FIRST;
        struct audit_event *more = pool_array(change->pool, room, sizeof(*more));

        if (change->count > 0)
            memcpy(more, change->events, change->count * sizeof(*more));
        change->events = more;
        change->room = room;
    }
    change->events[change->count++] = (struct audit_event){
        .actor = *change->actor,
        .enterprise_id = enterprise_id,
        .action = action,
        .object_kind = object_kind,
        .object_id = object_id,
        .matter_id = change->matter_id,
        .detail = detail,
    };
}

static void note(struct change *change, const char *action, uint64_t id, const char *detail)
{
    change_note(change, change->enterprise_id, pool_printf(change->pool, "certificate.%s", action),
                "certificate", id, detail);
}

/* What every change writes down of itself. */
struct event {
    uint64_t id;
    unsigned version;
    const char *action, *from, *to;
    uint64_t enterprise_id;
    const char *reason_code, *reason_text;
};

static int event_add(struct change *change, const struct event *event, struct err *err)
{
    return db_run(change->db, &queries[SQL_EVENT],
                  DB_ARGS(db_uint(event->id), db_uint(event->version), db_text(event->action),
                          db_text(event->from), db_text(event->to), db_uint(event->enterprise_id),
                          db_text(event->reason_code), db_text(event->reason_text),
                          db_id(change->matter_id), db_uint(change->actor->kind),
                          db_uint(change->actor->id), db_time(change->now_ms)),
                  NULL, err);
}

static int version_add(struct change *change, const struct certificate_face *face, uint64_t id,
                       unsigned version, struct err *err)
{
    const struct policy *policy = change->core->policy;
    char identifier[IDENTIFIER_SIZE], class_code[3];
    uint8_t token[TOKEN_SIZE];
    uint32_t serial;
    int year;

    if (!certificate_number_parts(face->number, class_code, &year, &serial))
        return err_set(err, ERR_CONFLICT, 0, "certificate %" PRIu64 " has no number of ours", id);
    if (version > IDENTIFIER_VERSION_MAX)
        return err_set(err, ERR_LIMIT, 0, "certificate %" PRIu64 " has no version left", id);
    identifier_make(policy->issuer_code, year, serial, version, identifier);
    random_bytes(token, sizeof(token));
    return db_run(
        change->db, &queries[SQL_VERSION],
        DB_ARGS(db_uint(id), db_uint(version), db_text(identifier), db_bytes(token, sizeof(token)),
                db_id(change->matter_id), db_uint(face->enterprise_id), db_text(face->class_code),
                db_text(face->holder_name), db_uint(face->sex), db_date(face->birth),
                db_text(face->enterprise_name), db_text(face->post), db_date(face->first_issued),
                db_date(face->valid_from), db_date(face->valid_until), db_date(change->today),
                db_text(policy->issuer_name), db_id(face->capture_id), db_time(change->now_ms)),
        NULL, err);
}

/* A number or identifier that somebody took between our look and now. */
static int conflict_of(int result, struct err *err)
{
    if (result < 0 && err && err->kind == ERR_DB_DUPLICATE)
        err->kind = ERR_CONFLICT;
    return result;
}

static int certificate_add(struct change *change, const struct certificate_face *face, uint64_t *id,
                           struct err *err)
{
    const struct db_value now = db_time(change->now_ms);
    char class_code[3];
    uint32_t serial;
    int year;

    if (!certificate_number_parts(face->number, class_code, &year, &serial))
        return err_set(err, ERR_CONFLICT, 0, "not a certificate number of ours");
    if (db_run(change->db, &queries[SQL_ISSUE],
               DB_ARGS(db_text(face->number), db_int(year), db_uint(serial),
                       db_text(face->class_code), db_uint(face->person_id),
                       db_uint(face->enterprise_id), db_text(STATE_VALID), db_uint(FIRST_VERSION),
                       db_text(face->holder_name), db_text(face->enterprise_name),
                       db_text(face->post), db_date(face->first_issued), db_date(face->valid_from),
                       db_date(face->valid_until), db_date(face->held_since),
                       db_uint(GENERATION_WAITING), now, now),
               NULL, err) < 0)
        return -1;
    *id = db_insert_id(change->db);
    return 0;
}

static int job_order(struct change *change, uint64_t id, unsigned version,
                     const struct certificate_face *face, struct err *err)
{
    return job_add(change->db,
                   &(struct job_new){.kind = "certificate",
                                     .certificate_id = id,
                                     .version = version,
                                     .matter_id = change->matter_id,
                                     .enterprise_id = face->enterprise_id},
                   change->now_ms, err);
}

int change_issue(struct change *change, const struct certificate_face *face, const char *action,
                 const char *detail, uint64_t *id, struct err *err)
{
    if (conflict_of(certificate_add(change, face, id, err), err) < 0 ||
        conflict_of(version_add(change, face, *id, FIRST_VERSION, err), err) < 0 ||
        matter_certificate_add(change->db, change->matter_id, *id, FIRST_VERSION, err) < 0 ||
        event_add(change,
                  &(struct event){.id = *id,
                                  .version = FIRST_VERSION,
                                  .action = action,
                                  .to = STATE_VALID,
                                  .enterprise_id = face->enterprise_id},
                  err) < 0 ||
        job_order(change, *id, FIRST_VERSION, face, err) < 0)
        return -1;
    note(change, action, *id, detail);
    return 0;
}

/* 0, or -1 with ERR_CONFLICT where nothing was as it was. */
static int compare_and_set(struct change *change, const struct db_query *query,
                           const struct db_value *args, size_t count, uint64_t id, struct err *err)
{
    int changed = db_change(change->db, query, args, count, err);

    if (changed == 0)
        return err_set(err, ERR_CONFLICT, 0, "certificate %" PRIu64 " has changed meanwhile", id);
    return changed < 0 ? -1 : 0;
}

#define WAS_ARGS(was)                                                                              \
    db_uint((was)->id), db_uint((was)->version), db_text((was)->state), db_id((was)->pending_id)

static int version_void(struct change *change, const struct certificate_was *was, struct err *err)
{
    return db_run(change->db, &queries[SQL_VOID],
                  DB_ARGS(db_time(change->now_ms), db_uint(was->id), db_uint(was->version)), NULL,
                  err);
}

int change_version(struct change *change, const struct certificate_was *was,
                   const struct certificate_face *face, const char *action, struct err *err)
{
    return change_version_why(change, was, face, action, NULL, err);
}

int change_version_why(struct change *change, const struct certificate_was *was,
                       const struct certificate_face *face, const char *action,
                       const char *reason_text, struct err *err)
{
    return change_version_in(change, was, face, STATE_VALID, action, reason_text, err);
}

int change_version_in(struct change *change, const struct certificate_was *was,
                      const struct certificate_face *face, const char *to, const char *action,
                      const char *reason_text, struct err *err)
{
    unsigned version = was->version + 1;

    if (compare_and_set(change, &queries[SQL_RENEW],
                        DB_ARGS(db_text(to), db_uint(face->enterprise_id), db_text(face->holder_name),
                                db_text(face->enterprise_name), db_text(face->post),
                                db_date(face->first_issued), db_date(face->valid_from),
                                db_date(face->valid_until), db_date(face->held_since),
                                db_time(change->now_ms), WAS_ARGS(was)),
                        was->id, err) < 0 ||
        version_void(change, was, err) < 0 ||
        conflict_of(version_add(change, face, was->id, version, err), err) < 0 ||
        event_add(change,
                  &(struct event){.id = was->id,
                                  .version = version,
                                  .action = action,
                                  .from = was->state,
                                  .to = to,
                                  .enterprise_id = face->enterprise_id,
                                  .reason_text = reason_text},
                  err) < 0 ||
        job_order(change, was->id, version, face, err) < 0 ||
        outbox_add_change(change, was->id, was->state, to, err) < 0)
        return -1;
    note(change, action, was->id, pool_printf(change->pool, "{\"version\":%u}", version));
    return 0;
}

/* What is suspended, and what is given back, is the same version. */
static bool state_keeps(const char *to)
{
    return strcmp(to, STATE_VALID) == 0 || strcmp(to, STATE_SUSPENDED) == 0;
}

int change_state(struct change *change, const struct certificate_was *was, const char *to,
                 const char *action, const char *reason_code, const char *reason_text,
                 struct err *err)
{
    if (compare_and_set(
            change, &queries[SQL_STATE],
            DB_ARGS(db_text(to), db_text(reason_code), db_time(change->now_ms), WAS_ARGS(was)),
            was->id, err) < 0 ||
        (!state_keeps(to) && version_void(change, was, err) < 0) ||
        event_add(change,
                  &(struct event){.id = was->id,
                                  .version = was->version,
                                  .action = action,
                                  .from = was->state,
                                  .to = to,
                                  .enterprise_id = change->enterprise_id,
                                  .reason_code = reason_code,
                                  .reason_text = reason_text},
                  err) < 0 ||
        outbox_add_change(change, was->id, was->state, to, err) < 0)
        return -1;
    note(change, action, was->id,
         pool_printf(change->pool, "{\"from\":\"%s\",\"to\":\"%s\"}", was->state, to));
    return 0;
}

int change_held_since(struct change *change, const struct certificate_was *was,
                      uint64_t enterprise_id, struct date held_since, const char *action,
                      const char *reason_text, struct err *err)
{
    if (compare_and_set(change, &queries[SQL_HELD_SINCE],
                        DB_ARGS(db_date(held_since), db_time(change->now_ms), WAS_ARGS(was)),
                        was->id, err) < 0 ||
        event_add(change,
                  &(struct event){.id = was->id,
                                  .version = was->version,
                                  .action = action,
                                  .from = was->state,
                                  .to = was->state,
                                  .enterprise_id = enterprise_id,
                                  .reason_text = reason_text},
                  err) < 0)
        return -1;
    note(change, action, was->id, "{\"field\":\"held_since\"}");
    return 0;
}

int change_pending(struct change *change, const struct certificate_was *was, uint64_t matter_id,
                   struct err *err)
{
    return compare_and_set(change, &queries[SQL_PENDING],
                           DB_ARGS(db_id(matter_id), db_time(change->now_ms), WAS_ARGS(was)),
                           was->id, err);
}

int change_end(struct change *change, struct err *err)
{
    if (change->count == 0)
        return 0;
    return audit_add(change->db, change->pool, change->core, change->events, change->count, err);
}
