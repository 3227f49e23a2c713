/*
 * Security keys of staff (core/staff/webauthn.h), as far as pages and their script templates/static/webauthn.js
 * are concerned.
 *
 * A ceremony has two steps. The first answers {"challenge": base64url, …}, which the script hands to
 * the browser; the second gets what the browser gave, and answers {"location": path}, or
 * {"error": words} with 422.
 */
#ifndef ECERT_MODULES_STAFF_PASSKEY_H
#define ECERT_MODULES_STAFF_PASSKEY_H

#include "core/staff/webauthn.h"
#include "fcgi/request.h"
#include "fcgi/session.h"

/* Bytes as base64url in a field. */
#define PASSKEY_BYTES_FIELD(field, most, words)                                                        \
    {                                                                                              \
        .name = (field), .kind = FIELD_TOKEN, .low = 1, .high = ((most)*4 + 2) / 3,                \
        .flags = FIELD_REQUIRED, .label = (words)                                                  \
    }
#define PASSKEY_NONCE_FIELD                                                                            \
    {                                                                                              \
        .name = "challenge", .kind = FIELD_TOKEN, .low = TICKET_SIZE - 1, .high = TICKET_SIZE - 1, \
        .flags = FIELD_REQUIRED, .label = "登录请求"                                               \
    }

/* The first step, of an account's registration and of a login. */
enum outcome passkey_registration(struct request *request, uint64_t staff_id, struct err *err);
enum outcome passkey_assertion(struct request *request, uint64_t staff_id, struct err *err);

/* Which fields of the second step hold what. */
struct passkey_registered {
    size_t challenge, client, attestation;
};
struct passkey_asserted {
    size_t challenge, id, client, data, signature;
};

/* The second step of a registration: uses the challenge up, and adds the key. 1; 0: it is refused, and
 * *words say why (*cause for the audit); -1. */
int passkey_register(struct request *request, const struct passkey_registered *fields,
                     uint64_t staff_id, const char *label, const char **cause, const char **words,
                     struct err *err);
/* The second step of a login: uses the challenge up, and the key's counter. The same. */
int passkey_verify(struct request *request, const struct passkey_asserted *fields,
                   uint64_t staff_id, const char **cause, const char **words, struct err *err);

/* The answer of a step that is refused; what was written is kept. One that is not: key_location
 * (modules/key.h). */
enum outcome passkey_refused(struct request *request, const char *words);

#endif
