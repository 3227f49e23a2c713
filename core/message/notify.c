#include "core/message/notify.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/date.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mail.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/vault.h"
#include "core/core.h"
#include "core/message/outbox_text.h"
#include "core/places.h"

enum {
    ANSWER_MAX = 64 * 1024,
    SECRET_LEAST = 16,
    JSON_MAX = 64 * 1024,
    REST_PAUSE_MS = 30 * 1000,           /* between two looks whether a matter's documents are made */
    RETRY_AFTER_MOST_S = 6 * 3600,
    HELD = 2                             /* time-outs that a lease holds for one message */
};

struct notifier {
    const struct notify_settings *settings;
    const struct core *core;
    struct db *db;
    const char *owner;
    struct smtp *smtp;   /* NULL: no mail */
    struct fetch *fetch; /* NULL: no SMS */
    struct fetch_settings gateway;
    struct pool *pool;   /* of the secret */
    const char *secret;
    uint8_t lease[LEASE_SIZE];
};

/* What is made of a message */

void notify_key(const struct core *core, const struct outbox *row, char out[NOTIFY_KEY_SIZE])
{
    struct pool *pool = pool_new(0, 0);
    const char *text =
        pool_printf(pool, "%s\n%s\n%s", core->verify_origin, row->key, row->channel);
    uint8_t hash[32];

    sha256(text, strlen(text), hash);
    hex_encode(hash, (NOTIFY_KEY_SIZE - 1) / 2, out);
    pool_free(&pool);
}

int64_t notify_pause(const struct notify_settings *settings, unsigned attempts)
{
    int64_t pause = settings->retry_first_ms;
    uint32_t chance;

    for (unsigned i = 1; i < attempts && pause < settings->retry_most_ms; i++)
        pause *= 2;
    if (pause > settings->retry_most_ms)
        pause = settings->retry_most_ms;
    random_bytes(&chance, sizeof(chance));
    return pause - pause / 4 + chance % (pause / 4 + 1);
}

static void json_pair(struct text *out, const char *name, const char *value)
{
    text_printf(out, "%s\"%s\":\"", out->length > 1 ? "," : "", name);
    text_json(out, value, strlen(value));
    text_char(out, '"');
}

struct bytes notify_json(struct pool *pool, const char *key, const char *event, const char *to,
                         const char *text)
{
    struct text out;

    text_init(&out, pool, JSON_MAX);
    text_char(&out, '{');
    json_pair(&out, "key", key);
    json_pair(&out, "event", event);
    json_pair(&out, "to", to);
    json_pair(&out, "text", text);
    text_char(&out, '}');
    return (struct bytes){(const uint8_t *)out.data, out.length};
}

const char *notify_signature(struct pool *pool, const char *secret, int64_t now_ms,
                             struct bytes body)
{
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned size = sizeof(mac);
    struct text source;

    text_init(&source, pool, body.size + 32);
    text_printf(&source, "%" PRId64 ".", now_ms / 1000);
    text_add_n(&source, (const char *)body.data, body.size);
    if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)source.data, source.length,
              mac, &size))
        err_fatal("HMAC-SHA-256 failed");
    hex_encode(mac, size, hex);
    return pool_printf(pool, "t=%" PRId64 ",v1=%s", now_ms / 1000, hex);
}

/* Opening */

void notifier_free(struct notifier **notifier)
{
    struct notifier *old = *notifier;

    if (!old)
        return;
    smtp_free(&old->smtp);
    fetch_free(&old->fetch);
    if (old->secret)
        OPENSSL_cleanse((void *)(uintptr_t)old->secret, strlen(old->secret));
    pool_free(&old->pool);
    free(old);
    *notifier = NULL;
}

static int gateway_open(struct notifier *notifier, struct err *err)
{
    const struct notify_settings *settings = notifier->settings;

    notifier->gateway = (struct fetch_settings){
        .name = "sms gateway",
        .url = settings->sms_url,
        .content_type = "application/json",
        .accept = NULL,
        .token_file = settings->sms_token_file,
        .authority_file = settings->sms_authority_file,
        .answer_max = ANSWER_MAX,
        .timeout_ms = settings->sms_timeout_ms,
        .attempts = 1,
        .breaker_failures = settings->breaker_failures,
        .breaker_ms = settings->breaker_ms,
    };
    if (config_secret(notifier->pool, settings->sms_secret_file, &notifier->secret, err) < 0)
        return -1;
    if (strlen(notifier->secret) < SECRET_LEAST)
        return err_set(err, ERR_CONFIG, 0, "Notify.Sms.SecretFile holds less than %d characters",
                       SECRET_LEAST);
    return fetch_open(&notifier->gateway, &notifier->fetch, err);
}

