/*
 * Asking the clerk: whether to sign, and for the password of the key. Nothing is signed without.
 *
 * Three ways: pinentry, a program made for this, in a window of its own, by the Assuan protocol;
 * the terminal the agent was started at, without echo; and a file descriptor, for tests and for
 * whoever answers for the clerk. There each line is one answer, read when a question is asked: the
 * password, or an empty line for no.
 *
 * A question ends with its answer, when its time is over, when who asked has gone (the page was
 * closed), or when the agent ends; also one that can't be shown, because the terminal is stopped (Ctrl-S).
 */
#ifndef ECERT_PROGRAMS_AGENT_PROMPT_H
#define ECERT_PROGRAMS_AGENT_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum prompt_way { PROMPT_TERMINAL, PROMPT_PINENTRY, PROMPT_DESCRIPTOR };

struct prompt {
    enum prompt_way way;
    const char *pinentry; /* the program */
    int descriptor;
    const char *terminal; /* "/dev/tty" */
};

enum { PIN_SIZE = 256 };

/* Cleared by pin_clear as soon as the token has seen it. */
struct pin {
    char text[PIN_SIZE];
};

struct prompt_question {
    const char *text;    /* UTF-8, several lines, no control characters but \n */
    const char *warning; /* of few tries left; NULL: none */
    bool consent_only;   /* the token has a keypad of its own: yes or no is enough */
};

struct prompt_watch {
    int64_t until_ms; /* of clock_tick_us()/1000 */
    int stop;         /* becomes readable when the agent ends; -1: never */
    int peer;         /* the connection of who asked; -1: none */
};

enum prompt_answer { PROMPT_GIVEN, PROMPT_REFUSED, PROMPT_LATE, PROMPT_GONE, PROMPT_FAILED };

/* The PIN is not empty where PROMPT_GIVEN, unless consent_only; else it is "". *err is set for
 * PROMPT_FAILED. */
enum prompt_answer prompt_ask(const struct prompt *prompt, const struct prompt_question *question,
                              const struct prompt_watch *watch, struct pin *pin, struct err *err);

void pin_clear(struct pin *pin);

/* For the ways themselves. */

/* Waits until `fd` can be read: PROMPT_GIVEN, or why not. */
enum prompt_answer prompt_wait(int fd, const struct prompt_watch *watch);
/* One line without its end, at most size - 1 bytes (else PROMPT_FAILED); PROMPT_REFUSED at the end
 * of input. What was read of a line that did not come whole is cleared. */
enum prompt_answer prompt_line(int fd, const struct prompt_watch *watch, char *line, size_t size,
                               struct err *err);
enum prompt_answer pinentry_ask(const struct prompt *prompt, const struct prompt_question *question,
                                const struct prompt_watch *watch, struct pin *pin, struct err *err);

#endif
