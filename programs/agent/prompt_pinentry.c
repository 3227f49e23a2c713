/* The client's side of pinentry (GnuPG: The Assuan Manual, 3; pinentry manual, 3). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "base/err.h"
#include "base/text.h"
#include "programs/agent/prompt.h"

enum {
    LINE_SIZE = 1000 + 1, /* without its end (Assuan, 3.1), and a NUL */
    END_MS = 2000,        /* that pinentry has to end after its window is closed */
    CANCELED = 99,        /* GPG_ERR_CANCELED, in the low 16 bits of an ERR's code */
    TIMED_OUT = 62,       /* GPG_ERR_TIMEOUT */
    NOT_CONFIRMED = 114   /* GPG_ERR_NOT_CONFIRMED */
};

struct pinentry {
    pid_t pid;
    int in, out; /* what it reads, what it writes */
    const struct prompt_watch *watch;
    struct err *err;
};

extern char **environ;

static enum prompt_answer fail(const struct pinentry *pinentry, const char *what)
{
    err_set(pinentry->err, ERR_SYSTEM, 0, "pinentry: %s", what);
    return PROMPT_FAILED;
}

/* The agent's threads block signals and ignore some; the program gets what it would at a shell. */
static int spawn(const char *path, int in, int out, pid_t *pid)
{
    char *argv[] = {(char *)(uintptr_t)path, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, ignored;
    int code;

    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGTTIN);
    sigaddset(&ignored, SIGTTOU);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    code = posix_spawn(pid, path, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static int start(struct pinentry *pinentry, const char *path)
{
    int to[2] = {-1, -1}, from[2] = {-1, -1}, code;

    if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0) {
        code = errno;
    } else {
        code = spawn(path, to[0], from[1], &pinentry->pid);
    }
    if (to[0] >= 0)
        close(to[0]);
    if (from[1] >= 0)
        close(from[1]);
    pinentry->in = to[1];
    pinentry->out = from[0];
    if (code != 0)
        pinentry->pid = -1;
    return code == 0 ? 0 : err_set(pinentry->err, ERR_SYSTEM, code, "%s: %s", path, strerror(code));
}

/* Its window must go, whatever it does. */
static void finish(struct pinentry *pinentry, bool at_once)
{
    int waited = 0;

    if (pinentry->in >= 0)
        close(pinentry->in);
    if (pinentry->out >= 0)
        close(pinentry->out);
    if (pinentry->pid < 0)
        return;
    if (at_once)
        kill(pinentry->pid, SIGTERM);
    while (waitpid(pinentry->pid, NULL, WNOHANG) == 0) {
        if (waited >= END_MS) {
            kill(pinentry->pid, SIGKILL);
            waitpid(pinentry->pid, NULL, 0);
            return;
        }
        poll(NULL, 0, 20);
        waited += 20;
    }
}

static enum prompt_answer send_line(const struct pinentry *pinentry, const char *line)
{
    size_t size = strlen(line);

    /* A pipe takes as much at once (POSIX, PIPE_BUF), or its reader is gone. */
    return write(pinentry->in, line, size) == (ssize_t)size ? PROMPT_GIVEN
                                                            : fail(pinentry, "ended early");
}

static int hex(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c ? strchr(digits, c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* The inside of a D line (Assuan, 3.2: %XX). False where it is too long or holds a zero byte. */
static bool decode(const char *from, char *to, size_t size)
{
    size_t length = strlen(to);

    for (; *from; from++) {
        char c = *from;

        if (c == '%') {
            int high = hex(from[1]), low = high < 0 ? -1 : hex(from[2]);
            if (low < 0)
                return false;
            c = (char)(high << 4 | low);
            from += 2;
        }
        if (c == '\0' || length + 1 >= size)
            return false;
        to[length++] = c;
        to[length] = '\0';
    }
    return true;
}

static enum prompt_answer error_answer(const struct pinentry *pinentry, const char *line)
{
    long code = strtol(line + 4, NULL, 10) & 0xffff;

    if (code == CANCELED || code == NOT_CONFIRMED)
        return PROMPT_REFUSED;
    if (code == TIMED_OUT)
        return PROMPT_LATE;
    return fail(pinentry, "refuses what it was told");
}

/* Reads until OK or ERR; data goes into `pin`, which may be NULL. */
static enum prompt_answer read_answer(const struct pinentry *pinentry, struct pin *pin)
{
    char line[LINE_SIZE];
    enum prompt_answer answer;
    bool more = true;

    while (more) {
        answer = prompt_line(pinentry->out, pinentry->watch, line, sizeof(line), pinentry->err);
        if (answer == PROMPT_REFUSED)
            answer = fail(pinentry, "ended early");
        if (answer != PROMPT_GIVEN)
            break;
        more = false;
        if (strncmp(line, "ERR ", 4) == 0)
            answer = error_answer(pinentry, line);
        else if (pin && strncmp(line, "D ", 2) == 0) {
            more = decode(line + 2, pin->text, sizeof(pin->text));
            if (!more)
                answer = fail(pinentry, "the password is too long");
        } else if (strncmp(line, "S ", 2) == 0 || *line == '#') {
            more = true;
        } else if (strcmp(line, "OK") != 0 && strncmp(line, "OK ", 3) != 0) {
            answer = fail(pinentry, "does not speak Assuan");
        }
    }
    explicit_bzero(line, sizeof(line));
    return answer;
}

/* COMMAND and a text, escaped. */
static enum prompt_answer tell(const struct pinentry *pinentry, const char *command,
                               const char *value)
{
    char array[LINE_SIZE];
    struct text line;
    enum prompt_answer answer;

    text_init_fixed(&line, array, sizeof(array));
    text_add(&line, command);
    text_char(&line, ' ');
    for (; *value; value++)
        if (*value == '%' || *value == '\n' || *value == '\r')
            text_printf(&line, "%%%02X", (unsigned char)*value);
        else
            text_char(&line, *value);
    text_char(&line, '\n');
    if (line.overflow)
        return fail(pinentry, "the question is too long");
    answer = send_line(pinentry, array);
    return answer == PROMPT_GIVEN ? read_answer(pinentry, NULL) : answer;
}

/* What an implementation does not know it may refuse. */
static enum prompt_answer tell_option(const struct pinentry *pinentry, const char *name,
                                      const char *value)
{
    char option[512];
    enum prompt_answer answer;

    if (!value || !*value || !text_format(option, sizeof(option), "%s=%s", name, value))
        return PROMPT_GIVEN;
    answer = tell(pinentry, "OPTION", option);
    if (answer == PROMPT_FAILED || answer == PROMPT_REFUSED)
        err_clear(pinentry->err);
    return answer == PROMPT_LATE || answer == PROMPT_GONE ? answer : PROMPT_GIVEN;
}

static const char *locale(void)
{
    const char *all = getenv("LC_ALL"), *kind = getenv("LC_CTYPE");

    return all && *all ? all : kind && *kind ? kind : getenv("LANG");
}

static enum prompt_answer converse(const struct pinentry *pinentry,
                                   const struct prompt_question *question, struct pin *pin)
{
    char seconds[24];
    int64_t left = pinentry->watch->until_ms - clock_tick_us() / 1000;
    const char *const told[][2] = {
        {"SETTITLE",   "法人一证通"},
        {"SETDESC",    question->text   },
        {"SETPROMPT",  "密码："      },
        {"SETOK",      "同意签署"   },
        {"SETCANCEL",  "取消"         },
        {"SETTIMEOUT", seconds          },
        {"SETERROR",   question->warning},
    };
    enum prompt_answer answer = read_answer(pinentry, NULL);

    text_format(seconds, sizeof(seconds), "%lld", (long long)(left / 1000 > 0 ? left / 1000 : 1));
    if (answer == PROMPT_GIVEN)
        answer = tell_option(pinentry, "ttyname", ttyname(STDIN_FILENO));
    if (answer == PROMPT_GIVEN)
        answer = tell_option(pinentry, "ttytype", getenv("TERM"));
    if (answer == PROMPT_GIVEN)
        answer = tell_option(pinentry, "lc-ctype", locale());
    for (size_t i = 0; answer == PROMPT_GIVEN && i < sizeof(told) / sizeof(*told); i++)
        if (told[i][1])
            answer = tell(pinentry, told[i][0], told[i][1]);
    if (answer == PROMPT_GIVEN)
        answer = send_line(pinentry, question->consent_only ? "CONFIRM\n" : "GETPIN\n");
    if (answer == PROMPT_GIVEN)
        answer = read_answer(pinentry, pin);
    return answer;
}

enum prompt_answer pinentry_ask(const struct prompt *prompt, const struct prompt_question *question,
                                const struct prompt_watch *watch, struct pin *pin, struct err *err)
{
    struct pinentry pinentry = {.pid = -1, .in = -1, .out = -1, .watch = watch, .err = err};
    enum prompt_answer answer = PROMPT_FAILED;

    if (start(&pinentry, prompt->pinentry) == 0)
        answer = converse(&pinentry, question, pin);
    if (answer == PROMPT_GIVEN)
        send_line(&pinentry, "BYE\n");
    finish(&pinentry, answer != PROMPT_GIVEN);
    if (answer == PROMPT_GIVEN && !question->consent_only && !*pin->text)
        return PROMPT_REFUSED;
    return answer;
}
