/*
 * The outbox 通知: messages to firms, ordered inside the transaction of what they tell, delivered
 * later by ecert-notifyd.
 *
 * What happens is ordered once for each channel that the firm has confirmed (core/message/contact.h) and
 * wants this event on: the key is UNIQUE. Texts are made when a message is delivered, from what is
 * true then (core/message/outbox_text.h). Policy says which channels there are; with none, nothing is ever
 * written.
 *
 * A message is waiting, leased by a daemon, sent (the relay or gateway took it), failed (for good) or
 * dropped (there was nothing left to tell, or nobody to tell it to). Delivery is at least once; the
 * key travels with it, so that a receiver who looks at it takes it once.
 */
#ifndef ECERT_CORE_MESSAGE_OUTBOX_H
#define ECERT_CORE_MESSAGE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "base/db.h"
#include "core/matter/change.h"
#include "core/queue.h"

enum outbox_event {
    OUTBOX_CONFIRM,  /* the code of an address: asked for, never chosen */
    OUTBOX_READY,    /* documents of a firm's matter are made */
    OUTBOX_CHANGED,  /* name change or correction by the authority */
    OUTBOX_REFUSED,  /* the authority decided against what was proposed at the window */
    OUTBOX_LEFT,     /* certificates went to another firm */
    OUTBOX_SANCTION, /* suspended, given back, withdrawn, revoked, cancelled, departure taken back */
    OUTBOX_RENAMED,  /* a change of the firm's name is through */
    OUTBOX_EXPIRING, /* certificates end within 90, 30, 7 days */
    OUTBOX_EVENTS
};
const char *outbox_event_name(enum outbox_event event);  /* as stored */
const char *outbox_event_label(enum outbox_event event); /* Chinese */
/* By its stored name; OUTBOX_EVENTS for an unknown one. */
enum outbox_event outbox_event_by_name(const char *name);

/* Has policy any channel? */
bool outbox_open(const struct core *core);

/* Orders a message about change->matter_id to this firm. Nothing happens where policy has no
 * channel, the firm no confirmed address, or the message was ordered before. 0/-1. */
int outbox_add(struct change *change, enum outbox_event event, uint64_t enterprise_id,
               struct err *err);
/* OUTBOX_LEFT, about the twin of a transfer, to the firm whose it is. */
int outbox_add_left(struct change *change, uint64_t twin_id, uint64_t enterprise_id,
                    struct err *err);
/* The same to each firm that has a certificate of the matter. */
int outbox_add_matter(struct change *change, enum outbox_event event, struct err *err);
/* The same to each firm of whose certificates some are done in it. */
int outbox_add_done(struct change *change, enum outbox_event event, struct err *err);
/* What a change by the authority means to the firm that has the certificate: see above. Anybody
 * else's change orders nothing. */
int outbox_add_change(struct change *change, uint64_t certificate_id, const char *from,
                      const char *to, struct err *err);
/* A document of this matter was stored. Orders OUTBOX_READY where the matter is a firm's application,
 * exchange, renewal or transfer, to be delivered when the rest of them are made, too. */
int outbox_add_ready(struct db *db, const struct core *core, uint64_t matter_id,
                     uint64_t enterprise_id, int64_t now_ms, struct err *err);
/* Orders what is due on this day: certificates in force that end within 90, 30 and 7 days, a message
 * a firm, channel and bound, each certificate once for each bound. To be run every night; running it
 * twice, or not for some nights, does no harm. *ordered counts messages. Not inside a transaction. */
int outbox_add_expiring(struct db *db, const struct core *core, struct date today, int64_t now_ms,
                        uint64_t *ordered, struct err *err);
/* The code for an address that waits to be confirmed. */
int outbox_add_code(struct change *change, uint64_t contact_id, struct err *err);

struct outbox {
    uint64_t id;
    enum outbox_event event;
    const char *key;
    const char *channel; /* mail, sms */
    uint64_t enterprise_id;
    uint64_t contact_id;
    uint64_t matter_id;
    struct date from_day, until_day;
    struct bytes address_sealed; /* PLACE_CONTACT_ADDRESS */
    struct bytes address_hash;
    const char *state;
    unsigned attempts;
    const char *cause;
    int64_t run_at_ms;
    int64_t created_ms;
    int64_t sent_ms; /* 0: not sent */
};

/* The queue (core/queue.h), for the daemon. */

/* Takes up to `limit` (at most LEASE_MAX) messages that are due. Not inside a transaction. 0/-1. */
int outbox_lease(struct db *db, struct pool *pool, const char *owner, int64_t now_ms,
                 int64_t lease_ms, size_t limit, uint8_t lease[LEASE_SIZE],
                 const struct outbox **rows, size_t *count, struct err *err);
/* Gives back what `owner` still held when it died. 0/-1. */
int outbox_release(struct db *db, const char *owner, int64_t now_ms, struct err *err);
/* The lease of one, for longer. 1; 0: it is not ours any more, and must not be delivered; -1. */
int outbox_hold(struct db *db, uint64_t id, const uint8_t lease[LEASE_SIZE], int64_t until_ms,
                struct err *err);
/* How it came out: "sent", "failed", "dropped", or "waiting" until `run_at_ms`; an attempt that did
 * not count is taken back. The cause is cut to ASCII. 1/0/-1 as outbox_hold. */
struct outbox_result {
    const char *state;
    const char *cause; /* or NULL */
    int64_t run_at_ms;
    bool uncounted;
};
int outbox_settle(struct db *db, uint64_t id, const uint8_t lease[LEASE_SIZE],
                  const struct outbox_result *result, int64_t now_ms, struct err *err);

/* The board. */

/* By state (NULL: any), newest first, with ids below `before` (0: from the newest). 0/-1. */
int outbox_list(struct db *db, struct pool *pool, const char *state, uint64_t before, size_t limit,
                const struct outbox **rows, size_t *count, struct err *err);
/* Lets a failed one be tried again, inside the present transaction, with its audit event. 1; 0: none
 * such has failed; -1. */
int outbox_retry(struct db *db, struct pool *pool, const struct core *core,
                 const struct actor *actor, uint64_t id, int64_t now_ms, struct err *err);
/* Never delivers one that waits or has failed, likewise. 1; 0: there is none such; -1. */
int outbox_give_up(struct db *db, struct pool *pool, const struct core *core,
                   const struct actor *actor, uint64_t id, struct err *err);
/* NULL for an unknown state. */
const char *outbox_state_label(const char *state);
/* The n-th state as lists offer it; NULL behind the last. */
const char *outbox_state_name(size_t n);
const char *outbox_channel_label(const char *channel);

/* 0/-1. */
int outbox_depth(struct db *db, struct pool *pool, int64_t now_ms, struct queue_depth *out,
                 struct err *err);

#endif
