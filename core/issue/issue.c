#include "core/issue/issue.h"

#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "core/audit/audit.h"
#include "core/issue/issue_steps.h"
#include "core/item/form.h"
#include "core/message/outbox.h"
#include "core/queries.h"
#include "core/seal/stamper.h"
#include "core/seal/verify.h"

enum {
    STORE_ATTEMPTS = 3,
    LATER_MS = 30000, /* until a document asks for its timestamp again */
    UNSTAMPED_SIZE = 400, /* bytes of the reason in the audit */
    DETAIL_SIZE = 2048
};

enum { SQL_INTENTS, SQL_INTENT_ADD, SQL_DOCUMENT_ADD, SQL_DOCUMENT_OF };

static const struct db_query queries[] = {
    [SQL_INTENTS] = {"issue_intents", "SELECT s.job_id, MIN(s.signed_at) FROM job j"
                                      " JOIN seal_intent s ON s.job_id = j.id"
                                      " WHERE j.lease = ? AND s.key_id = ? GROUP BY s.job_id"},
    /* The same bytes under the same key are the same intent. */
    [SQL_INTENT_ADD] = {"issue_intent_add",
                        "INSERT INTO seal_intent (job_id, digest, key_id, signed_at, created_at)"
                        " VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)"},
    [SQL_DOCUMENT_ADD] = {"issue_document_add",
                          "INSERT INTO document (kind, certificate_id, version, proof_id,"
                          " matter_id, enterprise_id, intent_id, sha256, size, body, created_at)"
                          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    [SQL_DOCUMENT_OF] = {"issue_document_of",
                         "SELECT id FROM document WHERE kind = ? AND certificate_id = ?"
                         " AND version = ? AND proof_id = ?"},
};

const struct db_area issue_area = DB_AREA("issue", queries);

static void item_fail(struct issue_item *item, struct pool *pool, const struct err *err)
{
    item->cause = pool_text(pool, err->text);
    /* The same facts give the same document: a glyph that is missing stays missing. */
    item->final = err->kind == ERR_DOCUMENT;
}

static void item_refuse(struct issue_item *item, const char *cause)
{
    item->cause = cause;
    item->final = true;
}

static bool item_runs(const struct issue_item *item)
{
    return item->cause == NULL;
}

struct issue_item *issue_item_of(struct issue_batch *batch, uint64_t job_id)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->items[i].job->id == job_id)
            return &batch->items[i];
    return NULL;
}

static int step_take(struct issue_batch *batch, struct err *err)
{
    const struct issuer *issuer = batch->issuer;
    const struct job *jobs;

    if (job_lease(issuer->db, batch->pool, issuer->owner, batch->now_ms, issuer->lease_ms,
                  issuer->batch, batch->lease, &jobs, &batch->count, err) < 0)
        return -1;
    batch->items = pool_array(batch->pool, batch->count + 1, sizeof(*batch->items));
    for (size_t i = 0; i < batch->count; i++) {
        batch->items[i].job = &jobs[i];
        batch->items[i].kind = issue_kind_find(jobs[i].kind);
        batch->items[i].signed_ms = batch->now_ms;
        if (jobs[i].attempts > JOB_ATTEMPTS)
            item_refuse(&batch->items[i], "each attempt ended without an answer");
    }
    return 0;
}

/* What is missing although the rules saw it when the matter was opened. */
static void item_check(struct issue_item *item)
{
    const char *missing = item->kind == NULL ? "a job of a kind this issuer does not make"
                          : item->ready      ? item->kind->missing(item)
                                             : "its facts are not there";

    if (missing)
        item_refuse(item, missing);
}

/* The facts of all, and the instants of intents that a crash left behind. */
static int step_load(struct issue_batch *batch, struct err *err)
{
    const struct issuer *issuer = batch->issuer;
    const struct db_value lease = db_bytes(batch->lease, LEASE_SIZE);
    struct db_rows intents;

    if (issue_kinds_load(batch, err) < 0 ||
        db_select(issuer->db, batch->pool, &queries[SQL_INTENTS],
                  DB_ARGS(lease, db_text(seal_key_id(issuer->key))), &intents, err) < 0)
        return -1;
    for (size_t i = 0; i < intents.count; i++) {
        const struct db_value *row = db_row(&intents, i);
        struct issue_item *item = issue_item_of(batch, db_as_uint(&row[0]));

        if (item)
            item->signed_ms = db_as_time(&row[1]);
    }
    for (size_t i = 0; i < batch->count; i++)
        if (item_runs(&batch->items[i]))
            item_check(&batch->items[i]);
    return 0;
}

