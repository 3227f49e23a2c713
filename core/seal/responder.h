/*
 * Whom we ask whether a certificate is revoked: the OCSP responders that certificates name in their
 * authorityInfoAccess (RFC 5280, 4.2.2.1), and what they said, kept until it runs out.
 *
 * It belongs to one process and one thread; memory is bounded. A responder that does not answer is
 * left alone for a while (base/fetch.h). Only certificates that hold otherwise may be asked about:
 * their authority vouches for the address.
 */
#ifndef ECERT_CORE_SEAL_RESPONDER_H
#define ECERT_CORE_SEAL_RESPONDER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/seal/ocsp.h"

struct pool;
struct responders;

struct responder_settings {
    int64_t timeout_ms; /* for one question, with its second attempt */
    int64_t breaker_failures, breaker_ms;
};

struct responders *responders_new(const struct responder_settings *settings);
void responders_free(struct responders **responders);

/* Does the certificate name a responder that can be asked? */
bool responder_named(X509 *certificate);

/* What was last said of the certificate; OCSP_UNASKED where that has run out by now_ms, or nothing
 * was. What was no answer is remembered for a minute, for who asks why. */
enum ocsp_verdict responders_said(const struct responders *responders, const X509 *certificate,
                                  int64_t now_ms);

/* Asks, unless it is known to be good or revoked, and remembers. Never inside a transaction: it may
 * take all of the time-out. What goes wrong is logged as "ocsp". */
enum ocsp_verdict responders_ask(struct responders *responders, struct pool *pool,
                                 X509 *certificate, X509 *issuer, X509_STORE *store,
                                 int64_t now_ms);

#endif
