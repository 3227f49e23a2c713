#include "base/smtp.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/remote.h"
#include "base/url.h"

enum {
    POOL_KEEP = 16 * 1024,
    KEEP_S = 20, /* a connection that was idle for longer may be half closed */
    PATH_SIZE = 260,
    CODE_SIZE = 24
};

struct smtp {
    const struct smtp_settings *settings;
    struct pool *pool; /* of the password */
    const char *password;
    CURL *easy; /* NULL until the first message */
    struct breaker breaker;
    char trouble[CURL_ERROR_SIZE];
    char code[CODE_SIZE]; /* of the relay's last answer: "550 5.1.1" */
    struct bytes message;
    size_t sent;
};

/* Opening */

void smtp_free(struct smtp **smtp)
{
    struct smtp *old = *smtp;

    if (!old)
        return;
    curl_easy_cleanup(old->easy);
    if (old->password)
        OPENSSL_cleanse((void *)(uintptr_t)old->password, strlen(old->password));
    pool_free(&old->pool);
    free(old);
    curl_global_cleanup();
    *smtp = NULL;
}

static int check(struct smtp *smtp, struct err *err)
{
    const struct smtp_settings *settings = smtp->settings;
    bool here;

    if (!url_smtp_valid(settings->url, &here))
        return err_set(err, ERR_CONFIG, 0, "no address of a mail relay");
    if (!settings->tls && !here)
        return err_set(err, ERR_CONFIG, 0, "a mail relay on another host needs TLS");
    if (remote_authorities(smtp->pool, settings->authority_file, err) < 0)
        return -1;
    if (*settings->user && !*settings->password_file)
        return err_set(err, ERR_CONFIG, 0, "the mail relay's user has no password");
    return config_secret(smtp->pool, settings->password_file, &smtp->password, err);
}

int smtp_open(const struct smtp_settings *settings, struct smtp **smtp, struct err *err)
{
    struct smtp *made = calloc(1, sizeof(*made));

    *smtp = NULL;
    if (!made)
        err_fatal("out of memory");
    remote_begin();
    made->settings = settings;
    made->pool = pool_new(POOL_KEEP, 0);
    made->breaker =
        (struct breaker){.most = settings->breaker_failures, .open_ms = settings->breaker_ms};
    if (check(made, err) < 0) {
        smtp_free(&made);
        return -1;
    }
    *smtp = made;
    return 0;
}

/* One message */

static bool is_code(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == ' ';
}

/* Each line the relay says: its code, and the enhanced one (RFC 3463), not its words, in which the
 * address may stand. */
static size_t note_answer(char *line, size_t size, size_t count, void *context)
{
    static const char bye[] = "221";
    struct smtp *smtp = context;
    size_t length = 0;

    /* What is said to our own leaving, after the answer that counts. */
    if (size * count >= sizeof(bye) - 1 && memcmp(line, bye, sizeof(bye) - 1) == 0)
        return size * count;
    while (length < size * count && length < CODE_SIZE - 1 &&
           (is_code(line[length]) || (length == 3 && line[length] == '-'))) {
        smtp->code[length] = line[length] == '-' ? ' ' : line[length];
        length++;
    }
    while (length > 0 && smtp->code[length - 1] == ' ')
        length--;
    smtp->code[length] = '\0';
    return size * count;
}

static size_t give(char *to, size_t size, size_t count, void *context)
{
    struct smtp *smtp = context;
    size_t room = size * count, left = smtp->message.size - smtp->sent;
    size_t now = left < room ? left : room;

    if (now > 0)
        memcpy(to, smtp->message.data + smtp->sent, now);
    smtp->sent += now;
    return now;
}

static CURL *easy_new(struct smtp *smtp)
{
    const struct smtp_settings *settings = smtp->settings;
    CURL *easy = remote_easy(settings->url, settings->authority_file);

    REMOTE_SET(easy, CURLOPT_USE_SSL, settings->tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    REMOTE_SET(easy, CURLOPT_MAXAGE_CONN, (long)KEEP_S);
    REMOTE_SET(easy, CURLOPT_ERRORBUFFER, smtp->trouble);
    REMOTE_SET(easy, CURLOPT_HEADERFUNCTION, note_answer);
    REMOTE_SET(easy, CURLOPT_HEADERDATA, smtp);
    REMOTE_SET(easy, CURLOPT_READFUNCTION, give);
    REMOTE_SET(easy, CURLOPT_READDATA, smtp);
    REMOTE_SET(easy, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
    REMOTE_SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(settings->timeout_ms / 2 + 1));
    /* The one bound on the farewell: by itself libcurl waits two minutes for its answer. */
    REMOTE_SET(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)((settings->timeout_ms + 999) / 1000));
    if (*settings->user) {
        REMOTE_SET(easy, CURLOPT_USERNAME, settings->user);
        REMOTE_SET(easy, CURLOPT_PASSWORD, smtp->password);
    }
    return easy;
}

