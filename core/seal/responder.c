#include "core/seal/responder.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/fetch.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/url.h"
#include "core/seal/openssl.h"

enum {
    RESPONDERS = 8,
    SAYINGS = 1024,
    URL_SIZE = 512,
    ATTEMPTS = 2,
    KEEP_MOST_MS = 60 * 60 * 1000, /* of what is good: an authority may promise too much */
    KEEP_FAILURE_MS = 60 * 1000
};

struct responder {
    char url[URL_SIZE];
    struct fetch_settings settings; /* borrowed by the fetch */
    struct fetch *fetch;            /* NULL: the place is free */
};

struct saying {
    uint8_t certificate[32]; /* SHA-256 of the DER */
    int64_t since_ms, until_ms;
    enum ocsp_verdict verdict; /* OCSP_UNASKED: the place is free */
};

struct responders {
    struct responder_settings settings;
    struct responder places[RESPONDERS];
    size_t next; /* the place that is given away when all are taken */
    struct saying sayings[SAYINGS];
};

struct responders *responders_new(const struct responder_settings *settings)
{
    struct responders *made = calloc(1, sizeof(*made));

    if (!made)
        err_fatal("out of memory");
    made->settings = *settings;
    return made;
}

void responders_free(struct responders **responders)
{
    if (!responders || !*responders)
        return;
    for (size_t i = 0; i < RESPONDERS; i++)
        fetch_free(&(*responders)->places[i].fetch);
    free(*responders);
    *responders = NULL;
}

/* What was said. Two certificates that meet in one place only cost another question. */

static bool fingerprint(const X509 *certificate, uint8_t out[32])
{
    unsigned size = 0;

    return X509_digest(certificate, EVP_sha256(), out, &size) && size == 32;
}

static struct saying *place_of(const struct responders *responders, const uint8_t certificate[32])
{
    uint32_t number;

    memcpy(&number, certificate, sizeof(number));
    return (struct saying *)&responders->sayings[number % SAYINGS];
}

enum ocsp_verdict responders_said(const struct responders *responders, const X509 *certificate,
                                  int64_t now_ms)
{
    uint8_t hash[32];
    const struct saying *saying;

    if (!fingerprint(certificate, hash))
        return OCSP_UNASKED;
    saying = place_of(responders, hash);
    if (memcmp(saying->certificate, hash, sizeof(hash)) != 0 || now_ms > saying->until_ms ||
        now_ms < saying->since_ms)
        return OCSP_UNASKED;
    return saying->verdict;
}

static void remember(struct responders *responders, const X509 *certificate, int64_t now_ms,
                     enum ocsp_verdict verdict, int64_t until_ms)
{
    struct saying saying = {.since_ms = now_ms, .verdict = verdict};

    if (!fingerprint(certificate, saying.certificate))
        return;
    saying.until_ms = now_ms + KEEP_FAILURE_MS;
    if (verdict == OCSP_GOOD || verdict == OCSP_REVOKED)
        saying.until_ms = until_ms < now_ms + KEEP_MOST_MS ? until_ms : now_ms + KEEP_MOST_MS;
    /* By the responder's clock it may be over; for whoever asked it counts. */
    if (saying.until_ms < now_ms)
        saying.until_ms = now_ms;
    *place_of(responders, saying.certificate) = saying;
}

/* Whom to ask */

/* The first address that can be asked. */
static bool address_of(X509 *certificate, char url[URL_SIZE])
{
    STACK_OF(OPENSSL_STRING) *urls = X509_get1_ocsp(certificate);
    bool found = false;

    for (int i = 0; !found && i < sk_OPENSSL_STRING_num(urls); i++) {
        const char *one = sk_OPENSSL_STRING_value(urls, i);

        found = url_valid(one, true) && text_copy(url, URL_SIZE, one);
    }
    X509_email_free(urls);
    openssl_forget();
    return found;
}

bool responder_named(X509 *certificate)
{
    char url[URL_SIZE];

    return address_of(certificate, url);
}

