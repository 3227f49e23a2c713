#include "base/fetch.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/backoff.h"
#include "base/config.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/remote.h"
#include "base/url.h"

enum {
    POOL_KEEP = 64 * 1024,
    PAUSE_FIRST_US = 100 * 1000 /* doubled with each attempt; the time-out bounds it */
};

struct fetch {
    const struct fetch_settings *settings;
    struct curl_slist *headers;
    CURL *easy; /* NULL until the first question */
    struct breaker breaker;
    enum breaker_state before; /* the question that is under way */
};

/* How one attempt came out. */
enum attempt { ATTEMPT_DONE, ATTEMPT_AGAIN, ATTEMPT_FAILED };

/* Opening */

static void text_forget(const char *text)
{
    OPENSSL_cleanse((void *)(uintptr_t)text, strlen(text));
}

/* The token is among them. */
static void headers_drop(struct curl_slist *all)
{
    for (struct curl_slist *header = all; header; header = header->next)
        text_forget(header->data);
    curl_slist_free_all(all);
}

void fetch_free(struct fetch **fetch)
{
    struct fetch *old = *fetch;

    if (!old)
        return;
    curl_easy_cleanup(old->easy);
    headers_drop(old->headers);
    free(old);
    curl_global_cleanup();
    *fetch = NULL;
}

static void header_add(struct curl_slist **headers, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*headers, line);

    if (!longer)
        err_fatal("out of memory");
    *headers = longer;
}

/* RFC 6750, 2.1: what else stood in the file could end the header. */
static int token_read(struct fetch *fetch, struct pool *pool, struct err *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-._~+/=";
    const char *path = fetch->settings->token_file, *token;

    if (config_secret(pool, path, &token, err) < 0)
        return -1;
    if (!*path)
        return 0;
    if (!*token || token[strspn(token, allowed)])
        return err_set(err, ERR_CONFIG, 0, "%s: holds no bearer token", path);
    const char *line = pool_printf(pool, "Authorization: Bearer %s", token);
    header_add(&fetch->headers, line);
    text_forget(line);
    text_forget(token);
    return 0;
}

static int headers_make(struct fetch *fetch, struct err *err)
{
    const struct fetch_settings *settings = fetch->settings;
    struct pool *pool = pool_new(POOL_KEEP, 0);

    header_add(&fetch->headers, pool_printf(pool, "Content-Type: %s", settings->content_type));
    header_add(&fetch->headers,
               pool_printf(pool, "Accept: %s", settings->accept ? settings->accept : "*/*"));
    header_add(&fetch->headers, "Expect:");
    int result =
        token_read(fetch, pool, err) < 0 ? -1 : remote_authorities(pool, settings->authority_file, err);
    pool_free(&pool);
    return result;
}

int fetch_open(const struct fetch_settings *settings, struct fetch **fetch, struct err *err)
{
    struct fetch *made;

    *fetch = NULL;
    if (!url_valid(settings->url, settings->plain))
        return err_set(err, ERR_CONFIG, 0, "%s: no URL that may be asked", settings->name);
    made = calloc(1, sizeof(*made));
    if (!made)
        err_fatal("out of memory");
    remote_begin();
    made->settings = settings;
    made->breaker =
        (struct breaker){.most = settings->breaker_failures, .open_ms = settings->breaker_ms};
    if (headers_make(made, err) < 0) {
        fetch_free(&made);
        return -1;
    }
    *fetch = made;
    return 0;
}

/* One attempt */

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct text *answer = context;

    text_add_n(answer, data, size * count);
    return answer->overflow ? 0 : size * count;
}

/* What is the same for every question. */
static CURL *easy_new(const struct fetch *fetch)
{
    CURL *easy = remote_easy(fetch->settings->url, fetch->settings->authority_file);

    REMOTE_SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
    REMOTE_SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    REMOTE_SET(easy, CURLOPT_HTTPHEADER, fetch->headers);
    REMOTE_SET(easy, CURLOPT_WRITEFUNCTION, take);
    return easy;
}

/* A fault of the way, which another attempt may not meet. */
static bool is_passing(CURLcode code)
{
    static const CURLcode passing[] = {
        CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
        CURLE_SSL_CONNECT_ERROR,    CURLE_SEND_ERROR,      CURLE_RECV_ERROR,
        CURLE_GOT_NOTHING,          CURLE_PARTIAL_FILE,
    };

    for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
        if (passing[i] == code)
            return true;
    return false;
}