static int item_prepare(struct issue_batch *batch, struct issue_item *item, struct err *err)
{
    const struct issuer *issuer = batch->issuer;
    const struct seal_request request = {
        .name = seal_key_name(issuer->key),
        .reason = item->kind->reason,
        .location = issuer->core->policy->province,
        .time_ms = item->signed_ms,
        .rect = item->box,
        .spare = stamper_room(issuer->stamper),
    };

    return seal_prepare(issuer->key, batch->pool, item->pdf, &request, &item->prepared, err);
}

static int item_render(struct issue_batch *batch, struct issue_item *item, struct err *err)
{
    if (item->kind->render(batch, item, err) < 0)
        return -1;
    return item->kind->signer == ISSUE_SEALED ? item_prepare(batch, item, err) : 0;
}

static bool item_seals(const struct issue_item *item)
{
    return item_runs(item) && item->kind->signer == ISSUE_SEALED;
}

static int step_render(struct issue_batch *batch, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < batch->count; i++) {
        struct issue_item *item = &batch->items[i];
        struct err cause;

        if (item_runs(item) && item_render(batch, item, &cause) < 0)
            item_fail(item, batch->pool, &cause);
    }
    return 0;
}

static int record_intents(void *context, struct err *err)
{
    struct issue_batch *batch = context;
    const struct issuer *issuer = batch->issuer;

    for (size_t i = 0; i < batch->count; i++) {
        struct issue_item *item = &batch->items[i];

        if (!item_seals(item))
            continue;
        if (db_run(issuer->db, &queries[SQL_INTENT_ADD],
                   DB_ARGS(db_uint(item->job->id),
                           db_bytes(item->prepared.digest, SEAL_DIGEST_SIZE),
                           db_text(seal_key_id(issuer->key)), db_time(item->signed_ms),
                           db_time(batch->now_ms)),
                   NULL, err) < 0)
            return -1;
        item->intent_id = db_insert_id(issuer->db);
    }
    return 0;
}

/* An unknown outcome does no harm: intents without a signature are taken up again. */
static int step_record(struct issue_batch *batch, struct err *err)
{
    return db_transact(batch->issuer->db, record_intents, batch, err);
}

static int step_seal(struct issue_batch *batch, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < batch->count; i++) {
        struct issue_item *item = &batch->items[i];
        struct err cause;

        if (item_seals(item) &&
            seal_sign(batch->issuer->key, batch->pool, &item->prepared, &item->cms, &cause) < 0)
            item_fail(item, batch->pool, &cause);
    }
    return 0;
}

/* The signature with a timestamp where an authority gives one that has room. 0; -1: it can't do
 * without, and waits, or there is a fault of ours. */
static int item_stamp(struct issue_batch *batch, struct issue_item *item, struct err *err)
{
    const struct issuer *issuer = batch->issuer;
    struct bytes stamped;
    struct err cause;
    int result = stamper_stamp(issuer->stamper, batch->pool, item->cms, &stamped, &item->timestamp,
                               &cause);

    if (result == 0 && stamped.size > (item->prepared.hole_size - 2) / 2)
        result = err_set(&cause, ERR_UNAVAILABLE, 0, "the timestamp does not fit");
    if (result == 0) {
        item->cms = stamped;
        item->stamped = true;
        return 0;
    }
    if (cause.kind == ERR_UNAVAILABLE && !issuer->stamps_required) {
        item->unstamped = pool_text(batch->pool, cause.text);
        return 0;
    }
    item->later = cause.kind == ERR_UNAVAILABLE;
    *err = cause;
    return -1;
}

/* Once for all: with an authority away it concerns each of them. */
static void tell_unstamped(const struct issue_batch *batch)
{
    const char *why = NULL;
    int64_t count = 0;

    for (size_t i = 0; i < batch->count; i++) {
        const struct issue_item *item = &batch->items[i];
        const char *cause = item->later ? item->cause : item->unstamped;

        count += cause != NULL;
        why = why ? why : cause;
    }
    if (count > 0)
        log_event(LOG_WARN, "no_timestamp", log_int("documents", count), log_text("cause", why));
}