static int responder_open(const struct responders *responders, struct responder *place,
                          const char *url, struct err *err)
{
    fetch_free(&place->fetch);
    text_copy(place->url, sizeof(place->url), url);
    place->settings = (struct fetch_settings){
        .name = "ocsp",
        .url = place->url,
        .plain = true,
        .content_type = "application/ocsp-request",
        .accept = "application/ocsp-response",
        .token_file = "",
        .authority_file = "",
        .answer_max = OCSP_ANSWER_LIMIT,
        .timeout_ms = responders->settings.timeout_ms,
        .attempts = ATTEMPTS,
        .breaker_failures = responders->settings.breaker_failures,
        .breaker_ms = responders->settings.breaker_ms,
    };
    return fetch_open(&place->settings, &place->fetch, err);
}

/* NULL, and *err, where it can't be opened. */
static struct fetch *responder_of(struct responders *responders, const char *url, struct err *err)
{
    struct responder *place;

    for (size_t i = 0; i < RESPONDERS; i++)
        if (responders->places[i].fetch && strcmp(responders->places[i].url, url) == 0)
            return responders->places[i].fetch;
    place = &responders->places[responders->next];
    responders->next = (responders->next + 1) % RESPONDERS;
    return responder_open(responders, place, url, err) < 0 ? NULL : place->fetch;
}

/* Asking */

/* The breaker counts answers that prove nothing as well: such a responder is of no use. */
static enum ocsp_verdict exchange(struct fetch *fetch, struct pool *pool,
                                  const struct ocsp_question *question, X509_STORE *store,
                                  int64_t now_ms, int64_t *until_ms, struct err *err)
{
    enum ocsp_verdict verdict;
    struct bytes answer;

    if (fetch_ask(fetch, pool, question->der, &answer, err) < 0)
        return OCSP_UNREACHABLE;
    verdict = ocsp_judge(question, store, answer, now_ms, until_ms);
    fetch_note(fetch,
               verdict == OCSP_GOOD || verdict == OCSP_REVOKED || verdict == OCSP_UNKNOWN);
    return verdict;
}

static enum ocsp_verdict ask(struct responders *responders, struct pool *pool, X509 *certificate,
                             X509 *issuer, X509_STORE *store, const char *url, int64_t now_ms,
                             int64_t *until_ms, struct err *err)
{
    struct fetch *fetch = responder_of(responders, url, err);
    enum ocsp_verdict verdict = OCSP_UNREACHABLE;
    struct ocsp_question question;

    if (!fetch || ocsp_question_open(&question, pool, certificate, issuer, err) < 0)
        return verdict;
    verdict = exchange(fetch, pool, &question, store, now_ms, until_ms, err);
    ocsp_question_close(&question);
    return verdict;
}

static void tell(enum ocsp_verdict verdict, const char *url, const struct err *err)
{
    if (verdict != OCSP_GOOD && verdict != OCSP_REVOKED)
        log_event(LOG_WARN, "ocsp", log_text("responder", url),
                  log_text("verdict", ocsp_verdict_name(verdict)),
                  log_text("cause", err->kind == ERR_NONE ? "" : err->text));
}

enum ocsp_verdict responders_ask(struct responders *responders, struct pool *pool,
                                 X509 *certificate, X509 *issuer, X509_STORE *store,
                                 int64_t now_ms)
{
    enum ocsp_verdict verdict = responders_said(responders, certificate, now_ms);
    struct err err = {0};
    int64_t until_ms = 0;
    char url[URL_SIZE];

    if (verdict == OCSP_GOOD || verdict == OCSP_REVOKED)
        return verdict;
    if (!address_of(certificate, url))
        return OCSP_UNASKED;
    verdict = ask(responders, pool, certificate, issuer, store, url, now_ms, &until_ms, &err);
    tell(verdict, url, &err);
    remember(responders, certificate, now_ms, verdict, until_ms);
    return verdict;
}
