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

enum prompt_answer prompt_wait(int fd, const struct prompt_watch *watch)
{
    for (;;) {
        int64_t left = watch->until_ms - clock_tick_us() / 1000;
        struct pollfd fds[] = {
            {.fd = fd,          .events = POLLIN   },
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

static void write_text(int fd, const char *text)
{
    size_t left = strlen(text);
    ssize_t written;

    while (left > 0) {
        written = write(fd, text, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* who can't be shown anything will not answer */
        text += written;
        left -= (size_t)written;
    }
}

static void show(int fd, const struct prompt_question *question)
{
    write_text(fd, "\n");
    write_text(fd, question->text);
    if (question->warning) {
        write_text(fd, "\n");
        write_text(fd, question->warning);
    }
    write_text(fd, "\n");
}

static enum prompt_answer terminal_answer(int fd, const struct prompt_question *question,
                                          const struct prompt_watch *watch, struct pin *pin,
                                          struct err *err)
{
    enum prompt_answer answer;

    show(fd, question);
    /* What was typed before the question was there is no answer to it; what is typed from the last
     * line on is. */
    tcflush(fd, TCIFLUSH);
    write_text(fd, question->consent_only ? "同意请输入 yes 并回车，取消请直接回车："
                                          : "同意请输入密码并回车，取消请直接回车：");
    answer = prompt_line(fd, watch, pin->text, sizeof(pin->text), err);
    write_text(fd, "\n");
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
    int fd = open(prompt->terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
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
    /* Before the question: a password is not shown, however soon it is typed. */
    if (tcsetattr(fd, TCSAFLUSH, &quiet) < 0) {
        err_set(err, ERR_SYSTEM, errno, "%s: %s", prompt->terminal, strerror(errno));
        answer = PROMPT_FAILED;
    } else {
        answer = terminal_answer(fd, question, watch, pin, err);
    }
    tcsetattr(fd, TCSAFLUSH, &before);
    close(fd);
    return answer;
}

static enum prompt_answer descriptor_ask(const struct prompt *prompt,
                                         const struct prompt_question *question,
                                         const struct prompt_watch *watch, struct pin *pin,
                                         struct err *err)
{
    enum prompt_answer answer;

    show(STDERR_FILENO, question);
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