/* Authorities may be slow: the lease is renewed when it is half over, and one document takes no more
 * than the other half. */
static int lease_keep(struct issue_batch *batch, int64_t *kept_ms, struct err *err)
{
    const struct issuer *issuer = batch->issuer;
    int64_t now_ms = clock_now_ms();

    if (now_ms - *kept_ms < issuer->lease_ms / 2)
        return 0;
    *kept_ms = now_ms;
    return job_extend(issuer->db, batch->lease, now_ms + issuer->lease_ms, err);
}

/* What was signed, the authority's or a firm's, looked at as a stranger would; a form that nobody
 * signs is whole already. */
static int item_finish(struct issue_batch *batch, struct issue_item *item, struct err *err)
{
    if (item->kind->signer == ISSUE_FORM) {
        item->sealed = item->pdf;
        return 0;
    }
    if (batch->issuer->stamper && item_stamp(batch, item, err) < 0)
        return -1;
    if (seal_fill(batch->pool, &item->prepared, item->cms, &item->sealed, err) < 0)
        return -1;
    return verify_made(batch->pool, item->sealed, clock_now_ms(), err);
}

static int step_stamp(struct issue_batch *batch, struct err *err)
{
    int64_t kept_ms = batch->now_ms;

    for (size_t i = 0; i < batch->count; i++) {
        struct issue_item *item = &batch->items[i];
        struct err cause;

        if (lease_keep(batch, &kept_ms, err) < 0)
            return -1;
        if (item_runs(item) && item_finish(batch, item, &cause) < 0)
            item_fail(item, batch->pool, &cause);
    }
    tell_unstamped(batch);
    return lease_keep(batch, &kept_ms, err);
}

/* Did an earlier attempt at the same transaction arrive after all? 1/0/-1. */
static int already_stored(struct issue_batch *batch, const struct issue_item *item, struct err *err)
{
    const struct job *job = item->job;
    const struct db_value *row;

    return db_find(batch->issuer->db, batch->pool, &queries[SQL_DOCUMENT_OF],
                   DB_ARGS(db_text(job->kind), db_uint(job->certificate_id), db_uint(job->version),
                           db_uint(job->proof_id)),
                   &row, err);
}

/* 1: it is there now; -1. */
static int document_add(struct issue_batch *batch, const struct issue_item *item, struct err *err)
{
    const struct job *job = item->job;
    struct err cause;
    uint8_t hash[32];

    sha256(item->sealed.data, item->sealed.size, hash);
    if (db_run(batch->issuer->db, &queries[SQL_DOCUMENT_ADD],
               DB_ARGS(db_text(job->kind), db_uint(job->certificate_id), db_uint(job->version),
                       db_uint(job->proof_id), db_id(job->matter_id), db_uint(job->enterprise_id),
                       db_id(item->intent_id), db_bytes(hash, sizeof(hash)),
                       db_uint(item->sealed.size), db_bytes(item->sealed.data, item->sealed.size),
                       db_time(batch->now_ms)),
               NULL, &cause) == 0)
        return 1;
    /* Somebody made it: what was to be done is done. */
    if (cause.kind == ERR_DB_DUPLICATE)
        return 1;
    if (err)
        *err = cause;
    return -1;
}

/* The level of the signature (ETSI EN 319 142-1), of what has one and is issued. */
static void put_level(struct text *detail, const struct issue_item *item)
{
    char time[25];

    if (!item->stored || item->cms.size == 0)
        return;
    text_printf(detail, ",\"level\":\"%s\"", item->stamped ? "B-T" : "B-B");
    if (item->stamped) {
        clock_iso(item->timestamp.time_ms, time);
        text_add(detail, ",\"authority\":\"");
        text_json(detail, item->timestamp.authority, strlen(item->timestamp.authority));
        text_printf(detail, "\",\"time\":\"%s\"", time);
    } else if (item->unstamped) {
        size_t length = strlen(item->unstamped);

        text_add(detail, ",\"timestamp\":\"");
        text_json(detail, item->unstamped, length < UNSTAMPED_SIZE ? length : UNSTAMPED_SIZE);
        text_char(detail, '"');
    }
}

