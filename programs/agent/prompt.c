#include "programs/agent/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/date.h"
#include "base/err.h"
#include "base/text.h"

void pin_clear(struct pin *pin)
{
    explicit_bzero(pin, sizeof(*pin));
}

/* Of a terminal that is about to be stopped (Ctrl-S) no more should be waited for than this. */
enum { WRITE_MOST = 256 };

static enum prompt_answer wait_for(int fd, short events, const struct prompt_watch *watch)
{
    for (;;) {
        int64_t left = watch->until_ms - clock_tick_us() / 1000;
        struct pollfd fds[] = {
            {.fd = fd,          .events = events   },
            {.fd = watch->stop, .events = POLLIN   },
            {.fd = watch->peer, .events = POLLRDHUP},
        };

        if (left <= 0)
            return PROMPT_LATE;
        if (poll(fds, 3, left > 60000 ? 60000 : (int)left) < 0 && errno != EINTR)
            return PROMPT_FAILED;
        if (fds[1].revents || fds[2].revents)
            return PROMPT_GONE;
        if (fds[0].revents)
            return PROMPT_GIVEN;
    }
}

enum prompt_answer prompt_wait(int fd, const struct prompt_watch *watch)
{
    return wait_for(fd, POLLIN, watch);
}

/* Byte by byte: what stands behind the line is the next answer. */
enum prompt_answer prompt_line(int fd, const struct prompt_watch *watch, char *line, size_t size,
                               struct err *err)
{
    size_t length = 0;
    enum prompt_answer answer;
    ssize_t got;

    while ((answer = prompt_wait(fd, watch)) == PROMPT_GIVEN) {
        got = read(fd, line + length, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0) {
            err_set(err, ERR_SYSTEM, errno, "cannot read an answer: %s", strerror(errno));
            answer = PROMPT_FAILED;
            break;
        }
        if (got == 0) {
            answer = PROMPT_REFUSED;
            break;
        }
        if (line[length] == '\n') {
            line[length] = '\0';
            return PROMPT_GIVEN;
        }
        if (++length == size) {
            err_set(err, ERR_LIMIT, 0, "an answer has more than %zu bytes", size - 1);
            answer = PROMPT_FAILED;
            break;
        }
    }
    explicit_bzero(line, size);
    return answer;
}

/* PROMPT_GIVEN once it is written, or why it is not: a terminal may be stopped for as long as it likes. */
static enum prompt_answer write_text(int fd, const char *text, const struct prompt_watch *watch)
{
    size_t left = strlen(text);

    while (left > 0) {
        enum prompt_answer answer = wait_for(fd, POLLOUT, watch);
        ssize_t written;

        if (answer != PROMPT_GIVEN)
            return answer;
        written = write(fd, text, left < WRITE_MOST ? left : WRITE_MOST);
        if (written < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (written <= 0)
            return PROMPT_GIVEN; /* who can't be shown anything will not answer */
        text += written;
        left -= (size_t)written;
    }
    return PROMPT_GIVEN;
}

static enum prompt_answer show(int fd, const struct prompt_question *question,
                               const struct prompt_watch *watch)
{
    const char *const parts[] = {"\n", question->text, question->warning ? "\n" : "",
                                 question->warning ? question->warning : "", "\n"};
    enum prompt_answer answer = PROMPT_GIVEN;

    for (size_t i = 0; answer == PROMPT_GIVEN && i < sizeof(parts) / sizeof(*parts); i++)
        answer = write_text(fd, parts[i], watch);
    return answer;
}

static enum prompt_answer terminal_answer(int fd, const struct prompt_question *question,
                                          const struct prompt_watch *watch, struct pin *pin,
                                          struct err *err)
{
    enum prompt_answer answer = show(fd, question, watch);

    /* What was typed before the question was there is no answer to it; what is typed from the last
     * line on is. */
    tcflush(fd, TCIFLUSH);
    if (answer == PROMPT_GIVEN)
        answer = write_text(fd,
                            question->consent_only ? "同意请输入 yes 并回车，取消请直接回车："
                                                   : "同意请输入密码并回车，取消请直接回车：",
                            watch);
    if (answer == PROMPT_GIVEN)
        answer = prompt_line(fd, watch, pin->text, sizeof(pin->text), err);
    /* Where there is no place for it, it is left out. */
    (void)!write(fd, "\n", 1);
    if (answer != PROMPT_GIVEN)
        return answer;
    if (question->consent_only) {
        bool yes = strcasecmp(pin->text, "yes") == 0;
        pin_clear(pin);
        return yes ? PROMPT_GIVEN : PROMPT_REFUSED;
    }
    return *pin->text ? PROMPT_GIVEN : PROMPT_REFUSED;
}

static enum prompt_answer terminal_ask(const struct prompt *prompt,
                                       const struct prompt_question *question,
                                       const struct prompt_watch *watch, struct pin *pin,
                                       struct err *err)
{
    int fd = open(prompt->terminal, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios before, quiet;
    enum prompt_answer answer;

    if (fd < 0 || tcgetattr(fd, &before) < 0) {
        err_set(err, ERR_SYSTEM, errno, "%s: %s", prompt->terminal, strerror(errno));
        if (fd >= 0)
            close(fd);
        return PROMPT_FAILED;
    }
    quiet = before;
    if (!question->consent_only)
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    quiet.c_lflag |= ICANON;
    /* Before the question: a password is not shown, however soon it is typed. At once: a terminal that is
     * stopped never gets rid of what was written to it. */
    if (tcsetattr(fd, TCSANOW, &quiet) < 0) {
        err_set(err, ERR_SYSTEM, errno, "%s: %s", prompt->terminal, strerror(errno));
        answer = PROMPT_FAILED;
    } else {
        answer = terminal_answer(fd, question, watch, pin, err);
    }
    tcflush(fd, TCIFLUSH);
    tcsetattr(fd, TCSANOW, &before);
    close(fd);
    return answer;
}

static enum prompt_answer descriptor_ask(const struct prompt *prompt,
                                         const struct prompt_question *question,
                                         const struct prompt_watch *watch, struct pin *pin,
                                         struct err *err)
{
    enum prompt_answer answer = show(STDERR_FILENO, question, watch);

    if (answer == PROMPT_GIVEN)
        answer = prompt_line(prompt->descriptor, watch, pin->text, sizeof(pin->text), err);
    if (answer == PROMPT_GIVEN && !*pin->text)
        return PROMPT_REFUSED;
    if (question->consent_only)
        pin_clear(pin);
    return answer;
}

enum prompt_answer prompt_ask(const struct prompt *prompt, const struct prompt_question *question,
                              const struct prompt_watch *watch, struct pin *pin, struct err *err)
{
    enum prompt_answer answer = PROMPT_FAILED;

    pin_clear(pin);
    switch (prompt->way) {
    case PROMPT_TERMINAL:
        answer = terminal_ask(prompt, question, watch, pin, err);
        break;
    case PROMPT_PINENTRY:
        answer = pinentry_ask(prompt, question, watch, pin, err);
        break;
    case PROMPT_DESCRIPTOR:
        answer = descriptor_ask(prompt, question, watch, pin, err);
        break;
    }
    if (answer != PROMPT_GIVEN)
        pin_clear(pin);
    return answer;
}
