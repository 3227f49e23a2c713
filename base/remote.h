/*
 * A server elsewhere that is talked to by libcurl: what base/fetch.h and base/smtp.h are alike in.
 *
 * TLS 1.2 or newer, certificate and name verified; no proxy of the environment. A breaker
 * (base/breaker.h) leaves it alone when it failed time after time.
 */
#ifndef ECERT_BASE_REMOTE_H
#define ECERT_BASE_REMOTE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/breaker.h"

struct err;
struct pool;

/* An option that this libcurl must know, or the process ends. */
#define REMOTE_SET(easy, option, value)                                                            \
    do {                                                                                           \
        if (curl_easy_setopt((easy), (option), (value)) != CURLE_OK)                               \
            err_fatal("curl does not know " #option);                                              \
    } while (0)

/* Before anything else, once for each server; curl_global_cleanup ends it. Where it is first called a
 * process must have one thread. */
void remote_begin(void);
/* Can the file with the CAs that are believed (PEM; "": the system's) be read? 0/-1. */
int remote_authorities(struct pool *pool, const char *authority_file, struct err *err);
/* A handle for this URL, which was found valid (base/url.h), and no other protocol than its own. */
CURL *remote_easy(const char *url, const char *authority_file);

/* Of a clock that never goes back. */
int64_t remote_now_ms(void);
/* Tells the breaker how it came out, and the log where it opens or closes. `before`: its state when
 * the server was asked. */
void remote_note(struct breaker *breaker, const char *service, enum breaker_state before, bool good);

#endif
