/*
 * One HTTP service that is asked: a question is sent, an answer of 200 comes back, bounded in time
 * and size.
 *
 * A question changes nothing there, so it may be repeated: after a network error, 429 or 5xx,
 * with a random pause that grows, as long as there are attempts and time. All attempts share one
 * time-out; connecting may take half of what is left. A breaker (base/breaker.h) leaves a service
 * alone that failed time after time; a trial has one attempt.
 *
 * TLS 1.2 or newer, certificate and name verified; no proxy of the environment, no redirect
 * followed. The connection is kept for the next question. Each process opens its own after fork.
 */
#ifndef ECERT_BASE_FETCH_H
#define ECERT_BASE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct err;
struct fetch;
struct pool;

/* Borrowed for the service's life; no string but `accept` is NULL. */
struct fetch_settings {
    const char *name;           /* in the log */
    const char *url;            /* base/url.h */
    bool plain;                 /* http to any host: where an answer vouches for itself, by a signature */
    const char *content_type;   /* of the question */
    const char *accept;         /* what the answer's type must be; NULL: anything */
    const char *token_file;     /* of a bearer token (RFC 6750); "": none is sent */
    const char *authority_file; /* PEM of the CAs that are believed; "": the system's */
    size_t answer_max;          /* bytes */
    int64_t timeout_ms;         /* for one question, all attempts and pauses together */
    int64_t attempts;           /* at least 1 */
    int64_t breaker_failures, breaker_ms;
};

/* The token is read here; no connection is made yet. Where it is first called a process must have
 * one thread. 0/-1 (ERR_CONFIG, ERR_SYSTEM: URL, token or authorities). */
int fetch_open(const struct fetch_settings *settings, struct fetch **fetch, struct err *err);
void fetch_free(struct fetch **fetch);

/* POSTs the question, or GETs where its data is NULL. The answer lives in the pool. 0; -1: ERR_UNAVAILABLE,
 * and the text says why, quoting nothing of question and answer. After a 0 the caller reads the answer
 * and tells fetch_note how it was. */
int fetch_ask(struct fetch *fetch, struct pool *pool, struct bytes question, struct bytes *answer,
              struct err *err);
/* Was the answer of the right shape? The breaker counts. */
void fetch_note(struct fetch *fetch, bool good);

/* What came back of something that was sent. */
struct fetch_reply {
    int status;
    int64_t retry_after_s; /* that it asks for (RFC 9110, 10.2.3), in seconds; 0: nothing */
};
/* POSTs what may change something there: once, with further header fields ("Name: value"), whatever
 * the status. Its answer's body is dropped. 0: it was answered; -1 (ERR_UNAVAILABLE): nobody knows
 * whether it arrived, or (code 0) it was not sent because the breaker is open. The breaker counts no
 * answer, 429 and 5xx as failures. */
int fetch_send(struct fetch *fetch, struct bytes question, const char *const *headers, size_t count,
               struct fetch_reply *reply, struct err *err);

#endif
