/* E-mail as it travels: what must not become one first, then that it says what it was told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/mail.h"
#include "base/pool.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define L63          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct pool *pool;

static const struct mail good = {
    .from = "notice@ecert.example",
    .from_name = "上海市住房和城乡建设管理委员会",
    .to = "clerk@firm.example",
    .subject = "电子证书已生成（3本）",
    .text = "你好\n",
    .id = "0123456789abcdef",
    .written_ms = INT64_C(1772323200000),
};

static const char *made(const struct mail *mail)
{
    struct bytes bytes;
    struct err err;

    if (mail_make(pool, mail, &bytes, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(strlen((const char *)bytes.data), bytes.size);
    return (const char *)bytes.data;
}

static void test_no_addresses(void **state)
{
    static const char *const wrong[] = {
        "", "@", "a@", "@b.example", "a", "a@b", "a@b.", "a@.b", "a@b..example", "a b@c.example",
        "a@b c.example", "a@-b.example", "a@b-.example", ".a@b.example", "a.@b.example",
        "a..b@c.example", "a@b.example ", " a@b.example", "a@b.example\r\nRCPT TO:<x@y.example>",
        "a@b.example\n", "a\0@b.example", "<a@b.example>", "a@b.example,c@d.example",
        "\"a b\"@c.example", "a@[127.0.0.1]", "张三@firm.example", "a@公司.example", "a(c)@b.example",
        "a;b@c.example", "a:b@c.example", "a\\b@c.example", "a\tb@c.example", "a@b.example>",
        L63 "aa@b.example", "a@" L63 "a.example",
        "a@" L63 "." L63 "." L63 "." L63 ".example", "a@b.exa_mple", "a@@b.example",
    };
    static const char *const right[] = {
        "a@b.example", "first.last+tag@sub.firm.example", "12345678@qq.example", "A-B_c@X-y.example",
        L63 "a@b.example", "a@1.2", "o'neil@firm.example",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        if (mail_address_valid(wrong[i]))
            fail_msg("taken: %s", wrong[i]);
    for (size_t i = 0; i < COUNT(right); i++)
        if (!mail_address_valid(right[i]))
            fail_msg("refused: %s", right[i]);
}

static void refuse(const char *what, struct mail mail)
{
    struct bytes bytes;
    struct err err;

    if (mail_make(pool, &mail, &bytes, &err) == 0)
        fail_msg("made: %s", what);
    assert_int_equal(err.kind, ERR_INPUT);
}

static void test_no_mails(void **state)
{
    static const char *const lines[] = {
        "a\nBcc: x@y.example", "a\rBcc: x@y.example", "a\r\n\r\nbody", "\x80", "a\xc3", "a\x01z", "a\x7f",
        "a\xe2\x80\xa8z", "a\xe2\x80\xaez", "a\xed\xa0\x80z",
    };
    struct mail mail;

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        mail = good;
        mail.subject = lines[i];
        refuse(lines[i], mail);
        mail = good;
        mail.from_name = lines[i];
        refuse(lines[i], mail);
    }
    mail = good, mail.subject = "", refuse("no subject", mail);
    mail = good, mail.to = "x@y.example\r\nBcc: z@y.example", refuse("to", mail);
    mail = good, mail.from = "x", refuse("from", mail);
    mail = good, mail.id = "", refuse("no id", mail);
    mail = good, mail.id = "a@b>", refuse("id", mail);
    mail = good, mail.id = L63 "aa", refuse("long id", mail);
    mail = good, mail.text = "a\r\nb", refuse("text with CR", mail);
    mail = good, mail.text = "\xff", refuse("text that is no UTF-8", mail);
}

static void test_head(void **state)
{
    const char *text = made(&good);

    (void)state;
    assert_non_null(strstr(text, "\r\n <notice@ecert.example>\r\nTo: <clerk@firm.example>\r\n"));
    assert_non_null(strstr(text, "\r\nDate: Sun, 1 Mar 2026 08:00:00 +0800\r\n"));
    assert_non_null(strstr(text, "\r\nMessage-ID: <0123456789abcdef@ecert.example>\r\n"));
    assert_non_null(strstr(text, "\r\nAuto-Submitted: auto-generated\r\n"));
    assert_non_null(strstr(text, "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                 "Content-Transfer-Encoding: base64\r\n\r\n"));
    assert_string_equal(text, made(&good));
}

/* Lines end in CR LF, are ASCII and short enough for RFC 2047 and RFC 5321, whatever the subject. */
static void check_lines(const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\r\n");

        assert_non_null(end);
        if (end - text > 76)
            fail_msg("%td bytes: %.*s", end - text, (int)(end - text), text);
        for (; text < end; text++)
            assert_true(*text >= ' ' && *text <= '~');
        text = end + 2;
    }
}