/* Does the answer speak of the message, not of us? What is said of the sender's address, of TLS or of
 * the log-in, and instead of a greeting, would hold for every other message as well. */
static bool of_message(const struct smtp *smtp, CURLcode code)
{
    static const char *const steps[] = {"RCPT failed", "DATA failed"};

    if ((code != CURLE_SEND_ERROR && code != CURLE_WEIRD_SERVER_REPLY) ||
        (smtp->code[0] != '4' && smtp->code[0] != '5'))
        return false;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (strncmp(smtp->trouble, steps[i], strlen(steps[i])) == 0)
            return true;
    return smtp->sent > 0;
}

static enum smtp_outcome judge(struct smtp *smtp, CURLcode code, bool *good, struct err *err)
{
    *good = code == CURLE_OK || of_message(smtp, code);
    if (code == CURLE_OK)
        return SMTP_TAKEN;
    if (*smtp->code == '4' || *smtp->code == '5')
        err_set(err, ERR_UNAVAILABLE, code, "the relay says %s: %s", smtp->code,
                curl_easy_strerror(code));
    else
        err_set(err, ERR_UNAVAILABLE, code, "no answer of the relay: %s", curl_easy_strerror(code));
    return *good && *smtp->code == '5' ? SMTP_REFUSED : SMTP_LATER;
}

static CURLcode perform(struct smtp *smtp)
{
    smtp->code[0] = smtp->trouble[0] = '\0';
    smtp->sent = 0;
    return curl_easy_perform(smtp->easy);
}

enum smtp_outcome smtp_send(struct smtp *smtp, const char *from, const char *to,
                            struct bytes message, struct err *err)
{
    const enum breaker_state before = breaker_state(&smtp->breaker, remote_now_ms());
    char sender[PATH_SIZE], recipient[PATH_SIZE];
    struct curl_slist *recipients;
    bool good;

    if (before == BREAKER_OPEN) {
        err_set(err, ERR_UNAVAILABLE, 0, "the relay failed %lld times in a row a moment ago",
                (long long)smtp->breaker.failures);
        return SMTP_LEFT;
    }
    if (!text_format(sender, sizeof(sender), "<%s>", from) ||
        !text_format(recipient, sizeof(recipient), "<%s>", to)) {
        err_set(err, ERR_UNAVAILABLE, 0, "an address that is too long");
        return SMTP_REFUSED;
    }
    recipients = curl_slist_append(NULL, recipient);
    if (!recipients)
        err_fatal("out of memory");
    if (!smtp->easy)
        smtp->easy = easy_new(smtp);
    smtp->message = message;
    REMOTE_SET(smtp->easy, CURLOPT_MAIL_FROM, sender);
    REMOTE_SET(smtp->easy, CURLOPT_MAIL_RCPT, recipients);
    REMOTE_SET(smtp->easy, CURLOPT_UPLOAD, 1L);
    enum smtp_outcome outcome = judge(smtp, perform(smtp), &good, err);
    REMOTE_SET(smtp->easy, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    remote_note(&smtp->breaker, "mail relay", before, good);
    return outcome;
}

int smtp_try(struct smtp *smtp, struct err *err)
{
    CURL *easy = easy_new(smtp);
    struct smtp whole = *smtp;
    bool good;

    whole.easy = easy;
    REMOTE_SET(easy, CURLOPT_ERRORBUFFER, whole.trouble);
    REMOTE_SET(easy, CURLOPT_HEADERDATA, &whole);
    REMOTE_SET(easy, CURLOPT_CONNECT_ONLY, 1L);
    enum smtp_outcome outcome = judge(&whole, perform(&whole), &good, err);
    curl_easy_cleanup(easy);
    return outcome == SMTP_TAKEN ? 0 : -1;
}
