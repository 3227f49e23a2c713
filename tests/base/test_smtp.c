/* A mail relay of our own that does everything wrong that one can: what becomes of a message. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/date.h"
#include "base/err.h"
#include "base/smtp.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What it says to each; NULL: the usual; "": says nothing; "cut": closes. */
struct script {
    const char *banner, *hello, *mail, *rcpt, *data, *end, *quit;
};

static struct {
    pthread_t thread;
    pthread_mutex_t lock; /* of `script` and `taken` */
    struct script script;
    char taken[4096];
    int listener, port;
    atomic_bool stop;
    atomic_int connections, messages;
} relay = {.lock = PTHREAD_MUTEX_INITIALIZER};

static char url[64];
static struct smtp_settings settings;
static struct smtp *smtp;
static struct err err;

/* False: the conversation is over. */
static bool say(int socket, const char *line, const char *usual)
{
    const char *text = line ? line : usual;
    char byte;

    if (strcmp(text, "cut") == 0)
        return false;
    while (!*text && !relay.stop && recv(socket, &byte, 1, MSG_DONTWAIT) != 0)
        usleep(10000);
    if (!*text)
        return false;
    return send(socket, text, strlen(text), MSG_NOSIGNAL) > 0 && send(socket, "\r\n", 2, MSG_NOSIGNAL) > 0;
}

static bool line_of(int socket, char line[1024])
{
    size_t length = 0;

    while (length < 1023 && !relay.stop) {
        if (recv(socket, line + length, 1, 0) != 1)
            return false;
        if (line[length++] == '\n') {
            line[length] = '\0';
            return true;
        }
    }
    return false;
}

static bool take(int socket)
{
    char line[1024];
    size_t length = 0;

    while (line_of(socket, line)) {
        if (strcmp(line, ".\r\n") == 0) {
            atomic_fetch_add(&relay.messages, 1);
            return true;
        }
        pthread_mutex_lock(&relay.lock);
        if (length + strlen(line) < sizeof(relay.taken)) {
            memcpy(relay.taken + length, line, strlen(line) + 1);
            length += strlen(line);
        }
        pthread_mutex_unlock(&relay.lock);
    }
    return false;
}

static void converse(int socket)
{
    char line[1024];
    struct script script;

    pthread_mutex_lock(&relay.lock);
    script = relay.script;
    pthread_mutex_unlock(&relay.lock);
    if (!say(socket, script.banner, "220 relay"))
        return;
    while (line_of(socket, line)) {
        bool on;

        if (strncmp(line, "EHLO", 4) == 0)
            on = say(socket, script.hello, "250 relay");
        else if (strncmp(line, "MAIL", 4) == 0)
            on = say(socket, script.mail, "250 2.1.0 ok");
        else if (strncmp(line, "RCPT", 4) == 0)
            on = say(socket, script.rcpt, "250 2.1.5 ok");
        else if (strncmp(line, "DATA", 4) == 0)
            on = say(socket, script.data, "354 go on") &&
                 (script.data || (take(socket) && say(socket, script.end, "250 2.0.0 taken")));
        else if (strncmp(line, "QUIT", 4) == 0)
            on = say(socket, script.quit, "221 bye") && false;
        else
            on = say(socket, NULL, "250 ok");
        if (!on)
            return;
    }
}

static void *serve(void *context)
{
    while (!relay.stop) {
        int socket = accept(relay.listener, NULL, NULL);

        if (socket < 0)
            continue;
        atomic_fetch_add(&relay.connections, 1);
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 2}, sizeof(struct timeval));
        converse(socket);
        close(socket);
    }
    return context;
}

static void script(const struct script *what)
{
    pthread_mutex_lock(&relay.lock);
    relay.script = *what;
    relay.taken[0] = '\0';
    pthread_mutex_unlock(&relay.lock);
    smtp_free(&smtp);
    if (smtp_open(&settings, &smtp, &err) < 0)
        fail_msg("%s", err.text);
}

