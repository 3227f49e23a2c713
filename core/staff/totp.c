#include "core/staff/totp.h"

#include <string.h>

#include <liboath/oath.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/text.h"

enum { WINDOW = 1, BITS = 5, CODE_ROOM = TOTP_DIGITS + 1 };

void totp_secret_make(uint8_t secret[TOTP_SECRET])
{
    random_bytes(secret, TOTP_SECRET);
}

void totp_secret_text(const uint8_t secret[TOTP_SECRET], char text[TOTP_TEXT])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t bits = 0;
    int have = 0;

    for (size_t i = 0; i < TOTP_SECRET; i++) {
        bits = bits << 8 | secret[i];
        for (have += 8; have >= BITS; have -= BITS)
            *text++ = alphabet[bits >> (have - BITS) & 31];
    }
    *text = '\0';
}

const char *totp_uri(struct pool *pool, const char *issuer, const char *login,
                     const uint8_t secret[TOTP_SECRET])
{
    char text[TOTP_TEXT];

    totp_secret_text(secret, text);
    const char *uri =
        pool_printf(pool, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d",
                    issuer, login, text, issuer, TOTP_DIGITS, TOTP_STEP_SECONDS);
    explicit_bzero(text, sizeof(text));
    return uri;
}

int totp_check(const uint8_t secret[TOTP_SECRET], const char *code, int64_t now_ms,
               uint64_t last_step, uint64_t *step, struct err *err)
{
    uint64_t now = (uint64_t)(now_ms / 1000 / TOTP_STEP_SECONDS);
    char wanted[CODE_ROOM];
    int found = 0;

    if (strlen(code) != TOTP_DIGITS)
        return 0;
    for (uint64_t at = now - WINDOW; at <= now + WINDOW; at++) {
        int result = oath_hotp_generate((const char *)secret, TOTP_SECRET, at, TOTP_DIGITS, false,
                                        OATH_HOTP_DYNAMIC_TRUNCATION, wanted);
        if (result != OATH_OK)
            return err_set(err, ERR_CRYPTO, result, "one-time password: %s", oath_strerror(result));
        if (bytes_equal_secret(code, wanted, TOTP_DIGITS) && at > last_step) {
            *step = at;
            found = 1;
        }
    }
    explicit_bzero(wanted, sizeof(wanted));
    return found;
}
