/*
 * What the login of staff and the page of an account share: words, notes in the audit, tries of a second
 * factor, and how a login ends.
 */
#ifndef ECERT_MODULES_STAFF_PROOF_H
#define ECERT_MODULES_STAFF_PROOF_H

#include <stdint.h>

#include "core/staff/login_delay.h"
#include "core/staff/password.h"
#include "core/staff/totp.h"
#include "fcgi/request.h"
#include "fcgi/session.h"

/* Fields as tables have them. */
#define PROOF_CODE_FIELD                                                                           \
    {                                                                                              \
        .name = "code", .kind = FIELD_TEXT, .low = 6, .high = 8, .flags = FIELD_REQUIRED,          \
        .label = "动态验证码"                                                                      \
    }
#define PROOF_PASSWORD_FIELD(field, words)                                                         \
    {                                                                                              \
        .name = (field), .kind = FIELD_TEXT, .low = 1, .high = PASSWORD_MAX,                       \
        .flags = FIELD_REQUIRED | FIELD_SECRET, .label = (words)                                   \
    }

/* An event of this account (0: of nobody's) in the audit, which the account's owner caused where `own`.
 * Comes last in a transaction. 0/-1. */
int proof_note(struct request *request, const char *action, uint64_t staff_id, bool own,
               const char *detail, struct err *err);

/* What is wrong with a password that somebody chose. */
const char *proof_password_words(enum password_verdict verdict);
/* What a kind of second factor is called. */
const char *proof_factor_label(const char *kind);
/* How long to wait, in words. */
const char *proof_wait_words(struct request *request, int64_t wait_ms);

/* "123 456" and "123456" are one code. */
const char *proof_code(struct request *request, const char *typed);

/* Shows the secret of an app that is being set up: Totp.Secret, in groups of four. */
void proof_page_secret(struct request *request, const uint8_t secret[TOTP_SECRET]);
/* Answers with its QR code, for this account. */
enum outcome proof_respond_qr(struct request *request, uint64_t staff_id,
                              const uint8_t secret[TOTP_SECRET], struct err *err);

/* A try of an account's second factor, counted outside the transaction. */
struct proof_try {
    struct principal who;
    int64_t wait_ms; /* not 0: nothing may be tried for so long */
    bool good;       /* for the caller's use */
    struct delay_key keys[2];
};
/* 0/-1. */
int proof_try_factor(struct request *request, const struct principal *who, struct proof_try *tried,
                     struct err *err);

/* Both proofs were shown: uses the half login up and opens the session, in the account's present role.
 * `factor` is for the audit. *location is where the login leads: to its beginning, where the half login
 * or the account is no more what it was. 0/-1. */
int proof_login(struct request *request, enum half half, const struct proof_try *tried,
                const char *factor, const char *next, const char **location, struct err *err);

#endif