static const char message[] = "Subject: x\r\n\r\n.\r\n..\r\nfrom me\r\n";

static enum smtp_outcome post(void)
{
    err_clear(&err);
    return smtp_send(smtp, "from@ecert.example", "to@firm.example",
                     (struct bytes){(const uint8_t *)message, sizeof(message) - 1}, &err);
}

static void test_not_taken(void **state)
{
    static const struct {
        struct script script;
        enum smtp_outcome outcome;
        const char *word;
    } rows[] = {
        {{.banner = "cut"}, SMTP_LATER, "no answer"},
        {{.banner = "554 no service"}, SMTP_LATER, "554"},
        {{.banner = "421 busy"}, SMTP_LATER, "421"},
        {{.banner = "SSH-2.0-OpenSSH"}, SMTP_LATER, "no answer"},
        {{.banner = ""}, SMTP_LATER, "no answer"},
        {{.mail = "550 5.7.1 you: not from@ecert.example"}, SMTP_LATER, "550 5.7.1"},
        {{.mail = "451 4.3.0 later"}, SMTP_LATER, "451 4.3.0"},
        {{.rcpt = "450 4.2.0 to@firm.example greylisted"}, SMTP_LATER, "450 4.2.0"},
        {{.rcpt = "550 5.1.1 <to@firm.example>: no such user"}, SMTP_REFUSED, "550 5.1.1"},
        {{.rcpt = "cut"}, SMTP_LATER, "no answer"},
        {{.rcpt = ""}, SMTP_LATER, "no answer"},
        {{.data = "554 5.5.1 no"}, SMTP_REFUSED, "554 5.5.1"},
        {{.data = "421 4.3.2 going down"}, SMTP_LATER, "421 4.3.2"},
        {{.end = "554 5.7.1 spam"}, SMTP_REFUSED, "554 5.7.1"},
        {{.end = "452 4.3.1 full"}, SMTP_LATER, "452 4.3.1"},
        {{.end = "cut"}, SMTP_LATER, "no answer"},
        {{.end = ""}, SMTP_LATER, "no answer"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        script(&rows[i].script);
        enum smtp_outcome outcome = post();

        if (outcome != rows[i].outcome || !strstr(err.text, rows[i].word))
            fail_msg("row %zu: %d: %s", i, outcome, err.text);
        assert_int_equal(err.kind, ERR_UNAVAILABLE);
        if (strstr(err.text, "firm.example") || strstr(err.text, "ecert.example"))
            fail_msg("row %zu tells an address: %s", i, err.text);
    }
}

static void test_taken(void **state)
{
    int before = relay.connections;

    (void)state;
    script(&(struct script){.banner = NULL});
    assert_int_equal(post(), SMTP_TAKEN);
    pthread_mutex_lock(&relay.lock);
    assert_string_equal(relay.taken, "Subject: x\r\n\r\n..\r\n...\r\nfrom me\r\n");
    pthread_mutex_unlock(&relay.lock);
    assert_int_equal(post(), SMTP_TAKEN);
    assert_int_equal(relay.connections - before, 1);
    /* The relay serves one connection at a time. */
    script(&(struct script){.banner = NULL});
    if (smtp_try(smtp, &err) < 0)
        fail_msg("%s", err.text);
}

/* A relay that is silent to the end keeps nobody from stopping. */
static void test_farewell(void **state)
{
    int64_t begun;

    (void)state;
    script(&(struct script){.quit = ""});
    assert_int_equal(post(), SMTP_TAKEN);
    begun = clock_tick_us();
    smtp_free(&smtp);
    assert_true(clock_tick_us() - begun < 30 * INT64_C(1000000));
}

/* After so many failures of the relay it is left alone; what it says of one message is none. */
static void test_breaker(void **state)
{
    int before;

    (void)state;
    script(&(struct script){.rcpt = "550 5.1.1 no"});
    for (int i = 0; i < 10; i++)
        assert_int_equal(post(), SMTP_REFUSED);
    script(&(struct script){.banner = "421 busy"});
    for (int i = 0; i < settings.breaker_failures; i++)
        assert_int_equal(post(), SMTP_LATER);
    before = relay.connections;
    assert_int_equal(post(), SMTP_LEFT);
    assert_int_equal(relay.connections, before);
    usleep((useconds_t)settings.breaker_ms * 1000 + 20000);
    assert_int_equal(post(), SMTP_LATER);
    assert_int_equal(post(), SMTP_LEFT);
}

/* A relay that knows no STARTTLS, or one whose certificate nobody vouches for, gets nothing. */
static void test_tls_is_required(void **state)
{
    int before = relay.messages;

    (void)state;
    settings.tls = true;
    script(&(struct script){.banner = NULL});
    assert_int_equal(post(), SMTP_LATER);
    script(&(struct script){.hello = "250-relay\r\n250 STARTTLS"});
    assert_int_equal(post(), SMTP_LATER);
    assert_int_equal(smtp_try(smtp, &err), -1);
    settings.tls = false;
    assert_int_equal(relay.messages, before);
}

static void test_wrong_settings(void **state)
{
    static const struct {
        const char *url;
        bool tls;
        const char *user, *password_file, *authority_file;
    } rows[] = {
        {"http://127.0.0.1/", true, "", "", ""},
        {"smtp://127.0.0.1/x", true, "", "", ""},
        {"smtp://user@127.0.0.1", true, "", "", ""},
        {"smtp://", true, "", "", ""},
        {"smtp://relay.example:0", true, "", "", ""},
        {"smtp://relay.example\r\n", true, "", "", ""},
        {"smtp://relay.example:25", false, "", "", ""},
        {"smtp://relay.example:587", true, "me", "", ""},
        {"smtp://relay.example:587", true, "me", "/nonexistent/password", ""},
        {"smtp://relay.example:587", true, "", "", "/nonexistent/ca.pem"},
    };
    const struct smtp_settings before = settings;

    (void)state;
    smtp_free(&smtp);
    for (size_t i = 0; i < COUNT(rows); i++) {
        settings.url = rows[i].url;
        settings.tls = rows[i].tls;
        settings.user = rows[i].user;
        settings.password_file = rows[i].password_file;
        settings.authority_file = rows[i].authority_file;
        if (smtp_open(&settings, &smtp, &err) == 0)
            fail_msg("row %zu was opened", i);
        assert_null(smtp);
    }
    settings = before;
}

static int open_relay(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    relay.listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(relay.listener, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_usec = 50000},
               sizeof(struct timeval));
    if (bind(relay.listener, (struct sockaddr *)&address, size) != 0 ||
        listen(relay.listener, 8) != 0 ||
        getsockname(relay.listener, (struct sockaddr *)&address, &size) != 0)
        return -1;
    relay.port = ntohs(address.sin_port);
    text_format(url, sizeof(url), "smtp://127.0.0.1:%d", relay.port);
    settings = (struct smtp_settings){.url = url,
                                      .user = "",
                                      .password_file = "",
                                      .authority_file = "",
                                      .timeout_ms = 1500,
                                      .breaker_failures = 3,
                                      .breaker_ms = 1500};
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_settings), cmocka_unit_test(test_not_taken),
        cmocka_unit_test(test_taken),          cmocka_unit_test(test_farewell),
        cmocka_unit_test(test_breaker),        cmocka_unit_test(test_tls_is_required),
    };
    int failed;

    /* Before the thread: what opens first must have one. */
    if (open_relay() < 0 || smtp_open(&settings, &smtp, &err) < 0 ||
        pthread_create(&relay.thread, NULL, serve, NULL) != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    smtp_free(&smtp);
    relay.stop = true;
    pthread_join(relay.thread, NULL);
    return failed ? 1 : 0;
}