/* What the words of a folded field say; each must be whole UTF-8 of its own. */
static const char *decoded(const char *field)
{
    static const char open[] = "=?UTF-8?B?";
    struct text out;

    text_init(&out, pool, 4096);
    while (strncmp(field, open, sizeof(open) - 1) == 0) {
        char word[80], plain[64];
        const char *end = strstr(field += sizeof(open) - 1, "?=");
        long size;

        assert_non_null(end);
        assert_true(text_format(word, sizeof(word), "%.*s", (int)(end - field), field));
        size = base64_decode(word, plain, sizeof(plain));
        assert_true(size > 0 && utf8_valid(plain, (size_t)size));
        text_add_n(&out, plain, (size_t)size);
        field = end + 2;
        if (strncmp(field, "\r\n ", 3) == 0)
            field += 3;
    }
    return out.data;
}

static void test_subjects(void **state)
{
    static const char *const subjects[] = {
        "电子证书已生成（3本）",
        "a subject in plain ASCII",
        "=?UTF-8?B?QUJD?= looks like a word",
        "ASCII that is much too long for one line, so long that a relay might fold it by its own taste",
        "䶮㛃𬭚𠮷：罕见字也要完整，不能在一个字中间断开，不论一行有多长，也不论有几行，都是一样的，都是一样的",
        "x电y子z证w书v已u生t成s（r3q本p）o电n子m证l书k已j生i成h（g3f本e）d电c子b证a书",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(subjects); i++) {
        struct mail mail = good;
        const char *text, *field;

        mail.subject = subjects[i];
        text = made(&mail);
        check_lines(text);
        field = strstr(text, "\r\nSubject: ") + 11;
        if (i == 1)
            assert_int_equal(strncmp(field, subjects[i], strlen(subjects[i])), 0);
        else
            assert_string_equal(decoded(field), subjects[i]);
    }
    assert_string_equal(decoded(made(&good) + 6), good.from_name);
}

static void test_text(void **state)
{
    static const char *const texts[] = {
        "", "\n", "你好\n", ".\n..\n.\n", "From me\nFrom you\n",
        "一行很长的文字一行很长的文字一行很长的文字一行很长的文字一行很长的文字一行很长的文字一行很长的文字\n没有换行的末尾",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct mail mail = good;
        struct text out, wanted;
        const char *line;

        mail.text = texts[i];
        line = made(&mail);
        check_lines(line);
        text_init(&out, pool, 4096);
        for (line = strstr(line, "\r\n\r\n") + 4; *line; line = strstr(line, "\r\n") + 2) {
            char word[80], plain[64];
            long size;

            assert_true(
                text_format(word, sizeof(word), "%.*s", (int)strcspn(line, "\r"), line));
            size = base64_decode(word, plain, sizeof(plain));
            assert_true(size > 0);
            text_add_n(&out, plain, (size_t)size);
        }
        text_init(&wanted, pool, 4096);
        for (const char *at = texts[i]; *at; at++)
            text_printf(&wanted, *at == '\n' ? "\r\n" : "%c", *at);
        assert_string_equal(out.data, wanted.data);
    }
}

static int empty(void **state)
{
    (void)state;
    pool_reset(pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_addresses, empty), cmocka_unit_test_setup(test_no_mails, empty),
        cmocka_unit_test_setup(test_head, empty),         cmocka_unit_test_setup(test_subjects, empty),
        cmocka_unit_test_setup(test_text, empty),
    };
    int failed;

    pool = pool_new(0, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed ? 1 : 0;
}
