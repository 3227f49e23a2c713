/*
 * What happens to certificates: one is made, gets a new version, or changes its state.
 *
 * Each change is written whole inside the present transaction: certificate, version, event, its
 * place in the matter, the job for the document; the audit events are gathered and appended by
 * change_end, which comes last. A change that finds another state, version or pending matter than
 * it was told is ERR_CONFLICT, and the transaction must end without it.
 */
#ifndef ECERT_CORE_MATTER_CHANGE_H
#define ECERT_CORE_MATTER_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "core/core.h"

struct audit_event;
struct db;
struct err;
struct pool;

/* Who acts, where, when, and for which matter. */
struct change {
    struct db *db;
    struct pool *pool;
    const struct core *core;
    const struct actor *actor;
    uint64_t enterprise_id; /* whose chain of the audit it is */
    struct date today;
    int64_t now_ms;
    uint64_t matter_id;
    bool tells_later; /* the firms are told of all of it by whoever ends the matter */
    /* For change.c alone. */
    struct audit_event *events;
    size_t count, room;
};

/* What stands on a certificate. */
struct certificate_face {
    const char *number;
    const char *class_code;
    uint64_t person_id;
    uint64_t enterprise_id;
    const char *enterprise_name;
    const char *holder_name;
    unsigned sex;
    struct date birth;
    const char *post;
    struct date first_issued, valid_from, valid_until, held_since;
    uint64_t capture_id;
};

/* The certificate as it was when the rules looked at it. */
struct certificate_was {
    uint64_t id;
    unsigned version;
    const char *state;   /* as stored */
    uint64_t pending_id; /* 0: none */
};

/* A new certificate with version 001. *id is its id. `detail` is the audit's JSON, or NULL. 0/-1
 * (ERR_CONFLICT also for a number or identifier that is taken). */
int change_issue(struct change *change, const struct certificate_face *face, const char *action,
                 const char *detail, uint64_t *id, struct err *err);

/* The next version of the same certificate, in state 01; the version before is void. 0/-1. */
int change_version(struct change *change, const struct certificate_was *was,
                   const struct certificate_face *face, const char *action, struct err *err);

/* The same with the reason in words; NULL: none. 0/-1. */
int change_version_why(struct change *change, const struct certificate_was *was,
                       const struct certificate_face *face, const char *action,
                       const char *reason_text, struct err *err);

/* The same, and in `to`: a suspended certificate stays so. */
int change_version_in(struct change *change, const struct certificate_was *was,
                      const struct certificate_face *face, const char *to, const char *action,
                      const char *reason_text, struct err *err);

/* Another day on which it came to its firm: that stands on no document, so the version stays. 0/-1. */
int change_held_since(struct change *change, const struct certificate_was *was,
                      uint64_t enterprise_id, struct date held_since, const char *action,
                      const char *reason_text, struct err *err);

/* Another state, with its reason; the version is void, unless it is suspended or given back. 0/-1. */
int change_state(struct change *change, const struct certificate_was *was, const char *to,
                 const char *action, const char *reason_code, const char *reason_text,
                 struct err *err);

/* Lets a certificate wait for the matter (R19), or no more: from was->pending_id. 0/-1. */
int change_pending(struct change *change, const struct certificate_was *was, uint64_t matter_id,
                   struct err *err);

/* Adds an audit event of another object, in the chain of `enterprise_id`: certificates bring their
 * own. */
void change_note(struct change *change, uint64_t enterprise_id, const char *action,
                 const char *object_kind, uint64_t object_id, const char *detail);

/* Appends the audit events: the last thing in the transaction. 0/-1. */
int change_end(struct change *change, struct err *err);

#endif