int notifier_open(const struct notify_settings *settings, const struct core *core, struct db *db,
                  const char *owner, struct notifier **notifier, struct err *err)
{
    struct notifier *made = calloc(1, sizeof(*made));

    *notifier = NULL;
    if (!made)
        err_fatal("out of memory");
    made->settings = settings;
    made->core = core;
    made->db = db;
    made->owner = owner;
    made->pool = pool_new(0, 0);
    if ((*settings->mail.url && smtp_open(&settings->mail, &made->smtp, err) < 0) ||
        (*settings->sms_url && gateway_open(made, err) < 0)) {
        notifier_free(&made);
        return -1;
    }
    *notifier = made;
    return 0;
}

int notifier_try(struct notifier *notifier, struct err *err)
{
    return notifier->smtp ? smtp_try(notifier->smtp, err) : 0;
}

/* One message */

struct delivery {
    struct notifier *notifier;
    struct pool *pool;
    const struct outbox *row;
    struct outbox_message message;
    const char *to;
    char key[NOTIFY_KEY_SIZE];
};

static struct outbox_result settled(struct pool *pool, const char *state, const char *cause)
{
    return (struct outbox_result){.state = state, .cause = cause ? pool_text(pool, cause) : NULL};
}

/* Not now. A message that had all its attempts is failed. */
static struct outbox_result again(const struct delivery *delivery, const char *cause,
                                  int64_t least_ms)
{
    const struct notify_settings *settings = delivery->notifier->settings;
    struct outbox_result result = settled(delivery->pool, "waiting", cause);
    int64_t pause = notify_pause(settings, delivery->row->attempts);

    if (delivery->row->attempts >= (unsigned)settings->attempts) {
        result.state = "failed";
        return result;
    }
    result.run_at_ms = clock_now_ms() + (pause < least_ms ? least_ms : pause);
    return result;
}

/* Nobody tried: the attempt does not count. */
static struct outbox_result later(const struct delivery *delivery, const char *cause,
                                  int64_t pause_ms)
{
    struct outbox_result result = settled(delivery->pool, "waiting", cause);

    result.run_at_ms = clock_now_ms() + pause_ms;
    result.uncounted = true;
    return result;
}

static struct outbox_result send_mail(const struct delivery *delivery)
{
    const struct notifier *notifier = delivery->notifier;
    const struct mail mail = {
        .from = notifier->settings->mail_from,
        .from_name = notifier->settings->mail_from_name,
        .to = delivery->to,
        .subject = delivery->message.subject,
        .text = delivery->message.text,
        .id = delivery->key,
        .written_ms = delivery->row->created_ms,
    };
    struct bytes bytes;
    struct err err;

    if (mail_make(delivery->pool, &mail, &bytes, &err) < 0)
        return settled(delivery->pool, "failed", err.text);
    switch (smtp_send(notifier->smtp, mail.from, mail.to, bytes, &err)) {
    case SMTP_TAKEN:
        return settled(delivery->pool, "sent", NULL);
    case SMTP_REFUSED:
        return settled(delivery->pool, "failed", err.text);
    case SMTP_LEFT:
        return later(delivery, err.text, notifier->settings->breaker_ms);
    case SMTP_LATER:
        break;
    }
    return again(delivery, err.text, 0);
}

static struct outbox_result send_sms(const struct delivery *delivery)
{
    const struct notifier *notifier = delivery->notifier;
    struct pool *pool = delivery->pool;
    struct bytes body = notify_json(pool, delivery->key, outbox_event_name(delivery->row->event),
                                    delivery->to, delivery->message.text);
    const char *const headers[] = {
        pool_printf(pool, "Idempotency-Key: \"%s\"", delivery->key),
        pool_printf(pool, "Ecert-Signature: %s",
                    notify_signature(pool, notifier->secret, clock_now_ms(), body)),
    };
    struct fetch_reply reply;
    struct err err;

    if (fetch_send(notifier->fetch, body, headers, sizeof(headers) / sizeof(headers[0]), &reply,
                   &err) < 0)
        return err.code == 0 ? later(delivery, err.text, notifier->settings->breaker_ms)
                             : again(delivery, err.text, 0);
    if (reply.status >= 200 && reply.status < 300)
        return settled(pool, "sent", NULL);
    const char *cause = pool_printf(pool, "the gateway says %d", reply.status);
    if (reply.status != 429 && reply.status < 500)
        return settled(pool, "failed", cause);
    int64_t after_s =
        reply.retry_after_s < RETRY_AFTER_MOST_S ? reply.retry_after_s : RETRY_AFTER_MOST_S;
    return again(delivery, cause, after_s * 1000);
}

