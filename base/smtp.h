/*
 * A mail relay that takes messages from us (RFC 5321), by libcurl.
 *
 * One message to one mailbox at a time, over a connection that is kept for the next. TLS 1.2 or
 * newer with certificate and name verified, by smtps:// or by STARTTLS, which is then required; only
 * a relay on this host may do without. A breaker (base/breaker.h) leaves a relay alone that failed
 * time after time; what a relay says of one message is no failure of the relay. Each process opens
 * its own after fork.
 */
#ifndef ECERT_BASE_SMTP_H
#define ECERT_BASE_SMTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct err;
struct smtp;

/* Borrowed for the relay's life; no string is NULL. */
struct smtp_settings {
    const char *url;            /* smtp:// or smtps://, host, port (base/url.h) */
    bool tls;                   /* required; false: not even tried, on this host only */
    const char *user;           /* "": nobody logs in */
    const char *password_file;  /* its password */
    const char *authority_file; /* PEM of the CAs that are believed; "": the system's */
    int64_t timeout_ms;         /* for one message */
    int64_t breaker_failures, breaker_ms;
};

/* The password is read here; no connection is made yet. Where it is first called a process must have
 * one thread. 0/-1 (ERR_CONFIG, ERR_SYSTEM). */
int smtp_open(const struct smtp_settings *settings, struct smtp **smtp, struct err *err);
/* Takes leave of the relay, which has a message's time (to the next second) to answer. */
void smtp_free(struct smtp **smtp);

enum smtp_outcome {
    SMTP_TAKEN,   /* the relay answers for it now */
    SMTP_REFUSED, /* for good: 5yz */
    SMTP_LATER,   /* not now, or nobody knows: the connection was lost before the answer */
    SMTP_LEFT     /* it was not tried: the relay is left alone for a while */
};

/* Sends one message (RFC 5322, CR LF) from one address to another. With any outcome but SMTP_TAKEN
 * *err (ERR_UNAVAILABLE) says why, in codes, without addresses. */
enum smtp_outcome smtp_send(struct smtp *smtp, const char *from, const char *to,
                            struct bytes message, struct err *err);

/* Does the relay answer, as who it should be, and let us in? 0/-1 (ERR_UNAVAILABLE). */
int smtp_try(struct smtp *smtp, struct err *err);

#endif
