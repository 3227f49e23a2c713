#include "core/seal/stamper.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "base/fetch.h"
#include "base/pool.h"
#include "base/random.h"
#include "core/seal/cms.h"

enum {
    NUMBER_LIMIT = 9999,
    CAUSES = 400
};

struct authority {
    struct fetch_settings settings;
    struct fetch *fetch;
};

struct stamper {
    const struct stamper_settings *settings;
    struct timestamp_trust *trust;
    struct pool *pool;
    struct authority authorities[STAMPER_AUTHORITIES];
    size_t count;
};

int stamper_urls(const struct config_entry *entries, const char *urls[STAMPER_AUTHORITIES],
                 size_t *count, struct err *err)
{
    int64_t numbers[STAMPER_AUTHORITIES], number;

    *count = 0;
    for (const struct config_entry *entry = entries; entry; entry = entry->next) {
        size_t at = *count;

        if (!parse_int(entry->name, 0, NUMBER_LIMIT, &number))
            return err_set(err, ERR_CONFIG, 0, "Seal.TimestampUrl.%s: must be numbered",
                           entry->name);
        if (at == STAMPER_AUTHORITIES)
            return err_set(err, ERR_CONFIG, 0, "Seal.TimestampUrl: more than %d",
                           STAMPER_AUTHORITIES);
        for (; at > 0 && numbers[at - 1] > number; at--) {
            numbers[at] = numbers[at - 1];
            urls[at] = urls[at - 1];
        }
        numbers[at] = number;
        urls[at] = entry->value;
        ++*count;
    }
    return 0;
}

void stamper_free(struct stamper **stamper)
{
    struct stamper *old = stamper ? *stamper : NULL;

    if (!old)
        return;
    for (size_t i = 0; i < old->count; i++)
        fetch_free(&old->authorities[i].fetch);
    timestamp_trust_free(&old->trust);
    pool_free(&old->pool);
    free(old);
    *stamper = NULL;
}

static int authority_open(struct stamper *stamper, const char *url, struct err *err)
{
    const struct stamper_settings *settings = stamper->settings;
    struct authority *authority = &stamper->authorities[stamper->count];

    authority->settings = (struct fetch_settings){
        .name = pool_printf(stamper->pool, "timestamp %zu", stamper->count + 1),
        .url = url,
        .plain = true,
        .content_type = "application/timestamp-query",
        .accept = "application/timestamp-reply",
        .token_file = "",
        .authority_file = "",
        .answer_max = TIMESTAMP_LIMIT,
        .timeout_ms = settings->timeout_ms,
        .attempts = settings->attempts,
        .breaker_failures = settings->breaker_failures,
        .breaker_ms = settings->breaker_ms,
    };
    if (fetch_open(&authority->settings, &authority->fetch, err) < 0)
        return -1;
    stamper->count++;
    return 0;
}

/* A question on trial tells now that the policy is none. */
static int check_policy(const struct stamper *stamper, struct err *err)
{
    const struct timestamp_question question = {.policy = stamper->settings->policy};
    struct bytes request;

    return timestamp_ask(stamper->pool, &question, &request, err);
}

int stamper_open(const struct stamper_settings *settings, struct stamper **stamper,
                 struct err *err)
{
    const char *urls[STAMPER_AUTHORITIES];
    struct stamper *opened;
    size_t count;
    int result;

    *stamper = NULL;
    if (stamper_urls(settings->urls, urls, &count, err) < 0)
        return -1;
    if (count == 0)
        return 0;
    opened = calloc(1, sizeof(*opened));
    if (!opened)
        err_fatal("out of memory");
    opened->settings = settings;
    opened->pool = pool_new(0, 0);
    result = timestamp_trust_open(settings->authorities, &opened->trust, err);
    if (result == 0 && *settings->revocations)
        result = timestamp_revocations(opened->trust, settings->revocations, err);
    if (result == 0)
        result = check_policy(opened, err);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = authority_open(opened, urls[i], err);
    if (result < 0)
        stamper_free(&opened);
    *stamper = opened;
    return result;
}

size_t stamper_room(const struct stamper *stamper)
{
    return stamper ? (size_t)stamper->settings->bytes + STAMPER_ATTRIBUTE : 0;
}

size_t stamper_authorities(const struct stamper *stamper)
{
    return stamper ? stamper->count : 0;
}

/* Positive, and of the same length each time. */
static void nonce_make(uint8_t nonce[TIMESTAMP_NONCE_SIZE])
{
    random_bytes(nonce, TIMESTAMP_NONCE_SIZE);
    nonce[0] = (uint8_t)((nonce[0] & 0x3f) | 0x40);
}

static int check(const struct stamper *stamper, struct bytes token,
                 const struct timestamp_question *question, struct timestamp *timestamp,
                 struct err *err)
{
    enum timestamp_verdict verdict;

    if (token.size > (size_t)stamper->settings->bytes)
        return err_set(err, ERR_UNAVAILABLE, 0, "a token of %zu bytes, more than %lld", token.size,
                       (long long)stamper->settings->bytes);
    if (timestamp_judge(stamper->trust, token, question, &verdict, timestamp, err) < 0)
        return -1;
    if (verdict == TIMESTAMP_OK)
        return 0;
    return err_set(err, ERR_UNAVAILABLE, 0, "a token that is not taken: %s",
                   timestamp_verdict_name(verdict));
}

int stamper_ask(struct stamper *stamper, struct pool *pool, size_t place,
                const uint8_t imprint[TIMESTAMP_IMPRINT_SIZE], struct bytes *token,
                struct timestamp *timestamp, struct err *err)
{
    const struct stamper_settings *settings = stamper->settings;
    const struct authority *authority = &stamper->authorities[place];
    uint8_t nonce[TIMESTAMP_NONCE_SIZE];
    struct timestamp_question question = {.nonce = {nonce, sizeof(nonce)},
                                          .policy = settings->policy,
                                          .from_ms = clock_now_ms() - settings->tolerance_ms};
    struct bytes request, answer;
    int result;

    timestamp_refresh(stamper->trust);
    nonce_make(nonce);
    memcpy(question.imprint, imprint, TIMESTAMP_IMPRINT_SIZE);
    if (timestamp_ask(pool, &question, &request, err) < 0 ||
        fetch_ask(authority->fetch, pool, request, &answer, err) < 0)
        return -1;
    question.until_ms = clock_now_ms() + settings->tolerance_ms;
    result = timestamp_answer(answer, token, err);
    if (result == 0)
        result = check(stamper, *token, &question, timestamp, err);
    fetch_note(authority->fetch, result == 0);
    return result;
}

int stamper_stamp(struct stamper *stamper, struct pool *pool, struct bytes cms,
                  struct bytes *stamped, struct timestamp *timestamp, struct err *err)
{
    uint8_t imprint[TIMESTAMP_IMPRINT_SIZE];
    struct text causes;

    if (cms_imprint(cms, imprint, err) < 0)
        return -1;
    text_init(&causes, pool, CAUSES);
    for (size_t i = 0; i < stamper->count; i++) {
        struct err cause = {0};
        struct bytes token;

        if (stamper_ask(stamper, pool, i, imprint, &token, timestamp, &cause) == 0)
            return cms_add_timestamp(pool, cms, token, stamped, err);
        text_printf(&causes, "%s%s: %s", i > 0 ? "; " : "", stamper->authorities[i].settings.name,
                    cause.text);
    }
    return err_set(err, ERR_UNAVAILABLE, 0, "%s", causes.data);
}
