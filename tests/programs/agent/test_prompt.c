/* Answers by a descriptor and at a terminal, and what pinentry may say: nothing it says makes a
 * password of its own. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/date.h"
#include "base/err.h"
#include "base/text.h"
#include "programs/agent/prompt.h"
#include "tests/core/seal/paper.h"

static const struct prompt_question question = {.text = "网站 https://ecert.example\n100 %\n"};
static const struct prompt_question consent = {.text = "question\n", .consent_only = true};

static struct prompt_watch watch(int64_t ms)
{
    return (struct prompt_watch){.until_ms = clock_tick_us() / 1000 + ms, .stop = -1, .peer = -1};
}

/* Asks with what can be read; the rest stays unread. */
static enum prompt_answer ask_by(int fd, const struct prompt_question *asked, struct pin *pin)
{
    const struct prompt prompt = {.way = PROMPT_DESCRIPTOR, .descriptor = fd};
    const struct prompt_watch until = watch(1000);
    struct err err = {0};

    memset(pin, 'x', sizeof(*pin));
    return prompt_ask(&prompt, asked, &until, pin, &err);
}

static void is_clear(const struct pin *pin)
{
    for (size_t i = 0; i < sizeof(pin->text); i++)
        assert_int_equal(pin->text[i], 0);
}

static void answers_by_a_descriptor(void **state)
{
    int ends[2];
    struct pin pin;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(ask_by(ends[0], &question, &pin), PROMPT_LATE);
    is_clear(&pin);
    assert_int_equal(write(ends[1], "\n4321\nyes\n12", 12), 12);
    assert_int_equal(ask_by(ends[0], &question, &pin), PROMPT_REFUSED);
    is_clear(&pin);
    assert_int_equal(ask_by(ends[0], &question, &pin), PROMPT_GIVEN);
    assert_string_equal(pin.text, "4321");
    assert_int_equal(ask_by(ends[0], &consent, &pin), PROMPT_GIVEN);
    is_clear(&pin);
    assert_int_equal(ask_by(ends[0], &question, &pin), PROMPT_LATE);
    is_clear(&pin);
    close(ends[1]);
    assert_int_equal(ask_by(ends[0], &question, &pin), PROMPT_REFUSED);
    close(ends[0]);
}

static void a_question_ends_with_the_agent_or_its_asker(void **state)
{
    int ends[2], other[2];
    struct prompt prompt = {.way = PROMPT_DESCRIPTOR};
    struct prompt_watch until = watch(20000);
    struct err err;
    struct pin pin;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(other), 0);
    prompt.descriptor = ends[0];
    until.stop = other[0];
    assert_int_equal(write(other[1], "x", 1), 1);
    assert_int_equal(prompt_ask(&prompt, &question, &until, &pin, &err), PROMPT_GONE);
    until.stop = -1;
    until.peer = other[1];
    close(other[0]);
    assert_int_equal(prompt_ask(&prompt, &question, &until, &pin, &err), PROMPT_GONE);
    close(other[1]);
    close(ends[0]);
    close(ends[1]);
}

static void there_is_no_terminal(void **state)
{
    const struct prompt prompt = {.way = PROMPT_TERMINAL, .terminal = "/dev/null"};
    const struct prompt_watch until = watch(200);
    struct err err = {0};
    struct pin pin;

    (void)state;
    assert_int_equal(prompt_ask(&prompt, &question, &until, &pin, &err), PROMPT_FAILED);
    assert_int_equal(err.kind, ERR_SYSTEM);
}

/* What the terminal's user sees, until these words are there or nobody has the terminal open. */
static void see(int user, const char *words, char *seen, size_t size)
{
    size_t length = 0;
    ssize_t got;

    do {
        got = read(user, seen + length, size - 1 - length);
        length += got > 0 ? (size_t)got : 0;
        seen[length] = '\0';
    } while (got > 0 && !(words && strstr(seen, words)));
    assert_true(!words || strstr(seen, words));
}

