#include "base/mail.h"

#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "base/pool.h"

#define LETTERS_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

enum {
    LOCAL_MAX = 64,
    LABEL_MAX = 63,
    ID_MAX = 64,
    /* Of an encoded word: with what stands around it, and with "Subject: " before it, a line has at
     * most 76 bytes (RFC 2047, 2). */
    WORD_BYTES = 39,
    PLAIN_MAX = 60, /* bytes of a subject that stands as it is, in one line */
    LINE_BYTES = 57, /* of a line of base64: 76 characters */
    HEAD_MAX = 8 * 1024
};

/* Addresses */

static bool local_valid(const char *local, size_t length)
{
    static const char atom[] = LETTERS_DIGITS "!#$%&'*+-/=?^_`{|}~.";

    if (length == 0 || length > LOCAL_MAX || local[0] == '.' || local[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!strchr(atom, local[i]) || (local[i] == '.' && local[i + 1] == '.'))
            return false;
    return true;
}

static bool domain_valid(const char *domain)
{
    size_t labels = 0;

    for (;;) {
        size_t length = strspn(domain, LETTERS_DIGITS "-");

        if (length == 0 || length > LABEL_MAX || domain[0] == '-' || domain[length - 1] == '-')
            return false;
        labels++;
        domain += length;
        if (*domain == '\0')
            return labels > 1;
        if (*domain++ != '.')
            return false;
    }
}

bool mail_address_valid(const char *address)
{
    const char *at = strchr(address, '@');

    return at && strlen(address) <= MAIL_ADDRESS_MAX && local_valid(address, (size_t)(at - address)) &&
           domain_valid(at + 1);
}

/* Header fields */

/* One line of text, in ASCII that nobody takes for an encoded word. */
static bool is_plain(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return length <= PLAIN_MAX && !strstr(text, "=?");
}

static bool is_line(const char *text, size_t most)
{
    size_t length = strlen(text);

    return length <= most && utf8_valid(text, length) && !utf8_has_control(text);
}

/* Bytes of `text` that make a word, cut between characters. */
static size_t word_length(const char *text)
{
    const char *end = text;

    while (*end) {
        const char *next = end;

        utf8_next(&next);
        if (next - text > WORD_BYTES)
            break;
        end = next;
    }
    return (size_t)(end - text);
}

static void add_words(struct text *out, const char *text)
{
    char word[4 * ((WORD_BYTES + 2) / 3) + 1];

    for (bool first = true; *text; first = false) {
        size_t length = word_length(text);

        base64_encode(text, length, word);
        text_printf(out, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", word);
        text += length;
    }
}

/* `Name: ` and the text, encoded where it must be. */
static void add_field(struct text *out, const char *name, const char *text)
{
    text_printf(out, "%s: ", name);
    if (is_plain(text))
        text_add(out, text);
    else
        add_words(out, text);
    text_add(out, "\r\n");
}

/* A name is a phrase: encoded in any case, so that nothing needs quoting. */
static void add_from(struct text *out, const struct mail *mail)
{
    text_add(out, "From: ");
    if (*mail->from_name) {
        add_words(out, mail->from_name);
        text_add(out, "\r\n ");
    }
    text_printf(out, "<%s>\r\n", mail->from);
}

/* RFC 5322, 3.3, whatever the locale. */
static void add_date(struct text *out, int64_t ms)
{
    static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date = date_at(ms);
    char local[20];

    clock_shanghai(ms, local);
    text_printf(out, "Date: %s, %d %s %04d %s +0800\r\n", days[date_days(date) % 7], date.day,
                months[date.month - 1], date.year, local + sizeof("yyyy-mm-dd"));
}

/* The text with CR LF, as base64 wants it (RFC 2045, 6.8). */
static void add_text(struct text *out, struct pool *pool, const char *source)
{
    char line[4 * ((LINE_BYTES + 2) / 3) + 1];
    struct text canonical;

    text_init(&canonical, pool, 2 * strlen(source) + 2);
    for (; *source; source++) {
        if (*source == '\n')
            text_char(&canonical, '\r');
        text_char(&canonical, *source);
    }
    for (size_t at = 0; at < canonical.length; at += LINE_BYTES) {
        size_t left = canonical.length - at;

        base64_encode(canonical.data + at, left < LINE_BYTES ? left : LINE_BYTES, line);
        text_printf(out, "%s\r\n", line);
    }
}

static int check(const struct mail *mail, struct err *err)
{
    size_t id = strlen(mail->id);

    if (!mail_address_valid(mail->from) || !mail_address_valid(mail->to))
        return err_set(err, ERR_INPUT, 0, "a mail from or to what is no address");
    if (!is_line(mail->subject, MAIL_SUBJECT_MAX) || !*mail->subject ||
        !is_line(mail->from_name, MAIL_SUBJECT_MAX))
        return err_set(err, ERR_INPUT, 0, "a mail whose subject or sender is no line of text");
    if (id == 0 || id > ID_MAX || strspn(mail->id, LETTERS_DIGITS) != id)
        return err_set(err, ERR_INPUT, 0, "a mail whose id is none");
    if (!utf8_valid(mail->text, strlen(mail->text)) || strchr(mail->text, '\r'))
        return err_set(err, ERR_INPUT, 0, "a mail whose text is no UTF-8 with lines");
    return 0;
}

int mail_make(struct pool *pool, const struct mail *mail, struct bytes *message, struct err *err)
{
    struct text out;

    if (check(mail, err) < 0)
        return -1;
    text_init(&out, pool, HEAD_MAX + 4 * strlen(mail->text));
    add_from(&out, mail);
    text_printf(&out, "To: <%s>\r\n", mail->to);
    add_field(&out, "Subject", mail->subject);
    add_date(&out, mail->written_ms);
    text_printf(&out, "Message-ID: <%s%s>\r\n", mail->id, strchr(mail->from, '@'));
    text_add(&out, "Auto-Submitted: auto-generated\r\n" /* RFC 3834: nobody answers by himself */
                   "MIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: base64\r\n"
                   "\r\n");
    add_text(&out, pool, mail->text);
    if (out.overflow)
        err_fatal("a mail has more room than it took");
    *message = (struct bytes){(const uint8_t *)out.data, out.length};
    return 0;
}
