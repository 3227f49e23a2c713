#include "modules/staff/proof.h"

#include <inttypes.h>
#include <string.h>

#include "core/audit/audit.h"
#include "core/document/qr_image.h"
#include "core/staff/staff.h"
#include "core/staff/staff_login.h"
#include "modules/common.h"

enum { ID_TEXT = 24, MINUTE_S = 60, GROUP = 4 };

int proof_note(struct request *request, const char *action, uint64_t staff_id, bool own,
               const char *detail, struct err *err)
{
    struct audit_event event = {
        .actor = {own ? ACTOR_STAFF : ACTOR_NOBODY, own ? staff_id : 0, request->number},
        .action = action,
        .object_kind = "staff",
        .object_id = staff_id,
        .detail = detail,
    };

    return audit_add(request->db, request->pool, core_of(request), &event, 1, err);
}

const char *proof_password_words(enum password_verdict verdict)
{
    static const char *const words[] = {
        [PASSWORD_OK] = "",
        [PASSWORD_SHORT] = "错误：新密码至少12个字符",
        [PASSWORD_LONG] = "错误：新密码不能超过128个字符",
        [PASSWORD_SIMPLE] = "错误：新密码过于简单，请不要使用重复或连续的字符",
        [PASSWORD_OWN] = "错误：新密码不能包含登录名",
        [PASSWORD_COMMON] = "错误：新密码在常见密码或已泄露密码的名单中，请换一个",
    };

    return words[verdict];
}

const char *proof_factor_label(const char *kind)
{
    if (strcmp(kind, "key") == 0)
        return "安全密钥";
    return strcmp(kind, "certificate") == 0 ? "数字证书" : "验证器应用";
}

const char *proof_wait_words(struct request *request, int64_t wait_ms)
{
    int64_t seconds = (wait_ms + 999) / 1000;

    if (seconds < 2 * MINUTE_S)
        return pool_printf(request->pool, "错误：尝试次数过多，请在%" PRId64 "秒后再试", seconds);
    return pool_printf(request->pool, "错误：尝试次数过多，请在%" PRId64 "分钟后再试",
                       (seconds + MINUTE_S - 1) / MINUTE_S);
}

const char *proof_code(struct request *request, const char *typed)
{
    char *code = pool_text(request->pool, typed), *to = code;

    for (const char *at = typed; *at; at++)
        if (*at != ' ')
            *to++ = *at;
    *to = '\0';
    return code;
}

void proof_page_secret(struct request *request, const uint8_t secret[TOTP_SECRET])
{
    char text[TOTP_TEXT];
    struct text grouped;

    totp_secret_text(secret, text);
    text_init(&grouped, request->pool, 2 * TOTP_TEXT);
    for (size_t i = 0; text[i]; i++) {
        if (i && i % GROUP == 0)
            text_char(&grouped, ' ');
        text_char(&grouped, text[i]);
    }
    page_text(request->hdf, "Totp.Secret", grouped.data);
    explicit_bzero(text, sizeof(text));
}

enum outcome proof_respond_qr(struct request *request, uint64_t staff_id,
                              const uint8_t secret[TOTP_SECRET], struct err *err)
{
    struct staff staff;
    struct bytes svg;
    int found = staff_find(request->db, request->pool, staff_id, &staff, err);

    if (found <= 0)
        return found < 0 ? outcome_of(err) : OUT_NOT_FOUND;
    if (qr_image(request->pool, totp_uri(request->pool, "ecert", staff.login, secret), &svg, err) < 0)
        return outcome_of(err);
    return respond_bytes(request, "image/svg+xml", svg, NULL, NULL);
}

int proof_try_factor(struct request *request, const struct principal *who, struct proof_try *tried,
                     struct err *err)
{
    const struct core *core = core_of(request);
    char id[ID_TEXT];

    text_format(id, sizeof(id), "%" PRIu64, who->id);
    *tried = (struct proof_try){.who = *who,
                                .keys = {delay_key(core, DELAY_FACTOR, id),
                                         delay_key(core, DELAY_ADDRESS, request->remote)}};
    return delay_take(request->db, request->pool, &core->staff->delay, tried->keys, 2,
                      request->now_ms, &tried->wait_ms, err);
}

int proof_login(struct request *request, enum half half, const struct proof_try *tried,
                const char *factor, const char *next, const char **location, struct err *err)
{
    char browser[TICKET_SIZE];
    struct staff staff;
    int good = half_close(request, half, err);

    if (good == 1)
        good = staff_find(request->db, request->pool, tried->who.id, &staff, err);
    if (good < 0)
        return -1;
    *location = pool_printf(request->pool, "/staff/login/%s", login_query(request, next));
    if (good == 0 || staff.disabled)
        return 0;
    const char *path = login_next(next);
    *location = path ? path : "/staff/";
    struct principal who = {WHO_STAFF, staff.id, staff.name, staff_role_bit(staff.role)};
    browser_remember(request, browser);
    if (delay_clear(request->db, tried->keys, 2, err) < 0 ||
        staff_logged_in(request->db, staff.id, browser, request->now_ms,
                        request->now_ms + BROWSER_DAYS * DAY_MS, err) < 0 ||
        session_open(request, &who, err) < 0)
        return -1;
    return proof_note(request, "staff.login.accepted", staff.id, true,
                      pool_printf(request->pool, "{\"factor\":\"%s\"}", factor), err);
}
