#include "core/evidence_service.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/breaker.h"
#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/vault.h"
#include "core/evidence_json.h"

enum {
    ANSWER_MAX = 1 << 20,
    QUESTION_MAX = 1024,
    AUTHORITIES_MAX = 4 << 20,
    POOL_KEEP = 64 * 1024,
    PAUSE_FIRST_MS = 100 /* doubled with each attempt */
};

struct service {
    enum evidence_kind kind;
    const struct evidence_settings *settings;
    struct pool *pool; /* of one answer */
    struct curl_slist *headers;
    CURL *easy; /* NULL until the first question */
    struct breaker breaker;
};

/* How one attempt came out. */
enum attempt { ATTEMPT_DONE, ATTEMPT_AGAIN, ATTEMPT_FAILED };

static int64_t now_ms(void)
{
    return clock_tick_us() / 1000;
}

/* Opening */

static void text_forget(const char *text)
{
    OPENSSL_cleanse((void *)(uintptr_t)text, strlen(text));
}

static void release(void *self)
{
    struct service *service = self;

    curl_easy_cleanup(service->easy);
    for (struct curl_slist *header = service->headers; header; header = header->next)
        text_forget(header->data);
    curl_slist_free_all(service->headers);
    pool_free(&service->pool);
    free(service);
    curl_global_cleanup();
}

static void header_add(struct service *service, const char *line)
{
    struct curl_slist *longer = curl_slist_append(service->headers, line);

    if (!longer)
        err_fatal("out of memory");
    service->headers = longer;
}

/* RFC 6750, 2.1: what else stood in the file could end the header. */
static int token_read(struct service *service, struct err *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-._~+/=";
    const char *path = service->settings->token_file, *token;

    if (config_secret(service->pool, path, &token, err) < 0)
        return -1;
    if (!*path)
        return 0;
    if (!*token || token[strspn(token, allowed)])
        return err_set(err, ERR_CONFIG, 0, "%s: holds no bearer token", path);
    const char *line = pool_printf(service->pool, "Authorization: Bearer %s", token);
    header_add(service, line);
    text_forget(line);
    text_forget(token);
    return 0;
}

static int authorities_check(struct service *service, struct err *err)
{
    struct bytes content;

    return *service->settings->authority_file
               ? file_read(service->pool, service->settings->authority_file, AUTHORITIES_MAX,
                           &content, err)
               : 0;
}

static int fetch(void *self, struct pool *pool, const struct evidence_query *query,
                 struct evidence_records *records, struct err *err);

int evidence_service_open(enum evidence_kind kind, const struct evidence_settings *settings,
                          struct evidence_source *source, struct err *err)
{
    struct service *service;

