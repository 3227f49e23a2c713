/*
 * One-time passwords by the clock (TOTP, RFC 6238, over RFC 4226): HMAC-SHA-1, six digits, steps of
 * 30 seconds, as every authenticator app takes them. A secret has 160 bits.
 */
#ifndef ECERT_CORE_STAFF_TOTP_H
#define ECERT_CORE_STAFF_TOTP_H

#include <stdint.h>

struct err;
struct pool;

enum { TOTP_SECRET = 20, TOTP_DIGITS = 6, TOTP_STEP_SECONDS = 30, TOTP_TEXT = 33 /* base32, with NUL */ };

void totp_secret_make(uint8_t secret[TOTP_SECRET]);
/* RFC 4648 base32 without padding, as it is typed into an app. */
void totp_secret_text(const uint8_t secret[TOTP_SECRET], char text[TOTP_TEXT]);
/* What a QR code of it says: otpauth://totp/… (the format of the apps). */
const char *totp_uri(struct pool *pool, const char *issuer, const char *login,
                     const uint8_t secret[TOTP_SECRET]);

/* Is `code` of the step that `now_ms` lies in, or of the one before or behind (clocks differ), and of
 * none up to `last_step`, which was used already? 1 and *step; 0; -1 (ERR_CRYPTO). */
int totp_check(const uint8_t secret[TOTP_SECRET], const char *code, int64_t now_ms,
               uint64_t last_step, uint64_t *step, struct err *err);

#endif