/* The answer is typed as soon as it is asked for, and something before. */
static void a_terminal_keeps_the_password(void **state)
{
    int user = posix_openpt(O_RDWR | O_NOCTTY), status;
    char seen[1024];
    pid_t pid;

    (void)state;
    assert_true(user >= 0 && grantpt(user) == 0 && unlockpt(user) == 0);
    const struct prompt prompt = {.way = PROMPT_TERMINAL, .terminal = ptsname(user)};
    int there = open(prompt.terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(there >= 0);
    assert_int_equal(write(user, "1111\n", 5), 5);
    see(user, "1111\r\n", seen, sizeof(seen));
    pid = fork();
    if (pid == 0) {
        const struct prompt_watch until = watch(20000);
        struct err err = {0};
        struct pin pin;
        bool given = prompt_ask(&prompt, &question, &until, &pin, &err) == PROMPT_GIVEN;
        _exit(given && strcmp(pin.text, "4321") == 0 ? 0 : 1);
    }
    close(there);
    see(user, "同意请输入密码并回车，取消请直接回车：", seen, sizeof(seen));
    assert_int_equal(write(user, "4321\n", 5), 5);
    see(user, NULL, seen, sizeof(seen));
    assert_null(strstr(seen, "4321"));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(user);
}

/* Ctrl-S: what is written stays where it is. Nothing waits for it longer than the question. */
static void a_terminal_that_is_stopped_holds_nobody(void **state)
{
    int user = posix_openpt(O_RDWR | O_NOCTTY), ends[2];
    struct termios before, after;
    char seen[1024];
    struct err err;
    struct pin pin;

    (void)state;
    assert_true(user >= 0 && grantpt(user) == 0 && unlockpt(user) == 0);
    assert_int_equal(pipe(ends), 0);
    const struct prompt prompt = {.way = PROMPT_TERMINAL, .terminal = ptsname(user)};
    int there = open(prompt.terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct prompt_watch until = watch(300);
    int64_t began = clock_tick_us() / 1000;

    assert_int_equal(tcgetattr(there, &before), 0);
    assert_int_equal(tcflow(there, TCOOFF), 0);
    alarm(60); /* what waits for ever fails */
    assert_int_equal(prompt_ask(&prompt, &question, &until, &pin, &err), PROMPT_LATE);
    assert_in_range(clock_tick_us() / 1000 - began, 300, 30000);
    until = watch(50000);
    until.stop = ends[0];
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(prompt_ask(&prompt, &question, &until, &pin, &err), PROMPT_GONE);
    assert_int_equal(tcgetattr(there, &after), 0);
    assert_int_equal(after.c_lflag, before.c_lflag);
    /* It goes on, and so do the questions. */
    assert_int_equal(tcflow(there, TCOON), 0);
    until = watch(300);
    assert_int_equal(prompt_ask(&prompt, &question, &until, &pin, &err), PROMPT_LATE);
    see(user, "同意请输入密码并回车，取消请直接回车：", seen, sizeof(seen));
    alarm(0);
    close(there);
    close(user);
    close(ends[0]);
    close(ends[1]);
}

/* A pinentry that greets, takes whatever it is told, and says this to GETPIN or CONFIRM. */
static enum prompt_answer pinentry_says(const char *greeting, const char *says,
                                        const struct prompt_question *asked, struct pin *pin)
{
    const struct prompt prompt = {.way = PROMPT_PINENTRY, .pinentry = paper_path("pinentry")};
    const struct prompt_watch until = watch(20000);
    char script[2048];
    struct err err = {0};

    assert_true(text_format(script, sizeof(script),
                            "#!/bin/sh\nprintf '%s'\nwhile read -r word rest; do case $word in "
                            "GETPIN|CONFIRM) printf '%s';; *) echo OK;; esac; done\n",
                            greeting, says));
    paper_write("pinentry", (struct bytes){(const uint8_t *)script, strlen(script)});
    assert_int_equal(chmod(prompt.pinentry, 0700), 0);
    memset(pin, 'x', sizeof(*pin));
    return prompt_ask(&prompt, asked, &until, pin, &err);
}

static void pinentry_talks_nonsense(void **state)
{
    static const char *const greetings[] = {"hello\\n", "ERR 1 busy\\n", "OKAY\\n", "\\n"};
    static const char *const words[] = {
        "D 1234\\nhello\\n",
        "D %%zz\\nOK\\n",
        "D 12%%00\\nOK\\n",
        "D 1%%4\\nOK\\n",
        "D %%\\nOK\\n",
        "ERR 67108949 not us\\n",
        "INQUIRE X\\n",
        "\\n",
        "ERR\\n",
    };
    struct pin pin;

    (void)state;
    for (size_t i = 0; i < sizeof(greetings) / sizeof(*greetings); i++) {
        if (pinentry_says(greetings[i], "D 1234\\nOK\\n", &question, &pin) != PROMPT_FAILED)
            fail_msg("greeting %zu was taken", i);
        is_clear(&pin);
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (pinentry_says("OK\\n", words[i], &question, &pin) != PROMPT_FAILED)
            fail_msg("answer %zu was taken", i);
        is_clear(&pin);
    }
    assert_int_equal(pinentry_says("OK\\n", "OK\\n", &question, &pin), PROMPT_REFUSED);
    assert_int_equal(pinentry_says("OK\\n", "ERR 83886179 cancelled\\n", &question, &pin),
                     PROMPT_REFUSED);
    assert_int_equal(pinentry_says("OK\\n", "ERR 83886142 late\\n", &question, &pin), PROMPT_LATE);
    assert_int_equal(pinentry_says("OK\\n", "ERR 83886194 no\\n", &consent, &pin), PROMPT_REFUSED);
}

static void pinentry_is_understood(void **state)
{
    struct pin pin;

    (void)state;
    assert_int_equal(pinentry_says("# hello\\nOK\\n", "S X\\n# x\\nD 12%%25\\nD 3%%0a\\nOK bye\\n",
                                   &question, &pin),
                     PROMPT_GIVEN);
    assert_string_equal(pin.text, "12%3\n");
    assert_int_equal(pinentry_says("OK\\n", "OK\\n", &consent, &pin), PROMPT_GIVEN);
    is_clear(&pin);
}

static void there_is_no_pinentry(void **state)
{
    const struct prompt prompt = {.way = PROMPT_PINENTRY, .pinentry = "/nonexistent/pinentry"};
    const struct prompt_watch until = watch(200);
    struct err err = {0};
    struct pin pin;

    (void)state;
    assert_int_equal(prompt_ask(&prompt, &question, &until, &pin, &err), PROMPT_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_by_a_descriptor),
        cmocka_unit_test(a_question_ends_with_the_agent_or_its_asker),
        cmocka_unit_test(there_is_no_terminal),
        cmocka_unit_test(a_terminal_keeps_the_password),
        cmocka_unit_test(a_terminal_that_is_stopped_holds_nobody),
        cmocka_unit_test(pinentry_talks_nonsense),
        cmocka_unit_test(pinentry_is_understood),
        cmocka_unit_test(there_is_no_pinentry),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
