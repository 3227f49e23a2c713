/*
 * The firm's key 法人一证通, as far as pages and scripts are concerned: what a firm is told whose
 * certificate or signature is not accepted, and the JSON that the drivers of keys read.
 */
#ifndef ECERT_MODULES_KEY_H
#define ECERT_MODULES_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/seal/outside.h"
#include "core/seal/trust.h"
#include "fcgi/request.h"

/* Where the agent on the clerk's computer is looked for (route.h, `connect`), as in key-agent.js. */
#define KEY_AGENT                                                                                  \
    "http://127.0.0.1:17432 http://127.0.0.1:17433 http://127.0.0.1:17434 http://127.0.0.1:17435"

/* What is wrong, what that means, and what to do. */
struct key_refusal {
    const char *cause; /* the word of trust.h, raw.h, detached.h and core/item/cancel.h, for the audit */
    const char *title;
    const char *text;
    const char *advice;
};
/* Never NULL: causes without words of their own share some. */
const struct key_refusal *key_refusal_find(const char *cause);

/* {"error":{"cause","title","text","advice"}} with this status: what was written is kept. Yields
 * OUT_SENT. */
enum outcome key_refuse(struct request *request, int status, const char *cause);
/* {"location":"…"}: where the page goes next. Yields OUT_SENT. */
enum outcome key_location(struct request *request, const char *path);

/* Base64 (RFC 4648, 4) of at least one byte; false for anything else. The bytes live in the pool. */
bool key_bytes(struct pool *pool, const char *text, struct bytes *out);

/* Which fields of a request name a key. */
struct key_fields {
    size_t certificate; /* base64 of the DER */
    size_t chain;       /* several such, between commas; may be absent */
    size_t algorithm;
};
/* The fields as tables have them. */
enum { KEY_CERTIFICATE_MAX = 8 * 1024, KEY_CHAIN_MAX = 32 * 1024, KEY_SIGNATURE_MAX = 3 * 1024 };
#define KEY_CERTIFICATE_FIELD                                                                      \
    {                                                                                              \
        .name = "certificate", .kind = FIELD_TEXT, .low = 1, .high = KEY_CERTIFICATE_MAX,          \
        .flags = FIELD_REQUIRED, .label = "数字证书"                                               \
    }
#define KEY_CHAIN_FIELD                                                                            \
    {                                                                                              \
        .name = "chain", .kind = FIELD_TEXT, .low = 0, .high = KEY_CHAIN_MAX, .label = "证书链"    \
    }
#define KEY_ALGORITHM_FIELD                                                                        \
    {                                                                                              \
        .name = "algorithm", .kind = FIELD_CODE, .low = 1, .high = 8, .flags = FIELD_REQUIRED,     \
        .label = "签名算法"                                                                        \
    }
#define KEY_SIGNATURE_FIELD                                                                        \
    {                                                                                              \
        .name = "signature", .kind = FIELD_TEXT, .low = 1, .high = KEY_SIGNATURE_MAX,              \
        .flags = FIELD_REQUIRED, .label = "签名"                                                   \
    }
/* Decodes them; false where something is no base64, or there are too many. */
bool key_signer(struct request *request, const struct key_fields *fields,
                struct outside_signer *signer);

/* As trust.h takes them: the certificate, then those above it. `chain` has room for all. Yields their
 * number. */
enum { KEY_CHAIN = 1 + OUTSIDE_CHAIN };
size_t key_chain(const struct outside_signer *signer, struct bytes chain[KEY_CHAIN]);

/* For route.before: asks the responder that the certificate names (trust_ask_chain). OUT_PAGE, or the
 * outcome of a fault of ours. */
enum outcome key_ask(struct request *request, const struct outside_signer *signer,
                     enum trust_purpose purpose, struct err *err);

#endif