static struct outbox_result hand_over(struct delivery *delivery)
{
    const struct notifier *notifier = delivery->notifier;
    bool mail = strcmp(delivery->row->channel, "mail") == 0;
    struct bytes plain;
    struct err err;

    if (mail ? !notifier->smtp : !notifier->fetch)
        return settled(delivery->pool, "dropped", "the channel is switched off");
    if (vault_open(notifier->core->vault, delivery->pool,
                   place_of(delivery->pool, PLACE_CONTACT_ADDRESS, delivery->row->enterprise_id),
                   delivery->row->address_sealed, &plain, &err) < 0)
        return again(delivery, "the address does not open", 0);
    delivery->to = pool_text_n(delivery->pool, (const char *)plain.data, plain.size);
    notify_key(notifier->core, delivery->row, delivery->key);
    return mail ? send_mail(delivery) : send_sms(delivery);
}

/* What is to be done with a message, and does it. 0/-1 (the database). */
static int deliver(struct delivery *delivery, struct outbox_result *result, struct err *err)
{
    const struct notifier *notifier = delivery->notifier;
    const struct outbox *row = delivery->row;
    struct outbox_facts facts;
    enum outbox_found found;
    const char *why;

    if (outbox_look(notifier->db, delivery->pool, notifier->core, row, clock_now_ms(), &found, &facts,
                    &why, err) < 0)
        return -1;
    if (found == OUTBOX_NOTHING) {
        *result = settled(delivery->pool, "dropped", why);
        return 0;
    }
    if (found == OUTBOX_NOT_YET) {
        *result = later(delivery, "other documents of the matter are being made", REST_PAUSE_MS);
        return 0;
    }
    outbox_write(delivery->pool, row->event, row->channel, &facts, &delivery->message);
    *result = hand_over(delivery);
    return 0;
}

static void tell(const struct outbox *row, const struct outbox_result *result)
{
    bool bad = strcmp(result->state, "failed") == 0;

    log_event(bad ? LOG_WARN : LOG_INFO, "message", log_int("id", (int64_t)row->id),
              log_text("event", outbox_event_name(row->event)), log_text("channel", row->channel),
              log_text("state", result->state), log_int("attempt", row->attempts),
              log_text("cause", result->cause));
}

/* 1; 0: it was somebody else's by then; -1. */
static int one(struct notifier *notifier, struct pool *pool, const struct outbox *row,
               struct outbox_result *result, struct err *err)
{
    struct delivery delivery = {.notifier = notifier, .pool = pool, .row = row};
    const struct notify_settings *settings = notifier->settings;
    int64_t longest = settings->mail.timeout_ms > settings->sms_timeout_ms ? settings->mail.timeout_ms
                                                                           : settings->sms_timeout_ms;
    int64_t until = clock_now_ms() + settings->lease_ms;
    int ours;

    if (until < clock_now_ms() + HELD * longest)
        until = clock_now_ms() + HELD * longest;
    ours = outbox_hold(notifier->db, row->id, notifier->lease, until, err);
    if (ours != 1)
        return ours;
    if (deliver(&delivery, result, err) < 0)
        return -1;
    ours = outbox_settle(notifier->db, row->id, notifier->lease, result, clock_now_ms(), err);
    if (ours == 1)
        tell(row, result);
    return ours;
}

int notifier_batch(struct notifier *notifier, struct pool *pool, const volatile sig_atomic_t *stop,
                   size_t *sent, size_t *unsent, struct err *err)
{
    const struct notify_settings *settings = notifier->settings;
    struct pool *own = pool_new(0, 0);
    const struct outbox *rows;
    size_t count;
    int result;

    *sent = *unsent = 0;
    pool_reset(pool);
    result = outbox_lease(notifier->db, pool, notifier->owner, clock_now_ms(), settings->lease_ms,
                          (size_t)settings->batch, notifier->lease, &rows, &count, err);
    for (size_t i = 0; result >= 0 && i < count && !*stop; i++) {
        struct outbox_result outcome;

        pool_reset(own);
        result = one(notifier, own, &rows[i], &outcome, err);
        if (result == 1)
            ++*(strcmp(outcome.state, "sent") == 0 ? sent : unsent);
    }
    /* What is left of a stopped batch need not wait for the lease to run out. */
    if (result >= 0 && *stop)
        result = outbox_release(notifier->db, notifier->owner, clock_now_ms(), err);
    pool_free(&own);
    pool_reset(pool);
    return result < 0 ? -1 : 0;
}