    if (!evidence_url_valid(settings->url[kind]))
        return err_set(err, ERR_CONFIG, 0, "evidence service %s: no URL that may be asked",
                       evidence_kind_name(kind));
    service = calloc(1, sizeof(*service));
    if (!service || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        err_fatal("out of memory");
    service->kind = kind;
    service->settings = settings;
    service->pool = pool_new(POOL_KEEP, 0);
    service->breaker =
        (struct breaker){.most = settings->breaker_failures, .open_ms = settings->breaker_ms};
    header_add(service, "Content-Type: application/json");
    header_add(service, "Accept: application/json");
    header_add(service, "Expect:");
    int result = token_read(service, err) < 0 || authorities_check(service, err) < 0 ? -1 : 0;
    pool_reset(service->pool);
    if (result < 0) {
        release(service);
        return -1;
    }
    *source = (struct evidence_source){
        .name = evidence_kind_name(kind), .fetch = fetch, .release = release, .self = service};
    return 0;
}

/* One attempt */

#define SET(easy, option, value)                                                                   \
    do {                                                                                           \
        if (curl_easy_setopt((easy), (option), (value)) != CURLE_OK)                               \
            err_fatal("curl does not know " #option);                                              \
    } while (0)

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct text *answer = context;

    text_add_n(answer, data, size * count);
    return answer->overflow ? 0 : size * count;
}

/* What is the same for every question. Signals stay curl's, for it to ignore SIGPIPE. */
static CURL *easy_new(const struct service *service)
{
    const struct evidence_settings *settings = service->settings;
    const char *url = settings->url[service->kind];
    CURL *easy = curl_easy_init();

    if (!easy)
        err_fatal("out of memory");
    SET(easy, CURLOPT_URL, url);
    SET(easy, CURLOPT_PROTOCOLS_STR, strncmp(url, "https:", 6) == 0 ? "https" : "http");
    SET(easy, CURLOPT_PROXY, "");
    SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
    SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(easy, CURLOPT_POST, 1L);
    SET(easy, CURLOPT_HTTPHEADER, service->headers);
    SET(easy, CURLOPT_WRITEFUNCTION, take);
    SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* The folder of the system's would be believed besides the file. */
    if (*settings->authority_file) {
        SET(easy, CURLOPT_CAINFO, settings->authority_file);
        SET(easy, CURLOPT_CAPATH, NULL);
    }
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

static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    const size_t length = sizeof(json) - 1;

    return type && strncasecmp(type, json, length) == 0 &&
           (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

static enum attempt judge(struct service *service, CURLcode code, const struct text *answer,
                          struct err *err)
{
    char *type = NULL;
    long status = 0;

    if (code == CURLE_WRITE_ERROR && answer->overflow) {
        err_set(err, ERR_UNAVAILABLE, code, "the answer has more than %d bytes", ANSWER_MAX);
        return ATTEMPT_FAILED;
    }
    if (code != CURLE_OK) {
        err_set(err, ERR_UNAVAILABLE, code, "no answer: %s", curl_easy_strerror(code));
        return is_passing(code) ? ATTEMPT_AGAIN : ATTEMPT_FAILED;
    }
    curl_easy_getinfo(service->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        err_set(err, ERR_UNAVAILABLE, (int)status, "the answer has status %ld", status);
        return status == 429 || status >= 500 ? ATTEMPT_AGAIN : ATTEMPT_FAILED;
    }
    curl_easy_getinfo(service->easy, CURLINFO_CONTENT_TYPE, &type);
    if (!is_json(type)) {
        err_set(err, ERR_UNAVAILABLE, 0, "the answer is not application/json");
        return ATTEMPT_FAILED;
    }
    return ATTEMPT_DONE;
}

static enum attempt attempt(struct service *service, const struct text *question, int64_t left_ms,
                            struct text *answer, struct err *err)
{
    if (!service->easy)
        service->easy = easy_new(service);
    text_init(answer, service->pool, ANSWER_MAX);
    /* 0 would mean: without end. */
    if (left_ms < 1)
        left_ms = 1;
    SET(service->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    SET(service->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(left_ms / 2 + 1));
    SET(service->easy, CURLOPT_POSTFIELDSIZE, (long)question->length);
    SET(service->easy, CURLOPT_POSTFIELDS, question->data);
    SET(service->easy, CURLOPT_WRITEDATA, answer);
    CURLcode code = curl_easy_perform(service->easy);
    SET(service->easy, CURLOPT_POSTFIELDS, NULL);
    return judge(service, code, answer, err);
}

/* One question */

/* False: no time is left for the pause. Half of it is chance, so that workers whom the service
 * failed together don't come back together. */
static bool pause_after(int64_t attempts, int64_t deadline_ms)
{
    int64_t half = (int64_t)PAUSE_FIRST_MS << attempts >> 1;
    uint32_t chance;

    random_bytes(&chance, sizeof(chance));
    int64_t ms = half + chance % half;
    if (now_ms() + ms >= deadline_ms)
        return false;
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
    return true;
}

static int ask(struct service *service, const struct text *question, int64_t attempts,
               struct text *answer, struct err *err)
{
    int64_t deadline_ms = now_ms() + service->settings->timeout_ms;

    for (int64_t i = 0; i < attempts; i++) {
        if (i > 0 && !pause_after(i - 1, deadline_ms))
            return -1;
        enum attempt outcome = attempt(service, question, deadline_ms - now_ms(), answer, err);
        if (outcome != ATTEMPT_AGAIN)
            return outcome == ATTEMPT_DONE ? 0 : -1;
    }
    return -1;
}

static void member_add(struct text *question, const char *start, const char *value)
{
    text_add(question, start);
    text_json(question, value, strlen(value));
}

static int question_put(const struct evidence_query *query, struct text *question, struct err *err)
{
    member_add(question, "{\"id_type\":\"", query->id_type);
    member_add(question, "\",\"id_no\":\"", query->id_no);
    member_add(question, "\",\"uscc\":\"", query->uscc);
    text_add(question, "\"}");
    return question->overflow ? err_set(err, ERR_INPUT, 0, "the question is too long") : 0;
}

static void outcome_note(struct service *service, enum breaker_state before, bool good)
{
    breaker_note(&service->breaker, good, now_ms());
    bool closed = breaker_state(&service->breaker, now_ms()) == BREAKER_CLOSED;
    if (closed == (before == BREAKER_CLOSED))
        return;
    log_event(LOG_WARN, "evidence_breaker", log_text("service", evidence_kind_name(service->kind)),
              log_text("state", closed ? "closed" : "open"));
}

static int fetch(void *self, struct pool *pool, const struct evidence_query *query,
                 struct evidence_records *records, struct err *err)
{
    struct service *service = self;
    enum breaker_state state = breaker_state(&service->breaker, now_ms());
    char array[QUESTION_MAX];
    struct text question, answer;

    if (state == BREAKER_OPEN)
        return err_set(err, ERR_UNAVAILABLE, 0,
                       "is not asked: it failed %lld times in a row a moment ago",
                       (long long)service->breaker.failures);
    text_init_fixed(&question, array, sizeof(array));
    int result = question_put(query, &question, err);
    if (result == 0) {
        result = ask(service, &question, state == BREAKER_TRIAL ? 1 : service->settings->attempts,
                     &answer, err);
        if (result == 0)
            result = evidence_json_read(service->kind, pool,
                                        (struct bytes){(const uint8_t *)answer.data, answer.length},
                                        records, err);
        outcome_note(service, state, result == 0);
    }
    OPENSSL_cleanse(array, sizeof(array));
    pool_reset(service->pool);
    return result;
}

/* Here, so that who never asks needs no HTTP library: the one that holds the seal key, above all.
 */
int evidence_open(const struct evidence_settings *settings, struct evidence **evidence,
                  struct err *err)
{
    struct evidence_source sources[EVIDENCE_KINDS] = {{.fetch = NULL}};
    bool any = false;
    int result = 0;

    for (int kind = 0; result == 0 && kind < EVIDENCE_KINDS; kind++)
        if (*settings->url[kind]) {
            any = true;
            result = evidence_service_open((enum evidence_kind)kind, settings, &sources[kind], err);
        }
    *evidence = any ? evidence_new(sources) : NULL;
    if (result < 0)
        evidence_free(evidence);
    return result;
}
