/*
 * Whom a signature's timestamp (timestamp.h) is asked of: the configured authorities, in order, one
 * after the other until one gives a token that is worth something.
 *
 * Each has a connection, a time-out and a breaker of its own (base/fetch.h). An answer that is
 * not to be believed, such as one whose signer's certificate is revoked, counts as a failure. What is
 * asked over is the SHA-256 of the signature's value alone: an authority learns nothing of the document.
 */
#ifndef ECERT_CORE_SEAL_STAMPER_H
#define ECERT_CORE_SEAL_STAMPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/text.h"
#include "core/seal/timestamp.h"

struct err;
struct pool;
struct stamper;

enum {
    STAMPER_AUTHORITIES = 8,
    STAMPER_BYTES_MAX = 10 * 1024, /* of a token, with its certificates */
    STAMPER_ATTRIBUTE = 64         /* around one: OID, SETs, and longer lengths */
};

struct stamper_settings {
    const struct config_entry *urls; /* Seal.TimestampUrl: "<n>" is a URL; NULL: nobody is asked */
    const char *authorities;         /* PEM file of CA certificates */
    const char *revocations;         /* PEM file of lists about them, read anew when it changes; "": none */
    const char *policy;              /* dotted OID; "": any */
    bool required;                   /* no document without; for who stamps */
    int64_t bytes;                   /* the most a token may have, up to STAMPER_BYTES_MAX */
    int64_t timeout_ms;              /* of one authority for one token */
    int64_t attempts;
    int64_t breaker_failures, breaker_ms;
    int64_t tolerance_ms;            /* by which its clock may differ from ours; at least a second */
};

/* The URLs in order of their numbers, borrowed. 0/-1 (ERR_CONFIG: no number, too many, no URL). */
int stamper_urls(const struct config_entry *entries, const char *urls[STAMPER_AUTHORITIES],
                 size_t *count, struct err *err);

/* Makes no connection yet; each process opens its own after fork. *stamper is NULL where there is
 * no URL. The settings are borrowed. 0/-1 (ERR_CONFIG, ERR_SYSTEM). */
int stamper_open(const struct stamper_settings *settings, struct stamper **stamper,
                 struct err *err);
void stamper_free(struct stamper **stamper);

/* Bytes that a signature grows by at most (seal_request.spare). 0 for NULL. */
size_t stamper_room(const struct stamper *stamper);
size_t stamper_authorities(const struct stamper *stamper);

/* A token over this imprint from the authority of this place (0 …), judged and of the size allowed.
 * 0/-1 (ERR_UNAVAILABLE, and why; ERR_CRYPTO). */
int stamper_ask(struct stamper *stamper, struct pool *pool, size_t place,
                const uint8_t imprint[TIMESTAMP_IMPRINT_SIZE], struct bytes *token,
                struct timestamp *timestamp, struct err *err);
/* The CMS with a timestamp, in the pool, and what it says. 0/-1 (ERR_UNAVAILABLE: nobody gave one,
 * and why each did not; ERR_CRYPTO). */
int stamper_stamp(struct stamper *stamper, struct pool *pool, struct bytes cms,
                  struct bytes *stamped, struct timestamp *timestamp, struct err *err);

#endif