static const char *item_detail(struct pool *pool, const struct issue_item *item)
{
    struct text detail;

    text_init(&detail, pool, DETAIL_SIZE);
    text_printf(&detail, "{\"version\":%u,\"job\":%" PRIu64 ",\"intent\":%" PRIu64,
                item->job->version, item->job->id, item->intent_id);
    put_level(&detail, item);
    text_char(&detail, '}');
    return detail.data;
}

static struct audit_event item_event(struct pool *pool, const struct issue_item *item)
{
    return (struct audit_event){
        .actor = {.kind = ACTOR_SYSTEM},
        .enterprise_id = item->job->enterprise_id,
        .action = item->stored ? "document.issue" : "document.fail",
        .object_kind = item->job->proof_id ? "matter" : "certificate",
        .object_id = item->job->proof_id ? item->job->proof_id : item->job->certificate_id,
        .matter_id = item->job->matter_id,
        .detail = item_detail(pool, item),
    };
}

/* Writes down what became of an item. 1; 0: the lease was lost, or this was done before. */
static int item_settle(struct issue_batch *batch, struct issue_item *item, struct err *err)
{
    struct db *db = batch->issuer->db;
    int ours, there;

    item->stored = false;
    if (item->later)
        return job_postpone(db, item->job, batch->lease, item->cause, LATER_MS, batch->now_ms, err);
    if (!item_runs(item))
        return job_fail(db, item->job, batch->lease, item->cause, item->final, batch->now_ms, err);
    ours = job_done(db, item->job->id, batch->lease, batch->now_ms, err);
    if (ours < 0 || (ours && item->kind->signer == ISSUE_FORM &&
                     form_box_add(db, item->job->proof_id, &item->box, err) < 0))
        return -1;
    there = ours ? document_add(batch, item, err) : already_stored(batch, item, err);
    item->stored = there == 1;
    if (ours && there == 1 && item->job->certificate_id &&
        outbox_add_ready(db, batch->issuer->core, item->job->matter_id, item->job->enterprise_id,
                         batch->now_ms, err) < 0)
        return -1;
    return there < 0 ? -1 : ours;
}

static int settle(void *context, struct err *err)
{
    struct issue_batch *batch = context;
    struct audit_event *events = pool_array(batch->pool, batch->count, sizeof(*events));
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++) {
        int ours = item_settle(batch, &batch->items[i], err);

        if (ours < 0)
            return -1;
        /* What only waits is no event: it would be one every half minute. */
        if (ours && !batch->items[i].later)
            events[count++] = item_event(batch->pool, &batch->items[i]);
    }
    return audit_add(batch->issuer->db, batch->pool, batch->issuer->core, events, count, err);
}

/* After a COMMIT whose answer was lost the same transaction is simply run again: for what did
 * arrive, job_done finds nothing more to do. */
static int step_store(struct issue_batch *batch, struct err *err)
{
    struct db *db = batch->issuer->db;
    struct err cause = {0};

    batch->now_ms = clock_now_ms();
    for (int i = 0; i < STORE_ATTEMPTS; i++) {
        if (db_transact(db, settle, batch, &cause) == 0)
            return 0;
        if (cause.kind != ERR_DB_UNKNOWN || db_ready(db, &cause) < 0)
            break;
    }
    if (err)
        *err = cause;
    return -1;
}

const struct issue_step issue_steps[ISSUE_STEPS] = {
    {"take",   step_take  },
    {"load",   step_load  },
    {"render", step_render},
    {"record", step_record},
    {"seal",   step_seal  },
    {"stamp",  step_stamp },
    {"store",  step_store },
};

int issue_batch(struct issuer *issuer, struct pool *pool, size_t *made, size_t *failed,
                struct err *err)
{
    struct issue_batch batch = {.issuer = issuer, .pool = pool, .now_ms = clock_now_ms()};
    int result = 0;

    *made = *failed = 0;
    pool_reset(pool);
    for (size_t i = 0; i < ISSUE_STEPS && result == 0; i++) {
        result = issue_steps[i].run(&batch, err);
        if (result < 0)
            err_context(err, "%s", issue_steps[i].name);
        if (batch.count == 0)
            break;
    }
    for (size_t i = 0; result == 0 && i < batch.count; i++) {
        *made += batch.items[i].stored;
        *failed += batch.items[i].cause != NULL;
    }
    pool_reset(pool);
    return result;
}