/* A media type may have parameters (RFC 9110, 8.3). */
static bool is_type(const char *type, const char *wanted)
{
    const size_t length = strlen(wanted);

    return type && strncasecmp(type, wanted, length) == 0 &&
           (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

static enum attempt judge(const struct fetch *fetch, CURLcode code, const struct text *answer,
                          struct err *err)
{
    char *type = NULL;
    long status = 0;

    if (code == CURLE_WRITE_ERROR && answer->overflow) {
        err_set(err, ERR_UNAVAILABLE, code, "the answer has more than %zu bytes",
                fetch->settings->answer_max);
        return ATTEMPT_FAILED;
    }
    if (code != CURLE_OK) {
        err_set(err, ERR_UNAVAILABLE, code, "no answer: %s", curl_easy_strerror(code));
        return is_passing(code) ? ATTEMPT_AGAIN : ATTEMPT_FAILED;
    }
    curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        err_set(err, ERR_UNAVAILABLE, (int)status, "the answer has status %ld", status);
        return status == 429 || status >= 500 ? ATTEMPT_AGAIN : ATTEMPT_FAILED;
    }
    curl_easy_getinfo(fetch->easy, CURLINFO_CONTENT_TYPE, &type);
    if (fetch->settings->accept && !is_type(type, fetch->settings->accept)) {
        err_set(err, ERR_UNAVAILABLE, 0, "the answer is not %s", fetch->settings->accept);
        return ATTEMPT_FAILED;
    }
    return ATTEMPT_DONE;
}

static CURLcode perform(struct fetch *fetch, struct bytes question, int64_t left_ms,
                        struct text *answer)
{
    if (!fetch->easy)
        fetch->easy = easy_new(fetch);
    /* 0 would mean: without end. */
    if (left_ms < 1)
        left_ms = 1;
    REMOTE_SET(fetch->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    REMOTE_SET(fetch->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(left_ms / 2 + 1));
    if (question.data) {
        REMOTE_SET(fetch->easy, CURLOPT_POST, 1L);
        REMOTE_SET(fetch->easy, CURLOPT_POSTFIELDSIZE, (long)question.size);
        REMOTE_SET(fetch->easy, CURLOPT_POSTFIELDS, (const char *)question.data);
    } else {
        REMOTE_SET(fetch->easy, CURLOPT_HTTPGET, 1L);
    }
    REMOTE_SET(fetch->easy, CURLOPT_WRITEDATA, answer);
    CURLcode code = curl_easy_perform(fetch->easy);
    if (question.data)
        REMOTE_SET(fetch->easy, CURLOPT_POSTFIELDS, NULL);
    return code;
}

static enum attempt attempt(struct fetch *fetch, struct bytes question, int64_t left_ms,
                            struct text *answer, struct err *err)
{
    return judge(fetch, perform(fetch, question, left_ms, answer), answer, err);
}

/* One question */

/* False: no time is left for the pause. */
static bool pause_after(int64_t attempts, int64_t deadline_ms)
{
    int64_t us = backoff_us(PAUSE_FIRST_US, INT32_MAX, attempts);

    if (remote_now_ms() + us / 1000 >= deadline_ms)
        return false;
    backoff_wait(us);
    return true;
}

static int ask(struct fetch *fetch, struct bytes question, int64_t attempts, struct text *answer,
               struct err *err)
{
    int64_t deadline_ms = remote_now_ms() + fetch->settings->timeout_ms;

    for (int64_t i = 0; i < attempts; i++) {
        if (i > 0 && !pause_after(i - 1, deadline_ms))
            return -1;
        answer->length = 0;
        answer->overflow = false;
        enum attempt outcome = attempt(fetch, question, deadline_ms - remote_now_ms(), answer, err);
        if (outcome != ATTEMPT_AGAIN)
            return outcome == ATTEMPT_DONE ? 0 : -1;
    }
    return -1;
}

void fetch_note(struct fetch *fetch, bool good)
{
    remote_note(&fetch->breaker, fetch->settings->name, fetch->before, good);
}

static int not_asked(const struct fetch *fetch, struct err *err)
{
    return err_set(err, ERR_UNAVAILABLE, 0, "is not asked: it failed %lld times in a row a moment ago",
                   (long long)fetch->breaker.failures);
}

int fetch_ask(struct fetch *fetch, struct pool *pool, struct bytes question, struct bytes *answer,
              struct err *err)
{
    struct text body;

    fetch->before = breaker_state(&fetch->breaker, remote_now_ms());
    if (fetch->before == BREAKER_OPEN)
        return not_asked(fetch, err);
    text_init(&body, pool, fetch->settings->answer_max);
    if (ask(fetch, question, fetch->before == BREAKER_TRIAL ? 1 : fetch->settings->attempts, &body,
            err) < 0) {
        fetch_note(fetch, false);
        return -1;
    }
    *answer = (struct bytes){(const uint8_t *)body.data, body.length};
    return 0;
}

/* What is sent once */

/* The fields of the service, and these before them. */
static struct curl_slist *headers_with(const struct fetch *fetch, const char *const *headers,
                                       size_t count)
{
    struct curl_slist *all = NULL;

    for (size_t i = 0; i < count; i++)
        header_add(&all, headers[i]);
    for (struct curl_slist *own = fetch->headers; own; own = own->next)
        header_add(&all, own->data);
    return all;
}

static void reply_read(CURL *easy, struct fetch_reply *reply)
{
    curl_off_t after = 0;
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after);
    reply->status = (int)status;
    reply->retry_after_s = after > 0 ? (int64_t)after : 0;
}

int fetch_send(struct fetch *fetch, struct bytes question, const char *const *headers, size_t count,
               struct fetch_reply *reply, struct err *err)
{
    struct pool *pool;
    struct text body;
    CURLcode code;

    *reply = (struct fetch_reply){.status = 0};
    fetch->before = breaker_state(&fetch->breaker, remote_now_ms());
    if (fetch->before == BREAKER_OPEN)
        return not_asked(fetch, err);
    if (!fetch->easy)
        fetch->easy = easy_new(fetch);
    struct curl_slist *all = headers_with(fetch, headers, count);
    pool = pool_new(POOL_KEEP, 0);
    text_init(&body, pool, fetch->settings->answer_max);
    REMOTE_SET(fetch->easy, CURLOPT_HTTPHEADER, all);
    code = perform(fetch, question, fetch->settings->timeout_ms, &body);
    REMOTE_SET(fetch->easy, CURLOPT_HTTPHEADER, fetch->headers);
    headers_drop(all);
    reply_read(fetch->easy, reply);
    bool cut = code == CURLE_WRITE_ERROR && body.overflow;
    pool_free(&pool);
    /* The status has come; what is too long behind it does not change it. */
    if (code == CURLE_OK || (cut && reply->status >= 200)) {
        fetch_note(fetch, reply->status != 429 && reply->status < 500);
        return 0;
    }
    fetch_note(fetch, false);
    return err_set(err, ERR_UNAVAILABLE, code, "no answer: %s", curl_easy_strerror(code));
}
