#include "core/evidence/evidence_service.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fetch.h"
#include "base/pool.h"
#include "core/evidence/evidence_json.h"

enum { ANSWER_MAX = 1 << 20, QUESTION_MAX = 1024, POOL_KEEP = 64 * 1024 };

struct service {
    enum evidence_kind kind;
    struct fetch_settings settings;
    struct fetch *fetch;
    struct pool *pool; /* of one answer */
};

static void release(void *self)
{
    struct service *service = self;

    fetch_free(&service->fetch);
    pool_free(&service->pool);
    free(service);
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

static int ask(struct service *service, struct pool *pool, const struct text *question,
               struct evidence_records *records, struct err *err)
{
    const struct bytes text = {(const uint8_t *)question->data, question->length};
    struct bytes answer;

    if (fetch_ask(service->fetch, service->pool, text, &answer, err) < 0)
        return -1;
    int result = evidence_json_read(service->kind, pool, answer, records, err);
    fetch_note(service->fetch, result == 0);
    return result;
}

static int fetch(void *self, struct pool *pool, const struct evidence_query *query,
                 struct evidence_records *records, struct err *err)
{
    struct service *service = self;
    char array[QUESTION_MAX];
    struct text question;

    text_init_fixed(&question, array, sizeof(array));
    int result = question_put(query, &question, err);
    if (result == 0)
        result = ask(service, pool, &question, records, err);
    OPENSSL_cleanse(array, sizeof(array));
    pool_reset(service->pool);
    return result;
}

int evidence_service_open(enum evidence_kind kind, const struct evidence_settings *settings,
                          struct evidence_source *source, struct err *err)
{
    struct service *service = calloc(1, sizeof(*service));

    if (!service)
        err_fatal("out of memory");
    service->kind = kind;
    service->settings = (struct fetch_settings){.name = evidence_kind_name(kind),
                                                .url = settings->url[kind],
                                                .content_type = "application/json",
                                                .accept = "application/json",
                                                .token_file = settings->token_file,
                                                .authority_file = settings->authority_file,
                                                .answer_max = ANSWER_MAX,
                                                .timeout_ms = settings->timeout_ms,
                                                .attempts = settings->attempts,
                                                .breaker_failures = settings->breaker_failures,
                                                .breaker_ms = settings->breaker_ms};
    service->pool = pool_new(POOL_KEEP, 0);
    if (fetch_open(&service->settings, &service->fetch, err) < 0) {
        release(service);
        return -1;
    }
    *source = (struct evidence_source){
        .name = evidence_kind_name(kind), .fetch = fetch, .release = release, .self = service};
    return 0;
}

/* Here, so that who never asks needs no HTTP library. */
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
