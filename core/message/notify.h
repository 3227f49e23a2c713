/*
 * Delivery of the outbox (core/message/outbox.h): by a mail relay, and by a gateway for SMS.
 *
 * A batch is leased; each message is written from what is true now, handed over, and settled before
 * the next one. What the other side did not take is tried again after a pause that doubles, with
 * chance in it, until it had all its attempts; what it refused for good is failed. A daemon that
 * dies between handing over and settling delivers again, with the same key: as the Message-ID's left
 * side, or as the gateway's Idempotency-Key.
 *
 * The gateway is sent POST, application/json {"key","event","to","text"}, with the fields
 *     Idempotency-Key: "<key>"
 *     Ecert-Signature: t=<seconds since 1970>,v1=<hex of HMAC-SHA-256 over t, '.', body>
 * 2xx is taken, 429 and 5xx are asked again (Retry-After counts), everything else is refused.
 */
#ifndef ECERT_CORE_MESSAGE_NOTIFY_H
#define ECERT_CORE_MESSAGE_NOTIFY_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fetch.h"
#include "base/smtp.h"
#include "core/message/outbox.h"

struct core;
struct db;
struct pool;

/* Section Notify. Strings are not NULL. */
struct notify_settings {
    struct smtp_settings mail; /* url "": firms get no mail */
    const char *mail_from;
    const char *mail_from_name;
    const char *sms_url;       /* "": firms get no SMS */
    const char *sms_secret_file, *sms_token_file, *sms_authority_file;
    int64_t sms_timeout_ms;
    int64_t breaker_failures, breaker_ms;
    int64_t workers, batch, lease_ms, poll_ms, grace_ms;
    int64_t attempts, retry_first_ms, retry_most_ms;
};

enum { NOTIFY_KEY_SIZE = 2 * 16 + 1 };

struct notifier;

/* Opens what delivers; secrets are read. One thread; after fork. 0/-1 (ERR_CONFIG, ERR_SYSTEM). */
int notifier_open(const struct notify_settings *settings, const struct core *core, struct db *db,
                  const char *owner, struct notifier **notifier, struct err *err);
void notifier_free(struct notifier **notifier);

/* One batch: leases, delivers, settles, until done or *stop. *sent and *unsent count. Resets the
 * pool. 0/-1 (the database). */
int notifier_batch(struct notifier *notifier, struct pool *pool, const volatile sig_atomic_t *stop,
                   size_t *sent, size_t *unsent, struct err *err);

/* Does the mail relay let us in? The gateway can't be tried without sending. 0/-1. */
int notifier_try(struct notifier *notifier, struct err *err);

/* What identifies a message to its receivers: 32 hex digits of SHA-256 over site, key, channel. */
void notify_key(const struct core *core, const struct outbox *row, char out[NOTIFY_KEY_SIZE]);
/* The pause after the n-th attempt (1 …): doubled each time, bounded, a quarter of it chance. */
int64_t notify_pause(const struct notify_settings *settings, unsigned attempts);
/* The body of an SMS for the gateway. */
struct bytes notify_json(struct pool *pool, const char *key, const char *event, const char *to,
                         const char *text);
/* The value of its signature's field. */
const char *notify_signature(struct pool *pool, const char *secret, int64_t now_ms,
                             struct bytes body);

#endif
